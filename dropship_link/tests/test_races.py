from odoo.fields import Command

from .common_races import TestRacesCommon


class TestRaces(TestRacesCommon):
    """Buyers, salespeople and accountants meet."""

    # ------------------------------------------------------------
    # ORDERING
    # ------------------------------------------------------------

    def _open_get_sales_order(self, quantity=None):
        """Return a buyer's open dialog with the sales order chosen in it."""
        purchase = self._new_purchase()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(self.sale.ids)],
            }
        )
        if quantity:
            wizard.line_ids.quantity = quantity
        wizard.flush_recordset()
        return wizard

    def test_two_buyers(self):
        """Two buyers have the same line in their dialogs; one gets it."""
        with self._committed():
            first = self._open_get_sales_order()
            second = self._open_get_sales_order()
            request = second.purchase_order_id
        self._race(
            lambda env: self._as(first, self.buyer, env).action_insert_lines(),
            lambda env: self._as(second, self.buyer, env).action_insert_lines(),
            "nothing to fetch",
        )
        self.assertEqual(
            self._read(
                self.sale_line, "drop_shipment_qty_ordered", "drop_shipment_state"
            ),
            [10, "rfq"],
        )
        self.assertEqual(self._read(request, "order_line"), [[]])

    def test_two_buyers_in_part(self):
        """Each wants 6 of 10: the second is told how much is left."""
        with self._committed():
            first = self._open_get_sales_order(6)
            second = self._open_get_sales_order(6)
        self._race(
            lambda env: self._as(first, self.buyer, env).action_insert_lines(),
            lambda env: self._as(second, self.buyer, env).action_insert_lines(),
            r"can't be 6 Units: .* at most 4 Units",
        )
        self.assertEqual(
            self._read(
                self.sale_line,
                "drop_shipment_qty_ordered",
                "drop_shipment_qty_to_order",
            ),
            [6, 4],
        )

    def test_buyer_and_external_api(self):
        """A script links the line while a buyer fetches it."""
        with self._committed():
            request = self._new_request(1)
            wizard = self._open_get_sales_order()
        values = {
            "order_id": request.id,
            "product_id": self.chair.id,
            "product_qty": 9,
            "product_uom_id": self.uom_unit.id,
            "sale_line_id": self.sale_line.id,
        }
        self._race(
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            lambda env: (
                env["purchase.order.line"].with_user(self.buyer.id).create(values)
            ),
            "more than is left to order",
        )

    def test_create_purchases_twice(self):
        """Two clicks on Create Purchase Orders make one."""

        def create_purchases(env):
            lines = self._as(self.sale_line, self.buyer, env)
            return lines.action_create_drop_shipment_purchases()

        self._race(create_purchases, create_purchases)
        with self._committed():
            lines = self.env["purchase.order.line"].search(
                [("sale_line_id", "=", self.sale_line.id)]
            )
            self.assertEqual(lines.mapped("product_qty"), [10])

    def test_get_sales_order_and_lowering(self):
        """Sales lowers the quantity while a buyer fetches all of it."""
        with self._committed():
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"product_uom_qty": 4}
            ),
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            r"can't be 10 Units: .* at most 4 Units",
        )

    def test_get_sales_order_and_cancelling(self):
        """Sales cancels the order while a buyer fetches it."""
        with self._committed():
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(self.sale, self.salesman, env)._action_cancel(),
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            "nothing to fetch",
        )

    def test_get_sales_order_and_unticking(self):
        """Sales unticks the line while a buyer fetches it."""
        with self._committed():
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"drop_shipment": False}
            ),
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            "nothing to fetch",
        )

    def test_get_sales_order_and_new_ship_to(self):
        """Sales moves the ship-to while a buyer fetches for the old one."""
        with self._committed():
            other = self._new_sale((self.chair, 3))
            request = self._new_purchase(other)
            wizard = request.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": request.id,
                    "sale_order_ids": [Command.set(self.sale.ids)],
                }
            )
            wizard.flush_recordset()
        self._race(
            lambda env: self._as(self.sale, self.salesman, env).write(
                {"partner_shipping_id": self.customer.id}
            ),
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            "nothing to fetch|not on offer",
        )

    def test_new_ship_to_and_other_delivery(self):
        """A link holds the sales order, also where none of its statuses changes."""
        with self._committed():
            sale = self._new_sale(
                (self.chair, 10), (self.desk, 1, {"drop_shipment": False})
            )
            request = self._new_purchase()
            wizard = request.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": request.id,
                    "sale_order_ids": [Command.set(sale.ids)],
                }
            )
        self._race(
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            lambda env: self._as(sale, self.salesman, env).write(
                {"partner_shipping_id": self.customer.id}
            ),
        )
        with self._committed():
            followed = self.env["purchase.order"].browse(request.id)
            self.assertEqual(followed.dest_address_id.id, self.customer.id)

    def test_unticking_after_get_sales_order(self):
        """A buyer fetches the line while sales unticks it."""
        with self._committed():
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"drop_shipment": False}
            ),
            "Drop Shipment can't be changed",
        )

    # ------------------------------------------------------------
    # QUANTITIES
    # ------------------------------------------------------------

    def test_raised_and_lowered(self):
        """The buyer raises the purchase to what sales gives up."""
        with self._committed():
            line = self._new_request(6, confirm=True).order_line
        self._race(
            lambda env: self._as(line, self.buyer, env).write({"product_qty": 10}),
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"product_uom_qty": 6}
            ),
            r"can't be 6 Units: 10 Units are on confirmed purchase order",
        )

    def test_lowered_and_raised(self):
        """Sales lowers the quantity that the buyer wants to order more of."""
        with self._committed():
            line = self._new_request(6, confirm=True).order_line
        self._race(
            lambda env: self._as(self.sale_line, self.salesman, env).write(
                {"product_uom_qty": 6}
            ),
            lambda env: self._as(line, self.buyer, env).write({"product_qty": 10}),
            "too high: 4 Units more than is left to order",
        )

    def test_two_lines_raised(self):
        """Two buyers raise two purchase lines of one sales line."""
        with self._committed():
            first = self._new_request(4).order_line
            second = self._new_request(4).order_line
        self._race(
            lambda env: self._as(first, self.buyer, env).write({"product_qty": 6}),
            lambda env: self._as(second, self.buyer, env).write({"product_qty": 6}),
            "too high: 2 Units more than is left to order",
        )

    def test_reopened_and_fetched(self):
        """A cancelled purchase order is reopened while its lines are fetched again."""
        with self._committed():
            request = self._new_request()
            request.button_cancel()
            wizard = self._open_get_sales_order()
        self._race(
            lambda env: self._as(wizard, self.buyer, env).action_insert_lines(),
            lambda env: self._as(request, self.buyer, env).button_draft(),
            "more than is left to order",
        )

    # ------------------------------------------------------------
    # CONFIRMING AND CANCELLING
    # ------------------------------------------------------------

    def test_cancelled_and_confirmed(self):
        """Sales cancels the order that a buyer confirms the purchase of."""
        with self._committed():
            request = self._new_request()
            other = self._new_sale((self.chair, 1))
            self._get_sales_orders(request, other)
        self._race(
            lambda env: self._as(request, self.buyer, env).button_confirm(),
            lambda env: self._as(self.sale, self.salesman, env)._action_cancel(),
            "can't be cancelled: the vendor has Chair left to ship",
        )

    def test_ship_to_and_confirmed(self):
        """Sales moves the ship-to of the purchase order that a buyer confirms."""
        with self._committed():
            request = self._new_request()
        self._race(
            lambda env: self._as(request, self.buyer, env).button_confirm(),
            lambda env: self._as(self.sale, self.salesman, env).write(
                {"partner_shipping_id": self.customer.id}
            ),
            "can't be changed: it is shipped by purchase order",
        )

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    def test_posted_twice(self):
        """Two clicks on Post ship once."""
        with self._committed():
            self._new_request(confirm=True)
            wizards = [
                self._current(self.sale)
                .env["drop.shipment.post"]
                .create({"sale_order_id": self.sale.id})
                for _click in range(2)
            ]
            for wizard in wizards:
                wizard.flush_recordset()
        first, second = wizards
        self._race(
            lambda env: self._as(first, self.salesman, env).action_post(),
            lambda env: self._as(second, self.salesman, env).action_post(),
            "nothing left to ship",
        )
        self.assertEqual(self._read(self.sale_line, "qty_delivered"), [10])

    def test_shipped_and_received(self):
        """Sales and purchasing post the same goods by their two doors."""
        with self._committed():
            request = self._new_request(confirm=True)
            wizards = []
            for order in (self._current(self.sale), request):
                wizard = order.env["drop.shipment.post"].create(
                    {f"{order._table}_id": order.id}
                )
                wizard.line_ids.quantity = 6
                wizard.flush_recordset()
                wizards.append(wizard)
        shipping, receiving = wizards
        self._race(
            lambda env: self._as(shipping, self.salesman, env).action_post(),
            lambda env: self._as(receiving, self.buyer, env).action_post(),
            r"can't be 6 Units: enter 0 to 4 Units",
        )
        self.assertEqual(self._read(self.sale_line, "qty_delivered"), [6])

    # ------------------------------------------------------------
    # INVOICE ORDER
    # ------------------------------------------------------------

    def _bill(self, quantity):
        """Return a draft bill of `quantity` of the sales line."""
        request = self.env["purchase.order"].search(
            [("order_line.sale_line_id", "=", self.sale_line.id)]
        )
        bill = self._new_bill(request, post=False)
        bill.invoice_line_ids.quantity = quantity
        return bill

    def test_two_bills(self):
        """10 are invoiced; two accountants post two bills of 6."""
        with self._committed():
            self._new_request(confirm=True)
            self._post_invoice(self._current(self.sale))
            first, second = self._bill(6), self._bill(6)
        self._race(
            lambda env: self._as(first, self.accountant, env).action_post(),
            lambda env: self._as(second, self.accountant, env).action_post(),
            self.too_much,
        )
        self.assertEqual(self._read(second, "state"), ["draft"])

    def test_two_bills_of_two_vendors(self):
        """The same with two purchase orders: they share the sales line only."""
        with self._committed():
            self._post_invoice(self._current(self.sale))
            bills = []
            for quantity in (6, 4):
                purchase = self._new_request(quantity, confirm=True)
                bill = self._new_bill(purchase, post=False)
                bill.invoice_line_ids.quantity = 6
                bills.append(bill)
        first, second = bills
        self._race(
            lambda env: self._as(first, self.accountant, env).action_post(),
            lambda env: self._as(second, self.accountant, env).action_post(),
            self.too_much,
        )

    def test_bill_and_invoice_taken_back(self):
        """The customer's invoice goes back to draft while the bill is posted."""
        with self._committed():
            self._new_request(confirm=True)
            invoice = self._post_invoice(self._current(self.sale))
            bill = self._bill(10)
            name = invoice.name
        self._race(
            lambda env: self._as(bill, self.accountant, env).action_post(),
            lambda env: self._as(invoice, self.accountant, env).button_draft(),
            f"{name} can't be taken back",
        )

    def test_invoice_taken_back_and_bill(self):
        """The bill is posted while the customer's invoice goes back to draft."""
        with self._committed():
            self._new_request(confirm=True)
            invoice = self._post_invoice(self._current(self.sale))
            bill = self._bill(10)
        self._race(
            lambda env: self._as(invoice, self.accountant, env).button_draft(),
            lambda env: self._as(bill, self.accountant, env).action_post(),
            self.refusal,
        )
