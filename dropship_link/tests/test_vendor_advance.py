from itertools import permutations

from .test_receive_and_invoice import BillCommon


class TestAdvance(BillCommon):
    """The vendor's advance, and goods that go back."""

    def test_advance_is_deducted(self):
        """120 of goods less 36 that were paid: 84."""
        sale, purchase = self._new_ordered()
        purchase.button_confirm()
        self._new_advance(purchase)
        purchase.action_post_drop_shipment()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.bill_amount, 84)
        self.assertEqual(len(wizard.bill_line_ids), 2)
        wizard.action_post()
        bill = self._get_bills(purchase)[-1]
        self.assertBill(
            bill, 84, ("Chair", 10), ("Down Payments", 0), ("Down Payment", -1)
        )
        self.assertEqual(self._get_paid(purchase), 120)
        self.assertFalse(purchase.drop_shipment_to_post)

    def test_advance_alone(self):
        """An advance is not claimed back before there is something to bill."""
        _sale, purchase = self._new_ordered()
        purchase.button_confirm()
        self._new_advance(purchase)
        wizard = self._new_post(purchase)
        self.assertEqual(
            wizard.option_reasons["invoice"],
            f"There is nothing to bill on {purchase.name} now.",
        )
        self._post(purchase, "receive", 2)
        with self.assertRefused("Invoice sales order"):
            self._post(purchase, "invoice")
        self.assertEqual(self._get_paid(purchase), 36)

    def test_advance_larger_than_the_bill(self):
        """No bill falls below zero: the rest of the advance waits for the next."""
        sale, purchase = self._new_ordered()
        purchase.button_confirm()
        self._new_advance(purchase)
        self._post(purchase, "receive", 2)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        bill = self._get_bills(purchase)[-1]
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertGreaterEqual(bill.amount_total, 0)
        self.assertLess(bill.amount_total, 0.5)
        self._post(purchase, "receive")
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self.assertEqual(self._get_paid(purchase), 120)

    def test_returned_goods(self):
        """10 billed, 3 sent back to the vendor: Invoice makes a refund of 36."""
        sale, purchase = self._new_ordered()
        purchase.button_confirm()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self._return(sale.sudo().picking_ids, 3)
        self.assertTrue(purchase.drop_shipment_to_post)
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.bill_amount, -36)
        wizard.option = "invoice"
        wizard.action_post()
        self.assertBill(
            self._get_bills(purchase)[-1], 36, ("Chair", 3), move_type="in_refund"
        )
        self.assertEqual(self._get_paid(purchase), 84)

    def test_advance_after_the_last_bill(self):
        """Nothing is left to deduct it from: the vendor pays it back, as in core."""
        sale, purchase = self._new_ordered()
        purchase.button_confirm()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self._new_advance(purchase)
        self._post(purchase, "invoice")
        self.assertBill(
            self._get_bills(purchase)[-1],
            36,
            ("Down Payments", 0),
            ("Down Payment", 1),
            move_type="in_refund",
        )
        self.assertEqual(self._get_paid(purchase), 120)

    def test_every_order_of_steps(self):
        """Whatever comes first, the vendor is paid the purchase order's total."""
        # Half of them: the last two steps of each are in one order only.
        for steps in list(permutations(("advance", "invoice", "receive", "freight")))[
            ::2
        ]:
            with self.subTest(steps=steps), self.env.cr.savepoint() as savepoint:
                sale, purchase = self._new_ordered()
                purchase.button_confirm()
                for step in (*steps, "receive_rest"):
                    self._run_step(step, sale, purchase)
                self.assertAllPaid(purchase)
                savepoint.rollback()
                self.env.invalidate_all()

    def _run_step(self, step, sale, purchase):
        """Do one step; then bill what can be billed, and never claim money back."""
        if step == "receive":
            self._post(purchase, "receive", 3)
        elif step == "receive_rest":
            self._post(purchase, "receive", 7)
        elif step == "advance":
            self._new_advance(purchase, 50)
        elif step == "freight":
            self._add(purchase, self._new_freight())
        elif sale.order_line.qty_to_invoice:
            self._post_invoice(sale)
        self._bill(purchase)

    def _bill(self, purchase):
        """Choose Invoice if the dialog offers it."""
        if not purchase.drop_shipment_to_post:
            return
        wizard = self._new_post(purchase, option="invoice")
        if wizard.option_reasons["invoice"]:
            return
        expected = wizard.bill_amount
        self.assertGreaterEqual(expected, 0)
        before = self._get_paid(purchase)
        wizard.action_post()
        self.assertAlmostEqual(self._get_paid(purchase) - before, expected)

    def assertAllPaid(self, purchase):
        """After the last invoice the vendor has been paid the total, no more."""
        sale = purchase.sudo()._get_drop_shipment_sale_orders()
        if sale.order_line.qty_to_invoice:
            self._post_invoice(sale)
        self._bill(purchase)
        total = purchase.amount_total
        self.assertEqual(total, 127)
        self.assertAlmostEqual(self._get_paid(purchase), total)
        self.assertEqual(purchase.invoice_status, "invoiced")
