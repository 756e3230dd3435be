from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.fields import Command

from .common_post import PostCommon


class TestShipAndInvoice(PostCommon):
    """Ship and Invoice, and Send."""

    def _get_invoice(self, sale):
        """Return the newest invoice of `sale`, elevated."""
        return sale.sudo().invoice_ids.sorted("id")[-1:]

    def _describe(self, invoice):
        """Return what does not differ between invoices of like orders."""

        def read(records, names):
            found = records.read(names.split(), load=None)
            for values in found:
                del values["id"]
                for number in (invoice.name, invoice.invoice_origin):
                    if values.get("name"):
                        values["name"] = values["name"].replace(number, "number")
            return found

        return {
            "invoice": read(
                invoice,
                "amount_total amount_total_signed currency_id date invoice_date "
                "invoice_date_due invoice_currency_rate state",
            ),
            "items": read(
                invoice.line_ids.sorted("id"),
                "account_id amount_currency balance date date_maturity invoice_date "
                "name price_unit quantity",
            ),
            "notes": read(invoice.message_ids, "author_id message_type subtype_id"),
        }

    def test_user_with_billing_rights(self):
        """The invoice is posted."""
        sale = self._new_sale(user=self.billing_salesman)
        self._new_purchase(sale, confirm=True)
        message = self._message(self._post(sale, "ship_invoice", 4))
        invoice = self._get_invoice(sale)
        self.assertEqual(invoice.state, "posted")
        picking = sale.sudo().picking_ids.filtered(lambda p: p.state == "done")
        self.assertEqual(
            message,
            f"Transfer {picking.name} is done. Invoice {invoice.name} is posted.",
        )
        self.assertEqual(invoice.invoice_line_ids.quantity, 4)
        self.assertEqual(invoice.invoice_line_ids.price_unit, 20)
        self.assertEqual(invoice.partner_id, self.customer)
        self.assertEqual(invoice.invoice_origin, sale.name)
        self.assertEqual(sale.order_line.qty_invoiced, 4)
        self.assertEqual(sale.order_line.qty_delivered, 4)

    def test_user_without_billing_rights(self):
        """The invoice is left in draft, and the user is told."""
        sale, __ = self._new_orders()
        self.env.invalidate_all()
        message = self._message(self._post(sale, "ship_invoice"))
        self.assertEqual(
            message,
            f"Transfer {sale.picking_ids.name} is done. The invoice is left in draft: "
            "posting it takes billing rights.",
        )
        invoice = self._get_invoice(sale)
        self.assertEqual(invoice.state, "draft")
        # Whoever posts it decides on the date, as with core's draft invoices.
        self.assertFalse(invoice.invoice_date)
        self.assertEqual(invoice.invoice_line_ids.quantity, 10)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_costs_that_are_invoiced_again(self):
        """Freight is charged to the project's customer; what was sold is not, twice."""
        plan = self.env["account.analytic.plan"].create({"name": "Projects"})
        account = self.env["account.analytic.account"].create(
            {"name": "Fair", "plan_id": plan.id}
        )
        chair = self._new_product(
            "Cheap Chair", is_storable=False, expense_policy="sales_price"
        )
        self.service.expense_policy = "cost"
        sale, purchase = self._new_orders(
            (chair, 10, {"analytic_distribution": {account.id: 100}})
        )
        purchase.order_line = [
            Command.create(
                {
                    "product_id": self.service.id,
                    "price_unit": 30,
                    "analytic_distribution": {account.id: 100},
                }
            )
        ]
        self._post(sale)
        self._post_invoice(sale)
        bill = self._new_bill(purchase, post=False)
        # The order is that of the project, an app of its own.
        with patch.object(
            type(bill.line_ids),
            "_sale_determine_order",
            lambda lines: dict.fromkeys(lines.ids, sale.sudo()),
        ):
            bill.sudo().action_post()
        self.assertEqual(sale.order_line.product_id, chair | self.service)
        self.assertEqual(len(sale.order_line), 2)

    def test_analytic_plan_that_is_mandatory(self):
        """What core's Confirm asks for is asked for, and nothing is left behind."""
        plan = self.env["account.analytic.plan"].create(
            {
                "name": "Trade Channel",
                "applicability_ids": [
                    Command.create(
                        {"business_domain": domain, "applicability": "mandatory"}
                    )
                    for domain in ("invoice", "bill")
                ],
            }
        )
        account = self.env["account.analytic.account"].create(
            {"name": "Retail", "plan_id": plan.id}
        )
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman,purchase.group_purchase_user,"
            "account.group_account_invoice",
        )
        sale = self._new_sale(user=trader)
        purchase = self._new_purchase(sale, user=trader, confirm=True)
        for order, option in ((sale, "ship_invoice"), (purchase, "invoice")):
            with self.assertRefused("analytic", ValidationError):
                self._post(order, option)
            self.assertFalse(order.invoice_ids)
            order.order_line.analytic_distribution = {str(account.id): 100.0}
            self._post(order, option)
            self.assertEqual(order.invoice_ids.state, "posted")
        purchase.order_line.analytic_distribution = False
        dialog = trader.env["drop.shipment.return"].with_user(trader)
        dialog = dialog.create({"purchase_order_id": purchase.id, "refund": True})
        with self.assertRefused("analytic", ValidationError):
            dialog.action_return_all()
        self.assertEqual(purchase.order_line.qty_received, 10)

    def test_as_core_invoices(self):
        """Journal items, due dates and note of the invoice are those of core's."""
        currency = self.env.ref("base.EUR")
        currency.active = True
        if currency == self.env.company.currency_id:
            currency = self.env.ref("base.USD")
            currency.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "rate": 2.5, "name": "2020-01-01"}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        terms = self.env["account.payment.term"].create(
            {
                "name": "A third at once",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 30, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 45}
                    ),
                ],
            }
        )
        invoices = self.env["account.move"]
        for option in ("ship_invoice", "ship"):
            sale = self._new_sale(
                user=self.billing_salesman,
                pricelist_id=pricelist.id,
                payment_term_id=terms.id,
            )
            self._new_purchase(sale, confirm=True)
            self._post(sale, option)
            if option == "ship":
                sale._create_invoices().action_post()
            invoices += self._get_invoice(sale)
        ours, core = (self._describe(invoice) for invoice in invoices)
        self.assertEqual(ours, core)
        self.assertEqual(len(ours["items"]), 3)
        bodies = "".join(invoices[0].message_ids.mapped("body"))
        self.assertIn(invoices[0].invoice_origin, bodies)

    def test_what_was_shipped_before_comes_along(self):
        """All that is shipped and not invoiced, with this posting or before."""
        sale, __ = self._new_orders((self.chair, 10), (self.desk, 2))
        chair, desk = sale.order_line
        desk.qty_to_ship = 0
        self._post(sale, "ship", quantity=None)
        self.assertEqual(chair.qty_delivered, 10)
        chair.product_uom_qty = 13
        self._new_purchase(sale, confirm=True)
        desk.qty_to_ship = 1
        self._post(sale, "ship_invoice")
        lines = self._get_invoice(sale).invoice_line_ids
        self.assertEqual(
            {line.product_id: line.quantity for line in lines},
            {self.chair: 13, self.desk: 1},
        )
        self.assertEqual(chair.qty_to_invoice, 0)

    def test_other_lines_come_along(self):
        """What Create Invoice takes: delivered by the warehouse, or on order."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, __ = self._new_orders(
            (self.chair, 10),
            (self.desk, 1, {"drop_shipment": False}),
            (on_order, 5, {"drop_shipment": False}),
            (self.service, 1, {"drop_shipment": False}),
        )
        delivery = sale.picking_ids.filtered(
            lambda p: p.picking_type_code == "outgoing"
        )
        self._deliver(delivery)
        self._post(sale, "ship_invoice")
        lines = self._get_invoice(sale).invoice_line_ids
        self.assertEqual(
            {line.product_id: line.quantity for line in lines},
            {self.chair: 10, self.desk: 1, on_order: 5, self.service: 1},
        )

    def test_policy_ordered_quantities(self):
        """What is shipped is invoiced, though all of it could be."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, __ = self._new_orders((on_order, 10))
        for quantity in (4, 6):
            self._post(sale, "ship_invoice", quantity)
            invoice = self._get_invoice(sale)
            self.assertEqual(invoice.invoice_line_ids.quantity, quantity)
        self.assertEqual(sale.order_line.qty_invoiced, 10)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_invoiced_already(self):
        """Nothing is invoiced twice: the user is told to choose Ship."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, purchase = self._new_orders((on_order, 10))
        self._post_invoice(sale)
        with self.assertRefused(rf"{sale.name} .*invoiced already"):
            self._post(sale, "ship_invoice", 4)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self.assertEqual(purchase.order_line.qty_received, 0)
        self._post(sale, "ship", 4)
        self.assertEqual(sale.order_line.qty_delivered, 4)
        self.assertEqual(len(sale.sudo().invoice_ids), 1)

    def test_partly_invoiced_already(self):
        """The invoice has the part of the shipment that has none yet."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, __ = self._new_orders((on_order, 10), (self.chair, 2))
        line = sale.order_line[0]
        sale._create_invoices().sudo().invoice_line_ids.quantity = 7
        self.assertEqual(line.qty_invoiced, 7)
        self._post(sale, "ship_invoice")
        lines = self._get_invoice(sale).invoice_line_ids
        self.assertEqual(
            {line.product_id: line.quantity for line in lines},
            {on_order: 3, self.chair: 2},
        )

    def test_price_discount_and_taxes(self):
        """The invoice has what the sales line has."""
        tax = self.env["account.tax"].create(
            {"name": "VAT", "amount": 20, "type_tax_use": "sale"}
        )
        sale, __ = self._new_orders(
            (
                self.chair,
                10,
                {
                    "price_unit": 17.0,
                    "discount": 10.0,
                    "tax_ids": [Command.set(tax.ids)],
                },
            )
        )
        self._post(sale, "ship_invoice", 5)
        invoice = self._get_invoice(sale)
        self.assertEqual(invoice.amount_untaxed, 76.5)
        self.assertEqual(invoice.amount_total, 91.8)

    def test_send_after_ship(self):
        """The mail to the customer opens, on the sales order."""
        sale, __ = self._new_orders()
        action = self._post(sale, "ship", send=True)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(action["res_model"], "mail.compose.message")
        composer = (
            self.env["mail.compose.message"]
            .with_user(self.salesman)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(composer.model, "sale.order")
        self.assertEqual(composer.partner_ids.commercial_partner_id, self.customer)
        self.assertNotIn(self.vendor, composer.partner_ids)

    def test_send_after_ship_and_invoice(self):
        """The mail carries the invoice that was posted."""
        sale = self._new_sale(user=self.billing_salesman)
        self._new_purchase(sale, confirm=True)
        action = self._post(sale, "ship_invoice", send=True)
        invoice = self._get_invoice(sale)
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(action["res_model"], "account.move.send.wizard")
        self.assertEqual(action["context"]["active_ids"], invoice.ids)

    def test_send_with_a_draft_invoice(self):
        """A draft is no document to send: the customer is told of the shipment."""
        sale, __ = self._new_orders()
        action = self._post(sale, "ship_invoice", send=True)
        self.assertEqual(self._get_invoice(sale).state, "draft")
        self.assertEqual(action["res_model"], "mail.compose.message")
        self.assertEqual(action["context"]["default_model"], "sale.order")
