from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from .common import DropShipmentCommon


class WhileLinkedCommon(DropShipmentCommon):
    """A second company, and links made by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_company = cls._create_company(name="Second Company")
        cls.second_salesman = cls._new_user(
            "salesman_2", "sales_team.group_sale_salesman", cls.second_company
        )
        cls.second_buyer = cls._new_user(
            "buyer_2", "purchase.group_purchase_user", cls.second_company
        )

    def _link_by_hand(self, purchase, sale_line, quantity, **values):
        """Link as an import or a script would, without the dialog."""
        return purchase.env["purchase.order.line"].create(
            {
                "order_id": purchase.id,
                "product_id": sale_line.product_id.id,
                "product_qty": quantity,
                "product_uom_id": sale_line.product_uom_id.id,
                "sale_line_id": sale_line.id,
                **values,
            }
        )

    def _new_shared(self, quantity=10, first=4, second=6, confirm=False):
        """Return a sales order and the two purchase orders that share its line."""
        sale = self._new_sale((self.chair, quantity))
        purchases = []
        for purchased in (first, second):
            purchase = self._new_purchase()
            self._get_sales_orders(purchase, sale, quantity=purchased)
            if confirm:
                purchase.button_confirm()
            purchases.append(purchase)
        return sale, *purchases


class TestSalesSide(WhileLinkedCommon):
    """What sales may change on a linked order."""

    def test_product_and_unit_are_frozen(self):
        """On a request for quotation as well as on a confirmed order."""
        sale = self._new_sale()
        line = sale.order_line
        purchase = self._new_purchase(sale)
        for state in ("draft", "purchase"):
            if state == "purchase":
                purchase.button_confirm()
            for field, label, value in (
                ("product_id", "Product", self.desk.id),
                ("product_uom_id", "Unit", self.uom_dozen.id),
            ):
                with (
                    self.subTest(state=state, field=field),
                    self.assertRefused(
                        rf"{label}.* {sale.name}, line 1 \(Chair\) .*{purchase.name}"
                    ),
                ):
                    line.write({field: value})
            self.assertEqual(line.product_id, self.chair)
            self.assertEqual(line.product_uom_id, self.uom_unit)
        # What stays the same is no change.
        line.write({"product_id": self.chair.id, "product_uom_id": self.uom_unit.id})
        self.assertTrue(line.drop_shipment)
        self.assertTrue(purchase.order_line.drop_shipment)
        self.assertFalse(line.product_updatable)

    def test_free_again_after_the_purchase_is_cancelled(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        sale.order_line.product_id = self.desk
        self.assertEqual(sale.order_line.product_id, self.desk)

    def test_product_and_unit_of_a_delivered_line_are_frozen(self):
        """Also once the purchase order is cancelled: the customer has the goods."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 6)
        purchase.button_cancel()
        line = sale.order_line
        with self.assertRefused(
            rf"Unit of {sale.name}, line 1 .*6 Units are delivered"
        ):
            line.product_uom_id = self.uom_dozen
        with self.assertRefused("6 Units are delivered"):
            line.product_id = self.desk
        self.assertEqual((line.product_id, line.qty_delivered), (self.chair, 6))
        self.assertEqual(line.product_uom_id, self.uom_unit)

    def test_same_product_written_again_keeps_the_link(self):
        """An import that repeats the product unticks nothing."""
        sale = self._new_sale(
            (self.chair, 10, {"product_uom_id": self.uom_dozen.id}),
        )
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line.write({"product_id": self.chair.id, "name": "Same chair"})
        self.assertTrue(sale.order_line.drop_shipment)
        self.assertEqual(sale.order_line.product_uom_id, self.uom_dozen)
        self.assertTrue(purchase.order_line.drop_shipment)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_same_customer_written_again_keeps_the_ship_to(self):
        """An import that repeats the customer sends the goods nowhere else."""
        sale = self._new_sale(partner_shipping_id=self.customer.id)
        purchase = self._new_purchase(sale, confirm=True)
        sale.write({"partner_id": self.customer.id, "client_order_ref": "AGAIN"})
        self.assertEqual(sale.partner_shipping_id, self.customer)
        self.assertEqual(purchase.sudo().dest_address_id, self.customer)

    def test_quantity_rises(self):
        """The rest is to order; the purchase order stays as it is."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line.product_uom_qty = 15
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 5)
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")
        self.assertEqual(purchase.order_line.product_qty, 10)
        rest = self._new_purchase(sale)
        self.assertEqual(rest.order_line.product_qty, 5)

    def test_quantity_may_not_fall_below_confirmed_orders(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line.product_uom_qty = 15
        sale.order_line.product_uom_qty = 10
        with self.assertRefused(
            rf"Quantity of {sale.name}, line 1 \(Chair\) .*{purchase.name}"
        ):
            sale.order_line.product_uom_qty = 9
        self.assertEqual(sale.order_line.product_uom_qty, 10)
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(purchase.sudo().picking_ids.move_ids.product_uom_qty, 10)

    def test_requests_follow_a_falling_quantity(self):
        """The latest request gives way first; the buyer gets a note."""
        sale, first, second = self._new_shared()
        sale.order_line.product_uom_qty = 7
        self.assertEqual(first.order_line.product_qty, 4)
        self.assertEqual(second.order_line.product_qty, 3)
        self.assertRegex(self._chatter(second), rf"{sale.name}.*6.*3")
        self.assertNotIn("takes less", self._chatter(first))
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        sale.order_line.product_uom_qty = 2
        self.assertFalse(second.order_line)
        self.assertEqual(first.order_line.product_qty, 2)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 2)

    def test_unordered_rest_falls_first(self):
        """Requests do not fall while something is to order."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        sale.order_line.product_uom_qty = 5
        self.assertEqual(purchase.order_line.product_qty, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 1)

    def test_requests_follow_down_to_what_is_confirmed(self):
        """A request beside a confirmed order gives way, the confirmed one not."""
        sale, first, second = self._new_shared()
        first.button_confirm()
        sale.order_line.product_uom_qty = 5
        self.assertEqual(second.order_line.product_qty, 1)
        with self.assertRefused(rf"{sale.name}, line 1 .*{first.name}"):
            sale.order_line.product_uom_qty = 3
        self.assertEqual(sale.order_line.product_uom_qty, 5)
        self.assertEqual(second.order_line.product_qty, 1)
        sale.order_line.product_uom_qty = 4
        self.assertFalse(second.order_line)

    def test_order_that_waits_for_approval_holds_the_quantity(self):
        """It is no request for quotation any more, nor confirmed: it follows or not,
        but never is more ordered than sold."""
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1.0}
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.state, "to approve")
        try:
            with self.env.cr.savepoint():
                sale.order_line.product_uom_qty = 6
        except UserError:
            self.env.invalidate_all()
        self.assertEqual(
            purchase.order_line.product_qty, sale.order_line.product_uom_qty
        )

    def test_quantity_to_zero(self):
        """The request is empty, the buyer is told."""
        sale = self._new_sale((self.chair, 10), (self.desk, 1))
        purchase = self._new_purchase(sale)
        sale.order_line[0].product_uom_qty = 0
        self.assertEqual(purchase.order_line.product_id, self.desk)
        self.assertIn("Chair", self._chatter(purchase))
        self.assertEqual(sale.order_line[0].drop_shipment_qty_ordered, 0)

    def test_line_can_not_be_deleted(self):
        """Core keeps lines of confirmed orders; a script finds ours kept too."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        sale.write({"state": "draft"})
        with self.assertRefused(rf"{sale.name}, line 1 .*{purchase.name}"):
            sale.order_line.unlink()
        self.assertTrue(purchase.order_line.drop_shipment)

    def test_customer_is_frozen(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        with self.assertRefused(rf"Customer of {sale.name} .*{purchase.name}"):
            sale.partner_id = self.other_customer
        self.assertEqual(sale.partner_id, self.customer)
        purchase.button_cancel()
        sale.partner_id = self.other_customer
        self.assertEqual(sale.partner_id, self.other_customer)

    def test_ship_to_is_frozen_once_confirmed(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        with self.assertRefused(rf"Delivery Address of {sale.name} .*{purchase.name}"):
            sale.partner_shipping_id = self.customer
        self.assertEqual(sale.partner_shipping_id, self.ship_to)
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        self.assertEqual(purchase.sudo().picking_ids.move_ids.partner_id, self.ship_to)

    def test_request_follows_the_ship_to(self):
        """A request that serves this order alone; its buyer gets a note."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        sale.partner_shipping_id = self.customer
        self.assertEqual(purchase.drop_shipment_address_id, self.customer)
        self.assertRegex(self._chatter(purchase), rf"{sale.name}.*Customer")
        purchase.button_confirm()
        self.assertEqual(purchase.sudo().picking_ids.move_ids.partner_id, self.customer)

    def test_all_requests_of_the_order_follow_the_ship_to(self):
        sale, first, second = self._new_shared()
        sale.partner_shipping_id = self.customer
        self.assertEqual(first.drop_shipment_address_id, self.customer)
        self.assertEqual(second.drop_shipment_address_id, self.customer)

    def test_ship_to_of_a_shared_request_is_frozen(self):
        """The other sales order's goods would go astray."""
        sale, other = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(sale, other)
        with self.assertRefused(rf"Delivery Address of {sale.name} .*{purchase.name}"):
            sale.partner_shipping_id = self.customer
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        self.assertEqual(sale.partner_shipping_id, self.ship_to)


