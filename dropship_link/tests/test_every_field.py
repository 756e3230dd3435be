"""Every field that sums, links and bill control rest on, written by a program.

The fields come from the registry: those that the stored fields of the sales line depend
on, through whatever core computes. Each is written over the documents of a drop
shipment in several states, with whatever values its type allows. Either that is refused
in words, or the rules of `test_invariants` hold afterwards.
"""

import logging
import time
import traceback
from collections import Counter, defaultdict
from itertools import combinations

from psycopg2 import IntegrityError

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command
from odoo.tools import mute_logger

from .invariants.common import Judged
from .invariants.machine import DropShipmentMachine

_logger = logging.getLogger(__name__)

# What core lets people do to any document, and where core itself fails.
KNOWN = {
    ("stock.move", "product_uom_qty"): "Inventory may ask for more on a transfer",
    ("stock.move", "quantity"): "Inventory corrects what a done transfer says",
    ("stock.move", "move_line_ids"): "core lets a move take the lines of another",
    ("stock.move", "location_dest_id"): "core takes for granted that there is one",
    ("stock.picking", "location_dest_id"): "core takes for granted that there is one",
    ("account.move", "move_type"): "core looks the empty type up",
    ("sale.order", "state"): "of a quotation again, no request can be confirmed",
    ("sale.order", "invoice_status"): "core's word, found anew with the next change",
    ("sale.order", "delivery_status"): "core's word, found anew with the next change",
    ("sale.order.line", "invoice_status"): "core's word, found anew by then",
}
# Of the fields that nothing of ours depends on: what could change a sum or a link.
OTHER_TYPES = ("boolean", "float", "many2one", "selection")
# Models that the sums depend on and that are nobody's document.
MASTER_DATA = {
    "product.product",
    "product.template",
    "stock.location",
}
# Reached by core's own sums: time sheets, and the rows below a move.
BELOW = {"account.analytic.line", "stock.move.line"}


class Oracle(DropShipmentMachine):
    """The rules alone, on all documents of a test case; no machine runs."""

    def __init__(self, case):  # pylint: disable=super-init-not-called
        self.case, self.env = case, case.env
        self.allowed = defaultdict(float)
        self.credited = False
        self.excused = set()
        self.through_stock = set()

    def check(self):
        """Raise AssertionError if a rule is broken."""
        self._list_documents()
        self.sale_rows = self._read_sale_lines()
        self.purchase_rows = self._read_purchase_lines()
        self._check_oracle()
        self._check_links()
        self._check_bills()
        self._check_recomputed()


