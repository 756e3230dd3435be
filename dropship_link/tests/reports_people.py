"""How people do the steps of `test_reports_machine`, and what there is to do."""

import logging
import os
from datetime import timedelta
from functools import wraps

from hypothesis import note

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command, Date

_logger = logging.getLogger(__name__)

MAX_ADVANCES = 2
# Each is done at least once by the fixed seed.
STEPS_DONE = {
    "make_order",
    "buy get_sales_order",
    "buy create_purchases",
    "confirm_purchase",
    "write_on_purchase",
    "ship",
    "ship_invoice",
    "receive",
    "invoice",
    "receive_invoice",
    "validate_transfer",
    "return",
    "exchange",
    "ship_again",
    "down_payment percentage",
    "down_payment fixed",
    "create_invoice",
    "create_bill",
    "post_draft",
    "vendor_advance",
    "reverse",
    "serve",
}


def step(is_possible, **arguments):
    """Mark what people do: whether it is possible now, and what to draw for it.

    Hypothesis leaves out some rules of a machine in each example, and drops the example
    where nothing else can be done: steps of one rule have no such holes.
    """

    def mark(method):
        method.is_possible, method.arguments = is_possible, arguments
        return method

    return mark


def once_a_step(find):
    """Remember what there is to do until the next step: each rule asks for it."""

    @wraps(find)
    def remembered(self):
        if find not in self.known:
            self.known[find] = find(self)
        return self.known[find]

    return remembered


