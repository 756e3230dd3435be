"""The add-on beside modules that it does not depend on, in a database that has them.

The small add-ons for other apps (``dropship_link_<app>``) install themselves there.
"""

import os
import re

import pytest

from harness import databases, odoo_tests, project

# Kept here as well: the tests would not notice if they all stopped running.
MODULES = (
    "mrp_subcontracting_dropshipping",
    "purchase_mrp",
    "purchase_requisition",
    "purchase_requisition_sale",
    "purchase_requisition_stock",
    "sale_mrp",
    "sale_stock_margin",
    "stock_delivery",
    "stock_landed_costs",
)
ADDONS = (project.ADDON, *project.companions())


@pytest.fixture
def database():
    """A database with the modules and the add-ons, which goes away afterwards."""
    name = f"modules_{os.getpid()}"
    try:
        yield databases.database(
            name, modules=(*MODULES, *project.apps()), install=True
        )
    finally:
        databases.drop(name)


def written_tests():
    """Names of the tests that are to run: of `other_modules.py`, and of the small."""
    files = [project.ROOT / project.ADDON / "tests/other_modules.py"]
    for addon in project.companions():
        found = sorted((project.ROOT / addon / "tests").glob("test_*.py"))
        assert found, f"{addon} has no tests"
        files += found
    return {
        name
        for path in files
        for name in re.findall(r"^    def (test_\w+)", path.read_text(), re.MULTILINE)
    }


def test_other_modules(database):
    """All tests run, none fails or is skipped, and the log is clean."""
    tags = ["dropship_modules", *(f"/{addon}" for addon in project.companions())]
    tally, log = odoo_tests.run_odoo_tests(
        "modules",
        *("-u", ",".join(ADDONS), "--test-tags", ",".join(tags)),
        db=database,
    )
    started = re.findall(r"Starting \S+\.(test_\w+) \.\.\.", log.read_text())
    assert not tally.reasons
    assert set(started) == written_tests()
    assert tally == {"passed": len(started), "failed": 0, "skipped": 0}
    assert odoo_tests.clean_log(log)
