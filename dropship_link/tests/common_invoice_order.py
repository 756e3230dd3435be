from odoo.fields import Command

from .common import DropShipmentCommon


class InvoiceOrderCommon(DropShipmentCommon):
    """A drop shipment of ten, and what is done to its invoices and bills."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10))
        cls.sale_line = cls.sale.order_line
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.purchase_line = cls.purchase.order_line
        cls.refusal = f"Invoice sales order {cls.sale.name} first"
        # After the fact nothing can be done first.
        cls.warning = f"Invoice sales order {cls.sale.name}."

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _ship(self, quantity=10):
        self._post(self.sale, "ship", quantity)

    def _invoice(self, quantity=None):
        """Ship and invoice, posted."""
        if quantity is None:
            quantity = self.sale_line.drop_shipment_qty_outstanding
        self._ship(quantity)
        return self._post_invoice(self.sale).with_user(self.accountant)

    def _draft_bill(self, quantity=10, price=12.0, **values):
        """Return a draft bill or refund with one line of the purchase order."""
        return (
            self.env["account.move"]
            .with_user(self.accountant)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": self.vendor.id,
                    "invoice_date": "2026-01-15",
                    "invoice_line_ids": [
                        Command.create(self._bill_line(quantity, price))
                    ],
                    **values,
                }
            )
        )

    def _bill_line(self, quantity, price=12.0, **values):
        return {
            "product_id": self.chair.id,
            "quantity": quantity,
            "price_unit": price,
            "tax_ids": False,
            "purchase_line_id": self.purchase_line.id,
            **values,
        }

    def _refund(self, quantity=10, **values):
        return self._draft_bill(quantity, move_type="in_refund", **values)

    def assertBilled(self, billed, invoiced):
        self.assertEqual(self.sale_line.drop_shipment_qty_billed, billed)
        self.assertEqual(self.sale_line.drop_shipment_qty_invoiced, invoiced)

    def _get_notes(self, order):
        return " ".join(order.sudo().message_ids.mapped("body"))
