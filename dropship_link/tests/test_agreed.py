from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form

from .common import DropShipmentCommon


class TestAgreed(DropShipmentCommon):
    """What was agreed with the vendor outlives changes of the quantity."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promised = fields.Datetime.now().replace(microsecond=0) + timedelta(60)
        # From ten on the vendor is cheaper.
        cls.chair.seller_ids = [
            Command.create(
                {"partner_id": cls.vendor.id, "price": 10.0, "min_qty": 10, "delay": 3}
            )
        ]

    def _new_confirmed(self, quantity=10):
        """Return a sale and its confirmed order: 10.00 each, less 5 %, on our date."""
        sale = self._new_sale((self.chair, quantity))
        purchase = self._new_purchase(sale)
        purchase.order_line.discount = 5
        purchase.order_line.date_planned = self.promised
        purchase.button_confirm()
        return sale, purchase

    def assertAgreed(self, line, quantity, price=10.0, discount=5.0):
        """Price, discount, date and total are those of before."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(line.product_qty, quantity)
        self.assertEqual(line.price_unit, price)
        self.assertEqual(line.discount, discount)
        self.assertEqual(line.date_planned, self.promised)
        self.assertAlmostEqual(
            line.price_subtotal, quantity * price * (1 - discount / 100), 2
        )

    def test_close_remainder(self):
        """3 of 10 shipped and closed: 3 at the price of ten, less 5 %: 28.50."""
        sale, purchase = self._new_confirmed()
        self._post(sale, quantity=3)
        purchase.action_close_drop_shipment_remainder()
        self.assertAgreed(purchase.order_line, 3)
        self.assertEqual(purchase.amount_untaxed, 28.50)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 7)

    def test_close_remainder_is_billed_as_agreed(self):
        """What the vendor bills is 28.50 as well, not 36.00."""
        sale, purchase = self._new_confirmed()
        self._post(sale, quantity=3)
        self._post_invoice(sale)
        purchase.action_close_drop_shipment_remainder()
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 28.50)

    def test_buyer_changes_a_confirmed_order(self):
        """Down by script, up again in the form: at the price that was agreed."""
        _sale, purchase = self._new_confirmed()
        purchase.order_line.product_qty = 4
        self.assertAgreed(purchase.order_line, 4)
        with Form(purchase) as form, form.order_line.edit(0) as line:
            line.product_qty = 8
            self.assertEqual(line.price_unit, 10)
            self.assertEqual(line.discount, 5)
        self.assertAgreed(purchase.order_line, 8)

    def test_order_that_waits_for_approval(self):
        """The buyer has confirmed it: what is to be approved does not change."""
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1}
        )
        _sale, purchase = self._new_confirmed()
        self.assertEqual(purchase.state, "to approve")
        purchase.order_line.product_qty = 4
        self.assertAgreed(purchase.order_line, 4)

    def test_request_follows_the_sale(self):
        """10 sold become 6: price of ten, discount, promised date and words stay."""
        sale = self._new_sale(commitment_date=self.promised)
        purchase = self._new_purchase(sale)
        line = purchase.order_line
        line.write({"discount": 5, "name": "Chair, as on the phone"})
        self.env.flush_all()
        sale.order_line.product_uom_qty = 6
        self.assertAgreed(line, 6)
        self.assertEqual(line.name, "Chair, as on the phone")
        self.assertEqual(purchase.amount_untaxed, 57)

    def test_request_follows_the_sale_at_a_typed_price(self):
        """A price that the buyer has typed stays, and so does its date."""
        sale = self._new_sale(commitment_date=self.promised)
        line = self._new_purchase(sale).order_line
        line.price_unit = 11.11
        sale.order_line.product_uom_qty = 6
        self.assertAgreed(line, 6, price=11.11, discount=0)

    def test_request_in_dozens_follows_the_sale(self):
        """Three dozens become two, at the price of a dozen that was agreed."""
        dozens = {"product_uom_id": self.uom_dozen.id}
        sale = self._new_sale((self.chair, 3, dozens), commitment_date=self.promised)
        line = self._new_purchase(sale).order_line
        self.assertEqual(line.price_unit, 120)
        self.chair.seller_ids.price = 50
        self.env.flush_all()
        sale.order_line.product_uom_qty = 2
        self.assertAgreed(line, 2, price=120, discount=0)

    def test_two_requests_follow_the_sale(self):
        """The later one goes, the earlier one keeps its price."""
        sale = self._new_sale(commitment_date=self.promised)
        first = self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        second = self._new_purchase(sale)
        line = first.order_line
        self.assertEqual(line.price_unit, 12)
        sale.order_line.product_uom_qty = 3
        self.assertFalse(second.order_line)
        self.assertAgreed(line, 3, price=12, discount=0)

    def test_buyers_own_change_of_a_request(self):
        """Nothing is agreed yet: the buyer gets the price of the new quantity."""
        purchase = self._new_purchase(self._new_sale())
        self.assertEqual(purchase.order_line.price_unit, 10)
        purchase.order_line.product_qty = 6
        self.assertEqual(purchase.order_line.price_unit, 12)

    def test_buyers_own_change_keeps_the_promised_date(self):
        """Another quantity or vendor is another price, not another promise."""
        sale = self._new_sale(commitment_date=self.promised)
        purchase = self._new_purchase(sale)
        line = purchase.order_line
        line.product_qty = 6
        self.assertAgreed(line, 6, price=12, discount=0)
        self.chair.seller_ids = [
            Command.create(
                {"partner_id": self.other_vendor.id, "price": 13, "delay": 5}
            )
        ]
        purchase.partner_id = self.other_vendor
        self.assertAgreed(line, 6, price=13, discount=0)
        # The vendor after that one needs 90 days.
        self.chair.seller_ids = [
            Command.create({"partner_id": self.customer.id, "price": 14, "delay": 90})
        ]
        purchase.partner_id = self.customer
        self.assertGreater(line.date_planned, self.promised)
        self.assertTrue(line.drop_shipment_late)

    def test_vendor_ships_more(self):
        """What is shipped beyond the order is bought at its price."""
        sale, purchase = self._new_confirmed()
        sale.order_line.product_uom_qty = 12
        purchase.order_line.product_qty = 12
        self.assertAgreed(purchase.order_line, 12)
        self._post(sale)
        self._post_invoice(sale)
        self.assertEqual(self._new_bill(purchase).amount_untaxed, 114)

    def test_ordinary_order_is_priced_by_core(self):
        """An order for our own stock gets the price of the quantity, as before."""
        purchase = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[
                Command.create({"product_id": self.chair.id, "product_qty": 10})
            ],
        )
        purchase.order_line.product_qty = 11
        purchase.button_confirm()
        self.assertEqual(purchase.order_line.price_unit, 10)
        # sudo: of an ordinary order core looks for transfers as the buyer, and Batch
        # Transfers makes it read what buyers have no rights on.
        purchase.sudo().order_line.product_qty = 6
        self.assertEqual(purchase.order_line.price_unit, 12)


