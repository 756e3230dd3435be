from odoo import api, fields, models
from odoo.tools import SQL


class DropShipmentAnalysis(models.Model):
    """Who ships how much, for pivot tables and graphs.

    One row for each live purchase line of a drop shipment, with its part of the sales
    line; and one for what a sales line has left to order, which has no vendor yet.
    Quantities are in the UoM of the sales line, amounts in the company's currency.
    """

    _name = "drop.shipment.analysis"
    _description = "Drop Shipment Analysis"
    _auto = False
    _order = "date_order desc, id"
    _rec_name = "sale_ref"
    # As the list; see there.
    _depends = {"drop.shipment.report": []}

    sale_ref = fields.Char(string="Sales Order", readonly=True)
    purchase_ref = fields.Char(string="Purchase Order", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    vendor_id = fields.Many2one(comodel_name="res.partner", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    buyer_id = fields.Many2one(comodel_name="res.users", readonly=True)
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    date_order = fields.Datetime(string="Order Date", readonly=True)
    qty_to_order = fields.Float(string="To Order", digits="Product Unit", readonly=True)
    qty_ordered = fields.Float(string="Ordered", digits="Product Unit", readonly=True)
    qty_shipped = fields.Float(
        string="Shipped",
        digits="Product Unit",
        readonly=True,
        help="Quantity received on the purchase line: shipped and not sent back.",
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    revenue = fields.Monetary(
        readonly=True,
        groups="sales_team.group_sale_salesman",
        help="Untaxed amount of what is on purchase orders. Of your own orders only, "
        "unless you may see all of them.",
    )
    revenue_to_order = fields.Monetary(
        readonly=True,
        groups="sales_team.group_sale_salesman",
        help="Untaxed amount of what is left to order.",
    )
    cost = fields.Monetary(
        readonly=True,
        groups="purchase.group_purchase_user",
        help="Untaxed amount of the purchase lines.",
    )
    margin = fields.Monetary(
        readonly=True,
        groups="sales_team.group_sale_manager",
        help="Revenue less cost.",
    )

    @property
    def _table_query(self):
        report = self.env["drop.shipment.report"]
        own = report._is_revenue_visible()
        # Ordered may be more than sold, where own stock took goods back.
        price = SQL(
            """
                l.price_subtotal / COALESCE(NULLIF(o.currency_rate, 0), 1)
                / NULLIF(GREATEST(l.product_uom_qty, l.drop_shipment_qty_ordered), 0)
            """
        )
        return SQL(
            """
                SELECT
                    p.id AS id,
                    o.name AS sale_ref,
                    p.ref AS purchase_ref,
                    l.company_id AS company_id,
                    l.order_partner_id AS partner_id,
                    p.vendor_id AS vendor_id,
                    l.salesman_id AS user_id,
                    p.buyer_id AS buyer_id,
                    l.product_id AS product_id,
                    o.date_order AS date_order,
                    p.qty_to_order AS qty_to_order,
                    p.qty_ordered AS qty_ordered,
                    p.qty_shipped AS qty_shipped,
                    CASE WHEN %(own)s THEN %(price)s * p.qty_ordered END AS revenue,
                    CASE WHEN %(own)s THEN %(price)s * p.qty_to_order
                    END AS revenue_to_order,
                    p.cost AS cost,
                    %(price)s * p.qty_ordered - p.cost AS margin
                FROM sale_order_line l
                JOIN sale_order o ON o.id = l.order_id
                JOIN LATERAL (%(ordered)s UNION ALL %(to_order)s) p ON true
                WHERE %(where)s
            """,
            own=own,
            price=price,
            ordered=self._select_ordered(),
            to_order=self._select_to_order(),
            where=report._where(),
        )

    @api.model
    def _select_ordered(self):
        """Return the SQL of the live purchase lines of a sales line `l`."""
        return SQL(
            """
                SELECT
                    pol.id AS id,
                    po.name AS ref,
                    po.partner_id AS vendor_id,
                    po.user_id AS buyer_id,
                    0.0 AS qty_to_order,
                    pol.product_qty * pu.factor / lu.factor AS qty_ordered,
                    pol.qty_received * pu.factor / lu.factor AS qty_shipped,
                    %s AS cost
                FROM purchase_order_line pol
                JOIN purchase_order po ON po.id = pol.order_id
                JOIN uom_uom pu ON pu.id = pol.product_uom_id
                JOIN uom_uom lu ON lu.id = l.product_uom_id
                WHERE pol.drop_shipment_sale_line_id = l.id AND po.state != 'cancel'
            """,
            self.env["drop.shipment.report"]._get_cost_term(),
        )

    @api.model
    def _select_to_order(self):
        """Return the SQL of what a sales line `l` has left to order."""
        # Ids must be unique over both parts of the union.
        return SQL(
            """
                SELECT
                    -l.id, NULL, NULL, NULL, l.drop_shipment_qty_to_order, 0.0, 0.0, 0.0
                WHERE l.drop_shipment_qty_to_order > 0
            """
        )
