"""The rules of drop shipments, asked of the database itself.

They say it in tables and sums alone, know nothing of how the add-on computes, and hold
whatever people do. The machine asks them after each step. The tests from outside run
this file for its text (`tests/rules.py`), so it imports nothing.
"""

# One row for each sales line, with sums from the documents themselves in the unit of
# the line. ``slack`` is by how much what was rounded in another unit may be wrong.
# What is looked up for each line is made once, as there may be very many lines.
# Parameters: the table of a document, to the last id before the first to judge.
LINES = """
WITH sold AS (
    SELECT l.*, o.name AS number, o.state AS order_state, o.partner_shipping_id,
           COALESCE(l.drop_shipment, false) AS ticked,
           p.commercial_partner_id AS customer_id, u.factor, t.invoice_policy
      FROM sale_order_line l
      JOIN sale_order o ON o.id = l.order_id
      LEFT JOIN product_product v ON v.id = l.product_id
      LEFT JOIN product_template t ON t.id = v.product_tmpl_id
      JOIN res_partner p ON p.id = o.partner_id
      LEFT JOIN uom_uom u ON u.id = l.product_uom_id
     WHERE l.display_type IS NULL AND o.id > %(sale_order)s
), link AS (
    SELECT l.*, o.name AS number, o.state AS order_state, o.dest_address_id,
           COALESCE(l.drop_shipment, false) AS linked,
           o.state IS DISTINCT FROM 'cancel' AS live,
           p.commercial_partner_id AS customer_id,
           u.factor, COALESCE(u.factor / s.factor, 1) AS rate,
           COALESCE(l.product_qty * u.factor / s.factor, l.product_qty) AS quantity,
           COALESCE(l.qty_received * u.factor / s.factor, l.qty_received, 0) AS got,
           COALESCE(s.ticked, false) AS ticked, s.order_state AS sale_state,
           s.product_id AS sold_product_id, s.company_id AS sold_company_id,
           s.customer_id AS sold_customer_id, s.partner_shipping_id
      FROM purchase_order_line l
      JOIN purchase_order o ON o.id = l.order_id
      LEFT JOIN res_partner p ON p.id = o.sell_to_customer_id
      LEFT JOIN uom_uom u ON u.id = l.product_uom_id
      LEFT JOIN sold s ON s.id = l.sale_line_id
     WHERE l.display_type IS NULL AND o.id > %(purchase_order)s
), move AS MATERIALIZED (
    SELECT m.id, m.picking_id, m.sale_line_id, COALESCE(m.state, '') AS state,
           source.usage AS source, dest.usage AS dest,
           COALESCE(link.order_state, '') AS order_state,
           link.id IS NOT NULL AND link.sale_line_id IS NULL AS unlinked,
           COALESCE(back.state, 'done') IN ('done', 'cancel') AS not_in_exchange,
           COALESCE(u.factor / s.factor, 1) AS rate,
           COALESCE(m.quantity * u.factor / s.factor, m.quantity) AS quantity,
           COALESCE(m.product_uom_qty * u.factor / s.factor, m.product_uom_qty)
           AS demand
      FROM stock_move m
      JOIN sold s ON s.id = m.sale_line_id
      JOIN stock_location source ON source.id = m.location_id
      JOIN stock_location dest ON dest.id = m.location_dest_id
      LEFT JOIN stock_picking picking ON picking.id = m.picking_id
      LEFT JOIN stock_picking back ON back.id = picking.return_id
      LEFT JOIN link ON link.id = m.purchase_line_id
      LEFT JOIN uom_uom u ON u.id = m.product_uom
), item AS (
    SELECT 'sale' AS side, r.order_line_id AS sale_line_id, r.invoice_line_id AS id
      FROM sale_order_line_invoice_rel r
    UNION ALL
    SELECT 'purchase', link.sale_line_id, i.id
      FROM link JOIN account_move_line i ON i.purchase_line_id = link.id
), booked AS MATERIALIZED (
    SELECT item.side, item.sale_line_id, a.state, a.move_type,
           COALESCE(i.quantity * u.factor / s.factor, i.quantity)
           * CASE WHEN RIGHT(a.move_type, 6) = 'refund' THEN -1 ELSE 1 END AS quantity
      FROM item
      JOIN account_move_line i ON i.id = item.id
      JOIN account_move a ON a.id = i.move_id
      JOIN sold s ON s.id = item.sale_line_id
      LEFT JOIN uom_uom u ON u.id = i.product_uom_id
), sums AS (
    SELECT sold.*, links.*, moves.*, books.*
      FROM sold
     CROSS JOIN LATERAL (
           SELECT COUNT(*) FILTER (WHERE live AND ticked) AS links,
                  COUNT(*) FILTER (WHERE live AND ticked AND quantity != 0
                                     AND link.order_state IS DISTINCT FROM 'purchase')
                  AS requests,
                  ROUND(COALESCE(SUM(quantity) FILTER (WHERE live AND ticked), 0), 2)
                  AS ordered,
                  COALESCE(SUM(got), 0) AS received,
                  COALESCE(SUM(got) FILTER (WHERE live), 0) AS received_live,
                  COALESCE(SUM(LEAST(got, quantity)) FILTER (WHERE live), 0)
                  AS received_ordered,
                  COALESCE(SUM(GREATEST(quantity - got, 0))
                           FILTER (WHERE ticked AND link.order_state = 'purchase'), 0)
                  AS waiting,
                  COALESCE(SUM(0.005 * rate + 0.005) FILTER (WHERE rate != 1), 0)
                  AS slack
             FROM link WHERE link.sale_line_id = sold.id) links
     CROSS JOIN LATERAL (
           SELECT COALESCE(SUM(CASE WHEN dest = 'customer' THEN quantity
                                    ELSE -quantity END)
                           FILTER (WHERE state = 'done'), 0) AS moved,
                  COALESCE(SUM(CASE WHEN source = 'internal' THEN quantity
                                    WHEN source = 'customer' AND dest = 'internal'
                                    THEN -quantity END)
                           FILTER (WHERE state = 'done'), 0) AS own,
                  COALESCE(SUM(quantity) FILTER (WHERE state = 'done'
                                                   AND source = 'customer'
                                                   AND dest = 'internal'), 0) AS kept,
                  COALESCE(SUM(CASE WHEN dest = 'customer' THEN quantity
                                    ELSE -quantity END)
                           FILTER (WHERE state = 'done' AND unlinked
                                     AND 'internal' NOT IN (source, dest)), 0) AS added,
                  -- A cancelled delivery from own stock may be copied in Inventory.
                  -- Goods may be on their way back. What is open of no confirmed order
                  -- breaks a rule of its own.
                  COALESCE(SUM(demand)
                           FILTER (WHERE state NOT IN ('draft', 'done', 'cancel')
                                     AND source NOT IN ('internal', 'customer')
                                     AND move.order_state = 'purchase'),
                           0) AS open,
                  COUNT(*) FILTER (WHERE state NOT IN ('draft', 'done', 'cancel')
                                     AND source NOT IN ('internal', 'customer')
                                     AND move.order_state = 'purchase'
                                     AND not_in_exchange) AS to_come,
                  COUNT(*) FILTER (WHERE state = 'done' AND rate != 1) AS parts
             FROM move WHERE move.sale_line_id = sold.id) moves
     CROSS JOIN LATERAL (
           SELECT ROUND(COALESCE(SUM(quantity) FILTER (
                        WHERE state = 'posted' AND side = 'sale'), 0), 2) AS invoiced,
                  ROUND(COALESCE(SUM(quantity) FILTER (
                        WHERE state = 'posted' AND side = 'purchase'), 0), 2) AS billed,
                  COALESCE(SUM(quantity) FILTER (
                        WHERE state != 'cancel' AND move_type = 'out_invoice'), 0)
                  AS on_invoices,
                  COALESCE(SUM(quantity) FILTER (
                        WHERE state != 'cancel' AND side = 'sale'), 0) AS charged
             FROM booked WHERE booked.sale_line_id = sold.id) books
)
"""
# What is told of a sales line that breaks a rule.
SHOWN = """
    number, id, order_state, ticked, product_uom_qty, qty_delivered, qty_to_ship,
    drop_shipment_qty_ordered, drop_shipment_qty_to_order,
    drop_shipment_qty_outstanding, drop_shipment_qty_invoiced,
    drop_shipment_qty_billed, ordered, received, received_ordered, waiting, slack,
    moved, own, kept, added, open, invoiced, billed, on_invoices,
    charged, invoice_status, invoice_policy, requests, to_come, drop_shipment_state
"""


