import re

from lxml import html

from odoo.tests import Form

from .common import DropShipmentCommon

SALES_PRICE, PURCHASE_PRICE = 987.65, 12.34
SLIP = "dropship_link.action_report_drop_shipment_packing_slip"
DELIVERY_SLIP = "dropship_link.action_report_drop_shipment_slip"
STATUS = "dropship_link.action_report_drop_shipment_status"


class DocumentsCommon(DropShipmentCommon):
    """Prints and sends what the other side reads."""

    def _render(self, report, records, user=None):
        """Return a document as `user`, a buyer unless given, prints it."""
        content, _kind = (
            self.env["ir.actions.report"]
            .with_user(user or self.buyer)
            ._render_qweb_html(report, records.ids)
        )
        return html.fromstring(content)

    def _get_text(self, element):
        return " ".join(element.text_content().split())

    def _send(self, order, **context):
        """Send `order` by its mail dialog; return the mail."""
        action = order.with_context(**context).action_rfq_send()
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.buyer)
            .with_context(**action["context"])
        ).save()
        before = order.sudo().message_ids
        composer._action_send_mail()
        return order.sudo().message_ids - before


class TestPapersCommon(DocumentsCommon):
    """A vendor with words of their own, and a French customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.company.write({"phone": "+1 555 0111", "email": "hello@us.example.com"})
        cls.vendor.name = "Secret Maker"
        cls.chair.seller_ids.write(
            {
                "product_code": "MAKER-1",
                "product_name": "Maker's Throne",
                "price": PURCHASE_PRICE,
            }
        )
        # Notes for ourselves, which core prints on transfers other than deliveries.
        cls.chair.description = "<p>Cheap from the Secret Maker</p>"
        cls.chair.with_context(lang="fr_FR").name = "Chaise"
        cls.customer.lang = "fr_FR"
        cls.sale = cls._new_sale(
            (cls.chair, 10, {"price_unit": SALES_PRICE}), client_order_ref="CUST-REF-7"
        )

    def _get_slips(self, purchase, user=None):
        """Return the pages of packing slips."""
        document = self._render(SLIP, purchase, user)
        return document.xpath("//div[contains(@class, 'page')]")

    def assertOurs(self, text):
        """It names us, and neither the vendor nor their words, nor any price."""
        self.assertIn(self.company.name, text)
        for secret in ("Maker", "MAKER", "Throne", "Vendor"):
            self.assertNotIn(secret, text)
        digits = re.sub(r"(?<=\d)[.,\s\xa0](?=\d)", "", text)
        for price in (SALES_PRICE, PURCHASE_PRICE):
            for quantity in (1, 4, 6, 10):
                self.assertNotIn(f"{round(price * quantity * 100)}", digits)
