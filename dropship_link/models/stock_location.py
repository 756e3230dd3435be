from odoo import models


class StockLocation(models.Model):
    """Knows where goods are with a customer, and where with a vendor."""

    _inherit = "stock.location"

    def _is_drop_shipment_customer(self):
        """Whether goods in this location are with a customer.

        As core's `stock.move._is_dropshipped`: a customer that is a company of ours may
        have the transit location between companies. False without a location, as while
        a transfer is typed.
        """
        return self._is_drop_shipment_place("customer")

    def _is_drop_shipment_vendor(self):
        """Whether goods in this location are with a vendor; see above."""
        return self._is_drop_shipment_place("supplier")

    def _is_drop_shipment_place(self, usage):
        """Whether this is a location of `usage`, or one between companies."""
        return self.usage == usage or (self.usage == "transit" and not self.company_id)
