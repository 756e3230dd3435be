from odoo import fields, models


class ProductTemplate(models.Model):
    """Products that vendors usually ship themselves."""

    _inherit = "product.template"

    drop_shipment = fields.Boolean(
        help="Tick Drop Shipment on new sales order lines of this product: a vendor "
        "ships it straight to the customer.",
        groups="base.group_user",
    )
