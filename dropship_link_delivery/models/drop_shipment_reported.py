from odoo import api, models


class DropShipmentReported(models.AbstractModel):
    """The vendor reports the carrier, too, and it can be corrected."""

    _inherit = "drop.shipment.reported"

    @api.model
    def _get_fields(self):
        return [*super()._get_fields(), "carrier_id"]
