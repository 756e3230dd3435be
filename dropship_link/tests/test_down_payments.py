from odoo.fields import Command

from .common_post import PostCommon


class AdvanceCommon(PostCommon):
    """Orders of which the customer pays a part in advance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create(
            {"name": "VAT 21", "amount": 21, "type_tax_use": "sale"}
        )
        cls.low_tax = cls.env["account.tax"].create(
            {"name": "VAT 6", "amount": 6, "type_tax_use": "sale"}
        )

    def _advance(self, sale, amount, method="percentage", post=True):
        """Invoice a down payment as sales does; accounting posts it."""
        wizard = (
            sale.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=sale.ids)
            .create({"advance_payment_method": method})
        )
        wizard["amount" if method == "percentage" else "fixed_amount"] = amount
        invoice = wizard._create_invoices(wizard.sale_order_ids).sudo()
        if post:
            invoice.action_post()
        return invoice

    def _create_invoice(self, sale, final=True, post=True):
        """Press core's Create Invoice as sales; accounting posts it."""
        wizard = (
            sale.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=sale.ids)
            .create(
                {"advance_payment_method": "delivered", "deduct_down_payments": final}
            )
        )
        invoice = wizard._create_invoices(wizard.sale_order_ids).sudo()
        if post:
            invoice.action_post()
        return invoice

    def _ship_invoice(self, sale, quantity=None, post=True):
        """Ship and Invoice as sales, accounting posts; return the invoice."""
        before = sale.sudo().invoice_ids
        self.env.invalidate_all()
        self._post(sale, "ship_invoice", quantity)
        invoice = sale.sudo().invoice_ids - before
        self.assertEqual(invoice.move_type, "out_invoice")
        self.assertGreaterEqual(invoice.amount_total, 0)
        if post:
            invoice.action_post()
        return invoice

    def _charged(self, sale):
        """Return what posted invoices and credit notes charge, in their currency."""
        return sum(
            -invoice.direction_sign * invoice.amount_total
            for invoice in sale.sudo().invoice_ids
            if invoice.state == "posted"
        )

    def assertCharged(self, sale, amount=None):
        """Posted documents charge `amount`, or exactly the order's total."""
        total = sale.amount_total if amount is None else amount
        self.assertEqual(
            sale.currency_id.compare_amounts(self._charged(sale), total), 0
        )
        if amount is None:
            self.assertAdvancesUsed(sale)

    def assertAdvancesUsed(self, sale):
        """Nothing is left in advance, neither untaxed nor as tax."""
        for line in sale.sudo().order_line.filtered("is_downpayment"):
            self.assertAlmostEqual(line.untaxed_amount_invoiced, 0)
            self.assertAlmostEqual(line.amount_invoiced, 0)


