import re

from lxml import html

from odoo.tests import Form, HttpCase, freeze_time

from .common import DropShipmentCommon
from .common_papers import DELIVERY_SLIP, TestPapersCommon


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

    def test_customer_without_language(self):
        """Goods are named in the language that the papers are in: that of the user."""
        (self.customer | self.ship_to).lang = False
        sale = self._new_sale()
        purchase = self._new_purchase(sale).with_context(lang="fr_FR")
        purchase.button_confirm()
        (slip,) = purchase._get_drop_shipment_slips()
        self.assertEqual(slip["order"].env.lang, "fr_FR")
        self.assertEqual([line["name"] for line in slip["lines"]], ["Chaise"])
        picking = purchase.picking_ids
        self.assertEqual(picking._get_report_lang(), "fr_FR")
        self.assertEqual(picking.move_ids.description_picking, "Chaise")

    def test_slip_in_dozens(self):
        """What was ordered is told in the unit of the order, and of the goods."""
        clerk = self._new_user("clerk", "stock.group_stock_user,uom.group_uom")
        sale = self._new_sale((self.chair, 10, {"product_uom_id": self.uom_dozen.id}))
        self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=3.5)
        dozens = self.uom_dozen.with_context(lang="fr_FR").name
        for picking in sale.sudo().picking_ids:
            document = self._render(DELIVERY_SLIP, picking, clerk)
            cell = document.xpath("//table[starts-with(@name, 'stock_move')]//td[2]")
            ordered = self._get_text(cell[0])
            self.assertTrue(ordered.startswith("120 "), ordered)
            self.assertRegex(ordered, rf" 10(\.0)? {dozens}$")

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

    def _send_action(self, action):
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
        return self._send_action(self._post(self.sale, send=True, **values))

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
        message = self._send_action(self.sale.action_send_drop_shipment())
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
        message = self._send_action(action)
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

    def test_each_shipment(self):
        """All tracking numbers are on the page, not those of the last three."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        numbers = [f"1Z999AA{number}" for number in range(1, 6)]
        for number in numbers:
            self._post(sale, quantity=2, tracking_ref=number)
        page = self.url_open(sale.sudo().get_portal_url())
        # Beside Delivery it is core that shows them.
        text = html.fromstring(page.content).text_content()
        self.assertEqual(re.findall(r"1Z999AA\d", text), numbers[::-1])

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
