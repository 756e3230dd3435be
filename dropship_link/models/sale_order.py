from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "drop.shipment.order.mixin"]
    _drop_shipment_dialog_field = "sale_order_id"

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
    drop_shipment_shipped = fields.Boolean(
        compute="_compute_has_drop_shipment",
        help="A vendor has shipped something of this order.",
        groups="base.group_user",
    )
    drop_shipment_purchase_ref = fields.Char(
        string="Drop Shipment by",
        compute="_compute_drop_shipment_purchase_ref",
        compute_sudo=True,
        help="The purchase orders, and their vendors, that ship lines of this order.",
        groups="base.group_user",
    )
    drop_shipment_notice_order = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Which products are to be ordered from a vendor.",
        groups="base.group_user",
    )
    drop_shipment_notice_invoice = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Whether the customer is to be invoiced for what vendors have shipped.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "order_line.drop_shipment",
        "order_line.drop_shipment_qty_outstanding",
        "order_line.drop_shipment_qty_to_order",
        "picking_ids.state",
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
            # Salespeople have no rights on transfers.
            order.drop_shipment_shipped = bool(
                lines and order.sudo()._get_drop_shipment_done_pickings()
            )

    @api.depends("order_line.drop_shipment_purchase_ref")
    def _compute_drop_shipment_purchase_ref(self):
        for order in self:
            purchase_orders = (
                order.order_line.filtered("drop_shipment")
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

    @api.depends(
        "order_line.drop_shipment_qty_to_order",
        "order_line.drop_shipment_qty_outstanding",
        "order_line.drop_shipment_state",
        "order_line.drop_shipment_late",
        "order_line.qty_to_invoice",
    )
    @api.depends_context("tz", "uid")
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
                and any(
                    line._is_drop_shipment_pending()
                    or line._get_drop_shipment_stranded()
                    for line in order.order_line
                )
            )
        )
        for order in pending:
            delivered = any(order.order_line.mapped("qty_delivered"))
            order.delivery_status = "partial" if delivered else "pending"
        return super(SaleOrder, self - pending)._compute_delivery_status()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        moved = self.browse()
        redated = {}
        if vals.get("state", "sale") != "sale":
            # By whatever way an order stops being confirmed.
            confirmed = self.filtered(lambda order: order.state == "sale")
            if vals["state"] == "cancel":
                # What the button has let go is gone already.
                confirmed._drop_shipment_cancel()
            else:
                confirmed._check_drop_shipment_cancel()
        if {"company_id", "partner_id", "partner_shipping_id"} & set(vals):
            self._check_drop_shipment_frozen(vals)
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
        # The customer of linked orders is frozen, so it can only be the same one: the
        # ship-to address must not fall back to its default.
        kept = self.browse()
        if "partner_id" in vals:
            kept = self.filtered(
                lambda order: (
                    order.partner_id.id == vals["partner_id"]
                    and order._get_drop_shipment_links()
                )
            )
        with self.env.protecting([self._fields["partner_shipping_id"]], kept):
            res = super().write(vals)
        for order in moved:
            order._drop_shipment_move_requests()
        for order, date in redated.items():
            if order.commitment_date != date:
                order._drop_shipment_redate_purchases(date)
        return res

    def _action_cancel(self):
        self._drop_shipment_cancel()
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

    def _process_attachments_for_template_post(self, mail_template):
        res = super()._process_attachments_for_template_post(mail_template)
        mail = self.env["drop.shipment.mail"]
        if mail_template != mail._get_shipped_template():
            return res
        # Skip the placeholder record (id 0) of template previews.
        for order in self.filtered("id"):
            attachments = res.setdefault(order.id, {}).setdefault("attachments", [])
            attachments += mail._get_slip_attachments(order)
        return res

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

    def _action_confirm(self):
        res = super()._action_confirm()
        # Salespeople or customers confirm; the system orders for them.
        auto = self.sudo().filtered("company_id.drop_shipment_auto_order")
        if auto:
            auto.drop_shipment_line_ids._drop_shipment_auto_order()
        return res

    def _prepare_invoice(self):
        vals = super()._prepare_invoice()
        if any(self.order_line.mapped("drop_shipment")):
            vals["delivery_date"] = self._get_drop_shipment_day()
        return vals

    def _get_drop_shipment_day(self):
        """Return the day of the first shipment of this order, or False.

        Core keeps a moment, and takes its day in UTC. The day that the vendor named is
        the same for everybody; else it is that of the user's time zone.
        """
        self.ensure_one()
        if not self.effective_date:
            return False
        # Whoever invoices may lack rights on transfers.
        pickings = self.sudo().picking_ids.filtered(
            lambda picking: (
                picking.state == "done" and picking.date_done == self.effective_date
            )
        )
        days = [
            picking.drop_shipment_date
            for picking in pickings
            if picking._is_drop_shipment_date_done()
        ]
        return min(days, default=fields.Date.context_today(self, self.effective_date))

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_drop_shipment_error()

    def _get_drop_shipment_error(self):
        """Return why this order may not be confirmed, or False.

        The product of a ticked line may have become a service since.
        """
        self.ensure_one()
        lines = self.order_line._get_drop_shipments()
        for line, reason in lines._get_drop_shipment_refusals().items():
            return self.env._(
                "%(line)s can't be drop-shipped any more: %(reason)s Untick Drop "
                "Shipment on it.",
                line=line._get_drop_shipment_label(),
                reason=reason,
            )
        return False

    def _drop_shipment_touch(self):
        """Write the rows of these orders, to what they are.

        Whoever gives an order another ship-to address or customer at the same time
        then meets a serialization failure, and starts again with the link before them.
        A lock would not do: it leaves no trace for who has looked already.
        """
        if self:
            self.env.cr.execute(
                SQL("UPDATE sale_order SET id = id WHERE id IN %s", tuple(self.ids))
            )

    def _get_drop_shipment_links(self):
        """Return the live purchase lines of these orders, elevated.

        Salespeople have no rights on purchase orders: use it to check and to name.
        """
        # Through the lines that core reads anyway: no query for ordinary orders.
        lines = self.sudo().order_line.filtered("drop_shipment")
        return lines._get_drop_shipment_live_lines()

    def _get_drop_shipment_notices(self):
        self.ensure_one()
        lines = self.order_line.filtered("drop_shipment")
        notices = {}
        if to_order := lines.filtered("drop_shipment_qty_to_order"):
            notices["order"] = self.env._(
                "To order from a vendor: %(products)s.",
                products=to_order.product_id._get_drop_shipment_names(),
            )
        if late := lines.filtered("drop_shipment_late"):
            dates = late.filtered("drop_shipment_date_expected").mapped(
                "drop_shipment_date_expected"
            )
            products = late.product_id._get_drop_shipment_names()
            notices["late"] = (
                self.env._(
                    "Late: %(products)s, expected %(date)s.",
                    products=products,
                    date=format_date(self.env, max(dates)),
                )
                if dates
                else self.env._("Late: %(products)s.", products=products)
            )
        if short := lines.filtered(
            lambda line: (
                line.drop_shipment_state == "partial"
                and line.drop_shipment_qty_outstanding
            )
        ):
            notices["rest"] = self.env._(
                "Partly shipped: %(products)s. Post the rest, or have the buyer close "
                "it.",
                products=short.product_id._get_drop_shipment_names(),
            )
        notices.update(self._get_drop_shipment_back_notices(lines))
        if any(line.drop_shipment_state == "shipped" for line in lines):
            notices["invoice"] = self.env._(
                "Shipped: invoice the customer, the vendor's bill waits."
            )
        return notices

    @api.model
    def _get_drop_shipment_back_notices(self, lines):
        """Return the notices of what does not come, or came back, as far as any."""
        notices = {}
        if stranded := lines._get_drop_shipment_stranded():
            notices["stranded"] = self.env._(
                "Not on its way any more: %(products)s. The transfer was cancelled or "
                "corrected, or goods went back. Have the buyer ship it again, or close "
                "it.",
                products=stranded.product_id._get_drop_shipment_names(),
            )
        if refundable := lines._get_drop_shipment_refundable():
            notices["refund"] = self.env._(
                "A credit note is due: %(products)s. More is invoiced than was "
                "delivered.",
                products=refundable.product_id._get_drop_shipment_names(),
            )
        return notices

    def _check_drop_shipment_frozen(self, vals):
        """Refuse other values for fields that are frozen while linked.

        The ship-to address may change as long as the linked requests for quotation
        serve one order only: they follow.

        :param dict vals: as for `write`
        :raise UserError: names field, document and purchase order
        """
        for order in self:
            for name in ("company_id", "partner_id", "partner_shipping_id"):
                if name not in vals or order[name].id == (vals[name] or False):
                    continue
                purchase_orders = order._get_drop_shipment_links().order_id
                if name == "partner_shipping_id":
                    purchase_orders = purchase_orders.filtered(
                        lambda purchase_order, order=order: (
                            purchase_order.state == "purchase"
                            or purchase_order._get_drop_shipment_sale_orders()
                            != order.sudo()
                        )
                    )
                if purchase_orders:
                    raise UserError(
                        self.env._(
                            "%(field)s of %(order)s can't be changed: purchase order "
                            "%(purchase)s ships it. Have the buyer unlink it or cancel "
                            "that order first.",
                            field=self._fields[name]._description_string(self.env),
                            order=order.name,
                            purchase=", ".join(purchase_orders.mapped("name")),
                        )
                    )

    def _drop_shipment_move_requests(self):
        """Tell the buyers that their requests for quotation have a new ship-to."""
        self.ensure_one()
        for purchase_order in self._get_drop_shipment_links().order_id:
            purchase_order._log_drop_shipment_note(
                [
                    self.env._(
                        "Ship-to address of sales order %(sale)s is now %(address)s.",
                        sale=self.name,
                        address=self.partner_shipping_id.display_name,
                    )
                ]
            )

    def _drop_shipment_redate_purchases(self, old_date):
        """Bring the new delivery date to the linked purchase orders.

        Requests for quotation take it over, as far as the vendor can keep it. On
        confirmed orders the vendor's word stands: their buyers get one activity with
        both dates.
        """
        self.ensure_one()
        new_date = self.commitment_date
        links = self._get_drop_shipment_links()
        requests = links.filtered(lambda line: line.order_id.state != "purchase")
        if new_date:
            for date, lines in requests.grouped(
                lambda line: line._get_drop_shipment_redate(new_date)
            ).items():
                lines.date_planned = date
        open_orders = links.filtered(
            lambda line: (
                line.order_id.state == "purchase"
                and line.product_uom_id.compare(line.product_qty, line.qty_received) > 0
            )
        ).order_id
        none = self.env._("none")
        summary = self.env._(
            "Delivery date of sales order %(sale)s changed", sale=self.name
        )
        note = self.env._(
            "The customer's delivery date of %(sale)s was %(old)s and is now %(new)s. "
            "Ask the vendor.",
            sale=self.name,
            old=format_date(self.env, old_date) or none,
            new=format_date(self.env, new_date) or none,
        )
        for purchase_order in open_orders:
            # One activity, however often the customer thinks again.
            activity = purchase_order.activity_ids.filtered(
                lambda activity: activity.summary == summary
            )[:1]
            if activity:
                # The vendor still goes by the date of the first change.
                activity.note += note
                continue
            purchase_order.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=summary,
                note=note,
                # Nobody, rather than somebody who can't open it.
                user_id=(
                    purchase_order.user_id or purchase_order.partner_id.buyer_id
                ).id,
            )

    def _check_drop_shipment_cancel(self):
        """Refuse to take back orders that a vendor is to ship.

        :raise UserError: a confirmed purchase order has something left to ship
        """
        for order in self:
            open_links = order._get_drop_shipment_links().filtered(
                lambda line: (
                    line.order_id.state == "purchase"
                    and line.product_uom_id.compare(line.product_qty, line.qty_received)
                    > 0
                )
            )
            if open_links:
                raise UserError(
                    self.env._(
                        "%(order)s can't be cancelled: the vendor has %(lines)s left "
                        "to ship on purchase order %(purchase)s. Have the buyer close "
                        "the remainder or cancel that order first.",
                        order=order.name,
                        lines=", ".join(open_links.product_id.mapped("display_name")),
                        purchase=", ".join(open_links.order_id.mapped("name")),
                    )
                )

    def _drop_shipment_cancel(self):
        """Take these orders, about to be cancelled, out of requests for quotation.

        :raise UserError: see `_check_drop_shipment_cancel`
        """
        self._check_drop_shipment_cancel()
        for order in self:
            links = order._get_drop_shipment_links()
            requests = links.filtered(lambda line: line.order_id.state != "purchase")
            for purchase_order, lines in requests.grouped("order_id").items():
                texts = [
                    self.env._(
                        "%(line)s: removed, as sales order %(sale)s is cancelled.",
                        line=line.product_id.display_name,
                        sale=order.name,
                    )
                    for line in lines
                ]
                purchase_order._drop_shipment_remove_lines(lines)
                purchase_order._log_drop_shipment_note(texts)

    def _get_invoiceable_lines(self, final=False):
        lines = super()._get_invoiceable_lines(final=final)
        advances = self.order_line.filtered(
            lambda line: line.is_downpayment and not line.display_type
        )
        if not advances or not self.order_line._get_drop_shipments():
            return lines
        # By quantity, an advance that an invoice took off in part is used up.
        left = advances._get_drop_shipment_advances()
        return lines.filtered(lambda line: not line.is_downpayment) + advances.filtered(
            lambda line: (
                not line.currency_id.is_zero(left[line]) and (final or left[line] < 0)
            )
        )

    def _create_account_invoices(self, invoice_vals_list, final):
        moves = super()._create_account_invoices(invoice_vals_list, final)
        if self.env.context.get("dropship_link_keep_rest"):
            # Before core turns what is below zero into a credit note.
            for move in moves:
                move._drop_shipment_keep_rest()
        return moves

    def _create_drop_shipment_invoice(self):
        """Create a draft invoice of what is shipped and what else is to invoice.

        As core's *Create Invoice* would now, less down payments; but of drop shipments
        no more than was shipped, whatever their invoicing policy, and never below
        zero: what could not be taken off waits for the next invoice.

        :return: the invoice, with the rights of the user
        :raise UserError: nothing is to invoice
        """
        self.ensure_one()
        limited = self.order_line._drop_shipment_limit_to_invoice()
        if not any(
            line.qty_to_invoice > 0
            and not line.is_downpayment
            and line._can_be_invoiced_alone()
            for line in self._get_invoiceable_lines(final=True)
        ):
            raise UserError(
                self.env._(
                    "%(order)s has nothing to invoice for this shipment: it has been "
                    "invoiced already. Choose Ship.",
                    order=self.name,
                )
            )
        order = self.with_context(dropship_link_keep_rest=True)
        invoice = order._create_invoices(final=True)
        self.env.add_to_compute(limited._fields["qty_to_invoice"], limited)
        return invoice.with_env(self.env)
