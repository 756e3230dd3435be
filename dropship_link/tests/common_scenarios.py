from .common import DropShipmentCommon


class ScenarioCommon(DropShipmentCommon):
    """What several of these tests look at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )

    def _stock(self, product, quantity):
        self.env["stock.quant"]._update_available_quantity(
            product, self.warehouse.lot_stock_id, quantity
        )

    def _get_forecast(self, product):
        """Return what the planning of own stock looks at."""
        product = product.with_context(warehouse_id=self.warehouse.id)
        product.invalidate_recordset()
        return [
            product.qty_available,
            product.free_qty,
            product.incoming_qty,
            product.outgoing_qty,
            product.virtual_available,
        ]
