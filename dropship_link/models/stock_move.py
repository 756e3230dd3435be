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

    def _is_drop_shipment(self):
        """Whether this move takes goods from a vendor to a customer.

        What the vendor ships again for goods that came back does so as well, whatever
        core calls it. Between two transit locations a return has the same direction.
        """
        self.ensure_one()
        return self._is_dropshipped() and not (
            self.origin_returned_move_id and self._is_dropshipped_returned()
        )

    def _is_purchase_return(self):
        # Core takes what the vendor ships again into a transit location for a return.
        if (
            self.origin_returned_move_id
            and self.location_id.usage == "supplier"
            # Whoever handles the transfer may lack rights on purchase orders.
            and self.sudo().purchase_line_id.drop_shipment
        ):
            return False
        return super()._is_purchase_return()

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
