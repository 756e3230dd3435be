from odoo.tools.sql import column_exists, create_column


def pre_init_hook(env):
    """Add the stored column empty: no line is a kit before the installation.

    Otherwise the ORM would compute it record by record.
    """
    table, column = "purchase_order_line", "drop_shipment_composition"
    if not column_exists(env.cr, table, column):
        create_column(env.cr, table, column, "jsonb")
