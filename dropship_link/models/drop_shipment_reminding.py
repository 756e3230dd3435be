from datetime import timedelta

from odoo import api, fields, models


class DropShipmentReminding(models.AbstractModel):
    """The vendor is reminded by itself: of what is still to come, and to accept.

    Once a day, with core's reminders. Of an order of which nothing has come yet core
    itself reminds.
    """

    _name = "drop.shipment.reminding"
    _description = "Reminders of Drop Shipments"

    # ------------------------------------------------------------
    # WHAT IS STILL TO COME
    # ------------------------------------------------------------

    @api.model
    def _filter_partly_shipped(self, orders):
        """Return the purchase orders of which a part has come, and a part has not."""
        return orders.filtered(
            lambda order: order.effective_date and self._get_open_lines(order)
        )

    @api.model
    def _filter_awaited(self, orders):
        """Return the orders without those that the vendor has answered in full."""
        return orders.filtered(
            lambda order: (
                # First, so that nothing is read of an ordinary order.
                not order.sell_to_customer_id
                # sudo: buyers may lack rights on transfers.
                or not order.sudo().order_line._filter_answered()
                or self._get_open_lines(order)
            )
        )

    @api.model
    def _remind_of_rests(self, orders):
        """Remind vendors of what is still to come, as many days before as they want.

        :param orders: confirmed purchase orders, shipped in part
        """
        for order in orders:
            today = order._get_drop_shipment_buyer_day(fields.Datetime.now())
            days = [
                order._get_drop_shipment_buyer_day(line.date_planned)
                for line in self._get_open_lines(order)
                if line.date_planned
            ]
            before = timedelta(days=order.reminder_date_before_receipt)
            # The first day that is to come: what is late is the buyer's to ask for.
            if today in [day - before for day in days]:
                self._send(order, "due")

    @api.model
    def _get_open_lines(self, order):
        """Return the lines, in sudo, of an order that have something to come.

        Without what the vendor reported, or said that they don't ship.
        """
        # sudo: buyers may lack rights on transfers.
        lines = order.sudo().order_line.filtered(
            lambda line: line.drop_shipment and line._get_drop_shipment_open_moves()
        )
        return lines - lines._filter_answered()

    @api.model
    def _get_due_texts(self, order):
        """Return what is still to come of an order, for the mail template."""
        mail = self.env["drop.shipment.mail"]
        return [
            mail._get_reminder_text(
                order,
                line.with_env(order.env),
                order._get_drop_shipment_buyer_day(line.date_planned),
                False,
            )
            for line in self._get_open_lines(order)
        ]

    # ------------------------------------------------------------
    # NOT ACCEPTED
    # ------------------------------------------------------------

    @api.model
    def _remind_to_accept(self):
        """Remind vendors, once, of orders that they did not answer for some days."""
        companies = self.env["res.company"].search(
            [("drop_shipment_accept_days", ">", 0)]
        )
        for company in companies:
            days = timedelta(days=company.drop_shipment_accept_days)
            orders = self.env["purchase.order"].search(
                [
                    ("company_id", "=", company.id),
                    ("sell_to_customer_id", "!=", False),
                    ("state", "=", "purchase"),
                    ("acknowledged", "=", False),
                    ("drop_shipment_sent", "<=", fields.Datetime.now() - days),
                    ("date_approve", "<=", fields.Datetime.now() - days),
                    ("drop_shipment_accept_reminded", "=", False),
                ]
            )
            for order in orders.filtered(self._is_unanswered):
                # sudo: set by the system only, whoever the scheduled action runs as.
                order.sudo().drop_shipment_accept_reminded = True
                self._send(order, "accept")

    @api.model
    def _is_unanswered(self, order):
        """Whether the vendor has not yet accepted, shipped, reported or declined."""
        # sudo: buyers may lack rights on transfers.
        lines = order.sudo().order_line.filtered("drop_shipment")
        return bool(
            not order.acknowledged
            and self._get_open_lines(order)
            and not any(line.qty_received for line in lines)
            and not any(line.drop_shipment_qty_declined for line in lines)
            and not self.env["drop.shipment.reported"]._get_moves(order)
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @api.model
    def _send(self, order, name):
        """Write to the vendor of a purchase order; nobody is asked.

        :param str name: of the mail template, which may have been deleted
        """
        if template := self.env["drop.shipment.mail"]._get_template(name):
            order.with_context(is_reminder=True).message_post_with_source(
                template,
                email_layout_xmlid=(
                    "mail.mail_notification_layout_with_responsible_signature"
                ),
                subtype_xmlid="mail.mt_comment",
            )
