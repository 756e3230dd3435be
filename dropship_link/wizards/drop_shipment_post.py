from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError


class DropShipmentPost(models.TransientModel):
    _name = "drop.shipment.post"
    _description = "Post Drop Shipment"

    sale_order_id = fields.Many2one(
        comodel_name="sale.order", readonly=True, ondelete="cascade"
    )
    purchase_order_id = fields.Many2one(
        comodel_name="purchase.order", readonly=True, ondelete="cascade"
    )
    option = fields.Selection(
        selection=[
            ("ship", "Ship"),
            ("ship_invoice", "Ship and Invoice"),
            ("receive", "Receive"),
            ("invoice", "Invoice"),
            ("receive_invoice", "Receive and Invoice"),
        ],
        compute="_compute_option",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
    )
    option_reasons = fields.Json(
        compute="_compute_option_reasons",
        help="Options of this dialog, each with the reason why it can't be chosen.",
    )
    send = fields.Boolean(
        string="Send to Customer",
        help="Then write to the customer, with the invoice or the delivery slip.",
    )
    delivery_note = fields.Char(
        string="Vendor's Delivery Note",
        compute="_compute_shipment",
        store=True,
        readonly=False,
        precompute=True,
        help="Number of the delivery note that the vendor put into the parcel.",
    )
    tracking_ref = fields.Char(
        string="Tracking Number",
        compute="_compute_shipment",
        store=True,
        readonly=False,
        precompute=True,
        help="Number of the parcel with the vendor's carrier.",
    )
    shipment_date = fields.Date(
        compute="_compute_shipment",
        store=True,
        readonly=False,
        precompute=True,
        help="The day on which the vendor shipped: today, or a day before.",
    )
    invoice_date = fields.Date(
        string="Bill Date",
        default=lambda self: fields.Date.context_today(self),
        help="Date of the vendor bill.",
    )
    has_tracked_lines = fields.Boolean(
        compute="_compute_has_tracked_lines",
        help="Lot or serial numbers are to be entered on a row.",
    )
    summary = fields.Char(
        string="Total",
        compute="_compute_summary",
        compute_sudo=True,
        help="How many lines are posted, and how much where they have one unit.",
    )
    partial_warning = fields.Char(
        compute="_compute_partial_warning",
        compute_sudo=True,
        help="Which sales orders are to be shipped all at once, and would be in part.",
    )
    bill_line_ids = fields.Many2many(
        comodel_name="purchase.order.line",
        string="Lines to Bill",
        compute="_compute_bill",
        groups="purchase.group_purchase_user",
        help="What the bill will bill, services and the vendor's advance included.",
    )
    bill_amount = fields.Monetary(
        string="Untaxed Amount",
        compute="_compute_bill",
        groups="purchase.group_purchase_user",
        help="Untaxed amount of the bill, at the prices of the purchase order.",
    )
    bill_notice = fields.Char(
        compute="_compute_bill",
        groups="purchase.group_purchase_user",
        help="Which sales orders are to be invoiced before the rest can be billed.",
    )
    currency_id = fields.Many2one(
        related="purchase_order_id.currency_id",
        groups="purchase.group_purchase_user",
    )
    line_ids = fields.One2many(
        comodel_name="drop.shipment.post.line",
        inverse_name="post_id",
        string="Lines",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_option(self):
        for wizard in self:
            if wizard.sale_order_id:
                wizard.option = "ship"
            elif wizard.purchase_order_id and wizard._get_outstanding():
                wizard.option = "receive"
            else:
                wizard.option = "invoice"

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_shipment(self):
        for wizard in self:
            # A posting that had to wait, for lots say, left them on the transfer.
            pickings = wizard._get_open_moves().picking_id
            picking = pickings if len(pickings) == 1 else pickings.browse()
            wizard.delivery_note = picking.drop_shipment_delivery_note
            wizard.tracking_ref = picking.drop_shipment_tracking_ref
            wizard.shipment_date = (
                picking.drop_shipment_date or fields.Date.context_today(wizard)
            )

    @api.depends("sale_order_id", "purchase_order_id", "line_ids.quantity")
    def _compute_option_reasons(self):
        for wizard in self:
            wizard.option_reasons = wizard._get_option_reasons()

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [fields.Command.clear(), *wizard._prepare_lines()]

    @api.depends("line_ids.quantity")
    def _compute_summary(self):
        for wizard in self:
            wizard.summary = wizard.line_ids._get_summary()

    @api.depends("line_ids.tracking")
    def _compute_has_tracked_lines(self):
        for wizard in self:
            wizard.has_tracked_lines = any(
                row.tracking not in (False, "none") for row in wizard.line_ids
            )

    @api.depends("sale_order_id", "purchase_order_id", "line_ids.quantity")
    def _compute_partial_warning(self):
        for wizard in self:
            wizard.partial_warning = False
            if partial := wizard._get_partial_orders():
                wizard.partial_warning = self.env._(
                    "%(sale)s: to be shipped all at once. Post a part only if the "
                    "customer agrees.",
                    sale=", ".join(partial.mapped("name")),
                )

    @api.depends("purchase_order_id", "option", "line_ids.quantity")
    def _compute_bill(self):
        for wizard in self:
            quantities, waiting = {}, self.env["sale.order"]
            if order := wizard.purchase_order_id:
                received = wizard._get_received()
                quantities = order._get_drop_shipment_billable(received)
                waiting = wizard._get_bill_waiting(
                    quantities, order._get_drop_shipment_to_bill(received)
                )
            wizard.bill_line_ids = [
                fields.Command.set([line.id for line in quantities])
            ]
            wizard.bill_amount = (
                order._get_drop_shipment_bill_amount(quantities) if quantities else 0.0
            )
            wizard.bill_notice = bool(waiting) and self.env._(
                "Not on this bill: what waits for the invoice of sales order %(sale)s.",
                sale=", ".join(waiting.mapped("name")),
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard, vals in zip(wizards, vals_list, strict=True):
            wizard._check_source()
            # Fill in the rows now, for the user that they belong to.
            if "line_ids" not in vals:
                # The dialog's own rows need no second look.
                wizard.sudo().line_ids = wizard._prepare_lines()
        return wizards

    def _prepare_lines(self):
        """Return commands for the rows of what can be posted."""
        self.ensure_one()
        commands = []
        open_quantities = self._get_open_quantities()
        for line, outstanding in self._get_outstanding().items():
            # A purchase order has its own quantity, whatever sales wants to ship next.
            left = line.qty_to_ship if self.sale_order_id else outstanding
            for purchase_line, quantity in open_quantities[line].items():
                # The earliest vendor ships first, as in `_get_move_quantities`.
                taken = min(left, quantity)
                left -= taken
                commands.append(
                    fields.Command.create(
                        {
                            "sale_line_id": line.id,
                            # Which vendor has shipped is a choice only among several.
                            "purchase_line_id": len(open_quantities[line]) > 1
                            and purchase_line.id,
                            "quantity": line.product_uom_id.round(
                                taken, rounding_method="HALF-UP"
                            ),
                        }
                    )
                )
        return commands

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_post(self):
        """Post what the dialog says, wholly or not at all.

        :return: action that closes the dialog and tells what was posted; or opens the
            mail to the customer
        :raise UserError: nothing to post, a wrong quantity, or the option is not
            allowed yet
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        pickings, invoice, action = self._post()
        if action:
            return action
        if self.send and self.sale_order_id and not self._is_customer_told(invoice):
            return self._get_send_action(pickings, invoice)
        return self._get_done_action(pickings, invoice)

    @api.model
    def post_lines(
        self, sale_line_ids, option, sale_order_id=False, purchase_order_id=False
    ):
        """Post some lines of one order without a dialog, wholly or not at all.

        For many orders, one call for each: what is posted stays posted. From a sales
        order the Qty to Ship of each line, from a purchase order what it has
        outstanding. The other lines of the order stay as they are.

        :param list sale_line_ids: ids of sales lines of the order
        :param str option: as in the dialog
        :return: dict with the `message` that tells what was posted
        :raise UserError: see `action_post`; or lots or serial numbers are missing
        :raise AccessError: the user may not change the order
        """
        wizard = self.create(
            {
                "sale_order_id": sale_order_id,
                "purchase_order_id": purchase_order_id,
                "option": option,
            }
        )
        wizard._check_postable()
        # Rows hold sales lines that a buyer may not read.
        rows = wizard.sudo().line_ids
        rows.filtered(lambda row: row.sale_line_id.id not in sale_line_ids).unlink()
        pickings, invoice, action = wizard._post()
        if action:
            raise UserError(
                self.env._(
                    "%(order)s can't be posted here: its transfer asks a question. "
                    "Open the order and choose Post.",
                    order=wizard._get_order().name,
                )
            )
        return {"message": wizard._get_done_text(pickings, invoice)}

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _get_order(self):
        """Return the order that is posted, with the rights of the user."""
        self.ensure_one()
        return self.sale_order_id or self.purchase_order_id

    def _check_source(self):
        """Refuse anything but one order that the user may change.

        :raise UserError: no order, or two
        :raise AccessError: the user may not change it
        """
        if bool(self.sale_order_id) == bool(self.purchase_order_id):
            raise UserError(self.env._("Post one sales order or one purchase order."))
        self._get_order().check_access("write")

    def _check_postable(self):
        """Refuse orders that have nothing to post.

        :raise UserError: says what is missing: the link, the confirmation, or nothing
        """
        self._check_source()
        if self._get_outstanding():
            return
        order = self._get_order()
        if self.purchase_order_id:
            self._check_purchase_postable(order)
        else:
            self._check_sale_postable(order)

    def _check_sale_postable(self, order):
        """Refuse a sales order with nothing to ship.

        :raise UserError: see `_check_postable`
        """
        # Salespeople are told numbers of purchase orders, no more.
        lines = order.sudo().drop_shipment_line_ids
        if order.state != "sale" or not lines:
            raise UserError(
                self.env._(
                    "%(order)s has no drop shipment to post: tick Drop Shipment on "
                    "its lines and confirm it.",
                    order=order.name,
                )
            )
        waiting = lines._get_drop_shipment_live_lines().order_id.filtered(
            lambda purchase_order: purchase_order.state != "purchase"
        )
        if waiting:
            raise UserError(
                self.env._(
                    "%(order)s can't be posted yet: purchase order %(purchase)s is not "
                    "confirmed. Have the buyer confirm it.",
                    order=order.name,
                    purchase=", ".join(waiting.mapped("name")),
                )
            )
        if any(lines.mapped("drop_shipment_qty_to_order")):
            raise UserError(
                self.env._(
                    "%(order)s can't be posted yet: its drop shipment lines are not on "
                    "a purchase order. Have a buyer get them with Get Sales Order.",
                    order=order.name,
                )
            )
        if stranded := lines._get_drop_shipment_stranded():
            raise UserError(
                self.env._(
                    "%(order)s has nothing left to ship: vendors have no open transfer "
                    "for it. That of %(lines)s was cancelled or corrected, or goods "
                    "went back: have the buyer choose Ship Again or Close Remainder.",
                    order=order.name,
                    lines=", ".join(
                        line._get_drop_shipment_label() for line in stranded
                    ),
                )
            )
        raise UserError(
            self.env._(
                "%(order)s has nothing left to ship: vendors have no open transfer "
                "for it.",
                order=order.name,
            )
        )

    def _check_purchase_postable(self, order):
        """Refuse a purchase order with nothing to receive and nothing to bill.

        :raise UserError: see `_check_postable`
        """
        if not order._has_drop_shipment():
            raise UserError(
                self.env._(
                    "%(order)s has no drop shipment to post: use Get Sales Order "
                    "first.",
                    order=order.name,
                )
            )
        if order.state != "purchase":
            raise UserError(
                self.env._(
                    "%(order)s can't be posted yet: confirm it first.", order=order.name
                )
            )
        # Buyers may lack rights on transfers.
        stranded = order.sudo().order_line._get_drop_shipment_stranded()
        if not order._get_drop_shipment_to_bill():
            if stranded:
                raise UserError(
                    self.env._(
                        "%(order)s has nothing to post: the transfer of %(lines)s was "
                        "cancelled or corrected, or goods went back. Choose Ship Again "
                        "to have it shipped, or Close Remainder to order it again.",
                        order=order.name,
                        lines=", ".join(
                            line._get_drop_shipment_label() for line in stranded
                        ),
                    )
                )
            raise UserError(
                self.env._(
                    "%(order)s has nothing left to post: all of it is received and "
                    "billed.",
                    order=order.name,
                )
            )

    def _get_option_reasons(self):
        """Return {option: reason why it can't be chosen, or ""} for this order."""
        self.ensure_one()
        # Without an order, as one that is forged counts, there is nothing to tell.
        if not self.purchase_order_id:
            return {"ship": "", "ship_invoice": ""}
        order = self.purchase_order_id
        nothing = ""
        if not self._get_outstanding():
            nothing = self.env._(
                "Nothing is left to receive on %(order)s.", order=order.name
            )
        return {
            "receive": nothing,
            "invoice": self._get_bill_reason({}),
            "receive_invoice": nothing
            or self._get_bill_reason(self._get_received("receive_invoice")),
        }

    def _get_bill_reason(self, received):
        """Return why the purchase order can't be billed now, or "".

        What is received with the same posting is billed too, or not received; what was
        received before may wait.

        :param dict received: purchase line to quantity received with it, in its UoM
        """
        order = self.purchase_order_id
        to_bill = order._get_drop_shipment_to_bill(received)
        if not to_bill:
            return self.env._("Nothing is left to bill on %(order)s.", order=order.name)
        billable = order._get_drop_shipment_billable(received)
        waiting = self._get_bill_waiting(
            billable,
            {
                line: min(quantity, to_bill.get(line, 0.0))
                for line, quantity in received.items()
            },
        )
        if billable and not waiting:
            return ""
        # Buyers are told the numbers of sales orders, no more.
        waiting = waiting or self._get_bill_waiting(billable, to_bill)
        return self.env._(
            "Invoice sales order %(sale)s first.",
            sale=", ".join(waiting.mapped("name")),
        )

    @api.model
    def _get_bill_waiting(self, billable, quantities):
        """Return the sales orders that are to be invoiced before all this is billed.

        Elevated: use it for the numbers.

        :param dict billable: purchase line to quantity that can be billed
        :param dict quantities: purchase line to quantity that is to be billed
        """
        waiting = (
            line
            for line, quantity in quantities.items()
            if line.drop_shipment
            and line.product_uom_id.compare(billable.get(line, 0.0), quantity) < 0
        )
        lines = self.env["purchase.order.line"].sudo().union(*waiting)
        return lines.drop_shipment_sale_line_id.order_id

    def _get_received(self, option=None):
        """Return {purchase line: quantity} that is received with the bill, in its UoM.

        :param str option: the one that is thought of, else the one chosen
        """
        received = {}
        if (option or self.option) != "receive_invoice":
            return received
        # Rows hold sales lines that a buyer may not read.
        wizard = self.sudo()
        order_lines = wizard.purchase_order_id.order_line.filtered("drop_shipment")
        own_lines = order_lines.sorted(
            lambda line: (line.date_planned, line.id)
        ).grouped("drop_shipment_sale_line_id")
        for row in wizard.line_ids:
            left, uom = row.quantity, row.sale_line_id.product_uom_id
            lines = row.purchase_line_id & order_lines or own_lines.get(
                row.sale_line_id, order_lines.browse()
            )
            for line in lines:
                quantity = uom._compute_quantity(
                    left, line.product_uom_id, rounding_method="HALF-UP"
                )
                if line != lines[-1]:
                    owed = max(line.product_qty - line.qty_received, 0.0)
                    quantity = min(quantity, owed)
                received[line] = received.get(line, 0.0) + quantity
                left -= line.product_uom_id._compute_quantity(
                    quantity, uom, rounding_method="HALF-UP"
                )
        return received

    # ------------------------------------------------------------
    # POSTING
    # ------------------------------------------------------------

    def _post(self):
        """Post what the dialog says.

        :return: the transfers, elevated; the invoice or bill, if any; and an action
            where the transfers are not done, as core asks something
        :raise UserError: see `action_post`
        """
        self._check_source()
        self._check_postable()
        reasons = self._get_option_reasons()
        if self.option not in reasons:
            raise UserError(
                self.env._(
                    "%(order)s can't be posted with that option: choose one of "
                    "%(options)s.",
                    order=self._get_order().name,
                    options=", ".join(
                        dict(self._fields["option"]._description_selection(self.env))[
                            option
                        ]
                        for option in reasons
                    ),
                )
            )
        if reasons[self.option]:
            raise UserError(reasons[self.option])
        quantities = {}
        pickings = self.env["stock.picking"]
        invoice = self.env["account.move"]
        if self.option != "invoice":
            quantities = self._get_quantities()
            pickings, action = self._ship(quantities)
            if any(picking.state != "done" for picking in pickings):
                return pickings, invoice, action
        if self.option == "ship_invoice":
            invoice = self._invoice()
        elif self.option in ("invoice", "receive_invoice"):
            invoice = self._bill()
        return pickings, invoice, False

    def _get_outstanding(self):
        """Return {sales line: quantity} that can be shipped now, in its UoM.

        The sales lines are elevated: buyers post what they may not read.
        """
        outstanding = defaultdict(float)
        for move in self._get_open_moves():
            line = move.sale_line_id
            outstanding[line] += move._get_drop_shipment_qty()
        return {
            line: outstanding[line]
            for line in self._get_sale_lines()
            if line.product_uom_id.compare(outstanding.get(line, 0.0), 0.0) > 0
        }

    def _get_sale_lines(self):
        """Return the linked sales lines of the order, elevated."""
        self.ensure_one()
        if not self._get_order():
            return self.env["sale.order.line"].sudo()
        # Computed fields are elevated; who asks must be allowed to know the order.
        user = self.create_uid or self.env.user
        self._get_order().with_user(user).check_access("read")
        if self.purchase_order_id:
            lines = self.purchase_order_id.sudo().order_line.drop_shipment_sale_line_id
        else:
            lines = self.sale_order_id.sudo().drop_shipment_line_ids
        # Without the lines that core only tries out to find missing values.
        return lines.filtered("id")

    def _get_partial_orders(self):
        """Return the sales orders of *Ship all at once* that this posts in part."""
        self.ensure_one()
        posted = defaultdict(float)
        for row in self.line_ids:
            posted[row.sale_line_id.id] += row.quantity
        orders = self._get_sale_lines().order_id.filtered(
            lambda order: (
                order.picking_policy == "one"
                and any(posted[line.id] for line in order.order_line)
            )
        )
        return orders.filtered(
            lambda order: any(
                line.product_uom_id.compare(
                    line.qty_delivered + posted[line.id], line.product_uom_qty
                )
                < 0
                for line in order.order_line
                if line.product_id.type == "consu"
            )
        )

    def _get_quantities(self):
        """Return {sales line: quantity} to post now, checked.

        :raise UserError: a line of another order, or nothing to post
        :raise ValidationError: a quantity outside of 0..outstanding
        """
        outstanding = self._get_outstanding()
        quantities = {}
        # Rows hold sales lines that a buyer may not read; each is checked.
        for row in self.sudo().line_ids:
            line = row.sale_line_id
            if line not in outstanding:
                raise self._get_stale_error(line)
            quantity = quantities.get(line, 0.0) + row.quantity
            if row.quantity < 0:
                quantity = row.quantity
            line._check_drop_shipment_post_qty(
                quantity, outstanding[line], self.purchase_order_id
            )
            quantities[line] = quantity
        self._check_purchase_quantities()
        quantities = {
            line: quantity
            for line, quantity in quantities.items()
            if not line.product_uom_id.is_zero(quantity)
        }
        if not quantities:
            raise UserError(
                self.env._(
                    "There is nothing to post on %(order)s: enter a quantity on at "
                    "least one line.",
                    order=self._get_order().name,
                )
            )
        return quantities

    def _get_open_quantities(self):
        """Return what can be shipped now of each purchase line, earliest first.

        :return: {sales line: {purchase line: quantity in the UoM of the sales line}};
            the lines are elevated
        """
        quantities = defaultdict(lambda: defaultdict(float))
        for move in self._get_open_moves().sorted(lambda move: (move.date, move.id)):
            quantity = move._get_drop_shipment_qty()
            quantities[move.sale_line_id][move.purchase_line_id] += quantity
        return quantities

    def _get_stale_error(self, sale_line):
        """Return the error that a row of the dialog can't be posted any more."""
        return UserError(
            self.env._(
                "%(line)s has nothing outstanding on %(order)s any more. Open the "
                "dialog again.",
                line=sale_line._get_drop_shipment_label(),
                order=self._get_order().name,
            )
        )

    def _get_purchase_quantities(self):
        """Return {purchase line: quantity} of the rows that name a purchase line.

        In the UoM of the sales line; the purchase lines are elevated.
        """
        quantities = defaultdict(float)
        for row in self.sudo().line_ids.filtered("purchase_line_id"):
            quantities[row.purchase_line_id] += row.quantity
        return quantities

    def _check_purchase_quantities(self):
        """Refuse more than a purchase line that a row names has outstanding.

        :raise UserError: the purchase line does not ship the sales line of the row
        :raise ValidationError: a quantity outside of 0..outstanding
        """
        quantities = self._get_purchase_quantities()
        outstanding = self._get_open_quantities() if quantities else {}
        # Rows hold lines that their user may not read; each is checked.
        for row in self.sudo().line_ids.filtered("purchase_line_id"):
            line, purchase_line = row.sale_line_id, row.purchase_line_id
            if purchase_line not in outstanding[line]:
                raise self._get_stale_error(line)
            line._check_drop_shipment_post_qty(
                quantities[purchase_line],
                outstanding[line][purchase_line],
                self.purchase_order_id,
            )

    def _ship(self, quantities):
        """Validate the transfers with these quantities; the rest is a backorder.

        :param dict quantities: sales line to quantity, in its UoM
        :return: the transfers, elevated, and what to show where they are not done, as
            core asks something
        :raise UserError: lot or serial numbers are missing, or not as many as posted
        """
        done = self._get_move_quantities(quantities)
        # Salespeople and buyers post transfers that belong to the warehouse's app.
        moves = self.env["stock.move"].sudo().union(*done)
        pickings = moves.picking_id
        (pickings.move_ids - moves).filtered("picked").picked = False
        pickings.write(self._prepare_transfer(pickings))
        for move, quantity in done.items():
            if move.product_uom.compare(move.quantity, quantity):
                move.quantity = quantity
        self._assign_lots(moves)
        self._check_lots(moves)
        moves.picked = True
        action = pickings.with_context(
            skip_backorder=True, dropship_link_keep_rest=True
        ).button_validate()
        return pickings, action

    def _prepare_transfer(self, pickings):
        """Return what the dialog says of the shipment, for the transfers.

        :raise UserError: one delivery note or parcel for two vendors
        """
        vals = {"drop_shipment_date": self.shipment_date}
        if self.delivery_note:
            vals["drop_shipment_delivery_note"] = self.delivery_note
        if self.tracking_ref:
            vals["drop_shipment_tracking_ref"] = self.tracking_ref
        orders = pickings.move_ids.purchase_line_id.order_id
        if len(vals) > 1 and len(orders.partner_id.commercial_partner_id) > 1:
            field = "delivery_note" if self.delivery_note else "tracking_ref"
            raise UserError(
                self.env._(
                    "%(field)s of %(order)s can't be the same for two vendors: post "
                    "%(purchases)s one after the other, each with the quantities of "
                    "that order only.",
                    field=self._fields[field]._description_string(self.env),
                    order=self._get_order().name,
                    purchases=", ".join(orders.mapped("name")),
                )
            )
        return vals

    def _get_open_moves(self):
        """Return the open moves that this dialog may post, elevated."""
        moves = self._get_sale_lines()._get_drop_shipment_open_moves()
        purchase_order = self.purchase_order_id
        if purchase_order:
            moves = moves.filtered(
                lambda move: move.purchase_line_id.order_id.id == purchase_order.id
            )
        return moves

    def _get_move_quantities(self, quantities):
        """Spread quantities of sales lines over their open moves, earliest first.

        What a row wants of one purchase line is shipped by that line.

        :param dict quantities: sales line to quantity, in its UoM
        :return: {move: quantity, in the UoM of the move}
        :raise ValidationError: a quantity is too small for the unit of the moves
        """
        named = self._get_purchase_quantities()
        # A line none of whose rows is posted now is not among them.
        left = defaultdict(float, quantities)
        for purchase_line, quantity in named.items():
            left[purchase_line.sale_line_id] -= quantity
        taken = {}
        for move in self._get_open_moves().sorted(lambda move: (move.date, move.id)):
            compare = move.sale_line_id.product_uom_id.compare
            demand = move._get_drop_shipment_qty()
            # First what is wanted of this very purchase line, then of any.
            for wanted, key in (
                (named, move.purchase_line_id),
                (left, move.sale_line_id),
            ):
                left_over = wanted.get(key, 0.0)
                part = min(left_over, demand - taken.get(move, 0.0))
                # A move of less than the unit can tell goes along with the others.
                if compare(part, 0.0) > 0 or (
                    not demand and compare(left_over, 0.0) > 0
                ):
                    wanted[key] = left_over - part
                    taken[move] = taken.get(move, 0.0) + part
        done = {
            move: self._get_move_quantity(move, quantity)
            for move, quantity in taken.items()
        }
        for move, quantity in done.items():
            # A few grams of what transfers count in kilograms.
            if move.product_uom.is_zero(quantity):
                move.sale_line_id._check_drop_shipment_move_qty(
                    quantities[move.sale_line_id], move, self.purchase_order_id
                )
        return {
            move: quantity
            for move, quantity in done.items()
            if not move.product_uom.is_zero(quantity)
        }

    @api.model
    def _get_move_quantity(self, move, quantity):
        """Return `quantity`, in the UoM of the sales line, in that of the move."""
        uom = move.sale_line_id.product_uom_id
        if uom.compare(quantity, move._get_drop_shipment_qty()) == 0:
            return move.product_uom_qty
        return uom._compute_quantity(
            quantity, move.product_uom, rounding_method="HALF-UP"
        )

    def _assign_lots(self, moves):
        """Put the lot and serial numbers of the rows on the moves, in their order.

        :param moves: open moves, elevated, with the quantities that are posted
        :raise UserError: see `drop.shipment.post.line._get_lots`
        """
        lots = defaultdict(list)
        for row in self.sudo().line_ids.filtered("lot_names"):
            lots[row.purchase_line_id or row.sale_line_id] += row._get_lots()
        for move in moves if lots else ():
            own_lots = lots.get(move.purchase_line_id) or lots.get(move.sale_line_id)
            if own_lots:
                move._set_drop_shipment_lots(own_lots)

    def _check_lots(self, moves):
        """Refuse to ship tracked products without their lot or serial numbers.

        :raise UserError: names the sales line
        """
        for move in moves:
            picking_type = move.picking_type_id
            if (
                move.has_tracking == "none"
                or not (picking_type.use_create_lots or picking_type.use_existing_lots)
                or all(line.lot_id or line.lot_name for line in move.move_line_ids)
            ):
                continue
            raise UserError(
                self.env._(
                    "%(line)s needs lot or serial numbers: choose Post on %(order)s "
                    "and enter them in Lot/Serial Numbers.",
                    line=move.sale_line_id._get_drop_shipment_label(),
                    order=self._get_order().name,
                )
            )

    def _invoice(self):
        """Invoice what was shipped and what else the order has to invoice.

        :return: the invoice, posted if the user may
        :raise UserError: all of it is invoiced already
        """
        return self._post_invoice(self.sale_order_id._create_drop_shipment_invoice())

    def _bill(self):
        """Bill what core's *Create Bill* would bill, as far as it may be posted.

        :return: the vendor bill, posted if the user may
        """
        bill = self.purchase_order_id._create_drop_shipment_bill(
            self.invoice_date or fields.Date.context_today(self)
        )
        return self._post_invoice(bill)

    def _post_invoice(self, invoice):
        """Post `invoice` if the user may, else leave it in draft."""
        if self.env.user.has_group("account.group_account_invoice"):
            invoice.action_post()
        return invoice

    # ------------------------------------------------------------
    # RESULT
    # ------------------------------------------------------------

    def _is_customer_told(self, invoice):
        """Whether the customer got all there is to send, by Email Confirmation."""
        return (
            self.sale_order_id.company_id.stock_move_email_validation
            and invoice.state != "posted"
        )

    def _get_send_action(self, pickings, invoice):
        """Return the action that opens the mail to the customer.

        With the invoice where there is a posted one, else with the delivery slips.
        """
        if invoice and invoice.state == "posted":
            return invoice.action_invoice_sent()
        return self.sale_order_id._get_drop_shipment_mail_action(pickings)

    def _get_done_text(self, pickings, invoice):
        """Return the text that tells what was posted."""
        texts = []
        if pickings:
            texts.append(
                self.env._(
                    "Transfer %(transfer)s is done.",
                    transfer=", ".join(pickings.mapped("name")),
                )
            )
        if invoice and invoice.state == "posted":
            texts.append(
                self.env._("Invoice %(invoice)s is posted.", invoice=invoice.name)
            )
        elif invoice:
            texts.append(
                self.env._(
                    "The vendor bill is left in draft: posting it takes billing rights."
                )
                if invoice.is_purchase_document()
                else self.env._(
                    "The invoice is left in draft: posting it takes billing rights."
                )
            )
        return " ".join(texts)

    def _get_done_action(self, pickings, invoice):
        """Return the action that closes the dialog and tells what was posted."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if invoice.state == "draft" else "success",
                "message": self._get_done_text(pickings, invoice),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class DropShipmentPostLine(models.TransientModel):
    _name = "drop.shipment.post.line"
    _inherit = ["drop.shipment.line.mixin"]
    _description = "Drop Shipment Line to Post"

    post_id = fields.Many2one(
        comodel_name="drop.shipment.post",
        required=True,
        ondelete="cascade",
        index=True,
    )
    # Salespeople may not read it; `purchase_ref` tells them its number.
    purchase_line_id = fields.Many2one(
        comodel_name="purchase.order.line",
        ondelete="cascade",
        help="The purchase line that ships this row; empty: any of the sales line.",
    )
    quantity_outstanding = fields.Float(
        string="Outstanding",
        digits="Product Unit",
        compute="_compute_quantity_outstanding",
        compute_sudo=True,
    )
    purchase_ref = fields.Char(
        string="Purchase Order",
        compute="_compute_quantity_outstanding",
        compute_sudo=True,
    )
    tracking = fields.Selection(related="product_id.tracking")
    lot_names = fields.Text(
        string="Lot/Serial Numbers",
        help="One a line, typed or pasted. Several lots have their quantity behind, as "
        "in LOT-1;6.",
    )

    @api.depends("sale_line_id", "purchase_line_id", "post_id.purchase_order_id")
    def _compute_quantity_outstanding(self):
        known = self._get_known_sale_lines()
        outstanding = {wizard: wizard._get_open_quantities() for wizard in self.post_id}
        for line in self:
            sale_line = line._get_sale_line(known)
            quantities = outstanding[line.post_id][sale_line] if sale_line else {}
            line.purchase_ref = sale_line.drop_shipment_purchase_ref
            if line.purchase_line_id:
                # Of a purchase line that does not ship this row nothing is told.
                quantities = {
                    purchase_line: quantity
                    for purchase_line, quantity in quantities.items()
                    if purchase_line == line.purchase_line_id
                }
                line.purchase_ref = ", ".join(
                    purchase_line.order_id.name for purchase_line in quantities
                )
            line.quantity_outstanding = sum(quantities.values())

    def _get_lots(self):
        """Return what Lot/Serial Numbers says, for the quantity of this row.

        As core reads pasted numbers; the caller sees to the rights on the sales line.

        :return: list of dicts of `lot_name` and `quantity`, in the UoM of the product
        :raise UserError: they are of another quantity than is posted
        """
        self.ensure_one()
        line = self.sale_line_id
        names = [name.strip() for name in (self.lot_names or "").splitlines()]
        lots = self.env["stock.move"].split_lots("\n".join(names))
        product_uom = line.product_id.uom_id
        if line.product_id.tracking == "lot" and [self.lot_names.strip()] == [
            lot["lot_name"] for lot in lots
        ]:
            # One lot without a quantity is the lot of them all.
            lots[0]["quantity"] = self.quantity
        if line.product_id.tracking == "lot":
            for lot in lots:
                lot["quantity"] = line.product_uom_id._compute_quantity(
                    lot["quantity"], product_uom, rounding_method="HALF-UP"
                )
        posted = line.product_uom_id._compute_quantity(
            self.quantity, product_uom, rounding_method="HALF-UP"
        )
        entered = sum(lot["quantity"] for lot in lots)
        if product_uom.compare(entered, posted):
            raise UserError(
                self.env._(
                    "Lot/Serial Numbers of %(line)s are of %(entered)s, but "
                    "%(posted)s are posted: enter one serial number a line, or lots "
                    "with their quantity, as in LOT-1;6.",
                    line=line._get_drop_shipment_label(),
                    entered=product_uom._format_drop_shipment_qty(entered),
                    posted=product_uom._format_drop_shipment_qty(posted),
                )
            )
        return lots

    def _get_dialog_name(self):
        return self.post_id._get_order().name

    def _get_known_sale_lines(self):
        return self.env["sale.order.line"].union(
            *(line for wizard in self.post_id for line in wizard._get_outstanding())
        )
