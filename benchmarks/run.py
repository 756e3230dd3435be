"""Measure one group of rows in a process of its own.

::

    python -m benchmarks.run GROUP DATABASES SECONDS FACTS OUTPUT

``DATABASES`` is a JSON object of side and database, ``FACTS`` one of what is known
already. The results go to the file ``OUTPUT`` as JSON, the progress to the terminal.
"""

import json
import sys
from pathlib import Path

from benchmarks import shop
from benchmarks.groups import GROUPS
from benchmarks.groups.cycles import peak as peak_of
from benchmarks.stopwatch import start, transaction
from harness import project


def fill(databases, _seconds, say, facts):
    """Make the same company on both sides."""
    for side, db in databases.items():
        say(f"making the company in {db}")
        with transaction(db, commit=True) as env:
            facts[side] = shop.fill(env, route=side == "core")
    return []


def fill_kits(databases, _seconds, say, _facts):
    """Add the same kits on both sides."""
    for side, db in databases.items():
        say(f"making kits in {db}")
        with transaction(db, commit=True) as env:
            shop.fill_kits(env, route=side == "core")
    return []


def fill_screens(databases, _seconds, say, facts):
    """Make the orders that the browser opens."""
    for side, db in databases.items():
        say(f"making orders in {db}")
        with transaction(db, commit=True) as env:
            facts[side] = shop.fill_screens(env, ours=side == "ours")
    return []


def peak(databases, _seconds, say, facts):
    """Measure the memory of this process, which has one database only."""
    ((side, db),) = databases.items()
    facts["megabytes"], facts["costs"] = peak_of(side, db, 1000)
    say(f"1,000 lines, peak memory of {side}: {facts['megabytes']:.0f} MB")
    return []


FILLS = {"fill": fill, "fill_kits": fill_kits, "fill_screens": fill_screens}


def main(group, databases, seconds, facts, output):
    """Run the group; tell how far it is."""
    databases = json.loads(databases)
    start(project.CONF, *databases.values())
    facts = json.loads(facts)
    function = {**GROUPS, **FILLS, "peak": peak}[group]

    def say(text):
        print(f"{group}: {text}", flush=True)

    found = function(databases, float(seconds), say, facts)
    Path(output).write_text(
        json.dumps({"rows": [row.as_dict() for row in found], "facts": facts})
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