def differs(one, other, slack="0"):
    """The condition that two quantities are not the same, as these are rounded."""
    one, other = f"COALESCE({one}, 0)", f"COALESCE({other}, 0)"
    return (
        f"ABS({one} - {other}) > {slack} + 1e-9"
        f" AND ROUND({one}, 2) != ROUND({other}, 2)"
    )


# In another unit what is received on each order is rounded, and so is what is
# delivered; for what is no drop shipment core rounds each transfer by itself.
ROUNDED = "slack + 0.005 * CASE WHEN ticked THEN LEAST(parts, 1) * 2 ELSE parts END"
# The conditions on which a line breaks its rule, of `sums`.
RULES = {
    "ordered more than sold": """
        links > 0 AND ROUND(ordered - kept, 2) > ROUND(product_uom_qty, 2)
    """,
    "quantity ordered is not the sum": differs("ordered", "drop_shipment_qty_ordered"),
    "quantity to order is not the rest": "ticked AND own = 0 AND kept = 0 AND "
    + differs(
        "drop_shipment_qty_to_order",
        "CASE WHEN order_state = 'sale' THEN GREATEST(product_uom_qty - ordered"
        " - GREATEST(qty_delivered - received_ordered, 0), 0) END",
        "slack",
    ),
    "less than nothing": """
        LEAST(drop_shipment_qty_to_order, drop_shipment_qty_ordered,
              drop_shipment_qty_outstanding, qty_to_ship) < 0
    """,
    "Qty to Ship is more than what is outstanding": """
        COALESCE(qty_to_ship, 0) > COALESCE(drop_shipment_qty_outstanding, 0) + 1e-9
    """,
    # Half a hundredth of a dozen may be lost on either side: 3.13 delivered leave 1.87
    # of 5; of 0.635 delivered and 0.138 open, together 0.77, they are 0.64 and 0.13.
    "outstanding is not what is open": differs(
        "drop_shipment_qty_outstanding",
        "CASE WHEN ticked THEN open END",
        "0.01 * LEAST(parts, 1)",
    ),
    "more outstanding than the vendor owes": f"""
        drop_shipment_qty_outstanding > waiting
        AND {differs("drop_shipment_qty_outstanding", "waiting", "slack")}
    """,
    "something is left to ship of an order that is not confirmed": """
        order_state != 'sale' AND drop_shipment_qty_outstanding != 0
    """,
    "delivered is not what was moved": f"""
        ticked AND {differs("qty_delivered", "moved", "slack + 0.005 * parts")}
    """,
    # Core adds a line that sells nothing for goods of a deleted line, which may go back
    # to their vendor, though no purchase line is theirs. Nor does it link the purchase
    # line of what is added on a transfer to a line that is sold from own stock.
    "delivered is not what was received, and went through own stock": differs(
        "qty_delivered",
        "CASE WHEN ticked THEN received + own"
        " WHEN product_uom_qty != 0 THEN received + own + added ELSE moved END",
        ROUNDED,
    ),
    "quantity invoiced is not the sum": f"""
        ticked AND {differs("invoiced", "drop_shipment_qty_invoiced")}
    """,
    "quantity billed is not the sum": f"""
        ticked AND {differs("billed", "drop_shipment_qty_billed")}
    """,
}
# What people are told of a line. Core's fields among them may be stale where a program
# writes units or what core computes: for those who work by screens.
STATUSES = {
    "what is to invoice is not told": """
        ticked AND order_state = 'sale' AND invoice_policy = 'delivery'
        AND (ROUND(qty_delivered - charged, 2) != 0)
            != (invoice_status = 'to invoice')
    """,
    "the state is another": """
        REPLACE(drop_shipment_state, 'done', 'invoiced') IS DISTINCT FROM CASE
            WHEN NOT ticked OR order_state IN ('draft', 'sent') THEN NULL
            WHEN order_state = 'cancel' THEN 'cancel'
            WHEN ROUND(qty_delivered, 2) >= ROUND(product_uom_qty, 2)
                AND (ROUND(product_uom_qty, 2) != 0 OR to_come = 0) THEN CASE
                WHEN invoiced < ROUND(CASE WHEN invoice_policy = 'delivery'
                                           THEN qty_delivered
                                           ELSE product_uom_qty END, 2)
                THEN 'shipped' ELSE 'invoiced' END
            WHEN qty_delivered > 0 THEN 'partial'
            WHEN drop_shipment_qty_to_order > 0 THEN 'to_order'
            WHEN requests > 0 THEN 'rfq'
            ELSE 'ordered' END
    """,
    "said to be done, and a bill is missing": f"""
        drop_shipment_state = 'done' AND billed < received_live
        AND {differs("billed", "received_live", "slack")}
    """,
    "said to be invoiced, and something is to order or to ship": """
        ticked AND invoice_status = 'invoiced'
        AND ROUND(charged, 2) < ROUND(product_uom_qty, 2)
        AND (drop_shipment_qty_to_order > 0 OR drop_shipment_qty_outstanding > 0)
    """,
}
# What is no rule of a sales line: queries for what breaks it.
QUERIES = {
    "less than nothing ordered": """
        SELECT id, number, product_qty FROM link WHERE ticked AND product_qty < 0
    """,
    "the link is one-sided": """
        SELECT id, number, sale_line_id, linked, drop_shipment_sale_line_id, ticked
          FROM link
         WHERE linked != ticked
            OR drop_shipment_sale_line_id
               IS DISTINCT FROM CASE WHEN ticked THEN sale_line_id END
    """,
    "another product or company": """
        SELECT id, number, sale_line_id FROM link
         WHERE linked AND live
           AND (product_id, company_id)
               IS DISTINCT FROM (sold_product_id, sold_company_id)
    """,
    "another customer": """
        SELECT id, number, sale_line_id FROM link
         WHERE linked AND live AND customer_id IS DISTINCT FROM sold_customer_id
    """,
    "the ship-to address differs": """
        SELECT id, number, sale_line_id, dest_address_id, partner_shipping_id FROM link
         WHERE linked AND live AND dest_address_id IS DISTINCT FROM partner_shipping_id
    """,
    # An order that was cancelled after a receipt, and reopened, keeps the lines that
    # shipped something: else it were delivered by no vendor.
    "a request for quotation of an order that is not confirmed": """
        SELECT id, number, sale_line_id, order_state, sale_state FROM link
         WHERE linked AND live AND order_state != 'purchase' AND sale_state != 'sale'
           AND NOT (0 < product_qty AND product_qty <= qty_received)
    """,
    "a transfer of no confirmed order is open": """
        SELECT m.id, m.picking_id FROM stock_move m
          JOIN link ON link.id = m.purchase_line_id
         WHERE linked AND order_state IS DISTINCT FROM 'purchase'
           AND m.state NOT IN ('done', 'cancel')
         UNION
        SELECT move.id, move.picking_id FROM move
          JOIN sold ON sold.id = move.sale_line_id
         WHERE ticked AND source NOT IN ('internal', 'customer')
           AND move.order_state != 'purchase' AND move.state NOT IN ('done', 'cancel')
    """,
    "the ledger does not balance": """
        SELECT a.id, a.name, SUM(i.balance)
          FROM account_move_line i JOIN account_move a ON a.id = i.move_id
         WHERE a.state = 'posted' AND a.id > %(account_move)s
         GROUP BY a.id, a.name HAVING ABS(SUM(i.balance)) > 0.001
    """,
}


def statement(rules=None, queries=None):
    """The query for what is broken: rows of a rule's name and an object that breaks it.

    :param rules: conditions on `sums` that break a rule, by its name, beside `RULES`
    :param queries: queries that may use what `LINES` defines, beside `QUERIES`
    """
    rules, queries = {**RULES, **(rules or {})}, {**QUERIES, **(queries or {})}
    tests = ", ".join(f"('{name}', ({test}))" for name, test in rules.items())
    parts = [
        f"SELECT name AS rule, to_jsonb(shown) - 'name' AS broken FROM ("
        f" SELECT rule.name, {SHOWN} FROM sums"
        f" CROSS JOIN LATERAL (VALUES {tests}) AS rule (name, broken)"
        f" WHERE rule.broken) AS shown"
    ]
    parts += [
        f"SELECT '{name}', to_jsonb(broken) FROM ({query}) AS broken"
        for name, query in queries.items()
    ]
    return f"{LINES} {' UNION ALL '.join(parts)}"
