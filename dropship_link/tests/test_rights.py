from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw
from odoo.tests import new_test_user

from .common import DropShipmentCommon

# Nobody buys at this price: wherever it shows up, a sales price leaks.
SALES_PRICE = 987.65


class _UndoError(Exception):
    """Rolls a call back that was allowed."""


class TestRightsCommon(DropShipmentCommon):
    """One drop shipment, and everyone who may or may not touch it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_user = cls._new_user
        cls.other_salesman = new_user("salesman_2", "sales_team.group_sale_salesman")
        cls.sales_lead = new_user(
            "sales_lead", "sales_team.group_sale_salesman_all_leads"
        )
        cls.other_buyer = new_user("buyer_2", "purchase.group_purchase_user")
        cls.trader = new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        cls.internal = new_user("internal", "base.group_user")
        cls.portal_customer = cls._new_portal_user("customer", cls.customer)
        cls.portal_vendor = cls._new_portal_user("vendor", cls.vendor)
        cls.users = {
            name: getattr(cls, name)
            for name in (
                "salesman",
                "other_salesman",
                "sales_lead",
                "buyer",
                "other_buyer",
                "trader",
                "accountant",
                "internal",
                "portal_customer",
                "portal_vendor",
            )
        }
        # A line on a confirmed order, one on a request, one to order.
        cls.sale = cls._new_sale((cls.chair, 10, {"price_unit": SALES_PRICE}))
        cls.sale_line = cls.sale.order_line
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.sale_on_request = cls._new_sale((cls.chair, 5))
        cls.request = cls._new_purchase(cls.sale_on_request)
        cls.sale_to_order = cls._new_sale((cls.desk, 2, {"price_unit": SALES_PRICE}))

    @classmethod
    def _new_portal_user(cls, login, partner):
        contact = cls.env["res.partner"].create(
            {
                "name": f"Portal {login}",
                "parent_id": partner.id,
                "email": f"{login}.portal@example.com",
            }
        )
        return new_test_user(
            cls.env,
            login=f"drop_portal_{login}",
            groups="base.group_portal",
            partner_id=contact.id,
        )

    @classmethod
    def _own_fields(cls, model):
        """Return the names of the fields of `model` that this add-on brings."""
        return sorted(
            name
            for name, field in cls.env[model]._fields.items()
            if set(field._modules) == {"dropship_link"}
        )

    @classmethod
    def _own_models(cls):
        """Return the models that this add-on brings."""
        return [
            name
            for name, model in cls.env.registry.items()
            if model._original_module == "dropship_link" and not model._abstract
        ]

    def _is_allowed(self, user, call):
        """Return whether `call`, a request of `user`, meets no refusal of rights.

        Nothing of it stays.
        """
        try:
            with self.env.cr.savepoint():
                self.env.invalidate_all()
                call()
                # As at the end of a request.
                self.env(user=user).flush_all()
                raise _UndoError
        except AccessError:
            return False
        except _UndoError:
            return True

    def _get_allowed(self, call):
        """Return the names of the users whom `call(user)` is allowed."""
        return {
            name
            for name, user in self.users.items()
            if self._is_allowed(user, lambda user=user: call(user))
        }


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

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    def assertReadable(self, record, *names, without=()):
        """These users and no others may read all our fields of `record`."""
        own_fields = set(self._own_fields(record._name)) - set(without)
        self.assertTrue(own_fields)
        wrong = {}
        for name in own_fields:
            allowed = self._get_allowed(
                lambda user, name=name: record.with_user(user).read([name])
            )
            if allowed != set(names):
                wrong[name] = allowed
        self.assertFalse(wrong, f"readers of {record._name} other than {names}")

    def test_sale_order_fields(self):
        """Whoever may read the sales order; customers in the portal see nothing new."""
        self.assertReadable(self.sale, "salesman", "sales_lead", "trader", "accountant")

    def test_sale_order_line_fields(self):
        """The same for its lines, without any right on purchase orders."""
        relation = "drop_shipment_purchase_line_ids"
        self.assertReadable(
            self.sale_line,
            *("salesman", "sales_lead", "trader", "accountant"),
            without=[relation],
        )
        # The relation itself is for who may read purchase lines.
        allowed = self._get_allowed(
            lambda user: self.sale_line.with_user(user).read([relation])
        )
        self.assertEqual(allowed, {"trader", "accountant"})

    def test_purchase_order_fields(self):
        """Whoever may read the purchase order; vendors see nothing new."""
        self.assertReadable(
            self.purchase, "buyer", "other_buyer", "trader", "accountant"
        )

    def test_purchase_order_line_fields(self):
        """The same for its lines, without any right on sales orders."""
        self.assertReadable(
            self.purchase.order_line, "buyer", "other_buyer", "trader", "accountant"
        )

    def test_picking_fields(self):
        """Whoever may read the transfer; customers and vendors see nothing new."""
        self.assertReadable(
            self.purchase.sudo().picking_ids,
            *("salesman", "other_salesman", "sales_lead"),
            *("buyer", "other_buyer", "trader", "accountant"),
        )

    def test_portal_fields(self):
        """Portal users don't even learn of the fields, of whatever record."""
        shown = {}
        for user in (self.portal_customer, self.portal_vendor):
            for name, model in self.env.registry.items():
                own_fields = self._own_fields(name)
                if model._abstract or not own_fields:
                    continue
                records = self.env[name].with_user(user)
                if not records.has_access("read"):
                    continue
                if fields_shown := set(records.fields_get(own_fields)):
                    shown[user.login, name] = fields_shown
        self.assertFalse(shown)

    def test_read_without_fields(self):
        """Reading an order without naming fields works as without the add-on."""
        for record in (
            self.sale,
            self.sale_line,
            self.purchase,
            self.purchase.order_line,
        ):
            for name, user in self.users.items():
                mine = record.with_user(user)
                if not mine.has_access("read"):
                    continue
                core = [
                    field
                    for field in mine.fields_get()
                    if field not in self._own_fields(record._name)
                ]
                if self._is_allowed(user, lambda mine=mine, core=core: mine.read(core)):
                    allowed = self._is_allowed(user, mine.read)
                    self.assertTrue(allowed, f"{record._name} of {name}")

    def test_write_sale_line(self):
        """Tick and Qty to Ship: sales, and who may write sales lines in core."""
        writers = {"salesman", "sales_lead", "trader"}
        for record, values, names in (
            (self.sale_to_order.order_line, {"drop_shipment": False}, writers),
            (self.sale_line, {"qty_to_ship": 3}, writers | {"accountant"}),
        ):
            allowed = self._get_allowed(
                lambda user, record=record, values=values: record.with_user(user).write(
                    values
                )
            )
            self.assertEqual(allowed, names, values)

    def test_write_purchase_order(self):
        """Sell-to Customer: buyers, and who may write purchase orders in core."""
        purchase = self._new_purchase()
        allowed = self._get_allowed(
            lambda user: purchase.with_user(user).write({"sell_to_customer_id": False})
        )
        self.assertEqual(allowed, {"buyer", "other_buyer", "trader", "accountant"})

    def test_write_settings(self):
        """The controls are the administrator's."""
        for name in self._own_fields("res.company"):
            self.assertFalse(
                self._get_allowed(
                    lambda user, name=name: self.company.with_user(user).write(
                        {name: False}
                    )
                ),
                name,
            )

    def _assert_not_forged(self, record, user, name, value):
        """Written by the external API, a computed field is refused and kept."""
        self.env.invalidate_all()
        before = record.sudo()[name]
        with self.assertRefused(name, AccessError):
            record.with_user(user).write({name: value})
        self.env.invalidate_all()
        self.assertEqual(record.sudo()[name], before, f"{record._name}.{name}")

    def test_forged_sale_line(self):
        """What the rules rest on can't be written by the external API."""
        for name, value in (
            ("drop_shipment_qty_ordered", 0.0),
            ("drop_shipment_qty_to_order", 100.0),
            ("drop_shipment_qty_outstanding", 100.0),
            ("drop_shipment_qty_invoiced", 100.0),
            ("drop_shipment_qty_billed", -100.0),
            ("drop_shipment_state", "done"),
            ("drop_shipment_order_id", False),
            ("drop_shipment_purchase_line_ids", [Command.clear()]),
        ):
            with self.subTest(name):
                self._assert_not_forged(self.sale_line, self.salesman, name, value)

    def test_forged_purchase_line(self):
        """The same for the link of a purchase line."""
        for name, value in (
            ("drop_shipment", False),
            ("drop_shipment_sale_line_id", False),
            ("drop_shipment_sale_line_id", self.sale_to_order.order_line.id),
        ):
            with self.subTest(name):
                self._assert_not_forged(
                    self.purchase.order_line, self.buyer, name, value
                )

    def test_forged_create(self):
        """Nor can it be given to a new line."""
        forged = {
            "drop_shipment_qty_invoiced": 100.0,
            "drop_shipment_qty_to_order": 100.0,
            "drop_shipment_qty_billed": -100.0,
        }
        for name, value in forged.items():
            with self.subTest(name), self.assertRefused(name, AccessError):
                self._new_sale((self.chair, 2, {name: value}))


