"""The rest of the handbook by touch on a phone: what is not done every day.

As in ``test_browser_phone``: nothing is hovered over, no key is pressed, and no screen
is wider than the phone. Pictures are in ``artifacts/screenshots/phone``.
"""

import re
import uuid
from datetime import date, timedelta

import pytest
from playwright.sync_api import expect

from harness.browser import SIZES
from harness.shop import PURCHASE_PRICE, SALES_PRICE
from tests.phone import WIDE

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"
MOVE, PICKING, COMPANY = "account.move", "stock.picking", "res.company"
VENDOR = "orders@oakpine.example.com"


@pytest.fixture
def vendor_page(browser, server, admin):
    """A function that opens the page of an order on a phone of the vendor's."""
    context = browser.new_context(locale="en-US", **SIZES["phone"])

    def visit(purchase):
        token = str(uuid.uuid4())
        admin.write(PURCHASE, purchase, access_token=token)
        page = context.new_page()
        page.goto(f"{server.url}/my/purchase/{purchase}?access_token={token}")
        return page

    yield visit
    context.close()


def _press(person, key, label):
    """Press a button in the bar above an order."""
    person.tap(person.alert(key).get_by_role("button", name=label, exact=True))


def _save(person):
    """Save the form, by the icon above it."""
    person.tap(person.page.locator(".o_form_button_save"))
    expect(person.page.locator(".o_form_button_save:visible")).to_have_count(0)


def _mail(person):
    """Send the mail that is open in front, as it is."""
    expect(person.dialog.get_by_role("button", name="Send", exact=True)).to_be_visible()
    person.push("Send")
    expect(person.page.locator(".o_dialog")).to_have_count(0)


def _address(shop):
    return f"customer{shop.number}@customer.example.com"


def _routed_sale(shop, admin):
    """A sales order of ten chairs that core's Dropship route has ordered."""
    sale = shop.sale(("chair", 10), ticked=False, confirm=False)
    [data] = admin.search("ir.model.data", ["name", "=", "route_drop_shipping"])
    route = admin.read("ir.model.data", data, "res_id")
    admin.write(SALE_LINE, shop.line(SALE, sale), route_ids=[[6, 0, [route]]])
    shop.people["sales"].call(SALE, "action_confirm", sale)
    return sale


def test_settings_and_adopt(shop, phones, admin):
    """The administrator sets the company up, and adopts an order of core's route."""
    person, company = phones("admin"), shop.facts["company"]
    sale, left = _routed_sale(shop, admin), _routed_sale(shop, admin)
    names = ("drop_shipment_bill_control", "drop_shipment_accept_days")
    before = {name: admin.read(COMPANY, company, name) for name in names}
    try:
        person.goto("settings")
        person.tap(person.page.locator(".settings_tab [data-key='purchase']"))
        warn = person.page.get_by_label("Warn", exact=True)
        person.tap(warn)
        person.fill("drop_shipment_accept_days", 3)
        person.shot("phone/30-settings")
        # The client starts anew, as the settings may change it. Not any navigation will
        # do: a new address in the bar is one as well, and comes before.
        with person.page.expect_event("load"):
            person.tap(person.page.get_by_role("button", name="Save"))
        person.tap(person.page.locator(".settings_tab [data-key='purchase']"))
        expect(warn).to_be_checked()
        assert [admin.read(COMPANY, company, name) for name in names] == ["warn", 3]
        person.tap(person.button("action_adopt_drop_shipments"))
        card = person.card(admin.read(SALE, sale, "name"), "line_ids")
        expect(card).to_contain_text("Oak Chair")
        person.shot("phone/31-adopt")
        # One of them stays on the route.
        other = admin.read(SALE, left, "name")
        person.open_card(other, "line_ids")
        person.push("Delete")
        expect(person.card(other, "line_ids")).to_have_count(0)
        person.push("Adopt")
        expect(person.page.locator(".o_dialog")).to_have_count(0)
        person.fits()
        person.shot("phone/32-adopted")
    finally:
        admin.write(COMPANY, company, **before)
    row, other_row = shop.line(SALE, sale), shop.line(SALE, left)
    assert admin.read(SALE_LINE, row, "drop_shipment")
    assert admin.read(SALE_LINE, row, "drop_shipment_state") == "rfq"
    assert not admin.read(SALE_LINE, other_row, "drop_shipment")


