"""Linters and tests, each step with its time, and one closing line with the sums.

::

    .dev/venv/bin/python -m dev.check [lint] [unit] [core] [outside] [odoolint] ...

- ``unit``: the add-on's own tests by Odoo's runner; but for
- ``machine``: those of them that try all there is: random sequences, every field, every
  order of steps.
- ``coverage``: ``unit`` with branch coverage, which ``pyproject.toml`` wants to be at
  least 95 %. It takes nearly twice as long and runs only when asked for.
- ``core``: the tests of Odoo's own drop-shipping modules with the add-on installed.
- ``outside``: ``tests/``, against servers of their own.
- ``odoolint``: Odoo's own lint tests, on the add-on alone.
- ``pytest``: some of the add-on's own tests by pytest-odoo, with and without a browser,
  to show that they run by it as well; and ``tours``: those of what ``outside`` does in
  a browser as well.
- ``modules``: the small add-ons' own tests, and those that need other apps
  (``other_modules.py``), in a database with all of them; ``beside``: those of ``unit``
  once more in such a database.
- ``install``: the add-on is whole in its wheel, comes into a database that has lived,
  changes no screen of it but its own, goes and comes again, as do the small ones;
  without arguments only in CI.
- ``apps``: those of ``unit`` once more, with all small add-ons and many apps of sales,
  purchase, stock and accounting.
- ``rarely``: whether each screen is accessible, rarer ones on a phone, a crowd, races
  of people from outside, and the story played from the wheel.
- ``soak``: ever new random sequences, as long as ``DROPSHIP_SOAK_SECONDS`` says, and
  down payments in every order of steps, currency and rounding; and ``crash``: Odoo
  killed 50 times (``DROPSHIP_KILLS``).

``beside``, ``apps``, ``tours``, ``rarely``, ``soak``, ``crash`` and ``odoolint`` run
only when asked for, all but the last each week.

The steps run two at once, each with a database of its own.
A step fails when a test fails, errors or is skipped (core skips some of its own), when
no test ran, and when Odoo's log holds a warning that ``dev/checklog.cfg`` doesn't list.
"""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

from harness import databases, odoo_process, postgres, project
from harness.odoo_tests import Tally, judge, run_odoo_tests, say

NODE = project.DEV / "node"
NPM = NODE / "node_modules/.bin"
DB = "test"
PYTEST_DB = "pytest"
PYTEST_FILES = ("story", "tour", "vendor_portal")
TOURS = "TestTour"
# What ``outside`` does not do in a browser.
OTHER_TOURS = "first_use"
INSTALLS = tuple(
    f"tests/test_{name}.py" for name in ("install", "ordinary_screens", "wheel")
)
CRASH = "tests/test_crash.py"
WHEEL_STORY = "tests/test_wheel.py::test_plays_the_story"
PHONE = "tests/test_browser_phone.py::test"
CLICKS = "tests/test_browser_vendor.py::test_two_clicks_at_once"
RARELY = (
    "tests/test_accessible.py",
    "tests/test_browser_dutch.py",
    "tests/test_browser_phone_more.py",
    "tests/test_browser_vendor_parties.py",
    "tests/test_crowd.py",
    "tests/test_races.py",
    "tests/test_removal.py",
    WHEEL_STORY,
    # It waits for each of Odoo's own tries.
    "tests/test_browser_errors.py::test_error[post_sale_that_others_change]",
    # The races of two cursors are played each time.
    f"{CLICKS}[accept]",
    f"{CLICKS}[decline]",
    # Of a phone, CI sees the way from the shipment to the bill.
    f"{PHONE}_accountant",
    f"{PHONE}_after_the_shipment",
    f"{PHONE}_buyer_orders",
    f"{PHONE}_lots",
    f"{PHONE}_receive_and_invoice",
    f"{PHONE}_sales_ticks",
    f"{PHONE}_the_list",
)
MACHINE_DB = "machine"
SOAKED = ("TestInvariants", "TestReportsMachine")
MACHINES = (*SOAKED, "TestEveryField", "TestMatrix", "TestAdvance")
# Run by ``soak`` alone.
WEEKLY = ("TestDownPaymentMatrix",)
MODULES_DB = "modules"
NEED_MODULES = "dropship_modules"
BESIDE_DB = "beside"
APPS_DB = "apps"
APPS = (
    "account_debit_note",
    "account_payment",
    "crm",
    "delivery",
    "event_sale",
    "hr_expense",
    "mrp",
    "mrp_account",
    "mrp_subcontracting_dropshipping",
    "point_of_sale",
    "pos_sale",
    "product_expiry",
    "project",
    "purchase_mrp",
    "purchase_product_matrix",
    "purchase_requisition",
    "purchase_requisition_sale",
    "purchase_requisition_stock",
    "repair",
    "sale_crm",
    "sale_loyalty",
    "sale_management",
    "sale_margin",
    "sale_mrp",
    "sale_pdf_quote_builder",
    "sale_product_matrix",
    "sale_project",
    "sale_stock_margin",
    "sale_timesheet",
    "stock_delivery",
    "stock_landed_costs",
    "stock_picking_batch",
    "website_sale",
    "website_sale_stock",
)
USUAL = ["outside", "unit", "modules", "machine", "core", "lint"]
AT_ONCE = 2
# A step that goes on in the database of another.
AFTER = {"core": "unit", "odoolint": "unit", "tours": "pytest"}
CORE = ("stock_dropshipping", "sale_purchase", "sale_purchase_stock")
REASONS = 10
REASON_WIDTH = 300


