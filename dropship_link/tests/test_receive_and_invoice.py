from odoo import fields
from odoo.fields import Command

from .common_post import PostCommon


class BillCommon(PostCommon):
    """Purchase orders with more than drop shipment lines, and their bills."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.freight = cls.env["product.product"].create(
            {
                "name": "Freight",
                "type": "service",
                "purchase_method": "purchase",
                "supplier_taxes_id": False,
            }
        )
        cls.by_order = cls._new_product(
            "By order", price=12.0, purchase_method="purchase", invoice_policy="order"
        )

    def _add(self, purchase, *lines):
        """Add lines with these values to a purchase order, as its buyer."""
        purchase.order_line = [
            Command.create({"tax_ids": False, "product_qty": 1.0, **line})
            for line in lines
        ]

    def _new_freight(self, price=7.0):
        return {"product_id": self.freight.id, "price_unit": price}

    def _new_heading(self, name, display_type="line_section", **values):
        return {
            "name": name,
            "display_type": display_type,
            "product_qty": 0.0,
            "tax_ids": [],
            **values,
        }

    def _new_advance(self, purchase, amount=36.0, post=True):
        """Return the vendor's bill of an advance, put on the order by its dialog."""
        bill = self._new_free_bill(
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Advance",
                        "quantity": 1.0,
                        "price_unit": amount,
                        "tax_ids": False,
                    }
                )
            ]
        )
        if post:
            bill.action_post()
        wizard = (
            self.env["bill.to.po.wizard"]
            .with_user(self.billing_buyer)
            .with_context(active_ids=[-line for line in bill.invoice_line_ids.ids])
            .create({"purchase_order_id": purchase.id})
        )
        wizard.action_add_downpayment()
        return bill

    def _new_ordered(self, *lines, **values):
        """Return a sales order and its purchase order of who may post bills."""
        sale = self._new_sale(*lines)
        purchase = self._new_purchase(sale, user=self.billing_buyer, **values)
        return sale, purchase

    def _get_bills(self, purchase):
        return purchase.sudo().invoice_ids.sorted("id")

    def _get_paid(self, purchase):
        """Return what posted bills less refunds have the vendor be paid."""
        bills = self._get_bills(purchase)
        return -sum(
            bills.filtered(lambda bill: bill.state == "posted").mapped(
                "amount_total_in_currency_signed"
            )
        )

    def assertBill(self, bill, amount, *lines, move_type="in_invoice"):
        """The posted bill has this amount, and these (name, quantity) lines."""
        self.assertRecordValues(
            bill,
            [{"state": "posted", "move_type": move_type, "amount_untaxed": amount}],
        )
        if lines:
            found = bill.invoice_line_ids.sorted(lambda line: (line.sequence, line.id))
            self.assertEqual(
                [
                    (line.product_id.name or line.name.split(" (ref")[0], line.quantity)
                    for line in found
                ],
                list(lines),
            )


