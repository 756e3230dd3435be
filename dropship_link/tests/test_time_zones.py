from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command

from .common import DropShipmentCommon
from .common_papers import DELIVERY_SLIP

# Ahead of UTC by 13 hours in November, behind it by 10.
AUCKLAND, HONOLULU = "Pacific/Auckland", "Pacific/Honolulu"


class TimeZonesCommon(DropShipmentCommon):
    """Everybody works in one time zone, at some hour of 23 November."""

    def _work_in(self, zone, *users):
        """Let these users, or all, work in `zone`."""
        for user in users or (self.salesman, self.buyer, self.accountant):
            user.tz = zone
        self.env.flush_all()
        # Environments remember the time zone; a user who logs in gets a new one.
        self.env.transaction.reset()


class TestLateInTimeZones(TimeZonesCommon):
    """Late is judged by the days of who looks, on both lines and in the list."""

    def _new_expected(self, promised, expected):
        """Return a sale and its order, promised and expected at moments in UTC."""
        sale = self._new_sale(commitment_date=promised)
        purchase = self._new_purchase(sale, confirm=True)
        purchase.order_line.date_planned = expected
        self.env.flush_all()
        return sale, purchase

    def assertLate(self, sale, purchase, late):
        """Both lines, both notices and the list say the same."""
        self.env.invalidate_all()
        line = purchase.order_line
        report = self.env["drop.shipment.report"].with_user(self.buyer)
        self.assertEqual(line.drop_shipment_late, late)
        self.assertEqual(sale.order_line.drop_shipment_late, late)
        self.assertEqual(report.browse(sale.order_line.id).late, late)
        self.assertEqual(bool(self._get_notice(purchase, "late")), late)
        self.assertEqual(bool(self._get_notice(sale, "late")), late)

    def test_buyer_is_told_the_day_where_they_are(self):
        """Of another delivery date, which sales enters at the other end of the world.

        20:00 on 23 November in Auckland is 21:00 the day before in Honolulu.
        """
        self._work_in(HONOLULU, self.salesman)
        self._work_in(AUCKLAND, self.buyer)
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = "2026-11-23 07:00:00"
        self.assertIn("is now 11/23/2026", purchase.activity_ids.note)

    @freeze_time("2026-11-23 02:00:00")
    def test_east_of_the_date_line(self):
        """15:00 in Auckland: what comes today at 09:00 is not late, yesterday's is."""
        self._work_in(AUCKLAND)
        today = "2026-11-22 20:00:00"
        self.assertLate(*self._new_expected(today, today), False)
        yesterday = "2026-11-22 10:00:00"
        self.assertLate(*self._new_expected(yesterday, yesterday), True)

    @freeze_time("2026-11-24 03:00:00")
    def test_west_of_the_date_line(self):
        """17:00 on 23 November in Honolulu, where UTC has the 24th already."""
        self._work_in(HONOLULU)
        today = "2026-11-23 19:00:00"
        self.assertLate(*self._new_expected(today, today), False)
        yesterday = "2026-11-23 09:00:00"
        self.assertLate(*self._new_expected(yesterday, yesterday), True)

    @freeze_time("2026-11-23 12:00:00")
    def test_no_expected_date(self):
        """Where the vendor gives no day, the customer's decides, on both sides."""
        for promised, late in (("2026-11-20", True), ("2026-11-25", False)):
            with self.subTest(promised=promised):
                sale, purchase = self._new_expected(f"{promised} 12:00:00", False)
                self.assertFalse(purchase.order_line.date_planned)
                self.assertLate(sale, purchase, late)

    @freeze_time("2026-11-01 02:00:00")
    def test_later_than_promised(self):
        """Three hours later: the next day, where midnight lies between."""
        promised, expected = "2026-11-23 09:00:00", "2026-11-23 12:00:00"
        sale, purchase = self._new_expected(promised, expected)
        for zone, late in ((AUCKLAND, True), (False, False), (HONOLULU, True)):
            with self.subTest(zone=zone):
                self._work_in(zone)
                self.assertLate(sale, purchase, late)

    @freeze_time("2026-11-23 02:00:00")
    def test_each_looks_from_a_place_of_their_own(self):
        """Nobody is told what another one has looked up."""
        self._work_in(AUCKLAND, self.salesman)
        self._work_in(HONOLULU, self.buyer)
        # 23 November, 09:00 in Auckland; 22 November, 10:00 in Honolulu: today.
        moment = "2026-11-22 20:00:00"
        sale, purchase = self._new_expected(moment, moment)
        line = purchase.order_line.with_user(self.buyer)
        self.assertFalse(sale.order_line.drop_shipment_late)
        self.assertFalse(line.drop_shipment_late)
        # In UTC it is the 23rd.
        other = self._new_user("utc", "purchase.group_purchase_user")
        other.tz = False
        self.assertTrue(purchase.with_user(other).order_line.drop_shipment_late)
        self.assertFalse(line.drop_shipment_late)

    @freeze_time("2026-11-23 02:00:00")
    def test_customer_is_told_a_day_to_come(self):
        """Expected today in Auckland, yesterday in UTC: the day is named."""
        self._work_in(AUCKLAND)
        sale, _purchase = self._new_expected(
            "2026-11-21 20:00:00", "2026-11-22 20:00:00"
        )
        action = sale.action_tell_drop_shipment_delay()
        composer = self.env["mail.compose.message"].with_user(self.salesman)
        composer = composer.with_context(**action["context"]).create({})
        self.assertIn("11/23/2026", composer.body)

    @freeze_time("2026-11-01 02:00:00")
    def test_vendor_keeps_the_promised_day(self):
        """Needed 14 hours longer than promised: one day in both places, two in UTC."""
        self.chair.seller_ids.delay = 22
        # In Auckland the 23rd, 15:00 and 01:00; in Honolulu the 22nd, 16:00 and 02:00.
        needed, earlier = "2026-11-23 02:00:00", "2026-11-22 12:00:00"
        for zone in (AUCKLAND, HONOLULU, False):
            expected = earlier if zone else needed
            with self.subTest(zone=zone):
                self._work_in(zone)
                sale = self._new_sale(commitment_date=earlier)
                line = self._new_purchase(sale).order_line
                self.assertEqual(
                    line.date_planned, fields.Datetime.to_datetime(expected)
                )
                self.assertEqual(line.drop_shipment_late, expected == needed)

    @freeze_time("2026-11-22 20:00:00")
    def test_price_of_today(self):
        """From the 23rd on the chair costs 11.00; that is today in Auckland."""
        self.chair.seller_ids.date_end = "2026-11-22"
        self.chair.seller_ids = [
            Command.create(
                {"partner_id": self.vendor.id, "price": 11, "date_start": "2026-11-23"}
            )
        ]
        for zone, price in ((AUCKLAND, 11), (HONOLULU, 12)):
            with self.subTest(zone=zone):
                self._work_in(zone)
                purchase = self._new_purchase(self._new_sale())
                self.assertEqual(purchase.order_line.price_unit, price)
                self.assertNotIn("valid today", self._chatter(purchase))


