from base64 import b64encode

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date


class DropShipmentMail(models.AbstractModel):
    """The mails: what vendors have shipped, and what comes late.

    To the customer, without a word of the vendor; to the vendor the reminder. Texts
    are in the language of the order that is passed: the mail templates set it to that
    of the reader.
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
        return self._get_composer_action(
            order,
            self.env._("Send to Customer"),
            self._get_template("sale_shipped"),
            drop_shipment_picking_ids=pickings.ids,
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
                "date": picking._get_drop_shipment_day(),
                "delivery_note": picking.drop_shipment_delivery_note,
                "tracking_ref": picking.drop_shipment_tracking_ref,
                "tracking_url": picking._get_drop_shipment_tracking_url(),
            }
            for picking in self._get_pickings(order)
        ]
        rest = [
            order.env._(
                "%(quantity)s of %(product)s",
                quantity=line._format_drop_shipment_qty(quantity),
                product=line.product_id.display_name,
            )
            for line, quantity in self._get_rest(order).items()
        ]
        return {"shipments": shipments, "rest": rest}

    @api.model
    def _get_rest(self, order):
        """Return {sales line: quantity that is still to come}, own stock included.

        In the UoM of the line; without what came back, which nobody ships again.
        """
        rest = {}
        # Core tries a new template on any order, however many lines that has.
        if not order.drop_shipment_line_ids:
            return rest
        # sudo: salespeople have no rights on transfers and purchase orders.
        for line in order.sudo().order_line:
            if line.product_id.type != "consu":
                continue
            quantity = line._get_drop_shipment_qty_to_come()
            if line.product_uom_id.compare(quantity, 0.0) > 0:
                rest[line.with_env(order.env)] = quantity
        return rest

    @api.model
    def _get_subject(self, order):
        """Return the subject of the mail on shipments."""
        names = {"company": order.company_id.name, "order": order.name}
        values = self._get_values(order)
        if not values["shipments"]:
            return order.env._("%(company)s: order %(order)s", **names)
        if values["rest"]:
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
    def _check_late(self, order):
        """Refuse to write of orders of which nothing is late.

        :param order: sales order or purchase order
        :raise UserError: names the order
        """
        if "late" not in (order.drop_shipment_alerts or {}):
            raise UserError(
                self.env._(
                    "%(order)s has no late drop shipment. Reload the page.",
                    order=order.name,
                )
            )

    @api.model
    def _get_delay_action(self, order):
        """Return the action that opens a message on what comes late.

        :raise UserError: nothing is late
        """
        self._check_late(order)
        return self._get_composer_action(
            order,
            self.env._("Write to Customer"),
            self._get_template("sale_delay"),
            default_partner_ids=order.partner_id.ids,
        )

    @api.model
    def _get_delay_values(self, order):
        """Return what the mail says of a late delivery.

        :return: dict of `products`, their names, and `date`, when they are expected
            now; False where the vendor's date is past as well, or nobody ships them yet
        """
        notices = self.env["drop.shipment.notices"]
        # sudo: salespeople have no rights on transfers and purchase orders.
        late = notices._filter_late(order.sudo().drop_shipment_line_ids)
        date = notices._get_late_date(late)
        late = late.with_env(order.env)
        to_day = fields.Date.context_today
        return {
            "products": late.product_id._get_drop_shipment_names(),
            "date": bool(date)
            and to_day(order, date) >= to_day(order)
            and format_date(order.env, date),
        }

    # ------------------------------------------------------------
    # REMINDER
    # ------------------------------------------------------------

    @api.model
    def _get_reminder_action(self, order):
        """Return the action that opens a mail that asks the vendor for late goods.

        :param order: confirmed purchase order
        :raise UserError: nothing is late
        """
        self._check_late(order)
        return self._get_composer_action(
            order,
            self.env._("Write to Vendor"),
            self._get_template("reminder"),
            default_email_layout_xmlid=(
                "mail.mail_notification_layout_with_responsible_signature"
            ),
            email_notification_allow_footer=True,
        )

    @api.model
    def _get_reminder_values(self, order):
        """Return what the reminder says of the late lines of a purchase order.

        :return: dict of `due`, the first day that is past, or False, and `lines`, texts
        """
        today = fields.Date.context_today(order)
        past, texts = [], []
        # sudo: buyers may lack rights on transfers.
        late = self.env["drop.shipment.notices"]._filter_late(order.sudo().order_line)
        for line in late.with_env(order.env):
            # sudo: buyers may lack rights on sales orders and transfers.
            sale_order = line.sudo().drop_shipment_sale_line_id.order_id
            day, needed = (
                moment and fields.Date.context_today(order, moment)
                for moment in (line.date_planned, sale_order.commitment_date)
            )
            if day and day < today:
                past.append(day)
            texts.append(self._get_reminder_text(order, line, day, needed))
        return {
            "due": bool(past) and format_date(order.env, min(past)),
            "lines": texts,
        }

    @api.model
    def _get_reminder_text(self, order, line, day, needed):
        """Return what the vendor is told of one late line.

        :param line: purchase line
        :param day: when it is to arrive, or False
        :param needed: when the customer was promised it, or False
        """
        values = {
            # sudo: buyers may lack rights on transfers.
            "quantity": line._format_drop_shipment_qty(
                line.sudo()._get_drop_shipment_qty_awaited()
            ),
            # The description on the purchase line is the one the vendor knows.
            "product": (line.name or "").split("\n")[0],
            "day": day and format_date(order.env, day),
        }
        if not day:
            return order.env._("%(quantity)s of %(product)s", **values)
        if needed and needed < day:
            return order.env._(
                "%(quantity)s of %(product)s: to arrive by %(day)s, needed by "
                "%(needed)s",
                needed=format_date(order.env, needed),
                **values,
            )
        return order.env._(
            "%(quantity)s of %(product)s: to arrive by %(day)s", **values
        )

    # ------------------------------------------------------------
    # INVOICE
    # ------------------------------------------------------------

    @api.model
    def _get_invoice_pickings(self, invoice):
        """Return the vendors' transfers, in sudo, of what this invoice charges."""
        pickings = self.env["stock.picking"].sudo()
        if invoice.move_type != "out_invoice":
            return pickings
        # sudo: accountants and salespeople may lack rights on orders and transfers.
        lines = invoice.sudo().invoice_line_ids.sale_line_ids.filtered("drop_shipment")
        for moves in self.env["drop.shipment.delivery.day"]._get_moves(lines, invoice):
            pickings |= moves.picking_id
        return pickings.filtered(lambda picking: picking._is_drop_shipment()).sorted(
            lambda picking: (picking.date_done, picking.id)
        )

    @api.model
    def _get_invoice_texts(self, invoice, lang):
        """Return what the mail of an invoice says of its shipments, text for each.

        :param str lang: language of the mail
        """
        env = invoice.with_context(lang=lang or self.env.lang).env
        texts = []
        for picking in self._get_invoice_pickings(invoice):
            day = format_date(env, picking._get_drop_shipment_day())
            text = env._("Shipped on %(date)s.", date=day)
            picking = picking.with_context(lang=env.lang)
            numbers = picking._get_drop_shipment_number_texts()
            texts.append(" ".join([text, *numbers]))
        return texts

    # ------------------------------------------------------------
    # COMPOSER
    # ------------------------------------------------------------

    @api.model
    def _get_template(self, name):
        """Return the mail template of this name; empty if it was deleted."""
        template = self.env.ref(
            f"dropship_link.email_template_drop_shipment_{name}",
            raise_if_not_found=False,
        )
        return template or self.env["mail.template"]

    @api.model
    def _get_composer_action(self, order, name, template, **context):
        """Return the action that opens a message to be mailed from `order`.

        :param str name: title of the dialog
        """
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "mail.compose.message",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": order._name,
                "default_res_ids": order.ids,
                "default_composition_mode": "comment",
                "default_template_id": template.id,
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
                **context,
            },
        }
