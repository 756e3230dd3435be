"""Each small add-on goes while documents are open, and all of them come again."""

import os

import pytest

from harness import databases, odoo_process, odoo_tests, project, shell


@pytest.fixture
def database():
    """A database with the apps and all add-ons, which goes away afterwards."""
    name = f"removal_{os.getpid()}"
    try:
        yield databases.database(name, modules=project.neighbours(), install=True)
    finally:
        databases.drop(name)


def test_each_goes_and_all_come_again(database):
    """Nothing is left of it, and what was open is shipped, invoiced and billed."""
    companions = project.companions()
    # In one process: to start Odoo takes longer than all else.
    left, orders, before = shell.run(
        database, "tests.removal_steps.remove_all", companions
    )
    assert left == {addon: [] for addon in companions}
    log = odoo_process.odoo(
        "-d", database, "-i", ",".join(companions), "--no-http", log="again"
    )
    assert odoo_tests.clean_log(log)
    assert shell.run(database, "tests.removal_steps.go_on", orders) == before
