from .common import DropShipmentCommon


class WhileLinkedCommon(DropShipmentCommon):
    """A second company, and links made by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second_company = cls._create_company(name="Second Company")
        cls.second_salesman = cls._new_user(
            "salesman_2", "sales_team.group_sale_salesman", cls.second_company
        )
        cls.second_buyer = cls._new_user(
            "buyer_2", "purchase.group_purchase_user", cls.second_company
        )

    def _link_by_hand(self, purchase, sale_line, quantity, **values):
        """Link as an import or a script would, without the dialog."""
        return purchase.env["purchase.order.line"].create(
            {
                "order_id": purchase.id,
                "product_id": sale_line.product_id.id,
                "product_qty": quantity,
                "product_uom_id": sale_line.product_uom_id.id,
                "sale_line_id": sale_line.id,
                **values,
            }
        )

    def _new_shared(self, quantity=10, first=4, second=6, confirm=False):
        """Return a sales order and the two purchase orders that share its line."""
        sale = self._new_sale((self.chair, quantity))
        purchases = []
        for purchased in (first, second):
            purchase = self._new_purchase()
            self._get_sales_orders(purchase, sale, quantity=purchased)
            if confirm:
                purchase.button_confirm()
            purchases.append(purchase)
        return sale, *purchases
