from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import KitCommon


class TestChanges(KitCommon):
    """Less and more ordered, closing, cancelling, and kits that change meanwhile."""

    def assertShipped(self, purchase, **parts):
        """So much was shipped of each part, and nothing came back."""
        moves = self._get_moves(purchase, "done")
        self.assertFalse(moves.filtered("origin_returned_move_id"))
        shipped = self._get_parts(moves)
        self.assertEqual(
            shipped, {f"Part {name.upper()}": value for name, value in parts.items()}
        )

    # ------------------------------------------------------------
    # QUANTITY
    # ------------------------------------------------------------

    def test_less_is_ordered(self):
        """After 20 A and 7 B the order falls to 8: 1 B is left, no A comes back."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        purchase.order_line.product_qty = 8
        self.assertEqual(self._get_parts(self._get_moves(purchase)), {"Part B": 1})
        self.assertEqual(sale.order_line.qty_to_ship, 1)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 2)
        self._post(sale)
        self.assertCounts(sale, 8)
        self.assertShipped(purchase, a=20, b=8)

    def test_less_and_more_before_shipping(self):
        """10, 6, then 9 kits: the transfer follows."""
        sale, purchase = self._new_orders()
        for quantity in (6, 9):
            purchase.order_line.product_qty = quantity
            self.assertEqual(
                self._get_parts(self._get_moves(purchase)),
                {"Part A": 2 * quantity, "Part B": quantity},
            )
            self.assertEqual(sale.order_line.qty_to_ship, quantity)
        self._post(sale)
        self.assertCounts(sale, 9)
        self.assertFalse(self._get_moves(purchase))

    def test_not_below_received(self):
        """7 whole kits are shipped: 6 is refused, 7 closes the rest."""
        _sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        with self.assertRefused("7 Units have been shipped", UserError):
            purchase.order_line.product_qty = 6
        purchase.order_line.product_qty = 7
        self.assertFalse(self._get_moves(purchase))
        self.assertShipped(purchase, a=20, b=7)

    def test_more_is_ordered(self):
        """After 20 A and 7 B two kits more are 4 A and 2 B more."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        sale.order_line.product_uom_qty = 12
        purchase.order_line.product_qty = 12
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 4, "Part B": 5}
        )
        self._post(sale)
        self.assertCounts(sale, 12)
        self.assertShipped(purchase, a=24, b=12)

    def test_close_remainder(self):
        """The second vendor ships 3 whole kits, however many A are ahead."""
        sale = self._new_sale((self.kit, 10), (self.chair, 5))
        purchase = self._new_purchase(sale, confirm=True)
        picking = self._get_moves(purchase).picking_id
        for move, quantity in zip(picking.move_ids, (20, 7, 0), strict=True):
            move.quantity = quantity
            move.picked = bool(quantity)
        picking.with_context(skip_backorder=True).button_validate()
        purchase.order_line[0].action_close_drop_shipment_remainder()
        self.env.invalidate_all()
        self.assertEqual(purchase.order_line.mapped("product_qty"), [7, 5])
        self.assertEqual(sale.order_line[0].drop_shipment_qty_to_order, 3)
        self.assertFalse(
            self._get_moves(purchase, "done").filtered("origin_returned_move_id")
        )
        again = self._new_purchase(sale, confirm=True)
        self.assertEqual(
            self._get_parts(self._get_moves(again)), {"Part A": 6, "Part B": 3}
        )
        self._post(again)
        self.env.invalidate_all()
        self.assertEqual(sale.order_line[0].qty_delivered, 10)

    def test_waive_remainder(self):
        """The customer does without the rest: 7 are sold, all is shipped."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        line = purchase.sudo().order_line
        line.action_waive_drop_shipment_remainder()
        self.assertCounts(sale, 7)
        self.assertEqual(sale.order_line.product_uom_qty, 7)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")

    def test_cancel_the_purchase(self):
        """4 of 10 shipped, the order cancelled: 6 are to order again."""
        sale, purchase = self._new_orders()
        self._post(sale, quantity=4)
        purchase.button_cancel()
        self.assertCounts(sale, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        again = self._new_purchase(sale, confirm=True)
        self._post(again)
        self.assertCounts(sale, 10)
        self.assertEqual(again.order_line.qty_received, 6)

    def test_cancelled_transfer_is_shipped_again(self):
        """Ship Again asks for what is missing of each part, not for what is ahead."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        self._get_moves(purchase).picking_id.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.qty_to_ship, 0)
        purchase.order_line.action_ship_drop_shipment_again()
        self.assertEqual(self._get_parts(self._get_moves(purchase)), {"Part B": 3})
        self._post(sale)
        self.assertCounts(sale, 10)

    def test_cancel_the_sale(self):
        """The request for quotation lets go of the kit."""
        sale = self._new_sale((self.kit, 10))
        purchase = self._new_purchase(sale)
        sale.action_cancel()
        self.assertFalse(purchase.order_line)
        self.assertEqual(sale.order_line.drop_shipment_state, "cancel")

    def test_over_delivery(self):
        """12 of 10 kits; then 2 more where all A were shipped already."""
        sale, purchase = self._new_orders()
        self._post(sale, quantity=12, over_delivery=True)
        self.assertCounts(sale, 12)
        self.assertShipped(purchase, a=24, b=12)
        self.assertRegex(self._chatter(sale), "2 Units more than was outstanding")
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=20, b=7)
        self._post(purchase, quantity=5, over_delivery=True)
        self.assertCounts(sale, 12)
        self.assertShipped(purchase, a=24, b=12)
        self.assertRegex(self._chatter(purchase), "2 Units more than was outstanding")

    def test_more_of_one_part(self):
        """22 A and 10 B are 10 kits; the 2 A are nobody's debt."""
        sale, purchase = self._new_orders()
        self._ship_parts(purchase, a=22, b=10)
        self.assertCounts(sale, 10)
        self.assertFalse(self._get_moves(purchase))
        self.assertEqual(len(sale.order_line), 1)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)

    def test_part_added_on_the_transfer(self):
        """1 B that Inventory adds is of the kit, also above the other lines."""
        for sequence in (10, 20):
            with self.subTest(sequence=sequence):
                sale, purchase = self._new_orders()
                self._ship_parts(purchase, a=20, b=7)
                picking = self._get_moves(purchase).picking_id
                moves = self._get_moves(purchase)
                moves.write({"product_uom_qty": 2, "sequence": sequence})
                picking.move_ids = [
                    Command.create(
                        {
                            "product_id": self.part_b.id,
                            "product_uom_qty": 1,
                            "quantity": 1,
                            "picked": True,
                            "location_id": picking.location_id.id,
                            "location_dest_id": picking.location_dest_id.id,
                        }
                    )
                ]
                picking.move_ids.picked = True
                # It is saved before it is validated.
                self.env.flush_all()
                self.env.invalidate_all()
                picking.with_context(skip_backorder=True).button_validate()
                self.assertCounts(sale, 10)
                self.assertEqual(len(sale.order_line), 1)
                self.assertEqual(len(purchase.order_line), 1)

    def test_kit_added_on_the_transfer(self):
        """2 kits besides 10 A, one A first: 14 A and 2 B, on both orders."""
        sale, purchase = self._new_orders(10, self.part_a)
        picking = self._get_moves(purchase).picking_id
        with Form(picking) as form, form.move_ids.new() as row:
            row.product_id = self.kit
            row.product_uom_qty = 2
        self._ship_parts(purchase, a=1)
        self._deliver(picking.backorder_ids)
        for order, field in ((sale, "qty_delivered"), (purchase, "qty_received")):
            order.invalidate_recordset()
            self.assertEqual(
                {line.product_id: line[field] for line in order.order_line},
                {self.part_a: 14, self.part_b: 2},
            )
        lines = sale.sudo().picking_ids.sorted("id")[1].move_line_ids
        slip = lines._get_aggregated_product_quantities().values()
        self.assertEqual(
            [(line["product"], line["qty_ordered"], line["quantity"]) for line in slip],
            [(self.part_a, 10, 9), (self.part_a, 3, 3), (self.part_b, 2, 2)],
        )

    # ------------------------------------------------------------
    # COMPOSITION
    # ------------------------------------------------------------

    def test_changed_after_the_link(self):
        """What was agreed stays, from the link on; a later link has the new one."""
        sale = self._new_sale((self.kit, 10))
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=6)
        self.bom.bom_line_ids[0].product_qty = 1
        purchase.button_confirm()
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 12, "Part B": 6}
        )
        self.bom.bom_line_ids[1].product_qty = 3
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)
        purchase.order_line.product_qty = 5
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 2, "Part B": 1}
        )
        again = self._new_purchase(sale, confirm=True)
        self.assertEqual(
            self._get_parts(self._get_moves(again)), {"Part A": 5, "Part B": 15}
        )
        self._post(sale)
        self.assertCounts(sale, 10)

    def test_part_removed(self):
        """A part that is taken out of the bill of materials is shipped and counted."""
        sale, purchase = self._new_orders()
        self._post(sale, quantity=4)
        self.bom.bom_line_ids[0].unlink()
        self.assertCounts(sale, 4)
        self._post(sale)
        self.assertCounts(sale, 10)
        self.assertShipped(purchase, a=20, b=10)

    def test_archived_in_between(self):
        """A kit no more: the vendor ships the parts that were agreed."""
        sale = self._new_sale((self.kit, 10))
        purchase = self._new_purchase(sale)
        self.bom.active = False
        purchase.button_confirm()
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)
        self._post(sale)
        self.assertCounts(sale, 10)
        self.assertShipped(purchase, a=20, b=10)

    def test_made_in_between(self):
        """A product that becomes a kit before it is confirmed is shipped as the kit."""
        sale = self._new_sale((self.desk, 10))
        purchase = self._new_purchase(sale)
        self._new_bom(self.desk, (self.part_a, 2))
        purchase.button_confirm()
        self.assertEqual(self._get_parts(self._get_moves(purchase)), {"Part A": 20})
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)
        self._post(sale)
        self.assertCounts(sale, 10)

    def test_made_after_confirmation(self):
        """One that becomes a kit later was shipped as what it was."""
        sale, purchase = self._new_orders(10, self.desk)
        self._post(sale, quantity=4)
        self._new_bom(self.desk, (self.part_a, 2))
        self.assertCounts(sale, 4)
        purchase.order_line.product_qty = 8
        self.assertEqual(sale.order_line.qty_to_ship, 4)
        self.assertCounts(sale, 4)

    def test_nested_kit(self):
        """40 A, 6 in each kit on two levels: 6 kits."""
        inner = self._new_product("Inner Kit")
        self._new_bom(inner, (self.part_a, 2), (self.service, 1))
        outer = self._new_product("Outer Kit")
        self._new_bom(
            outer, (inner, 2), (self.part_a, 2), (self.part_b, 1), (self.chair, 0)
        )
        sale, purchase = self._new_orders(10, outer)
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 60, "Part B": 10}
        )
        self._ship_parts(purchase, a=40, b=10)
        self.assertCounts(sale, 6)
        self._post(sale)
        self.assertCounts(sale, 10)

    def test_kit_of_services(self):
        """Nothing but a service in it: there is nothing to ship."""
        self._new_bom(self.desk, (self.service, 1))
        with self.assertRefused(r"\(Desk\): Its kit has no goods", ValidationError):
            self._new_sale((self.desk, 10))

    def test_options_without_variant(self):
        """A part that hangs on an option which makes no variant is shipped."""
        attribute = self.env["product.attribute"].create(
            {
                "name": "Option",
                "create_variant": "no_variant",
                "value_ids": [
                    Command.create({"name": name}) for name in ("Plain", "Rich")
                ],
            }
        )
        template = self.kit.product_tmpl_id.with_env(self.env)
        template.attribute_line_ids = [
            Command.create(
                {
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set(attribute.value_ids.ids)],
                }
            )
        ]
        self.env.invalidate_all()
        options = template.attribute_line_ids.product_template_value_ids
        kit = template.product_variant_id
        for line, option in zip(self.bom.bom_line_ids, options, strict=True):
            line.bom_product_template_attribute_value_ids = option
        chosen = [Command.set(options[1].ids)]
        sale, purchase = self._new_orders(
            10, kit, product_no_variant_attribute_value_ids=chosen
        )
        self.assertEqual(self._get_parts(self._get_moves(purchase)), {"Part B": 10})
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)

    def test_parts_with_the_dropship_route(self):
        """Core's Dropship route on the parts does not reach the transfer."""
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        (self.part_a | self.part_b).route_ids = [Command.set(route.ids)]
        self.env["res.company"].create({"name": "Sister Company"})
        sale, purchase = self._new_orders()
        self._post(sale)
        self.assertCounts(sale, 10)
        self.assertShipped(purchase, a=20, b=10)

    def test_kit_of_one_company(self):
        """The composition is that of the order's company, not of the user's."""
        sister = self.env["res.company"].create({"name": "Sister Company"})
        self.bom.company_id = self.company
        self._new_bom(self.kit, (self.part_a, 5), company_id=sister.id, sequence=-1)
        self.env.user.company_ids |= sister
        sale = self._new_sale((self.kit, 10))
        purchase = self._new_purchase(sale)
        purchase.with_user(self.env.user).with_company(sister).button_confirm()
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 20, "Part B": 10}
        )
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)
