from odoo import models


class DropShipmentSourcing(models.AbstractModel):
    """What an agreement settles needs no price of the vendor's list."""

    _inherit = "drop.shipment.sourcing"

    def _get_price_hint(self, line, vendor, quantity, order=None):
        if order and order.requisition_id.line_ids.filtered(
            lambda agreed: agreed.product_id.id == line.product_id.id
        ):
            return False
        return super()._get_price_hint(line, vendor, quantity, order)
