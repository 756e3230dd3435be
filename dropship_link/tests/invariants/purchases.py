"""What people do to purchase orders."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo.fields import Command

from .base import FRACTIONS, MAX_ORDERS, PICK, QUANTITIES, ROLES


class PurchaseSteps:
    """Order from vendors, change it and take it back."""

    @precondition(lambda self: len(self.purchases) < MAX_ORDERS + 2)
    @rule(
        role=ROLES,
        other_vendor=st.booleans(),
        customer=st.sampled_from(["customer", "customer", "ship_to", "other_customer"]),
        other_company=st.sampled_from([False] * 5 + [True]),
    )
    def make_purchase(self, role, other_vendor, customer, other_company):
        """Create a request for quotation without lines."""
        case = self.case
        user = case.boss if other_company else self._user(role, "buyer")
        company = case.other_company if other_company else case.company

        def action():
            self.env["purchase.order"].with_user(user).with_company(company).create(
                {
                    "partner_id": (
                        case.other_vendor if other_vendor else case.vendor
                    ).id,
                    "sell_to_customer_id": getattr(case, customer).id,
                    "company_id": company.id,
                }
            )

        self._do("make_purchase", action)

    @precondition(lambda self: {"to_order", "request"} <= self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        pick_sale=PICK,
        all_products=st.booleans(),
        fraction=FRACTIONS,
    )
    def get_sales_order(self, pick, role, pick_sale, all_products, fraction):
        """Get Sales Order, all or part of what is left."""

        def action():
            purchase = self._pick(
                self._get_purchases(), pick, lambda order: order.state == "draft"
            )
            purchase = self._as(purchase, role, "buyer")
            wizard = purchase.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": purchase.id,
                    "vendor_products_only": not all_products,
                }
            )
            sales = (
                self._get_orders()
                if pick_sale == 7
                else wizard.sudo().available_sale_order_ids
            )
            if not sales:
                return "void"
            sale = sales.sorted("id")[pick_sale % len(sales)]
            wizard.sale_order_ids = [Command.set(sale.ids)]
            for line in wizard.line_ids:
                line.quantity *= fraction
            wizard.action_insert_lines()
            return None

        self._do("get_sales_order", action)

    @precondition(
        lambda self: "to_order" in self.facts and len(self.purchases) < MAX_ORDERS + 2
    )
    @rule(
        pick=PICK,
        role=ROLES,
        dialog=st.booleans(),
        join=st.booleans(),
        other_vendor=st.booleans(),
        fraction=FRACTIONS,
    )
    def create_purchases(self, pick, role, dialog, join, other_vendor, fraction):
        """Create Purchase Orders, at once or by the dialog."""
        case = self.case

        def action():
            order = self._pick(
                self._get_orders(),
                pick,
                lambda order: order.drop_shipment_to_order,
            )
            order = self._as(order, role, "buyer")
            if not dialog:
                order.action_create_drop_shipment_purchases()
                return
            res = order.action_open_create_drop_shipment_purchases()
            wizard = order.env[res["res_model"]].browse(res["res_id"])
            wizard.join_requests = join
            for line in wizard.line_ids:
                line.quantity *= fraction
                line.vendor_id = case.other_vendor if other_vendor else case.vendor
            wizard.action_create_purchases()

        self._do("create_purchases", action)

    @precondition(lambda self: {"sold", "request"} <= self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        pick_line=PICK,
        quantity=QUANTITIES,
        dozen=st.booleans(),
        relink=st.booleans(),
    )
    def link_directly(self, pick, role, pick_line, quantity, dozen, relink):
        """Link over the external API, without the dialog."""

        def action():
            purchase = self._pick(
                self._get_purchases(), pick, lambda order: order.state == "draft"
            )
            sale_line = self._pick(
                self._get_sale_lines(),
                pick_line,
                lambda line: line.drop_shipment_qty_to_order,
            )
            if not sale_line:
                return "void"
            purchase = self._as(purchase, role, "boss")
            if relink:
                if not purchase.order_line:
                    return "void"
                line = self._pick(purchase.order_line, pick_line)
                if not line.drop_shipment and not sale_line.drop_shipment:
                    # Core counts receipts for any other line that it is told.
                    return "void"
                line.write({"sale_line_id": sale_line.id})
                return None
            purchase.write(
                {
                    "order_line": [
                        Command.create(
                            {
                                "product_id": sale_line.product_id.id,
                                "product_qty": quantity,
                                "product_uom_id": self._get_uom(dozen),
                                "sale_line_id": sale_line.id,
                            }
                        )
                    ]
                }
            )
            return None

        self._do("link_directly", action)

    @precondition(lambda self: "linked request" in self.facts)
    @rule(pick=PICK, role=ROLES)
    def confirm_purchase(self, pick, role):
        """Confirm a request for quotation, and approve it."""

        def action():
            order = self._pick(
                self._get_purchases(),
                pick,
                lambda order: (
                    order.state in ("draft", "to approve") and order.order_line
                ),
            )
            goods = order.order_line.filtered("product_id")
            if goods - self._get_goods(goods):
                return "void"
            order = self._as(order, role, "buyer")
            if order.state == "to approve":
                order.with_user(self.case.boss).button_approve()
            else:
                order.button_confirm()
            return None

        self._do("confirm_purchase", action)

    @precondition(lambda self: self.purchases)
    @rule(pick=PICK, role=ROLES, quantity=QUANTITIES)
    def edit_purchase_quantity(self, pick, role, quantity):
        """Change the quantity of a purchase line."""

        def action():
            line = self._pick(
                self._get_purchase_lines(), pick, lambda line: line.state != "cancel"
            )
            if not line:
                return "void"
            self._as(line, role, "buyer").write({"product_qty": quantity})
            return None

        self._do("edit_purchase_quantity", action)

    @precondition(lambda self: self.purchases)
    @rule(
        pick=PICK,
        role=ROLES,
        how=st.sampled_from(
            ["action_unlink_drop_shipment", "unlink"]
            + ["action_close_drop_shipment_remainder"] * 2
        ),
    )
    def take_back(self, pick, role, how):
        """Unlink or delete a line, or close its remainder."""

        def action():
            confirmed = how == "action_close_drop_shipment_remainder"
            line = self._pick(
                self._get_purchase_lines(),
                pick,
                lambda line: (line.state == "purchase") == confirmed,
            )
            if not line:
                return "void"
            getattr(self._as(line, role, "buyer"), how)()
            return None

        self._do(how, action)
