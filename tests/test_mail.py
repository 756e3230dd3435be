"""The vendor's mail, as it arrives, with the PDF in it."""

import re
import subprocess

import pytest

from harness import project
from harness.shop import PURCHASE_PRICE, SALES_PRICE

SALE, PURCHASE = "sale.order", "purchase.order"
COMPOSER = "mail.compose.message"
ADDRESSES = {
    "vendor": "orders@oakpine.example.com",
    "dutch_vendor": "verkoop@jansen.example.com",
}


@pytest.fixture
def send(shop, buyer, mailbox):
    """A function that makes an order and sends it as the browser does.

    It gives what the order is called, the mail, and the texts of its PDFs.
    """

    def make_and_send(vendor, *, rfq=False):
        sale = shop.sale(("chair", 4), ("desk", 3), client_order_ref="CUST-PO-778")
        purchase = shop.purchase(sale, partner_id=shop.facts[vendor], confirm=not rfq)
        numbers = (
            shop.people["sales"].read(SALE, sale, "name"),
            buyer.read(PURCHASE, purchase, "name"),
        )
        action = buyer.call(
            PURCHASE, "action_rfq_send", purchase, context={"send_rfq": rfq}
        )
        context = action["context"]
        composer = buyer.create(COMPOSER, context=context)
        buyer.call(COMPOSER, "action_send_mail", composer, context=context)
        mail = mailbox.wait_for(ADDRESSES[vendor], numbers[1])
        texts = [_pdf_text(part, numbers[1]) for part in mail.iter_attachments()]
        return numbers, mail, texts

    return make_and_send


def _pdf_text(attachment, name):
    """The text of an attachment; keeps the PDF, and a picture of it."""
    assert attachment.get_content_type() == "application/pdf"
    assert name in attachment.get_filename()
    content = attachment.get_content()
    folder = project.ROOT / "artifacts" / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / attachment.get_filename()
    file.write_bytes(content)
    subprocess.run(
        ["pdftoppm", "-png", "-r", "80", file, file.with_suffix("")], check=True
    )
    text = subprocess.check_output(["pdftotext", file, "-"], text=True)
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("rfq", "subject", "title"),
    [
        (True, "Drop Shipment Request", "Request for Quotation "),
        (False, "Drop Shipment Order", "Purchase Order #"),
    ],
)
def test_mail_to_the_vendor(shop, admin, send, rfq, subject, title):
    """Whose goods they are and where to ship them, and no price of ours."""
    (sale, purchase), mail, (text,) = send("vendor", rfq=rfq)
    assert subject in mail["Subject"]
    assert purchase in mail["Subject"]
    assert ADDRESSES["vendor"] in mail["To"]
    body = mail.get_body(("html", "plain")).get_content()
    customer = admin.read("res.partner", shop.customer, "name")
    assert customer in body
    assert f"{title}{purchase} - Drop Shipment" in text
    for expected in (
        # The ship-to address with contact and phone
        f"Dock {shop.number}",
        "3 Dock Road",
        "Docktown 98765",
        "+1 555 0100",
        customer,
        "CUST-PO-778",
        sale,
        "Oak Chair",
        "Pine Desk",
    ):
        assert expected in text, f"{expected} is not in: {text}"
    # A request asks for the vendor's price, an order has it.
    assert (str(PURCHASE_PRICE) in text) == (not rfq)
    _assert_no_sales_price(body)
    _assert_no_sales_price(text)


def _assert_no_sales_price(text):
    """Neither the price nor the amount of a line or of the order, however written."""
    digits = re.sub(r"(?<=\d)[.,'\s](?=\d)", "", text)
    for quantity in (1, 4, 3, 7):
        amount = f"{round(SALES_PRICE * quantity * 100)}"
        assert amount not in digits, f"{quantity} x the sales price is in: {text}"


def test_language_of_the_vendor(send):
    """A Dutch vendor gets it in Dutch, whatever the buyer's language is."""
    (sale, purchase), mail, (text,) = send("dutch_vendor")
    assert mail["Subject"] == f"Bestelling {purchase}"
    assert "Inkooporder" in text
    assert "Purchase Order" not in text
    assert sale in text


@pytest.fixture
def wants_slips(shop, admin):
    """The vendor puts our packing slips into the parcels."""
    partner, name = shop.facts["vendor"], "property_drop_shipment_packing_slip"
    admin.write("res.partner", partner, **{name: "always"})
    yield
    admin.write("res.partner", partner, **{name: False})


@pytest.mark.usefixtures("wants_slips")
def test_packing_slip(shop, admin, send):
    """The vendor's mail brings a packing slip of ours, without vendor and price."""
    (sale, purchase), mail, texts = send("vendor")
    assert [part.get_filename() for part in mail.iter_attachments()] == [
        f"Purchase Order - {purchase}.pdf",
        f"Packing Slip - {purchase}.pdf",
    ]
    order, slip = texts
    assert str(PURCHASE_PRICE) in order
    company = admin.read("res.company", 1, "name")
    for expected in (
        *("Packing Slip", company, sale, "CUST-PO-778"),
        *("3 Dock Road", "Docktown 98765"),
        *("Oak Chair", "4 Units", "Pine Desk", "3 Units"),
    ):
        assert expected in slip, f"{expected} is not in: {slip}"
    assert "Oak & Pine Furniture" not in slip
    assert purchase not in slip
    assert str(PURCHASE_PRICE) not in slip
    _assert_no_sales_price(slip)
