from collections import defaultdict
from math import isfinite
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class Returned(NamedTuple):
    """What a return has made."""

    # The transfers, in sudo.
    pickings: models.BaseModel
    # Credit notes and vendor refunds, with the rights of the user.
    credit_notes: models.BaseModel
    refunds: models.BaseModel


class DropShipmentReturning(models.AbstractModel):
    """Takes goods back that vendors have shipped, and credits or refunds them.

    For salespeople and buyers, who have no rights in Inventory: the return is that of
    core, made and validated at once. Rows are those of `drop.shipment.posting`. What
    may come back is read once and handed on, see `_get_returnable`.
    """

    _name = "drop.shipment.returning"
    _description = "Returning of Drop Shipments"

    # ------------------------------------------------------------
    # RETURNABLE
    # ------------------------------------------------------------

    @api.model
    def _get_returnable(self, order):
        """Return what was shipped of `order` and may come back.

        Planned returns count as returned. The latest shipment first: it is what mostly
        comes back, and what is least likely to be settled.

        :return: {sales line: {move that shipped it: quantity in the UoM of the sales
            line, not rounded}}, all in sudo; without lines of which nothing is left
        """
        returnable = {}
        for line, moves in self._get_shipped_moves(order).items():
            left = {move: self._get_left(move) for move in moves}
            left = line._get_drop_shipment_moved(
                {
                    move: quantity
                    for move, quantity in left.items()
                    if move.product_uom.compare(quantity, 0.0) > 0
                }
            )
            if any(left.values()):
                returnable[line] = left
        return returnable

    @api.model
    def _get_shipped_moves(self, order):
        """Return {sales line: its moves that vendors have shipped, the latest first}.

        In sudo: the caller checks that the user may read the order.
        """
        shipped = {}
        for line in self.env["drop.shipment.posting"]._get_sale_lines(order):
            moves = line.move_ids.filtered(
                lambda move: (
                    move.state == "done"
                    and move.purchase_line_id
                    and move._is_drop_shipment()
                    and (
                        order._name == "sale.order"
                        or move.purchase_line_id.order_id.id == order.id
                    )
                )
            )
            if moves:
                moves = moves.sorted(lambda move: (move.date, move.id), reverse=True)
                # What came back of all lines is read at once.
                shipped[line] = moves.with_prefetch(line.move_ids._prefetch_ids)
        return shipped

    @api.model
    def _get_left(self, move, back=False):
        """Return what did not come back of a shipment, in the UoM of the move.

        What own stock took back, and gave the customer again, is there again.

        :param bool back: the move took goods back: return what was not given again
        """
        quantity = move.quantity if move.state == "done" else move.product_uom_qty
        return quantity - sum(
            other.product_uom._compute_quantity(
                self._get_left(other, not back), move.product_uom, round=False
            )
            for other in self._get_other_way(move, back)
        )

    @api.model
    def _get_other_way(self, move, back):
        """Return the moves that took goods of `move` the other way; see `_get_left`."""
        others = move.returned_move_ids
        if not back:
            return others.filtered(lambda other: other.state != "cancel")
        # What the vendor ships again is a shipment of its own.
        return others.filtered(
            lambda other: other.state == "done" and other._is_drop_shipment_kept()
        )

    @api.model
    def _check_returnable(self, order, returnable):
        """Refuse orders of which nothing may come back.

        :raise UserError: nothing was shipped, or all of it came back
        """
        if returnable:
            return
        if self._get_shipped_moves(order):
            raise UserError(
                self.env._(
                    "%(order)s has nothing to return: all that was shipped came back, "
                    "or is on an open return.",
                    order=order.name,
                )
            )
        raise UserError(
            self.env._(
                "%(order)s has nothing to return: no vendor has shipped anything of "
                "it yet.",
                order=order.name,
            )
        )

    # ------------------------------------------------------------
    # RETURNING
    # ------------------------------------------------------------

    @api.model
    def _return(
        self, order, rows, destination, date=None, *, credit=False, refund=False
    ):
        """Take goods of `order` back, wholly or not at all.

        :param order: sales order or purchase order
        :param list rows: what comes back, see `drop.shipment.posting`
        :param str destination: `vendor` or `stock`
        :param date: day of the return; today if empty
        :param bool credit: also make the credit note of what the customer was
            invoiced for
        :param bool refund: also make the vendor's refund of what the vendor billed
        :rtype: Returned
        :raise UserError: nothing to return, a wrong quantity, day or lot, or nothing
            to credit or to refund
        :raise AccessError: the user may not change the order; or not that of the other
            side, which is credited or refunded
        """
        order.check_access("write")
        returnable = self._get_returnable(order)
        self._check_returnable(order, returnable)
        rows = self._check_rows(order, rows, returnable)
        quantities, lots = self._get_move_quantities(order, rows, returnable)
        date = date or fields.Date.context_today(self)
        self._check_date(order, date, quantities)
        # sudo: each side may lack rights on the lines of the other.
        moves = self.env["stock.move"].sudo().union(*quantities)
        delivered = {line: line.qty_delivered for line in moves.sale_line_id}
        received = {line: line.qty_received for line in moves.purchase_line_id}
        pickings = self._create_returns(quantities, lots, destination, date)
        self._log_notes(pickings, destination)
        crediting = self.env["drop.shipment.crediting"]
        credit_notes = refunds = self.env["account.move"]
        if credit:
            credit_notes = crediting._credit_returned(order, delivered)
        if refund:
            refunds = crediting._refund_returned(order, received)
        return Returned(pickings, credit_notes, refunds)

    @api.model
    def _check_rows(self, order, rows, returnable):
        """Refuse rows that can't come back; return those that have a quantity.

        :raise UserError: a line of which nothing may come back, or nothing to return
        :raise ValidationError: a quantity outside of what may come back
        """
        check = self.env["drop.shipment.posting.check"]
        check._check_sums(self, order, rows, returnable)
        rows = [
            row
            for row in rows
            if not row.sale_line.product_uom_id.is_zero(row.quantity)
        ]
        if not rows:
            raise UserError(
                self.env._(
                    "There is nothing to return on %(order)s: enter a quantity on at "
                    "least one line, or choose Return All.",
                    order=order.name,
                )
            )
        return rows

    @api.model
    def _get_gone_error(self, order, line):
        return self.env._(
            "%(line)s has nothing to return on %(order)s any more. Open the dialog "
            "again.",
            line=line._get_drop_shipment_label(),
            order=order.name,
        )

    @api.model
    def _check_quantity(self, order, line, quantity, left):
        """Refuse to return `quantity` unless it lies in 0..`left`.

        Both are in the UoM of the sales line.

        :raise ValidationError: names the line on `order` and what may come back
        """
        uom = line.product_uom_id
        left = uom.round(left, rounding_method="HALF-UP")
        if (
            isfinite(quantity)
            and uom.compare(quantity, 0.0) >= 0
            and uom.compare(quantity, left) <= 0
        ):
            return
        raise ValidationError(
            self.env._(
                "Qty to Return of %(line)s can't be %(quantity)s: enter 0 to %(left)s, "
                "what was shipped and did not come back.",
                line=self._get_label(order, line),
                quantity=line._format_drop_shipment_qty(quantity),
                left=line._format_drop_shipment_qty(left),
            )
        )

    @api.model
    def _get_label(self, order, line):
        """Return how an error names a sales line on `order`."""
        check = self.env["drop.shipment.posting.check"]
        return check._get_words_of_error(line, order)[1]

    @api.model
    def _check_date(self, order, date, quantities):
        """Refuse a day on which these shipments can't come back.

        :raise ValidationError: before the shipment, in the future, or locked
        """
        today = fields.Date.context_today(self)
        moves = self.env["stock.move"].union(*quantities)
        shipped = max(
            min(
                fields.Date.context_today(self, move.date),
                move.picking_id.drop_shipment_date or today,
            )
            for move in moves
        )
        if not min(shipped, today) <= date <= today:
            raise ValidationError(
                self.env._(
                    "Return Date of %(order)s can't be %(date)s: enter a day from "
                    "%(shipped)s, when it was shipped, to today.",
                    order=order.name,
                    date=format_date(self.env, date),
                    shipped=format_date(self.env, shipped),
                )
            )
        # sudo: salespeople may not read what is locked. Today's books are core's.
        locks = order.sudo().company_id._get_drop_shipment_locks(date)
        if locks and date < today:
            raise ValidationError(
                self.env._(
                    "Return Date of %(order)s can't be %(date)s: the books are locked "
                    "up to %(lock)s. Enter a later day.",
                    order=order.name,
                    date=format_date(self.env, date),
                    lock=format_date(self.env, max(lock[0] for lock in locks)),
                )
            )

    # ------------------------------------------------------------
    # TRANSFERS
    # ------------------------------------------------------------

    @api.model
    def _get_move_quantities(self, order, rows, returnable):
        """Spread rows over the shipments of their lines, the latest first.

        Tracked goods come back from the shipments that brought their numbers.

        :return: {move: quantity in its UoM}, and {move: {lot: quantity in the UoM of
            the product}} of tracked goods
        :raise UserError: see `_take_back` and `_check_tracked` of `drop.shipment.lots`
        :raise ValidationError: a quantity that is nothing in the UoM of its shipment
        """
        lot_model = self.env["drop.shipment.lots"]
        quantities, lots = defaultdict(float), {}
        wanted = defaultdict(lambda: defaultdict(float))
        for row in rows:
            moves = self._get_row_moves(row, returnable)
            left = {move: lot_model._get_left(move) for move in moves}
            if row.lot_names.strip():
                label = self._get_label(order, row.sale_line)
                lot_model._check_tracked(label, row.sale_line.product_id)
            if row.sale_line.product_id.tracking == "none" or not any(left.values()):
                wanted[row.sale_line][row.purchase_line.id] += row.quantity
                continue
            numbers = lot_model._get_numbers(row, self._get_label(order, row.sale_line))
            for move, taken in lot_model._take_back(numbers, left).items():
                for lot, quantity in taken.items():
                    move_lots = lots.setdefault(move, defaultdict(float))
                    move_lots[lot] += quantity
        for move, taken in lots.items():
            quantities[move] = move.product_id.uom_id._compute_quantity(
                sum(taken.values()), move.product_uom, rounding_method="HALF-UP"
            )
        posting = self.env["drop.shipment.posting"]
        for line, amounts in wanted.items():
            spread = posting._spread(amounts, returnable[line])
            for move, quantity in spread.items():
                quantities[move] = self._to_move_uom(
                    order, move, quantity, returnable[line][move]
                )
        return quantities, lots

    @api.model
    def _get_row_moves(self, row, returnable):
        """Return {move: quantity left} of the shipments that a row may mean."""
        return {
            move: quantity
            for move, quantity in returnable[row.sale_line].items()
            if not row.purchase_line or move.purchase_line_id == row.purchase_line
        }

    @api.model
    def _to_move_uom(self, order, move, quantity, left):
        """Return `quantity`, in the UoM of the sales line, in that of the move.

        :param float left: all that may come back of the move, in the former
        :raise ValidationError: it is nothing in the UoM of the move
        """
        line = move.sale_line_id
        uom = line.product_uom_id
        if uom.compare(quantity, left) == 0:
            return move.product_uom.round(self._get_left(move))
        result = uom._compute_quantity(
            quantity, move.product_uom, rounding_method="HALF-UP"
        )
        if move.product_uom.is_zero(result):
            raise ValidationError(
                self.env._(
                    "Qty to Return of %(line)s can't be %(quantity)s: its transfer "
                    "counts in %(unit)s, of which that is nothing. Enter more.",
                    line=self._get_label(order, line),
                    quantity=line._format_drop_shipment_qty(quantity),
                    unit=move.product_uom.name,
                )
            )
        return result

    @api.model
    def _create_returns(self, quantities, lots, destination, date):
        """Make core's return of each transfer and validate it.

        :return: the returns, in sudo
        """
        # sudo: salespeople and buyers return goods without rights in Inventory.
        moves = self.env["stock.move"].sudo().union(*quantities)
        returns = self.env["stock.picking"].sudo()
        for picking in moves.picking_id:
            wizard = (
                self.env["stock.return.picking"]
                .sudo()
                .with_company(picking.company_id)
                .with_context(dropship_link_return_to=destination)
                .create({"picking_id": picking.id})
            )
            for line in wizard.product_return_moves:
                line.quantity = quantities.get(line.move_id, 0.0)
                line.to_refund = True
            action = wizard.action_create_returns()
            returned = returns.browse(action["res_id"])
            own = returned.picking_type_id.default_location_dest_id
            if destination == "stock" and returned.move_ids.location_dest_id != own:
                # Core sends what a subcontractor made back to it, wherever it is to go.
                returned.location_dest_id = returned.move_ids.location_dest_id = own
            for move in returned.move_ids:
                self.env["drop.shipment.lots"]._assign_returned(
                    move, lots.get(move.origin_returned_move_id)
                )
            returned.drop_shipment_date = date
            returned.move_ids.picked = True
            # Core renews the cost price in the current company, which may be another.
            # What came back is a fact: nobody is asked whether it may.
            returned.with_company(picking.company_id).with_context(
                skip_backorder=True, dropship_link_unasked=True
            ).button_validate()
            returns |= returned
        return returns

    @api.model
    def _log_notes(self, pickings, destination):
        """Log on both orders what came back."""
        texts = {}
        for move in pickings.move_ids:
            names = {
                "product": move.product_id.display_name,
                "quantity": move._get_drop_shipment_qty_text(),
                "transfer": move.picking_id._get_html_link(),
            }
            texts[move] = [
                self.env._(
                    "%(product)s: %(quantity)s returned to the vendor, %(transfer)s.",
                    **names,
                )
                if destination == "vendor"
                else self.env._(
                    "%(product)s: %(quantity)s returned to own stock, %(transfer)s.",
                    **names,
                )
            ]
        self.env["drop.shipment.transfers"]._log_moved(texts)

    # ------------------------------------------------------------
    # RESULT
    # ------------------------------------------------------------

    @api.model
    def _get_result_text(self, returned, destination):
        """Return the text that tells the user what a return has made."""
        transfers = ", ".join(returned.pickings.mapped("name"))
        texts = [
            self.env._("Returned to the vendor: %(transfer)s.", transfer=transfers)
            if destination == "vendor"
            else self.env._("Returned to own stock: %(transfer)s.", transfer=transfers)
        ]
        crediting = self.env["drop.shipment.crediting"]
        texts += crediting._get_texts(returned.credit_notes | returned.refunds)
        return " ".join(texts)
