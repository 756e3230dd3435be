from odoo.fields import Command

from .common_returns import ReturnsCommon

TICKED = {"product_uom_qty": 3, "drop_shipment": True}


class TestSubstitutes(ReturnsCommon):
    """What the vendor shipped besides, or instead, is added on the transfer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale()
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)

    def _ship_with(
        self, product, quantity, chairs=8, picking=None, user=None, demand=None
    ):
        """Validate the transfer with some chairs, and another product added."""
        self.env.invalidate_all()
        picking = (picking or self.sale.sudo().picking_ids).with_user(
            user or self.warehouse_user
        )
        picking.move_ids.quantity = chairs
        picking.move_ids = [
            Command.create(
                {
                    "product_id": product.id,
                    "product_uom_qty": quantity if demand is None else demand,
                    "quantity": quantity,
                    "product_uom": product.uom_id.id,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
            )
        ]
        picking.move_ids[-1].quantity = quantity
        picking.move_ids.picked = True
        # It is saved before it is validated.
        self.env.flush_all()
        self.env.invalidate_all()
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        self.env.invalidate_all()

    def _assert_linked(self, line, sale_line, received):
        """A line of which nothing was ordered, but so much shipped for `sale_line`."""
        self.assertQuantities(line, product_qty=0, qty_received=received)
        self.assertEqual(line.drop_shipment_sale_line_id.sudo(), sale_line.sudo())

    def test_slip_of_what_was_added(self):
        """The customer's slip does not say that none of it was ordered."""
        picking = self.sale.sudo().picking_ids
        self._ship_with(self.desk, 2)
        lines = picking.move_line_ids._get_aggregated_product_quantities().values()
        self.assertEqual(
            [(line["name"], line["qty_ordered"], line["quantity"]) for line in lines],
            [("Chair", 10, 8), ("Desk", 2, 2)],
        )

    def test_slip_of_what_was_shipped_instead(self):
        """The customer's slip is for the customer, not for the vendor."""
        picking = self.sale.sudo().picking_ids
        self._ship_with(self.desk, 2, chairs=0)
        self.assertEqual(picking.move_ids.product_id, self.desk)
        self.assertEqual(picking.move_ids.partner_id, self.ship_to)
        slip = self.env["ir.actions.report"]._render_qweb_html(
            "stock.action_report_delivery", picking.ids
        )[0]
        self.assertIn(b"3 Dock Road", slip)
        self.assertNotIn(b"1 Vendor Street", slip)

    def test_substitute(self):
        """Eight of ten chairs and two desks: a line for these on both orders."""
        self._ship_with(self.desk, 2)
        chairs, desks = self.sale.order_line
        self.assertQuantities(chairs, qty_delivered=8, qty_to_ship=2)
        self.assertQuantities(
            desks,
            product_id=self.desk,
            product_uom_qty=0,
            qty_delivered=2,
            drop_shipment=True,
            drop_shipment_qty_to_order=0,
            drop_shipment_state="shipped",
        )
        line = self.purchase.order_line[1]
        self.assertQuantities(line, product_qty=0, qty_received=2, price_unit=70)
        self.assertEqual(line.sudo().sale_line_id, desks.sudo())
        self.assertEqual(self._post_invoice(self.sale).amount_untaxed, 200)
        self.assertEqual(self._new_bill(self.purchase).amount_untaxed, 236)
        self.assertEqual(desks.drop_shipment_state, "done")

    def test_shipped_alone(self):
        """Two desks and no chair: core had lost sight of the order by then."""
        self._ship_with(self.desk, 2, chairs=0)
        chairs, desks = self.sale.order_line
        self.assertQuantities(chairs, qty_delivered=0, qty_to_ship=10)
        self.assertQuantities(
            desks, qty_delivered=2, drop_shipment=True, drop_shipment_state="shipped"
        )
        line = self.purchase.order_line[1]
        self.assertQuantities(line, product_qty=0, qty_received=2, price_unit=70)
        self.assertEqual(line.sudo().sale_line_id, desks.sudo())
        self._post_invoice(self.sale)
        self.assertEqual(self._new_bill(self.purchase).amount_untaxed, 140)
        self._post(self.sale)
        self.assertQuantities(chairs, qty_delivered=10, qty_to_ship=0)

    def test_only_the_rest_stays_open(self):
        """Core would have the substitute sent back; whatever demand was entered."""
        for demand in (2, 0):
            with self.subTest(demand=demand):
                sale = self._new_sale()
                purchase = self._new_purchase(sale, confirm=True)
                picking = sale.sudo().picking_ids
                self._ship_with(self.desk, 2, picking=picking, demand=demand)
                rest = purchase.sudo().picking_ids - picking
                self.assertEqual(rest.move_ids.product_id, self.chair)
                self._post(sale)
                self.env.invalidate_all()
                self.assertEqual(purchase.receipt_status, "full")
                self.assertEqual(purchase.order_line.mapped("qty_received"), [10, 2])

    def test_shipped_after_all_the_rest(self):
        """Post ships what was ordered; what was added follows, on both orders."""
        picking = self.sale.sudo().picking_ids
        picking.move_ids = [
            Command.create(
                {
                    "product_id": self.desk.id,
                    "product_uom_qty": 2,
                    "product_uom": self.desk.uom_id.id,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
            )
        ]
        self._post(self.sale)
        self.assertQuantities(self.sale.order_line, qty_delivered=10)
        rest = picking.backorder_ids.with_user(self.warehouse_user)
        rest.move_ids.quantity = 2
        rest.move_ids.picked = True
        rest.button_validate()
        self.env.invalidate_all()
        desks = self.sale.order_line[1]
        self.assertQuantities(
            desks, product_uom_qty=0, qty_delivered=2, drop_shipment=True
        )
        self._assert_linked(self.purchase.order_line[1], desks, 2)

    def test_rest_of_the_substitute(self):
        """One of two desks comes: the other is open on both orders, as any rest."""
        first = self.sale.sudo().picking_ids
        self._ship_with(self.desk, 1, chairs=10, demand=2)
        desks = self.sale.order_line[1]
        self.assertQuantities(
            desks, qty_delivered=1, qty_to_ship=1, drop_shipment_state="partial"
        )
        rest = self.purchase.sudo().picking_ids - first
        self.assertEqual(rest.state, "assigned")
        self.assertEqual(self.sale.sudo().picking_ids, first + rest)
        self._deliver(rest)
        self.env.invalidate_all()
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [10, 2])
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [10, 2])
        self.assertEqual(self.purchase.order_line[1].sudo().sale_line_id, desks.sudo())

    def test_exchange_of_the_substitute(self):
        """What went back is not done while the vendor is to ship it again."""
        picking = self.sale.sudo().picking_ids
        self._ship_with(self.desk, 2, chairs=10)
        desks = self.sale.order_line[1]
        self.assertEqual(desks.drop_shipment_state, "shipped")
        for quantity, state in ((1, "partial"), (1, "ordered")):
            wizard = (
                self.env["stock.return.picking"]
                .with_user(self.warehouse_user)
                .with_context(active_model="stock.picking", active_id=picking.id)
                .create({"picking_id": picking.id})
            )
            wizard.product_return_moves[1].quantity = quantity
            action = wizard.action_create_exchanges()
            self.env.invalidate_all()
            before = "shipped" if state == "partial" else "partial"
            self.assertEqual(desks.drop_shipment_state, before)
            returned = picking.browse(action["res_id"])
            self._deliver(returned)
            self.env.invalidate_all()
            self.assertEqual(desks.drop_shipment_state, state)
        self.assertQuantities(desks, qty_delivered=0, qty_to_ship=2)
        self._post(self.sale)
        self.assertQuantities(desks, qty_delivered=2, drop_shipment_state="shipped")

    def test_added_while_the_order_is_closed(self):
        """What is not shipped yet is no part of what was ordered, nor goes back."""
        picking = self.sale.sudo().picking_ids
        picking.move_ids = [
            Command.create(
                {
                    "product_id": self.chair.id,
                    "product_uom_qty": 1,
                    "product_uom": self.uom_unit.id,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
            )
        ]
        self.env.invalidate_all()
        self.purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(self.purchase.sudo().picking_ids, picking)
        self.assertFalse(picking.move_ids[1].purchase_line_id)
        self.assertQuantities(
            self.sale.order_line, drop_shipment_qty_to_order=10, qty_to_ship=0
        )

    def test_bill_of_the_substitute_waits(self):
        """As for all that the vendor ships, the customer is invoiced first."""
        self._ship_with(self.desk, 2)
        with self.assertRefused(f"Invoice sales order {self.sale.name} first"):
            self._new_bill(self.purchase)

    def test_bill_of_what_went_back_waits(self):
        """The refund of the substitute is posted, its bill is a draft: not done."""
        self.company.drop_shipment_bill_control = "none"
        self._ship_with(self.desk, 2)
        bill = self._new_bill(self.purchase)
        dialog = self.purchase.env["drop.shipment.return"].create(
            {"purchase_order_id": self.purchase.id, "refund": True}
        )
        desks = self.sale.sudo().order_line[1]
        for row in dialog.line_ids:
            row.quantity = 2 if row.sale_line_id == desks else 0
        dialog.action_return()
        refund = self.purchase.sudo().invoice_ids - bill.sudo()
        refund.with_user(self.accountant).action_post()
        self.assertEqual(desks.drop_shipment_state, "done")
        bill.button_draft()
        self.assertEqual(desks.drop_shipment_state, "invoiced")
        bill.action_post()
        self.assertEqual(desks.drop_shipment_state, "done")

    def test_order_goes_on(self):
        """The rest is posted, the order sent and a service added as before."""
        self._ship_with(self.desk, 2)
        self.purchase.action_rfq_send()
        self.purchase.order_line = [
            Command.create({"product_id": self.service.id, "product_qty": 1})
        ]
        self._post(self.purchase, "receive")
        self.assertEqual(self.sale.order_line[0].qty_delivered, 10)
        self.assertFalse(self.sale.order_line.filtered("drop_shipment_qty_to_order"))

    def test_ticked_by_default(self):
        """A substitute that is drop-shipped by default."""
        self.desk.drop_shipment = True
        self._ship_with(self.desk, 2)
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [8, 2])
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [8, 2])

    def test_locked_order(self):
        """A locked order takes it, as by core's route; its people untick nothing."""
        self.sale.sudo().action_lock()
        self._ship_with(self.desk, 2)
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [8, 2])
        self.assertEqual(self.sale.order_line.mapped("drop_shipment"), [True, True])
        self.assertEqual(self.purchase.order_line.mapped("qty_received"), [8, 2])
        to_order = self._new_sale()
        to_order.sudo().action_lock()
        with self.assertRefused("locked order"):
            to_order.order_line.drop_shipment = False

    def test_same_product_of_the_right_order(self):
        """More of the same is counted for the sales order that it went to."""
        first, second = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(first, second, confirm=True)
        self._ship_with(self.chair, 1, chairs=10, picking=second.sudo().picking_ids)
        self.assertEqual(first.order_line.qty_delivered, 0)
        self.assertEqual(second.order_line.qty_delivered, 11)
        self.assertEqual(purchase.order_line.mapped("qty_received"), [0, 11])

    def test_own_line_of_the_product(self):
        """The order has desks from own stock, too: they count as delivered there."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 2, {"drop_shipment": False})
        )
        purchase = self._new_purchase(sale, confirm=True)
        picking = purchase.sudo().picking_ids
        self._ship_with(self.desk, 2, picking=picking)
        self.assertFalse(sale.order_line[1].drop_shipment)
        self.assertEqual(sale.order_line[1].qty_delivered, 2)
        self.assertEqual(purchase.order_line[1].qty_received, 2)

    def test_own_line_beside_a_ticked_one(self):
        """Desks from own stock and others by a vendor, which ships the latter."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 2, {"drop_shipment": False})
        )
        purchase = self._new_purchase(sale, confirm=True)
        first = purchase.sudo().picking_ids
        self._ship_with(self.desk, 2, chairs=5, picking=first)
        sale.order_line = [Command.create({"product_id": self.desk.id, **TICKED})]
        rest = purchase.sudo().picking_ids - first
        self._ship_with(self.desk, 2, chairs=5, picking=rest)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2, 2])
        self.assertQuantities(sale.order_line[2], drop_shipment_qty_to_order=1)
        # One line for each, as they count for different sales lines.
        lines = purchase.order_line
        self.assertEqual(lines.mapped("qty_received"), [10, 2, 2])
        self.assertEqual(lines.mapped("drop_shipment"), [True, False, True])

    def test_ticked_line_that_is_not_ordered(self):
        """Two of three desks come with the chairs: one is left to order."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.order_line = [Command.create({"product_id": self.desk.id, **TICKED})]
        self._ship_with(self.desk, 2, chairs=10, picking=purchase.sudo().picking_ids)
        self.assertQuantities(
            sale.order_line[1], qty_delivered=2, drop_shipment_qty_to_order=1
        )
        self._assert_linked(purchase.order_line[1], sale.order_line[1], 2)

    def test_another_vendor_ships_it(self):
        """A vendor ships four desks, of which another one was to ship three."""
        for shipped in (3, 0):
            with self.subTest(shipped=shipped):
                sale = self._new_sale((self.chair, 10), (self.desk, 3))
                first = self._new_purchase(sale, confirm=True)
                if shipped:
                    self._post(sale)
                sale.order_line[0].product_uom_qty = 12
                second = self._new_purchase(
                    sale, confirm=True, partner_id=self.other_vendor.id
                )
                picking = second.sudo().picking_ids
                self._ship_with(self.desk, 4, chairs=2, picking=picking)
                desks = sale.order_line[1]
                self.assertQuantities(desks, qty_delivered=shipped + 4)
                self.assertQuantities(desks, qty_to_ship=3 - shipped)
                self.assertQuantities(first.order_line[1], qty_received=shipped)
                self._assert_linked(second.order_line[1], desks, 4)
                # Own stock keeps one of each: what the vendor shipped is the same.
                self._take_back(picking, 1, self.stock_location)
                self.assertQuantities(desks, qty_delivered=shipped + 3)
                self.assertQuantities(second.order_line[1], qty_received=4)

    def test_another_order_has_it(self):
        """Desks come with the second sales order: they are no part of the first."""
        first = self._new_sale((self.chair, 10), (self.desk, 3))
        second = self._new_sale((self.chair, 5))
        purchase = self._new_purchase(first, second, confirm=True)
        picking = second.sudo().picking_ids
        self._ship_with(self.desk, 2, chairs=5, picking=picking)
        self.assertEqual(first.order_line.mapped("qty_delivered"), [0, 0])
        self.assertEqual(first.order_line.mapped("qty_to_ship"), [10, 3])
        self.assertEqual(second.order_line.mapped("qty_delivered"), [5, 2])
        line = purchase.order_line.filtered(lambda line: not line.product_qty)
        self._assert_linked(line, second.order_line[1], 2)

    def test_added_above_the_others(self):
        """Core knows a transfer's purchase order by its first line."""
        picking = self.sale.sudo().picking_ids
        picking.move_ids.sequence = 20
        self._ship_with(self.desk, 2)
        self.assertEqual(picking.move_ids[0].product_id, self.desk)
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [8, 2])
        line = self.purchase.order_line.filtered(lambda line: not line.product_qty)
        self._assert_linked(line, self.sale.order_line[1], 2)

    def test_goods_of_our_own_are_still_refused(self):
        """More ordered by hand would go to the customer."""
        self._ship_with(self.desk, 2)
        with self.assertRefused("mixes drop shipment lines"):
            self.purchase.order_line = [
                Command.create({"product_id": self.desk.id, "product_qty": 3})
            ]
