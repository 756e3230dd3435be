"""Every error message of the add-on, met by the person with the fewest rights.

A case makes the situation over the external API and yields what the message is about.
Then it runs into the error: in the browser, or over the API where the screens offer no
way, for the reason that it gives. The dialog must say the message word for word, and
nothing may have changed.

``test_no_error_is_left_out`` compares the cases with the messages in the source.
"""

import ast
import contextlib
import functools
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import NamedTuple

import psycopg2
import pytest
from playwright.sync_api import expect

from harness import postgres, project
from harness.browser import cell, line, set_cell, show_column, tick_cell
from harness.client import Refused
from harness.shop import GET, POST, Shop, command_create

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"
MOVE, REPORT = "account.move", "drop.shipment.report"
CREATE = "drop.shipment.create.purchase"
TITLES = {
    "AccessError": "Access Error",
    "UserError": "Invalid Operation",
    "ValidationError": "Validation Error",
}
# What an error that is made elsewhere comes from: `_get_..._error` and the like.
MAKERS = re.compile("_(alerts|error|message|notices?|reasons?|refusals?)$")
OTHER_MODULES = "dropship_link/tests/other_modules.py"


class Case(NamedTuple):
    """A way to an error."""

    role: str
    message: str
    parts: dict
    play: object
    api: str
    where: str


CASES = []


def error(role, message, *, api=None, where=None, **parts):
    """Make a case of a function; `parts` are messages that the message has in it.

    A part called `lead` is a sentence of its own before it.
    `api` says why no screen leads to the error. `where` finds the text on the page
    that shows it, if that is no dialog.
    """

    def register(play):
        CASES.append(Case(role, message, parts, play, api, where))
        return play

    return register


# The messages that only other apps can lead to, and the tests in a database with them.
ELSEWHERE = {
    "%(order)s has no whole kit to return. Return its parts on their transfer.": (
        "test_only_parts_left"
    ),
    "Its kit has no goods.": "test_kit_of_services",
    "%(product)s of %(order)s can't go to own stock: it has become a kit since it was "
    "ordered, and own stock has only the parts of a kit. Return it to the vendor, or "
    "archive the kit's bill of materials first.": "test_returned_to_own_stock",
    "Drop Shipment Link: Kits can't be removed: vendors are still to ship kits on "
    "%(orders)s, and nothing would count them. Post these orders, close their "
    "remainder or cancel them first.": "test_not_removed_while_kits_are_open",
    "Drop Shipment Link: Point of Sale can't be removed: vendors are still to ship or "
    "to bill what was paid at the till on %(orders)s, and it would count as delivered, "
    "and as not invoiced. Post these orders and their bills first.": (
        "test_not_removed_while_open"
    ),
    "%(field)s of %(line)s can't be %(quantity)s: a kit is posted whole. Enter whole "
    "kits, or enter its parts on the transfer.": "test_half_a_kit_is_refused",
    "Lot/Serial Numbers of %(line)s are of several parts: write the name of the part "
    "on a line of its own above its numbers. The parts with numbers are %(parts)s.": (
        "test_two_tracked_parts"
    ),
    "%(order)s can't have alternatives: its lines ship sales orders, and a copy would "
    "ship them twice. Unlink the lines, then use Get Sales Order with the other "
    "vendor.": "test_alternative_with_products_is_refused",
    "%(order)s can't be posted here: its transfer asks a question. Open the order and "
    "choose Post.": "test_posting_many_asks_a_question",
    "Bought above the sales price: %(products)s. Have the buyer ask for another price, "
    "or agree one with the customer.": "test_bought_above_the_sales_price",
}
# The messages of the vendor's page, whose visitor is no user, and their tests.
WRONG, LOTS, SERIALS = "test_wrong_values", "test_lots", "test_serials"
ELSEWHERE |= {
    "%(order)s can't be answered here: %(company)s shows it only. Please write to "
    "them.": "test_read_only",
    "%(order)s is cancelled: please don't ship it.": "test_other_states",
    "%(order)s is no order yet: wait until %(company)s confirms it.": (
        "test_other_states"
    ),
    "A line you chose is not one of %(order)s. Load the page again.": (
        "test_lines_of_others"
    ),
    "%(order)s has no reported shipment that waits: it was posted or taken back. Load "
    "the page again.": "test_withdrawn",
    "Enter a number.": WRONG,
    "Enter 0 to %(left)s: that is what is left to ship.": WRONG,
    "That is too little to be counted in %(unit)s: enter 0 or more.": WRONG,
    "That is too long: enter no more than %(length)s characters.": WRONG,
    "Enter plain words: no HTML, and no formula that starts with a sign.": WRONG,
    "Enter a day.": WRONG,
    "The day can't be %(date)s: enter %(today)s or a day before it.": WRONG,
    "The day can't be %(date)s: %(company)s has closed its books for it. Enter a later "
    "day.": "test_locked_books",
    "Leave it empty: it has no lots or serial numbers.": LOTS,
    "Enter how much was shipped, too.": LOTS,
    "Enter the serial numbers, one a line.": SERIALS,
    "Enter the lots, one a line, with their quantity behind: LOT-1;6.": LOTS,
    "These are not the %(quantity)s that were shipped: enter one serial number a line, "
    "or lots with their quantity, as in LOT-1;6.": SERIALS,
    "Serial number %(name)s was entered or shipped before: enter another one.": SERIALS,
    "Choose a file or write the numbers above, not both.": "test_both",
    "This file is too large: %(size)s kB are the most.": "test_wrong_files",
    "This file can't be read: choose a text or CSV file, with one number a line.": (
        "test_wrong_files"
    ),
    "This file is empty.": "test_wrong_files",
    "Line %(number)s has no quantity behind the separator: write LOT-1;6, for example, "
    "and no heading.": "test_wrong_files",
}


# The situations


class Scene:
    """Documents of the people, and the people at their browsers."""

    def __init__(self, server, people, desks):
        self.server, self.people, self.desk = server, people, desks
        self.facts, self.admin = server.facts, people["admin"]

    @functools.cached_property
    def everyday(self):
        """A customer for orders of which it is all the same whose they are."""
        return self.shop()

    @functools.cached_property
    def to_order(self):
        """A confirmed sales order that nobody has ordered from a vendor."""
        return Link(self, ordered=False)

    @functools.cached_property
    def requested(self):
        """A sales order on a request for quotation."""
        return Link(self, confirm=False)

    @functools.cached_property
    def ordered(self):
        """A sales order on a confirmed purchase order."""
        return Link(self)

    @functools.cached_property
    def partly(self):
        """Four of ten are shipped and invoiced."""
        link = Link(self)
        link.ship(4)
        link.shop.invoice(link.sale)
        return link

    @functools.cached_property
    def shipped(self):
        """All is shipped, nothing invoiced, and the bill is a draft."""
        link = Link(self)
        link.ship()
        link.bill = link.shop.bill(link.purchase)
        return link

    def shop(self):
        """A customer of the case's own."""
        return Shop(self.facts, self.people)

    def name(self, model, record):
        """What people call a document."""
        return self.admin.read(model, record, "name")

    def product(self, name, **values):
        """Make a product and let `Shop` know it by its name."""
        self.facts[name] = self.admin.create("product.product", name=name, **values)
        return self.facts[name]

    def sql(self, statement, *values):
        """Damage data as no user can, but a program may that goes past Odoo."""
        with (
            contextlib.closing(
                psycopg2.connect(dbname=self.server.db, **postgres.postgres())
            ) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values)

    @contextlib.contextmanager
    def busy(self, table, row):
        """Somebody else changes a row all the time, to what it is already.

        PostgreSQL does it by itself: a loop of ours would pause on a busy machine, and
        one of Odoo's tries come through.
        """
        over = threading.Event()

        def change():
            with (
                contextlib.closing(
                    psycopg2.connect(dbname=self.server.db, **postgres.postgres())
                ) as connection,
                connection.cursor() as cursor,
            ):
                connection.autocommit = True
                while not over.is_set():
                    cursor.execute(
                        f"""
                        DO $$ BEGIN
                            FOR turn IN 1..100 LOOP
                                UPDATE {table} SET id = id WHERE id = %s;
                                COMMIT;
                                PERFORM pg_sleep(0.002);
                            END LOOP;
                        END $$
                        """,
                        [row],
                    )

        with ThreadPoolExecutor(1) as pool:
            changing = pool.submit(change)
            try:
                yield
            finally:
                over.set()
            changing.result()


class Link:
    """A sales order of ten chairs, a purchase order of it and what people call them."""

    def __init__(self, scene, *lines, shop=None, ordered=True, **values):
        self.scene, self.shop = scene, shop or scene.everyday
        self.sale = self.shop.sale(*lines)
        self.sale_name = scene.name(SALE, self.sale)
        self.line = f"{self.sale_name}, line 1 (Oak Chair)"
        if ordered:
            self.order(**values)

    def order(self, **values):
        """Get the sales order into a purchase order."""
        self.purchase = self.shop.purchase(self.sale, **values)
        self.purchase_name = self.scene.name(PURCHASE, self.purchase)
        self.purchase_line = f"{self.purchase_name}, line 1 (Oak Chair)"

    @property
    def sale_line_id(self):
        return self.scene.admin.read(SALE, self.sale, "order_line")[0]

    @property
    def purchase_line_id(self):
        return self.shop.line(PURCHASE, self.purchase)

    def buyer(self, method, model=PURCHASE):
        """The buyer does something with the purchase order or its line."""
        record = self.purchase if model == PURCHASE else self.purchase_line_id
        self.scene.people["buyer"].call(model, method, record)

    def promise_past_day(self):
        """Sales has promised the goods for a day that is gone."""
        self.scene.people["sales"].write(
            SALE, self.sale, commitment_date="2026-01-15 12:00:00"
        )

    def ship(self, quantity=None):
        """Sales posts the shipment."""
        self.shop.post(SALE, self.sale, "ship", quantity=quantity)

    def report(self, product="Oak Chair"):
        """The vendor reports all of a product as shipped; it waits to be posted."""
        admin = self.scene.admin
        (transfer,) = admin.read(PURCHASE, self.purchase, "picking_ids")
        moves = admin.search(
            "stock.move",
            ["picking_id", "=", transfer],
            ["product_id.name", "=", product],
        )
        admin.write("stock.move", moves, picked=True)
        admin.write(
            "stock.picking", transfer, drop_shipment_reported="2026-01-15 12:00:00"
        )

    def decline(self):
        """The vendor does not ship four of ten."""
        self.scene.sql(
            "UPDATE purchase_order_line SET drop_shipment_qty_declined = 4,"
            " drop_shipment_decline_reason = 'Sold out' WHERE id = %s",
            self.purchase_line_id,
        )

    def cancel_transfer(self):
        """The warehouse cancels what the vendor has not shipped."""
        admin = self.scene.admin
        transfers = admin.search(
            "stock.picking",
            ["id", "in", admin.read(SALE, self.sale, "picking_ids")],
            ["state", "!=", "done"],
        )
        admin.call("stock.picking", "action_cancel", transfers)

    def send_back(self, quantity):
        """The customer sends some of the goods back to the vendor."""
        admin, dialog = self.scene.admin, "stock.return.picking"
        (transfer,) = admin.read(SALE, self.sale, "picking_ids")
        wizard = admin.create(dialog, picking_id=transfer)
        rows = admin.read(dialog, wizard, "product_return_moves")
        admin.write(f"{dialog}.line", rows, quantity=quantity)
        admin.call(dialog, "action_create_returns", wizard)
        (returned,) = admin.search("stock.picking", ["return_id", "=", transfer])
        admin.call("stock.picking", "button_validate", returned)


def cancelled(scene):
    """A request for quotation that was cancelled, so that its order is free."""
    link = Link(scene, shop=scene.shop(), confirm=False)
    link.buyer("button_cancel")
    return link


def set_to_draft(scene, link):
    """The buyer wants the cancelled request back."""
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    yield {"line": link.purchase_line, "sale": link.sale_name}
    buyer.button("button_draft").click()


POST_BUTTON = "action_post_drop_shipment"
CLOSE_BUTTON = "action_close_drop_shipment_remainder"


def open_form(scene, role, model, record):
    """Open a document; return the person before it."""
    person = scene.desk(role)
    person.show(model, record)
    return person


def open_order(scene, role, model, record, button=POST_BUTTON):
    """Open an order, let the case go on, and press a button."""
    person = open_form(scene, role, model, record)
    expect(person.button(button)).to_be_visible()
    return person.button(button)


def open_dialog(scene, role, model, record, button=POST_BUTTON):
    """Open an order and the dialog of a button."""
    open_order(scene, role, model, record, button).click()
    person = scene.desk(role)
    expect(person.dialog.locator(".modal-footer .btn-primary")).to_be_visible()
    return person


def press(person, button):
    """Press the button of the dialog in front that does it."""
    person.button(button, person.dialog).click()


def press_save(person):
    """Press the save icon, which may be refused."""
    person.page.click(".o_form_button_save:visible")


def press_and_confirm(person, button):
    """Press a button that asks whether one is sure."""
    button.click()
    person.dialog.locator(".modal-footer .btn-primary").click()


# Sales order: Drop Shipment

UNTICKABLE = "Drop Shipment can't be ticked on %(line)s: %(reason)s Untick it."


