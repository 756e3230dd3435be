from datetime import timedelta

from odoo import fields
from odoo.tools import format_date, mute_logger

from .vendor_page import VendorPageCommon


class TestVendorPageSafe(VendorPageCommon):
    """Wrong values, old pages, other people: a message, and nothing is changed."""

    def assertRefused(self, page, answer, *, beside=True, **typed):
        """The form is refused: with a message, and nothing is changed."""
        state = self._get_state()
        reply = self._send(page, answer, **typed)
        self.assertEqual(self._get_state(), state, typed)
        self.assertTrue(self._get_named(reply, "drop_shipment_wrong"), typed)
        if beside:
            self.assertTrue(self._get_errors(reply), typed)
        return reply

    def test_wrong_quantities(self):
        """Nothing but a number from 0 to what is left is taken, nor cut down to it."""
        page = self._open()
        key = f"quantity_{self.chair_line.id}"
        for typed in (
            *("-1", "11", "10.5", "abc", "1e1", "nan", "inf", "1,5", "0x1", "٣"),
            *("9" * 400, "=1+1", "<b>1</b>", "1 2", "0.000001", "--1"),
        ):
            for answer in ("ship", "decline"):
                self.assertRefused(page, answer, **{key: typed, "reason": "No"})

    def test_nothing_shipped(self):
        """A report of nothing is none."""
        keys = [f"quantity_{line.id}" for line in self.purchase.order_line]
        self.assertRefused(
            self._open(), "ship", beside=False, **dict.fromkeys(keys, "0")
        )

    def test_wrong_days(self):
        """Days that are none, that are to come, or far away."""
        page = self._open()
        tomorrow = fields.Date.today() + timedelta(days=2)
        for typed in ("2026-02-31", "soon", "0001-01-01", "9999-12-31", str(tomorrow)):
            self.assertRefused(page, "ship", drop_shipment_date=typed)
        # It says how far back a day may lie.
        today = fields.Date.today()
        typed = str(today - timedelta(days=1000))
        reply = self.assertRefused(page, "ship", drop_shipment_date=typed)
        first = format_date(self.env, today - timedelta(days=730))
        self.assertIn(first, self._get_text(reply.body))
        key = f"date_{self.chair_line.id}"
        for typed in ("2026-02-31", "soon", "0001-01-01", "9999-12-31", "2020-01-01"):
            self.assertRefused(page, "dates", **{key: typed})

    def test_texts(self):
        """Too long, HTML and formulas: a message; what can't be seen is left out."""
        page = self._open()
        for typed in ("x" * 101, "<script>alert(1)</script>", "=HYPERLINK(1)"):
            for name in ("drop_shipment_delivery_note", "drop_shipment_tracking_ref"):
                reply = self.assertRefused(page, "ship", **{name: typed})
                self.assertFalse(reply.xpath("//script[contains(., 'alert(1)')]"))
        self._send(page, "ship", drop_shipment_delivery_note=" L\x00S\u202e-1\r\n ")
        picking = self.purchase.sudo().picking_ids
        self.assertEqual(picking.drop_shipment_delivery_note, "LS -1")

    def test_lines_of_other_orders(self):
        """A line of another order, of another vendor, or of none: all is refused."""
        other = self._new_purchase(self._new_sale(), confirm=True)
        page = self._open()
        for line_id in (other.order_line.id, 0, 999999, "x", "9" * 30):
            typed = {f"quantity_{line_id}": "1", "reason": "No"}
            for answer in ("ship", "decline"):
                self.assertRefused(page, answer, beside=False, **typed)
            self.assertRefused(
                page, "dates", beside=False, **{f"date_{line_id}": "2027-01-01"}
            )
        self.assertEqual(other.order_line.qty_received, 0)
        self.assertFalse(other.sudo().picking_ids.drop_shipment_reported)

    def test_old_page(self):
        """A second click, an old tab, a colleague: the page shows how it is."""
        page, old = self._open(), self._open()
        self._send(page, "ship", **{f"quantity_{self.chair_line.id}": "6"})
        for answer in ("ship", "decline", "dates", "accept"):
            reply = self.assertRefused(old, answer, beside=False)
            self.assertIn("has changed since", self._get_text(reply))
        form = dict(self._get_form(reply, "ship").form_values())
        self.assertEqual(form[f"quantity_{self.chair_line.id}"], "6")
        self._post(self.purchase)
        old = reply
        for answer in ("ship", "withdraw"):
            self.assertRefused(old, answer, beside=False)
        self.assertEqual(self.chair_line.qty_received, 6)

    def test_buyer_in_between(self):
        """The buyer changes the order while the vendor types."""
        page = self._open()
        self.chair_line.product_qty = 8
        self.assertRefused(page, "ship", beside=False)
        page = self._open()
        self.desk_line.date_planned += timedelta(days=5)
        self.assertRefused(page, "ship", beside=False)

    def test_without_token_of_the_form(self):
        """A form of another site is refused."""
        state = self._get_state()
        url = self._get_form(self._open(), "ship").get("action")
        token = self.purchase.sudo().access_token
        with mute_logger("odoo.http"):
            reply = self.url_open(url, data={"access_token": token, "seen": ""})
        self.assertEqual(reply.status_code, 400)
        self.assertEqual(self._get_state(), state)

    def test_other_people(self):
        """Neither the token of another order, nor another vendor, nor the customer."""
        page = self._open()
        other = self._new_purchase(self._new_sale(), confirm=True)
        state = self._get_state()
        form = self._get_form(page, "ship")
        for token in ("", "wrong", other.sudo()._portal_ensure_token()):
            self._send(page, "ship", access_token=token)
            self.assertEqual(self._get_state(), state)
        self._new_portal_user("drop_page_other", self.other_vendor)
        self._new_portal_user("drop_page_customer", self.customer)
        for login in ("drop_page_other", "drop_page_customer"):
            self.authenticate(login, login)
            data = {"csrf_token": self.csrf_token(), "seen": form.fields["seen"]}
            reply = self.url_open(form.get("action"), data=data)
            self.assertNotIn("Ship-to Dock", reply.text)
            self.assertEqual(self._get_state(), state)

    def test_link_with_a_quote_behind(self):
        """A link that was copied with what stands behind it shows nothing."""
        url = f"{self._get_url()}\u201d"
        slip = url.replace("?", "/packing_slip?")
        for address in (url, slip):
            reply = self.url_open(address)
            self.assertEqual(reply.status_code, 200, address)
            self.assertNotIn("Ship-to Dock", reply.text)

    def test_vendor_before(self):
        """Who was asked first neither sees nor answers what another one ships."""
        self._new_portal_user("drop_page_first", self.vendor)
        order = self.purchase.sudo()
        url = self._get_url()
        order.action_acknowledge()
        order.button_cancel()
        order.button_draft()
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": self.vendor.id}
        )
        order.partner_id = contact
        self.assertEqual(self._get_url(), url)
        order.partner_id = self.other_vendor
        order.button_confirm()
        self.assertNotIn("Ship-to Dock", self.url_open(url).text)
        self.assertFalse(order.acknowledged)
        self.assertNotIn(self.vendor, order.message_partner_ids)
        self.assertIn("Ship-to Dock", self.url_open(self._get_url()).text)
        self.authenticate("drop_page_first", "drop_page_first")
        reply = self.url_open(f"/my/purchase/{order.id}")
        self.assertNotIn("Ship-to Dock", reply.text)

    def csrf_token(self):
        """Return a token of the user's own session."""
        answer = self.url_open("/my/account")
        return answer.text.partition('name="csrf_token" value="')[2].partition('"')[0]

    def test_vendor_with_login(self):
        """The vendor's own user needs no token."""
        self._new_portal_user("drop_page_vendor", self.vendor)
        self.authenticate("drop_page_vendor", "drop_page_vendor")
        page = self._open(f"/my/purchase/{self.purchase.id}")
        self._send(page, "ship", **{f"quantity_{self.chair_line.id}": "6"})
        self.assertTrue(self.purchase.sudo().picking_ids.drop_shipment_reported)

    def test_own_people(self):
        """Who works here answers for the vendor only if they may change the order."""
        state = self._get_state()
        url = self._get_form(self._open(), "ship").get("action")
        page = f"/my/purchase/{self.purchase.id}"
        stock = self._new_user("stock_reader", "stock.group_stock_user")
        for user in (stock, self.salesman):
            self.authenticate(user.login, user.login)
            shown = self.url_open(page)
            self.assertNotIn("/drop_shipment/ship", shown.text)
            data = {
                "csrf_token": self.csrf_token(),
                "access_token": self.purchase.sudo().access_token,
            }
            self.url_open(url, data=data)
            self.assertEqual(self._get_state(), state)
        self.authenticate(self.buyer.login, self.buyer.login)
        self._send(self._open(page), "accept")
        self.assertTrue(self.purchase.acknowledged)

    def test_language(self):
        """The first visit without a login is in the vendor's language."""
        self._make_vendor_dutch()
        page = self._open()
        self.assertEqual(page.get("lang"), "nl-NL")
        reply = self._send(page, "accept")
        self.assertEqual(reply.get("lang"), "nl-NL")
        self.assertTrue(self.purchase.acknowledged)
        self.opener.cookies.set("frontend_lang", "en_US")
        self.assertEqual(self._open().get("lang"), "en-US")

    def test_limit(self):
        """A link that writes all the time is stopped for a while."""
        page = self._open()
        limit = self.env["drop.shipment.vendor.limit"]
        for _number in range(60):
            self.assertTrue(limit._count_answer(self.purchase.sudo()))
        reply = self.assertRefused(page, "ship", beside=False)
        self.assertIn("too many changes", self._get_text(reply))
        row = limit.search([("purchase_order_id", "=", self.purchase.id)])
        self.assertEqual(row.answers, 61)
        row.hour -= timedelta(hours=1)
        self._send(page, "ship")
        self.assertTrue(self.purchase.sudo().picking_ids.drop_shipment_reported)

    def test_calendar_of_core(self):
        """Core's own page of dates: not by a vendor who may only look."""
        url = f"/my/purchase/{self.purchase.id}/update"
        params = {
            "access_token": self.purchase.sudo()._portal_ensure_token(),
            str(self.chair_line.id): "2027-01-15",
        }
        self.company.drop_shipment_vendor_page = "read"
        state = self._get_state()
        with mute_logger("odoo.http"):
            self.make_jsonrpc_request_or_error(url, params)
        self.assertEqual(self._get_state(), state)
        self.company.drop_shipment_vendor_page = "report"
        # A token that is no text is none.
        with self.assertNoLogs("odoo.http", level="ERROR"):
            self.make_jsonrpc_request_or_error(url, {**params, "access_token": 5})
        self.assertEqual(self._get_state(), state)
        self.make_jsonrpc_request_or_error(url, params)
        self.assertEqual(str(self.chair_line.date_planned.date()), "2027-01-15")

    def make_jsonrpc_request_or_error(self, url, params):
        """Call the route; what it answers is no matter here."""
        self.url_open(
            url,
            json={"jsonrpc": "2.0", "method": "call", "params": params},
        )
        self.env.invalidate_all()
