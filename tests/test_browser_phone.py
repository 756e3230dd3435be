"""What the handbook describes, by touch on a phone, as those with the fewest rights.

Nothing is hovered over, no key is pressed, and no screen is wider than the phone.
Every step leaves a picture in ``artifacts/screenshots/phone``.
"""

import re

from playwright.sync_api import expect

from harness.shop import PURCHASE_PRICE, SALES_PRICE

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"
MOVE, REPORT = "account.move", "drop.shipment.report"


def _values(admin, model, record, *fields):
    """The values of some fields of a record, in that order."""
    row = admin.read(model, record, *fields, "id")
    return [row[name] for name in fields]


def _quantities(admin, sale):
    """(delivered, invoiced, to order) of each line of a sales order."""
    return [
        _values(
            admin,
            SALE_LINE,
            row,
            "qty_delivered",
            "qty_invoiced",
            "drop_shipment_qty_to_order",
        )
        for row in admin.read(SALE, sale, "order_line")
    ]


def test_sales_ticks(shop, phones, admin):
    """A quotation with a ticked line, whose vendor sales knows."""
    sales = phones("sales")
    sales.goto("sales/new")
    sales.pick("partner_id", admin.read("res.partner", shop.customer, "name"))
    sales.tap(sales.page.get_by_role("button", name="Add product"))
    sales.pick("product_id", "Pine Desk")
    sales.fill("product_uom_qty", 2, sales.dialog)
    sales.tap(sales.field("drop_shipment", sales.dialog).locator("input"))
    vendor = sales.field("drop_shipment_vendor_id", sales.dialog).locator("input")
    expect(vendor).to_have_value("Oak & Pine Furniture")
    sales.pick("drop_shipment_vendor_id", "Second Source Ltd")
    sales.shot("phone/01-tick")
    sales.push("Save & Close")
    expect(sales.card("Pine Desk")).to_contain_text("Second Source Ltd")
    sales.press("action_confirm")
    expect(sales.card("Pine Desk")).to_contain_text("To Order")
    expect(sales.alert("order")).to_contain_text("To order from a vendor: Pine Desk")
    sales.card("Pine Desk").scroll_into_view_if_needed()
    sales.fits()
    sales.shot("phone/02-to-order")
    (sale,) = admin.search(SALE, ["partner_id", "=", shop.customer])
    row = shop.line(SALE, sale)
    assert _values(
        admin, SALE_LINE, row, "drop_shipment", "drop_shipment_qty_to_order"
    ) == [True, 2]
    [vendor, _name] = admin.read(SALE_LINE, row, "drop_shipment_vendor_id")
    assert vendor == shop.facts["other_vendor"]
    assert admin.read(SALE, sale, "amount_untaxed") == round(2 * SALES_PRICE, 2)
    assert not admin.read(SALE, sale, "picking_ids")


