from odoo import api, fields, models
from odoo.tools import SQL


class DropShipmentReport(models.Model):
    """One row for each drop shipment line of a sales order that is no quotation.

    A view of its own, as buyers without sales rights may not read sales lines: the
    rows hold what the job needs, and prices for who may see them.
    """

    _name = "drop.shipment.report"
    _description = "Drop Shipments"
    _auto = False
    _order = "date_promised, id"
    _rec_name = "sale_ref"
    # What the ORM writes to the database before it reads the list.
    _depends = {
        "sale.order": [
            "client_order_ref",
            "commitment_date",
            "currency_rate",
            "date_order",
            "name",
            "partner_shipping_id",
        ],
        "sale.order.line": [
            "company_id",
            "drop_shipment_qty_billed",
            "drop_shipment_qty_invoiced",
            "drop_shipment_qty_ordered",
            "drop_shipment_qty_outstanding",
            "drop_shipment_qty_to_order",
            "drop_shipment_state",
            "drop_shipment_vendor_id",
            "order_id",
            "order_partner_id",
            "price_subtotal",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
            "qty_delivered",
            "qty_to_ship",
            "salesman_id",
            "state",
        ],
        "purchase.order": ["currency_rate", "name", "partner_id", "state", "user_id"],
        "purchase.order.line": [
            "date_planned",
            "drop_shipment_sale_line_id",
            "order_id",
            "price_subtotal",
            "product_qty",
            "product_uom_id",
            "qty_received",
        ],
    }

    # The Export dialog would offer buyers what they can't read.
    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line", readonly=True, exportable=False
    )
    sale_ref = fields.Char(string="Sales Order", readonly=True)
    client_order_ref = fields.Char(string="Customer Reference", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    ship_to_id = fields.Many2one(
        comodel_name="res.partner", string="Ship-to Address", readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    product_uom_id = fields.Many2one(
        comodel_name="uom.uom", string="Unit", readonly=True
    )
    state = fields.Selection(
        selection=lambda self: (
            self.env["sale.order.line"]
            ._fields["drop_shipment_state"]
            ._description_selection(self.env)
        ),
        string="Status",
        readonly=True,
        # The columns in their own order.
        group_expand=True,
        help="As on the sales line; but what has a rest to order is to order, also "
        "when a part is shipped already.",
    )
    line_state = fields.Selection(
        selection=lambda self: (
            self.env["sale.order.line"]
            ._fields["drop_shipment_state"]
            ._description_selection(self.env)
        ),
        string="Status of the Sales Line",
        readonly=True,
    )
    is_requested = fields.Boolean(
        string="On Request",
        readonly=True,
        help="Something is on a purchase order that is not confirmed yet.",
    )
    late = fields.Boolean(
        readonly=True,
        help="The vendor's date is past or later than the promised date.",
    )
    date_order = fields.Datetime(string="Order Date", readonly=True)
    date_promised = fields.Datetime(
        string="Promised", readonly=True, help="Delivery date of the sales order."
    )
    date_expected = fields.Datetime(
        string="Expected",
        readonly=True,
        help="When the vendor is to deliver what is not shipped yet.",
    )
    vendor_id = fields.Many2one(
        comodel_name="res.partner",
        readonly=True,
        help="The vendor of the latest purchase order; before that, the vendor of the "
        "sales line.",
    )
    purchase_ref = fields.Char(string="Purchase Order", readonly=True)
    partner_ref = fields.Char(
        string="Vendor Reference",
        compute="_compute_partner_ref",
        compute_sudo=True,
        search="_search_partner_ref",
        help="Numbers by which the vendors know the purchase orders.",
    )
    delivery_note = fields.Char(
        string="Vendor's Delivery Note",
        compute="_compute_shipments",
        compute_sudo=True,
        search="_search_delivery_note",
        help="Numbers of the delivery notes that the vendor put into the parcels.",
    )
    tracking_ref = fields.Char(
        string="Tracking Number",
        compute="_compute_shipments",
        compute_sudo=True,
        search="_search_tracking_ref",
        help="Numbers of the parcels with the vendor's carrier.",
    )
    is_reported = fields.Boolean(
        string="Reported by Vendor",
        compute="_compute_is_reported",
        compute_sudo=True,
        search="_search_is_reported",
        help="The vendor reported a shipment that waits to be posted.",
    )
    buyer_id = fields.Many2one(comodel_name="res.users", readonly=True)
    quantity = fields.Float(digits="Product Unit", readonly=True)
    qty_to_order = fields.Float(
        string="To Order",
        digits="Product Unit",
        readonly=True,
        help="Quantity that is on no purchase order yet.",
    )
    qty_ordered = fields.Float(
        string="Ordered",
        digits="Product Unit",
        readonly=True,
        help="Quantity on purchase orders and requests for quotation.",
    )
    qty_outstanding = fields.Float(
        string="Outstanding",
        digits="Product Unit",
        readonly=True,
        help="Quantity on confirmed purchase orders that the vendor has not shipped.",
    )
    qty_to_ship = fields.Float(
        string="Qty to Ship",
        digits="Product Unit",
        help="Quantity of the next posting, as entered on the sales order.",
    )
    qty_shipped = fields.Float(string="Shipped", digits="Product Unit", readonly=True)
    qty_invoiced = fields.Float(string="Invoiced", digits="Product Unit", readonly=True)
    qty_billed = fields.Float(string="Billed", digits="Product Unit", readonly=True)
    qty_to_invoice = fields.Float(
        string="Shipped, Not Invoiced",
        digits="Product Unit",
        readonly=True,
        help="Quantity shipped that is on no posted customer invoice.",
    )
    qty_to_bill = fields.Float(
        string="Invoiced, Not Billed",
        digits="Product Unit",
        readonly=True,
        help="Quantity on posted customer invoices that is on no posted vendor bill.",
    )
    currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    revenue = fields.Monetary(
        readonly=True,
        groups="sales_team.group_sale_salesman",
        help="Untaxed amount of the sales line, in the company's currency. Of your own "
        "orders only, unless you may see all of them.",
    )
    revenue_ordered = fields.Monetary(
        readonly=True,
        groups="sales_team.group_sale_salesman",
        help="Of the revenue, that of what is on purchase orders: margin and cost.",
    )
    cost = fields.Monetary(
        readonly=True,
        groups="purchase.group_purchase_user",
        help="Untaxed amount of the purchase lines, in the company's currency.",
    )
    margin = fields.Monetary(
        readonly=True,
        groups="sales_team.group_sale_manager",
        help="Revenue less cost, of what is ordered of the line.",
    )

    @api.depends("sale_ref", "product_id")
    def _compute_display_name(self):
        # The product's code makes the name too long for a day of the calendar.
        for row in self.with_context(display_default_code=False):
            row.display_name = f"{row.sale_ref} {row.product_id.display_name}"

    # Computed for the rows of a page; in the query it would cost all rows.
    @api.depends("sale_line_id")
    def _compute_partner_ref(self):
        for row in self:
            orders = row.sale_line_id._get_drop_shipment_live_lines().order_id
            row.partner_ref = ", ".join(filter(None, orders.mapped("partner_ref")))

    def _search_partner_ref(self, operator, value):
        return self.env["sale.order.line"]._search_drop_shipment_ref(
            "order_id.partner_ref",
            operator,
            value,
            [("order_id.state", "!=", "cancel")],
        )

    @api.depends("sale_line_id")
    def _compute_shipments(self):
        for row in self:
            row.delivery_note = row.sale_line_id.drop_shipment_delivery_note
            row.tracking_ref = row.sale_line_id.drop_shipment_tracking_ref

    def _search_delivery_note(self, operator, value):
        lines = self.env["sale.order.line"]
        return lines._search_drop_shipment_delivery_note(operator, value)

    def _search_tracking_ref(self, operator, value):
        lines = self.env["sale.order.line"]
        return lines._search_drop_shipment_tracking_ref(operator, value)

    @api.depends("sale_line_id")
    def _compute_is_reported(self):
        reported = self.env["drop.shipment.reported"]
        lines = reported._get_sale_moves(self.sale_line_id).sale_line_id
        for row in self:
            row.is_reported = row.sale_line_id in lines

    def _search_is_reported(self, operator, value):
        if operator != "in":
            # The ORM asks for the opposite.
            return NotImplemented
        # sudo: people see the list without rights on transfers.
        moves = self.env["stock.move"].sudo()
        moves = moves.search([("picking_id.drop_shipment_reported", "!=", False)])
        moves = self.env["drop.shipment.reported"]._filter_reported(moves)
        reported = fields.Domain("sale_line_id", "in", moves.sale_line_id.ids)
        return fields.Domain.OR(
            reported if wanted else ~reported for wanted in set(value)
        )

    @property
    def _table_query(self):
        return SQL(
            "SELECT %s FROM %s WHERE %s", self._select(), self._from(), self._where()
        )

    @api.model
    def _select(self):
        return SQL(
            """
                l.id AS id,
                l.id AS sale_line_id,
                o.name AS sale_ref,
                o.client_order_ref AS client_order_ref,
                l.company_id AS company_id,
                l.order_partner_id AS partner_id,
                o.partner_shipping_id AS ship_to_id,
                l.salesman_id AS user_id,
                l.product_id AS product_id,
                l.product_uom_id AS product_uom_id,
                CASE WHEN l.drop_shipment_state = 'partial'
                        AND l.drop_shipment_qty_to_order > 0
                    THEN 'to_order' ELSE l.drop_shipment_state
                END AS state,
                l.drop_shipment_state AS line_state,
                COALESCE(%(requested)s, false) AS is_requested,
                l.drop_shipment_state NOT IN ('shipped', 'invoiced', 'done')
                    AND l.state = 'sale'
                    AND %(late)s AS late,
                o.date_order AS date_order,
                o.commitment_date AS date_promised,
                %(expected)s AS date_expected,
                %(vendor)s AS vendor_id,
                %(refs)s AS purchase_ref,
                %(buyer)s AS buyer_id,
                l.product_uom_qty AS quantity,
                l.drop_shipment_qty_to_order AS qty_to_order,
                l.drop_shipment_qty_ordered AS qty_ordered,
                l.drop_shipment_qty_outstanding AS qty_outstanding,
                l.qty_to_ship AS qty_to_ship,
                l.qty_delivered AS qty_shipped,
                l.drop_shipment_qty_invoiced AS qty_invoiced,
                l.drop_shipment_qty_billed AS qty_billed,
                CASE WHEN l.state = 'sale' THEN
                    GREATEST(l.qty_delivered - l.drop_shipment_qty_invoiced, 0)
                END AS qty_to_invoice,
                GREATEST(
                    l.drop_shipment_qty_invoiced - l.drop_shipment_qty_billed, 0
                ) AS qty_to_bill,
                CASE WHEN %(own)s THEN %(revenue)s END AS revenue,
                CASE WHEN %(own)s THEN %(revenue_ordered)s END AS revenue_ordered,
                %(cost)s AS cost,
                %(revenue_ordered)s - %(cost)s AS margin
            """,
            **self._get_select_terms(),
        )

    @api.model
    def _get_select_terms(self):
        """Return the parts of `_select` that are computed, by name."""
        revenue = SQL("l.price_subtotal / COALESCE(NULLIF(o.currency_rate, 0), 1)")
        return {
            "requested": self._of_purchases(SQL("bool_or(po.state != 'purchase')")),
            # Not one that gave all of it back, and ships nothing of it any more.
            "vendor": SQL(
                "COALESCE(%s, l.drop_shipment_vendor_id)",
                self._of_purchases(
                    SQL(
                        """
                            (
                                array_agg(po.partner_id ORDER BY po.id DESC) FILTER (
                                    WHERE pol.product_qty != 0 OR pol.qty_received != 0
                                )
                            )[1]
                        """
                    )
                ),
            ),
            "refs": self._of_purchases(SQL("string_agg(DISTINCT po.name, ', ')")),
            "buyer": self._of_purchases(
                SQL("(array_agg(po.user_id ORDER BY po.id DESC))[1]")
            ),
            "own": self._is_revenue_visible(),
            "revenue": revenue,
            # More may be ordered than was sold, if less was wanted later.
            "revenue_ordered": SQL(
                """
                    %s * LEAST(
                        l.drop_shipment_qty_ordered / NULLIF(l.product_uom_qty, 0), 1
                    )
                """,
                revenue,
            ),
            # 0 where nothing is ordered, so that it can be searched for.
            "cost": SQL(
                "COALESCE(%s, 0)",
                self._of_purchases(SQL("sum(%s)", self._get_cost_term())),
            ),
            **self._get_date_terms(),
        }

    @api.model
    def _get_date_terms(self):
        """Return when vendors are expected to ship, and whether that is late."""
        owed = SQL("pol.qty_received < pol.product_qty")
        waiting = SQL("(pol.date_planned) FILTER (WHERE %s)", owed)
        # Of what is to order the date of a vendor who has shipped says nothing.
        expected = SQL(
            """
                COALESCE(
                    max%s,
                    CASE WHEN l.drop_shipment_qty_to_order > 0 THEN NULL
                        ELSE max(pol.date_planned)
                    END
                )
            """,
            waiting,
        )
        return {
            "late": self._of_purchases(self._get_late_term(owed, waiting)),
            "expected": self._of_purchases(expected),
        }

    @api.model
    def _get_cost_term(self):
        """Return the SQL of what a purchase line costs, in the company's currency."""
        return SQL("pol.price_subtotal / COALESCE(NULLIF(po.currency_rate, 0), 1)")

    @api.model
    def _get_late_term(self, owed, waiting):
        """Return the SQL of `drop_shipment_late`: by the same rule as the sales line's.

        :param owed: whether a purchase line has something to come
        :param waiting: the dates of those lines, to be aggregated
        """
        return SQL(
            """
                COALESCE(
                    (%(first)s < %(today)s OR %(last)s > %(promised)s)
                    AND (l.drop_shipment_qty_to_order > 0 OR bool_or(%(owed)s)),
                    false
                )
            """,
            owed=owed,
            first=self._to_day(SQL("LEAST(min%s, o.commitment_date)", waiting)),
            last=self._to_day(SQL("max%s", waiting)),
            promised=self._to_day(SQL("o.commitment_date")),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _to_day(self, moment):
        """Return the SQL of the day, for the user, of a moment that is kept in UTC."""
        return SQL(
            "(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self.env.tz.zone
        )

    @api.model
    def _of_purchases(self, aggregate):
        """Return the SQL of an aggregate of the live purchase lines of a row.

        Not by a join: PostgreSQL finds these for the rows of one page only, and after
        it has sorted them.
        """
        return SQL(
            """
                (
                    SELECT %s
                    FROM purchase_order_line pol
                    JOIN purchase_order po ON po.id = pol.order_id
                    WHERE pol.drop_shipment_sale_line_id = l.id
                        AND po.state != 'cancel'
                )
            """,
            aggregate,
        )

    @api.model
    def _is_revenue_visible(self):
        """Return the condition for lines whose prices are the user's business.

        Who buys sees the lines of all salespeople, also who sells own orders only.
        """
        if self.env.su or self.env.user.has_group(
            "sales_team.group_sale_salesman_all_leads"
        ):
            return SQL("true")
        return SQL("COALESCE(l.salesman_id = %s, true)", self.env.uid)

    @api.model
    def _from(self):
        return SQL("sale_order_line l JOIN sale_order o ON o.id = l.order_id")

    @api.model
    def _where(self):
        # Only drop shipments have one. To ask for both would have PostgreSQL expect far
        # fewer rows than there are, and read all of them to find those to order.
        return SQL("l.drop_shipment_state IS NOT NULL")
