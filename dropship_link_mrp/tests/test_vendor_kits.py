from odoo.addons.dropship_link.models.drop_shipment_vendor_report import VendorRefusal

from .common import KitCommon


class TestVendorKits(KitCommon):
    """The vendor reports kits on their page; what waits is their parts."""

    @classmethod
    def _call(cls, verb, purchase, *args):
        """Call a verb of the vendor's page, for who has the link."""
        order = purchase.with_user(cls.env.ref("base.public_user")).sudo()
        name = "answer" if verb == "_decline" else "report"
        service = order.env[f"drop.shipment.vendor.{name}"]
        result = getattr(service, verb)(order, *args)
        cls.env.flush_all()
        cls.env.invalidate_all()
        return result

    def _get_messages(self, *args):
        """Return what the vendor is told beside the fields; see `_call`."""
        with self.assertRaises(VendorRefusal) as caught:
            self._call(*args)
        return caught.exception.messages

    def _report(self, purchase, quantity, lot_names=""):
        line = purchase.order_line.id
        self._call("_report", purchase, {line: quantity}, {line: lot_names}, {})

    def _get_row(self, purchase):
        [row] = self._call("_get_lines", purchase)
        return row

    def test_part_of_the_kits(self):
        """Four of ten kits are reported: Post proposes four, and ships their parts."""
        sale, purchase = self._new_orders()
        self._report(purchase, 4.0)
        row = self._get_row(purchase)
        self.assertEqual((row["open"], row["reported"]), (10, 4))
        self.assertCounts(sale, 0)
        for order in (sale, purchase):
            wizard = order.env["drop.shipment.post"].create(
                {f"{order._table}_id": order.id}
            )
            self.assertEqual(wizard.line_ids.mapped("quantity"), [4])
        wizard.action_post()
        self.assertCounts(sale, 4)
        done = self._get_moves(purchase, "done")
        self.assertEqual(self._get_parts(done), {"Part A": 8, "Part B": 4})
        self._report(purchase, 6.0)
        self.assertEqual(self._get_row(purchase)["reported"], 6)
        self._post(sale)
        self.assertCounts(sale, 10)

    def test_withdrawn_and_declined(self):
        """Taken back: all of the parts are open; what is declined is closed."""
        sale, purchase = self._new_orders()
        self._report(purchase, 4.0)
        self._call("_withdraw", purchase)
        self.assertEqual(self._get_row(purchase)["reported"], 0)
        self._call("_decline", purchase, {purchase.order_line.id: 3.0}, "Sold out")
        self.assertIn("3 Units of Kit", purchase.drop_shipment_notice)
        purchase.action_close_drop_shipment_declined()
        self.assertEqual(purchase.order_line.product_qty, 7)
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 14, "Part B": 7}
        )
        self.assertNotIn("does not ship", purchase.drop_shipment_notice or "")
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 3)

    def test_whole_kits(self):
        """Half a kit is neither reported nor declined; the page says so at its line."""
        _sale, purchase = self._new_orders()
        line = purchase.order_line
        half = {line.id: 2.5}
        for messages in (
            self._get_messages("_report", purchase, half, {}, {}),
            self._get_messages("_decline", purchase, half, "Sold out"),
        ):
            self.assertEqual(list(messages), [(line.id, "quantity")])
            self.assertIn("whole kits", messages[line.id, "quantity"])
        line.product_qty = 2.5
        self._report(purchase, 2.5)
        self.assertEqual(self._get_row(purchase)["reported"], 2.5)

    def test_posted_at_once(self):
        """A vendor who is trusted ships the parts of so many kits."""
        self.vendor.property_drop_shipment_vendor_page = "post"
        sale, purchase = self._new_orders()
        self._report(purchase, 4.0)
        self.assertCounts(sale, 4)

    def test_after_a_part_was_shipped_ahead(self):
        """All A have come, no B: the kits that are reported count with them."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=2)
        self.assertCounts(sale, 2)
        self._report(purchase, 5.0)
        self.assertEqual(self._get_row(purchase)["reported"], 5)
        self._post(purchase)
        self.assertCounts(sale, 7)

    def test_numbers_of_the_parts(self):
        """Serials of one part, lots of the other: read, kept, proposed, shipped."""
        self.part_a.tracking = "serial"
        self.part_b.tracking = "lot"
        sale, purchase = self._new_orders(3)
        self.assertNotEqual(self._get_row(purchase)["tracking"], "none")
        line = purchase.order_line.id
        names = "Part A\nS1\nS2\nPart B\nL1;1"
        for wrong in ("", "S1\nS2", "Part A\nS1\nPart B\nL1;1", "Part A\nS1\nS1"):
            messages = self._get_messages(
                "_report", purchase, {line: 1.0}, {line: wrong}, {}
            )
            self.assertEqual(list(messages), [(line, "lot_names")], wrong)
            if wrong.endswith(";1"):
                words = "Part A are of 1 Units, but 2 Units are posted"
                self.assertIn(words, messages[line, "lot_names"])
        self._report(purchase, 1.0, names)
        self.assertEqual(self._get_row(purchase)["lot_names"], names)
        self._post(sale)
        self.assertCounts(sale, 1)
        done = self._get_moves(purchase, "done")
        self.assertEqual(
            sorted(done.move_line_ids.lot_id.mapped("name")), ["L1", "S1", "S2"]
        )
        messages = self._get_messages(
            "_report", purchase, {line: 1.0}, {line: names}, {}
        )
        self.assertIn("S1", messages[line, "lot_names"])
