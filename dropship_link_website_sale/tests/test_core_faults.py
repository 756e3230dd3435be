from odoo.fields import Command

from .test_web_shop import TestWebShopCommon


class TestCoreFaults(TestWebShopCommon):
    """What the overrides of this add-on work around, each shown without its override.

    A test that begins to fail says that core has mended the fault. The table in
    `docs/architecture.md` names the override, which may go then.
    """

    def test_own_stock_decides(self):
        """Sold out, though core's own route has a vendor ship it."""
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        self.desk.route_ids = [Command.set(route.ids)]
        self.assertTrue(self.desk._is_sold_out())
        cart = self._new_cart()
        self.assertEqual(self.desk._get_max_quantity(self.website, cart), 0)
