"""The data of the machines, also of `test_reports_machine`, and how they are run."""

import logging
import os
import random
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from odoo.fields import Command
from odoo.tools import SQL

from ..common import DropShipmentCommon
from .oracle import STATUSES, statement

_logger = logging.getLogger(__name__)
STEPS_PER_EXAMPLE = 50
RULES = "drop_shipment_rules"


class Judged(DropShipmentCommon):
    """Documents that `oracle` judges."""

    more_rules = None
    """Rules of `oracle` beside those that hold whatever programs write."""

    @classmethod
    def _judge_from_here(cls):
        """Take all documents that are made from now on."""
        cls.env.flush_all()
        cls.first_ids = {}
        for table in ("sale_order", "purchase_order", "stock_picking", "account_move"):
            query = SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))
            [[cls.first_ids[table]]] = cls.env.execute_query(query)
        # To plan the query takes far longer than to run it.
        query = f"DEALLOCATE ALL; PREPARE {RULES} AS {statement(cls.more_rules)}"
        cls.env.cr.execute(query, cls.first_ids)


class InvariantsCommon(Judged):
    """The data that a machine works on, and how it is run."""

    more_rules = STATUSES

    @classmethod
    def setup_independent_company(cls, **kwargs):
        return cls._new_company("Perpetual Company")

    @classmethod
    def _new_company(cls, name):
        company = cls._create_company(name=name)
        cls.env["account.chart.template"]._load(
            "generic_coa", company, install_demo=False
        )
        return company

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls._new_company("Second Company")
        cls.colleague = cls._new_user("colleague", "sales_team.group_sale_salesman")
        cls.boss = cls._new_user(
            "boss",
            "sales_team.group_sale_manager,purchase.group_purchase_manager,"
            "account.group_account_manager,stock.group_stock_manager",
            company=cls.company,
        )
        cls.boss.company_ids = cls.company | cls.other_company
        cls.keeper = cls._new_user("keeper", "stock.group_stock_user")
        cls.manager = cls._new_user(
            "manager",
            "base.group_system,sales_team.group_sale_manager,"
            "purchase.group_purchase_manager",
        )
        cls.route = cls.env.ref("stock_dropshipping.route_drop_shipping")
        cls.lamp = cls._new_product("Lamp", price=30.0)
        cls.products = cls.chair | cls.desk | cls.lamp
        cls.chair.categ_id = cls.env["product.category"].create(
            {
                "name": "Perpetual",
                "property_cost_method": "fifo",
                "property_valuation": "real_time",
            }
        )
        # A second source of the chair; only the first vendor sells the desk, of which
        # many are cheaper.
        cls.chair.seller_ids = [
            Command.create({"partner_id": cls.other_vendor.id, "price": 13.0})
        ]
        cls.desk.seller_ids = [
            Command.create({"partner_id": cls.vendor.id, "price": 60.0, "min_qty": 6})
        ]
        cls.stock_before = {}
        cls.factors = {cls.uom_unit.id: 1, cls.uom_dozen.id: 12}
        cls._judge_from_here()

    @classmethod
    def _get_stock(cls, company):
        return (
            cls.env["stock.warehouse"]
            .search([("company_id", "=", company.id)], limit=1)
            .lot_stock_id
        )

    def _run(self, machine, **options):
        """Run the machine; return how many steps did or were refused something."""
        machine.case = self
        machine.tally = Counter()
        run_state_machine_as_test(
            machine,
            settings=settings(
                database=None,
                deadline=None,
                # Shrinking a failure takes minutes: a first look does without.
                phases=[Phase.generate]
                + [Phase.shrink] * (not os.environ.get("DROPSHIP_NO_SHRINK")),
                print_blob=False,
                suppress_health_check=list(HealthCheck),
                **{"stateful_step_count": STEPS_PER_EXAMPLE, **options},
            ),
        )
        return sum(
            count
            for (_name, result), count in machine.tally.items()
            if result != "void"
        )

    def _log(self, machine, steps, start, what):
        results = Counter()
        for (_name, result), count in machine.tally.items():
            results[result] += count
        _logger.info(
            "rules held after each of %s steps (%s done, %s refused) in %.0f s, %s",
            steps,
            results["done"],
            results["refused"],
            time.monotonic() - start,
            what,
        )
        if os.environ.get("DROPSHIP_VERBOSE"):
            _logger.info("steps: %s", sorted(machine.tally.items()))

    def _play(self, machine, examples, min_steps, **options):
        """Run a fixed set of sequences; or, as long as told, ever new ones."""
        start = time.monotonic()
        soak = float(os.environ.get("DROPSHIP_SOAK_SECONDS", 0))
        if not soak:
            steps = self._run(
                machine, derandomize=True, max_examples=examples, **options
            )
            self._log(machine, steps, start, f"{examples} examples, fixed seed")
            self.assertGreaterEqual(steps, min_steps)
            return
        number = int(os.environ.get("DROPSHIP_SEED") or random.randrange(10**9))
        while time.monotonic() - start < soak:
            _logger.info("soak: DROPSHIP_SEED=%s", number)
            seeded = seed(number)(type(machine.__name__, (machine,), {}))
            begun = time.monotonic()
            steps = self._run(seeded, max_examples=20, **options)
            self._log(seeded, steps, begun, f"DROPSHIP_SEED={number}")
            number += 1
