from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .common_while_linked import WhileLinkedCommon


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

    def test_lines_change_places(self):
        """Saved at once, one line may rise by what another gives up, in any order."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=6)
        self._get_sales_orders(purchase, sale)
        first, second = purchase.order_line
        for confirmed in (False, True):
            if confirmed:
                purchase.button_confirm()
            purchase.order_line = [
                Command.update(second.id, {"product_qty": 8}),
                Command.update(first.id, {"product_qty": 2}),
            ]
            with self.assertRefused("1 Units more than is left to order"):
                purchase.order_line = [
                    Command.update(first.id, {"product_qty": 6}),
                    Command.update(second.id, {"product_qty": 5}),
                ]
            purchase.order_line = [
                Command.update(first.id, {"product_qty": 6}),
                Command.update(second.id, {"product_qty": 4}),
            ]
            self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(
            purchase.sudo().picking_ids.move_ids.mapped("product_uom_qty"), [6, 4]
        )
        # What a program says in the context does not put the check off.
        for later in ([], {}, True):
            with self.assertRefused("1 Units more than is left to order"):
                second.with_context(dropship_link_sums_later=later).product_qty = 5

    def test_line_takes_the_place_of_another(self):
        """The one that is deleted makes room, though it is deleted last."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=6)
        self._get_sales_orders(purchase, sale)
        first, second = purchase.order_line
        purchase.order_line = [
            Command.update(second.id, {"product_qty": 10}),
            Command.delete(first.id),
        ]
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)

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
        line_vals = {
            "product_id": self.chair.id,
            "product_qty": 6,
            "sale_line_id": sale.order_line.id,
        }
        # Nor is one made with its link and confirmed in one go.
        (vals,) = purchase.copy_data(
            {
                "state": "purchase",
                "sell_to_customer_id": self.customer.id,
                "picking_type_id": purchase.picking_type_id.id,
                "dest_address_id": self.ship_to.id,
                "order_line": [Command.create(line_vals)],
            }
        )
        with self.assertRefused("not a request for quotation", ValidationError):
            purchase.create(vals)

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

    def test_request_of_nothing_lets_the_others_follow(self):
        """A buyer lowered one request to 0: the sale lowers the other all the same."""
        sale = self._new_sale()
        first = self._new_linked_header(sale, 6)
        second = self._new_linked_header(sale, 2)
        second.order_line.product_qty = 0
        sale.order_line.product_uom_qty = 5
        self.assertEqual(first.order_line.product_qty, 5)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)

    def test_rest_goes_to_another_address(self):
        """The refusal says how; the way that it names is free."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        purchase.button_confirm()
        self._post(sale, "ship")
        with self.assertRefused("make a new sales order for the rest"):
            sale.partner_shipping_id = self.customer
        sale.order_line.product_uom_qty = 4
        rest = self._new_sale((self.chair, 6), partner_shipping_id=self.customer.id)
        other = self._new_purchase(rest, confirm=True)
        self.assertEqual(other.dest_address_id, self.customer)
        self.assertEqual(purchase.dest_address_id, self.ship_to)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")
