from odoo import api, models


class PosOrder(models.Model):
    """Tells the models below which sales lines a till settles."""

    _inherit = "pos.order"

    @api.model
    def sync_from_ui(self, orders):
        # It lowers what is to deliver of the settled lines; see stock.move.
        settling = self.with_context(dropship_link_settling=True)
        return super(PosOrder, settling).sync_from_ui(orders)

    def _get_pos_anglo_saxon_price_unit(self, product, partner_id, quantity):
        price = super()._get_pos_anglo_saxon_price_unit(product, partner_id, quantity)
        # Core asks for each line of the product: what a vendor ships cost own stock
        # nothing, and all of them together what has left the shop.
        lines = self.lines.filtered(lambda line: line.product_id == product)
        own = lines - lines._get_drop_shipments()
        quantity = sum(lines.mapped("qty"))
        if own == lines or not quantity:
            return price
        return price * sum(own.mapped("qty")) / quantity
