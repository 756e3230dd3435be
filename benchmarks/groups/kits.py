"""Kits: bought as the kit from us, part by part through core's route."""

from benchmarks.groups.cycles import CORE_STORY, SIDES, in_turn, run_cycle
from benchmarks.result import Row
from benchmarks.stopwatch import Cost, Rounds, typical

KITS = 50


def kits(databases, seconds, say, facts):
    """One order of 50 kits of six parts, from the confirmation to the bill."""
    found = {side: [] for side in SIDES}
    rounds = Rounds(seconds, lambda text: say(f"{KITS} kits, {text}"))
    for number in rounds:
        for side in in_turn(number):
            # A warm-up need not be that large.
            size = KITS if number else 5
            costs = run_cycle(
                databases[side], size, side == "ours", together=True, kind="kit"
            )
            if number:
                found[side].append(costs)
    total = {
        side: typical([sum(costs.values(), Cost()) for costs in found[side]])
        for side in SIDES
    }
    facts["kits"] = {
        side: {
            step: vars(typical([costs[step] for costs in found[side]]))
            for step in found[side][0]
        }
        for side in SIDES
    }
    return [
        Row.ratio(
            f"Whole cycle, {KITS} kits of six parts",
            CORE_STORY,
            "s",
            total["ours"].seconds,
            total["core"].seconds,
            1.0,
            rounds.done,
            gain="Sets are sold and bought as sets, without waiting longer",
        )
    ]
