from odoo.fields import Command

from .common import DropShipmentCommon


class TestNotes(DropShipmentCommon):
    """What sales wrote below a line reaches the vendor, if the buyer wants it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10), (cls.desk, 1))
        cls._write_note(cls.sale, 11, "Deliver to dock 3.")
        cls._write_note(cls.sale, 12, "Call before noon.")
        chair, desk = cls.sale.order_line.filtered("product_id")
        (chair.sequence, desk.sequence) = 10, 20
        cls._write_note(cls.sale, 30, "Mind the legs.")
        cls._write_note(cls.sale, 40, "Thank you!", display_type="line_section")
        cls._write_note(cls.sale, 50, "Ours alone.")
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def _write_note(cls, sale, sequence, text, display_type="line_note"):
        """Put a note, or a section, into the sales order."""
        sale.order_line = [
            Command.create(
                {"display_type": display_type, "name": text, "sequence": sequence}
            )
        ]

    def _fetch(self, purchase):
        """Fetch the sale with its notes."""
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set(self.sale.ids)],
                "include_notes": True,
            }
        )
        wizard.action_insert_lines()

    def _get_texts(self, purchase):
        return purchase.order_line.sorted(lambda line: (line.sequence, line.id)).mapped(
            "name"
        )

    def test_off_by_default(self):
        """A note may be meant for the customer alone."""
        purchase = self._new_purchase(self.sale)
        self.assertEqual(self._get_texts(purchase), ["Chair", "Desk"])

    def test_below_the_linked_line(self):
        """Each below its line; what stands below a section stays."""
        purchase = self._new_purchase()
        self._fetch(purchase)
        self.assertEqual(
            self._get_texts(purchase),
            [
                "Chair",
                "Deliver to dock 3.",
                "Call before noon.",
                "Desk",
                "Mind the legs.",
            ],
        )
        self.assertEqual(purchase.amount_untaxed, 190)
        purchase.button_confirm()
        self.assertEqual(purchase.state, "purchase")
        self.assertEqual(sum(self.sale.order_line.mapped("qty_to_ship")), 11)

    def test_unlinked_with_its_line(self):
        """The notes go with the line that they came with, the buyer's own stays."""
        purchase = self._new_purchase()
        self._fetch(purchase)
        chair = purchase.order_line.filtered(lambda line: line.product_id == self.chair)
        purchase.order_line = [
            Command.create(
                {
                    "display_type": "line_note",
                    "name": "Buyer's own.",
                    "product_qty": 0,
                    "sequence": chair.sequence,
                }
            )
        ]
        self.env.invalidate_all()
        chair.action_unlink_drop_shipment()
        self.assertEqual(
            self._get_texts(purchase), ["Buyer's own.", "Desk", "Mind the legs."]
        )

    def test_cancelled_sale_takes_its_notes_along(self):
        """No note of it is left on the request."""
        purchase = self._new_purchase()
        self._fetch(purchase)
        self.env.invalidate_all()
        self.sale._action_cancel()
        self.assertFalse(purchase.order_line)
