"""One shipment, seen by all: vendor with a login, buyer, salesperson, customer.

The customer comes by the link of the mail that the SMTP server caught, in Dutch.
"""

import re

import pytest
from lxml import html
from playwright.sync_api import expect

from harness.browser import SHOTS, SIZES, Person

SALE, PURCHASE = "sale.order", "purchase.order"
LOGIN = "vendor_portal"


@pytest.fixture
def told(admin, server):
    """The company tells its customers of shipments."""
    company, name = server.facts["company"], "stock_move_email_validation"
    before = admin.read("res.company", company, name)
    admin.write("res.company", company, **{name: True})
    yield
    admin.write("res.company", company, **{name: before})


@pytest.fixture
def vendor_login(admin, server):
    """A person of the vendor's with a login on the portal."""
    if not admin.search("res.users", ["login", "=", LOGIN]):
        partner = admin.create(
            "res.partner",
            name="Pat Oak",
            parent_id=server.facts["vendor"],
            email="pat@oakpine.example.com",
        )
        [group] = admin.search(
            "ir.model.data", ["module", "=", "base"], ["name", "=", "group_portal"]
        )
        admin.create(
            "res.users",
            partner_id=partner,
            login=LOGIN,
            password=LOGIN,
            group_ids=[[6, 0, [admin.read("ir.model.data", group, "res_id")]]],
        )
    return {"login": LOGIN, "password": LOGIN}


@pytest.fixture
def open_page(browser):
    """A function that opens a browser of somebody outside."""
    contexts = []

    def visit(size, locale="en-US"):
        context = browser.new_context(locale=locale, **SIZES[size])
        contexts.append(context)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()


def _shot(page, name, size):
    page.screenshot(path=SHOTS / f"vendor-parties-{name}-{size}.png", full_page=True)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"], f"{name} is wider than the screen"


def _sign_in(page, server, user):
    page.goto(f"{server.url}/web/login")
    page.fill("#login", user["login"])
    page.fill("#password", user["password"])
    page.click("button[type=submit]:has-text('Log in')")
    page.wait_for_url(re.compile("/my"))


def _report(page, server, purchase_name, size):
    """The vendor finds the order in their list, and reports six of ten."""
    page.goto(f"{server.url}/my/drop_shipments?search={purchase_name}")
    _shot(page, "list", size)
    page.get_by_role("link", name=purchase_name).first.click()
    form = page.locator("form[action$='/drop_shipment/ship']")
    form.locator("input[type=number]").fill("6")
    form.locator("#ship_delivery_note").fill("LS-4711")
    form.locator("#ship_tracking_ref").fill("1Z5R8E420391")
    form.locator("button").click()
    expect(page.locator("[name=drop_shipment_told]")).to_contain_text("We were told")
    expect(page.locator("[name=drop_shipment_shipment]")).to_have_count(0)


def _post(person, purchase, size):
    """The buyer is told one thing, and posts it."""
    person.show(PURCHASE, purchase)
    expect(person.page.locator(".o_form_view")).to_contain_text("reported as shipped")
    expect(person.page.locator(".o_form_view")).not_to_contain_text("Partly shipped")
    _shot(person.page, "buyer", size)
    action = person.page.get_by_role("button", name="Post", exact=True).first
    action.click()
    person.dialog.wait_for()
    person.button("action_post", person.dialog).click()
    expect(person.page.locator(".o_dialog")).to_have_count(0)
    expect(person.page.locator(".o_form_view")).to_contain_text("Partly shipped")


def _link(mail):
    """Return the address of the order's page in a mail."""
    page = html.fromstring(mail.get_body("html").get_content())
    links = [link.get("href") for link in page.xpath("//a[@href]")]
    (link,) = {link for link in links if "/my/orders/" in link or "/mail/view" in link}
    return link


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_all_parties(
    size, shop, admin, server, browser, mailbox, told, vendor_login, open_page
):
    """Reported by the vendor, posted by the buyer, seen by sales and the customer."""
    email = f"dutch{shop.number}@customer.example.com"
    admin.write("res.partner", shop.customer, lang="nl_NL", email=email)
    sale = shop.sale(("chair", 10))
    purchase = shop.purchase(sale)
    sale_name = admin.read(SALE, sale, "name")
    vendor = open_page(size)
    _sign_in(vendor, server, vendor_login)
    _report(vendor, server, admin.read(PURCHASE, purchase, "name"), size)
    buyer = Person(browser, server, server.facts["users"]["buyer"], size=size)
    _post(buyer, purchase, size)
    buyer.close()

    vendor.reload()
    shipment = vendor.locator("[name=drop_shipment_shipment]")
    expect(shipment).to_have_count(1)
    expect(shipment).to_contain_text("LS-4711")
    expect(shipment).to_contain_text("6 Units Oak Chair")
    _shot(vendor, "vendor", size)

    mail = mailbox.wait_for(email, sale_name)
    body = mail.get_body("html").get_content()
    assert "1Z5R8E420391" in body
    assert "LS-4711" in body
    # In Dutch: tracking number, and a part of the order.
    assert "verzonden" in body
    customer = open_page(size, "nl-NL")
    customer.goto(_link(mail))
    page = customer.locator("#wrap")
    for text in (sale_name, "Trackingnummer: 1Z5R8E420391", "LS-4711"):
        expect(page).to_contain_text(text)
    for text in ("Oak & Pine", "12.34", "12,34"):
        expect(page).not_to_contain_text(text)
    _shot(customer, "customer", size)

    person = Person(browser, server, server.facts["users"]["sales"], size=size)
    person.show(SALE, sale)
    expect(person.page.locator(".o_form_view")).to_contain_text("Partly shipped")
    _shot(person.page, "sales", size)
    person.close()
