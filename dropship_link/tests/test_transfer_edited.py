from .common_returns import ReturnsCommon


class TestTransferEdited(ReturnsCommon):
    """What users of Inventory do on the vendor's transfer itself, not on the orders."""

    def _new_open_transfer(self, *lines):
        """Return a sales order, its purchase order, and the transfer in Inventory."""
        sale = self._new_sale(*lines)
        purchase = self._new_purchase(sale, confirm=True)
        return sale, purchase, self._open(sale)

    def _open(self, sale):
        """Return the transfers of a sales order as a warehouse user sees them."""
        self.env.invalidate_all()
        return sale.picking_ids.sudo().with_user(self.warehouse_user).sudo(False)

    # ------------------------------------------------------------
    # PLACES
    # ------------------------------------------------------------

    def test_own_stock_is_no_place_of_it(self):
        """To our stock it would be a receipt, from it a delivery of our own."""
        sale, purchase, picking = self._new_open_transfer()
        for name, label in (
            ("location_dest_id", "Destination Location"),
            ("location_id", "Source Location"),
        ):
            for record in (picking, picking.move_ids):
                with self.assertRefused(
                    f"{label} of {picking.name} can't be changed for Chair: the "
                    f"vendor ships it for purchase order {purchase.name}"
                ):
                    record[name] = self.stock_location
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)
        self.assertQuantities(purchase.order_line, qty_received=10)

    def test_another_place_of_the_customer(self):
        """A dock of the customer's is as good as the customer."""
        sale, purchase, picking = self._new_open_transfer()
        picking.location_dest_id = self.env["stock.location"].create(
            {
                "name": "Dock",
                "usage": "customer",
                "location_id": picking.location_dest_id.id,
            }
        )
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)
        self.assertQuantities(purchase.order_line, qty_received=10)
