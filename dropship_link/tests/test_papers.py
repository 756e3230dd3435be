from lxml import html

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, freeze_time

from .common_papers import SALES_PRICE, SLIP, STATUS, TestPapersCommon


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

    def test_what_does_not_come(self):
        """Neither what the vendor declined, nor what went back for good."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        chair, desk = purchase.order_line
        self.env["drop.shipment.vendor.answer"]._decline(
            purchase.sudo(), {chair.id: 3.0, desk.id: 2.0}, "Sold out"
        )
        self.assertSlip(purchase, ["7"])
        rows = [{"sale_line_id": sale.order_line[0].id, "quantity": 0}]
        for quantity, expected in ((4, ["3"]), (3, ["7", "0"])):
            rows[0]["quantity"] = quantity
            self._post(purchase, line_ids=[Command.create(row) for row in rows])
            self.assertSlip(purchase, expected)
        self._return(purchase.sudo().picking_ids.sorted("id")[0], 1)
        self.assertSlip(purchase, ["6", "0"])

    def test_more_than_ordered(self):
        """5 of 3 are 5, as are those that are to replace what is still to come back."""
        sale = self._new_sale((self.chair, 3))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=5, over_delivery=True)
        self.assertSlip(purchase, ["5"])
        exchange = (
            self.env["stock.return.picking"]
            .with_context(active_model="stock.picking")
            .create({"picking_id": purchase.sudo().picking_ids.id})
        )
        exchange.product_return_moves.quantity = 4
        exchange.action_create_exchanges()
        self.assertSlip(purchase, ["4"])

    def test_what_was_added(self):
        """The substitute that Inventory added is on it as it was shipped."""
        sale = self._new_sale((self.chair, 3))
        purchase = self._new_purchase(sale, confirm=True)
        picking = purchase.sudo().picking_ids
        with Form(picking) as form, form.move_ids.new() as row:
            row.product_id = self.desk
            row.product_uom_qty = 2
        self._deliver(picking)
        self.assertSlip(purchase, ["3", "2"])

    def assertSlip(self, purchase, expected):
        """The one slip of the order has these quantities."""
        (slip,) = purchase._get_drop_shipment_slips()
        quantities = [line["quantity"].split()[0] for line in slip["lines"]]
        self.assertEqual(quantities, expected)

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
