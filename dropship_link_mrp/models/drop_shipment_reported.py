from odoo import api, models


class DropShipmentReported(models.AbstractModel):
    """Of a kit the parts wait as reported: it is counted in kits that they make."""

    _inherit = "drop.shipment.reported"

    @api.model
    def _get_line_quantity(self, line):
        if not line._get_drop_shipment_parts():
            return super()._get_line_quantity(line)
        moves = self._filter_reported(line._get_drop_shipment_open_moves())
        # What was shipped ahead of them counts with them.
        amounts = line._get_drop_shipment_amounts("received")
        before = line._count_drop_shipment_kits(amounts)
        for product, quantity in (
            self.env["drop.shipment.kits"]
            ._sum(
                line._get_drop_shipment_parts(),
                {move: min(move.quantity, move.product_uom_qty) for move in moves},
            )
            .items()
        ):
            amounts[product] += quantity
        unit = line.product_uom_id
        return unit.round(
            unit.round(line._count_drop_shipment_kits(amounts)) - unit.round(before)
        )

    @api.model
    def _get_lot_names(self, moves):
        by_product = moves.filtered(
            lambda move: move._is_drop_shipment_part() and move.has_tracking != "none"
        ).grouped("product_id")
        if not by_product:
            return super()._get_lot_names(moves)
        texts = []
        for product, own in by_product.items():
            # As they are typed: with the name of the part, where several have numbers.
            texts += [product.name] if len(by_product) > 1 else []
            texts += [self._get_part_lot(move_line) for move_line in own.move_line_ids]
        return "\n".join(filter(None, texts))

    @api.model
    def _get_part_lot(self, move_line):
        """Return a lot or serial number of a part, with its quantity behind a lot."""
        name = move_line.lot_id.name or move_line.lot_name
        if name and move_line.product_id.tracking == "lot":
            return f"{name};{move_line.quantity_product_uom:.15g}"
        return name
