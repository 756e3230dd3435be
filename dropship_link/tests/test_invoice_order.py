from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tests import Form

from .common_invoice_order import InvoiceOrderCommon


class TestInvoiceOrder(InvoiceOrderCommon):
    """Vendors bill no more than the customer was invoiced, by whatever path."""

    # ------------------------------------------------------------
    # WAYS OF POSTING
    # ------------------------------------------------------------

    def test_action_post(self):
        """Confirm: refused before the invoice, done after it."""
        self._ship()
        bill = self._new_bill(self.purchase, post=False)
        with self.assertRefused(self.refusal):
            bill.action_post()
        self.assertEqual(bill.state, "draft")
        self.assertFalse(bill.posted_before)
        self._post_invoice(self.sale)
        bill.action_post()
        self.assertEqual(bill.state, "posted")
        self.assertBilled(10, 10)

    def test_message(self):
        """The refusal names order, line and quantity."""
        self._invoice(4)
        self._ship(6)
        with self.assertRefused(
            rf"Invoice sales order {self.sale.name} first.*"
            rf" 6 Units on {self.sale.name}, line 1 \(Chair\)\."
        ):
            self._new_bill(self.purchase)

    def test_soft(self):
        """Soft posting: a bill of today is refused, one of tomorrow only scheduled."""
        self._ship()
        bill = self._draft_bill()
        with self.assertRefused(self.refusal):
            bill._post(soft=True)
        later = self._draft_bill(invoice_date="2100-01-15")
        later._post(soft=True)
        self.assertEqual((later.state, later.auto_post), ("draft", "at_date"))
        self.assertBilled(0, 0)

    def test_hard(self):
        """A bill of tomorrow that is posted today is refused today."""
        bill = self._draft_bill(invoice_date="2100-01-15")
        with self.assertRefused(self.refusal):
            bill._post(soft=False)

    def test_write_state(self):
        """The external API may write the state of a draft: the same check."""
        bill = self._draft_bill()
        with self.assertRefused(self.refusal):
            bill.write({"state": "posted"})
        self.assertEqual(bill.state, "draft")
        self._invoice()
        bill.write({"state": "posted"})
        self.assertBilled(10, 10)

    def test_cron(self):
        """The scheduled job leaves the bill in draft and tells why."""
        self._ship()
        bill = self._draft_bill(auto_post="at_date")
        other = self._new_free_bill(self.desk, auto_post="at_date")
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["account.move"]._autopost_draft_entries()
        self.assertEqual(bill.state, "draft")
        self.assertIn(self.refusal, self._get_notes(bill))
        self.assertEqual(other.state, "posted")

    def test_cron_future(self):
        """A bill scheduled for tomorrow is checked tomorrow, not today."""
        self._ship()
        bill = self._draft_bill(auto_post="at_date", invoice_date="2100-01-15")
        self._post_invoice(self.sale)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["account.move"]._autopost_draft_entries()
        self.assertEqual(bill.state, "draft")

    def test_validate_wizard(self):
        """The list's Confirm Entries, with and without Force."""
        self._ship()
        wizard = (
            self.env["validate.account.move"]
            .with_user(self.accountant)
            .create({"move_ids": [Command.set(self._draft_bill().ids)]})
        )
        with self.assertRefused(self.refusal):
            wizard.validate_move()
        wizard.move_ids.invoice_date = "2100-01-15"
        wizard.force_post = True
        with self.assertRefused(self.refusal):
            wizard.validate_move()

    def test_autopost_vendor(self):
        """An uploaded bill of a vendor posted always is kept, as a draft."""
        self._ship()
        self.vendor.autopost_bills = "always"
        self.company.autopost_bills = True
        bill = self._draft_bill()
        bill._autopost_bill()
        self.assertEqual(bill.state, "draft")
        self._post_invoice(self.sale)
        bill._autopost_bill()
        self.assertEqual(bill.state, "posted")

    def test_receipt(self):
        """A purchase receipt is a bill."""
        receipt = self._draft_bill(move_type="in_receipt")
        with self.assertRefused(self.refusal):
            receipt.action_post()
        self._invoice()
        receipt.action_post()
        self.assertBilled(10, 10)

    def test_batch(self):
        """Posted together, invoice and bill are one step, in any sequence."""
        self._ship(4)
        invoice = self.sale._create_invoices().sudo()
        bill = self._draft_bill(4)
        (bill.sudo() | invoice).with_user(self.accountant).action_post()
        self.assertBilled(4, 4)
        self._ship(6)
        invoice = self.sale._create_invoices().sudo()
        bill = self._draft_bill(6)
        (invoice | bill.sudo()).with_user(self.accountant).write({"state": "posted"})
        self.assertBilled(10, 10)

    def test_batch_too_much(self):
        """Two bills of one batch count together, against the batch's invoice."""
        self._ship(4)
        invoice = self.sale._create_invoices().sudo()
        bills = self._draft_bill(3).sudo() | self._draft_bill(2).sudo()
        with self.assertRefused(self.refusal):
            (invoice | bills).with_user(self.accountant).action_post()
        self.assertEqual(set((invoice | bills).mapped("state")), {"draft"})

    def test_batch_scheduled_invoice(self):
        """An invoice that is only scheduled does not free the bill of its batch."""
        self._ship()
        invoice = self.sale._create_invoices().sudo()
        invoice.write({"invoice_date": "2100-01-15", "date": "2100-01-15"})
        moves = (invoice | self._draft_bill().sudo()).with_user(self.accountant)
        with self.assertRefused(self.refusal):
            moves._post(soft=True)

    def test_post_dialog(self):
        """Invoice is refused in the Post dialog; Receive and Invoice does neither."""
        self._ship(4)
        with self.assertRefused(self.refusal):
            self._post(self.purchase, "invoice")
        with self.assertRefused(self.refusal):
            self._post(self.purchase, "receive_invoice")
        self.assertEqual(self.sale_line.qty_delivered, 4)
        self.assertFalse(self.purchase.invoice_ids)

    def test_draft_may_be_saved(self):
        """Accounting registers and changes the bill as it came; only posting waits."""
        self._ship()
        bill = self._new_bill(self.purchase, post=False)
        with Form(bill) as form:
            form.ref = "BILL/7"
            with form.invoice_line_ids.edit(0) as line:
                line.quantity = 12
        self.assertEqual(bill.invoice_line_ids.quantity, 12)
        bill.copy()
        bill.button_cancel()
        bill.button_draft()
        bill.unlink()

    # ------------------------------------------------------------
    # WHAT COUNTS AS INVOICED AND AS BILLED
    # ------------------------------------------------------------

    def test_only_draft_invoice(self):
        """A draft customer invoice does not count."""
        self._ship()
        self.sale._create_invoices()
        with self.assertRefused(self.refusal):
            self._new_bill(self.purchase)

    def test_only_down_payment(self):
        """A down payment invoices nothing of the line."""
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(self.salesman)
            .create(
                {
                    "sale_order_ids": [Command.set(self.sale.ids)],
                    "advance_payment_method": "percentage",
                    "amount": 100,
                }
            )
        )
        wizard.create_invoices()
        self.sale.sudo().invoice_ids.action_post()
        self._ship()
        with self.assertRefused(self.refusal):
            self._new_bill(self.purchase)

    def test_partial(self):
        """4 of 10 invoiced: the bill of 4 passes, that of 6 waits."""
        self._invoice(4)
        self._new_bill(self.purchase)
        self.assertBilled(4, 4)
        self._ship(6)
        bill = self._new_bill(self.purchase, post=False)
        self.assertEqual(bill.invoice_line_ids.quantity, 6)
        with self.assertRefused(self.refusal):
            bill.action_post()
        self._post_invoice(self.sale)
        bill.action_post()
        self.assertBilled(10, 10)

    def test_invoices_of_another_salesman(self):
        """What is invoiced does not depend on who makes the next invoice."""
        invoice = self._invoice(4)
        invoice.sudo().invoice_user_id = self.env.ref("base.user_admin")
        self.env.invalidate_all()
        self.assertFalse(invoice.with_user(self.salesman).has_access("read"))
        self._invoice(6)
        self.assertBilled(0, 10)

    def test_bill_for_more(self):
        """A vendor that bills more than was sold: no invoice could come first."""
        self._invoice(4)
        with self.assertRefused(rf"{self.refusal}.* 8 Units on"):
            self._draft_bill(12).action_post()
        self._invoice(6)
        bill = self._draft_bill(12)
        with self.assertRefused("more than was sold.* 2 Units on.*raise it on the"):
            bill.action_post()
        # The second way out that it names.
        self.sale.order_line.product_uom_qty = 12
        with self.assertRefused(rf"{self.refusal}.* 2 Units on"):
            bill.action_post()

    def test_two_lines_of_one_bill(self):
        """The lines of a bill count together."""
        self._invoice()
        bill = self._draft_bill(6)
        bill.invoice_line_ids = [Command.create(self._bill_line(5))]
        with self.assertRefused("more than was sold.* 1 Units on"):
            bill.action_post()

    def test_negative_line(self):
        """A negative line of a bill takes back what another one bills."""
        self._invoice(4)
        bill = self._draft_bill(10)
        bill.invoice_line_ids = [Command.create(self._bill_line(-6))]
        bill.action_post()
        self.assertBilled(4, 4)

    def test_other_line_invoiced(self):
        """An invoice of another line of the sales order does not help."""
        sale = self._new_sale((self.chair, 2), (self.desk, 1))
        purchase = self._new_purchase(sale, confirm=True)
        chair_line, desk_line = sale.order_line
        chair_line.qty_to_ship = 0
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertEqual(desk_line.drop_shipment_qty_billed, 1)
        self._post(sale, quantity=2)
        with self.assertRefused(rf"Invoice sales order {sale.name} first.*Chair"):
            self._new_bill(purchase)
        self.assertEqual(chair_line.qty_delivered, 2)

    def test_two_vendors(self):
        """What two vendors bill for one sales line counts together."""
        sale = self._new_sale((self.chair, 10))
        purchases = []
        for vendor, quantity in ((self.vendor, 4), (self.other_vendor, 6)):
            purchase = self._new_purchase(partner_id=vendor.id)
            wizard = purchase.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": purchase.id,
                    "vendor_products_only": False,
                    "sale_order_ids": [Command.set(sale.ids)],
                }
            )
            wizard.line_ids.quantity = quantity
            wizard.action_insert_lines()
            purchase.button_confirm()
            purchases.append(purchase)
        self._post_spread(sale, 4)
        self._post_invoice(sale)
        self._post_spread(sale, 6)
        bill = self._new_bill(purchases[1], post=False)
        bill.invoice_line_ids.quantity = 3
        bill.action_post()
        with self.assertRefused(rf"{sale.name} first.* 3 Units on"):
            self._new_bill(purchases[0])

    def test_units_of_a_dozen(self):
        """The bill may count in another unit than the orders."""
        sale = self._new_sale((self.chair, 1, {"product_uom_id": self.uom_dozen.id}))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self._post_invoice(sale)
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids.write(
            {"product_uom_id": self.uom_unit.id, "quantity": 13}
        )
        with self.assertRefused("more than was sold.* 0.08 Dozens on"):
            bill.action_post()
        bill.invoice_line_ids.quantity = 12
        bill.action_post()
        self.assertEqual(sale.order_line.drop_shipment_qty_billed, 1)

    def test_other_bills(self):
        """Bills that bill no drop shipment are no concern of the control."""
        self._new_free_bill(self.chair).action_post()
        purchase = (
            self.env["purchase.order"]
            .with_user(self.buyer)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "order_line": [
                        Command.create({"product_id": self.chair.id, "product_qty": 3})
                    ],
                }
            )
        )
        purchase.button_confirm()
        purchase.picking_ids.sudo().button_validate()
        self.assertEqual(self._new_bill(purchase).state, "posted")
