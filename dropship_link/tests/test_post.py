from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import DropShipmentCommon


class PostCommon(DropShipmentCommon):
    """Orders ready to post, from either side."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing_salesman = cls._new_user(
            "billing_salesman",
            "sales_team.group_sale_salesman,account.group_account_invoice",
        )
        cls.billing_buyer = cls._new_user(
            "billing_buyer",
            "purchase.group_purchase_user,account.group_account_invoice",
        )

    def _new_post(self, order, **values):
        """Return the Post dialog of a sales or purchase order, for its user."""
        field = "sale_order_id" if order._name == "sale.order" else "purchase_order_id"
        return order.env["drop.shipment.post"].create({field: order.id, **values})

    def _new_orders(self, *lines, **values):
        """Return a sales order and the confirmed purchase order that ships it."""
        sale = self._new_sale(*lines, **values)
        return sale, self._new_purchase(sale, confirm=True)

    def _message(self, action):
        """Return what the user is told after posting."""
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]["message"]


class TestShip(PostCommon):
    """The sales door."""

    def test_ship_all(self):
        """The dialog proposes Qty to Ship, and Ship."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 2))
        wizard = self._new_post(sale)
        self.assertEqual(wizard.option, "ship")
        self.assertEqual(wizard.line_ids.mapped("quantity"), [10, 2])
        message = self._message(wizard.action_post())
        self.assertIn(sale.picking_ids.name, message)
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
        wizard.action_post()
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
            (requested, rf"{requested.name} .*{request.name} .*not confirmed"),
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


