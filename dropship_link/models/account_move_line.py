from odoo import api, models
from odoo.fields import Command


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # A posted document takes new lines from bill matching, never a draft's check.
        posted = lines.filtered(
            lambda line: line.move_id.state == "posted" and line.purchase_line_id
        )
        if posted:
            # Accountants need no rights on sales lines to be told a number.
            posted._get_drop_shipment_sale_lines()._check_drop_shipment_bills()
        return lines

    def write(self, vals):
        matches = self.env.context.get("dropship_link_matches")
        if matches and "purchase_line_id" in vals:
            # Core's Bill Matching, see `purchase.bill.line.match`.
            for purchase_line_id, lines in (
                self.with_context(dropship_link_matches=None)
                .grouped(lambda line: matches.get(line.id, vals["purchase_line_id"]))
                .items()
            ):
                lines.write({**vals, "purchase_line_id": purchase_line_id})
            return True
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
                self._drop_shipment_leave_stock_account()
            return res
        lines = self if "move_id" in vals else posted
        sale_lines = lines._get_drop_shipment_sale_lines()
        excesses = sale_lines._get_drop_shipment_excesses()
        res = super().write(vals)
        sale_lines |= lines._get_drop_shipment_sale_lines()
        sale_lines._check_drop_shipment_bills(excesses, documents=lines.move_id)
        return res

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
        # Only what left own stock, or came back to it, has a value in stock.
        if any(self.sudo().sale_line_ids.mapped("drop_shipment")):
            moves = moves.filtered(
                # The stored answer first: the other one reads both locations.
                lambda move: (
                    not (
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
        line = self.sudo()
        if not any(line.sale_line_ids.mapped("drop_shipment")):
            return super()._get_cogs_value()
        quantity = self.product_uom_id._compute_quantity(
            self.quantity, self.product_id.uom_id
        )
        return line._get_drop_shipment_cogs() / quantity if quantity else 0.0

    def _get_cogs_qty(self):
        booked = self._get_drop_shipment_beside()
        return super()._get_cogs_qty() - sum(booked.mapped("quantity"))

    def _get_posted_cogs_value(self):
        booked = self._get_drop_shipment_beside()
        return super()._get_posted_cogs_value() + sum(booked.mapped("balance"))

    def _get_drop_shipment_beside(self):
        """Return cost of goods of drop shipments that core counts to this line.

        It takes all that the order's invoices have booked for the product.
        """
        self.ensure_one()
        invoices = self.sale_line_ids.order_id.invoice_ids
        items = invoices.filtered(
            lambda move: move.move_type == "out_invoice"
        ).line_ids.filtered(
            lambda item: (
                item.display_type == "cogs"
                and item.product_id == self.product_id
                # Whoever invoices own goods may lack rights on the other lines.
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
        return self.product_id.product_tmpl_id.get_product_accounts(
            fiscal_pos=self.move_id.fiscal_position_id
        )["stock_valuation"]

    def _drop_shipment_leave_stock_account(self):
        """Book matched draft lines of drop shipments as an expense.

        They got the stock account when nobody knew yet what they bill.
        """
        lines = self.filtered(
            lambda line: (
                line.sudo().purchase_line_id.drop_shipment
                and line.account_id == line._get_drop_shipment_stock_account()
            )
        )
        self.env.add_to_compute(self._fields["account_id"], lines)

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
        value = moves_out._get_drop_shipment_value() - self._get_drop_shipment_booked()
        value -= moves_in._get_drop_shipment_value()
        if self.move_id.move_type == "out_refund":
            value, moves_out = -value, moves_in
        if value > 0.0:
            quantity = self.product_uom_id._compute_quantity(
                self.quantity, self.product_id.uom_id
            )
            moved = sum(move._get_valued_qty() for move in moves_out)
            price = moves_out._get_drop_shipment_value() / moved if moved else 0.0
            value = min(value, quantity * price)
        return self.company_currency_id.round(value)

    def _get_drop_shipment_booked(self):
        """Return the cost of goods sold that is booked for these lines' sales lines."""
        documents = self.sale_line_ids.invoice_lines.move_id
        items = documents.line_ids.filtered(
            lambda item: (
                item.display_type == "cogs"
                and item.parent_state == "posted"
                and item.product_id == self.product_id
            )
        )
        # The copies in a reversal that cancels an invoice do not say whose they are.
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

    def _prepare_drop_shipment_advance_part(self, amount):
        """Return values of an invoice line with a part of this down payment.

        :param float amount: taxes included, to the cent, in the currency of the line;
            negative to take it off
        """
        self.ensure_one()
        tax_model = self.env["account.tax"]
        company = self.company_id
        base_line = self.move_id._prepare_product_base_line_for_taxes_computation(self)
        tax_model._add_tax_details_in_base_lines([base_line], company)
        tax_model._round_base_lines_tax_details([base_line], company)
        # As core makes the down payment from the lines of the order.
        part = tax_model._prepare_down_payment_lines(
            [base_line], company, "fixed", abs(amount)
        )[0]
        tax_data = tax_model._export_base_line_extra_tax_data(part)
        if amount < 0:
            tax_data = tax_model._reverse_quantity_base_line_extra_tax_data(tax_data)
        return {
            "quantity": 1.0 if amount > 0 else -1.0,
            "price_unit": part["price_unit"],
            "extra_tax_data": tax_data,
        }

    def _drop_shipment_split_advance(self, amount):
        """Leave `amount` of this deduction of a down payment for the next invoice.

        In a line of its own: quantities stay whole, which core counts by.
        """
        self.ensure_one()
        # The customer reads it.
        env = self.with_context(lang=self.partner_id.lang or self.env.lang).env
        values = self.sale_line_ids._prepare_invoice_line(
            name=env._("%(advance)s: rest, for the next invoice", advance=self.name),
            sequence=self.sequence,
            tax_ids=[Command.set(self.tax_ids.ids)],
            **self._prepare_drop_shipment_advance_part(amount),
        )
        self.move_id.invoice_line_ids = [Command.create(values)]

    def _get_drop_shipment_sale_lines(self):
        """Return the drop shipment sales lines that these lines invoice or bill.

        Elevated: accountants and buyers may not read them. Use it to check.
        """
        lines = self.sudo()
        return (
            lines.sale_line_ids.filtered("drop_shipment")
            | lines.purchase_line_id.drop_shipment_sale_line_id
        )

    def _get_drop_shipment_bill_qty(self, purchase_line):
        """Return the quantity of this bill line in the UoM of a purchase line."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self.quantity, purchase_line.product_uom_id, rounding_method="HALF-UP"
        )

    def _split_drop_shipment_bill_line(self, purchase_lines):
        """Split a draft bill line that bills just what is due on all of these lines.

        :return: {id of bill line: id of purchase line}; empty if it does not
        """
        self.ensure_one()
        unit = self.product_uom_id
        due = {
            line: line.product_uom_id._compute_quantity(
                max(line.qty_to_invoice, 0.0), unit, rounding_method="HALF-UP"
            )
            for line in purchase_lines
        }
        if (
            self.parent_state != "draft"
            or self.move_id.move_type != "in_invoice"
            or any(unit.is_zero(quantity) for quantity in due.values())
            or unit.compare(sum(due.values()), self.quantity)
        ):
            return {}
        first = purchase_lines[0]
        others = self.move_id.invoice_line_ids
        self.move_id.invoice_line_ids = [
            Command.update(self.id, {"quantity": due[first]}),
            *(
                Command.create(
                    {
                        **self.copy_data()[0],
                        "quantity": due[line],
                        "purchase_line_id": line.id,
                    }
                )
                for line in purchase_lines[1:]
            ),
        ]
        return {self.id: first.id} | {
            line.id: line.purchase_line_id.id
            for line in self.move_id.invoice_line_ids - others
        }

    def _get_drop_shipment_posted_qty(self, uom, more=0.0):
        """Return the quantity on posted documents, refunds subtracted, in `uom`.

        :param more: to be added, in `uom`; the sum is rounded, not its parts
        """
        total = more
        for line in self:
            move = line.move_id
            # Only what was cancelled long ago needs a second look.
            if move.state == "draft" or (
                move.state == "cancel" and move.payment_state != "invoicing_legacy"
            ):
                continue
            quantity = line.product_uom_id._compute_quantity(
                line.quantity, uom, round=False
            )
            if move.move_type in ("out_refund", "in_refund"):
                quantity = -quantity
            total += quantity
        return uom.round(total) if total else 0.0
