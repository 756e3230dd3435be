from odoo.fields import Command

from .test_own_stock import OwnStockCommon
from .test_return_dialog import ReturnDialogCommon


class TestReturnSettled(ReturnDialogCommon):
    """Credit notes and vendor refunds of what comes back."""

    def test_credit(self):
        """The customer gets a credit note of what came back, nothing else."""
        sale, _purchase = self._new_settled((self.chair, 10), (self.desk, 2))
        sale.order_line = [
            Command.create({"product_id": self.service.id, "product_uom_qty": 1})
        ]
        _back, message = self._return(sale, 4, 0, credit=True)
        note = self._get_notes(sale)
        self.assertEqual([note.amount_untaxed, note.state], [80, "draft"])
        self.assertIn("credit note is left in draft", message)
        note.action_post()
        self.assertQuantities(
            sale.order_line[0], drop_shipment_qty_invoiced=6, qty_to_invoice=0
        )
        self.assertEqual(sale.order_line[2].qty_to_invoice, 1)

    def test_draft_has_more(self):
        """No credit note or refund is offered of drafts: they are to be corrected."""
        sale, purchase = self._new_orders()
        invoice = sale.sudo()._create_invoices()
        purchase.sudo().action_create_invoice()
        bill = purchase.sudo().invoice_ids
        self._return(sale, 10)
        for order, move in ((sale, invoice), (purchase, bill)):
            self.env.invalidate_all()
            self.assertIn("overdrawn", order.drop_shipment_alerts)
            self.assertNotIn("refund", order.drop_shipment_alerts)
            # Nobody is told to post what is wrong.
            self.assertNotIn("draft", order.drop_shipment_alerts)
            move.invoice_date = "2026-03-06"
            move.action_post()
            self.env.invalidate_all()
            self.assertIn("refund", order.drop_shipment_alerts)
            self.assertNotIn("overdrawn", order.drop_shipment_alerts)

    def test_credit_is_posted(self):
        """With billing rights it is posted at once."""
        sale, _purchase = self._new_settled()
        boss = self._new_user(
            "boss", "sales_team.group_sale_manager,account.group_account_invoice"
        )
        _back, message = self._return(sale, 4, user=boss, credit=True)
        note = self._get_notes(sale)
        self.assertEqual([note.amount_untaxed, note.state], [80, "posted"])
        self.assertIn(f"Credit note {note.name} is posted", message)

    def test_credit_of_ordered_quantities(self):
        """Invoiced on ordered quantities: core sees nothing to credit, people do."""
        self.chair.invoice_policy = "order"
        sale, _purchase = self._new_settled()
        self._return(sale, 4, credit=True)
        note = self._get_notes(sale)
        self.assertEqual(note.amount_untaxed, 80)

    def test_credit_as_far_as_invoiced(self):
        """Of 4 that come back 2 were invoiced."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 8)
        self._post_invoice(sale)
        self._post(sale)
        self._return(sale, 4, credit=True)
        note = self._get_notes(sale)
        self.assertEqual(note.amount_untaxed, 40)

    def test_refund(self):
        """The buyer makes the vendor's refund with the return."""
        _sale, purchase = self._new_settled()
        _back, message = self._return(purchase, 4, refund=True)
        refund = self._get_notes(purchase)
        self.assertEqual([refund.amount_untaxed, refund.state], [48, "draft"])
        self.assertIn("vendor refund is left in draft", message)
        refund.with_user(self.accountant).action_post()
        self.assertQuantities(purchase.order_line, qty_invoiced=6, qty_to_invoice=0)

    def test_refund_of_ordered_quantities(self):
        """Billed on ordered quantities: the refund is of what went back."""
        self.chair.purchase_method = "purchase"
        _sale, purchase = self._new_settled()
        self._return(purchase, 4, refund=True)
        refund = self._get_notes(purchase)
        self.assertEqual(refund.amount_untaxed, 48)

    def test_both(self):
        """Who may do both settles both sides; to own stock the vendor is out of it."""
        sale, purchase = self._new_settled()
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user,"
            "account.group_account_invoice",
        )
        dialog = self._open(sale, trader)
        self.assertTrue(dialog.may_credit and dialog.may_refund)
        _back, message = self._return(sale, 4, user=trader, credit=True, refund=True)
        for order, kind in ((sale, "Credit note"), (purchase, "Vendor refund")):
            self.assertIn(f"{kind} {self._get_notes(order).name} is posted.", message)
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_invoiced=6, drop_shipment_qty_billed=6
        )
        values = {"credit": True, "refund": True, "destination": "stock"}
        self._return(sale, 1, user=trader, **values)
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_invoiced=5, drop_shipment_qty_billed=6
        )
        self.assertQuantities(purchase.order_line, qty_received=6)

    def test_free_goods_of_other_orders(self):
        """Own goods invoiced together with a drop shipment are credited as ever."""
        own = self._new_sale((self.desk, 10, {"price_unit": 0, "drop_shipment": False}))
        own.order_line.qty_delivered_method = "manual"
        own.order_line.qty_delivered = 10
        own._create_invoices(final=True).action_post()
        own.order_line.qty_delivered = 6
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        moves = (own + sale)._create_invoices(grouped=True, final=True)
        self.assertEqual(moves.mapped("move_type"), ["out_invoice"] * 2)

    def test_free_goods(self):
        """Sold or bought for nothing: credit notes and refunds like any other."""
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user,"
            "account.group_account_invoice",
        )
        self.chair.seller_ids.price = 0.0
        for line in ((self.desk, 10, {"discount": 100}), (self.chair, 10)):
            sale, purchase = self._new_settled(line)
            self._return(sale, 4, user=trader, credit=True, refund=True)
            for order in (sale, purchase):
                note = self._get_notes(order)
                self.assertEqual(note.state, "posted")
                self.assertEqual(note.invoice_line_ids.quantity, 4)
            self.assertQuantities(
                sale.order_line,
                drop_shipment_qty_invoiced=6,
                drop_shipment_qty_billed=6,
            )

    def test_afterwards(self):
        """The bar says what is due, and its button makes it."""
        sale, purchase = self._new_settled()
        self._return(sale, 4)
        self.assertIn("A credit note is due", sale.drop_shipment_notice)
        self.assertIn("A refund of the vendor is due", purchase.drop_shipment_notice)
        for order, method, amount in (
            (sale, "action_credit_drop_shipment", 80),
            (purchase, "action_refund_drop_shipment", 48),
        ):
            getattr(order, method)()
            self.env.invalidate_all()
            note = self._get_notes(order)
            self.assertEqual(note.amount_untaxed, amount)
            self.assertFalse(self._get_notice(order, "refund"))
            with self.assertRefused("has no (credit note|refund) to make"):
                getattr(order, method)()

    def test_afterwards_by_accounting(self):
        """Whose job it is has the button too, and posts by it."""
        sale, purchase = self._new_settled()
        self._return(sale, 4)
        for order, amount in ((sale, 80), (purchase, 48)):
            own = order.with_user(self.accountant)
            own.invalidate_recordset(["drop_shipment_alerts"])
            [button] = own.drop_shipment_alerts["refund"]["buttons"]
            getattr(own, button["name"])()
            self.env.invalidate_all()
            note = self._get_notes(order)
            self.assertEqual(note.state, "posted")
            self.assertEqual(note.amount_untaxed, amount)

    def test_warn(self):
        """Whatever the company checks: a credit note is allowed."""
        for control in ("block", "warn", "none"):
            with self.subTest(control):
                self.company.drop_shipment_bill_control = control
                sale, _purchase = self._new_settled()
                self._return(sale, 4, credit=True)
                note = self._get_notes(sale)
                note.action_post()
                self.assertQuantities(sale.order_line, drop_shipment_qty_invoiced=6)

    def test_two_companies(self):
        """Each company's order goes back by its own transfers and journals."""
        other = self._create_company(name="Return Company")
        self.env["account.chart.template"]._load(
            "generic_coa", other, install_demo=False
        )
        salesman = self._new_user(
            "other_sales", "sales_team.group_sale_salesman", other
        )
        buyer = self._new_user("other_buyer", "purchase.group_purchase_user", other)
        sale = self._new_sale(user=salesman)
        purchase = self._new_purchase(sale, user=buyer, confirm=True)
        self._post(sale)
        sale._create_invoices().sudo().action_post()
        back, _message = self._return(sale, 4, destination="stock", credit=True)
        self.assertEqual(back.company_id, other)
        self.assertEqual(back.picking_type_id.company_id, other)
        note = self._get_notes(sale)
        self.assertEqual([note.company_id, note.amount_untaxed], [other, 80])
        self.assertQuantities(purchase.order_line, qty_received=10)

    def test_bill_of_what_own_stock_keeps(self):
        """8 of 10 are invoiced, 2 are in own stock: nobody can invoice them first."""
        sale, purchase = self._new_orders()
        self._return(sale, 2, destination="stock")
        self._post_invoice(sale)
        bill = self._new_bill(purchase, post=False)
        self.assertEqual(bill.invoice_line_ids.quantity, 10)
        for sold in (10, 8):
            sale.order_line.product_uom_qty = sold
            with (
                self.subTest(sold=sold),
                self.assertRefused("came back to own stock, which nobody .*2 Units on"),
            ):
                bill.action_post()
            self.env.invalidate_all()
            self.assertIsNone(self._get_notice(purchase, "bill"))
        self.company.drop_shipment_bill_control = "warn"
        bill.action_post()
        self.assertEqual([bill.state, bill.amount_untaxed], ["posted", 120])

    def test_bill_beyond_what_own_stock_keeps(self):
        """11 of 10, of which 8 are invoiced: no invoice helps, the bill is wrong."""
        sale, purchase = self._new_orders()
        self._return(sale, 2, destination="stock")
        self._post_invoice(sale)
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids.quantity = 11
        with self.assertRefused("more than was sold.*3 Units on"):
            bill.action_post()

    def test_bill_of_what_the_order_has_left(self):
        """By ordered quantities 5 more can be invoiced, though 2 are in own stock."""
        self.chair.invoice_policy = "order"
        sale, purchase = self._new_orders(ship=5)
        self._return(sale, 2, destination="stock")
        invoice = sale.sudo()._create_invoices()
        invoice.invoice_line_ids.quantity = 5
        invoice.action_post()
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids.quantity = 6
        with self.assertRefused("^Invoice sales order"):
            bill.action_post()

    def test_bill_of_a_lowered_order(self):
        """8 of 8 stay with the customer, 6 are invoiced: the others come first."""
        for policy in ("delivery", "order"):
            self.chair.invoice_policy = policy
            sale, purchase = self._new_orders()
            self._return(sale, 2, destination="stock")
            sale.order_line.product_uom_qty = 8
            invoice = sale.sudo()._create_invoices()
            invoice.invoice_line_ids.quantity = 6
            invoice.action_post()
            with (
                self.subTest(policy),
                self.assertRefused("^Invoice sales order"),
            ):
                self._new_bill(purchase)

    def test_bill_before_the_invoice(self):
        """2 of 10 are in own stock; of the others the invoice is missing still."""
        sale, purchase = self._new_orders()
        self._return(sale, 2, destination="stock")
        with self.assertRefused("^Invoice sales order"):
            self._new_bill(purchase)


