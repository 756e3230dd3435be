from odoo import fields
from odoo.fields import Command

from .test_own_stock import OwnStockCommon


class TestAccruals(OwnStockCommon):
    """Month-end: shipped and not yet billed or invoiced is an expense and an income."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bookkeeper = cls._new_user(
            "bookkeeper",
            "account.group_account_user,purchase.group_purchase_user,"
            "sales_team.group_sale_salesman_all_leads",
        )
        cls.accrued = cls.env["account.account"].create(
            {"name": "Accrued", "code": "218181", "account_type": "liability_current"}
        )

    def _new_wizard(self, records, **values):
        return (
            self.env["account.accrued.orders.wizard"]
            .with_user(self.bookkeeper)
            .with_context(active_model=records._name, active_ids=records.ids)
            .create(
                {
                    "account_id": self.accrued.id,
                    "date": fields.Date.today(),
                    **values,
                }
            )
        )

    def _accrue(self, records, **values):
        """Accrue orders or lines as of today; return the entry and its reversal."""
        wizard = self._new_wizard(records, **values)
        self.assertTrue(wizard.preview_data)
        return self.env["account.move"].search(wizard.create_entries()["domain"])

    def _get_entry(self, moves):
        """Return {account: balance} of the entry, without that of its reversal."""
        lines = moves.filtered(lambda move: not move.reversed_entry_id).line_ids
        return {
            account: round(sum(lines.mapped("balance")), 2)
            for account, lines in lines.grouped("account_id").items()
        }

    def assertReversed(self, moves):
        """Entry and reversal leave zero on every account."""
        for account, lines in moves.line_ids.grouped("account_id").items():
            self.assertAlmostEqual(sum(lines.mapped("balance")), 0, msg=account.name)

    def test_shipped_not_billed(self):
        """The vendor's price is an expense, whatever the valuation."""
        for product in self.products:
            sale, purchase = self._new_orders(product)
            self._post(sale)
            moves = self._accrue(purchase)
            self.assertEqual(
                self._get_entry(moves), {self.expense: 120, self.accrued: -120}
            )
            self.assertReversed(moves)

    def test_shipped_not_invoiced(self):
        """The sale has an income and no cost."""
        for product in self.products:
            sale, _purchase = self._new_orders(product)
            self._post(sale)
            moves = self._accrue(sale)
            self.assertEqual(
                self._get_entry(moves), {self.income: -200, self.accrued: 200}
            )
            self.assertReversed(moves)

    def test_part_billed(self):
        """What is left of it: six of ten at the order's price."""
        self.products.write(
            {"invoice_policy": "delivery", "purchase_method": "receive"}
        )
        for product in self.products:
            sale, purchase = self._new_orders(product)
            self._post(sale, "ship", 4)
            self._post_invoice(sale)
            self._new_bill(purchase, date=fields.Date.today())
            self._post(sale)
            self.assertEqual(
                self._get_entry(self._accrue(purchase)),
                {self.expense: 72, self.accrued: -72},
            )
            self.assertEqual(
                self._get_entry(self._accrue(sale)),
                {self.income: -120, self.accrued: 120},
            )

    def test_billed_not_shipped(self):
        """Paid for in advance, it is no expense yet."""
        sale, purchase = self._new_orders(self.perpetual)
        self._post_invoice(sale)
        self._new_bill(purchase, date=fields.Date.today())
        self.assertEqual(
            self._get_entry(self._accrue(purchase)),
            {self.expense: -360, self.accrued: 360},
        )
        self.assertEqual(
            self._get_entry(self._accrue(sale)), {self.income: 600, self.accrued: -600}
        )

    def test_all_done(self):
        """Nothing is left to accrue."""
        sale, purchase = self._new_orders()
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase, date=fields.Date.today())
        for order in (sale, purchase):
            self.assertFalse(
                self._new_wizard(order)._compute_move_vals()[0]["line_ids"]
            )

    def test_beside_own_stock(self):
        """One order with both, and lines of several orders: each by its own rule."""
        product = self.perpetual[:1]
        sale = self._new_sale((product, 10), (product, 1, {"drop_shipment": False}))
        purchase = self._new_purchase(sale, confirm=True)
        own = self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "order_line": [
                    Command.create({"product_id": product.id, "product_qty": 3})
                ],
            }
        )
        own.button_confirm()
        self._deliver(own.picking_ids)
        self._deliver(sale.picking_ids - purchase.sudo().picking_ids)
        self._post(sale)
        expected = {self.expense: 120, self.variation: 36, self.accrued: -156}
        orders = purchase.sudo() + own
        self.assertEqual(self._get_entry(self._accrue(orders)), expected)
        self.assertEqual(self._get_entry(self._accrue(orders.order_line)), expected)
        moves = self._accrue(sale)
        entry = self._get_entry(moves)
        self.assertEqual([entry[self.income], entry[self.accrued]], [-220, 220])
        # Core's own entry for the line from stock, and no other.
        self.assertEqual(entry[self.expense], -entry[self.variation])
        self.assertEqual(abs(entry[self.variation]), 20)
        self.assertReversed(moves)

    def test_one_amount_for_all(self):
        """An amount entered for the whole order is booked once, as an expense."""
        sale, purchase = self._new_orders()
        moves = self._accrue(purchase, amount=50)
        self.assertEqual(self._get_entry(moves), {self.expense: 50, self.accrued: -50})
        moves = self._accrue(sale.order_line, amount=70)
        self.assertEqual(self._get_entry(moves), {self.income: -70, self.accrued: 70})
        product = self.perpetual[:1]
        mixed = self._new_sale((product, 10), (product, 1, {"drop_shipment": False}))
        moves = self._accrue(mixed, amount=90)
        self.assertEqual(self._get_entry(moves), {self.income: -90, self.accrued: 90})

    def test_no_amount_for_several_orders(self):
        """Core takes no amount for several orders: each is booked by its lines."""
        sale, _purchase = self._new_orders(self.chair)
        self._post(sale)
        own = [
            self._new_sale((self.chair, 5, {"drop_shipment": False})) for _ in range(2)
        ]
        for order in own:
            self._deliver(order.sudo().picking_ids)
        moves = self._accrue(own[0] + own[1], amount=33)
        self.assertEqual(self._get_entry(moves), {self.income: -200, self.accrued: 200})
        moves = self._accrue(sale + own[0], amount=33)
        self.assertEqual(self._get_entry(moves), {self.income: -300, self.accrued: 300})
        self.assertReversed(moves)

    def test_several_currencies(self):
        """Core refuses them, also where only drop shipments are in one of them."""
        euro = self.env["res.currency"].create({"name": "EUX", "symbol": "E"})
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        sale = self._new_sale((self.chair, 10), pricelist_id=pricelist.id)
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        own = self._new_sale((self.chair, 5, {"drop_shipment": False}))
        self._deliver(own.sudo().picking_ids)
        with self.assertRefused("orders in different currencies"):
            self._accrue(sale + own)
