from contextlib import suppress
from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .common_returns import WarehouseCommon
from .common_valuation import LedgerCommon

# Each posts what the letters say, one after the other: goods, invoice, bill.
SEQUENCES = ("ship invoice bill", "ship bill invoice", "bill ship invoice")
SEQUENCES += ("bill invoice ship", "invoice ship bill")
METHODS = ("standard", "average", "fifo")


class RollBack(Exception):
    """Ends a case of a table: what it did is undone."""


class OwnStockCommon(LedgerCommon, WarehouseCommon):
    """One of each product in own stock at 5, in a company with a ledger of its own.

    The products: each costing method, valued perpetually and periodically. The vendor
    asks 12, the customer pays 20.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.variation = cls.stock_valuation.account_stock_variation_id
        cls.products = cls.env["product.product"].union(
            *(
                cls._new_valued_product(method, valuation)
                for method in METHODS
                for valuation in ("real_time", "periodic")
            )
        )
        cls.perpetual = cls.products.filtered(
            lambda product: product.valuation == "real_time"
        )
        cls._stock_up(cls.products)

    @classmethod
    def _new_valued_product(cls, method, valuation, **values):
        category = cls.env["product.category"].create(
            {
                "name": f"{method} {valuation}",
                "property_cost_method": method,
                "property_valuation": valuation,
            }
        )
        return cls._new_product(
            f"Own {method} {valuation}",
            **{
                "price": 12.0,
                "standard_price": 5.0,
                "categ_id": category.id,
                "invoice_policy": "order",
                "purchase_method": "purchase",
                **values,
            },
        )

    @classmethod
    def _stock_up(cls, products, price=5.0):
        """Buy one of each for own stock, receive and bill it."""
        purchase = cls.env["purchase.order"].create(
            {
                "partner_id": cls.other_vendor.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": 1,
                            "price_unit": price,
                        }
                    )
                    for product in products
                ],
            }
        )
        purchase.button_confirm()
        cls._deliver(purchase.picking_ids)
        cls._new_bill(purchase, date="2026-01-01")

    @classmethod
    def _new_orders(cls, products=None, quantity=10, control="none"):
        cls.company.drop_shipment_bill_control = control
        sale = cls._new_sale(
            *((product, quantity) for product in products or cls.products)
        )
        return sale, cls._new_purchase(sale, confirm=True)

    def _do(self, step, sale, purchase, price=None, quantity=None):
        """Post goods, invoice or bill; the bill at `price`."""
        if step == "ship":
            self._post(sale, "ship", quantity)
        elif step == "invoice":
            self._post_invoice(sale)
        else:
            bill = self._new_bill(purchase, post=False)
            if price is not None:
                bill.invoice_line_ids.price_unit = price
            bill.action_post()

    def _reverse_part(self, move, quantity):
        """Post a credit note or refund of a part of each line, as accountant."""
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": "2026-01-31"})
        )
        reversal = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        reversal.invoice_line_ids.quantity = quantity
        reversal.with_user(self.accountant).action_post()
        return reversal

    def _get_balances(self, product, *accounts):
        """Return the posted balances of `product` on these accounts."""
        groups = dict(
            self.env["account.move.line"]._read_group(
                [("product_id", "=", product.id), ("parent_state", "=", "posted")],
                ["account_id"],
                ["balance:sum"],
            )
        )
        return [round(groups.get(account, 0.0), 2) for account in accounts]

    def assertBooks(self, income, expense, products=None, own=5.0, quantity=1):
        """Income, expenses, and the worth of own stock: in the ledger and in Inventory.

        What was bought for own stock is an expense of a periodic ledger from the start.
        """
        self.env.invalidate_all()
        for product in products or self.products:
            with self.subTest(product=product.name):
                perpetual = product.valuation == "real_time"
                self.assertEqual(
                    self._get_balances(
                        product,
                        self.income,
                        self.expense,
                        self.stock_valuation,
                        self.variation,
                    ),
                    [
                        -income,
                        expense if perpetual else expense + 5.0,
                        own if perpetual else 0.0,
                        0.0,
                    ],
                )
                self.assertEqual(product.qty_available, quantity)
                self.assertAlmostEqual(product.total_value, own)

    def assertOwnCost(self, products=None, cost=5.0):
        """Cost price, average and value of the one in own stock are as they were."""
        self.env.invalidate_all()
        for product in products or self.products:
            with self.subTest(product=product.name):
                self.assertEqual(
                    [product.standard_price, product.avg_cost, product.total_value],
                    [cost] * 3,
                )


class TestOwnStock(OwnStockCommon):
    """What never was in our stock changes neither its value nor its cost price."""

    def _run(self, sequence, price=None, quantity=None):
        sale, purchase = self._new_orders()
        for step in sequence.split():
            self._do(step, sale, purchase, price=price, quantity=quantity)
        return sale, purchase

    def test_sequences(self):
        """Goods, invoice and bill in any sequence: what the vendor billed, once."""
        for sequence in SEQUENCES:
            with self.subTest(sequence), suppress(RollBack), self.cr.savepoint():
                self._run(sequence, price=15)
                self.assertBooks(income=200, expense=150)
                self.assertOwnCost()
                raise RollBack

    def test_own_stock_at_each_step(self):
        """Not even for a while: after each of the steps own stock is what it was."""
        sale, purchase = self._new_orders()
        self._post(sale, "ship", 4)
        self.assertOwnCost()
        self._post_invoice(sale)
        self._do("bill", sale, purchase, price=13)
        self.assertOwnCost()
        self._post(sale, "ship")
        self.assertOwnCost()
        self.assertBooks(income=200, expense=130)
        bill = purchase.sudo().invoice_ids.with_user(self.accountant)
        bill.button_draft()
        bill.invoice_line_ids.price_unit = 14
        bill.action_post()
        self.assertOwnCost()
        self.assertBooks(income=200, expense=140)

    def test_parts(self):
        """Shipped, invoiced and billed in parts, by quantities delivered."""
        self.products.write(
            {"invoice_policy": "delivery", "purchase_method": "receive"}
        )
        sale, purchase = self._new_orders()
        for quantity, price in ((3, 12), (5, 14), (2, 10)):
            self._post(sale, "ship", quantity)
            self._post_invoice(sale)
            self._do("bill", sale, purchase, price=price)
            self.assertOwnCost()
        self.assertBooks(income=200, expense=3 * 12 + 5 * 14 + 2 * 10)

    def test_own_stock_bought_and_sold_meanwhile(self):
        """The average is that of what was in stock, whatever was shipped between."""
        sale, _purchase = self._new_orders()
        self._post(sale, "ship")
        self._stock_up(self.products, price=7)
        for product in self.products:
            standard = product.cost_method == "standard"
            self.assertEqual(product.total_value, 10 if standard else 12, product.name)
        own = self._new_sale(
            *((product, 1, {"drop_shipment": False}) for product in self.products)
        )
        self._deliver(own.picking_ids)
        self.env.invalidate_all()
        worth = {"standard": 5, "average": 6, "fifo": 7}
        for product in self.products:
            expected = worth[product.cost_method]
            self.assertEqual(product.total_value, expected, product.name)
            self.assertEqual(product.standard_price, expected, product.name)

    def test_only_drop_shipped(self):
        """A product that never was in stock keeps its cost price, none or other."""
        for cost in (0.0, 10.0):
            products = self.env["product.product"].union(
                *(
                    self._new_valued_product(method, "real_time", standard_price=cost)
                    for method in METHODS
                )
            )
            sale, purchase = self._new_orders(products)
            for step in ("ship", "invoice", "bill"):
                self._do(step, sale, purchase, price=15)
            for product in products:
                self.assertEqual(product.standard_price, cost, product.name)
                self.assertEqual(product.total_value, 0, product.name)

    def test_value_of_a_day_before(self):
        """The stock valuation of an earlier day leaves drop shipments out as well."""
        sale, purchase = self._new_orders()
        for step in ("ship", "invoice", "bill"):
            self._do(step, sale, purchase, price=15)
        self.env.invalidate_all()
        tomorrow = fields.Date.today() + timedelta(days=1)
        for product in self.products.with_context(to_date=tomorrow):
            self.assertEqual(product.total_value, 5, product.name)

    def test_by_lots(self):
        """Valued by lot: the cost of no lot in own stock, nor of the product, moves."""
        for method in ("average", "fifo"):
            product = self._new_valued_product(
                method, "real_time", tracking="lot", lot_valuated=True
            )
            lot = self.env["stock.lot"].create(
                {"name": method, "product_id": product.id}
            )
            self.env["stock.quant"].with_context(inventory_mode=True).create(
                {
                    "product_id": product.id,
                    "location_id": self.stock_location.id,
                    "lot_id": lot.id,
                    "inventory_quantity": 1,
                }
            ).action_apply_inventory()
            _sale, purchase = self._new_orders(product)
            picking = purchase.sudo().picking_ids
            picking.move_ids.move_line_ids.unlink()
            picking.move_ids.move_line_ids = [
                Command.create(
                    {"product_id": product.id, "lot_name": "V1", "quantity": 10}
                )
            ]
            picking.move_ids.picked = True
            picking.button_validate()
            self._new_bill(purchase)
            self.env.invalidate_all()
            self.assertEqual([lot.standard_price, lot.total_value], [5, 5], method)
            self.assertEqual([product.standard_price, product.total_value], [5, 5])

    def test_core_route_as_before(self):
        """For lines that are not ticked core's own Dropship route does what it did."""
        product = self.products.filtered(
            lambda product: product.cost_method == "average"
        )[:1]
        product.route_ids = self.env.ref("stock_dropshipping.route_drop_shipping")
        sale = self._new_sale((product, 1, {"drop_shipment": False}))
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        purchase.button_confirm()
        self._deliver(purchase.picking_ids)
        self.assertEqual(product.standard_price, 8.5)