@error(
    "sales",
    "Drop Shipment can't be changed on %(line)s: it is on open transfer %(transfer)s. "
    "Cancel or complete that first.",
)
def tick_with_open_transfer(scene):
    sale = scene.everyday.sale(ticked=False)
    sales = open_form(scene, "sales", SALE, sale)
    show_column(sales, "Drop Shipment")
    tick_cell(sales, "Oak Chair", "drop_shipment")
    (transfer,) = scene.admin.read(SALE, sale, "picking_ids")
    yield {
        "line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)",
        "transfer": scene.name("stock.picking", transfer),
    }
    press_save(sales)


@error(
    "sales",
    "Drop Shipment can't be changed on %(line)s: it is on purchase order "
    "%(purchase)s. Have the buyer take it out or cancel that order first.",
)
def tick_with_purchase_order_of_the_route(scene):
    """Core's own Dropship route has ordered the line already."""
    (route,) = scene.admin.search("stock.route", ["name", "=", "Dropship"])
    scene.product(
        "Routed Chair",
        is_storable=True,
        route_ids=[[6, 0, [route]]],
        seller_ids=[command_create(partner_id=scene.facts["vendor"])],
    )
    sale = scene.everyday.sale(("Routed Chair", 1), ticked=False)
    sales = open_form(scene, "sales", SALE, sale)
    show_column(sales, "Drop Shipment")
    tick_cell(sales, "Routed Chair", "drop_shipment")
    number = scene.name(SALE, sale)
    (purchase,) = scene.admin.search(PURCHASE, ["origin", "ilike", number])
    yield {
        "line": f"{number}, line 1 (Routed Chair)",
        "purchase": scene.name(PURCHASE, purchase),
    }
    press_save(sales)


@error(
    "sales",
    "Drop Shipment can't be changed on %(line)s: a part of it was shipped on purchase "
    "order %(purchase)s. Have the buyer close the remainder, lower the line to what "
    "was shipped, and add a line for the rest.",
    api="The box is read-only on lines that are on a purchase order.",
)
def untick_after_a_part(scene):
    link = Link(scene)
    link.ship(4)
    yield {"line": link.line, "purchase": link.purchase_name}
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, drop_shipment=False)


@error("sales", UNTICKABLE, reason="Its quantity is negative.")
def tick_negative(scene):
    sale = scene.everyday.sale(confirm=False)
    sales = open_form(scene, "sales", SALE, sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", -1)
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    press_save(sales)


@error(
    "sales",
    UNTICKABLE,
    reason="It has no unit of measure.",
    api="The screens don't save a line without its unit.",
)
def tick_without_unit(scene):
    sale = scene.everyday.sale(confirm=False)
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    line_id = scene.everyday.line(SALE, sale)
    scene.people["sales"].write(SALE_LINE, line_id, product_uom_id=False)


@error("sales", UNTICKABLE, reason="It is a re-invoiced expense.")
def tick_expense(scene):
    sale = scene.everyday.sale(ticked=False, confirm=False)
    scene.admin.write(SALE_LINE, scene.everyday.line(SALE, sale), is_expense=True)
    sales = open_form(scene, "sales", SALE, sale)
    tick_cell(sales, "Oak Chair", "drop_shipment")
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    press_save(sales)


@error(
    "sales",
    UNTICKABLE,
    reason="Only goods can be drop-shipped.",
    api="The box is hidden on services, and choosing one unticks it.",
)
def tick_service(scene):
    service = scene.product("Assembly", type="service")
    sale = scene.everyday.sale(confirm=False)
    yield {"line": f"{scene.name(SALE, sale)}, line 2 (Assembly)"}
    scene.people["sales"].create(
        SALE_LINE, order_id=sale, product_id=service, drop_shipment=True
    )


@error(
    "sales",
    UNTICKABLE,
    reason="It is not a product.",
    api="The box is hidden on sections and notes.",
)
def tick_section(scene):
    sale = scene.everyday.sale(confirm=False)
    yield {"line": "Chairs"}
    scene.people["sales"].create(
        SALE_LINE,
        order_id=sale,
        display_type="line_section",
        name="Chairs",
        drop_shipment=True,
    )


@error(
    "sales",
    "Vendor can't be chosen on %(line)s: it is no drop shipment. Tick Drop Shipment, "
    "or leave the vendor out.",
    api="The vendor is hidden on a line from own stock.",
)
def choose_vendor_of_own_stock(scene):
    sale = scene.everyday.sale(ticked=False, confirm=False)
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    line_id = scene.everyday.line(SALE, sale)
    scene.people["sales"].write(
        SALE_LINE, line_id, drop_shipment_vendor_id=scene.facts["vendor"]
    )


# Sales order: while linked


@error(
    "sales",
    "Quantity of %(line)s can't be %(quantity)s: %(ordered)s are on confirmed purchase "
    "orders or delivered. Have the buyer lower the quantity on %(purchase)s to "
    "%(lowered)s first.",
)
def lower_below_ordered(scene):
    link = scene.ordered
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", 9)
    yield {
        "line": link.line,
        "quantity": "9 Units",
        "ordered": "10 Units",
        "purchase": link.purchase_name,
        "lowered": "9 Units",
    }
    press_save(sales)


@error(
    "sales",
    "Quantity of %(line)s can't be %(quantity)s: %(ordered)s are on confirmed purchase "
    "orders or delivered. Have the buyer lower the quantities on %(purchases)s first, "
    "by %(excess)s in all.",
)
def lower_below_what_two_orders_have(scene):
    link = Link(scene, quantity=6)
    second = link.shop.purchase(link.sale)
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", 2)
    yield {
        "line": link.line,
        "quantity": "2 Units",
        "ordered": "10 Units",
        "purchases": f"{link.purchase_name}, {scene.name(PURCHASE, second)}",
        "excess": "8 Units",
    }
    press_save(sales)


@error(
    "sales",
    "Quantity of %(line)s can't be %(quantity)s: vendors have shipped, or own stock "
    "has delivered, %(shipped)s. Enter no less than that.",
)
def lower_below_shipped(scene):
    link = scene.partly
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", 3)
    yield {"line": link.line, "quantity": "3 Units", "shipped": "4 Units"}
    press_save(sales)


@error(
    "sales",
    "Quantity of %(line)s can't be %(quantity)s: %(ordered)s are on purchase order "
    "%(purchase)s. Have the buyer lower it first.",
)
def more_ordered_than_sold(scene):
    """All other ways are closed: two quantities that do not fit by themselves."""
    link = Link(scene)
    scene.sql(
        "UPDATE sale_order_line SET drop_shipment_qty_ordered = 12 WHERE id = %s",
        link.sale_line_id,
    )
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "product_uom_qty", 11)
    yield {
        "line": link.line,
        "quantity": "11 Units",
        "ordered": "12 Units",
        "purchase": link.purchase_name,
    }
    press_save(sales)


@error(
    "sales",
    "%(field)s of %(line)s can't be changed: it is on purchase order %(purchase)s. "
    "Have the buyer unlink it or cancel that order first.",
)
def change_product_of_linked_line(scene):
    """The buyer got the line while sales had the page open."""
    link = Link(scene, shop=scene.shop(), ordered=False)
    sales = open_form(scene, "sales", SALE, link.sale)
    cell(sales, "Oak Chair", "product_template_id").click()
    sales.choose("product_template_id", "Brass Lamp")
    link.order(confirm=False)
    yield {"field": "Product", "line": link.line, "purchase": link.purchase_name}
    press_save(sales)


@error(
    "sales",
    "%(field)s of %(line)s can't be changed: %(quantity)s are delivered or invoiced. "
    "Add another line.",
)
def change_product_of_delivered_line(scene):
    """The vendor shipped a part and was cancelled while sales had the page open."""
    link = Link(scene, shop=scene.shop(), ordered=False)
    sales = open_form(scene, "sales", SALE, link.sale)
    cell(sales, "Oak Chair", "product_template_id").click()
    sales.choose("product_template_id", "Brass Lamp")
    link.order()
    link.ship(6)
    link.buyer("button_cancel")
    yield {"field": "Product", "line": link.line, "quantity": "6 Units"}
    press_save(sales)


@error(
    "sales",
    "%(line)s can't be deleted: it is on purchase order %(purchase)s. Have the buyer "
    "unlink it or cancel that order first.",
)
def delete_linked_line(scene):
    """Core refuses it on confirmed orders; a program may have taken this one back."""
    link = Link(scene, confirm=False)
    scene.people["sales"].write(SALE, link.sale, state="draft")
    sales = open_form(scene, "sales", SALE, link.sale)
    line(sales, "Oak Chair").locator(".o_list_record_remove").click()
    yield {"line": link.line, "purchase": link.purchase_name}
    press_save(sales)


@error(
    "sales",
    "%(field)s of %(order)s can't be changed: it is shipped by purchase order "
    "%(purchase)s. Have the buyer unlink it there, or cancel that order first.",
)
def change_ship_to_of_ordered(scene):
    link = scene.ordered
    customer = scene.name("res.partner", link.shop.customer)
    sales = open_form(scene, "sales", SALE, link.sale)
    sales.choose("partner_shipping_id", customer)
    yield {
        "field": "Delivery Address",
        "order": link.sale_name,
        "purchase": link.purchase_name,
    }
    press_save(sales)


@error(
    "sales",
    "%(order)s can't be cancelled: the vendor has %(lines)s left to ship on purchase "
    "order %(purchase)s. Have the buyer close the remainder or cancel that order "
    "first.",
)
def cancel_ordered(scene):
    link = scene.ordered
    button = open_order(scene, "sales", SALE, link.sale, "action_cancel")
    yield {
        "order": link.sale_name,
        "lines": "Oak Chair",
        "purchase": link.purchase_name,
    }
    press_and_confirm(scene.desk("sales"), button)


@error(
    "sales",
    "%(field)s of %(line)s can't be %(quantity)s: enter 0 to %(outstanding)s, what is "
    "outstanding on confirmed purchase orders.",
    field="Qty to Ship",
)
def qty_to_ship_too_high(scene):
    link = scene.ordered
    sales = open_form(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "qty_to_ship", 11)
    yield {"line": link.line, "quantity": "11 Units", "outstanding": "10 Units"}
    press_save(sales)


@error(
    "sales",
    "%(field)s can't be %(value)s: enter a number.",
    api="The browser takes nothing but numbers in these fields.",
)
def no_number(scene):
    link = scene.ordered
    yield {"field": f"Qty to Ship of {link.line}", "value": "ten"}
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, qty_to_ship="ten")


@error(
    "sales",
    "%(field)s (%(name)s) of %(model)s can't be written: it follows from orders, "
    "transfers, invoices and bills. Leave it out.",
    api="The screens show it read-only.",
)
def computed_quantity(scene):
    """A program says how much was invoiced."""
    line_id = scene.ordered.sale_line_id
    yield {
        "field": "Quantity on Posted Invoices",
        "name": "drop_shipment_qty_invoiced",
        "model": "Sales Order Line",
    }
    scene.people["sales"].write(SALE_LINE, line_id, drop_shipment_qty_invoiced=10)


@error(
    "admin",
    "%(field)s of %(transfer)s can't be changed for %(product)s: the vendor ships it "
    "for purchase order %(purchase)s. Change that order instead.",
    api="The screens show it read-only.",
)
def transfer_of_another_line(scene):
    """A program takes the transfer away from its order."""
    link = Link(scene)
    transfers = scene.admin.read(PURCHASE, link.purchase, "picking_ids")
    yield {
        "field": "Purchase Order Line",
        "transfer": scene.name("stock.picking", transfers[0]),
        "product": "Oak Chair",
        "purchase": link.purchase_name,
    }
    moves = scene.admin.read("stock.picking", transfers[0], "move_ids")
    scene.admin.write("stock.move", moves, purchase_line_id=False)


# The linked order

NOT_ORDERED = "Not on a purchase order yet: %(lines)s."


@error("trader", NOT_ORDERED)
def view_purchase_order_that_is_gone(scene):
    """The buyer unlinked the line while the page was open."""
    link = Link(scene, confirm=False)
    scene.admin.write(SALE, link.sale, user_id=scene.facts["users"]["trader"]["id"])
    button = open_order(
        scene, "trader", SALE, link.sale, "action_view_drop_shipment_purchase"
    )
    link.buyer("action_unlink_drop_shipment", PURCHASE_LINE)
    yield {"lines": link.line}
    button.click()


@error(
    "buyer",
    "Not linked to a sales order: %(lines)s.",
    api="The button is on linked lines only, and a line keeps its link.",
)
def view_sales_order_of_other_line(scene):
    purchase = scene.everyday.rfq(
        order_line=[command_create(product_id=scene.facts["chair"], product_qty=1)]
    )
    line_id = scene.everyday.line(PURCHASE, purchase)
    yield {"lines": f"{scene.name(PURCHASE, purchase)}, line 1 (Oak Chair)"}
    scene.people["buyer"].call(PURCHASE_LINE, "action_view_drop_shipment_sale", line_id)


@error("buyer", NOT_ORDERED)
def view_purchase_order_from_list(scene):
    """The line was unlinked while the list was open."""
    link = Link(scene, confirm=False)
    buyer = scene.desk("buyer")
    buyer.show(REPORT, link.sale_line_id, view="list")
    button = buyer.button("action_view_purchase")
    expect(button).to_be_visible()
    link.buyer("action_unlink_drop_shipment", PURCHASE_LINE)
    yield {"lines": link.line}
    button.click()


# Post, from the sales order


