import re

from lxml import html

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time

from .common import DropShipmentCommon

SALES_PRICE, PURCHASE_PRICE = 987.65, 12.34
SLIP = "dropship_link.action_report_drop_shipment_packing_slip"
DELIVERY_SLIP = "dropship_link.action_report_drop_shipment_slip"
STATUS = "dropship_link.action_report_drop_shipment_status"


class TestPapersCommon(DropShipmentCommon):
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


class TestPackingSlip(TestPapersCommon):
    """What the vendor puts into the parcel."""

    def test_slip(self):
        """A buyer without sales rights prints it, in the customer's words."""
        purchase = self._new_purchase(self.sale, confirm=True)
        (slip,) = self._get_slips(purchase)
        text = self._get_text(slip)
        self.assertOurs(text)
        for wanted in (
            *("Customer", "2 Customer Street"),
            *("Ship-to Dock", "3 Dock Road", "Docktown"),
            *("CUST-REF-7", self.sale.name),
            *("Chaise", "10 "),
            *("+1 555 0111", "hello@us.example.com"),
        ):
            self.assertIn(wanted, text)
        self.assertNotIn("Chair", text)

    def test_company_layout(self):
        """It has the layout of the company that sells, not of who prints."""
        purchase = self._new_purchase(self.sale, confirm=True)
        document = self._render(SLIP, purchase)
        (article,) = document.xpath("//div[contains(@class, 'article')]")
        self.assertIn(f"o_company_{self.company.id}_layout", article.get("class"))

    def test_slip_for_each_order(self):
        """The vendor packs one parcel for each sales order."""
        other = self._new_sale((self.desk, 2), client_order_ref="CUST-REF-8")
        purchase = self._new_purchase(self.sale, other, confirm=True)
        first, second = (self._get_text(slip) for slip in self._get_slips(purchase))
        self.assertIn("CUST-REF-7", first)
        self.assertIn("Chaise", first)
        self.assertNotIn("CUST-REF-8", first)
        self.assertNotIn("Desk", first)
        self.assertIn("CUST-REF-8", second)
        self.assertIn("Desk", second)
        self.assertNotIn("Chaise", second)

    def test_rest(self):
        """After a part is shipped: the rest. After all: all, for a copy."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self._post(self.sale, quantity=4)
        (slip,) = self._get_slips(purchase)
        (quantity,) = slip.xpath("//td[@name='quantity']")
        self.assertTrue(self._get_text(quantity).startswith("6 "))
        self._post(self.sale)
        (slip,) = self._get_slips(purchase)
        (quantity,) = slip.xpath("//td[@name='quantity']")
        self.assertTrue(self._get_text(quantity).startswith("10 "))

    def test_unit_of_the_customer(self):
        """What is bought by the piece and sold by the dozen comes in dozens."""
        sale = self._new_sale((self.chair, 2, {"product_uom_id": self.uom_dozen.id}))
        purchase = self._new_purchase(sale)
        purchase.order_line.write(
            {"product_uom_id": self.uom_dozen.id, "product_qty": 2}
        )
        purchase.button_confirm()
        (slip,) = self._get_slips(purchase)
        (quantity,) = slip.xpath("//td[@name='quantity']")
        self.assertEqual(
            self._get_text(quantity),
            f"2 {self.uom_dozen.with_context(lang='fr_FR').name}",
        )

    def test_lots(self):
        """Lots are printed once they are known."""
        lamp = self._new_product("Lamp", tracking="lot")
        sale = self._new_sale((lamp, 3))
        purchase = self._new_purchase(sale, confirm=True)
        (slip,) = self._get_slips(purchase)
        self.assertFalse(slip.xpath("//td[@name='lots']"))
        purchase.sudo().picking_ids.move_line_ids.lot_name = "LOT-9"
        (slip,) = self._get_slips(purchase)
        (lots,) = slip.xpath("//td[@name='lots']")
        self.assertEqual(self._get_text(lots), "LOT-9")
        self._post(sale)
        (slip,) = self._get_slips(purchase)
        (lots,) = slip.xpath("//td[@name='lots']")
        self.assertEqual(self._get_text(lots), "LOT-9")

    def test_print_menu(self):
        """In the Print menu of drop shipments, of no other purchase order."""
        purchase = self._new_purchase(self.sale)
        ordinary = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[
                Command.create({"product_id": self.chair.id, "product_qty": 1})
            ],
        )
        report = self.env.ref(SLIP).with_user(self.buyer)
        for order, expected in ((purchase, report.ids), (ordinary, [])):
            valid = report.get_valid_action_reports("purchase.order", order.ids)
            self.assertEqual(valid, expected)
        bindings = (
            self.env["ir.actions.actions"]
            .with_user(self.buyer)
            .get_bindings("purchase.order")
        )
        self.assertIn(report.id, [action["id"] for action in bindings["report"]])

    def test_rights(self):
        """Who may not read the purchase order prints nothing of it."""
        purchase = self._new_purchase(self.sale, confirm=True)
        for user in (
            self.salesman,
            self._new_user("nobody", "base.group_user"),
        ):
            with self.assertRaises(AccessError):
                self._get_slips(purchase, user)

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

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

    def _get_attached(self, purchase):
        """Return the names of the attachments of the vendor's mail."""
        return sorted(self._send(purchase).attachment_ids.mapped("name"))

    def test_mail(self):
        """Where the company wants it, the vendor's mail brings the packing slip."""
        purchase = self._new_purchase(self.sale, confirm=True)
        message = self._send(purchase)
        self.assertEqual(len(message.attachment_ids), 1)
        self.assertNotIn("packing slip", message.body)
        self.company.drop_shipment_packing_slip = True
        message = self._send(purchase)
        slip, order = message.attachment_ids.sorted("name")
        self.assertIn(purchase.name, order.name)
        self.assertTrue(slip.name.startswith(f"Packing Slip - {purchase.name}."))
        self.assertIn("packing slip", message.body)
        # In tests the report is attached as HTML.
        text = self._get_text(html.fromstring(slip.raw))
        self.assertOurs(text)
        self.assertIn("Chaise", text)

    def test_vendor_otherwise(self):
        """A vendor may have it otherwise, and their contacts with them."""
        contact = self.env["res.partner"].create(
            {"name": "Clerk", "parent_id": self.vendor.id, "email": "c@example.com"}
        )
        purchases = [
            self._new_purchase(self.sale, confirm=True),
            self._new_purchase(self._new_sale(), confirm=True, partner_id=contact.id),
        ]
        for company, vendor, count in (
            (False, "always", 2),
            (False, False, 1),
            (True, "never", 1),
            (True, False, 2),
        ):
            self.company.drop_shipment_packing_slip = company
            self.vendor.property_drop_shipment_packing_slip = vendor
            for purchase in purchases:
                with self.subTest(company=company, vendor=vendor, order=purchase):
                    self.assertEqual(len(self._get_attached(purchase)), count)

    def test_companies(self):
        """Each company has its own word with a vendor."""
        other = self.env["res.company"].create({"name": "Other Company"})
        self.vendor.with_company(other).property_drop_shipment_packing_slip = "always"
        purchase = self._new_purchase(self.sale, confirm=True)
        self.assertEqual(len(self._get_attached(purchase)), 1)

    def test_not_with_a_request(self):
        """A request for quotation ships nothing yet."""
        self.company.drop_shipment_packing_slip = True
        purchase = self._new_purchase(self.sale)
        message = self._send(purchase, send_rfq=True)
        self.assertEqual(len(message.attachment_ids), 1)

    def test_ordinary_order(self):
        """Nor does an order for own stock."""
        self.company.drop_shipment_packing_slip = True
        purchase = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[
                Command.create({"product_id": self.chair.id, "product_qty": 1})
            ],
        )
        purchase.button_confirm()
        self.assertEqual(len(self._get_attached(purchase)), 1)

    def test_options_on_screen(self):
        """The settings and the vendor's form have them."""
        with Form(self.env["res.config.settings"]) as settings:
            settings.drop_shipment_packing_slip = True
        settings.save().execute()
        self.assertTrue(self.company.drop_shipment_packing_slip)
        self.buyer.group_ids |= self.env.ref("base.group_partner_manager")
        with Form(self.vendor.with_user(self.buyer)) as form:
            form.property_drop_shipment_packing_slip = "never"
        self.assertEqual(self.vendor.property_drop_shipment_packing_slip, "never")


