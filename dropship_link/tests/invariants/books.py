"""What must hold of own stock, the ledger and stored fields."""

from collections import Counter

from odoo.tools import SQL

from .rows import Rows


class BookRules(Rows):
    """Own stock is left alone, books balance, nothing stored is stale."""

    def _check_own_stock(self):
        """Own stock changes by deliveries, receipts and returns to it alone."""
        moved = Counter()
        for row in self._query(
            """
            SELECT move.product_id, move.product_qty, move.quantity, move.product_uom,
                   source.usage AS source, dest.usage AS dest, type.code,
                   move.origin_returned_move_id, move.id
              FROM stock_move move
              LEFT JOIN stock_picking_type type ON type.id = move.picking_type_id
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
             WHERE move.picking_id = ANY(%(ids)s) AND move.state = 'done'
               AND 'internal' IN (source.usage, dest.usage)
            """,
            ids=list(self.pickings),
        ):
            self._assert(
                row["code"] != "dropship"
                or row["origin_returned_move_id"]
                or row["dest"] == "inventory",
                f"a drop shipment went through own stock: move {row['id']}",
            )
            sign = (row["dest"] == "internal") - (row["source"] == "internal")
            moved[row["product_id"]] += sign * self._convert(
                row["quantity"], row["product_uom"], self.case.uom_unit.id
            )
        quants = self._query(
            """
            SELECT quant.product_id, SUM(quant.quantity) AS quantity
              FROM stock_quant quant
              JOIN stock_location location ON location.id = quant.location_id
             WHERE location.usage = 'internal' AND quant.product_id = ANY(%(ids)s)
             GROUP BY quant.product_id
            """,
            ids=self.case.products.ids,
        )
        stock = {row["product_id"]: row["quantity"] for row in quants}
        for product in self.case.products.ids:
            expected = self.case.stock_before.get(product, 0) + moved[product]
            self._assert(
                self._same(stock.get(product), expected, 0.1),
                f"own stock of {product} is {stock.get(product)}, not {expected}",
            )

    def _check_ledger(self):
        """A drop shipment costs what its bills say, once."""
        items = self._query(
            """
            SELECT item.balance, item.account_id, item.product_id, item.company_id,
                   move.move_type
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
             WHERE item.move_id = ANY(%(ids)s) AND move.state = 'posted'
            """,
            ids=list(self.moves),
        )
        company = self.case.company
        through_stock = self._get_products_through_stock()
        for product in self.case.products.ids:
            own = [
                item
                for item in items
                if item["product_id"] == product and item["company_id"] == company.id
            ]
            if product in through_stock:
                continue
            bills = sum(
                item["balance"]
                for item in own
                if item["move_type"] in ("in_invoice", "in_refund")
            )
            accounts = Counter()
            for item in own:
                accounts[item["account_id"]] += item["balance"]
            self._assert(
                self._same(accounts[company.expense_account_id.id], bills)
                and self._same(accounts[company.account_stock_valuation_id.id], 0),
                f"product {product}: bills amount to {bills}, accounts to {accounts}",
            )

    def _get_products_through_stock(self):
        """Return the ids of products that came into own stock, left it or may do."""
        rows = self._query(
            """
            SELECT move.product_id
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
             WHERE move.picking_id = ANY(%(pickings)s) AND move.state = 'done'
               AND 'internal' IN (source.usage, dest.usage)
             UNION
            SELECT product_id FROM sale_order_line
             WHERE order_id = ANY(%(orders)s) AND NOT COALESCE(drop_shipment, false)
             UNION
            SELECT product_id FROM purchase_order_line
             WHERE order_id = ANY(%(purchases)s) AND NOT COALESCE(drop_shipment, false)
            """,
            pickings=list(self.pickings),
            orders=list(self.orders),
            purchases=list(self.purchases),
        )
        found = {row["product_id"] for row in rows}
        # Once it may have been invoiced as goods of our own, it stays out.
        self.through_stock |= found
        return self.through_stock

    def _check_recomputed(self):
        """Stored fields are what their own methods make of the documents, afresh."""
        env = self.env
        env.invalidate_all()
        fields = {
            "sale.order.line": [
                "drop_shipment_order_id",
                "drop_shipment_qty_billed",
                "drop_shipment_qty_invoiced",
                "drop_shipment_qty_ordered",
                "drop_shipment_qty_outstanding",
                "drop_shipment_qty_to_order",
                "drop_shipment_state",
                "invoice_status",
                "qty_delivered",
                "qty_to_ship",
            ],
            "purchase.order.line": [
                "drop_shipment",
                "drop_shipment_sale_line_id",
                "qty_received",
            ],
            "sale.order": ["delivery_status", "invoice_status"],
        }
        ids = {
            "sale.order.line": list(self.sale_rows),
            "purchase.order.line": list(self.purchase_rows),
            "sale.order": list(self.orders),
        }
        before = self._read_stored(fields, ids)
        for model, names in fields.items():
            for name in names:
                field = env[model]._fields[name]
                env.add_to_compute(field, env[model].browse(ids[model]))
        env.flush_all()
        after = self._read_stored(fields, ids)
        changed = [
            f"{model}({record}).{name}: stored {before[key]!r}, recomputed {value!r}"
            for key, value in after.items()
            for model, record, name in [key]
            if before[key] != value
        ]
        self._assert(
            not changed,
            "stale: " + "; ".join(changed),
            *self.sale_rows.values(),
            *self.purchase_rows.values(),
        )

    def _read_stored(self, fields, ids):
        stored = {}
        for model, names in fields.items():
            table = SQL.identifier(self.env[model]._table)
            columns = SQL(", ").join(map(SQL.identifier, names))
            for record, *values in self.env.execute_query(
                SQL(
                    "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                    columns,
                    table,
                    ids[model],
                )
            ):
                for name, value in zip(names, values, strict=True):
                    if isinstance(value, (int, str, bool)):
                        stored[model, record, name] = value
                    else:
                        stored[model, record, name] = float(value or 0)
        return stored
