"""A person at a browser: what they click, what they see, and what went wrong."""

import json
import re
import shutil

from lxml import html
from playwright.sync_api import expect

from harness import project

SHOTS = project.ROOT / "artifacts" / "screenshots"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A setting of many people: what opens is there at once, it does not slide in.
STILL = {"reduced_motion": "reduce"}
SIZES = {
    "desktop": {"viewport": {"width": 1600, "height": 900}, **STILL},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "has_touch": True,
        "is_mobile": True,
        **STILL,
    },
}
# With workers, web sockets are answered on another port, which a proxy would map.
HARMLESS = re.compile(r"websocket", re.IGNORECASE)
# The titles of what Odoo tells people; its title for a traceback is another.
REFUSALS = re.compile("^(Access Error|Invalid Operation|Validation Error)$")


def chromium():
    """The path of the system's Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "no chromium on PATH: apt-get install chromium"
    return path


class Person:
    """One user's browser, logged in."""

    def __init__(self, browser, server, user, size="desktop"):
        self.server, self.user = server, user
        self.problems = []
        self.context = browser.new_context(locale="en-US", **SIZES[size])
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._listen)
        self._log_in(user)
        # The first one of a new database waits until its scripts are put together.
        self.page.goto(f"{server.url}/odoo", timeout=120_000)
        self.page.wait_for_selector(".o_main_navbar", timeout=120_000)

    def _log_in(self, user):
        """Send the form of the login page, without the scripts of the website on it."""
        address = f"{self.server.url}/web/login"
        page = html.fromstring(self.context.request.get(address).text())
        (form,) = page.xpath("//form[@action='/web/login']")
        form.fields.update(login=user["login"], password=user["password"])
        answer = self.context.request.post(address, form=dict(form.form_values()))
        assert not answer.url.startswith(address), f"{user['login']} can't log in"

    def _listen(self, message):
        if message.type == "error":
            text = f"{message.text} {message.location.get('url')}"
            if not HARMLESS.search(text):
                self.problems.append(text)

    def close(self):
        """Leave; fail if the browser complained on the way."""
        self.context.close()
        assert not self.problems, self.problems

    # Getting around

    def open_app(self, name):
        """Choose an app in the menu of all apps."""
        self.page.click(".o_navbar_apps_menu button")
        self.page.click(f".o-dropdown--menu .o_app:text-is('{name}')")
        self.page.wait_for_selector(f".o_menu_brand:text-is('{name}')")
        self.page.wait_for_selector(".o_control_panel")

    def new(self):
        """Press New on a list of records."""
        self.page.click(
            ".o_control_panel .o_list_button_add:visible, "
            ".o_control_panel .o-kanban-button-new:visible"
        )
        self.page.wait_for_selector(".o_form_editable")

    def open_record(self, model, record):
        """Follow a link to a record, as one in a mail."""
        self.page.goto(f"{self.server.url}/mail/view?model={model}&res_id={record}")
        self.page.wait_for_selector(".o_form_view")

    def show(self, model, *records, view="form", **context):
        """Open a record or a list of them in the client that is running already.

        As a link in it does; following one from outside takes four times as long.
        """
        action = {
            "type": "ir.actions.act_window",
            "res_model": model,
            "views": [[False, view]],
            "domain": [["id", "in", records]],
            "context": context,
        }
        if view == "form":
            action["res_id"] = records[0]
        # What the client opens by itself must not come later.
        self.page.wait_for_selector(".o_action_manager > *")
        # Not awaited: it takes for ever where an unsaved record is in the way.
        self.page.evaluate(
            "action => { window.shown = false;"
            "odoo.__WOWL_DEBUG__.root.env.services.action"
            ".doAction(action, {clearBreadcrumbs: true})"
            ".then(() => { window.shown = true; }); }",
            action,
        )
        self.page.wait_for_function("window.shown")

    # Forms

    @property
    def dialog(self):
        """The dialog in front."""
        return self.page.locator(".o_dialog .modal-content").last

    @property
    def front(self):
        """The form in front: that of a dialog, if there is one."""
        return self.page.locator(".o_form_view").last

    @property
    def title(self):
        """The name of the record in the path above the form."""
        return self.page.locator(".o_control_panel .o_last_breadcrumb_item")

    def record_id(self):
        """The id of the record on the form, from the address."""
        return int(re.search(r"/(\d+)$", self.page.url)[1])

    def field(self, name, within=None):
        """A field of the form, or of an element of it."""
        within = within or self.front
        return within.locator(f".o_field_widget[name='{name}']").first

    def alert(self, key):
        """The bar at the top of an order with the notice of this key."""
        return self.front.locator(f"[data-alert='{key}']")

    def fill(self, name, value, within=None):
        """Type into a field."""
        self.field(name, within).locator("input, textarea").first.fill(str(value))

    def fill_date(self, name, day, within=None):
        """Type a day into a field that has one, and see that the field took it.

        It takes an answer of the server that is still to come for its own value: what
        else is to be entered is entered afterwards.
        """
        text = f"{day:%m/%d/%Y}"
        field = self.field(name, within)
        field.locator("button").click()
        expect(self.page.locator(".o_datetime_picker")).to_be_visible()
        field.locator("input").fill(text)
        field.locator("input").press("Enter")
        expect(field.locator("button")).to_have_attribute("data-tooltip", text)

    def choose(self, name, text, within=None):
        """Type into a field that offers records, and take the one called so."""
        box = self.field(name, within).locator("input").first
        # The list that opens first is replaced when the answer comes.
        with self.page.expect_response(
            lambda response: (
                "name_search" in response.url
                and json.dumps(text)[1:-1] in (response.request.post_data or "")
            )
        ):
            box.fill(text)
        self.page.locator(
            ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option)"
        ).filter(has_text=text).first.click()

    def save(self):
        """Press the save icon."""
        self.page.click(".o_form_button_save:visible")
        expect(self.page.locator(".o_form_button_save:visible")).to_have_count(0)

    def button(self, name, within=None):
        """The visible button of a method."""
        return (within or self.page).locator(f"button[name='{name}']:visible").first

    def shot(self, name):
        """Keep a picture of what the person sees; fail if it is an error."""
        self._picture(name)
        error = self.page.locator(".o_error_dialog")
        assert not error.count(), error.first.inner_text()

    def refused(self, text, shot, title=REFUSALS):
        """Expect to be told so in a dialog, as people are and not programmers."""
        dialog = self.page.locator(".o_error_dialog")
        expect(dialog.locator(".modal-title")).to_have_text(title)
        expect(dialog).to_contain_text(text)
        self._picture(shot)
        dialog.get_by_role("button", name="Close", exact=True).last.click()
        expect(dialog).to_have_count(0)

    def _picture(self, name):
        path = SHOTS / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        assert not self.problems, self.problems


