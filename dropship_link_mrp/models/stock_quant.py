from odoo import api, models


class StockQuant(models.Model):
    """Lets goods move that became a kit after they were ordered."""

    _inherit = "stock.quant"

    @api.constrains("product_id")
    def _check_kits(self):
        # What became a kit after it was ordered is shipped as what it was. Core counts
        # it at vendor and customer, where nobody keeps stock.
        kept = self.filtered(
            lambda quant: (
                quant.location_id.usage not in ("supplier", "customer")
                # Between companies of this database.
                and (quant.location_id.usage != "transit" or quant.company_id)
            )
        )
        return super(StockQuant, kept)._check_kits()
