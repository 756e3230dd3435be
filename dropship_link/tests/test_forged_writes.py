from contextlib import suppress

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import DropShipmentCommon


class TestForgedOrders(DropShipmentCommon):
    """A program writes what links and sums rest on: refused, and nothing changes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10))
        cls.sale_line = cls.sale.order_line

    def _cancelled_and_live(self):
        """Return an order that was cancelled, and another that has all of it now."""
        cancelled = self._new_purchase(self.sale)
        cancelled.button_cancel()
        return cancelled, self._new_purchase(self.sale)

    def assertOrdered(self, quantity):
        self.env.invalidate_all()
        self.assertEqual(self.sale_line.drop_shipment_qty_ordered, quantity)
        live = self.sale_line.sudo().purchase_line_ids.filtered(
            lambda line: line.order_id.state != "cancel"
        )
        self.assertEqual(sum(live.mapped("product_qty")), quantity)

    def test_line_of_cancelled_order_moves_to_live_one(self):
        """Written on the line: 20 of 10 would be ordered."""
        cancelled, live = self._cancelled_and_live()
        with self.assertRefused("Order Reference of .* can't be changed"):
            cancelled.order_line.order_id = live
        self.assertOrdered(10)

    def test_line_of_cancelled_order_is_taken_by_live_one(self):
        """The same from the order, by the command that links a line."""
        cancelled, live = self._cancelled_and_live()
        with self.assertRefused("Order Reference of .* can't be changed"):
            live.order_line = [Command.link(cancelled.order_line.id)]
        with self.assertRefused("Order Reference of .* can't be changed"):
            live.write({"order_line": [Command.set(cancelled.order_line.ids)]})
        self.assertOrdered(10)

    def test_line_of_cancelled_order_moves_with_its_quantity(self):
        """Not with other values in the same call either, nor to a confirmed order."""
        cancelled, live = self._cancelled_and_live()
        live.button_confirm()
        for values in ({"product_qty": 1}, {"sale_line_id": self.sale_line.id}):
            with self.assertRefused("Order Reference of .* can't be changed"):
                cancelled.order_line.write({"order_id": live.id, **values})
        self.assertOrdered(10)

    def test_line_of_cancelled_order_loses_its_link_on_the_way(self):
        """Without its link it is goods for own stock, which a live order refuses."""
        cancelled, live = self._cancelled_and_live()
        live.button_confirm()
        values = {"order_id": live.id, "sale_line_id": False}
        with self.assertRefused("Order Reference of .* can't be changed"):
            cancelled.order_line.write(values)
        self.assertOrdered(10)

    def test_unlinked_line_moves_and_is_linked(self):
        """A line for own stock gets order and link in one call: the sum counts."""
        live = self._new_purchase(self.sale)
        own = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[Command.create({"product_id": self.chair.id})],
        )
        values = {"order_id": live.id, "sale_line_id": self.sale_line.id}
        with self.assertRefused("too high"):
            own.order_line.write(values)
        self.assertOrdered(10)

    def test_computed_fields_are_refused(self):
        """What is computed of a drop shipment is refused by name, and kept."""
        purchase = self._new_purchase(self.sale)
        for records, user in (
            (self.sale_line, self.salesman),
            (self.sale, self.salesman),
            (purchase.order_line, self.buyer),
            (purchase, self.buyer),
        ):
            record = records.with_user(user)
            for name, field in record._fields.items():
                if "drop_shipment" not in name or not field.readonly:
                    continue
                value = record.sudo()[name]
                with self.subTest(name), self.assertRefused(name, AccessError):
                    record.write({name: field.convert_to_write(value, record)})
                self.assertTrue(record.fields_get([name])[name]["readonly"], name)

    def test_links_are_refused(self):
        """Nor do the lists of linked lines take commands."""
        line = self._new_purchase(self.sale).order_line
        for record, name in (
            (self.sale, "drop_shipment_line_ids"),
            (self.sale_line, "drop_shipment_purchase_line_ids"),
        ):
            for command in (Command.clear(), Command.unlink(line.id)):
                with self.assertRefused(name, AccessError):
                    record.write({name: [command]})
        self.assertOrdered(10)

    def test_computed_fields_of_new_lines_are_refused(self):
        """On create, and by a default that the caller's context brings."""
        with self.assertRefused("drop_shipment_state", AccessError):
            self._new_sale((self.chair, 1, {"drop_shipment_state": "done"}))
        with self.assertRefused("drop_shipment_qty_billed", AccessError):
            self.sale.with_context(default_drop_shipment_qty_billed=-5.0).write(
                {"order_line": [Command.create({"product_id": self.chair.id})]}
            )
        purchase = self._new_purchase()
        line = {"product_id": self.chair.id, "drop_shipment": True}
        with self.assertRefused("drop_shipment", AccessError):
            purchase.order_line = [Command.create(line)]

    def test_import_of_exported_rows(self):
        """Rows as they were exported, with a computed column: told which one."""
        names = ["id", "product_uom_qty", "drop_shipment_qty_ordered"]
        self.salesman.group_ids += self.env.ref("base.group_allow_export")
        lines = self.sale_line.with_user(self.salesman)
        rows = lines.export_data(names)["datas"]
        result = lines.load(names, [[str(value) for value in row] for row in rows])
        self.assertFalse(result["ids"])
        self.assertIn("drop_shipment_qty_ordered", result["messages"][0]["message"])
        result = lines.load(names[:2], [[str(rows[0][0]), "12"]])
        self.assertFalse(result["messages"])
        self.assertEqual(self.sale_line.product_uom_qty, 12)

    def test_system_may_write(self):
        """Elevated code, a migration say, may."""
        line = self.sale_line.sudo()
        line.write({"drop_shipment_qty_invoiced": 3.0})
        self.assertEqual(line.drop_shipment_qty_invoiced, 3)


