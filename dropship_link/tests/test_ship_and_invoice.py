from odoo.exceptions import ValidationError
from odoo.fields import Command

from .test_down_payments import AdvanceCommon


class TestShipAndInvoiceLines(AdvanceCommon):
    """Ship and Invoice invoices what Create Invoice would, and reads like the order."""

    def _read(self, invoice):
        """Return (kind, text or product, quantity) of the lines, as they are read."""
        return [
            (line.display_type, line.name, 0)
            if line.display_type != "product"
            else ("product", line.product_id.name, line.quantity)
            for line in invoice.invoice_line_ids.sorted(
                lambda line: (line.sequence, line.id)
            )
        ]

    def _add(self, sale, *lines):
        """Add lines of text, goods or services to an order, as sales."""
        sale.write({"order_line": [Command.create(values) for values in lines]})

    def _discount(self, sale, percentage):
        """Give a discount on the whole order, with the dialog of sales."""
        self.env["sale.order.discount"].sudo().create(
            {
                "sale_order_id": sale.id,
                "discount_type": "so_discount",
                "discount_percentage": percentage / 100,
            }
        ).action_apply_discount()

    def test_discount_line(self):
        """Ten percent off the order: off the first invoice, as with core."""
        sale, __ = self._new_orders()
        self._discount(sale, 10)
        self.assertEqual(sale.amount_total, 180)
        self.assertEqual(self._ship_invoice(sale, 4).amount_total, 60)
        self.assertEqual(self._ship_invoice(sale).amount_total, 120)
        self.assertCharged(sale)

    def test_discount_larger_than_what_is_shipped(self):
        """A discount that would leave less than nothing waits for the next invoice."""
        sale, __ = self._new_orders()
        self._discount(sale, 30)
        self._advance(sale, 50)
        first = self._ship_invoice(sale, 2)
        self.assertEqual(first.amount_total, 0)
        self.assertNotIn(-60, first.invoice_line_ids.mapped("price_subtotal"))
        self.assertEqual(self._ship_invoice(sale).amount_total, 70)
        self.assertCharged(sale)

    def test_discount_larger_than_each_shipment(self):
        """Taken off in parts where no single invoice has room for all of it."""
        sale, __ = self._new_orders()
        self._discount(sale, 30)
        # 60 of 40: two thirds, rounded down; then the rest.
        amounts = [self._ship_invoice(sale, 2).amount_total for __ in range(5)]
        self.assertEqual(amounts, [0.4, 19.6, 40, 40, 40])
        self.assertCharged(sale)
        self.assertEqual(sale.invoice_status, "invoiced")

    def test_heading_of_a_discount_that_waits(self):
        """It waits, too: an invoice has no headings of nothing."""
        sale, __ = self._new_orders()
        self._add(
            sale,
            {"display_type": "line_section", "name": "Rebates"},
            {
                "product_id": self.service.id,
                "product_uom_qty": 1,
                "price_unit": -5000,
                "tax_ids": False,
            },
            {"display_type": "line_note", "name": "By contract"},
        )
        invoice = self._ship_invoice(sale, 2)
        self.assertEqual(self._read(invoice), [("product", "Chair", 2)])

    def test_sections_notes_and_services(self):
        """One invoice that reads like the order; headings of nothing are left out."""
        own = self._new_product("Own stock")
        on_order = self._new_product("On order", invoice_policy="order")
        sale = self._new_sale(
            *(
                (product, quantity, {"sequence": sequence, "drop_shipment": ticked})
                for sequence, product, quantity, ticked in (
                    (12, self.chair, 10, True),
                    (22, own, 1, False),
                    (32, self.service, 1, False),
                    (33, on_order, 2, False),
                    (42, self.desk, 3, True),
                )
            ),
            confirm=False,
        )
        self._add(
            sale,
            {"display_type": "line_section", "name": "Seats", "sequence": 10},
            {"display_type": "line_subsection", "name": "Soft", "sequence": 11},
            {"display_type": "line_note", "name": "Mind the legs", "sequence": 13},
            {"display_type": "line_section", "name": "Ours", "sequence": 20},
            {"display_type": "line_section", "name": "Work", "sequence": 30},
            {"display_type": "line_section", "name": "Tables", "sequence": 40},
        )
        sale.action_confirm()
        self._new_purchase(sale, confirm=True)
        desk = sale.order_line.filtered(lambda line: line.product_id == self.desk)
        desk.qty_to_ship = 0
        self.service.invoice_policy = "order"
        sale.order_line.invalidate_recordset()
        invoice = self._ship_invoice(sale)
        self.assertEqual(
            self._read(invoice),
            [
                ("line_section", "Seats", 0),
                ("line_subsection", "Soft", 0),
                ("product", "Chair", 10),
                ("line_note", "Mind the legs", 0),
                ("line_section", "Work", 0),
                ("product", "Assembly", 1),
                ("product", "On order", 2),
            ],
        )
        self.assertEqual(
            self._read(self._ship_invoice(sale, 3)),
            [("line_section", "Tables", 0), ("product", "Desk", 3)],
        )
        self.assertEqual(self._charged(sale), sale.amount_total - 20)

    def test_never_more_than_was_shipped(self):
        """Invoiced on ordered quantities: what is not shipped waits, heading and all.

        What core may still invoice is not changed.
        """
        on_order = self._new_product("On order", invoice_policy="order")
        sale = self._new_sale((self.chair, 5, {"sequence": 5}), confirm=False)
        self._add(
            sale,
            {"display_type": "line_section", "name": "Later", "sequence": 10},
            {
                "product_id": on_order.id,
                "product_uom_qty": 10,
                "drop_shipment": True,
                "sequence": 11,
            },
        )
        sale.action_confirm()
        self._new_purchase(sale, confirm=True)
        line = sale.order_line.filtered(lambda line: line.product_id == on_order)
        line.qty_to_ship = 0
        self.assertEqual(
            self._read(self._ship_invoice(sale)), [("product", "Chair", 5)]
        )
        self.assertEqual(line.qty_to_invoice, 10)
        self.assertEqual(self._ship_invoice(sale, 4).amount_total, 80)
        self.assertEqual(line.qty_to_invoice, 6)
        self.assertEqual(self._create_invoice(sale).amount_total, 120)
        self.assertCharged(sale)

    def test_shipped_before(self):
        """What was shipped and not invoiced comes along."""
        sale, __ = self._new_orders()
        self._post(sale, "ship", 4)
        self.assertEqual(self._ship_invoice(sale, 1).invoice_line_ids.quantity, 5)

    def test_returned_before_it_was_invoiced(self):
        """What came back is taken off."""
        sale, __ = self._new_orders()
        self._post(sale, "ship", 4)
        self._return(sale.picking_ids.sudo().filtered(lambda p: p.state == "done"), 3)
        self.assertEqual(sale.order_line.qty_delivered, 1)
        self.assertEqual(self._ship_invoice(sale, 2).invoice_line_ids.quantity, 3)

    def test_returned_after_it_was_invoiced(self):
        """It comes off the next invoice, unless that would fall below zero."""
        for shipped, amount in ((2, 80), (1, 70)):
            sale, __ = self._new_orders((self.chair, 4), (self.desk, 4))
            chair, desk = sale.order_line
            desk.price_unit = 70.0
            desk.qty_to_ship = 0
            self._ship_invoice(sale)
            done = sale.picking_ids.sudo().filtered(lambda p: p.state == "done")
            self._return(done, 3 if shipped == 2 else 4)
            desk.qty_to_ship = shipped
            chair.qty_to_ship = 0
            invoice = self._ship_invoice(sale)
            self.assertEqual(invoice.amount_total, amount)
            self._post(sale, "ship")
            self._create_invoice(sale)
            self.assertCharged(
                sale,
                sum(line.price_unit * line.qty_delivered for line in sale.order_line),
            )

    def test_returned_after_it_was_billed(self):
        """What the vendor has billed takes a credit note: the rest is invoiced."""
        sale = self._new_sale(
            (self.chair, 4), (self.desk, 4), user=self.billing_salesman
        )
        purchase = self._new_purchase(sale, confirm=True)
        chair, desk = sale.order_line
        desk.qty_to_ship = 0
        self._post(sale, "ship_invoice")
        self._new_bill(purchase)
        self._return(sale.picking_ids.sudo().filtered(lambda p: p.state == "done"), 3)
        desk.qty_to_ship = 4
        chair.qty_to_ship = 0
        self._post(sale, "ship_invoice")
        invoice = sale.sudo().invoice_ids.sorted("id")[-1]
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(self._read(invoice), [("product", "Desk", 4)])
        self.assertEqual(chair.qty_to_invoice, -3)
        credit = self._create_invoice(sale)
        self.assertEqual(credit.move_type, "out_refund")
        self.assertCharged(sale, 100)

    def test_create_invoice_of_what_was_billed(self):
        """Core's button mixes it with the rest: who posts that is told what to do."""
        sale = self._new_sale((self.chair, 4), (self.desk, 4))
        purchase = self._new_purchase(sale, confirm=True)
        desk = sale.order_line[1]
        desk.qty_to_ship = 0
        self._post(sale, "ship")
        self._post_invoice(sale)
        self._new_bill(purchase)
        self._return(sale.picking_ids.sudo().filtered(lambda p: p.state == "done"), 3)
        desk.qty_to_ship = 4
        self._post(sale, "ship")
        invoice = self._create_invoice(sale, post=False)
        self.assertEqual(invoice.invoice_line_ids.mapped("quantity"), [-3, 4])
        refusal = r"Draft Invoice.* can't be posted.* 3 Units on .*Chair.*credit note"
        with self.assertRefused(refusal):
            invoice.action_post()
        invoice.invoice_line_ids[0].unlink()
        invoice.action_post()
        credit = self._create_invoice(sale)
        self.assertEqual(credit.move_type, "out_refund")
        self.assertCharged(sale, 100)

    def test_only_a_service_is_left(self):
        """The goods were invoiced in advance: the rest of the order is invoiced."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, __ = self._new_orders((on_order, 10))
        self._create_invoice(sale)
        self._add(
            sale,
            {
                "product_id": self.service.id,
                "product_uom_qty": 1,
                "qty_delivered": 1,
                "price_unit": 15,
            },
        )
        invoice = self._ship_invoice(sale, 4)
        self.assertEqual(invoice.invoice_line_ids.product_id, self.service)
        self.assertCharged(sale)

    def test_only_an_advance_is_left(self):
        """An advance alone makes no invoice: choose Ship."""
        on_order = self._new_product("On order", invoice_policy="order")
        sale, __ = self._new_orders((on_order, 10))
        self._create_invoice(sale)
        self._advance(sale, 10)
        with self.assertRefused(rf"{sale.name} .*invoiced already. Choose Ship"):
            self._post(sale, "ship_invoice", 4)
        self.assertEqual(sale.order_line[0].qty_delivered, 0)

    def test_combo(self):
        """A combo of the shop's own is invoiced as core does, with its heading."""
        item = self._new_product("Item", invoice_policy="order")
        combo = self.env["product.combo"].create(
            {
                "name": "Choice",
                "combo_item_ids": [Command.create({"product_id": item.id})],
            }
        )
        product = self.env["product.product"].create(
            {
                "name": "Set",
                "type": "combo",
                "list_price": 30.0,
                "combo_ids": [Command.set(combo.ids)],
            }
        )
        sale = self._new_sale((self.chair, 2), confirm=False)
        self._add(sale, {"product_id": product.id, "product_uom_qty": 2})
        self._add(
            sale,
            {
                "product_id": item.id,
                "product_uom_qty": 2,
                "combo_item_id": combo.combo_item_ids.id,
                "linked_line_id": sale.order_line[-1].id,
                "drop_shipment": True,
                "price_unit": 30.0,
            },
        )
        sale.action_confirm()
        self._new_purchase(sale, confirm=True)
        sale.order_line[-1].qty_to_ship = 0
        self.assertEqual(
            self._read(self._ship_invoice(sale)), [("product", "Chair", 2)]
        )
        self.assertEqual(
            self._read(self._ship_invoice(sale, 2)),
            [("line_section", "Set x 2", 0), ("product", "Item", 2)],
        )
        self.assertCharged(sale)

    def test_grams_of_a_product_in_kilograms(self):
        """A quantity that transfers round is invoiced as it was delivered."""
        kilogram = self.env.ref("uom.product_uom_kgm")
        gram = self.env.ref("uom.product_uom_gram")
        flour = self._new_product("Flour", uom_id=kilogram.id)
        sale, purchase = self._new_orders(
            (flour, 2500, {"product_uom_id": gram.id, "price_unit": 0.02})
        )
        line = sale.order_line
        invoice = self._ship_invoice(sale, 1234)
        self.assertEqual(line.qty_delivered, invoice.invoice_line_ids.quantity)
        self.assertEqual(line.qty_delivered, purchase.order_line.qty_received)
        self.assertEqual(line.qty_invoiced, line.qty_delivered)
        for door, field in ((sale, "Ship"), (purchase, "Receive")):
            with self.assertRefused(
                rf"Qty to {field} of {door.name}.* 4 g.* kg", ValidationError
            ):
                self._post(door, quantity=4)
        self._ship_invoice(sale)
        self.assertEqual(line.qty_delivered, 2500)
        self.assertCharged(sale)
