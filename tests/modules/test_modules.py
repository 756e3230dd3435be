"""The add-on beside modules that it does not depend on, in a database that has them."""

import os
import re
import subprocess

import pytest

from dev import env

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
FILE = env.ROOT / env.ADDON / "tests/other_modules.py"


@pytest.fixture
def database():
    """A database with the modules and the add-on, which goes away afterwards."""
    name = f"modules_{os.getpid()}"
    try:
        yield env.database(name, modules=MODULES, install=True)
    finally:
        env.drop(name)


def test_other_modules(database):
    """All tests of `other_modules.py` run, and none fails or is skipped."""
    done = subprocess.run(
        env.odoo_command(
            *("-d", database, "-u", env.ADDON, "--test-tags", "dropship_modules"),
            *("--stop-after-init", "--http-port", str(env.free_port())),
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=env.ROOT,
        check=False,
    )
    log = done.stdout
    names = set(re.findall(r"^    def (test_\w+)", FILE.read_text(), re.MULTILINE))
    started = set(re.findall(r"Starting TestOtherModules\.(test_\w+) \.\.\.", log))
    failed = re.findall(r"(?:FAIL|ERROR): TestOtherModules\.(test_\w+)", log)
    tail = log[-5000:]
    assert names, "no tests in the file"
    assert started == names, tail
    assert not failed, f"{failed}\n{tail}"
    assert not re.search(r": skipped \S+ : ", log), tail
    total = re.search(r"(\d+) failed, (\d+) error\(s\) of (\d+) tests when", log)
    assert total, tail
    assert total.groups() == ("0", "0", str(len(names))), tail
    assert done.returncode == 0, tail
