from odoo import api, models


class SaleOrderLine(models.Model):
    """What was paid at the till is invoiced, not delivered."""

    _inherit = "sale.order.line"

    @api.depends(
        "pos_order_line_ids.qty",
        "pos_order_line_ids.order_id.state",
        "pos_order_line_ids.refund_orderline_ids.qty",
        "pos_order_line_ids.refund_orderline_ids.order_id.state",
    )
    def _compute_drop_shipment_qty_invoiced(self):
        res = super()._compute_drop_shipment_qty_invoiced()
        for line in self.filtered("drop_shipment"):
            line.drop_shipment_qty_invoiced += line._get_drop_shipment_paid()
        return res

    @api.depends(
        "drop_shipment",
        "drop_shipment_unticked",
        "pos_order_line_ids.refund_orderline_ids.qty",
        "pos_order_line_ids.refund_orderline_ids.order_id.state",
    )
    def _compute_qty_invoiced(self):
        return super()._compute_qty_invoiced()

    def _prepare_qty_invoiced(self):
        invoiced = super()._prepare_qty_invoiced()
        # Core goes on counting what the till gave back: nobody could invoice it. A line
        # whose tick is to change is paid back first.
        for line in self.sudo().filtered(
            lambda line: line.drop_shipment or line.drop_shipment_unticked
        ):
            paid = line.pos_order_line_ids
            given_back = paid.refund_orderline_ids - paid
            invoiced[line] += line._get_drop_shipment_till_qty(given_back)
        return invoiced

    def _prepare_qty_delivered(self):
        # See `_convert_qty`: core takes what was paid for what was delivered.
        lines = self.with_context(dropship_link_delivered=True)
        return super(SaleOrderLine, lines)._prepare_qty_delivered()

    @api.model
    def _convert_qty(self, sale_line, qty, direction):
        # Nothing of a drop shipment is delivered at the till.
        if self.env.context.get("dropship_link_delivered") and sale_line.drop_shipment:
            return 0.0
        return super()._convert_qty(sale_line, qty, direction)

    def _get_drop_shipment_paid(self):
        """Return what was paid at the till and not given back, in the line's UoM."""
        self.ensure_one()
        # Salespeople and buyers may have no rights on the till.
        paid = self.sudo().pos_order_line_ids
        return self._get_drop_shipment_till_qty(paid | paid.refund_orderline_ids)

    def _get_drop_shipment_till_qty(self, pos_lines):
        """Return the quantity of lines of the till that count, in the line's UoM."""
        return sum(
            self._convert_qty(self, pos_line.qty, "p2s")
            for pos_line in pos_lines
            if pos_line.order_id.state not in ("draft", "cancel")
        )
