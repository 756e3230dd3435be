from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError


class DropShipmentHeader(models.AbstractModel):
    """Keeps the header of a purchase order true to the lines that it has.

    Operation type, ship-to address and source document are those of the sales orders
    that it ships.
    """

    _name = "drop.shipment.header"
    _description = "Headers of Drop Shipment Orders"

    @api.model
    def _prepare_header(self, picking_type, sale_orders, origin=""):
        """Return the values that make an order a drop shipment of `sale_orders`.

        :param picking_type: see `_get_drop_shipment_picking_type` of the company
        :param str origin: source documents that the order has already
        """
        origins = [name for name in (origin or "").split(", ") if name]
        origins += [name for name in sale_orders.mapped("name") if name not in origins]
        return {
            # Core empties the address when the type does not ship to a customer, and
            # never fills it again: both together.
            "picking_type_id": picking_type.id,
            "dest_address_id": sale_orders.partner_shipping_id.id,
            "origin": ", ".join(origins),
        }

    @api.model
    def _update_header(self, order, sale_orders):
        """Make `order` a drop shipment of these sales orders, too.

        A request that was made for them has its header already.

        :raise UserError: see `_get_ship_to_refusal`
        """
        ordering = self.env["drop.shipment.ordering"]
        if refusal := ordering._get_ship_to_refusal(sale_orders):
            raise UserError(refusal)
        origins = set((order.origin or "").split(", "))
        if (
            order.dest_address_id != sale_orders.partner_shipping_id
            or not order._is_drop_shipment_type()
            or set(sale_orders.mapped("name")) - origins
        ):
            picking_type = order.company_id._get_drop_shipment_picking_type()
            vals = self._prepare_header(picking_type, sale_orders, order.origin)
            if not order.fiscal_position_id:
                # Made by a program. Core maps the taxes of its lines without, too.
                vals["fiscal_position_id"] = self._get_fiscal_position(
                    order.company_id, order.partner_id
                ).id
            order.write(vals)

    @api.model
    def _get_fiscal_position(self, company, vendor):
        """Return the fiscal position of what a vendor bills to a company."""
        positions = self.env["account.fiscal.position"].with_company(company)
        return positions._get_fiscal_position(vendor.with_company(company))

    @api.model
    @contextmanager
    def _follow(self, lines):
        """Update the headers of unconfirmed orders whose lines the block takes away.

        One that ships nothing any more is delivered to the company again: the vendor
        would ship to the customer what nobody has sold.

        :param lines: purchase lines that are deleted, or linked to something else
        """
        # An order that is written with its lines has its header updated once all of
        # them are written, see `purchase.order.write`.
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
            if not gone:
                continue
            names = gone.mapped("name")
            origins = (order.origin or "").split(", ")
            vals = {"origin": ", ".join(name for name in origins if name not in names)}
            if not order._has_drop_shipment():
                vals.update(self._prepare_own_delivery(order))
            order.write(vals)

    @api.model
    def _prepare_own_delivery(self, order):
        """Return the values that make an order deliver to the company again."""
        return {
            "picking_type_id": order._get_picking_type(order.company_id.id).id,
            "dest_address_id": False,
        }
