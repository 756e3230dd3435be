from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    drop_shipment_notice_cost = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Which products a vendor takes more for than the customer pays.",
        groups="base.group_user",
    )

    @api.depends("order_line.drop_shipment_below_cost")
    def _compute_drop_shipment_notice(self):
        return super()._compute_drop_shipment_notice()