class TestEveryField(Judged):
    """One drop shipment in several states, and another one beside it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.keeper = cls._new_user("keeper", "stock.group_stock_user")
        cls.boss = cls._new_user(
            "boss",
            "sales_team.group_sale_manager,purchase.group_purchase_manager,"
            "account.group_account_manager,stock.group_stock_manager",
        )
        cls.users = {
            "sale.order": cls.salesman,
            "sale.order.line": cls.salesman,
            "purchase.order": cls.buyer,
            "purchase.order.line": cls.buyer,
            "account.move": cls.accountant,
            "account.move.line": cls.accountant,
            "stock.picking": cls.keeper,
            "stock.move": cls.keeper,
        }
        cls.products = cls.chair | cls.desk
        cls.kilogram = cls.env.ref("uom.product_uom_kgm")
        cls.other_company = cls._create_company(name="Second Company")
        cls._judge_from_here()
        # Another drop shipment, posted in full, for links to go astray to.
        cls.other_sale = cls._new_sale((cls.chair, 10))
        cls.other_purchase = cls._new_purchase(cls.other_sale, confirm=True)
        cls._post(cls.other_sale, "ship", 4)
        cls.other_invoice = cls._post_invoice(cls.other_sale)
        cls.other_bill = cls._new_bill(cls.other_purchase)
        cls.sale = cls._new_sale((cls.chair, 10))

    # ------------------------------------------------------------
    # FIELDS AND VALUES
    # ------------------------------------------------------------

    def _get_fields(self):
        """Return {model: names of the fields that our stored fields depend on}."""
        todo = [
            field
            for name, field in self.env["sale.order.line"]._fields.items()
            if field.store and field.compute and "drop_shipment" in name
        ]
        found = set()
        while todo:
            field = todo.pop()
            if field in found:
                continue
            found.add(field)
            for path in self.env.registry.field_depends[field]:
                name = field.model_name
                for step in path.split("."):
                    part = self.env[name]._fields[step]
                    todo.append(part)
                    name = part.comodel_name or name
                    if part.type == "one2many" and part.inverse_name:
                        todo.append(self.env[name]._fields[part.inverse_name])
        names = defaultdict(set)
        for field in found:
            if field.name not in ("id", "create_date", "write_date"):
                names[field.model_name].add(field.name)
        return names

    def _get_values(self, record, name):
        """Return other values that the type of the field allows."""
        field = record._fields[name]
        value = record.sudo()[name]
        if field.type == "boolean":
            return [not value]
        if field.type == "selection":
            return [*(set(field.get_values(self.env)) - {value}), False]
        if field.type in ("float", "monetary", "integer"):
            return [value + 5, 1, 0, -1]
        if field.type in ("date", "datetime"):
            return ["2020-01-01", False]
        if field.type in ("char", "text", "html"):
            return ["forged", False]
        if not field.relational:
            return []
        others = self._get_others(field.comodel_name) - value
        if field.type == "many2one":
            return [*others.ids, False]
        return [
            [Command.clear()],
            *([Command.link(other.id)] for other in others),
            *([Command.unlink(known.id)] for known in value[:1]),
            *([Command.delete(known.id)] for known in value[:1]),
        ]

    def _get_others(self, model):
        """Return records that do not belong to the drop shipment."""
        move = self.other_purchase.sudo().picking_ids.move_ids[:1]
        bill = self.other_bill | self.other_invoice
        others = {
            "res.company": self.other_company,
            "res.currency": self.env.ref("base.EUR") | self.env.ref("base.USD"),
            "res.partner": self.other_customer | self.other_vendor | self.ship_to,
            "product.product": self.desk | self.service,
            "uom.uom": self.uom_dozen | self.kilogram,
            "sale.order": self.other_sale,
            "sale.order.line": self.other_sale.order_line[0],
            "purchase.order": self.other_purchase,
            "purchase.order.line": self.other_purchase.order_line[0],
            "stock.picking": move.picking_id,
            "stock.move": move,
            "stock.location": self.env.ref("stock.stock_location_customers"),
            "account.move": bill,
            "account.move.line": bill.invoice_line_ids,
        }
        if model in others:
            return others[model].sudo()
        return self.env[model].sudo().search([], limit=1)

    # ------------------------------------------------------------
    # WRITING
    # ------------------------------------------------------------

    def _start(self):
        """Take the documents as they are now for right."""
        self.oracle = Oracle(self)
        self.env.flush_all()
        self.oracle.check()
        self.allowed = dict(self.oracle.allowed)
        self.tally, self.broken, self.began = Counter(), [], time.monotonic()

    def _finish(self):
        """Say what was tried; fail for what is neither refused nor right."""
        _logger.info(
            "%s writes in %.0f s: %s",
            self.tally.total(),
            time.monotonic() - self.began,
            dict(self.tally),
        )
        self.assertGreater(self.tally["refused"], 0)
        self.assertFalse(self.broken, "\n".join(self.broken))

    def _write_everything(self, **documents):
        """Write each field over each document, alone; all of it is undone."""
        self._start()
        fields = self._get_fields()
        for records in documents.values():
            record = records[:1]
            for name in self._get_writable(record, fields[record._name]):
                for value in self._get_values(record, name):
                    self._try(record, {name: value})
        self._finish()

    def _write_pairs(self, record):
        """Write two fields at once, whatever each of them alone would do."""
        self._start()
        values = {}
        for name in self._get_writable(record, self._get_fields()[record._name]):
            values[name] = self._get_values(record, name)[:1]
        for one, other in combinations([name for name in values if values[name]], 2):
            self._try(record, {one: values[one][0], other: values[other][0]})
        self._finish()

    def _get_writable(self, record, names):
        return [
            name
            for name in sorted(names)
            if record._fields[name].store or record._fields[name].inverse
        ]

    def _try(self, record, values, user=None):
        """Write values and note what came of it."""
        result, why = self._attempt(record, values, user)
        self.tally[result] += 1
        known = [name for name in values if (record._name, name) in KNOWN]
        if result == "ours" or (result in ("broken", "crash") and not known):
            self.broken.append(f"{record._name} {values}: {result}: {why}")

    def _attempt(self, record, values, user=None):
        """Write and look at the rules; return what came of it, and why."""
        savepoint = self.env.cr.savepoint()
        self.oracle.allowed = defaultdict(float, self.allowed)
        try:
            with mute_logger("odoo.sql_db"):
                user = user or self.users[record._name]
                record.with_user(user).write(values)
                self.env.flush_all()
                self.env.invalidate_all()
            self.oracle.check()
        except (UserError, RedirectWarning, IntegrityError) as refusal:
            # The external API says what the database has refused in words as well.
            return "refused", str(refusal)
        except AssertionError as error:
            return "broken", str(error)
        except Exception as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            ours = "dropship_link" in frame.filename
            why = f"{type(error).__name__}: {error} ({frame.filename}:{frame.lineno})"
            return "ours" if ours else "crash", why
        finally:
            self.env.cr.precommit.clear()
            self.env.cr.postcommit.clear()
            savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)
        return "done", ""

    # ------------------------------------------------------------
    # STATES
    # ------------------------------------------------------------

    def test_quotation(self):
        """Sold to nobody yet."""
        sale = self._new_sale((self.chair, 10), confirm=False)
        self._write_everything(sale=sale, sale_line=sale.order_line)

    def test_requested(self):
        """On a request for quotation."""
        purchase = self._new_purchase(self.sale)
        self._write_everything(
            sale=self.sale,
            sale_line=self.sale.order_line,
            purchase=purchase,
            purchase_line=purchase.order_line,
        )

    def test_ordered(self):
        """On a confirmed order: nothing shipped."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self._write_everything(
            sale=self.sale,
            sale_line=self.sale.order_line,
            purchase=purchase,
            purchase_line=purchase.order_line,
            picking=purchase.picking_ids,
            move=purchase.picking_ids.move_ids,
        )

    def test_partly_shipped(self):
        """Four of ten are shipped and invoiced; the bill is a draft."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self._post(self.sale, "ship", 4)
        invoice = self._post_invoice(self.sale)
        bill = self._new_bill(purchase, post=False)
        self._write_everything(
            sale_line=self.sale.order_line,
            purchase_line=purchase.order_line,
            picking=purchase.picking_ids.sorted("state", reverse=True),
            move=purchase.picking_ids.move_ids.filtered(lambda m: m.state == "done"),
            invoice=invoice,
            invoice_line=invoice.invoice_line_ids,
            bill=bill,
            bill_line=bill.invoice_line_ids,
        )

    def test_done(self):
        """All is shipped, invoiced and billed."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self._post(self.sale, "ship", 10)
        invoice = self._post_invoice(self.sale)
        bill = self._new_bill(purchase)
        self._write_everything(
            sale_line=self.sale.order_line,
            purchase_line=purchase.order_line,
            invoice=invoice,
            invoice_line=invoice.invoice_line_ids,
            bill=bill,
            bill_line=bill.invoice_line_ids,
        )

    def test_cancelled(self):
        """The first order was cancelled, another has it all."""
        cancelled = self._new_purchase(self.sale)
        cancelled.button_cancel()
        self._new_purchase(self.sale, confirm=True)
        self._write_everything(purchase=cancelled, purchase_line=cancelled.order_line)

    def test_pairs(self):
        """Two fields in one call, on the lines that links and bills rest on."""
        cancelled = self._new_purchase(self.sale)
        cancelled.button_cancel()
        purchase = self._new_purchase(self.sale, confirm=True)
        self._post(self.sale, "ship", 4)
        bill = self._new_bill(purchase, post=False)
        self._write_pairs(cancelled.order_line)
        self._write_pairs(purchase.order_line)
        self._write_pairs(bill.invoice_line_ids)

    def test_all_other_fields(self):
        """Whatever else these documents have, written by who has all rights."""
        purchase = self._new_purchase(self.sale, confirm=True)
        self._post(self.sale, "ship", 4)
        self._post_invoice(self.sale)
        bill = self._new_bill(purchase)
        fields = self._get_fields()
        self._start()
        for records in (
            self.sale,
            self.sale.order_line,
            purchase,
            purchase.order_line,
            purchase.picking_ids.sorted("state", reverse=True),
            purchase.picking_ids.move_ids,
            bill,
            bill.invoice_line_ids,
        ):
            record = records[:1]
            names = [
                name
                for name, field in record._fields.items()
                if field.store
                and field.type in OTHER_TYPES
                and name not in fields[record._name]
            ]
            for name in names:
                for value in self._get_values(record, name)[:1]:
                    self._try(record, {name: value}, self.boss)
        self._finish()

    def test_models(self):
        """Each model that the sums rest on is written here, or is nobody's document."""
        self.assertEqual(set(self._get_fields()) - MASTER_DATA - BELOW, set(self.users))
