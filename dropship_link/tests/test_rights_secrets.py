from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common_rights import TestRightsCommon


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
            (salesman, "drop.shipment.return.line", secret_line),
            (salesman, "drop.shipment.post", {"sale_order_id": self.secret.id}),
            (buyer, "drop.shipment.post", {"sale_order_id": self.secret.id}),
        ):
            with self.subTest(model, values=values):
                self.assertTellsNothing(self._onchange(env, model, values))

    def test_empty_row(self):
        """A row without a line, as a program may ask for one, tells nothing."""
        env = self.env(user=self.trader)
        for model in (
            "drop.shipment.create.purchase.line",
            "drop.shipment.post.line",
            "drop.shipment.return.line",
            "purchase.order.get.sales.order.line",
            "purchase.order.get.sales.order.offer",
        ):
            row = env[model].new({})
            told = {row[name] for name in row._fields if name != "id" and row[name]}
            with self.subTest(model):
                # A kit without parts has no numbers.
                self.assertLessEqual(told, {"none"})

    def test_onchange_of_one_field(self):
        """Nor does a field of Post that is computed in sudo, asked for by itself."""
        post = self.env["drop.shipment.post"].with_user(self.salesman)
        values = {"sale_order_id": self.secret.id}
        for name in ("reported_notice", "partial_warning"):
            self.env.invalidate_all()
            with self.subTest(name), self.assertRaises(AccessError):
                post.new(values)[name]

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
