from odoo.exceptions import AccessError

from .test_margin import MarginCommon


class TestBelowCost(MarginCommon):
    """A line that costs more than the customer pays is found, and told."""

    def _find(self, sale, user):
        """Return whether list and sales orders find `sale` below cost, for `user`."""
        self.env.flush_all()
        domain = [("id", "in", sale.order_line.ids), ("below_cost", "=", True)]
        report = self.env["drop.shipment.report"].with_user(user)
        orders = self.env["sale.order"].with_user(user)
        lines = "drop_shipment_line_ids.drop_shipment_below_cost"
        return (
            bool(report.search(domain)),
            bool(orders.search([("id", "=", sale.id), (lines, "=", True)])),
        )

    def test_bought_above_the_sales_price(self):
        """Told to sales while something can be done, and found by both filters."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.assertFalse(self._get_notice(sale, "cost"))
        self.assertEqual(self._find(sale, self.salesman), (False, False))
        purchase.order_line.price_unit = 20.01
        self.env.invalidate_all()
        self.assertIn("Chair", self._get_notice(sale, "cost"))
        self.assertIn("Bought above the sales price", sale.drop_shipment_notice)
        self.assertEqual(self._find(sale, self.salesman), (True, True))
        # At cost is not below cost.
        purchase.order_line.price_unit = 20
        self.env.invalidate_all()
        self.assertFalse(self._get_notice(sale, "cost"))
        self.assertEqual(self._find(sale, self.salesman), (False, False))

    def test_customer_discount(self):
        """What the customer does not pay counts, too."""
        sale = self._new_sale((self.chair, 10, {"discount": 50}))
        self._new_purchase(sale, confirm=True)
        self.assertIn("Chair", self._get_notice(sale, "cost"))

    def test_given_away(self):
        """A gift, such as a reward of a loyalty program, is one on purpose."""
        sale = self._new_sale((self.chair, 10), (self.desk, 1, {"discount": 100}))
        self._new_purchase(sale, confirm=True)
        self.assertFalse(self._get_notice(sale, "cost"))
        # A price that was forgotten is none.
        sale = self._new_sale((self.desk, 1, {"price_unit": 0}))
        self._new_purchase(sale, confirm=True)
        self.assertIn("Desk", self._get_notice(sale, "cost"))

    def test_not_linked_yet(self):
        """On a quotation the filter finds it; nothing was bought yet."""
        sale = self._new_sale((self.chair, 10, {"price_unit": 5}), confirm=False)
        self.assertTrue(sale.order_line.drop_shipment_below_cost)
        self.assertFalse(self._get_notice(sale, "cost"))
        self.assertEqual(self._find(sale, self.salesman), (False, True))

    def test_own_stock_is_no_matter(self):
        """Lines from stock are not looked at."""
        sale = self._new_sale(
            (self.chair, 10, {"drop_shipment": False, "price_unit": 5})
        )
        self.assertEqual(self._find(sale, self.salesman), (False, False))
        self.assertFalse(self._get_notice(sale, "cost"))

    def test_done(self):
        """Invoiced and billed: nothing is to be done any more."""
        sale = self._new_sale((self.chair, 10, {"price_unit": 5}))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship_invoice")
        sale.sudo().invoice_ids.filtered(
            lambda move: move.state == "draft"
        ).action_post()
        self.assertTrue(self._get_notice(sale, "cost"))
        self._new_bill(purchase)
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        self.assertFalse(self._get_notice(sale, "cost"))
        self.assertEqual(self._find(sale, self.salesman), (True, True))

    def test_buyers_learn_no_sales_price(self):
        """Neither the field nor the filter is theirs."""
        sale = self._new_sale((self.chair, 10, {"price_unit": 5}))
        purchase = self._new_purchase(sale, confirm=True)
        self.assertFalse(purchase.drop_shipment_notice)
        report = self.env["drop.shipment.report"].with_user(self.buyer)
        with self.assertRaises(AccessError):
            report.search([("below_cost", "=", True)])
        with self.assertRaises(AccessError):
            report.browse(sale.order_line.id).read(["below_cost"])

    def test_other_salespeople(self):
        """The list tells nobody of the prices of orders that they may not see."""
        sale = self._new_sale((self.chair, 10, {"price_unit": 5}))
        other = self._new_user(
            "trader", "sales_team.group_sale_salesman,purchase.group_purchase_user"
        )
        self.assertEqual(self._find(sale, other), (False, False))
        self.assertEqual(self._find(sale, self.salesman), (True, True))
