from lxml import etree

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common_units import UnitsCommon


class TestUnits(UnitsCommon):
    """Dozens sold, units bought, and the other way round."""

    def test_unit_is_cleared_while_typing(self):
        """The unit of a fetched line is emptied in the form, and chosen again."""
        self.buyer.group_ids += self.env.ref("uom.group_uom")
        purchase = self._new_purchase(self._new_sale())
        with Form(purchase) as form, form.order_line.edit(0) as line:
            line.product_uom_id = self.env["uom.uom"]
            line.product_uom_id = self.uom_unit
            line.product_qty = 4
        self.assertEqual(purchase.order_line.product_qty, 4)

    def test_fetched_in_the_unit_of_the_sale(self):
        """Quantity and vendor price are those of a dozen."""
        sale = self._new_dozens(3)
        purchase = self._new_purchase(sale)
        line = purchase.order_line
        self.assertEqual(line.product_uom_id, self.uom_dozen)
        self.assertEqual(line.product_qty, 3)
        self.assertEqual(line.price_unit, 144)
        self.assertEqual(line.price_subtotal, 432)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 3)

    def test_price_of_a_vendor_who_sells_dozens(self):
        """Per unit where units are sold, per dozen where dozens are."""
        self.chair.seller_ids.write(
            {"product_uom_id": self.uom_dozen.id, "price": 120.0}
        )
        by_unit = self._new_purchase(self._new_sale((self.chair, 24)))
        self.assertEqual(by_unit.order_line.product_uom_id, self.uom_unit)
        self.assertEqual(by_unit.order_line.product_qty, 24)
        self.assertAlmostEqual(by_unit.order_line.price_unit, 10)
        by_dozen = self._new_purchase(self._new_dozens(2))
        self.assertEqual(by_dozen.order_line.product_qty, 2)
        self.assertAlmostEqual(by_dozen.order_line.price_unit, 120)

    def test_price_without_vendor_price(self):
        """The cost of a dozen, not of a unit."""
        self.chair.seller_ids = False
        purchase = self._new_purchase(self._new_dozens(2))
        self.assertEqual(purchase.order_line.price_unit, 120)

    def test_whole_story_in_dozens(self):
        """Transfers count units, both orders dozens."""
        sale = self._new_dozens(3)
        line = sale.order_line
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(line.qty_to_ship, 3)
        self._post(sale, quantity=0.5)
        self.assertEqual(line.qty_delivered, 0.5)
        self.assertEqual(purchase.order_line.qty_received, 0.5)
        self.assertEqual(line.qty_to_ship, 2.5)
        done = sale.picking_ids.sudo().move_ids.filtered(
            lambda move: move.state == "done"
        )
        self.assertEqual(
            done.product_uom._compute_quantity(done.quantity, self.uom_unit), 6
        )
        self._post(purchase, "receive")
        self.assertEqual(line.qty_delivered, 3)
        self.assertEqual(line.drop_shipment_state, "shipped")
        invoice = self._post_invoice(sale)
        self.assertEqual(invoice.invoice_line_ids.quantity, 3)
        bill = self._new_bill(purchase)
        self.assertEqual(bill.invoice_line_ids.quantity, 3)
        self.assertEqual(line.drop_shipment_state, "done")

    def test_notes_in_dozens(self):
        """They tell quantities as both orders do, as long as they come out even."""
        sale = self._new_dozens(3)
        purchase = self._new_purchase(sale, confirm=True)
        move = purchase.sudo().picking_ids.move_ids
        for units, text in ((6, "0.5 Dozens"), (4, "4 Units")):
            move = move.filtered(lambda move: move.state == "assigned")
            move.quantity, move.picked = units, True
            message = self.env["drop.shipment.vendor.message"]
            told = message._get_products_text(move.picking_id)
            self.assertEqual(told, f"{text} of Chair")
            move.picking_id.with_context(skip_backorder=True).button_validate()
            self.assertIn(f"{text} of Chair", sale.message_ids[0].body)
            move = purchase.sudo().picking_ids.move_ids

    def test_ship_and_invoice_in_dozens(self):
        sale = self._new_dozens(3)
        self._new_purchase(sale, confirm=True)
        self._post(sale, "ship_invoice", 1.5)
        invoice_line = sale.sudo().invoice_ids.invoice_line_ids
        self.assertEqual(invoice_line.quantity, 1.5)
        self.assertEqual(invoice_line.product_uom_id, self.uom_dozen)

    def test_close_remainder_in_dozens(self):
        sale = self._new_dozens(3)
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=1)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(purchase.order_line.product_qty, 1)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 2)

    def test_dozens_bought_for_units_sold(self):
        """Quantities of the sales line are in its own unit."""
        sale = self._new_sale((self.chair, 30))
        line = sale.order_line
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=1)
        bought = self._link_by_hand(purchase, line, 2, self.uom_dozen)
        self.assertEqual(line.drop_shipment_qty_ordered, 25)
        self.assertEqual(line.drop_shipment_qty_to_order, 5)
        purchase.button_confirm()
        self.assertEqual(line.qty_to_ship, 25)
        self._post_spread(sale, 13)
        self.assertEqual(line.qty_delivered, 13)
        self.assertEqual(bought.qty_received, 1)
        self.assertEqual(line.qty_to_ship, 12)
        self._post(purchase, "receive")
        self.assertEqual(line.qty_delivered, 25)
        self.assertEqual(bought.qty_received, 2)
        self.assertEqual(line.drop_shipment_state, "partial")

    def test_sum_over_units(self):
        """3 dozen are more than 30."""
        sale = self._new_sale((self.chair, 30))
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=1)
        with self.assertRefused(
            rf"{sale.name}, line 1 \(Chair\).* 7 Units", ValidationError
        ):
            self._link_by_hand(purchase, sale.order_line, 3, self.uom_dozen)
        line = self._link_by_hand(purchase, sale.order_line, 2, self.uom_dozen)
        with self.assertRefused(
            rf"{sale.name}, line 1 \(Chair\).* 7 Units", ValidationError
        ):
            line.product_qty = 3
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 25)

    def test_units_bought_for_dozens_sold(self):
        """18 units are a dozen and a half."""
        sale = self._new_dozens(2)
        line = sale.order_line
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=0.5)
        bought = self._link_by_hand(purchase, line, 18, self.uom_unit)
        self.assertEqual(line.drop_shipment_qty_ordered, 2)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        purchase.button_confirm()
        self._post_spread(sale, 1)
        self.assertEqual(line.qty_delivered, 1)
        self._post(sale)
        self.assertEqual(line.qty_delivered, 2)
        self.assertEqual(bought.qty_received, 18)

    def test_request_in_another_unit_follows(self):
        """A falling sale of units lowers a request in dozens."""
        sale = self._new_sale((self.chair, 25))
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=1)
        bought = self._link_by_hand(purchase, sale.order_line, 2, self.uom_dozen)
        sale.order_line.product_uom_qty = 13
        self.assertEqual(bought.product_qty, 1)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 13)

    def test_request_in_another_unit_never_exceeds_the_sale(self):
        """Where the units do not divide, the request is not more than is sold."""
        sale = self._new_sale((self.chair, 25))
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=1)
        self._link_by_hand(purchase, sale.order_line, 2, self.uom_dozen)
        sale.order_line.product_uom_qty = 18
        self.assertLessEqual(sale.order_line.drop_shipment_qty_ordered, 18)
        self.assertGreaterEqual(sale.order_line.drop_shipment_qty_to_order, 0)

    def test_invoice_order_over_units(self):
        """A bill of a dozen needs an invoice of twelve."""
        sale = self._new_sale((self.chair, 25))
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=1)
        self._link_by_hand(purchase, sale.order_line, 2, self.uom_dozen)
        purchase.button_confirm()
        self._post(sale)
        invoice = sale._create_invoices().sudo()
        invoice.invoice_line_ids.quantity = 24
        invoice.action_post()
        with self.assertRefused(rf"Invoice sales order {sale.name} first.* 1 Units"):
            self._new_bill(purchase)
        self._post_invoice(sale)
        self._new_bill(purchase)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_dialog_shows_the_unit_of_the_sale(self):
        """Get Sales Order and Post both speak the salesman's unit."""
        sale = self._new_dozens(3)
        purchase = self._new_purchase()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(sale.ids)],
            }
        )
        self.assertEqual(wizard.line_ids.product_uom_id, self.uom_dozen)
        self.assertEqual(wizard.line_ids.quantity, 3)
        wizard.action_insert_lines()
        purchase.button_confirm()
        for door, field in ((sale, "sale_order_id"), (purchase, "purchase_order_id")):
            post = door.env["drop.shipment.post"].create({field: door.id})
            self.assertEqual(post.line_ids.product_uom_id, self.uom_dozen)
            self.assertEqual(post.line_ids.quantity, 3)

    def test_cards_show_the_unit(self):
        """On a phone, too, where there are cards instead of rows."""
        self.env.ref("base.group_user").implied_ids += self.env.ref("uom.group_uom")
        for model in (
            "purchase.order.get.sales.order",
            "drop.shipment.create.purchase",
            "drop.shipment.post",
            "drop.shipment.return",
        ):
            arch = self.env[model].with_user(self.buyer).get_view(view_type="form")
            cards = etree.fromstring(arch["arch"]).iterfind(".//t[@t-name='card']")
            for card in cards:
                names = [field.get("name") for field in card.iter("field")]
                if any("quantity" in name or "_qty_" in name for name in names):
                    self.assertIn("product_uom_id", names, model)
