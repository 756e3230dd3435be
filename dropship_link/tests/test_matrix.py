from ast import literal_eval
from contextlib import suppress

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw

from .common_rights import TestRightsCommon

BOTH = {"sales and purchase", "manager"}
BUYERS = {"purchase", "purchase other", *BOTH}
SALES = {"sales own", "sales all", *BOTH}
SETTINGS = {"settings", "manager"}
ACCOUNTING = {"billing", "accountant"}
INTERNAL = {
    *(BUYERS | SALES | ACCOUNTING),
    *("sales other", "stock", "settings", "internal"),
}
# Who opened the dialog of the test, and nobody else.
OWN_SALES, OWN_PURCHASE, OWN_MANAGER = {"sales own"}, {"purchase"}, {"manager"}

# Who may call a method, on records that are there to be called on.
METHODS = {
    ("drop.shipment.adopt", "action_adopt"): OWN_MANAGER,
    ("drop.shipment.create.purchase", "action_create_purchases"): OWN_PURCHASE,
    ("drop.shipment.correct", "action_correct"): OWN_SALES,
    ("drop.shipment.post", "action_post"): OWN_SALES,
    ("drop.shipment.post", "post_lines"): SALES,
    ("drop.shipment.report", "action_create_purchases"): BUYERS,
    ("drop.shipment.report", "action_post"): BUYERS | SALES,
    ("drop.shipment.report", "action_view_purchase"): BUYERS | ACCOUNTING,
    ("drop.shipment.report", "action_view_sale"): SALES | ACCOUNTING,
    ("drop.shipment.return", "action_return"): OWN_SALES,
    ("drop.shipment.return", "action_return_all"): OWN_SALES,
    ("purchase.order", "action_close_drop_shipment_declined"): BUYERS | ACCOUNTING,
    ("purchase.order", "action_close_drop_shipment_remainder"): BUYERS | ACCOUNTING,
    ("purchase.order", "action_correct_drop_shipment"): BUYERS,
    ("purchase.order", "action_discard_drop_shipment_report"): BUYERS | ACCOUNTING,
    ("purchase.order", "action_get_sales_order"): BUYERS,
    ("purchase.order", "action_refund_drop_shipment"): BUYERS | ACCOUNTING,
    ("purchase.order", "action_reorder_drop_shipment_declined"): BUYERS,
    ("purchase.order", "action_return_drop_shipment"): BUYERS,
    ("purchase.order", "action_view_drop_shipment_unbillable"): (
        ACCOUNTING | BOTH | {"stock"}
    ),
    ("purchase.order", "action_post_drop_shipment"): BUYERS,
    ("purchase.order", "action_send_drop_shipments"): BUYERS | ACCOUNTING,
    ("purchase.order", "send_drop_shipment"): BUYERS | ACCOUNTING,
    ("purchase.order", "action_ship_drop_shipment_again"): BUYERS | ACCOUNTING,
    ("purchase.order", "action_view_drop_shipments"): BUYERS | ACCOUNTING,
    ("purchase.order.get.sales.order", "action_insert_lines"): OWN_PURCHASE,
    ("purchase.order.line", "action_close_drop_shipment_remainder"): (
        BUYERS | ACCOUNTING
    ),
    ("purchase.order.line", "action_ship_drop_shipment_again"): BUYERS | ACCOUNTING,
    ("purchase.order.line", "action_unlink_drop_shipment"): BUYERS,
    ("purchase.order.line", "action_waive_drop_shipment_remainder"): (
        BOTH | ACCOUNTING
    ),
    ("purchase.order.line", "action_view_drop_shipment_sale"): (
        ACCOUNTING | BOTH | {"stock"}
    ),
    ("res.config.settings", "action_adopt_drop_shipments"): {"manager"},
    ("sale.order", "action_correct_drop_shipment"): SALES,
    ("sale.order", "action_create_drop_shipment_purchases"): BUYERS,
    ("sale.order", "action_credit_drop_shipment"): SALES | ACCOUNTING,
    ("sale.order", "action_open_create_drop_shipment_purchases"): BUYERS,
    ("sale.order", "action_post_drop_shipment"): SALES,
    ("sale.order", "action_return_drop_shipment"): SALES,
    ("sale.order", "action_send_drop_shipment"): SALES | ACCOUNTING | {"stock"},
    ("sale.order", "action_tell_drop_shipment_delay"): SALES | ACCOUNTING | {"stock"},
    ("sale.order", "action_view_drop_shipments"): SALES | ACCOUNTING,
    ("sale.order.line", "action_create_drop_shipment_purchases"): BUYERS,
    ("sale.order.line", "action_open_create_drop_shipment_purchases"): BUYERS,
    ("sale.order.line", "action_view_drop_shipment_purchase"): (
        ACCOUNTING | BOTH | {"stock"}
    ),
}
# Who may read, write and unlink a record of our models, and who may make one like it.
MODELS = {
    "drop.shipment.adopt": (OWN_MANAGER, OWN_MANAGER),
    "drop.shipment.adopt.line": (OWN_MANAGER, OWN_MANAGER),
    "drop.shipment.correct": (OWN_SALES, SALES),
    "drop.shipment.correct.line": (OWN_SALES, OWN_SALES),
    "drop.shipment.create.purchase": (OWN_PURCHASE, BUYERS),
    "drop.shipment.create.purchase.line": (OWN_PURCHASE, OWN_PURCHASE),
    "drop.shipment.post": (OWN_SALES, SALES),
    "drop.shipment.post.line": (OWN_SALES, OWN_SALES),
    "drop.shipment.return": (OWN_SALES, SALES),
    "drop.shipment.return.line": (OWN_SALES, OWN_SALES),
    "purchase.order.get.sales.order": (OWN_PURCHASE, BUYERS),
    "purchase.order.get.sales.order.line": (OWN_PURCHASE, OWN_PURCHASE),
    "purchase.order.get.sales.order.offer": (OWN_PURCHASE, OWN_PURCHASE),
}
# The list and the analysis of all drop shipments are there to be read.
REPORT = {
    "drop.shipment.analysis": BUYERS | SALES | ACCOUNTING,
    "drop.shipment.report": BUYERS | SALES | ACCOUNTING,
    "drop.shipment.vendor.limit": SETTINGS,
}
# Who may read our fields of core's models, and who may write them: as core has it.
FIELDS = {
    "product.template": (INTERNAL, SETTINGS),
    "purchase.order": (BUYERS | ACCOUNTING | {"stock"}, BUYERS | ACCOUNTING),
    "purchase.order.line": (BUYERS | ACCOUNTING | {"stock"}, BUYERS | ACCOUNTING),
    "res.company": (INTERNAL, SETTINGS),
    "res.config.settings": (SETTINGS, SETTINGS),
    "res.partner": (INTERNAL, SETTINGS),
    "stock.picking": (INTERNAL - {"internal", "settings"},) * 2,
    "sale.order": (SALES | ACCOUNTING | {"stock"},) * 2,
    "sale.order.line": (SALES | ACCOUNTING | {"stock"},) * 2,
}
# Of both orders and their lines, what people enter; nobody writes what is computed.
ENTERED = {
    ("purchase.order", "sell_to_customer_id"),
    ("sale.order.line", "drop_shipment"),
    ("sale.order.line", "drop_shipment_chosen_vendor_id"),
    ("sale.order.line", "drop_shipment_vendor_id"),
    ("sale.order.line", "qty_to_ship"),
}
COMPUTED_MODELS = {
    *("purchase.order", "purchase.order.line"),
    *("sale.order", "sale.order.line"),
}
# The relation itself is for who may read purchase lines.
READERS = {
    ("sale.order.line", "drop_shipment_purchase_line_ids"): (
        ACCOUNTING | BOTH | {"stock"}
    ),
}


