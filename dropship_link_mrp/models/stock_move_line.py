from odoo import api, models


class StockMoveLine(models.Model):
    """The customer's slip has the kits, and their parts below."""

    _inherit = "stock.move.line"

    def _get_aggregated_product_quantities(self, **kwargs):
        aggregated = super()._get_aggregated_product_quantities(**kwargs)
        picking = self.picking_id
        # Of packages core asks one by one: there each part names its kit.
        if kwargs or len(picking) != 1 or not picking._is_drop_shipment():
            return aggregated
        # As core sums up the parts of lines that read the same, so the kits.
        kits = {}
        for key, values in aggregated.items():
            if values["move"]._is_drop_shipment_part():
                kits.setdefault(self._get_drop_shipment_kit(values["move"]), []).append(
                    key
                )
        moves = picking.move_ids.filtered(lambda move: move._is_drop_shipment_part())
        for kit, keys in kits.items():
            own = moves.filtered(
                lambda move, kit=kit: self._get_drop_shipment_kit(move) == kit
            )
            # sudo: users of Inventory may lack rights on both orders.
            lines = own.sudo().sale_line_id
            parts = {key: aggregated.pop(key) for key in keys}
            aggregated[f"kit_{lines[0].id}"] = {
                **parts[keys[0]],
                **picking._prepare_drop_shipment_kit(lines),
            }
            for key, values in parts.items():
                aggregated[key] = {
                    **values,
                    "name": f"\u2003{values['name']}",
                    "description": "",
                }
        return aggregated

    @api.model
    def _get_drop_shipment_kit(self, move):
        """Return the kit of a part, and how it reads on the customer's slip."""
        # sudo: users of Inventory may lack rights on both orders.
        line = move.sudo().sale_line_id
        return line.product_id, line._get_drop_shipment_description()
