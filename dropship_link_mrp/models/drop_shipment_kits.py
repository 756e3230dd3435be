from collections import defaultdict
from math import floor
from typing import NamedTuple

from odoo import api, models


class Part(NamedTuple):
    """A part of one kit, as it was when the kit was linked."""

    # In sudo: who orders or ships a kit may lack rights on its parts.
    product: models.BaseModel
    uom: models.BaseModel
    # Of one kit in the unit of its product; not rounded.
    quantity: float
    # Of what the kit costs, 0..1.
    share: float


class DropShipmentKits(models.AbstractModel):
    """What a kit consists of, and how many kits its parts make.

    Counts are physical: parts of one product count together, on however many moves
    they stand. Kits are counted whole, by the scarcest part; what is shipped of the
    others is ahead, and nobody's debt. A `line` is a sales or a purchase line.
    """

    _name = "drop.shipment.kits"
    _description = "Kits of Drop Shipments"

    # ------------------------------------------------------------
    # COMPOSITION
    # ------------------------------------------------------------

    @api.model
    def _get_compositions(self, lines):
        """Return {line: what one unit of its product consists of now}, of the kits.

        :return: lists of dicts, to be stored, see `_to_parts`
        """
        compositions = {}
        for company, own in lines.grouped("company_id").items():
            boms = self._find_nested_boms(own.product_id, company)
            compositions.update(
                {
                    line: self._get_composition(line, boms)
                    for line in own
                    if line.product_id in boms
                }
            )
        return compositions

    @api.model
    def _get_composition(self, line, boms):
        """Return what one unit of the product of `line` consists of.

        Of nested kits their parts. Without services, and without parts of which it
        takes none: nobody ships them.

        :param dict boms: see `_find_nested_boms`
        :return: list of dicts, to be stored, see `_to_parts`
        """
        product, never = line.product_id, line._get_drop_shipment_options()
        bom = boms[product]
        factor = product.uom_id._compute_quantity(1.0, bom.product_uom_id, round=False)
        parts = {}
        for part, uom, quantity, share in self._explode(
            boms, product, factor / bom.product_qty, 1.0, never
        ):
            before = parts.get(part)
            if before and before.uom != uom:
                before = before._replace(
                    uom=part.uom_id,
                    quantity=before.uom._compute_quantity(
                        before.quantity, part.uom_id, round=False
                    ),
                )
                quantity = uom._compute_quantity(quantity, part.uom_id, round=False)
            parts[part] = (
                before._replace(
                    quantity=before.quantity + quantity, share=before.share + share
                )
                if before
                else Part(part, uom, quantity, share)
            )
        total = sum(part.share for part in parts.values())
        return [
            {
                "product_id": part.product.id,
                "uom_id": part.uom.id,
                "quantity": part.quantity,
                # What a service would cost is in the price of the goods.
                "share": part.share / total if total else 1.0 / len(parts),
            }
            for part in parts.values()
        ]

    @api.model
    def _find_boms(self, products, company):
        """Return {product: bill of materials} of those that are kits in `company`."""
        # sudo: salespeople and buyers have no rights on bills of materials.
        # active_test: for several products core reads the active variants of each
        # template, so an archived one would be no kit.
        boms = self.env["mrp.bom"].sudo().with_context(active_test=False)
        return boms._bom_find(products, company_id=company.id, bom_type="phantom")

    @api.model
    def _find_nested_boms(self, products, company):
        """Return `_find_boms` with the kits in the kits: one query for each level."""
        found = {}
        while boms := self._find_boms(products, company):
            found.update(boms)
            lines = self.env["mrp.bom"].union(*boms.values()).sudo().bom_line_ids
            products = lines.product_id.filtered(lambda part: part not in found)
        return found

    @api.model
    def _filter_kits(self, lines):
        """Return the lines that core would count as kits, and vendors ship.

        Also where it was no kit when it was linked: it was shipped as what it was.
        """
        # sudo: salespeople may lack rights on transfers, portal users on the tick.
        linked = lines.sudo().filtered(lambda line: line._get_drop_shipment_parts())
        others = (lines.sudo() - linked).filtered(
            lambda line: line.drop_shipment and line.move_ids
        )
        kits = linked
        for company, own in others.grouped("company_id").items():
            boms = self._find_boms(own.product_id, company)
            kits |= own.filtered(lambda line, boms=boms: line.product_id in boms)
        return lines & kits.with_env(lines.env)

    @api.model
    def _explode(self, boms, product, factor, share, never):
        """Yield (product, UoM, quantity, share of the cost) of the parts of a kit.

        Core's own method rounds each part up, to what a production order would take.

        :param dict boms: see `_find_nested_boms`
        :param float factor: how many times the bill of materials is needed
        :param float share: of the cost of the kit
        :param never: chosen values of attributes that make no variant
        """
        for line in boms[product].bom_line_ids:
            if line._skip_bom_line(product, never):
                continue
            part = line.product_id
            quantity = factor * line.product_qty
            line_share = (
                share * line.with_context(bom_variant_id=product)._get_cost_share()
            )
            if nested := boms.get(part):
                times = line.product_uom_id._compute_quantity(
                    quantity, nested.product_uom_id, round=False
                )
                yield from self._explode(
                    boms, part, times / nested.product_qty, line_share, never
                )
            elif part.type == "consu" and quantity > 0.0:
                yield part, line.product_uom_id, quantity, line_share

    @api.model
    def _to_parts(self, composition):
        """Return the list of `Part` of a stored composition."""
        products = self.env["product.product"].sudo()
        uoms = self.env["uom.uom"].sudo()
        return [
            Part(
                products.browse(values["product_id"]),
                uoms.browse(values["uom_id"]),
                values["quantity"],
                values["share"],
            )
            for values in composition or ()
        ]

    # ------------------------------------------------------------
    # COUNTING
    # ------------------------------------------------------------

    @api.model
    def _get_unit(self, line):
        """Return the unit in which the kits of a line are whole.

        A dozen of kits may be shipped in parts, half a kit may not.
        """
        units = line.product_uom_id | line.product_id.uom_id
        return min(units, key=lambda unit: unit.factor)

    @api.model
    def _to_kits(self, line, quantity):
        """Return a quantity in the UoM of `line` as kits, of `_get_unit`.

        0.33 dozen are 4 kits, not 3.96.
        """
        unit = self._get_unit(line)
        kits = line.product_uom_id._compute_quantity(quantity, unit, round=False)
        whole = unit._compute_quantity(round(kits), line.product_uom_id, round=False)
        same = line.product_uom_id.compare(whole, quantity) == 0
        return float(round(kits)) if same else kits

    @api.model
    def _get_part_qty(self, line, part, kits):
        """Return what so many kits, of `_get_unit`, take of a part, in its UoM."""
        return part.uom.round(
            kits * self._get_rate(line, part), rounding_method="HALF-UP"
        )

    @api.model
    def _get_rate(self, line, part):
        """Return what one kit, of `_get_unit`, takes of a part; not rounded."""
        unit = self._get_unit(line)
        return part.quantity * unit._compute_quantity(
            1.0, line.product_id.uom_id, round=False
        )

    @api.model
    def _count(self, line, parts, amounts, ordered):
        """Return how many kits the parts make, in the UoM of `line`, not rounded.

        Whole kits; or all that is ordered, where that is no whole number.

        :param dict amounts: product to quantity, in the UoM of its part
        :param float ordered: in the UoM of `line`
        """
        if not any(amounts.get(part.product, 0.0) > 0.0 for part in parts):
            return 0.0
        kits = min(
            self._count_part(line, part, amounts.get(part.product, 0.0))
            for part in parts
        )
        wanted = self._to_kits(line, ordered)
        if kits < wanted < kits + 1 and all(
            part.uom.compare(
                amounts.get(part.product, 0.0), self._get_part_qty(line, part, wanted)
            )
            >= 0
            for part in parts
        ):
            kits = wanted
        unit = self._get_unit(line)
        return unit._compute_quantity(kits, line.product_uom_id, round=False)

    @api.model
    def _count_part(self, line, part, amount):
        """Return for how many whole kits an amount of one part is enough.

        Rounded as it is shipped: 1.33 boxes are enough for 4 kits of a third each.
        """
        rate = self._get_rate(line, part)
        kits = floor((amount + part.uom.rounding / 2) / rate + 1e-6)
        while (
            kits > 0
            and part.uom.compare(self._get_part_qty(line, part, kits), amount) > 0
        ):
            kits -= 1
        return float(max(kits, 0))

    @api.model
    def _sum(self, parts, quantities):
        """Return {product: quantity in the UoM of its part} of {move: quantity}.

        :param dict quantities: in the UoM of the move
        """
        uoms = {part.product.id: part.uom for part in parts}
        amounts = defaultdict(float)
        for move, quantity in quantities.items():
            product = move.product_id.sudo()
            if product.id in uoms:
                amounts[product] += move.product_uom._compute_quantity(
                    quantity, uoms[product.id], round=False
                )
        return amounts

    @api.model
    def _count_moves(self, line, parts, quantities, ordered):
        """Return what moves bring of `line`, in its UoM, not rounded.

        The product itself, where it was no kit, and the kits that its parts make.

        :param dict quantities: move to quantity in its UoM, see `_count`
        """
        whole = sum(
            move.product_uom._compute_quantity(
                quantity, line.product_uom_id, round=False
            )
            for move, quantity in quantities.items()
            if move.product_id == line.product_id
        )
        return whole + self._count(line, parts, self._sum(parts, quantities), ordered)
