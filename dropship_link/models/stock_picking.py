from odoo import models


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _action_done(self):
        pickings = self
        # What the vendor has not shipped stays to ship, though the operation type may
        # be set to drop it.
        if self.env.context.get("dropship_link_keep_rest"):
            pickings = self.with_context(cancel_backorder=False)
        return super(StockPicking, pickings)._action_done()
