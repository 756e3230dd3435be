"""Sixteen clients at once on the same few orders, against a dozen processes."""

import os
import random
import re
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness import servers
from harness.client import Client, Refused
from harness.shop import GET, POST, Shop
from tests.rules import broken, rows

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"
MOVE = "account.move"
CLIENTS = 16
WORKERS = 12
ORDERS = 4
SOLD = 60
SECONDS = float(os.environ.get("DROPSHIP_CROWD_SECONDS", "40"))
# A slow machine goes on until a bill was posted: the last of what is to be compared.
MOST_SECONDS = SECONDS + 200
SEED = os.environ.get("DROPSHIP_SEED", "7")


@dataclass
class Board:
    """What the clients know of each other's documents, and what they were promised."""

    sales: list
    purchases: list = field(default_factory=list)
    bills: list = field(default_factory=list)
    # Sales line: the quantity that successful postings said they ship.
    shipped: Counter = field(default_factory=Counter)
    # Sales line: (start, end, value) of each successful change of what is sold.
    sold: dict = field(default_factory=lambda: defaultdict(list))
    # Purchase order: what a successful Get Sales Order put in, {sales line: quantity}.
    fetched: dict = field(default_factory=dict)
    refused_fetches: list = field(default_factory=list)
    # Bills whose posting succeeded, and those that somebody set back to draft.
    posted: list = field(default_factory=list)
    calls: Counter = field(default_factory=Counter)
    refusals: list = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Visitor:
    """One client: picks what to do, does it, and keeps what came of it."""

    def __init__(self, number, server, board):
        self.random = random.Random(f"{SEED}-{number}")
        self.board = board
        # A connection of its own: they are not made to be shared.
        people = {
            role: Client(server.port, server.db, user)
            for role, user in server.facts["users"].items()
        }
        self.buyer = people[self.random.choice(["buyer", "other_buyer", "trader"])]
        self.sales, self.accountant = people["sales"], people["accountant"]
        self.shop = Shop(server.facts, people, board.customer)

    def stay(self, until):
        """Do one thing after the other until the time is up."""
        things = {
            self.fetch: 5,
            self.post_sale: 4,
            self.post_purchase: 4,
            self.make_bill: 3,
            self.post_bill: 4,
            self.change_sale: 2,
            self.change_purchase: 2,
            self.take_back: 2,
            self.cancel_purchase: 1,
            self.cancel_sale: 0.3,
        }
        last = until + MOST_SECONDS - SECONDS
        while time.monotonic() < (until if self.board.posted else last):
            (thing,) = self.random.choices(list(things), list(things.values()))
            name = thing.__name__
            try:
                outcome = "done" if thing() is not False else "nothing to do"
            except Refused as refusal:
                outcome = "refused"
                with self.board.lock:
                    self.board.refusals.append((name, refusal))
            with self.board.lock:
                self.board.calls[name, outcome] += 1

    def _any(self, ids):
        return self.random.choice(list(ids)) if ids else False

    def fetch(self):
        """Get Sales Order with a part of each line into a new request."""
        customer = self.board.customer
        order = self.buyer.create(
            PURCHASE,
            partner_id=self.shop.facts[self._any(["vendor", "other_vendor"])],
            sell_to_customer_id=customer,
        )
        wanted = {}
        try:
            dialog = self.buyer.create(
                GET,
                purchase_order_id=order,
                sale_order_ids=[[6, 0, [self._any(self.board.sales)]]],
                vendor_products_only=False,
            )
            for row in self.buyer.read(GET, dialog, "line_ids"):
                quantity = self.random.randint(1, 9)
                self.buyer.write(f"{GET}.line", row, quantity=quantity)
                (line,) = rows(
                    self.board.db,
                    f"SELECT sale_line_id FROM {GET.replace('.', '_')}_line"
                    " WHERE id = %s",
                    row,
                )
                wanted[line[0]] = quantity
            self.buyer.call(GET, "action_insert_lines", dialog)
        except Refused:
            self.board.refused_fetches.append(order)
            raise
        self.board.fetched[order] = wanted
        self.board.purchases.append(order)
        if self.random.random() < 0.7:
            self.buyer.call(PURCHASE, "button_confirm", order)
        return True

    def _post(self, client, dialog):
        # A sales line has a row for each purchase line.
        quantities = Counter()
        for row in client.read(POST, dialog, "line_ids"):
            values = client.read(f"{POST}.line", row, "quantity", "sale_line_id")
            quantity = min(values["quantity"], self.random.randint(0, 5))
            client.write(f"{POST}.line", row, quantity=quantity)
            quantities[values["sale_line_id"][0]] += quantity
        client.call(POST, "action_post", dialog)
        with self.board.lock:
            self.board.shipped.update(quantities)

    def post_sale(self):
        """Ship, or ship and invoice, from a sales order."""
        order, option = self._any(self.board.sales), self._any(["ship", "ship_invoice"])
        dialog = self.sales.create(POST, sale_order_id=order, option=option)
        self._post(self.sales, dialog)

    def post_purchase(self):
        """Receive, or receive and bill, from a purchase order."""
        if not (order := self._any(self.board.purchases)):
            return False
        option = self._any(["receive", "receive", "receive_invoice"])
        dialog = self.buyer.create(POST, purchase_order_id=order, option=option)
        self._post(self.buyer, dialog)
        return True

    def make_bill(self):
        """Bill what has been received, as a draft."""
        if not (order := self._any(self.board.purchases)):
            return False
        self.buyer.call(PURCHASE, "action_create_invoice", order)
        for bill in self.accountant.search(
            MOVE, ("line_ids.purchase_order_id", "=", order), ("state", "=", "draft")
        ):
            self.accountant.write(MOVE, bill, invoice_date="2026-01-15")
            self.board.bills.append(bill)
        return True

    def post_bill(self):
        """Post a bill, maybe one that another client posts, too."""
        if not (bill := self._any(self.board.bills)):
            return False
        self.accountant.call(MOVE, "action_post", bill)
        self.board.posted.append(bill)
        return True

    def change_sale(self):
        """Sell more or less of a line."""
        line = self._any(self.board.lines)
        value = SOLD + self.random.randint(-30, 30)
        start = time.monotonic()
        self.sales.write(SALE_LINE, line, product_uom_qty=value)
        self.board.sold[line].append((start, time.monotonic(), value))

    def change_purchase(self):
        """Order more or less."""
        if not (order := self._any(self.board.purchases)):
            return False
        lines = self.buyer.read(PURCHASE, order, "order_line")
        if not lines:
            return False
        quantity = self.random.randint(0, 12)
        self.buyer.write(PURCHASE_LINE, self._any(lines), product_qty=quantity)
        return True

    def take_back(self):
        """Unlink from a request, or close the remainder of an order."""
        if not (order := self._any(self.board.purchases)):
            return False
        lines = self.buyer.read(PURCHASE, order, "order_line")
        if not lines:
            return False
        name = self._any(
            ["action_unlink_drop_shipment", "action_close_drop_shipment_remainder"]
        )
        self.buyer.call(PURCHASE_LINE, name, self._any(lines))
        return True

    def cancel_purchase(self):
        """Cancel a purchase order, or open a cancelled one again."""
        if not (order := self._any(self.board.purchases)):
            return False
        names = ["button_cancel", "button_draft", "button_confirm"]
        self.buyer.call(PURCHASE, self._any(names), order)
        return True

    def cancel_sale(self):
        """Cancel a sales order and confirm it again."""
        order = self._any(self.board.sales)
        self.sales.call(SALE, "action_cancel", order)
        self.sales.call(SALE, "action_draft", order)
        self.sales.call(SALE, "action_confirm", order)


