from odoo import api, fields, models


class DropShipmentInvoicing(models.AbstractModel):
    """Counts advances that were paid at the till: no invoice has them."""

    _inherit = "drop.shipment.invoicing"

    @api.model
    def _get_advances_left(self, lines):
        left = super()._get_advances_left(lines)
        for line in lines:
            # Whoever invoices may have no rights on the till.
            for paid in line.sudo().pos_order_line_ids:
                if paid.order_id.state not in ("draft", "cancel"):
                    # Negative where the till took it off again, or gave it back.
                    left[line] += paid.currency_id._convert(
                        paid.price_subtotal_incl,
                        line.currency_id,
                        line.company_id,
                        fields.Date.context_today(line, paid.order_id.date_order),
                    )
        return left
