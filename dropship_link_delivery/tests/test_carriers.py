from odoo.addons.dropship_link.tests.common import DropShipmentCommon


class TestCarriers(DropShipmentCommon):
    """What the vendor and the carrier say of a parcel is one."""

    def test_delivery_carrier(self):
        """The carrier's line is a service like any other; the transfer is posted."""
        product = self.env["product.product"].create(
            {"name": "Delivery", "type": "service", "invoice_policy": "order"}
        )
        carrier = self.env["delivery.carrier"].create(
            {
                "name": "Carrier",
                "delivery_type": "fixed",
                "fixed_price": 5,
                "product_id": product.id,
            }
        )
        sale = self._new_sale(confirm=False)
        sale.set_delivery_line(carrier, 5)
        self.assertFalse(sale.order_line[1].drop_shipment)
        sale.action_confirm()
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.order_line.product_id, self.chair)
        self._post(sale, "ship_invoice")
        self.assertEqual(sale.order_line[0].qty_delivered, 10)
        self.assertEqual(sale.delivery_status, "full")
        # As core's button does: what the customer pays for the delivery comes along.
        invoice = sale.sudo().invoice_ids
        self.assertEqual(invoice.invoice_line_ids.product_id, self.chair + product)
        self.assertEqual(invoice.amount_untaxed, 205)

    def test_tracking_number_of_the_carrier(self):
        """Core's tracking number is ours, from whichever side it is entered."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        picking = sale.sudo().picking_ids
        self._post(sale, quantity=4, tracking_ref="PARCEL-1")
        self.assertEqual(picking.carrier_tracking_ref, "PARCEL-1")
        picking.carrier_tracking_ref = "PARCEL-2"
        self.assertEqual(picking.drop_shipment_tracking_ref, "PARCEL-2")
        self.assertEqual(sale.order_line.drop_shipment_tracking_ref, "PARCEL-2")
        picking.drop_shipment_tracking_ref = False
        self.assertFalse(picking.carrier_tracking_ref)
        delivery = self._new_sale((self.desk, 1, {"drop_shipment": False}))
        delivery = delivery.sudo().picking_ids
        delivery.carrier_tracking_ref = "PARCEL-3"
        self.assertFalse(delivery.drop_shipment_tracking_ref)

    def test_tracking_link(self):
        """With a carrier the customer's mail leads to the parcel."""
        product = self.env["product.product"].create(
            {"name": "Freight", "type": "service"}
        )
        carrier = self.env["delivery.carrier"].create(
            {
                "name": "Carrier",
                "product_id": product.id,
                "tracking_url": "https://parcel.example.com/<shipmenttrackingnumber>",
            }
        )
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        picking = sale.sudo().picking_ids
        self._post(sale, tracking_ref="PARCEL-1")
        template = self.env.ref(
            "dropship_link.email_template_drop_shipment_sale_shipped"
        )

        def get_body():
            rendered = template._render_field("body_html", sale.ids)
            return rendered[sale.id]

        self.assertFalse(picking._get_drop_shipment_tracking_url())
        self.assertIn("PARCEL-1", get_body())
        self.assertNotIn("href", get_body())
        picking.carrier_id = carrier
        self.assertIn('href="https://parcel.example.com/PARCEL-1"', get_body())
        document, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "dropship_link.action_report_drop_shipment_slip", picking.ids
        )
        self.assertEqual(document.decode().count("PARCEL-1"), 1)