@error(
    "sales",
    "%(order)s has no drop shipment to post: tick Drop Shipment on its lines and "
    "confirm it.",
)
def post_sale_without_drop_shipment(scene):
    """The order was cancelled and the line unticked while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.buyer("button_cancel")
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, drop_shipment=False)
    yield {"order": link.sale_name}
    button.click()


@error(
    "sales",
    "%(order)s can't be posted yet: purchase order %(purchase)s is not confirmed. Have "
    "the buyer confirm it.",
)
def post_sale_on_a_request(scene):
    """The purchase order was reopened while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.buyer("button_cancel")
    link.buyer("button_draft")
    yield {"order": link.sale_name, "purchase": link.purchase_name}
    button.click()


@error(
    "sales",
    "%(order)s can't be posted yet: its drop shipment lines are not on a purchase "
    "order. Have a buyer get them with Get Sales Order.",
)
def post_sale_not_ordered(scene):
    """The purchase order was cancelled while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.buyer("button_cancel")
    yield {"order": link.sale_name}
    button.click()


@error(
    "sales",
    "%(order)s has nothing left to ship: vendors have no open transfer for it.",
)
def post_sale_shipped(scene):
    """The buyer has received everything while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.shop.post(PURCHASE, link.purchase, "receive")
    yield {"order": link.sale_name}
    button.click()


@error(
    "sales",
    "%(order)s has nothing left to ship: vendors have no open transfer for it. That of "
    "%(lines)s was cancelled or corrected, or goods went back: have the buyer choose "
    "Ship Again or Close Remainder.",
)
def post_sale_with_cancelled_transfer(scene):
    """The warehouse cancelled the transfer while the page was open."""
    link = Link(scene)
    button = open_order(scene, "sales", SALE, link.sale)
    link.cancel_transfer()
    yield {"order": link.sale_name, "lines": link.purchase_line}
    button.click()


@error(
    "sales",
    "%(field)s of %(line)s can't be %(quantity)s: its transfer counts in %(unit)s, of "
    "which that is nothing. Enter more.",
    field="Qty to Ship",
)
def post_sale_too_little_for_the_transfer(scene):
    """Sold by the unit, counted in packs."""
    units = {
        name: scene.admin.search("uom.uom", ["name", "=", name])[0]
        for name in ("Units", "Pack of 6")
    }
    sold = command_create(
        product_id=scene.product(
            "Screw", is_storable=True, uom_id=units["Pack of 6"], list_price=1
        ),
        product_uom_id=units["Units"],
        product_uom_qty=24,
        drop_shipment=True,
    )
    sale = scene.everyday.sale(order_line=[sold])
    scene.everyday.purchase(sale)
    sales = open_dialog(scene, "sales", SALE, sale)
    set_cell(sales, "Screw", "quantity", 0.02)
    yield {
        "line": f"{scene.name(SALE, sale)}, line 1 (Screw)",
        "quantity": "0.02 Units",
        "unit": "Pack of 6",
    }
    press(sales, "action_post")


@error(
    "sales",
    "There is nothing to post on %(order)s: enter a quantity on at least one line.",
)
def post_sale_with_zero(scene):
    link = scene.ordered
    sales = open_dialog(scene, "sales", SALE, link.sale)
    set_cell(sales, "Oak Chair", "quantity", 0)
    yield {"order": link.sale_name}
    press(sales, "action_post")


@error(
    "sales",
    "%(order)s has nothing to invoice for this shipment: it has been invoiced already. "
    "Choose Ship.",
)
def post_sale_invoiced_before(scene):
    scene.product("Paid Chair", is_storable=True, invoice_policy="order")
    shop = scene.everyday
    sale = shop.sale(("Paid Chair", 1))
    shop.purchase(sale)
    shop.invoice(sale)
    sales = open_dialog(scene, "sales", SALE, sale)
    sales.dialog.get_by_label("Ship and Invoice", exact=True).check()
    yield {"order": scene.name(SALE, sale)}
    press(sales, "action_post")


@error(
    "sales",
    "%(field)s of %(order)s can't be the same for two vendors: post %(purchases)s one "
    "after the other, each with the quantities of that order only.",
)
def post_sale_of_two_vendors(scene):
    shop = scene.everyday
    sale = shop.sale(("chair", 10), ("lamp", 2))
    purchases = [
        shop.purchase(sale, partner_id=scene.facts[vendor])
        for vendor in ("vendor", "other_vendor")
    ]
    sales = open_dialog(scene, "sales", SALE, sale)
    sales.fill("delivery_note", "DN-4711", sales.dialog)
    yield {
        "field": "Vendor's Delivery Note",
        "order": scene.name(SALE, sale),
        "purchases": ", ".join(scene.name(PURCHASE, order) for order in purchases),
    }
    press(sales, "action_post")


@error(
    "sales",
    "Other people are changing the same documents. Nothing of yours was saved: try "
    "again in a moment.",
)
def post_sale_that_others_change(scene):
    link = scene.ordered
    sales = open_dialog(scene, "sales", SALE, link.sale)
    yield {}
    with scene.busy("sale_order_line", link.sale_line_id):
        press(sales, "action_post")
        # Odoo tries five times, and waits between for half a minute at the most.
        expect(sales.page.locator(".o_error_dialog")).to_be_visible(timeout=90_000)


def enter_shipment_date(scene, day):
    """Post on a day; return what the message has of it."""
    link = scene.ordered
    sales = open_dialog(scene, "sales", SALE, link.sale)
    sales.fill_date("shipment_date", day, sales.dialog)
    (transfer,) = scene.admin.read(SALE, link.sale, "picking_ids")
    return sales, {
        "transfer": scene.name("stock.picking", transfer),
        "date": us_date(day),
    }


def us_date(day):
    """A day as people read it here."""
    return f"{day:%m/%d/%Y}"


@error(
    "sales",
    "Shipment Date of %(transfer)s can't be %(date)s, which is in the future: enter "
    "%(today)s or a day before it.",
)
def post_sale_on_a_day_to_come(scene):
    """The calendar does not offer the day, but it can be typed."""
    today = date.today()
    sales, values = enter_shipment_date(scene, today + timedelta(1))
    yield {**values, "today": us_date(today)}
    press(sales, "action_post")


@error(
    "sales",
    "Shipment Date of %(transfer)s can't be %(date)s: the books are locked up to "
    "%(lock)s. Enter a later day.",
)
def post_sale_on_a_locked_day(scene):
    lock = date(2025, 12, 31)
    lock_books(scene, str(lock))
    try:
        sales, values = enter_shipment_date(scene, lock - timedelta(1))
        yield {**values, "lock": us_date(lock)}
        press(sales, "action_post")
        expect(sales.page.locator(".o_error_dialog")).to_be_visible()
    finally:
        lock_books(scene, False)


def lock_books(scene, day):
    """Lock the books up to a day, or not at all, without a note on it."""
    scene.admin.call(
        "res.company",
        "write",
        scene.facts["company"],
        vals={"fiscalyear_lock_date": day},
        context={"tracking_disable": True},
    )


@error(
    "sales",
    "%(order)s can't be posted with that option: choose one of %(options)s.",
    api="The dialog has the options of its order only.",
)
def post_sale_with_option_of_purchase(scene):
    link = scene.ordered
    dialog = scene.people["sales"].create(POST, sale_order_id=link.sale)
    scene.people["sales"].write(POST, dialog, option="receive")
    yield {"order": link.sale_name, "options": "Ship, Ship and Invoice"}
    scene.people["sales"].call(POST, "action_post", dialog)


@error(
    "trader",
    "Choose one sales order or one purchase order.",
    api="The dialog opens from an order.",
)
def post_nothing(scene):
    yield {}
    scene.people["trader"].create(POST, option="ship")


# Post, from the purchase order

NOTHING_OUTSTANDING = (
    "%(line)s has nothing outstanding on %(order)s any more. Open the dialog again."
)


@error(
    "buyer",
    "%(order)s has no drop shipment to post: use Get Sales Order first.",
)
def post_purchase_without_drop_shipment(scene):
    """The line was unlinked while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase)
    link.buyer("button_cancel")
    link.buyer("button_draft")
    link.buyer("action_unlink_drop_shipment", PURCHASE_LINE)
    yield {"order": link.purchase_name}
    button.click()


@error("buyer", "%(order)s can't be posted yet: confirm it first.")
def post_purchase_not_confirmed(scene):
    """Another buyer reopened the order while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase)
    link.buyer("button_cancel")
    link.buyer("button_draft")
    yield {"order": link.purchase_name}
    button.click()


