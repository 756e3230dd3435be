from odoo import api, fields, models


class DropShipmentOutstandingMixin(models.AbstractModel):
    """What the vendor has left to ship of a purchase line.

    Ordered is `product_qty`, shipped `qty_received`; outstanding is what open transfers
    of a confirmed order still have to move. A line is *owed* while less was shipped
    than is ordered, *stranded* if open transfers do not make up for that.
    The caller sees to the rights on transfers.
    """

    _name = "drop.shipment.outstanding.mixin"
    _description = "Outstanding Quantity of a Purchase Line"

    drop_shipment_may_close = fields.Boolean(
        string="Has a Remainder",
        compute="_compute_drop_shipment_may_close",
        compute_sudo=True,
        help="The vendor has something left to ship, which can be given back.",
        groups="base.group_user",
    )
    drop_shipment_may_waive = fields.Boolean(
        string="Can Be Done Without",
        compute="_compute_drop_shipment_may_waive",
        help="The vendor has something left to ship, and the user may change both "
        "orders, so that the customer does without it.",
        groups="base.group_user",
    )

    @api.depends(
        "drop_shipment", "state", "product_qty", "qty_received", "move_ids.state"
    )
    def _compute_drop_shipment_may_close(self):
        # A line that is received in full has open moves where goods are exchanged.
        for line in self:
            line.drop_shipment_may_close = (
                line.drop_shipment
                and line.state == "purchase"
                and (line._is_owed() or line._get_drop_shipment_open_moves())
            )

    @api.depends("drop_shipment", "state", "product_qty", "qty_received")
    @api.depends_context("uid")
    def _compute_drop_shipment_may_waive(self):
        # Inventory lets people read purchase orders that they may not change.
        owed = self.filtered(
            lambda line: (
                line.drop_shipment and line.state == "purchase" and line._is_owed()
            )
        )
        purchases = owed.order_id._origin._filtered_access("write")
        # sudo: which sales orders; asked right away whether the user may change them.
        sales = owed.sudo().drop_shipment_sale_line_id.order_id
        sales = sales.with_env(self.env)._filtered_access("write")
        for line in self:
            line.drop_shipment_may_waive = (
                line in owed
                and line.order_id._origin in purchases
                # sudo: see above.
                and line.sudo().drop_shipment_sale_line_id.order_id.id in sales.ids
            )

    def _get_drop_shipment_received(self):
        """Return the quantity received in the UoM of the sales line, not rounded.

        Quantities received are rounded: parts of a dozen may be not.
        """
        self.ensure_one()
        received = self.qty_received
        unit = self.sale_line_id.product_uom_id
        if self.move_ids._is_drop_shipment_converted(self):
            exact = self.with_context(dropship_link_exact=True)
            received = exact._prepare_qty_received()[self]
        return self.product_uom_id._compute_quantity(received, unit, round=False)

    def _get_drop_shipment_qty_outstanding(self):
        """Return the quantity that is still to ship, in the UoM of the line."""
        self.ensure_one()
        return sum(
            move.product_uom._compute_quantity(
                move.product_uom_qty, self.product_uom_id, rounding_method="HALF-UP"
            )
            for move in self._get_drop_shipment_open_moves()
        )

    def _is_drop_shipment_to_come(self):
        """Whether vendors have something to ship of these lines.

        Not an exchange for goods that the customer has until they go back.
        """
        return any(
            move.picking_id.return_id.state in (False, "done", "cancel")
            for move in self._get_drop_shipment_open_moves()
        )

    def _get_drop_shipment_qty_declined(self):
        """Return what is declined and still to ship, in the UoM of the line.

        What the vendor ships or reports all the same is not declined any more.
        """
        self.ensure_one()
        if not self.drop_shipment_qty_declined:
            return 0.0
        reported = self.env["drop.shipment.reported"]._get_line_quantity(self)
        left = self._get_drop_shipment_qty_outstanding() - reported
        return max(0.0, min(self.drop_shipment_qty_declined, left))

    def _filter_declined(self):
        """Return the lines of which something is declined and still to ship."""
        return self.filtered(
            lambda line: (
                # Notes have no unit.
                line.drop_shipment
                and line.product_uom_id.compare(
                    line._get_drop_shipment_qty_declined(), 0.0
                )
                > 0
            )
        )

    def _get_drop_shipment_qty_awaited(self):
        """Return what is still to ship, and neither reported nor declined.

        In the UoM of the line.
        """
        self.ensure_one()
        left = self._get_drop_shipment_qty_outstanding()
        left -= self.env["drop.shipment.reported"]._get_line_quantity(self)
        left -= self._get_drop_shipment_qty_declined()
        return self.product_uom_id.round(max(0.0, left), rounding_method="HALF-UP")

    def _filter_answered(self):
        """Return the lines of which all that is left is reported or declined."""
        return self.filtered(
            lambda line: (
                line._get_drop_shipment_open_moves()
                and line.product_uom_id.is_zero(line._get_drop_shipment_qty_awaited())
            )
        )

    def _is_owed(self):
        """Whether the vendor has shipped less than is ordered."""
        self.ensure_one()
        # While a line is typed its unit may be empty.
        return bool(self.product_uom_id) and self._is_drop_shipment_left(
            self.product_qty - self.qty_received, self.product_qty
        )

    def _filter_owed(self):
        """Return the lines that the vendor has not shipped in full."""
        return self.filtered(lambda line: line._is_owed())

    def _filter_partly_shipped(self):
        """Return the confirmed lines that the vendor has shipped in part.

        Not those of which all has come, and an exchange that waits for its return.
        """
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.state == "purchase"
                and line._is_drop_shipment_begun()
                and line._is_owed()
                and line.product_uom_id.compare(
                    line._get_drop_shipment_qty_outstanding(), 0.0
                )
                > 0
            )
        )

    def _is_drop_shipment_begun(self):
        """Whether the vendor has shipped something that did not go back."""
        self.ensure_one()
        return self.qty_received > 0

    def _filter_stranded(self):
        """Return the confirmed lines of which something is on no transfer any more.

        It was cancelled, its goods went back to the vendor, or a transfer that is done
        was corrected to less.
        """
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.state == "purchase"
                and line._is_owed()
                and line._is_drop_shipment_left(
                    line.product_qty
                    - line.qty_received
                    - line._get_drop_shipment_qty_outstanding(),
                    line.product_qty,
                )
            )
        )

    def _filter_unwanted(self):
        """Return the linked lines whose sales order is not confirmed, or no longer.

        It may be cancelled once all is shipped; then goods go back to the vendor.
        """
        # sudo: buyers may lack rights on sales orders.
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.sudo().drop_shipment_sale_line_id.state != "sale"
            )
        )
