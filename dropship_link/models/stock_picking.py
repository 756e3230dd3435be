from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _is_drop_shipment(self):
        """Whether a vendor ships this transfer for a sales order of ours."""
        self.ensure_one()
        # Whoever prints it may lack rights on purchase orders.
        return any(self.sudo().move_ids.purchase_line_id.mapped("drop_shipment"))

    def _action_done(self):
        pickings = self
        # What the vendor has not shipped stays to ship, though the operation type may
        # be set to drop it.
        if self.env.context.get("dropship_link_keep_rest"):
            pickings = self.with_context(cancel_backorder=False)
        return super(StockPicking, pickings)._action_done()
