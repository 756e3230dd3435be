from datetime import timedelta

from odoo import fields
from odoo.tools import format_date

from .common import DropShipmentCommon


class DatesCommon(DropShipmentCommon):
    """Dates in the days to come, and the activities about them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now().replace(hour=12, minute=0, second=0)

    def _day(self, days):
        return self.now + timedelta(days)

    def _format(self, days):
        return format_date(self.env, self._day(days))

    def _get_activities(self, record):
        return record.sudo().activity_ids


class TestDeliveryDate(DatesCommon):
    """The customer's delivery date on its way to the vendors."""

    def test_request_follows(self):
        """The lines of this sales order take the date over, no others."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        other = self._new_sale((self.chair, 1), commitment_date=self._day(5))
        purchase = self._new_purchase(sale, other)
        self.env.invalidate_all()
        sale.commitment_date = self._day(20)
        lines = purchase.order_line
        self.assertEqual(
            lines.mapped("date_planned"), [self._day(20), self._day(20), self._day(5)]
        )
        self.assertFalse(self._get_activities(purchase))

    def test_all_requests_follow(self):
        """Every vendor who shares the line, also when the request is sent already."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale)
        second.sudo().state = "sent"
        self.env.invalidate_all()
        sale.commitment_date = self._day(20)
        for purchase in (first, second):
            self.assertEqual(purchase.order_line.date_planned, self._day(20))

    def test_no_date_leaves_the_request(self):
        """A customer who names no date any more changes no date."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale)
        sale.commitment_date = False
        self.assertEqual(purchase.order_line.date_planned, self._day(9))

    def test_confirmed_order_keeps_the_vendors_word(self):
        """Its buyer gets one activity with both dates."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        sale.commitment_date = self._day(20)
        self.assertEqual(purchase.order_line.date_planned, self._day(9))
        activity = self._get_activities(purchase)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.buyer)
        self.assertIn(self._format(9), activity.note)
        self.assertIn(self._format(20), activity.note)
        self.assertIn(sale.name, activity.note)
        # Nobody else is bothered, by core neither.
        self.assertFalse(self._get_activities(sale))
        self.assertFalse(self._get_activities(sale.picking_ids))

    def test_date_named_first_and_taken_back(self):
        """A date that was not there, or is not there any more, is told as well."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = self._day(20)
        self.assertIn(self._format(20), self._get_activities(purchase).note)
        sale.commitment_date = False
        activity = self._get_activities(purchase)
        self.assertEqual(len(activity), 1)
        self.assertIn("none", activity.note)

    def test_changed_again(self):
        """One activity, however often the customer thinks again."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        for days in (20, 25, 30):
            sale.commitment_date = self._day(days)
        activity = self._get_activities(purchase)
        self.assertEqual(len(activity), 1)
        self.assertIn(self._format(30), activity.note)

    def test_changed_again_tells_what_the_buyer_knows(self):
        """The old date is the one that the vendor was told, not one in between."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        for days in (20, 30):
            sale.commitment_date = self._day(days)
        self.assertIn(self._format(9), self._get_activities(purchase).note)

    def test_changed_again_after_it_was_done(self):
        """What the buyer has settled comes up again with the next change."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = self._day(20)
        self._get_activities(purchase).with_user(self.buyer).action_feedback()
        sale.commitment_date = self._day(30)
        self.assertEqual(len(self._get_activities(purchase)), 1)

    def test_same_date_again(self):
        """Saving the same date bothers nobody."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = self._day(9)
        self.assertFalse(self._get_activities(purchase))

    def test_one_activity_for_several_lines(self):
        """The order changed once."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = self._day(20)
        self.assertEqual(len(self._get_activities(purchase)), 1)

    def test_one_activity_for_each_order(self):
        """Two vendors are asked, and two customers asked for it."""
        sales = self._new_sale() | self._new_sale()
        first = self._new_purchase()
        self._get_sales_orders(first, *sales, quantity=4)
        second = self._new_purchase(*sales)
        (first | second).button_confirm()
        for sale in sales:
            sale.commitment_date = self._day(20)
        for purchase in (first, second):
            activities = self._get_activities(purchase)
            self.assertEqual(len(activities), 2)
            for sale in sales:
                self.assertEqual(str(activities.mapped("note")).count(sale.name), 1)

    def test_nothing_left_to_ship(self):
        """The vendor can't be late any more."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        sale.commitment_date = self._day(20)
        self.assertFalse(self._get_activities(purchase))

    def test_request_and_confirmed_order(self):
        """Each is told in its own way; a cancelled one is not."""
        sale = self._new_sale(commitment_date=self._day(9))
        request, confirmed, cancelled = (self._new_purchase() for __ in range(3))
        self._get_sales_orders(cancelled, sale, quantity=1)
        cancelled.button_cancel()
        self._get_sales_orders(confirmed, sale, quantity=4)
        confirmed.button_confirm()
        self._get_sales_orders(request, sale)
        sale.commitment_date = self._day(20)
        self.assertEqual(request.order_line.date_planned, self._day(20))
        self.assertEqual(len(self._get_activities(confirmed)), 1)
        for purchase in (request, cancelled):
            self.assertFalse(self._get_activities(purchase))
        self.assertEqual(cancelled.order_line.date_planned, self._day(9))

    def test_order_without_buyer(self):
        """One activity all the same, for somebody who can open the order."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        purchase.sudo().user_id = False
        self.env.invalidate_all()
        sale.commitment_date = self._day(20)
        activity = self._get_activities(purchase)
        self.assertEqual(len(activity), 1)
        if activity.user_id:
            self.assertTrue(purchase.with_user(activity.user_id).has_access("read"))

    def test_buyer_has_left(self):
        """Not somebody who is archived: the vendor's buyer of today is told."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        self.vendor.buyer_id = self._new_user("buyer_2", "purchase.group_purchase_user")
        self.buyer.active = False
        self.env.invalidate_all()
        sale.commitment_date = self._day(20)
        activity = self._get_activities(purchase.sudo())
        self.assertEqual(activity.user_id, self.vendor.buyer_id)
        # Nor does an archived one get what is ordered now.
        self.vendor.buyer_id.active = False
        other_sale = self._new_sale()
        other_sale.order_line.sudo().action_create_drop_shipment_purchases()
        request = other_sale.sudo().order_line.purchase_line_ids.order_id
        self.assertFalse(request.user_id & self.buyer.union(self.vendor.buyer_id))

    def test_salesman_may_not_change_another_salesmans_date(self):
        """The elevated part is no way round the salesman's own rights."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale)
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        self.env.invalidate_all()
        with self.assertRefused("."):
            sale.with_user(colleague).commitment_date = self._day(20)
        self.assertEqual(purchase.order_line.date_planned, self._day(9))


