"""Two people at the same moment, against a server with two processes."""

import re

from harness.client import Refused
from harness.shop import GET, POST
from tests.races import at_once

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"
MOVE = "account.move"


def assert_one_wins(results, pattern):
    """One call succeeded, the other was refused in plain words."""
    refusals = [result for result in results if isinstance(result, Refused)]
    assert len(refusals) == 1, results
    refusals[0].assert_readable()
    assert re.search(pattern, refusals[0].message), str(refusals[0])


def test_two_buyers_fetch_one_line(shop, people, rounds):
    """It is ordered once, whoever was first, and never more than was sold."""
    for _round in rounds:
        sale = shop.sale(("chair", 10))
        line, number = shop.line(SALE, sale), people["sales"].read(SALE, sale, "name")
        orders = {user: shop.rfq(user=user) for user in ("buyer", "other_buyer")}
        dialogs = {
            user: shop.dialog(order, sale, user=user) for user, order in orders.items()
        }
        results = at_once(
            *(
                lambda user=user, dialog=dialog: people[user].call(
                    GET, "action_insert_lines", dialog
                )
                for user, dialog in dialogs.items()
            )
        )
        assert_one_wins(results, f"{number}|nothing to fetch")
        assert people["sales"].read(SALE_LINE, line, "drop_shipment_qty_ordered") == 10
        links = people["admin"].search(PURCHASE_LINE, ("sale_line_id", "=", line))
        assert [
            people["admin"].read(PURCHASE_LINE, link, "product_qty") for link in links
        ] == [10]


def test_two_buyers_take_a_part_each(shop, people, rounds):
    """Six and six of ten do not fit."""
    for _round in rounds:
        sale = shop.sale(("chair", 10))
        line, number = shop.line(SALE, sale), people["sales"].read(SALE, sale, "name")
        calls = []
        for user in ("buyer", "other_buyer"):
            dialog = shop.dialog(shop.rfq(user=user), sale, user=user)
            rows = people[user].read(GET, dialog, "line_ids")
            people[user].write(f"{GET}.line", rows, quantity=6)
            calls.append(
                lambda user=user, dialog=dialog: people[user].call(
                    GET, "action_insert_lines", dialog
                )
            )
        assert_one_wins(at_once(*calls), number)
        assert people["sales"].read(SALE_LINE, line, "drop_shipment_qty_ordered") == 6


def test_two_bills_of_one_line(shop, people, rounds):
    """Two vendors bill 5 each while the customer has been invoiced for 5."""
    for _round in rounds:
        sale = shop.sale(("desk", 10))
        line, number = shop.line(SALE, sale), people["sales"].read(SALE, sale, "name")
        purchases = [
            shop.purchase(sale, quantity=5, partner_id=shop.facts[vendor])
            for vendor in ("vendor", "other_vendor")
        ]
        shop.post(PURCHASE, purchases[0], "receive")
        shop.invoice(sale)
        shop.post(PURCHASE, purchases[1], "receive")
        bills = [shop.bill(purchase) for purchase in purchases]
        results = at_once(
            *(
                lambda bill=bill: people["accountant"].call(MOVE, "action_post", bill)
                for bill in bills
            )
        )
        assert_one_wins(results, f"Invoice sales order {number} first")
        states = sorted(
            people["accountant"].read(MOVE, bill, "state") for bill in bills
        )
        assert states == ["draft", "posted"]
        admin = people["admin"]
        assert admin.read(SALE_LINE, line, "drop_shipment_qty_billed") == 5


def test_ship_and_receive_at_once(shop, people, rounds):
    """Sales and purchasing post the same ten: ten leave, not twenty."""
    sales, buyer = people["sales"], people["buyer"]
    for _round in rounds:
        sale = shop.sale(("chair", 10))
        purchase = shop.purchase(sale)
        ship = sales.create(POST, sale_order_id=sale)
        receive = buyer.create(POST, purchase_order_id=purchase)
        results = at_once(
            lambda ship=ship: sales.call(POST, "action_post", ship),
            lambda receive=receive: buyer.call(POST, "action_post", receive),
        )
        assert_one_wins(results, sales.read(SALE, sale, "name") + "|P0")
        assert sales.read(SALE_LINE, shop.line(SALE, sale), "qty_delivered") == 10
        received = buyer.read(
            PURCHASE_LINE, shop.line(PURCHASE, purchase), "qty_received"
        )
        assert received == 10
