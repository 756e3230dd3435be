"""Which folder may know which: nothing imports what imports it."""

import ast

import pytest

from harness import project

# The runner starts all of them, so it is imported by nobody.
KNOWN = {
    "harness": set(),
    "dev": {"harness"},
    "benchmarks": {"harness"},
    "tests": {"harness", "dev.setup"},
}
FOLDERS = {*KNOWN, project.ADDON}


def _imports(path):
    """The modules that a file imports, by their whole names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("folder", KNOWN)
def test_straight(folder):
    """Each folder imports itself and those below it only."""
    bad = [
        f"{path.relative_to(project.ROOT)}: {name}"
        for path in sorted((project.ROOT / folder).rglob("*.py"))
        for name in sorted(_imports(path))
        if name.partition(".")[0] in FOLDERS - {folder}
        and not any(
            name == known or name.startswith(f"{known}.") for known in KNOWN[folder]
        )
    ]
    assert not bad, "\n".join(bad)


def test_looks_at_something():
    """It would find an arrow that points back."""
    path = project.ROOT / "tests/conftest.py"
    assert {"harness.servers", "tests.rules.TABLES"} <= _imports(path)
