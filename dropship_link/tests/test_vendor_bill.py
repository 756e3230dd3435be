from odoo.exceptions import UserError

from .vendor_page import VendorPageCommon

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
UBL = """<?xml version="1.0" encoding="UTF-8"?>
{doctype}
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
  <cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc\
:billing:3.0</cbc:CustomizationID>
  <cbc:ID>{number}</cbc:ID>
  <cbc:IssueDate>2026-01-15</cbc:IssueDate>
  <cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
  <cbc:DocumentCurrencyCode>{currency}</cbc:DocumentCurrencyCode>
  <cac:OrderReference><cbc:ID>{order}</cbc:ID></cac:OrderReference>
  <cac:AccountingSupplierParty><cac:Party>
    <cac:PartyName><cbc:Name>{vendor}</cbc:Name></cac:PartyName>
  </cac:Party></cac:AccountingSupplierParty>
  <cac:LegalMonetaryTotal>
    <cbc:LineExtensionAmount currencyID="{currency}">{total}</cbc:LineExtensionAmount>
    <cbc:TaxExclusiveAmount currencyID="{currency}">{total}</cbc:TaxExclusiveAmount>
    <cbc:TaxInclusiveAmount currencyID="{currency}">{total}</cbc:TaxInclusiveAmount>
    <cbc:PayableAmount currencyID="{currency}">{total}</cbc:PayableAmount>
  </cac:LegalMonetaryTotal>
  <cac:InvoiceLine>
    <cbc:ID>1</cbc:ID>
    <cbc:InvoicedQuantity unitCode="C62">{quantity}</cbc:InvoicedQuantity>
    <cbc:LineExtensionAmount currencyID="{currency}">{total}</cbc:LineExtensionAmount>
    <cac:Item><cbc:Name>{product}</cbc:Name></cac:Item>
    <cac:Price><cbc:PriceAmount currencyID="{currency}">{price}</cbc:PriceAmount>
    </cac:Price>
  </cac:InvoiceLine>
</Invoice>"""