def test_defaults(shop, phones, admin):
    """What the administrator sets on a product and on a vendor."""
    person, vendor = phones("admin"), shop.facts["vendor"]
    product = admin.create("product.template", name="Pear Bench", type="consu")
    person.show("product.template", product)
    person.tap(person.field("drop_shipment").locator("input"))
    _save(person)
    person.fits()
    assert admin.read("product.template", product, "drop_shipment")
    person.show("res.partner", vendor)
    person.tap(
        person.front.locator(".o_notebook_headers a:text-is('Sales & Purchase')")
    )
    field = person.field("property_drop_shipment_vendor_page")
    expect(field).to_be_visible()
    person.fits()
    field.scroll_into_view_if_needed()
    person.shot("phone/33-vendor")


def test_send_many(shop, phones, admin, mailbox):
    """Cards of purchase orders are held, and sent to their vendors in one go."""
    buyer = phones("buyer")
    orders = [shop.purchase(shop.sale(), confirm=False) for _order in range(2)]
    orders.append(shop.purchase(shop.sale()))
    names = [admin.read(PURCHASE, order, "name") for order in orders]
    buyer.show(PURCHASE, *orders, view="kanban")
    buyer.select(*names)
    buyer.tap(buyer.page.locator(".o_control_panel .o_cp_action_menus button"))
    menu = buyer.page.locator(".o-dropdown--menu")
    buyer.tap(menu.get_by_text("Send Drop Shipments to Vendors", exact=True))
    jobs = buyer.page.locator(".o_drop_shipment_jobs")
    for name in names:
        expect(jobs).to_contain_text(name)
    buyer.fits()
    buyer.shot("phone/34-send-many")
    buyer.push("Send")
    expect(jobs.locator(".alert-success")).to_contain_text("3")
    buyer.fits()
    buyer.shot("phone/35-sent")
    buyer.push("Close")
    for name in names:
        mail = mailbox.wait_for(VENDOR, name)
        assert [part.get_content_type() for part in mail.iter_attachments()]
    assert [admin.read(PURCHASE, order, "state") for order in orders] == [
        "sent",
        "sent",
        "purchase",
    ]


def test_order_from_sales_order(shop, phones, admin):
    """Who has rights on both sides orders from the sales order's bar."""
    trader = phones("trader")
    sale = shop.sale(("chair", 10), ("stool", 2), user="trader")
    trader.show(SALE, sale)
    _press(trader, "order", "Create Purchase Orders")
    trader.tap(trader.field("other_vendor_id").locator("input"))
    chooser = trader.dialog
    trader.tap(chooser.locator(".o_control_panel button:has(.fa-search)"))
    chooser.locator(".o_searchview_input").fill("Second Source")
    trader.tap(trader.page.locator(".o_searchview_autocomplete .o-dropdown-item"))
    trader.tap(chooser.locator(".o_kanban_record").filter(has_text="Second Source"))
    expect(trader.card("Elm Stool", "line_ids")).to_contain_text("Second Source")
    trader.shot("phone/36-create-from-sale")
    trader.push("Create Purchase Orders")
    expect(trader.page.locator(".o_dialog")).to_have_count(0)
    trader.fits()
    rows = admin.call(
        PURCHASE_LINE,
        "search_read",
        domain=[["sale_line_id.order_id", "=", sale]],
        fields=["partner_id", "product_qty"],
    )
    assert sorted((row["partner_id"][0], row["product_qty"]) for row in rows) == sorted(
        [(shop.facts["vendor"], 10), (shop.facts["other_vendor"], 2)]
    )


