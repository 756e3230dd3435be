from odoo.exceptions import UserError, ValidationError

from .common_while_linked import WhileLinkedCommon


class TestCancelling(WhileLinkedCommon):
    """Purchase and sales orders that are cancelled, and opened again."""

    def test_cancelled_request_is_to_order_again(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        line = sale.order_line
        self.assertEqual(line.drop_shipment_qty_ordered, 0)
        self.assertEqual(line.drop_shipment_qty_to_order, 10)
        self.assertEqual(line.drop_shipment_state, "to_order")
        self._new_purchase(sale, confirm=True)
        self.assertEqual(line.drop_shipment_state, "ordered")

    def test_cancelled_order_is_to_order_again(self):
        """Its transfer is cancelled with it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        purchase.button_cancel()
        line = sale.order_line
        self.assertEqual(line.drop_shipment_qty_to_order, 10)
        self.assertEqual(line.qty_to_ship, 0)
        self.assertEqual(sale.picking_ids.state, "cancel")
        self.assertEqual(sale.delivery_status, "pending")

    def test_cancelled_after_a_partial_receipt(self):
        """What the vendor has shipped is not ordered again."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.button_cancel()
        line = sale.order_line
        self.assertEqual(line.drop_shipment_qty_ordered, 0)
        self.assertEqual(line.drop_shipment_qty_to_order, 6)
        self.assertEqual(line.drop_shipment_state, "partial")
        rest = self._new_purchase(sale, confirm=True)
        self.assertEqual(rest.order_line.product_qty, 6)
        self._post(sale)
        self.assertEqual(line.qty_delivered, 10)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)

    def test_cancelled_order_set_back_to_draft(self):
        """It is on the same line again, if nobody else ordered it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        purchase.button_draft()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "rfq")
        purchase.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_confirmed_order_cancelled_and_reopened(self):
        """A new transfer is made; nothing is shipped twice."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.button_cancel()
        purchase.button_draft()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        purchase.button_confirm()
        self.assertEqual(sale.order_line.qty_to_ship, 6)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_set_back_to_draft_re_checks_the_sums(self):
        """What another buyer ordered meanwhile is not ordered twice."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        other = self._new_purchase()
        self._get_sales_orders(other, sale, quantity=1)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)", ValidationError):
            purchase.button_draft()
        self.assertEqual(purchase.state, "cancel")
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 1)
        # The buyer lowers it first, as the message says.
        purchase.order_line.product_qty = 9
        purchase.button_draft()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_set_back_to_draft_re_checks_the_link(self):
        """Meanwhile the sales order may be another customer's, or cancelled."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        sale.partner_id = self.other_customer
        with self.assertRefused(sale.name):
            purchase.button_draft()
        self.assertEqual(purchase.state, "cancel")

        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        sale._action_cancel()
        with self.assertRefused(sale.name):
            purchase.button_draft()
        self.assertEqual(purchase.state, "cancel")

    def test_set_back_to_draft_with_another_ship_to(self):
        """The goods never go where the customer does not want them any more."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        sale.partner_shipping_id = self.customer
        try:
            with self.env.cr.savepoint():
                purchase.button_draft()
        except UserError:
            self.env.invalidate_all()
            self.assertEqual(purchase.state, "cancel")
        else:
            self.assertEqual(purchase.drop_shipment_address_id, self.customer)

    def test_quantity_of_a_cancelled_order_is_not_checked(self):
        """It is not live: any number may stand there."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        purchase.order_line.product_qty = 99
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)", ValidationError):
            purchase.button_draft()

    def test_sales_order_with_goods_on_order_is_not_cancelled(self):
        """The vendor would ship to a customer who does not want it any more."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        for posted in (False, True):
            if posted:
                self._post(sale, quantity=4)
            with (
                self.subTest(posted=posted),
                self.assertRefused(rf"{sale.name} .*Chair.*{purchase.name}"),
            ):
                sale.action_cancel()
        self.assertEqual(sale.state, "sale")
        self.assertEqual(sale.order_line.qty_to_ship, 6)

    def test_sales_order_is_cancelled_after_the_purchase_order(self):
        """As the message says: cancel the purchase, or close its remainder."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        # Core lets nobody without purchase or inventory rights cancel an order that
        # has a transfer.
        sale.sudo().action_cancel()
        self.assertEqual(sale.state, "cancel")

        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.order_line.action_close_drop_shipment_remainder()
        sale.sudo().action_cancel()
        self.assertEqual(sale.state, "cancel")
        self.assertEqual(sale.order_line.drop_shipment_state, "cancel")
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)

    def test_cancelled_sales_order_leaves_requests(self):
        """The requests lose its lines, with a note; other orders' lines stay."""
        sale, other = self._new_sale(), self._new_sale((self.desk, 2))
        purchase = self._new_purchase(sale, other)
        alone = self._new_purchase()
        purchase.order_line.filtered(
            lambda line: line.product_id == self.chair
        ).product_qty = 6
        self._get_sales_orders(alone, sale)
        self.env.invalidate_all()
        sale.action_cancel()
        self.assertEqual(sale.state, "cancel")
        self.assertFalse(sale.sudo().order_line.drop_shipment_purchase_line_ids)
        self.assertEqual(
            purchase.order_line.filtered("drop_shipment").product_id, self.desk
        )
        self.assertEqual(purchase.drop_shipment_sale_ref, other.name)
        self.assertFalse(alone.order_line.filtered("drop_shipment"))
        for request in (purchase, alone):
            self.assertRegex(self._chatter(request), rf"Chair.*{sale.name}")
        purchase.button_confirm()
        self.assertEqual(other.order_line.qty_to_ship, 2)

    def test_cancelled_sales_order_starts_again(self):
        """Set back to a quotation and confirmed it is to order, unlinked."""
        sale = self._new_sale()
        self._new_purchase(sale)
        sale.action_cancel()
        sale.action_draft()
        sale.action_confirm()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertFalse(sale.order_line.drop_shipment_purchase_ref)
        self.assertFalse(sale.picking_ids)

    def test_cancelled_sales_order_is_deleted(self):
        """A cancelled purchase order forgets it, and is for own stock if reopened."""
        manager = self._new_user("lead", "sales_team.group_sale_manager")
        for what in ("order", "line"):
            with self.subTest(what):
                sale = self._new_sale()
                purchase = self._new_purchase(sale, confirm=True)
                purchase.button_cancel()
                sale.sudo().action_cancel()
                if what == "line":
                    sale.sudo().action_draft()
                self.env.invalidate_all()
                sale = sale.with_user(manager)
                (sale if what == "order" else sale.order_line).unlink()
                self.env.invalidate_all()
                self.assertFalse(purchase.order_line.drop_shipment)
                purchase.button_draft()
                self.assertIn(
                    "delivered to us", self._get_notice(purchase, "own") or ""
                )
                purchase.button_confirm()
                self.assertEqual(
                    purchase.sudo().picking_ids[-1:].picking_type_id.code, "incoming"
                )

    def test_shipped_sales_order_is_not_deleted(self):
        """Cancelled or a quotation again: what the vendor has shipped stays known."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        sale._action_cancel()
        for reset in (lambda: None, sale.action_draft):
            reset()
            with self.assertRefused(
                rf"{sale.name}, line 1 \(Chair\) can't be deleted: it is on purchase "
                f"order {purchase.name}"
            ):
                sale.sudo().unlink()
        self.assertTrue(purchase.order_line.sudo().sale_line_id)

    def test_several_sales_orders_cancelled_at_once(self):
        """One that is refused keeps all of them."""
        sale, other = self._new_sale(), self._new_sale()
        self._new_purchase(sale)
        purchase = self._new_purchase(other, confirm=True)
        with self.assertRefused(rf"{other.name} .*{purchase.name}"):
            (sale | other).action_cancel()
        self.assertEqual(sale.state, "sale")
        self.assertEqual(sale.order_line.drop_shipment_state, "rfq")

    def test_bill_of_what_a_cancelled_sale_shipped(self):
        """The bill waits for an invoice; how to make one then is said."""
        sale, other = self._new_sale(), self._new_sale((self.desk, 2))
        purchase = self._new_purchase(sale, other, confirm=True)
        line = purchase.order_line[:1]
        self._post(sale, "ship", 4)
        self._post(other, "ship")
        line.action_close_drop_shipment_remainder()
        sale._action_cancel()
        hint = (
            f"What a cancelled order has shipped can't be invoiced: set {sale.name} "
            "to quotation, confirm and invoice first."
        )
        with self.assertRefused(f"^Invoice sales order {other.name} first. {hint}"):
            self._new_bill(purchase)
        with self.assertRefused(hint):
            self._post(purchase, "invoice")
        self._post_invoice(other)
        with self.assertRefused(f"^{hint}"):
            self._new_bill(purchase)
        sale.action_draft()
        sale.order_line.product_uom_qty = 4
        sale.action_confirm()
        self.assertEqual(self._post_invoice(sale).amount_total, 80)
        self.assertEqual(self._new_bill(purchase).amount_total, 48 + 140)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
