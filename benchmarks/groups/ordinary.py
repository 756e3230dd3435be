"""Orders without a drop shipment."""

from odoo.fields import Command, Date

from benchmarks import shop
from benchmarks.groups.cycles import SIDES
from benchmarks.result import Row
from benchmarks.stopwatch import measure, transaction


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
