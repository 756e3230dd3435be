"""Calls in the same moment, against a server with two processes."""

import threading
from concurrent.futures import ThreadPoolExecutor

from harness.client import Refused

SECONDS = 60


def at_once(*calls):
    """Make the calls in the same moment; return what each gave or how it failed."""
    barrier = threading.Barrier(len(calls), timeout=SECONDS)

    def run(call):
        barrier.wait()
        try:
            return call()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return [
            future.result(timeout=SECONDS)
            for future in [pool.submit(run, call) for call in calls]
        ]
