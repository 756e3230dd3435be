from contextlib import contextmanager

from odoo import api, fields, models


class SaleOrder(models.Model):
    """The customer's side: what is to order, to ship and to invoice, and who is told.

    Touches core where an order is confirmed, cancelled, delivered and invoiced. The
    buttons call the services, which check state and rights.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "drop.shipment.order.mixin"]
    _drop_shipment_ref_path = "drop_shipment_sale_line_id.order_id"

    drop_shipment_line_ids = fields.One2many(
        comodel_name="sale.order.line",
        inverse_name="drop_shipment_order_id",
        string="Drop Shipment Lines",
        groups="base.group_user",
    )
    drop_shipment_to_order = fields.Boolean(
        compute="_compute_has_drop_shipment",
        groups="base.group_user",
    )
    drop_shipment_to_post = fields.Boolean(
        compute="_compute_has_drop_shipment",
        groups="base.group_user",
    )
    drop_shipment_purchase_ref = fields.Char(
        string="Drop Shipment by",
        compute="_compute_drop_shipment_purchase_ref",
        search="_search_drop_shipment_purchase_ref",
        compute_sudo=True,
        help="The purchase orders, and their vendors, that ship lines of this order.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "order_line.drop_shipment",
        "order_line.drop_shipment_qty_outstanding",
        "order_line.drop_shipment_qty_to_order",
    )
    def _compute_has_drop_shipment(self):
        for order in self:
            lines = order.order_line.filtered("drop_shipment")
            order.has_drop_shipment = bool(lines)
            order.drop_shipment_count = len(lines)
            order.drop_shipment_to_order = any(
                lines.mapped("drop_shipment_qty_to_order")
            )
            order.drop_shipment_to_post = any(
                lines.mapped("drop_shipment_qty_outstanding")
            )

    @api.depends(
        "order_line.drop_shipment", "order_line.qty_delivered", "picking_ids.state"
    )
    def _compute_drop_shipment_returnable(self):
        return super()._compute_drop_shipment_returnable()

    @api.depends("order_line.drop_shipment_purchase_ref")
    def _compute_drop_shipment_purchase_ref(self):
        for order in self:
            purchase_orders = (
                order.order_line._get_drop_shipments()
                ._get_drop_shipment_live_lines()
                .order_id.sorted("name")
            )
            order.drop_shipment_purchase_ref = ", ".join(
                self.env._(
                    "%(order)s (%(vendor)s)",
                    order=purchase_order.name,
                    vendor=purchase_order.partner_id.display_name,
                )
                for purchase_order in purchase_orders
            )

    def _search_drop_shipment_purchase_ref(self, operator, value):
        return self._search_drop_shipment_ref(
            "order_id.name", operator, value, [("order_id.state", "!=", "cancel")]
        )

    @api.depends(
        "order_line.drop_shipment_qty_to_order",
        "order_line.drop_shipment_qty_outstanding",
        "order_line.drop_shipment_state",
        "order_line.drop_shipment_late",
        "order_line.qty_to_invoice",
        "order_line.drop_shipment_qty_invoiced",
        "order_line.drop_shipment_qty_billed",
        "invoice_status",
        "order_line.purchase_line_ids.drop_shipment_qty_declined",
        "picking_ids.drop_shipment_reported",
    )
    @api.depends_context("lang", "tz", "uid")
    def _compute_drop_shipment_notice(self):
        return super()._compute_drop_shipment_notice()

    @api.depends(
        "drop_shipment_line_ids.drop_shipment_qty_to_order",
        "drop_shipment_line_ids.drop_shipment_qty_outstanding",
        "drop_shipment_line_ids.drop_shipment_purchase_line_ids.order_id.state",
        "drop_shipment_line_ids.drop_shipment_purchase_line_ids.qty_received",
    )
    def _compute_delivery_status(self):
        # Core looks at transfers only: what is not ordered yet has none, nor has what
        # was cancelled or sent back.
        pending = self.filtered(
            lambda order: (
                all(
                    picking.state in ("done", "cancel") for picking in order.picking_ids
                )
                # The lines that core reads anyway: no query for ordinary orders.
                and any(line._is_drop_shipment_pending() for line in order.order_line)
            )
        )
        for order in pending:
            delivered = any(order.order_line.mapped("qty_delivered"))
            order.delivery_status = "partial" if delivered else "pending"
        return super(SaleOrder, self - pending)._compute_delivery_status()

    @api.depends("order_line.untaxed_amount_invoiced")
    def _compute_invoice_status(self):
        res = super()._compute_invoice_status()
        # Core's invoices take an advance off whole. What is left of it here once all is
        # invoiced, as less was sold in the end, is the customer's.
        invoicing = self.env["drop.shipment.invoicing"]
        for order in self.filtered(lambda order: order.invoice_status == "invoiced"):
            if invoicing._has_advance_left(order):
                order.invoice_status = "to invoice"
        return res

    @api.onchange("partner_shipping_id")
    def _onchange_partner_shipping_id(self):
        res = super()._onchange_partner_shipping_id()
        # sudo: salespeople may lack rights on purchase orders.
        open_pickings = self._origin.sudo().picking_ids.filtered(
            lambda picking: (
                picking.state not in ("done", "cancel")
                and picking.partner_id != self.partner_shipping_id._origin
            )
        )
        own = open_pickings.filtered(lambda picking: not picking._is_drop_shipment())
        if not (res and res.get("warning")) or own == open_pickings:
            return res
        if not own:
            # The vendor's transfers follow the address, or saving it is refused.
            return {}
        warning = res["warning"]
        # Core's words, without the vendors' transfers.
        warning["message"] = warning["message"].replace(
            ",".join(open_pickings.mapped("name")), ",".join(own.mapped("name"))
        )
        return res

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        freeze = self.env["drop.shipment.freeze"]
        if vals.get("state", "sale") != "sale":
            # All ways to cancel or reset write this state.
            confirmed = self.filtered(lambda order: order.state == "sale")
            if vals["state"] == "cancel":
                # Cancelling by the button has removed the links before this write.
                taking_back = self.env["drop.shipment.taking.back"]
                taking_back._remove_cancelled_sales(confirmed)
            else:
                freeze._check_may_cancel(confirmed)
        freeze._check_sale_orders(self, vals)
        # The customer of linked orders is frozen, so it can only be the same one: the
        # ship-to address must not fall back to its default.
        kept = self.browse()
        if "partner_id" in vals:
            kept = self.filtered(
                lambda order: (
                    order.partner_id.id == vals["partner_id"]
                    and order._get_drop_shipment_live_lines_sudo()
                )
            )
        with (
            self._tell_drop_shipment_buyers(vals),
            self.env.protecting([self._fields["partner_shipping_id"]], kept),
        ):
            return super().write(vals)

    @contextmanager
    def _tell_drop_shipment_buyers(self, vals):
        """Bring a ship-to address and a delivery date to the linked purchase orders.

        :param dict vals: what the block writes
        """
        freeze = self.env["drop.shipment.freeze"]
        moved, redated = self.browse(), {}
        if "partner_shipping_id" in vals:
            moved = self.filtered(
                lambda order: (
                    order.partner_shipping_id.id != vals["partner_shipping_id"]
                )
            )
        if "commitment_date" in vals:
            redated = {
                order: order.commitment_date
                for order in self
                if order.sudo().drop_shipment_line_ids
            }
        yield
        for order in moved:
            freeze._log_new_ship_to(order)
        for order, date in redated.items():
            if order.commitment_date != date:
                freeze._propagate_delivery_date(order, date)

    def unlink(self):
        # The database would take the lines along, whatever purchase orders ship them.
        # Core refuses other orders.
        deleted = self.filtered(lambda order: order.state in ("draft", "cancel"))
        deleted.order_line._get_drop_shipments().unlink()
        return super().unlink()

    def _action_cancel(self):
        self.env["drop.shipment.taking.back"]._remove_cancelled_sales(self)
        linked = self.filtered(
            lambda order: order.order_line._get_drop_shipments().sudo().move_ids
        )
        if linked:
            # Core reads the purchase lines behind the transfers, for which salespeople
            # have no right.
            linked.check_access("write")
            super(SaleOrder, linked.sudo())._action_cancel()
        return super(SaleOrder, self - linked)._action_cancel()

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_create_drop_shipment_purchases(self):
        """Make requests for quotation of what these orders have left to order.

        See the method of the same name on the lines.
        """
        # Buyers without sales rights order lines that they may not read.
        lines = self.sudo().drop_shipment_line_ids
        return lines.with_env(self.env).action_create_drop_shipment_purchases()

    def action_open_create_drop_shipment_purchases(self):
        """Open the dialog that makes requests for quotation of these orders' lines.

        See the method of the same name on the lines.
        """
        # Buyers without sales rights order lines that they may not read.
        lines = self.sudo().drop_shipment_line_ids
        return lines.with_env(self.env).action_open_create_drop_shipment_purchases()

    def action_tell_drop_shipment_delay(self):
        """Open a message to the customer that says which products come late.

        :return: window action
        :raise UserError: nothing is late
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["drop.shipment.mail"]._get_delay_action(self)

    def action_send_drop_shipment(self):
        """Open the mail that tells the customer what vendors have shipped.

        :return: window action
        :raise UserError: nothing has been shipped
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        self.check_access("write")
        return self.env["drop.shipment.mail"]._get_all_shipped_action(self)

    def action_credit_drop_shipment(self):
        """Make the credit note of what is invoiced, but delivered no more.

        Posted if the user may, else a draft.

        :return: action that tells what was made
        :raise UserError: there is nothing to credit
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        crediting = self.env["drop.shipment.crediting"]
        return crediting._get_notification(crediting._credit_due(self))

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _get_drop_shipment_done_pickings(self):
        """Return the transfers by which vendors have shipped this order, oldest first.

        The caller sees to the rights on transfers.
        """
        self.ensure_one()
        return self.picking_ids.filtered(
            lambda picking: picking.state == "done" and picking._is_drop_shipment()
        ).sorted(lambda picking: (picking.date_done, picking.id))

    def _get_drop_shipment_sale_lines(self):
        return self.drop_shipment_line_ids

    def _get_drop_shipment_customer_lang(self):
        """Return the language of the papers that the customer reads.

        The ship-to address may have another one; where neither has any, the user's.
        """
        return self.partner_id.lang or self.partner_shipping_id.lang or self.env.lang

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _get_drop_shipment_mail_values(self):
        """Return what the mail template says of the shipments.

        Templates are changed by users and stay as they are in an update: the two
        names that they call stay here.
        """
        return self.env["drop.shipment.mail"]._get_values(self)

    def _get_drop_shipment_mail_subject(self):
        """Return the subject of the mail template, in the customer's language."""
        return self.env["drop.shipment.mail"]._get_subject(self)

    def _get_drop_shipment_delay_values(self):
        """Return what the mail template says of a late delivery; see above."""
        return self.env["drop.shipment.mail"]._get_delay_values(self)

    def _process_attachments_for_template_post(self, mail_template):
        res = super()._process_attachments_for_template_post(mail_template)
        mail = self.env["drop.shipment.mail"]
        if mail_template != mail._get_template("sale_shipped"):
            return res
        # Skip the placeholder record (id 0) of template previews.
        for order in self.filtered("id"):
            attachments = res.setdefault(order.id, {}).setdefault("attachments", [])
            attachments += mail._get_slip_attachments(order)
        return res

    def _action_confirm(self):
        res = super()._action_confirm()
        # Salespeople or customers confirm; the system orders for them.
        auto = self.sudo().filtered("company_id.drop_shipment_auto_order")
        if auto:
            auto.env["drop.shipment.auto.order"]._order_lines(
                auto.drop_shipment_line_ids
            )
        return res

    def _prepare_invoice(self):
        vals = super()._prepare_invoice()
        if any(self.order_line.mapped("drop_shipment")):
            # Down payments keep it; what is invoiced of the order's lines has the day
            # of these, see `_create_account_invoices`.
            vals["delivery_date"] = self.env["drop.shipment.delivery.day"]._get_day(
                self, self.env["account.move"]
            )
        if date := self.env.context.get("dropship_link_invoice_date"):
            vals["invoice_date"] = date
        return vals

    def _confirmation_error_message(self):
        link = self.env["drop.shipment.link"]
        return super()._confirmation_error_message() or link._get_ticked_refusal(
            self.order_line._get_drop_shipments()
        )

    def _get_drop_shipment_live_lines_sudo(self):
        """Return the live purchase lines of these orders, in sudo.

        Salespeople have no rights on purchase orders: use it to check and to name.
        """
        # Through the lines that core reads anyway: no query for ordinary orders.
        lines = self.sudo().order_line.filtered("drop_shipment")
        return lines._get_drop_shipment_live_lines()

    def _get_invoiceable_lines(self, final=False):
        lines = super()._get_invoiceable_lines(final=final)
        # A credit note of returned goods has no other lines.
        if credited := self.env.context.get("dropship_link_credit_line_ids"):
            return lines.filtered(lambda line: line.id in credited)
        invoicing = self.env["drop.shipment.invoicing"]
        advances = invoicing._get_advances(self)
        if not advances or not invoicing._is_deducted_in_parts(self):
            return lines
        # Core counts advances by quantity: one deducted in part would be used up.
        return lines.filtered(
            lambda line: not line.is_downpayment
        ) + invoicing._filter_advances_left(advances, final)

    def _create_account_invoices(self, invoice_vals_list, final):
        moves = super()._create_account_invoices(invoice_vals_list, final)
        # The lines that core reads anyway: no query for ordinary orders.
        orders = self.filtered(
            lambda order: any(order.order_line.mapped("drop_shipment"))
        )
        own = orders and moves.filtered(
            lambda move: move.invoice_line_ids.sale_line_ids.order_id & orders
        )
        if own:
            # By their lines, which are known by now; core reads the order only.
            self.env.add_to_compute(own._fields["delivery_date"], own)
            own._recompute_recordset(["delivery_date"])
        if own and final:
            self.env["drop.shipment.charged"]._credit_as_charged(own)
        if self.env.context.get("dropship_link_limit_deductions"):
            # Limit the advances before core turns a negative invoice into a credit
            # note.
            for move in moves:
                self.env["drop.shipment.invoicing"]._limit_deductions(move)
        if own and final:
            self.env["drop.shipment.crediting"]._switch_free(
                own.filtered(
                    lambda move: any(
                        move.invoice_line_ids.sale_line_ids.mapped("drop_shipment")
                    )
                )
            )
        return moves
