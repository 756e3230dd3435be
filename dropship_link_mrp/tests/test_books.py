from odoo.addons.dropship_link.tests.common_valuation import LedgerCommon

from .common import KitCommon

METHODS = ("standard", "average", "fifo")


class BooksCommon(LedgerCommon, KitCommon):
    """A ledger of its own, and a kit for each cost method; 50 of each part at 10."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kits = {}
        for method in METHODS:
            category = cls.env["product.category"].create(
                {
                    "name": method,
                    "property_cost_method": method,
                    "property_valuation": "real_time",
                }
            )
            values = {
                "categ_id": category.id,
                "invoice_policy": "order",
                "purchase_method": "purchase",
                "standard_price": 0.0 if method != "standard" else 10.0,
            }
            parts = cls.env["product.product"].union(
                *(
                    cls._new_product(f"{name} {method}", price=10.0, **values)
                    for name in ("A", "B")
                )
            )
            kit = cls._new_product(f"Kit {method}", price=12.0, **values)
            cls._new_bom(kit, (parts[0], 2), (parts[1], 1))
            cls.kits[kit] = parts
        cls.parts = cls.env["product.product"].union(*cls.kits.values())
        cls._buy_own_stock()

    @classmethod
    def _buy_own_stock(cls):
        """Buy 50 of each part at 10, and bill it."""
        purchase = cls.env["purchase.order"].create(
            {
                "partner_id": cls.vendor.id,
                "order_line": [
                    (0, 0, {"product_id": part.id, "product_qty": 50, "price_unit": 10})
                    for part in cls.parts
                ],
            }
        )
        purchase.button_confirm()
        cls._deliver(purchase.picking_ids)
        cls._new_bill(purchase)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def assertOwnStock(self, step):
        """Quantity, cost price and value of own stock are those of the beginning."""
        self.env.invalidate_all()
        for part in self.parts:
            part = part.with_company(self.company)
            self.assertEqual(
                (part.qty_available, part.standard_price, part.total_value),
                (50, 10, 500),
                (part.name, step),
            )

    def assertBooks(self, kits=None, **balances):
        """The journal items of each kit are these; parts have those of own stock."""
        accounts = {
            "income": self.company.income_account_id,
            "expense": self.company.expense_account_id,
            "stock": self.company.account_stock_valuation_id,
        }
        expected = {accounts[name]: value for name, value in balances.items()}
        for kit in kits or self.kits:
            groups = self.env["account.move.line"]._read_group(
                [("product_id", "=", kit.id), ("parent_state", "=", "posted")],
                ["account_id"],
                ["balance:sum"],
            )
            found = {account: value for account, value in groups if value}
            self.assertEqual(found, expected, kit.name)

    def _run_steps(self, steps, control="none"):
        """Sell 10 of each kit at 20 and buy them at 12, in this sequence."""
        self.company.drop_shipment_bill_control = control
        sale = self._new_sale(*((kit, 10) for kit in self.kits))
        purchase = None
        for step in steps.split(", "):
            if step == "order":
                purchase = self._new_purchase(sale, confirm=True)
            elif step == "ship":
                self._post(sale, "ship")
            elif step == "part":
                self._post(sale, "ship", 4)
            elif step == "invoice":
                self._post_invoice(sale)
            else:
                self._new_bill(purchase)
            self.assertOwnStock(step)
        return sale, purchase


class TestBooks(BooksCommon):
    """Perpetual valuation: the kit's price is an expense, own stock stays as it is."""

    def test_ship_invoice_bill(self):
        """Business Central's sequence."""
        sale, _purchase = self._run_steps("order, ship, invoice, bill", "block")
        self.assertBooks(income=-200, expense=120)
        self.assertEqual(set(sale.order_line.mapped("drop_shipment_state")), {"done"})

    def test_ship_bill_invoice(self):
        """The bill before the invoice."""
        self._run_steps("order, ship, bill, invoice")
        self.assertBooks(income=-200, expense=120)

    def test_invoice_ship_bill(self):
        """The invoice before the goods."""
        self._run_steps("order, invoice, part, ship, bill", "block")
        self.assertBooks(income=-200, expense=120)

    def test_invoice_bill_ship(self):
        """Both papers before the goods."""
        self._run_steps("order, invoice, bill, part, ship", "block")
        self.assertBooks(income=-200, expense=120)

    def test_bill_ship_invoice(self):
        """The bill before the goods, the invoice last."""
        self._run_steps("order, bill, ship, invoice")
        self.assertBooks(income=-200, expense=120)

    def test_five_times(self):
        """Own stock stays as it is, however often kits are shipped."""
        for _cycle in range(5):
            self._run_steps("order, ship, invoice, bill", "block")
        self.assertBooks(income=-1000, expense=600)
