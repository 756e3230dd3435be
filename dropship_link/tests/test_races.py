from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command
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


class TestRaces(TestRacesCommon):
    """Buyers, salespeople and accountants meet."""

    # ------------------------------------------------------------
    # ORDERING
    # ------------------------------------------------------------

    def _open_get_sales_order(self, quantity=None):
        """Return a buyer's open dialog with the sales order chosen in it."""
        purchase = self._new_purchase()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(self.sale.ids)],
            }
        )
        if quantity:
            wizard.line_ids.quantity = quantity
        wizard.flush_recordset()
        return wizard

    def test_two_buyers(self):
        """Two buyers have the same line in their dialogs; one gets it."""
        with self._committed():
            first = self._open_get_sales_order()
            second = self._open_get_sales_order()
            request = second.purchase_order_id
        self._race(
            lambda env: self._as(first, self.buyer, env).action_insert_lines(),
            lambda env: self._as(second, self.buyer, env).action_insert_lines(),
            "nothing to fetch",
        )
        self.assertEqual(
            self._read(
                self.sale_line, "drop_shipment_qty_ordered", "drop_shipment_state"
            ),
            [10, "rfq"],
        )
        self.assertEqual(self._read(request, "order_line"), [[]])

    def test_two_buyers_in_part(self):
        """Each wants 6 of 10: the second is told how much is left."""
        with self._committed():
            first = self._open_get_sales_order(6)
            second = self._open_get_sales_order(6)
        self._race(
            lambda env: self._as(first, self.buyer, env).action_insert_lines(),
            lambda env: self._as(second, self.buyer, env).action_insert_lines(),
            r"can't be 6 Units: .* at most 4 Units",
        )
        self.assertEqual(
            self._read(
                self.sale_line,
                "drop_shipment_qty_ordered",
                "drop_shipment_qty_to_order",
            ),
            [6, 4],
        )

    def test_buyer_and_external_api(self):
        """A script links the line while a buyer fetches it."""
        with self._committed():
            request = self._new_request(1)
            wizard = self._open_get_sales_order()
        values = {
            "order_id": request.id,
            "product_id": self.chair.id,
            "product_qty": 9,
            "product_uom_id": self.uom_unit.id,
            "sale_line_id": self.sale_line.id,
        }
        self._race(
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            lambda env: (
                env["purchase.order.line"].with_user(self.buyer.id).create(values)
            ),
            "more than is left to order",
        )

    def test_create_purchases_twice(self):
        """Two clicks on Create Purchase Orders make one."""

        def create_purchases(env):
            lines = self._as(self.sale_line, self.buyer, env)
            return lines.action_create_drop_shipment_purchases()

        self._race(create_purchases, create_purchases)
        with self._committed():
            lines = self.env["purchase.order.line"].search(
                [("sale_line_id", "=", self.sale_line.id)]
            )
            self.assertEqual(lines.mapped("product_qty"), [10])

    def test_get_sales_order_and_lowering(self):
        """Sales lowers the quantity while a buyer fetches all of it."""
        with self._committed():
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"product_uom_qty": 4}
            ),
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            r"can't be 10 Units: .* at most 4 Units",
        )

    def test_get_sales_order_and_cancelling(self):
        """Sales cancels the order while a buyer fetches it."""
        with self._committed():
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(self.sale, self.salesman, env)._action_cancel(),
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            "nothing to fetch",
        )

    def test_get_sales_order_and_unticking(self):
        """Sales unticks the line while a buyer fetches it."""
        with self._committed():
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"drop_shipment": False}
            ),
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            "nothing to fetch",
        )

    def test_get_sales_order_and_new_ship_to(self):
        """Sales moves the ship-to while a buyer fetches for the old one."""
        with self._committed():
            other = self._new_sale((self.chair, 3))
            request = self._new_purchase(other)
            wizard = request.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": request.id,
                    "sale_order_ids": [Command.set(self.sale.ids)],
                }
            )
            wizard.flush_recordset()
        self._race(
            lambda env: self._as(self.sale, self.salesman, env).write(
                {"partner_shipping_id": self.customer.id}
            ),
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            "nothing to fetch|not on offer",
        )

    def test_new_ship_to_and_other_delivery(self):
        """A link holds the sales order, also where none of its statuses changes."""
        with self._committed():
            sale = self._new_sale(
                (self.chair, 10), (self.desk, 1, {"drop_shipment": False})
            )
            request = self._new_purchase()
            wizard = request.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": request.id,
                    "sale_order_ids": [Command.set(sale.ids)],
                }
            )
        self._race(
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            lambda env: self._as(sale, self.salesman, env).write(
                {"partner_shipping_id": self.customer.id}
            ),
        )
        with self._committed():
            followed = self.env["purchase.order"].browse(request.id)
            self.assertEqual(followed.dest_address_id.id, self.customer.id)

    def test_unticking_after_get_sales_order(self):
        """A buyer fetches the line while sales unticks it."""
        with self._committed():
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"drop_shipment": False}
            ),
            "Drop Shipment can't be changed",
        )

    # ------------------------------------------------------------
    # QUANTITIES
    # ------------------------------------------------------------

    def test_raised_and_lowered(self):
        """The buyer raises the purchase to what sales gives up."""
        with self._committed():
            line = self._new_request(6, confirm=True).order_line
        self._race(
            lambda env: self._as(line, self.buyer, env).write({"product_qty": 10}),
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"product_uom_qty": 6}
            ),
            r"can't be 6 Units: 10 Units are on confirmed purchase order",
        )

    def test_lowered_and_raised(self):
        """Sales lowers the quantity that the buyer wants to order more of."""
        with self._committed():
            line = self._new_request(6, confirm=True).order_line
        self._race(
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"product_uom_qty": 6}
            ),
            lambda env: self._as(line, self.buyer, env).write({"product_qty": 10}),
            "too high: 4 Units more than is left to order",
        )

    def test_two_lines_raised(self):
        """Two buyers raise two purchase lines of one sales line."""
        with self._committed():
            first = self._new_request(4).order_line
            second = self._new_request(4).order_line
        self._race(
            lambda env: self._as(first, self.buyer, env).write({"product_qty": 6}),
            lambda env: self._as(second, self.buyer, env).write({"product_qty": 6}),
            "too high: 2 Units more than is left to order",
        )

    def test_reopened_and_fetched(self):
        """A cancelled purchase order is reopened while its lines are fetched again."""
        with self._committed():
            request = self._new_request()
            request.button_cancel()
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            lambda env: self._as(request, self.buyer, env).button_draft(),
            "more than is left to order",
        )

    # ------------------------------------------------------------
    # CONFIRMING AND CANCELLING
    # ------------------------------------------------------------

    def test_cancelled_and_confirmed(self):
        """Sales cancels the order that a buyer confirms the purchase of."""
        with self._committed():
            request = self._new_request()
            other = self._new_sale((self.chair, 1))
            self._get_sales_orders(request, other)
        self._race(
            lambda env: self._as(request, self.buyer, env).button_confirm(),
            lambda env: self._as(self.sale, self.salesman, env)._action_cancel(),
            "can't be cancelled: the vendor has Chair left to ship",
        )

    def test_ship_to_and_confirmed(self):
        """Sales moves the ship-to of the purchase order that a buyer confirms."""
        with self._committed():
            request = self._new_request()
        self._race(
            lambda env: self._as(request, self.buyer, env).button_confirm(),
            lambda env: self._as(self.sale, self.salesman, env).write(
                {"partner_shipping_id": self.customer.id}
            ),
            "can't be changed: it is shipped by purchase order",
        )

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    def test_posted_twice(self):
        """Two clicks on Post ship once."""
        with self._committed():
            self._new_request(confirm=True)
            wizards = [
                self._current(self.sale)
                .env["drop.shipment.post"]
                .create({"sale_order_id": self.sale.id})
                for _click in range(2)
            ]
            for wizard in wizards:
                wizard.flush_recordset()
        first, second = wizards
        self._race(
            lambda env: self._as(first, self.salesman, env).action_post(),
            lambda env: self._as(second, self.salesman, env).action_post(),
            "nothing left to ship",
        )
        self.assertEqual(self._read(self.sale_line, "qty_delivered"), [10])

    def test_shipped_and_received(self):
        """Sales and purchasing post the same goods by their two doors."""
        with self._committed():
            request = self._new_request(confirm=True)
            wizards = []
            for order in (self._current(self.sale), request):
                wizard = order.env["drop.shipment.post"].create(
                    {f"{order._table}_id": order.id}
                )
                wizard.line_ids.quantity = 6
                wizard.flush_recordset()
                wizards.append(wizard)
        shipping, receiving = wizards
        self._race(
            lambda env: self._as(shipping, self.salesman, env).action_post(),
            lambda env: self._as(receiving, self.buyer, env).action_post(),
            r"can't be 6 Units: enter 0 to 4 Units",
        )
        self.assertEqual(self._read(self.sale_line, "qty_delivered"), [6])

    # ------------------------------------------------------------
    # INVOICE ORDER
    # ------------------------------------------------------------

    def _bill(self, quantity):
        """Return a draft bill of `quantity` of the sales line."""
        request = self.env["purchase.order"].search(
            [("order_line.sale_line_id", "=", self.sale_line.id)]
        )
        bill = self._new_bill(request, post=False)
        bill.invoice_line_ids.quantity = quantity
        return bill

    def test_two_bills(self):
        """10 are invoiced; two accountants post two bills of 6."""
        with self._committed():
            self._new_request(confirm=True)
            self._post_invoice(self._current(self.sale))
            first, second = self._bill(6), self._bill(6)
        self._race(
            lambda env: self._as(first, self.accountant, env).action_post(),
            lambda env: self._as(second, self.accountant, env).action_post(),
            self.too_much,
        )
        self.assertEqual(self._read(second, "state"), ["draft"])

    def test_two_bills_of_two_vendors(self):
        """The same with two purchase orders: they share the sales line only."""
        with self._committed():
            self._post_invoice(self._current(self.sale))
            bills = []
            for quantity in (6, 4):
                purchase = self._new_request(quantity, confirm=True)
                bill = self._new_bill(purchase, post=False)
                bill.invoice_line_ids.quantity = 6
                bills.append(bill)
        first, second = bills
        self._race(
            lambda env: self._as(first, self.accountant, env).action_post(),
            lambda env: self._as(second, self.accountant, env).action_post(),
            self.too_much,
        )

    def test_bill_and_invoice_taken_back(self):
        """The customer's invoice goes back to draft while the bill is posted."""
        with self._committed():
            self._new_request(confirm=True)
            invoice = self._post_invoice(self._current(self.sale))
            bill = self._bill(10)
            name = invoice.name
        self._race(
            lambda env: self._as(bill, self.accountant, env).action_post(),
            lambda env: self._as(invoice, self.accountant, env).button_draft(),
            f"{name} can't be taken back",
        )

    def test_invoice_taken_back_and_bill(self):
        """The bill is posted while the customer's invoice goes back to draft."""
        with self._committed():
            self._new_request(confirm=True)
            invoice = self._post_invoice(self._current(self.sale))
            bill = self._bill(10)
        self._race(
            lambda env: self._as(invoice, self.accountant, env).button_draft(),
            lambda env: self._as(bill, self.accountant, env).action_post(),
            self.refusal,
        )
