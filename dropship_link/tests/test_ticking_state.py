from .common import DropShipmentCommon


class TestTickingState(DropShipmentCommon):
    """What a ticked line and its order say of how far they are."""

    # ------------------------------------------------------------
    # State
    # ------------------------------------------------------------

    def test_state_of_the_line(self):
        """Each status, in the order of a line's life."""
        sale = self._new_sale(confirm=False)
        line = sale.order_line
        self.assertFalse(line.drop_shipment_state)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        sale.action_quotation_sent()
        self.assertFalse(line.drop_shipment_state)
        sale.action_confirm()
        self.assertEqual(line.drop_shipment_state, "to_order")

        first = self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self.assertEqual(line.drop_shipment_state, "to_order")
        second = self._new_purchase(sale)
        self.assertEqual(line.drop_shipment_state, "rfq")
        first.button_confirm()
        self.assertEqual(line.drop_shipment_state, "rfq")
        second.button_confirm()
        self.assertEqual(line.drop_shipment_state, "ordered")
        self._post(sale, quantity=1)
        self.assertEqual(line.drop_shipment_state, "partial")
        self._post(sale)
        self.assertEqual(line.drop_shipment_state, "shipped")
        self._post_invoice(sale)
        self.assertEqual(line.drop_shipment_state, "invoiced")
        self._new_bill(first)
        self.assertEqual(line.drop_shipment_state, "invoiced")
        self._new_bill(second)
        self.assertEqual(line.drop_shipment_state, "done")

    def test_request_of_nothing(self):
        """A request that was lowered to 0 says nothing of what others have."""
        sale = self._new_sale()
        line = sale.order_line
        empty = self._new_purchase(sale)
        empty.order_line.product_qty = 0
        self.assertEqual(line.drop_shipment_state, "to_order")
        purchase = self._new_purchase(sale)
        self.assertEqual(line.drop_shipment_state, "rfq")
        purchase.button_confirm()
        self.assertEqual(line.drop_shipment_state, "ordered")
        self._post(sale)
        self.assertEqual(sale.delivery_status, "full")
        self._post_invoice(sale)
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_state_partial_with_something_to_order(self):
        """Filters go by quantity: a partial line may have something to order."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        purchase.button_confirm()
        self._post(sale)
        line = sale.order_line
        self.assertEqual(line.drop_shipment_state, "partial")
        self.assertEqual(line.drop_shipment_qty_to_order, 6)
        found = sale.search(
            [("drop_shipment_line_ids.drop_shipment_qty_to_order", ">", 0)]
        )
        self.assertIn(sale, found)

    def test_state_of_a_cancelled_order(self):
        sale = self._new_sale()
        sale._action_cancel()
        self.assertEqual(sale.order_line.drop_shipment_state, "cancel")
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        sale.action_draft()
        self.assertFalse(sale.order_line.drop_shipment_state)
        sale.action_confirm()
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")
        self.assertFalse(sale.picking_ids)

    def test_draft_documents_do_not_count(self):
        """A draft invoice does not make the line invoiced."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        invoice = sale._create_invoices().sudo()
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")
        invoice.action_post()
        self._new_bill(purchase, post=False)
        self.assertEqual(sale.order_line.drop_shipment_state, "invoiced")

    # ------------------------------------------------------------
    # Statuses of the order
    # ------------------------------------------------------------

    def test_delivery_status_while_something_is_to_order(self):
        """What own stock delivered does not hide what is not even ordered."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 1, {"drop_shipment": False})
        )
        self.assertEqual(sale.delivery_status, "pending")
        self._deliver(sale.picking_ids)
        self.assertEqual(sale.delivery_status, "partial")
        purchase = self._new_purchase(sale)
        self.assertEqual(sale.delivery_status, "partial")
        purchase.button_confirm()
        self.assertEqual(sale.delivery_status, "partial")
        self._post(sale)
        self.assertEqual(sale.delivery_status, "full")

    def test_delivery_status_without_any_transfer(self):
        sale = self._new_sale()
        self.assertEqual(sale.delivery_status, "pending")
        purchase = self._new_purchase(sale)
        self.assertEqual(sale.delivery_status, "pending")
        purchase.button_cancel()
        self.assertEqual(sale.delivery_status, "pending")

    def test_delivery_status_after_the_quantity_rises(self):
        """Nothing else tells that the raised quantity is not delivered."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertEqual(sale.delivery_status, "full")
        sale.order_line.product_uom_qty = 12
        self.assertEqual(sale.delivery_status, "partial")

    def test_invoice_status_while_something_is_to_order(self):
        """Invoicing all that was shipped does not finish the order."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        purchase.button_confirm()
        self._post(sale)
        self.assertEqual(sale.invoice_status, "to invoice")
        self._post_invoice(sale)
        self.assertEqual(sale.order_line.invoice_status, "no")
        self.assertEqual(sale.invoice_status, "no")
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertEqual(sale.invoice_status, "to invoice")
        self._post_invoice(sale)
        self.assertEqual(sale.invoice_status, "invoiced")
