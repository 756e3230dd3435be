from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command


class Numbers(NamedTuple):
    """What is typed for the goods of one row, and how much they are."""

    # What an error calls the row.
    label: str
    product: models.BaseModel
    uom: models.BaseModel
    # In that UoM.
    quantity: float
    # Lot or serial numbers, one a line.
    names: str


class DropShipmentLots(models.AbstractModel):
    """Lot and serial numbers that are typed for what a vendor ships.

    A vendor's numbers are not in own stock to pick from: they are put on the open moves
    as they are typed, like on a receipt.
    """

    _name = "drop.shipment.lots"
    _description = "Lot and Serial Numbers of Drop Shipments"

    @api.model
    def _assign(self, rows, moves):
        """Put the numbers of the rows on the moves, in their order.

        :param list rows: see `drop.shipment.posting`
        :param moves: open moves, in sudo, with the quantities that are posted
        :raise UserError: see `_parse` and `_check_tracked`
        """
        lots = defaultdict(list)
        for row in rows:
            if row.lot_names.strip():
                label = row.sale_line._get_drop_shipment_label()
                self._check_tracked(label, row.sale_line.product_id)
                numbers = self._get_numbers(row, label)
                lots[row.purchase_line or row.sale_line] += self._parse(numbers)
        for move in moves if lots else ():
            own_lots = lots.get(move.purchase_line_id) or lots.get(move.sale_line_id)
            if own_lots:
                self._assign_move(move, own_lots)

    @api.model
    def _check_tracked(self, label, products):
        """Refuse numbers of goods that have none: core would forget them.

        :param str label: what an error calls the row
        :param products: what it ships: the product, or the parts of a kit
        :raise UserError: none of them is tracked
        """
        if not any(product.tracking != "none" for product in products):
            raise UserError(
                self.env._(
                    "%(line)s has no lot or serial numbers: clear Lot/Serial Numbers.",
                    line=label,
                )
            )

    @api.model
    def _get_numbers(self, row, label):
        """Return the `Numbers` of a row.

        :param str label: what an error calls it
        """
        line = row.sale_line
        return Numbers(
            label, line.product_id, line.product_uom_id, row.quantity, row.lot_names
        )

    @api.model
    def _parse(self, numbers):
        """Return what Lot/Serial Numbers says, for the quantity of a row.

        As core reads pasted numbers.

        :param Numbers numbers: what is typed

        :return: list of dicts of `lot_name` and `quantity`, in the UoM of the product
        :raise UserError: they are of another quantity than is posted
        """
        product, uom = numbers.product, numbers.uom
        names = [name.strip() for name in numbers.names.splitlines()]
        lots = self.env["stock.move"].split_lots("\n".join(names))
        product_uom = product.uom_id
        if product.tracking == "lot" and [numbers.names.strip()] == [
            lot["lot_name"] for lot in lots
        ]:
            # One lot without a quantity is the lot of them all.
            lots[0]["quantity"] = numbers.quantity
        if product.tracking == "lot":
            # Sums are rounded, not the parts: three times 4 units are a dozen.
            total = before = 0.0
            for lot in lots:
                total += lot["quantity"]
                after = uom._compute_quantity(
                    total, product_uom, rounding_method="HALF-UP"
                )
                lot["quantity"] = product_uom.round(after - before)
                before = after
        posted = uom._compute_quantity(
            numbers.quantity, product_uom, rounding_method="HALF-UP"
        )
        entered = sum(lot["quantity"] for lot in lots)
        if product_uom.compare(entered, posted):
            raise UserError(
                self.env._(
                    "Lot/Serial Numbers of %(line)s are of %(entered)s, but "
                    "%(posted)s are posted: enter one serial number a line, or lots "
                    "with their quantity, as in LOT-1;6.",
                    line=numbers.label,
                    entered=product_uom._format_drop_shipment_qty(entered),
                    posted=product_uom._format_drop_shipment_qty(posted),
                )
            )
        return lots

    @api.model
    def _assign_move(self, move, lots):
        """Replace the lines of an open move by lines with these lots.

        :param list lots: as of `_parse`; what the move takes for its quantity is
            removed from the list
        """
        uom = move.product_id.uom_id
        left = move.product_uom._compute_quantity(
            move.quantity, uom, rounding_method="HALF-UP"
        )
        taken = self._take(uom, lots, left)
        picking_type = move.picking_type_id
        if picking_type.use_existing_lots and not picking_type.use_create_lots:
            # As core where numbers are pasted: by its name it would find none.
            move._create_lot_ids_from_move_line_vals(
                taken, move.product_id.id, move.company_id.id
            )
        packed = self._pack(move, taken)
        move.move_line_ids.unlink()
        move.move_line_ids = move._generate_serial_move_line_commands(packed)

    @api.model
    def _pack(self, move, lots):
        """Return these lots in the packages in which Inventory has put the goods.

        :param move: open move, whose lines are about to be replaced
        :param list lots: values of its new lines, which are used up
        :return: list of values of its new lines
        """
        uom, packed = move.product_id.uom_id, []
        for line in move.move_line_ids.filtered("result_package_id"):
            packed += [
                {**lot, "result_package_id": line.result_package_id.id}
                for lot in self._take(uom, lots, line.quantity_product_uom)
            ]
        return packed + lots

    @api.model
    def _take(self, uom, lots, quantity):
        """Return the first of these lots, up to a quantity; they are used up."""
        taken = []
        while lots and uom.compare(quantity, 0.0) > 0:
            part = min(lots[0]["quantity"], quantity)
            taken.append({**lots[0], "quantity": part})
            quantity -= part
            lots[0]["quantity"] -= part
            if uom.is_zero(lots[0]["quantity"]):
                lots.pop(0)
        return taken

    @api.model
    def _check_complete(self, order, moves):
        """Refuse to ship tracked products without their lot or serial numbers.

        :param order: the order that is posted
        :raise UserError: names the sales line
        """
        for move in moves.filtered(self._lacks_numbers):
            raise UserError(
                self.env._(
                    "%(line)s needs lot or serial numbers: choose Post on %(order)s "
                    "and enter them in Lot/Serial Numbers.",
                    line=self._get_move_label(move),
                    order=order.name,
                )
            )

    @api.model
    def _lacks_numbers(self, move):
        """Whether core refuses to move these goods without their numbers."""
        picking_type = move.picking_type_id
        return (
            move.has_tracking != "none"
            and (picking_type.use_create_lots or picking_type.use_existing_lots)
            and not all(line.lot_id or line.lot_name for line in move.move_line_ids)
        )

    @api.model
    def _get_move_label(self, move):
        """Return what an error calls the goods of a move that lack their numbers."""
        return move.sale_line_id._get_drop_shipment_label()

    # ------------------------------------------------------------
    # RETURNS
    # ------------------------------------------------------------

    @api.model
    def _get_left(self, move, back=False):
        """Return {lot: quantity, in the UoM of the product} left of a shipment.

        What was shipped before the product was tracked has no lot; it may have come
        back with one.

        :param bool back: see `_get_left` of `drop.shipment.returning`
        """
        none = move.env["stock.lot"]
        lots = defaultdict(float)
        for line in move.move_line_ids:
            if line.lot_id or move.has_tracking != "none":
                lots[line.lot_id] += line.quantity_product_uom
        for other in self.env["drop.shipment.returning"]._get_other_way(move, back):
            for lot, quantity in self._get_left(other, not back).items():
                known = lot if lot in lots else none
                if known in lots:
                    lots[known] -= quantity
        uom = move.product_id.uom_id
        return {lot: left for lot, left in lots.items() if uom.compare(left, 0.0) > 0}

    @api.model
    def _take_back(self, numbers, left):
        """Return {move: {lot: quantity}} that a row takes back of tracked goods.

        A number that was not shipped is one that goods got since, if they were shipped
        without.

        :param Numbers numbers: what is typed
        :param dict left: move to {lot: quantity} that may come back
        :raise UserError: numbers are missing, or were not shipped
        """
        compare = numbers.product.uom_id.compare
        taken = defaultdict(lambda: defaultdict(float))
        left = {move: dict(amounts) for move, amounts in left.items()}
        for name, quantity in self._get_names_taken_back(numbers, left):
            rest = quantity
            for wanted in dict.fromkeys([name, False]):
                for move, amounts in left.items():
                    for lot in [lot for lot in amounts if lot.name == wanted]:
                        part = min(rest, amounts[lot])
                        if compare(part, 0.0) > 0:
                            rest -= part
                            amounts[lot] -= part
                            taken[move][self._get_lot(move, name)] += part
            if compare(rest, 0.0) > 0:
                raise UserError(
                    self.env._(
                        "Lot/Serial Numbers of %(line)s can't have %(lot)s: it was not "
                        "shipped, or came back. Enter which of %(lots)s come back.",
                        line=numbers.label,
                        lot=name,
                        lots=self._get_names_of_lots(left),
                    )
                )
        return taken

    @api.model
    def _get_lot(self, move, name):
        """Return the lot of this name of the goods of a move, a new one if need be."""
        lots = move.env["stock.lot"]
        if not name:
            return lots
        companies = [False, move.company_id.id]
        return lots.search(
            [
                ("name", "=", name),
                ("product_id", "=", move.product_id.id),
                ("company_id", "in", companies),
            ],
            limit=1,
        ) or lots.create({"name": name, "product_id": move.product_id.id})

    @api.model
    def _get_names_taken_back(self, numbers, left):
        """Return a list of (name of a lot, quantity) that a row takes back.

        What is typed; without it all, or what there is of the one lot.

        :param dict left: see `_take_back`; quantities in the UoM of the product
        :raise UserError: numbers are missing, or of another quantity than comes back
        """
        if numbers.names.strip():
            parsed = self._parse(numbers)
            return [(entry["lot_name"], entry["quantity"]) for entry in parsed]
        amounts = defaultdict(float)
        for lots in left.values():
            for lot, quantity in lots.items():
                amounts[lot.name] += quantity
        uom = numbers.product.uom_id
        wanted = numbers.uom._compute_quantity(
            numbers.quantity, uom, rounding_method="HALF-UP"
        )
        if not uom.compare(wanted, sum(amounts.values())):
            return list(amounts.items())
        if len(amounts) == 1:
            return [(name, wanted) for name in amounts]
        raise UserError(
            self.env._(
                "%(line)s needs lot or serial numbers: enter in Lot/Serial Numbers "
                "which of %(lots)s come back.",
                line=numbers.label,
                lots=self._get_names_of_lots(left),
            )
        )

    @api.model
    def _get_names_of_lots(self, left):
        """Return the names of the lots that may come back, for an error."""
        names = {lot.name for lots in left.values() for lot in lots if lot}
        return ", ".join(sorted(names))

    @api.model
    def _assign_returned(self, move, lots):
        """Let a return move the lots that come back, not those that core picks.

        :param dict lots: lot to quantity, in the UoM of the product; None if untracked
        :raise UserError: goods that were shipped without numbers need them now
        """
        if not lots:
            return
        move.move_line_ids.unlink()
        move.move_line_ids = [
            Command.create(
                {
                    **move._prepare_move_line_vals(quantity=quantity),
                    "lot_id": lot.id,
                    "package_id": package.id,
                    "owner_id": owner.id,
                }
            )
            for lot, total in lots.items()
            for (package, owner), quantity in self._spread_lot(move, lot, total).items()
        ]
        if self._lacks_numbers(move):
            raise UserError(
                self.env._(
                    "%(line)s needs lot or serial numbers: some of it was shipped "
                    "without. Enter in Lot/Serial Numbers which it has now.",
                    line=self._get_move_label(move),
                )
            )

    @api.model
    def _spread_lot(self, move, lot, quantity):
        """Return {(package, owner): quantity} of what a return moves of a lot.

        As core returns it: out of the packages in which it was shipped. Without them
        the lot would be at the customer still, and once less beside it.

        :param float quantity: in the UoM of the product
        """
        compare = move.product_id.uom_id.compare
        spread = defaultdict(float)
        available = move._get_available_move_lines(set(), set())
        for (__, own_lot, package, owner), left in available.items():
            part = min(quantity, left)
            if own_lot == lot and compare(part, 0.0) > 0:
                spread[package, owner] += part
                quantity -= part
        if compare(quantity, 0.0) > 0:
            none = (self.env["stock.package"], self.env["res.partner"])
            spread[none] += quantity
        return spread
