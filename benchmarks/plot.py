"""Draw the time of a whole cycle over its lines; run by the benchmark's own Python."""

import json
import sys
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

STYLES = {
    "ours": ("With dropship_link", "#714B67", "o"),
    "core": ("Core's Dropship route", "#8f8f8f", "s"),
}


def main(results, picture):
    """Read the results and write the picture."""
    mpl.rcParams["svg.hashsalt"] = "dropship_link"
    facts = json.loads(Path(results).read_text())["facts"]
    sizes = [1, 10, 100, 1000]
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for chart, key, label in zip(
        axes, ("seconds", "queries"), ("Seconds", "Queries"), strict=True
    ):
        for side, (name, colour, marker) in STYLES.items():
            totals = [
                sum(step[key] for step in facts[f"cycle {size}"][side].values())
                for size in sizes
            ]
            chart.plot(sizes, totals, marker=marker, color=colour, label=name)
        chart.set(xscale="log", yscale="log", xlabel="Lines of the order", ylabel=label)
        chart.set_xticks(sizes, [f"{size:,}" for size in sizes])
        chart.grid(visible=True, which="major", color="#e5e5e5")
        chart.spines[["top", "right"]].set_visible(False)
    axes[0].legend(frameon=False)
    figure.suptitle("One order from its confirmation to the vendor's bill")
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
