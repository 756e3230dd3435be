from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common_rights import TestRightsCommon


class TestRightsCompanies(TestRightsCommon):
    """Two companies, people of either and of both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Other Company"})
        cls.other_company_buyer = cls._new_user(
            "buyer_other",
            "purchase.group_purchase_user",
            company=cls.other_company,
        )
        cls.buyer_of_both = cls._new_user("buyer_both", "purchase.group_purchase_user")
        cls.buyer_of_both.company_ids |= cls.other_company
        cls.sales_of_both = cls._new_user(
            "sales_both", "sales_team.group_sale_salesman_all_leads"
        )
        cls.sales_of_both.company_ids |= cls.other_company

    def _new_foreign_purchase(self, user=None, company=None):
        user = user or self.other_company_buyer
        company = company or self.other_company
        return (
            self.env["purchase.order"]
            .with_user(user)
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "sell_to_customer_id": self.customer.id,
                    "company_id": company.id,
                }
            )
        )

    def test_offer(self):
        """The other company's orders are not on offer."""
        purchase = self._new_foreign_purchase()
        with self.assertRefused("There is nothing to fetch"):
            purchase.action_get_sales_order()
        with self.assertRefused("is not on offer"):
            self._get_sales_orders(purchase, self.sale_to_order)

    def test_offer_with_both_companies(self):
        """Nor to a buyer who has both companies switched on."""
        both = self.company | self.other_company
        purchase = self._new_foreign_purchase(self.buyer_of_both).with_context(
            allowed_company_ids=both.ids
        )
        with self.assertRefused("There is nothing to fetch"):
            purchase.action_get_sales_order()
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id}
        )
        self.assertFalse(wizard.sudo().available_sale_order_ids)

    def test_link_by_api(self):
        """A link written by the external API stays within the company."""
        purchase = self._new_foreign_purchase()
        with self.assertRaises(UserError):
            purchase.order_line = [
                Command.create(
                    {
                        "product_id": self.desk.id,
                        "product_qty": 1,
                        "sale_line_id": self.sale_to_order.order_line.id,
                    }
                )
            ]
        self.assertFalse(purchase.order_line)

    def test_other_company_user(self):
        """People of the other company neither read nor post these orders."""
        for model, order in (
            ("sale_order_id", self.sale),
            ("purchase_order_id", self.purchase),
        ):
            foreigner = self._new_user(
                f"foreign_{order._table}",
                "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
                company=self.other_company,
            )
            env = self.env(user=foreigner, context={})
            mine = order.with_env(env)
            with self.assertRaises(AccessError):
                mine.read(self._own_fields(order._name))
            with self.assertRaises(AccessError):
                mine.action_post_drop_shipment()
            with self.assertRaises(AccessError):
                env["drop.shipment.post"].create({model: order.id})

    def test_get_sales_order_of_other_company(self):
        """A dialog for a purchase order of the other company is refused."""
        purchase = self._new_purchase()
        env = self.env(user=self.other_company_buyer, context={})
        model = env["purchase.order.get.sales.order"]
        with self.assertRaises(AccessError):
            model.create({"purchase_order_id": purchase.id}).flush_recordset()
        shown = {"fields": {"name": {}, "quantity": {}}}
        values = {"purchase_order_id": purchase.id}
        with self.assertRaises(AccessError):
            model.onchange(
                values, list(values), {"line_ids": shown, "order_ids": shown}
            )

    def test_create_purchases_of_other_company(self):
        """Purchase orders are made in the company of the sales order only."""
        for user in (self.other_company_buyer,):
            mine = self.sale_to_order.with_user(user).with_context(
                allowed_company_ids=user.company_id.ids
            )
            for record in (mine, mine.browse(mine.id).sudo().order_line.sudo(False)):
                with self.assertRaises(AccessError):
                    record.action_create_drop_shipment_purchases()
                with self.assertRaises(AccessError):
                    record.action_open_create_drop_shipment_purchases()
        self.assertEqual(self.sale_to_order.order_line.drop_shipment_qty_ordered, 0)

    def test_create_purchases_from_another_company(self):
        """A buyer of both makes them in the sales order's company."""
        both = self.other_company | self.company
        mine = self.sale_to_order.with_user(self.buyer_of_both).with_context(
            allowed_company_ids=both.ids
        )
        mine.action_create_drop_shipment_purchases()
        purchase = self.sale_to_order.sudo().order_line.purchase_line_ids.order_id
        self.assertEqual(purchase.company_id, self.company)
        self.assertEqual(purchase.picking_type_id.company_id, self.company)

    def test_whole_cycle_in_the_other_company(self):
        """A company made after the installation ships like the first one."""
        salesman = self.sales_of_both
        order = (
            self.env["sale.order"]
            .with_user(salesman)
            .with_context(allowed_company_ids=self.other_company.ids)
            .create(
                {
                    "partner_id": self.customer.id,
                    "partner_shipping_id": self.ship_to.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.chair.id,
                                "product_uom_qty": 3,
                                "drop_shipment": True,
                            }
                        )
                    ],
                }
            )
        )
        order.action_confirm()
        purchase = self._new_foreign_purchase()
        self._get_sales_orders(purchase, order)
        purchase.button_confirm()
        self.assertEqual(purchase.picking_type_id.company_id, self.other_company)
        # With the first company on top, as in the company switcher.
        both = (self.company | self.other_company).ids
        self._post(order.with_context(allowed_company_ids=both))
        self.assertEqual(order.order_line.qty_delivered, 3)
        picking = order.sudo().picking_ids
        self.assertEqual(picking.company_id, self.other_company)


