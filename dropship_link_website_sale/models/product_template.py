from odoo import models


class ProductTemplate(models.Model):
    """The shop's page says nothing of stock where a vendor ships."""

    _inherit = "product.template"

    def _get_additionnal_combination_info(
        self, product_or_template, quantity, uom, date, website
    ):
        info = super()._get_additionnal_combination_info(
            product_or_template, quantity, uom, date, website
        )
        # A visitor of the shop may not read the tick, but may feel what it does.
        if info.get("is_storable") and product_or_template.sudo().drop_shipment:
            # Neither a limit, nor "3 in stock", nor "back in May": a vendor ships it.
            # Nor does who looks at what the page is sent learn of our stock.
            info.update(
                allow_out_of_stock_order=True,
                cart_qty=0.0,
                free_qty=0.0,
                is_storable=False,
                out_of_stock_message=False,
                show_availability=False,
            )
        return info
