from odoo import api, fields, models
from odoo.exceptions import UserError


class StockMove(models.Model):
    """Parts of the kits that vendors ship, and what they add to both orders."""

    _inherit = "stock.move"

    @api.depends("purchase_line_id")
    def _compute_packaging_uom_id(self):
        res = super()._compute_packaging_uom_id()
        # The unit of the kit says nothing of its parts.
        for move in self:
            if move._is_drop_shipment_part():
                move.packaging_uom_id = move.product_uom
        return res

    def action_explode(self):
        # The transfer of a drop shipment says what was agreed when it was linked, and
        # what was shipped comes back as it was, whatever the operation type.
        # sudo: users of Inventory may lack rights on both orders.
        linked = self.filtered(
            lambda move: (
                (
                    move.picking_type_id.code == "dropship"
                    or move.origin_returned_move_id
                )
                and move.sudo().purchase_line_id.drop_shipment
            )
        )
        linked._check_drop_shipment_whole()
        exploded = super(StockMove, self - linked).action_explode()
        exploded._forget_drop_shipment_bom()
        return linked | exploded

    def _forget_drop_shipment_bom(self):
        """Let parts of a kit that was added on a vendor's transfer be parts only.

        They come onto the orders one by one. Core counts the line of a part all or
        nothing, as long as its moves name a bill of materials.
        """
        service = self.env["drop.shipment.added.goods"]
        self.filtered(
            lambda move: (
                move.picking_type_id.code == "dropship"
                and move.bom_line_id
                and not move.sudo().purchase_line_id
                and service._get_orders(move)[0]
            )
        ).bom_line_id = False

    def _check_drop_shipment_whole(self):
        """Refuse to take into own stock what became a kit after it was ordered.

        Vendors ship it, and take it back, as what it was; own stock has only the parts
        of a kit.

        :raise UserError: names the product, its order and what to do
        """
        for move in self:
            if move.location_dest_id.usage == "internal" and move.product_id.is_kits:
                raise UserError(
                    self.env._(
                        "%(product)s of %(order)s can't go to own stock: it has become "
                        "a kit since it was ordered, and own stock has only the parts "
                        "of a kit. Return it to the vendor, or archive the kit's bill "
                        "of materials first.",
                        product=move.product_id.display_name,
                        # sudo: users of Inventory may lack rights on it.
                        order=move.sudo().purchase_line_id.order_id.name,
                    )
                )

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

    def _get_drop_shipment_qty_sold(self, uom):
        if not self._is_drop_shipment_part():
            return super()._get_drop_shipment_qty_sold(uom)
        line, part = self._get_drop_shipment_part()
        if not part:
            return {}
        sale_line = line.sale_line_id
        kits = self.env["drop.shipment.kits"]
        quantity = kits._get_part_qty(
            sale_line, part, kits._to_kits(sale_line, sale_line.product_uom_qty)
        )
        return {sale_line: part.uom._compute_quantity(quantity, uom)}

    def _get_drop_shipment_part(self):
        """Return the purchase line of a kit, in sudo, and which part this moves.

        None for another product, which somebody ships in its place.
        """
        self.ensure_one()
        # sudo: see `_is_drop_shipment_part`.
        line = self.sudo().purchase_line_id
        parts = line._get_drop_shipment_parts()
        own = [part for part in parts if part.product == self.product_id]
        return line, own[0] if own else None

    # ------------------------------------------------------------
    # VALUE
    # ------------------------------------------------------------

    def _is_drop_shipment_part_valued(self):
        """Whether this shipped a part of a kit, so that the kit's price has its value.

        Not the returns: they are worth what the shipment was.
        """
        self.ensure_one()
        return bool(
            not self.origin_returned_move_id
            and self._is_drop_shipment_part()
            and self._get_drop_shipment_part()[1]
        )

    def _get_value_from_account_move(self, quantity, at_date=None):
        if not self._is_drop_shipment_part_valued():
            return super()._get_value_from_account_move(quantity, at_date=at_date)
        # Core reads the kits of the bill as pieces of each part.
        line, part = self._get_drop_shipment_part()
        rate = line._get_drop_shipment_part_rate(part)
        items = line.invoice_lines.filtered(
            lambda item: (
                item.move_id.state == "posted"
                and not (at_date and item.date > fields.Date.to_date(at_date))
            )
        )
        billed = rate * sum(
            item._get_drop_shipment_signed_qty(line.product_id.uom_id) for item in items
        )
        before = line.move_ids.filtered(
            lambda move: (
                move.product_id == self.product_id
                and move.state == "done"
                and (move.date, move.id) < (self.date, self.id)
            )
        )
        left = billed - sum(
            move.product_uom._compute_quantity(
                move.quantity, part.product.uom_id, round=False
            )
            * move._get_drop_shipment_sign("received")
            for move in before
        )
        taken = min(quantity, max(left, 0.0))
        value = sum(items.mapped("balance")) * part.share
        return {
            "value": value * taken / billed if taken else 0.0,
            "quantity": taken,
            "description": self.env._(
                "Part of the kits on %(bills)s",
                bills=", ".join(items.move_id.mapped("display_name")),
            )
            if taken
            else False,
        }

    def _get_value_from_quotation(self, quantity, at_date=None):
        if not self._is_drop_shipment_part_valued():
            return super()._get_value_from_quotation(quantity, at_date)
        line, part = self._get_drop_shipment_part()
        price = line.with_context(
            conversion_date=self.date
        )._get_drop_shipment_part_price(part)
        return {
            "value": price * quantity,
            "quantity": quantity,
            "description": self.env._(
                "Part of the kits on %(order)s (not billed)", order=line.order_id.name
            ),
        }

    # ------------------------------------------------------------
    # COUNTING
    # ------------------------------------------------------------

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
