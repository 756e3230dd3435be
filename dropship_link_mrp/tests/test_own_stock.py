from odoo import fields

from .test_books import BooksCommon


class TestOwnStock(BooksCommon):
    """Kits that own stock delivered before the tick, or got back."""

    def _get_stock(self, parts):
        """Return quantity and value of each of the parts in own stock."""
        self.env.invalidate_all()
        parts = parts.with_company(self.company)
        return [(part.qty_available, part.total_value) for part in parts]

    def _new_partly_delivered(self):
        """Return a ticked sale of 10 of each kit, of which own stock delivered 4."""
        sale = self._new_sale(
            *((kit, 10, {"drop_shipment": False}) for kit in self.kits)
        )
        picking = sale.sudo().picking_ids
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty * 0.4
            move.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        (sale.sudo().picking_ids - picking).action_cancel()
        sale.order_line.drop_shipment = True
        return sale

    def test_from_stock_before_the_tick(self):
        """4 of 10 kits from own stock: what they cost leaves it, once."""
        sale = self._new_partly_delivered()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [4, 4, 4])
        self.assertEqual(
            sale.order_line.mapped("drop_shipment_qty_to_order"), [6, 6, 6]
        )
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 10, 10])
        self._post_invoice(sale)
        self.assertBooks(income=-200, expense=120, stock=-120)
        self._new_bill(purchase)
        self.assertBooks(income=-200, expense=192, stock=-120)
        for parts in self.kits.values():
            self.assertEqual(self._get_stock(parts), [(42, 420), (46, 460)])

    def test_changed_after_the_link(self):
        """The kit takes more parts now: what stock delivered is not sold again."""
        sale = self._new_partly_delivered()
        self._new_purchase(sale, confirm=True)
        for kit in self.kits:
            kit.bom_ids.bom_line_ids[0].product_qty = 4
        for shipped in (2, 4):
            self._post(sale, quantity=shipped)
            self.env.invalidate_all()
            self.assertEqual(
                sale.order_line.mapped("drop_shipment_qty_to_order"), [0, 0, 0]
            )
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 10, 10])

    def test_returned_to_own_stock(self):
        """4 of 10 kits come to own stock, worth what the vendor billed for them."""
        sale, purchase = self._run_steps("order, ship, invoice, bill")
        dialog = self.env["drop.shipment.return"].create(
            {"sale_order_id": sale.id, "destination": "stock", "credit": True}
        )
        dialog.line_ids.quantity = 4
        dialog.action_return()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [6, 6, 6])
        self.assertEqual(purchase.order_line.mapped("qty_received"), [10, 10, 10])
        note = sale.sudo().invoice_ids.filtered(lambda m: m.move_type == "out_refund")
        self.assertEqual((note.state, note.amount_untaxed), ("posted", 240))
        for kit, parts in self.kits.items():
            if kit.cost_method == "standard":
                self.assertEqual(self._get_stock(parts), [(58, 580), (54, 540)])
                self.assertBooks(kit, income=-120, stock=120)
            else:
                self.assertEqual(self._get_stock(parts), [(58, 524), (54, 524)])
                self.assertBooks(kit, income=-120, expense=72, stock=48)

    def test_before_the_bill(self):
        """What comes to own stock before the bill is worth the order's price."""
        _sale, purchase = self._run_steps("order, ship")
        dialog = purchase.env["drop.shipment.return"].create(
            {"purchase_order_id": purchase.id, "destination": "stock"}
        )
        dialog.line_ids.quantity = 4
        dialog.action_return()
        for kit, parts in self.kits.items():
            if kit.cost_method != "standard":
                self.assertEqual(self._get_stock(parts), [(58, 524), (54, 524)])
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids.price_unit = 24
        bill.action_post()
        moves = self._get_moves(purchase, "done")
        shipped = moves.filtered(lambda move: not move.origin_returned_move_id)
        for kit, parts in self.kits.items():
            own = shipped.filtered(lambda move, parts=parts: move.product_id in parts)
            self.assertEqual(
                [round(move._get_value(), 2) for move in own], [120, 120], kit.name
            )

    def test_accrued_at_a_day(self):
        """What came after the day of the accrual does not count."""
        sale, purchase = self._run_steps("order, ship")
        yesterday = fields.Date.subtract(fields.Date.today(), days=1)
        for day, quantity in ((fields.Date.today(), 10), (yesterday, 0)):
            for lines, name in (
                (sale.order_line, "qty_delivered_at_date"),
                (purchase.order_line, "qty_received_at_date"),
            ):
                lines = lines.sudo().with_context(accrual_entry_date=str(day))
                self.assertEqual(lines.mapped(name), [quantity] * 3)
