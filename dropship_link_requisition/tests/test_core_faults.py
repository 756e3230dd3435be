from .test_agreements import AgreementsCommon


class TestCoreFaults(AgreementsCommon):
    """What the main add-on works around where there are agreements.

    A test that begins to fail says that core has mended the fault. The table in
    `docs/architecture.md` names the override, which may go then.
    """

    def test_agreed_price_on_any_order(self):
        """Of an agreement, 8.00 gets into the lines of an order without agreement."""
        self._new_agreement()
        purchase = self._new_purchase()
        vals = purchase.order_line._prepare_purchase_order_line(
            self.chair, 10.0, self.uom_unit, self.company, self.vendor, purchase
        )
        self.assertEqual(vals["price_unit"], 8)
