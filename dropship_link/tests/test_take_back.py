from odoo.exceptions import AccessError
from odoo.fields import Command

from .common import DropShipmentCommon


class TestUnlink(DropShipmentCommon):
    """Taking a line out of a request for quotation again."""

    def test_unlink(self):
        """The line is gone, the rest of both orders is not; both get a note."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale)
        self.env.invalidate_all()
        purchase.order_line[0].action_unlink_drop_shipment()
        chair, desk = sale.order_line
        self.assertEqual(purchase.order_line.product_id, self.desk)
        self.assertEqual(chair.drop_shipment_qty_to_order, 10)
        self.assertEqual(chair.drop_shipment_state, "to_order")
        self.assertFalse(chair.drop_shipment_purchase_ref)
        self.assertEqual(desk.drop_shipment_state, "rfq")
        self.assertRegex(self._chatter(purchase), rf"Chair.*{sale.name}")
        self.assertRegex(self._chatter(sale), rf"Chair.*{purchase.name}")
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        purchase.button_confirm()
        self.assertEqual(desk.qty_to_ship, 2)

    def test_bin(self):
        """Deleting the line tells both orders the same, once; others say nothing."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        before = len(sale.message_ids)
        purchase.order_line.unlink()
        self.env.invalidate_all()
        self.assertEqual(len(sale.message_ids), before + 1)
        self.assertIn("taken out of request for quotation", self._chatter(sale))
        self.assertIn("unlinked from sales order", self._chatter(purchase))
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        other = self._new_purchase(self._new_sale())
        other.order_line.action_unlink_drop_shipment()
        notes = self._chatter(other).count("unlinked from sales order")
        self.assertEqual(notes, 1)

    def test_unlink_the_last_line(self):
        """The order is free for another customer, or for own stock."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, origin="Fair 2027")
        purchase.order_line.action_unlink_drop_shipment()
        self.assertFalse(purchase.order_line)
        self.assertEqual(purchase.origin, "Fair 2027")
        self.assertFalse(purchase.sudo().dest_address_id)
        self.assertEqual(purchase.picking_type_id.code, "incoming")
        purchase.sell_to_customer_id = self.other_customer
        self.assertEqual(purchase.sell_to_customer_id, self.other_customer)

    def test_goods_typed_in_its_place(self):
        """They come to us, and it is said before: nobody has sold them."""
        line_vals = {"product_id": self.chair.id, "product_qty": 10}
        for commands in (
            [Command.clear(), Command.create(line_vals)],
            # A program that takes away the link alone.
            "unlink",
        ):
            sale = self._new_sale()
            purchase = self._new_purchase(sale, origin="Fair 2027")
            if commands == "unlink":
                purchase.order_line.sale_line_id = False
            else:
                purchase.order_line = commands
            self.assertEqual(purchase.origin, "Fair 2027")
            self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
            self.assertIn("delivered to us", self._get_notice(purchase, "own"))
            purchase.button_confirm()
            picking = purchase.sudo().picking_ids
            self.assertEqual(picking.picking_type_id.code, "incoming")
            self.assertEqual(picking.location_dest_id.usage, "internal")

    def test_bin_of_an_order_that_waits_for_approval(self):
        """As of a request: sales are told, and nothing goes to their customer."""
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1}
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.state, "to approve")
        purchase.order_line.unlink()
        self.assertIn("taken out of request for quotation", self._chatter(sale))
        self.assertFalse(purchase.sudo().dest_address_id)
        self.assertEqual(purchase.picking_type_id.code, "incoming")

    def test_bin_of_a_cancelled_order(self):
        """Reopened, it comes to us, whatever is typed."""
        purchase = self._new_purchase(self._new_sale(), confirm=True)
        purchase.button_cancel()
        purchase.order_line.unlink()
        purchase.button_draft()
        self.assertFalse(purchase.origin)
        self.assertFalse(purchase.sudo().dest_address_id)
        self.assertEqual(purchase.picking_type_id.code, "incoming")

    def test_another_line_in_its_place(self):
        """Written at once, the new link ships to the same address."""
        sale, other = self._new_sale(), self._new_sale((self.desk, 2))
        purchase = self._new_purchase(sale)
        line_vals = {
            "product_id": self.desk.id,
            "product_qty": 2,
            "sale_line_id": other.order_line.id,
        }
        purchase.order_line = [
            Command.delete(purchase.order_line.id),
            Command.create(line_vals),
        ]
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        self.assertNotIn(sale.name, purchase.origin or "")
        purchase.button_confirm()
        self.assertEqual(other.order_line.qty_to_ship, 2)

    def test_bin_one_of_several_sales_orders(self):
        """Its number leaves the order, the address stays."""
        sale, other = self._new_sale(), self._new_sale((self.desk, 2))
        purchase = self._new_purchase(sale, other)
        purchase.order_line[0].unlink()
        self.assertEqual(purchase.origin, other.name)
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        purchase.button_confirm()
        self.assertEqual(other.order_line.qty_to_ship, 2)

    def test_fetch_again(self):
        """Unlinking is not the end: the same line can be fetched again."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.order_line.action_unlink_drop_shipment()
        self._get_sales_orders(purchase, sale)
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(purchase.origin, sale.name)
        purchase.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_unlink_one_of_several_sales_orders(self):
        """The other's number stays on the order."""
        sale, other = self._new_sale(), self._new_sale((self.desk, 2))
        purchase = self._new_purchase(sale, other)
        purchase.order_line.filtered(
            lambda line: line.product_id == self.chair
        ).action_unlink_drop_shipment()
        self.assertEqual(purchase.origin, other.name)
        self.assertEqual(purchase.drop_shipment_sale_ref, other.name)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(other.order_line.drop_shipment_qty_ordered, 2)

    def test_unlink_several_lines(self):
        """Of several orders in one call, as from a list."""
        first, second = self._new_sale(), self._new_sale()
        lines = (self._new_purchase(first) | self._new_purchase(second)).order_line
        lines.action_unlink_drop_shipment()
        for sale in (first, second):
            self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_untick_after_unlink(self):
        """The salesman may deliver from stock then."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        purchase.order_line.action_unlink_drop_shipment()
        sale.order_line.drop_shipment = False
        self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 10)

    def test_confirmed_order_is_refused(self):
        """The vendor has it already."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        with self.assertRefused(
            rf"{purchase.name}, line 1 \(Chair\) .*Close Remainder"
        ):
            purchase.order_line.action_unlink_drop_shipment()
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "ordered")

    def test_line_that_is_not_linked_is_refused(self):
        """Also together with one that is."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        ordinary = purchase.order_line.create(
            {"order_id": purchase.id, "product_id": self.desk.id}
        )
        for lines in (ordinary, purchase.order_line):
            with self.assertRefused(rf"{purchase.name}, line 2 \(Desk\) .*not linked"):
                lines.action_unlink_drop_shipment()
        self.assertEqual(len(purchase.order_line), 2)
        self.assertEqual(sale.order_line.drop_shipment_state, "rfq")

    def test_salesman_may_not_unlink(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            purchase.order_line.with_user(self.salesman).action_unlink_drop_shipment()
        self.assertTrue(purchase.order_line.drop_shipment)


class TestCloseRemainder(DropShipmentCommon):
    """Giving back what the vendor has not shipped."""

    def test_close(self):
        """Quantity is what was received; the rest is to order again."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        chair, desk = sale.order_line
        chair.qty_to_ship = 4
        desk.qty_to_ship = 0
        self._post(sale)
        self.env.invalidate_all()
        purchase.order_line[0].action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.mapped("product_qty"), [4, 2])
        self.assertEqual(purchase.order_line.mapped("qty_received"), [4, 0])
        self.assertEqual(chair.qty_delivered, 4)
        self.assertEqual(chair.drop_shipment_qty_ordered, 4)
        self.assertEqual(chair.drop_shipment_qty_to_order, 6)
        self.assertEqual(chair.qty_to_ship, 0)
        self.assertEqual(chair.drop_shipment_state, "partial")
        open_moves = sale.picking_ids.sudo().move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        self.assertEqual(open_moves.product_id, self.desk)
        self.assertEqual(open_moves.product_uom_qty, 2)
        self.assertRegex(self._chatter(sale), rf"Chair.*6 Units.*{purchase.name}")
        self.assertIn("Chair", self._chatter(purchase))
        self._post(purchase, "receive")
        self.assertEqual(desk.qty_delivered, 2)
        self.assertEqual(purchase.receipt_status, "full")

    def test_rest_is_sourced_again(self):
        """By another vendor, in time for the same customer."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.order_line.action_close_drop_shipment_remainder()
        rest = self._new_purchase(sale, confirm=True)
        self.assertEqual(rest.order_line.product_qty, 6)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 4)
        self.assertEqual(rest.order_line.qty_received, 6)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")

    def test_nothing_received(self):
        """All of it is given back."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.product_qty, 0)
        self.assertEqual(sale.picking_ids.state, "cancel")
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")
        self.assertEqual(sale.order_line.qty_to_ship, 0)
        self.assertEqual(sale.delivery_status, "pending")

    def test_quantity_falls_after_close(self):
        """The customer takes only what has come."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.order_line.action_close_drop_shipment_remainder()
        sale.order_line.product_uom_qty = 4
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")
        self.assertEqual(sale.delivery_status, "full")

    def test_one_of_several_purchase_orders(self):
        """The other vendor's part stays on order."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale, quantity=6)
        (first | second).button_confirm()
        second.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(first.order_line.product_qty, 4)
        self.assertEqual(second.order_line.product_qty, 0)
        self.assertEqual(sale.order_line.qty_to_ship, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        self._post(sale)
        self.assertEqual(first.order_line.qty_received, 4)

    def test_after_the_transfer_was_cancelled(self):
        """Cancelling the transfer leaves a purchase order that can't ship."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.picking_ids.sudo().action_cancel()
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_nothing_left_is_refused(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        with self.assertRefused(
            rf"{purchase.name}, line 1 \(Chair\) .*no remainder to close"
        ):
            purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.product_qty, 10)

        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        purchase.order_line.action_close_drop_shipment_remainder()
        with self.assertRefused(rf"{purchase.name}, line 1 .*no remainder to close"):
            purchase.order_line.action_close_drop_shipment_remainder()

    def test_one_refused_line_closes_none(self):
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line[1].qty_to_ship = 0
        self._post(sale)
        with self.assertRefused(rf"{purchase.name}, line 1 \(Chair\)"):
            purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.mapped("product_qty"), [10, 2])
        self.assertEqual(sale.order_line[1].qty_to_ship, 0)

    def test_request_for_quotation_is_refused(self):
        """There Unlink, or a lower quantity, does it."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        with self.assertRefused(rf"{purchase.name}, line 1 \(Chair\)"):
            purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.product_qty, 10)

    def test_line_that_is_not_linked_is_refused(self):
        purchase = self._new_purchase(sell_to_customer_id=False)
        line = purchase.order_line.create(
            {"order_id": purchase.id, "product_id": self.desk.id, "product_qty": 3}
        )
        purchase.button_confirm()
        with self.assertRefused(rf"{purchase.name}, line 1 \(Desk\)"):
            line.action_close_drop_shipment_remainder()
        self.assertEqual(line.product_qty, 3)
        self.assertEqual(purchase.picking_ids.state, "assigned")

    def test_salesman_may_not_close(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            purchase.order_line.with_user(
                self.salesman
            ).action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(sale.order_line.qty_to_ship, 10)

    def test_billed_in_full_before(self):
        """What was billed ahead stays billed; the vendor owes a refund."""
        self.company.drop_shipment_bill_control = "none"
        self.chair.purchase_method = "purchase"
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._new_bill(purchase)
        self._post(sale, quantity=4)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.product_qty, 4)
        self.assertEqual(purchase.order_line.qty_invoiced, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
