from odoo.fields import Command

from odoo.addons.dropship_link.tests.common import DropShipmentCommon


class TestAlternatives(DropShipmentCommon):
    """A sales line is not ordered twice by asking another vendor."""

    def _new_alternative(self, purchase, copy_products=True):
        """Ask another vendor with core's dialog, as the buyer."""
        wizard = purchase.env["purchase.requisition.create.alternative"].create(
            {
                "origin_po_id": purchase.id,
                "partner_ids": [Command.set(self.other_vendor.ids)],
                "copy_products": copy_products,
            }
        )
        action = wizard.action_create_alternative()
        return purchase.browse(action["res_id"])

    def test_alternative_with_products_is_refused(self):
        """Core's copy would order the same sales line twice."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        count = self.env["purchase.order"].search_count([])
        with self.assertRefused(f"{purchase.name} can't have alternatives"):
            self._new_alternative(purchase)
        self.assertEqual(self.env["purchase.order"].search_count([]), count)
        self.assertFalse(purchase.alternative_po_ids)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_alternative_without_products(self):
        """An empty one is allowed; it takes no link."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        alternative = self._new_alternative(purchase, copy_products=False)
        self.assertFalse(alternative.order_line)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        purchase.with_context(skip_alternative_check=True).button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_goods_typed_into_an_alternative(self):
        """They come to us, and it says so: the customer has not bought them."""
        purchase = self._new_purchase(self._new_sale())
        alternative = self._new_alternative(purchase, copy_products=False)
        alternative.order_line = [
            Command.create({"product_id": self.desk.id, "product_qty": 3})
        ]
        self.assertIn("delivered to us", alternative.drop_shipment_notice)
        alternative.with_context(skip_alternative_check=True).button_confirm()
        self.assertEqual(alternative.sudo().picking_ids.picking_type_code, "incoming")
        self.assertFalse(alternative.sudo().dest_address_id)

    def test_alternative_takes_over(self):
        """Once the line is let go, the other vendor gets it, with the ship-to."""
        offer = {"partner_id": self.other_vendor.id, "price": 11.0}
        self.chair.seller_ids = [Command.create(offer)]
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        alternative = self._new_alternative(purchase, copy_products=False)
        purchase.order_line.action_unlink_drop_shipment()
        self._get_sales_orders(alternative, sale)
        alternative.with_context(skip_alternative_check=True).button_confirm()
        self.assertEqual(alternative.sudo().dest_address_id, self.ship_to)
        self._post(sale)
        self.assertEqual(alternative.order_line.qty_received, 10)

    def test_alternative_of_an_ordinary_request(self):
        """Core's alternatives stay what they are."""
        purchase = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[Command.create({"product_id": self.chair.id})],
        )
        alternative = self._new_alternative(purchase)
        self.assertEqual(alternative.order_line.product_id, self.chair)

    def test_other_alternative_is_chosen(self):
        """Clearing the linked line gives its quantity back."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        alternative = self._new_alternative(purchase, copy_products=False)
        alternative.order_line = [
            Command.create({"product_id": self.chair.id, "product_qty": 10})
        ]
        alternative.order_line.action_choose()
        self.assertEqual(purchase.order_line.product_qty, 0)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_merge_is_refused(self):
        """Also of alternatives; links are neither lost nor added up."""
        sales = self._new_sale() | self._new_sale()
        purchases = self._new_purchase(sales[0]) | self._new_purchase(sales[1])
        purchases[0].alternative_po_ids |= purchases[1]
        with self.assertRefused("can't be merged"):
            purchases.action_merge()
        self.assertEqual(purchases.mapped("state"), ["draft", "draft"])
        for sale in sales:
            self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
