"""Set to Draft, and links written by hand."""

from harness.shop import command_create
from tests.errors.case import error
from tests.errors.scene import (
    PURCHASE,
    PURCHASE_LINE,
    SALE,
    SALE_LINE,
    Link,
    cancelled,
    open_form,
    open_order,
    set_to_draft,
    stool,
)


@error("buyer", "DropShipmentFreeze._check_may_leave_confirmed")
def reopen_confirmed(scene):
    """Another buyer reopened and confirmed the order while the page was open."""
    link = cancelled(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_draft")
    link.buyer("button_draft")
    link.buyer("button_confirm")
    yield {"order": link.purchase_name, "sale": link.sale_name}
    button.click()


NO_LINK = "DropShipmentLink._check_links:2"


@error("buyer", NO_LINK, reason="DropShipmentLink._get_order_refusal:2")
def reopen_cancelled_sale(scene):
    link = cancelled(scene)
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    yield from set_to_draft(scene, link)


@error("buyer", NO_LINK, reason="DropShipmentLink._get_order_refusal:4")
def reopen_other_customer(scene):
    link = cancelled(scene)
    sales = scene.people["sales"]
    sales.call(SALE, "action_cancel", link.sale)
    sales.call(SALE, "action_draft", link.sale)
    sales.write(SALE, link.sale, partner_id=scene.everyday.customer)
    sales.call(SALE, "action_confirm", link.sale)
    yield from set_to_draft(scene, link)


@error("buyer", NO_LINK, reason="DropShipmentLink._get_address_refusal:2")
def reopen_other_address(scene):
    """One of two sales orders is shipped elsewhere now."""
    shop = scene.shop()
    link = Link(scene, shop=shop, ordered=False)
    link.order(confirm=False)
    shop.fetch(link.purchase, shop.sale())
    link.buyer("button_cancel")
    elsewhere = shop.address("Elsewhere", shop.customer)
    scene.people["sales"].write(SALE, link.sale, partner_shipping_id=elsewhere)
    yield from set_to_draft(scene, link)


@error("buyer", NO_LINK, reason="DropShipmentLink._get_line_refusal:1")
def reopen_other_product(scene):
    link = cancelled(scene)
    scene.people["sales"].write(
        SALE_LINE,
        link.sale_line_id,
        product_id=scene.facts["desk"],
        drop_shipment=True,
    )
    yield from set_to_draft(scene, link)


@error(
    "buyer",
    "DropShipmentLink._get_ticked_refusal",
    raised="ValidationError",
    reason="DropShipmentLink._get_tick_refusals:2",
)
def reopen_service(scene):
    """The product became a service after the order was cancelled."""
    product = stool(scene)
    link = Link(scene, ("Stool", 1), shop=scene.shop(), confirm=False)
    link.buyer("button_cancel")
    scene.admin.write("product.product", product, type="service")
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    yield {"line": f"{link.sale_name}, line 1 (Stool)"}
    buyer.button("button_draft").click()


@error("buyer", NO_LINK, reason="DropShipmentLink._get_line_refusal:2")
def reopen_other_unit(scene):
    link = cancelled(scene)
    (hours,) = scene.admin.search("uom.uom", ["name", "=", "Hours"])
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, product_uom_id=hours)
    yield from set_to_draft(scene, link)


@error(
    "buyer",
    NO_LINK,
    reason="DropShipmentLink._get_line_refusal:3",
    api="The field is on no screen.",
)
def link_received(scene):
    """An order for own stock, received in part, cancelled and set to draft."""
    shop = scene.everyday
    sale = shop.sale()
    like = Link(scene, confirm=False)
    admin, buyer = scene.admin, scene.people["buyer"]
    purchase = buyer.create(
        PURCHASE,
        partner_id=scene.facts["vendor"],
        order_line=[command_create(product_id=scene.facts["chair"], product_qty=8)],
    )
    buyer.call(PURCHASE, "button_confirm", purchase)
    (transfer,) = admin.read(PURCHASE, purchase, "picking_ids")
    (move,) = admin.read("stock.picking", transfer, "move_ids")
    admin.write("stock.move", move, quantity=3, picked=True)
    admin.call(
        "stock.picking", "button_validate", transfer, context={"skip_backorder": True}
    )
    buyer.call(PURCHASE, "button_cancel", purchase)
    buyer.call(PURCHASE, "button_draft", purchase)
    line = shop.line(PURCHASE, purchase)
    buyer.write(
        PURCHASE,
        purchase,
        sell_to_customer_id=buyer.read(PURCHASE, like.purchase, "sell_to_customer_id")[
            0
        ],
        picking_type_id=buyer.read(PURCHASE, like.purchase, "picking_type_id")[0],
        dest_address_id=buyer.read(PURCHASE, like.purchase, "dest_address_id")[0],
    )
    yield {
        "line": f"{scene.name(PURCHASE, purchase)}, line 1 (Oak Chair)",
        "sale": scene.name(SALE, sale),
    }
    buyer.write(PURCHASE_LINE, line, sale_line_id=shop.line(SALE, sale))


@error("buyer", NO_LINK, reason="DropShipmentLink._get_address_refusal:1")
def reopen_other_operation_type(scene):
    """A program has changed it; the field is read-only on cancelled orders."""
    link = cancelled(scene)
    (receipts,) = scene.admin.search(
        "stock.picking.type",
        ["code", "=", "incoming"],
        ["company_id", "=", scene.facts["company"]],
    )
    scene.people["buyer"].write(PURCHASE, link.purchase, picking_type_id=receipts)
    yield from set_to_draft(scene, link)


@error("buyer", "DropShipmentFreeze._check_may_reopen")
def reopen_what_ships_from_stock(scene):
    link = cancelled(scene)
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, drop_shipment=False)
    yield from set_to_draft(scene, link)


BY_HAND = "No screen has the field."


def link_by_hand(scene, purchase, position):
    """The buyer adds a line to a purchase order, linked to what is to order."""
    link = scene.to_order
    yield {
        "line": f"{scene.name(PURCHASE, purchase)}, line {position} (Oak Chair)",
        "sale": link.sale_name,
    }
    scene.people["buyer"].create(
        PURCHASE_LINE,
        order_id=purchase,
        product_id=scene.facts["chair"],
        product_qty=1,
        sale_line_id=link.sale_line_id,
    )


@error("buyer", NO_LINK, reason="DropShipmentLink._get_order_refusal:1", api=BY_HAND)
def link_confirmed(scene):
    link = scene.ordered
    yield from link_by_hand(scene, link.purchase, 2)


@error("admin", "DropShipmentLink._check_links:1", api=BY_HAND)
def link_other_company(scene):
    company = scene.facts["other_company"]
    other = {"allowed_company_ids": [company]}
    sale = scene.everyday.sale(user="admin", company_id=company, context=other)
    yield {
        "line": f"{scene.requested.purchase_name}, line 2 (Oak Chair)",
    }
    scene.admin.create(
        PURCHASE_LINE,
        order_id=scene.requested.purchase,
        product_id=scene.facts["chair"],
        product_qty=1,
        sale_line_id=scene.everyday.line(SALE, sale),
    )


@error("buyer", NO_LINK, reason="DropShipmentLink._get_order_refusal:3", api=BY_HAND)
def link_without_customer(scene):
    purchase = scene.everyday.rfq(sell_to_customer_id=False)
    yield from link_by_hand(scene, purchase, 1)
