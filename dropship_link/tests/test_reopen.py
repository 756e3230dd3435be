from contextlib import suppress

from odoo.exceptions import UserError
from odoo.fields import Command

from .common_reopen import ReopenCommon


class TestReopen(ReopenCommon):
    """Orders cancelled, opened and confirmed again, on either side, in any order."""

    # ------------------------------------------------------------
    # PURCHASE SIDE
    # ------------------------------------------------------------

    def test_purchase_reopened_again_and_again(self):
        """Each time the same quantity is on order, in one open transfer."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        for __ in range(3):
            purchase.button_cancel()
            self.assertQuantities(
                sale,
                drop_shipment_qty_ordered=0,
                drop_shipment_qty_to_order=10,
                drop_shipment_qty_outstanding=0,
                drop_shipment_state="to_order",
            )
            self._reopen(purchase)
            self.assertQuantities(
                sale,
                drop_shipment_qty_ordered=10,
                drop_shipment_qty_to_order=0,
                drop_shipment_qty_outstanding=10,
                drop_shipment_state="ordered",
            )
        self._post(sale)
        self.assertQuantities(sale, qty_delivered=10)
        self.assertEqual(purchase.order_line.qty_received, 10)

    def test_only_a_part_fits_again(self):
        """A colleague ordered 7 meanwhile: lowered to 3 the order may come back."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        other = self._new_purchase(partner_id=self.other_vendor.id)
        self._get_sales_orders(other, sale, quantity=7)
        with self.assertRefused("7 Units .*more than is left to order"):
            purchase.button_draft()
        self.assertEqual(purchase.state, "cancel")
        self.assertQuantities(sale, drop_shipment_qty_ordered=7)
        purchase.order_line.product_qty = 3
        self._reopen(purchase)
        self.assertQuantities(
            sale, drop_shipment_qty_ordered=10, drop_shipment_qty_to_order=0
        )

    def test_two_vendors_take_turns(self):
        """The line is with one vendor or the other, never with both."""
        sale = self._new_sale()
        first = self._new_purchase(sale, confirm=True)
        first.button_cancel()
        second = self._new_purchase(sale, partner_id=self.other_vendor.id, confirm=True)
        second.button_cancel()
        for purchase, other in ((first, second), (second, first)):
            self._reopen(purchase)
            with self.assertRefused("more than is left to order"):
                other.button_draft()
            self.assertQuantities(sale, drop_shipment_qty_ordered=10)
            purchase.button_cancel()
        self.assertQuantities(sale, drop_shipment_qty_to_order=10)

    def test_state_written_by_the_external_api(self):
        """Writing the state is no way round the sums."""
        sale = self._new_sale()
        first = self._new_purchase(sale, confirm=True)
        first.button_cancel()
        self._new_purchase(sale, confirm=True)
        for state in ("draft", "sent", "to approve", "purchase"):
            with (
                self.subTest(state),
                self.assertRaises(UserError),
                self.cr.savepoint(),
            ):
                first.write({"state": state})
        self.env.invalidate_all()
        self.assertEqual(first.state, "cancel")
        self.assertQuantities(sale, drop_shipment_qty_ordered=10)

    def test_partly_received_then_ordered_elsewhere(self):
        """Core cancels the order though 4 came; another vendor ships 6."""
        sale = self._new_sale()
        first = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        self.env.invalidate_all()
        first.button_cancel()
        self.assertEqual(len(self._get_activities(sale)), 1)
        self.assertEqual(first.order_line.qty_received, 4)
        second = self._new_purchase(sale, partner_id=self.other_vendor.id)
        self.assertEqual(second.order_line.product_qty, 6)
        with self.assertRefused("more than is left to order"):
            first.button_draft()
        second.button_confirm()
        self.assertQuantities(sale, qty_to_ship=6, drop_shipment_state="partial")
        self._post(sale)
        self.assertQuantities(
            sale,
            qty_delivered=10,
            drop_shipment_qty_to_order=0,
            drop_shipment_state="shipped",
        )
        self.assertEqual(second.order_line.qty_received, 6)
        self.assertEqual(sale.delivery_status, "full")
        self._post_invoice(sale)
        self._new_bill(second)
        self.assertEqual(sale.invoice_status, "invoiced")
        self.assertQuantities(
            sale, drop_shipment_qty_invoiced=10, drop_shipment_qty_billed=6
        )

    def test_partly_received_then_the_sale_falls(self):
        """After the cancelled order the customer takes only what has come."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.button_cancel()
        sale.order_line.product_uom_qty = 4
        self.assertQuantities(
            sale, drop_shipment_qty_to_order=0, drop_shipment_state="shipped"
        )
        with self.assertRefused("more than is left to order"):
            purchase.button_draft()

    def test_shipped_more_stays_there(self):
        """12 of 10 have come: reopened, nothing is too much, and nothing goes back."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(purchase, "receive", 12, over_delivery=True)
        purchase.button_cancel()
        for quantity in (10, 8):
            purchase.order_line.product_qty = quantity
            purchase.button_draft()
            purchase.button_confirm()
            self.assertEqual(len(purchase.order_line.move_ids), 1)
            self.assertQuantities(
                sale,
                qty_delivered=12,
                drop_shipment_qty_ordered=quantity,
                drop_shipment_qty_to_order=0,
                drop_shipment_state="shipped",
            )
            purchase.button_cancel()
        purchase.button_draft()
        purchase.button_confirm()
        self.assertEqual(self._post_invoice(sale).amount_untaxed, 240)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 144)

    def test_shipped_more_is_ordered_elsewhere(self):
        """12 of 10 have come, 4 went to own stock and were ordered anew: too much."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(purchase, "receive", 12, over_delivery=True)
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        self._return(purchase.sudo().picking_ids, 4, warehouse.lot_stock_id)
        purchase.button_cancel()
        self.assertQuantities(sale, qty_delivered=8, drop_shipment_qty_to_order=2)
        other = self._new_purchase(sale, partner_id=self.other_vendor.id)
        with self.assertRefused("2 Units more than is left to order"):
            purchase.button_draft()
        other.button_cancel()
        purchase.button_draft()
        purchase.button_confirm()
        self.assertEqual(purchase.order_line.qty_received, 12)

    # ------------------------------------------------------------
    # SALES SIDE
    # ------------------------------------------------------------

    def test_sale_reopened_again_and_again(self):
        """Each time it is to order, with no link left over."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        for __ in range(3):
            self._get_sales_orders(purchase, sale)
            self.assertQuantities(sale, drop_shipment_state="rfq")
            self.env.invalidate_all()
            self._cancel(sale)
            self.assertFalse(purchase.order_line)
            self.assertQuantities(
                sale, drop_shipment_qty_to_order=0, drop_shipment_state="cancel"
            )
            self._reopen(sale)
            self.assertQuantities(
                sale,
                drop_shipment_qty_ordered=0,
                drop_shipment_qty_to_order=10,
                drop_shipment_state="to_order",
            )
        self._get_sales_orders(purchase, sale)
        purchase.button_confirm()
        self._post(sale)
        self.assertQuantities(sale, qty_delivered=10)

    def test_sale_cancelled_after_a_partial_shipment(self):
        """Closed and cancelled; opened again only the rest is to order."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.order_line.action_close_drop_shipment_remainder()
        self._cancel(sale)
        self.assertQuantities(
            sale, drop_shipment_qty_to_order=0, drop_shipment_state="cancel"
        )
        self._reopen(sale)
        self.assertQuantities(
            sale,
            qty_delivered=4,
            drop_shipment_qty_ordered=4,
            drop_shipment_qty_to_order=6,
            drop_shipment_state="partial",
        )
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertQuantities(sale, qty_delivered=10)

    # ------------------------------------------------------------
    # BOTH SIDES
    # ------------------------------------------------------------

    def test_purchase_then_sale_cancelled_purchase_first_reopened(self):
        """The purchase order waits until its sales order is confirmed again."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        self._cancel(sale)
        with self.assertRefused("not confirmed"):
            purchase.button_draft()
        sale.action_draft()
        with self.assertRefused("not confirmed"):
            purchase.button_draft()
        sale.action_confirm()
        self._reopen(purchase)
        self._post(sale)
        self.assertQuantities(
            sale,
            qty_delivered=10,
            drop_shipment_qty_to_order=0,
            drop_shipment_state="shipped",
        )

    def test_shipped_purchase_reopened_then_sale_cancelled(self):
        """What was shipped keeps its link; the request tells how to go on."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        purchase.button_cancel()
        purchase.button_draft()
        self._cancel(sale)
        self.assertEqual(purchase.order_line.sale_line_id, sale.order_line)
        self.assertQuantities(sale, qty_delivered=10)
        with self.assertRefused(
            f"{purchase.name} ships {sale.name}, which sales has not confirmed. "
            f"Have that confirmed, unlink its lines or cancel {purchase.name}"
        ):
            purchase.button_confirm()
        purchase.button_cancel()
        self.assertEqual(purchase.state, "cancel")

    def test_purchase_then_sale_cancelled_sale_ordered_elsewhere(self):
        """Once the sale is with another vendor the old order stays cancelled."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        self._cancel(sale)
        self._reopen(sale)
        self.assertQuantities(sale, drop_shipment_qty_to_order=10)
        self._new_purchase(sale, partner_id=self.other_vendor.id, confirm=True)
        with self.assertRefused("more than is left to order"):
            purchase.button_draft()
        self.assertQuantities(sale, drop_shipment_qty_ordered=10, qty_to_ship=10)

    def test_purchase_cancelled_and_sale_delivers_from_stock(self):
        """Unticked meanwhile: the old order may not ship the same goods again."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        sale.order_line.drop_shipment = False
        # By whoever may confirm core's own drop shipments too.
        with suppress(UserError), self.cr.savepoint():
            self._reopen(purchase.with_user(self.trader))
        self.env.invalidate_all()
        moves = sale.sudo().order_line.move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        self.assertEqual(moves.picking_type_id.mapped("code"), ["outgoing"])
        self.assertEqual(sum(moves.mapped("product_uom_qty")), 10)

    def test_one_of_two_purchases_cancelled_with_the_sale(self):
        """The confirmed one keeps the sale; without it the request is emptied."""
        sale = self._new_sale()
        confirmed, request = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(confirmed, sale, quantity=4)
        confirmed.button_confirm()
        self._get_sales_orders(request, sale)
        with self.assertRefused(confirmed.name):
            self._cancel(sale)
        self.assertEqual(request.order_line.product_qty, 6)
        self.assertFalse(self._count_notes(request, "is cancelled"))
        confirmed.button_cancel()
        self._cancel(sale)
        self.assertFalse(request.order_line)
        self._reopen(sale)
        self._reopen(confirmed)
        self.assertQuantities(
            sale, drop_shipment_qty_ordered=4, drop_shipment_qty_to_order=6
        )
        self._get_sales_orders(request, sale)
        self.assertEqual(request.order_line.product_qty, 6)

    def test_two_sales_orders_one_cancelled_and_reopened(self):
        """The other one's lines and the request go on as before."""
        first, second = self._new_sale(), self._new_sale((self.desk, 2))
        purchase = self._new_purchase(first, second)
        self._cancel(first)
        self.assertEqual(purchase.order_line.product_id, self.desk)
        self._reopen(first)
        self._get_sales_orders(purchase, first)
        purchase.button_confirm()
        self._post(purchase, "receive")
        self.assertQuantities(first, qty_delivered=10)
        self.assertQuantities(second, qty_delivered=2)

    # ------------------------------------------------------------
    # WITHOUT CORE'S BUTTONS
    # ------------------------------------------------------------

    def test_confirmed_purchase_to_draft(self):
        """Core sets back what is confirmed, too; its transfers would stay open."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        refusal = (
            rf"Status of {purchase.name} can't be changed: it is confirmed, and the "
            rf"vendor is to ship {sale.name}. Cancel the order first."
        )
        with self.assertRefused(refusal):
            purchase.button_draft()
        for state in ("draft", "sent", "to approve", "cancel"):
            with self.subTest(state), self.assertRefused(refusal):
                purchase.write({"state": state})
        self.assertQuantities(sale, drop_shipment_qty_outstanding=10)
        # Core's buttons in their order still work.
        purchase.button_cancel()
        self._reopen(purchase)
        self._post(sale)
        self.assertQuantities(sale, qty_delivered=10, drop_shipment_qty_to_order=0)

    def test_ordinary_purchase_to_draft(self):
        """An order that ships no sales order is core's business."""
        purchase = self._new_purchase(sell_to_customer_id=False)
        purchase.order_line = [
            Command.create({"product_id": self.chair.id, "product_qty": 1})
        ]
        purchase.button_confirm()
        purchase.button_draft()
        self.assertEqual(purchase.state, "draft")

    def test_sale_state_written(self):
        """What the vendor is to ship can't be taken back by the external API either."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        for state in ("draft", "sent", "cancel"):
            with (
                self.subTest(state),
                self.assertRefused(f"{sale.name} can't be cancelled"),
            ):
                sale.write({"state": state})
        purchase.button_cancel()
        sale.write({"state": "draft"})
        self.assertEqual(sale.state, "draft")
