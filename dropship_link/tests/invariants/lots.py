"""Goods with lots: whoever ships them says which."""

from .rows import Rows


class LotRules(Rows):
    """Lots are typed in dialogs, on the vendor's page and in Inventory."""

    def _name_lots(self, rows):
        """Type the lots of rows of a dialog, as far as they have a quantity."""
        for row in rows.filtered(lambda row: row.tracking == "lot"):
            row.lot_names = f"LOT-{row.sale_line_id.id}" if row.quantity else False

    def _name_move_lots(self, moves):
        """Type the lots of transfers; what comes back has those that it had."""
        for line in moves.move_line_ids:
            if line.product_id.tracking != "lot" or line.lot_id or line.lot_name:
                continue
            shipped = line.move_id.origin_returned_move_id
            if shipped:
                line.lot_id = shipped.move_line_ids.lot_id[:1]
            else:
                line.lot_name = f"LOT-{line.picking_id.id}"

    def _get_lot_form(self, rows, quantities):
        """Return what vendors type with these quantities on their page."""
        return {
            f"lot_names_{row['line'].id}": f"LOT-{row['line'].id}"
            for row in rows
            if row["tracking"] == "lot"
            and float(quantities[f"quantity_{row['line'].id}"])
        }

    def _check_lots(self):
        """Nothing is shipped, or comes back, without its lot."""
        nameless = self._query(
            """
            SELECT line.id, line.move_id, line.quantity
              FROM stock_move_line line
              JOIN stock_picking picking ON picking.id = line.picking_id
              JOIN stock_picking_type type ON type.id = picking.picking_type_id
              JOIN product_product product ON product.id = line.product_id
              JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE picking.id = ANY(%(ids)s) AND line.state = 'done'
               AND type.code = 'dropship' AND template.tracking = 'lot'
               AND line.quantity != 0 AND line.lot_id IS NULL
            """,
            ids=list(self.pickings),
        )
        self._assert(not nameless, f"shipped without a lot: {nameless}")
