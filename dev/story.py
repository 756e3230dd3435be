"""Plays the add-on's main job on a server with its demonstration data.

    .dev/venv/bin/python -m dev.story --url http://localhost:8069 --db demo

Sales, a buyer without sales rights and an accountant do it as other software would,
over Odoo's external API (JSON-2), each with their own rights. Each step prints what it
did and has checked it; a mismatch ends the story with status 1. It may be played again
and again: every time makes new documents.
"""

import argparse
import html
import os
import re
import subprocess
import sys
from datetime import date
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
from odoolib.tools import AuthenticationError

from harness.client import Client, Refused
from harness.project import ROOT
from harness.shop import GET, POST, command_create

ARTIFACTS = ROOT / "artifacts"
CUSTOMER = "Maple Street Clinic"
REFERENCE = "MSC-7800"
SHIP_TO = ["East Wing, Dana Reyes", "221 Maple Street, Entrance E", "+1 608 555 0142"]
VENDOR = "Harbor Contract Furniture"
# Product, quantity, price to the customer, price of the vendor
LINES = [("DS-CHAIR", 10, 289.0, 178.0), ("DS-LAMP", 4, 139.0, 91.0)]


def expect(what, got, wanted):
    """End the story if something is not what it should be."""
    if got != wanted:
        sys.exit(f"MISMATCH in {what}:\n  expected {wanted}\n  got      {got}")


def post(browser, path, **params):
    """Ask a page for data, as Odoo's own screens do."""
    answer = browser.post(path, json={"params": params}).json()
    if "error" in answer:
        data = answer["error"]["data"]
        raise Refused(data["name"], data["message"])
    return answer["result"]


def sign_in(url, db, login):
    """Return a browser's session. In the demonstration the passwords are the logins."""
    browser = httpx.Client(base_url=url, timeout=120)
    post(browser, "/web/session/authenticate", db=db, login=login, password=login)
    return browser


class User(Client):
    """One of the people: a session for what browsers get, an API key for calls."""

    def __init__(self, url, db, login):
        self.browser = sign_in(url, db, login)
        session = post(self.browser, "/web/session/get_session_info")
        address = urlsplit(url)
        super().__init__(
            address.port or 80,
            db,
            {
                "id": session["uid"],
                "login": login,
                "password": login,
                "key": self._new_key(login),
            },
            host=address.hostname,
        )

    def _new_key(self, password):
        """Return an API key for a day, made as people do in their preferences."""

        def call(model, method, *args, **context):
            params = {"model": model, "method": method, "args": args}
            params["kwargs"] = {"context": context}
            return post(self.browser, "/web/dataset/call_kw", **params)

        dialog = "res.users.apikeys.description"
        [key] = call(dialog, "create", [{"name": "The story", "duration": "1"}])
        # Odoo asks for the password again before it hands out a key.
        check = call(dialog, "make_key", [key])
        check = check["res_model"], "run_check", [check["res_id"]]
        return call(*check, password=password)["context"]["default_key"]

    def refused(self, *args, **values):
        """Return the message that refuses this call, without advice that follows."""
        try:
            self.call(*args, **values)
        except Refused as error:
            return error.message.partition("\n")[0]
        return expect("a call", "accepted", "refused")

    def rows(self, model, domain, *fields):
        """Return the values of these fields, a list for each record."""
        rows = self.call(model, "search_read", domain=domain, fields=fields)
        return [[row[field] for field in fields] for row in rows]

    def find(self, model, *domain):
        """Return the one record that this domain finds."""
        ids = self.search(model, *domain)
        expect(f"number of {model} with {domain}", len(ids), 1)
        return ids[0]


