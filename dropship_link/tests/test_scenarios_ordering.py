from odoo.fields import Command
from odoo.tests import Form

from .common_scenarios import ScenarioCommon


class TestScenarioMarking(ScenarioCommon):
    """Ticking: what it does to the line, the customer and the own stock."""

    def test_invoice_without_an_order(self):
        """A customer invoice that was typed in has no tick, and just posts."""
        self.chair.drop_shipment = True
        invoice = (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_line_ids": [
                        Command.create({"product_id": self.chair.id, "quantity": 2})
                    ],
                }
            )
        )
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        self.assertFalse(self.chair.purchase_order_line_ids)

    def test_tick_survives_changes_of_the_order(self):
        """Neither another customer nor prices give the line the product's default."""
        other_ship_to = self.env["res.partner"].create(
            {"name": "Other Dock", "type": "delivery", "parent_id": self.customer.id}
        )
        changes = {
            "partner_id": self.other_customer.id,
            "partner_invoice_id": other_ship_to.id,
            "partner_shipping_id": other_ship_to.id,
            "pricelist_id": self.env["product.pricelist"].create({"name": "B"}).id,
            "fiscal_position_id": self.env["account.fiscal.position"]
            .create({"name": "Abroad"})
            .id,
            "payment_term_id": self.env.ref(
                "account.account_payment_term_immediate"
            ).id,
            "commitment_date": "2027-01-01",
        }
        for default in (True, False):
            self.chair.drop_shipment = default
            for tick in (True, False):
                sale = self._new_sale(
                    (self.chair, 1, {"drop_shipment": tick}), confirm=False
                )
                for field, value in changes.items():
                    with self.subTest(default=default, tick=tick, field=field):
                        sale.write({field: value})
                        sale.action_update_prices()
                        sale.action_update_taxes()
                        self.assertEqual(sale.order_line.drop_shipment, tick)

    def test_linked_line_survives_changes_of_the_order(self):
        """Who pays, and how, may change; the vendor's order is as it was."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        before = purchase.order_line.read(["product_qty", "price_unit", "date_planned"])
        sale.partner_invoice_id = self.other_customer
        sale.payment_term_id = self.env.ref("account.account_payment_term_immediate")
        sale.fiscal_position_id = self.env["account.fiscal.position"].create(
            {"name": "Abroad"}
        )
        sale.order_line.write({"price_unit": 17.0, "discount": 5.0})
        self.assertTrue(sale.order_line.drop_shipment)
        self.assertEqual(sale.order_line.drop_shipment_purchase_ref, purchase.name)
        self.assertEqual(
            purchase.order_line.read(["product_qty", "price_unit", "date_planned"]),
            before,
        )

    def test_credit_limit_still_warns(self):
        """The vendor's stock is no concern of ours; the customer's credit is."""
        self.company.account_use_credit_limit = True
        self.customer.use_partner_credit_limit = True
        self.customer.credit_limit = 50.0
        sale = self._new_sale(confirm=False)
        self.assertIn("Customer", sale.partner_credit_warning)
        self.assertTrue(sale.order_line.is_mto)

    def test_own_stock_is_not_planned(self):
        """Not reserved, not expected, not forecast, from the tick to the shipment."""
        self._stock(self.chair, 5)
        before = self._get_forecast(self.chair)
        rule = self.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": self.chair.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "product_min_qty": 5,
                "product_max_qty": 5,
            }
        )
        sale = self._new_sale()
        purchase = self._new_purchase()
        steps = {
            "sold": lambda: None,
            "requested": lambda: self._get_sales_orders(purchase, sale),
            "ordered": purchase.button_confirm,
            "part": lambda: self._post(sale, quantity=4),
            "shipped": lambda: self._post(purchase),
        }
        for step, run in steps.items():
            run()
            with self.subTest(step=step):
                self.assertEqual(self._get_forecast(self.chair), before)
                rule.invalidate_recordset()
                self.assertEqual(rule.qty_to_order, 0)

    def test_fully_delivered_line_is_ticked(self):
        """Nothing is left for a vendor; only a raised quantity is."""
        self._stock(self.chair, 10)
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        self._deliver(sale.sudo().picking_ids)
        sale.order_line.drop_shipment = True
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        with self.assertRefused("not on offer"):
            self._new_purchase(sale)
        sale.order_line.product_uom_qty = 14
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 4)
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.order_line.product_qty, 4)
        self._post(purchase)
        self.assertEqual(sale.order_line.qty_delivered, 14)
        # Own stock's part and the vendor's are one line on one invoice.
        invoice = self._post_invoice(sale)
        self.assertEqual(invoice.invoice_line_ids.quantity, 14)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.invoice_line_ids.quantity, 4)

    def test_raised_before_it_is_ticked(self):
        """Own stock's open transfer comes first: cancel it, then the vendor may."""
        self._stock(self.chair, 10)
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        self._deliver(sale.sudo().picking_ids)
        sale.order_line.product_uom_qty = 14
        picking = sale.sudo().picking_ids.filtered(
            lambda picking: picking.state != "done"
        )
        with self.assertRefused(rf"{sale.name}.*{picking.name}"):
            sale.order_line.drop_shipment = True
        picking.action_cancel()
        sale.order_line.drop_shipment = True
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 4)

    def test_quotation_copied(self):
        """A quotation hands its ticks to its copy and to the order it becomes."""
        quotation = self._new_sale(
            (self.chair, 10), (self.desk, 2, {"drop_shipment": False}), confirm=False
        )
        copy = quotation.copy()
        for order in (quotation, copy):
            self.assertEqual(order.order_line.mapped("drop_shipment"), [True, False])
            order.action_confirm()
            self.assertEqual(
                order.order_line.mapped("drop_shipment_qty_to_order"), [10, 0]
            )


