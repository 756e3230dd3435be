from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command

from .common import DropShipmentCommon


class ReturnDialogCommon(DropShipmentCommon):
    """Shipped orders, and the dialog of either side."""

    def _new_orders(self, *lines, ship=None, **values):
        """Return a sales order and the purchase order that shipped it."""
        sale = self._new_sale(*lines, **values)
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", ship)
        return sale, purchase

    def _new_settled(self, *lines):
        """Return orders that are shipped, invoiced and billed."""
        sale, purchase = self._new_orders(*lines)
        self._post_invoice(sale)
        self._new_bill(purchase)
        return sale, purchase

    def _open(self, order, user=None, **values):
        """Return the dialog of an order, as its user would open it."""
        order = order.with_user(user or order.env.user)
        self.env.invalidate_all()
        return order.env["drop.shipment.return"].create(
            {f"{order._table}_id": order.id, **values}
        )

    def _return(self, order, *quantities, user=None, **values):
        """Return so much of each row; return the new transfers and the message."""
        before = self._get_returns(order)
        dialog = self._open(order, user, **values)
        for row, quantity in zip(dialog.line_ids, quantities, strict=True):
            row.quantity = quantity
        action = dialog.action_return()
        self.env.invalidate_all()
        return self._get_returns(order) - before, action["params"]["message"]

    def _get_returns(self, order):
        """Return the transfers that took goods of an order back, the latest first."""
        moves = order.sudo().order_line.move_ids
        back = moves.filtered("origin_returned_move_id").picking_id
        return back.sorted("id", reverse=True)

    def _get_notes(self, order):
        """Return the credit notes or refunds of an order."""
        return order.sudo().invoice_ids.filtered(
            lambda move: move.move_type in ("out_refund", "in_refund")
        )

    def _post_drafts(self, order):
        """Post what is left in draft, as accounting would."""
        drafts = order.sudo().invoice_ids.filtered(lambda move: move.state == "draft")
        drafts.action_post()

    def assertQuantities(self, line, **quantities):
        """The sales or purchase line has these values."""
        line = line.sudo()
        self.assertEqual({name: line[name] for name in quantities}, quantities)


