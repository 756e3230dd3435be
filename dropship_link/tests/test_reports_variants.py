from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .common_returns import ReturnsCommon
from .test_receive_and_invoice import BillCommon


class TestReportsVariants(BillCommon, ReturnsCommon):
    """Neighbours of the reports from use, which their own tests do not play."""

    def _new_orders(self, *lines, **values):
        """Return a sales order and the confirmed purchase order that ships it."""
        sale = self._new_sale(*lines, **values)
        return sale, self._new_purchase(sale, confirm=True)

    def _notices(self, order):
        """Return {key: sentence} of what an order shows now."""
        self.env.invalidate_all()
        return {
            key: alert["message"]
            for key, alert in (order.drop_shipment_alerts or {}).items()
        }

    def test_waived_rest_keeps_the_price(self):
        """Ten at 18, eight come: eight at 18, though eight alone would cost 20."""
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Breaks",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "3_global",
                            "compute_price": "fixed",
                            "fixed_price": 18,
                            "min_quantity": 10,
                        }
                    )
                ],
            }
        )
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        sale, purchase = self._new_orders(pricelist_id=pricelist.id)
        self._post(sale, "ship", 8)
        purchase.with_user(trader).order_line.action_waive_drop_shipment_remainder()
        self.env.invalidate_all()
        self.assertRecordValues(
            sale.order_line, [{"product_uom_qty": 8, "price_unit": 18}]
        )
        self.assertEqual(sale.amount_total, 144)
        self.assertEqual(self._post_invoice(sale).amount_total, 144)

    def test_bill_by_the_order_waits_for_an_invoice_by_the_order(self):
        """Nothing is shipped, and nothing says so; the bill waits all the same."""
        sale, purchase = self._new_orders((self.by_order, 10))
        self._new_bill(purchase, post=False)
        self.assertEqual(
            self._notices(sale),
            {"invoice": "Invoice the customer: the vendor's bill waits."},
        )
        self.assertEqual(set(self._notices(purchase)), {"bill"})
        self._post_invoice(sale)
        self.assertFalse(self._notices(sale))
        self.assertEqual(set(self._notices(purchase)), {"draft"})

    def test_goods_kept_in_own_stock_are_not_late(self):
        """Shipped in time, later taken back: nobody waits, as order and list say."""
        past = fields.Datetime.now() - timedelta(days=3)
        sale, purchase = self._new_orders(commitment_date=past)
        self.assertIn("late", self._notices(sale))
        self._post(sale, "ship")
        self._take_back(purchase.sudo().picking_ids, 3, self.stock_location)
        self.assertEqual(set(self._notices(sale)), {"kept", "invoice"})
        line = sale.order_line
        self.assertFalse(line.drop_shipment_late)
        report = self.env["drop.shipment.report"].with_user(self.salesman)
        self.assertFalse(report.browse(line.id).late)
        # More is wanted, and nobody ships it: late without a day.
        line.product_uom_qty = 12
        self.assertEqual(self._notices(sale)["late"], "Late: Chair.")
        self.assertTrue(line.drop_shipment_late)
        self.assertTrue(report.browse(line.id).late)

    def test_no_day_is_told_of_what_nobody_ships(self):
        """Closed, cancelled or to order: neither notice nor mail name a day."""
        past = fields.Datetime.now() - timedelta(days=3)
        sale, purchase = self._new_orders(commitment_date=past)
        line = purchase.order_line
        line.date_planned = fields.Datetime.now() + timedelta(days=5)
        self.assertIn(", expected ", self._notices(sale)["late"])
        self.assertTrue(sale._get_drop_shipment_delay_values()["date"])
        self._post(sale, "ship", 7)
        for undo in ("cancel", "again", "close"):
            with self.subTest(undo=undo):
                if undo == "cancel":
                    waiting = purchase.sudo().picking_ids
                    waiting.filtered(lambda pick: pick.state != "done").action_cancel()
                elif undo == "again":
                    line.action_ship_drop_shipment_again()
                else:
                    line.action_close_drop_shipment_remainder()
                late = self._notices(sale)["late"]
                dated = undo == "again"
                self.assertEqual(", expected " in late, dated, late)
                day = sale._get_drop_shipment_delay_values()["date"]
                self.assertEqual(bool(day), dated)

    def test_exchange_before_its_return_is_no_rest(self):
        """All has come: nothing is partly shipped, and nothing is to close."""
        sale, purchase = self._new_orders()
        self._post(sale, "ship")
        self._post_invoice(sale)
        self._new_bill(purchase)
        shipped = purchase.sudo().picking_ids.with_user(self.warehouse_user)
        wizard = (
            shipped.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=shipped.id)
            .create({"picking_id": shipped.id})
        )
        wizard.product_return_moves.quantity = 3
        returned = shipped.browse(wizard.action_create_exchanges()["res_id"])
        self.assertEqual(sale.order_line.drop_shipment_qty_outstanding, 3)
        for order in (sale, purchase):
            self.assertFalse(self._notices(order))
        with self.assertRefused("no remainder to close"):
            purchase.action_close_drop_shipment_remainder()
        returned.move_ids.picked = True
        returned.button_validate()
        for order in (sale, purchase):
            self.assertEqual(set(self._notices(order)), {"rest"})

    def test_cancelled_after_a_part(self):
        """The vendor is to be paid for what came: the cancelled order says how."""
        sale, purchase = self._new_orders()
        self._post(sale, "ship", 4)
        purchase.order_line.action_close_drop_shipment_remainder()
        sale.action_cancel()
        self.assertEqual(
            self._notices(sale),
            {
                "cancelled": "Cancelled, but shipped and not invoiced: Chair. The "
                "vendor's bill waits: set the order to quotation, lower it to what was "
                "shipped, confirm and invoice it."
            },
        )
        self.assertEqual(set(self._notices(purchase)), {"bill"})
        sale.action_draft()
        sale.order_line.product_uom_qty = 4
        sale.action_confirm()
        self.assertEqual(set(self._notices(sale)), {"invoice"})
        self.assertEqual(self._post_invoice(sale).amount_total, 80)
        self.assertEqual(self._new_bill(purchase).amount_total, 48)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        for order in (sale, purchase):
            self.assertFalse(self._notices(order))

    def test_rest_from_own_stock_after_a_billed_part(self):
        """What can't be unticked any more: the error names a way that works."""
        sale, purchase = self._new_orders()
        self._post(sale, "ship", 4)
        self._post_invoice(sale)
        self._new_bill(purchase)
        for _once in range(2):
            with self.assertRefused("close the remainder, lower the line"):
                sale.order_line.drop_shipment = False
            if purchase.order_line.product_qty > 4:
                purchase.order_line.action_close_drop_shipment_remainder()
        with self.assertRefused("cancel their related vendor bills"):
            purchase.button_cancel()
        sale.order_line.product_uom_qty = 4
        sale.order_line = [
            Command.create(
                {
                    "product_id": self.chair.id,
                    "product_uom_qty": 6,
                    "drop_shipment": False,
                }
            )
        ]
        delivery = sale.sudo().picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
        )
        self.assertEqual(delivery.move_ids.product_uom_qty, 6)
        self._deliver(delivery)
        self._post_invoice(sale)
        charged = sale.sudo().invoice_ids.mapped("amount_total")
        self.assertEqual([sum(charged), sale.amount_total], [200, 200])

    def test_credit_note_leaves_what_is_to_come(self):
        """Ten prepaid, six wanted: four are credited, and the order is charged."""
        sale = self._new_sale((self.by_order, 10))
        self._post_invoice(sale)
        request = self._new_purchase(sale, user=self.billing_buyer)
        sale.order_line.product_uom_qty = 6
        self.assertEqual(request.order_line.product_qty, 6)
        self.assertEqual(set(self._notices(sale)), {"refund"})
        sale.action_credit_drop_shipment()
        credit_note = sale.sudo().invoice_ids.filtered(
            lambda move: move.move_type == "out_refund"
        )
        self.assertEqual(credit_note.amount_total, 80)
        credit_note.action_post()
        self.assertFalse(self._notices(sale))
        with self.assertRefused("no credit note to make"):
            sale.action_credit_drop_shipment()
        request.button_confirm()
        self._post(request, "receive_invoice")
        self.assertEqual(self._get_paid(request), 72)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_refund_leaves_what_is_to_come(self):
        """Ten billed by the order, six ordered in the end: four are refunded."""
        sale = self._new_sale((self.by_order, 10))
        purchase = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        purchase.order_line.product_qty = 6
        self.assertEqual(set(self._notices(purchase)), {"refund"})
        purchase.action_refund_drop_shipment()
        self.assertEqual(self._get_paid(purchase), 72)
        with self.assertRefused("no refund to make"):
            purchase.action_refund_drop_shipment()
        self._post(purchase, "receive")
        self.assertFalse(self._notices(purchase))
        self.assertEqual(self._get_paid(purchase), purchase.amount_total)
