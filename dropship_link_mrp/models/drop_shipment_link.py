from odoo import api, models


class DropShipmentLink(models.AbstractModel):
    """Refuses kits of which there is nothing to ship."""

    _inherit = "drop.shipment.link"

    @api.model
    def _get_tick_refusals(self, sale_lines):
        reasons = super()._get_tick_refusals(sale_lines)
        goods = sale_lines.filtered(lambda line: line not in reasons)
        compositions = self.env["drop.shipment.kits"]._get_compositions(goods)
        for line, parts in compositions.items():
            if not parts:
                reasons[line] = self.env._("Its kit has no goods.")
        return reasons
