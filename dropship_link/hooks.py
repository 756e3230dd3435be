from odoo.tools import SQL
from odoo.tools.sql import column_exists

# Column and type of each stored field of ours on core's large tables. No line is a
# drop shipment before the installation, so every one of them starts at its zero.
_COLUMNS = {
    "sale_order_line": {
        "drop_shipment": (SQL("boolean"), SQL("false")),
        "drop_shipment_chosen_vendor_id": (SQL("int4"), None),
        "drop_shipment_order_id": (SQL("int4"), None),
        "drop_shipment_qty_billed": (SQL("numeric"), SQL("0")),
        "drop_shipment_qty_invoiced": (SQL("numeric"), SQL("0")),
        "drop_shipment_qty_ordered": (SQL("numeric"), SQL("0")),
        "drop_shipment_qty_outstanding": (SQL("numeric"), SQL("0")),
        "drop_shipment_qty_to_order": (SQL("numeric"), SQL("0")),
        "drop_shipment_state": (SQL("varchar"), None),
        "drop_shipment_unticked": (SQL("boolean"), SQL("false")),
        "drop_shipment_vendor_id": (SQL("int4"), None),
        "qty_to_ship": (SQL("numeric"), SQL("0")),
    },
    "purchase_order_line": {
        "drop_shipment": (SQL("boolean"), SQL("false")),
        "drop_shipment_decline_reason": (SQL("varchar"), None),
        "drop_shipment_qty_declined": (SQL("numeric"), SQL("0")),
        "drop_shipment_sale_line_id": (SQL("int4"), None),
    },
}


def pre_init_hook(env):
    """Add the stored columns before the ORM does; see `add_columns`."""
    add_columns(env.cr)


def add_columns(cr):
    """Add the stored columns that are missing, with their zero values.

    Otherwise the ORM would compute them record by record. PostgreSQL adds a column
    with a constant default without rewriting the table, whatever its size.

    :param cr: cursor of the database that the add-on is installed or updated in
    """
    for table, columns in _COLUMNS.items():
        for column, (kind, zero) in columns.items():
            if column_exists(cr, table, column):
                continue
            identifiers = SQL.identifier(table), SQL.identifier(column)
            if zero is None:
                cr.execute(SQL("ALTER TABLE %s ADD COLUMN %s %s", *identifiers, kind))
                continue
            cr.execute(
                SQL(
                    "ALTER TABLE %s ADD COLUMN %s %s DEFAULT %s",
                    *identifiers,
                    kind,
                    zero,
                )
            )
            cr.execute(SQL("ALTER TABLE %s ALTER COLUMN %s DROP DEFAULT", *identifiers))