class TestDayOfShipment(TimeZonesCommon):
    """The day that was entered is that day for everybody, wherever they are."""

    @freeze_time("2026-11-23 20:00:00")
    def test_who_reads_it_elsewhere(self):
        """Noon in Los Angeles is tomorrow in Shanghai: mails and papers say the day."""
        self._work_in("America/Los_Angeles", self.buyer)
        self._work_in("Asia/Shanghai", self.salesman, self.accountant)
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        day = fields.Date.to_date("2026-11-20")
        self._post(purchase, shipment_date=day)
        mail = sale.env["drop.shipment.mail"]
        (shipment,) = sale._get_drop_shipment_mail_values()["shipments"]
        self.assertEqual(shipment["date"], day)
        invoice = self._post_invoice(sale).with_user(self.accountant)
        texts = mail.with_user(self.accountant)._get_invoice_texts(invoice, "en_US")
        self.assertEqual(texts, ["Shipped on 11/20/2026."])
        page = self.env["drop.shipment.vendor.shipments"]
        (shipment,) = page._get_shipments(purchase.sudo())
        self.assertEqual(shipment["day"], "11/20/2026")
        slip, _kind = (
            self.env["ir.actions.report"]
            .with_user(self.salesman)
            .sudo()
            .with_context(tz=self.salesman.tz)
            ._render_qweb_html(DELIVERY_SLIP, purchase.sudo().picking_ids.ids)
        )
        self.assertIn("11/20/2026", slip.decode())
        self.assertNotIn("11/21/2026", slip.decode())

    @freeze_time("2026-11-29 02:00:00")
    def test_another_date_of_transfer(self):
        """One that Inventory has entered afterwards is told, also of the next day."""
        purchase = self._new_purchase(self._new_sale(), confirm=True)
        self._post(purchase, shipment_date="2026-11-20")
        picking = purchase.sudo().picking_ids
        for moment, day in (
            # It is 20 November on Kiritimati, or on Baker Island.
            ("2026-11-19 10:00:00", 20),
            ("2026-11-21 11:59:59", 20),
            ("2026-11-19 09:59:59", 19),
            ("2026-11-21 12:00:00", 21),
        ):
            picking.date_done = moment
            self.assertEqual(picking._get_drop_shipment_day().day, day, moment)


