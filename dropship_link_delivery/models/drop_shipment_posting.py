from odoo import api, models


class DropShipmentPosting(models.AbstractModel):
    """Proposes the carrier that was reported, or promised to the customer."""

    _inherit = "drop.shipment.posting"

    @api.model
    def _get_shipment_vals(self, outstanding):
        # In sudo, as buyers and salespeople read no transfers, and buyers no sales.
        moves = self.env["stock.move"].sudo()
        for quantities in outstanding.values():
            moves = moves.union(*quantities)
        carriers = moves.picking_id.carrier_id
        # What the vendor said, or what the customer was promised.
        carriers = carriers or moves.sale_line_id.order_id.carrier_id
        carrier_id = carriers.id if len(carriers) == 1 else False
        return {**super()._get_shipment_vals(outstanding), "carrier_id": carrier_id}
