from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from .common import DropShipmentCommon


class TestCorrection(DropShipmentCommon):
    """Day, delivery note and tracking number of done shipments, from both orders."""

    def setUp(self):
        super().setUp()
        self.today = fields.Date.context_today(self.env.user)
        self.day = self.today - timedelta(days=3)
        self.sale = self._new_sale()
        self.purchase = self._new_purchase(self.sale, confirm=True)
        self._post(
            self.sale,
            "ship",
            4,
            shipment_date=self.day,
            delivery_note="LS-1",
            tracking_ref="TRK-1",
        )
        self.picking = self.sale.sudo().picking_ids.filtered(
            lambda picking: picking.state == "done"
        )

    def _open(self, order, user=None):
        order = order.with_user(user or order.env.user)
        self.env.invalidate_all()
        return order.env["drop.shipment.correct"].create(
            {f"{order._table}_id": order.id}
        )

    def _correct(self, order, **values):
        """Enter values in the only row of the dialog and save it."""
        dialog = self._open(order)
        dialog.line_ids.write(values)
        dialog.action_correct()
        self.env.invalidate_all()

    def test_row(self):
        """The dialog shows what is known of each shipment."""
        for order in (self.sale, self.purchase):
            action = order.action_correct_drop_shipment()
            row = order.env[action["res_model"]].browse(action["res_id"]).line_ids
            self.assertEqual(
                [row.name, row.products, row.purchase_ref, row.sale_ref],
                [self.picking.name, "Chair", self.purchase.name, self.sale.name],
            )
            self.assertEqual(
                [row.shipment_date, row.delivery_note, row.tracking_ref],
                [self.day, "LS-1", "TRK-1"],
            )

    def test_numbers(self):
        """A mistyped number is mended on both orders, and both chatters tell it."""
        self._correct(self.sale, tracking_ref="TRK-2", delivery_note=False)
        self._correct(self.purchase, delivery_note="LS-2")
        for order in (self.sale, self.purchase):
            self.assertEqual(order.drop_shipment_tracking_ref, "TRK-2")
            self.assertEqual(order.drop_shipment_delivery_note, "LS-2")
            chatter = self._chatter(order)
            self.assertIn("Tracking Number was TRK-1, is now TRK-2", chatter)
            self.assertIn("Delivery Note was LS-1, is now empty", chatter)
            self.assertIn(f'data-oe-id="{self.picking.id}">', chatter)
        self.assertEqual(self.picking.drop_shipment_date, self.day)

    def test_day(self):
        """Transfer, moves and orders follow the day."""
        for day in (self.day - timedelta(days=2), self.today):
            self._correct(self.sale, shipment_date=day)
            self.assertEqual(self.picking.date_done.date(), day)
            self.assertEqual(self.picking.move_ids.date.date(), day)
            self.assertEqual(self.sale.effective_date.date(), day)

    def test_posted_invoice_keeps_its_delivery_date(self):
        """A draft follows the correction, a posted invoice does not."""
        invoice = self._post_invoice(self.sale)
        self.assertEqual(invoice.delivery_date, self.day)
        self._correct(self.sale, shipment_date=self.day - timedelta(days=1))
        self.assertEqual(invoice.delivery_date, self.day)

    def test_nothing_changed(self):
        """Saving the dialog as it opened changes and tells nothing."""
        before = self.picking.date_done
        notes = len(self.sale.sudo().message_ids)
        self._correct(self.sale)
        self.assertEqual(self.picking.date_done, before)
        self.assertEqual(len(self.sale.sudo().message_ids), notes)

    def test_two_at_once(self):
        """What a colleague corrected while the dialog was open stays corrected."""
        dialog = self._open(self.purchase)
        self._correct(self.sale, tracking_ref="TRK-2")
        dialog.line_ids.delivery_note = "LS-2"
        dialog.action_correct()
        self.env.invalidate_all()
        self.assertEqual(self.picking.drop_shipment_tracking_ref, "TRK-2")
        self.assertEqual(self.picking.drop_shipment_delivery_note, "LS-2")

    def test_two_shipments(self):
        """Each shipment has a row, the latest first; one is corrected."""
        self._post(self.sale, "ship", tracking_ref="TRK-9")
        rows = self._open(self.sale).line_ids
        self.assertEqual(rows.mapped("tracking_ref"), ["TRK-9", "TRK-1"])
        rows[1].tracking_ref = "TRK-3"
        rows.correct_id.action_correct()
        self.env.invalidate_all()
        self.assertEqual(self.picking.drop_shipment_tracking_ref, "TRK-3")

    def test_wrong_days(self):
        """In the future, or before the books were closed."""
        with self.assertRefused("in the future", ValidationError):
            self._correct(self.sale, shipment_date=self.today + timedelta(days=1))
        self.company.sudo().fiscalyear_lock_date = self.day - timedelta(days=5)
        with self.assertRefused("books are locked", ValidationError):
            self._correct(self.sale, shipment_date=self.day - timedelta(days=6))

    def test_shipped_in_a_closed_month(self):
        """The day stays in it; the numbers may be corrected still."""
        self.env.flush_all()
        self.company.sudo().fiscalyear_lock_date = self.day
        for day in (self.day + timedelta(days=1), self.today):
            with self.assertRefused(
                "can't be changed: the books are locked for", ValidationError
            ):
                self._correct(self.sale, shipment_date=day)
        self._correct(self.sale, tracking_ref="TRK-2")
        self.assertEqual(self.picking.date_done.date(), self.day)
        self.assertEqual(self.picking.drop_shipment_tracking_ref, "TRK-2")

    def test_shipped_on_the_first_open_day(self):
        """In Auckland noon is the day before in UTC, which is closed: it is no lock."""
        self.env.flush_all()
        sale = self.sale.with_context(tz="Pacific/Auckland")
        self.company.sudo().fiscalyear_lock_date = self.day
        first = self.day + timedelta(days=1)
        self._post(sale, "ship", 2, shipment_date=first)
        picking = sale.sudo().picking_ids.filtered("date_done") - self.picking
        self.assertEqual(picking.drop_shipment_date, first)
        self.assertEqual(picking.date_done.date(), self.day)
        dialog = self._open(sale)
        row = dialog.line_ids.filtered(lambda row: row.name == picking.name)
        row.shipment_date = first + timedelta(days=1)
        dialog.action_correct()
        self.assertEqual(picking.drop_shipment_date, first + timedelta(days=1))

    def test_nothing_shipped(self):
        """Nothing to correct before the vendor ships."""
        sale = self._new_sale()
        with self.assertRefused(f"{sale.name} has no shipment to correct"):
            sale.action_correct_drop_shipment()

    def test_returns_are_not_shipments(self):
        """What comes back has no delivery note of the vendor."""
        dialog = self.sale.env["drop.shipment.return"].create(
            {"sale_order_id": self.sale.id}
        )
        dialog.action_return_all()
        self.assertEqual(len(self._open(self.sale).line_ids), 1)

    def test_who(self):
        """Who may not post the order may not correct it, by no way."""
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        for order, user in (
            (self.sale, colleague),
            (self.sale, self.buyer),
            (self.purchase, self.salesman),
        ):
            with self.assertRaises(AccessError):
                self._open(order, user)
            correcting = self.env["drop.shipment.correcting"].with_user(user)
            with self.assertRaises(AccessError):
                correcting._correct(order.with_user(user), {self.picking: {}})

    def test_row_of_a_script(self):
        """A script may choose which of the order's shipments it corrects."""
        row = {
            "picking_id": self.picking.id,
            "shipment_date": self.day,
            "tracking_ref": "TRK-5",
        }
        self.sale.env["drop.shipment.correct"].create(
            {"sale_order_id": self.sale.id, "line_ids": [Command.create(row)]}
        ).action_correct()
        self.assertEqual(self.picking.drop_shipment_tracking_ref, "TRK-5")
        self.assertFalse(self.picking.drop_shipment_delivery_note)

    def test_forged_row(self):
        """A shipment of another order is neither shown nor corrected."""
        other = self._new_sale()
        self._new_purchase(other, confirm=True)
        self._post(other)
        picking = other.sudo().picking_ids
        dialog = self._open(self.sale)
        values = {"picking_id": picking.id, "shipment_date": self.day}
        with self.assertRaises(UserError):
            dialog.line_ids = [Command.create(values)]
        correcting = self.sale.env["drop.shipment.correcting"]
        with self.assertRefused("is not one of"):
            correcting._correct(self.sale, {picking: {"drop_shipment_date": self.day}})
