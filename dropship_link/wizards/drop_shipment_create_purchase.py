from odoo import api, fields, models
from odoo.exceptions import UserError

# More requests for quotation than that are made one after the other, as it takes more
# than a few seconds.
MAX_AT_ONCE = 20


class DropShipmentCreatePurchase(models.TransientModel):
    _name = "drop.shipment.create.purchase"
    _description = "Create Drop Shipment Purchase Orders"

    join_requests = fields.Boolean(
        string="Add to Open Requests",
        help="Add the lines to open drop shipment requests of the same vendor, "
        "customer, ship-to address and currency, rather than make new ones.",
    )
    line_ids = fields.One2many(
        comodel_name="drop.shipment.create.purchase.line",
        inverse_name="create_id",
        string="Lines",
    )
    summary = fields.Char(
        string="Total",
        compute="_compute_summary",
        compute_sudo=True,
        help="How many lines are ordered, from how many vendors, and how much where "
        "they have one unit.",
    )

    @api.depends("line_ids.quantity", "line_ids.vendor_id")
    def _compute_summary(self):
        for wizard in self:
            vendors = wizard.line_ids.filtered("quantity").vendor_id
            wizard.summary = self.env._(
                "%(total)s, Vendors: %(count)s",
                total=wizard.line_ids._get_summary(),
                count=len(vendors),
            )

    def action_create_purchases(self):
        """Make requests for quotation of the lines with their vendors and quantities.

        :return: window action that shows them
        :raise UserError: a line without a vendor or with a wrong quantity, or nothing
            to order
        :raise AccessError: the user may not create purchase orders
        """
        self.ensure_one()
        orders = self._create_purchases(self.line_ids)
        return orders._get_drop_shipments_action()

    def action_start(self):
        """Make the requests for quotation: a few at once, many one after the other.

        :return: as `action_create_purchases`; for many, a client action that shows how
            far it is, and what could not be made
        :raise UserError: see `action_create_purchases`
        :raise AccessError: the user may not create purchase orders
        """
        self.ensure_one()
        # Buyers order lines that they may not read, see `_create_purchases`.
        self.sudo().line_ids.sale_line_id.with_env(
            self.env
        )._check_drop_shipment_create()
        jobs = self._get_jobs()
        if len(jobs) <= MAX_AT_ONCE:
            return self.action_create_purchases()
        return {
            "type": "ir.actions.client",
            "tag": "dropship_link.run_jobs",
            "name": self.env._("Create Purchase Orders"),
            "params": {
                "button": self.env._("Create"),
                "model": self._name,
                "method": "create_purchase",
                "ids": self.ids,
                "jobs": jobs,
                "start": True,
                "result_model": "purchase.order",
                "result_name": self.env._("Purchase Orders"),
            },
        }

    def create_purchase(self, line_ids):
        """Make the request for quotation of some lines of this dialog.

        :param list line_ids: ids of lines of the dialog
        :return: dict with the `message` that names it, and its `res_ids`
        :raise UserError: see `action_create_purchases`
        :raise AccessError: the user may not create purchase orders
        """
        self.ensure_one()
        orders = self._create_purchases(
            self.line_ids.filtered(lambda line: line.id in line_ids)
        )
        return {"message": ", ".join(orders.mapped("name")), "res_ids": orders.ids}

    def _get_jobs(self):
        """Return one job for each request for quotation to make.

        A job holds the arguments of `create_purchase`.
        """
        PurchaseOrder = self.env["purchase.order"]
        # The customers of lines that a buyer may not read.
        groups = (
            self.sudo()
            .line_ids.filtered("quantity")
            .grouped(
                lambda row: PurchaseOrder._get_drop_shipment_key(
                    row.sale_line_id, row.vendor_id
                )
            )
        )
        return [
            {
                "name": rows.vendor_id.display_name or self.env._("No vendor"),
                "detail": rows.sale_line_id.order_id.partner_id.display_name,
                "count": len(rows),
                "kwargs": {"line_ids": rows.ids},
            }
            for rows in groups.values()
        ]

    def _create_purchases(self, rows):
        """Make requests for quotation of these rows of the dialog.

        :return: the purchase orders
        :raise UserError: see `action_create_purchases`
        """
        # Buyers without sales rights order lines that they may not read; each is
        # checked against what is left to order.
        rows = rows.sudo()
        lines = rows.sale_line_id
        lines.with_env(self.env)._check_drop_shipment_create()
        wanted = {}
        requests = []
        for row in rows:
            line = row.sale_line_id
            if row.product_uom_id.is_zero(row.quantity):
                continue
            wanted[line] = wanted.get(line, 0.0) + row.quantity
            left = line.drop_shipment_qty_to_order
            compare = line.product_uom_id.compare
            if row.quantity > 0 and compare(left, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "%(line)s has nothing left to order any more: enter 0 as its "
                        "Quantity.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            if compare(row.quantity, 0.0) < 0 or compare(wanted[line], left) > 0:
                raise UserError(
                    self.env._(
                        "Quantity of %(line)s can't be %(quantity)s: enter 0 to "
                        "%(left)s, what is left to order.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(wanted[line]),
                        left=line._format_drop_shipment_qty(left),
                    )
                )
            requests.append((line, row.vendor_id.with_env(self.env), row.quantity))
        if not requests:
            raise UserError(
                self.env._("There is nothing to order: enter a quantity on a line.")
            )
        return self.env["purchase.order"]._create_drop_shipments(
            requests, join=self.join_requests
        )


class DropShipmentCreatePurchaseLine(models.TransientModel):
    _name = "drop.shipment.create.purchase.line"
    _inherit = ["drop.shipment.dialog.row.mixin"]
    _description = "Drop Shipment Line to Order"

    create_id = fields.Many2one(
        comodel_name="drop.shipment.create.purchase",
        required=True,
        ondelete="cascade",
        index=True,
    )
    vendor_id = fields.Many2one(comodel_name="res.partner")
    vendor_hint = fields.Char(
        string="Price",
        compute="_compute_vendor_hint",
        compute_sudo=True,
        help="Why no price of the vendor applies: less than the vendor's minimum is "
        "ordered, or no price is valid today.",
    )
    quantity_to_order = fields.Float(
        string="Left to Order",
        digits="Product Unit",
        compute="_compute_quantity_to_order",
        compute_sudo=True,
    )

    @api.depends("sale_line_id")
    def _compute_quantity_to_order(self):
        known = self._get_known_sale_lines()
        for line in self:
            sale_line = line._get_sale_line(known)
            line.quantity_to_order = sale_line.drop_shipment_qty_to_order

    @api.depends("sale_line_id", "vendor_id", "quantity")
    def _compute_vendor_hint(self):
        known = self._get_known_sale_lines()
        for row in self:
            line = row._get_sale_line(known)
            row.vendor_hint = line and line._get_drop_shipment_vendor_hint(
                row.vendor_id, row.quantity
            )

    def _get_dialog_name(self):
        return self.env._("Create Purchase Orders")

    def _get_known_sale_lines(self):
        # Whoever may create purchase orders may know what is to order, in the companies
        # that are switched on. Computed fields are elevated: ask the user.
        if not self.with_user(self.env.user).env["purchase.order"].has_access("create"):
            return self.env["sale.order.line"]
        return self.sale_line_id.filtered(
            lambda line: line.drop_shipment and line.company_id in self.env.companies
        )