class TestLate(DatesCommon):
    """A vendor's date that breaks the customer's shows on both lines."""

    def assertLate(self, sale, purchase, late, message=None):
        """Both lines say so, each to its own people."""
        self.env.invalidate_all()
        line = purchase.with_user(self.buyer).order_line
        self.assertEqual(sale.order_line.drop_shipment_late, late, message)
        self.assertEqual(line.drop_shipment_late, late, message)

    def test_vendor_changes_the_date(self):
        """On a confirmed order, and back again."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        self.assertLate(sale, purchase, False)
        purchase.order_line.date_planned = self._day(12)
        self.assertLate(sale, purchase, True)
        self.assertEqual(sale.order_line.drop_shipment_date_expected, self._day(12))
        purchase.order_line.date_planned = self._day(9)
        self.assertLate(sale, purchase, False)

    def test_customer_changes_the_date(self):
        """Earlier than the vendor has promised."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = self._day(5)
        self.assertLate(sale, purchase, True)
        sale.commitment_date = False
        self.assertLate(sale, purchase, False)

    def test_date_has_passed(self):
        """Without a customer's date too, as long as something is left to ship."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.order_line.date_planned = self._day(-2)
        self.assertLate(sale, purchase, True)
        self._post(sale, quantity=4)
        self.assertLate(sale, purchase, True)
        self._post(sale)
        self.assertLate(sale, purchase, False)

    def test_cancelled_order_is_not_late(self):
        """A vendor who is not to ship can't be late."""
        sale = self._new_sale(commitment_date=self._day(9))
        purchase = self._new_purchase(sale, confirm=True)
        purchase.order_line.date_planned = self._day(12)
        purchase.button_cancel()
        self.assertLate(sale, purchase, False)

    def test_first_of_two_vendors_is_overdue(self):
        """Another vendor's later date does not hide it."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale)
        (first | second).button_confirm()
        first.order_line.date_planned = self._day(-2)
        second.order_line.date_planned = self._day(5)
        self.assertTrue(first.order_line.drop_shipment_late)
        self.assertFalse(second.order_line.drop_shipment_late)
        self.assertTrue(sale.order_line.drop_shipment_late)

    def test_late_vendor_has_shipped(self):
        """What has come can't be late; the others are in time."""
        sale = self._new_sale(commitment_date=self._day(9))
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale)
        (first | second).button_confirm()
        first.order_line.date_planned = self._day(12)
        self.assertTrue(sale.order_line.drop_shipment_late)
        self._post(first)
        self.assertFalse(first.order_line.drop_shipment_late)
        self.assertFalse(second.order_line.drop_shipment_late)
        self.assertFalse(sale.order_line.drop_shipment_late)
