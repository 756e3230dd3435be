from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .common_while_linked import WhileLinkedCommon


class TestSalesSide(WhileLinkedCommon):
    """What sales may change on a linked order."""

    def test_product_and_unit_are_frozen(self):
        """On a request for quotation as well as on a confirmed order."""
        sale = self._new_sale()
        line = sale.order_line
        purchase = self._new_purchase(sale)
        for state in ("draft", "purchase"):
            if state == "purchase":
                purchase.button_confirm()
            for field, label, value in (
                ("product_id", "Product", self.desk.id),
                ("product_uom_id", "Unit", self.uom_dozen.id),
            ):
                with (
                    self.subTest(state=state, field=field),
                    self.assertRefused(
                        rf"{label}.* {sale.name}, line 1 \(Chair\) .*{purchase.name}"
                    ),
                ):
                    line.write({field: value})
            self.assertEqual(line.product_id, self.chair)
            self.assertEqual(line.product_uom_id, self.uom_unit)
        # What stays the same is no change.
        line.write({"product_id": self.chair.id, "product_uom_id": self.uom_unit.id})
        self.assertTrue(line.drop_shipment)
        self.assertTrue(purchase.order_line.drop_shipment)
        self.assertFalse(line.product_updatable)

    def test_free_again_after_the_purchase_is_cancelled(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        sale.order_line.product_id = self.desk
        self.assertEqual(sale.order_line.product_id, self.desk)

    def test_product_and_unit_of_a_delivered_line_are_frozen(self):
        """Also once the purchase order is cancelled: the customer has the goods."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 6)
        purchase.button_cancel()
        line = sale.order_line
        with self.assertRefused(
            rf"Unit of {sale.name}, line 1 .*6 Units are delivered"
        ):
            line.product_uom_id = self.uom_dozen
        with self.assertRefused("6 Units are delivered"):
            line.product_id = self.desk
        self.assertEqual((line.product_id, line.qty_delivered), (self.chair, 6))
        self.assertEqual(line.product_uom_id, self.uom_unit)

    def test_same_product_written_again_keeps_the_link(self):
        """An import that repeats the product unticks nothing."""
        sale = self._new_sale(
            (self.chair, 10, {"product_uom_id": self.uom_dozen.id}),
        )
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line.write({"product_id": self.chair.id, "name": "Same chair"})
        self.assertTrue(sale.order_line.drop_shipment)
        self.assertEqual(sale.order_line.product_uom_id, self.uom_dozen)
        self.assertTrue(purchase.order_line.drop_shipment)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_same_customer_written_again_keeps_the_ship_to(self):
        """An import that repeats the customer sends the goods nowhere else."""
        sale = self._new_sale(partner_shipping_id=self.customer.id)
        purchase = self._new_purchase(sale, confirm=True)
        sale.write({"partner_id": self.customer.id, "client_order_ref": "AGAIN"})
        self.assertEqual(sale.partner_shipping_id, self.customer)
        self.assertEqual(purchase.sudo().dest_address_id, self.customer)

    def test_quantity_rises(self):
        """The rest is to order; the purchase order stays as it is."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line.product_uom_qty = 15
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 5)
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")
        self.assertEqual(purchase.order_line.product_qty, 10)
        rest = self._new_purchase(sale)
        self.assertEqual(rest.order_line.product_qty, 5)

    def test_quantity_may_not_fall_below_confirmed_orders(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line.product_uom_qty = 15
        sale.order_line.product_uom_qty = 10
        with self.assertRefused(
            rf"Quantity of {sale.name}, line 1 \(Chair\) .*{purchase.name}"
        ):
            sale.order_line.product_uom_qty = 9
        self.assertEqual(sale.order_line.product_uom_qty, 10)
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(purchase.sudo().picking_ids.move_ids.product_uom_qty, 10)

    def test_requests_follow_a_falling_quantity(self):
        """The latest request gives way first; the buyer gets a note."""
        sale, first, second = self._new_shared()
        sale.order_line.product_uom_qty = 7
        self.assertEqual(first.order_line.product_qty, 4)
        self.assertEqual(second.order_line.product_qty, 3)
        self.assertRegex(self._chatter(second), rf"{sale.name}.*6.*3")
        self.assertNotIn("takes less", self._chatter(first))
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        sale.order_line.product_uom_qty = 2
        self.assertFalse(second.order_line)
        self.assertEqual(first.order_line.product_qty, 2)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 2)

    def test_unordered_rest_falls_first(self):
        """Requests do not fall while something is to order."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        sale.order_line.product_uom_qty = 5
        self.assertEqual(purchase.order_line.product_qty, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 1)

    def test_requests_follow_down_to_what_is_confirmed(self):
        """A request beside a confirmed order gives way, the confirmed one not."""
        sale, first, second = self._new_shared()
        first.button_confirm()
        sale.order_line.product_uom_qty = 5
        self.assertEqual(second.order_line.product_qty, 1)
        with self.assertRefused(rf"{sale.name}, line 1 .*{first.name}"):
            sale.order_line.product_uom_qty = 3
        self.assertEqual(sale.order_line.product_uom_qty, 5)
        self.assertEqual(second.order_line.product_qty, 1)
        sale.order_line.product_uom_qty = 4
        self.assertFalse(second.order_line)

    def test_order_that_waits_for_approval_holds_the_quantity(self):
        """It is no request for quotation any more, nor confirmed: it follows or not,
        but never is more ordered than sold."""
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1.0}
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.state, "to approve")
        try:
            with self.env.cr.savepoint():
                sale.order_line.product_uom_qty = 6
        except UserError:
            self.env.invalidate_all()
        self.assertEqual(
            purchase.order_line.product_qty, sale.order_line.product_uom_qty
        )

    def test_quantity_to_zero(self):
        """The request is empty, the buyer is told."""
        sale = self._new_sale((self.chair, 10), (self.desk, 1))
        purchase = self._new_purchase(sale)
        sale.order_line[0].product_uom_qty = 0
        self.assertEqual(purchase.order_line.product_id, self.desk)
        self.assertIn("Chair", self._chatter(purchase))
        self.assertEqual(sale.order_line[0].drop_shipment_qty_ordered, 0)

    def test_line_can_not_be_deleted(self):
        """Core keeps lines of confirmed orders; a script finds ours kept too."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        sale.write({"state": "draft"})
        with self.assertRefused(rf"{sale.name}, line 1 .*{purchase.name}"):
            sale.order_line.unlink()
        self.assertTrue(purchase.order_line.drop_shipment)

    def test_customer_is_frozen(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        with self.assertRefused(rf"Customer of {sale.name} .*{purchase.name}"):
            sale.partner_id = self.other_customer
        self.assertEqual(sale.partner_id, self.customer)
        purchase.button_cancel()
        sale.partner_id = self.other_customer
        self.assertEqual(sale.partner_id, self.other_customer)

    def test_ship_to_is_frozen_once_confirmed(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        with self.assertRefused(rf"Delivery Address of {sale.name} .*{purchase.name}"):
            sale.partner_shipping_id = self.customer
        self.assertEqual(sale.partner_shipping_id, self.ship_to)
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        self.assertEqual(purchase.sudo().picking_ids.move_ids.partner_id, self.ship_to)

    def test_request_follows_the_ship_to(self):
        """A request that serves this order alone; its buyer gets a note."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        sale.partner_shipping_id = self.customer
        self.assertEqual(purchase.drop_shipment_address_id, self.customer)
        self.assertRegex(self._chatter(purchase), rf"{sale.name}.*Customer")
        purchase.button_confirm()
        self.assertEqual(purchase.sudo().picking_ids.move_ids.partner_id, self.customer)

    def test_all_requests_of_the_order_follow_the_ship_to(self):
        sale, first, second = self._new_shared()
        sale.partner_shipping_id = self.customer
        self.assertEqual(first.drop_shipment_address_id, self.customer)
        self.assertEqual(second.drop_shipment_address_id, self.customer)

    def test_request_with_a_line_of_another_order_follows_the_ship_to(self):
        """The other order's line is not shipped by the vendor; nor is a reference."""
        other = self._new_sale(
            (self.service, 1, {"drop_shipment": False}),
            (self.desk, 1, {"drop_shipment": False}),
            partner_shipping_id=self.other_customer.id,
        )
        for what in ("line", "reference"):
            with self.subTest(what):
                sale = self._new_sale()
                purchase = self._new_purchase(sale).sudo()
                if what == "line":
                    purchase.order_line = [
                        Command.create(
                            {
                                "product_id": self.service.id,
                                "product_qty": 1,
                                "sale_line_id": other.order_line[0].id,
                            }
                        )
                    ]
                else:
                    reference = other.sudo().stock_reference_ids[:1]
                    self.assertTrue(reference)
                    purchase.reference_ids += reference
                self.assertGreater(len(purchase._get_sale_orders()), 1)
                sale.partner_shipping_id = self.customer
                self.assertEqual(purchase.drop_shipment_address_id, self.customer)
                purchase.button_confirm()
                self.assertEqual(
                    purchase.picking_ids.move_ids.partner_id, self.customer
                )

    def test_ship_to_of_a_shared_request_is_frozen(self):
        """The other sales order's goods would go astray."""
        sale, other = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(sale, other)
        with self.assertRefused(rf"Delivery Address of {sale.name} .*{purchase.name}"):
            sale.partner_shipping_id = self.customer
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        self.assertEqual(sale.partner_shipping_id, self.ship_to)


class TestPurchaseSide(WhileLinkedCommon):
    """What purchasing may change on a linked order."""

    def test_product_and_unit_are_frozen(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        line = purchase.order_line
        for state in ("draft", "purchase"):
            if state == "purchase":
                purchase.button_confirm()
            for field, label, value in (
                ("product_id", "Product", self.desk.id),
                ("product_uom_id", "Unit", self.uom_dozen.id),
            ):
                with (
                    self.subTest(state=state, field=field),
                    self.assertRefused(
                        rf"{label}.* {purchase.name}, line 1 \(Chair\) .*{sale.name}"
                    ),
                ):
                    line.write({field: value})
        self.assertEqual(line.product_id, self.chair)
        self.assertEqual(line.product_uom_id, self.uom_unit)

    def test_line_stays_in_its_order(self):
        """Moving a linked line to another order would take the ship-to from it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        other = self._new_purchase()
        with self.assertRefused(rf"{purchase.name}, line 1 .*{sale.name}"):
            purchase.order_line.order_id = other
        self.assertFalse(other.order_line)

    def test_quantity_falls_and_rises(self):
        """Down at will, up within what is left to order."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.order_line.product_qty = 4
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        self._get_sales_orders(self._new_purchase(), sale, quantity=3)
        purchase.order_line.product_qty = 7
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        with self.assertRefused(rf"Quantity of {sale.name}, line 1 \(Chair\)"):
            purchase.order_line.product_qty = 8
        self.assertEqual(purchase.order_line.product_qty, 7)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_quantity_of_a_confirmed_order(self):
        """The open transfer follows, in both directions."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        line = sale.order_line
        purchase.order_line.product_qty = 4
        self.assertEqual(line.drop_shipment_qty_to_order, 6)
        self.assertEqual(line.qty_to_ship, 4)
        purchase.order_line.product_qty = 9
        self.assertEqual(line.drop_shipment_qty_to_order, 1)
        self.assertEqual(line.qty_to_ship, 9)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)"):
            purchase.order_line.product_qty = 11
        self.assertEqual(purchase.order_line.product_qty, 9)
        self._post(sale)
        self.assertEqual(line.qty_delivered, 9)
        self.assertEqual(purchase.order_line.qty_received, 9)

    def test_quantity_of_a_confirmed_order_after_date_and_price_changed(self):
        """Less ordered is less to ship, though core would make a return of it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = "2030-01-01 12:00:00"
        purchase.order_line.discount = 10
        purchase.order_line.product_qty = 7
        self.assertEqual(sale.order_line.drop_shipment_qty_outstanding, 7)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 3)
        self.assertEqual(len(purchase.sudo().picking_ids), 1)
        purchase.order_line.product_qty = 0
        self.assertEqual(sale.order_line.drop_shipment_qty_outstanding, 0)
        self.assertEqual(purchase.sudo().picking_ids.state, "cancel")

    def test_quantity_may_not_rise_for_a_cancelled_sales_order(self):
        """All is shipped and the sale is cancelled: nobody wants more of it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 6)
        purchase.order_line.action_close_drop_shipment_remainder()
        sale._action_cancel()
        with self.assertRefused(
            rf"{sale.name}, line 1 .*can't be raised.*not confirmed", ValidationError
        ):
            purchase.order_line.product_qty = 8
        self.assertEqual(purchase.order_line.product_qty, 6)
        # A form that is saved may write what it read.
        purchase.order_line.product_qty = 6

    def test_product_of_a_received_line_is_frozen(self):
        """Also on a cancelled order: the goods are with the customer."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 6)
        purchase.button_cancel()
        with self.assertRefused(rf"Product of {purchase.name}, line 1 .*{sale.name}"):
            purchase.order_line.product_id = self.desk
        self.assertEqual(purchase.order_line.qty_received, 6)

    def test_received_order_can_not_be_deleted(self):
        """What the vendor shipped would be forgotten."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 6)
        purchase.button_cancel()
        with self.assertRefused(
            rf"{purchase.name}, line 1 .*6 Units of sales order {sale.name}"
        ):
            purchase.unlink()
        self.assertTrue(purchase.order_line.exists())

    def test_negative_quantity_is_refused(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        for state in ("draft", "purchase"):
            if state == "purchase":
                purchase.button_confirm()
            with (
                self.subTest(state=state),
                self.assertRefused(rf"Quantity.* {purchase.name}, line 1 \(Chair\)"),
            ):
                purchase.order_line.product_qty = -1
        self.assertEqual(purchase.order_line.product_qty, 10)

    def test_price_and_dates_are_the_buyers(self):
        """All else on the line may change."""
        purchase = self._new_purchase(self._new_sale(), confirm=True)
        purchase.order_line.write(
            {
                "price_unit": 11.0,
                "name": "Red chair",
                "date_planned": "2027-03-04 12:00:00",
            }
        )
        self.assertEqual(purchase.order_line.price_unit, 11)
        self.assertEqual(purchase.order_line.product_qty, 10)

    def test_product_is_named_when_its_tick_comes_along(self):
        """The form writes both: what the salesman chose is what he is told of."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        with self.assertRefused(rf"Product of {sale.name}, line 1 .*{purchase.name}"):
            sale.order_line.write({"drop_shipment": False, "product_id": self.desk.id})

    def test_header_is_frozen(self):
        """Customer, ship-to, operation type and company, in every state."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        incoming = self.env["stock.picking.type"].search(
            [("code", "=", "incoming"), ("company_id", "=", self.company.id)], limit=1
        )
        before = purchase.sudo().read(
            ["sell_to_customer_id", "dest_address_id", "picking_type_id", "company_id"]
        )
        for state in ("draft", "purchase"):
            if state == "purchase":
                purchase.button_confirm()
            for field, value in (
                ("sell_to_customer_id", self.other_customer.id),
                ("sell_to_customer_id", False),
                ("dest_address_id", self.customer.id),
                ("dest_address_id", False),
                ("picking_type_id", incoming.id),
                ("company_id", self.second_company.id),
            ):
                label = purchase._fields[field].get_description(self.env)["string"]
                with (
                    self.subTest(state=state, field=field),
                    self.assertRefused(rf"{label} of {purchase.name} .*{sale.name}"),
                ):
                    purchase.write({field: value})
        self.assertEqual(
            purchase.sudo().read(
                [
                    "sell_to_customer_id",
                    "dest_address_id",
                    "picking_type_id",
                    "company_id",
                ]
            ),
            before,
        )

    def test_vendor_and_currency_are_free_until_confirmed(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        euro = self.setup_other_currency("EUR", rates=[("2000-01-01", 2.0)])
        purchase.partner_id = self.other_vendor
        purchase.currency_id = euro
        self.assertEqual(purchase.partner_id, self.other_vendor)
        self.assertEqual(purchase.currency_id, euro)
        self.assertEqual(sale.order_line.drop_shipment_vendor_ref, "Other Vendor")
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)

        purchase.button_confirm()
        for field, label, value in (
            ("partner_id", "Vendor", self.vendor.id),
            ("currency_id", "Currency", self.company.currency_id.id),
        ):
            with (
                self.subTest(field=field),
                self.assertRefused(rf"{label} of {purchase.name} .*{sale.name}"),
            ):
                purchase.write({field: value})
        self.assertEqual(purchase.partner_id, self.other_vendor)
        self.assertEqual(purchase.currency_id, euro)

    def test_header_is_free_without_links(self):
        """Until lines are fetched nothing is frozen."""
        purchase = self._new_purchase()
        purchase.sell_to_customer_id = self.other_customer
        purchase.partner_id = self.other_vendor
        purchase.sell_to_customer_id = False
        self.assertFalse(purchase.sell_to_customer_id)

    def test_deleted_line_is_to_order_again(self):
        """A buyer may also delete the line of a request."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.order_line.unlink()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")
        self.assertFalse(sale.order_line.drop_shipment_purchase_ref)

    def test_deleted_order_is_to_order_again(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        purchase.unlink()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)
