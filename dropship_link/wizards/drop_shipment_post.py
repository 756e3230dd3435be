from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class DropShipmentPost(models.TransientModel):
    """Lets the user choose what `drop.shipment.posting` posts of one order.

    Its rows hold lines of the other department: they are read in sudo, and tell of a
    line only if it belongs to the order.
    """

    _name = "drop.shipment.post"
    _inherit = ["drop.shipment.dialog.order.mixin"]
    _description = "Post Drop Shipment"

    option = fields.Selection(
        selection=[
            ("ship", "Ship"),
            ("ship_invoice", "Ship and Invoice"),
            ("receive", "Receive"),
            ("invoice", "Invoice"),
            ("receive_invoice", "Receive and Invoice"),
        ],
        compute="_compute_defaults",
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
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="Number of the delivery note that the vendor put into the parcel.",
    )
    tracking_ref = fields.Char(
        string="Tracking Number",
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="Number of the parcel with the vendor's carrier.",
    )
    shipment_date = fields.Date(
        compute="_compute_defaults",
        store=True,
        readonly=False,
        precompute=True,
        help="The day on which the vendor shipped: today, or a day before.",
    )
    over_delivery = fields.Boolean(
        string="The vendor shipped more",
        help="Quantities may be more than is outstanding. Both orders get a note.",
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
    reported_notice = fields.Char(
        compute="_compute_reported_notice",
        compute_sudo=True,
        help="Whether the dialog proposes what the vendor reported.",
    )
    reported_seen = fields.Char(
        compute="_compute_defaults",
        store=True,
        precompute=True,
        help="Which reports of vendors the dialog has seen.",
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
    def _compute_defaults(self):
        posting = self.env["drop.shipment.posting"]
        for wizard in self:
            outstanding = wizard._get_outstanding()
            if wizard.sale_order_id:
                wizard.option = "ship"
            else:
                wizard.option = "receive" if outstanding else "invoice"
            wizard.reported_seen = wizard._get_reported_seen(outstanding)
            shipment_vals = posting._get_shipment_vals(outstanding)
            for name, field in wizard._get_shipment_fields().items():
                wizard[name] = shipment_vals[field]

    @api.depends("sale_order_id", "purchase_order_id", "line_ids.quantity")
    def _compute_option_reasons(self):
        posting = self.env["drop.shipment.posting"]
        for wizard in self:
            order = wizard._get_readable_order()
            rows = wizard.line_ids._get_rows()
            wizard.option_reasons = (
                posting._get_option_refusals(order, rows) if order else {}
            )

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_line_ids(self):
        for wizard in self:
            rows = self.env["drop.shipment.posting"]._get_rows(
                wizard._get_order(), wizard._get_outstanding()
            )
            wizard.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "sale_line_id": row.sale_line.id,
                            "purchase_line_id": row.purchase_line.id,
                            "quantity": row.quantity,
                            "lot_names": row.lot_names,
                        }
                    )
                    for row in rows
                ),
            ]

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

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_reported_notice(self):
        for wizard in self:
            reported = self.env["drop.shipment.reported"]
            order = wizard._get_readable_order()
            pickings = reported._get_moves(order).picking_id if order else ()
            if len(pickings) > 1:
                wizard.reported_notice = self.env._(
                    "Vendors reported these shipments. What was not reported stays "
                    "open. Day and numbers that you leave empty stay as reported."
                )
            else:
                wizard.reported_notice = bool(pickings) and self.env._(
                    "The vendor reported this shipment. What was not reported stays "
                    "open."
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
        posting = self.env["drop.shipment.posting"]
        check = self.env["drop.shipment.posting.check"]
        billing = self.env["drop.shipment.billing"]
        control = self.env["drop.shipment.bill.control"]
        for wizard in self:
            quantities, waiting = {}, self.env["sale.order"]
            if order := wizard.purchase_order_id:
                received = {}
                if wizard.option == "receive_invoice":
                    received = posting._get_received(
                        wizard.line_ids._get_rows(), wizard._get_outstanding()
                    )
                quantities = billing._get_billable(order, received)
                to_bill = billing._get_to_bill(order, received)
                waiting = control._get_orders_to_invoice(
                    check._get_unbilled(quantities, to_bill)
                )
            wizard.bill_line_ids = [
                fields.Command.set([line.id for line in quantities])
            ]
            wizard.bill_amount = (
                billing._get_untaxed_amount(order, quantities) if quantities else 0.0
            )
            wizard.bill_notice = bool(waiting) and self.env._(
                "Not on this bill: what waits for the invoice of %(sale)s.",
                sale=", ".join(waiting.mapped("name")),
            )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            for command in vals.get("line_ids") or []:
                # The ORM reads rows for what it computes first, before it makes them.
                if command[0] == Command.CREATE:
                    self.line_ids._check_quantity_is_number(command[2])
        return super().create(vals_list)

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
        order = self._get_one_order(self.sale_order_id, self.purchase_order_id)
        outstanding = self._get_outstanding()
        self._check_reported_seen(order, outstanding)
        posted = self.env["drop.shipment.posting"]._post(
            order,
            self.option,
            self.line_ids._get_rows(),
            shipment_vals=self._get_entered_shipment_vals(self),
            bill_date=self.invoice_date,
            outstanding=outstanding,
            over_delivery=self.over_delivery,
        )
        if posted.action:
            return posted.action
        # By Email Confirmation the customer got all there is to send.
        is_told = (
            self.sale_order_id.company_id.stock_move_email_validation
            and posted.invoice.state != "posted"
        )
        if self.send and self.sale_order_id and not is_told:
            return self._get_send_action(posted)
        return self._get_done_action(posted)

    @api.model
    def post_lines(
        self,
        sale_line_ids,
        option,
        sale_order_id=False,
        purchase_order_id=False,
        shipment_date=False,
        delivery_note=False,
        tracking_ref=False,
    ):
        """Post some lines of one order without a dialog, wholly or not at all.

        For many orders, one call for each: what is posted stays posted. From a sales
        order the Qty to Ship of each line, from a purchase order what it has
        outstanding. The other lines of the order stay as they are.

        :param list sale_line_ids: ids of sales lines of the order
        :param str option: as in the dialog
        :param shipment_date: as in the dialog, like the two below
        :return: dict with the `message` that tells what was posted
        :raise UserError: see `action_post`; or lots or serial numbers are missing
        :raise AccessError: the user may not change the order
        """
        # It takes the rights that the dialog takes.
        self.check_access("create")
        order = self._get_one_order(
            self.env["sale.order"].browse(sale_order_id),
            self.env["purchase.order"].browse(purchase_order_id),
        )
        posting = self.env["drop.shipment.posting"]
        shipment_vals = {
            "drop_shipment_date": fields.Date.to_date(shipment_date),
            "drop_shipment_delivery_note": delivery_note,
            "drop_shipment_tracking_ref": tracking_ref,
        }
        return {
            "message": posting._post_lines(
                order, option, sale_line_ids, shipment_vals=shipment_vals
            )
        }

    @api.model
    def _open(self, order):
        """Return the action that opens the dialog of a sales or purchase order.

        :raise UserError: there is nothing to post
        :raise AccessError: the user may not change the order
        """
        wizard = self.create({f"{order._table}_id": order.id})
        # The rows show what is outstanding.
        self.env["drop.shipment.posting.check"]._check_postable(order, wizard.line_ids)
        # Lots and serial numbers take room.
        size = {"dialog_size": "extra-large"} if wizard.has_tracked_lines else {}
        return wizard.with_context(**size)._get_records_action(
            name=self.env._("Post %(order)s", order=order.name), target="new"
        )

    # ------------------------------------------------------------
    # CHOICES
    # ------------------------------------------------------------

    def _get_outstanding(self):
        """Return what is outstanding; see `drop.shipment.posting`."""
        return self.env["drop.shipment.posting"]._get_outstanding(
            self._get_readable_order()
        )

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

    @api.model
    def _get_reported_seen(self, outstanding):
        """Return which reports of vendors wait now; see `reported_seen`."""
        pickings = self.env["drop.shipment.reported"]._get_pickings(outstanding)
        return " ".join(
            f"{picking.id}:{picking.drop_shipment_reported:%Y%m%d%H%M%S%f}"
            for picking in pickings.sorted("id")
        )

    def _check_reported_seen(self, order, outstanding):
        """Refuse to ship other goods than those that the vendor has reported since.

        :raise UserError: a report came, or was taken back, while the dialog was open
        """
        if self.option == "invoice":
            return
        if self.reported_seen != self._get_reported_seen(outstanding):
            raise UserError(
                self.env._(
                    "A vendor has reported a shipment of %(order)s, or taken it back, "
                    "while you looked at it. Open the dialog again.",
                    order=order.name,
                )
            )

    # ------------------------------------------------------------
    # RESULT
    # ------------------------------------------------------------

    def _get_send_action(self, posted):
        """Return the action that opens the mail to the customer.

        With the invoice where there is a posted one, else with the delivery slips.
        """
        if posted.invoice.state == "posted":
            return posted.invoice.action_invoice_sent()
        action = self.env["drop.shipment.mail"]._get_shipped_action(
            self.sale_order_id, posted.pickings
        )
        if posted.invoice.state == "draft":
            # The mail does not say that the invoice is left to somebody else.
            self.env.user._bus_send(
                "simple_notification", self._get_done_action(posted)["params"]
            )
        return action

    def _get_done_action(self, posted):
        """Return the action that closes the dialog and tells what was posted."""
        action = self.env["drop.shipment.crediting"]._get_notification(
            posted.invoice, self.env["drop.shipment.posting"]._get_result_text(posted)
        )
        # Where there is something left to do: stay until it is read.
        action["params"]["sticky"] = posted.invoice.state == "draft"
        return action
