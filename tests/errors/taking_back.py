"""Taking back: lines are unlinked, closed, shipped again or deleted."""

from harness.browser import set_cell
from harness.shop import command_create
from tests.errors.case import error
from tests.errors.scene import (
    CLOSE_BUTTON,
    PURCHASE,
    PURCHASE_LINE,
    SALE,
    Link,
    open_form,
    open_order,
    press_and_confirm,
    press_save,
    reopened,
    stool,
)


@error(
    "sales",
    "DropShipmentLink._get_ticked_refusal",
    reason="DropShipmentLink._get_tick_refusals:2",
)
def confirm_sale_of_service(scene):
    """The product became a service after the line was ticked."""
    product = stool(scene)
    sale = scene.everyday.sale(("Stool", 1), confirm=False)
    scene.admin.write("product.product", product, type="service")
    button = open_order(scene, "sales", SALE, sale, "action_confirm")
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Stool)"}
    button.click()


@error("buyer", "DropShipmentLink._get_product_refusal")
def confirm_service(scene):
    """The product became a service after the line was fetched."""
    product = stool(scene)
    link = Link(scene, ("Stool", 1), confirm=False)
    scene.admin.write("product.product", product, type="service")
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {
        "order": link.purchase_name,
        "lines": f"{link.purchase_name}, line 1 (Stool)",
    }
    button.click()


@error("buyer", "DropShipmentTakingBack._check_may_unlink:1", api="No button there.")
def unlink_other_line(scene):
    shop = scene.everyday
    purchase = shop.rfq(
        order_line=[command_create(product_id=scene.facts["chair"], product_qty=1)]
    )
    yield {"line": f"{scene.name(PURCHASE, purchase)}, line 1 (Oak Chair)"}
    scene.people["buyer"].call(
        PURCHASE_LINE, "action_unlink_drop_shipment", shop.line(PURCHASE, purchase)
    )


@error("buyer", "DropShipmentTakingBack._check_may_unlink:2")
def unlink_confirmed(scene):
    """Another buyer confirmed the order while the page was open."""
    link = Link(scene, confirm=False)
    button = open_order(
        scene, "buyer", PURCHASE, link.purchase, "action_unlink_drop_shipment"
    )
    link.buyer("button_confirm")
    yield {"line": link.purchase_line}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "DropShipmentTakingBack._check_may_unlink:3")
def unlink_shipped(scene):
    link = reopened(scene)
    button = open_order(
        scene, "buyer", PURCHASE, link.purchase, "action_unlink_drop_shipment"
    )
    yield {"line": link.purchase_line, "quantity": "4 Units"}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "DropShipmentTakingBack._check_has_remainder:1")
def close_cancelled(scene):
    """Another buyer cancelled the order while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, CLOSE_BUTTON)
    link.buyer("button_cancel")
    yield {"line": link.purchase_line}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "DropShipmentTakingBack._check_has_remainder:2")
def close_received(scene):
    """Sales posted everything while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, CLOSE_BUTTON)
    link.ship()
    yield {"line": link.purchase_line}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "DropShipmentReported._raise_reported")
def close_reported(scene):
    """The vendor reported it while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, CLOSE_BUTTON)
    link.report()
    yield {"line": link.purchase_line, "quantity": "10 Units"}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "DropShipmentReported._discard")
def discard_twice(scene):
    """Another buyer posted it while the page was open."""
    link = Link(scene)
    link.report()
    discard = "action_discard_drop_shipment_report"
    button = open_order(scene, "buyer", PURCHASE, link.purchase, discard)
    link.ship()
    yield {"order": link.purchase_name}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "DropShipmentTakingBack._close_declined")
def close_declined_twice(scene):
    """Another buyer closed it while the page was open."""
    link = Link(scene)
    link.decline()
    close = "action_close_drop_shipment_declined"
    button = open_order(scene, "buyer", PURCHASE, link.purchase, close)
    link.buyer(close)
    yield {"orders": link.purchase_name}
    press_and_confirm(scene.desk("buyer"), button)


SHIP_AGAIN_BUTTON = "action_ship_drop_shipment_again"


@error("buyer", "PurchaseOrder.action_ship_drop_shipment_again")
def ship_again_twice(scene):
    """Another buyer did it while the page was open."""
    link = Link(scene)
    link.cancel_transfer()
    button = open_order(scene, "buyer", PURCHASE, link.purchase, SHIP_AGAIN_BUTTON)
    link.buyer(SHIP_AGAIN_BUTTON)
    yield {"order": link.purchase_name}
    press_and_confirm(scene.desk("buyer"), button)


@error(
    "buyer", "DropShipmentTransfers._ship_again", api="The button is that of the order."
)
def ship_line_again(scene):
    link = scene.ordered
    yield {"line": link.purchase_line}
    link.buyer(SHIP_AGAIN_BUTTON, PURCHASE_LINE)


@error("buyer", "DropShipmentTransfers._get_unwanted_refusal")
def lower_what_nobody_waits_for(scene):
    """Shipped, the sales order cancelled, and then the goods went back."""
    link = Link(scene)
    link.ship()
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    link.send_back(10)
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", 5)
    yield {"lines": link.purchase_line, "sales": link.sale_name}
    press_save(buyer)


@error("buyer", "PurchaseOrder.action_close_drop_shipment_remainder")
def close_what_sales_has_shipped(scene):
    """Sales posted the rest while the page was open."""
    link = Link(scene)
    link.ship(4)
    # That of the notice, which is above the one of the line.
    button = open_order(scene, "buyer", PURCHASE, link.purchase, CLOSE_BUTTON)
    link.ship()
    yield {"order": link.purchase_name}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "PurchaseOrder._unlink_except_drop_shipment_received")
def delete_shipped(scene):
    link = Link(scene)
    link.ship(6)
    link.buyer("button_cancel")
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    buyer.page.click(".o_cp_action_menus button")
    yield {
        "line": link.purchase_line,
        "quantity": "6 Units",
        "sale": link.sale_name,
    }
    press_and_confirm(buyer, buyer.page.get_by_role("menuitem", name="Delete"))
