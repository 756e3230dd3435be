import itertools

from odoo.fields import Command
from odoo.tests import Form

from .common import DropShipmentCommon


class TestGetSalesOrderValues(DropShipmentCommon):
    """What fetched lines and their order take from the sale and from the vendor."""

    def test_description_is_the_vendors(self):
        """The vendor's name and code, in the vendor's language."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.vendor.lang = "fr_FR"
        self.chair.seller_ids.write({"product_name": "Seat", "product_code": "V-7"})
        self.desk.with_context(lang="fr_FR").name = "Bureau"
        sale = self._new_sale((self.chair, 1), (self.desk, 1))
        purchase = self._new_purchase(sale)
        self.assertEqual(purchase.order_line.mapped("name"), ["[V-7] Seat", "Bureau"])

    def test_price_break_of_the_quantity(self):
        """The vendor's price for the quantity fetched."""
        self.chair.seller_ids = [
            Command.create(
                {"partner_id": self.vendor.id, "price": 9.0, "min_qty": 10.0}
            )
        ]
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        self.assertEqual(purchase.order_line.price_unit, 12)
        self.assertEqual(self._new_purchase(self._new_sale()).order_line.price_unit, 9)

    def test_discount_of_the_vendor(self):
        self.chair.seller_ids.discount = 25.0
        purchase = self._new_purchase(self._new_sale())
        self.assertEqual(purchase.order_line.discount, 25)
        self.assertEqual(purchase.order_line.price_subtotal, 90)

    def test_price_without_vendor_price(self):
        """The cost of the product, as core has it; never 0."""
        self.chair.seller_ids = False
        purchase = self._new_purchase(self._new_sale((self.chair, 10)))
        self.assertEqual(purchase.order_line.price_unit, 10)
        self.assertEqual(purchase.order_line.product_qty, 10)

    def test_price_in_the_currency_of_the_purchase_order(self):
        """Neither the sales order's currency nor that of the vendor price."""
        euro = self.setup_other_currency("EUR", rates=[("2000-01-01", 2.0)])
        pound = self.setup_other_currency("GBP", rates=[("2000-01-01", 4.0)])
        self.desk.seller_ids.currency_id = pound
        self.service.seller_ids = False
        shelf = self._new_product("Shelf")
        shelf.seller_ids = False
        sale = self._new_sale((self.chair, 1), (self.desk, 1), (shelf, 1))
        purchase = self._new_purchase(sale, currency_id=euro.id)
        self.assertEqual(purchase.currency_id, euro)
        self.assertEqual(purchase.order_line.mapped("price_unit"), [24, 35, 20])

    def test_taxes_of_the_vendor(self):
        """Vendor taxes, mapped by the fiscal position of the purchase order."""
        tax, mapped_tax = self.env["account.tax"].create(
            [
                {"name": name, "amount": amount, "type_tax_use": "purchase"}
                for name, amount in (("VAT", 20), ("No VAT", 0))
            ]
        )
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        mapped_tax.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(tax.ids)],
            }
        )
        self.chair.supplier_taxes_id = tax
        self.assertEqual(self._new_purchase(self._new_sale()).order_line.tax_ids, tax)
        abroad = self._new_purchase(self._new_sale(), fiscal_position_id=position.id)
        self.assertEqual(abroad.order_line.tax_ids, mapped_tax)
        # A program makes the order, without what the form fills in.
        self.vendor.property_account_position_id = position
        by_program = self._new_purchase(self._new_sale())
        self.assertEqual(by_program.fiscal_position_id, position)
        self.assertEqual(by_program.order_line.tax_ids, mapped_tax)

    def test_analytic_distribution(self):
        """That of the sales line, or the purchase order's own where it has none."""
        plan = self.env["account.analytic.plan"].create({"name": "Projects"})
        account = self.env["account.analytic.account"].create(
            {"name": "Fair", "plan_id": plan.id}
        )
        distribution = {str(account.id): 100.0}
        sale = self._new_sale(
            (self.chair, 1, {"analytic_distribution": distribution}), (self.desk, 1)
        )
        purchase = self._new_purchase(sale)
        self.assertEqual(
            purchase.order_line.mapped("analytic_distribution"), [distribution, False]
        )
        # Now the company has a model for all purchases of this vendor.
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.vendor.id,
                "analytic_distribution": distribution,
            }
        )
        again = self._new_purchase(self._new_sale((self.desk, 1)))
        self.assertEqual(again.order_line.analytic_distribution, distribution)

    def test_values_are_those_of_core(self):
        """What core finds line by line, in whatever way vendors keep their prices."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.vendor.lang = "fr_FR"
        contact = self.env["res.partner"].create(
            {"name": "Vendor's Desk", "parent_id": self.vendor.id}
        )
        euro = self.setup_other_currency("EUR", rates=[("2000-01-01", 2.0)])
        included, excluded = self.env["account.tax"].create(
            [
                {
                    "name": name,
                    "amount": amount,
                    "type_tax_use": "purchase",
                    "price_include_override": include,
                }
                for name, amount, include in (
                    ("Included", 20, "tax_included"),
                    ("Excluded", 10, "tax_excluded"),
                )
            ]
        )
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        excluded.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(included.ids)],
            }
        )

        def price(partner=self.vendor, **values):
            return Command.create({"partner_id": partner.id, "price": 7.0, **values})

        products = self.env["product.product"].concat(
            *(
                self._new_product(f"Product {number}", **values)
                for number, values in enumerate(
                    (
                        {"seller_ids": [price(product_name="Seat")]},
                        {
                            "seller_ids": [
                                price(product_name="One", product_code="V-1"),
                                price(price=5.0, min_qty=5, product_name="Many"),
                                price(price=1.0, min_qty=500, product_name="Most"),
                            ]
                        },
                        {"seller_ids": [price(), price(min_qty=2, discount=12.5)]},
                        {"seller_ids": [price(product_code="V"), price(min_qty=3)]},
                        {"seller_ids": [price(date_end="2020-01-01")]},
                        {"seller_ids": [price(self.other_vendor)]},
                        {"seller_ids": [price(contact, product_name="Contact's")]},
                        {"seller_ids": [price(currency_id=euro.id, delay=9)]},
                        {
                            "seller_ids": [price(product_uom_id=self.uom_dozen.id)],
                            "description_purchase": "By the dozen",
                            "default_code": "P-9",
                        },
                        {"seller_ids": False},
                        {"supplier_taxes_id": [Command.set(included.ids)]},
                        {"supplier_taxes_id": [Command.set(excluded.ids)]},
                    )
                )
            )
        )
        sale = self._new_sale(
            *((product, 4) for product in products),
            *((product, 6) for product in products[:4]),
            (self.chair, 2, {"product_uom_id": self.uom_dozen.id}),
        ).sudo()
        vendors = self.vendor | contact | self.other_vendor
        for vendor, fiscal_position in itertools.product(
            vendors, (position.browse(), position)
        ):
            order = self._new_purchase(
                partner_id=vendor.id, fiscal_position_id=fiscal_position.id
            )
            lines = order.order_line
            found = order.env["drop.shipment.ordering"]._prepare_lines(
                order, {line: line.product_uom_qty for line in sale.order_line}
            )
            self.assertEqual(len(found), len(sale.order_line))
            for line, vals in zip(sale.order_line, found, strict=True):
                core = lines._prepare_purchase_order_line(
                    line.product_id,
                    line.product_uom_qty,
                    line.product_uom_id,
                    order.company_id,
                    order.partner_id,
                    order,
                )
                with self.subTest(vendor=vendor.name, product=line.product_id.name):
                    self.assertEqual(vals.pop("sale_line_id"), line.id)
                    self.assertEqual(vals, core)

    def test_delivery_date(self):
        """The customer's date if the sales order has one."""
        sale = self._new_sale(commitment_date="2027-05-04 10:00:00")
        purchase = self._new_purchase(sale)
        self.assertEqual(str(purchase.order_line.date_planned), "2027-05-04 10:00:00")
        undated = self._new_purchase(self._new_sale())
        lead_time = undated.order_line.date_planned - undated.date_order
        self.assertEqual(lead_time.days, self.chair.seller_ids.delay)

    def test_header(self):
        """Operation type and ship-to fit together; the origin grows."""
        other_type = (
            self.company.sudo()
            ._get_drop_shipment_picking_type()
            .copy({"sequence": -1, "sequence_code": "DSC"})
        )
        # As subcontracting has it: a dropship type to a place of the company's own.
        other_type.default_location_dest_id = self.env.ref("stock.stock_location_stock")
        first = self._new_sale()
        second = self._new_sale()
        purchase = self._new_purchase(first, second, origin="Fair 2027")
        purchase = purchase.sudo()
        self.assertEqual(purchase.picking_type_id.code, "dropship")
        self.assertEqual(
            purchase.picking_type_id.default_location_dest_id.usage, "customer"
        )
        self.assertEqual(purchase.picking_type_id.company_id, self.company)
        self.assertEqual(purchase.dest_address_id, self.ship_to)
        self.assertEqual(
            set(purchase.origin.split(", ")), {"Fair 2027", first.name, second.name}
        )
        self.assertEqual(
            set(purchase.order_line.sale_line_id.ids),
            set((first | second).order_line.ids),
        )

    def test_company_without_dropship_type(self):
        """The message says what to create and where."""
        self.env["stock.picking.type"].search(
            [("code", "=", "dropship")]
        ).active = False
        sale = self._new_sale()
        purchase = self._new_purchase()
        with self.assertRefused(r"Dropship operation type"):
            self._get_sales_orders(purchase, sale)
        self.assertFalse(purchase.order_line)

    def test_different_ship_to_addresses_are_refused(self):
        sale = self._new_sale()
        elsewhere = self._new_sale(partner_shipping_id=self.customer.id)
        purchase = self._new_purchase()
        names = rf"(?=.*{sale.name} .*Ship-to Dock)(?=.*{elsewhere.name} )"
        with self.assertRefused(names):
            self._get_sales_orders(purchase, sale, elsewhere)
        self.assertFalse(purchase.order_line)
        self.assertFalse(purchase.origin)

    def test_different_ship_to_addresses_are_said_before_ok(self):
        """As soon as lines of two orders with two addresses are chosen."""
        sale = self._new_sale()
        elsewhere = self._new_sale(partner_shipping_id=self.customer.id)
        purchase = self._new_purchase()
        action = purchase.action_get_sales_order()
        form = Form.from_action(purchase.env, action)
        for index in range(2):
            self.assertFalse(form.ship_to_refusal)
            with form.order_ids.edit(index) as offer:
                offer.selected = True
        for words in (sale.name, elsewhere.name, "Ship-to Dock", "separate orders"):
            self.assertIn(words, form.ship_to_refusal)
        with form.line_ids.edit(0) as row:
            row.quantity = 4
        self.assertEqual(form.summary, "Lines: 2, Sales orders: 2, Quantity: 14 Units")
        form.line_ids.remove(0)
        self.assertFalse(form.ship_to_refusal)
        self.assertEqual(form.summary, "Lines: 1, Quantity: 10 Units")
        form.save().action_insert_lines()
        self.assertEqual(purchase.order_line.mapped("product_qty"), [10])

    def test_lines_of_the_buyer_stay(self):
        """What was there before stays above what is fetched."""
        purchase = self._new_purchase(
            order_line=[
                Command.create(
                    {"display_type": "line_section", "name": "X", "product_qty": 0}
                ),
                Command.create({"product_id": self.service.id, "product_qty": 1}),
            ]
        )
        self._get_sales_orders(purchase, self._new_sale())
        self.assertEqual(
            purchase.order_line.sorted().mapped("drop_shipment"), [False, False, True]
        )

    def test_no_stock_is_touched_before_confirmation(self):
        sale = self._new_sale()
        self._new_purchase(sale)
        self.assertFalse(sale.picking_ids)
        self.assertEqual(sale.order_line.qty_to_ship, 0)
