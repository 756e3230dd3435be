from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common_post import PostCommon


class TestShip(PostCommon):
    """The sales door."""

    def test_ship_all(self):
        """The dialog proposes Qty to Ship, and Ship."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 2))
        wizard = self._new_post(sale)
        self.assertEqual(wizard.option, "ship")
        self.assertEqual(wizard.line_ids.mapped("quantity"), [10, 2])
        message = self._message(wizard.action_post())
        self.assertEqual(message, f"Transfer {sale.picking_ids.name} is done.")
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2])
        self.assertEqual(purchase.order_line.mapped("qty_received"), [10, 2])
        self.assertEqual(sale.picking_ids.state, "done")
        self.assertEqual(sale.delivery_status, "full")
        self.assertEqual(purchase.receipt_status, "full")
        self.assertFalse(sale.sudo().invoice_ids)

    def test_ship_a_part(self):
        """The rest stays in a backorder, and becomes the next Qty to Ship."""
        sale, purchase = self._new_orders()
        line = sale.order_line
        line.qty_to_ship = 4
        wizard = self._new_post(sale)
        self.assertEqual(wizard.line_ids.quantity, 4)
        self.assertEqual(wizard.line_ids.quantity_outstanding, 10)
        wizard.action_post()
        self.assertEqual(line.qty_delivered, 4)
        self.assertEqual(purchase.order_line.qty_received, 4)
        self.assertEqual(line.qty_to_ship, 6)
        backorder = sale.picking_ids.filtered(lambda picking: picking.state != "done")
        self.assertEqual(len(backorder), 1)
        self.assertEqual(backorder.sudo().move_ids.product_uom_qty, 6)
        self.assertEqual(
            backorder.sudo().move_ids.purchase_line_id.id, purchase.order_line.id
        )
        self._post(sale)
        self.assertEqual(line.qty_delivered, 10)
        self.assertEqual(line.qty_to_ship, 0)

    def test_one_note_for_all_lines(self):
        """The purchase order says once what was received, not line by line."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 3))
        before = purchase.sudo().message_ids
        sale.order_line[0].qty_to_ship = 4
        self._post(sale)
        self.assertEqual(purchase.order_line.mapped("qty_received"), [4, 3])
        note = purchase.sudo().message_ids - before
        self.assertEqual(len(note), 1)
        self.assertIn("Chair: 0 Units received before, 4 Units now.", note.body)
        self.assertIn("Desk: 0 Units received before, 3 Units now.", note.body)

    def test_quantity_entered_in_the_dialog(self):
        """It counts, whatever Qty to Ship was."""
        sale, purchase = self._new_orders()
        sale.order_line.qty_to_ship = 4
        self._post(sale, quantity=7)
        self.assertEqual(purchase.order_line.qty_received, 7)
        self.assertEqual(sale.order_line.qty_to_ship, 3)

    def test_other_lines_keep_their_quantity_to_ship(self):
        """A posting of one line does not undo what was entered for another."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 5))
        chair, desk = sale.order_line
        desk.qty_to_ship = 0
        chair.qty_to_ship = 3
        self._post(sale)
        self.assertEqual(chair.qty_delivered, 3)
        self.assertEqual(chair.qty_to_ship, 7)
        self.assertEqual(desk.qty_delivered, 0)
        self.assertEqual(desk.qty_to_ship, 0)
        desk.qty_to_ship = 2
        chair.qty_to_ship = 0
        self._post(sale)
        self.assertEqual(desk.qty_delivered, 2)
        self.assertEqual(desk.qty_to_ship, 3)
        self.assertEqual(chair.qty_delivered, 3)
        self.assertEqual(chair.qty_to_ship, 0)
        self.assertEqual(purchase.order_line.mapped("qty_received"), [3, 2])

    def test_quantity_to_ship_has_limits(self):
        """0 to what is outstanding on confirmed purchase orders."""
        sale = self._new_sale()
        line = sale.order_line
        with self.assertRefused(
            rf"Qty to Ship of {sale.name}, line 1 \(Chair\)", ValidationError
        ):
            line.qty_to_ship = 1
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=6)
        purchase.button_confirm()
        for quantity in (-1, 6.01, 10):
            with (
                self.subTest(quantity=quantity),
                self.assertRefused(
                    rf"Qty to Ship of {sale.name}, line 1 \(Chair\)", ValidationError
                ),
            ):
                line.qty_to_ship = quantity
        self.assertEqual(line.qty_to_ship, 6)

    def test_locked_order(self):
        """Locking an order does not keep its goods."""
        sale, purchase = self._new_orders()
        sale.sudo().action_lock()
        purchase.sudo().button_lock()
        sale.order_line.qty_to_ship = 4
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self._post(purchase, "receive")
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_several_purchase_orders_for_one_line(self):
        """Each has a row; the earliest is proposed first, the rest waits."""
        sale = self._new_sale()
        purchases = []
        for quantity in (4, 6):
            purchase = self._new_purchase()
            self._get_sales_orders(purchase, sale, quantity=quantity)
            purchase.order_line.date_planned = f"2027-01-0{quantity} 12:00:00"
            purchase.button_confirm()
            purchases.append(purchase)
        first, second = purchases
        line = sale.order_line
        self.assertEqual(line.qty_to_ship, 10)
        wizard = self._new_post(sale)
        self.assertEqual(wizard.line_ids.mapped("quantity_outstanding"), [4, 6])
        wizard.line_ids[1].quantity = 3
        message = self._message(wizard.action_post())
        done = sale.sudo().picking_ids.filtered(lambda p: p.state == "done")
        self.assertEqual(
            message, f"Transfers {', '.join(done.mapped('name'))} are done."
        )
        self.assertEqual(first.order_line.qty_received, 4)
        self.assertEqual(second.order_line.qty_received, 3)
        self.assertEqual(line.qty_delivered, 7)
        self.assertEqual(line.qty_to_ship, 3)
        self._post(sale)
        self.assertEqual(second.order_line.qty_received, 6)
        self.assertEqual(line.qty_delivered, 10)

    def test_one_of_several_purchase_orders_is_confirmed(self):
        """Only what is confirmed can be posted."""
        sale = self._new_sale()
        for quantity, confirm in ((4, True), (6, False)):
            purchase = self._new_purchase()
            self._get_sales_orders(purchase, sale, quantity=quantity)
            if confirm:
                purchase.button_confirm()
        self.assertEqual(sale.order_line.qty_to_ship, 4)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\).* 4 "):
            self._post(sale, quantity=5)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 4)

    def test_other_sales_orders_of_the_purchase_order_wait(self):
        """The sales door ships its own order only."""
        sale, other = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(sale, other, confirm=True)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(other.order_line.qty_delivered, 0)
        self.assertEqual(other.picking_ids.state, "assigned")
        self.assertEqual(sum(purchase.order_line.mapped("qty_received")), 10)

    def test_lines_from_stock_wait(self):
        """Post ships what vendors ship, not what the warehouse delivers."""
        sale, __ = self._new_orders(
            (self.chair, 10), (self.desk, 1, {"drop_shipment": False})
        )
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 0])
        self.assertEqual(sale.delivery_status, "partial")

    def test_backorder_setting_of_the_operation_type(self):
        """The rest stays in a backorder even where the type makes or asks for none."""
        for setting in ("ask", "never", "always"):
            with self.subTest(create_backorder=setting):
                sale, purchase = self._new_orders()
                purchase.picking_type_id.sudo().create_backorder = setting
                self._post(sale, quantity=4)
                self.assertEqual(sale.order_line.qty_delivered, 4)
                self.assertEqual(sale.order_line.qty_to_ship, 6)
                self._post(sale)
                self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_transfer_validated_by_the_warehouse(self):
        """Core's own door moves the same quantities."""
        sale, purchase = self._new_orders()
        self._deliver(sale.picking_ids, 3)
        self.assertEqual(sale.order_line.qty_delivered, 3)
        self.assertEqual(purchase.order_line.qty_received, 3)
        self.assertEqual(sale.order_line.qty_to_ship, 7)

    def test_more_shipped_than_ordered(self):
        """A vendor who shipped too much does not make it negative."""
        sale, purchase = self._new_orders()
        self._deliver(sale.picking_ids, 12)
        line = sale.order_line
        self.assertEqual(line.qty_delivered, 12)
        self.assertEqual(purchase.order_line.qty_received, 12)
        self.assertEqual(line.qty_to_ship, 0)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        self.assertEqual(line.drop_shipment_state, "shipped")

    # ------------------------------------------------------------
    # Rights
    # ------------------------------------------------------------

    def test_own_orders_only(self):
        """Another salesman's order can't be posted, nor one by a buyer."""
        sale, __ = self._new_orders()
        wizard = self._new_post(sale)
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        self.env.invalidate_all()
        for user in (colleague, self.buyer):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                sale.with_user(user).action_post_drop_shipment()
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self._new_post(sale.with_user(user))
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                wizard.with_user(user).action_post()
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_salesman_may_not_post_a_purchase_order(self):
        __, purchase = self._new_orders()
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._new_post(purchase.with_user(self.salesman))
        self.assertEqual(purchase.order_line.qty_received, 0)

    # ------------------------------------------------------------
    # Forged dialogs
    # ------------------------------------------------------------

    def test_wrong_quantities_are_refused(self):
        """Quantities lie in 0..outstanding; the whole posting is refused."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 2))
        for door in (sale, purchase):
            for quantity in (-1, 2.01, 11):
                wizard = self._new_post(door)
                wizard.line_ids[1].quantity = quantity
                with (
                    self.subTest(door=door._name, quantity=quantity),
                    self.assertRefused(rf"{door.name}, line 2 \(Desk\)"),
                ):
                    wizard.action_post()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [0, 0])
        self.assertEqual(sale.picking_ids.state, "assigned")

    def test_rows_of_one_line_add_up(self):
        """Two rows of 6 are 12; -5 does not make room for 15."""
        sale, __ = self._new_orders()
        for first, second in ((6, 6), (-5, 15), (15, -5)):
            wizard = self._new_post(sale)
            wizard.line_ids.quantity = first
            wizard.line_ids.copy({"quantity": second})
            with (
                self.subTest(first=first, second=second),
                self.assertRefused(rf"{sale.name}, line 1 \(Chair\)"),
            ):
                wizard.action_post()
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_quantity_that_is_no_number_is_refused(self):
        sale, __ = self._new_orders()
        wizard = self._new_post(sale)
        self.assertEqual(wizard.line_ids.quantity, 10)
        for quantity in (float("nan"), float("inf"), "six"):
            with (
                self.subTest(quantity=quantity),
                self.assertRefused(rf"Quantity can't be {quantity}"),
            ):
                wizard.line_ids.write({"quantity": quantity})
            row = {"sale_line_id": sale.order_line.id, "quantity": quantity}
            with (
                self.subTest(at_once=quantity),
                self.assertRefused(rf"Quantity can't be {quantity}"),
            ):
                wizard.create(
                    {"sale_order_id": sale.id, "line_ids": [Command.create(row)]}
                )
        self.assertEqual(wizard.line_ids.quantity, 10)

    def test_line_of_another_order_is_refused(self):
        """A forged row neither posts nor tells of another order."""
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        sale, __ = self._new_orders()
        theirs = self._new_sale((self.desk, 5), user=colleague)
        self._new_purchase(theirs, confirm=True)
        wizard = self._new_post(sale)
        with self.assertRefused("not on offer") as caught:
            wizard.line_ids.create(
                {
                    "post_id": wizard.id,
                    "sale_line_id": theirs.order_line.id,
                    "quantity": 1,
                }
            )
        self.assertNotIn(theirs.name, str(caught.exception))
        self.assertEqual(theirs.order_line.qty_delivered, 0)
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_option_of_the_other_door_is_refused(self):
        """Each door has its own options."""
        sale, purchase = self._new_orders()
        for door, options in (
            (sale, ("receive", "invoice", "receive_invoice")),
            (purchase, ("ship", "ship_invoice")),
        ):
            for option in options:
                with (
                    self.subTest(option=option),
                    self.assertRefused(rf"{door.name} .*option"),
                ):
                    self._post(door, option)
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_one_order_is_posted(self):
        """Neither none nor two."""
        sale, purchase = self._new_orders()
        trader = self._new_user(
            "trader", "sales_team.group_sale_manager,purchase.group_purchase_user"
        )
        Post = self.env["drop.shipment.post"].with_user(trader)
        for values in (
            {},
            {"sale_order_id": sale.id, "purchase_order_id": purchase.id},
        ):
            with (
                self.subTest(values=values),
                self.assertRefused("one sales order or one purchase order"),
            ):
                Post.create(values).action_post()
        # Nor does a salesperson hear of rights on purchase orders.
        Post = self.env["drop.shipment.post"].with_user(self.salesman)
        with self.assertRefused("one sales order or one purchase order"):
            Post.create({})
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_dialog_in_the_browser(self):
        """It opens for both, with names that they may not read otherwise."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 2))
        for door in (sale, purchase):
            self.env.invalidate_all()
            action = door.action_post_drop_shipment()
            self.assertEqual(action["target"], "new")
            wizard = door.env[action["res_model"]].browse(action["res_id"])
            with Form(wizard) as form:
                for index, quantity in enumerate((1, 0)):
                    with form.line_ids.edit(index) as row:
                        self.assertEqual(row.name, ("Chair", "Desk")[index])
                        row.quantity = quantity
            wizard.action_post()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [2, 0])

    # ------------------------------------------------------------
    # Nothing to post
    # ------------------------------------------------------------

    def test_nothing_to_post(self):
        """The message says what is missing, in the dialog and before it opens."""
        ordinary = self._new_sale((self.chair, 1, {"drop_shipment": False}))
        quotation = self._new_sale(confirm=False)
        unlinked = self._new_sale()
        requested = self._new_sale()
        request = self._new_purchase(requested)
        shipped, __ = self._new_orders()
        self._post(shipped)
        cancelled, purchase = self._new_orders()
        purchase.button_cancel()
        for sale, regex in (
            (ordinary, rf"{ordinary.name} .*tick Drop Shipment"),
            (quotation, rf"{quotation.name} .*confirm"),
            (unlinked, rf"{unlinked.name} .*Get Sales Order"),
            (requested, rf"{requested.name} .*not confirmed {request.name}"),
            (shipped, rf"{shipped.name} .*nothing left to ship"),
            (cancelled, rf"{cancelled.name} .*Get Sales Order"),
        ):
            with self.subTest(regex=regex):
                with self.assertRefused(regex):
                    sale.action_post_drop_shipment()
                with self.assertRefused(regex):
                    self._post(sale)

    def test_nothing_entered(self):
        sale, __ = self._new_orders((self.chair, 10), (self.desk, 1))
        sale.order_line.qty_to_ship = 0
        with self.assertRefused(rf"nothing to post on {sale.name}.*quantity"):
            self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [0, 0])

    def test_transfer_cancelled_alone(self):
        """The purchase order stays, but there is no transfer to post."""
        sale, purchase = self._new_orders()
        sale.picking_ids.sudo().action_cancel()
        self.assertEqual(sale.order_line.qty_to_ship, 0)
        with self.assertRefused(rf"{sale.name} .*no open transfer"):
            sale.action_post_drop_shipment()
        self.assertEqual(purchase.order_line.qty_received, 0)

    def test_posted_meanwhile(self):
        """What a colleague posted while the dialog was open is not shipped twice."""
        sale, purchase = self._new_orders()
        wizard = self._new_post(sale)
        self.assertEqual(wizard.line_ids.quantity, 10)
        self._post(purchase, "receive", 4)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\).* 6 "):
            wizard.action_post()
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self._post(purchase, "receive")
        with self.assertRefused(sale.name):
            wizard.action_post()
        self.assertEqual(sale.order_line.qty_delivered, 10)


class TestPostErrors(PostCommon):
    """A posting is whole or not at all."""

    def test_failing_invoice_ships_nothing(self):
        """What accounting refuses is not shipped either."""
        sale, purchase = self._new_orders()
        self.env["account.journal"].search(
            [("type", "=", "sale"), ("company_id", "=", self.company.id)]
        ).active = False
        with self.assertRaises(UserError):
            self._post(sale, "ship_invoice")
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(purchase.order_line.qty_received, 0)
        self.assertEqual(sale.picking_ids.state, "assigned")
