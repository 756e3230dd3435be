"""Every screen of the add-on: how to open it, and as whom.

Used by the check for accessibility, and alone to take pictures of the demonstration::

    .dev/venv/bin/python -m harness.screens [--url http://localhost:8069] [--only NAME]

A screen looks its document up by state, so it opens on any database that has one.
"""

import argparse
import sys
from types import SimpleNamespace

from playwright.sync_api import sync_playwright

from harness.browser import FLAGS, SHOTS, SIZES, Person, chromium

CALL = """async ([model, method, args, kwargs]) => {
    const response = await fetch(`/web/dataset/call_kw/${model}/${method}`, {
        method: "POST",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify({params: {model, method, args, kwargs}}),
    });
    const answer = await response.json();
    if (answer.error) throw new Error(answer.error.data.message);
    return answer.result;
}"""
DO_ACTION = "action => odoo.__WOWL_DEBUG__.root.env.services.action.doAction(action)"
DROP_SHIPPED = ["order_line.drop_shipment", "=", True]
REPORT = "drop.shipment.report"
ANALYSIS = "drop-shipment-analysis"
SALE, PURCHASE, MOVE = "sale.order", "purchase.order", "account.move"


class Visitor:
    """Opens screens in the browser of a person."""

    def __init__(self, person):
        self.person = person
        self.page = person.page

    def call(self, model, method, *args, **kwargs):
        """Call a method as the person whose browser it is, in the first company."""
        kwargs["context"] = {"allowed_company_ids": [1]}
        return self.page.evaluate(CALL, [model, method, args, kwargs])

    def create(self, model, **values):
        """Make one record; return its id."""
        return self.call(model, "create", [values])[0]

    def find(self, model, *domain):
        """Return the id of the newest record that fits."""
        ids = self.call(model, "search", list(domain), limit=1, order="id desc")
        assert ids, f"no {model} with {domain}"
        return ids[0]

    def form(self, model, *domain):
        """Open the form of a record that fits, and return its id."""
        record = self.find(model, *domain)
        self.person.open_record(model, record)
        return record

    def path(self, path, selector):
        """Open an address of the web client and wait for what it shows."""
        self.page.goto(f"{self.person.server.url}/odoo/{path}")
        self.page.wait_for_selector(selector)

    def dialog(self, model, method, *ids, selector=".o_form_view"):
        """Open the dialog that a button opens."""
        action = self.call(model, method, list(ids))
        self.page.evaluate(DO_ACTION, action)
        self.page.wait_for_selector(f".o_dialog {selector}")

    def tab(self, name):
        """Open a page of the form."""
        self.page.click(f".o_notebook_headers a:text-is('{name}')")


def line(state):
    """The domain of sales orders with a line in this state."""
    return ["order_line.drop_shipment_state", "=", state]


def quotation(visit):
    """A sales order before it is confirmed."""
    visit.form(SALE, ["state", "=", "draft"], ["order_line.drop_shipment", "=", True])


def sale_to_order(visit):
    """A confirmed sales order that nobody has ordered yet."""
    visit.form(SALE, ["state", "=", "sale"], line("to_order"))


def sale_partial(visit):
    """A sales order of which the vendor has shipped a part."""
    visit.form(SALE, line("partial"))


def sale_post(visit):
    """Post, from the sales order."""
    order = visit.form(SALE, ["order_line.drop_shipment_qty_outstanding", ">", 0])
    visit.dialog(SALE, "action_post_drop_shipment", order)


def product(visit):
    """The tick on the product."""
    visit.form("product.template", ["drop_shipment", "=", True])


def workbench(view, selector, path="drop-shipments"):
    """The workbench, or another list, in one of its views."""

    def visit_workbench(visit):
        visit.path(f"{path}?view_type={view}", ".o_control_panel")
        visit.page.wait_for_selector(".o_action_manager .o_view_controller")
        if not visit.page.locator(f".o_{view}_view").count():
            # A phone starts with the kanban, whatever the address says.
            visit.page.click(".o_cp_switch_buttons button")
            menu = visit.page.locator(".o-dropdown--menu.o_cp_switch_buttons")
            # The sheet is still on its way up.
            menu.get_by_text(view.capitalize(), exact=True).dispatch_event("click")
        visit.page.wait_for_selector(selector)

    return visit_workbench


def workbench_line(visit):
    """One line of the workbench, that comes late."""
    visit.form(REPORT, ["late", "=", True])


def post_many(visit):
    """Post, from the workbench."""
    visit.path("drop-shipments", ".o_control_panel")
    lines = visit.call(REPORT, "search", [["state", "!=", "done"]])
    visit.dialog(REPORT, "action_post", *lines, selector=".o_drop_shipment_jobs")


def late(visit):
    """A sales order whose vendor is late."""
    rows = visit.call(REPORT, "search_read", [["late", "=", True]], ["sale_ref"])
    visit.form(SALE, ["name", "=", rows[0]["sale_ref"]])


def portal(visit):
    """What the customer sees of an order that a vendor has shipped."""
    order = visit.find(SALE, line("shipped"))
    visit.page.goto(f"{visit.person.server.url}/my/orders/{order}")
    visit.page.wait_for_selector("#quote_content")


