from odoo import fields

from ..models.sale_order_line import SaleOrderLine
from ..models.stock_move import StockMove
from ..models.stock_picking import StockPicking
from .test_settle import SettleCommon


class TestCoreFaults(SettleCommon):
    """What the overrides of this add-on work around, each shown without its override.

    A test that begins to fail says that core has mended the fault. The table in
    `docs/architecture.md` names the override, which may go then.
    """

    def test_goods_leave_the_shop(self):
        """What a vendor ships is taken from the shop's stock."""
        sale = self._new_sale()
        with self._left_to_core(StockPicking, "_create_picking_from_pos_order_lines"):
            till = self._settle(sale)
        self.assertEqual(till.picking_ids.move_ids.product_id, self.chair)
        self.assertEqual(self._get_stock(self.chair), 90)

    def test_transfers_of_vendors(self):
        """Each vendor is to ship what both have left, when the customer pays."""
        sale = self._new_sale()
        purchases = self._new_purchase()
        self._get_sales_orders(purchases, sale, quantity=4)
        purchases |= self._new_purchase(sale)
        purchases.button_confirm()
        with self._left_to_core(StockMove, "write"):
            self._settle(sale)
        moves = sale.sudo().order_line.move_ids
        self.assertEqual(moves.mapped("product_uom_qty"), [10, 10])

    def test_transfer_is_cancelled(self):
        """Where the customer pays, and goods of the shop are shipped later."""
        own = (self.desk, 2, {"drop_shipment": False})
        sale = self._new_sale((self.chair, 10), own)
        purchase = self._new_purchase(sale, confirm=True)
        today = fields.Date.to_string(fields.Date.today())
        with self._left_to_core(StockMove, "_action_cancel"):
            self._settle(sale, shipping_date=today)
        self.assertEqual(purchase.sudo().picking_ids.state, "cancel")

    def test_paid_is_delivered(self):
        """What was paid at the till is delivered, though no vendor has shipped it."""
        sale = self._new_sale()
        self._settle(sale)
        line = sale.sudo().order_line
        self.assertEqual(line.qty_delivered, 0)
        with self._left_to_core(SaleOrderLine, "_prepare_qty_delivered"):
            self.assertEqual(line._prepare_qty_delivered()[line], 10)

    def test_money_back_is_invoiced(self):
        """What the till has paid back is invoiced, so nobody can invoice it."""
        sale = self._new_sale()
        till = self._settle(sale)
        line = sale.sudo().order_line
        self._settle(sale, {line: -10}, refunded=till.lines)
        self.assertEqual(line.qty_invoiced, 0)
        with self._left_to_core(SaleOrderLine, "_prepare_qty_invoiced"):
            self.assertEqual(line._prepare_qty_invoiced()[line], 10)

    def test_delivered_is_settled(self):
        """The till proposes nothing of what a vendor has shipped, paid or not."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertProposed(sale, 10)
        with self._left_to_core(SaleOrderLine, "read_converted"):
            self.assertProposed(sale, 0)
