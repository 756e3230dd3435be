from odoo.exceptions import AccessError
from odoo.fields import Command

from .common_rights import TestRightsCommon


class TestRightsFields(TestRightsCommon):
    """What a role may read and write of our fields, and nothing it may forge."""

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

    def test_export(self):
        """Whatever the Export dialog offers of our fields can be exported."""
        row = self.env["drop.shipment.report"].browse(self.sale_line.id)
        self.env.flush_all()
        for user, records in (
            (self.salesman, (self.sale, self.sale_line, row)),
            (self.buyer, (self.purchase, self.purchase.order_line, row)),
            (self.accountant, (self.sale, self.purchase, row)),
        ):
            user.group_ids += self.env.ref("base.group_allow_export")
            for record in records:
                own = record.with_user(user)
                offered = own.fields_get(attributes=["exportable"])
                names = sorted(set(offered) & set(self._own_fields(own._name)))
                names = [name for name in names if offered[name].get("exportable")]
                with self.subTest(user.login, model=own._name):
                    self.assertTrue(names)
                    self.assertTrue(own.export_data(names)["datas"])

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
