from odoo.tests import HttpCase, tagged
from odoo.tools import file_open

from .common import DropShipmentCommon

# Not every build of Odoo has this file.
SELFIE_SEGMENTATION = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


@tagged("post_install", "-at_install")
class TestTour(DropShipmentCommon, HttpCase):
    """The story in the browser, each part by who has no other rights."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            file_open(SELFIE_SEGMENTATION).close()
        except FileNotFoundError:
            # Its absence alone is a console error, which fails every tour.
            cls.env["ir.asset"].create(
                {
                    "name": "No selfie segmentation",
                    "bundle": "web.assets_backend",
                    "directive": "remove",
                    "path": SELFIE_SEGMENTATION,
                }
            )
        cls.vendor.name = "Tour Vendor"
        cls.customer.name = "Tour Customer"
        cls.ship_to.name = "Tour Dock"
        cls.chair.name = "Tour Chair"

    def test_get_sales_order(self):
        """A buyer without sales rights fetches 6 of 10, and confirms."""
        sale = self._new_sale((self.chair, 10), client_order_ref="TOUR-REF-1")
        other = self._new_sale((self.chair, 3), client_order_ref="TOUR-REF-2")
        self.start_tour(
            "/odoo/action-purchase.purchase_rfq/new",
            "drop_shipment_get_sales_order",
            login=self.buyer.login,
        )
        purchase = sale.sudo().order_line.purchase_line_ids.order_id
        self.assertEqual(purchase.state, "purchase")
        self.assertEqual(purchase.user_id, self.buyer)
        self.assertEqual(purchase.sell_to_customer_id, self.customer)
        self.assertEqual(purchase.dest_address_id, self.ship_to)
        self.assertEqual(purchase.order_line.sale_line_id, sale.order_line.sudo())
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 6)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 4)
        self.assertEqual(other.order_line.drop_shipment_qty_to_order, 3)

    def test_ship(self):
        """A salesman without purchase rights ships 4 of 10."""
        sale = self._new_sale((self.chair, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self.start_tour(
            f"/odoo/action-sale.action_orders/{sale.id}",
            "drop_shipment_ship",
            login=self.salesman.login,
        )
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(sale.order_line.qty_to_ship, 6)
        self.assertEqual(purchase.order_line.qty_received, 4)

    def test_receive(self):
        """A buyer without sales rights receives all of it."""
        sale = self._new_sale((self.chair, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self.start_tour(
            f"/odoo/action-purchase.purchase_form_action/{purchase.id}",
            "drop_shipment_receive",
            login=self.buyer.login,
        )
        self.assertEqual(purchase.order_line.qty_received, 10)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertFalse(purchase.invoice_ids)

    def test_sell(self):
        """A salesman enters a sales order with the tick."""
        self.start_tour(
            "/odoo/action-sale.action_quotations_with_onboarding/new",
            "drop_shipment_sell",
            login=self.salesman.login,
        )
        sale = self.env["sale.order"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sale.state, "sale")
        self.assertFalse(sale.picking_ids)
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")
