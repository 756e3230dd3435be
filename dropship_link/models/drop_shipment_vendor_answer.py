from odoo import api, models

from .drop_shipment_vendor_report import VendorRefusal


class DropShipmentVendorAnswer(models.AbstractModel):
    """What the vendor answers to an order: accepted, another date, declined.

    Orders and words are those of `drop.shipment.vendor.report`. Only dates of lines are
    changed by themselves: what to do with what is declined is the buyer's to say.
    """

    _name = "drop.shipment.vendor.answer"
    _description = "Vendor's Answer to a Drop Shipment"

    @api.model
    def _accept(self, order):
        """Accept the order; a second time changes nothing."""
        report = self.env["drop.shipment.vendor.report"]
        report._check_may(order)
        order = report._get_as_system(order)
        if not order.acknowledged:
            order.action_acknowledge()
            # Nobody need be notified.
            order.env["drop.shipment.vendor.message"]._write_note(
                order,
                order,
                order.env["res.users"],
                [order.env._("Accepted by the vendor.")],
            )

    @api.model
    def _set_dates(self, order, dates):
        """Give lines another date, as core's own page does; the buyer gets a task.

        :param dict dates: purchase line id to the day on which it arrives
        :raise VendorRefusal: see `drop.shipment.vendor.check`
        """
        report = self.env["drop.shipment.vendor.report"]
        report._check_may(order, dates)
        check = self.env["drop.shipment.vendor.check"]
        if messages := check._get_date_messages(order, dates):
            raise VendorRefusal(messages)
        order = report._get_as_system(order)
        changes = []
        for line in order.order_line.filtered(lambda line: line.id in dates):
            moment = line._convert_to_middle_of_day(dates[line.id])
            if moment != line.date_planned:
                changes.append((line, moment))
        if changes:
            order._update_date_planned_for_lines(changes)

    @api.model
    def _decline(self, order, quantities, reason):
        """Note what the vendor does not ship, and tell buyer and salespeople.

        :param dict quantities: purchase line id to quantity in its UoM; 0 takes back
        :param str reason: why
        :raise VendorRefusal: see `drop.shipment.vendor.check`
        """
        report = self.env["drop.shipment.vendor.report"]
        report._check_may(order, quantities)
        check = self.env["drop.shipment.vendor.check"]
        if messages := check._get_decline_messages(order, quantities, reason):
            raise VendorRefusal(messages)
        order = report._get_as_system(order)
        declined = taken_back = order.order_line.browse()
        reason = (reason or "").strip()
        for line in order.order_line.filtered(lambda line: line.id in quantities):
            quantity = line.product_uom_id.round(
                quantities[line.id], rounding_method="HALF-UP"
            )
            before = line.drop_shipment_qty_declined
            if quantity and (
                line.product_uom_id.compare(quantity, before)
                or reason != line.drop_shipment_decline_reason
            ):
                line.drop_shipment_qty_declined = quantity
                line.drop_shipment_decline_reason = reason
                declined |= line
            elif before and not quantity:
                self._limit(line, 0.0)
                taken_back |= line
        if declined or taken_back:
            message = order.env["drop.shipment.vendor.message"]
            message._tell_declined(order, declined, taken_back)

    @api.model
    def _follow_quantities(self, before):
        """Lower what is declined by what was given up of the order since.

        :param dict before: purchase line to the quantity that it had, in its UoM
        """
        for line, quantity in before.items():
            lowered = quantity - line.product_qty
            if (
                line.drop_shipment_qty_declined
                and line.product_uom_id.compare(lowered, 0.0) > 0
            ):
                self._limit(line, line.drop_shipment_qty_declined - lowered)

    @api.model
    def _limit(self, lines, most=None):
        """Lower what is declined of purchase lines to what is left to ship.

        :param float most: limit to use instead, in the UoM of the lines
        """
        # sudo: the field follows from the vendor's word, nobody may write it; users of
        # Inventory and buyers may lack rights on orders and transfers.
        for line in lines.sudo().filtered("drop_shipment_qty_declined"):
            limit = line._get_drop_shipment_qty_outstanding() if most is None else most
            uom, limit = line.product_uom_id, max(0.0, limit)
            if uom.compare(line.drop_shipment_qty_declined, limit) > 0:
                line.drop_shipment_qty_declined = limit
                if uom.is_zero(limit):
                    line.drop_shipment_decline_reason = False
