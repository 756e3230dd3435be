"""The messages of the source, each by its place.

A place is the class and the method that has the message, as in
``SaleOrderLine._check_drop_shipment``; in add-ons beside the main one, the add-on comes
first. Where a method has several messages, their number in it follows, in the order in
which one reads them: ``DropShipmentLink._get_line_refusal:2``. So a message may be
worded better without any change here. One that is added among others moves the numbers
of those below it, and the tests of these tell so, as their words differ.
"""

import ast
import functools
import re
from typing import NamedTuple

from harness import project

TITLES = {
    "AccessError": "Access Error",
    "UserError": "Invalid Operation",
    "ValidationError": "Validation Error",
}
# What an error that is made elsewhere comes from: `_get_..._error` and the like.
MAKERS = re.compile("_(alerts|error|message|notices?|reasons?|refusals?)$")


class Message(NamedTuple):
    """What a place says, and the exception that it raises, or "" if others do."""

    text: str
    exception: str


def find(place):
    """Return the message of a place.

    :raise LookupError: there is none
    """
    found = messages()
    if place in found:
        return found[place]
    method = place.partition(":")[0]
    there = [
        f"\n    {name}  {message.text}"
        for name, message in found.items()
        if name.partition(":")[0] == method
    ]
    has = "".join(there) or "none, or is gone"
    raise LookupError(f"no message is at {place}: its method has {has}")


@functools.cache
def messages():
    """Return {place: `Message`} of all that the source raises or shows."""
    found = {}
    for addon in (project.ADDON, *project.companions()):
        prefix = "" if addon == project.ADDON else f"{addon}."
        for folder in ("models", "wizards", "reports"):
            for path in sorted((project.ROOT / addon / folder).glob("*.py")):
                for owner, method in _methods_of(path):
                    places = _places_of(f"{prefix}{owner}.{method.name}", method)
                    assert not places.keys() & found.keys(), f"twice: {places}"
                    found |= places
    return found


def _methods_of(path):
    """Return the methods of a file, each with the name of its class.

    That of the file stands for the class of a function that has none.
    """
    return [
        (getattr(owner, "name", path.stem), method)
        for owner in ast.walk(ast.parse(path.read_text()))
        if isinstance(owner, ast.Module | ast.ClassDef)
        for method in owner.body
        if isinstance(method, ast.FunctionDef)
    ]


def _places_of(name, method):
    """Return {place: `Message`} of a method."""
    found = {}
    for function in ast.walk(method):
        if isinstance(function, ast.FunctionDef):
            found |= _messages_of(function)
    calls = sorted(found, key=lambda call: (call.lineno, call.col_offset))
    return {
        f"{name}:{number}" if len(calls) > 1 else name: Message(
            call.args[0].value, found[call]
        )
        for number, call in enumerate(calls, 1)
    }


def _messages_of(function):
    """Return {call that translates a message: exception} of one function."""
    found = {}
    if MAKERS.search(function.name):
        found.update(dict.fromkeys(_calls_of_words(function), ""))
    for node in ast.walk(function):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        exception = getattr(node.exc.func, "id", "")
        if exception not in TITLES:
            continue
        words = _calls_of_words(node)
        found.update(dict.fromkeys(words, exception))
        # The words may be made before they are raised.
        names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        made = _values_of(function, names)
        found.update(dict.fromkeys(_calls_of_words(*made), ""))
        where = f"{function.name}, line {node.lineno}"
        assert words or any(map(MAKERS.search, _calls(node, *made))), (
            f"{where}: no words that this test could find"
        )
    return found


def _calls_of_words(*nodes):
    """Return the calls that translate words in these nodes."""
    return [
        call
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
