import re

from odoo import api, models

# A serial number for each of some thousand pieces.
LOTS_LENGTH = 200_000
# Characters of pictures and spreadsheets, by which a file is known to be no text.
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
SEPARATORS = ";\t"
# Behind a semicolon or a tab a comma may stand before decimals.
QUANTITY = re.compile(r"[0-9]{1,12}([.,][0-9]{1,9})?")
COUNT = re.compile(r"[0-9]{1,12}([.][0-9]{1,9})?")


class DropShipmentVendorLots(models.AbstractModel):
    """Lots and serials that a vendor writes on their page, or hands in as a file.

    One a line, a lot with its quantity behind a semicolon, a comma or a tab. Both are
    read by the same rules; a file is not kept.
    """

    _name = "drop.shipment.vendor.lots"
    _description = "Lots on the Vendor's Page"

    @api.model
    def _parse(self, order, form, errors):
        """Return {purchase line id: its numbers, one a line}.

        What a file says is put into the form, so that it is shown again if anything
        else of the form is wrong: a browser does not send the file twice.

        :param dict form: name of field to value, a text or a file
        :param dict errors: gets what is wrong, see `drop.shipment.vendor.page`
        """
        page = self.env["drop.shipment.vendor.page"]
        typed = page._get_own_lines(order, form, "lot_names", errors)
        files = page._get_own_lines(order, form, "lot_file", errors)
        lot_names = {}
        for line in typed.keys() | files.keys():
            text = typed.get(line, "")
            value = form.get(f"lot_file_{line.id}")
            if isinstance(value, tuple) and any(value):
                if message := self._get_file_message(line, text, value[1]):
                    errors[line.id, "lot_file"] = message
                    continue
                form[f"lot_names_{line.id}"] = text = self._read(value[1])
            if len(text) > LOTS_LENGTH:
                errors[line.id, "lot_names"] = page._get_length_text(LOTS_LENGTH)
            elif message := self._get_columns_message(text):
                errors[line.id, "lot_names"] = message
            else:
                lot_names[line.id] = self._clean(text)
        return lot_names

    @api.model
    def _is_typed(self, line, text):
        """Whether the text is another one than what the page has filled in itself."""
        reported = self.env["drop.shipment.reported"]
        moves = reported._filter_reported(line._get_drop_shipment_open_moves())
        known = reported._get_lot_names(moves)
        return bool(text.strip()) and self._clean(text) != self._clean(known)

    @api.model
    def _get_file_message(self, line, typed, content):
        """Return what is wrong with a file of numbers of a purchase line, or "".

        By what is in it: its name and kind say nothing.

        :param str typed: what is written beside it
        """
        if self._is_typed(line, typed):
            return self.env._("Choose a file or write the numbers above, not both.")
        if len(content) > LOTS_LENGTH:
            return self.env._(
                "This file is too large: %(size)s kB are the most.",
                size=LOTS_LENGTH // 1000,
            )
        text = self._decode(content)
        if text is None:
            return self.env._(
                "This file can't be read: choose a text or CSV file, with one number "
                "a line."
            )
        if not text.strip():
            return self.env._("This file is empty.")
        return ""

    @api.model
    def _read(self, content):
        """Return what a file says that `_get_file_message` lets pass."""
        lines = self._decode(content).strip().splitlines()
        return "\n".join(line.rstrip() for line in lines)

    @api.model
    def _decode(self, content):
        """Return the text of a file, or None if it has none."""
        encodings = ["utf-8-sig", "cp1252"]
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            encodings = ["utf-16"]
        for encoding in encodings:
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            return None if CONTROL.search(text) else text
        return None

    @api.model
    def _get_columns_message(self, text):
        """Return which line has words instead of a quantity, or ""."""
        for number, line in enumerate(text.splitlines(), start=1):
            name, *columns = re.split(r"[;\t]", line.strip())
            if name and any(columns) and not re.search(r"[0-9]", "".join(columns)):
                return self.env._(
                    "Line %(number)s has no quantity behind the separator: write "
                    "LOT-1;6, for example, and no heading.",
                    number=number,
                )
        return ""

    @api.model
    def _clean(self, text):
        """Return numbers as `drop.shipment.lots` reads them, one a line."""
        return "\n".join(filter(None, map(self._clean_line, text.splitlines())))

    @api.model
    def _clean_line(self, line):
        """Return one line: the number, and its quantity behind a semicolon."""
        line = line.strip(f"{SEPARATORS}, ")
        at, pattern = max(map(line.rfind, SEPARATORS)), QUANTITY
        if at < 0:
            at, pattern = line.rfind(","), COUNT
        name, quantity = line[: max(at, 0)], self._unquote(line[at + 1 :])
        clean = self.env["drop.shipment.vendor.page"]._clean
        if name.strip() and pattern.fullmatch(quantity):
            return f"{clean(self._unquote(name))};{quantity.replace(',', '.')}"
        return clean(self._unquote(line).replace("\t", ";"))

    @api.model
    def _unquote(self, text):
        """Return a text without the quotes that a spreadsheet puts around it."""
        text = text.strip()
        if len(text) > 1 and text.startswith('"') and text.endswith('"'):
            return text[1:-1].replace('""', '"')
        return text
