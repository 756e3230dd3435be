from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import DropShipmentCommon


class TestPostMany(DropShipmentCommon):
    """Orders of a selection are posted one after the other, each wholly or not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = cls._new_sale((cls.chair, 10), (cls.desk, 2))
        cls.second = cls._new_sale((cls.chair, 5))
        cls.purchase = cls._new_purchase(cls.first, cls.second, confirm=True)
        cls.to_order = cls._new_sale((cls.chair, 1))

    def _rows(self, sales, user=None):
        lines = self.env["sale.order.line"].browse()
        for sale in sales:
            lines |= sale.sudo().order_line
        self.env.flush_all()
        return (
            self.env["drop.shipment.report"]
            .with_user(user or self.salesman)
            .browse(lines.ids)
        )

    def _run(self, action, **values):
        """Do the jobs of a client action as the client does; return its summary."""
        params = action["params"]
        model = self.env[params["model"]].with_env(self._env)
        if params.get("ids"):
            model = model.browse(params["ids"])
        done, failed = {}, {}
        for job in params["jobs"]:
            kwargs = {**values, **job["kwargs"]}
            try:
                with self.env.cr.savepoint():
                    answer = getattr(model, params["method"])(**kwargs)
                    self.env.flush_all()
                done[job["name"]] = answer["message"]
            except UserError as error:
                failed[job["name"]] = str(error)
        return done, failed

    def _post_rows(self, rows, **values):
        self._env = rows.env
        return self._run(rows.action_post(), **values)

    def test_orders_of_a_salesman(self):
        """All lines of both orders; what can't be posted is named with the reason."""
        rows = self._rows(self.first | self.second | self.to_order)
        action = rows.action_post()
        self.assertEqual(
            [(job["name"], job["count"]) for job in action["params"]["jobs"]],
            [(self.first.name, 2), (self.second.name, 1)],
        )
        [skipped] = action["params"]["skipped"]
        self.assertIn(self.to_order.name, skipped["name"])
        self.assertIn("not ordered yet", skipped["reason"])
        done, failed = self._post_rows(rows, option="ship")
        self.assertEqual(set(done), {self.first.name, self.second.name})
        self.assertFalse(failed)
        self.assertIn(self.first.picking_ids.name, done[self.first.name])
        self.assertEqual(self.first.order_line.mapped("qty_delivered"), [10, 2])
        self.assertEqual(self.second.order_line.qty_delivered, 5)

    def test_only_what_is_selected(self):
        """One line of an order, with its Qty to Ship; the other one stays."""
        chair, desk = self.first.order_line
        chair.qty_to_ship = 4
        rows = self._rows(self.first).filtered(lambda row: row.id == chair.id)
        self._post_rows(rows, option="ship")
        self.assertEqual((chair.qty_delivered, chair.qty_to_ship), (4, 6))
        self.assertEqual((desk.qty_delivered, desk.qty_to_ship), (0, 2))

    def test_nothing_to_ship(self):
        """Qty to Ship 0 is said, and a selection without anything is refused."""
        self.second.order_line.qty_to_ship = 0
        for sales, reason in (
            (self.second, "Qty to Ship is 0"),
            (self.to_order, "not ordered yet"),
        ):
            with self.assertRefused(reason):
                self._rows(sales).action_post()
        request = self._new_purchase(self.to_order)
        with self.assertRefused(f"not confirmed {request.name}"):
            self._rows(self.to_order).action_post()
        self._post(self.first)
        with self.assertRefused("Nothing is left to ship"):
            self._rows(self.first).action_post()

    def test_rest_is_on_a_request(self):
        """A part was shipped: it is the rest's purchase order that is not confirmed."""
        sale = self._new_sale()
        shipped = self._new_purchase(confirm=False)
        self._get_sales_orders(shipped, sale, quantity=4)
        shipped.button_confirm()
        request = self._new_purchase(sale)
        self._post(sale)
        with self.assertRefused(
            f"The buyer has not confirmed {request.name}"
        ) as caught:
            self._rows(sale).action_post()
        self.assertNotIn(shipped.name, str(caught.exception))

    def test_transfer_was_cancelled(self):
        """Something is left, but nothing brings it any more."""
        self.second.sudo().picking_ids.action_cancel()
        with self.assertRefused("no transfer any more.*Ship Again or Close Remainder"):
            self._rows(self.second).action_post()

    def test_one_fails(self):
        """An order that lacks a serial number is left alone; the others are posted."""
        machine = self._new_product("Machine", tracking="serial")
        tracked = self._new_sale((machine, 1))
        self._new_purchase(tracked, confirm=True)
        done, failed = self._post_rows(
            self._rows(self.first | tracked | self.second), option="ship"
        )
        self.assertEqual(set(done), {self.first.name, self.second.name})
        self.assertIn("serial numbers", failed[tracked.name])
        self.assertEqual(self.second.order_line.qty_delivered, 5)
        self.assertEqual(tracked.order_line.qty_delivered, 0)
        self.assertEqual(tracked.order_line.qty_to_ship, 1)

    def test_ship_and_invoice(self):
        """One choice for all; the invoice is left in draft without billing rights."""
        done, failed = self._post_rows(self._rows(self.second), option="ship_invoice")
        self.assertFalse(failed)
        self.assertIn("draft", done[self.second.name])
        self.assertEqual(self.second.invoice_ids.invoice_line_ids.quantity, 5)
        self.assertFalse(self.first.invoice_ids)

    def test_buyer_receives(self):
        """Without sales rights the purchase order is posted, selected lines only."""
        rows = self._rows(self.first | self.second, self.buyer)
        self.first.order_line[0].qty_to_ship = 0
        action = rows.action_post()
        self.assertFalse(action["params"]["options"])
        [job] = action["params"]["jobs"]
        self.assertEqual((job["name"], job["count"]), (self.purchase.name, 3))
        self.assertNotIn("skipped", job)
        self._post_rows(rows[1:])
        self.assertEqual(self.first.order_line.mapped("qty_delivered"), [0, 2])
        self.assertEqual(self.second.order_line.qty_delivered, 5)

    def test_order_of_a_colleague(self):
        """Rows and lines of others are refused, whatever is sent."""
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self._rows(self.first, colleague).action_post()
        post = self.env["drop.shipment.post"].with_user(colleague)
        with self.assertRaises(AccessError):
            post.post_lines(
                self.first.order_line.ids, "ship", sale_order_id=self.first.id
            )
        # A line of another order is none of this one.
        with self.assertRefused("nothing to post"):
            post.with_user(self.salesman).post_lines(
                self.second.order_line.ids, "ship", sale_order_id=self.first.id
            )
        self.assertEqual(self.first.order_line.mapped("qty_delivered"), [0, 0])

    def test_half_rights(self):
        """A buyer who sells, too, posts colleagues' sales by the purchase order."""
        both = self._new_user(
            "both", "sales_team.group_sale_salesman,purchase.group_purchase_user"
        )
        own = self._new_sale((self.chair, 3), user=both)
        self._new_purchase(own, user=both, confirm=True)
        action = self._rows(own | self.second, both).action_post()
        self.assertEqual(
            [job["name"] for job in action["params"]["jobs"]],
            [own.name, self.purchase.name],
        )
        self.assertEqual(action["params"]["jobs"][1]["kwargs"]["option"], "receive")

    def test_two_companies(self):
        """Orders of both companies that are switched on, each in its own."""
        company = self.env["res.company"].create({"name": "Other Company"})
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        trader.company_ids |= company
        both = (self.company | company).ids
        theirs = trader.with_user(trader).env["sale.order"]
        theirs = theirs.with_context(allowed_company_ids=company.ids).create(
            {
                "partner_id": self.customer.id,
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
        theirs.action_confirm()
        purchase = theirs.env["purchase.order"].create(
            {"partner_id": self.vendor.id, "sell_to_customer_id": self.customer.id}
        )
        self._get_sales_orders(purchase, theirs)
        purchase.button_confirm()
        rows = self._rows(self.second | theirs.sudo(), trader)
        with self.assertRaises(AccessError):
            rows.with_context(allowed_company_ids=self.company.ids).action_post()
        rows = rows.with_context(allowed_company_ids=both)
        done, failed = self._post_rows(rows, option="ship")
        self.assertFalse(failed)
        self.assertEqual(set(done), {self.second.name, theirs.name})
        self.assertEqual(theirs.order_line.qty_delivered, 3)
        self.assertEqual(theirs.sudo().picking_ids.company_id, company)
        self.assertEqual(self.second.sudo().picking_ids.company_id, self.company)

    def test_purchase_orders_of_the_list(self):
        """All requests for quotation of the rows are made, or none of them."""
        unsold = self.env["product.product"].create(
            {"name": "Unsold", "type": "consu", "list_price": 1}
        )
        sale = self._new_sale((self.chair, 2), (unsold, 1))
        action = self._rows(sale | self.to_order, self.buyer).action_create_purchases()
        wizard = self.env[action["res_model"]].with_user(self.buyer)
        wizard = wizard.browse(action["res_id"])
        self.assertIn("Lines: 3", wizard.summary)
        self.assertIn("Vendors: 1", wizard.summary)
        lines = (sale | self.to_order).sudo().order_line
        with self.assertRefused("Choose a vendor for Unsold"):
            wizard.action_create_purchases()
        self.assertFalse(lines.purchase_line_ids)
        row = wizard.line_ids.filtered(lambda row: row.product_id == unsold)
        row.vendor_id = self.other_vendor
        action = wizard.action_create_purchases()
        orders = lines.purchase_line_ids.order_id
        self.assertEqual(orders.partner_id, self.vendor | self.other_vendor)
        self.assertEqual(set(orders.mapped("state")), {"draft"})
        self.assertEqual(len(orders.order_line), 3)
        self.assertEqual(action["domain"], [("id", "in", orders.ids)])

    def test_purchase_order_of_a_row(self):
        """One request for quotation is shown itself."""
        action = self._rows(self.to_order, self.buyer).action_create_purchases()
        wizard = self.env[action["res_model"]].with_user(self.buyer)
        action = wizard.browse(action["res_id"]).action_create_purchases()
        self.assertEqual(action["res_model"], "purchase.order")
        self.assertEqual(self.to_order.order_line.drop_shipment_state, "rfq")
