from odoo import api, fields, models
from odoo.exceptions import UserError


class DropShipmentCreatePurchase(models.TransientModel):
    """The dialog *Create Purchase Orders*: vendors and quantities for sales lines."""

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
        ordering = self.env["drop.shipment.ordering"]
        # The rows are read with the user's rights: they must be of an own dialog. sudo:
        # buyers order lines that they may not read, each checked against what is left.
        rows = self.line_ids.sudo()
        ordering._check_may_create(rows.sale_line_id)
        rows = rows.filtered(
            lambda row: not row.sale_line_id.product_uom_id.is_zero(row.quantity)
        )
        if not rows._get_quantities(ordering._check_quantity):
            raise UserError(
                self.env._("There is nothing to order: enter a quantity on a line.")
            )
        orders = ordering._create_requests(
            [
                (row.sale_line_id, row.vendor_id.with_env(self.env), row.quantity)
                for row in rows
            ],
            join=self.join_requests,
        )
        return ordering._get_orders_action(orders)

    @api.model
    def _get_dialog_action(self, lines):
        """Return the action that opens a dialog for what these sales lines order.

        :raise UserError: nothing is left to order
        :raise AccessError: the user may not create purchase orders
        """
        ordering = self.env["drop.shipment.ordering"]
        ordering._check_may_create(lines)
        # sudo: buyers without sales rights order lines that they may not read.
        proposals = ordering._get_proposals(lines.sudo())
        if not proposals:
            raise UserError(
                self.env._(
                    "There is nothing to order: none of these lines is a confirmed "
                    "drop shipment with something left to order."
                )
            )
        rows = [
            {"sale_line_id": line.id, "vendor_id": vendor.id, "quantity": quantity}
            for line, vendor, quantity in proposals
        ]
        wizard = self.create({"line_ids": [fields.Command.create(row) for row in rows]})
        return wizard._get_records_action(
            name=self.env._("Create Purchase Orders"),
            target="new",
            context={"dialog_size": "extra-large"},
        )


class DropShipmentCreatePurchaseLine(models.TransientModel):
    """A sales line to order, with the vendor and the quantity."""

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
        allowed = self._get_allowed_sale_lines()
        for line in self:
            sale_line = line._get_allowed_sale_line(allowed)
            line.quantity_to_order = sale_line.drop_shipment_qty_to_order

    @api.depends("sale_line_id", "vendor_id", "quantity")
    def _compute_vendor_hint(self):
        sourcing = self.env["drop.shipment.sourcing"]
        allowed = self._get_allowed_sale_lines()
        for row in self:
            line = row._get_allowed_sale_line(allowed)
            row.vendor_hint = line and sourcing._get_price_hint(
                line, row.vendor_id, row.quantity
            )

    def _get_dialog_name(self):
        return self.env._("Create Purchase Orders")

    def _get_allowed_sale_lines(self):
        # Users who may create purchase orders may know what is to order, in the
        # companies that are switched on. Computed fields call this in sudo.
        if not self.with_user(self.env.user).env["purchase.order"].has_access("create"):
            return self.env["sale.order.line"]
        return self.sale_line_id.filtered(
            lambda line: line.drop_shipment and line.company_id in self.env.companies
        )