class PeopleMixin:
    """Helpers of a machine; each step is done by whoever's job it is."""

    def _do(self, name, action):
        """Run one action; a refusal undoes all of it."""
        result = "done"
        try:
            with self.env.cr.savepoint():
                action()
                self.env.flush_all()
        except (UserError, RedirectWarning) as refusal:
            result = "refused"
            text = " ".join(str(refusal).split())[:200]
            note(f"  {name} refused: {text}")
            if os.environ.get("DROPSHIP_VERBOSE"):
                _logger.info("%s refused: %s", name, text)
        except Exception:
            self.failed = True
            raise
        self.tally[name, result] += 1
        self.changed = True
        # Each action stands for a request of its own.
        self.env.cr.precommit.clear()
        self.env.cr.postcommit.clear()
        self.env.invalidate_all()
        return result == "done"

    def _list_documents(self):
        self.known = {}
        for name, model in (
            ("orders", "sale.order"),
            ("purchases", "purchase.order"),
            ("pickings", "stock.picking"),
            ("moves", "account.move"),
        ):
            first = self.case.first_ids[model.replace(".", "_")]
            domain = [("id", ">", first), ("company_id", "=", self.case.company.id)]
            setattr(self, name, self.env[model].search(domain, order="id"))

    def _pick(self, records, number):
        return records[number % len(records)]

    def _salesman(self, order):
        """Return a sales order, or what belongs to it, as its own salesperson."""
        return order.with_user(order.user_id)

    def _buyer(self, order, billing=False):
        return order.with_user(
            self.case.billing_buyer if billing else self.case.buyer
        ).sudo(False)

    # ------------------------------------------------------------
    # WHAT THERE IS TO DO
    # ------------------------------------------------------------

    @once_a_step
    def _to_order(self):
        return self.orders.filtered("drop_shipment_to_order")

    @once_a_step
    def _requests(self):
        return self.purchases.filtered(
            lambda order: order.state == "draft" and order.order_line
        )

    @once_a_step
    def _confirmed(self):
        return self.purchases.filtered(lambda order: order.state == "purchase")

    @once_a_step
    def _to_ship(self):
        return self.orders.filtered(
            lambda order: any(order.order_line.mapped("drop_shipment_qty_outstanding"))
        )

    @once_a_step
    def _to_post(self):
        return self._confirmed().filtered(
            lambda order: order.drop_shipment_to_post and self._get_options(order)[1]
        )

    def _get_options(self, order):
        """Return the dialog of a purchase order, and what it lets a buyer choose."""
        wizard = order.env["drop.shipment.post"].create({"purchase_order_id": order.id})
        return wizard, [
            option
            for option in ("receive_invoice", "invoice", "receive")
            if not wizard.option_reasons[option]
        ]

    @once_a_step
    def _to_invoice(self):
        return self.orders.filtered(lambda order: order.invoice_status == "to invoice")

    @once_a_step
    def _to_bill(self):
        return self._confirmed().filtered(
            lambda order: order.invoice_status == "to invoice"
        )

    @once_a_step
    def _drafts(self):
        return self.moves.filtered(
            lambda move: (
                move.state == "draft"
                and (move.is_sale_document() or not self._get_reason(move))
            )
        )

    @once_a_step
    def _open_transfers(self):
        return self.pickings.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )

    @once_a_step
    def _shipped(self):
        """Done drop shipments of which the customer has something left."""
        return self.pickings.filtered(
            lambda picking: (
                picking.state == "done"
                and picking.location_id.usage == "supplier"
                and any(map(self._get_left, picking.move_ids))
            )
        )

    @once_a_step
    def _came_back(self):
        """Done plain returns to the vendor, not shipped again yet."""
        return self.pickings.filtered(
            lambda picking: (
                picking.state == "done"
                and picking.id in self.plain
                and any(map(self._get_left, picking.move_ids))
            )
        )

    def _get_left(self, move):
        taken = move.returned_move_ids.filtered(lambda other: other.state != "cancel")
        return move.quantity - sum(
            back.product_uom._compute_quantity(back.product_uom_qty, move.product_uom)
            for back in taken
        )

    @once_a_step
    def _to_write_on(self):
        return self.purchases.filtered(
            lambda order: (
                order.state in ("draft", "purchase")
                and order.order_line
                and len(order.order_line) < 6
            )
        )

    @once_a_step
    def _to_advance(self):
        return self.orders.filtered(
            lambda order: (
                len(
                    order.order_line.filtered(
                        lambda line: line.is_downpayment and not line.display_type
                    )
                )
                < MAX_ADVANCES
                and self._get_open_amount(order) > order.amount_total / 10
            )
        )

    @once_a_step
    def _to_claim(self):
        return self._confirmed().filtered(
            lambda order: (
                len(order.order_line.filtered("is_downpayment")) < 3
                and self._get_open_amount(order) > 1
            )
        )

    @once_a_step
    def _to_reverse(self):
        return self.moves.filtered(
            lambda move: (
                move.state == "posted"
                and move.move_type in ("out_invoice", "in_invoice")
                and not move.reversal_move_ids
                and move.amount_total
                and not self._is_used_advance(move)
            )
        )

    def _is_used_advance(self, move):
        """Whether an advance is deducted elsewhere: nobody pays it back as well."""
        items = move.invoice_line_ids
        advances = (
            items.sale_line_ids.filtered("is_downpayment").invoice_lines
            + items.purchase_line_id.filtered("is_downpayment").invoice_lines
        )
        return any(item.quantity > 0 for item in advances & items) and any(
            item.parent_state != "cancel" for item in advances - items
        )

    @once_a_step
    def _to_serve(self):
        return self.orders.order_line.filtered(
            lambda line: (
                line.product_id in self.case.services
                and line.qty_delivered < line.product_uom_qty
            )
        )

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _set_prices(self, money):
        """Let prices and taxes be odd, or the customer or vendor have a currency."""
        case = self.case
        self.rounded = money != "even"
        self.pricelist = case.pricelists[money == "customer"]
        vendors = (case.vendor | case.other_vendor).with_company(case.company)
        vendors.property_purchase_currency_id = case.currencies[money == "vendor"]
        if money == "odd":
            case.tax.amount = 21
            for product, sold, bought in zip(
                self.goods, (19.99, 7.77), (12.34, 3.33), strict=True
            ):
                product.list_price = sold
                product.seller_ids.price = bought

    def _get_open_amount(self, order):
        """Return what documents, drafts too, have left of the total of an order."""
        return order.amount_total - sum(
            (-1 if move.move_type.endswith("refund") else 1) * move.amount_total
            for move in order.invoice_ids
            if move.state != "cancel"
        )

    def _post_move(self, moves, user):
        for move in moves.sudo():
            if not move.invoice_date:
                move.invoice_date = Date.context_today(move.with_user(user))
            move.with_user(user).sudo(False).action_post()

    def _validate(self, picking):
        """Validate a transfer as warehouse user, with what its moves have."""
        picking = picking.with_user(self.case.warehouse_user).sudo(False)
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty
            move.picked = True
        picking.with_context(skip_backorder=True).button_validate()

    def _take(self, quantity, part):
        """Return a part of a quantity, in whole units, at least one."""
        return max(int(quantity * part), min(quantity, 1))

    def _prepare_lines(self, chairs, desks, own_chairs, extras, services):
        """Return values of an order's lines, with headings and notes between."""
        case = self.case
        quantity, unit = chairs
        uom = case.uom_dozen if unit == "dozen" else case.uom_unit
        chair, desk = self.goods
        lines = [(chair, quantity, {"product_uom_id": uom.id, "drop_shipment": True})]
        if desks != "none":
            lines.append((desk, 3, {"drop_shipment": desks == "ticked"}))
        if own_chairs:
            lines.append((chair, 2, {"drop_shipment": False}))
        lines += [
            (service, 2, {})
            for number, service in enumerate(case.services)
            if services & (1 << number)
        ]
        values_list = [
            {"product_id": product.id, "product_uom_qty": wanted, **values}
            for product, wanted, values in lines
        ]
        for place, display_type in enumerate(sorted(extras, reverse=True)):
            # A section first, others between the lines.
            values_list.insert(
                0 if display_type == "line_section" else place + 1,
                {"display_type": display_type, "name": display_type},
            )
        return values_list

    def _create_invoice(self, order, **values):
        """Press core's Create Invoice; return what it makes."""
        before = order.sudo().invoice_ids
        order.env["sale.advance.payment.inv"].create(
            {"sale_order_ids": [Command.set(order.ids)], **values}
        ).create_invoices()
        return order.sudo().invoice_ids - before

    def _create_bill(self, order):
        """Press core's Create Bill; return what it makes."""
        action = order.action_create_invoice()
        return self.env["account.move"].browse(action["res_id"])

    def _claim(self, order, amount):
        """Post the vendor's bill of an advance and put it on the order."""
        case = self.case
        bill = case._new_free_bill(
            partner_id=order.partner_id.id,
            currency_id=order.currency_id.id,
            invoice_line_ids=[
                Command.create(
                    {"name": "Advance", "price_unit": amount, "tax_ids": False}
                )
            ],
        )
        bill.action_post()
        self.env["bill.to.po.wizard"].with_user(case.billing_buyer).with_context(
            active_ids=[-bill.invoice_line_ids.id]
        ).create({"purchase_order_id": order.id}).action_add_downpayment()

    def _post(self, wizard, part, first_only, days_ago):
        """Enter quantities and day and press Post; the day is on the transfer."""
        day = Date.context_today(wizard) - timedelta(days=days_ago)
        wizard.shipment_date = day
        for index, row in enumerate(wizard.line_ids):
            row.quantity = 0 if first_only and index else self._take(row.quantity, part)
        moves = self.env["stock.move"].union(
            *(move for moves in wizard._get_outstanding().values() for move in moves)
        )
        wizard.action_post()
        done = moves.filtered(lambda move: move.state == "done").picking_id
        self._assert(
            done.mapped("drop_shipment_date") in ([], [day] * len(done)),
            f"{day} was entered, {done.mapped('drop_shipment_date')} is on {done}",
        )

    def _open_return(self, picking, part):
        """Return core's dialog, for a part of what the customer still has."""
        picking = picking.with_user(self.case.warehouse_user)
        wizard = (
            picking.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=picking.id)
            .create({"picking_id": picking.id})
        )
        for line in wizard.product_return_moves:
            line.quantity = self._take(self._get_left(line.move_id), part)
        return wizard

    def _count_gone(self, pickings, sign):
        for move in pickings.move_ids:
            line = move.purchase_line_id.sale_line_id
            factor = self.case.factors[move.product_uom.id]
            self.gone[line.id] += sign * move.product_uom_qty * factor
            self.returned |= line.order_id
