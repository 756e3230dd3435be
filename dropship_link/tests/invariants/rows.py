"""The lines of both orders as the database has them, and how rules compare them."""

from odoo.tools import float_compare


class Rows:
    """Reads with SQL, so that the rules do not rest on the code they judge."""

    def _query(self, query, **values):
        """Return the rows of a query as dictionaries."""
        self.env.cr.execute(query, values)
        return self.env.cr.dictfetchall()

    def _read_sale_lines(self):
        rows = self._query(
            """
            SELECT line.*, sale.name AS sale, sale.state AS sale_state,
                   sale.partner_shipping_id,
                   partner.commercial_partner_id AS customer_id,
                   COALESCE(line.drop_shipment, false) AS ticked
              FROM sale_order_line line
              JOIN sale_order sale ON sale.id = line.order_id
              JOIN res_partner partner ON partner.id = sale.partner_id
             WHERE line.order_id = ANY(%(ids)s) AND line.display_type IS NULL
             ORDER BY line.id
            """,
            ids=list(self.orders),
        )
        return {row["id"]: row for row in rows}

    def _read_purchase_lines(self):
        rows = self._query(
            """
            SELECT line.*, purchase.name AS purchase, purchase.state AS order_state,
                   purchase.dest_address_id,
                   partner.commercial_partner_id AS customer_id,
                   COALESCE(line.drop_shipment, false) AS linked
              FROM purchase_order_line line
              JOIN purchase_order purchase ON purchase.id = line.order_id
              LEFT JOIN res_partner partner
                     ON partner.id = purchase.sell_to_customer_id
             WHERE line.order_id = ANY(%(ids)s) AND line.display_type IS NULL
             ORDER BY line.id
            """,
            ids=list(self.purchases),
        )
        return {row["id"]: row for row in rows}

    def _convert(self, quantity, uom, to_uom):
        """Return a quantity in another unit, not rounded."""
        factors = self.case.factors
        return float(quantity or 0) * factors[uom] / factors[to_uom]

    def _same(self, one, other, tolerance=0):
        one, other = float(one or 0), float(other or 0)
        return (
            abs(one - other) <= tolerance + 1e-9
            or float_compare(one, other, precision_digits=2) == 0
        )

    def _assert(self, holds, message, *rows):
        if not holds:
            raise AssertionError("\n".join([message, *map(self._describe, rows)]))

    def _describe(self, row):
        return ", ".join(
            f"{key}={value}"
            for key, value in row.items()
            if value not in (None, False, "")
            and (
                key.startswith(("drop_shipment", "qty_", "product_"))
                or key in ("id", "sale", "purchase", "sale_state", "order_state")
                or key in ("ticked", "linked", "sale_line_id", "invoice_status")
            )
        )
