"""What people do to sales orders."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo.fields import Command

from .base import FRACTIONS, MAX_ORDERS, PICK, QUANTITIES, ROLES


class SaleSteps:
    """Sell, tick and change what is sold."""

    @precondition(lambda self: len(self.orders) < MAX_ORDERS)
    @rule(
        role=ROLES,
        customer=st.integers(0, 2),
        quantity=QUANTITIES,
        dozen=st.booleans(),
        ticked=st.sampled_from([True, True, True, False]),
        confirm=st.booleans(),
        other_company=st.sampled_from([False] * 5 + [True]),
    )
    def make_sale(
        self, role, customer, quantity, dozen, ticked, confirm, other_company
    ):
        """Enter a sales order of two lines."""
        case = self.case
        user = case.boss if other_company else self._user(role, "salesman")
        company = case.other_company if other_company else case.company
        partner = case.other_customer if customer == 2 else case.customer

        def action():
            order = (
                self.env["sale.order"]
                .with_user(user)
                .with_company(company)
                .create(
                    {
                        "partner_id": partner.id,
                        "partner_shipping_id": case.ship_to.id
                        if customer == 1
                        else partner.id,
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "product_uom_qty": quantity,
                                    "product_uom_id": uom,
                                    "drop_shipment": tick,
                                }
                            )
                            for product, uom, tick in (
                                (case.chair, self._get_uom(dozen), ticked),
                                (case.desk, self._get_uom(False), True),
                            )
                        ],
                    }
                )
            )
            if confirm:
                order.action_confirm()

        self._do("make_sale", action)

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, role=ROLES, quantity=QUANTITIES)
    def edit_sale_quantity(self, pick, role, quantity):
        """Change the quantity of a sales line, from the form or the external API."""

        def action():
            line = self._pick(
                self._get_sale_lines(), pick, lambda line: line.state == "sale"
            )
            if not line:
                return "void"
            self._as(line, role, "salesman").write({"product_uom_qty": quantity})
            return None

        self._do("edit_sale_quantity", action)

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, role=ROLES, ticked=st.booleans())
    def tick(self, pick, role, ticked):
        """Tick or untick a sales line."""

        def action():
            line = self._pick(
                self._get_sale_lines(),
                pick,
                lambda line: line.drop_shipment != ticked,
            )
            if not line:
                return "void"
            self._as(line, role, "salesman").write({"drop_shipment": ticked})
            return None

        self._do("tick", action)

    @precondition(lambda self: self.orders)
    @rule(
        pick=PICK,
        role=ROLES,
        field=st.sampled_from(
            ["product_id", "product_uom_id", "unlink", "add", "split"]
        ),
        other=st.booleans(),
        quantity=QUANTITIES,
    )
    def edit_sale_line(self, pick, role, field, other, quantity):
        """Change product or unit of a line, delete or split it, or add one."""
        case = self.case

        def action():
            lines = self._get_sale_lines()
            line = self._pick(lines, pick, lambda line: line.state != "cancel")
            if not line:
                return "void"
            line = self._as(line, role, "salesman")
            product = case.desk if other else case.chair
            if field == "unlink":
                line.unlink()
            elif field == "add" and len(line.order_id.order_line) < 4:
                line.order_id.write(
                    {
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "product_uom_qty": quantity,
                                    "drop_shipment": True,
                                }
                            )
                        ]
                    }
                )
            elif field == "split":
                line.order_id.write({"order_line": self._split(line, quantity)})
            elif field == "product_id":
                line.product_id = product
            elif line.sudo().qty_delivered and not line.drop_shipment:
                # Core leaves the number delivered as it is, in the unit of then.
                return "void"
            else:
                line.product_uom_id = self._get_uom(other)
            return None

        self._do("edit_sale_line", action)

    def _split(self, line, quantity):
        """Return what makes two lines of a sales line, in one step."""
        rest = {
            "product_id": line.product_id.id,
            "product_uom_qty": quantity,
            "product_uom_id": line.product_uom_id.id,
            "price_unit": line.price_unit,
            "drop_shipment": line.drop_shipment,
        }
        left = line.product_uom_qty - quantity
        return [
            Command.update(line.id, {"product_uom_qty": left}),
            Command.create(rest),
        ]

    @precondition(lambda self: "to_post" in self.facts)
    @rule(pick=PICK, role=ROLES, fraction=FRACTIONS)
    def set_qty_to_ship(self, pick, role, fraction):
        """Enter the quantity of the next posting."""

        def action():
            line = self._pick(
                self._get_sale_lines(),
                pick,
                lambda line: line.drop_shipment_qty_outstanding,
            )
            if not line:
                return "void"
            line = self._as(line, role, "salesman")
            line.qty_to_ship = line.sudo().drop_shipment_qty_outstanding * fraction
            return None

        self._do("set_qty_to_ship", action)
