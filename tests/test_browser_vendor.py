"""The vendor's page in a real browser: by the mail's link, by a login, at once."""

import re
import uuid

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import expect

from harness.browser import SIZES
from tests.races import at_once

SALE, PURCHASE, PICKING = "sale.order", "purchase.order", "stock.picking"
COMPOSER = "mail.compose.message"
VENDOR = "orders@oakpine.example.com"
ANSWER = "/drop_shipment/{}"


@pytest.fixture
def visitor(browser):
    """A function that opens a browser of somebody without a login."""
    contexts = []

    def visit(size="desktop", **options):
        context = browser.new_context(locale="en-US", **SIZES[size], **options)
        contexts.append(context)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def link(admin, server):
    """A function that gives the address of an order's page, as a mail has it."""

    def get(purchase):
        token = str(uuid.uuid4())
        admin.write(PURCHASE, purchase, access_token=token)
        return f"{server.url}/my/purchase/{purchase}?access_token={token}"

    return get


def _mailed(buyer, mailbox, purchase):
    """Send the order as the browser does; return where the mail's button leads."""
    name = buyer.read(PURCHASE, purchase, "name")
    context = buyer.call(PURCHASE, "action_rfq_send", purchase)["context"]
    composer = buyer.create(COMPOSER, context=context)
    buyer.call(COMPOSER, "action_send_mail", composer, context=context)
    mail = mailbox.wait_for(VENDOR, name)
    page = html.fromstring(mail.get_body("html").get_content())
    (button,) = page.xpath("//a[normalize-space()='Open the Order']")
    return button.get("href")


def _form(page, answer):
    return page.locator(f"form[action$='{ANSWER.format(answer)}']")


def _send(page, answer):
    _form(page, answer).locator("button").click()


def _told(page, text):
    told = page.locator("[name=drop_shipment_told]")
    expect(told).to_contain_text(text)
    expect(told).to_be_in_viewport()


def test_phone_without_javascript(shop, buyer, admin, mailbox, visitor):
    """From the mail to a shipment: accepted, reported, posted by the buyer."""
    purchase = shop.purchase(shop.sale(("chair", 10)))
    url = _mailed(buyer, mailbox, purchase)
    for _scan in range(2):
        # What scanners of mails do.
        assert requests.get(f"{url}&acknowledge=True", timeout=60).ok
    assert not admin.read(PURCHASE, purchase, "acknowledged")
    page = visitor("phone", java_script_enabled=False)
    page.goto(url)
    _send(page, "accept")
    _told(page, "You have accepted the order")
    assert admin.read(PURCHASE, purchase, "acknowledged")
    form = _form(page, "ship")
    form.locator("input[type=number]").fill("11")
    _send(page, "ship")
    expect(page.locator("[name=drop_shipment_error]")).to_contain_text("0 to 10")
    expect(page.locator("[name=drop_shipment_wrong]")).to_be_in_viewport()
    form.locator("input[type=number]").fill("6")
    form.locator("#ship_tracking_ref").fill("1Z5R8E420391")
    page.screenshot(path="artifacts/screenshots/vendor-phone.png", full_page=True)
    _send(page, "ship")
    _told(page, "We were told of the shipment")
    (picking,) = admin.read(PURCHASE, purchase, "picking_ids")
    assert admin.read(PICKING, picking, "drop_shipment_reported")
    shop.post(PURCHASE, purchase, "receive")
    page.goto(url)
    expect(page.locator("[name=drop_shipment_qty_shipped]")).to_have_text(
        re.compile(r"Shipped:\s+6 Units")
    )
    expect(page.locator("[name=drop_shipment_open]")).to_have_text(
        re.compile(r"To Ship:\s+4 Units")
    )


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_accessible(size, shop, visitor, link):
    """Axe finds nothing serious, with all forms open and with what is wrong in them."""
    page = visitor(size)
    page.goto(link(shop.purchase(shop.sale(("chair", 10), ("desk", 4)))))
    for summary in page.locator("details summary").all():
        summary.click()
    _assert_accessible(page)
    _form(page, "decline").locator("input[type=number]").first.fill("3")
    _send(page, "decline")
    expect(page.locator("[name=drop_shipment_error]")).to_have_count(1)
    _assert_accessible(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= page.viewport_size["width"]


def _assert_accessible(page):
    found = Axe().run(page, context={"include": ["#wrap"]}).response
    wrong = [
        f"{violation['id']}: {node['html']}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if violation["impact"] in ("serious", "critical")
        # Core's own talk about the order.
        and "o-mail-" not in node["html"]
    ]
    assert not wrong, "\n".join(wrong)
    assert found["passes"], "axe looked at nothing"


def _fill_in(url, answer, **typed):
    """Return a function that sends a form of the page; it says whether it counts."""
    session = requests.Session()
    reply = session.get(url, timeout=60)
    (form,) = html.fromstring(reply.content).xpath(
        f"//form[contains(@action, '{ANSWER.format(answer)}')]"
    )
    address = requests.compat.urljoin(reply.url, form.get("action"))
    data = {**dict(form.form_values()), **typed}

    def send():
        answered = session.post(address, data=data, timeout=60)
        assert answered.ok, answered.status_code
        page = html.fromstring(answered.content)
        return bool(page.xpath("//*[@name='drop_shipment_told']"))

    return send


@pytest.mark.parametrize("answer", ["ship", "accept", "decline"])
def test_two_clicks_at_once(answer, shop, admin, link, rounds):
    """Two colleagues of the vendor in the same moment: one of them counts."""
    for _round in rounds:
        purchase = shop.purchase(shop.sale(("chair", 10)))
        line = shop.line(PURCHASE, purchase)
        typed = {f"quantity_{line}": "6", "reason": "Sold out"}
        url = link(purchase)
        sent = at_once(*(_fill_in(url, answer, **typed) for _click in range(2)))
        assert sorted(sent) == [False, True]
        notes = admin.search(
            "mail.message",
            ["model", "=", PURCHASE],
            ["res_id", "=", purchase],
            ["author_id", "=", shop.facts["vendor"]],
        )
        assert len(notes) == 1