def sources(*suffixes):
    """The add-ons' files of these kinds, except for libraries of others."""
    return sorted(
        str(p)
        for addon in (project.ADDON, *project.companions())
        for p in (project.ROOT / addon).rglob("*")
        if p.suffix in suffixes and "lib" not in p.parts
    )


def prettier(how):
    """The command that formats what isn't Python, or checks it."""
    options = ["--config", NODE / "prettier.config.mjs", how]
    return [NPM / "prettier", *options, *sources(".xml", ".js", ".css", ".scss")]


def lint():
    """Run each linter; return the names of those that found something."""
    addons = [project.ADDON, *project.companions()]
    manifestoo = [
        project.BIN / "manifestoo",
        "-d",
        ".",
        "--addons-path-python",
        sys.executable,
    ]
    commands = {
        "ruff": [project.BIN / "ruff", "check", "."],
        "ruff format": [project.BIN / "ruff", "format", "--check", "."],
        "pylint-odoo": [project.BIN / "pylint", *addons],
        "oca module": [project.BIN / "oca-checks-odoo-module", *addons],
        "oca po": [project.BIN / "oca-checks-po", *sources(".po", ".pot")],
        "licences": [*manifestoo, "check-licenses"],
        "overrides": [sys.executable, "-m", "dev.overrides"],
        "pages": [sys.executable, "-m", "dev.pages", "--check"],
        "pictures": [sys.executable, "-m", "dev.pictures", "--check"],
        "handbook": [sys.executable, "-m", "dev.docs"],
        "prettier": prettier("--check"),
        "eslint": [NPM / "eslint", "-c", NODE / "eslint.config.mjs", *sources(".js")],
    }
    unneeded = {"oca po": sources(".po", ".pot"), "eslint": sources(".js")}
    bad = []
    for name, command in commands.items():
        if not unneeded.get(name, True):
            continue
        start = time.monotonic()
        done = subprocess.run(
            command, cwd=project.ROOT, capture_output=True, text=True, check=False
        )
        verdict = "FAILED" if done.returncode else "ok"
        say(f"  {name}: {verdict} ({time.monotonic() - start:.1f} s)")
        if done.returncode:
            say(f"{done.stdout}{done.stderr}")
            bad.append(name)
    return bad


def reformat():
    """Format all code as ``lint`` wants it."""
    ruff = project.BIN / "ruff"
    subprocess.run([ruff, "check", "--fix", "--exit-zero", "-q", "."], cwd=project.ROOT)
    for command in ([ruff, "format", "."], prettier("--write")):
        subprocess.run(command, cwd=project.ROOT, check=True)


def suite(*more):
    """The options of Odoo that install the add-on and run its tests, and `more` tags.

    Without those that have a step of their own.
    """
    elsewhere = (f"-/{project.ADDON}:{name}" for name in (*MACHINES, *WEEKLY, TOURS))
    tags = ",".join([f"/{project.ADDON}", *elsewhere, *more])
    return "-i", project.ADDON, "--test-tags", tags


def unit(python=(sys.executable,)):
    """Install the add-on into a fresh database with its tests."""
    databases.database(DB)
    return judge(*run_odoo_tests("unit", *suite(), db=DB, python=python))


def coverage():
    """Measure which branches of the add-on its own tests take."""
    command = [sys.executable, "-m", "coverage"]
    tally, good = unit([*command, "run"])
    report = subprocess.run([*command, "report"], cwd=project.ROOT, check=False)
    if report.returncode:
        tally.reasons.append("coverage: less than pyproject.toml wants, see above")
    return tally, good and not report.returncode


def machine():
    """Run the tests that ``unit`` leaves out, in a fresh database of their own."""
    databases.database(MACHINE_DB)
    tests = ",".join(f"/{project.ADDON}:{name}" for name in MACHINES)
    tags = ("-i", project.ADDON, "--test-tags", tests)
    tally, log = run_odoo_tests("machine", *tags, db=MACHINE_DB)
    text = log.read_text()
    say("\n".join(re.findall(r"rules held after .*", text)))
    return judge(tally, log)


