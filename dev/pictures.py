"""Takes the pictures of the README and of the handbook, in English and in Dutch.

::

    .dev/venv/bin/python -m dev.pictures [--url http://localhost:8069] [--check]

Without an address it makes a database with demonstration data and a server of its own.
The story is played in each language, so take the address of a database that may have
more orders afterwards. Pictures are lossy WebP, a tenth of the PNGs that they are of.

No two browsers draw alike, so pictures are not compared with new ones. ``taken.json``
keeps the digest of all that is to be seen on them: views, templates, scripts, words and
demonstration data, and the digest of each picture. ``--check`` takes none and fails
when these are others by now.
"""

import argparse
import contextlib
import hashlib
import json
import sys
from io import BytesIO
from types import SimpleNamespace

from PIL import Image
from playwright.sync_api import sync_playwright

from dev import story
from harness import databases, odoo_process, project, servers
from harness.browser import FLAGS, SIZES, Person, chromium
from harness.screens import CALL, DROP_SHIPPED, MOVE, PURCHASE, SALE, SCREENS, Visitor
from harness.story import sale_lines

IMAGES = project.ROOT / "docs/images"
PAGE = {"width": 1280, "height": 720}
TALL = {"width": 1280, "height": 1000}  # a page of forms
WIDE = {"width": 1600, "height": 760}  # a list with many columns
SIZES["page"] = {"viewport": PAGE}
LANGUAGES = {"en": "en_US", "nl": "nl_NL"}
# Of all the screens, those that a page shows.
SHOWN = {
    "workbench": "workbench-list",
    "board": "workbench-kanban",
    "create-purchase-orders": "create-purchase-orders",
    "settings": "settings",
    "adopt": "adopt",
}
# What is to be seen on them comes from these.
SEEN = (
    *(f"{project.ADDON}/{folder}/**/*.xml" for folder in ("data", "demo", "reports")),
    *(f"{project.ADDON}/{folder}/**/*.xml" for folder in ("views", "wizards")),
    f"{project.ADDON}/static/src/**/*",
    f"{project.ADDON}/i18n/dropship_link.pot",
    f"{project.ADDON}/i18n/nl.po",
    "dev/pictures.py",
    "dev/story.py",
    "harness/screens.py",
    "harness/shop.py",
    "harness/story.py",
)
TAKEN = IMAGES / "taken.json"
SECONDS_PER_FRAME = 2.5
FRAME = 960, 540


class Speaker(Visitor):
    """A visitor whose dialogs have their titles in the language of the person."""

    def __init__(self, person, lang):
        super().__init__(person)
        self.lang = lang

    def call(self, model, method, *args, **kwargs):
        """Call a method as the screens do."""
        kwargs["context"] = {"allowed_company_ids": [1], "lang": self.lang}
        return self.page.evaluate(CALL, [model, method, args, kwargs])


