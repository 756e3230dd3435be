from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError


class Row(NamedTuple):
    """What is to be shipped of a sales line, or of one of its purchase lines.

    The lines are in sudo: each side posts lines that only the other may read.
    """

    sale_line: models.BaseModel
    # Empty for any purchase line that ships the sales line, the earliest first.
    purchase_line: models.BaseModel
    # In the UoM of the sales line.
    quantity: float
    # Lot or serial numbers as they are typed, one a line.
    lot_names: str = ""


class Posted(NamedTuple):
    """What a posting has made."""

    # The transfers, in sudo.
    pickings: models.BaseModel
    # The customer invoice or the vendor bill, if any, with the rights of the user.
    invoice: models.BaseModel
    # Where core asks something, so that the transfers are not done: what to show.
    action: dict | bool = False


class DropShipmentPosting(models.AbstractModel):
    """Ships drop shipments and invoices or bills them.

    The one engine behind the Post dialog, the list and scripts. An `order` is a sales
    order or a purchase order, and the option one that its dialog offers. What is
    outstanding is read once and handed on: `{sales line: {open move: quantity}}`, see
    `_get_outstanding`.
    """

    _name = "drop.shipment.posting"
    _description = "Posting of Drop Shipments"

    # ------------------------------------------------------------
    # OUTSTANDING
    # ------------------------------------------------------------

    @api.model
    def _get_sale_lines(self, order):
        """Return the drop shipment lines that `order` sells or ships, in sudo.

        The caller checks that the user may read the order.
        """
        order = order.sudo()
        if order._name == "purchase.order":
            lines = order.order_line.drop_shipment_sale_line_id
        else:
            lines = order.drop_shipment_line_ids
        # Core makes lines without an id when it tries out values for missing ones.
        return lines.filtered("id")

    @api.model
    def _get_outstanding(self, order):
        """Return what vendors have left to ship of `order`, by its open moves.

        :return: {sales line: {move, earliest first: quantity in the UoM of the sales
            line}}, all in sudo; without lines of which nothing is left
        """
        lines = self._get_sale_lines(order)
        moves = lines._get_drop_shipment_open_moves()
        if order._name == "purchase.order":
            moves = moves.filtered(
                lambda move: move.purchase_line_id.order_id.id == order.id
            )
        outstanding = {line: {} for line in lines}
        for move in moves.sorted(lambda move: (move.date, move.id)):
            outstanding[move.sale_line_id][move] = move._get_drop_shipment_qty()
        return {
            line: quantities
            for line, quantities in outstanding.items()
            if line.product_uom_id.compare(sum(quantities.values()), 0.0) > 0
        }

    @api.model
    def _sum_by_purchase_line(self, quantities):
        """Return {purchase line: quantity} of {move: quantity}, in the same order."""
        totals = defaultdict(float)
        for move, quantity in quantities.items():
            totals[move.purchase_line_id] += quantity
        return totals

    @api.model
    def _get_rows(self, order, outstanding):
        """Return the rows that Post proposes for `order`.

        What vendors have reported, if they have. Else Qty to Ship of a sales order; of
        a purchase order all that is outstanding, whatever sales wants to ship next.
        One row for each purchase line where several ship a sales line.
        """
        reported = self.env["drop.shipment.reported"]
        if reported._get_pickings(outstanding):
            return reported._get_rows(outstanding)
        rows = []
        for line, moves in outstanding.items():
            purchase_lines = self._sum_by_purchase_line(moves)
            left = sum(moves.values())
            if order._name == "sale.order":
                left = line.qty_to_ship
            for purchase_line, quantity in purchase_lines.items():
                # The earliest vendor ships first, as in `_get_move_quantities`.
                taken = min(left, quantity)
                left -= taken
                rows.append(
                    Row(
                        line,
                        purchase_line[: len(purchase_lines) > 1],
                        line.product_uom_id.round(taken, rounding_method="HALF-UP"),
                    )
                )
        return rows

    @api.model
    def _get_shipment_vals(self, outstanding):
        """Return the values of the shipment that Post proposes, for the transfers.

        A posting that had to wait, for lots say, left them on the transfer. The vendor
        may have reported them: where several did, what they do not share is empty.
        """
        reported = self.env["drop.shipment.reported"]
        if pickings := reported._get_pickings(outstanding):
            return reported._get_shipment_vals(pickings)
        pickings = self.env["stock.picking"].sudo()
        for moves in outstanding.values():
            pickings = pickings.union(*(move.picking_id for move in moves))
        picking = pickings if len(pickings) == 1 else pickings.browse()
        return {
            "drop_shipment_date": picking.drop_shipment_date
            or fields.Date.context_today(self),
            "drop_shipment_delivery_note": picking.drop_shipment_delivery_note,
            "drop_shipment_tracking_ref": picking.drop_shipment_tracking_ref,
        }

    @api.model
    def _get_option_refusals(self, order, rows):
        """Return {option: why it can't be chosen, or ""} for the options of `order`.

        :param list rows: what would be shipped, as `Row`
        """
        check = self.env["drop.shipment.posting.check"]
        outstanding, received = {}, {}
        # From a sales order all of its options can be chosen at any time.
        if order._name == "purchase.order":
            outstanding = self._get_outstanding(order)
            received = self._get_received(rows, outstanding)
        return {
            option: check._get_option_refusal(order, option, outstanding, received)
            for option in check._get_options(order)
        }

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    @api.model
    def _post(
        self,
        order,
        option,
        rows=None,
        shipment_vals=None,
        bill_date=None,
        outstanding=None,
        *,
        over_delivery=False,
    ):
        """Post `order`, wholly or not at all.

        :param str option: one that the dialog of the order offers
        :param list rows: what to ship, as `Row`; all that is proposed if None
        :param dict shipment_vals: as of `_get_shipment_vals`; proposed if None
        :param bill_date: date of the vendor bill; today if empty
        :param dict outstanding: what the caller has read just now, if it has
        :param bool over_delivery: rows may ship more than is outstanding
        :rtype: Posted
        :raise UserError: nothing to post, a wrong quantity, missing lot numbers, or the
            option is not allowed yet
        :raise AccessError: the user may not change the order
        """
        order.check_access("write")
        if outstanding is None:
            outstanding = self._get_outstanding(order)
        check = self.env["drop.shipment.posting.check"]
        check._check_postable(order, outstanding)
        if rows is None:
            rows = self._get_rows(order, outstanding)
        if shipment_vals is None:
            shipment_vals = self._get_shipment_vals(outstanding)
        received = {}
        if option == "receive_invoice":
            received = self._get_received(rows, outstanding)
        check._check_option(order, option, outstanding, received)
        pickings = self.env["stock.picking"]
        if option != "invoice":
            pickings, action = self._ship(
                order, rows, shipment_vals, outstanding, over_delivery
            )
            if any(picking.state != "done" for picking in pickings):
                return Posted(pickings, self.env["account.move"], action)
        return Posted(pickings, self._create_invoice(order, option, bill_date))

    @api.model
    def _create_invoice(self, order, option, bill_date):
        """Return the invoice or bill that the option asks for, if it does.

        It is posted, unless the user lacks the right to.
        """
        today = fields.Date.context_today(self)
        may_post = self.env.user.has_group("account.group_account_invoice")
        if option == "ship_invoice":
            # With its date from the start: posting would set it, and have core work out
            # all journal items a second time.
            invoice = self.env["drop.shipment.invoicing"]._create_invoice(
                order, may_post and today
            )
        elif option in ("invoice", "receive_invoice"):
            invoice = self.env["drop.shipment.billing"]._create_bill(
                order, bill_date or today
            )
        else:
            return self.env["account.move"]
        if invoice and may_post:
            # As core's button does: analytic plans may be mandatory.
            invoice.with_context(validate_analytic=True).action_post()
        return invoice

    @api.model
    def _post_lines(self, order, option, sale_line_ids, shipment_vals=None):
        """Post what is proposed for some lines of `order`, wholly or not at all.

        :param sale_line_ids: ids of sales lines; those of other orders are left alone
        :param dict shipment_vals: as of `_get_shipment_vals`; what is proposed stays
            where one of them is empty
        :return: text that tells what was posted
        :raise UserError: see `_post`; or core asks something about the transfer
        :raise AccessError: the user may not change the order
        """
        order.check_access("write")
        outstanding = self._get_outstanding(order)
        rows = [
            row
            for row in self._get_rows(order, outstanding)
            if row.sale_line.id in sale_line_ids
        ]
        shipment_vals = {
            **self._get_shipment_vals(outstanding),
            **{name: value for name, value in (shipment_vals or {}).items() if value},
        }
        posted = self._post(
            order, option, rows, shipment_vals=shipment_vals, outstanding=outstanding
        )
        if posted.action:
            raise UserError(
                self.env._(
                    "%(order)s can't be posted here: its transfer asks a question. "
                    "Open the order and choose Post.",
                    order=order.name,
                )
            )
        return self._get_result_text(posted)

    @api.model
    def _get_shares(self, rows, outstanding):
        """Spread rows over the open moves of their sales lines, earliest first.

        What a row wants of one purchase line is shipped by that line.

        :return: {move: quantity, in the UoM of the sales line}
        """
        wanted = defaultdict(lambda: defaultdict(float))
        for row in rows:
            wanted[row.sale_line][row.purchase_line.id] += row.quantity
        return {
            move: quantity
            for line in outstanding
            for move, quantity in self._spread(wanted[line], outstanding[line]).items()
        }

    @api.model
    def _get_move_quantities(self, shares, outstanding):
        """Return what each move ships, of `_get_shares`.

        :return: {move: quantity, in the UoM of the move}; zero where the quantity is
            too small for that UoM
        """
        return {
            move: self._get_move_quantity(
                move, quantity, outstanding[move.sale_line_id][move]
            )
            for move, quantity in shares.items()
        }

    @api.model
    def _spread(self, wanted, moves):
        """Return {move: quantity} that ships what is wanted of one sales line.

        What is wanted beyond what all moves have left, the last one ships.

        :param dict wanted: id of a purchase line, or False for any, to quantity
        :param dict moves: move to quantity that it has left
        """
        taken = {}
        for move, left in moves.items():
            compare = move.sale_line_id.product_uom_id.compare
            # First what is wanted of this very purchase line, then of any.
            for key in (move.purchase_line_id.id, False):
                part = min(wanted[key], left - taken.get(move, 0.0))
                # A move of less than the UoM can tell goes along with the others.
                if compare(part, 0.0) > 0 or (
                    not left and compare(wanted[key], 0.0) > 0
                ):
                    wanted[key] -= part
                    taken[move] = taken.get(move, 0.0) + part
        for key, extra in wanted.items():
            last = [m for m in moves if key in (False, m.purchase_line_id.id)][-1:]
            for move in last:
                if move.sale_line_id.product_uom_id.compare(extra, 0.0) > 0:
                    taken[move] = taken.get(move, 0.0) + extra
        return taken

    @api.model
    def _get_move_quantity(self, move, quantity, left):
        """Return `quantity`, in the UoM of the sales line, in that of the move.

        :param float left: all that the move has left, in the UoM of the sales line
        """
        uom = move.sale_line_id.product_uom_id
        if uom.compare(quantity, left) == 0:
            return move.product_uom_qty
        return uom._compute_quantity(
            quantity, move.product_uom, rounding_method="HALF-UP"
        )

    @api.model
    def _get_received(self, rows, outstanding):
        """Return {purchase line: quantity} that `rows` receive, in its UoM."""
        received = defaultdict(float)
        shares = self._get_shares(rows, outstanding)
        for move, quantity in self._get_move_quantities(shares, outstanding).items():
            line = move.purchase_line_id
            received[line] += move.product_uom._compute_quantity(
                quantity, line.product_uom_id, rounding_method="HALF-UP"
            )
        return received

    @api.model
    def _ship(self, order, rows, shipment_vals, outstanding, over_delivery=False):
        """Validate the transfers with the quantities of `rows`; the rest stays open.

        :return: the transfers, in sudo, and what to show where core asks something
        :raise UserError: see `_post`
        """
        done = self._get_done(order, rows, outstanding, over_delivery)
        moves = self.env["drop.shipment.transfers"]._fill_in(
            order, rows, done, shipment_vals
        )
        self.env["drop.shipment.lots"]._check_complete(order, moves)
        pickings = moves.picking_id
        extras = self._get_over_delivery(done)
        # What a vendor has shipped is a fact: nobody is asked whether it may be.
        action = pickings.with_context(
            skip_backorder=True,
            dropship_link_keep_rest=True,
            dropship_link_unasked=True,
        ).button_validate()
        if all(picking.state == "done" for picking in pickings):
            self._log_over_delivery(extras)
        return pickings, action

    @api.model
    def _get_done(self, order, rows, outstanding, over_delivery=False):
        """Return {move: quantity in its UoM} that `rows` ship, without zeros.

        :raise UserError: see `_post`
        """
        check = self.env["drop.shipment.posting.check"]
        totals = check._check_rows(order, rows, outstanding, over_delivery)
        done = self._get_move_quantities(
            self._get_shares(rows, outstanding), outstanding
        )
        check._check_move_quantities(order, totals, done)
        return {
            move: quantity
            for move, quantity in done.items()
            if not move.product_uom.is_zero(quantity)
        }

    @api.model
    def _get_over_delivery(self, done):
        """Return {purchase line: quantity in its UoM} beyond what is outstanding.

        Of {move: quantity}. Core then raises the demand of the moves to what they ship.
        """
        extras = defaultdict(float)
        for move, quantity in done.items():
            extra = quantity - move.product_uom_qty
            if move.product_uom.compare(extra, 0.0) > 0:
                line = move.purchase_line_id
                extras[line] += move.product_uom._compute_quantity(
                    extra, line.product_uom_id, rounding_method="HALF-UP"
                )
        return extras

    @api.model
    def _log_over_delivery(self, extras):
        """Log on both orders what `_get_over_delivery` has found."""

        def get_text(line):
            return self.env._(
                "%(line)s: %(quantity)s more than was outstanding, shipped on purchase "
                "order %(order)s.",
                line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                quantity=line._format_drop_shipment_qty(extras[line]),
                order=line.order_id.name,
            )

        lines = self.env["purchase.order.line"].sudo().union(*extras)
        lines._log_drop_shipment_notes_on_sales(get_text)
        for order, order_lines in lines.grouped("order_id").items():
            order._log_drop_shipment_note([get_text(line) for line in order_lines])

    @api.model
    def _get_result_text(self, posted):
        """Return the text that tells the user what was posted."""
        pickings, invoice, _action = posted
        texts = []
        if len(pickings) == 1:
            texts.append(
                self.env._("Transfer %(transfer)s is done.", transfer=pickings.name)
            )
        elif pickings:
            texts.append(
                self.env._(
                    "Transfers %(transfers)s are done.",
                    transfers=", ".join(pickings.mapped("name")),
                )
            )
        texts += self.env["drop.shipment.crediting"]._get_texts(invoice)
        return " ".join(texts)
