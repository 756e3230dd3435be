"""What dialogs offer can be done: nobody is left with a dead end."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo.exceptions import UserError

from .base import PICK

# Why somebody who has all rights may be refused all the same.
REASONS = ("Choose Ship.",)


class ProbeSteps:
    """Somebody with all rights takes what is proposed, as it is proposed."""

    @precondition(lambda self: {"to_post", "confirmed"} & self.facts)
    @rule(pick=PICK, sale=st.booleans(), pick_option=PICK)
    def take_proposal(self, pick, sale, pick_option):
        """Post all that is outstanding, by an option that the dialog offers."""

        def action():
            order = self._pick(
                self._get_orders() if sale else self._get_purchases(),
                pick,
                lambda order: order.drop_shipment_to_post,
            )
            if not order.drop_shipment_to_post:
                return "void"
            order = self._as(order, "boss", "boss")
            field = f"{order._table}_id"
            wizard = order.env["drop.shipment.post"].create({field: order.id})
            for line in wizard.line_ids:
                line.quantity = line.quantity_outstanding
            self._name_lots(wizard.line_ids)
            options = [
                option for option, reason in wizard.option_reasons.items() if not reason
            ]
            if not options:
                return "void"
            wizard.option = options[pick_option % len(options)]
            try:
                wizard.action_post()
            except UserError as refusal:
                text = str(refusal)
                if not any(reason in text for reason in REASONS):
                    self.dead_end = f"{wizard.option} of {order.name}: {text}"
                raise
            return None

        self._do("take_proposal", action)
