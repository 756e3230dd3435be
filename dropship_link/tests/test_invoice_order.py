from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form

from .common import DropShipmentCommon


class TestInvoiceOrder(DropShipmentCommon):
    """Vendors bill no more than the customer was invoiced, by whatever path."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10))
        cls.sale_line = cls.sale.order_line
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.purchase_line = cls.purchase.order_line
        cls.refusal = f"Invoice sales order {cls.sale.name} first"
        # After the fact nothing can be done first.
        cls.warning = f"Invoice sales order {cls.sale.name}."

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _ship(self, quantity=10):
        self._post(self.sale, "ship", quantity)

    def _invoice(self, quantity=None):
        """Ship and invoice, posted."""
        if quantity is None:
            quantity = self.sale_line.drop_shipment_qty_outstanding
        self._ship(quantity)
        return self._post_invoice(self.sale).with_user(self.accountant)

    def _draft_bill(self, quantity=10, price=12.0, **values):
        """Return a draft bill or refund with one line of the purchase order."""
        return (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.vendor.id,
                    "invoice_date": "2026-01-15",
                    "invoice_line_ids": [
                        Command.create(self._bill_line(quantity, price))
                    ],
                    **values,
                }
            )
        )

    def _bill_line(self, quantity, price=12.0, **values):
        return {
            "product_id": self.chair.id,
            "quantity": quantity,
            "price_unit": price,
            "tax_ids": False,
            "purchase_line_id": self.purchase_line.id,
            **values,
        }

    def _refund(self, quantity=10, **values):
        return self._draft_bill(quantity, move_type="in_refund", **values)

    def assertBilled(self, billed, invoiced):
        self.assertEqual(self.sale_line.drop_shipment_qty_billed, billed)
        self.assertEqual(self.sale_line.drop_shipment_qty_invoiced, invoiced)

    def _get_notes(self, order):
        return " ".join(order.sudo().message_ids.mapped("body"))

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

    # ------------------------------------------------------------
    # CHANGES OF POSTED BILLS
    # ------------------------------------------------------------

    def test_matching_after_posting(self):
        """Matching posted free bills is billing."""
        self._ship()
        bills = self._new_free_bill(self.chair, quantity=4)
        bills |= self._new_free_bill(self.chair, quantity=6)
        bills.action_post()
        for chosen in (bills, bills[0]):
            with self.assertRefused(self.refusal):
                self._match(chosen, self.purchase)
        self.assertFalse(bills.invoice_line_ids.purchase_line_id)
        self._post_invoice(self.sale)
        self._match(bills, self.purchase)
        self.assertEqual(bills.invoice_line_ids.purchase_line_id, self.purchase_line)
        self.assertBilled(10, 10)

    def test_matching_draft(self):
        """A draft may be matched; then it can't be posted before the invoice."""
        self._ship()
        bill = self._new_free_bill(self.chair)
        self._match(bill, self.purchase)
        with self.assertRefused(self.refusal):
            bill.action_post()

    def test_add_to_purchase_order(self):
        """Add to PO would put goods for own stock on the drop shipment order."""
        bill = self._new_free_bill(self.desk)
        bill.action_post()
        wizard = (
            self.env["bill.to.po.wizard"]
            .with_context(active_ids=[-line for line in bill.invoice_line_ids.ids])
            .create({"purchase_order_id": self.purchase.id})
        )
        with self.assertRefused(f"{self.purchase.name} mixes drop shipment lines"):
            wizard.action_add_to_po()
        self.assertEqual(self.purchase.order_line, self.purchase_line)

    def test_quantity_of_posted_line(self):
        """More, or in a larger unit, on a posted line is billing."""
        self._invoice(4)
        line = self._draft_bill(4)
        line.action_post()
        line = line.invoice_line_ids
        with self.assertRefused(self.refusal):
            line.quantity = 6
        with self.assertRefused(self.refusal):
            line.product_uom_id = self.uom_dozen
        self.assertEqual(line.quantity, 4)
        line.quantity = 3
        self.assertBilled(3, 4)

    def test_line_added_to_posted_bill(self):
        """A line added to a posted bill by the external API is billing."""
        bill = self._new_free_bill(self.desk)
        bill.action_post()
        with self.assertRefused(self.refusal):
            bill.env["account.move.line"].create(
                {
                    **self._bill_line(1, price=0.0),
                    "move_id": bill.id,
                    "display_type": "product",
                }
            )

    def test_link_of_posted_line(self):
        """Moving a posted bill line to a drop shipment line is billing it."""
        bill = self._new_free_bill(self.chair, quantity=4)
        bill.action_post()
        with self.assertRefused(self.refusal):
            bill.invoice_line_ids.purchase_line_id = self.purchase_line.id
        with self.assertRefused(self.refusal):
            self.purchase_line.sudo().invoice_lines = [
                Command.link(bill.invoice_line_ids.id)
            ]
        self._invoice(4)
        bill.invoice_line_ids.purchase_line_id = self.purchase_line.id
        self.assertBilled(4, 4)

    def test_linking_after_billing(self):
        """A purchase line that is billed already can't become a drop shipment."""
        sale = self._new_sale((self.desk, 3))
        purchase = self._new_purchase(sale)
        linked = purchase.order_line
        values = {
            "sale_line_id": linked.sudo().sale_line_id.id,
            "product_id": self.desk.id,
            "product_qty": 1,
            "order_id": purchase.id,
        }
        linked.product_qty = 2
        bill = self._new_free_bill(self.desk, quantity=1)
        bill.action_post()
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            linked.create(
                {
                    **values,
                    "invoice_lines": [Command.link(bill.invoice_line_ids.id)],
                }
            )
        line = linked.create({**values, "sale_line_id": False})
        bill.invoice_line_ids.sudo().purchase_line_id = line.id
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            line.sale_line_id = values["sale_line_id"]
        self.assertFalse(line.drop_shipment)

    def test_unlink_post_link(self):
        """A confirmed line can't be unlinked for the time of the posting."""
        self._ship()
        for line in (self.purchase_line, self.purchase_line.sudo()):
            with self.assertRefused("is linked to sales order"):
                line.sale_line_id = False
        with self.assertRefused("Drop Shipment can't be changed"):
            self.sale_line.drop_shipment = False

    def _assert_forgery_in_vain(self, record, values):
        """`values` are refused, and so is the bill."""
        with self.assertRefused("can't be written", AccessError):
            record.write(values)
        self.env.invalidate_all()
        with self.assertRefused(self.refusal):
            self._draft_bill().action_post()

    def test_forged_sales_quantities(self):
        """A salesman can't write by the external API that the customer is invoiced."""
        self._ship()
        self._assert_forgery_in_vain(self.sale_line, {"drop_shipment_qty_invoiced": 10})
        self._assert_forgery_in_vain(self.sale_line, {"drop_shipment_qty_billed": -10})

    def test_forged_link(self):
        """A buyer can't write by the external API that the line is no drop shipment."""
        self._ship()
        self._assert_forgery_in_vain(self.purchase_line, {"drop_shipment": False})
        self._assert_forgery_in_vain(
            self.purchase_line, {"drop_shipment_sale_line_id": False}
        )

    # ------------------------------------------------------------
    # REFUNDS
    # ------------------------------------------------------------

    def test_refund(self):
        """A vendor's refund is always welcome."""
        self._refund(3).action_post()
        self.assertBilled(-3, 0)
        self._invoice(4)
        self._draft_bill(7).action_post()
        self.assertBilled(4, 4)

    def test_negative_refund(self):
        """A negative line of a refund is billing."""
        refund = self._refund(-2)
        refund.invoice_line_ids = [
            Command.create({"name": "Bonus", "quantity": 1, "price_unit": 100})
        ]
        with self.assertRefused(self.refusal):
            refund.action_post()
        self._invoice(2)
        refund.action_post()
        self.assertBilled(2, 2)

    def test_refund_back_to_draft(self):
        """Taking a refund back is billing again."""
        invoice = self._invoice()
        bill = self._draft_bill(10)
        bill.action_post()
        refund = self._reverse(bill)
        self._reverse(invoice)
        self.assertBilled(0, 0)
        with self.assertRefused(self.refusal):
            refund.button_draft()
        with self.assertRefused(self.refusal):
            refund.button_cancel()
        with self.assertRefused(self.refusal):
            refund.write({"state": "draft"})
        with self.assertRefused(self.refusal):
            refund.write({"state": "cancel"})
        self.assertEqual(refund.state, "posted")

    def test_refund_reversed(self):
        """The reversal of a refund is a bill."""
        refund = self._refund(4)
        refund.action_post()
        self._draft_bill(4).action_post()
        self.assertBilled(0, 0)
        with self.assertRefused(self.refusal):
            self._reverse(refund)

    def test_refund_back_to_draft_allowed(self):
        """Where the customer is invoiced, a refund may be taken back."""
        self._invoice()
        refund = self._refund(4)
        refund.action_post()
        refund.button_draft()
        self.assertBilled(0, 10)

    def test_bill_back_to_draft(self):
        """A bill may always be taken back."""
        self._invoice()
        bill = self._new_bill(self.purchase)
        bill.button_draft()
        self.assertBilled(0, 10)
        bill.action_post()
        bill.button_cancel()
        self.assertBilled(0, 10)

    # ------------------------------------------------------------
    # CUSTOMER INVOICES
    # ------------------------------------------------------------

    def test_invoice_back_to_draft(self):
        """The customer's invoice stays as long as the vendor's bill stands."""
        invoice = self._invoice()
        bill = self._new_bill(self.purchase)
        refusal = f"{invoice.name} can't be taken back.*{self.sale.name}, line 1"
        with self.assertRefused(refusal):
            invoice.button_draft()
        with self.assertRefused(refusal):
            invoice.button_cancel()
        with self.assertRefused(refusal):
            invoice.write({"state": "draft"})
        with self.assertRefused(refusal):
            invoice.write({"state": "cancel"})
        self.assertEqual(invoice.state, "posted")
        bill.button_draft()
        invoice.button_draft()
        self.assertBilled(0, 0)

    def test_invoice_back_to_draft_unbilled(self):
        """An invoice that no bill needs may be taken back."""
        first = self._invoice(4)
        second = self._invoice(6)
        bill = self._draft_bill(4)
        bill.action_post()
        second.button_draft()
        second.button_cancel()
        with self.assertRefused(f"{first.name} can't be taken back"):
            first.button_draft()
        self.assertBilled(4, 4)

    def test_draft_invoice_cancelled(self):
        """A draft invoice counts for nothing: it may be cancelled and deleted."""
        self._invoice(4)
        self._draft_bill(4).action_post()
        self._ship(6)
        invoice = self.sale._create_invoices().sudo().with_user(self.accountant)
        invoice.button_cancel()
        invoice.button_draft()
        invoice.unlink()

    def test_credit_note(self):
        """A credit note is allowed; the next bill waits then."""
        invoice = self._invoice(4)
        self._new_bill(self.purchase)
        credit_note = self._reverse(invoice)
        self.assertBilled(4, 0)
        self._ship(6)
        invoice = self.sale._create_invoices().sudo()
        # Core invoices again what was credited.
        self.assertEqual(invoice.invoice_line_ids.quantity, 10)
        invoice.invoice_line_ids.quantity = 6
        invoice.action_post()
        self.assertBilled(4, 6)
        with self.assertRefused(rf"{self.refusal}.* 4 Units on"):
            self._new_bill(self.purchase)
        credit_note.button_draft()
        self.assertBilled(4, 10)
        self._new_bill(self.purchase)

    def test_excess_may_shrink(self):
        """After a credit note, invoices and refunds that mend it pass."""
        invoice = self._invoice()
        bill = self._new_bill(self.purchase)
        credit_note = self._reverse(invoice)
        self.assertBilled(10, 0)
        self._reverse(bill)
        self.assertBilled(0, 0)
        credit_note.button_draft()
        self.assertBilled(0, 10)

    def test_posted_invoice_line(self):
        """Less on a posted invoice line, or no link, is taking the invoice back."""
        line = self._invoice().invoice_line_ids
        self._new_bill(self.purchase)
        with self.assertRefused(self.refusal):
            line.quantity = 4
        with self.assertRefused(self.refusal):
            line.sudo().sale_line_ids = [Command.clear()]
        with self.assertRefused(self.refusal):
            self.sale_line.sudo().invoice_lines = [Command.clear()]
        self.assertBilled(10, 10)

    # ------------------------------------------------------------
    # CONTROL
    # ------------------------------------------------------------

    def test_warn(self):
        """The bill is posted, and both orders tell of it."""
        self.company.drop_shipment_bill_control = "warn"
        self._ship()
        bill = self._new_bill(self.purchase)
        self.assertEqual(bill.state, "posted")
        for order in (self.sale, self.purchase):
            self.assertIn(self.warning, self._get_notes(order))

    def test_warn_in_time(self):
        """Nothing to tell where the invoice came first."""
        self.company.drop_shipment_bill_control = "warn"
        self._invoice()
        self._new_bill(self.purchase)
        for order in (self.sale, self.purchase):
            self.assertNotIn(self.warning, self._get_notes(order))

    def test_warn_once(self):
        """One note for one bill, whatever core writes on it while posting."""
        self.company.drop_shipment_bill_control = "warn"
        self._ship()
        self._new_bill(self.purchase)
        for order in (self.sale, self.purchase):
            self.assertEqual(self._get_notes(order).count(self.warning), 1)

    def test_warn_names_the_bill(self):
        """The note tells which bill was posted too early."""
        self.company.drop_shipment_bill_control = "warn"
        self._ship()
        bill = self._new_bill(self.purchase)
        for order in (self.sale, self.purchase):
            self.assertIn(bill.name, self._get_notes(order))

    def test_warn_on_invoice_taken_back(self):
        """The invoice may be taken back, and both orders tell of it."""
        self.company.drop_shipment_bill_control = "warn"
        invoice = self._invoice()
        self._new_bill(self.purchase)
        invoice.button_draft()
        self.assertBilled(10, 0)
        for order in (self.sale, self.purchase):
            self.assertIn(self.warning, self._get_notes(order))

    def test_warn_receive_and_invoice(self):
        """Receive and Invoice of the dialog does both where it is not blocked."""
        self.company.drop_shipment_bill_control = "warn"
        self._post(self.purchase, "receive_invoice")
        self.assertEqual(self.sale_line.qty_delivered, 10)
        self.assertEqual(self.purchase.invoice_ids.state, "draft")
        self.purchase.invoice_ids.with_user(self.accountant).action_post()
        self.assertBilled(10, 0)

    def test_none(self):
        """No check and no note."""
        self.company.drop_shipment_bill_control = "none"
        self._ship()
        self._new_bill(self.purchase)
        self.assertBilled(10, 0)
        for order in (self.sale, self.purchase):
            self.assertNotIn(self.warning, self._get_notes(order))

    def test_control_switched_on(self):
        """Bills posted before the control do not stop what mends them."""
        self.company.drop_shipment_bill_control = "none"
        self._ship()
        bill = self._draft_bill(4)
        bill.action_post()
        self.company.drop_shipment_bill_control = "block"
        with self.assertRefused(rf"{self.refusal}.* 10 Units on"):
            self._draft_bill(6).action_post()
        bill.button_draft()
        with self.assertRefused(self.refusal):
            bill.action_post()
        self._post_invoice(self.sale)
        bill.action_post()
        self._draft_bill(6).action_post()
        self.assertBilled(10, 10)

    def test_control_per_company(self):
        """Each company has its own control, whatever the user has open."""
        other = self.env["res.company"].create({"name": "Other Company"})
        self.assertEqual(other.drop_shipment_bill_control, "block")
        other.drop_shipment_bill_control = "none"
        self._ship()
        bill = self._draft_bill()
        self.accountant.company_ids |= other
        with self.assertRefused(self.refusal):
            bill.with_context(
                allowed_company_ids=(other | self.company).ids
            ).action_post()

    # ------------------------------------------------------------
    # BANNER
    # ------------------------------------------------------------

    def _get_banner(self, bill):
        bill.invalidate_recordset()
        return (bill.alerts or {}).get("dropship_link_invoice_first")

    def test_banner(self):
        """The draft bill tells which sales order is to be invoiced first."""
        self._ship()
        bill = self._draft_bill()
        banner = self._get_banner(bill)
        self.assertIn(self.sale.name, banner["message"])
        self.assertEqual(banner["level"], "danger")
        self._post_invoice(self.sale)
        self.assertFalse(self._get_banner(bill))

    def test_banner_in_form(self):
        """It follows the quantity while the accountant types."""
        self._invoice(4)
        bill = self._draft_bill(4)
        self.assertFalse(self._get_banner(bill))
        with Form(bill) as form:
            with form.invoice_line_ids.edit(0) as line:
                line.quantity = 6
            self.assertIn(
                self.sale.name, str(form._values.get("alerts") or form.record.alerts)
            )

    def test_banner_warn(self):
        """Where the company is only warned, the banner is a warning."""
        self.company.drop_shipment_bill_control = "warn"
        self.assertEqual(self._get_banner(self._draft_bill())["level"], "warning")

    def test_banner_none(self):
        """No control, no banner; nor on posted, cancelled and other documents."""
        bill = self._draft_bill()
        bill.button_cancel()
        self.assertFalse(self._get_banner(bill))
        self.assertFalse(self._get_banner(self._new_free_bill(self.chair)))
        self.assertFalse(self._get_banner(self._refund(3)))
        self._ship()
        invoice = self.sale._create_invoices().sudo().with_user(self.accountant)
        self.assertFalse(self._get_banner(invoice))
        self.company.drop_shipment_bill_control = "none"
        self.assertFalse(self._get_banner(self._draft_bill()))

    def test_banner_of_all_orders(self):
        """A collective bill names every sales order that is to be invoiced first."""
        other = self._new_sale((self.chair, 3))
        self._new_purchase(other, confirm=True)
        bill = self._draft_bill()
        bill.invoice_line_ids = [
            Command.create(
                self._bill_line(
                    3, purchase_line_id=other.sudo().order_line.purchase_line_ids.id
                )
            )
        ]
        banner = self._get_banner(bill)
        self.assertIn(self.sale.name, banner["message"])
        self.assertIn(other.name, banner["message"])

    def test_dates(self):
        """Only what is posted counts, whatever its date."""
        self._ship()
        invoice = self.sale._create_invoices().sudo()
        invoice.invoice_date = fields.Date.from_string("2025-12-31")
        invoice.action_post()
        self._new_bill(self.purchase, date="2025-12-01")
        self.assertBilled(10, 10)

    def test_cron_after_invoice(self):
        """Once the customer is invoiced, the scheduled job posts the bill."""
        self._ship()
        bill = self._draft_bill(auto_post="at_date")
        self._post_invoice(self.sale)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["account.move"]._autopost_draft_entries()
        self.assertEqual(bill.state, "posted")
