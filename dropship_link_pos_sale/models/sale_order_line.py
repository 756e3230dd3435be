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
            # Salespeople and buyers may have no rights on the till.
            paid = line.sudo().pos_order_line_ids
            paid |= paid.refund_orderline_ids
            line.drop_shipment_qty_invoiced += sum(
                self._convert_qty(line, pos_line.qty, "p2s")
                for pos_line in paid
                if pos_line.order_id.state not in ("draft", "cancel")
            )
        return res

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
