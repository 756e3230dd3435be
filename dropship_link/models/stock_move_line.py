from odoo import models


class StockMoveLine(models.Model):
    """What the customer's slip calls ordered; reports stay with their goods."""

    _inherit = "stock.move.line"

    def write(self, vals):
        left = self.env["stock.picking"]
        if vals.get("picking_id"):
            # Backorders and waves are copies of a transfer, without what the vendor
            # said: it goes with the goods.
            left = self.picking_id.filtered("drop_shipment_reported")
        res = super().write(vals)
        if left:
            self.env["drop.shipment.reported"]._follow(left, self)
        return res

    def _get_aggregated_product_quantities(self, **kwargs):
        aggregated = super()._get_aggregated_product_quantities(**kwargs)
        picking = self.picking_id
        if len(picking) != 1 or not picking._is_drop_shipment():
            return aggregated
        moves = {
            move: self._get_aggregated_properties(move=move)["line_key"]
            for move in picking.move_ids
        }
        told = set()
        for key, values in aggregated.items():
            # Core knows this transfer and its backorder only; the rest of the sale may
            # be with another vendor.
            ordered = {}
            for move, move_key in moves.items():
                if key.startswith(move_key):
                    ordered |= move._get_drop_shipment_qty_sold(values["product_uom"])
            # Of what was added on the transfer nothing was ordered: core says what it
            # asks for. Nor is more of a line, where two rows are of it.
            sold = {(line, values["product"]): ordered[line] for line in ordered}
            total = sum(sold[key] for key in sold.keys() - told)
            told |= sold.keys()
            if total:
                uom = values["product_uom"]
                values["qty_ordered"] = total
                values["packaging_qty_ordered"] = uom._compute_quantity(
                    total, values["packaging_uom_id"]
                )
        return aggregated
