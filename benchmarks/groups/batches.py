"""Many documents in one request."""

from odoo.fields import Command, Date

from benchmarks import shop
from benchmarks.groups.cycles import SIDES, in_turn
from benchmarks.result import Row
from benchmarks.stopwatch import Rounds, measure, transaction, typical


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
    gain = "The month's bills are posted no later for the invoice-order control"
    return [
        Row.ratio(
            name,
            against,
            "s",
            ours.seconds,
            core.seconds,
            1.05,
            rounds.done,
            gain=gain,
        ),
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
            gain=gain,
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
            gain="A day's sales are ordered in one click and a few seconds",
        )
    ]