class TestVendorBill(VendorPageCommon):
    """The bill that the vendor hands in on the page."""

    def _get_ubl(self, quantity=10, price=12.0, **values):
        values = {
            **{"number": "UBL-1", "order": self.purchase.name, "vendor": "Vendor"},
            **{"product": "Chair", "doctype": ""},
            "currency": self.purchase.currency_id.name,
            **values,
        }
        total = quantity * price
        text = UBL.format(quantity=quantity, price=price, total=total, **values)
        return text.encode()

    def _hand_in(self, content=PDF, name="bill.pdf", page=None, **typed):
        """Hand in a file; return the page, and the bills that it made."""
        bills = self.env["account.move"].search([("move_type", "=", "in_invoice")])
        reply = self._send(
            page if page is not None else self._open(),
            "bill",
            files={"file": (name, content, "application/octet-stream")},
            **typed,
        )
        return reply, self.env["account.move"].search(
            [("move_type", "=", "in_invoice"), ("id", "not in", bills.ids)]
        )

    def assertNotTaken(self, *args, **kwargs):
        state = self._get_state()
        page, bills = self._hand_in(*args, **kwargs)
        self.assertFalse(bills)
        self.assertEqual(self._get_state(), state)
        self.assertTrue(self._get_named(page, "drop_shipment_wrong"))
        return self._get_errors(page)

    def test_pdf(self):
        """A draft of what was received, linked, with the file; kept back as any."""
        self._post(self.purchase, quantity=3)
        page, bill = self._hand_in(ref=" BILL-1 ", invoice_date="2026-01-15")
        self.assertEqual(
            self._get_named(page, "drop_shipment_told"),
            ["Thank you. We have received the bill."],
        )
        self.assertEqual(bill.state, "draft")
        self.assertEqual(bill.ref, "BILL-1")
        self.assertEqual(str(bill.invoice_date), "2026-01-15")
        self.assertEqual(bill.partner_id, self.vendor)
        self.assertEqual(
            bill.invoice_line_ids.mapped("purchase_line_id"), self.purchase.order_line
        )
        self.assertEqual(bill.invoice_line_ids.mapped("quantity"), [3, 3])
        self.assertEqual(bill.amount_untaxed, 3 * 12 + 3 * 70)
        self.assertEqual(bill.attachment_ids.raw, PDF)
        self.assertIn("BILL-1", self._chatter(self.purchase))
        with self.assertRefused("would be ahead .* 3 Units on", UserError):
            bill.with_user(self.accountant).action_post()
        self._post_invoice(self.sale)
        bill.with_user(self.accountant).action_post()
        self.assertEqual(bill.state, "posted")

    def test_pdf_of_what_is_reported(self):
        """What waits as reported is billed too; nothing shipped: lines without."""
        _page, bill = self._hand_in(ref="BILL-0")
        self.assertEqual(bill.invoice_line_ids.mapped("quantity"), [0, 0])
        page = self._open()
        self._send(page, "ship", **{f"quantity_{self.desk_line.id}": "0"})
        _page, bill = self._hand_in(ref="BILL-1")
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, self.chair_line)
        self.assertEqual(bill.invoice_line_ids.quantity, 10)

    def test_pdf_when_a_refund_is_due(self):
        """Billed goods went back: no bill of less than nothing, lines without."""
        self._post(self.purchase, quantity=3)
        self._post_invoice(self.sale)
        self._new_bill(self.purchase)
        shipped = self.purchase.sudo().picking_ids.filtered("date_done")
        self._return(shipped, 3)
        self.env.flush_all()
        _page, bill = self._hand_in(ref="BILL-2")
        self.assertEqual(bill.invoice_line_ids.mapped("quantity"), [0, 0])

    def test_ubl(self):
        """An electronic bill: core's import, linked, at the price that it charges."""
        _page, bill = self._hand_in(self._get_ubl(quantity=4), "ubl.xml")
        self.assertEqual(bill.ref, "UBL-1")
        self.assertEqual(bill.state, "draft")
        line = bill.invoice_line_ids.filtered("product_id")
        self.assertEqual(line.purchase_line_id, self.chair_line)
        self.assertEqual((line.quantity, line.price_unit), (4, 12))
        self._post(self.purchase, quantity=3)
        _page, bill = self._hand_in(
            self._get_ubl(quantity=3, price=13.0, number="UBL-2"), "ubl.xml"
        )
        line = bill.invoice_line_ids.filtered("product_id")
        self.assertEqual(line.purchase_line_id, self.chair_line)
        self.assertEqual((line.quantity, line.price_unit), (3, 13))

    def test_ubl_of_all_that_is_left(self):
        """The total is that of the order: all is billed, not what was received."""
        purchase = self._new_purchase(self._new_sale(), confirm=True)
        page = self._open(self._get_url(purchase))
        _page, bill = self._hand_in(
            self._get_ubl(order=purchase.name), "ubl.xml", page=page
        )
        line = bill.invoice_line_ids.filtered("product_id")
        self.assertEqual(line.purchase_line_id, purchase.order_line)
        self.assertEqual((line.quantity, line.price_unit), (10, 12))

    def test_ubl_of_two_sales(self):
        """One line for all that two sales orders have of a product is split."""
        sales = [self._new_sale((self.chair, quantity)) for quantity in (5, 7)]
        purchase = self._new_purchase(*sales, confirm=True)
        self._post(purchase, "receive")
        for sale in sales:
            self._post_invoice(sale)
        _page, bill = self._hand_in(
            self._get_ubl(quantity=12, price=13.0, order=purchase.name),
            "ubl.xml",
            page=self._open(self._get_url(purchase)),
        )
        self.assertEqual(
            [
                (line.quantity, line.purchase_line_id)
                for line in bill.invoice_line_ids.sorted("quantity")
            ],
            list(zip((5, 7), purchase.order_line, strict=True)),
        )
        self.assertEqual(bill.amount_untaxed, 156)
        bill.with_user(self.accountant).action_post()
        self.assertEqual(bill.state, "posted")

    def test_ubl_of_another_order(self):
        """Whatever order and vendor the file names: it is a bill of this order."""
        stool = self._new_product("Stool", price=12.0, vendor=self.other_vendor)
        other = self._new_purchase(
            self._new_sale((stool, 10)), partner_id=self.other_vendor.id, confirm=True
        )
        content = self._get_ubl(order=other.name, vendor="Other Vendor")
        _page, bill = self._hand_in(content, "ubl.xml")
        self.assertEqual(bill.partner_id, self.vendor)
        self.assertEqual(bill.invoice_line_ids.purchase_line_id.order_id, self.purchase)
        self.assertFalse(other.invoice_ids)

    def test_never_posted(self):
        """Not even a bill of a vendor whose bills are posted by themselves."""
        self.vendor.autopost_bills = "always"
        self._post(self.purchase)
        self._post_invoice(self.sale)
        _page, bill = self._hand_in(ref="BILL-1")
        _page, other = self._hand_in(self._get_ubl(), "ubl.xml")
        self.assertEqual((bill | other).mapped("state"), ["draft", "draft"])

    def test_twice(self):
        """The same number a second time: a second click, an old tab."""
        page = self._open()
        self._hand_in(ref="BILL-1", page=page)
        errors = self.assertNotTaken(ref="BILL-1", page=page)
        self.assertEqual(errors, ["We have a bill with this number already."])
        self._hand_in(self._get_ubl(), "ubl.xml")
        self.assertTrue(self.assertNotTaken(self._get_ubl(), "ubl.xml"))

    def test_number_in_the_file(self):
        """It is looked at as one that is typed is."""
        errors = self.assertNotTaken(self._get_ubl(number="1" * 101), "ubl.xml")
        self.assertEqual(len(errors), 1)
        self.assertIn("100", errors[0])

    def test_wrong_files(self):
        """Nothing, another kind whatever it is called, too large, no number."""
        errors = self.assertNotTaken(b"", "", ref="BILL-1")
        self.assertEqual(errors, ["Choose the file of the bill."])
        html = b"<html><script>alert(1)</script></html>"
        entity = '<!DOCTYPE Invoice [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        for content in (
            *(b"PK\x03\x04zip", html, b"MZ\x00\x00", b"<svg/>", b"<Invoice/>", b"\x00"),
            *(b"<?xml version='1.0'?><a", self._get_ubl(doctype=entity)),
            self._get_ubl().replace(b"Invoice", b"CreditNote"),
        ):
            for name in ("bill.pdf", "bill.xml"):
                self.assertTrue(self.assertNotTaken(content, name, ref="BILL-1"))
        large = PDF + b"0" * (10 * 1024 * 1024)
        (error,) = self.assertNotTaken(large, ref="BILL-1")
        self.assertIn("too large", error)
        for ref in ("", "=1+1", "<b>1</b>", "x" * 101):
            self.assertTrue(self.assertNotTaken(ref=ref))
        self.assertTrue(self.assertNotTaken(ref="BILL-1", invoice_date="soon"))
        self.assertTrue(self.assertNotTaken(self._get_ubl(), ref="UBL-2"))

    def test_text_for_a_file(self):
        """A text where the file should be is no file, however long."""
        for text in ("bill.pdf", "ab"):
            state = self._get_state()
            page = self._send(self._open(), "bill", ref="BILL-1", file=text)
            self.assertEqual(self._get_state(), state)
            self.assertEqual(self._get_errors(page), ["Choose the file of the bill."])

    def test_file_names(self):
        """The name of a file is cleaned; what it is goes by its content."""
        for number, (name, kept) in enumerate(
            (
                ("../../etc/passwd", "passwd.pdf"),
                ("C:\\bills\\one.exe", "one.pdf"),
                ("=1+1.csv", "11.pdf"),
                ("<img src=x onerror=1>.pdf", "img srcx onerror1.pdf"),
                (".pdf", "bill.pdf"),
            )
        ):
            _page, bill = self._hand_in(name=name, ref=f"BILL-{number}")
            self.assertEqual(bill.attachment_ids.mapped("name"), [kept])

    def test_read_only(self):
        """A vendor who may only look, and a cancelled order."""
        page = self._open()
        self.company.drop_shipment_vendor_page = "read"
        self.assertNotTaken(ref="BILL-1", page=page)
        self.company.drop_shipment_vendor_page = "report"
        self.purchase.button_cancel()
        self.assertNotTaken(ref="BILL-1", page=page)
