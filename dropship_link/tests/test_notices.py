from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time

from .common import DropShipmentCommon


class TestNotices(DropShipmentCommon):
    """The orders say what is to be done, with a button for who may do it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10))

    def _get_buttons(self, order, user):
        """Return {key: names of buttons} of all notices, as `user` sees them."""
        keys = ("own", "order", "late", "reported", "declined", "rest", "stranded")
        keys += ("unwanted", "refund", "kept", "draft", "invoice", "bill")
        notices = dict.fromkeys(keys, "Do it.")
        notices_service = type(self.env["drop.shipment.notices"])
        order = order.with_user(user)
        order.invalidate_recordset(["drop_shipment_alerts"])
        with patch.object(notices_service, "_get_notices", return_value=notices):
            alerts = order.drop_shipment_alerts
        self.assertEqual(list(alerts), list(notices))
        return {
            key: [button["name"] for button in alert["buttons"]]
            for key, alert in alerts.items()
            if alert["buttons"]
        }

    def test_buttons_of_each_role(self):
        """Nobody is shown a button that would refuse them."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self._post(self.sale, quantity=4)
        self.assertEqual(self.sale.invoice_status, "to invoice")
        trader = self._new_user(
            "trader", "sales_team.group_sale_salesman,purchase.group_purchase_user"
        )
        sell = {
            "late": ["action_tell_drop_shipment_delay"],
            "reported": ["action_post_drop_shipment"],
            "rest": ["action_post_drop_shipment"],
            "refund": ["action_credit_drop_shipment"],
            "invoice": ["sale.action_view_sale_advance_payment_inv"],
        }
        orders = ["action_view_purchase_orders"]
        both = {
            **sell,
            "order": ["action_open_create_drop_shipment_purchases"],
            "late": sell["late"] + orders,
            "declined": orders,
            "rest": sell["rest"] + orders,
            "stranded": orders,
            "unwanted": orders,
        }
        self.assertEqual(self._get_buttons(self.sale, self.salesman), sell)
        self.assertEqual(self._get_buttons(self.sale, trader), both)
        credit = {"refund": ["action_credit_drop_shipment"]}
        self.assertEqual(self._get_buttons(self.sale, self.accountant), credit)
        self._post_invoice(self.sale)
        sell.pop("invoice")
        self.assertEqual(self._get_buttons(self.sale, self.salesman), sell)
        post = {
            "late": ["action_rfq_send"],
            "reported": [
                "action_post_drop_shipment",
                "action_discard_drop_shipment_report",
            ],
            "declined": [
                "action_close_drop_shipment_declined",
                "action_reorder_drop_shipment_declined",
            ],
            "rest": [
                "action_post_drop_shipment",
                "action_close_drop_shipment_remainder",
            ],
            "stranded": ["action_ship_drop_shipment_again"],
            "refund": ["action_refund_drop_shipment"],
        }
        bill = {"bill": ["action_view_drop_shipment_unbillable"]}
        self.assertEqual(self._get_buttons(purchase, self.buyer), post)
        self.assertEqual(self._get_buttons(purchase, trader), {**post, **bill})
        settle = {"refund": post["refund"], **bill}
        self.assertEqual(self._get_buttons(purchase, self.accountant), settle)

    def test_buttons_fit(self):
        """A button stands where it does something; the questions are asked."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self.assertFalse(self.sale.drop_shipment_alerts)
        self.assertFalse(purchase.drop_shipment_alerts)
        self._post(self.sale, quantity=4)
        purchase.picking_ids.filtered(lambda p: p.state != "done").action_cancel()
        alert = purchase.with_user(self.buyer).drop_shipment_alerts["stranded"]
        self.assertEqual(alert["level"], "warning")
        ship, close = alert["buttons"]
        self.assertEqual(ship["name"], "action_ship_drop_shipment_again")
        self.assertIn("A transfer is made", ship["confirm"])
        self.assertEqual(close["confirm-label"], "Close Remainder")

    def test_nothing_to_do(self):
        """All is well: no notice."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self.assertFalse(self.sale.drop_shipment_notice)
        self.assertFalse(purchase.drop_shipment_notice)
        ordinary = self._new_sale((self.chair, 1, {"drop_shipment": False}))
        self.assertFalse(ordinary.drop_shipment_notice)

    def test_to_order(self):
        """The first products are named; the rest is counted."""
        self.assertEqual(
            self._get_notice(self.sale, "order"), "To order from a vendor: Chair."
        )
        self.assertEqual(
            self.sale.drop_shipment_notice, self._get_notice(self.sale, "order")
        )
        products = [self._new_product(f"Product {number}") for number in range(5)]
        sale = self._new_sale(*[(product, 1) for product in products])
        self.assertEqual(
            self._get_notice(sale, "order"),
            "To order from a vendor: Product 0, Product 1, Product 2 and 2 more.",
        )

    def _compose(self, action):
        """Return the mail that this action opens, as the salesman gets it."""
        composer = self.env["mail.compose.message"].with_user(self.salesman)
        return Form(composer.with_context(**action["context"])).save()

    def test_late(self):
        """The salesman writes to the customer, in words for the customer."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self.sale.commitment_date = "2026-03-10 12:00:00"
        with self.assertRefused("no late drop shipment"), freeze_time("2026-03-01"):
            purchase.order_line.date_planned = "2026-03-09 12:00:00"
            self.sale.action_tell_drop_shipment_delay()
        with freeze_time("2026-03-01"):
            purchase.order_line.date_planned = "2026-03-12 12:00:00"
            self.assertIn("03/12/2026", self._get_notice(self.sale, "late"))
            self.assertIn("Chair", self._get_notice(purchase, "late"))
            composer = self._compose(self.sale.action_tell_drop_shipment_delay())
        self.assertIn("03/12/2026", composer.body)
        self.assertEqual(composer.partner_ids, self.customer)
        self.assertIn(self.sale.name, composer.subject)
        composer.action_send_mail()
        self.assertIn("later than planned", self._chatter(self.sale))
        with freeze_time("2026-03-20"):
            self.env.invalidate_all()
            composer = self._compose(self.sale.action_tell_drop_shipment_delay())
        self.assertIn("later than planned", composer.body)
        self.assertNotIn("03/12/2026", composer.body)

    def test_rest(self):
        """Shipped in part: the order closes what these lines have left."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        with self.assertRefused("no remainder to close"):
            purchase.action_close_drop_shipment_remainder()
        sale.order_line[0].qty_to_ship = 4
        sale.order_line[1].qty_to_ship = 0
        self._post(sale)
        for order in (sale, purchase):
            self.assertIn("Chair", self._get_notice(order, "rest"))
            self.assertNotIn("Desk", self._get_notice(order, "rest"))
        purchase.action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.mapped("product_qty"), [4, 2])
        self.assertFalse(self._get_notice(purchase, "rest"))
        self.assertFalse(self._get_notice(sale, "rest"))
        self.assertIn("Chair", self._get_notice(sale, "order"))

    def test_bill(self):
        """Received and not invoiced: which sales order the bill waits for."""
        purchase = self._new_purchase(self.sale, confirm=True)
        with self.assertRefused("No bill"):
            purchase.action_view_drop_shipment_unbillable()
        self._post(purchase)
        self.assertIn(self.sale.name, self._get_notice(purchase, "bill"))
        self.assertIn("invoice", self._get_notice(self.sale, "invoice"))
        with self.assertRaises(AccessError):
            purchase.action_view_drop_shipment_unbillable()
        action = purchase.with_user(
            self.accountant
        ).action_view_drop_shipment_unbillable()
        self.assertEqual(action["res_id"], self.sale.id)
        self._post_invoice(self.sale)
        self.assertFalse(purchase.drop_shipment_notice)
        self.assertFalse(self.sale.drop_shipment_notice)

    def test_bill_lines(self):
        """Invoice in the dialog shows what is billed, and for how much."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self._post(purchase, quantity=4)
        self._post_invoice(self.sale)
        wizard = purchase.env["drop.shipment.post"].create(
            {"purchase_order_id": purchase.id, "option": "invoice"}
        )
        self.assertEqual(wizard.bill_line_ids, purchase.order_line)
        self.assertEqual(wizard.bill_line_ids.drop_shipment_qty_to_bill, 4)
        self.assertEqual(wizard.bill_amount, 48)
        wizard.action_post()
        self.assertEqual(purchase.sudo().invoice_ids.amount_untaxed, 48)
        self.assertEqual(purchase.order_line.drop_shipment_qty_to_bill, 0)

    def test_totals(self):
        """Lines and quantity of one unit; of several units there is no sum."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 2, {"product_uom_id": self.uom_dozen.id})
        )
        purchase = self._new_purchase(sale, self.sale, confirm=True)
        wizard = purchase.env["drop.shipment.post"].create(
            {"purchase_order_id": purchase.id}
        )
        self.assertEqual(wizard.summary, "Lines: 3, Sales orders: 2")
        with Form(wizard) as form:
            for number in range(len(wizard.line_ids)):
                with form.line_ids.edit(number) as line:
                    if line.quantity == 2:
                        line.quantity = 0
        self.assertEqual(
            wizard.summary, "Lines: 2, Sales orders: 2, Quantity: 20 Units"
        )

    def test_list_of_an_order(self):
        """The smart button counts the lines and shows them in the list."""
        self.assertEqual(self.sale.drop_shipment_count, 1)
        action = self.sale.action_view_drop_shipments()
        rows = self.env[action["res_model"]].with_user(self.salesman)
        self.assertEqual(rows.search(action["domain"]).ids, self.sale.order_line.ids)
        purchase = self._new_purchase(self.sale)
        self.assertEqual(purchase.drop_shipment_count, 1)
        action = purchase.action_view_drop_shipments()
        rows = self.env[action["res_model"]].with_user(self.buyer)
        self.assertEqual(rows.search(action["domain"]).ids, self.sale.order_line.ids)
        self.assertEqual(self._new_purchase().drop_shipment_count, 0)
