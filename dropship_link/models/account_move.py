from odoo import api, fields, models


class AccountMove(models.Model):
    """Invoices and bills: the invoice order, the day of delivery, the cost of a sale.

    The rule itself is `drop.shipment.bill.control`.
    """

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
        # A posted invoice has been sent: its day stays, even if the vendor reports an
        # earlier shipment later.
        kept = drop_shipments.filtered(
            lambda move: move.state == "posted" and move.delivery_date
        )
        res = super(AccountMove, self - kept)._compute_delivery_date()
        service = self.env["drop.shipment.delivery.day"]
        for move in drop_shipments - kept:
            if day := service._get_invoice_day(move):
                move.delivery_date = day
        return res

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if self.state == "draft" and self.is_purchase_document(include_receipts=True):
            control = self.env["drop.shipment.bill.control"]
            if refusal := control._get_posting_refusal(self):
                is_blocking = control._is_blocking(self.company_id)
                alert = {
                    "level": "danger" if is_blocking else "warning",
                    "message": refusal,
                }
                if action := control._get_sale_action(self):
                    alert.update(action_text=action["name"], action=action)
                alerts["dropship_link_invoice_first"] = alert
        return alerts

    def _find_and_set_purchase_orders(
        self, po_references, partner_id, amount_total, from_ocr=False, timeout=10
    ):
        # A bill that a vendor hands in for an order is of this order, whatever other
        # order the file names, and however many others have the same amount.
        if order_id := self.env.context.get("dropship_link_bill_order"):
            order = self.env["purchase.order"].browse(order_id)
            po_references, partner_id = [order.name], False
            # Where all that is left is billed, core bills what was received.
            self = self.with_context(
                dropship_link_bill_quantities={
                    line.id: line.product_qty - line.qty_invoiced
                    for line in order.order_line
                }
            )
        return super()._find_and_set_purchase_orders(
            po_references, partner_id, amount_total, from_ocr=from_ocr, timeout=timeout
        )

    def _post(self, soft=True):
        # Early, before core numbers the documents and books cost of goods; `write`
        # has the last word.
        to_post = self
        if soft:
            today = fields.Date.context_today(self)
            to_post = self.filtered(lambda move: move.date <= today)
        self.env["drop.shipment.bill.control"]._check_posting(to_post)
        res = super()._post(soft)
        # Core values receipts again, but not drop shipments. sudo: accountants may lack
        # rights on orders.
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
        control = self.env["drop.shipment.bill.control"]
        sale_lines = control._get_sale_lines(control._get_product_lines(moves))
        if not sale_lines:
            return super().write(vals)
        excesses = control._get_excesses(sale_lines)
        res = super().write(vals)
        control._check(sale_lines, excesses, documents=self)
        return res

    def _add_purchase_order_lines(self, purchase_order_lines):
        # Bill Matching adds a bill line for each purchase line that it did not match:
        # skip those that our matching has matched.
        matches = self.env.context.get("dropship_link_matches") or {}
        matched = set(matches.values())
        waiting = purchase_order_lines.filtered(lambda line: line.id not in matched)
        # Core refuses posted bills, though nothing is added to them.
        return super()._add_purchase_order_lines(waiting) if waiting else None

    def _autopost_bill(self):
        # An upload must not fail because the bill came early: it waits as a draft.
        control = self.env["drop.shipment.bill.control"]
        if control._is_blocking(self.company_id) and (
            refusal := control._get_posting_refusal(self)
        ):
            self.message_post(body=refusal)
            return None
        return super()._autopost_bill()
