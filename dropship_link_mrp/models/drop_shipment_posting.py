from collections import defaultdict

from odoo import api, models


class DropShipmentPosting(models.AbstractModel):
    """Posts kits: ships the parts of so many."""

    _inherit = "drop.shipment.posting"

    @api.model
    def _get_move_quantities(self, shares, outstanding):
        parts, others = self._split_parts(shares)
        quantities = super()._get_move_quantities(others, outstanding)
        for line, wanted in self._sum_by_purchase_line(parts).items():
            if line.sale_line_id.product_uom_id.compare(wanted, 0.0) <= 0:
                continue
            left = sum(
                quantity
                for move, quantity in outstanding[line.sale_line_id].items()
                if move.purchase_line_id == line
            )
            quantities.update(self._get_part_quantities(line, wanted, left))
        return quantities

    @api.model
    def _ship(self, order, rows, shipment_vals, outstanding, over_delivery=False):
        if over_delivery:
            check = self.env["drop.shipment.posting.check"]
            check._check_rows(order, rows, outstanding, over_delivery)
            shares = self._get_shares(rows, outstanding)
            parts, _others = self._split_parts(shares)
            for line, wanted in self._sum_by_purchase_line(parts).items():
                self._open_parts(line, wanted)
        return super()._ship(order, rows, shipment_vals, outstanding, over_delivery)

    @api.model
    def _open_parts(self, line, wanted):
        """Make open moves of the parts that all were shipped, for more kits.

        :param line: purchase line of a kit, in sudo
        :param float wanted: kits to ship, in the UoM of the sales line
        """
        moves = line._get_drop_shipment_open_moves()
        for part, quantity in self._get_parts_needed(line, wanted).items():
            if (
                moves
                and part.uom.compare(quantity, 0.0) > 0
                and part.product not in moves.product_id
            ):
                moves[0].copy(
                    {
                        "product_id": part.product.id,
                        "product_uom": part.uom.id,
                        "product_uom_qty": quantity,
                        "price_unit": line._get_drop_shipment_part_price(part),
                    }
                )._action_confirm(merge=False)._action_assign()

    @api.model
    def _get_parts_needed(self, line, wanted):
        """Return {part: quantity in its UoM} to ship, so that it makes so many more.

        What was shipped ahead is not shipped again.

        :param line: purchase line of a kit, in sudo
        :param float wanted: kits to ship, in the UoM of the sales line
        """
        kits = self.env["drop.shipment.kits"]
        amounts = line._get_drop_shipment_amounts("received")
        total = kits._to_kits(line, line._count_drop_shipment_kits(amounts))
        total += kits._to_kits(
            line,
            line.sale_line_id.product_uom_id._compute_quantity(
                wanted, line.product_uom_id, round=False
            ),
        )
        return {
            part: max(
                kits._get_part_qty(line, part, total) - amounts.get(part.product, 0.0),
                0.0,
            )
            for part in line._get_drop_shipment_parts()
        }

    @api.model
    def _split_parts(self, quantities):
        """Return the part of {move: quantity} that is of kits, and the rest."""
        parts = {
            move: quantity
            for move, quantity in quantities.items()
            if move._is_drop_shipment_part()
        }
        return parts, {
            move: quantity for move, quantity in quantities.items() if move not in parts
        }

    @api.model
    def _get_part_quantities(self, line, wanted, left):
        """Return what the open moves of a kit ship, so that it makes so many more.

        :param line: purchase line of a kit, in sudo
        :param float wanted: kits to ship, in the UoM of the sales line
        :param float left: all kits outstanding, in the UoM of the sales line
        :return: {move: quantity in its UoM}
        """
        kits = self.env["drop.shipment.kits"]
        is_all = line.sale_line_id.product_uom_id.compare(wanted, left) == 0
        moves = line._get_drop_shipment_open_moves().sorted(
            lambda move: (move.date, move.id)
        )
        quantities = {}
        for part, needed in self._get_parts_needed(line, wanted).items():
            own = moves.filtered(
                lambda move, part=part: move.product_id == part.product
            )
            open_qty = sum(
                kits._sum([part], {move: move.product_uom_qty for move in own}).values()
            )
            # A rest that makes no kit would stay on a transfer for ever.
            rest = open_qty - needed
            if is_all and 0.0 < rest < kits._get_rate(line, part):
                needed = open_qty
            quantities.update(self._spread_part(part, needed, own))
        return quantities

    @api.model
    def _spread_part(self, part, quantity, moves):
        """Return {move: quantity in its UoM} that ships so much of one part.

        What is more than all moves have open, the last one ships.

        :param float quantity: in the UoM of the part
        """
        quantities = {}
        for move in moves:
            if part.uom.compare(quantity, 0.0) <= 0:
                break
            wanted = part.uom._compute_quantity(
                quantity, move.product_uom, rounding_method="HALF-UP"
            )
            if move != moves[-1]:
                wanted = min(wanted, move.product_uom_qty)
            quantities[move] = wanted
            quantity -= move.product_uom._compute_quantity(
                wanted, part.uom, round=False
            )
        return quantities

    @api.model
    def _get_received(self, rows, outstanding):
        received = super()._get_received(rows, outstanding)
        parts, _others = self._split_parts(self._get_shares(rows, outstanding))
        for line, quantity in self._sum_by_purchase_line(parts).items():
            received[line] = line.sale_line_id.product_uom_id._compute_quantity(
                quantity, line.product_uom_id, rounding_method="HALF-UP"
            )
        return received

    @api.model
    def _get_over_delivery(self, done):
        parts, others = self._split_parts(done)
        extras = super()._get_over_delivery(others)
        kits = self.env["drop.shipment.kits"]
        by_line = defaultdict(dict)
        for move, quantity in parts.items():
            by_line[move.purchase_line_id][move] = quantity
        for line, quantities in by_line.items():
            amounts = line._get_drop_shipment_amounts("received")
            for product, quantity in kits._sum(
                line._get_drop_shipment_parts(), quantities
            ).items():
                amounts[product] += quantity
            extra = line.product_uom_id.round(
                line._count_drop_shipment_kits(amounts)
                - line._count_drop_shipment_kits(
                    line._get_drop_shipment_amounts("received", is_open=True)
                )
            )
            if line.product_uom_id.compare(extra, 0.0) > 0:
                extras[line] += extra
        return extras
