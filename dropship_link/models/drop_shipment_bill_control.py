from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError


class DropShipmentBillControl(models.AbstractModel):
    """The invoice order: vendors bill no more than the customer was invoiced.

    Business Central's rule up to version 27, by quantity and for each sales line:
    what posted vendor bills (less refunds) bill on its purchase lines does not exceed
    what posted customer invoices (less credit notes) invoice. `_get_excess` is the
    formula, in the UoM of the sales line; everything else asks it. The company blocks
    an excess, warns of it, or does not check.

    Lines are read in sudo: accountants, buyers and salespeople may not read what the
    other side bills or invoices. Only quantities and numbers of orders come out.
    """

    _name = "drop.shipment.bill.control"
    _description = "Invoice Order of Drop Shipments"

    # ------------------------------------------------------------
    # THE RULE
    # ------------------------------------------------------------

    @api.model
    def _get_excess(self, line, extra=0.0):
        """Return the quantity billed less the quantity invoiced, both posted.

        :param line: sales line
        :param float extra: what is billed besides, or no longer invoiced
        """
        line = line.sudo()
        billed = line.drop_shipment_qty_billed
        if extra:
            # Round the sum, not its parts: three bills of 8 units are 2 dozen.
            billed = line.drop_shipment_purchase_line_ids.invoice_lines
            billed = billed._get_drop_shipment_posted_qty(line.product_uom_id, extra)
        return billed - line.drop_shipment_qty_invoiced

    @api.model
    def _get_excesses(self, lines, extra=None):
        """Return {sales line: excess} for the lines that have one and are checked.

        :param dict extra: sales line to quantity, see `_get_excess`
        """
        extra = extra or {}
        excesses = {}
        for line in lines.sudo():
            excess = self._get_excess(line, extra.get(line, 0.0))
            # Cheap test first: most lines have no excess.
            if (
                excess > 0
                and line.company_id.drop_shipment_bill_control != "none"
                and line.product_uom_id.compare(excess, 0.0) > 0
            ):
                excesses[line] = excess
        return excesses

    @api.model
    def _is_blocking(self, company):
        """Whether the company refuses bills that come before the invoice."""
        return company.drop_shipment_bill_control == "block"

    @api.model
    def _is_blocked(self, line, extra):
        """Whether the company refuses to bill `extra` more of this sales line."""
        return self._is_blocking(line.company_id) and bool(
            self._get_excesses(line, {line: extra})
        )

    @api.model
    def _get_limits(self, lines):
        """Return {sales line: quantity that bills may still bill}.

        Lines without a limit are not in it. Draft bills count as billed, so that two
        of them do not share what one invoice allows.
        """
        limits = {}
        for line in lines.sudo():
            if not self._is_blocking(line.company_id):
                continue
            # Core's billed quantity includes drafts. Round the sum, not its parts.
            billed = sum(
                purchase_line._get_drop_shipment_qty("qty_invoiced")
                for purchase_line in line.drop_shipment_purchase_line_ids
            )
            left = line.drop_shipment_qty_invoiced - line.product_uom_id.round(billed)
            limits[line] = max(min(left, -self._get_excess(line)), 0.0)
        return limits

    @api.model
    def _filter_waiting(self, purchase_lines):
        """Return the purchase lines whose bill waits for the customer's invoice.

        Received and to be billed, or on a draft bill that may not be posted.

        :param purchase_lines: in sudo where the user may not read bills
        """
        received = purchase_lines.filtered(
            lambda line: (
                line.drop_shipment
                and line.qty_to_invoice > 0
                and line.product_uom_id.compare(line.qty_received, line.qty_invoiced)
                > 0
            )
        )
        limits = self._get_limits(received.sudo().drop_shipment_sale_line_id)
        used_up = [
            line for line, limit in limits.items() if line.product_uom_id.is_zero(limit)
        ]
        return received.filtered(
            lambda line: line.sudo().drop_shipment_sale_line_id in used_up
        ) | self._filter_draft_waiting(purchase_lines)

    @api.model
    def _get_orders_to_invoice(self, excesses):
        """Return the sales orders to invoice before all is billed.

        Not those of which all is invoiced: the bill is more than was sold, until
        another one is refunded. In sudo: show their numbers only, as buyers may know
        these, no more.

        :param dict excesses: sales line to excess
        """
        orders = self.env["sale.order"].sudo()
        for line, excess in excesses.items():
            if self._get_kind(line, excess) == "early":
                orders |= line.order_id
        return orders

    @api.model
    def _filter_draft_waiting(self, purchase_lines):
        """Return the purchase lines on draft bills that may not be posted yet."""
        lines = purchase_lines.filtered("drop_shipment")
        drafts = lines.sudo().invoice_lines.filtered(
            lambda line: (
                line.parent_state == "draft"
                and line.move_id.is_purchase_document(include_receipts=True)
            )
        )
        extra = self._get_posted_extra(drafts.move_id)
        blocked = [
            line
            for line, quantity in extra.items()
            if quantity > 0 and self._is_blocked(line, quantity)
        ]
        return lines.filtered(
            lambda line: (
                line.sudo().invoice_lines & drafts
                and line.sudo().drop_shipment_sale_line_id in blocked
            )
        )

    # ------------------------------------------------------------
    # BEFORE AND AFTER A CHANGE
    # ------------------------------------------------------------

    @api.model
    def _get_posting_refusal(self, moves):
        """Return why posting these documents would bill more than is invoiced.

        False if it would not, or if the company does not check.
        """
        excesses = self._get_posting_excesses(moves)
        if not excesses:
            return False
        return self._get_crediting_refusal(moves, excesses) or self._get_refusal(
            excesses
        )

    @api.model
    def _get_sale_action(self, move):
        """Return the action that opens the sales orders to invoice before a bill.

        False where there are none, or the user may not read them.
        """
        excesses = self._get_posting_excesses(move)
        orders = self._get_orders_to_invoice(excesses).sudo(self.env.su)
        if not orders or not orders.has_access("read"):
            return False
        name = self.env._("Open Sales Order")
        return orders._get_records_action(name=name, context={})

    @api.model
    def _get_posting_excesses(self, moves):
        """Return {sales line: excess} that posting these documents would leave."""
        extra = {
            line: quantity
            for line, quantity in self._get_posted_extra(moves).items()
            if line.product_uom_id.compare(quantity, 0.0) > 0
        }
        lines = self.env["sale.order.line"].sudo().union(*extra)
        # Read the billed quantities before the change: core recomputes them in the
        # middle of it.
        lines.drop_shipment_purchase_line_ids.mapped("invoice_lines")
        return self._get_excesses(lines, extra)

    @api.model
    def _check_posting(self, moves):
        """Refuse to post documents that bill more than is invoiced.

        :raise UserError: names the sales orders to invoice
        """
        for company, company_moves in moves.grouped("company_id").items():
            if self._is_blocking(company) and (
                refusal := self._get_posting_refusal(company_moves)
            ):
                raise UserError(refusal)

    @api.model
    def _check(self, lines, before=None, documents=None):
        """Apply the rule to sales lines after a change: block, warn or nothing.

        :param dict before: excesses before the change, of `_get_excesses`; only what
            made one larger is refused
        :param documents: bills or invoices that a warning names
        :raise UserError: names the sales orders to invoice
        """
        before = before or {}
        excesses = {
            line: excess
            for line, excess in self._get_excesses(lines).items()
            if line.product_uom_id.compare(excess, before.get(line, 0.0)) > 0
        }
        blocked = {
            line: excess
            for line, excess in excesses.items()
            if self._is_blocking(line.company_id)
        }
        if blocked:
            raise UserError(self._get_refusal(blocked, documents))
        self._note_excesses(excesses, documents)

    @api.model
    def _note_excesses(self, excesses, documents=None):
        """Post the warning on both orders.

        :param dict excesses: sales line to excess
        :param documents: bills or invoices that the warning names
        """
        order_excesses = defaultdict(dict)
        for line, excess in excesses.items():
            order_excesses[line.order_id][line] = excess
            for purchase_order in line._get_drop_shipment_live_lines().order_id:
                order_excesses[purchase_order][line] = excess
        names = ", ".join(move.display_name for move in documents or ())
        for order, own_excesses in order_excesses.items():
            text = self._get_warning_text(own_excesses)
            order._log_drop_shipment_note([f"{names}: {text}" if names else text])

    # ------------------------------------------------------------
    # DOCUMENTS
    # ------------------------------------------------------------

    @api.model
    def _get_product_lines(self, moves):
        """Return the product lines of the invoices and bills among `moves`."""
        invoices = moves.filtered(lambda move: move.is_invoice(include_receipts=True))
        return invoices.line_ids.filtered(lambda line: line.display_type == "product")

    @api.model
    def _get_sale_lines(self, move_lines):
        """Return the ticked sales lines, in sudo, that these lines invoice or bill."""
        move_lines = move_lines.sudo()
        return (
            move_lines.sale_line_ids.filtered("drop_shipment")
            | move_lines.purchase_line_id.drop_shipment_sale_line_id
        )

    @api.model
    def _get_posted_extra(self, moves):
        """Return {sales line, in sudo: what posting `moves` adds to its excess}.

        Nothing for credit notes: these are allowed, and the next bill waits.
        """
        extra = defaultdict(float)
        for line in self._get_product_lines(moves).sudo():
            move = line.move_id
            if move.is_purchase_document(include_receipts=True):
                sign, sale_lines = 1, line.purchase_line_id.drop_shipment_sale_line_id
            elif move.move_type != "out_refund":
                sign, sale_lines = -1, line.sale_line_ids.filtered("drop_shipment")
            else:
                continue
            for sale_line in sale_lines:
                quantity = line._get_drop_shipment_signed_qty(sale_line.product_uom_id)
                extra[sale_line] += sign * quantity
        return extra

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _get_refusal(self, excesses, documents=None):
        """Return the message that vendors bill too early, or too much.

        :param dict excesses: sales line to excess
        :param documents: the bills that are posted, or invoices that are taken back
        """
        invoices = documents and documents.filtered(
            lambda move: (
                move.state != "posted" and move.is_sale_document(include_receipts=True)
            )
        )
        if invoices:
            return self._get_taking_back_refusal(invoices, excesses)
        kinds = defaultdict(dict)
        for line, excess in excesses.items():
            kinds[self._get_kind(line, excess)][line] = excess
        messages = []
        if misplaced := kinds["misplaced"]:
            messages.append(
                self.env._(
                    "Vendor bills would bill more than was sold and invoiced: "
                    "%(details)s. Match the bill line with another purchase order line "
                    "of the product, or correct its quantity.",
                    details=self._get_excess_message(misplaced),
                )
            )
        if beyond := kinds["beyond"]:
            messages.append(
                self.env._(
                    "Vendor bills would bill more than was sold and invoiced: "
                    "%(details)s. Correct the quantity on the bill, or raise it on the "
                    "sales order and invoice it first.",
                    details=self._get_excess_message(beyond),
                )
            )
        if kept := kinds["kept"]:
            messages.append(
                self.env._(
                    "Vendor bills would bill what came back to own stock, which nobody "
                    "is invoiced for: %(details)s. Bill the rest, or post the bill "
                    "while Bill Before Invoice is set to Warn in the settings.",
                    details=self._get_excess_message(kept),
                )
            )
        if early := kinds["early"]:
            messages.append(self._get_early_message(early))
        return " ".join(messages)

    @api.model
    def _get_early_message(self, excesses):
        """Return that the customers are to be invoiced first, and of what."""
        return " ".join(
            (
                self._get_invoice_first_message(self._get_orders_to_invoice(excesses)),
                self.env._(
                    "Vendor bills would be ahead of the posted customer invoices: "
                    "%(details)s.",
                    details=self._get_excess_message(excesses),
                ),
            )
        )

    @api.model
    def _get_invoice_first_message(self, sale_orders):
        """Return that these sales orders are to be invoiced before the bill."""
        cancelled = sale_orders.filtered(lambda order: order.state == "cancel")
        if cancelled:
            others = sale_orders - cancelled
            first = [self._get_invoice_first_message(others)] if others else []
            return " ".join([*first, self._get_reopen_message(cancelled)])
        names = ", ".join(sale_orders.mapped("name"))
        if len(sale_orders) > 1:
            return self.env._("Invoice sales orders %(sales)s first.", sales=names)
        return self.env._("Invoice sales order %(sale)s first.", sale=names)

    @api.model
    def _get_reopen_message(self, sale_orders):
        """Return that cancelled sales orders can't be invoiced as they are."""
        return self.env._(
            "What a cancelled order has shipped can't be invoiced: set %(sales)s to "
            "quotation, confirm and invoice first.",
            sales=", ".join(sale_orders.mapped("name")),
        )

    @api.model
    def _get_warning_text(self, excesses):
        """Return the note that vendors have billed too early, or too much.

        :param dict excesses: sales line to excess
        """
        text = self.env._(
            "Vendor bills are ahead of the posted customer invoices: %(details)s.",
            details=self._get_excess_message(excesses),
        )
        orders = self._get_orders_to_invoice(excesses)
        names = ", ".join(orders.mapped("name"))
        if len(orders) > 1:
            text += " " + self.env._("Invoice sales orders %(sales)s.", sales=names)
        elif orders:
            text += " " + self.env._("Invoice sales order %(sale)s.", sale=names)
        return text

    @api.model
    def _get_taking_back_refusal(self, invoices, excesses):
        """Return the message that customer invoices are needed by posted bills."""
        return self.env._(
            "%(invoices)s can't be taken back, as vendor bills would be ahead of the "
            "posted customer invoices: %(details)s. Make a credit note, or take the "
            "vendor bills back first.",
            invoices=", ".join(invoices.mapped("name")),
            details=self._get_excess_message(excesses),
        )

    @api.model
    def _get_crediting_refusal(self, moves, excesses):
        """Return that a customer invoice takes off what vendors have billed, or False.

        :param moves: the documents to be posted
        :param dict excesses: sales line to excess that they would leave
        """
        lines = self._get_product_lines(moves).sudo()
        lines = lines.filtered(
            lambda line: (
                line.quantity < 0
                and line.move_id.is_sale_document(include_receipts=True)
                and any(sale_line in excesses for sale_line in line.sale_line_ids)
            )
        )
        return bool(lines) and self.env._(
            "%(invoices)s can't be posted, as vendor bills would be ahead of the "
            "posted customer invoices: %(details)s. Take what came back off the "
            "invoice, and make a credit note of it.",
            invoices=", ".join(lines.move_id.mapped("display_name")),
            details=self._get_excess_message(
                {
                    line: excess
                    for line, excess in excesses.items()
                    if line in lines.sale_line_ids
                }
            ),
        )

    @api.model
    def _get_kind(self, line, excess):
        """Return why a sales line has an excess, which decides what to do about it.

        :return: "misplaced" where more than was sold is billed and a line of the
            product on the same purchase order still waits for its bill; "kept" where
            all that stays with the customer is invoiced, and the rest came back to own
            stock; "beyond" where all that was sold is invoiced, or in own stock; else
            "early": invoice it first
        """
        compare = line.product_uom_id.compare
        kept, delivered = line._get_drop_shipment_kept(), line.qty_delivered
        invoiced = line.drop_shipment_qty_invoiced
        # By the order, *Create Invoice* invoices no more than that.
        by_delivery = line.product_id.invoice_policy == "delivery"
        sold = line.product_uom_qty
        if by_delivery:
            sold = max(sold, delivered)
        # What stays with the customer. The order may have been lowered since goods
        # came back: then they are not in what was sold any more.
        staying = sold - max(min(kept, sold - delivered), 0.0)
        orders = line._get_drop_shipment_live_lines().order_id
        others = orders.order_line.drop_shipment_sale_line_id - line
        if compare(invoiced + excess, sold) > 0 and any(
            other.product_id == line.product_id
            and other.product_uom_id.compare(self._get_excess(other), 0.0) < 0
            for other in others
        ):
            return "misplaced"
        if (
            compare(kept, 0.0) > 0
            and compare(excess, kept) <= 0
            and compare(invoiced, delivered if by_delivery else staying) >= 0
        ):
            return "kept"
        if compare(invoiced, staying) >= 0:
            return "beyond"
        return "early"

    @api.model
    def _get_excess_message(self, excesses):
        """Return how much vendors bill too early, or too much, of which sales lines."""
        return "; ".join(
            self.env._(
                "%(quantity)s on %(line)s",
                quantity=line._format_drop_shipment_qty(excess),
                line=line._get_drop_shipment_label(),
            )
            for line, excess in excesses.items()
        )
