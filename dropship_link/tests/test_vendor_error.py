from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .vendor_page import VendorPageCommon

PAGE = "odoo.addons.dropship_link.models.drop_shipment_vendor_page"


class TestVendorError(VendorPageCommon):
    """An error in the middle of an answer: nothing is changed, and the page says so."""

    @contextmanager
    def _break(self, model, method, error):
        """What the answer needs fails, after all that comes before it."""
        called = []

        def fail(*_args, **_kwargs):
            called.append(method)
            raise error

        with (
            mute_logger(PAGE),
            patch.object(self.env.registry[model], method, fail),
        ):
            yield
        self.assertTrue(called, method)

    def assertUnchanged(self, answer, model, method, **typed):
        """The form fails, with words for the vendor; afterwards it works."""
        page, state = self._open(), self._get_state()
        sent = self.env["mail.mail"].search_count([])
        for error in (UserError("secret of P00042"), ValueError("secret"), KeyError(1)):
            with self._break(model, method, error):
                reply = self._send(page, answer, **typed)
            self.assertEqual(self._get_state(), state, method)
            [wrong] = self._get_named(reply, "drop_shipment_wrong")
            self.assertIn("nothing was changed", wrong)
            self.assertNotIn("secret", self._get_text(reply))
            self.assertEqual(self.env["mail.mail"].search_count([]), sent)
            # What was typed is still there.
            form = self._get_form(reply, answer)
            for name, value in typed.items():
                self.assertEqual(form.fields[name], value)
        reply = self._send(page, answer, **typed)
        self.assertTrue(self._get_named(reply, "drop_shipment_told"))

    def test_reporting(self):
        """At the end, when everything is on the transfer."""
        self.assertUnchanged(
            "ship",
            *("drop.shipment.vendor.message", "_tell_report"),
            **{
                f"quantity_{self.chair_line.id}": "6",
                "drop_shipment_tracking_ref": "T-1",
            },
        )

    def test_posting(self):
        """Where the vendor posts: in the middle of it, and after it."""
        self.company.stock_move_email_validation = True
        self.vendor.property_drop_shipment_vendor_page = "post"
        key = f"quantity_{self.chair_line.id}"
        for number, place in enumerate(
            (
                ("stock.picking", "_send_confirmation_email"),
                ("drop.shipment.vendor.message", "_tell_report"),
            ),
            start=1,
        ):
            self.assertUnchanged(
                "ship", *place, **{key: "3", "drop_shipment_tracking_ref": "T-1"}
            )
            self.assertEqual(self.chair_line.qty_received, 3 * number)
            self.assertEqual(self.sale.order_line[0].qty_delivered, 3 * number)

    def test_other_answers(self):
        """Declined and dated."""
        self.assertUnchanged(
            "decline",
            *("drop.shipment.vendor.message", "_tell_declined"),
            **{f"quantity_{self.chair_line.id}": "3", "reason": "Sold out"},
        )
        self.assertUnchanged(
            "dates",
            *("purchase.order", "_update_date_planned_for_lines"),
            **{f"date_{self.chair_line.id}": "2027-01-15"},
        )

    def test_bill(self):
        """The draft can't be made: no draft, no note, and the vendor's own words."""
        state, page = self._get_state(), self._open()
        pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
        send = {"files": {"file": ("bill.pdf", pdf, "application/pdf")}, "ref": "B-1"}
        error = UserError("No journal of another company")
        with self._break("drop.shipment.vendor.bill", "_tell", error):
            reply = self._send(page, "bill", **send)
        self.assertEqual(self._get_state(), state)
        [wrong] = self._get_named(reply, "drop_shipment_wrong")
        self.assertIn("nothing was changed", wrong)
        self.assertNotIn("journal", self._get_text(reply))
        reply = self._send(self._open(), "bill", **send)
        self.assertTrue(self._get_named(reply, "drop_shipment_told"))
