from base64 import b64encode

from odoo import api, models


class DropShipmentPackingSlip(models.AbstractModel):
    """The paper that the vendor puts into the parcels, in the customer's language.

    It shows no price, and nothing of the vendor.
    """

    _name = "drop.shipment.packing.slip"
    _description = "Packing Slip of Drop Shipments"

    @api.model
    def _get_attachment(self, order):
        """Return the packing slips as core wants an attachment: (name, base64)."""
        content, extension = self.env["ir.actions.report"]._render_qweb_pdf(
            "dropship_link.action_report_drop_shipment_packing_slip", order.ids
        )
        name = self.env._("Packing Slip - %(order)s", order=order.name)
        return f"{name}.{extension}", b64encode(content)

    @api.model
    def _get_slips(self, order):
        """Return what the vendor puts into the parcels, a slip for each sales order.

        What the vendor is still to ship; all of it again, once nothing is.

        :return: list of dicts: `order`, the sales order, and `lines`, which are dicts
            of `name`, `quantity` with its unit, and `lots`
        :raise AccessError: the user may not read the purchase order
        """
        order.check_access("read")
        slips = []
        # sudo: buyers may lack rights on the sales orders that the slip prints.
        linked = order.sudo().order_line.filtered("drop_shipment")
        for sale_order, lines in linked.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            lang = sale_order._get_drop_shipment_customer_lang()
            waiting = lines.filtered(self._is_waiting)
            slips.append(
                {
                    "order": sale_order.with_context(lang=lang),
                    "lines": [
                        self._prepare_line(line)
                        for line in (waiting or lines).with_context(lang=lang)
                    ],
                }
            )
        return slips

    @api.model
    def _prepare_line(self, line):
        """Return the line of a slip for a purchase line; see `_get_slips`."""
        sale_line = line.drop_shipment_sale_line_id
        quantity = self._get_quantity(line)
        shipped = not self._is_waiting(line)
        if not shipped:
            quantity -= line.qty_received
        moves = line.move_ids.filtered(
            lambda move: move.state != "cancel" and (move.state == "done") == shipped
        ).with_prefetch(line.move_ids._prefetch_ids)
        lots = [
            move_line.lot_id.name or move_line.lot_name
            for move_line in moves.move_line_ids
        ]
        return {
            "name": sale_line._get_drop_shipment_description(),
            "quantity": sale_line._format_drop_shipment_qty(
                line.product_uom_id._compute_quantity(
                    quantity, sale_line.product_uom_id, rounding_method="HALF-UP"
                )
            ),
            "lots": ", ".join(dict.fromkeys(filter(None, lots))),
        }

    @api.model
    def _is_waiting(self, line):
        """Whether the vendor is still to ship something of a purchase line."""
        compare = line.product_uom_id.compare
        return compare(self._get_quantity(line), line.qty_received) > 0

    @api.model
    def _get_quantity(self, line):
        """Return what the vendor has shipped and is to ship of a purchase line.

        In its UoM; not what the vendor declined, or what went back. By the transfers:
        more may have been shipped than is ordered, or come in exchange.
        """
        if line.order_id.state != "purchase":
            return line.product_qty
        to_come = line._get_drop_shipment_qty_outstanding()
        to_come -= line._get_drop_shipment_qty_declined()
        return line.qty_received + to_come
