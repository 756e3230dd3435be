"""Odoo killed in the middle of a call, again and again: all of it happened, or none."""

import contextlib
import os
import random
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from lxml import html

from harness import servers
from harness.client import Client, Refused
from harness.shop import GET, POST
from tests.rules import TABLES, broken, rows

SALE, PURCHASE, MOVE = "sale.order", "purchase.order", "account.move"
KILLS = int(os.environ.get("DROPSHIP_KILLS", "10"))
SEED = os.environ.get("DROPSHIP_SEED", "7")


class Job:
    """Something that one call does; `user` calls."""

    def __init__(self, shop):
        self.shop, self.people = shop, shop.people

    def again(self):
        """Open another dialog, as a user would after a crash."""

    def retry(self, client):
        """Do it all again."""
        self.again()
        self.call(client)


class Fetch(Job):
    """Get Sales Order: two lines into an empty request for quotation."""

    user = "buyer"

    def __init__(self, shop):
        super().__init__(shop)
        self.sale = shop.sale(("chair", 10), ("desk", 4))
        self.purchase = shop.rfq()
        self.again()

    def again(self):
        self.dialog = self.shop.dialog(self.purchase, self.sale)

    def call(self, client):
        client.call(GET, "action_insert_lines", self.dialog)

    def is_done(self):
        """Whether all of it happened, by what the documents say."""
        admin = self.people["admin"]
        lines = admin.read(PURCHASE, self.purchase, "order_line")
        sale_lines = admin.read(SALE, self.sale, "order_line")
        ordered = [
            admin.read("sale.order.line", line, "drop_shipment_qty_ordered")
            for line in sale_lines
        ]
        return len(lines) == 2 and ordered == [10, 4]


class Post(Job):
    """Post: ship a part, with its invoice."""

    user = "admin"

    def __init__(self, shop):
        super().__init__(shop)
        self.sale = shop.sale(("chair", 10), ("desk", 4), user="admin")
        shop.purchase(self.sale)
        self.again()

    def again(self):
        admin = self.people["admin"]
        self.dialog = admin.create(POST, sale_order_id=self.sale, option="ship_invoice")
        (first, *_rest) = admin.read(POST, self.dialog, "line_ids")
        admin.write(f"{POST}.line", first, quantity=6)

    def call(self, client):
        client.call(POST, "action_post", self.dialog)

    def is_done(self):
        admin = self.people["admin"]
        invoices = admin.read(SALE, self.sale, "invoice_ids")
        states = [admin.read(MOVE, invoice, "state") for invoice in invoices]
        lines = admin.read(SALE, self.sale, "order_line")
        delivered = [
            admin.read("sale.order.line", line, "qty_delivered") for line in lines
        ]
        return states == ["posted"] and delivered == [6, 4]


class Bill(Job):
    """The bill of a drop shipment is posted."""

    user = "accountant"

    def __init__(self, shop):
        super().__init__(shop)
        self.sale = shop.sale(("chair", 10), ("desk", 4))
        purchase = shop.purchase(self.sale)
        shop.post(PURCHASE, purchase, "receive")
        shop.invoice(self.sale)
        self.bill = shop.bill(purchase)

    def call(self, client):
        client.call(MOVE, "action_post", self.bill)

    def is_done(self):
        admin = self.people["admin"]
        lines = admin.read(SALE, self.sale, "order_line")
        billed = [
            admin.read("sale.order.line", line, "drop_shipment_qty_billed")
            for line in lines
        ]
        state = admin.read(MOVE, self.bill, "state")
        return state == "posted" and billed == [10, 4]


class Report(Job):
    """The vendor reports a part as shipped, on the page that the mail links to."""

    user = "buyer"

    def __init__(self, shop):
        super().__init__(shop)
        self.purchase = shop.purchase(shop.sale(("chair", 10)))
        self.line = shop.line(PURCHASE, self.purchase)
        token = str(uuid.uuid4())
        admin = self.people["admin"]
        admin.write(PURCHASE, self.purchase, access_token=token)
        self.page = f"/my/purchase/{self.purchase}?access_token={token}"
        # What the vendor has seen, before and after a crash.
        visitor, form = self._open(admin)
        visitor.close()
        self.seen = form.fields["seen"]

    def _open(self, client):
        """Return a visitor of the page, and its form."""
        visitor = httpx.Client(base_url=client.url, timeout=60, follow_redirects=True)
        page = html.fromstring(visitor.get(self.page).content)
        (form,) = page.xpath("//form[contains(@action, '/drop_shipment/ship')]")
        return visitor, form

    def call(self, client):
        visitor, form = self._open(client)
        with contextlib.closing(visitor):
            data = {
                **dict(form.form_values()),
                "seen": self.seen,
                f"quantity_{self.line}": "6",
                "drop_shipment_tracking_ref": f"T-{self.purchase}",
            }
            answer = visitor.post(form.get("action"), data=data)
        page = html.fromstring(answer.content)
        if wrong := page.xpath("//*[@name='drop_shipment_wrong']"):
            text = " ".join(wrong[0].text_content().split())
            raise Refused("odoo.exceptions.UserError", text)
        assert page.xpath("//*[@name='drop_shipment_told']"), answer.status_code

    def is_done(self):
        admin = self.people["admin"]
        (picking,) = admin.read(PURCHASE, self.purchase, "picking_ids")
        (move,) = admin.read("stock.picking", picking, "move_ids")
        told = admin.search(
            "mail.message",
            ["model", "=", PURCHASE],
            ["res_id", "=", self.purchase],
            ["body", "ilike", f"T-{self.purchase}"],
        )
        return (
            bool(admin.read("stock.picking", picking, "drop_shipment_reported"))
            and admin.read("stock.move", move, "quantity") == 6
            and len(told) == 1
        )


