from odoo.fields import Command

from .common import DropShipmentCommon


class TestBillMatching(DropShipmentCommon):
    """Bills that came by mail, in core's Bill Matching."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales = [cls._new_sale((cls.chair, quantity)) for quantity in (5, 7)]
        cls.purchase = cls._new_purchase(*cls.sales, confirm=True)
        cls.first, cls.second = cls.purchase.order_line

    def _ship_and_invoice(self, *sales):
        """Ship these sales orders and post their customer invoices."""
        for sale in sales or self.sales:
            self._post(sale)
            self._post_invoice(sale)

    def _new_mailed_bill(self, *lines, **values):
        """Return a draft bill of (quantity[, line values]) lines without an order."""
        return self._new_free_bill(
            invoice_line_ids=[
                Command.create(
                    {
                        "product_id": self.chair.id,
                        "quantity": line[0],
                        "price_unit": 12.0,
                        "tax_ids": False,
                        **(line[1] if len(line) > 1 else {}),
                    }
                )
                for line in lines
            ],
            **values,
        )

    def assertMatched(self, bill, *expected):
        """The bill has these (quantity, purchase line) and no other lines."""
        lines = bill.invoice_line_ids.sorted("id")
        self.assertCountEqual(
            [(line.quantity, line.purchase_line_id.id) for line in lines],
            [(quantity, line.id) for quantity, line in expected],
        )

    def test_each_line_finds_its_own(self):
        """Lines of 5 and 7, in any order, go to the orders of 5 and 7, and post."""
        self._ship_and_invoice()
        for quantities in ((5, 7), (7, 5)):
            with self.subTest(quantities=quantities), self.env.cr.savepoint() as point:
                bill = self._new_mailed_bill(*((qty,) for qty in quantities))
                self._match(bill, self.purchase)
                self.assertMatched(bill, (5, self.first), (7, self.second))
                bill.action_post()
                self.assertEqual(bill.amount_untaxed, 144)
                self.assertEqual(self.first.qty_invoiced, 5)
                self.assertEqual(self.second.qty_invoiced, 7)
                point.rollback()
                self.env.invalidate_all()

    def test_two_bills(self):
        """Two bills of 5 and 7, posted before they are matched."""
        self._ship_and_invoice()
        bills = self._new_mailed_bill((7,)) | self._new_mailed_bill((5,))
        bills.action_post()
        self._match(bills, self.purchase)
        self.assertEqual(bills[0].invoice_line_ids.purchase_line_id, self.second)
        self.assertEqual(bills[1].invoice_line_ids.purchase_line_id, self.first)

    def test_posted_bill(self):
        """A bill that was posted without an order is matched, once it may be."""
        bill = self._new_mailed_bill((7,))
        bill.action_post()
        with self.assertRefused("Invoice sales order .* would be ahead .* 7 Units"):
            self._match(bill, self.purchase)
        self.assertFalse(bill.invoice_line_ids.purchase_line_id)
        self._ship_and_invoice()
        self._match(bill, self.purchase)
        self.assertMatched(bill, (7, self.second))
        self.assertEqual(self.sales[1].order_line.drop_shipment_qty_billed, 7)

    def test_one_line_for_both(self):
        """A draft line of 12 becomes one of 5 and one of 7: the total stays."""
        self._ship_and_invoice()
        bill = self._new_mailed_bill((12, {"discount": 50.0}))
        self._match(bill, self.purchase)
        self.assertMatched(bill, (5, self.first), (7, self.second))
        self.assertEqual(bill.amount_untaxed, 72)
        bill.action_post()
        self.assertEqual(bill.amount_total, 72)
        self.assertEqual(sum(bill.line_ids.mapped("balance")), 0)
        expense = bill.invoice_line_ids
        self.assertEqual(sorted(expense.mapped("balance")), [30, 42])

    def test_one_line_of_a_dozen(self):
        """It becomes lines of 5 and 7 units: hundredths of a dozen would be 5.04."""
        self._ship_and_invoice()
        dozen = {"product_uom_id": self.uom_dozen.id, "price_unit": 145.0}
        bill = self._new_mailed_bill((1, dozen))
        self._match(bill, self.purchase)
        self.assertMatched(bill, (5, self.first), (7, self.second))
        self.assertEqual(bill.invoice_line_ids.product_uom_id, self.uom_unit)
        self.assertEqual(bill.amount_untaxed, 145)
        bill.action_post()
        self.assertEqual(self.sales[0].order_line.drop_shipment_qty_billed, 5)
        self.assertEqual(self.sales[1].order_line.drop_shipment_qty_billed, 7)

    def test_one_line_for_what_is_left(self):
        """One line a price: 12 at 12 for both orders, 6 at 11 for another one."""
        other = self._new_sale((self.chair, 6))
        purchase = self._new_purchase(other)
        purchase.order_line.price_unit = 11
        purchase.button_confirm()
        self._ship_and_invoice(*self.sales, other)
        bill = self._new_mailed_bill((12,), (6, {"price_unit": 11.0}))
        self.env.flush_all()
        # A third line of the product, of which nothing is due, has no say.
        coming = self._new_purchase(self._new_sale(), confirm=True)
        orders = self.purchase | purchase | coming
        self.env["purchase.bill.line.match"].with_user(self.accountant).search(
            [
                "|",
                ("account_move_id", "=", bill.id),
                ("purchase_order_id", "in", orders.ids),
            ]
        ).action_match_lines()
        lines = bill.invoice_line_ids.filtered("quantity")
        self.assertEqual(
            {line.purchase_line_id: line.quantity for line in lines},
            {self.first: 5, self.second: 7, purchase.order_line: 6},
        )
        self.assertEqual(bill.amount_untaxed, 12 * 12 + 6 * 11)
        bill.action_post()

    def test_one_line_that_is_not_for_both(self):
        """It stays one line where it bills another quantity, or one of them alone."""
        self._ship_and_invoice(self.sales[0])
        bill = self._new_mailed_bill((5,))
        self._match(bill, self.purchase)
        # Core adds the other purchase line, of which nothing is to bill.
        self.assertMatched(bill, (5, self.first), (0, self.second))
        bill.button_cancel()
        self._ship_and_invoice(self.sales[1])
        bill = self._new_mailed_bill((11,))
        self._match(bill, self.purchase)
        self.assertMatched(bill, (11, self.second))

    def test_dozens(self):
        """A dozen on the bill is twelve on the order."""
        sale = self._new_sale((self.chair, 12))
        purchase = self._new_purchase(sale, self._new_sale(), confirm=True)
        self._post(purchase, "receive")
        self._post_invoice(sale)
        bill = self._new_mailed_bill(
            (10,), (1, {"product_uom_id": self.uom_dozen.id, "price_unit": 144.0})
        )
        self._match(bill, purchase)
        twelve, ten = purchase.order_line
        self.assertMatched(bill, (1, twelve), (10, ten))
        with self.assertRefused("Invoice sales order .* would be ahead .* 10 Units"):
            bill.action_post()

    def test_price_decides(self):
        """Of two lines of one quantity each bill line takes the one of its price."""
        sale = self._new_sale((self.chair, 4), (self.chair, 4))
        purchase = self._new_purchase(sale)
        cheap, dear = purchase.order_line
        (cheap | dear).product_qty = 4
        dear.price_unit = 15
        purchase.button_confirm()
        self._ship_and_invoice(sale)
        bill = self._new_mailed_bill((4, {"price_unit": 15.0}), (4,))
        self._match(bill, purchase)
        by_price = {
            line.price_unit: line.purchase_line_id for line in bill.invoice_line_ids
        }
        self.assertEqual(by_price, {15: dear, 12: cheap})

    def test_what_may_be_posted_decides(self):
        """Of two equal lines the bill takes the one that is received and invoiced."""
        sales = [self._new_sale((self.chair, 3)) for _number in range(2)]
        purchase = self._new_purchase(*sales, confirm=True)
        self._ship_and_invoice(sales[1])
        bill = self._new_mailed_bill((3,))
        # The other purchase line is added by core, and taken out by people.
        self._match(bill, purchase)
        line = bill.invoice_line_ids.filtered(lambda line: line.quantity == 3)
        self.assertEqual(line.purchase_line_id, purchase.order_line[1])
        bill.action_post()

    def test_parts_of_a_line(self):
        """2 and 5 make up the 7; the 5 of the other line stay its own."""
        self._ship_and_invoice()
        bill = self._new_mailed_bill((2,), (5,), (5,))
        self._match(bill, self.purchase)
        totals = {
            line: sum(
                bill.invoice_line_ids.filtered(
                    lambda bill_line, line=line: bill_line.purchase_line_id == line
                ).mapped("quantity")
            )
            for line in self.purchase.order_line
        }
        self.assertEqual(totals, {self.first: 5, self.second: 7})
        bill.action_post()
        self.assertEqual(bill.amount_untaxed, 144)

    def test_refund(self):
        """A refund of 2 goes to the line that 2 were returned of."""
        self._ship_and_invoice()
        bill = self._new_mailed_bill((5,), (7,))
        self._match(bill, self.purchase)
        bill.action_post()
        picking = self.sales[1].sudo().picking_ids
        self._return(picking, 2)
        refund = self._new_mailed_bill((2,), move_type="in_refund")
        self._match(refund, self.purchase)
        line = refund.invoice_line_ids.filtered("quantity")
        self.assertEqual(line.purchase_line_id, self.second)

    def test_true_cause(self):
        """A bill on the wrong line is not for want of an invoice."""
        self._ship_and_invoice()
        bill = self._new_mailed_bill((5, {"purchase_line_id": self.first.id}))
        bill.invoice_line_ids.quantity = 8
        with self.assertRefused("more than was sold.* 3 Units on") as caught:
            bill.action_post()
        self.assertNotIn("Invoice sales order", str(caught.exception))
        self.assertEqual(bill.state, "draft")
        other = self._new_sale((self.chair, 2))
        purchase = self._new_purchase(other, confirm=True)
        self._post(purchase, "receive")
        bill.invoice_line_ids = [
            Command.create(
                {
                    "product_id": self.chair.id,
                    "quantity": 2,
                    "purchase_line_id": purchase.order_line.id,
                }
            )
        ]
        with self.assertRefused(rf"more than was sold.*Invoice.*{other.name} first"):
            bill.action_post()

    def test_other_products_as_core(self):
        """One purchase line of a product, and lines that nothing fits: as core does."""
        sale = self._new_sale((self.chair, 5), (self.desk, 2), (self.chair, 7))
        purchase = self._new_purchase(sale, confirm=True)
        self._ship_and_invoice(sale)
        five, desks, seven = purchase.order_line
        bill = self._new_mailed_bill(
            (7,), (5,), (1, {"product_id": self.service.id, "price_unit": 3.0})
        )
        self._match(bill, purchase)
        self.assertMatched(bill, (5, five), (7, seven), (2, desks))
        bill.action_post()
        self.assertEqual(bill.amount_untaxed, purchase.amount_untaxed)
