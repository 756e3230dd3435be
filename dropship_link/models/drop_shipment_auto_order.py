from markupsafe import Markup, escape

from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError


class DropShipmentAutoOrder(models.AbstractModel):
    """Orders drop shipments when their sales order is confirmed, without a buyer.

    A service without records, for companies with `drop_shipment_auto_order`. It orders
    as `drop.shipment.ordering` does; what a buyer would see in the dialog becomes an
    activity.
    """

    _name = "drop.shipment.auto.order"
    _description = "Automatic Order of Drop Shipments"

    def _order_lines(self, lines):
        """Order these sales lines, all in sudo, as their sales order is confirmed.

        What can't be ordered is left to order, and never blocks the sale: the person
        responsible for the product gets one activity. So does the buyer of an order
        that no price of its vendor applies to.
        """
        if lang := self._get_lang(lines):
            self = self.with_context(lang=lang)
        if self.env.user.share:
            # As in core: no customer is the author of purchase orders.
            self = self.with_user(SUPERUSER_ID)
        lines = lines.with_env(self.env)
        ordering = self.env["drop.shipment.ordering"]
        proposals = []
        for line, vendor, quantity in ordering._get_proposals(lines):
            if vendor:
                proposals.append((line, vendor, quantity))
            else:
                self._schedule_not_ordered_activity(line)
        try:
            with self.env.cr.savepoint():
                # Whoever confirms, in the end the customer, has no part in purchasing:
                # followers are sent what the vendor is sent, with its prices.
                system = ordering.with_context(mail_create_nosubscribe=True)
                for order in system._create_requests(proposals):
                    self._schedule_price_activity(order)
        except UserError as error:
            for line, _vendor, _quantity in proposals:
                self._schedule_not_ordered_activity(line, str(error))

    def _get_lang(self, lines):
        """Return the language of notes and refusals; False for that of the user.

        A customer who confirms on the portal, or pays, reads none of them.
        """
        user = self.env.user
        if not (user.share or user._is_superuser()):
            return False
        salesman = lines.order_id.user_id[:1]
        return salesman.lang or lines.company_id[:1].partner_id.lang

    def _schedule_not_ordered_activity(self, line, reason=None):
        """Tell the person who buys the product that `line` could not be ordered.

        :param str reason: why; by default that nobody sells the product
        """
        # Nobody rather than the system, where the customer or a payment confirms.
        user = (
            self._get_responsible(line.product_id, line.company_id)
            or line.order_id.user_id.filtered("active")
            or self.env.user.filtered("active")
        )
        # In the reader's language: a customer may have confirmed.
        line = line.with_context(lang=user.lang or self.env.lang)
        env = line.env
        # On the product: a buyer may read it, but not the sales order.
        product = line.product_id.product_tmpl_id
        summary = env._(
            "Drop shipment of %(sale)s could not be ordered", sale=line.order_id.name
        )
        if summary in product.activity_ids.mapped("summary"):
            return
        product.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            # Names of products may have what HTML takes for a tag.
            note=escape(
                env._(
                    "%(line)s could not be ordered. %(reason)s Fix that, then choose "
                    "Create Purchase Orders.",
                    line=line._get_drop_shipment_label(),
                    reason=reason
                    or env._(
                        "The product has no vendor in %(company)s.",
                        company=line.company_id.name,
                    ),
                )
            ),
            user_id=user.id,
        )

    def _get_responsible(self, products, company):
        """Return who is responsible for these products in `company`.

        Nobody who has left, and not who is in the company that is current.
        """
        responsible = products.with_company(company).responsible_id
        return responsible.filtered("active")[:1]

    def _schedule_price_activity(self, order):
        """Tell the buyer for which lines of this order no price applies."""
        order = order.with_context(lang=order._get_drop_shipment_buyer_lang())
        hints = order.env["drop.shipment.sourcing"]._get_price_hints(order.order_line)
        if not hints:
            return
        responsible = self._get_responsible(
            order.order_line.product_id, order.company_id
        )
        order.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=order.env._("Ordered automatically without a price of the vendor"),
            note=Markup("<br/>").join(hints),
            # Leave it unassigned rather than assign somebody without access.
            user_id=(order._get_drop_shipment_buyer() or responsible).id,
        )
