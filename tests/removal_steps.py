"""What runs inside Odoo as a small add-on goes while documents are open.

Each function runs by ``harness.shell.run``.
"""

import pytest

from odoo.exceptions import UserError
from odoo.fields import Command

from tests.install_steps import _bill, _invoice, _product, _sale

KITS, TILL = "dropship_link_mrp", "dropship_link_pos_sale"
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
PAPERS = {
    "sale.order": ("sale.report_saleorder",),
    "drop.shipment.report": ("dropship_link.report_drop_shipment_status",),
    "purchase.order": (
        "purchase.report_purchaseorder",
        "dropship_link.report_drop_shipment_packing_slip",
    ),
    "stock.picking": (
        "stock.report_deliveryslip",
        "dropship_link.report_drop_shipment_slip",
    ),
    "account.move": ("account.report_invoice",),
}
# What no add-on may change as it comes or goes.
KEPT = {
    "sale.order.line": (
        "product_uom_qty",
        "price_unit",
        "qty_delivered",
        "qty_invoiced",
        "drop_shipment_state",
        "qty_to_ship",
    ),
    "purchase.order.line": (
        "product_qty",
        "price_unit",
        "qty_received",
        "qty_invoiced",
    ),
    "stock.move": ("product_uom_qty", "quantity", "state", "value"),
}


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


def _is_there(env, addon):
    """Whether this small add-on is installed."""
    module = env["ir.module.module"].search([("name", "=", addon)])
    return module.state == "installed"


def _pay(sale):
    """Pay for a sales order at the till."""
    env = sale.env
    till = env["pos.config"].search([("name", "=", "Till")])
    till = till or env["pos.config"].create({"name": "Till"})
    if not till.current_session_id:
        env["pos.session"].create({"config_id": till.id, "user_id": env.uid})
    line, total = sale.order_line, sale.amount_total
    env["pos.order"].create(
        {
            "session_id": till.current_session_id.id,
            "partner_id": sale.partner_id.id,
            "amount_tax": 0.0,
            "amount_total": total,
            "amount_paid": total,
            "amount_return": 0.0,
            "lines": [
                Command.create(
                    {
                        "product_id": line.product_id.id,
                        "qty": line.product_uom_qty,
                        "price_unit": line.price_unit,
                        "price_subtotal": total,
                        "price_subtotal_incl": total,
                        "sale_order_line_id": line.id,
                        "sale_order_origin_id": sale.id,
                    }
                )
            ],
        }
    ).state = "paid"


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


def open_orders(env, is_paid=None):
    """Open orders of each kind: what is shipped in part, ordered or only requested.

    :param bool is_paid: one is paid at the till, whether its add-on is there or not
    """
    names = ["part", "shop"]
    names += ["paid"] if is_paid or _is_there(env, TILL) else []
    products = {name: _product(env, name.title()) for name in names}
    if _is_there(env, KITS):
        products["kit"] = _kit(env)
    sales = {
        name: _sale(env, product, drop_shipment=True)
        for name, product in products.items()
    }
    sales["shop"].website_id = env["website"].search([], limit=1)
    for name, sale in sales.items():
        _order(sale)
        if name == "paid":
            _pay(sale)
            _post(sale, 4, option="ship")
        elif name != "shop":
            _post(sale, 4, option="ship_invoice", tracking_ref="T1")
            assert sale.order_line.qty_delivered == 4
    sales["agreed"] = _new_agreed(env)
    return {name: sale.id for name, sale in sales.items()}


def kept(env, orders):
    """What the orders say of quantities, states, prices and values.

    But for what was paid at the till, which only its add-on counts rightly.
    """
    lines = env["sale.order.line"]
    for name, sale_id in orders.items():
        if name != "paid":
            lines |= env["sale.order"].browse(sale_id).order_line
    env.flush_all()
    env.invalidate_all()
    return [
        [record[field] for field in KEPT[record._name]]
        for records in (lines, lines.purchase_line_ids, lines.move_ids.sorted("id"))
        for record in records
    ]


def look(env):
    """Each document can be opened and printed, and all pages can be put together."""
    for model in MODELS:
        env[model].get_views([(False, "form"), (False, "list"), (False, "search")])
        env[model].search([]).read()
    for model, papers in PAPERS.items():
        for paper in papers:
            env["ir.actions.report"]._render_qweb_html(paper, env[model].search([]).ids)
    views = env["ir.ui.view"].search(
        [
            ("type", "=", "qweb"),
            ("mode", "=", "primary"),
            ("inherit_children_ids", "!=", False),
        ]
    )
    for view in views:
        view._get_combined_arch()


def _finish_order(sale):
    """Ship, invoice and bill all that is left of a sales order."""
    purchase = sale.order_line.purchase_line_ids.order_id
    if purchase.state == "draft":
        purchase.button_confirm()
    if sale.order_line.qty_to_ship:
        _post(sale, sale.order_line.qty_to_ship)
    if sale.order_line.qty_to_invoice:
        _invoice(sale)
    _bill(purchase)
    return purchase


def finish(env, orders):
    """Each document can be opened, and the orders come to their end."""
    look(env)
    for name, sale_id in orders.items():
        sale = env["sale.order"].browse(sale_id)
        if name == "paid" and sale.order_line.drop_shipment_state == "done":
            continue
        purchase = _finish_order(sale)
        quantity = purchase.order_line.product_qty
        assert sale.order_line.qty_delivered == quantity, name
        assert purchase.order_line.qty_received == quantity, name
        price = 8 if name == "agreed" else 12
        assert purchase.invoice_ids.amount_untaxed == price * quantity, name
        invoiced = 0 if name == "paid" else 20 * quantity
        assert sum(sale.invoice_ids.mapped("amount_untaxed")) == invoiced, name
        # Of a remainder that was closed there is something to order again.
        closed = quantity < sale.order_line.product_uom_qty
        assert sale.order_line.drop_shipment_state == (
            "partial" if closed else "done"
        ), name


def _try_to_remove(env, module, orders):
    """Remove an add-on, once what only it can count is settled."""
    refusals = {
        KITS: ("kit", "still to ship kits on"),
        TILL: ("paid", "what was paid at the till on"),
    }
    if module.name in refusals:
        name, words = refusals[module.name]
        with pytest.raises(UserError, match=words):
            module.button_immediate_uninstall()
        env.cr.rollback()
        sale = env["sale.order"].browse(orders[name])
        if name == "kit":
            purchase = sale.order_line.purchase_line_ids.order_id
            purchase.action_close_drop_shipment_remainder()
        else:
            _finish_order(sale)
        env.cr.commit()
    before = kept(env, orders)
    module.button_immediate_uninstall()
    env.transaction.reset()
    assert kept(env, orders) == before


def remove_all(env, addons):
    """Take add-ons out, one after the other, then open orders without them.

    :return: {add-on: what it leaves behind}, the orders, and what they say
    """
    left = {}
    for addon in addons:
        left[addon] = _remove(env, addon)
        env.cr.commit()
    orders = open_orders(env, is_paid=True)
    return left, orders, kept(env, orders)


def go_on(env, orders):
    """Finish the orders, now that all add-ons are back; return what they said."""
    said = kept(env, orders)
    finish(env, orders)
    return said


def _remove(env, addon):
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
    _try_to_remove(env, module, orders)
    finish(env, orders)
    env.cr.execute(
        "SELECT table_name || '.' || column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND (table_name, column_name) IN %s"
        " UNION ALL SELECT model || ' ' || name FROM ir_model_data WHERE module = %s",
        [tuple(columns) or (("", ""),), addon],
    )
    return [row[0] for row in env.cr.fetchall()]