def test_buyer_orders(shop, phones, admin):
    """Get Sales Order of one of two orders, and the order by mail."""
    buyer = phones("buyer")
    sale, other = shop.sale(("chair", 10), ("desk", 4)), shop.sale(("chair", 3))
    buyer.goto("purchase/new")
    buyer.pick("partner_id", "Oak & Pine Furniture")
    buyer.pick("sell_to_customer_id", admin.read("res.partner", shop.customer, "name"))
    buyer.press("action_get_sales_order")
    offer = buyer.card(admin.read(SALE, sale, "name"), "order_ids")
    buyer.tap(offer.locator(".o_field_boolean_toggle input"))
    expect(buyer.card("Oak Chair", "line_ids")).to_contain_text("10.00")
    buyer.shot("phone/03-get-sales-order")
    # A touch beside the switch opens nothing.
    buyer.tap(offer.get_by_text("3 Dock Road"))
    expect(buyer.page.locator(".o_dialog")).to_have_count(1)
    buyer.edit("Pine Desk", quantity=1)
    expect(buyer.card("Pine Desk", "line_ids")).to_contain_text("1.00")
    buyer.push("OK")
    expect(buyer.card("Oak Chair")).to_contain_text(admin.read(SALE, sale, "name"))
    buyer.shot("phone/04-request")
    # One line is not for this vendor after all.
    buyer.tap(buyer.card("Pine Desk").get_by_role("button", name="Unlink"))
    buyer.confirm()
    expect(buyer.card("Pine Desk")).to_have_count(0)
    buyer.press("button_confirm")
    expect(buyer.card("Oak Chair")).to_contain_text("Received")
    buyer.press("action_rfq_send")
    expect(buyer.dialog).to_contain_text(".pdf")
    buyer.fits()
    buyer.shot("phone/05-order-by-mail")
    buyer.push("Send")
    expect(buyer.page.locator(".o_dialog")).to_have_count(0)
    assert [to_order for *_done, to_order in _quantities(admin, sale)] == [0, 4]
    assert [to_order for *_done, to_order in _quantities(admin, other)] == [3]
    (purchase,) = admin.search(PURCHASE, ["sell_to_customer_id", "=", shop.customer])
    assert _values(admin, PURCHASE, purchase, "state", "amount_untaxed") == [
        "purchase",
        round(10 * PURCHASE_PRICE, 2),
    ]
    notes = admin.search(
        "mail.message",
        ["model", "=", PURCHASE],
        ["res_id", "=", purchase],
        ["attachment_ids", "!=", False],
    )
    assert len(notes) == 1


def test_from_shipment_to_bill(shop, phones, admin):
    """Both sides post; accounting posts the drafts, which have all of the money."""
    sales, buyer, accountant = phones("sales"), phones("buyer"), phones("accountant")
    sale = shop.sale(("chair", 10), ("desk", 4))
    purchase = shop.purchase(sale)

    # The buyer receives a part.
    buyer.show(PURCHASE, purchase)
    buyer.press("action_post_drop_shipment")
    expect(buyer.dialog.get_by_label("Invoice", exact=True)).to_be_disabled()
    buyer.edit("Pine Desk", quantity=0)
    buyer.edit("Oak Chair", quantity=4)
    buyer.fill("delivery_note", "LS-1", buyer.dialog)
    buyer.fill("tracking_ref", "TRK-1", buyer.dialog)
    buyer.shot("phone/06-receive")
    buyer.push("Post")
    expect(buyer.page.locator(".o_dialog")).to_have_count(0)
    expect(buyer.card("Oak Chair")).to_contain_text("Received: 4.00")
    assert _quantities(admin, sale) == [[4, 0, 0], [0, 0, 0]]

    # Sales ships and invoices what has left since, one line of it.
    sales.show(SALE, sale)
    expect(sales.card("Oak Chair")).to_contain_text("Delivered: 4.00")
    sales.edit("Pine Desk", "order_line", qty_to_ship=0)
    sales.press("action_post_drop_shipment")
    expect(sales.card("Pine Desk", "line_ids")).to_contain_text("0.00 / 4.00")
    sales.tap(sales.dialog.get_by_label("Ship and Invoice", exact=True))
    sales.shot("phone/07-ship-and-invoice")
    sales.push("Post")
    sales.told("The invoice is left in draft")
    expect(sales.card("Oak Chair")).to_contain_text("Delivered: 10.00")
    assert [row[0] for row in _quantities(admin, sale)] == [10, 0]
    (invoice,) = shop.invoices(sale)
    assert _values(admin, MOVE, invoice, "state", "amount_untaxed") == [
        "draft",
        round(10 * SALES_PRICE, 2),
    ]
    expect(sales.alert("draft")).to_contain_text("A draft invoice waits")
    sales.shot("phone/08-draft-waits")

    _post_document(accountant, invoice)
    assert [row[1] for row in _quantities(admin, sale)] == [10, 0]

    # Now the bill may follow.
    buyer.show(PURCHASE, purchase)
    buyer.press("action_post_drop_shipment")
    buyer.tap(buyer.dialog.get_by_label("Invoice", exact=True))
    expect(buyer.card("Oak Chair", "bill_line_ids")).to_contain_text("10.00")
    buyer.shot("phone/09-invoice")
    buyer.push("Post")
    buyer.told("draft")
    expect(buyer.alert("draft")).to_be_visible()
    (bill,) = shop.bills(purchase)
    assert _values(admin, MOVE, bill, "state", "amount_untaxed") == [
        "draft",
        round(10 * PURCHASE_PRICE, 2),
    ]
    _post_document(accountant, bill)
    row = admin.read(PURCHASE, purchase, "order_line")[0]
    assert _values(admin, PURCHASE_LINE, row, "qty_received", "qty_invoiced") == [
        10,
        10,
    ]


