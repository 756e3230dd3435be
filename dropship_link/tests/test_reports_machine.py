"""Random sequences of what people reported; in the end the money is right.

The machine of `test_invariants` with orders as people write them: notes, sections,
services, discounts, advances, exchanges, users all over the world and goods that own
stock holds at another price. When an example ends, all that is left is shipped,
invoiced and billed: then the customer was charged what was sold and the vendor paid
what was bought, both once.
"""

# pylint: disable=missing-return,super-method-mismatch
from collections import Counter
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command, Date

from .test_invariants import (
    PICK,
    ROLES,
    DropShipmentMachine,
    InvariantsCommon,
    initialize,
    invariant,
    precondition,
    rule,
    st,
)

EXAMPLES = 8
MIN_STEPS = 100
MAX_ORDERS = 2
ROUNDS = 12
OWN_COST = 5.0
OWN_QUANTITY = 20
PARTS = st.sampled_from([1, 1, 0.5, 0.3])
ZONES = st.sampled_from(["UTC", "Pacific/Auckland", "America/Los_Angeles"])


class ReportsMachine(DropShipmentMachine):
    """Orders with all that belongs to them, from the first to the last document."""

    # Rules that change what was agreed: their sums are checked by the other machine.
    cancel = copy_merge_delete = edit_header = edit_move = None
    make_sale = edit_sale_quantity = tick = edit_sale_line = None
    make_purchase = get_sales_order = link_directly = None
    handle_transfer = return_goods = invoice_sale = None

    def __init__(self):
        super().__init__()
        self.failed = False
        self.opening = set()
        # What came back and is not shipped again, for each sales line.
        self.back = Counter()
        self.plain_returns = set()
        self.reordered = False
        self.delivery_dates = {}
        self.days_ago = 0

    def teardown(self):
        try:
            if self.orders and not self.failed:
                self._finish()
                self._check_money()
        finally:
            super().teardown()

    # ------------------------------------------------------------
    # START
    # ------------------------------------------------------------

    @initialize(
        control=st.sampled_from(["block", "block", "warn", "none"]),
        policy=st.sampled_from(["delivery", "delivery", "order"]),
        purchase_method=st.sampled_from(["receive", "purchase"]),
        cost_method=st.sampled_from(["average", "fifo", "standard"]),
        valuation=st.sampled_from(["real_time", "periodic"]),
        taxed=st.booleans(),
        zones=st.tuples(ZONES, ZONES, ZONES),
        days_ago=st.integers(0, 2),
    )
    def start(
        self,
        control,
        policy,
        purchase_method,
        cost_method,
        valuation,
        taxed,
        zones,
        days_ago,
    ):
        """Choose the settings; own stock holds both goods at another price."""
        case = self.case
        self.days_ago = days_ago
        case.company.drop_shipment_bill_control = control
        case.products.categ_id.write(
            {"property_cost_method": cost_method, "property_valuation": valuation}
        )
        taxes = [Command.set(case.tax.ids if taxed else [])]
        (case.products | case.service).taxes_id = taxes
        case.products.write(
            {"invoice_policy": policy, "purchase_method": purchase_method}
        )
        for user, zone in zip(
            (case.salesman, case.buyer, case.accountant), zones, strict=True
        ):
            user.tz = zone
        case._stock_up()
        self.env.flush_all()
        super()._list_documents()
        self.opening = set(self.moves)
        self.own_value = case._get_own_value()

    def _list_documents(self):
        super()._list_documents()
        self.moves = [move for move in self.moves if move not in self.opening]

    def _read_sale_lines(self):
        return self._keep_goods(super()._read_sale_lines())

    def _read_purchase_lines(self):
        return self._keep_goods(super()._read_purchase_lines())

    def _keep_goods(self, rows):
        products = self.case.products.ids
        return {key: row for key, row in rows.items() if row["product_id"] in products}

    # ------------------------------------------------------------
    # ORDERS
    # ------------------------------------------------------------

    @precondition(lambda self: len(self.orders) < MAX_ORDERS)
    @rule(
        quantity=st.sampled_from([1, 4, 10]),
        desks=st.sampled_from(["ticked", "own", "none"]),
        extras=st.sets(st.sampled_from(["section", "note", "order", "delivery"])),
        discount=st.sampled_from([None, None, "sol_discount", "so_discount", "amount"]),
    )
    def make_order(self, quantity, desks, extras, discount):
        """Enter and confirm an order as people write them."""
        case = self.case
        lines = [
            {
                "product_id": case.chair.id,
                "product_uom_qty": quantity,
                "drop_shipment": True,
            }
        ]
        if "section" in extras:
            lines.insert(0, {"display_type": "line_section", "name": "Furniture"})
        if "note" in extras:
            lines.append({"display_type": "line_note", "name": "Mind the stairs"})
        if desks != "none":
            lines.append(
                {
                    "product_id": case.desk.id,
                    "product_uom_qty": 3,
                    "drop_shipment": desks == "ticked",
                }
            )
        for policy in sorted(extras & {"order", "delivery"}):
            service = case.services[policy]
            lines.append({"product_id": service.id, "product_uom_qty": 2})

        def action():
            order = (
                self.env["sale.order"]
                .with_user(case.salesman)
                .create(
                    {
                        "partner_id": case.customer.id,
                        "partner_shipping_id": case.ship_to.id,
                        "order_line": [Command.create(line) for line in lines],
                    }
                )
            )
            if discount:
                self._discount(order, discount)
            order.action_confirm()

        self._do("make_order", action)

    def _discount(self, order, discount):
        self.env["sale.order.discount"].with_user(self.case.salesman).create(
            {
                "sale_order_id": order.id,
                "discount_type": discount,
                "discount_percentage": 0.1,
                "discount_amount": 5,
            }
        ).action_apply_discount()

    @precondition(lambda self: "to_order" in self.facts)
    @rule(pick=PICK, other_vendor=st.booleans(), fraction=PARTS)
    def fetch(self, pick, other_vendor, fraction):
        """Get Sales Order into a new request for quotation."""
        case = self.case

        def action():
            order = self._pick(
                self._get_orders(), pick, lambda order: order.drop_shipment_to_order
            )
            purchase = case._new_purchase(
                partner_id=(case.other_vendor if other_vendor else case.vendor).id
            )
            wizard = purchase.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": purchase.id,
                    "sale_order_ids": [Command.set(order.ids)],
                    "vendor_products_only": False,
                }
            )
            for line in wizard.line_ids:
                line.quantity = max(int(line.quantity * fraction), 1)
            wizard.action_insert_lines()

        self._do("fetch", action)

    @precondition(lambda self: self.purchases)
    @rule(
        pick=PICK,
        what=st.sampled_from(["line_note", "line_section", "purchase", "receive"]),
    )
    def add_to_purchase(self, pick, what):
        """Add a note, a section or freight to a purchase order, confirmed or not."""
        vals = {"display_type": what, "name": "By lorry", "product_qty": 0}
        if what in self.case.freights:
            freight = self.case.freights[what]
            vals = {"product_id": freight.id, "product_qty": 1, "price_unit": 7}

        def action():
            order = self._pick(self._get_purchases(), pick)
            if order.state == "cancel" or len(order.order_line) > 5:
                return "void"
            order.with_user(self.case.buyer).order_line = [Command.create(vals)]
            return None

        self._do("add_to_purchase", action)

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    @precondition(lambda self: self.orders)
    @rule(
        pick=PICK, method=st.sampled_from(["percentage", "fixed"]), post=st.booleans()
    )
    def down_payment(self, pick, method, post):
        """The customer pays a part in advance, before anything else is invoiced."""
        case = self.case

        def action():
            order = self._pick(
                self._get_orders(), pick, lambda order: not order.invoice_ids
            )
            if order.invoice_ids or order.amount_total < 20:
                return "void"
            invoice = self._create_invoice(
                order.with_user(case.salesman),
                advance_payment_method=method,
                amount=30,
                fixed_amount=20,
            )
            if post:
                self._post_move(invoice, "own")
            return None

        self._do("down_payment", action)

    def _create_invoice(self, order, **values):
        """Press Create Invoice; return what it makes."""
        before = order.sudo().invoice_ids
        self.env["sale.advance.payment.inv"].with_user(order.env.user).create(
            {"sale_order_ids": [Command.set(order.ids)], **values}
        ).create_invoices()
        return order.sudo().invoice_ids - before

    @precondition(lambda self: "to invoice" in self.facts)
    @rule(pick=PICK, role=ROLES, post=st.booleans())
    def create_invoice(self, pick, role, post):
        """Create Invoice, by core's dialog, as it comes."""

        def action():
            order = self._pick(
                self._get_orders(),
                pick,
                lambda order: order.invoice_status == "to invoice",
            )
            invoices = self._create_invoice(self._as(order, role, "salesman"))
            if post:
                self._post_move(invoices, role)

        self._do("create_invoice", action)

    @precondition(lambda self: self.purchases)
    @rule(pick=PICK)
    def vendor_advance(self, pick):
        """The vendor's bill of an advance is added to the order in bill matching."""
        case = self.case

        def action():
            order = self._pick(
                self._get_purchases(), pick, lambda order: order.state == "purchase"
            )
            if order.state != "purchase" or order.order_line.filtered("is_downpayment"):
                return "void"
            bill = case._new_free_bill(
                case.advance, quantity=1, price=5, partner_id=order.partner_id.id
            )
            bill.action_post()
            self.env["bill.to.po.wizard"].with_user(case.boss).with_context(
                active_ids=[-bill.invoice_line_ids.id]
            ).create(
                {"purchase_order_id": order.id, "partner_id": order.partner_id.id}
            ).action_add_downpayment()
            return None

        self._do("vendor_advance", action)

    # ------------------------------------------------------------
    # GOODS
    # ------------------------------------------------------------

    def _post(self, order, field, option, fraction, first_only):
        wizard = order.env["drop.shipment.post"].create({field: order.id})
        wizard.option = option
        today = Date.context_today(wizard)
        wizard.shipment_date = today - timedelta(days=self.days_ago)
        for index, line in enumerate(wizard.line_ids):
            line.quantity *= 0 if first_only and index else fraction
        wizard.action_post()

    @precondition(lambda self: "open transfer" in self.facts)
    @rule(pick=PICK, fraction=PARTS)
    def validate_transfer(self, pick, fraction):
        """Validate a transfer in Inventory, all or a part; the rest stays."""

        def action():
            picking = self._pick(
                self._get_pickings(),
                pick,
                lambda picking: picking.state not in ("done", "cancel"),
            )
            if picking.state in ("done", "cancel"):
                return "void"
            picking.action_assign()
            for move in picking.move_ids:
                move.quantity = max(int(move.product_uom_qty * fraction), 1)
                move.picked = True
            picking.with_context(skip_backorder=True).button_validate()
            return None

        self._do("validate_transfer", action)

    @precondition(lambda self: "done transfer" in self.facts)
    @rule(
        pick=PICK,
        fraction=PARTS,
        how=st.sampled_from(["vendor", "stock", "exchange", "again"]),
    )
    def take_goods_back(self, pick, fraction, how):
        """Return goods to the vendor or own stock, exchange or send them again."""

        def fits(picking):
            if how == "again":
                return picking.id in self.plain_returns
            return picking.state == "done" and picking.is_drop_shipment

        def action():
            picking = self._pick(self._get_pickings(), pick, fits)
            if not picking or not fits(picking):
                return "void"
            wizard = self._prepare_return(picking, 1 if how == "again" else fraction)
            if not sum(wizard.product_return_moves.mapped("quantity")):
                return "void"
            self._take_back(picking, wizard, how)
            return None

        before = self.back.copy(), set(self.plain_returns)
        self._do(f"take_goods_back {how}", action)
        if not self.changed:
            self.back, self.plain_returns = before

    def _take_back(self, picking, wizard, how):
        if how == "exchange":
            res = wizard.action_create_exchanges()
        else:
            res = wizard.action_create_returns()
        returned = self.env["stock.picking"].browse(res["res_id"])
        if how != "exchange":
            for move in returned.move_ids:
                sign = -1 if how == "again" else 1
                self.back[move.sale_line_id.id] += sign * move.product_uom_qty
        if how == "again":
            # Post ships it.
            self.plain_returns.discard(picking.id)
            return
        if how == "vendor":
            self.plain_returns.add(returned.id)
        elif how == "stock":
            location = self.case._get_stock(picking.company_id)
            returned.location_dest_id = location
            returned.move_ids.location_dest_id = location
        for move in returned.move_ids:
            move.quantity = move.product_uom_qty
            move.picked = True
        returned.with_context(skip_backorder=True).button_validate()

    def _prepare_return(self, picking, fraction):
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=picking.id)
            .create({})
        )
        for line in wizard.product_return_moves:
            taken = line.move_id.returned_move_ids.filtered(
                lambda move: move.state != "cancel"
            )
            left = line.move_id.quantity - sum(taken.mapped("quantity"))
            line.quantity = max(int(left * fraction), min(left, 1), 0)
        return wizard

    # ------------------------------------------------------------
    # THE RULES
    # ------------------------------------------------------------

    def _do(self, name, action):
        try:
            super()._do(name, action)
        except Exception:
            self.failed = True
            raise
        if name == "action_close_drop_shipment_remainder" and self.changed:
            # What came back may be bought again now.
            self.reordered = True

    def _assert(self, holds, message, *rows):
        self.failed = self.failed or not holds
        super()._assert(holds, message, *rows)

    @invariant()
    def money_holds(self):
        """Nobody is charged more than the order's total, nor pays before it is due."""
        if not self.changed:
            return
        for order in self._get_orders():
            charged = self._get_posted_amount(order.invoice_ids)
            self._assert(
                charged <= order.amount_total + 0.01,
                f"{order.name}: {charged} charged of {order.amount_total}",
            )
        for move in self._get_moves():
            if move.state != "posted" or not move.is_sale_document():
                self.delivery_dates.pop(move.id, None)
                continue
            date = self.delivery_dates.setdefault(move.id, move.delivery_date)
            self._assert(
                date == move.delivery_date,
                f"{move.name}: delivery date was {date}, is {move.delivery_date}",
            )
        if not self.through_stock:
            own_value = self.case._get_own_value()
            self._assert(
                own_value == self.own_value,
                f"own stock was worth {self.own_value}, is {own_value}",
            )
        self.env.invalidate_all()

    def _get_posted_amount(self, moves):
        """Return what posted invoices or bills amount to, less what refunds do."""
        return sum(
            move.amount_total * (-1 if move.move_type.endswith("refund") else 1)
            for move in moves
            if move.state == "posted"
        )

    # ------------------------------------------------------------
    # THE END
    # ------------------------------------------------------------

    def _finish(self):
        """Order, ship, invoice and bill all that is left, as somebody who may."""
        for _round in range(ROUNDS):
            self.env.invalidate_all()
            self._list_documents()
            steps = (
                self._finish_drafts,
                self._finish_ordering,
                self._finish_shipping,
                self._finish_services,
                self._finish_invoices,
                self._finish_bills,
            )
            if not sum(step() for step in steps):
                break
        else:
            raise AssertionError("it does not come to an end")
        self.env.flush_all()
        self._list_documents()
        left = self._get_moves().filtered(lambda move: move.state == "draft")
        self._assert(not left, f"drafts are left: {left.mapped('display_name')}")

    def _as_boss(self, records):
        return records.with_user(self.case.boss).with_company(self.case.company)

    def _finish_drafts(self):
        done = False
        drafts = self._get_moves().filtered(lambda move: move.state == "draft")
        for move in drafts.sorted(lambda move: move.is_purchase_document()):
            if not move.invoice_line_ids:
                move.unlink()
                done = True
                continue
            try:
                with self.env.cr.savepoint():
                    self._post_move(move, "boss")
                    self.env.flush_all()
                done = True
            except UserError:
                # A bill waits for the invoice, which comes in one of these rounds.
                self.env.invalidate_all()
        return done

    def _finish_ordering(self):
        done = False
        for order in self._get_orders():
            if any(order.order_line.mapped("drop_shipment_qty_to_order")):
                self._as_boss(order).action_create_drop_shipment_purchases()
                done = True
        self._list_documents()
        for purchase in self._get_purchases():
            if purchase.state == "draft" and any(
                purchase.order_line.mapped("drop_shipment")
            ):
                self._as_boss(purchase).button_confirm()
                done = True
        return done

    def _finish_shipping(self):
        done = False
        for order in self._get_orders():
            if any(order.order_line.mapped("drop_shipment_qty_outstanding")):
                wizard = self._as_boss(self.env["drop.shipment.post"]).create(
                    {"sale_order_id": order.id, "option": "ship"}
                )
                for line in wizard.line_ids:
                    line.quantity = line.quantity_outstanding
                wizard.action_post()
                done = True
        self._list_documents()
        for picking in self._get_pickings():
            if picking.state not in ("done", "cancel"):
                self._assert(
                    picking.picking_type_id.code == "outgoing",
                    f"{picking.name} is open, but nothing is outstanding",
                )
                self.case._deliver(picking)
                done = True
        return done

    def _finish_services(self):
        done = False
        for line in self._get_orders().order_line:
            if line.product_id in self.case.services.values() and (
                line.qty_delivered != line.product_uom_qty
            ):
                line.qty_delivered = line.product_uom_qty
                done = True
        for line in self._get_purchases().order_line:
            if (
                line.product_id in self.case.freights.values()
                and line.state == "purchase"
                and line.qty_received != line.product_qty
            ):
                line.qty_received = line.product_qty
                done = True
        return done

    def _finish_invoices(self):
        done = False
        for order in self._get_orders():
            if order.invoice_status == "to invoice":
                self._post_move(self._create_invoice(self._as_boss(order)), "boss")
                done = True
        return done

    def _finish_bills(self):
        done = False
        for order in self._get_purchases():
            if order.invoice_status == "to invoice":
                action = self._as_boss(order).action_create_invoice()
                bill = self.env["account.move"].browse(action["res_id"])
                self._post_move(bill, "boss")
                done = True
        return done

    def _check_money(self):
        """The customer was charged what was sold, the vendor paid what was bought."""
        self.changed = True
        self.rules_hold()
        for order in self._get_orders():
            self._check_order_money(order)
        for order in self._get_purchases().filtered(lambda o: o.state == "purchase"):
            due = self._get_due(order)
            paid = self._get_posted_amount(order.invoice_ids)
            self._assert(
                abs(due - paid) < 0.01, f"{order.name}: {paid} billed of {due}"
            )
        self.money_holds()

    def _get_due(self, order):
        """Return what the vendor gets, by what was received or ordered."""
        return sum(
            line.price_unit
            * (1 - line.discount / 100)
            * (
                line.product_qty
                if line.product_id.purchase_method == "purchase"
                else line.qty_received
            )
            for line in order.order_line
            if not line.display_type and not line.is_downpayment
        )

    def _check_order_money(self, order):
        due = 0.0
        for line in order.order_line:
            if line.display_type or line.is_downpayment:
                continue
            quantity = line.product_uom_qty
            if line.drop_shipment and not self.reordered:
                self._assert(
                    line.qty_delivered == quantity - self.back[line.id],
                    f"{line.display_name}: {line.qty_delivered} delivered of "
                    f"{quantity}, {self.back[line.id]} came back",
                )
            if line.product_id.invoice_policy == "delivery":
                due += line.price_total / (quantity or 1) * line.qty_delivered
            else:
                due += line.price_total
        charged = self._get_posted_amount(order.invoice_ids)
        self._assert(
            abs(due - charged) < 0.02, f"{order.name}: {charged} charged of {due}"
        )


