"""The add-on's screens with the eyes of axe-core: names, roles, contrast, focus."""

from functools import partial

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from harness.screens import SCREENS, Visitor
from harness.shop import Shop

SALE, PURCHASE = "sale.order", "purchase.order"
OURS = (
    ".o_dialog .modal-content, .o_content [name*='drop_shipment'], "
    ".o_content [name='qty_to_ship'], .o_content [name='sell_to_customer_id'], "
    ".o_form_view .alert, [name='delivery_details']"
)
# Of Odoo's web client, the same on every screen of it: rule to what its elements hold.
CORE = {
    # Colours of badges and links, also in a red bar; days of the calendar.
    "color-contrast": (
        "badge",
        "text-muted",
        "text-info",
        "<div>",
        '<span class="ms-1">Open Sales Order</span>',
    ),
    # Where one of several values is chosen.
    "aria-allowed-attr": ("o-dropdown dropdown-toggle",),
    "autocomplete-valid": ("selectMenuAutocompleteOff",),
    # Boxes of a list: a tick, a toggle, the selection of a row.
    "label": ("checkbox-comp-", "boolean_checkbox", "o_calendar_filter"),
    # The menu of optional columns, the side panel of the calendar, and the icons in the
    # rows of a list, of which core names only the tooltip.
    "button-name": ("o_optional_columns_dropdown", "oi-panel-right", "o_button_icon"),
}


class Walker(Visitor):
    """Goes from form to form in the client, where it is running already."""

    def form(self, model, *domain):
        """Open the form of a record that fits, and return its id."""
        if not self.page.locator(".o_action_manager").count():
            return super().form(model, *domain)
        record = self.find(model, *domain)
        self.person.show(model, record)
        return record


def _is_core(rule, html):
    return any(part in html for part in CORE.get(rule, ()))


@pytest.fixture(scope="module")
def states(people, server):
    """Orders in the states that the screens show."""
    shop = Shop(server.facts, people)
    admin = people["admin"]
    admin.write("res.partner", server.facts["vendor"], supplier_rank=1)
    admin.create("product.template", name="Ticked Chair", drop_shipment=True)
    shop.sale(confirm=False)
    shop.sale()
    shop.purchase(shop.sale(), confirm=False)
    partial = shop.sale()
    purchase = shop.purchase(partial)
    shop.post(PURCHASE, purchase, "receive", 4)
    shop.purchase(shop.sale(commitment_date="2026-01-15 12:00:00"))
    shipped = shop.purchase(shop.sale())
    shop.post(PURCHASE, shipped, "receive", tracking_ref="1Z5R8E420391")
    routed = shop.sale(ticked=False, confirm=False)
    routes = admin.search("stock.route", ["name", "=", "Dropship"])
    admin.write("sale.order.line", shop.line(SALE, routed), route_ids=[[6, 0, routes]])
    people["sales"].call(SALE, "action_confirm", routed)


@pytest.mark.usefixtures("states")
@pytest.mark.parametrize("name", SCREENS)
def test_screen(name, desks):
    """Nothing serious is wrong with what the add-on puts on the screen."""
    role, visit = SCREENS[name]
    visitor = Walker(desks(role))
    visit(visitor)
    page = visitor.page
    own = page.locator(OURS)
    scope = OURS if own.count() else ".o_content"
    expect(page.locator(scope).first).to_be_visible()
    context = {"include": scope.split(", "), "exclude": [".o-mail-Form-chatter"]}
    found = Axe().run(page, context=context).response
    wrong = [
        f"{violation['id']}: {node['html']}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if violation["impact"] in ("serious", "critical")
        and not _is_core(violation["id"], node["html"])
    ]
    assert not wrong, "\n".join(wrong)
    assert found["passes"], "axe looked at nothing"
    visitor.person.shot(f"screens/{name}-desktop")


def _sale(shop, desks):
    """The sales order of a buyer who sells, with something to order."""
    trader = desks("trader")
    trader.show(SALE, shop.sale(user="trader"))
    return trader, "action_open_create_drop_shipment_purchases"


def _sale_post(shop, desks):
    sales, sale = desks("sales"), shop.sale()
    shop.purchase(sale)
    sales.show(SALE, sale)
    return sales, "action_post_drop_shipment"


def _request(shop, desks):
    buyer = desks("buyer")
    shop.sale()
    buyer.show(PURCHASE, shop.rfq())
    return buyer, "action_get_sales_order"


def _purchase_post(shop, desks):
    buyer = desks("buyer")
    buyer.show(PURCHASE, shop.purchase(shop.sale()))
    return buyer, "action_post_drop_shipment"


def _shipped(shop, desks, button):
    """The purchase order of what the vendor has shipped."""
    buyer, purchase = desks("buyer"), shop.purchase(shop.sale())
    shop.post(PURCHASE, purchase, "receive")
    buyer.show(PURCHASE, purchase)
    return buyer, button


