from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.dropship_link.models.drop_shipment_lots import Numbers


class DropShipmentLots(models.AbstractModel):
    """Lot and serial numbers of a kit are those of its parts."""

    _inherit = "drop.shipment.lots"

    @api.model
    def _assign(self, rows, moves):
        others = []
        for row in rows:
            own = moves.filtered(
                lambda move, row=row: (
                    move.sale_line_id == row.sale_line
                    and (
                        not row.purchase_line
                        or move.purchase_line_id == row.purchase_line
                    )
                    and move._is_drop_shipment_part()
                )
            )
            if not own:
                others.append(row)
            elif row.lot_names.strip():
                label = row.sale_line._get_drop_shipment_label()
                self._assign_parts(label, row.lot_names, own)
        return super()._assign(others, moves)

    @api.model
    def _assign_parts(self, label, names, moves):
        """Put numbers on the open moves of the parts of a kit.

        :raise UserError: see `_parse`, `_split_names` and `_check_tracked`
        """
        self._check_tracked(label, moves.product_id)
        tracked = moves.filtered(lambda move: move.has_tracking != "none")
        by_product = tracked.grouped("product_id")
        for product, text in self._split_names(label, names, by_product).items():
            own = by_product[product]
            quantity = sum(
                move.product_uom._compute_quantity(
                    move.quantity, product.uom_id, rounding_method="HALF-UP"
                )
                for move in own
            )
            part = self._get_part_label(label, product)
            lots = self._parse(Numbers(part, product, product.uom_id, quantity, text))
            for move in own:
                self._assign_move(move, lots)

    @api.model
    def _get_part_label(self, label, product):
        """Return what an error calls a part: its quantity is not that of the kit.

        :param str label: what it calls the kit
        """
        return f"{label}, {product.display_name}"

    @api.model
    def _get_move_label(self, move):
        label = super()._get_move_label(move)
        if move._is_drop_shipment_part():
            return self._get_part_label(label, move.product_id)
        return label

    @api.model
    def _split_names(self, label, names, products):
        """Return {product: its numbers} of what is typed for the parts of a kit.

        Where several parts are tracked each one has its name or reference above its
        numbers.

        :param str label: what an error calls the row
        :raise UserError: it does not say of which part the numbers are
        """
        if len(products) == 1:
            return dict.fromkeys(products, names)
        headings = {
            name.casefold(): product
            for product in products
            for name in (product.name, product.default_code, product.display_name)
            if name
        }
        found, product = {}, None
        for line in filter(None, map(str.strip, names.splitlines())):
            if heading := headings.get(line.rstrip(":").strip().casefold()):
                product = heading
            elif product:
                found.setdefault(product, []).append(line)
            else:
                raise UserError(
                    self.env._(
                        "Lot/Serial Numbers of %(line)s are of several parts: write "
                        "the name of the part on a line of its own above its numbers. "
                        "The parts with numbers are %(parts)s.",
                        line=label,
                        parts=", ".join(part.display_name for part in products),
                    )
                )
        return {product: "\n".join(lines) for product, lines in found.items()}