class TestSecrets(TestRightsCommon):
    """Forged ids tell nobody what they may not know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Another customer's order, of another company too.
        cls.secret_product = cls._new_product("Secret Gadget")
        cls.secret_customer = cls.env["res.partner"].create(
            {"name": "Secret Customer", "is_company": True}
        )
        cls.secret = cls._new_sale(
            (cls.secret_product, 77),
            user=cls.other_salesman,
            partner_id=cls.secret_customer.id,
            partner_shipping_id=cls.secret_customer.id,
        )
        cls.secrets = ("Secret", cls.secret.name)

    def assertTellsNothing(self, values):
        for secret in self.secrets:
            self.assertNotIn(secret, str(values))

    def _read_rows(self, rows):
        """Return all that a client can read of rows."""
        texts = []
        for name, field in rows._fields.items():
            specification = {}
            if field.type == "many2one":
                specification = {"fields": {"display_name": {}}}
            self.env.invalidate_all()
            try:
                texts.append(rows.read([name]))
                texts.append(rows.web_read({name: specification}))
            except AccessError as error:
                texts.append(str(error))
        return texts

    def _get_forged_rows(self, env, model, values):
        """Return the rows that `values` make, or none where they are refused."""
        try:
            with self.env.cr.savepoint():
                return env[model].create(values)
        except UserError as error:
            self.assertTellsNothing(error)
            return env[model]

    def _new_getting(self):
        purchase = self._new_purchase()
        return purchase.env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id}
        )

    def test_forged_lines_of_get_sales_order(self):
        """A row with another customer's line in it stays blank."""
        wizard = self._new_getting()
        values = {
            "get_id": wizard.id,
            "sale_line_id": self.secret.order_line.id,
            "quantity": 1,
        }
        rows = self._get_forged_rows(
            wizard.env, "purchase.order.get.sales.order.line", values
        )
        self.assertTellsNothing(self._read_rows(rows))

    def test_forged_offers_of_get_sales_order(self):
        """A row with another customer's order in it stays blank."""
        wizard = self._new_getting()
        values = {
            "get_id": wizard.id,
            "sale_order_id": self.secret.id,
            "selected": True,
        }
        rows = self._get_forged_rows(
            wizard.env, "purchase.order.get.sales.order.offer", values
        )
        self.assertTellsNothing(self._read_rows(rows))

    def test_forged_choice(self):
        """Orders that are not on offer are refused without a word about them."""
        purchase = self._new_purchase()
        with self.assertRefused("is not on offer") as caught:
            purchase.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": purchase.id,
                    "sale_order_ids": [Command.set(self.secret.ids)],
                }
            )
        self.assertTellsNothing(caught)

    def test_forged_insert(self):
        """Nor do they get into the purchase order by way of the rows."""
        purchase = self._new_purchase()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(self.sale_to_order.ids)],
            }
        )
        try:
            wizard.line_ids.write({"sale_line_id": self.secret.order_line.id})
            wizard.action_insert_lines()
        except UserError as error:
            self.assertTellsNothing(error)
        self.assertFalse(purchase.order_line.filtered("sale_line_id"))

    def test_forged_rows_of_post(self):
        """A row to post with a line of another order stays blank and is refused."""
        wizard = self.sale.env["drop.shipment.post"].create(
            {"sale_order_id": self.sale.id}
        )
        rows = self._get_forged_rows(
            wizard.env,
            "drop.shipment.post.line",
            {
                "post_id": wizard.id,
                "sale_line_id": self.secret.order_line.id,
                "quantity": 1,
            },
        )
        if not rows:
            return
        self.assertTellsNothing(self._read_rows(rows))
        with self.assertRaises(UserError) as caught:
            wizard.action_post()
        self.assertTellsNothing(caught.exception)

    def test_forged_rows_of_create_purchases(self):
        """The same in the dialog that orders with vendors, for another company."""
        company = self.env["res.company"].create({"name": "Hidden Company"})
        foreigner = self._new_user(
            "foreigner", "purchase.group_purchase_user", company=company
        )
        env = self.env(user=foreigner, context={})
        wizard = env["drop.shipment.create.purchase"].create({})
        rows = self._get_forged_rows(
            env,
            "drop.shipment.create.purchase.line",
            {
                "create_id": wizard.id,
                "sale_line_id": self.secret.order_line.id,
                "quantity": 1,
            },
        )
        self.assertTellsNothing(self._read_rows(rows))

    def _onchange(self, env, model, values):
        """Return what the client gets for typing `values` into a new record."""
        specification = {}
        for name, field in env[model]._fields.items():
            if field.type in ("one2many", "many2many"):
                specification[name] = {
                    "fields": {
                        sub: (
                            {"fields": {"display_name": {}}}
                            if subfield.type == "many2one"
                            else {}
                        )
                        for sub, subfield in env[field.comodel_name]._fields.items()
                        if sub in self._own_fields(field.comodel_name)
                        or sub == "display_name"
                    }
                }
            elif field.type == "many2one":
                specification[name] = {"fields": {"display_name": {}}}
            else:
                specification[name] = {}
        self.env.invalidate_all()
        try:
            with self.env.cr.savepoint():
                return env[model].onchange(values, list(values), specification)
        except UserError as error:
            return error

    def test_onchange(self):
        """Typing forged ids into a dialog shows nothing of them either."""
        buyer, salesman = self.env(user=self.buyer), self.env(user=self.salesman)
        purchase = self._new_purchase()
        getting = buyer["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id}
        )
        posting = salesman["drop.shipment.post"].create({"sale_order_id": self.sale.id})
        secret_line = {"sale_line_id": self.secret.order_line.id}
        for env, model, values in (
            (
                buyer,
                "purchase.order.get.sales.order.line",
                {**secret_line, "get_id": getting.id},
            ),
            (
                buyer,
                "purchase.order.get.sales.order.offer",
                {"sale_order_id": self.secret.id, "get_id": getting.id},
            ),
            (
                salesman,
                "drop.shipment.post.line",
                {**secret_line, "post_id": posting.id},
            ),
            (salesman, "drop.shipment.post.line", secret_line),
            (salesman, "drop.shipment.post", {"sale_order_id": self.secret.id}),
            (buyer, "drop.shipment.post", {"sale_order_id": self.secret.id}),
        ):
            with self.subTest(model, values=values):
                self.assertTellsNothing(self._onchange(env, model, values))

    def test_post_of_others(self):
        """A salesman with own orders only can't open another's order in Post."""
        env = self.env(user=self.salesman)
        with self.assertRaises(AccessError) as caught:
            env["drop.shipment.post"].create({"sale_order_id": self.secret.id})
        self.assertNotIn("Gadget", str(caught.exception))
        wizard = env["drop.shipment.post"].create({"sale_order_id": self.sale.id})
        with self.assertRaises(AccessError):
            wizard.write({"sale_order_id": self.secret.id})
            wizard.action_post()

    def test_post_of_the_other_side(self):
        """Salespeople can't post purchase orders, nor buyers sales orders."""
        for user, values in (
            (self.salesman, {"purchase_order_id": self.purchase.id}),
            (self.buyer, {"sale_order_id": self.sale.id}),
        ):
            with self.assertRaises(AccessError):
                self.env["drop.shipment.post"].with_user(user).create(values)

    def test_post_without_order(self):
        """No order, or two, is refused."""
        env = self.env(user=self.trader)
        both = {"sale_order_id": self.sale.id, "purchase_order_id": self.purchase.id}
        for values in ({}, both):
            with self.assertRefused("one sales order or one purchase order"):
                env["drop.shipment.post"].create(values)

    def test_no_sales_price(self):
        """Buyers never see a sales price in what this add-on shows them."""
        purchase = self._new_purchase()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(self.sale_to_order.ids)],
            }
        )
        posting = purchase.env["drop.shipment.post"].create(
            {"purchase_order_id": self.purchase.id}
        )
        shown = [
            self._read_rows(records)
            for records in (
                wizard,
                wizard.order_ids,
                wizard.line_ids,
                posting,
                posting.line_ids,
            )
        ]
        wizard.action_insert_lines()
        for order in (purchase, self.purchase):
            records = order.with_user(self.buyer)
            shown.append(records.read(self._own_fields("purchase.order")))
            shown.append(
                records.order_line.read(
                    [
                        "name",
                        "price_unit",
                        "price_subtotal",
                        *self._own_fields("purchase.order.line"),
                    ]
                )
            )
            shown.append(records.message_ids.mapped("body"))
        self.assertIn(self.sale_to_order.name, str(shown))
        self.assertNotIn("987.65", str(shown))
        self.assertNotIn("9876.5", str(shown))

    def test_no_search_by_sales_price(self):
        """Nor can they find it out by searching or grouping over the link."""
        env = self.env(user=self.buyer)
        for model, field in (
            ("purchase.order.line", "drop_shipment_sale_line_id"),
            ("drop.shipment.post.line", "sale_line_id"),
            ("purchase.order.get.sales.order.line", "sale_line_id"),
        ):
            with self.subTest(model), self.assertRaises(AccessError):
                env[model].search([(f"{field}.price_unit", ">", 900)])
            with self.subTest(f"{model} grouped"), self.assertRaises(AccessError):
                env[model]._read_group([], [f"{field}.order_id"])

    def test_no_export_of_sales_price(self):
        """Nor by exporting over the link."""
        self.buyer.group_ids |= self.env.ref("base.group_allow_export")
        line = self.purchase.order_line.with_user(self.buyer)
        for link in ("sale_line_id", "drop_shipment_sale_line_id"):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                line.export_data([f"{link}/price_unit"])


