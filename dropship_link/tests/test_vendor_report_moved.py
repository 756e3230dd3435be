from datetime import timedelta

from odoo.fields import Command

from .test_vendor_report import TestVendorReportCommon


class TestVendorReportMoved(TestVendorReportCommon):
    """What Inventory does with a transfer that waits as reported: it stays so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse_user = cls._new_user("warehouse", "stock.group_stock_user")
        cls.day = cls.today - timedelta(days=2)

    def _report_all(self):
        """The vendor reports 6 of 10 chairs and all of 4 desks."""
        self._report(
            {self.chair_line: 6, self.desk_line: 4},
            date=self.day,
            delivery_note="LS-1",
            tracking_ref="1Z",
        )

    def _open(self, purchase=None):
        """Return the open transfers as a warehouse user sees them."""
        self.env.invalidate_all()
        pickings = (purchase or self.purchase).sudo().picking_ids
        pickings = pickings.filtered(lambda p: p.state not in ("done", "cancel"))
        return pickings.with_user(self.warehouse_user).sudo(False).sorted("id")

    def _get_lines(self, picking, product):
        lines = picking.move_line_ids
        return lines.filtered(lambda line: line.product_id == product)

    def _put_in_wave(self, lines):
        """Put lines of a transfer on a copy of it, as waves do; return that."""
        picking = lines.picking_id
        vals = picking.copy_data({"move_ids": [], "move_line_ids": []})[0]
        vals["move_line_ids"] = [Command.link(line.id) for line in lines]
        for move in lines.move_id:
            own = lines & move.move_line_ids
            if own == move.move_line_ids:
                vals["move_ids"].append(Command.link(move.id))
                continue
            new = move._split(sum(own.mapped("quantity_product_uom")))[0]
            new["move_line_ids"] = [Command.set(own.ids)]
            vals["move_ids"].append(Command.create(new))
        wave = picking.create(vals)
        self.env.flush_all()
        self.env.invalidate_all()
        return wave

    def assertReported(self, picking, **quantities):
        """The transfer waits with what the vendor said; {product name: picked}."""
        self.assertEqual(
            [
                picking.drop_shipment_date,
                picking.drop_shipment_delivery_note,
                picking.drop_shipment_tracking_ref,
                bool(picking.drop_shipment_reported),
            ],
            [self.day, "LS-1", "1Z", True],
        )
        reported = self.env["drop.shipment.reported"]._filter_reported(
            picking.sudo().move_ids
        )
        self.assertEqual(
            {move.product_id.name: move.quantity for move in reported}, quantities
        )

    def assertNothingReported(self, picking):
        reported = self.env["drop.shipment.reported"]
        self.assertFalse(
            picking.drop_shipment_reported
            or any(reported._get_values(picking).values())
        )

    def test_wave_of_a_move(self):
        """All reported desks leave: both transfers are reported, each its own."""
        self._report_all()
        picking = self._open()
        wave = self._put_in_wave(self._get_lines(picking, self.desk))
        self.assertReported(wave, Desk=4)
        self.assertReported(picking, Chair=6)
        self.assertEqual(self._get_row(self.chair_line)["reported"], 6)
        self.assertEqual(self._get_row(self.desk_line)["reported"], 4)
        wizard = self._open_post(self.sale)
        self.assertEqual(wizard.line_ids.mapped("quantity"), [6, 4])
        self.assertEqual(wizard.delivery_note, "LS-1")
        wizard.action_post()
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [6, 4])
        done = self.purchase.sudo().picking_ids.filtered(lambda p: p.state == "done")
        self.assertEqual(done.mapped("drop_shipment_tracking_ref"), ["1Z", "1Z"])
        [rest] = self._open()
        self.assertNothingReported(rest)

    def test_wave_of_all_that_is_reported(self):
        """What is left behind was not reported, and has another parcel."""
        self._report(
            {self.chair_line: 6}, date=self.day, delivery_note="LS-1", tracking_ref="1Z"
        )
        picking = self._open()
        wave = self._put_in_wave(self._get_lines(picking, self.chair))
        self.assertReported(wave, Chair=6)
        self.assertNothingReported(picking)
        self._post(self.purchase, "receive")
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [6, 0])
        wizard = self._open_post(self.sale)
        self.assertEqual(wizard.line_ids.mapped("quantity"), [4, 4])
        self.assertFalse(wizard.delivery_note)

    def test_wave_of_a_lot(self):
        """One of two lots leaves: its quantity is reported once, as the other's."""
        paint = self._new_product("Paint", tracking="lot")
        purchase = self._new_purchase(self._new_sale((paint, 10)), confirm=True)
        line = purchase.order_line
        self._report(
            {line: 9},
            {line: "LOT-1;6\nLOT-2;3"},
            purchase,
            date=self.day,
            delivery_note="LS-1",
            tracking_ref="1Z",
        )
        picking = self._open(purchase)
        wave = self._put_in_wave(picking.move_line_ids[1])
        self.assertReported(wave, Paint=3)
        self.assertReported(picking, Paint=6)
        self.assertEqual(self._get_row(line)["reported"], 9)
        self._post(purchase, "receive")
        self.assertEqual(line.qty_received, 9)
        done = purchase.sudo().picking_ids.filtered(lambda p: p.state == "done")
        self.assertEqual(
            {ml.lot_id.name: ml.quantity for ml in done.move_line_ids},
            {"LOT-1": 6, "LOT-2": 3},
        )

    def test_wave_where_it_is_tomorrow(self):
        """The vendor's day is no error of who makes the wave."""
        self.vendor.tz = "Pacific/Kiritimati"
        self.warehouse_user.tz = "Pacific/Midway"
        service, order = self._visit()
        self.day = service._get_today(order)
        self._report_all()
        wave = self._put_in_wave(self._get_lines(self._open(), self.desk))
        self.assertReported(wave, Desk=4)

    def test_split(self):
        """Split: what was reported stays, the rest goes on a transfer of its own."""
        self._report_all()
        picking = self._open()
        picking.action_split_transfer()
        self.assertReported(picking, Chair=6, Desk=4)
        rest = self._open() - picking
        self.assertNothingReported(rest)
        self.assertEqual(rest.move_ids.product_uom_qty, 4)

    def test_part_validated_in_inventory(self):
        """Desks are taken out and validated later: they are reported meanwhile."""
        self._report_all()
        picking = self._open()
        self._get_lines(picking, self.desk).move_id.picked = False
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [6, 0])
        [rest] = self._open()
        self.assertReported(rest, Desk=4)
        self.assertEqual(self._get_row(self.chair_line)["reported"], 0)
        for order in (self.sale, self.purchase):
            self.env.invalidate_all()
            self.assertIn("Desk", self._get_notice(order, "reported"))
        self._post(self.sale)
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [6, 4])
        [rest] = self._open()
        self.assertNothingReported(rest)
        self._post(self.sale)
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [10, 4])

    def test_part_posted(self):
        """Post ships one of two lines: the other one waits, until it is discarded."""
        self._report_all()
        wizard = self._open_post(self.purchase)
        wizard.line_ids[1].quantity = 0
        wizard.action_post()
        [rest] = self._open()
        self.assertReported(rest, Desk=4)
        self.purchase.action_discard_drop_shipment_report()
        [rest] = self._open()
        self.assertNothingReported(rest)
        self.assertEqual(rest.move_ids.mapped("quantity"), [4, 4])

    def test_backorder_declined(self):
        """No backorder: nothing is to come, and nothing waits."""
        self._report_all()
        picking = self._open()
        self._get_lines(picking, self.desk).move_id.picked = False
        picking.with_context(
            skip_backorder=True, picking_ids_not_to_backorder=picking.ids
        ).button_validate()
        self.assertFalse(self._open())
        self.assertFalse(self._call("_get_report"))
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [6, 0])
