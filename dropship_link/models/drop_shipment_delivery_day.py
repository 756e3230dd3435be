from odoo import api, fields, models


class DropShipmentDeliveryDay(models.AbstractModel):
    """The shipments that an invoice charges, and so the day of delivery that it says.

    Core gives all invoices of an order the day of its first shipment, in UTC. What an
    earlier invoice has was delivered by then, so the next one says when the rest was.
    """

    _name = "drop.shipment.delivery.day"
    _description = "Delivery Day of Drop Shipment Invoices"

    @api.model
    def _get_invoice_day(self, invoice):
        """Return the delivery day of an invoice, or False; of several orders the last.

        As core's does, which knows the first shipment of each order only.
        """
        orders = invoice.line_ids.sale_line_ids.order_id
        days = [self._get_day(order, invoice) for order in orders]
        return max(filter(None, days), default=False)

    @api.model
    def _get_day(self, order, invoice):
        """Return the first day on which something of an invoice was shipped, or False.

        Where nothing has been shipped since the earlier invoices, that of the order's
        first shipment.

        :param order: sales order with drop shipments
        :param invoice: empty while it is made, without lines
        """
        if not order.effective_date:
            return False
        # sudo: whoever invoices may lack rights on transfers.
        order = order.sudo()
        pickings = self._get_pickings(order, invoice) or order.picking_ids.filtered(
            lambda picking: (
                picking.state == "done" and picking.date_done == order.effective_date
            )
        )
        days = [picking._get_drop_shipment_day() for picking in pickings]
        return min(days, default=fields.Date.context_today(order, order.effective_date))

    @api.model
    def _get_pickings(self, order, invoice):
        """Return the first transfer of each line of an invoice, of what it has."""
        lines = order.order_line & invoice.line_ids.sale_line_ids._origin
        pickings = self.env["stock.picking"].sudo()
        for moves in self._get_moves(lines, invoice):
            pickings |= moves[:1].picking_id
        return pickings

    @api.model
    def _get_moves(self, lines, invoice):
        """Return the moves that brought what an invoice has, a set for each line.

        :param lines: sales lines, in sudo
        """
        charged = lines._get_drop_shipment_invoice_lines()
        return [self._get_moves_of_line(line, invoice, charged[line]) for line in lines]

    @api.model
    def _get_moves_of_line(self, line, invoice, invoice_lines):
        """Return the moves that brought what an invoice has, the earliest first.

        What came first is charged first: an invoice has what follows on the quantities
        of those before it. What came back was not brought.

        :param line: sales line, in sudo
        :param invoice_lines: its lines in all invoices
        """
        first = last = 0.0
        for own in invoice_lines:
            quantity = own._get_drop_shipment_signed_qty(line.product_uom_id)
            if own.move_id == invoice._origin:
                last += quantity
            elif own.move_id.id < invoice._origin.id and own.parent_state != "cancel":
                first += quantity
        last += first
        moves = line.move_ids.filtered(
            lambda move: (
                move.state == "done" and move.location_dest_id.usage == "customer"
            )
        ).sorted(lambda move: (move.date, move.id))
        # What came back of all lines is read at once.
        moves = moves.with_prefetch(line.move_ids._prefetch_ids)
        brought = moves.browse()
        get_left = self.env["drop.shipment.returning"]._get_left
        quantities = {move: get_left(move) for move in moves}
        compare = line.product_uom_id.compare
        start = 0.0
        for move, quantity in line._get_drop_shipment_moved(quantities).items():
            if compare(start + quantity, first) > 0 and compare(start, last) < 0:
                brought |= move
            start += quantity
        return brought