class TestRightsCompanies(TestRightsCommon):
    """Two companies, people of either and of both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other Company"})
        cls.other_company_buyer = cls._new_user(
            "buyer_other",
            "purchase.group_purchase_user",
            company=cls.other_company,
        )
        cls.buyer_of_both = cls._new_user("buyer_both", "purchase.group_purchase_user")
        cls.buyer_of_both.company_ids |= cls.other_company
        cls.sales_of_both = cls._new_user(
            "sales_both", "sales_team.group_sale_salesman_all_leads"
        )
        cls.sales_of_both.company_ids |= cls.other_company

    def _new_foreign_purchase(self, user=None, company=None):
        user = user or self.other_company_buyer
        company = company or self.other_company
        return (
            self.env["purchase.order"]
            .with_user(user)
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "sell_to_customer_id": self.customer.id,
                    "company_id": company.id,
                }
            )
        )

    def test_offer(self):
        """The other company's orders are not on offer."""
        purchase = self._new_foreign_purchase()
        with self.assertRefused("There is nothing to fetch"):
            purchase.action_get_sales_order()
        with self.assertRefused("is not on offer"):
            self._get_sales_orders(purchase, self.sale_to_order)

    def test_offer_with_both_companies(self):
        """Nor to a buyer who has both companies switched on."""
        both = self.company | self.other_company
        purchase = self._new_foreign_purchase(self.buyer_of_both).with_context(
            allowed_company_ids=both.ids
        )
        with self.assertRefused("There is nothing to fetch"):
            purchase.action_get_sales_order()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id}
        )
        self.assertFalse(wizard.sudo().available_sale_order_ids)

    def test_link_by_api(self):
        """A link written by the external API stays within the company."""
        purchase = self._new_foreign_purchase()
        with self.assertRaises(UserError):
            purchase.order_line = [
                Command.create(
                    {
                        "product_id": self.desk.id,
                        "product_qty": 1,
                        "sale_line_id": self.sale_to_order.order_line.id,
                    }
                )
            ]
        self.assertFalse(purchase.order_line)

    def test_other_company_user(self):
        """People of the other company neither read nor post these orders."""
        for model, order in (
            ("sale_order_id", self.sale),
            ("purchase_order_id", self.purchase),
        ):
            foreigner = self._new_user(
                f"foreign_{order._table}",
                "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
                company=self.other_company,
            )
            env = self.env(user=foreigner, context={})
            mine = order.with_env(env)
            with self.assertRaises(AccessError):
                mine.read(self._own_fields(order._name))
            with self.assertRaises(AccessError):
                mine.action_post_drop_shipment()
            with self.assertRaises(AccessError):
                env["drop.shipment.post"].create({model: order.id})

    def test_get_sales_order_of_other_company(self):
        """A dialog for a purchase order of the other company is refused."""
        purchase = self._new_purchase()
        env = self.env(user=self.other_company_buyer, context={})
        model = env["purchase.order.get.sales.order"]
        with self.assertRaises(AccessError):
            model.create({"purchase_order_id": purchase.id}).flush_recordset()
        shown = {"fields": {"name": {}, "quantity": {}}}
        values = {"purchase_order_id": purchase.id}
        with self.assertRaises(AccessError):
            model.onchange(
                values, list(values), {"line_ids": shown, "order_ids": shown}
            )

    def test_create_purchases_of_other_company(self):
        """Purchase orders are made in the company of the sales order only."""
        for user in (self.other_company_buyer,):
            mine = self.sale_to_order.with_user(user).with_context(
                allowed_company_ids=user.company_id.ids
            )
            for record in (mine, mine.browse(mine.id).sudo().order_line.sudo(False)):
                with self.assertRaises(AccessError):
                    record.action_create_drop_shipment_purchases()
                with self.assertRaises(AccessError):
                    record.action_open_create_drop_shipment_purchases()
        self.assertEqual(self.sale_to_order.order_line.drop_shipment_qty_ordered, 0)

    def test_create_purchases_from_another_company(self):
        """A buyer of both makes them in the sales order's company."""
        both = self.other_company | self.company
        mine = self.sale_to_order.with_user(self.buyer_of_both).with_context(
            allowed_company_ids=both.ids
        )
        mine.action_create_drop_shipment_purchases()
        purchase = self.sale_to_order.sudo().order_line.purchase_line_ids.order_id
        self.assertEqual(purchase.company_id, self.company)
        self.assertEqual(purchase.picking_type_id.company_id, self.company)

    def test_whole_cycle_in_the_other_company(self):
        """A company made after the installation ships like the first one."""
        salesman = self.sales_of_both
        order = (
            self.env["sale.order"]
            .with_user(salesman)
            .with_context(allowed_company_ids=self.other_company.ids)
            .create(
                {
                    "partner_id": self.customer.id,
                    "partner_shipping_id": self.ship_to.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.chair.id,
                                "product_uom_qty": 3,
                                "drop_shipment": True,
                            }
                        )
                    ],
                }
            )
        )
        order.action_confirm()
        purchase = self._new_foreign_purchase()
        self._get_sales_orders(purchase, order)
        purchase.button_confirm()
        self.assertEqual(purchase.picking_type_id.company_id, self.other_company)
        # With the first company on top, as in the company switcher.
        both = (self.company | self.other_company).ids
        self._post(order.with_context(allowed_company_ids=both))
        self.assertEqual(order.order_line.qty_delivered, 3)
        picking = order.sudo().picking_ids
        self.assertEqual(picking.company_id, self.other_company)