def _remainder(shop, desks):
    buyer, purchase = desks("buyer"), shop.purchase(shop.sale())
    shop.post(PURCHASE, purchase, "receive", 4)
    buyer.show(PURCHASE, purchase)
    return buyer, "action_close_drop_shipment_remainder"


def _unlink(shop, desks):
    buyer = desks("buyer")
    buyer.show(PURCHASE, shop.purchase(shop.sale(), confirm=False))
    return buyer, "action_unlink_drop_shipment"


def _list(person, shop, sale):
    """The list of the drop shipments of one order, all of them selected."""
    line = shop.line(SALE, sale)
    person.show("drop.shipment.report", line, view="list")
    person.page.locator("thead .o_list_record_selector input").check()


def _list_post(shop, desks):
    sales, sale = desks("sales"), shop.sale()
    shop.purchase(sale)
    _list(sales, shop, sale)
    return sales, "action_post"


def _list_create(shop, desks):
    buyer = desks("buyer")
    _list(buyer, shop, shop.sale())
    return buyer, "action_create_purchases"


# What opens each dialog: the person at a screen, and the button there.
DIALOGS = {
    "Create Purchase Orders": _sale,
    "Create Purchase Orders of the list": _list_create,
    "Get Sales Order": _request,
    "Post of a sale": _sale_post,
    "Post of a purchase": _purchase_post,
    "Post of the list": _list_post,
}
# Those with rows to fill in.
ROWS = {
    **{name: DIALOGS[name] for name in DIALOGS if name != "Post of the list"},
    "Return": partial(_shipped, button="action_return_drop_shipment"),
    "Correct Shipment": partial(_shipped, button="action_correct_drop_shipment"),
}
# Odoo's own, that asks before it does what a button of ours does.
QUESTIONS = {"Close Remainder": _remainder, "Unlink": _unlink}
# Whether the focus is in the dialog, and on what.
FOCUS = """() => {
    const focused = document.activeElement;
    const inside = !!focused.closest(".o_dialog .modal-content");
    return [inside, focused.outerHTML.slice(0, 300)];
}"""
READY = (
    "() => !!document.activeElement.closest("
    "'.o_dialog .modal-footer .btn-primary, .o_dialog .o_field_boolean_toggle')"
)


def _go_round(person):
    """Press Tab and Shift+Tab many times: the dialog keeps the focus."""
    expect(person.dialog).to_be_visible()
    # As many steps back as forth end where they began, once all of it is there.
    person.page.wait_for_function(READY)
    visited = set()
    for key in ["Tab"] * 40 + ["Shift+Tab"] * 40:
        person.page.keyboard.press(key)
        is_inside, focus = person.page.evaluate(FOCUS)
        assert is_inside, focus
        visited.add(focus)
    assert len(visited) > 1, visited


def _leave(person, by):
    """Close the dialog by a key, or by its last button.

    First what the round has left open closes: a calendar, or a row that is edited,
    which take the first key for themselves.
    """
    person.dialog.locator(".modal-title").click()
    inner = ".o_dialog .o_selected_row, .o_datetime_picker"
    expect(person.page.locator(inner)).to_have_count(0)
    if by != "Escape":
        person.dialog.locator(".modal-footer .btn-secondary").last.focus()
    person.page.keyboard.press(by)
    expect(person.page.locator(".o_dialog")).to_have_count(0)


@pytest.mark.parametrize("by", ["Escape", "Enter"])
@pytest.mark.parametrize("name", DIALOGS)
def test_dialog_keeps_and_returns_the_focus(name, by, shop, desks):
    """By keyboard alone nobody leaves the dialog, and is then where they were."""
    person, button = DIALOGS[name](shop, desks)
    person.button(button).focus()
    person.page.keyboard.press("Enter")
    _go_round(person)
    _leave(person, by)
    # In a list that means that its rows are still selected.
    expect(person.button(button)).to_be_focused()


@pytest.mark.parametrize("name", ROWS)
def test_rows_by_keyboard(name, shop, desks):
    """Tab goes to the rows, Enter fills in the first one."""
    person, button = ROWS[name](shop, desks)
    person.button(button).focus()
    person.page.keyboard.press("Enter")
    expect(person.dialog.locator(".o_data_row").first).to_be_visible()
    person.page.wait_for_function(READY)
    on_cell = "() => document.activeElement.matches('.o_dialog .o_data_cell')"
    for _step in range(20):
        person.page.keyboard.press("Tab")
        if person.page.evaluate(on_cell):
            break
    person.page.keyboard.press("Enter")
    cell = person.dialog.locator(".o_selected_row .o_data_cell input:focus")
    expect(cell).to_have_count(1)
    _leave(person, "Escape")


@pytest.mark.parametrize("name", QUESTIONS)
def test_question_keeps_the_focus(name, shop, desks):
    """Odoo's question does not give the focus back: it finds the button disabled."""
    person, button = QUESTIONS[name](shop, desks)
    person.button(button).click()
    _go_round(person)
    _leave(person, "Escape")