def _post_document(accountant, document):
    """Accounting posts a draft."""
    accountant.show(MOVE, document)
    accountant.press("action_post")
    expect(accountant.page.locator(".o_arrow_button_current")).to_have_text("Posted")


def test_after_the_shipment(shop, phones, admin):
    """Return with a credit note, Correct Shipment, Close and Do Without Remainder."""
    buyer, trader = phones("buyer"), phones("trader")
    sale = shop.sale(("chair", 10), ("desk", 4), user="trader")
    purchase = shop.purchase(sale, user="trader")
    rows = admin.read(PURCHASE, purchase, "order_line")
    shop.post(SALE, sale, "ship_invoice", 3, user="trader", tracking_ref="TRK-1")
    (invoice,) = shop.invoices(sale)
    shop.people["accountant"].call(MOVE, "action_post", invoice)

    trader.show(SALE, sale)
    trader.press("action_return_drop_shipment")
    trader.edit("Oak Chair", quantity=2)
    trader.tap(trader.dialog.get_by_label("To Own Stock", exact=True))
    trader.tap(trader.field("credit", trader.dialog).locator("input"))
    trader.shot("phone/10-return")
    trader.push(re.compile("^Return$"))
    expect(trader.card("Oak Chair")).to_contain_text("Delivered: 1.00")
    assert [row[0] for row in _quantities(admin, sale)] == [1, 3]
    (credit,) = admin.search(
        MOVE, ["id", "in", shop.invoices(sale)], ["move_type", "=", "out_refund"]
    )
    assert admin.read(MOVE, credit, "amount_untaxed") == round(2 * SALES_PRICE, 2)

    trader.press("action_correct_drop_shipment")
    trader.edit("DS/", tracking_ref="TRK-2")
    trader.shot("phone/11-correct")
    trader.push("Save")
    expect(trader.page.locator(".o_dialog")).to_have_count(0)
    expect(trader.field("drop_shipment_tracking_ref")).to_have_text("TRK-2")
    assert admin.read(PURCHASE, purchase, "drop_shipment_tracking_ref") == "TRK-2"

    # The rest of one line is not wanted, that of the other is ordered elsewhere.
    trader.show(PURCHASE, purchase)
    trader.shot("phone/12-rest")
    waive = trader.card("Oak Chair").get_by_role("button", name="Do Without")
    trader.tap(waive)
    trader.confirm()
    expect(waive).to_have_count(0)
    buyer.show(PURCHASE, purchase)
    card = buyer.card("Pine Desk")
    expect(card.get_by_role("button", name="Do Without")).to_have_count(0)
    buyer.tap(card.get_by_role("button", name="Close Remainder"))
    buyer.confirm()
    expect(card.get_by_role("button", name="Close Remainder")).to_have_count(0)
    buyer.shot("phone/13-closed")
    ordered = [admin.read(PURCHASE_LINE, row, "product_qty") for row in rows]
    assert ordered == [3, 3]
    assert _quantities(admin, sale) == [[1, 1, 0], [3, 3, 1]]
    assert [
        admin.read(SALE_LINE, row, "product_uom_qty")
        for row in admin.read(SALE, sale, "order_line")
    ] == [3, 4]


