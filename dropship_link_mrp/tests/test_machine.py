"""Random sequences of what people do to kits; the rules of drop shipments hold.

The machine of the main add-on, whose goods are kits of one part: the moves are of the
part, all else is of the kit.
"""

from odoo.addons.dropship_link.tests.invariants.common import InvariantsCommon
from odoo.addons.dropship_link.tests.invariants.machine import DropShipmentMachine

from .common import KitCommon

EXAMPLES = 3
MIN_STEPS = 90


class TestKitMachine(InvariantsCommon, KitCommon):
    """The rules of drop shipments hold for kits in any sequence."""

    # Core counts kits that are no drop shipments by halves of them. Where half a kit is
    # on its way, drop shipments are counted by `test_counts`.
    judged = "ticked AND " + " AND ".join(
        f"ROUND({quantity} * factor) = ROUND({quantity} * factor, 4)"
        for quantity in ("moved", "own", "kept", "open")
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for product in cls.products:
            part = cls._new_product(
                f"Part of {product.name}", price=1.0, categ_id=product.categ_id.id
            )
            cls._new_bom(product, (part, 1))
        cls._judge_from_here()

    def test_kits(self):
        """Orders, transfers, invoices and bills of kits, in any order."""
        self._play(DropShipmentMachine, EXAMPLES, MIN_STEPS)
