from .common import DropShipmentCommon


class CreatePurchasesCommon(DropShipmentCommon):
    """Sales orders to order, and a buyer who may not read them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lamp = cls._new_product("Lamp", price=5.0, vendor=cls.other_vendor)
        cls.orphan = cls._new_product("Orphan", seller_ids=False)

    def _get_shown(self, action):
        """Return the records that `action` shows, for the buyer."""
        records = self.env[action["res_model"]].with_user(self.buyer)
        if action.get("res_id"):
            return records.browse(action["res_id"])
        return records.search(action["domain"], order="id")

    def _create_purchases(self, records, user=None):
        """Order what is left of the orders or lines; return the purchase orders."""
        self.env.invalidate_all()
        records = records.with_user(user or self.buyer)
        return self._get_shown(records.action_create_drop_shipment_purchases())

    def _open_dialog(self, records):
        """Return the dialog of the orders or lines, as its buyer sees it."""
        self.env.invalidate_all()
        records = records.with_user(self.buyer)
        return self._get_shown(records.action_open_create_drop_shipment_purchases())

    def _count_purchases(self):
        return self.env["purchase.order"].search_count([])
