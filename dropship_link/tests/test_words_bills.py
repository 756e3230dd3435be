from unittest.mock import patch

from .test_words import WordsCommon


class TestBillWords(WordsCommon):
    """What waits for whom, on both orders: only where it is so."""

    def _notices(self, order):
        self.env.invalidate_all()
        return order.drop_shipment_notice or ""

    def test_draft_invoice(self):
        """A draft waits for accounting: nobody is asked to invoice once more."""
        sale, purchase = self._new_orders()
        self.assertEqual(
            self._notices(sale),
            "Shipped: invoice the customer, the vendor's bill waits.",
        )
        invoice = sale._create_invoices()
        self.assertEqual(
            self._notices(sale),
            "A draft invoice waits to be posted by accounting, and the vendor's bill "
            "waits for it: Chair.",
        )
        self.assertFalse(self._get_notice(sale, "invoice"))
        self.assertEqual(sale.drop_shipment_notice, self._get_notice(sale, "draft"))
        self.assertIn(f"invoice of sales order {sale.name}", self._notices(purchase))
        invoice.sudo().action_post()
        self.assertFalse(self._notices(sale))
        self.assertFalse(self._notices(purchase))

    def test_draft_bill(self):
        """It waits for the invoice, then for accounting, then for nothing."""
        sale, purchase = self._new_orders()
        bill = self._new_bill(purchase, post=False)
        self.assertIn("The bill waits for the invoice", self._notices(purchase))
        self.assertNotIn("draft bill", self._notices(purchase))
        self.assertIn("the vendor's bill waits", self._notices(sale))
        self._post_invoice(sale)
        self.assertEqual(
            self._notices(purchase),
            "A draft bill waits to be posted by accounting: Chair.",
        )
        with self.assertRefused("No bill of"):
            purchase.action_view_drop_shipment_unbillable()
        bill.action_post()
        self.assertFalse(self._notices(purchase))

    def test_credit_note_after_the_bill(self):
        """Credited and billed: the customer is to be invoiced again, no bill waits."""
        sale, purchase = self._new_orders()
        invoice = self._post_invoice(sale)
        self._new_bill(purchase)
        self._reverse(invoice)
        self.assertEqual(self._notices(sale), "Shipped: invoice the customer.")
        self.assertFalse(self._notices(purchase))

    def test_draft_credit_note_and_refund(self):
        """Goods went back: due, then in draft, then done."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 3)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertIn("refund of the vendor is due", self._notices(purchase))
        action = purchase.sudo().action_create_invoice()
        refund = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(refund.move_type, "in_refund")
        self.assertEqual(
            self._notices(purchase),
            "A draft refund waits to be posted by accounting: Chair.",
        )
        sale.order_line.product_uom_qty = 7
        self.assertIn("credit note is due", self._notices(sale))
        credit = sale.sudo()._create_invoices(final=True)
        self.assertEqual(credit.move_type, "out_refund")
        self.assertEqual(
            self._notices(sale),
            "A draft credit note waits to be posted by accounting: Chair.",
        )
        refund.invoice_date = "2026-01-20"
        (credit | refund).with_user(self.accountant).action_post()
        self.assertFalse(self._notices(sale) + self._notices(purchase))

    def test_warn_and_none(self):
        """Where the company does not block, no bill waits; what is ahead is noted."""
        for control in ("warn", "none"):
            self.company.drop_shipment_bill_control = control
            sale, purchase = self._new_orders()
            for _billed in range(2):
                self.assertEqual(self._notices(sale), "Shipped: invoice the customer.")
                self.assertNotIn("waits", self._notices(purchase))
                if not purchase.sudo().invoice_ids:
                    self._new_bill(purchase)
            chatter = self._text(self._chatter(sale))
            self.assertNotIn("first", chatter)
            noted = (
                "Vendor bills are ahead of the posted customer invoices: 10 Units on "
                f"{sale.name}, line 1 (Chair). Invoice sales order {sale.name}."
            )
            self.assertEqual(noted in chatter, control == "warn")

    def test_invoiced_on_order(self):
        """Charged before it is shipped: nothing waits, before or after."""
        self.chair.invoice_policy = "order"
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.assertFalse(self._notices(sale))
        self._post_invoice(sale)
        self._post(sale)
        self.assertFalse(self._notices(sale) + self._notices(purchase))

    def test_billed_on_order(self):
        """More came than was ordered: core bills what was ordered, so no bill waits."""
        self.chair.purchase_method = "purchase"
        sale, purchase = self._new_orders()
        self.assertIn("The bill waits", self._notices(purchase))
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertFalse(self._notices(sale) + self._notices(purchase))

    def test_part(self):
        """Four of ten: the bill of four waits, so the customer may be invoiced."""
        sale, purchase = self._new_orders(ship=4)
        self.assertIn("the vendor's bill waits", self._get_notice(sale, "invoice"))
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertFalse(self._get_notice(sale, "invoice"))
        self.assertFalse(self._notices(purchase).count("waits"))

    def test_two_sales_orders(self):
        """Of several orders the words are plural."""
        sales = self._new_sale() | self._new_sale()
        purchase = self._new_purchase(*sales, confirm=True)
        action = self._post(purchase)
        names = ", ".join(sales.mapped("name"))
        self.assertIn(
            f"The bill waits for the invoices of sales orders {names}.",
            self._notices(purchase),
        )
        self.assertRegex(action["params"]["message"], r"^Transfers .*, .* are done\.$")
        with self.assertRefused(f"Invoice sales orders {names} first"):
            self._new_bill(purchase)
        with self.assertRefused(f"Invoice sales orders {names} first"):
            self._post(purchase, "invoice")

    def test_told_of_the_draft(self):
        """Without billing rights it is said, also where the mail opens next."""
        for send in (False, True):
            sale = self._new_sale()
            self._new_purchase(sale, confirm=True)
            with patch.object(
                type(self.env["res.users"]), "_bus_send", autospec=True
            ) as sent:
                action = self._post(sale, "ship_invoice", send=send)
            if send:
                self.assertEqual(action["res_model"], "mail.compose.message")
                told = [
                    call.args[2]
                    for call in sent.call_args_list
                    if call.args[1] == "simple_notification"
                ]
            else:
                self.assertEqual(action["tag"], "display_notification")
                told = [action["params"]]
            self.assertEqual(len(told), 1)
            self.assertIn("left in draft", told[0]["message"])
            self.assertTrue(told[0]["sticky"])
            self.assertIn("draft invoice waits", self._notices(sale))
        message = self._send(action, self.salesman)
        self.assertEqual(message.partner_ids, self.customer)

    def test_post_is_not_in_colour(self):
        """The button is there, but not purple, where all waits for the invoice."""
        sale, purchase = self._new_orders(ship=4)
        self.assertFalse(purchase.drop_shipment_post_waits)
        self._post(sale)
        self.env.invalidate_all()
        self.assertTrue(purchase.drop_shipment_to_post)
        self.assertTrue(purchase.drop_shipment_post_waits)
        self._post_invoice(sale)
        self.env.invalidate_all()
        self.assertFalse(purchase.drop_shipment_post_waits)
        self._post(purchase, "invoice")
        self.env.invalidate_all()
        self.assertFalse(purchase.drop_shipment_to_post)
