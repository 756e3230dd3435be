from odoo import api, fields, models
from odoo.exceptions import UserError


class DropShipmentDialogRowMixin(models.AbstractModel):
    _name = "drop.shipment.dialog.row.mixin"
    _description = "Quantity of a Drop Shipment Line"
    _rec_name = "name"

    # Users of one department see lines of the other: what they need of them comes in
    # plain fields, never as a record that they may not read.
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

    @api.depends("sale_line_id")
    def _compute_from_sale_line(self):
        known = self._get_known_sale_lines()
        for line in self:
            sale_line = line._get_sale_line(known)
            line.name = sale_line.product_id.display_name
            line.product_id = sale_line.product_id
            line.product_uom_id = sale_line.product_uom_id
            line.sale_ref = sale_line.order_id.name

    def _get_summary(self):
        """Return how many of these rows have a quantity, and how much it is."""
        # Rows of lines that their user may not read; only numbers are shown.
        known = self.sudo()._get_known_sale_lines()
        quantities = []
        for row in self.sudo():
            line = row._get_sale_line(known)
            if line and line.product_uom_id.compare(row.quantity, 0.0) > 0:
                quantities.append((line, row.quantity))
        lines = known.browse().union(*(line for line, _quantity in quantities))
        texts = [self.env._("Lines: %(count)s", count=len(quantities))]
        if len(lines.order_id) > 1:
            texts.append(
                self.env._("Sales orders: %(count)s", count=len(lines.order_id))
            )
        # Chairs and hours have no sum.
        if len(lines.product_uom_id) == 1:
            quantity = lines.product_uom_id._format_drop_shipment_qty(
                sum(quantity for _line, quantity in quantities)
            )
            texts.append(self.env._("Quantity: %(quantity)s", quantity=quantity))
        return ", ".join(texts)

    def _get_sale_line(self, known):
        """Return the sales line of this row if it is one of the lines in `known`.

        What is read of it is read of all of them at once.
        """
        return (self.sale_line_id & known).with_prefetch(known.ids)

    def _get_known_sale_lines(self):
        """Return the sales lines that the user may be told of, elevated.

        A forged row must not tell of the lines of others.
        """
        raise NotImplementedError

    def _get_dialog_name(self):
        """Return what an error calls the dialog: the order it was opened from."""
        raise NotImplementedError

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_quantity_is_number(vals)
        rows = super().create(vals_list)
        # Elevated are the rows that the dialog itself fills in.
        if not self.env.su:
            rows._check_known()
        return rows

    def write(self, vals):
        self._check_quantity_is_number(vals)
        res = super().write(vals)
        if set(vals) - {"quantity", "vendor_id"}:
            # Nor may a row be moved into the dialog of another user.
            self.check_access("write")
            self._check_known()
        return res

    def _check_known(self):
        """Refuse rows with sales lines that the user may not be told of.

        :raise UserError: without a word about them
        """
        # Rows hold sales lines that their user may not read.
        rows = self.sudo()
        if rows.sale_line_id - rows._get_known_sale_lines():
            raise UserError(
                self.env._(
                    "A line you chose is not on offer for %(dialog)s. Choose among the "
                    "lines of the dialog.",
                    dialog=rows[:1]._get_dialog_name(),
                )
            )

    @api.model
    def _check_quantity_is_number(self, vals):
        """Refuse a quantity that is no number.

        :raise UserError: see `_check_drop_shipment_number`
        """
        if "quantity" in vals:
            self.env["uom.uom"]._check_drop_shipment_number(
                self.env._("Quantity"), vals["quantity"]
            )
