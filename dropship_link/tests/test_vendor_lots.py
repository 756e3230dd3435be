from .vendor_page import VendorPageCommon


class TestVendorLots(VendorPageCommon):
    """Lots and serials on the vendor's page: typed, or in a file, by the same rules."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chair.tracking = "lot"
        cls.desk.tracking = "serial"
        cls.sale = cls._new_sale((cls.chair, 6), (cls.desk, 2))
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.chair_line, cls.desk_line = cls.purchase.order_line

    def _report(self, page=None, chairs=None, desks=None, **typed):
        """Send the form; `chairs` and `desks` are what is in the files."""
        files = {
            f"lot_file_{line.id}": ("lots.csv", content)
            for line, content in (
                *((self.chair_line, chairs), (self.desk_line, desks)),
            )
            if content is not None
        }
        # As a browser does where no file is chosen.
        files = files or {f"lot_file_{self.chair_line.id}": ("", b"")}
        return self._send(
            page if page is not None else self._open(), "ship", files=files, **typed
        )

    def _get_lots(self):
        """Return {name: quantity} of what waits as reported."""
        lines = self.purchase.sudo().picking_ids.move_line_ids
        return {
            line.lot_name or line.lot_id.name: line.quantity
            for line in lines
            if line.lot_name or line.lot_id
        }

    def assertMessage(self, reply, state, *texts):
        """The form is refused beside a field, and nothing is changed."""
        self.assertEqual(self._get_state(), state)
        errors = " ".join(self._get_errors(reply))
        for text in texts:
            self.assertIn(text, errors)

    def test_files(self):
        """Each separator, with or without quotes, byte order mark, blank lines."""
        for chairs in (
            b"LOT-1;4\r\nLOT-2;2\r\n",
            b"LOT-1,4\nLOT-2,2",
            b"LOT-1\t4\n\n  LOT-2\t2.0 \n",
            b'"LOT-1";"4"\n"LOT-2";"2,0"\n',
            b"\xef\xbb\xbfLOT-1;4;\nLOT-2;2;\n",
            "LOT-1;4\nLOT-2;2\n".encode("utf-16"),
        ):
            reply = self._report(chairs=chairs, desks=b"SN-1\nSN-2,1\n")
            self.assertTrue(self._get_named(reply, "drop_shipment_told"), chairs)
            self.assertEqual(
                self._get_lots(), {"LOT-1": 4, "LOT-2": 2, "SN-1": 1, "SN-2": 1}, chairs
            )
            self._send(self._open(), "withdraw")
        self.assertFalse(self._get_lots())

    def test_pasted_by_the_same_rules(self):
        reply = self._report(
            **{
                f"lot_names_{self.chair_line.id}": "LÖT-1\t4\nLOT, 2;2",
                f"lot_names_{self.desk_line.id}": "SN-1\r\nSN-2",
            }
        )
        self.assertTrue(self._get_named(reply, "drop_shipment_told"))
        self.assertEqual(
            self._get_lots(), {"LÖT-1": 4, "LOT, 2": 2, "SN-1": 1, "SN-2": 1}
        )
        self._post(self.purchase)
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [6, 2])
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [6, 2])
        names = self.sale.sudo().picking_ids.move_line_ids.lot_id.mapped("name")
        self.assertEqual(set(names), {"LÖT-1", "LOT, 2", "SN-1", "SN-2"})

    def test_file_in_place_of_what_was_reported(self):
        """A correction by file; what the page itself filled in is no contradiction."""
        self._report(chairs=b"LOT-1;6", desks=b"SN-1\nSN-2")
        reply = self._report(chairs=b"LOT-3;6")
        self.assertTrue(self._get_named(reply, "drop_shipment_told"))
        self.assertEqual(self._get_lots(), {"LOT-3": 6, "SN-1": 1, "SN-2": 1})

    def test_both(self):
        """A file and something typed: which one is meant?"""
        state = self._get_state()
        reply = self._report(
            chairs=b"LOT-1;6", **{f"lot_names_{self.chair_line.id}": "LOT-2;6"}
        )
        self.assertMessage(reply, state, "not both")

    def test_shown_again(self):
        """Something else is wrong: what was in the file is not asked for again."""
        state = self._get_state()
        reply = self._report(chairs=b"LOT-1;4\nLOT-2;1", desks=b"SN-1\nSN-2")
        self.assertMessage(reply, state, "not the 6 Units")
        form = self._get_form(reply, "ship")
        names = form.fields[f"lot_names_{self.chair_line.id}"]
        self.assertEqual(names.split(), ["LOT-1;4", "LOT-2;1"])
        reply = self._report(
            page=reply, **{f"lot_names_{self.chair_line.id}": "LOT-1;4\nLOT-2;2"}
        )
        self.assertTrue(self._get_named(reply, "drop_shipment_told"))

    def test_wrong_files(self):
        """Other kinds, too large, empty, headings, formulas, HTML: beside the field."""
        state, page = self._get_state(), self._open()
        for content, text in (
            (b"PK\x03\x04\x14\x00\x06\x00" + bytes(200), "can't be read"),
            (b"%PDF-1.7\n\x00\x01\x02", "can't be read"),
            (b"\xff\xfe\x00", "can't be read"),
            (b"x;1\n" * 60_000, "too large"),
            (b" \r\n\r\n", "is empty"),
            (b"", "is empty"),
            (b"Lot;Quantity\nLOT-1;6", "Line 1 has no quantity"),
            (b"=cmd|' /C calc'!A0;6", "plain words"),
            (b"<script>alert(1)</script>;6", "plain words"),
            (b"LOT-1;6" + b"x" * 200, "too long"),
        ):
            reply = self._report(page=page, chairs=content, desks=b"SN-1\nSN-2")
            self.assertMessage(reply, state, text)
            self.assertFalse(reply.xpath("//script[contains(., 'alert(1)')]"))

    def test_lines_of_others(self):
        """A file for a line of another order."""
        other = self._new_purchase(self._new_sale((self.chair, 6)), confirm=True)
        state = self._get_state()
        reply = self._send(
            self._open(),
            "ship",
            files={f"lot_file_{other.order_line.id}": ("lots.txt", b"LOT-1;6")},
        )
        self.assertEqual(self._get_state(), state)
        self.assertIn("not on this order", self._get_text(reply))
        self.assertFalse(other.sudo().picking_ids.drop_shipment_reported)

    def test_many(self):
        """A serial number for each of many; long lines take no time."""
        service = self.env["drop.shipment.vendor.lots"]
        text = "\n".join(f"SN-{number:05}" for number in range(10_000))
        self.assertEqual(service._clean(text), text)
        self.assertEqual(service._clean("a " * 50_000 + "b")[-1], "b")
        self.assertEqual(len(service._clean(" ;" * 1000 + "x").splitlines()), 1)
