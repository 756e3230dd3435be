"""Get Sales Order."""

from playwright.sync_api import expect

from harness.browser import line
from harness.shop import GET
from tests.errors.case import error
from tests.errors.scene import PURCHASE, SALE, Link, open_dialog, open_order, press


@error("buyer", "PurchaseOrderGetSalesOrder._check_is_request:2")
def get_without_customer(scene):
    """Another buyer emptied the field while the page was open."""
    purchase = scene.everyday.rfq()
    button = open_order(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    scene.people["buyer"].write(PURCHASE, purchase, sell_to_customer_id=False)
    yield {"order": scene.name(PURCHASE, purchase)}
    button.click()


@error("buyer", "PurchaseOrderGetSalesOrder._check_is_request:1")
def get_into_confirmed(scene):
    """Another buyer confirmed the order while the page was open."""
    link = Link(scene, confirm=False)
    button = open_order(
        scene, "buyer", PURCHASE, link.purchase, "action_get_sales_order"
    )
    link.buyer("button_confirm")
    yield {"order": link.purchase_name}
    button.click()


@error("buyer", "PurchaseOrderGetSalesOrder._check_anything_offered:2")
def get_nothing(scene):
    shop = scene.shop()
    purchase = shop.rfq()
    button = open_order(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    customer = scene.admin.read("res.partner", shop.customer, "display_name")
    yield {"customer": customer}
    button.click()


@error("buyer", "PurchaseOrderGetSalesOrder._check_anything_offered:1")
def get_nothing_for_the_address(scene):
    shop = scene.shop()
    link = Link(scene, shop=shop, confirm=False)
    button = open_order(
        scene, "buyer", PURCHASE, link.purchase, "action_get_sales_order"
    )
    customer, address = (
        scene.admin.read("res.partner", partner, "display_name")
        for partner in (shop.customer, shop.ship_to)
    )
    yield {"customer": customer, "address": address}
    button.click()


@error("buyer", "ResCompany._get_drop_shipment_picking_type")
def get_without_operation_type(scene):
    shop = scene.shop()
    shop.sale()
    purchase = shop.rfq()
    buyer = open_dialog(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    types = scene.admin.search(
        "stock.picking.type",
        ["code", "=", "dropship"],
        ["company_id", "=", scene.facts["company"]],
    )
    scene.admin.write("stock.picking.type", types, active=False)
    try:
        yield {"company": scene.name("res.company", scene.facts["company"])}
        press(buyer, "action_insert_lines")
        expect(buyer.page.locator(".o_error_dialog")).to_be_visible()
    finally:
        scene.admin.write("stock.picking.type", types, active=True)


@error("buyer", "PurchaseOrderGetSalesOrder.action_insert_lines:2")
def get_none_chosen(scene):
    shop = scene.shop()
    shop.sale(), shop.sale()
    purchase = shop.rfq()
    buyer = open_dialog(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    yield {}
    press(buyer, "action_insert_lines")


@error("buyer", "PurchaseOrderGetSalesOrder.action_insert_lines:1")
def get_what_was_cancelled(scene):
    """Sales has cancelled the order while the dialog was open."""
    shop = scene.shop()
    sale = shop.sale()
    purchase = shop.rfq()
    buyer = open_dialog(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    expect(line(buyer, "Oak Chair")).to_be_visible()
    shop.sale()
    scene.people["sales"].call(SALE, "action_cancel", sale)
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    press(buyer, "action_insert_lines")


@error("buyer", "DropShipmentOrdering._check_quantity:2")
def get_too_much(scene):
    shop = scene.shop()
    sale = shop.sale()
    purchase = shop.rfq()
    buyer = open_dialog(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    rows = buyer.dialog.locator("[name='line_ids'] .o_data_row")
    rows.locator("td[name='quantity']").click()
    rows.locator("td[name='quantity'] input").fill("11")
    yield {
        "line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)",
        "quantity": "11 Units",
        "left": "10 Units",
    }
    press(buyer, "action_insert_lines")


@error("buyer", "DropShipmentOrdering._get_ship_to_refusal")
def get_two_addresses(scene):
    shop = scene.shop()
    elsewhere = shop.address("Elsewhere", shop.customer)
    first, other = shop.sale(), shop.sale(partner_shipping_id=elsewhere)
    buyer = open_dialog(scene, "buyer", PURCHASE, shop.rfq(), "action_get_sales_order")
    rows = buyer.dialog.locator("[name='order_ids'] .o_data_row")
    for row in (0, 1):
        rows.nth(row).locator("td[name='selected'] input").click()
    lines = buyer.dialog.locator("[name='line_ids'] .o_data_row")
    expect(lines).to_have_count(2)
    addresses = [
        scene.admin.read("res.partner", partner, "display_name")
        for partner in (shop.ship_to, elsewhere)
    ]
    yield {
        "first": scene.name(SALE, first),
        "first_address": addresses[0],
        "other": scene.name(SALE, other),
        "other_address": addresses[1],
    }
    press(buyer, "action_insert_lines")


@error(
    "buyer",
    "PurchaseOrderGetSalesOrder._check_orders_offered",
    api="The dialog shows the orders on offer only.",
)
def get_order_not_on_offer(scene):
    shop, other = scene.shop(), scene.to_order
    shop.sale()
    purchase = shop.rfq()
    yield {
        "order": scene.name(PURCHASE, purchase),
        "field": "Only Products of This Vendor",
    }
    shop.dialog(purchase, other.sale)


@error(
    "buyer",
    "DropShipmentDialogRowMixin._check_rows_allowed",
    api="No line can be added in the dialogs.",
)
def get_line_not_on_offer(scene):
    shop, other = scene.shop(), scene.to_order
    shop.sale()
    purchase = shop.rfq()
    dialog = scene.people["buyer"].create(GET, purchase_order_id=purchase)
    yield {"dialog": scene.name(PURCHASE, purchase)}
    scene.people["buyer"].create(
        f"{GET}.line", get_id=dialog, sale_line_id=other.sale_line_id
    )
