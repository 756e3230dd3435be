from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["sale.order.line", "drop.shipment.shipments.mixin"]

    drop_shipment = fields.Boolean(
        compute="_compute_drop_shipment",
        store=True,
        readonly=False,
        precompute=True,
        help="A vendor ships this line straight to the customer. It makes no delivery "
        "from stock; a buyer gets it into a purchase order.",
        groups="base.group_user",
    )
    # Empty on lines that are no drop shipment: what depends on a line through these
    # two never wakes up for an ordinary order.
    drop_shipment_order_id = fields.Many2one(
        comodel_name="sale.order",
        compute="_compute_drop_shipment_order_id",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
    )
    drop_shipment_purchase_line_ids = fields.One2many(
        comodel_name="purchase.order.line",
        inverse_name="drop_shipment_sale_line_id",
        string="Drop Shipment Purchase Lines",
        groups="base.group_user",
    )
    drop_shipment_qty_ordered = fields.Float(
        string="Quantity Ordered from Vendor",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_ordered",
        store=True,
        help="Quantity on purchase orders that are not cancelled.",
        groups="base.group_user",
    )
    drop_shipment_qty_to_order = fields.Float(
        string="Quantity to Order",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_to_order",
        store=True,
        help="Quantity that is neither on a purchase order nor delivered.",
        groups="base.group_user",
    )
    drop_shipment_qty_outstanding = fields.Float(
        string="Outstanding Quantity",
        digits="Product Unit",
        compute="_compute_qty_to_ship",
        store=True,
        help="Quantity on confirmed purchase orders that the vendor has not shipped.",
        groups="base.group_user",
    )
    qty_to_ship = fields.Float(
        string="Qty to Ship",
        digits="Product Unit",
        compute="_compute_qty_to_ship",
        store=True,
        readonly=False,
        copy=False,
        help="Quantity of the next posting.",
        groups="base.group_user",
    )
    drop_shipment_qty_invoiced = fields.Float(
        string="Quantity on Posted Invoices",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_invoiced",
        store=True,
        help="Posted customer invoices less credit notes.",
        groups="base.group_user",
    )
    drop_shipment_qty_billed = fields.Float(
        string="Quantity on Posted Bills",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_billed",
        store=True,
        help="Posted vendor bills less refunds.",
        groups="base.group_user",
    )
    drop_shipment_state = fields.Selection(
        selection=[
            ("to_order", "To Order"),
            ("rfq", "RFQ"),
            ("ordered", "Ordered"),
            ("partial", "Partial"),
            ("shipped", "Shipped"),
            ("invoiced", "Invoiced"),
            ("done", "Done"),
            ("cancel", "Cancelled"),
        ],
        string="Drop Shipment Status",
        compute="_compute_drop_shipment_state",
        store=True,
        groups="base.group_user",
    )
    drop_shipment_purchase_ref = fields.Char(
        string="Purchase Order",
        compute="_compute_drop_shipment_refs",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_vendor_ref = fields.Char(
        string="Vendor",
        compute="_compute_drop_shipment_refs",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_date_expected = fields.Datetime(
        string="Expected from Vendor",
        compute="_compute_drop_shipment_refs",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_late = fields.Boolean(
        string="Late",
        compute="_compute_drop_shipment_refs",
        compute_sudo=True,
        help="The vendor's date is past or later than the delivery date of the order.",
        groups="base.group_user",
    )

    _drop_shipment_to_order_idx = models.Index(
        "(company_id, order_partner_id) WHERE drop_shipment_qty_to_order > 0"
    )

    _drop_shipment_state_idx = models.Index(
        "(drop_shipment_state, company_id) WHERE drop_shipment"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("product_id")
    def _compute_drop_shipment(self):
        default_lines = self.filtered("product_id.drop_shipment")
        refused = default_lines._get_drop_shipment_refusals()
        for line in self:
            line.drop_shipment = line in default_lines and line not in refused

    @api.depends("order_id", "drop_shipment")
    def _compute_drop_shipment_order_id(self):
        for line in self:
            line.drop_shipment_order_id = line.drop_shipment and line.order_id

    @api.depends(
        "drop_shipment",
        "product_uom_id",
        "drop_shipment_purchase_line_ids.product_qty",
        "drop_shipment_purchase_line_ids.product_uom_id",
        "drop_shipment_purchase_line_ids.order_id.state",
    )
    def _compute_drop_shipment_qty_ordered(self):
        for line in self:
            # Rounded as a sum: three times 8 units are 2 dozen, not 2.01.
            line.drop_shipment_qty_ordered = line.drop_shipment and sum(
                purchase_line._get_drop_shipment_qty("product_qty", exact=True)
                for purchase_line in line._get_drop_shipment_live_lines()
            )

    @api.depends(
        "drop_shipment",
        "state",
        "product_uom_qty",
        "qty_delivered",
        "drop_shipment_qty_ordered",
        "drop_shipment_purchase_line_ids.qty_received",
    )
    def _compute_drop_shipment_qty_to_order(self):
        for line in self:
            line.drop_shipment_qty_to_order = (
                line.drop_shipment
                and line.state == "sale"
                and max(line._get_drop_shipment_qty_open(), 0.0)
            )

    # A purchase order gets its moves after its state: they tell when it is confirmed.
    @api.depends(
        "drop_shipment",
        "product_uom_id",
        "move_ids.state",
        "move_ids.product_uom_qty",
        "move_ids.product_uom",
        "drop_shipment_purchase_line_ids.move_ids.quantity",
    )
    def _compute_qty_to_ship(self):
        for line in self:
            if not line.drop_shipment:
                line.drop_shipment_qty_outstanding = line.qty_to_ship = 0.0
                continue
            outstanding = line._get_drop_shipment_qty_outstanding()
            # A posting of other lines of the transfer must not undo what was entered.
            line.qty_to_ship = (
                outstanding
                if line.product_uom_id.compare(
                    outstanding, line.drop_shipment_qty_outstanding
                )
                else line.qty_to_ship
            )
            line.drop_shipment_qty_outstanding = outstanding

    @api.depends(
        "drop_shipment",
        "product_uom_id",
        "invoice_lines.move_id.state",
        "invoice_lines.move_id.move_type",
        "invoice_lines.quantity",
        "invoice_lines.product_uom_id",
    )
    def _compute_drop_shipment_qty_invoiced(self):
        # The cache may hold only the invoices that whoever makes the next one may read.
        self.filtered("drop_shipment").invalidate_recordset(
            ["invoice_lines"], flush=False
        )
        for line in self:
            line.drop_shipment_qty_invoiced = (
                line.drop_shipment
                and line.invoice_lines._get_drop_shipment_posted_qty(
                    line.product_uom_id
                )
            )

    @api.depends(
        "drop_shipment",
        "product_uom_id",
        "drop_shipment_purchase_line_ids.invoice_lines.move_id.state",
        "drop_shipment_purchase_line_ids.invoice_lines.move_id.move_type",
        "drop_shipment_purchase_line_ids.invoice_lines.quantity",
        "drop_shipment_purchase_line_ids.invoice_lines.product_uom_id",
    )
    def _compute_drop_shipment_qty_billed(self):
        for line in self:
            if not line.drop_shipment:
                line.drop_shipment_qty_billed = 0.0
                continue
            bill_lines = line.drop_shipment_purchase_line_ids.invoice_lines
            line.drop_shipment_qty_billed = bill_lines._get_drop_shipment_posted_qty(
                line.product_uom_id
            )

    @api.depends(
        "drop_shipment",
        "state",
        "product_uom_qty",
        "qty_delivered",
        "drop_shipment_qty_to_order",
        "drop_shipment_qty_invoiced",
        "drop_shipment_qty_billed",
        "drop_shipment_purchase_line_ids.order_id.state",
        "drop_shipment_purchase_line_ids.qty_received",
    )
    def _compute_drop_shipment_state(self):
        for line in self:
            line.drop_shipment_state = (
                line.drop_shipment and line._get_drop_shipment_state()
            )

    @api.depends(
        "drop_shipment",
        "qty_delivered",
        "product_uom_qty",
        "order_id.commitment_date",
        "drop_shipment_purchase_line_ids.date_planned",
        "drop_shipment_purchase_line_ids.qty_received",
        "drop_shipment_purchase_line_ids.order_id.name",
        "drop_shipment_purchase_line_ids.order_id.partner_id",
        "drop_shipment_purchase_line_ids.order_id.state",
    )
    @api.depends_context("tz", "uid")
    def _compute_drop_shipment_refs(self):
        for line in self:
            if not line.drop_shipment:
                line.drop_shipment_purchase_ref = False
                line.drop_shipment_vendor_ref = False
                line.drop_shipment_date_expected = False
                line.drop_shipment_late = False
                continue
            purchase_lines = line._get_drop_shipment_live_lines()
            orders = purchase_lines.order_id.sorted("name")
            line.drop_shipment_purchase_ref = ", ".join(orders.mapped("name"))
            line.drop_shipment_vendor_ref = ", ".join(
                orders.partner_id.mapped("display_name")
            )
            waiting = purchase_lines._filter_owed() or purchase_lines
            line.drop_shipment_date_expected = max(
                waiting.filtered("date_planned").mapped("date_planned"),
                default=False,
            )
            line.drop_shipment_late = line._is_drop_shipment_late()

    @api.depends(
        "drop_shipment",
        "drop_shipment_purchase_line_ids.drop_shipment_delivery_note",
        "drop_shipment_purchase_line_ids.drop_shipment_tracking_ref",
    )
    def _compute_drop_shipment_shipments(self):
        return super()._compute_drop_shipment_shipments()

    @api.depends(
        "drop_shipment_qty_to_order", "drop_shipment_purchase_line_ids.order_id.state"
    )
    def _compute_invoice_status(self):
        res = super()._compute_invoice_status()
        for line in self:
            # Core calls a line invoiced as soon as all its transfers are, though the
            # rest has not even been ordered.
            if (
                line.drop_shipment
                and line.invoice_status == "invoiced"
                and line.product_uom_id.compare(line.qty_invoiced, line.product_uom_qty)
                < 0
                and line._is_drop_shipment_pending()
            ):
                line.invoice_status = "no"
        return res

    @api.depends("drop_shipment")
    def _compute_qty_delivered(self):
        return super()._compute_qty_delivered()

    def _prepare_qty_delivered(self):
        delivered = super()._prepare_qty_delivered()
        if not self.env.context.get("dropship_link_exact"):
            for line in self._get_drop_shipments():
                # The invoice charges this: parts of a dozen make a dozen, not 1.01.
                if line.move_ids._is_drop_shipment_converted(line):
                    delivered[line] = line.product_uom_id.round(
                        line._get_drop_shipment_delivered()
                    )
        return delivered

    @api.depends("drop_shipment")
    def _compute_qty_to_deliver(self):
        res = super()._compute_qty_to_deliver()
        # Own stock has no say in what a vendor ships.
        self._get_drop_shipments().display_qty_widget = False
        return res

    @api.depends("drop_shipment")
    def _compute_is_mto(self):
        res = super()._compute_is_mto()
        # Own stock is no concern of a drop shipment: no forecast.
        self._get_drop_shipments().is_mto = True
        return res

    @api.depends("drop_shipment_qty_ordered")
    def _compute_product_updatable(self):
        res = super()._compute_product_updatable()
        self._get_drop_shipments().filtered(
            "drop_shipment_qty_ordered"
        ).product_updatable = False
        return res

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains(
        "drop_shipment",
        "product_id",
        "product_uom_qty",
        "display_type",
        "is_downpayment",
        "is_expense",
        "product_uom_id",
    )
    def _check_drop_shipment(self):
        for line, reason in (
            self.filtered("drop_shipment")._get_drop_shipment_refusals().items()
        ):
            raise ValidationError(
                self.env._(
                    "Drop Shipment can't be ticked on %(line)s: %(reason)s Untick it.",
                    line=line._get_drop_shipment_label(),
                    reason=reason,
                )
            )

    @api.constrains("drop_shipment", "product_uom_qty", "product_uom_id")
    def _check_drop_shipment_qty_ordered(self):
        for line in self.filtered("drop_shipment"):
            if (
                line.product_uom_id.compare(
                    line.drop_shipment_qty_ordered, line.product_uom_qty
                )
                > 0
            ):
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s can't be %(quantity)s: %(ordered)s are "
                        "on purchase order %(purchase)s. Have the buyer lower it "
                        "first.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(line.product_uom_qty),
                        ordered=line._format_drop_shipment_qty(
                            line.drop_shipment_qty_ordered
                        ),
                        purchase=line.drop_shipment_purchase_ref,
                    )
                )

    @api.constrains("qty_to_ship")
    def _check_qty_to_ship(self):
        for line in self:
            self.env["drop.shipment.posting.check"]._check_quantity(
                line,
                line.qty_to_ship,
                line.drop_shipment_qty_outstanding,
                line.order_id,
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        self._check_drop_shipment_followed(
            vals,
            {
                "company_id",
                "move_ids",
                "qty_delivered",
                "qty_delivered_method",
                "state",
            },
        )
        for name in ("qty_to_ship", "product_uom_qty"):
            if name in vals and any(self.mapped("drop_shipment")):
                self._check_drop_shipment_number(name, vals[name])
        frozen = {"order_id", "product_id", "product_uom_id"} & set(vals)
        if frozen:
            self._check_drop_shipment_frozen({key: vals[key] for key in frozen})
        changed = self.browse()
        if "drop_shipment" in vals:
            changed = self.filtered(
                lambda line: line.drop_shipment != bool(vals["drop_shipment"])
            )
            changed._check_drop_shipment_change()
        raised = self.browse()
        if "product_uom_qty" in vals:
            flagged = self.filtered("drop_shipment")
            flagged._drop_shipment_lower_requests(vals["product_uom_qty"])
            raised = flagged.filtered(lambda line: line.state == "sale")
        excesses = {}
        if "invoice_lines" in vals:
            # Accountants may lack rights on purchase lines; only numbers are shown.
            excesses = self.sudo()._get_drop_shipment_excesses()
        ticked = self.browse()
        if {"drop_shipment", "product_id"} & set(vals):
            ticked = self.filtered("drop_shipment")
        # Tick and unit follow another product, not the same one written again.
        same_product = self.filtered(
            lambda line: (
                "product_id" in vals and line.product_id.id == vals["product_id"]
            )
        )
        tick, unit = self._fields["drop_shipment"], self._fields["product_uom_id"]
        with (
            self.env.protecting([tick], same_product),
            self.env.protecting([unit], same_product.filtered("drop_shipment")),
        ):
            res = super().write(vals)
        self.browse().concat(*excesses)._check_drop_shipment_bills(excesses)
        # Nothing else tells core that a larger drop shipment is not delivered in full.
        if raised:
            self.env.add_to_compute(
                self.env["sale.order"]._fields["delivery_status"], raised.order_id
            )
        if "product_id" in vals:
            # Another product brings its own tick along.
            (self - changed).filtered(
                lambda line: line.drop_shipment != (line in ticked)
            )._check_drop_shipment_change()
        ticked._drop_shipment_procure_unticked()
        return res

    def _drop_shipment_procure_unticked(self):
        """Make deliveries or purchases of these lines, as far as unticked now."""
        unticked = self.filtered(
            lambda line: not line.drop_shipment and line.state == "sale"
        )
        if unticked:
            unticked._action_launch_stock_rule()

    def _get_protected_fields(self):
        return [*super()._get_protected_fields(), "drop_shipment"]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drop_shipment(self):
        for line in self.filtered("drop_shipment_qty_ordered"):
            raise UserError(
                self.env._(
                    "%(line)s can't be deleted: it is on purchase order %(purchase)s. "
                    "Have the buyer unlink it or cancel that order first.",
                    line=line._get_drop_shipment_label(),
                    purchase=line.drop_shipment_purchase_ref,
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_drop_shipment_purchase(self):
        """Open the purchase orders of these lines.

        :return: window action, a form for one order, else a list
        :raise UserError: no purchase order is linked
        :raise AccessError: the user may not read purchase orders
        """
        self.check_access("read")
        # Salespeople may know the numbers; the orders open with their own rights.
        orders = self.sudo()._get_drop_shipment_live_lines().order_id.sudo(self.env.su)
        if not orders:
            raise UserError(self._get_drop_shipment_not_ordered_error())
        orders.check_access("read")
        return orders._get_records_action(name=self.env._("Purchase Order"))

    def action_create_drop_shipment_purchases(self):
        """Make requests for quotation of what these lines have left to order.

        One for each company, proposed vendor, customer, ship-to address and currency.
        Needs the right to create purchase orders, none on sales.

        :return: window action that shows them, or a message that there are none
        :raise UserError: a line has no vendor; names the products
        :raise AccessError: the user may not create purchase orders
        """
        self._check_drop_shipment_create()
        # Buyers without sales rights order lines that they may not read.
        lines = self.sudo()._get_drop_shipment_lines_to_order()
        return (
            self.env["purchase.order"]
            ._create_drop_shipments(
                [
                    (
                        line,
                        line._get_drop_shipment_vendor(),
                        line.drop_shipment_qty_to_order,
                    )
                    for line in lines
                ]
            )
            ._get_drop_shipments_action()
        )

    def action_open_create_drop_shipment_purchases(self):
        """Open the dialog that makes requests for quotation of these lines.

        :return: window action
        :raise UserError: nothing is left to order
        :raise AccessError: the user may not create purchase orders
        """
        self._check_drop_shipment_create()
        # Buyers without sales rights order lines that they may not read.
        lines = self.sudo()._get_drop_shipment_lines_to_order()
        if not lines:
            raise UserError(
                self.env._(
                    "There is nothing to order: none of these lines is a confirmed "
                    "drop shipment with something left to order."
                )
            )
        wizard = self.env["drop.shipment.create.purchase"].create(
            {
                "line_ids": [
                    fields.Command.create(
                        {
                            "sale_line_id": line.id,
                            "vendor_id": line._get_drop_shipment_vendor().id,
                            "quantity": line.drop_shipment_qty_to_order,
                        }
                    )
                    for line in lines
                ]
            }
        )
        return wizard._get_records_action(
            name=self.env._("Create Purchase Orders"),
            target="new",
            context={"dialog_size": "extra-large"},
        )

    # ------------------------------------------------------------
    # PROCUREMENT
    # ------------------------------------------------------------

    def _action_launch_stock_rule(self, **kwargs):
        # Buyers order drop shipments; they never make a delivery or an RFQ.
        return super(
            SaleOrderLine, self - self._get_drop_shipments()
        )._action_launch_stock_rule(**kwargs)

    # ------------------------------------------------------------
    # INVOICING
    # ------------------------------------------------------------

    def _prepare_invoice_line(self, **optional_values):
        # Core takes an advance off whole, whatever other invoices have taken off.
        if (
            self.is_downpayment
            and optional_values.get("quantity") == -1.0
            and self.order_id.order_line._get_drop_shipments()
        ):
            optional_values.update(self._prepare_drop_shipment_advance())
        return super()._prepare_invoice_line(**optional_values)

    def _drop_shipment_limit_to_invoice(self):
        """Lower what is to invoice of the ticked lines to what is shipped.

        As core's `_force_lines_to_invoice_policy_order` raises it: until it is
        computed again, for which the caller sees.

        :return: the lines whose quantity is another now
        """
        limited = self.browse()
        for line in self.filtered("drop_shipment"):
            quantity = line._get_drop_shipment_qty_to_invoice()
            if line.product_uom_id.compare(line.qty_to_invoice, quantity):
                line.qty_to_invoice = quantity
                limited |= line
        # A combo is the heading of its items.
        for combo in limited.filtered("combo_item_id").linked_line_id:
            if not any(combo.linked_line_ids.mapped("qty_to_invoice")):
                combo.qty_to_invoice = 0.0
                limited |= combo
        return limited

    def _get_drop_shipment_qty_to_invoice(self):
        """Return what Ship and Invoice takes of this ticked line, in its UoM.

        Negative where what was invoiced came back. If the vendor has billed that, only
        a credit note may take it off, and an invoice with it could not be posted.
        """
        self.ensure_one()
        quantity = self.qty_to_invoice
        if quantity >= 0:
            return min(quantity, max(self.qty_delivered - self.qty_invoiced, 0.0))
        excess = self._get_drop_shipment_excesses()[self] - quantity
        if (
            self.company_id.drop_shipment_bill_control == "block"
            and self.product_uom_id.compare(excess, 0.0) > 0
        ):
            return 0.0
        return quantity

    def _get_drop_shipment_advance_lines(self):
        """Return the invoice lines of these down payments that count, elevated.

        Drafts count, as with core: a deduction is not made twice either.
        """
        # Salespeople may not read all invoices, and the cache may hold only those
        # that somebody may read.
        self.invalidate_recordset(["invoice_lines"], flush=False)
        return self.sudo().invoice_lines.filtered(
            lambda line: (
                line.parent_state != "cancel"
                or line.move_id.payment_state == "invoicing_legacy"
            )
        )

    def _get_drop_shipment_advances(self):
        """Return {down payment line: amount that invoices have not taken off yet}.

        Taxes included, in the currency of the order; negative where more was taken
        off than is paid in advance, as when the advance was cancelled afterwards.
        """
        left = dict.fromkeys(self, 0.0)
        for invoice_line in self._get_drop_shipment_advance_lines():
            invoice = invoice_line.move_id
            for line in self.filtered(
                lambda line, lines=invoice_line.sale_line_ids: line.id in lines.ids
            ):
                left[line] += invoice_line.currency_id._convert(
                    -invoice.direction_sign * invoice_line.price_total,
                    line.currency_id,
                    line.company_id,
                    invoice.invoice_date or fields.Date.context_today(line),
                )
        return left

    def _prepare_drop_shipment_advance(self):
        """Return values of the invoice line that takes off what is left in advance."""
        self.ensure_one()
        left = self._get_drop_shipment_advances()[self]
        # The line of an invoice that made the amount left what it is: its reverse has
        # the same taxes, to the cent.
        lines = self._get_drop_shipment_advance_lines().filtered(
            lambda line: (
                line.move_id.move_type == "out_invoice"
                and line.currency_id == self.currency_id
            )
        )
        like = lines.filtered(
            lambda line: not line.currency_id.compare_amounts(line.price_total, left)
        ).sorted("id")[-1:]
        if like:
            return {
                "quantity": -like.quantity,
                "price_unit": like.price_unit,
                "extra_tax_data": self.env[
                    "account.tax"
                ]._reverse_quantity_base_line_extra_tax_data(like.extra_tax_data),
            }
        advance = lines.filtered(lambda line: line.price_total > 0).sorted("id")[:1]
        if not advance:
            return {}
        return advance._prepare_drop_shipment_advance_part(-left)

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _get_drop_shipments(self):
        """Return the ticked lines; for portal users too, who may not read the tick."""
        return self.sudo().filtered("drop_shipment").with_env(self.env)

    def _get_drop_shipment_refusals(self):
        """Return {line: reason} for the lines whose product can't be drop-shipped."""
        if not self:
            return {}
        kits = self.product_id._get_drop_shipment_kits(self.company_id[:1])
        reasons = {}
        for line in self:
            if line.display_type or line.is_downpayment or not line.product_id:
                reasons[line] = self.env._("it is not a product.")
            elif line.product_id.type != "consu":
                reasons[line] = self.env._("only goods can be drop-shipped.")
            elif line.product_id in kits:
                reasons[line] = self.env._("a kit can't be drop-shipped as a whole.")
            elif not line.product_uom_id:
                reasons[line] = self.env._("it has no unit of measure.")
            elif line.is_expense:
                reasons[line] = self.env._("it is a re-invoiced expense.")
            elif line.product_uom_id.compare(line.product_uom_qty, 0.0) < 0:
                reasons[line] = self.env._("its quantity is negative.")
        return reasons

    def _check_drop_shipment_number(self, name, value):
        """Refuse a value of the field `name` that is no number.

        :raise UserError: names field and line
        """
        label = self.env._(
            "%(field)s of %(line)s",
            field=self._fields[name]._description_string(self.env),
            line=self[:1]._get_drop_shipment_label(),
        )
        self.env["uom.uom"]._check_drop_shipment_number(label, value)

    def _check_drop_shipment_change(self):
        """Refuse to tick or untick lines with goods under way.

        :raise UserError: open stock moves, or a purchase line that is not cancelled
        """
        for line in self:
            # Salespeople may not read purchase lines; only numbers are shown.
            purchase_orders = line.sudo().purchase_line_ids.order_id.filtered(
                lambda order: order.state != "cancel"
            )
            if purchase_orders:
                raise UserError(
                    self.env._(
                        "Drop Shipment can't be changed on %(line)s: it is on purchase "
                        "order %(purchase)s. Have the buyer take it out or cancel that "
                        "order first.",
                        line=line._get_drop_shipment_label(),
                        purchase=", ".join(purchase_orders.mapped("name")),
                    )
                )
            moves = line.sudo().move_ids.filtered(
                lambda move: move.state not in ("done", "cancel")
            )
            if moves:
                raise UserError(
                    self.env._(
                        "Drop Shipment can't be changed on %(line)s: transfer "
                        "%(transfer)s is open. Cancel it or complete it first.",
                        line=line._get_drop_shipment_label(),
                        transfer=", ".join(moves.picking_id.mapped("name")),
                    )
                )

    def _check_drop_shipment_frozen(self, vals):
        """Refuse other values for fields that are frozen while linked.

        :param dict vals: field name to new value, as for `write`
        :raise UserError: names field, line and purchase order
        """
        for line in self:
            for name, value in vals.items():
                field = self._fields[name]
                if field.convert_to_write(line[name], line) == value:
                    continue
                # Salespeople may not read purchase lines; only numbers are shown.
                line_sudo = line.sudo()
                if not line_sudo._get_drop_shipment_live_lines():
                    quantity = line_sudo._get_drop_shipment_qty_settled()
                    if quantity <= 0:
                        continue
                    raise UserError(
                        self.env._(
                            "%(field)s of %(line)s can't be changed: %(quantity)s are "
                            "delivered or invoiced. Add another line.",
                            field=field._description_string(self.env),
                            line=line._get_drop_shipment_label(),
                            quantity=line._format_drop_shipment_qty(quantity),
                        )
                    )
                raise UserError(
                    self.env._(
                        "%(field)s of %(line)s can't be changed: it is on purchase "
                        "order %(purchase)s. Have the buyer unlink it or cancel that "
                        "order first.",
                        field=field._description_string(self.env),
                        line=line._get_drop_shipment_label(),
                        purchase=line.drop_shipment_purchase_ref,
                    )
                )

    def _get_drop_shipment_qty_settled(self):
        """Return what is delivered or invoiced of a drop shipment, in its UoM.

        Core counts both in the unit of then. A line that is ticked no more is a drop
        shipment still as far as a vendor has shipped it; others are core's alone.
        """
        self.ensure_one()
        if self.drop_shipment or self.purchase_line_ids.order_id.sell_to_customer_id:
            return max(self.qty_delivered, self.qty_invoiced)
        return 0.0

    def _check_drop_shipment_open(self):
        """Refuse more on purchase orders than there is to order.

        :raise ValidationError: names the line, its order and the quantities
        """
        for line in self:
            if line.state != "sale":
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s can't be raised: that sales order is not "
                        "confirmed. Have it confirmed first.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            open_qty = line._get_drop_shipment_qty_open()
            if line.product_uom_id.compare(open_qty, 0.0) < 0:
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s on purchase orders is too high: "
                        "%(excess)s more than is left to order. Lower it, or have the "
                        "sales order raised.",
                        line=line._get_drop_shipment_label(),
                        excess=line._format_drop_shipment_qty(-open_qty),
                    )
                )

    def _get_drop_shipment_pickings(self):
        linked = self.filtered("drop_shipment").drop_shipment_purchase_line_ids
        return linked.move_ids.picking_id

    def _get_drop_shipment_live_lines(self):
        """Return the linked purchase lines whose order is not cancelled."""
        # Without the lines that core only tries out to find missing values.
        return self.drop_shipment_purchase_line_ids.filtered(
            lambda line: line.id and line.order_id.state != "cancel"
        )

    def _get_drop_shipment_qty_open(self):
        """Return the quantity neither ordered nor delivered otherwise.

        Otherwise: from stock, on a purchase order cancelled after a partial receipt,
        or beyond what a purchase line ordered. Negative when too much is ordered. In
        the UoM of the line.
        """
        self.ensure_one()
        open_qty = self.product_uom_qty - self.drop_shipment_qty_ordered
        # Else nothing has moved: no need to look for moves.
        if self.qty_delivered or any(
            line.qty_received for line in self.drop_shipment_purchase_line_ids
        ):
            open_qty -= self._get_drop_shipment_qty_otherwise()
        return self.product_uom_id.round(open_qty, rounding_method="HALF-UP")

    def _get_drop_shipment_qty_otherwise(self):
        """Return what was delivered but not by what is on purchase orders now.

        See `_get_drop_shipment_qty_open`; in the UoM of the line.
        """
        live = self._get_drop_shipment_live_lines()
        received = sum(
            min(
                line._get_drop_shipment_received(),
                line._get_drop_shipment_qty("product_qty", exact=True),
            )
            for line in live
        )
        # What came back to own stock is delivered no more, but was ordered. From there
        # it may go to the customer again, or to the vendor.
        returned = sum(
            (1 if move.location_dest_id.usage == "internal" else -1)
            * move.product_uom._compute_quantity(
                move.quantity, self.product_uom_id, round=False
            )
            for move in self.move_ids
            if move.state == "done"
            and move.to_refund
            and move.origin_returned_move_id
            and move.purchase_line_id in live
            and "internal" in (move.location_id.usage, move.location_dest_id.usage)
        )
        # Delivered is rounded: so is what the vendors have a part in.
        linked = self.product_uom_id.round(received - returned)
        return max(self.qty_delivered - linked, 0.0)

    def _get_drop_shipment_delivered(self):
        """Return the quantity that transfers delivered, in the line's UoM, exact."""
        self.ensure_one()
        exact = self.with_context(dropship_link_exact=True)
        return exact._prepare_qty_delivered()[self]

    def _get_drop_shipment_open_moves(self):
        """Return the moves that are still to ship on confirmed purchase orders."""
        return self.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.purchase_line_id.order_id.state == "purchase"
                and move._is_drop_shipment()
            )
        )

    def _get_drop_shipment_qty_outstanding(self, purchase_order=None):
        """Return the quantity to ship, in the line's UoM.

        :param purchase_order: count the moves of this order only
        """
        self.ensure_one()
        moves = self._get_drop_shipment_open_moves()
        if purchase_order:
            moves = moves.filtered(
                lambda move: move.purchase_line_id.order_id == purchase_order
            )
        return sum(move._get_drop_shipment_qty() for move in moves)

    def _get_drop_shipment_stranded(self):
        """Return the purchase lines of which something is on no transfer any more.

        :return: see the method of the same name on purchase lines
        """
        return self.filtered(
            "drop_shipment"
        ).drop_shipment_purchase_line_ids._filter_stranded()

    def _get_drop_shipment_refundable(self):
        """Return the lines invoiced for more than was or will be delivered."""
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.product_uom_id.compare(line.qty_to_invoice, 0.0) < 0
                and line.product_uom_id.compare(
                    line.qty_delivered
                    + line.drop_shipment_qty_outstanding
                    + line.drop_shipment_qty_to_order
                    + sum(
                        purchase_line._get_drop_shipment_qty("product_qty")
                        for purchase_line in line._get_drop_shipment_live_lines()
                        if purchase_line.order_id.state != "purchase"
                    ),
                    line.qty_invoiced,
                )
                < 0
            )
        )

    def _is_drop_shipment_pending(self):
        """Whether something is to order, or on an order that is not confirmed."""
        self.ensure_one()
        return self.drop_shipment and (
            self.drop_shipment_qty_to_order > 0
            or any(
                line.order_id.state != "purchase"
                for line in self._get_drop_shipment_live_lines()
            )
        )

    def _is_drop_shipment_late(self):
        """Whether the goods come, or are, too late for the customer."""
        self.ensure_one()
        if (
            self.state != "sale"
            or self.product_uom_id.compare(self.qty_delivered, self.product_uom_qty)
            >= 0
        ):
            return False
        promised = self.order_id.commitment_date
        waiting = self._get_drop_shipment_live_lines()._filter_owed()
        return bool(
            promised
            and fields.Date.context_today(self, promised)
            < fields.Date.context_today(self)
        ) or any(waiting.mapped("drop_shipment_late"))

    def _get_drop_shipment_state(self):
        """Return the first status that applies, as the selection orders them."""
        self.ensure_one()
        if self.state in ("draft", "sent"):
            return False
        if self.state == "cancel":
            return "cancel"
        compare = self.product_uom_id.compare
        if compare(self.qty_delivered, self.product_uom_qty) >= 0:
            to_invoice = self.product_uom_qty
            if self.product_id.invoice_policy == "delivery":
                to_invoice = self.qty_delivered
            if compare(self.drop_shipment_qty_invoiced, to_invoice) < 0:
                return "shipped"
            return "invoiced" if self._is_drop_shipment_to_bill() else "done"
        # These fields are rounded to the digits that `compare` rounds to.
        if self.qty_delivered > 0:
            return "partial"
        if self.drop_shipment_qty_to_order > 0:
            return "to_order"
        if any(
            line.order_id.state != "purchase"
            for line in self._get_drop_shipment_live_lines()
        ):
            return "rfq"
        return "ordered"

    def _is_drop_shipment_to_bill(self):
        """Whether vendors have shipped more than posted bills bill.

        To be asked of a line that is delivered in full.
        """
        self.ensure_one()
        compare = self.product_uom_id.compare
        if compare(self.drop_shipment_qty_ordered, 0.0) <= 0 and not any(
            # What was added on the transfer was never ordered.
            line.qty_received
            for line in self._get_drop_shipment_live_lines()
        ):
            return False
        # What is on order has been shipped, so there is something to bill.
        if compare(self.drop_shipment_qty_billed, 0.0) <= 0:
            return True
        received = sum(
            line._get_drop_shipment_qty("qty_received", exact=True)
            for line in self._get_drop_shipment_live_lines()
        )
        return compare(self.drop_shipment_qty_billed, received) < 0

    def _get_drop_shipment_excesses(self):
        """Return {line: quantity billed less quantity invoiced}, both posted.

        In the UoM of the line.
        """
        return {
            line: line.drop_shipment_qty_billed - line.drop_shipment_qty_invoiced
            for line in self
        }

    def _get_drop_shipment_bill_limits(self):
        """Return {line: quantity that bills may still bill}, in the UoM of the line.

        Lines without a limit are not in it. Draft bills count as billed, so that two
        of them do not share what one invoice allows.
        """
        limits = {}
        for line in self:
            if line.company_id.drop_shipment_bill_control != "block":
                continue
            # Core's billed quantity has drafts in it.
            billed = sum(
                purchase_line._get_drop_shipment_qty("qty_invoiced")
                for purchase_line in line._get_drop_shipment_live_lines()
            )
            billed = max(billed, line.drop_shipment_qty_billed)
            limits[line] = max(line.drop_shipment_qty_invoiced - billed, 0.0)
        return limits

    def _check_drop_shipment_bills(self, before=None, documents=None):
        """Keep what vendors bill within what the customer was invoiced.

        As far as the company wants it: block, warn or none. Business Central's rule
        up to version 27, by quantity.

        :param dict before: excess of billed over invoiced before the change; only what
            made it larger is refused
        :param documents: bills or invoices that a warning names
        :raise UserError: names the sales orders to invoice
        """
        before = before or {}
        grown = {
            line: excess
            for line, excess in self._get_drop_shipment_excesses().items()
            # Most have none: companies and units need not be read.
            if excess > 0
            and line.company_id.drop_shipment_bill_control != "none"
            and line.product_uom_id.compare(excess, 0.0) > 0
            and line.product_uom_id.compare(excess, before.get(line, 0.0)) > 0
        }
        blocked = {
            line: excess
            for line, excess in grown.items()
            if line.company_id.drop_shipment_bill_control == "block"
        }
        if blocked:
            raise UserError(self._get_drop_shipment_bill_error(blocked, documents))
        notes = defaultdict(dict)
        for line, excess in grown.items():
            notes[line.order_id][line] = excess
            for purchase_order in line._get_drop_shipment_live_lines().order_id:
                notes[purchase_order][line] = excess
        names = ", ".join(move.display_name for move in documents or ())
        for order, excesses in notes.items():
            message = self._get_drop_shipment_bill_error(excesses)
            order._drop_shipment_note([f"{names}: {message}" if names else message])

    @api.model
    def _get_drop_shipment_bill_error(self, excesses, documents=None):
        """Return the message that vendors bill too early, or too much.

        :param dict excesses: sales line to quantity billed too early, in its UoM
        :param documents: the bills that are posted, or invoices that are taken back
        """
        invoices = documents and documents.filtered(
            lambda move: (
                move.state != "posted" and move.is_sale_document(include_receipts=True)
            )
        )
        if invoices:
            return self.env._(
                "%(invoices)s can't be taken back: vendor bills of %(details)s of the "
                "posted customer invoices. Make a credit note, or take the vendor "
                "bills back first.",
                invoices=", ".join(invoices.mapped("name")),
                details=self._get_drop_shipment_ahead_message(excesses),
            )
        misplaced = {
            line: excesses[line]
            for line in excesses
            if line._is_drop_shipment_bill_misplaced(excesses[line])
        }
        messages = []
        if misplaced:
            messages.append(
                self.env._(
                    "Vendor bills bill more than was sold: %(details)s of the posted "
                    "customer invoices. Match the bill line with another purchase "
                    "order line of the product, or correct its quantity.",
                    details=self._get_drop_shipment_ahead_message(misplaced),
                )
            )
        early = {line: excesses[line] for line in excesses if line not in misplaced}
        if early:
            orders = self.env["sale.order"].sudo()
            messages.append(
                self.env._(
                    "Invoice sales order %(sale)s first: vendor bills of %(details)s "
                    "of the posted customer invoices.",
                    sale=", ".join(
                        orders.union(*(line.order_id for line in early)).mapped("name")
                    ),
                    details=self._get_drop_shipment_ahead_message(early),
                )
            )
        return " ".join(messages)

    def _is_drop_shipment_bill_misplaced(self, excess):
        """Whether a bill has on this line what it should have on another one.

        More than was sold is billed, and a line of the product on the same purchase
        order still waits for its bill: no invoice could make up for that.

        :param float excess: see `_get_drop_shipment_bill_error`
        """
        self.ensure_one()
        compare = self.product_uom_id.compare
        sold = max(self.product_uom_qty, self.qty_delivered)
        if compare(self.drop_shipment_qty_invoiced + excess, sold) <= 0:
            return False
        orders = self._get_drop_shipment_live_lines().order_id
        others = orders.order_line.drop_shipment_sale_line_id - self
        return any(
            line.product_id == self.product_id
            and line.product_uom_id.compare(
                line.drop_shipment_qty_billed, line.drop_shipment_qty_invoiced
            )
            < 0
            for line in others
        )

    @api.model
    def _get_drop_shipment_ahead_message(self, excesses):
        """Return which lines are how far ahead, for `_get_drop_shipment_bill_error`."""
        return "; ".join(
            self.env._(
                "%(line)s would be %(quantity)s ahead",
                quantity=line._format_drop_shipment_qty(excess),
                line=line._get_drop_shipment_label(),
            )
            for line, excess in excesses.items()
        )

    def _get_drop_shipment_not_ordered_error(self):
        """Return the message that these lines have no purchase order to open."""
        return self.env._(
            "Not on a purchase order yet: %(lines)s.",
            lines=", ".join(line._get_drop_shipment_label() for line in self),
        )

    def _check_drop_shipment_create(self):
        """Check that the user may make purchase orders of these lines.

        :raise AccessError: no right to create them, or lines of another company
        """
        self.env["purchase.order"].check_access("create")
        # Sales rights are not asked for, but companies are kept apart.
        if self.sudo().company_id - self.env.companies:
            raise AccessError(
                self.env._(
                    "These sales lines belong to another company: switch to it first."
                )
            )

    def _get_drop_shipment_lines_to_order(self):
        """Return the lines that have something left to order."""
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.product_uom_id.compare(line.drop_shipment_qty_to_order, 0.0)
                > 0
            )
        )

    def _get_drop_shipment_vendor(self):
        """Return the proposed vendor for what is left to order, or an empty record.

        Whoever has a price for the quantity; else whoever sells the product at all, and
        `_get_drop_shipment_vendor_hint` says why the price does not apply.
        """
        self.ensure_one()
        product = self.product_id.with_company(self.company_id)
        for quantity in (self.drop_shipment_qty_to_order, None):
            seller = product._select_seller(
                quantity=quantity, uom_id=self.product_uom_id
            )
            if seller:
                return seller.partner_id
        return product._prepare_sellers()[:1].partner_id

    def _get_drop_shipment_vendor_hint(self, vendor, quantity, order=None):
        """Return why no price of `vendor` applies to this line, or False.

        :param float quantity: what is ordered, in the UoM of the line
        :param order: the purchase order, once there is one
        """
        self.ensure_one()
        if self.product_uom_id.is_zero(quantity):
            return False
        product = self.product_id.with_company(self.company_id).with_context(
            drop_shipment_order_id=order and order.id
        )
        names = {"product": product.display_name, "vendor": vendor.display_name}
        sellers = product._prepare_sellers({"order_id": order} if order else False)
        if not sellers and not vendor:
            return self.env._(
                "No vendor sells %(product)s to %(company)s.",
                company=self.company_id.name,
                **names,
            )
        own = sellers.filtered(
            lambda seller: seller.partner_id in (vendor | vendor.parent_id)
        )
        if not own or product._select_seller(
            partner_id=vendor,
            quantity=quantity,
            uom_id=self.product_uom_id,
        ):
            return False
        valid = product._get_filtered_sellers(partner_id=vendor, quantity=None)
        if not valid:
            return self.env._(
                "%(vendor)s has no price for %(product)s that is valid today.", **names
            )
        least = min(
            valid,
            key=lambda seller: seller.product_uom_id._compute_quantity(
                seller.min_qty, product.uom_id, round=False
            ),
        )
        return self.env._(
            "%(vendor)s sells at least %(minimum)s of %(product)s.",
            minimum=least.product_uom_id._format_drop_shipment_qty(least.min_qty),
            **names,
        )

    def _drop_shipment_auto_order(self):
        """Order these lines, elevated, as their sales order is confirmed.

        What can't be ordered is left to order, and never blocks the sale: whoever is
        responsible for the product gets one activity. So does the buyer of an order
        that no price of its vendor applies to.
        """
        requests = []
        for line in self._get_drop_shipment_lines_to_order():
            if vendor := line._get_drop_shipment_vendor():
                requests.append((line, vendor, line.drop_shipment_qty_to_order))
            else:
                line._drop_shipment_tell_buyer(
                    self.env._(
                        "the product has no vendor in %(company)s.",
                        company=line.company_id.name,
                    )
                )
        try:
            with self.env.cr.savepoint():
                orders = self.env["purchase.order"]._create_drop_shipments(requests)
                for order in orders:
                    order._drop_shipment_tell_hints()
        except UserError as error:
            for line, _vendor, _quantity in requests:
                line._drop_shipment_tell_buyer(str(error))

    def _drop_shipment_tell_buyer(self, reason):
        """Tell whoever buys the product that this line could not be ordered."""
        self.ensure_one()
        # On the product: a buyer may read it, but not the sales order.
        product = self.product_id.product_tmpl_id
        summary = self.env._(
            "Drop shipment of %(sale)s could not be ordered", sale=self.order_id.name
        )
        if summary in product.activity_ids.mapped("summary"):
            return
        product.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=summary,
            note=self.env._(
                "%(line)s could not be ordered: %(reason)s Mend that, then choose "
                "Create Purchase Orders.",
                line=self._get_drop_shipment_label(),
                reason=reason,
            ),
            user_id=(self.product_id.responsible_id or self.order_id.user_id).id
            or self.env.uid,
        )

    def _drop_shipment_lower_requests(self, quantity):
        """Lower linked requests for quotation to what the lines will need.

        Called before the quantity of the lines becomes `quantity` (their UoM). The
        latest request gives way first; a line that falls to zero is removed.

        :raise UserError: more than `quantity` is on confirmed purchase orders
        """
        notes = defaultdict(list)
        for line in self.sudo():
            # Salespeople's orders decide what buyers' requests ask for.
            compare = line.product_uom_id.compare
            excess = line.product_uom_qty - max(quantity, 0.0)
            if compare(excess, 0.0) <= 0:
                continue
            excess -= line._get_drop_shipment_qty_open()
            if compare(excess, 0.0) <= 0:
                continue
            requests = line._get_drop_shipment_live_lines().filtered(
                lambda purchase_line: purchase_line.order_id.state != "purchase"
            )
            for request in requests.sorted("id", reverse=True):
                requested = request._get_drop_shipment_qty("product_qty")
                lowered = min(requested, excess)
                if compare(lowered, 0.0) <= 0:
                    break
                excess -= lowered
                # Down: never more on order than is sold, where units do not divide.
                left = line.product_uom_id._compute_quantity(
                    requested - lowered,
                    request.product_uom_id,
                    rounding_method="DOWN",
                )
                notes[request.order_id].append(
                    self.env._(
                        "%(line)s: %(old)s to %(new)s, as the customer takes less.",
                        line=line._get_drop_shipment_label(),
                        old=request._format_drop_shipment_qty(request.product_qty),
                        new=request._format_drop_shipment_qty(left),
                    )
                )
                if request.product_uom_id.is_zero(left):
                    request.order_id._drop_shipment_remove_lines(request)
                else:
                    request._drop_shipment_lower(left)
            confirmed = line._get_drop_shipment_live_lines() - requests
            # Else it is all delivered: core refuses less than that, in its own words.
            if confirmed and compare(excess, 0.0) > 0:
                raise UserError(
                    self.env._(
                        "Quantity of %(line)s can't be %(quantity)s: %(ordered)s are "
                        "on confirmed purchase order %(purchase)s or delivered. Have "
                        "the buyer close its remainder first.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(quantity),
                        ordered=line._format_drop_shipment_qty(quantity + excess),
                        purchase=", ".join(
                            confirmed.order_id.sorted("name").mapped("name")
                        ),
                    )
                )
        for order, texts in notes.items():
            order._drop_shipment_note(texts)

    # ------------------------------------------------------------
    # ADOPTION
    # ------------------------------------------------------------

    @api.model
    def _get_drop_shipment_adoptable_domain(self, company):
        """Return the domain of open lines that core's Dropship route has ordered.

        Open are those that are not delivered, invoiced and billed in full.
        """
        ordered = fields.Domain("state", "!=", "cancel") & fields.Domain(
            "order_id.picking_type_id",
            "any",
            [
                ("code", "=", "dropship"),
                ("default_location_dest_id.usage", "=", "customer"),
            ],
        )
        unbilled = ordered & fields.Domain("order_id.invoice_status", "!=", "invoiced")
        is_open = (
            fields.Domain("order_id.delivery_status", "!=", "full")
            | fields.Domain("invoice_status", "!=", "invoiced")
            | fields.Domain("purchase_line_ids", "any", unbilled)
        )
        return (
            fields.Domain("company_id", "=", company.id)
            & fields.Domain("state", "=", "sale")
            & fields.Domain("drop_shipment", "=", False)
            & fields.Domain("purchase_line_ids", "any", ordered)
            & is_open
        )

    def _get_drop_shipment_adoption_refusals(self):
        """Return {line: reason} for the lines that can't be adopted.

        Lines that share a purchase order are adopted together or not at all. The
        caller sees to the rights on both orders.
        """
        refusals = self._get_drop_shipment_refusals()
        for line in self:
            if line not in refusals and (
                reason := line._get_drop_shipment_adoption_refusal()
            ):
                refusals[line] = reason
        orders = self._get_drop_shipment_adopted_lines().order_id
        while True:
            accepted = self.filtered(lambda line: line not in refusals)
            refused = {
                line: reason
                for order in orders
                if (reason := order._get_drop_shipment_adoption_refusal(accepted))
                for line in order.order_line.sale_line_id & accepted
            }
            if not refused:
                return refusals
            # A line that stays keeps those back that share another order with it.
            refusals.update(refused)

    def _get_drop_shipment_adopted_lines(self):
        """Return the purchase lines that the adoption links: those not cancelled."""
        return self.purchase_line_ids.filtered(
            lambda line: line.order_id.state != "cancel"
        )

    def _get_drop_shipment_adoption_refusal(self):
        """Return why this line can't be adopted, or False.

        By the rules for a link that is made by hand; what is on the purchase orders
        besides is theirs to refuse.
        """
        self.ensure_one()
        lines = self._get_drop_shipment_adopted_lines()
        for line in lines:
            if reason := (
                line._get_drop_shipment_link_refusal()
                or line.order_id._get_drop_shipment_shipping_refusal(self.order_id)
            ):
                return reason
        own_moves = self.move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and not move._is_dropshipped()
                and not move._is_dropshipped_returned()
            )
        )
        if own_moves:
            return self.env._(
                "Transfer %(transfer)s is open: cancel or complete it first.",
                transfer=", ".join(own_moves.picking_id.mapped("name")),
            )
        ordered = sum(
            line._get_drop_shipment_qty("product_qty", exact=True) for line in lines
        )
        if self.product_uom_id.compare(ordered, self.product_uom_qty) > 0:
            return self.env._(
                "%(ordered)s are on purchase orders, more than was sold: order less "
                "first.",
                ordered=self._format_drop_shipment_qty(ordered),
            )
        invoiced = self.invoice_lines._get_drop_shipment_posted_qty(self.product_uom_id)
        billed = lines.invoice_lines._get_drop_shipment_posted_qty(self.product_uom_id)
        if (
            self.company_id.drop_shipment_bill_control == "block"
            and self.product_uom_id.compare(billed, invoiced) > 0
        ):
            return self.env._(
                "The vendor's bill came before the invoice: post the invoice first."
            )
        return False

    def _drop_shipment_adopt(self):  # pylint: disable=missing-return
        """Tick these lines and link what core's Dropship route ordered for them.

        Purchase orders get their Sell-to Customer, both sides a note. See
        `_get_drop_shipment_adoption_refusals` for lines that can't be adopted.

        :raise AccessError: the user may not change the orders
        :raise ValidationError: more is on purchase orders than is to order
        """
        purchase_lines = self._get_drop_shipment_adopted_lines()
        orders = purchase_lines.order_id
        for records in (self, self.order_id, purchase_lines, orders):
            records.check_access("write")
        # The notes say it all.
        for customer, linked in (
            orders.with_context(tracking_disable=True)
            .grouped(
                lambda order: order.order_line.sale_line_id.order_id.partner_id[:1]
            )
            .items()
        ):
            linked.sell_to_customer_id = customer
        # By these core's route would find them for what is added to the sales order.
        orders.filtered(
            lambda order: order.state in ("draft", "sent")
        ).reference_ids = False
        # Past our own `write`, which refuses to tick lines that are on purchase orders.
        super().write({"drop_shipment": True})  # pylint: disable=super-method-mismatch
        self._check_drop_shipment_open()
        # Accountants' documents, of which an error says the quantity only.
        self.sudo()._check_drop_shipment_bills()
        orders._drop_shipment_note_adopted()

    def _get_drop_shipment_description(self):
        """Return what the papers in the parcel call this line.

        The customer reads it, in their language: the vendor's code and name are none
        of theirs, nor are internal notes on the product.
        """
        self.ensure_one()
        line = self.with_context(lang=self.order_id.partner_id.lang)
        return (
            line.product_id.display_name
            + line._get_sale_order_line_multiline_description_variants()
        )

    def _get_drop_shipment_label(self):
        """Return what an error calls this line: order, position and product."""
        self.ensure_one()
        # The reader may lack rights on the order; number and product are no secret.
        line = self.sudo()
        order_lines = line.order_id.order_line.filtered(
            lambda order_line: not order_line.display_type
        )
        if not line._origin or line._origin not in order_lines:
            return line.product_id.display_name or line.name or self.env._("this line")
        return self.env._(
            "%(order)s, line %(position)s (%(product)s)",
            order=line.order_id.name,
            position=order_lines.ids.index(line._origin.id) + 1,
            product=line.product_id.display_name,
        )

    def _format_drop_shipment_qty(self, quantity):
        """Return `quantity` with the UoM of the line, as text."""
        self.ensure_one()
        return self.product_uom_id._format_drop_shipment_qty(quantity)
