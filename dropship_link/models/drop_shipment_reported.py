from odoo import api, fields, models
from odoo.exceptions import UserError

from .drop_shipment_posting import Row


class DropShipmentReported(models.AbstractModel):
    """What vendors reported as shipped, and nobody has posted yet.

    It waits on the open transfers, which say when it was reported: their picked moves
    are the report. So it is shipped as it stands by whoever validates the transfer.
    """

    _name = "drop.shipment.reported"
    _description = "Reported Drop Shipments"

    @api.model
    def _get_fields(self):
        """Return the fields of a transfer that the vendor fills in with a shipment.

        The same may be corrected once it is posted.
        """
        return [
            "drop_shipment_date",
            "drop_shipment_delivery_note",
            "drop_shipment_tracking_ref",
        ]

    @api.model
    def _get_values(self, picking):
        """Return {field: value} of what the vendor filled in, as it is written."""
        return {
            name: picking._fields[name].convert_to_write(picking[name], picking)
            for name in self._get_fields()
        }

    # ------------------------------------------------------------
    # WHAT WAITS
    # ------------------------------------------------------------

    @api.model
    def _filter_reported(self, moves):
        """Return those of these moves, in sudo, that wait as reported."""
        return moves.filtered(
            lambda move: (
                move.picked
                and move.state not in ("done", "cancel")
                and move.picking_id.drop_shipment_reported
                and not move.product_uom.is_zero(move.quantity)
            )
        )

    @api.model
    def _get_moves(self, order):
        """Return the moves, in sudo, that vendors reported of `order`.

        :param order: sales order or purchase order; the caller sees to the rights
        """
        lines = order.sudo().order_line.filtered("drop_shipment")
        return self._filter_reported(lines._get_drop_shipment_open_moves())

    @api.model
    def _get_sale_moves(self, lines):
        """Return the moves, in sudo, that vendors reported of these sales lines."""
        awaited = lines.sudo().filtered("drop_shipment_qty_outstanding")
        return self._filter_reported(awaited._get_drop_shipment_open_moves())

    @api.model
    def _get_pickings(self, outstanding):
        """Return the transfers, in sudo, that wait as reported.

        :param dict outstanding: as of `drop.shipment.posting._get_outstanding`
        """
        moves = self.env["stock.move"].sudo()
        moves = moves.union(*(moves.union(*open_) for open_ in outstanding.values()))
        return self._filter_reported(moves).picking_id

    @api.model
    def _get_line_quantity(self, line):
        """Return what was reported of a purchase line, in sudo, in its UoM."""
        moves = self._filter_reported(line._get_drop_shipment_open_moves())
        # The sum is rounded, not its parts; see `_get_drop_shipment_qty`.
        quantity = sum(
            move.product_uom._compute_quantity(
                min(move.quantity, move.product_uom_qty),
                line.product_uom_id,
                round=False,
            )
            for move in moves
        )
        return line.product_uom_id.round(quantity, rounding_method="HALF-UP")

    # ------------------------------------------------------------
    # WHAT POST PROPOSES
    # ------------------------------------------------------------

    @api.model
    def _get_rows(self, outstanding):
        """Return the rows that Post proposes: what was reported, zero of the rest.

        :param dict outstanding: as of `drop.shipment.posting._get_outstanding`
        """
        rows = []
        for line, moves in outstanding.items():
            open_moves = self.env["stock.move"].sudo().union(*moves)
            by_purchase_line = open_moves.grouped("purchase_line_id")
            for purchase_line, own in by_purchase_line.items():
                left = sum(moves[move] for move in own)
                rows.append(
                    Row(
                        line,
                        purchase_line[: len(by_purchase_line) > 1],
                        self._get_sold_quantity(purchase_line, left),
                        self._get_lot_names(self._filter_reported(own)),
                    )
                )
        return rows

    @api.model
    def _get_sold_quantity(self, line, left=None):
        """Return what was reported of a purchase line, in the UoM of its sales line.

        :param float left: all that it has left, in that UoM, not to round it twice
        """
        quantity, uom = self._get_line_quantity(line), line.product_uom_id
        if left is not None and (
            uom.compare(quantity, line._get_drop_shipment_qty_outstanding()) == 0
        ):
            return left
        return uom._compute_quantity(
            quantity, line.sale_line_id.product_uom_id, rounding_method="HALF-UP"
        )

    @api.model
    def _get_lot_names(self, moves):
        """Return the lots or serials that were reported as they are typed.

        See `drop.shipment.lots`; the quantities are in the UoM of the sales line.
        """
        texts = []
        # Products may be tracked no more: then no numbers are to be entered.
        for move_line in moves.move_line_ids.filtered(
            lambda move_line: move_line.tracking != "none"
        ):
            name = move_line.lot_id.name or move_line.lot_name
            if name and move_line.product_id.tracking == "lot":
                quantity = move_line.product_id.uom_id._compute_quantity(
                    move_line.quantity_product_uom,
                    move_line.move_id.sale_line_id.product_uom_id,
                    rounding_method="HALF-UP",
                )
                name = f"{name};{quantity:.15g}"
            if name:
                texts.append(name)
        return "\n".join(texts)

    @api.model
    def _get_shipment_vals(self, pickings):
        """Return day and numbers that were reported, for Post.

        Empty where the transfers do not share them: then each keeps its own.

        :param pickings: transfers that wait as reported, in sudo
        """
        reports = [self._get_values(picking) for picking in pickings]
        # A report without a day is posted with today's.
        today = fields.Date.context_today(self)
        for vals in reports:
            # In the vendor's time zone it may be tomorrow already, a day that is
            # refused.
            day = vals["drop_shipment_date"] or today
            vals["drop_shipment_date"] = min(day, today)
        return {
            name: value if all(vals[name] == value for vals in reports) else False
            for name, value in reports[0].items()
        }

    @api.model
    def _get_text(self, line, moves):
        """Return how much was reported of a sales line, with its unit.

        :param moves: what was reported, in sudo
        """
        own = moves.filtered(lambda move: move.sale_line_id == line)
        quantity = sum(map(self._get_sold_quantity, own.purchase_line_id))
        return line._format_drop_shipment_qty(
            line.product_uom_id.round(quantity, rounding_method="HALF-UP")
        )

    # ------------------------------------------------------------
    # WRITE
    # ------------------------------------------------------------

    @api.model
    def _clear(self, order):
        """Take back what waits as reported of a purchase order, in sudo.

        Its transfers are again as after the confirmation of the order.

        :return: the transfers that had waited
        """
        lines = order.order_line.filtered("drop_shipment")
        moves = lines._get_drop_shipment_open_moves()
        pickings = moves.picking_id.filtered("drop_shipment_reported")
        moves = moves.filtered(lambda move: move.picking_id in pickings)
        moves.picked = False
        # Drop the reported quantities and lot numbers as well.
        moves._do_unreserve()
        pickings.write(
            {
                "drop_shipment_reported": False,
                **dict.fromkeys(self._get_fields(), False),
            }
        )
        moves._action_assign()
        return pickings

    # ------------------------------------------------------------
    # OTHER TRANSFERS
    # ------------------------------------------------------------

    @api.model
    def _follow(self, left, lines):
        """Let the report go with goods that are put on another transfer.

        All that has a quantity was reported, see `_let_wait` of the vendor's report;
        core takes it for not picked on a backorder, or where a move is split.

        :param left: transfers that waited as reported, and that the goods were on
        :param lines: stock move lines, where they are now
        """
        lines = lines.filtered("quantity")
        picking = lines.picking_id
        for old in left - picking if picking else ():
            report = {
                "drop_shipment_reported": old.drop_shipment_reported,
                **self._get_values(old),
            }
            if not picking.drop_shipment_reported:
                # The vendor names days, which may begin earlier there than here.
                zone = old.partner_id.tz or self.env.context.get("tz")
                picking.with_context(tz=zone).write(report)
            lines.picked = True
            if not any(old.move_line_ids.mapped("quantity")):
                old.write(dict.fromkeys(report, False))

    # ------------------------------------------------------------
    # REFUSALS
    # ------------------------------------------------------------

    @api.model
    def _check_nothing_reported(self, lines):
        """Refuse to give back goods that the vendor reported as shipped.

        :param lines: purchase lines that are closed or cancelled
        :raise UserError: names the line and the quantity
        """
        # sudo: buyers may lack rights on transfers.
        for line in lines.sudo().filtered("drop_shipment"):
            quantity = self._get_line_quantity(line)
            if not line.product_uom_id.is_zero(quantity):
                self._raise_reported(line, quantity)

    @api.model
    def _check_not_below(self, lines, quantity):
        """Refuse to order less of purchase lines than was shipped and reported.

        :param float quantity: new quantity of the lines, in their UoM
        :raise UserError: see `_check_nothing_reported`
        """
        # sudo: buyers may lack rights on transfers.
        for line in lines.sudo():
            uom = line.product_uom_id
            if uom.compare(quantity, line.product_qty) >= 0:
                continue
            reported = self._get_line_quantity(line)
            if (
                not uom.is_zero(reported)
                and uom.compare(quantity, line.qty_received + reported) < 0
            ):
                self._raise_reported(line, reported)

    @api.model
    def _raise_reported(self, line, quantity):
        """Refuse to give back what was reported of a purchase line.

        :raise UserError: always; names the line and the quantity
        """
        raise UserError(
            self.env._(
                "%(line)s can't be given back: the vendor reported that %(quantity)s "
                "were shipped. Post them first, or discard the report.",
                line=line._get_drop_shipment_label(),
                quantity=line._format_drop_shipment_qty(quantity),
            )
        )

    @api.model
    def _discard(self, order):
        """Take back a report that is wrong; the order gets a note.

        :param order: purchase order
        :raise UserError: none waits
        :raise AccessError: the user may not change the order
        """
        order.check_access("write")
        # sudo: buyers may lack rights on transfers and on sales orders.
        pickings = self._clear(order.sudo())
        if not pickings:
            raise UserError(
                self.env._(
                    "%(order)s has no reported shipment that waits. Reload the page.",
                    order=order.name,
                )
            )
        text = self.env._("The vendor's report is discarded: nothing of it is posted.")
        self.env["drop.shipment.transfers"]._log_moved({pickings: [text]})
