from odoo import api, models


class SaleOrder(models.Model):
    """Renews the notice when cost or price of a line changes."""

    _inherit = "sale.order"

    @api.depends("order_line.drop_shipment_below_cost")
    def _compute_drop_shipment_notice(self):
        return super()._compute_drop_shipment_notice()
