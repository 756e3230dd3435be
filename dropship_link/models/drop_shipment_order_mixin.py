from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models


class DropShipmentOrderMixin(models.AbstractModel):
    """What both orders of a drop shipment say of it."""

    _name = "drop.shipment.order.mixin"
    _inherit = ["drop.shipment.shipments.mixin"]
    _description = "Order of Drop Shipments"

    has_drop_shipment = fields.Boolean(
        compute="_compute_has_drop_shipment",
        groups="base.group_user",
    )
    drop_shipment_count = fields.Integer(
        string="Number of Drop Shipments",
        compute="_compute_has_drop_shipment",
        help="Lines of this order that vendors ship.",
        groups="base.group_user",
    )
    drop_shipment_returnable = fields.Boolean(
        compute="_compute_drop_shipment_returnable",
        # Neither side has rights on transfers.
        compute_sudo=True,
        help="A vendor has shipped something of this order that did not come back.",
        groups="base.group_user",
    )
    drop_shipment_shipped = fields.Boolean(
        compute="_compute_drop_shipment_returnable",
        compute_sudo=True,
        help="A vendor has shipped something of this order.",
        groups="base.group_user",
    )
    drop_shipment_notice = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="What is to be done for the drop shipments of this order.",
        groups="base.group_user",
    )
    drop_shipment_alerts = fields.Json(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="The same, one by one, each with the buttons that help.",
        groups="base.group_user",
    )

    def _compute_has_drop_shipment(self):
        raise NotImplementedError

    @api.depends(
        "order_line.drop_shipment_delivery_note",
        "order_line.drop_shipment_tracking_ref",
    )
    def _compute_drop_shipment_shipments(self):
        return super()._compute_drop_shipment_shipments()

    def _compute_drop_shipment_returnable(self):
        # Each order says what it depends on.
        for order in self:
            order.drop_shipment_returnable = order.has_drop_shipment and bool(
                self.env["drop.shipment.returning"]._get_returnable(order)
            )
            order.drop_shipment_shipped = order.has_drop_shipment and bool(
                self.env["drop.shipment.correcting"]._get_shipments(order)
            )

    def _compute_drop_shipment_notice(self):
        # Each order says what it depends on.
        for order in self:
            alerts = self.env["drop.shipment.alerts"]._get_alerts(order)
            order.drop_shipment_alerts = alerts or False
            order.drop_shipment_notice = " ".join(
                alert["message"] for alert in alerts.values()
            )

    def _get_drop_shipment_pickings(self):
        return self.order_line._get_drop_shipment_pickings()

    def _get_drop_shipment_sale_lines(self):
        """Return the sales lines of these orders' drop shipments.

        The caller sees to the rights on sales orders.
        """
        raise NotImplementedError

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_post_drop_shipment(self):
        """Open the dialog that posts the drop shipments of this order.

        :return: window action
        :raise UserError: there is nothing to post
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        return self.env["drop.shipment.post"]._open(self)

    def action_return_drop_shipment(self):
        """Open the dialog that takes back what vendors have shipped of this order.

        :return: window action
        :raise UserError: there is nothing to return
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        return self.env["drop.shipment.return"]._open(self)

    def action_correct_drop_shipment(self):
        """Open the dialog that corrects day and numbers of this order's shipments.

        :return: window action
        :raise UserError: nothing was shipped
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        return self.env["drop.shipment.correct"]._open(self)

    def action_view_drop_shipments(self):
        """Open the list of the drop shipments of these orders.

        :return: window action
        :raise AccessError: the user may not read the orders
        """
        self.check_access("read")
        # sudo: only the ids of the lines go into the action, whose list has its own
        # access rules.
        lines = self.sudo()._get_drop_shipment_sale_lines()
        return self.env["drop.shipment.report"]._get_lines_action(lines)

    # ------------------------------------------------------------
    # NOTES
    # ------------------------------------------------------------

    def _log_drop_shipment_note(self, texts):
        """Log one note on this order; see `_log_drop_shipment_notes`."""
        self.ensure_one()
        self._log_drop_shipment_notes({self: texts})

    @api.model
    def _log_drop_shipment_notes(self, texts):
        """Log one note on each order, one text below the other; nobody is notified.

        :param dict texts: order to list of texts
        """
        orders = self.browse().union(*texts)
        if orders:
            orders._message_log_batch(
                {order.id: Markup("<br/>").join(note) for order, note in texts.items()}
            )

    def _get_drop_shipment_html_link(self):
        """Return a link to this order for a note that both departments read.

        Core's link is an error for who may not read the order; see `controllers`.
        """
        self.ensure_one()
        return Markup('<a href="/drop_shipment/%s/%s">%s</a>') % (
            self._name,
            self.id,
            self.name,
        )

    @api.model
    def _log_drop_shipment_notes_on_both(self, sale_orders, get_text, get_sale_text):
        """Log one note on each purchase order, and one on each of its sales orders.

        :param dict sale_orders: purchase order to its sales orders
        :param get_text: function of the link to a sales order
        :param get_sale_text: function of the link to a purchase order, and its vendor
        """
        texts, sale_texts = {}, defaultdict(list)
        for order, orders in sale_orders.items():
            texts[order] = [
                get_text(sale._get_drop_shipment_html_link()) for sale in orders
            ]
            link = order._get_drop_shipment_html_link()
            vendor = order.partner_id.display_name
            for sale in orders:
                sale_texts[sale].append(get_sale_text(link, vendor))
        self._log_drop_shipment_notes(texts)
        # sudo: buyers may lack rights on the sales orders.
        self.env["sale.order"].sudo()._log_drop_shipment_notes(sale_texts)
