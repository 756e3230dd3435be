from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command

from odoo.addons.dropship_link.models.drop_shipment_vendor_report import VendorRefusal

from .common import DropShipmentCommon


class TestVendorReportCommon(DropShipmentCommon):
    """An order that the vendor has, and a visitor of its page without a login."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visitor = cls.env.ref("base.public_user")
        cls.sale = cls._new_sale((cls.chair, 10), (cls.desk, 4))
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.chair_line, cls.desk_line = cls.purchase.order_line
        cls.today = fields.Date.today()

    @classmethod
    def _visit(cls, purchase=None):
        """Return service and order as the page has them, for who has the link."""
        order = (purchase or cls.purchase).with_user(cls.visitor).sudo()
        return order.env["drop.shipment.vendor.report"], order

    @classmethod
    def _call(cls, verb, *args, purchase=None):
        """Call a verb of the services as the page would."""
        service, order = cls._visit(purchase)
        if verb in ("_accept", "_decline", "_set_dates"):
            service = order.env["drop.shipment.vendor.answer"]
        result = getattr(service, verb)(order, *args)
        cls.env.flush_all()
        cls.env.invalidate_all()
        return result

    def _get_messages(self, verb, *args, purchase=None):
        """Return what the vendor is told beside the fields, as nothing is changed."""
        with self.assertRaises(VendorRefusal) as caught:
            self._call(verb, *args, purchase=purchase)
        return caught.exception.messages

    @classmethod
    def _report(cls, quantities, lot_names=None, purchase=None, **vals):
        """Report {purchase line: quantity} as shipped, as the vendor would."""
        cls._call(
            "_report", *cls._get_form(quantities, lot_names, vals), purchase=purchase
        )

    @classmethod
    def _get_form(cls, quantities, lot_names=None, vals=None):
        return (
            {line.id: quantity for line, quantity in quantities.items()},
            {line.id: text for line, text in (lot_names or {}).items()},
            {f"drop_shipment_{name}": value for name, value in (vals or {}).items()},
        )

    @classmethod
    def _decline(cls, quantities, reason="Sold out"):
        cls._call(
            "_decline",
            {line.id: quantity for line, quantity in quantities.items()},
            reason,
        )

    @classmethod
    def _get_row(cls, line):
        """Return what the page shows of a purchase line."""
        service, order = cls._visit(line.order_id)
        return next(row for row in service._get_lines(order) if row["line"] == line)

    @classmethod
    def _open_post(cls, order, **values):
        return order.env["drop.shipment.post"].create(
            {f"{order._table}_id": order.id, **values}
        )

    def _get_notified(self, order):
        """Return the users who were notified on an order, once for each message."""
        notifications = order.sudo().message_ids.notification_ids
        return notifications.res_partner_id.user_ids, len(notifications)


class TestVendorReport(TestVendorReportCommon):
    """What was shipped is reported, waits, and is posted as it was reported."""

    def test_waits(self):
        """A part is reported: it waits on the transfer, nothing is received."""
        day = self.today - timedelta(days=2)
        self._report(
            {self.chair_line: 6}, date=day, delivery_note="LS-1", tracking_ref="1Z"
        )
        picking = self.purchase.sudo().picking_ids
        self.assertTrue(picking.drop_shipment_reported)
        self.assertEqual(picking.drop_shipment_date, day)
        self.assertEqual(picking.drop_shipment_delivery_note, "LS-1")
        self.assertEqual(picking.drop_shipment_tracking_ref, "1Z")
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [0, 0])
        row = self._get_row(self.chair_line)
        self.assertEqual(
            [row[name] for name in ("ordered", "shipped", "open", "reported")],
            [10, 0, 10, 6],
        )
        self.assertEqual(self._get_row(self.desk_line)["reported"], 0)
        # Other add-ons may have the vendor say more.
        report = self._call("_get_report")
        self.assertEqual(report["drop_shipment_date"], day)
        self.assertEqual(report["drop_shipment_delivery_note"], "LS-1")
        self.assertEqual(report["drop_shipment_tracking_ref"], "1Z")

    def test_posted_from_both_orders(self):
        """Post proposes exactly the report, from either order; then it is over."""
        day = self.today - timedelta(days=2)
        self._report({self.chair_line: 6}, date=day, delivery_note="LS-1")
        for order in (self.sale, self.purchase):
            wizard = self._open_post(order)
            self.assertEqual(wizard.line_ids.mapped("quantity"), [6, 0])
            self.assertEqual(wizard.shipment_date, day)
            self.assertEqual(wizard.delivery_note, "LS-1")
            self.assertIn("vendor reported", wizard.reported_notice)
        wizard.action_post()
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [6, 0])
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [6, 0])
        self.assertFalse(self.purchase.invoice_ids | self.sale.invoice_ids)
        done, rest = self.purchase.sudo().picking_ids.sorted("state", reverse=True)
        self.assertEqual(done.date_done.date(), day)
        self.assertEqual((done | rest).mapped("drop_shipment_reported"), [False] * 2)
        self.assertFalse(rest.drop_shipment_delivery_note)
        self.assertEqual(rest.move_ids.mapped("product_uom_qty"), [4, 4])
        self.assertFalse(any(rest.move_ids.mapped("picked")))
        self.assertEqual(self._open_post(self.sale).line_ids.mapped("quantity"), [4, 4])
        self.assertFalse(self._call("_get_report"))

    def test_validated_in_inventory(self):
        """Who validates the transfer ships just the report; so after a reservation."""
        self._report({self.chair_line: 6})
        user = self._new_user("stock", "stock.group_stock_user")
        picking = self.purchase.picking_ids.with_user(user)
        picking.action_assign()
        picking.move_ids.sudo()._action_assign()
        self.assertEqual(self._get_row(self.chair_line)["reported"], 6)
        self.assertEqual(picking.move_ids.mapped("quantity"), [6, 0])
        action = picking.button_validate()
        wizard = self.env[action["res_model"]].with_user(user)
        wizard.with_context(**action["context"]).create({}).process()
        self.assertEqual(picking.state, "done")
        self.assertFalse(picking.drop_shipment_reported)
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [6, 0])
        self.assertEqual(self._open_post(self.sale).line_ids.mapped("quantity"), [4, 4])

    def test_part_and_more_than_reported(self):
        """The dialog may say otherwise: less, or more than is outstanding."""
        self._report({self.chair_line: 6})
        wizard = self._open_post(self.purchase)
        wizard.line_ids[0].quantity = 5
        wizard.action_post()
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [5, 0])
        self.assertFalse(self._call("_get_report"))
        self._report({self.chair_line: 5})
        wizard = self._open_post(self.purchase, over_delivery=True)
        wizard.line_ids[0].quantity = 7
        wizard.action_post()
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [12, 0])
        self.assertFalse(self._call("_get_report"))

    def test_corrected_before_it_is_posted(self):
        """Another report takes the place of the first one, with its numbers."""
        self._report({self.chair_line: 6}, delivery_note="LS-1", tracking_ref="1Z")
        self._report({self.chair_line: 2, self.desk_line: 4}, delivery_note="LS-2")
        picking = self.purchase.sudo().picking_ids
        self.assertEqual(picking.drop_shipment_delivery_note, "LS-2")
        self.assertFalse(picking.drop_shipment_tracking_ref)
        self.assertEqual(self._open_post(self.sale).line_ids.mapped("quantity"), [2, 4])
        chatter = self._chatter(self.purchase)
        self.assertIn("corrected the report", chatter)
        picking = self.purchase.sudo().picking_ids
        self.assertIn(f'data-oe-id="{picking.id}">{picking.name}</a>', chatter)

    def test_withdrawn(self):
        """Taken back: the transfer is as before, and Post proposes all again."""
        self._report({self.chair_line: 6}, delivery_note="LS-1")
        self._call("_withdraw")
        picking = self.purchase.sudo().picking_ids
        self.assertFalse(picking.drop_shipment_reported or picking.drop_shipment_date)
        self.assertFalse(picking.drop_shipment_delivery_note)
        self.assertEqual(picking.move_ids.mapped("quantity"), [10, 4])
        self.assertFalse(any(picking.move_ids.mapped("picked")))
        wizard = self._open_post(self.sale)
        self.assertEqual(wizard.line_ids.mapped("quantity"), [10, 4])
        self.assertFalse(wizard.reported_notice)
        with self.assertRefused("no reported shipment that waits"):
            self._call("_withdraw")

    def test_posted_at_once(self):
        """A vendor who is trusted: received, never invoiced; the rest stays open."""
        self.vendor.property_drop_shipment_vendor_page = "post"
        self.vendor.flush_recordset()
        day = self.today - timedelta(days=1)
        self._report({self.chair_line: 6}, date=day, tracking_ref="1Z")
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [6, 0])
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [6, 0])
        self.assertFalse(self.purchase.invoice_ids | self.sale.invoice_ids)
        done = self.purchase.sudo().picking_ids.filtered(lambda p: p.state == "done")
        self.assertEqual(done.date_done.date(), day)
        self.assertEqual(done.drop_shipment_tracking_ref, "1Z")
        self.assertFalse(
            self.purchase.sudo().picking_ids.filtered("drop_shipment_reported")
        )
        self.assertIn("It is posted", self._chatter(self.purchase))
        self._report({self.chair_line: 4, self.desk_line: 4})
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [10, 4])
        self.assertTrue(self.purchase.acknowledged)

    def test_read_only(self):
        """A vendor who may only read changes nothing, whatever the verb."""
        self.company.drop_shipment_vendor_page = "read"
        line = self.chair_line.id
        for verb, args in (
            ("_report", ({line: 1.0}, {}, {})),
            ("_withdraw", ()),
            ("_accept", ()),
            ("_decline", ({line: 1.0}, "Sold out")),
            ("_set_dates", ({line: self.today},)),
        ):
            with (
                self.subTest(verb=verb),
                self.assertRefused("shows it only", AccessError),
            ):
                self._call(verb, *args)
        self.vendor.property_drop_shipment_vendor_page = "report"
        self._report({self.chair_line: 1})
        self.assertEqual(self._get_row(self.chair_line)["reported"], 1)

    def test_other_states(self):
        """Neither a request for quotation nor a cancelled order can be answered."""
        request = self._new_purchase(self._new_sale((self.chair, 1)))
        with self.assertRefused("is no order yet"):
            self._report({request.order_line: 1}, purchase=request)
        request.button_confirm()
        request.button_cancel()
        with self.assertRefused("is cancelled: please don't ship it"):
            self._report({request.order_line: 1}, purchase=request)
        own = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[Command.create({"product_id": self.chair.id})],
            confirm=True,
        )
        with self.assertRefused("is no order yet"):
            self._report({own.order_line: 1}, purchase=own)

    def test_wrong_values(self):
        """Each wrong value is a message beside its field; nothing is changed."""
        line = self.chair_line.id
        future = self.today + timedelta(days=2)
        for quantity, vals, key, text in (
            (-1.0, {}, (line, "quantity"), "Enter 0 to 10 Units"),
            (10.5, {}, (line, "quantity"), "Enter 0 to 10 Units"),
            (1e300, {}, (line, "quantity"), "Enter 0 to 10 Units"),
            (float("nan"), {}, (line, "quantity"), "Enter a number"),
            (float("inf"), {}, (line, "quantity"), "Enter a number"),
            ("six", {}, (line, "quantity"), "Enter a number"),
            (0.00001, {}, (line, "quantity"), "too little"),
            (0.0, {}, (0, "quantity"), "at least one line"),
            (1.0, {"date": future}, (0, "drop_shipment_date"), "can't be"),
            (1.0, {"date": "soon"}, (0, "drop_shipment_date"), "Enter a day"),
            (
                *(1.0, {"delivery_note": "<b>LS</b>"}),
                *((0, "drop_shipment_delivery_note"), "plain words"),
            ),
            (
                *(1.0, {"tracking_ref": "=HYPERLINK(1)"}),
                *((0, "drop_shipment_tracking_ref"), "plain words"),
            ),
            (
                *(1.0, {"tracking_ref": "1" * 101}),
                *((0, "drop_shipment_tracking_ref"), "too long"),
            ),
        ):
            with self.subTest(quantity=quantity, **vals):
                form = self._get_form({self.chair_line: quantity}, vals=vals)
                messages = self._get_messages("_report", *form)
                self.assertEqual(list(messages), [key])
                self.assertIn(text, messages[key])
        self.assertFalse(self.purchase.sudo().picking_ids.drop_shipment_reported)

    def test_locked_books(self):
        """The day lies in a closed period: the vendor is told beside the day."""
        self.company.fiscalyear_lock_date = self.today - timedelta(days=10)
        day = self.today - timedelta(days=20)
        with self.assertRefused("has closed its books"):
            self._report({self.chair_line: 1}, date=day)
        self._report({self.chair_line: 1}, date=self.today - timedelta(days=9))

    def test_lines_of_others(self):
        """The line of another order is refused, also beside one's own."""
        other = self._new_purchase(self._new_sale((self.chair, 1)), confirm=True)
        for quantities in (
            {other.order_line: 1},
            {self.chair_line: 1, other.order_line: 1},
        ):
            with self.assertRefused("not one of"):
                self._report(quantities)
        with self.assertRefused("not one of"):
            self._decline({other.order_line: 1})
        self.assertFalse(self._call("_get_report", purchase=other))
        self.assertFalse(self._call("_get_report"))

    def test_vendor_ahead_of_the_buyer(self):
        """Where it is tomorrow already: the vendor's day is posted as today's."""
        self.vendor.tz, self.buyer.tz = "Pacific/Kiritimati", "Pacific/Midway"
        service, order = self._visit()
        day = service._get_today(order)
        self._report({self.chair_line: 6}, date=day)
        self.assertEqual(self.purchase.sudo().picking_ids.drop_shipment_date, day)
        self._post(self.purchase)
        self.assertEqual(self.chair_line.qty_received, 6)

    @freeze_time("2026-11-23 02:00:00")
    def test_vendor_behind_utc(self):
        """Where it is still yesterday: the day that the page proposes is taken."""
        self.buyer.tz = "Pacific/Honolulu"
        order = self._visit()[1]
        values = order.env["drop.shipment.vendor.page"]._get_values(order)
        self.assertEqual(values["today"], fields.Date.to_date("2026-11-22"))
        self._report({self.chair_line: 6}, date=values["today"])
        self.assertTrue(self.purchase.sudo().picking_ids.drop_shipment_reported)

    def test_in_dozens(self):
        """Quantities are in the unit of the purchase line, a part of a dozen too."""
        sale = self._new_sale((self.chair, 2, {"product_uom_id": self.uom_dozen.id}))
        purchase = self._new_purchase(sale, confirm=True)
        self._report({purchase.order_line: 0.5}, purchase=purchase)
        self.assertEqual(self._get_row(purchase.order_line)["reported"], 0.5)
        self.assertEqual(self._open_post(sale).line_ids.quantity, 0.5)
        self._post(sale)
        self.assertEqual(purchase.order_line.qty_received, 0.5)
        self._report({purchase.order_line: 1.5}, purchase=purchase)
        self._post(purchase)
        self.assertEqual(sale.order_line.qty_delivered, 2)