def modules():
    """Run the tests of the small add-ons beside what they are for."""
    databases.database(MODULES_DB, modules=project.neighbours())
    tags = (NEED_MODULES, *(f"/{addon}" for addon in project.companions()))
    options = "-i", project.ADDON, "--test-tags", ",".join(tags)
    tally, log = run_odoo_tests("modules", *options, db=MODULES_DB)
    started = set(re.findall(r"Starting \S+\.(test_\w+) \.\.\.", log.read_text()))
    # Odoo would not tell that the tests of an add-on have all stopped running.
    for name in sorted(written_tests() - started):
        tally.update(failed=1)
        tally.reasons.append(f"{name}: did not run")
    return judge(tally, log)


def written_tests():
    """The names of the tests of the small add-ons and of ``other_modules.py``."""
    files = [project.ROOT / project.ADDON / "tests/other_modules.py"]
    for addon in project.companions():
        found = sorted((project.ROOT / addon / "tests").glob("test_*.py"))
        if not found:
            raise project.Failure(f"{addon} has no tests")
        files += found
    return {
        name
        for path in files
        for name in re.findall(r"^    def (test_\w+)", path.read_text(), re.MULTILINE)
    }


def beside():
    """Run the add-on's own tests beside the small add-ons and what they are for."""
    databases.database(BESIDE_DB, modules=project.neighbours())
    return judge(*run_odoo_tests("beside", *suite(), db=BESIDE_DB))


def apps():
    """Run the add-on's own tests beside the small add-ons and many apps."""
    databases.database(APPS_DB, modules=(*APPS, *project.apps()))
    return judge(*run_odoo_tests("apps", *suite(), db=APPS_DB))


def soak():
    """Run random sequences with seeds of their own; tell the seeds and what failed."""
    seconds = float(os.environ.get("DROPSHIP_SOAK_SECONDS") or 600)
    os.environ["DROPSHIP_SOAK_SECONDS"] = str(seconds / len(SOAKED))
    databases.database("soak")
    tags = ",".join(f"/{project.ADDON}:{name}" for name in (*SOAKED, *WEEKLY))
    tally, log = run_odoo_tests(
        "soak", "-i", project.ADDON, "--test-tags", tags, db="soak"
    )
    text = log.read_text()
    say("\n".join(re.findall(r"(?:soak|rules held).*DROPSHIP_SEED=\d+", text)))
    say("".join(re.split(r"( (?:ERROR|FAIL): Test)", text, maxsplit=1)[1:]))
    return tally, not tally["skipped"]


def core():
    """Run core's tests of what the add-on changes."""
    tags = ",".join(f"/{module}" for module in CORE)
    tally, log = run_odoo_tests(
        "core", "-u", ",".join(CORE), "--test-tags", tags, db=DB
    )
    return judge(tally, log, may_skip=True)


def odoolint():
    """Run Odoo's own lint tests in the database that ``unit`` made."""
    if not postgres.exists(DB):
        databases.database(DB, install=True)
    log = project.LOGS / "odoolint.log"
    # Odoo looks for pylint in the path.
    paths = {"PATH": f"{project.BIN}{os.pathsep}{os.environ['PATH']}"}
    ran = odoo_process.shell(
        DB, "from dev.odoo_lint import main; main(env)", log, paths
    )
    text = log.read_text()
    tests = re.findall(r": Starting (\S+) \.\.\.", text)
    bad = re.findall(r" ERROR .*: (?:FAIL|ERROR): (.*)", text)
    skipped = re.findall(r": skipped \S+ : ", text)
    if bad or ran:
        say(text[text.find(" ERROR ") :])
    failed = len(bad) or int(bool(ran))
    passed = max(len(tests) - failed - len(skipped), 0)
    return Tally(passed=passed, failed=failed, skipped=len(skipped)), not skipped


