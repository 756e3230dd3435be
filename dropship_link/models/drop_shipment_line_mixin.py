from functools import partial
from itertools import takewhile

from odoo import api, fields, models


class DropShipmentLineMixin(models.AbstractModel):
    """What the lines of both orders have in common: words, moves, notes, parcels."""

    _name = "drop.shipment.line.mixin"
    _inherit = ["drop.shipment.shipments.mixin"]
    _description = "Order Line of a Drop Shipment"

    def _get_drop_shipments(self):
        """Return the drop shipments among these lines.

        For portal users too, who may not read the tick. With the prefetch of these
        lines: what is asked of each order or line of a page is read for all at once.
        """
        lines = self.sudo().filtered("drop_shipment").with_env(self.env)
        return lines.with_prefetch(self._prefetch_ids)

    def _get_drop_shipment_label(self):
        """Return what an error calls this line: order, position and product."""
        self.ensure_one()
        # The reader may lack rights on the order; number and product are no secret.
        line = self.sudo()
        order_lines = line.order_id.order_line.filtered(
            lambda order_line: not order_line.display_type
        )
        name = line.product_id.display_name or line.name or self.env._("this line")
        if not line._origin or line._origin not in order_lines:
            return name
        return self.env._(
            "%(order)s, line %(position)s (%(product)s)",
            order=line.order_id.name,
            position=order_lines.ids.index(line._origin.id) + 1,
            product=name,
        )

    def _format_drop_shipment_qty(self, quantity):
        """Return `quantity` with the UoM of the line, as text."""
        self.ensure_one()
        return self.product_uom_id._format_drop_shipment_qty(quantity)

    def _is_drop_shipment_left(self, quantity, whole):
        """Whether `quantity`, of the UoM of the line, is something left of `whole`.

        Core moves goods in the unit of the product: of 1234 g it moves 1.23 kg, and
        the other 4 g on no transfer, now or later. They are not left.
        """
        self.ensure_one()
        unit = self.product_uom_id
        if unit.compare(quantity, 0.0) <= 0:
            return False
        if unit == self.product_id.uom_id or unit.compare(quantity, whole) >= 0:
            return True
        uom = self.product_id.uom_id
        return not uom.is_zero(unit._compute_quantity(quantity, uom, round=False))

    def _check_drop_shipment_number(self, name, value):
        """Refuse a value of the field `name` that is no number.

        :raise UserError: names the field and the first of these lines
        """
        label = self.env._(
            "%(field)s of %(line)s",
            field=self._fields[name]._description_string(self.env),
            line=self[:1]._get_drop_shipment_label(),
        )
        self.env["uom.uom"]._check_drop_shipment_number(label, value)

    def _get_drop_shipment_open_moves(self):
        """Return the moves that are still to ship on confirmed purchase orders.

        Not the copy of a transfer, as long as nobody has marked it as to do.
        """
        return self.move_ids.filtered(
            lambda move: (
                move.state not in ("draft", "done", "cancel")
                and move.purchase_line_id.order_id.state == "purchase"
                and move._is_drop_shipment()
            )
        )

    @api.model
    def _is_drop_shipment_late_by(self, expected, promised):
        """Whether goods that are not shipped yet come too late for the customer.

        The one definition of late: one of the two days is past, or the vendor's is
        after the customer's. `drop.shipment.report` has the same in SQL.

        :param expected: when the vendor is to deliver, or False
        :param promised: when the customer was promised the goods, or False
        """
        # Days are those of the reader's time zone, as the dates on the screen are.
        to_day = partial(fields.Date.context_today, self)
        days = [to_day(moment) for moment in (expected, promised) if moment]
        if not days:
            return False
        return min(days) < to_day() or (len(days) == 2 and days[0] > days[1])

    def _get_drop_shipment_invoice_lines(self):
        """Return {order line: the lines of all its invoices or bills, in sudo}.

        Whoever makes the next one may lack rights on those of colleagues. Not by the
        field of the lines: the cache may hold only what somebody may read, and core
        fails where it holds what the user may not.
        """
        link = "sale_line_ids"
        if self._name == "purchase.order.line":
            link = "purchase_line_id"
        model = self.env["account.move.line"].sudo()
        found = {
            line.id: invoice_lines
            for line, invoice_lines in model._read_group(
                [(link, "in", self.ids)], [link], ["id:recordset"]
            )
        }
        return {line: found.get(line._origin.id, model) for line in self}

    def _get_drop_shipment_note_lines(self):
        """Return the notes that stand directly below this order line."""
        self.ensure_one()
        lines = self.order_id.order_line.sorted(lambda line: (line.sequence, line.id))
        below = lines[lines.ids.index(self.id) + 1 :]
        notes = takewhile(lambda line: line.display_type == "line_note", below)
        return self.browse().concat(*notes)
