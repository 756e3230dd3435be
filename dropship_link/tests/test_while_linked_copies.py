from odoo import fields
from odoo.fields import Command

from .common_while_linked import WhileLinkedCommon


class TestCopies(WhileLinkedCommon):
    """Copies keep what is a wish, not what is a promise."""

    def test_copied_sales_order(self):
        """It keeps the ticks, not the links."""
        sale = self._new_sale((self.chair, 10), (self.desk, 1, {"drop_shipment": 0}))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        copy = sale.copy()
        self.assertEqual(copy.order_line.mapped("drop_shipment"), [True, False])
        line = copy.order_line[0]
        self.assertFalse(line.sudo().purchase_line_ids)
        self.assertFalse(line.drop_shipment_purchase_ref)
        self.assertFalse(line.drop_shipment_state)
        self.assertEqual(line.drop_shipment_qty_ordered, 0)
        self.assertEqual(line.qty_to_ship, 0)
        copy.action_confirm()
        self.assertEqual(line.drop_shipment_qty_to_order, 10)
        self.assertEqual(sale.order_line[0].drop_shipment_qty_ordered, 10)
        self.assertEqual(purchase.order_line.sale_line_id.id, sale.order_line[0].id)

    def test_copied_tick_of_the_salesman(self):
        """The tick as it is, not as the product has it."""
        self.desk.drop_shipment = True
        sale = self._new_sale((self.chair, 1), (self.desk, 1, {"drop_shipment": 0}))
        copy = sale.copy()
        self.assertEqual(copy.order_line.mapped("drop_shipment"), [True, False])

    def test_copied_purchase_order(self):
        """It has neither link nor customer: it is for own stock."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        for state in ("purchase", "cancel"):
            if state == "cancel":
                purchase.button_cancel()
            with self.subTest(state=state):
                copy = purchase.copy()
                self.assertFalse(copy.sell_to_customer_id)
                self.assertFalse(copy.order_line.drop_shipment)
                self.assertFalse(copy.sudo().order_line.sale_line_id)
                self.assertFalse(copy.drop_shipment_sale_ref)
                self.assertFalse(copy.sudo().dest_address_id)
                self.assertEqual(copy.picking_type_id.code, "incoming")
                self.assertEqual(copy.order_line.product_qty, 10)
                copy.button_confirm()
                self.assertFalse(copy.sudo().picking_ids.move_ids.sale_line_id)
                self.assertEqual(copy.picking_ids.picking_type_id.code, "incoming")
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)

    def test_copied_purchase_line(self):
        """A copied line is not linked either."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        copy = purchase.order_line.copy({"order_id": purchase.id})
        self.assertFalse(copy.drop_shipment)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)


class TestMerging(WhileLinkedCommon):
    """Merging requests never loses or adds up links."""

    def test_linked_requests_are_not_merged(self):
        """Core would add 5 of one sale to 7 of another."""
        sale, other = self._new_sale((self.chair, 5)), self._new_sale((self.chair, 7))
        first, second = self._new_purchase(sale), self._new_purchase(other)
        with self.assertRefused(rf"(?=.*{first.name})(?=.*{second.name})"):
            (first | second).action_merge()
        self.assertEqual(sale.order_line.drop_shipment_purchase_ref, first.name)
        self.assertEqual(other.order_line.drop_shipment_purchase_ref, second.name)
        self.assertEqual(first.order_line.product_qty, 5)
        self.assertEqual(second.order_line.product_qty, 7)

    def test_linked_and_ordinary_requests_are_not_merged(self):
        """Goods for own stock would go to the customer."""
        sale = self._new_sale()
        linked = self._new_purchase(sale)
        ordinary = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[
                Command.create({"product_id": self.chair.id, "product_qty": 5})
            ],
        )
        with self.assertRefused(linked.name):
            (linked | ordinary).action_merge()
        self.assertEqual(linked.order_line.product_qty, 10)
        self.assertEqual(ordinary.state, "draft")

    def test_ordinary_requests_are_merged(self):
        """Core's merge stays what it is, also for the name of a customer."""
        requests = self.env["purchase.order"].with_user(self.buyer)
        for customer in (False, self.customer.id):
            requests |= self._new_purchase(
                sell_to_customer_id=customer,
                date_order="2027-01-01",
                order_line=[
                    Command.create(
                        {
                            "product_id": self.chair.id,
                            "product_qty": 5,
                            "date_planned": "2027-01-01",
                        }
                    )
                ],
            )
        requests.action_merge()
        live = requests.filtered(lambda order: order.state != "cancel")
        self.assertEqual(len(live), 1)
        self.assertEqual(live.order_line.product_qty, 10)


class TestSuggestions(WhileLinkedCommon):
    """What own stock needs leaves what customers ordered alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Core writes to the vendor for how long is ordered: no buyer alone may do that.
        cls.purchaser = cls._new_user("purchaser", "purchase.group_purchase_manager")
        # Drop shipments count as demand.
        sold = cls._new_sale()
        cls._new_purchase(sold, confirm=True)
        cls._post(sold, shipment_date=cls._days_ago(5))

    @classmethod
    def _days_ago(cls, days):
        return fields.Date.subtract(fields.Date.today(), days=days)

    def _suggest(self, purchase, days=30):
        """Press *Add All* in the catalog, as the purchasing manager."""
        return (
            purchase.with_user(self.purchaser)
            .with_context(
                suggest_based_on="30_days",
                suggest_days=days,
                suggest_percent=100,
                suggest_domain=[("id", "in", (self.chair | self.desk).ids)],
            )
            .action_purchase_order_suggest()
        )

    def test_linked_request(self):
        """Core would order 1 chair of 4, and none of the desks."""
        sale = self._new_sale((self.chair, 4), (self.desk, 3))
        purchase = self._new_purchase(sale)
        with self.assertRefused(rf"own stock.*{purchase.name}"):
            self._suggest(purchase, days=3)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [4, 3])
        self.assertEqual(set(sale.order_line.mapped("drop_shipment_state")), {"rfq"})

    def test_ordinary_request(self):
        """Elsewhere core suggests what it does, also for the name of a customer."""
        for customer in (False, self.customer.id):
            purchase = self._new_purchase(sell_to_customer_id=customer)
            self._suggest(purchase)
            self.assertEqual(purchase.order_line.product_id, self.chair)
            self.assertEqual(purchase.order_line.product_qty, 10)
