"""The story in a real browser, by the people whose job it is.

Every step leaves a picture in ``artifacts/screenshots``.
"""

import re

from playwright.sync_api import expect

from harness.browser import cell, line, set_cell

SALE, PURCHASE, MOVE = "sale.order", "purchase.order", "account.move"


def add_line(person, product, quantity, *, tick):
    """Add a product to a sales order and tick Drop Shipment, or don't."""
    rows = person.page.locator("[name='order_line'] .o_data_row")
    number = rows.count()
    person.page.click(".o_field_x2many_list_row_add a:text-is('Add a product')")
    expect(rows).to_have_count(number + 1)
    row = rows.nth(number)
    expect(row).to_contain_class("o_selected_row")
    person.choose("product_template_id", product, row)
    expect(person.field("price_unit", row).locator("input")).not_to_have_value("0.00")
    person.fill("product_uom_qty", quantity, row)
    box = person.field("drop_shipment", row).locator("input[type=checkbox]")
    # The column is there without anybody choosing it.
    expect(box).to_be_visible()
    box.set_checked(tick)


def test_story(shop, desks, admin, mailbox):
    """From the customer's order to the vendor's bill."""
    customer = admin.read("res.partner", shop.customer, "name")
    sales, buyer, accountant = desks("sales"), desks("buyer"), desks("accountant")

    sale = _sell(sales, customer)
    number = admin.read(SALE, sale, "name")
    # The customer has another order, so that there is something to choose.
    shop.sale(("chair", 5))

    purchase = _order(buyer, customer, number)
    purchase_number = admin.read(PURCHASE, purchase, "name")
    _send_and_confirm(buyer, mailbox, purchase_number)
    _ship_part(sales, sale, purchase_number)
    _receive(buyer, purchase, number)
    _ship_and_invoice(sales, sale)

    (draft,) = shop.invoices(sale)
    _post_document(accountant, draft, "17-invoice-posted")
    _bill(buyer, purchase)
    (bill,) = shop.bills(purchase)
    accountant.show(MOVE, bill)
    accountant.shot("20-bill-draft")
    _post_document(accountant, bill, "21-bill-posted")

    sales.show(SALE, sale)
    for product in ("Oak Chair", "Pine Desk"):
        expect(cell(sales, product, "drop_shipment_state")).to_have_text("Done")
    sales.shot("22-sales-done")


def _sell(sales, customer):
    """Sales makes the order, ticks two of three lines and confirms it."""
    sales.open_app("Sales")
    sales.new()
    sales.choose("partner_id", customer)
    add_line(sales, "Oak Chair", 10, tick=True)
    add_line(sales, "Pine Desk", 2, tick=True)
    add_line(sales, "Brass Lamp", 1, tick=False)
    sales.shot("01-sales-ticked")
    sales.page.click(".o_notebook_headers a:text-is('Other Info')")
    sales.fill("client_order_ref", "CUST-PO-778")
    sales.page.click(".o_notebook_headers a:text-is('Order Lines')")
    sales.save()
    sales.button("action_confirm").click()
    expect(cell(sales, "Oak Chair", "drop_shipment_state")).to_have_text("To Order")
    expect(cell(sales, "Pine Desk", "drop_shipment_state")).to_have_text("To Order")
    expect(cell(sales, "Brass Lamp", "drop_shipment_state")).to_have_text("")
    sales.shot("02-sales-confirmed")
    sale = sales.record_id()

    sales.page.locator(".o_menu_sections").get_by_text("Orders", exact=True).click()
    sales.page.get_by_role("menuitem", name="Orders", exact=True).click()
    sales.page.wait_for_selector(".o_list_view .o_data_row")
    sales.page.click(".o_searchview_dropdown_toggler")
    sales.page.click(".o_filter_menu .o_menu_item:text-is('To Order (Drop Shipment)')")
    expect(sales.page.locator(".o_data_row").filter(has_text=customer)).to_have_count(1)
    sales.page.click(".o_searchview_dropdown_toggler")
    expect(sales.page.locator(".o_search_bar_menu")).to_have_count(0)
    sales.shot("03-sales-filter")
    return sale


