from lxml import etree

from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from .common import DropShipmentCommon


class TestLots(DropShipmentCommon):
    """Numbers on the goods lead to the vendor, the customer and both orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse_user = cls._new_user("warehouse", "stock.group_stock_user")
        cls.serial_chair = cls._new_product("Serial Chair", tracking="serial")
        cls.lot_chair = cls._new_product("Lot Chair", tracking="lot")

    def _new_orders(self, *lines):
        """Return a sales order and the confirmed purchase order that ships it."""
        sale = self._new_sale(*lines)
        return sale, self._new_purchase(sale, confirm=True)

    def _post_lots(self, order, *names, quantity=None):
        """Post with these numbers in the dialog; return the transfer."""
        done = order.sudo().picking_ids.filtered(
            lambda picking: picking.state == "done"
        )
        wizard = order.env["drop.shipment.post"].create(
            {f"{order._name.replace('.', '_')}_id": order.id}
        )
        if quantity is not None:
            wizard.line_ids.quantity = quantity
        wizard.line_ids.lot_names = "\n".join(names)
        wizard.action_post()
        self.env.invalidate_all()
        return (
            order.sudo().picking_ids.filtered(lambda picking: picking.state == "done")
            - done
        )

    def _enter_lots(self, picking, *names):
        """Enter numbers in the transfer, as warehouse user."""
        self.env.invalidate_all()
        picking = picking.sudo().with_user(self.warehouse_user)
        for line, name in zip(picking.move_line_ids, names, strict=True):
            line.lot_name = name
        self.env.invalidate_all()
        return picking

    def _get_lots(self, product):
        return self.env["stock.lot"].search([("product_id", "=", product.id)])

    def assertTraceable(self, lots, sale, purchase, picking):
        """Each lot knows the way it went."""
        self.env.invalidate_all()
        for lot in lots:
            self.assertEqual(lot.sale_order_ids, sale.sudo())
            self.assertEqual(lot.purchase_order_ids, purchase.sudo())
            self.assertEqual(lot.delivery_ids, picking.sudo())
            self.assertEqual(lot.partner_ids, self.ship_to)
            move = picking.sudo().move_line_ids.filtered(
                lambda line, lot=lot: line.lot_id == lot
            )
            self.assertEqual(move.location_id.usage, "supplier")
            self.assertEqual(move.location_dest_id.usage, "customer")

    def test_serials_from_the_sales_door(self):
        """Sales types the numbers into the dialog; the goods are traced."""
        sale, purchase = self._new_orders((self.serial_chair, 2))
        picking = self._post_lots(sale, "SN-1", "SN-2")
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(purchase.order_line.qty_received, 2)
        lots = self._get_lots(self.serial_chair)
        self.assertEqual(lots.mapped("name"), ["SN-1", "SN-2"])
        self.assertTraceable(lots, sale, purchase, picking)

    def test_lot_from_the_purchase_door(self):
        """So does the buyer."""
        sale, purchase = self._new_orders((self.lot_chair, 3))
        picking = self._post_lots(purchase, "LOT-1")
        self.assertEqual(sale.order_line.qty_delivered, 3)
        lot = self._get_lots(self.lot_chair)
        self.assertEqual(lot.name, "LOT-1")
        self.assertTraceable(lot, sale, purchase, picking)

    def test_lot_that_is_known(self):
        """More of a lot that came before joins it."""
        for quantity in (1, 2):
            sale, __ = self._new_orders((self.lot_chair, 3))
            self._post_lots(sale, "LOT-1", quantity=quantity)
            self.assertEqual(sale.order_line.qty_delivered, quantity)
        self.assertEqual(len(self._get_lots(self.lot_chair)), 1)

    def test_numbers_replace_those_of_the_transfer(self):
        """What is typed last counts."""
        sale, __ = self._new_orders((self.serial_chair, 2))
        self._enter_lots(sale.picking_ids, "SN-WRONG", "SN-2")
        self._post_lots(sale, "SN-1", "SN-2")
        self.assertEqual(
            self._get_lots(self.serial_chair).mapped("name"), ["SN-1", "SN-2"]
        )

    def test_some_numbers_are_missing(self):
        """One number for two pieces is not enough."""
        sale, __ = self._new_orders((self.serial_chair, 2))
        sale.picking_ids.sudo().move_line_ids[0].lot_name = "SN-1"
        with self.assertRefused("needs lot or serial numbers"):
            self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_numbers_of_goods_without(self):
        """A chair has none: core would forget them without a word."""
        sale, _purchase = self._new_orders((self.chair, 2))
        with self.assertRefused(
            r"line 1 \(Chair\) has no lot or serial numbers: clear Lot/Serial Numbers"
        ):
            self._post_lots(sale, "SN-1", "SN-2")
        self.assertEqual(self._post_lots(sale, " ").move_ids.quantity, 2)

    def test_numbers_entered_before_post(self):
        """A transfer that is ready is posted at once."""
        sale, purchase = self._new_orders((self.serial_chair, 2))
        picking = sale.picking_ids
        self.env.invalidate_all()
        lines = picking.sudo().move_line_ids.with_user(self.warehouse_user)
        for line, name in zip(lines, ("SN-1", "SN-2"), strict=True):
            line.lot_name = name
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertTraceable(self._get_lots(self.serial_chair), sale, purchase, picking)

    def test_validated_on_the_transfer(self):
        """The warehouse's own door leaves the same traces."""
        sale, purchase = self._new_orders((self.lot_chair, 3))
        picking = self._enter_lots(sale.picking_ids, "LOT-1")
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.qty_delivered, 3)
        self.assertTraceable(self._get_lots(self.lot_chair), sale, purchase, picking)

    def test_numbers_of_a_part_and_of_the_rest(self):
        """The backorder has its own numbers."""
        sale, purchase = self._new_orders((self.serial_chair, 3))
        first = self._post_lots(sale, "SN-1", "SN-2", quantity=2)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        rest = self._post_lots(sale, "SN-3")
        self.assertNotEqual(rest, first)
        self.assertEqual(sale.order_line.qty_delivered, 3)
        lots = self._get_lots(self.serial_chair)
        self.assertTraceable(lots[:2], sale, purchase, first)
        self.assertTraceable(lots[2], sale, purchase, rest)

    def test_two_sales_orders_in_one_purchase_order(self):
        """Each number leads to its own customer's order."""
        first, second = (self._new_sale((self.lot_chair, 1)) for __ in range(2))
        purchase = self._new_purchase(first, second, confirm=True)
        for sale, name in ((first, "LOT-1"), (second, "LOT-2")):
            self._post_lots(sale, name)
        lots = self._get_lots(self.lot_chair).sorted("name")
        for sale, lot in ((first, lots[0]), (second, lots[1])):
            self.assertTraceable(lot, sale, purchase, sale.picking_ids)

    def test_returned_to_the_vendor(self):
        """A serial that went back is the one that came."""
        sale, purchase = self._new_orders((self.serial_chair, 1))
        self._post_lots(sale, "SN-1")
        returned = self._return(sale.picking_ids, 1)
        self.assertEqual(returned.move_line_ids.lot_id.name, "SN-1")
        self.assertEqual(returned.state, "done")
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(purchase.order_line.qty_received, 0)

    def test_number_used_twice(self):
        """A serial that has been shipped already is refused; nothing is shipped."""
        sale, __ = self._new_orders((self.serial_chair, 2))
        with self.assertRefused("SN-1"):
            self._post_lots(sale, "SN-1", "SN-1")
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_posting_many_needs_lots(self):
        """Without a dialog to enter numbers in, nothing is posted."""
        sale = self._new_sale((self.lot_chair, 2))
        self._new_purchase(sale, confirm=True)
        dialog = sale.env["drop.shipment.post"]
        with self.assertRefused(f"{sale.name}, line 1 .* needs lot or serial numbers"):
            dialog.post_lines(sale.order_line.ids, "ship", sale_order_id=sale.id)
        self.assertEqual(sale.order_line.qty_delivered, 0)

    # ------------------------------------------------------------
    # THE TRANSFER'S OWN SCREENS
    # ------------------------------------------------------------

    def _get_columns(self, action):
        """Return the columns that the list of an action shows, as warehouse user."""
        view = (
            self.env["stock.move.line"]
            .with_user(self.warehouse_user)
            .get_view(action["views"][0][0], "list")
        )
        return {
            node.get("name")
            for node in etree.fromstring(view["arch"]).iter("field")
            if not safe_eval(
                node.get("column_invisible", "False"), {"context": action["context"]}
            )
        }

    def test_typed_in_detailed_operations(self):
        """*Detailed Operations* has a column to type numbers, as on a receipt."""
        self.warehouse_user.group_ids |= self.env.ref("stock.group_production_lot")
        sale, _purchase = self._new_orders((self.serial_chair, 2))
        picking = sale.sudo().picking_ids.with_user(self.warehouse_user)
        columns = self._get_columns(picking.action_detailed_operations())
        self.assertIn("lot_name", columns)
        self.assertFalse({"quant_id", "lot_id"} & columns)
        # Where the operation type has existing numbers, they are chosen.
        picking.sudo().picking_type_id.use_existing_lots = True
        columns = self._get_columns(picking.action_detailed_operations())
        self.assertIn("lot_id", columns)
        self.assertFalse({"quant_id", "lot_name"} & columns)

    def test_typed_on_the_line(self):
        """So has the list of a line's own numbers, and all is shipped with them."""
        self.warehouse_user.group_ids |= self.env.ref("stock.group_production_lot")
        sale, purchase = self._new_orders((self.lot_chair, 2))
        move = sale.sudo().picking_ids.move_ids.with_user(self.warehouse_user)
        with Form(move, "stock.view_stock_move_operations") as form:
            self.assertFalse(form.show_quant)
            self.assertTrue(form.show_lots_text)
            with form.move_line_ids.edit(0) as line:
                line.lot_name = "LOT-1"
        move.picking_id.button_validate()
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertTraceable(
            self._get_lots(self.lot_chair), sale, purchase, move.picking_id
        )
        self.assertTrue(move.show_lots_m2o)

    def test_ordinary_transfers_as_before(self):
        """Deliveries from stock are picked from it, and core's dropship stays."""
        sale = self._new_sale((self.lot_chair, 2, {"drop_shipment": False}))
        picking = sale.sudo().picking_ids
        self.assertTrue(picking.move_ids.show_quant)
        action = picking.action_detailed_operations()
        self.assertEqual(action["context"]["picking_code"], "outgoing")
