from datetime import datetime, time, timedelta

import pytz
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

# Context: ids of transfers whose customers are told when others are done, too.
TOLD_LATER = "dropship_link_told_later"


class StockPicking(models.Model):
    """Keeps what the vendor says of a shipment: day, delivery note, tracking number.

    And tells the customer, in the customer's language.
    """

    _inherit = "stock.picking"

    is_drop_shipment = fields.Boolean(
        compute="_compute_is_drop_shipment",
        groups="base.group_user",
    )
    drop_shipment_customer = fields.Char(
        string="Customer",
        compute="_compute_drop_shipment_customer",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_ship_to = fields.Text(
        string="Ship-to Address",
        compute="_compute_drop_shipment_customer",
        compute_sudo=True,
        help="Where the vendor ships to, or the goods came back from.",
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
    drop_shipment_reported = fields.Datetime(
        string="Reported by Vendor",
        copy=False,
        readonly=True,
        index="btree_not_null",
        help="When the vendor reported this shipment, which waits to be posted. Then "
        "the lines that are picked are what was shipped.",
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

    @api.depends("move_ids.purchase_line_id.order_id.sell_to_customer_id", "partner_id")
    def _compute_drop_shipment_customer(self):
        for picking in self:
            orders = picking.move_ids.purchase_line_id.order_id.filtered(
                "sell_to_customer_id"
            )
            ship_to = orders.dest_address_id[:1]
            picking.drop_shipment_customer = ", ".join(
                orders.sell_to_customer_id.mapped("display_name")
            )
            picking.drop_shipment_ship_to = bool(ship_to) and "\n".join(
                filter(
                    None,
                    [
                        ship_to.display_name,
                        *ship_to._display_address(without_company=True).splitlines(),
                    ],
                )
            )

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
            # Core checks this too, but names the scheduled date, which nobody entered.
            locks = picking.company_id._get_drop_shipment_locks(date)
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
        if "picking_type_id" in vals and not self.env.su:
            self.filtered(
                lambda picking: picking.picking_type_id.id != vals["picking_type_id"]
            ).move_ids._check_drop_shipment_frozen(self._fields["picking_type_id"])
        # Core hands on to the moves who the contact of their transfer is, and its
        # places: on a vendor's transfer they name the customer, whom slips, mails and
        # lots take from there.
        customers = {}
        if "partner_id" in vals:
            # sudo: users of Inventory may lack rights on purchase orders.
            customers = self.move_ids.filtered(
                lambda move: (
                    move.sudo().purchase_line_id.drop_shipment
                    and move._is_drop_shipment()
                )
            ).grouped("partner_id")
        if {"location_dest_id", "location_id"} & set(vals):
            with self.move_ids._keep_drop_shipment_places(vals):
                res = super().write(vals)
        else:
            res = super().write(vals)
        for customer, moves in customers.items():
            moves.partner_id = customer
        return res

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_detailed_operations(self):
        action = super().action_detailed_operations()
        if self._is_drop_shipment():
            # Core's list has a column to type lot and serial numbers on receipts only:
            # elsewhere they are picked from own stock, where a vendor's are not.
            action["context"] = {**action["context"], "picking_code": "incoming"}
        return action

    def button_validate(self):
        # Core finishes those with a backorder apart from those without: customers are
        # told once, when all of them are done.
        later = self.env.context.get(TOLD_LATER, [])
        own = self._filter_drop_shipment_told().filtered(
            lambda picking: picking.state != "done" and picking.id not in later
        )
        if len(own) < 2:
            return super().button_validate()
        pickings = self.with_context(**{TOLD_LATER: [*later, *own.ids]})
        res = super(StockPicking, pickings).button_validate()
        own._tell_drop_shipment_customers()
        if isinstance(res, dict) and TOLD_LATER in (res.get("context") or {}):
            # A dialog that comes first validates them all anew.
            res = {**res, "context": {**res["context"], TOLD_LATER: later}}
        return res

    def _pre_action_done_hook(self):
        res = super()._pre_action_done_hook()
        # Apps ask here, such as whether an expired lot may be delivered. Their dialogs
        # take rights in Inventory, and forget what else is to be done.
        return True if self.env.context.get("dropship_link_unasked") else res

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _is_drop_shipment(self):
        """Whether a vendor ships this transfer to a customer for a linked order.

        False for a return, which goes the other way.
        """
        self.ensure_one()
        # sudo: who prints the transfer may lack rights on purchase orders.
        picking = self.sudo()
        return (
            picking.picking_type_id.code == "dropship"
            and picking.location_dest_id._is_drop_shipment_customer()
            and any(picking.move_ids.purchase_line_id.mapped("drop_shipment"))
            and any(move._is_drop_shipment() for move in picking.move_ids)
        )

    def _is_date_in_lock_period(self):
        # By its type first: ordinary transfers read no order lines. Returns are meant,
        # too. sudo: the user may lack rights on purchase orders.
        if self.picking_type_id.code != "dropship" or not any(
            self.sudo().move_ids.purchase_line_id.mapped("drop_shipment")
        ):
            return super()._is_date_in_lock_period()
        # Core looks at the day for which it was planned, too: what a vendor owes from a
        # month that is closed could neither be shipped nor be changed or cancelled. And
        # it takes the day in UTC: that before, for who is far enough in the east.
        return bool(
            self.date_done
            and self.company_id._get_drop_shipment_locks(self._get_drop_shipment_day())
        )

    def _get_report_lang(self):
        if not self._is_drop_shipment():
            return super()._get_report_lang()
        # sudo: users of Inventory may lack rights on sales orders.
        return self.sudo().sale_id._get_drop_shipment_customer_lang()

    def _get_drop_shipment_purchase_orders(self):
        """Return the purchase orders that these transfers ship, in sudo."""
        shipments = self.filtered(lambda picking: picking._is_drop_shipment())
        # sudo: users of Inventory may lack rights on purchase orders.
        return shipments.sudo().move_ids.purchase_line_id.order_id

    def _send_confirmation_email(self):
        res = super()._send_confirmation_email()
        # Core writes for deliveries only, and to the contact of the transfer, which is
        # the vendor here.
        later = self.env.context.get(TOLD_LATER, [])
        self.filtered(
            lambda picking: picking.id not in later
        )._tell_drop_shipment_customers()
        return res

    def _filter_drop_shipment_told(self):
        """Return the transfers of which the customer hears when they are done."""
        return self.filtered(
            lambda picking: (
                picking.company_id.stock_move_email_validation
                and picking._is_drop_shipment()
            )
        )

    def _tell_drop_shipment_customers(self):
        """Write to the customers what was shipped with these transfers.

        One mail for each sales order, if the company wants it.
        """
        shipments = self._filter_drop_shipment_told().filtered(
            lambda picking: picking.state == "done"
        )
        mail = self.env["drop.shipment.mail"]
        template = shipments and mail._get_template("sale_shipped")
        if not template:
            return
        # Set the day before the mail is made, which names it.
        shipments._set_drop_shipment_done_date()
        # The mail is made in the language of the customer, and what it reads would be
        # computed, and noted on the purchase order, in that language, too.
        self.env.flush_all()
        # sudo: users of Inventory may lack rights on both orders.
        for order, pickings in shipments.sudo().grouped("sale_id").items():
            if not order:
                continue
            sender = self.env.user
            if sender._is_superuser() or sender.share:
                # Posted by the vendor: the customer hears it from the salesperson.
                sender = order.user_id.filtered("active") or sender
            order.with_user(sender).sudo().with_context(
                force_send=True, drop_shipment_picking_ids=pickings.ids
            ).message_post_with_source(
                template,
                email_layout_xmlid="mail.mail_notification_light",
                subtype_xmlid="mail.mt_comment",
            )

    def _get_drop_shipment_tracking_url(self):
        """Return where the customer can follow the parcel, or False.

        Odoo itself knows no carriers: an add-on that does tells.
        """
        return False

    def _get_drop_shipment_day(self):
        """Return the day on which this transfer was done.

        The day that the vendor named is the same for everybody; else it is that of the
        user's time zone.
        """
        self.ensure_one()
        if self._is_drop_shipment_date_done():
            return self.drop_shipment_date
        return fields.Date.context_today(self, self.date_done)

    def _is_drop_shipment_date_done(self):
        """Whether the transfer was done on its Shipment Date, in some time zone.

        False after somebody has entered another Date of Transfer.
        """
        self.ensure_one()
        day, moment = self.drop_shipment_date, self.date_done
        if not day or not moment:
            return False
        # Zones are from 12 hours behind UTC to 14 hours ahead of it.
        first, last = moment - timedelta(hours=12), moment + timedelta(hours=14)
        return first.date() <= day <= last.date()

    def _action_done(self):
        pickings = self
        # The operation type may be set to cancel backorders: after a posting the rest
        # stays to be shipped.
        if self.env.context.get("dropship_link_keep_rest"):
            pickings = self.with_context(cancel_backorder=False)
        orders = self._get_drop_shipment_purchase_orders()
        if orders:
            # Core takes any receipt for the vendor's acknowledgement of the order, but
            # a first part says nothing about the rest.
            pickings = pickings.with_context(dropship_link_unacknowledged=orders.ids)
        res = super(StockPicking, pickings)._action_done()
        orders._acknowledge_when_shipped()
        # What was reported is posted, and what was declined may have come.
        self.filtered("drop_shipment_reported").drop_shipment_reported = False
        self.env["drop.shipment.vendor.answer"]._limit(orders.order_line)
        self._set_drop_shipment_done_date()
        self._log_drop_shipment_done()
        return res

    def _log_drop_shipment_done(self):
        """Note on the sales orders what vendors have shipped with these transfers."""
        # sudo: users of Inventory, and buyers, may lack rights on sales orders.
        shipments = self.sudo().filtered(
            lambda picking: picking.state == "done" and picking._is_drop_shipment()
        )
        self.env["sale.order"].sudo()._log_drop_shipment_notes(
            {
                order: [picking._get_drop_shipment_done_text() for picking in pickings]
                for order, pickings in shipments.grouped("sale_id").items()
                if order
            }
        )

    def _get_drop_shipment_done_text(self):
        """Return what was shipped with this transfer, and its numbers."""
        self.ensure_one()
        moves = self.move_ids.filtered(lambda move: move.state == "done")
        text = self.env._(
            "Shipped by the vendor on %(date)s: %(products)s (%(transfer)s).",
            date=format_date(self.env, self._get_drop_shipment_day()),
            products=moves._get_drop_shipment_products_text(),
            transfer=self._get_html_link(),
        )
        return Markup(" ").join([text, *self._get_drop_shipment_number_texts()])

    def _get_drop_shipment_number_texts(self):
        """Return what to say of delivery note and tracking number, as far as known."""
        self.ensure_one()
        texts = []
        if note := self.drop_shipment_delivery_note:
            texts.append(self.env._("Delivery note: %(number)s.", number=note))
        if tracking := self.drop_shipment_tracking_ref:
            texts.append(self.env._("Tracking number: %(number)s.", number=tracking))
        return texts

    def _get_drop_shipment_rest(self):
        """Return what the customer is still to get, for the slip of this shipment.

        Of the whole sales order, whoever ships it.

        :return: list of dicts of `name` and `quantity` with its unit
        """
        self.ensure_one()
        if self.state != "done":
            return []
        # sudo: users of Inventory may lack rights on sales orders.
        order = self.sudo().sale_id.with_context(lang=self.env.lang)
        return [
            {
                "name": line._get_drop_shipment_description(),
                "quantity": line._format_drop_shipment_qty(quantity),
            }
            for line, quantity in self.env["drop.shipment.mail"]
            ._get_rest(order)
            .items()
        ]

    def _set_drop_shipment_done_date(self):
        """Set Date of Transfer of these done transfers to their Shipment Date.

        Core takes the moment of the validation. Moves and orders follow the transfer.
        Noon in the user's time zone is the same day in nearly all others.
        """
        today = fields.Date.context_today(self)
        for date, dated in self.grouped("drop_shipment_date").items():
            if date and date < today:
                noon = self.env.tz.localize(datetime.combine(date, time(12)))
                dated.date_done = noon.astimezone(pytz.utc).replace(tzinfo=None)