class TestMatrix(TestRightsCommon):
    """Every kind of user and all that this add-on has, as the external API sees it.

    What there is comes from the registry: a new method, model or field that is not
    listed above fails.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "sales own": cls.salesman,
            "sales other": cls.other_salesman,
            "sales all": cls.sales_lead,
            "purchase": cls.buyer,
            "purchase other": cls.other_buyer,
            "sales and purchase": cls.trader,
            "stock": cls._new_user("kind_stock", "stock.group_stock_user"),
            "billing": cls._new_user("kind_billing", "account.group_account_invoice"),
            "accountant": cls._new_user("kind_books", "account.group_account_user"),
            "settings": cls._new_user("kind_settings", "base.group_system"),
            "manager": cls._new_user(
                "kind_manager",
                "base.group_system,sales_team.group_sale_manager,"
                "purchase.group_purchase_manager",
            ),
            "internal": cls.internal,
            "portal customer": cls.portal_customer,
            "portal vendor": cls.portal_vendor,
            "no group": cls.env["res.users"].create(
                {
                    "name": "Nobody",
                    "login": "drop_nobody",
                    "email": "nobody@company.example.com",
                    "group_ids": [Command.clear()],
                }
            ),
        }
        getting = cls.env["purchase.order.get.sales.order"].with_user(cls.buyer)
        getting = getting.create(
            {
                "purchase_order_id": cls._new_purchase().id,
                "sale_order_ids": [Command.set(cls.sale_to_order.ids)],
            }
        )
        posting = cls.env["drop.shipment.post"].with_user(cls.salesman)
        posting = posting.create({"sale_order_id": cls.sale.id})
        shipped = cls._new_sale()
        shipped_by = cls._new_purchase(shipped, confirm=True)
        cls._post(shipped)
        values = {"sale_order_id": shipped.id}
        own = cls.env(user=cls.salesman)
        returning = own["drop.shipment.return"].create(values)
        returning.line_ids.quantity = 1
        correcting = own["drop.shipment.correct"].create(values)
        to_order = cls.sale_to_order.with_user(cls.buyer)
        action = to_order.action_open_create_drop_shipment_purchases()
        creating = to_order.env[action["res_model"]].browse(action["res_id"])
        cls._new_sale(
            (
                cls.chair,
                1,
                {
                    "drop_shipment": False,
                    "route_ids": cls.env.ref(
                        "stock_dropshipping.route_drop_shipping"
                    ).ids,
                },
            )
        )
        manager = cls.users["manager"]
        adopting = cls.env["drop.shipment.adopt"].with_user(manager).create({})
        cls.records = {
            records._name: records
            for records in (
                *(adopting, adopting.line_ids),
                *(getting, getting.line_ids, getting.order_ids),
                *(posting, posting.line_ids),
                *(returning, returning.line_ids),
                *(correcting, correcting.line_ids),
                *(creating, creating.line_ids),
                cls.env["drop.shipment.report"].browse(cls.sale_line.id),
                cls._new_limit(),
                cls.env["drop.shipment.analysis"].browse(cls.purchase.order_line.id),
                *(cls.sale, cls.sale_line),
                *(cls.purchase, cls.purchase.order_line),
                *(cls.chair.product_tmpl_id, cls.company, cls.vendor),
                cls.purchase.sudo().picking_ids[:1],
                cls.env["res.config.settings"].create({}),
            )
        }
        # Where another record than those is needed to have something to do.
        report = cls.env["drop.shipment.report"]
        cls.callable = {
            ("drop.shipment.report", "action_create_purchases"): report.browse(
                cls.sale_to_order.order_line.id
            ),
            ("purchase.order", "action_get_sales_order"): cls._new_purchase(),
            (
                "purchase.order.line",
                "action_unlink_drop_shipment",
            ): cls.request.order_line,
            **{
                (records._name, method): records
                for records in (cls.sale_to_order, cls.sale_to_order.order_line)
                for method in (
                    "action_create_drop_shipment_purchases",
                    "action_open_create_drop_shipment_purchases",
                )
            },
        }
        for records in (shipped, shipped_by):
            for method in ("return", "correct"):
                name = f"action_{method}_drop_shipment"
                cls.callable[records._name, name] = records
        late = cls._new_sale(commitment_date="2026-01-01 12:00:00")
        cls._new_purchase(late, confirm=True)
        cls.callable["sale.order", "action_tell_drop_shipment_delay"] = late
        short = cls._new_sale()
        cls.callable["sale.order", "action_send_drop_shipment"] = short
        cls.callable |= dict.fromkeys(
            (
                ("purchase.order", "action_close_drop_shipment_remainder"),
                ("purchase.order", "action_view_drop_shipment_unbillable"),
            ),
            cls._new_purchase(short, confirm=True),
        )
        cls._post(short, "ship", 4)
        stranded = cls._new_purchase(cls._new_sale(), confirm=True)
        stranded.sudo().picking_ids.action_cancel()
        for records in (stranded, stranded.order_line):
            key = (records._name, "action_ship_drop_shipment_again")
            cls.callable[key] = records
        settled = cls._new_sale()
        settled_by = cls._new_purchase(settled, confirm=True)
        cls._post(settled)
        cls._post_invoice(settled)
        cls._new_bill(settled_by)
        cls._return(settled.sudo().picking_ids, 4)
        cls.callable["sale.order", "action_credit_drop_shipment"] = settled
        cls.callable["purchase.order", "action_refund_drop_shipment"] = settled_by
        answered = cls._new_purchase(
            cls._new_sale((cls.chair, 1), (cls.desk, 1)), confirm=True
        )
        reported, declined = answered.order_line.ids
        report = cls.env["drop.shipment.vendor.report"]
        report._report(answered.sudo(), {reported: 1.0}, {}, {})
        answer = cls.env["drop.shipment.vendor.answer"]
        answer._decline(answered.sudo(), {declined: 1.0}, "Sold out")
        for method in (
            "action_close_drop_shipment_declined",
            "action_discard_drop_shipment_report",
            "action_reorder_drop_shipment_declined",
        ):
            cls.callable["purchase.order", method] = answered
        # What a method gets beside the records, or without any.
        cls.arguments = {
            ("drop.shipment.post", "post_lines"): (
                [cls.sale_line.ids, "ship", cls.sale.id]
            ),
            ("purchase.order", "send_drop_shipment"): [cls.purchase.id],
        }
        cls.env.flush_all()

    def _get_callers(self, model, method, *args):
        """Return the kinds of users whom the external API allows this call."""
        return self._get_allowed(
            lambda user: call_kw(self.env[model].with_user(user), method, args, {})
        )

    def _get_public_methods(self):
        """Return (model, method) for each method that this add-on opens to calls."""
        found = set()
        for name, model in self.env.registry.items():
            own = others = frozenset()
            for cls in model.__mro__:
                if cls.__module__.startswith("odoo.addons.dropship_link"):
                    own |= {
                        attribute
                        for attribute, value in vars(cls).items()
                        if callable(value)
                        and not attribute.startswith("_")
                        and not getattr(value, "_api_private", False)
                    }
                elif cls.__module__.startswith("odoo."):
                    others |= set(vars(cls))
            if not model._abstract:
                found |= {(name, method) for method in own - others}
        return found

    @classmethod
    def _new_limit(cls):
        """Return the row that counts what was written on the vendor's page."""
        limit = cls.env["drop.shipment.vendor.limit"].sudo()
        limit._count_answer(cls.purchase.sudo())
        return limit.search([("purchase_order_id", "=", cls.purchase.id)])

    def test_methods(self):
        """Each public method, by who may call it."""
        self.assertEqual(self._get_public_methods(), set(METHODS))
        for (model, method), expected in METHODS.items():
            records = self.callable.get((model, method)) or self.records[model]
            arguments = self.arguments.get((model, method), [records.ids])
            with self.subTest(f"{model}.{method}"):
                callers = self._get_callers(model, method, *arguments)
                self.assertEqual(callers, expected)

    def _get_offered(self, user, model, view_type):
        """Return (model, method) of each button of ours that a view shows a user."""
        records = self.env[model].with_user(user)
        if not user._is_internal() or not records.has_access("read"):
            return set()
        arch = etree.fromstring(records.get_view(view_type=view_type)["arch"])
        offered = set()
        for node in arch.iter("button", "field"):
            method = node.get("name")
            if node.get("widget") == "drop_shipment_link":
                method = literal_eval(node.get("options"))["action"]
            is_row = next(node.iterancestors("field"), None) is not None
            offered.add((f"{model}.line" if is_row else model, method))
        return offered & set(METHODS)

    def test_buttons(self):
        """Nobody is shown a button that would refuse them; what links orders, all."""
        links = {
            ("sale.order.line", "action_view_drop_shipment_purchase"),
            ("purchase.order.line", "action_view_drop_shipment_sale"),
        }
        # A view can't know that they are refused the orders of others.
        for kind in set(self.users) - {"sales other"}:
            user, offered = self.users[kind], set()
            for model in ("sale.order", "purchase.order", "drop.shipment.report"):
                for view_type in ("form", "list", "kanban"):
                    offered |= self._get_offered(user, model, view_type)
            with self.subTest(kind):
                self.assertFalse({key for key in offered if kind not in METHODS[key]})
                if kind in ACCOUNTING | BOTH:
                    self.assertLessEqual(links, offered)

    def test_models(self):
        """Each model of ours, by who may read, write, create and unlink."""
        self.assertEqual(set(self._own_models()), set(MODELS) | set(REPORT))
        for model in self._own_models():
            records = self.records[model]
            owners, makers = MODELS.get(model, (set(), set()))
            values = {
                name: value.id if field.type == "many2one" else value
                for name, field in records._fields.items()
                if field.store and records._auto and name not in MAGIC_COLUMNS
                if not field.type.endswith("2many")
                for value in [records.sudo()[name]]
            }
            readers = REPORT.get(model, owners)
            # Salespeople change Qty to Ship in the list.
            writers = SALES if model == "drop.shipment.report" else owners
            for method, expected, args in (
                ("read", readers, [records.ids, ["display_name"]]),
                ("write", writers, [records.ids, {}]),
                ("create", makers, [[values]]),
                ("unlink", owners, [records.ids]),
            ):
                with self.subTest(f"{model} {method}"):
                    callers = self._get_callers(model, method, *args)
                    self.assertEqual(callers, expected)
            with self.subTest(f"{model} search"):
                self.assertEqual(self._get_finders(records), readers)

    def _get_finders(self, records):
        """Return the kinds of users who find the records."""
        found = set()
        for kind, user in self.users.items():
            with suppress(AccessError):
                if records.with_user(user).search([("id", "in", records.ids)]):
                    found.add(kind)
        return found

    def test_fields(self):
        """Each field of ours on core's models, by who may read and write it."""
        own_fields = {
            (model, name)
            for model in self.env.registry
            if not self.env[model]._abstract and model not in self._own_models()
            for name in self._own_fields(model)
        }
        self.assertEqual({model for model, _name in own_fields}, set(FIELDS))
        self.assertFalse(set(READERS) - own_fields)
        for model, name in sorted(own_fields):
            records = self.records[model]
            readers, writers = FIELDS[model]
            if model in COMPUTED_MODELS and (model, name) not in ENTERED:
                writers = set()
            value = records.sudo()[name]
            if records._fields[name].type == "many2one":
                value = value.id
            elif records._fields[name].type.endswith("2many"):
                value = []
            with self.subTest(f"{model}.{name}"):
                self.assertEqual(
                    self._get_callers(model, "read", records.ids, [name]),
                    READERS.get((model, name), readers),
                )
                self.assertEqual(
                    self._get_callers(model, "write", records.ids, {name: value}),
                    writers,
                )
