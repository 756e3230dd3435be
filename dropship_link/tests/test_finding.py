from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .common import DropShipmentCommon

NOTE, TRACKING = "LS-4711", "1Z999AA10123456784"


class TestFinding(DropShipmentCommon):
    """Parcels, customers and work are found by who needs them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10), (cls.desk, 2))
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls._post(cls.sale, quantity=1, delivery_note=NOTE, tracking_ref=TRACKING)
        cls.other = cls._new_sale()
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _find(self, model, user, *domain):
        return self.env[model].with_user(user).search(list(domain))

    def _rows(self, user, lines):
        """Return the rows of the list for these sales lines."""
        return self._find("drop.shipment.report", user, ("id", "in", lines.ids))

    def test_parcel(self):
        """By tracking number and delivery note, without rights on transfers."""
        lines = self.sale.order_line
        for name, text in (("tracking_ref", "123456"), ("delivery_note", NOTE)):
            own = (f"drop_shipment_{name}", "ilike", text)
            found = self._find("sale.order", self.salesman, own)
            self.assertEqual(found, self.sale)
            found = self._find("purchase.order", self.buyer, own)
            self.assertEqual(found, self.purchase)
            found = self._find("sale.order.line", self.salesman, own)
            self.assertEqual(found, lines)
            for user in (self.salesman, self.buyer):
                rows = self._find("drop.shipment.report", user, (name, "ilike", text))
                self.assertEqual(set(rows.ids), set(lines.ids))
                self.assertEqual(
                    rows[0][name], {"delivery_note": NOTE}.get(name, TRACKING)
                )

    def test_parcel_of_a_colleague(self):
        """The number finds no order that the user may not see."""
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        for model, name in (
            ("sale.order", "drop_shipment_tracking_ref"),
            ("drop.shipment.report", "tracking_ref"),
        ):
            self.assertFalse(self._find(model, colleague, (name, "=", TRACKING)))

    def test_without_parcel(self):
        """The orders that have no number yet, and those that have another one."""
        orders = self.sale | self.other
        ours = ("id", "in", orders.ids)
        name = "drop_shipment_tracking_ref"
        for term, expected in (
            ((name, "=", False), self.other),
            ((name, "!=", False), self.sale),
            ((name, "not ilike", "123456"), self.other),
            ((name, "in", [TRACKING, False]), orders),
        ):
            with self.subTest(term=term):
                found = self._find("sale.order", self.salesman, ours, term)
                self.assertEqual(found, expected)

    def test_other_order(self):
        """By its number, without rights on it; cancelled ones don't count."""
        purchase_ref, sale_ref = "drop_shipment_purchase_ref", "drop_shipment_sale_ref"
        number = (purchase_ref, "ilike", self.purchase.name)
        found = self._find("sale.order", self.salesman, number)
        self.assertEqual(found, self.sale)
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        self.assertFalse(self._find("sale.order", colleague, number))
        number = (sale_ref, "=", self.sale.name)
        found = self._find("purchase.order", self.buyer, number)
        self.assertEqual(found, self.purchase)
        cancelled = self._new_purchase(self.other)
        cancelled.button_cancel()
        ours = ("id", "in", (self.sale | self.other).ids)
        found = self._find(
            "sale.order", self.salesman, ours, (purchase_ref, "=", False)
        )
        self.assertEqual(found, self.other)
        for model, view, name in (
            ("sale.order", "sale.view_sales_order_filter", purchase_ref),
            ("purchase.order", "purchase.view_purchase_order_filter", sale_ref),
            ("purchase.order", "purchase.purchase_order_view_search", sale_ref),
        ):
            arch = self.env[model].get_view(self.env.ref(view).id, "search")["arch"]
            self.assertIn(f'name="{name}"', arch)

    def test_number_of_the_vendor(self):
        """Who is called by the vendor finds the rows, without rights on the orders."""
        self.purchase.partner_ref = "AB-4711"
        lines = self.sale.order_line
        view = self.env.ref("dropship_link.drop_shipment_report_view_search")
        arch = etree.fromstring(
            self.env["drop.shipment.report"].get_view(view.id, "search")["arch"]
        )
        search = arch.find(".//field[@name='sale_ref']").get("filter_domain")
        for user in (self.salesman, self.buyer, self.accountant):
            rows = self._find(
                "drop.shipment.report", user, *safe_eval(search, {"self": "b-47"})
            )
            self.assertEqual(set(rows.ids), set(lines.ids))
            self.assertEqual(rows[0].partner_ref, "AB-4711")
        number = ("partner_ref", "=", "AB-4711")
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        self.assertFalse(self._find("drop.shipment.report", colleague, number))
        cancelled = self._new_purchase(self.other)
        cancelled.partner_ref = "AB-4711"
        cancelled.button_cancel()
        rows = self._find("drop.shipment.report", self.buyer, number)
        self.assertEqual(set(rows.ids), set(lines.ids))

    def test_rest_to_order_wins(self):
        """4 of 10 shipped and the rest given back: to order again, on the board too."""
        self._post(self.purchase, "receive")
        sale = self._new_sale((self.chair, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.action_close_drop_shipment_remainder()
        self.env.invalidate_all()
        line = sale.order_line
        self.assertEqual(line.drop_shipment_state, "partial")
        row = self._rows(self.buyer, line)
        self.assertEqual((row.state, row.line_state), ("to_order", "partial"))
        self.assertEqual((row.qty_to_order, row.is_requested), (6, False))
        # No vendor has said when the rest is to come.
        self.assertFalse(line.drop_shipment_date_expected)
        self.assertFalse(row.date_expected)
        # Margin is of what is ordered: 4 sold at 20 and bought at 12.
        manager = self._new_user("manager", "sales_team.group_sale_manager")
        row = self._rows(manager, line)
        self.assertEqual((row.revenue, row.revenue_ordered, row.margin), (200, 80, 32))
        # A part of it requested: found by both filters.
        request = self._new_purchase()
        self._get_sales_orders(request, sale, quantity=2)
        self.env.invalidate_all()
        row = self._rows(self.buyer, line)
        expected = request.order_line.date_planned
        self.assertEqual(line.drop_shipment_date_expected, expected)
        self.assertEqual(row.date_expected, expected)
        self.assertEqual((row.state, row.qty_to_order), ("to_order", 4))
        self.assertTrue(row.is_requested)

    def test_customers_who_wait_come_first(self):
        """Sell-to Customer proposes who has something to order; all can be found."""
        others = self.env["res.partner"].create(
            [
                {"name": f"A Customer {number}", "is_company": True}
                for number in range(9)
            ]
        )
        search = self.env["res.partner"].with_user(self.buyer).name_search
        self.assertNotEqual(search("Customer", limit=3)[0][0], self.customer.id)
        search = (
            self.env["res.partner"]
            .with_user(self.buyer)
            .with_context(drop_shipment_to_order_first=True)
            .name_search
        )
        found = [partner_id for partner_id, _name in search("Customer", limit=100)]
        self.assertEqual(found[0], self.customer.id)
        self.assertLess(set(others.ids), set(found))
        self.assertEqual(len(found), len(set(found)))
        self.assertEqual(len(search("Customer", limit=3)), 3)
        self.assertEqual(len(search("Customer", limit=1)), 1)
        # Also among those only that are looked for.
        found = search("Customer", [("id", "in", others[:2].ids)], limit=100)
        self.assertEqual([partner_id for partner_id, _name in found], others[:2].ids)
        # Who may not buy learns nothing of who waits.
        search = (
            self.env["res.partner"]
            .with_user(self.salesman)
            .with_context(drop_shipment_to_order_first=True)
            .name_search
        )
        self.assertNotEqual(search("Customer", limit=3)[0][0], self.customer.id)

    def test_accountant_reads_the_list(self):
        """What is to invoice and to bill; the orders open; nothing is posted here."""
        rows = self._rows(self.accountant, self.sale.order_line)
        self.assertEqual(rows.mapped("qty_to_invoice"), [1, 1])
        self.assertEqual(rows[0].action_view_sale()["res_id"], self.sale.id)
        self.assertEqual(rows[0].action_view_purchase()["res_id"], self.purchase.id)
        for call in (rows.action_post, rows.action_create_purchases):
            with self.assertRaises(AccessError):
                call()

    def test_bill_leads_to_the_sales_order(self):
        """The red bar on the bill opens what is to invoice first, for accountants."""
        bill = self._new_bill(self.purchase, post=False)
        alert = bill.alerts["dropship_link_invoice_first"]
        self.assertIn(self.sale.name, alert["message"])
        self.assertEqual(alert["action"]["res_model"], "sale.order")
        self.assertEqual(alert["action"]["res_id"], self.sale.id)
        self._post_invoice(self.sale)
        self.env.invalidate_all()
        self.assertNotIn("dropship_link_invoice_first", bill.alerts or {})

    def test_transfer_says_whose_goods(self):
        """Vendor and purchase order are core's; the customer and ship-to are said."""
        picking = self.purchase.sudo().picking_ids[:1]
        self.assertEqual(picking.drop_shipment_customer, self.customer.display_name)
        self.assertIn("3 Dock Road", picking.drop_shipment_ship_to)
        ordinary = self._new_sale((self.chair, 1, {"drop_shipment": False}))
        delivery = ordinary.sudo().picking_ids
        self.assertTrue(delivery)
        self.assertFalse(delivery.drop_shipment_ship_to)
        self.assertFalse(delivery.drop_shipment_customer)

    def test_while_a_quantity_is_typed(self):
        """The line goes on naming its purchase order, and says what is to order."""
        with Form(self.sale.with_user(self.salesman)) as form:
            with form.order_line.edit(0) as line:
                line.product_uom_qty = 12
                self.assertEqual(line.drop_shipment_purchase_ref, self.purchase.name)
                self.assertEqual(line.drop_shipment_state, "partial")
            self.assertIn("Partly shipped", form.drop_shipment_notice)
            self.assertIn("To order from a vendor: Chair", form.drop_shipment_notice)
        line = self.sale.order_line[0]
        self.assertEqual(line.drop_shipment_qty_to_order, 2)

    def test_post_of_the_list(self):
        """It says what of which vendor, and takes the day and the numbers."""
        lines = self.sale.order_line
        action = self._rows(self.salesman, lines).action_post()
        [job] = action["params"]["jobs"]
        self.assertEqual(job["vendors"], self.vendor.display_name)
        self.assertEqual(job["lines"], ["9 Units of Chair", "1 Units of Desk"])
        names = [entry["name"] for entry in action["params"]["inputs"]]
        self.assertEqual(names, ["shipment_date", "delivery_note", "tracking_ref"])
        self.env["drop.shipment.post"].with_user(self.salesman).post_lines(
            option="ship",
            shipment_date="2026-01-15",
            delivery_note="LS-2",
            tracking_ref="T-2",
            **job["kwargs"],
        )
        picking = self.purchase.sudo().picking_ids.sorted("id")[-1]
        self.assertEqual(picking.state, "done")
        self.assertEqual(str(picking.drop_shipment_date), "2026-01-15")
        self.assertEqual(picking.drop_shipment_delivery_note, "LS-2")
        self.assertEqual(picking.drop_shipment_tracking_ref, "T-2")
        self.assertEqual(lines.mapped("qty_delivered"), [10, 2])

    def test_few_of_many_lines(self):
        """Get Sales Order starts with none, and takes the lines with a quantity."""
        sale = self._new_sale((self.chair, 5), (self.desk, 3))
        purchase = self._new_purchase()
        wizard = self.env["purchase.order.get.sales.order"].with_user(self.buyer)
        wizard = wizard.create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(sale.ids)],
            }
        )
        offer = wizard.order_ids.filtered("selected")
        self.assertEqual(offer.products, "5 Units of Chair, 3 Units of Desk")
        with Form(wizard) as form:
            form.all_lines = False
            with form.line_ids.edit(1) as row:
                self.assertEqual(row.quantity, 0)
                row.quantity = 2
        wizard.action_insert_lines()
        line = purchase.order_line
        self.assertEqual((line.product_id, line.product_qty), (self.desk, 2))


