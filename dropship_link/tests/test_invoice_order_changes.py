from odoo.exceptions import AccessError
from odoo.fields import Command

from .common_invoice_order import InvoiceOrderCommon


class TestInvoiceOrderChanges(InvoiceOrderCommon):
    """Posted bills, refunds and invoices that are changed or taken back."""

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
