"""Screens among a million sales lines, or as many as ``BENCH_LINES`` says."""

import os
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tools import SQL

from benchmarks import shop
from benchmarks.groups.cycles import SIDES, in_turn
from benchmarks.result import Row
from benchmarks.stopwatch import ROUNDS, Rounds, measure, transaction, typical

LINES = int(os.environ.get("BENCH_LINES", "1_000_000"))
# Far from the ids that Odoo's own sequences give.
FIRST = 10_000_000


def copy_rows(env, record, count, **values):
    """Insert ``count`` copies of the record; ``values`` are SQL of n, its number."""
    env.cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
        [record._table],
    )
    columns = [name for (name,) in env.cr.fetchall()]
    values["id"] = f"{FIRST} + n"
    env.cr.execute(
        SQL(
            "INSERT INTO %s (%s) SELECT %s FROM %s t, generate_series(0, %s) n "
            "WHERE t.id = %s",
            SQL.identifier(record._table),
            SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(
                SQL(values[name].replace("%", "%%"))
                if name in values
                else SQL.identifier("t", name)
                for name in columns
            ),
            SQL.identifier(record._table),
            count - 1,
            record.id,
        )
    )


def fill_sales(db, lines, flagged, to_order, customers):
    """Add sales orders of ten lines, without the ORM, as copies of one.

    The first ``flagged`` lines are drop shipments, the first ``to_order`` of them are
    still to order and all but as many others are done.
    """
    with transaction(db, commit=True) as env:
        cycle = shop.Cycle(env, shop.find(env, "cycle", 1), ours=True)
        for step in ("confirm sale", "get lines", "confirm purchase"):
            cycle.run(step)
        env.flush_all()
        partners = shop.partners(env, "customer", customers + 1)[1:].ids
        items = shop.find(env, "cycle").ids
        partner = f"(ARRAY{partners})[1 + n / 10 % {customers}]"
        line_partner = partner
        order_partner = f"(ARRAY{partners})[1 + n % {customers}]"
        item = f"(ARRAY{items})[1 + n % {len(items)}]"
        copy_rows(
            env,
            cycle.sale,
            lines // 10,
            name="'M' || n",
            partner_id=order_partner,
            partner_invoice_id=order_partner,
            partner_shipping_id=order_partner,
        )

        def by_kind(to_order_value, ordered, done, ordinary):
            return (
                f"CASE WHEN n < {to_order} THEN {to_order_value} "
                f"WHEN n < {2 * to_order} AND n < {flagged} THEN {ordered} "
                f"WHEN n < {flagged} THEN {done} ELSE {ordinary} END"
            )

        copy_rows(
            env,
            cycle.sale.order_line,
            lines,
            order_id=f"{FIRST} + n / 10",
            order_partner_id=line_partner,
            product_id=item,
            product_uom_qty="2",
            qty_delivered=by_kind(0, 0, 2, 2),
            drop_shipment=f"n < {flagged}",
            drop_shipment_order_id=f"CASE WHEN n < {flagged} THEN {FIRST} + n / 10 END",
            drop_shipment_state=by_kind("'to_order'", "'ordered'", "'done'", "NULL"),
            drop_shipment_qty_to_order=by_kind(2, 0, 0, 0),
            drop_shipment_qty_ordered=by_kind(0, 2, 2, 0),
            drop_shipment_qty_outstanding=by_kind(0, 2, 0, 0),
            qty_to_ship=by_kind(0, 2, 0, 0),
        )
        ordered = flagged - to_order
        if ordered:
            copy_rows(env, cycle.purchase, ordered // 10, name="'MP' || n")
            sale_line = f"{FIRST} + {to_order} + n"
            copy_rows(
                env,
                cycle.purchase.order_line,
                ordered,
                order_id=f"{FIRST} + n / 10",
                product_id=item,
                sale_line_id=sale_line,
                drop_shipment_sale_line_id=sale_line,
                qty_received=f"CASE WHEN n < {to_order} THEN 0 ELSE 2 END",
            )
    with transaction(db, commit=True) as env:
        env.cr.execute("ANALYZE")


REPORT_FIELDS = [
    "company_id",
    "sale_ref",
    "partner_id",
    "product_id",
    "quantity",
    "qty_to_order",
    "qty_outstanding",
    "qty_shipped",
    "qty_invoiced",
    "product_uom_id",
    "vendor_id",
    "purchase_ref",
    "date_promised",
    "date_expected",
    "late",
    "currency_id",
    "state",
]
OFFER_FIELDS = [
    "sale_order_id",
    "selected",
    "name",
    "date_order",
    "customer",
    "client_order_ref",
    "ship_to",
    "commitment_date",
    "line_count",
    "quantity",
]
LINE_FIELDS = ["sale_line_id", "sale_ref", "name", "quantity_to_order", "quantity"]


def wanted(env, model, names):
    """The specification by which the web client asks for these fields."""
    return {
        name: {"fields": {"display_name": {}}}
        if env[model]._fields[name].type == "many2one"
        else {}
        for name in names
    }


def open_get(env):
    """Open Get Sales Order for a customer of many, as the browser does."""
    wizard = "purchase.order.get.sales.order"
    order = env["purchase.order"].search([("origin", "=", "benchmark")])
    action = order.action_get_sales_order()
    (form,) = (
        env[wizard]
        .browse(action["res_id"])
        .web_read(
            {
                "vendor_products_only": {},
                "order_ids": {"fields": wanted(env, f"{wizard}.offer", OFFER_FIELDS)},
                "line_ids": {"fields": wanted(env, f"{wizard}.line", LINE_FIELDS)},
            }
        )
    )
    assert len(form["order_ids"]) == 5, len(form["order_ids"])


def open_workbench(env, domain):
    """Open the first page of the list of drop shipments, as the browser does."""
    page = env["drop.shipment.report"].web_search_read(
        domain,
        wanted(env, "drop.shipment.report", REPORT_FIELDS),
        limit=80,
        count_limit=10001,
    )
    assert len(page["records"]) == 80, len(page["records"])


OPEN_STATES = ("to_order", "rfq", "ordered", "partial", "shipped", "invoiced")
SCREENS = {
    "Get Sales Order": open_get,
    "the workbench, to order": lambda env: open_workbench(
        env, [("qty_to_order", ">", 0)]
    ),
    "the workbench, all open": lambda env: open_workbench(
        env, [("line_state", "in", OPEN_STATES)]
    ),
}


def sequential_scans(env, function):
    """Return the statements of ``function`` that read all sales lines."""
    statements = []
    execute = Cursor.execute

    def spy(cursor, query, params=None, log_exceptions=True):
        result = execute(cursor, query, params, log_exceptions)
        text = cursor._obj.query.decode()
        if (text.lstrip().startswith("SELECT") and '"sale_order_line"' in text) or (
            text.lstrip().startswith("SELECT") and "sale_order_line l" in text
        ):
            statements.append(text)
        return result

    with patch.object(Cursor, "execute", spy):
        function(env)
        env.flush_all()
    assert statements, "no statement reads sales lines"
    found = []
    for text in statements:
        env.cr.execute("EXPLAIN (FORMAT JSON) " + text.replace("%", "%%"), [])
        if "sale_order_line" in scanned(env.cr.fetchone()[0][0]["Plan"]):
            found.append(text)
    return found


def scanned(plan):
    """The tables that a plan reads from end to end."""
    tables = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return tables.union(*map(scanned, plan.get("Plans", [])))


def million(databases, seconds, say, facts):
    """Opening the screens among a million sales lines and among a hundred."""
    databases = {"ours": databases["full"], "core": databases["small"]}
    sizes = {"ours": (LINES, 50_000, 2_000, 40), "core": (100, 100, 100, 2)}
    for side, (lines, flagged, to_order, customers) in sizes.items():
        say(f"filling in {lines:,} sales lines")
        fill_sales(databases[side], lines, flagged, to_order, customers)
        with transaction(databases[side], commit=True) as env:
            env["purchase.order"].create(
                {
                    "partner_id": shop.partners(env, "vendor", 1).id,
                    "sell_to_customer_id": shop.partners(env, "customer", 2)[1].id,
                    "origin": "benchmark",
                }
            )
    rows = []
    scans = []
    for name, screen in SCREENS.items():
        found = {side: [] for side in SIDES}
        # A screen takes some 20 ms: one millisecond of another process counts 5 %.
        rounds = Rounds(seconds / len(SCREENS), wanted=5 * ROUNDS)
        for number in rounds:
            for side in in_turn(number):
                with transaction(databases[side]) as env:
                    cost = measure(env, lambda env=env, screen=screen: screen(env))
                if number:
                    found[side].append(cost)
        many, few = (typical(found[side]) for side in SIDES)
        rows.append(
            Row.ratio(
                f"Opening {name} with {LINES:,} sales lines",
                "the same with 100 sales lines",
                "s",
                many.seconds,
                few.seconds,
                1.5,
                rounds.done,
                gain="Lists open as on the first day, years later",
            )
        )
        with transaction(databases["ours"]) as env:
            scans += sequential_scans(env, screen)
    facts["sequential scans"] = scans
    say("screens opened")
    rows.append(
        Row(
            "Statements of these screens that scan sale_order_line sequentially",
            "none",
            "statements",
            len(scans),
            0,
            len(scans),
            0,
            1,
            kind="more",
            gain="The same with any number of lines",
        )
    )
    return rows
