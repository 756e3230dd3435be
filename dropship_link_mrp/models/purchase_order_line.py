from odoo import api, fields, models


class PurchaseOrderLine(models.Model):
    """A kit is bought as the kit; its transfer, and what is counted, is of its parts.

    By the composition of the day on which the line was linked, whatever becomes of the
    bill of materials.
    """

    _inherit = "purchase.order.line"

    drop_shipment_composition = fields.Json(
        string="Composition of the Kit",
        compute="_compute_drop_shipment_composition",
        store=True,
        help="What the vendor ships of one kit, as it was when the line was linked.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("drop_shipment_sale_line_id", "product_id")
    def _compute_drop_shipment_composition(self):
        linked = self.filtered(
            lambda line: (
                line.drop_shipment_sale_line_id
                and not line._is_drop_shipment_composition_frozen()
            )
        )
        compositions = linked._prepare_drop_shipment_compositions()
        for line in self:
            # Kept when the line is unticked: parts may have been shipped.
            line.drop_shipment_composition = compositions.get(
                line, line.drop_shipment_composition
            )

    def _prepare_drop_shipment_compositions(self):
        """Return {line: what its kit consists of now, to be stored}."""
        parts = self.env["drop.shipment.kits"]._get_compositions(self)
        return {
            line: {
                "sale_line_id": line.drop_shipment_sale_line_id.id,
                "product_id": line.product_id.id,
                "parts": parts.get(line, []),
            }
            for line in self
        }

    def _get_drop_shipment_options(self):
        """Return the chosen values of attributes that make no variant."""
        # sudo: buyers may lack rights on the sales order.
        return self.sudo().drop_shipment_sale_line_id._get_drop_shipment_options()

    def _is_drop_shipment_composition_frozen(self):
        """Whether the composition is that of this link, or goods are on their way."""
        self.ensure_one()
        line = self.sudo()
        frozen = line.drop_shipment_composition
        if frozen and (frozen["sale_line_id"], frozen["product_id"]) == (
            line.drop_shipment_sale_line_id.id,
            line.product_id.id,
        ):
            return True
        # It was no kit when its transfer was made.
        return line.product_id in line.move_ids.product_id

    def _prepare_qty_received(self):
        kits = self.env["drop.shipment.kits"]._filter_kits(self)
        received = super(PurchaseOrderLine, self - kits)._prepare_qty_received()
        for line in kits:
            received[line] = line._get_drop_shipment_qty_moved("received")
            if not self.env.context.get("dropship_link_exact"):
                received[line] = line.product_uom_id.round(received[line])
        return received

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # Now, not when somebody asks for it: the kit may change meanwhile.
        lines.filtered("drop_shipment").mapped("drop_shipment_composition")
        return lines

    def write(self, vals):
        res = super().write(vals)
        if "sale_line_id" in vals:
            self.filtered("drop_shipment").mapped("drop_shipment_composition")
        return res

    # ------------------------------------------------------------
    # STOCK
    # ------------------------------------------------------------

    def _get_qty_procurement(self):
        if not self._get_drop_shipment_parts():
            return super()._get_qty_procurement()
        # Core compares two quantities of the line, whatever was shipped or is open.
        if self.env.context.get("dropship_link_whole_kit"):
            return 0.0
        return self._count_drop_shipment_kits(
            self._get_drop_shipment_amounts("received", is_open=True)
        )

    def _prepare_stock_moves(self, picking):
        parts = self._get_drop_shipment_parts()
        if not parts:
            return super()._prepare_stock_moves(picking)
        # Core makes a move of the kit, and explodes it by the composition of that day.
        whole = super(
            PurchaseOrderLine, self.with_context(dropship_link_whole_kit=True)
        )._prepare_stock_moves(picking)
        if not whole:
            return []
        return [
            {
                **whole[0],
                "product_id": part.product.id,
                "product_uom_qty": quantity,
                "product_uom": part.uom.id,
                "price_unit": self._get_drop_shipment_part_price(part),
            }
            for part, quantity in self._get_drop_shipment_parts_missing().items()
            if part.uom.compare(quantity, 0.0) > 0
        ]

    def _get_sale_order_line_product(self):
        # Core searches the bill of materials of what is sold, line by line, to find the
        # parts among the moves. Here they are known by the composition of the line.
        if self.drop_shipment:
            return self.env["product.product"]
        return super()._get_sale_order_line_product()

    def _create_stock_moves(self, picking):
        # A product that became a kit since it was linked has no transfer yet, and core
        # can't move a kit as it is.
        fresh = self.sudo().filtered(
            lambda line: (
                line.drop_shipment
                and not (line._get_drop_shipment_parts() or line.move_ids)
            )
        )
        for line, frozen in fresh._prepare_drop_shipment_compositions().items():
            if frozen["parts"]:
                line.drop_shipment_composition = frozen
        # Where nothing is missing no transfer is opened.
        complete = self.filtered(
            lambda line: (
                line._get_drop_shipment_parts()
                and not any(
                    part.uom.compare(quantity, 0.0) > 0
                    for part, quantity in (
                        line.sudo()._get_drop_shipment_parts_missing().items()
                    )
                )
            )
        )
        return super(PurchaseOrderLine, self - complete)._create_stock_moves(picking)

    def _create_or_update_picking(self):
        # Less ordered is less to ship. Core would have parts that were shipped ahead
        # sent back. sudo: buyers may lack rights on transfers.
        for line in self.sudo():
            if line._get_drop_shipment_parts():
                line._lower_drop_shipment_parts()
        return super()._create_or_update_picking()

    # ------------------------------------------------------------
    # KITS
    # ------------------------------------------------------------

    def _get_drop_shipment_parts(self):
        """Return the parts of one kit as a list, empty where this is no kit."""
        self.ensure_one()
        frozen = self.drop_shipment_composition
        return self.env["drop.shipment.kits"]._to_parts(frozen and frozen["parts"])

    def _get_drop_shipment_amounts(self, side, is_open=False):
        """Return {part: quantity in its UoM} of what was moved.

        :param str side: see `_get_drop_shipment_sign` of moves
        :param bool is_open: with what is still to be shipped
        """
        self.ensure_one()
        quantities = self.move_ids._get_drop_shipment_signed(side)
        if is_open:
            moves = self._get_drop_shipment_open_moves()
            quantities.update({move: move.product_uom_qty for move in moves})
        return self.env["drop.shipment.kits"]._sum(
            self._get_drop_shipment_parts(), quantities
        )

    def _count_drop_shipment_kits(self, amounts):
        """Return the kits that parts make, in the UoM of this line, not rounded."""
        return self.env["drop.shipment.kits"]._count(
            self, self._get_drop_shipment_parts(), amounts, self.product_qty
        )

    def _count_drop_shipment_moves(self, quantities):
        """Return the kits that {move: quantity in its UoM} make, in the line's UoM."""
        kits = self.env["drop.shipment.kits"]
        return self._count_drop_shipment_kits(
            kits._sum(self._get_drop_shipment_parts(), quantities)
        )

    def _get_drop_shipment_qty_moved(self, side):
        """Return what was moved of this line, in its UoM, not rounded.

        :param str side: see `_get_drop_shipment_sign` of moves
        """
        self.ensure_one()
        return self.env["drop.shipment.kits"]._count_moves(
            self,
            self._get_drop_shipment_parts(),
            self.move_ids._get_drop_shipment_signed(side),
            self.product_qty,
        )

    def _get_drop_shipment_received(self):
        if not self._get_drop_shipment_parts():
            return super()._get_drop_shipment_received()
        return self.product_uom_id._compute_quantity(
            self._get_drop_shipment_qty_moved("received"),
            self.sale_line_id.product_uom_id,
            round=False,
        )

    def _get_drop_shipment_qty_outstanding(self):
        if not self._get_drop_shipment_parts():
            return super()._get_drop_shipment_qty_outstanding()
        shipped = self._count_drop_shipment_kits(
            self._get_drop_shipment_amounts("received")
        )
        total = self._count_drop_shipment_kits(
            self._get_drop_shipment_amounts("received", is_open=True)
        )
        return self.product_uom_id.round(total) - self.product_uom_id.round(shipped)

    def _is_drop_shipment_begun(self):
        return super()._is_drop_shipment_begun() or self._has_drop_shipment_part(
            "received"
        )

    def _has_drop_shipment_part(self, side):
        """Whether a part of a kit was shipped, though it may make no kit yet.

        :param str side: see `_get_drop_shipment_sign` of moves
        """
        self.ensure_one()
        return bool(self._get_drop_shipment_parts()) and any(
            quantity > 0.0
            for quantity in self._get_drop_shipment_amounts(side).values()
        )

    def _get_drop_shipment_parts_missing(self):
        """Return {part: quantity in its UoM} ordered, but neither shipped nor open.

        Negative where more is shipped or open.
        """
        self.ensure_one()
        kits = self.env["drop.shipment.kits"]
        ordered = kits._to_kits(self, self.product_qty)
        amounts = self._get_drop_shipment_amounts("received", is_open=True)
        return {
            part: part.uom.round(
                kits._get_part_qty(self, part, ordered) - amounts.get(part.product, 0.0)
            )
            for part in self._get_drop_shipment_parts()
        }

    def _lower_drop_shipment_parts(self):
        """Take off the open moves what is more than is ordered, the latest first."""
        self.ensure_one()
        for part, missing in self._get_drop_shipment_parts_missing().items():
            excess = -missing
            moves = self._get_drop_shipment_open_moves().filtered(
                lambda move, part=part: move.product_id == part.product
            )
            for move in moves.sorted(lambda move: (move.date, move.id), reverse=True):
                if part.uom.compare(excess, 0.0) <= 0:
                    break
                left = max(
                    move.product_uom_qty
                    - part.uom._compute_quantity(
                        excess, move.product_uom, rounding_method="HALF-UP"
                    ),
                    0.0,
                )
                excess -= move.product_uom._compute_quantity(
                    move.product_uom_qty - left, part.uom, round=False
                )
                if move.product_uom.is_zero(left):
                    move._action_cancel()
                else:
                    move.product_uom_qty = left
                    move._action_assign()

    def _get_drop_shipment_part_price(self, part):
        """Return what the vendor asks for one of a part, in company currency."""
        self.ensure_one()
        rate = self._get_drop_shipment_part_rate(part)
        return self._get_stock_move_price_unit() * part.share / rate

    def _get_drop_shipment_part_rate(self, part):
        """Return what one kit takes of a part, both in the UoM of their products."""
        return part.uom._compute_quantity(
            part.quantity, part.product.uom_id, round=False
        )
