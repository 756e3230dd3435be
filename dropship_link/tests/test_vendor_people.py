from .vendor_page import VendorPageCommon


class TestVendorPeople(VendorPageCommon):
    """Contacts, companies, people that left; what changed since the page was seen."""

    def _get_reported(self, purchase=None):
        self.env.invalidate_all()
        pickings = (purchase or self.purchase).sudo().picking_ids
        return bool(pickings.filtered("drop_shipment_reported"))

    def test_head(self):
        """Only the form itself changes something: asking for the head does not."""
        form = self._get_form(self._open(), "accept")
        state = self._get_state()
        url = self.base_url() + form.get("action")
        for method in ("head", "get"):
            getattr(self.opener, method)(url, params=dict(form.form_values()))
            self.assertEqual(self._get_state(), state, method)

    def test_permission_changed_meanwhile(self):
        """The page said that a report waits: it is not posted at once."""
        page = self._open()
        self.vendor.property_drop_shipment_vendor_page = "post"
        state = self._get_state()
        reply = self._send(page, "ship")
        self.assertEqual(self._get_state(), state)
        self.assertIn("has changed since", self._get_text(reply))
        self.assertIn("posted at once", self._get_text(reply))

    def test_price_changed_meanwhile(self):
        """Another price is not accepted unseen."""
        page = self._open()
        self.chair_line.price_unit = 11
        self._send(page, "accept")
        self.env.invalidate_all()
        self.assertFalse(self.purchase.acknowledged)
        self._send(self._open(), "accept")
        self.env.invalidate_all()
        self.assertTrue(self.purchase.acknowledged)

    def test_contact(self):
        """An order to a contact of the vendor: the vendor's rules and people."""
        self.vendor.property_drop_shipment_vendor_page = "post"
        desk = self.env["res.partner"].create(
            {
                "name": "Order Desk",
                "parent_id": self.vendor.id,
                "email": "d@example.com",
            }
        )
        sale = self._new_sale((self.chair, 3))
        purchase = self._new_purchase(sale, partner_id=desk.id, confirm=True)
        self._new_portal_user("drop_contact", self.vendor)
        self.authenticate("drop_contact", "drop_contact")
        page = self._open(f"/my/purchase/{purchase.id}")
        self.assertIn("posted at once", self._get_text(page))
        self._send(page, "ship", drop_shipment_tracking_ref="T-1")
        self.assertEqual(purchase.order_line.qty_received, 3)
        self.assertEqual(sale.order_line.qty_delivered, 3)

    def _new_sister(self):
        """Return an order of another company, to the same vendor."""
        sister = self._create_company(name="Sister")
        sales = self._new_user("sister_sales", "sales_team.group_sale_salesman", sister)
        buyer = self._new_user("sister_buyer", "purchase.group_purchase_user", sister)
        sale = self._new_sale((self.chair, 5), user=sales)
        purchase = self._new_purchase(sale, user=buyer, confirm=True)
        return sale, purchase

    def test_sister_company(self):
        """The rules are those of the order's company, and so is what is written."""
        sale, purchase = self._new_sister()
        sister = purchase.company_id
        self.assertNotEqual(sister, self.company)
        self.vendor.with_company(sister).property_drop_shipment_vendor_page = "post"
        page = self._open()
        self.assertNotIn("posted at once", self._get_text(page))
        page = self._open(self._get_url(purchase))
        self.assertIn("posted at once", self._get_text(page))
        self._send(page, "ship", **{f"quantity_{purchase.order_line.id}": "2"})
        self.assertEqual(purchase.order_line.qty_received, 2)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        done = purchase.sudo().picking_ids.filtered(lambda pick: pick.state == "done")
        self.assertEqual(done.company_id, sister)
        self.assertFalse(self._get_reported())
        # Of the company of the other order nobody is told.
        partners = purchase.sudo().message_ids.notified_partner_ids
        self.assertNotIn(self.buyer.partner_id, partners)

    def test_vendor_is_sister_company(self):
        """Its own people answer by the link in the mail, as other vendors do."""
        vendor = self._create_company(name="Vendor Company")
        user = self._new_user("vendor", "sales_team.group_sale_salesman", vendor)
        sale = self._new_sale((self.chair, 5))
        purchase = self._new_purchase(sale)
        purchase.partner_id = vendor.partner_id
        purchase.button_confirm()
        self.authenticate(user.login, user.login)
        quantity = f"quantity_{purchase.order_line.id}"
        self._send(self._open(self._get_url(purchase)), "ship", **{quantity: "2"})
        self.assertTrue(self._get_reported(purchase))
        self.company.drop_shipment_vendor_page = "post"
        self._send(self._open(self._get_url(purchase)), "ship", **{quantity: "3"})
        self.assertEqual(purchase.order_line.qty_received, 3)
        self.assertEqual(sale.order_line.qty_delivered, 3)
        # Of other vendors they see what others who don't work there see.
        url = self._get_url()
        self.assertIsNone(self._get_form(self._open(url), "ship"))

    def test_vendor_of_several_companies(self):
        """One login of the vendor has the orders of both companies in the list."""
        _sale, purchase = self._new_sister()
        # As in core, a login on the portal is for the companies that it has.
        user = self._new_portal_user("drop_both", self.vendor)
        user.company_ids += purchase.company_id
        self.authenticate("drop_both", "drop_both")
        text = self._get_text(self._open("/my/drop_shipments"))
        orders = [self.purchase, purchase]
        if self._get_sites():
            # A web site is one company's: core shows nothing of others on it.
            self.assertNotIn(orders.pop().name, text)
        for order in orders:
            self.assertIn(order.name, text)
            page = self._open(f"/my/purchase/{order.id}")
            self._send(page, "ship")
            self.assertTrue(self._get_reported(order))

    def test_people_that_left(self):
        """Buyer and salesperson are archived: reported, posted, told all the same."""
        self.company.stock_move_email_validation = True
        self.vendor.property_drop_shipment_vendor_page = "post"
        (self.buyer | self.salesman).sudo().active = False
        self._send(self._open(), "ship")
        self.assertEqual(self.chair_line.sudo().qty_received, 10)
        [mail] = self.sale.sudo().message_ids.filtered(
            lambda message: self.customer in message.notified_partner_ids
        )
        self.assertNotEqual(mail.author_id, self.salesman.sudo().partner_id)
        notified = self.purchase.sudo().message_ids.notified_partner_ids
        self.assertFalse(notified & (self.buyer | self.salesman).sudo().partner_id)

    def test_request_again(self):
        """Cancelled and drawn up again: what the old page says is taken by neither."""
        page = self._open()
        self.purchase.button_cancel()
        for prepare, text in (
            (lambda: None, "is cancelled"),
            (self.purchase.button_draft, "not an order yet"),
        ):
            prepare()
            shown = self._open()
            self.assertIn(text, self._get_text(shown))
            for answer in ("accept", "ship", "dates", "decline"):
                self.assertIsNone(self._get_form(shown, answer))
                state = self._get_state()
                self._send(page, answer)
                self.assertEqual(self._get_state(), state)

    def test_all_shipped(self):
        """Nothing is left: the page says so, and an old form changes nothing."""
        page = self._open()
        self._post(self.purchase)
        shown = self._open()
        self.assertIn("Nothing of this order is left", self._get_text(shown))
        state = self._get_state()
        for answer in ("accept", "ship", "dates", "decline"):
            self.assertIsNone(self._get_form(shown, answer))
            self._send(page, answer)
            self.assertEqual(self._get_state(), state)

    def test_strangers(self):
        """Somebody else with a login on the portal sees nothing of the order."""
        user = self._new_portal_user("drop_stranger", self.other_customer)
        self.authenticate("drop_stranger", "drop_stranger")
        reply = self.url_open(f"/my/purchase/{self.purchase.id}")
        self.assertNotIn("/drop_shipment/", reply.text)
        self.assertNotIn(self.purchase.name, reply.text)
        self.assertFalse(
            self.env["purchase.order"]
            .with_user(user)
            .search([("id", "=", self.purchase.id)])
        )

    def test_bill_in_the_language_of_the_buyer(self):
        """A Dutch vendor hands in a bill: the English buyer reads it in English."""
        self._make_vendor_dutch()
        pdf = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
        page = self._open()
        self.assertEqual(page.get("lang"), "nl-NL")
        files = {"file": ("bill.pdf", pdf, "application/pdf")}
        self._send(page, "bill", files=files, ref="B-1")
        self.env.invalidate_all()
        self.assertIn("The vendor handed in bill B-1", self._chatter(self.purchase))
        partners = self.purchase.sudo().message_ids.notified_partner_ids
        self.assertIn(self.buyer.partner_id, partners)
