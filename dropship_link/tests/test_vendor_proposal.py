from odoo.fields import Command

from .common import DropShipmentCommon


class VendorProposalCommon(DropShipmentCommon):
    """A vendor whose price does not apply to what was sold."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price = cls.chair.seller_ids

    def _create_purchases(self, sale):
        """Make purchase orders of `sale` in one click; return them."""
        self.env.invalidate_all()
        sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        return sale.sudo().order_line.purchase_line_ids.order_id.with_user(self.buyer)

    def _open_dialog(self, sale):
        """Open the dialog that makes purchase orders; return it."""
        self.env.invalidate_all()
        records = sale.with_user(self.buyer)
        action = records.action_open_create_drop_shipment_purchases()
        return (
            self.env[action["res_model"]].with_user(self.buyer).browse(action["res_id"])
        )

    def assertProposed(self, sale, *words, price=10.0):
        """The dialog proposes the vendor and says why; so does a note on the order."""
        row = self._open_dialog(sale).line_ids
        self.assertEqual(row.vendor_id, self.vendor)
        for word in words:
            self.assertIn(word, row.price_hint)
        purchase = self._create_purchases(sale)
        self.assertEqual(purchase.partner_id, self.vendor)
        self.assertEqual(
            purchase.order_line.product_qty, sale.order_line.product_uom_qty
        )
        self.assertIn(row.price_hint, self._chatter(purchase))
        # No price applies: what core finds, never 0.
        self.assertEqual(purchase.order_line.price_unit, price)


class TestVendorProposal(VendorProposalCommon):
    """Create Purchase Orders proposes whoever sells the product."""

    def test_minimum(self):
        """5 sold, 12 is the vendor's minimum: it is said."""
        self.price.min_qty = 12
        sale = self._new_sale((self.chair, 5))
        self.assertProposed(sale, "Vendor sells at least 12", "Units of Chair.")

    def test_minimum_in_dozens(self):
        """The vendor sells two dozens at least: 12 are not enough, 24 are."""
        self.price.write({"product_uom_id": self.uom_dozen.id, "min_qty": 2})
        self.price.price = 120
        sale = self._new_sale((self.chair, 12))
        self.assertProposed(sale, "at least 2", "Dozens of Chair.")
        enough = self._new_sale((self.chair, 24))
        self.assertFalse(self._open_dialog(enough).line_ids.price_hint)

    def test_smallest_of_several_minima(self):
        """What the buyer has to order at least to get any price."""
        self.price.min_qty = 50
        self.chair.seller_ids = [
            Command.create({"partner_id": self.vendor.id, "price": 15, "min_qty": 12})
        ]
        self.assertProposed(self._new_sale((self.chair, 5)), "at least 12")

    def test_price_has_run_out(self):
        """An old price is no reason to forget the vendor."""
        self.price.date_end = "2020-01-01"
        sale = self._new_sale((self.chair, 5))
        self.assertProposed(sale, "Vendor has no price for Chair that is valid today")

    def test_price_of_later(self):
        """Nor is one that begins next year."""
        self.price.date_start = "2999-01-01"
        sale = self._new_sale((self.chair, 5))
        self.assertProposed(sale, "Vendor has no price for Chair that is valid today")

    def test_vendor_whose_price_applies_comes_first(self):
        """The first vendor wants 12 at least; the other one has a price for 5."""
        self.price.min_qty = 12
        self.chair.seller_ids = [
            Command.create(
                {"partner_id": self.other_vendor.id, "price": 14, "sequence": 9}
            )
        ]
        sale = self._new_sale((self.chair, 5))
        row = self._open_dialog(sale).line_ids
        self.assertEqual(row.vendor_id, self.other_vendor)
        self.assertFalse(row.price_hint)
        purchase = self._create_purchases(sale)
        self.assertEqual(purchase.order_line.price_unit, 14)
        self.assertNotIn("at least", self._chatter(purchase))

    def test_buyer_chooses(self):
        """The hint follows vendor and quantity, and goes with its reason."""
        self.price.min_qty = 12
        self.chair.seller_ids = [
            Command.create(
                {"partner_id": self.other_vendor.id, "price": 14, "min_qty": 7}
            )
        ]
        wizard = self._open_dialog(self._new_sale((self.chair, 10)))
        row = wizard.line_ids
        self.assertEqual(row.vendor_id, self.other_vendor)
        self.assertFalse(row.price_hint)
        row.quantity = 6
        self.assertIn("Other Vendor sells at least 7", row.price_hint)
        row.vendor_id = self.vendor
        self.assertIn("Vendor sells at least 12", row.price_hint)
        row.quantity = 0
        self.assertFalse(row.price_hint)
        # Whoever has no price at all promises nothing.
        row.write({"quantity": 6, "vendor_id": self.customer.id})
        name = self.customer.display_name
        self.assertEqual(row.price_hint, f"{name} has no price for it.")

    def test_price_of_another_company(self):
        """Their vendors are theirs: nobody is proposed, and it is said for whom."""
        self.price.company_id = self._create_company(name="Second Company")
        row = self._open_dialog(self._new_sale((self.chair, 5))).line_ids
        self.assertFalse(row.vendor_id)
        self.assertEqual(
            row.price_hint, f"No vendor sells Chair to {self.company.name}."
        )

    def test_get_sales_order(self):
        """Fetched by hand the order has the same note."""
        self.price.min_qty = 12
        purchase = self._new_purchase(self._new_sale((self.chair, 5)))
        self.assertIn("Vendor sells at least 12", self._chatter(purchase))
        enough = self._new_purchase(self._new_sale((self.chair, 12)))
        self.assertNotIn("at least", self._chatter(enough))
        self.assertEqual(enough.order_line.price_unit, 12)


class TestOrderedAutomatically(VendorProposalCommon):
    """Nobody looks on: the buyer is told by an activity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.drop_shipment_auto_order = True
        cls.vendor.buyer_id = cls.buyer

    def _get_purchase(self, sale):
        return sale.sudo().order_line.purchase_line_ids.order_id.with_user(self.buyer)

    def test_minimum(self):
        """Ordered all the same, with an activity for the buyer and a note."""
        self.price.min_qty = 12
        sale = self._new_sale((self.chair, 5), (self.desk, 1))
        purchase = self._get_purchase(sale)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [5, 1])
        activity = purchase.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.buyer)
        self.assertIn("Vendor sells at least 12", activity.note)
        self.assertNotIn("Desk", activity.note)
        self.assertIn("Vendor sells at least 12", self._chatter(purchase))
        self.assertFalse(self.chair.product_tmpl_id.activity_ids)

    def test_price_has_run_out(self):
        """Ordered at what core finds; the buyer asks for a price."""
        self.price.date_end = "2020-01-01"
        purchase = self._get_purchase(self._new_sale((self.chair, 5)))
        self.assertEqual(purchase.order_line.price_unit, 10)
        self.assertIn("valid today", purchase.activity_ids.note)

    def test_nothing_to_say(self):
        """A price that applies bothers nobody."""
        self.assertFalse(self._get_purchase(self._new_sale()).activity_ids)

    def test_no_vendor_in_this_company(self):
        """It is left to order; what the buyer is told is true."""
        self.price.company_id = self._create_company(name="Second Company")
        sale = self._new_sale((self.chair, 5))
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 5)
        self.assertIn(
            f"no vendor in {self.company.name}",
            self.chair.product_tmpl_id.activity_ids.note,
        )