def test_tell_the_customer(shop, phones, admin, mailbox):
    """Post and Send, Send Shipment once more, and more than was ordered."""
    sales = phones("sales")
    sale = shop.sale(("chair", 10))
    number = admin.read(SALE, sale, "name")
    shop.purchase(sale)
    sales.show(SALE, sale)
    sales.press("action_post_drop_shipment")
    sales.edit("Oak Chair", quantity=4)
    sales.fill("tracking_ref", "TRK-31", sales.dialog)
    sales.tap(sales.field("send", sales.dialog).locator("input"))
    sales.push("Post")
    expect(sales.dialog).to_contain_text(".pdf")
    sales.fits()
    sales.shot("phone/37-send-to-customer")
    _mail(sales)
    mail = mailbox.wait_for(_address(shop), number)
    assert "TRK-31" in mail.get_body("html").get_content()
    mailbox.messages.clear()
    sales.press("action_send_drop_shipment")
    _mail(sales)
    assert (
        "TRK-31"
        in mailbox.wait_for(_address(shop), number).get_body("html").get_content()
    )

    sales.press("action_post_drop_shipment")
    sales.tap(sales.field("over_delivery", sales.dialog).locator("input"))
    sales.edit("Oak Chair", quantity=8)
    sales.shot("phone/38-shipped-more")
    sales.push("Post")
    expect(sales.card("Oak Chair")).to_contain_text("Delivered: 12.00")
    assert admin.read(SALE_LINE, shop.line(SALE, sale), "qty_delivered") == 12


def test_late(shop, phones, admin, mailbox):
    """Customer and vendor are written to from the bars of a late order."""
    sales, buyer = phones("sales"), phones("buyer")
    today = date.today()
    promised = f"{today + timedelta(days=5)} 12:00:00"
    sale = shop.sale(("chair", 10), commitment_date=promised)
    purchase = shop.purchase(sale)
    row = shop.line(PURCHASE, purchase)
    late = f"{today + timedelta(days=40)} 12:00:00"
    shop.people["buyer"].write(PURCHASE_LINE, row, date_planned=late)
    sales.show(SALE, sale)
    _press(sales, "late", "Write to Customer")
    expect(sales.dialog).to_contain_text("Oak Chair")
    sales.fits()
    sales.shot("phone/39-write-to-customer")
    _mail(sales)
    mailbox.wait_for(_address(shop), admin.read(SALE, sale, "name"))
    buyer.show(PURCHASE, purchase)
    _press(buyer, "late", "Write to Vendor")
    buyer.fits()
    buyer.shot("phone/40-write-to-vendor")
    _mail(buyer)
    mail = mailbox.wait_for(VENDOR, admin.read(PURCHASE, purchase, "name"))
    assert not list(mail.iter_attachments())


def _touch(page, answer, **values):
    """Fill in a form of the vendor's page, and send it by a touch."""
    form = page.locator(f"form[action$='/drop_shipment/{answer}']")
    # Folded up until it is needed.
    summary = page.locator("details:not([open])", has=form).locator("summary")
    if summary.count():
        summary.tap()
    for name, value in values.items():
        form.get_by_label(name).first.fill(value)
    assert not page.evaluate(WIDE, [])
    form.locator("button").tap()


