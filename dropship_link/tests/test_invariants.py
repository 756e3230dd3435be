"""Random sequences of what people do to drop shipments; the rules hold after each.

A Hypothesis state machine drives both orders, transfers, invoices and bills. With
``DROPSHIP_SOAK_SECONDS`` it runs that long with seeds of its own, starting with
``DROPSHIP_SEED``; see ``make soak``.
"""

import logging
import os
import random
import time
from collections import Counter, defaultdict

from odoo.exceptions import MissingError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.tools import SQL, float_compare, float_round

from .common import DropShipmentCommon

try:
    from hypothesis import HealthCheck, Phase, note, seed, settings
    from hypothesis import strategies as st
    from hypothesis.stateful import (
        RuleBasedStateMachine,
        initialize,
        invariant,
        precondition,
        rule,
        run_state_machine_as_test,
    )
except ImportError as error:
    # A skipped test tells nobody that the rules were not checked.
    raise ImportError(
        "test_invariants needs hypothesis: pip install -r dev/requirements-test.txt"
    ) from error

_logger = logging.getLogger(__name__)

EXAMPLES = 60
STEPS_PER_EXAMPLE = 50
MIN_STEPS = 2000
MAX_ORDERS = 4

# Which of the records that fit; which of all when it is 7, fitting or not.
PICK = st.integers(0, 7)
ROLES = st.sampled_from(
    ["own"] * 20 + ["salesman", "colleague", "buyer", "accountant", "boss", "boss"]
)
QUANTITIES = st.sampled_from([1, 2, 3, 4, 5, 6, 7, 10, 12, 24, 0.5, 0, -1])
FRACTIONS = st.sampled_from([1, 1, 1, 0.5, 0.5, 0.25, 0.75, 1, 1.5, 0, -0.5])


