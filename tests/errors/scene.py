"""Documents of the people, the people at their browsers, and what they do there."""

import contextlib
import functools
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2
from playwright.sync_api import expect

from harness import postgres
from harness.shop import Shop, command_create

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"
MOVE, REPORT = "account.move", "drop.shipment.report"
CREATE, RETURN = "drop.shipment.create.purchase", "drop.shipment.return"
JOBS = ".o_drop_shipment_jobs"


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
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)

    def connect(self):
        """Connect to the database past Odoo; each statement is a transaction."""
        connection = psycopg2.connect(dbname=self.server.db, **postgres.postgres())
        connection.autocommit = True
        return contextlib.closing(connection)

    @contextlib.contextmanager
    def busy(self, table, row):
        """Somebody else changes a row all the time, to what it is already.

        PostgreSQL does it by itself, as long as the caller holds a lock: a loop of ours
        would pause on a busy machine, and one of Odoo's tries come through.
        """

        def change():
            with self.connect() as connection, connection.cursor() as cursor:
                cursor.execute(
                    f"""
                    DO $$ BEGIN
                        WHILE NOT pg_try_advisory_xact_lock({row}) LOOP
                            UPDATE {table} SET id = id WHERE id = {row};
                            COMMIT;
                            PERFORM pg_sleep(0.002);
                        END LOOP;
                    END $$
                    """
                )

        with ThreadPoolExecutor(1) as pool:
            with self.connect() as connection, connection.cursor() as cursor:

                def find_version():
                    cursor.execute(f"SELECT xmin FROM {table} WHERE id = {row}")
                    return cursor.fetchone()

                cursor.execute(f"SELECT pg_advisory_lock({row})")
                before = find_version()
                changing = pool.submit(change)
                # Not before it has begun.
                while find_version() == before and not changing.done():
                    time.sleep(0.01)
                yield
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

    def take_back(self, *quantities, **values):
        """Sales returns so much of each line, to the vendor or as `values` say."""
        sales = self.scene.people["sales"]
        dialog = sales.create(RETURN, sale_order_id=self.sale, **values)
        rows = sales.read(RETURN, dialog, "line_ids")
        for row, quantity in zip(rows, quantities, strict=True):
            sales.write(f"{RETURN}.line", row, quantity=quantity)
        sales.call(RETURN, "action_return", dialog)

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


def stool(scene):
    """A product that is sold as goods."""
    return scene.product(
        "Stool",
        is_storable=True,
        seller_ids=[command_create(partner_id=scene.facts["vendor"])],
    )


def reopened(scene):
    """A request again, after the vendor has shipped a part of it."""
    link = Link(scene, shop=scene.shop())
    link.ship(4)
    link.buyer("button_cancel")
    link.buyer("button_draft")
    return link


def lock_books(scene, day):
    """Lock the books up to a day, or not at all, without a note on it."""
    scene.admin.call(
        "res.company",
        "write",
        scene.facts["company"],
        vals={"fiscalyear_lock_date": day},
        context={"tracking_disable": True},
    )


def us_date(day):
    """A day as people read it here."""
    return f"{day:%m/%d/%Y}"
