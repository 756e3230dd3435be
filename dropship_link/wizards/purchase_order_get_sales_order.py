from odoo import api, fields, models
from odoo.exceptions import UserError


class PurchaseOrderGetSalesOrder(models.TransientModel):
    """The dialog *Get Sales Order*: which open lines a purchase order fetches.

    Buyers choose among sales orders that they may not read: what is on offer is
    searched in sudo and shown in rows of plain fields.
    """

    _name = "purchase.order.get.sales.order"
    _description = "Get Sales Order"
    _rec_name = "purchase_order_id"

    purchase_order_id = fields.Many2one(
        comodel_name="purchase.order",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    vendor_products_only = fields.Boolean(
        string="Only Products of This Vendor",
        default=True,
        help="Leave out what sales chose another vendor for, and products that only "
        "other vendors sell.",
    )
    include_notes = fields.Boolean(
        help="Fetch the notes that stand directly below a line, too: the vendor reads "
        "them.",
    )
    all_lines = fields.Boolean(
        default=True,
        help="Fetch all lines. Untick it to start with none, and enter the quantities "
        "of the few lines to fetch.",
    )
    order_ids = fields.One2many(
        comodel_name="purchase.order.get.sales.order.offer",
        inverse_name="get_id",
        string="Sales Orders",
        compute="_compute_order_ids",
        store=True,
        readonly=False,
    )
    # Buyers may not read sales orders, nor a relation to them: these two are kept in
    # the rows of the offer.
    available_sale_order_ids = fields.Many2many(
        comodel_name="sale.order",
        string="Sales Orders on Offer",
        compute="_compute_available_sale_order_ids",
        compute_sudo=True,
    )
    sale_order_ids = fields.Many2many(
        comodel_name="sale.order",
        string="Sales Orders Chosen",
        compute="_compute_sale_order_ids",
        compute_sudo=True,
        readonly=False,
    )
    line_ids = fields.One2many(
        comodel_name="purchase.order.get.sales.order.line",
        inverse_name="get_id",
        string="Lines",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    summary = fields.Char(
        string="Total",
        compute="_compute_summary",
        compute_sudo=True,
        help="How many lines are fetched, and how much where they have one unit.",
    )
    ship_to_refusal = fields.Char(
        string="Ship-to Address",
        compute="_compute_ship_to_refusal",
        compute_sudo=True,
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("purchase_order_id", "vendor_products_only")
    def _compute_order_ids(self):
        for wizard in self:
            orders = wizard._get_offered_lines().order_id
            selected = wizard.order_ids.filtered("selected").sale_order_id
            # Preselect a single order.
            if len(orders) == 1:
                selected = orders
            wizard.order_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {"sale_order_id": order.id, "selected": order in selected}
                    )
                    for order in orders
                ),
            ]

    @api.depends("order_ids.sale_order_id")
    def _compute_available_sale_order_ids(self):
        for wizard in self:
            wizard.available_sale_order_ids = wizard.order_ids.sale_order_id

    @api.depends("order_ids.selected")
    def _compute_sale_order_ids(self):
        for wizard in self:
            wizard.sale_order_ids = wizard.order_ids.filtered("selected").sale_order_id

    @api.depends("line_ids.quantity")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = wizard.line_ids._get_summary()

    @api.depends("line_ids.sale_line_id", "line_ids.quantity")
    def _compute_ship_to_refusal(self):
        ordering = self.env["drop.shipment.ordering"]
        for wizard in self:
            rows = wizard.line_ids.filtered(lambda row: row.quantity > 0)
            wizard.ship_to_refusal = ordering._get_ship_to_refusal(
                rows._get_allowed_sale_lines().order_id
            )

    @api.depends("order_ids.selected", "vendor_products_only")
    def _compute_line_ids(self):
        for wizard in self:
            selected = wizard.order_ids.filtered("selected").sale_order_id
            entered = {row.sale_line_id: row.quantity for row in wizard.line_ids}
            lines = wizard._get_offered_lines().filtered(
                lambda line, selected=selected: line.order_id in selected
            )
            wizard.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "sale_line_id": line.id,
                            "quantity": entered.get(
                                line,
                                wizard.all_lines and line.drop_shipment_qty_to_order,
                            ),
                        }
                    )
                    for line in lines
                ),
            ]

    @api.onchange("all_lines")
    def _onchange_all_lines(self):
        for row in self.line_ids:
            row.quantity = self.all_lines and row.quantity_to_order

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Both are set below. The ORM would check the right to read sales orders, and
        # the rows of the chosen orders would replace the lines of the caller.
        given = ("sale_order_ids", "line_ids")
        wizards = super().create(
            [
                {name: vals[name] for name in vals if name not in given}
                for vals in vals_list
            ]
        )
        for wizard, vals in zip(wizards, vals_list, strict=True):
            wizard.purchase_order_id.check_access("write")
            if vals.get("sale_order_ids") is not None:
                # sudo: buyers choose among orders that they may not read.
                offered = wizard.sudo().order_ids.sale_order_id
                wizard._select_orders(vals["sale_order_ids"], offered)
        # Compute the rows now, for the user that they belong to.
        wizards.mapped("line_ids")
        for wizard, vals in zip(wizards, vals_list, strict=True):
            if vals.get("line_ids"):
                wizard.line_ids = [fields.Command.clear(), *vals["line_ids"]]
        return wizards

    def write(self, vals):
        if "sale_order_ids" not in vals:
            return super().write(vals)
        res = super().write(
            {name: vals[name] for name in vals if name != "sale_order_ids"}
        )
        for wizard in self:
            # What was on offer when the dialog was opened may be fetched since.
            offered = wizard._get_offered_lines().order_id
            wizard._select_orders(vals["sale_order_ids"], offered)
        return res

    def onchange(self, values, field_names, fields_spec):
        # The client sends the rows that it got for the chosen orders. Together with
        # them the orders would make the same rows once more, which the sums count.
        if "line_ids" in field_names and "order_ids" not in field_names:
            values = {name: values[name] for name in values if name != "order_ids"}
        return super().onchange(values, field_names, fields_spec)

    def _select_orders(self, commands, offered):
        """Choose the sales orders of these commands, as for a Many2many.

        :param offered: sales orders on offer
        :raise UserError: a sales order is not on offer
        """
        self.ensure_one()
        # Buyers choose among orders that they may not read.
        offers = self.sudo().order_ids
        chosen = self._apply_commands(
            commands, set(offers.filtered("selected").sale_order_id.ids)
        )
        self._check_orders_offered(chosen, offered)
        for offer in offers:
            offer.selected = offer.sale_order_id.id in chosen

    @api.model
    def _apply_commands(self, commands, chosen):
        """Return the ids of `chosen` after commands as for a Many2many."""
        chosen = set(chosen)
        for command in commands or [fields.Command.clear()]:
            match command:
                case [fields.Command.LINK, order_id, *_]:
                    chosen.add(order_id)
                case [fields.Command.UNLINK, order_id, *_]:
                    chosen.discard(order_id)
                case [fields.Command.CLEAR, *_]:
                    chosen = set()
                case [fields.Command.SET, _, order_ids]:
                    chosen = set(order_ids)
                case int(order_id):
                    chosen.add(order_id)
        return chosen

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_insert_lines(self):
        """Insert the chosen lines into the purchase order, linked.

        :return: action that closes the dialog
        :raise UserError: nothing chosen, not on offer any more, or a wrong quantity
        :raise AccessError: the user may not change the purchase order
        """
        self.ensure_one()
        order = self.purchase_order_id
        order.check_access("write")
        self._check_is_request()
        # sudo: buyers may not read sales orders. What is inserted is checked against
        # what is on offer now, whatever is in the rows.
        rows = self.sudo().line_ids
        if not self.all_lines:
            rows = rows.filtered("quantity")
        offered = self._filter_offered_lines(rows.sale_line_id)
        if not offered:
            self._check_anything_offered()
        if missing := rows.sale_line_id - offered:
            raise UserError(
                self.env._(
                    "%(line)s is not on offer any more: it must be a drop shipment "
                    "line of a confirmed sales order with something left to order. "
                    "Remove it.",
                    line=missing[0]._get_drop_shipment_label(),
                )
            )
        ordering = self.env["drop.shipment.ordering"]
        quantities = rows._get_quantities(ordering._check_quantity)
        if not quantities:
            raise UserError(
                self.env._(
                    "There are no lines to fetch: choose a sales order with lines to "
                    "order."
                )
            )
        ordering._add_lines({order: quantities}, include_notes=self.include_notes)
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _get_offered_domain(self):
        """Return the domain of the sales lines that the order may fetch.

        :raise AccessError: the user may not read the order
        """
        self.ensure_one()
        order = self.purchase_order_id
        # Computed fields call this in sudo: ask whether the user may know the order.
        order.with_user(self.create_uid or self.env.user).check_access("read")
        if not order.sell_to_customer_id:
            return fields.Domain.FALSE
        customer = order.sell_to_customer_id.commercial_partner_id
        domain = fields.Domain(
            [
                ("drop_shipment", "=", True),
                ("drop_shipment_qty_to_order", ">", 0),
                ("state", "=", "sale"),
                ("company_id", "=", order.company_id.id),
                ("order_partner_id.commercial_partner_id", "=", customer.id),
            ]
        )
        if order._has_drop_shipment():
            domain &= fields.Domain(
                "order_id.partner_shipping_id", "=", order.dest_address_id.id
            )
        return domain

    def _get_offered_lines(self, vendor_products_only=None):
        """Return the sales lines that the order may fetch, in sudo.

        :param bool vendor_products_only: overrules the choice in the dialog
        """
        if vendor_products_only is None:
            vendor_products_only = self.vendor_products_only
        # Buyers may not read sales lines; the dialog shows plain fields of them.
        lines = (
            self.env["sale.order.line"].sudo().search_fetch(self._get_offered_domain())
        )
        # The customer who waits longest comes first.
        lines = lines.sorted(
            lambda line: (
                line.order_id.date_order,
                line.order_id.id,
                line.sequence,
                line.id,
            )
        )
        if not vendor_products_only:
            return lines
        order = self.purchase_order_id
        return self.env["drop.shipment.sourcing"]._filter_for_vendor(
            lines, order.partner_id, order.company_id
        )

    def _filter_offered_lines(self, lines):
        """Return those of the sales lines, in sudo, that the order may fetch."""
        return lines.filtered_domain(self._get_offered_domain())

    def _check_anything_offered(self):
        """Refuse orders for which no vendor's product can be fetched.

        :raise UserError: says which field to fill in, or that nothing is to fetch
        """
        self.ensure_one()
        self._check_is_request()
        order = self.purchase_order_id
        if self._get_offered_lines(vendor_products_only=False):
            return
        customer = order.sell_to_customer_id.display_name
        if order._has_drop_shipment():
            raise UserError(
                self.env._(
                    "There is nothing to fetch: no confirmed sales order of "
                    "%(customer)s has drop shipment lines left to order, to be shipped "
                    "to %(address)s.",
                    customer=customer,
                    # sudo: buyers may not read the address; it is on their order.
                    address=order.sudo().dest_address_id.display_name,
                )
            )
        raise UserError(
            self.env._(
                "There is nothing to fetch: no confirmed sales order of %(customer)s "
                "has drop shipment lines left to order.",
                customer=customer,
            )
        )

    def _check_is_request(self):
        """Refuse orders that are no request for quotation for a customer.

        :raise UserError: says which field to fill in
        """
        order = self.purchase_order_id
        if order.state not in ("draft", "sent"):
            raise UserError(
                self.env._(
                    "%(order)s is not a request for quotation: lines can't be "
                    "fetched into it any more. Use a new one.",
                    order=order.name,
                )
            )
        if not order.sell_to_customer_id:
            raise UserError(
                self.env._(
                    "Fill in Sell-to Customer on %(order)s first.", order=order.name
                )
            )

    def _check_orders_offered(self, sale_order_ids, offered):
        """Refuse sales orders that are not on offer.

        A colleague may have fetched it meanwhile, or the id is made up: one answer.

        :param set sale_order_ids: ids of sales orders
        :param offered: sales orders on offer
        :raise UserError: without a word about orders the user may not know
        """
        self.ensure_one()
        if sale_order_ids - set(offered.ids):
            field = self._fields["vendor_products_only"]
            raise UserError(
                self.env._(
                    "A sales order you chose is not on offer for %(order)s: it must be "
                    "confirmed, of the same customer, company and ship-to address, and "
                    "have drop shipment lines left to order. Switch off %(field)s for "
                    "what other vendors are to ship.",
                    order=self.purchase_order_id.name,
                    field=field._description_string(self.env),
                )
            )
