from odoo import api, fields, models


class DropShipmentDialogOrderMixin(models.AbstractModel):
    """Carriers of the order's company only; what is entered goes to the transfer."""

    _inherit = "drop.shipment.dialog.order.mixin"

    company_id = fields.Many2one(
        comodel_name="res.company", compute="_compute_company_id", compute_sudo=True
    )

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_company_id(self):
        for wizard in self:
            wizard.company_id = wizard._get_order().company_id

    @api.model
    def _get_shipment_fields(self):
        return {**super()._get_shipment_fields(), "carrier_id": "carrier_id"}
