"""The rows of the table that are measured inside one Odoo process.

Each function takes the databases of both sides and the seconds that it may take, and
returns rows. Both sides run in turn; the one that starts changes with each round.
"""

from unittest.mock import patch

from odoo.fields import Command, Date
from odoo.sql_db import Cursor
from odoo.tools import SQL

from benchmarks import shop
from benchmarks.result import Row
from benchmarks.stopwatch import (
    ROUNDS,
    Cost,
    Rounds,
    measure,
    transaction,
    try_out,
    typical,
)

SIDES = ("ours", "core")
CORE_STORY = "the same through core's Dropship route"


def in_turn(number):
    """Both sides, in an order that changes with each round."""
    return SIDES if number % 2 else SIDES[::-1]


# ------------------------------------------------------------
# The whole cycle
# ------------------------------------------------------------


def run_cycle(db, size, ours, together=False):
    """Return {step: cost} of one order of ``size`` lines; see `shop.Cycle`."""
    with transaction(db) as env:
        cycle = shop.Cycle(env, shop.find(env, "cycle", size), ours, 2, together)
        costs = {
            step: measure(env, lambda step=step: cycle.run(step))
            for step in cycle.steps
        }
        cycle.check()
    return costs


def cycles(databases, seconds, say, facts):
    """Orders of 1, 10 and 100 lines from the confirmation to the bill."""
    rows = []
    # The shorter, the more often: chance weighs more.
    for size, limit, share, times in (
        (1, 1.0, 0.25, 4),
        (10, 1.0, 0.25, 2),
        (100, 0.9, 0.5, 1),
    ):
        found = {side: [] for side in SIDES}
        rounds = Rounds(
            seconds * share,
            lambda text, size=size: say(f"{size} lines, {text}"),
            times * ROUNDS,
        )
        for number in rounds:
            for side in in_turn(number):
                costs = run_cycle(databases[side], size, side == "ours", together=True)
                if number:
                    found[side].append(costs)
        total = {
            side: typical([sum(costs.values(), Cost()) for costs in found[side]])
            for side in SIDES
        }
        facts[f"cycle {size}"] = {
            side: {
                step: vars(typical([costs[step] for costs in found[side]]))
                for step in shop.Cycle.steps
            }
            for side in SIDES
        }
        name = f"Whole cycle, {size} line{'s' * (size > 1)}"
        for unit, key in (("s", "seconds"), ("queries", "queries")):
            values = [getattr(total[side], key) for side in SIDES]
            rows.append(Row.ratio(name, CORE_STORY, unit, *values, limit, rounds.done))
    return rows


# ------------------------------------------------------------
# A thousand lines
# ------------------------------------------------------------


def bare_lines(env, cycle):
    """Return what the lines of Get Sales Order are made of, without the link."""
    lines = env["purchase.order.line"]
    order = env["purchase.order"].create({"partner_id": cycle.vendor.id})
    vals_list = [
        lines._prepare_purchase_order_line(
            line.product_id,
            line.product_uom_qty,
            line.product_uom_id,
            order.company_id,
            order.partner_id,
            order,
        )
        for line in cycle.sale.order_line
    ]
    return lambda: lines.create(vals_list)


def run_large(db, size):
    """Return {step: cost} of one of our orders, and of what its steps stand for."""
    costs = {}
    with transaction(db) as env:
        cycle = shop.Cycle(env, shop.find(env, "cycle", size), ours=True)
        for step in cycle.steps:
            if step == "get lines":
                costs["bare create"] = try_out(env, bare_lines(env, cycle))
                # The bare create has an order to create the lines in.
                request = measure(env, cycle.new_request)
                costs["Get Sales Order"] = measure(env, cycle.get_sales_order)
                costs[step] = request + costs["Get Sales Order"]
                continue
            if step == "ship":
                costs["bare validation"] = try_out(
                    env, lambda: cycle.sale.picking_ids.button_validate()
                )
            costs[step] = measure(env, lambda step=step: cycle.run(step))
        cycle.check()
    return costs


