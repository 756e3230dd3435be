from odoo import api, models
from odoo.tools import format_date


class DropShipmentVendorShipments(models.AbstractModel):
    """What the vendor has shipped of an order so far, for their page.

    Of this order alone, in the vendor's words and without a price. `order` is a
    purchase order in sudo that the visitor may see.
    """

    _name = "drop.shipment.vendor.shipments"
    _description = "Shipments on the Vendor's Page"

    @api.model
    def _get_shipments(self, order):
        """Return the shipments of an order that are posted, the latest first.

        What was only reported is none yet, and one that was corrected to nothing is
        none any more.

        :return: list of dicts of `day`, `delivery_note`, `tracking_ref`,
            `tracking_url`, texts or False, and `lines`, dicts of `name`, `quantity` and
            `returned`, which is empty unless something came back to the vendor
        """
        moves = order.order_line.filtered("drop_shipment").move_ids.filtered(
            lambda move: (
                move.state == "done"
                and move._is_drop_shipment()
                and not move.product_uom.is_zero(move.quantity)
            )
        )
        zone = self.env["drop.shipment.vendor.report"]._get_zone(order)
        pickings = moves.picking_id.sorted(
            lambda picking: (picking.date_done, picking.id), reverse=True
        )
        return [
            {
                "day": format_date(
                    self.env, picking.with_context(tz=zone)._get_drop_shipment_day()
                ),
                "delivery_note": picking.drop_shipment_delivery_note,
                "tracking_ref": picking.drop_shipment_tracking_ref,
                "tracking_url": picking._get_drop_shipment_tracking_url(),
                "lines": self._get_lines(
                    moves.filtered(lambda move, own=picking: move.picking_id == own)
                ),
            }
            for picking in pickings
        ]

    @api.model
    def _get_lines(self, moves):
        """Return what was shipped with these moves of one transfer."""
        page = self.env["drop.shipment.vendor.page"]
        lines = []
        # By product as well: the transfer of a kit has its parts.
        for (line, product), own in (
            moves.sorted("id")
            .grouped(lambda move: (move.purchase_line_id, move.product_id))
            .items()
        ):
            is_line = product == line.product_id
            uom = line.product_uom_id if is_line else own[0].product_uom
            shipped = sum(self._get_quantity(move, uom) for move in own)
            returned = sum(
                self._get_quantity(back, uom)
                for back in own.returned_move_ids
                if back.state == "done" and back._is_dropshipped_returned()
            )
            uom = uom.with_env(self.env)
            lines.append(
                {
                    "name": page._get_name(line) if is_line else product.name,
                    "quantity": uom._format_drop_shipment_qty(shipped),
                    "returned": not uom.is_zero(returned)
                    and uom._format_drop_shipment_qty(returned),
                }
            )
        return lines

    @api.model
    def _get_quantity(self, move, uom):
        """Return what a move moved, in a unit of measure."""
        return move.product_uom._compute_quantity(
            move.quantity, uom, rounding_method="HALF-UP"
        )
