from odoo import models


class ProductTemplate(models.Model):
    _inherit = "product.template"

    def _get_additionnal_combination_info(
        self, product_or_template, quantity, uom, date, website
    ):
        info = super()._get_additionnal_combination_info(
            product_or_template, quantity, uom, date, website
        )
        # A visitor of the shop may not read the tick, but may feel what it does.
        if info.get("is_storable") and product_or_template.sudo().drop_shipment:
            # Neither a limit nor "3 in stock": a vendor ships it.
            info.update(
                allow_out_of_stock_order=True, show_availability=False, cart_qty=0.0
            )
        return info
