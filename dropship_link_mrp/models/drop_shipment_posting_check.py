from odoo import api, models
from odoo.exceptions import ValidationError


class DropShipmentPostingCheck(models.AbstractModel):
    """Refuses parts of a kit where kits are posted."""

    _inherit = "drop.shipment.posting.check"

    @api.model
    def _check_move_quantities(self, order, totals, moves):
        posting = self.env["drop.shipment.posting"]
        parts, others = posting._split_parts(moves)
        lines = self.env["sale.order.line"].union(
            *(move.sale_line_id for move in parts)
        )
        for line in lines:
            self._check_whole_kits(order, line, totals.get(line, 0.0))
        return super()._check_move_quantities(order, totals, others)

    @api.model
    def _check_whole_kits(self, order, line, quantity):
        """Refuse to ship a part of a kit, unless nothing else is left.

        :param line: sales line, in sudo
        :param float quantity: in the UoM of the line
        :raise ValidationError: names the line
        """
        left = line.drop_shipment_qty_outstanding
        if line.product_uom_id.compare(quantity, left) == 0:
            return
        if self.env["drop.shipment.kits"]._to_kits(line, quantity).is_integer():
            return
        field, label = self._get_words_of_error(line, order)
        raise ValidationError(
            self.env._(
                "%(field)s of %(line)s can't be %(quantity)s: a kit is posted whole. "
                "Enter whole kits, or enter its parts on the transfer.",
                field=field,
                line=label,
                quantity=line._format_drop_shipment_qty(quantity),
            )
        )
