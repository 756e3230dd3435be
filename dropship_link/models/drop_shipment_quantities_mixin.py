from collections import defaultdict

from odoo import api, fields, models


class DropShipmentQuantitiesMixin(models.AbstractModel):
    """Quantities, vendor, dates and state of a drop shipment line of a sales order.

    All of it is computed from core's documents, in the unit of the line:

    * sold = ordered + delivered otherwise + to order
    * ordered = received + outstanding + what is on requests for quotation
    * 0 <= quantity to ship <= outstanding
    * billed <= invoiced, where the company keeps bills behind invoices

    Live is a purchase line whose order is not cancelled. Outstanding is what open
    transfers of confirmed purchase orders are to ship.
    """

    _name = "drop.shipment.quantities.mixin"
    _description = "Quantities of a Drop Shipment"

    drop_shipment_qty_ordered = fields.Float(
        string="Quantity Ordered from Vendor",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_ordered",
        store=True,
        help="Quantity on purchase orders that are not cancelled.",
        groups="base.group_user",
    )
    drop_shipment_qty_to_order = fields.Float(
        string="Quantity to Order",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_to_order",
        store=True,
        help="Quantity that is neither on a purchase order nor delivered.",
        groups="base.group_user",
    )
    drop_shipment_qty_outstanding = fields.Float(
        string="Outstanding Quantity",
        digits="Product Unit",
        compute="_compute_qty_to_ship",
        store=True,
        help="Quantity on confirmed purchase orders that the vendor has not shipped.",
        groups="base.group_user",
    )
    qty_to_ship = fields.Float(
        string="Qty to Ship",
        digits="Product Unit",
        compute="_compute_qty_to_ship",
        store=True,
        readonly=False,
        copy=False,
        help="Quantity of the next posting.",
        groups="base.group_user",
    )
    drop_shipment_qty_invoiced = fields.Float(
        string="Quantity on Posted Invoices",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_invoiced",
        store=True,
        help="Posted customer invoices less credit notes.",
        groups="base.group_user",
    )
    drop_shipment_qty_billed = fields.Float(
        string="Quantity on Posted Bills",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_billed",
        store=True,
        help="Posted vendor bills less refunds.",
        groups="base.group_user",
    )
    drop_shipment_state = fields.Selection(
        selection=[
            ("to_order", "To Order"),
            ("rfq", "RFQ"),
            ("ordered", "Ordered"),
            ("partial", "Partial"),
            ("shipped", "Shipped"),
            ("invoiced", "Invoiced"),
            ("done", "Done"),
            ("cancel", "Cancelled"),
        ],
        string="Drop Shipment Status",
        compute="_compute_drop_shipment_state",
        store=True,
        groups="base.group_user",
    )
    drop_shipment_purchase_ref = fields.Char(
        string="Purchase Order",
        compute="_compute_drop_shipment_refs",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_vendor_ref = fields.Char(
        string="Ordered from",
        compute="_compute_drop_shipment_refs",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_date_expected = fields.Datetime(
        string="Expected from Vendor",
        compute="_compute_drop_shipment_refs",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_late = fields.Boolean(
        string="Late",
        compute="_compute_drop_shipment_refs",
        compute_sudo=True,
        help="The vendor's date is past or later than the delivery date of the order.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends(
        "drop_shipment",
        "product_uom_id",
        "drop_shipment_purchase_line_ids.product_qty",
        "drop_shipment_purchase_line_ids.product_uom_id",
        "drop_shipment_purchase_line_ids.order_id.state",
    )
    def _compute_drop_shipment_qty_ordered(self):
        for line in self:
            # Round the sum, not its parts: three times 8 units are 2 dozen, not 2.01.
            line.drop_shipment_qty_ordered = line.drop_shipment and sum(
                purchase_line._get_drop_shipment_qty("product_qty")
                for purchase_line in line._get_drop_shipment_live_lines()
            )

    @api.depends(
        "drop_shipment",
        "state",
        "product_uom_qty",
        "qty_delivered",
        "drop_shipment_qty_ordered",
        "drop_shipment_purchase_line_ids.qty_received",
    )
    def _compute_drop_shipment_qty_to_order(self):
        for line in self:
            left = 0.0
            if line.drop_shipment and line.state == "sale" and line.product_uom_id:
                left = line._get_drop_shipment_qty_left_to_order()
                if not line._is_drop_shipment_left(left, line.product_uom_qty):
                    left = 0.0
            line.drop_shipment_qty_to_order = left

    # Depends on the moves, not on the purchase order's state: when that is written the
    # moves do not exist yet.
    @api.depends(
        "drop_shipment",
        "product_uom_id",
        "move_ids.state",
        "move_ids.product_uom_qty",
        "move_ids.product_uom",
        "drop_shipment_purchase_line_ids.move_ids.quantity",
    )
    def _compute_qty_to_ship(self):
        for line in self:
            if not line.drop_shipment or not line.product_uom_id:
                line.drop_shipment_qty_outstanding = line.qty_to_ship = 0.0
                continue
            outstanding = line._get_drop_shipment_qty_outstanding()
            # Keep what the user entered, unless the outstanding quantity changed.
            line.qty_to_ship = (
                outstanding
                if line.product_uom_id.compare(
                    outstanding, line.drop_shipment_qty_outstanding
                )
                else line.qty_to_ship
            )
            line.drop_shipment_qty_outstanding = outstanding

    @api.depends(
        "drop_shipment",
        "product_uom_id",
        "invoice_lines.move_id.state",
        "invoice_lines.move_id.move_type",
        "invoice_lines.quantity",
        "invoice_lines.product_uom_id",
    )
    def _compute_drop_shipment_qty_invoiced(self):
        invoiced = self.filtered("drop_shipment")._get_drop_shipment_invoice_lines()
        for line in self:
            line.drop_shipment_qty_invoiced = line in invoiced and invoiced[
                line
            ]._get_drop_shipment_posted_qty(line.product_uom_id)

    @api.depends(
        "drop_shipment",
        "product_uom_id",
        "drop_shipment_purchase_line_ids.invoice_lines.move_id.state",
        "drop_shipment_purchase_line_ids.invoice_lines.move_id.move_type",
        "drop_shipment_purchase_line_ids.invoice_lines.quantity",
        "drop_shipment_purchase_line_ids.invoice_lines.product_uom_id",
    )
    def _compute_drop_shipment_qty_billed(self):
        for line in self:
            if not line.drop_shipment:
                line.drop_shipment_qty_billed = 0.0
                continue
            bill_lines = line.drop_shipment_purchase_line_ids.invoice_lines
            line.drop_shipment_qty_billed = bill_lines._get_drop_shipment_posted_qty(
                line.product_uom_id
            )

    @api.depends(
        "drop_shipment",
        "state",
        "product_uom_qty",
        "qty_delivered",
        "drop_shipment_qty_to_order",
        "drop_shipment_qty_outstanding",
        "drop_shipment_qty_invoiced",
        "drop_shipment_qty_billed",
        "drop_shipment_purchase_line_ids.order_id.state",
        "drop_shipment_purchase_line_ids.qty_received",
    )
    def _compute_drop_shipment_state(self):
        for line in self:
            line.drop_shipment_state = (
                line.drop_shipment and line._get_drop_shipment_state()
            )

    @api.depends(
        "drop_shipment",
        "qty_delivered",
        "product_uom_qty",
        "drop_shipment_qty_to_order",
        "order_id.commitment_date",
        "drop_shipment_purchase_line_ids.date_planned",
        "drop_shipment_purchase_line_ids.qty_received",
        "drop_shipment_purchase_line_ids.order_id.name",
        "drop_shipment_purchase_line_ids.order_id.partner_id",
        "drop_shipment_purchase_line_ids.order_id.state",
    )
    @api.depends_context("tz", "uid")
    def _compute_drop_shipment_refs(self):
        for line in self:
            if not line.drop_shipment:
                line.drop_shipment_purchase_ref = False
                line.drop_shipment_vendor_ref = False
                line.drop_shipment_date_expected = False
                line.drop_shipment_late = False
                continue
            purchase_lines = line._get_drop_shipment_live_lines()
            orders = purchase_lines.order_id.sorted("name")
            line.drop_shipment_purchase_ref = ", ".join(orders.mapped("name"))
            line.drop_shipment_vendor_ref = ", ".join(
                orders.partner_id.mapped("display_name")
            )
            waiting = purchase_lines._filter_owed()
            if not line.drop_shipment_qty_to_order:
                # All is shipped: when it was expected. Of what is to order the date of
                # a vendor who has shipped, or given back, says nothing.
                waiting = waiting or purchase_lines
            line.drop_shipment_date_expected = max(
                waiting.filtered("date_planned").mapped("date_planned"),
                default=False,
            )
            line.drop_shipment_late = line._is_drop_shipment_late()

    # ------------------------------------------------------------
    # QUANTITIES
    # ------------------------------------------------------------

    def _get_drop_shipment_live_lines(self):
        """Return the linked purchase lines whose order is not cancelled."""
        linked = self.drop_shipment_purchase_line_ids
        # Skip unsaved lines: the ORM makes them to compute default values. What is
        # asked of the lines of a page is read for all at once.
        return linked.filtered(
            lambda line: line._origin and line.order_id.state != "cancel"
        ).with_prefetch(linked._prefetch_ids)

    def _get_drop_shipment_qty_left_to_order(self):
        """Return the quantity neither ordered nor delivered otherwise.

        Otherwise: from stock, on a purchase order cancelled after a partial receipt,
        or beyond what a purchase line ordered. Negative when too much is ordered. In
        the UoM of the line.
        """
        self.ensure_one()
        open_qty = self.product_uom_qty - self.drop_shipment_qty_ordered
        # Moves need to be read only where something was delivered or received.
        if self.qty_delivered or any(
            line.qty_received for line in self.drop_shipment_purchase_line_ids
        ):
            open_qty -= self._get_drop_shipment_qty_delivered_outside()
        return self.product_uom_id.round(open_qty, rounding_method="HALF-UP")

    def _get_drop_shipment_qty_delivered_outside(self, purchase_lines=None):
        """Return what was delivered but not by what is on purchase orders now.

        See `_get_drop_shipment_qty_left_to_order`; in the UoM of the line.

        :param purchase_lines: those to be linked, for a line that is not ticked yet
        """
        live = purchase_lines or self._get_drop_shipment_live_lines()
        received = sum(
            min(
                line._get_drop_shipment_received(),
                line._get_drop_shipment_qty("product_qty"),
            )
            for line in live
        )
        # The delivered quantity is rounded, so round what is subtracted from it.
        linked = self.product_uom_id.round(
            received - self._get_drop_shipment_kept(live)
        )
        return max(self.qty_delivered - linked, 0.0)

    def _get_drop_shipment_kept(self, purchase_lines=None):
        """Return what came back to own stock, in the UoM of the line, not rounded.

        It is delivered no more, but was ordered. From own stock it may go to the
        customer again, or to the vendor. What was shipped beyond the order comes back
        first: it was not ordered.

        :param purchase_lines: what came back of these only, instead of all live ones
        """
        self.ensure_one()
        live = purchase_lines or self._get_drop_shipment_live_lines()
        total = 0.0
        for line, kept in self._get_drop_shipment_kept_by_line(live).items():
            if kept > 0:
                ordered = line._get_drop_shipment_qty("product_qty")
                beyond = line._get_drop_shipment_received() - ordered
                kept -= min(max(beyond, 0.0), kept)
            total += kept
        return total

    def _get_drop_shipment_kept_by_line(self, purchase_lines):
        """Return {purchase line: what came back of it to own stock}.

        In the UoM of the sales line, not rounded.
        """
        self.ensure_one()
        kept = defaultdict(float)
        for move in self.move_ids:
            if (
                move.state == "done"
                and move.to_refund
                and move.origin_returned_move_id
                and move.purchase_line_id in purchase_lines
                and "internal" in (move.location_id.usage, move.location_dest_id.usage)
                # A subcontractor's place counts as ours, but is the vendor's.
                and not (move._is_dropshipped() or move._is_dropshipped_returned())
            ):
                sign = 1 if move.location_dest_id.usage == "internal" else -1
                kept[move.purchase_line_id] += sign * (
                    move.product_uom._compute_quantity(
                        move.quantity, self.product_uom_id, round=False
                    )
                )
        return kept

    def _get_drop_shipment_qty_given_up(self):
        """Return what came back to own stock and is sold still, in the UoM of the line.

        By so much the quantity may fall below what is ordered.
        """
        self.ensure_one()
        kept = self.product_uom_id.round(max(self._get_drop_shipment_kept(), 0.0))
        if not kept:
            return 0.0
        return max(kept + min(self._get_drop_shipment_qty_left_to_order(), 0.0), 0.0)

    def _get_drop_shipment_qty_settled(self):
        """Return what is delivered or invoiced of a drop shipment, in its UoM.

        Core keeps both in the unit they were counted in, so that another unit of the
        line would make them another quantity. A line that is no longer ticked counts
        as a drop shipment if a vendor was to ship it; 0 of all other lines.
        """
        self.ensure_one()
        if self.drop_shipment or self.purchase_line_ids.order_id.sell_to_customer_id:
            return max(self.qty_delivered, self.qty_invoiced)
        return 0.0

    def _get_drop_shipment_delivered(self):
        """Return the quantity that transfers delivered, in the line's UoM, exact."""
        self.ensure_one()
        exact = self.with_context(dropship_link_exact=True)
        return exact._prepare_qty_delivered()[self]

    def _get_drop_shipment_qty_outstanding(self, purchase_order=None):
        """Return the quantity to ship, in the line's UoM.

        :param purchase_order: count the moves of this order only
        """
        self.ensure_one()
        moves = self._get_drop_shipment_open_moves()
        if purchase_order:
            moves = moves.filtered(
                lambda move: move.purchase_line_id.order_id == purchase_order
            )
        return sum(move._get_drop_shipment_qty() for move in moves)

    def _get_drop_shipment_qty_to_come(self):
        """Return the quantity that the customer is still to get, in the line's UoM.

        Of lines from own stock, too. Not what came back, or is on no transfer any more.
        The caller sees to the rights on transfers.
        """
        self.ensure_one()
        left = max(self.product_uom_qty - self.qty_delivered, 0.0)
        if not self.drop_shipment:
            moves = self.move_ids
            is_over = moves and all(move.state in ("done", "cancel") for move in moves)
            return 0.0 if is_over else left
        coming = self.drop_shipment_qty_to_order + self.drop_shipment_qty_outstanding
        coming += self._get_drop_shipment_qty_requested()
        return min(left, coming)

    def _get_drop_shipment_qty_requested(self):
        """Return what is on orders that are not confirmed, in the UoM of the line."""
        self.ensure_one()
        requested = sum(
            line._get_drop_shipment_qty("product_qty")
            for line in self._get_drop_shipment_request_lines()
        )
        return self.product_uom_id.round(requested)

    def _get_drop_shipment_request_lines(self):
        """Return the live purchase lines whose order is not confirmed yet.

        Not those of 0: another line was chosen of alternatives.
        """
        return self._get_drop_shipment_live_lines().filtered(
            lambda line: line.order_id.state != "purchase" and line.product_qty
        )

    def _is_drop_shipment_pending(self):
        """Whether something is to order, requested, or on no transfer any more."""
        self.ensure_one()
        return self.drop_shipment and bool(
            self.drop_shipment_qty_to_order > 0
            or self._get_drop_shipment_request_lines()
            or self._get_drop_shipment_stranded()
        )

    def _is_drop_shipment_late(self):
        """Whether the goods come, or are, too late for the customer."""
        self.ensure_one()
        if (
            self.state != "sale"
            or not self.product_uom_id
            or self.product_uom_id.compare(self.qty_delivered, self.product_uom_qty)
            >= 0
        ):
            return False
        promised = self.order_id.commitment_date
        waiting = self._get_drop_shipment_live_lines()._filter_owed()
        if not waiting and not self.drop_shipment_qty_to_order:
            # Taken back to own stock: nothing is to come.
            return False
        # Without purchase lines only the date promised to the customer counts.
        expected = waiting.mapped("date_planned") or [False]
        return any(self._is_drop_shipment_late_by(date, promised) for date in expected)

    def _get_drop_shipment_state(self):
        """Return the first status that applies, as the selection orders them."""
        self.ensure_one()
        # While a line is typed its unit may be empty.
        if self.state in ("draft", "sent") or not self.product_uom_id:
            return False
        if self.state == "cancel":
            return "cancel"
        compare = self.product_uom_id.compare
        left = self.product_uom_qty - self.qty_delivered
        is_left = self._is_drop_shipment_left(left, self.product_uom_qty)
        if not self.product_uom_qty:
            # Added on a transfer: nothing of it was ordered.
            is_left |= self._get_drop_shipment_live_lines()._is_drop_shipment_to_come()
        if not is_left:
            to_invoice = self.product_uom_qty
            if self.product_id.invoice_policy == "delivery":
                to_invoice = self.qty_delivered
            if compare(self.drop_shipment_qty_invoiced, to_invoice) < 0:
                return "shipped"
            billing = self.env["drop.shipment.billing"]
            return "invoiced" if billing._is_to_bill(self) else "done"
        # These fields are rounded: they need no `compare` with zero.
        if self.qty_delivered > 0:
            return "partial"
        if self.drop_shipment_qty_to_order > 0:
            return "to_order"
        if self._get_drop_shipment_request_lines():
            return "rfq"
        return "ordered"
