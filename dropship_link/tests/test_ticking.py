from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import DropShipmentCommon


class TestTicking(DropShipmentCommon):
    """Which lines may be ticked and unticked, and what that makes of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.default_chair = cls._new_product("Default Chair", drop_shipment=True)
        cls.dropship_route = cls.env.ref("stock_dropshipping.route_drop_shipping")
        cls.routed_chair = cls._new_product(
            "Routed Chair", route_ids=[Command.set(cls.dropship_route.ids)]
        )

    def _new_quotation(self, *lines, **values):
        """Return a quotation of the salesman whose lines have these values."""
        return (
            self.env["sale.order"]
            .with_user(self.salesman)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create(line) for line in lines],
                    **values,
                }
            )
        )

    # ------------------------------------------------------------
    # Default
    # ------------------------------------------------------------

    def test_tick_comes_from_the_product(self):
        """A new line takes the tick of its product, unless told otherwise."""
        order = self._new_quotation(
            {"product_id": self.default_chair.id},
            {"product_id": self.default_chair.id, "drop_shipment": False},
            {"product_id": self.chair.id},
            {"product_id": self.chair.id, "drop_shipment": True},
        )
        self.assertEqual(
            order.order_line.mapped("drop_shipment"), [True, False, False, True]
        )

    def test_unit_is_cleared_while_typing(self):
        """The unit of a new line is emptied before another one is chosen."""
        self.salesman.group_ids += self.env.ref("uom.group_uom")
        confirmed = self._new_quotation({"product_id": self.chair.id})
        confirmed.action_confirm()
        for order in (self._new_quotation({"product_id": self.chair.id}), confirmed):
            with (
                self.subTest(order.state),
                Form(order) as form,
                form.order_line.new() as line,
            ):
                line.product_id = self.default_chair
                line.product_uom_id = self.env["uom.uom"]
                line.product_uom_id = self.uom_dozen
                line.product_uom_qty = 2
            line = order.order_line[-1]
            self.assertTrue(line.drop_shipment)
            self.assertEqual(line.product_uom_id, self.uom_dozen)
            to_order = 2 if order.state == "sale" else 0
            self.assertEqual(line.drop_shipment_qty_to_order, to_order)

    def test_tick_follows_the_product_in_the_form(self):
        """Choosing another product in the form takes over its default."""
        with Form(self.env["sale.order"].with_user(self.salesman)) as form:
            form.partner_id = self.customer
            with form.order_line.new() as line:
                line.product_id = self.chair
                self.assertFalse(line.drop_shipment)
                line.product_id = self.default_chair
                self.assertTrue(line.drop_shipment)
        order = form.record
        self.assertTrue(order.order_line.drop_shipment)

    def test_default_of_a_service_is_ignored(self):
        """The tick on a product that is no goods does not reach its lines."""
        self.service.drop_shipment = True
        order = self._new_quotation({"product_id": self.service.id})
        self.assertFalse(order.order_line.drop_shipment)

    def test_new_default_leaves_old_lines(self):
        """Ticking the product changes new lines only."""
        order = self._new_sale((self.chair, 1, {"drop_shipment": False}))
        self.chair.drop_shipment = True
        self.assertFalse(order.order_line.drop_shipment)
        self.assertTrue(order.picking_ids)

    # ------------------------------------------------------------
    # Goods only
    # ------------------------------------------------------------

    def test_line_with_a_transfer_of_its_own(self):
        """Added on a delivery, like the parts of a repair, it is from own stock."""
        self.desk.drop_shipment = True
        sale = self._new_sale((self.chair, 2, {"drop_shipment": False}))
        picking = sale.sudo().picking_ids
        picking.move_ids = [
            Command.create(
                {
                    "product_id": self.desk.id,
                    "product_uom_qty": 1,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
            )
        ]
        self._deliver(picking)
        line = sale.order_line[1]
        self.assertEqual((line.product_id, line.qty_delivered), (self.desk, 1))
        self.assertFalse(line.drop_shipment)

    def test_service_is_refused(self):
        order = self._new_quotation({"product_id": self.service.id})
        with self.assertRefused(
            rf"Drop Shipment .*{order.name}, line 1 \(Assembly\)", ValidationError
        ):
            order.order_line.drop_shipment = True
        self.assertFalse(order.order_line.drop_shipment)

    def test_line_that_becomes_a_service_loses_its_tick(self):
        """Goods only, also after the product changed."""
        order = self._new_sale(confirm=False)
        order.order_line.product_id = self.service
        self.assertFalse(order.order_line.drop_shipment)

    def test_combo_is_refused(self):
        combo = self.env["product.product"].create(
            {
                "name": "Office",
                "type": "combo",
                "combo_ids": [
                    Command.create(
                        {
                            "name": "Seat",
                            "combo_item_ids": [
                                Command.create({"product_id": self.chair.id})
                            ],
                        }
                    )
                ],
            }
        )
        with self.assertRefused(r"Drop Shipment .*Office", ValidationError):
            self._new_quotation({"product_id": combo.id, "drop_shipment": True})

    def test_section_and_note_are_refused(self):
        for display_type in ("line_section", "line_note"):
            with (
                self.subTest(display_type=display_type),
                self.assertRefused(r"Drop Shipment .*About chairs", ValidationError),
            ):
                self._new_quotation(
                    {
                        "display_type": display_type,
                        "name": "About chairs",
                        "drop_shipment": True,
                    }
                )

    def test_goods_without_inventory_may_be_ticked(self):
        """Goods whose stock is not tracked are shipped by vendors too."""
        paper = self._new_product("Paper", is_storable=False)
        sale = self._new_sale((paper, 3))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 3)
        self.assertEqual(purchase.order_line.qty_received, 3)

    # ------------------------------------------------------------
    # Confirming
    # ------------------------------------------------------------

    def test_confirm_makes_no_delivery_and_no_request(self):
        """Not even where core's own Dropship route would make a request."""
        sale = self._new_sale((self.chair, 10), (self.routed_chair, 2))
        self.assertFalse(sale.picking_ids)
        self.assertFalse(sale.sudo().order_line.purchase_line_ids)
        self.assertEqual(
            sale.order_line.mapped("drop_shipment_state"), ["to_order"] * 2
        )
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [10, 2])

    def test_unticked_lines_of_the_order_go_their_own_way(self):
        """Core's delivery and core's dropship request stay what they are."""
        sale = self._new_sale(
            (self.chair, 10),
            (self.desk, 1, {"drop_shipment": False}),
            (self.routed_chair, 2, {"drop_shipment": False}),
        )
        chair, desk, routed = sale.sudo().order_line
        self.assertFalse(chair.move_ids)
        self.assertFalse(chair.purchase_line_ids)
        self.assertEqual(desk.move_ids.product_uom_qty, 1)
        self.assertEqual(desk.move_ids.picking_id.picking_type_code, "outgoing")
        self.assertEqual(routed.purchase_line_ids.product_qty, 2)
        self.assertFalse(routed.purchase_line_ids.drop_shipment)
        self.assertFalse(routed.drop_shipment_state)
        self.assertFalse(routed.drop_shipment_qty_ordered)

    def test_core_dropship_works_beside_ours(self):
        """Core's Dropship request is confirmed and shipped as before."""
        sale = self._new_sale((self.routed_chair, 2, {"drop_shipment": False}))
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        self.assertFalse(purchase.sell_to_customer_id)
        purchase.button_confirm()
        self._deliver(sale.picking_ids)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(sale.delivery_status, "full")
        self.assertFalse(sale.order_line.qty_to_ship)

    def test_line_added_to_a_confirmed_order(self):
        sale = self._new_sale()
        sale.order_line = [
            Command.create(
                {
                    "product_id": self.desk.id,
                    "product_uom_qty": 3,
                    "drop_shipment": True,
                }
            )
        ]
        line = sale.order_line[1]
        self.assertEqual(line.drop_shipment_state, "to_order")
        self.assertEqual(line.drop_shipment_qty_to_order, 3)
        self.assertFalse(sale.picking_ids)

    def test_raised_quantity_is_to_order(self):
        sale = self._new_sale()
        sale.order_line.product_uom_qty = 15
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 15)
        self.assertFalse(sale.picking_ids)

    def test_forecast_of_own_stock_is_left_out(self):
        """The forecast widget treats a ticked line as made to order."""
        sale = self._new_sale(
            (self.chair, 1), (self.chair, 1, {"drop_shipment": False}), confirm=False
        )
        self.assertEqual(sale.order_line.mapped("is_mto"), [True, False])

    # ------------------------------------------------------------
    # Ticking later
    # ------------------------------------------------------------

    def test_tick_with_an_open_transfer_is_refused(self):
        """Only once the transfer is cancelled the vendor may ship it."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        picking = sale.picking_ids
        with self.assertRefused(
            rf"Drop Shipment .*{sale.name}, line 1 \(Chair\).*{picking.name}"
        ):
            sale.order_line.drop_shipment = True
        self.assertFalse(sale.order_line.drop_shipment)
        self.assertEqual(picking.move_ids.product_uom_qty, 10)

        picking.sudo().action_cancel()
        sale.order_line.drop_shipment = True
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")

    def test_tick_with_a_core_purchase_line_is_refused(self):
        """Core's own dropship request would ship it a second time."""
        sale = self._new_sale((self.routed_chair, 2, {"drop_shipment": False}))
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        with self.assertRefused(
            rf"Drop Shipment .*{sale.name}, line 1 .*{purchase.name}"
        ):
            sale.order_line.drop_shipment = True
        self.assertFalse(sale.order_line.drop_shipment)

        purchase.button_cancel()
        sale.order_line.drop_shipment = True
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 2)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)

    def test_partly_delivered_line_may_be_ticked(self):
        """The vendor ships what own stock did not."""
        sale = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        line = sale.order_line
        self._deliver(sale.picking_ids, 4)
        (sale.picking_ids.filtered(lambda p: p.state != "done")).sudo().action_cancel()
        line.drop_shipment = True
        self.assertEqual(line.drop_shipment_qty_to_order, 6)
        self.assertEqual(line.drop_shipment_state, "partial")

        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.order_line.product_qty, 6)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        self.assertEqual(line.qty_to_ship, 6)
        self._post(sale)
        self.assertEqual(line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 6)
        self.assertEqual(line.drop_shipment_state, "shipped")
        self.assertEqual(sale.delivery_status, "full")

    def test_untick_launches_the_procurement(self):
        """Own stock delivers what no vendor was to ship."""
        sale = self._new_sale()
        sale.order_line.drop_shipment = False
        picking = sale.picking_ids
        self.assertEqual(picking.picking_type_code, "outgoing")
        self.assertEqual(picking.move_ids.product_uom_qty, 10)
        self.assertFalse(sale.order_line.drop_shipment_state)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(sale.order_line.qty_to_ship, 0)

    def test_another_product_brings_its_tick(self):
        """A program writes no tick, but what the product's does must happen as well."""
        sale = self._new_sale()
        sale.order_line.product_id = self.desk
        self.assertFalse(sale.order_line.drop_shipment)
        self.assertEqual(sale.picking_ids.move_ids.product_id, self.desk)

    def test_another_product_ticks_nothing_that_is_ordered(self):
        """The tick of the new product meets the rules, too."""
        sale = self._new_sale((self.routed_chair, 10, {"drop_shipment": False}))
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        with self.assertRefused(
            f"Drop Shipment .*{sale.name}, line 1.*{purchase.name}"
        ):
            sale.order_line.product_id = self.default_chair

    def test_untick_routed_product_makes_the_core_request(self):
        """Unticking hands the line to the product's own route."""
        sale = self._new_sale((self.routed_chair, 2))
        sale.order_line.drop_shipment = False
        purchase_line = sale.sudo().order_line.purchase_line_ids
        self.assertEqual(purchase_line.product_qty, 2)
        self.assertFalse(purchase_line.drop_shipment)

    def test_untick_in_a_quotation_makes_nothing(self):
        sale = self._new_sale(confirm=False)
        sale.order_line.drop_shipment = False
        self.assertFalse(sale.picking_ids)
        sale.action_confirm()
        self.assertEqual(sale.picking_ids.move_ids.product_uom_qty, 10)

    def test_untick_after_a_vendor_shipped_some(self):
        """Own stock delivers the rest, not what the vendor has shipped."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.button_cancel()
        sale.order_line.drop_shipment = False
        delivery = sale.picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
        )
        self.assertEqual(delivery.move_ids.product_uom_qty, 6)
        self._deliver(delivery)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_untick_names_the_order_that_shipped(self):
        """Not the one that holds the rest: nothing is to be closed on it."""
        sale = self._new_sale()
        shipped = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 4)
        shipped.order_line.action_close_drop_shipment_remainder()
        rest = self._new_purchase(sale)
        self.assertEqual(rest.order_line.product_qty, 6)
        with self.assertRefused(f"shipped on purchase order {shipped.name}\\."):
            sale.order_line.drop_shipment = False

    def test_untick_what_was_given_back(self):
        """Nobody takes it out of the confirmed order: a line of its own delivers it."""
        sale = self._new_sale((self.chair, 10), (self.desk, 1))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(
            sale,
            line_ids=[
                Command.create({"sale_line_id": sale.order_line[1].id, "quantity": 1})
            ],
        )
        line = sale.order_line[0]
        purchase.order_line[0].action_close_drop_shipment_remainder()
        with self.assertRefused(rf"{purchase.name}.*Lower it to 0, and add a line"):
            line.drop_shipment = False
        line.product_uom_qty = 0
        own = line.copy(
            {"order_id": sale.id, "product_uom_qty": 10, "drop_shipment": False}
        )
        self.assertEqual(own.move_ids.product_uom_qty, 10)

    def test_untick_while_linked_is_refused(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        for confirm in (False, True):
            if confirm:
                purchase.button_confirm()
            with (
                self.subTest(state=purchase.state),
                self.assertRefused(
                    rf"Drop Shipment .*{sale.name}, line 1 .*{purchase.name}"
                ),
            ):
                sale.order_line.drop_shipment = False
        self.assertTrue(sale.order_line.drop_shipment)
        self.assertEqual(sale.order_line.drop_shipment_state, "ordered")

    def test_one_refused_line_changes_none(self):
        """Ticking several lines ticks all or none."""
        sale = self._new_sale((self.chair, 1), (self.desk, 1))
        purchase = self._new_purchase()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(sale.ids)],
            }
        )
        wizard.line_ids[1:].unlink()
        wizard.action_insert_lines()
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)", UserError):
            sale.order_line.write({"drop_shipment": False})
        self.assertEqual(sale.order_line.mapped("drop_shipment"), [True, True])
        self.assertFalse(sale.picking_ids)

    def test_price_and_discount_stay(self):
        """Ticking and unticking is no reason to price the line again."""
        for state in ("draft", "sale"):
            with self.subTest(state=state):
                sale = self._new_sale(
                    (
                        self.chair,
                        10,
                        {
                            "price_unit": 17.5,
                            "discount": 5.0,
                            "drop_shipment": state == "sale",
                        },
                    ),
                    confirm=state == "sale",
                )
                line = sale.order_line
                line.drop_shipment = not line.drop_shipment
                self.assertEqual((line.price_unit, line.discount), (17.5, 5.0))
                if state == "sale":
                    sale.picking_ids.sudo().action_cancel()
                line.drop_shipment = not line.drop_shipment
                self.assertEqual((line.price_unit, line.discount), (17.5, 5.0))

    def test_price_of_the_pricelist_stays_after_it_changed(self):
        """A price that was never typed in stays as well."""
        sale = self._new_sale(confirm=False)
        self.assertEqual(sale.order_line.price_unit, 20)
        self.chair.list_price = 99
        sale.order_line.drop_shipment = False
        sale.order_line.drop_shipment = True
        self.assertEqual(sale.order_line.price_unit, 20)
