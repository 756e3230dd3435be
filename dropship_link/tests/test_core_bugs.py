from odoo.fields import Command
from odoo.tests import Form

from .common import DropShipmentCommon


class CoreBugsCommon(DropShipmentCommon):
    """What several of these tests look at."""

    def _get_purchases(self, sale):
        """Return the purchase orders with a line of the sales order, in any state."""
        return sale.sudo().order_line.purchase_line_ids.order_id

    def _get_moves(self, sale):
        """Return {purchase order: quantities of its moves that are not cancelled}."""
        moves = sale.sudo().order_line.move_ids.filtered(
            lambda move: move.state != "cancel"
        )
        return {
            purchase.with_user(self.buyer): group.mapped("product_uom_qty")
            for purchase, group in moves.grouped(
                lambda move: move.purchase_line_id.order_id
            ).items()
        }


class TestCoreQuantities(CoreBugsCommon):
    """Bugs of core's dropship after a quantity changed on either side."""

    def test_rise_makes_no_second_request(self):
        """#31963, #47677: core made another request when the quantity changed."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        for quantity in (12, 10, 14):
            sale.order_line.product_uom_qty = quantity
            self.assertEqual(self._get_purchases(sale), purchase.sudo())
        purchase.button_confirm()
        sale.order_line.product_uom_qty = 20
        self.assertEqual(self._get_purchases(sale), purchase.sudo())
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(self._get_moves(sale), {purchase: [10]})

    def test_rise_of_one_is_one(self):
        """#26937: a request of 1 became 3 when the sale went from 1 to 2."""
        sale = self._new_sale((self.chair, 1))
        purchase = self._new_purchase(sale)
        sale.order_line.product_uom_qty = 2
        self.assertEqual(purchase.order_line.product_qty, 1)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 1)
        self._get_sales_orders(purchase, sale)
        self.assertEqual(sum(purchase.order_line.mapped("product_qty")), 2)
        purchase.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 2)
        self.assertEqual(sum(purchase.order_line.mapped("qty_received")), 2)

    def test_rise_of_one_by_the_buyer(self):
        """The same where the buyer raises the line that is there."""
        sale = self._new_sale((self.chair, 1))
        purchase = self._new_purchase(sale)
        sale.order_line.product_uom_qty = 2
        purchase.order_line.product_qty = 2
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        with self.assertRefused("1 Units more than is left to order"):
            purchase.order_line.product_qty = 3
        purchase.button_confirm()
        self.assertEqual(self._get_moves(sale), {purchase: [2]})

    def test_fall_after_a_rise(self):
        """5 ordered, then 9, then 4: core left a request of -1, and confirming it
        divided by zero."""
        sale = self._new_sale((self.chair, 5))
        first = self._new_purchase(sale, confirm=True)
        sale.order_line.product_uom_qty = 9
        second = self._new_purchase(sale)
        self.assertEqual(second.order_line.product_qty, 4)
        with self.assertRefused(rf"{sale.name}, line 1 \(Chair\) .*{first.name}"):
            sale.order_line.product_uom_qty = 4
        self.assertEqual(second.order_line.product_qty, 4)
        sale.order_line.product_uom_qty = 6
        self.assertEqual(second.order_line.product_qty, 1)
        second.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 6)
        self.assertEqual(first.order_line.qty_received, 5)
        self.assertEqual(second.order_line.qty_received, 1)

    def test_fall_to_what_is_confirmed(self):
        """The request of the rise is gone then; an empty one ships nothing."""
        sale = self._new_sale((self.chair, 5))
        first = self._new_purchase(sale, confirm=True)
        sale.order_line.product_uom_qty = 9
        second = self._new_purchase(sale)
        sale.order_line.product_uom_qty = 5
        self.assertFalse(second.order_line)
        self.assertRegex(self._chatter(second), rf"{sale.name}.*4.*0")
        second.button_confirm()
        self.assertFalse(second.sudo().picking_ids)
        self.assertEqual(self._get_moves(sale), {first: [5]})

    def test_fall_below_a_confirmed_order(self):
        """5 to 2 after the confirmation: core left the vendor's order at 5."""
        sale = self._new_sale((self.chair, 5))
        purchase = self._new_purchase(sale, confirm=True)
        with self.assertRefused(
            rf"{sale.name}, line 1 \(Chair\).*5.*buyer.*{purchase.name} to 2"
        ):
            sale.order_line.product_uom_qty = 2
        self.assertEqual(sale.order_line.product_uom_qty, 5)
        # The way out that the message names.
        purchase.order_line.product_qty = 2
        sale.order_line.product_uom_qty = 2
        self.assertEqual(self._get_moves(sale), {purchase: [2]})
        self._post(sale)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")

    def test_buyer_shortens(self):
        """5 to 2 by the buyer: nobody noticed that the customer misses 3."""
        sale = self._new_sale((self.chair, 5))
        purchase = self._new_purchase(sale)
        purchase.order_line.product_qty = 2
        purchase.button_confirm()
        line = sale.order_line
        self.assertEqual(line.drop_shipment_qty_to_order, 3)
        self.assertEqual(line.drop_shipment_state, "to_order")
        self.assertTrue(sale.drop_shipment_to_order)
        self._post(sale)
        self.assertEqual(line.drop_shipment_state, "partial")
        self.assertEqual(sale.delivery_status, "partial")
        self._post_invoice(sale)
        self.assertNotEqual(sale.invoice_status, "invoiced")
        # The next buyer finds what is missing.
        rest = self._new_purchase(sale)
        self.assertEqual(rest.order_line.product_qty, 3)

    def test_lower_purchase_makes_no_transfer(self):
        """#57113: lowering a purchase order made another transfer, an empty one."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        picking = purchase.sudo().picking_ids
        purchase.order_line.product_qty = 6
        self.assertEqual(purchase.sudo().picking_ids, picking)
        self.assertEqual(self._get_moves(sale), {purchase: [6]})
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 4)

    def test_lower_purchase_after_a_part(self):
        """The same beside a backorder, down to what has come."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        pickings = purchase.sudo().picking_ids
        self.assertEqual(len(pickings), 2)
        purchase.order_line.product_qty = 7
        self.assertEqual(purchase.sudo().picking_ids, pickings)
        self.assertEqual(sale.order_line.qty_to_ship, 3)
        purchase.order_line.product_qty = 4
        self.assertEqual(purchase.sudo().picking_ids, pickings)
        self.assertEqual(sale.order_line.qty_to_ship, 0)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        self.assertEqual(purchase.receipt_status, "full")

    def test_lower_one_of_two_lines(self):
        """The other line's transfer stays as it is."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale, confirm=True)
        purchase.order_line[0].product_qty = 6
        self.assertEqual(len(purchase.sudo().picking_ids), 1)
        self.assertEqual(self._get_moves(sale), {purchase: [6, 2]})


class TestCoreLines(CoreBugsCommon):
    """Bugs of core's dropship with products and lines of one order."""

    def test_two_lines_of_one_product(self):
        """#30800: two sales lines became one purchase line."""
        sale = self._new_sale((self.chair, 3), (self.chair, 7))
        first, second = sale.order_line
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [3, 7])
        self.assertEqual(
            purchase.sudo().order_line.sale_line_id, sale.order_line.sudo()
        )
        self.assertEqual(self._get_moves(sale), {purchase: [3, 7]})
        first.qty_to_ship = 0
        second.qty_to_ship = 5
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [0, 5])
        self.assertEqual(purchase.order_line.mapped("qty_received"), [0, 5])

    def test_two_orders_of_one_product(self):
        """The same with two sales orders, fetched together or after one another."""
        first, second = self._new_sale((self.chair, 3)), self._new_sale((self.chair, 7))
        for together in (True, False):
            with self.subTest(together=together):
                if together:
                    purchase = self._new_purchase(first, second)
                else:
                    purchase = self._new_purchase(first)
                    self._get_sales_orders(purchase, second)
                purchase.button_confirm()
                self.assertEqual(purchase.order_line.mapped("product_qty"), [3, 7])
                self.assertEqual(self._get_moves(first), {purchase: [3]})
                self.assertEqual(self._get_moves(second), {purchase: [7]})
                purchase.button_cancel()

    def test_product_changed(self):
        """#35383: the sale got another product, the purchase order kept the old one.

        Core froze it for people with purchase rights only.
        """
        sale = self._new_sale()
        self.assertTrue(sale.order_line.product_updatable)
        purchase = self._new_purchase(sale)
        self.assertFalse(sale.order_line.product_updatable)
        with self.assertRefused(
            rf"Product of {sale.name}, line 1 \(Chair\) .*{purchase.name}"
        ):
            sale.order_line.product_id = self.desk
        with self.assertRefused(
            rf"Product of {purchase.name}, line 1 \(Chair\) .*{sale.name}"
        ):
            purchase.order_line.product_id = self.desk
        self.assertEqual(sale.order_line.product_id, self.chair)
        self.assertEqual(purchase.order_line.product_id, self.chair)

    def test_product_changed_in_the_form(self):
        """The form does not even let the salesman choose another one."""
        sale = self._new_sale()
        self._new_purchase(sale)
        with Form(sale) as form, form.order_line.edit(0) as line:
            with self.assertRaises(AssertionError):
                line.product_id = self.desk
            line.product_uom_qty = 12
        self.assertEqual(sale.order_line.product_id, self.chair)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 2)

    def test_core_counts_its_own_lines(self):
        """#237291: quantities of a dropship were taken for those of other lines."""
        self.env["stock.quant"]._update_available_quantity(
            self.chair, self._get_stock_location(), 100
        )
        sale = self._new_sale(
            (self.chair, 10), (self.chair, 5, {"drop_shipment": False})
        )
        ours, own = sale.order_line
        self._new_purchase(sale, confirm=True)
        self.assertEqual(own.sudo().move_ids.product_uom_qty, 5)
        own.product_uom_qty = 8
        self.assertEqual(sum(own.sudo().move_ids.mapped("product_uom_qty")), 8)
        self.assertEqual(ours.drop_shipment_qty_to_order, 0)
        ours.product_uom_qty = 11
        self.assertEqual(sum(own.sudo().move_ids.mapped("product_uom_qty")), 8)
        self.assertEqual(ours.drop_shipment_qty_to_order, 1)
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 0])

    def test_core_counts_its_own_purchases(self):
        """The same where own goods are made to order: core raises its own request."""
        sale = self._new_sale(
            (self.chair, 10),
            (
                self.chair,
                5,
                {"drop_shipment": False, "route_ids": self._get_make_to_order()},
            ),
        )
        ours, own = sale.order_line
        core_purchase = self._find_core_purchase()
        self.assertEqual(core_purchase.order_line.product_qty, 5)
        purchase = self._new_purchase(sale)
        own.product_uom_qty = 8
        ours.product_uom_qty = 12
        self.assertEqual(core_purchase.order_line.product_qty, 8)
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(ours.drop_shipment_qty_to_order, 2)
        purchase.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 0])
        self.assertEqual(core_purchase.order_line.product_qty, 8)

    def test_unticked_line_procures_what_is_missing(self):
        """#237291 the other way: shipped by the vendor is not procured again."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.button_cancel()
        sale.order_line.drop_shipment = False
        own = sale.order_line.sudo().move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        self.assertEqual(own.mapped("product_uom_qty"), [6])
        sale.order_line.product_uom_qty = 12
        own = sale.order_line.sudo().move_ids.filtered(
            lambda move: move.state not in ("done", "cancel")
        )
        self.assertEqual(sum(own.mapped("product_uom_qty")), 8)

    def _get_stock_location(self):
        return (
            self.env["stock.warehouse"]
            .search([("company_id", "=", self.company.id)], limit=1)
            .lot_stock_id
        )

    def _get_make_to_order(self):
        """Return the write command of core's routes for own goods made to order."""
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.company.id)], limit=1
        )
        routes = warehouse.mto_pull_id.route_id | warehouse.buy_pull_id.route_id
        routes.active = True
        routes.sale_selectable = True
        return [Command.set(routes.ids)]

    def _find_core_purchase(self):
        """Return the request for quotation that core made of the chair."""
        return self.env["purchase.order"].search(
            [
                ("partner_id", "=", self.vendor.id),
                ("order_line.product_id", "=", self.chair.id),
                ("sell_to_customer_id", "=", False),
            ]
        )