def large(databases, seconds, say, facts):
    """Get Sales Order and Post with 1,000 lines, and how each step grows."""
    small, big = [], []
    rounds = Rounds(seconds, lambda text: say(f"1,000 lines, {text}"))
    for number in rounds:
        # A warm-up need not be that large.
        costs = {
            size: run_large(databases["ours"], size)
            for size in ((100,) if number == 0 else (100, 1000))
        }
        if number:
            small.append(costs[100])
            big.append(costs[1000])
    run_cycle(databases["core"], 1, ours=False)
    core = {100: run_cycle(databases["core"], 100, ours=False)}
    # Core's own cycle of 1,000 lines has been measured with its memory.
    core[1000] = (
        {step: Cost(**cost) for step, cost in facts["core 1000"].items()}
        if "core 1000" in facts
        else run_cycle(databases["core"], 1000, ours=False)
    )
    tens = {step: typical([costs[step] for costs in small]) for step in small[0]}
    thousands = {step: typical([costs[step] for costs in big]) for step in big[0]}
    # Core has no such step: what Get Sales Order does is to create the lines.
    for size, costs in ((100, tens), (1000, thousands)):
        core[size]["get lines"] = costs["bare create"]
    facts["cycle 1000"] = {
        "ours": {step: vars(thousands[step]) for step in shop.Cycle.steps},
        "core": {step: vars(core[1000][step]) for step in shop.Cycle.steps},
    }
    get = thousands["Get Sales Order"], thousands["bare create"]
    ship = thousands["ship"], thousands["bare validation"]
    rows = [
        Row.ratio(
            f"{name}, 1,000 lines",
            against,
            "s",
            ours.seconds,
            theirs.seconds,
            limit,
            rounds.done,
        )
        for name, against, (ours, theirs), limit in (
            ("Get Sales Order", "the same lines by one bare create", get, 1.25),
            ("Post (ship)", "the bare validation of that transfer", ship, 1.15),
        )
    ]
    rows += [
        Row.ratio(
            f"Growth from 100 to 1,000 lines, {step}",
            "its time with 100 lines",
            "s",
            thousands[step].seconds,
            tens[step].seconds,
            11,
            rounds.done,
        )
        for step in shop.Cycle.steps
    ]
    for step in shop.Cycle.steps:
        grown, core_grown = (
            costs[1000][step].queries - costs[100][step].queries
            for costs in ({100: tens, 1000: thousands}, core)
        )
        rows.append(
            Row.ratio(
                f"Growth from 100 to 1,000 lines, {step}",
                "core's own growth",
                "queries",
                grown,
                core_grown,
                1.1,
                rounds.done,
            )
        )
    return rows


# ------------------------------------------------------------
# Ordinary orders
# ------------------------------------------------------------


def run_ordinary(db, size):
    """Return {step: queries} of a sale and a purchase through own stock."""
    counts = {}
    with transaction(db) as env:
        items = shop.find(env, "stock", size)
        customer = shop.partners(env, "customer", 1)
        vendor = shop.partners(env, "vendor", 1)
        purchase = env["purchase.order"].create(
            {
                "partner_id": vendor.id,
                "order_line": [
                    Command.create({"product_id": item.id, "product_qty": 2})
                    for item in items
                ],
            }
        )
        sale = shop.new_sale(env, items, customer, ticked=False)

        def bill():
            action = purchase.action_create_invoice()
            document = env["account.move"].browse(action["res_id"])
            document.invoice_date = Date.today()
            document.action_post()

        for step, function in {
            "confirm purchase": purchase.button_confirm,
            "receive": lambda: purchase.picking_ids.button_validate(),
            "bill": bill,
            "confirm sale": sale.action_confirm,
            "deliver": lambda: sale.picking_ids.button_validate(),
            "invoice": lambda: sale._create_invoices().action_post(),
        }.items():
            counts[step] = measure(env, function).queries
        assert sale.delivery_status == "full"
        assert sale.invoice_status == purchase.invoice_status == "invoiced"
    return counts


def ordinary(databases, _seconds, say, facts):
    """What an order without a drop shipment costs more with the add-on."""
    most, total = 0, {"ours": 0, "core": 0}
    facts["ordinary"] = {}
    # The first round fills caches of the registry. What Odoo does by the way, as when
    # one of them is emptied, only ever adds to the others: the least counts.
    for size in (1, 20):
        counts = {}
        for side in SIDES:
            rounds = [run_ordinary(databases[side], size) for _round in range(4)][1:]
            counts[side] = {
                step: min(counts[step] for counts in rounds) for step in rounds[0]
            }
            total[side] += sum(counts[side].values())
        facts["ordinary"][size] = counts
        for step, count in counts["ours"].items():
            most = max(most, count - counts["core"][step])
    say("ordinary orders counted")
    return [
        Row(
            "An order without a drop shipment, each step",
            "the same without the add-on",
            "queries",
            total["ours"],
            total["core"],
            most,
            0,
            3,
            kind="more",
        )
    ]


# ------------------------------------------------------------
# Batches
# ------------------------------------------------------------


def prepare_bills(db, ours, orders=10, bills=20, lines=20):
    """Make draft bills of drop shipments that have been shipped and invoiced."""
    with transaction(db, commit=True) as env:
        items = shop.find(env, "cycle", lines * orders)
        vals_list = []
        for number in range(orders):
            cycle = shop.Cycle(
                env, items[number * lines : (number + 1) * lines], ours, quantity=bills
            )
            for step in cycle.steps[:-1]:
                cycle.run(step)
            for part in range(bills):
                vals = cycle.purchase._prepare_invoice()
                vals.update(invoice_date=Date.today(), ref=f"{number}/{part}")
                for line in cycle.purchase.order_line:
                    line_vals = line._prepare_account_move_line()
                    line_vals.pop("balance", None)
                    line_vals["quantity"] = 1
                    vals["invoice_line_ids"].append(Command.create(line_vals))
                vals_list.append(vals)
        return env["account.move"].create(vals_list).ids


