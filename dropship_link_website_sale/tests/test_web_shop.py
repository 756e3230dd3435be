from lxml import html

from odoo.fields import Command
from odoo.tests import HttpCase, JsonRpcException

from odoo.addons.dropship_link.tests.common import DropShipmentCommon
from odoo.addons.website_sale.tests.common import MockRequest


class TestWebShopCommon(DropShipmentCommon):
    """A shop that sells nothing which is out of stock, and one ticked product."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], limit=1)
        cls.website.company_id = cls.company
        values = {"allow_out_of_stock_order": False, "website_published": True}
        cls.chair.write({**values, "drop_shipment": True})
        cls.desk.write(values)

    def _add_stock(self, product, quantity):
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        self.env["stock.quant"]._update_available_quantity(
            product, warehouse.lot_stock_id, quantity
        )
        product.invalidate_recordset()

    def _new_cart(self, *products):
        """Return a cart of the customer with five of each."""
        return self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "website_id": self.website.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 5})
                    for product in products
                ],
            }
        )


class TestWebShop(TestWebShopCommon):
    """What a vendor ships may be bought, whatever is in stock."""

    def test_product(self):
        """Product and variant; the product that is not ticked stays sold out."""
        for records in (self.chair, self.chair.product_tmpl_id):
            self.assertFalse(records._is_sold_out())
        for records in (self.desk, self.desk.product_tmpl_id):
            self.assertTrue(records._is_sold_out())
        cart = self._new_cart()
        self.assertIsNone(self.chair._get_max_quantity(self.website, cart))
        self.assertEqual(self.desk._get_max_quantity(self.website, cart), 0)

    def test_ticked_later(self):
        """Unticked it is sold out again, until there is stock."""
        self.chair.drop_shipment = False
        self.assertTrue(self.chair._is_sold_out())
        self._add_stock(self.chair, 3)
        self.assertFalse(self.chair._is_sold_out())

    def test_each_variant(self):
        """All variants of a ticked product may be bought."""
        attribute = self.env["product.attribute"].create(
            {
                "name": "Colour",
                "value_ids": [
                    Command.create({"name": "Red"}),
                    Command.create({"name": "Blue"}),
                ],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Stool",
                "is_storable": True,
                "allow_out_of_stock_order": False,
                "drop_shipment": True,
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(attribute.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        variants = template.product_variant_ids
        self.assertEqual(len(variants), 2)
        for variant in variants:
            self.assertFalse(variant._is_sold_out())
            cart = self._new_cart()
            self.assertEqual(cart._cart_add(variant.id, 7)["added_qty"], 7)

    def test_cart(self):
        """Any quantity goes into the cart, may be changed, and be paid for."""
        cart = self._new_cart()
        added = cart._cart_add(self.chair.id, 7)
        self.assertEqual((added["added_qty"], added["warning"]), (7, ""))
        line = cart.order_line
        self.assertTrue(line.drop_shipment)
        self.assertIsNone(line._get_max_line_qty())
        changed = cart._cart_update_line_quantity(line.id, 12)
        self.assertEqual((changed["quantity"], changed["warning"]), (12, ""))
        self.assertTrue(line._check_availability())
        self.assertFalse(line.shop_warning)

    def test_cart_of_both(self):
        """The other product keeps its limit, also beside a ticked one."""
        self._add_stock(self.desk, 3)
        cart = self._new_cart(self.chair)
        added = cart._cart_add(self.desk.id, 7)
        self.assertEqual(added["quantity"], 3)
        self.assertIn("3", added["warning"])
        desk_line = cart.order_line - cart.order_line[0]
        self.assertEqual(desk_line._get_max_line_qty(), 3)
        desk_line.product_uom_qty = 4
        self.assertFalse(desk_line._check_availability())

    def test_line_from_stock(self):
        """A line unticked by sales takes from stock, and only such lines do."""
        self._add_stock(self.chair, 5)
        cart = self._new_cart(self.chair, self.chair)
        cart.order_line[1].drop_shipment = False
        for line in cart.order_line:
            self.assertTrue(line._check_availability())
        cart.order_line[1].product_uom_qty = 6
        self.assertFalse(cart.order_line[1]._check_availability())
        self.assertTrue(cart.order_line[0]._check_availability())

    def test_collected(self):
        """The store hands over what the shop found in its stock; no vendor ships it."""
        product = self.env["product.product"].create(
            {"name": "Collection", "type": "service", "list_price": 0.0}
        )
        carrier = self.env["delivery.carrier"].create(
            {"name": "Collection", "product_id": product.id}
        )
        # As Click & Collect, which need not be installed, has it.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE delivery_carrier SET delivery_type = 'in_store' WHERE id = %s",
            [carrier.id],
        )
        self.env.invalidate_all()
        self._add_stock(self.chair, 5)
        self.desk.write({"allow_out_of_stock_order": True, "drop_shipment": True})
        cart = self._new_cart(self.chair, self.desk)
        cart.carrier_id = carrier
        other = self._new_cart(self.chair)
        (cart + other).action_confirm()
        chair, desk = cart.order_line
        self.assertFalse(chair.drop_shipment)
        self.assertEqual(cart.picking_ids.move_ids.product_id, self.chair)
        # It is sold whether the store has it or not.
        self.assertEqual(desk.drop_shipment_qty_to_order, 5)
        self.assertEqual(other.order_line.drop_shipment_qty_to_order, 5)

    def test_combo(self):
        """A combo is limited by what comes from stock alone."""
        self._add_stock(self.desk, 3)
        combos = self.env["product.combo"].create(
            [
                {
                    "name": product.name,
                    "combo_item_ids": [Command.create({"product_id": product.id})],
                }
                for product in (self.chair, self.desk)
            ]
        )
        cart = self._new_cart()
        self.assertEqual(
            [combo._get_max_quantity(self.website, cart) for combo in combos],
            [None, 3],
        )

    def test_notification(self):
        """Who waits for the product is told once it is ticked, and only then."""
        self.chair.drop_shipment = False
        self.chair.stock_notification_partner_ids = self.customer
        self.desk.stock_notification_partner_ids = self.customer
        self.env["product.product"]._send_availability_email()
        self.assertTrue(self.chair.stock_notification_partner_ids)
        self.chair.drop_shipment = True
        self.env["product.product"]._send_availability_email()
        self.assertFalse(self.chair.stock_notification_partner_ids)
        self.assertTrue(self.desk.stock_notification_partner_ids)

    def test_combination_info(self):
        """The page neither hides the button nor counts our stock."""
        for product, allowed in ((self.chair, True), (self.desk, False)):
            env = self.env(context={"website_sale_stock_get_quantity": True})
            product.show_availability = True
            with MockRequest(env, website=self.website.with_env(env)):
                info = product.with_env(env)._get_combination_info_variant()
                quick = product.with_env(env)._website_show_quick_add()
            self.assertEqual(bool(quick), allowed)
            self.assertEqual(info["allow_out_of_stock_order"], allowed)
            self.assertEqual(info["show_availability"], not allowed)

    def test_page_does_not_speak_of_our_stock(self):
        """Neither how much there is, nor the words for when there is none."""
        env = self.env(context={"website_sale_stock_get_quantity": True})
        self._add_stock(self.chair, 3)
        self._add_stock(self.desk, 3)
        for product, shown in ((self.chair, False), (self.desk, True)):
            product.out_of_stock_message = "Back in May"
            with MockRequest(env, website=self.website.with_env(env)):
                info = product.with_env(env)._get_combination_info_variant()
            self.assertEqual(bool(info["free_qty"]), shown)
            self.assertEqual(bool(info["out_of_stock_message"]), shown)
            self.assertEqual(info["is_storable"], shown)


class TestWebShopVisitor(TestWebShopCommon, HttpCase):
    """A visitor without a login, who may not read the tick."""

    def _call(self, url, **params):
        return self.make_jsonrpc_request(url, params)

    def _add(self, product, quantity):
        return self._call(
            "/shop/cart/add",
            product_template_id=product.product_tmpl_id.id,
            product_id=product.id,
            quantity=quantity,
        )

    def test_buys(self):
        """The ticked product is bought; confirmed, it is to be ordered."""
        info = self._call(
            "/website_sale/get_combination_info",
            product_template_id=self.chair.product_tmpl_id.id,
            product_id=self.chair.id,
            combination=[],
            add_qty=1,
        )
        self.assertTrue(info["allow_out_of_stock_order"])
        self.assertNotIn("drop_shipment", info)
        page = self.url_open(f"/shop/{self.chair.product_tmpl_id.id}")
        (data,) = html.fromstring(page.content).xpath(
            "//script[@type='application/ld+json'][contains(., 'InStock')]"
        )
        self.assertIn("schema.org/InStock", data.text)
        self._add(self.chair, 4)
        order = self.env["sale.order"].search(
            [("website_id", "=", self.website.id)], order="id desc", limit=1
        )
        line = order.order_line
        self.assertEqual((line.product_id, line.product_uom_qty), (self.chair, 4))
        self._call("/shop/cart/update", line_id=line.id, quantity=9)
        self.assertEqual(line.product_uom_qty, 9)
        self.assertEqual(self.url_open("/shop/cart").status_code, 200)
        order.partner_id = self.customer
        order.with_user(self.salesman).sudo().action_confirm()
        self.assertEqual(line.drop_shipment_qty_to_order, 9)
        self.assertFalse(order.picking_ids)

    def test_ordered_by_itself_and_followed(self):
        """Paid for, it is ordered at once; the customer's page shows the shipment."""
        self.company.drop_shipment_auto_order = True
        self._add(self.chair, 4)
        order = self.env["sale.order"].search(
            [("website_id", "=", self.website.id)], order="id desc", limit=1
        )
        order.partner_id = self.customer
        # As a payment does, with nobody logged in.
        public = self.env.ref("base.public_user")
        order.with_user(public).sudo().action_confirm()
        self.assertEqual(order.order_line.drop_shipment_vendor_id, self.vendor)
        purchase = order.order_line.purchase_line_ids.order_id
        self.assertEqual(purchase.partner_id, self.vendor)
        self.assertEqual(purchase.order_line.product_qty, 4)
        self.assertNotIn(public.partner_id, purchase.message_partner_ids)
        purchase.with_user(self.buyer).button_confirm()
        self._post(purchase.with_user(self.buyer), "receive", tracking_ref="PARCEL-9")
        page = self.url_open(order.get_portal_url()).text
        self.assertIn(order.picking_ids.name, page)
        self.assertIn("PARCEL-9", page)

    def test_sold_out(self):
        """The other product is not bought."""
        try:
            self._add(self.desk, 4)
        except JsonRpcException as error:
            self.fail(error)
        self.assertFalse(
            self.env["sale.order.line"].search_count(
                [("product_id", "=", self.desk.id), ("product_uom_qty", ">", 0)]
            )
        )
