from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

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

    @classmethod
    def _visit(cls, purchase=None):
        """Return service and order as the page has them, for who has the link."""
        order = (purchase or cls.purchase).with_user(cls.visitor).sudo()
        return order.env["drop.shipment.vendor.report"], order

    @classmethod
    def _report(cls, quantities, lot_names=None, purchase=None, **vals):
        """Report {purchase line: quantity} as shipped, as the vendor would."""
        service, order = cls._visit(purchase)
        service._report(
            order,
            {line.id: quantity for line, quantity in quantities.items()},
            {line.id: text for line, text in (lot_names or {}).items()},
            {f"drop_shipment_{name}": value for name, value in vals.items()},
        )
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _get_line(cls, line):
        """Return what the page shows of a purchase line."""
        service, order = cls._visit(line.order_id)
        return next(row for row in service._get_lines(order) if row["line"] == line)


class TestVendorReport(TestVendorReportCommon):
    def test_waits(self):
        """A part is reported: it waits on the transfer, nothing is received."""
        day = fields.Date.subtract(fields.Date.today(), days=2)
        self._report(
            {self.chair_line: 6}, date=day, delivery_note="LS-1", tracking_ref="1Z"
        )
        picking = self.purchase.sudo().picking_ids
        self.assertTrue(picking.drop_shipment_reported)
        self.assertEqual(picking.drop_shipment_date, day)
        self.assertEqual(picking.drop_shipment_delivery_note, "LS-1")
        self.assertEqual(picking.drop_shipment_tracking_ref, "1Z")
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [0, 0])
        row = self._get_line(self.chair_line)
        self.assertEqual(
            [row[name] for name in ("ordered", "shipped", "open", "reported")],
            [10, 0, 10, 6],
        )
        self.assertEqual(self._get_line(self.desk_line)["reported"], 0)

    def test_posted_from_both_orders(self):
        """Post proposes exactly the report, from either order."""
        day = fields.Date.subtract(fields.Date.today(), days=2)
        self._report({self.chair_line: 6}, date=day, delivery_note="LS-1")
        for order in (self.sale, self.purchase):
            wizard = order.env["drop.shipment.post"].create(
                {f"{order._table}_id": order.id}
            )
            self.assertEqual(wizard.line_ids.mapped("quantity"), [6, 0])
            self.assertEqual(wizard.shipment_date, day)
            self.assertEqual(wizard.delivery_note, "LS-1")
        wizard.action_post()
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [6, 0])
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [6, 0])
        done, rest = self.purchase.sudo().picking_ids.sorted("state", reverse=True)
        self.assertEqual(done.date_done.date(), day)
        self.assertEqual((done | rest).mapped("drop_shipment_reported"), [False] * 2)
        self.assertFalse(rest.drop_shipment_delivery_note)
        self.assertEqual(rest.move_ids.mapped("product_uom_qty"), [4, 4])
        self.assertFalse(any(rest.move_ids.mapped("picked")))
