from datetime import timedelta

from odoo.fields import Command

from .test_vendor_report import TestVendorReportCommon


class TestVendorReportPosted(TestVendorReportCommon):
    """Reports of tracked goods, several orders and vendors; and what they hold back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sellers = [
            Command.create({"partner_id": vendor.id, "price": 12.0})
            for vendor in (cls.vendor, cls.other_vendor)
        ]
        cls.stool = cls._new_product("Stool", seller_ids=sellers)

    def test_lots(self):
        """Lots with their quantities: they wait, and Post proposes and ships them."""
        paint = self._new_product("Paint", tracking="lot")
        sale = self._new_sale((paint, 10))
        purchase = self._new_purchase(sale, confirm=True)
        line = purchase.order_line
        for quantities, text in (
            ({line: 0}, "LOT-1"),
            ({self.chair_line: 1}, "LOT-1"),
        ):
            [(own, _quantity)] = quantities.items()
            messages = self._get_messages(
                "_report",
                *self._get_form(quantities, {own: text}),
                purchase=own.order_id,
            )
            self.assertIn((own.id, "lot_names"), messages)
        for text in ("", "LOT-1;6\nLOT-2;3", "<b>LOT</b>"):
            messages = self._get_messages(
                "_report",
                *self._get_form({line: 10}, {line: text}),
                purchase=purchase,
            )
            self.assertEqual(list(messages), [(line.id, "lot_names")])
        self._report({line: 9}, {line: "LOT-1;6\nLOT-2;3"}, purchase)
        self.assertEqual(self._get_row(line)["lot_names"], "LOT-1;6\nLOT-2;3")
        wizard = self._open_post(sale)
        self.assertEqual(wizard.line_ids.lot_names, "LOT-1;6\nLOT-2;3")
        wizard.action_post()
        done = purchase.sudo().picking_ids.filtered(lambda p: p.state == "done")
        self.assertEqual(
            [(ml.lot_id.name, ml.quantity) for ml in done.move_line_ids],
            [("LOT-1", 6), ("LOT-2", 3)],
        )
        self._report({line: 1}, {line: "LOT-2"}, purchase)
        self._report({line: 1}, {line: "LOT-3"}, purchase)
        self._call("_withdraw", purchase=purchase)
        self.assertFalse(self._get_row(line)["lot_names"])

    def test_lots_of_a_product_that_is_tracked_no_more(self):
        """Post asks for none: the column is not there."""
        paint = self._new_product("Paint", tracking="lot")
        sale = self._new_sale((paint, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self._report({purchase.order_line: 4}, {purchase.order_line: "LOT-1"}, purchase)
        paint.tracking = "none"
        wizard = self._open_post(sale)
        self.assertFalse(wizard.line_ids.lot_names)
        wizard.action_post()
        self.assertEqual(sale.order_line.qty_delivered, 4)

    def test_serials(self):
        """One a line; none twice, none shipped before, none that waits elsewhere."""
        machine = self._new_product("Machine", tracking="serial")
        first = self._new_purchase(self._new_sale((machine, 2)), confirm=True)
        other = self._new_purchase(self._new_sale((machine, 2)), confirm=True)
        self.vendor.property_drop_shipment_vendor_page = "post"
        self._report({first.order_line: 1}, {first.order_line: "SN-1"}, first)
        self.assertEqual(first.order_line.qty_received, 1)
        self.vendor.property_drop_shipment_vendor_page = "report"
        self._report({first.order_line: 1}, {first.order_line: "SN-2"}, first)
        with self.assertRefused("Enter the serial numbers"):
            self._report({other.order_line: 1}, purchase=other)
        for text in ("SN-1", "SN-2", "SN-9\nSN-9", "SN-9\nSN-8\nSN-7"):
            quantity = 1 if text in ("SN-1", "SN-2") else 2
            with self.subTest(text=text), self.assertRefused("before|were shipped"):
                self._report(
                    {other.order_line: quantity}, {other.order_line: text}, other
                )
        self._report({other.order_line: 2}, {other.order_line: "SN-8\nSN-9\n"}, other)
        # A correction may name the same ones again.
        self._report({other.order_line: 2}, {other.order_line: "SN-9\nSN-8"}, other)
        self._post(other)
        self.assertEqual(other.order_line.qty_received, 2)

    def test_several_sales_orders(self):
        """One report of an order that ships two sales orders: each gets its own."""
        second = self._new_sale((self.chair, 5))
        purchase = self._new_purchase(
            self._new_sale((self.chair, 3)), second, confirm=True
        )
        second_line, first_line = purchase.order_line.sorted(
            "product_qty", reverse=True
        )
        self._report(
            {first_line: 2, second_line: 5}, delivery_note="LS-7", purchase=purchase
        )
        pickings = purchase.sudo().picking_ids
        self.assertEqual(len(pickings), 2)
        self.assertTrue(all(pickings.mapped("drop_shipment_reported")))
        wizard = self._open_post(second)
        self.assertEqual(wizard.line_ids.mapped("quantity"), [5])
        wizard.action_post()
        self.assertEqual((first_line.qty_received, second_line.qty_received), (0, 5))
        wizard = self._open_post(purchase)
        self.assertEqual(wizard.line_ids.mapped("quantity"), [2])
        self.assertEqual(wizard.delivery_note, "LS-7")
        wizard.action_post()
        self.assertEqual((first_line.qty_received, second_line.qty_received), (2, 5))

    def test_two_vendors(self):
        """Both vendors of a sales order reported: each keeps its day and number."""
        sale = self._new_sale((self.stool, 6))
        purchases = self.env["purchase.order"].with_user(self.buyer)
        for vendor, note, days in ((self.vendor, "A", 1), (self.other_vendor, "B", 3)):
            purchase = self._new_purchase(partner_id=vendor.id)
            self._get_sales_orders(purchase, sale, quantity=3)
            purchase.button_confirm()
            self._report(
                {purchase.order_line: 3},
                date=self.today - timedelta(days=days),
                delivery_note=note,
                purchase=purchase,
            )
            purchases |= purchase
        wizard = self._open_post(sale)
        self.assertEqual(wizard.line_ids.mapped("quantity"), [3, 3])
        self.assertFalse(wizard.shipment_date or wizard.delivery_note)
        wizard.action_post()
        pickings = purchases.sudo().picking_ids
        self.assertEqual(pickings.mapped("drop_shipment_delivery_note"), ["A", "B"])
        self.assertEqual(
            [(self.today - picking.date_done.date()).days for picking in pickings],
            [1, 3],
        )
        self.assertEqual(sale.order_line.qty_delivered, 6)

    def test_one_of_two_vendors(self):
        """One of two vendors reported: nothing of the other one is proposed."""
        sale = self._new_sale((self.stool, 6))
        for vendor in (self.vendor, self.other_vendor):
            purchase = self._new_purchase(partner_id=vendor.id)
            self._get_sales_orders(purchase, sale, quantity=3)
            purchase.button_confirm()
        self._report({purchase.order_line: 2}, delivery_note="B", purchase=purchase)
        wizard = self._open_post(sale)
        self.assertEqual(wizard.line_ids.mapped("quantity"), [0, 2])
        self.assertEqual(wizard.delivery_note, "B")
        wizard.action_post()
        self.assertEqual(purchase.order_line.qty_received, 2)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertFalse(sale.sudo().picking_ids.filtered("drop_shipment_reported"))

    def _get_rows(self, sales, user):
        lines = sales.sudo().order_line
        report = self.env["drop.shipment.report"].with_user(user)
        self.env.flush_all()
        return report.search([("is_reported", "=", True), ("id", "in", lines.ids)])

    def test_list(self):
        """The list finds what is reported; a selection is posted in one go."""
        other_sale = self._new_sale((self.chair, 5), (self.desk, 1))
        other = self._new_purchase(other_sale, confirm=True)
        sales = self.sale | other_sale
        self.sale.order_line.qty_to_ship = 0
        day = self.today - timedelta(days=2)
        self._report({self.chair_line: 6, self.desk_line: 4}, date=day)
        self._report({other.order_line[0]: 5}, delivery_note="LS-9", purchase=other)
        rows = self._get_rows(sales, self.salesman)
        self.assertEqual(rows.mapped("is_reported"), [True] * 3)
        either = [
            ("is_reported", "in", [True, False]),
            ("id", "in", sales.order_line.ids),
        ]
        self.assertEqual(len(rows.search(either)), 4)
        # Accountants have no rights on transfers.
        self.assertEqual(self._get_rows(sales, self.accountant).ids, rows.ids)
        # One line of a report brings the other one along.
        params = (rows - rows[1]).action_post()["params"]
        self.assertEqual([job["count"] for job in params["jobs"]], [2, 1])
        self.assertIn("6 Units of Chair", params["jobs"][0]["lines"][0])
        self.assertEqual(params["jobs"][1]["values"]["delivery_note"], "LS-9")
        for job in params["jobs"]:
            self.env["drop.shipment.post"].with_user(self.salesman).post_lines(
                **{
                    "shipment_date": str(self.today),
                    "option": "ship",
                    **job["values"],
                    **job["kwargs"],
                }
            )
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [6, 4])
        self.assertEqual(other_sale.order_line.mapped("qty_delivered"), [5, 0])
        done = self.purchase.sudo().picking_ids.filtered(lambda p: p.state == "done")
        self.assertEqual(done.date_done.date(), day)
        self.assertFalse(self._get_rows(sales, self.salesman))

    def test_list_unreported(self):
        """A line that was not reported is left out, with the reason; buyers too."""
        self._report({self.chair_line: 6})
        lines = self.sale.sudo().order_line
        self.env.flush_all()
        for user, kwarg in (
            (self.salesman, "sale_order_id"),
            (self.buyer, "purchase_order_id"),
        ):
            rows = self.env["drop.shipment.report"].with_user(user).browse(lines.ids)
            params = rows.action_post()["params"]
            [job] = params["jobs"]
            self.assertIn(kwarg, job["kwargs"])
            self.assertEqual(job["count"], 1)
            [skipped] = params["skipped"]
            self.assertIn("reported other lines", skipped["reason"])

    def test_what_is_reported_stays(self):
        """Reported goods can't be given back; the buyer may discard the report."""
        self._report({self.chair_line: 6})
        with self.assertRefused("the vendor reported that 6 Units were shipped"):
            self.chair_line.product_qty = 5
        self.chair_line.product_qty = 6
        with self.assertRefused("were shipped. Post them first"):
            self.chair_line.action_close_drop_shipment_remainder()
        with self.assertRefused("were shipped. Post them first"):
            self.purchase.button_cancel()
        self.desk_line.action_close_drop_shipment_remainder()
        self.purchase.action_discard_drop_shipment_report()
        self.assertFalse(self._call("_get_report"))
        self.assertIn("report is discarded", self._chatter(self.purchase))
        self.assertIn("report is discarded", self._chatter(self.sale))
        with self.assertRefused("no reported shipment that waits"):
            self.purchase.action_discard_drop_shipment_report()
        self.purchase.button_cancel()
        self.assertEqual(
            self.sale.order_line.mapped("drop_shipment_qty_to_order"), [10, 4]
        )

    def test_raised_while_it_waits(self):
        """More is ordered, and another sales order is fetched: the report stays."""
        self.sale.order_line[0].product_uom_qty = 12
        self._report({self.chair_line: 6})
        self.chair_line.product_qty = 12
        row = self._get_row(self.chair_line)
        self.assertEqual((row["open"], row["reported"]), (12, 6))
        self._post(self.sale)
        self.assertEqual(self.chair_line.qty_received, 6)
        self.assertEqual(self._get_row(self.chair_line)["open"], 6)

    def test_transfer_cancelled(self):
        """The transfer is cancelled in Inventory: the report is over."""
        self._report({self.chair_line: 6})
        picking = self.purchase.sudo().picking_ids
        picking.action_cancel()
        self.assertFalse(picking.drop_shipment_reported)
        self.assertFalse(self._call("_get_report"))
        self.assertNotIn("reported", self.purchase.drop_shipment_notice)
        self.purchase.action_ship_drop_shipment_again()
        self.assertEqual(
            self._open_post(self.sale).line_ids.mapped("quantity"), [10, 4]
        )

    def test_told_once(self):
        """Buyer and salesperson get one message each, whatever the number of lines."""
        second = self._new_sale((self.chair, 5))
        purchase = self._new_purchase(
            self._new_sale((self.chair, 3), (self.desk, 1)), second, confirm=True
        )
        sales = purchase.sudo()._get_drop_shipment_sale_orders()
        before = len(purchase.sudo().message_ids)
        self._report(
            {line: line.product_qty for line in purchase.order_line},
            delivery_note="LS-7",
            purchase=purchase,
        )
        message = purchase.sudo().message_ids[0]
        self.assertEqual(len(purchase.sudo().message_ids), before + 1)
        self.assertEqual(message.author_id, self.vendor)
        self.assertEqual(message.notified_partner_ids, self.buyer.partner_id)
        self.assertIn("LS-7", message.body)
        told = sales.message_ids.filtered(
            lambda message: self.salesman.partner_id in message.notified_partner_ids
        )
        self.assertEqual(len(told), 1)
        for sale in sales:
            self.assertIn("Reported by the vendor", self._chatter(sale))
            self.assertNotIn("12.0", sale.message_ids[0].body)
        self.assertFalse(
            (purchase.sudo().message_ids + sales.message_ids).filtered(
                lambda message: self.customer in message.notified_partner_ids
            )
        )

    def test_notices(self):
        """Both orders say that it is to be posted, and only while it is."""
        for order in (self.sale, self.purchase):
            self.assertFalse(self._get_notice(order, "reported"))
        self._report({self.chair_line: 6})
        for order in (self.sale, self.purchase):
            self.assertIn("reported as shipped: Chair", order.drop_shipment_notice)
        self._post(self.sale)
        for order in (self.sale, self.purchase):
            self.assertFalse(self._get_notice(order, "reported"))
            self.assertIn("Chair", self._get_notice(order, "rest"))
        # The rest is reported: it is to be posted, not closed.
        self._report({self.chair_line: 4})
        for order in (self.sale, self.purchase):
            self.assertIn("Chair", self._get_notice(order, "reported"))
            self.assertNotIn("Chair", self._get_notice(order, "rest") or "")

    def test_copy(self):
        """A copied order, and a backorder, are not reported or declined."""
        self._report({self.chair_line: 6})
        self._decline({self.desk_line: 1})
        copy = self.purchase.copy()
        self.assertFalse(any(copy.order_line.mapped("drop_shipment_qty_declined")))
        self.assertFalse(copy.sudo().picking_ids)
