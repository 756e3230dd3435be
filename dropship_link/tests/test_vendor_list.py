from datetime import timedelta

from odoo import fields

from .vendor_page import VendorPageCommon


class TestVendorList(VendorPageCommon):
    """The list To Ship of a vendor's portal users."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._new_portal_user("drop_list_vendor", cls.vendor)
        cls._new_portal_user("drop_list_other", cls.other_vendor)
        cls._new_portal_user("drop_list_customer", cls.customer)
        cls.other_sale = cls._new_sale((cls.desk, 2), client_order_ref="CUST-REF-8")
        cls.other = cls._new_purchase(cls.other_sale, confirm=True)

    def _get_orders(self, query=""):
        """Return the numbers of the orders that the list shows."""
        page = self._open(f"/my/drop_shipments{query}")
        return [
            self._get_text(row.xpath(".//a")[0])
            for row in page.xpath("//*[@name='drop_shipment_row']")
        ]

    def assertListed(self, query, *orders):
        self.assertEqual(
            sorted(self._get_orders(query)), sorted(order.name for order in orders)
        )

    def test_filters(self):
        """New, late, reported and shipped orders are found."""
        self.authenticate("drop_list_vendor", "drop_list_vendor")
        own_stock = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[fields.Command.create({"product_id": self.chair.id})],
            confirm=True,
        )
        self.assertListed("", self.purchase, self.other)
        self.assertListed("?filterby=new", self.purchase, self.other)
        self.purchase.sudo().action_acknowledge()
        self.assertListed("?filterby=new", self.other)
        self.assertListed("?filterby=late")
        self.other.order_line.date_planned = fields.Datetime.now() - timedelta(days=2)
        self.assertListed("?filterby=late", self.other)
        self.assertListed("?filterby=reported")
        page = self._open(f"/my/purchase/{self.purchase.id}")
        self._send(page, "ship")
        self.assertListed("?filterby=reported", self.purchase)
        self._post(self.purchase)
        self.assertListed("?filterby=reported")
        self.assertListed("?filterby=shipped", self.purchase)
        self.assertListed("", self.other)
        self.assertListed("?filterby=all", self.purchase, self.other)
        self.assertListed("?filterby=wrong", self.other)
        self.assertNotIn(own_stock.name, self._get_orders("?filterby=all"))
        self._return(self.purchase.sudo().picking_ids[:1], 1)
        self.assertListed("?filterby=shipped", self.purchase)

    def test_search(self):
        """By what the page of an order shows."""
        self.authenticate("drop_list_vendor", "drop_list_vendor")
        for words, orders in (
            (self.purchase.name, self.purchase),
            (self.other_sale.name, self.other),
            ("cust-ref-8", self.other),
            ("Docktown", self.purchase | self.other),
            ("Dock%00town", self.purchase | self.other),
            ("chair docktown", self.purchase),
            ("chair CUST-REF-8", self.purchase.browse()),
            ("987.65", self.purchase.browse()),
            ("%27%22<b>", self.purchase.browse()),
        ):
            self.assertListed(f"?search={words}", *orders)

    def test_other_people(self):
        """Another vendor and the customer see none of these; visitors log in."""
        for login in ("drop_list_other", "drop_list_customer"):
            self.authenticate(login, login)
            self.assertListed("?filterby=all")
        self.authenticate(None, None)
        self.assertNotIn(self.purchase.name, self.url_open("/my/drop_shipments").text)
        for user in (self.salesman, self.accountant):
            self.authenticate(user.login, user.login)
            self.assertEqual(self.url_open("/my/drop_shipments").status_code, 200)

    def test_home(self):
        """The vendor's home page counts what is to ship."""
        self.authenticate("drop_list_vendor", "drop_list_vendor")
        self.assertIn("/my/drop_shipments", self.url_open("/my").text)
        counters = self.make_jsonrpc_request(
            "/my/counters", {"counters": ["drop_shipment_count"]}
        )
        self.assertEqual(counters["drop_shipment_count"], 2)
