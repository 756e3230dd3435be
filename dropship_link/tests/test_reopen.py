from contextlib import suppress

import psycopg2

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .common import DropShipmentCommon


class TestReopen(DropShipmentCommon):
    """Orders cancelled, opened and confirmed again, on either side, in any order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Core reads purchase lines as whoever cancels a sales order with transfers.
        cls.trader = cls._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        cls.chair.seller_ids = [
            Command.create({"partner_id": cls.other_vendor.id, "price": 13})
        ]

    def _get_activities(self, record):
        return record.sudo().activity_ids

    def _count_notes(self, record, text):
        """Return how many messages of `record` have `text`."""
        return sum(
            text in str(body) for body in record.sudo().message_ids.mapped("body")
        )

    def _cancel(self, sale):
        """Cancel a sales order that has, or had, transfers."""
        self.env.invalidate_all()
        sale.with_user(self.trader).action_cancel()

    def _reopen(self, order):
        """Set a cancelled order back to draft and confirm it, as its user."""
        self.env.invalidate_all()
        if order._name == "sale.order":
            order.action_draft()
            order.action_confirm()
        else:
            order.button_draft()
            order.button_confirm()

    def assertQuantities(self, sale, **quantities):
        """The only line of `sale` has these values."""
        line = sale.order_line
        self.assertEqual({name: line[name] for name in quantities}, quantities)

    # ------------------------------------------------------------
    # WHO IS TOLD
    # ------------------------------------------------------------

    def test_purchase_cancelled_tells_the_salesman_once(self):
        """One activity for the sales order, however many lines."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        purchase.button_cancel()
        activity = self._get_activities(sale)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.salesman)
        self.assertFalse(self._get_activities(purchase))

    def test_request_cancelled_tells_the_salesman_once(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        self.assertEqual(len(self._get_activities(sale)), 1)

    def test_purchase_cancelled_tells_each_sales_order_once(self):
        """Two orders of one purchase order, one activity each."""
        first, second = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(first, second, confirm=True)
        purchase.button_cancel()
        for sale in (first, second):
            self.assertEqual(len(self._get_activities(sale)), 1)

    def test_purchase_cancelled_twice_tells_the_salesman_once(self):
        """Cancelled, opened, confirmed and cancelled again: never two."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        self._reopen(purchase)
        purchase.button_cancel()
        self.assertEqual(len(self._get_activities(sale)), 1)

    def test_purchase_cancelled_again_after_the_activity_was_done(self):
        """What the salesman has settled comes up again."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        self._get_activities(sale).with_user(self.salesman).action_feedback()
        self._reopen(purchase)
        purchase.button_cancel()
        self.assertEqual(len(self._get_activities(sale)), 1)

    def test_shipped_line_keeps_its_sales_line(self):
        """Cancelled after a part and reopened: what was shipped was for this sale."""
        sale, other = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.button_cancel()
        purchase.button_draft()
        for value in (other.order_line.id, False):
            self.env.invalidate_all()
            with self.assertRefused(
                rf"{purchase.name}, line 1 \(Chair\) can't be changed: 4 Units were "
                rf"shipped for sales order {sale.name}"
            ):
                purchase.order_line.sale_line_id = value
        with self.assertRefused(
            r"Chair\) can't be unlinked: 4 Units of it were shipped"
        ):
            purchase.order_line.action_unlink_drop_shipment()
        with self.assertRefused("Done"):
            purchase.order_line.unlink()
        self.assertEqual(purchase.order_line.qty_received, 4)
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_sale_of_a_shipped_line_is_cancelled(self):
        """The reopened request keeps what was shipped, and asks for no more."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        row = {"sale_line_id": sale.order_line[0].id, "quantity": 4}
        self._post(sale, line_ids=[Command.create(row)])
        purchase.button_cancel()
        purchase.button_draft()
        self.env.invalidate_all()
        sale._action_cancel()
        self.assertEqual(sale.state, "cancel")
        line = purchase.order_line
        self.assertEqual(line.product_id, self.chair)
        self.assertEqual([line.product_qty, line.qty_received], [4, 4])
        self.assertEqual(line.price_unit, 12)
        chatter = self._chatter(purchase)
        self.assertIn("Chair: lowered to the 4 Units shipped", chatter)
        self.assertIn("Desk: removed", chatter)

    def test_goods_in_own_stock_are_not_linked(self):
        """An own order, received in part and reopened, can't become a drop shipment."""
        sale = self._new_sale()
        purchase = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[
                Command.create({"product_id": self.chair.id, "product_qty": 8})
            ],
        )
        purchase.button_confirm()
        self._deliver(purchase.sudo().picking_ids, 3)
        self.assertEqual(purchase.order_line.qty_received, 3)
        purchase.button_cancel()
        purchase.button_draft()
        drop = self._new_purchase(sale)
        drop.button_cancel()
        with self.assertRefused("Goods of it were received into your own stock"):
            purchase.write(
                {
                    "sell_to_customer_id": self.customer.id,
                    "picking_type_id": drop.picking_type_id.id,
                    "dest_address_id": self.ship_to.id,
                    "order_line": [
                        Command.update(
                            purchase.order_line.id,
                            {"sale_line_id": sale.order_line.id},
                        )
                    ],
                }
            )
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_sale_cancelled_tells_the_buyer_once(self):
        """One note on the request; one activity, as nothing is left on it."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale)
        self.env.invalidate_all()
        sale.action_cancel()
        text = f"sales order {sale.name} is cancelled"
        self.assertEqual(self._count_notes(purchase, text), 1)
        self.assertEqual(len(self._get_activities(purchase)), 1)
        self.assertFalse(self._get_activities(sale))

    def test_sale_cancelled_tells_each_buyer_once(self):
        """Each request loses its lines, with one note."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale)
        sale.action_cancel()
        for purchase in (first, second):
            self.assertEqual(self._count_notes(purchase, "is cancelled"), 1)

    def test_customer_of_a_cancelled_order_stays(self):
        """Without it, reopening would not look at what is ordered by now."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        self._new_purchase(sale)
        for customer in (self.customer.browse(), self.other_customer):
            with self.assertRefused(
                f"Sell-to Customer of {purchase.name} .*{sale.name}"
            ):
                purchase.sell_to_customer_id = customer
        with self.assertRefused("more than is left to order"):
            purchase.button_draft()

    def test_customer_of_an_order_is_not_deleted(self):
        """Nor does the contact go that the buyer chose in its place."""
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.customer.id}
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sell_to_customer_id=contact.id)
        self._get_sales_orders(purchase, sale)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.env.cr.savepoint(),
        ):
            contact.unlink()

    def test_salesman_cancels_after_the_purchase(self):
        """He needs no purchase rights to cancel what no vendor ships any more."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        self.env.invalidate_all()
        sale.action_cancel()
        self.assertEqual(sale.state, "cancel")

    def test_sale_cancelled_after_the_purchase(self):
        """A cancelled purchase order is nobody's business any more."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        self._cancel(sale)
        self.assertFalse(self._count_notes(purchase, "is cancelled"))
        self.assertFalse(self._get_activities(purchase))

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
            rf"vendor is to ship sales order {sale.name}. Cancel the order first."
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
