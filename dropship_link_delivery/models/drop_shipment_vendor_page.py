from odoo import api, models


class DropShipmentVendorPage(models.AbstractModel):
    """Reads the carrier from the vendor's form."""

    _inherit = "drop.shipment.vendor.page"

    @api.model
    def _parse_shipment(self, form, errors):
        vals = super()._parse_shipment(form, errors)
        if vals.get("carrier_id"):
            # The id of a choice; anything else is no carrier, and is told so.
            typed = vals["carrier_id"]
            is_id = typed.isdecimal() and len(typed) < 10
            vals["carrier_id"] = int(typed) if is_id else typed
        return vals
