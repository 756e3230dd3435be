from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .test_vendor_report import TestVendorReportCommon


class TestNoticesOneTruth(TestVendorReportCommon):
    """What the vendor said is told once, and nothing beside it says otherwise."""

    def _set_late(self, line):
        """The line was to arrive some days ago."""
        line.sudo().date_planned = fields.Datetime.now() - timedelta(days=5)
        self.env.flush_all()
        self.env.invalidate_all()

    def _get_keys(self, order):
        order.invalidate_recordset()
        return set(order.drop_shipment_alerts or {}) & {
            *("late", "reported", "declined", "rest")
        }

    def assertKeys(self, *keys):
        """Both orders show these notices of what the vendor said, and no other."""
        for order in (self.sale, self.purchase):
            self.assertEqual(self._get_keys(order), set(keys), order.name)

    def test_rest_of_another_line(self):
        """Post proposes what is reported: nothing else is said to be posted."""
        self._post(self.purchase, quantity=1)
        self.assertKeys("rest")
        self._report({self.chair_line: 9})
        self.assertKeys("reported")
        self._post(self.purchase)
        self.assertKeys("rest")
        self.assertIn("Desk", self._get_notice(self.purchase, "rest"))

    def test_declined_rest(self):
        """What the vendor does not ship is not to be posted."""
        self._post(self.purchase, quantity=1)
        self._decline({self.chair_line: 9, self.desk_line: 3})
        self.assertKeys("declined")
        self._decline({self.desk_line: 2})
        self.assertKeys("declined", "rest")
        for order in (self.sale, self.purchase):
            self.assertNotIn("Chair", self._get_notice(order, "rest"))

    def test_late_and_reported(self):
        """What is reported waits for us, not for the vendor; a rest is late still."""
        self._set_late(self.chair_line)
        self.assertKeys("late")
        self._report({self.chair_line: 6})
        self.assertKeys("late", "reported")
        values = self.env["drop.shipment.mail"]._get_reminder_values(self.purchase)
        self.assertIn("4", values["lines"][0])
        self.assertNotIn("10", values["lines"][0])
        self._report({self.chair_line: 10})
        self.assertKeys("reported")
        with self.assertRefused("no late drop shipment"):
            self.env["drop.shipment.mail"]._get_reminder_action(self.purchase)
        with self.assertRefused("no late drop shipment"):
            self.env["drop.shipment.mail"]._get_delay_action(self.sale)
        self._call("_withdraw")
        self.assertKeys("late")

    def test_late_and_declined(self):
        """The vendor is not asked for it again; the customer still waits for it."""
        self._set_late(self.chair_line)
        self._decline({self.chair_line: 10})
        self.assertEqual(self._get_keys(self.purchase), {"declined"})
        self.assertEqual(self._get_keys(self.sale), {"declined", "late"})

    def test_two_vendors(self):
        """One vendor's part is reported, the other's is late: both are told."""
        bench = self._new_product("Bench")
        bench.seller_ids = [Command.create({"partner_id": self.other_vendor.id})]
        sale = self._new_sale((bench, 10))
        purchases = []
        for vendor in (self.vendor, self.other_vendor):
            purchase = self._new_purchase(partner_id=vendor.id)
            purchase = purchase.with_user(self.buyer)
            self._get_sales_orders(purchase, sale, quantity=5)
            purchase.button_confirm()
            self._set_late(purchase.order_line)
            purchases.append(purchase)
        first, second = purchases
        self._report({first.order_line: 5}, purchase=first)
        self.assertEqual(self._get_keys(sale), {"late", "reported"})
        self.assertEqual(self._get_keys(first), {"reported"})
        self.assertEqual(self._get_keys(second), {"late"})
        self._report({second.order_line: 5}, purchase=second)
        self.assertEqual(self._get_keys(sale), {"reported"})

    def test_page_and_list(self):
        """The vendor is not asked to accept, or called late, after the report."""
        page = self.env["drop.shipment.vendor.page"]
        rows = self.env["drop.shipment.vendor.list"]
        self._set_late(self.chair_line)
        order = self._visit()[1]
        self.assertTrue(page._get_values(order)["may_accept"])
        self.assertTrue(page._get_values(order)["late"]["lines"])
        self.assertTrue(rows._is_late(order))
        self._report({self.chair_line: 10, self.desk_line: 4})
        order = self._visit()[1]
        self.assertFalse(page._get_values(order)["may_accept"])
        self.assertFalse(page._get_values(order)["late"]["lines"])
        self.assertFalse(rows._is_late(order))

    def test_reminders(self):
        """The vendor is not reminded of what they reported or declined."""
        order = self.purchase.sudo()
        order.receipt_reminder_email = True
        self.assertIn(order, self.env["purchase.order"]._get_orders_to_remind())
        self._report({self.chair_line: 10})
        self.assertIn(order, self.env["purchase.order"]._get_orders_to_remind())
        self._decline({self.desk_line: 4})
        self.assertNotIn(order, self.env["purchase.order"]._get_orders_to_remind())
        self._post(self.purchase)
        self.assertNotIn(order, self.env["purchase.order"]._get_orders_to_remind())
        self._decline({self.desk_line: 1})
        self.assertIn(order, self.env["purchase.order"]._get_orders_to_remind())
        [text] = self.env["drop.shipment.reminding"]._get_due_texts(order)
        self.assertIn("3", text)
