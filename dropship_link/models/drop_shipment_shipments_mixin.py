from odoo import fields, models


class DropShipmentShipmentsMixin(models.AbstractModel):
    """What the vendor wrote on the parcels of an order, or of one of its lines."""

    _name = "drop.shipment.shipments.mixin"
    _inherit = ["drop.shipment.guard.mixin"]
    _description = "Shipments of a Drop Shipment"

    drop_shipment_delivery_note = fields.Char(
        string="Vendor's Delivery Note",
        compute="_compute_drop_shipment_shipments",
        compute_sudo=True,
        help="Numbers of the delivery notes that the vendor put into the parcels.",
        groups="base.group_user",
    )
    drop_shipment_tracking_ref = fields.Char(
        string="Tracking Number",
        compute="_compute_drop_shipment_shipments",
        compute_sudo=True,
        help="Numbers of the parcels with the vendor's carrier.",
        groups="base.group_user",
    )

    def _compute_drop_shipment_shipments(self):
        # Each model says what it depends on.
        for record in self:
            pickings = record._get_drop_shipment_pickings()
            for name in ("drop_shipment_delivery_note", "drop_shipment_tracking_ref"):
                record[name] = pickings._get_drop_shipment_refs(name)

    def _get_drop_shipment_pickings(self):
        """Return the transfers from the vendor to the customer."""
        raise NotImplementedError
