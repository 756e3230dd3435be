from lxml import etree

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form
from odoo.tools import format_date
from odoo.tools.safe_eval import safe_eval

from .common_returns import ReturnsCommon


class TestNoticesTrue(ReturnsCommon):
    """What the orders, the mails and the dialogs say is so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trader = cls._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )

    # ------------------------------------------------------------
    # A customer at the transit location between companies
    # ------------------------------------------------------------

    def _set_transit(self):
        """The customer is a company of ours: its goods are in transit."""
        transit = self.env.ref("stock.stock_location_inter_company")
        transit.active = True
        (self.customer | self.ship_to).property_stock_customer = transit
        return transit

    def test_transit_customer(self):
        """A drop shipment like any other: slip, papers, quantities, statuses."""
        transit = self._set_transit()
        self.customer.lang = "en_US"
        sale, purchase = self._new_orders(ship=4)
        done = sale.sudo().picking_ids.filtered(lambda picking: picking.state == "done")
        self.assertEqual(done.location_dest_id, transit)
        self.assertTrue(done.is_drop_shipment)
        self.assertEqual(done._get_report_lang(), "en_US")
        self.assertQuantities(sale.order_line, qty_delivered=4, qty_to_ship=6)
        self._post(
            purchase, "receive", delivery_note="LS-1", tracking_ref="TRK-1", quantity=6
        )
        self.assertEqual(sale.drop_shipment_tracking_ref, "TRK-1")
        self.assertQuantities(
            sale.order_line, qty_delivered=10, drop_shipment_state="shipped"
        )
        self.assertEqual(sale.delivery_status, "full")
        self.assertEqual(self._post_invoice(sale).amount_untaxed, 200)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 120)

    def test_transit_return_and_again(self):
        """Back to the vendor and shipped again: counted once."""
        self._set_transit()
        sale, purchase = self._new_orders()
        returned = self._take_back(sale.picking_ids, 3)
        self.assertEqual(sale.order_line.qty_delivered, 7)
        self.assertEqual(purchase.order_line.qty_received, 7)
        self._take_back(returned, 3)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 10)

    def test_transit_return_to_own_stock(self):
        """Received stays; the sales line falls."""
        self._set_transit()
        sale, purchase = self._new_orders()
        self._take_back(sale.picking_ids, 3, self.stock_location)
        self.assertEqual(sale.order_line.qty_delivered, 7)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(purchase.order_line.qty_received, 10)

    # ------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------

    def _mails(self, sale):
        """Return the messages about the shipment that the customer got."""
        messages = sale.sudo().message_ids
        return messages.filtered(
            lambda message: self.customer in message.notified_partner_ids
        )

    def test_email_confirmation(self):
        """With core's setting the customer hears of each shipment, once."""
        self.company.stock_move_email_validation = True
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        day = fields.Date.subtract(fields.Date.today(), days=3)
        self._post(sale, "ship", 4, tracking_ref="TRK-1", send=True, shipment_date=day)
        self.assertEqual(len(self._mails(sale)), 1)
        self.assertIn(format_date(self.env, day), self._mails(sale).body)
        self.assertIn("TRK-1", self._mails(sale).body)
        self.assertIn(sale.name, self._mails(sale).subject)
        self._post(purchase, "receive", 2)
        self.assertEqual(len(self._mails(sale)), 2)
        self.env.invalidate_all()
        picking = sale.sudo().picking_ids.filtered(lambda move: move.state != "done")
        picking = picking.with_user(self.warehouse_user)
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(len(self._mails(sale)), 3)
        messages = sale.sudo().message_ids | sale.sudo().picking_ids.message_ids
        self.assertNotIn(self.vendor, messages.notified_partner_ids)
        self.env.invalidate_all()
        self._take_back(picking, 1)
        self.assertEqual(len(self._mails(sale)), 3)

    def test_no_email_confirmation(self):
        """Without the setting nothing is sent by itself."""
        self.company.stock_move_email_validation = False
        sale, __ = self._new_orders()
        self.assertFalse(self._mails(sale))

    def _remind(self, purchase):
        """Run core's reminder; return how many messages the vendor got of it."""

        def count():
            messages = purchase.sudo().message_ids
            return len(
                messages.filtered(lambda mail: self.vendor in mail.notified_partner_ids)
            )

        before = count()
        self.env["purchase.order"]._send_reminder_mail()
        return count() - before

    def test_reminder_of_the_rest(self):
        """Four of ten have come: the vendor is reminded of the six, then no more."""
        self.env.user.group_ids += self.env.ref("purchase.group_send_reminder")
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.receipt_reminder_email = True
        purchase.reminder_date_before_receipt = 2
        purchase.order_line.date_planned = fields.Datetime.add(
            fields.Datetime.now(), days=2
        )
        self._post(sale, "ship", 4)
        self.assertFalse(purchase.acknowledged)
        self.assertIn(purchase, purchase.sudo()._get_orders_to_remind())
        self.assertEqual(self._remind(purchase), 1)
        self._post(sale)
        self.assertTrue(purchase.acknowledged)
        self.assertNotIn(purchase, purchase.sudo()._get_orders_to_remind())

    def test_acknowledged_is_not_reminded(self):
        """The vendor's own acknowledgement counts as before."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.receipt_reminder_email = True
        purchase.sudo().action_acknowledge()
        self._post(sale, "ship", 4)
        self.assertNotIn(purchase, purchase.sudo()._get_orders_to_remind())

    # ------------------------------------------------------------
    # Before it is confirmed
    # ------------------------------------------------------------

    def test_goods_typed_for_a_customer(self):
        """A customer, goods, no link: they would come to us."""
        purchase = self._new_purchase()
        self.assertFalse(purchase.drop_shipment_notice)
        purchase.order_line = [
            Command.create({"product_id": self.service.id, "product_qty": 1})
        ]
        self.assertFalse(purchase.drop_shipment_notice)
        purchase.order_line = [
            Command.create({"product_id": self.chair.id, "product_qty": 10})
        ]
        self.assertIn("delivered to us", purchase.drop_shipment_notice)
        self.assertIn("Chair", self._get_notice(purchase, "own"))
        purchase.sell_to_customer_id = False
        self.assertFalse(purchase.drop_shipment_notice)

    def test_product_becomes_a_service(self):
        """It would be confirmed without a transfer: both orders refuse."""
        sale = self._new_sale(confirm=False)
        self.chair.type = "service"
        with self.assertRefused("Only goods can be drop-shipped"):
            sale.action_confirm()
        self.assertEqual(sale.state, "draft")
        self.chair.write({"type": "consu", "is_storable": True})
        sale.action_confirm()
        purchase = self._new_purchase(sale)
        self.chair.type = "service"
        for action in (purchase.button_confirm, purchase.action_rfq_send):
            with self.assertRefused(f"{purchase.name}, line 1 .*only goods"):
                action()
        self.assertEqual(purchase.state, "draft")
        purchase.order_line.action_unlink_drop_shipment()
        # No other request helps: what does is said, and helps.
        with self.assertRefused(f"{sale.name}, line 1 .*Untick Drop Shipment on it"):
            self._new_purchase(sale)
        sale.order_line.drop_shipment = False
        self.assertFalse(sale.order_line.drop_shipment_qty_to_order)

    def test_rest_of_what_becomes_a_service(self):
        """A script that links a line itself meets the rule too."""
        sale, purchase = self._new_sale(), self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        self.chair.type = "service"
        values = {
            "order_id": purchase.id,
            "product_id": self.chair.id,
            "product_qty": 6,
            "sale_line_id": sale.order_line.id,
        }
        with self.assertRefused(
            f"{sale.name}, line 1 .* Only goods can be drop-shipped"
        ):
            purchase.order_line.create(values)

    def test_fetched_by_a_colleague(self):
        """It is nobody's right that is missing."""
        first, second = self._new_sale(), self._new_sale()
        purchase = self._new_purchase()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id}
        )
        self._new_purchase(first)
        with self.assertRefused("not on offer") as caught:
            wizard.sale_order_ids = [Command.set((first | second).ids)]
        self.assertNotIsInstance(caught.exception, AccessError)

    # ------------------------------------------------------------
    # Posting a part
    # ------------------------------------------------------------

    def test_ship_all_at_once(self):
        """A part is said before, and allowed."""
        sale = self._new_sale((self.chair, 10), picking_policy="one")
        purchase = self._new_purchase(sale, confirm=True)
        for field, order in (("sale_order_id", sale), ("purchase_order_id", purchase)):
            wizard = order.env["drop.shipment.post"].create({field: order.id})
            self.assertFalse(wizard.partial_warning)
            wizard.line_ids.quantity = 4
            self.assertIn(sale.name, wizard.partial_warning)
        wizard.action_post()
        self.assertEqual(sale.order_line.qty_delivered, 4)
        sale = self._new_sale((self.chair, 10))
        self._new_purchase(sale, confirm=True)
        wizard = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        wizard.line_ids.quantity = 4
        self.assertFalse(wizard.partial_warning)

    def test_lots_in_detailed_operations(self):
        """A new lot is typed where the transfer shows all its operations."""
        self.warehouse_user.group_ids += self.env.ref("stock.group_production_lot")
        lot_chair = self._new_product("Lot Chair", tracking="lot")
        sale = self._new_sale((lot_chair, 3))
        self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        picking = sale.sudo().picking_ids.with_user(self.warehouse_user)
        action = picking.action_detailed_operations()
        lines = picking.env["stock.move.line"].with_context(**action["context"])
        arch = lines.get_view(action["views"][0][0], "list")["arch"]
        context = {"context": action["context"]}
        hidden = {
            field.get("name"): safe_eval(field.get("column_invisible"), context)
            for field in etree.fromstring(arch).iter("field")
            if field.get("name") in ("quant_id", "lot_id", "lot_name")
        }
        self.assertEqual(hidden, {"quant_id": True, "lot_id": True, "lot_name": False})
        lines.search(action["domain"]).lot_name = "LOT-1"
        picking.button_validate()
        self.assertEqual(sale.order_line.qty_delivered, 3)

    # ------------------------------------------------------------
    # Typed, not saved yet
    # ------------------------------------------------------------

    def test_larger_purchase_typed(self):
        """More is typed on a purchase line: nothing of it is missing on a transfer."""
        sale = self._new_sale((self.chair, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 4)
        sale.order_line.product_uom_qty = 12
        self.env.invalidate_all()
        with Form(purchase) as form:
            before = form.drop_shipment_notice
            with form.order_line.edit(0) as line:
                line.product_qty = 12
            self.assertEqual(form.drop_shipment_notice, before)
        self.assertEqual(purchase.order_line.product_qty, 12)
        self.assertEqual(set(purchase.drop_shipment_alerts), {"rest", "bill"})

    def test_larger_purchase_of_cancelled_sale_typed(self):
        """Cancelled once all was shipped: there is nothing to close on the purchase."""
        sale, purchase = self._new_orders()
        sale.with_user(self.trader).action_cancel()
        self.env.invalidate_all()
        before = purchase.drop_shipment_notice
        self.assertFalse(self._get_notice(purchase, "unwanted"))
        form = Form(purchase)
        with form.order_line.edit(0) as line:
            line.product_qty = 12
        self.assertEqual(form.drop_shipment_notice, before)

    def test_own_goods_typed(self):
        """What would be delivered to us is told as soon as it is typed."""
        purchase = self._new_purchase(self._new_sale((self.chair, 10)))
        purchase.order_line.action_unlink_drop_shipment()
        with Form(purchase) as form, form.order_line.new() as line:
            line.product_id = self.desk
        self.assertIn("delivered to us", form.drop_shipment_notice)

    # ------------------------------------------------------------
    # The rest is not wanted any more
    # ------------------------------------------------------------

    def test_customer_does_without(self):
        """98 of 100 shipped: one step, and both orders are done."""
        sale = self._new_sale((self.chair, 100))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 98)
        line = purchase.order_line.with_user(self.trader)
        line.action_waive_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line,
            product_uom_qty=98,
            drop_shipment_qty_to_order=0,
            qty_to_ship=0,
            drop_shipment_state="shipped",
        )
        self.assertEqual(purchase.order_line.product_qty, 98)
        self.assertEqual(sale.delivery_status, "full")
        self.assertEqual(purchase.receipt_status, "full")
        for order in (sale, purchase):
            self.assertIn("does without", self._chatter(order))
        self.assertEqual(self._post_invoice(sale).amount_untaxed, 1960)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 1176)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        with self.assertRefused("no remainder to close"):
            line.action_waive_drop_shipment_remainder()

    def test_what_is_elsewhere_stays(self):
        """What another vendor has, and what is to order, is still wanted."""
        sale = self._new_sale((self.chair, 100))
        first = self._new_purchase(confirm=False)
        self._get_sales_orders(first, sale, quantity=50)
        first.button_confirm()
        second = self._new_purchase(partner_id=self.other_vendor.id)
        self._get_sales_orders(second, sale, quantity=30)
        self._post(first, "receive", 48)
        first.order_line.with_user(self.trader).action_waive_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line,
            product_uom_qty=98,
            drop_shipment_qty_ordered=78,
            drop_shipment_qty_to_order=20,
        )
        self.assertEqual(second.order_line.product_qty, 30)

    def test_buyer_alone_may_not_lower_the_sale(self):
        """Without rights on the sales order nothing is changed."""
        sale, purchase = self._new_orders(ship=4)
        with self.assertRaises(AccessError):
            purchase.order_line.action_waive_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(sale.order_line.product_uom_qty, 10)

    def test_offered_to_who_may(self):
        """It changes both orders: who may read one of them only is not offered it."""
        sale, purchase = self._new_orders(ship=4)
        other = self._new_user(
            "other", "sales_team.group_sale_salesman,purchase.group_purchase_user"
        )
        picker = self._new_user(
            "picker", "sales_team.group_sale_salesman_all_leads,stock.group_stock_user"
        )
        for user, offered in (
            (self.trader, True),
            (other, False),
            (picker, False),
            (self.buyer, False),
        ):
            line = purchase.order_line.with_user(user)
            with self.subTest(user=user.login):
                self.assertEqual(line.drop_shipment_may_waive, offered)
                if not offered:
                    with self.assertRaises(AccessError):
                        line.action_waive_drop_shipment_remainder()
        self._post(sale)
        self.env.invalidate_all()
        self.assertFalse(purchase.order_line.drop_shipment_may_waive)
