from odoo import models


class DropShipmentSourcing(models.AbstractModel):
    """What an agreement settles needs no price of the vendor's list."""

    _inherit = "drop.shipment.sourcing"

    def _get_price_hint(self, line, vendor, quantity, order=None):
        ordering = self.env["drop.shipment.ordering"]
        if order and ordering._find_agreed_line(
            order, line.product_id, line.product_uom_id
        ):
            return False
        return super()._get_price_hint(line, vendor, quantity, order)
