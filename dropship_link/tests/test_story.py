from .common import DropShipmentCommon


class TestStory(DropShipmentCommon):
    """The main job, as the people who do it."""

    def test_story(self):
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        chair_line, desk_line = sale.order_line
        self.assertEqual(chair_line.drop_shipment_state, "to_order")
        self.assertEqual(chair_line.drop_shipment_qty_to_order, 10)
        self.assertFalse(sale.picking_ids)
        self.assertFalse(sale.sudo().order_line.purchase_line_ids)

        purchase = self._new_purchase(sale)
        self.assertEqual(purchase.sudo().dest_address_id, self.ship_to)
        self.assertEqual(purchase.origin, sale.name)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [10, 2])
        self.assertEqual(purchase.order_line.mapped("price_unit"), [12, 70])
        self.assertEqual(purchase.drop_shipment_sale_ref, sale.name)
        self.assertEqual(chair_line.drop_shipment_state, "rfq")
        self.assertEqual(chair_line.drop_shipment_purchase_ref, purchase.name)
        self.assertEqual(chair_line.drop_shipment_vendor_ref, "Vendor")

        purchase.button_confirm()
        self.assertEqual(chair_line.drop_shipment_state, "ordered")
        self.assertEqual(chair_line.qty_to_ship, 10)
        self.assertEqual(sale.picking_ids.state, "assigned")
        self.assertEqual(sale.picking_ids.picking_type_id.code, "dropship")
        self.assertEqual(sale.delivery_status, "pending")

        chair_line.qty_to_ship = 4
        self._post(sale)
        self.assertEqual(chair_line.qty_delivered, 4)
        self.assertEqual(desk_line.qty_delivered, 2)
        self.assertEqual(purchase.order_line.mapped("qty_received"), [4, 2])
        self.assertEqual(chair_line.qty_to_ship, 6)
        self.assertEqual(sale.delivery_status, "partial")
        self.assertEqual(chair_line.drop_shipment_state, "partial")
        self.assertEqual(desk_line.drop_shipment_state, "shipped")

        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            self._new_bill(purchase)
        self._post(purchase, "receive", 6)
        self.assertEqual(chair_line.qty_delivered, 10)
        self.assertEqual(sale.delivery_status, "full")
        self._post_invoice(sale)
        self.assertEqual(chair_line.drop_shipment_state, "invoiced")
        self._post(purchase, "invoice")
        bill = purchase.invoice_ids
        self.assertEqual(bill.state, "draft")
        bill.with_user(self.accountant).action_post()
        self.assertEqual(chair_line.drop_shipment_state, "done")
