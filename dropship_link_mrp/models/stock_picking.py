from odoo import models


class StockPicking(models.Model):
    """Prints kits on the packing slip, with their parts below."""

    _inherit = "stock.picking"

    def _prepare_drop_shipment_kit(self, lines):
        """Return the values of a line of the slip for the kits of sales lines.

        Shipped are those that became whole with this transfer.

        :param lines: sales lines of one kit, in sudo
        """
        self.ensure_one()
        kit = lines[0]
        shipped = ordered = 0.0
        for line in lines:
            moves = line.move_ids.filtered(
                lambda move: move.state == "done" and move._is_drop_shipment()
            ).sorted(lambda move: (move.date, move.id))
            moved = line._get_drop_shipment_moved(
                {move: move.quantity for move in moves}
            )
            quantities = (
                sum(moved[move] for move in moves if move.picking_id.id == self.id),
                line.product_uom_qty,
            )
            own_shipped, own_ordered = (
                line.product_uom_id._compute_quantity(
                    quantity, kit.product_uom_id, round=False
                )
                for quantity in quantities
            )
            shipped += own_shipped
            ordered += own_ordered
        shipped = kit.product_uom_id.round(shipped)
        ordered = kit.product_uom_id.round(ordered)
        return {
            "name": kit._get_drop_shipment_description(),
            "description": "",
            "product": kit.product_id,
            "product_uom": kit.product_uom_id,
            "packaging_uom_id": kit.product_uom_id,
            "quantity": shipped,
            "packaging_quantity": shipped,
            "qty_ordered": ordered,
            "packaging_qty_ordered": ordered,
        }