JOBS = (Fetch, Post, Bill, Report)


class Victim:
    """A server on the database of the others, that is killed and started again."""

    def __init__(self, server):
        self.facts, self.db = server.facts, server.db
        self.server = None
        self.start()

    def start(self):
        # Without scheduled actions, which would change documents of their own accord.
        options = ("--max-cron-threads", "0")
        self.server = servers.serve(self.db, workers=2, args=options)

    def client(self, role):
        """Return a client of this server whose connection is warm."""
        client = Client(self.server.port, self.db, self.facts["users"][role])
        client.call("res.users", "search_count", domain=[])
        return client

    def kill(self):
        """Kill it; return when PostgreSQL has noticed."""
        self.server.kill()
        last = time.monotonic() + 30
        while rows(
            self.db,
            "SELECT pid FROM pg_stat_activity WHERE datname = %s"
            " AND state != 'idle' AND pid != pg_backend_pid()",
            self.db,
        ):
            assert time.monotonic() < last, "a transaction of the dead is still open"
            time.sleep(0.02)


@pytest.fixture
def victim(server):
    dying = Victim(server)
    try:
        yield dying
    finally:
        dying.server.kill()


@pytest.fixture
def count(server):
    """A function that counts the rows of each table that the add-on may change."""

    def take():
        return {
            table: rows(server.db, f"SELECT count(*) FROM {table}")[0][0]
            for table in TABLES
        }

    return take


def added(before, after):
    return {table: after[table] - before[table] for table in TABLES}


def test_killed(shop, victim, fingerprint, count):
    """Every document is wholly before or wholly after; the next attempt works."""
    # Other tests on this database break rules by hand.
    rules = broken(victim.db)
    chance = random.Random(SEED)
    # How long each takes, and what it adds, when nobody disturbs it.
    seconds, normal = {}, {}
    for job in JOBS:
        work = job(shop)
        client = victim.client(job.user)
        before, start = count(), time.monotonic()
        work.call(client)
        seconds[job] = time.monotonic() - start
        normal[job] = added(before, count())
        assert work.is_done()
    outcomes = Counter()
    with ThreadPoolExecutor(1) as pool:
        for kill in range(KILLS):
            job = JOBS[kill % len(JOBS)]
            work = job(shop)
            client = victim.client(job.user)
            before, rows_before = fingerprint(), count()
            # From the first moment of the call to just after its answer.
            share = (kill // len(JOBS) + chance.random()) * len(JOBS) / KILLS
            answer = pool.submit(work.call, client)
            time.sleep(share * 1.1 * seconds[job])
            victim.kill()
            try:
                answer.result(timeout=30)
                answered = True
            except httpx.HTTPError:
                answered = False
            after, rows_after = fingerprint(), count()
            values = fingerprint(values=True)
            changed = [table for table in TABLES if after[table] != before[table]]
            where = f"kill {kill + 1} ({job.__name__}, at {share:.2f}, seed {SEED})"
            where += f", changed {', '.join(changed) or 'nothing'}"
            assert broken(victim.db) == rules, where
            happened = bool(changed)
            assert happened or not answered, f"{where}: an answer, but nothing happened"
            assert work.is_done() == happened, where
            if happened:
                assert added(rows_before, rows_after) == normal[job], where
            victim.start()
            client = victim.client(job.user)
            if happened:
                with pytest.raises(Refused) as caught:
                    work.retry(client)
                caught.value.assert_readable()
                # The vendor's page writes rows as they are, to meet who changes them.
                assert fingerprint(values=True) == values, where
            else:
                work.retry(client)
                assert work.is_done(), where
                assert added(rows_before, count()) == normal[job], where
            assert broken(victim.db) == rules, where
            outcomes[job.__name__, "after" if happened else "before"] += 1
            print(f"  {where}", flush=True)
    print(f"{KILLS} kills: {dict(outcomes)}")
    assert sum(outcomes.values()) == KILLS
