from odoo import api, models


class DropShipmentCorrecting(models.AbstractModel):
    """The carrier can be corrected, too."""

    _inherit = "drop.shipment.correcting"

    @api.model
    def _get_corrected_fields(self):
        return [*super()._get_corrected_fields(), "carrier_id"]