class TestPurchaseSide(WhileLinkedCommon):
    """What purchasing may change on a linked order."""

    def test_product_and_unit_are_frozen(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        line = purchase.order_line
        for state in ("draft", "purchase"):
            if state == "purchase":
                purchase.button_confirm()
            for field, label, value in (
                ("product_id", "Product", self.desk.id),
                ("product_uom_id", "Unit", self.uom_dozen.id),
            ):
                with (
                    self.subTest(state=state, field=field),
                    self.assertRefused(
                        rf"{label}.* {purchase.name}, line 1 \(Chair\) .*{sale.name}"
                    ),
                ):
                    line.write({field: value})
        self.assertEqual(line.product_id, self.chair)
        self.assertEqual(line.product_uom_id, self.uom_unit)

    def test_line_stays_in_its_order(self):
        """Moving a linked line to another order would take the ship-to from it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        other = self._new_purchase()
        with self.assertRefused(rf"{purchase.name}, line 1 .*{sale.name}"):
            purchase.order_line.order_id = other
        self.assertFalse(other.order_line)

    def test_quantity_falls_and_rises(self):
        """Down at will, up within what is left to order."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.order_line.product_qty = 4
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        self._get_sales_orders(self._new_purchase(), sale, quantity=3)
        purchase.order_line.product_qty = 7
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        with self.assertRefused(rf"Quantity of {sale.name}, line 1 \(Chair\)"):
            purchase.order_line.product_qty = 8
        self.assertEqual(purchase.order_line.product_qty, 7)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_quantity_of_a_confirmed_order(self):
        """The open transfer follows, in both directions."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        line = sale.order_line
        purchase.order_line.product_qty = 4
        self.assertEqual(line.drop_shipment_qty_to_order, 6)
        self.assertEqual(line.qty_to_ship, 4)
        purchase.order_line.product_qty = 9
        self.assertEqual(line.drop_shipment_qty_to_order, 1)
        self.assertEqual(line.qty_to_ship, 9)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)"):
            purchase.order_line.product_qty = 11
        self.assertEqual(purchase.order_line.product_qty, 9)
        self._post(sale)
        self.assertEqual(line.qty_delivered, 9)
        self.assertEqual(purchase.order_line.qty_received, 9)

    def test_quantity_of_a_confirmed_order_after_date_and_price_changed(self):
        """Less ordered is less to ship, though core would make a return of it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.commitment_date = "2030-01-01 12:00:00"
        purchase.order_line.discount = 10
        purchase.order_line.product_qty = 7
        self.assertEqual(sale.order_line.drop_shipment_qty_outstanding, 7)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 3)
        self.assertEqual(len(purchase.sudo().picking_ids), 1)
        purchase.order_line.product_qty = 0
        self.assertEqual(sale.order_line.drop_shipment_qty_outstanding, 0)
        self.assertEqual(purchase.sudo().picking_ids.state, "cancel")

    def test_quantity_may_not_rise_for_a_cancelled_sales_order(self):
        """All is shipped and the sale is cancelled: nobody wants more of it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 6)
        purchase.order_line.action_close_drop_shipment_remainder()
        sale._action_cancel()
        with self.assertRefused(
            rf"{sale.name}, line 1 .*can't be raised.*not confirmed", ValidationError
        ):
            purchase.order_line.product_qty = 8
        self.assertEqual(purchase.order_line.product_qty, 6)

    def test_product_of_a_received_line_is_frozen(self):
        """Also on a cancelled order: the goods are with the customer."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 6)
        purchase.button_cancel()
        with self.assertRefused(rf"Product of {purchase.name}, line 1 .*{sale.name}"):
            purchase.order_line.product_id = self.desk
        self.assertEqual(purchase.order_line.qty_received, 6)

    def test_received_order_can_not_be_deleted(self):
        """What the vendor shipped would be forgotten."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 6)
        purchase.button_cancel()
        with self.assertRefused(
            rf"{purchase.name}, line 1 .*6 Units of sales order {sale.name}"
        ):
            purchase.unlink()
        self.assertTrue(purchase.order_line.exists())

    def test_negative_quantity_is_refused(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        for state in ("draft", "purchase"):
            if state == "purchase":
                purchase.button_confirm()
            with (
                self.subTest(state=state),
                self.assertRefused(rf"Quantity.* {purchase.name}, line 1 \(Chair\)"),
            ):
                purchase.order_line.product_qty = -1
        self.assertEqual(purchase.order_line.product_qty, 10)

    def test_price_and_dates_are_the_buyers(self):
        """All else on the line may change."""
        purchase = self._new_purchase(self._new_sale(), confirm=True)
        purchase.order_line.write(
            {
                "price_unit": 11.0,
                "name": "Red chair",
                "date_planned": "2027-03-04 12:00:00",
            }
        )
        self.assertEqual(purchase.order_line.price_unit, 11)
        self.assertEqual(purchase.order_line.product_qty, 10)

    def test_product_is_named_when_its_tick_comes_along(self):
        """The form writes both: what the salesman chose is what he is told of."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        with self.assertRefused(rf"Product of {sale.name}, line 1 .*{purchase.name}"):
            sale.order_line.write({"drop_shipment": False, "product_id": self.desk.id})

    def test_header_is_frozen(self):
        """Customer, ship-to, operation type and company, in every state."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        incoming = self.env["stock.picking.type"].search(
            [("code", "=", "incoming"), ("company_id", "=", self.company.id)], limit=1
        )
        before = purchase.sudo().read(
            ["sell_to_customer_id", "dest_address_id", "picking_type_id", "company_id"]
        )
        for state in ("draft", "purchase"):
            if state == "purchase":
                purchase.button_confirm()
            for field, value in (
                ("sell_to_customer_id", self.other_customer.id),
                ("sell_to_customer_id", False),
                ("dest_address_id", self.customer.id),
                ("dest_address_id", False),
                ("picking_type_id", incoming.id),
                ("company_id", self.second_company.id),
            ):
                label = purchase._fields[field].get_description(self.env)["string"]
                with (
                    self.subTest(state=state, field=field),
                    self.assertRefused(rf"{label} of {purchase.name} .*{sale.name}"),
                ):
                    purchase.write({field: value})
        self.assertEqual(
            purchase.sudo().read(
                [
                    "sell_to_customer_id",
                    "dest_address_id",
                    "picking_type_id",
                    "company_id",
                ]
            ),
            before,
        )

    def test_vendor_and_currency_are_free_until_confirmed(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        euro = self.setup_other_currency("EUR", rates=[("2000-01-01", 2.0)])
        purchase.partner_id = self.other_vendor
        purchase.currency_id = euro
        self.assertEqual(purchase.partner_id, self.other_vendor)
        self.assertEqual(purchase.currency_id, euro)
        self.assertEqual(sale.order_line.drop_shipment_vendor_ref, "Other Vendor")
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)

        purchase.button_confirm()
        for field, label, value in (
            ("partner_id", "Vendor", self.vendor.id),
            ("currency_id", "Currency", self.company.currency_id.id),
        ):
            with (
                self.subTest(field=field),
                self.assertRefused(rf"{label} of {purchase.name} .*{sale.name}"),
            ):
                purchase.write({field: value})
        self.assertEqual(purchase.partner_id, self.other_vendor)
        self.assertEqual(purchase.currency_id, euro)

    def test_header_is_free_without_links(self):
        """Until lines are fetched nothing is frozen."""
        purchase = self._new_purchase()
        purchase.sell_to_customer_id = self.other_customer
        purchase.partner_id = self.other_vendor
        purchase.sell_to_customer_id = False
        self.assertFalse(purchase.sell_to_customer_id)

    def test_deleted_line_is_to_order_again(self):
        """A buyer may also delete the line of a request."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.order_line.unlink()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")
        self.assertFalse(sale.order_line.drop_shipment_purchase_ref)

    def test_deleted_order_is_to_order_again(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.button_cancel()
        purchase.unlink()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)


