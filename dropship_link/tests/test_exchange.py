from odoo.fields import Command

from .common_returns import ReturnsCommon


class TestExchange(ReturnsCommon):
    """Goods that came back are shipped again by the vendor, never from own stock."""

    def _exchange(self, picking, quantity):
        """Choose *Return for Exchange*, as warehouse user; return the return."""
        self.env.invalidate_all()
        picking = picking.sudo().with_user(self.warehouse_user)
        wizard = (
            picking.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=picking.id)
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = quantity
        returned = picking.browse(wizard.action_create_exchanges()["res_id"])
        self.env.invalidate_all()
        return returned

    def _validate(self, picking):
        """Validate a transfer as warehouse user."""
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.env.invalidate_all()

    def assertNoOwnStock(self, sale):
        """Nothing of the order leaves or enters our own stock."""
        usages = sale.sudo().order_line.move_ids.mapped(
            lambda move: (move.location_id.usage, move.location_dest_id.usage)
        )
        self.assertNotIn("internal", {usage for pair in usages for usage in pair})
        self.assertEqual(self.chair.sudo().qty_available, 0)

    def test_exchange_is_shipped_by_the_vendor(self):
        """3 go back, 3 are outstanding, and Post from either order ships them."""
        for side in ("sale", "purchase"):
            with self.subTest(side=side):
                sale, purchase = self._new_orders()
                self._validate(self._exchange(sale.picking_ids, 3))
                self.assertQuantities(
                    sale.order_line,
                    qty_delivered=7,
                    qty_to_ship=3,
                    drop_shipment_qty_outstanding=3,
                    drop_shipment_qty_to_order=0,
                    drop_shipment_state="partial",
                )
                self.assertEqual(purchase.order_line.qty_received, 7)
                self.assertEqual(sale.delivery_status, "partial")
                self.assertEqual(purchase.receipt_status, "partial")
                self.assertTrue(purchase.drop_shipment_to_post)
                self.assertNoOwnStock(sale)
                self._post(sale if side == "sale" else purchase)
                self.assertQuantities(
                    sale.order_line, qty_delivered=10, drop_shipment_state="shipped"
                )
                self.assertEqual(purchase.order_line.qty_received, 10)
                self.assertEqual(sale.delivery_status, "full")
                self.assertEqual(purchase.receipt_status, "full")
                self.assertNoOwnStock(sale)

    def test_planned_in_a_closed_month(self):
        """Goods come back, and others are shipped, after the books were locked."""
        sale, _purchase = self._new_orders()
        returned = self._exchange(sale.picking_ids, 3)
        planned = sale.sudo().picking_ids.filtered(lambda p: p.state != "done")
        self.assertEqual(len(planned), 2)
        planned.scheduled_date = "2026-02-20"
        self.company.sudo().fiscalyear_lock_date = "2026-02-28"
        self._validate(returned)
        self._post(sale)
        self.env.flush_all()
        self.assertQuantities(sale.order_line, qty_delivered=10)

    def test_books_of_an_exchange(self):
        """Ten are invoiced and billed before and after: no refund is due meanwhile."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._validate(self._exchange(sale.picking_ids, 3))
        self.assertFalse(self._get_notice(purchase, "refund"))
        self.assertFalse(self._get_notice(sale, "refund"))
        self._post(purchase, "receive")
        self.assertQuantities(sale.order_line, qty_to_invoice=0, qty_invoiced=10)
        self.assertQuantities(purchase.order_line, qty_to_invoice=0, qty_invoiced=10)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_exchange_to_own_stock(self):
        """The broken goods come to us; the vendor ships to the customer still."""
        picking_type = self.company._get_drop_shipment_picking_type()
        warehouse = self.stock_location.warehouse_id
        picking_type.return_picking_type_id = warehouse.in_type_id
        sale, purchase = self._new_orders()
        returned = self._exchange(sale.picking_ids, 3)
        self._validate(returned)
        self.assertEqual(returned.location_dest_id, self.stock_location)
        exchange = sale.picking_ids.sudo().filtered(
            lambda picking: picking.state == "assigned"
        )
        self.assertEqual(exchange.location_id.usage, "supplier")
        self.assertEqual(exchange.location_dest_id.usage, "customer")
        self.assertEqual(sale.order_line.qty_to_ship, 3)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 13)

    def test_close_instead_of_exchange(self):
        """The vendor can't ship again: the 3 are to order from another one."""
        sale, purchase = self._new_orders()
        self._validate(self._exchange(sale.picking_ids, 3))
        purchase.action_close_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_to_order=3, qty_to_ship=0
        )
        self.assertEqual(purchase.order_line.product_qty, 7)

    def test_close_the_rest_and_an_exchange(self):
        """6 of 10 came, 2 of them are exchanged: 4 are to order again, 2 are not."""
        sale, purchase = self._new_orders(ship=6)
        done = sale.sudo().picking_ids.filtered(lambda picking: picking.state == "done")
        self._exchange(done, 2)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_to_order=4, qty_to_ship=0
        )
        note = f"Units of purchase order {purchase.name} will not be shipped again"
        self.assertIn(f"2 {note}", self._chatter(purchase))
        chatter = self._chatter(sale)
        self.assertIn(f"2 {note}", chatter)
        self.assertIn(
            f"to order again, 4 Units of purchase order {purchase.name}", chatter
        )

    def test_cancel_while_goods_are_to_be_exchanged(self):
        """All was shipped; 3 are to come once more, whether or not 3 go back."""
        for cancelled in (False, True):
            with self.subTest(cancelled=cancelled):
                sale, purchase = self._new_orders()
                line = purchase.order_line
                self.assertFalse(line.drop_shipment_may_close)
                returned = self._exchange(sale.picking_ids, 3)
                if cancelled:
                    returned.action_cancel()
                self.env.invalidate_all()
                self.assertTrue(line.drop_shipment_may_close)
                with self.assertRefused(f"{purchase.name}. Have the buyer close"):
                    sale._action_cancel()
                line.with_user(self.buyer).action_close_drop_shipment_remainder()
                self.env.invalidate_all()
                note = r"Chair\): 3 Units of purchase order " + purchase.name
                for order in (sale, purchase):
                    self.assertRegex(
                        self._chatter(order), f"{note} will not be shipped again"
                    )
                self.assertNotIn("to order again", self._chatter(sale))
                self.assertFalse(line.drop_shipment_may_close)
                self.assertEqual([line.product_qty, line.qty_received], [10, 10])
                self.assertQuantities(
                    sale.order_line,
                    qty_delivered=10,
                    drop_shipment_qty_to_order=0,
                    drop_shipment_qty_outstanding=0,
                )
                sale._action_cancel()
                self.assertEqual(sale.state, "cancel")

    def test_no_exchange_for_a_cancelled_sale(self):
        """The customer wants no other goods: what was shipped may only go back."""
        sale, purchase = self._new_orders()
        self._cancel(sale)
        for quantity in (3, 0):
            with (
                self.subTest(quantity=quantity),
                self.assertRefused(
                    f"Chair.*can't be shipped again: {sale.name} is not confirmed "
                    "any more. Goods may only come back"
                    if quantity
                    else "at least one non-zero quantity"
                ),
            ):
                self._exchange(sale.picking_ids, quantity)
        self.assertEqual(len(sale.sudo().picking_ids), 1)
        returned = self._take_back(sale.picking_ids, 3)
        with self.assertRefused("can't be shipped again"):
            self._take_back(returned, 3)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=7,
            qty_to_ship=0,
            drop_shipment_qty_outstanding=0,
        )
        self.assertEqual(purchase.order_line.qty_received, 7)

    def test_no_exchange_for_a_cancelled_purchase(self):
        """Its goods are to order again: an exchange would ship them twice."""
        sale, purchase = self._new_orders(ship=6)
        picking = sale.sudo().picking_ids.filtered(lambda p: p.state == "done")
        purchase.button_cancel()
        with self.assertRefused(f"again: {purchase.name} is not confirmed"):
            self._exchange(picking, 3)
        self._take_back(picking, 3)
        self.assertQuantities(
            sale.order_line, qty_delivered=3, drop_shipment_qty_to_order=7
        )

    def test_exchange_of_the_order_that_is_wanted(self):
        """One vendor's order ships two sales orders: one of them is cancelled."""
        gone, wanted = self._new_sale((self.chair, 4)), self._new_sale((self.chair, 6))
        purchase = self._new_purchase(gone, wanted, confirm=True)
        self._post(purchase, "receive")
        self._cancel(gone)
        with self.assertRefused("can't be shipped again"):
            self._exchange(gone.picking_ids, 1)
        self._validate(self._exchange(wanted.picking_ids, 1))
        self.assertQuantities(wanted.order_line, qty_delivered=5, qty_to_ship=1)

    def test_exchange_from_own_stock_is_as_before(self):
        """An ordinary delivery is exchanged from own stock."""
        sale = self._new_sale((self.chair, 2, {"drop_shipment": False}))
        picking = self._deliver(sale.picking_ids)
        self._validate(self._exchange(picking, 1))
        waiting = sale.picking_ids.sudo().filtered(
            lambda transfer: transfer.state not in ("done", "cancel")
        )
        self.assertEqual(waiting.location_id.usage, "internal")

    def test_exchange_of_a_receipt_is_as_before(self):
        """What replaces own goods arrives where receipts do, as core has it."""
        shelf = self.stock_location.copy({"name": "Shelf", "barcode": False})
        purchase = self._new_purchase()
        purchase.order_line = [
            Command.create({"product_id": self.chair.id, "product_qty": 2})
        ]
        purchase.button_confirm()
        receipt = purchase.picking_ids.sudo()
        receipt.location_dest_id = shelf
        self._deliver(receipt)
        self._exchange(receipt, 1)
        exchange = purchase.picking_ids.sudo().filtered(
            lambda transfer: transfer.return_id.return_id == receipt
        )
        self.assertEqual(exchange.location_dest_id, self.stock_location)

    def test_return_of_a_return(self):
        """3 went back and are shipped again: outstanding, and posted by either."""
        for side in ("sale", "purchase"):
            with self.subTest(side=side):
                sale, purchase = self._new_orders()
                returned = self._take_back(sale.picking_ids, 3)
                wizard = (
                    self.env["stock.return.picking"]
                    .with_context(active_model="stock.picking", active_id=returned.id)
                    .create({"picking_id": returned.id})
                )
                wizard.product_return_moves.quantity = 3
                wizard.action_create_returns()
                self.env.invalidate_all()
                order = sale if side == "sale" else purchase
                self.assertEqual(sale.order_line.qty_to_ship, 3)
                self.assertFalse(self._get_notice(order, "stranded"))
                self.assertTrue(purchase.drop_shipment_to_post)
                self._post(order, quantity=2)
                self.assertEqual(sale.order_line.qty_delivered, 9)
                self.assertEqual(sale.order_line.qty_to_ship, 1)
                self._post(order)
                self.assertEqual(sale.order_line.qty_delivered, 10)
                self.assertEqual(purchase.order_line.qty_received, 10)
                self.assertNoOwnStock(sale)
