from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import Form, freeze_time

from .common import DropShipmentCommon


class TestWorkbench(DropShipmentCommon):
    """The list of all drop shipments, as each role sees it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10), (cls.desk, 2))
        cls.purchase = cls._new_purchase()
        cls._get_sales_orders(cls.purchase, cls.sale)
        cls.purchase.order_line[1].action_unlink_drop_shipment()
        cls.purchase.button_confirm()

    def _rows(self, user):
        report = self.env["drop.shipment.report"].with_user(user)
        return report.search([("id", "in", self.sale.order_line.ids)], order="id")

    def test_buyer_sees_what_is_to_do(self):
        """Without sales rights: quantities, states and the purchase order."""
        ordered, to_order = self._rows(self.buyer)
        self.assertEqual(ordered.state, "ordered")
        self.assertEqual(ordered.qty_outstanding, 10)
        self.assertEqual(ordered.purchase_ref, self.purchase.name)
        self.assertEqual(ordered.vendor_id, self.vendor)
        self.assertEqual(ordered.buyer_id, self.buyer)
        self.assertEqual(ordered.cost, 120)
        self.assertEqual(to_order.state, "to_order")
        self.assertEqual(to_order.qty_to_order, 2)
        self.assertFalse(to_order.purchase_ref)

    def test_company(self):
        """Who works in several companies can show whose row it is."""
        several = self._new_user("several_companies", "purchase.group_purchase_user")
        several.company_ids += self.env["res.company"].create({"name": "Another"})
        for user, shown in ((self.buyer, False), (several, True)):
            view = (
                self.env["drop.shipment.report"].with_user(user).get_view(None, "list")
            )
            columns = etree.fromstring(view["arch"]).iter("field")
            with self.subTest(user.login):
                (company,) = [c for c in columns if c.get("name") == "company_id"]
                self.assertEqual(company.get("optional") == "hide", shown)

    def test_follows_the_posting(self):
        self._post(self.sale, quantity=4)
        self.env.invalidate_all()
        row = self._rows(self.buyer)[0]
        self.assertEqual(row.state, "partial")
        self.assertEqual((row.qty_shipped, row.qty_outstanding), (4, 6))

    def test_qty_to_ship_is_changed_in_it(self):
        """For one row or for several, by the rules of the sales line; nothing else."""
        ordered, to_order = self._rows(self.salesman)
        ordered.write({"qty_to_ship": 4})
        line = ordered.sale_line_id
        self.assertEqual((line.qty_to_ship, ordered.qty_to_ship), (4, 4))
        with self.assertRefused("Qty to Ship of .*Chair.* enter 0 to 10"):
            ordered.write({"qty_to_ship": 11})
        with self.assertRefused("Qty to Ship of .*Desk.* enter 0 to 0"):
            (ordered | to_order).write({"qty_to_ship": 1})
        self.env.invalidate_all()
        self.assertEqual(ordered.qty_to_ship, 4)
        with self.assertRefused("Outstanding can't be changed in the list"):
            ordered.write({"qty_outstanding": 3})
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        for user in (self.buyer, self.accountant, colleague):
            with self.assertRaises(AccessError):
                ordered.with_user(user).write({"qty_to_ship": 2})
        self.assertEqual(line.qty_to_ship, 4)

    def test_no_prices_for_the_other_department(self):
        """Buyers read no sales price, salespeople no cost."""
        for user, names in (
            (self.buyer, ["revenue", "margin"]),
            (self.salesman, ["cost", "margin"]),
        ):
            for name in names:
                with self.assertRaises(AccessError):
                    self._rows(user).read([name])
        self.assertEqual(self._rows(self.salesman)[0].revenue, 200)

    def test_own_lines_only(self):
        """Salespeople see their own lines, as everywhere in Sales."""
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        lead = self._new_user("lead", "sales_team.group_sale_salesman_all_leads")
        self.assertFalse(self._rows(colleague))
        self.assertEqual(len(self._rows(lead)), 2)
        theirs = self._rows(self.salesman).with_user(colleague)
        with self.assertRaises(AccessError):
            theirs.action_view_sale()
        with self.assertRaises(AccessError):
            theirs.action_view_purchase()

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Other Company"})
        buyer = self._new_user("other", "purchase.group_purchase_user", company)
        self.assertFalse(self._rows(buyer))

    def test_late(self):
        """The vendor comes after the promised date, or the date is past."""
        self.sale.commitment_date = "2026-03-10 12:00:00"
        self.purchase.order_line.date_planned = "2026-03-12 12:00:00"
        with freeze_time("2026-03-01"):
            self.env.invalidate_all()
            ordered, to_order = self._rows(self.buyer)
            self.assertTrue(ordered.late)
            self.assertFalse(to_order.late)
            self.assertEqual(
                (ordered | to_order).mapped("late"),
                self.sale.order_line.mapped("drop_shipment_late"),
            )
        with freeze_time("2026-03-11"):
            self.env.invalidate_all()
            self.assertTrue(self._rows(self.buyer)[1].late)

    def test_opens_the_orders(self):
        rows = self._rows(self.salesman)
        self.assertEqual(rows.action_view_sale()["res_id"], self.sale.id)
        with self.assertRaises(AccessError):
            rows.action_view_purchase()
        rows = self._rows(self.buyer)
        self.assertEqual(rows.action_view_purchase()["res_id"], self.purchase.id)
        with self.assertRaises(AccessError):
            rows.action_view_sale()
        with self.assertRefused("Not on a purchase order yet: .*, line 2"):
            rows[1].action_view_purchase()

    def test_creates_purchase_orders(self):
        """Of the rows that have something left to order."""
        action = self._rows(self.buyer).action_create_purchases()
        wizard = self.env[action["res_model"]].with_user(self.buyer)
        wizard = wizard.browse(action["res_id"])
        self.assertEqual(wizard.line_ids.product_id, self.desk)
        with Form(wizard) as form:
            self.assertEqual(form.line_ids.edit(0).quantity, 2)
        wizard.action_create_purchases()
        self.env.invalidate_all()
        self.assertEqual(self._rows(self.buyer)[1].state, "rfq")

    def test_nobody_may_change_it(self):
        rows = self._rows(self.buyer)
        for call in (
            lambda: rows.write({"state": "done"}),
            rows.unlink,
            lambda: rows.create({"sale_ref": "S1"}),
        ):
            with self.assertRaises(AccessError):
                call()
