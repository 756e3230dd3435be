"""What all rules of the machine have: users, the documents made so far, one action."""

import logging
import os
from collections import Counter, defaultdict

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from odoo.exceptions import MissingError, RedirectWarning, UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)
MAX_ORDERS = 4
# The rules that Inventory may break. As in core, who raises a demand, or marks the copy
# of a transfer as to do, ships that much.
BEYOND = "more outstanding than the vendor owes"
UNCONFIRMED = "a transfer of no confirmed order is open"

# Which of the records that fit; which of all when it is 7, fitting or not.
PICK = st.integers(0, 7)
ROLES = st.sampled_from(
    ["own"] * 20 + ["salesman", "colleague", "buyer", "accountant", "boss", "boss"]
)
QUANTITIES = st.sampled_from([1, 2, 3, 4, 5, 6, 7, 10, 12, 24, 0.5, 0, -1])
FRACTIONS = st.sampled_from([1, 1, 1, 0.5, 0.5, 0.25, 0.75, 1, 1.5, 0, -0.5])


class MachineBase(RuleBasedStateMachine):
    """One sequence: its documents, who acts on them, and how."""

    case = None
    """The test case: its data, its environment."""
    tally = Counter()
    """Rule and result to how often, over all examples."""

    def __init__(self):
        super().__init__()
        self.env = self.case.env
        self.savepoint = self.env.cr.savepoint()
        self.allowed = defaultdict(float)
        self.credited = False
        self.through_stock = set()
        self.archived = 0
        # Rules, orders and documents that people have answered for themselves.
        self.excused, self.excused_orders, self.excused_moves = set(), set(), set()
        self.agreed, self.repriced = {}, set()
        self.dead_end = None
        self.orders = self.purchases = self.pickings = self.moves = ()
        self.facts = set()
        self.changed = True

    def teardown(self):
        self.env.cr.precommit.clear()
        self.env.cr.postcommit.clear()
        self.savepoint.close(rollback=True)
        self.env.invalidate_all(flush=False)
        if self.archived:
            # Some of what is remembered for all users is of people that were archived.
            self.env.registry.clear_cache()

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _do(self, name, action):
        """Run one action; a refusal undoes all of it.

        An action that returns "refused" says to have changed nothing itself.
        """
        self.credited, self.dead_end = False, None
        excuses = self.excused, self.excused_orders, self.excused_moves
        before = [set(excuse) for excuse in excuses]
        result = "done"
        try:
            with self.env.cr.savepoint():
                if (told := action()) in ("void", "refused"):
                    result = told
                self.env.flush_all()
        except MissingError:
            raise
        except (UserError, RedirectWarning) as refusal:
            result = "refused"
            self.credited = False
            self.excused, self.excused_orders, self.excused_moves = before
            text = " ".join(str(refusal).split())[:150]
            note(f"  {name} refused: {type(refusal).__name__}: {text}")
            if os.environ.get("DROPSHIP_VERBOSE"):
                _logger.info("%s refused: %s", name, text)
        self.tally[name, result] += 1
        self.changed = result == "done"
        # Each action stands for a request of its own.
        self.env.cr.precommit.clear()
        self.env.cr.postcommit.clear()
        self.env.invalidate_all()

    def _user(self, role, own):
        return getattr(self.case, own if role == "own" else role)

    def _as(self, record, role, own):
        """Return the record for a user: who "own"s it has the rights, as a rule."""
        company = record.sudo().company_id[:1]
        user = self._user(role, own)
        if not user.active:
            user = self.case.boss
        if role == "own" and company == self.case.other_company:
            user = self.case.boss
        elif role == "own" and own == "salesman":
            order = record.sudo() if record._name == "sale.order" else record.order_id
            user = order.user_id & (user | self.case.colleague) or self.case.boss
        return record.with_user(user).with_company(company or self.case.company)

    def _pick(self, records, number, fits=None):
        """Return one record, one that fits as long as there is any."""
        if number != 7 and fits:
            records = records.filtered(fits) or records
        return records[number % len(records)] if records else records

    def _get_orders(self):
        return self.env["sale.order"].browse(self.orders)

    def _get_purchases(self):
        return self.env["purchase.order"].browse(self.purchases)

    def _get_pickings(self):
        return self.env["stock.picking"].browse(self.pickings)

    def _get_moves(self):
        return self.env["account.move"].browse(self.moves)

    def _pick_posted(self, number):
        """Return an invoice or a bill, a posted one as long as there is any."""
        return self._pick(
            self._get_moves(),
            number,
            lambda move: (
                move.state == "posted"
                and move.move_type in ("out_invoice", "in_invoice")
            ),
        )

    def _get_sale_lines(self):
        return self._get_goods(self._get_orders().order_line)

    def _get_purchase_lines(self):
        return self._get_goods(self._get_purchases().order_line)

    def _get_goods(self, lines):
        """Leave out advances and their heading, which nobody edits.

        And what core's route orders less of than any price of the vendor is for: in
        `_update_purchase_order_line` it loses its unit, and core then fails on it.
        """
        return lines.filtered(
            lambda line: (
                not line.display_type
                and not line.is_downpayment
                and line.product_uom_id
            )
        )

    def _list_documents(self):
        for name, model, first in (
            ("orders", "sale_order", self.case.first_ids["sale_order"]),
            ("purchases", "purchase_order", self.case.first_ids["purchase_order"]),
            ("pickings", "stock_picking", self.case.first_ids["stock_picking"]),
            ("moves", "account_move", self.case.first_ids["account_move"]),
        ):
            query = "SELECT id FROM %s WHERE id > %s ORDER BY id"
            rows = self.env.execute_query(SQL(query, SQL.identifier(model), first))
            setattr(self, name, [row[0] for row in rows])

    def _get_uom(self, dozen):
        return (self.case.uom_dozen if dozen else self.case.uom_unit).id
