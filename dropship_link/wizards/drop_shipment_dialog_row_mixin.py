from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.drop_shipment_posting import Row


class DropShipmentDialogRowMixin(models.AbstractModel):
    """A row of a dialog: a sales line and the quantity that is entered for it.

    What the user needs of the sales line comes in plain fields, as they may have no
    right to read it.
    """

    _name = "drop.shipment.dialog.row.mixin"
    _inherit = ["drop.shipment.dialog.access.mixin"]
    _description = "Row of a Drop Shipment Dialog"
    _rec_name = "name"

    sale_line_id = fields.Many2one(
        comodel_name="sale.order.line", required=True, ondelete="cascade"
    )
    quantity = fields.Float(digits="Product Unit")
    name = fields.Char(
        string="Description", compute="_compute_from_sale_line", compute_sudo=True
    )
    product_id = fields.Many2one(
        comodel_name="product.product",
        compute="_compute_from_sale_line",
        compute_sudo=True,
    )
    product_uom_id = fields.Many2one(
        comodel_name="uom.uom",
        string="Unit",
        compute="_compute_from_sale_line",
        compute_sudo=True,
    )
    sale_ref = fields.Char(
        string="Sales Order", compute="_compute_from_sale_line", compute_sudo=True
    )
    quantity_to_order = fields.Float(
        string="To Order",
        digits="Product Unit",
        compute="_compute_from_sale_line",
        compute_sudo=True,
    )

    @api.depends("sale_line_id")
    def _compute_from_sale_line(self):
        allowed = self._get_allowed_sale_lines()
        for row in self:
            line = row._get_allowed_sale_line(allowed)
            row.name = line.product_id.display_name
            row.product_id = line.product_id
            row.product_uom_id = line.product_uom_id
            row.sale_ref = line.order_id.name
            row.quantity_to_order = line.drop_shipment_qty_to_order

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_quantity_is_number(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_quantity_is_number(vals)
        return super().write(vals)

    @api.model
    def _check_quantity_is_number(self, vals):
        """Refuse a quantity that is no number.

        :raise UserError: see `_check_drop_shipment_number`
        """
        if "quantity" in vals:
            self.env["uom.uom"]._check_drop_shipment_number(
                self.env._("Quantity"), vals["quantity"]
            )

    def _check_rows_allowed(self):
        # sudo: rows hold sales lines that their user may not read.
        rows = self.sudo()
        if rows.sale_line_id - rows._get_allowed_sale_lines():
            raise UserError(
                self.env._(
                    "A line you chose is not on offer for %(dialog)s. Choose among the "
                    "lines of the dialog.",
                    dialog=rows[:1]._get_dialog_name(),
                )
            )

    def _get_allowed_sale_lines(self):
        """Return the sales lines, in sudo, that the user may be told of."""
        raise NotImplementedError

    def _get_allowed_sale_line(self, allowed):
        """Return the sales line of this row if it is one of the lines in `allowed`.

        What is read of it is read of all of them at once.
        """
        return (self.sale_line_id & allowed).with_prefetch(allowed.ids)

    def _get_dialog_name(self):
        """Return what an error calls the dialog: the order it was opened from."""
        raise NotImplementedError

    def _get_quantities(self, check):
        """Return {sales line: quantity}, the rows of each line added up.

        The caller sees to the rights on the sales lines.

        :param check: method that refuses a wrong quantity of a sales line. It is asked
            for each row and for the sum, as rows of -5 and 15 are no order of 10.
        """
        quantities = {}
        for row in self:
            check(row.sale_line_id, row.quantity)
            before = quantities.get(row.sale_line_id, 0.0)
            quantities[row.sale_line_id] = before + row.quantity
        if len(quantities) < len(self):
            for line, quantity in quantities.items():
                check(line, quantity)
        return quantities

    def _get_summary(self):
        """Return how many of these rows have a quantity, and how much it is."""
        # sudo: rows hold sales lines that their user may not read; only numbers are
        # shown.
        allowed = self.sudo()._get_allowed_sale_lines()
        quantities = []
        for row in self.sudo():
            line = row._get_allowed_sale_line(allowed)
            if line and line.product_uom_id.compare(row.quantity, 0.0) > 0:
                quantities.append((line, row.quantity))
        lines = allowed.browse().union(*(line for line, _quantity in quantities))
        texts = [self.env._("Lines: %(count)s", count=len(quantities))]
        if len(lines.order_id) > 1:
            texts.append(
                self.env._("Sales orders: %(count)s", count=len(lines.order_id))
            )
        # Only quantities of one unit have a sum.
        if len(lines.product_uom_id) == 1:
            quantity = lines.product_uom_id._format_drop_shipment_qty(
                sum(quantity for _line, quantity in quantities)
            )
            texts.append(self.env._("Quantity: %(quantity)s", quantity=quantity))
        return ", ".join(texts)


class DropShipmentDialogShipmentRowMixin(models.AbstractModel):
    """A row of what a vendor shipped, or is to ship, with lot and serial numbers."""

    _name = "drop.shipment.dialog.shipment.row.mixin"
    _inherit = ["drop.shipment.dialog.row.mixin"]
    _description = "Row of a Drop Shipment Dialog with Shipments"

    # From a row to its dialog.
    _dialog_field = ""

    # Salespeople may not read it; `purchase_ref` tells them its number.
    purchase_line_id = fields.Many2one(
        comodel_name="purchase.order.line",
        ondelete="cascade",
        help="The purchase line that ships this row; empty: any of the sales line.",
    )
    purchase_ref = fields.Char(
        string="Purchase Order", compute="_compute_shipments", compute_sudo=True
    )
    tracking = fields.Selection(related="product_id.tracking")
    lot_names = fields.Text(
        string="Lot/Serial Numbers",
        help="One a line, typed or pasted. Several lots have their quantity behind, as "
        "in LOT-1;6.",
    )

    def _compute_shipments(self):
        # Each dialog says what it depends on.
        raise NotImplementedError

    def _get_dialog_name(self):
        return self[self._dialog_field]._get_order().name

    def _get_allowed_sale_lines(self):
        return self.env["sale.order.line"].union(
            *(wizard._get_sale_lines() for wizard in self[self._dialog_field])
        )

    def _get_rows(self):
        """Return these rows as the posting and the returning take them.

        Their lines are in sudo, and of any order: it checks them.
        """
        return [
            Row(
                row.sale_line_id,
                row.purchase_line_id,
                row.quantity,
                row.lot_names or "",
            )
            for row in self.sudo()
        ]
