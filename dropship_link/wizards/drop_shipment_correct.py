from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class DropShipmentCorrect(models.TransientModel):
    """Lets the user correct day and numbers of the shipments of one order."""

    _name = "drop.shipment.correct"
    _inherit = ["drop.shipment.dialog.order.mixin"]
    _description = "Correct Drop Shipments"

    line_ids = fields.One2many(
        comodel_name="drop.shipment.correct.line",
        inverse_name="correct_id",
        string="Shipments",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.depends("sale_order_id", "purchase_order_id")
    def _compute_line_ids(self):
        correcting = self.env["drop.shipment.correcting"]
        for wizard in self:
            commands = [Command.clear()]
            for picking in wizard._get_shipments():
                values = correcting._get_values(picking)
                vals = {
                    name: values[key]
                    for name, key in wizard._get_shipment_fields().items()
                }
                shown = {key: str(value) for key, value in values.items()}
                commands.append(
                    Command.create({"picking_id": picking.id, "shown": shown, **vals})
                )
            wizard.line_ids = commands

    def action_correct(self):
        """Write what was entered in the dialog on the shipments, all of it or nothing.

        :return: action that closes the dialog
        :raise UserError: a shipment is not of this order
        :raise ValidationError: the day is in the future, or the books are locked
        :raise AccessError: the user may not change the order
        """
        self.ensure_one()
        self.env["drop.shipment.correcting"]._correct(
            self._get_one_order(self.sale_order_id, self.purchase_order_id),
            {row.picking_id: row._get_changed_vals() for row in self.line_ids},
        )
        return {"type": "ir.actions.act_window_close"}

    @api.model
    def _open(self, order):
        """Return the action that opens the dialog of a sales or purchase order.

        :raise UserError: nothing was shipped
        :raise AccessError: the user may not change the order
        """
        wizard = self.create({f"{order._table}_id": order.id})
        correcting = self.env["drop.shipment.correcting"]
        correcting._check_shipped(order, wizard.line_ids)
        return wizard._get_records_action(
            name=self.env._("Correct Shipments of %(order)s", order=order.name),
            target="new",
        )

    def _get_shipments(self):
        """Return the shipments of the order, in sudo; none without an order."""
        pickings = self.env["stock.picking"].sudo()
        for wizard in self:
            if order := wizard._get_readable_order():
                pickings |= self.env["drop.shipment.correcting"]._get_shipments(order)
        return pickings


class DropShipmentCorrectLine(models.TransientModel):
    """Day and numbers of one shipment."""

    _name = "drop.shipment.correct.line"
    _inherit = ["drop.shipment.dialog.access.mixin"]
    _description = "Drop Shipment to Correct"
    _rec_name = "name"

    _entered_fields = frozenset({"shipment_date", "delivery_note", "tracking_ref"})

    correct_id = fields.Many2one(
        comodel_name="drop.shipment.correct",
        required=True,
        ondelete="cascade",
        index=True,
    )
    # Neither side may read it; `name` tells its number.
    picking_id = fields.Many2one(
        comodel_name="stock.picking", required=True, ondelete="cascade"
    )
    # As the dialog was opened: a colleague may correct the shipment meanwhile.
    shown = fields.Json(readonly=True, export_string_translation=False)
    name = fields.Char(
        string="Transfer", compute="_compute_from_picking", compute_sudo=True
    )
    sale_ref = fields.Char(
        string="Sales Order", compute="_compute_from_picking", compute_sudo=True
    )
    purchase_ref = fields.Char(
        string="Purchase Order", compute="_compute_from_picking", compute_sudo=True
    )
    products = fields.Char(compute="_compute_from_picking", compute_sudo=True)
    shipment_date = fields.Date(
        required=True,
        help="The day on which the vendor shipped: today, or a day before.",
    )
    delivery_note = fields.Char(
        string="Vendor's Delivery Note",
        help="Number of the delivery note that the vendor put into the parcel.",
    )
    tracking_ref = fields.Char(
        string="Tracking Number",
        help="Number of the parcel with the vendor's carrier.",
    )

    @api.depends("picking_id", "correct_id")
    def _compute_from_picking(self):
        for wizard, rows in self.grouped("correct_id").items():
            allowed = wizard._get_shipments()
            for row in rows:
                picking = row.picking_id & allowed
                moves = picking.move_ids
                row.name = picking.name
                row.sale_ref = ", ".join(moves.sale_line_id.order_id.mapped("name"))
                row.purchase_ref = ", ".join(
                    moves.purchase_line_id.order_id.mapped("name")
                )
                row.products = moves.product_id._get_drop_shipment_names()

    def _get_changed_vals(self):
        """Return {field of the transfer: value} of what the user has changed."""
        self.ensure_one()
        shown = self.shown or {}
        vals = self.correct_id._get_entered_shipment_vals(self)
        return {
            name: value for name, value in vals.items() if str(value) != shown.get(name)
        }

    def _check_rows_allowed(self):
        # sudo: rows hold transfers that their user may not read.
        rows = self.sudo()
        if rows.picking_id - rows.correct_id._get_shipments():
            raise UserError(
                self.env._(
                    "A shipment you chose is not one of %(order)s. Open the dialog "
                    "again.",
                    order=rows[:1].correct_id._get_order().name,
                )
            )
