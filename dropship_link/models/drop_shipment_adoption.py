from odoo import api, fields, models
from odoo.exceptions import UserError


class DropShipmentAdoption(models.AbstractModel):
    """What core's Dropship route has ordered becomes a drop shipment of this add-on.

    The sales line is ticked, and core's `sale_line_id` is a link from then on.
    """

    _name = "drop.shipment.adoption"
    _description = "Adoption of Dropship Orders"

    @api.model
    def _get_adoptable_domain(self, company):
        """Return the domain of sales lines that core's Dropship route has ordered.

        Without those that are delivered, invoiced and billed in full.
        """
        ordered = fields.Domain("state", "!=", "cancel") & fields.Domain(
            "order_id.picking_type_id",
            "any",
            [
                ("code", "=", "dropship"),
                ("default_location_dest_id.usage", "=", "customer"),
            ],
        )
        unbilled = ordered & fields.Domain("order_id.invoice_status", "!=", "invoiced")
        is_pending = (
            fields.Domain("order_id.delivery_status", "!=", "full")
            | fields.Domain("invoice_status", "!=", "invoiced")
            | fields.Domain("purchase_line_ids", "any", unbilled)
        )
        return (
            fields.Domain("company_id", "=", company.id)
            & fields.Domain("state", "=", "sale")
            & fields.Domain("drop_shipment", "=", False)
            & fields.Domain("purchase_line_ids", "any", ordered)
            & is_pending
        )

    @api.model
    def _get_purchase_lines(self, sale_lines):
        """Return the purchase lines that the adoption links: those not cancelled."""
        return sale_lines.purchase_line_ids.filtered(
            lambda line: line.order_id.state != "cancel"
        )

    @api.model
    def _get_refusals(self, sale_lines):
        """Return {line: reason} for the sales lines that can't be adopted.

        Lines that share a purchase order are adopted together or not at all. The
        caller sees to the rights on both orders.
        """
        refusals = self.env["drop.shipment.link"]._get_tick_refusals(sale_lines)
        for line in sale_lines:
            if line not in refusals and (reason := self._get_line_refusal(line)):
                refusals[line] = reason
        orders = self._get_purchase_lines(sale_lines).order_id
        while True:
            accepted = sale_lines.filtered(lambda line: line not in refusals)
            refused = {
                line: reason
                for order in orders
                if (reason := self._get_order_refusal(order, accepted))
                for line in order.order_line.sale_line_id & accepted
            }
            if not refused:
                return refusals
            # A refused line keeps the lines back that share another order with it.
            refusals.update(refused)

    @api.model
    def _get_line_refusal(self, sale_line):
        """Return why a sales line can't be adopted, or False.

        By the rules for a link that is made by hand. Other lines of the purchase
        orders are judged by `_get_order_refusal`.
        """
        link = self.env["drop.shipment.link"]
        lines = self._get_purchase_lines(sale_line)
        for line in lines:
            if reason := (
                link._get_negative_refusal(line)
                or link._get_line_refusal(line)
                or link._get_address_refusal(line.order_id, sale_line.order_id)
            ):
                return reason
        own_moves = sale_line.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and not move._is_dropshipped()
                and not move._is_dropshipped_returned()
            )
        )
        if own_moves:
            return self.env._(
                "Transfer %(transfer)s is open: cancel or complete it first.",
                transfer=", ".join(own_moves.picking_id.mapped("name")),
            )
        ordered = sum(line._get_drop_shipment_qty("product_qty") for line in lines)
        if sale_line.product_uom_id.compare(ordered, sale_line.product_uom_qty) > 0:
            return self.env._(
                "%(ordered)s are on purchase orders, more than was sold: order less "
                "first.",
                ordered=sale_line._format_drop_shipment_qty(ordered),
            )
        if reason := self._get_delivered_refusal(sale_line, lines, ordered):
            return reason
        if self._is_billed_ahead(sale_line):
            return self.env._(
                "The vendor's bill came before the invoice: post the invoice first."
            )
        return False

    @api.model
    def _get_delivered_refusal(self, sale_line, purchase_lines, ordered):
        """Return that what own stock has delivered is ordered, too, or False.

        :param float ordered: what is on the purchase lines, in the UoM of the sale
        """
        # Moves of other products can't be counted before the line is linked.
        if sale_line.move_ids.product_id - sale_line.product_id:
            return False
        excess = ordered - sale_line.product_uom_qty
        excess += sale_line._get_drop_shipment_qty_delivered_outside(purchase_lines)
        link = self.env["drop.shipment.link"]
        excess -= link._get_shipped_more(purchase_lines)
        return link._get_excess_refusal(sale_line, excess)

    @api.model
    def _is_billed_ahead(self, sale_line):
        """Whether the company blocks that more is billed than invoiced, and it is.

        By the documents: the line has no stored quantities before it is ticked.
        """
        unit = sale_line.product_uom_id
        bill_lines = self._get_purchase_lines(sale_line).invoice_lines
        billed = bill_lines._get_drop_shipment_posted_qty(unit)
        invoiced = sale_line.invoice_lines._get_drop_shipment_posted_qty(unit)
        control = self.env["drop.shipment.bill.control"]
        return control._is_blocked(sale_line, billed - invoiced)

    @api.model
    def _get_order_refusal(self, order, sale_lines):
        """Return why lines of a purchase order can't be adopted, or False.

        :param sale_lines: the sales lines that can be adopted as far as is known
        """
        goods = order.order_line.filtered(
            lambda line: not line.display_type and line.product_id.type == "consu"
        )
        others = goods.filtered(
            lambda line: not line.drop_shipment and line.sale_line_id not in sale_lines
        )
        if others:
            return self.env._(
                "%(order)s has other goods: %(products)s. Adopt them, too, or order "
                "them separately.",
                order=order.name,
                products=others.product_id._get_drop_shipment_names(),
            )
        customers = goods.sale_line_id.order_id.partner_id | order.sell_to_customer_id
        if len(customers.commercial_partner_id) > 1:
            return self.env._(
                "%(order)s is for several customers: make an order for each.",
                order=order.name,
            )
        return False

    @api.model
    def _adopt(self, sale_lines):
        """Tick sales lines and link what core's Dropship route ordered for them.

        Lines that can't be adopted are left as they are. Purchase orders get their
        Sell-to Customer, both sides a note.

        :return: the adopted lines
        :raise UserError: none of the lines can be adopted
        :raise AccessError: the user may not change the orders
        """
        sale_lines = sale_lines.filtered(lambda line: not line.drop_shipment)
        # The rules read orders and transfers of both departments; nothing is shown.
        adopted = sale_lines - sale_lines.browse().union(
            *self._get_refusals(sale_lines.sudo())
        )
        if not adopted:
            raise UserError(
                self.env._(
                    "None of these lines can be adopted. Open the dialog again: its "
                    "last column says what to correct first."
                )
            )
        self._link_lines(adopted)
        return adopted

    @api.model
    def _link_lines(self, sale_lines):
        """Tick sales lines, link their purchase lines and tell both sides.

        :raise AccessError: the user may not change the orders
        :raise ValidationError: more is on purchase orders than is to order
        """
        purchase_lines = self._get_purchase_lines(sale_lines)
        orders = purchase_lines.order_id
        for records in (sale_lines, sale_lines.order_id, purchase_lines, orders):
            records.check_access("write")
        # The notes of the adoption replace core's note of each field.
        for customer, linked in (
            orders.with_context(tracking_disable=True)
            .grouped(
                lambda order: order.order_line.sale_line_id.order_id.partner_id[:1]
            )
            .items()
        ):
            linked.sell_to_customer_id = customer
        # Clear the stock references: core's procurement would find the request by them
        # and add later sales lines to it.
        orders.filtered(
            lambda order: order.state in ("draft", "sent")
        ).reference_ids = False
        # Without this the rule against ticking ordered lines would refuse. sudo: locked
        # orders are adopted, too; the rights were checked above.
        sale_lines.sudo()._write_drop_shipment_unchecked({"drop_shipment": True})
        link = self.env["drop.shipment.link"]
        shipped_more = sale_lines.filtered(
            lambda line: link._get_shipped_more(self._get_purchase_lines(line).sudo())
        )
        link._check_not_over_ordered(sale_lines - shipped_more)
        self.env["drop.shipment.bill.control"]._check(sale_lines)
        self._log_adopted(orders)

    @api.model
    def _log_adopted(self, orders):
        """Leave a note on these purchase orders and on their sales orders."""
        orders._log_drop_shipment_notes_on_both(
            {order: order._get_drop_shipment_sale_orders() for order in orders},
            lambda sale: self.env._(
                "Adopted as drop shipment of sales order %(sale)s.", sale=sale
            ),
            lambda purchase, vendor: self.env._(
                "Adopted as drop shipment: purchase order %(purchase)s of %(vendor)s.",
                purchase=purchase,
                vendor=vendor,
            ),
        )