class TestWarehouseUser(OwnStockCommon):
    """An Inventory user without rights in Accounting validates in a new request."""

    def _validate(self, picking):
        picking = picking.sudo().with_user(self.warehouse_user)
        picking.move_ids.picked = True
        self.env.flush_all()
        self.env.invalidate_all()
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.env.flush_all()

    def _new_core_history(self):
        """Drop-ship one of each by core's own route; the bill is posted."""
        self.products.route_ids = self.env.ref("stock_dropshipping.route_drop_shipping")
        sale = self._new_sale(
            *((product, 1, {"drop_shipment": False}) for product in self.products)
        )
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        purchase.button_confirm()
        self._deliver(purchase.picking_ids)
        self._new_bill(purchase)
        self.products.route_ids = False

    def test_drop_shipment(self):
        """Billed or not; the one of own stock costs what it did."""
        for billed in (False, True):
            _sale, purchase = self._new_orders()
            if billed:
                self._new_bill(purchase)
            self._validate(purchase.sudo().picking_ids)
            self.assertOwnCost()

    def test_with_history_of_core(self):
        """Also of products that core's own Dropship route has shipped before."""
        self._new_core_history()
        _sale, purchase = self._new_orders()
        self._new_bill(purchase)
        picking = purchase.sudo().picking_ids
        self._validate(picking)
        for location in (None, self.stock_location):
            self._take_back(picking, 2, location)

    def test_core_route(self):
        """The transfer of a line that is not ticked."""
        self._new_core_history()
        self.products.route_ids = self.env.ref("stock_dropshipping.route_drop_shipping")
        sale = self._new_sale(
            *((product, 1, {"drop_shipment": False}) for product in self.products)
        )
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        purchase.button_confirm()
        self._new_bill(purchase)
        self._validate(purchase.picking_ids)

    def test_returns(self):
        """To the vendor, to own stock, and on from there."""
        sale, purchase = self._new_orders()
        self._post(sale)
        self._new_bill(purchase)
        self._take_back(self._take_back(sale.picking_ids, 2), 2)
        returned = self._take_back(sale.picking_ids[:1], 3, self.stock_location)
        self._take_back(returned, 1)
