from odoo import api, models


class StockPicking(models.Model):
    """Nothing leaves the shop for what a vendor ships."""

    _inherit = "stock.picking"

    @api.model
    def _create_picking_from_pos_order_lines(
        self, location_dest_id, lines, picking_type, partner=False
    ):
        # The shop does not have what a vendor ships.
        return super()._create_picking_from_pos_order_lines(
            location_dest_id,
            lines - lines._get_drop_shipments(),
            picking_type,
            partner=partner,
        )
