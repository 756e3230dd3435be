from odoo import fields
from odoo.fields import Command

from .common_post import PostCommon


class TestReceive(PostCommon):
    """The purchase door."""

    def test_receive(self):
        """It proposes what is outstanding, whatever Qty to Ship says."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 2))
        sale.order_line.qty_to_ship = 0
        self.env.invalidate_all()
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.option, "receive")
        self.assertEqual(wizard.line_ids.mapped("quantity"), [10, 2])
        self.assertEqual(wizard.line_ids.mapped("name"), ["Chair", "Desk"])
        self.assertEqual(set(wizard.line_ids.mapped("sale_ref")), {sale.name})
        self._message(wizard.action_post())
        self.assertEqual(purchase.order_line.mapped("qty_received"), [10, 2])
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2])
        self.assertEqual(sale.order_line.mapped("qty_to_ship"), [0, 0])
        self.assertFalse(purchase.invoice_ids)

    def test_receive_a_part(self):
        sale, purchase = self._new_orders()
        sale.order_line.qty_to_ship = 1
        self._post(purchase, "receive", 4)
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(sale.order_line.qty_to_ship, 6)
        self.assertEqual(purchase.receipt_status, "partial")

    def test_only_this_purchase_order(self):
        """Another purchase order for the same line waits."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale, quantity=6)
        (first | second).button_confirm()
        wizard = self._new_post(second)
        self.assertEqual(wizard.line_ids.quantity, 6)
        self.assertEqual(wizard.line_ids.quantity_outstanding, 6)
        with self.assertRefused(rf"Receive of {second.name}, line 1 .* 6 "):
            self._post(second, "receive", 7)
        wizard.line_ids.quantity = 5
        wizard.action_post()
        self.assertEqual(first.order_line.qty_received, 0)
        self.assertEqual(second.order_line.qty_received, 5)
        self.assertEqual(sale.order_line.qty_to_ship, 5)

    def test_several_sales_orders_in_one(self):
        """One posting ships them all, each by its own transfer."""
        first, second = self._new_sale(), self._new_sale((self.chair, 3))
        purchase = self._new_purchase(first, second, confirm=True)
        wizard = self._new_post(purchase)
        self.assertEqual(
            set(wizard.line_ids.mapped("sale_ref")), {first.name, second.name}
        )
        wizard.action_post()
        self.assertEqual(first.order_line.qty_delivered, 10)
        self.assertEqual(second.order_line.qty_delivered, 3)
        self.assertEqual(first.delivery_status, "full")
        self.assertEqual(second.delivery_status, "full")
        self.assertNotEqual(first.picking_ids, second.picking_ids)

    def test_two_purchase_lines_of_one_sales_line(self):
        """A line fetched twice into an order has two rows to receive."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        self._get_sales_orders(purchase, sale)
        purchase.button_confirm()
        wizard = self._new_post(purchase)
        wizard.line_ids[1].quantity = 3
        wizard.action_post()
        self.assertEqual(sale.order_line.qty_delivered, 7)
        self.assertEqual(sum(purchase.order_line.mapped("qty_received")), 7)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_nothing_to_post(self):
        """The message says what is missing."""
        ordinary = self._new_purchase(
            order_line=[Command.create({"product_id": self.chair.id})],
        )
        request = self._new_purchase(self._new_sale())
        done_sale, done = self._new_orders()
        self._post(done, "receive")
        self._post_invoice(done_sale)
        self._new_bill(done)
        for purchase, regex in (
            (ordinary, rf"{ordinary.name} .*Get Sales Order"),
            (request, rf"{request.name} .*confirm it first"),
            (done, rf"{done.name} .*nothing left to post"),
        ):
            with self.subTest(regex=regex):
                with self.assertRefused(regex):
                    purchase.action_post_drop_shipment()
                with self.assertRefused(regex):
                    self._post(purchase)


class TestInvoicePurchase(PostCommon):
    """Invoice, and Receive and Invoice, on the purchase order."""

    def test_invoice_waits_for_the_sales_invoice(self):
        """Only Receive can be posted until the sales order has been invoiced."""
        sale, purchase = self._new_orders()
        self._post(purchase, "receive", 4)
        with self.assertRefused(rf"Invoice sales order {sale.name} first"):
            self._post(purchase, "invoice")
        self.assertFalse(purchase.invoice_ids)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self.assertEqual(purchase.invoice_ids.invoice_line_ids.quantity, 4)

    def test_invoice_is_the_option_when_all_is_received(self):
        sale, purchase = self._new_orders()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.option, "invoice")
        self.assertFalse(wizard.line_ids)
        wizard.action_post()
        self.assertEqual(purchase.invoice_ids.invoice_line_ids.quantity, 10)

    def test_user_without_billing_rights(self):
        """The bill is left in draft, dated today, and the user is told."""
        sale, purchase = self._new_orders()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        self.env.invalidate_all()
        message = self._message(self._post(purchase, "invoice"))
        self.assertEqual(
            message,
            "The vendor bill is left in draft: posting it takes billing rights.",
        )
        bill = purchase.invoice_ids
        self.assertEqual(bill.state, "draft")
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual(bill.partner_id, self.vendor)
        self.assertEqual(bill.invoice_date, fields.Date.context_today(bill))
        self.assertEqual(bill.invoice_line_ids.price_unit, 12)
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, purchase.order_line)

    def test_user_with_billing_rights(self):
        """The bill is posted, on the date given."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
        self._post(purchase, "receive")
        self._post_invoice(sale)
        message = self._message(
            self._post(purchase, "invoice", invoice_date="2026-10-01")
        )
        bill = purchase.invoice_ids
        self.assertEqual(bill.state, "posted")
        self.assertEqual(str(bill.invoice_date), "2026-10-01")
        self.assertEqual(message, f"Vendor bill {bill.name} is posted.")
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_bills_what_was_received_and_not_billed(self):
        """Also for a product that is billed on ordered quantities."""
        self.chair.purchase_method = "purchase"
        sale, purchase = self._new_orders()
        for received in (4, 5):
            self._post(purchase, "receive", received)
            self._post_invoice(sale)
            self._post(purchase, "invoice")
            bill = purchase.invoice_ids.sorted("id")[-1]
            self.assertEqual(bill.invoice_line_ids.quantity, received)
        self.assertEqual(purchase.order_line.qty_invoiced, 9)

    def test_nothing_received_is_left_to_bill(self):
        sale, purchase = self._new_orders()
        self._post(purchase, "receive", 4)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        with self.assertRefused("nothing to bill"):
            self._post(purchase, "invoice")
        self.assertEqual(len(purchase.invoice_ids), 1)

    def test_receive_and_invoice_is_all_or_nothing(self):
        """Where the bill is forbidden nothing is received either."""
        sale, purchase = self._new_orders()
        for user in (self.buyer, self.billing_buyer):
            with (
                self.subTest(user=user.login),
                self.assertRefused(rf"Invoice sales order {sale.name} first"),
            ):
                self._post(purchase.with_user(user), "receive_invoice")
        self.assertEqual(purchase.order_line.qty_received, 0)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertFalse(purchase.invoice_ids)

    def test_receive_and_invoice_of_an_invoiced_sale(self):
        """Invoiced on order, the goods may be received and billed at once."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale = self._new_sale((on_order, 10))
        purchase = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
        self._post_invoice(sale)
        self._post(purchase, "receive", 2)
        self._post(purchase, "receive_invoice", 5)
        bill = purchase.invoice_ids
        self.assertEqual(bill.state, "posted")
        self.assertEqual(purchase.order_line.qty_received, 7)
        self.assertEqual(sale.order_line.qty_delivered, 7)
        self.assertEqual(bill.invoice_line_ids.quantity, 7)

    def test_receive_and_invoice_beyond_what_is_invoiced(self):
        """4 invoiced allow 4 to be billed, not 5."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, purchase = self._new_orders((on_order, 10))
        invoice = sale._create_invoices().sudo()
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        with self.assertRefused(rf"Invoice sales order {sale.name} first"):
            self._post(purchase, "receive_invoice", 5)
        self.assertEqual(purchase.order_line.qty_received, 0)
        self._post(purchase, "receive_invoice", 4)
        self.assertEqual(purchase.order_line.qty_received, 4)
        self.assertEqual(purchase.order_line.qty_invoiced, 4)

    def test_one_line_forbids_the_bill(self):
        """Both or neither goes for all lines of the order."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, purchase = self._new_orders((on_order, 10), (self.chair, 2))
        self._post_invoice(sale)
        with self.assertRefused(rf"Invoice sales order {sale.name} first"):
            self._post(purchase, "receive_invoice")
        self.assertEqual(purchase.order_line.mapped("qty_received"), [0, 0])

    def test_receive_and_invoice_without_control(self):
        """`warn` and `none` let it pass, `warn` with a note on both orders."""
        for control, noted in (("warn", True), ("none", False)):
            self.company.drop_shipment_bill_control = control
            sale = self._new_sale()
            purchase = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
            with self.subTest(control=control):
                self._post(purchase, "receive_invoice")
                self.assertEqual(purchase.invoice_ids.state, "posted")
                self.assertEqual(sale.order_line.qty_delivered, 10)
                for order in (sale, purchase):
                    self.assertEqual(
                        "ahead of the posted customer invoices" in self._chatter(order),
                        noted,
                    )
