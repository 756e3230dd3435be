from odoo import api, models
from odoo.exceptions import UserError


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

    def write(self, vals):
        frozen = {
            "origin_returned_move_id",
            "product_uom",
            "purchase_line_id",
            "sale_line_id",
        } & set(vals)
        # Corrections of what core itself does, say, are made elevated.
        if frozen and not self.env.su:
            for name in sorted(frozen):
                self.filtered(
                    lambda move, name=name: move[name].id != (vals[name] or False)
                )._check_drop_shipment_frozen(self._fields[name])
        return super().write(vals)

    def _check_drop_shipment_frozen(self, field):
        """Refuse to change a field by which a vendor's transfer is known.

        :param field: of transfers or of their moves
        :raise UserError: names transfer and purchase order
        """
        # Whoever handles the transfer may lack rights on both orders.
        for move in self.sudo():
            # A return may go elsewhere: to own stock.
            if not move.purchase_line_id.drop_shipment or move.origin_returned_move_id:
                continue
            raise UserError(
                self.env._(
                    "%(field)s of %(transfer)s can't be changed for %(product)s: the "
                    "vendor ships it for purchase order %(purchase)s. Change that "
                    "order instead.",
                    field=field._description_string(self.env),
                    transfer=move.picking_id.name or move.display_name,
                    product=move.product_id.display_name,
                    purchase=move.purchase_line_id.order_id.name,
                )
            )

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
        """Return the quantity to move, in the UoM of the sales line.

        It is what the move adds to the quantity delivered, which is rounded: where
        the parts of a dozen are 10.5 and 1.5 units, they are 0.88 and 0.12 of it.
        """
        self.ensure_one()
        line = self.sale_line_id
        unit = line.product_uom_id
        if self.product_uom == unit:
            return self.product_uom_qty
        before = line._get_drop_shipment_delivered() + sum(
            move.product_uom._compute_quantity(move.product_uom_qty, unit, round=False)
            for move in line._get_drop_shipment_open_moves()
            if (move.date, move.id) < (self.date, self.id)
        )
        after = before + self.product_uom._compute_quantity(
            self.product_uom_qty, unit, round=False
        )
        return unit.round(unit.round(after) - unit.round(before))

    def _is_drop_shipment_converted(self, line):
        """Whether any of these moves counts the product of `line` in another UoM.

        :param line: sales or purchase line
        """
        return any(
            move.product_uom != line.product_uom_id
            and move.product_id == line.product_id
            for move in self
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
