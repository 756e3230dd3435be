"""Nothing of the lines of orders and dialogs is out of sight."""

from playwright.sync_api import expect

SIZE = {"width": 1440, "height": 900}
# Whether the whole amount is in sight, of five digits as well.
WHOLE = "cell => cell.scrollWidth <= cell.clientWidth"
# Whether the list of lines keeps to its place.
FITS = "list => list.scrollWidth <= list.clientWidth"


def _check(person, model, order):
    """At 1440 pixels with the chatter the whole row is in sight, amount and all."""
    person.page.set_viewport_size(SIZE)
    person.show(model, order)
    expect(person.page.locator(".o-mail-Form-chatter.o-aside")).to_be_visible()
    lines = person.page.locator("[name='order_line'] .o_list_renderer")
    amount = lines.locator(".o_data_row td[name='price_subtotal']").first
    expect(amount).to_be_visible()
    # Widths of columns are set once the rows are there, on a busy machine later.
    person.page.wait_for_timeout(500)
    person.page.wait_for_function(FITS, arg=lines.element_handle())
    person.page.wait_for_function(WHOLE, arg=amount.element_handle())


def test_amount_is_in_sight(shop, new_desks):
    """Of an order that is ordered, shipped in part, and of its purchase order."""
    sale = shop.sale(("chair", 10), ("desk", 4))
    purchase = shop.purchase(sale)
    shop.post("sale.order", sale, "ship", 3, user="sales")
    _check(new_desks("sales"), "sale.order", sale)
    _check(new_desks("buyer"), "purchase.order", purchase)


def test_create_purchase_orders_fits(shop, new_desks):
    """At 1366 pixels, with units and a line without a vendor, the bin is in sight."""
    admin = shop.people["admin"]
    domain = ["model", "=", "res.groups"], ["name", "=", "group_uom"]
    [[group]] = admin.rows("ir.model.data", list(domain), "res_id")
    buyer_id = shop.people["buyer"].user_id
    sales = [shop.sale(("chair", 10)), shop.sale(("stool", 4))]
    admin.write("res.users", buyer_id, group_ids=[[4, group]])
    try:
        buyer = new_desks("buyer")
        buyer.page.set_viewport_size({"width": 1366, "height": 768})
        buyer.page.goto(f"{buyer.server.url}/odoo/drop-shipments-to-order")
        for sale in sales:
            number = admin.read("sale.order", sale, "name")
            row = buyer.page.locator(".o_data_row").filter(has_text=number)
            row.locator(".o_list_record_selector input").click()
        buyer.button("action_create_purchases").click()
        lines = buyer.dialog.locator(".o_list_renderer")
        expect(lines.locator("th[data-name='product_uom_id']")).to_be_visible()
        expect(lines.locator("th[data-name='price_hint']")).to_be_visible()
        buyer.page.wait_for_timeout(500)
        assert lines.evaluate(FITS)
    finally:
        admin.write("res.users", buyer_id, group_ids=[[3, group]])