class TestBranches(TestRightsCommon):
    """A branch: a company within the company, with orders of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch Company", "parent_id": cls.company.id}
        )
        # Core gives a branch its parent's chart of accounts before the commit.
        cls.env.cr.precommit.run()
        groups = "sales_team.group_sale_salesman,purchase.group_purchase_user"
        cls.branch_trader = cls._new_user("branch", groups, company=cls.branch)
        cls.head_trader = cls._new_user("head", groups)
        cls.trader_of_both = cls._new_user("head_and_branch", groups)
        cls.trader_of_both.company_ids |= cls.branch

    def _new_branch_sale(self, user=None):
        user = user or self.branch_trader
        return self._new_sale(
            user=user.with_context(allowed_company_ids=self.branch.ids),
            company_id=self.branch.id,
        ).with_context(allowed_company_ids=self.branch.ids)

    def _new_branch_purchase(self, user=None, company=None):
        user, company = user or self.branch_trader, company or self.branch
        return (
            self.env["purchase.order"]
            .with_user(user)
            .with_context(allowed_company_ids=company.ids)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "sell_to_customer_id": self.customer.id,
                    "company_id": company.id,
                }
            )
        )

    def test_whole_cycle(self):
        """Both orders, the transfer and the documents are the branch's."""
        sale = self._new_branch_sale()
        self.assertEqual(sale.company_id, self.branch)
        purchase = self._new_branch_purchase()
        self._get_sales_orders(purchase, sale)
        purchase.button_confirm()
        self.assertEqual(purchase.picking_type_id.company_id, self.branch)
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            self._post(purchase, "receive_invoice")
        self._post(sale, "ship_invoice")
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 10)
        self.assertEqual(sale.sudo().picking_ids.company_id, self.branch)
        invoice = sale.sudo().invoice_ids
        self.assertEqual(invoice.company_id, self.branch)
        invoice.action_post()
        bill = self._new_bill(purchase, post=False)
        bill.sudo().action_post()
        self.assertEqual(bill.company_id, self.branch)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")

    def test_control_of_the_branch(self):
        """The branch has its own control, whatever its parent's."""
        self.company.drop_shipment_bill_control = "none"
        sale = self._new_branch_sale()
        purchase = self._new_branch_purchase()
        self._get_sales_orders(purchase, sale)
        purchase.button_confirm()
        self._post(purchase, "receive")
        bill = self._new_bill(purchase, post=False)
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            bill.sudo().action_post()
        self.branch.drop_shipment_bill_control = "none"
        bill.sudo().action_post()
        self.assertEqual(bill.state, "posted")

    def test_head_office_does_not_order_for_the_branch(self):
        """Orders of the branch are not on offer for an order of the head office."""
        sale = self._new_branch_sale()
        both = (self.company | self.branch).ids
        for user in (self.head_trader, self.trader_of_both):
            purchase = self._new_branch_purchase(user, self.company)
            if user == self.trader_of_both:
                purchase = purchase.with_context(allowed_company_ids=both)
            with self.subTest(user.login):
                offered = purchase.env["purchase.order.get.sales.order"].create(
                    {"purchase_order_id": purchase.id}
                )
                self.assertNotIn(sale.id, offered.sudo().available_sale_order_ids.ids)
                with self.assertRefused("is not on offer"):
                    self._get_sales_orders(purchase, sale)
                with self.assertRefused("belongs to another company"):
                    purchase.order_line = [
                        Command.create(
                            {
                                "product_id": self.chair.id,
                                "product_qty": 1,
                                "sale_line_id": sale.order_line.id,
                            }
                        )
                    ]

    def test_branch_does_not_see_the_head_office(self):
        """People of the branch have nothing to do with the parent's orders."""
        for order in (self.sale, self.purchase):
            mine = order.with_user(self.branch_trader).with_context(
                allowed_company_ids=self.branch.ids
            )
            with self.assertRaises(AccessError):
                mine.read(self._own_fields(order._name))
            with self.assertRaises(AccessError):
                mine.action_post_drop_shipment()
        rows = self.env["drop.shipment.report"].with_user(self.branch_trader)
        rows = rows.with_context(allowed_company_ids=self.branch.ids)
        self.assertFalse(rows.search([("company_id", "!=", self.branch.id)]))
        with self.assertRefused("nothing to fetch"):
            self._new_branch_purchase().action_get_sales_order()
