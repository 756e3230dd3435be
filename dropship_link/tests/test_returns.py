from .common_returns import ReturnsCommon


class TestReturnToVendor(ReturnsCommon):
    """Delivered and received fall."""

    def test_before_invoice_and_bill(self):
        """Only what stayed with the customer is invoiced and billed."""
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 4)
        line = sale.order_line
        self.assertQuantities(
            line,
            qty_delivered=6,
            qty_to_invoice=6,
            drop_shipment_qty_ordered=10,
            drop_shipment_qty_to_order=0,
            drop_shipment_qty_outstanding=0,
            qty_to_ship=0,
            drop_shipment_state="partial",
        )
        self.assertQuantities(purchase.order_line, qty_received=6, qty_to_invoice=6)
        self.assertEqual(self._post_invoice(sale).invoice_line_ids.quantity, 6)
        self._post(purchase, "invoice")
        self.assertEqual(purchase.sudo().invoice_ids.invoice_line_ids.quantity, 6)
        purchase.sudo().invoice_ids.action_post()
        self.assertQuantities(
            line, drop_shipment_qty_invoiced=6, drop_shipment_qty_billed=6
        )

    def test_all_before_invoice_and_bill(self):
        """Nothing is left to invoice or bill; the line waits for the vendor again."""
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 10)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=0,
            qty_to_invoice=0,
            drop_shipment_qty_to_order=0,
            drop_shipment_state="ordered",
        )
        self.assertQuantities(purchase.order_line, qty_received=0, qty_to_invoice=0)

    def test_vendor_does_not_ship_again(self):
        """Closing the remainder lets another vendor ship what went back."""
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 4)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_ordered=6, drop_shipment_qty_to_order=4
        )
        rest = self._new_purchase(sale, confirm=True, partner_id=self.other_vendor.id)
        self.assertEqual(rest.order_line.product_qty, 4)
        self._post(sale)
        self.assertQuantities(
            sale.order_line, qty_delivered=10, drop_shipment_state="shipped"
        )

    def test_vendor_ships_again(self):
        """The return of the return is a shipment to the customer."""
        sale, purchase = self._new_orders()
        returned = self._take_back(sale.picking_ids, 4)
        self._take_back(returned, 4)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=10,
            drop_shipment_qty_to_order=0,
            drop_shipment_state="shipped",
        )
        self.assertQuantities(purchase.order_line, qty_received=10)

    def test_customer_keeps_the_rest(self):
        """Closed on both sides the line can be done."""
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 4)
        purchase.order_line.action_close_drop_shipment_remainder()
        sale.order_line.product_uom_qty = 6
        self.assertQuantities(
            sale.order_line,
            drop_shipment_qty_to_order=0,
            drop_shipment_state="shipped",
        )
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        self.assertEqual(sale.invoice_status, "invoiced")
        self.assertEqual(purchase.invoice_status, "invoiced")

    def test_while_the_rest_is_outstanding(self):
        """What was to ship before is to ship after, no more."""
        sale, purchase = self._new_orders(ship=6)
        shipped = sale.picking_ids.filtered(lambda picking: picking.state == "done")
        self._take_back(shipped, 2)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=4,
            qty_to_ship=4,
            drop_shipment_qty_outstanding=4,
            drop_shipment_qty_to_order=0,
            drop_shipment_state="partial",
        )
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=8, qty_to_ship=0)
        self.assertQuantities(purchase.order_line, qty_received=8)

    def test_open_return_is_not_outstanding(self):
        """A return that is only planned is nothing that Post may ship."""
        sale, __ = self._new_orders(ship=6)
        shipped = sale.picking_ids.filtered(lambda picking: picking.state == "done")
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=shipped.id)
            .create({"picking_id": shipped.id})
        )
        wizard.product_return_moves.quantity = 2
        returned = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        self.assertQuantities(
            sale.order_line, qty_to_ship=4, drop_shipment_qty_outstanding=4
        )
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertNotEqual(returned.state, "done")

    def test_between_invoice_and_bill(self):
        """The vendor bills what was kept; the credit note has the rest."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._take_back(sale.picking_ids, 4)
        self.assertQuantities(sale.order_line, qty_delivered=6, qty_to_invoice=-4)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.invoice_line_ids.quantity, 6)
        credit_note = self._credit(sale)
        self.assertEqual(credit_note.invoice_line_ids.quantity, 4)
        self.assertQuantities(
            sale.order_line,
            qty_to_invoice=0,
            drop_shipment_qty_invoiced=6,
            drop_shipment_qty_billed=6,
        )

    def test_after_invoice_and_bill(self):
        """Credit note and refund bring both sides down; then nothing may be billed."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        self._take_back(sale.picking_ids, 4)
        line = sale.order_line
        self.assertQuantities(
            line,
            qty_delivered=6,
            qty_to_invoice=-4,
            drop_shipment_qty_invoiced=10,
            drop_shipment_qty_billed=10,
            drop_shipment_qty_to_order=0,
            drop_shipment_state="partial",
        )
        self.assertQuantities(purchase.order_line, qty_received=6, qty_to_invoice=-4)
        credit_note = self._credit(sale)
        self.assertEqual(credit_note.invoice_line_ids.quantity, 4)
        self.assertQuantities(line, drop_shipment_qty_invoiced=6)
        refund = self._refund(purchase)
        self.assertEqual(refund.invoice_line_ids.quantity, 4)
        self.assertQuantities(
            line, drop_shipment_qty_billed=6, qty_to_invoice=0, qty_invoiced=6
        )
        self.assertQuantities(purchase.order_line, qty_to_invoice=0, qty_invoiced=6)
        extra = self._new_free_bill(self.chair, quantity=1)
        extra.invoice_line_ids.purchase_line_id = purchase.sudo().order_line
        with self.assertRefused("ahead.* 1 Units on"):
            extra.action_post()

    def test_all_after_invoice_and_bill(self):
        """Everything goes back; the orders can be closed and cancelled."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 10)
        self._credit(sale)
        self._refund(purchase)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=0,
            drop_shipment_qty_invoiced=0,
            drop_shipment_qty_billed=0,
        )
        with self.assertRefused("left to ship"):
            sale.action_cancel()
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self._cancel(sale)
        self.assertEqual(sale.order_line.drop_shipment_state, "cancel")

    def test_refund_before_credit_note(self):
        """The vendor may be faster; taking that refund back is billing again."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 4)
        refund = self._refund(purchase)
        self._credit(sale)
        with self.assertRefused("ahead.* 4 Units on"):
            refund.button_draft()
        self.assertEqual(refund.state, "posted")

    def test_replacement_after_credit_note_and_refund(self):
        """What is shipped again is invoiced and billed again, in this sequence."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 4)
        self._credit(sale)
        self._refund(purchase)
        purchase.order_line.action_close_drop_shipment_remainder()
        rest = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10, qty_to_invoice=4)
        bill = self._new_bill(rest, post=False)
        self.assertEqual(bill.invoice_line_ids.quantity, 4)
        with self.assertRefused("ahead.* 4 Units on"):
            bill.action_post()
        self._post_invoice(sale)
        bill.action_post()
        self.assertQuantities(
            sale.order_line,
            drop_shipment_qty_invoiced=10,
            drop_shipment_qty_billed=10,
            drop_shipment_state="done",
        )

    def test_one_of_two_sales_orders(self):
        """The other order of the purchase order is not touched."""
        first, second = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(first, second, confirm=True)
        self._post(purchase, "receive")
        self._take_back(first.picking_ids, 4)
        self.assertQuantities(first.order_line, qty_delivered=6)
        self.assertQuantities(
            second.order_line, qty_delivered=10, drop_shipment_state="shipped"
        )
        self.assertEqual(purchase.order_line.mapped("qty_received"), [6, 10])

    def test_one_of_two_vendors(self):
        """Only the vendor who gets goods back has less received."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale)
        (first | second).button_confirm()
        self._post(sale)
        self._take_back(second.picking_ids, 5)
        self.assertQuantities(
            sale.order_line, qty_delivered=5, drop_shipment_qty_to_order=0
        )
        self.assertQuantities(first.order_line, qty_received=4)
        self.assertQuantities(second.order_line, qty_received=1)

    def test_in_dozens(self):
        """6 units back of 2 dozen."""
        sale, purchase = self._new_orders(
            (self.chair, 2, {"product_uom_id": self.uom_dozen.id})
        )
        self._take_back(sale.picking_ids, 6)
        self.assertQuantities(
            sale.order_line, qty_delivered=1.5, drop_shipment_qty_to_order=0
        )
        self.assertQuantities(purchase.order_line, qty_received=1.5)

    def test_after_the_purchase_was_cancelled(self):
        """What a cancelled order shipped may go back, and is to order then."""
        sale, purchase = self._new_orders(ship=6)
        purchase.button_cancel()
        self.assertQuantities(sale.order_line, drop_shipment_qty_to_order=4)
        shipped = sale.picking_ids.filtered(lambda picking: picking.state == "done")
        self._take_back(shipped, 2)
        self.assertQuantities(
            sale.order_line, qty_delivered=4, drop_shipment_qty_to_order=6
        )


