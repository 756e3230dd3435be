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
    other_vendor_id = fields.Many2one(
        comodel_name="res.partner",
        string="Vendor of Lines without One",
        help="Ships the lines for which no vendor is chosen.",
    )
    lacks_vendor = fields.Boolean(
        compute="_compute_lacks_vendor",
        help="A line with a quantity has no vendor.",
    )
    has_price_hint = fields.Boolean(
        compute="_compute_has_price_hint",
        help="There is something to say of the vendor or the price of a line.",
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

    @api.depends("line_ids.vendor_id", "line_ids.quantity")
    def _compute_lacks_vendor(self):
        for wizard in self:
            wizard.lacks_vendor = any(
                row.quantity and not row.vendor_id for row in wizard.line_ids
            )

    @api.depends("line_ids.price_hint")
    def _compute_has_price_hint(self):
        for wizard in self:
            wizard.has_price_hint = any(wizard.line_ids.mapped("price_hint"))

    @api.onchange("other_vendor_id")
    def _onchange_other_vendor_id(self):
        # Shown at once; who calls the button without a screen has it there.
        if self.other_vendor_id:
            rows = self.line_ids.filtered(lambda row: not row.vendor_id)
            rows.vendor_id = self.other_vendor_id

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
                (
                    row.sale_line_id,
                    (row.vendor_id or self.other_vendor_id).with_env(self.env),
                    row.quantity,
                )
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
        orders = {line.order_id for line, _vendor, _quantity in proposals}
        wizard = self.create({"line_ids": [fields.Command.create(row) for row in rows]})
        return wizard._get_records_action(
            name=self.env._("Create Purchase Orders"),
            target="new",
            context={
                "dialog_size": "extra-large",
                "dropship_link_one_order": len(orders) == 1,
            },
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
    price_hint = fields.Char(
        string="Hint",
        compute="_compute_preview",
        compute_sudo=True,
        help="That a vendor is missing, or has no price, and why.",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_preview", compute_sudo=True
    )
    price_unit = fields.Monetary(
        compute="_compute_preview",
        compute_sudo=True,
        help="What the vendor takes for one unit, before a discount; what the product "
        "costs where the vendor has no price.",
    )
    price_subtotal = fields.Monetary(
        string="Amount",
        compute="_compute_preview",
        compute_sudo=True,
        help="Untaxed amount of the purchase order line.",
    )
    date_planned = fields.Datetime(
        string="Expected",
        compute="_compute_preview",
        compute_sudo=True,
        help="When the vendor can deliver: on the promised day, or later.",
    )
    is_late = fields.Boolean(
        compute="_compute_preview",
        compute_sudo=True,
        help="The vendor can't deliver on the day that the customer was promised.",
    )
    customer = fields.Char(compute="_compute_addresses", compute_sudo=True)
    ship_to = fields.Char(
        string="Ship-to Address", compute="_compute_addresses", compute_sudo=True
    )

    @api.depends("sale_line_id", "vendor_id", "quantity")
    def _compute_preview(self):
        sourcing = self.env["drop.shipment.sourcing"]
        allowed = self._get_allowed_sale_lines()
        rows = {}
        for row in self:
            row.currency_id = row.date_planned = row.is_late = False
            row.price_unit = row.price_subtotal = 0.0
            line = row._get_allowed_sale_line(allowed)
            row.price_hint = bool(line) and row._get_hint(line)
            if line and row.vendor_id and row._is_quantity_positive(line):
                rows[row] = line
        previews = self.env["drop.shipment.ordering"]._preview_lines(
            [(line, row.vendor_id, row.quantity) for row, line in rows.items()]
        )
        for (row, line), preview in zip(rows.items(), previews, strict=True):
            row.currency_id = preview.currency_id
            row.price_unit = preview.price_unit
            row.price_subtotal = preview.price_subtotal
            row.date_planned = preview.date_planned
            row.is_late = line._is_drop_shipment_late_by(
                preview.date_planned, line.order_id.commitment_date
            )
            # Core's own answer leaves out prices in another unit.
            seller, _of_unit = sourcing._select_seller(
                preview.order_id, line.product_id, row.quantity, line.product_uom_id
            )
            if not row.price_hint and not seller:
                row.price_hint = self.env._(
                    "%(vendor)s has no price for it.", vendor=row.vendor_id.display_name
                )

    @api.depends("sale_line_id")
    def _compute_addresses(self):
        allowed = self._get_allowed_sale_lines()
        for row in self:
            order = row._get_allowed_sale_line(allowed).order_id
            row.customer = order.partner_id.display_name
            ship_to = order.partner_shipping_id
            row.ship_to = ", ".join(
                filter(None, [ship_to.name or ship_to.display_name, ship_to.city])
            )

    def _avoid_vendors(self, vendors):
        """Propose somebody else, or nobody, where one of these vendors is proposed."""
        sourcing = self.env["drop.shipment.sourcing"]
        rows = self.filtered(
            lambda row: (
                row.vendor_id.commercial_partner_id in vendors.commercial_partner_id
            )
        )
        # sudo: buyers may lack rights on sales orders.
        proposals = rows.sudo().grouped(
            lambda row: sourcing._propose_vendor(row.sale_line_id, but=vendors)
        )
        for other, of_other in proposals.items():
            of_other.vendor_id = other

    def _is_quantity_positive(self, line):
        """Whether something is ordered of this sales line."""
        return line.product_uom_id.compare(self.quantity, 0.0) > 0

    def _get_hint(self, line):
        """Return why no price applies, or that a vendor is to be chosen, or False."""
        sourcing = self.env["drop.shipment.sourcing"]
        hint = sourcing._get_price_hint(line, self.vendor_id, self.quantity)
        if hint or self.vendor_id or not self._is_quantity_positive(line):
            return hint
        return self.env._("Choose a vendor.")

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