class TestReturnDialog(ReturnDialogCommon):
    """Return on both orders, for people without rights in Inventory."""

    def test_salesman_returns_to_the_vendor(self):
        """A part goes back: delivered and received fall, both orders are told."""
        sale, purchase = self._new_orders()
        back, message = self._return(sale, 4)
        self.assertEqual(back.state, "done")
        self.assertEqual(back.location_dest_id.usage, "supplier")
        self.assertEqual(message, f"Returned to the vendor: {back.name}.")
        self.assertQuantities(sale.order_line, qty_delivered=6, qty_to_invoice=6)
        self.assertQuantities(purchase.order_line, qty_received=6, qty_to_invoice=6)
        for order in (sale, purchase):
            chatter = self._chatter(order)
            self.assertIn("4 Units returned to the vendor", chatter)
            self.assertIn(f'data-oe-id="{back.id}">{back.name}</a>', chatter)
        self.assertFalse(sale.sudo().invoice_ids | purchase.sudo().invoice_ids)

    def test_buyer_returns_to_the_vendor(self):
        """The buyer does the same from the purchase order."""
        sale, purchase = self._new_orders()
        self._return(purchase, 4)
        self.assertQuantities(sale.order_line, qty_delivered=6)
        self.assertQuantities(purchase.order_line, qty_received=6)

    def test_to_own_stock(self):
        """Delivered falls, received stays; the goods are in the warehouse."""
        sale, purchase = self._new_orders()
        for user, order in ((self.salesman, sale), (self.buyer, purchase)):
            back, message = self._return(order, 2, user=user, destination="stock")
            self.assertEqual(back.picking_type_id.code, "incoming")
            self.assertIn("own stock", message)
        self.assertQuantities(sale.order_line, qty_delivered=6)
        self.assertQuantities(purchase.order_line, qty_received=10)
        self.assertEqual(self.chair.qty_available, 4)

    def test_transfer_without_purchase_order(self):
        """A transfer made by hand, of no purchase order, is no shipment to return."""
        sale, purchase = self._new_orders()
        by_hand = purchase.picking_ids.sudo().copy()
        by_hand.move_ids.purchase_line_id = False
        by_hand.action_confirm()
        self._deliver(by_hand)
        self.assertEqual(by_hand.move_ids.sale_line_id, sale.order_line)
        self.assertEqual(self._open(sale).line_ids.mapped("quantity_left"), [10])

    def test_own_stock_in_two_steps(self):
        """Where receipts are inspected first, the goods arrive there."""
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        warehouse.reception_steps = "two_steps"
        sale, purchase = self._new_orders()
        back, _message = self._return(sale, 4, destination="stock")
        self.assertEqual(back.location_dest_id, warehouse.wh_input_stock_loc_id)
        self.assertQuantities(sale.order_line, qty_delivered=6)
        self.assertQuantities(purchase.order_line, qty_received=10)
        moving = back.move_ids.move_dest_ids
        if moving:
            moving.picked = True
            moving._action_done()
        self.env.invalidate_all()
        self.assertQuantities(sale.order_line, qty_delivered=6)
        self.assertQuantities(purchase.order_line, qty_received=10)
        self.assertEqual(self.chair.qty_available, 4)

    def test_vendor_whatever_the_operation_type_says(self):
        """Core's return type of dropships does not decide where goods go."""
        sale, purchase = self._new_orders()
        picking_type = purchase.sudo().picking_type_id
        picking_type.return_picking_type_id = sale.sudo().warehouse_id.in_type_id
        back, _message = self._return(sale, 4)
        self.assertEqual(back.location_dest_id.usage, "supplier")
        self.assertQuantities(purchase.order_line, qty_received=6)

    def test_rows(self):
        """Each purchase line has a row with what was shipped and came back."""
        sale, purchase = self._new_orders(ship=6)
        self._return(sale, 2)
        row = self._open(purchase).line_ids
        self.assertEqual(
            [row.quantity_shipped, row.quantity_returned, row.quantity_left],
            [6, 2, 4],
        )
        self.assertEqual([row.quantity, row.sale_ref], [0, sale.name])
        self.assertEqual(self._open(sale).line_ids.purchase_ref, purchase.name)

    def test_all(self):
        """Return All takes what did not come back yet; then the button is gone."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 2))
        self._return(sale, 3, 0)
        self.assertTrue(purchase.drop_shipment_returnable)
        self._open(purchase).action_return_all()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [0, 0])
        for order in (sale, purchase):
            self.assertFalse(order.drop_shipment_returnable)
            self.assertTrue(order.drop_shipment_shipped)
            with self.assertRefused("all that was shipped came back"):
                order.action_return_drop_shipment()

    def test_latest_shipment_first(self):
        """Of two shipments the later one comes back, then the earlier one."""
        sale, _purchase = self._new_orders(ship=6)
        first = sale.sudo().picking_ids.filtered(
            lambda picking: picking.state == "done"
        )
        self._post(sale)
        back, _message = self._return(sale, 5)
        quantities = {
            move.origin_returned_move_id.picking_id == first: move.quantity
            for move in back.move_ids
        }
        self.assertEqual(quantities, {True: 1, False: 4})

    def test_open_return_counts(self):
        """What a warehouse user is returning can't be returned twice."""
        sale, _purchase = self._new_orders()
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_model="stock.picking")
            .create({"picking_id": sale.sudo().picking_ids.id})
        )
        wizard.product_return_moves.quantity = 7
        wizard.action_create_returns()
        self.assertEqual(self._open(sale).line_ids.quantity_left, 3)
        with self.assertRefused("can't be 4 Units: enter 0 to 3", ValidationError):
            self._return(sale, 4)

    def test_shipped_again(self):
        """What the vendor ships again for it may come back too."""
        sale, purchase = self._new_orders()
        self._return(sale, 4)
        purchase.action_ship_drop_shipment_again()
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)
        self._return(sale, 10)
        self.assertQuantities(sale.order_line, qty_delivered=0)

    def test_several_vendors(self):
        """A row for each vendor: the one that is chosen gets its goods back."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale)
        (first | second).button_confirm()
        self._post(sale)
        rows = self._open(sale).line_ids
        self.assertEqual(set(rows.mapped("purchase_ref")), {first.name, second.name})
        wanted = [3 if row.purchase_ref == first.name else 0 for row in rows]
        self._return(sale, *wanted)
        self.assertQuantities(first.order_line, qty_received=1)
        self.assertQuantities(second.order_line, qty_received=6)
        self.assertEqual(len(self._open(second).line_ids), 1)

    def test_two_sales_orders(self):
        """From the purchase order each sales order's goods come back to it alone."""
        sales = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(*sales, confirm=True)
        self._post(purchase, "receive")
        rows = self._open(purchase).line_ids
        self._return(
            purchase, *(4 if row.sale_ref == sales[0].name else 1 for row in rows)
        )
        self.assertEqual([sale.order_line.qty_delivered for sale in sales], [6, 9])

    def test_dozens(self):
        """In the unit of the sales line, to the last piece."""
        sale, purchase = self._new_orders(
            (self.chair, 2, {"product_uom_id": self.uom_dozen.id})
        )
        self._return(sale, 0.5)
        self.assertIn("0.5 Dozens returned", sale.message_ids[0].body)
        self.assertQuantities(sale.order_line, qty_delivered=1.5)
        self.assertQuantities(purchase.order_line, qty_received=1.5)
        self._return(sale, 1.5)
        self.assertQuantities(purchase.order_line, qty_received=0)

    def test_by_script(self):
        """A program names the sales line alone; its shipments are chosen."""
        sale, _purchase = self._new_orders()
        dialog = self._open(
            sale,
            line_ids=[
                Command.create({"sale_line_id": sale.order_line.id, "quantity": 3})
            ],
        )
        dialog.action_return()
        self.assertQuantities(sale.order_line, qty_delivered=7)

    def test_cancelled_purchase(self):
        """What a purchase order shipped before it was cancelled may come back."""
        sale, purchase = self._new_orders(ship=6)
        purchase.button_cancel()
        self._return(sale, 2)
        self.assertQuantities(
            sale.order_line, qty_delivered=4, drop_shipment_qty_to_order=6
        )

    def test_date(self):
        """The day of the return is that of the transfer, within reason."""
        sale, _purchase = self._new_orders(ship=4)
        today = fields.Date.context_today(sale)
        self._post(sale, shipment_date=today - timedelta(days=5))
        dialog = self._open(sale, return_date=today + timedelta(days=1))
        dialog.line_ids.quantity = 1
        with self.assertRefused("Return Date of .* can't be", ValidationError):
            dialog.action_return()
        dialog.return_date = today - timedelta(days=9)
        with self.assertRefused("Return Date of .* can't be", ValidationError):
            dialog.action_return()
        dialog.return_date = today
        dialog.action_return()
        self.assertEqual(self._get_returns(sale)[:1].date_done.date(), today)

    def test_date_of_the_past(self):
        """Taken back the day before yesterday."""
        day = fields.Date.context_today(self.env.user) - timedelta(days=2)
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale, shipment_date=day - timedelta(days=3))
        back, _message = self._return(sale, 1, return_date=day)
        self.assertEqual(back.date_done.date(), day)
        self.assertEqual(back.move_ids.date.date(), day)
        self.company.sudo().fiscalyear_lock_date = day
        with self.assertRefused(
            f"Return Date of {sale.name} can't be .*: the books are locked",
            ValidationError,
        ):
            self._return(sale, 1, return_date=day)


