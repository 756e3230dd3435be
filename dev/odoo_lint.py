"""Odoo's own lint tests, on the add-on alone; runs inside ``odoo shell``.

They are made to look at all of Odoo, which takes many minutes. What they find in the
registry (names, signatures, indexes) they find in a database that has the add-on.
"""

from odoo import tools
from odoo.modules import Manifest
from odoo.tests.shell import run_tests

from odoo.addons.test_lint import tests as lint

ADDON = "dropship_link"
# Tests of the linters themselves, and eslint, which dev/check.py runs itself.
LEFT_OUT = ("TestGetTextLint", "TestI18nChecks", "TestSqlLint", "TestESLint")


def main(env):
    """Let the tests see this add-on only, and run them."""
    ours = Manifest.for_addon(ADDON)
    Manifest.all_addon_manifests = staticmethod(lambda: [ours])
    lint.test_pofile.get_modules = lambda: [ADDON]
    lint.test_docstring.MODULES_TO_LINT_ONLY_PUBLIC_METHODS = (ADDON,)
    tools.config.root_path = ours.path
    # It walks through all that can be imported, Odoo's libraries included.
    check = lint.test_markers.TestConflictMarkers.check_file
    lint.test_markers.TestConflictMarkers.check_file = lambda self, name: (
        check(self, name) if name.startswith(f"{ours.path}/") else None
    )
    tags = ["/test_lint", *(f"-/test_lint:{name}" for name in LEFT_OUT)]
    env.cr.rollback()
    run_tests(env, ",".join(tags), modules=["test_lint"])
