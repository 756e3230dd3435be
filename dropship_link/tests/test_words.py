from lxml import html

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form, HttpCase, freeze_time
from odoo.tools import format_date

from .common_returns import ReturnsCommon


class WordsCommon(ReturnsCommon):
    """Ten chairs on one purchase order; what people read of them."""

    def _text(self, content):
        """Return what a reader sees of this HTML."""
        return " ".join(html.fromstring(f"<div>{content}</div>").text_content().split())

    def _send(self, action, user):
        """Send the mail that the action opens, as `user`; return it."""
        if action["type"] == "ir.actions.client":
            action = action["params"]["next"]
        composer = Form(
            self.env["mail.compose.message"]
            .with_user(user)
            .with_context(**action["context"])
        ).save()
        order = self.env[composer.model].browse(action["context"]["default_res_ids"])
        before = order.sudo().message_ids
        composer._action_send_mail()
        messages = order.sudo().message_ids - before
        return messages.filtered(lambda message: message.message_type == "comment")


class TestMails(WordsCommon):
    """A reminder is a reminder; whom it goes to is greeted, and can answer somebody."""

    def _remind(self, purchase):
        """Write to the vendor as the button of the late notice does."""
        action = purchase.with_context(drop_shipment_reminder=True).action_rfq_send()
        return self._send(action, self.buyer)

    def test_reminder_of_a_day_that_is_past(self):
        """It asks when the goods leave; the order is not sent again."""
        sale = self._new_sale(commitment_date="2026-03-20 12:00:00")
        purchase = self._new_purchase(sale, confirm=True)
        self.buyer.signature = "Betty Buyer"
        purchase.order_line.date_planned = "2026-03-02 12:00:00"
        with freeze_time("2026-03-05"):
            self.env.invalidate_all()
            message = self._remind(purchase)
        self.assertEqual(message.partner_ids, self.vendor)
        self.assertIn("Reminder", message.subject)
        self.assertFalse(message.attachment_ids)
        body = self._text(message.body)
        for wanted in (
            "Dear Vendor",
            f"Our order {purchase.name}",
            "was due on 03/02/2026. When does it leave?",
            "10 Units of Chair: to arrive by 03/02/2026",
            "Betty Buyer",
        ):
            self.assertIn(wanted, body)
        for wrong in ("Please ship", "Attached", "20.0", "needed by"):
            self.assertNotIn(wrong, body)

    def test_reminder_of_a_day_too_late_for_the_customer(self):
        """Not due yet: it says by when it is needed, and only of what is open."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        with freeze_time("2026-03-01"):
            sale.commitment_date = "2026-03-10 12:00:00"
            purchase.order_line.date_planned = "2026-03-12 12:00:00"
            self._post(purchase, line_ids=self._rows(sale, 4, 2))
            body = self._text(self._remind(purchase).body)
        self.assertIn("Can it leave earlier?", body)
        self.assertNotIn("was due", body)
        wanted = "6 Units of Chair: to arrive by 03/12/2026, needed by 03/10/2026"
        self.assertIn(wanted, body)
        self.assertNotIn("Desk", body)

    def _rows(self, sale, *quantities):
        return [
            Command.create({"sale_line_id": line.id, "quantity": quantity})
            for line, quantity in zip(sale.order_line, quantities, strict=True)
        ]

    def test_nothing_to_remind_of(self):
        """The page was old; and a request for quotation is sent as a request."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        action = purchase.with_context(drop_shipment_reminder=True).action_rfq_send()
        self.assertEqual(
            action["context"]["default_template_id"],
            self.env.ref("dropship_link.email_template_drop_shipment_rfq").id,
        )
        purchase.button_confirm()
        purchase.order_line.date_planned = fields.Datetime.add(
            fields.Datetime.now(), days=2
        )
        with self.assertRefused("no late drop shipment"):
            self._remind(purchase)

    def test_customer_of_late_goods(self):
        """Greeting and signature, and the words are those of the template."""
        self.salesman.signature = "Sam Seller"
        sale = self._new_sale(client_order_ref="PO-7")
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = "2026-03-10 12:00:00"
        with freeze_time("2026-03-01"):
            purchase.order_line.date_planned = "2026-03-12 12:00:00"
            message = self._send(sale.action_tell_drop_shipment_delay(), self.salesman)
        body = self._text(message.body)
        for wanted in (
            "Hello Customer",
            f"order {sale.name} (your reference PO-7) will arrive later than planned",
            "the delivery on 03/12/2026",
            "Sam Seller",
        ):
            self.assertIn(wanted, body)
        self.assertEqual(body.count("Sam Seller"), 1)
        template = self.env.ref("dropship_link.email_template_drop_shipment_sale_delay")
        template.subject = "Later: {{ object.name }}"
        message = self._send(sale.action_tell_drop_shipment_delay(), self.salesman)
        self.assertEqual(message.subject, f"Later: {sale.name}")
        template.unlink()
        action = sale.action_tell_drop_shipment_delay()
        self.assertEqual(action["res_model"], "mail.compose.message")

    def test_chosen_by_hand(self):
        """Whatever the order is like, a template of the composer tells no lie."""
        sale = self._new_sale(commitment_date="2026-03-20 12:00:00")
        purchase = self._new_purchase(sale, confirm=True)

        def render(order, name):
            name = f"dropship_link.email_template_drop_shipment_{name}"
            template = self.env.ref(name)
            order.invalidate_recordset()
            texts = [
                template._render_field(field, order.ids)[order.id]
                for field in ("subject", "body_html")
            ]
            return [self._text(text) for text in texts]

        with freeze_time("2026-03-05"):
            purchase.order_line.date_planned = "2026-03-12 12:00:00"
            for order, name, wanted in (
                (sale, "sale_delay", f"Nothing of your order {sale.name} is late."),
                (
                    sale,
                    "sale_shipped",
                    f"Nothing of your order {sale.name} has been shipped yet.",
                ),
                (
                    purchase,
                    "reminder",
                    f"Nothing of our order {purchase.name} for a drop shipment to "
                    "Customer, Docktown, is late.",
                ),
                (
                    purchase,
                    "accept",
                    f"We have not heard from you about our order {purchase.name} for a "
                    "drop shipment to Customer, Docktown. Do you accept it?",
                ),
                (
                    purchase,
                    "due",
                    f"This is still to come of our order {purchase.name} for a drop "
                    "shipment to Customer, Docktown. 10 Units of Chair: to arrive by "
                    "03/12/2026 Will it arrive in time?",
                ),
            ):
                with self.subTest(name=name):
                    subject, body = render(order, name)
                    self.assertIn(wanted, body)
                    for wrong in (": .", "sorry", "attached", "Please tell us the day"):
                        self.assertNotIn(wrong, body)
                    self.assertNotIn("shipped", subject)
            self._post(sale)
            _subject, body = render(purchase, "due")
            wanted = f"Nothing is still to come of our order {purchase.name}"
            self.assertIn(wanted, body)
            self.assertNotIn("in time", body)
            subject, body = render(purchase, "accept")
            self.assertIn(
                f"Nothing is left to accept of our order {purchase.name} for a drop "
                "shipment to Customer, Docktown. Open the Order",
                body,
            )
            self.assertNotIn("Accept", subject)

    def test_order_mail_says_arrival(self):
        """One day is named; of several the first, and that each line has its own."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        purchase.order_line.date_planned = "2026-03-12 12:00:00"
        body = self._text(self._send(purchase.action_rfq_send(), self.buyer).body)
        self.assertIn("at the address on the order, to arrive by 03/12/2026.", body)
        purchase.order_line[0].date_planned = "2026-03-16 12:00:00"
        body = self._text(self._send(purchase.action_rfq_send(), self.buyer).body)
        self.assertIn("days that it says for each line, the first by 03/12/2026.", body)

    def test_request_says_arrival(self):
        """Header and lines of the paper use one word."""
        purchase = self._new_purchase(self._new_sale())
        text = self._text(
            self.env["ir.actions.report"]
            ._render_qweb_html("purchase.report_purchasequotation", purchase.ids)[0]
            .decode()
        )
        self.assertEqual(text.count("Expected Arrival"), 2)
        for other in ("Ship Date", "Expected Date"):
            self.assertNotIn(other, text)
        ordinary = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[Command.create({"product_id": self.chair.id})],
        )
        text = self._text(
            self.env["ir.actions.report"]
            ._render_qweb_html("purchase.report_purchasequotation", ordinary.ids)[0]
            .decode()
        )
        self.assertIn("Expected Date", text)


class TestShipped(WordsCommon):
    """What the customer and the salesperson read of a shipment."""

    def _slip(self, picking):
        """Return the text of the customer's slip."""
        content, _kind = (
            self.env["ir.actions.report"]
            .sudo()
            ._render_qweb_html(
                "dropship_link.action_report_drop_shipment_slip", picking.ids
            )
        )
        return self._text(content.decode())

    def _split(self, *quantities):
        """Return a sale of ten chairs and its purchase orders of these quantities."""
        sale = self._new_sale()
        orders = self.env["purchase.order"]
        for quantity in quantities:
            order = self._new_purchase()
            self._get_sales_orders(order, sale, quantity=quantity)
            order.button_confirm()
            orders |= order
        return sale, orders

    def _done(self, sale):
        return sale.sudo()._get_drop_shipment_done_pickings()

    def test_slip_counts_the_sales_line(self):
        """Six of ten, four with another vendor: ten ordered, four to come."""
        sale, (first, second) = self._split(6, 4)
        self._post(first)
        slip = self._slip(self._done(sale))
        self.assertRegex(slip, r"Chair 10 Units 6 Units")
        self.assertRegex(slip, r"not yet delivered: Product Quantity Chair 4 Units")
        self._post(second, "receive", 1)
        slip = self._slip(self._done(sale)[1])
        self.assertRegex(slip, r"Chair 10 Units 1 Units")
        self.assertRegex(slip, r"not yet delivered: Product Quantity Chair 3 Units")
        self._post(second)
        self.assertNotIn("not yet delivered", self._slip(self._done(sale)[0]))

    def test_slip_of_what_nobody_has_ordered(self):
        """One of ten, the rest given back: it is to order, so it is to come."""
        sale, purchase = self._new_orders(ship=1)
        purchase.order_line.action_close_drop_shipment_remainder()
        slip = self._slip(self._done(sale))
        self.assertRegex(slip, r"Chair 10 Units 1 Units")
        self.assertRegex(slip, r"not yet delivered: Product Quantity Chair 9 Units")

    def test_part_with_own_stock(self):
        """The desk from own stock is still to come: a part was shipped."""
        sale = self._new_sale(
            (self.chair, 10),
            (self.desk, 2, {"drop_shipment": False}),
            (self.service, 1, {"drop_shipment": False}),
        )
        self._new_purchase(sale, confirm=True)
        message = self._send(self._post(sale, send=True), self.salesman)
        self.assertIn("a part of order", message.subject)
        body = self._text(message.body)
        self.assertIn("Still to come: 2 Units of Desk", body)
        self.assertNotIn("Assembly", body)
        self._deliver(sale.sudo().picking_ids.filtered(lambda p: p.state != "done"))
        message = self._send(sale.action_send_drop_shipment(), self.salesman)
        self.assertNotIn("a part", message.subject)

    def test_returned_is_not_to_come(self):
        """What came back to the vendor, or to us, nobody has said to ship again."""
        for location in (None, self.stock_location):
            sale, _purchase = self._new_orders()
            self._take_back(sale.picking_ids, 3, location)
            message = self._send(sale.action_send_drop_shipment(), self.salesman)
            self.assertNotIn("Still to come", self._text(message.body))

    def test_sales_chatter(self):
        """The shipment and its mail are on the sales order, whoever posted it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(purchase, quantity=4, delivery_note="LS<1>", tracking_ref="TRK-1")
        chatter = self._chatter(sale)
        done = self._done(sale)
        self.assertIn(f'"stock.picking" data-oe-id="{done.id}">{done.name}', chatter)
        self.assertIn("LS&lt;1&gt;", chatter)
        chatter = self._text(chatter)
        self.assertIn("Shipped by the vendor on", chatter)
        self.assertIn(f"4 Units of Chair ({done.name}).", chatter)
        self.assertIn("Delivery note: LS<1>. Tracking number: TRK-1.", chatter)
        message = self._send(sale.action_send_drop_shipment(), self.salesman)
        self.assertEqual(message.partner_ids, self.customer)
        self.assertEqual(message.model, "sale.order")

    def test_header_of_the_mail(self):
        """It is about the customer's order, not about our transfer."""
        sale, _purchase = self._new_orders(ship=4)
        self._send(sale.action_send_drop_shipment(), self.salesman)
        mail = self.env["mail.mail"].sudo().search([], order="id desc", limit=1)
        text = self._text(mail.body_html)
        self.assertIn(f"Your Sales Order {sale.name}", text)
        self.assertNotIn("Your Transfer", text)

    def _invoice_mail(self, invoice):
        """Return what the dialog proposes to write with this invoice."""
        action = invoice.sudo().with_context(discard_logo_check=True)
        action = action.action_invoice_sent()
        wizard = Form.from_action(self.env, action).save()
        return self._text(wizard.body)

    def test_invoice_mail_brings_the_numbers(self):
        """Each invoice tells of the shipments that it charges, and of no other."""
        self.salesman.group_ids |= self.env.ref("account.group_account_invoice")
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        action = self._post(
            sale,
            "ship_invoice",
            4,
            send=True,
            delivery_note="LS-1",
            tracking_ref="TRK-1",
        )
        self.assertEqual(action["res_model"], "account.move.send.wizard")
        first = sale.sudo().invoice_ids
        self._post(sale, "ship_invoice", 6, tracking_ref="TRK-2")
        second = sale.sudo().invoice_ids - first
        body = self._invoice_mail(first)
        today = format_date(self.env, fields.Date.today())
        self.assertIn(
            f"Shipped on {today}. Delivery note: LS-1. Tracking number: TRK-1.", body
        )
        self.assertNotIn("TRK-2", body)
        body = self._invoice_mail(second)
        self.assertIn("Tracking number: TRK-2.", body)
        self.assertNotIn("TRK-1", body)

    def test_mail_of_the_second_invoice(self):
        """What was credited is charged again, and told again."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale, tracking_ref="TRK-1")
        first = self._post_invoice(sale)
        credit = self._reverse(first)
        self.assertNotIn("TRK-1", self._invoice_mail(credit))
        self.assertIn("TRK-1", self._invoice_mail(self._post_invoice(sale)))

    def test_invoice_posted_later(self):
        """Accounting posts and sends what sales left in draft; no number, no word."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale, "ship_invoice", 4, tracking_ref="TRK-1")
        invoice = sale.sudo().invoice_ids
        invoice.with_user(self.accountant).action_post()
        self.assertIn("Tracking number: TRK-1.", self._invoice_mail(invoice))
        self.assertNotIn("Delivery note", self._invoice_mail(invoice))
        ordinary = self._new_sale((self.service, 1, {"drop_shipment": False}))
        invoice = self._post_invoice(ordinary)
        self.assertNotIn("Shipped on", self._invoice_mail(invoice))

    def test_invoice_before_the_shipment(self):
        """Invoiced on order: nothing to tell until something was shipped."""
        self.chair.invoice_policy = "order"
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        invoice = self._post_invoice(sale)
        self.assertNotIn("Shipped on", self._invoice_mail(invoice))
        self._post(sale, tracking_ref="TRK-1")
        self.assertIn("TRK-1", self._invoice_mail(invoice))


