from odoo import api, models
from odoo.fields import Command


class DropShipmentCharged(models.AbstractModel):
    """Takes goods back at what was charged for them.

    Core asks the order, whose price, discount and taxes are not those of an invoice
    that accounting has changed, or of a bill at the vendor's price.
    """

    _name = "drop.shipment.charged"
    _description = "Charged Prices of Drop Shipments"

    @api.model
    def _credit_as_charged(self, moves):
        """Have lines that take drop shipments back charge what posted documents did.

        The latest document first, as for returns: what comes back is mostly of the last
        shipment. Goods of several documents become a line each, if they differ. What
        none of them charges, or in another currency, stays at the price of the order.

        :param moves: drafts of invoices or bills, which the caller may change
        """
        crediting = moves.invoice_line_ids.filtered(self._is_crediting)
        invoice_lines = {
            **crediting.purchase_line_id._get_drop_shipment_invoice_lines(),
            **crediting.sale_line_ids._get_drop_shipment_invoice_lines(),
        }
        for line in crediting:
            order_line = line.purchase_line_id or line.sale_line_ids
            credited = -line._get_drop_shipment_signed_qty(line.product_uom_id)
            charged = self._get_charged(line, invoice_lines[order_line])
            self._write_parts(line, self._get_parts(line, charged, credited))

    @api.model
    def _is_crediting(self, line):
        """Whether a line takes goods of one drop shipment back."""
        order_line = line.purchase_line_id or line.sale_line_ids
        return (
            len(order_line) == 1
            and order_line.drop_shipment
            and line.product_uom_id.compare(
                line._get_drop_shipment_signed_qty(line.product_uom_id), 0.0
            )
            < 0
        )

    @api.model
    def _get_charged(self, line, invoice_lines):
        """Return what posted documents charge, the latest first.

        What was taken back since is of the document that a credit note reverses, then
        of the latest before it; also by drafts, which nobody makes twice.

        :param invoice_lines: of the order line
        :return: list of [quantity in the UoM of `line`, invoice line]
        """
        charged = []
        others = invoice_lines.filtered(
            lambda own: own.parent_state != "cancel" and own.move_id != line.move_id
        )
        for own in others.sorted(lambda own: (own.date, own.id)):
            quantity = own._get_drop_shipment_signed_qty(line.product_uom_id)
            if quantity > 0:
                if own.parent_state == "posted":
                    charged.insert(0, [quantity, own])
                continue
            for entry in sorted(
                charged,
                key=lambda entry, own=own: (
                    entry[1].move_id != own.move_id.reversed_entry_id
                ),
            ):
                taken = min(-quantity, entry[0])
                entry[0] -= taken
                quantity += taken
        return [
            entry for entry in charged if line.product_uom_id.compare(entry[0], 0.0) > 0
        ]

    @api.model
    def _get_parts(self, line, charged, quantity):
        """Return how a quantity in the UoM of `line` was charged.

        :param charged: as of `_get_charged`
        :return: list of dicts: `quantity`, and the values of a line that differ
        """
        parts = []
        for available, own in [*charged, (quantity, line)]:
            part = {**self._prepare_terms(line, own), "quantity": 0.0}
            taken = line.product_uom_id.round(min(available, quantity))
            if line.product_uom_id.is_zero(taken):
                break
            if parts and part == {**parts[-1], "quantity": 0.0}:
                part = parts.pop()
            parts.append({**part, "quantity": part["quantity"] + taken})
            quantity -= taken
        return parts

    @api.model
    def _prepare_terms(self, line, own):
        """Return price, discount and taxes of a posted line, if `line` has others."""
        # Accounting may have taken the unit off.
        unit = own.product_uom_id or line.product_uom_id
        price = unit._compute_price(own.price_unit, line.product_uom_id)
        is_same = (
            own.discount == line.discount
            and own.tax_ids == line.tax_ids
            and line.currency_id.is_zero(line.quantity * (price - line.price_unit))
        )
        if is_same or own.currency_id != line.currency_id:
            return {}
        return {
            "price_unit": price,
            "discount": own.discount,
            "tax_ids": [Command.set(own.tax_ids.ids)],
        }

    @api.model
    def _write_parts(self, line, parts):
        """Write the first part on a line, and the others on copies of it."""
        if parts == [{"quantity": parts[0]["quantity"]}]:
            return
        sign = 1 if line.quantity > 0 else -1
        first, *others = (
            {**part, "quantity": sign * part["quantity"]} for part in parts
        )
        # Core's copy keeps the amount in currency, of the whole quantity.
        copied = line.with_context(include_business_fields=True).copy_data()[0]
        copied.pop("amount_currency", None)
        line.write(first)
        line.create([{**copied, **part} for part in others])
