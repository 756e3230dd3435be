import re
from unittest.mock import patch

from odoo.fields import Command
from odoo.sql_db import Cursor
from odoo.tools import SQL

from .common_query_counts import QueryCountsCommon

# Names of our columns in a statement, whatever else is in it.
OUR_COLUMN = re.compile(r'"(?:drop_shipment\w*|qty_to_ship|sell_to_customer_id)"')

# Queries for each further line, by step.
BUDGETS = {"confirm sale": 0.0, "get": 3.0, "confirm purchase": 1.1, "ship": 2.5}
# What core's own step takes where no other app is installed.
CORE_ALONE = {"confirm sale": 4.0, "get": 8.0, "confirm purchase": 5.0, "ship": 8.2}


class TestQueryCounts(QueryCountsCommon):
    """Large orders cost what core costs, ordinary orders nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dropship_route = cls.env.ref("stock_dropshipping.route_drop_shipping")
        cls.products = cls._new_products("Product", 100)
        cls.routed_products = cls._new_products(
            "Routed", 100, route_ids=[Command.set(cls.dropship_route.ids)]
        )

    def _new_ordinary_purchase(self, size):
        """Return a request for quotation for own stock, without lines, and lines."""
        purchase = self._new_purchase(sell_to_customer_id=False)
        vals_list = [
            {"order_id": purchase.id, "product_id": product.id, "product_qty": 2}
            for product in self.products[:size]
        ]
        return purchase, vals_list

    def _new_core_sale(self, size):
        """Return a quotation of lines with core's Dropship route."""
        return self._new_sale(
            *[
                (product, 2, {"drop_shipment": False})
                for product in self.routed_products[:size]
            ],
            confirm=False,
        )

    def _count_story(self, size):
        """Return the queries of each step of the story for an order of `size` lines."""
        sale = self._new_sale(
            *[(product, 2) for product in self.products[:size]], confirm=False
        )
        counts = {"confirm sale": self._count(sale.action_confirm)}
        purchase = self._new_purchase()
        counts["get"] = self._count(lambda: self._get_sales_orders(purchase, sale))
        self.assertEqual(len(purchase.order_line), size)
        counts["confirm purchase"] = self._count(purchase.button_confirm)
        counts["ship"] = self._count(lambda: self._post(sale))
        self.assertEqual(sum(sale.order_line.mapped("qty_delivered")), 2 * size)
        return counts

    def _count_core(self, size):
        """Return the queries of what core does in place of each step."""
        sale = self._new_core_sale(size)
        counts = {"confirm sale": self._count(sale.action_confirm)}
        other, vals_list = self._new_ordinary_purchase(size)
        counts["get"] = self._count(lambda: other.order_line.create(vals_list))
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        counts["confirm purchase"] = self._count(purchase.button_confirm)
        counts["ship"] = self._count(sale.sudo().picking_ids.button_validate)
        self.assertEqual(sum(sale.order_line.mapped("qty_delivered")), 2 * size)
        return counts

    def _get_growth(self, count):
        """Return {step: queries for each further line} of what `count` plays."""
        # The first one warms up.
        _one, ten, hundred = (count(size) for size in (1, 10, 100))
        return {step: (hundred[step] - ten[step]) / 90 for step in ten}

    def test_cost_of_a_line(self):
        """No step costs more for each further line than core's own step does."""
        story = self._get_growth(self._count_story)
        core = self._get_growth(self._count_core)
        for step, growth in story.items():
            with self.subTest(step=step, growth=growth, core_growth=core[step]):
                self.assertLessEqual(growth, core[step])

    def test_budget_of_a_line(self):
        """Queries for each further line.

        Getting it takes what core's own preparation of a purchase line takes: it names
        each product and looks for its analytic distribution by queries of its own.
        """
        growth = self._get_growth(self._count_story)
        over = {step: growth[step] - budget for step, budget in BUDGETS.items()}
        # Other apps may look something up for each line, as Manufacturing does, but not
        # more than they do where core takes the same step by itself.
        dearer = dict.fromkeys(BUDGETS, 0.0)
        if max(over.values()) > 0:
            core = self._get_growth(self._count_core)
            dearer = {step: core[step] - alone for step, alone in CORE_ALONE.items()}
        for step, excess in over.items():
            with self.subTest(step=step, growth=growth[step], dearer=dearer[step]):
                self.assertLessEqual(excess, dearer[step])

    def test_confirming_a_sale_costs_nothing_for_a_line(self):
        """Nothing is procured: 10 and 100 lines are one."""
        self._count_story(1)
        counts = [
            self._count(
                self._new_sale(
                    *[(product, 2) for product in self.products[:size]],
                    confirm=False,
                    # Confirming always changes it, also within the same second.
                    date_order="2026-01-05",
                ).action_confirm
            )
            for size in (10, 100)
        ]
        self.assertEqual(counts[0], counts[1])

    def _new_sales_to_order(self, products, count, **values):
        """Return the lines of confirmed orders of customers of their own, no PO yet."""
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(count)]
        )
        sales = (
            self.env["sale.order"]
            .concat(
                *(
                    self._new_sale(
                        *[(product, 2, values) for product in products],
                        confirm=False,
                        partner_id=customer.id,
                        partner_shipping_id=customer.id,
                    )
                    for customer in customers
                )
            )
            .sudo()
        )
        sales.with_context(skip_procurement=True).action_confirm()
        return sales.order_line

    def test_creating_purchase_orders(self):
        """Many take half of the queries that core's procurement takes, at most."""
        counts = {}
        for count in (1, 2, 12):
            lines = self._new_sales_to_order(self.products[:4], count)
            counts[count] = self._count(lines.action_create_drop_shipment_purchases)
            self.assertEqual(len(lines.purchase_line_ids.order_id), count)
        lines = self._new_sales_to_order(
            self.routed_products[:4], 12, drop_shipment=False
        )
        core = self._count(lines._action_launch_stock_rule)
        self.assertEqual(len(lines.purchase_line_ids.order_id), 12)
        self.assertLessEqual(counts[12], core / 2)
        # Each takes a number and an own look of core's at each line.
        self.assertLessEqual((counts[12] - counts[2]) / 10, 16)

    def test_posting_bills(self):
        """Posting more bills takes no more queries for the rule than posting one."""

        def count(numbers, get_order):
            bills = self.env["account.move"]
            for _number in range(numbers):
                bills |= self._new_bill(get_order(), post=False).sudo()
            return self._count(bills.action_post)

        def shipped():
            sale = self._new_sale(*[(product, 2) for product in self.products[:3]])
            purchase = self._new_purchase(sale, confirm=True)
            self._post(sale)
            self._post_invoice(sale)
            return purchase

        def received():
            purchase, vals_list = self._new_ordinary_purchase(3)
            purchase.order_line.create(vals_list)
            purchase.button_confirm()
            self._deliver(purchase.picking_ids)
            return purchase

        # The first one warms up.
        _first, few, many = (
            count(numbers, shipped) - count(numbers, received) for numbers in (1, 2, 6)
        )
        self.assertLessEqual(many, few)

    def _count_again(self, function):
        """Return the queries of `function` once core knows who asks.

        What other tests left in the caches of users and companies is no cost of ours.
        """
        function()
        return self._count(function)

    def _count_dialogs(self, size):
        """Return the queries of opening each dialog for an order of `size` lines."""
        sale = self._new_sale(*[(product, 2) for product in self.products[:size]])
        purchase = self._new_purchase()
        counts = {"get": self._count_again(purchase.action_get_sales_order)}
        self._get_sales_orders(purchase, sale)
        purchase.button_confirm()
        counts["post sale"] = self._count_again(sale.action_post_drop_shipment)
        counts["post purchase"] = self._count_again(purchase.action_post_drop_shipment)
        sale.order_line.product_uom_qty = 3
        self._new_purchase(sale)
        return counts

    def test_dialogs_cost_nothing_for_a_line(self):
        """Opening Get Sales Order and Post looks all lines up at once."""
        self._count_dialogs(1)
        self.assertEqual(self._count_dialogs(10), self._count_dialogs(100))

    def _count_row(self, size):
        """Return the queries of typing into a row of Post, of an order of `size`."""
        sale = self._new_sale(*[(product, 2) for product in self.products[:size]])
        self._new_purchase(sale, confirm=True)
        wizard = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        rows = wizard.line_ids
        shown = {"quantity": {}, "name": {}, "purchase_ref": {}}
        return self._count(
            lambda: wizard.onchange(
                {"line_ids": [Command.update(rows[0].id, {"quantity": 1})]},
                ["line_ids"],
                {"summary": {}, "line_ids": {"fields": shown}},
            )
        )

    def test_row_costs_nothing_for_the_others(self):
        """Typing into a row looks all others up at once, for the totals."""
        self._count_row(1)
        self.assertEqual(self._count_row(10), self._count_row(100))

    # ------------------------------------------------------------
    # Ordinary orders
    # ------------------------------------------------------------

    def _get_own_queries(self, function):
        """Return the statements of `function` that only fields of ours need.

        Looking records up by a column of ours, or updating nothing but ours. A column
        of ours among core's, in a statement that core makes anyway, costs nothing.
        """
        found = []
        execute = Cursor.execute

        def spy(cursor, query, params=None, log_exceptions=True):
            code = query.code if isinstance(query, SQL) else query
            code = re.sub(r"\s+", " ", code).strip()
            if code.startswith("SELECT"):
                if OUR_COLUMN.search(code.partition(" FROM ")[2]):
                    found.append(code)
            elif code.startswith("UPDATE"):
                columns = re.findall(r'("\w+") = "__tmp"', code)
                others = {'"write_date"', '"write_uid"'}
                if columns and all(
                    OUR_COLUMN.fullmatch(column) or column in others
                    for column in columns
                ):
                    found.append(code)
            return execute(cursor, query, params, log_exceptions)

        self.env.flush_all()
        self.env.invalidate_all()
        with patch.object(Cursor, "execute", spy):
            function()
            self.env.flush_all()
        return found

    def _assert_no_own_queries(self, **steps):
        """Run the steps in turn; none may need a statement for fields of ours."""
        for step, function in steps.items():
            with self.subTest(step=step):
                self.assertEqual(self._get_own_queries(function), [])

    def test_ordinary_sale(self):
        """Quotation, confirmation, another quantity, delivery and invoice."""
        sale = self.env["sale.order"]

        def create():
            nonlocal sale
            sale = self._new_sale(
                (self.chair, 2, {"drop_shipment": False}),
                (self.desk, 2, {"drop_shipment": False}),
                confirm=False,
            )

        self._assert_no_own_queries(
            create=create,
            confirm=lambda: sale.action_confirm(),
            quantity=lambda: sale.order_line.write({"product_uom_qty": 3}),
            deliver=lambda: self._deliver(sale.picking_ids),
            invoice=lambda: self._post_invoice(sale),
            cancel=lambda: sale.copy().action_cancel(),
        )
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_ordinary_purchase(self):
        """Request, confirmation, another quantity, receipt and bill."""
        purchase = self.env["purchase.order"]

        def create():
            nonlocal purchase
            purchase, vals_list = self._new_ordinary_purchase(2)
            purchase.order_line.create(vals_list)

        self._assert_no_own_queries(
            create=create,
            quantity=lambda: purchase.order_line.write({"product_qty": 3}),
            confirm=lambda: purchase.button_confirm(),
            receive=lambda: self._deliver(purchase.picking_ids),
            bill=lambda: self._new_bill(purchase),
        )
        self.assertEqual(purchase.invoice_status, "invoiced")

    def test_core_dropship(self):
        """Core's own Dropship route, from the quotation to the shipment."""
        sale = self._new_core_sale(2)
        self._assert_no_own_queries(
            confirm=sale.action_confirm,
            confirm_purchase=lambda: (
                sale.sudo().order_line.purchase_line_ids.order_id.button_confirm()
            ),
            ship=lambda: self._deliver(sale.picking_ids),
        )
        self.assertEqual(sale.delivery_status, "full")
