"""The add-on's screens with the eyes of axe-core: names, roles, contrast, focus."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.screens import SCREENS, Visitor

OURS = (
    ".o_dialog .modal-content, .o_content [name*='drop_shipment'], "
    ".o_content [name='qty_to_ship'], .o_content [name='sell_to_customer_id']"
)
# Of Odoo's web client, the same on every screen of it: rule to what its elements hold.
CORE = {
    # The colours of its badges and links.
    "color-contrast": ("badge", "text-muted", "text-info", "o_required_modifier"),
    # The box that selects a row of a list, and the menu of optional columns.
    "label": ("checkbox-comp-",),
    "button-name": ("o_optional_columns_dropdown",),
}


def _is_core(rule, html):
    return any(part in html for part in CORE.get(rule, ()))


@pytest.fixture(scope="module")
def states(people, server):
    """Orders in the states that the screens show."""
    from tests.shop import Shop

    shop = Shop(server.facts, people)
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
    found = Axe().run(page, context={"include": scope.split(", ")}).response
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