class Album:
    """Pictures in one language, by the people of the demonstration."""

    def __init__(self, browser, server, language):
        self.browser, self.server = browser, server
        self.lang = LANGUAGES[language]
        self.folder = IMAGES / language
        self.folder.mkdir(parents=True, exist_ok=True)
        self.desks, self.frames = {}, []
        with contextlib.closing(self._open("admin").person) as admin:
            self._speak(Visitor(admin), self.lang)

    def _open(self, role):
        user = {"login": role, "password": role}
        person = Person(self.browser, self.server, user, size="page")
        return Speaker(person, self.lang)

    def _speak(self, admin, code):
        """Have all people speak this language."""
        domain = [["code", "=", code], ["active", "in", [True, False]]]
        [language] = admin.call("res.lang", "search_read", domain, ["active"])
        if not language["active"]:
            values = [{"lang_ids": [[6, 0, [language["id"]]]]}]
            [dialog] = admin.call("base.language.install", "create", values)
            admin.call("base.language.install", "lang_install", [dialog])
        people = [["login", "in", ["admin", "sales", "buyer", "accountant"]]]
        users = admin.call("res.users", "search", people)
        admin.call("res.users", "write", users, {"lang": code})

    def desk(self, role):
        """The browser of a person, opened when it is first needed."""
        if role not in self.desks:
            self.desks[role] = self._open(role)
        return self.desks[role]

    def show(self, name):
        """Open a screen and keep what is there."""
        role, visit = SCREENS[SHOWN[name]]
        desk = self.desk(role)
        desk.page.set_viewport_size(WIDE if name == "workbench" else PAGE)
        visit(desk)
        if name == "settings":
            last = desk.page.locator("#drop_shipment_adopt")
            last.evaluate("setting => setting.scrollIntoView({block: 'end'})")
        self.take(desk, name)
        desk.page.set_viewport_size(PAGE)

    def show_vendor_page(self):
        """Keep the page of an order that its vendor has reported in part.

        As who follows the link of the mail sees it, without a login.
        """
        buyer, url = self.desk("buyer"), self.server.url
        reported = ["picking_ids.drop_shipment_reported", "!=", False]
        order = buyer.find(PURCHASE, DROP_SHIPPED, reported)
        address = buyer.call(PURCHASE, "get_portal_url", [order])
        with contextlib.closing(self.browser.new_context(viewport=TALL)) as context:
            context.add_cookies(
                [{"name": "frontend_lang", "value": self.lang, "url": url}]
            )
            page = context.new_page()
            page.goto(f"{url}{address}")
            page.wait_for_selector("[name='drop_shipment_reported']")
            self.take(SimpleNamespace(page=page), "vendor-page")

    def take(self, desk, name, *, frame=False):
        """Keep what a person sees, as a part of the film too if it is a frame."""
        desk.page.mouse.move(0, 0)
        desk.page.wait_for_timeout(700)
        picture = Image.open(BytesIO(desk.page.screenshot())).convert("RGB")
        picture.save(self.folder / f"{name}.webp", quality=72, method=6)
        if frame:
            self.frames.append(picture.resize(FRAME, Image.Resampling.LANCZOS))
        print(f"{self.folder.name}/{name}", flush=True)

    def tell(self):
        """Play the story, with a picture of each step."""
        sales, buyer = self.desk("sales"), self.desk("buyer")
        shop = story.demo_shop({"sales": sales, "buyer": buyer})
        lines = sale_lines(story.LINES)
        # Of its own in each language: core warns of two orders with the same.
        reference = f"{story.REFERENCE[:-1]}{[*LANGUAGES].index(self.folder.name)}"
        sale = shop.sale(*lines, client_order_ref=reference, confirm=False)
        sales.person.open_record(SALE, sale)
        self.take(sales, "sale-ticked", frame=True)
        sales.call(SALE, "action_confirm", [sale])
        sales.person.open_record(SALE, sale)
        self.take(sales, "sale-to-order", frame=True)

        purchase = shop.rfq()
        buyer.person.open_record(PURCHASE, purchase)
        self.take(buyer, "request-empty", frame=True)
        buyer.dialog(PURCHASE, "action_get_sales_order", purchase)
        [order] = sales.call(SALE, "read", [sale], ["name"])
        offers = buyer.person.dialog.locator("[name='order_ids'] .o_data_row")
        offer = offers.filter(has_text=order["name"])
        offer.locator("td[name='selected'] input").click()
        buyer.page.wait_for_selector(".o_dialog [name='line_ids'] .o_data_row")
        self.take(buyer, "get-sales-order", frame=True)
        buyer.person.button("action_insert_lines", buyer.person.dialog).click()
        buyer.page.wait_for_selector(".o_dialog", state="detached")
        buyer.person.open_record(PURCHASE, purchase)
        self.take(buyer, "request-linked", frame=True)
        buyer.call(PURCHASE, "button_confirm", [purchase])

        domain = [["order_id", "=", sale]]
        rows = sales.call("sale.order.line", "search", domain)
        for row, quantity in zip(rows, (4, 0), strict=True):
            sales.call("sale.order.line", "write", [row], {"qty_to_ship": quantity})
        sales.person.open_record(SALE, sale)
        sales.dialog(SALE, "action_post_drop_shipment", sale)
        self.take(sales, "post-ship", frame=True)
        shop.post(SALE, sale, "ship")
        sales.person.open_record(SALE, sale)
        self.take(sales, "sale-partial", frame=True)
        buyer.person.open_record(PURCHASE, purchase)
        self.take(buyer, "purchase-partial", frame=True)
        buyer.dialog(PURCHASE, "action_post_drop_shipment", purchase)
        self.take(buyer, "post-receive")
        bill = buyer.call(PURCHASE, "action_create_invoice", [purchase])["res_id"]
        accountant = self.desk("accountant")
        accountant.person.open_record(MOVE, bill)
        self.take(accountant, "bill-too-early")

    def film(self):
        """Make the moving picture of the frames."""
        first, *others = self.frames
        first.save(
            self.folder / "story.webp",
            save_all=True,
            append_images=others,
            duration=int(SECONDS_PER_FRAME * 1000),
            loop=0,
            quality=60,
            method=6,
            kmax=1,  # whole frames: differences leave shadows
        )
        print(f"{self.folder.name}/story", flush=True)

    def close(self):
        """Leave, and have people speak English again."""
        for desk in self.desks.values():
            desk.person.close()
        with contextlib.closing(self._open("admin").person) as admin:
            self._speak(Visitor(admin), LANGUAGES["en"])


