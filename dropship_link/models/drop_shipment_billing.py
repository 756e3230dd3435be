from odoo import api, models
from odoo.tools import float_round


class DropShipmentBilling(models.AbstractModel):
    """What vendors bill: the bill of *Invoice*, and of *Receive and Invoice*.

    It bills what core's *Create Bill* would bill now, services and the vendor's
    advance included, as far as `drop.shipment.bill.control` lets it be posted.
    """

    _name = "drop.shipment.billing"
    _description = "Billing of Drop Shipments"

    @api.model
    def _get_to_bill(self, order, received=None):
        """Return {purchase line: quantity} that core's *Create Bill* would bill now.

        In the line's UoM; negative for what came back and for the vendor's advance.

        :param dict received: purchase line to quantity that is received before, in
            its UoM
        """
        received = received or {}
        quantities = {}
        for line in order.order_line:
            if line.display_type:
                continue
            quantity, arriving = line.qty_to_invoice, received.get(line, 0.0)
            if line.product_id.purchase_method != "purchase":
                quantity += arriving
            elif line.drop_shipment and quantity < 0 < arriving:
                # Billed before it arrives, beyond the order: no refund is due for that.
                excess = line.qty_invoiced - line.qty_received - arriving
                quantity = max(quantity, min(-excess, 0.0))
            quantities[line] = quantity
        return self._deduct_advance(order, quantities)

    @api.model
    def _get_billable(self, order, received=None):
        """Return {purchase line: quantity} of `_get_to_bill` that may be posted.

        Drop shipments as far as the customer was invoiced, if the company blocks
        bills; the rest waits.

        :param dict received: see `_get_to_bill`
        """
        quantities = self._get_to_bill(order, received)
        limits = self.env["drop.shipment.bill.control"]._get_limits(
            order.order_line.drop_shipment_sale_line_id
        )
        for line, quantity in quantities.items():
            # Buyers may lack rights on sales lines; only quantities come out of it.
            sale_line = line.sudo().drop_shipment_sale_line_id
            if sale_line not in limits or quantity <= 0:
                continue
            # Not rounded: three lines of 8 units take 2 dozen, not 2.01.
            wanted = line.product_uom_id._compute_quantity(
                quantity, sale_line.product_uom_id, round=False
            )
            taken = min(wanted, limits[sale_line])
            limits[sale_line] -= taken
            if sale_line.product_uom_id.compare(taken, wanted) < 0:
                # Round down: the bill must not exceed what is invoiced.
                quantities[line] = sale_line.product_uom_id._compute_quantity(
                    taken, line.product_uom_id, rounding_method="DOWN"
                )
        return self._deduct_advance(order, quantities)

    @api.model
    def _deduct_advance(self, order, quantities):
        """Return the quantities that are not zero, of advances no more than of goods.

        Core would have the vendor pay the rest of an advance back at once. It waits
        for the next bill instead, as long as there is one to come; so do discounts.

        :param dict quantities: purchase line to quantity, in its UoM
        """
        is_zero = self.env["uom.uom"]._is_drop_shipment_zero
        quantities = {
            line: quantity
            for line, quantity in quantities.items()
            if not is_zero(quantity)
        }
        if not self._is_bill_to_come(order, quantities):
            return quantities
        advances = [
            line
            for line, quantity in quantities.items()
            if line.is_downpayment and quantity < 0
        ]
        quantities = self._hold_discounts(order, quantities, advances)
        if not advances:
            return quantities
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        left = self._get_untaxed_amount(
            order,
            {line: quantities[line] for line in quantities if line not in advances},
        )
        for line in advances:
            quantity = -quantities.pop(line)
            amount = self._get_untaxed_amount(order, {line: quantity})
            left = max(left, 0.0)
            if order.currency_id.compare_amounts(amount, left) > 0:
                # Round down: at worst a hundredth of the advance is left for the next
                # bill, never too much taken off.
                quantity = float_round(
                    quantity * left / amount,
                    precision_digits=digits,
                    rounding_method="DOWN",
                )
            left -= amount
            if not is_zero(quantity):
                quantities[line] = -quantity
        return quantities

    @api.model
    def _hold_discounts(self, order, quantities, advances):
        """Return the quantities without discounts of more than what is billed.

        Alone they would be the vendor's refund: they wait for the goods.

        :param dict quantities: purchase line to quantity, in its UoM
        :param list advances: lines that deduct an advance, and do not count here
        """
        discounts = [
            line
            for line, quantity in quantities.items()
            if quantity > 0 and line.price_unit < 0 and line not in advances
        ]
        if not discounts:
            return quantities
        others = {line: quantities[line] for line in quantities if line not in advances}
        if (
            order.currency_id.compare_amounts(
                self._get_untaxed_amount(order, others), 0.0
            )
            >= 0
        ):
            return quantities
        return {
            line: quantity
            for line, quantity in quantities.items()
            if line not in discounts
        }

    @api.model
    def _is_bill_to_come(self, order, quantities):
        """Whether something is left to bill after these quantities.

        :param dict quantities: purchase line to quantity, in its UoM
        """
        return any(
            line.product_uom_id.compare(
                line.product_qty, line.qty_invoiced + quantities.get(line, 0.0)
            )
            > 0
            for line in order.order_line
            if not line.display_type and not line.is_downpayment
        )

    @api.model
    def _get_untaxed_amount(self, order, quantities):
        """Return the untaxed amount of a bill, in the currency of its order.

        :param dict quantities: purchase line to quantity, in its UoM
        """
        tax_model = order.env["account.tax"]
        base_lines = [
            {
                **line._prepare_base_line_for_taxes_computation(),
                "quantity": quantity,
            }
            for line, quantity in quantities.items()
        ]
        tax_model._add_tax_details_in_base_lines(base_lines, order.company_id)
        tax_model._round_base_lines_tax_details(base_lines, order.company_id)
        return tax_model._get_tax_totals_summary(
            base_lines=base_lines,
            currency=order.currency_id,
            company=order.company_id,
        )["base_amount_currency"]

    @api.model
    def _create_bill(self, order, date, quantities=None):
        """Create the draft bill of core's *Create Bill*, of what may be posted.

        :param date: date of the bill
        :param dict quantities: purchase line to quantity, in its UoM; if None what may
            be billed now
        :return: the bill; a refund where more came back than is billed
        """
        if quantities is None:
            quantities = self._get_billable(order)
        action = order.with_context(
            dropship_link_bill_date=date,
            dropship_link_bill_quantities={
                line.id: quantity for line, quantity in quantities.items()
            },
        ).action_create_invoice()
        bill = order.env["account.move"].browse(action["res_id"])
        # Buyers may not delete lines of bills, not even of a draft they made.
        self._remove_empty_lines(bill.sudo())
        return bill

    @api.model
    def _get_bills(self, orders):
        """Return all bills and refunds, in sudo, of these purchase orders.

        Also those that the user may not read, which the cache of an order may lack.
        """
        return (
            self.env["account.move"]
            .sudo()
            .search([("line_ids.purchase_line_id.order_id", "in", orders.ids)])
        )

    @api.model
    def _credit_returns(self, bills):
        """Have new drafts of core take goods back at what was charged for them.

        Core has made refunds of them by the prices of the order.

        :param bills: drafts of bills and refunds
        """
        # Buyers may not write on all bills, not even on a draft they made.
        bills = bills.sudo()
        self.env["drop.shipment.charged"]._credit_as_charged(bills)
        bills.filtered(
            lambda move: move.currency_id.compare_amounts(move.amount_total, 0.0) < 0
        ).action_switch_move_type()
        self.env["drop.shipment.crediting"]._switch_free(bills)

    @api.model
    def _remove_empty_lines(self, bill):
        """Remove lines that charge nothing, and headings that nothing is left below.

        Core puts all lines of an order into its draft, for people to fill in; the
        documents of Post are posted as they are.
        """
        levels = {"line_section": 1, "line_subsection": 2}
        empty = notes = bill.env["account.move.line"]
        # From the end, by level of heading: whether something is billed below it. None
        # where there is no line at all: a heading of notes stays, as core puts it.
        filled = {1: None, 2: None}
        for line in bill.invoice_line_ids.sorted(
            lambda line: (line.sequence, line.id), reverse=True
        ):
            if line.display_type == "line_note":
                notes |= line
            elif level := levels.get(line.display_type):
                if filled[level] is False:
                    empty |= line + notes
                notes = notes.browse()
                filled = {key: filled[key] if key < level else None for key in filled}
            elif self.env["uom.uom"]._is_drop_shipment_zero(line.quantity):
                empty |= line
                filled = {key: bool(value) for key, value in filled.items()}
            else:
                filled = dict.fromkeys(filled, True)
        if empty:
            empty.unlink()

    @api.model
    def _is_to_bill(self, sale_line):
        """Whether vendors have shipped more than posted bills bill.

        To be asked of a sales line that is delivered in full.
        """
        compare = sale_line.product_uom_id.compare
        purchase_lines = sale_line._get_drop_shipment_live_lines()
        # What was added on the transfer was received, but never ordered.
        if compare(sale_line.drop_shipment_qty_ordered, 0.0) <= 0 and not any(
            purchase_lines.mapped("qty_received")
        ):
            # All went back; the bill of it may be a draft, and the refund posted.
            return compare(sale_line.drop_shipment_qty_billed, 0.0) < 0
        # What is on order has been shipped, so there is something to bill.
        if compare(sale_line.drop_shipment_qty_billed, 0.0) <= 0:
            return True
        received = sum(
            line._get_drop_shipment_qty("qty_received") for line in purchase_lines
        )
        return compare(sale_line.drop_shipment_qty_billed, received) < 0

    @api.model
    def _filter_refund_due(self, purchase_lines):
        """Return the lines billed for more than the vendor has shipped or will ship."""
        return purchase_lines.filtered(
            lambda line: (
                line.drop_shipment
                and line.state == "purchase"
                and line.product_uom_id.compare(line.qty_to_invoice, 0.0) < 0
                and line.product_uom_id.compare(
                    line.qty_received + line._get_drop_shipment_qty_outstanding(),
                    line.qty_invoiced,
                )
                < 0
            )
        )
