from odoo.fields import Command
from odoo.tests import Form

from odoo.addons.dropship_link.tests.common import DropShipmentCommon


class MarginCommon(DropShipmentCommon):
    """The chair costs 10 by itself, 12 of its vendor, and is sold for 20."""

    def assertCost(self, sale, cost, margin=None):
        """The first line costs so much a unit; list and analysis have its margin."""
        self.env.flush_all()
        self.env.invalidate_all()
        line = sale.sudo().order_line[0]
        self.assertAlmostEqual(line.purchase_price, cost, 6)
        if margin is not None:
            self.assertAlmostEqual(line.margin, margin, 6)
            row = self.env["drop.shipment.report"].sudo().browse(line.id)
            self.assertAlmostEqual(row.margin, margin, 2)
            self.assertAlmostEqual(row.cost, row.revenue_ordered - margin, 2)
            rows = self.env["drop.shipment.analysis"].sudo()
            rows = rows.search(
                [("sale_ref", "=", sale.name), ("product_id", "=", line.product_id.id)]
            )
            self.assertAlmostEqual(sum(rows.mapped("margin")), margin, 2)


class TestMargin(MarginCommon):
    """The cost of a sales line is what its vendors take for it."""

    def test_ordinary_lines_are_left_to_core(self):
        """Own stock at its own cost; a cost that was typed in stays."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}), confirm=False)
        self.assertCost(sale, 10)
        sale.order_line.purchase_price = 7
        sale.order_line.product_uom_qty = 11
        self.assertCost(sale, 7)

    def test_quotation(self):
        """The price of the proposed vendor, and of the one who is chosen."""
        self.chair.seller_ids = [
            Command.create({"partner_id": self.vendor.id, "price": 9, "min_qty": 20}),
            Command.create({"partner_id": self.other_vendor.id, "price": 15}),
        ]
        sale = self._new_sale(confirm=False)
        self.assertCost(sale, 12)
        sale.order_line.product_uom_qty = 20
        self.assertCost(sale, 9)
        sale.order_line.drop_shipment_vendor_id = self.other_vendor
        self.assertCost(sale, 15)
        sale.order_line.drop_shipment = False
        self.assertCost(sale, 10)

    def test_no_price_of_the_vendor(self):
        """What the order would take then: what the product costs."""
        self.chair.seller_ids.min_qty = 50
        sale = self._new_sale(confirm=False)
        self.assertCost(sale, 10)
        sale.order_line.drop_shipment_vendor_id = self.customer
        self.assertCost(sale, 10)

    def test_quotation_on_the_screen(self):
        """The cost is there before the quotation is saved."""
        sale = self._new_sale(confirm=False)
        with Form(sale) as form, form.order_line.new() as row:
            row.product_id = self.chair
            row.drop_shipment = True
            self.assertEqual(row.purchase_price, 12)
            row.drop_shipment_vendor_id = self.customer
            self.assertEqual(row.purchase_price, 10)

    def test_before_and_after_shipping(self):
        """One cost all along, for each way to value own stock."""
        for method in ("standard", "average", "fifo"):
            with self.subTest(method=method):
                category = self.env["product.category"].create(
                    {"name": method, "property_cost_method": method}
                )
                product = self._new_product("Lamp", price=12, categ_id=category.id)
                product.standard_price = 10
                sale = self._new_sale((product, 10))
                self.assertCost(sale, 12)
                purchase = self._new_purchase(sale)
                self.assertCost(sale, 12, 80)
                purchase.order_line.write({"price_unit": 16, "discount": 25})
                self.assertCost(sale, 12, 80)
                purchase.order_line.discount = 50
                purchase.button_confirm()
                self.assertCost(sale, 8, 120)
                self._post(sale, quantity=4)
                self.assertCost(sale, 8, 120)
                self._post(sale)
                self.assertCost(sale, 8, 120)
                self._post_invoice(sale)
                self.assertCost(sale, 8, 120)

    def test_bill(self):
        """As billed, in parts and in full; a refund takes back what it refunds."""
        self.company.drop_shipment_bill_control = "none"
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids.price_unit = 13
        self.assertCost(sale, 12, 80)
        bill.action_post()
        # 4 at 13, 6 at 12.
        self.assertCost(sale, 12.4, 76)
        self._post(sale)
        rest = self._new_bill(purchase, post=False)
        rest.invoice_line_ids.price_unit = 15
        rest.action_post()
        self.assertCost(sale, 14.2, 58)
        self._reverse(rest)
        self.assertCost(sale, 12.4, 76)
        rest = self._new_bill(purchase)
        self.assertCost(sale, 12.4, 76)
        rest.button_draft()
        self.assertCost(sale, 12.4, 76)

    def test_several_vendors(self):
        """6 of one at 12, 4 of another at 20; a cancelled order counts no more."""
        sale = self._new_sale()
        first = self._new_purchase()
        self._get_sales_orders(first, sale, quantity=6)
        second = self._new_purchase(partner_id=self.other_vendor.id)
        wizard = self.env["purchase.order.get.sales.order"].with_user(self.buyer)
        wizard = wizard.create(
            {
                "purchase_order_id": second.id,
                "vendor_products_only": False,
                "sale_order_ids": [Command.set(sale.ids)],
            }
        )
        wizard.action_insert_lines()
        second.order_line.price_unit = 20
        self.assertCost(sale, 15.2, 48)
        (first | second).button_confirm()
        self._post(first, "receive")
        self.assertCost(sale, 15.2, 48)
        second.button_cancel()
        # The rest is to order again, from the proposed vendor.
        self.assertCost(sale, 12)

    def _new_partly_delivered(self, product=None, steps="ship_only"):
        """Return a sale of 10, of which own stock delivered 4, and its transfers."""
        product = product or self.chair
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        warehouse.delivery_steps = steps
        self.env["stock.quant"]._update_available_quantity(
            product, warehouse.lot_stock_id, 4
        )
        sale = self._new_sale((product, 10, {"drop_shipment": False}))
        done = self._deliver(sale.picking_ids, 4)
        rest = sale.sudo().picking_ids - done
        if steps != "ship_only":
            done |= self._deliver(rest.filtered(lambda pick: pick.state == "assigned"))
        (sale.sudo().picking_ids - done).action_cancel()
        self.assertEqual(sale.order_line.qty_delivered, 4)
        return sale, done

    def test_part_from_own_stock(self):
        """4 came from stock at 10, the rest is shipped by the vendor at 12."""
        for steps in ("ship_only", "pick_ship"):
            with self.subTest(steps=steps):
                sale, _done = self._new_partly_delivered(steps=steps)
                sale.order_line.drop_shipment = True
                self.assertCost(sale, 11.2)
                self._new_purchase(sale, confirm=True)
                self.assertCost(sale, 11.2)
                self._post(sale)
                self.assertCost(sale, 11.2)

    def test_unticked(self):
        """Own stock delivers it, at its own cost, unless another one is typed in."""
        sale = self._new_sale()
        self.assertCost(sale, 12)
        sale.order_line.drop_shipment = False
        self.assertTrue(sale.sudo().picking_ids)
        self.assertCost(sale, 10)
        sale, _done = self._new_partly_delivered()
        sale.order_line.drop_shipment = True
        self.assertCost(sale, 11.2)
        sale.order_line.drop_shipment = False
        self.assertCost(sale, 10)
        sale = self._new_sale()
        sale.order_line.write({"drop_shipment": False, "purchase_price": 7})
        self.assertCost(sale, 7)

    def test_part_from_own_stock_to_a_company_of_ours(self):
        """It goes to the transit location between companies; so counts core."""
        transit = self.env.ref("stock.stock_location_inter_company")
        transit.active = True
        self.customer.with_company(self.company).property_stock_customer = transit
        self.ship_to.with_company(self.company).property_stock_customer = transit
        sale, done = self._new_partly_delivered()
        self.assertEqual(done.location_dest_id, transit)
        sale.order_line.drop_shipment = True
        self.assertCost(sale, 11.2)

    def test_part_from_own_stock_comes_back(self):
        """1 of 4 from stock comes back before the tick, the others after it."""
        sale, done = self._new_partly_delivered()
        self._return(done, 1)
        sale.order_line.drop_shipment = True
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 7)
        self.assertCost(sale, 11.4)
        self._new_purchase(sale, confirm=True)
        self.assertCost(sale, 11.4)
        self._return(done, 3)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 3)
        self.assertCost(sale, 12)

    def test_units(self):
        """Sold by the dozen, bought and billed by the unit."""
        sale = self._new_sale(
            (
                self.chair,
                2,
                {"product_uom_id": self.uom_dozen.id, "price_unit": 200},
            )
        )
        self.assertCost(sale, 144)
        self._new_purchase(sale, confirm=True)
        self.assertCost(sale, 144, 112)
        self._post(sale, "ship_invoice")
        self.assertCost(sale, 144, 112)

    def test_units_of_the_vendor(self):
        """The vendor has a price for the dozen: 144, less 25 %."""
        self.chair.seller_ids.write(
            {"product_uom_id": self.uom_dozen.id, "price": 144, "discount": 25}
        )
        sale = self._new_sale((self.chair, 24))
        self.assertCost(sale, 9)
        self._new_purchase(sale, confirm=True)
        self.assertCost(sale, 9, 264)
        dozens = {"product_uom_id": self.uom_dozen.id, "price_unit": 200}
        sale = self._new_sale((self.chair, 2, dozens))
        self.assertCost(sale, 108)
        self._new_purchase(sale, confirm=True)
        self.assertCost(sale, 108, 184)

    def test_currencies(self):
        """Sold in one currency, bought in another, the company has a third."""
        dollar, franc = self.env.ref("base.GBP"), self.env.ref("base.CHF")
        (dollar | franc).active = True
        self.env["res.currency.rate"].create(
            [
                {"currency_id": dollar.id, "name": "2020-01-01", "rate": 2},
                {"currency_id": franc.id, "name": "2020-01-01", "rate": 4},
            ]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Pounds", "currency_id": dollar.id}
        )
        self.chair.seller_ids.write({"price": 40, "currency_id": franc.id})
        values = {"pricelist_id": pricelist.id}
        sale = self._new_sale((self.chair, 10, {"price_unit": 30}), **values)
        # 40 francs are 10 of ours, and 20 pounds.
        self.assertCost(sale, 20)
        self.vendor.with_company(self.company).property_purchase_currency_id = franc
        purchase = self._new_purchase(sale, currency_id=franc.id)
        self.assertEqual(purchase.order_line.price_unit, 40)
        self.assertCost(sale, 20)
        row = self.env["drop.shipment.report"].sudo().browse(sale.order_line.id)
        self.assertAlmostEqual(row.margin, 50, 2)
        self.assertAlmostEqual(sale.order_line.margin, 100, 2)
        same = self._new_sale((self.chair, 10, {"price_unit": 30}), **values)
        self._new_purchase(same, currency_id=dollar.id).order_line.price_unit = 21
        self.assertCost(same, 21)

    @classmethod
    def _set_included_tax(cls, product):
        product.supplier_taxes_id = cls.env["account.tax"].create(
            {
                "name": "Included",
                "amount": 20,
                "type_tax_use": "purchase",
                "price_include_override": "tax_included",
            }
        )

    def test_taxes(self):
        """Untaxed, also where the vendor's price has its tax in it."""
        self._set_included_tax(self.chair)
        sale = self._new_sale()
        self.assertCost(sale, 10)
        self._new_purchase(sale, confirm=True)
        self.assertCost(sale, 10, 100)

    def test_taxes_of_a_branch(self):
        """They are those of the company that it belongs to."""
        self._set_included_tax(self.chair)
        self.chair.seller_ids.company_id = False
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        salesman = self._new_user(
            "branch", "sales_team.group_sale_salesman", company=branch
        )
        sale = self._new_sale(user=salesman, company_id=branch.id)
        self.assertCost(sale, 10)

    def test_taxes_of_a_substitute(self):
        """So is what the vendor shipped instead, before and after the bill."""
        self.desk.seller_ids.price = 84
        self._set_included_tax(self.desk)
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        picking = sale.sudo().picking_ids
        picking.move_ids.quantity = 8
        picking.move_ids = [
            Command.create(
                {
                    "product_id": self.desk.id,
                    "quantity": 2,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
            )
        ]
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        desks = sale.sudo().order_line[1]
        self.assertAlmostEqual(desks.purchase_price, 70)
        self._post_invoice(sale)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 8 * 12 + 2 * 70)
        self.assertAlmostEqual(desks.purchase_price, 70)

    def test_substitute_and_more_than_ordered(self):
        """More was shipped than ordered: the cost of one unit is what it was."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=12, over_delivery=True)
        self.assertCost(sale, 12, 80)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertCost(sale, 12, 80)

    def test_closed_remainder(self):
        """4 of 10 were shipped at 8; the rest is to order at the list price."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.order_line.price_unit = 8
        purchase.button_confirm()
        self._post(sale, quantity=4)
        purchase.action_close_drop_shipment_remainder()
        self.assertCost(sale, 10.4)
