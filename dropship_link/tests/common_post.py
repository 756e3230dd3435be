from .common import DropShipmentCommon


class PostCommon(DropShipmentCommon):
    """Orders ready to post, from either side."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.billing_salesman = cls._new_user(
            "billing_salesman",
            "sales_team.group_sale_salesman,account.group_account_invoice",
        )
        cls.billing_buyer = cls._new_user(
            "billing_buyer",
            "purchase.group_purchase_user,account.group_account_invoice",
        )

    def _new_post(self, order, **values):
        """Return the Post dialog of a sales or purchase order, for its user."""
        field = "sale_order_id" if order._name == "sale.order" else "purchase_order_id"
        return order.env["drop.shipment.post"].create({field: order.id, **values})

    def _new_orders(self, *lines, **values):
        """Return a sales order and the confirmed purchase order that ships it."""
        sale = self._new_sale(*lines, **values)
        return sale, self._new_purchase(sale, confirm=True)

    def _message(self, action):
        """Return what the user is told after posting."""
        self.assertEqual(action["tag"], "display_notification")
        return action["params"]["message"]