@error(
    "buyer",
    "%(order)s has nothing to post: the transfer of %(lines)s was cancelled or "
    "corrected, or goods went back. Choose Ship Again to have it shipped, or Close "
    "Remainder to order it again.",
)
def post_purchase_with_cancelled_transfer(scene):
    """The warehouse cancelled the transfer while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase)
    link.cancel_transfer()
    yield {"order": link.purchase_name, "lines": link.purchase_line}
    button.click()


@error(
    "buyer",
    "%(order)s has nothing left to post: all of it is received and billed.",
)
def post_purchase_done(scene):
    """The last bill was made while the page was open."""
    link = Link(scene)
    link.ship()
    button = open_order(scene, "buyer", PURCHASE, link.purchase)
    link.shop.bill(link.purchase)
    yield {"order": link.purchase_name}
    button.click()


@error(
    "buyer",
    "%(field)s of %(line)s can't be %(quantity)s: enter 0 to %(outstanding)s, what is "
    "outstanding on confirmed purchase orders.",
    field="Qty to Receive",
)
def receive_too_much(scene):
    link = scene.ordered
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "quantity", 11)
    yield {
        "line": link.purchase_line,
        "quantity": "11 Units",
        "outstanding": "10 Units",
    }
    press(buyer, "action_post")


@error(
    "buyer",
    NOTHING_OUTSTANDING,
)
def receive_what_has_been_received(scene):
    """Sales has posted one of the lines while the dialog was open."""
    link = Link(scene, ("chair", 10), ("desk", 2))
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    sales = scene.people["sales"]
    dialog = sales.create(POST, sale_order_id=link.sale, option="ship")
    rows = sales.read(POST, dialog, "line_ids")
    sales.write(f"{POST}.line", rows[1], quantity=0)
    sales.call(POST, "action_post", dialog)
    yield {"line": link.line, "order": link.purchase_name}
    press(buyer, "action_post")


@error("buyer", "Nothing is left to receive on %(order)s.")
def receive_what_sales_has_shipped(scene):
    """Sales has posted everything while the dialog was open."""
    link = Link(scene)
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    link.ship()
    yield {"order": link.purchase_name}
    press(buyer, "action_post")


@error("buyer", "Invoice sales order %(sale)s first.")
def receive_and_invoice_more_than_invoiced(scene):
    """The customer got an invoice of four, and now six are entered."""
    link = scene.partly
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "quantity", 0)
    # Leaving the field asks the server again which options there are.
    buyer.dialog.locator(".modal-title").click()
    buyer.dialog.get_by_label("Receive and Invoice", exact=True).check()
    set_cell(buyer, "Oak Chair", "quantity", 6)
    yield {"sale": link.sale_name}
    press(buyer, "action_post")


@error("buyer", "Nothing is left to bill on %(order)s.")
def invoice_what_is_billed(scene):
    """Another buyer has made the bill while the dialog was open."""
    link = Link(scene)
    link.ship(4)
    link.shop.invoice(link.sale)
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    buyer.dialog.get_by_label("Invoice", exact=True).check()
    link.shop.bill(link.purchase)
    yield {"order": link.purchase_name}
    press(buyer, "action_post")


@error("buyer", "Nothing is left to receive on %(order)s.", where=".o_dialog")
def option_receive_is_disabled(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    open_dialog(scene, "buyer", PURCHASE, link.purchase)
    yield {"order": link.purchase_name}


@error("buyer", "Invoice sales order %(sale)s first.", where=".o_dialog")
def option_invoice_is_disabled(scene):
    link = scene.ordered
    open_dialog(scene, "buyer", PURCHASE, link.purchase)
    yield {"sale": link.sale_name}


@error("buyer", "Invoice sales orders %(sales)s first.", where=".o_dialog")
def option_invoice_of_two_sales_orders_is_disabled(scene):
    shop = scene.everyday
    sales = [shop.sale(), shop.sale()]
    purchase = shop.purchase(*sales)
    open_dialog(scene, "buyer", PURCHASE, purchase)
    yield {"sales": ", ".join(scene.name(SALE, sale) for sale in sales)}


@error(
    "buyer",
    "A vendor has reported a shipment of %(order)s, or taken it back, while you looked "
    "at it. Open the dialog again.",
)
def post_while_the_vendor_reports(scene):
    link = Link(scene)
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase)
    link.report()
    yield {"order": link.purchase_name}
    press(buyer, "action_post")


@error(
    "buyer",
    "The vendor reported this shipment. What was not reported stays open.",
    where=".o_dialog",
)
def post_what_was_reported(scene):
    link = Link(scene)
    link.report()
    open_dialog(scene, "buyer", PURCHASE, link.purchase)
    yield {}


@error(
    "buyer",
    "Vendors reported these shipments. What was not reported stays open. Day and "
    "numbers that you leave empty stay as reported.",
    where=".o_dialog",
)
def post_what_was_reported_of_two(scene):
    shop = scene.everyday
    purchase = shop.purchase(shop.sale(), shop.sale())
    admin = scene.admin
    transfers = admin.read(PURCHASE, purchase, "picking_ids")
    moves = admin.search("stock.move", ["picking_id", "in", transfers])
    admin.write("stock.move", moves, picked=True)
    admin.write(
        "stock.picking", transfers, drop_shipment_reported="2026-01-15 12:00:00"
    )
    open_dialog(scene, "buyer", PURCHASE, purchase)
    yield {}


# Post, from the list

JOBS = ".o_drop_shipment_jobs"


def open_list(scene, *links):
    """Choose lines in the list of sales, and Post."""
    sales = scene.desk("sales")
    sales.show(REPORT, *(link.sale_line_id for link in links), view="list")
    sales.page.click(".o_list_view thead .o_list_record_selector input")
    return sales, sales.button("action_post")


def post_beside(scene, link, **values):
    """Post a line together with one that can be posted: it is left out."""
    _sales, button = open_list(scene, scene.ordered, link)
    yield values
    button.click()


@error("sales", "It is not ordered yet.", where=JOBS)
def post_many_not_ordered(scene):
    yield from post_beside(scene, scene.to_order)


@error("sales", "Purchase order %(purchase)s is not confirmed.", where=JOBS)
def post_many_on_a_request(scene):
    link = scene.requested
    yield from post_beside(scene, link, purchase=link.purchase_name)


@error("sales", "Nothing is left to ship.", where=JOBS)
def post_many_shipped(scene):
    yield from post_beside(scene, scene.shipped)


@error("sales", "Qty to Ship is 0: enter it on the sales order.", where=JOBS)
def post_many_with_zero(scene):
    link = Link(scene)
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, qty_to_ship=0)
    yield from post_beside(scene, link)


@error(
    "sales",
    "The vendor reported other lines of %(order)s as shipped: post those first.",
    where=JOBS,
)
def post_many_not_reported(scene):
    link = Link(scene, ("chair", 10), ("desk", 2))
    link.report("Pine Desk")
    yield from post_beside(scene, link, order=link.sale_name)


@error("sales", "Nothing of this can be posted:\n%(reasons)s")
def post_many_of_nothing(scene):
    first, second = Link(scene, ordered=False), Link(scene)
    second.ship()
    _sales, button = open_list(scene, first, second)
    yield {
        "reasons": f"{first.sale_name} Oak Chair: It is not ordered yet.\n"
        f"{second.sale_name} Oak Chair: Nothing is left to ship."
    }
    button.click()


@error(
    "sales",
    "%(field)s can't be changed in the list. Open the order.",
    api="No other column of the list can be edited.",
)
def write_in_the_list(scene):
    yield {"field": "Outstanding"}
    scene.people["sales"].write(REPORT, scene.ordered.sale_line_id, qty_outstanding=3)


def send_many(scene, *purchases):
    """Choose purchase orders in their list, and send them to the vendors."""
    buyer = scene.desk("buyer")
    buyer.show(PURCHASE, *purchases, view="list")
    buyer.page.click(".o_list_view thead .o_list_record_selector input")
    buyer.page.get_by_role("button", name="Actions").click()
    menu = buyer.page.locator(".o-dropdown--menu")
    return menu.get_by_text("Send Drop Shipments to Vendors", exact=True)


@error("buyer", "It is cancelled.", where=JOBS)
def send_many_cancelled(scene):
    link = Link(scene, confirm=False)
    link.buyer("button_cancel")
    button = send_many(scene, scene.requested.purchase, link.purchase)
    yield {}
    button.click()


@error("buyer", "It waits for approval.", where=JOBS)
def send_many_waiting(scene):
    company = scene.admin.search("res.company")[:1]
    rule = {"po_double_validation": "two_step", "po_double_validation_amount": 1}
    scene.admin.write("res.company", company, **rule)
    link = Link(scene, confirm=False)
    link.buyer("button_confirm")
    scene.admin.write("res.company", company, po_double_validation="one_step")
    button = send_many(scene, scene.requested.purchase, link.purchase)
    yield {}
    button.click()


@error("buyer", "It has no drop shipment: open it, and send it there.", where=JOBS)
def send_many_ordinary(scene):
    ordinary = scene.people["buyer"].create(PURCHASE, partner_id=scene.facts["vendor"])
    button = send_many(scene, scene.requested.purchase, ordinary)
    yield {}
    button.click()


@error(
    "buyer",
    "%(vendor)s has no e-mail address. Enter one on the vendor first.",
    where=JOBS,
)
def send_many_without_address(scene):
    vendor = scene.admin.create("res.partner", name="Vendor Without Address")
    link = Link(scene, confirm=False)
    scene.people["buyer"].write(PURCHASE, link.purchase, partner_id=vendor)
    button = send_many(scene, scene.requested.purchase, link.purchase)
    yield {"vendor": "Vendor Without Address"}
    button.click()


@error(
    "buyer",
    "%(order)s can't be sent. %(reason)s",
    reason="It is cancelled.",
    api="The list leaves it out before anything is sent.",
)
def send_cancelled(scene):
    link = Link(scene, confirm=False)
    link.buyer("button_cancel")
    yield {"order": link.purchase_name}
    scene.people["buyer"].call(
        PURCHASE, "send_drop_shipment", purchase_order_id=link.purchase
    )


@error("buyer", "Nothing of this can be sent:\n%(reasons)s")
def send_many_of_nothing(scene):
    link = Link(scene, confirm=False)
    link.buyer("button_cancel")
    button = send_many(scene, link.purchase)
    yield {"reasons": f"{link.purchase_name}: It is cancelled."}
    button.click()


@error(
    "sales",
    "%(line)s needs lot or serial numbers: choose Post on %(order)s and enter them in "
    "Lot/Serial Numbers.",
    where=JOBS,
)
def post_many_with_lots(scene):
    scene.product("Lot Chair", is_storable=True, tracking="lot")
    link = Link(scene, ("Lot Chair", 2))
    sales, button = open_list(scene, link)
    button.click()
    yield {
        "line": f"{link.sale_name}, line 1 (Lot Chair)",
        "order": link.sale_name,
    }
    sales.dialog.get_by_role("button", name="Post", exact=True).click()


@error(
    "sales",
    "Lot/Serial Numbers of %(line)s are of %(entered)s, but %(posted)s are posted: "
    "enter one serial number a line, or lots with their quantity, as in LOT-1;6.",
)
def post_another_number_of_serials(scene):
    scene.product("Serial Chair", is_storable=True, tracking="serial")
    link = Link(scene, ("Serial Chair", 2))
    sales = open_dialog(scene, "sales", SALE, link.sale)
    set_cell(sales, "Serial Chair", "lot_names", "SN-1")
    yield {
        "line": f"{link.sale_name}, line 1 (Serial Chair)",
        "entered": "1 Units",
        "posted": "2 Units",
    }
    press(sales, "action_post")


# Return and Correct Shipment, from both orders

RETURN, CORRECT = "drop.shipment.return", "drop.shipment.correct"
RETURN_BUTTON = "action_return_drop_shipment"
CORRECT_BUTTON = "action_correct_drop_shipment"
WRONG_RETURN = (
    "Qty to Return of %(line)s can't be %(quantity)s: enter 0 to %(left)s, what was "
    "shipped and did not come back."
)


def shipped_link(scene, *lines):
    """A sales order that is shipped, of a customer of its own."""
    link = Link(scene, *lines, shop=scene.shop())
    link.ship()
    return link


def take_back(link, *quantities, **values):
    """Sales returns so much of each line to the vendor."""
    sales = link.scene.people["sales"]
    dialog = sales.create(RETURN, sale_order_id=link.sale, **values)
    rows = sales.read(RETURN, dialog, "line_ids")
    for row, quantity in zip(rows, quantities, strict=True):
        sales.write(f"{RETURN}.line", row, quantity=quantity)
    sales.call(RETURN, "action_return", dialog)


@error(
    "sales",
    "%(order)s has nothing to return: all that was shipped came back, or is on an open "
    "return.",
)
def return_twice(scene):
    """A colleague did it while the page was open."""
    link = shipped_link(scene)
    button = open_order(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    take_back(link, 10)
    yield {"order": link.sale_name}
    button.click()


@error(
    "buyer",
    "%(order)s has nothing to return: no vendor has shipped anything of it yet.",
    api="Return is shown once something is shipped.",
)
def return_before_shipment(scene):
    link = scene.ordered
    yield {"order": link.purchase_name}
    link.buyer(RETURN_BUTTON)


@error(
    "sales",
    "%(line)s has nothing to return on %(order)s any more. Open the dialog again.",
)
def return_what_came_back(scene):
    """A colleague did it while the dialog was open."""
    link = shipped_link(scene, ("chair", 10), ("desk", 2))
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    set_cell(sales, "Oak Chair", "quantity", "1")
    take_back(link, 10, 0)
    yield {"line": link.line, "order": link.sale_name}
    press(sales, "action_return")


@error(
    "buyer",
    "There is nothing to return on %(order)s: enter a quantity on at least one line, "
    "or choose Return All.",
)
def return_nothing(scene):
    link = shipped_link(scene)
    buyer = open_dialog(scene, "buyer", PURCHASE, link.purchase, RETURN_BUTTON)
    yield {"order": link.purchase_name}
    press(buyer, "action_return")


@error("sales", WRONG_RETURN)
def return_too_much(scene):
    link = shipped_link(scene)
    take_back(link, 4)
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    set_cell(sales, "Oak Chair", "quantity", "7")
    yield {"line": link.line, "quantity": "7 Units", "left": "6 Units"}
    press(sales, "action_return")


@error(
    "sales",
    "Qty to Return of %(line)s can't be %(quantity)s: its transfer counts in %(unit)s, "
    "of which that is nothing. Enter more.",
    api="Units of measure are not switched on here.",
)
def return_less_than_the_unit(scene):
    units = {
        name: scene.admin.search("uom.uom", ["name", "=", name])[0]
        for name in ("kg", "g")
    }
    product = scene.product("Sack", is_storable=True, uom_id=units["kg"])
    sale = scene.everyday.sale(
        order_line=[
            command_create(
                product_id=product,
                product_uom_qty=2500,
                product_uom_id=units["g"],
                drop_shipment=True,
            )
        ]
    )
    link_purchase = scene.everyday.purchase(sale)
    scene.everyday.post(PURCHASE, link_purchase, "receive")
    sales = scene.people["sales"]
    dialog = sales.create(RETURN, sale_order_id=sale)
    rows = sales.read(RETURN, dialog, "line_ids")
    sales.write(f"{RETURN}.line", rows, quantity=1)
    yield {
        "line": f"{scene.name(SALE, sale)}, line 1 (Sack)",
        "quantity": "1 g",
        "unit": "kg",
    }
    sales.call(RETURN, "action_return", dialog)


@error(
    "sales",
    "Return Date of %(order)s can't be %(date)s: enter a day from %(shipped)s, when it "
    "was shipped, to today.",
)
def return_before_it_was_shipped(scene):
    link = shipped_link(scene)
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    day = date.today() - timedelta(30)
    sales.fill_date("return_date", day, sales.dialog)
    set_cell(sales, "Oak Chair", "quantity", "1")
    yield {
        "order": link.sale_name,
        "date": us_date(day),
        "shipped": us_date(date.today()),
    }
    press(sales, "action_return")


@error(
    "sales",
    "Return Date of %(order)s can't be %(date)s: the books are locked up to %(lock)s. "
    "Enter a later day.",
)
def return_on_a_locked_day(scene):
    lock = date.today() - timedelta(20)
    link = Link(scene, shop=scene.shop())
    link.shop.post(
        SALE, link.sale, "ship", shipment_date=str(date.today() - timedelta(40))
    )
    lock_books(scene, str(lock))
    try:
        sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
        day = lock - timedelta(1)
        sales.fill_date("return_date", day, sales.dialog)
        set_cell(sales, "Oak Chair", "quantity", "1")
        yield {"order": link.sale_name, "date": us_date(day), "lock": us_date(lock)}
        press(sales, "action_return")
        expect(sales.page.locator(".o_error_dialog")).to_be_visible()
    finally:
        lock_books(scene, False)


def ship_serials(scene):
    """Two serial numbers are shipped; return the order and its line."""
    scene.product("Numbered Chair", is_storable=True, tracking="serial")
    link = Link(scene, ("Numbered Chair", 2))
    sales = scene.people["sales"]
    dialog = sales.create(POST, sale_order_id=link.sale)
    rows = sales.read(POST, dialog, "line_ids")
    sales.write(f"{POST}.line", rows, lot_names="NR-1\nNR-2")
    sales.call(POST, "action_post", dialog)
    return link, f"{link.sale_name}, line 1 (Numbered Chair)"


@error(
    "sales",
    "%(line)s needs lot or serial numbers: enter in Lot/Serial Numbers which of "
    "%(lots)s come back.",
)
def return_without_serials(scene):
    link, line_name = ship_serials(scene)
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    set_cell(sales, "Numbered Chair", "quantity", "1")
    yield {"line": line_name, "lots": "NR-1, NR-2"}
    press(sales, "action_return")


@error(
    "sales",
    "Lot/Serial Numbers of %(line)s can't have %(lot)s: it was not shipped, or came "
    "back. Enter which of %(lots)s come back.",
)
def return_other_serials(scene):
    link, line_name = ship_serials(scene)
    sales = open_dialog(scene, "sales", SALE, link.sale, RETURN_BUTTON)
    set_cell(sales, "Numbered Chair", "quantity", "1")
    set_cell(sales, "Numbered Chair", "lot_names", "NR-9")
    yield {"line": line_name, "lot": "NR-9", "lots": "NR-1, NR-2"}
    press(sales, "action_return")


@error(
    "sales",
    "%(order)s has nothing to credit: what comes back was not invoiced. Untick Credit "
    "the Customer.",
    api="The box is shown once the customer is invoiced.",
)
def credit_what_is_not_invoiced(scene):
    link = shipped_link(scene)
    yield {"order": link.sale_name}
    take_back(link, 4, credit=True)


@error(
    "buyer",
    "%(order)s has nothing to refund: what comes back was not billed, or stays with "
    "us. Untick Ask the Vendor's Refund.",
    api="The box is shown once the vendor has billed.",
)
def refund_what_is_not_billed(scene):
    link = shipped_link(scene)
    buyer = scene.people["buyer"]
    dialog = buyer.create(RETURN, purchase_order_id=link.purchase, refund=True)
    rows = buyer.read(RETURN, dialog, "line_ids")
    buyer.write(f"{RETURN}.line", rows, quantity=4)
    yield {"order": link.purchase_name}
    buyer.call(RETURN, "action_return", dialog)


@error(
    "sales",
    "%(order)s has no credit note to make: posted invoices have no more than was "
    "delivered or is to come. Correct a draft invoice that has, or reload the page.",
)
def credit_twice(scene):
    """A colleague did it while the page was open."""
    link = shipped_link(scene)
    link.shop.invoice(link.sale)
    take_back(link, 4)
    button = "action_credit_drop_shipment"
    found = open_order(scene, "sales", SALE, link.sale, button)
    scene.people["sales"].call(SALE, button, link.sale)
    yield {"order": link.sale_name}
    found.click()


@error(
    "buyer",
    "%(order)s has no refund to make: posted bills have no more than was received "
    "or is to come. Correct a draft bill that has, or reload the page.",
)
def refund_twice(scene):
    """Another buyer did it while the page was open."""
    link = shipped_link(scene)
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    scene.people["accountant"].call(MOVE, "action_post", bill)
    take_back(link, 4)
    button = "action_refund_drop_shipment"
    found = open_order(scene, "buyer", PURCHASE, link.purchase, button)
    link.buyer(button)
    yield {"order": link.purchase_name}
    found.click()


@error(
    "sales",
    "Taken back to own stock: %(products)s. Lower the quantity to what the customer "
    "keeps.",
    where=".alert[data-alert]",
)
def notice_taken_back(scene):
    link = shipped_link(scene)
    take_back(link, 4, destination="stock")
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error(
    "sales",
    "%(order)s has no shipment to correct: post it first.",
    api="Correct Shipment is shown once something is shipped.",
)
def correct_nothing(scene):
    link = scene.ordered
    yield {"order": link.sale_name}
    scene.people["sales"].call(SALE, CORRECT_BUTTON, link.sale)


@error(
    "sales",
    "A shipment you chose is not one of %(order)s. Open the dialog again.",
    api="The dialog has the shipments of its order only.",
)
def correct_another_shipment(scene):
    link, other = shipped_link(scene), shipped_link(scene)
    (transfer,) = scene.admin.read(SALE, other.sale, "picking_ids")
    sales = scene.people["sales"]
    dialog = sales.create(CORRECT, sale_order_id=link.sale)
    row = command_create(picking_id=transfer, shipment_date="2026-01-15")
    yield {"order": link.sale_name}
    sales.write(CORRECT, dialog, line_ids=[row])


# Get Sales Order


@error("buyer", "Fill in Sell-to Customer on %(order)s first.")
def get_without_customer(scene):
    """Another buyer emptied the field while the page was open."""
    purchase = scene.everyday.rfq()
    button = open_order(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    scene.people["buyer"].write(PURCHASE, purchase, sell_to_customer_id=False)
    yield {"order": scene.name(PURCHASE, purchase)}
    button.click()


@error(
    "buyer",
    "%(order)s is not a request for quotation: lines can't be fetched into it any "
    "more. Use a new one.",
)
def get_into_confirmed(scene):
    """Another buyer confirmed the order while the page was open."""
    link = Link(scene, confirm=False)
    button = open_order(
        scene, "buyer", PURCHASE, link.purchase, "action_get_sales_order"
    )
    link.buyer("button_confirm")
    yield {"order": link.purchase_name}
    button.click()


@error(
    "buyer",
    "There is nothing to fetch: no confirmed sales order of %(customer)s has drop "
    "shipment lines left to order.",
)
def get_nothing(scene):
    shop = scene.shop()
    purchase = shop.rfq()
    button = open_order(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    customer = scene.admin.read("res.partner", shop.customer, "display_name")
    yield {"customer": customer}
    button.click()


@error(
    "buyer",
    "There is nothing to fetch: no confirmed sales order of %(customer)s has drop "
    "shipment lines left to order, to be shipped to %(address)s.",
)
def get_nothing_for_the_address(scene):
    shop = scene.shop()
    link = Link(scene, shop=shop, confirm=False)
    button = open_order(
        scene, "buyer", PURCHASE, link.purchase, "action_get_sales_order"
    )
    customer, address = (
        scene.admin.read("res.partner", partner, "display_name")
        for partner in (shop.customer, shop.ship_to)
    )
    yield {"customer": customer, "address": address}
    button.click()


@error(
    "buyer",
    "%(company)s has no Dropship operation type with a customer location as "
    "destination. Create one in Inventory > Configuration > Operations Types.",
)
def get_without_operation_type(scene):
    shop = scene.shop()
    shop.sale()
    purchase = shop.rfq()
    buyer = open_dialog(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    types = scene.admin.search(
        "stock.picking.type",
        ["code", "=", "dropship"],
        ["company_id", "=", scene.facts["company"]],
    )
    scene.admin.write("stock.picking.type", types, active=False)
    try:
        yield {"company": scene.name("res.company", scene.facts["company"])}
        press(buyer, "action_insert_lines")
        expect(buyer.page.locator(".o_error_dialog")).to_be_visible()
    finally:
        scene.admin.write("stock.picking.type", types, active=True)


@error(
    "buyer",
    "There are no lines to fetch: choose a sales order with lines to order.",
)
def get_none_chosen(scene):
    shop = scene.shop()
    shop.sale(), shop.sale()
    purchase = shop.rfq()
    buyer = open_dialog(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    yield {}
    press(buyer, "action_insert_lines")


@error(
    "buyer",
    "%(line)s is not on offer any more: it must be a drop shipment line of a confirmed "
    "sales order with something left to order. Remove it.",
)
def get_what_was_cancelled(scene):
    """Sales has cancelled the order while the dialog was open."""
    shop = scene.shop()
    sale = shop.sale()
    purchase = shop.rfq()
    buyer = open_dialog(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    expect(line(buyer, "Oak Chair")).to_be_visible()
    shop.sale()
    scene.people["sales"].call(SALE, "action_cancel", sale)
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)"}
    press(buyer, "action_insert_lines")


@error(
    "buyer",
    "Quantity of %(line)s can't be %(quantity)s: enter more than 0 and at most "
    "%(left)s, what is left to order.",
)
def get_too_much(scene):
    shop = scene.shop()
    sale = shop.sale()
    purchase = shop.rfq()
    buyer = open_dialog(scene, "buyer", PURCHASE, purchase, "action_get_sales_order")
    rows = buyer.dialog.locator("[name='line_ids'] .o_data_row")
    rows.locator("td[name='quantity']").click()
    rows.locator("td[name='quantity'] input").fill("11")
    yield {
        "line": f"{scene.name(SALE, sale)}, line 1 (Oak Chair)",
        "quantity": "11 Units",
        "left": "10 Units",
    }
    press(buyer, "action_insert_lines")


@error(
    "buyer",
    "%(first)s ships to %(first_address)s, %(other)s to %(other_address)s: fetch them "
    "into separate orders.",
)
def get_two_addresses(scene):
    shop = scene.shop()
    elsewhere = shop.address("Elsewhere", shop.customer)
    first, other = shop.sale(), shop.sale(partner_shipping_id=elsewhere)
    buyer = open_dialog(scene, "buyer", PURCHASE, shop.rfq(), "action_get_sales_order")
    rows = buyer.dialog.locator("[name='order_ids'] .o_data_row")
    for row in (0, 1):
        rows.nth(row).locator("td[name='selected'] input").click()
    lines = buyer.dialog.locator("[name='line_ids'] .o_data_row")
    expect(lines).to_have_count(2)
    addresses = [
        scene.admin.read("res.partner", partner, "display_name")
        for partner in (shop.ship_to, elsewhere)
    ]
    yield {
        "first": scene.name(SALE, first),
        "first_address": addresses[0],
        "other": scene.name(SALE, other),
        "other_address": addresses[1],
    }
    press(buyer, "action_insert_lines")


@error(
    "buyer",
    "A sales order you chose is not on offer for %(order)s: it must be confirmed, of "
    "the same customer, company and ship-to address, and have drop shipment lines left "
    "to order.",
    api="The dialog shows the orders on offer only.",
)
def get_order_not_on_offer(scene):
    shop, other = scene.shop(), scene.to_order
    shop.sale()
    purchase = shop.rfq()
    yield {"order": scene.name(PURCHASE, purchase)}
    shop.dialog(purchase, other.sale)


@error(
    "buyer",
    "A line you chose is not on offer for %(dialog)s. Choose among the lines of the "
    "dialog.",
    api="No line can be added in the dialogs.",
)
def get_line_not_on_offer(scene):
    shop, other = scene.shop(), scene.to_order
    shop.sale()
    purchase = shop.rfq()
    dialog = scene.people["buyer"].create(GET, purchase_order_id=purchase)
    yield {"dialog": scene.name(PURCHASE, purchase)}
    scene.people["buyer"].create(
        f"{GET}.line", get_id=dialog, sale_line_id=other.sale_line_id
    )


# Create Purchase Orders


def open_create(scene, link):
    """Choose the line in the list of the buyers and Create Purchase Orders."""
    buyer = scene.desk("buyer")
    buyer.show(REPORT, link.sale_line_id, view="list")
    buyer.page.click(".o_data_row .o_list_record_selector input")
    return buyer, buyer.button("action_create_purchases")


@error(
    "buyer",
    "There is nothing to order: none of these lines is a confirmed drop shipment with "
    "something left to order.",
)
def create_purchases_of_ordered(scene):
    _buyer, button = open_create(scene, scene.ordered)
    yield {}
    button.click()


@error(
    "buyer",
    "Choose a vendor for %(products)s: fill it in on the product or in the dialog.",
)
def create_purchases_without_vendor(scene):
    scene.product("Orphan Chair", is_storable=True)
    link = Link(scene, ("Orphan Chair", 1), ordered=False)
    buyer, button = open_create(scene, link)
    button.click()
    expect(buyer.dialog.locator(".modal-footer .btn-primary")).to_be_visible()
    yield {"products": "Orphan Chair"}
    press(buyer, "action_create_purchases")


@error(
    "buyer",
    "Quantity of %(line)s can't be %(quantity)s: enter more than 0 and at most "
    "%(left)s, what is left to order.",
)
def create_purchases_of_too_much(scene):
    link = scene.to_order
    buyer, button = open_create(scene, link)
    button.click()
    expect(buyer.dialog).to_contain_text("To Order")
    set_cell(buyer, "Oak Chair", "quantity", 11)
    yield {"line": link.line, "quantity": "11 Units", "left": "10 Units"}
    press(buyer, "action_create_purchases")


@error(
    "buyer",
    "%(line)s has nothing left to order any more: enter 0 as its Quantity.",
)
def create_purchases_of_what_has_been_ordered(scene):
    """A colleague has ordered it while the dialog was open."""
    link = Link(scene, ordered=False)
    buyer, button = open_create(scene, link)
    button.click()
    expect(buyer.dialog).to_contain_text("To Order")
    link.order()
    yield {"line": link.line}
    press(buyer, "action_create_purchases")


@error("buyer", "There is nothing to order: enter a quantity on a line.")
def create_purchases_of_zero(scene):
    buyer, button = open_create(scene, scene.to_order)
    button.click()
    expect(buyer.dialog).to_contain_text("To Order")
    set_cell(buyer, "Oak Chair", "quantity", 0)
    yield {}
    press(buyer, "action_create_purchases")


@error(
    "admin",
    "These sales lines belong to another company: switch to it first.",
    api="Lists and orders are those of the companies that are switched on.",
)
def create_purchases_of_other_company(scene):
    company = scene.facts["other_company"]
    other = {"allowed_company_ids": [company]}
    sale = scene.everyday.sale(user="admin", company_id=company, context=other)
    yield {}
    scene.admin.call(
        SALE,
        "action_create_drop_shipment_purchases",
        sale,
        context={"allowed_company_ids": [scene.facts["company"]]},
    )


# Request for quotation


@error(
    "accountant",
    "%(orders)s can't be merged: drop shipment lines stay with the order they were "
    "fetched into. Unlink them and use Get Sales Order in the order that is to ship "
    "them all.",
)
def merge(scene):
    link, other = scene.requested, Link(scene, confirm=False)
    # Core shows the action to people with billing rights.
    accountant = scene.desk("accountant")
    accountant.show(PURCHASE, link.purchase, other.purchase, view="list")
    accountant.page.click(".o_list_view thead .o_list_record_selector input")
    accountant.page.get_by_role("button", name="Actions").click()
    # The list has the latest first.
    yield {"orders": f"{other.purchase_name}, {link.purchase_name}"}
    accountant.page.get_by_role("menuitem", name="Merge RFQs").click()


@error(
    "buyer",
    "%(order)s mixes drop shipment lines with lines for your own stock: %(lines)s. The "
    "vendor would ship these to the customer too. Move them to an order of their own.",
)
def confirm_mixed(scene):
    link = Link(scene, confirm=False)
    scene.people["buyer"].create(
        PURCHASE_LINE,
        order_id=link.purchase,
        product_id=scene.facts["lamp"],
        product_qty=1,
    )
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {
        "order": link.purchase_name,
        "lines": f"{link.purchase_name}, line 2 (Brass Lamp)",
    }
    button.click()


@error(
    "buyer",
    "%(order)s has no ship-to address. Unlink its lines and use Get Sales Order again.",
)
def confirm_without_ship_to(scene):
    """No screen or call can empty it."""
    link = Link(scene, confirm=False)
    scene.sql(
        "UPDATE purchase_order SET dest_address_id = NULL WHERE id = %s", link.purchase
    )
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {"order": link.purchase_name}
    button.click()


@error(
    "buyer",
    "%(order)s ships sales order %(sales)s, which is not confirmed. Have that "
    "confirmed, unlink its lines or cancel %(order)s.",
)
def confirm_without_sale(scene):
    """A program has made the sales order a quotation again."""
    link = Link(scene, confirm=False)
    scene.people["sales"].write(SALE, link.sale, state="draft")
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {"order": link.purchase_name, "sales": link.sale_name}
    button.click()


@error(
    "buyer",
    "Quantity of %(line)s can't be %(quantity)s: enter 0 or more.",
)
def request_negative(scene):
    link = scene.requested
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", -1)
    yield {"line": link.purchase_line, "quantity": "-1 Units"}
    press_save(buyer)


@error(
    "buyer",
    "Quantity of %(line)s on purchase orders is too high: %(excess)s more than is left "
    "to order. Lower it, or have the sales order raised.",
)
def request_too_much(scene):
    link = scene.requested
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", 11)
    yield {"line": link.line, "excess": "1 Units"}
    press_save(buyer)


@error(
    "buyer",
    "Quantity of %(line)s can't be raised: that sales order is not confirmed. "
    "Have it confirmed first.",
)
def order_more_for_cancelled_sale(scene):
    """The customer took six, and the rest was cancelled by everyone."""
    link = Link(scene)
    link.ship(6)
    link.buyer("action_close_drop_shipment_remainder")
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", 8)
    yield {"line": link.line}
    press_save(buyer)


@error(
    "buyer",
    "Quantity of %(line)s can't be %(quantity)s: %(received)s have been shipped. "
    "Press Return on the order for the difference first.",
)
def order_less_than_shipped(scene):
    link = scene.partly
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    set_cell(buyer, "Oak Chair", "product_qty", 3)
    yield {"line": link.purchase_line, "quantity": "3 Units", "received": "4 Units"}
    press_save(buyer)


@error(
    "buyer",
    "%(field)s of %(line)s can't be changed: it is linked to sales order %(sale)s. "
    "Unlink it first.",
)
def change_product_of_request(scene):
    link = scene.requested
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    cell(buyer, "Oak Chair", "product_id").click()
    buyer.choose("product_id", "Brass Lamp")
    yield {"field": "Product", "line": link.purchase_line, "sale": link.sale_name}
    press_save(buyer)


@error(
    "buyer",
    "%(field)s of %(order)s can't be changed: the order ships sales order %(sale)s. "
    "Unlink its lines or cancel the order first.",
)
def change_operation_type(scene):
    link = scene.requested
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    buyer.choose("picking_type_id", "Receipts")
    yield {
        "field": "Deliver To",
        "order": link.purchase_name,
        "sale": link.sale_name,
    }
    press_save(buyer)


def reopened(scene):
    """A request again, after the vendor has shipped a part of it."""
    link = Link(scene, shop=scene.shop())
    link.ship(4)
    link.buyer("button_cancel")
    link.buyer("button_draft")
    return link


@error(
    "buyer",
    "%(field)s of %(line)s can't be changed: %(quantity)s were shipped for sales order "
    "%(sale)s. Add another line.",
    api="The field is on no screen.",
)
def relink_shipped(scene):
    link = reopened(scene)
    yield {
        "field": "Origin Sale Item",
        "line": link.purchase_line,
        "quantity": "4 Units",
        "sale": link.sale_name,
    }
    scene.people["buyer"].write(
        PURCHASE_LINE, link.purchase_line_id, sale_line_id=False
    )


@error(
    "buyer",
    "%(field)s of %(order)s can't be changed: the cancelled order has lines of sales "
    "order %(sale)s. Make a new request for quotation.",
    api="The field is read-only then.",
)
def change_customer_of_cancelled(scene):
    link = cancelled(scene)
    yield {
        "field": "Sell-to Customer",
        "order": link.purchase_name,
        "sale": link.sale_name,
    }
    scene.people["buyer"].write(PURCHASE, link.purchase, sell_to_customer_id=False)


# Taking back


def stool(scene):
    """A product that is sold as goods."""
    return scene.product(
        "Stool",
        is_storable=True,
        seller_ids=[command_create(partner_id=scene.facts["vendor"])],
    )


@error(
    "sales",
    "%(line)s can't be drop-shipped any more: %(reason)s Untick Drop Shipment on it.",
    reason="Only goods can be drop-shipped.",
)
def confirm_sale_of_service(scene):
    """The product became a service after the line was ticked."""
    product = stool(scene)
    sale = scene.everyday.sale(("Stool", 1), confirm=False)
    scene.admin.write("product.product", product, type="service")
    button = open_order(scene, "sales", SALE, sale, "action_confirm")
    yield {"line": f"{scene.name(SALE, sale)}, line 1 (Stool)"}
    button.click()


@error(
    "buyer",
    "%(order)s can't ship %(lines)s: only goods can be drop-shipped, and the product "
    "is no longer goods. Unlink it.",
)
def confirm_service(scene):
    """The product became a service after the line was fetched."""
    product = stool(scene)
    link = Link(scene, ("Stool", 1), confirm=False)
    scene.admin.write("product.product", product, type="service")
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_confirm")
    yield {
        "order": link.purchase_name,
        "lines": f"{link.purchase_name}, line 1 (Stool)",
    }
    button.click()


@error("buyer", "%(line)s is not linked to a sales order.", api="No button there.")
def unlink_other_line(scene):
    shop = scene.everyday
    purchase = shop.rfq(
        order_line=[command_create(product_id=scene.facts["chair"], product_qty=1)]
    )
    yield {"line": f"{scene.name(PURCHASE, purchase)}, line 1 (Oak Chair)"}
    scene.people["buyer"].call(
        PURCHASE_LINE, "action_unlink_drop_shipment", shop.line(PURCHASE, purchase)
    )


@error(
    "buyer",
    "%(line)s can't be unlinked: the order is no longer a request for quotation. Use "
    "Close Remainder to give the rest back.",
)
def unlink_confirmed(scene):
    """Another buyer confirmed the order while the page was open."""
    link = Link(scene, confirm=False)
    button = open_order(
        scene, "buyer", PURCHASE, link.purchase, "action_unlink_drop_shipment"
    )
    link.buyer("button_confirm")
    yield {"line": link.purchase_line}
    press_and_confirm(scene.desk("buyer"), button)


@error(
    "buyer",
    "%(line)s can't be unlinked: %(quantity)s of it were shipped. Lower its quantity "
    "to give the rest back.",
)
def unlink_shipped(scene):
    link = reopened(scene)
    button = open_order(
        scene, "buyer", PURCHASE, link.purchase, "action_unlink_drop_shipment"
    )
    yield {"line": link.purchase_line, "quantity": "4 Units"}
    press_and_confirm(scene.desk("buyer"), button)


@error(
    "buyer",
    "%(line)s has no remainder to close: it is not on a confirmed drop shipment order.",
)
def close_cancelled(scene):
    """Another buyer cancelled the order while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, CLOSE_BUTTON)
    link.buyer("button_cancel")
    yield {"line": link.purchase_line}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "%(line)s has no remainder to close: all of it is received.")