def _order(buyer, customer, number):
    """Purchasing makes the request for quotation and gets the sales order."""
    buyer.open_app("Purchase")
    buyer.new()
    buyer.choose("partner_id", "Oak & Pine Furniture")
    buyer.choose("sell_to_customer_id", customer)
    buyer.save()
    buyer.shot("04-rfq-empty")
    buyer.button("action_get_sales_order").click()
    offer = buyer.dialog.locator("[name='order_ids'] .o_data_row").filter(
        has_text=number
    )
    expect(offer).to_be_visible()
    buyer.shot("05-get-sales-order")
    offer.locator("td[name='selected'] input").click()
    expect(line(buyer, "Oak Chair")).to_be_visible()
    expect(buyer.dialog.locator("[name='line_ids'] .o_data_row")).to_have_count(2)
    buyer.shot("06-get-sales-order-chosen")
    buyer.button("action_insert_lines", buyer.dialog).click()
    expect(buyer.page.locator(".o_dialog")).to_have_count(0)
    for product in ("Oak Chair", "Pine Desk"):
        expect(cell(buyer, product, "drop_shipment_sale_ref")).to_have_text(number)
    expect(line(buyer, "Brass Lamp")).to_have_count(0)
    expect(buyer.field("drop_shipment_address_id")).to_contain_text("3 Dock Road")
    expect(buyer.field("drop_shipment_customer_ref")).to_have_text("CUST-PO-778")
    buyer.shot("07-rfq-lines")
    return buyer.record_id()


def _send_and_confirm(buyer, mailbox, number):
    """The request, then the order goes to the vendor by our own template."""
    for step, button, subject in (
        ("08-rfq", "Send RFQ", "Drop Shipment Request"),
        ("09-order", "Send PO", "Drop Shipment Order"),
    ):
        if button == "Send PO":
            buyer.button("button_confirm").click()
            expect(buyer.page.locator(".o_arrow_button_current")).to_contain_text(
                "Purchase Order"
            )
            buyer.shot("09-order-confirmed")
        buyer.page.get_by_role("button", name=button, exact=True).click()
        expect(buyer.field("subject", buyer.dialog).locator("input")).to_have_value(
            re.compile(f"{subject}.*{number}")
        )
        expect(buyer.dialog).to_contain_text(".pdf")
        expect(buyer.dialog).to_contain_text("Oak & Pine Furniture")
        buyer.shot(f"{step}-mail")
        buyer.button("action_send_mail", buyer.dialog).click()
        expect(buyer.page.locator(".o_dialog")).to_have_count(0)
        mailbox.wait_for("orders@oakpine.example.com", number, subject)


def _ship_part(sales, sale, purchase_number):
    """Sales sees who ships it and posts the four chairs that have left."""
    sales.open_record(SALE, sale)
    expect(cell(sales, "Oak Chair", "drop_shipment_state")).to_have_text("Ordered")
    expect(cell(sales, "Oak Chair", "drop_shipment_purchase_ref")).to_have_text(
        purchase_number
    )
    expect(sales.field("drop_shipment_purchase_ref")).to_contain_text(purchase_number)
    expect(cell(sales, "Oak Chair", "qty_to_ship")).to_have_text("10.00")
    sales.shot("10-sales-ordered")
    set_cell(sales, "Oak Chair", "qty_to_ship", 4)
    set_cell(sales, "Pine Desk", "qty_to_ship", 0)
    sales.save()
    sales.shot("11-sales-qty-to-ship")
    sales.button("action_post_drop_shipment").click()
    expect(cell(sales, "Oak Chair", "quantity")).to_have_text("4.00")
    sales.shot("12-sales-post")
    sales.dialog.get_by_label("Ship", exact=True).check()
    sales.button("action_post", sales.dialog).click()
    expect(cell(sales, "Oak Chair", "qty_delivered")).to_have_text("4.00")
    expect(cell(sales, "Oak Chair", "qty_to_ship")).to_have_text("6.00")
    expect(cell(sales, "Oak Chair", "drop_shipment_state")).to_have_text("Partial")
    expect(cell(sales, "Pine Desk", "qty_delivered")).to_have_text("0.00")
    sales.shot("13-sales-shipped")


def _receive(buyer, purchase, number):
    """Purchasing may receive, and is told why it can't bill yet."""
    buyer.show(PURCHASE, purchase)
    expect(cell(buyer, "Oak Chair", "qty_received")).to_have_text("4.00")
    buyer.button("action_post_drop_shipment").click()
    expect(buyer.dialog.get_by_label("Receive", exact=True)).to_be_checked()
    for option in ("Invoice", "Receive and Invoice"):
        expect(buyer.dialog.get_by_label(option, exact=True)).to_be_disabled()
    expect(buyer.dialog).to_contain_text(f"Invoice sales order {number} first")
    buyer.shot("14-purchase-post")
    set_cell(buyer, "Oak Chair", "quantity", 3)
    buyer.button("action_post", buyer.dialog).click()
    expect(cell(buyer, "Oak Chair", "qty_received")).to_have_text("7.00")
    expect(cell(buyer, "Pine Desk", "qty_received")).to_have_text("2.00")
    buyer.shot("15-purchase-received")


def _ship_and_invoice(sales, sale):
    """Sales ships the rest and invoices it; posting the invoice takes other rights."""
    sales.show(SALE, sale)
    expect(cell(sales, "Pine Desk", "drop_shipment_state")).to_have_text("Shipped")
    sales.button("action_post_drop_shipment").click()
    sales.dialog.get_by_label("Ship and Invoice", exact=True).check()
    sales.button("action_post", sales.dialog).click()
    told = sales.page.locator(".o_notification").filter(has_text="draft")
    expect(told).to_be_visible()
    expect(cell(sales, "Oak Chair", "qty_delivered")).to_have_text("10.00")
    sales.shot("16-sales-shipped-and-invoiced")


