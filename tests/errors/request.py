"""Request for quotation: what is changed, and what is confirmed."""

from harness.browser import cell, set_cell
from tests.errors.case import error
from tests.errors.scene import (
    PURCHASE,
    PURCHASE_LINE,
    SALE,
    Link,
    cancelled,
    open_form,
    open_order,
    press_save,
    reopened,
)


@error("accountant", "DropShipmentOrdering._check_may_merge")
def merge(scene):
    link, other = scene.requested, Link(scene, confirm=False)
    # Core shows the action to people with billing rights.
    accountant = scene.desk("accountant")
    accountant.show(PURCHASE, link.purchase, other.purchase, view="list")
    accountant.page.click(".o_list_view thead .o_list_record_selector input")
    accountant.page.get_by_role("button", name="Actions").click()
    # The list has the latest first.
    yield {"orders": f"{other.purchase_name}, {link.purchase_name}"}
    accountant.page.get_by_role("menuitem", name="Merge RFQs").click()


@error("admin", "DropShipmentOrdering._check_may_suggest")
def suggest(scene):
    """Core writes what is chosen there to the vendor: no buyer alone may do it."""
    link = Link(scene, confirm=False)
    catalog = open_order(
        scene, "admin", PURCHASE, link.purchase, "action_add_from_catalog"
    )
    catalog.click()
    page = scene.desk("admin").page
    switch = page.locator("[name=search-suggest-toggle] input")
    switch.wait_for()
    if not switch.is_checked():
        switch.click()
    add = page.locator("[name=suggest_add_all]")
    add.wait_for()
    yield {"order": link.purchase_name}
    add.click()


@error("buyer", "DropShipmentLink._get_own_stock_refusal")
def confirm_mixed(scene):
    link = Link(scene, confirm=False)
    scene.people["buyer"].create(
        PURCHASE_LINE,
        order_id=link.purchase,
        product_id=scene.facts["lamp"],
        product_qty=1,
    )
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {
        "order": link.purchase_name,
        "lines": f"{link.purchase_name}, line 2 (Brass Lamp)",
    }
    button.click()


@error("buyer", "DropShipmentLink._get_confirmation_refusal")
def confirm_without_ship_to(scene):
    """No screen or call can empty it."""
    link = Link(scene, confirm=False)
    scene.sql(
        "UPDATE purchase_order SET dest_address_id = NULL WHERE id = %s", link.purchase
    )
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {"order": link.purchase_name}
    button.click()


@error("buyer", "DropShipmentLink._get_place_refusal")
def confirm_into_own_stock(scene):
    """The customer's stock is consigned: it is ours until it is sold."""
    link = Link(scene, shop=scene.shop(), confirm=False)
    location = scene.admin.create("stock.location", name="Consigned", usage="internal")
    contact = link.shop.ship_to
    scene.admin.write("res.partner", contact, property_stock_customer=location)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {
        "order": link.purchase_name,
        "field": "Customer Location",
        "contact": scene.admin.read("res.partner", contact, "display_name"),
        "location": "Consigned",
    }
    button.click()


@error("buyer", "DropShipmentLink._get_unconfirmed_refusal")
def confirm_without_sale(scene):
    """A program has made the sales order a quotation again."""
    link = Link(scene, confirm=False)
    scene.people["sales"].write(SALE, link.sale, state="draft")
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {"order": link.purchase_name, "sales": link.sale_name}
    button.click()


@error("buyer", "DropShipmentLink._get_negative_refusal", raised="ValidationError")
def request_negative(scene):
    link = scene.requested
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", -1)
    yield {"line": link.purchase_line, "quantity": "-1 Units"}
    press_save(buyer)


@error("buyer", "DropShipmentLink._get_excess_refusal", raised="ValidationError")
def request_too_much(scene):
    link = scene.requested
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", 11)
    yield {"line": link.line, "excess": "1 Units"}
    press_save(buyer)


@error("buyer", "DropShipmentLink._check_new_quantity")
def order_more_for_cancelled_sale(scene):
    """The customer took six, and the rest was cancelled by everyone."""
    link = Link(scene)
    link.ship(6)
    link.buyer("action_close_drop_shipment_remainder")
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", 8)
    yield {"line": link.line}
    press_save(buyer)


@error("buyer", "DropShipmentLink._check_not_below_received")
def order_less_than_shipped(scene):
    link = scene.partly
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", 3)
    yield {"line": link.purchase_line, "quantity": "3 Units", "received": "4 Units"}
    press_save(buyer)


@error("buyer", "DropShipmentFreeze._check_purchase_lines")
def change_product_of_request(scene):
    link = scene.requested
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    cell(buyer, "Oak Chair", "product_id").click()
    buyer.choose("product_id", "Brass Lamp")
    yield {"field": "Product", "line": link.purchase_line, "sale": link.sale_name}
    press_save(buyer)


@error("buyer", "DropShipmentFreeze._check_purchase_orders")
def change_operation_type(scene):
    link = scene.requested
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    buyer.choose("picking_type_id", "Receipts")
    yield {
        "field": "Deliver To",
        "order": link.purchase_name,
        "sale": link.sale_name,
    }
    press_save(buyer)


@error("buyer", "DropShipmentFreeze._raise_shipped", api="The field is on no screen.")
def relink_shipped(scene):
    link = reopened(scene)
    yield {
        "field": "Origin Sale Item",
        "line": link.purchase_line,
        "quantity": "4 Units",
        "sale": link.sale_name,
    }
    scene.people["buyer"].write(
        PURCHASE_LINE, link.purchase_line_id, sale_line_id=False
    )


@error(
    "buyer", "DropShipmentFreeze._raise_cancelled", api="The field is read-only then."
)
def change_customer_of_cancelled(scene):
    link = cancelled(scene)
    yield {
        "field": "Sell-to Customer",
        "order": link.purchase_name,
        "sale": link.sale_name,
    }
    scene.people["buyer"].write(PURCHASE, link.purchase, sell_to_customer_id=False)
