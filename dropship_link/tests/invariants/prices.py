"""What people do to prices, and what becomes of them: agreed, listed, analysed."""

from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .base import PICK, ROLES
from .rows import Rows


class PriceSteps:
    """Change prices and discounts, also of confirmed orders."""

    @precondition(lambda self: self.orders)
    @rule(
        pick=PICK,
        role=ROLES,
        sale=st.booleans(),
        field=st.sampled_from(["price_unit", "discount"]),
        value=st.sampled_from([0, 10, 33.33, 100]),
    )
    def edit_price(self, pick, role, sale, field, value):
        """Change price or discount of a line."""

        def action():
            line = self._pick(
                self._get_sale_lines() if sale else self._get_purchase_lines(),
                pick,
                lambda line: line.state in ("sale", "purchase"),
            )
            if not line:
                return "void"
            self.excused_orders.add((line.order_id._name, line.order_id.id))
            if not sale:
                self.repriced.add(line.id)
            self._as(line, role, "salesman" if sale else "buyer").write({field: value})
            return None

        self._do("edit_price", action)


class PriceRules(Rows):
    """What was agreed stays; list, analysis and documents say the same amounts."""

    def _check_agreed(self):
        """Price and discount of a confirmed link change by hand only."""
        agreed = {
            line: (row["price_unit"], row["discount"])
            for line, row in self.purchase_rows.items()
            if row["linked"] and row["order_state"] == "purchase"
        }
        for line, price in agreed.items():
            before = self.agreed.get(line, price)
            self._assert(
                price == before or line in self.repriced,
                f"agreed were {before}, now it is {price}",
                self.purchase_rows[line],
            )
        self.agreed = agreed
        self.repriced = set()

    def _check_amounts(self):
        """The list, the analysis and the purchase lines come to the same."""
        costs = self._query(
            """
            SELECT link.sale_line_id AS id,
                   SUM(link.price_subtotal / COALESCE(NULLIF(o.currency_rate, 0), 1))
                   AS cost
              FROM purchase_order_line link
              JOIN purchase_order o ON o.id = link.order_id
             WHERE o.id = ANY(%(ids)s) AND o.state != 'cancel' AND link.drop_shipment
             GROUP BY link.sale_line_id
            """,
            ids=list(self.purchases),
        )
        costs = {row["id"]: float(row["cost"] or 0) for row in costs}
        names = ("revenue_ordered", "cost", "margin", "qty_ordered", "qty_to_order")
        domain = [("sale_ref", "in", self._get_orders().mapped("name"))]
        rows = self.env["drop.shipment.report"].search_read(domain, names)
        analysed = self._query_analysis(self._get_orders().mapped("name"))
        listed = dict.fromkeys(analysed, (0.0,) * len(names))
        for row in rows:
            line = self.sale_rows[row["id"]]
            self._assert(
                self._same(row["cost"], costs.get(row["id"])),
                f"the list says {row}, the purchase lines cost {costs}",
                line,
            )
            key = line["sale"]
            listed[key] = tuple(
                total + (row[name] or 0)
                for total, name in zip(
                    listed.get(key, (0.0,) * len(names)), names, strict=True
                )
            )
        # What is ordered is rounded in the list, which shows in amounts.
        rough = Counter()
        for row in self.purchase_rows.values():
            line = self.sale_rows.get(row["sale_line_id"])
            if line and line["product_uom_id"] != row["product_uom_id"]:
                rough[line["sale"]] += 0.006 * float(line["price_unit"] or 0)
        for key, amounts in listed.items():
            for name, one, other in zip(
                names, amounts, analysed.get(key, (0.0,) * len(names)), strict=True
            ):
                self._assert(
                    self._same(one, other, 0.02 + rough[key]),
                    f"{name} of {key} is {one} in the list, {other} in the analysis",
                    *self.sale_rows.values(),
                )

    def _query_analysis(self, refs):
        """Return {number of the sales order: sums of the analysis}."""
        groups = self.env["drop.shipment.analysis"]._read_group(
            [("sale_ref", "in", refs)],
            ["sale_ref"],
            [
                "revenue:sum",
                "cost:sum",
                "margin:sum",
                "qty_ordered:sum",
                "qty_to_order:sum",
            ],
        )
        return {ref: tuple(value or 0 for value in sums) for ref, *sums in groups}
