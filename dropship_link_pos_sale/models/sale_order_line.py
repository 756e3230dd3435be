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
        # Core goes on counting what the till gave back, so that nobody could invoice
        # it; later builds take it off. Here each line of the till counts once. A line
        # whose tick is to change is paid back first.
        lines = self.sudo().filtered(
            lambda line: line.drop_shipment or line.drop_shipment_unticked
        )
        others = self._leave_till_out(lines)
        invoiced = super(SaleOrderLine, others)._prepare_qty_invoiced()
        for line in lines:
            invoiced[line] += line._get_drop_shipment_paid()
        return invoiced

    def _prepare_qty_delivered(self):
        # Core takes what was paid for what was delivered. Nothing of a drop shipment is
        # delivered at the till.
        others = self._leave_till_out(self.filtered("drop_shipment"))
        return super(SaleOrderLine, others)._prepare_qty_delivered()

    def _leave_till_out(self, lines):
        """Return these records, for which the till settles nothing of `lines`."""
        return self.with_context(dropship_link_till_left_out=lines.ids)

    @api.model
    def _convert_qty(self, sale_line, qty, direction):
        if sale_line.id in self.env.context.get("dropship_link_till_left_out", ()):
            return 0.0
        return super()._convert_qty(sale_line, qty, direction)

    def read_converted(self):
        items = super().read_converted()
        # The till settles what is neither delivered nor invoiced, as it hands over what
        # it settles. Of what vendors ship it takes only the money: what is not invoiced
        # is to pay, shipped or not.
        ids = set(self.filtered("drop_shipment").ids)
        for item in items:
            if item["id"] in ids:
                item["qty_delivered"] = item["qty_invoiced"]
        return items

    def _get_drop_shipment_paid(self):
        """Return what was paid at the till and not given back, in the line's UoM."""
        self.ensure_one()
        # Salespeople and buyers may have no rights on the till.
        paid = self.sudo().pos_order_line_ids
        # It may be asked for while the quantity delivered is counted.
        line = self._leave_till_out(self.browse())
        return sum(
            line._convert_qty(line, pos_line.qty, "p2s")
            for pos_line in paid | paid.refund_orderline_ids
            if pos_line.order_id.state not in ("draft", "cancel")
        )