def test_vendor_reports_and_declines(shop, phones, admin, vendor_page):
    """One report is thrown away, one posted; what is declined is bought elsewhere."""
    sales, buyer = phones("sales"), phones("buyer")
    sale = shop.sale(("desk", 10))
    purchase = shop.purchase(sale)
    row = shop.line(SALE, sale)
    page = vendor_page(purchase)
    told = page.locator("[name=drop_shipment_told]")
    _touch(page, "accept")
    expect(told).to_contain_text("accepted")
    _touch(page, "ship", **{"Quantity shipped": "9", "Tracking Number": "TRK-40"})
    expect(told).to_contain_text("We were told of the shipment")
    buyer.show(PURCHASE, purchase)
    expect(buyer.alert("reported")).to_contain_text("Pine Desk")
    buyer.shot("phone/41-reported")
    _press(buyer, "reported", "Discard Report")
    buyer.confirm()
    expect(buyer.alert("reported")).to_have_count(0)

    page.reload()
    _touch(page, "ship", **{"Quantity shipped": "6", "Tracking Number": "TRK-41"})
    expect(told).to_contain_text("We were told of the shipment")
    sales.show(SALE, sale)
    _press(sales, "reported", "Post")
    expect(sales.card("Pine Desk", "line_ids")).to_contain_text("6.00 / 10.00")
    expect(sales.field("tracking_ref", sales.dialog).locator("input")).to_have_value(
        "TRK-41"
    )
    sales.push("Post")
    expect(sales.card("Pine Desk")).to_contain_text("Delivered: 6.00")

    page.reload()
    _touch(page, "decline", **{"Pine Desk": "4", "Reason": "Sold out"})
    expect(told).to_be_visible()
    page.screenshot(path="artifacts/screenshots/phone/42-declined.png")
    buyer.show(PURCHASE, purchase)
    expect(buyer.alert("declined")).to_contain_text("Sold out")
    _press(buyer, "declined", "Order Elsewhere")
    buyer.tap(buyer.dialog.locator("footer .btn-primary"))
    expect(buyer.card("Pine Desk", "line_ids")).to_contain_text("4.00")
    buyer.shot("phone/43-order-elsewhere")
    # Proposed, as the first one that sells it has declined.
    expect(buyer.card("Pine Desk", "line_ids")).to_contain_text("Second Source Ltd")
    buyer.push("Create Purchase Orders")
    expect(buyer.card("Pine Desk")).to_contain_text(admin.read(SALE, sale, "name"))
    assert admin.read(PURCHASE_LINE, shop.line(PURCHASE, purchase), "product_qty") == 6
    bought = {
        admin.read(PURCHASE_LINE, line, "partner_id")[0]: admin.read(
            PURCHASE_LINE, line, "product_qty"
        )
        for line in admin.read(SALE_LINE, row, "purchase_line_ids")
    }
    assert bought == {shop.facts["vendor"]: 6, shop.facts["other_vendor"]: 4}


def test_ship_again_and_close(shop, phones, admin):
    """A cancelled transfer is shipped again, and the rest closed, both in the bar."""
    buyer = phones("buyer")
    sale = shop.sale(("chair", 10))
    purchase = shop.purchase(sale)
    [picking] = admin.read(PURCHASE, purchase, "picking_ids")
    admin.call(PICKING, "action_cancel", picking)
    buyer.show(PURCHASE, purchase)
    buyer.shot("phone/44-cancelled")
    _press(buyer, "stranded", "Ship Again")
    buyer.confirm()
    expect(buyer.alert("stranded")).to_have_count(0)
    shop.post(PURCHASE, purchase, "receive", 7)
    buyer.show(PURCHASE, purchase)
    _press(buyer, "rest", "Close Remainder")
    buyer.confirm()
    expect(buyer.alert("rest")).to_have_count(0)
    expect(buyer.card("Oak Chair")).to_contain_text("Received: 7.00")
    row = shop.line(SALE, sale)
    assert admin.read(PURCHASE_LINE, shop.line(PURCHASE, purchase), "product_qty") == 7
    assert admin.read(SALE_LINE, row, "drop_shipment_qty_to_order") == 3


def test_what_is_due(shop, phones, admin):
    """A bill that is too early leads to its sales order; credit and refund are made."""
    accountant, trader = phones("accountant"), phones("trader")
    sale = shop.sale(("chair", 10), user="trader")
    purchase = shop.purchase(sale, user="trader")
    shop.post(PURCHASE, purchase, "receive")
    bill = shop.bill(purchase)
    # On another day than the bills of other tests: core's bar that warns of a bill of
    # the same day and amount is wider than a phone.
    shop.people["accountant"].write(MOVE, bill, invoice_date="2026-02-03")
    accountant.show(MOVE, bill)
    accountant.shot("phone/45-bill-too-early")
    bar = accountant.front.locator(".alert-danger")
    expect(bar).to_contain_text(admin.read(SALE, sale, "name"))
    accountant.tap(bar.locator("a, button").first)
    expect(accountant.alert("invoice")).to_contain_text("invoice the customer")
    accountant.fits()
    shop.people["accountant"].call(MOVE, "action_post", _invoice(shop, sale))
    accountant.show(MOVE, bill)
    expect(accountant.front.locator(".alert-danger")).to_have_count(0)
    accountant.press("action_post")
    expect(accountant.page.locator(".o_arrow_button_current")).to_have_text("Posted")

    trader.show(PURCHASE, purchase)
    trader.press("action_return_drop_shipment")
    trader.edit("Oak Chair", quantity=3)
    trader.push(re.compile("^Return$"))
    expect(trader.card("Oak Chair")).to_contain_text("Received: 7.00")
    trader.shot("phone/46-refund-due")
    _press(trader, "refund", "Create Refund")
    trader.told("refund")
    trader.fits()
    trader.show(SALE, sale)
    _press(trader, "refund", "Create Credit Note")
    trader.told("credit note")
    trader.fits()
    documents = [*shop.bills(purchase), *shop.invoices(sale)]
    amounts = {
        admin.read(MOVE, document, "move_type"): admin.read(
            MOVE, document, "amount_untaxed"
        )
        for document in documents
    }
    assert amounts == {
        "in_invoice": round(10 * PURCHASE_PRICE, 2),
        "in_refund": round(3 * PURCHASE_PRICE, 2),
        "out_invoice": round(10 * SALES_PRICE, 2),
        "out_refund": round(3 * SALES_PRICE, 2),
    }


