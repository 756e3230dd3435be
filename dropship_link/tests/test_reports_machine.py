"""Random sequences of what people reported; in the end the money is right.

Orders as people write them: notes, sections, services, discounts, down payments, the
vendor's advances, exchanges, returns, people all over the world, and goods that own
stock holds at another price. When a sequence ends, all that is left is shipped,
invoiced and billed, and `BooksMixin` judges.
"""

import logging
import os
from collections import Counter

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from odoo.fields import Command

from .reports_books import BooksMixin
from .reports_data import COSTS, ReportsCommon
from .reports_people import STEPS_DONE, PeopleMixin, step

_logger = logging.getLogger(__name__)

EXAMPLES = 6
STEPS = 25
MIN_STEPS = 110
MAX_ORDERS = 2
MAX_REVERSALS = 2

PICK = st.integers(0, 5)
PARTS = st.sampled_from([1, 1, 0.5, 0.3])
ZONES = st.sampled_from(["UTC", "Pacific/Auckland", "America/Los_Angeles"])


class ReportsMachine(PeopleMixin, BooksMixin, RuleBasedStateMachine):
    """Steps of people, each in their own role. Most are always possible."""

    case = None
    """The test case: its data, its environment."""
    tally = Counter()
    """Step and result to how often, over all examples."""
    steps = ()
    """What people do: filled below."""

    def __init__(self):
        super().__init__()
        self.env = self.case.env
        self.savepoint = self.env.cr.savepoint()
        self.failed = False
        self.changed = True
        # Units of sales lines: the most that was ever shipped, and gone for good.
        self.peaks = Counter()
        self.gone = Counter()
        self.dates = {}
        self.undeducted = self.overshipped = self.returned = self.env["sale.order"]
        self.overbought = self.env["purchase.order"]
        self.reversals = 0
        self._list_documents()

    def teardown(self):
        try:
            if self.orders and not self.failed:
                self._finish()
                self._check_end()
        finally:
            self.env.cr.precommit.clear()
            self.env.cr.postcommit.clear()
            self.savepoint.close(rollback=True)
            self.env.invalidate_all(flush=False)

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    @initialize(
        control=st.sampled_from(["block", "block", "warn", "none"]),
        policy=st.sampled_from(["delivery", "delivery", "order"]),
        purchase_method=st.sampled_from(["receive", "receive", "purchase"]),
        costs=st.sampled_from(COSTS),
        taxed=st.booleans(),
        waive=st.booleans(),
        money=st.sampled_from(["even", "even", "odd", "customer", "vendor"]),
        zones=st.tuples(ZONES, ZONES, ZONES, ZONES),
    )
    def start(
        self, control, policy, purchase_method, costs, taxed, waive, money, zones
    ):
        """Choose the settings; own stock holds both goods at another price."""
        case = self.case
        self.goods = case.goods[costs]
        self.plain = set()
        # Billed by the order, and blocked beyond what is invoiced: what came back has
        # to be taken from the orders.
        self.waive = waive or (control, policy, purchase_method) == (
            "block",
            "delivery",
            "purchase",
        )
        case.company.drop_shipment_bill_control = control
        self.goods.write({"invoice_policy": policy, "purchase_method": purchase_method})
        taxes = [Command.set(case.tax.ids if taxed else [])]
        (self.goods | case.services | case.discount).taxes_id = taxes
        self._set_prices(money)
        people = (
            case.salesman | case.billing_salesman,
            case.buyer | case.billing_buyer,
            case.accountant,
            case.warehouse_user,
        )
        for users, zone in zip(people, zones, strict=True):
            users.tz = zone
        self.env.flush_all()
        # Environments remember the time zone.
        self.env.transaction.reset()
        self._read_moved()
        self._check_own_stock()

    # ------------------------------------------------------------
    # ORDERS
    # ------------------------------------------------------------

    @step(
        lambda self: len(self.orders) < MAX_ORDERS,
        billing=st.booleans(),
        chairs=st.sampled_from([(1, "unit"), (4, "unit"), (10, "unit"), (2, "dozen")]),
        desks=st.sampled_from(["ticked", "ticked", "own", "none"]),
        own_chairs=st.booleans(),
        extras=st.sets(
            st.sampled_from(["line_section", "line_subsection", "line_note"]),
            min_size=1,
        ),
        services=st.integers(0, 3),
        discount=st.sampled_from(["", "", "sol_discount", "so_discount", "amount"]),
    )
    def make_order(
        self, billing, chairs, desks, own_chairs, extras, services, discount
    ):
        """Enter and confirm an order as people write them."""
        case = self.case
        lines = self._prepare_lines(chairs, desks, own_chairs, extras, services)
        user = case.billing_salesman if billing else case.salesman

        def action():
            order = (
                self.env["sale.order"]
                .with_user(user)
                .create(
                    {
                        "partner_id": case.customer.id,
                        "partner_shipping_id": case.ship_to.id,
                        "pricelist_id": self.pricelist.id,
                        "order_line": [
                            Command.create({**line, "sequence": sequence})
                            for sequence, line in enumerate(lines)
                        ],
                    }
                )
            )
            if discount:
                order.env["sale.order.discount"].create(
                    {
                        "sale_order_id": order.id,
                        "discount_type": discount,
                        "discount_percentage": 0.1,
                        "discount_amount": 5,
                    }
                ).action_apply_discount()
            order.action_confirm()

        self._do("make_order", action)

    @step(
        lambda self: self._to_order(),
        pick=PICK,
        how=st.sampled_from(["get_sales_order", "create_purchases"]),
        part=PARTS,
        other_vendor=st.sampled_from([False, False, True]),
        confirm=st.sampled_from([True, True, False]),
    )
    def buy(self, pick, how, part, other_vendor, confirm):
        """Order from vendors, all or a part, from either door."""
        case = self.case
        order = self._pick(self._to_order(), pick)
        vendor = case.other_vendor if other_vendor else case.vendor

        def action():
            if how == "get_sales_order":
                purchase = case._new_purchase(partner_id=vendor.id)
                wizard = purchase.env["purchase.order.get.sales.order"].create(
                    {
                        "purchase_order_id": purchase.id,
                        "sale_order_ids": [Command.set(order.ids)],
                        "vendor_products_only": False,
                    }
                )
                for line in wizard.line_ids:
                    line.quantity = self._take(line.quantity, part)
                wizard.action_insert_lines()
                requests = purchase
            else:
                before = self.purchases
                self._buyer(order).action_create_drop_shipment_purchases()
                self._list_documents()
                requests = self._buyer(self.purchases - before)
            if confirm:
                requests.button_confirm()

        self._do(f"buy {how}", action)

    @step(lambda self: self._requests(), pick=PICK)
    def confirm_purchase(self, pick):
        """Confirm a request for quotation."""
        request = self._pick(self._requests(), pick)
        self._do("confirm_purchase", lambda: self._buyer(request).button_confirm())

    @step(
        lambda self: self._to_write_on(),
        pick=PICK,
        what=st.sampled_from(["line_note", "line_section", "purchase", "receive"]),
        sequence=st.sampled_from([1, 100]),
    )
    def write_on_purchase(self, pick, what, sequence):
        """Add a note, a section or freight to a purchase order, confirmed or not."""
        vals = {"display_type": what, "name": what, "product_qty": 0}
        if not what.startswith("line"):
            freight = self.case.freights.filtered(
                lambda product: product.purchase_method == what
            )
            vals = {"product_id": freight.id, "product_qty": 1, "price_unit": 7}
        order = self._buyer(self._pick(self._to_write_on(), pick))

        def action():
            order.order_line = [Command.create({**vals, "sequence": sequence})]

        self._do("write_on_purchase", action)

    # ------------------------------------------------------------
    # POST
    # ------------------------------------------------------------

    @step(
        lambda self: self._to_ship(),
        pick=PICK,
        option=st.sampled_from(["ship", "ship_invoice"]),
        part=PARTS,
        first_only=st.booleans(),
        days_ago=st.integers(0, 2),
    )
    def post_sale(self, pick, option, part, first_only, days_ago):
        """Ship, or Ship and Invoice; the invoice is posted by who may."""
        order = self._salesman(self._pick(self._to_ship(), pick))
        if (
            self.goods[:1].invoice_policy == "order"
            and order.invoice_status != "to invoice"
        ):
            # Invoiced before: the dialog says so.
            option = "ship"

        def action():
            wizard = order.env["drop.shipment.post"].create(
                {"sale_order_id": order.id, "option": option}
            )
            self._post(wizard, part, first_only, days_ago)

        self._do(option, action)

    @step(
        lambda self: self._to_post(),
        pick=PICK,
        pick_option=PICK,
        billing=st.booleans(),
        part=PARTS,
        first_only=st.booleans(),
        days_ago=st.integers(0, 2),
    )
    def post_purchase(self, pick, pick_option, billing, part, first_only, days_ago):
        """Receive, Invoice or both, whichever the dialog offers."""
        order = self._buyer(self._pick(self._to_post(), pick), billing)
        wizard, options = self._get_options(order)
        option = options[pick_option % len(options)]

        def action():
            wizard.option = option
            self._post(wizard, part, first_only, days_ago)

        self._do(option, action)

    # ------------------------------------------------------------
    # INVENTORY
    # ------------------------------------------------------------

    @step(lambda self: self._open_transfers(), pick=PICK, part=PARTS)
    def validate_transfer(self, pick, part):
        """Validate a transfer in Inventory, all or a part; the rest stays."""
        picking = self._pick(self._open_transfers(), pick)
        picking = picking.with_user(self.case.warehouse_user)

        def action():
            picking.action_assign()
            for move in picking.move_ids:
                move.quantity = self._take(move.product_uom_qty, part)
                move.picked = True
            picking.with_context(skip_backorder=True).button_validate()

        self._do("validate_transfer", action)

    @step(
        lambda self: self._shipped(),
        pick=PICK,
        part=PARTS,
        exchange=st.booleans(),
        wait=st.sampled_from([0, 0, 1]),
    )
    def take_back(self, pick, part, exchange, wait):
        """Return goods to the vendor; in exchange, it ships others.

        The return may wait for somebody to validate it.
        """
        wizard = self._open_return(self._pick(self._shipped(), pick), part)
        returned = self.env["stock.picking"]

        def action():
            nonlocal returned
            if exchange:
                result = wizard.action_create_exchanges()
            else:
                result = wizard.action_create_returns()
            returned = self.env["stock.picking"].browse(result["res_id"])
            if not wait:
                self._validate(returned)

        if self._do("exchange" if exchange else "return", action) and not exchange:
            self._count_gone(returned, 1)
            self.plain.add(returned.id)

    @step(lambda self: self._came_back(), pick=PICK, part=PARTS)
    def ship_again(self, pick, part):
        """Return a return: the vendor ships again what came back."""
        wizard = self._open_return(self._pick(self._came_back(), pick), part)
        again = self.env["stock.picking"]

        def action():
            nonlocal again
            result = wizard.action_create_returns()
            again = self.env["stock.picking"].browse(result["res_id"])

        if self._do("ship_again", action):
            self._count_gone(again, -1)

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    @step(
        lambda self: self._to_advance(),
        pick=PICK,
        method=st.sampled_from(["percentage", "fixed"]),
        percent=st.sampled_from([30, 33.33, 100]),
        post=st.booleans(),
    )
    def down_payment(self, pick, method, percent, post):
        """The customer pays a part of what is left in advance."""
        order = self._salesman(self._pick(self._to_advance(), pick))
        left = self._get_open_amount(order)
        total = order.amount_total

        def action():
            invoice = self._create_invoice(
                order,
                advance_payment_method=method,
                amount=min(percent, int(left / total * 100)),
                fixed_amount=round(left * percent / 100, 2),
            )
            if post:
                self._post_move(invoice, self.case.accountant)

        self._do(f"down_payment {method}", action)

    @step(
        lambda self: self._to_invoice(),
        pick=PICK,
        post=st.booleans(),
        deduct=st.sampled_from([True, True, True, False]),
    )
    def create_invoice(self, pick, post, deduct):
        """Create Invoice, by core's dialog, with or without the advance."""
        order = self._salesman(self._pick(self._to_invoice(), pick))
        # Whoever has nothing left to deduct it from would charge an advance for good.
        deduct = deduct or order not in self._to_ship()

        def action():
            invoices = self._create_invoice(order, deduct_down_payments=deduct)
            if post:
                self._post_move(invoices, self.case.accountant)

        if self._do("create_invoice", action) and not deduct:
            self.undeducted |= order.sudo(False).with_env(self.env)

    @step(lambda self: self._to_bill(), pick=PICK, post=st.booleans())
    def create_bill(self, pick, post):
        """Create Bill, by core; posted if the invoice order allows it."""
        order = self._buyer(self._pick(self._to_bill(), pick))

        def action():
            bill = self._create_bill(order)
            if post and not self._get_reason(bill):
                self._post_move(bill, self.case.accountant)

        self._do("create_bill", action)

    @step(lambda self: self._drafts(), pick=PICK)
    def post_draft(self, pick):
        """Post a draft invoice, bill, credit note or refund."""
        move = self._pick(self._drafts(), pick)
        self._do("post_draft", lambda: self._post_move(move, self.case.accountant))

    @step(
        lambda self: self._to_claim(),
        pick=PICK,
        percent=st.sampled_from([20, 33.33, 100]),
    )
    def vendor_advance(self, pick, percent):
        """The vendor's bill of an advance comes onto the order by bill matching."""
        order = self._pick(self._to_claim(), pick)
        amount = round(self._get_open_amount(order) * percent / 100, 2)
        self._do("vendor_advance", lambda: self._claim(order, amount))

    @step(lambda self: self.reversals < MAX_REVERSALS and self._to_reverse(), pick=PICK)
    def reverse(self, pick):
        """Credit an invoice or have a bill refunded, all of it."""
        move = self._pick(self._to_reverse(), pick)
        self.reversals += 1
        self._do("reverse", lambda: self.case._reverse(move))

    @step(lambda self: self._to_serve(), quantity=st.integers(1, 2))
    def serve(self, quantity):
        """Services of an order are done, in part or wholly."""
        lines = self._to_serve()

        def action():
            for line in lines:
                line.with_user(line.order_id.user_id).qty_delivered = max(
                    quantity, line.qty_delivered
                )

        self._do("serve", action)

    # ------------------------------------------------------------
    # THE RULES
    # ------------------------------------------------------------

    @rule(data=st.data())
    def do_step(self, data):
        """Do one of the steps that are possible now."""
        possible = [one for one in self.steps if one.is_possible(self)]
        if not possible:
            return
        chosen = data.draw(st.sampled_from(possible))
        chosen(self, **data.draw(st.fixed_dictionaries(chosen.arguments)))

    @invariant()
    def books_hold(self):
        """All of it, after each step."""
        if not self.changed:
            return
        self.changed = False
        self._list_documents()
        if self.orders:
            self._check_step()


ReportsMachine.steps = [
    one for one in vars(ReportsMachine).values() if hasattr(one, "is_possible")
]


class TestReportsMachine(ReportsCommon):
    """What people reported, in any order, comes to the right end in money."""

    def test_reports_machine(self):
        """Orders with all that belongs to them, to the last document."""
        try:
            self._play(ReportsMachine, EXAMPLES, MIN_STEPS, stateful_step_count=STEPS)
        finally:
            _logger.info("steps: %s", sorted(ReportsMachine.tally.items()))
        tally = ReportsMachine.tally
        if not os.environ.get("DROPSHIP_SOAK_SECONDS"):
            missing = {step for step in STEPS_DONE if not tally[step, "done"]}
            self.assertFalse(missing, "never done: a test of these is missing")
            refused = sum(n for (_name, how), n in tally.items() if how == "refused")
            self.assertLess(refused, sum(tally.values()) / 10)
