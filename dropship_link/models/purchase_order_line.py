from collections import defaultdict
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class PurchaseOrderLine(models.Model):
    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "drop.shipment.shipments.mixin"]

    drop_shipment = fields.Boolean(
        compute="_compute_drop_shipment",
        store=True,
        help="This line is linked to a sales order line that the vendor ships straight "
        "to the customer.",
        groups="base.group_user",
    )
    # sale_line_id, on drop shipments only: see sale.order.line.drop_shipment_order_id.
    drop_shipment_sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        compute="_compute_drop_shipment",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
    )
    drop_shipment_sale_ref = fields.Char(
        string="Sales Order",
        compute="_compute_drop_shipment_sale_ref",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_customer_ref = fields.Char(
        string="Customer Reference",
        compute="_compute_drop_shipment_sale_ref",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_qty_to_bill = fields.Float(
        string="To Bill",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_to_bill",
        help="Quantity that Invoice bills now, as far as the invoice order allows.",
        groups="base.group_user",
    )
    drop_shipment_late = fields.Boolean(
        string="Late",
        compute="_compute_drop_shipment_late",
        compute_sudo=True,
        help="The expected arrival is past or later than the customer was promised.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("sale_line_id.drop_shipment")
    def _compute_drop_shipment(self):
        for line in self:
            line.drop_shipment = line.sale_line_id.drop_shipment
            line.drop_shipment_sale_line_id = line.drop_shipment and line.sale_line_id

    @api.depends(
        "drop_shipment_sale_line_id.order_id.name",
        "drop_shipment_sale_line_id.order_id.client_order_ref",
    )
    def _compute_drop_shipment_sale_ref(self):
        for line in self:
            sale_order = line.drop_shipment_sale_line_id.order_id
            line.drop_shipment_sale_ref = sale_order.name
            line.drop_shipment_customer_ref = sale_order.client_order_ref

    @api.depends(
        "order_id.order_line.drop_shipment",
        "order_id.order_line.qty_to_invoice",
        "order_id.order_line.drop_shipment_sale_line_id.drop_shipment_qty_billed",
        "order_id.order_line.drop_shipment_sale_line_id.drop_shipment_qty_invoiced",
    )
    def _compute_drop_shipment_qty_to_bill(self):
        for order, lines in self.grouped("order_id").items():
            quantities = {}
            if order and order._has_drop_shipment():
                quantities = self.env["drop.shipment.billing"]._get_billable(order)
            for line in lines:
                line.drop_shipment_qty_to_bill = quantities.get(line, 0.0)

    @api.depends(
        "date_planned",
        "qty_received",
        "product_qty",
        "state",
        "drop_shipment_sale_line_id.order_id.commitment_date",
    )
    @api.depends_context("tz", "uid")
    def _compute_drop_shipment_late(self):
        # Days are those of who reads it, as the dates on the screen are.
        to_day = partial(fields.Date.context_today, self)
        today = to_day()
        for line in self:
            promised = line.drop_shipment_sale_line_id.order_id.commitment_date
            expected = line.date_planned
            line.drop_shipment_late = bool(
                line.drop_shipment
                and line.state != "cancel"
                and expected
                and line.product_uom_id.compare(line.qty_received, line.product_qty) < 0
                and (
                    to_day(expected) < today
                    or (promised and to_day(expected) > to_day(promised))
                )
            )

    def _compute_price_unit_and_date_planned_and_name(self):
        # What was agreed with the vendor stays, whatever the quantity becomes: core
        # would ask for the price, discount and lead time of today.
        linked = self.filtered("drop_shipment")
        agreed = linked.filtered(
            lambda line: line.order_id.state in ("to approve", "purchase")
        )
        dates = {line: line.date_planned for line in linked - agreed}
        res = super(
            PurchaseOrderLine, self - agreed
        )._compute_price_unit_and_date_planned_and_name()
        for line, date in dates.items():
            # On a request core goes by the lead time alone. Buyers may lack rights on
            # the sales order.
            if line.date_planned and line.date_planned != date:
                line.date_planned = line._get_drop_shipment_date_planned(
                    line.sudo().drop_shipment_sale_line_id.order_id.commitment_date,
                    line.date_planned,
                )
        return res

    @api.depends(
        "drop_shipment",
        "move_ids.picking_id.drop_shipment_delivery_note",
        "move_ids.picking_id.drop_shipment_tracking_ref",
    )
    def _compute_drop_shipment_shipments(self):
        return super()._compute_drop_shipment_shipments()

    @api.depends("drop_shipment")
    def _compute_qty_received(self):
        linked = self.filtered(
            lambda line: line.state == "purchase" and line.drop_shipment
        )
        before = {line: line.qty_received for line in linked}
        res = super()._compute_qty_received()
        # One note for each order: core posts one for each line.
        texts = defaultdict(list)
        for line in linked:
            if line.qty_received != before[line]:
                texts[line.order_id].append(
                    self.env._(
                        "%(product)s: %(old)s received before, %(new)s now.",
                        product=line.product_id.display_name,
                        old=line._format_drop_shipment_qty(before[line]),
                        new=line._format_drop_shipment_qty(line.qty_received),
                    )
                )
        self.env["purchase.order"]._drop_shipment_log(texts)
        return res

    def _prepare_qty_received(self):
        received = super()._prepare_qty_received()
        if not self.env.context.get("dropship_link_exact"):
            for line in self.filtered("drop_shipment"):
                if line.move_ids._is_drop_shipment_converted(line):
                    exact = line.with_context(dropship_link_exact=True)
                    received[line] = line.product_uom_id.round(
                        exact._prepare_qty_received()[line]
                    )
        return received

    def _track_qty_received(self, new_qty):
        # Of what transfers bring, `_compute_qty_received` tells by itself.
        if self.drop_shipment and self.qty_received_method == "stock_moves":
            return None
        return super()._track_qty_received(new_qty)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        linked = lines.filtered("drop_shipment")
        if linked:
            linked._check_drop_shipment_alternative()
            linked._check_drop_shipment_link()
            self.env["drop.shipment.bill.control"]._check(
                linked.drop_shipment_sale_line_id
            )
        (lines - linked).order_id._check_drop_shipment_mix()
        return lines

    def write(self, vals):
        self._check_drop_shipment_followed(
            vals,
            {
                "company_id",
                "move_ids",
                "qty_received",
                "qty_received_manual",
                "qty_received_method",
                "state",
            },
        )
        if not {
            "order_id",
            "product_id",
            "product_qty",
            "product_uom_id",
            "sale_line_id",
        } & set(vals):
            return super().write(vals)
        linked = self.filtered("drop_shipment")
        if linked and "product_qty" in vals:
            label = self.env._(
                "%(field)s of %(line)s",
                field=self._fields["product_qty"]._description_string(self.env),
                line=linked[:1]._get_drop_shipment_label(),
            )
            self.env["uom.uom"]._check_drop_shipment_number(label, vals["product_qty"])
        self._check_drop_shipment_frozen(vals)
        quantities = {line: line.product_qty for line in linked}
        sale_lines = {line: line.drop_shipment_sale_line_id for line in linked}
        res = super().write(vals)
        flagged = self.filtered("drop_shipment")
        new_links = flagged.filtered(
            lambda line: line.drop_shipment_sale_line_id != sale_lines.get(line)
        )
        if new_links:
            new_links._check_drop_shipment_link()
            control = self.env["drop.shipment.bill.control"]
            control._check(new_links.drop_shipment_sale_line_id)
        if "product_qty" in vals:
            flagged._check_drop_shipment_qty()
            flagged._check_drop_shipment_received()
            raised = (flagged & linked).filtered(
                lambda line: (
                    line.product_uom_id.compare(line.product_qty, quantities[line]) > 0
                )
            )
            # Buyers may lack rights on sales lines; the error shows a number only.
            raised.drop_shipment_sale_line_id.sudo()._check_drop_shipment_open()
        (self - flagged).order_id._check_drop_shipment_mix()
        return res

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_drop_shipment_sale(self):
        """Open the sales orders of these lines.

        :return: window action, a form for one order, else a list
        :raise UserError: no sales order is linked
        :raise AccessError: the user may not read the sales orders
        """
        self.check_access("read")
        # Buyers may know the numbers; the orders open with their own rights.
        orders = self.sudo().drop_shipment_sale_line_id.order_id.sudo(self.env.su)
        if not orders:
            raise UserError(
                self.env._(
                    "Not linked to a sales order: %(lines)s.",
                    lines=", ".join(line._get_drop_shipment_label() for line in self),
                )
            )
        orders.check_access("read")
        return orders._get_records_action(name=self.env._("Sales Order"))

    def action_unlink_drop_shipment(self):
        """Take these lines out of their request for quotation again.

        Their quantity is to order again; both orders get a note.

        :return: True
        :raise UserError: a line is not linked or its order is confirmed
        :raise AccessError: the user may not change the purchase order
        """
        self.order_id.check_access("write")
        for line in self:
            if not line.drop_shipment:
                raise UserError(
                    self.env._(
                        "%(line)s is not linked to a sales order.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            if line.order_id.state not in ("draft", "sent"):
                raise UserError(
                    self.env._(
                        "%(line)s can't be unlinked: the order is no request for "
                        "quotation. Use Close Remainder to give the rest back.",
                        line=line._get_drop_shipment_label(),
                    )
                )
        for order, lines in self.grouped("order_id").items():
            # Notes on sales orders that the buyer may not read.
            lines.sudo()._drop_shipment_note_sales(
                lambda line: self.env._(
                    "%(line)s: taken out of request for quotation %(order)s.",
                    line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                    order=line.order_id.name,
                )
            )
            order._drop_shipment_note(
                [
                    self.env._(
                        "%(line)s: unlinked from sales order %(sale)s.",
                        line=line.product_id.display_name,
                        sale=line.drop_shipment_sale_ref,
                    )
                    for line in lines
                ]
            )
            order._drop_shipment_remove_lines(lines)
        return True

    def action_close_drop_shipment_remainder(self):
        """Give back what the vendor has not shipped.

        The quantity becomes the quantity received, open moves are cancelled and the
        rest is to order again; both orders get a note.

        :return: True
        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change the purchase order
        """
        self._check_drop_shipment_remainder()
        # Notes on sales orders that the buyer may not read.
        self.sudo()._drop_shipment_note_sales(
            lambda line: self.env._(
                "%(line)s: %(rest)s of purchase order %(order)s is to order again.",
                line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                rest=line._format_drop_shipment_qty(
                    line.product_qty - line.qty_received
                ),
                order=line.order_id.name,
            )
        )
        self._drop_shipment_close_remainder()
        return True

    def action_waive_drop_shipment_remainder(self):
        """Give back what the vendor has not shipped, as the customer does without it.

        As `action_close_drop_shipment_remainder`, and the quantity of the sales lines
        falls by as much: nothing of it is to order again. Both orders get a note.

        :return: True
        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change one of the two orders
        """
        self._check_drop_shipment_remainder()
        # Buyers may lack rights on sales orders: asked for right below.
        sale_lines = self.sudo().drop_shipment_sale_line_id.sudo(self.env.su)
        sale_lines.order_id.check_access("write")
        rests = defaultdict(float)
        for line in self:
            sale_line = line.drop_shipment_sale_line_id
            rests[sale_line] += line._get_drop_shipment_qty("product_qty")
            rests[sale_line] -= line._get_drop_shipment_qty("qty_received")
        texts = {
            line: self.env._(
                "%(line)s: the customer does without %(rest)s.",
                line=line._get_drop_shipment_label(),
                rest=line._format_drop_shipment_qty(rest),
            )
            for line, rest in rests.items()
        }
        self._drop_shipment_close_remainder()
        for line, rest in rests.items():
            line.product_uom_qty -= rest
        for order, lines in sale_lines.grouped("order_id").items():
            order._drop_shipment_note([texts[line] for line in lines])
        for order, lines in self.grouped("order_id").items():
            sold = lines.drop_shipment_sale_line_id
            order._drop_shipment_note([texts[line] for line in sold])
        return True

    def _check_drop_shipment_remainder(self):
        """Refuse lines of which nothing can be given back.

        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change the purchase order
        """
        self.order_id.check_access("write")
        for line in self:
            if not line.drop_shipment or line.order_id.state != "purchase":
                raise UserError(
                    self.env._(
                        "%(line)s has no remainder to close: it is not on a confirmed "
                        "drop shipment order.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            if line.product_uom_id.compare(line.product_qty, line.qty_received) <= 0:
                raise UserError(
                    self.env._(
                        "%(line)s has no remainder to close: all of it is received.",
                        line=line._get_drop_shipment_label(),
                    )
                )

    def _drop_shipment_close_remainder(self):
        """Cancel what is open of these lines and lower them to what was received."""
        # Buyers may lack rights on transfers.
        self.sudo()._get_drop_shipment_open_moves()._action_cancel()
        for line in self:
            line.product_qty = line.qty_received

    def action_ship_drop_shipment_again(self):
        """Have the vendor ship what is ordered, but on no transfer any more.

        It was cancelled, its goods went back, or it was corrected to less. A transfer
        is made of the missing quantity; both orders get a note.

        :return: True
        :raise UserError: nothing of a line is missing
        :raise AccessError: the user may not change the purchase order
        """
        self.order_id.check_access("write")
        # Buyers may lack rights on transfers and on the notes of the sales orders.
        lines_sudo = self.sudo()
        if others := lines_sudo - lines_sudo._get_drop_shipment_stranded():
            raise UserError(
                self.env._(
                    "%(line)s has nothing to ship again: all that is ordered is "
                    "shipped or on an open transfer.",
                    line=others[0]._get_drop_shipment_label(),
                )
            )
        before = {
            line: line._get_drop_shipment_qty_outstanding() for line in lines_sudo
        }
        lines_sudo._create_or_update_picking()

        def get_text(line):
            return self.env._(
                "%(line)s: %(quantity)s to be shipped again on purchase order "
                "%(order)s.",
                line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                quantity=line._format_drop_shipment_qty(
                    line._get_drop_shipment_qty_outstanding() - before[line]
                ),
                order=line.order_id.name,
            )

        lines_sudo._drop_shipment_note_sales(get_text)
        for order, lines in lines_sudo.grouped("order_id").items():
            order._drop_shipment_note([get_text(line) for line in lines])
        return True

    # ------------------------------------------------------------
    # STOCK
    # ------------------------------------------------------------

    def _get_po_line_moves(self):
        moves = super()._get_po_line_moves()
        # Before anything has moved there is nothing to look at.
        if moves and self.drop_shipment:
            return self._filter_drop_shipment_moves(moves)
        return moves

    def _get_outgoing_incoming_moves(self):
        outgoing, incoming = super()._get_outgoing_incoming_moves()
        if self.drop_shipment:
            incoming = self._filter_drop_shipment_moves(incoming)
        return outgoing, incoming

    def _get_qty_procurement(self):
        quantity = super()._get_qty_procurement()
        if not self.drop_shipment or not self.move_ids._is_drop_shipment_converted(
            self
        ):
            return quantity
        # Rounded one by one, the moves would leave a little more or less to move.
        exact = super(
            PurchaseOrderLine, self.with_context(dropship_link_exact=True)
        )._get_qty_procurement()
        same = not self.product_uom_id.compare(exact, self.product_qty)
        return self.product_qty if same else exact

    def _get_move_dests_initial_demand(self, move_dests):
        # A transfer that takes goods back is no demand for them: count what is open.
        if self.drop_shipment:
            return self._get_qty_procurement()
        return super()._get_move_dests_initial_demand(move_dests)

    @api.model
    def _filter_drop_shipment_moves(self, moves):
        """Return the moves that the vendor has a part in.

        Core takes goods that the customer sends back to our stock, and those that
        leave it again, for receipts.
        """
        return moves.filtered(
            lambda move: (
                # A subcontractor's place counts as ours, but ships for the vendor.
                not move.origin_returned_move_id
                or not any(
                    own.usage == "internal" and other._is_drop_shipment_customer()
                    for own, other in (
                        (move.location_id, move.location_dest_id),
                        (move.location_dest_id, move.location_id),
                    )
                )
            )
        )

    def _create_or_update_picking(self):
        # Buyers without sales rights may not read what core reads of the sales order.
        linked = self.filtered("drop_shipment")
        super(
            PurchaseOrderLine, linked.sudo().with_context(dropship_link_lower=True)
        )._create_or_update_picking()
        return super(PurchaseOrderLine, self - linked)._create_or_update_picking()

    def _create_stock_moves(self, picking):
        """Put the lines of each sales order into a transfer of its own.

        Core finds the sales order of a transfer by its first move only.
        """
        linked = self.filtered("drop_shipment")
        if not linked:
            return super()._create_stock_moves(picking)
        moves = super(PurchaseOrderLine, self - linked)._create_stock_moves(picking)
        for sale_order, lines in linked.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            own_picking = lines.order_id._get_drop_shipment_picking(sale_order, picking)
            moves += super(PurchaseOrderLine, lines)._create_stock_moves(own_picking)
        return moves

    # ------------------------------------------------------------
    # BILL
    # ------------------------------------------------------------

    def _prepare_account_move_line(self, move=False):
        vals = super()._prepare_account_move_line(move=move)
        # Post bills what may be billed now; see `drop.shipment.billing`.
        quantities = self.env.context.get("dropship_link_bill_quantities")
        if quantities is not None and not self.display_type:
            # Core's balance is of the quantity and at the rate that it would bill.
            vals.pop("balance", None)
            vals["quantity"] = quantities.get(self.id, 0.0)
        return vals

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _prepare_drop_shipment_lines(self, order, quantities, include_notes=False):
        """Return the values of purchase lines of `order`, linked to these sales lines.

        Business Central's Get Sales Order, with the vendor's name, price and taxes.

        :param dict quantities: sales line, elevated where the user may not read it, to
            quantity in its UoM
        :param bool include_notes: with the notes directly below each sales line
        :return: list of values, in the order of `quantities`
        """
        vals_list = []
        for line, quantity in quantities.items():
            vals_list.append(self._prepare_drop_shipment_line(order, line, quantity))
            if include_notes:
                vals_list += [
                    {
                        "order_id": order.id,
                        "display_type": "line_note",
                        "name": note.name,
                        "product_qty": 0.0,
                    }
                    for note in line._get_drop_shipment_note_lines()
                ]
        return vals_list

    @api.model
    def _prepare_drop_shipment_line(self, order, line, quantity):
        """Return the values of a purchase line of `order`, linked to a sales line.

        Core's method is asked for each line, as other add-ons extend it.

        :param line: sales line, elevated where the user may not read it
        :param float quantity: in the UoM of the sales line
        """
        product = line.product_id.with_env(self.env).with_context(
            drop_shipment_order_id=order.id
        )
        seller, force_uom = self._select_drop_shipment_seller(
            order, product, quantity, line.product_uom_id
        )
        vals = self.with_context(
            procurement_values={"force_uom": force_uom}
        )._prepare_purchase_order_line(
            product,
            quantity,
            line.product_uom_id.with_env(self.env),
            order.company_id,
            order.partner_id,
            order,
        )
        vals.update(
            sale_line_id=line.id,
            # Core knows no lead time of a price whose minimum is not reached.
            date_planned=self._get_drop_shipment_date_planned(
                line.order_id.commitment_date,
                max(vals["date_planned"], self._get_date_planned(seller, po=order)),
            ),
        )
        if line.product_no_variant_attribute_value_ids:
            vals["product_no_variant_attribute_value_ids"] = [
                fields.Command.set(line.product_no_variant_attribute_value_ids.ids)
            ]
        if (
            line.product_no_variant_attribute_value_ids
            or line.product_custom_attribute_value_ids
        ):
            vals["name"] += line.with_context(
                lang=order.partner_id.lang
            )._get_sale_order_line_multiline_description_variants()
        if line.analytic_distribution:
            vals["analytic_distribution"] = line.analytic_distribution
        return vals

    @api.model
    def _select_drop_shipment_seller(self, order, product, quantity, uom):
        """Return the vendor's price for a line of `order`, and whether it is of `uom`.

        That of the line's own unit comes first, as core has it on a purchase order;
        then one of another unit, then one whose minimum is not reached. The latter has
        a lead time, but its price does not apply.

        :param float quantity: in `uom`
        :return: (price, bool); the price is empty if the vendor has none
        """
        product = product.with_company(order.company_id).with_context(
            drop_shipment_order_id=order.id
        )
        for minimum, force_uom in ((quantity, True), (quantity, False), (None, False)):
            seller = product._select_seller(
                partner_id=order.partner_id,
                quantity=minimum,
                uom_id=uom,
                params={"force_uom": force_uom},
            )
            if seller:
                break
        return seller, force_uom

    @api.model
    def _get_drop_shipment_date_planned(self, promised, needed):
        """Return when goods are expected that the vendor can deliver on `needed`.

        On the day that the customer was promised, if there is one and the vendor can
        keep it; else they are late from the start.
        """
        to_day = partial(fields.Date.context_today, self)
        if promised and to_day(promised) >= to_day(needed):
            return promised
        return needed

    def _get_drop_shipment_redate(self, promised):
        """Return when this line is expected now that `promised` is the customer's."""
        self.ensure_one()
        seller, _force_uom = self._select_drop_shipment_seller(
            self.order_id, self.product_id, self.product_qty, self.product_uom_id
        )
        return self._get_drop_shipment_date_planned(
            promised, self._get_date_planned(seller)
        )

    def _fill_in_drop_shipment_price(self):
        """Give new lines that the vendor has no price for the price that core finds."""
        # A vendor's price may be 0.
        unpriced = self.filtered(
            lambda line: (
                line.drop_shipment
                and not line.price_unit
                and not line.selected_seller_id
            )
        )
        names = {line: line.name for line in unpriced}
        unpriced._compute_price_unit_and_date_planned_and_name()
        for line, name in names.items():
            # Core falls back to our own words where no price applies.
            if line.name != name:
                line.name = name

    def _get_drop_shipment_fetched_notes(self):
        """Return the notes below these lines that came with their sales lines."""
        notes = self.browse()
        # Buyers may lack rights on sales lines; only texts are compared.
        for line in self.sudo():
            sale_line = line.drop_shipment_sale_line_id
            texts = sale_line._get_drop_shipment_note_lines().mapped("name")
            notes |= line._get_drop_shipment_note_lines().filtered(
                lambda note, texts=texts: note.name in texts
            )
        return notes.with_env(self.env)

    def _get_drop_shipment_pickings(self):
        return self.filtered("drop_shipment").move_ids.picking_id

    def _get_drop_shipment_qty(self, field, exact=False):
        """Return a quantity of this line in the UoM of its sales line.

        :param bool exact: not rounded, to be added up
        """
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self[field],
            self.sale_line_id.product_uom_id,
            round=not exact,
            rounding_method="HALF-UP",
        )

    def _drop_shipment_lower(self, quantity):
        """Ask for `quantity`, in the UoM of the line, as another order needs no more.

        Price, discount, date and words stay, though the order is not confirmed yet:
        nobody has asked the vendor for others.
        """
        self.ensure_one()
        agreed = self.pool.field_computed[self._fields["price_unit"]]
        with self.env.protecting(agreed, self):
            self.product_qty = quantity

    def _get_drop_shipment_received(self):
        """Return the quantity received in the UoM of the sales line, not rounded.

        Quantities received are rounded: parts of a dozen may be not.
        """
        self.ensure_one()
        received = self.qty_received
        unit = self.sale_line_id.product_uom_id
        if self.move_ids._is_drop_shipment_converted(self):
            exact = self.with_context(dropship_link_exact=True)
            received = exact._prepare_qty_received()[self]
        return self.product_uom_id._compute_quantity(received, unit, round=False)

    def _prepare_drop_shipment_slip_line(self):
        """Return a line of a packing slip; see `_get_drop_shipment_slips`."""
        self.ensure_one()
        sale_line = self.drop_shipment_sale_line_id
        quantity = self._get_drop_shipment_qty("product_qty")
        shipped = not self._get_drop_shipment_waiting()
        if not shipped:
            quantity -= self._get_drop_shipment_qty("qty_received")
        moves = self.move_ids.filtered(
            lambda move: move.state != "cancel" and (move.state == "done") == shipped
        )
        lots = [
            move_line.lot_id.name or move_line.lot_name
            for move_line in moves.move_line_ids
        ]
        return {
            "name": sale_line._get_drop_shipment_description(),
            "quantity": sale_line._format_drop_shipment_qty(quantity),
            "lots": ", ".join(dict.fromkeys(filter(None, lots))),
        }

    def _get_drop_shipment_open_moves(self):
        """Return the moves that are still to ship on confirmed orders."""
        return self.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.purchase_line_id.order_id.state == "purchase"
                and move._is_drop_shipment()
            )
        )

    def _get_drop_shipment_qty_outstanding(self):
        """Return the quantity that is still to ship, in the UoM of the line."""
        self.ensure_one()
        return sum(
            move.product_uom._compute_quantity(
                move.product_uom_qty, self.product_uom_id, rounding_method="HALF-UP"
            )
            for move in self._get_drop_shipment_open_moves()
        )

    def _get_drop_shipment_open_text(self):
        """Return what the vendor has left to ship of this line, with its unit.

        By the open moves: goods that came back and are not asked for again are not
        left. The caller sees to the rights on transfers.
        """
        self.ensure_one()
        return self._format_drop_shipment_qty(self._get_drop_shipment_qty_outstanding())

    def _get_drop_shipment_short(self):
        """Return the confirmed lines that the vendor has shipped in part."""
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.state == "purchase"
                and line.qty_received > 0
                and line.product_uom_id.compare(
                    line._get_drop_shipment_qty_outstanding(), 0.0
                )
                > 0
            )
        )

    def _get_drop_shipment_stranded(self):
        """Return the confirmed lines of which something is on no transfer any more.

        It was cancelled, its goods went back to the vendor, or a transfer that is done
        was corrected to less.
        """
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.state == "purchase"
                and line.product_uom_id.compare(line.qty_received, line.product_qty) < 0
                and line.product_uom_id.compare(
                    line.qty_received + line._get_drop_shipment_qty_outstanding(),
                    line.product_qty,
                )
                < 0
            )
        )

    def _get_drop_shipment_waiting(self):
        """Return the lines that the vendor has not shipped in full."""
        return self.filtered(
            lambda line: (
                line.product_uom_id.compare(line.qty_received, line.product_qty) < 0
            )
        )

    def _check_drop_shipment_qty(self):
        """Refuse a negative quantity.

        :raise ValidationError: names the line
        """
        for line in self:
            if line.product_qty < 0:
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s can't be %(quantity)s: enter 0 or more.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(line.product_qty),
                    )
                )

    def _check_drop_shipment_received(self):
        """Refuse less than the vendor has shipped; core would return the difference.

        :raise ValidationError: names the line and the quantity received
        """
        for line in self:
            if (
                line.order_id.state == "purchase"
                and line.product_uom_id.compare(line.product_qty, line.qty_received) < 0
            ):
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s can't be %(quantity)s: %(received)s have "
                        "been shipped. Return the difference on the transfer first.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(line.product_qty),
                        received=line._format_drop_shipment_qty(line.qty_received),
                    )
                )

    def _check_drop_shipment_link(self):
        """Refuse links that the design does not allow, however they were made.

        :raise ValidationError: names line and document, and what to do
        """
        self._check_drop_shipment_qty()
        # Buyers without sales rights link to orders that they may not read.
        lines_sudo = self.sudo()
        kits = lines_sudo.product_id._get_drop_shipment_kits(self.company_id[:1])
        refusals = {}
        for line in lines_sudo:
            if line.company_id != line.drop_shipment_sale_line_id.company_id:
                # Not a word about it: the user may have made up the id.
                raise ValidationError(
                    self.env._(
                        "%(line)s can't be linked: the sales order belongs to another "
                        "company. Use Get Sales Order.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            order, sale_order = line.order_id, line.drop_shipment_sale_line_id.order_id
            if (order, sale_order) not in refusals:
                refusals[order, sale_order] = order._get_drop_shipment_link_refusal(
                    sale_order
                )
            reason = (
                refusals[order, sale_order] or line._get_drop_shipment_link_refusal()
            )
            if line.product_id in kits:
                reason = self.env._("a kit can't be drop-shipped as a whole.")
            if reason:
                raise ValidationError(
                    self.env._(
                        "%(line)s can't be linked to sales order %(sale)s: %(reason)s "
                        "Use Get Sales Order in a new request for quotation.",
                        line=line._get_drop_shipment_label(),
                        sale=line.drop_shipment_sale_ref,
                        reason=reason,
                    )
                )
        lines_sudo.drop_shipment_sale_line_id._check_drop_shipment_open()
        lines_sudo.drop_shipment_sale_line_id.order_id._drop_shipment_touch()

    def _check_drop_shipment_alternative(self):
        """Refuse the copies that alternatives to a request for quotation are made of.

        :raise UserError: names the request
        """
        origin = self.env["purchase.order"].browse(self.env.context.get("origin_po_id"))
        if origin:
            raise UserError(
                self.env._(
                    "%(order)s can't have alternatives: its lines ship sales orders, "
                    "and a copy would ship them twice. Unlink the lines, then use Get "
                    "Sales Order with the other vendor.",
                    order=origin.name,
                )
            )

    def _get_drop_shipment_link_refusal(self):
        """Return why this line can't be what its sales line orders, or False."""
        self.ensure_one()
        sale_line = self.sale_line_id
        if self.product_id != sale_line.product_id:
            return self.env._("the product differs.")
        if self.product_id.type != "consu":
            return self.env._("only goods can be drop-shipped.")
        if (
            self.product_uom_id != sale_line.product_uom_id
            and not self.product_uom_id._has_common_reference(sale_line.product_uom_id)
        ):
            return self.env._("the units of measure can't be converted.")
        return False

    def _check_drop_shipment_frozen(self, vals):
        """Refuse other values for fields that are frozen while linked.

        :param dict vals: as for `write`
        :raise UserError: names field, line and sales order
        """
        names = [
            name
            for name in ("sale_line_id", "product_id", "product_uom_id", "order_id")
            if name in vals
        ]
        for line in self if names else self.browse():
            # Buyers without sales rights are told the number, no more.
            sale_line = line.sudo().sale_line_id
            # What a vendor shipped stays so, though the sales line is ticked no more.
            if not line.drop_shipment and not (
                line.qty_received and sale_line and line.order_id.sell_to_customer_id
            ):
                continue
            # Reopening the order looks at all of it again, but for where it is.
            free = line.order_id.state == "cancel" and not line.qty_received
            for name in names:
                field = self._fields[name]
                if line[name].id == (vals[name] or False):
                    continue
                if free and name != "order_id":
                    continue
                if name == "sale_line_id" and line.order_id.state in ("draft", "sent"):
                    continue
                if line.order_id.state == "cancel":
                    raise UserError(
                        self.env._(
                            "%(field)s of %(order)s can't be changed: the cancelled "
                            "order has lines of sales order %(sale)s. Make a new "
                            "request for quotation.",
                            field=field._description_string(self.env),
                            order=line._get_drop_shipment_label(),
                            sale=sale_line.order_id.name,
                        )
                    )
                raise UserError(
                    self.env._(
                        "%(field)s of %(line)s can't be changed: it is linked to sales "
                        "order %(sale)s. Unlink it first.",
                        field=field._description_string(self.env),
                        line=line._get_drop_shipment_label(),
                        sale=sale_line.order_id.name,
                    )
                )

    def _drop_shipment_link_extra(self, sale_line):  # pylint: disable=missing-return
        """Link a line of which nothing was ordered, but something shipped.

        :param sale_line: the sales line that core made of the same goods
        """
        # Past our own `write`: nothing can be linked to a confirmed order by hand.
        vals = {"sale_line_id": sale_line.id}
        super().write(vals)  # pylint: disable=super-method-mismatch
        sale_line.order_id._drop_shipment_touch()

    def _drop_shipment_note_sales(self, get_text):
        """Post a note on each linked sales order, one text for each line."""
        for sale_order, lines in self.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            sale_order._drop_shipment_note([get_text(line) for line in lines])

    def _get_drop_shipment_label(self):
        """Return what an error calls this line: order, position and product."""
        self.ensure_one()
        order_lines = self.order_id.order_line.filtered(
            lambda line: not line.display_type
        )
        if not self._origin or self._origin not in order_lines:
            return self.product_id.display_name or self.name or self.env._("this line")
        return self.env._(
            "%(order)s, line %(position)s (%(product)s)",
            order=self.order_id.name,
            position=order_lines.ids.index(self._origin.id) + 1,
            product=self.product_id.display_name,
        )

    def _format_drop_shipment_qty(self, quantity):
        """Return `quantity` with the UoM of the line, as text."""
        self.ensure_one()
        return self.product_uom_id._format_drop_shipment_qty(quantity)
