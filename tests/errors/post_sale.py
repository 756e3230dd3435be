"""Post, from the sales order."""

from datetime import date, timedelta

from playwright.sync_api import expect

from harness.browser import set_cell
from harness.shop import POST, command_create
from tests.errors.case import error
from tests.errors.scene import (
    PURCHASE,
    SALE,
    SALE_LINE,
    Link,
    lock_books,
    open_dialog,
    open_order,
    press,
    us_date,
)


@error("sales", "DropShipmentPostingCheck._get_sale_refusal:1")
def post_sale_without_drop_shipment(scene):
    """The order was cancelled and the line unticked while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.buyer("button_cancel")
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, drop_shipment=False)
    yield {"order": link.sale_name}
    button.click()


@error("sales", "DropShipmentPostingCheck._get_sale_refusal:2")
def post_sale_on_a_request(scene):
    """The purchase order was reopened while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.buyer("button_cancel")
    link.buyer("button_draft")
    yield {"order": link.sale_name, "purchase": link.purchase_name}
    button.click()


@error("sales", "DropShipmentPostingCheck._get_sale_refusal:3")
def post_sale_not_ordered(scene):
    """The purchase order was cancelled while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.buyer("button_cancel")
    yield {"order": link.sale_name}
    button.click()


@error("sales", "DropShipmentPostingCheck._get_sale_refusal:5")
def post_sale_shipped(scene):
    """The buyer has received everything while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.shop.post(PURCHASE, link.purchase, "receive")
    yield {"order": link.sale_name}
    button.click()


@error("sales", "DropShipmentPostingCheck._get_sale_refusal:4")
def post_sale_with_cancelled_transfer(scene):
    """The warehouse cancelled the transfer while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.cancel_transfer()
    yield {"order": link.sale_name, "lines": link.purchase_line}
    button.click()


@error(
    "sales",
    "DropShipmentPostingCheck._check_move_quantities",
    field="DropShipmentPostingCheck._get_words_of_error:2",
)
def post_sale_too_little_for_the_transfer(scene):
    """Sold by the unit, counted in packs."""
    units = {
        name: scene.admin.search("uom.uom", ["name", "=", name])[0]
        for name in ("Units", "Pack of 6")
    }
    sold = command_create(
        product_id=scene.product(
            "Screw", is_storable=True, uom_id=units["Pack of 6"], list_price=1
        ),
        product_uom_id=units["Units"],
        product_uom_qty=24,
        drop_shipment=True,
    )
    sale = scene.everyday.sale(order_line=[sold])
    scene.everyday.purchase(sale)
    sales = open_dialog(scene, "sales", SALE, sale)
    set_cell(sales, "Screw", "quantity", 0.02)
    yield {
        "line": f"{scene.name(SALE, sale)}, line 1 (Screw)",
        "quantity": "0.02 Units",
        "unit": "Pack of 6",
    }
    press(sales, "action_post")


@error("sales", "DropShipmentPostingCheck._check_rows")
def post_sale_with_zero(scene):
    link = scene.ordered
    sales = open_dialog(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "quantity", 0)
    yield {"order": link.sale_name}
    press(sales, "action_post")


@error("sales", "DropShipmentInvoicing._create_invoice")
def post_sale_invoiced_before(scene):
    scene.product("Paid Chair", is_storable=True, invoice_policy="order")
    shop = scene.everyday
    sale = shop.sale(("Paid Chair", 1))
    shop.purchase(sale)
    shop.invoice(sale)
    sales = open_dialog(scene, "sales", SALE, sale)
    sales.dialog.get_by_label("Ship and Invoice", exact=True).check()
    yield {"order": scene.name(SALE, sale)}
    press(sales, "action_post")


@error("sales", "DropShipmentPostingCheck._check_one_vendor")
def post_sale_of_two_vendors(scene):
    shop = scene.everyday
    sale = shop.sale(("chair", 10), ("lamp", 2))
    purchases = [
        shop.purchase(sale, partner_id=scene.facts[vendor])
        for vendor in ("vendor", "other_vendor")
    ]
    sales = open_dialog(scene, "sales", SALE, sale)
    sales.fill("delivery_note", "DN-4711", sales.dialog)
    yield {
        "field": "Vendor's Delivery Note",
        "order": scene.name(SALE, sale),
        "purchases": ", ".join(scene.name(PURCHASE, order) for order in purchases),
    }
    press(sales, "action_post")


@error("sales", "IrHttp._handle_error", rewritten=True)
def post_sale_that_others_change(scene):
    link = scene.ordered
    sales = open_dialog(scene, "sales", SALE, link.sale)
    yield {}
    with scene.busy("sale_order_line", link.sale_line_id):
        press(sales, "action_post")
        # Odoo tries five times, and waits between for half a minute at the most.
        expect(sales.page.locator(".o_error_dialog")).to_be_visible(timeout=90_000)


def enter_shipment_date(scene, day):
    """Post on a day; return what the message has of it."""
    link = scene.ordered
    sales = open_dialog(scene, "sales", SALE, link.sale)
    sales.fill_date("shipment_date", day, sales.dialog)
    (transfer,) = scene.admin.read(SALE, link.sale, "picking_ids")
    return sales, {
        "transfer": scene.name("stock.picking", transfer),
        "date": us_date(day),
    }


@error("sales", "StockPicking._check_drop_shipment_date:1")
def post_sale_on_a_day_to_come(scene):
    """The calendar does not offer the day, but it can be typed."""
    today = date.today()
    sales, values = enter_shipment_date(scene, today + timedelta(1))
    yield {**values, "today": us_date(today)}
    press(sales, "action_post")


@error("sales", "StockPicking._check_drop_shipment_date:2")
def post_sale_on_a_locked_day(scene):
    lock = date(2025, 12, 31)
    lock_books(scene, str(lock))
    try:
        sales, values = enter_shipment_date(scene, lock - timedelta(1))
        yield {**values, "lock": us_date(lock)}
        press(sales, "action_post")
        expect(sales.page.locator(".o_error_dialog")).to_be_visible()
    finally:
        lock_books(scene, False)


@error(
    "sales",
    "DropShipmentPostingCheck._check_option",
    api="The dialog has the options of its order only.",
)
def post_sale_with_option_of_purchase(scene):
    link = scene.ordered
    dialog = scene.people["sales"].create(POST, sale_order_id=link.sale)
    scene.people["sales"].write(POST, dialog, option="receive")
    yield {"order": link.sale_name, "options": "Ship, Ship and Invoice"}
    scene.people["sales"].call(POST, "action_post", dialog)


@error(
    "trader",
    "DropShipmentDialogOrderMixin._get_one_order",
    api="The dialog opens from an order.",
)
def post_nothing(scene):
    yield {}
    scene.people["trader"].create(POST, option="ship")