class TestCustomerPapers(TestPapersCommon):
    """What the customer gets names us and not the vendor, in their language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        with freeze_time("2026-03-10 15:30:00"):
            cls._post(
                cls.sale,
                delivery_note="LS-4711",
                tracking_ref="1Z999AA1",
                shipment_date="2026-03-06",
                quantity=6,
            )
        cls.picking = cls.sale.sudo().picking_ids.filtered(
            lambda picking: picking.state == "done"
        )

    def _check_slip(self, text):
        self.assertOurs(text)
        for wanted in (
            *("LS-4711", "1Z999AA1", "06/03/2026"),
            *(self.sale.name, "CUST-REF-7", "Chaise", "3 Dock Road"),
        ):
            self.assertIn(wanted, text)
        self.assertNotIn("Chair", text)
        self.assertNotIn(self.purchase.name, text)

    def test_delivery_slip(self):
        """The slip of the mail, and the one of core's Print button."""
        # Core lets nobody else print them.
        clerk = self._new_user("clerk", "stock.group_stock_user")
        for report in (DELIVERY_SLIP, "stock.action_report_delivery"):
            document = self._render(report, self.picking, clerk)
            text = self._get_text(document)
            self._check_slip(text)
            self.assertIn("Delivery Slip", self._get_text(document.xpath("//h2")[0]))

    def test_other_delivery(self):
        """Deliveries from stock print as before."""
        clerk = self._new_user("clerk", "stock.group_stock_user")
        sale = self._new_sale((self.desk, 1, {"drop_shipment": False}))
        delivery = sale.sudo().picking_ids
        view = self.env.ref("dropship_link.report_delivery_document")
        report = "stock.action_report_delivery"
        with_ours = html.tostring(self._render(report, delivery, clerk))
        view.active = False
        without = html.tostring(self._render(report, delivery, clerk))
        self.assertEqual(with_ours, without)

    def _send(self, action):
        """Send the mail that the action opens, as the salesperson; return it."""
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(self.salesman)
            .with_context(**action["context"])
        ).save()
        before = self.sale.message_ids
        composer._action_send_mail()
        return (self.sale.message_ids - before).filtered("partner_ids").sudo()

    def _send_shipped(self, **values):
        """Post the rest and send; return the mail to the customer."""
        return self._send(self._post(self.sale, send=True, **values))

    def test_mail(self):
        """The mail tells the numbers and the day, and brings the slip."""
        template = self.env.ref(
            "dropship_link.email_template_drop_shipment_sale_shipped"
        )
        template.with_context(lang="fr_FR").subject = "Expédition {{ object.name }}"
        with freeze_time("2026-03-12 15:30:00"):
            message = self._send_shipped(
                delivery_note="LS-4712",
                tracking_ref="1Z999AA2",
                shipment_date="2026-03-11",
            )
        self.assertEqual(message.partner_ids, self.customer)
        self.assertEqual(message.subject, f"Expédition {self.sale.name}")
        body = self._get_text(html.fromstring(message.body))
        for wanted in ("LS-4712", "1Z999AA2", "11/03/2026", "CUST-REF-7"):
            self.assertIn(wanted, body)
        for secret in ("Maker", "Vendor", "LS-4711", self.purchase.name):
            self.assertNotIn(secret, body)
        (attachment,) = message.attachment_ids
        self.assertNotIn("Maker", attachment.name)
        text = self._get_text(html.fromstring(attachment.raw))
        self.assertOurs(text)
        self.assertIn("LS-4712", text)
        self.assertIn("Chaise", text)

    def test_mail_of_a_part(self):
        """A part is called a part, with what is still to come of the sales line."""
        self.customer.lang = False
        message = self._send_shipped(quantity=1)
        self.assertIn("a part of order", message.subject)
        body = self._get_text(html.fromstring(message.body))
        self.assertIn("A part of your order", body)
        line = self.sale.order_line
        left = line.product_uom_qty - line.qty_delivered
        self.assertGreater(left, 0)
        self.assertIn(f"Still to come: {left:g} Units of", body)

    def test_mail_of_two_vendors(self):
        """One mail to the customer with both slips, without a right in Inventory."""
        self.sale = self._new_sale((self.chair, 3), (self.desk, 2))
        self.desk.seller_ids.partner_id = self.other_vendor
        for vendor in (self.vendor, self.other_vendor):
            self._new_purchase(self.sale, confirm=True, partner_id=vendor.id)
        message = self._send_shipped()
        self.assertEqual(len(message), 1)
        self.assertEqual(message.partner_ids, self.customer)
        self.assertEqual(len(message.attachment_ids), 2)
        body = self._get_text(html.fromstring(message.body))
        self.assertNotIn("Still to come", body)
        self.assertEqual(message.body.count("Shipped on"), 2)

    def test_send_again(self):
        """A mail that was not sent with the posting is sent from the sales order."""
        message = self._send(self.sale.action_send_drop_shipment())
        body = self._get_text(html.fromstring(message.body))
        self.assertIn("LS-4711", body)
        self.assertEqual(len(message.attachment_ids), 1)
        unshipped = self._new_sale()
        self.assertFalse(unshipped.drop_shipment_shipped)
        with self.assertRefused("no shipment to tell the customer of"):
            unshipped.action_send_drop_shipment()

    def test_mail_of_other_orders_transfer(self):
        """A forged id in the context tells nothing of another order's shipment."""
        other = self._new_sale()
        self._new_purchase(other, confirm=True)
        self._post(other, delivery_note="LS-OTHER")
        action = self.sale.action_send_drop_shipment()
        action["context"]["drop_shipment_picking_ids"] += other.sudo().picking_ids.ids
        message = self._send(action)
        self.assertNotIn("LS-OTHER", message.body)
        self.assertEqual(len(message.attachment_ids), 1)

    def test_mail_without_numbers(self):
        """Without numbers there are no empty words for them."""
        message = self._send_shipped()
        body = self._get_text(html.fromstring(message.body))
        self.assertNotIn("Delivery note", body)
        self.assertNotIn("Tracking", body)
        self.assertIn("CUST-REF-7", body)


