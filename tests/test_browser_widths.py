"""Nothing of an order's lines is out of sight where people have their chatter open."""

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
