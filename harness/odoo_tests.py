"""Odoo's own test runner: how far it is, what failed, and what its log says."""

import re
import subprocess
import sys
import time
from collections import Counter

from harness import odoo_process, project

SECONDS_BETWEEN_NEWS = 10


def say(text):
    """Print one line of progress at once."""
    print(text, flush=True)


class Tally(Counter):
    """How many tests passed, failed and were skipped; what failed, one line each."""

    def __init__(self, reasons=(), **counts):
        super().__init__(**counts)
        self.reasons = list(reasons)

    def __str__(self):
        return ", ".join(
            f"{self[way]} {way}" for way in ("passed", "failed", "skipped")
        )


def run_odoo_tests(step, *args, db, python=(sys.executable,)):
    """Run Odoo with tests, tell how far it is, and return the tally and the log."""
    log = project.LOGS / f"{step}.log"
    project.LOGS.mkdir(exist_ok=True)
    # In test mode Odoo refuses to start when its port is taken.
    args = (*args, "--stop-after-init", "--http-port", str(project.free_port()))
    with log.open("w") as out:
        process = subprocess.Popen(
            odoo_process.odoo_command("-d", db, *args, python=python),
            cwd=project.ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        start = spoke = time.monotonic()
        while process.poll() is None:
            time.sleep(0.2)
            if time.monotonic() - spoke > SECONDS_BETWEEN_NEWS:
                spoke = time.monotonic()
                tests = re.findall(r": Starting (\S+) \.\.\.", log.read_text())
                doing = (
                    f"{len(tests)} tests, now {tests[-1]}" if tests else "installing"
                )
                say(f"  {spoke - start:.0f} s: {doing}")
    text = log.read_text()
    sums = re.findall(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when", text)
    failed = sum(int(f) + int(e) for f, e, _total in sums)
    total = sum(int(total) for _f, _e, total in sums)
    skipped = len(re.findall(r": skipped \S+ : ", text))
    if process.returncode and not failed:
        say("".join(text.splitlines(keepends=True)[-30:]))
        failed = 1
    passed = max(total - failed - skipped, 0)
    reasons = re.findall(r" ERROR .*: ((?:FAIL|ERROR): .*)", text)
    return Tally(reasons, passed=passed, failed=failed, skipped=skipped), log


def judge(tally, log, *, may_skip=False):
    """Return a run's tally with what speaks against it, and whether nothing does.

    Each warning of the log counts, and, but where `may_skip`, each skipped test.
    """
    good = clean_log(log)
    if not good:
        lines = re.findall(r" (?:WARNING|ERROR|CRITICAL) .*", log.read_text())
        tally.reasons += [f"log: {line.strip()}" for line in lines]
    if tally["skipped"] and not may_skip:
        tally.reasons.append(f"{tally['skipped']} tests were skipped")
        good = False
    return tally, good


def clean_log(log):
    """Whether the log has no warning or error that isn't listed as known."""
    command = [
        project.BIN / "checklog-odoo",
        "-c",
        project.ROOT / "dev/checklog.cfg",
        "--no-echo",
    ]
    done = subprocess.run([*command, log], capture_output=True, text=True, check=False)
    if done.returncode:
        say(f"{done.stdout}{done.stderr}  whole log: {log}")
    return not done.returncode
