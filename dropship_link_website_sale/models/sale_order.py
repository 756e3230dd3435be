from odoo import models


class SaleOrder(models.Model):
    """Counts only lines from stock against what is in stock."""

    _inherit = "sale.order"

    def _verify_updated_quantity(
        self, order_line, product_id, new_qty, uom_id, **kwargs
    ):
        product = self.env["product.product"].browse(product_id)
        # A line that is in the cart says itself who ships it.
        if (
            order_line.drop_shipment
            if order_line
            else product._is_drop_shipped_from_shop()
        ):
            return new_qty, ""
        return super()._verify_updated_quantity(
            order_line, product_id, new_qty, uom_id, **kwargs
        )

    def _get_common_product_lines(self, product_id=None):
        # These add up what a cart takes from stock.
        lines = super()._get_common_product_lines(product_id)
        return lines.filtered(lambda line: not line.drop_shipment)