def transfer(visit):
    """The transfer from the vendor to the customer."""
    ours = ["move_ids.purchase_line_id.drop_shipment", "=", True]
    visit.form("stock.picking", ours, ["state", "=", "done"])


def vendor(visit):
    """Whether a vendor gets packing slips."""
    visit.form("res.partner", ["supplier_rank", ">", 0])
    visit.tab("Sales & Purchase")


def request(visit):
    """A request for quotation with a customer and linked lines."""
    visit.form(PURCHASE, ["state", "=", "draft"], DROP_SHIPPED)


def purchase(visit):
    """A confirmed drop-shipment order that the vendor has shipped in part."""
    visit.form(PURCHASE, DROP_SHIPPED, ["receipt_status", "=", "partial"])


def get_sales_order(visit):
    """Get Sales Order, from a request for quotation."""
    domain = [["qty_to_order", ">", 0]]
    [row] = visit.call(
        REPORT, "search_read", domain, ["partner_id", "product_id"], limit=1
    )
    seller = visit.call(
        "product.supplierinfo",
        "search_read",
        [["product_tmpl_id.product_variant_ids", "=", row["product_id"][0]]],
        ["partner_id"],
        limit=1,
    )
    order = visit.create(
        PURCHASE,
        partner_id=seller[0]["partner_id"][0],
        sell_to_customer_id=row["partner_id"][0],
    )
    visit.person.open_record(PURCHASE, order)
    visit.dialog(PURCHASE, "action_get_sales_order", order)


def create_purchases(visit):
    """Create Purchase Orders, from the workbench."""
    visit.path("drop-shipments-to-order", ".o_control_panel")
    domain = [["qty_to_order", ">", 0]]
    lines = visit.call(REPORT, "search", domain)
    method = "action_create_purchases"
    visit.dialog(REPORT, method, *lines)


def purchase_post(visit):
    """Post, from the purchase order."""
    order = visit.form(PURCHASE, ["receipt_status", "=", "partial"], DROP_SHIPPED)
    visit.dialog(PURCHASE, "action_post_drop_shipment", order)


def early_bill(visit):
    """A draft bill that waits for the customer's invoice."""
    waiting = ["invoice_line_ids.purchase_line_id.drop_shipment", "=", True]
    domain = [["state", "=", "draft"], ["move_type", "=", "in_invoice"], waiting]
    if not visit.call(MOVE, "search_count", domain):
        unbilled = ["order_line.qty_to_invoice", ">", 0]
        order = visit.find(PURCHASE, DROP_SHIPPED, unbilled)
        visit.call(PURCHASE, "action_create_invoice", [order])
    visit.form(MOVE, *domain)


def settings(visit):
    """The block in the settings of Purchase."""
    visit.path("settings#purchase", ".o_setting_container")


def adopt(visit):
    """What core's Dropship route has ordered, and whether it can be adopted."""
    visit.dialog("res.config.settings", "action_adopt_drop_shipments")


SCREENS = {
    "sales-quotation": ("sales", quotation),
    "sales-to-order": ("sales", sale_to_order),
    "sales-partial": ("sales", sale_partial),
    "sales-post": ("sales", sale_post),
    "sales-late": ("sales", late),
    "portal": ("sales", portal),
    "product": ("sales", product),
    "workbench-list": ("sales", workbench("list", ".o_list_view .o_data_row")),
    "workbench-kanban": ("sales", workbench("kanban", ".o_kanban_record")),
    "workbench-calendar": ("sales", workbench("calendar", ".o_calendar_view")),
    "analysis-pivot": (
        "sales",
        workbench("pivot", ".o_pivot table", ANALYSIS),
    ),
    "analysis-graph": (
        "sales",
        workbench("graph", ".o_graph_renderer canvas", ANALYSIS),
    ),
    "workbench-graph": ("sales", workbench("graph", ".o_graph_renderer canvas")),
    "workbench-line": ("sales", workbench_line),
    "workbench-post": ("sales", post_many),
    "purchase-request": ("buyer", request),
    "purchase-partial": ("buyer", purchase),
    "purchase-post": ("buyer", purchase_post),
    "get-sales-order": ("buyer", get_sales_order),
    "create-purchase-orders": ("buyer", create_purchases),
    "vendor": ("admin", vendor),
    "transfer": ("admin", transfer),
    "bill-too-early": ("admin", early_bill),
    "settings": ("admin", settings),
    "adopt": ("admin", adopt),
}


def main():
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", default="http://localhost:8069")
    parser.add_argument("--only", choices=SCREENS, action="append")
    options = parser.parse_args()
    server = SimpleNamespace(url=options.url.rstrip("/"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        for size in SIZES:
            visitors = {}
            for name in options.only or SCREENS:
                role, visit = SCREENS[name]
                if role not in visitors:
                    user = {"login": role, "password": role}
                    person = Person(browser, server, user, size=size)
                    visitors[role] = Visitor(person)
                visit(visitors[role])
                visitors[role].page.wait_for_timeout(500)
                visitors[role].person.shot(f"screens/{name}-{size}")
                print(f"{name} {size}", flush=True)
    print(f"\nThe pictures are in {SHOTS / 'screens'}")


if __name__ == "__main__":
    sys.exit(main())
