"""Orders without a drop shipment."""

from odoo.fields import Command, Date

from benchmarks import shop
from benchmarks.groups.cycles import SIDES
from benchmarks.result import Row
from benchmarks.stopwatch import count_calls, measure, transaction


def count_queries(env, function):
    """Return the queries that it takes."""
    return measure(env, function).queries


def run_ordinary(db, size, count):
    """Return {step: count} of a sale and a purchase through own stock.

    :param count: `count_queries` or `count_calls`
    """
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
            counts[step] = count(env, function)
        assert sale.delivery_status == "full"
        assert sale.invoice_status == purchase.invoice_status == "invoiced"
    return counts


def count_both(databases, size, count):
    """Return {side: {step: count}} of the same on either side.

    The first round fills caches of the registry. What Odoo does by the way, as when one
    of them is emptied, only ever adds to the others: the least counts.
    """
    counts = {}
    for side in SIDES:
        rounds = [run_ordinary(databases[side], size, count) for _round in range(4)][1:]
        counts[side] = {
            step: min(found[step] for found in rounds) for step in rounds[0]
        }
    return counts


def ordinary(databases, _seconds, say, facts):
    """What an order without a drop shipment costs more with the add-on."""
    queries = [count_both(databases, size, count_queries) for size in (1, 20)]
    say("queries of ordinary orders counted")
    calls = [count_both(databases, size, count_calls) for size in (1, 20)]
    say("calls of ordinary orders counted")
    facts["ordinary"] = dict(zip(("1", "20"), queries, strict=True))
    facts["ordinary, calls"] = dict(zip(("1", "20"), calls, strict=True))
    name = "An order without a drop shipment, each step"
    against = "the same without the add-on"
    gain = "Who drop-ships nothing waits for nothing"
    most = max(
        counts["ours"][step] - counts["core"][step]
        for counts in queries
        for step in counts["ours"]
    )
    # Of the step that grows most, in proportion.
    worst = max(
        (counts["ours"][step] / counts["core"][step], counts, step)
        for counts in calls
        for step in counts["ours"]
    )[1:]
    ours, core = (worst[0][side][worst[1]] for side in SIDES)
    total = [sum(sum(counts[side].values()) for counts in queries) for side in SIDES]
    return [
        Row(name, against, "queries", *total, most, 0, 3, kind="more", gain=gain),
        Row.ratio(name, against, "calls", ours, core, 1.01, 3, gain=gain),
    ]
