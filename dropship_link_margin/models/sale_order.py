from odoo import api, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.depends("order_line.drop_shipment_below_cost")
    def _compute_drop_shipment_notice(self):
        return super()._compute_drop_shipment_notice()
