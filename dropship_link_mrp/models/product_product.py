from odoo import models


class ProductProduct(models.Model):
    """Lots and serial numbers of a kit are those of its parts."""

    _inherit = "product.product"

    def _get_drop_shipment_tracking(self, moves):
        """Return how the numbers of this product, or of its parts, are entered.

        :param moves: what is shipped or comes back of it
        """
        parts = {move.product_id.tracking for move in moves} - {"none"}
        return min(parts, default="none")
