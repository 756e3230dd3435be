"""What people wait for in a browser: from the click until the screen can be used.

Our screens are compared with those of core that are most like them, each in a database
of its own, in one Chromium, in turn.
"""

import os
from statistics import median

from playwright.sync_api import expect, sync_playwright

from benchmarks.result import Row
from benchmarks.shop import PAGE
from harness import servers
from harness.browser import FLAGS, Person, chromium

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
ADMIN = {"login": "admin", "password": "admin"}
# Waits until as many elements are there, nothing lies over them and they are drawn.
UNTIL_USABLE = """
    const draw = () => new Promise(requestAnimationFrame);
    const usable = () =>
        document.querySelectorAll(selector).length >= count &&
        !document.querySelector(".o_blockUI");
    while (!usable()) {
        if (performance.now() - start > 120000) {
            const found = document.querySelectorAll(selector).length;
            throw new Error(`${found} of ${count} ${selector}`);
        }
        await draw();
    }
    await draw();
    await draw();
    return (performance.now() - start) / 1000;
"""
CLICK = (
    "async ([button, selector, count]) => {const start = performance.now();"
    f"document.querySelector(button).click(); {UNTIL_USABLE} }}"
)
OPEN = (
    "async ([action, selector, count, context]) => {const start = performance.now();"
    "const options = {clearBreadcrumbs: true, additionalContext: context};"
    "odoo.__WOWL_DEBUG__.root.env.services.action"
    f".doAction(action, options); {UNTIL_USABLE} }}"
)
ROW = ".o_list_view .o_data_row"
LINE = ".o_form_view .o_field_widget[name='order_line'] .o_data_row"


def leave(person):
    """Go where nothing is that a screen could be taken for."""
    person.page.keyboard.press("Escape")
    person.show("res.country.group", view="list")
    person.page.wait_for_selector(".o_list_view")
    expect(person.page.locator(".o_data_row")).to_have_count(0)


def order_form(model, record):
    """The action that opens an order."""
    return {
        "type": "ir.actions.act_window",
        "res_model": model,
        "res_id": record,
        "views": [[False, "form"]],
    }


def time_action(person, action, selector, count, context=None):
    """Return the seconds from choosing a menu or a row until its screen is there."""
    leave(person)
    return person.page.evaluate(OPEN, [action, selector, count, context or {}])


def time_button(person, model, record, button, selector, count):
    """Return the seconds from a button of an order until its dialog is there."""
    leave(person)
    person.page.evaluate(OPEN, [order_form(model, record), ".o_form_view", 1, {}])
    button = f".o_form_view button[name='{button}']"
    person.page.wait_for_selector(f"{button}:visible")
    return person.page.evaluate(CLICK, [button, f".o_dialog {selector}", count])


def open_post(person, ids):
    """*Post* of an order of ten lines."""
    button = "action_post_drop_shipment"
    return time_button(person, "sale.order", ids["small"], button, ".o_data_row", 10)


def open_invoice(person, ids):
    """*Create Invoice* of an order of ten lines."""
    button = ids["invoice_action"]
    selector = "footer button[name='create_invoices']"
    return time_button(person, "sale.order", ids["small"], button, selector, 1)


def open_get(person, ids):
    """*Get Sales Order* with 40 orders of 500 lines on offer, and one of 100."""
    button = "action_get_sales_order"
    record = ids["request"]
    # A page has 20 of them.
    return time_button(person, "purchase.order", record, button, ".o_data_row", 20)


def open_create(person, ids):
    """*Create Purchase Orders* of an order of 100 lines."""
    button = "action_open_create_drop_shipment_purchases"
    return time_button(person, "sale.order", ids["large"], button, ".o_data_row", PAGE)


def open_large(person, ids):
    """An order of 100 lines."""
    return time_action(person, order_form("sale.order", ids["large"]), LINE, 100)


def open_workbench(person, _ids):
    """The first page of the list of drop shipments."""
    action = "dropship_link.drop_shipment_report_action"
    return time_action(person, action, ROW, PAGE)


def open_sales(person, _ids):
    """The list of one's own sales orders, 42 of them."""
    only_own = {"search_default_my_sale_orders_filter": 1}
    return time_action(person, "sale.action_orders", ROW, 42, only_own)


def open_page_of_sales(person, _ids):
    """The first page of the list of sales orders."""
    return time_action(person, "sale.action_orders", ROW, PAGE)


# Name, ours, core's, and what that is.
PAIRS = (
    ("Post, 10 lines", open_post, open_invoice, "core's Create Invoice of 10 lines"),
    (
        "Get Sales Order, 41 orders of 600 lines",
        open_get,
        open_sales,
        "core's list of sales orders, 42 of them",
    ),
    (
        "Create Purchase Orders, 100 lines",
        open_create,
        open_large,
        "core's sales order with 100 plain lines",
    ),
    (
        "The list Drop Shipments, a page of 80 lines",
        open_workbench,
        open_page_of_sales,
        "core's list of sales orders, a page of 80",
    ),
    (
        "A sales order with 100 ticked lines",
        open_large,
        open_large,
        "core's sales order with 100 plain lines",
    ),
)


def measure(persons, ids, ours, core, rounds):
    """Return the seconds of either side, round by round after a warm-up."""
    found = {"ours": [], "core": []}
    functions = {"ours": ours, "core": core}
    for number in range(rounds + 1):
        for side in list(functions)[:: 1 if number % 2 else -1]:
            seconds = functions[side](persons[side], ids[side])
            if number:
                found[side].append(seconds)
    return found


def screens(databases, ids, say):
    """Open each screen and the one it is compared with; return rows and facts."""
    rows, facts = [], {}
    with (
        servers.serve(databases["ours"], workers=2) as ours,
        servers.serve(databases["core"], workers=2) as core,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        persons = {
            "ours": Person(browser, ours, ADMIN),
            "core": Person(browser, core, ADMIN),
        }
        for name, open_ours, open_core, against in PAIRS:
            found = measure(persons, ids, open_ours, open_core, ROUNDS)
            facts[name] = found
            say(f"screens: {name}")
            rows.append(
                Row.ratio(
                    f"Click to usable: {name}",
                    against,
                    "s",
                    median(found["ours"]),
                    median(found["core"]),
                    1.2,
                    ROUNDS,
                    gain="Nobody notices that a screen is of an add-on",
                ).as_dict()
            )
        for person in persons.values():
            person.close()
    return {"rows": rows, "facts": {"screens": facts}}
