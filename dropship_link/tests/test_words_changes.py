from odoo.exceptions import AccessError

from .test_words import WordsCommon


class TestChanges(WordsCommon):
    """What is said before and after somebody changes his mind."""

    def test_untick_asks_and_is_noted(self):
        """A question in the form, a note after, and ticking again takes it back."""
        sale = self._new_sale()
        line = sale.order_line
        result = line.onchange({"drop_shipment": False}, ["drop_shipment"], {})
        self.assertIn("own stock", result["warning"]["message"])
        line.drop_shipment = False
        delivery = sale.picking_ids
        self.assertIn(
            f"Drop Shipment was unticked. Transfer {delivery.name} delivers it.",
            self._text(self._chatter(sale)),
        )
        line.drop_shipment = True
        self.assertEqual(delivery.sudo().state, "cancel")
        self.assertEqual(line.drop_shipment_qty_to_order, 10)
        self.assertIn("Drop Shipment was ticked.", self._chatter(sale))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(purchase)
        self.assertEqual(line.qty_delivered, 10)

    def test_untick_of_one_line(self):
        """The delivery of the other line stays."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        sale.order_line.drop_shipment = False
        delivery = sale.sudo().picking_ids
        sale.order_line[0].drop_shipment = True
        self.assertNotEqual(delivery.state, "cancel")
        self.assertEqual(
            {move.product_id: move.state == "cancel" for move in delivery.move_ids},
            {self.chair: True, self.desk: False},
        )

    def test_delivery_that_was_begun(self):
        """Somebody has picked or printed it, or part has left: refused as before."""
        for touch in ("picked", "printed", "part"):
            sale = self._new_sale()
            sale.order_line.drop_shipment = False
            delivery = sale.sudo().picking_ids
            if touch == "picked":
                delivery.move_ids.write({"quantity": 10, "picked": True})
            elif touch == "printed":
                delivery.printed = True
            else:
                self._deliver(delivery, 4)
            with self.subTest(touch), self.assertRefused("on open transfer"):
                sale.order_line.drop_shipment = True
            self.assertFalse(sale.order_line.drop_shipment)

    def test_marker_is_ours(self):
        """Nobody but the system says that a delivery was made by unticking."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        with self.assertRefused("can't be written", AccessError):
            sale.order_line.drop_shipment_unticked = True
        with self.assertRefused("on open transfer"):
            sale.order_line.drop_shipment = True

    def test_unticked_in_a_quotation(self):
        """Nothing is made, so nothing is asked or noted."""
        sale = self._new_sale(confirm=False)
        values = {"drop_shipment": False}
        result = sale.order_line.onchange(values, ["drop_shipment"], {})
        self.assertFalse(result.get("warning"))
        sale.order_line.drop_shipment = False
        self.assertNotIn("unticked", self._chatter(sale))

    def test_lower_the_sale(self):
        """It says to what the buyer is to lower the purchase line; then it works."""
        sale = self._new_sale((self.chair, 40))
        purchase = self._new_purchase(sale, confirm=True)
        with self.assertRefused(f"quantity on {purchase.name} to 30 Units first"):
            sale.order_line.product_uom_qty = 30
        purchase.order_line.product_qty = 30
        sale.order_line.product_uom_qty = 30
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(purchase.order_line.product_qty, 30)

    def test_lower_what_is_partly_shipped(self):
        """Not below what has left; the dozen of the vendor is a dozen."""
        dozens = {"product_uom_id": self.uom_dozen.id}
        sale = self._new_sale((self.chair, 4, dozens))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=2)
        with self.assertRefused("to 3 Dozens first"):
            sale.order_line.product_uom_qty = 3
        with self.assertRefused("have shipped.* 2 Dozens. Enter no less"):
            sale.order_line.product_uom_qty = 1
        self.assertEqual(purchase.order_line.product_qty, 4)

    def test_lower_what_several_ship(self):
        """By how much in all, where no single order can be lowered that far."""
        sale = self._new_sale()
        names = []
        for quantity in (6, 4):
            purchase = self._new_purchase()
            self._get_sales_orders(purchase, sale, quantity=quantity)
            purchase.button_confirm()
            names.append(purchase.name)
        with self.assertRefused(f"quantity on {names[0]} to 1 Units first"):
            sale.order_line.product_uom_qty = 5
        with self.assertRefused(f"on {', '.join(names)} first, by 8 Units in all"):
            sale.order_line.product_uom_qty = 2

    def _warn_of_address(self, sale):
        """Return what the form says when another address is chosen."""
        values = {"partner_shipping_id": self.customer.id}
        result = sale.onchange(values, ["partner_shipping_id"], {})
        return result.get("warning", {}).get("message")

    def test_address_warning(self):
        """Core's reminder leaves out what vendors ship; it follows, or is refused."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self.assertFalse(self._warn_of_address(sale))
        own = {"drop_shipment": False}
        mixed = self._new_sale((self.chair, 1), (self.desk, 1, own))
        self._new_purchase(mixed, confirm=True)
        delivery = mixed.picking_ids.filtered(lambda move: not move.is_drop_shipment)
        warning = self._warn_of_address(mixed)
        self.assertIn(delivery.name, warning)
        self.assertNotIn((mixed.picking_ids - delivery).name, warning)
        ordinary = self._new_sale((self.desk, 1, own))
        self.assertIn(ordinary.picking_ids.name, self._warn_of_address(ordinary))

    def test_cancelled_sale_leaves_an_empty_request(self):
        """Its buyer gets one activity, also where the quantity falls to nothing."""
        for reason in ("cancel", "lower"):
            sale = self._new_sale()
            purchase = self._new_purchase(sale)
            if reason == "cancel":
                sale.action_cancel()
            else:
                sale.order_line.product_uom_qty = 0
            activity = purchase.activity_ids
            self.assertEqual(activity.summary, "Request for quotation is empty")
            self.assertEqual(activity.user_id, self.buyer)
        other = self._new_sale()
        both = self._new_purchase(self._new_sale(), other)
        other.action_cancel()
        self.assertFalse(both.activity_ids)

    def test_tasks_of_the_buyer(self):
        """In the buyer's language, and one, whatever languages sales change it in."""
        self.env["res.lang"]._activate_lang("nl_NL")
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True).sudo()
        for lang, day in (("nl_NL", "2027-02-01"), ("en_US", "2027-03-01")):
            sale.with_context(lang=lang).commitment_date = f"{day} 12:00:00"
        activity = purchase.activity_ids
        self.assertEqual(
            activity.mapped("summary"),
            [f"Delivery date of sales order {sale.name} changed"],
        )
        self.assertIn("was none and is now 02/01/2027", activity.note)
        other = self._new_sale()
        request = self._new_purchase(other).sudo()
        other.with_context(lang="nl_NL")._action_cancel()
        self.assertEqual(
            request.activity_ids.mapped("summary"), ["Request for quotation is empty"]
        )
        self.assertIn("does not want it", request.activity_ids.note)

    def test_copied_purchase_order(self):
        """The copy says that it comes to us."""
        purchase = self._new_purchase(self._new_sale(), confirm=True)
        copy = purchase.copy()
        self.assertFalse(copy.sell_to_customer_id)
        self.assertIn(f"Copied from {purchase.name}", self._chatter(copy))
        self.assertIn("delivered to you", self._chatter(copy))
        self.assertNotIn("Copied from", self._chatter(copy.copy()))

    def test_closed_remainder(self):
        """The note has no verb that one unit or many would change."""
        sale, purchase = self._new_orders(ship=4)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertIn(
            f"to order again, 6 Units of purchase order {purchase.name}.",
            self._chatter(sale),
        )

    def _close_and_get_note(self, sale, purchase):
        """Close the remainder; return what the sales order says of it."""
        before = sale.message_ids
        purchase.action_close_drop_shipment_remainder()
        return "".join((sale.message_ids - before).mapped("body"))

    def _return_by_dialog(self, order, quantity, destination):
        """Return goods of an order, as its user would."""
        wizard = order.env["drop.shipment.return"].create(
            {f"{order._table}_id": order.id, "destination": destination}
        )
        wizard.line_ids.quantity = quantity
        wizard.action_return()

    def test_closed_remainder_of_a_cancelled_sale(self):
        """Nothing is to order of what went back to the vendor."""
        sale, purchase = self._new_orders(ship=10)
        sale._action_cancel()
        self._return_by_dialog(purchase, 4, "vendor")
        note = self._close_and_get_note(sale, purchase)
        self.assertIn(f"given back, 4 Units of purchase order {purchase.name}.", note)
        self.assertIn("To order again: 0 Units.", note)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)

    def test_closed_remainder_after_a_return_to_own_stock(self):
        """The customer keeps 4 of the 6 shipped and wants 8: 2 of 4 are to order."""
        sale, purchase = self._new_orders(ship=6)
        self._return_by_dialog(sale, 2, "stock")
        sale.order_line.product_uom_qty = 8
        note = self._close_and_get_note(sale, purchase)
        self.assertIn(f"given back, 4 Units of purchase order {purchase.name}.", note)
        self.assertIn("To order again: 2 Units.", note)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 2)

    def test_closed_remainders_of_two_vendors(self):
        """6 + 4 of 10, shipped 4 + 2, 2 taken back, 8 wanted: 2 of 4 to order."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        for purchase, quantity, shipped in ((first, 6, 4), (second, 4, 2)):
            self._get_sales_orders(purchase, sale, quantity=quantity)
            purchase.button_confirm()
            self._post(purchase, "receive", shipped)
        self._return_by_dialog(first, 2, "stock")
        sale.order_line.product_uom_qty = 8
        lines = first.order_line | second.order_line
        note = self._close_and_get_note(sale, lines)
        self.assertIn(
            f"given back, 2 Units of purchase order {first.name}. To order again: 2",
            note,
        )
        self.assertIn(
            f"given back, 2 Units of purchase order {second.name}. To order again: 0",
            note,
        )
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 2)
