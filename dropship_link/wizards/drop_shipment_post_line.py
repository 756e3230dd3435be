from odoo import api, fields, models


class DropShipmentPostLine(models.TransientModel):
    """How much of one purchase line was shipped, and which numbers."""

    _name = "drop.shipment.post.line"
    _inherit = ["drop.shipment.dialog.shipment.row.mixin"]
    _description = "Drop Shipment Line to Post"
    _dialog_field = "post_id"

    post_id = fields.Many2one(
        comodel_name="drop.shipment.post",
        required=True,
        ondelete="cascade",
        index=True,
    )
    quantity_outstanding = fields.Float(
        string="Outstanding",
        digits="Product Unit",
        compute="_compute_shipments",
        compute_sudo=True,
    )

    @api.depends("sale_line_id", "purchase_line_id", "post_id.purchase_order_id")
    def _compute_shipments(self):
        for wizard, rows in self.grouped("post_id").items():
            outstanding = wizard._get_outstanding() if wizard else {}
            allowed = self.env["sale.order.line"].union(*outstanding)
            for row in rows:
                line = row._get_allowed_sale_line(allowed)
                moves = outstanding.get(line, {})
                row.purchase_ref = line.drop_shipment_purchase_ref
                if row.purchase_line_id:
                    # A purchase line that does not ship this row stays unknown.
                    moves = {
                        move: quantity
                        for move, quantity in moves.items()
                        if move.purchase_line_id == row.purchase_line_id
                    }
                    row.purchase_ref = (
                        bool(moves) and row.purchase_line_id.order_id.name
                    )
                row.quantity_outstanding = sum(moves.values())