def close_received(scene):
    """Sales posted everything while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, CLOSE_BUTTON)
    link.ship()
    yield {"line": link.purchase_line}
    press_and_confirm(scene.desk("buyer"), button)


@error(
    "buyer",
    "%(line)s can't be given back: the vendor reported that %(quantity)s were shipped. "
    "Post them first, or discard the report.",
)
def close_reported(scene):
    """The vendor reported it while the page was open."""
    link = Link(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, CLOSE_BUTTON)
    link.report()
    yield {"line": link.purchase_line, "quantity": "10 Units"}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "%(order)s has no reported shipment that waits. Reload the page.")
def discard_twice(scene):
    """Another buyer posted it while the page was open."""
    link = Link(scene)
    link.report()
    discard = "action_discard_drop_shipment_report"
    button = open_order(scene, "buyer", PURCHASE, link.purchase, discard)
    link.ship()
    yield {"order": link.purchase_name}
    press_and_confirm(scene.desk("buyer"), button)


@error("buyer", "Nothing of %(orders)s is declined any more. Reload the page.")
def close_declined_twice(scene):
    """Another buyer closed it while the page was open."""
    link = Link(scene)
    link.decline()
    close = "action_close_drop_shipment_declined"
    button = open_order(scene, "buyer", PURCHASE, link.purchase, close)
    link.buyer(close)
    yield {"orders": link.purchase_name}
    press_and_confirm(scene.desk("buyer"), button)


SHIP_AGAIN_BUTTON = "action_ship_drop_shipment_again"


@error(
    "buyer",
    "%(order)s has nothing to ship again: all that is ordered is shipped or on an open "
    "transfer. Reload the page.",
)
def ship_again_twice(scene):
    """Another buyer did it while the page was open."""
    link = Link(scene)
    link.cancel_transfer()
    button = open_order(scene, "buyer", PURCHASE, link.purchase, SHIP_AGAIN_BUTTON)
    link.buyer(SHIP_AGAIN_BUTTON)
    yield {"order": link.purchase_name}
    press_and_confirm(scene.desk("buyer"), button)


@error(
    "buyer",
    "%(line)s has nothing to ship again: all that is ordered is shipped or on an open "
    "transfer.",
    api="The button is that of the order.",
)
def ship_line_again(scene):
    link = scene.ordered
    yield {"line": link.purchase_line}
    link.buyer(SHIP_AGAIN_BUTTON, PURCHASE_LINE)


@error(
    "buyer",
    "%(order)s has no remainder to close: none of its drop shipment lines is shipped "
    "in part. Reload the page.",
)
def close_what_sales_has_shipped(scene):
    """Sales posted the rest while the page was open."""
    link = Link(scene)
    link.ship(4)
    # That of the notice, which is above the one of the line.
    button = open_order(scene, "buyer", PURCHASE, link.purchase, CLOSE_BUTTON)
    link.ship()
    yield {"order": link.purchase_name}
    press_and_confirm(scene.desk("buyer"), button)


@error(
    "buyer",
    "%(line)s can't be deleted: %(quantity)s of sales order %(sale)s were shipped. "
    "Keep the cancelled order.",
)
def delete_shipped(scene):
    link = Link(scene)
    link.ship(6)
    link.buyer("button_cancel")
    buyer = open_form(scene, "buyer", PURCHASE, link.purchase)
    buyer.page.click(".o_cp_action_menus button")
    yield {
        "line": link.purchase_line,
        "quantity": "6 Units",
        "sale": link.sale_name,
    }
    press_and_confirm(buyer, buyer.page.get_by_role("menuitem", name="Delete"))


# Set to Draft, and links written by hand


@error(
    "buyer",
    "Status of %(order)s can't be changed: it is confirmed, and the vendor is to ship "
    "sales order %(sale)s. Cancel the order first.",
)
def reopen_confirmed(scene):
    """Another buyer reopened and confirmed the order while the page was open."""
    link = cancelled(scene)
    button = open_order(scene, "buyer", PURCHASE, link.purchase, "button_draft")
    link.buyer("button_draft")
    link.buyer("button_confirm")
    yield {"order": link.purchase_name, "sale": link.sale_name}
    button.click()


NO_LINK = (
    "%(line)s can't be linked to sales order %(sale)s: %(reason)s Use Get Sales Order "
    "in a new request for quotation."
)


@error("buyer", NO_LINK, reason="The sales order is not confirmed.")
def reopen_cancelled_sale(scene):
    link = cancelled(scene)
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    yield from set_to_draft(scene, link)


@error("buyer", NO_LINK, reason="Sell-to Customer is another customer.")
def reopen_other_customer(scene):
    link = cancelled(scene)
    sales = scene.people["sales"]
    sales.call(SALE, "action_cancel", link.sale)
    sales.call(SALE, "action_draft", link.sale)
    sales.write(SALE, link.sale, partner_id=scene.everyday.customer)
    sales.call(SALE, "action_confirm", link.sale)
    yield from set_to_draft(scene, link)


@error("buyer", NO_LINK, reason="The ship-to address differs.")
def reopen_other_address(scene):
    """One of two sales orders is shipped elsewhere now."""
    shop = scene.shop()
    link = Link(scene, shop=shop, ordered=False)
    link.order(confirm=False)
    shop.fetch(link.purchase, shop.sale())
    link.buyer("button_cancel")
    elsewhere = shop.address("Elsewhere", shop.customer)
    scene.people["sales"].write(SALE, link.sale, partner_shipping_id=elsewhere)
    yield from set_to_draft(scene, link)


@error("buyer", NO_LINK, reason="The product differs.")
def reopen_other_product(scene):
    link = cancelled(scene)
    scene.people["sales"].write(
        SALE_LINE,
        link.sale_line_id,
        product_id=scene.facts["desk"],
        drop_shipment=True,
    )
    yield from set_to_draft(scene, link)


@error("buyer", NO_LINK, reason="The units of measure can't be converted.")
def reopen_other_unit(scene):
    link = cancelled(scene)
    (hours,) = scene.admin.search("uom.uom", ["name", "=", "Hours"])
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, product_uom_id=hours)
    yield from set_to_draft(scene, link)


@error(
    "buyer",
    NO_LINK,
    reason="Goods of it were received into your own stock.",
    api="The field is on no screen.",
)
def link_received(scene):
    """An order for own stock, received in part, cancelled and set to draft."""
    shop = scene.everyday
    sale = shop.sale()
    like = Link(scene, confirm=False)
    admin, buyer = scene.admin, scene.people["buyer"]
    purchase = buyer.create(
        PURCHASE,
        partner_id=scene.facts["vendor"],
        order_line=[command_create(product_id=scene.facts["chair"], product_qty=8)],
    )
    buyer.call(PURCHASE, "button_confirm", purchase)
    (transfer,) = admin.read(PURCHASE, purchase, "picking_ids")
    (move,) = admin.read("stock.picking", transfer, "move_ids")
    admin.write("stock.move", move, quantity=3, picked=True)
    admin.call(
        "stock.picking", "button_validate", transfer, context={"skip_backorder": True}
    )
    buyer.call(PURCHASE, "button_cancel", purchase)
    buyer.call(PURCHASE, "button_draft", purchase)
    line = shop.line(PURCHASE, purchase)
    buyer.write(
        PURCHASE,
        purchase,
        sell_to_customer_id=buyer.read(PURCHASE, like.purchase, "sell_to_customer_id")[
            0
        ],
        picking_type_id=buyer.read(PURCHASE, like.purchase, "picking_type_id")[0],
        dest_address_id=buyer.read(PURCHASE, like.purchase, "dest_address_id")[0],
    )
    yield {
        "line": f"{scene.name(PURCHASE, purchase)}, line 1 (Oak Chair)",
        "sale": scene.name(SALE, sale),
    }
    buyer.write(PURCHASE_LINE, line, sale_line_id=shop.line(SALE, sale))


@error("buyer", NO_LINK, reason="Deliver To is not Dropship.")
def reopen_other_operation_type(scene):
    """A program has changed it; the field is read-only on cancelled orders."""
    link = cancelled(scene)
    (receipts,) = scene.admin.search(
        "stock.picking.type",
        ["code", "=", "incoming"],
        ["company_id", "=", scene.facts["company"]],
    )
    scene.people["buyer"].write(PURCHASE, link.purchase, picking_type_id=receipts)
    yield from set_to_draft(scene, link)


@error(
    "buyer",
    "%(line)s can't be ordered again: sales order %(sale)s ships it from stock now. "
    "Make a new request for quotation.",
)
def reopen_what_ships_from_stock(scene):
    link = cancelled(scene)
    scene.people["sales"].write(SALE_LINE, link.sale_line_id, drop_shipment=False)
    yield from set_to_draft(scene, link)


BY_HAND = "No screen has the field."


def link_by_hand(scene, purchase, position):
    """The buyer adds a line to a purchase order, linked to what is to order."""
    link = scene.to_order
    yield {
        "line": f"{scene.name(PURCHASE, purchase)}, line {position} (Oak Chair)",
        "sale": link.sale_name,
    }
    scene.people["buyer"].create(
        PURCHASE_LINE,
        order_id=purchase,
        product_id=scene.facts["chair"],
        product_qty=1,
        sale_line_id=link.sale_line_id,
    )


@error(
    "buyer",
    NO_LINK,
    reason="The purchase order is not a request for quotation.",
    api=BY_HAND,
)
def link_confirmed(scene):
    link = scene.ordered
    yield from link_by_hand(scene, link.purchase, 2)


@error(
    "admin",
    "%(line)s can't be linked: the sales order belongs to another company. Use Get "
    "Sales Order.",
    api=BY_HAND,
)
def link_other_company(scene):
    company = scene.facts["other_company"]
    other = {"allowed_company_ids": [company]}
    sale = scene.everyday.sale(user="admin", company_id=company, context=other)
    yield {
        "line": f"{scene.requested.purchase_name}, line 2 (Oak Chair)",
    }
    scene.admin.create(
        PURCHASE_LINE,
        order_id=scene.requested.purchase,
        product_id=scene.facts["chair"],
        product_qty=1,
        sale_line_id=scene.everyday.line(SALE, sale),
    )


@error(
    "buyer",
    NO_LINK,
    reason="Sell-to Customer is empty.",
    api=BY_HAND,
)
def link_without_customer(scene):
    purchase = scene.everyday.rfq(sell_to_customer_id=False)
    yield from link_by_hand(scene, purchase, 1)


# Invoice order

INVOICE_FIRST = (
    "Vendor bills would be ahead of the posted customer invoices: %(details)s."
)
AHEAD = "%(quantity)s on %(line)s"


@error(
    "accountant",
    INVOICE_FIRST,
    lead="Invoice sales order %(sale)s first.",
    details=AHEAD,
)
def bill_before_invoice(scene):
    link = scene.shipped
    button = open_order(scene, "accountant", MOVE, link.bill, "action_post")
    yield {"sale": link.sale_name, "line": link.line, "quantity": "10 Units"}
    button.click()


@error(
    "accountant",
    "Vendor bills would bill more than was sold and invoiced: %(details)s. Match the "
    "bill line with another purchase order line of the product, or correct its "
    "quantity.",
    details=AHEAD,
)
def bill_on_the_wrong_line(scene):
    """Both chairs' lines were billed on the first one."""
    link = Link(scene, ("chair", 5), ("chair", 7))
    link.ship()
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    first, second = sorted(scene.admin.read(MOVE, bill, "invoice_line_ids"))
    scene.admin.write("account.move.line", first, quantity=12)
    scene.admin.write("account.move.line", second, quantity=0)
    button = open_order(scene, "accountant", MOVE, bill, "action_post")
    yield {"line": link.line, "quantity": "7 Units"}
    button.click()


