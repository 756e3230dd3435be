from unittest.mock import patch

from odoo.addons.pos_sale.models.sale_order import SaleOrderLine as CoreLine

from .test_settle import SettleCommon


class TestTillMoney(SettleCommon):
    """What the till took, or gave back, is neither charged twice nor lost."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.advance_product = cls.env["product.product"].create(
            {"name": "Advance", "type": "service", "taxes_id": False}
        )
        cls.config.down_payment_product_id = cls.advance_product

    def _pay_advance(self, sale, amount, refunded=None):
        """Pay an advance at the till, or give it back, and return the till's order."""
        origin = {"sale_order_origin_id": sale.id}
        if refunded:
            origin = {"refunded_orderline_id": refunded.id}
        line = {
            "product_id": self.advance_product.id,
            "qty": 1 if amount > 0 else -1,
            "price_unit": abs(amount),
            "price_subtotal": amount,
            "price_subtotal_incl": amount,
            "tax_ids": [],
            **origin,
        }
        return self._pay(sale, [line])

    def _invoice_shipped(self, sale, quantity=None):
        """Ship and Invoice, and return what the posted invoice charges."""
        before = sale.sudo().invoice_ids
        self._post(sale, "ship_invoice", quantity)
        invoice = sale.sudo().invoice_ids - before
        invoice.action_post()
        return invoice.amount_total

    def test_advance(self):
        """50 of 200 are paid at the till: 150 are left to charge."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._pay_advance(sale, 50)
        self.assertEqual(self._invoice_shipped(sale, 4), 30)
        self.assertEqual(self._invoice_shipped(sale), 120)
        self.assertEqual(sale.invoice_status, "invoiced")
        self.assertEqual(self._new_bill(purchase).state, "posted")

    def test_advance_in_parts(self):
        """Larger than what is shipped it is taken off bit by bit."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._pay_advance(sale, 100)
        charged = [self._invoice_shipped(sale, quantity) for quantity in (1, 3, None)]
        self.assertEqual(charged, [0, 0, 100])
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_advance_by_the_button_of_core(self):
        """Create Invoice takes it off, too; before that the order says what is left."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._pay_advance(sale, 50)
        self._post(sale)
        self.assertEqual(sale._create_invoices(final=True).sudo().amount_total, 150)

    def test_advance_given_back(self):
        """What the till has paid back is charged like the rest."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        till = self._pay_advance(sale, 50)
        self._pay_advance(sale, -50, refunded=till.lines)
        self.assertEqual(self._invoice_shipped(sale), 200)
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_advance_taken_off_at_the_till(self):
        """The till settles the rest: nothing is left to charge."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._pay_advance(sale, 50)
        line = sale.sudo().order_line[0]
        advance = sale.sudo().order_line.filtered(
            lambda line: line.is_downpayment and not line.display_type
        )
        less = self._prepare_line(advance, -1, None)
        less["product_id"] = self.advance_product.id
        till = self._pay(sale, [self._prepare_line(line, 10, None), less])
        self.assertEqual(till.amount_total, 150)
        self._post(sale)
        self.assertEqual(line.drop_shipment_state, "invoiced")
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_money_back_before_it_was_shipped(self):
        """Shipped all the same: it is invoiced, and the vendor's bill follows."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        till = self._settle(sale)
        line = sale.sudo().order_line
        self._settle(sale, {line: -10}, refunded=till.lines)
        self.assertEqual((line.qty_invoiced, sale.invoice_status), (0, "no"))
        self.assertEqual(self._invoice_shipped(sale), 200)
        self._new_bill(purchase)
        self.assertEqual(line.drop_shipment_state, "done")

    def test_money_back_of_a_later_core(self):
        """Where core takes off what the till gave back, it is taken off once."""
        sale = self._new_sale()
        till = self._settle(sale)
        line = sale.sudo().order_line
        core = CoreLine._prepare_qty_invoiced

        def less_given_back(lines):
            invoiced = core(lines)
            for own in lines:
                for paid in own.sudo().pos_order_line_ids.refund_orderline_ids:
                    invoiced[own] += lines._convert_qty(own, paid.qty, "p2s")
            return invoiced

        with patch.object(CoreLine, "_prepare_qty_invoiced", less_given_back):
            self._settle(sale, {line: -4}, refunded=till.lines)
            self.assertEqual((line.qty_invoiced, line.qty_delivered), (6, 0))

    def test_money_back_for_returned_goods(self):
        """Nobody is asked for a credit note of what the till has paid back."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        till = self._settle(sale)
        self._post(sale)
        self._return(sale.sudo().picking_ids, 10)
        line = sale.sudo().order_line
        self._settle(sale, {line: -10}, refunded=till.lines)
        self.env.invalidate_all()
        self.assertEqual((line.qty_delivered, line.qty_invoiced), (0, 0))
        self.assertNotIn("credit note", sale.drop_shipment_notice)

    def test_money_back_in_the_back_office(self):
        """Core's refund there copies the line: it counts once."""
        sale = self._new_sale()
        till = self._settle(sale).sudo()
        refund = till.browse(till.refund()["res_id"])
        payment = self.env["pos.make.payment"].with_context(
            active_ids=refund.ids, active_id=refund.id
        )
        payment.create(
            {"amount": refund.amount_total, "payment_method_id": self.cash_pm1.id}
        ).check()
        line = sale.sudo().order_line
        self.assertEqual((line.qty_invoiced, line.drop_shipment_qty_invoiced), (0, 0))

    def test_cost_of_own_goods_alone(self):
        """The till's invoice books the cost of what has left the shop, once."""
        self.chair.categ_id = self.env["product.category"].create(
            {"name": "Perpetual", "property_valuation": "real_time"}
        )
        own = (self.chair, 3, {"drop_shipment": False})
        sale = self._new_sale((self.chair, 10), own)
        invoice = self._settle(sale, to_invoice=True).account_move
        cost = invoice.line_ids.filtered(lambda line: line.display_type == "cogs")
        self.assertEqual(
            sum(cost.filtered(lambda i: i.balance > 0).mapped("balance")), 30
        )


class TestTickPaid(SettleCommon):
    """The tick of what was paid at the till stays: it decided who delivers."""

    def test_tick(self):
        """What was taken along is not ordered from a vendor as well."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        self._settle(sale)
        line = sale.order_line
        with self.assertRefused("was paid at the till. Refund it there first"):
            line.drop_shipment = True
        self.assertEqual(line.qty_delivered, 10)

    def test_untick(self):
        """Own stock delivers it once the money was given back, and once only."""
        sale = self._new_sale()
        till = self._settle(sale)
        line = sale.sudo().order_line
        with self.assertRefused("was paid at the till. Refund it there first"):
            sale.order_line.drop_shipment = False
        self.assertFalse(line.move_ids)
        self._settle(sale, {line: -10}, refunded=till.lines)
        sale.order_line.drop_shipment = False
        self.assertEqual(line.move_ids.product_uom_qty, 10)
        self._settle(sale)
        self.assertEqual((line.qty_delivered, line.qty_invoiced), (10, 10))
        self.assertEqual(self._get_stock(self.chair), 90)
