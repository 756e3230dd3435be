from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .common import KitCommon


class TestParts(KitCommon):
    """Lots, returns, dozens and units of the parts of a kit."""

    def _return(self, order, quantity, destination="vendor", names="", **values):
        """Take kits back by the dialog Return, as the user of the order."""
        dialog = order.env["drop.shipment.return"].create(
            {f"{order._table}_id": order.id, "destination": destination, **values}
        )
        dialog.line_ids.quantity = quantity
        dialog.line_ids.lot_names = names
        return dialog.action_return()

    # ------------------------------------------------------------
    # RETURNS
    # ------------------------------------------------------------

    def test_kits_return_to_the_vendor(self):
        """3 of 10 kits go back: 6 A and 3 B; the vendor ships them again."""
        sale, purchase = self._new_orders()
        self._post(sale)
        self._return(sale, 3)
        self.assertCounts(sale, 7)
        back = self._get_moves(purchase, "done").filtered("origin_returned_move_id")
        self.assertEqual(self._get_parts(back), {"Part A": 6, "Part B": 3})
        self.env.invalidate_all()
        purchase.order_line.action_ship_drop_shipment_again()
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 6, "Part B": 3}
        )
        self._post(purchase)
        self.assertCounts(sale, 10)

    def test_kits_return_to_own_stock(self):
        """4 of 10 kits come to own stock: delivered falls, received does not."""
        sale, purchase = self._new_orders()
        self._post(sale)
        self._return(purchase, 4, "stock")
        self.assertCounts(sale, 6, received=10)
        self.assertEqual(self.part_a.qty_available, 8)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        sale.order_line.product_uom_qty = 13
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 3)

    def test_numbers_of_a_kit_without(self):
        """The parts have no numbers, though the kit is said to have some."""
        self.kit.tracking = "lot"
        sale, _purchase = self._new_orders()
        post = sale.env["drop.shipment.post"].create(
            {"sale_order_id": sale.id, "option": "ship"}
        )
        self.assertEqual(post.line_ids.tracking, "none")
        self.assertFalse(post.has_tracked_lines)
        post.line_ids.lot_names = "LOT-1;10"
        with self.assertRefused(r"\(Kit\) has no lot or serial numbers: clear"):
            post.action_post()
        post.line_ids.lot_names = False
        post.action_post()
        self.assertCounts(sale, 10)
        with self.assertRefused(r"\(Kit\) has no lot or serial numbers: clear"):
            self._return(sale, 3, names="LOT-1;3")
        self._return(sale, 3)
        self.assertCounts(sale, 7)

    def test_status_of_kits_in_own_stock(self):
        """All kits, or the only part that was shipped, are not with the customer."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20)
        self.assertEqual(sale.order_line.drop_shipment_state, "partial")
        self._take_to_stock(purchase)
        self.assertEqual(sale.order_line.drop_shipment_state, "ordered")
        sale, _purchase = self._new_orders()
        self._post(sale)
        self._return(sale, 10, "stock")
        self.assertCounts(sale, 0, received=10)
        self.assertEqual(sale.order_line.drop_shipment_state, "ordered")

    def _take_to_stock(self, purchase):
        """Take all that was shipped back to own stock, in Inventory."""
        picking = self._get_moves(purchase, "done").picking_id
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        for line in wizard.product_return_moves:
            line.quantity = line.move_quantity
        action = wizard.action_create_returns()
        returned = self.env["stock.picking"].browse(action["res_id"])
        location = self.env["stock.warehouse"].search(
            [("company_id", "=", purchase.company_id.id)], limit=1
        )
        returned.location_dest_id = returned.move_ids.location_dest_id = (
            location.lot_stock_id
        )
        returned.button_validate()

    def test_parts_return(self):
        """3 B come back on the transfer: 3 kits less; 1 A makes another less."""
        sale, purchase = self._new_orders()
        self._post(sale)
        picking = self._get_moves(purchase, "done").picking_id
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        for line in wizard.product_return_moves:
            line.quantity = 3 if line.product_id == self.part_b else 7
        action = wizard.action_create_returns()
        returned = self.env["stock.picking"].browse(action["res_id"])
        returned.button_validate()
        self.assertCounts(sale, 6)

    def test_parts_ahead_stay(self):
        """All 7 kits of 20 A and 7 B go back: 6 A stay with the customer."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        self._return(sale, 7)
        self.assertCounts(sale, 0)
        back = self._get_moves(purchase, "done").filtered("origin_returned_move_id")
        self.assertEqual(self._get_parts(back), {"Part A": 14, "Part B": 7})

    def test_only_parts_left(self):
        """20 A are with the customer, but no kit: the dialog says where to go."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20)
        for order in (sale, purchase):
            with self.assertRefused("no whole kit to return.*on their transfer"):
                order.action_return_drop_shipment()

    def test_return_too_much(self):
        """No more kits than were shipped whole."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        with self.assertRefused("Qty to Return .* 0 to 7", ValidationError):
            self._return(sale, 8)

    def test_credit_and_refund(self):
        """Credit note and refund of what goes back are of kits."""
        sale, purchase = self._new_orders()
        self._post(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        sale.with_user(self.env.user).env.invalidate_all()
        self._return(sale.with_user(self.env.user), 3, credit=True, refund=True)
        notes = (sale.sudo().invoice_ids | purchase.sudo().invoice_ids).filtered(
            lambda move: "refund" in move.move_type
        )
        self.assertEqual(notes.invoice_line_ids.mapped("quantity"), [3, 3])
        self.assertEqual(sorted(notes.mapped("amount_untaxed")), [36, 60])

    # ------------------------------------------------------------
    # LOTS
    # ------------------------------------------------------------

    def test_one_tracked_part(self):
        """The numbers of the one part that has some are typed in Post."""
        self.part_b.tracking = "serial"
        sale, purchase = self._new_orders(2)
        needs = r"\(Kit\), .*Part B needs lot or serial numbers"
        with self.assertRefused(needs):
            self._post(sale)
        wizard = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        self.assertTrue(wizard.has_tracked_lines)
        wizard.line_ids.lot_names = "SN-1\nSN-2"
        wizard.action_post()
        self.assertCounts(sale, 2)
        with self.assertRefused(needs):
            self._return(sale, 1)
        self._return(sale, 1, names="SN-2")
        self.assertCounts(sale, 1)
        back = self._get_moves(purchase, "done").filtered("origin_returned_move_id")
        self.assertEqual(back.move_line_ids.lot_id.mapped("name"), ["SN-2"])

    def test_two_tracked_parts(self):
        """Where several parts have numbers each has its name above them."""
        self.part_a.tracking = "lot"
        self.part_b.tracking = "serial"
        sale, purchase = self._new_orders(2)
        wizard = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        wizard.line_ids.lot_names = "LOT-1\nSN-1\nSN-2"
        with self.assertRefused(r"\(Kit\) are of several parts.*Part A, .*Part B"):
            wizard.action_post()
        wizard.line_ids.lot_names = "Part A:\nLOT-1\nB\nSN-1\nSN-2"
        wizard.action_post()
        self.assertCounts(sale, 2)
        lots = self._get_moves(purchase, "done").move_line_ids
        self.assertEqual(
            sorted((line.lot_id.name, line.quantity) for line in lots),
            [("LOT-1", 4), ("SN-1", 1), ("SN-2", 1)],
        )
        # All come back: no numbers are needed.
        self._return(purchase, 2)
        self.assertCounts(sale, 0)

    def test_wrong_numbers(self):
        """As many numbers as the parts have, and it says of which part."""
        self.part_a.tracking = "serial"
        sale, _purchase = self._new_orders(2)
        wizard = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        wizard.line_ids.lot_names = "SN-1\nSN-2"
        words = r"\(Kit\), .*Part A are of 2 Units, but 4 Units are posted"
        with self.assertRefused(words, UserError):
            wizard.action_post()

    # ------------------------------------------------------------
    # UNITS
    # ------------------------------------------------------------

    def test_by_the_dozen(self):
        """A dozen of kits: 4 of 12 are 0.33 dozen, all are 1."""
        sale, purchase = self._new_orders(1, product_uom_id=self.uom_dozen.id)
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 24, "Part B": 12}
        )
        self._ship_parts(purchase, a=8, b=4)
        self.assertCounts(sale, 0.33)
        self.assertEqual(sale.order_line.qty_to_ship, 0.67)
        self._post(sale, quantity=0.33)
        self.assertCounts(sale, 0.67)
        self._post(sale)
        self.assertCounts(sale, 1)
        self.assertFalse(self._get_moves(purchase))

    def test_dozen_closed_and_sourced_again(self):
        """4 of a dozen are shipped, the rest is closed and ordered again: 8 kits."""
        sale, purchase = self._new_orders(1, product_uom_id=self.uom_dozen.id)
        self._post(sale, quantity=0.33)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0.67)
        again = self._new_purchase(sale, confirm=True)
        self.assertEqual(
            self._get_parts(self._get_moves(again)), {"Part A": 16, "Part B": 8}
        )
        self._post(sale)
        self.assertCounts(sale, 1)

    def test_bought_by_the_dozen(self):
        """Sold in pieces, bought by the dozen."""
        sale = self._new_sale((self.kit, 24))
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=12)
        purchase.order_line.copy(
            {
                "order_id": purchase.id,
                "product_uom_id": self.uom_dozen.id,
                "product_qty": 1,
                "sale_line_id": sale.order_line.id,
            }
        )
        purchase.button_confirm()
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 48, "Part B": 24}
        )
        self._post_spread(sale, 17)
        self.assertCounts(sale, 17, received=12.42)
        self._post(sale)
        self.assertCounts(sale, 24, received=13)

    def test_bill_of_materials_in_dozens(self):
        """Core makes 20.16 A of 10 kits; the transfer has 20."""
        self.bom.bom_line_ids.unlink()
        self.bom.write(
            {
                "product_uom_id": self.uom_dozen.id,
                "bom_line_ids": [
                    Command.create({"product_id": self.part_a.id, "product_qty": 24}),
                    Command.create({"product_id": self.part_b.id, "product_qty": 12}),
                ],
            }
        )
        sale, purchase = self._new_orders()
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 20, "Part B": 10}
        )
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)
        self._post(sale)
        self.assertCounts(sale, 10)
        self.assertFalse(self._get_moves(purchase))

    def test_parts_in_other_units(self):
        """A dozen of a part in each kit."""
        line = self.bom.bom_line_ids[0]
        line.write({"product_uom_id": self.uom_dozen.id, "product_qty": 1})
        sale, purchase = self._new_orders()
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 120, "Part B": 10}
        )
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)
        done = self._get_moves(purchase, "done")
        self.assertEqual(self._get_parts(done), {"Part A": 48, "Part B": 4})

    def test_part_that_does_not_divide(self):
        """A third of a box: 4 kits are 1.33, 10 are 3.33, nothing stays open."""
        self.bom.product_qty = 3
        sale, purchase = self._new_orders()
        open_moves = self._get_moves(purchase)
        self.assertEqual(self._get_parts(open_moves), {"Part A": 6.67, "Part B": 3.33})
        for quantity, counted in ((4, 4), (1, 5), (5, 10)):
            self._post(sale, quantity=quantity)
            self.assertCounts(sale, counted)
        self.assertFalse(self._get_moves(purchase))
        self._return(sale, 2)
        self.assertCounts(sale, 8)
