from odoo import api, models
from odoo.exceptions import UserError


class DropShipmentLink(models.AbstractModel):
    """Refuses alternatives that would order a sales line twice."""

    _inherit = "drop.shipment.link"

    @api.model
    def _check_links(self, lines):
        self._check_no_alternative_copy(lines)
        return super()._check_links(lines)

    @api.model
    def _check_no_alternative_copy(self, lines):
        """Refuse linked lines that an alternative to a request for quotation copies.

        Purchase Agreements copies them with the order's id in the context.

        :raise UserError: names the request for quotation
        """
        origin_id = lines and self.env.context.get("origin_po_id")
        if origin_id:
            raise UserError(
                self.env._(
                    "%(order)s can't have alternatives: its lines ship sales orders, "
                    "and a copy would ship them twice. Unlink the lines, then use Get "
                    "Sales Order with the other vendor.",
                    order=self.env["purchase.order"].browse(origin_id).name,
                )
            )
