from odoo import models


class SaleOrderLine(models.Model):
    """Delivered of a kit are the whole kits that its parts make."""

    _inherit = "sale.order.line"

    def _prepare_qty_delivered(self):
        delivered = super()._prepare_qty_delivered()
        # Core counts all or nothing as soon as a vendor ships a part.
        for line in self.env["drop.shipment.kits"]._filter_kits(self):
            delivered[line] = line._get_drop_shipment_kits_delivered()
            if not self.env.context.get("dropship_link_exact"):
                delivered[line] = line.product_uom_id.round(delivered[line])
        return delivered

    def _get_qty_procurement(self, previous_product_uom_qty=False):
        # Core finds what was delivered by the bill of materials of each move, which
        # those of a vendor do not have. Asked of a line that is unticked just now.
        if self.drop_shipment or not self._get_drop_shipment_linked_parts():
            return super()._get_qty_procurement(
                previous_product_uom_qty=previous_product_uom_qty
            )
        # sudo: salespeople may lack rights on purchase orders and transfers.
        line = self.sudo()
        kits = self.env["drop.shipment.kits"]
        own = line.move_ids.filtered(
            lambda move: (
                move.purchase_line_id.sale_line_id != line and move.state != "cancel"
            )
        )
        coming = own.filtered(
            lambda move: (
                move.state != "done"
                and (move.location_final_id or move.location_dest_id).usage
                == "customer"
            )
        )
        # Of several steps the last one counts.
        quantities = {
            move: move.product_uom_qty for move in coming - coming.move_orig_ids
        }
        parts = line._get_drop_shipment_own_parts()
        return line._get_drop_shipment_kits_delivered() + kits._count(
            line, parts, kits._sum(parts, quantities), line.product_uom_qty
        )

    def _get_bom_component_qty(self, bom):
        # In a cart of the shop, the parts are taken off what it has in stock. Own stock
        # gives nothing of a kit that a vendor ships.
        # sudo: visitors of the shop may not read the tick.
        if self.state in ("draft", "sent") and self.sudo().drop_shipment:
            return {}
        return super()._get_bom_component_qty(bom)

    def _get_drop_shipment_parts(self):
        """Return the parts of one kit by the first link; empty where it has none.

        Also of a line that is ticked no more, as far as a vendor has shipped it.
        """
        self.ensure_one()
        # sudo: portal users may not read the tick.
        line = self.sudo()
        if line.drop_shipment or line.drop_shipment_unticked:
            return line._get_drop_shipment_linked_parts()
        return []

    def _get_drop_shipment_linked_parts(self):
        """Return the parts of one kit by the first link, ticked or not."""
        # sudo: salespeople may lack rights on purchase orders.
        for line in self.sudo().purchase_line_ids:
            if parts := line._get_drop_shipment_parts():
                return parts
        return []

    def _get_drop_shipment_kits_delivered(self):
        """Return the quantity delivered, in the UoM of the line, not rounded.

        Each vendor ships whole kits: parts of one and parts of the other make none.
        """
        self.ensure_one()
        # sudo: salespeople may lack rights on purchase orders and transfers.
        line = self.sudo()
        kits = self.env["drop.shipment.kits"]
        delivered = 0.0
        for purchase_line, moves in line.move_ids.grouped("purchase_line_id").items():
            if purchase_line.sale_line_id == line:
                delivered += purchase_line.product_uom_id._compute_quantity(
                    purchase_line._get_drop_shipment_qty_moved("delivered"),
                    line.product_uom_id,
                    round=False,
                )
                continue
            delivered += kits._count_moves(
                line,
                line._get_drop_shipment_own_parts(),
                moves._get_drop_shipment_signed("delivered"),
                line.product_uom_qty,
            )
        return delivered

    def _get_drop_shipment_state(self):
        state = super()._get_drop_shipment_state()
        # Something is on its way, though it makes no kit yet.
        if state == "ordered" and any(
            line._has_drop_shipment_part("delivered")
            for line in self._get_drop_shipment_live_lines()
        ):
            return "partial"
        return state

    def _get_drop_shipment_own_parts(self):
        """Return the parts of a kit that own stock delivers; see `Part`.

        What it delivered before a vendor was ordered from counts as at the time of the
        link: a kit that changes afterwards does not take it back.
        """
        self.ensure_one()
        if self.drop_shipment and (parts := self._get_drop_shipment_linked_parts()):
            return parts
        kits = self.env["drop.shipment.kits"]
        compositions = kits._get_compositions(self)
        return kits._to_parts(compositions.get(self)) or self._get_drop_shipment_parts()

    def _get_drop_shipment_options(self):
        """Return the chosen values of attributes that make no variant."""
        return self.product_no_variant_attribute_value_ids

    def _get_drop_shipment_kept_by_line(self, purchase_lines):
        if not self._get_drop_shipment_parts():
            return super()._get_drop_shipment_kept_by_line(purchase_lines)
        return {
            line: line.product_uom_id._compute_quantity(
                line._get_drop_shipment_qty_moved("received")
                - line._get_drop_shipment_qty_moved("delivered"),
                self.product_uom_id,
                round=False,
            )
            for line in purchase_lines
        }

    def _get_drop_shipment_moved(self, quantities):
        moved = super()._get_drop_shipment_moved(quantities)
        by_line = {}
        for move, quantity in quantities.items():
            if move.product_id == self.product_id:
                continue
            # Those before it count first. Own stock has no purchase line.
            line = move.purchase_line_id
            so_far = by_line.setdefault(line, {})
            counted = self._count_drop_shipment_moves(line, so_far)
            so_far[move] = quantity
            moved[move] = self._count_drop_shipment_moves(line, so_far) - counted
        return moved

    def _count_drop_shipment_moves(self, purchase_line, quantities):
        """Return the kits that {move: quantity in its UoM} make, in the UoM of this.

        :param purchase_line: what they ship; none for own stock
        """
        if purchase_line.sale_line_id == self:
            return purchase_line.product_uom_id._compute_quantity(
                purchase_line._count_drop_shipment_moves(quantities),
                self.product_uom_id,
                round=False,
            )
        kits = self.env["drop.shipment.kits"]
        parts = self._get_drop_shipment_own_parts()
        return kits._count(
            self, parts, kits._sum(parts, quantities), self.product_uom_qty
        )
