from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import TransactionCase
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from odoo.addons.base.tests.common import DISABLED_MAIL_CONTEXT

from .common import DropShipmentCommon


class TestRacesCommon(DropShipmentCommon):
    """Two people at the same moment, each in a transaction of their own.

    Their data is committed, and deleted again after the tests.
    """

    @classmethod
    def setUpClass(cls):
        # No transaction around the class, as Odoo's own cases have.
        super(TransactionCase, cls).setUpClass()
        cls.registry = Registry(get_db_name())
        cls.env = None
        cls.addClassCleanup(cls._delete_data)
        with cls._committed():
            cls._set_up_data()
            # Bills and invoices need no goods.
            (cls.chair | cls.desk).invoice_policy = "order"
            (cls.chair | cls.desk).purchase_method = "purchase"

    def setUp(self):
        super(TransactionCase, self).setUp()
        self.addCleanup(self._delete_orders)
        with self._committed():
            self.sale = self._new_sale((self.chair, 10))
            self.sale_line = self.sale.order_line
            self.refusal = f"Invoice sales order {self.sale.name} first"
            self.too_much = f"more than was sold.* 2 Units on {self.sale.name}"

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    @classmethod
    @contextmanager
    def _committed(cls):
        """Give `cls.env` a transaction that is committed at the end."""
        with cls.registry.cursor() as cr:
            cls.env = api.Environment(cr, SUPERUSER_ID, DISABLED_MAIL_CONTEXT)
            try:
                yield
                cls.env.flush_all()
            finally:
                cls.env = None

    def _new_request(self, quantity=None, confirm=False):
        """Return a purchase order that has `quantity` of the sales order."""
        purchase = self._new_purchase()
        quantities = {"quantity": quantity} if quantity else {}
        self._get_sales_orders(purchase, self.sale, **quantities)
        if confirm:
            purchase.button_confirm()
        return purchase

    def _race(self, first, second, regex=None):
        """`second` starts before `first` commits, so its transaction must fail.

        Both are functions of an environment. As Odoo does with a request, `second` is
        called again then; it must be refused with `regex`, if one is given.
        """
        with self.registry.cursor() as cr_1, self.registry.cursor() as cr_2:
            env_1, env_2 = (
                api.Environment(cr, SUPERUSER_ID, DISABLED_MAIL_CONTEXT)
                for cr in (cr_1, cr_2)
            )
            # From here on the second transaction sees the database as it is now.
            cr_2.execute("SELECT 1")
            first(env_1)
            env_1.flush_all()
            cr_1.commit()
            with self.assertRaises(SerializationFailure), mute_logger("odoo.sql_db"):
                second(env_2)
                env_2.flush_all()
            cr_2.rollback()
            env_2.transaction.reset()
            if not regex:
                second(env_2)
                env_2.flush_all()
                cr_2.commit()
                return
            with self.assertRaisesRegex(UserError, regex):
                second(env_2)
                env_2.flush_all()
            cr_2.rollback()
            env_2.transaction.reset()

    def _current(self, record):
        """Return `record` in the transaction that is open now, as its user."""
        return self._as(record, record.env.user, self.env)

    def _as(self, record, user, env):
        """Return `record` in the transaction of `env`, as `user`."""
        return env[record._name].with_user(user.id).browse(record.ids)

    def _read(self, record, *names):
        """Return what is committed."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            values = env[record._name].browse(record.id).read(names, load=None)[0]
            return [values[name] for name in names]

    # Deleting

    @classmethod
    def _delete_orders(cls):
        """Delete what a test made; Odoo itself never deletes what was posted."""
        with cls._committed():
            env = cls.env
            partners = [("partner_id", "child_of", (cls.customer | cls.vendor).ids)]
            products = [("product_id", "in", (cls.chair | cls.desk).ids)]
            sales = env["sale.order"].search(partners)
            moves = env["stock.move"].search(products)
            records = [
                env["account.move"].search(partners),
                env["stock.move.line"].search(products),
                env["stock.quant"].search(products),
                moves,
                moves.picking_id,
                env["purchase.order"].search(partners),
                sales,
                moves.reference_ids | sales.stock_reference_ids,
            ]
            ids = [(record._name, record._table, record.ids) for record in records]
        with cls.registry.cursor() as cr:
            for model, table, record_ids in ids:
                cr.execute(f"DELETE FROM {table} WHERE id = ANY(%s)", [record_ids])
                for about, column in (
                    ("mail_message", "model"),
                    ("mail_followers", "res_model"),
                    ("mail_activity", "res_model"),
                ):
                    cr.execute(
                        f"DELETE FROM {about} WHERE {column} = %s AND res_id = ANY(%s)",
                        [model, record_ids],
                    )

    @classmethod
    def _delete_data(cls):
        """Delete products and people of the class."""
        if not hasattr(cls, "customer"):
            return
        with cls._committed():
            env = cls.env
            users = env["res.users"].browse(
                (cls.salesman | cls.buyer | cls.accountant).ids
            )
            partners = users.partner_id | env["res.partner"].search(
                [
                    (
                        "id",
                        "child_of",
                        (
                            cls.customer
                            | cls.other_customer
                            | cls.vendor
                            | cls.other_vendor
                        ).ids,
                    )
                ]
            )
            products = env["product.product"].browse(
                (cls.chair | cls.desk | cls.service).ids
            )
            products.product_tmpl_id.unlink()
            users.unlink()
            partners.unlink()
