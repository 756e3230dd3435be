"""The rules of drop shipments, asked of the database itself.

Each query returns the lines that break its rule, so all of them are to return nothing.
They say it in tables and sums alone and know nothing of how the add-on computes. Every
quantity of these tests is in one unit of measure.
"""

import contextlib

import psycopg2

from harness import postgres

# All that the add-on may change. A refused call leaves every byte of it as it was.
TABLES = (
    "sale_order",
    "sale_order_line",
    "purchase_order",
    "purchase_order_line",
    "stock_picking",
    "stock_move",
    "stock_move_line",
    "account_move",
    "account_move_line",
    "mail_message",
)
# One row for each ticked sales line, with sums from the documents themselves.
LINES = """
WITH line AS (
    SELECT l.*, o.name AS number, o.state AS order_state
      FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id
     WHERE l.drop_shipment
), sums AS (
    SELECT line.*,
           (SELECT COALESCE(SUM(p.product_qty), 0)
              FROM purchase_order_line p JOIN purchase_order o ON o.id = p.order_id
             WHERE p.sale_line_id = line.id AND o.state != 'cancel') AS ordered,
           (SELECT COALESCE(SUM(p.qty_received), 0)
              FROM purchase_order_line p WHERE p.sale_line_id = line.id) AS received,
           (SELECT COALESCE(SUM(p.qty_received), 0)
              FROM purchase_order_line p JOIN purchase_order o ON o.id = p.order_id
             WHERE p.sale_line_id = line.id AND o.state != 'cancel') AS received_live,
           (SELECT COALESCE(SUM(m.quantity * CASE WHEN d.usage = 'customer'
                                                  THEN 1 ELSE -1 END), 0)
              FROM stock_move m JOIN stock_location d ON d.id = m.location_dest_id
             WHERE m.sale_line_id = line.id AND m.state = 'done') AS moved,
           (SELECT COALESCE(SUM(m.product_uom_qty), 0)
              FROM stock_move m
             WHERE m.sale_line_id = line.id
               AND m.state NOT IN ('done', 'cancel')) AS open,
           (SELECT COALESCE(SUM(i.quantity * CASE WHEN a.move_type = 'out_invoice'
                                                  THEN 1 ELSE -1 END), 0)
              FROM sale_order_line_invoice_rel r
              JOIN account_move_line i ON i.id = r.invoice_line_id
              JOIN account_move a ON a.id = i.move_id
             WHERE r.order_line_id = line.id AND a.state = 'posted') AS invoiced,
           (SELECT COALESCE(SUM(i.quantity), 0)
              FROM sale_order_line_invoice_rel r
              JOIN account_move_line i ON i.id = r.invoice_line_id
              JOIN account_move a ON a.id = i.move_id
             WHERE r.order_line_id = line.id AND a.state != 'cancel'
               AND a.move_type = 'out_invoice') AS on_invoices,
           (SELECT COALESCE(SUM(i.quantity * CASE WHEN a.move_type = 'in_invoice'
                                                  THEN 1 ELSE -1 END), 0)
              FROM account_move_line i JOIN account_move a ON a.id = i.move_id
              JOIN purchase_order_line p ON p.id = i.purchase_line_id
             WHERE p.sale_line_id = line.id AND a.state = 'posted') AS billed
      FROM line
)
"""
RULES = {
    "ordered more than sold": "ordered > product_uom_qty",
    "quantity ordered is not the sum": "ordered != drop_shipment_qty_ordered",
    "quantity to order is not the rest": """
        drop_shipment_qty_to_order != CASE WHEN order_state = 'sale' THEN GREATEST(
            product_uom_qty - ordered - (qty_delivered - received_live), 0) ELSE 0 END
    """,
    "delivered more than sold": "moved > product_uom_qty",
    "delivered is not what was moved": "qty_delivered != moved",
    "received is not what was delivered": "received != moved",
    "outstanding is not what is open": "open != drop_shipment_qty_outstanding",
    "invoiced twice": "on_invoices > qty_delivered",
    "billed more than invoiced": "billed > invoiced",
    "quantity invoiced is not the sum": "invoiced != drop_shipment_qty_invoiced",
    "quantity billed is not the sum": "billed != drop_shipment_qty_billed",
}
# What needs other tables.
QUERIES = {
    "less than nothing ordered": """
        SELECT id, product_qty FROM purchase_order_line
         WHERE sale_line_id IS NOT NULL AND product_qty < 0
    """,
    "linked, but not marked so": """
        SELECT p.id FROM purchase_order_line p
          JOIN sale_order_line s ON s.id = p.sale_line_id
         WHERE (p.drop_shipment, p.drop_shipment_sale_line_id)
               IS DISTINCT FROM (s.drop_shipment, s.id) AND s.drop_shipment
    """,
    "another product or company": """
        SELECT p.id FROM purchase_order_line p
          JOIN sale_order_line s ON s.id = p.sale_line_id
         WHERE p.product_id != s.product_id OR p.company_id != s.company_id
    """,
    "billed twice": """
        SELECT p.id, p.qty_received, SUM(i.quantity)
          FROM purchase_order_line p
          JOIN account_move_line i ON i.purchase_line_id = p.id
          JOIN account_move a ON a.id = i.move_id
         WHERE a.state != 'cancel' AND a.move_type = 'in_invoice' AND p.drop_shipment
         GROUP BY p.id HAVING SUM(i.quantity) > p.qty_received
    """,
    "received is not what was moved": """
        SELECT p.id, p.qty_received, SUM(m.quantity)
          FROM purchase_order_line p JOIN stock_move m ON m.purchase_line_id = p.id
          JOIN stock_location d ON d.id = m.location_dest_id
         WHERE m.state = 'done' AND d.usage = 'customer' AND p.drop_shipment
         GROUP BY p.id HAVING SUM(m.quantity) != p.qty_received
    """,
    "a transfer of two purchase orders or two sales orders": """
        SELECT m.picking_id FROM stock_move m
          JOIN purchase_order_line p ON p.id = m.purchase_line_id
          JOIN sale_order_line s ON s.id = m.sale_line_id
         WHERE p.drop_shipment GROUP BY m.picking_id
        HAVING COUNT(DISTINCT p.order_id) > 1 OR COUNT(DISTINCT s.order_id) > 1
    """,
    "a transfer of a cancelled order is open": """
        SELECT m.id FROM stock_move m
          JOIN purchase_order_line p ON p.id = m.purchase_line_id
          JOIN purchase_order o ON o.id = p.order_id
         WHERE p.drop_shipment AND o.state = 'cancel'
           AND m.state NOT IN ('done', 'cancel')
    """,
    "own stock changed": """
        SELECT q.id, q.quantity FROM stock_quant q
          JOIN stock_location l ON l.id = q.location_id
         WHERE l.usage = 'internal' AND q.quantity != 0 AND q.product_id IN (
               SELECT product_id FROM sale_order_line WHERE drop_shipment)
    """,
    "the ledger does not balance": """
        SELECT move_id, SUM(balance) FROM account_move_line i
         WHERE parent_state = 'posted' GROUP BY move_id
        HAVING ABS(SUM(balance)) > 0.001
    """,
}


def connect(db):
    """Return a connection to the database, to be closed by `contextlib.closing`."""
    return contextlib.closing(psycopg2.connect(dbname=db, **postgres.postgres()))


def rows(db, query, *parameters):
    """Return what a query finds."""
    with connect(db) as connection, connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


def broken(db):
    """Return the rules that are broken, each with the rows that break it."""
    found = {}
    with connect(db) as connection, connection.cursor() as cursor:
        for rule, condition in RULES.items():
            cursor.execute(
                f"{LINES} SELECT number, id, product_uom_qty, ordered, moved, received,"
                f" invoiced, billed, on_invoices, drop_shipment_qty_to_order, open"
                f" FROM sums WHERE {condition}"
            )
            found[rule] = cursor.fetchall()
        for rule, query in QUERIES.items():
            cursor.execute(query)
            found[rule] = cursor.fetchall()
    # PostgreSQL gives rows in any order; callers compare with an earlier look.
    return {rule: sorted(lines, key=str) for rule, lines in found.items() if lines}