class TestReturnEnds(ReturnDialogCommon):
    """A line of which goods came back for good comes to an end."""

    def test_from_own_stock(self):
        """The bar says it: lower the quantity to what the customer keeps."""
        sale, purchase = self._new_settled()
        self._return(sale, 4, destination="stock", credit=True)
        self._post_drafts(sale)
        self.assertIn("Taken back to own stock: Chair", sale.drop_shipment_notice)
        self.assertQuantities(sale.order_line, drop_shipment_state="partial")
        with self.assertRefused("can't be 5 Units"):
            sale.order_line.product_uom_qty = 5
        sale.order_line.product_uom_qty = 6
        self.env.invalidate_all()
        self.assertQuantities(
            sale.order_line,
            drop_shipment_state="done",
            drop_shipment_qty_to_order=0,
            qty_to_invoice=0,
        )
        self.assertFalse(sale.drop_shipment_notice)
        self.assertFalse(purchase.drop_shipment_notice)
        self.assertEqual(sale.delivery_status, "full")

    def test_from_own_stock_in_steps(self):
        """The quantity may fall in steps, and no further than what is kept."""
        sale, _purchase = self._new_orders()
        self._return(sale, 4, destination="stock")
        sale.order_line.product_uom_qty = 8
        self.env.invalidate_all()
        self.assertTrue(self._get_notice(sale, "kept"))
        sale.order_line.product_uom_qty = 6
        self.env.invalidate_all()
        self.assertFalse(self._get_notice(sale, "kept"))
        self.assertQuantities(sale.order_line, drop_shipment_state="shipped")

    def test_while_more_is_on_order(self):
        """What is on order still holds the quantity."""
        sale, _purchase = self._new_orders(ship=6)
        self._return(sale, 2, destination="stock")
        with self.assertRefused("can't be 7 Units"):
            sale.order_line.product_uom_qty = 7
        sale.order_line.product_uom_qty = 8
        self._post(sale)
        self.assertQuantities(
            sale.order_line, qty_delivered=8, drop_shipment_state="shipped"
        )

    def test_from_the_vendor(self):
        """Closed on the purchase order, lowered on the sales order, done."""
        sale, purchase = self._new_settled()
        self._return(sale, 4, credit=True)
        self._post_drafts(sale)
        self._open(purchase)
        purchase.action_refund_drop_shipment()
        self._post_drafts(purchase)
        purchase.action_close_drop_shipment_remainder()
        sale.order_line.product_uom_qty = 6
        self.env.invalidate_all()
        self.assertQuantities(sale.order_line, drop_shipment_state="done")
        self.assertFalse(sale.drop_shipment_notice or purchase.drop_shipment_notice)


