import logging
import re

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from .drop_shipment_vendor_bill import MAX_SIZE
from .drop_shipment_vendor_check import MAX_NUMBER, MAX_REASON
from .drop_shipment_vendor_report import VendorRefusal

_logger = logging.getLogger(__name__)

# No sign, no exponent, no "nan": what people write.
NUMBER = re.compile(r"[+-]?[0-9]{1,12}([.][0-9]{0,9})?")
LINE_FIELD = re.compile(r"(quantity|lot_names|lot_file|date)_([0-9]{1,9})")


class DropShipmentVendorPage(models.AbstractModel):
    """What the vendor's page of an order shows, and what its forms bring.

    A form is read here into numbers, days and clean texts; what they may be is up to
    `drop.shipment.vendor.report` and `drop.shipment.vendor.bill`. Messages are for the
    vendor: they are shown beside the field, as {(purchase line id or 0, field): text}.

    `order` is always a purchase order in sudo: who calls has checked that the visitor
    may see it.
    """

    _name = "drop.shipment.vendor.page"
    _description = "Vendor's Page of Drop Shipments"

    # ------------------------------------------------------------
    # PAGE
    # ------------------------------------------------------------

    @api.model
    def _get_values(self, order, **shown):
        """Return what the page of `order` shows.

        :param shown: `may_answer`, whether the visitor speaks for the vendor; `told`,
            what was done; `wrong`, why nothing was; `asked`, whether the link asks for
            an answer; `answer`, which form was sent, `form`, what was typed on it, and
            `errors`, what is wrong with that
        :return: dict
        """
        report = self.env["drop.shipment.vendor.report"]
        permission = report._get_permission(order)
        open_lines = self._get_open_lines(order)
        values = {
            **self._get_base_values(order, open_lines),
            "permission": permission,
            **shown,
        }
        may_answer = (
            values["may_answer"] and permission != "read" and order.state == "purchase"
        )
        if may_answer:
            lines = report._get_lines(order)
            values.update(
                seen=report._get_seen(order),
                report=report._get_report(order),
                open_lines=[
                    row
                    for row in lines
                    if row["line"].product_uom_id.compare(row["open"], 0.0) > 0
                ],
            )
        values.update(
            may_answer=may_answer,
            # Who has reported or declined all of it need not say so again.
            may_accept=bool(
                may_answer
                and open_lines - open_lines._filter_answered()
                and not order.acknowledged
            ),
        )
        has_form = values["answer"] == "bill" or (
            open_lines and values["answer"] in ("ship", "dates", "decline")
        )
        if values["errors"] and not (may_answer and has_form):
            values["wrong"] = next(iter(values["errors"].values()))
        return values

    @api.model
    def _get_base_values(self, order, open_lines):
        """Return what the page shows whoever visits it, before anything was sent.

        :param open_lines: as of `_get_open_lines`
        """
        return {
            "status": self._get_status(order, open_lines),
            "late": self.env["drop.shipment.mail"]._get_reminder_values(order)
            if open_lines
            else {"due": False, "lines": []},
            "may_answer": True,
            "told": "",
            "wrong": "",
            "asked": False,
            "answer": "",
            "errors": {},
            "form": {},
            "shipments": self.env["drop.shipment.vendor.shipments"]._get_shipments(
                order
            ),
            # In MB.
            "max_size": MAX_SIZE // (1024 * 1024),
            "today": self.env["drop.shipment.vendor.report"]._get_today(order),
            "format_number": self._format_number,
            "get_day": self._get_day,
            "get_name": self._get_name,
        }

    @api.model
    def _get_open_lines(self, order):
        """Return the lines of which something is to ship."""
        lines = order.order_line
        # What is asked of each order of a list is read for all at once.
        return lines.filtered(
            lambda line: line._get_drop_shipment_open_moves()
        ).with_prefetch(lines._prefetch_ids)

    @api.model
    def _get_status(self, order, open_lines):
        """Return how the order stands, if nothing is to ship: (colour, text)."""
        if order.state == "cancel":
            return "danger", self.env._(
                "This order is cancelled. Please do not ship anything."
            )
        if order.state != "purchase":
            return "info", self.env._(
                "This is not an order yet. Please do not ship anything before we order."
            )
        if not open_lines:
            return "success", self.env._("Nothing of this order is left to ship.")
        return None

    @api.model
    def _format_number(self, quantity):
        """Return a number as forms want it: a point, and no needless zeros."""
        return f"{quantity:.6f}".rstrip("0").rstrip(".")

    @api.model
    def _get_name(self, line):
        """Return what the vendor calls a purchase line: the first line of its text."""
        return (line.name or "").split("\n")[0]

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    @api.model
    def _get_answers(self):
        """Return {name of a form: method that does what it says}."""
        return {
            "accept": self._answer_accept,
            "ship": self._answer_ship,
            "withdraw": self._answer_withdraw,
            "dates": self._answer_dates,
            "decline": self._answer_decline,
            "bill": self._answer_bill,
        }

    @api.model
    def _answer(self, order, answer, form):
        """Do what the vendor says on a form; return the messages if it can't be done.

        Nothing is changed if there are any.

        :param str answer: which form, a key of `_get_answers`
        :param dict form: name of field to value, a text or a file
        :return: dict of messages
        """
        try:
            self.env["drop.shipment.vendor.report"]._check_may(order)
        except UserError as refusal:
            return {(0, "form"): str(refusal)}
        if answer == "bill":
            # Core's import of a file commits, which ends a savepoint.
            return self._answer_bill(order, form)
        try:
            with self.env.cr.savepoint():
                return self._get_answers()[answer](order, form) or {}
        except VendorRefusal as refusal:
            return refusal.messages
        except UserError:
            # The words are for our own people: they may name other documents.
            return {(0, "form"): self._get_failure_text()}
        except (OperationalError, ConcurrencyError):
            # Somebody else writes the same rows: Odoo tries again.
            raise
        except Exception:
            # A vendor without a login can't ask our people what went wrong: the page
            # says that nothing was changed, the log says why.
            _logger.exception("Answer %s of the vendor on %s", answer, order.name)
            return {(0, "form"): self._get_failure_text()}

    @api.model
    def _get_failure_text(self):
        return self.env._(
            "This could not be saved, and nothing was changed. Please reload the page "
            "and try again, or write to us."
        )

    @api.model
    def _get_stale_text(self):
        return self.env._(
            "The order has changed since you opened this page, and nothing was saved. "
            "The page now shows it as it is: please look at it again."
        )

    @api.model
    def _get_limit_text(self):
        return self.env._(
            "There were too many changes in the last hour, and nothing was saved. "
            "Please try again later, or write to us."
        )

    @api.model
    def _get_told_text(self, order, answer):
        """Return what the vendor is told when an answer was taken."""
        if answer == "ship":
            # Where the vendor may post, it waits all the same if Odoo has a question.
            if not self.env["drop.shipment.vendor.report"]._get_report(order):
                return self.env._("Thank you. The shipment is posted.")
            return self.env._(
                "Thank you. We were told of the shipment. Until we have posted it, you "
                "can correct it or take it back."
            )
        return {
            "accept": self.env._("Thank you. You have accepted the order."),
            "withdraw": self.env._("The reported shipment is taken back."),
            "dates": self.env._("Thank you. We were told of the new dates."),
            "decline": self.env._(
                "We were told what you can't ship. We will come back to you."
            ),
            "bill": self.env._("Thank you. We have received the bill."),
        }[answer]

    @api.model
    def _answer_accept(self, order, _form):
        self.env["drop.shipment.vendor.answer"]._accept(order)

    @api.model
    def _answer_withdraw(self, order, _form):
        self.env["drop.shipment.vendor.report"]._withdraw(order)

    @api.model
    def _answer_ship(self, order, form):
        report = self.env["drop.shipment.vendor.report"]
        errors = {}
        quantities = self._parse_quantities(order, form, errors)
        lots = self.env["drop.shipment.vendor.lots"]
        lot_names = lots._parse(order, form, errors)
        vals = self._parse_shipment(form, errors)
        if not errors:
            report._report(order, quantities, lot_names, vals)
        return errors

    @api.model
    def _answer_decline(self, order, form):
        errors = {}
        quantities = self._parse_quantities(order, form, errors)
        reason = self._parse_text(form, "reason", errors, MAX_REASON)
        if not errors:
            answer = self.env["drop.shipment.vendor.answer"]
            answer._decline(order, quantities, reason)
        return errors

    @api.model
    def _answer_dates(self, order, form):
        errors = {}
        dates = self._parse_dates(order, form, errors)
        if not errors and not dates:
            errors[0, "form"] = self.env._("Choose another date for a line first.")
        if not errors:
            self.env["drop.shipment.vendor.answer"]._set_dates(order, dates)
        return errors

    @api.model
    def _check_calendar(self, order):
        """Refuse dates that come by core's own page where ours takes none.

        :raise AccessError, UserError: the order can't be answered
        """
        report = self.env["drop.shipment.vendor.report"]
        is_request = order.state in ("draft", "sent")
        if not is_request or report._get_permission(order) == "read":
            report._check_may(order)

    @api.model
    def _answer_bill(self, order, form):
        bill = self.env["drop.shipment.vendor.bill"]
        errors = {}
        vals = {
            "ref": self._parse_text(form, "ref", errors),
            "invoice_date": self._parse_date(form, "invoice_date", errors),
        }
        file = form.get("file")
        # A text where the file should be is none.
        name, content = file if isinstance(file, tuple) else ("", b"")
        errors.update(bill._check_bill(order, content, vals))
        if not errors:
            try:
                bill._hand_in(order, self._clean(name), content, vals)
            except UserError:
                # The words are for our own people, as in `_answer`.
                errors[0, "form"] = self._get_failure_text()
        return errors

    # ------------------------------------------------------------
    # FORMS
    # ------------------------------------------------------------

    @api.model
    def _get_own_lines(self, order, form, kind, errors):
        """Return {purchase line: what was typed for it} of the fields of a kind."""
        lines = {line.id: line for line in order.order_line if line.drop_shipment}
        typed = {}
        for name, value in form.items():
            if not name.startswith(f"{kind}_"):
                continue
            match = LINE_FIELD.fullmatch(name)
            line = match and lines.get(int(match[2]))
            if not line:
                errors[0, "form"] = self.env._(
                    "The form has a line that is not on this order, and nothing was "
                    "saved. Please reload the page."
                )
                continue
            typed[line] = value if isinstance(value, str) else ""
        return typed

    @api.model
    def _parse_quantities(self, order, form, errors):
        """Return {purchase line id: quantity in its UoM}."""
        quantities = {}
        for line, typed in self._get_own_lines(order, form, "quantity", errors).items():
            typed = typed.strip()
            if not typed:
                quantities[line.id] = 0.0
            elif not NUMBER.fullmatch(typed):
                errors[line.id, "quantity"] = self.env._(
                    "Write a number, with a point before decimals: 2.5, for example."
                )
            elif float(typed) < 0:
                errors[line.id, "quantity"] = self.env._("Write a number from 0 on.")
            else:
                quantities[line.id] = float(typed)
        return quantities

    @api.model
    def _parse_shipment(self, form, errors):
        """Return the values of the transfer that the vendor has filled in."""
        return {
            name: self._parse_date(form, name, errors)
            if name == "drop_shipment_date"
            else self._parse_text(form, name, errors)
            for name in self.env["drop.shipment.reported"]._get_fields()
        }

    @api.model
    def _parse_dates(self, order, form, errors):
        """Return {purchase line id: day} of the lines that get another day."""
        dates = {}
        for line in self._get_own_lines(order, form, "date", errors):
            day = self._parse_date(form, f"date_{line.id}", errors, (line.id, "date"))
            if day and day != self._get_day(line):
                dates[line.id] = day
        return dates

    @api.model
    def _get_day(self, line):
        """Return the day on which a purchase line is to arrive; False without one.

        Where the buyer is, as core takes the day that the vendor names, and as in the
        reminders.
        """
        return line.order_id._get_drop_shipment_buyer_day(line.date_planned)

    @api.model
    def _parse_date(self, form, key, errors, field=None):
        """Return a day; False if none was chosen, or if it is none.

        :param field: what the message is about, if it is a line
        """
        typed = form.get(key)
        if not typed or not isinstance(typed, str):
            return False
        today = fields.Date.context_today(self)
        try:
            day = fields.Date.from_string(typed.strip())
        except ValueError:
            day = False
        if not day or abs(relativedelta(day, today).years) >= 5:
            errors[field or (0, key)] = self.env._(
                "Choose a day, or write it as year-month-day: %(day)s, for example.",
                day=today.isoformat(),
            )
            return False
        return day

    @api.model
    def _parse_text(self, form, key, errors, length=MAX_NUMBER):
        """Return a text that can be stored and shown: one line, no control codes."""
        typed = form.get(key)
        text = self._clean(typed) if isinstance(typed, str) else ""
        if len(text) > length:
            errors[0, key] = self._get_length_text(length)
            return ""
        return text

    @api.model
    def _get_length_text(self, length):
        return self.env._(
            "This is too long: %(length)s characters are the most.", length=length
        )

    @api.model
    def _clean(self, text):
        """Return a text on one line, without what can't be seen."""
        text = "".join(char if char.isprintable() else " " for char in text)
        return " ".join(text.split())
