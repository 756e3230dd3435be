from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from .drop_shipment_freeze import PURCHASE_LINE_FIELDS


class PurchaseOrderLine(models.Model):
    """The link: the sales line that a purchase line is ordered for.

    Touches core where a line is priced, received, billed, moved and changed. Each new
    link passes `create` or `write`, and is checked there by `drop.shipment.link`.
    """

    _name = "purchase.order.line"
    _inherit = [
        "purchase.order.line",
        "drop.shipment.line.mixin",
        "drop.shipment.outstanding.mixin",
    ]

    drop_shipment = fields.Boolean(
        compute="_compute_drop_shipment",
        store=True,
        help="This line is linked to a sales order line that the vendor ships straight "
        "to the customer.",
        groups="base.group_user",
    )
    # sale_line_id, on drop shipments only: see sale.order.line.drop_shipment_order_id.
    drop_shipment_sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        compute="_compute_drop_shipment",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
        exportable=False,
    )
    drop_shipment_sale_ref = fields.Char(
        string="Sales Order",
        compute="_compute_drop_shipment_sale_ref",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_customer_ref = fields.Char(
        string="Customer Reference",
        compute="_compute_drop_shipment_sale_ref",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_qty_to_bill = fields.Float(
        string="To Bill",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_to_bill",
        help="Quantity that Invoice bills now, as far as the invoice order allows.",
        groups="base.group_user",
    )
    drop_shipment_late = fields.Boolean(
        string="Late",
        compute="_compute_drop_shipment_late",
        compute_sudo=True,
        help="The expected arrival is past or later than the customer was promised.",
        groups="base.group_user",
    )
    drop_shipment_qty_declined = fields.Float(
        string="Declined",
        digits="Product Unit",
        copy=False,
        readonly=True,
        help="Quantity that the vendor does not ship, as they said on their page.",
        groups="base.group_user",
    )
    drop_shipment_decline_reason = fields.Char(
        string="Reason of the Vendor",
        copy=False,
        readonly=True,
        help="Why the vendor does not ship the quantity declined.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("sale_line_id.drop_shipment")
    def _compute_drop_shipment(self):
        for line in self:
            line.drop_shipment = line.sale_line_id.drop_shipment
            line.drop_shipment_sale_line_id = line.drop_shipment and line.sale_line_id

    @api.depends(
        "drop_shipment_sale_line_id.order_id.name",
        "drop_shipment_sale_line_id.order_id.client_order_ref",
    )
    def _compute_drop_shipment_sale_ref(self):
        for line in self:
            sale_order = line.drop_shipment_sale_line_id.order_id
            line.drop_shipment_sale_ref = sale_order.name
            line.drop_shipment_customer_ref = sale_order.client_order_ref

    @api.depends(
        "order_id.order_line.drop_shipment",
        "order_id.order_line.qty_to_invoice",
        "order_id.order_line.drop_shipment_sale_line_id.drop_shipment_qty_billed",
        "order_id.order_line.drop_shipment_sale_line_id.drop_shipment_qty_invoiced",
    )
    def _compute_drop_shipment_qty_to_bill(self):
        for order, lines in self.grouped("order_id").items():
            quantities = {}
            if order and order._has_drop_shipment():
                quantities = self.env["drop.shipment.billing"]._get_billable(order)
            for line in lines:
                line.drop_shipment_qty_to_bill = quantities.get(line, 0.0)

    @api.depends(
        "date_planned",
        "qty_received",
        "product_qty",
        "state",
        "drop_shipment_sale_line_id.order_id.commitment_date",
    )
    @api.depends_context("tz", "uid")
    def _compute_drop_shipment_late(self):
        for line in self:
            line.drop_shipment_late = bool(
                line.drop_shipment
                and line.state != "cancel"
                and line._filter_owed()
                and line._is_drop_shipment_late_by(
                    line.date_planned,
                    line.drop_shipment_sale_line_id.order_id.commitment_date,
                )
            )

    def _compute_price_unit_and_date_planned_and_name(self):
        # What was agreed with the vendor stays, whatever the quantity becomes: core
        # would ask for the price, discount and lead time of today.
        linked = self.filtered("drop_shipment")
        agreed = linked.filtered(
            lambda line: (
                line.order_id.state in ("to approve", "purchase")
                # Nothing is agreed yet of a line that is just made.
                and line.date_planned
            )
        )
        dates = {line: line.date_planned for line in linked - agreed}
        res = super(
            PurchaseOrderLine, self - agreed
        )._compute_price_unit_and_date_planned_and_name()
        sourcing = self.env["drop.shipment.sourcing"]
        for line, date in dates.items():
            # On a request core goes by the lead time alone. Buyers may lack rights on
            # the sales order.
            if line.date_planned and line.date_planned != date:
                line.date_planned = sourcing._get_date_planned(
                    line.sudo().drop_shipment_sale_line_id.order_id.commitment_date,
                    line.date_planned,
                )
        return res

    def _get_product_purchase_description(self, product_lang):
        # Core takes any other text for the buyer's own, and keeps it for a new vendor.
        wishes = self.sudo().drop_shipment_sale_line_id._get_drop_shipment_wishes(
            product_lang.env.context.get("lang")
        )
        # Apps that name what was chosen on a line would say it twice.
        name = super(
            PurchaseOrderLine, self.new() if wishes else self
        )._get_product_purchase_description(product_lang)
        return name + wishes

    @api.depends(
        "drop_shipment",
        "move_ids.picking_id.drop_shipment_delivery_note",
        "move_ids.picking_id.drop_shipment_tracking_ref",
    )
    def _compute_drop_shipment_shipments(self):
        return super()._compute_drop_shipment_shipments()

    @api.depends("drop_shipment")
    def _compute_qty_received(self):
        linked = self.filtered(
            lambda line: line.state == "purchase" and line.drop_shipment
        )
        before = {line: line.qty_received for line in linked}
        res = super()._compute_qty_received()
        # One note for each order: core posts one for each line.
        texts = defaultdict(list)
        for line in linked:
            if line.qty_received != before[line]:
                texts[line.order_id].append(
                    self.env._(
                        "%(product)s: %(old)s received before, %(new)s now.",
                        product=line.product_id.display_name,
                        old=line._format_drop_shipment_qty(before[line]),
                        new=line._format_drop_shipment_qty(line.qty_received),
                    )
                )
        PurchaseOrder = self.env["purchase.order"]
        PurchaseOrder.union(*texts)._recompute_receipt_status()
        PurchaseOrder._log_drop_shipment_notes(texts)
        return res

    def _prepare_qty_received(self):
        received = super()._prepare_qty_received()
        if not self.env.context.get("dropship_link_exact"):
            for line in self.filtered("drop_shipment"):
                if line.move_ids._is_drop_shipment_converted(line):
                    exact = line.with_context(dropship_link_exact=True)
                    received[line] = line.product_uom_id.round(
                        exact._prepare_qty_received()[line]
                    )
        return received

    @api.depends("drop_shipment")
    def _compute_qty_invoiced(self):
        res = super()._compute_qty_invoiced()
        for line in self:
            if (
                line.qty_to_invoice < 0
                and line.drop_shipment
                and line.product_id.purchase_method == "purchase"
            ):
                # Shipped beyond the order, and billed: no refund is due for that.
                kept = max(line.product_qty, line.qty_received)
                line.qty_to_invoice = min(kept - line.qty_invoiced, 0.0)
        return res

    def _track_qty_received(self, new_qty):
        # Receipts by transfer are noted in `_compute_qty_received`.
        if self.drop_shipment and self.qty_received_method == "stock_moves":
            return None
        return super()._track_qty_received(new_qty)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def unlink(self):
        # Deleting a line of a request does what *Unlink* does.
        with self.env["drop.shipment.header"]._follow(self):
            self.env["drop.shipment.taking.back"]._log_unlinked(self)
            return super().unlink()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        link = self.env["drop.shipment.link"]
        linked = lines.filtered("drop_shipment")
        if linked:
            link._check_links(linked)
            self.env["drop.shipment.bill.control"]._check(
                linked.drop_shipment_sale_line_id
            )
        link._check_no_own_stock_lines((lines - linked).order_id)
        return lines

    def write(self, vals):
        self._check_drop_shipment_computed(
            vals,
            {
                "company_id",
                "move_ids",
                "qty_received",
                "qty_received_manual",
                "qty_received_method",
                "state",
            },
        )
        if not {*PURCHASE_LINE_FIELDS, "product_qty"} & set(vals):
            return super().write(vals)
        link = self.env["drop.shipment.link"]
        linked = self.filtered("drop_shipment")
        if linked and "product_qty" in vals:
            link._check_new_quantity(linked, vals["product_qty"])
        self.env["drop.shipment.freeze"]._check_purchase_lines(self, vals)
        quantities = {line: line.product_qty for line in linked}
        sale_lines = {line: line.drop_shipment_sale_line_id for line in linked}
        relinked = linked if "sale_line_id" in vals else self.browse()
        with self.env["drop.shipment.header"]._follow(relinked):
            res = super().write(vals)
        flagged = self.filtered("drop_shipment")
        new_links = flagged.filtered(
            lambda line: line.drop_shipment_sale_line_id != sale_lines.get(line)
        )
        if new_links:
            link._check_links(new_links)
            self.env["drop.shipment.bill.control"]._check(
                new_links.drop_shipment_sale_line_id
            )
        if "product_qty" in vals:
            link._check_quantities(flagged, quantities)
            self.env["drop.shipment.vendor.answer"]._follow_quantities(quantities)
            linked.order_id._recompute_receipt_status()
        link._check_no_own_stock_lines((self - flagged).order_id)
        return res

    def _write_drop_shipment_unchecked(self, vals):
        """Write past `write`, which lets nobody link to a confirmed order."""
        return super().write(vals)  # pylint: disable=super-method-mismatch

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_drop_shipment_sale(self):
        """Open the sales orders of these lines.

        :return: window action, a form for one order, else a list
        :raise UserError: no sales order is linked
        :raise AccessError: the user may not read the sales orders
        """
        self.check_access("read")
        # Buyers may know the numbers; the orders open with their own rights.
        orders = self.sudo().drop_shipment_sale_line_id.order_id.sudo(self.env.su)
        if not orders:
            raise UserError(
                self.env._(
                    "Not linked to a sales order: %(lines)s.",
                    lines=", ".join(line._get_drop_shipment_label() for line in self),
                )
            )
        orders.check_access("read")
        return orders._get_records_action(name=self.env._("Sales Order"))

    def action_unlink_drop_shipment(self):
        """Take these lines out of their request for quotation again.

        Their quantity is to order again; both orders get a note.

        :return: True
        :raise UserError: a line is not linked or its order is confirmed
        :raise AccessError: the user may not change the purchase order
        """
        self.env["drop.shipment.taking.back"]._unlink_lines(self)
        return True

    def action_close_drop_shipment_remainder(self):
        """Give back what the vendor has not shipped.

        The quantity becomes the quantity received, open moves are cancelled and the
        rest is to order again; both orders get a note.

        :return: True
        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change the purchase order
        """
        self.env["drop.shipment.taking.back"]._close_remainder(self)
        return True

    def action_waive_drop_shipment_remainder(self):
        """Give back what the vendor has not shipped, as the customer does without it.

        As `action_close_drop_shipment_remainder`, and the quantity of the sales lines
        falls by as much: nothing of it is to order again. Both orders get a note.

        :return: True
        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change one of the two orders
        """
        self.env["drop.shipment.taking.back"]._waive_remainder(self)
        return True

    def action_ship_drop_shipment_again(self):
        """Have the vendor ship what is ordered, but on no transfer any more.

        It was cancelled, its goods went back, or it was corrected to less. A transfer
        is made of the missing quantity; both orders get a note.

        :return: True
        :raise UserError: nothing of a line is missing
        :raise AccessError: the user may not change the purchase order
        """
        self.env["drop.shipment.transfers"]._ship_again(self)
        return True

    # ------------------------------------------------------------
    # STOCK
    # ------------------------------------------------------------

    def _get_po_line_moves(self):
        moves = super()._get_po_line_moves()
        # Before anything has moved there is nothing to look at.
        if moves and self.drop_shipment:
            return self._filter_drop_shipment_moves(moves)
        return moves

    def _get_outgoing_incoming_moves(self):
        outgoing, incoming = super()._get_outgoing_incoming_moves()
        if self.drop_shipment:
            # The copy of a transfer ships nothing of what is ordered.
            incoming = self._filter_drop_shipment_moves(incoming).filtered(
                lambda move: move.state != "draft"
            )
        return outgoing, incoming

    def _get_qty_procurement(self):
        quantity = super()._get_qty_procurement()
        if not self.drop_shipment or not self.move_ids._is_drop_shipment_converted(
            self
        ):
            return quantity
        # Rounded one by one, the moves would leave a little more or less to move.
        exact = super(
            PurchaseOrderLine, self.with_context(dropship_link_exact=True)
        )._get_qty_procurement()
        same = not self.product_uom_id.compare(exact, self.product_qty)
        return self.product_qty if same else exact

    def _get_move_dests_initial_demand(self, move_dests):
        # A transfer that takes goods back is no demand for them: count what is open.
        if self.drop_shipment:
            return self._get_qty_procurement()
        return super()._get_move_dests_initial_demand(move_dests)

    @api.model
    def _filter_drop_shipment_moves(self, moves):
        """Leave out goods between our stock and customers, which core counts too."""
        return moves.filtered(lambda move: not move._is_drop_shipment_kept())

    def _create_or_update_picking(self):
        # What was added on a transfer is shipped: core would have it sent back.
        lines = self.browse() if self.env.context.get("dropship_link_added") else self
        # Buyers without sales rights may not read what core reads of the sales order.
        linked = lines.filtered("drop_shipment")
        # Core reads the vendor's location as it is for the company that is current.
        for company, own in linked.grouped("company_id").items():
            own = own.sudo().with_company(company)
            super(
                PurchaseOrderLine, own.with_context(dropship_link_lower=True)
            )._create_or_update_picking()
        return super(PurchaseOrderLine, lines - linked)._create_or_update_picking()

    def _create_stock_moves(self, picking):
        """Put the lines of each sales order into a transfer of its own.

        Core finds the sales order of a transfer by its first move only.

        :raise UserError: something would be shipped for a sales order that is not
            confirmed; core counts what came back as ordered again
        """
        linked = self.filtered("drop_shipment")
        if not linked:
            return super()._create_stock_moves(picking)
        transfers = self.env["drop.shipment.transfers"]
        moves = super(PurchaseOrderLine, self - linked)._create_stock_moves(picking)
        if not self.env.context.get("dropship_link_lower"):
            # Confirmed again: what the vendor shipped beyond the order stays there.
            linked = linked._filter_owed()
        for sale_order, lines in linked.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            own_picking = transfers._get_open_picking(
                lines.order_id, sale_order, picking
            )
            own_moves = super(PurchaseOrderLine, lines)._create_stock_moves(own_picking)
            if any(move.product_uom_qty > 0 for move in own_moves) and (
                refusal := transfers._get_unwanted_refusal(lines)
            ):
                raise UserError(refusal)
            moves += own_moves
        return moves

    # ------------------------------------------------------------
    # BILL
    # ------------------------------------------------------------

    def _prepare_account_move_line(self, move=False):
        vals = super()._prepare_account_move_line(move=move)
        # Post bills what may be billed now; see `drop.shipment.billing`.
        quantities = self.env.context.get("dropship_link_bill_quantities")
        if quantities is not None and not self.display_type:
            # Core's balance is of the quantity and at the rate that it would bill.
            vals.pop("balance", None)
            vals["quantity"] = quantities.get(self.id, 0.0)
        return vals

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    def _get_drop_shipment_pickings(self):
        return self._get_drop_shipments().move_ids.picking_id

    def _get_drop_shipment_qty(self, field):
        """Return a quantity of this line in the UoM of its sales line, not rounded."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self[field], self.sale_line_id.product_uom_id, round=False
        )

    def _log_drop_shipment_notes_on_sales(self, get_text):
        """Post a note on each linked sales order, one text for each line."""
        for sale_order, lines in self.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            sale_order._log_drop_shipment_note([get_text(line) for line in lines])