@error(
    "accountant",
    "Vendor bills would bill more than was sold and invoiced: %(details)s. Correct the "
    "quantity on the bill, or raise it on the sales order and invoice it first.",
    details=AHEAD,
)
def bill_more_than_sold(scene):
    """All that was sold is invoiced, so no invoice could be made first."""
    link = Link(scene, ("chair", 5))
    link.ship()
    link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    [line] = scene.admin.read(MOVE, bill, "invoice_line_ids")
    scene.admin.write("account.move.line", line, quantity=8)
    button = open_order(scene, "accountant", MOVE, bill, "action_post")
    yield {"line": link.line, "quantity": "3 Units"}
    button.click()


@error(
    "accountant",
    INVOICE_FIRST,
    details=AHEAD,
    where=".alert-danger",
)
def alert_on_bill(scene):
    link = scene.shipped
    scene.desk("accountant").show(MOVE, link.bill)
    yield {"sale": link.sale_name, "line": link.line, "quantity": "10 Units"}


@error(
    "accountant",
    "%(invoices)s can't be taken back, as vendor bills would be ahead of the posted "
    "customer invoices: %(details)s. Make a credit note, or take the vendor bills back "
    "first.",
    details=AHEAD,
)
def invoice_to_draft_after_bill(scene):
    link = Link(scene)
    link.ship()
    invoice = link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    scene.people["accountant"].call(MOVE, "action_post", bill)
    button = open_order(scene, "accountant", MOVE, invoice, "button_draft")
    yield {
        "invoices": scene.name(MOVE, invoice),
        "line": link.line,
        "quantity": "10 Units",
    }
    button.click()


