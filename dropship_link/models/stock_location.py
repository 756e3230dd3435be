from odoo import models


class StockLocation(models.Model):
    """Knows where goods are with a customer."""

    _inherit = "stock.location"

    def _is_drop_shipment_customer(self):
        """Whether goods in this location are with a customer.

        As core's `stock.move._is_dropshipped`: a customer that is a company of ours may
        have the transit location between companies.
        """
        self.ensure_one()
        return self.usage == "customer" or (
            self.usage == "transit" and not self.company_id
        )
