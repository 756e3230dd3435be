from odoo.exceptions import UserError
from odoo.fields import Command

from .test_down_payments import AdvanceCommon


class TestOverDeliveryByOrder(AdvanceCommon):
    """12 of 10 are shipped of products that are invoiced or billed by the order.

    A chair is sold at 20 and bought at 12.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chair.invoice_policy = "order"

    def _ship_more(self, sale, *quantities, option="ship_invoice"):
        """Post so much of each line, as sales; the vendor shipped more."""
        self.env.invalidate_all()
        wizard = sale.env["drop.shipment.post"].create(
            {"sale_order_id": sale.id, "option": option, "over_delivery": True}
        )
        for row, quantity in zip(wizard.line_ids, quantities, strict=True):
            row.quantity = quantity
        wizard.action_post()
        drafts = sale.sudo().invoice_ids.filtered(lambda move: move.state == "draft")
        drafts.action_post()
        return drafts

    def assertSettled(self, line, **quantities):
        """Nothing is to invoice or to bill, and the line has these quantities."""
        self.env.invalidate_all()
        self.assertEqual({name: line[name] for name in quantities}, quantities)
        self.assertEqual(line.qty_to_invoice, 0)
        self.assertEqual(line.order_id.invoice_status, "invoiced")

    def test_ship_and_invoice(self):
        """All that was shipped, and nothing of it is credited afterwards."""
        sale, purchase = self._new_orders()
        invoice = self._ship_more(sale, 12)
        self.assertEqual(invoice.amount_untaxed, 240)
        line = sale.order_line
        self.assertSettled(line, qty_invoiced=12, drop_shipment_state="invoiced")
        self.assertEqual(line.invoice_status, "invoiced")
        self.assertFalse(sale.activity_ids)
        with self.assertRaises(UserError):
            self._create_invoice(sale)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.amount_untaxed, 144)
        self.assertSettled(line, drop_shipment_state="done")
        self.assertSettled(purchase.order_line, qty_invoiced=12)
        for order in (sale, purchase):
            self.assertFalse(order.drop_shipment_notice)

    def test_create_invoice(self):
        """Core's button charges the order; the next Ship and Invoice the rest."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 5))
        self._ship_more(sale, 12, 0, option="ship")
        self.assertEqual(self._create_invoice(sale).invoice_line_ids.quantity, 10)
        chair, desk = sale.order_line
        self.assertEqual(chair.invoice_status, "upselling")
        invoice = self._ship_invoice(sale, 5)
        self.assertEqual(invoice.invoice_line_ids.mapped("quantity"), [2, 5])
        self.assertSettled(chair, qty_invoiced=12, drop_shipment_state="invoiced")
        self.assertSettled(desk, qty_invoiced=5, drop_shipment_state="invoiced")
        self._new_bill(purchase)
        self.assertSettled(chair, drop_shipment_state="done")

    def test_invoiced_in_advance(self):
        """10 are invoiced by the order before 12 come: 2 are left to invoice."""
        sale, __ = self._new_orders()
        self._create_invoice(sale)
        self.assertEqual(self._ship_more(sale, 12).amount_untaxed, 40)
        self.assertSettled(sale.order_line, qty_invoiced=12)

    def test_received(self):
        """The buyer receives 12; sales invoices them with the next shipment."""
        sale, purchase = self._new_orders((self.chair, 10), (self.desk, 5))
        row = {"sale_line_id": sale.order_line[0].id, "quantity": 12}
        rows = [Command.create(row)]
        self._post(purchase, "receive", line_ids=rows, over_delivery=True)
        invoice = self._ship_invoice(sale)
        self.assertEqual(invoice.invoice_line_ids.mapped("quantity"), [12, 5])
        self._post(purchase, "invoice")
        bill = purchase.sudo().invoice_ids
        self.assertEqual(bill.invoice_line_ids.mapped("quantity"), [12, 5])

    def test_sent_back(self):
        """The 2 go back, and are credited."""
        sale, __ = self._new_orders()
        self._ship_more(sale, 12)
        self._return(sale.sudo().picking_ids, 2)
        self.env.invalidate_all()
        line = sale.order_line
        self.assertEqual(line.qty_to_invoice, -2)
        self.assertIn("credit note is due", sale.drop_shipment_notice)
        sale.action_credit_drop_shipment()
        note = sale.sudo().invoice_ids.filtered(
            lambda move: move.move_type == "out_refund"
        )
        self.assertEqual(note.amount_untaxed, 40)
        note.action_post()
        self.assertSettled(line, qty_invoiced=10, drop_shipment_state="invoiced")
        self.assertCharged(sale)

    def test_credited_by_core(self):
        """Core's button credits what went back of the 2, and no more."""
        sale, __ = self._new_orders()
        self._ship_more(sale, 12)
        self._return(sale.sudo().picking_ids, 1)
        self.env.invalidate_all()
        note = self._create_invoice(sale)
        self.assertEqual([note.move_type, note.amount_untaxed], ["out_refund", 20])
        self.assertSettled(sale.order_line, qty_invoiced=11)

    def test_advance(self):
        """100 of 200 are paid in advance: 240 less 100."""
        sale, __ = self._new_orders()
        self._advance(sale, 50)
        self.assertEqual(self._ship_more(sale, 12).amount_untaxed, 140)
        self.assertAdvancesUsed(sale)
        self.assertSettled(sale.order_line[0], qty_invoiced=12)
        self.assertCharged(sale, 240)

    def test_advance_larger_than_the_first_shipment(self):
        """160 in advance; 4, then 8 of 6: 80 less 80, then 160 less 80."""
        sale, __ = self._new_orders()
        self._advance(sale, 80)
        self.assertEqual(self._ship_more(sale, 4).amount_untaxed, 0)
        self.assertEqual(self._ship_more(sale, 8).amount_untaxed, 80)
        self.assertAdvancesUsed(sale)
        self.assertCharged(sale, 240)

    def test_order_is_raised(self):
        """The customer takes 12 in the end: nothing more is to invoice."""
        sale, __ = self._new_orders()
        self._ship_more(sale, 12)
        sale.order_line.product_uom_qty = 12
        self.assertSettled(sale.order_line, qty_invoiced=12)
        self.assertCharged(sale)

    # ------------------------------------------------------------
    # BILLED BY THE ORDER
    # ------------------------------------------------------------

    def _new_billed(self, quantity):
        """Return orders of which 12 were shipped and invoiced, and so much billed."""
        self.chair.purchase_method = "purchase"
        sale, purchase = self._new_orders()
        self._ship_more(sale, 12)
        bill = self._new_bill(purchase, post=False)
        self.assertEqual(bill.invoice_line_ids.quantity, 10)
        bill.invoice_line_ids.quantity = quantity
        bill.action_post()
        return sale, purchase

    def test_billed(self):
        """The vendor bills the 12 that came: no refund of 2 is due."""
        sale, purchase = self._new_billed(12)
        self.assertSettled(purchase.order_line, qty_invoiced=12)
        self.assertFalse(purchase.drop_shipment_notice)
        self.assertFalse(purchase.drop_shipment_to_post)
        self.assertSettled(sale.order_line, drop_shipment_state="done")
        action = purchase.sudo().action_create_invoice()
        refund = self.env["account.move"].browse(action["res_id"])
        self.assertFalse(sum(refund.invoice_line_ids.mapped("quantity")))

    def test_billed_too_much(self):
        """Of 13 that the vendor bills, 1 never came; of 12, 2 have gone back."""
        self.company.drop_shipment_bill_control = "none"
        __, purchase = self._new_billed(13)
        line = purchase.order_line
        self.assertEqual(line.qty_to_invoice, -1)
        self.assertIn("refund", purchase.drop_shipment_notice)
        sale, purchase = self._new_billed(12)
        self._return(sale.sudo().picking_ids, 2)
        self.env.invalidate_all()
        self.assertEqual(purchase.order_line.qty_to_invoice, -2)
        action = purchase.sudo().action_create_invoice()
        refund = self.env["account.move"].browse(action["res_id"])
        self.assertEqual([refund.move_type, refund.amount_untaxed], ["in_refund", 24])