class TestDownPayments(AdvanceCommon):
    """Ship and Invoice takes off what was paid in advance."""

    def test_all_at_once(self):
        """Thirty percent in advance: all of it comes off, as with Create Invoice."""
        sale, __ = self._new_orders()
        self._advance(sale, 30)
        invoice = self._ship_invoice(sale)
        self.assertEqual(invoice.amount_total, 140)
        advance = invoice.invoice_line_ids.filtered("is_downpayment")
        self.assertEqual(advance.quantity, -1)
        self.assertEqual(advance.price_unit, 60)
        self.assertEqual(
            invoice.invoice_line_ids.filtered(
                lambda line: line.display_type == "line_section"
            ).mapped("name"),
            ["Down Payments"],
        )
        self.assertCharged(sale)
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_advance_larger_than_what_is_shipped(self):
        """An invoice never falls below zero: the rest comes off the next."""
        sale, __ = self._new_orders()
        self._advance(sale, 60)
        first = self._ship_invoice(sale, 2)
        self.assertEqual(first.amount_total, 0)
        self.assertEqual(
            first.invoice_line_ids.filtered("is_downpayment").mapped("price_subtotal"),
            [-120, 80],
        )
        second = self._ship_invoice(sale, 3)
        self.assertEqual(second.amount_total, 0)
        last = self._ship_invoice(sale)
        self.assertEqual(last.amount_total, 80)
        self.assertCharged(sale)

    def test_two_advances(self):
        """The latest waits, as a whole or in part."""
        sale, __ = self._new_orders((self.chair, 10), (self.desk, 10))
        self._advance(sale, 20)
        self._advance(sale, 150, "fixed")
        amounts = [
            self._ship_invoice(sale, quantity).amount_total for quantity in (1, 2, 3, 4)
        ]
        self.assertEqual(amounts, [0, 0, 10, 160])
        self.assertCharged(sale)

    def test_core_button_after_a_part(self):
        """Create Invoice takes off the rest, not the whole again."""
        sale, __ = self._new_orders()
        self._advance(sale, 60)
        self._ship_invoice(sale, 2)
        self._post(sale, "ship")
        invoice = self._create_invoice(sale)
        self.assertEqual(invoice.amount_total, 80)
        self.assertCharged(sale)

    def test_core_button_with_nothing_else(self):
        """Create Invoice pays back what is left, and only that."""
        sale, __ = self._new_orders()
        self._advance(sale, 60)
        self._ship_invoice(sale, 2)
        credit = self._create_invoice(sale)
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_total, 80)
        self.assertCharged(sale, 40)
        self.assertEqual(self._ship_invoice(sale).amount_total, 160)
        self.assertCharged(sale)

    def test_core_button_lowered_by_hand(self):
        """Accounting lowers a deduction of Create Invoice: the rest is not lost."""
        for values in ({"quantity": -0.5}, {"price_unit": 30}):
            sale, __ = self._new_orders()
            self._advance(sale, 30)
            self._post(sale, "ship", 5)
            invoice = self._create_invoice(sale, post=False)
            invoice.invoice_line_ids.filtered("is_downpayment").write(values)
            self.assertEqual(invoice.amount_total, 70)
            invoice.action_post()
            self.assertEqual(self._ship_invoice(sale).amount_total, 70)
            self.assertCharged(sale)

    def test_core_button_before(self):
        """What Create Invoice took off is not taken off again."""
        sale, __ = self._new_orders()
        self._advance(sale, 30)
        self._post(sale, "ship", 4)
        self.assertEqual(self._create_invoice(sale).amount_total, 20)
        self.assertEqual(self._ship_invoice(sale).amount_total, 120)
        self.assertCharged(sale)

    def test_core_button_without_deduction(self):
        """An advance that Create Invoice left alone comes off with the shipment."""
        sale, __ = self._new_orders()
        self._advance(sale, 30)
        self._post(sale, "ship", 4)
        self.assertEqual(self._create_invoice(sale, final=False).amount_total, 80)
        self.assertEqual(self._ship_invoice(sale).amount_total, 60)
        self.assertCharged(sale)

    def test_draft_advance(self):
        """Drafts count, as with core: posted later, the sum is right."""
        sale, __ = self._new_orders()
        advance = self._advance(sale, 60, post=False)
        self.assertEqual(self._ship_invoice(sale, 4).amount_total, 0)
        advance.action_post()
        self.assertEqual(self._ship_invoice(sale).amount_total, 80)
        self.assertCharged(sale)

    def test_draft_advance_is_cancelled(self):
        """What was taken off for nothing is charged with the next invoice."""
        sale, __ = self._new_orders()
        advance = self._advance(sale, 30, post=False)
        self.assertEqual(self._ship_invoice(sale, 5).amount_total, 40)
        advance.button_cancel()
        self.assertEqual(self._ship_invoice(sale).amount_total, 160)
        self.assertCharged(sale)

    def test_without_deducting_what_was_taken_off_for_nothing(self):
        """It is charged also by an invoice that deducts nothing else."""
        sale, __ = self._new_orders()
        advance = self._advance(sale, 30, post=False)
        self.assertEqual(self._ship_invoice(sale, 5).amount_total, 40)
        advance.button_cancel()
        self._post(sale, "ship")
        self.assertEqual(self._create_invoice(sale, final=False).amount_total, 160)
        self.assertCharged(sale)

    def test_advance_credited(self):
        """An advance that was paid back is not taken off."""
        sale, __ = self._new_orders()
        advance = self._advance(sale, 30)
        self._reverse(advance)
        self.assertEqual(self._ship_invoice(sale).amount_total, 200)
        self.assertCharged(sale)

    def test_advance_credited_beyond_what_was_paid(self):
        """The lines that are not shipped are to invoice still, and so is the order."""
        (self.chair | self.desk).invoice_policy = "order"
        sale = self._new_sale((self.chair, 2), (self.desk, 3))
        purchase = self._new_purchase(sale)
        purchase.order_line[1].unlink()
        purchase.button_confirm()
        advance = self._advance(sale, 10, method="fixed")
        credit_note = advance._reverse_moves()
        credit_note.invoice_line_ids.filtered("quantity").quantity = 1.5
        credit_note.action_post()
        self._ship_invoice(sale, post=False)
        self.env.invalidate_all()
        self.assertEqual(
            sale.order_line[:2].mapped("invoice_status"), ["invoiced", "to invoice"]
        )
        self.assertEqual(sale.invoice_status, "to invoice")

    def test_invoice_credited(self):
        """The credit note of an invoice gives the advance back to be taken off."""
        sale, __ = self._new_orders()
        self._advance(sale, 60)
        first = self._ship_invoice(sale, 4)
        self.assertEqual(first.amount_total, 0)
        self._reverse(first)
        self.assertEqual(self._ship_invoice(sale).amount_total, 80)
        self.assertCharged(sale)

    def test_rest_from_own_stock(self):
        """Unticked after a part: what that took off is not taken off again."""
        sale, purchase = self._new_orders()
        self._advance(sale, 60)
        self.assertEqual(self._ship_invoice(sale, 2).amount_total, 0)
        purchase.button_cancel()
        sale.order_line[0].drop_shipment = False
        for picking in sale.sudo().picking_ids:
            if picking.picking_type_code == "outgoing":
                self._deliver(picking)
        invoice = self._create_invoice(sale)
        self.assertEqual(invoice.amount_total, 80)
        self.assertCharged(sale)

    def test_less_is_sold_than_was_paid(self):
        """What is left of the advance is said, and Create Invoice pays it back."""
        sale, purchase = self._new_orders()
        self._advance(sale, 75)
        purchase.order_line.product_qty = 4
        sale.order_line[0].product_uom_qty = 4
        self.assertEqual(self._ship_invoice(sale).amount_total, 0)
        self.assertCharged(sale, 150)
        self.assertEqual(sale.invoice_status, "to invoice")
        credit = self._create_invoice(sale)
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(credit.amount_total, 70)
        self.assertCharged(sale)
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_all_paid_and_a_cent_left(self):
        """Five parts of 11.67 are a cent less than 58.36: the order is invoiced."""
        values = {"price_unit": 6.67, "discount": 12.5}
        sale, _purchase = self._new_orders((self.chair, 10, values))
        self._advance(sale, 100)
        for _part in range(5):
            self.assertEqual(sale.invoice_status, "no")
            self.assertEqual(self._ship_invoice(sale, 2).amount_total, 0)
        self.assertCharged(sale, 58.36)
        self.assertEqual(sale.invoice_status, "invoiced")
        self.assertFalse(sale._get_invoiceable_lines(final=True))
        # The cent counts again as soon as anything is credited.
        self._reverse(sale.sudo().invoice_ids.sorted("id")[-1])
        self.assertTrue(sale._get_invoiceable_lines(final=True))

    def test_advance_in_another_currency(self):
        """Accounting invoices 120 as 180 in another currency: 120 come off."""
        currency = self.setup_other_currency("CHF", rates=[("2020-01-01", 1.5)])
        for parts, amounts in (((None,), [80]), ((2, None), [0, 80])):
            sale, __ = self._new_orders()
            advance = self._advance(sale, 60, post=False)
            advance.currency_id = currency
            advance.invoice_line_ids.filtered("is_downpayment").price_unit = 180
            advance.action_post()
            for quantity, amount in zip(parts, amounts, strict=True):
                invoice = self._ship_invoice(sale, quantity)
                self.assertEqual(invoice.amount_total, amount)
            self.assertAdvancesUsed(sale)

    def test_rate_typed_on_the_advance(self):
        """The bank's rate, not that of the day: 192 are 120 of the order."""
        currency = self.setup_other_currency("CHF", rates=[("2020-01-01", 1.5)])
        sale, __ = self._new_orders()
        advance = self._advance(sale, 60, post=False)
        advance.currency_id = currency
        advance.invoice_line_ids.filtered("is_downpayment").price_unit = 192
        advance.invoice_currency_rate = 1.6
        advance.action_post()
        self.assertEqual(self._ship_invoice(sale, 2).amount_total, 0)
        self.assertEqual(self._ship_invoice(sale).amount_total, 80)
        account = advance.invoice_line_ids.filtered("is_downpayment").account_id
        lines = sale.sudo().invoice_ids.line_ids.filtered("is_downpayment")
        self.assertEqual(lines.account_id, account)
        self.assertAlmostEqual(sum(lines.mapped("balance")), 0)
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_taxes_reduced_for_early_payment(self):
        """Two percent less tax from the start: 241.16, of which 144.70 in advance."""
        term = self.env["account.payment.term"].create(
            {
                "name": "2 % in 10 days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "early_pay_discount_computation": "mixed",
            }
        )
        for advance, amounts in ((60, [0, 0, 96.46]), (100, [0, 0, 0])):
            sale, __ = self._new_orders(
                (self.chair, 10, {"tax_ids": [Command.set(self.tax.ids)]}),
                payment_term_id=term.id,
            )
            self.assertEqual(sale.amount_total, 241.16)
            self._advance(sale, advance)
            for quantity, amount in zip((1, 2, None), amounts, strict=True):
                invoice = self._ship_invoice(sale, quantity)
                self.assertEqual(invoice.amount_total, amount)
            self.assertCharged(sale)

    def test_posted_by_who_ships(self):
        """With billing rights the invoice is posted less the advance."""
        sale = self._new_sale(user=self.billing_salesman)
        self._new_purchase(sale, confirm=True)
        self._advance(sale, 60)
        self._post(sale, "ship_invoice", 4)
        self._post(sale, "ship_invoice")
        self.assertEqual(sale.sudo().invoice_ids.mapped("state"), ["posted"] * 3)
        self.assertCharged(sale)


