"""Return and Correct Shipment, from both orders."""

from datetime import date, timedelta

from playwright.sync_api import expect

from harness.browser import edit_cell, set_cell
from harness.shop import POST, command_create
from tests.errors.case import error
from tests.errors.scene import (
    MOVE,
    PURCHASE,
    RETURN,
    SALE,
    Link,
    lock_books,
    open_dialog,
    open_order,
    press,
    us_date,
)

CORRECT = "drop.shipment.correct"
RETURN_BUTTON = "action_return_drop_shipment"
CORRECT_BUTTON = "action_correct_drop_shipment"


def shipped_link(scene, *lines):
    """A sales order that is shipped, of a customer of its own."""
    link = Link(scene, *lines, shop=scene.shop())
    link.ship()
    return link


@error("sales", "DropShipmentReturning._check_returnable:1")
def return_twice(scene):
    """A colleague did it while the page was open."""
    link = shipped_link(scene)
    button = open_order(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    link.take_back(10)
    yield {"order": link.sale_name}
    button.click()


@error(
    "buyer",
    "DropShipmentReturning._check_returnable:2",
    api="Return is shown once something is shipped.",
)
def return_before_shipment(scene):
    link = scene.ordered
    yield {"order": link.purchase_name}
    link.buyer(RETURN_BUTTON)


@error("sales", "DropShipmentReturning._get_gone_error")
def return_what_came_back(scene):
    """A colleague did it while the dialog was open."""
    link = shipped_link(scene, ("chair", 10), ("desk", 2))
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    set_cell(sales, "Oak Chair", "quantity", "1")
    link.take_back(10, 0)
    yield {"line": link.line, "order": link.sale_name}
    press(sales, "action_return")


@error("buyer", "DropShipmentReturning._check_rows")
def return_nothing(scene):
    link = shipped_link(scene)
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase, RETURN_BUTTON)
    yield {"order": link.purchase_name}
    press(buyer, "action_return")


@error("sales", "DropShipmentReturning._check_quantity")
def return_too_much(scene):
    link = shipped_link(scene)
    link.take_back(4)
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    set_cell(sales, "Oak Chair", "quantity", "7")
    yield {"line": link.line, "quantity": "7 Units", "left": "6 Units"}
    press(sales, "action_return")


@error(
    "sales",
    "DropShipmentReturning._to_move_uom",
    api="Units of measure are not switched on here.",
)
def return_less_than_the_unit(scene):
    units = {
        name: scene.admin.search("uom.uom", ["name", "=", name])[0]
        for name in ("kg", "g")
    }
    product = scene.product("Sack", is_storable=True, uom_id=units["kg"])
    sale = scene.everyday.sale(
        order_line=[
            command_create(
                product_id=product,
                product_uom_qty=2500,
                product_uom_id=units["g"],
                drop_shipment=True,
            )
        ]
    )
    link_purchase = scene.everyday.purchase(sale)
    scene.everyday.post(PURCHASE, link_purchase, "receive")
    sales = scene.people["sales"]
    dialog = sales.create(RETURN, sale_order_id=sale)
    rows = sales.read(RETURN, dialog, "line_ids")
    sales.write(f"{RETURN}.line", rows, quantity=1)
    yield {
        "line": f"{scene.name(SALE, sale)}, line 1 (Sack)",
        "quantity": "1 g",
        "unit": "kg",
    }
    sales.call(RETURN, "action_return", dialog)


@error("sales", "DropShipmentReturning._check_date:1")
def return_before_it_was_shipped(scene):
    link = shipped_link(scene)
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    day = date.today() - timedelta(30)
    sales.fill_date("return_date", day, sales.dialog)
    set_cell(sales, "Oak Chair", "quantity", "1")
    yield {
        "order": link.sale_name,
        "date": us_date(day),
        "shipped": us_date(date.today()),
    }
    press(sales, "action_return")


