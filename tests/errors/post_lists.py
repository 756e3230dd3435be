"""Post from the list of sales, and Send from the list of purchase orders."""

from harness.browser import set_cell
from tests.errors.case import error
from tests.errors.scene import (
    JOBS,
    PURCHASE,
    REPORT,
    SALE,
    SALE_LINE,
    Link,
    open_dialog,
    press,
)


def open_list(scene, *links):
    """Choose lines in the list of sales, and Post."""
    sales = scene.desk("sales")
    sales.show(REPORT, *(link.sale_line_id for link in links), view="list")
    sales.page.click(".o_list_view thead .o_list_record_selector input")
    return sales, sales.button("action_post")


def post_beside(scene, link, **values):
    """Post a line together with one that can be posted: it is left out."""
    _sales, button = open_list(scene, scene.ordered, link)
    yield values
    button.click()


@error("sales", "DropShipmentPostingCheck._get_line_refusal:2", where=JOBS)
def post_many_not_ordered(scene):
    yield from post_beside(scene, scene.to_order)


@error("sales", "DropShipmentPostingCheck._get_line_refusal:3", where=JOBS)
def post_many_on_a_request(scene):
    link = scene.requested
    yield from post_beside(scene, link, purchase=link.purchase_name)


@error("sales", "DropShipmentPostingCheck._get_line_refusal:4", where=JOBS)
def post_many_stranded(scene):
    link = Link(scene)
    link.cancel_transfer()
    yield from post_beside(scene, link)


@error("sales", "DropShipmentPostingCheck._get_line_refusal:5", where=JOBS)
def post_many_shipped(scene):
    yield from post_beside(scene, scene.shipped)


@error("sales", "DropShipmentPostingCheck._get_line_refusal:1", where=JOBS)
def post_many_with_zero(scene):
    link = Link(scene)
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, qty_to_ship=0)
    yield from post_beside(scene, link)


@error("sales", "DropShipmentPostingCheck._get_unreported_refusal", where=JOBS)
def post_many_not_reported(scene):
    link = Link(scene, ("chair", 10), ("desk", 2))
    link.report("Pine Desk")
    yield from post_beside(scene, link, order=link.sale_name)


@error("sales", "DropShipmentReport.action_post")
def post_many_of_nothing(scene):
    first, second = Link(scene, ordered=False), Link(scene)
    second.ship()
    _sales, button = open_list(scene, first, second)
    yield {
        "reasons": f"{first.sale_name} Oak Chair: It is not ordered yet.\n"
        f"{second.sale_name} Oak Chair: Nothing is left to ship."
    }
    button.click()


@error(
    "sales",
    "DropShipmentReport.write",
    api="No other column of the list can be edited.",
)
def write_in_the_list(scene):
    yield {"field": "Outstanding"}
    scene.people["sales"].write(REPORT, scene.ordered.sale_line_id, qty_outstanding=3)


def send_many(scene, *purchases):
    """Choose purchase orders in their list, and send them to the vendors."""
    buyer = scene.desk("buyer")
    buyer.show(PURCHASE, *purchases, view="list")
    buyer.page.click(".o_list_view thead .o_list_record_selector input")
    buyer.page.get_by_role("button", name="Actions").click()
    menu = buyer.page.locator(".o-dropdown--menu")
    return menu.get_by_text("Send Drop Shipments to Vendors", exact=True)


@error("buyer", "DropShipmentSending._get_refusal:2", where=JOBS)
def send_many_cancelled(scene):
    link = Link(scene, confirm=False)
    link.buyer("button_cancel")
    button = send_many(scene, scene.requested.purchase, link.purchase)
    yield {}
    button.click()


@error("buyer", "DropShipmentSending._get_refusal:3", where=JOBS)
def send_many_waiting(scene):
    company = scene.admin.search("res.company")[:1]
    rule = {"po_double_validation": "two_step", "po_double_validation_amount": 1}
    scene.admin.write("res.company", company, **rule)
    link = Link(scene, confirm=False)
    link.buyer("button_confirm")
    scene.admin.write("res.company", company, po_double_validation="one_step")
    button = send_many(scene, scene.requested.purchase, link.purchase)
    yield {}
    button.click()


@error("buyer", "DropShipmentSending._get_refusal:1", where=JOBS)
def send_many_ordinary(scene):
    ordinary = scene.people["buyer"].create(PURCHASE, partner_id=scene.facts["vendor"])
    button = send_many(scene, scene.requested.purchase, ordinary)
    yield {}
    button.click()


@error("buyer", "DropShipmentSending._get_refusal:4", where=JOBS)
def send_many_without_address(scene):
    vendor = scene.admin.create("res.partner", name="Vendor Without Address")
    link = Link(scene, confirm=False)
    scene.people["buyer"].write(PURCHASE, link.purchase, partner_id=vendor)
    button = send_many(scene, scene.requested.purchase, link.purchase)
    yield {"vendor": "Vendor Without Address"}
    button.click()


@error(
    "buyer",
    "DropShipmentSending._send",
    reason="DropShipmentSending._get_refusal:2",
    api="The list leaves it out before anything is sent.",
)
def send_cancelled(scene):
    link = Link(scene, confirm=False)
    link.buyer("button_cancel")
    yield {"order": link.purchase_name}
    scene.people["buyer"].call(
        PURCHASE, "send_drop_shipment", purchase_order_id=link.purchase
    )


@error("buyer", "DropShipmentSending._get_action")
def send_many_of_nothing(scene):
    link = Link(scene, confirm=False)
    link.buyer("button_cancel")
    button = send_many(scene, link.purchase)
    yield {"reasons": f"{link.purchase_name}: It is cancelled."}
    button.click()


@error("sales", "DropShipmentLots._check_complete", where=JOBS)
def post_many_with_lots(scene):
    scene.product("Lot Chair", is_storable=True, tracking="lot")
    link = Link(scene, ("Lot Chair", 2))
    sales, button = open_list(scene, link)
    button.click()
    yield {
        "line": f"{link.sale_name}, line 1 (Lot Chair)",
        "order": link.sale_name,
    }
    sales.dialog.get_by_role("button", name="Post", exact=True).click()


@error("sales", "DropShipmentLots._parse")
def post_another_number_of_serials(scene):
    scene.product("Serial Chair", is_storable=True, tracking="serial")
    link = Link(scene, ("Serial Chair", 2))
    sales = open_dialog(scene, "sales", SALE, link.sale)
    set_cell(sales, "Serial Chair", "lot_names", "SN-1")
    yield {
        "line": f"{link.sale_name}, line 1 (Serial Chair)",
        "entered": "1 Units",
        "posted": "2 Units",
    }
    press(sales, "action_post")
