from odoo import api, fields, models
from odoo.tools import SQL

from .sale_order_line import LOSS


class DropShipmentReport(models.Model):
    """Counts margins of drop shipments by what vendors take."""

    _inherit = "drop.shipment.report"

    below_cost = fields.Boolean(
        readonly=True,
        groups="sales_team.group_sale_salesman",
        help="The vendor takes more than the customer pays. Of your own orders only, "
        "unless you may see all of them.",
    )

    @api.model
    def _select(self):
        return SQL(
            """
                %s,
                %s AND l.state != 'cancel' AND l.margin < %s AS below_cost
            """,
            super()._select(),
            self._is_revenue_visible(),
            LOSS,
        )

    @api.model
    def _get_cost_term(self):
        # Bills count, as on the sales line; in the analysis, too.
        return SQL("pol.drop_shipment_cost")
