from odoo.tools.sql import column_exists, create_column


def pre_init_hook(env):
    """Add the stored column; the ORM would compute it for all purchase lines."""
    table, column = "purchase_order_line", "drop_shipment_cost"
    if not column_exists(env.cr, table, column):
        create_column(env.cr, table, column, "float8")


def post_init_hook(env):
    """Give the drop shipments that are there already their costs."""
    purchase_lines = env["purchase.order.line"].search([("drop_shipment", "=", True)])
    env.add_to_compute(
        purchase_lines._fields["drop_shipment_cost"],
        purchase_lines,
    )
    lines = env["sale.order.line"].search([("drop_shipment", "=", True)])
    lines._renew_drop_shipment_cost()
