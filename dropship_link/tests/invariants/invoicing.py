"""What people do to invoices and bills."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .base import PICK, ROLES


class InvoicingSteps:
    """Invoice, bill, and change or reverse that."""

    @precondition(lambda self: "to invoice" in self.facts)
    @rule(pick=PICK, role=ROLES, post=st.booleans(), final=st.booleans())
    def invoice_sale(self, pick, role, post, final):
        """Create Invoice, by core."""

        def action():
            order = self._pick(
                self._get_orders(),
                pick,
                lambda order: order.invoice_status == "to invoice",
            )
            order = self._as(order, role, "salesman")
            invoices = order._create_invoices(final=final)
            if post:
                self._post_move(invoices, role)

        self._do("invoice_sale", action)

    @precondition(lambda self: "to bill" in self.facts)
    @rule(pick=PICK, role=ROLES, post=st.booleans())
    def bill_purchase(self, pick, role, post):
        """Create Bill, by core."""

        def action():
            order = self._pick(
                self._get_purchases(),
                pick,
                lambda order: order.invoice_status == "to invoice",
            )
            res = order.action_create_invoice()
            bill = self.env["account.move"].browse(res["res_id"])
            if post:
                self._post_move(bill, role)

        self._do("bill_purchase", action)

    def _post_move(self, moves, role):
        for move in moves.sudo():
            if not move.invoice_date:
                move.invoice_date = "2026-01-15"
            if move.move_type == "out_refund":
                self.credited = True
            self._as(move, role, "accountant").action_post()

    @precondition(lambda self: "draft move" in self.facts)
    @rule(pick=PICK, role=ROLES)
    def post_draft(self, pick, role):
        """Post a draft invoice, bill, credit note or refund."""

        def action():
            move = self._pick(
                self._get_moves(), pick, lambda move: move.state == "draft"
            )
            self._post_move(move, role)

        self._do("post_draft", action)

    @precondition(lambda self: self.moves)
    @rule(
        pick=PICK,
        role=ROLES,
        how=st.sampled_from(["button_draft", "button_cancel", "unlink"]),
    )
    def reset_move(self, pick, role, how):
        """Set an invoice or bill back to draft, cancel it or delete it."""

        def action():
            states = {
                "button_draft": ("posted", "cancel"),
                "button_cancel": ("draft",),
                "unlink": ("draft",),
            }[how]
            move = self._pick(
                self._get_moves(), pick, lambda move: move.state in states
            )
            self._excuse(move)
            getattr(self._as(move, role, "accountant"), how)()

        self._do(how, action)

    @precondition(lambda self: "posted move" in self.facts)
    @rule(pick=PICK, role=ROLES, modify=st.booleans(), post=st.booleans())
    def reverse_move(self, pick, role, modify, post):
        """Credit an invoice or have a bill refunded."""

        def action():
            move = self._pick_posted(pick)
            self._excuse(move)
            move = self._as(move, role, "accountant")
            if move.move_type == "out_invoice":
                self.credited = True
            wizard = (
                move.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({"journal_id": move.journal_id.id, "date": "2026-01-31"})
            )
            if modify:
                wizard.modify_moves()
            else:
                res = wizard.refund_moves()
                reversal = self.env["account.move"].browse(res["res_id"])
                if post:
                    self._post_move(reversal, role)

        self._do("reverse_move", action)
