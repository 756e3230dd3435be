"""Odoo inside this process: transactions that leave nothing behind, and a stopwatch."""

import contextlib
import cProfile
import gc
import os
import time
from dataclasses import dataclass, fields
from pathlib import Path
from statistics import median
from unittest.mock import patch

from odoo import api
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tools import config

from harness import project

ADMIN = 2
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
# Whether to tell where the time of each measured step goes; it takes longer then.
PROFILE = bool(os.environ.get("BENCH_PROFILE"))
# Where so many rounds of a large row do not fit into the time that there is.
FEWEST_ROUNDS = min(3, ROUNDS)


def start(conf, *databases):
    """Load Odoo and these databases once, as a server does."""
    config.parse_config(
        ["-c", str(conf), "--no-http", "--log-level=error"], setup_logging=True
    )
    server.load_server_wide_modules()
    for db in databases:
        Registry(db)
    # What stays for good: the collector need not look through it each time.
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def transaction(db, *, commit=False):
    """An environment in a transaction of its own, as of a new request."""
    with Registry(db).cursor() as cr:
        env = api.Environment(cr, ADMIN, {"lang": "en_US", "tz": "UTC"})
        yield env
        if commit:
            env.flush_all()
            cr.commit()
        else:
            cr.rollback()


@dataclass
class Cost:
    """What something took once.

    ``seconds`` are those that Odoo and PostgreSQL computed. The two take turns, so on
    an idle machine that is the time that passes (``elapsed``); on a busy one the other
    programs do not count.
    """

    seconds: float = 0.0
    queries: float = 0
    elapsed: float = 0.0

    def __add__(self, other):
        return Cost(
            self.seconds + other.seconds,
            self.queries + other.queries,
            self.elapsed + other.elapsed,
        )


def backend_seconds(env):
    """What the PostgreSQL backend of this transaction has computed so far."""
    schedule = Path(f"/proc/{env.cr._cnx.info.backend_pid}/schedstat")
    return int(schedule.read_text().split()[0]) / 1e9


def where(profile, lines=30):
    """Return a table of the methods of add-ons in which most of the time is spent.

    Each with what it calls, so one line contains another.
    """
    entries = profile.getstats()
    total = sum(entry.inlinetime for entry in entries)
    rows = sorted(
        (
            (entry.totaltime / total, entry.callcount, entry.code)
            for entry in entries
            # The code of what is built in is its name only.
            if not isinstance(entry.code, str)
            # The checkout's folder may be called as the add-on is.
            and (
                "/addons/" in (path := entry.code.co_filename)
                or f"/{project.ADDON}" in path.removeprefix(str(project.ROOT))
            )
        ),
        key=lambda row: -row[0],
    )
    return "\n".join(
        f"  {share:6.1%} {calls:8} x {Path(code.co_filename).stem}.{code.co_name}"
        for share, calls, code in rows[:lines]
    )


def measure(env, function):
    """Run it on a cold cache, as a request does, and write what it changed."""
    env.flush_all()
    env.invalidate_all()
    gc.collect()
    queries, elapsed = env.cr.sql_log_count, time.perf_counter()
    seconds = time.process_time() + backend_seconds(env)
    # Core cleans up behind a message now and then, by chance.
    profile = cProfile.Profile() if PROFILE else contextlib.nullcontext()
    with patch("random.random", lambda: 1), profile:
        function()
        env.flush_all()
    if PROFILE:
        print(f"{function.__qualname__}\n{where(profile)}", flush=True)
    return Cost(
        time.process_time() + backend_seconds(env) - seconds,
        env.cr.sql_log_count - queries,
        time.perf_counter() - elapsed,
    )


class Undo(Exception):
    """Ends a savepoint without a trace."""


def count_calls(env, function):
    """Return how many calls of Python functions it takes, under `measure`'s terms."""
    profile = cProfile.Profile(builtins=False)
    env.flush_all()
    env.invalidate_all()
    # What a collection finalizes would count.
    gc.collect()
    gc.disable()
    try:
        with patch("random.random", lambda: 1):
            profile.enable()
            function()
            env.flush_all()
            profile.disable()
    finally:
        gc.enable()
    return sum(entry.callcount for entry in profile.getstats())


def try_out(env, function):
    """Measure it and take it back."""
    with contextlib.suppress(Undo), env.cr.savepoint():
        cost = measure(env, function)
        raise Undo
    return cost


def typical(costs):
    """The medians of several rounds."""
    return Cost(
        *(median(getattr(cost, field.name) for cost in costs) for field in fields(Cost))
    )


class Rounds:
    """Counts rounds, the first being a warm-up, until there are enough of them.

    Fewer than ``ROUNDS`` are enough when the time is up.
    """

    def __init__(self, seconds, say=lambda text: None, wanted=ROUNDS):
        self.end = time.monotonic() + seconds
        self.say, self.wanted, self.done = say, wanted, -1

    def __iter__(self):
        while self.done < self.wanted:
            started = time.monotonic()
            yield self.done + 1
            self.done += 1
            took = time.monotonic() - started
            self.say(
                f"round {self.done} of {self.wanted} in {took:.1f} s"
                if self.done
                else f"warm-up in {took:.1f} s"
            )
            late = time.monotonic() + took > self.end
            if late and self.done >= FEWEST_ROUNDS:
                return
