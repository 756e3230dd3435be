from odoo import api, models


class DropShipmentPackingSlip(models.AbstractModel):
    """Below a kit stand its parts, as the vendor packs them."""

    _inherit = "drop.shipment.packing.slip"

    @api.model
    def _prepare_line(self, line):
        vals = super()._prepare_line(line)
        kits = self.env["drop.shipment.kits"]
        shipped = {}
        if self._is_waiting(line):
            shipped = line._get_drop_shipment_amounts("received")
        ordered = kits._to_kits(line, self._get_quantity(line))
        vals["parts"] = []
        for part in line._get_drop_shipment_parts():
            quantity = kits._get_part_qty(line, part, ordered)
            quantity -= shipped.get(part.product, 0.0)
            if part.uom.compare(quantity, 0.0) > 0:
                product = part.product.with_context(lang=line.env.lang)
                uom = part.uom.with_context(lang=line.env.lang)
                vals["parts"].append(
                    {
                        "name": product.display_name,
                        "quantity": uom._format_drop_shipment_qty(quantity),
                    }
                )
        return vals
