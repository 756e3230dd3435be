from collections import defaultdict
from itertools import chain
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
            left = {
                move: move.product_uom._compute_quantity(
                    quantity, line.product_uom_id, round=False
                )
                for move, quantity in left.items()
                if move.product_uom.compare(quantity, 0.0) > 0
            }
            if left:
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
                shipped[line] = moves.sorted(
                    lambda move: (move.date, move.id), reverse=True
                )
        return shipped

    @api.model
    def _get_left(self, move):
        """Return what did not come back of a shipment, in the UoM of the move."""
        returned = move.returned_move_ids.filtered(lambda back: back.state != "cancel")
        return move.quantity - sum(
            back.product_uom._compute_quantity(
                back.quantity if back.state == "done" else back.product_uom_qty,
                move.product_uom,
                round=False,
            )
            for back in returned
        )

    @api.model
    def _get_lots_left(self, move):
        """Return {lot: quantity, in the UoM of the product} left of a shipment."""
        lots = defaultdict(float)
        for line in move.move_line_ids.filtered("lot_id"):
            lots[line.lot_id] += line.quantity_product_uom
        for line in move.returned_move_ids.move_line_ids:
            if line.lot_id in lots and line.state != "cancel":
                lots[line.lot_id] -= line.quantity_product_uom
        uom = move.product_id.uom_id
        return {lot: left for lot, left in lots.items() if uom.compare(left, 0.0) > 0}

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
        if destination not in ("vendor", "stock"):
            raise UserError(
                self.env._(
                    "%(order)s can't be returned there: choose To the Vendor or To Own "
                    "Stock.",
                    order=order.name,
                )
            )
        rows = self._check_rows(order, rows, returnable)
        quantities, lots = self._get_move_quantities(order, rows, returnable)
        date = date or fields.Date.context_today(self)
        self._check_date(order, date, quantities)
        before = self._get_settled(quantities)
        pickings = self._create_returns(quantities, lots, destination, date)
        self._log_notes(pickings, destination)
        credit_notes = refunds = self.env["account.move"]
        if credit:
            credit_notes = self._credit_returned(order, before)
        if refund:
            refunds = self._refund_returned(order, before)
        return Returned(pickings, credit_notes, refunds)

    @api.model
    def _check_rows(self, order, rows, returnable):
        """Refuse rows that can't come back; return those that have a quantity.

        The sums by sales line and by purchase line are checked row by row, so that a
        negative quantity does not make up for one that is too large.

        :raise UserError: a line of which nothing may come back, or nothing to return
        :raise ValidationError: a quantity outside of what may come back
        """
        limits, totals = defaultdict(float), defaultdict(float)
        for line, moves in returnable.items():
            for move, quantity in moves.items():
                limits[line, False] += quantity
                limits[line, move.purchase_line_id.id] += quantity
        for row in rows:
            line = row.sale_line
            for key in dict.fromkeys([(line, False), (line, row.purchase_line.id)]):
                if key not in limits:
                    raise UserError(
                        self.env._(
                            "%(line)s has nothing to return on %(order)s any more. "
                            "Open the dialog again.",
                            line=line._get_drop_shipment_label(),
                            order=order.name,
                        )
                    )
                totals[key] += row.quantity
                quantity = totals[key] if row.quantity >= 0 else row.quantity
                self._check_quantity(order, line, quantity, limits[key])
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
        locks = order.sudo().company_id._get_lock_date_violations(
            date, fiscalyear=True, sale=False, purchase=False, tax=False, hard=True
        )
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
        :raise UserError: see `_take_lots`
        :raise ValidationError: a quantity that is nothing in the UoM of its shipment
        """
        quantities, lots = defaultdict(float), {}
        wanted = defaultdict(lambda: defaultdict(float))
        for row in rows:
            moves = self._get_row_moves(row, returnable)
            left = {move: self._get_lots_left(move) for move in moves}
            if row.sale_line.product_id.tracking == "none" or not any(left.values()):
                wanted[row.sale_line][row.purchase_line.id] += row.quantity
                continue
            for move, taken in self._take_lots(order, row, left).items():
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
    def _take_lots(self, order, row, left):
        """Return {move: {lot: quantity}} that a row takes back of tracked goods.

        Without numbers that are typed: all, or what the one lot has.

        :param dict left: move to {lot: quantity} that may come back
        :raise UserError: numbers are missing, or were not shipped
        """
        line = row.sale_line
        product_uom = line.product_id.uom_id
        lots = (
            self.env["stock.lot"]
            .sudo()
            .union(*(lot for m in left.values() for lot in m))
        )
        total = sum(sum(amounts.values()) for amounts in left.values())
        wanted = line.product_uom_id._compute_quantity(
            row.quantity, product_uom, rounding_method="HALF-UP"
        )
        if row.lot_names.strip():
            parsed = self.env["drop.shipment.lots"]._parse(row)
            typed = [(entry["lot_name"], entry["quantity"]) for entry in parsed]
        elif not product_uom.compare(wanted, total):
            return left
        elif len(lots) == 1:
            typed = [(lots.name, wanted)]
        else:
            raise UserError(
                self.env._(
                    "%(line)s needs lot or serial numbers: enter in Lot/Serial Numbers "
                    "which of %(lots)s come back.",
                    line=self._get_label(order, line),
                    lots=", ".join(lots.sorted("name").mapped("name")),
                )
            )
        taken = defaultdict(lambda: defaultdict(float))
        for name, quantity in typed:
            rest = quantity
            for move, amounts in left.items():
                for lot in (lot for lot in amounts if lot.name == name):
                    part = min(rest, amounts[lot] - taken[move][lot])
                    taken[move][lot] += part
                    rest -= part
            if product_uom.compare(rest, 0.0) > 0:
                raise UserError(
                    self.env._(
                        "Lot/Serial Numbers of %(line)s can't have %(lot)s: it was not "
                        "shipped, or came back. Enter which of %(lots)s come back.",
                        line=self._get_label(order, line),
                        lot=name,
                        lots=", ".join(lots.sorted("name").mapped("name")),
                    )
                )
        return {
            move: {lot: part for lot, part in amounts.items() if part > 0}
            for move, amounts in taken.items()
            if any(part > 0 for part in amounts.values())
        }

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
            for move in returned.move_ids:
                self._assign_lots(move, lots.get(move.origin_returned_move_id))
            returned.drop_shipment_date = date
            returned.move_ids.picked = True
            returned.with_context(skip_backorder=True).button_validate()
            returns |= returned
        return returns

    @api.model
    def _assign_lots(self, move, lots):
        """Let a return move the lots that come back, not those that core picks.

        :param dict lots: lot to quantity, in the UoM of the product; None if untracked
        """
        if not lots:
            return
        move.move_line_ids.unlink()
        move.move_line_ids = [
            fields.Command.create(
                {**move._prepare_move_line_vals(quantity=quantity), "lot_id": lot.id}
            )
            for lot, quantity in lots.items()
        ]

    @api.model
    def _log_notes(self, pickings, destination):
        """Log on both orders what came back."""
        texts, sale_texts = defaultdict(list), defaultdict(list)
        for move in pickings.move_ids:
            names = {
                "product": move.product_id.display_name,
                "quantity": move.product_uom._format_drop_shipment_qty(move.quantity),
                "transfer": move.picking_id.name,
            }
            text = (
                self.env._(
                    "%(product)s: %(quantity)s returned to the vendor, %(transfer)s.",
                    **names,
                )
                if destination == "vendor"
                else self.env._(
                    "%(product)s: %(quantity)s returned to own stock, %(transfer)s.",
                    **names,
                )
            )
            texts[move.purchase_line_id.order_id].append(text)
            sale_texts[move.sale_line_id.order_id].append(text)
        # In sudo, as the transfers are: each side may lack rights on the other order.
        self.env["purchase.order"].sudo()._log_drop_shipment_notes(texts)
        self.env["sale.order"].sudo()._log_drop_shipment_notes(sale_texts)

    # ------------------------------------------------------------
    # CREDIT NOTE AND REFUND
    # ------------------------------------------------------------

    @api.model
    def _get_settled(self, quantities):
        """Return what was delivered and received before the return.

        :return: {sales or purchase line, in sudo: quantity in its UoM}
        """
        moves = self.env["stock.move"].sudo().union(*quantities)
        return {
            **{line: line.qty_delivered for line in moves.sale_line_id},
            **{line: line.qty_received for line in moves.purchase_line_id},
        }

    @api.model
    def _get_creditable(self, sale_lines):
        """Return {sales line: quantity invoiced, but delivered no more}, in its UoM.

        By posted invoices; a credit note that waits as a draft counts.
        """
        creditable = {}
        for line in sale_lines:
            invoiced = min(line.drop_shipment_qty_invoiced, line.qty_invoiced)
            quantity = line.product_uom_id.round(invoiced - line.qty_delivered)
            if line.product_uom_id.compare(quantity, 0.0) > 0:
                creditable[line] = quantity
        return creditable

    @api.model
    def _get_refundable(self, purchase_lines):
        """Return {purchase line: quantity billed, but received no more}, in its UoM.

        By posted bills; a refund that waits as a draft counts.
        """
        refundable = {}
        for line in purchase_lines:
            billed = min(
                line.invoice_lines._get_drop_shipment_posted_qty(line.product_uom_id),
                line.qty_invoiced,
            )
            quantity = line.product_uom_id.round(billed - line.qty_received)
            if line.product_uom_id.compare(quantity, 0.0) > 0:
                refundable[line] = quantity
        return refundable

    @api.model
    def _limit_to_returned(self, quantities, before, name):
        """Return the quantities, each no more than came back just now."""
        limited = {
            line: line.product_uom_id.round(min(quantity, before[line] - line[name]))
            for line, quantity in quantities.items()
        }
        return {
            line: quantity
            for line, quantity in limited.items()
            if line.product_uom_id.compare(quantity, 0.0) > 0
        }

    @api.model
    def _credit_returned(self, order, before):
        """Make the credit notes of what came back; see `_return`."""
        lines = self.env["sale.order.line"].sudo()
        lines = lines.union(*(line for line in before if line._name == lines._name))
        quantities = self._limit_to_returned(
            self._get_creditable(lines), before, "qty_delivered"
        )
        if not quantities:
            raise UserError(
                self.env._(
                    "%(order)s has nothing to credit: what comes back was not "
                    "invoiced. Untick Credit the Customer.",
                    order=order.name,
                )
            )
        return self._create_credit_notes(quantities)

    @api.model
    def _refund_returned(self, order, before):
        """Make the vendor's refunds of what came back; see `_return`."""
        lines = self.env["purchase.order.line"].sudo()
        lines = lines.union(*(line for line in before if line._name == lines._name))
        quantities = self._limit_to_returned(
            self._get_refundable(lines), before, "qty_received"
        )
        if not quantities:
            raise UserError(
                self.env._(
                    "%(order)s has nothing to refund: what comes back was not billed, "
                    "or stays with us. Untick Ask the Vendor's Refund.",
                    order=order.name,
                )
            )
        return self._create_refunds(quantities)

    @api.model
    def _create_credit_notes(self, quantities):
        """Make core's credit notes of these sales lines, one for each order.

        Posted if the user may, else a draft.

        :param dict quantities: sales line, in sudo, to quantity in its UoM
        :return: the credit notes, with the rights of the user
        :raise AccessError: the user may not change the sales orders
        """
        notes = self.env["account.move"]
        lines = self.env["sale.order.line"].sudo().union(*quantities)
        for order, order_lines in lines.with_env(self.env).grouped("order_id").items():
            order.check_access("write")
            # As core's `_force_lines_to_invoice_policy_order`: by order policy nothing
            # is to invoice or to credit.
            for line in order_lines:
                line.qty_to_invoice = -quantities[line.sudo()]
            notes |= order.with_context(
                dropship_link_credit_line_ids=order_lines.ids
            )._create_invoices(final=True)
            self.env.add_to_compute(order_lines._fields["qty_to_invoice"], order_lines)
        return self._post_moves(notes.with_env(self.env))

    @api.model
    def _create_refunds(self, quantities):
        """Make core's vendor refunds of these purchase lines, one for each order.

        Posted if the user may, else a draft.

        :param dict quantities: purchase line, in sudo, to quantity in its UoM
        :return: the refunds, with the rights of the user
        :raise AccessError: the user may not change the purchase orders
        """
        refunds = self.env["account.move"]
        billing = self.env["drop.shipment.billing"]
        lines = self.env["purchase.order.line"].sudo().union(*quantities)
        for order, order_lines in lines.with_env(self.env).grouped("order_id").items():
            order.check_access("write")
            refunds |= billing._create_bill(
                order,
                fields.Date.context_today(self),
                {line: -quantities[line.sudo()] for line in order_lines},
            )
        return self._post_moves(refunds.with_env(self.env))

    @api.model
    def _post_moves(self, moves):
        """Post drafts if the user may, as Post does; return them."""
        if moves and self.env.user.has_group("account.group_account_invoice"):
            moves.action_post()
        return moves

    @api.model
    def _credit_due(self, order):
        """Make the credit note of all that a sales order has to be credited.

        :return: the credit note, with the rights of the user
        :raise UserError: there is nothing to credit
        :raise AccessError: the user may not change the order
        """
        order.check_access("write")
        quantities = self._get_creditable(order.sudo().drop_shipment_line_ids)
        if not quantities:
            raise UserError(
                self.env._(
                    "%(order)s has no credit note to make: all that is invoiced was "
                    "delivered. Reload the page.",
                    order=order.name,
                )
            )
        return self._create_credit_notes(quantities)

    @api.model
    def _refund_due(self, order):
        """Make the refund of all that the vendor of a purchase order has to refund.

        :return: the refund, with the rights of the user
        :raise UserError: there is nothing to refund
        :raise AccessError: the user may not change the order
        """
        order.check_access("write")
        # sudo: buyers may lack rights on bills.
        lines = order.sudo().order_line.filtered("drop_shipment")
        quantities = self._get_refundable(lines)
        if not quantities:
            raise UserError(
                self.env._(
                    "%(order)s has no refund to make: all that is billed was received. "
                    "Reload the page.",
                    order=order.name,
                )
            )
        return self._create_refunds(quantities)

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
        texts += self._get_document_texts(returned.credit_notes | returned.refunds)
        return " ".join(texts)

    @api.model
    def _get_document_texts(self, moves):
        """Return a text for each credit note and each refund."""
        texts = []
        for move in moves:
            if move.state == "posted" and move.is_sale_document():
                text = self.env._("Credit note %(move)s is posted.", move=move.name)
            elif move.state == "posted":
                text = self.env._("Vendor refund %(move)s is posted.", move=move.name)
            elif move.is_sale_document():
                text = self.env._(
                    "The credit note is left in draft: posting it takes billing rights."
                )
            else:
                text = self.env._(
                    "The vendor refund is left in draft: posting it takes billing "
                    "rights."
                )
            texts.append(text)
        return list(dict.fromkeys(texts))

    @api.model
    def _get_notification(self, text, moves):
        """Return the action that closes a dialog and tells what was made."""
        is_draft = any(move.state == "draft" for move in moves)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if is_draft else "success",
                "message": text,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
