from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

# Fields that can't be changed while a link exists, in the order they are checked in.
SALE_ORDER_FIELDS = ("company_id", "partner_id", "partner_shipping_id")
SALE_LINE_FIELDS = ("order_id", "product_id", "product_uom_id")
# Of sales lines: free again once nothing is ordered, whatever was shipped before.
VENDOR_FIELDS = ("drop_shipment_vendor_id", "drop_shipment_chosen_vendor_id")
PURCHASE_ORDER_FIELDS = (
    "company_id",
    "currency_id",
    "dest_address_id",
    "partner_id",
    "picking_type_id",
    "sell_to_customer_id",
)
PURCHASE_LINE_FIELDS = ("sale_line_id", "product_id", "product_uom_id", "order_id")
# Of purchase orders: free on a request for quotation.
AGREED_FIELDS = ("currency_id", "partner_id")


class DropShipmentFreeze(models.AbstractModel):
    """What can't be changed while orders are linked, and what follows a change.

    Each `_check_...` is called before the change is written, and raises a text that
    names the field, the document and the order on the other side. Users of one
    department are told the number of the other side's order, and no more of it.
    """

    _name = "drop.shipment.freeze"
    _description = "Frozen Fields of Drop Shipments"

    @api.model
    def _get_changes(self, records, vals, names):
        """Yield (record, field) for each of the fields that `vals` changes.

        :param dict vals: as for `write`
        :param names: names of many2one fields
        """
        fields = [records._fields[name] for name in names if name in vals]
        for record in records if fields else ():
            for field in fields:
                if record[field.name].id != (vals[field.name] or False):
                    yield record, field

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    @api.model
    def _check_sale_orders(self, orders, vals):
        """Refuse other values for fields of linked sales orders.

        The ship-to address may change as long as the linked requests for quotation
        serve one order only: they follow.

        :param dict vals: as for `write`
        :raise UserError: names field, document and purchase order
        """
        for order, field in self._get_changes(orders, vals, SALE_ORDER_FIELDS):
            purchase_orders = order._get_drop_shipment_live_lines_sudo().order_id
            if field.name == "partner_shipping_id":
                purchase_orders = purchase_orders.filtered(
                    lambda purchase_order, order=order: (
                        purchase_order.state == "purchase"
                        or purchase_order._get_drop_shipment_sale_orders()
                        != order.sudo()
                    )
                )
            if purchase_orders:
                raise UserError(
                    self.env._(
                        "%(field)s of %(order)s can't be changed: it is shipped by "
                        "purchase order %(purchase)s. Have the buyer unlink it there, "
                        "or cancel that order first. Once a part was shipped, lower "
                        "the lines to that, and make a new sales order for the rest.",
                        field=field._description_string(self.env),
                        order=order.name,
                        purchase=", ".join(purchase_orders.mapped("name")),
                    )
                )

    @api.model
    def _check_sale_lines(self, lines, vals):
        """Refuse other values for fields of linked or settled sales lines.

        :param dict vals: as for `write`
        :raise UserError: names field, line and purchase order
        """
        for line, field in self._get_changes(
            lines, vals, SALE_LINE_FIELDS + VENDOR_FIELDS
        ):
            # Salespeople may not read purchase lines; only numbers are shown.
            line_sudo = line.sudo()
            linked = line_sudo._get_drop_shipment_live_lines()
            if field.name in VENDOR_FIELDS:
                # What was given back is to order again, from whomever.
                linked = linked.filtered("product_qty")
            if linked:
                names = linked.order_id.sorted("name").mapped("name")
                raise UserError(
                    self.env._(
                        "%(field)s of %(line)s can't be changed: it is on purchase "
                        "order %(purchase)s. Have the buyer unlink it or cancel that "
                        "order first.",
                        field=field._description_string(self.env),
                        line=line._get_drop_shipment_label(),
                        purchase=", ".join(names),
                    )
                )
            if field.name in VENDOR_FIELDS:
                continue
            quantity = line_sudo._get_drop_shipment_qty_settled()
            if quantity > 0:
                raise UserError(
                    self.env._(
                        "%(field)s of %(line)s can't be changed: %(quantity)s are "
                        "delivered or invoiced. Add another line.",
                        field=field._description_string(self.env),
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(quantity),
                    )
                )

    @api.model
    def _check_purchase_orders(self, orders, vals):
        """Refuse other values for fields of linked purchase orders.

        :param dict vals: as for `write`
        :raise UserError: names field, document and sales order
        """
        for order, field in self._get_changes(orders, vals, PURCHASE_ORDER_FIELDS):
            if order.state == "cancel":
                # The links are checked when it is reopened, by this customer.
                if field.name == "sell_to_customer_id":
                    self._raise_cancelled(
                        field, order.name, order.drop_shipment_sale_ref
                    )
                continue
            if field.name in AGREED_FIELDS and order.state != "purchase":
                continue
            raise UserError(
                self.env._(
                    "%(field)s of %(order)s can't be changed: the order ships "
                    "%(sale)s. Unlink its lines or cancel the order first.",
                    field=field._description_string(self.env),
                    order=order.name,
                    sale=order.drop_shipment_sale_ref,
                )
            )

    @api.model
    def _check_purchase_lines(self, lines, vals):
        """Refuse other values for fields of linked or shipped purchase lines.

        :param dict vals: as for `write`
        :raise UserError: names field, line and sales order
        """
        for line, field in self._get_changes(lines, vals, PURCHASE_LINE_FIELDS):
            # Buyers without sales rights are told the number, no more.
            sale_line = line.sudo().sale_line_id
            # A shipment stays linked even if the sales line was unticked since.
            is_shipped = (
                line.qty_received and sale_line and line.order_id.sell_to_customer_id
            )
            if not (line.drop_shipment or is_shipped):
                continue
            state = line.order_id.state
            if state == "cancel":
                # The links are checked when it is reopened, but for where they are.
                if line.qty_received or field.name == "order_id":
                    self._raise_cancelled(
                        field, line._get_drop_shipment_label(), sale_line.order_id.name
                    )
                continue
            if field.name == "sale_line_id" and state in ("draft", "sent"):
                # Cancelled after a partial receipt, then reopened: the transfers belong
                # to this sale.
                if line.qty_received:
                    self._raise_shipped(field, line)
                continue
            raise UserError(
                self.env._(
                    "%(field)s of %(line)s can't be changed: it is linked to sales "
                    "order %(sale)s. Unlink it first.",
                    field=field._description_string(self.env),
                    line=line._get_drop_shipment_label(),
                    sale=sale_line.order_id.name,
                )
            )

    @api.model
    def _raise_shipped(self, field, line):
        """Refuse to change a field of a purchase line with goods shipped.

        :raise UserError: always
        """
        raise UserError(
            self.env._(
                "%(field)s of %(line)s can't be changed: %(quantity)s were shipped for "
                "sales order %(sale)s. Add another line.",
                field=field._description_string(self.env),
                line=line._get_drop_shipment_label(),
                quantity=line._format_drop_shipment_qty(line.qty_received),
                # sudo: buyers without sales rights are told the number.
                sale=line.sudo().sale_line_id.order_id.name,
            )
        )

    @api.model
    def _raise_cancelled(self, field, document, sale_ref):
        """Refuse to change a field of a cancelled purchase order with links.

        :param str document: name of the order, or of one of its lines
        :param str sale_ref: name of the sales order
        :raise UserError: always
        """
        raise UserError(
            self.env._(
                "%(field)s of %(order)s can't be changed: the cancelled order has "
                "lines of %(sale)s. Make a new request for quotation.",
                field=field._description_string(self.env),
                order=document,
                sale=sale_ref,
            )
        )

    @api.model
    def _check_tick_may_change(self, lines):
        """Refuse to tick or untick sales lines with goods under way.

        :raise UserError: open stock moves, or a purchase line that is not cancelled
        """
        for line in lines:
            # Salespeople may not read purchase lines; only numbers are shown.
            purchase_orders = line.sudo().purchase_line_ids.order_id.filtered(
                lambda order: order.state != "cancel"
            )
            if purchase_orders:
                raise UserError(self._get_tick_refusal(line, purchase_orders))
            if moves := self._get_unfinished_moves(line):
                raise UserError(
                    self.env._(
                        "Drop Shipment can't be changed on %(line)s: it is on open "
                        "transfer %(transfer)s. Cancel or complete that first.",
                        line=line._get_drop_shipment_label(),
                        transfer=", ".join(moves.picking_id.mapped("name")),
                    )
                )

    @api.model
    def _get_tick_refusal(self, line, purchase_orders):
        """Return why the tick of a sales line on these purchase orders can't change.

        :param purchase_orders: those that are not cancelled, in sudo
        """
        lines = line.sudo()._get_drop_shipment_live_lines()
        # The orders that hold the rest are of no use to who asks what was shipped.
        shipped = lines.filtered("qty_received").order_id
        names = {
            "line": line._get_drop_shipment_label(),
            "purchase": ", ".join((shipped or purchase_orders).mapped("name")),
        }
        if shipped:
            # Nobody takes out what was shipped, nor cancels what was billed.
            return self.env._(
                "Drop Shipment can't be changed on %(line)s: a part of it was shipped "
                "on purchase order %(purchase)s. Have the buyer close the remainder, "
                "lower the line to what was shipped, and add a line for the rest.",
                **names,
            )
        if lines and not any(
            line.product_qty or line.state != "purchase" for line in lines
        ):
            # Closed, as the vendor declined it: nobody takes it out of that order.
            return self.env._(
                "Drop Shipment can't be changed on %(line)s: it was given back on "
                "purchase order %(purchase)s, which still names it. Lower it to 0, and "
                "add a line for what is to be delivered.",
                **names,
            )
        return self.env._(
            "Drop Shipment can't be changed on %(line)s: it is on purchase order "
            "%(purchase)s. Have the buyer take it out or cancel that order first.",
            **names,
        )

    @api.model
    def _get_unfinished_moves(self, lines):
        """Return the moves of sales lines, in sudo, that are not done or cancelled."""
        # sudo: salespeople may lack rights on transfers.
        return lines.sudo().move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )

    @api.model
    def _cancel_unticked_deliveries(self, lines):
        """Cancel what unticking made, as these sales lines are ticked again.

        As long as nobody has done anything of it: else `_check_tick_may_change` has
        the last word.
        """
        # In sudo: who may tick a line may take back what unticking it made.
        moves = self._get_unfinished_moves(lines)
        if not any(
            move.picked
            or move.picking_id.printed
            or move.picking_id.backorder_id
            or move.created_purchase_line_ids
            or move.move_orig_ids - moves
            for move in moves
        ):
            moves._action_cancel()

    @api.model
    def _log_ticks(self, lines, ticked):
        """Note on confirmed sales orders who ships their lines from now on.

        :param lines: sales lines of which tick or product was written
        :param ticked: those that were ticked before
        """
        confirmed = lines.filtered(lambda line: line.state == "sale")
        changed = confirmed.filtered(
            lambda line: line.drop_shipment != (line in ticked)
        )
        for is_ticked, own in changed.grouped("drop_shipment").items():
            # sudo: the system keeps it, for the next tick.
            own.sudo().drop_shipment_unticked = not is_ticked
        for order, order_lines in changed.grouped("order_id").items():
            order._log_drop_shipment_note(
                [self._get_tick_text(line) for line in order_lines]
            )

    @api.model
    def _get_tick_text(self, line):
        """Return who ships a sales line whose tick has changed, for a note."""
        label = line._get_drop_shipment_label()
        if line.drop_shipment:
            return self.env._("%(line)s: Drop Shipment was ticked.", line=label)
        moves = self._get_unfinished_moves(line)
        if not moves:
            return self.env._("%(line)s: Drop Shipment was unticked.", line=label)
        return self.env._(
            "%(line)s: Drop Shipment was unticked. Transfer %(transfer)s delivers it.",
            line=label,
            transfer=", ".join(moves.picking_id.mapped("name")),
        )

    # ------------------------------------------------------------
    # STATUS
    # ------------------------------------------------------------

    @api.model
    def _check_may_leave_confirmed(self, orders, state):
        """Refuse to take purchase orders back while the vendor may still ship them.

        Core's button cancels the transfers before it changes the state. Without that
        they stay, and the same goods could be ordered and shipped again.

        :param orders: linked purchase orders
        :param str state: the new state
        :raise UserError: names the document
        """
        for order in orders.filtered(lambda order: order.state == "purchase"):
            moves = order.order_line.move_ids
            if state != "cancel" or any(
                move.state not in ("done", "cancel") for move in moves
            ):
                raise UserError(
                    self.env._(
                        "Status of %(order)s can't be changed: it is confirmed, and "
                        "the vendor is to ship %(sale)s. Cancel the order first.",
                        order=order.name,
                        sale=order.drop_shipment_sale_ref,
                    )
                )

    @api.model
    def _check_may_reopen(self, orders):
        """Refuse to reopen purchase orders of lines that ship from stock meanwhile.

        :raise UserError: names the line and its sales order
        """
        for order in orders:
            if order.state != "cancel" or not order.sell_to_customer_id:
                continue
            # Buyers without sales rights are told a number only.
            for line in order.sudo().order_line:
                if line.sale_line_id and not line.drop_shipment:
                    raise UserError(
                        self.env._(
                            "%(line)s can't be ordered again: sales order %(sale)s "
                            "ships it from stock now. Make a new request for "
                            "quotation.",
                            line=line._get_drop_shipment_label(),
                            sale=line.sale_line_id.order_id.name,
                        )
                    )

    @api.model
    def _check_may_cancel(self, sale_orders):
        """Refuse to cancel or reopen sales orders that a vendor is to ship.

        :raise UserError: a confirmed purchase order has something left to ship
        """
        for order in sale_orders:
            lines = order._get_drop_shipment_live_lines_sudo()
            left = lines.filtered("drop_shipment_may_close")
            if left:
                raise UserError(
                    self.env._(
                        "%(order)s can't be cancelled: the vendor has %(lines)s left "
                        "to ship on purchase order %(purchase)s. Have the buyer close "
                        "the remainder or cancel that order first.",
                        order=order.name,
                        lines=", ".join(left.product_id.mapped("display_name")),
                        purchase=", ".join(left.order_id.mapped("name")),
                    )
                )

    # ------------------------------------------------------------
    # FOLLOW-UP
    # ------------------------------------------------------------

    @api.model
    def _log_new_ship_to(self, sale_order):
        """Tell the buyers that their requests for quotation have a new ship-to."""
        for order in sale_order._get_drop_shipment_live_lines_sudo().order_id:
            order._log_drop_shipment_note(
                [
                    self.env._(
                        "Ship-to address of sales order %(sale)s is now %(address)s.",
                        sale=sale_order.name,
                        address=sale_order.partner_shipping_id.display_name,
                    )
                ]
            )

    @api.model
    def _propagate_delivery_date(self, sale_order, old_date):
        """Bring the new delivery date to the linked purchase orders.

        Requests for quotation take it over, as far as the vendor can keep it. On
        confirmed orders the vendor's word stands: their buyers get one activity with
        both dates.
        """
        new_date = sale_order.commitment_date
        lines = sale_order._get_drop_shipment_live_lines_sudo()
        requested = lines.filtered(lambda line: line.order_id.state != "purchase")
        sourcing = self.env["drop.shipment.sourcing"]
        if new_date:
            for date, dated in requested.grouped(
                lambda line: sourcing._get_new_date_planned(line, new_date)
            ).items():
                dated.date_planned = date
        confirmed = lines - requested
        for order in confirmed._filter_owed().order_id:
            self._schedule_new_date_activity(order, sale_order, old_date)

    @api.model
    def _schedule_new_date_activity(self, order, sale_order, old_date):
        """Tell the buyer of `order` in one activity, however often the date changes."""
        # In the buyer's language and time zone, whoever in sales changes it.
        order = order.with_context(
            lang=order._get_drop_shipment_buyer_lang(),
            tz=order.get_order_timezone().zone,
        )
        env = order.env
        none = env._("none")
        summary = env._(
            "Delivery date of sales order %(sale)s changed", sale=sale_order.name
        )
        note = env._(
            "The customer's delivery date of %(sale)s was %(old)s and is now %(new)s. "
            "Ask the vendor.",
            sale=sale_order.name,
            old=format_date(env, old_date) or none,
            new=format_date(env, sale_order.commitment_date) or none,
        )
        activity = order.activity_ids.filtered(
            lambda activity: activity.summary == summary
        )[:1]
        if activity:
            # The vendor still goes by the date before the first change.
            activity.note += note
            return
        order.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=note,
            # Without a buyer the activity has no user: anyone else may lack the right
            # to open the order.
            user_id=order._get_drop_shipment_buyer().id,
        )
