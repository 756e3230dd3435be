from markupsafe import Markup

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.service.model import call_kw

from .common_rights import SALES_PRICE, TestRightsCommon

HTML = '<img src=x onerror="alert(1)">'
SQL_TEXT = "'; DROP TABLE sale_order; -- %s %(x)s {0} {x}"


class TestLeaks(TestRightsCommon):
    """What one department, salesman or company may not learn of another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report = cls.env["drop.shipment.report"]
        # Own orders only, and the whole purchase side.
        cls.buying_salesman = cls._new_user(
            "buying_salesman",
            "sales_team.group_sale_salesman,purchase.group_purchase_user",
        )
        cls.env.flush_all()

    def _call(self, user, model, method, *args, **kwargs):
        """Call as the external API does."""
        self.env.invalidate_all()
        return call_kw(self.env[model].with_user(user), method, args, kwargs)

    def assertForbidden(self, user, *call, **kwargs):
        """The call is refused, or taken for a mistake, and tells no price."""
        try:
            told = self._call(user, *call, **kwargs)
        except (UserError, ValueError) as error:
            self.assertNotIn(str(SALES_PRICE), str(error))
        else:
            self.fail(f"{call} gave {told}")

    # ------------------------------------------------------------
    # PRICES OF THE OTHER DEPARTMENT
    # ------------------------------------------------------------

    def test_report_field_by_every_method(self):
        """A field that may not be read can't be asked for in any other way."""
        rows = [self.sale_line.id, self.sale_to_order.order_line.id]
        for user, name in (
            (self.buyer, "revenue"),
            (self.buyer, "margin"),
            (self.buyer, "sale_line_id.price_unit"),
            (self.salesman, "cost"),
            (self.salesman, "margin"),
            (self.salesman, "sale_line_id.purchase_line_ids.price_unit"),
        ):
            model = "drop.shipment.report"
            field = name.split(".")[0]
            calls = {
                "search": (model, "search", [(name, ">", 1)]),
                "search_count": (model, "search_count", [(name, ">", 1)]),
                "order": (model, "search", []),
                "export": (model, "export_data", rows, [name.replace(".", "/")]),
            }
            if field == name:
                calls |= {
                    "read": (model, "read", rows, [name]),
                    "web_read": (model, "web_read", rows, {name: {}}),
                    "group": (model, "formatted_read_group", [], [name], []),
                    "sum": (model, "formatted_read_group", [], [], [f"{name}:sum"]),
                    "having": (model, "formatted_read_group", [], ["state"], []),
                    "name_search": (model, "name_search", "", [(name, ">", 1)]),
                }
            else:
                calls["group"] = (model, "formatted_read_group", [], [name], [])
            for how, call in calls.items():
                kwargs = {}
                if how == "order":
                    kwargs = {"order": f"{name} desc"}
                elif how == "having":
                    kwargs = {"having": [(f"{name}:sum", ">", 1)]}
                with self.subTest(user=user.login, how=how, field=name):
                    self.assertForbidden(user, *call, **kwargs)

    def test_fields_get_hides_them(self):
        """Nor do the other department's people learn that there is such a field."""
        for user, names in (
            (self.buyer, {"revenue", "margin"}),
            (self.salesman, {"cost", "margin"}),
        ):
            fields = self._call(user, "drop.shipment.report", "fields_get")
            self.assertFalse(names & set(fields))

    def test_revenue_of_other_salesmen(self):
        """Buying shows a salesman the lines of others, not what they are sold for."""
        secret = self._new_sale(
            (self.chair, 3, {"price_unit": SALES_PRICE}), user=self.other_salesman
        )
        own = self._new_sale((self.chair, 3), user=self.buying_salesman)
        self.env.flush_all()
        ids = (secret | own).order_line.ids
        rows = self._call(
            self.buying_salesman,
            "drop.shipment.report",
            "search_read",
            [("id", "in", ids)],
            ["revenue", "sale_ref"],
        )
        self.assertEqual(
            {row["sale_ref"]: row["revenue"] for row in rows},
            {secret.name: 0, own.name: 60},
        )
        for user, total in (
            (self.buying_salesman, 60),
            (self.sales_lead, 60 + 3 * SALES_PRICE),
            (self.other_salesman, 3 * SALES_PRICE),
        ):
            with self.subTest(user.login):
                ((revenue, *_rest),) = self.report.with_user(user)._read_group(
                    [("id", "in", ids)], [], ["revenue:sum"]
                )
                self.assertAlmostEqual(revenue, total)
        found = self.report.with_user(self.buying_salesman).search(
            [("revenue", ">", 900)]
        )
        self.assertFalse(found & found.browse(secret.order_line.ids))

    def test_chatter(self):
        """Notes on either order name numbers, never prices of the other side."""
        self._post(self.sale, quantity=4)
        self.purchase.order_line.action_close_drop_shipment_remainder()
        self.request.order_line.action_unlink_drop_shipment()
        self.sale_to_order.with_user(self.buyer).action_create_drop_shipment_purchases()
        purchases = self.sale_to_order.sudo().order_line.purchase_line_ids.order_id
        texts = [
            self._chatter(record) for record in self.purchase | self.request | purchases
        ]
        self.assertIn(self.sale.name, str(texts))
        self.assertNotIn(str(SALES_PRICE), str(texts))
        texts = [self._chatter(sale) for sale in self.sale | self.sale_to_order]
        self.assertIn(self.purchase.name, str(texts))
        for price in self.purchase.order_line.mapped("price_unit"):
            self.assertNotIn(f"{price:.2f}", str(texts))

    # ------------------------------------------------------------
    # OTHER COMPANIES
    # ------------------------------------------------------------

    def _get_secret(self):
        """Return a sales order of a company that nobody here belongs to."""
        company = self.env["res.company"].create({"name": "Hidden Company"})
        env = self.env(context={"allowed_company_ids": company.ids})
        customer = env["res.partner"].create({"name": "Hidden Customer"})
        product = self._new_product("Hidden Gadget")
        order = env["sale.order"].create(
            {
                "partner_id": customer.id,
                "company_id": company.id,
                "client_order_ref": "Hidden Reference",
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": 2,
                            "drop_shipment": True,
                        }
                    )
                ],
            }
        )
        order.name = "HIDDEN/1"
        order.action_confirm()
        self.env.flush_all()
        return order, company

    def assertTellsNothing(self, values):
        self.assertNotIn("hidden", str(values).lower())

    def test_forged_link(self):
        """A purchase line with a forged link tells nothing, typed in or created."""
        secret, company = self._get_secret()
        purchase = self._new_purchase()
        forged = {
            "order_id": purchase.id,
            "company_id": company.id,
            "product_id": self.chair.id,
            "product_qty": 1,
            "sale_line_id": secret.order_line.id,
        }
        names = self._own_fields("purchase.order.line")
        specification = {name: {} for name in names}
        specification["drop_shipment_sale_line_id"] = {"fields": {"display_name": {}}}
        for context in ({}, {"allowed_company_ids": [self.company.id, company.id]}):
            for values in (forged, {**forged, "order_id": False}):
                with self.subTest(context=context, order=values["order_id"]):
                    try:
                        told = self._call(
                            self.buyer,
                            "purchase.order.line",
                            "onchange",
                            [],
                            values,
                            list(values),
                            specification,
                            context=context,
                        )
                    except AccessError as error:
                        told = str(error)
                    self.assertTellsNothing(told)
        with self.assertRaises(UserError) as caught:
            self._call(self.buyer, "purchase.order.line", "create", [forged])
        self.assertTellsNothing(caught.exception)
        with self.assertRaises(UserError) as caught:
            self._call(
                self.buyer,
                "purchase.order.line",
                "write",
                self.request.order_line.ids,
                {"sale_line_id": secret.order_line.id},
            )
        self.assertTellsNothing(caught.exception)

    def test_forged_context(self):
        """Companies, defaults and active ids of the context open nothing."""
        secret, company = self._get_secret()
        line = secret.order_line
        contexts = [
            {"allowed_company_ids": company.ids},
            {"allowed_company_ids": [self.company.id, company.id]},
            {"active_model": "sale.order", "active_ids": secret.ids},
            {"active_model": "sale.order.line", "active_id": line.id},
            {
                "default_sale_order_id": secret.id,
                "default_sale_line_id": line.id,
                "default_line_ids": [[0, 0, {"sale_line_id": line.id, "quantity": 1}]],
                "default_sale_order_ids": [[6, 0, secret.ids]],
                "default_order_ids": [[0, 0, {"sale_order_id": secret.id}]],
            },
        ]
        purchase = self._new_purchase()
        for context in contexts:
            for user, model, values in (
                (
                    self.buyer,
                    "purchase.order.get.sales.order",
                    {"purchase_order_id": purchase.id},
                ),
                (self.buyer, "drop.shipment.create.purchase", {}),
                (
                    self.buyer,
                    "drop.shipment.create.purchase",
                    {"line_ids": [[0, 0, {"sale_line_id": line.id}]]},
                ),
                (self.salesman, "drop.shipment.post", {}),
                (self.salesman, "drop.shipment.post", {"sale_order_id": self.sale.id}),
                (
                    self.buyer,
                    "drop.shipment.post",
                    {"purchase_order_id": self.purchase.id},
                ),
            ):
                with self.subTest(model, context=context, values=values):
                    told = self._get_dialog(user, model, values, context)
                    self.assertTellsNothing(told)
        self.assertFalse(line.drop_shipment_qty_ordered)

    def _get_dialog(self, user, model, values, context):
        """Make a dialog and return all that its user can read of it."""
        try:
            with self.env.cr.savepoint():
                ids = self._call(user, model, "create", [values], context=context)
                told = [self._call(user, model, "read", ids, context=context)]
                dialog = self.env[model].sudo().browse(ids)
                for name, field in dialog._fields.items():
                    if field.type == "one2many":
                        rows = dialog[name]
                        told.append(
                            self._call(
                                user, rows._name, "read", rows.ids, context=context
                            )
                        )
                return told
        except UserError as error:
            return str(error)

    # ------------------------------------------------------------
    # INJECTION
    # ------------------------------------------------------------

    def test_html_and_sql(self):
        """What people type stays text, in notes and dialogs, mails and documents."""
        for text in (HTML, SQL_TEXT):
            with self.subTest(text):
                self._check_inert(text)

    def _check_inert(self, text):
        customer = self.env["res.partner"].create({"name": f"Customer {text}"})
        product = self._new_product(f"Product {text}")
        sale = self._new_sale(
            (product, 5, {"name": f"Line {text}"}),
            partner_id=customer.id,
            partner_shipping_id=customer.id,
            client_order_ref=f"Reference {text}",
            origin=text,
            note=text,
        )
        sale.name = f"S-{text}"
        purchase = self._new_purchase(
            sell_to_customer_id=customer.id, partner_ref=text, origin=text
        )
        purchase.name = f"P-{text}"
        action = purchase.action_get_sales_order()
        wizard = purchase.env[action["res_model"]].browse(action["res_id"])
        offer = wizard.order_ids.read()[0]
        self.assertIn(text, offer["name"])
        self.assertIn(text, offer["client_order_ref"])
        wizard.order_ids.selected = True
        wizard.action_insert_lines()
        purchase.button_confirm()
        self._post(sale, quantity=2)
        purchase.order_line.action_close_drop_shipment_remainder()
        for record in (sale, purchase, sale.sudo().picking_ids):
            chatter = self._chatter(record)
            self.assertNotIn("<img src=x", chatter)
        inert = text.replace("<", "&lt;").replace(">", "&gt;")
        self.assertIn(inert, self._chatter(purchase))
        report = self.env["ir.actions.report"]
        for name, orders in (
            ("purchase.report_purchaseorder", purchase),
            ("stock.report_deliveryslip", sale.sudo().picking_ids[:1]),
        ):
            html = report._render_qweb_html(name, orders.ids)[0].decode()
            self.assertNotIn("<img src=x", html)
        rows = self.report.with_user(self.buyer).search([("sale_ref", "=", sale.name)])
        self.assertEqual(rows.ids, sale.order_line.ids)
        for domain in (
            [("sale_ref", "ilike", text)],
            [("purchase_ref", "ilike", text)],
            [("client_order_ref", "=like", f"%{text}%")],
        ):
            self.report.with_user(self.buyer).search(domain)
        self.report.with_user(self.buyer).name_search(text)
        with self.assertRefused("Invoice sales order S-") as caught:
            self._post(purchase)
        self.assertNotIsInstance(caught.exception.args[0], Markup)

    def test_sql_in_arguments(self):
        """Orders, fields and operators of the external API are no SQL."""
        for kwargs in (
            {"domain": [], "order": "id; DROP TABLE sale_order"},
            {"domain": [("state', 'x", "=", 1)]},
            {"domain": [("state", "= '' or 1=1 --", 1)]},
        ):
            with self.subTest(kwargs):
                self.assertForbidden(
                    self.buyer, "drop.shipment.report", "search", **kwargs
                )
