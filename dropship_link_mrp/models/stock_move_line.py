from odoo import models


class StockMoveLine(models.Model):
    """The customer's slip has the kits, and their parts below."""

    _inherit = "stock.move.line"

    def _get_aggregated_product_quantities(self, **kwargs):
        aggregated = super()._get_aggregated_product_quantities(**kwargs)
        picking = self.picking_id
        # Of packages core asks one by one: there each part names its kit.
        if kwargs or len(picking) != 1 or not picking._is_drop_shipment():
            return aggregated
        kits = {}
        for key, values in aggregated.items():
            if values["move"]._is_drop_shipment_part():
                # sudo: users of Inventory may lack rights on both orders.
                line = values["move"].sudo().sale_line_id
                kits.setdefault(line, []).append(key)
        for line, keys in kits.items():
            parts = {key: aggregated.pop(key) for key in keys}
            aggregated[f"kit_{line.id}"] = {
                **parts[keys[0]],
                **picking._prepare_drop_shipment_kit(line),
            }
            for key, values in parts.items():
                aggregated[key] = {
                    **values,
                    "name": f"\u2003{values['name']}",
                    "description": "",
                }
        return aggregated
