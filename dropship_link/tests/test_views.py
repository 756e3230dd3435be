from lxml import etree

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestViews(TransactionCase):
    """What the web client needs of a view, on a desktop and on a phone."""

    def _get_forms(self):
        """Return (view, its arch as shown) of each form of a model of the add-on."""
        names = [
            name
            for name, model in self.env.registry.items()
            if model._original_module == "dropship_link" and not model._abstract
        ]
        views = self.env["ir.ui.view"].search(
            [("model", "in", names), ("type", "=", "form"), ("mode", "=", "primary")]
        )
        for view in views:
            arch = self.env[view.model].get_view(view.id, "form")["arch"]
            yield view, etree.fromstring(arch)

    def _get_rows(self):
        """Return (view, field, {tag: arch of a way to show it}) of rows in forms."""
        for view, arch in self._get_forms():
            for rows in arch.iter("field"):
                ways = {
                    child.tag: child
                    for child in rows
                    if child.tag in ("list", "kanban", "form")
                }
                if ways:
                    yield view, rows, ways

    def _get_nodes(self, way):
        """Return the nodes of fields that are shown this way, not in rows of rows."""
        for node in way.iter("field"):
            if next(node.iterancestors("list", "kanban", "form")) is way:
                yield node

    def _get_needed(self, comodel, ways):
        """Return the fields that a row needs, however it is shown.

        Those without which it can't be saved, and those that somebody may enter: the
        dialog proposes a value, which the web client sends back if it has the field.
        """
        return {
            node.get("name")
            for way in ways.values()
            for node in self._get_nodes(way)
            for field in [comodel._fields[node.get("name")]]
            if field.required
            or (field.store and not field.readonly and node.get("readonly") != "1")
        }

    def test_needed_fields_of_rows(self):
        """Each way to show rows has the fields that another way needs.

        The web client sends back what the shown view knows: a phone shows cards and a
        form in place of the list. A row without its required field can't be saved, and
        what a card does not know of a row's proposal, as its lots, is lost.
        """
        checked = 0
        for view, rows, ways in self._get_rows():
            if rows.get("readonly"):
                continue
            field = self.env[view.model]._fields[rows.get("name")]
            needed = self._get_needed(self.env[field.comodel_name], ways)
            for tag, way in ways.items():
                names = {node.get("name") for node in self._get_nodes(way)}
                with self.subTest(view=view.xml_id, field=field.name, tag=tag):
                    self.assertLessEqual(needed, names)
                    checked += 1
        self.assertGreater(checked, 12)

    def test_every_row_has_cards(self):
        """Rows are cards on a phone, which has no room for the columns of a list."""
        for view, rows, ways in self._get_rows():
            with self.subTest(view=view.xml_id, field=rows.get("name")):
                self.assertIn("kanban", ways)

    def test_cards_open_a_form_of_ours(self):
        """A card that is touched opens a form made for it, or nothing.

        Without a form in the view the web client makes one of all fields of the model.
        """
        for view, rows, ways in self._get_rows():
            opens = ways["kanban"].get("can_open", "1") not in ("0", "False", "false")
            with self.subTest(view=view.xml_id, field=rows.get("name")):
                self.assertEqual(opens, "form" in ways)

    def test_cards_of_order_lines_know_the_ticks(self):
        """The lines of orders are cards on a phone that know what their form needs."""
        needed = {
            "sale.order": {"drop_shipment", "drop_shipment_vendor_id", "qty_to_ship"},
            "purchase.order": {"drop_shipment", "drop_shipment_sale_ref"},
        }
        buttons = {
            "sale.order": set(),
            "purchase.order": {
                "action_unlink_drop_shipment",
                "action_close_drop_shipment_remainder",
                "action_waive_drop_shipment_remainder",
            },
        }
        for model, names in needed.items():
            arch = etree.fromstring(self.env[model].get_view(view_type="form")["arch"])
            [card] = arch.xpath("//field[@name='order_line']/kanban")
            [table] = arch.xpath("//field[@name='order_line']/list")
            with self.subTest(model=model):
                self.assertLessEqual(
                    names, {node.get("name") for node in self._get_nodes(card)}
                )
                for way in (card, table):
                    shown = {node.get("name") for node in way.iter("button")}
                    self.assertLessEqual(buttons[model], shown)
