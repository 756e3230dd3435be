from odoo import api, models


class DropShipmentInvoicing(models.AbstractModel):
    """Freight at its real cost waits until own stock is delivered, which tells it."""

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
        """Whether this is freight at 0 until a delivery from own stock is validated.

        What a vendor ships tells no cost: with that alone there is nothing to wait for.
        """
        if not line.is_delivery or not line.currency_id.is_zero(line.price_unit):
            return False
        # sudo: salespeople may lack rights on transfers.
        return any(
            picking.state not in ("done", "cancel")
            and picking.picking_type_code == "outgoing"
            and picking.carrier_id.invoice_policy == "real"
            and picking.carrier_id.product_id == line.product_id
            for picking in line.order_id.sudo().picking_ids
        )