@error("sales", "DropShipmentReturning._check_date:2")
def return_on_a_locked_day(scene):
    lock = date.today() - timedelta(20)
    link = Link(scene, shop=scene.shop())
    link.shop.post(
        SALE, link.sale, "ship", shipment_date=str(date.today() - timedelta(40))
    )
    lock_books(scene, str(lock))
    try:
        sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
        day = lock - timedelta(1)
        sales.fill_date("return_date", day, sales.dialog)
        set_cell(sales, "Oak Chair", "quantity", "1")
        yield {"order": link.sale_name, "date": us_date(day), "lock": us_date(lock)}
        press(sales, "action_return")
        expect(sales.page.locator(".o_error_dialog")).to_be_visible()
    finally:
        lock_books(scene, False)


def ship_serials(scene):
    """Two serial numbers are shipped; return the order and its line."""
    scene.product("Numbered Chair", is_storable=True, tracking="serial")
    link = Link(scene, ("Numbered Chair", 2))
    sales = scene.people["sales"]
    dialog = sales.create(POST, sale_order_id=link.sale)
    rows = sales.read(POST, dialog, "line_ids")
    sales.write(f"{POST}.line", rows, lot_names="NR-1\nNR-2")
    sales.call(POST, "action_post", dialog)
    return link, f"{link.sale_name}, line 1 (Numbered Chair)"


@error("sales", "DropShipmentLots._get_names_taken_back")
def return_without_serials(scene):
    link, line_name = ship_serials(scene)
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    set_cell(sales, "Numbered Chair", "quantity", "1")
    yield {"line": line_name, "lots": "NR-1, NR-2"}
    press(sales, "action_return")


@error("sales", "DropShipmentLots._take_back")
def return_other_serials(scene):
    link, line_name = ship_serials(scene)
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    set_cell(sales, "Numbered Chair", "quantity", "1")
    set_cell(sales, "Numbered Chair", "lot_names", "NR-9")
    yield {"line": line_name, "lot": "NR-9", "lots": "NR-1, NR-2"}
    press(sales, "action_return")


@error("sales", "DropShipmentLots._assign_returned")
def return_what_had_no_number(scene):
    """The product is tracked since it was shipped."""
    product = scene.product("Old Chair", is_storable=True)
    link = Link(scene, ("Old Chair", 1))
    link.ship()
    scene.admin.write("product.product", product, tracking="serial")
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    yield {"line": f"{link.sale_name}, line 1 (Old Chair)"}
    press(sales, "action_return_all")


@error(
    "sales",
    "DropShipmentCrediting._credit_returned",
    api="The box is shown once the customer is invoiced.",
)
def credit_what_is_not_invoiced(scene):
    link = shipped_link(scene)
    yield {"order": link.sale_name}
    link.take_back(4, credit=True)


@error(
    "buyer",
    "DropShipmentCrediting._refund_returned",
    api="The box is shown once the vendor has billed.",
)
def refund_what_is_not_billed(scene):
    link = shipped_link(scene)
    buyer = scene.people["buyer"]
    dialog = buyer.create(RETURN, purchase_order_id=link.purchase, refund=True)
    rows = buyer.read(RETURN, dialog, "line_ids")
    buyer.write(f"{RETURN}.line", rows, quantity=4)
    yield {"order": link.purchase_name}
    buyer.call(RETURN, "action_return", dialog)


@error("sales", "DropShipmentCrediting._credit_due")
def credit_twice(scene):
    """A colleague did it while the page was open."""
    link = shipped_link(scene)
    link.shop.invoice(link.sale)
    link.take_back(4)
    button = "action_credit_drop_shipment"
    found = open_order(scene, "sales", SALE, link.sale, button)
    scene.people["sales"].call(SALE, button, link.sale)
    yield {"order": link.sale_name}
    found.click()