class TestReturnToStock(ReturnsCommon):
    """Delivered falls, received stays; the goods are ours."""

    def test_before_invoice_and_bill(self):
        """The customer pays what was kept; the vendor is paid no more than that."""
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 4, self.stock_location)
        self.assertEqual(self.chair.qty_available, 4)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=6,
            qty_to_invoice=6,
            drop_shipment_qty_ordered=10,
            drop_shipment_qty_to_order=0,
            drop_shipment_qty_outstanding=0,
            drop_shipment_state="partial",
        )
        self.assertQuantities(purchase.order_line, qty_received=10, qty_to_invoice=10)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        bill = purchase.sudo().invoice_ids
        self.assertEqual(bill.invoice_line_ids.quantity, 6)
        bill.with_user(self.accountant).action_post()
        # No invoice can be made first.
        with self.assertRefused("came back to own stock.* 4 Units on"):
            self._post(purchase, "invoice")
        bill = self._new_bill(purchase, post=False)
        self.assertEqual(bill.invoice_line_ids.quantity, 4)
        with self.assertRefused("came back to own stock.* 4 Units on"):
            bill.action_post()

    def test_after_invoice_and_bill(self):
        """A credit note is allowed: it is the goods, not the bill, that came back."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 4, self.stock_location)
        self.assertQuantities(sale.order_line, qty_delivered=6, qty_to_invoice=-4)
        self.assertQuantities(purchase.order_line, qty_received=10, qty_to_invoice=0)
        self._credit(sale)
        self.assertQuantities(
            sale.order_line,
            qty_to_invoice=0,
            drop_shipment_qty_invoiced=6,
            drop_shipment_qty_billed=10,
            drop_shipment_state="partial",
        )
        self.assertEqual(purchase.invoice_status, "invoiced")

    def test_while_the_rest_is_outstanding(self):
        """The vendor still owes what he owed."""
        sale, purchase = self._new_orders(ship=6)
        shipped = sale.picking_ids.filtered(lambda picking: picking.state == "done")
        self._take_back(shipped, 2, self.stock_location)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=4,
            qty_to_ship=4,
            drop_shipment_qty_outstanding=4,
            drop_shipment_qty_to_order=0,
        )
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=8)
        self.assertQuantities(purchase.order_line, qty_received=10)

    def test_closed_after_a_return(self):
        """Closing gives back what the vendor has not shipped, not what came back."""
        sale, purchase = self._new_orders(ship=6)
        shipped = sale.picking_ids.filtered(lambda picking: picking.state == "done")
        self._take_back(shipped, 2, self.stock_location)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_ordered=6, drop_shipment_qty_to_order=4
        )

    def test_line_partly_delivered_from_stock(self):
        """What the vendor shipped and stock got back is not ordered again."""
        self.env["stock.quant"]._update_available_quantity(
            self.chair, self.stock_location, 3
        )
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        self._deliver(sale.picking_ids, 3)
        sale.sudo().picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        ).action_cancel()
        sale.order_line.drop_shipment = True
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.order_line.product_qty, 7)
        self._post(sale)
        self.assertQuantities(
            sale.order_line, qty_delivered=10, drop_shipment_qty_to_order=0
        )
        self._take_back(purchase.picking_ids, 2, self.stock_location)
        self.assertQuantities(
            sale.order_line, qty_delivered=8, drop_shipment_qty_to_order=0
        )

    def test_sales_order_cancelled_after_all_came_back(self):
        """The vendor has shipped all; the goods are in stock, nobody owes any."""
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 10, self.stock_location)
        self.assertQuantities(sale.order_line, qty_delivered=0)
        self._cancel(sale)
        self.assertEqual(sale.order_line.drop_shipment_state, "cancel")
        self.assertQuantities(purchase.order_line, qty_received=10)

    def test_sent_to_the_customer_again(self):
        """Goods that leave own stock again are delivered, but not received twice."""
        sale, purchase = self._new_orders()
        returned = self._take_back(sale.picking_ids, 4, self.stock_location)
        self._take_back(returned, 3)
        self.assertEqual(self.chair.qty_available, 1)
        self.assertQuantities(
            sale.order_line, qty_delivered=9, drop_shipment_qty_to_order=0
        )
        self.assertQuantities(purchase.order_line, qty_received=10, qty_to_invoice=10)
        # Nothing is ordered beyond what the customer wants: the rise fits.
        sale.order_line.product_uom_qty = 12
        purchase.order_line.product_qty = 12
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_to_order=0, qty_to_ship=2
        )

    def test_raised_after_goods_came_back(self):
        """The vendor ships what is ordered more, whatever is in own stock."""
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 4, self.stock_location)
        sale.order_line.product_uom_qty = 12
        purchase.order_line.product_qty = 12
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_to_order=0, qty_to_ship=2
        )
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=8)
        self.assertQuantities(purchase.order_line, qty_received=12)

    def test_lowered_after_goods_came_back(self):
        """The vendor ships no more than what is still ordered."""
        sale, purchase = self._new_orders(ship=6)
        shipped = sale.picking_ids.filtered(lambda picking: picking.state == "done")
        self._take_back(shipped, 2, self.stock_location)
        purchase.order_line.product_qty = 8
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_to_order=2, qty_to_ship=2
        )

    def test_sent_to_the_vendor_later(self):
        """The vendor takes back what was in own stock: received falls, no more."""
        sale, purchase = self._new_orders()
        returned = self._take_back(sale.picking_ids, 4, self.stock_location)
        vendor_location = self.env.ref("stock.stock_location_suppliers")
        self._take_back(returned, 4, vendor_location)
        self.assertEqual(self.chair.qty_available, 0)
        self.assertQuantities(
            sale.order_line, qty_delivered=6, drop_shipment_qty_to_order=0
        )
        self.assertQuantities(purchase.order_line, qty_received=6, qty_to_invoice=6)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_ordered=6, drop_shipment_qty_to_order=4
        )
