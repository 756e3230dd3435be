from odoo.fields import Command
from odoo.tests import Form

from odoo.addons.dropship_link.tests.common import DropShipmentCommon


class AgreementsCommon(DropShipmentCommon):
    """Agreements with the vendor on chairs, at 8.00 instead of 12.00."""

    def _new_agreement(self, *lines, kind="blanket_order", confirm=True, **values):
        """Return an agreement with the vendor on (product, quantity, price[, values]).

        As the buyer.
        """
        agreement = (
            self.env["purchase.requisition"]
            .with_user(self.buyer)
            .create(
                {
                    "vendor_id": self.vendor.id,
                    "requisition_type": kind,
                    "line_ids": [
                        Command.create(
                            {
                                "product_id": line[0].id,
                                "product_qty": line[1],
                                "price_unit": line[2],
                                **(line[3] if len(line) > 3 else {}),
                            }
                        )
                        for line in lines or [(self.chair, 100, 8.0)]
                    ],
                    **values,
                }
            )
        )
        if confirm:
            agreement.action_confirm()
        self.env.flush_all()
        self.env.invalidate_all()
        return agreement

    def _new_release(self, agreement, *sales, **values):
        """Return an order of the agreement, made by its button, with sales fetched."""
        form = Form(
            self.env["purchase.order"]
            .with_user(self.buyer)
            .with_context(
                default_requisition_id=agreement.id,
                default_user_id=False,
            )
        )
        form.sell_to_customer_id = self.customer
        purchase = form.save()
        if values:
            purchase.write(values)
        self._get_sales_orders(purchase, *sales)
        return purchase

    @classmethod
    def _get_linked(cls, purchase):
        return purchase.order_line.filtered("drop_shipment")


