"""What changes around the orders: locks, and who or what is archived meanwhile."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .base import PICK, ROLES

MAX_ARCHIVED = 4


class SurroundingSteps:
    """Lock orders; archive people and goods, or bring them back."""

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, role=ROLES, sale=st.booleans())
    def lock(self, pick, role, sale):
        """Lock an order, or unlock it."""

        def action():
            order = self._pick(
                self._get_orders() if sale else self._get_purchases(),
                pick,
                lambda order: order.state in ("sale", "purchase"),
            )
            if not order:
                return "void"
            locked = order.locked
            order = self._as(order, role, "salesman" if sale else "buyer")
            if sale:
                order.action_unlock() if locked else order.action_lock()
            else:
                order.button_unlock() if locked else order.button_lock()
            return None

        self._do("lock sale" if sale else "lock purchase", action)

    @precondition(lambda self: self.orders and self.archived < MAX_ARCHIVED)
    @rule(
        name=st.sampled_from(
            ["vendor", "customer", "ship_to", "chair", "desk", "salesman", "buyer"]
        )
    )
    def archive(self, name):
        """Archive a vendor, a customer, a product or a colleague; or bring it back."""

        def action():
            record = getattr(self.case, name)
            self.archived += 1
            record.active = not record.active

        self._do(f"archive {name}", action)
