from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.stock.models.stock_picking import StockPicking

from ..models.drop_shipment_posting import Row
from .common import DropShipmentCommon


class TestPosting(DropShipmentCommon):
    """The service that the dialog, the list and scripts call."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10), (cls.desk, 2))
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)

    def _get_delivered(self):
        self.env.invalidate_all()
        return self.sale.order_line.mapped("qty_delivered")

    def _count_dialogs(self):
        return self.env["drop.shipment.post"].sudo().search_count([])

    def _count_reads(self, function):
        """Return how often `function` reads what is outstanding."""
        calls = []
        posting = self.registry["drop.shipment.posting"]
        read = posting._get_outstanding

        def spy(service, order):
            calls.append(order)
            return read(service, order)

        with patch.object(posting, "_get_outstanding", spy):
            function()
        return len(calls)

    def test_without_a_dialog(self):
        """By default all that is proposed is posted, dated today."""
        self.sale.order_line[0].qty_to_ship = 4
        posted = self.sale.env["drop.shipment.posting"]._post(self.sale, "ship")
        self.assertEqual(posted.pickings.state, "done")
        self.assertFalse(posted.invoice)
        self.assertEqual(self._get_delivered(), [4, 2])
        posted = self.purchase.env["drop.shipment.posting"]._post(
            self.purchase, "receive"
        )
        self.assertEqual(self._get_delivered(), [10, 2])
        self.assertFalse(self._count_dialogs())

    def test_rows_and_values(self):
        """A script says how much of what, and what the vendor says of it."""
        line = self.sale.order_line[0].sudo()
        purchase_line = line.purchase_line_ids
        posted = self.purchase.env["drop.shipment.posting"]._post(
            self.purchase,
            "receive",
            [Row(line, purchase_line, 1), Row(line, purchase_line[:0], 2)],
            {"drop_shipment_date": "2026-01-05", "drop_shipment_tracking_ref": "1Z"},
        )
        self.assertEqual(posted.pickings.drop_shipment_tracking_ref, "1Z")
        self.assertEqual(str(posted.pickings.drop_shipment_date), "2026-01-05")
        self.assertEqual(self._get_delivered(), [3, 0])

    def test_rows_are_checked(self):
        """Neither too much, nor a negative quantity that makes up for it."""
        line = self.sale.order_line[0].sudo()
        none = line.purchase_line_ids[:0]
        posting = self.sale.env["drop.shipment.posting"]
        for quantities in ([11], [-5, 15], [15, -5]):
            rows = [Row(line, none, quantity) for quantity in quantities]
            with self.subTest(quantities), self.assertRaises(ValidationError):
                posting._post(self.sale, "ship", rows)
        with self.assertRefused("Qty to Ship of .* can't be nan: enter a number"):
            posting._post(self.sale, "ship", [Row(line, none, float("nan"))])
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            posting._post(self.sale.with_user(colleague), "ship")
        self.assertEqual(self._get_delivered(), [0, 0])

    def test_the_list_makes_no_dialog(self):
        """Nor rows that would be deleted again."""
        self.sale.env["drop.shipment.post"].post_lines(
            self.sale.order_line[1].ids, "ship", sale_order_id=self.sale.id
        )
        self.assertEqual(self._get_delivered(), [0, 2])
        self.assertFalse(self._count_dialogs())

    def test_read_once(self):
        """What is outstanding is read once to post, and for each part of the dialog."""
        lines = self.sale.order_line
        for order in (self.sale, self.purchase):
            with self.subTest(order._name):
                reads = self._count_reads(order.action_post_drop_shipment)
                self.assertLessEqual(reads, 2)
        post = self.sale.env["drop.shipment.post"]
        dialog = post.create({"sale_order_id": self.sale.id})
        dialog.line_ids[0].quantity = 4
        self.env.flush_all()
        self.assertEqual(self._count_reads(dialog.action_post), 1)
        self.assertEqual(
            self._count_reads(
                lambda: post.post_lines(lines.ids, "ship", sale_order_id=self.sale.id)
            ),
            1,
        )
        self.assertEqual(self._get_delivered(), [10, 2])


class TestQuestions(DropShipmentCommon):
    """Apps ask about transfers, such as of expired lots: not what is done already."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A dialog for people with rights in Inventory.
        question = {
            "type": "ir.actions.act_window",
            "res_model": "stock.backorder.confirmation",
        }
        cls.startClassPatcher(
            patch.object(StockPicking, "_pre_action_done_hook", lambda _self: question)
        )
        cls.sale = cls._new_sale()
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)

    def test_salesman_and_buyer(self):
        """They post without rights in Inventory, so they could not answer."""
        for order, option, delivered in (
            (self.sale, "ship", 4),
            (self.purchase, "receive", 8),
        ):
            action = self._post(order, option, quantity=4)
            self.assertEqual(action["tag"], "display_notification")
            self.assertEqual(self.sale.order_line.qty_delivered, delivered)
        self.assertEqual(self.sale.order_line.drop_shipment_qty_outstanding, 2)

    def test_rights_in_inventory(self):
        """Who could answer was left without the invoice."""
        self.salesman.group_ids += self.env.ref("stock.group_stock_user")
        self._post(self.sale, "ship_invoice", quantity=4)
        self.assertEqual(self.sale.order_line.qty_delivered, 4)
        self.assertEqual(self.sale.order_line.qty_invoiced, 4)

    def test_system(self):
        """Nobody is there to answer where the page of a trusted vendor posts."""
        posting = self.sale.with_user(SUPERUSER_ID).env["drop.shipment.posting"]
        posted = posting._post(self.purchase.with_env(posting.env), "receive")
        self.assertEqual(posted.pickings.state, "done")
        self.assertEqual(self.sale.order_line.qty_delivered, 10)

    def test_return(self):
        """What came back is not asked, and not said to be back while it is not."""
        self._post(self.sale, "ship")
        for destination in ("vendor", "stock"):
            action = self.sale.action_return_drop_shipment()
            dialog = self.sale.env[action["res_model"]].browse(action["res_id"])
            dialog.destination = destination
            dialog.line_ids.quantity = 3
            dialog.action_return()
        self.assertEqual(self.sale.order_line.qty_delivered, 4)
        self.assertEqual(self.purchase.order_line.qty_received, 7)
        self.assertEqual(set(self.sale.sudo().picking_ids.mapped("state")), {"done"})