def _invoice(shop, sale):
    """Make the draft invoice of an order of the trader's."""
    client = shop.people["trader"]
    context = {"active_model": SALE, "active_ids": [sale], "active_id": sale}
    model = "sale.advance.payment.inv"
    client.call(model, "create_invoices", client.create(model, context=context))
    [invoice] = shop.invoices(sale)
    return invoice


def test_untick(shop, phones, admin):
    """A confirmed line is unticked, for own stock, and ticked again."""
    sales = phones("sales")
    # Of the chairs, another test may have left some in stock.
    vendor = {"partner_id": shop.facts["vendor"]}
    teak = admin.create(
        "product.product",
        name="Teak Chair",
        is_storable=True,
        seller_ids=[(0, 0, vendor)],
    )
    shop.facts = {**shop.facts, "teak": teak}
    sale = shop.sale(("teak", 10))
    row = shop.line(SALE, sale)
    sales.show(SALE, sale)
    for ticked in (False, True):
        sales.open_card("Teak Chair")
        sales.tap(sales.field("drop_shipment", sales.dialog).locator("input"))
        if not ticked:
            sales.refused(
                "delivered from your own stock",
                "phone/49-untick",
                title="Deliver from own stock?",
            )
        sales.push(re.compile("^Save"))
        expect(sales.page.locator(".o_dialog")).to_have_count(0)
        _save(sales)
        assert admin.read(SALE_LINE, row, "drop_shipment") is ticked
        states = [
            admin.read(PICKING, picking, "state")
            for picking in admin.read(SALE, sale, "picking_ids")
        ]
        assert states == ["cancel" if ticked else "confirmed"]


def test_found_and_printed(shop, phones, admin):
    """A parcel is found by its number; lines are printed; the analysis fits."""
    sales, manager = phones("sales"), phones("admin")
    sale = shop.sale(("chair", 10))
    shop.purchase(sale)
    number = admin.read(SALE, sale, "name")
    shop.post(SALE, sale, "ship", 4, tracking_ref=f"PARCEL-{number}")
    sales.goto("drop-shipments")
    sales.tap(sales.page.locator(".o_control_panel button:has(.fa-search)"))
    sales.page.locator(".o_searchview_input").fill(f"PARCEL-{number}")
    found = sales.page.locator(".o_searchview_autocomplete .o-dropdown-item")
    sales.tap(found.filter(has_text="Tracking or Delivery Note"))
    cards = sales.page.locator(".o_kanban_record:not(.o_kanban_ghost)")
    expect(cards).to_have_count(1)
    expect(cards).to_contain_text(number)
    sales.select("Oak Chair")
    sales.tap(sales.page.locator(".o_control_panel .o_cp_action_menus button"))
    menu = sales.page.locator(".o-dropdown--menu")
    sales.shot("phone/47-print")
    with sales.page.expect_download() as download:
        sales.tap(menu.get_by_text("Drop Shipment Status", exact=True))
    assert download.value.suggested_filename.endswith(".pdf")

    manager.goto("drop-shipment-analysis")
    expect(manager.page.locator(".o_action_manager .o_view_controller")).to_be_visible()
    manager.fits()
    manager.shot("phone/48-analysis")
