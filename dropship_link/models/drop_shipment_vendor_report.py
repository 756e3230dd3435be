from hashlib import sha256

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .drop_shipment_posting import Row


class VendorRefusal(UserError):
    """What is wrong with what a vendor said: {(line id or 0, field): message}.

    The vendor's page shows each beside its field. It never reaches the web client,
    which would not know it: only private methods raise it.
    """

    def __init__(self, messages):
        # Each text once.
        super().__init__("\n".join(dict.fromkeys(messages.values())))
        self.messages = messages


class DropShipmentVendorReport(models.AbstractModel):
    """What the vendor sees of a purchase order on their page, and reports as shipped.

    An `order` is a purchase order in sudo that the visitor may see: the caller has
    checked that, and that it still is as the visitor saw it, see `_is_seen`. Each verb
    checks what the vendor may do, the state of the order and that the lines are its
    own, and changes nothing where it refuses. Words for the visitor are in their
    language; what is written is written by the system, in the company and time zone of
    the order, and tells buyer and salespeople once.
    """

    _name = "drop.shipment.vendor.report"
    _description = "Vendor's Page of a Drop Shipment"

    # ------------------------------------------------------------
    # SEEING
    # ------------------------------------------------------------

    @api.model
    def _get_permission(self, order):
        """Return what the vendor may do: `read`, `report` or `post`."""
        vendor = order.partner_id.with_company(order.company_id)
        return (
            vendor.property_drop_shipment_vendor_page
            or order.company_id.drop_shipment_vendor_page
        )

    @api.model
    def _get_seen(self, order):
        """Return a digest of what a form of the page relies on.

        It is another one as soon as anything of it has changed.
        """
        seen = [
            order.state,
            order.acknowledged,
            order.partner_id.id,
            # Whether a report waits or is posted at once, and what is accepted.
            self._get_permission(order),
            order.dest_address_id.id,
            order.currency_id.id,
            round(order.amount_total, 6),
            sorted(
                (name, str(value)) for name, value in self._get_report(order).items()
            ),
        ]
        quantities = ("ordered", "shipped", "open", "reported", "declined")
        for row in self._get_lines(order):
            line = row["line"]
            seen += [
                line.id,
                line.product_id.id,
                line.product_uom_id.id,
                *(round(row[name], 6) for name in quantities),
                row["lot_names"],
                line.drop_shipment_decline_reason or "",
                str(line.date_planned),
            ]
        return sha256(repr(seen).encode()).hexdigest()[:32]

    @api.model
    def _is_seen(self, order, seen):
        """Whether the order still is as a form saw it.

        From here to the end of the transaction nobody else changes it: who does so at
        the same moment fails to serialize, and is asked again.

        :param str seen: as of `_get_seen`
        """
        self._lock(order)
        return seen == self._get_seen(order)

    @api.model
    def _get_lines(self, order):
        """Return what the page shows of the drop shipment lines of an order.

        :return: list of dicts of `line`, a purchase line; `ordered`, `shipped`, `open`,
            `reported`, `declined`, in its UoM; `tracking`, `none` unless lots or
            serials are to be entered; `lot_names`, those reported, one a line
        """
        return [
            self._get_line(line) for line in order.order_line.filtered("drop_shipment")
        ]

    @api.model
    def _get_line(self, line):
        """Return what the page shows of a purchase line; see `_get_lines`."""
        reported = self.env["drop.shipment.reported"]
        moves = line._get_drop_shipment_open_moves()
        return {
            "line": line,
            "ordered": line.product_qty,
            "shipped": line.qty_received,
            "open": line._get_drop_shipment_qty_outstanding(),
            "reported": reported._get_line_quantity(line),
            "declined": line._get_drop_shipment_qty_declined(),
            "tracking": self._get_tracking(line),
            "lot_names": reported._get_lot_names(reported._filter_reported(moves)),
        }

    @api.model
    def _get_tracking(self, line):
        """Return what the vendor enters for a purchase line; see `_get_lines`."""
        picking_type = line.order_id.picking_type_id
        uses_lots = picking_type.use_create_lots or picking_type.use_existing_lots
        return line.product_id.tracking if uses_lots else "none"

    @api.model
    def _get_report(self, order):
        """Return the values of the shipment that waits as reported, or {}.

        :return: dict of the fields of the transfers: day, delivery note, tracking
        """
        reported = self.env["drop.shipment.reported"]
        picking = reported._get_moves(order).picking_id[:1]
        return reported._get_values(picking) if picking else {}

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    @api.model
    def _check_may(self, order, *by_line):
        """Refuse what the vendor may not do, and orders that are not confirmed.

        :param by_line: dicts by id of purchase line, which must be of the order
        :raise AccessError: the company lets this vendor read only
        :raise UserError: the order is not confirmed, or no drop shipment; or the id of
            another line, without a word about that
        """
        if self._get_permission(order) == "read":
            raise AccessError(
                self.env._(
                    "%(order)s can't be answered here: %(company)s shows it only. "
                    "Please write to them.",
                    order=order.name,
                    company=order.company_id.name,
                )
            )
        if order.state == "cancel":
            raise UserError(
                self.env._(
                    "%(order)s is cancelled: please don't ship it.", order=order.name
                )
            )
        if order.state != "purchase" or not order._has_drop_shipment():
            raise UserError(
                self.env._(
                    "%(order)s is no order yet: wait until %(company)s confirms it.",
                    order=order.name,
                    company=order.company_id.name,
                )
            )
        own = order.order_line.filtered("drop_shipment").ids
        if any(line_id not in own for ids in by_line for line_id in ids):
            raise UserError(
                self.env._(
                    "A line you chose is not one of %(order)s. Load the page again.",
                    order=order.name,
                )
            )

    # ------------------------------------------------------------
    # REPORTING
    # ------------------------------------------------------------

    @api.model
    def _report(self, order, quantities, lot_names, vals):
        """Report what was shipped; it takes the place of a report that waits.

        It waits on the open transfers, or is received at once where the vendor may.

        :param dict quantities: purchase line id to quantity in its UoM; the other
            lines stay open
        :param dict lot_names: purchase line id to lots or serials, one a line
        :param dict vals: day (today if empty), delivery note, tracking number
        :raise VendorRefusal: see `drop.shipment.vendor.check`
        :raise AccessError, UserError: see `_check_may`, and what Receive refuses
        """
        self._check_may(order, quantities, lot_names)
        check = self.env["drop.shipment.vendor.check"]
        if messages := check._get_report_messages(order, quantities, lot_names, vals):
            raise VendorRefusal(messages)
        posts = self._get_permission(order) == "post"
        order = self._get_as_system(order)
        cleared = self.env["drop.shipment.reported"].with_env(order.env)._clear(order)
        posting = order.env["drop.shipment.posting"]
        outstanding = posting._get_outstanding(order)
        rows = [
            self._get_row(line, quantity, lot_names.get(line.id), outstanding)
            for line in order.order_line
            if (quantity := quantities.get(line.id))
        ]
        names = self.env["drop.shipment.reported"]._get_fields()
        vals = {name: vals.get(name) for name in names}
        today = fields.Date.context_today(order)
        vals["drop_shipment_date"] = vals["drop_shipment_date"] or today
        if posts:
            pickings = posting._post(
                order, "receive", rows, shipment_vals=vals, outstanding=outstanding
            ).pickings
            # Else what follows is computed, and noted, as the visitor: by the public
            # user, in the vendor's language.
            order.env.flush_all()
        else:
            done = posting._get_done(order, rows, outstanding)
            transfers = order.env["drop.shipment.transfers"]
            pickings = transfers._fill_in(order, rows, done, vals).picking_id
        # Where core asks something it waits, though the vendor may post.
        self._let_wait(pickings.filtered(lambda picking: picking.state != "done"))
        order.env["drop.shipment.vendor.message"]._tell_report(
            order, pickings, corrected=bool(cleared)
        )

    @api.model
    def _let_wait(self, pickings):
        """Let transfers that are filled in wait as reported.

        They say what was shipped: nothing of what was not reported.
        """
        for move in pickings.move_ids:
            if not move.picked and move.state not in ("done", "cancel"):
                move.quantity = 0.0
        pickings.drop_shipment_reported = fields.Datetime.now()

    @api.model
    def _get_row(self, line, quantity, lot_names, outstanding):
        """Return what was reported of a purchase line as `drop.shipment.posting` takes.

        :param float quantity: in the UoM of the purchase line
        """
        sale_line = line.drop_shipment_sale_line_id
        open_quantity = line._get_drop_shipment_qty_outstanding()
        if line.product_uom_id.compare(quantity, open_quantity) == 0:
            # Not rounded twice.
            quantity = sum(
                left
                for move, left in outstanding[sale_line].items()
                if move.purchase_line_id == line
            )
        else:
            quantity = line.product_uom_id._compute_quantity(
                quantity, sale_line.product_uom_id, rounding_method="HALF-UP"
            )
        return Row(sale_line, line, quantity, (lot_names or "").strip())

    @api.model
    def _withdraw(self, order):
        """Take back a report that waits.

        :raise AccessError, UserError: none waits, or see `_check_may`
        """
        self._check_may(order)
        if not self._get_report(order):
            raise UserError(
                self.env._(
                    "%(order)s has no reported shipment that waits: it was posted or "
                    "taken back. Load the page again.",
                    order=order.name,
                )
            )
        order = self._get_as_system(order)
        pickings = order.env["drop.shipment.reported"]._clear(order)
        order.env["drop.shipment.vendor.message"]._tell_withdrawn(order, pickings)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _lock(self, order):
        """Write the rows of the order and its lines with the values that they have.

        A transaction that changes them at the same time, the buyer's say, then fails
        to serialize, or makes this one fail: it is repeated, and sees the change. A
        lock is not enough, see `_force_write_conflict` of `drop.shipment.link`.
        """
        order.flush_recordset()
        order.order_line.flush_recordset()
        for table, column in (
            ("purchase_order", "id"),
            ("purchase_order_line", "order_id"),
        ):
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET id = id WHERE %s = %s",
                    SQL.identifier(table),
                    SQL.identifier(column),
                    order.id,
                )
            )

    @api.model
    def _get_as_system(self, order):
        """Return `order` as the system sees it, whoever visits the page.

        In the company of the order, in the time zone of the vendor, who names days, and
        in the language of the buyer, who reads the notes.
        """
        return (
            order.with_user(SUPERUSER_ID)
            .with_company(order.company_id)
            .with_context(
                tz=self._get_zone(order),
                lang=order._get_drop_shipment_buyer_lang(),
            )
        )

    @api.model
    def _get_zone(self, order):
        """Return the name of the time zone of the days that the vendor names."""
        return order.partner_id.tz or order.get_order_timezone().zone

    @api.model
    def _get_today(self, order):
        """Return the day that it is where the vendor is."""
        return fields.Date.context_today(order.with_context(tz=self._get_zone(order)))