class DropShipmentMachine(RuleBasedStateMachine):
    """What people do, in any order. A refusal is fine; the rules must hold."""

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
        self.orders = self.purchases = self.pickings = self.moves = ()
        self.facts = set()
        self.changed = True

    def teardown(self):
        self.env.cr.precommit.clear()
        self.env.cr.postcommit.clear()
        self.savepoint.close(rollback=True)
        self.env.invalidate_all(flush=False)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _do(self, name, action):
        """Run one action; a refusal undoes all of it."""
        self.credited = False
        result = "done"
        try:
            with self.env.cr.savepoint():
                if action() == "void":
                    result = "void"
                self.env.flush_all()
        except MissingError:
            raise
        except (UserError, RedirectWarning) as refusal:
            result = "refused"
            self.credited = False
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

    def _get_sale_lines(self):
        return self._get_orders().order_line

    def _get_purchase_lines(self):
        return self._get_purchases().order_line

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

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    @initialize(
        control=st.sampled_from(["block", "block", "block", "warn", "none"]),
        auto_order=st.sampled_from([False, False, False, True]),
        approval=st.sampled_from([False, False, False, True]),
        policy=st.sampled_from(["delivery", "order"]),
        purchase_method=st.sampled_from(["receive", "purchase"]),
        quantity=st.sampled_from([2, 5, 10]),
        dozen=st.booleans(),
        how=st.integers(0, 3),
    )
    def start(
        self,
        control,
        auto_order,
        approval,
        policy,
        purchase_method,
        quantity,
        dozen,
        how,
    ):
        """Choose the settings; begin with an order, perhaps bought already."""
        case = self.case
        (case.company | case.other_company).write(
            {
                "drop_shipment_bill_control": control,
                "drop_shipment_auto_order": auto_order,
                "po_double_validation": "two_step" if approval else "one_step",
                "po_double_validation_amount": 50,
            }
        )
        case.products.write(
            {"invoice_policy": policy, "purchase_method": purchase_method}
        )

        def begin():
            sale = case._new_sale(
                (case.chair, quantity, {"product_uom_id": self._get_uom(dozen)}),
                (case.desk, 3),
            )
            if how and sale.order_line.filtered("drop_shipment_qty_to_order"):
                case._new_purchase(sale, confirm=how > 1)

        self._do("start", begin)

    def _get_uom(self, dozen):
        return (self.case.uom_dozen if dozen else self.case.uom_unit).id

    # ------------------------------------------------------------
    # EITHER ORDER
    # ------------------------------------------------------------

    @precondition(lambda self: "quotation" in self.facts)
    @rule(pick=PICK, role=ROLES)
    def confirm_sale(self, pick, role):
        """Confirm a quotation."""

        def action():
            order = self._pick(
                self._get_orders(), pick, lambda order: order.state in ("draft", "sent")
            )
            self._as(order, role, "salesman").action_confirm()

        self._do("confirm_sale", action)

    @precondition(lambda self: self.orders)
    @rule(
        pick=PICK,
        role=ROLES,
        what=st.sampled_from(["sale", "purchase", "purchase"]),
        redraft=st.booleans(),
    )
    def cancel(self, pick, role, what, redraft):
        """Cancel an order, or set a cancelled one back to draft."""

        def action():
            sale = what == "sale"
            order = self._pick(
                self._get_orders() if sale else self._get_purchases(),
                pick,
                lambda order: (order.state == "cancel") == redraft,
            )
            if not order or (order.state == "cancel") != redraft:
                return "void"
            order = self._as(order, role, "salesman" if sale else "buyer")
            if redraft:
                order.action_draft() if sale else order.button_draft()
            else:
                order._action_cancel() if sale else order.button_cancel()
            return None

        self._do(f"redraft {what}" if redraft else f"cancel {what}", action)

    @precondition(lambda self: self.purchases)
    @rule(
        pick=PICK,
        role=ROLES,
        what=st.sampled_from(["copy sale", "copy purchase", "merge", "delete"]),
    )
    def copy_merge_delete(self, pick, role, what):
        """Copy, merge or delete orders."""

        def action():
            sales, purchases = self._get_orders(), self._get_purchases()
            purchase = self._pick(
                purchases, pick, lambda order: order.state == "cancel"
            )
            if what == "copy sale" and len(sales) < MAX_ORDERS:
                self._as(self._pick(sales, pick), role, "salesman").copy()
            elif what == "copy purchase" and len(purchases) < MAX_ORDERS + 2:
                self._as(purchase, role, "buyer").copy()
            elif what == "merge":
                drafts = purchases.filtered(
                    lambda order: (
                        order.state == "draft" and order.company_id == self.case.company
                    )
                )
                self._as(drafts or purchase, role, "buyer").action_merge()
            elif what == "delete":
                self._as(purchase, role, "buyer").unlink()
            else:
                return "void"
            return None

        self._do(what, action)

    @precondition(lambda self: self.orders and self.purchases)
    @rule(
        pick=PICK,
        role=ROLES,
        what=st.sampled_from(
            [
                ("sale", "partner_id"),
                ("sale", "partner_shipping_id"),
                ("sale", "partner_shipping_id"),
                ("sale", "commitment_date"),
                ("purchase", "partner_id"),
                ("purchase", "sell_to_customer_id"),
                ("purchase", "dest_address_id"),
                ("purchase", "product_id"),
            ]
        ),
        other=st.booleans(),
    )
    def edit_header(self, pick, role, what, other):
        """Change what may be frozen while linked."""
        case = self.case
        side, field = what
        customer = case.other_customer if other else case.customer
        value = {
            ("sale", "partner_id"): customer.id,
            ("sale", "commitment_date"): "2030-01-01 12:00:00",
            ("purchase", "partner_id"): (
                case.other_vendor if other else case.vendor
            ).id,
            ("purchase", "sell_to_customer_id"): customer.id,
            ("purchase", "product_id"): (case.desk if other else case.chair).id,
        }.get(what, (case.ship_to if other else case.customer).id)

        def action():
            if side == "sale":
                order = self._as(self._pick(self._get_orders(), pick), role, "salesman")
            else:
                order = self._as(self._pick(self._get_purchases(), pick), role, "buyer")
            record = order.order_line[:1] if field == "product_id" else order
            if not record:
                return "void"
            record.write({field: value})
            return None

        self._do(f"edit {side}.{field}", action)

    # ------------------------------------------------------------
    # SALES
    # ------------------------------------------------------------

    @precondition(lambda self: len(self.orders) < MAX_ORDERS)
    @rule(
        role=ROLES,
        customer=st.integers(0, 2),
        quantity=QUANTITIES,
        dozen=st.booleans(),
        ticked=st.sampled_from([True, True, True, False]),
        confirm=st.booleans(),
        other_company=st.sampled_from([False] * 5 + [True]),
    )
    def make_sale(
        self, role, customer, quantity, dozen, ticked, confirm, other_company
    ):
        """Enter a sales order of two lines."""
        case = self.case
        user = case.boss if other_company else self._user(role, "salesman")
        company = case.other_company if other_company else case.company
        partner = case.other_customer if customer == 2 else case.customer

        def action():
            order = (
                self.env["sale.order"]
                .with_user(user)
                .with_company(company)
                .create(
                    {
                        "partner_id": partner.id,
                        "partner_shipping_id": case.ship_to.id
                        if customer == 1
                        else partner.id,
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "product_uom_qty": quantity,
                                    "product_uom_id": uom,
                                    "drop_shipment": tick,
                                }
                            )
                            for product, uom, tick in (
                                (case.chair, self._get_uom(dozen), ticked),
                                (case.desk, self._get_uom(False), True),
                            )
                        ],
                    }
                )
            )
            if confirm:
                order.action_confirm()

        self._do("make_sale", action)

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, role=ROLES, quantity=QUANTITIES)
    def edit_sale_quantity(self, pick, role, quantity):
        """Change the quantity of a sales line, from the form or the external API."""

        def action():
            line = self._pick(
                self._get_sale_lines(), pick, lambda line: line.state == "sale"
            )
            if not line:
                return "void"
            self._as(line, role, "salesman").write({"product_uom_qty": quantity})
            return None

        self._do("edit_sale_quantity", action)

    @precondition(lambda self: self.orders)
    @rule(pick=PICK, role=ROLES, ticked=st.booleans())
    def tick(self, pick, role, ticked):
        """Tick or untick a sales line."""

        def action():
            line = self._pick(
                self._get_sale_lines(),
                pick,
                lambda line: line.drop_shipment != ticked,
            )
            if not line:
                return "void"
            self._as(line, role, "salesman").write({"drop_shipment": ticked})
            return None

        self._do("tick", action)

    @precondition(lambda self: self.orders)
    @rule(
        pick=PICK,
        role=ROLES,
        field=st.sampled_from(["product_id", "product_uom_id", "unlink", "add"]),
        other=st.booleans(),
        quantity=QUANTITIES,
    )
    def edit_sale_line(self, pick, role, field, other, quantity):
        """Change product or unit of a line, delete it, or add one."""
        case = self.case

        def action():
            lines = self._get_sale_lines()
            line = self._pick(lines, pick, lambda line: line.state != "cancel")
            if not line:
                return "void"
            line = self._as(line, role, "salesman")
            product = case.desk if other else case.chair
            if field == "unlink":
                line.unlink()
            elif field == "add" and len(line.order_id.order_line) < 4:
                line.order_id.write(
                    {
                        "order_line": [
                            Command.create(
                                {
                                    "product_id": product.id,
                                    "product_uom_qty": quantity,
                                    "drop_shipment": True,
                                }
                            )
                        ]
                    }
                )
            elif field == "product_id":
                line.product_id = product
            elif self._is_own_delivery(line):
                # Core leaves the number delivered as it is, in the unit of then.
                return "void"
            else:
                line.product_uom_id = self._get_uom(other)
            return None

        self._do("edit_sale_line", action)

    def _is_own_delivery(self, line):
        """Whether own stock has shipped the line, and no vendor has a part in it."""
        line = line.sudo()
        return bool(
            line.qty_delivered and not line.drop_shipment and not line.purchase_line_ids
        )

    @precondition(lambda self: "to_post" in self.facts)
    @rule(pick=PICK, role=ROLES, fraction=FRACTIONS)
    def set_qty_to_ship(self, pick, role, fraction):
        """Enter the quantity of the next posting."""

        def action():
            line = self._pick(
                self._get_sale_lines(),
                pick,
                lambda line: line.drop_shipment_qty_outstanding,
            )
            if not line:
                return "void"
            line = self._as(line, role, "salesman")
            line.qty_to_ship = line.sudo().drop_shipment_qty_outstanding * fraction
            return None

        self._do("set_qty_to_ship", action)

    # ------------------------------------------------------------
    # PURCHASES
    # ------------------------------------------------------------

    @precondition(lambda self: len(self.purchases) < MAX_ORDERS + 2)
    @rule(
        role=ROLES,
        other_vendor=st.booleans(),
        customer=st.sampled_from(["customer", "customer", "ship_to", "other_customer"]),
        other_company=st.sampled_from([False] * 5 + [True]),
    )
    def make_purchase(self, role, other_vendor, customer, other_company):
        """Create a request for quotation without lines."""
        case = self.case
        user = case.boss if other_company else self._user(role, "buyer")
        company = case.other_company if other_company else case.company

        def action():
            self.env["purchase.order"].with_user(user).with_company(company).create(
                {
                    "partner_id": (
                        case.other_vendor if other_vendor else case.vendor
                    ).id,
                    "sell_to_customer_id": getattr(case, customer).id,
                    "company_id": company.id,
                }
            )

        self._do("make_purchase", action)

    @precondition(lambda self: {"to_order", "request"} <= self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        pick_sale=PICK,
        all_products=st.booleans(),
        fraction=FRACTIONS,
    )
    def get_sales_order(self, pick, role, pick_sale, all_products, fraction):
        """Get Sales Order, all or part of what is left."""

        def action():
            purchase = self._pick(
                self._get_purchases(), pick, lambda order: order.state == "draft"
            )
            purchase = self._as(purchase, role, "buyer")
            wizard = purchase.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": purchase.id,
                    "vendor_products_only": not all_products,
                }
            )
            sales = (
                self._get_orders()
                if pick_sale == 7
                else wizard.sudo().available_sale_order_ids
            )
            if not sales:
                return "void"
            sale = sales.sorted("id")[pick_sale % len(sales)]
            wizard.sale_order_ids = [Command.set(sale.ids)]
            for line in wizard.line_ids:
                line.quantity *= fraction
            wizard.action_insert_lines()
            return None

        self._do("get_sales_order", action)

    @precondition(
        lambda self: "to_order" in self.facts and len(self.purchases) < MAX_ORDERS + 2
    )
    @rule(
        pick=PICK,
        role=ROLES,
        dialog=st.booleans(),
        join=st.booleans(),
        other_vendor=st.booleans(),
        fraction=FRACTIONS,
    )
    def create_purchases(self, pick, role, dialog, join, other_vendor, fraction):
        """Create Purchase Orders, at once or by the dialog."""
        case = self.case

        def action():
            order = self._pick(
                self._get_orders(),
                pick,
                lambda order: order.drop_shipment_to_order,
            )
            order = self._as(order, role, "buyer")
            if not dialog:
                order.action_create_drop_shipment_purchases()
                return
            res = order.action_open_create_drop_shipment_purchases()
            wizard = order.env[res["res_model"]].browse(res["res_id"])
            wizard.join_requests = join
            for line in wizard.line_ids:
                line.quantity *= fraction
                line.vendor_id = case.other_vendor if other_vendor else case.vendor
            wizard.action_create_purchases()

        self._do("create_purchases", action)

    @precondition(lambda self: {"sold", "request"} <= self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        pick_line=PICK,
        quantity=QUANTITIES,
        dozen=st.booleans(),
        relink=st.booleans(),
    )
    def link_directly(self, pick, role, pick_line, quantity, dozen, relink):
        """Link over the external API, without the dialog."""

        def action():
            purchase = self._pick(
                self._get_purchases(), pick, lambda order: order.state == "draft"
            )
            sale_line = self._pick(
                self._get_sale_lines(),
                pick_line,
                lambda line: line.drop_shipment_qty_to_order,
            )
            if not sale_line:
                return "void"
            purchase = self._as(purchase, role, "boss")
            if relink:
                if not purchase.order_line:
                    return "void"
                line = self._pick(purchase.order_line, pick_line)
                line.write({"sale_line_id": sale_line.id})
                return None
            purchase.write(
                {
                    "order_line": [
                        Command.create(
                            {
                                "product_id": sale_line.product_id.id,
                                "product_qty": quantity,
                                "product_uom_id": self._get_uom(dozen),
                                "sale_line_id": sale_line.id,
                            }
                        )
                    ]
                }
            )
            return None

        self._do("link_directly", action)

    @precondition(lambda self: "linked request" in self.facts)
    @rule(pick=PICK, role=ROLES)
    def confirm_purchase(self, pick, role):
        """Confirm a request for quotation, and approve it."""

        def action():
            order = self._pick(
                self._get_purchases(),
                pick,
                lambda order: (
                    order.state in ("draft", "to approve") and order.order_line
                ),
            )
            order = self._as(order, role, "buyer")
            if order.state == "to approve":
                order.with_user(self.case.boss).button_approve()
            else:
                order.button_confirm()

        self._do("confirm_purchase", action)

    @precondition(lambda self: self.purchases)
    @rule(pick=PICK, role=ROLES, quantity=QUANTITIES)
    def edit_purchase_quantity(self, pick, role, quantity):
        """Change the quantity of a purchase line."""

        def action():
            line = self._pick(
                self._get_purchase_lines(), pick, lambda line: line.state != "cancel"
            )
            if not line:
                return "void"
            self._as(line, role, "buyer").write({"product_qty": quantity})
            return None

        self._do("edit_purchase_quantity", action)

    @precondition(lambda self: self.purchases)
    @rule(
        pick=PICK,
        role=ROLES,
        how=st.sampled_from(
            ["action_unlink_drop_shipment", "unlink"]
            + ["action_close_drop_shipment_remainder"] * 2
        ),
    )
    def take_back(self, pick, role, how):
        """Unlink or delete a line, or close its remainder."""

        def action():
            confirmed = how == "action_close_drop_shipment_remainder"
            line = self._pick(
                self._get_purchase_lines(),
                pick,
                lambda line: (line.state == "purchase") == confirmed,
            )
            if not line:
                return "void"
            getattr(self._as(line, role, "buyer"), how)()
            return None

        self._do(how, action)

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    @precondition(lambda self: "to_post" in self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        invoice=st.booleans(),
        fraction=FRACTIONS,
        first_only=st.booleans(),
    )
    def post_sale(self, pick, role, invoice, fraction, first_only):
        """Post a sales order: Ship, or Ship and Invoice."""

        def action():
            order = self._pick(
                self._get_orders(), pick, lambda order: order.drop_shipment_to_post
            )
            self._post(
                self._as(order, role, "salesman"),
                "sale_order_id",
                "ship_invoice" if invoice else "ship",
                fraction,
                first_only,
            )

        self._do("post_sale", action)

    @precondition(lambda self: "confirmed" in self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        option=st.sampled_from(["receive", "invoice", "receive_invoice"]),
        fraction=FRACTIONS,
        first_only=st.booleans(),
    )
    def post_purchase(self, pick, role, option, fraction, first_only):
        """Post a purchase order: Receive, Invoice, or both."""

        def action():
            order = self._pick(
                self._get_purchases(), pick, lambda order: order.drop_shipment_to_post
            )
            self._post(
                self._as(order, role, "buyer"),
                "purchase_order_id",
                option,
                fraction,
                first_only,
            )

        self._do("post_purchase", action)

    def _post(self, order, field, option, fraction, first_only):
        wizard = order.env["drop.shipment.post"].create({field: order.id})
        wizard.option = option
        lines = wizard.line_ids
        for index, line in enumerate(lines):
            line.quantity *= 0 if first_only and index else fraction
        wizard.over_delivery = first_only
        wizard.action_post()

    @precondition(lambda self: "open transfer" in self.facts)
    @rule(pick=PICK, fraction=FRACTIONS, backorder=st.booleans(), cancel=PICK)
    def handle_transfer(self, pick, fraction, backorder, cancel):
        """Validate or cancel a transfer in the warehouse's app."""

        def action():
            picking = self._pick(
                self._get_pickings(),
                pick,
                lambda picking: picking.state not in ("done", "cancel"),
            )
            if picking.state in ("done", "cancel"):
                return "void"
            if cancel == 7:
                picking.action_cancel()
                return None
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty * abs(fraction)
                move.picked = True
            picking.with_context(
                skip_backorder=True,
                picking_ids_not_to_backorder=[] if backorder else picking.ids,
            ).button_validate()
            return None

        self._do("handle_transfer", action)

    @precondition(lambda self: "done transfer" in self.facts)
    @rule(pick=PICK, fraction=FRACTIONS, to_stock=st.booleans())
    def return_goods(self, pick, fraction, to_stock):
        """Return what was shipped to the vendor, or to our own stock."""

        def action():
            picking = self._pick(
                self._get_pickings(),
                pick,
                lambda picking: picking.state == "done" and not picking.return_id,
            )
            if picking.state != "done":
                return "void"
            wizard = (
                self.env["stock.return.picking"]
                .with_context(
                    active_model="stock.picking",
                    active_id=picking.id,
                    active_ids=picking.ids,
                )
                .create({})
            )
            for line in wizard.product_return_moves:
                move = line.move_id
                left = move.quantity - sum(
                    move.returned_move_ids.filtered(
                        lambda move: move.state != "cancel"
                    ).mapped("quantity")
                )
                line.quantity = max(left, 0) * min(abs(fraction), 1)
            res = wizard.action_create_returns()
            returned = self.env["stock.picking"].browse(res["res_id"])
            if to_stock and picking.is_dropship and not picking.return_id:
                location = self.case._get_stock(picking.company_id)
                returned.location_dest_id = location
                returned.move_ids.location_dest_id = location
            for move in returned.move_ids:
                move.quantity = move.product_uom_qty
                move.picked = True
            returned.with_context(skip_backorder=True).button_validate()
            return None

        self._do("return_goods", action)

    # ------------------------------------------------------------
    # INVOICES AND BILLS
    # ------------------------------------------------------------

    @precondition(lambda self: "to invoice" in self.facts)
    @rule(pick=PICK, role=ROLES, post=st.booleans(), final=st.booleans())
    def invoice_sale(self, pick, role, post, final):
        """Create Invoice, by core."""

        def action():
            order = self._pick(
                self._get_orders(),
                pick,
                lambda order: order.invoice_status == "to invoice",
            )
            order = self._as(order, role, "salesman")
            invoices = order._create_invoices(final=final)
            if post:
                self._post_move(invoices, role)

        self._do("invoice_sale", action)

    @precondition(lambda self: "to bill" in self.facts)
    @rule(pick=PICK, role=ROLES, post=st.booleans())
    def bill_purchase(self, pick, role, post):
        """Create Bill, by core."""

        def action():
            order = self._pick(
                self._get_purchases(),
                pick,
                lambda order: order.invoice_status == "to invoice",
            )
            res = order.action_create_invoice()
            bill = self.env["account.move"].browse(res["res_id"])
            if post:
                self._post_move(bill, role)

        self._do("bill_purchase", action)

    def _post_move(self, moves, role):
        for move in moves.sudo():
            if not move.invoice_date:
                move.invoice_date = "2026-01-15"
            if move.move_type == "out_refund":
                self.credited = True
            self._as(move, role, "accountant").action_post()

    @precondition(lambda self: "draft move" in self.facts)
    @rule(pick=PICK, role=ROLES)
    def post_draft(self, pick, role):
        """Post a draft invoice, bill, credit note or refund."""

        def action():
            move = self._pick(
                self._get_moves(), pick, lambda move: move.state == "draft"
            )
            self._post_move(move, role)

        self._do("post_draft", action)

    @precondition(lambda self: self.moves)
    @rule(
        pick=PICK,
        role=ROLES,
        how=st.sampled_from(["button_draft", "button_cancel", "unlink"]),
    )
    def reset_move(self, pick, role, how):
        """Set an invoice or bill back to draft, cancel it or delete it."""

        def action():
            states = {
                "button_draft": ("posted", "cancel"),
                "button_cancel": ("draft",),
                "unlink": ("draft",),
            }[how]
            move = self._pick(
                self._get_moves(), pick, lambda move: move.state in states
            )
            getattr(self._as(move, role, "accountant"), how)()

        self._do(how, action)

    @precondition(lambda self: "posted move" in self.facts)
    @rule(pick=PICK, role=ROLES, modify=st.booleans(), post=st.booleans())
    def reverse_move(self, pick, role, modify, post):
        """Credit an invoice or have a bill refunded."""

        def action():
            move = self._pick(
                self._get_moves(),
                pick,
                lambda move: (
                    move.state == "posted"
                    and move.move_type in ("out_invoice", "in_invoice")
                ),
            )
            move = self._as(move, role, "accountant")
            if move.move_type == "out_invoice":
                self.credited = True
            wizard = (
                move.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=move.ids)
                .create({"journal_id": move.journal_id.id, "date": "2026-01-31"})
            )
            if modify:
                wizard.modify_moves()
            else:
                res = wizard.refund_moves()
                reversal = self.env["account.move"].browse(res["res_id"])
                if post:
                    self._post_move(reversal, role)

        self._do("reverse_move", action)

    @precondition(lambda self: "draft move" in self.facts)
    @rule(pick=PICK, role=ROLES, quantity=st.sampled_from([1, 2, 5, 10, 24]))
    def edit_move(self, pick, role, quantity):
        """Change the quantity on an invoice or a bill."""

        def action():
            move = self._pick(
                self._get_moves(), pick, lambda move: move.state == "draft"
            )
            move = self._as(move, role, "accountant")
            line = move.invoice_line_ids[:1]
            if not line:
                return "void"
            line.quantity = quantity
            return None

        self._do("edit_move", action)

    # ------------------------------------------------------------
    # THE RULES
    # ------------------------------------------------------------

    @invariant()
    def rules_hold(self):
        """All of it, after each step, on what is in the database."""
        self.env.flush_all()
        before = self.orders, self.purchases, self.pickings, self.moves
        self._list_documents()
        if not self.orders and not self.purchases:
            return
        if not self.changed:
            rows = self._read_sale_lines(), self._read_purchase_lines()
            self._assert(
                rows == (self.sale_rows, self.purchase_rows)
                and before == (self.orders, self.purchases, self.pickings, self.moves),
                "a refusal changed something",
            )
            return
        self.sale_rows = self._read_sale_lines()
        self.purchase_rows = self._read_purchase_lines()
        self._check_sums()
        self._check_links()
        self._check_delivered()
        self._check_bills()
        self._check_own_stock()
        self._check_ledger()
        self._check_recomputed()
        # Recomputing may have freshened fields of core's that none of the rules name.
        self.sale_rows = self._read_sale_lines()
        self.purchase_rows = self._read_purchase_lines()
        self._find_facts()
        self.env.invalidate_all()

    def _find_facts(self):
        """What can be done next: most rules wait until they make sense."""
        states = self._query(
            """
            SELECT DISTINCT state || ' transfer' AS state FROM stock_picking
             WHERE id = ANY(%(pickings)s)
             UNION
            SELECT DISTINCT state || ' move' FROM account_move
             WHERE id = ANY(%(moves)s)
             UNION
            SELECT DISTINCT invoice_status || ' bill' FROM purchase_order
             WHERE id = ANY(%(purchases)s)
             UNION
            SELECT 'request' FROM purchase_order
             WHERE id = ANY(%(purchases)s) AND state = 'draft'
            """,
            pickings=list(self.pickings),
            moves=list(self.moves),
            purchases=list(self.purchases),
        )
        states = {row["state"] for row in states}
        sales, links = self.sale_rows.values(), self.purchase_rows.values()
        facts = {
            "to_order": any(row["drop_shipment_qty_to_order"] for row in sales),
            "to_post": any(row["drop_shipment_qty_outstanding"] for row in sales),
            "to invoice": any(row["invoice_status"] == "to invoice" for row in sales),
            "quotation": any(row["sale_state"] in ("draft", "sent") for row in sales),
            "sold": any(row["sale_state"] == "sale" for row in sales),
            "linked request": any(
                row["order_state"] in ("draft", "to approve") for row in links
            ),
            "confirmed": any(row["order_state"] == "purchase" for row in links),
            "open transfer": states
            & {"assigned transfer", "confirmed transfer", "waiting transfer"},
            "to bill": "to invoice bill" in states,
        }
        self.facts = states | {fact for fact, holds in facts.items() if holds}

    def _query(self, query, **values):
        """Return the rows of a query as dictionaries."""
        self.env.cr.execute(query, values)
        return self.env.cr.dictfetchall()

    def _read_sale_lines(self):
        rows = self._query(
            """
            SELECT line.*, sale.name AS sale, sale.state AS sale_state,
                   sale.partner_shipping_id,
                   partner.commercial_partner_id AS customer_id,
                   COALESCE(line.drop_shipment, false) AS ticked
              FROM sale_order_line line
              JOIN sale_order sale ON sale.id = line.order_id
              JOIN res_partner partner ON partner.id = sale.partner_id
             WHERE line.order_id = ANY(%(ids)s) AND line.display_type IS NULL
             ORDER BY line.id
            """,
            ids=list(self.orders),
        )
        return {row["id"]: row for row in rows}

    def _read_purchase_lines(self):
        rows = self._query(
            """
            SELECT line.*, purchase.name AS purchase, purchase.state AS order_state,
                   purchase.dest_address_id,
                   partner.commercial_partner_id AS customer_id,
                   COALESCE(line.drop_shipment, false) AS linked
              FROM purchase_order_line line
              JOIN purchase_order purchase ON purchase.id = line.order_id
              LEFT JOIN res_partner partner
                     ON partner.id = purchase.sell_to_customer_id
             WHERE line.order_id = ANY(%(ids)s) AND line.display_type IS NULL
             ORDER BY line.id
            """,
            ids=list(self.purchases),
        )
        return {row["id"]: row for row in rows}

    def _convert(self, quantity, uom, to_uom):
        """Return a quantity in another unit, not rounded."""
        factors = self.case.factors
        return float(quantity or 0) * factors[uom] / factors[to_uom]

    def _round(self, quantity):
        """Return a sum rounded as quantities are."""
        return float_round(quantity, precision_digits=2)

    def _get_tolerance(self, row, links):
        """Return by how much quantities of `links`, rounded, may be wrong in `row`."""
        if len(links) == 1 and links[0]["product_uom_id"] == row["product_uom_id"]:
            return 0
        return sum(
            self._convert(0.005, link["product_uom_id"], row["product_uom_id"]) + 0.005
            for link in links
        )

    def _same(self, one, other, tolerance=0):
        one, other = float(one or 0), float(other or 0)
        return (
            abs(one - other) <= tolerance + 1e-9
            or float_compare(one, other, precision_digits=2) == 0
        )

    def _assert(self, holds, message, *rows):
        if not holds:
            raise AssertionError("\n".join([message, *map(self._describe, rows)]))

    def _describe(self, row):
        return ", ".join(
            f"{key}={value}"
            for key, value in row.items()
            if value not in (None, False, "")
            and (
                key.startswith(("drop_shipment", "qty_", "product_"))
                or key in ("id", "sale", "purchase", "sale_state", "order_state")
                or key in ("ticked", "linked", "sale_line_id", "invoice_status")
            )
        )

    def _get_purchase_rows(self, sale_row, live=True):
        return [
            row
            for row in self.purchase_rows.values()
            if row["sale_line_id"] == sale_row["id"]
            and (not live or row["order_state"] != "cancel")
        ]

    def _check_sums(self):
        """Ordered within sold, nothing negative; to order as the design says.

        What own stock took back was ordered, but need not be sold.
        """
        kept = self._get_taken_to_own_stock()
        for row in self.sale_rows.values():
            links = self._get_purchase_rows(row) if row["ticked"] else []
            for link in links:
                self._assert(
                    float(link["product_qty"]) >= 0, "negative link", row, link
                )
            ordered = self._round(
                sum(
                    self._convert(
                        link["product_qty"],
                        link["product_uom_id"],
                        row["product_uom_id"],
                    )
                    for link in links
                )
            )
            self._assert(
                self._same(ordered, row["drop_shipment_qty_ordered"]),
                f"ordered is {ordered}",
                row,
                *links,
            )
            self._assert(
                not links
                or float_compare(
                    ordered - kept[row["id"]],
                    float(row["product_uom_qty"]),
                    precision_digits=2,
                )
                <= 0,
                f"more ordered than sold: {ordered}",
                row,
                *links,
            )
            for name in ("to_order", "ordered", "outstanding"):
                self._assert(
                    float(row[f"drop_shipment_qty_{name}"] or 0) >= 0,
                    f"{name} is negative",
                    row,
                )
            self._assert(
                0
                <= float(row["qty_to_ship"] or 0)
                <= float(row["drop_shipment_qty_outstanding"] or 0) + 1e-9,
                "Qty to Ship is not within what is outstanding",
                row,
            )
            confirmed = [link for link in links if link["order_state"] == "purchase"]
            waiting = sum(
                self._convert(
                    max(float(link["product_qty"]) - float(link["qty_received"]), 0),
                    link["product_uom_id"],
                    row["product_uom_id"],
                )
                for link in confirmed
            ) + self._get_tolerance(row, confirmed)
            outstanding = float(row["drop_shipment_qty_outstanding"] or 0)
            self._assert(
                outstanding <= waiting or self._same(outstanding, waiting),
                f"more to ship than the vendor owes: {waiting}",
                row,
                *links,
            )
            self._assert(
                row["sale_state"] == "sale"
                or not float(row["drop_shipment_qty_outstanding"] or 0),
                "something is left to ship of an order that is not confirmed",
                row,
                *links,
            )

    def _get_taken_to_own_stock(self):
        """Return {id of a sales line: what customers gave back to own stock}."""
        kept = Counter()
        for row in self._query(
            """
            SELECT move.sale_line_id, move.quantity, move.product_uom
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
             WHERE move.sale_line_id = ANY(%(ids)s) AND move.state = 'done'
               AND source.usage = 'customer' AND dest.usage = 'internal'
            """,
            ids=list(self.sale_rows),
        ):
            line = row["sale_line_id"]
            kept[line] += self._convert(
                row["quantity"],
                row["product_uom"],
                self.sale_rows[line]["product_uom_id"],
            )
        return kept

    def _check_links(self):
        """Both sides know of each other; company, product and addresses agree."""
        for row in self.purchase_rows.values():
            sale_row = self.sale_rows.get(row["sale_line_id"])
            linked = bool(sale_row and sale_row["ticked"])
            self._assert(
                row["linked"] == linked
                and row["drop_shipment_sale_line_id"]
                == (row["sale_line_id"] if linked else None),
                "the link is one-sided",
                row,
                sale_row or {},
            )
            if not linked or row["order_state"] == "cancel":
                continue
            for name in ("company_id", "product_id", "customer_id"):
                self._assert(
                    row[name] == sale_row[name], f"{name} differs", row, sale_row
                )
            self._assert(
                row["dest_address_id"] == sale_row["partner_shipping_id"],
                "the ship-to address differs",
                row,
                sale_row,
            )
            self._assert(
                row["order_state"] == "purchase" or sale_row["sale_state"] == "sale",
                "a request for quotation of an order that is not confirmed",
                row,
                sale_row,
            )
        for line in self.env["sale.order.line"].browse(self.sale_rows):
            expected = [
                row["id"]
                for row in self._get_purchase_rows(self.sale_rows[line.id], live=False)
                if row["linked"]
            ]
            self._assert(
                sorted(line.drop_shipment_purchase_line_ids.ids) == expected,
                f"the sales line knows of {line.drop_shipment_purchase_line_ids.ids}",
                self.sale_rows[line.id],
            )

    def _check_delivered(self):
        """Delivered is what was received for it, and what went through own stock."""
        own = Counter()
        moves = Counter()
        for row in self._query(
            """
            SELECT move.sale_line_id, move.quantity, move.product_uom,
                   source.usage AS source, dest.usage AS dest
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
             WHERE move.sale_line_id = ANY(%(ids)s) AND move.state = 'done'
            """,
            ids=list(self.sale_rows),
        ):
            line = row["sale_line_id"]
            moves[line] += 1
            quantity = self._convert(
                row["quantity"],
                row["product_uom"],
                self.sale_rows[line]["product_uom_id"],
            )
            if row["source"] == "internal":
                own[line] += quantity
            elif (row["source"], row["dest"]) == ("customer", "internal"):
                own[line] -= quantity
        for line, row in self.sale_rows.items():
            links = self._get_purchase_rows(row, live=False)
            received = sum(
                self._convert(
                    link["qty_received"], link["product_uom_id"], row["product_uom_id"]
                )
                for link in links
            )
            # What is received on each order is rounded, and so is what is delivered;
            # for what is no drop shipment core rounds each transfer by itself.
            parts = 2 if row["ticked"] else moves[line]
            tolerance = self._get_tolerance(row, links) + 0.005 * parts
            self._assert(
                self._same(row["qty_delivered"], received + own[line], tolerance),
                f"delivered is not received ({received}) and own stock ({own[line]})",
                row,
                *links,
            )

    def _check_bills(self):
        """Under Block, billed stays within invoiced, but for a credit note."""
        posted = self._get_posted()
        control = self.case.company.drop_shipment_bill_control
        for line, row in self.sale_rows.items():
            if not row["ticked"]:
                continue
            invoiced, billed = posted["sale"][line], posted["purchase"][line]
            self._assert(
                self._same(invoiced, row["drop_shipment_qty_invoiced"])
                and self._same(billed, row["drop_shipment_qty_billed"]),
                f"invoiced is {invoiced}, billed is {billed}",
                row,
            )
            # What was credited beyond its invoices before it was ticked is no bill.
            excess = max(billed - invoiced, 0) if billed > 0 else 0
            if control == "block" and not self.credited:
                self._assert(
                    float_compare(excess, self.allowed[line], precision_digits=2) <= 0,
                    f"billed ({billed}) before invoiced ({invoiced})",
                    row,
                    *self._get_purchase_rows(row, live=False),
                )
            self.allowed[line] = excess

    def _get_posted(self):
        """Return {side: {sales line: quantity posted, in its UoM}}."""
        posted = {"sale": Counter(), "purchase": Counter()}
        for row in self._query(
            """
            SELECT 'sale' AS side, rel.order_line_id AS line, item.quantity,
                   item.product_uom_id AS uom, move.move_type
              FROM sale_order_line_invoice_rel rel
              JOIN account_move_line item ON item.id = rel.invoice_line_id
              JOIN account_move move ON move.id = item.move_id
             WHERE rel.order_line_id = ANY(%(ids)s) AND move.state = 'posted'
             UNION ALL
            SELECT 'purchase', purchase.sale_line_id, item.quantity,
                   item.product_uom_id, move.move_type
              FROM purchase_order_line purchase
              JOIN account_move_line item ON item.purchase_line_id = purchase.id
              JOIN account_move move ON move.id = item.move_id
             WHERE purchase.sale_line_id = ANY(%(ids)s) AND move.state = 'posted'
            """,
            ids=list(self.sale_rows),
        ):
            sign = -1 if row["move_type"].endswith("refund") else 1
            posted[row["side"]][row["line"]] += sign * self._convert(
                row["quantity"],
                row["uom"],
                self.sale_rows[row["line"]]["product_uom_id"],
            )
        for quantities in posted.values():
            for line in quantities:
                quantities[line] = self._round(quantities[line])
        return posted

    def _check_own_stock(self):
        """Own stock changes by deliveries, receipts and returns to it alone."""
        moved = Counter()
        for row in self._query(
            """
            SELECT move.product_id, move.product_qty, move.quantity, move.product_uom,
                   source.usage AS source, dest.usage AS dest, type.code,
                   move.origin_returned_move_id, move.id
              FROM stock_move move
              JOIN stock_picking_type type ON type.id = move.picking_type_id
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
             WHERE move.picking_id = ANY(%(ids)s) AND move.state = 'done'
               AND 'internal' IN (source.usage, dest.usage)
            """,
            ids=list(self.pickings),
        ):
            self._assert(
                row["code"] != "dropship" or row["origin_returned_move_id"],
                f"a drop shipment went through own stock: move {row['id']}",
            )
            sign = (row["dest"] == "internal") - (row["source"] == "internal")
            moved[row["product_id"]] += sign * self._convert(
                row["quantity"], row["product_uom"], self.case.uom_unit.id
            )
        quants = self._query(
            """
            SELECT quant.product_id, SUM(quant.quantity) AS quantity
              FROM stock_quant quant
              JOIN stock_location location ON location.id = quant.location_id
             WHERE location.usage = 'internal' AND quant.product_id = ANY(%(ids)s)
             GROUP BY quant.product_id
            """,
            ids=self.case.products.ids,
        )
        stock = {row["product_id"]: row["quantity"] for row in quants}
        for product in self.case.products.ids:
            expected = self.case.stock_before.get(product, 0) + moved[product]
            self._assert(
                self._same(stock.get(product), expected, 0.1),
                f"own stock of {product} is {stock.get(product)}, not {expected}",
            )

    def _check_ledger(self):
        """Each document balances; a drop shipment costs what its bills say, once."""
        items = self._query(
            """
            SELECT item.move_id, item.balance, item.account_id, item.product_id,
                   item.display_type, move.move_type, move.name AS move,
                   item.purchase_line_id, item.company_id
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
             WHERE item.move_id = ANY(%(ids)s) AND move.state = 'posted'
            """,
            ids=list(self.moves),
        )
        sums = Counter()
        for item in items:
            sums[item["move"]] += item["balance"]
        self._assert(
            all(self._same(balance, 0) for balance in sums.values()),
            f"the ledger does not balance: {sums}",
        )
        company = self.case.company
        through_stock = self._get_products_through_stock()
        for product in self.case.products.ids:
            own = [
                item
                for item in items
                if item["product_id"] == product and item["company_id"] == company.id
            ]
            if product in through_stock:
                continue
            bills = sum(
                item["balance"]
                for item in own
                if item["move_type"] in ("in_invoice", "in_refund")
            )
            accounts = Counter()
            for item in own:
                accounts[item["account_id"]] += item["balance"]
            self._assert(
                self._same(accounts[company.expense_account_id.id], bills)
                and self._same(accounts[company.account_stock_valuation_id.id], 0),
                f"product {product}: bills amount to {bills}, accounts to {accounts}",
            )

    def _get_products_through_stock(self):
        """Return the ids of products that came into own stock, left it or may do."""
        rows = self._query(
            """
            SELECT move.product_id
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
             WHERE move.picking_id = ANY(%(pickings)s) AND move.state = 'done'
               AND 'internal' IN (source.usage, dest.usage)
             UNION
            SELECT product_id FROM sale_order_line
             WHERE order_id = ANY(%(orders)s) AND NOT COALESCE(drop_shipment, false)
             UNION
            SELECT product_id FROM purchase_order_line
             WHERE order_id = ANY(%(purchases)s) AND NOT COALESCE(drop_shipment, false)
            """,
            pickings=list(self.pickings),
            orders=list(self.orders),
            purchases=list(self.purchases),
        )
        found = {row["product_id"] for row in rows}
        # Once it may have been invoiced as goods of our own, it stays out.
        self.through_stock |= found
        return self.through_stock

    def _check_recomputed(self):
        """Stored fields are what their own methods make of the documents, afresh."""
        env = self.env
        env.invalidate_all()
        fields = {
            "sale.order.line": [
                "drop_shipment_order_id",
                "drop_shipment_qty_billed",
                "drop_shipment_qty_invoiced",
                "drop_shipment_qty_ordered",
                "drop_shipment_qty_outstanding",
                "drop_shipment_qty_to_order",
                "drop_shipment_state",
                "invoice_status",
                "qty_delivered",
                "qty_to_ship",
            ],
            "purchase.order.line": [
                "drop_shipment",
                "drop_shipment_sale_line_id",
                "qty_received",
            ],
            "sale.order": ["delivery_status", "invoice_status"],
        }
        ids = {
            "sale.order.line": list(self.sale_rows),
            "purchase.order.line": list(self.purchase_rows),
            "sale.order": list(self.orders),
        }
        before = self._read_stored(fields, ids)
        for model, names in fields.items():
            for name in names:
                field = env[model]._fields[name]
                env.add_to_compute(field, env[model].browse(ids[model]))
        env.flush_all()
        after = self._read_stored(fields, ids)
        changed = [
            f"{model}({record}).{name}: stored {before[key]!r}, recomputed {value!r}"
            for key, value in after.items()
            for model, record, name in [key]
            if before[key] != value
        ]
        self._assert(
            not changed,
            "stale: " + "; ".join(changed),
            *self.sale_rows.values(),
            *self.purchase_rows.values(),
        )

    def _read_stored(self, fields, ids):
        stored = {}
        for model, names in fields.items():
            table = SQL.identifier(self.env[model]._table)
            columns = SQL(", ").join(map(SQL.identifier, names))
            for record, *values in self.env.execute_query(
                SQL(
                    "SELECT id, %s FROM %s WHERE id = ANY(%s)",
                    columns,
                    table,
                    ids[model],
                )
            ):
                for name, value in zip(names, values, strict=True):
                    if isinstance(value, (int, str, bool)):
                        stored[model, record, name] = value
                    else:
                        stored[model, record, name] = float(value or 0)
        return stored


class InvariantsCommon(DropShipmentCommon):
    """The data that a machine works on, and how it is run."""

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
        cls.products = cls.chair | cls.desk
        cls.chair.categ_id = cls.env["product.category"].create(
            {
                "name": "Perpetual",
                "property_cost_method": "fifo",
                "property_valuation": "real_time",
            }
        )
        # A second source of the chair; only the first vendor sells the desk.
        cls.chair.seller_ids = [
            Command.create({"partner_id": cls.other_vendor.id, "price": 13.0})
        ]
        cls.stock_before = {}
        cls.factors = {cls.uom_unit.id: 1, cls.uom_dozen.id: 12}
        cls.env.flush_all()
        cls.first_ids = {}
        for table in ("sale_order", "purchase_order", "stock_picking", "account_move"):
            query = SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))
            [[cls.first_ids[table]]] = cls.env.execute_query(query)

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


class TestInvariants(InvariantsCommon):
    """The rules of drop shipments hold in any sequence of what people do."""

    def test_invariants(self):
        """Orders, transfers, invoices and bills, in any order."""
        self._play(DropShipmentMachine, EXAMPLES, MIN_STEPS)
