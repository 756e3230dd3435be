from contextlib import suppress

from odoo import fields
from odoo.fields import Command
from odoo.tests import freeze_time

from .test_own_stock import OwnStockCommon, RollBack


class TestOwnStockReturns(OwnStockCommon):
    """Returns to the vendor are no business of our stock; those to it are."""

    def _new_done(self, price=None):
        """Return orders of ten: shipped, invoiced and billed."""
        sale, purchase = self._new_orders()
        for step in ("ship", "invoice", "bill"):
            self._do(step, sale, purchase, price=price)
        return sale, purchase

    def _settle(self, sale, purchase, credited=0, refunded=0):
        if credited:
            self._reverse_part(sale.sudo().invoice_ids[:1], credited)
        if refunded:
            self._reverse_part(purchase.sudo().invoice_ids[:1], refunded)

    def test_to_vendor(self):
        """Refunded and credited: what was kept, and own stock as it was."""
        for price in (12, 15):
            with self.subTest(price), suppress(RollBack), self.cr.savepoint():
                sale, purchase = self._new_done(price)
                self._take_back(sale.picking_ids, 4)
                self.assertOwnCost()
                self._settle(sale, purchase, credited=4, refunded=4)
                self.assertBooks(income=120, expense=6 * price)
                self.assertOwnCost()
                raise RollBack

    def test_to_vendor_and_again_to_the_customer(self):
        """The return of a return: nothing happened, to the books neither."""
        sale, _purchase = self._new_done(15)
        returned = self._take_back(sale.picking_ids, 4)
        self._take_back(returned, 4, self.env.ref("stock.stock_location_customers"))
        self.assertOwnCost()
        self.assertBooks(income=200, expense=150)

    def test_to_own_stock(self):
        """What comes to own stock is worth what the vendor billed for it."""
        for price in (12, 15):
            with self.subTest(price), suppress(RollBack), self.cr.savepoint():
                sale, purchase = self._new_done(price)
                self._take_back(sale.picking_ids, 4, self.stock_location)
                self._settle(sale, purchase, credited=4)
                self._assert_kept(price, income=120, billed=10)
                raise RollBack

    def _assert_kept(self, price, income, billed, kept=4):
        """Ledger and Inventory agree that `kept` of those `billed` are in own stock.

        At standard cost they are worth that; the rest of their price is an expense.
        """
        for product in self.products:
            cost = 5 if product.cost_method == "standard" else price
            # A periodic ledger learns the value of stock by its closing entry.
            booked = kept * cost if product.valuation == "real_time" else 0
            self.assertBooks(
                income=income,
                expense=billed * price - booked,
                products=product,
                own=5 + kept * cost,
                quantity=1 + kept,
            )
            if product.cost_method != "standard":
                self.assertAlmostEqual(
                    product.standard_price, (5 + kept * cost) / (1 + kept)
                )

    def test_to_own_stock_credited_in_parts(self):
        """Each credit note takes the cost of its own quantity, together no more."""
        sale, purchase = self._new_done()
        self._take_back(sale.picking_ids, 4, self.stock_location)
        for quantity in (1, 3, 2):
            self._settle(sale, purchase, credited=quantity)
        self._assert_kept(12, income=80, billed=10)

    def _new_charged(self):
        """Return orders of ten: shipped, invoiced as 5 at 20 and 5 at 21, billed."""
        sale, purchase = self._new_orders()
        self._do("ship", sale, purchase)
        for price in (20, 21):
            invoice = sale.sudo()._create_invoices()
            invoice.invoice_line_ids.write({"quantity": 5, "price_unit": price})
            invoice.action_post()
        self._do("bill", sale, purchase)
        return sale

    def test_to_own_stock_credited_at_two_prices(self):
        """3 to own stock and 3 to the vendor are in one credit note."""
        sale = self._new_charged()
        shipment = sale.picking_ids
        for location in (self.stock_location, None):
            self._take_back(shipment, 3, location)
        lines = sale.sudo().order_line
        note = self.env["drop.shipment.crediting"]._create_credit_notes(
            dict.fromkeys(lines, 6.0)
        )
        note.sudo().filtered(lambda move: move.state == "draft").action_post()
        self.assertEqual(len(note.invoice_line_ids), 2 * len(lines))
        self._assert_kept(12, income=80, billed=10, kept=3)

    def test_to_own_stock_taken_off_an_invoice(self):
        """6 at two prices are taken off the invoice of something else."""
        self.company.drop_shipment_bill_control = "none"
        self.products.invoice_policy = "delivery"
        sale = self._new_charged()
        self._take_back(sale.picking_ids, 6, self.stock_location)
        other = {"product_id": self.service.id, "price_unit": 9000}
        sale.order_line = [Command.create({**other, "drop_shipment": False})]
        invoice = sale.sudo()._create_invoices(final=True)
        self.assertEqual(invoice.move_type, "out_invoice")
        invoice.action_post()
        self._assert_kept(12, income=80, billed=10, kept=6)

    def test_to_own_stock_before_invoice_and_bill(self):
        """The invoice of the rest leaves the cost of the rest an expense."""
        self.products.write(
            {"invoice_policy": "delivery", "purchase_method": "receive"}
        )
        sale, purchase = self._new_orders()
        self._post(sale, "ship")
        self._take_back(sale.picking_ids, 4, self.stock_location)
        self._new_bill(purchase)
        self._post_invoice(sale)
        self._assert_kept(12, income=120, billed=10)

    def test_to_own_stock_and_out_again(self):
        """Taken back, then delivered to the customer after all: as if nothing was."""
        sale, _purchase = self._new_done(15)
        returned = self._take_back(sale.picking_ids, 4, self.stock_location)
        out = self._take_back(returned, 4)
        self.assertEqual(out.location_dest_id.usage, "customer")
        self.env.invalidate_all()
        for product in self.perpetual:
            balances = self._get_balances(
                product, self.income, self.expense, self.stock_valuation
            )
            self.assertEqual(balances, [-200, 150, 5], product.name)

    def test_to_own_stock_and_to_the_vendor(self):
        """By way of own stock: refunded and credited, nothing of it is left."""
        sale, purchase = self._new_done()
        returned = self._take_back(sale.picking_ids, 4, self.stock_location)
        self._take_back(returned, 4, self.env.ref("stock.stock_location_suppliers"))
        self._settle(sale, purchase, credited=4, refunded=4)
        for product in self.perpetual:
            income, expense, stock = self._get_balances(
                product, self.income, self.expense, self.stock_valuation
            )
            # What left own stock left it at core's average, or first in first out.
            self.assertAlmostEqual(stock, product.total_value, msg=product.name)
            self.assertEqual([income, expense + stock], [-120, 72 + 5], product.name)

    def test_beside_a_line_from_own_stock(self):
        """In one order each line keeps its own cost, invoice by invoice."""
        product = self.perpetual.filtered(
            lambda product: product.cost_method == "average"
        )
        product.write({"invoice_policy": "delivery", "purchase_method": "receive"})
        self._stock_up(product)
        self.company.drop_shipment_bill_control = "none"
        sale = self._new_sale((product, 10), (product, 2, {"drop_shipment": False}))
        purchase = self._new_purchase(sale, confirm=True)
        own = sale.picking_ids - purchase.sudo().picking_ids
        self._post(sale)
        # Core averages in the order of time, to the second.
        with freeze_time(fields.Datetime.now()) as clock:
            clock.tick(60)
            self._take_back(purchase.sudo().picking_ids, 4, self.stock_location)
            clock.tick(60)
            self._deliver(own, 1)
            self._post_invoice(sale)
            clock.tick(60)
            self._deliver(own.backorder_ids)
            self._post_invoice(sale)
            self._new_bill(purchase)
        # Two at 5 and four at 12, of which two of the average were delivered.
        stock = (2 * 5 + 4 * 12) * 4 / 6
        self.assertEqual(product.qty_available, 4)
        self.assertAlmostEqual(product.total_value, stock, 2)
        balances = self._get_balances(
            product, self.income, self.expense, self.stock_valuation
        )
        expected = [-160, 10 + 120 - stock, stock]
        for balance, value in zip(balances, expected, strict=True):
            self.assertAlmostEqual(balance, value, 2)

    def test_invoice_reversed_and_made_again(self):
        """Cancelled by a credit note and replaced: the cost of stock is booked once."""
        product = self.perpetual.filtered(
            lambda product: product.cost_method == "average"
        )
        sale = self._new_sale((product, 10, {"drop_shipment": False}))
        self._deliver(sale.picking_ids, 1)
        sale.sudo().picking_ids.filtered(
            lambda picking: picking.state != "done"
        ).action_cancel()
        sale.order_line.drop_shipment = True
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        expected = [-200, 9 * 12 + 5, 0]
        accounts = self.income, self.expense, self.stock_valuation
        self.assertEqual(self._get_balances(product, *accounts), expected)
        self._reverse(sale.sudo().invoice_ids, modify=True)
        sale.sudo().invoice_ids.filtered(
            lambda move: move.state == "draft"
        ).action_post()
        self.assertEqual(self._get_balances(product, *accounts), expected)
