"""A thousand lines: Get Sales Order, Post, and how each step grows."""

from benchmarks import shop
from benchmarks.groups.cycles import run_cycle
from benchmarks.result import Row
from benchmarks.stopwatch import Cost, Rounds, measure, transaction, try_out, typical

GROWTH = "Orders of any size are worked on without a wait that grows faster"


def lines_by_core(env, cycle):
    """Return what makes the lines of Get Sales Order by core's hook, without links."""
    lines = env["purchase.order.line"]
    order = env["purchase.order"].create({"partner_id": cycle.vendor.id})

    def create():
        lines.create(
            [
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
        )

    return create


def run_route(db, size):
    """Return what core's route costs to make the purchase lines of one sale."""
    with transaction(db) as env:
        items = shop.find(env, "cycle", size)
        sale = shop.new_sale(env, items, shop.partners(env, "customer", 1), False)
        sale.with_context(skip_procurement=True).action_confirm()
        cost = measure(env, sale.order_line._action_launch_stock_rule)
        assert len(sale.order_line.purchase_line_ids) == size
    return cost


def run_large(db, size):
    """Return {step: cost} of one of our orders, and of what its steps stand for."""
    costs = {}
    with transaction(db) as env:
        cycle = shop.Cycle(env, shop.find(env, "cycle", size), ours=True)
        for step in cycle.steps:
            if step == "get lines":
                costs["core's hook"] = try_out(env, lines_by_core(env, cycle))
                # Core's hook has an order to create the lines in.
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
    run_route(databases["core"], 100)
    route = typical([run_route(databases["core"], 1000) for _round in range(3)])
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
        core[size]["get lines"] = costs["core's hook"]
    facts["route 1000"] = vars(route)
    facts["cycle 1000"] = {
        "ours": {step: vars(thousands[step]) for step in shop.Cycle.steps},
        "core": {step: vars(core[1000][step]) for step in shop.Cycle.steps},
    }
    get = thousands["Get Sales Order"]
    ship = thousands["ship"]
    soon = "The buyer goes on at once with the largest order"
    rows = [
        Row.ratio(
            f"{name}, 1,000 lines",
            against,
            "s",
            ours.seconds,
            theirs.seconds,
            limit,
            rounds.done,
            gain=gain,
        )
        for name, against, ours, theirs, limit, gain in (
            (
                "Get Sales Order",
                "core's hook for each line, and one create",
                get,
                thousands["core's hook"],
                1.1,
                soon,
            ),
            (
                "Get Sales Order",
                "core's route making these lines from the same sale",
                get,
                route,
                0.6,
                soon,
            ),
            (
                "Post (ship)",
                "the bare validation of that transfer",
                ship,
                thousands["bare validation"],
                1.1,
                "Posting from the order is no slower than from Inventory",
            ),
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
            gain=GROWTH,
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
                gain=GROWTH,
            )
        )
    return rows
