from collections import defaultdict
from math import isfinite

from odoo import api, models
from odoo.exceptions import UserError, ValidationError


class DropShipmentPostingCheck(models.AbstractModel):
    """Says why an order, an option or a quantity can't be posted.

    Asked by `drop.shipment.posting`, which hands over what is outstanding and what
    would be received, and by the list. `_get_..._refusal` returns the reason, as
    sentences, `_check_...` raises it.
    """

    _name = "drop.shipment.posting.check"
    _description = "Checks before Posting Drop Shipments"

    # ------------------------------------------------------------
    # ORDERS
    # ------------------------------------------------------------

    @api.model
    def _check_postable(self, order, outstanding):
        """Refuse orders that have nothing to post; purchase orders may have a bill.

        :param outstanding: empty where nothing is
        :raise UserError: says what is missing: the link, the confirmation, or nothing
        """
        if outstanding:
            return
        if order._name == "purchase.order":
            refusal = self._get_purchase_refusal(order)
        else:
            refusal = self._get_sale_refusal(order)
        if refusal:
            raise UserError(refusal)

    @api.model
    def _get_sale_refusal(self, order):
        """Return why a sales order has nothing to ship."""
        # sudo: salespeople may know the numbers of purchase orders, no more.
        lines = order.sudo().drop_shipment_line_ids
        if order.state != "sale" or not lines:
            return self.env._(
                "%(order)s has no drop shipment to post: tick Drop Shipment on its "
                "lines and confirm it.",
                order=order.name,
            )
        purchase_orders = lines._get_drop_shipment_live_lines().order_id
        if unconfirmed := purchase_orders.filtered(
            lambda purchase_order: purchase_order.state != "purchase"
        ):
            return self.env._(
                "%(order)s can't be posted yet: the buyer has not confirmed "
                "%(purchase)s. Have that confirmed.",
                order=order.name,
                purchase=", ".join(unconfirmed.mapped("name")),
            )
        if any(lines.mapped("drop_shipment_qty_to_order")):
            return self.env._(
                "%(order)s can't be posted yet: its drop shipment lines are not on a "
                "purchase order. Have a buyer get them with Get Sales Order.",
                order=order.name,
            )
        if stranded := lines._get_drop_shipment_stranded():
            return self.env._(
                "%(order)s has nothing left to ship: vendors have no open transfer "
                "for it. That of %(lines)s was cancelled or corrected, or goods "
                "went back: have the buyer choose Ship Again or Close Remainder.",
                order=order.name,
                lines=", ".join(line._get_drop_shipment_label() for line in stranded),
            )
        return self.env._(
            "%(order)s has nothing left to ship: vendors have no open transfer for it.",
            order=order.name,
        )

    @api.model
    def _get_purchase_refusal(self, order):
        """Return why a purchase order has nothing to receive or bill, or False."""
        if not order._has_drop_shipment():
            return self.env._(
                "%(order)s has no drop shipment to post: use Get Sales Order first.",
                order=order.name,
            )
        if order.state != "purchase":
            return self.env._(
                "%(order)s can't be posted yet: confirm it first.", order=order.name
            )
        if self.env["drop.shipment.billing"]._get_to_bill(order):
            return False
        # sudo: buyers may lack rights on transfers.
        stranded = order.sudo().order_line._filter_stranded()
        if wanted := stranded - stranded._filter_unwanted():
            return self.env._(
                "%(order)s has nothing to post: the transfer of %(lines)s was "
                "cancelled or corrected, or goods went back. Choose Ship Again to "
                "have it shipped, or Close Remainder to order it again.",
                order=order.name,
                lines=", ".join(line._get_drop_shipment_label() for line in wanted),
            )
        if stranded:
            return self.env["drop.shipment.transfers"]._get_unwanted_refusal(stranded)
        return self.env._(
            "%(order)s has nothing left to post: nothing is left to receive or to "
            "bill.",
            order=order.name,
        )

    @api.model
    def _get_line_refusal(self, line):
        """Return why a sales line has nothing to post from the list, or False.

        :param line: in sudo
        """
        compare = line.product_uom_id.compare
        if compare(line.qty_to_ship, 0.0) > 0:
            return False
        if compare(line.drop_shipment_qty_outstanding, 0.0) > 0:
            if not line.order_id.with_env(self.env).has_access("write"):
                # A purchase order is received whatever sales wants to ship next.
                return False
            return self.env._("Qty to Ship is 0: enter it on the sales order.")
        if compare(line.drop_shipment_qty_to_order, 0.0) > 0:
            return self.env._("It is not ordered yet.")
        if requests := line._get_drop_shipment_request_lines().order_id:
            return self.env._(
                "The buyer has not confirmed %(purchase)s.",
                purchase=", ".join(requests.sorted("name").mapped("name")),
            )
        if line._get_drop_shipment_stranded():
            return self.env._(
                "It is on no transfer any more: have the buyer choose Ship Again or "
                "Close Remainder."
            )
        return self.env._("Nothing is left to ship.")

    @api.model
    def _get_unreported_refusal(self, order):
        """Return why a line can't be posted from the list while a report waits.

        :param order: sales order or purchase order
        """
        return self.env._(
            "The vendor reported other lines of %(order)s as shipped: post those "
            "first.",
            # sudo: the list shows the same number.
            order=order.sudo().name,
        )

    # ------------------------------------------------------------
    # OPTIONS
    # ------------------------------------------------------------

    @api.model
    def _get_options(self, order):
        """Return the options that the Post dialog offers for `order`."""
        if order._name == "purchase.order":
            return ("receive", "invoice", "receive_invoice")
        return ("ship", "ship_invoice")

    @api.model
    def _get_option_refusal(self, order, option, outstanding, received):
        """Return why `option` can't be chosen for `order`, or "".

        :param dict outstanding: as of `drop.shipment.posting._get_outstanding`
        :param dict received: purchase line to quantity, in its UoM, that an option with
            a receipt receives
        """
        if order._name == "sale.order":
            return ""
        if option != "invoice" and not outstanding:
            return self.env._(
                "Nothing is left to receive on %(order)s.", order=order.name
            )
        if option == "receive":
            return ""
        return self._get_bill_refusal(order, {} if option == "invoice" else received)

    @api.model
    def _check_option(self, order, option, outstanding, received):
        """Refuse an option that `order` does not have, or that is not allowed now.

        See `_get_option_refusal` for the arguments.

        :raise UserError: names the options, or says what is to be done first
        """
        options = self._get_options(order)
        if option not in options:
            field = self.env["drop.shipment.post"]._fields["option"]
            labels = dict(field._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(order)s can't be posted with that option: choose one of "
                    "%(options)s.",
                    order=order.name,
                    options=", ".join(labels[name] for name in options),
                )
            )
        if refusal := self._get_option_refusal(order, option, outstanding, received):
            raise UserError(refusal)

    @api.model
    def _get_bill_refusal(self, order, received):
        """Return why a purchase order can't be billed now, or "".

        What is received with the same posting is billed too, or not received; what was
        received before may wait.

        :param dict received: see `_get_option_refusal`
        """
        billing = self.env["drop.shipment.billing"]
        to_bill = billing._get_to_bill(order, received)
        if not to_bill:
            return self.env._(
                "There is nothing to bill on %(order)s now.", order=order.name
            )
        billable = billing._get_billable(order, received)
        unbilled = self._get_unbilled(
            billable,
            {
                line: min(quantity, to_bill.get(line, 0.0))
                for line, quantity in received.items()
            },
        )
        if billable and not unbilled:
            return ""
        unbilled = unbilled or self._get_unbilled(billable, to_bill)
        control = self.env["drop.shipment.bill.control"]
        waiting = control._get_orders_to_invoice(unbilled)
        if unbilled and not waiting:
            # All is invoiced: the refund of another order may be due, for example.
            return control._get_refusal(unbilled)
        return control._get_invoice_first_message(waiting)

    @api.model
    def _get_unbilled(self, billable, quantities):
        """Return {sales line, in sudo: quantity in its UoM} that can't be billed.

        :param dict billable: purchase line to quantity that can be billed
        :param dict quantities: purchase line to quantity that is to be billed
        """
        unbilled = defaultdict(float)
        for line, quantity in quantities.items():
            left = quantity - billable.get(line, 0.0)
            if line.drop_shipment and line.product_uom_id.compare(left, 0.0) > 0:
                sale_line = line.sudo().drop_shipment_sale_line_id
                unbilled[sale_line] += line.product_uom_id._compute_quantity(
                    left, sale_line.product_uom_id, round=False
                )
        return unbilled

    # ------------------------------------------------------------
    # QUANTITIES
    # ------------------------------------------------------------

    @api.model
    def _check_rows(self, order, rows, outstanding, over_delivery=False):
        """Refuse rows that can't be shipped now, and rows that ship nothing.

        :param list rows: see `drop.shipment.posting`
        :param dict outstanding: as of `drop.shipment.posting._get_outstanding`
        :param bool over_delivery: there is no upper limit
        :return: {sales line: quantity}, the sums that are not zero
        :raise UserError: a line of which nothing is outstanding, or nothing to ship
        :raise ValidationError: a quantity outside of 0..outstanding
        """
        totals = self._check_sums(self, order, rows, outstanding, over_delivery)
        quantities = {
            line: quantity
            for line, quantity in totals.items()
            if not line.product_uom_id.is_zero(quantity)
        }
        if not quantities:
            raise UserError(
                self.env._(
                    "There is nothing to post on %(order)s: enter a quantity on at "
                    "least one line.",
                    order=order.name,
                )
            )
        return quantities

    @api.model
    def _check_sums(self, service, order, rows, left, unlimited=False):
        """Check the sums of rows by sales line and by purchase line, row by row.

        So that a negative quantity does not make up for one that is too large.

        :param service: whose `_check_quantity` refuses a sum, and `_get_gone_error`
            says that nothing of a line is left
        :param list rows: see `drop.shipment.posting`
        :param dict left: {sales line: {move: quantity that it has left}}
        :param bool unlimited: a sum may be more than what is left
        :return: {sales line: quantity}
        :raise UserError: a line of which nothing is left
        """
        limits, totals = defaultdict(float), defaultdict(float)
        for line, moves in left.items():
            for move, quantity in moves.items():
                limits[line, False] += quantity
                limits[line, move.purchase_line_id.id] += quantity
        for row in rows:
            line = row.sale_line
            # The row first: who typed too much into one of several is told its limit.
            for key in dict.fromkeys([(line, row.purchase_line.id), (line, False)]):
                if key not in limits:
                    raise UserError(service._get_gone_error(order, line))
                totals[key] += row.quantity
                quantity = totals[key] if row.quantity >= 0 else row.quantity
                limit = limits[key]
                if unlimited and isfinite(quantity):
                    limit = max(limit, quantity)
                service._check_quantity(order, line, quantity, limit)
        return {
            line: quantity
            for (line, purchase_line_id), quantity in totals.items()
            if not purchase_line_id
        }

    @api.model
    def _get_gone_error(self, order, line):
        return self.env._(
            "%(line)s has nothing outstanding on %(order)s any more. Open the dialog "
            "again.",
            line=line._get_drop_shipment_label(),
            order=order.name,
        )

    @api.model
    def _check_quantity(self, order, line, quantity, outstanding):
        """Refuse to ship `quantity` unless it lies in 0..`outstanding`.

        Both are in the UoM of the sales line.

        :param order: the order that is posted, whose words an error uses
        :raise UserError: it is no number
        :raise ValidationError: names the line and the quantity outstanding
        """
        uom = line.product_uom_id
        if not uom and not quantity:
            return
        if not isfinite(quantity):
            field, label = self._get_words_of_error(line, order)
            name = self.env._("%(field)s of %(line)s", field=field, line=label)
            self.env["uom.uom"]._check_drop_shipment_number(name, quantity)
        if uom.compare(quantity, 0.0) < 0 or uom.compare(quantity, outstanding) > 0:
            field, label = self._get_words_of_error(line, order)
            raise ValidationError(
                self.env._(
                    "%(field)s of %(line)s can't be %(quantity)s: enter 0 to "
                    "%(outstanding)s, what is outstanding on confirmed purchase "
                    "orders.",
                    field=field,
                    line=label,
                    quantity=line._format_drop_shipment_qty(quantity),
                    outstanding=line._format_drop_shipment_qty(outstanding),
                )
            )

    @api.model
    def _check_move_quantities(self, order, totals, moves):
        """Refuse quantities that are nothing in the UoM of the transfer.

        A few grams, say, of what transfers count in kilograms.

        :param dict totals: sales line to quantity, more than zero, in its UoM
        :param dict moves: move to quantity that it ships of it, in its own UoM
        :raise ValidationError: names the line and the UoM of the transfer
        """
        for move, quantity in moves.items():
            line, uom = move.sale_line_id, move.product_uom
            if not uom.is_zero(quantity) or not uom.is_zero(
                line.product_uom_id._compute_quantity(
                    totals[line], uom, rounding_method="HALF-UP"
                )
            ):
                continue
            field, label = self._get_words_of_error(line, order)
            raise ValidationError(
                self.env._(
                    "%(field)s of %(line)s can't be %(quantity)s: its transfer counts "
                    "in %(unit)s, of which that is nothing. Enter more.",
                    field=field,
                    line=label,
                    quantity=line._format_drop_shipment_qty(totals[line]),
                    unit=uom.name,
                )
            )

    @api.model
    def _get_words_of_error(self, line, order):
        """Return how an error names the quantity to post, and the line on `order`."""
        if order._name == "purchase.order":
            purchase_lines = line.drop_shipment_purchase_line_ids.filtered(
                lambda purchase_line: purchase_line.order_id.id == order.id
            )
            return (
                self.env._("Qty to Receive"),
                purchase_lines[:1]._get_drop_shipment_label(),
            )
        return self.env._("Qty to Ship"), line._get_drop_shipment_label()

    @api.model
    def _check_one_vendor(self, order, moves, vals):
        """Refuse one delivery note or parcel for the shipments of two vendors.

        :param moves: what is shipped, in sudo
        :param dict vals: for the transfers
        :raise UserError: names the field and the purchase orders
        """
        numbers = ("drop_shipment_delivery_note", "drop_shipment_tracking_ref")
        field = next((name for name in numbers if vals.get(name)), None)
        purchase_orders = moves.purchase_line_id.order_id
        if field and len(purchase_orders.partner_id.commercial_partner_id) > 1:
            label = self.env["stock.picking"]._fields[field]
            raise UserError(
                self.env._(
                    "%(field)s of %(order)s can't be the same for two vendors: post "
                    "%(purchases)s one after the other, each with the quantities of "
                    "that order only.",
                    field=label._description_string(self.env),
                    order=order.name,
                    purchases=", ".join(purchase_orders.mapped("name")),
                )
            )
