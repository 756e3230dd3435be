from markupsafe import Markup

from odoo import api, fields, models


class DropShipmentOrderMixin(models.AbstractModel):
    """What both orders of a drop shipment say of it."""

    _name = "drop.shipment.order.mixin"
    _inherit = ["drop.shipment.shipments.mixin"]
    _description = "Order of Drop Shipments"

    drop_shipment_notice = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="What is to be done for the drop shipments of this order.",
        groups="base.group_user",
    )
    drop_shipment_notice_late = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Which products come later than the customer was promised.",
        groups="base.group_user",
    )
    drop_shipment_notice_rest = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Of which products the vendor has shipped a part only.",
        groups="base.group_user",
    )
    drop_shipment_notice_stranded = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Of which products something is ordered, but on no transfer any more.",
        groups="base.group_user",
    )
    drop_shipment_notice_refund = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Of which products more is invoiced or billed than was shipped.",
        groups="base.group_user",
    )

    @api.depends(
        "order_line.drop_shipment_delivery_note",
        "order_line.drop_shipment_tracking_ref",
    )
    def _compute_drop_shipment_shipments(self):
        return super()._compute_drop_shipment_shipments()

    def _compute_drop_shipment_notice(self):
        # Each order says what it depends on.
        for order in self:
            notices = order._get_drop_shipment_notices()
            order.drop_shipment_notice = " ".join(filter(None, notices.values()))
            for name, notice in notices.items():
                order[name] = notice

    def _get_drop_shipment_pickings(self):
        return self.order_line._get_drop_shipment_pickings()

    def _get_drop_shipment_notices(self):
        """Return {field: what is to be done, a sentence}; False when all is well."""
        raise NotImplementedError

    @api.model
    def _drop_shipment_log(self, texts):
        """Log one note on each order, one text below the other; nobody is notified.

        :param dict texts: order to list of texts
        """
        orders = self.browse().union(*texts)
        if orders:
            orders._message_log_batch(
                {order.id: Markup("<br/>").join(note) for order, note in texts.items()}
            )
