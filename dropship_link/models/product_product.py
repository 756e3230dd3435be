from odoo import models


class ProductProduct(models.Model):
    """Keeps agreed prices out of other orders, and drop shipments out of own cost."""

    _inherit = "product.product"

    def _get_filtered_sellers(
        self, partner_id=False, quantity=0.0, date=None, uom_id=False, params=False
    ):
        # `_prepare_purchase_order_line` does not pass the order on, so prices agreed
        # for one order only would be used on others. It compares prices' days in UTC.
        # The context is that of `drop.shipment.sourcing`.
        day = self.env.context.get("drop_shipment_price_day")
        if day:
            order_id = self.env.context["drop_shipment_order_id"]
            order = self.env["purchase.order"].browse(order_id or ())
            # Where no order is named, one that nothing was agreed for.
            params = {**(params or {}), "order_id": order or order.new()}
            date = day
        return super()._get_filtered_sellers(
            partner_id=partner_id,
            quantity=quantity,
            date=date,
            uom_id=uom_id,
            params=params,
        )

    def _run_avco(self, at_date=None, lot=None, method="realtime"):
        # Core averages over drop shipments too, which never enter own stock.
        own = self.with_context(dropship_link_own_stock=True)
        return super(ProductProduct, own)._run_avco(
            at_date=at_date, lot=lot, method=method
        )

    def _get_drop_shipment_names(self):
        """Return the names of the first products and how many more, for a notice."""
        names = ", ".join(self[:3].mapped("display_name"))
        if len(self) > 3:
            return self.env._(
                "%(names)s and %(count)s more", names=names, count=len(self) - 3
            )
        return names
