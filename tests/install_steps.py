"""What is done inside Odoo before and after the add-on comes, goes and comes again.

Each function runs by ``harness.shell.run``.
"""

from odoo.fields import Command
from odoo.tests import Form

LINES = 200_000
# What the first release had not: stored fields of large tables.
NEW_COLUMNS = {
    "sale_order_line": (
        "drop_shipment_chosen_vendor_id",
        "drop_shipment_unticked",
        "drop_shipment_vendor_id",
    ),
    "purchase_order_line": (
        "drop_shipment_decline_reason",
        "drop_shipment_qty_declined",
    ),
}


def _product(env, name, **values):
    """Make goods that are invoiced on delivery and billed on receipt."""
    vendor = env["res.partner"].create({"name": f"Vendor of {name}"})
    return env["product.product"].create(
        {
            "name": name,
            "is_storable": True,
            "invoice_policy": "delivery",
            "purchase_method": "receive",
            "list_price": 20.0,
            "taxes_id": False,
            "supplier_taxes_id": False,
            "seller_ids": [Command.create({"partner_id": vendor.id, "price": 12.0})],
            **values,
        }
    )


def _routed(env, name):
    """Make goods with core's Dropship route."""
    route = env.ref("stock_dropshipping.route_drop_shipping")
    return _product(env, name, route_ids=[Command.set(route.ids)])


def _sale(env, product, quantity=10.0, **line):
    order = env["sale.order"].create(
        {
            "partner_id": env["res.partner"].create({"name": "Customer"}).id,
            "order_line": [
                Command.create(
                    {"product_id": product.id, "product_uom_qty": quantity, **line}
                )
            ],
        }
    )
    order.action_confirm()
    return order


def _ship(picking, quantity):
    """Validate a part of a transfer; the rest is a backorder."""
    picking.move_ids.quantity = quantity
    picking.move_ids.picked = True
    answer = picking.button_validate()
    if answer is not True:
        wizard = Form.from_action(picking.env, answer).save()
        wizard.process()
    assert picking.state == "done", picking.state


def _invoice(sale):
    invoice = sale._create_invoices()
    invoice.action_post()
    assert invoice.state == "posted"


def _bill(purchase):
    bill = purchase.env["account.move"].browse(
        purchase.action_create_invoice()["res_id"]
    )
    bill.invoice_date = "2026-01-15"
    bill.action_post()
    assert bill.state == "posted"


def _core_cycle(env, name):
    """Sell, buy, ship, invoice and bill by core's route; return the sales order."""
    sale = _sale(env, _routed(env, name))
    purchase = sale.order_line.purchase_line_ids.order_id
    purchase.button_confirm()
    _ship(purchase.picking_ids, 10)
    # The bill comes first: core has no objection.
    _bill(purchase)
    _invoice(sale)
    assert sale.order_line.qty_delivered == 10
    assert purchase.order_line.qty_received == 10
    return sale


def core_orders(env):
    """Orders of core's route: done, shipped in part, requested; and from stock."""
    done = _core_cycle(env, "Done")
    part = _sale(env, _routed(env, "Part"))
    purchase = part.order_line.purchase_line_ids.order_id
    purchase.button_confirm()
    _ship(purchase.picking_ids, 4)
    request = _sale(env, _routed(env, "Requested"))
    stock = _sale(env, _product(env, "Stock"))
    return {
        "done": done.id,
        "part": part.id,
        "request": request.id,
        "stock": stock.id,
    }


def many_lines(env):
    """As many sales lines as a company has after years, on one order."""
    order = _sale(env, _product(env, "Much Sold"))
    names = [
        name
        for name, field in env["sale.order.line"]._fields.items()
        if field.store and field.column_type and name != "id"
    ]
    columns = ", ".join(f'"{name}"' for name in names)
    env.flush_all()
    env.cr.execute(
        f"INSERT INTO sale_order_line ({columns}) SELECT {columns}"
        f" FROM sale_order_line, generate_series(1, {LINES}) WHERE id = %s",
        [order.order_line.id],
    )
    return env.cr.rowcount


def live(env):
    """Fill a database without the add-on; return core's orders, and how many lines."""
    return core_orders(env), many_lines(env)


def finish_core_orders(env, orders):
    """The open orders go on as if nothing had come or gone."""
    sale = env["sale.order"].browse(orders["part"])
    purchase = sale.order_line.purchase_line_ids.order_id
    _ship(purchase.picking_ids.filtered(lambda picking: picking.state != "done"), 6)
    assert sale.order_line.qty_delivered == 10
    _bill(purchase)
    _invoice(sale)
    sale = env["sale.order"].browse(orders["request"])
    purchase = sale.order_line.purchase_line_ids.order_id
    purchase.button_confirm()
    _ship(purchase.picking_ids, 10)
    assert sale.order_line.qty_delivered == 10
    sale = env["sale.order"].browse(orders["done"])
    assert sale.invoice_status == "invoiced"
    sale = env["sale.order"].browse(orders["stock"])
    assert sale.picking_ids.state in ("confirmed", "assigned")
    assert sale.picking_ids.picking_type_id.code == "outgoing"


