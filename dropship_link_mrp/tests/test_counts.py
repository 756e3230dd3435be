from odoo.exceptions import ValidationError

from .common import KitCommon


class TestCounts(KitCommon):
    """A kit is bought as the kit; delivered and received are whole kits."""

    def test_bought_as_kit(self):
        """Get Sales Order takes kits, at the price of the kit's vendor."""
        sale, purchase = self._new_orders()
        line = purchase.order_line
        self.assertEqual(line.product_id, self.kit)
        self.assertEqual((line.product_qty, line.price_unit), (10, 12.0))
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 20, "Part B": 10}
        )
        self.assertEqual(sale.order_line.drop_shipment_state, "ordered")
        self.assertEqual(sale.order_line.qty_to_ship, 10)
        self.assertFalse(sale.picking_ids - purchase.sudo().picking_ids)

    def test_create_purchases(self):
        """Create Purchase Orders proposes the kit's vendor."""
        sale = self._new_sale((self.kit, 10))
        sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        line = sale.order_line.sudo().purchase_line_ids
        self.assertEqual(line.order_id.partner_id, self.vendor)
        self.assertEqual((line.product_id, line.product_qty), (self.kit, 10))

    def test_post_from_the_sale(self):
        """Posting 4 kits ships the parts of 4; the rest is a backorder."""
        sale, purchase = self._new_orders()
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)
        done = self._get_moves(purchase, "done")
        self.assertEqual(self._get_parts(done), {"Part A": 8, "Part B": 4})
        self.assertEqual(sale.order_line.qty_to_ship, 6)
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")
        self._post(sale)
        self.assertCounts(sale, 10)
        self.assertFalse(self._get_moves(purchase))
        self.assertEqual(sale.delivery_status, "full")
        self.assertEqual(purchase.receipt_status, "full")

    def test_post_from_the_purchase(self):
        """Receive is the other door to the same shipment."""
        sale, purchase = self._new_orders()
        self._post(purchase, quantity=4)
        self.assertCounts(sale, 4)
        self._post(purchase)
        self.assertCounts(sale, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")

    def test_parts_in_inventory(self):
        """All of A and 7 of B make 7 kits; A alone makes none."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20)
        self.assertCounts(sale, 0)
        self.assertEqual(sale.order_line.qty_to_ship, 10)
        self.assertEqual(sale.order_line.qty_to_invoice, 0)
        self._ship_parts(purchase, b=7)
        self.assertCounts(sale, 7)
        self.assertEqual(sale.order_line.qty_to_ship, 3)
        self._post(sale)
        self.assertCounts(sale, 10)
        done = self._get_moves(purchase, "done")
        self.assertEqual(self._get_parts(done), {"Part A": 20, "Part B": 10})

    def test_parts_ahead(self):
        """What was shipped ahead is not shipped again with the next kits."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=10, b=4)
        self.assertCounts(sale, 4)
        self._post(sale, quantity=2)
        self.assertCounts(sale, 6)
        done = self._get_moves(purchase, "done")
        self.assertEqual(self._get_parts(done), {"Part A": 12, "Part B": 6})

    def test_half_a_kit_is_refused(self):
        """A kit is posted whole."""
        sale, _purchase = self._new_orders()
        with self.assertRefused(
            r"Qty to Ship of .*\(Kit\).* 0.5 .*whole", ValidationError
        ):
            self._post(sale, quantity=0.5)
        self.assertCounts(sale, 0)
