from datetime import timedelta

from odoo import fields
from odoo.tools import format_date

from .vendor_page import SALES_PRICE, VendorPageCommon


class TestVendorShipments(VendorPageCommon):
    """The vendor sees what they have shipped of an order so far, and nothing else."""

    def _get_shipments(self, page=None):
        page = self._open() if page is None else page
        return self._get_named(page, "drop_shipment_shipment")

    def test_what_was_posted(self):
        """Latest first, whoever posted, with day and numbers; no price."""
        self.assertEqual(self._get_shipments(), [])
        day = fields.Date.today() - timedelta(days=3)
        self._post(
            self.sale,
            quantity=2,
            delivery_note="LS-1",
            tracking_ref="T-1",
            shipment_date=day,
        )
        self._send(
            self._open(),
            "ship",
            **{
                f"quantity_{self.chair_line.id}": "3",
                f"quantity_{self.desk_line.id}": "0",
                "drop_shipment_tracking_ref": "T-2",
            },
        )
        # What waits is no shipment yet.
        self.assertEqual(len(self._get_shipments()), 1)
        self._post(self.purchase)
        page = self._open()
        last, first = self._get_shipments(page)
        for text in (format_date(self.env, day), "LS-1", "T-1", "2 Units Chair"):
            self.assertIn(text, first)
        self.assertIn("2 Units Desk", first)
        self.assertIn("T-2", last)
        self.assertIn("3 Units Chair", last)
        self.assertNotIn("Desk", last)
        self.assertNotIn(str(SALES_PRICE), " ".join([last, first]))
        self._send(page, "ship")
        self._send(self._open(), "withdraw")
        self.assertEqual(len(self._get_shipments()), 2)

    def test_corrected_to_nothing(self):
        """What Inventory has set to zero afterwards was not shipped."""
        self._post(self.purchase)
        picking = self.purchase.sudo().picking_ids
        picking.action_toggle_is_locked()
        move = picking.move_ids.filtered(lambda move: move.product_id == self.desk)
        move.quantity = 0
        self.assertEqual(move.state, "done")
        [shipment] = self._get_shipments()
        self.assertIn("10 Units Chair", shipment)
        self.assertNotIn("Desk", shipment)

    def test_returned(self):
        """What came back to the vendor, not what we took; what is shipped again."""
        self._post(self.purchase)
        picking = self.purchase.sudo().picking_ids
        self._return(picking, 1)
        [shipment] = self._get_shipments()
        self.assertIn("10 Units Chair (came back: 1 Units)", shipment)
        stock = self.env.ref("stock.warehouse0").lot_stock_id
        self._return(picking, 2, stock)
        [shipment] = self._get_shipments()
        self.assertIn("10 Units Chair (came back: 1 Units)", shipment)
        self.purchase.action_ship_drop_shipment_again()
        self._post(self.purchase, tracking_ref="T-AGAIN")
        again, _first = self._get_shipments()
        self.assertIn("T-AGAIN", again)
        self.assertIn("1 Units Chair", again)
        self.assertNotIn("came back", again)

    def test_only_this_order(self):
        """Another order of the same vendor and customer is not told of."""
        other = self._new_purchase(self._new_sale(), confirm=True)
        self._post(other, tracking_ref="T-OTHER")
        self._post(self.purchase, quantity=1, tracking_ref="T-MINE")
        page = self._open()
        self.assertEqual(len(self._get_shipments(page)), 1)
        self.assertNotIn("T-OTHER", self._get_text(page))

    def test_cancelled_and_read_only(self):
        """An order that may only be read, or was cancelled, still shows them."""
        self._post(self.purchase, quantity=1, tracking_ref="T-1")
        self.company.drop_shipment_vendor_page = "read"
        self.assertEqual(len(self._get_shipments()), 1)
        self.purchase.sudo().button_cancel()
        self.assertEqual(len(self._get_shipments()), 1)

    def test_html(self):
        """What our own people typed as a number is shown as it is."""
        self._post(self.purchase, quantity=1)
        picking = self.purchase.sudo().picking_ids.filtered("date_done")
        picking.drop_shipment_tracking_ref = "<script>alert(1)</script>"
        page = self._open()
        self.assertFalse(page.xpath("//script[contains(., 'alert(1)')]"))
        self.assertIn("<script>alert(1)", self._get_shipments(page)[0])

    def test_address_says_nothing(self):
        """Words in the address are not shown, and break nothing."""
        for query in (
            "&drop_shipment_shown=x&drop_shipment_asked=1",
            "&drop_shipment_page=x",
            "&may_answer=1&told=Paid&permission=post",
        ):
            page = self._open(self._get_url(query=query))
            self.assertIsNotNone(self._get_form(page, "ship"))
            self.assertNotIn("Paid", self._get_text(page))
            self.assertIn("Please tell us", self._get_text(page))
