from base64 import b64encode
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_round


class PurchaseOrder(models.Model):
    _name = "purchase.order"
    _inherit = ["purchase.order", "drop.shipment.order.mixin"]
    _drop_shipment_dialog_field = "purchase_order_id"

    sell_to_customer_id = fields.Many2one(
        comodel_name="res.partner",
        string="Sell-to Customer",
        # An order without it is no drop shipment, whatever its lines say.
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
    drop_shipment_notice_own = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Whether the order has a customer, but would be delivered to the company.",
        groups="base.group_user",
    )
    drop_shipment_notice_bill = fields.Char(
        compute="_compute_drop_shipment_notice",
        compute_sudo=True,
        help="Which sales orders are to be invoiced before the bill can be posted.",
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
            order.drop_shipment_customer_ref = ", ".join(
                filter(None, sale_orders.mapped("client_order_ref"))
            )

    @api.depends(
        "state",
        "order_line.drop_shipment",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_outstanding",
        "order_line.qty_received",
        "order_line.qty_to_invoice",
    )
    def _compute_drop_shipment_to_post(self):
        for order in self:
            lines = order.order_line.filtered("drop_shipment")
            order.drop_shipment_to_post = order.state == "purchase" and bool(
                lines
                and (
                    any(
                        line.product_uom_id.compare(
                            line._get_drop_shipment_qty_outstanding(), 0.0
                        )
                        > 0
                        for line in lines
                    )
                    or order._get_drop_shipment_to_bill()
                )
            )

    @api.depends(
        "state",
        "sell_to_customer_id",
        "picking_type_id",
        "order_line.product_id",
        "order_line.drop_shipment_late",
        "order_line.product_qty",
        "order_line.qty_received",
        "order_line.qty_invoiced",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_outstanding",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_invoiced",
        "order_line.drop_shipment_sale_line_id.drop_shipment_qty_billed",
    )
    @api.depends_context("tz", "uid")
    def _compute_drop_shipment_notice(self):
        return super()._compute_drop_shipment_notice()

    # Not by the sales lines: each ordinary one would be asked for purchase lines.
    @api.depends("order_line.product_qty", "order_line.qty_received")
    def _compute_receipt_status(self):
        # Core looks at transfers only: all of them may be done or cancelled, and less
        # received than was ordered.
        stranded = self.filtered(
            lambda order: (
                order._has_drop_shipment()
                and all(
                    picking.state in ("done", "cancel") for picking in order.picking_ids
                )
                and order.order_line._get_drop_shipment_stranded()
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
        vals_list = super().copy_data(default=default)
        for order, vals in zip(self, vals_list, strict=True):
            # The copy has neither links nor customer, so it is no drop shipment.
            if order.sell_to_customer_id and order._is_drop_shipment_type():
                vals.update(order._prepare_drop_shipment_reset())
        return vals_list

    def write(self, vals):
        linked = self.browse()
        if {
            "company_id",
            "currency_id",
            "dest_address_id",
            "partner_id",
            "picking_type_id",
            "sell_to_customer_id",
            "state",
        } & set(vals):
            linked = self.filtered(lambda order: order._has_drop_shipment())
            linked._check_drop_shipment_frozen(vals)
        if vals.get("state", "purchase") != "purchase":
            linked._check_drop_shipment_leave(vals["state"])
        if vals.get("state") in ("to approve", "purchase"):
            # Whoever confirms, and by whatever button: the last look before the goods
            # are on their way.
            linked._check_drop_shipment_ready()
        reopened = self.browse()
        if vals.get("state", "cancel") != "cancel":
            reopened = linked.filtered(lambda order: order.state == "cancel")
            self._check_drop_shipment_reopen()
        res = super().write(vals)
        for order in reopened:
            order.order_line.filtered("drop_shipment")._check_drop_shipment_link()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_drop_shipment_received(self):
        # Core keeps lines with receipts; the database deletes them with their order.
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
        wizard._check_offer()
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
        waiting = self.sudo().order_line._get_drop_shipment_unbillable()
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
        lines = lines._get_drop_shipment_short() | lines._get_drop_shipment_stranded()
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
        :raise UserError: there is nothing to ship again
        :raise AccessError: the user may not change the order
        """
        self.check_access("write")
        # Buyers may lack rights on transfers.
        lines = self.sudo().order_line._get_drop_shipment_stranded()
        if not lines:
            raise UserError(
                self.env._(
                    "%(order)s has nothing to ship again: all that is ordered is "
                    "shipped or on an open transfer. Reload the page.",
                    order=", ".join(self.mapped("name")),
                )
            )
        return lines.with_env(self.env).action_ship_drop_shipment_again()

    def action_rfq_send(self):
        if not self._has_drop_shipment():
            return super().action_rfq_send()
        self._check_drop_shipment_ready()
        action = super().action_rfq_send()
        xmlid = "dropship_link.email_template_drop_shipment_order"
        if self.env.context.get("send_rfq"):
            xmlid = "dropship_link.email_template_drop_shipment_rfq"
        if template := self.env.ref(xmlid, raise_if_not_found=False):
            action["context"] = {
                **action["context"],
                "default_template_id": template.id,
            }
        return action

    def _process_attachments_for_template_post(self, mail_template):
        res = super()._process_attachments_for_template_post(mail_template)
        order_template = self.env.ref(
            "dropship_link.email_template_drop_shipment_order", raise_if_not_found=False
        )
        if mail_template != order_template:
            return res
        # Without the id 0 of a mail that is no order's yet.
        for order in self.filtered("id"):
            if order._is_drop_shipment_slip_attached():
                attachments = res.setdefault(order.id, {}).setdefault("attachments", [])
                attachments.append(order._get_drop_shipment_slip_attachment())
        return res

    @api.model
    def _get_orders_to_remind(self):
        orders = super()._get_orders_to_remind()
        # Core reminds of nothing once a first part has come.
        partly = self.search(
            [
                ("sell_to_customer_id", "!=", False),
                ("effective_date", "!=", False),
                ("state", "=", "purchase"),
                ("acknowledged", "=", False),
                ("receipt_reminder_email", "=", True),
            ]
        )
        return orders | partly.filtered("order_line.drop_shipment").filtered(
            lambda order: order.sudo().order_line._get_drop_shipment_open_moves()
        )

    def action_acknowledge(self):
        # The vendor's own word; a transfer says nothing about what is left to ship.
        shipped = self.browse(self.env.context.get("dropship_link_unacknowledged"))
        return super(PurchaseOrder, self - shipped).action_acknowledge()

    def _drop_shipment_acknowledge(self):
        """Take a shipment of all that was left for the vendor's acknowledgement."""
        done = self.filtered(
            lambda order: not order.order_line._get_drop_shipment_open_moves()
        )
        done.filtered(lambda order: not order.acknowledged).action_acknowledge()

    def action_merge(self):
        if linked := self.filtered(lambda order: order._has_drop_shipment()):
            raise UserError(
                self.env._(
                    "%(orders)s can't be merged: drop shipment lines stay with the "
                    "order they were fetched into. Unlink them and use Get Sales Order "
                    "in the order that shall have them all.",
                    orders=", ".join(linked.mapped("name")),
                )
            )
        return super().action_merge()

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._get_drop_shipment_error()

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
        return (
            self._get_drop_shipment_transit().id or super()._get_destination_location()
        )

    def _get_final_location_record(self):
        return self._get_drop_shipment_transit() or super()._get_final_location_record()

    def _get_drop_shipment_transit(self):
        """Return the transit to a customer that is a company of this database, or none.

        The goods go to that company's own customer, by its own transfer from there. Two
        transfers to the customer would put serial numbers there twice.
        """
        self.ensure_one()
        if not self._has_drop_shipment():
            return self.env["stock.location"]
        # Buyers may not read where their customers' goods go.
        customer = self.sudo().sell_to_customer_id.commercial_partner_id
        location = customer.with_company(self.company_id).property_stock_customer
        return location.filtered(lambda location: location.usage == "transit")

    def _get_drop_shipment_picking(self, sale_order, picking):
        """Return the open transfer of this order for `sale_order`.

        :param picking: transfer to use if it is empty
        """
        self.ensure_one()
        for candidate in picking | self.picking_ids:
            if candidate.state in ("done", "cancel"):
                continue
            # Not one that takes goods back.
            moves = candidate.move_ids.filtered(lambda move: move._is_drop_shipment())
            if moves.sale_line_id.order_id == sale_order:
                return candidate
        if picking and not picking.move_ids:
            return picking
        new_picking = picking.create(self._prepare_picking())
        new_picking.message_post_with_source(
            "mail.message_origin_link",
            render_values={"self": new_picking, "origin": self},
            subtype_xmlid="mail.mt_note",
        )
        return new_picking

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _has_drop_shipment(self):
        """Whether a line is linked. A link needs a customer: no query without one."""
        self.ensure_one()
        return bool(self.sell_to_customer_id) and any(
            self.order_line.mapped("drop_shipment")
        )

    def _is_drop_shipment_type(self):
        """Whether the operation type ships from vendors to customers."""
        self.ensure_one()
        picking_type = self.picking_type_id
        return (
            picking_type.code == "dropship"
            and picking_type.default_location_dest_id.usage == "customer"
        )

    def _get_drop_shipment_sale_orders(self):
        """Return the linked sales orders; the caller sees to the rights."""
        return self._get_drop_shipment_sale_lines().order_id

    def _get_drop_shipment_sale_lines(self):
        return self.order_line.drop_shipment_sale_line_id

    def _is_drop_shipment_slip_attached(self):
        """Whether the mail to the vendor brings packing slips."""
        self.ensure_one()
        if not self._has_drop_shipment():
            return False
        vendor = self.partner_id.with_company(self.company_id)
        if choice := vendor.property_drop_shipment_packing_slip:
            return choice == "always"
        return self.company_id.drop_shipment_packing_slip

    def _get_drop_shipment_slip_attachment(self):
        """Return the packing slips as core wants an attachment: (name, base64)."""
        self.ensure_one()
        content, extension = self.env["ir.actions.report"]._render_qweb_pdf(
            "dropship_link.action_report_drop_shipment_packing_slip", self.ids
        )
        name = self.env._("Packing Slip - %(order)s", order=self.name)
        return f"{name}.{extension}", b64encode(content)

    def _get_drop_shipment_slips(self):
        """Return what the vendor puts into the parcels, a slip for each sales order.

        What is left to ship; all of it again, once nothing is. No price, and no word
        of the vendor, in the language of the customer.

        :return: list of dicts: `order`, the sales order, and `lines`, which are dicts
            of `name`, `quantity` with its unit, and `lots`
        :raise AccessError: the user may not read the purchase order
        """
        self.ensure_one()
        self.check_access("read")
        slips = []
        # Buyers without sales rights print what the customer reads.
        linked = self.sudo().order_line.filtered("drop_shipment")
        for sale_order, lines in linked.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            lang = sale_order.partner_id.lang or self.env.lang
            waiting = lines._get_drop_shipment_waiting()
            slips.append(
                {
                    "order": sale_order.with_context(lang=lang),
                    "lines": [
                        line._prepare_drop_shipment_slip_line()
                        for line in (waiting or lines).with_context(lang=lang)
                    ],
                }
            )
        return slips

    def _get_drop_shipment_notices(self):
        self.ensure_one()
        lines = self.order_line.filtered("drop_shipment")
        notices = {}
        if own := self._get_drop_shipment_own_message():
            notices["own"] = own
        if late := lines.filtered("drop_shipment_late"):
            notices["late"] = self.env._(
                "Late for the customer: %(products)s.",
                products=late.product_id._get_drop_shipment_names(),
            )
        if short := lines._get_drop_shipment_short():
            notices["rest"] = self.env._(
                "Partly shipped: %(products)s. Post the rest, or close it.",
                products=short.product_id._get_drop_shipment_names(),
            )
        notices.update(self._get_drop_shipment_back_notices(lines))
        if waiting := lines._get_drop_shipment_unbillable():
            sale_orders = waiting.drop_shipment_sale_line_id.order_id
            notices["bill"] = self.env._(
                "The bill waits for the invoice of sales order %(sale)s.",
                sale=", ".join(sale_orders.mapped("name")),
            )
        return notices

    @api.model
    def _get_drop_shipment_back_notices(self, lines):
        """Return the notices of what does not come, or went back, as far as any."""
        notices = {}
        if stranded := lines._get_drop_shipment_stranded():
            notices["stranded"] = self.env._(
                "Not on its way any more: %(products)s. The transfer was cancelled or "
                "corrected, or goods went back. Ship it again, or close it.",
                products=stranded.product_id._get_drop_shipment_names(),
            )
        if refundable := lines._get_drop_shipment_refundable():
            notices["refund"] = self.env._(
                "A refund of the vendor is due: %(products)s. More is billed than was "
                "received.",
                products=refundable.product_id._get_drop_shipment_names(),
            )
        return notices

    def _get_drop_shipment_own_message(self):
        """Return that goods typed in for a customer would come to us, or False."""
        self.ensure_one()
        if (
            not self.sell_to_customer_id
            or self.state not in ("draft", "sent", "to approve")
            or self._has_drop_shipment()
            or self._is_drop_shipment_type()
        ):
            return False
        goods = self.order_line.filtered(lambda line: line.product_id.type == "consu")
        if not goods:
            return False
        return self.env._(
            "Not linked to a sales order, so it would be delivered to us, not to "
            "%(customer)s: %(products)s. Remove it and use Get Sales Order, or empty "
            "Sell-to Customer.",
            customer=self.sell_to_customer_id.display_name,
            products=goods.product_id._get_drop_shipment_names(),
        )

    @api.model
    def _get_drop_shipment_picking_type(self, company):
        """Return the company's operation type from vendor to customer.

        Subcontracting adds a dropship type that ships to a subcontractor.

        :raise UserError: the company has none
        """
        picking_type = self.env["stock.picking.type"].search_fetch(
            [
                ("code", "=", "dropship"),
                ("company_id", "=", company.id),
                ("default_location_dest_id.usage", "=", "customer"),
            ],
            limit=1,
        )
        if not picking_type:
            raise UserError(
                self.env._(
                    "%(company)s has no Dropship operation type with a customer "
                    "location as destination. Create one in Inventory > "
                    "Configuration > Operations Types.",
                    company=company.name,
                )
            )
        return picking_type

    def _get_drop_shipment_error(self):
        """Return why this order may not be confirmed or sent, or False."""
        self.ensure_one()
        if not self._has_drop_shipment():
            return False
        # Buyers without sales rights are told numbers and states only.
        lines = self.sudo().order_line.filtered(lambda line: not line.display_type)
        linked = lines.filtered("drop_shipment")
        if not self.sudo().dest_address_id:
            return self.env._(
                "%(order)s has no ship-to address. Unlink its lines and use Get Sales "
                "Order again.",
                order=self.name,
            )
        if unlinked := (lines - linked).filtered(
            lambda line: (
                line.product_id.type == "consu"
                # Of what was added on the transfer nothing more is to be shipped.
                and not line.product_uom_id.is_zero(line.product_qty)
            )
        ):
            return self.env._(
                "%(order)s mixes drop shipment lines with lines for your own stock: "
                "%(lines)s. The vendor would ship these to the customer too. Move them "
                "to an order of their own.",
                order=self.name,
                lines=", ".join(line._get_drop_shipment_label() for line in unlinked),
            )
        if message := self._get_drop_shipment_service_error(linked):
            return message
        if kits := linked.product_id._get_drop_shipment_kits(self.company_id):
            return self.env._(
                "%(order)s has a kit, which can't be drop-shipped as a whole: "
                "%(products)s. Unlink it.",
                order=self.name,
                products=", ".join(kits.mapped("display_name")),
            )
        if unconfirmed := linked.drop_shipment_sale_line_id.order_id.filtered(
            lambda sale_order: sale_order.state != "sale"
        ):
            return self.env._(
                "%(order)s ships sales order %(sales)s, which is not confirmed. "
                "Have it confirmed, or unlink its lines.",
                order=self.name,
                sales=", ".join(unconfirmed.mapped("name")),
            )
        return False

    def _get_drop_shipment_service_error(self, linked):
        """Return which of the linked lines are no goods any more, or False."""
        if services := linked.filtered(lambda line: line.product_id.type != "consu"):
            return self.env._(
                "%(order)s can't ship %(lines)s: only goods can be drop-shipped, and "
                "the product is none any more. Unlink it.",
                order=self.name,
                lines=", ".join(line._get_drop_shipment_label() for line in services),
            )
        return False

    def _check_drop_shipment_ready(self):
        """Refuse to confirm or send drop shipments that are not in order.

        :raise UserError: see `_get_drop_shipment_error`
        """
        for order in self:
            if message := order._get_drop_shipment_error():
                raise UserError(message)

    def _check_drop_shipment_mix(self):
        """Refuse goods for own stock among the linked lines of a confirmed order.

        :raise UserError: see `_get_drop_shipment_error`
        """
        self.filtered(
            lambda order: order.state in ("to approve", "purchase")
        )._check_drop_shipment_ready()

    def _check_drop_shipment_reopen(self):
        """Refuse to reopen orders of lines that ship from stock in the meantime.

        :raise UserError: names the line and its sales order
        """
        for order in self:
            if order.state != "cancel" or not order.sell_to_customer_id:
                continue
            # Buyers without sales rights are told a number only.
            for line in order.sudo().order_line:
                if line.sale_line_id and not line.drop_shipment:
                    raise UserError(
                        self.env._(
                            "%(line)s can't be ordered again: sales order %(sale)s "
                            "ships it from stock now. Make a new request for "
                            "quotation.",
                            line=line._get_drop_shipment_label(),
                            sale=line.sale_line_id.order_id.name,
                        )
                    )

    def _check_drop_shipment_leave(self, state):
        """Refuse to take confirmed orders back while the vendor may still ship them.

        Core's button cancels the transfers before it changes the state. Without that
        they stay, and the same goods could be ordered and shipped again.

        :raise UserError: names the document
        """
        for order in self.filtered(lambda order: order.state == "purchase"):
            # Buyers may lack rights on transfers.
            moves = order.sudo().order_line.move_ids
            if state != "cancel" or any(
                move.state not in ("done", "cancel") for move in moves
            ):
                raise UserError(
                    self.env._(
                        "Status of %(order)s can't be changed: it is confirmed, and "
                        "the vendor is to ship sales order %(sale)s. Cancel the order "
                        "first.",
                        order=order.name,
                        sale=order.drop_shipment_sale_ref,
                    )
                )

    def _check_drop_shipment_frozen(self, vals):
        """Refuse other values for fields that are frozen while linked.

        :param dict vals: as for `write`
        :raise UserError: names field, document and sales order
        """
        names = {
            "company_id",
            "dest_address_id",
            "picking_type_id",
            "sell_to_customer_id",
        }
        for order in self:
            if order.state == "cancel":
                # Its links are looked at again when it is reopened, which takes this.
                order._check_drop_shipment_cancelled_customer(vals)
                continue
            frozen = names
            if order.state == "purchase":
                frozen = names | {"partner_id", "currency_id"}
            for name in sorted(frozen & set(vals)):
                if order[name].id == (vals[name] or False):
                    continue
                raise UserError(
                    self.env._(
                        "%(field)s of %(order)s can't be changed: the order ships "
                        "sales order %(sale)s. Unlink its lines or cancel the order "
                        "first.",
                        field=self._fields[name]._description_string(self.env),
                        order=order.name,
                        sale=order.drop_shipment_sale_ref,
                    )
                )

    def _check_drop_shipment_cancelled_customer(self, vals):
        """Refuse another customer on a cancelled order with links.

        :param dict vals: as for `write`
        :raise UserError: names field, document and sales order
        """
        self.ensure_one()
        name = "sell_to_customer_id"
        if name in vals and self[name].id != (vals[name] or False):
            raise UserError(
                self.env._(
                    "%(field)s of %(order)s can't be changed: the cancelled order has "
                    "lines of sales order %(sale)s. Make a new request for quotation.",
                    field=self._fields[name]._description_string(self.env),
                    order=self.name,
                    sale=self.drop_shipment_sale_ref,
                )
            )

    @api.model
    def _prepare_drop_shipment_header(self, picking_type, sale_orders, origin=""):
        """Return the values that make an order a drop shipment of `sale_orders`.

        :param picking_type: see `_get_drop_shipment_picking_type`
        :param str origin: source documents that the order has already
        """
        origins = [name for name in (origin or "").split(", ") if name]
        origins += [name for name in sale_orders.mapped("name") if name not in origins]
        return {
            # Core empties the address when the type does not ship to a customer, and
            # never fills it again: both together.
            "picking_type_id": picking_type.id,
            "dest_address_id": sale_orders.partner_shipping_id.id,
            "origin": ", ".join(origins),
        }

    @api.model
    def _create_drop_shipments(self, requests, join=False):
        """Make requests for quotation of sales lines, linked.

        One for each company, vendor, customer, ship-to address and currency.

        :param list requests: (sales line, elevated; vendor; quantity in the line's UoM)
        :param bool join: use an open drop shipment request of the same key
        :return: the purchase orders
        :raise UserError: a line has no vendor; names the products
        """
        missing = [line for line, vendor, _quantity in requests if not vendor]
        if missing:
            products = self.env["product.product"].union(
                *(line.product_id for line in missing)
            )
            raise UserError(
                self.env._(
                    "Choose a vendor for %(products)s: fill it in on the product or in "
                    "the dialog.",
                    products=", ".join(products.mapped("display_name")),
                )
            )
        groups = defaultdict(lambda: defaultdict(float))
        for line, vendor, quantity in requests:
            groups[self._get_drop_shipment_key(line, vendor)][line] += quantity
        found = {
            key: self._find_drop_shipment_request(*key) if join else self.browse()
            for key in groups
        }
        missing = [key for key, order in found.items() if not order]
        picking_types = {
            company: self._get_drop_shipment_picking_type(company)
            for company in {company for company, *_key in missing}
        }
        created = self._create_drop_shipment_requests(
            [
                {
                    **self._prepare_drop_shipment_order(*key),
                    **self._prepare_drop_shipment_header(
                        picking_types[key[0]],
                        self._get_drop_shipment_orders(groups[key]),
                    ),
                }
                for key in missing
            ]
        )
        found.update(zip(missing, created, strict=True))
        self._add_drop_shipment_lines(
            {found[key]: quantities for key, quantities in groups.items()}
        )
        return self.browse().union(*found.values())

    @api.model
    def _create_drop_shipment_requests(self, vals_list):
        """Create requests for quotation, with buyers and followers as core gives them.

        Core adds followers to one order after the other. The first note on each says
        where it comes from, and that it was created.

        :param list vals_list: as for `create`
        :return: the purchase orders, in the order of `vals_list`
        """
        orders = (
            self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
            .create([{**vals, "user_id": False} for vals in vals_list])
            .with_env(self.env)
        )
        context = self.env.context
        if self.env.user.active and not (
            context.get("mail_create_nosubscribe") or context.get("tracking_disable")
        ):
            orders.message_subscribe(self.env.user.partner_id.ids)
        buyers = defaultdict(self.browse)
        for order, vals in zip(orders, vals_list, strict=True):
            buyers[vals.get("user_id")] += order
        for buyer, theirs in buyers.items():
            # They are new: nothing of this is a change.
            theirs.with_context(mail_notrack=True).user_id = buyer
        return orders

    def _get_drop_shipment_link_refusal(self, sale_order):
        """Return why lines of this order may not ship `sale_order`, or False.

        :param sale_order: sales order, elevated where the user may not read it
        """
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            return self.env._("the purchase order is no request for quotation.")
        if sale_order.state != "sale":
            return self.env._("that sales order is not confirmed.")
        if not self.sell_to_customer_id:
            return self.env._("Sell-to Customer is empty.")
        if (
            self.sell_to_customer_id.commercial_partner_id
            != sale_order.partner_id.commercial_partner_id
        ):
            return self.env._("Sell-to Customer is another customer.")
        return self._get_drop_shipment_shipping_refusal(sale_order)

    def _get_drop_shipment_shipping_refusal(self, sale_order):
        """Return why the vendor would not ship to the address of `sale_order`, or
        False."""
        self.ensure_one()
        if not self._is_drop_shipment_type():
            return self.env._("Deliver To is not Dropship.")
        if self.dest_address_id != sale_order.partner_shipping_id:
            return self.env._("the ship-to address differs.")
        return False

    def _get_drop_shipment_adoption_refusal(self, sale_lines):
        """Return why lines of this order can't be adopted, or False.

        :param sale_lines: the sales lines that can be adopted as far as is known
        """
        self.ensure_one()
        goods = self.order_line.filtered(
            lambda line: not line.display_type and line.product_id.type == "consu"
        )
        others = goods.filtered(
            lambda line: not line.drop_shipment and line.sale_line_id not in sale_lines
        )
        if others:
            return self.env._(
                "%(order)s has other goods: %(products)s. Adopt them, too, or order "
                "them separately.",
                order=self.name,
                products=others.product_id._get_drop_shipment_names(),
            )
        customers = goods.sale_line_id.order_id.partner_id | self.sell_to_customer_id
        if len(customers.commercial_partner_id) > 1:
            return self.env._(
                "%(order)s is for several customers: make an order for each.",
                order=self.name,
            )
        return False

    @api.model
    def _get_drop_shipment_key(self, line, vendor):
        """Return what lines of one request for quotation have in common."""
        company = line.company_id
        currency = (
            vendor.with_company(company).property_purchase_currency_id
            or company.currency_id
        )
        order = line.order_id
        return company, vendor, order.partner_id, order.partner_shipping_id, currency

    @api.model
    def _find_drop_shipment_request(self, company, vendor, customer, ship_to, currency):
        """Return the oldest open drop shipment request of this key, if any."""
        return self.search(
            [
                ("state", "=", "draft"),
                ("company_id", "=", company.id),
                ("partner_id", "=", vendor.id),
                ("sell_to_customer_id", "=", customer.id),
                ("dest_address_id", "=", ship_to.id),
                ("currency_id", "=", currency.id),
            ],
            order="id",
            limit=1,
        )

    @api.model
    def _prepare_drop_shipment_order(
        self, company, vendor, customer, _ship_to, currency
    ):
        """Return the values of a new request for quotation; lines come later."""
        vendor = vendor.with_company(company)
        fiscal_position = self.env["account.fiscal.position"].with_company(company)
        buyer = vendor.buyer_id
        if not buyer and self.env.user.has_group("purchase.group_purchase_user"):
            buyer = self.env.user
        return {
            "company_id": company.id,
            "partner_id": vendor.id,
            "user_id": buyer.id,
            "currency_id": currency.id,
            "payment_term_id": vendor.property_supplier_payment_term_id.id,
            "fiscal_position_id": fiscal_position._get_fiscal_position(vendor).id,
            "sell_to_customer_id": customer.id,
        }

    @api.model
    def _get_drop_shipment_orders(self, sale_lines):
        """Return the sales orders of these lines, elevated."""
        return (
            self.env["sale.order"].sudo().union(*(line.order_id for line in sale_lines))
        )

    def _get_drop_shipments_action(self):
        """Return an action that shows these orders, or says that there are none."""
        if self:
            return self._get_records_action(name=self.env._("Purchase Orders"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Nothing is left to order."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _add_drop_shipment_lines(self, additions, include_notes=False):
        """Insert linked lines below those that are there; both sides get a note.

        :param dict additions: purchase order to {sales line, elevated: quantity in its
            UoM}
        :param bool include_notes: with the notes directly below each sales line
        :return: the new lines
        """
        PurchaseLine = self.env["purchase.order.line"]
        vals_list = []
        for order, quantities in additions.items():
            sale_orders = self._get_drop_shipment_orders(quantities)
            # A request that was made for them has its header already.
            if (
                order.dest_address_id != sale_orders.partner_shipping_id
                or not order._is_drop_shipment_type()
                or set(sale_orders.mapped("name"))
                - set((order.origin or "").split(", "))
            ):
                picking_type = self._get_drop_shipment_picking_type(order.company_id)
                order.write(
                    self._prepare_drop_shipment_header(
                        picking_type, sale_orders, order.origin
                    )
                )
            sequence = max(order.order_line.mapped("sequence"), default=9)
            vals_list += [
                {**vals, "sequence": sequence + position}
                for position, vals in enumerate(
                    PurchaseLine._prepare_drop_shipment_lines(
                        order, quantities, include_notes
                    ),
                    1,
                )
            ]
        lines = PurchaseLine.create(vals_list)
        lines._fill_in_drop_shipment_price()
        self._drop_shipment_note_added(additions)
        self._log_drop_shipment_notes(
            {
                order: hints
                for order in additions
                if (hints := order._get_drop_shipment_hints(lines))
            }
        )
        return lines

    def _get_drop_shipment_hints(self, lines):
        """Return why the vendor has no price for some of these linked lines.

        :return: list of sentences
        """
        self.ensure_one()
        # Buyers may lack rights on the sales lines; they know the products.
        linked = (lines & self.order_line).sudo().filtered("drop_shipment")
        hints = [
            line.drop_shipment_sale_line_id._get_drop_shipment_vendor_hint(
                self.partner_id, line._get_drop_shipment_qty("product_qty"), self
            )
            for line in linked
        ]
        return list(filter(None, hints))

    def _drop_shipment_tell_hints(self):
        """Tell the buyer for which lines of this order no price applies."""
        self.ensure_one()
        hints = self._get_drop_shipment_hints(self.order_line)
        if not hints:
            return
        responsible = self.order_line.product_id.responsible_id[:1]
        self.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._("Ordered automatically without a price of the vendor"),
            note=Markup("<br/>").join(hints),
            # Nobody, rather than somebody who can't open it.
            user_id=(self.user_id or self.partner_id.buyer_id or responsible).id,
        )

    @api.model
    def _drop_shipment_note_added(self, additions):
        """Tell both sides which orders are linked.

        :param dict additions: see `_add_drop_shipment_lines`
        """
        self._log_drop_shipment_notes_on_both(
            {
                order: self._get_drop_shipment_orders(quantities)
                for order, quantities in additions.items()
            },
            lambda sale: self.env._(
                "Drop shipment lines fetched from sales order %(sale)s.", sale=sale
            ),
            lambda purchase, vendor: self.env._(
                "Drop shipment lines were put into request for quotation %(purchase)s "
                "of %(vendor)s.",
                purchase=purchase,
                vendor=vendor,
            ),
        )

    def _drop_shipment_note_adopted(self):
        """Tell both sides which orders are linked that core's route has made."""
        self._log_drop_shipment_notes_on_both(
            {order: order._get_drop_shipment_sale_orders() for order in self},
            lambda sale: self.env._(
                "Adopted as drop shipment of sales order %(sale)s.", sale=sale
            ),
            lambda purchase, vendor: self.env._(
                "Adopted as drop shipment: purchase order %(purchase)s of %(vendor)s.",
                purchase=purchase,
                vendor=vendor,
            ),
        )

    def _prepare_drop_shipment_reset(self):
        """Return the values that make this order deliver to the company again."""
        self.ensure_one()
        return {
            "picking_type_id": self._get_picking_type(self.company_id.id).id,
            "dest_address_id": False,
        }

    def _get_drop_shipment_to_bill(self, received=None):
        """Return {line: quantity} that core's *Create Bill* would bill now.

        In the line's UoM; negative for what came back and for the vendor's advance.

        :param dict received: purchase line to quantity that is received before, in
            its UoM
        """
        self.ensure_one()
        received = received or {}
        quantities = {}
        for line in self.order_line:
            if line.display_type:
                continue
            quantity = line.qty_to_invoice
            if line.product_id.purchase_method != "purchase":
                quantity += received.get(line, 0.0)
            quantities[line] = quantity
        return self._deduct_drop_shipment_advance(quantities)

    def _get_drop_shipment_billable(self, received=None):
        """Return {line: quantity} of `_get_drop_shipment_to_bill` that may be posted.

        Drop shipments as far as the customer was invoiced, if the company blocks
        bills; the rest waits.

        :param dict received: see `_get_drop_shipment_to_bill`
        """
        self.ensure_one()
        quantities = self._get_drop_shipment_to_bill(received)
        # Buyers may lack rights on sales lines; only quantities come out of it.
        sale_lines = self.sudo().order_line.drop_shipment_sale_line_id
        limits = sale_lines._get_drop_shipment_bill_limits()
        for line, quantity in quantities.items():
            sale_line = line.sudo().drop_shipment_sale_line_id
            if sale_line not in limits or quantity <= 0:
                continue
            wanted = line.product_uom_id._compute_quantity(
                quantity, sale_line.product_uom_id, rounding_method="HALF-UP"
            )
            taken = min(wanted, limits[sale_line])
            limits[sale_line] -= taken
            if sale_line.product_uom_id.compare(taken, wanted) < 0:
                # Down: never more billed than invoiced, where units do not divide.
                quantities[line] = sale_line.product_uom_id._compute_quantity(
                    taken, line.product_uom_id, rounding_method="DOWN"
                )
        return self._deduct_drop_shipment_advance(quantities)

    def _deduct_drop_shipment_advance(self, quantities):
        """Return the quantities that are not zero, with no more advance than goods.

        Core would have the vendor pay the rest of an advance back at once. It waits
        for the next bill instead, as long as there is one to come.

        :param dict quantities: line to quantity, in the line's UoM
        """
        self.ensure_one()
        is_zero = self.env["uom.uom"]._is_drop_shipment_zero
        quantities = {
            line: quantity
            for line, quantity in quantities.items()
            if not is_zero(quantity)
        }
        advances = [
            line
            for line, quantity in quantities.items()
            if line.is_downpayment and quantity < 0
        ]
        if not advances or not self._is_drop_shipment_bill_to_come(quantities):
            return quantities
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        left = self._get_drop_shipment_bill_amount(
            {line: quantities[line] for line in quantities if line not in advances}
        )
        for line in advances:
            quantity = -quantities.pop(line)
            amount = self._get_drop_shipment_bill_amount({line: quantity})
            left = max(left, 0.0)
            if self.currency_id.compare_amounts(amount, left) > 0:
                # Down: at worst a few cents are billed, but nothing is claimed back.
                quantity = float_round(
                    quantity * left / amount,
                    precision_digits=digits,
                    rounding_method="DOWN",
                )
            left -= amount
            if not is_zero(quantity):
                quantities[line] = -quantity
        return quantities

    def _is_drop_shipment_bill_to_come(self, quantities):
        """Whether something is left to bill after these quantities.

        :param dict quantities: line to quantity, in the line's UoM
        """
        self.ensure_one()
        return any(
            line.product_uom_id.compare(
                line.product_qty, line.qty_invoiced + quantities.get(line, 0.0)
            )
            > 0
            for line in self.order_line
            if not line.display_type and not line.is_downpayment
        )

    def _get_drop_shipment_bill_amount(self, quantities):
        """Return the untaxed amount of a bill for these quantities, in its currency.

        :param dict quantities: line to quantity, in the line's UoM
        """
        self.ensure_one()
        tax_model = self.env["account.tax"]
        base_lines = [
            {
                **line._prepare_base_line_for_taxes_computation(),
                "quantity": quantity,
            }
            for line, quantity in quantities.items()
        ]
        tax_model._add_tax_details_in_base_lines(base_lines, self.company_id)
        tax_model._round_base_lines_tax_details(base_lines, self.company_id)
        return tax_model._get_tax_totals_summary(
            base_lines=base_lines,
            currency=self.currency_id,
            company=self.company_id,
        )["base_amount_currency"]

    def _prepare_invoice(self):
        vals = super()._prepare_invoice()
        if date := self.env.context.get("dropship_link_bill_date"):
            vals["invoice_date"] = date
        return vals

    def _create_drop_shipment_bill(self, date):
        """Create the draft bill of core's *Create Bill*, of what may be posted.

        :param date: date of the bill
        :return: the bill; a refund where more came back than is billed
        """
        self.ensure_one()
        quantities = self._get_drop_shipment_billable()
        action = self.with_context(
            dropship_link_bill_date=date,
            dropship_link_bill_quantities={
                line.id: quantity for line, quantity in quantities.items()
            },
        ).action_create_invoice()
        bill = self.env["account.move"].browse(action["res_id"])
        # Buyers may not delete lines of bills, not even of a draft they made.
        bill.sudo()._remove_drop_shipment_empty_lines()
        return bill

    def _drop_shipment_remove_lines(self, lines):
        """Delete linked lines of a request for quotation and tidy its header."""
        self.ensure_one()
        sale_orders = lines.sudo().drop_shipment_sale_line_id.order_id
        (lines | lines._get_drop_shipment_fetched_notes()).unlink()
        gone = (sale_orders - self.sudo()._get_drop_shipment_sale_orders()).mapped(
            "name"
        )
        vals = {
            "origin": ", ".join(
                name for name in (self.origin or "").split(", ") if name not in gone
            )
        }
        if not self._has_drop_shipment():
            vals.update(self._prepare_drop_shipment_reset())
        self.write(vals)