class TestBranches(TestRightsCommon):
    """A branch: a company within the company, with orders of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch Company", "parent_id": cls.company.id}
        )
        # Core gives a branch its parent's chart of accounts before the commit.
        cls.env.cr.precommit.run()
        groups = "sales_team.group_sale_salesman,purchase.group_purchase_user"
        cls.branch_trader = cls._new_user("branch", groups, company=cls.branch)
        cls.head_trader = cls._new_user("head", groups)
        cls.trader_of_both = cls._new_user("head_and_branch", groups)
        cls.trader_of_both.company_ids |= cls.branch

    def _new_branch_sale(self, user=None):
        user = user or self.branch_trader
        return self._new_sale(
            user=user.with_context(allowed_company_ids=self.branch.ids),
            company_id=self.branch.id,
        ).with_context(allowed_company_ids=self.branch.ids)

    def _new_branch_purchase(self, user=None, company=None):
        user, company = user or self.branch_trader, company or self.branch
        return (
            self.env["purchase.order"]
            .with_user(user)
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "sell_to_customer_id": self.customer.id,
                    "company_id": company.id,
                }
            )
        )

    def test_whole_cycle(self):
        """Both orders, the transfer and the documents are the branch's."""
        sale = self._new_branch_sale()
        self.assertEqual(sale.company_id, self.branch)
        purchase = self._new_branch_purchase()
        self._get_sales_orders(purchase, sale)
        purchase.button_confirm()
        self.assertEqual(purchase.picking_type_id.company_id, self.branch)
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            self._post(purchase, "receive_invoice")
        self._post(sale, "ship_invoice")
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 10)
        self.assertEqual(sale.sudo().picking_ids.company_id, self.branch)
        invoice = sale.sudo().invoice_ids
        self.assertEqual(invoice.company_id, self.branch)
        invoice.action_post()
        bill = self._new_bill(purchase, post=False)
        bill.sudo().action_post()
        self.assertEqual(bill.company_id, self.branch)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_control_of_the_branch(self):
        """The branch has its own control, whatever its parent's."""
        self.company.drop_shipment_bill_control = "none"
        sale = self._new_branch_sale()
        purchase = self._new_branch_purchase()
        self._get_sales_orders(purchase, sale)
        purchase.button_confirm()
        self._post(purchase, "receive")
        bill = self._new_bill(purchase, post=False)
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            bill.sudo().action_post()
        self.branch.drop_shipment_bill_control = "none"
        bill.sudo().action_post()
        self.assertEqual(bill.state, "posted")

    def test_head_office_does_not_order_for_the_branch(self):
        """Orders of the branch are not on offer for an order of the head office."""
        sale = self._new_branch_sale()
        both = (self.company | self.branch).ids
        for user in (self.head_trader, self.trader_of_both):
            purchase = self._new_branch_purchase(user, self.company)
            if user == self.trader_of_both:
                purchase = purchase.with_context(allowed_company_ids=both)
            with self.subTest(user.login):
                offered = purchase.env["purchase.order.get.sales.order"].create(
                    {"purchase_order_id": purchase.id}
                )
                self.assertNotIn(sale.id, offered.sudo().available_sale_order_ids.ids)
                with self.assertRefused("is not on offer"):
                    self._get_sales_orders(purchase, sale)
                with self.assertRefused("belongs to another company"):
                    purchase.order_line = [
                        Command.create(
                            {
                                "product_id": self.chair.id,
                                "product_qty": 1,
                                "sale_line_id": sale.order_line.id,
                            }
                        )
                    ]

    def test_branch_does_not_see_the_head_office(self):
        """People of the branch have nothing to do with the parent's orders."""
        for order in (self.sale, self.purchase):
            mine = order.with_user(self.branch_trader).with_context(
                allowed_company_ids=self.branch.ids
            )
            with self.assertRaises(AccessError):
                mine.read(self._own_fields(order._name))
            with self.assertRaises(AccessError):
                mine.action_post_drop_shipment()
        rows = self.env["drop.shipment.report"].with_user(self.branch_trader)
        rows = rows.with_context(allowed_company_ids=self.branch.ids)
        self.assertFalse(rows.search([("company_id", "!=", self.branch.id)]))
        with self.assertRefused("nothing to fetch"):
            self._new_branch_purchase().action_get_sales_order()
