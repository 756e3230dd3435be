from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.tests import Form

from .common_invoice_order import InvoiceOrderCommon


class TestInvoiceOrderControl(InvoiceOrderCommon):
    """Warn and None instead of Block; what the bill says before it is posted."""

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

    def test_control_switched_on_with_two_bills(self):
        """One of two early bills may be taken back, though the other stays early."""
        self.company.drop_shipment_bill_control = "none"
        self._ship()
        bills = [self._draft_bill(quantity) for quantity in (4, 3)]
        for bill in bills:
            bill.action_post()
        self.company.drop_shipment_bill_control = "block"
        bills[0].button_draft()
        self.assertBilled(3, 0)
        with self.assertRefused(self.refusal):
            bills[0].action_post()

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
