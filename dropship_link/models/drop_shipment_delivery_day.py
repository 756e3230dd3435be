from odoo import api, fields, models


class DropShipmentDeliveryDay(models.AbstractModel):
    """The day of delivery that an invoice says.

    Core gives all invoices of an order the day of its first shipment, in UTC. What an
    earlier invoice has was delivered by then, so the next one says when the rest was.
    """

    _name = "drop.shipment.delivery.day"
    _description = "Delivery Day of Drop Shipment Invoices"

    @api.model
    def _get_day(self, order, invoice):
        """Return the first day on which something of an invoice was shipped, or False.

        Where nothing has been shipped since the earlier invoices, that of the order's
        first shipment.

        :param order: sales order with drop shipments
        :param invoice: empty while it is made
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
        """Return the first transfer of each line that no earlier invoice has."""
        pickings = self.env["stock.picking"].sudo()
        returning = self.env["drop.shipment.returning"]
        shipped = returning._get_shipped_moves(order)
        for line in order.order_line - order.order_line.browse().union(*shipped):
            moves = line.move_ids.filtered(
                lambda move: (
                    move.state == "done" and move.location_dest_id.usage == "customer"
                )
            )
            if moves and self._get_uninvoiced(line, line.qty_delivered, invoice) > 0:
                pickings |= moves.sorted("date")[:1].picking_id
        for line, moves in shipped.items():
            # The earliest first.
            quantities = {move: returning._get_left(move) for move in reversed(moves)}
            total = 0.0
            for move, quantity in line._get_drop_shipment_moved(quantities).items():
                total += quantity
                if self._get_uninvoiced(line, total, invoice) > 0:
                    pickings |= move.picking_id
                    break
        return pickings

    @api.model
    def _get_uninvoiced(self, line, quantity, invoice):
        """Return what earlier invoices do not have of a quantity, in the line's UoM."""
        earlier = line.invoice_lines.filtered(
            lambda own: (
                own.parent_state != "cancel"
                and (not invoice or own.move_id._origin.id < invoice._origin.id)
            )
        )
        invoiced = (
            own._get_drop_shipment_signed_qty(line.product_uom_id) for own in earlier
        )
        return line.product_uom_id.round(quantity - sum(invoiced))
