from odoo import models


class ProductProduct(models.Model):
    """Knows which products are kits."""

    _inherit = "product.product"

    def _get_drop_shipment_kits(self, company):
        kits = super()._get_drop_shipment_kits(company)
        if not self:
            return kits
        # sudo: salespeople have no rights on bills of materials.
        boms = (
            self.env["mrp.bom"]
            .sudo()
            ._bom_find(self, company_id=company.id, bom_type="phantom")
        )
        return kits | self.filtered(lambda product: boms.get(product))
