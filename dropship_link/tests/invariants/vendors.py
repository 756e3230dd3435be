"""What vendors say on the page of an order, and what becomes of it."""

from datetime import timedelta

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo import fields
from odoo.exceptions import UserError

from ...models.drop_shipment_vendor_report import VendorRefusal
from .base import FRACTIONS, PICK, ROLES
from .rows import Rows

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


class VendorSteps:
    """Vendors fill in the forms of the page; buyers react."""

    @precondition(lambda self: "to_post" in self.facts)
    @rule(
        pick=PICK,
        level=st.sampled_from(["report", "report", "post", "report", "post", "read"]),
        fraction=FRACTIONS,
        first_only=st.booleans(),
        days=st.sampled_from([0, 0, 1, 40, 0, -1]),
    )
    def vendor_ships(self, pick, level, fraction, first_only, days):
        """Report what was shipped; the company says what becomes of it."""

        def action():
            self.case.company.drop_shipment_vendor_page = level
            return self._answer(pick, "ship", get_form)

        def get_form(rows, today):
            quantities = self._get_quantities(rows, fraction, first_only)
            return {
                **quantities,
                **self._get_lot_form(rows, quantities),
                "drop_shipment_date": str(today - timedelta(days=days)),
                "drop_shipment_delivery_note": f"LS-{len(self.pickings)}",
            }

        self._do(f"vendor ships: {level}", action)

    @precondition(lambda self: "confirmed" in self.facts)
    @rule(
        pick=PICK,
        what=st.sampled_from(
            ["decline", "decline", "bill", "decline", "bill", "dates", "accept"]
        ),
        fraction=FRACTIONS,
        first_only=st.booleans(),
        days=st.sampled_from([0, 7, 400]),
    )
    def vendor_answers(self, pick, what, fraction, first_only, days):
        """Accept, give another date, decline or hand in a bill."""

        def get_form(rows, today):
            if what == "dates":
                day = str(today + timedelta(days=days))
                return {f"date_{row['line'].id}": day for row in rows if row["open"]}
            if what == "decline":
                quantities = self._get_quantities(rows, fraction, first_only)
                return {**quantities, "reason": "Sold out"}
            # An order is accepted by a form without fields.
            return {"ref": f"B-{len(self.moves)}", "file": ("bill.pdf", PDF)}

        self._do(f"vendor: {what}", lambda: self._answer(pick, what, get_form))

    def _answer(self, pick, what, get_form):
        """Send one form of the page, of somebody who has the link; see `_do`."""
        order = self._pick(
            self._get_purchases(),
            pick,
            self._has_report
            if what == "withdraw"
            else lambda order: order.drop_shipment_to_post,
        )
        if not order:
            return "void"
        visitor = self.env.ref("base.public_user")
        order = order.with_user(visitor).sudo().with_company(order.company_id)
        report = order.env["drop.shipment.vendor.report"]
        # What the page shows without a form, and what a form of then may still send.
        report._check_may(order)
        if what == "withdraw" and not report._get_report(order):
            # A form that is shown to those alone who have reported something.
            return "void"
        form = get_form(report._get_lines(order), fields.Date.context_today(order))
        page = order.env["drop.shipment.vendor.page"]
        try:
            errors = page._get_answers()[what](order, form)
        except VendorRefusal:
            raise
        except UserError as refusal:
            self.dead_end = f"{what} on {order.name}: {refusal}"
            raise
        if errors:
            # As on the page: nothing was changed, and nothing is rolled back.
            note(f"  {what}: {errors}")
            return "refused"
        return None

    def _get_quantities(self, rows, fraction, first_only):
        """Return what is typed of the lines of the page, by its number fields."""
        return {
            f"quantity_{row['line'].id}": str(
                round(row["open"] * (0 if first_only and index else fraction), 2)
            )
            for index, row in enumerate(rows)
        }

    @precondition(lambda self: {"reported", "declined"} & self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        what=st.sampled_from(["close", "reorder", "withdraw", "discard"]),
    )
    def heed_vendor(self, pick, role, what):
        """Take a report back, or give what is declined to somebody else."""

        def action():
            waits = self._pick(self._get_purchases(), pick, self._has_report)
            declined = self._pick(self._get_purchases(), pick, self._has_declined)
            if what == "withdraw":
                return self._answer(pick, "withdraw", lambda *_args: {})
            if what == "discard":
                waits = self._as(waits, role, "buyer")
                waits.action_discard_drop_shipment_report()
            else:
                declined = self._as(declined, role, "buyer")
                getattr(declined, f"action_{what}_drop_shipment_declined")()
            return None

        self._do(f"heed vendor: {what}", action)

    def _has_report(self, order):
        return any(order.picking_ids.mapped("drop_shipment_reported"))

    def _has_declined(self, order):
        return any(order.order_line.mapped("drop_shipment_qty_declined"))


class VendorRules(Rows):
    """What vendors said is true of what they have left to ship."""

    def _check_vendors(self):
        """Nothing done is waited for, nothing more is declined than is left."""
        done = self._query(
            """
            SELECT id, name, state FROM stock_picking
             WHERE id = ANY(%(ids)s) AND state IN ('done', 'cancel')
               AND drop_shipment_reported IS NOT NULL
            """,
            ids=list(self.pickings),
        )
        self._assert(not done, f"done, and said to wait as reported: {done}")
        for row in self.purchase_rows.values():
            declined = row["drop_shipment_qty_declined"] or 0
            self._assert(
                (declined > 0) == bool(row["drop_shipment_decline_reason"])
                and declined * (row["order_state"] != "purchase") == 0
                and declined >= 0,
                f"{declined} are declined of what nobody awaits",
                row,
            )
