import psycopg2

from odoo.fields import Command
from odoo.tools import mute_logger

from .common_reopen import ReopenCommon


class TestReopenTold(ReopenCommon):
    """Who is told of a cancelled order, once, and what becomes of its links."""

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