class TestScenarioPurchasing(ScenarioCommon):
    """Purchase orders made of sales orders."""

    def test_goods_made_to_order_beside(self):
        """Own goods made to order and a drop shipment, of one sale and one vendor:
        two purchase orders, each to its own address."""
        routes = (
            self.warehouse.mto_pull_id.route_id | self.warehouse.buy_pull_id.route_id
        )
        routes.active = True
        self.desk.route_ids = routes
        self.vendor.buyer_id = self.buyer
        sale = self._new_sale((self.chair, 10))
        purchase = self._new_purchase(sale, user_id=self.buyer.id)
        sale.write(
            {
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.desk.id,
                            "product_uom_qty": 2,
                            "drop_shipment": False,
                        }
                    )
                ]
            }
        )
        self.assertEqual(purchase.order_line.product_id, self.chair)
        own = self.desk.purchase_order_line_ids.order_id.with_user(self.buyer)
        self.assertEqual(own.partner_id, self.vendor)
        self.assertFalse(own.drop_shipment_address_id)
        self.assertEqual(own.picking_type_id.code, "incoming")
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        for order in (own, purchase):
            order.button_confirm()
        moves = purchase.sudo().picking_ids.move_ids
        self.assertEqual(moves.partner_id, self.ship_to)
        self._post(purchase)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 0])
        self._deliver(own.sudo().picking_ids)
        self._deliver(
            sale.sudo().picking_ids.filtered(lambda picking: picking.state != "done")
        )
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2])

    def test_core_request_keeps_out(self):
        """Core's own Dropship route finds a request of its own, not ours."""
        self.desk.route_ids = self.env.ref("stock_dropshipping.route_drop_shipping")
        self.vendor.buyer_id = self.buyer
        for group in ("default", "all"):
            self.vendor.group_rfq = group
            for customer in (self.customer, self.other_customer):
                with self.subTest(group=group, customer=customer.name):
                    sale = self._new_sale()
                    purchase = self._new_purchase(sale, user_id=self.buyer.id)
                    self._new_sale(
                        (self.desk, 2, {"drop_shipment": False}),
                        partner_id=customer.id,
                        partner_shipping_id=customer.id,
                    )
                    self.assertEqual(purchase.order_line.product_id, self.chair)
                    # Nor does a further line of the same order.
                    sale.write(
                        {
                            "order_line": [
                                Command.create(
                                    {
                                        "product_id": self.desk.id,
                                        "product_uom_qty": 2,
                                        "drop_shipment": False,
                                    }
                                )
                            ]
                        }
                    )
                    self.assertEqual(purchase.order_line.product_id, self.chair)
                    purchase.button_confirm()
                    self.assertEqual(sale.order_line[0].qty_to_ship, 10)

    def test_several_vendors_from_the_order_to_the_bills(self):
        """One click, a purchase order for each vendor; shipped and invoiced by
        sales, billed by each vendor."""
        self.desk.seller_ids.partner_id = self.other_vendor
        table = self._new_product("Table", price=50.0)
        sale = self._new_sale((self.chair, 10), (self.desk, 2), (table, 1))
        action = sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        purchases = self.env["purchase.order"].search(action["domain"])
        self.assertEqual(len(purchases), 2)
        by_vendor = {
            purchase.partner_id: purchase.with_user(self.buyer)
            for purchase in purchases
        }
        self.assertEqual(
            by_vendor[self.vendor].order_line.product_id, self.chair | table
        )
        self.assertEqual(by_vendor[self.other_vendor].order_line.product_id, self.desk)
        again = sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        self.assertIn("Nothing is left to order", again["params"]["message"])
        for purchase in by_vendor.values():
            self.assertEqual(purchase.sell_to_customer_id, self.customer)
            self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
            purchase.button_confirm()
        self._post(sale, "ship_invoice")
        sale.sudo().invoice_ids.action_post()
        for purchase in by_vendor.values():
            self.assertEqual(purchase.receipt_status, "full")
            self.assertEqual(self._new_bill(purchase).state, "posted")
        self.assertEqual(set(sale.order_line.mapped("drop_shipment_state")), {"done"})

    def test_archived_vendor(self):
        """An archived vendor is nobody's vendor: nothing is made, and it is said."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        self.desk.seller_ids.partner_id = self.other_vendor
        self.other_vendor.active = False
        with self.assertRefused("vendor for Desk"):
            sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        self.assertFalse(sale.sudo().order_line.purchase_line_ids)

    def test_description_of_the_purchase(self):
        """The product's text for vendors goes to the vendor, the one for customers and
        what the salesman typed in do not."""
        self.chair.description_purchase = "Pack in pairs"
        self.chair.description_sale = "Comfortable seat"
        sale = self._new_sale((self.chair, 10, {"name": "Chair as seen at the fair"}))
        purchase = self._new_purchase(sale)
        self.assertIn("Pack in pairs", purchase.order_line.name)
        self.assertNotIn("Comfortable", purchase.order_line.name)
        self.assertNotIn("fair", purchase.order_line.name)
        self.assertEqual(sale.order_line.name, "Chair as seen at the fair")

    def _new_engraved(self, **values):
        """Return a sales order of a watch; the customer chose what it is to say."""
        attribute = self.env["product.attribute"].create(
            {
                "name": "Engraving",
                "create_variant": "no_variant",
                "value_ids": [
                    Command.create({"name": "Initials", **values}),
                    Command.create({"name": "None"}),
                ],
            }
        )
        product = self._new_product("Watch")
        # Not the product's own environment: creating it keeps variants from it.
        template = self.env["product.template"].browse(product.product_tmpl_id.id)
        template.attribute_line_ids = [
            Command.create(
                {
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set(attribute.value_ids.ids)],
                }
            )
        ]
        value = template.attribute_line_ids.product_template_value_ids[:1]
        chosen = {"product_no_variant_attribute_value_ids": [Command.set(value.ids)]}
        if values:
            chosen["product_custom_attribute_value_ids"] = [
                Command.create(
                    {
                        "custom_product_template_attribute_value_id": value.id,
                        "custom_value": "A.B.",
                    }
                )
            ]
        return self._new_sale((product, 1, chosen))

    def test_description_of_a_variant(self):
        """What the customer chose is what the vendor reads."""
        purchase = self._new_purchase(self._new_engraved())
        self.assertIn("Engraving: Initials", purchase.order_line.name)

    def test_description_of_a_variant_for_another_vendor(self):
        """Another vendor reads their code, and what the customer chose and wrote."""
        for values, wish in (
            ({}, "Engraving: Initials"),
            ({"is_custom": True}, "Engraving: Initials: A.B."),
        ):
            sale = self._new_engraved(**values)
            sellers = sale.order_line.product_id.sudo().seller_ids
            sellers.product_code = "V-1"
            sellers.copy({"partner_id": self.other_vendor.id, "product_code": "V-2"})
            purchase = self._new_purchase(sale)
            line = purchase.order_line
            self.assertEqual(line.name, f"[V-1] Watch\n{wish}")
            with Form(purchase) as form:
                form.partner_id = self.other_vendor
            self.assertEqual(line.name, f"[V-2] Watch\n{wish}")
            # The buyer's own words stay.
            line.name = "Watch of gold"
            with Form(purchase) as form:
                form.partner_id = self.vendor
            self.assertEqual(line.name, "Watch of gold")