class TestPrices(DropShipmentCommon):
    """Prices, words, taxes and dates are what core answers for each line."""

    def test_other_add_ons_are_asked(self):
        """What an add-on makes of core's method is in the line."""
        PurchaseLine = self.env.registry["purchase.order.line"]
        prepare = PurchaseLine._prepare_purchase_order_line
        asked = []

        def prepare_with_freight(self, product, quantity, uom, company, partner, po):
            asked.append((product, quantity, uom, company, partner, po))
            vals = prepare(self, product, quantity, uom, company, partner, po)
            return {**vals, "name": f"{vals['name']}, packed", "price_unit": 13.0}

        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase()
        with patch.object(
            PurchaseLine, "_prepare_purchase_order_line", prepare_with_freight
        ):
            self._get_sales_orders(purchase, sale)
        self.assertEqual(purchase.order_line.mapped("price_unit"), [13, 13])
        self.assertEqual(
            purchase.order_line.mapped("name"), ["Chair, packed", "Desk, packed"]
        )
        self.assertEqual(purchase.amount_untaxed, 156)
        self.assertEqual(
            asked,
            [
                (product, quantity, self.uom_unit, self.company, self.vendor, purchase)
                for product, quantity in ((self.chair, 10), (self.desk, 2))
            ],
        )

    def test_price_of_the_lines_unit(self):
        """12.00 a unit and 120.00 a dozen: 12 units are 144.00, a dozen is 120.00."""
        self.chair.seller_ids = [
            Command.create(
                {
                    "partner_id": self.vendor.id,
                    "price": 120,
                    "product_uom_id": self.uom_dozen.id,
                }
            )
        ]
        units = self._new_purchase(self._new_sale((self.chair, 12)))
        self.assertEqual(units.order_line.price_unit, 12)
        self.assertEqual(units.amount_untaxed, 144)
        dozens = {"product_uom_id": self.uom_dozen.id}
        dozen = self._new_purchase(self._new_sale((self.chair, 1, dozens)))
        self.assertEqual(dozen.order_line.price_unit, 120)
        self.assertEqual(dozen.amount_untaxed, 120)
        # As core has it on an order that is typed in.
        typed = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[
                Command.create({"product_id": self.chair.id, "product_qty": 12})
            ],
        )
        self.assertEqual(typed.order_line.price_unit, 12)

    def test_price_agreed_for_another_order(self):
        """Whoever keeps prices for some orders only is told which order it is."""
        product_class = self.env.registry["product.product"]
        prepare = product_class._prepare_sellers
        orders = set()

        def prepare_sellers(self, params=False):
            orders.add((params or {}).get("order_id"))
            return prepare(self, params=params)

        sale = self._new_sale()
        purchase = self._new_purchase()
        with patch.object(product_class, "_prepare_sellers", prepare_sellers):
            self._get_sales_orders(purchase, sale)
            purchase.order_line.flush_recordset()
        self.assertEqual(orders, {purchase})

    def test_free_of_charge(self):
        """A vendor's price of 0 is a price, and costs no date."""
        promised = fields.Datetime.now().replace(microsecond=0) + timedelta(60)
        self.chair.seller_ids.price = 0
        sale = self._new_sale(commitment_date=promised)
        line = self._new_purchase(sale).order_line
        self.assertEqual(line.price_unit, 0)
        self.assertEqual(line.date_planned, promised)

    def test_taxes_that_the_buyer_chose(self):
        """The fiscal position of the request maps the taxes, not that of the vendor."""
        tax, abroad_tax = self.env["account.tax"].create(
            [
                {"name": name, "amount": amount, "type_tax_use": "purchase"}
                for name, amount in (("VAT", 20), ("Abroad", 7))
            ]
        )
        positions = self.env["account.fiscal.position"].create(
            [{"name": "Vendor's"}, {"name": "Buyer's"}]
        )
        abroad_tax.write(
            {
                "fiscal_position_ids": [Command.set(positions[1].ids)],
                "original_tax_ids": [Command.set(tax.ids)],
            }
        )
        self.vendor.property_account_position_id = positions[0]
        self.chair.supplier_taxes_id = tax
        purchase = self._new_purchase(fiscal_position_id=positions[1].id)
        self._get_sales_orders(purchase, self._new_sale((self.chair, 4)))
        first = purchase.order_line
        self.assertEqual(purchase.fiscal_position_id, positions[1])
        self.assertEqual(first.tax_ids, abroad_tax)
        self.assertEqual(purchase.amount_total, 51.36)
        # Nor does what is fetched later touch what the buyer chose for a line.
        first.tax_ids = tax
        self._get_sales_orders(purchase, self._new_sale((self.chair, 1)))
        self.assertEqual(first.tax_ids, tax)
        self.assertEqual((purchase.order_line - first).tax_ids, abroad_tax)
        self.assertEqual(purchase.fiscal_position_id, positions[1])
        self.assertEqual(purchase.amount_total, 57.6 + 12.84)

    def test_taxes_outlive_a_change_of_the_sale(self):
        """What the buyer chose for a line stays when the customer takes less."""
        tax = self.env["account.tax"].create(
            {"name": "Own Choice", "amount": 10, "type_tax_use": "purchase"}
        )
        sale = self._new_sale()
        line = self._new_purchase(sale).order_line
        line.tax_ids = tax
        sale.order_line.product_uom_qty = 6
        self.assertEqual(line.tax_ids, tax)
        self.assertAlmostEqual(line.price_total, 79.2)


