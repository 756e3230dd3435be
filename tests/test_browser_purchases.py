"""What a buyer does besides Get Sales Order: order from sales lines, mend a shortage.

Every step leaves a picture in ``artifacts/screenshots``.
"""

import re

from playwright.sync_api import expect

from harness.browser import cell, line, set_cell

SALE, PURCHASE, MOVE = "sale.order", "purchase.order", "account.move"


def choose_vendor(person, product, vendor):
    """Choose the vendor in the row of a product in the dialog."""
    row = line(person, product).get_attribute("data-id")
    cell(person, product, "vendor_id").click()
    selected = person.front.locator(f".o_selected_row[data-id='{row}']")
    person.choose("vendor_id", vendor, selected)
    expect(person.field("vendor_id", selected).locator("input")).to_have_value(vendor)


def open_workbench(buyer, number):
    """Choose Drop Shipments in the menu of Purchase, and look for a sales order."""
    # Away from what another test has left open.
    buyer.page.goto(f"{buyer.server.url}/odoo")
    buyer.open_app("Purchase")
    buyer.page.locator(".o_menu_sections").get_by_text("Orders", exact=True).click()
    buyer.page.get_by_role("menuitem", name="Drop Shipments", exact=True).click()
    # The list that it replaces can search for orders as well.
    expect(buyer.page.locator(".o_breadcrumb")).to_contain_text("Drop Shipments")
    buyer.page.locator(".o_searchview_input").fill(number)
    buyer.page.get_by_role("menuitem", name=f"Order for: {number}").click()
    expect(
        buyer.page.locator(".o_facet_values").filter(has_text=number)
    ).to_be_visible()
    # Until the list is loaded anew, a click on a box is lost with the old rows.
    rows = buyer.page.locator(".o_data_row")
    expect(rows.filter(has_not_text=number)).to_have_count(0)
    expect(rows.filter(has_text=number)).not_to_have_count(0)


def select_all(person):
    """Tick the box above all rows of the list."""
    box = person.page.locator("thead .o_list_record_selector input")
    # A click is lost if the list is drawn anew at this moment.
    for _time in range(5):
        box.click()
        person.page.wait_for_timeout(300)
        if box.is_checked():
            break
    expect(box).to_be_checked()


def purchases(admin, sale):
    """How many purchase orders a sales order has, and (vendor, product): quantity."""
    rows = admin.call(
        "purchase.order.line",
        "search_read",
        domain=[["sale_line_id.order_id", "=", sale]],
        fields=["partner_id", "product_id", "product_qty", "order_id"],
    )
    orders = {row["order_id"][0] for row in rows}
    bought = {
        (row["partner_id"][0], row["product_id"][0]): row["product_qty"] for row in rows
    }
    assert len(rows) == len(bought)
    return len(orders), bought


def test_create_purchase_orders(shop, desks, admin):
    """One sales order, two vendors and a product that none sells.

    Whoever may read sales orders and make purchase orders does it from the order; a
    buyer without sales rights from the list, where the same lines are on offer.
    """
    trader, buyer = desks("trader"), desks("buyer")
    sale = shop.sale(("chair", 10), ("lamp", 3), ("stool", 2), user="trader")
    number = admin.read(SALE, sale, "name")
    _open_dialog_in_list(buyer, number)

    trader.show(SALE, sale)
    expect(trader.alert("order")).to_contain_text(
        "To order from a vendor: Oak Chair, Brass Lamp, Elm Stool"
    )
    trader.shot("60-sales-to-order")
    trader.button("action_open_create_drop_shipment_purchases").click()
    for product, vendor in (
        ("Oak Chair", "Oak & Pine Furniture"),
        ("Brass Lamp", "Second Source Ltd"),
        ("Elm Stool", ""),
    ):
        expect(cell(trader, product, "vendor_id")).to_have_text(vendor)
    trader.shot("61-create-purchase-orders")
    trader.button("action_create_purchases", trader.dialog).click()
    trader.refused("Choose a vendor for Elm Stool", "62-no-vendor")
    assert purchases(admin, sale) == (0, {})
    choose_vendor(trader, "Elm Stool", "Second Source Ltd")
    expect(trader.field("summary", trader.dialog)).to_contain_text("Vendors: 2")
    trader.shot("63-vendor-chosen")
    trader.button("action_create_purchases", trader.dialog).click()
    expect(trader.page.locator(".o_list_view .o_data_row")).to_have_count(2)
    trader.shot("64-requests")
    facts = shop.facts
    made = {
        (facts["vendor"], facts["chair"]): 10,
        (facts["other_vendor"], facts["lamp"]): 3,
        (facts["other_vendor"], facts["stool"]): 2,
    }
    assert purchases(admin, sale) == (2, made)

    trader.show(SALE, sale)
    for product in ("Oak Chair", "Brass Lamp", "Elm Stool"):
        expect(cell(trader, product, "drop_shipment_state")).to_have_text("RFQ")
    create = trader.button("action_open_create_drop_shipment_purchases")
    expect(create).to_have_count(0)
    trader.shot("65-sales-requested")
    trader.button("action_view_purchase_orders").click()
    expect(trader.page.locator(".o_list_view .o_data_row")).to_have_count(2)

    # The buyer has had the dialog open since before; a second time makes no more.
    choose_vendor(buyer, "Elm Stool", "Second Source Ltd")
    buyer.button("action_create_purchases", buyer.dialog).click()
    buyer.refused(re.compile("nothing left to order any more"), "66-ordered-before")
    assert purchases(admin, sale) == (2, made)
    buyer.page.get_by_role("button", name="Discard", exact=True).last.click()
    # Nor does the list offer them any more.
    expect(buyer.page.locator(".o_data_row").filter(has_text=number)).to_have_count(0)
    buyer.shot("67-list-nothing-to-order")


