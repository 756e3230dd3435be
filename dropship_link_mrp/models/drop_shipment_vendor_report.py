from odoo import api, models


class DropShipmentVendorReport(models.AbstractModel):
    """Lots and serials of a kit are those of its parts."""

    _inherit = "drop.shipment.vendor.report"

    @api.model
    def _get_tracking(self, line):
        if not line._get_drop_shipment_parts():
            return super()._get_tracking(line)
        moves = line._get_drop_shipment_open_moves().filtered(
            lambda move: (
                move.picking_type_id.use_create_lots
                or move.picking_type_id.use_existing_lots
            )
        )
        return line.product_id._get_drop_shipment_tracking(moves)
