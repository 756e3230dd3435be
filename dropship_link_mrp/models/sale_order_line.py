from odoo import models


class SaleOrderLine(models.Model):
    """Delivered of a kit are the whole kits that its parts make."""

    _inherit = "sale.order.line"

    def _prepare_qty_delivered(self):
        delivered = super()._prepare_qty_delivered()
        # Core counts all or nothing as soon as a vendor ships a part.
        for line in self:
            if line._is_drop_shipment_kit():
                delivered[line] = line._get_drop_shipment_kits_delivered()
                if not self.env.context.get("dropship_link_exact"):
                    delivered[line] = line.product_uom_id.round(delivered[line])
        return delivered

    def _is_drop_shipment_kit(self):
        """Whether a vendor ships parts of this line, or core would count it as a kit.

        Also of a line that is ticked no more, as far as a vendor has shipped it.
        """
        self.ensure_one()
        # sudo: salespeople may lack rights on purchase orders and transfers.
        line = self.sudo()
        if any(
            purchase_line._get_drop_shipment_parts()
            for purchase_line in line.purchase_line_ids
        ):
            return True
        return bool(
            line.drop_shipment
            and line.move_ids
            and line.product_id.with_company(line.company_id).is_kits
        )

    def _get_drop_shipment_kits_delivered(self):
        """Return the quantity delivered, in the UoM of the line, not rounded.

        Each vendor ships whole kits: parts of one and parts of the other make none.
        """
        self.ensure_one()
        # sudo: see `_is_drop_shipment_kit`.
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

    def _get_drop_shipment_own_parts(self):
        """Return the parts of a kit that own stock delivers; see `Part`."""
        self.ensure_one()
        kits = self.env["drop.shipment.kits"]
        composition = kits._get_composition(
            self.product_id,
            self.company_id,
            self.product_no_variant_attribute_value_ids,
        )
        if composition:
            return kits._to_parts(composition)
        for purchase_line in self.purchase_line_ids:
            if parts := purchase_line._get_drop_shipment_parts():
                return parts
        return []

    def _get_drop_shipment_kept(self):
        if not self._is_drop_shipment_kit():
            return super()._get_drop_shipment_kept()
        return sum(
            line.product_uom_id._compute_quantity(
                line._get_drop_shipment_qty_moved("received")
                - line._get_drop_shipment_qty_moved("delivered"),
                self.product_uom_id,
                round=False,
            )
            for line in self._get_drop_shipment_live_lines()
        )

    def _get_drop_shipment_moved(self, quantities):
        moved = super()._get_drop_shipment_moved(quantities)
        before = {}
        for move, quantity in quantities.items():
            line = move.purchase_line_id
            if not move._is_drop_shipment_part():
                continue
            so_far = before.setdefault(line, {})
            counted = line._count_drop_shipment_moves(so_far)
            so_far[move] = quantity
            moved[move] = line.product_uom_id._compute_quantity(
                line._count_drop_shipment_moves(so_far) - counted,
                self.product_uom_id,
                round=False,
            )
        return moved