def our_orders(env):
    """Drop shipments of the add-on: done, shipped in part, requested, to order."""
    orders = {}
    for name in ("done", "part", "request", "to_order"):
        sale = _sale(env, _product(env, f"Ours {name}"), drop_shipment=True)
        orders[name] = sale.id
        assert sale.order_line.drop_shipment_state == "to_order"
        if name == "to_order":
            continue
        sale.action_create_drop_shipment_purchases()
        purchase = sale.order_line.purchase_line_ids.order_id
        if name == "request":
            continue
        purchase.button_confirm()
        dialog = env["drop.shipment.post"].create({"sale_order_id": sale.id})
        dialog.option = "ship_invoice"
        dialog.line_ids.quantity = 10 if name == "done" else 4
        dialog.action_post()
        if name == "done":
            _bill(purchase)
            assert sale.order_line.drop_shipment_state == "done"
    return orders


def go_on(env, core):
    """Finish core's orders with the add-on there; return new ones of the add-on."""
    finish_core_orders(env, core)
    return our_orders(env)


def make_first_release(env):
    """Leave of the database what version 19.0.1.0.0 had made of it.

    :return: the id of a mail that it brought, which is gone since
    """
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            # With it go the views of the lists, which an update makes again.
            env.cr.execute(f"ALTER TABLE {table} DROP COLUMN {column} CASCADE")
    env.cr.execute(
        "UPDATE ir_module_module SET latest_version = '19.0.1.0.0'"
        " WHERE name = 'dropship_link'"
    )
    mail = env["mail.template"].create(
        {
            "name": "Drop Shipment: Shipped",
            "model_id": env["ir.model"]._get_id("stock.picking"),
        }
    )
    env["ir.model.data"].create(
        {
            "module": "dropship_link",
            "name": "email_template_drop_shipment_shipped",
            "model": "mail.template",
            "res_id": mail.id,
            "noupdate": True,
        }
    )
    return mail.id


def finish_our_orders(env, orders):
    """Without the add-on, its orders are ordinary ones of core's."""
    sale = env["sale.order"].browse(orders["part"])
    purchase = sale.order_line.purchase_line_ids.order_id
    assert sale.order_line.qty_delivered == 4
    _ship(purchase.picking_ids.filtered(lambda picking: picking.state != "done"), 6)
    assert sale.order_line.qty_delivered == purchase.order_line.qty_received == 10
    # More than has been invoiced to the customer: the rule went with the add-on.
    _bill(purchase)
    _invoice(sale)
    sale = env["sale.order"].browse(orders["request"])
    purchase = sale.order_line.purchase_line_ids.order_id
    purchase.button_confirm()
    _ship(purchase.picking_ids, 10)
    assert sale.order_line.qty_delivered == 10
    _bill(purchase)
    # Quantities are core's business again, too.
    purchase.order_line.product_qty = 12
    sale = env["sale.order"].browse(orders["to_order"])
    sale.order_line.product_uom_qty = 11
    sale._action_cancel()
    sale.action_draft()
    sale.action_confirm()
    assert sale.picking_ids.filtered(lambda picking: picking.state != "cancel")
    sale = env["sale.order"].browse(orders["done"])
    assert sale.invoice_status == "invoiced"
    _core_cycle(env, "After")
    for model in ("sale.order", "purchase.order", "product.template", "res.company"):
        env[model].get_views([(False, "form"), (False, "list"), (False, "search")])


def uninstall(env):
    """Take the add-on out, as the Apps menu does; return what it leaves behind."""
    module = env["ir.module.module"].search([("name", "=", "dropship_link")])
    module.button_immediate_uninstall()
    env.cr.execute(
        """
        SELECT table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND (
               column_name LIKE '%drop_shipment%' OR column_name IN (
                   'sell_to_customer_id', 'qty_to_ship'))
        UNION ALL SELECT tablename FROM pg_tables WHERE tablename ~
               'drop_shipment|get_sales_order'
        UNION ALL SELECT indexname FROM pg_indexes WHERE indexname ~ 'drop_shipment'
        UNION ALL SELECT conname FROM pg_constraint WHERE conname ~ 'drop_shipment'
        UNION ALL SELECT model || ' ' || name FROM ir_model_data
         WHERE module = 'dropship_link'
        UNION ALL SELECT model FROM ir_model WHERE model ~ 'drop.shipment|get.sales'
        UNION ALL SELECT name FROM ir_model_fields WHERE name ~ 'drop_shipment'
        UNION ALL SELECT arch_db::text FROM ir_ui_view
         WHERE arch_db::text ~ 'drop_shipment'
        """
    )
    return [row[0] for row in env.cr.fetchall()]