class TestCustomerPortal(HttpCase, DropShipmentCommon):
    """What the customer sees of a drop shipment on the page of the order."""

    def test_order_page(self):
        """Transfer, numbers and slip are there, the vendor is not."""
        self.vendor.name = "Secret Maker"
        self.chair.seller_ids.product_name = "Maker's Throne"
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4, delivery_note="LS-4711", tracking_ref="1Z999AA1")
        picking = sale.sudo().picking_ids.filtered(
            lambda picking: picking.state == "done"
        )
        sale = sale.sudo()
        page = self.url_open(sale.get_portal_url())
        text = " ".join(html.fromstring(page.content).text_content().split())
        self.assertIn(f"{picking.name} Shipped", text)
        self.assertIn("Delivery Note: LS-4711", text)
        self.assertIn("Tracking: 1Z999AA1", text)
        self.assertIn(picking.backorder_ids.name, text)
        self.assertNotIn("RETURN", text)
        slip = self.url_open(
            f"/my/picking/pdf/{picking.id}?access_token={sale.access_token}"
        )
        self.assertEqual(slip.status_code, 200)
        self.assertIn("LS-4711", slip.text)
        for shown in (page.text, slip.text):
            for secret in ("Maker", purchase.name):
                self.assertNotIn(secret, shown)

    def test_return(self):
        """A return is no shipment, and its paper, with the vendor on it, not linked."""
        self.vendor.name = "Secret Maker"
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        sale = sale.sudo()
        picking = sale.picking_ids
        for location in (None, sale.warehouse_id.lot_stock_id):
            returned = self._return(picking, 2, location)
            self.assertEqual(returned.state, "done")
            self.assertFalse(returned.is_drop_shipment)
            page = self.url_open(sale.get_portal_url()).text
            self.assertIn(f"/my/picking/pdf/{picking.id}?", page)
            self.assertNotIn(f"/my/picking/pdf/{returned.id}?", page)

    def test_delivery_from_stock(self):
        """Deliveries from stock look as before."""
        sale = self._new_sale((self.chair, 1, {"drop_shipment": False})).sudo()
        self.env["stock.quant"]._update_available_quantity(
            self.chair, sale.warehouse_id.lot_stock_id, 1
        )
        self._deliver(sale.picking_ids)
        page = self.url_open(sale.get_portal_url())
        text = " ".join(html.fromstring(page.content).text_content().split())
        self.assertIn(f"{sale.picking_ids.name} Shipped RETURN", text)
        self.assertNotIn("Delivery Note", text)