class TestNoteLinks(HttpCase, WordsCommon):
    """A number in a note opens what its reader may see."""

    def test_links(self):
        """The order for who may read it, else its rows; never an error."""
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        path = "action-dropship_link.drop_shipment_report_action"
        for user, order, other in (
            (self.salesman, sale, purchase),
            (self.buyer, purchase, sale),
        ):
            link = f"/drop_shipment/{other._name}/{other.id}"
            self.assertIn(f'href="{link}"', self._chatter(order))
            self.assertNotIn("data-oe-model", self._chatter(order))
            user.password = trader.password = "drop-shipment-1"
            self.authenticate(user.login, "drop-shipment-1")
            response = self.url_open(link, allow_redirects=False)
            side = other._name.removesuffix(".order")
            self.assertTrue(
                response.headers["Location"].endswith(
                    f"/odoo/{other.id}/{path}_of_{side}"
                )
            )
            server_action = self.env.ref(
                f"dropship_link.drop_shipment_report_action_of_{side}"
            )
            action = server_action.with_user(user).with_context(active_id=other.id)
            self.assertEqual(
                action.run()["domain"], [("id", "in", sale.order_line.ids)]
            )
            self.authenticate(trader.login, "drop-shipment-1")
            response = self.url_open(link, allow_redirects=False)
            self.assertTrue(
                response.headers["Location"].endswith(f"/odoo/{other._name}/{other.id}")
            )
        deleted = self._new_sale(confirm=False)
        link = f"/drop_shipment/sale.order/{deleted.id}"
        deleted.sudo().unlink()
        response = self.url_open(link, allow_redirects=False)
        self.assertTrue(response.headers["Location"].endswith(f"/odoo/{path}"))
        response = self.url_open("/drop_shipment/res.partner/1", allow_redirects=False)
        self.assertEqual(response.status_code, 404)