class TestOtherLines(BillCommon):
    """Notes, headings and services on the purchase order."""

    def test_notes_and_headings(self):
        """The dialog opens and shows the bill; headings are on it as core puts them."""
        sale, purchase = self._new_ordered()
        self._add(
            purchase,
            self._new_heading("Goods", sequence=1),
            self._new_heading("Chairs", "line_subsection", sequence=2),
            self._new_heading("Handle with care", "line_note", sequence=11),
            self._new_heading("Terms", sequence=12),
            self._new_heading("Ex works", "line_note", sequence=13),
            self._new_heading("Nothing", sequence=14),
        )
        purchase.invalidate_recordset(["order_line"])
        purchase.button_confirm()
        action = purchase.action_post_drop_shipment()
        wizard = purchase.env["drop.shipment.post"].browse(action["res_id"])
        wizard.read()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self.assertBill(
            self._get_bills(purchase),
            120,
            ("Chairs", 0),
            ("Chair", 10),
            ("Handle with care", 0),
            ("Terms", 0),
            ("Ex works", 0),
        )
        self.assertEqual(purchase.invoice_status, "invoiced")

    def test_sales_order_with_notes(self):
        """Lines without product on the sales order are passed over too."""
        sale = self._new_sale(confirm=False)
        sale.order_line = [
            Command.create({"display_type": kind, "name": kind})
            for kind in ("line_section", "line_subsection", "line_note")
        ]
        sale.action_confirm()
        purchase = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
        for order in (sale, purchase):
            order.action_post_drop_shipment()
        self._post(sale, "ship_invoice")
        sale.sudo().invoice_ids.action_post()
        self._post(purchase, "invoice")
        self.assertBill(self._get_bills(purchase), 120, ("Chair", 10))

    def test_freight(self):
        """Freight of 7 on the order: 127, as the dialog says before."""
        sale, purchase = self._new_ordered()
        self._add(purchase, self._new_freight())
        purchase.button_confirm()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.option, "invoice")
        self.assertEqual(wizard.bill_line_ids, purchase.order_line)
        self.assertEqual(
            wizard.bill_line_ids.mapped("drop_shipment_qty_to_bill"), [10, 1]
        )
        self.assertEqual(wizard.bill_amount, 127)
        wizard.action_post()
        self.assertBill(self._get_bills(purchase), 127, ("Chair", 10), ("Freight", 1))

    def test_discount_waits_for_the_goods(self):
        """Alone it would be a refund; with freight only the freight is billed."""
        sale, purchase = self._new_ordered()
        self._add(purchase, self._new_freight(-10))
        purchase.button_confirm()
        self._post(purchase, "receive")
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            self._post(purchase, "invoice")
        self._add(purchase, self._new_freight(7))
        self._post(purchase, "invoice")
        self.assertBill(self._get_bills(purchase), 7)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self.assertEqual(self._get_paid(purchase), 117)

    def test_freight_by_its_own_control(self):
        """A service billed on receipt waits until it is said to be received."""
        self.freight.purchase_method = "receive"
        sale, purchase = self._new_ordered()
        self._add(purchase, self._new_freight())
        purchase.button_confirm()
        self._post(purchase, "receive")
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self.assertBill(self._get_bills(purchase), 120, ("Chair", 10))
        self.assertFalse(purchase.drop_shipment_to_post)
        with self.assertRefused("nothing left to post"):
            purchase.action_post_drop_shipment()
        purchase.order_line[1].qty_received = 1
        self.assertTrue(purchase.drop_shipment_to_post)
        self._post(purchase, "invoice")
        self.assertBill(self._get_bills(purchase)[1], 7, ("Freight", 1))

    def test_freight_does_not_wait_for_the_invoice(self):
        """The invoice order is about goods: freight can be billed before."""
        sale, purchase = self._new_ordered()
        self._add(purchase, self._new_freight())
        purchase.button_confirm()
        self._post(purchase, "receive")
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.bill_amount, 7)
        self.assertIn(sale.name, wizard.bill_notice)
        wizard.action_post()
        self.assertBill(self._get_bills(purchase), 7, ("Freight", 1))
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self.assertEqual(self._get_paid(purchase), purchase.amount_total)


