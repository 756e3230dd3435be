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

    def _action_synch_order(self):
        """Bring what the vendor shipped besides to both orders, linked."""
        extra = self.filtered(
            lambda move: (
                move.picking_type_id.code == "dropship"
                and move.picked
                and not move.sudo().purchase_line_id
                and move.picking_id._is_drop_shipment()
            )
        )
        if extra:
            # Whoever validates the transfer may lack rights on both orders.
            extra = extra.sudo()
            extra._drop_shipment_find_lines()
            super(StockMove, extra)._action_synch_order()
            extra._drop_shipment_link_lines()
        return super(StockMove, self - extra)._action_synch_order()

    def _drop_shipment_find_lines(self):
        """Give these moves the linked lines of their product, of their sales order.

        Core takes the first line of the product, which may ship another sales order.
        """
        for move in self:
            order = move.picking_id.purchase_id
            line = order.order_line.filtered(
                lambda line, move=move: (
                    line.product_id == move.product_id
                    and line.drop_shipment_sale_line_id.order_id
                    == move.picking_id.sale_id
                )
            )[:1]
            if line:
                move.purchase_line_id = line
                move.sale_line_id = line.drop_shipment_sale_line_id

    def _drop_shipment_link_lines(self):
        """Link the lines that core has added to both orders for these moves."""
        for move in self:
            line, sale_line = move.purchase_line_id, move.sale_line_id
            if not line or line.sale_line_id or line.product_id != sale_line.product_id:
                continue
            # A line that was there already may be delivered from own stock.
            if sale_line.product_uom_qty or sale_line._get_drop_shipment_refusals():
                continue
            sale_line.drop_shipment = True
            line._drop_shipment_link_extra(sale_line)

    @api.model
    def _prepare_merge_negative_moves_excluded_distinct_fields(self):
        fields = super()._prepare_merge_negative_moves_excluded_distinct_fields()
        # The customer's date or the vendor's price may have changed since: less ordered
        # is less to ship all the same, not a return.
        if self.env.context.get("dropship_link_lower"):
            fields += ["date_deadline", "price_unit"]
        return fields
