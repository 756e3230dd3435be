from odoo.fields import Command

from .common_create_purchases import CreatePurchasesCommon


class TestCreatePurchasesDialog(CreatePurchasesCommon):
    """The same with vendors and quantities to choose."""

    def test_proposal(self):
        """Proposed vendor and all that is left, in the unit of the sale."""
        sale = self._new_sale(
            (self.chair, 2, {"product_uom_id": self.uom_dozen.id}),
            (self.lamp, 3),
            (self.orphan, 1),
        )
        purchase = self._create_purchases(sale.order_line[0])
        purchase.order_line.product_qty = 0.5
        wizard = self._open_dialog(sale)
        rows = wizard.line_ids.read(
            [
                "sale_ref",
                "product_id",
                "product_uom_id",
                "vendor_id",
                "quantity",
                "quantity_to_order",
            ]
        )
        expected = [
            (self.chair, self.uom_dozen, self.vendor, 1.5),
            (self.lamp, self.uom_unit, self.other_vendor, 3),
            (self.orphan, self.uom_unit, self.vendor.browse(), 1),
        ]
        self.assertEqual(len(rows), len(expected))
        for row, (product, uom, vendor, quantity) in zip(rows, expected, strict=True):
            self.assertEqual(row["sale_ref"], sale.name)
            self.assertEqual(row["product_id"][0], product.id)
            self.assertEqual(row["product_uom_id"][0], uom.id)
            self.assertEqual(row["vendor_id"] and row["vendor_id"][0], vendor.id)
            self.assertEqual(row["quantity"], quantity)
            self.assertEqual(row["quantity_to_order"], quantity)

    def test_one_order_is_told_of(self):
        """The dialog leaves out what is the same on each line, for a buyer as well."""
        orders = self._new_sale((self.chair, 1), (self.desk, 1)) + self._new_sale()
        for records, one in ((orders[0], True), (orders.order_line, False)):
            records = records.with_user(self.buyer)
            action = records.action_open_create_drop_shipment_purchases()
            self.assertIs(action["context"]["dropship_link_one_order"], one)

    def test_vendor_and_quantity_are_chosen(self):
        """The rest stays to order."""
        sale = self._new_sale((self.chair, 10), (self.orphan, 4))
        wizard = self._open_dialog(sale)
        chair, orphan = wizard.line_ids
        self.assertEqual(chair.vendor_id, self.vendor)
        self.assertFalse(orphan.vendor_id)
        chair.write({"vendor_id": self.other_vendor.id, "quantity": 7})
        orphan.vendor_id = self.other_vendor
        purchase = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(purchase.partner_id, self.other_vendor)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [7, 4])
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [3, 0])
        # Neither the other vendor's price nor nothing: the cost of the product.
        self.assertEqual(purchase.order_line.mapped("price_unit"), [10, 10])

    def test_several_vendors_for_one_line(self):
        """Each gets a request with a part of the line."""
        sale = self._new_sale()
        wizard = self._open_dialog(sale.order_line)
        wizard.line_ids.quantity = 4
        wizard.line_ids = [
            Command.create(
                {
                    "sale_line_id": sale.order_line.id,
                    "vendor_id": self.other_vendor.id,
                    "quantity": 6,
                }
            )
        ]
        purchases = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(purchases.partner_id, self.vendor | self.other_vendor)
        self.assertEqual(
            {order.partner_id: order.order_line.product_qty for order in purchases},
            {self.vendor: 4, self.other_vendor: 6},
        )
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        purchases.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_rows_of_one_line_and_vendor(self):
        """Two rows of the same vendor make one line."""
        sale = self._new_sale()
        wizard = self._open_dialog(sale)
        wizard.line_ids.quantity = 4
        wizard.line_ids = [
            Command.create(
                {
                    "sale_line_id": sale.order_line.id,
                    "vendor_id": self.vendor.id,
                    "quantity": 6,
                }
            )
        ]
        purchase = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(purchase.order_line.mapped("product_qty"), [10])

    def test_row_without_quantity_is_left_out(self):
        """Zero orders nothing, and needs no vendor."""
        sale = self._new_sale((self.chair, 10), (self.orphan, 1))
        wizard = self._open_dialog(sale)
        wizard.line_ids[1].quantity = 0
        purchase = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(purchase.order_line.product_id, self.chair)

    def test_row_without_vendor_is_refused(self):
        """The product is named, and nothing is made of the other rows."""
        wizard = self._open_dialog(self._new_sale((self.chair, 10), (self.orphan, 1)))
        count = self._count_purchases()
        with self.assertRefused("vendor for Orphan"):
            wizard.action_create_purchases()
        self.assertEqual(self._count_purchases(), count)

    def test_nothing_entered_is_refused(self):
        wizard = self._open_dialog(self._new_sale())
        wizard.line_ids.quantity = 0
        with self.assertRefused("enter a quantity"):
            wizard.action_create_purchases()

    def test_wrong_quantities_are_refused(self):
        """What is left or less, whatever the rows of a line add up from."""
        sale = self._new_sale()
        for quantities in ([11], [-1], [6, 5], [-5, 15], [15, -5]):
            with self.subTest(quantities=quantities):
                wizard = self._open_dialog(sale)
                wizard.line_ids = [Command.clear()] + [
                    Command.create(
                        {
                            "sale_line_id": sale.order_line.id,
                            "vendor_id": self.vendor.id,
                            "quantity": quantity,
                        }
                    )
                    for quantity in quantities
                ]
                with self.assertRefused(
                    rf"Quantity of {sale.name}, line 1 .*at most 10 Units"
                ):
                    wizard.action_create_purchases()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)

    def test_ordered_meanwhile(self):
        """What a colleague ordered while the dialog was open is not ordered twice."""
        sale = self._new_sale()
        wizard = self._open_dialog(sale)
        self._create_purchases(sale)
        self.env.invalidate_all()
        with self.assertRefused(f"{sale.name}, line 1 .* nothing left .*enter 0"):
            wizard.action_create_purchases()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_pressed_twice(self):
        """The dialog orders once."""
        sale = self._new_sale()
        wizard = self._open_dialog(sale)
        wizard.action_create_purchases()
        with self.assertRefused("nothing left to order any more"):
            wizard.action_create_purchases()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_a_new_request_unless_the_user_says_so(self):
        """Lines join an open request of the same key on demand only."""
        first = self._create_purchases(self._new_sale((self.chair, 1)))
        wizard = self._open_dialog(self._new_sale((self.desk, 2)))
        second = self._get_shown(wizard.action_create_purchases())
        self.assertNotEqual(second, first)
        third = self._new_sale((self.desk, 3))
        wizard = self._open_dialog(third)
        wizard.join_requests = True
        joined = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(joined, first)
        self.assertEqual(joined.order_line.mapped("product_qty"), [1, 3])
        self.assertIn(third.name, joined.origin)
        self.assertIn(third.name, self._chatter(joined))
        joined.button_confirm()
        self._post(third)
        self.assertEqual(third.order_line.qty_delivered, 3)

    def test_join_needs_the_same_key(self):
        """Another vendor, customer, ship-to, currency, or no request: a new one."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        second_dock = self.ship_to.copy({"name": "Second Dock"})
        for name in ("vendor", "customer", "ship-to", "currency", "state"):
            with self.subTest(name):
                self.vendor.property_purchase_currency_id = False
                values, product = {}, self.chair
                if name == "vendor":
                    product = self.lamp
                elif name == "customer":
                    values["partner_id"] = self.other_customer.id
                    values["partner_shipping_id"] = self.other_customer.id
                elif name == "ship-to":
                    values["partner_shipping_id"] = second_dock.id
                other = self._create_purchases(self._new_sale((product, 1), **values))
                if name == "currency":
                    self.vendor.property_purchase_currency_id = currency
                elif name == "state":
                    other.button_confirm()
                wizard = self._open_dialog(self._new_sale())
                wizard.join_requests = True
                purchase = self._get_shown(wizard.action_create_purchases())
                self.assertNotEqual(purchase, other)
                self.assertEqual(purchase.order_line.mapped("product_qty"), [10])
                (other | purchase).button_cancel()

    def test_join_does_not_mix_with_own_stock(self):
        """A request with goods for own stock is none that these lines may join."""
        sale = self._new_sale()
        other = self._new_purchase(
            order_line=[Command.create({"product_id": self.desk.id, "product_qty": 1})]
        )
        wizard = self._open_dialog(sale)
        wizard.join_requests = True
        purchase = self._get_shown(wizard.action_create_purchases())
        self.assertNotEqual(purchase, other)
