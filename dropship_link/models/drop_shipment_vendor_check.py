import re
from collections import Counter
from datetime import date, timedelta
from math import isfinite

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .drop_shipment_posting import Row

# Characters of a number, and of a reason.
MAX_NUMBER, MAX_REASON = 100, 500
# How far a day may lie away: what is further is a slip of the pen.
MAX_DAYS = 730
# Tags, and what a spreadsheet takes for a formula.
MARKUP = re.compile(r"<[a-zA-Z/!?]")
FORMULA = re.compile(r"^\s*[=+@\t\r]|^\s*-\s*[^\s\w]")


class DropShipmentVendorCheck(models.AbstractModel):
    """Says what is wrong with a form of the vendor's page, field by field.

    Keys are (id of the purchase line, or 0; name of the field). Nothing is changed, and
    nothing is told of other orders.
    """

    _name = "drop.shipment.vendor.check"
    _description = "Checks of the Vendor's Page"

    # ------------------------------------------------------------
    # FORMS
    # ------------------------------------------------------------

    @api.model
    def _get_report_messages(self, order, quantities, lot_names, vals):
        """Return what is wrong with a report; see `drop.shipment.vendor.report`."""
        messages = {}
        for line in order.order_line.filtered("drop_shipment"):
            quantity = quantities.get(line.id) or 0.0
            left = line._get_drop_shipment_qty_outstanding()
            if message := self._get_quantity_message(line, quantity, left):
                messages[line.id, "quantity"] = message
            elif message := self._get_lots_message(
                line, quantity, lot_names.get(line.id) or ""
            ):
                messages[line.id, "lot_names"] = message
        if not messages and not any(quantities.values()):
            messages[0, "quantity"] = self.env._(
                "Enter on at least one line how much was shipped."
            )
        messages.update(self._get_shipment_messages(order, vals))
        return messages

    @api.model
    def _get_shipment_messages(self, order, vals):
        """Return what is wrong with day and numbers of a shipment."""
        messages = {}
        if message := self._get_shipped_day_message(
            order, vals.get("drop_shipment_date")
        ):
            messages[0, "drop_shipment_date"] = message
        for name in ("drop_shipment_delivery_note", "drop_shipment_tracking_ref"):
            if message := self._get_words_message(vals.get(name), MAX_NUMBER):
                messages[0, name] = message
        return messages

    @api.model
    def _get_decline_messages(self, order, quantities, reason):
        """Return what is wrong with declining; see `drop.shipment.vendor.report`."""
        messages = {}
        reported = self.env["drop.shipment.reported"]
        lines = order.order_line.filtered(lambda line: line.id in quantities)
        for line in lines:
            left = line._get_drop_shipment_qty_outstanding()
            left -= reported._get_line_quantity(line)
            if message := self._get_quantity_message(line, quantities[line.id], left):
                messages[line.id, "quantity"] = message
        if not messages and not any(
            quantities[line.id] or line.drop_shipment_qty_declined for line in lines
        ):
            messages[0, "quantity"] = self.env._(
                "Enter on at least one line how much you don't ship."
            )
        if not messages and any(quantities.values()) and not (reason or "").strip():
            messages[0, "reason"] = self.env._("Enter why you don't ship it.")
        elif message := self._get_words_message(reason, MAX_REASON):
            messages[0, "reason"] = message
        return messages

    @api.model
    def _get_date_messages(self, order, dates):
        """Return what is wrong with new dates; see `drop.shipment.vendor.report`."""
        messages = {}
        today = self.env["drop.shipment.vendor.report"]._get_today(order)
        for line in order.order_line.filtered(lambda line: line.id in dates):
            day = dates[line.id]
            if not isinstance(day, date):
                messages[line.id, "date"] = self.env._("Enter a day.")
            elif line.product_uom_id.is_zero(line._get_drop_shipment_qty_outstanding()):
                messages[line.id, "date"] = self.env._(
                    "Nothing is left to ship of this line: leave its day as it is."
                )
            elif not today <= day <= today + timedelta(days=MAX_DAYS):
                messages[line.id, "date"] = self.env._(
                    "The day can't be %(date)s: enter %(today)s or a day within two "
                    "years of it.",
                    date=format_date(self.env, day),
                    today=format_date(self.env, today),
                )
        return messages

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    @api.model
    def _get_quantity_message(self, line, quantity, left):
        """Return what is wrong with a quantity of a line, or "".

        :param float left: the most it may be, in the UoM of the line
        """
        try:
            is_number = isfinite(quantity)
        except TypeError:
            is_number = False
        if not is_number:
            return self.env._("Enter a number.")
        uom = line.product_uom_id
        if quantity < 0 or uom.compare(quantity, left) > 0:
            return self.env._(
                "Enter 0 to %(left)s: that is what is left to ship.",
                left=uom.with_env(self.env)._format_drop_shipment_qty(left),
            )
        if quantity and uom.is_zero(quantity):
            return self.env._(
                "That is too little to be counted in %(unit)s: enter 0 or more.",
                unit=uom.with_env(self.env).name,
            )
        return ""

    @api.model
    def _get_words_message(self, text, length):
        """Return what is wrong with words that the vendor typed, or ""."""
        text = text or ""
        if len(text) > length:
            return self.env._(
                "That is too long: enter no more than %(length)s characters.",
                length=length,
            )
        # But for line breaks all characters can be seen.
        is_plain = all(char.isprintable() or char in "\n\r\t" for char in text)
        if MARKUP.search(text) or FORMULA.search(text) or not is_plain:
            return self.env._(
                "Enter plain words: no HTML, and no formula that starts with a sign."
            )
        return ""

    @api.model
    def _get_shipped_day_message(self, order, day):
        """Return what is wrong with the day of a shipment, or ""; empty is today."""
        if not day:
            return ""
        if not isinstance(day, date):
            return self.env._("Enter a day.")
        today = self.env["drop.shipment.vendor.report"]._get_today(order)
        first = today - timedelta(days=MAX_DAYS)
        if not first <= day <= today:
            return self.env._(
                "The day can't be %(date)s: enter %(first)s to %(today)s.",
                date=format_date(self.env, day),
                first=format_date(self.env, first),
                today=format_date(self.env, today),
            )
        if day < today and order.company_id._get_drop_shipment_locks(day):
            return self.env._(
                "The day can't be %(date)s: %(company)s has closed its books for it. "
                "Enter a later day.",
                date=format_date(self.env, day),
                company=order.company_id.name,
            )
        return ""

    # ------------------------------------------------------------
    # LOTS
    # ------------------------------------------------------------

    @api.model
    def _get_lots_message(self, line, quantity, text):
        """Return what is wrong with the lots or serials of a line, or "".

        :param float quantity: what is reported, in the UoM of the purchase line
        :param str text: one a line, lots with their quantity behind
        """
        tracking = self.env["drop.shipment.vendor.report"]._get_tracking(line)
        if tracking == "none" or not quantity:
            if not text.strip():
                return ""
            if quantity:
                return self.env._("Leave it empty: it has no lots or serial numbers.")
            return self.env._("Enter how much was shipped, too.")
        if not text.strip():
            if tracking == "serial":
                return self.env._("Enter the serial numbers, one a line.")
            return self.env._(
                "Enter the lots, one a line, with their quantity behind: LOT-1;6."
            )
        return self._get_names_message(line, quantity, text)

    @api.model
    def _get_names_message(self, line, quantity, text):
        """Return what is wrong with lots or serials that were entered, or ""."""
        sale_line = line.drop_shipment_sale_line_id
        quantity = line.product_uom_id._compute_quantity(
            quantity, sale_line.product_uom_id, rounding_method="HALF-UP"
        )
        row = Row(sale_line, line, quantity, text.strip())
        service = self.env["drop.shipment.lots"]
        try:
            lots = service._parse(
                service._get_numbers(row, line._get_drop_shipment_label())
            )
        except UserError:
            return self.env._(
                "These are not the %(quantity)s that were shipped: enter one serial "
                "number a line, or lots with their quantity, as in LOT-1;6.",
                quantity=sale_line.with_env(self.env)._format_drop_shipment_qty(
                    quantity
                ),
            )
        return self._get_used_message(line, line.product_id, lots)

    @api.model
    def _get_used_message(self, line, product, lots):
        """Return what is wrong with the names of lots or serials, or "".

        :param product: what they are of
        :param list lots: as of `drop.shipment.lots._parse`
        """
        names = [lot["lot_name"] for lot in lots]
        for name in names:
            if message := self._get_words_message(name, MAX_NUMBER):
                return message
        if product.tracking != "serial":
            return ""
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice := twice or self._get_shipped_serials(line, product, names):
            return self.env._(
                "Serial number %(name)s was entered or shipped before: enter another "
                "one.",
                name=twice[0],
            )
        return ""

    @api.model
    def _get_shipped_serials(self, line, product, names):
        """Return those of these serial numbers of a product that are somewhere already.

        With a customer or in own stock, or reported on another transfer.
        """
        company = line.order_id.company_id
        quants = self.env["stock.quant"].sudo()
        found = quants.search(
            [
                ("product_id", "=", product.id),
                ("lot_id.name", "in", names),
                ("quantity", ">", 0),
                ("location_id.usage", "in", ("internal", "customer", "transit")),
                ("company_id", "in", (False, company.id)),
            ]
        ).lot_id.mapped("name")
        move_lines = self.env["stock.move.line"].sudo()
        found += move_lines.search(
            [
                ("product_id", "=", product.id),
                ("lot_name", "in", names),
                ("state", "not in", ("done", "cancel")),
                ("company_id", "=", company.id),
                ("move_id.purchase_line_id.order_id", "!=", line.order_id.id),
            ]
        ).mapped("lot_name")
        return sorted(set(found))
