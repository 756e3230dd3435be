from odoo import fields, models

from odoo.addons.dropship_link.wizards import drop_shipment_correct


class DropShipmentCorrectLine(models.TransientModel):
    """Shows the carrier of each shipment."""

    _inherit = "drop.shipment.correct.line"

    _entered_fields = drop_shipment_correct.DropShipmentCorrectLine._entered_fields | {
        "carrier_id"
    }

    carrier_id = fields.Many2one(
        comodel_name="delivery.carrier",
        help="Who carried the parcel for the vendor, and knows where it is.",
    )
