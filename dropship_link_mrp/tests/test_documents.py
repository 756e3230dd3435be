from datetime import timedelta

from lxml import html

from odoo import fields
from odoo.fields import Command

from .common import KitCommon

SLIP = "dropship_link.action_report_drop_shipment_packing_slip"
DELIVERY_SLIP = "dropship_link.action_report_drop_shipment_slip"


class TestDocuments(KitCommon):
    """Papers, notices, list, bills and invoices speak of kits."""

    def _render(self, report, records):
        """Return the rows of a document, each as the list of its cells."""
        content, _kind = self.env["ir.actions.report"]._render_qweb_html(
            report, records.ids
        )
        return [
            [" ".join(cell.text_content().split()) for cell in row.xpath("./td")]
            for row in html.fromstring(content).xpath("//tbody/tr")
        ]

    def _get_notices(self, sale, purchase):
        self.env.invalidate_all()
        return sale.drop_shipment_notice or "", purchase.drop_shipment_notice or ""

    # ------------------------------------------------------------
    # PAPERS
    # ------------------------------------------------------------

    def test_purchase_order(self):
        """The vendor reads the kit, in kits; no part."""
        _sale, purchase = self._new_orders()
        rows = str(self._render("purchase.report_purchaseorder", purchase))
        self.assertIn("Kit", rows)
        self.assertIn("10.00", rows)
        self.assertNotIn("Part A", rows)

    def test_packing_slip(self):
        """What is left to ship: the kits, and their parts below."""
        sale, purchase = self._new_orders()
        self.assertEqual(
            self._render(SLIP, purchase),
            [
                ["Kit", "10 Units"],
                ["[A] Part A", "20 Units"],
                ["[B] Part B", "10 Units"],
            ],
        )
        self._ship_parts(purchase, a=20, b=7)
        self.env.invalidate_all()
        self.assertEqual(
            self._render(SLIP, purchase),
            [["Kit", "3 Units"], ["[B] Part B", "3 Units"]],
        )
        self._post(sale)
        self.env.invalidate_all()
        self.assertEqual(len(self._render(SLIP, purchase)), 3)

    def test_delivery_slip(self):
        """What was shipped: the kits that became whole, and their parts."""
        sale, purchase = self._new_orders()
        first = self._ship_parts(purchase, a=20, b=7)
        self.env.invalidate_all()
        rows = self._render(DELIVERY_SLIP, first)
        self.assertEqual(
            [[cell for cell in row if cell] for row in rows][:3],
            [
                ["Kit", "10 Units", "7 Units"],
                ["[A] Part A", "20 Units", "20 Units"],
                ["[B] Part B", "10 Units", "7 Units"],
            ],
        )
        self.assertEqual([cell for cell in rows[3] if cell], ["Kit", "3 Units"])
        self._post(sale)
        second = purchase.sudo().picking_ids - first
        rows = self._render(DELIVERY_SLIP, second)
        self.assertEqual([cell for cell in rows[0] if cell][::2], ["Kit", "3 Units"])

    def test_delivery_slip_of_two_lines(self):
        """Lines that read the same are summed up, as core does; others are not."""
        other = self._new_product("Other Kit", price=9.0)
        self._new_bom(other, (self.part_a, 1))
        dozen = {"product_uom_id": self.uom_dozen.id}
        sale = self._new_sale((self.kit, 10), (other, 5), (self.kit, 2, dozen))
        purchase = self._new_purchase(sale, confirm=True)
        dialog = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        for row, quantity in zip(dialog.line_ids, (4, 3, 1), strict=True):
            row.quantity = quantity
        dialog.action_post()
        self.env.invalidate_all()
        picking = self._get_moves(purchase, "done").picking_id
        rows = self._render(DELIVERY_SLIP, picking)
        self.assertEqual(
            [[cell for cell in row if cell] for row in rows][:5],
            [
                ["Kit", "34 Units", "16 Units"],
                ["[A] Part A", "68 Units", "32 Units"],
                ["[B] Part B", "34 Units", "16 Units"],
                ["Other Kit", "5 Units", "3 Units"],
                ["[A] Part A", "5 Units", "3 Units"],
            ],
        )

    # ------------------------------------------------------------
    # NOTICES AND LIST
    # ------------------------------------------------------------

    def test_notices(self):
        """They name the kit, never a part; none is left when all is done."""
        sale = self._new_sale((self.kit, 10))
        self.assertIn("Kit", sale.drop_shipment_notice)
        purchase = self._new_purchase(sale, confirm=True)
        for parts in ({"a": 20}, {"b": 7}):
            self._ship_parts(purchase, **parts)
            for notice in self._get_notices(sale, purchase):
                self.assertIn("Partly shipped: Kit", notice)
                self.assertNotRegex(notice, r"Part [AB]")
            self.assertEqual(sale.order_line.drop_shipment_state, "partial")
        self._post(sale, "ship_invoice")
        sale.sudo().invoice_ids.action_post()
        self._new_bill(purchase)
        self.assertEqual(self._get_notices(sale, purchase), ("", ""))
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_exchange_waits(self):
        """All kits have come: they are not shipped in part, and nothing is to close."""
        sale, purchase = self._new_orders()
        self._post(sale)
        wizard = (
            self.env["stock.return.picking"]
            .with_context(
                active_id=self._get_moves(purchase, "done").picking_id.id,
                active_model="stock.picking",
            )
            .create({})
        )
        for line in wizard.product_return_moves:
            line.quantity = 4 if line.product_id == self.part_a else 2
        action = wizard.action_create_exchanges()
        for notice in self._get_notices(sale, purchase):
            self.assertNotIn("Partly shipped", notice)
        self.env["stock.picking"].browse(action["res_id"]).button_validate()
        for notice in self._get_notices(sale, purchase):
            self.assertIn("Partly shipped: Kit", notice)

    def test_list(self):
        """The list counts kits, and posts them."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        self.env.flush_all()
        row = self.env["drop.shipment.report"].search(
            [("sale_line_id", "=", sale.order_line.id)]
        )
        self.assertEqual(
            (row.quantity, row.qty_outstanding, row.qty_shipped, row.state),
            (10, 3, 7, "partial"),
        )
        self.env["drop.shipment.post"].post_lines(
            sale.order_line.ids, "ship", sale_order_id=sale.id
        )
        self.assertCounts(sale, 10)

    # ------------------------------------------------------------
    # MONEY
    # ------------------------------------------------------------

    def test_ship_and_invoice(self):
        """4 kits are invoiced, 4 may be billed; the rest of the bill is refused."""
        sale, purchase = self._new_orders()
        self._post(sale, "ship_invoice", 4)
        invoice = sale.sudo().invoice_ids
        invoice.action_post()
        self.assertEqual(invoice.invoice_line_ids.quantity, 4)
        self.assertEqual(invoice.amount_untaxed, 80)
        self._ship_parts(purchase, a=8, b=5)
        self.env.invalidate_all()
        self.assertCounts(sale, 8)
        self.assertEqual(purchase.order_line.drop_shipment_qty_to_bill, 4)
        bill = self._new_bill(purchase, post=False)
        with self.assertRefused(sale.name):
            bill.action_post()
        bill.invoice_line_ids.quantity = 4
        bill.action_post()
        self.assertEqual(bill.amount_untaxed, 48)

    def test_receive_and_invoice(self):
        """After the invoice the buyer receives and bills all kits at once."""
        self.kit.invoice_policy = "order"
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._post(purchase, "receive_invoice", 4)
        bill = purchase.sudo().invoice_ids
        self.assertEqual(bill.invoice_line_ids.quantity, 4)
        self.assertCounts(sale, 4)
        self._post(purchase, "receive_invoice")
        self.assertEqual(sum(purchase.sudo().invoice_ids.mapped("amount_untaxed")), 120)
        self.assertCounts(sale, 10)

    def test_bill_control(self):
        """No bill of kits before their invoice."""
        self.kit.purchase_method = "purchase"
        _sale, purchase = self._new_orders()
        bill = self._new_bill(purchase, post=False)
        with self.assertRefused("invoice"):
            bill.action_post()

    def test_sums(self):
        """No more kits on purchase orders than are sold."""
        sale, purchase = self._new_orders()
        with self.assertRefused("1 Units more than is left to order|too high"):
            purchase.order_line.product_qty = 11
        with self.assertRefused("Quantity of .* can't be 9"):
            sale.order_line.product_uom_qty = 9

    # ------------------------------------------------------------
    # TICK
    # ------------------------------------------------------------

    def test_default_tick(self):
        """A kit takes the tick of its product."""
        self.kit.drop_shipment = True
        sale = (
            self.env["sale.order"]
            .with_user(self.salesman)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create({"product_id": self.kit.id})],
                }
            )
        )
        self.assertTrue(sale.order_line.drop_shipment)

    def test_unticked_after_a_part(self):
        """4 of 10 by a vendor, the rest by own stock: 6 kits leave it."""
        sale, purchase = self._new_orders()
        self._post(sale, quantity=4)
        purchase.button_cancel()
        self.env.invalidate_all()
        sale.order_line.drop_shipment = False
        own = self._get_moves(sale)
        self.assertEqual(self._get_parts(own), {"Part A": 12, "Part B": 6})
        sale.order_line.product_uom_qty = 12
        own = self._get_moves(sale)
        self.assertEqual(self._get_parts(own), {"Part A": 16, "Part B": 8})
        for picking in own.picking_id:
            self._deliver(picking)
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.qty_delivered, 12)

    def test_delivery_day(self):
        """4 kits of last week and 6 of yesterday, each invoiced at once."""
        today = fields.Date.context_today(self.salesman)
        days = [today - timedelta(7), today - timedelta(1)]
        sale, _purchase = self._new_orders()
        for day, quantity in zip(days, (4, 6), strict=True):
            self._post(sale, quantity=quantity, shipment_date=day)
            self._post_invoice(sale)
        self.env.flush_all()
        invoices = sale.sudo().invoice_ids.sorted("id")
        self.assertEqual(invoices.mapped("delivery_date"), days)
