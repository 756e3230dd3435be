from odoo import api, models


class DropShipmentNotices(models.AbstractModel):
    """Tells sales of lines that are bought above their sales price."""

    _inherit = "drop.shipment.notices"

    @api.model
    def _get_sale_notices(self, lines):
        notices = super()._get_sale_notices(lines)
        # Once a line is done there is nothing to be changed any more. What is given
        # away, such as a reward, costs more than it brings on purpose.
        dear = lines.filtered(
            lambda line: (
                line.drop_shipment_below_cost
                and line.drop_shipment_qty_ordered
                and line.drop_shipment_state != "done"
                and line.discount < 100
            )
        )
        if dear:
            notices["cost"] = self.env._(
                "Bought above the sales price: %(products)s. Have the buyer ask for "
                "another price, or agree one with the customer.",
                products=dear.product_id._get_drop_shipment_names(),
            )
        return notices


class DropShipmentAlerts(models.AbstractModel):
    """A loss is urgent."""

    _inherit = "drop.shipment.alerts"

    @api.model
    def _get_urgent_keys(self):
        return super()._get_urgent_keys() | {"cost"}
