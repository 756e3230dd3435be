from odoo import models


class ProductProduct(models.Model):
    """Goods that a vendor ships are never sold out."""

    _inherit = "product.product"

    def _get_max_quantity(self, website, sale_order, **kwargs):
        if self._is_drop_shipped_from_shop():
            return None
        return super()._get_max_quantity(website, sale_order, **kwargs)

    def _is_sold_out(self):
        return not self._is_drop_shipped_from_shop() and super()._is_sold_out()

    def _is_drop_shipped_from_shop(self):
        """Whether a vendor ships what is bought of it: own stock has no say."""
        self.ensure_one()
        # A visitor of the shop may not read the tick, but may feel what it does.
        return self.sudo().drop_shipment and self.type == "consu"
