from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date


class DropShipmentVendorMessage(models.AbstractModel):
    """Tells buyer and salespeople what the vendor said on their page.

    One message for each of them, however many lines and sales orders it is about, and
    a note on the other orders. As internal notes: an order's followers may be the
    vendor and the customer. In the language of the reader.
    """

    _name = "drop.shipment.vendor.message"
    _description = "Messages on the Vendor's Word"

    # ------------------------------------------------------------
    # EVENTS
    # ------------------------------------------------------------

    @api.model
    def _tell_report(self, order, pickings, *, corrected):
        """Tell that a shipment was reported, and whether it waits.

        :param pickings: the transfers of the report, some may be done
        :param bool corrected: the report takes the place of one that waited
        """

        def get_texts(lines, _document):
            own = pickings.with_env(lines.env).filtered(
                lambda pick: pick.move_ids.purchase_line_id & lines
            )
            return self._get_report_texts(own, corrected)

        self._tell(order, pickings.move_ids.purchase_line_id, get_texts)

    @api.model
    def _tell_withdrawn(self, order, pickings):
        """Tell that a report was taken back.

        :param pickings: the transfers that had waited
        """

        def get_texts(lines, _document):
            return [
                lines.env._(
                    "The vendor took the reported shipment back: nothing of it was "
                    "shipped yet."
                )
            ]

        self._tell(order, pickings.move_ids.purchase_line_id, get_texts)

    @api.model
    def _tell_dates(self, order, before):
        """Tell salespeople of another day of the vendor; the buyer has core's task.

        :param order: the purchase order, in sudo
        :param dict before: linked purchase line to the moment it was expected before
        """
        to_day = fields.Date.context_today
        lines = order.order_line.filtered(lambda line: line in before)
        for sale_order, own in lines.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            user = sale_order.user_id
            own = own.with_context(lang=user.lang or order.env.lang, tz=user.tz)
            texts = [
                own.env._(
                    "The vendor has changed the day of %(product)s: it is expected on "
                    "%(date)s.",
                    product=line.product_id.display_name,
                    date=format_date(own.env, to_day(line, line.date_planned)),
                )
                for line in own
                if to_day(line, line.date_planned)
                != (before[line] and to_day(line, before[line]))
            ]
            self._write_note(sale_order, order, user, texts)

    @api.model
    def _tell_declined(self, order, declined, taken_back):
        """Tell what the vendor does not ship, and what is to be done.

        :param declined: purchase lines of which something was declined
        :param taken_back: lines of which nothing is declined any more
        """

        def get_texts(lines, document):
            return [
                *self._get_declined_texts(lines & declined, document),
                *(
                    lines.env._(
                        "The vendor ships %(product)s after all.",
                        product=line.product_id.display_name,
                    )
                    for line in lines & taken_back
                ),
            ]

        self._tell(order, declined | taken_back, get_texts)

    # ------------------------------------------------------------
    # TEXTS
    # ------------------------------------------------------------

    @api.model
    def _get_report_texts(self, pickings, corrected):
        """Return what was reported, a text for each transfer, and what is to be done.

        :param pickings: transfers in the language of the reader
        """
        env = pickings.env
        texts = []
        for picking in pickings:
            values = {
                "date": format_date(env, picking.drop_shipment_date),
                "products": self._get_products_text(picking),
                "transfer": picking._get_html_link(),
            }
            text = (
                env._(
                    "The vendor corrected the report: shipped on %(date)s %(products)s "
                    "(%(transfer)s).",
                    **values,
                )
                if corrected
                else env._(
                    "Reported by the vendor: shipped on %(date)s %(products)s "
                    "(%(transfer)s).",
                    **values,
                )
            )
            numbers = picking._get_drop_shipment_number_texts()
            texts.append(Markup(" ").join([text, *numbers]))
        if any(picking.state != "done" for picking in pickings):
            texts.append(env._("Choose Post to ship it."))
        elif texts:
            texts.append(env._("It is posted."))
        return texts

    @api.model
    def _get_products_text(self, picking):
        """Return what was reported on a transfer, with quantities."""
        moves = picking.move_ids.filtered(
            lambda move: move.picked and move.state != "cancel"
        )
        return moves._get_drop_shipment_products_text()

    @api.model
    def _get_declined_texts(self, lines, document):
        """Return what the vendor does not ship of purchase lines, and what to do.

        :param document: the order that is written on, of the buyer or of sales
        """
        env = lines.env
        texts = [
            env._(
                "The vendor does not ship %(quantity)s of %(product)s. Reason: "
                "%(reason)s",
                quantity=line._format_drop_shipment_qty(
                    line.drop_shipment_qty_declined
                ),
                product=line.product_id.display_name,
                reason=line.drop_shipment_decline_reason,
            )
            for line in lines
        ]
        if not texts:
            return []
        order = lines.order_id
        return [
            *texts,
            env._("Choose Close Remainder, then order it from another vendor.")
            if document == order
            else env._(
                "The buyer closes it on %(order)s and orders it from another vendor.",
                order=order.name,
            ),
        ]

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    @api.model
    def _tell(self, order, lines, get_texts):
        """Write on a purchase order and the sales orders of some of its lines.

        :param order: as the system sees it, in the language of the buyer
        :param lines: purchase lines that it is about
        :param get_texts: function of purchase lines, in the language of the reader, and
            of the order that is written on; it returns texts, or none
        """
        buyer = order._get_drop_shipment_buyer()
        lines = lines.filtered("drop_shipment")
        self._write_note(order, order, buyer, get_texts(lines, order))
        told = buyer
        for sale_order, own in lines.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            user = sale_order.user_id
            lang = user.lang or order.env.lang
            self._write_note(
                sale_order,
                order,
                user - told,
                get_texts(own.with_context(lang=lang), sale_order),
            )
            # One message is enough for all of a salesperson's orders.
            told |= user

    @api.model
    def _write_note(self, document, order, user, texts):
        """Write one internal note in the name of the vendor; `user` is notified.

        :param document: the order it is written on
        :param order: purchase order of the vendor
        """
        if not texts:
            return
        document.message_post(
            body=Markup("<br/>").join(texts),
            author_id=order.partner_id.id,
            partner_ids=user.filtered("active").partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
