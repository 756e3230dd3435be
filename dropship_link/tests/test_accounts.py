from odoo.fields import Command
from odoo.tests import Form

from .common_valuation import PerpetualCommon


class TestAccounts(PerpetualCommon):
    """Perpetual valuation: the vendor's cost is an expense, once, in any sequence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Invoice and bill may come before the goods.
        cls.products = cls._new_perpetual_products(
            invoice_policy="order", purchase_method="purchase"
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @classmethod
    def _new_perpetual_sale(cls, quantity=10, **values):
        return cls._new_sale(
            *((product, quantity) for product in cls.products), **values
        )

    def _run_steps(self, steps, control="block"):
        """Sell 10 at 20 and buy them at 12, in this sequence; return both orders."""
        self.company.drop_shipment_bill_control = control
        sale = self._new_perpetual_sale()
        purchase = None
        for step in steps.split(", "):
            if step == "order":
                purchase = self._new_purchase(sale, confirm=True)
            elif step == "ship":
                self._post(sale, "ship")
            elif step == "invoice":
                self._post_invoice(sale)
            else:
                self._new_bill(purchase)
        return sale, purchase

    # ------------------------------------------------------------
    # SEQUENCES
    # ------------------------------------------------------------

    def test_ship_invoice_bill(self):
        """Business Central's sequence: vendor's cost is the only expense."""
        sale, purchase = self._run_steps("order, ship, invoice, bill")
        self.assertBalances(expense=120, income=-200)
        self.assertEqual(set(sale.order_line.mapped("drop_shipment_state")), {"done"})
        self.assertEqual(purchase.invoice_status, "invoiced")

    def test_ship_invoice_bill_by_quantities(self):
        """The same with the policies that wait for the goods."""
        self.products.write(
            {"invoice_policy": "delivery", "purchase_method": "receive"}
        )
        self._run_steps("order, ship, invoice, bill")
        self.assertBalances(expense=120, income=-200)

    def test_ship_bill_invoice(self):
        """Without control the bill may come before the invoice."""
        self._run_steps("order, ship, bill, invoice", control="none")
        self.assertBalances(expense=120, income=-200)

    def test_invoice_ship_bill(self):
        """Core books cost of goods with the invoice, and the bill again."""
        self._run_steps("order, invoice, ship, bill")
        self.assertBalances(expense=120, income=-200)

    def test_invoice_bill_ship(self):
        """Core leaves the difference on Stock Valuation."""
        self._run_steps("order, invoice, bill, ship")
        self.assertBalances(expense=120, income=-200)

    def test_bill_ship_invoice(self):
        """A bill before the goods, where the company is only warned."""
        self._run_steps("order, bill, ship, invoice", control="warn")
        self.assertBalances(expense=120, income=-200)

    def test_bill_invoice_ship(self):
        """Bill, invoice, goods."""
        self._run_steps("order, bill, invoice, ship", control="none")
        self.assertBalances(expense=120, income=-200)

    def test_invoice_order_ship_bill(self):
        """An invoice before any purchase order is linked books no cost of goods."""
        self._run_steps("invoice")
        self.assertBalances(income=-200)

    def test_invoice_first_then_order(self):
        """The whole cycle, with the invoice before the purchase order."""
        self._run_steps("invoice, order, ship, bill")
        self.assertBalances(expense=120, income=-200)

    def test_invoice_first_then_bill(self):
        """The same with the bill before the goods."""
        self._run_steps("invoice, order, bill, ship")
        self.assertBalances(expense=120, income=-200)

    # ------------------------------------------------------------
    # VARIATIONS
    # ------------------------------------------------------------

    def test_partial(self):
        """Two shipments, two bills, one invoice for all in between."""
        sale = self._new_perpetual_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.products.purchase_method = "receive"
        self._post(sale, "ship", 4)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertBalances(expense=48, income=-200)
        self._post(sale, "ship")
        self._new_bill(purchase)
        self.assertBalances(expense=120, income=-200)

    def test_ship_and_invoice(self):
        """The Post dialog's own invoice and bill have the right accounts too."""
        sale = self._new_perpetual_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship_invoice")
        sale.invoice_ids.with_user(self.accountant).action_post()
        self._post(purchase, "invoice")
        purchase.invoice_ids.with_user(self.accountant).action_post()
        self.assertBalances(expense=120, income=-200)

    def test_vendor_price_changes_on_bill(self):
        """The bill's price is the cost, not the order's nor the product's."""
        sale = self._new_perpetual_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post_invoice(sale)
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids.price_unit = 13
        bill.action_post()
        self._post(sale, "ship")
        self.assertBalances(expense=130, income=-200)

    def test_foreign_currency(self):
        """The vendor's currency is converted; nothing stays on Stock Valuation."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        sale = self._new_perpetual_sale()
        self.products.seller_ids.write({"currency_id": currency.id})
        purchase = self._new_purchase(sale, currency_id=currency.id, confirm=True)
        self.assertEqual(purchase.order_line.mapped("price_unit"), [12, 12, 12])
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._post(sale, "ship")
        self.assertBalances(expense=60, income=-200)

    def test_dozens(self):
        """Sold and bought by the dozen; vendor's price is per unit."""
        sale = self._new_sale(
            *(
                (product, 2, {"product_uom_id": self.uom_dozen.id, "price_unit": 100})
                for product in self.products
            )
        )
        purchase = self._new_purchase(sale, confirm=True)
        self._post_invoice(sale)
        self._post(sale, "ship")
        self._new_bill(purchase)
        self.assertBalances(expense=24 * 12, income=-200)

    def test_credit_note_and_refund(self):
        """Reversed on both sides, whatever was posted is gone."""
        sale, purchase = self._run_steps("order, invoice, ship, bill")
        self._reverse(purchase.invoice_ids)
        self.assertBalances(income=-200)
        self._reverse(sale.sudo().invoice_ids)
        self.assertBalances()

    def test_invoice_corrected(self):
        """Reverse and create invoice: the cancelled one leaves nothing behind."""
        sale, _purchase = self._run_steps("order, invoice")
        self._reverse(sale.sudo().invoice_ids, modify=True)
        self.assertBalances(income=-200)

    def test_invoice_to_draft_and_back(self):
        """An invoice posted twice books no cost of goods either time."""
        sale, purchase = self._run_steps("order, invoice, ship")
        invoice = sale.sudo().invoice_ids
        invoice.button_draft()
        invoice.action_post()
        self._new_bill(purchase)
        self.assertBalances(expense=120, income=-200)

    def test_return_to_vendor(self):
        """Returned to the vendor, refunded and credited: nothing is left."""
        sale, purchase = self._run_steps("order, invoice, ship, bill")
        self._return(sale.picking_ids, 10)
        self.assertEqual(set(sale.order_line.mapped("qty_delivered")), {0})
        self._reverse(purchase.invoice_ids)
        self._reverse(sale.sudo().invoice_ids)
        self.assertBalances()

    def test_return_to_stock(self):
        """Goods taken back into own stock are worth what the ledger says."""
        sale, _purchase = self._run_steps("order, invoice, ship, bill")
        stock = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        self._return(sale.picking_ids, 4, stock.lot_stock_id)
        self.assertEqual(self.products.mapped("qty_available"), [4, 4, 4])
        self.assertBalances(expense=120, income=-200)
        value = sum(self.products.mapped("total_value"))
        self.assertGreater(value, 0)
        self.company.action_close_stock_valuation(auto_post=True)
        lines = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.stock_valuation.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertEqual(sum(lines.mapped("balance")), value)

    def test_matched_draft_bill(self):
        """A bill typed in by hand and matched afterwards is an expense too."""
        sale = self._new_perpetual_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post_invoice(sale)
        self._post(sale, "ship")
        bill = self._new_free_bill(*self.products)
        self._match(bill, purchase)
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, purchase.order_line)
        bill.action_post()
        self.assertBalances(expense=120, income=-200)

    def test_matched_line_of_two_sales(self):
        """One bill line for two customers: each part of it is an expense."""
        sales = [self._new_perpetual_sale(quantity) for quantity in (6, 4)]
        purchase = self._new_purchase(*sales, confirm=True)
        for sale in sales:
            self._post_invoice(sale)
            self._post(sale, "ship")
        bill = self._new_free_bill(*self.products)
        self._match(bill, purchase)
        self.assertEqual(len(bill.invoice_line_ids), 6)
        bill.action_post()
        self.assertBalances(expense=120, income=-200)

    def test_current_company_is_another(self):
        """Matched and posted by who has two companies, the other one before."""
        other = self.env["res.company"].create({"name": "Other Company"})
        self.accountant.company_ids |= other
        sale = self._new_perpetual_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post_invoice(sale)
        self._post(sale, "ship")
        bill = self._new_free_bill(*self.products, price=13.0)
        self.env.flush_all()
        companies = {"allowed_company_ids": [other.id, self.company.id]}
        rows = self.env["purchase.bill.line.match"].search(
            [
                "|",
                ("account_move_id", "=", bill.id),
                ("purchase_order_id", "=", purchase.id),
            ]
        )
        rows.with_user(self.accountant).with_context(**companies).action_match_lines()
        bill.with_context(**companies).action_post()
        self.assertBalances(expense=130, income=-200)
        # At standard cost it is that of the product, elsewhere.
        values = purchase.sudo().picking_ids.move_ids.sorted("id").mapped("value")
        self.assertEqual(values, [0, 130, 130])

    def test_bill_of_order_typed_in(self):
        """A bill filled from the purchase order in its form is an expense."""
        sale = self._new_perpetual_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post_invoice(sale)
        clerk = self._new_user(
            "clerk", "purchase.group_purchase_user,account.group_account_invoice"
        )
        moves = self.env["account.move"].with_user(clerk)
        with Form(moves.with_context(default_move_type="in_invoice")) as form:
            form.partner_id = self.vendor
            form.purchase_vendor_bill_id = self.env["purchase.bill.union"].browse(
                -purchase.id
            )
            form.invoice_date = "2026-01-15"
        form.record.action_post()
        self._post(sale, "ship")
        self.assertBalances(expense=120, income=-200)

    def test_other_lines_as_before(self):
        """Lines from own stock keep core's cost of goods sold."""
        product = self.products[0]
        sale = self._new_sale(
            (product, 10, {"drop_shipment": False}), (self.products[1], 10)
        )
        self._new_purchase(sale, confirm=True)
        self._post_invoice(sale)
        self.assertBalances(product, income=-200, expense=100, stock_valuation=-100)
        self.assertBalances(self.products[1], income=-200)

    def test_own_purchases_as_before(self):
        """A bill for own stock of the same product goes to Stock Valuation."""
        purchase = (
            self.env["purchase.order"]
            .with_user(self.buyer)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "order_line": [
                        Command.create({"product_id": product.id, "product_qty": 10})
                        for product in self.products
                    ],
                }
            )
        )
        purchase.button_confirm()
        self._new_bill(purchase)
        self.assertBalances(stock_valuation=120)

    def test_posted_bill_is_matched(self):
        """What is posted on the stock account would stay there: first to draft."""
        sale = self._new_perpetual_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self._post_invoice(sale)
        bill = self._new_free_bill(
            invoice_line_ids=[
                Command.create(
                    {"product_id": product.id, "quantity": 10, "price_unit": 12}
                )
                for product in self.products
            ]
        )
        bill.action_post()
        with self.assertRefused(
            f"{bill.name}.* can't be matched with drop shipment {purchase.name}: it is "
            ".*Reset it to draft"
        ):
            self._match(bill, purchase)
        self.assertFalse(bill.invoice_line_ids.purchase_line_id)
        bill.button_draft()
        self._match(bill, purchase)
        bill.action_post()
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, purchase.order_line)
        self.assertBalances(income=-200, expense=120)
