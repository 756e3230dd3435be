from odoo.fields import Command

from .common import KitCommon


class TestTruth(KitCommon):
    """What core counts of a kit that vendors ship, and what is true; one row each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.route = cls.env.ref("stock_dropshipping.route_drop_shipping")
        (cls.part_a | cls.part_b).route_ids = [Command.set(cls.route.ids)]

    def _new_routed(self):
        """Return a sales order by core's route, not ticked, and its purchase order."""
        sale = self._new_sale((self.kit, 10, {"drop_shipment": False}))
        purchase = sale.order_line.sudo().purchase_line_ids.order_id
        purchase.button_confirm()
        return sale, purchase

    # ------------------------------------------------------------
    # CORE'S ROUTE: as core counts it
    # ------------------------------------------------------------

    def test_core_ships_four(self):
        """4 of 10 by core's route: core says nothing is delivered."""
        sale, purchase = self._new_routed()
        self.assertEqual(len(purchase.order_line), 2)
        self._ship_parts(purchase, a=8, b=4)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(purchase.order_line.mapped("qty_received"), [8, 4])

    def test_core_ships_all_of_a(self):
        """All A and 7 B by core's route."""
        sale, purchase = self._new_routed()
        self._ship_parts(purchase, a=20, b=7)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(purchase.order_line.mapped("qty_received"), [20, 7])

    def test_core_cancels_the_rest(self):
        """4 shipped and the rest cancelled: core says that all is delivered."""
        sale, purchase = self._new_routed()
        self._ship_parts(purchase, a=8, b=4)
        self._get_moves(purchase).picking_id.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_core_ships_of_one_vendor(self):
        """Only the vendor of A has shipped: core says that all is delivered."""
        self.part_b.seller_ids.partner_id = self.other_vendor
        sale = self._new_sale((self.kit, 10, {"drop_shipment": False}))
        lines = sale.order_line.sudo().purchase_line_ids
        line = lines.filtered(lambda line: line.product_id == self.part_a)
        line.order_id.button_confirm()
        self._ship_parts(line.order_id, a=20)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_core_ships_all(self):
        """All of it by core's route."""
        sale, purchase = self._new_routed()
        self._ship_parts(purchase, a=20, b=10)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.mapped("qty_received"), [20, 10])

    # ------------------------------------------------------------
    # BOUGHT AS THE KIT
    # ------------------------------------------------------------

    def test_four_shipped(self):
        """4 whole kits are 4 on both orders."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=8, b=4)
        self.assertCounts(sale, 4)
        self.assertEqual(sale.order_line.qty_to_invoice, 4)
        self.assertEqual(sale.delivery_status, "partial")

    def test_all_of_a(self):
        """All A and 7 B are 7."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        self.assertCounts(sale, 7)

    def test_all_shipped(self):
        """All are 10, and can be billed."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=10)
        self.assertCounts(sale, 10)
        self._post_invoice(sale)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.invoice_line_ids.quantity, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_rest_cancelled(self):
        """4 shipped, the transfer of the rest cancelled: 4, and 4 to invoice."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=8, b=4)
        self._get_moves(purchase).picking_id.action_cancel()
        self.assertCounts(sale, 4)
        self.assertEqual(sale.order_line.qty_to_invoice, 4)
        self.assertEqual(sale.order_line.qty_to_ship, 0)

    def test_four_of_ten_ordered(self):
        """4 of 10 on the purchase order, all 4 shipped."""
        sale = self._new_sale((self.kit, 10))
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        purchase.button_confirm()
        self._post(sale)
        self.assertCounts(sale, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")

    def test_returned_to_the_vendor(self):
        """All back to the vendor: nothing on either side."""
        sale, purchase = self._new_orders()
        picking = self._ship_parts(purchase, a=20, b=10)
        wizard = sale.env["drop.shipment.return"].create({"sale_order_id": sale.id})
        wizard.action_return_all()
        self.assertCounts(sale, 0)
        self.assertEqual(len(picking.return_ids), 1)

    def test_two_vendors(self):
        """Only the first of two vendors is confirmed and ships: its kits count."""
        self.kit.seller_ids = [
            Command.create({"partner_id": self.other_vendor.id, "price": 13.0})
        ]
        sale = self._new_sale((self.kit, 10))
        first = self._new_purchase()
        self._get_sales_orders(first, sale, quantity=7)
        second = self._new_purchase(sale, partner_id=self.other_vendor.id)
        first.button_confirm()
        self._ship_parts(first, a=14)
        self.assertCounts(sale, 0)
        second.button_confirm()
        self._ship_parts(second, b=3)
        self.assertCounts(sale, 0)
        self._ship_parts(first, b=7)
        self.assertCounts(sale, 7)
        self._post(second)
        self.assertCounts(sale, 10)

    def test_received_into_own_stock(self):
        """A kit bought for own stock is counted as core counts it."""
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.vendor.id,
                "order_line": [
                    Command.create({"product_id": self.kit.id, "product_qty": 10})
                ],
            }
        )
        purchase.button_confirm()
        self._ship_parts(purchase, a=8, b=4)
        self.assertEqual(purchase.order_line.qty_received, 4)
