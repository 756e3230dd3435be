"""What transfers and ledger must say of orders with drop shipments.

The judge of `test_reports_machine`: it counts done transfers and posted journal items,
and never asks a computed field of ours what is right.
"""

from collections import Counter, defaultdict

OWN_COST = 5.0
OWN_QUANTITY = 30
ROUNDS = 12
SIGNS = {"out_invoice": 1, "out_refund": -1, "in_invoice": 1, "in_refund": -1}


class BooksMixin:
    """Rules of quantities and money, while people work and when all is posted."""

    def _assert(self, holds, message):
        if not holds:
            self.failed = True
            raise AssertionError(message)

    def _assert_same(self, found, expected, what, tolerance=0.0):
        """Amounts and quantities are the same to the cent, or within a tolerance."""
        self._assert(
            round(abs(found - expected) - tolerance, 2) <= 0,
            f"{what} is {found}, not {expected} (within {tolerance})",
        )

    def _get_tolerance(self, documents):
        """Return by how much an amount of these invoices or bills may differ.

        By nothing where prices and taxes divide and there is one currency. Else core
        rounds each line of each document, and its tax.
        """
        if not self.rounded:
            return 0.0
        posted = documents.filtered(lambda move: move.state == "posted")
        return 0.01 * len(posted.line_ids)

    def _to_company(self, amount, order):
        """Return an amount of an order in the company's currency."""
        return amount / self.case.rates[order.currency_id]

    # ------------------------------------------------------------
    # WHAT HAPPENED
    # ------------------------------------------------------------

    def _query(self, query, **values):
        self.env.cr.execute(query, values)
        return self.env.cr.dictfetchall()

    def _read_moved(self):
        """Count done transfers: shipped, back and own, by sales and purchase line."""
        self.moved = {"sale": defaultdict(Counter), "purchase": defaultdict(Counter)}
        for row in self._query(
            """
            SELECT COALESCE(line.sale_line_id, move.sale_line_id) AS sale,
                   line.id AS purchase, move.product_uom, move.quantity,
                   source.usage || ' ' || dest.usage AS way
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
              LEFT JOIN purchase_order_line line ON line.id = move.purchase_line_id
             WHERE move.picking_id = ANY(%(ids)s) AND move.state = 'done'
            """,
            ids=self.pickings.ids,
        ):
            what = {
                "supplier customer": "shipped",
                "customer supplier": "back",
                "internal customer": "own",
            }.get(row["way"], row["way"])
            quantity = float(row["quantity"]) * self.case.factors[row["product_uom"]]
            for side, counters in self.moved.items():
                counters[row[side]][what] += quantity

    def _get_net(self, line):
        """Return what stayed with the customer, in the unit of a sales or bought line.

        Counted from transfers, and rounded as the unit is: 8 of a dozen are 0.67.
        """
        moved = self.moved["sale" if line._name == "sale.order.line" else "purchase"]
        count = moved[line.id]
        units = count["shipped"] + count["own"] - count["back"]
        uom = line.product_uom_id
        return uom.round(units / self.case.factors[uom.id])

    def _get_amount(self, documents):
        """Return what posted documents amount to, less credit notes and refunds."""
        return sum(
            SIGNS[move.move_type] * move.amount_total
            for move in documents
            if move.state == "posted"
        )

    def _get_balances(self):
        """Return {(account, product or None): posted balance} since the start."""
        rows = self._query(
            """
            SELECT item.account_id, item.product_id, SUM(item.balance) AS balance
              FROM account_move_line item
              JOIN account_move move ON move.id = item.move_id
             WHERE move.id > %(first)s AND move.state = 'posted'
               AND move.company_id = %(company)s
             GROUP BY item.account_id, item.product_id
            """,
            first=self.case.first_ids["account_move"],
            company=self.case.company.id,
        )
        balances = Counter()
        for row in rows:
            balances[row["account_id"], row["product_id"]] += float(row["balance"])
        return balances

    # ------------------------------------------------------------
    # AFTER EACH STEP
    # ------------------------------------------------------------

    def _check_step(self):
        self._read_moved()
        self._check_delivered()
        self._check_invoiced()
        self._check_own_stock()
        self._check_limits()
        self._check_dates()

    def _check_delivered(self):
        """Both orders say what the transfers did; none of it went through our stock."""
        for line in self.orders.order_line:
            count = self.moved["sale"][line.id]
            ways = {"shipped", "back"} if line.drop_shipment else {"own"}
            self._assert(
                {what for what, quantity in count.items() if quantity} <= ways,
                f"{line.display_name} went astray: {count}",
            )
            if line.product_id in self.goods:
                net = self._get_net(line)
                self._assert_same(line.qty_delivered, net, f"delivered of {line.id}")
            if line.drop_shipment:
                shipped = count["shipped"] - count["back"]
                self.peaks[line.id] = max(self.peaks[line.id], shipped)
                if self._get_net(line) > line.product_uom_qty:
                    # In exchange it is shipped before the first has come back.
                    self.overshipped |= line.order_id
        for line in self.purchases.order_line.filtered("drop_shipment"):
            net = self._get_net(line)
            if net > line.product_qty:
                self.overbought |= line.order_id
            self._assert_same(line.qty_received, net, f"received of {line.id}")

    def _check_invoiced(self):
        """Of ticked lines never more is invoiced than was shipped, drafts included."""
        invoiced = Counter()
        for row in self._query(
            """
            SELECT rel.order_line_id AS line, item.quantity, item.product_uom_id,
                   move.move_type
              FROM sale_order_line_invoice_rel rel
              JOIN account_move_line item ON item.id = rel.invoice_line_id
              JOIN account_move move ON move.id = item.move_id
             WHERE rel.order_line_id = ANY(%(ids)s) AND move.state != 'cancel'
            """,
            ids=self.orders.order_line.ids,
        ):
            factor = self.case.factors.get(row["product_uom_id"], 1)
            sign = SIGNS[row["move_type"]]
            invoiced[row["line"]] += sign * float(row["quantity"]) * factor
        for line in self.orders.order_line.filtered("drop_shipment"):
            if line.product_id.invoice_policy == "delivery":
                uom = line.product_uom_id
                factor = self.case.factors[uom.id]
                # Rounded as the unit is: 5 of a dozen are delivered as 0.42.
                shipped = uom.round(self.peaks[line.id] / factor)
                self._assert(
                    uom.compare(invoiced[line.id] / factor, shipped) <= 0,
                    f"{line.display_name}: {invoiced[line.id] / factor} {uom.name} "
                    f"invoiced, never more than {shipped} shipped",
                )

    def _check_own_stock(self):
        """Own stock changes by own deliveries alone: quantity, worth and cost."""
        for product in self.goods.with_company(self.case.company):
            left = OWN_QUANTITY - sum(
                self.moved["sale"][line.id]["own"]
                for line in self.orders.order_line
                if line.product_id == product
            )
            name = product.display_name
            self._assert_same(product.qty_available, left, f"own stock of {name}")
            self._assert_same(
                product.total_value, left * OWN_COST, f"worth of own stock of {name}"
            )
            self._assert_same(product.standard_price, OWN_COST, f"cost of {name}")

    def _check_limits(self):
        """No documents, drafts included, charge more than the total of an order."""
        exempt = self.undeducted | self.overshipped
        for order in [*(self.orders - exempt), *(self.purchases - self.overbought)]:
            left = self._get_open_amount(order)
            tolerance = self._get_tolerance(order.invoice_ids)
            if order._name == "purchase.order":
                # A part of the vendor's advance is taken off in hundredths of it, and
                # rounded down: the last bill takes off the rest.
                advances = order.order_line.filtered("is_downpayment")
                tolerance += 0.01 * sum(advances.mapped("price_unit"))
            self._assert(
                round(left + tolerance, 2) >= 0,
                f"{order.name}: {-left} charged beyond {order.amount_total}",
            )

    def _check_dates(self):
        """What was posted keeps its delivery date, once it has one."""
        for move in self.moves:
            if (
                move.state != "posted"
                or not move.is_sale_document()
                # Core tells the first delivery to what was invoiced before.
                or not move.delivery_date
            ):
                self.dates.pop(move.id, None)
                continue
            date = self.dates.setdefault(move.id, move.delivery_date)
            self._assert(
                date == move.delivery_date,
                f"{move.name}: delivery date was {date}, is {move.delivery_date}",
            )

    # ------------------------------------------------------------
    # THE END
    # ------------------------------------------------------------

    def _finish(self):
        """Order, ship, invoice and bill all that is left, as somebody who may."""
        steps = (
            self._finish_drafts,
            self._finish_ordering,
            self._finish_shipping,
            self._finish_returns,
            self._finish_services,
            self._finish_invoices,
            self._finish_bills,
        )
        for _round in range(ROUNDS):
            if not sum(one() for one in steps) and not self._drop_blocked():
                break
        else:
            self._assert(False, "it does not come to an end")
        left = self.pickings.filtered(lambda p: p.state not in ("done", "cancel"))
        self._assert(not left, f"nothing is outstanding, but {left} are open")

    def _as_boss(self, records):
        return records.with_user(self.case.boss).with_company(self.case.company)

    def _refresh(self):
        self.env.flush_all()
        self.env.cr.precommit.clear()
        self.env.cr.postcommit.clear()
        self.env.invalidate_all()
        self._list_documents()

    def _finish_drafts(self):
        """Post what is in draft; bills after invoices, for which they may wait."""
        drafts = self.moves.filtered(lambda move: move.state == "draft")
        for move in drafts.sorted(lambda move: move.is_purchase_document()):
            if move.is_sale_document() or not self._get_reason(move):
                self._post_move(move, self.case.boss)
        self._refresh()
        return drafts != self.moves.filtered(lambda move: move.state == "draft")

    def _get_reason(self, move):
        """Return why the bill may not be posted yet."""
        return self.case.company.drop_shipment_bill_control == "block" and self.env[
            "drop.shipment.bill.control"
        ]._get_posting_refusal(move)

    def _finish_ordering(self):
        waiting = self.orders.filtered(
            lambda order: any(order.order_line.mapped("drop_shipment_qty_to_order"))
        )
        for order in waiting:
            self._as_boss(order).action_create_drop_shipment_purchases()
        self._refresh()
        requests = self.purchases.filtered(
            lambda order: (
                order.state == "draft" and any(order.order_line.mapped("drop_shipment"))
            )
        )
        self._as_boss(requests).button_confirm()
        self._refresh()
        return bool(waiting or requests)

    def _finish_shipping(self):
        waiting = self.orders.filtered(
            lambda order: any(order.order_line.mapped("drop_shipment_qty_outstanding"))
        )
        for order in waiting:
            wizard = self._as_boss(self.env["drop.shipment.post"]).create(
                {"sale_order_id": order.id, "option": "ship"}
            )
            for line in wizard.line_ids:
                line.quantity = line.quantity_outstanding
            wizard.action_post()
        self._refresh()
        left = self.pickings.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        # What is shipped in exchange, or again, may be outstanding after the return.
        for picking in left.filtered(lambda p: p.location_id.usage != "supplier"):
            self._validate(picking)
        self._refresh()
        return bool(waiting or left)

    def _finish_returns(self):
        """The customer does without what came back and is not shipped again."""
        stranded = self.purchases.order_line._filter_stranded()
        if not self.waive:
            return False
        for line in stranded:
            self._as_boss(line).action_waive_drop_shipment_remainder()
            # The order is of what stayed, and so is all that is due.
            self.gone[line.sale_line_id.id] = 0
        self._refresh()
        return bool(stranded)

    def _drop_blocked(self):
        """Delete bills that bill what came back before: they are made anew."""
        blocked = self.moves.filtered(
            lambda move: move.state == "draft" and self._get_reason(move)
        )
        self._as_boss(blocked).unlink()
        self._refresh()
        return bool(blocked)

    def _finish_services(self):
        done = False
        for line in self.orders.order_line.filtered(
            lambda line: line.product_id in self.case.services
        ):
            if line.qty_delivered != line.product_uom_qty:
                line.qty_delivered = line.product_uom_qty
                done = True
        for line in self.purchases.order_line.filtered(
            lambda line: line.product_id in self.case.freights
        ):
            if line.state == "purchase" and line.qty_received != line.product_qty:
                line.qty_received = line.product_qty
                done = True
        self._refresh()
        return done

    def _finish_invoices(self):
        orders = self.orders.filtered(
            lambda order: (
                order.invoice_status == "to invoice" or self._has_advance_left(order)
            )
        )
        for order in orders:
            invoices = self._create_invoice(self._as_boss(order))
            self._post_move(invoices, self.case.boss)
        self._refresh()
        return bool(orders)

    def _has_advance_left(self, order):
        """Whether an advance is to be paid back for which no goods are left.

        Core calls such an order invoiced. It takes somebody who left the advance out,
        or goods that came back.
        """
        advances = order.order_line.filtered("is_downpayment")
        return order in self.undeducted | self.returned and any(
            not order.currency_id.is_zero(line.amount_invoiced) for line in advances
        )

    def _finish_bills(self):
        orders = self.purchases.filtered(
            lambda order: order.invoice_status == "to invoice"
        )
        for order in orders:
            bill = self._create_bill(self._as_boss(order))
            self._post_move(bill, self.case.boss)
        self._refresh()
        return bool(orders)

    def _check_end(self):
        """The customer was charged what was sold, the vendor paid what was bought."""
        self._check_step()
        drafts = self.moves.filtered(lambda move: move.state == "draft")
        self._assert(not drafts, f"drafts are left: {drafts.mapped('display_name')}")
        charged = sum(self._check_sale(order) for order in self.orders)
        confirmed = self.purchases.filtered(lambda order: order.state == "purchase")
        costs = Counter()
        for order in confirmed:
            self._check_purchase(order, costs)
        self._check_ledger(charged, costs)

    def _check_sale(self, order):
        """All is shipped but what went back for good; charged is what stayed."""
        due = 0.0
        for line in order.order_line:
            if line.display_type or line.is_downpayment:
                continue
            quantity = line.product_uom_qty
            if line.product_id in self.goods:
                quantity = self._get_net(line)
                gone = self.gone[line.id] / self.case.factors[line.product_uom_id.id]
                expected = line.product_uom_qty - gone
                self._assert_same(quantity, expected, f"net of {line.display_name}")
            if line.product_id.invoice_policy == "order":
                quantity = line.product_uom_qty
            if line.product_uom_qty:
                due += line.price_total / line.product_uom_qty * quantity
        charged = self._get_amount(order.invoice_ids)
        tolerance = self._get_tolerance(order.invoice_ids)
        self._assert_same(charged, due, f"charged for {order.name}", tolerance)
        # As in core, what came back for good is neither invoiced nor to invoice.
        gone = any(
            self.gone[line.id] or (line.drop_shipment and not line.product_uom_qty)
            for line in order.order_line
        )
        self._assert(
            order.invoice_status in ("invoiced", "no" if gone else "invoiced"),
            f"{order.name}: all is charged, status is {order.invoice_status}",
        )
        return self._to_company(charged, order)

    def _check_purchase(self, order, costs):
        """Billed is what was ordered, or received of it; advances are deducted."""
        due = 0.0
        for line in order.order_line:
            if line.display_type or line.is_downpayment:
                continue
            quantity = line.product_qty
            if line.drop_shipment and line.product_id.purchase_method == "receive":
                quantity = self._get_net(line)
            amount = line.price_unit * (1 - line.discount / 100) * quantity
            costs[line.product_id] += self._to_company(amount, order)
            due += amount
        paid = self._get_amount(order.invoice_ids)
        tolerance = self._get_tolerance(order.invoice_ids)
        self._assert_same(paid, due, f"billed for {order.name}", tolerance)
        self._assert(
            order.invoice_status == ("invoiced" if order.invoice_ids else "no"),
            f"{order.name}: all is billed, status is {order.invoice_status}",
        )

    def _check_ledger(self, charged, costs):
        """Expenses hold what vendors billed, once; own stock what own goods cost."""
        company = self.case.company
        expense = company.expense_account_id.id
        valuation = company.account_stock_valuation_id.id
        balances = self._get_balances()
        tolerance = self._get_tolerance(self.moves)
        own_total = 0.0
        for product in self.goods:
            own = 0.0
            if product.valuation == "real_time":
                own = OWN_COST * sum(
                    self._get_net(line) * self.case.factors[line.product_uom_id.id]
                    for line in self.orders.order_line
                    if line.product_id == product and not line.drop_shipment
                )
            name = product.display_name
            self._assert_same(
                balances[expense, product.id],
                costs[product] + own,
                f"cost of {name}",
                tolerance,
            )
            self._assert_same(
                balances[valuation, product.id], -own, f"valuation of {name}"
            )
            own_total += own
        totals = Counter()
        for (account, _product), balance in balances.items():
            totals[account] += balance
        receivable = self.case.customer.with_company(company)
        payable = self.case.vendor.with_company(company)
        billed = sum(costs.values())
        for account, expected, what in (
            (expense, billed + own_total, "Expenses"),
            (valuation, -own_total, "Stock Valuation"),
            (receivable.property_account_receivable_id.id, charged, "Receivable"),
            (payable.property_account_payable_id.id, -billed, "Payable"),
            (
                company.account_stock_valuation_id.account_stock_variation_id.id,
                0.0,
                "Stock Variation",
            ),
        ):
            self._assert_same(totals[account], expected, what, tolerance)
