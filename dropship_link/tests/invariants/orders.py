"""What people do to either order."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .base import MAX_ORDERS, PICK, ROLES


class OrderSteps:
    """Confirm, cancel, copy, merge and change sales or purchase orders."""

    @precondition(lambda self: "quotation" in self.facts)
    @rule(pick=PICK, role=ROLES)
    def confirm_sale(self, pick, role):
        """Confirm a quotation."""

        def action():
            order = self._pick(
                self._get_orders(), pick, lambda order: order.state in ("draft", "sent")
            )
            self._as(order, role, "salesman").action_confirm()

        self._do("confirm_sale", action)

    @precondition(lambda self: self.orders)
    @rule(
        pick=PICK,
        role=ROLES,
        what=st.sampled_from(["sale", "purchase", "purchase"]),
        redraft=st.booleans(),
    )
    def cancel(self, pick, role, what, redraft):
        """Cancel an order, or set a cancelled one back to draft."""

        def action():
            sale = what == "sale"
            order = self._pick(
                self._get_orders() if sale else self._get_purchases(),
                pick,
                lambda order: (order.state == "cancel") == redraft,
            )
            if not order or (order.state == "cancel") != redraft:
                return "void"
            order = self._as(order, role, "salesman" if sale else "buyer")
            if redraft:
                order.action_draft() if sale else order.button_draft()
            else:
                order._action_cancel() if sale else order.button_cancel()
            return None

        self._do(f"redraft {what}" if redraft else f"cancel {what}", action)

    @precondition(lambda self: self.purchases)
    @rule(
        pick=PICK,
        role=ROLES,
        what=st.sampled_from(
            ["copy sale", "copy purchase", "merge", "delete sale", "delete purchase"]
        ),
    )
    def copy_merge_delete(self, pick, role, what):
        """Copy, merge or delete orders."""

        def action():
            sales, purchases = self._get_orders(), self._get_purchases()
            purchase = self._pick(
                purchases, pick, lambda order: order.state == "cancel"
            )
            if what == "copy sale" and len(sales) < MAX_ORDERS:
                self._as(self._pick(sales, pick), role, "salesman").copy()
            elif what == "copy purchase" and len(purchases) < MAX_ORDERS + 2:
                self._as(purchase, role, "buyer").copy()
            elif what == "merge":
                drafts = purchases.filtered(
                    lambda order: (
                        order.state == "draft"
                        and order.company_id == self.case.company
                        # Core breaks off at a copy of a vendor's advance: it has no
                        # date to compare.
                        and all(
                            line.date_planned
                            for line in order.order_line
                            if not line.display_type
                        )
                    )
                )
                self._as(drafts or purchase, role, "buyer").action_merge()
            elif what == "delete sale":
                sale = self._pick(sales, pick, lambda order: order.state == "cancel")
                self._as(sale, role, "salesman").unlink()
            elif what == "delete purchase":
                self._as(purchase, role, "buyer").unlink()
            else:
                return "void"
            return None

        self._do(what, action)

    @precondition(lambda self: self.orders and self.purchases)
    @rule(
        pick=PICK,
        role=ROLES,
        what=st.sampled_from(
            [
                ("sale", "partner_id"),
                ("sale", "partner_shipping_id"),
                ("sale", "partner_shipping_id"),
                ("sale", "commitment_date"),
                ("purchase", "partner_id"),
                ("purchase", "sell_to_customer_id"),
                ("purchase", "dest_address_id"),
                ("purchase", "product_id"),
            ]
        ),
        other=st.booleans(),
    )
    def edit_header(self, pick, role, what, other):
        """Change what may be frozen while linked."""
        case = self.case
        side, field = what
        customer = case.other_customer if other else case.customer
        value = {
            ("sale", "partner_id"): customer.id,
            ("sale", "commitment_date"): "2030-01-01 12:00:00",
            ("purchase", "partner_id"): (
                case.other_vendor if other else case.vendor
            ).id,
            ("purchase", "sell_to_customer_id"): customer.id,
            ("purchase", "product_id"): (case.desk if other else case.chair).id,
        }.get(what, (case.ship_to if other else case.customer).id)

        def action():
            if side == "sale":
                order = self._as(self._pick(self._get_orders(), pick), role, "salesman")
            else:
                order = self._as(self._pick(self._get_purchases(), pick), role, "buyer")
                bought = order.sudo().order_line.filtered("sale_line_id")
                if bought - bought.filtered("drop_shipment"):
                    # What core's route has ordered is core's alone.
                    return "void"
            record = (
                self._get_goods(order.order_line)[:1]
                if field == "product_id"
                else order
            )
            if not record:
                return "void"
            record.write({field: value})
            return None

        self._do(f"edit {side}.{field}", action)
