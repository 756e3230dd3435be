"""The linked order: from one to the other."""

from playwright.sync_api import expect

from harness.shop import command_create
from tests.errors.case import error
from tests.errors.scene import PURCHASE, PURCHASE_LINE, REPORT, SALE, Link, open_order

NOT_ORDERED = "DropShipmentOrdering._get_linked_orders_action"


@error("trader", NOT_ORDERED)
def view_purchase_order_that_is_gone(scene):
    """The buyer unlinked the line while the page was open."""
    link = Link(scene, confirm=False)
    scene.admin.write(SALE, link.sale, user_id=scene.facts["users"]["trader"]["id"])
    button = open_order(
        scene, "trader", SALE, link.sale, "action_view_drop_shipment_purchase"
    )
    link.buyer("action_unlink_drop_shipment", PURCHASE_LINE)
    yield {"lines": link.line}
    button.click()


@error(
    "buyer",
    "PurchaseOrderLine.action_view_drop_shipment_sale",
    api="The button is on linked lines only, and a line keeps its link.",
)
def view_sales_order_of_other_line(scene):
    purchase = scene.everyday.rfq(
        order_line=[command_create(product_id=scene.facts["chair"], product_qty=1)]
    )
    line_id = scene.everyday.line(PURCHASE, purchase)
    yield {"lines": f"{scene.name(PURCHASE, purchase)}, line 1 (Oak Chair)"}
    scene.people["buyer"].call(PURCHASE_LINE, "action_view_drop_shipment_sale", line_id)


@error("buyer", NOT_ORDERED)
def view_purchase_order_from_list(scene):
    """The line was unlinked while the list was open."""
    link = Link(scene, confirm=False)
    buyer = scene.desk("buyer")
    buyer.show(REPORT, link.sale_line_id, view="list")
    button = buyer.button("action_view_purchase")
    expect(button).to_be_visible()
    link.buyer("action_unlink_drop_shipment", PURCHASE_LINE)
    yield {"lines": link.line}
    button.click()
