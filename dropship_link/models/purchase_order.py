from odoo import api, fields, models
from odoo.exceptions import UserError

from .drop_shipment_freeze import PURCHASE_ORDER_FIELDS


class PurchaseOrder(models.Model):
    """The vendor's side: whose goods these are, where they go, and what waits.

    Touches core where an order is confirmed, sent, changed, received and billed. What
    is linked is on the lines; the rules stand in the services that the methods call.
    """

    _name = "purchase.order"
    _inherit = ["purchase.order", "drop.shipment.order.mixin"]
    _drop_shipment_ref_path = "order_id"

    sell_to_customer_id = fields.Many2one(
        comodel_name="res.partner",
        string="Sell-to Customer",
        # restrict: without its customer a linked order would stop being a drop
        # shipment.
        ondelete="restrict",
        copy=False,
        tracking=True,
        check_company=True,
        index="btree_not_null",
        help="The customer that the vendor ships to. Then get the lines of their sales "
        "orders with Get Sales Order.",
        groups="base.group_user",
    )
    drop_shipment_sale_ref = fields.Char(
        string="Drop Shipment of",
        compute="_compute_drop_shipment_sale_ref",
        search="_search_drop_shipment_sale_ref",
        compute_sudo=True,
        help="The sales orders that this order ships.",
        groups="base.group_user",
    )
    drop_shipment_customer_ref = fields.Char(
        string="Customer Reference",
        compute="_compute_drop_shipment_sale_ref",
        compute_sudo=True,
        groups="base.group_user",
    )
    # dest_address_id is hidden from users without sales rights.
    drop_shipment_address_id = fields.Many2one(
        related="dest_address_id",
        string="Ship-to Address",
        groups="base.group_user",
    )
    drop_shipment_to_post = fields.Boolean(
        compute="_compute_drop_shipment_to_post",
        # Buyers may lack rights on transfers.
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_post_waits = fields.Boolean(
        compute="_compute_drop_shipment_to_post",
        compute_sudo=True,
        help="There is something to post, but all of it waits for an invoice.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("order_line.drop_shipment")
    def _compute_has_drop_shipment(self):
        for order in self:
            order.has_drop_shipment = order._has_drop_shipment()
            order.drop_shipment_count = order.has_drop_shipment and len(
                order.order_line.filtered("drop_shipment")
            )

    @api.depends(
        "order_line.drop_shipment_sale_line_id.order_id.name",
        "order_line.drop_shipment_sale_line_id.order_id.client_order_ref",
    )
    def _compute_drop_shipment_sale_ref(self):
        for order in self:
            sale_orders = order._get_drop_shipment_sale_orders()
            order.drop_shipment_sale_ref = ", ".join(sale_orders.mapped("name"))
            references = filter(None, sale_orders.mapped("client_order_ref"))
            order.drop_shipment_customer_ref = ", ".join(dict.fromkeys(references))

    def _search_drop_shipment_sale_ref(self, operator, value):
        return self._search_drop_shipment_ref(
            "drop_shipment_sale_line_id.order_id.name", operator, value
        )

    @api.depends(
        "state",
        "order_line.drop_shipment",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_outstanding",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_invoiced",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_billed",
        "order_line.qty_received",
        "order_line.qty_to_invoice",
    )
    def _compute_drop_shipment_to_post(self):
        billing = self.env["drop.shipment.billing"]
        for order in self:
            order.drop_shipment_to_post = order.drop_shipment_post_waits = False
            if order.state != "purchase" or not order._has_drop_shipment():
                continue
            if self.env["drop.shipment.posting"]._get_outstanding(order):
                order.drop_shipment_to_post = True
            elif billing._get_to_bill(order):
                order.drop_shipment_to_post = True
                order.drop_shipment_post_waits = not billing._get_billable(order)

    @api.depends(
        "order_line.drop_shipment",
        "order_line.qty_received",
        "order_line.drop_shipment_sale_line_id.qty_delivered",
    )
    def _compute_drop_shipment_returnable(self):
        return super()._compute_drop_shipment_returnable()

    @api.depends(
        "state",
        "sell_to_customer_id",
        "picking_type_id",
        "order_line.product_id",
        "order_line.drop_shipment_late",
        "order_line.drop_shipment_qty_declined",
        "order_line.product_qty",
        "order_line.qty_received",
        "order_line.qty_invoiced",
        "order_line.qty_to_invoice",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_outstanding",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_invoiced",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_billed",
        "picking_ids.drop_shipment_reported",
    )
    @api.depends_context("lang", "tz", "uid")
    def _compute_drop_shipment_notice(self):
        return super()._compute_drop_shipment_notice()

    # Depends on purchase lines only: a path through sales lines would make each change
    # of an ordinary sales line search for purchase lines.
    def _compute_dest_address_id(self):
        res = super()._compute_dest_address_id()
        # Core follows a new ship-to of the only sales order. One that is named by a
        # line for own stock, or as a reference, has no say in where the others go.
        for order in self:
            if order.dest_address_id and order._has_drop_shipment():
                ship_to = order._get_drop_shipment_sale_orders().partner_shipping_id
                if len(ship_to) == 1:
                    order.dest_address_id = ship_to
        return res

    def _compute_receipt_status(self):
        # Core looks at transfers only: all of them may be done or cancelled, and less
        # received than was ordered. The quantities are no dependency: it would compute
        # ordinary orders earlier, too, and write their moves twice. Linked lines call
        # `_recompute_receipt_status` instead.
        stranded = self.filtered(
            lambda order: (
                order._has_drop_shipment()
                and all(
                    picking.state in ("done", "cancel") for picking in order.picking_ids
                )
                and order.order_line._filter_stranded()
            )
        )
        for order in stranded:
            received = any(order.order_line.mapped("qty_received"))
            order.receipt_status = "partial" if received else "pending"
        return super(PurchaseOrder, self - stranded)._compute_receipt_status()

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def copy_data(self, default=None):
        header = self.env["drop.shipment.header"]
        vals_list = super().copy_data(default=default)
        for order, vals in zip(self, vals_list, strict=True):
            # The copy has neither links nor customer, so it is no drop shipment.
            if order.sell_to_customer_id and order._is_drop_shipment_type():
                vals.update(header._prepare_own_delivery(order))
        return vals_list

    def copy(self, default=None):
        copies = super().copy(default=default)
        self._log_drop_shipment_notes(
            {
                copy: [
                    self.env._(
                        "Copied from %(order)s, which is a drop shipment. This order "
                        "is delivered to you. To have the vendor ship to a customer, "
                        "fill in Sell-to Customer and use Get Sales Order instead.",
                        order=order.name,
                    )
                ]
                for order, copy in zip(self, copies, strict=True)
                if order._has_drop_shipment()
            }
        )
        return copies

    def write(self, vals):
        reopened = self._prepare_drop_shipment_write(vals)
        if "order_line" in vals:
            # One line may take the place of another: header and sums follow both.
            with (
                self.env["drop.shipment.header"]._follow(self.order_line),
                self.env["drop.shipment.link"]._check_sums_later(self) as later,
            ):
                later = later.with_context(dropship_link_header_later=self.ids)
                res = super(PurchaseOrder, later).write(vals)
        else:
            res = super().write(vals)
        for order in reopened:
            self.env["drop.shipment.link"]._check_links(
                order.order_line.filtered("drop_shipment")
            )
        return res

    def _prepare_drop_shipment_write(self, vals):
        """Refuse values that the rules do not allow; return orders that are reopened.

        :param dict vals: as for `write`
        """
        reopened = self.browse()
        if not {*PURCHASE_ORDER_FIELDS, "state"} & set(vals):
            return reopened
        link, freeze = self.env["drop.shipment.link"], self.env["drop.shipment.freeze"]
        linked = self.filtered(lambda order: order._has_drop_shipment())
        freeze._check_purchase_orders(linked, vals)
        if vals.get("state", "purchase") != "purchase":
            freeze._check_may_leave_confirmed(linked, vals["state"])
            self.env["drop.shipment.vendor.answer"]._limit(linked.order_line, 0.0)
        if vals.get("state") in ("to approve", "purchase"):
            # All ways to confirm write this state: last check before the vendor ships.
            link._check_may_confirm(linked)
        if vals.get("state", "cancel") != "cancel":
            reopened = linked.filtered(lambda order: order.state == "cancel")
            freeze._check_may_reopen(self)
        if "partner_id" in vals:
            linked._forget_drop_shipment_vendor(but=vals["partner_id"])
        return reopened

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drop_shipment_received(self):
        # Core refuses to delete received lines, but the database would cascade to them
        # from a cancelled order.
        cancelled = self.filtered(lambda order: order.state == "cancel")
        for order in cancelled.filtered(lambda order: order._has_drop_shipment()):
            for line in order.order_line.filtered("drop_shipment"):
                if line.product_uom_id.is_zero(line.qty_received):
                    continue
                raise UserError(
                    self.env._(
                        "%(line)s can't be deleted: %(quantity)s of sales order "
                        "%(sale)s were shipped. Keep the cancelled order.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(line.qty_received),
                        sale=line.drop_shipment_sale_ref,
                    )
                )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_get_sales_order(self):
        """Open the dialog that fetches drop shipment lines into this order.

        :return: window action
        :raise UserError: no vendor or customer, no request for quotation, or nothing
            to fetch
        """
        self.ensure_one()
        self.check_access("write")
        wizard = self.env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": self.id}
        )
        wizard._check_anything_offered()
        return wizard._get_records_action(
            name=self.env._("Get Sales Order"),
            target="new",
            context={"dialog_size": "extra-large"},
        )

    def action_view_drop_shipment_unbillable(self):
        """Open the sales orders that are to be invoiced before the bill.

        :return: window action
        :raise UserError: no bill waits for an invoice
        :raise AccessError: the user may not read the sales orders
        """
        self.check_access("read")
        # Which ones is no secret, see the notice; they open with the user's rights.
        control = self.env["drop.shipment.bill.control"]
        waiting = control._filter_waiting(self.sudo().order_line)
        if not waiting:
            raise UserError(
                self.env._(
                    "No bill of %(order)s waits for an invoice. Reload the page.",
                    order=", ".join(self.mapped("name")),
                )
            )
        return waiting.sudo(self.env.su).action_view_drop_shipment_sale()

    def action_close_drop_shipment_remainder(self):
        """Give back what the vendor has not shipped of lines shipped in part.

        And of those of which something is on no transfer any more.

        :return: True
        :raise UserError: there is no such line
        :raise AccessError: the user may not change the order
        """
        self.check_access("write")
        # Buyers may lack rights on transfers.
        lines = self.sudo().order_line
        lines = lines._filter_partly_shipped() | lines._filter_stranded()
        if not lines:
            raise UserError(
                self.env._(
                    "%(order)s has no remainder to close: none of its drop shipment "
                    "lines is shipped in part. Reload the page.",
                    order=", ".join(self.mapped("name")),
                )
            )
        return lines.with_env(self.env).action_close_drop_shipment_remainder()

    def action_ship_drop_shipment_again(self):
        """Have the vendors ship what is ordered, but on no transfer any more.

        See the method of the same name on the lines.

        :return: True
        :raise UserError: there is nothing to ship again, or all of it is of sales
            orders that are not confirmed
        :raise AccessError: the user may not change the order
        """
        self.check_access("write")
        # Buyers may lack rights on transfers.
        lines = self.sudo().order_line._filter_stranded()
        # Those that nobody wants any more stay; they alone are refused.
        lines = (lines - lines._filter_unwanted()) or lines
        if not lines:
            raise UserError(
                self.env._(
                    "%(order)s has nothing to ship again: all that is ordered is "
                    "shipped or on an open transfer. Reload the page.",
                    order=", ".join(self.mapped("name")),
                )
            )
        return lines.with_env(self.env).action_ship_drop_shipment_again()

    def action_refund_drop_shipment(self):
        """Make the vendor's refund of what is billed, but received no more.

        Posted if the user may, else a draft.

        :return: action that tells what was made
        :raise UserError: there is nothing to refund
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        crediting = self.env["drop.shipment.crediting"]
        return crediting._get_notification(crediting._refund_due(self))

    def action_rfq_send(self):
        if not self._has_drop_shipment():
            return super().action_rfq_send()
        if self.env.context.get("drop_shipment_reminder"):
            if self.state == "purchase":
                return self.env["drop.shipment.mail"]._get_reminder_action(self)
            # A request is not agreed yet: send the request instead of a reminder.
            self = self.with_context(send_rfq=True)
        self.env["drop.shipment.link"]._check_may_confirm(self)
        action = super().action_rfq_send()
        name = "rfq" if self.env.context.get("send_rfq") else "order"
        if template := self.env["drop.shipment.mail"]._get_template(name):
            values = {"default_template_id": template.id}
            action["context"] = {**action["context"], **values}
        return action

    def _process_attachments_for_template_post(self, mail_template):
        res = super()._process_attachments_for_template_post(mail_template)
        if mail_template != self.env["drop.shipment.mail"]._get_template("order"):
            return res
        slip = self.env["drop.shipment.packing.slip"]
        # Skip the placeholder record (id 0) of template previews.
        for order in self.filtered("id"):
            if order._is_drop_shipment_slip_attached():
                attachments = res.setdefault(order.id, {}).setdefault("attachments", [])
                attachments.append(slip._get_attachment(order))
        return res

    def action_merge(self):
        self.env["drop.shipment.ordering"]._check_may_merge(self)
        return super().action_merge()

    def action_purchase_order_suggest(self):
        self.env["drop.shipment.ordering"]._check_may_suggest(self)
        return super().action_purchase_order_suggest()

    def _activity_cancel_on_sale(self):
        # The salesperson is told once, however often an order is cancelled.
        for order in self.filtered(lambda order: order._has_drop_shipment()):
            link = f'data-oe-id="{order.id}"'
            activities = order._get_drop_shipment_sale_orders().activity_ids
            activities.filtered(
                lambda activity, link=link: (
                    activity.automated and link in (activity.note or "")
                )
            ).unlink()
        return super()._activity_cancel_on_sale()

    # ------------------------------------------------------------
    # STOCK
    # ------------------------------------------------------------

    def _create_picking(self):
        # Buyers without sales rights may not read what core reads of the sales order.
        linked = self.filtered(lambda order: order._has_drop_shipment())
        super(PurchaseOrder, linked.sudo())._create_picking()
        return super(PurchaseOrder, self - linked)._create_picking()

    def _get_destination_location(self):
        transit = self.env["drop.shipment.transfers"]._get_transit(self)
        return transit.id or super()._get_destination_location()

    def _get_final_location_record(self):
        transit = self.env["drop.shipment.transfers"]._get_transit(self)
        return transit or super()._get_final_location_record()

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _has_drop_shipment(self):
        """Whether a line is linked. A link needs a customer: no query without one."""
        self.ensure_one()
        return bool(self.sell_to_customer_id) and any(
            line.drop_shipment for line in self.order_line
        )

    def _is_drop_shipment_type(self):
        """Whether the operation type ships from vendors to customers."""
        self.ensure_one()
        picking_type = self.picking_type_id
        return (
            picking_type.code == "dropship"
            and picking_type.default_location_dest_id.usage == "customer"
        )

    def _recompute_receipt_status(self):
        """Have the receipt status follow the quantities of linked lines."""
        self.env.add_to_compute(self._fields["receipt_status"], self)

    def _get_drop_shipment_sale_orders(self):
        """Return the linked sales orders; the caller sees to the rights."""
        return self._get_drop_shipment_sale_lines().order_id

    def _get_drop_shipment_sale_lines(self):
        return self.order_line.drop_shipment_sale_line_id

    def _get_drop_shipment_slips(self):
        """Return the packing slips of this order for the report that prints them."""
        return self.env["drop.shipment.packing.slip"]._get_slips(self)

    def action_create_invoice(self, attachment_ids=False):
        returned = self.order_line.filtered(
            lambda line: line.drop_shipment and line.qty_to_invoice < 0
        )
        # The document of the vendor says itself what a refund is worth.
        if attachment_ids or not returned:
            return super().action_create_invoice(attachment_ids)
        billing = self.env["drop.shipment.billing"]
        before = billing._get_bills(returned.order_id)
        action = super().action_create_invoice(attachment_ids)
        billing._credit_returns(billing._get_bills(returned.order_id) - before)
        return action

    def _prepare_invoice(self):
        vals = super()._prepare_invoice()
        if date := self.env.context.get("dropship_link_bill_date"):
            vals["invoice_date"] = date
        return vals