class TestBillPolicy(BillCommon):
    """Billed on ordered quantities, and what the dialog says of it."""

    def test_ordered_quantities(self):
        """Invoiced before it is shipped: the bill may come before it as well."""
        sale, purchase = self._new_ordered((self.by_order, 10))
        purchase.button_confirm()
        wizard = self._new_post(purchase)
        for option in ("invoice", "receive_invoice"):
            self.assertEqual(
                wizard.option_reasons[option],
                f"Invoice sales order {sale.name} first.",
            )
        self._post_invoice(sale)
        wizard = self._new_post(purchase, option="invoice")
        self.assertFalse(any(wizard.option_reasons.values()))
        self.assertEqual(wizard.bill_line_ids.drop_shipment_qty_to_bill, 10)
        self.assertEqual(wizard.bill_amount, 120)
        wizard.action_post()
        self.assertBill(self._get_bills(purchase), 120, ("By order", 10))
        self.assertEqual(purchase.order_line.qty_received, 0)
        wizard = self._new_post(purchase)
        self.assertEqual(
            wizard.option_reasons,
            {
                "receive": "",
                "invoice": f"There is nothing to bill on {purchase.name} now.",
                "receive_invoice": f"There is nothing to bill on {purchase.name} now.",
            },
        )
        self.assertFalse(wizard.bill_notice)
        self._post(purchase, "receive")
        self.assertFalse(purchase.drop_shipment_to_post)

    def test_ordered_quantities_in_part(self):
        """4 of 10 are invoiced: 4 can be billed, the rest waits."""
        sale, purchase = self._new_ordered((self.by_order, 10))
        purchase.button_confirm()
        invoice = sale._create_invoices().sudo()
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        wizard = self._new_post(purchase, option="invoice")
        self.assertEqual(wizard.bill_amount, 48)
        self.assertIn(sale.name, wizard.bill_notice)
        wizard.action_post()
        self.assertBill(self._get_bills(purchase), 48, ("By order", 4))
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            self._post(purchase, "invoice")

    def test_drafts_share_no_invoice(self):
        """What a draft bill has is not put on a second draft; the notice agrees."""
        sale, purchase = self._new_orders()
        self._post(purchase, "receive", 4)
        self._post_invoice(sale)
        self._post(purchase, "invoice")
        self.assertFalse(self._get_notice(purchase, "bill"))
        self._post(purchase, "receive", 5)
        self.assertIn(sale.name, self._get_notice(purchase, "bill"))
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            self._post(purchase, "invoice")
        self._get_bills(purchase).with_user(self.accountant).action_post()

    def test_drafts_share_no_invoice_after_a_cancelled_order(self):
        """What a cancelled order has billed leaves no room for a second draft."""
        sale, purchase = self._new_orders()
        self._post(purchase, "receive", 4)
        self._post_invoice(sale)
        bill = self._new_bill(purchase)
        bill.button_draft()
        purchase.button_cancel()
        bill.action_post()
        rest = self._new_purchase(sale, confirm=True)
        self._post(rest, "receive", 3)
        self._post_invoice(sale)
        self._post(rest, "receive")
        self._post(rest, "invoice")
        self.assertEqual(self._get_bills(rest).invoice_line_ids.quantity, 3)
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            self._post(rest, "invoice")

    def test_one_of_two_sales_orders_is_invoiced(self):
        """What can be billed is billed; the dialog says what waits for which order."""
        sales = [self._new_sale((self.chair, quantity)) for quantity in (6, 4)]
        purchase = self._new_purchase(*sales, user=self.billing_buyer, confirm=True)
        self._post(purchase, "receive")
        self._post_invoice(sales[0])
        wizard = self._new_post(purchase)
        self.assertEqual(wizard.bill_amount, 72)
        self.assertIn(sales[1].name, wizard.bill_notice)
        self.assertNotIn(sales[0].name, wizard.bill_notice)
        wizard.action_post()
        self.assertBill(self._get_bills(purchase), 72, ("Chair", 6))
        self.assertIn(sales[1].name, self._get_notice(purchase, "bill"))
        self._post_invoice(sales[1])
        self._post(purchase, "invoice")
        self.assertBill(self._get_bills(purchase)[1], 48, ("Chair", 4))

    def test_warn_and_none(self):
        """Without `block` all of it is billed at once."""
        for control in ("warn", "none"):
            self.company.drop_shipment_bill_control = control
            _sale, purchase = self._new_ordered()
            purchase.button_confirm()
            self._post(purchase, "receive_invoice", 4)
            self.assertBill(self._get_bills(purchase), 48, ("Chair", 4))


