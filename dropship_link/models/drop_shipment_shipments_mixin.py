from odoo import api, fields, models


class DropShipmentShipmentsMixin(models.AbstractModel):
    """What the vendor wrote on the parcels of an order, or of one of its lines."""

    _name = "drop.shipment.shipments.mixin"
    _inherit = ["drop.shipment.guard.mixin"]
    _description = "Shipments of a Drop Shipment"

    # From a purchase line to the records that its transfers tell of.
    _drop_shipment_ref_path = ""

    drop_shipment_delivery_note = fields.Char(
        string="Vendor's Delivery Note",
        compute="_compute_drop_shipment_shipments",
        search="_search_drop_shipment_delivery_note",
        compute_sudo=True,
        help="Numbers of the delivery notes that the vendor put into the parcels.",
        groups="base.group_user",
    )
    drop_shipment_tracking_ref = fields.Char(
        string="Tracking Number",
        compute="_compute_drop_shipment_shipments",
        search="_search_drop_shipment_tracking_ref",
        compute_sudo=True,
        help="Numbers of the parcels with the vendor's carrier.",
        groups="base.group_user",
    )

    def _compute_drop_shipment_shipments(self):
        # Each model says what it depends on.
        for record in self:
            pickings = record._get_drop_shipment_pickings()
            for name in ("drop_shipment_delivery_note", "drop_shipment_tracking_ref"):
                numbers = filter(None, pickings.mapped(name))
                record[name] = ", ".join(dict.fromkeys(numbers))

    def _search_drop_shipment_delivery_note(self, operator, value):
        return self._search_drop_shipment_ref(
            "move_ids.picking_id.drop_shipment_delivery_note", operator, value
        )

    def _search_drop_shipment_tracking_ref(self, operator, value):
        return self._search_drop_shipment_ref(
            "move_ids.picking_id.drop_shipment_tracking_ref", operator, value
        )

    @api.model
    def _search_drop_shipment_ref(self, path, operator, value, lines=()):
        """Return the domain of records whose purchase lines lead to such a number.

        :param str path: of the number, from a purchase line
        :param list lines: domain of the purchase lines that count; all, unless given
        """
        if operator in fields.Domain.NEGATIVE_OPERATORS:
            # The ORM asks for the opposite.
            return NotImplemented
        if operator == "in" and not all(value):
            # Without a number: all but those that have one.
            texts = [text for text in value if text]
            return ~self._get_drop_shipment_ref_domain(
                path, "!=", False, lines
            ) | self._get_drop_shipment_ref_domain(path, "in", texts, lines)
        return self._get_drop_shipment_ref_domain(path, operator, value, lines)

    @api.model
    def _get_drop_shipment_ref_domain(self, path, operator, value, lines):
        """Return the domain of records with a number that fits."""
        # sudo: the numbers are shown to people without rights on transfers, or on the
        # other order; the rules of the records say which of them they may see.
        found = (
            self.env["purchase.order.line"]
            .sudo()
            .search(
                [
                    ("drop_shipment_sale_line_id", "!=", False),
                    (path, operator, value),
                    *lines,
                ]
            )
        )
        return fields.Domain("id", "in", found.mapped(self._drop_shipment_ref_path).ids)

    def _get_drop_shipment_pickings(self):
        """Return the transfers from the vendor to the customer."""
        raise NotImplementedError
