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
        """Return the first transfer of each line that no earlier invoice has."""
        pickings = self.env["stock.picking"].sudo()
        returning = self.env["drop.shipment.returning"]
        # What came back of all lines is read at once.
        prefetch = order.order_line.move_ids._prefetch_ids
        for line in order.order_line & invoice.line_ids.sale_line_ids._origin:
            moves = line.move_ids.filtered(
                lambda move: (
                    move.state == "done" and move.location_dest_id.usage == "customer"
                )
            ).with_prefetch(prefetch)
            quantities = {
                move: returning._get_left(move)
                for move in moves.sorted(lambda move: (move.date, move.id))
            }
            total = -self._get_invoiced(line, invoice)
            for move, quantity in line._get_drop_shipment_moved(quantities).items():
                total += quantity
                if line.product_uom_id.compare(total, 0.0) > 0:
                    pickings |= move.picking_id
                    break
        return pickings

    @api.model
    def _get_invoiced(self, line, invoice):
        """Return what earlier invoices have of a sales line, in its UoM."""
        earlier = line.invoice_lines.filtered(
            lambda own: (
                own.parent_state != "cancel"
                and own.move_id._origin.id < invoice._origin.id
            )
        )
        return sum(
            own._get_drop_shipment_signed_qty(line.product_uom_id) for own in earlier
        )
