from odoo import api, models


class PurchaseOrder(models.Model):
    """What is linked is shipped to the customer, whatever the agreement says."""

    _inherit = "purchase.order"

    @api.onchange("requisition_id")
    def _onchange_requisition_id(self):
        header = {name: self[name] for name in ("picking_type_id", "dest_address_id")}
        res = super()._onchange_requisition_id()
        if self._has_drop_shipment():
            self.update(header)
        return res
