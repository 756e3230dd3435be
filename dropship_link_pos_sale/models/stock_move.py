from odoo import models


class StockMove(models.Model):
    """A till leaves the vendor's transfers alone."""

    _inherit = "stock.move"

    def write(self, vals):
        moves = self
        if "product_uom_qty" in vals:
            moves -= self._get_settled_drop_shipments()
        return super(StockMove, moves).write(vals)

    def _action_cancel(self):
        moves = self - self._get_settled_drop_shipments()
        return super(StockMove, moves)._action_cancel()

    def _get_settled_drop_shipments(self):
        """Return the moves that the till must leave alone: a vendor's.

        Core lowers or cancels what is open of a line that is settled at the till, as if
        the customer had taken the goods along.
        """
        if not self.env.context.get("dropship_link_settling"):
            return self.browse()
        # The cashier may have no rights on sales orders.
        return self.filtered(
            lambda move: (
                move.sudo().sale_line_id.drop_shipment and move._is_dropshipped()
            )
        )
