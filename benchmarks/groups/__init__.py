"""The groups of rows that are measured inside one Odoo process.

Each function takes the databases of both sides and the seconds that it may take, and
returns rows. Both sides run in turn; the one that starts changes with each round.
"""

from benchmarks.groups.batches import bills, purchases
from benchmarks.groups.cycles import cycles
from benchmarks.groups.kits import kits
from benchmarks.groups.large import large
from benchmarks.groups.million import million
from benchmarks.groups.ordinary import ordinary
from benchmarks.groups.posting import posting

GROUPS = {
    "cycles": cycles,
    "large": large,
    "ordinary": ordinary,
    "bills": bills,
    "purchases": purchases,
    "million": million,
    "kits": kits,
    "posting": posting,
}
