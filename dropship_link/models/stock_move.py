from odoo import api, models


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

    def _get_drop_shipment_qty(self):
        """Return the quantity to move, in the UoM of the sales line.

        It is what the move adds to the quantity delivered, which is rounded: where
        the parts of a dozen are 10.5 and 1.5 units, they are 0.88 and 0.12 of it.
        """
        self.ensure_one()
        line = self.sale_line_id
        unit = line.product_uom_id
        if self.product_uom == unit:
            return self.product_uom_qty
        before = line._get_drop_shipment_delivered() + sum(
            move.product_uom._compute_quantity(move.product_uom_qty, unit, round=False)
            for move in line._get_drop_shipment_open_moves()
            if (move.date, move.id) < (self.date, self.id)
        )
        after = before + self.product_uom._compute_quantity(
            self.product_uom_qty, unit, round=False
        )
        return unit.round(unit.round(after) - unit.round(before))

    def _is_drop_shipment_converted(self, line):
        """Whether any of these moves counts the product of `line` in another UoM.

        :param line: sales or purchase line
        """
        return any(
            move.product_uom != line.product_uom_id
            and move.product_id == line.product_id
            for move in self
        )

    @api.model
    def _prepare_merge_negative_moves_excluded_distinct_fields(self):
        fields = super()._prepare_merge_negative_moves_excluded_distinct_fields()
        # The customer's date or the vendor's price may have changed since: less ordered
        # is less to ship all the same, not a return.
        if self.env.context.get("dropship_link_lower"):
            fields += ["date_deadline", "price_unit"]
        return fields