# Adopting what core's Dropship route has ordered

ADOPT = "drop.shipment.adopt"
ROUTE = ["name", "=", "Dropship"]


class Routed:
    """A sales order that the Dropship route has ordered, and its purchase order."""

    def __init__(self, scene, *lines, shop=None, **values):
        self.scene, self.shop = scene, shop or scene.everyday
        self.sale = self.shop.sale(*lines, ticked=False, confirm=False, **values)
        admin = scene.admin
        for sale_line in admin.read(SALE, self.sale, "order_line"):
            routes = admin.search("stock.route", ROUTE)
            admin.write(SALE_LINE, sale_line, route_ids=[[6, 0, routes]])
        scene.people["sales"].call(SALE, "action_confirm", self.sale)
        number = scene.name(SALE, self.sale)
        (self.purchase,) = admin.search(PURCHASE, ["origin", "ilike", number])
        self.purchase_name = scene.name(PURCHASE, self.purchase)

    def confirm(self):
        """The buyer confirms the request."""
        self.scene.admin.call(PURCHASE, "button_confirm", self.purchase)
        return self

    def transfers(self):
        """The ids of its transfers."""
        return self.scene.admin.read(SALE, self.sale, "picking_ids")


def adopt(scene):
    """Open the dialog from the settings."""
    admin = scene.desk("admin")
    # From elsewhere: to the same address a browser does not go again.
    admin.page.goto(f"{scene.server.url}/odoo")
    admin.page.goto(f"{scene.server.url}/odoo/settings#purchase")
    admin.button("action_adopt_drop_shipments").click()
    return admin


def adopt_by_api(scene):
    """Adopt all that can be adopted."""
    dialog = scene.admin.create(ADOPT)
    scene.admin.call(ADOPT, "action_adopt", dialog)


@error(
    "admin",
    "There is nothing to adopt: no open sales order of %(company)s uses the Dropship "
    "route.",
)
def adopt_nothing(scene):
    Routed(scene)
    adopt_by_api(scene)
    # The administrator is sent a mail about logging in from a new browser.
    scene.desk("admin")
    yield {"company": scene.name("res.company", 1)}
    adopt(scene)


@error(
    "admin",
    "None of these lines can be adopted. Open the dialog again: its last column says "
    "what to correct first.",
)
def adopt_twice(scene):
    """Somebody else was quicker."""
    Routed(scene)
    admin = adopt(scene)
    expect(admin.button("action_adopt", admin.dialog)).to_be_visible()
    adopt_by_api(scene)
    yield {}
    press(admin, "action_adopt")


@error(
    "admin",
    "%(order)s has other goods: %(products)s. Adopt them, too, or order them "
    "separately.",
    where=".o_dialog",
)
def adopt_with_own_goods(scene):
    routed = Routed(scene)
    desk = command_create(product_id=scene.facts["desk"], product_qty=1)
    scene.admin.write(PURCHASE, routed.purchase, order_line=[desk])
    adopt(scene)
    yield {"order": routed.purchase_name, "products": "Pine Desk"}


@error(
    "admin",
    "%(ordered)s are on purchase orders, more than was sold: order less first.",
    where=".o_dialog",
)
def adopt_more_than_sold(scene):
    """The customer took less after the purchase order was confirmed."""
    routed = Routed(scene).confirm()
    line = routed.shop.line(SALE, routed.sale)
    scene.people["sales"].write(SALE_LINE, line, product_uom_qty=7)
    adopt(scene)
    yield {"ordered": "10 Units"}


@error(
    "admin",
    "The vendor's bill came before the invoice: post the invoice first.",
    where=".o_dialog",
)
def adopt_billed(scene):
    routed = Routed(scene).confirm()
    for transfer in routed.transfers():
        scene.admin.call("stock.picking", "button_validate", transfer)
    bill = routed.shop.bill(routed.purchase)
    scene.admin.call(MOVE, "action_post", bill)
    adopt(scene)
    yield {}


@error(
    "admin",
    "Transfer %(transfer)s is open: cancel or complete it first.",
    where=".o_dialog",
)
def adopt_while_stock_ships(scene):
    """A delivery from own stock was made by hand, for a line of the route."""
    routed = Routed(scene).confirm()
    (dropship,) = routed.transfers()
    warehouse = scene.admin.read(SALE, routed.sale, "warehouse_id")[0]
    kind = scene.admin.read("stock.warehouse", warehouse, "out_type_id")[0]
    stock = scene.admin.read("stock.warehouse", warehouse, "lot_stock_id")[0]
    transfer = scene.admin.call(
        "stock.picking", "copy", dropship, default={"picking_type_id": kind}
    )
    transfer = transfer[0] if isinstance(transfer, list) else transfer
    scene.admin.write(
        "stock.move",
        scene.admin.read("stock.picking", transfer, "move_ids"),
        sale_line_id=routed.shop.line(SALE, routed.sale),
        location_id=stock,
        purchase_line_id=False,
    )
    adopt(scene)
    yield {"transfer": scene.name("stock.picking", transfer)}


@error(
    "admin",
    "%(order)s is for several customers: make an order for each.",
    where=".o_dialog",
)
def adopt_several_customers(scene):
    """A buyer merged requests of two customers who share an address."""
    first = Routed(scene)
    second = Routed(
        scene,
        ("desk", 1),
        shop=scene.shop(),
        partner_shipping_id=first.shop.ship_to,
    )
    scene.admin.call(PURCHASE, "action_merge", [first.purchase, second.purchase])
    left = [
        order
        for order in (first.purchase, second.purchase)
        if scene.admin.read(PURCHASE, order, "state") != "cancel"
    ]
    adopt(scene)
    yield {"order": scene.name(PURCHASE, left[0])}


