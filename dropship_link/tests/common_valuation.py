from .common import DropShipmentCommon


class LedgerCommon(DropShipmentCommon):
    """A company with a ledger of its own, which follows the stock."""

    @classmethod
    def setup_independent_company(cls, **kwargs):
        company = cls._create_company(name="Perpetual Company")
        cls.env["account.chart.template"]._load(
            "generic_coa", company, install_demo=False
        )
        return company

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.company.expense_account_id
        cls.income = cls.company.income_account_id
        cls.stock_valuation = cls.company.account_stock_valuation_id


class PerpetualCommon(LedgerCommon):
    """What the ledger says of products of each costing method."""

    @classmethod
    def _new_perpetual_products(cls, **values):
        """Return a product of each costing method, bought at 12."""
        products = cls.env["product.product"]
        for method in ("standard", "average", "fifo"):
            category = cls.env["product.category"].create(
                {
                    "name": method,
                    "property_cost_method": method,
                    "property_valuation": "real_time",
                }
            )
            products |= cls._new_product(
                f"Perpetual {method}", price=12.0, categ_id=category.id, **values
            )
        return products

    def _get_balances(self, product):
        """Return {account: balance} of the posted journal items of `product`."""
        groups = self.env["account.move.line"]._read_group(
            [("product_id", "=", product.id), ("parent_state", "=", "posted")],
            ["account_id"],
            ["balance:sum"],
        )
        return {
            account: balance
            for account, balance in groups
            if not self.company.currency_id.is_zero(balance)
        }

    def assertBalances(self, products=None, **balances):
        """The journal items of each product amount to these balances, and no others."""
        expected = {getattr(self, name): balance for name, balance in balances.items()}
        for product in products or self.products:
            self.assertEqual(self._get_balances(product), expected, product.name)