class TestReturnRefused(ReturnDialogCommon):
    """Wrong quantities, and people who may not."""

    def test_quantities(self):
        """More than is left, less than nothing, and nothing at all."""
        sale, purchase = self._new_orders(ship=6)
        for order in (sale, purchase):
            label = rf"Qty to Return of {order.name}, line 1 \(Chair\) can't be"
            for quantity in (7, -1):
                with self.assertRefused(label, ValidationError):
                    self._return(order, quantity)
            with self.assertRefused(f"nothing to return on {order.name}"):
                self._return(order, 0)
        self.assertFalse(self._get_returns(sale))

    def test_nothing_shipped(self):
        """Before the vendor ships there is no button, and the call says why."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        for order in (sale, purchase):
            self.assertFalse(order.drop_shipment_returnable)
            self.assertFalse(order.drop_shipment_shipped)
            with self.assertRefused("no vendor has shipped anything"):
                order.action_return_drop_shipment()
        with self.assertRefused("one sales order or one purchase order"):
            self.env["drop.shipment.return"].create({})

    def test_nothing_to_credit(self):
        """What was not invoiced or billed is neither credited nor refunded."""
        sale, purchase = self._new_orders()
        for order, values in ((sale, {"credit": True}), (purchase, {"refund": True})):
            dialog = self._open(order)
            self.assertFalse(dialog.may_credit or dialog.may_refund)
            with self.assertRefused("nothing to (credit|refund)"):
                self._return(order, 4, **values)
        self.assertQuantities(sale.order_line, qty_delivered=10)

    def test_other_salesman(self):
        """Own Documents: nobody returns the goods of a colleague's order."""
        sale, _purchase = self._new_orders()
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self._open(sale, colleague)
        with self.assertRaises(AccessError):
            sale.with_user(colleague).action_return_drop_shipment()
        returning = self.env["drop.shipment.returning"].with_user(colleague)
        with self.assertRaises(AccessError):
            returning._return(sale.with_user(colleague), [], "vendor")

    def test_each_side_alone(self):
        """Sales has no door to the purchase order, nor the buyer to the sales order."""
        sale, purchase = self._new_settled()
        for order, user in ((sale, self.buyer), (purchase, self.salesman)):
            with self.assertRaises(AccessError):
                self._open(order, user)
        with self.assertRaises(AccessError):
            self._return(sale, 1, refund=True)
        with self.assertRaises(AccessError):
            self._return(purchase, 1, credit=True)

    def test_portal(self):
        """Customer and vendor on the portal have no dialog."""
        sale, _purchase = self._new_orders()
        portal = self.env["res.users"].create(
            {
                "name": "Portal",
                "login": "drop_return_portal",
                "partner_id": self.customer.id,
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        for model in ("drop.shipment.return", "drop.shipment.correct"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(portal).create({"sale_order_id": sale.id})

    def test_forged_row(self):
        """A row of another order's line is refused."""
        sale, _purchase = self._new_orders()
        other, _other_purchase = self._new_orders()
        dialog = self._open(sale)
        with self.assertRaises(UserError):
            dialog.line_ids = [
                Command.create({"sale_line_id": other.order_line.id, "quantity": 1})
            ]
