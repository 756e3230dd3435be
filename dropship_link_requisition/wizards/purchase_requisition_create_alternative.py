from odoo import models


class PurchaseRequisitionCreateAlternative(models.TransientModel):
    """An alternative has no links yet, so it ships nothing to the customer either."""

    _inherit = "purchase.requisition.create.alternative"

    def _get_alternative_values(self):
        vals_list = super()._get_alternative_values()
        origin = self.origin_po_id
        if origin._has_drop_shipment():
            # With the customer, for whom Get Sales Order fetches what is to be shipped.
            vals = {
                **self.env["drop.shipment.header"]._prepare_own_delivery(origin),
                "sell_to_customer_id": origin.sell_to_customer_id.id,
            }
            for alternative in vals_list:
                alternative.update(vals)
        return vals_list