@pytest.fixture(scope="module")
def crowded(server):
    """A second server on the same database, with more processes."""
    with servers.serve(server.db, workers=WORKERS) as running:
        running.facts = server.facts
        yield running


def test_sixteen_clients(crowded, people, shop):
    """All documents keep the rules, and nothing that succeeded is lost."""
    sales = [shop.sale(("chair", SOLD), ("desk", SOLD)) for _order in range(ORDERS)]
    board = Board(sales)
    board.db, board.customer = crowded.db, shop.customer
    board.lines = people["admin"].search(SALE_LINE, ("order_id", "in", sales))
    board.purchases = [shop.purchase(order, quantity=SOLD // 3) for order in sales]
    # Other tests on this database break rules by hand.
    before = broken(crowded.db)
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CLIENTS) as pool:
        for stayed in [
            pool.submit(Visitor(number, crowded, board).stay, until)
            for number in range(CLIENTS)
        ]:
            stayed.result()
    total = sum(board.calls.values())
    print(f"\n{CLIENTS} clients did {total} things in {SECONDS:.0f} s, seed {SEED}:")
    for (name, outcome), count in sorted(board.calls.items()):
        print(f"  {name}: {count} {outcome}")
    log = Path(crowded.log).read_text()
    print(f"  {log.count('tries left, try again in')} transactions tried again")
    unreadable = [
        f"{name}: {refusal}"
        for name, refusal in board.refusals
        if not refusal.is_readable() and not is_gone(crowded.db, name, refusal)
    ]
    assert not unreadable
    assert broken(crowded.db) == before
    assert_nothing_lost(board)
    # Else it was no crowd.
    for name in ("fetch", "post_sale", "post_purchase", "make_bill", "post_bill"):
        assert board.calls[name, "done"], board.calls
    assert board.refusals
    assert "tries left, try again in" in log


def is_gone(db, name, refusal):
    """Whether a line was unlinked after it was read: core says that in its own words.

    It must be so: the line is not in the database any more.
    """
    found = re.search(rf"{PURCHASE_LINE}\((\d+),\)", refusal.message)
    return (
        name in ("change_purchase", "take_back")
        and refusal.name == "odoo.exceptions.MissingError"
        and found
        and not rows(
            db, "SELECT id FROM purchase_order_line WHERE id = %s", int(found[1])
        )
    )


def assert_nothing_lost(board):
    """What a client was told to be done is in the database."""
    delivered = dict(
        rows(
            board.db,
            "SELECT id, qty_delivered FROM sale_order_line WHERE id = ANY(%s)",
            board.lines,
        )
    )
    assert {line: board.shipped[line] for line in board.lines} == delivered
    states = rows(
        board.db, "SELECT id, state FROM account_move WHERE id = ANY(%s)", board.posted
    )
    assert {state for _bill, state in states} == {"posted"}
    assert len(set(board.posted)) == len(board.posted), "posted twice"
    sold = dict(
        rows(
            board.db,
            "SELECT id, product_uom_qty FROM sale_order_line WHERE id = ANY(%s)",
            board.lines,
        )
    )
    for line, changes in board.sold.items():
        # A change that another one followed may be gone, the last one may not.
        last_start = max(start for start, _end, _value in changes)
        values = {value for _start, end, value in changes if end >= last_start}
        assert float(sold[line]) in values, changes
    got = defaultdict(dict)
    for order, line, quantity in rows(
        board.db,
        "SELECT order_id, sale_line_id, product_qty FROM purchase_order_line"
        " WHERE order_id = ANY(%s)",
        [*board.fetched, *board.refused_fetches],
    ):
        assert line not in got[order], f"twice on {order}"
        got[order][line] = quantity
    for order, wanted in board.fetched.items():
        assert set(got[order]) <= set(wanted)
    assert not [order for order in board.refused_fetches if got[order]]