class TestSums(WhileLinkedCommon):
    """Never more on purchase orders than was sold, whatever the path."""

    def _new_linked_header(self, sale, quantity=1):
        """Return a request that ships `sale`, with `quantity` of it."""
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=quantity)
        return purchase

    def test_line_made_by_hand(self):
        """A script may link what is left, no more."""
        sale = self._new_sale()
        purchase = self._new_linked_header(sale, 4)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)", ValidationError):
            self._link_by_hand(purchase, sale.order_line, 7)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 4)
        line = self._link_by_hand(purchase, sale.order_line, 6)
        self.assertTrue(line.drop_shipment)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)

    def test_lines_made_by_hand_at_once(self):
        """Two lines in one call add up."""
        sale = self._new_sale()
        purchase = self._new_linked_header(sale)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)", ValidationError):
            purchase.order_line.create(
                [
                    {
                        "order_id": purchase.id,
                        "product_id": self.chair.id,
                        "product_qty": 6,
                        "sale_line_id": sale.order_line.id,
                    }
                ]
                * 2
            )
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 1)

    def test_lines_made_by_hand_one_after_another(self):
        """Each counts once, also where the values are in memory already."""
        sale = self._new_sale()
        purchase = self._new_linked_header(sale)
        for quantity in (2, 3, 4):
            before = sale.order_line.drop_shipment_qty_ordered
            self._link_by_hand(purchase, sale.order_line, quantity)
            self.assertEqual(
                sale.order_line.drop_shipment_qty_ordered, before + quantity
            )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)

    def test_negative_line_does_not_make_room(self):
        """-5 and +15 pass a check that only sums."""
        sale = self._new_sale()
        purchase = self._new_linked_header(sale)
        with self.assertRefused(r"Quantity.*\(Chair\)", ValidationError):
            self._link_by_hand(purchase, sale.order_line, -5)
        with self.assertRaises(UserError):
            purchase.order_line = [
                Command.create(
                    {
                        "product_id": self.chair.id,
                        "product_qty": quantity,
                        "sale_line_id": sale.order_line.id,
                    }
                )
                for quantity in (-5, 14)
            ]
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 1)

    def test_link_written_to_a_line(self):
        """Linking a line that is there already is checked like a new one."""
        sale = self._new_sale()
        purchase = self._new_linked_header(sale, 4)
        line = purchase.order_line.create(
            {"order_id": purchase.id, "product_id": self.chair.id, "product_qty": 7}
        )
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)", ValidationError):
            line.sale_line_id = sale.order_line.id
        self.assertFalse(line.drop_shipment)
        line.product_qty = 6
        line.write({"sale_line_id": sale.order_line.id})
        self.assertTrue(line.drop_shipment)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_link_moved_to_another_sales_line(self):
        """Pointing a linked line elsewhere is a new link, checked like one."""
        sale = self._new_sale((self.chair, 10), (self.chair, 3))
        big, small = sale.order_line
        purchase = self._new_linked_header(sale, 3)
        line = purchase.order_line.filtered(lambda line: line.sale_line_id.id == big.id)
        with self.assertRefused(rf"{sale.name}, line 2 \(Chair\)", ValidationError):
            line.write({"sale_line_id": small.id})
        self.assertEqual(small.drop_shipment_qty_ordered, 3)
        other = self._new_sale(
            (self.chair, 10),
            partner_id=self.other_customer.id,
            partner_shipping_id=self.other_customer.id,
        )
        with self.assertRefused(rf"{purchase.name}, line 1 .*{other.name}"):
            line.write({"sale_line_id": other.order_line.id})
        self.assertEqual(big.drop_shipment_qty_ordered, 3)
        self.assertEqual(other.order_line.drop_shipment_qty_ordered, 0)

    def test_import(self):
        """Importing a file of purchase lines keeps the sums too."""
        sale = self._new_sale()
        purchase = self._new_linked_header(sale, 4)
        result = purchase.order_line.with_user(self.buyer).load(
            ["order_id/.id", "product_id/.id", "product_qty", "sale_line_id/.id"],
            [[str(purchase.id), str(self.chair.id), "7", str(sale.order_line.id)]],
        )
        self.assertFalse(result["ids"])
        self.assertIn(sale.name, result["messages"][0]["message"])
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 4)

    def test_raised_together(self):
        """Raising two lines in one write counts both."""
        sale, first, second = self._new_shared(quantity=12)
        lines = first.order_line | second.order_line
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)", ValidationError):
            lines.write({"product_qty": 7})
        self.assertEqual(lines.mapped("product_qty"), [4, 6])
        lines.write({"product_qty": 6})
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 12)

    def test_link_needs_a_drop_shipment_order(self):
        """Neither without customer, nor to another customer's, nor elsewhere."""
        sale = self._new_sale()
        linked = self._new_linked_header(sale)
        other_customers = self._new_sale(
            partner_id=self.other_customer.id,
            partner_shipping_id=self.other_customer.id,
        )
        elsewhere = self._new_sale(partner_shipping_id=self.customer.id)
        quotation = self._new_sale(confirm=False)
        no_customer = self._new_purchase(sell_to_customer_id=False)
        own_stock = self._new_purchase()
        for purchase, order in (
            (no_customer, sale),
            (own_stock, sale),
            (linked, other_customers),
            (linked, elsewhere),
            (linked, quotation),
        ):
            with (
                self.subTest(purchase=purchase.name, sale=order.name),
                self.assertRefused(rf"{order.name}", ValidationError),
            ):
                self._link_by_hand(purchase, order.order_line, 1)
        self.assertFalse(no_customer.order_line)
        self.assertFalse(own_stock.order_line)
        self.assertEqual(len(linked.order_line), 1)

    def test_link_needs_the_same_product(self):
        """Other goods, or another unit, are no part of the sale."""
        sale = self._new_sale()
        purchase = self._new_linked_header(sale)
        kilogram = self.env.ref("uom.product_uom_kgm")
        for values in (
            {"product_id": self.desk.id},
            {"product_uom_id": kilogram.id},
        ):
            with (
                self.subTest(**values),
                self.assertRefused(rf"{sale.name}", ValidationError),
            ):
                self._link_by_hand(purchase, sale.order_line, 1, **values)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 1)

    def test_link_needs_a_request_for_quotation(self):
        """A confirmed order takes no links, however they are made."""
        sale = self._new_sale()
        purchase = self._new_linked_header(sale, 4)
        purchase.button_confirm()
        with self.assertRefused(rf"{sale.name}", ValidationError):
            self._link_by_hand(purchase, sale.order_line, 6)
        self.assertEqual(len(purchase.order_line), 1)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)

    def test_delivered_from_stock_is_not_ordered_again(self):
        """What the customer has already is neither to order nor to link."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        self._deliver(sale.picking_ids, 4)
        sale.picking_ids.filtered(
            lambda picking: picking.state != "done"
        ).sudo().action_cancel()
        sale.order_line.drop_shipment = True
        purchase = self._new_linked_header(sale, 5)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)", ValidationError):
            purchase.order_line.product_qty = 7
        self.assertEqual(purchase.order_line.product_qty, 5)
        purchase.order_line.product_qty = 6
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)


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

    def test_several_sales_orders_cancelled_at_once(self):
        """One that is refused keeps all of them."""
        sale, other = self._new_sale(), self._new_sale()
        self._new_purchase(sale)
        purchase = self._new_purchase(other, confirm=True)
        with self.assertRefused(rf"{other.name} .*{purchase.name}"):
            (sale | other).action_cancel()
        self.assertEqual(sale.state, "sale")
        self.assertEqual(sale.order_line.drop_shipment_state, "rfq")


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


class TestLinkedCompanies(WhileLinkedCommon):
    """Both orders belong to one company."""

    def test_second_company_has_its_own_story(self):
        """Its operation type, its orders, its transfer."""
        sale = self._new_sale(user=self.second_salesman)
        purchase = self._new_purchase(sale, user=self.second_buyer, confirm=True)
        for order in (sale, purchase):
            self.assertEqual(order.company_id, self.second_company)
        self.assertEqual(purchase.picking_type_id.company_id, self.second_company)
        self.assertEqual(sale.picking_ids.company_id, self.second_company)
        self._post(sale, quantity=4)
        self._post(purchase, "receive")
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_link_across_companies_is_refused(self):
        """Also for a buyer of both companies who writes the link himself."""
        theirs = self._new_sale(user=self.second_salesman)
        purchase = self._new_purchase(self._new_sale((self.chair, 1)))
        self.buyer.company_ids = [Command.link(self.second_company.id)]
        both = purchase.with_context(
            allowed_company_ids=(self.company | self.second_company).ids
        )
        with self.assertRefused("company|compan", UserError):
            self._link_by_hand(both, theirs.order_line, 1)
        self.assertEqual(theirs.order_line.drop_shipment_qty_ordered, 0)
        self.assertEqual(len(purchase.order_line), 1)

    def test_company_of_a_linked_sales_order_is_frozen(self):
        """The purchase order could not follow."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.salesman.company_ids = [Command.link(self.second_company.id)]
        both = sale.with_context(
            allowed_company_ids=(self.company | self.second_company).ids
        )
        with self.assertRefused(rf"Company of {sale.name} .*{purchase.name}"):
            both.company_id = self.second_company
        self.assertEqual(sale.company_id, self.company)

    def test_people_of_another_company_are_kept_out(self):
        """Neither side reaches the orders of the other company."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        for call in (
            sale.with_user(self.second_salesman).action_post_drop_shipment,
            purchase.with_user(self.second_buyer).action_post_drop_shipment,
            purchase.with_user(self.second_buyer).action_get_sales_order,
            purchase.order_line.with_user(
                self.second_buyer
            ).action_close_drop_shipment_remainder,
        ):
            with self.subTest(call=call.__name__), self.assertRaises(AccessError):
                call()
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_company_setting_of_the_order_decides(self):
        """Not that of the company the user happens to be in."""
        self.second_company.drop_shipment_bill_control = "none"
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        bill = self._new_bill(purchase, post=False)
        with self.assertRefused(rf"Invoice sales order {sale.name} first"):
            bill.sudo().with_context(
                allowed_company_ids=(self.second_company | self.company).ids
            ).action_post()
        self.assertEqual(bill.state, "draft")


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
