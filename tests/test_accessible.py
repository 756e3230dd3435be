"""The add-on's screens with the eyes of axe-core: names, roles, contrast, focus."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.screens import SCREENS, Visitor
from tests.shop import Shop

OURS = (
    ".o_dialog .modal-content, .o_content [name*='drop_shipment'], "
    ".o_content [name='qty_to_ship'], .o_content [name='sell_to_customer_id'], "
    ".o_form_view .alert"
)
# Of Odoo's web client, the same on every screen of it: rule to what its elements hold.
CORE = {
    # Colours of badges and links, days of the calendar.
    "color-contrast": ("badge", "text-muted", "text-info", "<div>"),
    # Boxes of a list: a tick, a toggle, the selection of a row.
    "label": ("checkbox-comp-", "boolean_checkbox", "o_calendar_filter"),
    # The menu of optional columns, the side panel of the calendar, and the icons in the
    # rows of a list, of which core names only the tooltip.
    "button-name": ("o_optional_columns_dropdown", "oi-panel-right", "o_button_icon"),
}


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
    shop.post("purchase.order", purchase, "receive", 4)


@pytest.mark.usefixtures("states")
@pytest.mark.parametrize("name", SCREENS)
def test_screen(name, desks):
    """Nothing serious is wrong with what the add-on puts on the screen."""
    role, visit = SCREENS[name]
    visitor = Visitor(desks(role))
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
