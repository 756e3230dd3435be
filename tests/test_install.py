"""The add-on comes into a database that has lived, is updated, goes, comes again."""

import os
import re
import time

import pytest

from harness import databases, odoo_process, odoo_tests, project, shell
from tests.install_steps import LINES
from tests.rules import broken, connect, rows

# Rows that Odoo itself writes anew at each update, whatever the module.
REWRITTEN = {"bus_bus", "ir_attachment", "ir_cron", "ir_cron_trigger", "ir_logging"}
ORDERS = (
    "sale_order",
    "sale_order_line",
    "purchase_order",
    "purchase_order_line",
    "stock_picking",
    "stock_move",
    "account_move",
    "account_move_line",
)
# Queries that the size of the tables may add: PostgreSQL's own work, not ours.
MORE_QUERIES = 30


@pytest.fixture(scope="module")
def new_database():
    """A function that makes a database without the add-on; all go away afterwards."""
    made = []

    def make(name):
        made.append(f"{name}_{os.getpid()}")
        return databases.database(made[-1])

    yield make
    for db in made:
        databases.drop(db)


def odoo(db, *args):
    """Run Odoo to its end; return seconds, queries of the add-on and the log, clean."""
    start = time.monotonic()
    log = odoo_process.odoo("-d", db, *args, "--no-http", log=f"install-{db}")
    seconds = time.monotonic() - start
    assert odoo_tests.clean_log(log)
    loaded = re.search(
        rf"Module {project.ADDON} loaded in .*?, (\d+) queries", log.read_text()
    )
    return seconds, int(loaded.group(1))


def columns(cursor, table):
    """Return the columns of a table that an update does not touch by itself."""
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
        " AND table_schema = 'public' AND column_name NOT IN ("
        "'write_date', 'write_uid') ORDER BY column_name",
        [table],
    )
    return [row[0] for row in cursor.fetchall()]


def contents(db, tables=None, known=None):
    """Return {table: a sum over its rows}, of the known columns or all of them."""
    sums = {}
    with connect(db) as connection, connection.cursor() as cursor:
        if tables is None:
            cursor.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            )
            tables = [row[0] for row in cursor.fetchall()]
        for table in sorted(set(tables) - REWRITTEN):
            if table.startswith("orm_signaling_"):
                continue
            names = (known or {}).get(table) or columns(cursor, table)
            listed = ", ".join(f't."{name}"' for name in names)
            cursor.execute(
                f"SELECT count(*), sum(hashtextextended(ROW({listed})::text, 0))"
                f' FROM "{table}" t'
            )
            sums[table] = cursor.fetchone()
    return sums


def schema(db):
    """Return all columns, indexes and constraints."""
    return rows(
        db,
        """
        SELECT table_name, column_name, data_type || is_nullable
               || COALESCE(column_default, '')
          FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes
         WHERE schemaname = 'public'
        UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace
         ORDER BY 1, 2, 3
        """,
    )


def changed(before, after):
    return {name for name in before | after if before.get(name) != after.get(name)}


def test_comes_stays_and_goes(new_database):
    """A database with open and closed orders and large tables, from first to last."""
    empty = new_database("empty")
    _seconds, queries_when_empty = odoo(empty, "-i", project.ADDON)

    db = new_database("lived")
    core, lines = shell.run(db, "tests.install_steps.live")
    assert lines == LINES
    with connect(db) as connection, connection.cursor() as cursor:
        known = {table: columns(cursor, table) for table in ORDERS}
    # Core renders each new mail once, on some order, and the button has its link.
    known["purchase_order"].remove("access_token")
    orders = contents(db, ORDERS, known)

    seconds, queries = odoo(db, "-i", project.ADDON)
    print(
        f"\n{LINES} sales lines: installed in {seconds:.0f} s, {queries} queries, "
        f"{queries_when_empty} without any"
    )
    assert queries <= queries_when_empty + MORE_QUERIES
    assert not changed(orders, contents(db, ORDERS, known))
    assert rows(
        db,
        "SELECT bool_or(drop_shipment), count(drop_shipment), sum(qty_to_ship)"
        " FROM sale_order_line",
    ) == [(False, LINES + 5, 0)]

    odoo(db, "-u", project.ADDON)
    before, tables = contents(db), schema(db)
    _seconds, queries = odoo(db, "-u", project.ADDON)
    assert not changed(before, contents(db))
    assert schema(db) == tables
    assert queries <= queries_when_empty + MORE_QUERIES

    ours = shell.run(db, "tests.install_steps.go_on", core)
    assert not broken(db)

    with connect(db) as connection, connection.cursor() as cursor:
        kept = {table: columns(cursor, table) for table in ORDERS}
    # Empty where the ORM made the line, zero where an update did: the same to Odoo.
    kept["sale_order_line"].remove("drop_shipment_unticked")
    kept["purchase_order_line"].remove("drop_shipment_qty_declined")
    before, tables = contents(db, ORDERS, kept), schema(db)
    mail = shell.run(db, "tests.install_steps.make_first_release")
    _seconds, queries = odoo(db, "-u", project.ADDON)
    assert not changed(before, contents(db, ORDERS, kept))
    assert schema(db) == tables
    assert queries <= queries_when_empty + MORE_QUERIES
    assert rows(db, f"SELECT active FROM mail_template WHERE id = {mail}") == [(False,)]

    orders = contents(db, ORDERS, known)
    assert shell.run(db, "tests.install_steps.uninstall") == []
    assert not changed(orders, contents(db, ORDERS, known))
    shell.run(db, "tests.install_steps.finish_our_orders", ours)

    odoo(db, "-i", project.ADDON)
    assert rows(db, "SELECT bool_or(drop_shipment) FROM sale_order_line") == [(False,)]
    shell.run(db, "tests.install_steps.our_orders")
    assert not broken(db)
