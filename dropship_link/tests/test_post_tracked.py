from .common_post import PostCommon


class TestTracked(PostCommon):
    """Lots and serial numbers, which only people know."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.serial_chair = cls._new_product("Serial Chair", tracking="serial")
        cls.lot_chair = cls._new_product("Lot Chair", tracking="lot")

    def _post_lots(self, order, option, quantity, names):
        """Post with lot or serial numbers, as they are typed into the dialog."""
        wizard = self._new_post(order)
        wizard.option = option
        wizard.line_ids.quantity = quantity
        wizard.line_ids.lot_names = names
        return wizard.action_post()

    def assertLots(self, order, expected):
        """The transfers of an order have these lots: {number: quantity}."""
        lines = order.sudo().picking_ids.move_line_ids
        self.assertEqual({line.lot_id.name: line.quantity for line in lines}, expected)

    def test_numbers_are_missing(self):
        """It says where to enter them; nothing is shipped."""
        for product in (self.lot_chair, self.serial_chair):
            for option in ("ship", "ship_invoice"):
                with self.subTest(product=product.name, option=option):
                    sale, purchase = self._new_orders((product, 3))
                    with self.assertRefused(
                        rf"{sale.name}, line 1 .*Lot/Serial Numbers"
                    ):
                        self._post(sale, option, 2)
                    self.assertEqual(sale.order_line.qty_delivered, 0)
                    self.assertEqual(purchase.order_line.qty_received, 0)
                    self.assertFalse(sale.sudo().invoice_ids)
                    self.assertEqual(sale.order_line.qty_to_ship, 3)

    def test_room_for_numbers(self):
        """The dialog is wider where they are typed, to ship and to return."""
        for product, size in ((self.serial_chair, "extra-large"), (self.chair, None)):
            sale, _purchase = self._new_orders((product, 3))
            action = sale.action_post_drop_shipment()
            self.assertEqual(action["context"].get("dialog_size"), size)
            self._post_lots(sale, "ship", 3, size and "SN-1\nSN-2\nSN-3")
            action = sale.action_return_drop_shipment()
            self.assertEqual(action["context"].get("dialog_size"), size)

    def test_post_with_lot(self):
        """One lot is the lot of the whole quantity."""
        sale, purchase = self._new_orders((self.lot_chair, 3))
        self._post_lots(sale, "ship", 2, "LOT-1\n")
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(purchase.order_line.qty_received, 2)
        move = sale.picking_ids.sudo().move_ids.filtered("lot_ids")
        self.assertEqual(move.lot_ids.name, "LOT-1")
        self.assertEqual(move.quantity, 2)
        self.assertEqual(sale.order_line.qty_to_ship, 1)

    def test_post_with_lots(self):
        """Several lots, each with its quantity, the buyer without Inventory."""
        sale, purchase = self._new_orders((self.lot_chair, 10))
        self._post_lots(purchase, "receive", 10, "LOT-1;6\nLOT-2\t4")
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertLots(sale, {"LOT-1": 6, "LOT-2": 4})

    def test_type_without_new_numbers(self):
        """An operation type that only picks numbers ships those that are typed."""
        known = self.env["stock.lot"].create(
            {"name": "LOT-1", "product_id": self.lot_chair.id}
        )
        picking_type = self.company._get_drop_shipment_picking_type()
        picking_type.write({"use_create_lots": False, "use_existing_lots": True})
        sale, _purchase = self._new_orders((self.lot_chair, 10))
        self._post_lots(sale, "ship", 10, "LOT-1;6\nLOT-2;4")
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertLots(sale, {"LOT-1": 6, "LOT-2": 4})
        self.assertIn(known, sale.sudo().picking_ids.move_line_ids.lot_id)

    def test_lots_in_the_unit_of_the_row(self):
        """Lots of a line in dozens are entered in dozens."""
        dozens = {"product_uom_id": self.uom_dozen.id}
        sale, purchase = self._new_orders((self.lot_chair, 2, dozens))
        self._post_lots(sale, "ship", 2, "LOT-1;1.5\nLOT-2;0.5")
        lines = purchase.sudo().picking_ids.move_line_ids
        self.assertEqual(
            {line.lot_id.name: line.quantity_product_uom for line in lines},
            {"LOT-1": 18, "LOT-2": 6},
        )
        self.assertEqual(sale.order_line.qty_delivered, 2)

    def test_lots_that_do_not_divide(self):
        """Three lots of 4 units are the dozen, also where stock is kept in dozens."""
        product = self._new_product("Bolt", tracking="lot", uom_id=self.uom_dozen.id)
        units = {"product_uom_id": self.uom_unit.id}
        sale, purchase = self._new_orders((product, 12, units))
        self._post_lots(sale, "ship", 12, "LOT-1;4\nLOT-2;4\nLOT-3;4")
        lines = purchase.sudo().picking_ids.move_line_ids
        self.assertEqual(
            {line.lot_id.name: line.quantity_product_uom for line in lines},
            {"LOT-1": 0.33, "LOT-2": 0.34, "LOT-3": 0.33},
        )
        self.assertEqual(sale.order_line.qty_delivered, 12)

    def test_post_with_serials(self):
        """One number for each piece."""
        sale, purchase = self._new_orders((self.serial_chair, 3))
        self._post_lots(sale, "ship", 2, "SN-1\r\n SN-2 ")
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(purchase.order_line.qty_received, 2)
        move = sale.picking_ids.sudo().move_ids.filtered("lot_ids")
        self.assertEqual(move.lot_ids.mapped("name"), ["SN-1", "SN-2"])

    def test_numbers_of_another_quantity(self):
        """As many numbers as are posted, else nothing is shipped."""
        sale, __ = self._new_orders((self.serial_chair, 3))
        for names in ("SN-1", "SN-1\nSN-2\nSN-3"):
            with self.assertRefused("but 2 Units are posted"):
                self._post_lots(sale, "ship", 2, names)
        lots, __ = self._new_orders((self.lot_chair, 3))
        with self.assertRefused("are of 4 Units, but 3 Units"):
            self._post_lots(lots, "ship", 3, "LOT-1;2\nLOT-2;2")
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(lots.order_line.qty_delivered, 0)

    def test_untracked_lines_are_posted_alone(self):
        """A tracked line that is not shipped now keeps nobody waiting."""
        sale, __ = self._new_orders((self.chair, 10), (self.lot_chair, 3))
        chair, lot_chair = sale.order_line
        lot_chair.qty_to_ship = 0
        self._message(self._post(sale))
        self.assertEqual(chair.qty_delivered, 10)
        self.assertEqual(lot_chair.qty_delivered, 0)

    def test_tracked_lines_keep_the_others_waiting(self):
        """The posting is whole: nothing of it is shipped before the lots are known."""
        sale, __ = self._new_orders((self.chair, 10), (self.lot_chair, 3))
        with self.assertRefused(f"{sale.name}, line 2"):
            self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [0, 0])
        wizard = self._new_post(sale)
        self.assertTrue(wizard.has_tracked_lines)
        wizard.line_ids[1].lot_names = "LOT-1"
        wizard.action_post()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 3])

    def test_packed_in_inventory(self):
        """Numbers are typed for goods that were packed before: they stay packed."""
        for product, names, expected in (
            (self.serial_chair, "SN1\nSN2\nSN3", [("SN1", 1), ("SN2", 1)]),
            (self.lot_chair, "LOT-1", [("LOT-1", 2)]),
            (self.lot_chair, "LOT-2;1\nLOT-3;2", [("LOT-2", 1), ("LOT-3", 1)]),
        ):
            with self.subTest(names=names):
                sale, _purchase = self._new_orders((product, 4))
                picking = sale.picking_ids.sudo()
                line = picking.move_line_ids[0]
                (picking.move_line_ids - line).unlink()
                line.quantity = 2
                picking.action_put_in_pack()
                package = line.result_package_id
                self.assertTrue(package)
                self._post_lots(sale, "ship", 3, names)
                lines = picking.move_line_ids
                self.assertEqual(sum(lines.mapped("quantity")), 3)
                packed = lines.filtered("result_package_id")
                self.assertEqual(packed.result_package_id, package)
                self.assertEqual(
                    [(line.lot_id.name, line.quantity) for line in packed], expected
                )
