"""Changes the add-on's code on purpose and lists what no test notices.

::

    make coverage
    .dev/venv/bin/python -m dev.mutants [--count 200] [--seed 1] [--files TEXT]

Each mutant is one change of one expression: a comparison turned, a condition dropped,
an operand left out, a sign, a ``sudo``, a lock or another call removed. It is made in
a copy of the add-on, and the tests that ran the line, as ``make coverage`` found them,
are run there. The mutation tools that are kept up do not cope with Odoo, which loads
add-ons by path into a registry that belongs to a database.

The list is printed and kept in ``.dev/log/mutants.json``: for each mutant the file, the
line, what was changed, and the test that failed. A mutant that no test notices is
either a missing test, or changes nothing that anybody could see.
"""

import argparse
import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from queue import Queue
from typing import NamedTuple

from coverage import CoverageData

from harness import databases, odoo_process, postgres, project

SOURCE = project.ROOT / project.ADDON
FOLDERS = ("models", "wizards", "reports", "controllers")
REPORT = project.LOGS / "mutants.json"
# So many of the tests that run a line are tried, and so long.
MAX_TESTS = 40
SECONDS = 180
OPPOSITES = {
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}
# Where a boundary is one step off, rather than the other way round.
NEIGHBOURS = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">"}
SIGNS = {ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*"}
LOCKS = ("lock_for_update", "try_lock_for_update", "_lock", "_force_write_conflict")


class Mutant(NamedTuple):
    """One change of the text of one file."""

    path: str
    """Relative to the add-on."""
    line: int
    what: str
    start: int
    """Where the text that is replaced begins, in bytes."""
    end: int
    text: str
    """What takes its place."""

    def is_lock(self):
        """Whether it leaves out a lock."""
        return self.what.startswith("lock dropped")


class Finder(ast.NodeVisitor):
    """Finds all that can be changed in the functions of one file."""

    def __init__(self, path):
        self.path = str(path.relative_to(SOURCE))
        self.source = path.read_bytes()
        self.starts = [0]
        for line in self.source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.found = []
        self.visit(ast.parse(self.source))

    def _get_place(self, node):
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def _get_text(self, node):
        start, end = self._get_place(node)
        return self.source[start:end].decode()

    def _add(self, node, what, text):
        start, end = self._get_place(node)
        self.found.append(Mutant(self.path, node.lineno, what, start, end, f"({text})"))

    def _add_statement(self, node, what):
        start, end = self._get_place(node)
        self.found.append(Mutant(self.path, node.lineno, what, start, end, "pass"))

    def visit_JoinedStr(self, node):
        """Python 3.11 does not say where the expressions of an f-string stand."""

    def visit_Compare(self, node):
        """A comparison is turned, or its boundary moved by one."""
        if len(node.ops) == 1:
            left, right = self._get_text(node.left), self._get_text(node.comparators[0])
            for table in (OPPOSITES, NEIGHBOURS):
                if sign := table.get(type(node.ops[0])):
                    self._add(node, f"comparison: {sign}", f"{left} {sign} {right}")
        self.generic_visit(node)

    def visit_BoolOp(self, node):
        """One of the operands of *and* or *or* is left out."""
        word = "and" if isinstance(node.op, ast.And) else "or"
        texts = [f"({self._get_text(value)})" for value in node.values]
        for index, text in enumerate(texts):
            rest = f" {word} ".join(texts[:index] + texts[index + 1 :])
            self._add(node, f"condition dropped: {text}", rest)
        self.generic_visit(node)

    def visit_If(self, node):
        """A condition always holds, or never."""
        for value in ("True", "False"):
            self._add(node.test, f"if {value}", value)
        self.generic_visit(node)

    def visit_UnaryOp(self, node):
        """*not* or the minus is left out."""
        if isinstance(node.op, (ast.Not, ast.USub)):
            self._add(node, "sign dropped", self._get_text(node.operand))
        self.generic_visit(node)

    def visit_BinOp(self, node):
        """Plus becomes minus, times becomes divided by."""
        is_text = any(
            isinstance(part, ast.Constant) and isinstance(part.value, str)
            for part in ast.walk(node)
        )
        if (sign := SIGNS.get(type(node.op))) and not is_text:
            left, right = self._get_text(node.left), self._get_text(node.right)
            self._add(node, f"sign: {sign}", f"{left} {sign} {right}")
        self.generic_visit(node)

    def visit_Call(self, node):
        """A *sudo()* is left out."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "sudo":
            self._add(node, "sudo dropped", self._get_text(node.func.value))
        self.generic_visit(node)

    def visit_Expr(self, node):
        """A call that is a statement is left out: a lock, a check, a write."""
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            name = call.func.attr
            kind = "lock" if name in LOCKS else "call"
            self._add_statement(node, f"{kind} dropped: {name}")
        self.generic_visit(node)


class Tests:
    """Which tests ran a line, as the last measurement found them."""

    def __init__(self):
        path = project.DEV / "coverage"
        if not path.exists():
            raise project.Failure("Nothing was measured yet: run make coverage first.")
        self.data = CoverageData(str(path))
        self.data.read()
        self.known = {}

    def get(self, mutant):
        """Return the tests of a mutant's line, as addresses for pytest."""
        path = str(SOURCE / mutant.path)
        if path not in self.known:
            self.known[path] = self.data.contexts_by_lineno(path)
        found = set()
        for context in self.known[path].get(mutant.line, ()):
            match = re.fullmatch(
                rf".*\.?{project.ADDON}\.tests\.(test_\w+)\.(\w+)\.(test_\w+)", context
            )
            if match:
                file, case, test = match.groups()
                found.add(f"{file}.py::{case}::{test}")
        return sorted(found)


class Place:
    """A copy of the add-on with a database, where one mutant at a time lives."""

    def __init__(self, number):
        self.folder = project.DEV / f"mutants/{number}"
        self.database = f"mutants_{number}"
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(SOURCE, self.folder / project.ADDON)
        databases.database(self.database, install=True)
        conf = odoo_process.configure().read_text()
        self.conf = self.folder / "odoo.conf"
        self.conf.write_text(
            re.sub(r"(?m)^addons_path = .*", f"addons_path = {self.folder}", conf)
        )

    def run(self, tests):
        """Run tests by pytest-odoo; return whether one failed, and which."""
        addon = self.folder / project.ADDON
        command = [
            *(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"),
            *("-o", "addopts=", "--odoo-http", f"--odoo-config={self.conf}"),
            f"--odoo-database={postgres.name(self.database)}",
            *(str(addon / "tests" / test) for test in tests),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=self.folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return True, "it took too long"
        failed = re.findall(r"(?m)^(?:FAILED|ERROR) \S*?(test_\S+)", done.stdout)
        if done.returncode and not failed:
            failed = [" ".join((done.stdout + done.stderr).split())[-200:]]
        return bool(done.returncode), failed[0] if failed else ""

    def try_out(self, mutant, tests):
        """Run the tests on a mutant; return whether one noticed, and which."""
        path = self.folder / project.ADDON / mutant.path
        source = path.read_bytes()
        changed = source[: mutant.start] + mutant.text.encode() + source[mutant.end :]
        try:
            ast.parse(changed)
        except SyntaxError:
            return None, "no Python"
        path.write_bytes(changed)
        try:
            return self.run(tests)
        finally:
            path.write_bytes(source)


def find(text):
    """Return all mutants of files whose path holds `text`."""
    paths = [
        path for folder in FOLDERS for path in sorted((SOURCE / folder).glob("*.py"))
    ]
    return [m for path in paths if text in str(path) for m in Finder(path).found]


def choose(mutants, tests, count, rng):
    """Return up to `count` mutants whose line a test runs, spread over the files.

    Those without a lock come first, all of them: only the test of a race can miss it.
    """
    by_file = {}
    chosen = [mutant for mutant in mutants if mutant.is_lock()]
    for mutant in rng.sample(mutants, len(mutants)):
        if not mutant.is_lock():
            by_file.setdefault(mutant.path, []).append(mutant)
    while by_file and len(chosen) < count:
        for path in list(by_file):
            while by_file[path]:
                mutant = by_file[path].pop()
                if tests.get(mutant):
                    chosen.append(mutant)
                    break
            else:
                del by_file[path]
    return chosen[:count]


def play(chosen, tests, jobs, rng):
    """Try out the mutants, several at once; return what became of each."""
    places = Queue()
    for number in range(jobs):
        places.put(Place(number))

    def play_one(mutant):
        place = places.get()
        covering = tests.get(mutant)
        races = [test for test in covering if mutant.is_lock() and "races" in test]
        tried = races or rng.sample(covering, min(len(covering), MAX_TESTS))
        try:
            noticed, by = place.try_out(mutant, tried)
        finally:
            places.put(place)
        verdict = {True: "killed", False: "SURVIVED", None: "left out"}[noticed]
        where = f"{mutant.path}:{mutant.line}"
        print(f"{verdict:8} {where} {mutant.what} ({by or len(tried)})", flush=True)
        return {**mutant._asdict(), "verdict": verdict, "by": by, "tests": len(tried)}

    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(play_one, chosen))


def main(args):
    """Make mutants, run their tests, and list those that survived."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--files", default="", help="only paths that hold this text")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args(args)
    rng = random.Random(options.seed)  # noqa: S311
    tests = Tests()
    chosen = choose(find(options.files), tests, options.count, rng)
    print(f"{len(chosen)} mutants, seed {options.seed}", flush=True)
    results = play(chosen, tests, options.jobs, rng)
    REPORT.write_text(json.dumps(results, indent=1))
    sums = {v: sum(r["verdict"] == v for r in results) for v in ("killed", "SURVIVED")}
    print(f"{sums['killed']} killed, {sums['SURVIVED']} survived; see {REPORT}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except project.Failure as failure:
        sys.exit(str(failure))