class TestDownPaymentMatrix(AdvanceCommon):
    """Whatever the steps, the customer is charged the order's total."""

    def _new_taxed(self, chair=13.0, desk=7.5, **values):
        """Return a sales order with two taxes."""
        return self._new_orders(
            (self.chair, 10, {"price_unit": chair, "tax_ids": [self._set(self.tax)]}),
            (self.desk, 10, {"price_unit": desk, "tax_ids": [self._set(self.low_tax)]}),
            **values,
        )[0]

    @staticmethod
    def _set(taxes):
        return Command.set(taxes.ids)

    def _play(self, sale, steps):
        """Play steps of one letter each, and ship and invoice the rest."""
        for step, value in steps:
            if step == "percent":
                self._advance(sale, value)
            elif step == "fixed":
                self._advance(sale, value, "fixed")
            elif step == "draft":
                self._advance(sale, value, post=False)
            elif step == "ship":
                self._post(sale, "ship", value)
            elif step == "invoice":
                self._ship_invoice(sale, value)
            elif step == "core":
                self._create_invoice(sale, final=value)
        sale.sudo().invoice_ids.filtered(
            lambda move: move.state == "draft"
        ).action_post()

    MATRIX = (
        (("percent", 30), ("invoice", None)),
        (("percent", 33.33), ("invoice", 1), ("invoice", 3), ("invoice", None)),
        (("percent", 90), ("invoice", 3), ("invoice", 3), ("invoice", None)),
        (("fixed", 101.01), ("percent", 50), ("invoice", 2), ("invoice", None)),
        (("percent", 70), ("invoice", 2), ("ship", 8), ("core", True)),
        (("percent", 70), ("invoice", 2), ("core", True), ("invoice", None)),
        (("ship", 5), ("percent", 70), ("core", False), ("invoice", None), ("core", 1)),
        (("invoice", 2), ("percent", 50), ("invoice", 3), ("invoice", None)),
        (("draft", 80), ("invoice", 4), ("percent", 10), ("invoice", None)),
    )

    def _play_matrix(self, matrix=MATRIX, **values):
        for steps in matrix:
            with self.subTest(steps=steps):
                sale = self._new_taxed(**values)
                self._play(sale, steps)
                self.assertCharged(sale)

    def test_company_currency(self):
        """Percent, fixed, drafts, both buttons, in any order."""
        self._play_matrix()

    def test_foreign_currency(self):
        """The same in another currency, with another rate each year."""
        currency = self.env.ref("base.EUR")
        if currency == self.company.currency_id:
            currency = self.env.ref("base.USD")
        currency.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 2.37, "name": "2020-01-01"}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        self._play_matrix(pricelist_id=pricelist.id)

    def test_rounding_globally(self):
        """The same where taxes are rounded for the whole document."""
        self.company.tax_calculation_rounding_method = "round_globally"
        self._play_matrix(self.MATRIX[1:4])

    def test_price_included(self):
        """The same with taxes in the price."""
        (self.tax + self.low_tax).price_include_override = "tax_included"
        self._play_matrix(self.MATRIX[:2], chair=12.1, desk=10.6)

    def test_prices_that_do_not_divide(self):
        """As without an advance, where taxes of parts add up to another sum."""
        for parts in ((1, 3, None), (3, 3, None)):
            charged = set()
            for advance in (0, 33.33, 90):
                sale = self._new_taxed(chair=13.37, desk=7.77)
                if advance:
                    self._advance(sale, advance)
                for quantity in parts:
                    self._ship_invoice(sale, quantity)
                charged.add(round(self._charged(sale), 2))
                self.assertAdvancesUsed(sale)
            self.assertEqual(len(charged), 1)
