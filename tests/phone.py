"""A person with a phone: they touch what is in sight, and nothing else."""

import contextlib
import re
import time

from playwright.sync_api import TimeoutError, expect

from harness.browser import Person

# Of Odoo's own, where a finger is expected to push things to the side.
SIDEWAYS = (
    "o-mail-Chatter-topbar",
    "o_kanban_grouped",
    "o_searchview_autocomplete",
    "settings_tab",
    "o_notebook_headers",
    "o_pivot",
)
# While it is drawn, a form may be wider than what it is drawn in.
SECONDS_TO_SETTLE = 5
WIDE = """sideways => {
    const pokesOut = (box) => [...box.querySelectorAll("*")].filter((element) =>
        element.getBoundingClientRect().right > box.getBoundingClientRect().right + 1
    ).map((element) => element.className).slice(0, 5);
    const wide = [...document.querySelectorAll("*")].filter((element) =>
        element.clientWidth
        && element.scrollWidth > element.clientWidth + 1
        && ["auto", "scroll"].includes(getComputedStyle(element).overflowX)
        && !sideways.some((name) => element.closest(`.${name}`))
    ).map((element) => `${element.className}: ${pokesOut(element)}`);
    const page = document.documentElement;
    return page.scrollWidth > window.innerWidth ? ["the page", ...wide] : wide;
}"""


class Phone(Person):
    """One user's phone, logged in."""

    def __init__(self, browser, server, user):
        super().__init__(browser, server, user, size="phone")
        self.touch = self.context.new_cdp_session(self.page)

    def fits(self):
        """Fail if something has to be pushed to the side to be seen, and stays so."""
        last = time.monotonic() + SECONDS_TO_SETTLE
        while wide := self.page.evaluate(WIDE, list(SIDEWAYS)):
            assert time.monotonic() < last, f"wider than the screen: {wide}"
            self.page.wait_for_timeout(100)

    def tap(self, target):
        """Touch something; fail if it is hidden, or something else lies over it."""
        expect(target.first).to_be_visible()
        self.fits()
        target.first.tap()

    def hold(self, target):
        """Keep the finger on something, as long as it takes to select it."""
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + 8}
        self._send_touch("touchStart", [point])
        self.page.wait_for_timeout(600)
        # A phone makes no click of it, as it does of a short touch.
        self._send_touch("touchCancel", [])

    def _send_touch(self, kind, points):
        self.touch.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": points}
        )

    def goto(self, path):
        """Open an address of the web client."""
        self.page.goto(f"{self.server.url}/odoo/{path}")
        self.page.wait_for_selector(".o_action_manager .o_view_controller")

    def press(self, name):
        """Press a button of the form: above it, or in the menu behind the dots."""
        expect(self.page.locator(".o_dialog")).to_have_count(0)
        bar = self.page.locator(".o_form_statusbar")
        button = bar.locator(f"button[name='{name}']:visible")
        more = bar.get_by_title("More").filter(visible=True)
        # Which of them there is can be told once the form is there.
        expect(button.or_(more).first).to_be_visible()
        if not button.count():
            self.tap(more)
            button = self.page.locator(f".o-dropdown--menu button[name='{name}']")
        self.tap(button)

    def push(self, label):
        """Press a button at the end of the dialog in front."""
        self.tap(self.dialog.locator("footer").get_by_role("button", name=label))

    def confirm(self):
        """Say yes to a question."""
        self.tap(self.dialog.locator("footer .btn-primary"))
        expect(self.page.locator(".o_dialog")).to_have_count(0)

    def told(self, text):
        """Read a note at the edge of the screen, and close it: it lies over buttons."""
        note = self.page.locator(".o_notification").filter(has_text=text)
        expect(note).to_be_visible()
        # After a few seconds it goes by itself, which may be in the middle of a touch.
        with contextlib.suppress(TimeoutError):
            note.locator(".o_notification_close").tap(timeout=5_000)
        expect(note).to_have_count(0)

    def card(self, text, rows="order_line"):
        """The card of a row in the form in front."""
        cards = self.front.locator(f"[name='{rows}'] .o_kanban_record")
        return cards.filter(has_text=text).first

    def open_card(self, text, rows="order_line"):
        """Touch the card of a row; its form opens."""
        self.tap(self.card(text, rows))
        expect(self.dialog.locator(".modal-title")).to_contain_text("Open")

    def edit(self, text, rows="line_ids", **values):
        """Change fields of a row in the form of its card."""
        expect(self.card(text, rows)).to_be_visible()
        count = self.page.locator(".o_dialog").count()
        self.open_card(text, rows)
        for name, value in values.items():
            self.fill(name, value, self.dialog)
        self.push(re.compile("^Save"))
        expect(self.page.locator(".o_dialog")).to_have_count(count)

    def pick(self, name, text):
        """Choose a record: its field opens a list of its own, with a search."""
        box = self.field(name, self.front).locator("input")
        expect(box).to_be_visible()
        count = self.page.locator(".o_dialog").count()
        self.tap(box)
        expect(self.page.locator(".o_dialog")).to_have_count(count + 1)
        chooser = self.dialog
        self.tap(chooser.locator(".o_control_panel button:has(.fa-search)"))
        chooser.locator(".o_searchview_input").fill(text)
        self.tap(self.page.locator(".o_searchview_autocomplete .o-dropdown-item"))
        expect(chooser.locator(".o_facet_values").first).to_be_visible()
        self.tap(chooser.locator(".o_kanban_record").filter(has_text=text))
        expect(self.page.locator(".o_dialog")).to_have_count(count)
        expect(self.field(name, self.front).locator("input")).to_have_value(
            re.compile(re.escape(text))
        )

    def select(self, first, *others):
        """Select cards of a list: one by holding it, then others by touching them."""
        cards = self.page.locator(".o_kanban_record")
        expect(cards.filter(has_text=first)).to_be_visible()
        self.hold(cards.filter(has_text=first))
        box = self.page.locator(".o_selection_box")
        expect(box).to_contain_text("1")
        for text in others:
            self.tap(cards.filter(has_text=text))
        expect(box).to_contain_text(str(1 + len(others)))

    def act(self, name):
        """Press a button for the selected cards, in the menu behind the cog."""
        self.tap(self.page.locator(".o_control_panel .o_cp_action_menus button"))
        self.tap(self.page.locator(f".o-dropdown--menu button[name='{name}']"))
