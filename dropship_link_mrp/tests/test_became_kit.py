from . import test_vendor_kits
from .common import KitCommon
from .test_books import BooksCommon


class TestBecameKit(KitCommon):
    """A product that becomes a kit after its vendor was ordered from, and back.

    The vendor ships what was agreed when the line was linked.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.door = cls._new_product("Door", price=12.0)

    _call = classmethod(test_vendor_kits.TestVendorKits._call.__func__)
    _report = test_vendor_kits.TestVendorKits._report
    _get_row = test_vendor_kits.TestVendorKits._get_row

    def _new_became_kit(self, quantity=10.0, shipped=0.0, tracking="none", **values):
        """Return both orders of a door that is a kit of 2 A since it was confirmed."""
        self.door.tracking = tracking
        sale, purchase = self._new_orders(quantity, self.door, **values)
        if shipped:
            self._post(sale, quantity=shipped)
        self._new_bom(self.door, (self.part_a, 2))
        self.env.flush_all()
        self.env.invalidate_all()
        return sale, purchase

    def _new_no_kit(self, shipped=0.0):
        """Return both orders of a kit that is none any more since it was confirmed."""
        sale, purchase = self._new_orders()
        if shipped:
            self._post(sale, quantity=shipped)
        self.bom.product_tmpl_id = self.desk.product_tmpl_id
        self.env.flush_all()
        self.env.invalidate_all()
        return sale, purchase

    def _return_goods(self, order, quantity, destination="vendor", **values):
        field = f"{order._table}_id"
        dialog = order.env["drop.shipment.return"].create(
            {field: order.id, "destination": destination, **values}
        )
        dialog.line_ids.quantity = quantity
        return dialog.action_return()

    def assertDoors(self, purchase, shipped, left=0):
        """Doors were moved, not their parts."""
        done = self._get_moves(purchase, "done").filtered(
            lambda move: not move.origin_returned_move_id
        )
        self.assertEqual(self._get_parts(done), {"Door": shipped})
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Door": left} if left else {}
        )

    # ------------------------------------------------------------
    # BECAME A KIT
    # ------------------------------------------------------------

    def test_post_from_the_sale(self):
        sale, purchase = self._new_became_kit()
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)
        self.assertDoors(purchase, 4, 6)
        self._post(sale)
        self.assertCounts(sale, 10)
        self.assertDoors(purchase, 10)

    def test_post_from_the_purchase(self):
        sale, purchase = self._new_became_kit()
        self._post(purchase, "receive", quantity=4)
        self.assertCounts(sale, 4)
        self._post(purchase, "receive")
        self.assertCounts(sale, 10)
        self.assertDoors(purchase, 10)
        self._post_invoice(sale)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.invoice_line_ids.quantity, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_post_from_inventory(self):
        sale, purchase = self._new_became_kit(shipped=1)
        picking = self._get_moves(purchase).picking_id
        self._deliver(picking, 3)
        self.assertCounts(sale, 4)
        self.assertDoors(purchase, 4, 6)
        self._deliver(self._get_moves(purchase).picking_id)
        self.assertCounts(sale, 10)
        self.assertDoors(purchase, 10)

    def test_vendor_page(self):
        sale, purchase = self._new_became_kit()
        self._report(purchase, 4.0)
        row = self._get_row(purchase)
        self.assertEqual((row["open"], row["reported"]), (10, 4))
        self._post(sale)
        self.assertCounts(sale, 4)
        self.vendor.property_drop_shipment_vendor_page = "post"
        self._report(purchase, 6.0)
        self.assertCounts(sale, 10)
        self.assertDoors(purchase, 10)

    def test_serials(self):
        sale, purchase = self._new_became_kit(2, tracking="serial")
        dialog = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        self.assertEqual(dialog.line_ids.tracking, "serial")
        dialog.line_ids.lot_names = "D1\nD2"
        dialog.action_post()
        self.assertCounts(sale, 2)
        done = self._get_moves(purchase, "done")
        self.assertEqual(sorted(done.move_line_ids.lot_id.mapped("name")), ["D1", "D2"])

    def test_over_delivery(self):
        sale, purchase = self._new_became_kit()
        self._post(sale, quantity=12, over_delivery=True)
        self.assertCounts(sale, 12)
        self.assertDoors(purchase, 12)

    def test_less_more_and_closed(self):
        sale, purchase = self._new_became_kit(shipped=2)
        purchase.order_line.product_qty = 8
        self.assertDoors(purchase, 2, 6)
        self.assertEqual(sale.order_line.qty_to_ship, 6)
        purchase.order_line.product_qty = 10
        self.assertDoors(purchase, 2, 8)
        self.assertEqual(sale.order_line.qty_to_ship, 8)
        self._post(purchase, "receive", quantity=1)
        purchase.action_close_drop_shipment_remainder()
        self.assertCounts(sale, 3)
        self.assertDoors(purchase, 3)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 7)
        again = self._new_purchase(sale, confirm=True)
        self.assertEqual(self._get_parts(self._get_moves(again)), {"Part A": 14})
        self._post(sale, quantity=3)
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.qty_delivered, 6)
        self.assertEqual(again.order_line.qty_received, 3)
        self._post(sale)
        self.assertCounts(sale, 10)

    def test_shipped_again(self):
        sale, purchase = self._new_became_kit(shipped=2)
        self._get_moves(purchase).picking_id.action_cancel()
        self.env.invalidate_all()
        self.assertCounts(sale, 2)
        purchase.order_line.action_ship_drop_shipment_again()
        self.assertDoors(purchase, 2, 8)
        self._post(sale)
        self.assertCounts(sale, 10)

    def test_purchase_cancelled(self):
        sale, purchase = self._new_became_kit(shipped=2)
        purchase.button_cancel()
        self.assertCounts(sale, 2)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 8)

    def test_returned_to_the_vendor(self):
        sale, purchase = self._new_became_kit(shipped=6)
        self._return_goods(sale, 2)
        self.assertCounts(sale, 4)
        self._return_goods(purchase, 1)
        self.assertCounts(sale, 3)
        self._post(sale)
        self.assertCounts(sale, 7)

    def test_returned_to_own_stock(self):
        """Own stock has only the parts of a kit: refused, from every door."""
        sale, purchase = self._new_became_kit(shipped=6)
        for order in (sale, purchase):
            with self.assertRefused(
                rf"Door of {purchase.name} can't go to own stock: it has become a kit"
            ):
                self._return_goods(order, 2, "stock")
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        picking = self._get_moves(purchase, "done").picking_id
        with self.assertRefused("it has become a kit"):
            self._return(picking, 2, warehouse.lot_stock_id)

    def test_exchanged(self):
        sale, purchase = self._new_became_kit(shipped=10)
        picking = self._get_moves(purchase, "done").picking_id
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = 2
        action = wizard.action_create_exchanges()
        self.env["stock.picking"].browse(action["res_id"]).button_validate()
        self.assertCounts(sale, 8)
        self._post(sale)
        self.assertCounts(sale, 10)

    # ------------------------------------------------------------
    # NO ADD-ON ANY MORE
    # ------------------------------------------------------------

    def test_not_removed_while_kits_are_open(self):
        """Not with the app that it is for, either; once all is shipped it may go."""
        modules = self.env["ir.module.module"].search(
            [("name", "in", ("dropship_link_mrp", "sale_mrp"))]
        )
        sale, purchase = self._new_orders()
        self._post(sale, quantity=4)
        for module in modules:
            with self.assertRefused(f"to ship kits on .*{purchase.name}"):
                module.button_uninstall()
            self.assertEqual(module.state, "installed")
        purchase.action_close_drop_shipment_remainder()
        # What is only requested would be ordered, and never be received, too.
        request = self._new_purchase(sale)
        with self.assertRefused(f"to ship kits on .*{request.name}"):
            modules[0].button_uninstall()
        request.button_cancel()
        modules.filtered(
            lambda module: module.name == "dropship_link_mrp"
        ).button_uninstall()

    # ------------------------------------------------------------
    # NO KIT ANY MORE
    # ------------------------------------------------------------

    def test_no_kit_posted(self):
        for door in ("sale", "purchase", "inventory", "vendor"):
            with self.subTest(door=door):
                self.bom.product_tmpl_id = self.kit.product_tmpl_id
                sale, purchase = self._new_no_kit()
                if door == "inventory":
                    self._ship_parts(purchase, a=8, b=4)
                elif door == "vendor":
                    self._report(purchase, 4.0)
                    self.assertEqual(self._get_row(purchase)["reported"], 4)
                    self._post(purchase)
                else:
                    order = sale if door == "sale" else purchase
                    self._post(order, quantity=4)
                self.assertCounts(sale, 4)
                self.assertEqual(
                    self._get_parts(self._get_moves(purchase)),
                    {"Part A": 12, "Part B": 6},
                )
                self._return_goods(sale, 1)
                self.assertCounts(sale, 3)
                self._return_goods(purchase, 1, "stock")
                self.env.invalidate_all()
                self.assertEqual(sale.order_line.qty_delivered, 2)
                self._post(sale)
                self.env.invalidate_all()
                self.assertEqual(sale.order_line.qty_delivered, 8)
                invoice = self._post_invoice(sale)
                self.assertEqual(invoice.amount_untaxed, 160)
                self.company.drop_shipment_bill_control = "none"
                self.assertEqual(self._new_bill(purchase).amount_untaxed, 108)

    def test_no_kit_less_and_closed(self):
        sale, purchase = self._new_no_kit(shipped=2)
        purchase.order_line.product_qty = 8
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 12, "Part B": 6}
        )
        purchase.action_close_drop_shipment_remainder()
        self.assertCounts(sale, 2)
        again = self._new_purchase(sale, confirm=True)
        self.assertEqual(self._get_parts(self._get_moves(again)), {"Kit": 8})
        self._post(sale)
        self.assertCounts(sale, 10)

    def test_bom_deleted(self):
        sale, _purchase = self._new_no_kit(shipped=2)
        self.bom.unlink()
        self._post(sale, quantity=2)
        self.assertCounts(sale, 4)
        self._return_goods(sale, 4)
        self.assertCounts(sale, 0)


class TestBecameKitBooks(BooksCommon):
    """The books of products that become a kit, or are none any more, meanwhile."""

    def _find_boms(self):
        templates = self.env["product.template"].union(
            *(kit.product_tmpl_id for kit in self.kits)
        )
        return templates.bom_ids

    def test_no_kit(self):
        sale, purchase = self._run_steps("order, part")
        boms = self._find_boms()
        with self.assertRefused("you can not remove them"):
            boms.active = False
        boms.product_tmpl_id = self.desk.product_tmpl_id
        self._post(sale, "ship")
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertOwnStock("done")
        self.assertBooks(income=-200, expense=120)

    def test_became_kit(self):
        boms = self._find_boms()
        boms.active = False
        sale, purchase = self._run_steps("order, part")
        boms.active = True
        self._post(sale, "ship")
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertOwnStock("done")
        self.assertBooks(income=-200, expense=120)
