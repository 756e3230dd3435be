"""What is to be done, above the orders."""

from playwright.sync_api import expect

from harness.shop import command_create
from tests.errors.case import error
from tests.errors.scene import (
    MOVE,
    PURCHASE,
    PURCHASE_LINE,
    SALE,
    Link,
    open_form,
    open_order,
)

NOTICE = ".alert[data-alert]"


@error("sales", "DropShipmentNotices._get_sale_notices:1", where=NOTICE)
def notice_to_order(scene):
    scene.desk("sales").show(SALE, scene.to_order.sale)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_sale_notices:2", where=NOTICE)
def notice_late_sale(scene):
    link = Link(scene)
    link.promise_past_day()
    scene.people["buyer"].write(
        PURCHASE_LINE, link.purchase_line_id, date_planned="2026-01-20 12:00:00"
    )
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair", "date": "01/20/2026"}


@error("sales", "DropShipmentNotices._get_sale_notices:3", where=NOTICE)
def notice_late_and_not_ordered(scene):
    link = Link(scene, ordered=False)
    link.promise_past_day()
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_invoice_notice:2", where=NOTICE)
def notice_shipped(scene):
    link = scene.shipped
    scene.desk("sales").show(SALE, link.sale)
    yield {}


@error("sales", "DropShipmentNotices._get_invoice_notice:1", where=NOTICE)
def notice_bill_before_anything_is_shipped(scene):
    """Invoiced and billed by the order; the bill waits as a draft."""
    scene.product(
        "Prepaid Chair",
        is_storable=True,
        invoice_policy="order",
        purchase_method="purchase",
    )
    link = Link(scene, ("Prepaid Chair", 10))
    link.shop.bill(link.purchase)
    scene.desk("sales").show(SALE, link.sale)
    yield {}


@error("sales", "DropShipmentNotices._get_sale_invoice_notices", where=NOTICE)
def notice_cancelled_after_a_part(scene):
    link = Link(scene)
    link.ship(4)
    link.buyer("action_close_drop_shipment_remainder")
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("buyer", "DropShipmentNotices._get_purchase_notices:1", where=NOTICE)
def notice_late_purchase(scene):
    link = Link(scene)
    link.promise_past_day()
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error("buyer", "DropShipmentNotices._get_purchase_notices:3", where=NOTICE)
def notice_partly_shipped(scene):
    link = scene.partly
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_sale_notices:4", where=NOTICE)
def notice_partly_shipped_sale(scene):
    scene.desk("sales").show(SALE, scene.partly.sale)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_reported_notices", where=NOTICE)
def notice_reported(scene):
    link = Link(scene)
    link.report()
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("buyer", "DropShipmentNotices._get_purchase_notices:2", where=NOTICE)
def notice_declined(scene):
    link = Link(scene)
    link.decline()
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "4 Units of Oak Chair (Sold out)"}


@error("sales", "DropShipmentNotices._get_sale_vendor_notices", where=NOTICE)
def notice_declined_sale(scene):
    link = Link(scene)
    link.decline()
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "4 Units of Oak Chair (Sold out)"}


