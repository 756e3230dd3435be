from .test_vendor_report import TestVendorReportCommon


class TestCustomerTold(TestVendorReportCommon):
    """With Email Confirmation the customer hears of each shipment, whoever posts it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.stock_move_email_validation = True

    def _get_mails(self, sale=None):
        """Return the messages that the customer got, the first one first."""
        messages = (sale or self.sale).sudo().message_ids
        return messages.filtered(
            lambda message: self.customer in message.notified_partner_ids
        ).sorted("id")

    def test_whoever_posts(self):
        """Salesperson, buyer, warehouse, list, vendor: each shipment is told once."""
        numbers = iter(range(100))

        def count():
            self.env.flush_all()
            return len(self._get_mails())

        self._post(self.sale, quantity=1, tracking_ref=f"T{next(numbers)}")
        self.assertEqual(count(), 1)
        self._post(self.purchase, quantity=1)
        self.assertEqual(count(), 2)
        self._report({self.chair_line: 1}, delivery_note="LS-2", tracking_ref="T-2")
        self.assertEqual(count(), 2)
        user = self._new_user("stock", "stock.group_stock_user")
        picking = self.purchase.picking_ids.filtered(lambda p: p.state != "done")
        picking.with_user(user).with_context(skip_backorder=True).button_validate()
        self.assertEqual(count(), 3)
        self.assertIn("LS-2", self._get_mails()[-1].body)
        self.assertIn("T-2", self._get_mails()[-1].body)
        self._report({self.chair_line: 1}, delivery_note="LS-3")
        rows = self.env["drop.shipment.report"].with_user(self.salesman)
        rows = rows.browse(self.sale.order_line[:1].ids)
        [job] = rows.action_post()["params"]["jobs"]
        rows.env["drop.shipment.post"].post_lines(**{"option": "ship", **job["kwargs"]})
        self.assertEqual(count(), 4)
        self.assertIn("LS-3", self._get_mails()[-1].body)
        self.vendor.property_drop_shipment_vendor_page = "post"
        self._report({self.chair_line: 1}, tracking_ref="T-5")
        self.assertEqual(count(), 5)
        mail = self._get_mails()[-1]
        self.assertIn("T-5", mail.body)
        self.assertEqual(mail.author_id, self.salesman.partner_id)
        for message in self._get_mails():
            self.assertNotIn("T-5", message.body) if message != mail else None
            self.assertNotIn(self.vendor, message.notified_partner_ids)

    def test_correction_is_not_told(self):
        """What waits is told to nobody, however often it is corrected or taken back."""
        self._report({self.chair_line: 6}, delivery_note="LS-1")
        self._report({self.chair_line: 5}, delivery_note="LS-2")
        self._call("_withdraw")
        self.assertFalse(self._get_mails())

    def test_one_posting_of_several_orders(self):
        """One mail for each sales order, with all that was posted at once."""
        other_vendor_line = self._new_product("Stool", vendor=self.other_vendor)
        sale = self._new_sale((self.chair, 2), (other_vendor_line, 3))
        for vendor in (self.vendor, self.other_vendor):
            self._new_purchase(sale, partner_id=vendor.id, confirm=True)
        self._post(sale)
        [mail] = self._get_mails(sale)
        self.assertEqual(len(mail.attachment_ids), 2)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [2, 3])
        first, second = self._new_sale((self.chair, 1)), self._new_sale((self.chair, 1))
        purchase = self._new_purchase(first, second, confirm=True)
        self.vendor.property_drop_shipment_vendor_page = "post"
        self._report(dict.fromkeys(purchase.order_line, 1), purchase=purchase)
        for order in (first, second):
            self.assertEqual(len(self._get_mails(order)), 1)

    def test_off(self):
        """Without the setting the customer hears nothing by itself."""
        self.company.stock_move_email_validation = False
        self.vendor.property_drop_shipment_vendor_page = "post"
        self._report({self.chair_line: 6})
        self.assertFalse(self._get_mails())
        action = self.sale.action_send_drop_shipment()
        self.assertEqual(action["res_model"], "mail.compose.message")

    def test_by_hand(self):
        """Send to Customer opens the mail, and sends nothing by itself."""
        self._post(self.sale, quantity=1)
        action = self.sale.action_send_drop_shipment()
        self.assertEqual(action["res_model"], "mail.compose.message")
        self.assertEqual(len(self._get_mails()), 1)

    def test_returned_and_shipped_again(self):
        """A return is not told; what the vendor ships again for it is."""
        self._post(self.purchase)
        done = self.purchase.sudo().picking_ids
        self.assertEqual(len(self._get_mails()), 1)
        self._return(done, 1)
        self.assertEqual(len(self._get_mails()), 1)
        self.purchase.action_ship_drop_shipment_again()
        self._report({self.chair_line: 1})
        self._post(self.sale)
        self.assertEqual(len(self._get_mails()), 2)

    def test_in_the_language_of_the_customer(self):
        """A French customer, an English vendor and buyer: the mail is in French."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        template = self.env.ref(
            "dropship_link.email_template_drop_shipment_sale_shipped"
        )
        template.with_context(lang="fr_FR").body_html = "<p>Expédié par nous</p>"
        self.vendor.property_drop_shipment_vendor_page = "post"
        self._report({self.chair_line: 6})
        self.assertIn("Expédié par nous", self._get_mails().body)

    def test_notes_are_not_in_the_language_of_the_customer(self):
        """What was received is noted on the purchase order as the user reads it."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        self._post(self.sale, quantity=2)
        self.assertEqual(len(self._get_mails()), 1)
        self.assertIn("Chair: 0 Units received before", self._chatter(self.purchase))
        self._post(self.sale, "ship_invoice", quantity=1)
        self.vendor.property_drop_shipment_vendor_page = "post"
        self._report({self.chair_line: 1})
        self.assertEqual(len(self._get_mails()), 3)
        notes = self._chatter(self.purchase)
        for text in ("2 Units received before", "3 Units received before"):
            self.assertIn(f"Chair: {text}", notes)

    def test_customer_without_address(self):
        """Nobody to write to: the shipment is posted all the same."""
        self.customer.email = False
        self.vendor.property_drop_shipment_vendor_page = "post"
        self._report({self.chair_line: 6})
        self.assertEqual(self.chair_line.qty_received, 6)
        self.assertFalse(self.sale.sudo().invoice_ids)
