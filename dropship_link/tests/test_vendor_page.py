from datetime import timedelta

from lxml import html

from odoo import fields

from .vendor_page import VendorPageCommon


class TestVendorPage(VendorPageCommon):
    """What the vendor's page shows, and its answers."""

    def _set_permission(self, permission):
        self.company.drop_shipment_vendor_page = permission

    def test_ordered_shipped_open(self):
        """Each line says what is ordered, shipped and left."""
        self._post(self.purchase, quantity=3)
        page = self._open()
        self.assertEqual(
            self._get_named(page, "drop_shipment_qty_shipped"),
            ["Shipped: 3 Units", "Shipped: 3 Units"],
        )
        self.assertEqual(
            self._get_named(page, "drop_shipment_open"),
            ["To Ship: 7 Units", "To Ship: 1 Units"],
        )
        self.assertNotIn("987.65", html.tostring(page).decode())

    def test_packing_slip(self):
        """The paper for the parcels, by the link of the order only."""
        url = self._get_url().replace(
            f"/{self.purchase.id}?", f"/{self.purchase.id}/packing_slip?"
        )
        self.assertIn(
            url,
            [link.get("href") for link in self._open().xpath("//a[@href]")],
        )
        slip = self.url_open(url)
        self.assertEqual(slip.headers["Content-Type"], "application/pdf")
        self.assertIn("Packing", slip.headers["Content-Disposition"])
        self.assertNotIn(b"987.65", slip.content)
        refused = self.url_open(url.split("?")[0])
        self.assertNotEqual(refused.headers["Content-Type"], "application/pdf")

    def test_a_link_only_asks(self):
        """The link that core accepts by: nothing changes before the button."""
        page = self._open(self._get_url(query="&acknowledge=True"))
        self.assertFalse(self.purchase.acknowledged)
        self.assertIn("Do you accept this order?", self._get_text(page))
        page = self._send(page, "accept")
        self.assertTrue(self.purchase.acknowledged)
        self.assertEqual(
            self._get_named(page, "drop_shipment_told"),
            ["Thank you. You have accepted the order."],
        )
        self.assertIsNone(self._get_form(page, "accept"))
        self.assertFalse(self._get_named(self._open(), "drop_shipment_told"))

    def test_a_link_still_accepts_orders_for_own_stock(self):
        """Of other orders core's link does what it did."""
        purchase = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[fields.Command.create({"product_id": self.chair.id})],
            confirm=True,
        )
        page = self._open(self._get_url(purchase, "&acknowledge=True"))
        self.assertTrue(purchase.acknowledged)
        self.assertFalse(page.xpath("//form[contains(@action, '/drop_shipment/')]"))

    def test_get_changes_nothing(self):
        """No address of the page changes anything when it is only loaded."""
        state = self._get_state()
        base, query = self._get_url().split("?")
        answers = self.env["drop.shipment.vendor.page"]._get_answers()
        for answer in answers:
            self._open(f"{base}/drop_shipment/{answer}?{query}&quantity_1=1")
        self.assertEqual(self._get_state(), state)

    def test_report_a_part(self):
        """A part is reported, corrected, taken back: nothing is received."""
        day = fields.Date.today() - timedelta(days=1)
        page = self._send(
            self._open(),
            "ship",
            **{
                f"quantity_{self.chair_line.id}": "6",
                f"quantity_{self.desk_line.id}": "0",
                "drop_shipment_date": day.isoformat(),
                "drop_shipment_delivery_note": " LS-1 ",
                "drop_shipment_tracking_ref": "1Z",
            },
        )
        self.assertEqual(len(self._get_named(page, "drop_shipment_told")), 1)
        self.assertEqual(len(self._get_named(page, "drop_shipment_reported")), 1)
        picking = self.purchase.sudo().picking_ids
        self.assertTrue(picking.drop_shipment_reported)
        self.assertEqual(picking.drop_shipment_date, day)
        self.assertEqual(picking.drop_shipment_delivery_note, "LS-1")
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [0, 0])
        form = dict(self._get_form(page, "ship").form_values())
        self.assertEqual(form[f"quantity_{self.chair_line.id}"], "6")
        self.assertEqual(form["drop_shipment_tracking_ref"], "1Z")
        page = self._send(page, "ship", **{f"quantity_{self.chair_line.id}": "7"})
        wizard = self.purchase.env["drop.shipment.post"].create(
            {"purchase_order_id": self.purchase.id}
        )
        self.assertEqual(wizard.line_ids.mapped("quantity"), [7, 0])
        page = self._send(page, "withdraw")
        self.assertFalse(picking.drop_shipment_reported)
        self.assertFalse(self._get_named(page, "drop_shipment_reported"))

    def test_notes_of_what_is_posted_at_once(self):
        """What was received is noted by the system and not by the public, in Dutch."""
        self._set_permission("post")
        self._make_vendor_dutch()
        self._send(self._open(), "ship")
        notes = self.purchase.sudo().message_ids.filtered(
            lambda note: "Chair: 0 Units received before, 10 Units now" in note.body
        )
        self.assertEqual(notes.author_id, self.env.ref("base.partner_root"))

    def test_post_at_once(self):
        """A vendor who may post: received, delivered, and never invoiced."""
        self._set_permission("post")
        page = self._send(
            self._open(),
            "ship",
            **{
                f"quantity_{self.chair_line.id}": "4",
                f"quantity_{self.desk_line.id}": "",
            },
        )
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [4, 0])
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [4, 0])
        self.assertFalse(self.sale.invoice_ids | self.purchase.invoice_ids)
        self.assertEqual(
            self._get_named(page, "drop_shipment_told"),
            ["Thank you. The shipment is posted."],
        )
        page = self._send(page, "ship")
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [10, 4])
        self.assertEqual(
            self._get_named(page, "drop_shipment_status"),
            ["Nothing of this order is left to ship."],
        )
        self.assertIsNone(self._get_form(page, "ship"))

    def test_read_only(self):
        """A vendor who may only look has no form, and sends none."""
        page = self._open()
        self._set_permission("read")
        state = self._get_state()
        shown = self._open(self._get_url(query="&acknowledge=True"))
        self.assertFalse(shown.xpath("//form[contains(@action, '/drop_shipment/')]"))
        report = self.env["drop.shipment.vendor.report"]
        for answer in ("accept", "ship", "dates", "decline"):
            reply = self._send(page, answer, reason="No")
            self.assertIn("has changed since", self._get_text(reply))
            seen = report._get_seen(self.purchase.sudo())
            reply = self._send(page, answer, reason="No", seen=seen)
            self.assertIn("shows it only", self._get_text(reply))
        self.assertEqual(self._get_state(), state)

    def test_another_date(self):
        """Another day for one line, as core's own page takes it."""
        day = fields.Date.today() + timedelta(days=30)
        page = self._send(
            self._open(), "dates", **{f"date_{self.desk_line.id}": day.isoformat()}
        )
        self.assertEqual(self.desk_line.date_planned.date(), day)
        self.assertNotEqual(self.chair_line.date_planned.date(), day)
        self.assertEqual(len(self.purchase.activity_ids), 1)
        self.assertEqual(len(self._get_named(page, "drop_shipment_told")), 1)
        page = self._send(page, "dates")
        self.assertIn("Choose another date", self._get_text(page))

    def test_day_where_the_buyer_is(self):
        """The day that the vendor names stays that day, on the form and above it."""
        year = fields.Date.today().year + 1
        lines = self.chair_line | self.desk_line
        for zone in ("Pacific/Auckland", "Pacific/Honolulu"):
            self.buyer.tz = zone
            typed = {f"date_{line.id}": f"{year}-01-15" for line in lines}
            page = self._send(self._open(), "dates", **typed)
            shown = self._get_form(page, "dates").fields
            self.assertEqual({name: shown[name] for name in typed}, typed)
            self.assertIn(f"01/15/{year}", self._get_text(page))

    def test_day_of_a_vendor_far_away(self):
        """With a login in another time zone, too: above the form and in the list."""
        year = fields.Date.today().year + 1
        lines = self.chair_line | self.desk_line
        typed = {f"date_{line.id}": f"{year}-01-15" for line in lines}
        user = self._new_portal_user("drop_page_far", self.vendor)
        self.authenticate("drop_page_far", "drop_page_far")
        url = f"/my/purchase/{self.purchase.id}"
        for own, zone in (
            ("America/Los_Angeles", "Asia/Shanghai"),
            ("Pacific/Auckland", "Pacific/Honolulu"),
        ):
            self.buyer.tz, user.tz, self.vendor.tz = own, zone, zone
            page = self._send(self._open(url), "dates", **typed)
            shown = self._get_form(page, "dates").fields
            self.assertEqual({name: shown[name] for name in typed}, typed)
            for text in (page, self._open("/my/drop_shipments")):
                self.assertIn(f"01/15/{year}", self._get_text(text))
            typed = dict.fromkeys(typed, f"{year}-01-16")
            self._send(page, "dates", **typed)
            typed = dict.fromkeys(typed, f"{year}-01-15")
            # One day of the buyer, two of UTC and of the vendor.
            self.chair_line.date_planned = f"{year}-01-15 23:30:00"
            self.desk_line.date_planned = f"{year}-01-16 00:30:00"
            self.assertFalse(
                self._get_named(self._open(url), "drop_shipment_line_date")
            )

    def test_decline(self):
        """A part is declined with a reason; the order stays as it is."""
        key = f"quantity_{self.chair_line.id}"
        page = self._send(self._open(), "decline", **{key: "4"})
        self.assertEqual(self._get_errors(page), ["Enter why you don't ship it."])
        self.assertEqual(dict(self._get_form(page, "decline").form_values())[key], "4")
        page = self._send(page, "decline", reason="Sold out")
        self.assertEqual(self.chair_line.drop_shipment_qty_declined, 4)
        self.assertEqual(self.chair_line.product_qty, 10)
        self.assertEqual(len(self._get_named(page, "drop_shipment_told")), 1)

    def test_cancelled(self):
        """A cancelled order says so, and takes nothing any more."""
        page = self._open()
        self.purchase.button_cancel()
        state = self._get_state()
        reply = self._send(page, "ship")
        self.assertEqual(self._get_state(), state)
        self.assertEqual(
            self._get_named(reply, "drop_shipment_status"),
            ["This order is cancelled. Please do not ship anything."],
        )
        self.assertFalse(reply.xpath("//form[contains(@action, '/drop_shipment/')]"))

    def test_request(self):
        """Of a request nothing is to be shipped yet."""
        purchase = self._new_purchase(self._new_sale())
        page = self._open(self._get_url(purchase))
        self.assertIn("not an order yet", self._get_text(page))
        self.assertFalse(page.xpath("//form[contains(@action, '/drop_shipment/')]"))

    def test_late(self):
        """What is past is said, with the day."""
        self.assertFalse(self._get_named(self._open(), "drop_shipment_late"))
        self.chair_line.date_planned = fields.Datetime.now() - timedelta(days=3)
        (text,) = self._get_named(self._open(), "drop_shipment_late")
        self.assertIn("Late", text)
        self.assertIn("10 Units of Chair", text)
        self.assertNotIn("Desk", text)