class TestAgreements(AgreementsCommon):
    """Orders of an agreement ship sales orders, at its price; no other order does."""

    def test_release_by_its_button(self):
        """8.00 is agreed, 12.00 the price list: from the order to the bill."""
        agreement = self._new_agreement()
        sale = self._new_sale()
        purchase = self._new_release(agreement, sale)
        line = self._get_linked(purchase)
        self.assertEqual((line.price_unit, line.price_subtotal), (8, 80))
        self.assertEqual(agreement.line_ids.qty_ordered, 0)
        purchase.button_confirm()
        agreement.invalidate_recordset()
        agreement.line_ids.invalidate_recordset()
        self.assertEqual(agreement.line_ids.qty_ordered, 10)
        self.assertEqual(agreement.order_count, 1)
        self._post(sale)
        self._post_invoice(sale)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 80)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_ordinary_orders(self):
        """The agreement's price gets into no other order, whoever makes it."""
        self._new_agreement()
        self.assertEqual(self._new_purchase(self._new_sale()).amount_untaxed, 120)
        sale = self._new_sale()
        sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        self.assertEqual(sale.sudo().order_line.purchase_line_ids.price_unit, 12)
        self.company.drop_shipment_auto_order = True
        sale = self._new_sale()
        self.assertEqual(sale.sudo().order_line.purchase_line_ids.price_unit, 12)

    def test_vendor_is_not_proposed_for_an_agreement(self):
        """Of two vendors the one is proposed whose price applies to the order."""
        self._new_agreement(vendor_id=self.other_vendor.id)
        sale = self._new_sale()
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)
        sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        line = sale.sudo().order_line.purchase_line_ids
        self.assertEqual((line.partner_id, line.price_unit), (self.vendor, 12))

    def test_only_an_agreement(self):
        """A vendor who has nothing but an agreement is proposed all the same."""
        self.chair.seller_ids.unlink()
        self._new_agreement()
        sale = self._new_sale()
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)
        purchase = self._new_purchase(sale)
        # What the product costs, as core has it where no price applies.
        self.assertEqual(purchase.order_line.price_unit, 10)

    def test_minimum_is_said(self):
        """The agreement hides neither the minimum of the list, nor that it is said."""
        self._new_agreement()
        self.chair.seller_ids.filtered(lambda price: price.price == 12).min_qty = 20
        sale = self._new_sale()
        order = sale.with_user(self.buyer)
        action = order.action_open_create_drop_shipment_purchases()
        dialog = order.env[action["res_model"]].browse(action["res_id"])
        self.assertIn("sells at least 20", dialog.line_ids.price_hint)

    def test_price_list_has_no_say(self):
        """Neither its lower price, its minimum, its discount nor its unit."""
        price = self.chair.seller_ids
        price.write({"price": 5.0, "min_qty": 5, "discount": 10.0, "sequence": -1})
        release = self._new_release(self._new_agreement(), self._new_sale())
        line = self._get_linked(release)
        self.assertEqual((line.price_unit, line.discount), (8, 0))
        self.assertEqual(line.price_subtotal, 80)
        price.min_qty = 50
        release = self._new_release(self._new_agreement(), self._new_sale())
        self.assertEqual(self._get_linked(release).price_subtotal, 80)
        self.assertNotIn("at least", self._chatter(release))

    def test_other_units(self):
        """Agreed by the dozen, sold by the piece, and the other way round."""
        agreement = self._new_agreement(
            (self.chair, 10, 96.0, {"product_uom_id": self.uom_dozen.id})
        )
        release = self._new_release(agreement, self._new_sale((self.chair, 24)))
        line = self._get_linked(release)
        self.assertEqual((line.product_uom_id, line.product_qty), (self.uom_unit, 24))
        self.assertEqual((line.price_unit, line.price_subtotal), (8, 192))
        release.button_confirm()
        self.env.invalidate_all()
        self.assertEqual(agreement.line_ids.qty_ordered, 2)
        agreement = self._new_agreement()
        sale = self._new_sale((self.chair, 2, {"product_uom_id": self.uom_dozen.id}))
        release = self._new_release(agreement, sale)
        self.assertEqual(self._get_linked(release).price_unit, 96)
        release.button_confirm()
        self.env.invalidate_all()
        self.assertEqual(agreement.line_ids.qty_ordered, 24)

    def test_line_of_the_same_unit(self):
        """Agreed by the piece and by the dozen: each sale at the price of its unit."""
        agreement = self._new_agreement(
            (self.chair, 10, 90.0, {"product_uom_id": self.uom_dozen.id}),
            (self.chair, 100, 8.0),
        )
        sale = self._new_sale(
            (self.chair, 10),
            (self.chair, 2, {"product_uom_id": self.uom_dozen.id}),
        )
        lines = self._get_linked(self._new_release(agreement, sale))
        self.assertEqual(lines.mapped("price_unit"), [8, 90])

    def test_other_currency(self):
        """Agreed in a foreign currency; the order's own is another or the same."""
        currency = self.env["res.currency"].create(
            {"name": "AGR", "symbol": "A", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            {
                "currency_id": currency.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 2.0,
            }
        )
        agreement = self._new_agreement(currency_id=currency.id)
        release = self._new_release(agreement, self._new_sale())
        self.assertEqual(release.currency_id, currency)
        self.assertEqual(release.amount_untaxed, 80)
        release = self._new_release(
            agreement, self._new_sale(), currency_id=self.company.currency_id.id
        )
        self.assertEqual(self._get_linked(release).price_unit, 4)
        self.assertEqual(release.amount_untaxed, 40)

    def test_template(self):
        """A template has a price too; its other lines are for an order of their own."""
        agreement = self._new_agreement(
            (self.desk, 3, 65.0),
            (self.chair, 0, 9.0, {"product_description_variants": "Oak"}),
            kind="purchase_template",
        )
        sale = self._new_sale((self.chair, 10))
        release = self._new_release(agreement, sale)
        line = self._get_linked(release)
        self.assertEqual((line.price_unit, line.price_subtotal), (9, 90))
        self.assertIn("Oak", line.name)
        with self.assertRefused("mixes drop shipment lines .*Desk"):
            release.button_confirm()
        release.order_line.filtered(lambda line: line.product_id == self.desk).unlink()
        release.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_chosen_after_the_lines(self):
        """The order goes on shipping to the customer."""
        agreement = self._new_agreement()
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        with Form(purchase) as form:
            form.requisition_id = agreement
        self.assertEqual(purchase.sudo().dest_address_id, self.ship_to)
        purchase.button_confirm()
        self._post(sale)
        self.assertEqual(self._get_linked(purchase).qty_received, 10)

    def test_products_that_are_not_agreed(self):
        """They come at the price of the vendor's list."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        release = self._new_release(self._new_agreement(), sale)
        self.assertEqual(self._get_linked(release).mapped("price_unit"), [8, 70])
        self.assertEqual(release.amount_untaxed, 220)

    def test_agreed_price_stays(self):
        """When the quantity falls, before and after confirming, and as it is closed."""
        agreement = self._new_agreement()
        sale = self._new_sale()
        release = self._new_release(agreement, sale)
        line = self._get_linked(release)
        line.product_qty = 8
        self.assertEqual(line.price_unit, 8)
        release.button_confirm()
        self._post(sale, quantity=3)
        release.action_close_drop_shipment_remainder()
        self.assertEqual((line.product_qty, line.price_subtotal), (3, 24))
        self.env.invalidate_all()
        self.assertEqual(agreement.line_ids.qty_ordered, 3)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 7)

    def test_cancelled_with_the_agreement(self):
        """The agreement is cancelled: what it ordered is to order again."""
        agreement = self._new_agreement()
        sale = self._new_sale()
        self._new_release(agreement, sale).button_confirm()
        agreement.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(agreement.line_ids.qty_ordered, 0)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)
        self.assertEqual(self._new_purchase(sale).order_line.price_unit, 12)
