from odoo import fields
from odoo.fields import Command

from .test_return_dialog import ReturnDialogCommon


class TestCharged(ReturnDialogCommon):
    """What comes back is credited as it was charged, whatever the orders say.

    A chair costs 12 on the purchase order and 20 on the sales order.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman.group_ids += cls.env.ref("account.group_account_invoice")
        cls.buyer.group_ids += cls.env.ref("account.group_account_invoice")

    def _charge(self, order, quantity, **values):
        """Post an invoice or a bill of so much, with other values in its line."""
        if order._name == "sale.order":
            move = order.sudo()._create_invoices()
        else:
            action = order.sudo().action_create_invoice()
            move = self.env["account.move"].browse(action["res_id"])
        move.invoice_date = fields.Date.context_today(self.env.user)
        move.invoice_line_ids.write({"quantity": quantity, **values})
        move.action_post()
        return move

    def assertCredited(self, order, *lines):
        """The latest credit note or refund is posted and has these lines."""
        note = self._get_notes(order).sorted("id")[-1:]
        self.assertEqual(note.state, "posted")
        self.assertEqual(
            [(line.quantity, line.price_unit) for line in note.invoice_line_ids],
            list(lines),
        )
        self.assertEqual(
            note.amount_untaxed, sum(quantity * price for quantity, price in lines)
        )
        order_line = note.invoice_line_ids.sale_line_ids or (
            note.invoice_line_ids.purchase_line_id
        )
        self.assertEqual(order_line, order.sudo().order_line)

    def test_other_price(self):
        """Invoiced at 19 and billed at 13: 3 are worth 57 and 39."""
        sale, purchase = self._new_orders()
        self._charge(sale, 10, price_unit=19)
        self._charge(purchase, 10, price_unit=13)
        self._return(sale, 3, credit=True, refund=True)
        self.assertCredited(sale, (3, 19))
        self.assertCredited(purchase, (3, 13))
        self.assertEqual(
            sum(sale.sudo().invoice_ids.mapped("amount_untaxed_signed")), 133
        )

    def test_price_of_the_order_has_changed(self):
        """The order is cheaper by now; what was charged is credited."""
        sale, purchase = self._new_orders()
        self._charge(sale, 10)
        self._charge(purchase, 10)
        sale.order_line.price_unit = 15
        purchase.order_line.price_unit = 9
        self._return(sale, 10, credit=True, refund=True)
        self.assertCredited(sale, (10, 20))
        self.assertCredited(purchase, (10, 12))

    def test_invoice_of_a_colleague(self):
        """Sales may not read the invoice at 19; 3 of it are worth 57 all the same."""
        self.salesman.group_ids -= self.env.ref("account.group_account_invoice")
        sale, __ = self._new_orders()
        invoice = self._charge(sale, 10, price_unit=19)
        invoice.invoice_user_id = self._new_user(
            "colleague", "sales_team.group_sale_salesman"
        )
        self._return(sale, 3)
        self.assertFalse(sale.order_line.invoice_lines)
        sale.action_credit_drop_shipment()
        self._get_notes(sale).action_post()
        self.assertCredited(sale, (3, 19))

    def test_several_documents(self):
        """5 at 12 and 5 at 13; 4, then 3, then 3 come back: the latest first."""
        sale, purchase = self._new_orders()
        self._charge(sale, 5, price_unit=20)
        self._charge(sale, 5, price_unit=21)
        self._charge(purchase, 5, price_unit=12)
        self._charge(purchase, 5, price_unit=13)
        for quantity, sold, bought in (
            (4, [(4, 21)], [(4, 13)]),
            (3, [(1, 21), (2, 20)], [(1, 13), (2, 12)]),
            (3, [(3, 20)], [(3, 12)]),
        ):
            self._return(sale, quantity, credit=True, refund=True)
            self.assertCredited(sale, *sold)
            self.assertCredited(purchase, *bought)
        for order in (sale, purchase):
            moves = order.sudo().invoice_ids
            self.assertEqual(sum(moves.mapped("amount_untaxed_signed")), 0)

    def test_drafts(self):
        """5 at 20 and 5 at 21; 4, then 3 are credited by who may not post."""
        self.salesman.group_ids -= self.env.ref("account.group_account_invoice")
        sale, purchase = self._new_orders()
        for sold, bought in ((20, 12), (21, 13)):
            self._charge(sale, 5, price_unit=sold)
            self._charge(purchase, 5, price_unit=bought)
        self._return(sale, 4, credit=True)
        self._return(sale, 3, credit=True)
        notes = self._get_notes(sale)
        self.assertEqual(set(notes.mapped("state")), {"draft"})
        self.assertEqual(sum(notes.mapped("amount_untaxed")), 5 * 21 + 2 * 20)

    def test_discount_and_taxes(self):
        """10 % off and another tax on the invoice and the bill."""
        tax = self.env["account.tax"].create({"name": "5 %", "amount": 5})
        own = self.env["account.tax"].create(
            {"name": "Own 5 %", "amount": 5, "type_tax_use": "purchase"}
        )
        sale, purchase = self._new_orders()
        invoice = self._charge(sale, 10, discount=10, tax_ids=[Command.set(tax.ids)])
        bill = self._charge(purchase, 10, discount=10, tax_ids=[Command.set(own.ids)])
        self.assertEqual([invoice.amount_total, bill.amount_total], [189, 113.4])
        self._return(sale, 10, credit=True, refund=True)
        for order in (sale, purchase):
            moves = order.sudo().invoice_ids
            self.assertEqual(len(moves), 2)
            self.assertEqual(sum(moves.mapped("amount_total_signed")), 0)

    def test_other_unit(self):
        """A dozen is billed for 156: 3 units are worth 39."""
        dozen = self.env.ref("uom.product_uom_dozen")
        sale, purchase = self._new_orders((self.chair, 12))
        self._charge(sale, 12)
        self._charge(purchase, 1, product_uom_id=dozen.id, price_unit=156)
        self._return(sale, 3, refund=True)
        self.assertCredited(purchase, (3, 13))

    def test_thirds(self):
        """A dozen is billed in three times 4 units: all of it is refunded."""
        dozen, unit = (
            self.env.ref(f"uom.product_uom_{name}") for name in ("dozen", "unit")
        )
        sale, purchase = self._new_orders((self.chair, 1, {"product_uom_id": dozen.id}))
        self._charge(sale, 1)
        for price in (13, 14, 15):
            self._charge(purchase, 4, product_uom_id=unit.id, price_unit=price)
        self._return(sale, 1, refund=True)
        note = self._get_notes(purchase)
        self.assertEqual(sum(note.invoice_line_ids.mapped("quantity")), 1)

    def test_no_unit(self):
        """Accounting took the unit off the bill: its price is one of the order's."""
        sale, purchase = self._new_orders()
        self._charge(sale, 10)
        self._charge(purchase, 10, product_uom_id=False, price_unit=13)
        self._return(sale, 3, refund=True)
        self.assertCredited(purchase, (3, 13))

    def test_reversed(self):
        """5 at 20 are reversed: what is left was charged at 21, though it is later."""
        sale, purchase = self._new_orders()
        invoice = self._charge(sale, 5, price_unit=20)
        self._charge(sale, 5, price_unit=21)
        bill = self._charge(purchase, 5, price_unit=12)
        self._charge(purchase, 5, price_unit=13)
        for move in (bill, invoice):
            move._reverse_moves(
                [{"invoice_date": fields.Date.context_today(move)}], cancel=True
            )
        self._return(sale, 8, credit=True, refund=True)
        self.assertCredited(sale, (3, 21))
        self.assertCredited(purchase, (3, 13))

    def test_bill_becomes_a_refund(self):
        """5 of 20 each go back while one of 70 comes: the vendor owes 30.

        By the price of the order, 12, it would be a bill of 10.
        """
        self.company.drop_shipment_bill_control = "none"
        sale = self._new_sale((self.chair, 10), (self.desk, 1))
        purchase = self._new_purchase(sale, confirm=True)
        purchase.order_line[1].price_unit = 70
        sale.order_line[1].qty_to_ship = 0
        self._post(sale)
        self._charge_chairs(purchase, 20)
        dialog = self._open(sale)
        dialog.line_ids.quantity = 5
        dialog.action_return()
        self._post(purchase, "receive_invoice")
        refund = self._get_notes(purchase)
        self.assertEqual([refund.state, refund.amount_untaxed], ["posted", 30])

    def _charge_chairs(self, purchase, price):
        action = purchase.sudo().action_create_invoice()
        bill = self.env["account.move"].browse(action["res_id"])
        bill.invoice_date = fields.Date.context_today(self.env.user)
        bill.invoice_line_ids[0].price_unit = price
        bill.action_post()

    def test_create_bill(self):
        """Core's own button: 3 that went back are worth 39, not 36."""
        self.company.drop_shipment_bill_control = "none"
        sale, purchase = self._new_orders()
        self._charge(purchase, 10, price_unit=13)
        self._return(sale, 3)
        purchase.with_user(self.buyer).action_create_invoice()
        refund = self._get_notes(purchase)
        line = refund.invoice_line_ids
        self.assertEqual(
            [refund.state, line.quantity, line.price_unit], ["draft", 3, 13]
        )
        self.assertEqual(refund.amount_untaxed, 39)

    def test_create_bill_of_two_orders(self):
        """5 of 20 each go back and 8 of another order come: the vendor owes 4.

        By the prices of the orders, 12, it would be a bill of 36.
        """
        self.company.drop_shipment_bill_control = "none"
        sale, purchase = self._new_orders()
        self._charge(purchase, 10, price_unit=20)
        _sale, other = self._new_orders((self.chair, 8))
        self._return(sale, 5)
        (purchase + other).with_user(self.buyer).action_create_invoice()
        refund = self._get_notes(purchase)
        self.assertEqual(refund, self._get_notes(other))
        self.assertEqual(refund.amount_untaxed, 4)
        self.assertEqual(
            refund.invoice_line_ids.sorted("quantity").mapped("quantity"), [-8, 5]
        )

    def test_create_bill_of_what_would_be_a_refund(self):
        """5 of 1 each go back and 3 of another order come: a bill of 31.

        By the prices of the orders, 12, it would be a refund of 24.
        """
        self.company.drop_shipment_bill_control = "none"
        sale, purchase = self._new_orders()
        self._charge(purchase, 10, price_unit=1)
        _sale, other = self._new_orders((self.chair, 3))
        self._return(sale, 5)
        (purchase + other).with_user(self.buyer).action_create_invoice()
        bill = other.sudo().invoice_ids
        self.assertEqual([bill.move_type, bill.amount_untaxed], ["in_invoice", 31])
        self.assertEqual(bill.invoice_line_ids.mapped("quantity"), [-5, 3])

    def test_create_bill_beside_a_hidden_one(self):
        """A draft that the buyer may not read stays as accounting has it."""
        self.company.drop_shipment_bill_control = "none"
        sale, purchase = self._new_orders()
        self._charge(purchase, 10, price_unit=13)
        self._return(sale, 3)
        purchase.with_user(self.buyer).action_create_invoice()
        hidden = self._get_notes(purchase)
        hidden.invoice_line_ids.write({"quantity": 1, "price_unit": 15})
        self.env["ir.rule"].create(
            {
                "name": "Hidden",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "domain_force": [("id", "!=", hidden.id)],
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        order = purchase.with_user(self.buyer)
        self.assertNotIn(hidden, order.invoice_ids)
        order.action_create_invoice()
        self.assertEqual(hidden.invoice_line_ids.price_unit, 15)
        refund = self._get_notes(purchase) - hidden
        self.assertEqual(refund.amount_untaxed, 26)

    def test_upload_bill(self):
        """A document of the vendor is not changed."""
        self.company.drop_shipment_bill_control = "none"
        sale, purchase = self._new_orders()
        self._charge(purchase, 10, price_unit=13)
        self._return(sale, 3)
        document = self.env["ir.attachment"].with_user(self.buyer)
        document = document.create({"name": "refund.txt", "raw": b"-"})
        purchase.with_user(self.buyer).action_create_invoice(document.ids)
        self.assertEqual(self._get_notes(purchase).invoice_line_ids.price_unit, 12)

    def test_other_currency(self):
        """Of a bill in another currency the price is no price of the order."""
        sale, purchase = self._new_orders()
        currency = self.env["res.currency"].create(
            {"name": "ABC", "symbol": "A", "rate_ids": [Command.create({"rate": 2})]}
        )
        self._charge(sale, 10)
        bill = self._charge(purchase, 10)
        bill.button_draft()
        bill.currency_id = currency
        bill.action_post()
        self._return(sale, 3, refund=True)
        self.assertCredited(purchase, (3, 12))

    def test_ship_and_invoice(self):
        """What came back of another line is taken off the invoice as charged."""
        sale, _purchase = self._new_orders((self.chair, 6))
        self._charge(sale, 6, price_unit=19)
        self._return(sale, 2)
        desk = {"product_id": self.desk.id, "product_uom_qty": 2, "drop_shipment": True}
        sale.order_line = [Command.create(desk)]
        self._new_purchase(sale, confirm=True)
        sale.order_line[0].qty_to_ship = 0
        self._post(sale, "ship_invoice")
        invoice = sale.sudo().invoice_ids.sorted("id")[-1:]
        price = sale.order_line[1].price_unit
        self.assertEqual(invoice.amount_untaxed, 2 * price - 2 * 19)

    def test_as_ordered(self):
        """Charged by the order: core's line stays as it is."""
        sale, purchase = self._new_settled((self.chair, 10), (self.desk, 2))
        self._return(sale, 4, 1, credit=True, refund=True)
        for order in (sale, purchase):
            note = self._get_notes(order)
            self.assertEqual(len(note.invoice_line_ids), 2)
            self.assertEqual(
                note.invoice_line_ids.mapped("price_unit"),
                order.sudo().order_line.mapped("price_unit"),
            )
