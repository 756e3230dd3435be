"""The story over the external API, and what scripts do with the dialogs."""

from harness.shop import GET, POST, PURCHASE_PRICE, SALES_PRICE, command_create
from harness.story import Story

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"


def test_story(shop):
    """Each of the story's steps by the person whose job it is, with no other rights."""
    lines = [
        ("chair", 10, SALES_PRICE, PURCHASE_PRICE),
        ("desk", 4, SALES_PRICE, PURCHASE_PRICE),
    ]
    ship_to = f"Dock {shop.number}", "3 Dock Road", "+1 555 0100"
    Story(shop, lines, ship_to=ship_to, reference="CUST-778").play()


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