class TestDeliveryDateOfInvoice(TimeZonesCommon):
    """The invoice says the day on which the vendor shipped."""

    def _ship(self, sale, day=False, quantity=None):
        """Post a shipment of `day`."""
        values = {"shipment_date": day} if day else {}
        self._post(sale, quantity=quantity, **values)

    def _get_days(self, sale):
        """Return the delivery date of each posted invoice, as printed."""
        self.env.flush_all()
        self.env.invalidate_all()
        return sale.sudo().invoice_ids.sorted("id").mapped("delivery_date")

    def _check_day(self, day, invoice_zone):
        """Ship on `day`, or today the 23rd; invoice it in another zone."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._ship(sale, day)
        self._work_in(invoice_zone)
        self._post_invoice(sale)
        expected = fields.Date.to_date(day or "2026-11-23")
        self.assertEqual(self._get_days(sale), [expected])

    @freeze_time("2026-11-23 02:00:00")
    def test_shipped_today_in_auckland(self):
        """15:00 of the 23rd there, and in UTC as well: the 23rd."""
        self._work_in(AUCKLAND)
        self._check_day(False, AUCKLAND)

    @freeze_time("2026-11-22 20:00:00")
    def test_shipped_this_morning_in_auckland(self):
        """09:00 of the 23rd there, the 22nd in UTC: the 23rd, whoever invoices."""
        for zone in (AUCKLAND, HONOLULU, False):
            with self.subTest(zone=zone):
                self._work_in(AUCKLAND)
                self._check_day(False, zone)

    @freeze_time("2026-11-24 03:00:00")
    def test_shipped_this_evening_in_honolulu(self):
        """17:00 of the 23rd there, the 24th in UTC: the 23rd, whoever invoices."""
        for zone in (HONOLULU, AUCKLAND, False):
            with self.subTest(zone=zone):
                self._work_in(HONOLULU)
                self._check_day(False, zone)

    @freeze_time("2026-11-29 02:00:00")
    def test_shipped_days_ago(self):
        """The day that the vendor named, whoever posts and whoever invoices."""
        for zone in (AUCKLAND, HONOLULU, False):
            for invoice_zone in (AUCKLAND, HONOLULU):
                with self.subTest(zone=zone, invoice_zone=invoice_zone):
                    self._work_in(zone)
                    self._check_day("2026-11-23", invoice_zone)

    @freeze_time("2026-11-29 02:00:00")
    def test_ship_and_invoice(self):
        """In one go, by a salesman who may bill."""
        self._work_in(AUCKLAND)
        self.salesman.group_ids += self.env.ref("account.group_account_invoice")
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale, "ship_invoice", shipment_date="2026-11-23")
        self.assertEqual(self._get_days(sale), [fields.Date.to_date("2026-11-23")])
        self.assertEqual(sale.sudo().invoice_ids.state, "posted")

    @freeze_time("2026-11-22 20:00:00")
    def test_validated_in_inventory(self):
        """Nobody has named a day: that of the user's own."""
        self._work_in(AUCKLAND)
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._deliver(purchase.sudo().picking_ids)
        invoice = sale.with_user(self.salesman)._create_invoices()
        self.assertEqual(invoice.delivery_date, fields.Date.to_date("2026-11-23"))

    def test_posted_invoice_keeps_its_date(self):
        """4 are shipped and invoiced; 6 turn out to have left a week before."""
        today = fields.Date.context_today(self.salesman)
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._ship(sale, quantity=4)
        invoice = self._post_invoice(sale)
        self.assertEqual(self._get_days(sale), [today])
        self._ship(sale, today - timedelta(7))
        self.assertEqual(self._get_days(sale), [today])
        self.assertEqual(invoice.amount_untaxed, 80)
        # Of the 6 that left first no invoice has more than 4.
        draft = sale.with_user(self.salesman)._create_invoices()
        self.assertEqual(draft.delivery_date, today - timedelta(7))

    def test_draft_invoice_follows(self):
        """What nobody has sent yet says what is known now."""
        today = fields.Date.context_today(self.salesman)
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._ship(sale, quantity=4)
        draft = sale.with_user(self.salesman)._create_invoices()
        self._ship(sale, today - timedelta(7))
        self.assertEqual(self._get_days(sale), [today - timedelta(7)])
        draft.sudo().action_post()
        self.assertEqual(self._get_days(sale), [today - timedelta(7)])

    def test_invoiced_before_it_is_shipped(self):
        """It has no day to keep: the first shipment gives it one, no other does."""
        today = fields.Date.context_today(self.salesman)
        self.chair.invoice_policy = "order"
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post_invoice(sale)
        self.assertEqual(self._get_days(sale), [False])
        self._ship(sale, today - timedelta(2), quantity=4)
        self.assertEqual(self._get_days(sale), [today - timedelta(2)])
        self._ship(sale, today - timedelta(7))
        self.assertEqual(self._get_days(sale), [today - timedelta(2)])

    def test_ordinary_invoice_is_cores(self):
        """Without a drop shipment the date follows the delivery, as before."""
        sale = self._new_sale((self.desk, 2, {"drop_shipment": False}))
        picking = self._deliver(sale.picking_ids)
        invoice = self._post_invoice(sale)
        picking.date_done -= timedelta(7)
        self.env.flush_all()
        self.assertEqual(invoice.delivery_date, picking.date_done.date())
