from odoo import api, models


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.depends("purchase_line_id.drop_shipment")
    def _compute_description_picking(self):
        # Whoever handles the transfer may lack rights on both orders.
        linked = self.filtered(
            lambda move: (
                move.sudo().purchase_line_id.drop_shipment
                and not move.description_picking_manual
            )
        )
        # The vendor's words are not for the customer: nothing of core's is left.
        for move in linked:
            sale_line = move.sudo().purchase_line_id.drop_shipment_sale_line_id
            move.description_picking = sale_line._get_drop_shipment_description()
        return super(StockMove, self - linked)._compute_description_picking()

    @api.depends("purchase_line_id.drop_shipment")
    def _compute_show_info(self):
        res = super()._compute_show_info()
        # Whoever handles the transfer may lack rights on both orders.
        linked = self.filtered(
            lambda move: (
                move.sudo().purchase_line_id.drop_shipment and move._is_dropshipped()
            )
        )
        # A vendor's stock is not ours to pick from: as on a receipt, numbers are typed,
        # or chosen where the operation type has them.
        for move in linked:
            move.show_quant = False
            move.show_lots_m2o = (
                not move.show_lots_text
                and move.has_tracking != "none"
                and (move.picking_type_id.use_existing_lots or move.state == "done")
            )
        return res

    def _should_bypass_reservation(self, forced_location=False):
        if super()._should_bypass_reservation(forced_location):
            return True
        # A vendor that is a company of this database ships from the transit between
        # companies, where core would wait for its goods to come.
        location = forced_location or self.location_id
        return location.usage == "transit" and (
            # Whoever handles the transfer may lack rights on both orders.
            self.sudo().purchase_line_id.drop_shipment and self._is_dropshipped()
        )

    def _is_dropshipped(self):
        return super()._is_dropshipped() and not (
            self._is_drop_shipment_in_transit() and self.origin_returned_move_id
        )

    def _is_dropshipped_returned(self):
        return super()._is_dropshipped_returned() and not (
            self._is_drop_shipment_in_transit() and not self.origin_returned_move_id
        )

    def _is_drop_shipment_in_transit(self):
        """Whether vendor and customer are both companies of this database.

        Both ends are the transit between companies then, and do not tell the way.
        """
        self.ensure_one()
        return (
            self.location_id.usage == self.location_dest_id.usage == "transit"
            # Whoever handles the transfer may lack rights on both orders.
            and self.sudo().purchase_line_id.drop_shipment
        )

    def _get_drop_shipment_qty(self):
        """Return the quantity to move, in the UoM of the sales line."""
        self.ensure_one()
        return self.product_uom._compute_quantity(
            self.product_uom_qty,
            self.sale_line_id.product_uom_id,
            rounding_method="HALF-UP",
        )

    @api.model
    def _prepare_merge_negative_moves_excluded_distinct_fields(self):
        fields = super()._prepare_merge_negative_moves_excluded_distinct_fields()
        # The customer's date or the vendor's price may have changed since: less ordered
        # is less to ship all the same, not a return.
        if self.env.context.get("dropship_link_lower"):
            fields += ["date_deadline", "price_unit"]
        return fields
