from odoo.fields import Command

from .common import DropShipmentCommon


class WarehouseCommon(DropShipmentCommon):
    """The warehouse user, who takes goods back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse_user = cls._new_user("warehouse", "stock.group_stock_user")
        cls.stock_location = (
            cls.env["stock.warehouse"]
            .search([("company_id", "=", cls.company.id)], limit=1)
            .lot_stock_id
        )

    def _take_back(self, picking, quantity, location=None):
        """Return goods to the vendor, or to `location`, as warehouse user."""
        self.env.invalidate_all()
        picking = picking.sudo().with_user(self.warehouse_user)
        wizard = (
            picking.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=picking.id)
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = quantity
        returned = picking.browse(wizard.action_create_returns()["res_id"])
        if location:
            returned.location_dest_id = location
            returned.move_ids.location_dest_id = location
        returned.move_ids.picked = True
        self.env.invalidate_all()
        returned.button_validate()
        self.assertEqual(returned.state, "done")
        self.env.invalidate_all()
        return returned


class ReturnsCommon(WarehouseCommon):
    """Shipped orders, of which goods come back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.chair.seller_ids = [
            Command.create({"partner_id": cls.other_vendor.id, "price": 13})
        ]

    def _new_orders(self, *lines, ship=None, **values):
        """Return a sales order and the purchase order that shipped it."""
        sale = self._new_sale(*lines, **values)
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", ship)
        return sale, purchase

    def _cancel(self, sale):
        """Cancel a sales order; core reads purchase lines as whoever does it."""
        trader = self._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        sale.with_user(trader).action_cancel()

    def _credit(self, sale):
        """Post what core offers as credit note for returned goods."""
        credit_note = sale.sudo()._create_invoices(final=True)
        self.assertEqual(credit_note.move_type, "out_refund")
        credit_note.action_post()
        return credit_note

    def _refund(self, purchase):
        """Post what core offers as vendor's refund for returned goods."""
        refund = self._new_bill(purchase, post=False)
        self.assertEqual(refund.move_type, "in_refund")
        refund.action_post()
        return refund

    def assertQuantities(self, line, **quantities):
        """The sales or purchase line has these values."""
        self.assertEqual({name: line[name] for name in quantities}, quantities)
