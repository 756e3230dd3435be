from odoo.tests import HttpCase, tagged
from odoo.tools import file_open, mute_logger

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
        mail = purchase.message_ids.filtered("partner_ids")
        self.assertEqual(mail.partner_ids, self.vendor)
        self.assertTrue(mail.attachment_ids)

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

    def test_ship_and_invoice(self):
        """A salesman ships and invoices; the invoice waits for who may post it."""
        sale = self._new_sale((self.chair, 10))
        self._new_purchase(sale, confirm=True)
        self.start_tour(
            f"/odoo/action-sale.action_orders/{sale.id}",
            "drop_shipment_ship_and_invoice",
            login=self.salesman.login,
        )
        invoice = sale.sudo().invoice_ids
        self.assertEqual(invoice.state, "draft")
        self.assertEqual(invoice.invoice_line_ids.quantity, 10)
        invoice.action_post()
        self.assertEqual(sale.order_line.drop_shipment_state, "invoiced")

    def test_create_purchases(self):
        """Who sells and buys orders a sale of two vendors, one of them chosen."""
        trader = self._new_user(
            "trader", "sales_team.group_sale_salesman,purchase.group_purchase_user"
        )
        lamp = self._new_product("Lamp", seller_ids=False)
        sale = self._new_sale((self.chair, 10), (lamp, 3), user=trader)
        self.start_tour(
            f"/odoo/action-sale.action_orders/{sale.id}",
            "drop_shipment_create_purchases",
            login=trader.login,
        )
        purchases = sale.order_line.purchase_line_ids.order_id
        self.assertEqual(purchases.partner_id, self.vendor | self.other_vendor)
        self.assertEqual(len(purchases), 2)
        self.assertEqual(set(sale.order_line.mapped("drop_shipment_state")), {"rfq"})

    def test_bill_waits_for_the_invoice(self):
        """The bill is refused, the customer invoiced, the bill accepted."""
        sale = self._new_sale((self.chair, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(purchase)
        purchase.action_create_invoice()
        bill = purchase.sudo().invoice_ids
        bill.invoice_date = "2026-01-15"
        invoice = sale.sudo()._create_invoices()
        for tour, move, action in (
            ("drop_shipment_bill_refused", bill, "in_invoice_type"),
            ("drop_shipment_confirm_move", invoice, "out_invoice_type"),
            ("drop_shipment_confirm_move", bill, "in_invoice_type"),
        ):
            # Odoo warns of the bill that is refused.
            with mute_logger("odoo.http"):
                self.start_tour(
                    f"/odoo/action-account.action_move_{action}/{move.id}",
                    tour,
                    login=self.accountant.login,
                )
        self.assertEqual(bill.state, "posted")
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

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

    def test_post_many(self):
        """A salesman posts two orders of the list; the third one is left alone."""
        sales = [self._new_sale((self.chair, number)) for number in (1, 2, 3)]
        self._new_purchase(*sales[:2], confirm=True)
        self.start_tour(
            "/odoo/action-dropship_link.drop_shipment_report_action",
            "drop_shipment_post_many",
            login=self.salesman.login,
        )
        self.assertEqual([sale.order_line.qty_delivered for sale in sales], [1, 2, 0])

    def test_create_many(self):
        """A buyer makes the requests for quotation of all lines of the list."""
        sales = [
            self._new_sale((self.chair, 1)),
            self._new_sale((self._new_product("Lamp", vendor=self.other_vendor), 1)),
        ]
        self.start_tour(
            "/odoo/action-dropship_link.drop_shipment_report_action_purchase",
            "drop_shipment_create_many",
            login=self.buyer.login,
        )
        for sale in sales:
            self.assertEqual(sale.order_line.drop_shipment_state, "rfq")

    def test_notice(self):
        """A buyer closes what is left by the button in the notice."""
        sale = self._new_sale((self.chair, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, quantity=4)
        self.start_tour(
            f"/odoo/action-purchase.purchase_form_action/{purchase.id}",
            "drop_shipment_notice",
            login=self.buyer.login,
        )
        self.assertEqual(purchase.order_line.product_qty, 4)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 6)

    def _name_as_in_tours(self):
        """Give our data the names that the tours of first use type."""
        self.vendor.name = "Harbor Contract Furniture"
        self.customer.name = "Maple Street Clinic"
        self.chair.name = "Task Chair"
        # Only the app Sales, which need not be there, shows its menu.
        self.env.ref("sale.sale_menu_root").active = True

    def test_first_use_in_sales(self):
        """A salesman without other rights is led through the first order."""
        self._name_as_in_tours()
        self.start_tour("/odoo", "dropship_link_sale_tour", login=self.salesman.login)
        sale = self.env["sale.order"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")

    def test_first_use_in_purchase(self):
        """A buyer without sales rights is led through the first order."""
        self._name_as_in_tours()
        sale = self._new_sale((self.chair, 10))
        self.start_tour("/odoo", "dropship_link_purchase_tour", login=self.buyer.login)
        self.assertEqual(sale.order_line.drop_shipment_state, "ordered")

    def test_first_use_comes_after_core(self):
        """Who has the tours switched on gets ours after that of the app."""
        tours = self.env["web_tour.tour"].search([("custom", "=", False)])
        names = tours.mapped("name")
        for app in ("sale", "purchase"):
            ours = names.index(f"dropship_link_{app}_tour")
            self.assertLess(names.index(f"{app}_tour"), ours)
        self.salesman.tour_enabled = True
        tours = self.env["web_tour.tour"].with_user(self.salesman)
        tours.consume("sale_tour")
        self.assertEqual(tours.get_current_tour()["name"], "dropship_link_sale_tour")
