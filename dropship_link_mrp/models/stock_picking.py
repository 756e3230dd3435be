from odoo import models


class StockPicking(models.Model):
    """Prints kits on the packing slip, with their parts below."""

    _inherit = "stock.picking"

    def _prepare_drop_shipment_kit(self, line):
        """Return the values of a line of the slip for the kits of a sales line.

        Shipped are those that became whole with this transfer.

        :param line: sales line, in sudo
        """
        self.ensure_one()
        moves = line.move_ids.filtered(
            lambda move: move.state == "done" and move._is_drop_shipment()
        ).sorted(lambda move: (move.date, move.id))
        moved = line._get_drop_shipment_moved({move: move.quantity for move in moves})
        shipped = line.product_uom_id.round(
            sum(moved[move] for move in moves if move.picking_id.id == self.id)
        )
        return {
            "name": line._get_drop_shipment_description(),
            "description": "",
            "product": line.product_id,
            "product_uom": line.product_uom_id,
            "packaging_uom_id": line.product_uom_id,
            "quantity": shipped,
            "packaging_quantity": shipped,
            "qty_ordered": line.product_uom_qty,
            "packaging_qty_ordered": line.product_uom_qty,
        }
