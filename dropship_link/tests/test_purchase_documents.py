from lxml import html

from odoo.fields import Command

from .common_papers import DocumentsCommon

SALES_PRICE = 987.65


class TestPurchaseDocuments(DocumentsCommon):
    """What the vendor gets to read, on paper and by e-mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale(
            (cls.chair, 10, {"price_unit": SALES_PRICE}), client_order_ref="CUST-REF-7"
        )
        cls.other_sale = cls._new_sale(
            (cls.desk, 2, {"price_unit": SALES_PRICE}), client_order_ref="CUST-REF-8"
        )
        cls.purchase = cls._new_purchase(cls.sale, cls.other_sale)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    ORDER = "purchase.report_purchaseorder"
    REQUEST = "purchase.report_purchasequotation"

    def _get_rows(self, document):
        """Return the text of each line of the order."""
        return [
            self._get_text(cell.getparent())
            for cell in document.xpath("//td[@id='product']")
        ]

    def _new_ordinary_purchase(self, **values):
        return (
            self.env["purchase.order"]
            .with_user(self.buyer)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "order_line": [
                        Command.create({"product_id": self.chair.id, "product_qty": 3})
                    ],
                    **values,
                }
            )
        )

    # ------------------------------------------------------------
    # PAPER
    # ------------------------------------------------------------

    def _check_document(self, document):
        text = self._get_text(document)
        for wanted in (
            # where to
            "Ship-to Dock",
            "3 Dock Road",
            "Docktown",
            "+1 555 0100",
            # whose
            "Sell-to Customer",
            "CUST-REF-7",
            "CUST-REF-8",
        ):
            self.assertIn(wanted, text)
        self.assertRegex(text, r"Customer: Customer\b")
        chair, desk = self._get_rows(document)
        self.assertIn("Chair", chair)
        self.assertIn(self.sale.name, chair)
        self.assertIn("CUST-REF-7", chair)
        self.assertNotIn(self.other_sale.name, chair)
        self.assertIn("Desk", desk)
        self.assertIn(self.other_sale.name, desk)
        (title,) = document.xpath("//h2")
        self.assertIn(f"{self.purchase.name} - Drop Shipment", self._get_text(title))
        self.assertNotIn("987.65", text)
        self.assertNotIn("9,876.50", text)

    def test_request(self):
        """A request for quotation says whose goods they are and where to ship."""
        self._check_document(self._render(self.REQUEST, self.purchase))

    def test_order(self):
        """So does the order, with the vendor's prices."""
        self.purchase.button_confirm()
        document = self._render(self.ORDER, self.purchase)
        self._check_document(document)
        chair, desk = self._get_rows(document)
        self.assertIn("12.00", chair)
        self.assertIn("70.00", desk)

    def test_request_printed_as_order(self):
        """Before the confirmation, too."""
        self._check_document(self._render(self.ORDER, self.purchase))

    def test_single_order(self):
        """An order for one sales order names it once, not on every line."""
        sale = self._new_sale((self.chair, 1), (self.desk, 1), client_order_ref="R-1")
        purchase = self._new_purchase(sale, confirm=True)
        for report in (self.ORDER, self.REQUEST):
            text = self._get_text(self._render(report, purchase))
            self.assertEqual(text.count(sale.name), 1, report)
            self.assertEqual(text.count("R-1"), 1, report)

    def test_dates_of_lines(self):
        """Where lines are due on different days, each says its own."""
        chair, desk = self.purchase.order_line
        chair.date_planned = "2026-12-15 12:00:00"
        desk.date_planned = "2026-12-15 13:00:00"
        rows = self._get_rows(self._render(self.ORDER, self.purchase))
        self.assertNotIn("12/15/2026", " ".join(rows))
        desk.date_planned = "2026-12-20 12:00:00"
        rows = self._get_rows(self._render(self.ORDER, self.purchase))
        self.assertIn("12/15/2026", rows[0])
        self.assertIn("12/20/2026", rows[1])

    def test_ship_to_once(self):
        """One ship-to address, not ours and core's."""
        for report in (self.ORDER, self.REQUEST):
            text = self._get_text(self._render(report, self.purchase))
            self.assertEqual(text.count("3 Dock Road"), 1, report)

    def test_contact_of_ship_to(self):
        """A ship-to contact prints with the company it belongs to."""
        contact = self.env["res.partner"].create(
            {
                "name": "Dora Dock",
                "parent_id": self.customer.id,
                "phone": "+1 555 0199",
                "email": "dora@customer.example.com",
            }
        )
        sale = self._new_sale(partner_shipping_id=contact.id)
        purchase = self._new_purchase(sale, confirm=True)
        for report in (self.ORDER, self.REQUEST):
            text = self._get_text(self._render(report, purchase))
            for wanted in ("Dora Dock", "2 Customer Street", "+1 555 0199"):
                self.assertIn(wanted, text, report)

    def test_no_reference(self):
        """Without a customer's reference there is no empty label."""
        purchase = self._new_purchase(self._new_sale(), confirm=True)
        for report in (self.ORDER, self.REQUEST):
            text = self._get_text(self._render(report, purchase))
            self.assertNotIn("Reference:", text, report)

    def _assert_as_before(self, order):
        """`order` prints as without this add-on."""
        views = self.env.ref("dropship_link.report_purchaseorder_document")
        views |= self.env.ref("dropship_link.report_purchasequotation_document")
        for report in (self.ORDER, self.REQUEST):
            with_ours = html.tostring(self._render(report, order))
            views.active = False
            self.assertEqual(
                with_ours, html.tostring(self._render(report, order)), report
            )
            views.active = True

    def test_ordinary_order(self):
        """Orders for own stock print as before."""
        purchase = self._new_ordinary_purchase()
        self._assert_as_before(purchase)
        purchase.button_confirm()
        self._assert_as_before(purchase)

    def test_dropship_route(self):
        """Core's own drop shipments print as before."""
        self.chair.route_ids = self.env.ref("stock_dropshipping.route_drop_shipping")
        sale = self._new_sale((self.chair, 4, {"drop_shipment": False}))
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        self.assertEqual(purchase.dest_address_id, self.ship_to)
        self.assertFalse(purchase.order_line.drop_shipment)
        # Core lets nobody without sales rights print these.
        self.buyer.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        self._assert_as_before(purchase)

    def test_unlinked_again(self):
        """Once its lines are unlinked, the order is an ordinary one."""
        self.purchase.order_line.action_unlink_drop_shipment()
        self.purchase.order_line = [
            Command.create({"product_id": self.chair.id, "product_qty": 3})
        ]
        self._assert_as_before(self.purchase)

    def test_vendor_language(self):
        """The vendor reads the product's name in their language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.chair.with_context(lang="fr_FR").name = "Chaise"
        self.vendor.lang = "fr_FR"
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        document = self._render(self.ORDER, purchase)
        (row,) = self._get_rows(document)
        self.assertIn("Chaise", row)
        self.assertIn(sale.name, self._get_text(document))

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _get_template(self, order, **context):
        action = order.with_context(**context).action_rfq_send()
        self.assertEqual(action["res_model"], "mail.compose.message")
        return self.env["mail.template"].browse(
            action["context"]["default_template_id"]
        )

    def test_templates(self):
        """Drop shipments have templates of their own, for request and order."""
        self.assertEqual(
            self._get_template(self.purchase, send_rfq=True),
            self.env.ref("dropship_link.email_template_drop_shipment_rfq"),
        )
        self.purchase.button_confirm()
        self.assertEqual(
            self._get_template(self.purchase),
            self.env.ref("dropship_link.email_template_drop_shipment_order"),
        )

    def test_templates_of_ordinary_orders(self):
        """Other orders keep core's templates, with a Sell-to Customer or without."""
        for values in ({}, {"sell_to_customer_id": self.customer.id}):
            purchase = self._new_ordinary_purchase(**values)
            self.assertEqual(
                self._get_template(purchase, send_rfq=True),
                self.env.ref("purchase.email_template_edi_purchase"),
            )
            purchase.button_confirm()
            self.assertEqual(
                self._get_template(purchase),
                self.env.ref("purchase.email_template_edi_purchase_done"),
            )

    def test_templates_deleted(self):
        """Where our templates were deleted, core's serve."""
        for name in ("rfq", "order"):
            self.env.ref(f"dropship_link.email_template_drop_shipment_{name}").unlink()
        self.assertEqual(
            self._get_template(self.purchase, send_rfq=True),
            self.env.ref("purchase.email_template_edi_purchase"),
        )

    def test_send_request(self):
        """The request goes to the vendor, and counts as sent."""
        message = self._send(self.purchase, send_rfq=True)
        self.assertEqual(self.purchase.state, "sent")
        self.assertIn(self.vendor, message.partner_ids)
        self.assertIn(self.purchase.name, message.subject)
        self._check_mail(message)

    def test_send_order(self):
        """So does the order, after its confirmation."""
        self.purchase.button_confirm()
        message = self._send(self.purchase)
        self.assertEqual(self.purchase.state, "purchase")
        self.assertIn(self.vendor, message.partner_ids)
        self._check_mail(message)

    def _check_mail(self, message):
        body = self._get_text(html.fromstring(message.body))
        self.assertIn("Customer", body)
        self.assertIn("Docktown", body)
        self.assertIn(self.purchase.name, body)
        self.assertNotIn("987.65", body)
        (attachment,) = message.attachment_ids
        # In tests the report is attached as HTML.
        document = html.fromstring(attachment.raw)
        self.assertIn("3 Dock Road", self._get_text(document))

    def test_send_in_the_vendors_language(self):
        """Mail and attachment are in the vendor's language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.vendor.lang = "fr_FR"
        for name in ("rfq", "order"):
            template = self.env.ref(
                f"dropship_link.email_template_drop_shipment_{name}"
            ).with_context(lang="fr_FR")
            template.subject = "Livraison directe {{ object.name }}"
            template.body_html = "<p>Bonjour <t t-out='object.partner_id.name'/></p>"
        message = self._send(self.purchase, send_rfq=True)
        self.assertEqual(message.subject, f"Livraison directe {self.purchase.name}")
        self.assertIn("Bonjour Vendor", message.body)
        self.purchase.button_confirm()
        message = self._send(self.purchase)
        self.assertEqual(message.subject, f"Livraison directe {self.purchase.name}")
        self.assertIn("Bonjour Vendor", message.body)

    def test_send_mixed_order(self):
        """An order that could not be confirmed is not sent either."""
        self.purchase.order_line = [
            Command.create({"product_id": self.chair.id, "product_qty": 3})
        ]
        with self.assertRefused("mixes drop shipment lines"):
            self.purchase.with_context(send_rfq=True).action_rfq_send()
        self.assertEqual(self.purchase.state, "draft")

    def test_send_by_accountant_of_both(self):
        """Someone with all rights sends the same."""
        self.buyer.group_ids |= self.env.ref("sales_team.group_sale_manager")
        message = self._send(self.purchase, send_rfq=True)
        self._check_mail(message)
