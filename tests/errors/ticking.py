"""Sales order: Drop Shipment is ticked, or its box is taken out."""

from harness.browser import set_cell, show_column, tick_cell
from harness.shop import command_create
from tests.errors.case import error
from tests.errors.scene import (
    PURCHASE,
    PURCHASE_LINE,
    SALE,
    SALE_LINE,
    Link,
    open_form,
    press_save,
)

UNTICKABLE = "SaleOrderLine._check_drop_shipment"


@error("sales", "DropShipmentFreeze._check_tick_may_change")
def tick_with_open_transfer(scene):
    sale = scene.everyday.sale(ticked=False)
    sales = open_form(scene, "sales", SALE, sale)
    show_column(sales, "Drop Shipment")
    tick_cell(sales, "Oak Chair", "drop_shipment")
    (transfer,) = scene.admin.read(SALE, sale, "picking_ids")
    yield {
        "line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)",
        "transfer": scene.name("stock.picking", transfer),
    }
    press_save(sales)


@error("sales", "DropShipmentFreeze._get_tick_refusal:3")
def tick_with_purchase_order_of_the_route(scene):
    """Core's own Dropship route has ordered the line already."""
    (route,) = scene.admin.search("stock.route", ["name", "=", "Dropship"])
    scene.product(
        "Routed Chair",
        is_storable=True,
        route_ids=[[6, 0, [route]]],
        seller_ids=[command_create(partner_id=scene.facts["vendor"])],
    )
    sale = scene.everyday.sale(("Routed Chair", 1), ticked=False)
    sales = open_form(scene, "sales", SALE, sale)
    show_column(sales, "Drop Shipment")
    tick_cell(sales, "Routed Chair", "drop_shipment")
    number = scene.name(SALE, sale)
    (purchase,) = scene.admin.search(PURCHASE, ["origin", "ilike", number])
    yield {
        "line": f"{number}, line 1 (Routed Chair)",
        "purchase": scene.name(PURCHASE, purchase),
    }
    press_save(sales)


@error(
    "sales",
    "DropShipmentFreeze._get_tick_refusal:1",
    api="The box is read-only on lines that are on a purchase order.",
)
def untick_after_a_part(scene):
    link = Link(scene)
    link.ship(4)
    yield {"line": link.line, "purchase": link.purchase_name}
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, drop_shipment=False)


@error(
    "sales",
    "DropShipmentFreeze._get_tick_refusal:2",
    api="The box is read-only on lines that are on a purchase order.",
)
def untick_after_all_was_given_back(scene):
    link = Link(scene)
    buyer = scene.people["buyer"]
    buyer.write(PURCHASE_LINE, link.purchase_line_id, product_qty=0)
    yield {"line": link.line, "purchase": link.purchase_name}
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, drop_shipment=False)


@error("sales", UNTICKABLE, reason="DropShipmentLink._get_tick_refusals:5")
def tick_negative(scene):
    sale = scene.everyday.sale(confirm=False)
    sales = open_form(scene, "sales", SALE, sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", -1)
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    press_save(sales)


@error(
    "sales",
    UNTICKABLE,
    reason="DropShipmentLink._get_tick_refusals:3",
    api="The screens don't save a line without its unit.",
)
def tick_without_unit(scene):
    sale = scene.everyday.sale(confirm=False)
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    line_id = scene.everyday.line(SALE, sale)
    scene.people["sales"].write(SALE_LINE, line_id, product_uom_id=False)


@error("sales", UNTICKABLE, reason="DropShipmentLink._get_tick_refusals:4")
def tick_expense(scene):
    sale = scene.everyday.sale(ticked=False, confirm=False)
    scene.admin.write(SALE_LINE, scene.everyday.line(SALE, sale), is_expense=True)
    sales = open_form(scene, "sales", SALE, sale)
    tick_cell(sales, "Oak Chair", "drop_shipment")
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    press_save(sales)


@error(
    "sales",
    UNTICKABLE,
    reason="DropShipmentLink._get_tick_refusals:2",
    api="The box is hidden on services, and choosing one unticks it.",
)
def tick_service(scene):
    service = scene.product("Assembly", type="service")
    sale = scene.everyday.sale(confirm=False)
    yield {"line": f"{scene.name(SALE, sale)}, line 2 (Assembly)"}
    scene.people["sales"].create(
        SALE_LINE, order_id=sale, product_id=service, drop_shipment=True
    )


@error(
    "sales",
    UNTICKABLE,
    reason="DropShipmentLink._get_tick_refusals:1",
    api="The box is hidden on sections and notes.",
)
def tick_section(scene):
    sale = scene.everyday.sale(confirm=False)
    yield {"line": "Chairs"}
    scene.people["sales"].create(
        SALE_LINE,
        order_id=sale,
        display_type="line_section",
        name="Chairs",
        drop_shipment=True,
    )


@error(
    "sales",
    "DropShipmentVendorMixin._check_drop_shipment_chosen_vendor_id",
    api="The vendor is hidden on a line from own stock.",
)
def choose_vendor_of_own_stock(scene):
    sale = scene.everyday.sale(ticked=False, confirm=False)
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    line_id = scene.everyday.line(SALE, sale)
    scene.people["sales"].write(
        SALE_LINE, line_id, drop_shipment_vendor_id=scene.facts["vendor"]
    )