class TestReportsMachine(InvariantsCommon):
    """What people reported, in any order, comes to the right end in money."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.desk.categ_id = cls.chair.categ_id
        cls.tax = cls.env["account.tax"].create(
            {"name": "20 %", "amount": 20, "type_tax_use": "sale"}
        )
        service = cls.service.copy({"taxes_id": False, "supplier_taxes_id": False})
        cls.services = {
            policy: service.copy({"invoice_policy": policy})
            for policy in ("order", "delivery")
        }
        cls.freights = {
            method: service.copy({"name": "Freight", "purchase_method": method})
            for method in ("purchase", "receive")
        }
        cls.advance = service.copy({"name": "Advance"})
        cls.company.sale_discount_product_id = service.copy(
            {"name": "Discount", "invoice_policy": "order"}
        )
        cls.env.flush_all()

    @classmethod
    def _stock_up(cls):
        """Have both goods in own stock, at a price that is not the vendor's."""
        cls.products.standard_price = OWN_COST
        for product in cls.products:
            cls.env["stock.quant"].with_context(inventory_mode=True).create(
                {
                    "product_id": product.id,
                    "location_id": cls._get_stock(cls.company).id,
                    "inventory_quantity": OWN_QUANTITY,
                }
            ).action_apply_inventory()
            cls.stock_before[product.id] = OWN_QUANTITY

    @classmethod
    def _get_own_value(cls):
        """Return what own stock is worth, and at what cost, for each product."""
        cls.products.invalidate_recordset()
        return [
            (product.qty_available, product.total_value, product.standard_price)
            for product in cls.products.with_company(cls.company)
        ]

    def test_reports_machine(self):
        """Orders with all that belongs to them, to the last document."""
        self._play(ReportsMachine, EXAMPLES, MIN_STEPS)
