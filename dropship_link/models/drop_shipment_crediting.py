from odoo import api, fields, models
from odoo.exceptions import UserError


class DropShipmentCrediting(models.AbstractModel):
    """Credit notes and vendor refunds of what came back.

    By core's own ways: *Create Invoice* with a negative quantity, and *Create Bill*.
    What is due is invoiced or billed by posted documents, but delivered or received no
    more; what waits in draft is not made twice.
    """

    _name = "drop.shipment.crediting"
    _description = "Crediting of Drop Shipments"

    # ------------------------------------------------------------
    # DUE
    # ------------------------------------------------------------

    @api.model
    def _get_creditable(self, sale_lines):
        """Return {sales line: quantity invoiced, but delivered no more}, in its UoM.

        By posted invoices; a credit note that waits as a draft counts.
        """
        return self._keep_positive(
            {
                line: min(line.drop_shipment_qty_invoiced, line.qty_invoiced)
                - line.qty_delivered
                for line in sale_lines
            }
        )

    @api.model
    def _get_refundable(self, purchase_lines):
        """Return {purchase line: quantity billed, but received no more}, in its UoM.

        By posted bills; a refund that waits as a draft counts.
        """
        return self._keep_positive(
            {
                line: min(
                    line.invoice_lines._get_drop_shipment_posted_qty(
                        line.product_uom_id
                    ),
                    line.qty_invoiced,
                )
                - line.qty_received
                for line in purchase_lines
            }
        )

    @api.model
    def _keep_positive(self, quantities):
        """Return {line: quantity}, rounded, of the lines with more than nothing."""
        rounded = {
            line: line.product_uom_id.round(quantity)
            for line, quantity in quantities.items()
        }
        return {
            line: quantity
            for line, quantity in rounded.items()
            if line.product_uom_id.compare(quantity, 0.0) > 0
        }

    @api.model
    def _get_due_credits(self, sale_lines):
        """Return {sales line: quantity to credit, as nothing more is to come}.

        Goods that are invoiced as ordered may be invoiced before they come.
        """
        invoicing = self.env["drop.shipment.invoicing"]
        return self._keep_positive(
            {
                line: quantity - invoicing._get_qty_to_come(line)
                for line, quantity in self._get_creditable(sale_lines).items()
            }
        )

    @api.model
    def _get_due_refunds(self, purchase_lines):
        """Return {purchase line: quantity to refund, as nothing more is to come}.

        Goods that are billed as ordered may be billed before they come.
        """
        return self._keep_positive(
            {
                line: quantity - line._get_drop_shipment_qty_outstanding()
                for line, quantity in self._get_refundable(purchase_lines).items()
            }
        )

    @api.model
    def _credit_returned(self, order, delivered):
        """Make the credit notes of what came back; see `_return`.

        No more of a line than came back just now.

        :param dict delivered: sales line, in sudo, to the quantity delivered before
        :raise UserError: nothing of it was invoiced
        """
        lines = self.env["sale.order.line"].sudo().union(*delivered)
        quantities = self._keep_positive(
            {
                line: min(quantity, delivered[line] - line.qty_delivered)
                for line, quantity in self._get_creditable(lines).items()
            }
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
    def _refund_returned(self, order, received):
        """Make the vendor's refunds of what came back; see `_return`.

        No more of a line than came back just now.

        :param dict received: purchase line, in sudo, to the quantity received before
        :raise UserError: nothing of it was billed
        """
        lines = self.env["purchase.order.line"].sudo().union(*received)
        quantities = self._keep_positive(
            {
                line: min(quantity, received[line] - line.qty_received)
                for line, quantity in self._get_refundable(lines).items()
            }
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
            # With *ordered quantities* core finds nothing to credit; do as its
            # `_force_lines_to_invoice_policy_order` does.
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
    def _switch_free(self, moves):
        """Make credit notes and refunds of drafts that take back free goods only.

        Core does so below zero, which they are not: as invoices they could not be
        posted where the vendor has billed the goods.

        :param moves: drafts of invoices or bills
        """
        for move in moves.filtered(
            lambda move: (
                move.move_type in ("out_invoice", "in_invoice")
                and move.currency_id.is_zero(move.amount_total)
            )
        ):
            lines = move.invoice_line_ids.filtered(
                lambda line: line.display_type == "product" and line.quantity
            )
            if lines and all(line.quantity < 0 for line in lines):
                move.action_switch_move_type()
                for line in lines:
                    line.quantity = -line.quantity

    @api.model
    def _post_moves(self, moves):
        """Post drafts if the user may, as Post does; return them."""
        if moves and self.env.user.has_group("account.group_account_invoice"):
            # As core's button does: analytic plans may be mandatory.
            moves.with_context(validate_analytic=True).action_post()
        return moves

    @api.model
    def _credit_due(self, order):
        """Make the credit note of all that a sales order has to be credited.

        :return: the credit note, with the rights of the user
        :raise UserError: there is nothing to credit
        :raise AccessError: the user may not change the order
        """
        order.check_access("write")
        quantities = self._get_due_credits(order.sudo().drop_shipment_line_ids)
        if not quantities:
            raise UserError(
                self.env._(
                    "%(order)s has no credit note to make: posted invoices have no "
                    "more than was delivered or is to come. Correct a draft invoice "
                    "that has, or reload the page.",
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
        quantities = self._get_due_refunds(lines)
        if not quantities:
            raise UserError(
                self.env._(
                    "%(order)s has no refund to make: posted bills have no more than "
                    "was received or is to come. Correct a draft bill that has, or "
                    "reload the page.",
                    order=order.name,
                )
            )
        return self._create_refunds(quantities)

    # ------------------------------------------------------------
    # RESULT
    # ------------------------------------------------------------

    @api.model
    def _get_texts(self, moves):
        """Return what became of invoices and bills, credit notes and refunds."""
        texts = []
        for move in moves:
            name = move.name
            posted, draft = {
                "out_invoice": (
                    self.env._("Invoice %(invoice)s is posted.", invoice=name),
                    self.env._(
                        "The invoice is left in draft: posting it takes billing rights."
                    ),
                ),
                "out_refund": (
                    self.env._("Credit note %(move)s is posted.", move=name),
                    self.env._(
                        "The credit note is left in draft: posting it takes billing "
                        "rights."
                    ),
                ),
                "in_invoice": (
                    self.env._("Vendor bill %(bill)s is posted.", bill=name),
                    self.env._(
                        "The vendor bill is left in draft: posting it takes billing "
                        "rights."
                    ),
                ),
                "in_refund": (
                    self.env._("Vendor refund %(move)s is posted.", move=name),
                    self.env._(
                        "The vendor refund is left in draft: posting it takes billing "
                        "rights."
                    ),
                ),
            }[move.move_type]
            texts.append(posted if move.state == "posted" else draft)
        return list(dict.fromkeys(texts))

    @api.model
    def _get_notification(self, moves, text=None):
        """Return the action that closes a dialog and tells what was made.

        :param str text: what to tell; unless given, what became of `moves`
        """
        is_draft = any(move.state == "draft" for move in moves)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if is_draft else "success",
                "message": text or " ".join(self._get_texts(moves)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
