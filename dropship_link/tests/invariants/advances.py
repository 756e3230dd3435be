"""What is paid in advance, and what becomes of it."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo.fields import Command

from .base import PICK, ROLES
from .rows import Rows

MAX_ADVANCES = 2


class AdvanceSteps:
    """Customers and vendors are paid, or paid to, in advance."""

    @precondition(lambda self: "sold" in self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        method=st.sampled_from(["percentage", "fixed"]),
        amount=st.sampled_from([10, 33.33, 75]),
        post=st.booleans(),
    )
    def down_payment(self, pick, role, method, amount, post):
        """The customer pays a part in advance."""

        def action():
            order = self._pick(
                self._get_orders(), pick, lambda order: order.state == "sale"
            )
            advances = order.order_line.filtered("is_downpayment")
            many = len(advances - advances.filtered("display_type")) >= MAX_ADVANCES
            if many or order.amount_total <= 0:
                return "void"
            order = self._as(order, role, "salesman")
            field = "amount" if method == "percentage" else "fixed_amount"
            before = order.sudo().invoice_ids
            order.env["sale.advance.payment.inv"].create(
                {
                    "sale_order_ids": [Command.set(order.ids)],
                    "advance_payment_method": method,
                    field: amount,
                }
            ).create_invoices()
            if post:
                self._post_move(order.sudo().invoice_ids - before, role)
            return None

        self._do("down_payment", action)

    @precondition(lambda self: "confirmed" in self.facts)
    @rule(pick=PICK, role=ROLES, amount=st.sampled_from([10, 33.33, 75]))
    def vendor_advance(self, pick, role, amount):
        """The vendor's bill of an advance comes onto a purchase order."""

        def action():
            order = self._pick(
                self._get_purchases(), pick, lambda order: order.state == "purchase"
            )
            if len(order.order_line.filtered("is_downpayment")) > MAX_ADVANCES:
                return "void"
            order = self._as(order, role, "boss")
            bill = (
                self._as(order, role, "accountant")
                .env["account.move"]
                .create(
                    {
                        "move_type": "in_invoice",
                        "partner_id": order.partner_id.id,
                        "currency_id": order.currency_id.id,
                        "invoice_date": "2026-01-15",
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": "Advance",
                                    "price_unit": amount,
                                    "tax_ids": False,
                                }
                            )
                        ],
                    }
                )
            )
            bill.action_post()
            order.env["bill.to.po.wizard"].with_context(
                active_ids=[-bill.invoice_line_ids.id]
            ).create({"purchase_order_id": order.id}).action_add_downpayment()
            return None

        self._do("vendor_advance", action)


class MoneyRules(Rows):
    """Nobody is charged twice, or pays back more than was paid, but by hand."""

    def _excuse(self, moves):
        """Whoever edits, takes back or reverses documents answers for their sums."""
        self.excused_moves.update(moves.ids)
        items = moves.sudo().invoice_line_ids
        for order in [
            *items.sale_line_ids.order_id,
            *items.purchase_line_id.order_id,
        ]:
            self.excused_orders.add((order._name, order.id))

    def _check_money(self):
        """What is charged, drafts included, of each line, and of each advance."""
        self._check_advances()
        self._check_charged()
        self._check_told()

    def _read_booked(self):
        """Return what documents that are not cancelled charge for each order line."""
        return self._query(
            """
            WITH item AS (
                SELECT 'sale.order' AS side, l.order_id, l.id, l.is_downpayment,
                       r.invoice_line_id AS item_id
                  FROM sale_order_line l
                  JOIN sale_order_line_invoice_rel r ON r.order_line_id = l.id
                 WHERE l.order_id = ANY(%(orders)s)
                UNION ALL
                SELECT 'purchase.order', l.order_id, l.id, l.is_downpayment, i.id
                  FROM purchase_order_line l
                  JOIN account_move_line i ON i.purchase_line_id = l.id
                 WHERE l.order_id = ANY(%(purchases)s)
            )
            SELECT item.side, item.order_id, item.id, item.is_downpayment,
                   SUM(CASE WHEN RIGHT(a.move_type, 6) = 'refund' THEN -1 ELSE 1 END
                       * i.price_total) AS amount
              FROM item
              JOIN account_move_line i ON i.id = item.item_id
              JOIN account_move a ON a.id = i.move_id
             WHERE a.state != 'cancel'
             GROUP BY item.side, item.order_id, item.id, item.is_downpayment
            """,
            orders=list(self.orders),
            purchases=list(self.purchases),
        )

    def _check_advances(self):
        """No more of an advance is taken off than was charged."""
        self.booked = {}
        for row in self._read_booked():
            self.booked[row["side"], row["id"]] = row
            if (row["side"], row["order_id"]) in self.excused_orders:
                continue
            self._assert(
                not row["is_downpayment"] or row["amount"] > -0.005,
                f"more of an advance is taken off than was charged: {row}",
                *self.sale_rows.values(),
            )

    def _check_charged(self):
        """No invoice or bill is of less than nothing."""
        rows = self._query(
            """
            SELECT id, name, move_type, state, amount_total FROM account_move
             WHERE id = ANY(%(ids)s) AND amount_total < -0.005
               AND move_type != 'entry'
            """,
            ids=list(self.moves),
        )
        rows = [row for row in rows if row["id"] not in self.excused_moves]
        self._assert(not rows, f"less than nothing is charged: {rows}")

    def _check_told(self):
        """Who is told that all is invoiced may believe it."""
        left, charged = Counter(), Counter()
        for (side, line), row in self.booked.items():
            if side != "sale.order":
                continue
            sale = self.sale_rows[line]["order_id"]
            charged[sale] += row["amount"]
            if row["is_downpayment"]:
                # None is below nothing, but where somebody edited documents: what was
                # taken off too much of one is not left of the others.
                left[sale] += row["amount"]
        statuses = self._query(
            "SELECT id, name, invoice_status, amount_total FROM sale_order "
            "WHERE id = ANY(%(ids)s)",
            ids=list(self.orders),
        )
        ticked = {row["order_id"] for row in self.sale_rows.values() if row["ticked"]}
        for row in statuses:
            self._assert(
                row["invoice_status"] != "invoiced"
                or row["id"] not in ticked
                or abs(left[row["id"]]) < 0.005
                # Parts of a price are rounded each: their cents are charged.
                or (
                    abs(left[row["id"]]) < 0.05
                    and abs(charged[row["id"]] - row["amount_total"]) < 0.005
                ),
                f"invoiced, but {left[row['id']]} is left of an advance: {row}",
                *self.sale_rows.values(),
            )