class TestPreview(DropShipmentCommon):
    """Create Purchase Orders shows what the purchase order will say."""

    def _open(self, sale):
        self.env.flush_all()
        self.env.invalidate_all()
        action = sale.with_user(self.buyer).action_open_create_drop_shipment_purchases()
        wizard = self.env[action["res_model"]].with_user(self.buyer)
        return wizard.browse(action["res_id"])

    def test_price_and_date(self):
        """The vendor's price for the quantity, in their currency; their day."""
        eur = self.env.ref("base.EUR")
        eur.active = True
        self.env["res.currency.rate"].create({"currency_id": eur.id, "rate": 0.5})
        self.vendor.property_purchase_currency_id = eur
        self.chair.seller_ids.write({"delay": 20, "currency_id": eur.id})
        self.chair.seller_ids = [
            Command.create(
                {
                    "partner_id": self.vendor.id,
                    "price": 9,
                    "min_qty": 10,
                    "discount": 50,
                    "delay": 20,
                    "currency_id": eur.id,
                }
            )
        ]
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        wizard = self._open(sale)
        shown = [
            (
                row.currency_id,
                row.price_unit,
                row.price_subtotal,
                row.date_planned.date(),
            )
            for row in wizard.line_ids
        ]
        self.assertEqual(shown[0][1:3], (9, 45))
        self.assertEqual(wizard.line_ids[0].ship_to, "Ship-to Dock, Docktown")
        action = wizard.action_create_purchases()
        purchase = self.env["purchase.order"].browse(action["res_id"])
        made = [
            (
                purchase.currency_id,
                line.price_unit,
                line.price_subtotal,
                line.date_planned.date(),
            )
            for line in purchase.order_line
        ]
        self.assertEqual(shown, made)
        self.assertTrue(action["context"]["show_sell_to_customer"])

    def test_vendor_without_price(self):
        """Said on the row, with the price that the order will have."""
        wizard = self._open(self._new_sale())
        row = wizard.line_ids
        self.assertFalse(row.price_hint)
        self.assertFalse(wizard.has_price_hint)
        row.vendor_id = self.other_vendor
        self.assertEqual(row.price_hint, "Other Vendor has no price for it.")
        self.assertTrue(wizard.has_price_hint)
        self.assertEqual(row.price_unit, 10)
        action = wizard.action_create_purchases()
        purchase = self.env["purchase.order"].browse(action["res_id"])
        self.assertEqual(purchase.order_line.price_unit, 10)

    def test_one_vendor_for_lines_without_one(self):
        """Chosen once; lines that have a vendor keep it."""
        orphan = self._new_product("Orphan", seller_ids=False)
        other = self._new_product("Other Orphan", seller_ids=False)
        sale = self._new_sale((self.chair, 1), (orphan, 2), (other, 3))
        wizard = self._open(sale)
        self.assertTrue(wizard.lacks_vendor)
        self.assertIn("No vendor sells Orphan", wizard.line_ids[1].price_hint)
        self.assertFalse(wizard.line_ids[1].currency_id)
        with Form(wizard) as form:
            form.other_vendor_id = self.other_vendor
            self.assertFalse(form.lacks_vendor)
        self.assertEqual(wizard.line_ids.vendor_id, self.vendor | self.other_vendor)
        wizard.line_ids[2].vendor_id = False
        wizard.action_create_purchases()
        lines = sale.sudo().order_line.purchase_line_ids
        self.assertEqual(
            [line.order_id.partner_id for line in lines.sorted("sale_line_id")],
            [self.vendor, self.other_vendor, self.other_vendor],
        )

    def test_forged_row_tells_nothing(self):
        """A row of a line that is no drop shipment shows no price and no address."""
        sale = self._new_sale((self.chair, 1, {"drop_shipment": False}))
        row = self.env["drop.shipment.create.purchase.line"].with_user(self.buyer)
        row = row.new(
            {
                "sale_line_id": sale.order_line.id,
                "vendor_id": self.vendor.id,
                "quantity": 1,
            }
        )
        self.assertFalse(row.price_unit or row.ship_to or row.customer)
        self.assertFalse(row.price_hint)
