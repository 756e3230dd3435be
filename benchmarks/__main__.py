"""Compare the add-on with core's own drop shipping, and print a table.

::

    python -m benchmarks [GROUP ...]

Without arguments all groups run: cycles, ordinary, bills, purchases, memory, large,
million, kits, posting, load, screens. Then the results go to
``benchmarks/results.json``, the picture to ``benchmarks/cycle.svg`` and the table into
``benchmarks/README.md``. The status is 0 only if every row holds.

``BENCH_ROUNDS`` asks for other than seven rounds, for a quick look.
"""

import contextlib
import json
import os
import platform
import subprocess
import sys
import threading
import time
from pathlib import Path
from statistics import median

import psutil

from benchmarks.result import Row, markdown, plain
from benchmarks.screens import screens
from harness import databases, odoo_process, postgres, project, servers

HERE = Path(__file__).resolve().parent
WORK = project.DEV / "bench"
VENV = WORK / "venv"
RESULTS = HERE / "results.json"
PICTURE = HERE / "cycle.svg"
README = HERE / "README.md"
MARKS = "<!-- table -->", "<!-- end of table -->"

# Group: databases of its sides, and the seconds that its rounds may take. The groups of
# one lane run one after the other; a process and its PostgreSQL take turns, so each
# lane keeps one core busy.
LANES = (
    {
        "cycles": ({"ours": "ours", "core": "core"}, 150),
        "ordinary": ({"ours": "ours", "core": "core"}, 20),
        "memory": ({"ours": "ours", "core": "core"}, 150),
        "bills": ({"ours": "ours", "core": "core"}, 100),
        "kits": ({"ours": "ours_kits", "core": "core_kits"}, 50),
    },
    {
        "purchases": ({"ours": "ours_2", "core": "core_2"}, 140),
        "posting": ({"ours": "ours_2"}, 50),
        "large": ({"ours": "ours_2", "core": "core_2"}, 240),
        "million": ({"full": "ours_2", "small": "small"}, 40),
    },
)
KIT_MODULES = ("mrp", "purchase_mrp", "sale_mrp")
LOAD_SECONDS = 120
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
USERS_WORKERS = 2


def say(text):
    """Print one line of progress at once."""
    print(f"{time.monotonic() - STARTED:4.0f} s  {text}", flush=True)


STARTED = time.monotonic()


def name_of(database):
    """The name of one of the benchmark's databases in PostgreSQL."""
    return postgres.name(f"bench_{database}")


