from odoo.fields import Command

from .common import DropShipmentCommon


class ReopenCommon(DropShipmentCommon):
    """Two vendors, and a trader who may cancel what has transfers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Core reads purchase lines as whoever cancels a sales order with transfers.
        cls.trader = cls._new_user(
            "trader",
            "sales_team.group_sale_salesman_all_leads,purchase.group_purchase_user",
        )
        cls.chair.seller_ids = [
            Command.create({"partner_id": cls.other_vendor.id, "price": 13})
        ]

    def _get_activities(self, record):
        return record.sudo().activity_ids

    def _count_notes(self, record, text):
        """Return how many messages of `record` have `text`."""
        return sum(
            text in str(body) for body in record.sudo().message_ids.mapped("body")
        )

    def _cancel(self, sale):
        """Cancel a sales order that has, or had, transfers."""
        self.env.invalidate_all()
        sale.with_user(self.trader).action_cancel()

    def _reopen(self, order):
        """Set a cancelled order back to draft and confirm it, as its user."""
        self.env.invalidate_all()
        if order._name == "sale.order":
            order.action_draft()
            order.action_confirm()
        else:
            order.button_draft()
            order.button_confirm()

    def assertQuantities(self, sale, **quantities):
        """The only line of `sale` has these values."""
        line = sale.order_line
        self.assertEqual({name: line[name] for name in quantities}, quantities)