def _open_dialog_in_list(buyer, number):
    """The buyer finds the lines in the list and opens the same dialog."""
    open_workbench(buyer, number)
    expect(buyer.page.locator(".o_data_row")).to_have_count(3)
    select_all(buyer)
    buyer.shot("68-list-to-order")
    buyer.button("action_create_purchases").click()
    expect(cell(buyer, "Elm Stool", "vendor_id")).to_have_text("")


def test_link_in_a_note(shop, desks, admin):
    """Who may not read the other order sees its rows in the list, and no others."""
    sale = shop.sale(("chair", 10), ("lamp", 3))
    purchase = shop.purchase(sale, confirm=False)
    shop.sale()
    for person, model, order, other, linked in (
        (desks("buyer"), PURCHASE, purchase, SALE, sale),
        (desks("sales"), SALE, sale, PURCHASE, purchase),
    ):
        person.show(model, order)
        number = admin.read(other, linked, "name")
        link = person.page.locator(".o-mail-Message a", has_text=number).first
        person.page.goto(f"{person.server.url}{link.get_attribute('href')}")
        rows = person.page.locator(".o_data_row")
        expect(rows).to_have_count(2 if model == PURCHASE else 1)
        expect(rows.filter(has_text=number)).to_have_count(rows.count())
        person.shot(f"69-list-from-a-note-{model}")


def test_short_delivery(shop, desks, admin):
    """The vendor ships 6 of 10; the buyer has another one ship the rest."""
    sales, buyer, biller = desks("sales"), desks("buyer"), desks("biller")
    sale = shop.sale()
    first = shop.purchase(sale)
    number = admin.read(SALE, sale, "name")
    first_number = admin.read(PURCHASE, first, "name")

    buyer.show(PURCHASE, first)
    buyer.button("action_post_drop_shipment").click()
    expect(cell(buyer, "Oak Chair", "quantity_outstanding")).to_have_text("10.00")
    set_cell(buyer, "Oak Chair", "quantity", 6)
    buyer.button("action_post", buyer.dialog).click()
    expect(cell(buyer, "Oak Chair", "qty_received")).to_have_text("6.00")
    expect(buyer.alert("rest")).to_contain_text("Partly shipped: Oak Chair")
    buyer.shot("70-purchase-short")

    sales.show(SALE, sale)
    expect(sales.alert("rest")).to_contain_text("Partly shipped: Oak Chair")
    expect(cell(sales, "Oak Chair", "drop_shipment_state")).to_have_text("Partial")
    expect(cell(sales, "Oak Chair", "qty_to_ship")).to_have_text("4.00")
    sales.shot("71-sales-short")

    banner = buyer.page.locator(".o_form_view .alert[role='status']")
    buyer.button("action_close_drop_shipment_remainder", banner).click()
    expect(buyer.dialog).to_contain_text("is to order again")
    buyer.shot("72-close-remainder")
    buyer.page.locator(".modal-footer .btn-primary").last.click()
    expect(cell(buyer, "Oak Chair", "product_qty")).to_have_text("6.00")
    expect(buyer.alert("rest")).to_have_count(0)
    buyer.shot("73-purchase-closed")

    sales.show(SALE, sale)
    expect(sales.alert("rest")).to_have_count(0)
    expect(sales.alert("order")).to_contain_text("To order from a vendor: Oak Chair")
    expect(cell(sales, "Oak Chair", "qty_to_ship")).to_have_text("0.00")
    sales.shot("74-sales-to-order-again")

    second_number = _order_rest(buyer, number)
    (second,) = admin.search(PURCHASE, ["name", "=", second_number])
    _ship_rest(sales, sale, f"{first_number}, {second_number}")
    _invoice(biller, sale, "78")

    sales.show(SALE, sale)
    expect(cell(sales, "Oak Chair", "drop_shipment_state")).to_have_text("Invoiced")
    sales.shot("79-sales-invoiced")
    line_values = admin.read(
        "sale.order.line",
        shop.line(SALE, sale),
        "product_uom_qty",
        "drop_shipment_qty_ordered",
        "drop_shipment_qty_to_order",
        "qty_delivered",
        "qty_invoiced",
    )
    assert list(line_values.values())[1:] == [10, 10, 0, 10, 10]
    assert admin.read(SALE, sale, "delivery_status") == "full"
    for purchase, quantity in ((first, 6), (second, 4)):
        row = shop.line(PURCHASE, purchase)
        values = admin.read("purchase.order.line", row, "product_qty", "qty_received")
        assert list(values.values())[1:] == [quantity, quantity]
        assert admin.read(PURCHASE, purchase, "receipt_status") == "full"


