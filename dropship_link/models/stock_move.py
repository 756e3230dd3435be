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
            # The customer reads it: the vendor's code and name are none of theirs.
            sale_line = line.drop_shipment_sale_line_id.with_context(
                lang=line.drop_shipment_sale_line_id.order_id.partner_id.lang
            )
            product = sale_line.product_id.with_env(sale_line.env)
            variants = sale_line._get_sale_order_line_multiline_description_variants()
            move.description_picking = (
                product._get_description(move.picking_type_id) + variants
            )
        return res

    @api.model
    def _prepare_merge_negative_moves_excluded_distinct_fields(self):
        fields = super()._prepare_merge_negative_moves_excluded_distinct_fields()
        # The customer's date or the vendor's price may have changed since: less ordered
        # is less to ship all the same, not a return.
        if self.env.context.get("dropship_link_lower"):
            fields += ["date_deadline", "price_unit"]
        return fields
