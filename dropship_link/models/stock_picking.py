from datetime import datetime, time

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class StockPicking(models.Model):
    _inherit = "stock.picking"

    is_drop_shipment = fields.Boolean(
        compute="_compute_is_drop_shipment",
        groups="base.group_user",
    )
    drop_shipment_delivery_note = fields.Char(
        string="Vendor's Delivery Note",
        copy=False,
        tracking=True,
        help="Number of the delivery note that the vendor put into the parcel.",
        groups="base.group_user",
    )
    drop_shipment_tracking_ref = fields.Char(
        string="Tracking Number",
        copy=False,
        tracking=True,
        help="Number of the parcel with the vendor's carrier.",
        groups="base.group_user",
    )
    drop_shipment_date = fields.Date(
        string="Shipment Date",
        copy=False,
        help="The day on which the vendor shipped. The transfer gets this date when it "
        "is validated; empty: the moment of the validation.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "picking_type_id", "location_dest_id", "move_ids.purchase_line_id.drop_shipment"
    )
    def _compute_is_drop_shipment(self):
        for picking in self:
            picking.is_drop_shipment = picking._is_drop_shipment()

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("drop_shipment_date")
    def _check_drop_shipment_date(self):
        today = fields.Date.context_today(self)
        for picking in self:
            date = picking.drop_shipment_date
            if not date or date == today:
                continue
            if date > today:
                raise ValidationError(
                    self.env._(
                        "Shipment Date of %(transfer)s can't be %(date)s, which is in "
                        "the future: enter %(today)s or a day before it.",
                        transfer=picking.name,
                        date=format_date(self.env, date),
                        today=format_date(self.env, today),
                    )
                )
            # Core would say so as well, but of a scheduled date that nobody entered.
            locks = picking.company_id._get_lock_date_violations(
                date, fiscalyear=True, sale=False, purchase=False, tax=False, hard=True
            )
            if locks:
                raise ValidationError(
                    self.env._(
                        "Shipment Date of %(transfer)s can't be %(date)s: the books "
                        "are locked up to %(lock)s. Enter a later day.",
                        transfer=picking.name,
                        date=format_date(self.env, date),
                        lock=format_date(self.env, max(lock[0] for lock in locks)),
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        # With stock_delivery the carrier's number is a field of core: one number.
        own, carrier = "drop_shipment_tracking_ref", "carrier_tracking_ref"
        if own in vals and carrier in self._fields:
            vals = {carrier: vals[own], **vals}
        res = super().write(vals)
        if carrier in vals and own not in vals:
            self.filtered(lambda picking: picking._is_drop_shipment()).write(
                {own: vals[carrier]}
            )
        return res

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_detailed_operations(self):
        action = super().action_detailed_operations()
        if self._is_drop_shipment():
            # Core's list has a column to type lot and serial numbers on receipts only;
            # elsewhere they are picked from stock, and a vendor's is not ours.
            action["context"] = {**action["context"], "picking_code": "incoming"}
        return action

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _is_drop_shipment(self):
        """Whether a vendor ships this transfer for a sales order of ours.

        Not a return of one, which goes the other way.
        """
        self.ensure_one()
        # Whoever prints it may lack rights on purchase orders.
        picking = self.sudo()
        return (
            picking.picking_type_id.code == "dropship"
            # Also where vendor or customer is a company of this database.
            and picking.is_dropship
            and any(picking.move_ids.purchase_line_id.mapped("drop_shipment"))
        )

    def _get_report_lang(self):
        if not self._is_drop_shipment():
            return super()._get_report_lang()
        # That of the customer, as on all their papers: a dock may have another.
        order = self.sudo().sale_id
        return order.partner_id.lang or order.partner_shipping_id.lang or self.env.lang

    def _get_drop_shipment_tracking_url(self):
        """Return where the customer can follow the parcel, or False."""
        self.ensure_one()
        if "carrier_tracking_url" not in self._fields:
            return False
        url = self.carrier_tracking_url or ""
        # Several parcels come as JSON.
        return url if url.startswith(("http://", "https://")) else False

    def _get_drop_shipment_refs(self, name):
        """Return the values of the field `name` of these transfers, each once."""
        return ", ".join(dict.fromkeys(filter(None, self.mapped(name))))

    def _get_drop_shipment_done_date(self):
        """Return the date of transfer that the day of the shipment stands for.

        Noon of the user's own day, so that it is the same day nearly everywhere.
        """
        self.ensure_one()
        noon = datetime.combine(self.drop_shipment_date, time(12))
        return self.env.tz.localize(noon).astimezone(pytz.utc).replace(tzinfo=None)

    def _action_done(self):
        pickings = self
        # What the vendor has not shipped stays to ship, though the operation type may
        # be set to drop it.
        if self.env.context.get("dropship_link_keep_rest"):
            pickings = self.with_context(cancel_backorder=False)
        res = super(StockPicking, pickings)._action_done()
        # Core dates a transfer now, whenever the goods left. Moves and orders follow.
        today = fields.Date.context_today(self)
        for date, dated in self.grouped("drop_shipment_date").items():
            if date and date < today:
                dated.date_done = dated[:1]._get_drop_shipment_done_date()
        return res
