from odoo import api, fields, models
from odoo.exceptions import UserError


class DropShipmentDialogOrderMixin(models.AbstractModel):
    """A dialog of one order, a sales order or a purchase order."""

    _name = "drop.shipment.dialog.order.mixin"
    _description = "Dialog of a Drop Shipment Order"

    sale_order_id = fields.Many2one(
        comodel_name="sale.order", readonly=True, ondelete="cascade"
    )
    purchase_order_id = fields.Many2one(
        comodel_name="purchase.order", readonly=True, ondelete="cascade"
    )

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard._get_one_order(wizard.sale_order_id, wizard.purchase_order_id)
        # Compute the rows now, in the name of the user: a rule keeps rows private.
        wizards.mapped("line_ids")
        return wizards

    @api.model
    def _get_shipment_fields(self):
        """Return {field of a dialog: field of the transfers that it fills in}."""
        return {
            "shipment_date": "drop_shipment_date",
            "delivery_note": "drop_shipment_delivery_note",
            "tracking_ref": "drop_shipment_tracking_ref",
        }

    @api.model
    def _get_entered_shipment_vals(self, record):
        """Return the values for a transfer that a dialog, or a row of it, has."""
        return {
            field: record._fields[name].convert_to_write(record[name], record)
            for name, field in self._get_shipment_fields().items()
        }

    def _get_order(self):
        """Return the order of the dialog, with the rights of the user."""
        self.ensure_one()
        return self.sale_order_id or self.purchase_order_id

    @api.model
    def _get_one_order(self, sale_order, purchase_order):
        """Return the one of these two orders that there is.

        :raise UserError: no order, or two
        :raise AccessError: the user may not change it
        """
        if bool(sale_order) == bool(purchase_order):
            raise UserError(self.env._("Choose one sales order or one purchase order."))
        order = (sale_order or purchase_order).ensure_one()
        order.check_access("write")
        return order

    def _get_readable_order(self):
        """Return the order, after a look whether the user may read it.

        Computed fields run in sudo, for an order that may be forged.
        """
        order = self._get_order()
        if order:
            order.with_user(self.create_uid or self.env.user).check_access("read")
        return order

    def _get_sale_lines(self):
        """Return the drop shipment lines that the order sells or ships, in sudo."""
        return self.env["drop.shipment.posting"]._get_sale_lines(
            self._get_readable_order()
        )
