"""Whole orders, from the confirmation of the sale to the bill."""

from benchmarks import shop
from benchmarks.result import Row
from benchmarks.stopwatch import ROUNDS, Cost, Rounds, measure, transaction, typical

SIDES = ("ours", "core")
CORE_STORY = "the same through core's Dropship route"


def in_turn(number):
    """Both sides, in an order that changes with each round."""
    return SIDES if number % 2 else SIDES[::-1]


def run_cycle(db, size, ours, together=False, kind="cycle"):
    """Return {step: cost} of one order of ``size`` lines; see `shop.Cycle`.

    :param str kind: of the products that are sold, see `shop.products`
    """
    with transaction(db) as env:
        cycle = shop.Cycle(env, shop.find(env, kind, size), ours, 2, together)
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
        (10, 0.85, 0.25, 2),
        (100, 0.75, 0.5, 1),
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
            rows.append(
                Row.ratio(
                    name,
                    CORE_STORY,
                    unit,
                    *values,
                    limit,
                    rounds.done,
                    gain="Less waiting over the whole life of an order",
                )
            )
    return rows


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