class TestShipAndInvoice(PostCommon):
    """Ship and Invoice, and Send."""

    def _get_invoice(self, sale):
        """Return the newest invoice of `sale`, elevated."""
        return sale.sudo().invoice_ids.sorted("id")[-1:]

    def _describe(self, invoice):
        """Return what does not differ between invoices of like orders."""

        def read(records, names):
            found = records.read(names.split(), load=None)
            for values in found:
                del values["id"]
                for number in (invoice.name, invoice.invoice_origin):
                    if values.get("name"):
                        values["name"] = values["name"].replace(number, "number")
            return found

        return {
            "invoice": read(
                invoice,
                "amount_total amount_total_signed currency_id date invoice_date "
                "invoice_date_due invoice_currency_rate state",
            ),
            "items": read(
                invoice.line_ids.sorted("id"),
                "account_id amount_currency balance date date_maturity invoice_date "
                "name price_unit quantity",
            ),
            "notes": read(invoice.message_ids, "author_id message_type subtype_id"),
        }

    def test_user_with_billing_rights(self):
        """The invoice is posted."""
        sale = self._new_sale(user=self.billing_salesman)
        self._new_purchase(sale, confirm=True)
        message = self._message(self._post(sale, "ship_invoice", 4))
        invoice = self._get_invoice(sale)
        self.assertEqual(invoice.state, "posted")
        self.assertIn(invoice.name, message)
        self.assertEqual(invoice.invoice_line_ids.quantity, 4)
        self.assertEqual(invoice.invoice_line_ids.price_unit, 20)
        self.assertEqual(invoice.partner_id, self.customer)
        self.assertEqual(invoice.invoice_origin, sale.name)
        self.assertEqual(sale.order_line.qty_invoiced, 4)
        self.assertEqual(sale.order_line.qty_delivered, 4)

    def test_user_without_billing_rights(self):
        """The invoice is left in draft, and the user is told."""
        sale, __ = self._new_orders()
        self.env.invalidate_all()
        message = self._message(self._post(sale, "ship_invoice"))
        self.assertRegex(message, "draft")
        invoice = self._get_invoice(sale)
        self.assertEqual(invoice.state, "draft")
        # Whoever posts it decides on the date, as with core's draft invoices.
        self.assertFalse(invoice.invoice_date)
        self.assertEqual(invoice.invoice_line_ids.quantity, 10)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_as_core_invoices(self):
        """Journal items, due dates and note of the invoice are those of core's."""
        currency = self.env.ref("base.EUR")
        currency.active = True
        if currency == self.env.company.currency_id:
            currency = self.env.ref("base.USD")
            currency.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 2.5, "name": "2020-01-01"}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        terms = self.env["account.payment.term"].create(
            {
                "name": "A third at once",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 30, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 45}
                    ),
                ],
            }
        )
        invoices = self.env["account.move"]
        for option in ("ship_invoice", "ship"):
            sale = self._new_sale(
                user=self.billing_salesman,
                pricelist_id=pricelist.id,
                payment_term_id=terms.id,
            )
            self._new_purchase(sale, confirm=True)
            self._post(sale, option)
            if option == "ship":
                sale._create_invoices().action_post()
            invoices += self._get_invoice(sale)
        ours, core = (self._describe(invoice) for invoice in invoices)
        self.assertEqual(ours, core)
        self.assertEqual(len(ours["items"]), 3)
        bodies = "".join(invoices[0].message_ids.mapped("body"))
        self.assertIn(invoices[0].invoice_origin, bodies)

    def test_what_was_shipped_before_comes_along(self):
        """All that is shipped and not invoiced, with this posting or before."""
        sale, __ = self._new_orders((self.chair, 10), (self.desk, 2))
        chair, desk = sale.order_line
        desk.qty_to_ship = 0
        self._post(sale, "ship", quantity=None)
        self.assertEqual(chair.qty_delivered, 10)
        chair.product_uom_qty = 13
        self._new_purchase(sale, confirm=True)
        desk.qty_to_ship = 1
        self._post(sale, "ship_invoice")
        lines = self._get_invoice(sale).invoice_line_ids
        self.assertEqual(
            {line.product_id: line.quantity for line in lines},
            {self.chair: 13, self.desk: 1},
        )
        self.assertEqual(chair.qty_to_invoice, 0)

    def test_other_lines_come_along(self):
        """What Create Invoice takes: delivered by the warehouse, or on order."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, __ = self._new_orders(
            (self.chair, 10),
            (self.desk, 1, {"drop_shipment": False}),
            (on_order, 5, {"drop_shipment": False}),
            (self.service, 1, {"drop_shipment": False}),
        )
        delivery = sale.picking_ids.filtered(
            lambda p: p.picking_type_code == "outgoing"
        )
        self._deliver(delivery)
        self._post(sale, "ship_invoice")
        lines = self._get_invoice(sale).invoice_line_ids
        self.assertEqual(
            {line.product_id: line.quantity for line in lines},
            {self.chair: 10, self.desk: 1, on_order: 5, self.service: 1},
        )

    def test_policy_ordered_quantities(self):
        """What is shipped is invoiced, though all of it could be."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, __ = self._new_orders((on_order, 10))
        for quantity in (4, 6):
            self._post(sale, "ship_invoice", quantity)
            invoice = self._get_invoice(sale)
            self.assertEqual(invoice.invoice_line_ids.quantity, quantity)
        self.assertEqual(sale.order_line.qty_invoiced, 10)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_invoiced_already(self):
        """Nothing is invoiced twice: the user is told to choose Ship."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, purchase = self._new_orders((on_order, 10))
        self._post_invoice(sale)
        with self.assertRefused(rf"{sale.name} .*invoiced already"):
            self._post(sale, "ship_invoice", 4)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(purchase.order_line.qty_received, 0)
        self._post(sale, "ship", 4)
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(len(sale.sudo().invoice_ids), 1)

    def test_partly_invoiced_already(self):
        """The invoice has the part of the shipment that has none yet."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, __ = self._new_orders((on_order, 10), (self.chair, 2))
        line = sale.order_line[0]
        sale._create_invoices().sudo().invoice_line_ids.quantity = 7
        self.assertEqual(line.qty_invoiced, 7)
        self._post(sale, "ship_invoice")
        lines = self._get_invoice(sale).invoice_line_ids
        self.assertEqual(
            {line.product_id: line.quantity for line in lines},
            {on_order: 3, self.chair: 2},
        )

    def test_price_discount_and_taxes(self):
        """The invoice has what the sales line has."""
        tax = self.env["account.tax"].create(
            {"name": "VAT", "amount": 20, "type_tax_use": "sale"}
        )
        sale, __ = self._new_orders(
            (
                self.chair,
                10,
                {
                    "price_unit": 17.0,
                    "discount": 10.0,
                    "tax_ids": [Command.set(tax.ids)],
                },
            )
        )
        self._post(sale, "ship_invoice", 5)
        invoice = self._get_invoice(sale)
        self.assertEqual(invoice.amount_untaxed, 76.5)
        self.assertEqual(invoice.amount_total, 91.8)

    def test_send_after_ship(self):
        """The mail to the customer opens, on the sales order."""
        sale, __ = self._new_orders()
        action = self._post(sale, "ship", send=True)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(action["res_model"], "mail.compose.message")
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.salesman)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(composer.model, "sale.order")
        self.assertEqual(composer.partner_ids.commercial_partner_id, self.customer)
        self.assertNotIn(self.vendor, composer.partner_ids)

    def test_send_after_ship_and_invoice(self):
        """The mail carries the invoice that was posted."""
        sale = self._new_sale(user=self.billing_salesman)
        self._new_purchase(sale, confirm=True)
        action = self._post(sale, "ship_invoice", send=True)
        invoice = self._get_invoice(sale)
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(action["res_model"], "account.move.send.wizard")
        self.assertEqual(action["context"]["active_ids"], invoice.ids)

    def test_send_with_a_draft_invoice(self):
        """A draft is no document to send: the customer is told of the shipment."""
        sale, __ = self._new_orders()
        action = self._post(sale, "ship_invoice", send=True)
        self.assertEqual(self._get_invoice(sale).state, "draft")
        self.assertEqual(action["res_model"], "mail.compose.message")
        self.assertEqual(action["context"]["default_model"], "sale.order")


