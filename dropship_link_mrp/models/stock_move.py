from odoo import fields, models


class StockMove(models.Model):
    """Parts of the kits that vendors ship, and what they add to both orders."""

    _inherit = "stock.move"

    def action_explode(self):
        # The transfer of a drop shipment says what was agreed when it was linked.
        # sudo: users of Inventory may lack rights on both orders.
        linked = self.filtered(lambda move: move.sudo().purchase_line_id.drop_shipment)
        return linked | super(StockMove, self - linked).action_explode()

    def _is_drop_shipment_part(self):
        """Whether this moves a part of a kit that a vendor ships."""
        self.ensure_one()
        # sudo: users of Inventory may lack rights on purchase orders.
        line = self.sudo().purchase_line_id
        return bool(
            line
            and line.product_id != self.product_id
            and line._get_drop_shipment_parts()
        )

    def _get_drop_shipment_qty(self):
        if not self._is_drop_shipment_part():
            return super()._get_drop_shipment_qty()
        # The moves before it count first, as they are shipped first.
        line = self.purchase_line_id
        unit = self.sale_line_id.product_uom_id
        amounts = line._get_drop_shipment_amounts("received")
        kits = self.env["drop.shipment.kits"]
        parts = line._get_drop_shipment_parts()
        moves = line._get_drop_shipment_open_moves()
        counted = {}
        before = line._count_drop_shipment_kits(amounts)
        for move in moves.sorted(lambda move: (move.date, move.id)):
            for product, quantity in kits._sum(
                parts, {move: move.product_uom_qty}
            ).items():
                amounts[product] += quantity
            after = line._count_drop_shipment_kits(amounts)
            counted[move] = (before, after)
            before = after
        before, after = (
            unit.round(line.product_uom_id._compute_quantity(count, unit, round=False))
            for count in counted.get(self, (0.0, 0.0))
        )
        return unit.round(after - before)

    def _get_drop_shipment_sign(self, side):
        """Return 1 where this move adds to a quantity, -1 where it takes off, else 0.

        :param str side: `received` from the vendor or `delivered` to the customer
        """
        self.ensure_one()
        if self.origin_returned_move_id and not self.to_refund:
            return 0
        if self._is_drop_shipment():
            return 1
        if self._is_dropshipped_returned():
            return -1
        usages = (self.location_id.usage, self.location_dest_id.usage)
        if side == "received":
            return (usages[0] == "supplier") - (usages[1] == "supplier")
        return (usages[1] == "customer") - (usages[0] == "customer")

    def _get_drop_shipment_signed(self, side):
        """Return {done move: quantity in its UoM} that count, negative if taken back.

        Up to the day for which core accrues, if it does.

        :param str side: see `_get_drop_shipment_sign`
        """
        moves = self.filtered(lambda move: move.state == "done")
        if day := self.env.context.get("accrual_entry_date"):
            day = fields.Date.to_date(day)
            moves = moves.filtered(
                lambda move: fields.Date.context_today(move, move.date) <= day
            )
        quantities = {
            move: move.quantity * move._get_drop_shipment_sign(side) for move in moves
        }
        return {move: quantity for move, quantity in quantities.items() if quantity}
