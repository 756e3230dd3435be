"""The rules of drop shipments, asked from outside.

They are those of the add-on's own tests, `dropship_link/tests/invariants/oracle.py`, of
all documents of a database, and a few that hold of what people do here.
"""

import contextlib
import runpy
from collections import defaultdict

import psycopg2

from harness import postgres, project

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
ORACLE = runpy.run_path(project.ROOT / project.ADDON / "tests/invariants/oracle.py")
# What holds as well where nobody ships more than was sold, takes goods into own stock,
# invoices what is not shipped, bills what is not received, lets bills go first, changes
# what was cancelled or puts lines of two orders on one transfer.
RULES = {
    "own stock took part": "ticked AND (own != 0 OR kept != 0)",
    "delivered more than sold": "ticked AND moved > product_uom_qty",
    "invoiced twice": "ticked AND on_invoices > qty_delivered",
    "billed more than invoiced": "ticked AND billed > invoiced",
}
QUERIES = {
    "less than nothing ordered, of what is shipped from stock too": """
        SELECT id, number, product_qty FROM link
         WHERE sale_line_id IS NOT NULL AND product_qty < 0
    """,
    "another product or company on an order of any state": """
        SELECT id, number, sale_line_id FROM link
         WHERE sale_line_id IS NOT NULL
           AND (product_id != sold_product_id OR company_id != sold_company_id)
    """,
    "a transfer of two purchase orders or two sales orders": """
        SELECT m.picking_id FROM stock_move m
          JOIN link ON link.id = m.purchase_line_id
          JOIN sold ON sold.id = m.sale_line_id
         WHERE linked GROUP BY m.picking_id
        HAVING COUNT(DISTINCT link.order_id) > 1 OR COUNT(DISTINCT sold.order_id) > 1
    """,
    "billed twice": """
        SELECT link.id, link.number, link.qty_received, SUM(i.quantity)
          FROM link
          JOIN account_move_line i ON i.purchase_line_id = link.id
          JOIN account_move a ON a.id = i.move_id
         WHERE a.state != 'cancel' AND a.move_type = 'in_invoice' AND linked
         GROUP BY link.id, link.number, link.qty_received
        HAVING SUM(i.quantity) > link.qty_received
    """,
    "received is not what was moved": """
        SELECT link.id, link.number, link.qty_received, SUM(m.quantity)
          FROM link JOIN stock_move m ON m.purchase_line_id = link.id
          JOIN stock_location d ON d.id = m.location_dest_id
         WHERE m.state = 'done' AND d.usage = 'customer' AND linked
         GROUP BY link.id, link.number, link.qty_received
        HAVING SUM(m.quantity) != link.qty_received
    """,
    "own stock changed": """
        SELECT q.id, q.quantity FROM stock_quant q
          JOIN stock_location l ON l.id = q.location_id
         WHERE l.usage = 'internal' AND q.quantity != 0 AND q.product_id IN (
               SELECT product_id FROM sold WHERE ticked)
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
    found = defaultdict(list)
    query = ORACLE["statement"](RULES, QUERIES)
    with connect(db) as connection, connection.cursor() as cursor:
        cursor.execute(query, dict.fromkeys(TABLES, 0))
        for rule, row in cursor.fetchall():
            found[rule].append(row)
    # PostgreSQL gives rows in any order; callers compare with an earlier look.
    return {rule: sorted(lines, key=str) for rule, lines in found.items()}
