from odoo import api, models


class DropShipmentVendorReport(models.AbstractModel):
    """Lots and serials of a kit are those of its parts."""

    _inherit = "drop.shipment.vendor.report"

    @api.model
    def _get_line(self, line):
        row = super()._get_line(line)
        if line._get_drop_shipment_parts():
            moves = line._get_drop_shipment_open_moves().filtered(
                lambda move: (
                    move.picking_type_id.use_create_lots
                    or move.picking_type_id.use_existing_lots
                )
            )
            row["tracking"] = line.product_id._get_drop_shipment_tracking(moves)
        return row
