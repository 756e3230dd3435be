from odoo import api, models
from odoo.exceptions import UserError


class StockMove(models.Model):
    _inherit = "stock.move"

    @api.depends("purchase_line_id.drop_shipment")
    def _compute_description_picking(self):
        # Whoever handles the transfer may lack rights on both orders.
        linked = self.filtered(
            lambda move: (
                move.sudo().purchase_line_id.drop_shipment
                and not move.description_picking_manual
            )
        )
        # The vendor's words are not for the customer: nothing of core's is left.
        for move in linked:
            sale_line = move.sudo().purchase_line_id.drop_shipment_sale_line_id
            move.description_picking = sale_line._get_drop_shipment_description()
        return super(StockMove, self - linked)._compute_description_picking()

    def write(self, vals):
        frozen = {"product_uom", "purchase_line_id", "sale_line_id"} & set(vals)
        # Corrections of what core itself does, say, are made elevated.
        if frozen and not self.env.su:
            for name in sorted(frozen):
                self.filtered(
                    lambda move, name=name: move[name].id != (vals[name] or False)
                )._check_drop_shipment_frozen(self._fields[name])
        return super().write(vals)

    def _check_drop_shipment_frozen(self, field):
        """Refuse to change a field by which a vendor's transfer is known.

        :param field: of transfers or of their moves
        :raise UserError: names transfer and purchase order
        """
        # Whoever handles the transfer may lack rights on both orders.
        for move in self.sudo():
            # A return may go elsewhere: to own stock.
            if not move.purchase_line_id.drop_shipment or move.origin_returned_move_id:
                continue
            raise UserError(
                self.env._(
                    "%(field)s of %(transfer)s can't be changed for %(product)s: the "
                    "vendor ships it for purchase order %(purchase)s. Change that "
                    "order instead.",
                    field=field._description_string(self.env),
                    transfer=move.picking_id.name or move.display_name,
                    product=move.product_id.display_name,
                    purchase=move.purchase_line_id.order_id.name,
                )
            )

    def _get_drop_shipment_qty(self):
        """Return the quantity to move, in the UoM of the sales line."""
        self.ensure_one()
        return self.product_uom._compute_quantity(
            self.product_uom_qty,
            self.sale_line_id.product_uom_id,
            rounding_method="HALF-UP",
        )

    @api.model
    def _prepare_merge_negative_moves_excluded_distinct_fields(self):
        fields = super()._prepare_merge_negative_moves_excluded_distinct_fields()
        # The customer's date or the vendor's price may have changed since: less ordered
        # is less to ship all the same, not a return.
        if self.env.context.get("dropship_link_lower"):
            fields += ["date_deadline", "price_unit"]
        return fields
