from odoo import models


class SaleOrderLine(models.Model):
    """Drop shipments in the cart have no limit of stock; other lines keep theirs."""

    _inherit = "sale.order.line"

    def _get_max_available_qty(self):
        # The lines of a combo: each has a limit of its own, or none.
        limits = [
            super(SaleOrderLine, line)._get_max_available_qty()
            for line in self._get_lines_with_price()
            if not line.drop_shipment
        ]
        return min((limit for limit in limits if limit is not None), default=None)

    def _check_availability(self):
        return self.drop_shipment or super()._check_availability()

    def _is_checked_in_store(self):
        """Whether the shop sells it for collection only if the store has it."""
        self.ensure_one()
        return self.product_id.is_storable and not (
            self.product_id.allow_out_of_stock_order
        )
