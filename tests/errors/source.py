"""The messages of the source."""

import ast
import functools
import re

from harness import project

TITLES = {
    "AccessError": "Access Error",
    "UserError": "Invalid Operation",
    "ValidationError": "Validation Error",
}
# What an error that is made elsewhere comes from: `_get_..._error` and the like.
MAKERS = re.compile("_(alerts|error|message|notices?|reasons?|refusals?)$")


@functools.cache
def messages():
    """Return {message that the source raises or shows: name of the exception or ""}."""
    found = {}
    for addon in (project.ADDON, *project.companions()):
        for folder in ("models", "wizards", "reports"):
            for path in sorted((project.ROOT / addon / folder).glob("*.py")):
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.FunctionDef):
                        found.update(_messages_of(node))
    return found


def _messages_of(function):
    """Return the messages of one function, as `messages` does."""
    found = {}
    if MAKERS.search(function.name):
        found.update(dict.fromkeys(_texts(function), ""))
    for node in ast.walk(function):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        exception = getattr(node.exc.func, "id", "")
        if exception not in TITLES:
            continue
        found.update(dict.fromkeys(_texts(node), exception))
        # The words may be made before they are raised.
        names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        made = _values_of(function, names)
        found.update(dict.fromkeys(_texts(*made), ""))
        where = f"{function.name}, line {node.lineno}"
        assert _texts(node) or any(map(MAKERS.search, _calls(node, *made))), (
            f"{where}: no words that this test could find"
        )
    return found


def _texts(*nodes):
    """Return the texts that are translated in these nodes."""
    return [
        call.args[0].value
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "_"
    ]


def _values_of(function, names):
    """Return what a function assigns to these names."""
    values = []
    for node in ast.walk(function):
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, ast.Assign | ast.NamedExpr) and names & {
            getattr(target, "id", "") for target in targets
        }:
            values.append(node.value)
    return values


def _calls(*nodes):
    """Return the names of the methods that are called in these nodes."""
    return {
        call.func.attr
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    }
