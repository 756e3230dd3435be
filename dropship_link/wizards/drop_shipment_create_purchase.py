from odoo import api, fields, models
from odoo.exceptions import UserError


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

    def action_create_purchases(self):
        """Make requests for quotation of the lines with their vendors and quantities.

        :return: window action that shows them
        :raise UserError: a line without a vendor or with a wrong quantity, or nothing
            to order
        :raise AccessError: the user may not create purchase orders
        """
        self.ensure_one()
        # Buyers without sales rights order lines that they may not read; each is
        # checked against what is left to order.
        rows = self.sudo().line_ids
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
        return (
            self.env["purchase.order"]
            ._create_drop_shipments(requests, join=self.join_requests)
            ._get_drop_shipments_action()
        )


class DropShipmentCreatePurchaseLine(models.TransientModel):
    _name = "drop.shipment.create.purchase.line"
    _inherit = ["drop.shipment.line.mixin"]
    _description = "Drop Shipment Line to Order"

    create_id = fields.Many2one(
        comodel_name="drop.shipment.create.purchase",
        required=True,
        ondelete="cascade",
        index=True,
    )
    vendor_id = fields.Many2one(comodel_name="res.partner")
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
            line.quantity_to_order = (
                line.sale_line_id & known
            ).drop_shipment_qty_to_order

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
