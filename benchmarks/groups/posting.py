"""Postings that are more than one step: with the invoice, and by the vendor."""

from odoo.fields import Date

from benchmarks import shop
from benchmarks.result import Row
from benchmarks.stopwatch import Rounds, measure, transaction, try_out, typical

LINES = 100


def ordered(env, size):
    """Return a cycle whose purchase order is confirmed: nothing is shipped yet."""
    cycle = shop.Cycle(env, shop.find(env, "cycle", size), ours=True)
    for step in ("confirm sale", "get lines", "confirm purchase"):
        cycle.run(step)
    return cycle


def by_core(env, cycle):
    """Return what core's own two buttons cost: validate, then invoice and post."""

    def validate():
        cycle.sale.picking_ids.button_validate()

    def invoice():
        shop.post_by_button(cycle.sale._create_invoices())

    with env.cr.savepoint() as savepoint:
        cost = measure(env, validate) + measure(env, invoice)
        savepoint.rollback()
    env.invalidate_all()
    return cost


def post(env, **values):
    """Open the dialog and press Post."""
    env["drop.shipment.post"].create(values).action_post()


def report(env, order):
    """Take a vendor's form as the page does: all lines, today, and its numbers."""
    order = order.sudo()
    page = env["drop.shipment.vendor.page"].sudo()
    vendor_report = env["drop.shipment.vendor.report"].sudo()
    form = {
        "seen": vendor_report._get_seen(order),
        "drop_shipment_date": str(Date.today()),
        "drop_shipment_delivery_note": "DN 1",
        "drop_shipment_tracking_ref": "TR 1",
        **{f"quantity_{line.id}": str(line.product_qty) for line in order.order_line},
    }

    def answer():
        assert vendor_report._is_seen(order, form["seen"])
        errors = page._answer(order, "ship", form)
        assert not errors, errors

    return answer


def run(db, size):
    """Return {name: cost} of postings of one order, each taken back."""
    costs = {}
    with transaction(db) as env:
        cycle = ordered(env, size)
        env.company.drop_shipment_vendor_page = "post"
        costs["by core"] = by_core(env, cycle)
        costs["ship and invoice"] = try_out(
            env, lambda: post(env, sale_order_id=cycle.sale.id, option="ship_invoice")
        )
        receive = {"purchase_order_id": cycle.purchase.id, "option": "receive"}
        costs["receive"] = try_out(env, lambda: post(env, **receive))
        costs["report"] = measure(env, report(env, cycle.purchase))
        assert set(cycle.purchase.order_line.mapped("qty_received")) == {2}
    return costs


def posting(databases, seconds, say, facts):
    """*Ship and Invoice*, and a vendor's report that is received at once."""
    found = []
    rounds = Rounds(seconds, lambda text: say(f"{LINES} lines posted, {text}"))
    for number in rounds:
        costs = run(databases["ours"], LINES if number else 10)
        if number:
            found.append(costs)
    total = {name: typical([costs[name] for costs in found]) for name in found[0]}
    facts["posting"] = {name: vars(cost) for name, cost in total.items()}
    return [
        Row.ratio(
            name,
            against,
            "s",
            total[ours].seconds,
            total[theirs].seconds,
            limit,
            rounds.done,
            gain=gain,
        )
        for name, against, ours, theirs, limit, gain in (
            (
                f"Ship and Invoice, {LINES} lines",
                "the transfer's validation, then core's own invoice, posted",
                "ship and invoice",
                "by core",
                1.0,
                "One dialog for two documents, and not a moment longer",
            ),
            (
                f"A vendor's report of {LINES} lines, posted at once",
                "Receive of the same",
                "report",
                "receive",
                1.15,
                "Vendors wait no longer than buyers do",
            ),
        )
    ]
