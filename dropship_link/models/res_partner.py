from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    property_drop_shipment_packing_slip = fields.Selection(
        selection=[("always", "Always"), ("never", "Never")],
        string="Packing Slip",
        company_dependent=True,
        help="Whether the mail with an order for a drop shipment brings a packing slip "
        "in your name, without prices. Empty: as the settings of Purchase say.",
        groups="base.group_user",
    )

    def _commercial_fields(self):
        return [*super()._commercial_fields(), "property_drop_shipment_packing_slip"]
