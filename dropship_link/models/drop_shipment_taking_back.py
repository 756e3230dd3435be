from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

# What the customer agreed to, of a sales line whose quantity falls.
AGREED_FIELDS = ("price_unit", "discount")


class DropShipmentTakingBack(models.AbstractModel):
    """How a link is given up in full or in part, and what it ordered is to order again.

    The buyer unlinks a line of a request for quotation, or closes the remainder of a
    confirmed line; the salesperson lowers the sales line or cancels the sales order,
    and requests for quotation follow. Both orders get a note.
    """

    _name = "drop.shipment.taking.back"
    _description = "Taking Back of Drop Shipments"

    # ------------------------------------------------------------
    # BY THE BUYER
    # ------------------------------------------------------------

    @api.model
    def _unlink_lines(self, lines):
        """Take purchase lines out of their request for quotation again.

        :raise UserError: a line is not linked or its order is confirmed
        :raise AccessError: the user may not change the purchase order
        """
        lines.order_id.check_access("write")
        self._check_may_unlink(lines)
        (lines | self._get_fetched_notes(lines)).unlink()

    @api.model
    def _log_unlinked(self, lines):
        """Log on both orders that purchase lines leave their request for quotation.

        :param lines: purchase lines that are deleted; others are left out
        """
        if self.env.context.get("dropship_link_unlink_noted"):
            return
        lines = lines.filtered(
            lambda line: (
                line.drop_shipment
                and line.order_id.state in ("draft", "sent", "to approve")
            )
        )
        for order, order_lines in lines.grouped("order_id").items():
            # sudo: notes on sales orders that the buyer may not read.
            order_lines.sudo()._log_drop_shipment_notes_on_sales(
                lambda line: self.env._(
                    "%(line)s: taken out of request for quotation %(order)s.",
                    line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                    order=line.order_id.name,
                )
            )
            order._log_drop_shipment_note(
                [
                    self.env._(
                        "%(line)s: unlinked from sales order %(sale)s.",
                        line=line.product_id.display_name,
                        sale=line.drop_shipment_sale_ref,
                    )
                    for line in order_lines
                ]
            )

    @api.model
    def _check_may_unlink(self, lines):
        """Refuse purchase lines that are not linked, not on a request, or shipped.

        :raise UserError: names the line
        """
        for line in lines:
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
                        "%(line)s can't be unlinked: the order is no longer a request "
                        "for quotation. Use Close Remainder to give the rest back.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            if line.qty_received:
                # The purchase order was cancelled after a partial receipt, then
                # reopened.
                raise UserError(
                    self.env._(
                        "%(line)s can't be unlinked: %(quantity)s of it were shipped. "
                        "Lower its quantity to give the rest back.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(line.qty_received),
                    )
                )

    @api.model
    def _remove_lines(self, lines):
        """Delete linked lines of requests for quotation; the caller notes why."""
        notes = self._get_fetched_notes(lines)
        (lines | notes).with_context(dropship_link_unlink_noted=True).unlink()

    @api.model
    def _get_fetched_notes(self, purchase_lines):
        """Return the notes below these lines that came with their sales lines."""
        notes = purchase_lines.browse()
        # Buyers may lack rights on sales lines; only texts are compared.
        for line in purchase_lines.sudo():
            sale_line = line.drop_shipment_sale_line_id
            texts = sale_line._get_drop_shipment_note_lines().mapped("name")
            notes |= line._get_drop_shipment_note_lines().filtered(
                lambda note, texts=texts: note.name in texts
            )
        return notes.with_env(purchase_lines.env)

    @api.model
    def _close_remainder(self, lines):
        """Give back what the vendor has not shipped; it is to order again.

        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change the purchase order
        """
        self._check_has_remainder(lines, lines.filtered("drop_shipment_may_close"))
        # Of an exchange nothing is to order again.
        rests = {
            line: line.product_qty - line.qty_received for line in lines._filter_owed()
        }
        with self.env["drop.shipment.transfers"]._log_given_back(rests):
            self._cancel_remainder(lines)

    @api.model
    def _close_declined(self, orders):
        """Give back what vendors declined of purchase orders; it is to order again.

        :return: the purchase lines
        :raise UserError: nothing is declined
        :raise AccessError: the user may not change the purchase orders
        """
        orders.check_access("write")
        lines = orders.order_line._filter_declined()
        declined = {line: line._get_drop_shipment_qty_declined() for line in lines}
        if not declined:
            raise UserError(
                self.env._(
                    "Nothing of %(orders)s is declined any more. Reload the page.",
                    orders=", ".join(orders.mapped("name")),
                )
            )
        with self.env["drop.shipment.transfers"]._log_given_back(declined):
            for line, quantity in declined.items():
                line.product_qty -= quantity
        return lines

    @api.model
    def _waive_remainder(self, lines):
        """Give back what the vendor has not shipped, as the customer does without it.

        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change one of the two orders
        """
        self._check_has_remainder(lines, lines._filter_owed())
        # Buyers may lack rights on sales orders: asked for right below.
        sold = lines.sudo().drop_shipment_sale_line_id
        sale_lines = sold.sudo(lines.env.su)
        sale_lines.order_id.check_access("write")
        before = {line: line._get_drop_shipment_qty_left_to_order() for line in sold}
        self._cancel_remainder(lines)
        rests, texts = {}, {}
        for line in sold:
            rest = line._get_drop_shipment_qty_left_to_order() - before[line]
            # The customer lacks less where another vendor has shipped more.
            rest = min(rest, max(line.product_uom_qty - line.qty_delivered, 0.0))
            rests[line] = line.product_uom_id.round(rest)
            texts[line] = self.env._(
                "%(line)s: the customer does without %(rest)s.",
                line=line._get_drop_shipment_label(),
                rest=line._format_drop_shipment_qty(rests[line]),
            )
        agreed = [self.env["sale.order.line"]._fields[name] for name in AGREED_FIELDS]
        # A price break must not make dearer what the vendor fails to ship in full.
        with self.env.protecting(agreed, sale_lines):
            for line in sale_lines:
                line.product_uom_qty -= rests[line]
        for order, order_lines in sale_lines.grouped("order_id").items():
            order._log_drop_shipment_note([texts[line] for line in order_lines])
        for order, order_lines in lines.grouped("order_id").items():
            order._log_drop_shipment_note(
                [texts[line] for line in order_lines.drop_shipment_sale_line_id]
            )

    @api.model
    def _check_has_remainder(self, lines, left):
        """Refuse purchase lines of which nothing can be given back.

        :param left: those of which something can
        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change the purchase order
        """
        lines.order_id.check_access("write")
        self.env["drop.shipment.reported"]._check_nothing_reported(lines)
        for line in lines:
            if not line.drop_shipment or line.order_id.state != "purchase":
                raise UserError(
                    self.env._(
                        "%(line)s has no remainder to close: it is not on a confirmed "
                        "drop shipment order.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            if line not in left:
                raise UserError(
                    self.env._(
                        "%(line)s has no remainder to close: all of it is received.",
                        line=line._get_drop_shipment_label(),
                    )
                )

    @api.model
    def _cancel_remainder(self, lines):
        """Cancel the open moves of purchase lines; lower them to what was received."""
        self.env["drop.shipment.transfers"]._log_exchange_closed(lines)
        # Buyers may lack rights on transfers.
        lines.sudo()._get_drop_shipment_open_moves()._action_cancel()
        for line in lines._filter_owed():
            line.product_qty = line.qty_received

    # ------------------------------------------------------------
    # BY THE SALESPERSON
    # ------------------------------------------------------------

    @api.model
    def _remove_cancelled_sales(self, sale_orders):
        """Take sales orders, about to be cancelled, out of requests for quotation.

        :raise UserError: see `_check_may_cancel` of `drop.shipment.freeze`
        """
        self.env["drop.shipment.freeze"]._check_may_cancel(sale_orders)
        for sale_order in sale_orders:
            lines = sale_order._get_drop_shipment_live_lines_sudo()
            requested = lines.filtered(lambda line: line.order_id.state != "purchase")
            for order, order_lines in requested.grouped("order_id").items():
                # Lines of an order that was cancelled after a partial receipt, then
                # reopened.
                shipped = order_lines.filtered("qty_received")
                removed = order_lines - shipped
                texts = [
                    self.env._(
                        "%(line)s: removed, as sales order %(sale)s is cancelled.",
                        line=line.product_id.display_name,
                        sale=sale_order.name,
                    )
                    for line in removed
                ]
                for line in shipped._filter_owed():
                    self._lower_line(line, line.qty_received)
                    texts.append(
                        self.env._(
                            "%(line)s: lowered to the %(quantity)s shipped, as sales "
                            "order %(sale)s is cancelled.",
                            line=line.product_id.display_name,
                            quantity=line._format_drop_shipment_qty(line.product_qty),
                            sale=sale_order.name,
                        )
                    )
                if removed:
                    self._remove_lines(removed)
                order._log_drop_shipment_note(texts)
                self._schedule_empty_activity(order)

    @api.model
    def _release_cancelled(self, sale_lines):
        """Take sales lines, about to be deleted, off cancelled purchase orders.

        Reopened, these would ship to the customer what nobody has bought.
        """
        # sudo: salespeople may lack rights on purchase orders.
        linked = sale_lines._get_drop_shipments().sudo().drop_shipment_purchase_line_ids
        lines = linked.filtered(
            lambda line: line.order_id.state == "cancel" and not line.qty_received
        )
        lines.sale_line_id = False

    @api.model
    def _schedule_empty_activity(self, order):
        """Tell the buyer that nothing is left on this request for quotation, once.

        :param order: purchase order, in sudo
        """
        order = order.with_context(lang=order._get_drop_shipment_buyer_lang())
        summary = order.env._("Request for quotation is empty")
        if (
            any(not line.display_type for line in order.order_line)
            or order.state == "cancel"
            or summary in order.activity_ids.mapped("summary")
        ):
            return
        order.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=order.env._(
                "The customer does not want it any more. Cancel %(order)s, and tell "
                "the vendor if it was sent.",
                order=order.name,
            ),
            # Without a buyer the activity has no user: anyone else may lack the right
            # to open the order.
            user_id=order._get_drop_shipment_buyer().id,
        )

    @api.model
    def _reduce_requested_qty(self, sale_lines, quantity):
        """Lower linked requests for quotation to what the sales lines will need.

        Called before the quantity of the lines becomes `quantity` (their UoM).

        :raise UserError: more than `quantity` is on confirmed purchase orders
        """
        notes = defaultdict(list)
        # Salespeople's orders decide what buyers' requests for quotation ask for.
        for line in sale_lines.sudo():
            excess = self._get_requested_excess(line, quantity)
            if line.product_uom_id.compare(excess, 0.0) <= 0:
                continue
            lines = line._get_drop_shipment_live_lines()
            confirmed = lines.filtered(lambda line: line.order_id.state == "purchase")
            for order, text, lowered in self._lower_requests(lines - confirmed, excess):
                notes[order].append(text)
                excess -= lowered
            # Without open purchase lines all of it is delivered, and core refuses less.
            if confirmed and line.product_uom_id.compare(excess, 0.0) > 0:
                raise UserError(
                    self._get_lower_refusal(line, confirmed, quantity, excess)
                )
        for order, texts in notes.items():
            order._log_drop_shipment_note(texts)
            self._schedule_empty_activity(order)

    @api.model
    def _get_lower_refusal(self, line, confirmed, quantity, excess):
        """Return why a sales line can't be lowered, and what the buyer is to do first.

        :param line: sales line, in sudo
        :param confirmed: its purchase lines on confirmed orders
        :param float quantity: what is asked for, in the UoM of the sales line
        :param float excess: what is on these purchase lines, or delivered, beyond it
        """
        uom = line.product_uom_id
        rests = self._get_rests(confirmed)
        label = line._get_drop_shipment_label()
        wanted = line._format_drop_shipment_qty(quantity)
        left = quantity + excess - sum(rests.values())
        if uom.compare(left, quantity) > 0:
            return self.env._(
                "Quantity of %(line)s can't be %(quantity)s: vendors have shipped, or "
                "own stock has delivered, %(shipped)s. Enter no less than that.",
                line=label,
                quantity=wanted,
                shipped=line._format_drop_shipment_qty(left),
            )
        ordered = line._format_drop_shipment_qty(quantity + excess)
        for purchase_line, rest in rests.items():
            if uom.compare(rest, excess) >= 0:
                lowered = purchase_line.product_qty - uom._compute_quantity(
                    excess, purchase_line.product_uom_id, rounding_method="UP"
                )
                return self.env._(
                    "Quantity of %(line)s can't be %(quantity)s: %(ordered)s are on "
                    "confirmed purchase orders or delivered. Have the buyer lower the "
                    "quantity on %(purchase)s to %(lowered)s first.",
                    line=label,
                    quantity=wanted,
                    ordered=ordered,
                    purchase=purchase_line.order_id.name,
                    lowered=purchase_line._format_drop_shipment_qty(lowered),
                )
        orders = self.env["purchase.order"].union(*(key.order_id for key in rests))
        return self.env._(
            "Quantity of %(line)s can't be %(quantity)s: %(ordered)s are on confirmed "
            "purchase orders or delivered. Have the buyer lower the quantities on "
            "%(purchases)s first, by %(excess)s in all.",
            line=label,
            quantity=wanted,
            ordered=ordered,
            purchases=", ".join(orders.sorted("name").mapped("name")),
            excess=line._format_drop_shipment_qty(excess),
        )

    @api.model
    def _get_rests(self, purchase_lines):
        """Return {purchase line: what is not shipped, in the UoM of the sales line}.

        What is shipped already can't be taken off.
        """
        return {
            line: line._get_drop_shipment_qty("product_qty")
            - line._get_drop_shipment_qty("qty_received")
            for line in purchase_lines._filter_owed()
        }

    @api.model
    def _get_requested_excess(self, sale_line, quantity):
        """Return what is ordered or delivered of a sales line beyond `quantity`.

        In the UoM of the line; 0 if the quantity does not fall.
        """
        fall = sale_line.product_uom_qty - max(quantity, 0.0)
        if sale_line.product_uom_id.compare(fall, 0.0) <= 0:
            return 0.0
        # Quantities of several requests are rounded as a sum, and lowered exactly.
        ordered = sum(
            line._get_drop_shipment_qty("product_qty")
            for line in sale_line._get_drop_shipment_live_lines()
        )
        # What own stock has taken back need not be sold.
        return (
            fall
            + (ordered - sale_line.drop_shipment_qty_ordered)
            - max(sale_line._get_drop_shipment_qty_left_to_order(), 0.0)
            - sale_line._get_drop_shipment_qty_given_up()
        )

    @api.model
    def _lower_requests(self, lines, excess):
        """Lower purchase lines on requests for quotation, the latest first.

        A line that falls to zero is removed.

        :param lines: purchase lines of one sales line
        :param float excess: what is too much, in the UoM of the sales line
        :return: list of (purchase order, text for a note, quantity in the UoM of the
            sales line)
        """
        changes = []
        sale_line = lines.drop_shipment_sale_line_id
        for line in lines.filtered("product_qty").sorted("id", reverse=True):
            if sale_line.product_uom_id.compare(excess, 0.0) <= 0:
                break
            requested = line._get_drop_shipment_qty("product_qty")
            lowered = min(requested, excess)
            excess -= lowered
            # Round down: the converted request must not exceed what is sold.
            left = sale_line.product_uom_id._compute_quantity(
                requested - lowered, line.product_uom_id, rounding_method="DOWN"
            )
            text = self.env._(
                "%(line)s: %(old)s to %(new)s, as the customer takes less.",
                line=sale_line._get_drop_shipment_label(),
                old=line._format_drop_shipment_qty(line.product_qty),
                new=line._format_drop_shipment_qty(left),
            )
            changes.append((line.order_id, text, lowered))
            if line.product_uom_id.is_zero(left):
                self._remove_lines(line)
            else:
                self._lower_line(line, left)
        return changes

    @api.model
    def _lower_line(self, line, quantity):
        """Lower a purchase line, as another order needs no more, to `quantity`.

        Price, discount, date and description stay, though the order is not confirmed:
        nobody has asked the vendor for others. In the UoM of the line.
        """
        agreed = self.pool.field_computed[line._fields["price_unit"]]
        with self.env.protecting(agreed, line):
            line.product_qty = quantity
