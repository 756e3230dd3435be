"""Invoice order: the customer's invoice comes before the vendor's bill."""

from tests.errors.case import error
from tests.errors.scene import MOVE, Link, open_order

INVOICE_FIRST = (
    "Vendor bills would be ahead of the posted customer invoices: %(details)s."
)
AHEAD = "%(quantity)s on %(line)s"


@error(
    "accountant",
    INVOICE_FIRST,
    lead="Invoice sales order %(sale)s first.",
    details=AHEAD,
)
def bill_before_invoice(scene):
    link = scene.shipped
    button = open_order(scene, "accountant", MOVE, link.bill, "action_post")
    yield {"sale": link.sale_name, "line": link.line, "quantity": "10 Units"}
    button.click()


@error(
    "accountant",
    "Vendor bills would bill more than was sold and invoiced: %(details)s. Match the "
    "bill line with another purchase order line of the product, or correct its "
    "quantity.",
    details=AHEAD,
)
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


@error(
    "accountant",
    "Vendor bills would bill more than was sold and invoiced: %(details)s. Correct the "
    "quantity on the bill, or raise it on the sales order and invoice it first.",
    details=AHEAD,
)
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


@error(
    "accountant",
    INVOICE_FIRST,
    details=AHEAD,
    where=".alert-danger",
)
def alert_on_bill(scene):
    link = scene.shipped
    scene.desk("accountant").show(MOVE, link.bill)
    yield {"sale": link.sale_name, "line": link.line, "quantity": "10 Units"}


@error(
    "accountant",
    "%(invoices)s can't be taken back, as vendor bills would be ahead of the posted "
    "customer invoices: %(details)s. Make a credit note, or take the vendor bills back "
    "first.",
    details=AHEAD,
)
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