def test_lots(shop, phones, admin):
    """Lots are entered in the form of the card, and asked for where they come back."""
    sales = phones("sales")
    product = admin.create(
        "product.product",
        name="Lot Chair",
        type="consu",
        is_storable=True,
        tracking="lot",
        list_price=SALES_PRICE,
        taxes_id=False,
        seller_ids=[
            (0, 0, {"partner_id": shop.facts["vendor"], "price": PURCHASE_PRICE})
        ],
    )
    shop.facts = {**shop.facts, "lots": product}
    sale = shop.sale(("lots", 5))
    shop.purchase(sale)
    sales.show(SALE, sale)
    sales.press("action_post_drop_shipment")
    sales.edit("Lot Chair", quantity=4, lot_names="LOT-1;3\nLOT-2;1")
    expect(sales.card("Lot Chair", "line_ids")).to_contain_text("LOT-2;1")
    sales.shot("phone/14-lots")
    sales.push("Post")
    expect(sales.card("Lot Chair")).to_contain_text("Delivered: 4.00")
    sales.press("action_return_drop_shipment")
    sales.edit("Lot Chair", quantity=1, lot_names="LOT-1")
    sales.push(re.compile("^Return$"))
    expect(sales.card("Lot Chair")).to_contain_text("Delivered: 3.00")
    done = admin.call(
        "stock.move.line",
        "search_read",
        domain=[["move_id.sale_line_id.order_id", "=", sale], ["state", "=", "done"]],
        fields=["lot_id", "quantity"],
    )
    assert sorted((row["lot_id"][1], row["quantity"]) for row in done) == [
        ("LOT-1", 1),
        ("LOT-1", 3),
        ("LOT-2", 1),
    ]


def test_the_list(shop, phones, admin):
    """Lines are held to select them: ordered by the buyer, posted by sales."""
    sales, buyer = phones("sales"), phones("buyer")
    # The order makes its vendor one of the product.
    product = admin.create(
        "product.product",
        name="Ash Stool",
        type="consu",
        is_storable=True,
        standard_price=10.0,
        supplier_taxes_id=False,
        list_price=SALES_PRICE,
        taxes_id=False,
    )
    shop.facts = {**shop.facts, "ash": product}
    sale = shop.sale(("chair", 10), ("ash", 2))
    number = admin.read(SALE, sale, "name")
    _open_list(buyer, "drop-shipments-to-order", number)
    buyer.shot("phone/15-list")
    buyer.select("Oak Chair", "Ash Stool")
    buyer.act("action_create_purchases")
    buyer.open_card("Ash Stool", "line_ids")
    buyer.pick("vendor_id", "Oak & Pine Furniture")
    buyer.push("Save")
    expect(buyer.card("Ash Stool", "line_ids")).to_contain_text("Oak & Pine")
    buyer.shot("phone/16-create-purchase-orders")
    buyer.push("Create Purchase Orders")
    expect(buyer.card("Ash Stool")).to_contain_text(number)
    buyer.press("button_confirm")
    expect(buyer.card("Ash Stool")).to_contain_text("Received")
    (purchase,) = admin.search(PURCHASE, ["sell_to_customer_id", "=", shop.customer])
    # The vendor has no price for the stool: what it costs otherwise.
    assert admin.read(PURCHASE, purchase, "amount_untaxed") == round(
        10 * PURCHASE_PRICE + 2 * 10, 2
    )

    _open_list(sales, "drop-shipments", number)
    sales.select("Oak Chair", "Ash Stool")
    sales.act("action_post")
    jobs = sales.page.locator(".o_drop_shipment_jobs")
    expect(jobs).to_contain_text("Oak & Pine Furniture")
    sales.fits()
    jobs.locator("input[name='tracking_ref']").fill("TRK-9")
    sales.shot("phone/17-post-of-the-list")
    sales.push("Post")
    expect(jobs.locator(".alert-success")).to_be_visible()
    sales.shot("phone/18-posted")
    sales.push("Close")
    assert [row[0] for row in _quantities(admin, sale)] == [10, 2]
    assert admin.read(SALE, sale, "drop_shipment_tracking_ref") == "TRK-9"


