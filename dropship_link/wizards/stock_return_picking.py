from odoo import models
from odoo.exceptions import UserError


class StockReturnPicking(models.TransientModel):
    """Sends goods back to where the user wants them, and asks the vendor for others."""

    _inherit = "stock.return.picking"

    def _prepare_picking_default_values_based_on(self, picking):
        vals = super()._prepare_picking_default_values_based_on(picking)
        # Return of the two orders asks where to, whatever the operation type says.
        destination = self.env.context.get("dropship_link_return_to")
        if destination == "stock":
            warehouse = picking.sale_id.warehouse_id
            vals.update(
                picking_type_id=warehouse.in_type_id.id,
                location_dest_id=warehouse.in_type_id.default_location_dest_id.id,
            )
        elif destination == "vendor":
            vals.update(
                picking_type_id=picking.picking_type_id.id,
                location_dest_id=picking.location_id.id,
            )
        # What the vendor ships in exchange goes the way of the first shipment, though
        # the return may have gone to own stock.
        if picking.return_id == self.picking_id and self._is_drop_shipment_exchange():
            shipped = self.picking_id
            vals.update(
                picking_type_id=shipped.picking_type_id.id,
                location_id=shipped.location_id.id,
                location_dest_id=shipped.location_dest_id.id,
            )
        return vals

    def action_create_returns(self):
        # What went back to a vendor and is returned is shipped to the customer again.
        self._check_drop_shipment_wanted(lambda move: move._is_drop_shipment_back())
        return super().action_create_returns()

    def action_create_exchanges(self):
        if not self._is_drop_shipment_exchange():
            return super().action_create_exchanges()
        self._check_drop_shipment_wanted(lambda move: move._is_drop_shipment())
        # Core would deliver from own stock: ask the vendor, as core does for receipts.
        action = self.action_create_returns()
        returned = self.env["stock.picking"].browse(action["res_id"])
        self._create_exchange(returned).return_id = returned
        return action

    def _check_drop_shipment_wanted(self, is_shipped):
        """Refuse to have goods shipped again for an order that is cancelled.

        :param is_shipped: whether this ships what a move has moved
        :raise UserError: names the lines, and the orders that are not confirmed
        """
        rows = self.product_return_moves.filtered("quantity")
        # sudo: users of Inventory may lack rights on both orders, which are named only.
        lines = rows.move_id.sudo().filtered(is_shipped).purchase_line_id
        lines = lines.filtered("drop_shipment")
        cancelled = lines.filtered(lambda line: line.state != "purchase")
        if unwanted := lines._filter_unwanted() | cancelled:
            sales = unwanted._filter_unwanted().drop_shipment_sale_line_id.order_id
            orders = [*sales.mapped("name"), *cancelled.order_id.mapped("name")]
            raise UserError(
                self.env._(
                    "%(lines)s can't be shipped again: %(orders)s is not confirmed any "
                    "more. Goods may only come back, until it is confirmed.",
                    lines=", ".join(
                        line._get_drop_shipment_label() for line in unwanted
                    ),
                    orders=", ".join(orders),
                )
            )

    def _is_drop_shipment_exchange(self):
        """Whether goods that a vendor shipped to a customer are returned."""
        self.ensure_one()
        return self.picking_id._is_drop_shipment()
