"""The story over the external API: sell, order, ship in parts, invoice and bill.

Each step by the person whose job it is, with no other rights, and checked. `dev.story`
plays it with the demonstration data, `tests/test_api_story.py` with that of the tests.
"""

import html
import re
import subprocess
from datetime import date

import httpx

from harness.client import sign_in
from harness.project import ROOT
from harness.shop import GET, MOVE, PURCHASE, SALE

ARTIFACTS = ROOT / "artifacts"


def expect(what, got, wanted):
    """End the story if something is not what it should be."""
    if got != wanted:
        raise AssertionError(f"{what}:\n  expected {wanted}\n  got      {got}")


def sale_lines(lines):
    """The sales lines of the story's lines, as a `Shop` sells them."""
    return [(*line[:2], {"price_unit": line[2]}) for line in lines]


class Story:
    """One telling: its people, its documents, and the steps in their order."""

    def __init__(self, shop, lines, *, ship_to, reference, tell=print):
        """Take what the story is about.

        :param lines: (product, quantity, price to the customer, price of the vendor),
            of 10 and of 4
        :param ship_to: the texts of the ship-to address, its name first
        :param tell: is given a line about each step
        """
        self.shop, self.lines, self.tell = shop, lines, tell
        self.ship_to, self.reference = ship_to, reference
        people = shop.people
        self.sales, self.buyer = people["sales"], people["buyer"]
        self.accountant = people["accountant"]
        self.customer, self.vendor = (
            self.sales.read("res.partner", partner, "name")
            for partner in (shop.customer, shop.facts["vendor"])
        )
        self.step = 0

    def play(self):
        """Play all steps."""
        self.sell()
        self.fetch()
        self.order()
        self.answer()
        self.ship()
        self.invoice()

    def did(self, person, text, *lines):
        """Tell what a person did; the sales lines must be as in `lines` by now.

        :param lines: (quantity shipped, state) of each line, or nothing
        """
        self.step += 1
        if lines:
            rows = self.sold("qty_delivered", "drop_shipment_state")
            expect(f"sales lines when {person} {text}", rows, [*map(list, lines)])
            text += " -> " + ", ".join(
                f"{line[0]} {shipped:g}/{line[1]} {state}"
                for line, (shipped, state) in zip(self.lines, rows, strict=True)
            )
        self.tell(f"{self.step:2}. {person:10} {text}")

    def sold(self, *fields):
        """What sales sees of the sales lines."""
        domain = [["order_id", "=", self.sale]]
        return self.sales.rows("sale.order.line", domain, *fields)

    def bought(self, *fields):
        """What the buyer sees of the purchase lines."""
        domain = [["order_id", "=", self.purchase]]
        return self.buyer.rows("purchase.order.line", domain, *fields)

    def sell(self):
        """Confirming a sales order makes no delivery and no purchase order."""
        lines, reference = sale_lines(self.lines), self.reference
        self.sale = self.shop.sale(*lines, client_order_ref=reference)
        self.number = self.sales.read(SALE, self.sale, "name")
        made = [
            self.sales.read(SALE, self.sale, "picking_ids"),
            self.buyer.search(PURCHASE, ["origin", "ilike", self.number]),
        ]
        expect("deliveries and purchase orders", made, [[], []])
        wanted = [[line[1]] for line in self.lines]
        expect("quantity to order", self.sold("drop_shipment_qty_to_order"), wanted)
        text = f"confirms {self.number}: no delivery, no purchase order"
        self.did("sales", text, (0, "to_order"), (0, "to_order"))

    def fetch(self):
        """Get Sales Order works for buyers who may not read sales orders."""
        buyer = self.buyer
        message = buyer.refused(SALE, "read", self.sale, fields=["name"])
        self.did("buyer", f"may not read {self.number}: {message}")
        self.purchase = self.shop.rfq()
        action = buyer.call(PURCHASE, "action_get_sales_order", self.purchase)
        expect("dialog of Get Sales Order", action["res_model"], GET)
        self.shop.fetch(self.purchase, self.sale)
        fields = "name", "origin", "dest_address_id", "drop_shipment_address_id"
        order = buyer.read(PURCHASE, self.purchase, *fields)
        self.order_number = order["name"]
        place = [self.shop.ship_to, f"{self.customer}, {self.ship_to[0]}"]
        got = order["origin"], order["dest_address_id"][0], order[fields[-1]]
        expect("source document and ship-to", got, (self.number, place[0], place))
        got = self.bought("product_qty", "price_unit", "drop_shipment_sale_ref")
        wanted = [[size, cost, self.number] for _n, size, _p, cost in self.lines]
        expect("purchase lines (quantity, price, sales order)", got, wanted)
        text = f"gets {self.number} into {self.order_number} to {self.vendor}"
        self.did("buyer", f"{text}, for {place[1]}", (0, "rfq"), (0, "rfq"))

    def order(self):
        """The PDF tells the vendor where to ship, and nothing of our sales prices."""
        self.buyer.call(PURCHASE, "button_confirm", self.purchase)
        text = f"confirms {self.order_number}"
        self.did("buyer", text, (0, "ordered"), (0, "ordered"))
        fields = "drop_shipment_purchase_ref", "drop_shipment_vendor_ref", "qty_to_ship"
        wanted = [[self.order_number, self.vendor, line[1]] for line in self.lines]
        expect("what sales sees of it", self.sold(*fields), wanted)
        text, file = self.print_order()
        wanted = (
            *self.ship_to,
            f"Customer: {self.customer}",
            self.reference,
            self.number,
        )
        expect("what the PDF lacks", [part for part in wanted if part not in text], [])
        self.assert_no_sales_price(text, "the PDF")
        text = "ship-to, customer and sales order, no sales price"
        self.did("buyer", f"saves artifacts/{file}: {text}")

    def print_order(self):
        """Print the purchase order; return its text and the name of the file."""
        buyer = self.buyer
        browser = sign_in(buyer.url, buyer.db, buyer.login, buyer.password)
        report = f"purchase.report_purchaseorder/{self.purchase}"
        answer = browser.get(f"/report/pdf/{report}")
        expect(f"type of {report}", answer.headers["content-type"], "application/pdf")
        ARTIFACTS.mkdir(exist_ok=True)
        file = ARTIFACTS / f"{self.order_number}.pdf"
        file.write_bytes(answer.content)
        text = subprocess.check_output(["pdftotext", file, "-"], text=True)
        if not text.strip():
            # Some builds of wkhtmltopdf draw web fonts as outlines: no text in the PDF,
            # only in the page that it is made from.
            page = browser.get(f"/report/html/{report}").text
            text = html.unescape(re.sub("<[^>]*>", " ", page))
        return " ".join(text.split()), file.name

    def assert_no_sales_price(self, text, where):
        """Fail if the price or the amount of a line stands there."""
        amounts = [
            f"{amount:,.2f}"
            for _name, quantity, price, _cost in self.lines
            for amount in (price, price * quantity)
        ]
        shown = [amount for amount in amounts if amount in text]
        expect(f"sales prices in {where}", shown, [])

    def answer(self):
        """The vendor accepts and reports, by the link in the mail, without a login."""
        buyer = self.buyer
        address = buyer.call(PURCHASE, "get_portal_url", self.purchase)
        with httpx.Client(
            base_url=buyer.url, timeout=120, follow_redirects=True
        ) as visitor:
            self.send_form(visitor, address, "accept")
            self.did("vendor", f"accepts {self.order_number} on its page")
            [[first], [second]] = self.bought("id")
            form = {f"quantity_{first}": 4, f"quantity_{second}": 0}
            form |= {"drop_shipment_tracking_ref": "1Z5R8E420391"}
            self.send_form(visitor, address, "ship", **form)
        fields = "acknowledged", "drop_shipment_notice"
        order = buyer.read(PURCHASE, self.purchase, *fields)
        expect("accepted", order["acknowledged"], True)
        text = f"reports 4 of {self.lines[0][0]}"
        self.did("vendor", text, (0, "ordered"), (0, "ordered"))
        self.did("buyer", f"is told: {order['drop_shipment_notice']}")

    def send_form(self, visitor, address, answer, **form):
        """Send a form of the vendor's page, as a browser without JavaScript would."""
        page = visitor.get(address).text
        self.assert_no_sales_price(page, "the vendor's page")
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        names = "csrf_token", "seen", "access_token"
        form |= {name: html.unescape(hidden[name]) for name in names}
        url = f"/my/purchase/{self.purchase}/drop_shipment/{answer}"
        taken = 'name="drop_shipment_told"' in visitor.post(url, data=form).text
        expect(f"answer {answer} on the vendor's page", taken, True)

    def post(self, model, option, quantity=None):
        """Post an order through its dialog: so much of each line, or what is left."""
        order = self.sale if model == SALE else self.purchase
        self.shop.post(model, order, option, quantity)
        received, delivered = self.bought("qty_received"), self.sold("qty_delivered")
        expect("quantities received, as delivered", received, delivered)

    def ship(self):
        """Sales and the buyer post the same transfers, in parts or what is left."""
        self.post(SALE, "ship")
        text = "posts Ship, just as reported"
        self.did("sales", text, (4, "partial"), (0, "ordered"))
        expect("left to ship", self.sold("qty_to_ship"), [[6], [4]])
        self.post(PURCHASE, "receive", 1)
        self.did("buyer", "posts Receive", (5, "partial"), (1, "partial"))

        self.bill = self.shop.bill(self.purchase, str(date.today()))
        self.did("buyer", "saves the vendor bill as a draft")
        self.did("accountant", f"may not post it yet: {self.refuse_bill()}")

        lines = [line for [line] in self.sold("id")]
        for line, quantity in zip(lines, (2, 1), strict=True):
            self.sales.write("sale.order.line", line, qty_to_ship=quantity)
        self.post(SALE, "ship_invoice")
        text = (
            "posts Ship and Invoice; the invoice is a draft, as sales may not post it"
        )
        self.did("sales", text, (7, "partial"), (2, "partial"))
        self.refuse_bill()
        # All that was shipped and not invoiced.
        [invoice] = self.shop.invoices(self.sale)
        self.post_draft("customer invoice", invoice, 9)
        self.post(PURCHASE, "receive")
        self.did("buyer", "posts Receive", (10, "shipped"), (4, "shipped"))

    def invoice(self):
        """First the customer's invoice, then the vendor's bill."""
        invoice = self.shop.invoice(self.sale, post=False)
        self.did("sales", "invoices what is left")
        invoiced = (10, "invoiced"), (4, "invoiced")
        self.post_draft("customer invoice", invoice, 5, *invoiced)
        self.post_draft("vendor bill", self.bill, 6, *invoiced)
        self.post(PURCHASE, "invoice")
        text = "posts Invoice; the bill is a draft, as buyers may not post it"
        self.did("buyer", text)
        [bill] = set(self.shop.bills(self.purchase)) - {self.bill}
        self.post_draft("vendor bill", bill, 8, (10, "done"), (4, "done"))

    def refuse_bill(self):
        """The bill can't be posted before the invoice is; return why not."""
        message = self.accountant.refused(MOVE, "action_post", self.bill)
        start = f"Invoice sales order {self.number} first"
        expect("start of the refusal", message[: len(start)], start)
        state = self.accountant.read(MOVE, self.bill, "state")
        expect("state of what was refused", state, "draft")
        return message

    def post_draft(self, what, move, quantity, *lines):
        """Have the accountant post a draft of this quantity."""
        user = self.accountant
        expect(f"state of the {what}", user.read(MOVE, move, "state"), "draft")
        domain = [["move_id", "=", move], ["display_type", "=", "product"]]
        rows = user.rows("account.move.line", domain, "quantity")
        expect(f"quantity of the {what}", sum(row[0] for row in rows), quantity)
        user.write(MOVE, move, invoice_date=str(date.today()))
        user.call(MOVE, "action_post", move)
        posted = user.read(MOVE, move, "name", "state")
        expect(f"state of the {what}", posted["state"], "posted")
        text = f"posts {what} {posted['name']} of {quantity}"
        self.did("accountant", text, *lines)
