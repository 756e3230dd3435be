import io
import re
from pathlib import Path

import polib
from lxml import etree

from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path
from odoo.tools.translate import trans_export

# Found by code, in the words of the code.
SUBJECT = "{{ object._get_drop_shipment_mail_subject() }}"
# What a translation must keep: placeholders, tags with their attributes, expressions.
KEPT = re.compile(
    r"%\(\w+\)[a-z]|%[a-z]|</?[a-z][^>]*>|\{\{|\}\}|\b(?:object|user)\.[\w.]+"
)
# Terms that read the same in a language. They stay empty: oca-checks-po wants it so.
SAME = {
    "de": {
        "%(order)s (%(vendor)s)",
        "<strong>Status</strong>",
        "ID",
        "OK",
        "Option",
        "Status",
        "Transfer",
    },
    "es": {"%(order)s (%(vendor)s)", "ID", "Total"},
    "fr": {
        "%(order)s (%(vendor)s)",
        "Contact",
        "Description",
        "ID",
        "OK",
        "Option",
        "Total",
    },
    "nl": {
        "%(order)s (%(vendor)s)",
        "<strong>Order</strong>",
        "<strong>Product</strong>",
        "<strong>Status</strong>",
        "Contact",
        "ID",
        "OK",
        "Order",
        "Orders:",
        "Product",
        "Status",
    },
}


@tagged("post_install", "-at_install")
class TestI18n(TransactionCase):
    """The template has all terms, and each translation has all of the template."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = Path(file_path("dropship_link/i18n"))
        cls.template = polib.pofile(str(folder / "dropship_link.pot"))
        cls.translations = {
            path.stem: polib.pofile(str(path)) for path in folder.glob("*.po")
        }

    def _get_terms(self, entries):
        """Return the terms to translate of `entries`."""
        return {entry.msgid for entry in entries if not entry.obsolete}

    def _leave_out_others(self, entries):
        """Return the entries without those that are not what this add-on says.

        Other modules extend its fields in their own words, of their own template, and
        have fields of their own on records that are here, too, such as models.
        """
        addon = self.env["ir.module.module"].search([("name", "=", "dropship_link")])
        known = addon.upstream_dependencies(exclude_states=("uninstallable",))
        known = {"dropship_link", *known.mapped("name")}
        extended = {
            f"dropship_link.field_{model.replace('.', '_')}__{name}"
            for model, records in self.env.items()
            for name, field in records._fields.items()
            if "dropship_link" in field._modules
            and not known.issuperset(field._modules)
        }

        def is_own(place):
            _kind, _colon, source = place.partition(":")
            source, _colon, xmlid = source.rpartition(":")
            model, _comma, name = source.partition(",")
            field = model in self.env and self.env[model]._fields.get(name)
            return xmlid not in extended and (
                not field or not known.isdisjoint(field._modules)
            )

        return [
            entry
            for entry in entries
            if any(is_own(place) for place, _line in entry.occurrences)
        ]

    def test_template_is_up_to_date(self):
        """A fresh export has the terms of the template, no more and no less."""
        buffer = io.BytesIO()
        trans_export(False, ["dropship_link"], buffer, "po", self.env)
        export = polib.pofile(buffer.getvalue().decode())
        export = self._get_terms(self._leave_out_others(export))
        terms = self._get_terms(self._leave_out_others(self.template))
        self.assertFalse(export - terms, "terms that the template lacks")
        self.assertFalse(terms - export, "terms of the template that are gone")

    def test_translations_exist(self):
        self.assertLessEqual({"de", "es", "fr", "nl"}, set(self.translations))

    def test_translations_have_all_terms(self):
        for lang, translation in self.translations.items():
            with self.subTest(lang=lang):
                self.assertEqual(translation.metadata["Language"], lang)
                self.assertEqual(
                    self._get_terms(translation), self._get_terms(self.template)
                )

    def test_translations_are_complete(self):
        for lang, translation in self.translations.items():
            with self.subTest(lang=lang):
                self.assertFalse([entry.msgid for entry in translation if entry.fuzzy])
                empty = {entry.msgid for entry in translation if not entry.msgstr}
                self.assertEqual(empty, SAME.get(lang, set()) | {SUBJECT})

    def test_translations_keep_placeholders(self):
        for lang, translation in self.translations.items():
            for entry in translation.translated_entries():
                with self.subTest(lang=lang, term=entry.msgid):
                    self.assertCountEqual(
                        KEPT.findall(entry.msgstr), KEPT.findall(entry.msgid)
                    )

    def test_headings_differ(self):
        """What is to invoice and what the vendor is to bill stand side by side."""
        view = self.env.ref("dropship_link.drop_shipment_report_view_list")
        report = self.env["drop.shipment.report"].with_context(lang="en_US")
        headings = [
            field.get("string") or report._fields[field.get("name")].string
            for field in etree.fromstring(view.arch_db).iter("field")
            if not field.get("column_invisible")
        ]
        for lang, translation in self.translations.items():
            words = {entry.msgid: entry.msgstr for entry in translation}
            with self.subTest(lang=lang):
                shown = [words.get(heading) or heading for heading in headings]
                self.assertEqual(sorted(shown), sorted(set(shown)))
