"""The story once more, short, by people whose Odoo speaks Dutch."""

import re

import pytest
from playwright.sync_api import expect

from harness.browser import cell, line

SALE, PURCHASE = "sale.order", "purchase.order"


@pytest.fixture
def dutch(people, server):
    """Sales and buyer change to Dutch, and back."""
    users = [server.facts["users"][role]["id"] for role in ("sales", "buyer")]
    for user in users:
        people["admin"].write("res.users", user, lang="nl_NL")
    yield
    for user in users:
        people["admin"].write("res.users", user, lang="en_US")


@pytest.mark.usefixtures("dutch")
def test_doorverzending(shop, new_desks, admin):
    """From tick to receipt in Business Central's Dutch words."""
    sales, buyer = new_desks("sales"), new_desks("buyer")
    sale = shop.sale(("chair", 10), confirm=False)
    number = admin.read(SALE, sale, "name")
    sales.show(SALE, sale)
    header = sales.page.locator("[name='order_line'] th")
    expect(header.filter(has_text="Doorverzending")).to_be_visible()
    sales.button("action_confirm").click()
    expect(cell(sales, "Oak Chair", "drop_shipment_state")).to_have_text("Te bestellen")
    sales.shot("50-dutch-sale")

    purchase = shop.rfq()
    buyer.show(PURCHASE, purchase)
    get = buyer.button("action_get_sales_order")
    expect(get).to_have_text("Verkooporder ophalen")
    get.click()
    # The only order on offer is chosen already.
    expect(line(buyer, "Oak Chair")).to_be_visible()
    buyer.shot("51-dutch-get-sales-order")
    buyer.button("action_insert_lines", buyer.dialog).click()
    expect(buyer.page.locator(".o_dialog")).to_have_count(0)
    buyer.button("button_confirm").click()
    expect(buyer.page.locator(".o_arrow_button_current")).to_contain_text("Inkooporder")
    buyer.button("action_post_drop_shipment").click()
    for option in ("Ontvangen", "Factureren", "Ontvangen en factureren"):
        expect(buyer.dialog.get_by_label(option, exact=True)).to_be_visible()
    expect(buyer.dialog).to_contain_text(re.compile(f"Factureer eerst.*{number}"))
    buyer.shot("52-dutch-post")
    buyer.button("action_post", buyer.dialog).click()
    expect(cell(buyer, "Oak Chair", "qty_received")).to_have_text("10,00")

    sales.show(SALE, sale)
    expect(cell(sales, "Oak Chair", "drop_shipment_state")).to_have_text("Verzonden")
    expect(cell(sales, "Oak Chair", "qty_delivered")).to_have_text("10,00")
    sales.shot("53-dutch-shipped")