class Story:
    """One telling: its people, its documents, and the steps in their order."""

    def __init__(self, url, db):
        # From an administrator who signs in, Odoo learns its address; PDFs need it.
        sign_in(url, db, "admin")
        self.url = url
        people = (User(url, db, login) for login in ("sales", "buyer", "accountant"))
        self.sales, self.buyer, self.accountant = people
        self.step = 0

    def tell(self, user, text, *lines):
        """Print what a user did, and the sales lines, which must be as in `lines`.

        :param lines: (quantity shipped, state) for each of LINES, or nothing
        """
        self.step += 1
        if lines:
            fields = "qty_delivered", "drop_shipment_state"
            rows = self.sales.rows("sale.order.line", self.sale_lines, *fields)
            expect(f"sales lines when {user.login} {text}", rows, [*map(list, lines)])
            text += " -> " + ", ".join(
                f"{line[0]} {shipped:g}/{line[1]} {state}"
                for line, (shipped, state) in zip(LINES, rows, strict=True)
            )
        print(f"{self.step:2}. {user.login:10} {text}", flush=True)

    def play(self):
        """Play all steps."""
        self.sell()
        self.fetch()
        self.order()
        self.answer()
        self.ship()
        self.invoice()

    def sell(self):
        """Confirming a sales order makes no delivery and no purchase order."""
        user = self.sales
        lines = [
            {
                "product_id": user.find("product.product", ["default_code", "=", code]),
                "product_uom_qty": quantity,
                "price_unit": price,
                "drop_shipment": True,
            }
            for code, quantity, price, _cost in LINES
        ]
        customer = user.find("res.partner", ["name", "=", CUSTOMER])
        place = ["name", "=", SHIP_TO[0]], ["parent_id", "=", customer]
        self.sale = user.create(
            "sale.order",
            partner_id=customer,
            partner_shipping_id=user.find("res.partner", *place),
            client_order_ref=REFERENCE,
            order_line=[command_create(**line) for line in lines],
        )
        user.call("sale.order", "action_confirm", self.sale)
        self.sale_lines = [["order_id", "=", self.sale]]
        domain = [["id", "=", self.sale]]
        [[self.number, *made]] = user.rows("sale.order", domain, "name", "picking_ids")
        domain = [["origin", "ilike", self.number]]
        made.append(self.buyer.call("purchase.order", "search", domain=domain))
        expect("deliveries and purchase orders", made, [[], []])
        text = f"confirms {self.number}: no delivery, no purchase order"
        self.tell(user, text, (0, "to_order"), (0, "to_order"))

    def fetch(self):
        """Get Sales Order works for buyers who may not read sales orders."""
        user = self.buyer
        message = user.refused("sale.order", "read", self.sale, fields=["name"])
        self.tell(user, f"may not read {self.number}: {message}")
        self.purchase = user.create(
            "purchase.order",
            partner_id=user.find("res.partner", ["name", "=", VENDOR]),
            sell_to_customer_id=user.find("res.partner", ["name", "=", CUSTOMER]),
        )
        action = user.call("purchase.order", "action_get_sales_order", self.purchase)
        expect("dialog of Get Sales Order", action["res_model"], GET)
        dialog = user.create(
            GET,
            purchase_order_id=self.purchase,
            sale_order_ids=[[6, 0, [self.sale]]],
        )
        user.call(GET, "action_insert_lines", dialog)

        domain = [["id", "=", self.purchase]]
        fields = "name", "origin", "drop_shipment_address_id"
        [[self.order_number, origin, (_id, place)]] = user.rows(
            "purchase.order", domain, *fields
        )
        wanted = self.number, f"{CUSTOMER}, {SHIP_TO[0]}"
        expect("source document and ship-to", (origin, place), wanted)
        self.purchase_lines = [["order_id", "=", self.purchase]]
        fields = "product_qty", "price_unit", "drop_shipment_sale_ref"
        got = user.rows("purchase.order.line", self.purchase_lines, *fields)
        wanted = [[quantity, cost, self.number] for _c, quantity, _p, cost in LINES]
        expect("purchase lines (quantity, price, sales order)", got, wanted)
        fields = "drop_shipment_purchase_ref", "drop_shipment_vendor_ref"
        got = self.sales.rows("sale.order.line", self.sale_lines, *fields)
        expect("what sales sees of it", got, [[self.order_number, VENDOR]] * 2)
        text = f"gets {self.number} into {self.order_number} to {VENDOR}, for {place}"
        self.tell(user, text, (0, "rfq"), (0, "rfq"))

    def order(self):
        """The PDF tells the vendor where to ship, and nothing of our sales prices."""
        user = self.buyer
        user.call("purchase.order", "button_confirm", self.purchase)
        text = f"confirms {self.order_number}"
        self.tell(user, text, (0, "ordered"), (0, "ordered"))
        report = f"purchase.report_purchaseorder/{self.purchase}"
        answer = user.browser.get(f"/report/pdf/{report}")
        expect(f"type of {report}", answer.headers["content-type"], "application/pdf")
        ARTIFACTS.mkdir(exist_ok=True)
        file = ARTIFACTS / f"{self.order_number}.pdf"
        file.write_bytes(answer.content)
        text = subprocess.check_output(["pdftotext", file, "-"], text=True)
        if not text.strip():
            # Some builds of wkhtmltopdf draw web fonts as outlines: no text in the PDF,
            # only in the page that it is made from.
            page = user.browser.get(f"/report/html/{report}").text
            text = html.unescape(re.sub("<[^>]*>", " ", page))
        text = " ".join(text.split())
        wanted = [*SHIP_TO, f"Customer: {CUSTOMER}", REFERENCE, self.number]
        expect("what the PDF lacks", [part for part in wanted if part not in text], [])
        prices = [f"{total:,.2f}" for _c, q, p, _v in LINES for total in (p, p * q)]
        shown = [price for price in prices if price in text]
        expect("sales prices in the PDF", shown, [])
        text = "ship-to, customer and sales order, no sales price"
        self.tell(user, f"saves artifacts/{file.name}: {text}")

    def answer(self):
        """The vendor accepts and reports, by the link in the mail, without a login."""
        buyer, vendor = self.buyer, SimpleNamespace(login="vendor")
        address = buyer.call("purchase.order", "get_portal_url", self.purchase)
        with httpx.Client(
            base_url=self.url, timeout=120, follow_redirects=True
        ) as visitor:
            self.send_form(visitor, address, "accept")
            self.tell(vendor, f"accepts {self.order_number} on its page")
            [[chairs], [lamps]] = buyer.rows(
                "purchase.order.line", self.purchase_lines, "id"
            )
            form = {f"quantity_{chairs}": 4, f"quantity_{lamps}": 0}
            form |= {"drop_shipment_tracking_ref": "1Z5R8E420391"}
            self.send_form(visitor, address, "ship", **form)
        fields = "acknowledged", "drop_shipment_notice"
        domain = [["id", "=", self.purchase]]
        [[accepted, notice]] = buyer.rows("purchase.order", domain, *fields)
        expect("accepted", accepted, True)
        self.tell(vendor, "reports 4 of 10 chairs", (0, "ordered"), (0, "ordered"))
        self.tell(buyer, f"is told: {notice}")

    def send_form(self, visitor, address, answer, **form):
        """Send a form of the vendor's page, as a browser without JavaScript would."""
        page = visitor.get(address).text
        for price in (f"{price:,.2f}" for _code, _quantity, price, _cost in LINES):
            expect("a sales price on the vendor's page", price in page, False)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        names = "csrf_token", "seen", "access_token"
        form |= {name: html.unescape(hidden[name]) for name in names}
        url = f"/my/purchase/{self.purchase}/drop_shipment/{answer}"
        taken = 'name="drop_shipment_told"' in visitor.post(url, data=form).text
        expect(f"answer {answer} on the vendor's page", taken, True)

    def post_order(self, user, option, quantities=(), **order):
        """Post an order through its dialog: these quantities, or all that is left."""
        if quantities:
            lines = user.search("sale.order.line", *self.sale_lines)
            for line, quantity in zip(lines, quantities, strict=True):
                values = {"qty_to_ship": quantity}
                user.write("sale.order.line", line, **values)
        dialog = user.create(POST, option=option, **order)
        user.call(POST, "action_post", dialog)
        wanted = self.sales.rows("sale.order.line", self.sale_lines, "qty_delivered")
        got = self.buyer.rows(
            "purchase.order.line", self.purchase_lines, "qty_received"
        )
        expect("quantities received, as delivered", got, wanted)

    def post_draft(self, origin, quantity, refused=False):
        """Have the accountant post the draft invoice of an order.

        :return: the number of the invoice, or the message that refuses it
        """
        user, model = self.accountant, "account.move"
        domain = ["invoice_origin", "=", origin], ["state", "=", "draft"]
        move = user.find(model, *domain)
        user.write(model, move, invoice_date=str(date.today()))
        domain = [["move_id", "=", move], ["display_type", "=", "product"]]
        rows = user.rows("account.move.line", domain, "quantity")
        expect(f"quantity invoiced for {origin}", sum(row[0] for row in rows), quantity)
        if refused:
            return user.refused(model, "action_post", move)
        user.call(model, "action_post", move)
        [[name, state]] = user.rows(model, [["id", "=", move]], "name", "state")
        expect(f"state of {name}", state, "posted")
        return name

    def ship(self):
        """Sales and the buyer post the same transfers, in parts or what is left."""
        sales, buyer, accountant = self.sales, self.buyer, self.accountant
        self.post_order(sales, "ship", sale_order_id=self.sale)
        text = "posts Ship, just as reported"
        self.tell(sales, text, (4, "partial"), (0, "ordered"))

        buyer.call("purchase.order", "action_create_invoice", self.purchase)
        self.tell(buyer, "saves the vendor bill as a draft")
        message = self.post_draft(self.order_number, 4, refused=True)
        start = f"Invoice sales order {self.number} first"
        expect("start of the refusal", message[: len(start)], start)
        self.tell(accountant, f"may not post it yet: {message}")

        self.post_order(sales, "ship_invoice", [2, 1], sale_order_id=self.sale)
        text = (
            "posts Ship and Invoice; the invoice is a draft, as sales may not post it"
        )
        self.tell(sales, text, (6, "partial"), (1, "partial"))
        # All that was shipped and not invoiced.
        invoice = self.post_draft(self.number, 7)
        self.tell(accountant, f"posts customer invoice {invoice} of 7")
        self.post_order(buyer, "receive", purchase_order_id=self.purchase)
        self.tell(buyer, "posts Receive", (10, "shipped"), (4, "shipped"))

    def invoice(self):
        """First the customer's invoice, then the vendor's bill."""
        sales, buyer, accountant = self.sales, self.buyer, self.accountant
        model = "sale.advance.payment.inv"
        dialog = sales.create(model, sale_order_ids=[[6, 0, [self.sale]]])
        sales.call(model, "create_invoices", dialog)
        self.tell(sales, "invoices what is left")
        invoice = self.post_draft(self.number, 7)
        text = f"posts customer invoice {invoice} of 7"
        self.tell(accountant, text, (10, "invoiced"), (4, "invoiced"))
        bill = self.post_draft(self.order_number, 4)
        text = f"posts vendor bill {bill} of 4, now accepted"
        self.tell(accountant, text, (10, "invoiced"), (4, "invoiced"))
        self.post_order(buyer, "invoice", purchase_order_id=self.purchase)
        self.tell(
            buyer, "posts Invoice; the bill is a draft, as buyers may not post it"
        )
        bill = self.post_draft(self.order_number, 10)
        text = f"posts vendor bill {bill} of 10"
        self.tell(accountant, text, (10, "done"), (4, "done"))


def main():
    """Read the command line, play the story and say where to go on."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://localhost:8069")
    parser.add_argument("--db", default="demo")
    options = parser.parse_args()
    # A proxy in the environment must not get requests for this server.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = urlsplit(options.url).hostname
    try:
        Story(options.url.rstrip("/"), options.db).play()
    except (Refused, ValueError, httpx.HTTPError, AuthenticationError) as error:
        sys.exit(f"FAILED: {error}")
    print(
        f"\nIt is all there: {options.url}, for sales, buyer, accountant and admin\n"
        "(the passwords are the logins). To stop the server: make stop"
    )


if __name__ == "__main__":
    main()