def bills(databases, seconds, say, facts):
    """Posting 200 vendor bills of 20 lines in one batch."""
    say("making 200 bills for either side")
    ids = {side: prepare_bills(databases[side], side == "ours") for side in SIDES}

    def post(side, size):
        with transaction(databases[side]) as env:
            moves = env["account.move"].browse(ids[side][:size])
            cost = measure(env, moves.action_post)
            assert set(moves.mapped("state")) == {"posted"}
        return cost

    more = []
    for size in (20, 20, 100):
        counts = {side: post(side, size).queries for side in SIDES}
        more.append(counts["ours"] - counts["core"])
    found = {side: [] for side in SIDES}
    rounds = Rounds(seconds, lambda text: say(f"200 bills, {text}"))
    for number in rounds:
        for side in in_turn(number):
            # The counts above have warmed up all that posting needs.
            cost = post(side, 200 if number else 20)
            if number:
                found[side].append(cost)
    ours, core = (typical(found[side]) for side in SIDES)
    more.append(ours.queries - core.queries)
    facts["bills, queries more"] = dict(zip((20, 100, 200), more[1:], strict=True))
    name, against = "Posting 200 bills of 20 lines", "the same without the add-on"
    return [
        Row.ratio(name, against, "s", ours.seconds, core.seconds, 1.05, rounds.done),
        Row(
            f"{name}, queries more than for 20 bills",
            against,
            "queries",
            ours.queries,
            core.queries,
            more[-1] - more[1],
            0,
            rounds.done,
            kind="more",
        ),
    ]


def prepare_orders(db, ours):
    """Make 500 confirmed sales orders of four lines that are still to order."""
    with transaction(db, commit=True) as env:
        vendors = shop.partners(env, "vendor")
        items = {vendor: shop.find(env, f"batch {vendor.id}") for vendor in vendors}
        sales = env["sale.order"].concat(
            *(
                shop.new_sale(
                    env, items[vendors[number % shop.VENDORS]], customer, ours
                )
                for number, customer in enumerate(shop.partners(env, "customer"))
            )
        )
        sales.with_context(skip_procurement=True).action_confirm()
        return sales.order_line.ids


def purchases(databases, seconds, say, facts):
    """Purchase orders for 2,000 lines of 500 orders and 40 vendors."""
    say("making 500 sales orders for either side")
    ids = {side: prepare_orders(databases[side], side == "ours") for side in SIDES}
    found = {side: [] for side in SIDES}
    made = {}
    rounds = Rounds(seconds, lambda text: say(f"2,000 lines to order, {text}"))
    for number in rounds:
        for side in in_turn(number):
            with transaction(databases[side]) as env:
                lines = env["sale.order.line"].browse(ids[side])
                if not number:
                    lines = lines[:80]
                function = (
                    lines.action_create_drop_shipment_purchases
                    if side == "ours"
                    else lines._action_launch_stock_rule
                )
                cost = measure(env, function)
                made[side] = (
                    len(lines.purchase_line_ids),
                    len(lines.purchase_line_ids.order_id),
                )
            if number:
                found[side].append(cost)
    assert made["ours"] == made["core"], made
    ours, core = (typical(found[side]) for side in SIDES)
    facts["purchases"] = {
        "lines": made["ours"][0],
        "orders": made["ours"][1],
        "queries": {"ours": ours.queries, "core": core.queries},
    }
    return [
        Row.ratio(
            "Create Purchase Orders, 2,000 lines of 500 orders and 40 vendors",
            "core's procurement making the same through its route",
            "s",
            ours.seconds,
            core.seconds,
            0.5,
            rounds.done,
        )
    ]


# ------------------------------------------------------------
# A million lines
# ------------------------------------------------------------


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
        env, [("state", "in", OPEN_STATES)]
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
    sizes = {"ours": (1_000_000, 50_000, 2_000, 40), "core": (100, 100, 100, 2)}
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
        rounds = Rounds(seconds / len(SCREENS))
        for number in rounds:
            for side in in_turn(number):
                with transaction(databases[side]) as env:
                    cost = measure(env, lambda env=env, screen=screen: screen(env))
                if number:
                    found[side].append(cost)
        many, few = (typical(found[side]) for side in SIDES)
        rows.append(
            Row.ratio(
                f"Opening {name} with 1,000,000 sales lines",
                "the same with 100 sales lines",
                "s",
                many.seconds,
                few.seconds,
                2,
                rounds.done,
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
        )
    )
    return rows


# ------------------------------------------------------------
# Memory
# ------------------------------------------------------------


def peak(side, db, size):
    """Return the high-water mark in MB of this process over a cycle, and its costs."""
    run_cycle(db, 10, side == "ours")
    with open("/proc/self/clear_refs", "w") as marks:
        marks.write("5")
    costs = run_cycle(db, size, side == "ours")
    with open("/proc/self/status") as status:
        (line,) = (line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024, {
        step: vars(cost) for step, cost in costs.items()
    }


GROUPS = {
    "cycles": cycles,
    "large": large,
    "ordinary": ordinary,
    "bills": bills,
    "purchases": purchases,
    "million": million,
}
