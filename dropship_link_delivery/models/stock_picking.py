from odoo import models


class StockPicking(models.Model):
    """Keeps one tracking number: the vendor's is that of the carrier."""

    _inherit = "stock.picking"

    def write(self, vals):
        own, carrier = "drop_shipment_tracking_ref", "carrier_tracking_ref"
        if own in vals:
            vals = {carrier: vals[own], **vals}
        res = super().write(vals)
        if carrier in vals and own not in vals:
            self.filtered(lambda picking: picking._is_drop_shipment()).write(
                {own: vals[carrier]}
            )
        return res

    def _get_drop_shipment_tracking_url(self):
        url = self.carrier_tracking_url or ""
        # Of several parcels the carrier's module stores a list in JSON.
        if url.startswith(("http://", "https://")):
            return url
        return super()._get_drop_shipment_tracking_url()
