from odoo.exceptions import AccessError
from odoo.fields import Command

from .common import DropShipmentCommon

AMOUNTS = ("revenue", "revenue_to_order", "cost", "margin")


class TestAnalysis(DropShipmentCommon):
    """What each vendor ships, and what it brings and costs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls._new_user(
            "manager",
            "sales_team.group_sale_manager,purchase.group_purchase_manager",
        )

    def _get_rows(self, sale, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        analysis = self.env["drop.shipment.analysis"].with_user(user or self.manager)
        return analysis.search([("sale_ref", "=", sale.name)], order="id")

    def _get_sums(self, rows, *fields):
        """Return {vendor: sums} as a pivot table has them."""
        groups = rows._read_group(
            [("id", "in", rows.ids)], ["vendor_id"], [f"{name}:sum" for name in fields]
        )
        return {vendor: tuple(map(round, sums)) for vendor, *sums in groups}

    def test_two_vendors_and_a_rest(self):
        """Each vendor has its part; what is not ordered has no cost and no margin."""
        sale = self._new_sale((self.chair, 10, {"price_unit": 20.0}))
        azure = self._new_purchase()
        self._get_sales_orders(azure, sale, quantity=5)
        quiet = self._new_purchase(partner_id=self.other_vendor.id)
        wizard = self.env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": quiet.id, "vendor_products_only": False}
        )
        wizard.sale_order_ids = sale.sudo()
        wizard.line_ids.quantity = 3
        wizard.action_insert_lines()
        quiet.order_line.price_unit = 15.0
        (azure | quiet).button_confirm()
        self._post(azure, quantity=4)
        rows = self._get_rows(sale)
        self.assertEqual(
            self._get_sums(rows, "qty_to_order", "qty_ordered", "qty_shipped"),
            {
                self.vendor: (0, 5, 4),
                self.other_vendor: (0, 3, 0),
                self.vendor.browse(): (2, 0, 0),
            },
        )
        self.assertEqual(
            self._get_sums(rows, *AMOUNTS),
            {
                self.vendor: (100, 0, 60, 40),
                self.other_vendor: (60, 0, 45, 15),
                self.vendor.browse(): (0, 40, 0, 0),
            },
        )

    def test_units_and_currencies(self):
        """Quantities in the unit of the sale, amounts in the company's currency."""
        currency = self.env["res.currency"].create(
            {
                "name": "DSX",
                "symbol": "x",
                "rate_ids": [Command.create({"name": "2020-01-01", "rate": 2.0})],
            }
        )
        sale = self._new_sale(
            (self.chair, 3, {"product_uom_id": self.uom_dozen.id, "price_unit": 240.0})
        )
        purchase = self._new_purchase(currency_id=currency.id)
        self._get_sales_orders(purchase, sale, quantity=1)
        purchase.order_line.price_unit = 288.0
        purchase.order_line = [
            Command.create(
                {
                    "product_id": self.chair.id,
                    "product_qty": 12,
                    "product_uom_id": self.uom_unit.id,
                    "price_unit": 24.0,
                    "sale_line_id": sale.order_line.id,
                }
            )
        ]
        rows = self._get_rows(sale)
        self.assertEqual(
            self._get_sums(rows, "qty_to_order", "qty_ordered", *AMOUNTS),
            {
                self.vendor: (0, 2, 480, 0, 288, 192),
                self.vendor.browse(): (1, 0, 0, 240, 0, 0),
            },
        )

    def test_cancelled_order(self):
        """It ships nothing: the line is to order again."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        rows = self._get_rows(sale)
        self.assertEqual(rows.mapped("qty_to_order"), [10])
        self.assertFalse(rows.vendor_id)

    def test_taken_back_to_own_stock(self):
        """More is ordered than sold then: the parts make up the revenue, no more."""
        sale = self._new_sale((self.chair, 10, {"price_unit": 20.0}))
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        picking = sale.sudo().picking_ids
        self._return(picking, 4, self.env.ref("stock.stock_location_stock"))
        sale.order_line.product_uom_qty = 6
        rows = self._get_rows(sale)
        self.assertEqual(self._get_sums(rows, "revenue"), {self.vendor: (120,)})

    def test_who_sees_what(self):
        """Each department its own prices; salespeople their own orders."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        for user, hidden in (
            (self.buyer, ("revenue", "revenue_to_order", "margin")),
            (self.salesman, ("cost", "margin")),
            (self.accountant, ("revenue", "cost", "margin")),
        ):
            rows = self._get_rows(sale, user)
            self.assertEqual(rows.qty_ordered, 10)
            for name in hidden:
                with self.subTest(user=user.login, name=name):
                    with self.assertRaises(AccessError):
                        rows.read([name])
                    with self.assertRaises(AccessError):
                        rows._read_group([], [], [f"{name}:sum"])
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        self.assertFalse(self._get_rows(sale, colleague))
        buying = self._new_user(
            "buying", "sales_team.group_sale_salesman,purchase.group_purchase_user"
        )
        self.assertEqual(self._get_rows(sale, buying).revenue, 0)

    def test_just_written(self):
        """A program sees what it has changed in the same transaction."""
        sale = self._new_sale((self.chair, 10))
        analysis = self.env["drop.shipment.analysis"].with_user(self.manager)
        row = analysis.search([("sale_ref", "=", sale.name)])
        self.assertEqual(row.qty_to_order, 10)
        sale.order_line.product_uom_qty = 7
        for quantity, found in ((10, analysis), (7, row)):
            domain = [("qty_to_order", "=", quantity), ("id", "=", row.id)]
            self.assertEqual(analysis.search(domain), found)
