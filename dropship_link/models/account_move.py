from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    @api.depends("invoice_line_ids.purchase_line_id", "invoice_line_ids.quantity")
    def _compute_alerts(self):
        return super()._compute_alerts()

    def _compute_delivery_date(self):
        drop_shipments = self.filtered(
            lambda move: any(
                move.line_ids.sale_line_ids.order_id.order_line.mapped("drop_shipment")
            )
        )
        # What was posted has been sent: the day on it stands, though a vendor may tell
        # of an earlier shipment later.
        kept = drop_shipments.filtered(
            lambda move: move.state == "posted" and move.delivery_date
        )
        res = super(AccountMove, self - kept)._compute_delivery_date()
        for move in drop_shipments - kept:
            orders = move.line_ids.sale_line_ids.order_id
            if days := list(
                filter(None, [order._get_drop_shipment_day() for order in orders])
            ):
                move.delivery_date = max(days)
        return res

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if self.state == "draft" and self.is_purchase_document(include_receipts=True):
            message = self._get_drop_shipment_bill_message()
            if message:
                control = self.company_id.drop_shipment_bill_control
                alerts["dropship_link_invoice_first"] = {
                    "level": "danger" if control == "block" else "warning",
                    "message": message,
                }
        return alerts

    def _post(self, soft=True):
        # Early, before core numbers the documents and books cost of goods; `write`
        # has the last word.
        to_post = self
        if soft:
            today = fields.Date.context_today(self)
            to_post = self.filtered(lambda move: move.date <= today)
        for company, moves in to_post.grouped("company_id").items():
            if company.drop_shipment_bill_control != "block":
                continue
            if message := moves._get_drop_shipment_bill_message():
                raise UserError(message)
        res = super()._post(soft)
        # Core renews the value of receipts only. Accountants need no rights on orders.
        lines = self.sudo().line_ids.purchase_line_id.filtered("drop_shipment")
        lines.move_ids.filtered(
            lambda move: move._is_drop_shipment_valued()
        )._set_value()
        return res

    def write(self, vals):
        if not {"move_type", "state"} & set(vals):
            return super().write(vals)
        moves = self
        if vals.get("state") == "posted":
            # A credit note may leave more billed than invoiced: the next bill waits.
            moves = self.filtered(
                lambda move: move.is_purchase_document(include_receipts=True)
            )
        move_lines = moves._get_drop_shipment_move_lines()
        sale_lines = move_lines._get_drop_shipment_sale_lines()
        if not sale_lines:
            return super().write(vals)
        excesses = sale_lines._get_drop_shipment_excesses()
        res = super().write(vals)
        sale_lines._check_drop_shipment_bills(excesses, documents=self)
        return res

    def _add_purchase_order_lines(self, purchase_order_lines):
        # Bill Matching adds the lines that it left out; these have found a bill line.
        matches = self.env.context.get("dropship_link_matches") or {}
        matched = set(matches.values())
        return super()._add_purchase_order_lines(
            purchase_order_lines.filtered(lambda line: line.id not in matched)
        )

    def _autopost_bill(self):
        # An upload must not fail because the bill came early: it waits as a draft.
        if self.company_id.drop_shipment_bill_control == "block" and (
            message := self._get_drop_shipment_bill_message()
        ):
            self.message_post(body=message)
            return None
        return super()._autopost_bill()

    def _remove_drop_shipment_empty_lines(self):
        """Remove lines that bill nothing, and headings that nothing is left below.

        Core puts all lines of an order into its draft, for people to fill in; the
        documents of Post are posted as they are.
        """
        self.ensure_one()
        levels = {"line_section": 1, "line_subsection": 2}
        empty = notes = self.env["account.move.line"]
        # From the end, by level of heading: whether something is billed below it. None
        # where there is no line at all: a heading of notes stays, as core puts it.
        filled = {1: None, 2: None}
        for line in self.invoice_line_ids.sorted(
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

    def _drop_shipment_keep_rest(self):
        """Keep this draft invoice from falling below zero.

        What is too much to take off waits for the next invoice: lines of less than
        nothing, such as discounts or returned goods, as a whole; of the down payments
        the latest, to the cent.
        """
        self.ensure_one()
        compare = self.currency_id.compare_amounts
        less = self.invoice_line_ids.filtered(lambda line: line.price_total < 0)
        less = less.sorted(lambda line: (line.sequence, line.id), reverse=True)
        advances = less.filtered("is_downpayment")
        for line in less - advances:
            if compare(self.amount_total, sum(advances.mapped("price_total"))) >= 0:
                break
            line.unlink()
        for line in advances:
            excess = -self.amount_total
            if compare(excess, 0.0) <= 0:
                break
            if compare(excess, -line.price_total) >= 0:
                advances -= line
                line.unlink()
            else:
                line._drop_shipment_split_advance(excess)
        if not advances:
            # The heading of the down payments is the one that no sales line has.
            self.invoice_line_ids.filtered(
                lambda line: (
                    line.display_type == "line_section" and not line.sale_line_ids
                )
            ).unlink()

    def _get_drop_shipment_move_lines(self):
        """Return the product lines of the invoices and bills in `self`."""
        invoices = self.filtered(lambda move: move.is_invoice(include_receipts=True))
        return invoices.line_ids.filtered(lambda line: line.display_type == "product")

    def _get_drop_shipment_bill_message(self):
        """Return why posting these documents would bill more than is invoiced.

        False if it would not, or if the company does not check.
        """
        # Accountants need no rights on the orders to be told numbers.
        found = self._get_drop_shipment_changes()
        # Read what is billed while nothing of it waits to be written: core asks for it
        # as well, in the middle of its changes.
        billed = (line for line, change in found.items() if change > 0)
        sale_lines = self.env["sale.order.line"].sudo().union(*billed)
        sale_lines.drop_shipment_purchase_line_ids.mapped("invoice_lines")
        changes = {
            line: change
            for line, change in found.items()
            if line.company_id.drop_shipment_bill_control != "none"
            and line.product_uom_id.compare(change, 0.0) > 0
        }
        excesses = {}
        for line, change in changes.items():
            bill_lines = line.drop_shipment_purchase_line_ids.invoice_lines
            excess = (
                bill_lines._get_drop_shipment_posted_qty(line.product_uom_id, change)
                - line.drop_shipment_qty_invoiced
            )
            if line.product_uom_id.compare(excess, 0.0) > 0:
                excesses[line] = excess
        if not excesses:
            return False
        return self.env["sale.order.line"]._get_drop_shipment_bill_error(excesses)

    def _get_drop_shipment_changes(self):
        """Return {sales line: quantity} by which posting `self` raises billed over
        invoiced, in the UoM of the sales line. The sales lines are elevated."""
        changes = {}
        move_lines = self._get_drop_shipment_move_lines().sudo()
        for move, lines in move_lines.grouped("move_id").items():
            is_bill = move.is_purchase_document(include_receipts=True)
            if not is_bill and move.move_type not in ("out_invoice", "out_receipt"):
                continue
            sign = 1 if is_bill and move.move_type != "in_refund" else -1
            for line in lines:
                if is_bill:
                    sale_lines = line.purchase_line_id.drop_shipment_sale_line_id
                else:
                    sale_lines = line.sale_line_ids.filtered("drop_shipment")
                for sale_line in sale_lines:
                    quantity = line.product_uom_id._compute_quantity(
                        line.quantity, sale_line.product_uom_id, round=False
                    )
                    changes[sale_line] = changes.get(sale_line, 0.0) + sign * quantity
        return changes
