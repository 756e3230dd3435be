from odoo import SUPERUSER_ID, fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user

from .common_create_purchases import CreatePurchasesCommon


class TestAutoOrder(CreatePurchasesCommon):
    """Ordering without waiting for a buyer, as the sales order is confirmed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.drop_shipment_auto_order = True

    def _get_purchases(self, sale):
        return sale.sudo().order_line.purchase_line_ids.order_id

    def _get_activities(self, sale):
        """Return all activities about `sale`, wherever they are."""
        return self.env["mail.activity"].search([("summary", "ilike", sale.name)])

    def test_off_by_default(self):
        """A new company waits for its buyers."""
        company = self.env["res.company"].create({"name": "New Company"})
        self.assertFalse(company.drop_shipment_auto_order)
        self.company.drop_shipment_auto_order = False
        sale = self._new_sale()
        self.assertFalse(self._get_purchases(sale))
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")

    def test_salesman_confirms(self):
        """Requests are made for all vendors, though he may not read one of them."""
        self.vendor.buyer_id = self.buyer
        sale = self._new_sale(
            (self.chair, 10),
            (self.lamp, 2),
            (self.desk, 1, {"drop_shipment": False}),
            confirm=False,
        )
        self.assertFalse(self._get_purchases(sale))
        self.env.invalidate_all()
        sale.action_confirm()
        purchases = self._get_purchases(sale)
        self.assertEqual(purchases.partner_id, self.vendor | self.other_vendor)
        self.assertEqual(set(purchases.mapped("state")), {"draft"})
        self.assertEqual(purchases.filtered("user_id").user_id, self.buyer)
        self.assertEqual(
            sale.order_line.mapped("drop_shipment_qty_ordered"), [10, 2, 0]
        )
        self.assertFalse(self._get_activities(sale))
        self.env.invalidate_all()
        purchases.with_user(self.buyer).button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2, 0])

    def test_line_without_vendor(self):
        """The sale is confirmed, the others are ordered, the buyer is told once."""
        self.orphan.responsible_id = self.buyer
        sale = self._new_sale((self.chair, 10), (self.orphan, 1))
        self.assertEqual(sale.state, "sale")
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [0, 1])
        activity = self._get_activities(sale)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.buyer)
        self.env.invalidate_all()
        activity = activity.with_user(self.buyer)
        self.assertIn("Orphan", activity.note)
        self.assertIn(sale.name, activity.note)
        self.assertTrue(self.env[activity.res_model].has_access("read"))
        self.orphan.seller_ids = [
            Command.create({"partner_id": self.vendor.id, "price": 1})
        ]
        purchase = self._create_purchases(sale)
        self.assertEqual(purchase.order_line.product_id, self.orphan)

    def test_name_that_looks_like_a_tag(self):
        """The task names the product as it is called."""
        self.orphan.name = "Bolt <M5>"
        sale = self._new_sale((self.orphan, 1))
        self.assertIn("Bolt &lt;M5&gt;", self._get_activities(sale).note)

    def test_line_without_vendor_in_another_company(self):
        """Who is told is responsible there, wherever the order is confirmed."""
        other = self.env["res.company"].create(
            {"name": "Other Company", "drop_shipment_auto_order": True}
        )
        own_buyer = self._new_user(
            "buyer_there", "purchase.group_purchase_user", company=other
        )
        self.orphan.responsible_id = self.buyer
        self.orphan.with_company(other).responsible_id = own_buyer
        self.salesman.company_ids |= other
        both = self.env(
            user=self.salesman,
            context={"allowed_company_ids": (self.company | other).ids},
        )
        sale = both["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": other.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.orphan.id, "drop_shipment": True}
                    )
                ],
            }
        )
        sale.action_confirm()
        self.assertEqual(self._get_activities(sale).user_id, own_buyer)

    def test_responsible_who_has_left(self):
        """Who has left sees no activity: the salesperson is told."""
        self.orphan.responsible_id = self.buyer
        self.buyer.active = False
        sale = self._new_sale((self.orphan, 1))
        self.assertEqual(self._get_activities(sale).user_id, self.salesman)

    def test_line_without_vendor_confirmed_again(self):
        """Cancelled and confirmed again: the buyer is told once, not twice."""
        self.orphan.responsible_id = self.buyer
        sale = self._new_sale((self.orphan, 1))
        sale._action_cancel()
        sale.action_draft()
        sale.action_confirm()
        self.assertEqual(len(self._get_activities(sale)), 1)

    def test_nobody_buys_the_product(self):
        """Without a salesman either, whoever confirms is told."""
        self.assertFalse(self.orphan.responsible_id)
        sale = self._new_sale((self.orphan, 1), user_id=False)
        self.assertEqual(self._get_activities(sale).user_id, self.salesman)

    def test_no_line_has_a_vendor(self):
        """No empty request is made."""
        count = self._count_purchases()
        sale = self._new_sale((self.orphan, 1))
        self.assertEqual(sale.state, "sale")
        self.assertEqual(self._count_purchases(), count)

    def test_what_can_not_be_ordered_does_not_block_the_sale(self):
        """Nor does a company without an operation type for drop shipments."""
        self.env["stock.picking.type"].search(
            [("code", "=", "dropship"), ("company_id", "=", self.company.id)]
        ).active = False
        sale = self._new_sale()
        self.assertEqual(sale.state, "sale")
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_confirmed_again(self):
        """Cancelled and confirmed again it is ordered once."""
        sale = self._new_sale()
        sale._action_cancel()
        self.assertFalse(self._get_purchases(sale))
        sale.action_draft()
        sale.action_confirm()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertEqual(self._get_purchases(sale).order_line.product_qty, 10)

    def test_several_orders_confirmed_at_once(self):
        """From the list: one request for one vendor, customer and address."""
        first, second = (self._new_sale(confirm=False) for __ in range(2))
        (first | second).action_confirm()
        purchase = self._get_purchases(first | second)
        self.assertEqual(len(purchase), 1)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [10, 10])

    def test_customer_confirms_online(self):
        """Signing in the portal orders as well, without any right."""
        sale = self._new_sale(confirm=False)
        public = self.env.ref("base.public_user")
        self.env.invalidate_all()
        sale.with_user(public).sudo().action_confirm()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertFalse(self._get_purchases(sale).user_id)

    def test_customer_of_another_language_confirms_online(self):
        """Our own people read the notes and tasks."""
        self.env["res.lang"]._activate_lang("nl_NL")
        sale = self._new_sale((self.chair, 10), (self.orphan, 1), confirm=False)
        sale.sudo().with_user(SUPERUSER_ID).with_context(lang="nl_NL").action_confirm()
        purchase = self._get_purchases(sale)
        self.assertIn("Drop shipment lines fetched", self._chatter(purchase))
        self.assertIn("Drop shipment lines were put", self._chatter(sale))
        (activity,) = self._get_activities(sale)
        self.assertEqual(
            activity.summary, f"Drop shipment of {sale.name} could not be ordered"
        )
        self.assertIn("The product has no vendor", activity.note)

    def test_who_confirms_does_not_follow(self):
        """Else salesman and customer were sent what the vendor is sent, with prices."""
        portal = new_test_user(
            self.env, "drop_portal", "base.group_portal", partner_id=self.customer.id
        )
        self.vendor.buyer_id = self.buyer
        for user in (self.salesman, portal):
            sale = self._new_sale(confirm=False)
            # Else tests have no followers.
            sale = sale.with_context(
                tracking_disable=False, mail_create_nosubscribe=False
            )
            sale.with_user(user).sudo().action_confirm()
            purchase = self._get_purchases(sale)
            self.assertEqual(purchase.message_partner_ids, self.buyer.partner_id)
            self.assertFalse(purchase.with_user(user).has_access("read"))
            purchase.button_cancel()

    def test_customer_is_not_told(self):
        """What could not be ordered waits for nobody, rather than for the customer."""
        portal = new_test_user(self.env, "drop_portal", "base.group_portal")
        for user in (self.env.ref("base.public_user"), portal):
            sale = self._new_sale((self.orphan, 1), confirm=False, user_id=False)
            sale.with_user(user).sudo().action_confirm()
            activity = self._get_activities(sale)
            self.assertEqual((len(activity), len(activity.user_id)), (1, 0))

    def test_nobody_in_purchasing_confirms(self):
        """A payment that the system books, or a customer: neither is the buyer."""
        portal = new_test_user(self.env, "drop_portal", "base.group_portal")
        odoobot = self.env.ref("base.user_root")
        self.orphan.responsible_id = False
        for user in (odoobot, self.env.ref("base.public_user"), portal):
            with self.subTest(user.login):
                sale = self._new_sale(
                    (self.chair, 1), (self.orphan, 1), confirm=False, user_id=False
                )
                sale.with_user(user).sudo().action_confirm()
                purchase = self._get_purchases(sale)
                self.assertFalse(purchase.user_id)
                self.assertEqual(purchase.create_uid, odoobot)
                self.assertEqual(purchase.message_ids.author_id, odoobot.partner_id)
                # Waits for somebody who reads it.
                self.assertFalse(self._get_activities(sale).user_id)

    def test_setting_of_the_order_company_decides(self):
        """Not that of the company the user happens to be in."""
        second = self._create_company(name="Second Company")
        self.salesman.company_ids |= second
        sale = self._new_sale(confirm=False, company_id=second.id)
        sale.with_context(
            allowed_company_ids=(self.company | second).ids
        ).action_confirm()
        self.assertFalse(self._get_purchases(sale))

    def test_quantity_raised_later_waits_for_a_buyer(self):
        """It orders as the sale is confirmed, not on every change."""
        sale = self._new_sale()
        sale.order_line.product_uom_qty = 15
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 5)

    def test_date_and_ship_to_of_the_sale(self):
        """The request has what the buyer would have got."""
        date = fields.Datetime.to_datetime("2027-05-04 10:00:00")
        sale = self._new_sale(commitment_date=date)
        purchase = self._get_purchases(sale)
        self.assertEqual(purchase.dest_address_id, self.ship_to)
        self.assertEqual(purchase.order_line.date_planned, date)

    def test_refused_confirmation_orders_nothing(self):
        """What core refuses to confirm leaves no request behind."""
        sale = self._new_sale()
        count = self._count_purchases()
        with self.assertRaises(UserError):
            sale.action_confirm()
        self.assertEqual(self._count_purchases(), count)
