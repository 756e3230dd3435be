from odoo import models


class PurchaseOrder(models.Model):
    """Has the header follow the lines that are written with their order."""

    _inherit = "purchase.order"

    def write(self, vals):
        if "order_line" not in vals:
            return super().write(vals)
        # One line may take the place of another: the header follows both.
        with self.env["drop.shipment.header"]._follow(self.order_line):
            later = self.with_context(dropship_link_header_later=self.ids)
            return super(PurchaseOrder, later).write(vals)
