from odoo.tests import Form

from .common_returns import ReturnsCommon


class TestTransferEdited(ReturnsCommon):
    """What users of Inventory do on the vendor's transfer itself, not on the orders."""

    def _new_open_transfer(self, *lines):
        """Return a sales order, its purchase order, and the transfer in Inventory."""
        sale = self._new_sale(*lines)
        purchase = self._new_purchase(sale, confirm=True)
        return sale, purchase, self._open(sale)

    def _open(self, sale):
        """Return the transfers of a sales order as a warehouse user sees them."""
        self.env.invalidate_all()
        return sale.picking_ids.sudo().with_user(self.warehouse_user).sudo(False)

    # ------------------------------------------------------------
    # PLACES
    # ------------------------------------------------------------

    def test_own_stock_is_no_place_of_it(self):
        """To our stock it would be a receipt, from it a delivery of our own."""
        sale, purchase, picking = self._new_open_transfer()
        for name, label in (
            ("location_dest_id", "Destination Location"),
            ("location_id", "Source Location"),
        ):
            for record in (picking, picking.move_ids):
                with self.assertRefused(
                    f"{label} of {picking.name} can't be changed for Chair: the "
                    f"vendor ships it for purchase order {purchase.name}"
                ):
                    record[name] = self.stock_location
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)
        self.assertQuantities(purchase.order_line, qty_received=10)

    def test_place_is_cleared_while_typing(self):
        """The destination is emptied in the form, and chosen again."""
        locations = self.env.ref("stock.group_stock_multi_locations")
        self.warehouse_user.group_ids += locations
        sale, __, picking = self._new_open_transfer()
        place = picking.location_dest_id
        with Form(picking) as form:
            form.location_dest_id = self.env["stock.location"]
            form.location_dest_id = place
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)

    def test_another_place_of_the_customer(self):
        """A dock of the customer's is as good as the customer."""
        sale, purchase, picking = self._new_open_transfer()
        picking.location_dest_id = self.env["stock.location"].create(
            {
                "name": "Dock",
                "usage": "customer",
                "location_id": picking.location_dest_id.id,
            }
        )
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)
        self.assertQuantities(purchase.order_line, qty_received=10)

    # ------------------------------------------------------------
    # CONTACT
    # ------------------------------------------------------------

    def test_contact_of_the_vendor(self):
        """Another contact ships it; the customer's address and lots stay."""
        seller = self.env["res.partner"].create(
            {
                "name": "Seller",
                "parent_id": self.vendor.id,
                "type": "other",
                "street": "9 Elsewhere",
            }
        )
        sale, __, picking = self._new_open_transfer()
        with Form(picking) as form:
            form.partner_id = seller
        self.assertEqual(picking.partner_id, seller)
        self._post(sale)
        self.assertEqual(picking.move_ids.partner_id, self.ship_to)
        picking.write(
            {
                "partner_id": self.vendor.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        slip = self.env["ir.actions.report"]._render_qweb_html(
            "stock.action_report_delivery", picking.ids
        )[0]
        self.assertIn(b"3 Dock Road", slip)
        self.assertNotIn(b"1 Vendor Street", slip)

    def test_contact_of_a_return(self):
        """What goes back goes to the contact who is chosen; so do own goods."""
        sale, __ = self._new_orders()
        back = self._return(self._open(sale).sudo(), 3)
        own = self._new_sale((self.chair, 1, {"drop_shipment": False})).picking_ids
        for picking in (back, own.sudo()):
            picking.partner_id = self.other_vendor
            self.assertEqual(picking.move_ids.partner_id, self.other_vendor)

    # ------------------------------------------------------------
    # COPIES
    # ------------------------------------------------------------

    def test_copy_of_a_done_transfer(self):
        """All is shipped: a copy in draft does not make it outstanding again."""
        sale, purchase = self._new_orders()
        copy = self._open(sale).copy()
        self.assertEqual(copy.state, "draft")
        self.assertQuantities(
            sale.order_line, drop_shipment_qty_outstanding=0, qty_to_ship=0
        )
        self.assertFalse(sale.drop_shipment_to_post)
        self.assertTrue(purchase.drop_shipment_post_waits)
        with self.assertRefused("nothing left to ship"):
            self._post(sale)
        # What is ordered besides is on a transfer of its own.
        sale.order_line.product_uom_qty = 12
        purchase.order_line.product_qty = 12
        self.assertQuantities(sale.order_line, qty_to_ship=2)
        self._post(purchase, "receive")
        self.assertQuantities(sale.order_line, qty_delivered=12)
        self.assertQuantities(purchase.order_line, qty_received=12)
        self.assertEqual(copy.state, "draft")

    def test_copy_of_an_open_transfer(self):
        """What is posted is what is ordered, not twice as much."""
        sale, purchase, picking = self._new_open_transfer()
        copy = picking.copy()
        self.assertQuantities(sale.order_line, qty_to_ship=10)
        self._post(sale)
        self.assertQuantities(
            sale.order_line, qty_delivered=10, drop_shipment_qty_outstanding=0
        )
        self.assertQuantities(purchase.order_line, qty_received=10)
        self.assertEqual(copy.state, "draft")

    def test_copy_is_shipped(self):
        """Whoever validates the copy ships it, on both orders."""
        sale, purchase = self._new_orders()
        copy = self._open(sale).copy()
        copy.action_confirm()
        self.assertQuantities(sale.order_line, qty_to_ship=10)
        self._deliver(copy)
        self.env.invalidate_all()
        self.assertQuantities(sale.order_line, qty_delivered=20)
        self.assertQuantities(purchase.order_line, qty_received=20)

    # ------------------------------------------------------------
    # PARTS OF IT
    # ------------------------------------------------------------

    def test_scrapped(self):
        """What Inventory scraps of an open transfer is not what the vendor shipped."""
        sale, purchase, picking = self._new_open_transfer()
        picking.env["stock.scrap"].create(
            {"product_id": self.chair.id, "scrap_qty": 3, "picking_id": picking.id}
        ).do_scrap()
        self._post(sale)
        self.assertQuantities(sale.order_line, qty_delivered=10)
        self.assertQuantities(purchase.order_line, qty_received=10)
        self.assertRegex(self._chatter(sale), r"10 \w+ of Chair \(")
        self.assertNotRegex(self._chatter(sale), r"\b3 \w+ of Chair")

    def test_scrapped_is_not_received(self):
        """Nor once another quantity is ordered: core takes it for the line's then."""
        for quantity in (11, 8, 0):
            with self.subTest(quantity=quantity):
                sale = self._new_sale((self.chair, 12))
                purchase = self._new_purchase(sale)
                purchase.order_line.product_qty = 10
                purchase.button_confirm()
                picking = self._open(sale)
                picking.env["stock.scrap"].create(
                    {
                        "product_id": self.chair.id,
                        "scrap_qty": 3,
                        "picking_id": picking.id,
                    }
                ).do_scrap()
                self.env.invalidate_all()
                line = purchase.order_line
                if quantity:
                    line.product_qty = quantity
                else:
                    line.action_close_drop_shipment_remainder()
                self.assertQuantities(line, product_qty=quantity, qty_received=0)
                self.assertQuantities(
                    sale.order_line,
                    qty_delivered=0,
                    qty_to_ship=quantity,
                    drop_shipment_qty_to_order=12 - quantity,
                )

    def test_copy_of_a_transfer_with_scrap(self):
        """What was scrapped is copied, too: it is neither received nor delivered."""
        sale, purchase, picking = self._new_open_transfer()
        picking.env["stock.scrap"].create(
            {"product_id": self.chair.id, "scrap_qty": 3, "picking_id": picking.id}
        ).do_scrap()
        self._deliver(picking.copy())
        self.env.invalidate_all()
        self.assertQuantities(sale.order_line, qty_delivered=10)
        self.assertQuantities(purchase.order_line, qty_received=10)

    def test_deleted_line(self):
        """A line deleted from the transfer is told, and shipped again on demand."""
        sale, purchase, picking = self._new_open_transfer(
            (self.chair, 10), (self.desk, 2, {"price_unit": 90})
        )
        picking.sudo().move_ids[1].unlink()
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.mapped("qty_to_ship"), [10, 0])
        self.assertIn("Desk", self._get_notice(purchase, "stranded"))
        purchase.action_ship_drop_shipment_again()
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2])
        self.assertEqual(purchase.order_line.mapped("qty_received"), [10, 2])
