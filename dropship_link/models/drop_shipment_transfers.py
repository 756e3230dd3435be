from collections import defaultdict
from contextlib import contextmanager

from odoo import api, models
from odoo.exceptions import UserError


class DropShipmentTransfers(models.AbstractModel):
    """On which transfer, and where to, a purchase order ships; once more, too."""

    _name = "drop.shipment.transfers"
    _description = "Transfers of Drop Shipments"

    @api.model
    def _get_transit(self, order):
        """Return the transit to a customer that is a company of this database, or none.

        The goods go to that company's own customer, by its own transfer from there. Two
        transfers to the customer would put serial numbers there twice.
        """
        order.ensure_one()
        if not order._has_drop_shipment():
            return self.env["stock.location"]
        # sudo: buyers may not read where their customers' goods go.
        customer = order.sudo().sell_to_customer_id.commercial_partner_id
        location = customer.with_company(order.company_id).property_stock_customer
        return location if location.usage == "transit" else location.browse()

    @api.model
    def _fill_in(self, order, rows, done, shipment_vals):
        """Put on open transfers what is shipped: validated, they ship just that.

        :param order: the order that is posted, or reported
        :param list rows: as of `drop.shipment.posting`, with the lots
        :param dict done: move to quantity in its UoM, more than zero
        :param dict shipment_vals: values of the transfers
        :return: the moves, in sudo, the earliest first
        :raise UserError: lots of another quantity, or one number for two vendors
        """
        # sudo: salespeople and buyers post transfers without rights in Inventory.
        moves = self.env["stock.move"].sudo().union(*done)
        moves = moves.sorted(lambda move: (move.date, move.id))
        pickings = moves.picking_id
        # What is left empty does not erase a number of the transfer, nor the day that
        # the vendor has reported.
        vals = {name: value for name, value in shipment_vals.items() if value}
        check = self.env["drop.shipment.posting.check"]
        check._check_one_vendor(order, moves, vals)
        (pickings.move_ids - moves).filtered("picked").picked = False
        pickings.write(vals)
        if not vals.get("drop_shipment_date"):
            undated = pickings.filtered(lambda pick: not pick.drop_shipment_reported)
            undated.drop_shipment_date = False
        for move, quantity in done.items():
            if move.product_uom.compare(move.quantity, quantity):
                move.quantity = quantity
        self.env["drop.shipment.lots"]._assign(rows, moves)
        moves.picked = True
        return moves

    @api.model
    def _get_open_picking(self, order, sale_order, picking):
        """Return the open transfer of a purchase order for `sale_order`, or a new one.

        :param picking: transfer to use if it is empty
        """
        order.ensure_one()
        for candidate in picking | order.picking_ids:
            if candidate.state in ("draft", "done", "cancel"):
                continue
            # Not one that takes goods back.
            moves = candidate.move_ids.filtered(lambda move: move._is_drop_shipment())
            if moves.sale_line_id.order_id == sale_order:
                return candidate
        if picking and not picking.move_ids:
            return picking
        new_picking = picking.create(order._prepare_picking())
        new_picking.message_post_with_source(
            "mail.message_origin_link",
            render_values={"self": new_picking, "origin": order},
            subtype_xmlid="mail.mt_note",
        )
        return new_picking

    @api.model
    def _get_unwanted_refusal(self, lines):
        """Return why nothing of these purchase lines is to be shipped, or False."""
        # sudo: buyers may lack rights on the sales orders, which are named only.
        unwanted = lines.sudo()._filter_unwanted()
        return bool(unwanted) and self.env._(
            "%(lines)s can't be shipped: sales has not confirmed %(sales)s. Choose "
            "Close Remainder, or have that confirmed first.",
            lines=", ".join(line._get_drop_shipment_label() for line in unwanted),
            sales=", ".join(
                unwanted.drop_shipment_sale_line_id.order_id.mapped("name")
            ),
        )

    @api.model
    def _ship_again(self, purchase_lines):
        """Make transfers of what is ordered, but on no transfer any more.

        Both orders get a note.

        :raise UserError: nothing of a line is missing, or its sales order is not
            confirmed
        :raise AccessError: the user may not change the purchase orders
        """
        purchase_lines.order_id.check_access("write")
        # sudo: buyers may lack rights on transfers and on notes of the sales orders.
        lines = purchase_lines.sudo()
        if others := lines - lines._filter_stranded():
            raise UserError(
                self.env._(
                    "%(line)s has nothing to ship again: all that is ordered is "
                    "shipped or on an open transfer.",
                    line=others[0]._get_drop_shipment_label(),
                )
            )
        before = {line: line._get_drop_shipment_qty_outstanding() for line in lines}
        lines._create_or_update_picking()

        def get_text(line):
            return self.env._(
                "%(line)s: %(quantity)s to be shipped again on purchase order "
                "%(order)s.",
                line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                quantity=line._format_drop_shipment_qty(
                    line._get_drop_shipment_qty_outstanding() - before[line]
                ),
                order=line.order_id.name,
            )

        lines._log_drop_shipment_notes_on_sales(get_text)
        for order, order_lines in lines.grouped("order_id").items():
            order._log_drop_shipment_note([get_text(line) for line in order_lines])

    @api.model
    @contextmanager
    def _log_given_back(self, rests):
        """Log on the sales orders what the block gives back and what is to order of it.

        That is less where the sale is cancelled, or own stock has taken goods back.

        :param dict rests: purchase line to what vendors will not ship, in its UoM
        """
        # sudo: buyers may lack rights on sales orders.
        rests = {line.sudo(): quantity for line, quantity in rests.items()}
        lines = self.env["purchase.order.line"].sudo().union(*rests)
        names = ("drop_shipment_qty_to_order", "drop_shipment_qty_ordered")
        before = {
            line: [line[name] for name in names]
            for line in lines.drop_shipment_sale_line_id
        }
        yield
        # Of these sales lines less is to order again than is given back.
        left = {}
        for line, (to_order, ordered) in before.items():
            again = line.drop_shipment_qty_to_order - to_order
            if line.product_uom_id.compare(
                again, ordered - line.drop_shipment_qty_ordered
            ):
                left[line] = again
        texts = {}
        for line in lines:
            again, sale_line = None, line.drop_shipment_sale_line_id
            if sale_line in left:
                # Each of several purchase lines says its own part.
                rest = line.product_uom_id._compute_quantity(
                    rests[line], sale_line.product_uom_id, rounding_method="HALF-UP"
                )
                again = min(left[sale_line], rest)
                left[sale_line] -= again
            texts[line] = self._get_given_back_text(line, rests[line], again)
        lines._log_drop_shipment_notes_on_sales(texts.get)

    @api.model
    def _get_given_back_text(self, line, rest, again):
        """Return that a rest of a purchase line, in its UoM, is given back.

        :param float again: what of it is to order, in the UoM of the sales line; None
            for all
        """
        sale_line = line.drop_shipment_sale_line_id
        names = {
            "line": sale_line._get_drop_shipment_label(),
            "rest": line._format_drop_shipment_qty(rest),
            "order": line.order_id.name,
        }
        if again is None:
            return self.env._(
                "%(line)s: to order again, %(rest)s of purchase order %(order)s.",
                **names,
            )
        return self.env._(
            "%(line)s: given back, %(rest)s of purchase order %(order)s. To order "
            "again: %(again)s.",
            again=sale_line._format_drop_shipment_qty(again),
            **names,
        )

    @api.model
    def _log_exchange_closed(self, lines):
        """Log on both orders what vendors were to ship once more, and will not.

        It is more than they still owe: the customer has it until it goes back.
        """
        rests = {}
        # sudo: buyers may lack rights on transfers and sales orders.
        for line in lines.sudo():
            rest = line._get_drop_shipment_qty_outstanding()
            rest -= max(line.product_qty - line.qty_received, 0.0)
            if line.product_uom_id.compare(rest, 0.0) > 0:
                rests[line] = rest

        def get_text(line):
            return self.env._(
                "%(line)s: %(rest)s of purchase order %(order)s will not be shipped "
                "again.",
                line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                rest=line._format_drop_shipment_qty(rests[line]),
                order=line.order_id.name,
            )

        exchanged = lines.sudo().filtered(lambda line: line in rests)
        exchanged._log_drop_shipment_notes_on_sales(get_text)
        for order, order_lines in exchanged.grouped("order_id").items():
            order._log_drop_shipment_note([get_text(line) for line in order_lines])

    @api.model
    def _log_moved(self, texts):
        """Log on both orders of transfers or moves, in sudo, what happened with them.

        In sudo, as they are: each side may lack rights on the other order.

        :param dict texts: transfer or move to list of texts
        """
        for name, link in (
            ("purchase.order", "purchase_line_id"),
            ("sale.order", "sale_line_id"),
        ):
            notes = defaultdict(list)
            for record, own in texts.items():
                moves = record if record._name == "stock.move" else record.move_ids
                for order in moves[link].order_id:
                    notes[order] += own
            self.env[name].sudo()._log_drop_shipment_notes(notes)
