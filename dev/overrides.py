"""Checks that `docs/architecture.md` has a row for each override of core, and no other.

Also that the tests which it names are there, and that it names all tests of core's
faults.

::

    .dev/venv/bin/python -m dev.overrides

An override is a method of a class with ``_inherit`` that calls the same method of
``super()``. In the table a row names methods of the models in the heading above it, or
``model.method``; a heading without a model stands for all of them.
"""

import ast
import re
import sys

from harness import project

PAGE = project.ROOT / "docs/architecture.md"
OWN = ("drop.shipment.", "purchase.order.get.sales.order")
# Methods of the add-on itself, which its own classes extend among themselves.
OURS = "drop_shipment"
GUARD = "drop.shipment.guard.mixin"
# Files with a test for each fault of core that an override works around.
FAULTS = "test_core_faults"
# A row of the table; its first cell; what it names in code.
ROW = re.compile(r"^\| (?P<cell>.+?) \|", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")


def _names(node):
    """Return the strings of an assigned name or list of names."""
    return [item.value for item in ast.walk(node) if isinstance(item, ast.Constant)]


def _models(cls):
    """Return the models of core that a class extends."""
    found = {
        target.id: _names(item.value)
        for item in cls.body
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name) and target.id in ("_name", "_inherit")
    }
    inherited = found.get("_inherit", [])
    names = found.get("_name") or inherited[:1]
    return [name for name in names if not name.startswith(OWN)] or (
        # What both orders or lines share stands for any of them.
        ["*"] if names and names[0] == GUARD else []
    )


def _calls_super(method):
    """Whether the method calls itself on ``super()``."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == method.name
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "super"
        for node in ast.walk(method)
    )


def overrides():
    """Return {(model, method)} of all overrides in the add-ons; "*" is any model."""
    found = set()
    for addon in (project.ADDON, *project.companions()):
        for folder in ("models", "wizards"):
            for path in sorted((project.ROOT / addon / folder).glob("*.py")):
                for cls in ast.parse(path.read_text()).body:
                    if not isinstance(cls, ast.ClassDef):
                        continue
                    found |= {
                        (model, method.name)
                        for model in _models(cls)
                        for method in cls.body
                        if isinstance(method, ast.FunctionDef)
                        and not (addon == project.ADDON and OURS in method.name)
                        and _calls_super(method)
                    }
    return found


def rows():
    """Return {(model, method)} that the table names; "*" is any model."""
    found, models = set(), ["*"]
    for row in ROW.finditer(PAGE.read_text()):
        cell = row["cell"]
        names = CODE.findall(cell)
        if cell.startswith("**"):
            models = [name for name in names if "." in name] or ["*"]
            continue
        for name in names:
            model, _dot, method = name.rpartition(".")
            found |= {(each, method) for each in ([model] if model else models)}
    return found


def misnamed_tests():
    """Return the tests that only the page has, and those of faults that it has not."""
    named = set(re.findall(r"`(test_\w+)`", PAGE.read_text()))
    files = list(project.ROOT.glob(f"{project.ADDON}*/tests/**/test_*.py"))
    written = {path.stem for path in files}
    faults = set()
    for path in files:
        found = set(re.findall(r"^    def (test_\w+)", path.read_text(), re.MULTILINE))
        written |= found
        faults |= found if path.stem == FAULTS else set()
    return sorted(named - written), sorted(faults - named)


def main():
    """Print what is missing on either side; return how many."""
    code, table = overrides(), rows()
    named = {method for model, method in table if model == "*"}
    missing = sorted(
        (model, method)
        for model, method in code
        if (model, method) not in table and method not in named
    )
    # A heading may name two models: a row below it is of one of them at least.
    overridden = {method for _model, method in code}
    stale = sorted({method for _model, method in table} - overridden)
    for model, method in missing:
        print(f"{PAGE.name} has no row for {model}.{method}")
    for method in stale:
        print(f"{PAGE.name} has a row for {method}, which nothing overrides")
    unwritten, unnamed = misnamed_tests()
    for name in unwritten:
        print(f"{PAGE.name} names {name}, which is no test")
    for name in unnamed:
        print(f"{PAGE.name} does not name {name} of {FAULTS}")
    return len(missing) + len(stale) + len(unwritten) + len(unnamed)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
