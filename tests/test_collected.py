"""No test of the add-ons is lost: Odoo runs only what a folder's __init__ imports."""

import ast
import re

import pytest

from harness import project

ADDONS = (project.ADDON, *project.companions())
SCENARIOS = project.ROOT / project.ADDON / "tests/SCENARIOS.md"
MAX_LINES, MAX_METHODS, MAX_METHOD_LINES = 500, 35, 50


def list_methods(path):
    """The names of the test methods of a file."""
    return {
        method.name
        for block in ast.parse(path.read_text()).body
        if isinstance(block, ast.ClassDef)
        for method in block.body
        if isinstance(method, ast.FunctionDef) and method.name.startswith("test_")
    }


@pytest.mark.parametrize("addon", ADDONS)
def test_each_file_is_imported(addon):
    folder = project.ROOT / addon / "tests"
    lines = (folder / "__init__.py").read_text().splitlines()
    imported = [line.split()[-1] for line in lines if line.startswith("from . import ")]
    found = {path.stem for path in folder.rglob("test_*.py")}
    assert sorted(found - set(imported)) == []
    assert len(imported) == len(set(imported))


@pytest.mark.parametrize("folder", [*(f"{addon}/tests" for addon in ADDONS), "tests"])
def test_files_are_short(folder):
    """A file of tests is about one thing; what is longer is about two."""
    long = {
        path.name: length
        for path in (project.ROOT / folder).rglob("*.py")
        if (length := len(path.read_text().splitlines())) > MAX_LINES
    }
    assert long == {}


def test_scenarios_name_tests():
    """Each test that SCENARIOS.md names is where it says."""
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", SCENARIOS.read_text())
    methods = {}
    for addon in ADDONS:
        for path in (project.ROOT / addon / "tests").glob("test_*.py"):
            methods.setdefault(path.name, set()).update(list_methods(path))
    assert len(named) > 100
    assert [pair for pair in named if pair[1] not in methods.get(pair[0], ())] == []


@pytest.mark.parametrize("addon", ADDONS)
def test_product_is_in_small_pieces(addon):
    """No file, class or method of the add-ons is too long to be read at once."""
    long = []
    for path in sorted((project.ROOT / addon).rglob("*.py")):
        if {"tests", "migrations"} & {*path.parts}:
            continue
        text = path.read_text()
        if (length := len(text.splitlines())) > MAX_LINES:
            long.append(f"{path.name}: {length} lines")
        for block in ast.walk(ast.parse(text)):
            if isinstance(block, ast.FunctionDef):
                length = block.end_lineno - block.lineno + 1
                if length > MAX_METHOD_LINES:
                    long.append(f"{path.name}: {block.name} has {length} lines")
            elif isinstance(block, ast.ClassDef):
                methods = sum(isinstance(n, ast.FunctionDef) for n in block.body)
                if methods > MAX_METHODS:
                    long.append(f"{path.name}: {block.name} has {methods} methods")
    assert not long, "\n".join(long)
