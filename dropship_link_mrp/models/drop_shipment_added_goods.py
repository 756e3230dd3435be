from odoo import api, models


class DropShipmentAddedGoods(models.AbstractModel):
    """Parts that were added on a transfer are of the kit that is shipped with them."""

    _inherit = "drop.shipment.added.goods"

    @api.model
    def _find_lines(self, moves):
        res = super()._find_lines(moves)
        for move in moves.filtered(lambda move: not move.purchase_line_id):
            purchase, sale = self._get_orders(move)
            line = purchase.order_line.filtered(
                lambda line, move=move, sale=sale: (
                    line.drop_shipment_sale_line_id.order_id == sale
                    and move.product_id
                    in [part.product for part in line._get_drop_shipment_parts()]
                )
            )[:1]
            if line:
                move.purchase_line_id = line
                move.sale_line_id = line.drop_shipment_sale_line_id
        return res
