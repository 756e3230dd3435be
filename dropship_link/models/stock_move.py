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

    def _get_drop_shipment_qty(self):
        """Return the quantity to move, in the UoM of the sales line."""
        self.ensure_one()
        return self.product_uom._compute_quantity(
            self.product_uom_qty,
            self.sale_line_id.product_uom_id,
            rounding_method="HALF-UP",
        )

    def _set_drop_shipment_lots(self, lots):
        """Replace the lines of this open move by lines with these lots.

        :param list lots: dicts of `lot_name` and `quantity`, in the UoM of the product;
            what the move takes for its quantity is removed from the list
        """
        self.ensure_one()
        left = self.product_uom._compute_quantity(
            self.quantity, self.product_id.uom_id, rounding_method="HALF-UP"
        )
        taken = []
        while lots and self.product_id.uom_id.compare(left, 0.0) > 0:
            quantity = min(lots[0]["quantity"], left)
            taken.append({**lots[0], "quantity": quantity})
            left -= quantity
            lots[0]["quantity"] -= quantity
            if self.product_id.uom_id.is_zero(lots[0]["quantity"]):
                lots.pop(0)
        self.move_line_ids.unlink()
        self.move_line_ids = self._generate_serial_move_line_commands(taken)

    @api.model
    def _prepare_merge_negative_moves_excluded_distinct_fields(self):
        fields = super()._prepare_merge_negative_moves_excluded_distinct_fields()
        # The customer's date or the vendor's price may have changed since: less ordered
        # is less to ship all the same, not a return.
        if self.env.context.get("dropship_link_lower"):
            fields += ["date_deadline", "price_unit"]
        return fields