@error("buyer", "DropShipmentNotices._get_purchase_return_notices:1", where=NOTICE)
def notice_stranded(scene):
    link = Link(scene)
    link.cancel_transfer()
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_sale_return_notices:1", where=NOTICE)
def notice_nobody_waits_for(scene):
    link = Link(scene)
    link.ship()
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    link.send_back(10)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_sale_return_notices:2", where=NOTICE)
def notice_stranded_sale(scene):
    link = Link(scene)
    link.cancel_transfer()
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("buyer", "DropShipmentNotices._get_purchase_return_notices:2", where=NOTICE)
def notice_refund(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    scene.people["accountant"].call(MOVE, "action_post", bill)
    link.send_back(3)
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error("buyer", "DropShipmentNotices._get_purchase_return_notices:3", where=NOTICE)
def notice_draft_bill_has_more(scene):
    link = Link(scene)
    link.ship()
    link.shop.bill(link.purchase)
    link.send_back(3)
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_sale_credit_notices:2", where=NOTICE)
def notice_draft_invoice_has_more(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale, post=False)
    link.send_back(3)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_sale_credit_notices:1", where=NOTICE)
def notice_credit(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    link.send_back(3)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("buyer", "DropShipmentNotices._get_own_delivery_notice", where=NOTICE)
def notice_delivered_to_us(scene):
    shop = scene.everyday
    purchase = shop.rfq(
        order_line=[command_create(product_id=scene.facts["chair"], product_qty=1)]
    )
    scene.desk("buyer").show(PURCHASE, purchase)
    yield {
        "customer": scene.admin.read("res.partner", shop.customer, "display_name"),
        "products": "Oak Chair",
    }


@error("buyer", "DropShipmentNotices._get_purchase_bill_notices:2", where=NOTICE)
def notice_bill_waits(scene):
    link = Link(scene)
    link.ship()
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"sale": link.sale_name}


@error("buyer", "DropShipmentNotices._get_purchase_bill_notices:1", where=NOTICE)
def notice_bill_waits_for_two(scene):
    shop = scene.everyday
    sales = [shop.sale(), shop.sale()]
    purchase = shop.purchase(*sales)
    shop.post(PURCHASE, purchase, "receive")
    scene.desk("buyer").show(PURCHASE, purchase)
    yield {"sales": ", ".join(scene.name(SALE, sale) for sale in sales)}


@error("buyer", "DropShipmentNotices._get_purchase_bill_notices:3", where=NOTICE)
def notice_draft_bill(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    link.shop.bill(link.purchase)
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


def billed(scene):
    """Shipped, invoiced and billed, all of it posted; with the invoice."""
    link = Link(scene)
    link.ship()
    invoice = link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    scene.people["accountant"].call(MOVE, "action_post", bill)
    return link, invoice


@error("buyer", "DropShipmentNotices._get_purchase_bill_notices:4", where=NOTICE)
def notice_draft_refund(scene):
    link, _invoice = billed(scene)
    link.send_back(3)
    link.shop.bill(link.purchase)
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_sale_draft_notice:3", where=NOTICE)
def notice_draft_credit_note(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    link.send_back(3)
    link.shop.invoice(link.sale, post=False)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_sale_draft_notice:1", where=NOTICE)
def notice_draft_invoice_before_bill(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale, post=False)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentNotices._get_invoice_notice:3", where=NOTICE)
def notice_to_invoice_again(scene):
    """The invoice was credited, and the vendor has been billed."""
    link, invoice = billed(scene)
    link.shop.credit(invoice)
    scene.desk("sales").show(SALE, link.sale)
    yield {}


@error("sales", "DropShipmentNotices._get_sale_draft_notice:2", where=NOTICE)
def notice_draft_invoice(scene):
    link, invoice = billed(scene)
    link.shop.credit(invoice)
    link.shop.invoice(link.sale, post=False)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("sales", "DropShipmentMail._check_late")
def tell_of_no_delay(scene):
    """The vendor shipped while the page was open."""
    link = Link(scene)
    link.promise_past_day()
    button = open_order(
        scene, "sales", SALE, link.sale, "action_tell_drop_shipment_delay"
    )
    link.shop.post(PURCHASE, link.purchase, "receive")
    yield {"order": link.sale_name}
    button.click()


@error("buyer", "DropShipmentMail._check_late")
def remind_of_no_delay(scene):
    """Sales posted everything while the page was open."""
    link = Link(scene)
    link.promise_past_day()
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    button = buyer.alert("late").locator("[name='action_rfq_send']")
    expect(button).to_be_visible()
    link.ship()
    yield {"order": link.purchase_name}
    button.click()


@error(
    "sales",
    "DropShipmentMail._get_all_shipped_action",
    api="Send Shipment is shown once something is shipped.",
)
def send_no_shipment(scene):
    link = Link(scene)
    yield {"order": link.sale_name}
    scene.people["sales"].call(SALE, "action_send_drop_shipment", link.sale)


@error("accountant", "PurchaseOrder.action_view_drop_shipment_unbillable")
def view_invoiced_sale(scene):
    """Sales invoiced the customer while the page was open."""
    link = Link(scene)
    link.ship()
    button = open_order(
        scene,
        "accountant",
        PURCHASE,
        link.purchase,
        "action_view_drop_shipment_unbillable",
    )
    link.shop.invoice(link.sale)
    yield {"order": link.purchase_name}
    button.click()