class TestCoreCancelling(CoreBugsCommon):
    """Bugs of core's dropship with orders that are cancelled."""

    def test_reopened_purchase_keeps_what_was_delivered(self):
        """#27777: cancelled, set to draft and confirmed, the delivered quantity was
        lost."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        purchase.button_cancel()
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)
        purchase.button_draft()
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        purchase.button_confirm()
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(purchase.order_line.qty_received, 4)
        self.assertEqual(sale.order_line.qty_to_ship, 6)
        self._post(purchase)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 10)

    def test_cancelled_sale_leaves_no_request(self):
        """Core left the request of a cancelled sale alive, for the vendor to ship."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        sale.action_cancel()
        self.assertFalse(purchase.order_line)
        self.assertFalse(purchase.origin)
        self.assertRegex(self._chatter(purchase), rf"Chair.*{sale.name} is cancelled")
        purchase.button_confirm()
        self.assertFalse(purchase.sudo().picking_ids)

    def test_cancelled_purchase_then_a_rise(self):
        """Core made a request for all of it when the sale rose by one afterwards."""
        sale = self._new_sale((self.chair, 5))
        purchase = self._new_purchase(sale, confirm=True)
        purchase.button_cancel()
        sale.order_line.product_uom_qty = 6
        self.assertEqual(self._get_purchases(sale), purchase.sudo())
        self.assertEqual(self._get_moves(sale), {})
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)

    def test_cancelled_purchase_after_a_part_then_a_rise(self):
        """What the vendor has shipped is not ordered once more."""
        sale = self._new_sale((self.chair, 5))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=2)
        purchase.button_cancel()
        sale.order_line.product_uom_qty = 6
        self.assertEqual(self._get_purchases(sale), purchase.sudo())
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 4)
        rest = self._new_purchase(sale, confirm=True)
        self.assertEqual(rest.order_line.product_qty, 4)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 6)
        self.assertEqual(sale.delivery_status, "full")

    def test_cancelled_sale_tells_once(self):
        """#239569: two activities on the purchase order when the sale was cancelled."""
        for quantity in (None, 4):
            with self.subTest(shipped=quantity):
                sale = self._new_sale()
                purchase = self._new_purchase(sale, confirm=bool(quantity))
                if quantity:
                    self._post(sale, quantity=quantity)
                    purchase.order_line.action_close_drop_shipment_remainder()
                notes = purchase.sudo().message_ids
                # Core lets nobody without purchase or inventory rights cancel an
                # order that has a transfer.
                sale.sudo().action_cancel()
                self.assertEqual(sale.state, "cancel")
                notes = purchase.sudo().message_ids - notes
                activities = purchase.sudo().activity_ids
                # The note says what was removed, the activity what is to be done.
                self.assertLessEqual(len(notes), 1)
                self.assertEqual(len(activities), 1)

    def test_cancelled_purchase_tells_once(self):
        """The salesman hears of a cancelled purchase order once, whatever it ships."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        for confirm in (False, True):
            with self.subTest(confirmed=confirm):
                purchase = self._new_purchase(sale, confirm=confirm)
                messages = sale.sudo().message_ids
                sale.sudo().activity_ids.unlink()
                purchase.button_cancel()
                self.assertEqual(len(sale.sudo().activity_ids), 1)
                self.assertEqual(sale.sudo().activity_ids.user_id, self.salesman)
                self.assertEqual(sale.sudo().message_ids, messages)

    def test_cancelled_purchase_of_several_sales(self):
        """Each of their salesmen hears of it once."""
        sales = [self._new_sale(), self._new_sale((self.desk, 2))]
        purchase = self._new_purchase(*sales, confirm=True)
        purchase.button_cancel()
        for sale in sales:
            self.assertEqual(len(sale.sudo().activity_ids), 1)
            self.assertEqual(sale.order_line.drop_shipment_state, "to_order")


class TestCoreDocuments(CoreBugsCommon):
    """Bugs of core's dropship with several orders and companies."""

    def test_origin_of_several_sales(self):
        """#8109: the source document of a shared purchase order named one of them."""
        sales = [self._new_sale(name=name) for name in ("SALE1", "SALE12", "SALE123")]
        first, second, third = sales
        purchase = self._new_purchase(second, third, origin="Call of Monday")
        self._get_sales_orders(purchase, first)
        self.assertEqual(purchase.origin, "Call of Monday, SALE12, SALE123, SALE1")
        for sale in sales:
            self.assertEqual(sale.order_line.drop_shipment_purchase_ref, purchase.name)
        # A name within another one is another one.
        self._get_line(purchase, second).action_unlink_drop_shipment()
        self.assertEqual(purchase.origin, "Call of Monday, SALE123, SALE1")
        self._get_line(purchase, first).action_unlink_drop_shipment()
        self.assertEqual(purchase.origin, "Call of Monday, SALE123")
        third.action_cancel()
        self.assertEqual(purchase.origin, "Call of Monday")

    def test_transfers_of_several_sales(self):
        """Each transfer names its own sales order, and only that one ships it."""
        sales = [self._new_sale(), self._new_sale((self.desk, 2))]
        purchase = self._new_purchase(*sales, confirm=True)
        for sale in sales:
            picking = sale.sudo().picking_ids
            self.assertEqual(picking.sale_id, sale.sudo())
            self.assertEqual(picking.purchase_id, purchase.sudo())
        self._post(sales[0])
        self.assertEqual(sales[0].delivery_status, "full")
        self.assertEqual(sales[1].delivery_status, "pending")
        self.assertEqual(purchase.receipt_status, "partial")

    def test_return_to_a_vendor_of_the_group(self):
        """#180846, #200133: goods returned to a sister company counted as delivered,
        and as received, a second time."""
        sister = self._create_company(name="Sister Company")
        self.chair.seller_ids.partner_id = sister.partner_id
        transit = self.env.ref("stock.stock_location_inter_company")
        sister.partner_id.property_stock_supplier = transit
        sister.partner_id.property_stock_customer = transit
        sale = self._new_sale()
        purchase = self._new_purchase(
            sale, partner_id=sister.partner_id.id, confirm=True
        )
        picking = purchase.sudo().picking_ids
        self.assertEqual(picking.location_id, transit)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 10)
        returned = self._return(picking, 3)
        self.assertEqual(returned.location_dest_id, transit)
        self.assertEqual(sale.order_line.qty_delivered, 7)
        self.assertEqual(purchase.order_line.qty_received, 7)

    def _get_line(self, purchase, sale):
        return purchase.order_line.filtered(
            lambda line: line.drop_shipment_sale_ref == sale.name
        )
