from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.dropship_link.models.drop_shipment_lots import Numbers


class DropShipmentVendorCheck(models.AbstractModel):
    """Kits are shipped whole; their lots and serials are those of the parts."""

    _inherit = "drop.shipment.vendor.check"

    @api.model
    def _get_quantity_message(self, line, quantity, left):
        message = super()._get_quantity_message(line, quantity, left)
        # As Post refuses it: see `_check_whole_kits` of `drop.shipment.posting.check`.
        if (
            not message
            and line._get_drop_shipment_parts()
            and line.product_uom_id.compare(quantity, left)
            and not self.env["drop.shipment.kits"]._to_kits(line, quantity).is_integer()
        ):
            return self.env._("Enter whole kits: their parts are shipped together.")
        return message

    @api.model
    def _get_names_message(self, line, quantity, text):
        if not line._get_drop_shipment_parts():
            return super()._get_names_message(line, quantity, text)
        posting = self.env["drop.shipment.posting"]
        outstanding = posting._get_outstanding(line.order_id)
        report = self.env["drop.shipment.vendor.report"]
        row = report._get_row(line, quantity, text, outstanding)
        shares = posting._get_shares([row], outstanding)
        amounts = {}
        for move, part in posting._get_move_quantities(shares, outstanding).items():
            if move.has_tracking != "none":
                product = move.product_id
                amounts.setdefault(product, 0.0)
                amounts[product] += move.product_uom._compute_quantity(
                    part, product.uom_id, rounding_method="HALF-UP"
                )
        try:
            return self._get_parts_message(line, text, amounts)
        except UserError as error:
            return str(error)

    @api.model
    def _get_parts_message(self, line, text, amounts):
        """Return what is wrong with the lots or serials of the parts of a kit, or "".

        :param dict amounts: tracked part to the quantity of it that is reported, in the
            UoM of its product
        :raise UserError: they can't be read, or are of another quantity
        """
        service = self.env["drop.shipment.lots"]
        label = line._get_drop_shipment_label()
        names = service._split_names(label, text, amounts) if amounts else {}
        for product, quantity in amounts.items():
            lots = service._parse(
                Numbers(
                    service._get_part_label(label, product),
                    product,
                    product.uom_id,
                    quantity,
                    names.get(product, "").strip(),
                )
            )
            if message := self._get_used_message(line, product, lots):
                return message
        return ""
