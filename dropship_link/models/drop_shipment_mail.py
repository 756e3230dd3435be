from base64 import b64encode

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class DropShipmentMail(models.AbstractModel):
    """The mails to the customer: what vendors have shipped, and what comes late.

    No word of the vendor. Texts are in the language of the order that is passed: the
    mail template, and the buttons here, set it to that of the customer.
    """

    _name = "drop.shipment.mail"
    _description = "Mails on Drop Shipments"

    # ------------------------------------------------------------
    # SHIPPED
    # ------------------------------------------------------------

    @api.model
    def _get_all_shipped_action(self, order):
        """Return the action that opens the mail on all shipments of `order`.

        For a mail that was not sent with the posting, or got lost.

        :raise UserError: nothing has been shipped
        """
        # sudo: salespeople have no rights on transfers.
        pickings = order.sudo()._get_drop_shipment_done_pickings()
        if not pickings:
            raise UserError(
                self.env._(
                    "%(order)s has no shipment to tell the customer of: post it first.",
                    order=order.name,
                )
            )
        return self._get_shipped_action(order, pickings)

    @api.model
    def _get_shipped_action(self, order, pickings):
        """Return the action that opens one mail on these shipments.

        :param pickings: transfers of `order` that are done
        """
        template = self._get_shipped_template()
        action = self._get_composer_action(order)
        action["name"] = self.env._("Send to Customer")
        action["context"].update(
            default_template_id=template.id if template else False,
            default_email_layout_xmlid="mail.mail_notification_light",
            drop_shipment_picking_ids=pickings.ids,
        )
        return action

    @api.model
    def _get_shipped_template(self):
        """Return the template of the mail on shipments; None if it was deleted."""
        return self.env.ref(
            "dropship_link.email_template_drop_shipment_sale_shipped",
            raise_if_not_found=False,
        )

    @api.model
    def _get_pickings(self, order):
        """Return the transfers, in sudo, that the mail is about.

        Those of the posting, by the context of the mail; without it all that are done.
        """
        # sudo: salespeople have no rights on transfers. The ids come from the client:
        # only transfers of this order count.
        pickings = order.sudo()._get_drop_shipment_done_pickings()
        ids = self.env.context.get("drop_shipment_picking_ids")
        return pickings.filtered(lambda picking: picking.id in ids) if ids else pickings

    @api.model
    def _get_values(self, order):
        """Return what the mail says of the shipments.

        :return: dict of `shipments`, dicts of `date`, `delivery_note`, `tracking_ref`
            and `tracking_url`; and `rest`, texts of what is still to come
        """
        shipments = [
            {
                "date": picking.date_done,
                "delivery_note": picking.drop_shipment_delivery_note,
                "tracking_ref": picking.drop_shipment_tracking_ref,
                "tracking_url": picking._get_drop_shipment_tracking_url(),
            }
            for picking in self._get_pickings(order)
        ]
        rest = [
            order.env._(
                "%(quantity)s of %(product)s",
                quantity=line._format_drop_shipment_qty(
                    line.product_uom_qty - line.qty_delivered
                ),
                product=line.product_id.display_name,
            )
            for line in order.drop_shipment_line_ids
            if line.product_uom_id.compare(line.qty_delivered, line.product_uom_qty) < 0
        ]
        return {"shipments": shipments, "rest": rest}

    @api.model
    def _get_subject(self, order):
        """Return the subject of the mail on shipments."""
        names = {"company": order.company_id.name, "order": order.name}
        if self._get_values(order)["rest"]:
            return order.env._(
                "%(company)s: a part of order %(order)s has been shipped", **names
            )
        return order.env._("%(company)s: order %(order)s has been shipped", **names)

    @api.model
    def _get_slip_attachments(self, order):
        """Return a delivery slip of each shipment as core wants attachments."""
        attachments = []
        # sudo: salespeople may not read transfers, which the customer's slip prints.
        report = order.env["ir.actions.report"].sudo()
        for picking in self._get_pickings(order):
            content, extension = report._render_qweb_pdf(
                "dropship_link.action_report_drop_shipment_slip", picking.ids
            )
            name = order.env._(
                "Delivery Slip - %(transfer)s", transfer=picking.name.replace("/", "-")
            )
            attachments.append((f"{name}.{extension}", b64encode(content)))
        return attachments

    # ------------------------------------------------------------
    # LATE
    # ------------------------------------------------------------

    @api.model
    def _get_delay_action(self, order):
        """Return the action that opens a message on what comes late.

        :raise UserError: nothing is late
        """
        if not order.drop_shipment_notice_late:
            raise UserError(
                self.env._(
                    "%(order)s has no late drop shipment. Reload the page.",
                    order=order.name,
                )
            )
        # In the customer's language, as whatever goes to them.
        order = order.with_context(lang=order.partner_id.lang or self.env.lang)
        action = self._get_composer_action(order)
        action["name"] = self.env._("Write to Customer")
        action["context"].update(
            default_partner_ids=order.partner_id.ids,
            default_subject=order.env._(
                "Delivery of your order %(order)s", order=order.name
            ),
            default_body=Markup("<p>%s</p>") % self._get_delay_text(order),
        )
        return action

    @api.model
    def _get_delay_text(self, order):
        """Return what the customer is told of a late delivery."""
        late = order.drop_shipment_line_ids.filtered("drop_shipment_late")
        products = late.product_id._get_drop_shipment_names()
        date = max(
            late.filtered("drop_shipment_date_expected").mapped(
                "drop_shipment_date_expected"
            ),
            default=False,
        )
        # The vendor's date may be past as well.
        if date and fields.Date.context_today(order, date) >= fields.Date.context_today(
            order
        ):
            return order.env._(
                "%(products)s will arrive later than planned. We now expect the "
                "delivery on %(date)s.",
                products=products,
                date=format_date(order.env, date),
            )
        return order.env._(
            "%(products)s will arrive later than planned. We will tell you the new "
            "date as soon as we know it.",
            products=products,
        )

    # ------------------------------------------------------------
    # COMPOSER
    # ------------------------------------------------------------

    @api.model
    def _get_composer_action(self, order):
        """Return the action that opens an empty message to be mailed from `order`."""
        return {
            "type": "ir.actions.act_window",
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": order._name,
                "default_res_ids": order.ids,
                "default_composition_mode": "comment",
                "force_email": True,
            },
        }
