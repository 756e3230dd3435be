from odoo.fields import Command
from odoo.tests import tagged

from .test_web_shop import TestWebShopCommon


@tagged("-standard", "dropship_modules")
class TestWebShopKits(TestWebShopCommon):
    """Kits in the shop, of which a vendor ships the parts.

    Run on a database that has Manufacturing, by the step `modules` of `make test`.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kit = cls._new_product("Kit", price=12.0, allow_out_of_stock_order=False)
        cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": cls.kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": cls.desk.id, "product_qty": 2})
                ],
            }
        )

    def test_parts_stay_for_sale(self):
        """Five kits in the cart take ten desks of stock, unless a vendor ships them."""
        self._add_stock(self.desk, 12)
        public = self.env.ref("base.public_user")
        for is_ticked, taken in ((True, 0), (False, 10)):
            self.kit.drop_shipment = is_ticked
            cart = self._new_cart(self.kit).with_user(public).sudo()
            self.assertEqual(cart.order_line.drop_shipment, is_ticked)
            found = cart._get_unavailable_quantity_from_kits(self.desk)
            self.assertEqual(found, taken)