def run_pytest(step, *args):
    """Run pytest and return the tally that it wrote."""
    report = project.LOGS / f"{step}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junitxml={report}", *args]
    with subprocess.Popen(
        command,
        cwd=project.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout:
            say(f"  {step}: {line.rstrip()}")
    code = process.returncode
    if not report.exists():
        return Tally(failed=1), False
    # The report is pytest's own.
    suite = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314
    reasons = [
        f"{case.get('classname')}.{case.get('name')}: {found.get('message')}"
        for case in suite.iter("testcase")
        for found in (*case.iter("failure"), *case.iter("error"))
    ]
    total, *bad, skipped = (
        int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")
    )
    # Without a failed test, pytest still fails for a broken plugin or option.
    failed = sum(bad) or int(code not in (0, 5))
    passed = max(total - failed - skipped, 0)
    return Tally(reasons, passed=passed, failed=failed, skipped=skipped), not skipped


def run_pytest_odoo(step, files, choice):
    """Run the tests in these files that `choice` is true of by pytest-odoo."""
    databases.database(PYTEST_DB, install=True)
    options = [
        "--odoo-http",
        f"--odoo-database={postgres.name(PYTEST_DB)}",
        f"--odoo-config={odoo_process.configure()}",
    ]
    tests = [f"{project.ADDON}/tests/test_{name}.py" for name in files]
    # Without addopts, which keeps pytest-odoo out of tests/.
    addopts = "addopts=-p no:cacheprovider"
    return run_pytest(step, "-o", addopts, *options, *tests, "-k", choice)


def pytest():
    """Run a few of the add-on's tests by pytest-odoo: with and without a browser."""
    return run_pytest_odoo("pytest", PYTEST_FILES, f"{OTHER_TOURS} or not {TOURS}")


def tours():
    """Run the tours of what ``outside`` does in a browser as well."""
    return run_pytest_odoo("tours", ["tour"], f"not {OTHER_TOURS}")


def outside():
    """Run the tests that talk to servers from outside."""
    others = [CRASH, *INSTALLS, *RARELY]
    options = [
        f"--{'deselect' if '::' in other else 'ignore'}={other}" for other in others
    ]
    return run_pytest("outside", "tests", *options)


def rarely():
    """Run those of them that tell little of what most changes may break."""
    return run_pytest("rarely", *RARELY)


def install():
    """Install the add-on, update it and take it out."""
    return run_pytest("install", *INSTALLS, f"--deselect={WHEEL_STORY}")


def crash():
    """Kill Odoo in the middle of what it does, many times."""
    os.environ.setdefault("DROPSHIP_KILLS", "50")
    return run_pytest("crash", "-s", CRASH)


def pot():
    """Export the terms to translate and merge them into the translations."""
    databases.database(DB, install=True)
    command = [
        project.BIN / "click-odoo-makepot",
        "-c",
        odoo_process.configure(),
        "-d",
        postgres.name(DB),
    ]
    command += ["-m", project.ADDON, "--msgmerge", "--no-fuzzy-matching"]
    subprocess.run(command, cwd=project.ROOT, check=True)


# The longest first, so that none is left when all others are done.
STEPS = {
    "outside": outside,
    "unit": unit,
    "install": install,
    "modules": modules,
    "machine": machine,
    "pytest": pytest,
    "core": core,
    "beside": beside,
    "apps": apps,
    "tours": tours,
    "rarely": rarely,
    "soak": soak,
    "crash": crash,
    "coverage": coverage,
    "odoolint": odoolint,
}


def run_step(step):
    """Run one step; return its name, tally, verdict and the line that tells of it."""
    say(f"== {step}")
    start = time.monotonic()
    tally = Tally()
    try:
        if step == "lint":
            good = not lint()
            # A linter's finding must not hide behind tests that passed.
            tally.update(failed=int(not good))
            result = "clean" if good else "found something"
        else:
            tally, good = STEPS[step]()
            good = bool(good and tally["passed"] and not tally["failed"])
            result = str(tally)
    except project.Failure as failure:
        say(str(failure))
        tally.update(failed=1)
        good, result = False, "could not run"
    verdict = "ok" if good else "FAILED"
    line = f"{step:8} {time.monotonic() - start:5.0f} s  {verdict:6}  {result}"
    say(line)
    return step, tally, good, line


def run_steps(steps):
    """Run steps, as many at once as the machine can; return what they came to."""
    runs = {}

    def run(step):
        if step in AFTER and AFTER[step] in runs:
            runs[AFTER[step]].result()
        return run_step(step)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        # The linters first: they need no database while the first one is being made.
        for step in ("lint", *STEPS):
            if step in steps:
                runs[step] = pool.submit(run, step)
    return [done.result() for done in runs.values()]


def main(steps):
    """Run the steps, also after one has failed."""
    if steps in (["pot"], ["format"]):
        return {"pot": pot, "format": reformat}[steps[0]]()
    os.environ["PYTHONUNBUFFERED"] = "1"
    steps = steps or USUAL + ["install"] * bool(os.environ.get("CI"))
    if unknown := set(steps) - {*STEPS, "lint"}:
        say(f"no such step: {', '.join(unknown)}")
        return 1
    odoo_process.configure()
    results = run_steps(steps)
    if len(results) > 1:
        say("\n".join(["", *(line for *_rest, line in results), ""]))
    if bad := [step for step, _tally, good, _line in results if not good]:
        say(f"failed: {', '.join(bad)}")
        # Whoever sees only the end of the output is told which test it was.
        reasons = [why for _step, tally, *_rest in results for why in tally.reasons]
        for reason in reasons[:REASONS]:
            say("  " + " ".join(reason.split())[:REASON_WIDTH])
    if steps != ["lint"]:
        total = Tally()
        for _step, tally, *_rest in results:
            total.update(tally)
        say(str(total))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
