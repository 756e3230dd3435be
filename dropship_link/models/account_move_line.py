from odoo import api, models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    """Accounts, cost of goods sold and quantities of what vendors ship.

    The goods never were in own stock: they pass neither its account nor its value,
    but for what own stock delivered before the tick, or got back.
    """

    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # Bill Matching adds lines to posted documents, which no posting checks.
        posted = lines.filtered(
            lambda line: line.move_id.state == "posted" and line.purchase_line_id
        )
        if posted:
            control = self.env["drop.shipment.bill.control"]
            control._check(control._get_sale_lines(posted))
        return lines

    def write(self, vals):
        matches = self.env.context.get("dropship_link_matches")
        if matches and "purchase_line_id" in vals:
            return self._write_drop_shipment_matches(vals, matches)
        if not {
            "display_type",
            "move_id",
            "product_uom_id",
            "purchase_line_id",
            "quantity",
            "sale_line_ids",
        } & set(vals):
            return super().write(vals)
        # Not by `parent_state`, which a program can write. A draft's line may be moved
        # to a posted document, or the other way round.
        posted = self.filtered(lambda line: line.move_id.state == "posted")
        if not posted and not vals.get("move_id"):
            res = super().write(vals)
            if vals.get("purchase_line_id"):
                self._recompute_drop_shipment_account()
            return res
        lines = self if "move_id" in vals else posted
        control = self.env["drop.shipment.bill.control"]
        sale_lines = control._get_sale_lines(lines)
        excesses = control._get_excesses(sale_lines)
        res = super().write(vals)
        if vals.get("purchase_line_id"):
            posted._check_drop_shipment_account()
        sale_lines |= control._get_sale_lines(lines)
        control._check(sale_lines, excesses, documents=lines.move_id)
        return res

    def _write_drop_shipment_matches(self, vals, matches):
        """Write what core's Bill Matching writes, but for each line its own match.

        :param dict vals: as for `write`, with the purchase line of all that have none
        :param dict matches: see `_get_matches` of `drop.shipment.bill.matching`
        :return: True
        """
        for purchase_line_id, lines in (
            self.with_context(dropship_link_matches=None)
            .grouped(lambda line: matches.get(line.id, vals["purchase_line_id"]))
            .items()
        ):
            lines.write({**vals, "purchase_line_id": purchase_line_id})
        return True

    def _sale_can_be_reinvoice(self):
        # Sold already: its bill has the analytic account of the sale, by which core
        # would charge the customer once more. sudo: accountants may lack rights on it.
        if self.sudo().purchase_line_id.drop_shipment:
            return False
        return super()._sale_can_be_reinvoice()

    def _eligible_for_stock_account(self):
        # Core knows a drop shipment by its transfer, so an invoice or a bill that
        # comes first would pass through the stock account and stay there. Salespeople
        # and accountants may lack rights on the other side's lines.
        line = self.sudo()
        if line.purchase_line_id.drop_shipment:
            return False
        if any(line.sale_line_ids.mapped("drop_shipment")):
            return self.product_id.is_storable and bool(line._get_drop_shipment_cogs())
        return super()._eligible_for_stock_account()

    def _get_stock_moves(self):
        moves = super()._get_stock_moves()
        # Only what left own stock, or came back to it, has a value in stock. Core adds
        # what a subcontractor made of the goods: that is of another transfer.
        sale_lines = self.sudo().sale_line_ids
        if any(sale_lines.mapped("drop_shipment")):
            moves = moves.filtered(
                # The stored answer first: the other one reads both locations.
                lambda move: (
                    move.sale_line_id in sale_lines
                    and not (
                        move.is_dropship
                        or move._is_dropshipped()
                        or move._is_dropshipped_returned()
                    )
                )
            )
        return moves

    def _get_cogs_value(self):
        # Core takes the price of another line of the product, or of an average into
        # which the goods have gone already.
        if not any(self.sudo().sale_line_ids.mapped("drop_shipment")):
            return super()._get_cogs_value()
        return self._get_drop_shipment_unit_cogs()

    def _get_cogs_qty(self):
        booked = self._get_drop_shipment_cogs_of_others()
        return super()._get_cogs_qty() - sum(booked.mapped("quantity"))

    def _get_posted_cogs_value(self):
        booked = self._get_drop_shipment_cogs_of_others()
        return super()._get_posted_cogs_value() + sum(booked.mapped("balance"))

    def _get_drop_shipment_cogs_of_others(self):
        """Return the cost of goods of drop shipments that core counts to this line.

        Core takes all that the order's invoices have booked for the product.
        """
        self.ensure_one()
        invoices = self.sale_line_ids.order_id.invoice_ids
        items = invoices.filtered(
            lambda move: move.move_type == "out_invoice"
        ).line_ids.filtered(
            lambda item: (
                item.display_type == "cogs"
                and item.product_id == self.product_id
                # sudo: the user may lack rights on the other lines.
                and any(
                    item.sudo().cogs_origin_id.sale_line_ids.mapped("drop_shipment")
                )
            )
        )
        return items.filtered(
            lambda item: item.account_id == self._get_drop_shipment_stock_account()
        )

    def _get_drop_shipment_stock_account(self):
        """Return the account of own stock."""
        # Another company of the user's may be the current one.
        product = self.product_id.with_company(self.company_id)
        return product.product_tmpl_id.get_product_accounts(
            fiscal_pos=self.move_id.fiscal_position_id
        )["stock_valuation"]

    def _recompute_drop_shipment_account(self):
        """Book matched draft lines of drop shipments as an expense.

        They got the stock account before they were matched.
        """
        lines = self._filter_drop_shipment_on_stock_account()
        self.env.add_to_compute(self._fields["account_id"], lines)

    def _check_drop_shipment_account(self):
        """Refuse to match posted lines with drop shipments, if stock was charged.

        :raise UserError: names document, account and purchase order
        """
        for line in self._filter_drop_shipment_on_stock_account():
            raise UserError(
                self.env._(
                    "%(bill)s can't be matched with drop shipment %(order)s: it is "
                    "posted on %(account)s, where it would stay. Reset it to draft, "
                    "then match it.",
                    bill=line.move_id.display_name,
                    order=line.sudo().purchase_line_id.order_id.name,
                    account=line.account_id.display_name,
                )
            )

    def _filter_drop_shipment_on_stock_account(self):
        """Return the lines that are matched with a drop shipment, but charge stock."""
        return self.filtered(
            lambda line: (
                line.sudo().purchase_line_id.drop_shipment
                and line.account_id == line._get_drop_shipment_stock_account()
            )
        )

    def _get_drop_shipment_cogs(self):
        """Return the cost of goods sold that this document has to book.

        An invoice: of what own stock delivered before Drop Shipment was ticked. A
        credit note: of what was taken back to own stock. Less what other documents of
        the sales line have booked, and no more than the share of this line's quantity.
        Negative if it went the other way meanwhile: an invoice of what is left after
        goods were taken to own stock gives their cost back. In company currency.
        """
        self.ensure_one()
        moves = self._get_stock_moves().filtered(lambda move: move.state == "done")
        moves_in = moves.filtered("is_in")
        moves_out = moves.filtered("is_out")
        value = (
            moves_out._get_drop_shipment_value() - self._get_drop_shipment_cogs_booked()
        )
        value -= moves_in._get_drop_shipment_value()
        if self.move_id.move_type == "out_refund":
            value, moves_out = -value, moves_in
        if not value:
            return 0.0
        # At several prices a document has several lines of the goods: they share.
        before = self._get_drop_shipment_lines_before()
        if value > 0.0:
            quantity = self._get_drop_shipment_qty_of_product()
            earlier = before._get_drop_shipment_qty_of_product()
            moved = self._get_drop_shipment_qty_valued(moves_out)
            price = moves_out._get_drop_shipment_value() / moved if moved else 0.0
            value = min(max(value - earlier * price, 0.0), quantity * price)
        elif before:
            value = 0.0
        return self.company_currency_id.round(value)

    def _get_drop_shipment_qty_of_product(self):
        """Return the quantity of these lines of one product, in its UoM."""
        return sum(
            line.product_uom_id._compute_quantity(line.quantity, line.product_id.uom_id)
            for line in self
        )

    def _get_drop_shipment_unit_cogs(self):
        """Return `_get_drop_shipment_cogs` for one unit of the product."""
        quantity = self._get_drop_shipment_qty_of_product()
        # sudo: accountants may lack rights on the lines of both orders.
        return self.sudo()._get_drop_shipment_cogs() / quantity if quantity else 0.0

    def _get_drop_shipment_lines_before(self):
        """Return the lines of the same goods that stand before this in its document."""
        own = self.move_id.invoice_line_ids.filtered(
            lambda line: (
                line.product_id == self.product_id
                and line.sale_line_ids & self.sale_line_ids
            )
        )
        return own[: own.ids.index(self.id)] if self.id in own.ids else own.browse()

    def _get_drop_shipment_qty_valued(self, moves):
        """Return how much of this product moves took from or to own stock, in its UoM.

        :param moves: done moves of the sales line
        """
        return sum(move._get_valued_qty() for move in moves)

    def _get_drop_shipment_cogs_booked(self):
        """Return the cost of goods sold that is booked for the sales lines of these."""
        documents = self.sale_line_ids.invoice_lines.move_id
        items = documents.line_ids.filtered(
            lambda item: (
                item.display_type == "cogs"
                and item.parent_state == "posted"
                and item.product_id == self.product_id
            )
        )
        if not items:
            return 0.0
        # Items of a reversal that cancels an invoice have no origin line.
        reversals = items.filtered(lambda item: not item.cogs_origin_id).move_id
        account = self._get_drop_shipment_stock_account()
        booked = items.filtered(
            lambda item: (
                item.account_id == account
                and item.cogs_origin_id.sale_line_ids & self.sale_line_ids
                and item.move_id not in reversals.reversed_entry_id
            )
        )
        return -sum(booked.mapped("balance"))

    def _get_drop_shipment_signed_qty(self, uom):
        """Return the quantity in `uom`, not rounded; negative on refunds."""
        self.ensure_one()
        quantity = self.product_uom_id._compute_quantity(
            self.quantity, uom, round=False
        )
        if self.move_id.move_type in ("out_refund", "in_refund"):
            return -quantity
        return quantity

    def _get_drop_shipment_posted_qty(self, uom, extra=0.0):
        """Return the quantity on posted documents, refunds subtracted, in `uom`.

        :param float extra: to be added, in `uom`; the sum is rounded, not its parts
        """
        posted = self.filtered(
            lambda line: (
                line.move_id.state == "posted"
                # Of the others only what was cancelled long ago needs a second look.
                or (
                    line.move_id.state == "cancel"
                    and line.move_id.payment_state == "invoicing_legacy"
                )
            )
        )
        total = extra + sum(line._get_drop_shipment_signed_qty(uom) for line in posted)
        return uom.round(total) if total else 0.0