def take(server):
    """Take all pictures on a server with demonstration data."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        # First what is there: the story in one language makes orders for the next.
        for language in LANGUAGES:
            with contextlib.closing(Album(browser, server, language)) as album:
                for name in SHOWN:
                    album.show(name)
                album.show_vendor_page()
        for language in LANGUAGES:
            with contextlib.closing(Album(browser, server, language)) as album:
                album.tell()
                album.film()


def words(path):
    """What a file holds, but for the days on which translations were made."""
    lines = path.read_bytes().splitlines()
    return [line for line in lines if not line.startswith((b'"POT-', b'"PO-'))]


def taken():
    """Return the digests of what is to be seen on the pictures, and of them."""
    files = {path for pattern in SEEN for path in project.ROOT.glob(pattern)}
    seen = hashlib.sha256()
    for path in sorted(files):
        if path.is_file():
            seen.update(str(path.relative_to(project.ROOT)).encode())
            seen.update(b"\n".join(words(path)))
    return {
        "seen": seen.hexdigest(),
        "pictures": {
            str(path.relative_to(IMAGES)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(IMAGES.rglob("*.webp"))
        },
    }


def check():
    """Return what is wrong with the pictures, or None."""
    known = json.loads(TAKEN.read_text()) if TAKEN.exists() else {}
    now = taken()
    if known == now:
        return None
    if known.get("pictures") != now["pictures"]:
        return "not all pictures are those that were taken\nrun: make pictures"
    return "screens have changed since their pictures were taken\nrun: make pictures"


def main():
    """Take the pictures, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", help="of a server with demonstration data")
    parser.add_argument("--check", action="store_true", help="take none")
    options = parser.parse_args()
    if options.check:
        return check()
    if options.url:
        take(SimpleNamespace(url=options.url.rstrip("/")))
    else:
        modules = ("sale_management",)
        db = databases.database("pictures", demo=True, install=True, modules=modules)
        # Before it is served: a language that comes later is not found now and then.
        codes = ",".join(LANGUAGES.values())
        odoo_process.odoo(
            "-d", db, "--load-language", codes, "--no-http", log="languages"
        )
        with servers.serve(db) as server:
            take(server)
    TAKEN.write_text(json.dumps(taken(), indent=1) + "\n")
    return None


if __name__ == "__main__":
    sys.exit(main())
