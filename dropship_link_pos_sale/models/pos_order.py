from odoo import api, models


class PosOrder(models.Model):
    """Tells the models below which sales lines a till settles."""

    _inherit = "pos.order"

    @api.model
    def sync_from_ui(self, orders):
        # It lowers what is to deliver of the settled lines; see stock.move.
        settling = self.with_context(dropship_link_settling=True)
        return super(PosOrder, settling).sync_from_ui(orders)
