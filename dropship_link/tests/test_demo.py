from lxml import etree

from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """The demonstration plays a story by methods that it names."""

    def test_methods_exist(self):
        """A method that moved would break a database with demonstration data."""
        count = 0
        for name in Manifest.for_addon("dropship_link")["demo"]:
            for node in etree.parse(file_path(f"dropship_link/{name}")).iter(
                "function"
            ):
                model, method = node.get("model"), node.get("name")
                with self.subTest(file=name, model=model, method=method):
                    self.assertTrue(callable(getattr(self.env[model], method, None)))
                count += 1
        self.assertTrue(count)
