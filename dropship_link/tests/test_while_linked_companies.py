from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common_while_linked import WhileLinkedCommon


class TestLinkedCompanies(WhileLinkedCommon):
    """Both orders belong to one company."""

    def test_second_company_has_its_own_story(self):
        """Its operation type, its orders, its transfer."""
        sale = self._new_sale(user=self.second_salesman)
        purchase = self._new_purchase(sale, user=self.second_buyer, confirm=True)
        for order in (sale, purchase):
            self.assertEqual(order.company_id, self.second_company)
        self.assertEqual(purchase.picking_type_id.company_id, self.second_company)
        self.assertEqual(sale.picking_ids.company_id, self.second_company)
        self._post(sale, quantity=4)
        self._post(purchase, "receive")
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_link_across_companies_is_refused(self):
        """Also for a buyer of both companies who writes the link himself."""
        theirs = self._new_sale(user=self.second_salesman)
        purchase = self._new_purchase(self._new_sale((self.chair, 1)))
        self.buyer.company_ids = [Command.link(self.second_company.id)]
        both = purchase.with_context(
            allowed_company_ids=(self.company | self.second_company).ids
        )
        with self.assertRefused("company|compan", UserError):
            self._link_by_hand(both, theirs.order_line, 1)
        self.assertEqual(theirs.order_line.drop_shipment_qty_ordered, 0)
        self.assertEqual(len(purchase.order_line), 1)

    def test_company_of_a_linked_sales_order_is_frozen(self):
        """The purchase order could not follow."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.salesman.company_ids = [Command.link(self.second_company.id)]
        both = sale.with_context(
            allowed_company_ids=(self.company | self.second_company).ids
        )
        with self.assertRefused(rf"Company of {sale.name} .*{purchase.name}"):
            both.company_id = self.second_company
        self.assertEqual(sale.company_id, self.company)

    def test_people_of_another_company_are_kept_out(self):
        """Neither side reaches the orders of the other company."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        for call in (
            sale.with_user(self.second_salesman).action_post_drop_shipment,
            purchase.with_user(self.second_buyer).action_post_drop_shipment,
            purchase.with_user(self.second_buyer).action_get_sales_order,
            purchase.order_line.with_user(
                self.second_buyer
            ).action_close_drop_shipment_remainder,
        ):
            with self.subTest(call=call.__name__), self.assertRaises(AccessError):
                call()
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_company_setting_of_the_order_decides(self):
        """Not that of the company the user happens to be in."""
        self.second_company.drop_shipment_bill_control = "none"
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        bill = self._new_bill(purchase, post=False)
        with self.assertRefused(rf"Invoice sales order {sale.name} first"):
            bill.sudo().with_context(
                allowed_company_ids=(self.second_company | self.company).ids
            ).action_post()
        self.assertEqual(bill.state, "draft")
