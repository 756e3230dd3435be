from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class DropShipmentInvoicing(models.AbstractModel):
    """What customers are invoiced for: the invoice of *Ship and Invoice*.

    It invoices what core's *Create Invoice* would invoice now, but of ticked lines what
    was shipped. Down payments are deducted, but the invoice never falls below zero: the
    rest waits for the next one.
    """

    _name = "drop.shipment.invoicing"
    _description = "Invoicing of Drop Shipments"

    # ------------------------------------------------------------
    # THE INVOICE
    # ------------------------------------------------------------

    @api.model
    def _create_invoice(self, order, date=False):
        """Create a draft invoice of what is shipped and what else is to invoice.

        As core's *Create Invoice* would now, less down payments; but of drop shipments
        what was shipped, whatever their invoicing policy, and never below zero: what
        could not be taken off waits for the next invoice.

        :param order: sales order
        :param date: date of the invoice; empty for that of the day it is posted
        :return: the invoice, with the rights of the user
        :raise UserError: nothing is to invoice
        """
        changed = self._set_shipped_to_invoice(order.order_line)
        if not any(
            line.qty_to_invoice > 0
            and not line.is_downpayment
            and line._can_be_invoiced_alone()
            for line in order._get_invoiceable_lines(final=True)
        ):
            raise UserError(
                self.env._(
                    "%(order)s has nothing to invoice for this shipment: it has been "
                    "invoiced already. Choose Ship.",
                    order=order.name,
                )
            )
        invoice = order.with_context(
            dropship_link_limit_deductions=True, dropship_link_invoice_date=date
        )._create_invoices(final=True)
        self.env.add_to_compute(changed._fields["qty_to_invoice"], changed)
        # What was computed of the other quantity meanwhile, such as the statuses.
        changed.modified(["qty_to_invoice"])
        return invoice.with_env(order.env)

    @api.model
    def _set_shipped_to_invoice(self, lines):
        """Have what is shipped of ticked sales lines, and no more, to invoice.

        As core's `_force_lines_to_invoice_policy_order` has what is ordered: until it
        is computed again, for which the caller sees.

        :return: the lines whose quantity is another now
        """
        changed = lines.browse()
        for line in lines.filtered("drop_shipment"):
            quantity = self._get_qty_to_invoice(line)
            if line.product_uom_id.compare(line.qty_to_invoice, quantity):
                line.qty_to_invoice = quantity
                changed |= line
        # A combo line has no quantity of its own: it is invoiced with its items.
        for combo in changed.filtered("combo_item_id").linked_line_id:
            if not any(combo.linked_line_ids.mapped("qty_to_invoice")):
                combo.qty_to_invoice = 0.0
                changed |= combo
        return changed

    @api.model
    def _get_qty_to_invoice(self, line):
        """Return what Ship and Invoice takes of this ticked sales line, in its UoM.

        Negative where what was invoiced came back. If the vendor has billed that, only
        a credit note may take it off, and an invoice with it could not be posted.
        """
        quantity = line.qty_to_invoice
        if quantity >= 0:
            # By the order, core would invoice what is to come, and not what was
            # shipped beyond it.
            return max(line.qty_delivered - line.qty_invoiced, 0.0)
        if self.env["drop.shipment.bill.control"]._is_blocked(line, -quantity):
            return 0.0
        return quantity

    @api.model
    def _limit_deductions(self, invoice):
        """Keep a draft invoice from falling below zero.

        What is too much to take off waits for the next invoice: of discounts as much as
        their unit can tell, returned goods as a whole; of the down payments the latest,
        to the cent.
        """
        compare = invoice.currency_id.compare_amounts
        less = invoice.invoice_line_ids.filtered(lambda line: line.price_total < 0)
        less = less.sorted(lambda line: (line.sequence, line.id), reverse=True)
        advances = less.filtered("is_downpayment")
        in_advance = sum(map(self._get_part_of_total, advances))
        for line in less - advances:
            excess = in_advance - invoice.amount_total
            if compare(excess, 0.0) <= 0:
                break
            self._limit_discount(line, excess)
        if less != advances:
            self.env["drop.shipment.billing"]._remove_empty_lines(invoice)
        self._limit_advances(invoice, advances)

    @api.model
    def _limit_advances(self, invoice, advances):
        """Take down payments off a draft invoice only as far as it is above zero.

        :param advances: the lines of the invoice that take them off, the latest first
        """
        compare = invoice.currency_id.compare_amounts
        for line in advances:
            excess = -invoice.amount_total
            if compare(excess, 0.0) <= 0:
                break
            part = self._get_part_of_total(line)
            if compare(excess, -part) >= 0:
                advances -= line
                line.unlink()
                continue
            amount = excess * line.price_total / part
            rest = self._split_advance(line, amount)
            # What is left of the tax is rounded on its own.
            excess = -invoice.amount_total
            if compare(excess, 0.0) > 0:
                rest.unlink()
                self._split_advance(line, amount + excess)
        if not advances:
            # Without advances their heading goes too: it is the only section of the
            # invoice that belongs to no sales line.
            invoice.invoice_line_ids.filtered(
                lambda line: (
                    line.display_type == "line_section" and not line.sale_line_ids
                )
            ).unlink()

    @api.model
    def _get_part_of_total(self, line):
        """Return what a line of a draft invoice adds to its total.

        Less than the line's own total where the tax is reduced from the start, for an
        early payment discount.
        """
        term = line.move_id.invoice_payment_term_id
        if not term.early_discount or term.early_pay_discount_computation != "mixed":
            return line.price_total
        tax = line.price_total - line.price_subtotal
        return line.price_total - tax * term.discount_percentage / 100

    @api.model
    def _limit_discount(self, line, excess):
        """Take this line off by `excess` less, or not at all.

        :param line: of a draft invoice, of less than nothing, but no down payment
        :param float excess: how far the invoice is below zero, taxes included
        """
        part = -self._get_part_of_total(line)
        quantity = 0.0
        # Goods that came back are credited as they are.
        if line.quantity > 0 and part > excess:
            quantity = line.product_uom_id.round(
                line.quantity * (part - excess) / part, rounding_method="DOWN"
            )
        line.quantity = quantity

    @api.model
    def _filter_credit_due(self, lines):
        """Return the lines invoiced for more than was or will be delivered.

        :param lines: ticked sales lines
        """
        return lines.filtered(
            lambda line: (
                line.product_uom_id.compare(line.qty_to_invoice, 0.0) < 0
                and line.product_uom_id.compare(
                    line.qty_delivered + self._get_qty_to_come(line), line.qty_invoiced
                )
                < 0
            )
        )

    @api.model
    def _get_qty_to_come(self, line):
        """Return what of a sales line is on order or to order, in its UoM."""
        return (
            line.drop_shipment_qty_outstanding
            + line.drop_shipment_qty_to_order
            + line._get_drop_shipment_qty_requested()
        )

    # ------------------------------------------------------------
    # ADVANCES
    # ------------------------------------------------------------

    @api.model
    def _is_deducted_in_parts(self, order):
        """Whether invoices may take off a part of a down payment of this order.

        A vendor ships lines of it, or has: what a line that is ticked no more took off
        stays taken off.
        """
        # sudo: salespeople and customers may not read purchase orders.
        lines = order.sudo().order_line
        return any(lines.mapped("drop_shipment")) or bool(
            lines.purchase_line_ids.order_id.sell_to_customer_id
        )

    @api.model
    def _get_advances(self, order):
        """Return the down payment lines of a sales order."""
        return order.order_line.filtered(
            lambda line: line.is_downpayment and not line.display_type
        )

    @api.model
    def _has_advance_left(self, order):
        """Whether something of a down payment is not taken off yet, or too much is."""
        advances = self._get_advances(order)
        return (
            bool(advances)
            and self._is_deducted_in_parts(order)
            and bool(self._filter_advances_left(advances, final=True))
        )

    @api.model
    def _get_advance_invoice_lines(self, lines):
        """Return the invoice lines of these down payments that count, in sudo.

        Drafts count, as with core: a deduction is not made twice either.

        :param lines: down payment lines of sales orders
        """
        invoice_lines = self.env["account.move.line"].sudo()
        return invoice_lines.union(
            *lines._get_drop_shipment_invoice_lines().values()
        ).filtered(
            lambda line: (
                line.parent_state != "cancel"
                or line.move_id.payment_state == "invoicing_legacy"
            )
        )

    @api.model
    def _get_advances_left(self, lines):
        """Return {down payment line: amount that invoices have not taken off yet}.

        Taxes included, in the currency of the order; negative where more was taken
        off than is paid in advance, as when the advance was cancelled afterwards.
        """
        left = dict.fromkeys(lines, 0.0)
        for invoice_line in self._get_advance_invoice_lines(lines):
            invoice = invoice_line.move_id
            for line in lines.filtered(
                lambda line, lines=invoice_line.sale_line_ids: line.id in lines.ids
            ):
                left[line] += self._convert_advance(
                    -invoice.direction_sign * invoice_line.price_total, invoice, line
                )
        return left

    @api.model
    def _convert_advance(self, amount, invoice, line):
        """Return an amount of an invoice in the currency of a down payment line.

        By the rate of the invoice, which accounting may have typed.
        """
        currency = invoice.currency_id
        if currency != line.currency_id:
            amount /= invoice.invoice_currency_rate or 1.0
            currency = invoice.company_currency_id
        return currency._convert(
            amount,
            line.currency_id,
            line.company_id,
            invoice.invoice_date or fields.Date.context_today(line),
        )

    @api.model
    def _filter_advances_left(self, lines, final):
        """Return the down payment lines that an invoice has to take into account.

        :param lines: down payment lines of a sales order
        :param bool final: also those that it deducts, as for core's
            `_get_invoiceable_lines`
        """
        if self._is_charged(lines.order_id):
            # The parts that were invoiced are rounded each: a cent may be left.
            return lines.browse()
        left = self._get_advances_left(lines)
        return lines.filtered(
            lambda line: (
                not line.currency_id.is_zero(left[line]) and (final or left[line] < 0)
            )
        )

    @api.model
    def _is_charged(self, order):
        """Whether invoices have all of a sales order, and amount to its total."""
        lines = order.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment
        )
        if any(
            line.product_uom_id.compare(line.qty_invoiced, line.product_uom_qty)
            for line in lines
        ):
            return False
        # sudo: salespeople may not read all invoices.
        invoices = order.sudo().invoice_ids.filtered(
            lambda invoice: invoice.state != "cancel"
        )
        if invoices.currency_id != order.currency_id:
            return False
        charged = sum(
            -invoice.direction_sign * invoice.amount_total for invoice in invoices
        )
        return not order.currency_id.compare_amounts(charged, order.amount_total)

    @api.model
    def _prepare_advance_deduction(self, line):
        """Return values of the invoice line that takes off what is left in advance.

        :param line: down payment line of a sales order
        """
        left = self._get_advances_left(line)[line]
        # Prefer to reverse the invoice line of exactly this amount: its taxes then
        # cancel to the cent.
        invoice_lines = self._get_advance_invoice_lines(line).filtered(
            lambda invoice_line: invoice_line.move_id.move_type == "out_invoice"
        )
        own_lines = invoice_lines.filtered(
            lambda invoice_line: invoice_line.currency_id == line.currency_id
        )
        like = own_lines.filtered(
            lambda line: not line.currency_id.compare_amounts(line.price_total, left)
        ).sorted("id")[-1:]
        if like:
            tax_model = self.env["account.tax"]
            return {
                "quantity": -like.quantity,
                "price_unit": like.price_unit,
                "extra_tax_data": tax_model._reverse_quantity_base_line_extra_tax_data(
                    like.extra_tax_data
                ),
            }
        if not invoice_lines:
            # Paid without an invoice, or given back.
            return {"quantity": -1.0 if left * line.price_unit > 0 else 1.0}
        # Accounting may have invoiced the advance in another currency; where no invoice
        # has it, one has taken off a part of it.
        advance = invoice_lines.filtered(lambda line: line.price_total > 0)
        model = advance & own_lines or advance or invoice_lines
        return self._prepare_advance_part(model.sorted("id")[0], -left)

    @api.model
    def _prepare_advance_part(self, invoice_line, amount):
        """Return values of an invoice line with a part of a down payment.

        :param invoice_line: the line that invoices the down payment, or deducts it
        :param float amount: taxes included, to the cent, in the currency of the line;
            negative to take it off
        """
        invoice = invoice_line.move_id
        tax_model = invoice_line.env["account.tax"]
        company = invoice_line.company_id
        base_line = invoice._prepare_product_base_line_for_taxes_computation(
            invoice_line
        )
        tax_model._add_tax_details_in_base_lines([base_line], company)
        tax_model._round_base_lines_tax_details([base_line], company)
        # Split into lines by tax, as core does when it makes the down payment.
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

    @api.model
    def _split_advance(self, invoice_line, amount):
        """Leave `amount` of this deduction of a down payment for the next invoice.

        In a line of its own: quantities stay whole, which core counts by.

        :return: the line
        """
        # The text is printed on the customer's invoice: use the customer's language.
        lang = invoice_line.partner_id.lang or invoice_line.env.lang
        env = invoice_line.with_context(lang=lang).env
        values = invoice_line.sale_line_ids._prepare_invoice_line(
            name=env._(
                "%(advance)s: rest, for the next invoice", advance=invoice_line.name
            ),
            sequence=invoice_line.sequence,
            tax_ids=[Command.set(invoice_line.tax_ids.ids)],
            **self._prepare_advance_part(invoice_line, amount),
        )
        invoice = invoice_line.move_id
        before = invoice.invoice_line_ids
        invoice.invoice_line_ids = [Command.create(values)]
        return invoice.invoice_line_ids - before
