from .common import DropShipmentCommon


class TestUnitsTooLittle(DropShipmentCommon):
    """Grams of what is kept in kilograms: core moves hundredths of a kilogram."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gram = cls.env.ref("uom.product_uom_gram")
        cls.kilogram = cls.env.ref("uom.product_uom_kgm")
        cls.grain = cls._new_product("Grain", price=3.0, uom_id=cls.kilogram.id)

    def _new_grams(self, quantity):
        """Return the orders of so many grams, the purchase order confirmed."""
        sale = self._new_sale(
            (self.grain, quantity, {"product_uom_id": self.gram.id, "price_unit": 0.01})
        )
        return sale, self._new_purchase(sale, confirm=True)

    def assertNothingLeft(self, sale, purchase, delivered):
        line = sale.order_line
        purchase.order_line.date_planned = "2026-01-15 12:00:00"
        self.env.flush_all()
        row = self.env["drop.shipment.report"].with_user(self.buyer).browse(line.id)
        self.assertFalse(row.late)
        self.assertEqual(row.date_expected, purchase.order_line.date_planned)
        self.assertEqual(line.qty_delivered, delivered)
        self.assertEqual(purchase.order_line.qty_received, delivered)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        self.assertEqual(line.drop_shipment_state, "shipped")
        self.assertFalse(line.drop_shipment_late)
        self.assertEqual(sale.delivery_status, "full")
        self.assertEqual(purchase.receipt_status, "full")
        self.assertNotIn("Not on its way", purchase.drop_shipment_notice)
        self.assertFalse(purchase.order_line.drop_shipment_may_close)

    def test_all_is_on_its_way(self):
        """1.23 kg of 1234 g are on the transfer: that is all there can be."""
        sale, purchase = self._new_grams(1234)
        self.assertEqual(sale.order_line.qty_to_ship, 1230)
        self.assertFalse(sale.drop_shipment_notice)
        self.assertFalse(purchase.drop_shipment_notice)

    def test_shipped_invoiced_and_billed(self):
        """As core's own goods are: delivered in full, charged what was shipped."""
        sale, purchase = self._new_grams(1234)
        self._post(sale, "ship")
        self.assertNothingLeft(sale, purchase, 1230)
        with self.assertRefused("no remainder to close"):
            purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(self._post_invoice(sale).amount_untaxed, 12.3)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 3.69)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_shipped_as_core_ships_own_goods(self):
        """Core takes 1234 g from stock as 1.23 kg and calls it all."""
        sale = self._new_sale(
            (self.grain, 1234, {"product_uom_id": self.gram.id, "drop_shipment": False})
        )
        self._deliver(sale.picking_ids)
        self.assertEqual(sale.order_line.qty_delivered, 1230)
        self.assertEqual(sale.delivery_status, "full")

    def test_shipped_in_parts(self):
        """333 g are 330 g, then the rest."""
        sale, purchase = self._new_grams(1234)
        self._post(sale, "ship", 333)
        self.assertEqual(sale.order_line.qty_delivered, 330)
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")
        self.assertNotIn("Not on its way", sale.drop_shipment_notice)
        self._post(purchase, "receive")
        self.assertNothingLeft(sale, purchase, 1230)

    def test_what_can_be_moved_is_left(self):
        """A hundredth of a kilogram that was closed is to order, as any other rest."""
        sale, purchase = self._new_grams(1240)
        self._post(sale, "ship", 1230)
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_raised_by_too_little(self):
        """4 g more are on no transfer; 1300 g are 70 g more."""
        sale, purchase = self._new_grams(1230)
        sale.order_line.product_uom_qty = 1234
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        sale.order_line.product_uom_qty = 1300
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 70)
        purchase.order_line.product_qty = 1300
        self._post(sale, "ship")
        self.assertNothingLeft(sale, purchase, 1300)

    def test_grams_stay_grams_where_core_moves_them(self):
        """With the unit of the order on transfers, 1234 g are shipped as such."""
        self.env["ir.config_parameter"].set_param("stock.propagate_uom", "1")
        sale, purchase = self._new_grams(1234)
        self._post(sale, "ship")
        self.assertNothingLeft(sale, purchase, 1234)

    def test_a_whole_line_is_left(self):
        """4 g that are all of the line are to order, until they are ordered."""
        sale = self._new_sale((self.grain, 4, {"product_uom_id": self.gram.id}))
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 4)
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")