def _open_list(person, path, number):
    """Open the list of drop shipments, and look for one order."""
    person.goto(path)
    person.tap(person.page.locator(".o_control_panel button:has(.fa-search)"))
    person.page.locator(".o_searchview_input").fill(number)
    person.tap(person.page.locator(".o_searchview_autocomplete .o-dropdown-item"))
    expect(
        person.page.locator(".o_facet_values").filter(has_text=number)
    ).to_be_visible()
    cards = person.page.locator(".o_kanban_record:not(.o_kanban_ghost)")
    expect(cards.filter(has_not_text=number)).to_have_count(0)


def test_accountant(shop, phones, admin):
    """What is to invoice is found in Invoicing, and the order is a touch away."""
    accountant = phones("accountant")
    sale = shop.sale()
    purchase = shop.purchase(sale)
    shop.post(PURCHASE, purchase, "receive")
    _open_list(accountant, "drop-shipments-to-invoice", admin.read(SALE, sale, "name"))
    accountant.tap(accountant.page.locator(".o_kanban_record").first)
    expect(accountant.field("qty_shipped")).to_have_text("10.00")
    accountant.fits()
    accountant.shot("phone/19-accountant")
    accountant.tap(accountant.page.locator(".o_button_more"))
    accountant.tap(accountant.page.locator("button[name='action_view_sale']:visible"))
    expect(accountant.alert("invoice")).to_contain_text("invoice the customer")
    accountant.fits()


def test_receive_and_invoice(shop, phones, admin):
    """The buyer receives and bills at once; goods go back for a refund."""
    buyer, trader, accountant = phones("buyer"), phones("trader"), phones("accountant")
    product = admin.create(
        "product.product",
        name="Prepaid Chair",
        type="consu",
        is_storable=True,
        invoice_policy="order",
        list_price=SALES_PRICE,
        taxes_id=False,
        supplier_taxes_id=False,
        seller_ids=[
            (0, 0, {"partner_id": shop.facts["vendor"], "price": PURCHASE_PRICE})
        ],
    )
    shop.facts = {**shop.facts, "prepaid": product}
    sale = shop.sale(("prepaid", 5))
    purchase = shop.purchase(sale, user="trader")
    # Paid in advance, so the bill need not wait.
    shop.invoice(sale)
    buyer.show(PURCHASE, purchase)
    buyer.press("action_post_drop_shipment")
    buyer.tap(buyer.dialog.get_by_label("Receive and Invoice", exact=True))
    buyer.edit("Prepaid Chair", quantity=4)
    buyer.shot("phone/20-receive-and-invoice")
    buyer.push("Post")
    buyer.told("draft")
    expect(buyer.card("Prepaid Chair")).to_contain_text("Received: 4.00")
    (bill,) = shop.bills(purchase)
    assert admin.read(MOVE, bill, "amount_untaxed") == round(4 * PURCHASE_PRICE, 2)
    _post_document(accountant, bill)

    trader.show(PURCHASE, purchase)
    trader.press("action_return_drop_shipment")
    trader.edit("Prepaid Chair", quantity=1)
    trader.tap(trader.field("refund", trader.dialog).locator("input"))
    trader.shot("phone/21-return-to-vendor")
    trader.push(re.compile("^Return$"))
    expect(trader.card("Prepaid Chair")).to_contain_text("Received: 3.00")
    assert _quantities(admin, sale)[0][0] == 3
    (refund,) = admin.search(
        MOVE, ["id", "in", shop.bills(purchase)], ["move_type", "=", "in_refund"]
    )
    assert admin.read(MOVE, refund, "amount_untaxed") == round(PURCHASE_PRICE, 2)
