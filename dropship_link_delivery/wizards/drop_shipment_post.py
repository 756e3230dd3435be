from odoo import fields, models


class DropShipmentPost(models.TransientModel):
    """Asks for the carrier of what is posted."""

    _inherit = "drop.shipment.post"

    carrier_id = fields.Many2one(
        comodel_name="delivery.carrier",
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="Who carries the parcel for the vendor, and knows where it is.",
    )
