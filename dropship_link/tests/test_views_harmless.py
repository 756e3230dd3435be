from collections import Counter
from types import SimpleNamespace

from lxml import etree

from odoo.tools.safe_eval import safe_eval

from .common import DropShipmentCommon

# What the view of an ordinary order knows: nothing of it is a drop shipment.
ORDINARY = {
    "sale.order": {"state": "sale", "locked": False},
    "purchase.order": {"state": "purchase", "locked": False},
}
# Core's nodes that say more than before, and the same of an ordinary order.
EXTENDED = {
    ("field", "dest_address_id"),
    ("button", "action_product_forecast_report"),
    ("button", "action_view_picking"),
}
# Shown on an ordinary order: chosen in the list of optional columns, or entered.
OFFERED = {
    ("sale.order", "drop_shipment"),
    ("purchase.order", "sell_to_customer_id"),
}


def is_true(expression, order):
    """Whether an expression of a view holds for an order; what it lacks is empty."""
    names = compile(expression, "view", "eval").co_names
    values = {name: order.get(name, False) for name in names}
    parent = SimpleNamespace(**values)
    return bool(safe_eval(expression, {**values, "parent": parent}))


class TestViewsHarmless(DropShipmentCommon):
    """What orders without a drop shipment show is what they show without the add-on."""

    def _get_arches(self, model):
        """Return the form of `model` without the add-on, and with it."""
        own = self.env["ir.ui.view"].search([("model", "=", model)])
        own = own.filtered(lambda view: (view.xml_id or "").startswith("dropship_link"))
        self.assertTrue(own)
        form = self.env["ir.ui.view"].browse(
            self.env["ir.ui.view"].default_view(model, "form")
        )
        arches = []
        for active in (False, True):
            own.active = active
            arches.append(etree.fromstring(form.get_combined_arch()))
        return arches

    def _describe(self, node):
        """Return what is to be seen of a node, or None of one without a name."""
        name = node.get("name") or node.get("id")
        if not isinstance(node.tag, str) or not name:
            return None
        if (node.tag, name) in EXTENDED:
            return (node.tag, name)
        return (node.tag, name, *sorted(node.attrib.items()))

    def _is_hidden(self, node, order):
        """Whether an ordinary order does not show this node."""
        return any(
            is_true(element.get(name, "False"), order)
            for element in (node, *node.iterancestors())
            for name in ("invisible", "column_invisible")
        )

    def _check_form(self, model):
        core, ours = self._get_arches(model)
        before = Counter(filter(None, map(self._describe, core.iter())))
        after = Counter(filter(None, map(self._describe, ours.iter())))
        self.assertFalse(before - after, "core's nodes are changed or gone")
        added = after - before
        for node in ours.iter():
            described = self._describe(node)
            if (
                not added.get(described)
                or (model, node.get("name")) in OFFERED
                or node.tag not in ("field", "button")
            ):
                continue
            with self.subTest(model=model, node=described):
                self.assertTrue(self._is_hidden(node, ORDINARY[model]))

    def test_sales_order(self):
        """An ordinary sales order has core's columns, widths, buttons and fields."""
        self._check_form("sale.order")

    def test_purchase_order(self):
        """An ordinary purchase order has core's columns, buttons and fields."""
        self._check_form("purchase.order")

    def test_order_of_columns(self):
        """Core's columns stand in core's order, with core's titles and defaults."""
        for model in ORDINARY:
            core, ours = (
                [
                    (node.get("name"), node.get("string"), node.get("optional"))
                    for node in arch.xpath("//field[@name='order_line']/list/field")
                ]
                for arch in self._get_arches(model)
            )
            with self.subTest(model=model):
                left = iter(ours)
                self.assertTrue(all(column in left for column in core))

    def test_ship_to_without_setting(self):
        """Sales sees and changes the ship-to, though Customer Addresses is off."""
        group = self.env.ref("account.group_delivery_invoice_address")
        # Some apps, as the web shop, switch it on.
        self.env.ref("base.group_user")._remove_group(group)
        self.assertNotIn(group, self.salesman.all_group_ids)
        sale = self._new_sale(confirm=False)
        self.assertTrue(sale.has_drop_shipment)
        arch = sale.get_view(view_type="form")["arch"]
        [node] = etree.fromstring(arch).xpath(
            "//field[@name='partner_shipping_id'][@widget]"
        )
        self.assertEqual(node.get("invisible"), "not has_drop_shipment")
        self.assertNotEqual(node.get("readonly"), "True")
        sale.partner_shipping_id = self.customer
        self.assertEqual(sale.partner_shipping_id, self.customer)
