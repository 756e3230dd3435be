from odoo import models
from odoo.tools import formatLang


class UomUom(models.Model):
    _inherit = "uom.uom"

    def _format_drop_shipment_qty(self, quantity):
        """Return `quantity` with the name of the unit, as text for a message."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        text = formatLang(self.env, quantity, digits=digits)
        point = self.env["res.lang"]._get_data(code=self.env.user.lang).decimal_point
        if point and point in text:
            text = text.rstrip("0").rstrip(point)
        return f"{text} {self.name}"
