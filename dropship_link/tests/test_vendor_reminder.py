from datetime import datetime, timedelta

from odoo.fields import Command
from odoo.tests import freeze_time

from .test_vendor_report import TestVendorReportCommon

NOW = datetime(2026, 3, 10, 9)


class TestVendorReminder(TestVendorReportCommon):
    """The vendor is reminded of what is still to come, and to accept an order."""

    @classmethod
    def setUpClass(cls):
        cls.startClassPatcher(freeze_time(NOW))
        super().setUpClass()
        cls.purchase.order_line.date_planned = NOW + timedelta(days=30)
        cls.env.user.group_ids += cls.env.ref("purchase.group_send_reminder")
        cls.purchase.receipt_reminder_email = True
        cls.purchase.reminder_date_before_receipt = 2

    def _run(self, days=0):
        """Run core's daily job so many days later; return what the vendor got."""
        before = self.purchase.sudo().message_ids
        with freeze_time(NOW + timedelta(days=days)):
            self.env["purchase.order"]._send_reminder_mail()
        messages = self.purchase.sudo().message_ids - before
        for message in messages:
            self.assertNotIn(self.customer, message.notified_partner_ids)
        return messages.filtered(lambda m: self.vendor in m.notified_partner_ids)

    def _send_order(self, purchase=None):
        """Mail the order to the vendor, as the buyer does."""
        action = (purchase or self.purchase).action_rfq_send()
        composer = self.env["mail.compose.message"].with_user(self.buyer)
        composer = composer.with_context(**action["context"]).create({})
        composer.action_send_mail()

    # ------------------------------------------------------------
    # BEFORE THE DATE
    # ------------------------------------------------------------

    def test_by_the_date_of_the_rest(self):
        """The chairs have come; of the desks the vendor is reminded by their date."""
        self.chair_line.date_planned = NOW + timedelta(days=3)
        self.desk_line.date_planned = NOW + timedelta(days=10)
        self.assertFalse(self._run())
        self._report({self.chair_line: 10})
        self._post(self.purchase)
        self.assertFalse(self._run(days=1))
        mail = self._run(days=8)
        self.assertEqual(len(mail), 1)
        self.assertIn("4 Units of Desk", mail.body)
        self.assertNotIn("Chair", mail.body)
        self.assertFalse(self._run(days=9))

    def test_the_first_day_as_in_core(self):
        """Nothing has come yet: core's own reminder, once."""
        self.purchase.order_line.date_planned = NOW + timedelta(days=3)
        self.assertEqual(len(self._run(days=1)), 1)

    def test_all_has_come_or_is_accepted(self):
        """Nothing is left, or the vendor has accepted: no reminder."""
        self.purchase.order_line.date_planned = NOW + timedelta(days=3)
        self._report({self.chair_line: 10})
        self._post(self.purchase)
        self._call("_accept")
        self.assertFalse(self._run(days=1))
        self._report({self.desk_line: 4})
        self._post(self.purchase)
        self.assertFalse(self._run(days=1))

    # ------------------------------------------------------------
    # NOT ACCEPTED
    # ------------------------------------------------------------

    def test_not_accepted(self):
        """Sent, and not a word for three days: reminded once, with the link."""
        self.company.drop_shipment_accept_days = 3
        self._send_order()
        self.assertFalse(self._run(days=2))
        mail = self._run(days=3)
        self.assertEqual(len(mail), 1)
        self.assertIn("We have not heard from you", mail.body)
        self.assertIn(f"/my/purchase/{self.purchase.id}?", mail.body)
        self.assertIn("access_token", mail.body)
        self.assertFalse(self._run(days=4))

    def test_not_accepted_by_another_user(self):
        """The scheduled action may run as somebody who is not the system."""
        self.company.drop_shipment_accept_days = 3
        self._send_order()
        manager = self._new_user("manager", "purchase.group_purchase_manager")
        with freeze_time(NOW + timedelta(days=3)):
            self.env["purchase.order"].with_user(manager)._send_reminder_mail()
        self.assertTrue(self.purchase.drop_shipment_accept_reminded)
        self.assertIn("We have not heard from you", self._chatter(self.purchase))

    def test_off_or_not_sent(self):
        """By default nobody is reminded, nor of an order that was not sent."""
        self.assertEqual(self.company.drop_shipment_accept_days, 0)
        self._send_order()
        self.assertFalse(self._run(days=30))
        self.company.drop_shipment_accept_days = 3
        self.purchase.sudo().drop_shipment_sent = False
        self.assertFalse(self._run(days=30))

    def test_without_the_reminders_of_core(self):
        """It has a setting of its own: core's receipt reminders may be off."""
        self.env.user.group_ids -= self.env.ref("purchase.group_send_reminder")
        group = self.env.ref("purchase.group_send_reminder")
        self.env.ref("base.group_user").implied_ids = [Command.unlink(group.id)]
        self.company.drop_shipment_accept_days = 3
        self._send_order()
        self.assertEqual(len(self._run(days=3)), 1)

    def test_any_answer_will_do(self):
        """Accepted, reported, declined, shipped: the vendor has seen it."""
        self.company.drop_shipment_accept_days = 3
        for answer in (
            lambda: self._call("_accept"),
            lambda: self._report({self.chair_line: 1}),
            lambda: self._decline({self.chair_line: 1}),
            lambda: self._post(self.purchase, quantity=1),
        ):
            with self.subTest(), self.env.cr.savepoint() as savepoint:
                self._send_order()
                answer()
                self.assertFalse(self._run(days=3))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_request_sent_then_confirmed(self):
        """Mailed as a request, confirmed later: the days count from there."""
        self.company.drop_shipment_accept_days = 3
        self.purchase = self._new_purchase(self._new_sale((self.chair, 1)))
        self._send_order()
        with freeze_time(NOW + timedelta(days=5)):
            self.purchase.button_confirm()
        self.assertFalse(self._run(days=6))
        self.assertEqual(len(self._run(days=8)), 1)

    def test_own_stock(self):
        """An order for own stock is none of this."""
        self.company.drop_shipment_accept_days = 3
        self.purchase = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[Command.create({"product_id": self.chair.id})],
            confirm=True,
        )
        self._send_order()
        self.assertFalse(self.purchase.drop_shipment_sent)
        self.assertFalse(self._run(days=30))
