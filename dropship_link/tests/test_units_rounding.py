from .common_units import UnitsCommon


class TestUnitsRounding(UnitsCommon):
    """Parts of a dozen make up the dozen, in goods and in money; units stay."""

    def _link_by_hand(self, purchase, sale_line, quantity, uom):
        """Link in another unit, at 12 a piece."""
        price = uom._compute_quantity(1, self.uom_unit) * 12
        return super()._link_by_hand(
            purchase, sale_line, quantity, uom, price_unit=price
        )

    def _ship_units(self, sale, *quantities):
        """Validate the open transfer in Inventory, part by part, in units."""
        for quantity in quantities:
            picking = sale.sudo().picking_ids.filtered(
                lambda picking: picking.state not in ("done", "cancel")
            )
            self._deliver(picking, quantity)

    def _get_open_units(self, sale):
        """Return how many units open transfers are to ship."""
        return sum(
            move.product_qty
            for move in sale.sudo().picking_ids.move_ids
            if move.state not in ("done", "cancel")
        )

    # ------------------------------------------------------------
    # PARTS AND THE WHOLE
    # ------------------------------------------------------------

    def test_outstanding_is_what_is_owed(self):
        """10.5 of 12 units are 0.88 of a dozen: 0.12 are owed, not 0.13."""
        sale = self._new_dozens(1)
        purchase = self._new_purchase(sale, confirm=True)
        line = sale.order_line
        self._ship_units(sale, 10.5)
        self.assertEqual(line.qty_delivered, 0.88)
        self.assertEqual(line.drop_shipment_qty_outstanding, 0.12)
        self.assertEqual(line.qty_to_ship, 0.12)
        for door, field in ((sale, "sale_order_id"), (purchase, "purchase_order_id")):
            wizard = door.env["drop.shipment.post"].create({field: door.id})
            self.assertEqual(wizard.line_ids.quantity, 0.12)
        self._post(purchase, "receive")
        self.assertEqual(line.qty_delivered, 1)
        self.assertEqual(purchase.order_line.qty_received, 1)
        self.assertFalse(self._get_open_units(sale))
        self.assertEqual(line.drop_shipment_state, "shipped")

    def test_parts_make_the_whole_in_money(self):
        """5, 5 and 2 units: one dozen is charged and billed, not 1.01 of it."""
        sale = self._new_dozens(1)
        purchase = self._new_purchase(sale, confirm=True)
        self._ship_units(sale, 5, 5, 2)
        self.assertEqual(sale.order_line.qty_delivered, 1)
        self.assertEqual(purchase.order_line.qty_received, 1)
        invoice = self._post_invoice(sale)
        self.assertEqual(invoice.amount_untaxed, sale.amount_untaxed)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.amount_untaxed, purchase.amount_untaxed)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_single_units_of_a_dozen(self):
        """Twelve times one unit is 1.00, not 0.96; nothing is left to order or ship."""
        sale = self._new_dozens(1)
        purchase = self._new_purchase(sale, confirm=True)
        self._ship_units(sale, *[1] * 12)
        line = sale.order_line
        self.assertEqual(line.qty_delivered, 1)
        self.assertEqual(purchase.order_line.qty_received, 1)
        self.assertEqual(line.drop_shipment_qty_outstanding, 0)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        self.assertEqual(line.drop_shipment_state, "shipped")

    def test_invoice_each_part(self):
        """Ship and Invoice after an odd part: the invoices add up to the order."""
        sale = self._new_dozens(1)
        self._new_purchase(sale, confirm=True)
        self._ship_units(sale, 10.5)
        self._post_invoice(sale)
        self._post(sale, "ship_invoice")
        invoices = sale.sudo().invoice_ids.sorted("id")
        invoices.filtered(lambda move: move.state == "draft").action_post()
        self.assertEqual(invoices.invoice_line_ids.mapped("quantity"), [0.88, 0.12])
        self.assertEqual(sum(invoices.mapped("amount_untaxed")), sale.amount_untaxed)

    def test_part_by_post_then_the_rest(self):
        """A part in hundredths of a dozen, then the rest: the goods are 12 units."""
        sale = self._new_dozens(1)
        purchase = self._new_purchase(sale, confirm=True)
        self._ship_units(sale, 3.5)
        self._post(sale, quantity=0.33)
        line = sale.order_line
        self.assertEqual(line.qty_delivered, 0.62)
        self.assertEqual(line.drop_shipment_qty_outstanding, 0.38)
        self._post(purchase, "receive")
        moves = sale.sudo().picking_ids.move_ids
        self.assertAlmostEqual(sum(moves.mapped("quantity")), 12)
        self.assertEqual(line.qty_delivered, 1)

    def test_more_ordered_after_odd_parts(self):
        """Raised from 1 to 2 dozen after 5, 5 and 2 units: 12 more units to ship."""
        sale = self._new_dozens(1)
        purchase = self._new_purchase(sale, confirm=True)
        self._ship_units(sale, 5, 5, 2)
        sale.order_line.product_uom_qty = 2
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 1)
        purchase.order_line.product_qty = 2
        self.assertEqual(self._get_open_units(sale), 12)
        self.assertEqual(sale.order_line.drop_shipment_qty_outstanding, 1)

    def test_close_remainder_after_an_odd_part(self):
        """What is closed is to order again, to the hundredth; no move is made."""
        sale = self._new_dozens(1)
        purchase = self._new_purchase(sale, confirm=True)
        self._ship_units(sale, 10.5)
        purchase.order_line.action_close_drop_shipment_remainder()
        line = sale.order_line
        self.assertEqual(purchase.order_line.product_qty, 0.88)
        self.assertEqual(line.drop_shipment_qty_to_order, 0.12)
        self.assertEqual(line.drop_shipment_qty_outstanding, 0)
        self.assertFalse(self._get_open_units(sale))

    def test_odd_part_returned(self):
        """Taken back by the vendor, delivered and received are none again."""
        sale = self._new_dozens(1)
        purchase = self._new_purchase(sale, confirm=True)
        self._ship_units(sale, 5, 5, 2)
        for picking in sale.sudo().picking_ids.filtered(
            lambda picking: picking.state == "done"
        ):
            self._return(picking, picking.move_ids.quantity)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(purchase.order_line.qty_received, 0)

    def test_untick_after_an_odd_part(self):
        """The rest comes from stock: what was delivered counts for both."""
        sale = self._new_dozens(1)
        purchase = self._new_purchase(sale, confirm=True)
        self._ship_units(sale, 10.5)
        purchase.button_cancel()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0.12)
        sale.order_line.drop_shipment = False
        self.assertEqual(sale.order_line.qty_delivered, 0.88)

    # ------------------------------------------------------------
    # SEVERAL PURCHASE LINES
    # ------------------------------------------------------------

    def test_units_of_several_orders_are_the_dozens(self):
        """Three vendors with 8 units each make 2 dozen, not 2.01."""
        sale = self._new_dozens(2)
        line = sale.order_line
        purchases = self.env["purchase.order"]
        for _count in range(3):
            purchase = self._new_purchase(sale)
            purchase.order_line.product_qty = 0
            self._link_by_hand(purchase, line, 8, self.uom_unit)
            purchases |= purchase
        self.assertEqual(line.drop_shipment_qty_ordered, 2)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        purchases.button_confirm()
        self.assertEqual(line.drop_shipment_qty_outstanding, 2)
        for purchase in purchases:
            self._post(purchase, "receive")
        self.assertEqual(line.qty_delivered, 2)
        self._post_invoice(sale)
        for purchase in purchases:
            self._new_bill(purchase)
        self.assertEqual(line.drop_shipment_qty_billed, 2)
        self.assertEqual(line.drop_shipment_state, "done")

    def test_raised_while_two_vendors_shipped_odd_parts(self):
        """4 of 6 units each: 1 dozen more is to order, not 0.99."""
        sale = self._new_dozens(1)
        line = sale.order_line
        first = self._new_purchase()
        self._get_sales_orders(first, sale, quantity=0.5)
        second = self._new_purchase(sale)
        (first | second).button_confirm()
        for picking in (first | second).sudo().picking_ids:
            self._deliver(picking, 4)
        self.assertEqual(line.qty_delivered, 0.67)
        line.product_uom_qty = 2
        self.assertEqual(line.drop_shipment_qty_to_order, 1)

    def test_bills_in_units_for_dozens(self):
        """Three bills of 5, 5 and 2 units are within an invoice of one dozen."""
        sale = self._new_dozens(1)
        line = sale.order_line
        purchase = self._new_purchase(sale)
        purchase.order_line.product_qty = 0
        bought = self._link_by_hand(purchase, line, 12, self.uom_unit)
        purchase.button_confirm()
        self._post(sale)
        self._post_invoice(sale)
        for quantity in (5, 5, 2):
            bill = self._new_bill(purchase, post=False)
            bill.invoice_line_ids.filtered("quantity").quantity = quantity
            bill.action_post()
        self.assertEqual(line.drop_shipment_qty_billed, 1)
        self.assertEqual(bought.qty_invoiced, 12)
        self.assertEqual(line.drop_shipment_state, "done")

    def _new_units(self, sale, *quantities):
        """Return purchase lines of so many units, each on a request of its own."""
        lines = self.env["purchase.order.line"]
        for quantity in quantities:
            purchase = self._new_purchase(sale)
            purchase.order_line.product_qty = 0
            lines |= self._link_by_hand(
                purchase, sale.order_line, quantity, self.uom_unit
            )
        return lines

    def test_post_bills_units_for_dozens(self):
        """Three bills of 8 units each: the last is not of 7.92, posted or in draft."""
        sale = self._new_dozens(2)
        purchases = self._new_units(sale, 8, 8, 8).order_id.with_user(self.buyer)
        purchases.button_confirm()
        for purchase in purchases:
            self._post(purchase, "receive")
        self._post_invoice(sale)
        for purchase in purchases:
            self._post(purchase, "invoice")
            self.assertEqual(purchase.sudo().invoice_ids.amount_untaxed, 96)
        purchases.sudo().invoice_ids.with_user(self.accountant).action_post()
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_post_bills_units_of_one_order(self):
        """The same on three lines of one purchase order: 24 units are billed."""
        sale = self._new_dozens(2)
        purchase = self._new_units(sale, 8).order_id.with_user(self.buyer)
        for _count in range(2):
            self._link_by_hand(purchase, sale.order_line, 8, self.uom_unit)
        purchase.button_confirm()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        bill = purchase.sudo().invoice_ids
        self.assertEqual(bill.invoice_line_ids.mapped("quantity"), [8, 8, 8])
        bill.with_user(self.accountant).action_post()
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_requests_in_units_follow_the_dozens(self):
        """Two dozen become one: 12 of the 24 units stay, not 12.08."""
        sale = self._new_dozens(2)
        lines = self._new_units(sale, 8, 8, 8)
        sale.order_line.product_uom_qty = 1
        self.assertEqual(lines.exists().mapped("product_qty"), [8, 4])
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 1)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)

    def test_customer_does_without_units_of_a_dozen(self):
        """4 of 8 units do not come, then 16: the sale falls with the orders."""
        sale = self._new_dozens(2)
        lines = self._new_units(sale, 8, 8, 8)
        lines.order_id.button_confirm()
        self._deliver(lines[0].order_id.sudo().picking_ids, 4)
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        for part, left in ((lines[0], 1.67), (lines[1:], 0.33)):
            part.with_user(trader).action_waive_drop_shipment_remainder()
            self.assertEqual(sale.order_line.product_uom_qty, left)
            self.assertEqual(sale.order_line.drop_shipment_qty_ordered, left)
            self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")

    # ------------------------------------------------------------
    # THE UNIT STAYS
    # ------------------------------------------------------------

    def test_unit_of_a_part_that_was_delivered(self):
        """12 units delivered would be 12 dozen: refused, ticked or not any more."""
        sale = self._new_sale((self.chair, 24))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=12)
        purchase.button_cancel()
        message = rf"Unit of {sale.name}, line 1 \(Chair\) .* 12 Units are delivered"
        for ticked in (True, False):
            sale.order_line.drop_shipment = ticked
            with self.assertRefused(message):
                sale.order_line.product_uom_id = self.uom_dozen
            self.assertEqual(sale.order_line.product_uom_id, self.uom_unit)
            self.assertEqual(sale.order_line.qty_delivered, 12)

    def test_unit_of_a_cancelled_sale(self):
        """The rest of the order was cancelled: what was delivered keeps its unit."""
        sale = self._new_sale((self.chair, 24))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=12)
        purchase.button_cancel()
        sale._action_cancel()
        with self.assertRefused("12 Units are delivered or invoiced"):
            sale.order_line.product_uom_id = self.uom_dozen

    def test_unit_of_a_line_that_was_invoiced(self):
        """Invoiced before it is ordered: 12 units invoiced do not become 12 dozen."""
        self.chair.invoice_policy = "order"
        sale = self._new_sale((self.chair, 12))
        self._post_invoice(sale)
        for field, value in (
            ("product_uom_id", self.uom_dozen),
            ("product_id", self.desk),
        ):
            with self.assertRefused("12 Units are delivered or invoiced"):
                sale.order_line[field] = value
        self.assertEqual(sale.order_line.price_unit, 20)

    def test_unit_of_a_received_purchase_line(self):
        """Its order is cancelled and the sales line unticked: the unit stays."""
        sale = self._new_sale((self.chair, 24))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(purchase, "receive", 12)
        purchase.button_cancel()
        line = purchase.order_line
        for ticked in (True, False):
            sale.order_line.drop_shipment = ticked
            with self.assertRefused(
                rf"Unit of {purchase.name}, line 1 .* lines of {sale.name}\."
            ):
                line.product_uom_id = self.uom_dozen
        self.assertEqual(line.qty_received, 12)

    def test_unit_of_own_goods_is_as_in_core(self):
        """A line that no vendor ships is none of ours."""
        sale = self._new_sale((self.chair, 12, {"drop_shipment": False}))
        self._deliver(sale.picking_ids)
        self.assertEqual(sale.order_line.qty_delivered, 12)
        sale.order_line.product_uom_id = self.uom_dozen
        self.assertEqual(sale.order_line.qty_delivered, 12)

    def test_less_than_stock_has_delivered(self):
        """Nothing is on a purchase order: the refusal names none."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        self._deliver(sale.picking_ids, 3)
        sale.sudo().picking_ids.filtered(
            lambda picking: picking.state != "done"
        ).action_cancel()
        sale.order_line.drop_shipment = True
        with self.assertRefused("cannot be decreased below the amount already"):
            sale.order_line.product_uom_qty = 2
        self._new_purchase(sale)
        with self.assertRefused("cannot be decreased below the amount already"):
            sale.order_line.product_uom_qty = 2

    def test_less_than_delivered_and_ordered(self):
        """3 from stock and 7 on a confirmed order: 10, and the order is named."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        self._deliver(sale.picking_ids, 3)
        sale.sudo().picking_ids.filtered(
            lambda picking: picking.state != "done"
        ).action_cancel()
        sale.order_line.drop_shipment = True
        purchase = self._new_purchase(sale, confirm=True)
        with self.assertRefused(
            r"10 Units are on confirmed purchase orders or delivered\. Have .*"
            rf"{purchase.name} to 5 Units"
        ):
            sale.order_line.product_uom_qty = 8
