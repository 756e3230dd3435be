from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_columns

from odoo.addons.dropship_link.hooks import pre_init_hook

# Core's tables that may have millions of rows, and their models.
MODELS = ("sale.order.line", "purchase.order.line")


@tagged("post_install", "-at_install")
class TestInstall(TransactionCase):
    """The hook makes the columns that the ORM would fill record by record."""

    def _get_stored_fields(self, model):
        """Return our fields of `model` that have a column."""
        return {
            name: field
            for name, field in self.env[model]._fields.items()
            if set(field._modules) == {"dropship_link"}
            and field.store
            and field.column_type
        }

    def _get_columns(self):
        """Return {(table, column): its type and default} of our columns."""
        columns = {}
        for model in MODELS:
            table = self.env[model]._table
            for name in self._get_stored_fields(model):
                columns[table, name] = self.env.execute_query(
                    SQL(
                        "SELECT data_type, column_default, is_nullable"
                        " FROM information_schema.columns"
                        " WHERE table_name = %s AND column_name = %s"
                        " AND table_schema = current_schema",
                        table,
                        name,
                    )
                )
        return columns

    def _drop_columns(self):
        for model in MODELS:
            table = self.env[model]._table
            for name in self._get_stored_fields(model):
                self.env.cr.execute(
                    SQL(
                        "ALTER TABLE %s DROP COLUMN %s CASCADE",
                        SQL.identifier(table),
                        SQL.identifier(name),
                    )
                )

    def test_columns(self):
        """Every stored field has its column, of the type the ORM wants."""
        for model in MODELS:
            table = self.env[model]._table
            columns = table_columns(self.env.cr, table)
            fields = self._get_stored_fields(model)
            self.assertTrue(fields)
            for name, field in fields.items():
                self.assertIn(name, columns)
                self.assertEqual(columns[name]["udt_name"], field.column_type[0], name)

    def test_idempotent(self):
        """Where the columns are there already, the hook changes nothing."""
        before = self._get_columns()
        pre_init_hook(self.env)
        pre_init_hook(self.env)
        self.assertEqual(self._get_columns(), before)

    def test_creates_all_columns(self):
        """On a database without them it makes them all, as the ORM would."""
        before = self._get_columns()
        self._drop_columns()
        pre_init_hook(self.env)
        after = self._get_columns()
        for column, description in before.items():
            self.assertTrue(after[column], f"{column} is left to the ORM")
            self.assertEqual(after[column], description, column)

    def test_zero_values(self):
        """Lines from before the installation are no drop shipments: zero, not empty."""
        partner = self.env["res.partner"].create({"name": "Early Customer"})
        product = self.env["product.product"].create({"name": "Early Product"})
        order = self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "order_line": [(0, 0, {"product_id": product.id})],
            }
        )
        self.env.flush_all()
        self._drop_columns()
        pre_init_hook(self.env)
        fields = self._get_stored_fields("sale.order.line")
        names = list(fields)
        ((*values,),) = self.env.execute_query(
            SQL(
                "SELECT %s FROM sale_order_line WHERE id = %s",
                SQL(", ").join(map(SQL.identifier, names)),
                order.order_line.id,
            )
        )
        for name, value in zip(names, values, strict=True):
            field = fields[name]
            if field.type in ("boolean", "float"):
                self.assertIsNotNone(value, name)
                self.assertFalse(value, name)
            else:
                self.assertIsNone(value, name)

    def test_partly_there(self):
        """A hook that was interrupted half way makes the rest."""
        name = next(iter(self._get_stored_fields("purchase.order.line")))
        self.env.cr.execute(
            SQL(
                "ALTER TABLE purchase_order_line DROP COLUMN %s CASCADE",
                SQL.identifier(name),
            )
        )
        pre_init_hook(self.env)
        self.assertTrue(column_exists(self.env.cr, "purchase_order_line", name))

    def test_core_tables_unchanged(self):
        """No other stored field of ours makes the ORM walk through a large table."""
        large = {
            "sale.order",
            "purchase.order",
            "stock.move",
            "stock.move.line",
            "stock.picking",
            "account.move",
            "account.move.line",
        }
        stored = {
            (model, name)
            for model in large
            for name, field in self._get_stored_fields(model).items()
            if field.compute
        }
        self.assertFalse(stored)
