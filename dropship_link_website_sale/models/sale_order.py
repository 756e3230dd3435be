from odoo import models


class SaleOrder(models.Model):
    """Counts only lines from stock against what is in stock."""

    _inherit = "sale.order"

    def action_confirm(self):
        # What the customer collects was found in the stock of the store: it is handed
        # over there, and no vendor is asked to ship it to the store.
        self._filter_collected().order_line.filtered(
            lambda line: line.drop_shipment and line._is_checked_in_store()
        ).drop_shipment = False
        return super().action_confirm()

    def _filter_collected(self):
        """Return the orders of the shop whose goods are collected in a store."""
        # sudo: a visitor of the shop may not read the delivery method. Only Click &
        # Collect knows this type, which need not be installed.
        return self.filtered(
            lambda order: (
                order.website_id and order.sudo().carrier_id.delivery_type == "in_store"
            )
        )

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
