"""What core's Dropship route orders, and that it is adopted."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo.fields import Command

from .base import MAX_ORDERS, PICK, QUANTITIES, ROLES


class AdoptionSteps:
    """Sell by core's route; adopt what it has ordered."""

    @precondition(lambda self: len(self.orders) < MAX_ORDERS)
    @rule(
        role=ROLES,
        quantity=QUANTITIES,
        dozen=st.booleans(),
        confirm=st.sampled_from([True, True, False]),
        both=st.booleans(),
    )
    def sell_by_route(self, role, quantity, dozen, confirm, both):
        """Sell goods that core's Dropship route orders."""
        case = self.case

        def action():
            order = (
                self.env["sale.order"]
                .with_user(self._user(role, "salesman"))
                .create(
                    {
                        "partner_id": case.customer.id,
                        "partner_shipping_id": case.ship_to.id,
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "product_uom_qty": quantity,
                                    "product_uom_id": self._get_uom(dozen),
                                    "route_ids": case.route.ids,
                                    "drop_shipment": False,
                                }
                            )
                            for product in [case.chair, case.desk][: both + 1]
                        ],
                    }
                )
            )
            order.action_confirm()
            if confirm:
                order.sudo().order_line.purchase_line_ids.order_id.button_confirm()

        self._do("sell_by_route", action)

    @precondition(lambda self: "adoptable" in self.facts)
    @rule(pick=PICK, one=st.booleans())
    def adopt(self, pick, one):
        """Adopt what core's route has ordered, or one line of it."""

        def action():
            env = self.case.manager.with_user(self.case.manager).env
            wizard = env["drop.shipment.adopt"].create({})
            if not wizard.line_ids:
                return "void"
            if one:
                wizard.line_ids -= self._pick(wizard.line_ids, pick)
            wizard.action_adopt()
            return None

        self._do("adopt", action)
