from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .test_vendor_report import TestVendorReportCommon


class TestVendorAnswer(TestVendorReportCommon):
    """The vendor accepts, gives another date, or does not ship."""

    def test_accepted(self):
        """Accepted once, noted on the order; nobody is bothered."""
        seen = self._call("_get_seen")
        self._call("_accept")
        self._call("_accept")
        self.assertTrue(self.purchase.acknowledged)
        self.assertEqual(
            self._chatter(self.purchase).count("Accepted by the vendor"), 1
        )
        self.assertNotEqual(self._call("_get_seen"), seen)
        self.assertFalse(self.purchase.sudo().message_ids[0].notified_partner_ids)

    def test_another_date(self):
        """The line has that day, the buyer a task, sales sees that it is late."""
        self.sale.commitment_date = fields.Datetime.now() + timedelta(days=3)
        day = self.today + timedelta(days=20)
        self._call("_set_dates", {self.chair_line.id: day})
        self.assertEqual(self.chair_line.date_planned.date(), day)
        self.assertNotEqual(self.desk_line.date_planned.date(), day)
        self.assertEqual(self.purchase.sudo().activity_ids.user_id, self.buyer)
        self.assertIn("Late: Chair", self._get_notice(self.sale, "late"))
        self.assertIn("Late for the customer", self._get_notice(self.purchase, "late"))

    def test_another_date_is_told_to_sales(self):
        """Also where the customer has no date, so that nothing is late; by core's page.

        Once for all lines, and not where the day stays.
        """
        self.assertFalse(self.sale.commitment_date)
        day = self.today + timedelta(days=20)
        lines = self.chair_line | self.desk_line
        self._call("_set_dates", dict.fromkeys(lines.ids, day))
        message = self.sale.sudo().message_ids[0]
        self.assertEqual(message.body.count("The vendor has changed the day"), 2)
        self.assertEqual(message.notified_partner_ids, self.salesman.partner_id)
        self.assertEqual(message.author_id, self.vendor)
        self.assertEqual(message.subtype_id, self.env.ref("mail.mt_note"))
        self.assertNotIn("late", self.sale.drop_shipment_alerts or {})
        self._call("_set_dates", dict.fromkeys(lines.ids, day))
        self.assertEqual(self.sale.sudo().message_ids[0], message)
        moment = self.chair_line.date_planned + timedelta(days=2)
        self.purchase.sudo()._update_date_planned_for_lines([(self.chair_line, moment)])
        body = self.sale.sudo().message_ids[0].body
        self.assertIn(f"of {self.chair.display_name}: it is expected", body)
        self.assertNotIn(self.desk.display_name, body)

    def test_wrong_dates(self):
        """Past, far away, no day, or of what has come: beside the field."""
        self._report({self.desk_line: 4})
        self._post(self.purchase)
        for line, day, text in (
            (self.chair_line, self.today - timedelta(days=3), "can't be"),
            (self.chair_line, self.today + timedelta(days=800), "can't be"),
            (self.chair_line, "soon", "Enter a day"),
            (self.desk_line, self.today, "Nothing is left to ship"),
        ):
            messages = self._get_messages("_set_dates", {line.id: day})
            self.assertEqual(list(messages), [(line.id, "date")])
            self.assertIn(text, messages[line.id, "date"])

    def test_declined(self):
        """A part is declined with a reason: both orders say so, nothing is changed."""
        self._decline({self.chair_line: 4})
        self.assertEqual(self.chair_line.product_qty, 10)
        self.assertEqual(self._get_row(self.chair_line)["declined"], 4)
        for order in (self.sale, self.purchase):
            self.assertIn(
                "does not ship: 4 Units of Chair (Sold out)",
                self._get_notice(order, "declined"),
            )
        message = self.purchase.sudo().message_ids[0]
        self.assertEqual(message.notified_partner_ids, self.buyer.partner_id)
        self.assertIn("Choose Close Remainder", message.body)
        message = self.sale.sudo().message_ids[0]
        self.assertEqual(message.notified_partner_ids, self.salesman.partner_id)
        self.assertIn("does not ship 4 Units of Chair", message.body)
        self.assertNotIn("Choose Close Remainder", message.body)

    def test_closed(self):
        """The buyer closes what is declined: that is to order, the rest stays."""
        self._decline({self.chair_line: 4})
        self._report({self.chair_line: 2})
        self.purchase.action_close_drop_shipment_declined()
        self.assertEqual(self.chair_line.product_qty, 6)
        line = self.sale.order_line[0]
        self.assertEqual(line.drop_shipment_qty_to_order, 4)
        self.assertEqual(self._get_row(self.chair_line)["open"], 6)
        self.assertEqual(self._get_row(self.chair_line)["reported"], 2)
        for order in (self.sale, self.purchase):
            self.assertFalse(self._get_notice(order, "declined"))
        self.assertIn("to order again, 4 Units", self._chatter(self.sale))
        with self.assertRefused("Nothing of .* is declined any more"):
            self.purchase.action_close_drop_shipment_declined()

    def test_closed_beside_a_note(self):
        """Sections, notes and what is no goods decline nothing, and stand as before."""
        note = {"display_type": "line_note", "name": "By lorry", "product_qty": 0}
        self.purchase.order_line = [Command.create(note)]
        with self.assertRefused("Nothing of .* is declined any more"):
            self.purchase.action_close_drop_shipment_declined()
        self._decline({self.chair_line: 4})
        self.purchase.action_reorder_drop_shipment_declined()
        lines = self.chair_line | self.desk_line
        self.assertEqual(lines.mapped("product_qty"), [6, 4])

    def test_order_elsewhere(self):
        """All is declined: closed, and the dialog offers it for another vendor."""
        self._decline({self.chair_line: 10, self.desk_line: 4}, "Factory burnt")
        action = self.purchase.action_reorder_drop_shipment_declined()
        self.assertEqual(action["res_model"], "drop.shipment.create.purchase")
        self.assertEqual(self.purchase.order_line.mapped("product_qty"), [0, 0])
        wizard = self.env[action["res_model"]].with_user(self.buyer)
        wizard = wizard.browse(action["res_id"])
        self.assertEqual(wizard.line_ids.mapped("quantity"), [10, 4])

    def test_not_ordered_from_those_who_declined(self):
        """Two orders of two vendors at once: neither is asked again."""
        lamp = self._new_product("Lamp", vendor=self.other_vendor)
        sale = self._new_sale((lamp, 1))
        other = self._new_purchase(sale, partner_id=self.other_vendor.id, confirm=True)
        self._decline({self.chair_line: 10}, "Factory burnt")
        other.order_line.sudo().drop_shipment_qty_declined = 1
        action = (self.purchase | other).action_reorder_drop_shipment_declined()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(len(wizard.line_ids), 2)
        self.assertFalse(wizard.line_ids.vendor_id)

    def test_not_ordered_from_who_declined(self):
        """Proposed is the next one that sells it, or nobody."""
        self.desk.seller_ids = [
            Command.create({"partner_id": self.other_vendor.id, "price": 7})
        ]
        self._decline({self.chair_line: 10, self.desk_line: 4}, "Factory burnt")
        action = self.purchase.action_reorder_drop_shipment_declined()
        wizard = self.env[action["res_model"]].with_user(self.buyer)
        wizard = wizard.browse(action["res_id"])
        nobody = self.env["res.partner"]
        self.assertEqual(
            [row.vendor_id for row in wizard.line_ids], [nobody, self.other_vendor]
        )
        with self.assertRefused("Choose a vendor for Chair"):
            wizard.action_create_purchases()
        wizard.other_vendor_id = self.other_vendor
        wizard.action_create_purchases()
        bought = (
            self.sale.sudo().order_line.purchase_line_ids - self.purchase.order_line
        )
        self.assertEqual(bought.order_id.partner_id, self.other_vendor)
        self.assertEqual(bought.mapped("product_qty"), [10, 4])
        self.assertEqual(bought[1].price_unit, 7)

    def test_lowered_by_hand(self):
        """The buyer lowers the line instead, in two steps: declined falls with it."""
        self._decline({self.chair_line: 4})
        self.chair_line.product_qty = 7
        self.assertEqual(self._get_row(self.chair_line)["declined"], 1)
        self.chair_line.product_qty = 6
        self.assertEqual(self._get_row(self.chair_line)["declined"], 0)
        self.assertFalse(self.chair_line.drop_shipment_decline_reason)

    def test_shipped_all_the_same(self):
        """What comes after all is not declined any more, nor when it is asked again."""
        self._decline({self.chair_line: 4})
        self._report({self.chair_line: 8})
        self.assertEqual(self._get_row(self.chair_line)["declined"], 2)
        self._post(self.purchase)
        self.assertEqual(self._get_row(self.chair_line)["declined"], 2)
        self._report({self.chair_line: 2})
        self._post(self.purchase)
        self.assertFalse(self.chair_line.drop_shipment_qty_declined)
        self.assertFalse(self._get_notice(self.purchase, "declined"))

    def test_taken_back(self):
        """Declined with 0: the vendor ships after all, and says so once."""
        self._decline({self.chair_line: 4})
        self._decline({self.chair_line: 0}, "")
        self.assertFalse(self._get_notice(self.purchase, "declined"))
        self.assertIn("ships Chair after all", self._chatter(self.purchase))

    def test_sent_twice(self):
        """The same again changes nothing, and nobody is told again."""
        self._decline({self.chair_line: 4})
        before = self.purchase.sudo().message_ids
        self._decline({self.chair_line: 4})
        self.assertEqual(self.purchase.sudo().message_ids, before)

    def test_wrong_declines(self):
        """No reason, too much, nothing: beside the field."""
        self._report({self.chair_line: 6})
        line = self.chair_line
        for quantity, reason, key, text in (
            (4, "", (0, "reason"), "Enter why"),
            (4, "<script>", (0, "reason"), "plain words"),
            (4, "x" * 501, (0, "reason"), "too long"),
            (5, "Sold out", (line.id, "quantity"), "Enter 0 to 4 Units"),
            (-1, "Sold out", (line.id, "quantity"), "Enter 0 to 4 Units"),
            (0, "Sold out", (0, "quantity"), "how much you don't ship"),
        ):
            with self.subTest(quantity=quantity, reason=reason[:9]):
                messages = self._get_messages("_decline", {line.id: quantity}, reason)
                self.assertEqual(list(messages), [key])
                self.assertIn(text, messages[key])
        self.assertFalse(line.drop_shipment_qty_declined)

    def test_cancelled(self):
        """A cancelled order, opened and confirmed again, is not declined any more."""
        self._decline({self.chair_line: 4})
        self.purchase.button_cancel()
        self.assertFalse(self._get_notice(self.purchase, "declined"))
        self.purchase.button_draft()
        self.purchase.button_confirm()
        self.assertFalse(self._get_notice(self.purchase, "declined"))

    def test_seen(self):
        """A form knows what it saw: it is another one after each change, by anyone."""
        seen = [self._call("_get_seen")]
        self.assertTrue(self._call("_is_seen", seen[0]))
        for change in (
            lambda: self._report({self.chair_line: 2}),
            lambda: self._report({self.chair_line: 2}, delivery_note="LS"),
            lambda: self._decline({self.chair_line: 1}),
            lambda: self._call("_set_dates", {self.desk_line.id: self.today}),
            lambda: self._post(self.sale),
            lambda: self.desk_line.write({"product_qty": 3}),
            lambda: self.purchase.button_cancel(),
        ):
            change()
            self.env.flush_all()
            self.assertFalse(self._call("_is_seen", seen[-1]))
            seen.append(self._call("_get_seen"))
        self.assertEqual(len(set(seen)), len(seen))
