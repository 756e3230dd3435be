from odoo import api, models


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.depends("purchase_line_id.drop_shipment")
    def _compute_description_picking(self):
        res = super()._compute_description_picking()
        for move in self:
            # Whoever handles the transfer may lack rights on both orders.
            line = move.sudo().purchase_line_id
            if not line.drop_shipment or move.description_picking_manual:
                continue
            sale_line = line.drop_shipment_sale_line_id
            move.description_picking = sale_line._get_drop_shipment_description()
        return res

    @api.model
    def _prepare_merge_negative_moves_excluded_distinct_fields(self):
        fields = super()._prepare_merge_negative_moves_excluded_distinct_fields()
        # The customer's date or the vendor's price may have changed since: less ordered
        # is less to ship all the same, not a return.
        if self.env.context.get("dropship_link_lower"):
            fields += ["date_deadline", "price_unit"]
        return fields
