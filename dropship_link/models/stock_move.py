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

    def _set_value(self, correction_quantity=None):
        # Neither cost price nor value of own stock are renewed: they have not changed.
        linked = self.filtered(lambda move: move._is_drop_shipment_valued())
        res = super(StockMove, self - linked)._set_value(
            correction_quantity=correction_quantity
        )
        for move in linked:
            # What the vendor asks is the cost of the sale, for margins; of products at
            # standard cost core takes that. Whoever posts may lack rights on transfers.
            if move.product_id.cost_method != "standard":
                move.sudo().value = move._get_value()
        return res

    def _get_value(
        self, forced_std_price=False, at_date=False, ignore_manual_update=False
    ):
        if (
            self.env.context.get("dropship_link_own_stock")
            and self._is_drop_shipment_valued()
        ):
            return 0.0
        # Elevated as where core values receipts: warehouse users have no rights on
        # bills or landed costs, which core reads for all drop shipments of the product
        # whenever its average cost is asked. A number is all they get.
        move = self.sudo().with_context(dropship_link_own_stock=False)
        return super(StockMove, move)._get_value(
            forced_std_price=forced_std_price,
            at_date=at_date,
            ignore_manual_update=ignore_manual_update,
        )

    def _get_valued_qty(self, lot=None):
        if (
            self.env.context.get("dropship_link_own_stock")
            and self._is_drop_shipment_valued()
        ):
            return 0.0
        return super()._get_valued_qty(lot=lot)

    def _get_value_from_account_move(self, quantity, at_date=None):
        # Whoever takes it back, it is worth what the vendor billed for the shipment,
        # or asks if there is no bill. Core has used up the bill by the shipment.
        origin = self.origin_returned_move_id
        if not (origin and origin._is_drop_shipment_valued()):
            return super()._get_value_from_account_move(quantity, at_date=at_date)
        shipped = origin._get_valued_qty()
        value = origin._get_value(at_date=at_date)
        return {
            "value": value * quantity / shipped if shipped else 0.0,
            "quantity": quantity if shipped else 0.0,
            "description": self.env._(
                "Value of drop shipment %(transfer)s", transfer=origin.reference
            ),
        }

    def _is_drop_shipment_valued(self):
        """Whether this done move is a drop shipment, or its return to the vendor.

        Not if it goes by core's own route, for a line that is not ticked.
        """
        # The stored answer first: the others are read for drop shipments alone.
        if not self.is_dropship:
            return False
        # Whoever values the move may lack rights on both orders.
        move = self.sudo()
        return move.purchase_line_id.drop_shipment or move.sale_line_id.drop_shipment

    def _get_drop_shipment_value(self):
        """Return what these moves changed the value of own stock by, unsigned."""
        return sum(
            move.product_id.standard_price * move._get_valued_qty()
            if move.is_in and move.product_id.cost_method == "standard"
            else move.value
            for move in self.with_company(self.company_id)
        )

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
