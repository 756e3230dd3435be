"""Eight users at once, by OdooLocust: Locust with Odoo's own client library.

Run by the Python of the benchmark's own virtual environment::

    python -m benchmarks.load PLAN

``PLAN`` is a JSON file of sides, each with the port and the database of its server and
its users. Prints a JSON object of side and rounds on its last line.
"""

import json
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median, quantiles

# Locust first: it makes sockets and locks cooperate.
import gevent
import httpx
import odoolib.json2
from locust import events, task
from locust.env import Environment
from OdooLocust.OdooLocustUser import OdooLocustUser

from harness.client import Calls
from harness.shop import PURCHASE, SALE, Shop

STORIES = 2  # of each user in each round
# One client with open connections, as programs keep it: the library would set up
# certificates and a connection for each call, which costs more than the call.
odoolib.json2.httpx = httpx.Client(
    timeout=120, limits=httpx.Limits(max_connections=None)
)


class Person(Calls, OdooLocustUser):
    """Sells, orders and ships one order after the other."""

    abstract = True
    protocol = "json2"
    host = "127.0.0.1"
    people = []
    route = False

    def on_start(self):
        """Log in with an API key."""
        self.facts = self.people.pop()
        self.password = self.facts["key"]
        super().on_start()
        self.left = STORIES
        items, people = self.facts["products"], {"sales": self, "buyer": self}
        facts = {**{item: item for item in items}, "vendor": self.facts["vendor"]}
        self.shop = Shop(facts, people, self.facts["customer"])
        self.lines = [(item, 2) for item in items]

    def call(self, model, method, ids=(), **values):
        """Call a public method."""
        if ids:
            values["ids"] = [ids] if isinstance(ids, int) else list(ids)
        return getattr(self.client.get_model(model), method)(**values)

    @task
    def story(self):
        """Play one story and note how long it took; stop after the last."""
        started = time.perf_counter()
        error = None
        try:
            self.play()
        except Exception as failure:  # a failed story is part of the result
            error = failure
        events.request.fire(
            request_type="story",
            name="story",
            response_time=1000 * (time.perf_counter() - started),
            response_length=0,
            exception=error,
            context={},
        )
        self.left -= 1
        if not self.left:
            self.stop()

    def play(self):
        """Sell, order, ship, invoice and bill one order."""
        raise NotImplementedError


class Ours(Person):
    """Ticks, gets the sales order and posts it."""

    def play(self):
        """Sell, order, ship, invoice and bill one order."""
        sale = self.shop.sale(*self.lines)
        purchase = self.shop.purchase(sale)
        self.shop.post(SALE, sale, "ship_invoice")
        self.shop.post(PURCHASE, purchase, "invoice")


class Core(Person):
    """Lets core's Dropship route make the purchase order."""

    def play(self):
        """Sell, order, ship, invoice and bill one order."""
        sale = self.shop.sale(*self.lines, ticked=None)
        purchase = self.call(
            "purchase.order",
            "search",
            domain=[["order_line.sale_order_id", "=", sale]],
        )
        self.call("purchase.order", "button_confirm", purchase)
        transfer = self.call("stock.picking", "search", domain=[["sale_id", "=", sale]])
        self.call("stock.picking", "button_validate", transfer)
        dialog = self.call(
            "sale.advance.payment.inv",
            "create",
            vals_list=[{"sale_order_ids": [[6, 0, [sale]]]}],
        )
        action = self.call("sale.advance.payment.inv", "create_invoices", dialog)
        self.call("account.move", "action_post", [action["res_id"]])
        action = self.call("purchase.order", "action_create_invoice", purchase)
        bill = [action["res_id"]]
        self.call(
            "account.move", "write", bill, vals={"invoice_date": str(date.today())}
        )
        self.call("account.move", "action_post", bill)


def play_round(person, side):
    """Let all users of a side play; return the seconds and those of each story."""
    person.port, person.database = side["port"], side["db"]
    person.people = list(side["users"])
    users = len(side["users"])
    environment = Environment(user_classes=[person], events=events)
    runner = environment.create_local_runner()
    environment.stats.reset_all()
    times, errors = [], []

    def note(request_type, response_time, exception, **_more):
        if request_type == "story":
            times.append(response_time / 1000)
        if exception:
            errors.append(str(exception))

    events.request.add_listener(note)
    started = time.perf_counter()
    runner.start(users, spawn_rate=users)
    while len(times) < users * STORIES:
        gevent.sleep(0.01)
    seconds = time.perf_counter() - started
    runner.quit()
    events.request.remove_listener(note)
    return {"seconds": seconds, "stories": times, "errors": errors}


def main(plan):
    """Play the rounds of both sides in turn, after a warm-up."""
    plan = json.loads(Path(plan).read_text())
    people = {"ours": Ours, "core": Core}
    end = time.monotonic() + plan["seconds"]
    found = {side: [] for side in people}
    for number in range(plan["rounds"] + 1):
        started = time.monotonic()
        for side in list(people)[:: 1 if number % 2 else -1]:
            result = play_round(people[side], plan["sides"][side])
            if result["errors"]:
                sys.exit(f"{side}: {result['errors'][:3]}")
            if number:
                found[side].append(result)
        took = time.monotonic() - started
        print(f"load: round {number} of {plan['rounds']} in {took:.1f} s", flush=True)
        if number >= 3 and time.monotonic() + took > end:
            break
    summary = {}
    for side, rounds in found.items():
        stories = [seconds for result in rounds for seconds in result["stories"]]
        summary[side] = {
            "rounds": len(rounds),
            "stories": len(stories),
            "throughput": median(
                len(result["stories"]) / result["seconds"] for result in rounds
            ),
            "p50": median(stories),
            "p95": median(quantiles(result["stories"], n=20)[-1] for result in rounds),
        }
    print(json.dumps(summary), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
