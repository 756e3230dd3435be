def post_init_hook(env):
    """Count at once what was paid at the till before this add-on came."""
    lines = env["sale.order.line"].search(
        [("drop_shipment", "=", True), ("pos_order_line_ids", "!=", False)]
    )
    for name in ("qty_delivered", "qty_invoiced", "drop_shipment_qty_invoiced"):
        env.add_to_compute(lines._fields[name], lines)
