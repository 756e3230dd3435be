from odoo import api, models


class DropShipmentVendorCheck(models.AbstractModel):
    """Takes no carrier that was not offered."""

    _inherit = "drop.shipment.vendor.check"

    @api.model
    def _get_shipment_messages(self, order, vals):
        messages = super()._get_shipment_messages(order, vals)
        carrier = vals.get("carrier_id")
        if carrier and carrier not in order._get_drop_shipment_carriers().ids:
            messages[0, "carrier_id"] = self.env._("Choose one of the carriers.")
        return messages
