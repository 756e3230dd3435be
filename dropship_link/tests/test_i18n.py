import io
import re
from pathlib import Path

import polib

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
        "Drop",
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

    def test_template_is_up_to_date(self):
        """A fresh export has the terms of the template, no more and no less."""
        buffer = io.BytesIO()
        trans_export(False, ["dropship_link"], buffer, "po", self.env)
        export = self._get_terms(polib.pofile(buffer.getvalue().decode()))
        terms = self._get_terms(self.template)
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