@error("buyer", "DropShipmentCrediting._refund_due")
def refund_twice(scene):
    """Another buyer did it while the page was open."""
    link = shipped_link(scene)
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    scene.people["accountant"].call(MOVE, "action_post", bill)
    link.take_back(4)
    button = "action_refund_drop_shipment"
    found = open_order(scene, "buyer", PURCHASE, link.purchase, button)
    link.buyer(button)
    yield {"order": link.purchase_name}
    found.click()


@error(
    "sales",
    "DropShipmentNotices._get_sale_return_notices:3",
    where=".alert[data-alert]",
)
def notice_taken_back(scene):
    link = shipped_link(scene)
    link.take_back(4, destination="stock")
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error(
    "sales",
    "DropShipmentCorrecting._check_shipped",
    api="Correct Shipment is shown once something is shipped.",
)
def correct_nothing(scene):
    link = scene.ordered
    yield {"order": link.sale_name}
    scene.people["sales"].call(SALE, CORRECT_BUTTON, link.sale)


@error(
    "sales",
    "DropShipmentCorrectLine._check_rows_allowed",
    api="The dialog has the shipments of its order only.",
)
def correct_another_shipment(scene):
    link, other = shipped_link(scene), shipped_link(scene)
    (transfer,) = scene.admin.read(SALE, other.sale, "picking_ids")
    sales = scene.people["sales"]
    dialog = sales.create(CORRECT, sale_order_id=link.sale)
    row = command_create(picking_id=transfer, shipment_date="2026-01-15")
    yield {"order": link.sale_name}
    sales.write(CORRECT, dialog, line_ids=[row])


@error("sales", "DropShipmentCorrecting._correct:1")
def correct_what_left_the_order(scene):
    """A program took one of two transfers away while the dialog was open."""
    link = Link(scene, shop=scene.shop())
    link.ship(4)
    link.ship()
    sales = open_dialog(scene, "sales", SALE, link.sale, CORRECT_BUTTON)
    scene.sql(
        "UPDATE stock_move SET sale_line_id = NULL WHERE id ="
        " (SELECT min(id) FROM stock_move WHERE sale_line_id = %s)",
        link.sale_line_id,
    )
    yield {"order": link.sale_name}
    press(sales, "action_correct")


@error("sales", "DropShipmentCorrecting._correct:2")
def correct_in_a_closed_month(scene):
    lock = date.today() - timedelta(20)
    day = lock - timedelta(1)
    link = Link(scene, shop=scene.shop())
    link.shop.post(SALE, link.sale, "ship", shipment_date=str(day))
    (transfer,) = scene.admin.read(SALE, link.sale, "picking_ids")
    lock_books(scene, str(lock))
    try:
        sales = open_dialog(scene, "sales", SALE, link.sale, CORRECT_BUTTON)
        edit_cell(sales, "Oak Chair", "tracking_ref").fill("TRK-1")
        field = sales.dialog.locator(".o_selected_row td[name='shipment_date']")
        field.locator("button").click()
        field.locator("input").fill(us_date(date.today()))
        field.locator("input").press("Tab")
        name = scene.name("stock.picking", transfer)
        yield {"transfer": name, "date": us_date(day)}
        press(sales, "action_correct")
        expect(sales.page.locator(".o_error_dialog")).to_be_visible()
    finally:
        lock_books(scene, False)


@error(
    "admin",
    "StockReturnPicking._check_drop_shipment_wanted",
    api="The dialog is core's own, in Inventory, where these people have no rights.",
)
def exchange_for_a_cancelled_order(scene):
    link = shipped_link(scene)
    admin, dialog = scene.admin, "stock.return.picking"
    admin.call(SALE, "action_cancel", link.sale)
    (transfer,) = admin.read(SALE, link.sale, "picking_ids")
    wizard = admin.create(dialog, picking_id=transfer)
    rows = admin.read(dialog, wizard, "product_return_moves")
    admin.write(f"{dialog}.line", rows, quantity=1)
    yield {"lines": link.purchase_line, "orders": link.sale_name}
    admin.call(dialog, "action_create_exchanges", wizard)