def in_process(group, databases, seconds, facts=None):
    """Measure a group in a process of its own; return what it found."""
    output = WORK / f"{group}.json"
    output.unlink(missing_ok=True)
    sides = json.dumps({side: name_of(db) for side, db in databases.items()})
    command = [sys.executable, "-m", "benchmarks.run", group, sides, str(seconds)]
    with subprocess.Popen(
        [*command, json.dumps(facts or {}), output],
        cwd=project.ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            say(line.rstrip())
    if process.returncode:
        raise project.Failure(f"{group} stopped with {process.returncode}")
    return json.loads(output.read_text())


def memory(databases, seconds):
    """Compare the peak memory of fresh processes, each with one side's database."""
    end = time.monotonic() + seconds
    found = {side: [] for side in databases}
    facts = {}
    while True:
        started = time.monotonic()
        for side, db in databases.items():
            peak = in_process("peak", {side: db}, 0)["facts"]
            found[side].append(peak["megabytes"])
            facts[f"{side} 1000"] = peak["costs"]
        if 2 * time.monotonic() - started > end or len(found["ours"]) == ROUNDS:
            break
    ours, core = (median(found[side]) for side in ("ours", "core"))
    row = Row.ratio(
        "Peak memory, whole cycle of 1,000 lines",
        "the same through core's Dropship route",
        "MB",
        ours,
        core,
        1.05,
        len(found["ours"]),
        gain="Large orders need no larger server",
    )
    return {"rows": [row.as_dict()], "facts": facts}


def load(people):
    """Compare both sides under eight users at once, on servers with workers."""
    plan = {"seconds": LOAD_SECONDS, "rounds": ROUNDS, "sides": {}}
    with contextlib.ExitStack() as stack:
        for side in ("ours", "core"):
            server = stack.enter_context(
                servers.serve(
                    name_of(side),
                    workers=USERS_WORKERS,
                    args=("--max-cron-threads", "0", "--log-level", "warn"),
                )
            )
            plan["sides"][side] = {
                "port": server.port,
                "db": server.db,
                "users": people[side],
            }
        path = WORK / "load-plan.json"
        path.write_text(json.dumps(plan))
        command = [VENV / "bin/python", "-m", "benchmarks.load", path]
        environment = {**os.environ, "NO_PROXY": "127.0.0.1,localhost"}
        last = ""
        with subprocess.Popen(
            command,
            cwd=project.ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        ) as process:
            for line in process.stdout:
                last = line
                if line.startswith("load:"):
                    say(line.rstrip())
        if process.returncode:
            raise project.Failure(f"load stopped with {process.returncode}")
    facts = json.loads(last)
    rows = [
        Row.ratio(
            name,
            "the same story through core's Dropship route",
            unit,
            facts["ours"][key],
            facts["core"][key],
            limit,
            facts["ours"]["rounds"],
            at_least=at_least,
            gain="More people work on the same server, and wait less",
        ).as_dict()
        for key, name, unit, limit, at_least in (
            ("throughput", "Throughput, 8 users at once", "stories/s", 1.2, True),
            ("p95", "95th percentile of a story, 8 users at once", "s", 0.85, False),
        )
    ]
    return {"rows": rows, "facts": {"load": facts}}


def prepare(groups):
    """Make the databases with the same company in each; return its people."""
    odoo_process.configure()
    WORK.mkdir(exist_ok=True)
    if "load" in groups:
        project.tools("bench", HERE / "requirements.txt")
    for side in ("ours", "core"):
        say(f"making the database of {side}")
        databases.database(name_of(side), install=side == "ours")
    facts = in_process("fill", {"ours": "ours", "core": "core"}, 0)["facts"]
    for source, copy in (("ours", "ours_2"), ("core", "core_2"), ("ours", "small")):
        databases.copy(name_of(source), name_of(copy))
    if "kits" in groups:
        for side in ("ours", "core"):
            say(f"making the database of {side}, with kits")
            db = name_of(f"{side}_kits")
            databases.database(db, install=side == "ours", modules=KIT_MODULES)
        in_process("fill_kits", {"ours": "ours_kits", "core": "core_kits"}, 0)
    return facts


def run_lane(lane, groups, found, failures):
    """Measure the groups of a lane in turn."""
    facts = {}
    try:
        for group, (databases, seconds) in lane.items():
            if group not in groups:
                continue
            measure = memory if group == "memory" else in_process
            arguments = [databases, seconds]
            if group != "memory":
                arguments = [group, *arguments, facts]
            found[group] = measure(*arguments)
            facts = {**facts, **found[group]["facts"]}
    except project.Failure as failure:
        failures.append(str(failure))


def measure_all(groups):
    """Measure the groups; return {group: rows and facts}."""
    people = prepare(groups)
    found, failures = {}, []
    lanes = [
        threading.Thread(target=run_lane, args=(lane, groups, found, failures))
        for lane in LANES
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    if failures:
        raise project.Failure("; ".join(failures))
    if "load" in groups:
        found["load"] = load(people)
    if "screens" in groups:
        say("making orders for the browser")
        ids = in_process("fill_screens", {"ours": "ours", "core": "core"}, 0)["facts"]
        found["screens"] = screens({side: name_of(side) for side in ids}, ids, say)
    return {group: found[group] for group in ALL if group in found}


def machine():
    """Describe the machine, without its name."""
    with open("/proc/cpuinfo") as cpuinfo:
        models = [line.split(":")[1] for line in cpuinfo if "model name" in line]
    return {
        "processor": models[0].strip() if models else platform.machine(),
        "cores": psutil.cpu_count(),
        "memory in GB": round(psutil.virtual_memory().total / 2**30),
        "load before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
    }


def write_down(rows, facts, seconds):
    """Keep the results in the project: as JSON, as a picture and in the read me."""
    RESULTS.write_text(
        json.dumps(
            {
                "machine": MACHINE,
                "minutes": round(seconds / 60, 1),
                "rows": [row.as_dict() for row in rows],
                "facts": facts,
            },
            indent=1,
        )
        + "\n"
    )
    subprocess.run(
        [VENV / "bin/python", HERE / "plot.py", RESULTS, PICTURE], check=True
    )
    before, _mark, rest = README.read_text().partition(MARKS[0])
    _old, _mark, after = rest.partition(MARKS[1])
    README.write_text(
        f"{before}{MARKS[0]}\n\n{markdown(rows)}\n\n"
        f"Machine: {MACHINE['processor']}, {MACHINE['cores']} cores, "
        f"{MACHINE['memory in GB']} GB of memory, load "
        f"{MACHINE['load before']} before the start; Python {MACHINE['python']}; "
        f"the whole took {seconds / 60:.0f} minutes.\n\n"
        f"`{RESULTS.name}` holds the same with the cost of each step; the picture "
        "shows a whole\ncycle over its lines:\n\n"
        f"![Seconds and queries of a whole cycle over the lines of the order]"
        f"({PICTURE.name})\n\n{MARKS[1]}{after}"
    )


ALL = [*(group for lane in LANES for group in lane), "load", "screens"]
MACHINE = machine()


def main(groups):
    """Measure, print the table and the verdict; return the exit status."""
    if unknown := set(groups) - set(ALL):
        raise project.Failure(f"unknown: {', '.join(unknown)}; known: {', '.join(ALL)}")
    found = measure_all(groups or ALL)
    rows = [
        Row(**{key: value for key, value in row.items() if key != "holds"})
        for result in found.values()
        for row in result["rows"]
    ]
    seconds = time.monotonic() - STARTED
    print(f"\n{plain(rows)}\n")
    if not groups:
        facts = {}
        for result in found.values():
            facts.update(result["facts"])
        write_down(rows, facts, seconds)
    short = [row for row in rows if not row.holds]
    for row in short:
        figure, limit = row.verdict
        print(f"falls short: {row.measure} ({row.unit}): {figure}, {limit}")
    print(
        f"{len(rows) - len(short)} of {len(rows)} rows hold, {len(short)} fall short "
        f"({seconds / 60:.1f} minutes)"
    )
    return 1 if short else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except project.Failure as failure:
        sys.exit(f"error: {failure}")
