from ..models.sale_order_line import SaleOrderLine
from .test_margin import MarginCommon


class TestCoreFaults(MarginCommon):
    """What the overrides of this add-on work around, each shown without its override.

    A test that begins to fail says that core has mended the fault. The table in
    `docs/architecture.md` names the override, which may go then.
    """

    def test_cost_of_own_stock(self):
        """A vendor is asked to ship at 12, and the cost is that of own stock, 10."""
        sale = self._new_sale()
        self._new_purchase(sale)
        self.assertCost(sale, 12)
        line = sale.sudo().order_line
        with self._left_to_core(SaleOrderLine, "_compute_purchase_price"):
            line._compute_purchase_price()
        self.assertEqual((line.purchase_price, line.margin), (10, 100))
