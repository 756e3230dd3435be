from odoo.fields import Command

from .common_create_purchases import CreatePurchasesCommon


class TestCreatePurchases(CreatePurchasesCommon):
    """Requests for quotation with the proposed vendors, without a dialog."""

    def test_from_a_sales_order(self):
        """One linked request; both orders tell of it."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 2), (self.lamp, 1, {"drop_shipment": False})
        )
        purchase = self._create_purchases(sale)
        self.assertEqual(len(purchase), 1)
        self.assertEqual(purchase.state, "draft")
        self.assertEqual(purchase.partner_id, self.vendor)
        self.assertEqual(purchase.sell_to_customer_id, self.customer)
        self.assertEqual(purchase.drop_shipment_address_id, self.ship_to)
        self.assertEqual(purchase.user_id, self.buyer)
        self.assertEqual(purchase.origin, sale.name)
        self.assertEqual(purchase.picking_type_id.code, "dropship")
        self.assertEqual(purchase.order_line.product_id, self.chair | self.desk)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [10, 2])
        self.assertEqual(purchase.order_line.mapped("price_unit"), [12, 70])
        self.assertEqual(
            purchase.sudo().order_line.sale_line_id, sale.sudo().order_line[:2]
        )
        self.assertEqual(
            sale.order_line[:2].mapped("drop_shipment_state"), ["rfq", "rfq"]
        )
        self.assertIn(purchase.name, self._chatter(sale))
        self.assertIn(sale.name, self._chatter(purchase))

    def test_followers_are_those_of_core(self):
        """Who creates follows, and so does the vendor's buyer, who is told."""
        # Else tests have no followers.
        self.env = self.env(context={})
        colleague = self._new_user("colleague", "purchase.group_purchase_user")
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        self.other_vendor.buyer_id = colleague
        sale = self._new_sale((self.chair, 1), (self.lamp, 1))
        purchases = self._create_purchases(sale.with_env(self.env), user=trader)
        purchases = purchases.with_user(trader)
        self.assertEqual(len(purchases), 2)
        for purchase in purchases:
            core = (
                self.env["purchase.order"]
                .with_user(trader)
                .create(
                    {
                        "partner_id": purchase.partner_id.id,
                        "user_id": purchase.user_id.id,
                    }
                )
            )
            with self.subTest(buyer=purchase.user_id.name):
                self.assertEqual(
                    purchase.user_id,
                    purchase.partner_id.buyer_id or trader,
                )
                followers = self._get_followers(purchase)
                self.assertEqual(
                    set(followers), set(trader.partner_id | purchase.user_id.partner_id)
                )
                self.assertEqual(followers, self._get_followers(core))
                self.assertEqual(*(self._get_told(o) for o in (purchase, core)))
                self.assertFalse(
                    purchase.sudo().message_ids.tracking_value_ids.filtered(
                        lambda value: value.field_id.name == "user_id"
                    )
                )
        self.assertEqual(self._get_told(purchases.filtered("partner_id.buyer_id")), 1)

    def _get_followers(self, purchase):
        """Return {follower: what they follow}."""
        return {
            follower.partner_id: follower.subtype_ids
            for follower in purchase.sudo().message_follower_ids
        }

    def _get_told(self, purchase):
        """Return how many notifications of the assignment there are."""
        return len(
            self.env["mail.message"].search(
                [
                    ("model", "=", "purchase.order"),
                    ("res_id", "=", purchase.id),
                    ("message_type", "=", "user_notification"),
                ]
            )
        )

    def test_from_selected_lines(self):
        """Only these lines are ordered."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._create_purchases(sale.order_line[1])
        self.assertEqual(purchase.order_line.product_id, self.desk)
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [10, 0])

    def test_the_purchase_is_confirmed_and_shipped(self):
        """What was created needs nothing more from the buyer."""
        sale = self._new_sale((self.chair, 10), (self.lamp, 3))
        purchases = self._create_purchases(sale)
        self.assertEqual(purchases.partner_id, self.vendor | self.other_vendor)
        self.env.invalidate_all()
        purchases.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 3])

    def test_one_request_for_vendor_customer_and_ship_to(self):
        """Orders of one customer and address share a request, no others."""
        second_dock = self.ship_to.copy({"name": "Second Dock"})
        sales = self._new_sale((self.chair, 1), (self.lamp, 2))
        sales |= self._new_sale((self.desk, 3))
        sales |= self._new_sale((self.chair, 4), partner_shipping_id=second_dock.id)
        sales |= self._new_sale(
            (self.chair, 5),
            partner_id=self.other_customer.id,
            partner_shipping_id=self.other_customer.id,
        )
        purchases = self._create_purchases(sales)
        self.assertEqual(
            {
                (
                    purchase.partner_id,
                    purchase.sell_to_customer_id,
                    purchase.drop_shipment_address_id,
                    tuple(sorted(purchase.order_line.mapped("product_qty"))),
                )
                for purchase in purchases
            },
            {
                (self.vendor, self.customer, self.ship_to, (1, 3)),
                (self.other_vendor, self.customer, self.ship_to, (2,)),
                (self.vendor, self.customer, second_dock, (4,)),
                (self.vendor, self.other_customer, self.other_customer, (5,)),
            },
        )
        self.assertEqual(len(purchases), 4)

    def test_one_request_for_each_company(self):
        """A buyer of two companies orders for both in one go."""
        second = self._create_company(name="Second Company")
        salesman = self._new_user(
            "salesman_2", "sales_team.group_sale_salesman", second
        )
        both = self._new_user("buyer_of_both", "purchase.group_purchase_user")
        both.company_ids |= second
        self.chair.seller_ids.company_id = False
        sales = self._new_sale()
        sales |= self._new_sale(user=salesman, company_id=second.id).with_user(
            self.salesman
        )
        self.env.invalidate_all()
        action = (
            sales.with_user(both)
            .with_context(allowed_company_ids=(self.company | second).ids)
            .action_create_drop_shipment_purchases()
        )
        purchases = self.env["purchase.order"].search(action["domain"])
        self.assertEqual(len(purchases), 2)
        self.assertEqual(purchases.company_id, self.company | second)
        for purchase in purchases:
            self.assertEqual(purchase.picking_type_id.company_id, purchase.company_id)
            self.assertEqual(
                purchase.order_line.sale_line_id.company_id, purchase.company_id
            )

    def test_currency_of_the_vendor(self):
        """The currency that the vendor is paid in; prices are converted."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        self.vendor.property_purchase_currency_id = currency
        purchase = self._create_purchases(self._new_sale((self.chair, 1)))
        self.assertEqual(purchase.currency_id, currency)
        self.assertEqual(purchase.order_line.price_unit, 24)

    def test_terms_of_the_vendor(self):
        """Payment terms and fiscal position, which maps the taxes."""
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
        terms = self.env.ref("account.account_payment_term_30days")
        self.vendor.property_supplier_payment_term_id = terms
        self.vendor.property_account_position_id = position
        purchase = self._create_purchases(self._new_sale((self.chair, 1)))
        self.assertEqual(purchase.payment_term_id, terms)
        self.assertEqual(purchase.fiscal_position_id, position)
        self.assertEqual(purchase.order_line.tax_ids, mapped_tax)

    def test_price_of_the_quantity(self):
        """The vendor's price break for what is left to order."""
        self.chair.seller_ids = [
            Command.create({"partner_id": self.vendor.id, "price": 9, "min_qty": 10})
        ]
        purchase = self._create_purchases(self._new_sale((self.chair, 10)))
        self.assertEqual(purchase.order_line.price_unit, 9)
        purchase = self._create_purchases(self._new_sale((self.chair, 9)))
        self.assertEqual(purchase.order_line.price_unit, 12)

    def test_buyer_of_the_vendor(self):
        """The vendor's buyer gets the request, whoever created it."""
        colleague = self._new_user("colleague", "purchase.group_purchase_user")
        self.vendor.buyer_id = colleague
        purchase = self._create_purchases(self._new_sale())
        self.assertEqual(purchase.user_id, colleague)

    def test_twice_makes_nothing_more(self):
        """The second time there is nothing left to order, and the user is told."""
        sale = self._new_sale()
        self._create_purchases(sale)
        count = self._count_purchases()
        for records in (sale, sale.order_line):
            action = records.with_user(
                self.buyer
            ).action_create_drop_shipment_purchases()
            self.assertEqual(action["tag"], "display_notification")
            self.assertEqual(action["params"]["message"], "Nothing is left to order.")
        self.assertEqual(self._count_purchases(), count)
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_line_named_twice(self):
        """A program that names a line twice has it ordered once."""
        line = self._new_sale().order_line
        twice = line.browse([line.id, line.id])
        self.assertEqual(self._open_dialog(twice).line_ids.quantity, 10)
        self.assertEqual(self._create_purchases(twice).order_line.product_qty, 10)

    def test_only_what_is_left(self):
        """What is on another order already is not ordered again."""
        sale = self._new_sale()
        self._get_sales_orders(self._new_purchase(), sale, quantity=4)
        purchase = self._create_purchases(sale)
        self.assertEqual(purchase.order_line.product_qty, 6)

    def test_nothing_to_order(self):
        """Quotations, cancelled orders and lines from stock are left alone."""
        quotation = self._new_sale(confirm=False)
        cancelled = self._new_sale()
        cancelled._action_cancel()
        stock = self._new_sale((self.chair, 10, {"drop_shipment": False}))
        count = self._count_purchases()
        for sale in (quotation, cancelled, stock):
            for records in (sale, sale.order_line):
                action = records.with_user(
                    self.buyer
                ).action_create_drop_shipment_purchases()
                self.assertEqual(action["tag"], "display_notification")
                with self.assertRefused("nothing to order"):
                    records.with_user(
                        self.buyer
                    ).action_open_create_drop_shipment_purchases()
        self.assertEqual(self._count_purchases(), count)

    def test_line_without_vendor(self):
        """It is named, and nothing is made of the other lines either."""
        sale = self._new_sale((self.chair, 10), (self.orphan, 1))
        count = self._count_purchases()
        for records in (sale, sale.order_line):
            with self.assertRefused("vendor for Orphan"):
                records.with_user(self.buyer).action_create_drop_shipment_purchases()
        self.assertEqual(self._count_purchases(), count)
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [10, 1])

    def test_vendor_of_another_company_is_no_vendor(self):
        """Prices are kept by company: another one's vendor is not proposed."""
        second = self._create_company(name="Second Company")
        self.chair.seller_ids.company_id = second
        with self.assertRefused("vendor for Chair"):
            self._new_sale().with_user(
                self.buyer
            ).action_create_drop_shipment_purchases()
