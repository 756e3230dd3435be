"""Orders without a drop shipment look as they do without the add-on.

The same documents are looked at in a browser before and after it is installed: buttons,
labels, values, columns and their widths.
"""

import os

import pytest

from harness import databases, odoo_process, postgres, project, servers, shell
from harness.browser import Person

# What the add-on adds on purpose, by name or text: where a drop shipment begins.
ADDED = {
    ("quotation", "column"): {"drop_shipment"},
    ("quotation", "cell"): {"drop_shipment"},
    ("request for quotation", "field"): {"sell_to_customer_id"},
    ("request for quotation", "label"): {"Sell-to Customer?"},
    ("product", "field"): {"drop_shipment"},
    ("product", "label"): {"Drop Shipment?"},
}
# What stands on the screen, as the eye sees it.
LOOK = """() => {
    const seen = (element) => {
        const box = element.getBoundingClientRect();
        return box.width > 1 && box.height > 1;
    };
    const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
    const text = (element) => element.innerText.trim();
    const form = ".o_form_view ";
    return {
        button: all(
            form + ".o_form_statusbar button, .o_control_panel button, .oe_stat_button"
        ).map((button) => button.name || text(button)),
        field: all(form + ".o_field_widget[name]")
            .filter((field) => !field.closest(".o_list_renderer"))
            .map((field) => field.getAttribute("name")),
        label: all(form + ".o_form_label, " + form + ".nav-link").map(text),
        column: all(form + "th[data-name]").map((column) => [
            column.dataset.name,
            Math.round(column.getBoundingClientRect().width),
        ]),
        cell: all(form + ".o_data_row td[name]").map((cell) => [
            cell.getAttribute("name"),
            text(cell),
        ]),
        alert: all(form + ".alert").map(text),
    };
}"""


@pytest.fixture(scope="module")
def database():
    """A database without the add-on that goes away afterwards."""
    db = postgres.name(f"ordinary_{os.getpid()}")
    databases.database(db)
    odoo_process.odoo(
        "-d", db, "-i", "sale_management", "--no-http", log=f"install-{db}"
    )
    yield db
    databases.drop(db)


def look(browser, db, documents, size):
    """Return {document: what is seen of it} in a window of this width."""
    user = {"login": "admin", "password": "admin"}
    with servers.serve(db) as server:
        person = Person(browser, server, user)
        person.page.set_viewport_size(size)
        screens = {}
        for name, (model, record) in documents.items():
            person.show(model, record)
            person.page.wait_for_selector(".o_form_view .o_form_renderer")
            screens[name] = look_until_settled(person.page)
        person.close()
    return screens


def look_until_settled(page):
    """Look until nothing moves: widths of columns are set once the rows are there."""
    seen = page.evaluate(LOOK)
    for _time in range(20):
        page.wait_for_timeout(500)
        before, seen = seen, page.evaluate(LOOK)
        if seen == before:
            return seen
    raise AssertionError("the screen does not come to rest")


def get_name(item):
    """Return the name of what was seen, without its width or value."""
    return item[0] if isinstance(item, list) else item


def test_ordinary_screens(browser, database):
    """Nothing is added, moved, renamed or made narrower but what `ADDED` lists."""
    documents = shell.run(database, "tests.ordinary_steps.make_ordinary_orders")
    size = {"width": 1440, "height": 900}
    before = look(browser, database, documents, size)
    assert all(screen["field"] and screen["label"] for screen in before.values())
    assert before["sales order"]["column"]
    assert before["sales order"]["cell"]
    args = ("-i", project.ADDON, "--no-http")
    odoo_process.odoo("-d", database, *args, log=f"install-{database}")
    after = look(browser, database, documents, size)
    found = {}
    for name, screen in before.items():
        for kind, was in screen.items():
            added = ADDED.get((name, kind), set())
            rest = [item for item in after[name][kind] if get_name(item) not in added]
            if added and kind == "column":
                # The others make room for it.
                was, rest = [get_name(c) for c in was], [get_name(c) for c in rest]
            if rest != was:
                found[name, kind] = was, rest
    assert not found
