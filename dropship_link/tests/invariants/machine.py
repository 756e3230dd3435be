"""The machine: how a sequence begins, and what holds after each of its steps."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant

from .adoption import AdoptionSteps
from .advances import AdvanceSteps, MoneyRules
from .base import MachineBase
from .bills import BillSteps
from .books import BookRules
from .exchange import ExchangeSteps
from .invoicing import InvoicingSteps
from .lots import LotRules
from .orders import OrderSteps
from .posting import PostingSteps
from .prices import PriceRules, PriceSteps
from .probes import ProbeSteps
from .purchases import PurchaseSteps
from .rules import LinkRules
from .sales import SaleSteps
from .surroundings import SurroundingSteps
from .transfers import TransferSteps
from .vendors import VendorRules, VendorSteps


class DropShipmentMachine(
    OrderSteps,
    SaleSteps,
    PurchaseSteps,
    PostingSteps,
    TransferSteps,
    ExchangeSteps,
    InvoicingSteps,
    BillSteps,
    AdvanceSteps,
    PriceSteps,
    AdoptionSteps,
    SurroundingSteps,
    VendorSteps,
    ProbeSteps,
    LinkRules,
    BookRules,
    MoneyRules,
    PriceRules,
    VendorRules,
    LotRules,
    MachineBase,
):
    """What people do, in any order. A refusal is fine; the rules must hold."""

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
        lots=st.sampled_from([False, False, True]),
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
        lots,
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
        case.desk.tracking = "lot" if lots else "none"

        def begin():
            sale = case._new_sale(
                (case.chair, quantity, {"product_uom_id": self._get_uom(dozen)}),
                (case.desk, 3),
            )
            if how and sale.order_line.filtered("drop_shipment_qty_to_order"):
                case._new_purchase(sale, confirm=how > 1)

        self._do("start", begin)

    # ------------------------------------------------------------
    # THE RULES
    # ------------------------------------------------------------

    @invariant()
    def rules_hold(self):
        """All of it, after each step, on what is in the database."""
        # Said by an action that was refused: the rules below are of what was done.
        self._assert(not self.dead_end, f"offered, then refused: {self.dead_end}")
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
        self._check_oracle()
        self._check_links()
        self._check_bills()
        self._check_own_stock()
        self._check_ledger()
        self._check_recomputed()
        self._check_agreed()
        self._check_amounts()
        self._check_money()
        self._check_vendors()
        self._check_lots()
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
            SELECT 'reported' FROM stock_picking
             WHERE id = ANY(%(pickings)s) AND drop_shipment_reported IS NOT NULL
             UNION
            SELECT DISTINCT state || ' move' FROM account_move
             WHERE id = ANY(%(moves)s)
             UNION
            SELECT DISTINCT invoice_status || ' bill' FROM purchase_order
             WHERE id = ANY(%(purchases)s)
             UNION
            SELECT 'request' FROM purchase_order
             WHERE id = ANY(%(purchases)s) AND state = 'draft'
             UNION
            SELECT 'adoptable' FROM sale_order_line sold
              JOIN purchase_order_line bought ON bought.sale_line_id = sold.id
             WHERE sold.order_id = ANY(%(orders)s) AND sold.state = 'sale'
               AND NOT COALESCE(sold.drop_shipment, false)
            """,
            pickings=list(self.pickings),
            moves=list(self.moves),
            purchases=list(self.purchases),
            orders=list(self.orders),
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
            "declined": any(row["drop_shipment_qty_declined"] for row in links),
            "open transfer": states
            & {"assigned transfer", "confirmed transfer", "waiting transfer"},
            "to bill": "to invoice bill" in states,
        }
        self.facts = states | {fact for fact, holds in facts.items() if holds}
