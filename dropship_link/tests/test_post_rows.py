from odoo.exceptions import UserError, ValidationError

from .common import DropShipmentCommon


class TestPostRows(DropShipmentCommon):
    """A sales line at several vendors: a row for each purchase line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10))
        cls.early = cls._order(4, cls.other_vendor)
        cls.late = cls._order(6, cls.vendor)
        cls.early.order_line.date_planned = "2026-01-05 12:00:00"

    @classmethod
    def _order(cls, quantity, vendor):
        """Return a confirmed purchase order of a part of the sales line."""
        purchase = cls._new_purchase(partner_id=vendor.id)
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id, "vendor_products_only": False}
        )
        wizard.line_ids.quantity = quantity
        wizard.action_insert_lines()
        purchase.button_confirm()
        return purchase

    def _new_dialog(self, order=None):
        """Return the dialog of the sales order or of a purchase order."""
        order = order or self.sale
        field = "sale_order_id" if order == self.sale else "purchase_order_id"
        return order.env["drop.shipment.post"].create({field: order.id})

    def _get_received(self):
        self.env.invalidate_all()
        return self.early.order_line.qty_received, self.late.order_line.qty_received

    def test_rows(self):
        """Each row says which order it is of and how much of it is outstanding."""
        rows = self._new_dialog().line_ids
        self.assertEqual(
            {
                row.purchase_ref: (row.quantity_outstanding, row.quantity)
                for row in rows
            },
            {self.early.name: (4, 4), self.late.name: (6, 6)},
        )

    def test_vendor_that_has_shipped(self):
        """The later order has shipped: its receipt is booked, not the earlier one's."""
        dialog = self._new_dialog()
        for row in dialog.line_ids:
            is_late = row.purchase_ref == self.late.name
            row.quantity = 6 if is_late else 0
        dialog.delivery_note = "LS-6"
        dialog.action_post()
        self.assertEqual(self._get_received(), (0, 6))
        self.assertEqual(self.sale.order_line.qty_delivered, 6)
        self.assertEqual(self.late.picking_ids.drop_shipment_delivery_note, "LS-6")

    def test_qty_to_ship(self):
        """Qty to Ship of the sales line is proposed from the earliest order on."""
        self.sale.order_line.qty_to_ship = 5
        self.assertEqual(self._new_dialog().line_ids.mapped("quantity"), [4, 1])

    def test_sales_line_alone(self):
        """A script that names the sales line alone has it spread, earliest first."""
        self._post_spread(self.sale, 7)
        self.assertEqual(self._get_received(), (4, 3))

    def test_one_of_each_way(self):
        """A row of a purchase line and one of the sales line add up."""
        late_line = self.late.order_line
        values = {"sale_line_id": self.sale.order_line.id, "quantity": 3}
        self.sale.env["drop.shipment.post"].create(
            {
                "sale_order_id": self.sale.id,
                "line_ids": [
                    (0, 0, {**values, "purchase_line_id": late_line.id}),
                    (0, 0, values),
                ],
            }
        ).action_post()
        self.assertEqual(self._get_received(), (3, 3))

    def test_one_line_not_now(self):
        """All rows of one sales line are 0: the other line ships as its rows say."""
        sale = self._new_sale((self.chair, 4), (self.desk, 2))
        first = self._new_purchase(sale)
        first.order_line.product_qty = 1
        first.button_confirm()
        second = self._new_purchase(sale, confirm=True)
        dialog = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
        self.assertEqual(len(dialog.line_ids), 4)
        for row in dialog.line_ids:
            row.quantity = row.quantity if row.product_id == self.desk else 0
        dialog.action_post()
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [0, 2])
        for purchase in first, second:
            self.assertEqual(purchase.order_line.mapped("qty_received"), [0, 1])

    def test_more_than_its_order_has(self):
        """Not more than the order of the row has outstanding, though others have."""
        dialog = self._new_dialog()
        row = dialog.line_ids.filtered(lambda row: row.purchase_ref == self.early.name)
        dialog.line_ids.quantity = 0
        row.quantity = 5
        with self.assertRefused("can't be 5 Units: enter 0 to 4", ValidationError):
            dialog.action_post()
        self.assertEqual(self._get_received(), (0, 0))

    def test_more_than_all_have(self):
        """The refusal tells the limit of the row that was typed into."""
        dialog = self._new_dialog()
        row = dialog.line_ids.filtered(lambda row: row.purchase_ref == self.late.name)
        row.quantity = 500
        with self.assertRefused("500 Units: enter 0 to 6 Units", ValidationError):
            dialog.action_post()

    def test_line_of_another_order(self):
        """A purchase line of another sales order is not posted, nor told of."""
        other_sale = self._new_sale((self.chair, 2))
        other = self._new_purchase(other_sale, confirm=True)
        dialog = self._new_dialog()
        row = dialog.line_ids[:1]
        row.write({"purchase_line_id": other.order_line.id, "quantity": 1})
        self.assertFalse(row.purchase_ref)
        self.assertEqual(row.quantity_outstanding, 0)
        with self.assertRefused("nothing outstanding", UserError):
            dialog.action_post()
        self.assertEqual(other.order_line.qty_received, 0)

    def test_purchase_door(self):
        """A purchase order with two lines of one sales line has a row for each."""
        purchase = self.late
        self.sale.order_line.sudo().product_uom_qty = 13
        second = self._order(3, self.vendor)
        self.assertEqual(self._new_dialog(purchase).line_ids.mapped("quantity"), [6])
        request = self._new_purchase()
        self.sale.order_line.sudo().product_uom_qty = 15
        for _turn in range(2):
            wizard = request.env["purchase.order.get.sales.order"].create(
                {"purchase_order_id": request.id}
            )
            wizard.line_ids.quantity = 1
            wizard.action_insert_lines()
        request.button_confirm()
        dialog = self._new_dialog(request)
        self.assertEqual(dialog.line_ids.mapped("quantity"), [1, 1])
        dialog.line_ids[0].quantity = 0
        dialog.action_post()
        self.assertEqual(request.order_line.mapped("qty_received"), [0, 1])
        self.assertEqual(second.order_line.qty_received, 0)
