"""Odoo's own tests without and with the add-on: the same ones fail, none more.

::

    .dev/venv/bin/python -m dev.regression [MODULE ...]

Every test runs with all modules loaded, also those that Odoo usually runs while it
installs: there the add-on would not be loaded yet, and they would tell nothing. Some of
them fail for that, which is why it takes both runs. What fails with the add-on alone is
run once more in both databases, for tours and clocks that fail now and then. Both run
at once, about half an hour on two processors of their own.
"""

import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import databases, odoo_process, postgres, project

MODULES = (
    "sale",
    "sale_stock",
    "sale_purchase",
    "sale_purchase_stock",
    "purchase",
    "purchase_stock",
    "stock",
    "stock_account",
    "stock_dropshipping",
    "sale_mrp",
    "purchase_mrp",
    "mrp_subcontracting_dropshipping",
    "purchase_requisition",
    "purchase_requisition_sale",
    "stock_delivery",
    "stock_landed_costs",
    "purchase_edi_ubl_bis3",
)
# Of accounting, what is about invoices and bills.
ACCOUNT_TESTS = "account/tests/test_account_move*.py"
SECONDS_BETWEEN_NEWS = 30
STARTED = re.compile(r" INFO \S+ odoo\.addons\.(\S+): Starting (\S+) \.\.\.")
FAILED = re.compile(
    r" ERROR \S+ odoo\.addons\.(\S+): (?:FAIL|ERROR): (?:Subtest )?(\S+)"
)
CLASS_FAILED = re.compile(
    r" ERROR .*: ERROR: setUpClass \(odoo\.addons\.(\S+)\.(\w+)\)"
)
SKIPPED = re.compile(r" INFO \S+ odoo\.addons\.(\S+): skipped (\S+) : ")


def say(text):
    """Print one line of progress at once."""
    print(text, flush=True)


def account_tags():
    """The test tags of the files that ``ACCOUNT_TESTS`` names."""
    import odoo.addons

    found = {
        f"/{path.relative_to(folder)}"
        for folder in map(Path, odoo.addons.__path__)
        for path in folder.glob(ACCOUNT_TESTS)
    }
    return sorted(found)


def make(db, modules, *, install):
    """Make a database whose tables keep the planner's first guess at their size.

    What a test makes is rolled back. Autovacuum would write down that the tables are
    empty, and the next test's queries would take minutes for lack of an index.
    """
    databases.database(db, modules=modules, install=install)
    postgres.run_sql(
        "DO $$ DECLARE name regclass; BEGIN"
        " FOR name IN SELECT oid FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = 'public'::regnamespace LOOP"
        " EXECUTE 'ALTER TABLE ' || name || ' SET (autovacuum_enabled = off)';"
        " END LOOP; END $$",
        dbname=db,
    )


def run(way, db, tags, log):
    """Run the tests; return the sets of those that started, failed and were skipped."""
    path = project.LOGS / f"{log}.log"
    script = (
        "from odoo.tests.shell import run_tests\n"
        f"env.cr.rollback()\nrun_tests(env, {','.join(tags)!r})\n"
    )
    command = odoo_process.odoo_command(
        *("shell", "-d", db, "--shell-interface", "python"),
        *("--http-port", str(project.free_port())),
    )
    with path.open("w") as out:
        process = subprocess.Popen(
            command, cwd=project.ROOT, stdin=subprocess.PIPE, stdout=out, stderr=out
        )
        process.stdin.write(script.encode())
        process.stdin.close()
        start = spoke = time.monotonic()
        while process.poll() is None:
            time.sleep(1)
            if time.monotonic() - spoke > SECONDS_BETWEEN_NEWS:
                spoke = time.monotonic()
                text = path.read_text()
                tests, failures = STARTED.findall(text), set(FAILED.findall(text))
                now = ".".join(tests[-1]) if tests else "loading"
                say(
                    f"  {spoke - start:.0f} s, {way}: {len(tests)} tests, "
                    f"{len(failures)} failed, now {now}"
                )
    text = path.read_text()
    if not re.search(r"odoo\.tests\.shell: Tests (passed|failed)", text):
        raise project.Failure(f"the tests did not come to their end, see {path}")
    failed = set(FAILED.findall(text)) | set(CLASS_FAILED.findall(text))
    return set(STARTED.findall(text)), failed, set(SKIPPED.findall(text))


def run_both(databases, tags, log):
    """Run the tests in both databases at once; return what ``run`` does for each."""
    with ThreadPoolExecutor(len(databases)) as pool:
        running = {
            way: pool.submit(run, way, db, tags, f"{log}-{way}")
            for way, db in databases.items()
        }
        results = {way: future.result() for way, future in running.items()}
    for way, (started, failed, skipped) in results.items():
        say(
            f"{way} the add-on: {len(started)} tests, {len(failed)} failed, "
            f"{len(skipped)} skipped"
        )
    return results


def tag(test):
    """The test tag that runs one test of those that ``run`` returns."""
    module, name = test
    return f"/{module.split('.')[0]}:{name}"


def main(names):
    """Run the tests in both databases and compare."""
    modules = names or MODULES
    tags = [f"/{module}" for module in modules if module != "account"]
    if not names or "account" in names:
        tags += account_tags()
    databases = {"without": "regression_without", "with": "regression_with"}
    for way, db in databases.items():
        make(db, modules, install=way == "with")
    results = run_both(databases, tags, "regression")
    (before, failed_before, skipped_before) = results["without"]
    (after, failed_after, skipped_after) = results["with"]
    worse = failed_after - failed_before
    if worse:
        say(f"== once more: {', '.join(sorted(map(tag, worse)))}")
        again = run_both(databases, sorted(map(tag, worse)), "regression-again")
        worse &= again["with"][1] - again["without"][1]
    bad = [
        *(f"fails with the add-on only: {tag(test)}" for test in sorted(worse)),
        *(f"not run with the add-on: {tag(test)}" for test in sorted(before - after)),
        *(
            f"skipped with the add-on only: {tag(test)}"
            for test in sorted(skipped_after - skipped_before)
        ),
    ]
    say("\n".join(bad))
    suites = {module.split(".")[0] for module, _name in after}
    say(
        f"{len(suites)} suites, {len(before)} tests without and {len(after)} with the "
        f"add-on; {len(failed_before)} and {len(failed_after)} failed, "
        f"{len(worse)} because of the add-on"
    )
    return 1 if bad or not after else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except project.Failure as failure:
        sys.exit(f"error: {failure}")
