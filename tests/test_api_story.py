"""The story over the external API, and what the API refuses."""

import pytest

from harness.client import Refused
from harness.shop import GET, POST, command_create

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"
MOVE = "account.move"


def test_story(shop, sales, buyer, accountant):
    """Each of the story's steps by the person whose job it is, with no other rights."""
    sale = shop.sale(("chair", 10), client_order_ref="CUST-778")
    sale_line = shop.line(SALE, sale)
    number = sales.read(SALE, sale, "name")
    assert sales.read(SALE_LINE, sale_line, "drop_shipment_state") == "to_order"
    assert sales.read(SALE_LINE, sale_line, "drop_shipment_qty_to_order") == 10
    assert sales.read(SALE, sale, "picking_ids") == []

    purchase = shop.rfq()
    shop.fetch(purchase, sale)
    purchase_line = shop.line(PURCHASE, purchase)
    order = buyer.read(PURCHASE, purchase, "name", "dest_address_id", "origin")
    assert order["dest_address_id"][0] == shop.ship_to
    assert order["origin"] == number
    line = buyer.read(
        PURCHASE_LINE,
        purchase_line,
        "product_qty",
        "price_unit",
        "drop_shipment_sale_ref",
    )
    assert line["product_qty"] == 10
    assert line["price_unit"] == 12.34
    assert line["drop_shipment_sale_ref"] == number
    assert sales.read(SALE_LINE, sale_line, "drop_shipment_state") == "rfq"

    buyer.call(PURCHASE, "button_confirm", purchase)
    line = sales.read(
        SALE_LINE,
        sale_line,
        "drop_shipment_state",
        "drop_shipment_purchase_ref",
        "drop_shipment_vendor_ref",
        "qty_to_ship",
    )
    assert line["drop_shipment_state"] == "ordered"
    assert line["drop_shipment_purchase_ref"] == order["name"]
    assert line["drop_shipment_vendor_ref"] == "Oak & Pine Furniture"
    assert line["qty_to_ship"] == 10

    sales.write(SALE_LINE, sale_line, qty_to_ship=4)
    shop.post(SALE, sale, "ship")
    _assert_quantities(shop, sale_line, purchase_line, 4)
    assert sales.read(SALE_LINE, sale_line, "qty_to_ship") == 6
    assert sales.read(SALE_LINE, sale_line, "drop_shipment_state") == "partial"

    shop.post(PURCHASE, purchase, "receive", quantity=1)
    _assert_quantities(shop, sale_line, purchase_line, 5)

    bill = shop.bill(purchase)
    with pytest.raises(Refused, match=number) as refused:
        accountant.call(MOVE, "action_post", bill)
    refused.value.assert_readable()
    assert accountant.read(MOVE, bill, "state") == "draft"

    shop.post(SALE, sale, "ship_invoice")
    _assert_quantities(shop, sale_line, purchase_line, 10)
    (invoice,) = shop.invoices(sale)
    # Salespeople may not post invoices: it waits for an accountant.
    assert accountant.read(MOVE, invoice, "state") == "draft"
    # All that was shipped and not invoiced.
    assert _quantity(accountant, invoice) == 10
    with pytest.raises(Refused, match=number):
        accountant.call(MOVE, "action_post", bill)
    assert sales.read(SALE_LINE, sale_line, "drop_shipment_state") == "shipped"
    accountant.call(MOVE, "action_post", invoice)
    accountant.call(MOVE, "action_post", bill)
    assert accountant.read(MOVE, bill, "state") == "posted"
    assert sales.read(SALE_LINE, sale_line, "drop_shipment_state") == "invoiced"
    shop.post(PURCHASE, purchase, "invoice")
    (last_bill,) = set(shop.bills(purchase)) - {bill}
    assert _quantity(accountant, last_bill) == 5
    accountant.call(MOVE, "action_post", last_bill)
    assert sales.read(SALE_LINE, sale_line, "drop_shipment_state") == "done"


def test_choose_orders_later(shop, buyer):
    """The dialog offers the customer's orders; the choice may be written to it."""
    sales_orders = [shop.sale(), shop.sale(("desk", 2)), shop.sale()]
    purchase = shop.rfq()
    dialog = buyer.create(GET, purchase_order_id=purchase)
    assert buyer.read(GET, dialog, "available_sale_order_ids") == sales_orders
    assert buyer.read(GET, dialog, "sale_order_ids") == []
    buyer.write(GET, dialog, sale_order_ids=[[6, 0, sales_orders[:2]]])
    assert buyer.read(GET, dialog, "sale_order_ids") == sales_orders[:2]
    buyer.call(GET, "action_insert_lines", dialog)
    lines = buyer.read(PURCHASE, purchase, "order_line")
    chair, desk = shop.facts["chair"], shop.facts["desk"]
    assert [_ordered(buyer, line) for line in lines] == [(chair, 10), (desk, 2)]


def test_rows_of_a_script(shop, sales, buyer):
    """A script that makes a dialog with rows of its own gets these, not others."""
    sale = shop.sale(("chair", 10), ("desk", 2))
    purchase = shop.rfq()
    chair, desk = sales.read(SALE, sale, "order_line")
    row = command_create(sale_line_id=chair, quantity=3)
    dialog = buyer.create(GET, purchase_order_id=purchase, line_ids=[row])
    buyer.call(GET, "action_insert_lines", dialog)
    lines = buyer.read(PURCHASE, purchase, "order_line")
    assert [_ordered(buyer, line) for line in lines] == [(shop.facts["chair"], 3)]

    shop.fetch(purchase, sale)
    buyer.call(PURCHASE, "button_confirm", purchase)
    row = command_create(sale_line_id=chair, quantity=2)
    dialog = sales.create(POST, sale_order_id=sale, line_ids=[row])
    sales.call(POST, "action_post", dialog)
    assert sales.read(SALE_LINE, chair, "qty_delivered") == 2
    assert sales.read(SALE_LINE, desk, "qty_delivered") == 0


def _ordered(buyer, line):
    """The product and the quantity of a purchase line."""
    values = buyer.read(PURCHASE_LINE, line, "product_id", "product_qty")
    return values["product_id"][0], values["product_qty"]


def _assert_quantities(shop, sale_line, purchase_line, quantity):
    """Delivered and received move together, whoever posted."""
    sales, buyer = shop.people["sales"], shop.people["buyer"]
    assert sales.read(SALE_LINE, sale_line, "qty_delivered") == quantity
    assert buyer.read(PURCHASE_LINE, purchase_line, "qty_received") == quantity


def _quantity(accountant, move):
    """The quantity on the only line of an invoice or a bill."""
    (line,) = accountant.read(MOVE, move, "invoice_line_ids")
    return accountant.read("account.move.line", line, "quantity")
