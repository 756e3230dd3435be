from .common import DropShipmentCommon


class UnitsCommon(DropShipmentCommon):
    """Dozens sold, and links in other units."""

    def _new_dozens(self, quantity, **values):
        """Return a confirmed sales order of dozens of chairs, at 240 a dozen."""
        return self._new_sale(
            (self.chair, quantity, {"product_uom_id": self.uom_dozen.id, **values})
        )

    def _link_by_hand(self, purchase, sale_line, quantity, uom, **values):
        """Link as an import or a script would, in another unit."""
        return purchase.order_line.create(
            {
                "order_id": purchase.id,
                "product_id": sale_line.product_id.id,
                "product_qty": quantity,
                "product_uom_id": uom.id,
                "sale_line_id": sale_line.id,
                **values,
            }
        )
