from odoo.fields import Command

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

    def _new_carrier(self, name, **values):
        """Return a carrier that tells where a parcel is."""
        product = self.env["product.product"].create({"name": name, "type": "service"})
        return self.env["delivery.carrier"].create(
            {
                "name": name,
                "product_id": product.id,
                "tracking_url": f"https://{name}.example.com/<shipmenttrackingnumber>",
                **values,
            }
        )

    def test_carrier_in_the_dialogs(self):
        """Chosen in Post, corrected afterwards, from both doors; with a note."""
        first, second = self._new_carrier("first"), self._new_carrier("second")
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        picking = sale.sudo().picking_ids
        self._post(sale, quantity=4, tracking_ref="PARCEL-1", carrier_id=first.id)
        self.assertEqual(picking.carrier_id, first)
        self.assertIn("first.example.com/PARCEL-1", picking.carrier_tracking_url)
        # What is left has a carrier of its own.
        self._post(purchase, tracking_ref="PARCEL-2", carrier_id=second.id)
        rest = sale.sudo().picking_ids - picking
        self.assertEqual(rest.carrier_id, second)
        dialog = purchase.env["drop.shipment.correct"].create(
            {"purchase_order_id": purchase.id}
        )
        row = dialog.line_ids.filtered(lambda row: row.tracking_ref == "PARCEL-1")
        self.assertEqual(row.carrier_id.id, first.id)
        row.carrier_id = second.id
        dialog.action_correct()
        self.assertEqual(picking.carrier_id, second)
        self.assertEqual(rest.carrier_id, second)
        self.assertIn("Carrier was first, is now second", self._chatter(sale))
        row.carrier_id = False
        dialog.action_correct()
        self.assertFalse(picking.carrier_id)

    def test_carrier_of_the_sales_order(self):
        """The customer's is proposed; nothing is booked, and nothing charged twice."""
        carrier = self._new_carrier("chosen", invoice_policy="real")
        sale = self._new_sale(confirm=False)
        sale.set_delivery_line(carrier, 5)
        sale.action_confirm()
        purchase = self._new_purchase(sale, confirm=True)
        dialog = purchase.env["drop.shipment.post"].create(
            {"purchase_order_id": purchase.id}
        )
        self.assertEqual(dialog.carrier_id.id, carrier.id)
        # Buyers may choose among them.
        found = purchase.env["delivery.carrier"].name_search("chosen")
        self.assertEqual([carrier_id for carrier_id, _name in found], carrier.ids)
        dialog.action_post()
        picking = sale.sudo().picking_ids
        self.assertEqual(picking.carrier_id, carrier)
        self.assertFalse(picking.carrier_price)
        self.assertEqual(len(sale.order_line), 2)

    def test_real_cost_of_own_delivery(self):
        """It is known when own stock is delivered, and not invoiced as 0 before."""
        carrier = self._new_carrier("real", invoice_policy="real", fixed_price=15.0)
        sale = self._new_sale(
            (self.chair, 10),
            (self.desk, 2, {"drop_shipment": False, "price_unit": 50.0}),
            confirm=False,
        )
        sale.set_delivery_line(carrier, 15)
        sale.action_confirm()
        self._new_purchase(sale, confirm=True)
        self._post(sale, "ship_invoice", 4)
        self.assertEqual(sale.sudo().invoice_ids.amount_untaxed, 80)
        delivery = sale.sudo().picking_ids.filtered(
            lambda picking: picking.picking_type_code == "outgoing"
        )
        self._deliver(delivery)
        self._post(sale, "ship_invoice")
        invoices = sale.sudo().invoice_ids
        self.assertEqual(sum(invoices.mapped("amount_untaxed")), 315)
        self.assertEqual(sale.amount_untaxed, 315)

    def _new_sale_at_real_cost(self):
        """Return a sale of 10 chairs whose freight is invoiced at its real cost."""
        carrier = self._new_carrier("real", invoice_policy="real", fixed_price=15.0)
        sale = self._new_sale(confirm=False)
        sale.set_delivery_line(carrier, 15)
        sale.action_confirm()
        self._new_purchase(sale, confirm=True)
        return sale

    def test_real_cost_of_the_vendor(self):
        """What the vendor took for it, entered before the last shipment, is charged."""
        sale = self._new_sale_at_real_cost()
        self._post(sale, "ship_invoice", 4)
        freight = sale.order_line.filtered("is_delivery")
        self.assertEqual((freight.qty_invoiced, freight.qty_to_invoice), (0, 1))
        freight.price_unit = 18
        self._post(sale, "ship_invoice")
        self.assertEqual(
            sale.sudo().invoice_ids.sorted("id").mapped("amount_untaxed"), [80, 138]
        )
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_real_cost_that_nobody_enters(self):
        """It is not waited for longer than for the goods."""
        sale = self._new_sale_at_real_cost()
        self._post(sale, "ship_invoice")
        self.assertEqual(sale.sudo().invoice_ids.amount_untaxed, 200)
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_warehouse_user_opens_the_transfer(self):
        """Core looks at a carrier's postcodes, which warehouse users may not read."""
        self._new_carrier("local", zip_prefix_ids=[Command.create({"name": "12"})])
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        keeper = self._new_user("keeper", "stock.group_stock_user")
        picking = sale.sudo().picking_ids.with_user(keeper)
        picking.invalidate_recordset()
        self.assertTrue(picking.read(["allowed_carrier_ids"]))
