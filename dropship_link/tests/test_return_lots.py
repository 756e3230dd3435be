from .test_return_dialog import ReturnDialogCommon


class TestReturnLots(ReturnDialogCommon):
    """The lots and serial numbers that were shipped come back, no others."""

    def _ship_lots(self, tracking, quantity, *names):
        """Return the orders of a tracked product that is shipped with these numbers."""
        product = self._new_product(f"By {tracking}", tracking=tracking)
        sale = self._new_sale((product, quantity))
        self._new_purchase(sale, confirm=True)
        dialog = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        dialog.line_ids.lot_names = "\n".join(names)
        dialog.action_post()
        self.env.invalidate_all()
        return sale

    def _return_lots(self, sale, quantity, *names, **values):
        """Return these numbers; return what the transfer moved of each."""
        before = self._get_returns(sale)
        dialog = self._open(sale, **values)
        dialog.line_ids.write({"quantity": quantity, "lot_names": "\n".join(names)})
        dialog.action_return()
        self.env.invalidate_all()
        lines = (self._get_returns(sale) - before).move_line_ids
        return {line.lot_id.name: line.quantity for line in lines}

    def test_serial_numbers(self):
        """Two of three: which ones is asked, others are refused."""
        sale = self._ship_lots("serial", 3, "SN1", "SN2", "SN3")
        with self.assertRefused("which of SN1, SN2, SN3 come back"):
            self._return_lots(sale, 2)
        with self.assertRefused("can't have SN9"):
            self._return_lots(sale, 2, "SN1", "SN9")
        moved = self._return_lots(sale, 2, "SN3", "SN1")
        self.assertEqual(moved, {"SN1": 1, "SN3": 1})
        self.assertQuantities(sale.order_line, qty_delivered=1)
        with self.assertRefused("can't have SN1"):
            self._return_lots(sale, 1, "SN1")
        self.assertEqual(self._return_lots(sale, 1), {"SN2": 1})

    def test_lots(self):
        """A part of a lot, typed with its quantity."""
        sale = self._ship_lots("lot", 10, "A;6", "B;4")
        moved = self._return_lots(sale, 5, "A;3", "B;2", destination="stock")
        self.assertEqual(moved, {"A": 3, "B": 2})
        lot = self.env["stock.lot"].search(
            [("name", "=", "A"), ("product_id", "=", sale.order_line.product_id.id)]
        )
        self.assertEqual(lot.product_qty, 3)
        with self.assertRefused("can't have A"):
            self._return_lots(sale, 4, "A;4")
        self._open(sale).action_return_all()
        self.env.invalidate_all()
        self.assertQuantities(sale.order_line, qty_delivered=0)

    def test_one_lot(self):
        """There is nothing to ask where only one lot was shipped."""
        sale = self._ship_lots("lot", 10, "A")
        self.assertEqual(self._return_lots(sale, 4), {"A": 4})

    def test_packages(self):
        """They come out of the packages in which they were shipped."""
        product = self._new_product("By serial", tracking="serial")
        sale = self._new_sale((product, 2))
        purchase = self._new_purchase(sale, confirm=True)
        picking = purchase.sudo().picking_ids
        picking.action_put_in_pack()
        for line, name in zip(picking.move_line_ids, ("SN1", "SN2"), strict=True):
            line.lot_name = name
        self._post(sale)
        self._return_lots(sale, 1, "SN1", destination="stock")
        quants = self.env["stock.quant"].search([("product_id", "=", product.id)])
        self.assertEqual(
            {
                (quant.lot_id.name, quant.location_id.usage)
                for quant in quants
                if quant.quantity > 0
            },
            {("SN1", "internal"), ("SN2", "customer")},
        )

    def test_two_shipments(self):
        """Numbers of two shipments go back to the one that brought each."""
        product = self._new_product("By serial", tracking="serial")
        sale = self._new_sale((product, 2))
        self._new_purchase(sale, confirm=True)
        for name in ("SN1", "SN2"):
            dialog = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
            dialog.line_ids.write({"quantity": 1, "lot_names": name})
            dialog.action_post()
            self.env.invalidate_all()
        self.assertEqual(self._return_lots(sale, 1, "SN1"), {"SN1": 1})
        back = self._get_returns(sale).move_ids.origin_returned_move_id
        self.assertEqual(back.move_line_ids.lot_id.name, "SN1")

    def _ship_before_it_was_tracked(self, tracking, *names):
        """3 are shipped without numbers, then tracked; the others with these."""
        product = self._new_product(f"By {tracking}")
        sale = self._new_sale((product, 3 + len(names)))
        self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 3)
        product.tracking = tracking
        if names:
            dialog = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
            dialog.line_ids.lot_names = "\n".join(names)
            dialog.action_post()
        self.env.invalidate_all()
        return sale

    def test_shipped_before_it_was_tracked(self):
        """Its numbers are asked for, as core does: goods have got them since."""
        for destination in ("vendor", "stock"):
            with self.subTest(destination=destination):
                sale = self._ship_before_it_was_tracked("serial", "SN1", "SN2")
                with self.assertRefused("line 1 .* shipped without. Enter in Lot/Ser"):
                    self._open(sale, destination=destination).action_return_all()
                with self.assertRefused("which of SN1, SN2 come back"):
                    self._return_lots(sale, 2)
                moved = self._return_lots(
                    sale, 2, "SN1", "NEW1", destination=destination
                )
                self.assertEqual(moved, {"SN1": 1, "NEW1": 1})
                # What came back with a number counts as shipped without.
                with self.assertRefused("can't have NEW4"):
                    self._return_lots(sale, 3, "NEW2", "NEW3", "NEW4")
                moved = self._return_lots(
                    sale, 3, "NEW2", "SN2", "NEW3", destination=destination
                )
                self.assertEqual(moved, {"SN2": 1, "NEW2": 1, "NEW3": 1})
                self.assertQuantities(sale.order_line, qty_delivered=0)

    def test_all_shipped_before_it_was_tracked(self):
        """One lot is the lot of them all."""
        sale = self._ship_before_it_was_tracked("lot")
        self.assertEqual(self._return_lots(sale, 3, "NEW"), {"NEW": 3})
        self.assertQuantities(sale.order_line, qty_delivered=0)

    def test_shipped_before_it_was_tracked_where_no_numbers_are_asked(self):
        """The operation type does without numbers: so does the return."""
        sale = self._ship_before_it_was_tracked("lot", "A")
        picking_type = self.company._get_drop_shipment_picking_type().sudo()
        picking_type.use_create_lots = False
        self._open(sale).action_return_all()
        self.env.invalidate_all()
        lines = self._get_returns(sale).move_line_ids
        self.assertEqual(
            sorted((line.lot_id.name or "", line.quantity) for line in lines),
            [("", 3), ("A", 1)],
        )
        self.assertQuantities(sale.order_line, qty_delivered=0)

    def test_given_again(self):
        """Own stock took it back by mistake, and gave it again: it may come back."""
        sale = self._ship_lots("serial", 2, "SN1", "SN2")
        self._return_lots(sale, 1, "SN1", destination="stock")
        back = self._get_returns(sale)
        wizard = self.env["stock.return.picking"].create({"picking_id": back.id})
        wizard.product_return_moves.quantity = 1
        again = back.browse(wizard.action_create_returns()["res_id"])
        with self.assertRefused("can't have SN1"):
            self._return_lots(sale, 1, "SN1")
        again.move_ids.picked = True
        again.button_validate()
        self.assertEqual(again.move_line_ids.lot_id.name, "SN1")
        self.env.invalidate_all()
        self.assertQuantities(sale.order_line, qty_delivered=2)
        self._open(sale).action_return_all()
        self.env.invalidate_all()
        self.assertQuantities(sale.order_line, qty_delivered=0)
        with self.assertRefused("nothing to return"):
            sale.action_return_drop_shipment()

    def test_numbers_of_goods_without(self):
        """Chairs have none: they would be forgotten without a word."""
        sale, _purchase = self._new_orders((self.chair, 2))
        with self.assertRefused(r"line 1 \(Chair\) has no lot or serial numbers"):
            self._return_lots(sale, 1, "SN1")
        self.assertEqual(self._return_lots(sale, 1, " "), {False: 1})
