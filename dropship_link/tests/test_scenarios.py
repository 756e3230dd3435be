from odoo.exceptions import ValidationError
from odoo.fields import Command

from .common_scenarios import ScenarioCommon


class TestScenarioPosting(ScenarioCommon):
    """Shipping, receiving and invoicing: what Business Central's own tests ask for."""

    def test_invoice_without_the_drop_shipment(self):
        """A customer invoice of the rest of the order does not free the bill."""
        sale = self._new_sale(
            (self.chair, 10),
            (self.desk, 2),
            (self.service, 1, {"drop_shipment": False}),
        )
        purchase = self._new_purchase(sale, confirm=True)
        self._post(purchase, "receive")
        invoice = sale._create_invoices().sudo()
        self.assertEqual(len(invoice.invoice_line_ids), 3)
        invoice.invoice_line_ids.filtered(
            lambda line: line.product_id != self.service
        ).unlink()
        invoice.action_post()
        with self.assertRefused(rf"Invoice sales order {sale.name} .*Chair.*Desk"):
            self._new_bill(purchase)
        # The chair alone is not enough for a bill of both.
        invoice = sale._create_invoices().sudo()
        invoice.invoice_line_ids.filtered(
            lambda line: line.product_id == self.desk
        ).unlink()
        invoice.action_post()
        with self.assertRefused(rf"{sale.name}, line 2 \(Desk\)") as caught:
            self._new_bill(purchase)
        self.assertNotIn("Chair", str(caught.exception))
        self._post_invoice(sale)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.state, "posted")
        self.assertEqual(bill.invoice_line_ids.mapped("quantity"), [10, 2])

    def test_several_invoices_one_bill(self):
        """The customer is invoiced in three parts, the vendor bills once."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        for quantity in (3, 3, 4):
            self._post(sale, "ship", quantity=quantity)
            self._post_invoice(sale)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.invoice_line_ids.quantity, 10)
        self.assertEqual(len(sale.sudo().invoice_ids), 3)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_link_survives_the_whole_cycle(self):
        """Business Central cuts it with the last invoice; here both still tell."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship")
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        self.assertEqual(sale.order_line.drop_shipment_purchase_ref, purchase.name)
        self.assertEqual(sale.order_line.drop_shipment_vendor_ref, "Vendor")
        self.assertEqual(purchase.order_line.drop_shipment_sale_ref, sale.name)
        action = sale.sudo().order_line.action_view_drop_shipment_purchase()
        self.assertEqual(action["res_id"], purchase.id)
        action = purchase.sudo().order_line.action_view_drop_shipment_sale()
        self.assertEqual(action["res_id"], sale.id)

    def test_orders_are_kept(self):
        """No order is deleted while, or after, a vendor ships for it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        for step in ("confirmed", "done"):
            if step == "done":
                self._post(sale, "ship")
                self._post_invoice(sale)
                self._new_bill(purchase)
            with self.subTest(step=step):
                with self.assertRefused("can not delete .* confirmed sales order"):
                    sale.sudo().unlink()
                with self.assertRefused("must cancel it first"):
                    purchase.unlink()
        self.assertTrue(sale.exists())
        self.assertTrue(purchase.exists())

    def test_purchase_kept_after_a_part(self):
        """What was shipped stays with the cancelled order; the rest is bought anew."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.button_cancel()
        with self.assertRefused("can't be deleted: 4 Units"):
            purchase.unlink()
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")
        rest = self._new_purchase(sale, confirm=True)
        self.assertEqual(rest.order_line.product_qty, 6)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_one_date_for_both_orders(self):
        """One transfer dates both orders, by whichever door; their own dates stay."""
        for door in ("sale", "purchase"):
            with self.subTest(door=door):
                sale = self._new_sale(date_order="2026-01-05")
                purchase = self._new_purchase(sale, date_order="2026-01-07")
                purchase.button_confirm()
                dates = sale.date_order, purchase.date_order
                self._post(sale if door == "sale" else purchase)
                done = purchase.sudo().picking_ids.date_done
                self.assertTrue(done)
                self.assertEqual(sale.effective_date, done)
                self.assertEqual(purchase.effective_date, done)
                self.assertEqual((sale.date_order, purchase.date_order), dates)

    def test_statuses_of_both_orders(self):
        """Whoever posts, the other order is as far as this one."""
        for door in ("sale", "purchase"):
            with self.subTest(door=door):
                sale = self._new_sale()
                purchase = self._new_purchase(sale, confirm=True)
                order = sale if door == "sale" else purchase
                self.assertEqual(sale.delivery_status, "pending")
                self.assertEqual(purchase.receipt_status, "pending")
                self._post(order, quantity=4)
                self.assertEqual(sale.delivery_status, "partial")
                self.assertEqual(purchase.receipt_status, "partial")
                self._post(order)
                self.assertEqual(sale.delivery_status, "full")
                self.assertEqual(purchase.receipt_status, "full")
                self.assertEqual(sale.invoice_status, "to invoice")
                self.assertEqual(purchase.invoice_status, "to invoice")

    def test_each_line_by_its_own_door(self):
        """One line shipped by sales, the other received by purchasing."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line[1].qty_to_ship = 0
        self._post(sale)
        self._post(purchase)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2])
        self.assertEqual(purchase.order_line.mapped("qty_received"), [10, 2])
        pickings = purchase.sudo().picking_ids
        self.assertEqual(len(pickings), 2)
        self.assertEqual(pickings, sale.sudo().picking_ids)
        for picking in pickings:
            self.assertEqual(picking.state, "done")
            self.assertEqual(picking.sale_id, sale.sudo())
            self.assertEqual(picking.purchase_id, purchase.sudo())

    def test_alternating_doors(self):
        """Parts of one line, by turns from either side."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        for number, order in enumerate((sale, purchase, sale, purchase), 1):
            self._post(order, quantity=2.5)
            self.assertEqual(sale.order_line.qty_delivered, 2.5 * number)
            self.assertEqual(purchase.order_line.qty_received, 2.5 * number)
            self.assertEqual(sale.order_line.qty_to_ship, 10 - 2.5 * number)

    def test_delivery_slip_is_the_customers(self):
        """By either door the slip has the product's name, not the vendor's code."""
        self.chair.seller_ids.write({"product_name": "Sedia", "product_code": "V-77"})
        for door in ("sale", "purchase"):
            with self.subTest(door=door):
                sale = self._new_sale()
                purchase = self._new_purchase(sale, confirm=True)
                self.assertIn("[V-77] Sedia", purchase.order_line.name)
                self._post(sale if door == "sale" else purchase, quantity=4)
                moves = purchase.sudo().picking_ids.move_ids
                self.assertEqual(len(moves), 2)
                for move in moves:
                    self.assertNotIn("V-77", move.description_picking or "")
                    self.assertNotIn("Sedia", move.description_picking or "")

    def test_ship_to_abroad(self):
        """The transfer goes to the ship-to's country, by either door."""
        self.customer.country_id = self.env.ref("base.us")
        self.ship_to.country_id = self.env.ref("base.de")
        for door in ("sale", "purchase"):
            with self.subTest(door=door):
                sale = self._new_sale()
                purchase = self._new_purchase(sale, confirm=True)
                self._post(sale if door == "sale" else purchase)
                picking = purchase.sudo().picking_ids
                self.assertEqual(picking.move_ids.partner_id, self.ship_to)
                self.assertEqual(picking.move_ids.partner_id.country_id.code, "DE")
                self.assertEqual(picking.location_id.usage, "supplier")
                self.assertEqual(picking.location_dest_id.usage, "customer")

    def test_currencies_of_both_orders(self):
        """Each order keeps its own; a discount of the customer is no vendor's."""
        euro = self.setup_other_currency("EUR", rates=[("2000-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        sale = self._new_sale(
            (self.chair, 10, {"price_unit": 40.0, "discount": 25.0}),
            pricelist_id=pricelist.id,
        )
        self.assertEqual(sale.currency_id, euro)
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.currency_id, self.company.currency_id)
        self.assertEqual(purchase.order_line.price_unit, 12.0)
        self.assertEqual(purchase.order_line.discount, 0.0)
        self._post(purchase, quantity=4)
        invoice = self._post_invoice(sale)
        self.assertEqual(invoice.currency_id, euro)
        self.assertEqual(invoice.amount_untaxed, 4 * 40.0 * 0.75)
        self.assertEqual(invoice.amount_untaxed_signed, 4 * 40.0 * 0.75 / 2)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.currency_id, self.company.currency_id)
        self.assertEqual(bill.amount_untaxed, 4 * 12.0)

    def test_taxes_of_each_order(self):
        """Mapping the taxes of one order again leaves the other as it is."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        tax = self.env["account.tax"].create(
            {"name": "Later 7%", "amount": 7.0, "type_tax_use": "purchase"}
        )
        purchase.order_line.tax_ids = tax
        sale.action_update_taxes()
        sale.action_update_prices()
        self.assertEqual(purchase.order_line.tax_ids, tax)
        self.assertEqual(purchase.order_line.price_unit, 12.0)
        self.assertFalse(sale.order_line.tax_ids)
        self.assertEqual(sale.order_line.price_unit, 20.0)

    def test_cost_is_that_of_own_stock(self):
        """The vendor's price of a drop shipment moves no cost of own stock.

        Core's own Dropship route has it in the average: 30 against 10 makes 23.33.
        """
        category = self.env["product.category"].create(
            {"name": "Average", "property_cost_method": "average"}
        )
        product = self._new_product("Average", price=30.0, categ_id=category.id)
        own = self._new_purchase(sell_to_customer_id=False)
        own.order_line = [
            Command.create(
                {"product_id": product.id, "product_qty": 5, "price_unit": 10.0}
            )
        ]
        own.button_confirm()
        self._deliver(own.sudo().picking_ids)
        sale = self._new_sale((product, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self._deliver(purchase.sudo().picking_ids)
        self._post_invoice(sale)
        self._new_bill(purchase)
        product.invalidate_recordset()
        self.assertEqual(product.qty_available, 5)
        self.assertEqual([product.standard_price, product.total_value], [10, 50])

    def test_vendor_price_is_learnt(self):
        """A vendor who never sold it is remembered with the price, as by any order."""
        sale = self._new_sale()
        purchase = self._new_purchase(partner_id=self.other_vendor.id)
        purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(sale.ids)],
                "vendor_products_only": False,
            }
        ).action_insert_lines()
        purchase.order_line.price_unit = 9.0
        purchase.button_confirm()
        seller = self.chair.seller_ids.filtered(
            lambda seller: seller.partner_id == self.other_vendor
        )
        self.assertEqual(seller.price, 9.0)

    def test_analytic_plan_that_is_mandatory(self):
        """The customer's distribution serves the vendor; else the buyer is asked."""
        plan = self.env["account.analytic.plan"].create(
            {
                "name": "Trade Channel",
                "applicability_ids": [
                    Command.create(
                        {
                            "business_domain": "purchase_order",
                            "applicability": "mandatory",
                        }
                    )
                ],
            }
        )
        account = self.env["account.analytic.account"].create(
            {"name": "Retail", "plan_id": plan.id}
        )
        distribution = {str(account.id): 100.0}
        carried = self._new_sale(
            (self.chair, 1, {"analytic_distribution": distribution})
        )
        purchase = self._new_purchase(carried)
        purchase.with_context(validate_analytic=True).button_confirm()
        self.assertEqual(purchase.state, "purchase")

        missing = self._new_sale()
        purchase = self._new_purchase(missing)
        with self.assertRefused("analytic", ValidationError):
            purchase.with_context(validate_analytic=True).button_confirm()
        self.assertEqual(purchase.state, "draft")
        purchase.order_line.analytic_distribution = distribution
        purchase.with_context(validate_analytic=True).button_confirm()
        self._post(missing)
        self.assertEqual(missing.order_line.qty_delivered, 10)

    def test_analytic_distribution_reaches_the_bill(self):
        """From the sales line to the purchase line, the bill and the invoice."""
        plan = self.env["account.analytic.plan"].create({"name": "Trade Channel"})
        account = self.env["account.analytic.account"].create(
            {"name": "Retail", "plan_id": plan.id}
        )
        distribution = {str(account.id): 100.0}
        sale = self._new_sale((self.chair, 1, {"analytic_distribution": distribution}))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        invoice = self._post_invoice(sale)
        bill = self._new_bill(purchase)
        self.assertEqual(invoice.invoice_line_ids.analytic_distribution, distribution)
        self.assertEqual(
            bill.sudo().invoice_line_ids.analytic_distribution, distribution
        )

    def test_purchase_quantity_after_a_posting(self):
        """What was shipped is not on order a second time, whatever the buyer writes."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        with self.assertRefused("more than is left to order"):
            purchase.order_line.product_qty = 11
        purchase.order_line.product_qty = 4
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        self.assertEqual(sale.order_line.qty_to_ship, 0)
        self.assertEqual(sale.order_line.qty_delivered, 4)

    def test_purchase_quantity_below_what_was_received(self):
        """What the vendor has shipped stays ordered, unless it is returned."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        with self.assertRefused(rf"{purchase.name}, line 1 .* 4 Units .*Return"):
            purchase.order_line.product_qty = 2
        self.assertEqual(purchase.order_line.product_qty, 10)
        purchase.order_line.product_qty = 4
        line = sale.order_line
        self.assertEqual(line.qty_delivered, 4)
        self.assertEqual(line.qty_to_ship, 0)
        self.assertEqual(line.drop_shipment_qty_to_order, 6)

    def test_negative_sales_line(self):
        """Goods that come back with an order are no vendor's to ship: the salesman is
        told to untick the line, not to look for a purchase order."""
        self.chair.drop_shipment = True
        quotation = self._new_sale((self.chair, 3), confirm=False)
        attempts = {
            "entered": lambda: self._new_sale((self.chair, -3)),
            "changed": lambda: quotation.order_line.write({"product_uom_qty": -3}),
        }
        for attempt, run in attempts.items():
            with self.subTest(attempt=attempt):
                with self.assertRefused(r"\(Chair\)") as caught:
                    run()
                self.assertNotIn("purchase order", str(caught.exception))
                self.assertIn("ntick", str(caught.exception))
        sale = self._new_sale(
            (self.chair, -3, {"drop_shipment": False}), (self.desk, 2)
        )
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [0, 2])
        purchase = self._new_purchase(sale)
        self.assertEqual(purchase.order_line.product_id, self.desk)
