from odoo import api, fields, models

TRACKING = [
    ("serial", "By Unique Serial Number"),
    ("lot", "By Lots"),
    ("none", "By Quantity"),
]


class DropShipmentPostLine(models.TransientModel):
    """The numbers of a kit are those of its parts."""

    _inherit = "drop.shipment.post.line"

    tracking = fields.Selection(
        selection=TRACKING, related=None, compute="_compute_tracking", compute_sudo=True
    )
    lot_names = fields.Text(
        help="One a line, typed or pasted. Several lots have their quantity behind, as "
        "in LOT-1;6. Where several parts of a kit have numbers, the name of each part "
        "stands on a line above them."
    )

    @api.depends("product_id")
    def _compute_tracking(self):
        # What is outstanding need not be read again where nothing is a kit.
        kits = self.filtered(
            lambda row: (
                row.sale_line_id
                # A row of another order than the dialog's has none.
                and row.product_id
                and row.sale_line_id._get_drop_shipment_parts()
            )
        )
        for row in self - kits:
            row.tracking = row.product_id.tracking
        for wizard, rows in kits.grouped("post_id").items():
            outstanding = wizard._get_outstanding() if wizard else {}
            for row in rows:
                row.tracking = row.product_id._get_drop_shipment_tracking(
                    outstanding.get(row.sale_line_id, {})
                )


class DropShipmentReturnLine(models.TransientModel):
    """The numbers of a kit are those of its parts."""

    _inherit = "drop.shipment.return.line"

    tracking = fields.Selection(
        selection=TRACKING, related=None, compute="_compute_tracking", compute_sudo=True
    )
    lot_names = fields.Text(
        help="Which come back, one a line. Several lots have their quantity behind, as "
        "in LOT-1;6. Not needed where all come back. Where several parts of a kit have "
        "numbers, the name of each part stands on a line above them."
    )

    @api.depends("product_id")
    def _compute_tracking(self):
        for wizard, rows in self.grouped("return_id").items():
            returnable = wizard._get_returnable() if wizard else {}
            for row in rows:
                row.tracking = row.product_id._get_drop_shipment_tracking(
                    returnable.get(row.sale_line_id, {})
                )
