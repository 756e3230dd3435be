from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class DropShipmentCorrecting(models.AbstractModel):
    """Corrects what was said of a shipment that is done: day and numbers.

    For salespeople and buyers, who have no rights in Inventory. Invoices that are
    posted keep their delivery date.
    """

    _name = "drop.shipment.correcting"
    _description = "Correcting of Drop Shipments"

    @api.model
    def _get_shipments(self, order):
        """Return the transfers that shipped `order` and are done, the latest first.

        In sudo: the caller checks that the user may read the order.

        :param order: sales order or purchase order
        """
        order = order.sudo()
        pickings = order.order_line._get_drop_shipments().move_ids.picking_id
        return pickings.filtered(
            lambda picking: picking.state == "done" and picking._is_drop_shipment()
        ).sorted(lambda picking: (picking.date_done, picking.id), reverse=True)

    @api.model
    def _check_shipped(self, order, pickings):
        """Refuse orders of which nothing was shipped.

        :param pickings: as of `_get_shipments`, or their rows
        :raise UserError: names the order
        """
        if not pickings:
            raise UserError(
                self.env._(
                    "%(order)s has no shipment to correct: post it first.",
                    order=order.name,
                )
            )

    @api.model
    def _get_values(self, picking):
        """Return {field: value} of what may be corrected of a transfer.

        A transfer that was validated without a Shipment Date was shipped on that day.
        """
        values = self.env["drop.shipment.reported"]._get_values(picking)
        if not values["drop_shipment_date"]:
            day = fields.Date.context_today(self, picking.date_done)
            values["drop_shipment_date"] = day
        return values

    @api.model
    def _correct(self, order, corrections):
        """Write new values on the shipments of `order`, wholly or not at all.

        :param order: sales order or purchase order
        :param dict corrections: transfer to {field: value}, of `_get_values`
        :return: the transfers, in sudo, that are changed
        :raise UserError: a transfer is not of this order
        :raise ValidationError: the day is in the future, or the books are locked for
            either day
        :raise AccessError: the user may not change the order
        """
        order.check_access("write")
        shipments = self._get_shipments(order)
        self._check_shipped(order, shipments)
        texts = {}
        for picking, values in corrections.items():
            picking = shipments.filtered(lambda done, id_=picking.id: done.id == id_)
            if not picking:
                raise UserError(
                    self.env._(
                        "A shipment you chose is not one of %(order)s. Open the dialog "
                        "again.",
                        order=order.name,
                    )
                )
            before = self._get_values(picking)
            changed = {
                name: values[name]
                for name in before
                if name in values and (values[name] or False) != before[name]
            }
            if "drop_shipment_date" in changed and picking._is_date_in_lock_period():
                # What was accrued for a closed month would be another amount.
                raise ValidationError(
                    self.env._(
                        "Shipment Date of %(transfer)s can't be changed: the books are "
                        "locked for %(date)s. Leave it as it is.",
                        transfer=picking.name,
                        date=format_date(self.env, before["drop_shipment_date"]),
                    )
                )
            if changed:
                texts[picking] = self._get_texts(picking, before, changed)
                self._write_correction(picking, changed)
        self.env["drop.shipment.transfers"]._log_moved(texts)
        return shipments.browse().union(*texts)

    @api.model
    def _write_correction(self, picking, vals):
        """Write corrected values on a done transfer, in sudo; its date follows."""
        day = vals.get("drop_shipment_date")
        if not day:
            picking.write(vals)
            return
        lines = picking.move_ids.sale_line_id.order_id.order_line
        invoices = self.env["account.move"].sudo()
        invoices = invoices.union(
            *(
                invoice_lines.move_id
                for invoice_lines in lines._get_drop_shipment_invoice_lines().values()
            )
        )
        typed = invoices.filtered(lambda move: self._is_typed(move, picking))
        field = invoices._fields["delivery_date"]
        # Posted invoices keep their day, see `account.move`.
        with self.env.protecting([field], typed):
            picking.write(vals)
            if day == fields.Date.context_today(self):
                # Noon of today may be in the future, which core refuses.
                picking.date_done = fields.Datetime.now()
            else:
                picking._set_drop_shipment_done_date()
            self.env.add_to_compute(field, invoices - typed)

    @api.model
    def _is_typed(self, invoice, picking):
        """Whether somebody typed a day of delivery on a draft that has this transfer's.

        It is neither that of the transfer nor what follows from the shipments, before
        the day of the transfer is corrected.
        """
        return (
            invoice.state == "draft"
            and bool(invoice.delivery_date)
            and invoice.delivery_date
            not in (
                picking._get_drop_shipment_day(),
                self.env["drop.shipment.delivery.day"]._get_invoice_day(invoice),
            )
        )

    @api.model
    def _get_texts(self, picking, before, changed):
        """Return a text for each field that changes."""

        def show(name, value):
            field = picking._fields[name]
            if value and field.type == "many2one":
                return picking.env[field.comodel_name].browse(value).display_name
            if value and field.type == "date":
                return format_date(self.env, value)
            return value or self.env._("empty")

        return [
            self.env._(
                "%(transfer)s: %(field)s was %(old)s, is now %(new)s.",
                transfer=picking._get_html_link(),
                field=picking._fields[name]._description_string(self.env),
                old=show(name, before[name]),
                new=show(name, value),
            )
            for name, value in changed.items()
        ]
