from odoo import api, models
from odoo.exceptions import UserError


class DropShipmentSending(models.AbstractModel):
    """Sends orders to their vendors, many at once, as *Send* does for one."""

    _name = "drop.shipment.sending"
    _description = "Sending of Drop Shipment Orders"

    @api.model
    def _get_action(self, orders):
        """Return the action that sends `orders` one by one, after a question.

        :raise UserError: none of them can be sent
        """
        jobs, skipped = [], []
        for order in orders:
            if reason := self._get_refusal(order):
                skipped.append({"name": order.display_name, "reason": reason})
            else:
                jobs.append(self._prepare_job(order))
        if not jobs:
            raise UserError(
                self.env._(
                    "Nothing of this can be sent:\n%(reasons)s",
                    reasons="\n".join(
                        f"{order['name']}: {order['reason']}" for order in skipped[:10]
                    ),
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "dropship_link.run_jobs",
            "name": self.env._("Send to Vendors"),
            "params": {
                "button": self.env._("Send"),
                "model": "purchase.order",
                "method": "send_drop_shipment",
                "jobs": jobs,
                "skipped": skipped,
            },
        }

    @api.model
    def _prepare_job(self, order):
        """Return the job that sends an order."""
        lines = order.order_line.filtered("drop_shipment")
        return {
            "name": order.name,
            "detail": order.partner_id.display_name,
            "vendors": False,
            "lines": [
                self.env._(
                    "%(quantity)s of %(product)s",
                    quantity=line._format_drop_shipment_qty(line.product_qty),
                    product=line.product_id.display_name,
                )
                for line in lines
            ],
            "count": len(lines),
            "kwargs": {"purchase_order_id": order.id},
        }

    @api.model
    def _get_refusal(self, order):
        """Return why `order` can't be sent from a list, or False."""
        if not order._has_drop_shipment():
            return self.env._("It has no drop shipment: open it, and send it there.")
        if order.state == "cancel":
            return self.env._("It is cancelled.")
        if order.state == "to approve":
            return self.env._("It waits for approval.")
        if not order.partner_id.email:
            return self.env._(
                "%(vendor)s has no e-mail address. Enter one on the vendor first.",
                vendor=order.partner_id.display_name,
            )
        return False

    @api.model
    def _send(self, order):
        """Send the mail that *Send* of an order opens, as it is.

        :return: text that tells to whom
        :raise UserError: it has no drop shipment, is cancelled, or its vendor has no
            address; or it could not be confirmed as it is
        :raise AccessError: the user may not change the order
        """
        order.check_access("write")
        if refusal := self._get_refusal(order):
            raise UserError(
                self.env._(
                    "%(order)s can't be sent. %(reason)s",
                    order=order.name,
                    reason=refusal,
                )
            )
        is_request = order.state in ("draft", "sent")
        action = order.with_context(send_rfq=is_request).action_rfq_send()
        composer = self.env["mail.compose.message"].with_context(**action["context"])
        composer.create({}).action_send_mail()
        return self.env._("Sent to %(address)s.", address=order.partner_id.email)
