from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class SaleOrderLine(models.Model):
    """The tick, the vendor, and what is ordered, shipped, invoiced and left of a line.

    Touches core where a line is procured, delivered, invoiced and changed. Quantities
    and state are computed in `drop.shipment.quantities.mixin`; what may not change is
    said by `drop.shipment.freeze`.
    """

    _name = "sale.order.line"
    _inherit = [
        "sale.order.line",
        "drop.shipment.line.mixin",
        "drop.shipment.quantities.mixin",
        "drop.shipment.vendor.mixin",
    ]
    _drop_shipment_ref_path = "drop_shipment_sale_line_id"

    drop_shipment = fields.Boolean(
        compute="_compute_drop_shipment",
        store=True,
        readonly=False,
        precompute=True,
        help="A vendor ships this line straight to the customer. It makes no delivery "
        "from stock; a buyer gets it into a purchase order.",
        groups="base.group_user",
    )
    drop_shipment_unticked = fields.Boolean(
        copy=False,
        readonly=True,
        help="Unticked after the order was confirmed, so that own stock delivers it.",
        groups="base.group_user",
    )
    # Empty on other lines: fields that depend on lines through these two relations are
    # never recomputed for an ordinary order.
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
        exportable=False,
    )

    _drop_shipment_to_order_idx = models.Index(
        "(company_id, order_partner_id) WHERE drop_shipment_qty_to_order > 0"
    )

    _drop_shipment_state_idx = models.Index(
        "(drop_shipment_state, company_id) WHERE drop_shipment_state IS NOT NULL"
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("product_id")
    def _compute_drop_shipment(self):
        ticked = self.env["drop.shipment.link"]._filter_ticked_by_default(self)
        for line in self:
            line.drop_shipment = line in ticked

    @api.depends("order_id", "drop_shipment")
    def _compute_drop_shipment_order_id(self):
        for line in self:
            line.drop_shipment_order_id = line.drop_shipment and line.order_id

    @api.depends(
        "drop_shipment",
        "drop_shipment_purchase_line_ids.drop_shipment_delivery_note",
        "drop_shipment_purchase_line_ids.drop_shipment_tracking_ref",
    )
    def _compute_drop_shipment_shipments(self):
        return super()._compute_drop_shipment_shipments()

    @api.depends("drop_shipment")
    def _compute_qty_to_invoice(self):
        res = super()._compute_qty_to_invoice()
        for line in self:
            if (
                line.qty_to_invoice < 0
                and line.drop_shipment
                and line.product_id.invoice_policy == "order"
            ):
                # Shipped beyond the order, and invoiced: no credit is due for that.
                kept = max(line.product_uom_qty, line.qty_delivered)
                line.qty_to_invoice = min(kept - line.qty_invoiced, 0.0)
        return res

    @api.depends(
        "drop_shipment_qty_to_order",
        "drop_shipment_qty_outstanding",
        "drop_shipment_purchase_line_ids.order_id.state",
    )
    def _compute_invoice_status(self):
        res = super()._compute_invoice_status()
        # While a line is typed its unit may be empty.
        for line in self.filtered(
            lambda line: line.drop_shipment and line.product_uom_id
        ):
            # Nothing is left to sell where all that was shipped beyond the order is
            # invoiced.
            if (
                line.invoice_status == "upselling"
                and line.product_uom_id.compare(line.qty_invoiced, line.qty_delivered)
                >= 0
            ):
                line.invoice_status = "invoiced"
            # Core calls a line invoiced as soon as all its transfers are, though the
            # rest has not even been ordered, or is to be shipped again.
            if (
                line.invoice_status == "invoiced"
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
        # Core compares with own stock, which doesn't matter where a vendor ships.
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

    @api.onchange("drop_shipment")
    def _onchange_drop_shipment(self):
        line = self._origin
        if self.drop_shipment or not line.drop_shipment or line.state != "sale":
            return None
        if self.product_id != line.product_id:
            # The new product decides on the tick: this is not unticking by the user.
            return None
        return {
            "warning": {
                "title": self.env._("Deliver from own stock?"),
                "message": self.env._(
                    "%(line)s: no vendor will be asked to ship it. Saving has it "
                    "delivered from your own stock, or as its route says. If you do "
                    "not want that, tick Drop Shipment again.",
                    line=line._get_drop_shipment_label(),
                ),
            }
        }

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
            compare = line.product_uom_id.compare
            ordered = line.drop_shipment_qty_ordered
            if (
                compare(ordered, line.product_uom_qty) > 0
                # What own stock has taken back need not be sold.
                and compare(
                    ordered - line._get_drop_shipment_kept(), line.product_uom_qty
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
                line.order_id,
                line,
                line.qty_to_ship,
                line.drop_shipment_qty_outstanding,
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [self._prepare_drop_shipment_vendor(vals) for vals in vals_list]
        )

    def write(self, vals):
        self._check_drop_shipment_vals(vals)
        self.env["drop.shipment.freeze"]._check_sale_lines(self, vals)
        control = self.env["drop.shipment.bill.control"]
        core_vals = {
            name: vals[name] for name in vals if name != "drop_shipment_vendor_id"
        }
        with self._follow_drop_shipment_ticks(vals):
            resized = self.browse()
            if "product_uom_qty" in vals:
                resized = self.filtered("drop_shipment")
                self.env["drop.shipment.taking.back"]._reduce_requested_qty(
                    resized, vals["product_uom_qty"]
                )
            invoiced_lines = self if "invoice_lines" in vals else self.browse()
            excesses = control._get_excesses(invoiced_lines)
            with self._keep_drop_shipment_choices(vals):
                res = super().write(core_vals)
            self._choose_drop_shipment_vendor(vals)
            control._check(invoiced_lines, excesses)
            # A larger quantity makes no move here, so the delivery status must be
            # recomputed explicitly.
            if raised := resized.filtered(lambda line: line.state == "sale"):
                self.env.add_to_compute(
                    self.env["sale.order"]._fields["delivery_status"], raised.order_id
                )
        return res

    @contextmanager
    def _follow_drop_shipment_ticks(self, vals):
        """Refuse ticks that may not change, and follow those that do in the block.

        Own stock delivers what is unticked on a confirmed order, and no longer what is
        ticked again; the order gets a note.

        :param dict vals: what the block writes
        :raise UserError: see `_check_tick_may_change` of `drop.shipment.freeze`
        """
        if not {"drop_shipment", "product_id"} & set(vals):
            yield
            return
        freeze = self.env["drop.shipment.freeze"]
        changed = self.browse()
        if "drop_shipment" in vals:
            changed = self.filtered(
                lambda line: line.drop_shipment != bool(vals["drop_shipment"])
            )
            freeze._cancel_unticked_deliveries(
                changed.filtered("drop_shipment_unticked")
            )
            freeze._check_tick_may_change(changed)
        ticked = self.filtered("drop_shipment")
        yield
        if "product_id" in vals:
            # Another product decides on the tick anew.
            freeze._check_tick_may_change(
                (self - changed).filtered(
                    lambda line: line.drop_shipment != (line in ticked)
                )
            )
        unticked = ticked.filtered(
            lambda line: not line.drop_shipment and line.state == "sale"
        )
        if unticked:
            unticked._action_launch_stock_rule()
        freeze._log_ticks(self, ticked)

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

    def unlink(self):
        self.env["drop.shipment.taking.back"]._release_cancelled(self)
        return super().unlink()

    def _get_protected_fields(self):
        fields_ = super()._get_protected_fields()
        # Code in sudo ticks what a vendor ships already: nothing that was agreed with
        # the customer changes.
        return fields_ if self.env.su else [*fields_, "drop_shipment"]

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
        invoicing = self.env["drop.shipment.invoicing"]
        if (
            self.is_downpayment
            and optional_values.get("quantity") == -1.0
            and invoicing._is_deducted_in_parts(self.order_id)
        ):
            optional_values.update(invoicing._prepare_advance_deduction(self))
        return super()._prepare_invoice_line(**optional_values)

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _get_drop_shipment_moved(self, quantities):
        """Return how much of this line moves bring, in its UoM, not rounded.

        :param dict quantities: move to quantity in its UoM, in their order
        :return: {move: what it adds}
        """
        self.ensure_one()
        return {
            move: move.product_uom._compute_quantity(
                quantity, self.product_uom_id, round=False
            )
            for move, quantity in quantities.items()
        }

    def _get_drop_shipment_pickings(self):
        linked = self._get_drop_shipments().drop_shipment_purchase_line_ids
        return linked.move_ids.picking_id

    def _get_drop_shipment_stranded(self):
        """Return the purchase lines of which something is on no transfer any more.

        :return: see the method of the same name on purchase lines
        """
        return self.filtered(
            "drop_shipment"
        ).drop_shipment_purchase_line_ids._filter_stranded()

    def _get_drop_shipment_wishes(self, lang):
        """Return what the customer chose of the product, for the vendor, as text."""
        if not (
            self.product_no_variant_attribute_value_ids
            or self.product_custom_attribute_value_ids
        ):
            return ""
        line = self.with_context(lang=lang)
        return line._get_sale_order_line_multiline_description_variants()

    def _get_drop_shipment_description(self):
        """Return what the papers in the parcel call this line.

        The customer reads it, in their language: the vendor's code and name are none
        of theirs, nor are internal notes on the product.
        """
        self.ensure_one()
        line = self.with_context(lang=self.order_id._get_drop_shipment_customer_lang())
        return (
            line.product_id.display_name
            + line._get_sale_order_line_multiline_description_variants()
        )
