from datetime import timedelta

from .common_races import TestRacesCommon


class TestVendorRaces(TestRacesCommon):
    """The vendor on their page meets the buyer, or a colleague."""

    def _visit(self, order, verb, *args, seen=None):
        """Return the function that calls a verb of the vendor's page.

        What its form saw is `seen`, or what there is now; later it does nothing.
        """

        def call(env):
            service = env["drop.shipment.vendor.report"]
            visited = env["purchase.order"].sudo().browse(order.id)
            if service._is_seen(visited, seen):
                if verb in ("_accept", "_decline"):
                    service = env["drop.shipment.vendor.answer"]
                getattr(service, verb)(visited, *args)

        service = self.env["drop.shipment.vendor.report"]
        seen = seen or service._get_seen(order.sudo())
        return call

    def test_posted_and_reported(self):
        """The buyer posts all while the vendor reports a part: that is too late."""
        with self._committed():
            request = self._new_request(confirm=True)
            wizard = request.env["drop.shipment.post"].create(
                {"purchase_order_id": request.id}
            )
            report = self._visit(request, "_report", {request.order_line.id: 6}, {}, {})
            picking = request.sudo().picking_ids
        self._race(lambda env: self._as(wizard, self.buyer, env).action_post(), report)
        self.assertEqual(self._read(self.sale_line, "qty_delivered"), [10])
        self.assertEqual(
            self._read(picking, "drop_shipment_reported", "state"),
            [False, "done"],
        )

    def test_reported_and_posted(self):
        """The vendor reports a part while the buyer posts all: to be looked at."""
        with self._committed():
            request = self._new_request(confirm=True)
            wizard = request.env["drop.shipment.post"].create(
                {"purchase_order_id": request.id}
            )
            report = self._visit(request, "_report", {request.order_line.id: 6}, {}, {})
        self._race(
            report,
            lambda env: self._as(wizard, self.buyer, env).action_post(),
            "A vendor has reported a shipment",
        )
        self.assertEqual(self._read(self.sale_line, "qty_delivered"), [0])

    def test_reported_twice(self):
        """Two clicks of the vendor, or two colleagues: the first one counts."""
        with self._committed():
            request = self._new_request(confirm=True)
            line_id = request.order_line.id
            first, second = (
                self._visit(request, "_report", {line_id: quantity}, {}, {})
                for quantity in (6, 3)
            )
        self._race(first, second)
        with self._committed():
            move = self._current(request).sudo().picking_ids.move_ids
            self.assertEqual((move.quantity, move.picked), (6, True))

    def test_closed_and_reported(self):
        """The buyer closes the line that the vendor declines, or reports."""
        for verb, args in (("_report", ({}, {})), ("_decline", ("Sold out",))):
            with self._committed():
                request = self._new_request(5, confirm=True)
                line = request.order_line
                call = self._visit(request, verb, {line.id: 5}, *args)
            self._race(
                lambda env, line=line: self._as(
                    line, self.buyer, env
                ).action_close_drop_shipment_remainder(),
                call,
            )
            self.assertEqual(
                self._read(line, "product_qty", "drop_shipment_qty_declined"), [0, 0]
            )

    def test_reported_and_closed(self):
        """The vendor reports what the buyer closes: it is refused."""
        with self._committed():
            request = self._new_request(confirm=True)
            line = request.order_line
            report = self._visit(request, "_report", {line.id: 6}, {}, {})
        self._race(
            report,
            lambda env: self._as(
                line, self.buyer, env
            ).action_close_drop_shipment_remainder(),
            "the vendor reported that 6 Units were shipped",
        )

    def _new_dated_request(self):
        """Return an order of two lines, a new day for the second, and how to set it.

        The order itself stays as it was: its day is the first of its lines'.
        """
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        request = self._new_purchase(sale, confirm=True)
        first, second = request.order_line
        second.date_planned = first.date_planned + timedelta(days=5)
        day = first.date_planned + timedelta(days=9)

        def set_day(env):
            self._as(second, self.buyer, env).date_planned = day

        return request, day, set_day

    def test_new_date_and_accepted(self):
        """The buyer changes a day while the vendor accepts: that is too late."""
        with self._committed():
            request, _day, set_day = self._new_dated_request()
            accept = self._visit(request, "_accept")
        self._race(set_day, accept)
        self.assertEqual(self._read(request, "acknowledged"), [False])

    def test_accepted_and_new_date(self):
        """The vendor accepts while the buyer changes a day: both hold."""
        with self._committed():
            request, day, set_day = self._new_dated_request()
            accept = self._visit(request, "_accept")
            line = request.order_line[1]
        self._race(accept, set_day)
        self.assertEqual(self._read(request, "acknowledged"), [True])
        self.assertEqual(self._read(line, "date_planned"), [day])