def _post_document(accountant, document, shot):
    """The accountant confirms an invoice or a bill."""
    accountant.show(MOVE, document)
    accountant.button("action_post").click()
    expect(accountant.page.locator(".o_arrow_button_current")).to_contain_text("Posted")
    accountant.shot(shot)


def _bill(buyer, purchase):
    """Now that the customer has been invoiced, purchasing may bill."""
    buyer.show(PURCHASE, purchase)
    buyer.button("action_post_drop_shipment").click()
    expect(buyer.dialog.get_by_label("Invoice", exact=True)).to_be_enabled()
    buyer.dialog.get_by_label("Invoice", exact=True).check()
    buyer.shot("18-purchase-post-invoice")
    buyer.button("action_post", buyer.dialog).click()
    told = buyer.page.locator(".o_notification").filter(has_text="draft")
    expect(told).to_be_visible()
    buyer.shot("19-purchase-billed")


def test_ship_and_send(shop, desks, admin, mailbox):
    """Posting may end with the mail to the customer, the delivery slip in it."""
    sales = desks("sales")
    sale = shop.sale()
    shop.purchase(sale)
    number = admin.read(SALE, sale, "name")
    sales.show(SALE, sale)
    sales.button("action_post_drop_shipment").click()
    sales.dialog.get_by_label("Send to Customer").check()
    sales.button("action_post", sales.dialog).click()
    subject = sales.field("subject", sales.dialog).locator("input")
    expect(subject).to_have_value(re.compile(f"{number} has been shipped"))
    expect(sales.dialog).to_contain_text(".pdf")
    sales.shot("32-mail-to-customer")
    sales.button("action_send_mail", sales.dialog).click()
    expect(sales.page.locator(".o_dialog")).to_have_count(0)
    email = admin.read("res.partner", shop.customer, "email")
    mail = mailbox.wait_for(email, number)
    (attachment,) = mail.iter_attachments()
    assert attachment.get_content_type() == "application/pdf"
    expect(cell(sales, "Oak Chair", "qty_delivered")).to_have_text("10.00")
    sales.shot("33-sales-shipped-and-sent")


def test_open_the_other_order(shop, desks, admin):
    """Who may read both orders goes from line to line."""
    trader = desks("trader")
    sale = shop.sale(user="trader")
    purchase = shop.purchase(sale, user="trader")
    trader.show(SALE, sale)
    trader.button("action_view_drop_shipment_purchase").click()
    expect(trader.title).to_have_text(admin.read(PURCHASE, purchase, "name"))
    trader.shot("30-from-sales-line-to-purchase")
    trader.button("action_view_drop_shipment_sale").click()
    expect(trader.title).to_have_text(admin.read(SALE, sale, "name"))
    trader.shot("31-from-purchase-line-to-sales")


def test_no_button_to_an_order_one_may_not_read(shop, desks):
    """The number is there, the way to the order is not."""
    sale = shop.sale()
    purchase = shop.purchase(sale)
    sales, buyer = desks("sales"), desks("buyer")
    sales.show(SALE, sale)
    expect(cell(sales, "Oak Chair", "drop_shipment_purchase_ref")).to_be_visible()
    expect(sales.button("action_view_drop_shipment_purchase")).to_have_count(0)
    buyer.show(PURCHASE, purchase)
    expect(cell(buyer, "Oak Chair", "drop_shipment_sale_ref")).to_be_visible()
    expect(buyer.button("action_view_drop_shipment_sale")).to_have_count(0)


def test_wrong_quantity_is_told(shop, desks):
    """A typing error in the dialog leaves it open, with the reason."""
    buyer = desks("buyer")
    purchase = shop.purchase(shop.sale())
    buyer.show(PURCHASE, purchase)
    buyer.button("action_post_drop_shipment").click()
    expect(cell(buyer, "Oak Chair", "quantity_outstanding")).to_be_visible()
    set_cell(buyer, "Oak Chair", "quantity", 11)
    buyer.button("action_post", buyer.dialog).click()
    buyer.refused(re.compile("can't be 11.*10"), "42-wrong-quantity")
    expect(cell(buyer, "Oak Chair", "quantity")).to_be_visible()
    buyer.page.get_by_role("button", name="Discard", exact=True).last.click()


def test_nothing_to_fetch_is_told(shop, desks):
    """Get Sales Order without an order to get says so instead of an empty dialog."""
    buyer = desks("buyer")
    buyer.show(PURCHASE, shop.rfq())
    buyer.button("action_get_sales_order").click()
    buyer.refused("nothing to fetch", "43-nothing-to-fetch")
