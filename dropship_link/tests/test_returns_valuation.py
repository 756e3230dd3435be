from contextlib import suppress

from odoo.exceptions import UserError
from odoo.fields import Command

from .common_returns import ReturnsCommon
from .common_valuation import PerpetualCommon


class TestReturnValuation(PerpetualCommon, ReturnsCommon):
    """Perpetual valuation: returns leave the ledger and the stock in agreement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls._new_perpetual_products()

    def _new_orders(self, *lines, **values):
        """Ten of each product at 20, bought at 12, and shipped."""
        lines = lines or [(product, 10) for product in self.products]
        return super()._new_orders(*lines, **values)

    def assertClosing(self):
        """After the closing entry the ledger's stock is worth what the stock is."""
        # Core refuses where ledger and stock agree already.
        with suppress(UserError), self.cr.savepoint():
            self.company.action_close_stock_valuation(auto_post=True)
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.stock_valuation.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertAlmostEqual(
            sum(lines.mapped("balance")), sum(self.products.mapped("total_value"))
        )

    def _deliver_from_stock(self, delivered=3):
        """Return orders of ten, partly delivered from own stock, at the same cost."""
        self.products.standard_price = 12
        for product in self.products:
            self.env["stock.quant"].with_context(inventory_mode=True).create(
                {
                    "product_id": product.id,
                    "location_id": self.stock_location.id,
                    "inventory_quantity": 10,
                }
            ).action_apply_inventory()
        sale = self._new_sale(
            *((product, 10, {"drop_shipment": False}) for product in self.products)
        )
        self._deliver(sale.picking_ids, delivered)
        return sale

    def _tick(self, sale):
        """Let vendors ship the rest; return the confirmed purchase order."""
        sale.sudo().picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        ).action_cancel()
        sale.order_line.drop_shipment = True
        return self._new_purchase(sale, confirm=True)

    def test_to_vendor_before_invoice_and_bill(self):
        """Only what was kept is an expense and an income."""
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 4)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertBalances(expense=72, income=-120)
        self.assertEqual(set(self.products.mapped("total_value")), {0})
        self.assertClosing()

    def test_to_vendor_between_invoice_and_bill(self):
        """Invoiced in full, billed and credited in part."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._take_back(sale.picking_ids, 4)
        self._new_bill(purchase)
        self._credit(sale)
        self.assertBalances(expense=72, income=-120)
        self.assertClosing()

    def test_to_vendor_after_invoice_and_bill(self):
        """Credit note and refund of a part take that part back, no more."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 4)
        self._credit(sale)
        self._refund(purchase)
        self.assertBalances(expense=72, income=-120)
        self.assertClosing()

    def test_to_vendor_and_replaced(self):
        """What is shipped again costs again."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 4)
        self._credit(sale)
        self._refund(purchase)
        for line in purchase.order_line:
            line.action_close_drop_shipment_remainder()
        rest = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(rest)
        self.assertBalances(expense=120, income=-200)
        self.assertClosing()

    def test_to_stock_after_invoice_and_bill(self):
        """The credit note moves the goods' cost from expense to stock."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 4, self.stock_location)
        self._credit(sale)
        self.assertEqual(self.products.mapped("qty_available"), [4, 4, 4])
        for product in self.products:
            balances = self._get_balances(product)
            self.assertEqual(balances[self.income], -120, product.name)
            self.assertAlmostEqual(
                balances[self.expense] + balances.get(self.stock_valuation, 0),
                120,
                msg=product.name,
            )
            self.assertAlmostEqual(
                balances.get(self.stock_valuation, 0),
                product.total_value,
                msg=product.name,
            )
        self.assertClosing()

    def test_to_stock_before_invoice_and_bill(self):
        """Bought, taken to stock by way of the customer: an expense and a value."""
        self.company.drop_shipment_bill_control = "none"
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 4, self.stock_location)
        self._post_invoice(sale)
        self._new_bill(purchase)
        for product in self.products:
            self.assertEqual(self._get_balances(product)[self.income], -120)
        self.assertClosing()

    def test_to_stock_and_to_vendor_at_another_price(self):
        """Two of nine stay with us, five go back: the bill's price is that of all."""
        self.company.drop_shipment_bill_control = "none"
        product = self.products[-1]
        sale, purchase = self._new_orders((product, 10), ship=9)
        shipped = sale.sudo().picking_ids.filtered("date_done")
        self._take_back(shipped, 2, self.stock_location)
        self._take_back(shipped, 5)
        self._post(sale, "ship")
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids.price_unit = 13
        bill.action_post()
        self.assertEqual(bill.invoice_line_ids.quantity, 5)
        moves = purchase.sudo().order_line.move_ids.sorted("id")
        self.assertEqual(moves.mapped("quantity"), [9, 1, 2, 5])
        self.assertEqual(moves.mapped("value"), [117, 13, 26, 65])
        self.assertEqual(product.total_value, 26)
        self._post_invoice(sale)
        self.assertBalances(product, expense=39, income=-60, stock_valuation=26)

    def test_to_vendor_after_a_part_was_billed(self):
        """Five of ten are billed, the others go back: all that is left is billed."""
        self.company.drop_shipment_bill_control = "none"
        for product in self.products[1:]:
            sale, purchase = self._new_orders((product, 10))
            shipped = sale.sudo().picking_ids
            self._take_back(shipped, 2, self.stock_location)
            bill = self._new_bill(purchase, post=False)
            bill.invoice_line_ids.write({"quantity": 5, "price_unit": 13})
            bill.action_post()
            self.assertEqual(product.total_value, 25)
            self._take_back(shipped, 5)
            self.assertEqual(product.total_value, 26)

    def test_current_company_is_another(self):
        """*Return* to own stock renews the cost of the order's company, no other."""
        other = self.env["res.company"].create({"name": "Other Company"})
        sale, _purchase = self._new_orders()
        self.salesman.company_ids |= other
        both = sale.with_context(allowed_company_ids=[other.id, self.company.id])
        dialog = both.env["drop.shipment.return"].create(
            {"sale_order_id": sale.id, "destination": "stock"}
        )
        dialog.line_ids.quantity = 4
        dialog.action_return()
        self.assertEqual(self.products.mapped("standard_price"), [10, 12, 12])
        elsewhere = self.products.with_company(other)
        self.assertEqual(elsewhere.mapped("standard_price"), [0, 0, 0])

    def test_partly_from_stock_invoiced_at_once(self):
        """Cost of goods sold for the part from stock, vendor's cost for the rest."""
        sale = self._deliver_from_stock()
        purchase = self._tick(sale)
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertBalances(expense=120, income=-200, stock_valuation=-36)

    def test_partly_from_stock_invoiced_before_the_tick(self):
        """Each part by its own invoice: cost of goods sold is booked once."""
        sale = self._deliver_from_stock()
        self._post_invoice(sale)
        self.assertBalances(expense=36, income=-60, stock_valuation=-36)
        purchase = self._tick(sale)
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertBalances(expense=120, income=-200, stock_valuation=-36)

    def test_partly_from_stock_invoiced_in_two_parts(self):
        """Two invoices after the tick, the first of them larger than the stock part."""
        sale = self._deliver_from_stock()
        purchase = self._tick(sale)
        self._post(sale, "ship", 2)
        self._post_invoice(sale)
        self.assertBalances(expense=36, income=-100, stock_valuation=-36)
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertBalances(expense=120, income=-200, stock_valuation=-36)

    def test_partly_from_stock_returned_to_vendor(self):
        """What goes back to the vendor is no cost of goods sold."""
        sale = self._deliver_from_stock()
        purchase = self._tick(sale)
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(purchase.picking_ids, 4)
        self._credit(sale)
        self._refund(purchase)
        self.assertBalances(expense=72, income=-120, stock_valuation=-36)

    def test_partly_from_stock_closing(self):
        """The value of what is left in stock, once the closing entry is posted."""
        sale = self._deliver_from_stock()
        purchase = self._tick(sale)
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertEqual(self.products.mapped("qty_available"), [7, 7, 7])
        self.assertClosing()

    def test_new_line_for_goods_of_the_same_kind(self):
        """A line from stock beside the returned one keeps its own cost."""
        product = self.products[0]
        self.env["stock.quant"]._update_available_quantity(
            product, self.stock_location, 5
        )
        sale, purchase = self._new_orders((product, 10))
        sale.order_line = [
            Command.create(
                {
                    "product_id": product.id,
                    "product_uom_qty": 5,
                    "drop_shipment": False,
                }
            )
        ]
        self._deliver(
            sale.picking_ids.filtered(lambda picking: picking.state != "done")
        )
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertBalances(product, expense=170, income=-300, stock_valuation=-50)
