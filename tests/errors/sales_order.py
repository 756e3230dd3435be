"""Sales order: what is changed while it is linked."""

from harness.browser import cell, line, set_cell
from tests.errors.case import error
from tests.errors.scene import (
    PURCHASE,
    SALE,
    SALE_LINE,
    Link,
    open_form,
    open_order,
    press_and_confirm,
    press_save,
)


@error("sales", "DropShipmentTakingBack._get_lower_refusal:2")
def lower_below_ordered(scene):
    link = scene.ordered
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", 9)
    yield {
        "line": link.line,
        "quantity": "9 Units",
        "ordered": "10 Units",
        "purchase": link.purchase_name,
        "lowered": "9 Units",
    }
    press_save(sales)


@error("sales", "DropShipmentTakingBack._get_lower_refusal:3")
def lower_below_what_two_orders_have(scene):
    link = Link(scene, quantity=6)
    second = link.shop.purchase(link.sale)
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", 2)
    yield {
        "line": link.line,
        "quantity": "2 Units",
        "ordered": "10 Units",
        "purchases": f"{link.purchase_name}, {scene.name(PURCHASE, second)}",
        "excess": "8 Units",
    }
    press_save(sales)


@error("sales", "DropShipmentTakingBack._get_lower_refusal:1")
def lower_below_shipped(scene):
    link = scene.partly
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", 3)
    yield {"line": link.line, "quantity": "3 Units", "shipped": "4 Units"}
    press_save(sales)


@error("sales", "SaleOrderLine._check_drop_shipment_qty_ordered")
def more_ordered_than_sold(scene):
    """All other ways are closed: two quantities that do not fit by themselves."""
    link = Link(scene)
    scene.sql(
        "UPDATE sale_order_line SET drop_shipment_qty_ordered = 12 WHERE id = %s",
        link.sale_line_id,
    )
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", 11)
    yield {
        "line": link.line,
        "quantity": "11 Units",
        "ordered": "12 Units",
        "purchase": link.purchase_name,
    }
    press_save(sales)


@error("sales", "DropShipmentFreeze._check_sale_lines:1")
def change_product_of_linked_line(scene):
    """The buyer got the line while sales had the page open."""
    link = Link(scene, shop=scene.shop(), ordered=False)
    sales = open_form(scene, "sales", SALE, link.sale)
    cell(sales, "Oak Chair", "product_template_id").click()
    sales.choose("product_template_id", "Brass Lamp")
    link.order(confirm=False)
    yield {"field": "Product", "line": link.line, "purchase": link.purchase_name}
    press_save(sales)


@error("sales", "DropShipmentFreeze._check_sale_lines:2")
def change_product_of_delivered_line(scene):
    """The vendor shipped a part and was cancelled while sales had the page open."""
    link = Link(scene, shop=scene.shop(), ordered=False)
    sales = open_form(scene, "sales", SALE, link.sale)
    cell(sales, "Oak Chair", "product_template_id").click()
    sales.choose("product_template_id", "Brass Lamp")
    link.order()
    link.ship(6)
    link.buyer("button_cancel")
    yield {"field": "Product", "line": link.line, "quantity": "6 Units"}
    press_save(sales)


@error("sales", "SaleOrderLine._unlink_except_drop_shipment")
def delete_linked_line(scene):
    """Core refuses it on confirmed orders; a program may have taken this one back."""
    link = Link(scene, confirm=False)
    scene.people["sales"].write(SALE, link.sale, state="draft")
    sales = open_form(scene, "sales", SALE, link.sale)
    line(sales, "Oak Chair").locator(".o_list_record_remove").click()
    yield {"line": link.line, "purchase": link.purchase_name}
    press_save(sales)


@error("sales", "DropShipmentFreeze._check_sale_orders")
def change_ship_to_of_ordered(scene):
    link = scene.ordered
    customer = scene.name("res.partner", link.shop.customer)
    sales = open_form(scene, "sales", SALE, link.sale)
    sales.choose("partner_shipping_id", customer)
    yield {
        "field": "Delivery Address",
        "order": link.sale_name,
        "purchase": link.purchase_name,
    }
    press_save(sales)


@error("sales", "DropShipmentFreeze._check_may_cancel")
def cancel_ordered(scene):
    link = scene.ordered
    button = open_order(scene, "sales", SALE, link.sale, "action_cancel")
    yield {
        "order": link.sale_name,
        "lines": "Oak Chair",
        "purchase": link.purchase_name,
    }
    press_and_confirm(scene.desk("sales"), button)


@error(
    "sales",
    "DropShipmentPostingCheck._check_quantity",
    field="DropShipmentPostingCheck._get_words_of_error:2",
)
def qty_to_ship_too_high(scene):
    link = scene.ordered
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "qty_to_ship", 11)
    yield {"line": link.line, "quantity": "11 Units", "outstanding": "10 Units"}
    press_save(sales)


@error(
    "sales",
    "UomUom._check_drop_shipment_number",
    api="The browser takes nothing but numbers in these fields.",
)
def no_number(scene):
    link = scene.ordered
    yield {"field": f"Qty to Ship of {link.line}", "value": "ten"}
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, qty_to_ship="ten")


@error(
    "sales",
    "DropShipmentGuardMixin._raise_drop_shipment_guarded",
    api="The screens show it read-only.",
)
def computed_quantity(scene):
    """A program says how much was invoiced."""
    line_id = scene.ordered.sale_line_id
    yield {
        "field": "Quantity on Posted Invoices",
        "name": "drop_shipment_qty_invoiced",
        "model": "Sales Order Line",
    }
    scene.people["sales"].write(SALE_LINE, line_id, drop_shipment_qty_invoiced=10)


@error(
    "admin",
    "StockMove._check_drop_shipment_frozen",
    api="The screens show it read-only.",
)
def transfer_of_another_line(scene):
    """A program takes the transfer away from its order."""
    link = Link(scene)
    transfers = scene.admin.read(PURCHASE, link.purchase, "picking_ids")
    yield {
        "field": "Purchase Order Line",
        "transfer": scene.name("stock.picking", transfers[0]),
        "product": "Oak Chair",
        "purchase": link.purchase_name,
    }
    moves = scene.admin.read("stock.picking", transfers[0], "move_ids")
    scene.admin.write("stock.move", moves, purchase_line_id=False)
