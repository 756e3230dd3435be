from odoo import api, fields, models
from odoo.tools import format_date


class PurchaseOrder(models.Model):
    """What the vendor said of an order, or did not say."""

    _inherit = "purchase.order"

    drop_shipment_sent = fields.Datetime(
        string="Sent to Vendor",
        copy=False,
        readonly=True,
        help="When the order, or the request for quotation, was last mailed.",
        groups="base.group_user",
    )
    drop_shipment_accept_reminded = fields.Boolean(
        string="Reminded to Accept",
        copy=False,
        readonly=True,
        help="The vendor was reminded that this order is not accepted.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def button_cancel(self):
        # Check first: cancelling the transfers also deletes what was reported on them.
        linked = self.filtered(lambda order: order._has_drop_shipment())
        self.env["drop.shipment.reported"]._check_nothing_reported(linked.order_line)
        return super().button_cancel()

    def action_discard_drop_shipment_report(self):
        """Take back what the vendor reported as shipped, where it is wrong.

        :return: True
        :raise UserError: no report waits
        :raise AccessError: the user may not change the order
        """
        for order in self:
            self.env["drop.shipment.reported"]._discard(order)
        return True

    def action_close_drop_shipment_declined(self):
        """Give back what the vendor declined; it is to order again.

        What the vendor has still to ship stays with this order.

        :return: True
        :raise UserError: nothing is declined
        :raise AccessError: the user may not change the orders
        """
        self.env["drop.shipment.taking.back"]._close_declined(self)
        return True

    def action_reorder_drop_shipment_declined(self):
        """Give back what the vendor declined, and choose who ships it instead.

        :return: window action of the dialog that makes purchase orders
        :raise UserError: nothing is declined
        :raise AccessError: the user may not change the orders
        """
        lines = self.env["drop.shipment.taking.back"]._close_declined(self)
        # sudo: buyers may lack rights on sales orders; the dialog knows what to show.
        sale_lines = lines.sudo().drop_shipment_sale_line_id.with_env(self.env)
        action = sale_lines.action_open_create_drop_shipment_purchases()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard.line_ids._avoid_vendors(self.partner_id)
        return action

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def action_send_drop_shipments(self):
        """Open the dialog that sends these orders to their vendors, one by one.

        :return: client action
        :raise UserError: none of them can be sent
        :raise AccessError: the user may not change the orders
        """
        self.check_access("write")
        return self.env["drop.shipment.sending"]._get_action(self)

    @api.model
    def send_drop_shipment(self, purchase_order_id):
        """Send one order to its vendor without a dialog.

        :param int purchase_order_id: id of the order
        :return: dict with the `message` that tells to whom it was sent
        :raise UserError: it can't be sent, or not be confirmed as it is
        :raise AccessError: the user may not change the order
        """
        order = self.browse(purchase_order_id)
        return {"message": self.env["drop.shipment.sending"]._send(order)}

    def _forget_drop_shipment_vendor(self, but):
        """Take the page of these orders from their vendors, whose they are no more.

        Their link would show, and let them answer, what another one is to ship.

        :param int but: id of the new vendor; another contact of the vendor keeps it
        """
        new = self.env["res.partner"].browse(but).commercial_partner_id
        orders = self.filtered(
            lambda order: order.partner_id.commercial_partner_id != new
        )
        for order in orders:
            vendor = order.partner_id.commercial_partner_id
            followers = order.message_partner_ids.filtered(
                lambda partner, vendor=vendor: (
                    partner.partner_share and partner.commercial_partner_id == vendor
                )
            )
            order.message_unsubscribe(followers.ids)
        # sudo: what was sent and said is noted by the system only.
        orders.sudo().write(
            {
                "access_token": False,
                "acknowledged": False,
                "drop_shipment_sent": False,
                "drop_shipment_accept_reminded": False,
            }
        )

    # ------------------------------------------------------------
    # REMINDERS
    # ------------------------------------------------------------

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        # Core's dialog sets this key when it mails the order to its vendor.
        if self.env.context.get("mark_rfq_as_sent") and self.sell_to_customer_id:
            # sudo: the field is set by the system only.
            self.sudo().drop_shipment_sent = fields.Datetime.now()
        return message

    def _update_date_planned_for_lines(self, updated_dates):
        # By core's page and by ours. Core gives a task to the buyer only; the
        # customer's salesperson hears of it whether or not it is late then.
        before = {
            line: line.date_planned
            for line, _date in updated_dates
            if line.drop_shipment
        }
        res = super()._update_date_planned_for_lines(updated_dates)
        # sudo: who gives the date may have no rights on the sales order.
        self.env["drop.shipment.vendor.message"]._tell_dates(self.sudo(), before)
        return res

    def _send_reminder_mail(self, send_single=False):
        if send_single:
            return super()._send_reminder_mail(send_single=send_single)
        reminding = self.env["drop.shipment.reminding"]
        # Core takes the first date of all lines, also of those that were received. So
        # orders that are partly shipped are left out here and reminded of below.
        apart = self.with_context(dropship_link_rests_apart=True)
        res = super(PurchaseOrder, apart)._send_reminder_mail(send_single=send_single)
        if self.env.user.has_group("purchase.group_send_reminder"):
            reminding._remind_of_rests(
                reminding._filter_partly_shipped(self._get_orders_to_remind())
            )
        reminding._remind_to_accept()
        return res

    @api.model
    def _get_orders_to_remind(self):
        reminding = self.env["drop.shipment.reminding"]
        orders = reminding._filter_awaited(super()._get_orders_to_remind())
        if self.env.context.get("dropship_link_rests_apart"):
            return orders
        # Core leaves out every order of which a part was received: add those again.
        partly = self.search(
            [
                ("sell_to_customer_id", "!=", False),
                ("effective_date", "!=", False),
                ("state", "=", "purchase"),
                ("acknowledged", "=", False),
                ("receipt_reminder_email", "=", True),
            ]
        )
        return orders | reminding._filter_partly_shipped(partly)

    def action_acknowledge(self):
        # Core also calls this when a transfer is done, but a first part is not the
        # vendor's confirmation of the rest.
        shipped = self.browse(self.env.context.get("dropship_link_unacknowledged"))
        return super(PurchaseOrder, self - shipped).action_acknowledge()

    def _acknowledge_when_shipped(self):
        """Mark orders as acknowledged of which nothing is left to ship."""
        done = self.filtered(
            lambda order: not order.order_line._get_drop_shipment_open_moves()
        )
        done.filtered(lambda order: not order.acknowledged).action_acknowledge()

    def _get_drop_shipment_buyer_day(self, moment):
        """Return the day of a moment where the buyer is, or False without a moment."""
        self.ensure_one()
        order = self.with_context(tz=self.get_order_timezone().zone)
        return bool(moment) and fields.Date.context_today(order, moment)

    def _get_drop_shipment_buyer_lang(self):
        """Return the language of who buys this order, and reads its tasks and notes."""
        buyer = self._get_drop_shipment_buyer()
        return buyer.lang or self.company_id.partner_id.lang or self.env.lang

    def _may_drop_shipment_vendor_answer(self):
        """Whether the vendor answers on the page of this order, for mail templates."""
        self.ensure_one()
        report = self.env["drop.shipment.vendor.report"]
        return report._get_permission(self.sudo()) != "read"

    def _get_drop_shipment_due_texts(self):
        """Return what is still to come, for the mail template; see `reminding`."""
        self.ensure_one()
        return self.env["drop.shipment.reminding"]._get_due_texts(self)

    def _is_drop_shipment_unanswered(self):
        """Whether it waits for the vendor's word, for the mail template."""
        self.ensure_one()
        return self.env["drop.shipment.reminding"]._is_unanswered(self)

    def _get_drop_shipment_sent_day(self):
        """Return the day on which this order was sent, for the mail template."""
        day = self._get_drop_shipment_buyer_day(self.drop_shipment_sent)
        return bool(day) and format_date(self.env, day)

    def _is_drop_shipment_slip_attached(self):
        """Whether the mail to the vendor brings packing slips."""
        if not self._has_drop_shipment():
            return False
        vendor = self.partner_id.with_company(self.company_id)
        if choice := vendor.property_drop_shipment_packing_slip:
            return choice == "always"
        return self.company_id.drop_shipment_packing_slip

    def _get_drop_shipment_reminder_values(self):
        """Return what the mail template of the reminder says of the late lines.

        Templates are changed by users and stay as they are in an update: the names
        that they call stay here.
        """
        self.ensure_one()
        return self.env["drop.shipment.mail"]._get_reminder_values(self)

    def _get_drop_shipment_arrival_dates(self):
        """Return the days on which the goods are to arrive, for the mail template."""
        self.ensure_one()
        moments = self.order_line.filtered("drop_shipment").mapped("date_planned")
        days = {fields.Date.context_today(self, moment) for moment in moments if moment}
        return sorted(days)

    def _get_drop_shipment_buyer(self):
        """Return who buys this order, else from its vendor; nobody who has left."""
        self.ensure_one()
        buyer = self.user_id.filtered("active")
        return buyer or self.partner_id.buyer_id.filtered("active")