class TestVendorsDate(DropShipmentCommon):
    """Expected is when the customer was promised, if the vendor can keep it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now().replace(microsecond=0)
        cls.chair.seller_ids.delay = 20

    def _get_days(self, line):
        """Return in how many days the line is expected."""
        return round((line.date_planned - self.now) / timedelta(1))

    def test_vendor_needs_longer(self):
        """Promised in 3 days, the vendor needs 20: in 20, late from the start."""
        sale = self._new_sale(commitment_date=self.now + timedelta(3))
        purchase = self._new_purchase(sale)
        self.assertEqual(self._get_days(purchase.order_line), 20)
        self.assertTrue(purchase.order_line.drop_shipment_late)
        self.assertTrue(sale.order_line.drop_shipment_late)
        purchase.button_confirm()
        self.assertEqual(self._get_days(purchase.order_line), 20)
        self.assertTrue(sale.order_line.drop_shipment_late)

    def test_vendor_needs_less(self):
        """Promised in 30 days: then, not earlier."""
        sale = self._new_sale(commitment_date=self.now + timedelta(30))
        purchase = self._new_purchase(sale)
        self.assertEqual(purchase.order_line.date_planned, self.now + timedelta(30))
        self.assertFalse(sale.order_line.drop_shipment_late)

    def test_same_day(self):
        """On the promised day the vendor keeps the promise, whatever the hour."""
        sale = self._new_sale(commitment_date=self.now + timedelta(20, -1))
        purchase = self._new_purchase(date_order=self.now)
        self._get_sales_orders(purchase, sale)
        if sale.commitment_date.date() == (self.now + timedelta(20)).date():
            self.assertEqual(purchase.order_line.date_planned, sale.commitment_date)
            self.assertFalse(sale.order_line.drop_shipment_late)

    def test_no_date(self):
        """The day the vendor needs; nobody is late."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.assertEqual(self._get_days(purchase.order_line), 20)
        self.assertFalse(sale.order_line.drop_shipment_late)

    def test_each_line_of_its_own(self):
        """The desk comes as promised, the chair does not."""
        sale = self._new_sale(
            (self.chair, 10),
            (self.desk, 1),
            commitment_date=self.now + timedelta(3),
        )
        purchase = self._new_purchase(sale)
        self.assertEqual(
            [self._get_days(line) for line in purchase.order_line], [20, 3]
        )
        self.assertEqual(sale.order_line.mapped("drop_shipment_late"), [True, False])

    def test_minimum_is_not_reached(self):
        """Its price does not apply, but the vendor needs as long."""
        self.chair.seller_ids.min_qty = 50
        sale = self._new_sale(commitment_date=self.now + timedelta(3))
        purchase = self._new_purchase(sale)
        self.assertEqual(self._get_days(purchase.order_line), 20)
        self.assertEqual(purchase.order_line.price_unit, 10)

    def test_customer_changes_the_date(self):
        """Requests follow as far as the vendor can keep it."""
        sale = self._new_sale(
            (self.chair, 10),
            (self.desk, 1),
            commitment_date=self.now + timedelta(30),
        )
        purchase = self._new_purchase(sale)
        for promised, expected in ((3, [20, 3]), (40, [40, 40])):
            sale.commitment_date = self.now + timedelta(promised)
            self.assertEqual(
                [self._get_days(line) for line in purchase.order_line], expected
            )

    def test_created_and_ordered_automatically(self):
        """By every way from the sale to the vendor."""
        sale = self._new_sale(commitment_date=self.now + timedelta(3))
        self.env.invalidate_all()
        sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        self.company.drop_shipment_auto_order = True
        automatic = self._new_sale(commitment_date=self.now + timedelta(3))
        for order in (sale, automatic):
            line = order.order_line.sudo().purchase_line_ids
            self.assertEqual(self._get_days(line), 20)
            self.assertTrue(order.order_line.drop_shipment_late)
