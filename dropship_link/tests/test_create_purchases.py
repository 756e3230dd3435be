from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command

from .common import DropShipmentCommon


class CreatePurchasesCommon(DropShipmentCommon):
    """Sales orders to order, and a buyer who may not read them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lamp = cls._new_product("Lamp", price=5.0, vendor=cls.other_vendor)
        cls.orphan = cls._new_product("Orphan", seller_ids=False)

    def _get_shown(self, action):
        """Return the records that `action` shows, for the buyer."""
        records = self.env[action["res_model"]].with_user(self.buyer)
        if action.get("res_id"):
            return records.browse(action["res_id"])
        return records.search(action["domain"], order="id")

    def _create_purchases(self, records, user=None):
        """Order what is left of the orders or lines; return the purchase orders."""
        self.env.invalidate_all()
        records = records.with_user(user or self.buyer)
        return self._get_shown(records.action_create_drop_shipment_purchases())

    def _open_dialog(self, records):
        """Return the dialog of the orders or lines, as its buyer sees it."""
        self.env.invalidate_all()
        records = records.with_user(self.buyer)
        return self._get_shown(records.action_open_create_drop_shipment_purchases())

    def _count_purchases(self):
        return self.env["purchase.order"].search_count([])


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


class TestCreatePurchasesDialog(CreatePurchasesCommon):
    """The same with vendors and quantities to choose."""

    def test_proposal(self):
        """Proposed vendor and all that is left, in the unit of the sale."""
        sale = self._new_sale(
            (self.chair, 2, {"product_uom_id": self.uom_dozen.id}),
            (self.lamp, 3),
            (self.orphan, 1),
        )
        purchase = self._create_purchases(sale.order_line[0])
        purchase.order_line.product_qty = 0.5
        wizard = self._open_dialog(sale)
        rows = wizard.line_ids.read(
            [
                "sale_ref",
                "product_id",
                "product_uom_id",
                "vendor_id",
                "quantity",
                "quantity_to_order",
            ]
        )
        expected = [
            (self.chair, self.uom_dozen, self.vendor, 1.5),
            (self.lamp, self.uom_unit, self.other_vendor, 3),
            (self.orphan, self.uom_unit, self.vendor.browse(), 1),
        ]
        self.assertEqual(len(rows), len(expected))
        for row, (product, uom, vendor, quantity) in zip(rows, expected, strict=True):
            self.assertEqual(row["sale_ref"], sale.name)
            self.assertEqual(row["product_id"][0], product.id)
            self.assertEqual(row["product_uom_id"][0], uom.id)
            self.assertEqual(row["vendor_id"] and row["vendor_id"][0], vendor.id)
            self.assertEqual(row["quantity"], quantity)
            self.assertEqual(row["quantity_to_order"], quantity)

    def test_vendor_and_quantity_are_chosen(self):
        """The rest stays to order."""
        sale = self._new_sale((self.chair, 10), (self.orphan, 4))
        wizard = self._open_dialog(sale)
        chair, orphan = wizard.line_ids
        self.assertEqual(chair.vendor_id, self.vendor)
        self.assertFalse(orphan.vendor_id)
        chair.write({"vendor_id": self.other_vendor.id, "quantity": 7})
        orphan.vendor_id = self.other_vendor
        purchase = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(purchase.partner_id, self.other_vendor)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [7, 4])
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [3, 0])
        # Neither the other vendor's price nor nothing: the cost of the product.
        self.assertEqual(purchase.order_line.mapped("price_unit"), [10, 10])

    def test_several_vendors_for_one_line(self):
        """Each gets a request with a part of the line."""
        sale = self._new_sale()
        wizard = self._open_dialog(sale.order_line)
        wizard.line_ids.quantity = 4
        wizard.line_ids = [
            Command.create(
                {
                    "sale_line_id": sale.order_line.id,
                    "vendor_id": self.other_vendor.id,
                    "quantity": 6,
                }
            )
        ]
        purchases = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(purchases.partner_id, self.vendor | self.other_vendor)
        self.assertEqual(
            {order.partner_id: order.order_line.product_qty for order in purchases},
            {self.vendor: 4, self.other_vendor: 6},
        )
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        purchases.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_rows_of_one_line_and_vendor(self):
        """Two rows of the same vendor make one line."""
        sale = self._new_sale()
        wizard = self._open_dialog(sale)
        wizard.line_ids.quantity = 4
        wizard.line_ids = [
            Command.create(
                {
                    "sale_line_id": sale.order_line.id,
                    "vendor_id": self.vendor.id,
                    "quantity": 6,
                }
            )
        ]
        purchase = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(purchase.order_line.mapped("product_qty"), [10])

    def test_row_without_quantity_is_left_out(self):
        """Zero orders nothing, and needs no vendor."""
        sale = self._new_sale((self.chair, 10), (self.orphan, 1))
        wizard = self._open_dialog(sale)
        wizard.line_ids[1].quantity = 0
        purchase = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(purchase.order_line.product_id, self.chair)

    def test_row_without_vendor_is_refused(self):
        """The product is named, and nothing is made of the other rows."""
        wizard = self._open_dialog(self._new_sale((self.chair, 10), (self.orphan, 1)))
        count = self._count_purchases()
        with self.assertRefused("vendor for Orphan"):
            wizard.action_create_purchases()
        self.assertEqual(self._count_purchases(), count)

    def test_nothing_entered_is_refused(self):
        wizard = self._open_dialog(self._new_sale())
        wizard.line_ids.quantity = 0
        with self.assertRefused("enter a quantity"):
            wizard.action_create_purchases()

    def test_wrong_quantities_are_refused(self):
        """What is left or less, whatever the rows of a line add up from."""
        sale = self._new_sale()
        for quantities in ([11], [-1], [6, 5], [-5, 15], [15, -5]):
            with self.subTest(quantities=quantities):
                wizard = self._open_dialog(sale)
                wizard.line_ids = [Command.clear()] + [
                    Command.create(
                        {
                            "sale_line_id": sale.order_line.id,
                            "vendor_id": self.vendor.id,
                            "quantity": quantity,
                        }
                    )
                    for quantity in quantities
                ]
                with self.assertRefused(
                    rf"Quantity of {sale.name}, line 1 .*at most 10 Units"
                ):
                    wizard.action_create_purchases()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)

    def test_ordered_meanwhile(self):
        """What a colleague ordered while the dialog was open is not ordered twice."""
        sale = self._new_sale()
        wizard = self._open_dialog(sale)
        self._create_purchases(sale)
        self.env.invalidate_all()
        with self.assertRefused(f"{sale.name}, line 1 .* nothing left .*enter 0"):
            wizard.action_create_purchases()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_pressed_twice(self):
        """The dialog orders once."""
        sale = self._new_sale()
        wizard = self._open_dialog(sale)
        wizard.action_create_purchases()
        with self.assertRefused("nothing left to order any more"):
            wizard.action_create_purchases()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)

    def test_a_new_request_unless_the_user_says_so(self):
        """Lines join an open request of the same key on demand only."""
        first = self._create_purchases(self._new_sale((self.chair, 1)))
        wizard = self._open_dialog(self._new_sale((self.desk, 2)))
        second = self._get_shown(wizard.action_create_purchases())
        self.assertNotEqual(second, first)
        third = self._new_sale((self.desk, 3))
        wizard = self._open_dialog(third)
        wizard.join_requests = True
        joined = self._get_shown(wizard.action_create_purchases())
        self.assertEqual(joined, first)
        self.assertEqual(joined.order_line.mapped("product_qty"), [1, 3])
        self.assertIn(third.name, joined.origin)
        self.assertIn(third.name, self._chatter(joined))
        joined.button_confirm()
        self._post(third)
        self.assertEqual(third.order_line.qty_delivered, 3)

    def test_join_needs_the_same_key(self):
        """Another vendor, customer, ship-to, currency, or no request: a new one."""
        currency = self.setup_other_currency("EUR", rates=[("2020-01-01", 2.0)])
        second_dock = self.ship_to.copy({"name": "Second Dock"})
        for name in ("vendor", "customer", "ship-to", "currency", "state"):
            with self.subTest(name):
                self.vendor.property_purchase_currency_id = False
                values, product = {}, self.chair
                if name == "vendor":
                    product = self.lamp
                elif name == "customer":
                    values["partner_id"] = self.other_customer.id
                    values["partner_shipping_id"] = self.other_customer.id
                elif name == "ship-to":
                    values["partner_shipping_id"] = second_dock.id
                other = self._create_purchases(self._new_sale((product, 1), **values))
                if name == "currency":
                    self.vendor.property_purchase_currency_id = currency
                elif name == "state":
                    other.button_confirm()
                wizard = self._open_dialog(self._new_sale())
                wizard.join_requests = True
                purchase = self._get_shown(wizard.action_create_purchases())
                self.assertNotEqual(purchase, other)
                self.assertEqual(purchase.order_line.mapped("product_qty"), [10])
                (other | purchase).button_cancel()

    def test_join_does_not_mix_with_own_stock(self):
        """A request with goods for own stock is none that these lines may join."""
        sale = self._new_sale()
        other = self._new_purchase(
            order_line=[Command.create({"product_id": self.desk.id, "product_qty": 1})]
        )
        wizard = self._open_dialog(sale)
        wizard.join_requests = True
        purchase = self._get_shown(wizard.action_create_purchases())
        self.assertNotEqual(purchase, other)


class TestAutoOrder(CreatePurchasesCommon):
    """Ordering without waiting for a buyer, as the sales order is confirmed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.drop_shipment_auto_order = True

    def _get_purchases(self, sale):
        return sale.sudo().order_line.purchase_line_ids.order_id

    def _get_activities(self, sale):
        """Return all activities about `sale`, wherever they are."""
        return self.env["mail.activity"].search([("summary", "ilike", sale.name)])

    def test_off_by_default(self):
        """A new company waits for its buyers."""
        company = self.env["res.company"].create({"name": "New Company"})
        self.assertFalse(company.drop_shipment_auto_order)
        self.company.drop_shipment_auto_order = False
        sale = self._new_sale()
        self.assertFalse(self._get_purchases(sale))
        self.assertEqual(sale.order_line.drop_shipment_state, "to_order")

    def test_salesman_confirms(self):
        """Requests are made for all vendors, though he may not read one of them."""
        self.vendor.buyer_id = self.buyer
        sale = self._new_sale(
            (self.chair, 10),
            (self.lamp, 2),
            (self.desk, 1, {"drop_shipment": False}),
            confirm=False,
        )
        self.assertFalse(self._get_purchases(sale))
        self.env.invalidate_all()
        sale.action_confirm()
        purchases = self._get_purchases(sale)
        self.assertEqual(purchases.partner_id, self.vendor | self.other_vendor)
        self.assertEqual(set(purchases.mapped("state")), {"draft"})
        self.assertEqual(purchases.filtered("user_id").user_id, self.buyer)
        self.assertEqual(
            sale.order_line.mapped("drop_shipment_qty_ordered"), [10, 2, 0]
        )
        self.assertFalse(self._get_activities(sale))
        self.env.invalidate_all()
        purchases.with_user(self.buyer).button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 2, 0])

    def test_line_without_vendor(self):
        """The sale is confirmed, the others are ordered, the buyer is told once."""
        self.orphan.responsible_id = self.buyer
        sale = self._new_sale((self.chair, 10), (self.orphan, 1))
        self.assertEqual(sale.state, "sale")
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [0, 1])
        activity = self._get_activities(sale)
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.buyer)
        self.env.invalidate_all()
        activity = activity.with_user(self.buyer)
        self.assertIn("Orphan", activity.note)
        self.assertIn(sale.name, activity.note)
        self.assertTrue(self.env[activity.res_model].has_access("read"))
        self.orphan.seller_ids = [
            Command.create({"partner_id": self.vendor.id, "price": 1})
        ]
        purchase = self._create_purchases(sale)
        self.assertEqual(purchase.order_line.product_id, self.orphan)

    def test_line_without_vendor_confirmed_again(self):
        """Cancelled and confirmed again: the buyer is told once, not twice."""
        self.orphan.responsible_id = self.buyer
        sale = self._new_sale((self.orphan, 1))
        sale._action_cancel()
        sale.action_draft()
        sale.action_confirm()
        self.assertEqual(len(self._get_activities(sale)), 1)

    def test_no_line_has_a_vendor(self):
        """No empty request is made."""
        count = self._count_purchases()
        sale = self._new_sale((self.orphan, 1))
        self.assertEqual(sale.state, "sale")
        self.assertEqual(self._count_purchases(), count)

    def test_what_can_not_be_ordered_does_not_block_the_sale(self):
        """Nor does a company without an operation type for drop shipments."""
        self.env["stock.picking.type"].search(
            [("code", "=", "dropship"), ("company_id", "=", self.company.id)]
        ).active = False
        sale = self._new_sale()
        self.assertEqual(sale.state, "sale")
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_confirmed_again(self):
        """Cancelled and confirmed again it is ordered once."""
        sale = self._new_sale()
        sale._action_cancel()
        self.assertFalse(self._get_purchases(sale))
        sale.action_draft()
        sale.action_confirm()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertEqual(self._get_purchases(sale).order_line.product_qty, 10)

    def test_several_orders_confirmed_at_once(self):
        """From the list: one request for one vendor, customer and address."""
        first, second = (self._new_sale(confirm=False) for __ in range(2))
        (first | second).action_confirm()
        purchase = self._get_purchases(first | second)
        self.assertEqual(len(purchase), 1)
        self.assertEqual(purchase.order_line.mapped("product_qty"), [10, 10])

    def test_customer_confirms_online(self):
        """Signing in the portal orders as well, without any right."""
        sale = self._new_sale(confirm=False)
        public = self.env.ref("base.public_user")
        self.env.invalidate_all()
        sale.with_user(public).sudo().action_confirm()
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertFalse(self._get_purchases(sale).user_id)

    def test_setting_of_the_order_company_decides(self):
        """Not that of the company the user happens to be in."""
        second = self._create_company(name="Second Company")
        self.salesman.company_ids |= second
        sale = self._new_sale(confirm=False, company_id=second.id)
        sale.with_context(
            allowed_company_ids=(self.company | second).ids
        ).action_confirm()
        self.assertFalse(self._get_purchases(sale))

    def test_quantity_raised_later_waits_for_a_buyer(self):
        """It orders as the sale is confirmed, not on every change."""
        sale = self._new_sale()
        sale.order_line.product_uom_qty = 15
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 5)

    def test_date_and_ship_to_of_the_sale(self):
        """The request has what the buyer would have got."""
        date = fields.Datetime.to_datetime("2027-05-04 10:00:00")
        sale = self._new_sale(commitment_date=date)
        purchase = self._get_purchases(sale)
        self.assertEqual(purchase.dest_address_id, self.ship_to)
        self.assertEqual(purchase.order_line.date_planned, date)

    def test_refused_confirmation_orders_nothing(self):
        """What core refuses to confirm leaves no request behind."""
        sale = self._new_sale()
        count = self._count_purchases()
        with self.assertRaises(UserError):
            sale.action_confirm()
        self.assertEqual(self._count_purchases(), count)
