from contextlib import contextmanager

from odoo import api, models


class DropShipmentHeader(models.AbstractModel):
    """Keeps the header of a purchase order true to the lines that it has.

    Operation type, ship-to address and source document are those of the sales orders
    that it ships. What brings the first of them is in `drop.shipment.ordering`.
    """

    _name = "drop.shipment.header"
    _description = "Headers of Drop Shipment Orders"

    @api.model
    @contextmanager
    def _follow(self, lines):
        """Have unconfirmed orders follow their lines, which leave them in the block.

        One that ships nothing any more is delivered to the company again: the vendor
        would ship to the customer what nobody has sold.

        :param lines: purchase lines that are deleted, or linked to something else
        """
        # Of orders that are written as a whole, it follows all that is written.
        later = self.env.context.get("dropship_link_header_later", ())
        # Those that wait for approval, and cancelled ones, may lose lines, too.
        orders = lines.filtered("drop_shipment").order_id.filtered(
            lambda order: order.state != "purchase" and order.id not in later
        )
        # sudo: buyers may lack rights on the sales orders; their numbers are shown.
        before = {
            order: order.sudo()._get_drop_shipment_sale_orders() for order in orders
        }
        yield
        for order, sale_orders in before.items():
            gone = sale_orders - order.sudo()._get_drop_shipment_sale_orders()
            if gone:
                order.write(self._prepare_without(order, gone.mapped("name")))

    @api.model
    def _prepare_without(self, order, names):
        """Return the values of an order that ships some sales orders no more.

        :param names: the numbers of these sales orders
        """
        origins = (order.origin or "").split(", ")
        vals = {"origin": ", ".join(name for name in origins if name not in names)}
        if not order._has_drop_shipment():
            vals.update(self._prepare_own_delivery(order))
        return vals

    @api.model
    def _prepare_own_delivery(self, order):
        """Return the values that make an order deliver to the company again."""
        return {
            "picking_type_id": order._get_picking_type(order.company_id.id).id,
            "dest_address_id": False,
        }