class TestReceiveAndInvoice(BillCommon):
    """Both or neither."""

    def test_what_was_received_before_may_wait(self):
        """Only what is received now must be billed with it."""
        on_order = self._new_product("On order", invoice_policy="order")
        late, early = self._new_sale((self.chair, 6)), self._new_sale((on_order, 4))
        purchase = self._new_purchase(
            late, early, user=self.billing_buyer, confirm=True
        )
        self._post(late)
        self._post_invoice(early)
        wizard = self._new_post(purchase, option="receive_invoice")
        self.assertEqual(wizard.bill_amount, 4 * on_order.seller_ids.price)
        self.assertIn(late.name, wizard.bill_notice)
        wizard.action_post()
        self.assertEqual(purchase.order_line.mapped("qty_received"), [6, 4])
        self.assertEqual(purchase.order_line.mapped("qty_invoiced"), [0, 4])

    def test_refund_of_another_order_is_due(self):
        """All is invoiced: nobody is told to invoice it before the bill."""
        sale = self._new_sale((self.by_order, 5))
        first = self._new_purchase(sale, confirm=True)
        self._post_invoice(sale)
        self._new_bill(first)
        self._post(sale, quantity=2)
        first.action_close_drop_shipment_remainder()
        other = self._new_purchase(sale, user=self.billing_buyer, confirm=True)
        wizard = self._new_post(other, option="receive_invoice")
        self.assertFalse(wizard.bill_notice)
        with self.assertRefused(
            "would bill more than was sold and invoiced: "
            rf"3 Units on {sale.name}, line 1 \(By order\)"
        ) as caught:
            wizard.action_post()
        self.assertNotIn("Invoice sales order", str(caught.exception))
        self._post(other, "receive")
        self.env.invalidate_all()
        self.assertNotIn("waits for the invoice", other.drop_shipment_notice or "")
        self.assertIn("refund", first.drop_shipment_notice)
        first.sudo().action_create_invoice()
        refund = first.sudo().invoice_ids.filtered(lambda bill: bill.state == "draft")
        refund.invoice_date = "2026-01-15"
        refund.action_post()
        self.env.invalidate_all()
        self._post(other, "invoice")
        self.assertEqual(self._get_bills(other).state, "posted")

    def test_preview_follows_the_quantity(self):
        """The amount is that of what is entered, freight included."""
        self.company.drop_shipment_bill_control = "none"
        _sale, purchase = self._new_ordered()
        self._add(purchase, self._new_freight())
        purchase.button_confirm()
        wizard = self._new_post(purchase, option="receive_invoice")
        self.assertEqual(wizard.bill_amount, 127)
        wizard.line_ids.quantity = 3
        self.assertEqual(wizard.bill_amount, 43)
        wizard.action_post()
        self.assertBill(self._get_bills(purchase), 43)

    def test_neither_where_the_bill_fails(self):
        """Nothing is received where the bill can't be made for another reason."""
        self.company.drop_shipment_bill_control = "none"
        _sale, purchase = self._new_ordered()
        purchase.button_confirm()
        self.company.sudo().hard_lock_date = "2026-06-30"
        journals = self.env["account.journal"].search([("type", "=", "purchase")])
        journals.active = False
        with self.assertRefused("journal"):
            self._post(purchase, "receive_invoice")
        self.assertEqual(purchase.order_line.qty_received, 0)

    def test_bill_date(self):
        """Today of the user's time zone unless given; also of who leaves a draft."""
        for user in (self.buyer, self.billing_buyer):
            user.tz = "Pacific/Kiritimati"
            sale = self._new_sale()
            purchase = self._new_purchase(sale, user=user, confirm=True)
            self._post(sale)
            self._post_invoice(sale)
            self._post(purchase, "invoice")
            bill = self._get_bills(purchase)
            self.assertEqual(
                bill.invoice_date, fields.Date.context_today(purchase.with_user(user))
            )

    def test_foreign_currency(self):
        """The bill is in the currency of the order, at the rate of its own date."""
        currency = self.env["res.currency"].create(
            {"name": "DRP", "symbol": "D", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            [
                {"currency_id": currency.id, "name": name, "rate": rate}
                for name, rate in (("2020-01-01", 2.0), ("2020-02-01", 4.0))
            ]
        )
        sale, purchase = self._new_ordered(currency_id=currency.id)
        purchase.order_line.price_unit = 24
        self._add(purchase, self._new_freight(14))
        purchase.button_confirm()
        self._post(sale)
        self._post_invoice(sale)
        wizard = self._new_post(purchase, invoice_date="2020-01-15")
        self.assertEqual(wizard.bill_amount, 254)
        wizard.action_post()
        bill = self._get_bills(purchase)
        self.assertBill(bill, 254)
        self.assertEqual(bill.currency_id, currency)
        self.assertEqual(bill.amount_untaxed_signed, -127)
