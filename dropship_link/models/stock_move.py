from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError


class StockMove(models.Model):
    """Tells a vendor's shipments to customers from receipts, deliveries and returns.

    What they are worth, how their lots are entered, what must not be changed on them,
    and how goods that were added on the transfer reach both orders.
    """

    _inherit = "stock.move"

    @api.depends("purchase_line_id.drop_shipment")
    def _compute_description_picking(self):
        # sudo: users of Inventory may lack rights on both orders.
        linked = self.filtered(
            lambda move: (
                move.sudo().purchase_line_id.drop_shipment
                and not move.description_picking_manual
            )
        )
        # Core's text has the vendor's description, which the customer must not read:
        # replace it as a whole.
        for move in linked:
            sale_line = move.sudo().purchase_line_id.drop_shipment_sale_line_id
            move.description_picking = sale_line._get_drop_shipment_description()
        return super(StockMove, self - linked)._compute_description_picking()

    @api.depends("purchase_line_id.drop_shipment")
    def _compute_show_info(self):
        res = super()._compute_show_info()
        # sudo: users of Inventory may lack rights on both orders.
        linked = self.filtered(
            lambda move: (
                move.sudo().purchase_line_id.drop_shipment and move._is_dropshipped()
            )
        )
        # The vendor's stock is unknown here, so that numbers can't be picked from it:
        # they are typed as on a receipt, or chosen where the operation type allows it.
        for move in linked:
            move.show_quant = False
            move.show_lots_m2o = (
                not move.show_lots_text
                and move.has_tracking != "none"
                and (move.picking_type_id.use_existing_lots or move.state == "done")
            )
        return res

    def _action_assign(self, force_qty=False):
        # While a report of the vendor waits, its transfer says what was shipped: the
        # scheduler must not fill in what was not.
        waiting = self.filtered(
            lambda move: move.picking_id.drop_shipment_reported and not move.picked
        )
        return super(StockMove, self - waiting)._action_assign(force_qty=force_qty)

    def _action_cancel(self):
        res = super()._action_cancel()
        # What was reported on a cancelled transfer waits for nothing.
        self.picking_id.filtered(
            lambda picking: picking.drop_shipment_reported and picking.state == "cancel"
        ).drop_shipment_reported = False
        return res

    def _should_bypass_reservation(self, forced_location=False):
        if super()._should_bypass_reservation(forced_location):
            return True
        # A vendor that is a company of this database ships from the transit location
        # between companies: core would reserve goods there and wait for them.
        location = forced_location or self.location_id
        return location.usage == "transit" and (
            # sudo: users of Inventory may lack rights on both orders.
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

    def _is_drop_shipment_kept(self):
        """Whether own stock took goods back from the customer, or gives them again.

        A subcontractor's place counts as ours, but what goes there goes to the vendor.
        """
        self.ensure_one()
        return bool(
            self.origin_returned_move_id
            and any(
                own.usage == "internal" and other._is_drop_shipment_customer()
                for own, other in (
                    (self.location_id, self.location_dest_id),
                    (self.location_dest_id, self.location_id),
                )
            )
            and not (self._is_dropshipped() or self._is_dropshipped_returned())
        )

    def _is_drop_shipment_in_transit(self):
        """Whether vendor and customer are both companies of this database.

        Both locations are the transit between companies then, so that they do not
        tell a shipment from its return.
        """
        self.ensure_one()
        return (
            self.location_id.usage == self.location_dest_id.usage == "transit"
            # sudo: users of Inventory may lack rights on both orders.
            and self.sudo().purchase_line_id.drop_shipment
        )

    def write(self, vals):
        if set(vals) == {"purchase_line_id"} and self.env.context.get(
            "dropship_link_lower"
        ):
            # Core gives the line what was scrapped, or added on its transfers: it is
            # no part of what was ordered.
            return True
        frozen = {
            "origin_returned_move_id",
            "product_uom",
            "purchase_line_id",
            "sale_line_id",
        } & set(vals)
        # Code in sudo may write them: it corrects what core has set, for example.
        if frozen and not self.env.su:
            for name in sorted(frozen):
                self.filtered(
                    lambda move, name=name: move[name].id != (vals[name] or False)
                )._check_drop_shipment_frozen(self._fields[name])
        with self._keep_drop_shipment_places(vals):
            return super().write(vals)

    @contextmanager
    def _keep_drop_shipment_places(self, vals):
        """Refuse places that make these moves no drop shipment, in the block.

        Another place of the customer will do; to own stock it would be a receipt, from
        there a delivery of our own.

        :param dict vals: what the block writes, on the moves or on their transfers
        :raise UserError: see `_check_drop_shipment_frozen`
        """
        names = [name for name in ("location_dest_id", "location_id") if name in vals]
        shipments = self.browse()
        if names and not self.env.su:
            shipments = self.filtered(lambda move: move._is_drop_shipment())
        yield
        gone = shipments.filtered(lambda move: not move._is_drop_shipment())
        for name in names:
            # As the transfer calls it: moves have another word for the customer.
            gone._check_drop_shipment_frozen(self.picking_id._fields[name])

    def _check_drop_shipment_frozen(self, field):
        """Refuse to change a field by which a vendor's transfer is known.

        :param field: of transfers or of their moves
        :raise UserError: names transfer and purchase order
        """
        # sudo: users of Inventory may lack rights on both orders.
        for move in self.sudo():
            # A return may be sent elsewhere, to own stock for example.
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
        # Core would renew cost price and value of own stock, which did not change.
        linked = self.filtered(lambda move: move._is_drop_shipment_valued())
        res = super(StockMove, self - linked)._set_value(
            correction_quantity=correction_quantity
        )
        for company, moves in linked.grouped("company_id").items():
            # Another company of the user's may be the current one.
            for move in moves.with_company(company):
                # The vendor's price is the cost of the sale, for margins; at standard
                # cost core has set that price. sudo: the user may lack rights on
                # transfers.
                if move.product_id.cost_method != "standard":
                    move.sudo().value = move._get_value()
        back = linked.filtered(lambda move: move._is_drop_shipment_back())
        if back:
            # The bills are for what did not go back, whose value changes by that.
            kept = back.sudo().purchase_line_id.move_ids.filtered(
                lambda move: move.state == "done" and not move._is_drop_shipment_back()
            )
            (kept - self)._set_value()
        return res

    def _is_drop_shipment_back(self):
        """Whether goods of a shipment go back to the vendor with this move."""
        return (
            bool(self.origin_returned_move_id)
            and self._is_dropshipped_returned()
            and not self._is_drop_shipment()
        )

    def _get_value(
        self, forced_std_price=False, at_date=False, ignore_manual_update=False
    ):
        if (
            self.env.context.get("dropship_link_own_stock")
            and self._is_drop_shipment_valued()
        ):
            return 0.0
        # sudo, as where core values receipts: to compute an average cost core reads
        # bills and landed costs of all drop shipments of the product, on which
        # warehouse users have no rights. They get a number only.
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
        quantity = super()._get_valued_qty(lot=lot)
        if "dropship_link_kept_at" in self.env.context:
            at_date = self.env.context["dropship_link_kept_at"]
            quantity -= self._get_drop_shipment_qty_not_billed(quantity, at_date)
        return quantity

    def _get_drop_shipment_qty_not_billed(self, quantity, at_date):
        """Return how much of this move no bill is for, in the UoM of the product.

        What went back to the vendor is not billed, or refunded; what came back of a
        shipment is billed with that.

        :param quantity: of this move
        :param at_date: what went back by then; empty: until now
        """
        if self.origin_returned_move_id and not self._is_drop_shipment():
            return quantity
        at_date = fields.Datetime.to_datetime(at_date)
        return sum(
            move.product_uom._compute_quantity(move.quantity, move.product_id.uom_id)
            for move in self.returned_move_ids
            if move.state == "done"
            and move._is_drop_shipment_back()
            and not (at_date and move.date > at_date)
        )

    def _get_value_from_account_move(self, quantity, at_date=None):
        origin = self.origin_returned_move_id
        if origin and origin._is_drop_shipment_valued():
            return origin._get_drop_shipment_value_of_return(quantity, at_date)
        if not self._is_drop_shipment_valued():
            return super()._get_value_from_account_move(quantity, at_date=at_date)
        # Core spreads a bill over all that moved, also over what went back, for which
        # the vendor bills nothing: the rest would seem to be billed in part only.
        kept = self.with_context(dropship_link_kept_at=at_date)
        shipped = self._get_valued_qty()
        back = self._get_drop_shipment_qty_not_billed(shipped, at_date)
        # Where all of it went back it is worth what it was.
        rate = 1.0 - back / shipped if shipped > back else 1.0
        data = super(StockMove, kept)._get_value_from_account_move(
            quantity * rate, at_date=at_date
        )
        data["value"] /= rate
        data["quantity"] /= rate
        return data

    def _get_drop_shipment_value_of_return(self, quantity, at_date):
        """Return what a return of this shipment is worth, as core's methods do.

        The same as the shipment, to which core has assigned the bill already; without
        a bill, what the vendor asks for it.

        :param float quantity: what comes back, in the UoM of the product
        :param at_date: the day of the valuation; empty: now
        """
        self.ensure_one()
        shipped = self._get_valued_qty()
        value = self._get_value(at_date=at_date)
        return {
            "value": value * quantity / shipped if shipped else 0.0,
            "quantity": quantity if shipped else 0.0,
            "description": self.env._(
                "Value of drop shipment %(transfer)s", transfer=self.reference
            ),
        }

    def _is_drop_shipment_valued(self):
        """Whether this done move is a drop shipment, or its return to the vendor.

        Not if it goes by core's own route, for a line that is not ticked.
        """
        # Look at the stored field first, so that ordinary moves read no order lines.
        if not self.is_dropship:
            return False
        # sudo: the user may lack rights on both orders.
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

        So does what the vendor ships again for goods that came back, which core takes
        for the return of a return. Between two transit locations a return has the same
        locations as the shipment.
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
            # sudo: users of Inventory may lack rights on purchase orders.
            and self.sudo().purchase_line_id.drop_shipment
        ):
            return False
        return super()._is_purchase_return()

    def _get_drop_shipment_qty_sold(self, uom):
        """Return {sales line in sudo: quantity sold, in `uom`} of what it ships.

        Empty where it ships another product than is sold, such as a part of it.
        """
        self.ensure_one()
        # sudo: users of Inventory may lack rights on both orders.
        line = self.sudo().sale_line_id
        if line.product_id.id != self.product_id.id:
            return {}
        return {line: line.product_uom_id._compute_quantity(line.product_uom_qty, uom)}

    def _get_drop_shipment_qty(self):
        """Return the quantity to move, in the UoM of the sales line.

        It is what the move adds to the quantity delivered. That sum is rounded, not its
        parts: moves of 10.5 and 1.5 units are 0.88 and 0.12 of a dozen, together 1.
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

    def _get_drop_shipment_qty_text(self):
        """Return what was moved, with its unit: that of the sale, if it comes out even.

        3.5 dozen are sold and shipped, not 42 units; but 4 units are no 0.33 dozen.
        """
        self.ensure_one()
        uom, quantity = self.product_uom, self.quantity
        # sudo: users of Inventory may lack rights on sales orders.
        line = self.sudo().sale_line_id
        if line.product_id.id == self.product_id.id:
            unit = uom.browse(line.product_uom_id.id)
            sold = uom._compute_quantity(quantity, unit, rounding_method="HALF-UP")
            back = unit._compute_quantity(sold, uom, rounding_method="HALF-UP")
            if not uom.compare(back, quantity):
                uom, quantity = unit, sold
        return uom._format_drop_shipment_qty(quantity)

    def _get_drop_shipment_products_text(self):
        """Return how much of which products these moves ship."""
        return ", ".join(
            self.env._(
                "%(quantity)s of %(product)s",
                quantity=move._get_drop_shipment_qty_text(),
                product=move.product_id.display_name,
            )
            for move in self
            # Not what was scrapped of it.
            if move._is_drop_shipment() and not move.product_uom.is_zero(move.quantity)
        )

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
        """Put products that were added on the transfer onto both orders, linked."""
        service = self.env["drop.shipment.added.goods"]
        added = self.filtered(
            lambda move: (
                move.picking_type_id.code == "dropship"
                and move.picked
                and not move.sudo().purchase_line_id
                and service._get_orders(move)[0]
            )
        )
        # Not the copy of what was scrapped on another transfer.
        extra = added.filtered(lambda move: move._is_drop_shipment())
        if extra:
            # sudo: users of Inventory may lack rights on both orders.
            extra = extra.sudo()
            service._set_lines(extra)
            new = extra.with_context(dropship_link_added=True)
            super(StockMove, new)._action_synch_order()
            service._link(extra)
        return super(StockMove, self - added)._action_synch_order()

    @api.model
    def _prepare_merge_negative_moves_excluded_distinct_fields(self):
        fields = super()._prepare_merge_negative_moves_excluded_distinct_fields()
        # Where less is ordered, core merges the difference with the open move, unless
        # date or price have changed since: then it would make a return.
        if self.env.context.get("dropship_link_lower"):
            fields += ["date_deadline", "price_unit"]
        return fields