class TestReceive(PostCommon):
    """The purchase door."""

    def test_receive(self):
        """It proposes what is outstanding, whatever Qty to Ship says."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 2))
        sale.order_line.qty_to_ship = 0
        self.env.invalidate_all()
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.option, "receive")
        self.assertEqual(wizard.line_ids.mapped("quantity"), [10, 2])
        self.assertEqual(wizard.line_ids.mapped("name"), ["Chair", "Desk"])
        self.assertEqual(set(wizard.line_ids.mapped("sale_ref")), {sale.name})
        self._message(wizard.action_post())
        self.assertEqual(purchase.order_line.mapped("qty_received"), [10, 2])
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2])
        self.assertEqual(sale.order_line.mapped("qty_to_ship"), [0, 0])
        self.assertFalse(purchase.invoice_ids)

    def test_receive_a_part(self):
        sale, purchase = self._new_orders()
        sale.order_line.qty_to_ship = 1
        self._post(purchase, "receive", 4)
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(sale.order_line.qty_to_ship, 6)
        self.assertEqual(purchase.receipt_status, "partial")

    def test_only_this_purchase_order(self):
        """Another purchase order for the same line waits."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self._get_sales_orders(second, sale, quantity=6)
        (first | second).button_confirm()
        wizard = self._new_post(second)
        self.assertEqual(wizard.line_ids.quantity, 6)
        self.assertEqual(wizard.line_ids.quantity_outstanding, 6)
        with self.assertRefused(rf"Receive of {second.name}, line 1 .* 6 "):
            self._post(second, "receive", 7)
        wizard.line_ids.quantity = 5
        wizard.action_post()
        self.assertEqual(first.order_line.qty_received, 0)
        self.assertEqual(second.order_line.qty_received, 5)
        self.assertEqual(sale.order_line.qty_to_ship, 5)

    def test_several_sales_orders_in_one(self):
        """One posting ships them all, each by its own transfer."""
        first, second = self._new_sale(), self._new_sale((self.chair, 3))
        purchase = self._new_purchase(first, second, confirm=True)
        wizard = self._new_post(purchase)
        self.assertEqual(
            set(wizard.line_ids.mapped("sale_ref")), {first.name, second.name}
        )
        wizard.action_post()
        self.assertEqual(first.order_line.qty_delivered, 10)
        self.assertEqual(second.order_line.qty_delivered, 3)
        self.assertEqual(first.delivery_status, "full")
        self.assertEqual(second.delivery_status, "full")
        self.assertNotEqual(first.picking_ids, second.picking_ids)

    def test_two_purchase_lines_of_one_sales_line(self):
        """A line fetched twice into an order has two rows to receive."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        self._get_sales_orders(purchase, sale)
        purchase.button_confirm()
        wizard = self._new_post(purchase)
        wizard.line_ids[1].quantity = 3
        wizard.action_post()
        self.assertEqual(sale.order_line.qty_delivered, 7)
        self.assertEqual(sum(purchase.order_line.mapped("qty_received")), 7)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_nothing_to_post(self):
        """The message says what is missing."""
        ordinary = self._new_purchase(
            order_line=[Command.create({"product_id": self.chair.id})],
        )
        request = self._new_purchase(self._new_sale())
        done_sale, done = self._new_orders()
        self._post(done, "receive")
        self._post_invoice(done_sale)
        self._new_bill(done)
        for purchase, regex in (
            (ordinary, rf"{ordinary.name} .*Get Sales Order"),
            (request, rf"{request.name} .*confirm it first"),
            (done, rf"{done.name} .*nothing left to post"),
        ):
            with self.subTest(regex=regex):
                with self.assertRefused(regex):
                    purchase.action_post_drop_shipment()
                with self.assertRefused(regex):
                    self._post(purchase)


class TestInvoicePurchase(PostCommon):
    """Invoice, and Receive and Invoice, on the purchase order."""

    def test_invoice_waits_for_the_sales_invoice(self):
        """Only Receive can be posted until the sales order has been invoiced."""
        sale, purchase = self._new_orders()
        self._post(purchase, "receive", 4)
        with self.assertRefused(rf"Invoice sales order {sale.name} first"):
            self._post(purchase, "invoice")
        self.assertFalse(purchase.invoice_ids)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self.assertEqual(purchase.invoice_ids.invoice_line_ids.quantity, 4)

    def test_invoice_is_the_option_when_all_is_received(self):
        sale, purchase = self._new_orders()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.option, "invoice")
        self.assertFalse(wizard.line_ids)
        wizard.action_post()
        self.assertEqual(purchase.invoice_ids.invoice_line_ids.quantity, 10)

    def test_user_without_billing_rights(self):
        """The bill is left in draft, dated today, and the user is told."""
        sale, purchase = self._new_orders()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        self.env.invalidate_all()
        message = self._message(self._post(purchase, "invoice"))
        self.assertIn("draft", message)
        bill = purchase.invoice_ids
        self.assertEqual(bill.state, "draft")
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual(bill.partner_id, self.vendor)
        self.assertEqual(bill.invoice_date, fields.Date.context_today(bill))
        self.assertEqual(bill.invoice_line_ids.price_unit, 12)
        self.assertEqual(bill.invoice_line_ids.purchase_line_id, purchase.order_line)

    def test_user_with_billing_rights(self):
        """The bill is posted, on the date given."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
        self._post(purchase, "receive")
        self._post_invoice(sale)
        message = self._message(
            self._post(purchase, "invoice", invoice_date="2026-10-01")
        )
        bill = purchase.invoice_ids
        self.assertEqual(bill.state, "posted")
        self.assertEqual(str(bill.invoice_date), "2026-10-01")
        self.assertIn(bill.name, message)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_bills_what_was_received_and_not_billed(self):
        """Also for a product that is billed on ordered quantities."""
        self.chair.purchase_method = "purchase"
        sale, purchase = self._new_orders()
        for received in (4, 5):
            self._post(purchase, "receive", received)
            self._post_invoice(sale)
            self._post(purchase, "invoice")
            bill = purchase.invoice_ids.sorted("id")[-1]
            self.assertEqual(bill.invoice_line_ids.quantity, received)
        self.assertEqual(purchase.order_line.qty_invoiced, 9)

    def test_nothing_received_is_left_to_bill(self):
        sale, purchase = self._new_orders()
        self._post(purchase, "receive", 4)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        with self.assertRefused("left to bill"):
            self._post(purchase, "invoice")
        self.assertEqual(len(purchase.invoice_ids), 1)

    def test_receive_and_invoice_is_all_or_nothing(self):
        """Where the bill is forbidden nothing is received either."""
        sale, purchase = self._new_orders()
        for user in (self.buyer, self.billing_buyer):
            with (
                self.subTest(user=user.login),
                self.assertRefused(rf"Invoice sales order {sale.name} first"),
            ):
                self._post(purchase.with_user(user), "receive_invoice")
        self.assertEqual(purchase.order_line.qty_received, 0)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertFalse(purchase.invoice_ids)

    def test_receive_and_invoice_of_an_invoiced_sale(self):
        """Invoiced on order, the goods may be received and billed at once."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale = self._new_sale((on_order, 10))
        purchase = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
        self._post_invoice(sale)
        self._post(purchase, "receive", 2)
        self._post(purchase, "receive_invoice", 5)
        bill = purchase.invoice_ids
        self.assertEqual(bill.state, "posted")
        self.assertEqual(purchase.order_line.qty_received, 7)
        self.assertEqual(sale.order_line.qty_delivered, 7)
        self.assertEqual(bill.invoice_line_ids.quantity, 7)

    def test_receive_and_invoice_beyond_what_is_invoiced(self):
        """4 invoiced allow 4 to be billed, not 5."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, purchase = self._new_orders((on_order, 10))
        invoice = sale._create_invoices().sudo()
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        with self.assertRefused(rf"Invoice sales order {sale.name} first"):
            self._post(purchase, "receive_invoice", 5)
        self.assertEqual(purchase.order_line.qty_received, 0)
        self._post(purchase, "receive_invoice", 4)
        self.assertEqual(purchase.order_line.qty_received, 4)
        self.assertEqual(purchase.order_line.qty_invoiced, 4)

    def test_one_line_forbids_the_bill(self):
        """Both or neither goes for all lines of the order."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, purchase = self._new_orders((on_order, 10), (self.chair, 2))
        self._post_invoice(sale)
        with self.assertRefused(rf"Invoice sales order {sale.name} first"):
            self._post(purchase, "receive_invoice")
        self.assertEqual(purchase.order_line.mapped("qty_received"), [0, 0])

    def test_receive_and_invoice_without_control(self):
        """`warn` and `none` let it pass, `warn` with a note on both orders."""
        for control, noted in (("warn", True), ("none", False)):
            self.company.drop_shipment_bill_control = control
            sale = self._new_sale()
            purchase = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
            with self.subTest(control=control):
                self._post(purchase, "receive_invoice")
                self.assertEqual(purchase.invoice_ids.state, "posted")
                self.assertEqual(sale.order_line.qty_delivered, 10)
                for order in (sale, purchase):
                    self.assertEqual(
                        "ahead of the posted customer invoices" in self._chatter(order),
                        noted,
                    )


class TestTracked(PostCommon):
    """Lots and serial numbers, which only people know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.serial_chair = cls._new_product("Serial Chair", tracking="serial")
        cls.lot_chair = cls._new_product("Lot Chair", tracking="lot")

    def _post_lots(self, order, option, quantity, names):
        """Post with lot or serial numbers, as they are typed into the dialog."""
        wizard = self._new_post(order)
        wizard.option = option
        wizard.line_ids.quantity = quantity
        wizard.line_ids.lot_names = names
        return wizard.action_post()

    def test_numbers_are_missing(self):
        """It says where to enter them; nothing is shipped."""
        for product in (self.lot_chair, self.serial_chair):
            for option in ("ship", "ship_invoice"):
                with self.subTest(product=product.name, option=option):
                    sale, purchase = self._new_orders((product, 3))
                    with self.assertRefused(
                        rf"{sale.name}, line 1 .*Lot/Serial Numbers"
                    ):
                        self._post(sale, option, 2)
                    self.assertEqual(sale.order_line.qty_delivered, 0)
                    self.assertEqual(purchase.order_line.qty_received, 0)
                    self.assertFalse(sale.sudo().invoice_ids)
                    self.assertEqual(sale.order_line.qty_to_ship, 3)

    def test_post_with_lot(self):
        """One lot is the lot of the whole quantity."""
        sale, purchase = self._new_orders((self.lot_chair, 3))
        self._post_lots(sale, "ship", 2, "LOT-1\n")
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(purchase.order_line.qty_received, 2)
        move = sale.picking_ids.sudo().move_ids.filtered("lot_ids")
        self.assertEqual(move.lot_ids.name, "LOT-1")
        self.assertEqual(move.quantity, 2)
        self.assertEqual(sale.order_line.qty_to_ship, 1)

    def test_post_with_lots(self):
        """Several lots, each with its quantity, the buyer without Inventory."""
        sale, purchase = self._new_orders((self.lot_chair, 10))
        self._post_lots(purchase, "receive", 10, "LOT-1;6\nLOT-2\t4")
        self.assertEqual(sale.order_line.qty_delivered, 10)
        lines = purchase.sudo().picking_ids.move_line_ids
        self.assertEqual(
            {line.lot_id.name: line.quantity for line in lines},
            {"LOT-1": 6, "LOT-2": 4},
        )

    def test_lots_in_the_unit_of_the_row(self):
        """Lots of a line in dozens are entered in dozens."""
        dozens = {"product_uom_id": self.uom_dozen.id}
        sale, purchase = self._new_orders((self.lot_chair, 2, dozens))
        self._post_lots(sale, "ship", 2, "LOT-1;1.5\nLOT-2;0.5")
        lines = purchase.sudo().picking_ids.move_line_ids
        self.assertEqual(
            {line.lot_id.name: line.quantity_product_uom for line in lines},
            {"LOT-1": 18, "LOT-2": 6},
        )
        self.assertEqual(sale.order_line.qty_delivered, 2)

    def test_post_with_serials(self):
        """One number for each piece."""
        sale, purchase = self._new_orders((self.serial_chair, 3))
        self._post_lots(sale, "ship", 2, "SN-1\r\n SN-2 ")
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(purchase.order_line.qty_received, 2)
        move = sale.picking_ids.sudo().move_ids.filtered("lot_ids")
        self.assertEqual(move.lot_ids.mapped("name"), ["SN-1", "SN-2"])

    def test_numbers_of_another_quantity(self):
        """As many numbers as are posted, else nothing is shipped."""
        sale, __ = self._new_orders((self.serial_chair, 3))
        for names in ("SN-1", "SN-1\nSN-2\nSN-3"):
            with self.assertRefused("but 2 Units are posted"):
                self._post_lots(sale, "ship", 2, names)
        lots, __ = self._new_orders((self.lot_chair, 3))
        with self.assertRefused("are of 4 Units, but 3 Units"):
            self._post_lots(lots, "ship", 3, "LOT-1;2\nLOT-2;2")
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(lots.order_line.qty_delivered, 0)

    def test_untracked_lines_are_posted_alone(self):
        """A tracked line that is not shipped now keeps nobody waiting."""
        sale, __ = self._new_orders((self.chair, 10), (self.lot_chair, 3))
        chair, lot_chair = sale.order_line
        lot_chair.qty_to_ship = 0
        self._message(self._post(sale))
        self.assertEqual(chair.qty_delivered, 10)
        self.assertEqual(lot_chair.qty_delivered, 0)

    def test_tracked_lines_keep_the_others_waiting(self):
        """The posting is whole: nothing of it is shipped before the lots are known."""
        sale, __ = self._new_orders((self.chair, 10), (self.lot_chair, 3))
        with self.assertRefused(f"{sale.name}, line 2"):
            self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [0, 0])
        wizard = self._new_post(sale)
        self.assertTrue(wizard.has_tracked_lines)
        wizard.line_ids[1].lot_names = "LOT-1"
        wizard.action_post()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 3])


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
