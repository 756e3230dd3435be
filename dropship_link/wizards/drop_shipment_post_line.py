from odoo import api, fields, models


class DropShipmentPostLine(models.TransientModel):
    _name = "drop.shipment.post.line"
    _inherit = ["drop.shipment.dialog.row.mixin"]
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

    def _get_dialog_name(self):
        return self.post_id._get_order().name

    def _get_allowed_sale_lines(self):
        return self.env["sale.order.line"].union(
            *(wizard._get_sale_lines() for wizard in self.post_id)
        )