class Desks:
    """The browsers of the people, each opened when it is first needed."""

    def __init__(self, browser, server):
        self.browser, self.server, self.persons = browser, server, {}

    def __call__(self, role):
        """Return the browser of a role."""
        if role not in self.persons:
            user = self.server.facts["users"][role]
            self.persons[role] = Person(self.browser, self.server, user)
        return self.persons[role]


def line(person, product):
    """The row of a product in the lines of the form or the dialog in front."""
    return person.front.locator(".o_data_row").filter(has_text=product).first


def cell(person, product, name):
    """One field in the row of a product."""
    return line(person, product).locator(f"td[name='{name}']")


def edit_cell(person, product, name):
    """Click a field in the row of a product; return its input."""
    # The name of the product may be in an input then, which is no text to find it by.
    row = line(person, product).get_attribute("data-id")
    cell(person, product, name).click()
    return person.front.locator(
        f".o_selected_row[data-id='{row}'] td[name='{name}'] :is(input, textarea)"
    )


def show_column(person, label):
    """Show an optional column of the list."""
    person.front.locator(".o_optional_columns_dropdown button").click()
    menu = person.page.locator(".o-dropdown--menu")
    # The browser remembers what was shown before.
    menu.get_by_role("checkbox", name=label, exact=True).check()
    person.page.keyboard.press("Escape")
    expect(menu).to_have_count(0)


def set_cell(person, product, name, value):
    """Type into a field in the row of a product."""
    edit_cell(person, product, name).fill(str(value))


def tick_cell(person, product, name):
    """Tick a box in the row of a product."""
    expect(edit_cell(person, product, name)).to_be_checked()