def _order_rest(buyer, number):
    """The buyer orders what is left from another vendor; return the new order."""
    open_workbench(buyer, number)
    select_all(buyer)
    buyer.button("action_create_purchases").click()
    expect(cell(buyer, "Oak Chair", "quantity_to_order")).to_have_text("4.00")
    choose_vendor(buyer, "Oak Chair", "Second Source Ltd")
    buyer.shot("75-order-the-rest")
    buyer.button("action_create_purchases", buyer.dialog).click()
    expect(buyer.field("partner_id")).to_be_visible()
    expect(cell(buyer, "Oak Chair", "product_qty")).to_have_text("4.00")
    buyer.button("button_confirm").click()
    expect(buyer.page.locator(".o_arrow_button_current")).to_contain_text(
        "Purchase Order"
    )
    buyer.shot("76-rest-ordered")
    return buyer.title.inner_text()


def _ship_rest(sales, sale, numbers):
    """Sales sees both purchase orders, and posts what the second vendor ships."""
    sales.show(SALE, sale)
    expect(cell(sales, "Oak Chair", "drop_shipment_purchase_ref")).to_have_text(numbers)
    expect(cell(sales, "Oak Chair", "qty_to_ship")).to_have_text("4.00")
    sales.button("action_post_drop_shipment").click()
    sales.button("action_post", sales.dialog).click()
    expect(cell(sales, "Oak Chair", "qty_delivered")).to_have_text("10.00")
    expect(cell(sales, "Oak Chair", "drop_shipment_state")).to_have_text("Shipped")
    sales.shot("77-sales-all-shipped")


def _invoice(biller, sale, shot):
    """Invoice what was shipped, by the button in the notice, and post the invoice."""
    biller.show(SALE, sale)
    biller.shot(f"{shot}-sales-to-invoice")
    banner = biller.page.locator(".o_form_view .alert[role='status']")
    banner.get_by_role("button", name="Create Invoice").click()
    biller.button("create_invoices", biller.dialog).click()
    expect(biller.page.locator(".o_arrow_button_current")).to_contain_text("Draft")
    biller.button("action_post").click()
    expect(biller.page.locator(".o_arrow_button_current")).to_contain_text("Posted")
    biller.shot(f"{shot}-invoiced")


def test_bill_waits_for_the_invoice(shop, desks, admin):
    """The bill is refused, sales invoices the customer, the bill is accepted."""
    accountant, buyer, biller = desks("accountant"), desks("buyer"), desks("biller")
    sale = shop.sale()
    purchase = shop.purchase(sale)
    number = admin.read(SALE, sale, "name")
    shop.post(PURCHASE, purchase, "receive")
    bill = shop.bill(purchase)
    text = f"Invoice sales order {number} first"

    accountant.show(MOVE, bill)
    expect(accountant.page.locator(".o_form_view .alert-danger")).to_contain_text(text)
    accountant.shot("40-bill-banner")
    accountant.button("action_post").click()
    accountant.refused(text, "41-bill-refused")
    assert admin.read(MOVE, bill, "state") == "draft"
    buyer.show(PURCHASE, purchase)
    buyer.shot("44-purchase-bill-waits")

    _invoice(biller, sale, "45")
    accountant.show(MOVE, bill)
    expect(accountant.page.locator(".o_form_view .alert-danger")).to_have_count(0)
    accountant.button("action_post").click()
    expect(accountant.page.locator(".o_arrow_button_current")).to_contain_text("Posted")
    accountant.shot("47-bill-accepted")
    biller.show(SALE, sale)
    expect(cell(biller, "Oak Chair", "drop_shipment_state")).to_have_text("Done")
    biller.shot("48-sales-done")
