from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .common import DropShipmentCommon


class TestAdopt(DropShipmentCommon):
    """Open orders of core's Dropship route become drop shipments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.route = cls.env.ref("stock_dropshipping.route_drop_shipping")
        cls.manager = cls._new_manager("manager")
        cls.company.drop_shipment_bill_control = "block"

    @classmethod
    def _new_manager(cls, login, company=None):
        """Return a user with all rights of Sales, Purchase and the settings."""
        company = company or cls.company
        return new_test_user(
            cls.env,
            login=f"drop_{login}",
            groups="base.group_user,base.group_system,"
            "sales_team.group_sale_manager,purchase.group_purchase_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            email=f"{login}@company.example.com",
        )

    @classmethod
    def _new_routed_sale(cls, *lines, **values):
        """Return a confirmed sales order that core's route orders from the vendor."""
        return cls._new_sale(
            *(
                (
                    product,
                    quantity,
                    {"drop_shipment": False, "route_ids": cls.route.ids},
                )
                for product, quantity in lines or [(cls.chair, 10)]
            ),
            **values,
        )

    @classmethod
    def _get_purchase(cls, sale, confirm=True):
        """Return the purchase order that the route has made of `sale`."""
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        if confirm:
            purchase.button_confirm()
        return purchase

    @classmethod
    def _open(cls, user=None):
        """Return the dialog, as from the settings."""
        settings = cls.env["res.config.settings"].with_user(user or cls.manager)
        action = settings.create({}).action_adopt_drop_shipments()
        return settings.env[action["res_model"]].browse(action["res_id"])

    def _get_refusals(self, *sales):
        """Return what the last column of the dialog says of these orders' lines."""
        rows = self._open().line_ids.grouped(lambda row: row.sale_line_id.order_id)
        return [row.refusal or "" for sale in sales for row in rows[sale]]

    # ------------------------------------------------------------
    # WHAT IS ADOPTED
    # ------------------------------------------------------------

    def test_dry_run_changes_nothing(self):
        """Opening the dialog says what would be done, and does nothing."""
        sale = self._new_routed_sale((self.chair, 10), (self.desk, 2))
        purchase = self._get_purchase(sale)
        wizard = self._open()
        self.assertEqual(wizard.line_ids.sale_line_id, sale.order_line)
        self.assertEqual(wizard.line_ids.mapped("purchase_ref"), [purchase.name] * 2)
        self.assertEqual(wizard.line_ids.mapped("refusal"), [False] * 2)
        self.assertEqual(wizard.summary, "To adopt: 2, to leave: 0")
        self.assertFalse(any(sale.order_line.mapped("drop_shipment")))
        self.assertFalse(purchase.sell_to_customer_id)

    def test_request_for_quotation(self):
        """A request is linked; the buyer confirms it and sales posts it."""
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale, confirm=False)
        line = sale.order_line
        action = self._open().action_adopt()
        self.assertEqual(action["domain"], [("id", "in", line.ids)])
        self.assertTrue(line.drop_shipment)
        self.assertTrue(purchase.order_line.drop_shipment)
        self.assertEqual(purchase.sell_to_customer_id, self.customer)
        self.assertEqual(line.drop_shipment_qty_ordered, 10)
        self.assertEqual(line.drop_shipment_state, "rfq")
        purchase.with_user(self.buyer).button_confirm()
        self.assertEqual(line.drop_shipment_state, "ordered")
        self.assertEqual(line.qty_to_ship, 10)
        self._post(sale, "ship")
        self.assertEqual(line.drop_shipment_state, "shipped")

    def test_both_sides_get_a_note(self):
        """And the transfer names the customer, in the same request too."""
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale)
        self.assertFalse(purchase.picking_ids.drop_shipment_customer)
        self._open().action_adopt()
        self.assertEqual(purchase.picking_ids.drop_shipment_customer, "Customer")
        note = "Adopted as drop shipment"
        self.assertIn(note, self._chatter(sale))
        self.assertIn(purchase.name, self._chatter(sale))
        self.assertIn(note, self._chatter(purchase))
        self.assertIn(sale.name, self._chatter(purchase))

    def test_shipped_in_part(self):
        """What core has shipped, invoiced and billed counts; the rest is posted."""
        sale = self._new_routed_sale((self.chair, 10))
        purchase = self._get_purchase(sale)
        self._deliver(purchase.picking_ids, 4)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._open().action_adopt()
        line = sale.order_line
        self.assertEqual(line.drop_shipment_state, "partial")
        self.assertEqual(line.qty_to_ship, 6)
        self.assertEqual(line.drop_shipment_qty_invoiced, 4)
        self.assertEqual(line.drop_shipment_qty_billed, 4)
        self._post(sale, "ship")
        # From now on the invoice comes first.
        with self.assertRefused("Invoice sales order"):
            self._new_bill(purchase)
        self._post_invoice(sale)
        self._new_bill(purchase, date="2026-01-16")
        self.assertEqual(line.drop_shipment_state, "done")

    def test_shipped_and_not_billed(self):
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale)
        self._deliver(purchase.picking_ids)
        self._post_invoice(sale)
        self._open().action_adopt()
        self.assertEqual(sale.order_line.drop_shipment_state, "invoiced")
        self._new_bill(purchase)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_several_orders_on_one_purchase_order(self):
        """Requests that a buyer has merged; each order can be posted by itself."""
        sales = [self._new_routed_sale(), self._new_routed_sale((self.desk, 3))]
        requests = [self._get_purchase(sale, confirm=False) for sale in sales]
        merged = requests[0] | requests[1]
        merged.with_user(self.buyer).action_merge()
        purchase = merged.filtered(lambda order: order.state != "cancel")
        purchase.button_confirm()
        self._open().action_adopt()
        self.assertEqual(len(purchase.order_line.filtered("drop_shipment")), 2)
        self._post(sales[0], "ship")
        self.assertEqual(sales[0].order_line.drop_shipment_state, "shipped")
        self.assertEqual(sales[1].order_line.drop_shipment_state, "ordered")
        self._post(sales[1], "ship")
        self.assertEqual(sales[1].order_line.drop_shipment_state, "shipped")

    def test_dozens_and_units(self):
        """Sold by the dozen, bought by the unit, shipped in part before."""
        sale = self._new_sale(
            (
                self.chair,
                2,
                {
                    "drop_shipment": False,
                    "route_ids": self.route.ids,
                    "product_uom_id": self.uom_dozen.id,
                },
            )
        )
        purchase = self._get_purchase(sale, confirm=False)
        purchase.order_line.write(
            {"product_uom_id": self.uom_unit.id, "product_qty": 24}
        )
        purchase.button_confirm()
        self._deliver(purchase.picking_ids, 12)
        self._open().action_adopt()
        line = sale.order_line
        self.assertEqual(line.drop_shipment_qty_ordered, 2)
        self.assertEqual(line.qty_to_ship, 1)
        self._post(sale, "ship")
        self.assertEqual(purchase.order_line.qty_received, 24)
        self.assertEqual(line.drop_shipment_state, "shipped")

    def test_lots_are_asked_for(self):
        """Posting an adopted order of a tracked product asks for its lot."""
        self.chair.tracking = "lot"
        sale = self._new_routed_sale((self.chair, 2))
        purchase = self._get_purchase(sale)
        self._open().action_adopt()
        with self.assertRefused("needs lot or serial numbers"):
            self._post(sale, "ship")
        self.assertEqual(sale.order_line.qty_delivered, 0)
        wizard = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        wizard.line_ids.lot_names = "LOT-1"
        wizard.action_post()
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(purchase.picking_ids.move_line_ids.lot_id.name, "LOT-1")

    def test_locked_sales_order(self):
        """Where confirmed orders are locked at once, they are adopted all the same."""
        sale = self._new_routed_sale()
        self._get_purchase(sale)
        sale.sudo().action_lock()
        self._open().action_adopt()
        self.assertTrue(sale.order_line.drop_shipment)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_cancelled_purchase_order(self):
        """What the route has ordered and a buyer cancelled is to order, once ticked."""
        sale = self._new_routed_sale()
        self._get_purchase(sale, confirm=False).button_cancel()
        with self.assertRefused("nothing to adopt"):
            self._open()
        sale.order_line.drop_shipment = True
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_adopted_once(self):
        """A second time there is nothing to adopt."""
        sale = self._new_routed_sale()
        self._get_purchase(sale)
        wizard = self._open()
        wizard.action_adopt()
        with self.assertRefused("None of these lines"):
            wizard.action_adopt()
        with self.assertRefused("nothing to adopt"):
            self._open()

    def test_finished_orders_stay(self):
        """Orders that are shipped, invoiced and billed are left in peace."""
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale)
        self._deliver(purchase.picking_ids)
        self._post_invoice(sale)
        self._new_bill(purchase)
        with self.assertRefused("nothing to adopt"):
            self._open()

    def test_own_stock_is_not_offered(self):
        """Ordinary orders, and drop shipments of ours, are no matter."""
        self._new_sale((self.chair, 1, {"drop_shipment": False}))
        self._new_purchase(self._new_sale(), confirm=True)
        with self.assertRefused("nothing to adopt"):
            self._open()

    def test_a_line_can_be_left(self):
        """A line that is taken out of the dialog stays on the route."""
        sales = [self._new_routed_sale(), self._new_routed_sale()]
        for sale in sales:
            self._get_purchase(sale)
        wizard = self._open()
        wizard.line_ids.filtered(
            lambda row: row.sale_line_id == sales[1].order_line
        ).unlink()
        wizard.action_adopt()
        self.assertTrue(sales[0].order_line.drop_shipment)
        self.assertFalse(sales[1].order_line.drop_shipment)

    def test_dialog_in_the_browser(self):
        """The form opens and shows one row for each line."""
        self._get_purchase(self._new_routed_sale())
        with Form(self._open()) as form:
            self.assertEqual(len(form.line_ids), 1)
            self.assertEqual(form.summary, "To adopt: 1, to leave: 0")

    # ------------------------------------------------------------
    # WHAT IS NOT
    # ------------------------------------------------------------

    def test_other_goods_on_the_purchase_order(self):
        """What was bought for own stock keeps the whole order on the route."""
        sale = self._new_routed_sale((self.chair, 10))
        purchase = self._get_purchase(sale, confirm=False)
        purchase.order_line = [
            Command.create({"product_id": self.desk.id, "product_qty": 1})
        ]
        self.assertEqual(
            self._get_refusals(sale),
            [
                f"{purchase.name} has other goods: Desk. Adopt them, too, or order "
                "them separately."
            ],
        )
        with self.assertRefused("None of these lines"):
            self._open().action_adopt()
        self.assertFalse(sale.order_line.drop_shipment)

    def test_what_shares_an_order_stays_together(self):
        """A line that can't be adopted keeps those on its purchase order back."""
        sale = self._new_routed_sale((self.chair, 10), (self.desk, 2))
        other = self._new_routed_sale()
        purchase = self._get_purchase(sale, confirm=False)
        self._get_purchase(other)
        purchase.order_line.filtered(
            lambda line: line.product_id == self.desk
        ).product_qty = 3
        self.assertEqual(
            self._get_refusals(sale, other),
            [
                f"{purchase.name} has other goods: Desk. Adopt them, too, or order "
                "them separately.",
                "3 Units are on purchase orders, more than was sold: order less first.",
                "",
            ],
        )
        self._open().action_adopt()
        self.assertFalse(any(sale.order_line.mapped("drop_shipment")))
        self.assertTrue(other.order_line.drop_shipment)

    def test_less_than_nothing_is_ordered(self):
        """What is asked back of a vendor is no drop shipment."""
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale, confirm=False)
        purchase.order_line.product_qty = -1
        self.assertEqual(
            self._get_refusals(sale),
            [
                f"Quantity of {purchase.name}, line 1 (Chair) can't be -1 Units: "
                "enter 0 or more."
            ],
        )

    def test_vendor_has_shipped_more(self):
        """As with *The vendor shipped more*: nothing is left to order."""
        sale, other = self._new_routed_sale(), self._new_routed_sale()
        self._deliver(self._get_purchase(sale).picking_ids, 12)
        self._get_purchase(other)
        self.assertEqual(self._get_refusals(sale, other), ["", ""])
        self._open().action_adopt()
        self.assertEqual(other.order_line.drop_shipment_state, "ordered")
        line = sale.order_line
        self.assertEqual(line.drop_shipment_state, "shipped")
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        self._post_invoice(sale)
        self.assertEqual(line.drop_shipment_qty_invoiced, 12)

    def test_own_stock_has_delivered_a_part(self):
        """What is delivered already counts, with what is on purchase orders."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        self._deliver(sale.picking_ids, 4)
        rest = sale.sudo().picking_ids.filtered(lambda picking: picking.state != "done")
        rest.action_cancel()
        line = sale.sudo().order_line
        line.route_ids = self.route
        line.product_uom_qty = 16
        purchase = self._get_purchase(sale, confirm=False)
        self.assertEqual(purchase.order_line.product_qty, 12)
        self.assertEqual(self._get_refusals(sale), [""])
        purchase.order_line.product_qty = 16
        other = self._new_routed_sale((self.desk, 1), partner_id=self.other_customer.id)
        self._get_purchase(other)
        [refusal, nothing] = self._get_refusals(sale, other)
        self.assertIn("on purchase orders is too high: 4 Units more than is", refusal)
        self.assertEqual(nothing, "")
        self._open().action_adopt()
        self.assertTrue(other.order_line.drop_shipment)
        self.assertFalse(line.drop_shipment)
        purchase.order_line.product_qty = 12
        self._open().action_adopt()
        self.assertEqual(line.drop_shipment_qty_to_order, 0)

    def test_another_product(self):
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale, confirm=False)
        purchase.order_line.product_id = self.desk
        self.assertEqual(self._get_refusals(sale), ["The product differs."])
        self.assertEqual(self._open().summary, "To adopt: 0, to leave: 1")

    def test_another_address(self):
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale, confirm=False)
        purchase.dest_address_id = self.customer
        self.assertEqual(self._get_refusals(sale), ["The ship-to address differs."])

    def test_several_customers(self):
        """Two customers with one address, merged into one request."""
        sales = [
            self._new_routed_sale(),
            self._new_routed_sale(
                (self.desk, 1),
                partner_id=self.other_customer.id,
                partner_shipping_id=self.ship_to.id,
            ),
        ]
        requests = [self._get_purchase(sale, confirm=False) for sale in sales]
        (requests[0] | requests[1]).action_merge()
        purchase = requests[0] if requests[0].state != "cancel" else requests[1]
        self.assertEqual(
            set(self._get_refusals(*sales)),
            {f"{purchase.name} is for several customers: make an order for each."},
        )

    def test_bill_before_invoice(self):
        """The rule about invoices would not hold for it."""
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale)
        self._deliver(purchase.picking_ids)
        self._new_bill(purchase)
        self.assertEqual(
            self._get_refusals(sale),
            ["The vendor's bill came before the invoice: post the invoice first."],
        )
        self.company.drop_shipment_bill_control = "warn"
        self._open().action_adopt()
        self.assertTrue(sale.order_line.drop_shipment)
        self.assertIn("Invoice sales order", self._chatter(sale))

    def test_open_delivery_from_stock(self):
        sale = self._new_routed_sale()
        self._get_purchase(sale)
        picking = sale.picking_ids.copy(
            {"picking_type_id": sale.warehouse_id.out_type_id.id}
        )
        picking.move_ids.write(
            {
                "sale_line_id": sale.order_line.id,
                "location_id": sale.warehouse_id.lot_stock_id.id,
                "purchase_line_id": False,
            }
        )
        self.assertEqual(
            self._get_refusals(sale),
            [f"Transfer {picking.name} is open: cancel or complete it first."],
        )

    # ------------------------------------------------------------
    # AFTERWARDS, RIGHTS, SPEED
    # ------------------------------------------------------------

    def test_route_leaves_adopted_requests_alone(self):
        """What is added to the order later gets a request of its own."""
        sale = self._new_routed_sale()
        purchase = self._get_purchase(sale, confirm=False)
        self._open().action_adopt()
        sale.order_line = [
            Command.create(
                {
                    "product_id": self.desk.id,
                    "product_uom_qty": 1,
                    "route_ids": self.route.ids,
                }
            )
        ]
        self.assertEqual(len(purchase.order_line), 1)
        later = sale.sudo().order_line.purchase_line_ids.order_id - purchase
        self.assertEqual(later.order_line.product_id, self.desk)
        purchase.with_user(self.buyer).button_confirm()

    def test_companies(self):
        """Orders of the current company only."""
        sale = self._new_routed_sale()
        self._get_purchase(sale)
        company = self.env["res.company"].create({"name": "Other Company"})
        with self.assertRefused("of Other Company uses"):
            self._open(self._new_manager("other_manager", company))

    def test_rights(self):
        """Who may not change orders can't adopt any."""
        sale = self._new_routed_sale()
        self._get_purchase(sale)
        settings = self._new_user("settings", "base.group_system")
        with self.assertRaises(AccessError):
            self._open(settings)
        wizard = self._open()
        with self.assertRaises(AccessError):
            wizard.with_user(self.salesman).action_adopt()
        with self.assertRaises(AccessError):
            wizard.with_user(settings).action_adopt()

    def test_forged_row(self):
        """A row can't be of a line that its user may not read."""
        company = self.env["res.company"].create({"name": "Other Company"})
        manager = self._new_manager("other_manager", company)
        sale = self._new_routed_sale()
        self._get_purchase(sale)
        wizard = self.env["drop.shipment.adopt"].with_user(manager).create({})
        with self.assertRefused("not on offer"):
            wizard.line_ids = [Command.create({"sale_line_id": sale.order_line.id})]

    def test_queries_do_not_grow_with_the_lines(self):
        counts = []
        for size in (2, 10):
            sales = [self._new_routed_sale() for _number in range(size)]
            for sale in sales:
                self._get_purchase(sale)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard = self._open()
            wizard.action_adopt()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(sale.order_line.drop_shipment for sale in sales))
        self.assertLessEqual(counts[1], counts[0] + 8, counts)
