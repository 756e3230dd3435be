"""Create Purchase Orders."""

from playwright.sync_api import expect

from harness.browser import set_cell
from tests.errors.case import error
from tests.errors.scene import REPORT, SALE, Link, press


def open_create(scene, link):
    """Choose the line in the list of the buyers and Create Purchase Orders."""
    buyer = scene.desk("buyer")
    buyer.show(REPORT, link.sale_line_id, view="list")
    buyer.page.click(".o_data_row .o_list_record_selector input")
    return buyer, buyer.button("action_create_purchases")


@error("buyer", "DropShipmentCreatePurchase._get_dialog_action")
def create_purchases_of_ordered(scene):
    _buyer, button = open_create(scene, scene.ordered)
    yield {}
    button.click()


@error("buyer", "DropShipmentOrdering._check_vendors")
def create_purchases_without_vendor(scene):
    scene.product("Orphan Chair", is_storable=True)
    link = Link(scene, ("Orphan Chair", 1), ordered=False)
    buyer, button = open_create(scene, link)
    button.click()
    expect(buyer.dialog.locator(".modal-footer .btn-primary")).to_be_visible()
    yield {"products": "Orphan Chair"}
    press(buyer, "action_create_purchases")


@error("buyer", "DropShipmentOrdering._check_quantity:2")
def create_purchases_of_too_much(scene):
    link = scene.to_order
    buyer, button = open_create(scene, link)
    button.click()
    expect(buyer.dialog).to_contain_text("To Order")
    set_cell(buyer, "Oak Chair", "quantity", 11)
    yield {"line": link.line, "quantity": "11 Units", "left": "10 Units"}
    press(buyer, "action_create_purchases")


@error("buyer", "DropShipmentOrdering._check_quantity:1")
def create_purchases_of_what_has_been_ordered(scene):
    """A colleague has ordered it while the dialog was open."""
    link = Link(scene, ordered=False)
    buyer, button = open_create(scene, link)
    button.click()
    expect(buyer.dialog).to_contain_text("To Order")
    link.order()
    yield {"line": link.line}
    press(buyer, "action_create_purchases")


@error("buyer", "DropShipmentCreatePurchase.action_create_purchases")
def create_purchases_of_zero(scene):
    buyer, button = open_create(scene, scene.to_order)
    button.click()
    expect(buyer.dialog).to_contain_text("To Order")
    set_cell(buyer, "Oak Chair", "quantity", 0)
    yield {}
    press(buyer, "action_create_purchases")


@error(
    "admin",
    "DropShipmentOrdering._check_may_create",
    api="Lists and orders are those of the companies that are switched on.",
)
def create_purchases_of_other_company(scene):
    company = scene.facts["other_company"]
    other = {"allowed_company_ids": [company]}
    sale = scene.everyday.sale(user="admin", company_id=company, context=other)
    yield {}
    scene.admin.call(
        SALE,
        "action_create_drop_shipment_purchases",
        sale,
        context={"allowed_company_ids": [scene.facts["company"]]},
    )
