from collections import defaultdict
from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


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
        refused = self.env["drop.shipment.link"]._get_tick_refusals(default_lines)
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
            waiting = purchase_lines._get_drop_shipment_waiting() or purchase_lines
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
        ticked = self.filtered("drop_shipment")
        refusals = self.env["drop.shipment.link"]._get_tick_refusals(ticked)
        for line, reason in refusals.items():
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
            line._check_drop_shipment_post_qty(
                line.qty_to_ship, line.drop_shipment_qty_outstanding
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        self._check_drop_shipment_vals(vals)
        freeze = self.env["drop.shipment.freeze"]
        freeze._check_sale_lines(self, vals)
        changed = self.browse()
        if "drop_shipment" in vals:
            changed = self.filtered(
                lambda line: line.drop_shipment != bool(vals["drop_shipment"])
            )
            freeze._check_tick_may_change(changed)
        resized = self.browse()
        if "product_uom_qty" in vals:
            resized = self.filtered("drop_shipment")
            self.env["drop.shipment.taking.back"]._reduce_requested_qty(
                resized, vals["product_uom_qty"]
            )
        control = self.env["drop.shipment.bill.control"]
        invoiced_lines = self if "invoice_lines" in vals else self.browse()
        excesses = control._get_excesses(invoiced_lines)
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
        control._check(invoiced_lines, excesses)
        # Nothing else tells core that a larger drop shipment is not delivered in full.
        if raised := resized.filtered(lambda line: line.state == "sale"):
            self.env.add_to_compute(
                self.env["sale.order"]._fields["delivery_status"], raised.order_id
            )
        if "product_id" in vals:
            # Another product brings its own tick along.
            freeze._check_tick_may_change(
                (self - changed).filtered(
                    lambda line: line.drop_shipment != (line in ticked)
                )
            )
        ticked._launch_drop_shipment_unticked()
        return res

    def _check_drop_shipment_vals(self, vals):
        """Refuse to write what follows from other documents, and what is no number.

        :param dict vals: as for `write`
        :raise AccessError: names the field
        :raise UserError: names field and line
        """
        self._check_drop_shipment_computed(
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

    def _write_drop_shipment_unchecked(self, vals):
        """Write past `write`, which refuses what only the adoption may change."""
        return super().write(vals)  # pylint: disable=super-method-mismatch

    def _launch_drop_shipment_unticked(self):
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
        # sudo: salespeople may know the numbers; the orders open with their own rights.
        return self.env["drop.shipment.ordering"]._get_linked_orders_action(self.sudo())

    def action_create_drop_shipment_purchases(self):
        """Make requests for quotation of what these lines have left to order.

        One for each company, proposed vendor, customer, ship-to address and currency.
        Needs the right to create purchase orders, none on sales.

        :return: window action that shows them, or a message that there are none
        :raise UserError: a line has no vendor; names the products
        :raise AccessError: the user may not create purchase orders
        """
        ordering = self.env["drop.shipment.ordering"]
        ordering._check_may_create(self)
        # sudo: buyers without sales rights order lines that they may not read.
        proposals = ordering._get_proposals(self.sudo())
        return ordering._get_orders_action(ordering._create_requests(proposals))

    def action_open_create_drop_shipment_purchases(self):
        """Open the dialog that makes requests for quotation of these lines.

        :return: window action
        :raise UserError: nothing is left to order
        :raise AccessError: the user may not create purchase orders
        """
        return self.env["drop.shipment.create.purchase"]._get_dialog_action(self)

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
            invoicing = self.env["drop.shipment.invoicing"]
            optional_values.update(invoicing._prepare_advance_deduction(self))
        return super()._prepare_invoice_line(**optional_values)

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _get_drop_shipments(self):
        """Return the ticked lines; for portal users too, who may not read the tick."""
        return self.sudo().filtered("drop_shipment").with_env(self.env)

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

    def _get_drop_shipment_qty_settled(self):
        """Return what is delivered or invoiced of a drop shipment, in its UoM.

        Core counts both in the unit of then. A line that is ticked no more is a drop
        shipment still as far as a vendor has shipped it; others are core's alone.
        """
        self.ensure_one()
        if self.drop_shipment or self.purchase_line_ids.order_id.sell_to_customer_id:
            return max(self.qty_delivered, self.qty_invoiced)
        return 0.0

    def _check_drop_shipment_post_qty(self, quantity, outstanding, purchase_order=None):
        """Refuse to post `quantity` unless it lies in 0..`outstanding`.

        Both are in the UoM of the sales line.

        :param purchase_order: the order that is received, whose words an error uses
        :raise ValidationError: names the line and the quantity outstanding
        """
        self.ensure_one()
        if not self.product_uom_id and not quantity:
            return
        if (
            not isfinite(quantity)
            or self.product_uom_id.compare(quantity, 0.0) < 0
            or self.product_uom_id.compare(quantity, outstanding) > 0
        ):
            field, label = self._get_drop_shipment_post_error(purchase_order)
            raise ValidationError(
                self.env._(
                    "%(field)s of %(line)s can't be %(quantity)s: enter 0 to "
                    "%(outstanding)s, what is outstanding on confirmed purchase "
                    "orders.",
                    field=field,
                    line=label,
                    quantity=self._format_drop_shipment_qty(quantity),
                    outstanding=self._format_drop_shipment_qty(outstanding),
                )
            )

    def _check_drop_shipment_move_qty(self, quantity, move, purchase_order=None):
        """Refuse to post `quantity` if it is nothing in the unit of `move`.

        :param float quantity: more than nothing, in the UoM of the sales line
        :param purchase_order: see `_check_drop_shipment_post_qty`
        :raise ValidationError: names the line and the unit of the transfer
        """
        self.ensure_one()
        moved = self.product_uom_id._compute_quantity(
            quantity, move.product_uom, rounding_method="HALF-UP"
        )
        if move.product_uom.is_zero(moved):
            field, label = self._get_drop_shipment_post_error(purchase_order)
            raise ValidationError(
                self.env._(
                    "%(field)s of %(line)s can't be %(quantity)s: its transfer counts "
                    "in %(unit)s, of which that is nothing. Enter more.",
                    field=field,
                    line=label,
                    quantity=self._format_drop_shipment_qty(quantity),
                    unit=move.product_uom.name,
                )
            )

    def _get_drop_shipment_post_error(self, purchase_order=None):
        """Return how an error names the quantity to post and its line.

        :param purchase_order: the order that is received, whose words it uses
        """
        field = self.env._("Qty to Ship")
        line = self
        if purchase_order:
            field = self.env._("Qty to Receive")
            line = self.drop_shipment_purchase_line_ids.filtered(
                lambda line: line.order_id.id == purchase_order.id
            )[:1]
        return field, line._get_drop_shipment_label()

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
        ).drop_shipment_purchase_line_ids._get_drop_shipment_stranded()

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
        waiting = self._get_drop_shipment_live_lines()._get_drop_shipment_waiting()
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
            billing = self.env["drop.shipment.billing"]
            return "invoiced" if billing._is_to_bill(self) else "done"
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
