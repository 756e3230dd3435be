from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tools import format_date

from .test_return_dialog import ReturnDialogCommon


class TestDeliveryDay(ReturnDialogCommon):
    """Each invoice says when its own goods were shipped, not the order's first ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = fields.Date.context_today(cls.salesman.with_user(cls.salesman))
        cls.last_week = cls.today - timedelta(7)
        cls.yesterday = cls.today - timedelta(1)

    def _ship(self, sale, day, *quantities):
        """Post a shipment of `day`, of so much of each line."""
        rows = [
            Command.create({"sale_line_id": line.id, "quantity": quantity})
            for line, quantity in zip(sale.order_line, quantities, strict=False)
            if quantity
        ]
        self._post(sale, line_ids=rows, shipment_date=day)

    def _new_ordered(self, *lines):
        sale = self._new_sale(*lines)
        self._new_purchase(sale, confirm=True)
        return sale

    def assertDays(self, sale, *days):
        """These are the days of the order's invoices, in the order of their making."""
        self.env.flush_all()
        self.env.invalidate_all()
        invoices = sale.sudo().invoice_ids.sorted("id")
        self.assertEqual(invoices.mapped("delivery_date"), list(days))

    def assertMailed(self, invoice, *days):
        """The mail of an invoice tells of the shipments of these days."""
        mail = self.env["drop.shipment.mail"]
        self.assertEqual(
            mail._get_invoice_texts(invoice, False),
            [f"Shipped on {format_date(self.env, day)}." for day in days],
        )

    def test_each_shipment(self):
        """4 of last week, 6 of yesterday, each invoiced at once."""
        sale = self._new_ordered()
        for day, quantity in ((self.last_week, 4), (self.yesterday, 6)):
            self._ship(sale, day, quantity)
            self._post_invoice(sale)
        self.assertDays(sale, self.last_week, self.yesterday)

    def test_drafts(self):
        """The first invoice is a draft still: the second is of the second shipment."""
        sale = self._new_ordered()
        for day, quantity in ((self.last_week, 4), (self.yesterday, 6)):
            self._ship(sale, day, quantity)
            self._create_invoice(sale)
        self.assertDays(sale, self.last_week, self.yesterday)
        sale.sudo().invoice_ids.action_post()
        self.assertDays(sale, self.last_week, self.yesterday)

    def _create_invoice(self, sale):
        return sale.with_user(self.salesman)._create_invoices()

    def test_one_invoice(self):
        """Of two shipments: from the first one on, as core says."""
        sale = self._new_ordered()
        self._ship(sale, self.last_week, 4)
        self._ship(sale, self.yesterday, 6)
        self._post_invoice(sale)
        self.assertDays(sale, self.last_week)

    def test_lines(self):
        """Each line by its own shipments."""
        sale = self._new_ordered((self.chair, 4), (self.desk, 2))
        self._ship(sale, self.last_week, 4, 0)
        self._post_invoice(sale)
        self._ship(sale, self.yesterday, 0, 2)
        self._post_invoice(sale)
        self.assertDays(sale, self.last_week, self.yesterday)

    def test_shipped_again(self):
        """2 of 4 come back and are credited; what replaces them is of yesterday."""
        sale = self._new_ordered((self.chair, 4))
        self._ship(sale, self.last_week, 4)
        self._post_invoice(sale)
        self._return(sale, 2, credit=True)
        self._post_drafts(sale)
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        purchase.with_user(self.buyer).action_ship_drop_shipment_again()
        self._ship(sale, self.yesterday, 2)
        self._post_invoice(sale)
        invoices = sale.sudo().invoice_ids.sorted("id")
        days = invoices.mapped("delivery_date")
        self.assertEqual([days[0], days[-1]], [self.last_week, self.yesterday])
        self.assertMailed(invoices[-1], self.yesterday)

    def test_own_goods(self):
        """Own goods are delivered with the second shipment, and invoiced with it."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 2, {"drop_shipment": False})
        )
        self._new_purchase(sale, confirm=True)
        self._ship(sale, self.last_week, 4)
        self._post_invoice(sale)
        own = sale.sudo().picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
        )
        self._deliver(own)
        self._post_invoice(sale)
        self.assertDays(sale, self.last_week, self.today)
        self._ship(sale, self.yesterday, 6)
        self._post_invoice(sale)
        self.assertDays(sale, self.last_week, self.today, self.yesterday)

    def test_credit_note(self):
        """2 of 4 are credited while another line, shipped later, is to invoice."""
        sale = self._new_ordered((self.chair, 4), (self.desk, 2))
        self._ship(sale, self.last_week, 4, 0)
        self._post_invoice(sale)
        self._ship(sale, self.yesterday, 0, 2)
        self._return(sale, 2, 0, credit=True)
        self.assertDays(sale, self.last_week, self.last_week)

    def test_reversal(self):
        """An invoice is reversed while the second shipment is to invoice."""
        sale = self._new_ordered()
        self._ship(sale, self.last_week, 4)
        invoice = self._post_invoice(sale)
        self._ship(sale, self.yesterday, 6)
        invoice._reverse_moves([{"invoice_date": self.today}])
        self.assertDays(sale, self.last_week, self.last_week)

    def test_two_orders(self):
        """Of two orders on one invoice the later day counts, as in core."""
        sales = self.env["sale.order"]
        for day in (self.last_week, self.yesterday):
            sale = self._new_ordered()
            self._ship(sale, day, 10)
            sales += sale
        self._create_invoice(sales)
        self.assertDays(sales, self.yesterday)

    def test_ordinary_beside(self):
        """Orders without a tick, invoiced at once with one that has, are core's."""
        sales = self.env["sale.order"]
        for days in (7, 3):
            sale = self._new_sale(
                (self.chair, 1, {"drop_shipment": False}),
                partner_id=self.other_customer.id,
            )
            self._deliver(sale.sudo().picking_ids)
            day = fields.Datetime.now() - timedelta(days)
            sale.sudo().picking_ids.date_done = day
            sales += sale
        ticked = self._new_ordered()
        self._ship(ticked, self.yesterday, 10)
        self._create_invoice(sales + ticked)
        first = sales[0].sudo().effective_date.date()
        self.assertDays(sales, first)
        self.assertDays(ticked, self.yesterday)

    def test_left_out(self):
        """The invoice of a line says nothing of one that is left for another."""
        sale = self._new_ordered((self.chair, 4), (self.desk, 2))
        self._ship(sale, self.last_week, 4, 0)
        self._ship(sale, self.yesterday, 0, 2)
        invoice = self._create_invoice(sale).sudo()
        invoice.invoice_line_ids[0].unlink()
        self.assertDays(sale, self.yesterday)
        self._create_invoice(sale)
        self.assertDays(sale, self.yesterday, self.last_week)

    def test_own_stock_before(self):
        """Own stock delivers 4, then the vendor 3 and 3: each has its own day."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        own = sale.sudo().picking_ids
        own.move_ids.quantity = 4
        own.move_ids.picked = True
        own.with_context(skip_backorder=True).button_validate()
        (sale.sudo().picking_ids - own).action_cancel()
        own.date_done = own.move_ids.date = self.last_week
        self._post_invoice(sale)
        sale.order_line.drop_shipment = True
        self._new_purchase(sale, confirm=True)
        days = [self.today - timedelta(3), self.yesterday]
        for day in days:
            self._ship(sale, day, 3)
            self.assertMailed(self._post_invoice(sale), day)
        self.assertDays(sale, self.last_week, *days)

    def test_invoice_of_a_colleague(self):
        """Sales may not read the first invoice; the second has the day of its own."""
        sale = self._new_ordered()
        self._ship(sale, self.last_week, 4)
        first = self._post_invoice(sale)
        first.invoice_user_id = self._new_user(
            "colleague", "sales_team.group_sale_salesman"
        )
        self._ship(sale, self.yesterday, 6)
        self.env.invalidate_all()
        self.assertFalse(sale.order_line.invoice_lines)
        self._create_invoice(sale)
        self.assertDays(sale, self.last_week, self.yesterday)

    def test_correction(self):
        """The day of the second shipment is corrected: its draft follows."""
        sale = self._new_ordered()
        self._ship(sale, self.last_week, 4)
        self._post_invoice(sale)
        self._ship(sale, self.yesterday, 6)
        self._create_invoice(sale)
        day = self.today - timedelta(2)
        self._correct(sale, self.yesterday, day)
        self.assertDays(sale, self.last_week, day)

    def _correct(self, sale, before, day):
        """Correct the day of the shipment of that day, as sales."""
        self.env.invalidate_all()
        action = sale.action_correct_drop_shipment()
        dialog = sale.env[action["res_model"]].browse(action["res_id"])
        row = dialog.line_ids.filtered(lambda row: row.shipment_date == before)
        row.shipment_date = day
        dialog.action_correct()

    def test_correction_of_a_typed_day(self):
        """Accounting typed when the customer took it over: that day stays."""
        sale = self._new_ordered()
        self._ship(sale, self.last_week, 4)
        typed, followed = self._create_invoice(sale), self.today - timedelta(2)
        self._ship(sale, self.yesterday, 6)
        self._create_invoice(sale)
        typed.sudo().delivery_date = self.today
        for before, day in (
            (self.last_week, self.today - timedelta(6)),
            (self.yesterday, followed),
        ):
            self._correct(sale, before, day)
        self.assertDays(sale, self.today, followed)
        sale.sudo().invoice_ids.action_post()
        self.assertDays(sale, self.today, followed)

    def test_correction_to_before_the_first(self):
        """The second shipment came first in truth: the draft of both says so."""
        sale = self._new_ordered()
        self._ship(sale, self.last_week, 4)
        self._ship(sale, self.yesterday, 6)
        self._create_invoice(sale)
        day = self.today - timedelta(9)
        self._correct(sale, self.yesterday, day)
        self.assertDays(sale, day)
