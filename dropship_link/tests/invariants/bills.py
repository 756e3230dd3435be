"""What accounting types: bills without an order, other drafts, parts of a credit."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo.fields import Command

from .base import FRACTIONS, PICK, ROLES

PARTS = st.sampled_from([1, 1, 0.5, 0.25, 1.5])


class BillSteps:
    """Bills typed by hand and matched, drafts edited, a part credited."""

    @precondition(lambda self: "confirmed" in self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        several=st.booleans(),
        dozen=st.booleans(),
        fraction=PARTS,
        post=st.sampled_from(["no", "before", "after", "after"]),
        directly=st.booleans(),
    )
    def match_bill(self, pick, role, several, dozen, fraction, post, directly):
        """Type a bill of one or several orders, and match it with their lines."""

        def action():
            order = self._pick(
                self._get_purchases(), pick, lambda order: order.state == "purchase"
            )
            orders = order
            if several:
                orders |= self._get_purchases().filtered(
                    lambda other: (
                        other.state == "purchase"
                        and other.company_id == order.company_id
                        and other.partner_id == order.partner_id
                    )
                )
            lines = orders.order_line.filtered(
                lambda line: line.product_id and not line.is_downpayment
            )
            if not lines:
                return "void"
            lines = self._as(lines, role, "accountant")
            bill = self._type_bill(order, lines, dozen, fraction, directly)
            if post == "before":
                self._post_move(bill, role)
            if not directly:
                # Core's list takes all that is left of the vendor's advances off, too.
                self.excused_moves.add(bill.id)
                self.env.flush_all()
                # Those of other orders of the same product are chosen, too.
                lines.env["purchase.bill.line.match"].search(
                    [
                        "|",
                        ("account_move_id", "=", bill.id),
                        ("purchase_order_id", "in", orders.ids),
                    ]
                ).action_match_lines()
            if post == "after":
                self._post_move(bill, role)
            return None

        self._do("match_bill", action)

    def _type_bill(self, order, lines, dozen, fraction, directly):
        """Return a draft bill of these purchase lines, in units or in dozens."""
        uom = self.case.uom_dozen if dozen else self.case.uom_unit
        values_list = []
        for line in lines.sudo():
            quantity = self._convert(
                abs(line.qty_to_invoice or line.product_qty) * fraction,
                line.product_uom_id.id,
                uom.id,
            )
            values_list.append(
                {
                    "product_id": line.product_id.id,
                    "quantity": quantity,
                    "product_uom_id": uom.id,
                    "price_unit": 12.0,
                    "tax_ids": False,
                    **({"purchase_line_id": line.id} if directly else {}),
                }
            )
        return (
            lines.env["account.move"]
            .with_company(order.company_id)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": order.partner_id.id,
                    "invoice_date": "2026-01-15",
                    "invoice_line_ids": list(map(Command.create, values_list)),
                }
            )
        )

    @precondition(lambda self: "draft move" in self.facts)
    @rule(
        pick=PICK,
        pick_line=PICK,
        role=ROLES,
        what=st.sampled_from(
            ["quantity", "part", "part", "remove", "price_unit", "product_uom_id"]
        ),
        quantity=st.sampled_from([1, 2, 5, 10, 24]),
        fraction=FRACTIONS,
    )
    def edit_move(self, pick, pick_line, role, what, quantity, fraction):
        """Change a line of an invoice or a bill by hand, or take it out."""

        def action():
            move = self._pick(
                self._get_moves(), pick, lambda move: move.state == "draft"
            )
            lines = move.invoice_line_ids.filtered(lambda line: not line.display_type)
            lines |= move.invoice_line_ids.filtered("product_id")
            if not lines:
                return "void"
            self._excuse(move)
            line = self._as(self._pick(lines, pick_line), role, "accountant")
            if what == "remove":
                line.unlink()
            elif what == "part":
                line.quantity *= fraction
            elif what == "product_uom_id" and move.is_sale_document():
                # Core does not count what is invoiced anew for it.
                return "void"
            elif what == "product_uom_id":
                line.product_uom_id = self._get_uom(quantity > 2)
            else:
                line[what] = quantity
            return None

        self._do("edit_move", action)

    @precondition(lambda self: "posted move" in self.facts)
    @rule(pick=PICK, role=ROLES, fraction=PARTS, first_only=st.booleans())
    def credit_part(self, pick, role, fraction, first_only):
        """Credit, or have refunded, a part of an invoice or a bill."""

        def action():
            move = self._pick_posted(pick)
            self._excuse(move)
            if move.move_type == "out_invoice":
                self.credited = True
            move = self._as(move, role, "accountant")
            wizard = (
                move.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({"journal_id": move.journal_id.id, "date": "2026-01-31"})
            )
            reversal = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
            lines = self._as(reversal, role, "accountant").invoice_line_ids
            if first_only:
                lines[1:].unlink()
            for line in lines.exists():
                line.quantity *= fraction
            self._post_move(reversal, role)

        self._do("credit_part", action)
