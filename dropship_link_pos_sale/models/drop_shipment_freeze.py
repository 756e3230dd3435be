from odoo import api, models
from odoo.exceptions import UserError


class DropShipmentFreeze(models.AbstractModel):
    """Keeps the tick of what was paid at the till."""

    _inherit = "drop.shipment.freeze"

    @api.model
    def _check_tick_may_change(self, lines):
        res = super()._check_tick_may_change(lines)
        # What was paid has left the shop, or is a vendor's to ship, by the tick that
        # the line had.
        for line in lines:
            if line._get_drop_shipment_paid():
                raise UserError(
                    self.env._(
                        "Drop Shipment can't be changed on %(line)s: it was paid at "
                        "the till. Refund it there first, or add another line.",
                        line=line._get_drop_shipment_label(),
                    )
                )
        return res
