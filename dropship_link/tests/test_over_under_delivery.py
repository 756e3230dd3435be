from odoo.fields import Command

from ..models.drop_shipment_posting import Row
from .common import DropShipmentCommon


class TestOverUnderDelivery(DropShipmentCommon):
    """The warehouse validates the transfer with what the vendor really shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse_user = cls._new_user("warehouse", "stock.group_stock_user")
        cls.chair.seller_ids = [
            Command.create({"partner_id": cls.other_vendor.id, "price": 13})
        ]

    def _new_orders(self, *lines, **values):
        """Return a sales order and the confirmed purchase order that ships it."""
        sale = self._new_sale(*lines, **values)
        return sale, self._new_purchase(sale, confirm=True)

    def _validate(self, sale, quantity, backorder=True):
        """Validate the open transfer of `sale` with these goods, as warehouse user."""
        self.env.invalidate_all()
        picking = sale.sudo().picking_ids.filtered(
            lambda picking: picking.state == "assigned"
        )
        picking = picking.with_user(self.warehouse_user)
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        context = {"skip_backorder": True}
        if not backorder:
            context["picking_ids_not_to_backorder"] = picking.ids
        picking.with_context(**context).button_validate()
        self.assertEqual(picking.state, "done")
        self.env.invalidate_all()

    def assertQuantities(self, line, **quantities):
        """The sales line has these quantities."""
        self.assertEqual({name: line[name] for name in quantities}, quantities)

    # ------------------------------------------------------------
    # MORE
    # ------------------------------------------------------------

    def test_more(self):
        """It is recorded on both orders; nothing becomes negative."""
        sale, purchase = self._new_orders()
        self._validate(sale, 12)
        line = sale.order_line
        self.assertQuantities(
            line,
            qty_delivered=12,
            qty_to_invoice=12,
            drop_shipment_qty_ordered=10,
            drop_shipment_qty_to_order=0,
            drop_shipment_qty_outstanding=0,
            qty_to_ship=0,
        )
        self.assertEqual(purchase.order_line.qty_received, 12)
        self.assertEqual(line.drop_shipment_state, "shipped")
        self.assertEqual(sale.delivery_status, "full")
        self.assertEqual(purchase.receipt_status, "full")

    def test_more_is_invoiced_and_billed(self):
        """All that was delivered, by core's rule; then the line is done."""
        sale, purchase = self._new_orders()
        self._validate(sale, 12)
        bill = self._new_bill(purchase, post=False)
        self.assertEqual(bill.invoice_line_ids.quantity, 12)
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            bill.action_post()
        invoice = self._post_invoice(sale)
        self.assertEqual(invoice.invoice_line_ids.quantity, 12)
        self.assertEqual(sale.order_line.drop_shipment_state, "invoiced")
        bill.action_post()
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        self.assertEqual(sale.invoice_status, "invoiced")
        self.assertEqual(purchase.invoice_status, "invoiced")

    def test_more_of_a_product_invoiced_on_order(self):
        """The customer pays what was ordered; so the vendor bills no more than that."""
        self.chair.invoice_policy = "order"
        sale, purchase = self._new_orders()
        self._validate(sale, 12)
        self.assertEqual(sale.order_line.qty_to_invoice, 10)
        self._post_invoice(sale)
        bill = self._new_bill(purchase, post=False)
        # No invoice can be made of what nobody has ordered.
        with self.assertRefused("more than was sold.* 2 Units on.*raise it on the"):
            bill.action_post()
        self.assertIsNone(self._get_notice(purchase, "bill"))
        bill.invoice_line_ids.quantity = 10
        bill.action_post()
        self.assertEqual(bill.state, "posted")
        self.assertIsNone(self._get_notice(purchase, "bill"))

    def test_more_of_a_product_billed_on_order(self):
        """What the vendor has billed of it stays billed with the next bill."""
        self.chair.purchase_method = self.desk.purchase_method = "purchase"
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 5))
        wizard = sale.env["drop.shipment.post"].create(
            {
                "sale_order_id": sale.id,
                "option": "ship_invoice",
                "over_delivery": True,
            }
        )
        for row, quantity in zip(wizard.line_ids, (12, 0), strict=True):
            row.quantity = quantity
        wizard.action_post()
        sale.sudo().invoice_ids.action_post()
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids[0].quantity = 12
        bill.invoice_line_ids[1].quantity = 0
        bill.action_post()
        self._post(sale, "ship_invoice")
        sale.sudo().invoice_ids.filtered(
            lambda move: move.state == "draft"
        ).action_post()
        self._post(purchase, "invoice")
        last = purchase.sudo().invoice_ids - bill
        self.assertEqual(last.invoice_line_ids.product_id, self.desk)
        self.assertEqual(last.amount_untaxed, 5 * 70)

    def test_more_then_the_customer_takes_it(self):
        """A raised quantity is covered by what was shipped too much."""
        sale, purchase = self._new_orders()
        self._validate(sale, 12)
        line = sale.order_line
        line.product_uom_qty = 12
        self.assertQuantities(line, drop_shipment_qty_to_order=0)
        self.assertEqual(line.drop_shipment_state, "shipped")
        line.product_uom_qty = 15
        self.assertQuantities(line, drop_shipment_qty_to_order=3)
        self.assertEqual(sale.delivery_status, "partial")
        rest = self._new_purchase(sale, confirm=True)
        self.assertEqual(rest.order_line.product_qty, 3)
        self._post(sale)
        self.assertQuantities(line, qty_delivered=15)
        self.assertEqual(purchase.order_line.qty_received, 12)

    def test_more_then_some_goes_back(self):
        """The excess goes back to the vendor: as if it had never come."""
        sale, purchase = self._new_orders()
        self._validate(sale, 12)
        self._return(sale.picking_ids, 2)
        line = sale.order_line
        self.assertQuantities(line, qty_delivered=10, drop_shipment_qty_to_order=0)
        self.assertEqual(purchase.order_line.qty_received, 10)
        self.assertEqual(line.drop_shipment_state, "shipped")

    def test_more_then_some_goes_to_own_stock(self):
        """It is the excess that own stock keeps: what is sold more is to order."""
        sale, purchase = self._new_orders()
        self._validate(sale, 12)
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        self._return(sale.picking_ids, 2, warehouse.lot_stock_id)
        line = sale.order_line
        self.assertQuantities(line, qty_delivered=10, drop_shipment_qty_to_order=0)
        line.product_uom_qty = 12
        self.assertQuantities(line, drop_shipment_qty_to_order=2)
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertQuantities(line, qty_delivered=12, drop_shipment_qty_to_order=0)
        self.assertEqual(line.drop_shipment_state, "shipped")
        self.assertEqual(purchase.order_line.qty_received, 12)

    def test_more_and_the_customer_does_without_the_rest(self):
        """8 of 6 came of one vendor: of the 4 of the other the customer lacks 2."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=6)
        self._get_sales_orders(second, sale)
        (first | second).button_confirm()
        self._post(first, quantity=8, over_delivery=True)
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        line = second.order_line.with_user(trader)
        line.action_waive_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line,
            product_uom_qty=8,
            qty_delivered=8,
            drop_shipment_qty_outstanding=0,
            drop_shipment_qty_to_order=0,
        )
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")
        self.assertIn("does without 2 Units", self._chatter(sale))

    def test_more_from_one_of_two_vendors(self):
        """The other one's part stays on order until the buyer lowers it."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=6)
        first.button_confirm()
        self._validate(sale, 8)
        self._get_sales_orders(second, sale)
        self.assertEqual(second.order_line.product_qty, 2)
        second.button_confirm()
        self._post(sale)
        self.assertQuantities(
            sale.order_line, qty_delivered=10, drop_shipment_qty_to_order=0
        )

    def test_more_while_another_vendor_has_the_rest(self):
        """Never negative; the rest can be lowered or closed."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=6)
        first.button_confirm()
        self._get_sales_orders(second, sale)
        self._validate(sale, 8)
        self.assertQuantities(
            sale.order_line, qty_delivered=8, drop_shipment_qty_to_order=0
        )
        second.button_confirm()
        self.assertQuantities(sale.order_line, drop_shipment_qty_outstanding=4)
        second.order_line.product_qty = 2
        self.assertQuantities(
            sale.order_line,
            drop_shipment_qty_outstanding=2,
            drop_shipment_qty_to_order=0,
        )
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")

    def test_more_in_one_line_of_the_transfer(self):
        """The other line of the same transfer has its own quantity."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 4))
        self.env.invalidate_all()
        picking = sale.sudo().picking_ids.with_user(self.warehouse_user)
        chair, desk = picking.move_ids
        chair.quantity, desk.quantity = 11, 3
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [11, 3])
        self.assertEqual(purchase.order_line.mapped("qty_received"), [11, 3])
        self.assertEqual(sale.order_line.mapped("qty_to_ship"), [0, 1])
        self.assertEqual(len(sale.order_line), 2)
        self.assertEqual(sale.delivery_status, "partial")

    def test_more_in_dozens(self):
        """Orders in dozens, 26 units shipped."""
        sale, purchase = self._new_orders(
            (self.chair, 2, {"product_uom_id": self.uom_dozen.id})
        )
        self._validate(sale, 26)
        self.assertAlmostEqual(sale.order_line.qty_delivered, 2.17)
        self.assertAlmostEqual(purchase.order_line.qty_received, 2.17)
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_to_order=0, qty_to_ship=0
        )

    def test_ordered_quantity_written_again(self):
        """An import that brings it along changes what it is for, and moves nothing."""
        sale, purchase = self._new_orders()
        self._validate(sale, 12)
        line = purchase.order_line
        result = purchase.load(
            [
                *(".id", "order_line/.id"),
                *("order_line/product_qty", "order_line/price_unit"),
            ],
            [[str(purchase.id), str(line.id), "10", "11.5"]],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(line.price_unit, 11.5)
        self.assertEqual(line.qty_received, 12)
        self.assertEqual(len(line.sudo().move_ids), 1)
        for quantity in (9, 11):
            with self.assertRefused("12 Units have been shipped"):
                line.product_qty = quantity

    def test_ordered_quantity_does_not_fall_below_what_was_shipped(self):
        """The refusal says what was shipped, however little is asked for."""
        sale, purchase = self._new_orders()
        self._post(sale, quantity=6)
        for quantity in (0, 1, 5.99):
            with self.assertRefused("can't be .* Units: 6 Units have been shipped"):
                purchase.order_line.product_qty = quantity
        purchase.order_line.product_qty = 6
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 4)

    def test_ordered_quantity_is_not_raised_behind_the_sale(self):
        """A buyer may not order more because more has come."""
        sale, purchase = self._new_orders()
        self._validate(sale, 12)
        with self.assertRefused("2 Units .*more than is left to order"):
            purchase.order_line.product_qty = 12

    # ------------------------------------------------------------
    # MORE, BY POST
    # ------------------------------------------------------------

    def test_post_more_from_the_sales_order(self):
        """Only with *The vendor shipped more*; all that came is invoiced."""
        sale, purchase = self._new_orders()
        with self.assertRefused("Qty to Ship of .* enter 0 to 10 Units"):
            self._post(sale, quantity=12)
        self.assertEqual(purchase.order_line.qty_received, 0)
        self._post(sale, "ship_invoice", 12, over_delivery=True)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=12,
            drop_shipment_qty_ordered=10,
            drop_shipment_qty_to_order=0,
            qty_to_ship=0,
        )
        self.assertEqual(purchase.order_line.qty_received, 12)
        self.assertEqual(sale.sudo().invoice_ids.amount_untaxed, 240)
        note = r"Chair\): 2 Units more than was outstanding, shipped on .*" + (
            purchase.name
        )
        for order in (sale, purchase):
            self.assertRegex(self._chatter(order), note)

    def test_post_more_from_the_purchase_order(self):
        """Received by the buyer; the bill waits for all that came."""
        sale, purchase = self._new_orders()
        with self.assertRefused("Qty to Receive of .* enter 0 to 10 Units"):
            self._post(purchase, quantity=12)
        self._post(purchase, quantity=4)
        self._post(purchase, quantity=7, over_delivery=True)
        self.assertEqual(purchase.order_line.qty_received, 11)
        self.assertEqual(sale.order_line.qty_delivered, 11)
        self.assertIn("1 Units more than was outstanding", self._chatter(sale))
        self._post_invoice(sale)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 132)

    def test_post_more_of_one_of_two_vendors(self):
        """Its own line has it; the other vendor's stays as it is."""
        sale = self._new_sale()
        first, second = self._new_purchase(), self._new_purchase()
        self._get_sales_orders(first, sale, quantity=6)
        self._get_sales_orders(second, sale)
        (first | second).button_confirm()
        row = {
            "sale_line_id": sale.order_line.id,
            "purchase_line_id": first.order_line.id,
            "quantity": 8,
        }
        self._post(sale, line_ids=[Command.create(row)], over_delivery=True)
        self.assertEqual(first.order_line.qty_received, 8)
        self.assertEqual(second.order_line.qty_received, 0)
        self.assertQuantities(sale.order_line, qty_delivered=8, qty_to_ship=4)
        # Of any vendor, the last one has what is too much.
        self._post(
            sale,
            line_ids=[
                Command.create({**row, "purchase_line_id": False, "quantity": 5})
            ],
            over_delivery=True,
        )
        self.assertEqual(second.order_line.qty_received, 5)
        self.assertQuantities(sale.order_line, qty_delivered=13, qty_to_ship=0)

    def test_post_more_of_no_number(self):
        """Still neither negative nor endless."""
        sale, __ = self._new_orders()
        with self.assertRefused("enter 0 to 10 Units"):
            self._post(sale, quantity=-1, over_delivery=True)
        endless = Row(
            sale.sudo().order_line,
            self.env["purchase.order.line"].sudo(),
            float("inf"),
        )
        with self.assertRefused("number"):
            self.env["drop.shipment.posting"]._post(
                sale, "ship", [endless], over_delivery=True
            )
        self.assertQuantities(sale.order_line, qty_delivered=0)

    def test_post_more_in_dozens_with_lots(self):
        """Two dozen and one chair, with as many serial numbers."""
        self.chair.tracking = "serial"
        sale, purchase = self._new_orders(
            (self.chair, 1, {"product_uom_id": self.uom_dozen.id})
        )
        names = "\n".join(f"SN-{number}" for number in range(24))
        row = {"sale_line_id": sale.order_line.id, "quantity": 2, "lot_names": names}
        self._post(sale, line_ids=[Command.create(row)], over_delivery=True)
        self.assertQuantities(sale.order_line, qty_delivered=2)
        self.assertEqual(purchase.order_line.qty_received, 2)
        self.assertEqual(len(sale.sudo().picking_ids.move_line_ids.lot_id), 24)

    # ------------------------------------------------------------
    # LESS
    # ------------------------------------------------------------

    def test_less_with_a_backorder(self):
        """The rest is outstanding, on both orders."""
        sale, purchase = self._new_orders()
        self._validate(sale, 7)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=7,
            qty_to_ship=3,
            drop_shipment_qty_outstanding=3,
            drop_shipment_qty_to_order=0,
        )
        self.assertEqual(purchase.order_line.qty_received, 7)
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")
        self.assertEqual(sale.delivery_status, "partial")
        self.assertEqual(purchase.receipt_status, "partial")
        self._validate(sale, 3)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")
        self.assertEqual(sale.delivery_status, "full")

    def test_less_without_a_backorder(self):
        """Nothing is outstanding; closing the remainder lets another vendor ship."""
        sale, purchase = self._new_orders()
        self._validate(sale, 7, backorder=False)
        self.assertQuantities(
            sale.order_line,
            qty_delivered=7,
            qty_to_ship=0,
            drop_shipment_qty_outstanding=0,
            drop_shipment_qty_ordered=10,
            drop_shipment_qty_to_order=0,
        )
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_ordered=7, drop_shipment_qty_to_order=3
        )
        self.assertEqual(sale.delivery_status, "partial")
        self._new_purchase(sale, confirm=True, partner_id=self.other_vendor.id)
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)

    def test_less_and_the_customer_is_content(self):
        """Closed on both sides the line is complete."""
        sale, purchase = self._new_orders()
        self._validate(sale, 7, backorder=False)
        purchase.order_line.action_close_drop_shipment_remainder()
        sale.order_line.product_uom_qty = 7
        self.assertQuantities(sale.order_line, drop_shipment_qty_to_order=0)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        self.assertEqual(sale.delivery_status, "full")
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_less_is_invoiced_and_billed(self):
        """What came, no more."""
        sale, purchase = self._new_orders()
        self._validate(sale, 7)
        invoice = self._post_invoice(sale)
        self.assertEqual(invoice.invoice_line_ids.quantity, 7)
        self.assertEqual(self._new_bill(purchase).invoice_line_ids.quantity, 7)
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")

    def test_nothing_of_one_line(self):
        """The line that did not come waits in the backorder, alone."""
        sale, __ = self._new_orders((self.chair, 10), (self.desk, 4))
        self.env.invalidate_all()
        picking = sale.sudo().picking_ids.with_user(self.warehouse_user)
        chair, desk = picking.move_ids
        chair.picked, desk.picked = True, False
        desk.quantity = 0
        picking.with_context(skip_backorder=True).button_validate()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 0])
        self.assertEqual(sale.order_line.mapped("qty_to_ship"), [0, 4])
        self.assertEqual(
            sale.order_line.mapped("drop_shipment_state"), ["shipped", "ordered"]
        )
