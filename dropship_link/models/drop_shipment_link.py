from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class Raised:
    """Ids of sales lines of which more is ordered, to be checked when all is written.

    Each is equal to itself only, so that no two contexts are taken for the same.
    """

    def __init__(self):
        self.ids = set()


class DropShipmentLink(models.AbstractModel):
    """Which lines may be ticked, linked and confirmed; for a refusal, the reason.

    A link is a purchase line of an order that is not cancelled, with a ticked sales
    line in `sale_line_id`. `_get_..._refusal` returns a text or False, `_check_...`
    raises it. What is frozen while a link exists is in `drop.shipment.freeze`; how it
    is given up is in `drop.shipment.taking.back`.
    """

    _name = "drop.shipment.link"
    _description = "Links of Drop Shipments"

    # ------------------------------------------------------------
    # TICK
    # ------------------------------------------------------------

    @api.model
    def _get_tick_refusals(self, sale_lines):
        """Return {line: reason} for the lines whose product can't be drop-shipped."""
        if not sale_lines:
            return {}
        reasons = {}
        for line in sale_lines:
            if line.display_type or line.is_downpayment or not line.product_id:
                reasons[line] = self.env._("It is not a product.")
            elif line.product_id.type != "consu":
                reasons[line] = self.env._("Only goods can be drop-shipped.")
            elif not line.product_uom_id:
                reasons[line] = self.env._("It has no unit of measure.")
            elif line.is_expense:
                reasons[line] = self.env._("It is a re-invoiced expense.")
            elif line.product_uom_id.compare(line.product_uom_qty, 0.0) < 0:
                reasons[line] = self.env._("Its quantity is negative.")
        return reasons

    @api.model
    def _filter_ticked_by_default(self, sale_lines):
        """Return the lines that a vendor ships unless somebody says otherwise.

        Not those that come with a transfer of their own, such as parts of a repair.
        """
        lines = sale_lines.filtered(
            lambda line: line.product_id.drop_shipment and not line.move_ids
        )
        refused = self._get_tick_refusals(lines)
        return lines.filtered(lambda line: line not in refused)

    # ------------------------------------------------------------
    # LINK
    # ------------------------------------------------------------

    @api.model
    def _check_links(self, lines):
        """Refuse links that the rules do not allow, however they were made.

        :param lines: linked purchase lines
        :raise ValidationError: names line and document, and what to do
        """
        self._check_not_negative(lines)
        # Buyers without sales rights link to orders that they may not read.
        lines_sudo = lines.sudo()
        for line in lines_sudo:
            if line.company_id != line.drop_shipment_sale_line_id.company_id:
                # No word about the sales order: the user may have made up its id.
                raise ValidationError(
                    self.env._(
                        "%(line)s can't be linked: the sales order belongs to another "
                        "company. Use Get Sales Order.",
                        line=line._get_drop_shipment_label(),
                    )
                )
        sale_lines = lines_sudo.drop_shipment_sale_line_id
        # No other request helps where the product is no longer goods.
        if refusal := self._get_ticked_refusal(
            sale_lines.filtered(lambda line: line.product_id.type != "consu")
        ):
            raise ValidationError(refusal)
        for (order, sale_order), linked in lines_sudo.grouped(
            lambda line: (line.order_id, line.drop_shipment_sale_line_id.order_id)
        ).items():
            order_refusal = self._get_order_refusal(order, sale_order)
            for line in linked:
                if reason := order_refusal or self._get_line_refusal(line):
                    raise ValidationError(
                        self.env._(
                            "%(line)s can't be linked to sales order %(sale)s: "
                            "%(reason)s Use Get Sales Order in a new request for "
                            "quotation.",
                            line=line._get_drop_shipment_label(),
                            sale=sale_order.name,
                            reason=reason,
                        )
                    )
        self._check_not_over_ordered(sale_lines, lines_sudo)
        self._force_write_conflict(sale_lines.order_id)

    @api.model
    def _get_order_refusal(self, order, sale_order):
        """Return why lines of `order` may not ship `sale_order`, or False.

        :param sale_order: sales order, in sudo where the user may not read it
        """
        if order.state not in ("draft", "sent"):
            return self.env._("The purchase order is not a request for quotation.")
        if sale_order.state != "sale":
            return self.env._("The sales order is not confirmed.")
        customer = order.sell_to_customer_id.commercial_partner_id
        if not customer:
            return self.env._("Sell-to Customer is empty.")
        if customer != sale_order.partner_id.commercial_partner_id:
            return self.env._("Sell-to Customer is another customer.")
        return self._get_address_refusal(order, sale_order)

    @api.model
    def _get_address_refusal(self, order, sale_order):
        """Return why the vendor of `order` would ship elsewhere than to the address of
        `sale_order`, or False."""
        if not order._is_drop_shipment_type():
            return self.env._("Deliver To is not Dropship.")
        if order.dest_address_id != sale_order.partner_shipping_id:
            return self.env._("The ship-to address differs.")
        return False

    @api.model
    def _get_line_refusal(self, line):
        """Return why a purchase line can't be what its sales line orders, or False."""
        sale_line = line.sale_line_id
        if line.product_id != sale_line.product_id:
            return self.env._("The product differs.")
        if (
            line.product_uom_id != sale_line.product_uom_id
            and not line.product_uom_id._has_common_reference(sale_line.product_uom_id)
        ):
            return self.env._("The units of measure can't be converted.")
        # Reopened orders: what came to own stock was not shipped to the customer.
        if line.qty_received and any(
            move.state == "done" and move.location_dest_id.usage == "internal"
            for move in line.move_ids
            - line.move_ids.filtered("origin_returned_move_id")
        ):
            return self.env._("Goods of it were received into your own stock.")
        return False

    @api.model
    def _force_write_conflict(self, sale_orders):
        """Write the rows of these orders with the values that they have.

        A transaction that changes the ship-to address or the customer of an order at
        the same time then fails to serialize, and is repeated with the link in place.
        A lock is not enough: a transaction that has read the order before the lock
        learns nothing of it.
        """
        if sale_orders:
            self.env.cr.execute(
                SQL(
                    "UPDATE sale_order SET id = id WHERE id IN %s",
                    tuple(sale_orders.ids),
                )
            )

    # ------------------------------------------------------------
    # QUANTITY
    # ------------------------------------------------------------

    @api.model
    def _check_new_quantity(self, lines, quantity):
        """Refuse a new quantity of linked purchase lines before it is written.

        Written, it changes their transfers, which would be refused in other words.

        :param quantity: new quantity of the lines, in their UoM, as it was given
        :raise UserError: it is no number, or less than was shipped and reported
        :raise ValidationError: less than was shipped, or more of an unconfirmed sale
        """
        lines._check_drop_shipment_number("product_qty", quantity)
        quantity = float(quantity or 0.0)
        # Where more was shipped, the quantity that stands there may be written again.
        changed = lines.filtered(
            lambda line: line.product_uom_id.compare(quantity, line.product_qty)
        )
        # Before core changes the transfer, which would be refused in other words.
        self._check_not_below_received(changed, quantity)
        self.env["drop.shipment.reported"]._check_not_below(lines, quantity)
        # sudo: buyers may lack rights on sales lines, which are named only.
        for line in lines.sudo()._filter_unwanted():
            if line.product_uom_id.compare(quantity, line.product_qty) > 0:
                sale_line = line.drop_shipment_sale_line_id
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s can't be raised: that sales order is not "
                        "confirmed. Have it confirmed first.",
                        line=sale_line._get_drop_shipment_label(),
                    )
                )

    @api.model
    def _check_quantities(self, lines, before):
        """Refuse new quantities of linked purchase lines that the rules do not allow.

        :param dict before: line to the quantity that it had; without lines that were
            not linked
        :raise ValidationError: names the line
        """
        self._check_not_negative(lines)
        for line in lines.filtered(lambda line: line not in before):
            self._check_not_below_received(line, line.product_qty)
        raised = lines.filtered(
            lambda line: (
                line in before
                and line.product_uom_id.compare(line.product_qty, before[line]) > 0
            )
        )
        # Buyers may lack rights on sales lines; the error shows a number only.
        sale_lines = raised.drop_shipment_sale_line_id.sudo()
        later = self.env.context.get("dropship_link_sums_later")
        # None comes from outside: nobody can put the check off for ever.
        if isinstance(later, Raised):
            later.ids.update(sale_lines.ids)
        else:
            self._check_not_over_ordered(sale_lines)

    @api.model
    @contextmanager
    def _check_sums_later(self, orders):
        """Check what the block raises when it ends: it may lower another line as well.

        Yields `orders` to be written in the block.
        """
        raised = Raised()
        yield orders.with_context(dropship_link_sums_later=raised)
        # sudo: buyers may lack rights on sales lines; the error shows a number only.
        lines = self.env["sale.order.line"].sudo().browse(sorted(raised.ids))
        self._check_not_over_ordered(lines)

    @api.model
    def _check_not_negative(self, lines):
        """Refuse a negative quantity on linked purchase lines.

        :raise ValidationError: names the line
        """
        for line in lines:
            if refusal := self._get_negative_refusal(line):
                raise ValidationError(refusal)

    @api.model
    def _get_negative_refusal(self, line):
        """Return that a purchase line asks for less than nothing, or False."""
        if line.product_qty >= 0:
            return False
        return self.env._(
            "Quantity of %(line)s can't be %(quantity)s: enter 0 or more.",
            line=line._get_drop_shipment_label(),
            quantity=line._format_drop_shipment_qty(line.product_qty),
        )

    @api.model
    def _check_not_below_received(self, lines, quantity):
        """Refuse less than the vendor has shipped; core would return the difference.

        :param float quantity: of each line, in its UoM
        :raise ValidationError: names the line and the quantity received
        """
        for line in lines:
            if (
                line.order_id.state == "purchase"
                and line.product_uom_id.compare(quantity, line.qty_received) < 0
            ):
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s can't be %(quantity)s: %(received)s have "
                        "been shipped. Press Return on the order for the difference "
                        "first.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(quantity),
                        received=line._format_drop_shipment_qty(line.qty_received),
                    )
                )

    @api.model
    def _check_not_over_ordered(self, sale_lines, new_links=None):
        """Refuse more on purchase orders than there is to order.

        :param new_links: purchase lines that are linked now, maybe again: what they
            shipped beyond their order, and the customer has, is not on order
        :raise ValidationError: names the line, its order and the quantities
        """
        for line in sale_lines:
            excess = -line._get_drop_shipment_qty_left_to_order()
            if new_links and excess > 0:
                own = new_links & line._get_drop_shipment_live_lines()
                excess -= min(
                    self._get_shipped_more(own),
                    line._get_drop_shipment_qty_delivered_outside(),
                )
            if refusal := self._get_excess_refusal(line, excess):
                raise ValidationError(refusal)

    @api.model
    def _get_shipped_more(self, purchase_lines):
        """Return what vendors have shipped beyond what these lines of a sale ordered.

        As with *The vendor shipped more*: it is delivered, and was never ordered.
        """
        return sum(
            max(
                line._get_drop_shipment_received()
                - line._get_drop_shipment_qty("product_qty"),
                0.0,
            )
            for line in purchase_lines
        )

    @api.model
    def _get_excess_refusal(self, sale_line, excess):
        """Return that more is on purchase orders than there is to order, or False.

        :param float excess: by how much, in the UoM of the line
        """
        if sale_line.product_uom_id.compare(excess, 0.0) <= 0:
            return False
        return self.env._(
            "Quantity of %(line)s on purchase orders is too high: %(excess)s more than "
            "is left to order. Lower it, or have the sales order raised.",
            line=sale_line._get_drop_shipment_label(),
            excess=sale_line._format_drop_shipment_qty(excess),
        )

    # ------------------------------------------------------------
    # CONFIRMATION
    # ------------------------------------------------------------

    @api.model
    def _get_ticked_refusal(self, sale_lines):
        """Return why ticked sales lines can't be drop-shipped any more, or False.

        Their product may have become a service since.
        """
        for line, reason in self._get_tick_refusals(sale_lines).items():
            return self.env._(
                "%(line)s can't be drop-shipped any more: %(reason)s Untick Drop "
                "Shipment on it.",
                line=line._get_drop_shipment_label(),
                reason=reason,
            )
        return False

    @api.model
    def _check_may_confirm(self, orders):
        """Refuse to confirm or send drop shipments that are not in order.

        :raise UserError: see `_get_confirmation_refusal`
        """
        for order in orders:
            if refusal := self._get_confirmation_refusal(order):
                raise UserError(refusal)

    @api.model
    def _check_no_own_stock_lines(self, orders):
        """Refuse goods for own stock among the linked lines of a confirmed order.

        :raise UserError: see `_get_confirmation_refusal`
        """
        self._check_may_confirm(
            orders.filtered(lambda order: order.state in ("to approve", "purchase"))
        )

    @api.model
    def _get_confirmation_refusal(self, order):
        """Return why a purchase order may not be confirmed or sent, or False."""
        if not order._has_drop_shipment():
            return False
        # Buyers without sales rights are told numbers and states only.
        order_sudo = order.sudo()
        if not order_sudo.dest_address_id:
            return self.env._(
                "%(order)s has no ship-to address. Unlink its lines and use Get Sales "
                "Order again.",
                order=order.name,
            )
        linked = order_sudo.order_line.filtered("drop_shipment")
        return (
            self._get_own_stock_refusal(order_sudo, linked)
            or self._get_product_refusal(order_sudo, linked)
            or self._get_unconfirmed_refusal(order_sudo, linked)
            or self._get_place_refusal(order_sudo.with_company(order.company_id))
        )

    @api.model
    def _get_place_refusal(self, order):
        """Return whose goods are in a place of ours, or False.

        Core would make a receipt or a delivery of the drop shipment, which nobody can
        post.

        :param order: in the company that it belongs to
        """
        for contact, name, is_theirs in (
            (order.partner_id, "property_stock_supplier", "_is_drop_shipment_vendor"),
            (
                order.dest_address_id,
                "property_stock_customer",
                "_is_drop_shipment_customer",
            ),
        ):
            location = contact[name]
            if location and not getattr(location, is_theirs)():
                return self.env._(
                    "%(order)s is no drop shipment: %(field)s of %(contact)s is "
                    "%(location)s, where goods are our own. Have another location "
                    "chosen on the contact.",
                    order=order.name,
                    field=contact._fields[name]._description_string(self.env),
                    contact=contact.display_name,
                    location=location.display_name,
                )
        return False

    @api.model
    def _get_own_stock_refusal(self, order, linked):
        """Return which goods of the order are for own stock, or False.

        :param linked: the linked lines of the order
        """
        unlinked = (order.order_line - linked).filtered(
            lambda line: (
                not line.display_type
                and line.product_id.type == "consu"
                # Lines added on the transfer ship with it: no further transfer is
                # needed.
                and not line.product_uom_id.is_zero(line.product_qty)
            )
        )
        if not unlinked:
            return False
        return self.env._(
            "%(order)s mixes drop shipment lines with lines for your own stock: "
            "%(lines)s. The vendor would ship these to the customer too. Move them "
            "to an order of their own.",
            order=order.name,
            lines=", ".join(line._get_drop_shipment_label() for line in unlinked),
        )

    @api.model
    def _get_product_refusal(self, order, linked):
        """Return which of the linked lines can't be shipped any more, or False.

        :param linked: the linked lines of the order
        """
        if services := linked.filtered(lambda line: line.product_id.type != "consu"):
            return self.env._(
                "%(order)s can't ship %(lines)s: only goods can be drop-shipped, and "
                "the product is no longer goods. Unlink it.",
                order=order.name,
                lines=", ".join(line._get_drop_shipment_label() for line in services),
            )
        return False

    @api.model
    def _get_unconfirmed_refusal(self, order, linked):
        """Return which of the linked sales orders are not confirmed, or False.

        :param linked: the linked lines of the order
        """
        unconfirmed = linked.drop_shipment_sale_line_id.order_id.filtered(
            lambda sale_order: sale_order.state != "sale"
        )
        if not unconfirmed:
            return False
        return self.env._(
            "%(order)s ships %(sales)s, which sales has not confirmed. Have that "
            "confirmed, unlink its lines or cancel %(order)s.",
            order=order.name,
            sales=", ".join(unconfirmed.mapped("name")),
        )
