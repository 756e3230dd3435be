from lxml import html

from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

from .common import DropShipmentCommon

SALES_PRICE = 987.65


class TestVendorPortal(HttpCase, DropShipmentCommon):
    """What the vendor sees on the page that the order's mail links to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for login, vendor in (
            ("drop_portal_vendor", cls.vendor),
            ("drop_portal_other", cls.other_vendor),
        ):
            user = new_test_user(cls.env, login=login, groups="base.group_portal")
            user.partner_id.parent_id = vendor
        cls.sale = cls._new_sale(
            (cls.chair, 10, {"price_unit": SALES_PRICE}), client_order_ref="CUST-REF-7"
        )
        cls.other_sale = cls._new_sale(
            (cls.desk, 3, {"price_unit": SALES_PRICE}), client_order_ref="CUST-REF-8"
        )

    def _get_page(self, purchase, url=None):
        """Return the order's page, opened by its link unless `url` is given."""
        purchase = purchase.sudo()
        answer = self.url_open(url or purchase.get_portal_url())
        self.assertEqual(answer.status_code, 200)
        page = html.fromstring(answer.content)
        self.assertIn(purchase.name, self._get_text(page))
        return page

    def _get_text(self, element):
        return " ".join(element.text_content().split())

    def _get_named(self, page, name):
        """Return the texts of the elements of this name."""
        return [self._get_text(found) for found in page.xpath(f"//*[@name='{name}']")]

    def assertShipTo(self, page):
        """The page says where the goods go, whose they are, and nothing of others."""
        (block,) = self._get_named(page, "drop_shipment_information")
        for wanted in (
            *("Ship straight to our customer", "Ship-to Dock", "3 Dock Road"),
            *("Docktown", "+1 555 0100", "Sell-to Customer: Customer"),
            *("Customer Reference: CUST-REF-7", f"Our Sales Order: {self.sale.name}"),
        ):
            self.assertIn(wanted, block)
        (title,) = self._get_named(page, "drop_shipment_title")
        self.assertEqual(title, "- Drop Shipment")
        (line,) = self._get_named(page, "drop_shipment_line")
        self.assertEqual(line, "Chair")
        shown = html.tostring(page).decode()
        for secret in ("987.65", "9,876.50", "CUST-REF-8", self.other_sale.name):
            self.assertNotIn(secret, shown)

    def test_request_by_link(self):
        """A request for quotation, opened by its link without a login."""
        purchase = self._new_purchase(self.sale)
        page = self._get_page(purchase)
        self.assertIn("Request for Quotation", self._get_text(page))
        self.assertShipTo(page)
        self.assertFalse(self._get_named(page, "drop_shipment_open"))

    def test_order_by_link(self):
        """The confirmed order, also where the vendor changes its dates."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self.assertShipTo(self._get_page(purchase))
        url = purchase.sudo().get_portal_url(query_string="&update=True")
        self.assertShipTo(self._get_page(purchase, url))

    def test_as_portal_user(self):
        """A contact of the vendor who has a login; not one of another vendor."""
        purchase = self._new_purchase(self.sale, confirm=True)
        url = f"/my/purchase/{purchase.id}"
        self.authenticate("drop_portal_vendor", "drop_portal_vendor")
        self.assertShipTo(self._get_page(purchase, url))
        self.authenticate("drop_portal_other", "drop_portal_other")
        refused = self.url_open(url)
        self.assertNotIn("Ship-to Dock", refused.text)
        self.assertNotIn(self.sale.name, refused.text)

    def test_without_the_link(self):
        """Neither without the token nor with a wrong one."""
        purchase = self._new_purchase(self.sale, confirm=True)
        for query in ("", "?access_token=wrong"):
            answer = self.url_open(f"/my/purchase/{purchase.id}{query}")
            self.assertNotIn("Ship-to Dock", answer.text)

    def test_open_quantity(self):
        """The vendor sees what is left to ship, not what came back."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self.assertEqual(
            self._get_named(self._get_page(purchase), "drop_shipment_open"),
            ["To Ship: 10 Units"],
        )
        self._post(self.sale, quantity=4)
        page = self._get_page(purchase)
        self.assertEqual(
            self._get_named(page, "drop_shipment_open"), ["To Ship: 6 Units"]
        )
        self._post(self.sale)
        self._return(purchase.sudo().picking_ids[:1], 1)
        page = self._get_page(purchase)
        self.assertEqual(
            self._get_named(page, "drop_shipment_open"), ["To Ship: 0 Units"]
        )

    def test_several_orders(self):
        """Each line says which order of ours it is for."""
        purchase = self._new_purchase(self.sale, self.other_sale, confirm=True)
        page = self._get_page(purchase)
        self.assertEqual(
            self._get_named(page, "drop_shipment_line_order"),
            [
                f"Our Sales Order: {sale.name} - Customer Reference: {reference}"
                for sale, reference in (
                    (self.sale, "CUST-REF-7"),
                    (self.other_sale, "CUST-REF-8"),
                )
            ],
        )
        self.assertNotIn("987.65", html.tostring(page).decode())

    def test_sections_and_freight(self):
        """Sections, notes and services are shown as core does."""
        purchase = self._new_purchase(self.sale)
        purchase.order_line = [
            Command.create({"display_type": kind, "name": name, "product_qty": 0})
            for kind, name in (("line_section", "Fragile"), ("line_note", "Careful"))
        ]
        purchase.order_line = [
            Command.create({"product_id": self.service.id, "name": "Freight"})
        ]
        purchase.button_confirm()
        page = self._get_page(purchase)
        text = self._get_text(page)
        for wanted in ("Chair", "Fragile", "Careful", "Freight"):
            self.assertIn(wanted, text)
        self.assertEqual(len(self._get_named(page, "drop_shipment_open")), 1)

    def test_cancelled_order(self):
        """Nothing is to be shipped of a cancelled order."""
        purchase = self._new_purchase(self.sale, confirm=True)
        purchase.button_cancel()
        page = self._get_page(purchase)
        self.assertNotIn("Ship-to Dock", self._get_text(page))

    def test_order_for_own_stock(self):
        """An order for our own stock looks as before, whoever it names."""
        purchase = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[Command.create({"product_id": self.chair.id})],
            confirm=True,
        )
        page = self._get_page(purchase)
        for name in ("title", "information", "open", "line_order"):
            self.assertFalse(page.xpath(f"//*[@name='drop_shipment_{name}']"))