class TestStatusReport(TestPapersCommon):
    """The workbench on paper."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_sale = cls._new_sale(
            (cls.desk, 3, {"price_unit": SALES_PRICE}),
            partner_id=cls.other_customer.id,
            partner_shipping_id=cls.other_customer.id,
        )
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.purchase.order_line.date_planned = "2026-03-06 12:00:00"
        cls._post(cls.sale, quantity=4)
        cls.env.invalidate_all()

    def _print(self, user):
        rows = (
            self.env["drop.shipment.report"]
            .with_user(user)
            .search([("sale_ref", "in", [self.sale.name, self.other_sale.name])])
        )
        with freeze_time("2026-03-10"):
            self.env.invalidate_all()
            return self._render(STATUS, rows, user)

    def test_status(self):
        """Both departments print what they see, without any price."""
        for user in (self.salesman, self.buyer):
            document = self._print(user)
            orders = [
                self._get_text(row) for row in document.xpath("//tr[@name='order']")
            ]
            self.assertEqual(len(orders), 2)
            for wanted in ("Customer", self.sale.name, "CUST-REF-7"):
                self.assertIn(wanted, orders[0])
            for wanted in ("Other Customer", self.other_sale.name):
                self.assertIn(wanted, orders[1])
            chair, desk = (
                [self._get_text(cell) for cell in row.xpath("td")]
                for row in document.xpath("//tr[@name='row']")
            )
            self.assertEqual(
                chair[1:7], ["10.00", "0.00", "10.00", "4.00", "0.00", "0.00"]
            )
            self.assertEqual(chair[8:10], [self.purchase.name, "Secret Maker"])
            self.assertEqual(chair[10:], ["03/06/2026", "Partial Late"])
            self.assertEqual(
                desk[1:7], ["3.00", "3.00", "0.00", "0.00", "0.00", "0.00"]
            )
            self.assertEqual(desk[-1], "To Order")
            text = self._get_text(document)
            self.assertIn("2 lines, 1 late", text)
            for price in ("987.65", "12.34", "49.36", "9,876.50"):
                self.assertNotIn(price, text)

    def test_rights(self):
        """Rows of others are not printed."""
        rows = self.env["drop.shipment.report"].search(
            [("sale_ref", "=", self.sale.name)]
        )
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        for user in (colleague, self._new_user("nobody", "base.group_user")):
            with self.assertRaises(AccessError):
                self._render(STATUS, rows, user)

    def test_print_menu(self):
        """In the Print menu of the list."""
        for user in (self.salesman, self.buyer):
            bindings = (
                self.env["ir.actions.actions"]
                .with_user(user)
                .get_bindings("drop.shipment.report")
            )
            self.assertIn(
                self.env.ref(STATUS).id, [action["id"] for action in bindings["report"]]
            )
