"""Random sequences of what people do to drop shipments; the rules hold after each.

A Hypothesis state machine drives both orders, transfers, invoices and bills. With
``DROPSHIP_SOAK_SECONDS`` it runs that long with seeds of its own, starting with
``DROPSHIP_SEED``; see ``make soak``.
"""

from .invariants.common import InvariantsCommon
from .invariants.machine import DropShipmentMachine

EXAMPLES = 12
MIN_STEPS = 380


class TestInvariants(InvariantsCommon):
    """The rules of drop shipments hold in any sequence of what people do."""

    def test_invariants(self):
        """Orders, transfers, invoices and bills, in any order."""
        self._play(DropShipmentMachine, EXAMPLES, MIN_STEPS)
