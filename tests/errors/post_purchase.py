"""Post, from the purchase order."""

from harness.browser import set_cell
from harness.shop import POST
from tests.errors.case import error
from tests.errors.scene import (
    PURCHASE,
    PURCHASE_LINE,
    SALE,
    Link,
    open_dialog,
    open_order,
    press,
)


@error("buyer", "DropShipmentPostingCheck._get_purchase_refusal:1")
def post_purchase_without_drop_shipment(scene):
    """The line was unlinked while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase)
    link.buyer("button_cancel")
    link.buyer("button_draft")
    link.buyer("action_unlink_drop_shipment", PURCHASE_LINE)
    yield {"order": link.purchase_name}
    button.click()


@error("buyer", "DropShipmentPostingCheck._get_purchase_refusal:2")
def post_purchase_not_confirmed(scene):
    """Another buyer reopened the order while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase)
    link.buyer("button_cancel")
    link.buyer("button_draft")
    yield {"order": link.purchase_name}
    button.click()


@error("buyer", "DropShipmentPostingCheck._get_purchase_refusal:3")
def post_purchase_with_cancelled_transfer(scene):
    """The warehouse cancelled the transfer while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase)
    link.cancel_transfer()
    yield {"order": link.purchase_name, "lines": link.purchase_line}
    button.click()


@error("buyer", "DropShipmentPostingCheck._get_purchase_refusal:4")
def post_purchase_done(scene):
    """The last bill was made while the page was open."""
    link = Link(scene)
    link.ship()
    button = open_order(scene, "buyer", PURCHASE, link.purchase)
    link.shop.bill(link.purchase)
    yield {"order": link.purchase_name}
    button.click()


@error(
    "buyer",
    "DropShipmentPostingCheck._check_quantity",
    field="DropShipmentPostingCheck._get_words_of_error:1",
)
def receive_too_much(scene):
    link = scene.ordered
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "quantity", 11)
    yield {
        "line": link.purchase_line,
        "quantity": "11 Units",
        "outstanding": "10 Units",
    }
    press(buyer, "action_post")


@error("buyer", "DropShipmentPostingCheck._get_gone_error")
def receive_what_has_been_received(scene):
    """Sales has posted one of the lines while the dialog was open."""
    link = Link(scene, ("chair", 10), ("desk", 2))
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    sales = scene.people["sales"]
    dialog = sales.create(POST, sale_order_id=link.sale, option="ship")
    rows = sales.read(POST, dialog, "line_ids")
    sales.write(f"{POST}.line", rows[1], quantity=0)
    sales.call(POST, "action_post", dialog)
    yield {"line": link.line, "order": link.purchase_name}
    press(buyer, "action_post")


@error("buyer", "DropShipmentPostingCheck._get_option_refusal")
def receive_what_sales_has_shipped(scene):
    """Sales has posted everything while the dialog was open."""
    link = Link(scene)
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    link.ship()
    yield {"order": link.purchase_name}
    press(buyer, "action_post")


@error("buyer", "DropShipmentBillControl._get_invoice_first_message:2")
def receive_and_invoice_more_than_invoiced(scene):
    """The customer got an invoice of four, and now six are entered."""
    link = scene.partly
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "quantity", 0)
    # Leaving the field asks the server again which options there are.
    buyer.dialog.locator(".modal-title").click()
    buyer.dialog.get_by_label("Receive and Invoice", exact=True).check()
    set_cell(buyer, "Oak Chair", "quantity", 6)
    yield {"sale": link.sale_name}
    press(buyer, "action_post")


@error("buyer", "DropShipmentPostingCheck._get_bill_refusal")
def invoice_what_is_billed(scene):
    """Another buyer has made the bill while the dialog was open."""
    link = Link(scene)
    link.ship(4)
    link.shop.invoice(link.sale)
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    buyer.dialog.get_by_label("Invoice", exact=True).check()
    link.shop.bill(link.purchase)
    yield {"order": link.purchase_name}
    press(buyer, "action_post")


@error("buyer", "DropShipmentPostingCheck._get_option_refusal", where=".o_dialog")
def option_receive_is_disabled(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    open_dialog(scene, "buyer", PURCHASE, link.purchase)
    yield {"order": link.purchase_name}


@error(
    "buyer", "DropShipmentBillControl._get_invoice_first_message:2", where=".o_dialog"
)
def option_invoice_is_disabled(scene):
    link = scene.ordered
    open_dialog(scene, "buyer", PURCHASE, link.purchase)
    yield {"sale": link.sale_name}


@error(
    "buyer", "DropShipmentBillControl._get_invoice_first_message:1", where=".o_dialog"
)
def option_invoice_of_two_sales_orders_is_disabled(scene):
    shop = scene.everyday
    sales = [shop.sale(), shop.sale()]
    purchase = shop.purchase(*sales)
    open_dialog(scene, "buyer", PURCHASE, purchase)
    yield {"sales": ", ".join(scene.name(SALE, sale) for sale in sales)}


@error("buyer", "DropShipmentPost._check_reported_seen")
def post_while_the_vendor_reports(scene):
    link = Link(scene)
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    link.report()
    yield {"order": link.purchase_name}
    press(buyer, "action_post")


@error("buyer", "DropShipmentPost._compute_reported_notice:2", where=".o_dialog")
def post_what_was_reported(scene):
    link = Link(scene)
    link.report()
    open_dialog(scene, "buyer", PURCHASE, link.purchase)
    yield {}


@error("buyer", "DropShipmentPost._compute_reported_notice:1", where=".o_dialog")
def post_what_was_reported_of_two(scene):
    shop = scene.everyday
    purchase = shop.purchase(shop.sale(), shop.sale())
    admin = scene.admin
    transfers = admin.read(PURCHASE, purchase, "picking_ids")
    moves = admin.search("stock.move", ["picking_id", "in", transfers])
    admin.write("stock.move", moves, picked=True)
    admin.write(
        "stock.picking", transfers, drop_shipment_reported="2026-01-15 12:00:00"
    )
    open_dialog(scene, "buyer", PURCHASE, purchase)
    yield {}