class TestReturnBooks(OwnStockCommon):
    """What a return leaves in the books: income, expenses, value of own stock."""

    def _return(self, order, quantity, user=None, **values):
        """Return so much of each row."""
        order = order.with_user(user or order.env.user)
        self.env.invalidate_all()
        dialog = order.env["drop.shipment.return"].create(
            {f"{order._table}_id": order.id, **values}
        )
        dialog.line_ids.quantity = quantity
        dialog.action_return()
        drafts = order.sudo().invoice_ids.filtered(lambda move: move.state == "draft")
        drafts.action_post()

    def _new_done(self):
        sale, purchase = self._new_orders()
        for step in ("ship", "invoice", "bill"):
            self._do(step, sale, purchase)
        return sale, purchase

    def test_to_the_vendor(self):
        """Credited and refunded: what was kept, and own stock as it was."""
        sale, purchase = self._new_done()
        self._return(sale, 4, credit=True)
        purchase.action_refund_drop_shipment()
        purchase.sudo().invoice_ids.filtered(
            lambda move: move.state == "draft"
        ).action_post()
        self.assertBooks(income=120, expense=72)
        self.assertOwnCost()

    def test_to_own_stock(self):
        """Credited: what came to own stock is worth the vendor's price, or standard."""
        sale, _purchase = self._new_done()
        self._return(sale, 4, destination="stock", credit=True)
        for product in self.products:
            cost = 5 if product.cost_method == "standard" else 12
            booked = 4 * cost if product.valuation == "real_time" else 0
            self.assertBooks(
                income=120,
                expense=120 - booked,
                products=product,
                own=5 + 4 * cost,
                quantity=5,
            )
