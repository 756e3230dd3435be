from odoo import api, models


class DropShipmentInvoicing(models.AbstractModel):
    """Freight at its real cost waits until goods are shipped, which tells it."""

    _inherit = "drop.shipment.invoicing"

    @api.model
    def _set_shipped_to_invoice(self, lines):
        changed = super()._set_shipped_to_invoice(lines)
        waiting = lines.filtered(
            lambda line: line.qty_to_invoice and self._is_cost_waiting(line)
        )
        waiting.qty_to_invoice = 0.0
        return changed | waiting

    @api.model
    def _is_cost_waiting(self, line):
        """Whether this is freight at 0, and goods are still to be shipped.

        A delivery from own stock tells the cost when it is validated. What a vendor
        ships does not: somebody enters it once the vendor has told it, and on a line
        that is invoiced already it would be lost.
        """
        if not line.is_delivery or not line.currency_id.is_zero(line.price_unit):
            return False
        # sudo: salespeople may lack rights on transfers and carriers.
        order = line.order_id.sudo()
        deliveries = order.picking_ids.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel")
                and picking.picking_type_code == "outgoing"
            )
        )
        carriers = deliveries.carrier_id
        if any(
            sale_line.drop_shipment
            and sale_line.product_uom_id.compare(self._get_qty_to_come(sale_line), 0.0)
            > 0
            for sale_line in order.order_line
        ):
            carriers |= order.carrier_id
        return any(
            carrier.invoice_policy == "real" and carrier.product_id == line.product_id
            for carrier in carriers
        )
