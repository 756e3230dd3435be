from odoo import api, models


class DropShipmentLink(models.AbstractModel):
    """Refuses kits of which there is nothing to ship."""

    _inherit = "drop.shipment.link"

    @api.model
    def _get_tick_refusals(self, sale_lines):
        reasons = super()._get_tick_refusals(sale_lines)
        kits = self.env["drop.shipment.kits"]
        goods = sale_lines.filtered(lambda line: line not in reasons)
        for line, bom in kits._find_boms(goods).items():
            if bom and not kits._get_composition(
                line.product_id,
                line.company_id,
                line.product_no_variant_attribute_value_ids,
            ):
                reasons[line] = self.env._("Its kit has no goods.")
        return reasons
