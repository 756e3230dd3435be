"""Plays the add-on's main job on a server with its demonstration data.

    .dev/venv/bin/python -m dev.story --url http://localhost:8069 --db demo

Sales, a buyer without sales rights and an accountant do it as other software would,
over Odoo's external API (JSON-2), each with their own rights. The steps are those of
`harness/story.py`: each prints what it did and has checked it; a mismatch ends the
story with status 1. It may be played again and again: every time makes new documents.
"""

import argparse
import os
import sys
from urllib.parse import urlsplit

import httpx
from odoolib.tools import AuthenticationError

from harness.client import Client, Refused, ask, sign_in
from harness.shop import Shop
from harness.story import Story

CUSTOMER = "Maple Street Clinic"
REFERENCE = "MSC-7800"
SHIP_TO = ["East Wing, Dana Reyes", "221 Maple Street, Entrance E", "+1 608 555 0142"]
VENDOR = "Harbor Contract Furniture"
# Product, quantity, price to the customer, price of the vendor
LINES = [("DS-CHAIR", 10, 289.0, 178.0), ("DS-LAMP", 4, 139.0, 91.0)]
ROLES = "admin", "sales", "buyer", "accountant"


def new_client(url, db, login):
    """Sign a person in; return a client with an API key for a day.

    It is made as people do in their preferences. In the demonstration the passwords
    are the logins. From an administrator who signs in, Odoo learns its address, which
    PDFs need.
    """
    browser = sign_in(url, db, login, login)

    def call(model, method, *args, **context):
        params = {"model": model, "method": method, "args": args}
        params["kwargs"] = {"context": context}
        return ask(browser, "/web/dataset/call_kw", **params)

    dialog = "res.users.apikeys.description"
    [key] = call(dialog, "create", [{"name": "The story", "duration": "1"}])
    # Odoo asks for the password again before it hands out a key.
    check = call(dialog, "make_key", [key])
    check = check["res_model"], "run_check", [check["res_id"]]
    user = {"login": login, "password": login}
    user["key"] = call(*check, password=login)["context"]["default_key"]
    user["id"] = ask(browser, "/web/session/get_session_info")["uid"]
    address = urlsplit(url)
    return Client(address.port or 80, db, user, host=address.hostname)


def find(client, model, *domain):
    """Return the one record that this domain finds."""
    [record] = client.call(model, "search", domain=list(domain))
    return record


def demo_shop(people):
    """The shop of the demonstration, for these people."""
    sales = people["sales"]
    codes = [code for code, *_line in LINES]
    facts = {c: find(sales, "product.product", ["default_code", "=", c]) for c in codes}
    facts["vendor"] = find(people["buyer"], "res.partner", ["name", "=", VENDOR])
    customer = find(sales, "res.partner", ["name", "=", CUSTOMER])
    place = ["name", "=", SHIP_TO[0]], ["parent_id", "=", customer]
    return Shop(facts, people, customer, find(sales, "res.partner", *place))


def main():
    """Read the command line, play the story and say where to go on."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://localhost:8069")
    parser.add_argument("--db", default="demo")
    options = parser.parse_args()
    # A proxy in the environment must not get requests for this server.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = urlsplit(options.url).hostname
    url = options.url.rstrip("/")
    try:
        people = {role: new_client(url, options.db, role) for role in ROLES}
        shop = demo_shop(people)
        Story(shop, LINES, ship_to=SHIP_TO, reference=REFERENCE).play()
    except (
        AssertionError,
        AuthenticationError,
        Refused,
        ValueError,
        httpx.HTTPError,
    ) as error:
        sys.exit(f"FAILED: {error}")
    print(
        f"\nIt is all there: {options.url}, for sales, buyer, accountant and admin\n"
        "(the passwords are the logins). To stop the server: make stop"
    )


if __name__ == "__main__":
    main()
