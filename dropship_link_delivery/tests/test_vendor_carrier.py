from odoo.addons.dropship_link.tests.vendor_page import VendorPageCommon


class TestVendorCarrier(VendorPageCommon):
    """The vendor says on their page who carries the parcel."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Core takes the company of a carrier from its product.
        products = cls.env["product.product"].create(
            [{"name": f"Freight {number}", "type": "service"} for number in range(2)]
        )
        url = "https://p.example.com/<shipmenttrackingnumber>"
        cls.carrier, cls.charge, cls.foreign = cls.env["delivery.carrier"].create(
            [
                {"name": name, "product_id": product.id, "tracking_url": own_url}
                for name, product, own_url in (
                    ("Parcel Co", products[0], url),
                    ("Inhouse Charge", products[0], False),
                    ("Foreign Co", products[1], url),
                )
            ]
        )
        cls.foreign.company_id = cls.env["res.company"].create({"name": "Other"})

    def test_chosen(self):
        """Chosen with the shipment; Post proposes it, the customer gets the link."""
        self.company.stock_move_email_validation = True
        page = self._open()
        [choices] = self._get_named(page, "drop_shipment_ship_carrier")
        self.assertIn("Parcel Co", choices)
        self.assertNotIn("Inhouse Charge", choices)
        self.assertNotIn("Foreign Co", choices)
        self._send(
            page,
            "ship",
            **{
                f"quantity_{self.chair_line.id}": "6",
                "carrier_id": str(self.carrier.id),
                "drop_shipment_tracking_ref": "P-1",
            },
        )
        picking = self.purchase.sudo().picking_ids
        self.assertTrue(picking.drop_shipment_reported)
        self.assertEqual(picking.carrier_id, self.carrier)
        [select] = self._open().xpath("//select[@name='carrier_id']")
        self.assertEqual(select.value, str(self.carrier.id))
        wizard = self.purchase.env["drop.shipment.post"].create(
            {"purchase_order_id": self.purchase.id}
        )
        self.assertEqual(wizard.carrier_id.sudo(), self.carrier)
        wizard.action_post()
        mail = self.sale.sudo().message_ids.filtered(
            lambda message: self.customer in message.notified_partner_ids
        )
        self.assertIn("https://p.example.com/P-1", mail.body)

    def test_corrected(self):
        """Another report without a carrier takes the first one's place."""
        service = self.env["drop.shipment.vendor.report"]
        order = self.purchase.sudo()
        quantities = {self.chair_line.id: 6.0}
        service._report(order, quantities, {}, {"carrier_id": self.carrier.id})
        self.assertEqual(service._get_report(order)["carrier_id"], self.carrier.id)
        service._report(order, quantities, {}, {})
        self.assertFalse(order.picking_ids.carrier_id)

    def test_wrong_choices(self):
        """Neither another company's, nor what is no carrier: beside the field."""
        before = self._get_state()
        for wrong in (self.foreign.id, self.charge.id, "=1+1", "9" * 30):
            page = self._send(
                self._open(),
                "ship",
                **{f"quantity_{self.chair_line.id}": "6", "carrier_id": str(wrong)},
            )
            self.assertEqual(self._get_errors(page), ["Choose one of the carriers."])
        self.assertEqual(self._get_state(), before)
