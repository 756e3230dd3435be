from odoo import api, models


class PurchaseOrder(models.Model):
    """What the vendor said of an order, or did not say."""

    _inherit = "purchase.order"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def button_cancel(self):
        # Before the transfers are cancelled, and with them the report.
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
        return sale_lines.action_open_create_drop_shipment_purchases()

    # ------------------------------------------------------------
    # REMINDERS
    # ------------------------------------------------------------

    @api.model
    def _get_orders_to_remind(self):
        orders = super()._get_orders_to_remind()
        # Core reminds of nothing once a first part has come.
        partly = self.search(
            [
                ("sell_to_customer_id", "!=", False),
                ("effective_date", "!=", False),
                ("state", "=", "purchase"),
                ("acknowledged", "=", False),
                ("receipt_reminder_email", "=", True),
            ]
        )
        return orders | partly.filtered("order_line.drop_shipment").filtered(
            lambda order: order.sudo().order_line._get_drop_shipment_open_moves()
        )

    def action_acknowledge(self):
        # The vendor's own word; a transfer says nothing about what is left to ship.
        shipped = self.browse(self.env.context.get("dropship_link_unacknowledged"))
        return super(PurchaseOrder, self - shipped).action_acknowledge()

    def _acknowledge_when_shipped(self):
        """Mark orders as acknowledged of which nothing is left to ship."""
        done = self.filtered(
            lambda order: not order.order_line._get_drop_shipment_open_moves()
        )
        done.filtered(lambda order: not order.acknowledged).action_acknowledge()

    def _may_drop_shipment_vendor_answer(self):
        """Whether the vendor answers on the page of this order, for mail templates."""
        self.ensure_one()
        report = self.env["drop.shipment.vendor.report"]
        return report._get_permission(self.sudo()) != "read"
