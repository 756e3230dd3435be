from odoo import api, fields, models
from odoo.fields import Command


class DropShipmentReturn(models.TransientModel):
    """Lets the user choose what `drop.shipment.returning` takes back of one order.

    As with Post, its rows hold lines of the other department: they are read in sudo,
    and tell of a line only if it belongs to the order.
    """

    _name = "drop.shipment.return"
    _inherit = ["drop.shipment.dialog.order.mixin"]
    _description = "Return Drop Shipment"

    destination = fields.Selection(
        selection=[("vendor", "To the Vendor"), ("stock", "To Own Stock")],
        string="Return",
        default="vendor",
        required=True,
        help="To the vendor: delivered and received fall. To own stock: delivered "
        "falls, and the goods are in the warehouse.",
    )
    return_date = fields.Date(
        default=lambda self: fields.Date.context_today(self),
        required=True,
        help="The day on which the goods came back: today, or a day before.",
    )
    credit = fields.Boolean(
        string="Credit the Customer",
        help="Make the credit note of what comes back, as far as it was invoiced.",
    )
    refund = fields.Boolean(
        string="Ask the Vendor's Refund",
        help="Make the vendor's refund of what goes back, as far as it was billed.",
    )
    may_credit = fields.Boolean(
        compute="_compute_may_settle",
        help="The customer was invoiced, and the user may change the sales orders.",
    )
    may_refund = fields.Boolean(
        compute="_compute_may_settle",
        help="The vendor has billed, and the user may change the purchase orders.",
    )
    has_tracked_lines = fields.Boolean(
        compute="_compute_has_tracked_lines",
        help="Lot or serial numbers may be entered on a row.",
    )
    line_ids = fields.One2many(
        comodel_name="drop.shipment.return.line",
        inverse_name="return_id",
        string="Lines",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            "sale_line_id": line.id,
                            "purchase_line_id": purchase_line.id,
                        }
                    )
                    for line, moves in wizard._get_returnable().items()
                    for purchase_line in dict.fromkeys(
                        move.purchase_line_id for move in moves
                    )
                ),
            ]

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_may_settle(self):
        for wizard in self:
            # sudo: whether something is invoiced or billed, no more.
            lines = self.env["sale.order.line"].sudo().union(*wizard._get_returnable())
            purchase_lines = lines._get_drop_shipment_live_lines()
            order = wizard._get_order()
            if order._name == "purchase.order":
                purchase_lines &= order.order_line
            wizard.may_credit = any(
                line.drop_shipment_qty_invoiced > 0 for line in lines
            ) and self._may_change(lines.order_id)
            wizard.may_refund = any(
                line.drop_shipment_qty_billed > 0 for line in lines
            ) and self._may_change(purchase_lines.order_id)

    @api.model
    def _may_change(self, orders):
        """Whether the user may change all these orders, which are in sudo."""
        return bool(orders) and orders.with_env(self.env).has_access("write")

    @api.depends("line_ids.tracking")
    def _compute_has_tracked_lines(self):
        for wizard in self:
            wizard.has_tracked_lines = any(
                row.tracking not in (False, "none") for row in wizard.line_ids
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_return(self):
        """Take back what the dialog says, wholly or not at all.

        :return: action that closes the dialog and tells what was made
        :raise UserError: nothing to return, a wrong quantity, day or lot number, or
            nothing to credit or to refund
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        returning = self.env["drop.shipment.returning"]
        returned = returning._return(
            self._get_one_order(self.sale_order_id, self.purchase_order_id),
            self.line_ids._get_rows(),
            self.destination,
            self.return_date,
            credit=self.credit,
            refund=self.refund and self.destination == "vendor",
        )
        return self.env["drop.shipment.crediting"]._get_notification(
            returned.credit_notes | returned.refunds,
            returning._get_result_text(returned, self.destination),
        )

    def action_return_all(self):
        """Take back all that was shipped and did not come back.

        :return: see `action_return`
        :raise UserError: see `action_return`
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        for row in self.line_ids:
            row.quantity = row.quantity_left
        self.line_ids.lot_names = False
        return self.action_return()

    @api.model
    def _open(self, order):
        """Return the action that opens the dialog of a sales or purchase order.

        :raise UserError: there is nothing to return
        :raise AccessError: the user may not change the order
        """
        wizard = self.create({f"{order._table}_id": order.id})
        # The rows show what may come back.
        returning = self.env["drop.shipment.returning"]
        returning._check_returnable(order, wizard.line_ids)
        # Lots and serial numbers take room.
        size = {"dialog_size": "extra-large"} if wizard.has_tracked_lines else {}
        return wizard.with_context(**size)._get_records_action(
            name=self.env._("Return %(order)s", order=order.name), target="new"
        )

    # ------------------------------------------------------------
    # CHOICES
    # ------------------------------------------------------------

    def _get_returnable(self):
        """Return what may come back; see `drop.shipment.returning`."""
        order = self._get_readable_order()
        return self.env["drop.shipment.returning"]._get_returnable(order)


class DropShipmentReturnLine(models.TransientModel):
    """How much of one purchase line comes back, and which numbers."""

    _name = "drop.shipment.return.line"
    _inherit = ["drop.shipment.dialog.shipment.row.mixin"]
    _description = "Drop Shipment Line to Return"
    _dialog_field = "return_id"

    return_id = fields.Many2one(
        comodel_name="drop.shipment.return",
        required=True,
        ondelete="cascade",
        index=True,
    )
    quantity_shipped = fields.Float(
        string="Shipped",
        digits="Product Unit",
        compute="_compute_shipments",
        compute_sudo=True,
    )
    quantity_returned = fields.Float(
        string="Returned",
        digits="Product Unit",
        compute="_compute_shipments",
        compute_sudo=True,
        help="What came back already, or is on an open return.",
    )
    quantity_left = fields.Float(
        string="To Return",
        digits="Product Unit",
        compute="_compute_shipments",
        compute_sudo=True,
    )
    lot_names = fields.Text(
        help="Which come back, one a line. Several lots have their quantity behind, as "
        "in LOT-1;6. Not needed where all come back.",
    )

    @api.depends(
        "sale_line_id",
        "purchase_line_id",
        "return_id.sale_order_id",
        "return_id.purchase_order_id",
    )
    def _compute_shipments(self):
        returning = self.env["drop.shipment.returning"]
        for wizard, rows in self.grouped("return_id").items():
            shipped, returnable = {}, {}
            if order := wizard and wizard._get_readable_order():
                shipped = returning._get_shipped_moves(order)
                returnable = returning._get_returnable(order)
            allowed = self.env["sale.order.line"].union(*shipped)
            for row in rows:
                line = row._get_allowed_sale_line(allowed)
                moves = shipped.get(line, self.env["stock.move"])
                if row.purchase_line_id:
                    # A purchase line that does not ship this row stays unknown.
                    moves = moves.filtered(
                        lambda move, row=row: (
                            move.purchase_line_id == row.purchase_line_id
                        )
                    )
                left = returnable.get(line, {})
                row.purchase_ref = ", ".join(
                    moves.purchase_line_id.order_id.mapped("name")
                )
                # A line of another order stays unknown.
                moved = line and line._get_drop_shipment_moved(
                    {move: move.quantity for move in moves}
                )
                row.quantity_shipped = sum(moved.values()) if moved else 0.0
                row.quantity_left = sum(left.get(move, 0.0) for move in moves)
                row.quantity_returned = row.quantity_shipped - row.quantity_left
