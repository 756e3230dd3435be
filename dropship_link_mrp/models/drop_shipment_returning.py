from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.dropship_link.models.drop_shipment_lots import Numbers


class DropShipmentReturning(models.AbstractModel):
    """Takes kits back: the parts of so many."""

    _inherit = "drop.shipment.returning"

    @api.model
    def _check_returnable(self, order, returnable):
        if not returnable and any(
            self._get_left(move) > 0.0 and move._is_drop_shipment_part()
            for moves in self._get_shipped_moves(order).values()
            for move in moves
        ):
            raise UserError(
                self.env._(
                    "%(order)s has no whole kit to return. Return its parts on their "
                    "transfer.",
                    order=order.name,
                )
            )
        return super()._check_returnable(order, returnable)

    @api.model
    def _get_move_quantities(self, order, rows, returnable):
        others, quantities, lots = [], {}, {}
        for row in rows:
            moves = self._get_row_moves(row, returnable)
            lines = self._get_kits_taken(row, moves)
            if not lines:
                others.append(row)
                continue
            label = self._get_label(order, row.sale_line)
            for line, kits in lines.items():
                own = [move for move in moves if move.purchase_line_id == line]
                taken = self._get_parts_taken(line, kits, own)
                lots.update(self._get_part_lots(label, row.lot_names, taken, own))
                quantities.update(taken)
        found = super()._get_move_quantities(order, others, returnable)
        quantities.update(found[0])
        lots.update(found[1])
        return quantities, lots

    @api.model
    def _get_kits_taken(self, row, moves):
        """Return {purchase line: kits} that a row takes back, in the UoM of the row.

        Empty where it takes no kits.

        :param dict moves: what may come back, see `_get_row_moves`
        """
        posting = self.env["drop.shipment.posting"]
        parts, _others = posting._split_parts(moves)
        lines, left = {}, row.quantity
        for line, kits in posting._sum_by_purchase_line(parts).items():
            lines[line] = min(kits, left)
            left -= lines[line]
        return lines

    @api.model
    def _get_parts_taken(self, line, quantity, moves):
        """Return what of these shipments comes back, so that so many kits do.

        What was shipped ahead stays with the customer.

        :param line: purchase line of a kit, in sudo
        :param float quantity: kits, in the UoM of the sales line
        :param list moves: those of the line that may come back, the latest first
        :return: {move: quantity in its UoM}
        """
        kits = self.env["drop.shipment.kits"]
        left = {move: self._get_left(move) for move in moves}
        counted = kits._to_kits(line, line._count_drop_shipment_moves(left))
        taken = kits._to_kits(
            line,
            line.sale_line_id.product_uom_id._compute_quantity(
                quantity, line.product_uom_id, round=False
            ),
        )
        quantities = {}
        for part in line._get_drop_shipment_parts():
            rest = kits._get_part_qty(line, part, counted)
            rest -= kits._get_part_qty(line, part, counted - taken)
            for move, available in left.items():
                if move.product_id != part.product or part.uom.compare(rest, 0.0) <= 0:
                    continue
                wanted = part.uom._compute_quantity(
                    rest, move.product_uom, rounding_method="HALF-UP"
                )
                quantities[move] = min(wanted, move.product_uom.round(available))
                rest -= move.product_uom._compute_quantity(
                    quantities[move], part.uom, round=False
                )
        return quantities

    @api.model
    def _get_part_lots(self, label, names, taken, moves):
        """Return {move: {lot: quantity in the UoM of the product}} that come back.

        May change `taken`: tracked parts come back from the shipments that brought
        their numbers.

        :raise UserError: see `_take_back` and `_check_tracked` of `drop.shipment.lots`
        """
        lot_model = self.env["drop.shipment.lots"]
        amounts, lots = defaultdict(float), {}
        for move, quantity in taken.items():
            product = move.product_id
            amounts[product] += move.product_uom._compute_quantity(
                quantity, product.uom_id, rounding_method="HALF-UP"
            )
        left = defaultdict(dict)
        for move in moves:
            if move.product_id in amounts and (shipped := lot_model._get_left(move)):
                left[move.product_id][move] = shipped
        texts = {}
        if amounts and names.strip():
            lot_model._check_tracked(label, amounts)
        if left and names.strip():
            texts = lot_model._split_names(label, names, left)
        for product, shipments in left.items():
            numbers = Numbers(
                lot_model._get_part_label(label, product),
                product,
                product.uom_id,
                amounts[product],
                texts.get(product, ""),
            )
            for move in shipments:
                taken.pop(move, None)
            for move, own in lot_model._take_back(numbers, shipments).items():
                lots[move] = own
                taken[move] = product.uom_id._compute_quantity(
                    sum(own.values()), move.product_uom, rounding_method="HALF-UP"
                )
        return lots
