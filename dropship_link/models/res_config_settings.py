from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    drop_shipment_bill_control = fields.Selection(
        related="company_id.drop_shipment_bill_control",
        readonly=False,
        required=True,
    )
    drop_shipment_auto_order = fields.Boolean(
        related="company_id.drop_shipment_auto_order",
        readonly=False,
    )
    drop_shipment_packing_slip = fields.Boolean(
        related="company_id.drop_shipment_packing_slip",
        readonly=False,
    )
