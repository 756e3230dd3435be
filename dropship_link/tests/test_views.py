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

    def test_required_fields_of_rows(self):
        """Each way to show rows has the required fields that another way has.

        The web client sends back what the shown view knows: a phone shows cards and a
        form in place of the list, and a row without its required field can't be saved.
        """
        checked = 0
        for view, arch in self._get_forms():
            for rows in arch.iter("field"):
                shown = {
                    child.tag: {
                        field.get("name")
                        for field in child.iter("field")
                        if next(field.iterancestors("list", "kanban", "form")) is child
                    }
                    for child in rows
                    if child.tag in ("list", "kanban", "form")
                }
                if not shown or rows.get("readonly"):
                    continue
                field = self.env[view.model]._fields[rows.get("name")]
                comodel = self.env[field.comodel_name]
                required = {
                    name
                    for name in set().union(*shown.values())
                    if comodel._fields[name].required
                }
                for tag, names in shown.items():
                    with self.subTest(view=view.xml_id, field=field.name, tag=tag):
                        self.assertLessEqual(required, names)
                        checked += 1
        self.assertGreater(checked, 6)
