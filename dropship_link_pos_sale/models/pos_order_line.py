from odoo import models


class PosOrderLine(models.Model):
    """Lines that settle a drop shipment procure nothing."""

    _inherit = "pos.order.line"

    def _launch_stock_rule_from_pos_order_lines(self):
        # It cancels what is open of all settled lines; see stock.move.
        lines = (self - self._get_drop_shipments()).with_context(
            dropship_link_settling=True
        )
        return super(PosOrderLine, lines)._launch_stock_rule_from_pos_order_lines()

    def _get_drop_shipments(self):
        """Return the lines, refunds too, that settle what a vendor ships."""
        # The cashier may have no rights on sales orders.
        return self.filtered(
            lambda line: (
                line.sudo().sale_order_line_id
                | line.sudo().refunded_orderline_id.sale_order_line_id
            ).filtered("drop_shipment")
        )