class TestForgedBills(DropShipmentCommon):
    """A program moves lines between documents: bills stay behind invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10))
        cls.sale_line = cls.sale.order_line
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls._post(cls.sale, "ship", 10)
        cls.refusal = f"Invoice sales order {cls.sale.name} first"
        cls.draft = cls._new_bill(cls.purchase, post=False)
        cls.line = cls.draft.invoice_line_ids
        cls.posted = cls._new_free_bill(cls.desk)
        cls.posted.action_post()

    def assertBilled(self, quantity):
        self.env.invalidate_all()
        self.assertEqual(self.sale_line.drop_shipment_qty_billed, quantity)
        moves = self.draft | self.posted
        for move in moves.sudo():
            self.assertAlmostEqual(sum(move.line_ids.mapped("balance")), 0)

    def test_line_of_draft_bill_moves_to_posted_one(self):
        """Written on the line: 10 would be billed before the invoice."""
        with self.assertRefused(self.refusal):
            self.line.move_id = self.posted
        self.assertBilled(0)
        self.assertEqual(self.line.move_id, self.draft)

    def test_line_of_draft_bill_is_taken_by_posted_one(self):
        """The same from the bill, by the command that links a line."""
        values = {"invoice_line_ids": [Command.link(self.line.id)]}
        with self.assertRefused("readonly fields on a posted move"):
            self.posted.write(values)
        with self.assertRefused(self.refusal):
            self.posted.with_context(skip_readonly_check=True).write(values)
        self.assertBilled(0)

    def test_line_says_that_its_bill_is_a_draft(self):
        """A forged `parent_state` does not switch the rule off."""
        line = self.posted.invoice_line_ids
        for value in ("draft", "cancel"):
            with self.assertRefused(self.refusal):
                line.parent_state = value
                line.purchase_line_id = self.purchase.order_line
                line.flush_recordset()
        self.assertBilled(0)

    def test_line_says_that_it_is_no_goods(self):
        """Nor does another kind of line: whatever bills a purchase line counts."""
        self.draft.invoice_line_ids = [Command.create({"product_id": self.desk.id})]
        kinds = self.line._fields["display_type"].get_values(self.env)
        for kind in kinds:
            # The database takes no amounts there.
            if kind in ("product", "line_section", "line_subsection", "line_note"):
                continue
            # Core makes some of these lines itself, and throws a foreign one away.
            with self.subTest(kind), suppress(UserError), self.env.cr.savepoint():
                self.line.display_type = kind
                self.draft.action_post()
                self.assertBilled(0)
                raise UserError(kind)

    def test_line_of_posted_document_is_taken_away(self):
        """What was invoiced or refunded must not become a draft: core sees to that."""
        invoice = self._post_invoice(self.sale).with_user(self.accountant)
        self.draft.action_post()
        refund = self._reverse(self.draft)
        for move in (invoice, refund):
            with self.assertRefused("can't delete a posted journal item"):
                move.invoice_line_ids.move_id = move.copy()
        self.assertBilled(0)

    def test_posted_bill_takes_line_after_the_invoice(self):
        """What the rule allows goes through."""
        self._post_invoice(self.sale)
        self.line.move_id = self.posted
        self.assertBilled(10)
