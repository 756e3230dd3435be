"""Invoice order: the customer's invoice comes before the vendor's bill."""

from tests.errors.case import error
from tests.errors.scene import MOVE, SALE, Link, open_order

INVOICE_FIRST = "DropShipmentBillControl._get_early_message"
AHEAD = "DropShipmentBillControl._get_excess_message"


@error(
    "accountant",
    INVOICE_FIRST,
    lead="DropShipmentBillControl._get_invoice_first_message:2",
    details=AHEAD,
)
def bill_before_invoice(scene):
    link = scene.shipped
    button = open_order(scene, "accountant", MOVE, link.bill, "action_post")
    yield {"sale": link.sale_name, "line": link.line, "quantity": "10 Units"}
    button.click()


@error(
    "accountant",
    INVOICE_FIRST,
    lead="DropShipmentBillControl._get_reopen_message",
    details=AHEAD,
)
def bill_of_a_cancelled_sale(scene):
    """Core cancels orders of which all is shipped and nothing invoiced."""
    link = Link(scene)
    link.ship()
    bill = link.shop.bill(link.purchase)
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    button = open_order(scene, "accountant", MOVE, bill, "action_post")
    yield {"sales": link.sale_name, "line": link.line, "quantity": "10 Units"}
    button.click()


@error("accountant", "DropShipmentBillControl._get_refusal:1", details=AHEAD)
def bill_on_the_wrong_line(scene):
    """Both chairs' lines were billed on the first one."""
    link = Link(scene, ("chair", 5), ("chair", 7))
    link.ship()
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    first, second = sorted(scene.admin.read(MOVE, bill, "invoice_line_ids"))
    scene.admin.write("account.move.line", first, quantity=12)
    scene.admin.write("account.move.line", second, quantity=0)
    button = open_order(scene, "accountant", MOVE, bill, "action_post")
    yield {"line": link.line, "quantity": "7 Units"}
    button.click()


@error("accountant", "DropShipmentBillControl._get_refusal:2", details=AHEAD)
def bill_more_than_sold(scene):
    """All that was sold is invoiced, so no invoice could be made first."""
    link = Link(scene, ("chair", 5))
    link.ship()
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    [line] = scene.admin.read(MOVE, bill, "invoice_line_ids")
    scene.admin.write("account.move.line", line, quantity=8)
    button = open_order(scene, "accountant", MOVE, bill, "action_post")
    yield {"line": link.line, "quantity": "3 Units"}
    button.click()


@error("accountant", "DropShipmentBillControl._get_refusal:3", details=AHEAD)
def bill_of_what_own_stock_keeps(scene):
    """What the customer keeps is invoiced, so no invoice could be made first."""
    link = Link(scene)
    link.ship()
    link.take_back(2, destination="stock")
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    button = open_order(scene, "accountant", MOVE, bill, "action_post")
    yield {"line": link.line, "quantity": "2 Units"}
    button.click()


@error("accountant", "DropShipmentBillControl._get_crediting_refusal", details=AHEAD)
def invoice_of_what_came_back(scene):
    """What the vendor has billed takes a credit note."""
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    scene.people["accountant"].call(MOVE, "action_post", bill)
    lines = [
        {"name": "Chairs that came back", "quantity": -3, "price_unit": 20},
        {"name": "Desks", "quantity": 1, "price_unit": 100},
    ]
    lines[0]["sale_line_ids"] = [[4, link.sale_line_id]]
    (customer, *_) = scene.admin.read(SALE, link.sale, "partner_id")
    invoice = scene.admin.create(
        MOVE,
        move_type="out_invoice",
        partner_id=customer,
        invoice_line_ids=[[0, 0, line] for line in lines],
    )
    button = open_order(scene, "accountant", MOVE, invoice, "action_post")
    yield {
        "invoices": scene.admin.read(MOVE, invoice, "display_name"),
        "line": link.line,
        "quantity": "3 Units",
    }
    button.click()


@error("accountant", INVOICE_FIRST, details=AHEAD, where=".alert-danger")
def alert_on_bill(scene):
    link = scene.shipped
    scene.desk("accountant").show(MOVE, link.bill)
    yield {"line": link.line, "quantity": "10 Units"}


@error("accountant", "DropShipmentBillControl._get_taking_back_refusal", details=AHEAD)
def invoice_to_draft_after_bill(scene):
    link = Link(scene)
    link.ship()
    invoice = link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    scene.people["accountant"].call(MOVE, "action_post", bill)
    button = open_order(scene, "accountant", MOVE, invoice, "button_draft")
    yield {
        "invoices": scene.name(MOVE, invoice),
        "line": link.line,
        "quantity": "10 Units",
    }
    button.click()