# What is to be done, above the orders

NOTICE = ".alert[data-alert]"


@error("sales", "To order from a vendor: %(products)s.", where=NOTICE)
def notice_to_order(scene):
    scene.desk("sales").show(SALE, scene.to_order.sale)
    yield {"products": "Oak Chair"}


@error("sales", "Late: %(products)s, expected %(date)s.", where=NOTICE)
def notice_late_sale(scene):
    link = Link(scene)
    link.promise_past_day()
    scene.people["buyer"].write(
        PURCHASE_LINE, link.purchase_line_id, date_planned="2026-01-20 12:00:00"
    )
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair", "date": "01/20/2026"}


@error("sales", "Late: %(products)s.", where=NOTICE)
def notice_late_and_not_ordered(scene):
    link = Link(scene, ordered=False)
    link.promise_past_day()
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error(
    "sales",
    "Shipped: invoice the customer, the vendor's bill waits.",
    where=NOTICE,
)
def notice_shipped(scene):
    link = scene.shipped
    scene.desk("sales").show(SALE, link.sale)
    yield {}


@error("sales", "Invoice the customer: the vendor's bill waits.", where=NOTICE)
def notice_bill_before_anything_is_shipped(scene):
    """Invoiced and billed by the order; the bill waits as a draft."""
    scene.product(
        "Prepaid Chair",
        is_storable=True,
        invoice_policy="order",
        purchase_method="purchase",
    )
    link = Link(scene, ("Prepaid Chair", 10))
    link.shop.bill(link.purchase)
    scene.desk("sales").show(SALE, link.sale)
    yield {}


@error(
    "sales",
    "Cancelled, but shipped and not invoiced: %(products)s. The vendor's bill waits: "
    "set the order to quotation, lower it to what was shipped, confirm and invoice it.",
    where=NOTICE,
)
def notice_cancelled_after_a_part(scene):
    link = Link(scene)
    link.ship(4)
    link.buyer("action_close_drop_shipment_remainder")
    scene.people["sales"].call(SALE, "action_cancel", link.sale)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("buyer", "Late for the customer: %(products)s.", where=NOTICE)
def notice_late_purchase(scene):
    link = Link(scene)
    link.promise_past_day()
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error(
    "buyer",
    "Partly shipped: %(products)s. Post the rest, or close it.",
    where=NOTICE,
)
def notice_partly_shipped(scene):
    link = scene.partly
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error(
    "sales",
    "Partly shipped: %(products)s. Post the rest, or have the buyer close it.",
    where=NOTICE,
)
def notice_partly_shipped_sale(scene):
    scene.desk("sales").show(SALE, scene.partly.sale)
    yield {"products": "Oak Chair"}


@error("sales", "The vendor reported as shipped: %(products)s. Post it.", where=NOTICE)
def notice_reported(scene):
    link = Link(scene)
    link.report()
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error(
    "buyer",
    "The vendor does not ship: %(products)s. Close the remainder, or order it from "
    "another vendor.",
    where=NOTICE,
)
def notice_declined(scene):
    link = Link(scene)
    link.decline()
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "4 Units of Oak Chair (Sold out)"}


@error(
    "sales",
    "The vendor does not ship: %(products)s. The buyer closes it and orders it from "
    "another vendor.",
    where=NOTICE,
)
def notice_declined_sale(scene):
    link = Link(scene)
    link.decline()
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "4 Units of Oak Chair (Sold out)"}


STRANDED = (
    "Not on its way any more: %(products)s. The transfer was cancelled or corrected, "
    "or goods went back."
)


@error("buyer", f"{STRANDED} Ship it again, or close it.", where=NOTICE)
def notice_stranded(scene):
    link = Link(scene)
    link.cancel_transfer()
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error(
    "sales",
    f"{STRANDED} Have the buyer ship it again, or close it.",
    where=NOTICE,
)
def notice_stranded_sale(scene):
    link = Link(scene)
    link.cancel_transfer()
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error(
    "buyer",
    "A refund of the vendor is due: %(products)s. More is billed than was received.",
    where=NOTICE,
)
def notice_refund(scene):
    link = Link(scene)
    link.ship()
    link.shop.bill(link.purchase)
    link.send_back(3)
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error(
    "sales",
    "A credit note is due: %(products)s. More is invoiced than was delivered.",
    where=NOTICE,
)
def notice_credit(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    link.send_back(3)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error(
    "buyer",
    "Not linked to a sales order, so it would be delivered to us, not to %(customer)s: "
    "%(products)s. Remove it and use Get Sales Order, or empty Sell-to Customer.",
    where=NOTICE,
)
def notice_delivered_to_us(scene):
    shop = scene.everyday
    purchase = shop.rfq(
        order_line=[command_create(product_id=scene.facts["chair"], product_qty=1)]
    )
    scene.desk("buyer").show(PURCHASE, purchase)
    yield {
        "customer": scene.admin.read("res.partner", shop.customer, "display_name"),
        "products": "Oak Chair",
    }


@error(
    "buyer",
    "The bill waits for the invoice of sales order %(sale)s.",
    where=NOTICE,
)
def notice_bill_waits(scene):
    link = Link(scene)
    link.ship()
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"sale": link.sale_name}


@error(
    "buyer",
    "The bill waits for the invoices of sales orders %(sales)s.",
    where=NOTICE,
)
def notice_bill_waits_for_two(scene):
    shop = scene.everyday
    sales = [shop.sale(), shop.sale()]
    purchase = shop.purchase(*sales)
    shop.post(PURCHASE, purchase, "receive")
    scene.desk("buyer").show(PURCHASE, purchase)
    yield {"sales": ", ".join(scene.name(SALE, sale) for sale in sales)}


@error(
    "buyer",
    "A draft bill waits to be posted by accounting: %(products)s.",
    where=NOTICE,
)
def notice_draft_bill(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    link.shop.bill(link.purchase)
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


def billed(scene):
    """Shipped, invoiced and billed, all of it posted; with the invoice."""
    link = Link(scene)
    link.ship()
    invoice = link.shop.invoice(link.sale)
    bill = link.shop.bill(link.purchase)
    scene.people["accountant"].call(MOVE, "action_post", bill)
    return link, invoice


@error(
    "buyer",
    "A draft refund waits to be posted by accounting: %(products)s.",
    where=NOTICE,
)
def notice_draft_refund(scene):
    link, _invoice = billed(scene)
    link.send_back(3)
    link.shop.bill(link.purchase)
    scene.desk("buyer").show(PURCHASE, link.purchase)
    yield {"products": "Oak Chair"}


@error(
    "sales",
    "A draft credit note waits to be posted by accounting: %(products)s.",
    where=NOTICE,
)
def notice_draft_credit_note(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale)
    link.send_back(3)
    link.shop.invoice(link.sale, post=False)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error(
    "sales",
    "A draft invoice waits to be posted by accounting, and the vendor's bill waits for "
    "it: %(products)s.",
    where=NOTICE,
)
def notice_draft_invoice_before_bill(scene):
    link = Link(scene)
    link.ship()
    link.shop.invoice(link.sale, post=False)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("sales", "Shipped: invoice the customer.", where=NOTICE)
def notice_to_invoice_again(scene):
    """The invoice was credited, and the vendor has been billed."""
    link, invoice = billed(scene)
    link.shop.credit(invoice)
    scene.desk("sales").show(SALE, link.sale)
    yield {}


@error(
    "sales",
    "A draft invoice waits to be posted by accounting: %(products)s.",
    where=NOTICE,
)
def notice_draft_invoice(scene):
    link, invoice = billed(scene)
    link.shop.credit(invoice)
    link.shop.invoice(link.sale, post=False)
    scene.desk("sales").show(SALE, link.sale)
    yield {"products": "Oak Chair"}


@error("sales", "%(order)s has no late drop shipment. Reload the page.")
def tell_of_no_delay(scene):
    """The vendor shipped while the page was open."""
    link = Link(scene)
    link.promise_past_day()
    button = open_order(
        scene, "sales", SALE, link.sale, "action_tell_drop_shipment_delay"
    )
    link.shop.post(PURCHASE, link.purchase, "receive")
    yield {"order": link.sale_name}
    button.click()


@error(
    "sales",
    "%(order)s has no shipment to tell the customer of: post it first.",
    api="Send Shipment is shown once something is shipped.",
)
def send_no_shipment(scene):
    link = Link(scene)
    yield {"order": link.sale_name}
    scene.people["sales"].call(SALE, "action_send_drop_shipment", link.sale)


@error("accountant", "No bill of %(order)s waits for an invoice. Reload the page.")
def view_invoiced_sale(scene):
    """Sales invoiced the customer while the page was open."""
    link = Link(scene)
    link.ship()
    button = open_order(
        scene,
        "accountant",
        PURCHASE,
        link.purchase,
        "action_view_drop_shipment_unbillable",
    )
    link.shop.invoice(link.sale)
    yield {"order": link.purchase_name}
    button.click()


# The tests


@pytest.fixture(scope="module")
def the_scene(server, people, desks):
    return Scene(server, people, desks)


@pytest.fixture
def scene(the_scene, request):
    """The scene; after a failure, nothing of it is left in the browsers."""
    yield the_scene
    if not getattr(request.node, "passed", False):
        for person in the_scene.desk.persons.values():
            person.page.goto(f"{person.server.url}/odoo")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.play.__name__)
def test_error(case, scene, fingerprint):
    steps = case.play(scene)
    values = next(steps)
    parts = {name: part % values for name, part in case.parts.items()}
    text = case.message % {**values, **parts}
    if "lead" in parts:
        text = f"{parts['lead']} {text}"
    before = fingerprint()
    if case.api:
        with pytest.raises(Refused) as caught:
            next(steps, None)
        caught.value.assert_readable()
        assert caught.value.message == text
        assert TITLES[caught.value.name.split(".")[-1]] == title_of(case)
    else:
        person = scene.desk(case.role)
        next(steps, None)
        meet(person, case, text)
        leave(person)
    assert fingerprint() == before


def meet(person, case, text):
    """See the message, word for word, and close its dialog."""
    shot = f"errors/{case.play.__name__.replace('_', '-')}"
    if case.where:
        # One of them, where there are several.
        expect(person.page.locator(case.where)).to_contain_text([text])
        person.shot(shot)
        return
    body = person.page.locator(".o_error_dialog .modal-body")
    expect(body).to_have_text(re.compile(f"^{re.escape(text)}$"))
    person.refused(text, shot, title=title_of(case))


def leave(person):
    """Close what is open, without saving it."""
    for button in (
        ".o_dialog .modal-footer [special=cancel]",
        f"{JOBS} .modal-footer .btn",
        ".o_form_status_indicator .o_form_button_cancel",
    ):
        found = person.page.locator(f"{button}:visible")
        if found.count():
            found.last.click()
            expect(found).to_have_count(0)


# Nothing is left out


def test_no_error_is_left_out():
    """Each message of the source has a case here, and each case its message."""
    told = {text for case in CASES for text in (case.message, *case.parts.values())}
    assert told | set(ELSEWHERE) == set(messages())
    assert not told & set(ELSEWHERE)
    paths = [project.ROOT / OTHER_MODULES]
    paths += (project.ROOT / project.ADDON / "tests").glob("test_vendor_*.py")
    for addon in project.companions():
        paths += (project.ROOT / addon / "tests").glob("test_*.py")
    tests = "".join(path.read_text() for path in paths)
    for test in ELSEWHERE.values():
        assert f"def {test}(" in tests, test


def title_of(case):
    """The title of the dialog, which goes by the exception that is raised."""
    return TITLES[messages().get(case.message) or "UserError"]


@functools.cache
def messages():
    """Return {message that the source raises or shows: name of the exception or ""}."""
    found = {}
    for addon in (project.ADDON, *project.companions()):
        for folder in ("models", "wizards", "reports"):
            for path in sorted((project.ROOT / addon / folder).glob("*.py")):
                for node in ast.walk(ast.parse(path.read_text())):
                    if isinstance(node, ast.FunctionDef):
                        found.update(_messages_of(node))
    return found


def _messages_of(function):
    """Return the messages of one function, as `messages` does."""
    found = {}
    if MAKERS.search(function.name):
        found.update(dict.fromkeys(_texts(function), ""))
    for node in ast.walk(function):
        if not isinstance(node, ast.Raise) or not isinstance(node.exc, ast.Call):
            continue
        exception = getattr(node.exc.func, "id", "")
        if exception not in TITLES:
            continue
        found.update(dict.fromkeys(_texts(node), exception))
        # The words may be made before they are raised.
        names = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
        made = _values_of(function, names)
        found.update(dict.fromkeys(_texts(*made), ""))
        where = f"{function.name}, line {node.lineno}"
        assert _texts(node) or any(map(MAKERS.search, _calls(node, *made))), (
            f"{where}: no words that this test could find"
        )
    return found


def _texts(*nodes):
    """Return the texts that are translated in these nodes."""
    return [
        call.args[0].value
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "_"
    ]


def _values_of(function, names):
    """Return what a function assigns to these names."""
    values = []
    for node in ast.walk(function):
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, ast.Assign | ast.NamedExpr) and names & {
            getattr(target, "id", "") for target in targets
        }:
            values.append(node.value)
    return values


def _calls(*nodes):
    """Return the names of the methods that are called in these nodes."""
    return {
        call.func.attr
        for node in nodes
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
    }
