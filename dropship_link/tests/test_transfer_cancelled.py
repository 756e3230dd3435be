from .common_returns import ReturnsCommon


class TestTransferCancelled(ReturnsCommon):
    """What is ordered, but on no transfer any more, is told and can be mended."""

    def _cancel_transfer(self, sale):
        """Cancel what is open of an order, in Inventory."""
        self.env.invalidate_all()
        open_transfers = sale.sudo().picking_ids.filtered(
            lambda picking: picking.state not in ("done", "cancel")
        )
        open_transfers.with_user(self.warehouse_user).action_cancel()
        self.env.invalidate_all()

    def assertStranded(self, sale, purchase):
        """Both orders say so, and Post refuses with the way out."""
        for order in (sale, purchase):
            self.assertIn("cancelled", order.drop_shipment_notice)
            self.assertIn("Chair", self._get_notice(order, "stranded"))
            self.assertFalse(self._get_notice(order, "rest"))
            self.assertFalse(order.drop_shipment_to_post)
            with self.assertRefused("transfer .*was cancelled"):
                order.action_post_drop_shipment()

    def test_nothing_shipped(self):
        """Post names the cancelled transfer; no status says that all is well."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._cancel_transfer(sale)
        self.assertStranded(sale, purchase)
        self.assertEqual(sale.delivery_status, "pending")
        self.assertEqual(purchase.receipt_status, "pending")

    def test_invoice_status(self):
        """Invoiced as far as it goes, the order waits: for the vendor, or the buyer."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        self._post_invoice(sale)
        self._cancel_transfer(sale)
        self.assertEqual(sale.delivery_status, "partial")
        self.assertEqual(sale.invoice_status, "no")
        purchase.action_ship_drop_shipment_again()
        self.assertEqual(sale.invoice_status, "no")
        self._post(sale)
        self.assertEqual(sale.invoice_status, "to invoice")
        self._post_invoice(sale)
        self.assertEqual(sale.invoice_status, "invoiced")
        # What went back is to be shipped again, or done without.
        self._take_back(purchase.sudo().order_line.move_ids[-1].picking_id, 3)
        self._credit(sale)
        self.assertEqual(sale.order_line.qty_invoiced, 7)
        self.assertEqual(sale.invoice_status, "no")
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(sale.invoice_status, "no")
        sale.order_line.product_uom_qty = 7
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_close(self):
        """Closed, all of it is to order again, from whomever."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._cancel_transfer(sale)
        purchase.action_close_drop_shipment_remainder()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertFalse(purchase.drop_shipment_notice)
        rest = self._new_purchase(sale, confirm=True, partner_id=self.other_vendor.id)
        self._post(rest)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(self._post_invoice(sale).amount_untaxed, 200)
        self.assertEqual(self._new_bill(rest).amount_untaxed, 130)

    def test_ship_again(self):
        """A new transfer for what is missing, one for several lines."""
        # Above its cost, which another app would tell of.
        sale = self._new_sale((self.chair, 10), (self.desk, 2, {"price_unit": 90}))
        purchase = self._new_purchase(sale, confirm=True)
        self._cancel_transfer(sale)
        purchase.action_ship_drop_shipment_again()
        self.assertEqual(sale.order_line.mapped("qty_to_ship"), [10, 2])
        self.assertFalse(sale.drop_shipment_notice)
        self.assertFalse(purchase.drop_shipment_notice)
        self.assertEqual(len(sale.picking_ids), 2)
        self.assertIn("shipped again", self._chatter(sale))
        self.assertIn("shipped again", self._chatter(purchase))
        self._post(sale)
        self.assertEqual(purchase.order_line.mapped("qty_received"), [10, 2])
        self.assertEqual(sale.delivery_status, "full")
        self.assertEqual(purchase.receipt_status, "full")
        with self.assertRefused("nothing to ship again"):
            purchase.action_ship_drop_shipment_again()
        with self.assertRefused("nothing to ship again"):
            purchase.order_line.action_ship_drop_shipment_again()

    def test_partly_shipped(self):
        """Four have come, the transfer of the rest is cancelled."""
        for mend in ("close", "ship"):
            with self.subTest(mend=mend):
                sale, purchase = self._new_orders(ship=4)
                self._cancel_transfer(sale)
                for order in (sale, purchase):
                    self.assertIn("Chair", self._get_notice(order, "stranded"))
                    self.assertFalse(self._get_notice(order, "rest"))
                self.assertEqual(sale.delivery_status, "partial")
                self.assertEqual(purchase.receipt_status, "partial")
                with self.assertRefused("transfer .*was cancelled"):
                    sale.action_post_drop_shipment()
                if mend == "close":
                    purchase.action_close_drop_shipment_remainder()
                    self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
                    self.assertEqual(purchase.receipt_status, "full")
                else:
                    purchase.action_ship_drop_shipment_again()
                    self.assertEqual(sale.order_line.qty_to_ship, 6)
                    self._post(purchase, "receive")
                    self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_corrected_to_less(self):
        """A transfer that is done is unlocked and corrected from 10 to 8."""
        sale, purchase = self._new_orders()
        picking = sale.picking_ids.sudo()
        picking.action_toggle_is_locked()
        picking.move_ids.move_line_ids.quantity = 8
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.qty_delivered, 8)
        self.assertEqual(purchase.order_line.qty_received, 8)
        self.assertEqual(sale.delivery_status, "partial")
        self.assertEqual(purchase.receipt_status, "partial")
        for order in (sale, purchase):
            self.assertIn("corrected", self._get_notice(order, "stranded"))
        purchase.action_ship_drop_shipment_again()
        self.assertEqual(sale.order_line.qty_to_ship, 2)
        self._post(sale)
        self.assertEqual(purchase.order_line.qty_received, 10)
        self.assertEqual(self._post_invoice(sale).amount_untaxed, 200)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 120)

    def test_corrected_and_closed(self):
        """The 2 that did not come are to order again."""
        sale, purchase = self._new_orders()
        picking = sale.picking_ids.sudo()
        picking.action_toggle_is_locked()
        picking.move_ids.move_line_ids.quantity = 8
        self.env.invalidate_all()
        purchase.action_close_drop_shipment_remainder()
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 2)
        self.assertFalse(self._get_notice(purchase, "stranded"))
        self.assertEqual(purchase.receipt_status, "full")
        self.assertEqual(sale.delivery_status, "partial")

    def test_returned_to_the_vendor(self):
        """What went back is told, with a refund where it was billed."""
        sale, purchase = self._new_orders()
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._take_back(sale.picking_ids, 3)
        for order in (sale, purchase):
            self.assertIn("went back", self._get_notice(order, "stranded"))
            self.assertIn("is due", self._get_notice(order, "refund"))
            self.assertFalse(self._get_notice(order, "rest"))
        self.assertFalse(sale.drop_shipment_to_post)
        # Post makes the vendor's refund.
        self.assertTrue(purchase.drop_shipment_to_post)
        purchase.action_close_drop_shipment_remainder()
        self.assertIn("refund", purchase.drop_shipment_notice)
        self.assertEqual(self._refund(purchase).amount_untaxed, 36)
        self.assertFalse(purchase.drop_shipment_notice)

    def test_open_return_takes_no_new_goods(self):
        """What the vendor ships again is not put into the transfer that takes back."""
        sale, purchase = self._new_orders(ship=6)
        self._cancel_transfer(sale)
        shipped = sale.picking_ids.filtered(lambda picking: picking.state == "done")
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=shipped.id)
            .create({"picking_id": shipped.id})
        )
        wizard.product_return_moves.quantity = 1
        returned = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        purchase.action_ship_drop_shipment_again()
        self.assertEqual(len(returned.move_ids), 1)
        self.assertGreaterEqual(sale.order_line.qty_to_ship, 4)


class TestUnwanted(ReturnsCommon):
    """Shipped, the sales order cancelled, and then the goods go back to the vendor."""

    def _new_unwanted(self, *others):
        """Return the cancelled sales order, and its purchase order, not cancelled."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, *others, confirm=True)
        self._post(sale)
        sale._action_cancel()
        done = sale.sudo().picking_ids.filtered(lambda picking: picking.state == "done")
        self._return(done, 10)
        self.env.invalidate_all()
        return sale, purchase

    def assertNothingToShip(self, sale):
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.drop_shipment_qty_outstanding, 0)

    def test_nothing_is_shipped(self):
        """By no button and by no quantity; both orders say what can be done."""
        sale, purchase = self._new_unwanted()
        refusal = (
            rf"{purchase.name}, line 1 \(Chair\) can't be shipped: sales has "
            f"not confirmed {sale.name}. Choose Close Remainder"
        )
        line = purchase.order_line
        for call in (
            purchase.action_ship_drop_shipment_again,
            line.action_ship_drop_shipment_again,
            purchase.action_post_drop_shipment,
            lambda: line.write({"product_qty": 5}),
        ):
            with self.assertRefused(refusal):
                call()
            self.assertNothingToShip(sale)
        self.assertEqual(line.product_qty, 10)
        self.assertRegex(self._get_notice(purchase, "unwanted"), refusal)
        self.assertEqual(
            self._get_notice(sale, "unwanted"),
            "Still ordered from the vendor: Chair. Have the buyer close it.",
        )
        for order in (sale, purchase):
            self.assertFalse(self._get_notice(order, "stranded"))
        alert = purchase.drop_shipment_alerts["unwanted"]
        self.assertEqual(
            [button["name"] for button in alert["buttons"]],
            ["action_close_drop_shipment_remainder"],
        )

    def test_closed(self):
        """Closed, lowered to nothing or cancelled, no notice is left."""
        for how in ("close", "zero", "cancel"):
            with self.subTest(how):
                sale, purchase = self._new_unwanted()
                if how == "close":
                    purchase.action_close_drop_shipment_remainder()
                elif how == "zero":
                    purchase.order_line.product_qty = 0
                else:
                    purchase.button_cancel()
                self.assertNothingToShip(sale)
                for order in (sale, purchase):
                    self.assertFalse(self._get_notice(order, "unwanted"))

    def test_confirmed_again(self):
        """Then the vendor may ship it after all."""
        sale, purchase = self._new_unwanted()
        sale.action_draft()
        sale.action_confirm()
        self.assertFalse(self._get_notice(purchase, "unwanted"))
        purchase.action_ship_drop_shipment_again()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_beside_another_sales_order(self):
        """What somebody waits for is shipped again, the rest is not."""
        other = self._new_sale((self.desk, 2))
        sale, purchase = self._new_unwanted(other)
        open_transfers = other.sudo().picking_ids
        open_transfers.action_cancel()
        self.env.invalidate_all()
        self.assertIn("Chair", self._get_notice(purchase, "unwanted"))
        self.assertIn("Desk", self._get_notice(purchase, "stranded"))
        purchase.action_ship_drop_shipment_again()
        self.assertNothingToShip(sale)
        self.assertEqual(other.order_line.drop_shipment_qty_outstanding, 2)

    def test_lowered_beside_another_sales_order(self):
        """To nothing, while the goods of the other one are still to ship."""
        other = self._new_sale((self.desk, 2))
        sale, purchase = self._new_unwanted(other)
        purchase.order_line.filtered(
            lambda line: line.product_id == self.chair
        ).product_qty = 0
        self.assertNothingToShip(sale)
        self.assertFalse(self._get_notice(purchase, "unwanted"))
        self.assertEqual(other.order_line.drop_shipment_qty_outstanding, 2)
