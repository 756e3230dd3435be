from odoo.fields import Command
from odoo.service.model import call_kw

from .common_rights import TestRightsCommon


class TestRights(TestRightsCommon):
    """Methods, models and fields, user by user."""

    # ------------------------------------------------------------
    # METHODS
    # ------------------------------------------------------------

    def assertCallable(self, record, method, *names):
        """By the external API, these users and no others may call `method`."""
        allowed = self._get_allowed(
            lambda user: call_kw(
                self.env[record._name].with_user(user), method, [record.ids], {}
            )
        )
        self.assertEqual(allowed, set(names), f"{record._name}.{method}")

    def test_sale_order_post(self):
        """Sales posts its own orders, a leader all of them."""
        self.assertCallable(
            self.sale, "action_post_drop_shipment", "salesman", "sales_lead", "trader"
        )

    def test_purchase_order_post(self):
        """Buyers post purchase orders."""
        self.assertCallable(
            self.purchase, "action_post_drop_shipment", "buyer", "other_buyer", "trader"
        )

    def test_purchase_order_get_sales_order(self):
        """Buyers fetch sales orders, with or without rights on them."""
        purchase = self._new_purchase()
        self.assertCallable(
            purchase, "action_get_sales_order", "buyer", "other_buyer", "trader"
        )

    def test_view_purchase(self):
        """Who sees both orders may open the other one."""
        self.assertCallable(
            self.sale_line,
            "action_view_drop_shipment_purchase",
            "trader",
            "accountant",
        )

    def test_view_sale(self):
        """The same from the purchase order."""
        self.assertCallable(
            self.purchase.order_line,
            "action_view_drop_shipment_sale",
            "trader",
            "accountant",
        )

    def test_unlink(self):
        """Buyers take lines out again."""
        self.assertCallable(
            self.request.order_line,
            "action_unlink_drop_shipment",
            "buyer",
            "other_buyer",
            "trader",
        )

    def test_unlink_offered(self):
        """Accountants may change the order, but not delete its lines."""
        form = self.env.ref("purchase.purchase_order_form")
        for user, offered in ((self.buyer, True), (self.accountant, False)):
            view = self.env["purchase.order"].with_user(user).get_view(form.id, "form")
            with self.subTest(user.login):
                self.assertEqual("action_unlink_drop_shipment" in view["arch"], offered)

    def test_close_remainder(self):
        """Core lets accountants write purchase orders, so they close remainders too."""
        self.assertCallable(
            self.purchase.order_line,
            "action_close_drop_shipment_remainder",
            "buyer",
            "other_buyer",
            "trader",
            "accountant",
        )

    def test_create_purchases(self):
        """The right to create purchase orders is enough, and it takes that."""
        for record in (self.sale_to_order, self.sale_to_order.order_line):
            for method in (
                "action_create_drop_shipment_purchases",
                "action_open_create_drop_shipment_purchases",
            ):
                self.assertCallable(record, method, "buyer", "other_buyer", "trader")

    def test_get_sales_order_insert(self):
        """OK of Get Sales Order: whoever opened it, if they may buy."""
        purchase = self._new_purchase()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(self.sale_to_order.ids)],
            }
        )
        self.assertCallable(wizard, "action_insert_lines", "buyer")

    def test_post_sale(self):
        """Post of the dialog: whoever opened it, if they may write the order."""
        wizard = self.env["drop.shipment.post"].with_user(self.salesman)
        wizard = wizard.create({"sale_order_id": self.sale.id})
        self.assertCallable(wizard, "action_post", "salesman")

    def test_post_purchase(self):
        """The same from the purchase order."""
        wizard = self.env["drop.shipment.post"].with_user(self.buyer)
        wizard = wizard.create({"purchase_order_id": self.purchase.id})
        self.assertCallable(wizard, "action_post", "buyer")

    def test_view_drop_shipments(self):
        """From an order to the list of its lines: who sees both."""
        self.assertCallable(
            self.sale,
            "action_view_drop_shipments",
            "accountant",
            "salesman",
            "sales_lead",
            "trader",
        )
        self.assertCallable(
            self.purchase,
            "action_view_drop_shipments",
            "accountant",
            "buyer",
            "other_buyer",
            "trader",
        )

    def test_notice_of_sale(self):
        """Who may change a sales order, accountants too, tells of a delay."""
        self.purchase.order_line.date_planned = "2020-01-01 12:00:00"
        self.assertCallable(
            self.sale,
            "action_tell_drop_shipment_delay",
            "salesman",
            "sales_lead",
            "trader",
            "accountant",
        )

    def test_notices_of_purchase(self):
        """Buyers close the rest; who sees sales orders opens the one to invoice."""
        self._post(self.sale, quantity=4)
        self.assertCallable(
            self.purchase,
            "action_close_drop_shipment_remainder",
            "buyer",
            "other_buyer",
            "trader",
            "accountant",
        )
        self.assertCallable(
            self.purchase,
            "action_view_drop_shipment_unbillable",
            "trader",
            "accountant",
        )

    def test_post_rows(self):
        """Who sees rows may ask to post them; others may not even ask."""
        rows = self.env["drop.shipment.report"].browse(self.sale_line.id)
        self.assertCallable(
            rows,
            "action_post",
            "salesman",
            "sales_lead",
            "buyer",
            "other_buyer",
            "trader",
        )

    def test_post_lines(self):
        """Posting without a dialog takes the rights that the dialog takes."""
        for values, names in (
            (
                {"sale_order_id": self.sale.id, "option": "ship"},
                {"salesman", "sales_lead", "trader"},
            ),
            (
                {"purchase_order_id": self.purchase.id, "option": "receive"},
                {"buyer", "other_buyer", "trader"},
            ),
        ):
            allowed = self._get_allowed(
                lambda user, values=values: call_kw(
                    self.env["drop.shipment.post"].with_user(user),
                    "post_lines",
                    [self.sale_line.ids],
                    values,
                )
            )
            self.assertEqual(allowed, names)

    def test_create_purchases_dialog(self):
        """The dialog that orders with vendors to choose: whoever opened it."""
        action = self.sale_to_order.with_user(
            self.buyer
        ).action_open_create_drop_shipment_purchases()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        self.assertTrue(wizard)
        self.assertCallable(wizard, "action_create_purchases", "buyer")

    # ------------------------------------------------------------
    # MODELS
    # ------------------------------------------------------------

    def test_get_sales_order_models(self):
        """Only buyers have dialogs of Get Sales Order, each of an order of theirs."""
        purchase = self._new_purchase()
        model = "purchase.order.get.sales.order"
        allowed = self._get_allowed(
            lambda user: (
                self.env[model]
                .with_user(user)
                .create({"purchase_order_id": purchase.id})
                .read()
            )
        )
        self.assertEqual(allowed, {"buyer", "other_buyer", "trader"})

    def test_post_models(self):
        """Post dialogs: sales for its sales orders, buyers for purchase orders."""
        for order, names in (
            (self.sale, {"salesman", "sales_lead", "trader"}),
            (self.purchase, {"buyer", "other_buyer", "trader"}),
        ):
            field = f"{order._name.replace('.', '_')}_id"
            allowed = self._get_allowed(
                lambda user, field=field, order=order: (
                    self.env["drop.shipment.post"]
                    .with_user(user)
                    .create({field: order.id})
                    .read()
                )
            )
            self.assertEqual(allowed, names)

    def test_read_all_fields(self):
        """The users of a dialog may read all of it, rows and all."""
        purchase = self._new_purchase()
        env = self.env(user=self.buyer)
        wizards = [
            env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": purchase.id,
                    "sale_order_ids": [Command.set(self.sale_to_order.ids)],
                }
            ),
            env["drop.shipment.post"].create({"purchase_order_id": self.purchase.id}),
            self.sale.env["drop.shipment.post"].create({"sale_order_id": self.sale.id}),
        ]
        for wizard in wizards:
            wizard.flush_recordset()
            wizard.invalidate_recordset()
            values = wizard.read()[0]
            self.assertTrue(values)
            for name, field in wizard._fields.items():
                if field.type == "one2many":
                    self.assertTrue(wizard[name].read(), name)

    def test_dialogs_of_others(self):
        """A dialog belongs to whoever opened it, with all its rows."""
        purchase = self._new_purchase()
        env = self.env(user=self.buyer)
        wizards = [
            env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": purchase.id,
                    "sale_order_ids": [Command.set(self.sale_to_order.ids)],
                }
            ),
            env["drop.shipment.post"].create({"purchase_order_id": self.purchase.id}),
        ]
        rows = [
            wizard[name]
            for wizard in wizards
            for name, field in wizard._fields.items()
            if field.type == "one2many"
        ]
        self.assertEqual([len(row) for row in rows], [1, 1, 1])
        for records in [*wizards, *rows]:
            others = records.with_user(self.other_buyer)
            for call in (
                others.read,
                lambda others=others: others.write({"create_uid": others.env.uid}),
                others.unlink,
            ):
                allowed = self._is_allowed(self.other_buyer, call)
                self.assertFalse(allowed, records._name)
            self.assertFalse(others.search([]))

    def test_rows_in_dialogs_of_others(self):
        """Nobody may put rows into another user's dialog."""
        purchase = self._new_purchase()
        env = self.env(user=self.buyer)
        getting = env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id}
        )
        posting = env["drop.shipment.post"].create(
            {"purchase_order_id": self.purchase.id}
        )
        others = self.env(user=self.other_buyer)
        own_getting = others["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id}
        )
        own_posting = others["drop.shipment.post"].create(
            {"purchase_order_id": self.purchase.id}
        )
        allowed = set()
        for own, wizard, rows, parent in (
            (own_getting, getting, "order_ids", "get_id"),
            (own_getting, getting, "line_ids", "get_id"),
            (own_posting, posting, "line_ids", "post_id"),
        ):
            model = others[wizard[rows]._name]
            values = {"sale_line_id": self.sale_line.id}
            if rows == "order_ids":
                values = {"sale_order_id": self.sale_to_order.id}
            elif parent == "get_id":
                values = {"sale_line_id": self.sale_to_order.order_line.id}
            if self._is_allowed(
                self.other_buyer,
                lambda model=model, values={**values, parent: wizard.id}: model.create(
                    values
                ),
            ):
                allowed.add(f"create {model._name}")
            row = own[rows][:1] or model.create({**values, parent: own.id})
            if self._is_allowed(
                self.other_buyer,
                lambda row=row, values={parent: wizard.id}: row.write(values),
            ):
                allowed.add(f"write {model._name}")
        self.assertFalse(allowed)
