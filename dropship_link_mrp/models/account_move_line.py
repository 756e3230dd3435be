from odoo import models


class AccountMoveLine(models.Model):
    """What own stock gave of a kit, or got back of it, is worth what its parts are."""

    _inherit = "account.move.line"

    def _get_cogs_value(self):
        # Core knows no kits of several parts, and counts those of one part twice.
        # sudo: accountants may lack rights on the lines of both orders.
        if not any(self.sudo().sale_line_ids.mapped("drop_shipment")):
            return super()._get_cogs_value()
        return self._get_drop_shipment_unit_cogs()

    def _get_drop_shipment_qty_valued(self, moves):
        parts = moves.filtered(lambda move: move.product_id != self.product_id)
        quantity = super()._get_drop_shipment_qty_valued(moves - parts)
        for line, own in parts.grouped("sale_line_id").items():
            moved = line._get_drop_shipment_moved(
                {move: move.quantity for move in own.sorted("id")}
            )
            quantity += line.product_uom_id._compute_quantity(
                sum(moved.values()), self.product_id.uom_id, round=False
            )
        return quantity
