"""What runs inside Odoo as a small add-on goes while documents are open.

Each function runs by ``tests.shell.run``.
"""

import pytest

from odoo.exceptions import UserError
from odoo.fields import Command

from tests.install_steps import _bill, _invoice, _product, _sale

KITS = "dropship_link_mrp"
# Models whose documents people open, and whose views others extend.
MODELS = (
    "sale.order",
    "sale.order.line",
    "purchase.order",
    "purchase.order.line",
    "stock.picking",
    "account.move",
    "product.template",
    "drop.shipment.report",
)


def _order(sale):
    """Order all of a sale from its vendor and confirm; return the purchase order."""
    sale.action_create_drop_shipment_purchases()
    purchase = sale.order_line.purchase_line_ids.order_id
    purchase.button_confirm()
    return purchase


def _post(sale, quantity, **values):
    """Ship so much of each line from the sales order."""
    dialog = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id, **values})
    dialog.line_ids.quantity = quantity
    dialog.action_post()


def _kit(env):
    """Make goods that are a kit of 2 A and 1 B."""
    kit = _product(env, "Kit")
    env["mrp.bom"].create(
        {
            "product_tmpl_id": kit.product_tmpl_id.id,
            "type": "phantom",
            "bom_line_ids": [
                Command.create(
                    {"product_id": _product(env, name).id, "product_qty": quantity}
                )
                for name, quantity in (("A", 2), ("B", 1))
            ],
        }
    )
    return kit


def _new_agreed(env):
    """A request on a blanket order, at 8, that has fetched a sales order."""
    product = _product(env, "Agreed")
    sale = _sale(env, product, drop_shipment=True)
    agreement = env["purchase.requisition"].create(
        {
            "vendor_id": product.seller_ids.partner_id.id,
            "line_ids": [
                Command.create(
                    {"product_id": product.id, "product_qty": 100, "price_unit": 8.0}
                )
            ],
        }
    )
    agreement.action_confirm()
    purchase = env["purchase.order"].create(
        {
            "partner_id": agreement.vendor_id.id,
            "requisition_id": agreement.id,
            "sell_to_customer_id": sale.partner_id.id,
        }
    )
    dialog = env["purchase.order.get.sales.order"].create(
        {"purchase_order_id": purchase.id, "sale_order_ids": [Command.set(sale.ids)]}
    )
    dialog.action_insert_lines()
    assert purchase.order_line.price_unit == 8
    return sale


def open_orders(env):
    """Open orders of each kind: what is shipped in part, ordered or only requested."""
    products = {"part": _product(env, "Part"), "shop": _product(env, "Shop")}
    if env["ir.module.module"].search([("name", "=", KITS)]).state == "installed":
        products["kit"] = _kit(env)
    sales = {
        name: _sale(env, product, drop_shipment=True)
        for name, product in products.items()
    }
    sales["shop"].website_id = env["website"].search([], limit=1)
    for name, sale in sales.items():
        _order(sale)
        if name != "shop":
            _post(sale, 4, option="ship_invoice", tracking_ref="T1")
            assert sale.order_line.qty_delivered == 4
    sales["agreed"] = _new_agreed(env)
    return {name: sale.id for name, sale in sales.items()}


def finish(env, orders):
    """Each document can be opened, and the orders come to their end."""
    for model in MODELS:
        env[model].get_views([(False, "form"), (False, "list"), (False, "search")])
        env[model].search([]).read()
    for name, sale_id in orders.items():
        sale = env["sale.order"].browse(sale_id)
        purchase = sale.order_line.purchase_line_ids.order_id
        if purchase.state == "draft":
            purchase.button_confirm()
        if sale.order_line.qty_to_ship:
            _post(sale, sale.order_line.qty_to_ship)
        if sale.order_line.qty_to_invoice:
            _invoice(sale)
        _bill(purchase)
        quantity = purchase.order_line.product_qty
        assert sale.order_line.qty_delivered == quantity, name
        assert purchase.order_line.qty_received == quantity, name
        price = 8 if name == "agreed" else 12
        assert purchase.invoice_ids.amount_untaxed == price * quantity, name
        assert sum(sale.invoice_ids.mapped("amount_untaxed")) == 20 * quantity, name
        # Of a remainder that was closed there is something to order again.
        closed = quantity < sale.order_line.product_uom_qty
        assert sale.order_line.drop_shipment_state == (
            "partial" if closed else "done"
        ), name


def remove(env, addon):
    """Take an add-on out while orders are open, and finish them.

    :return: what it leaves behind
    """
    orders = open_orders(env)
    env.cr.commit()
    module = env["ir.module.module"].search([("name", "=", addon)])
    # Not those that it only changes.
    columns = [
        (env[field.model]._table, field.name)
        for field in env["ir.model.fields"].search([("store", "=", True)])
        if field.modules == addon
    ]
    if addon == KITS:
        with pytest.raises(UserError, match="parts of kits are still to be shipped"):
            module.button_immediate_uninstall()
        env.cr.rollback()
        sale = env["sale.order"].browse(orders["kit"])
        sale.order_line.purchase_line_ids.order_id.action_close_drop_shipment_remainder()
        env.cr.commit()
    module.button_immediate_uninstall()
    env.transaction.reset()
    finish(env, orders)
    env.cr.execute(
        "SELECT table_name || '.' || column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND (table_name, column_name) IN %s"
        " UNION ALL SELECT model || ' ' || name FROM ir_model_data WHERE module = %s",
        [tuple(columns) or (("", ""),), addon],
    )
    return [row[0] for row in env.cr.fetchall()]
