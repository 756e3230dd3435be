from odoo import api, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # A posted document takes new lines from bill matching, never a draft's check.
        posted = lines.filtered(
            lambda line: line.parent_state == "posted" and line.purchase_line_id
        )
        if posted:
            # Accountants need no rights on sales lines to be told a number.
            posted._get_drop_shipment_sale_lines()._check_drop_shipment_bills()
        return lines

    def write(self, vals):
        if not {
            "move_id",
            "product_uom_id",
            "purchase_line_id",
            "quantity",
            "sale_line_ids",
        } & set(vals):
            return super().write(vals)
        posted = self.filtered(lambda line: line.parent_state == "posted")
        if not posted:
            return super().write(vals)
        excesses = posted._get_drop_shipment_sale_lines()._get_drop_shipment_excesses()
        res = super().write(vals)
        posted._get_drop_shipment_sale_lines()._check_drop_shipment_bills(excesses)
        return res

    def _eligible_for_stock_account(self):
        # Core knows a drop shipment by its transfer, so an invoice or a bill that
        # comes first would pass through the stock account and stay there. Salespeople
        # and accountants may lack rights on the other side's lines.
        line = self.sudo()
        if line.purchase_line_id.drop_shipment or any(
            line.sale_line_ids.mapped("drop_shipment")
        ):
            return False
        return super()._eligible_for_stock_account()

    def _get_drop_shipment_sale_lines(self):
        """Return the drop shipment sales lines that these lines invoice or bill.

        Elevated: accountants and buyers may not read them. Use it to check.
        """
        lines = self.sudo()
        return (
            lines.sale_line_ids.filtered("drop_shipment")
            | lines.purchase_line_id.drop_shipment_sale_line_id
        )

    def _get_drop_shipment_posted_qty(self, uom):
        """Return the quantity on posted documents, refunds subtracted, in `uom`."""
        total = 0.0
        for line in self:
            move = line.move_id
            if move.state != "posted" and move.payment_state != "invoicing_legacy":
                continue
            quantity = line.product_uom_id._compute_quantity(
                line.quantity, uom, rounding_method="HALF-UP"
            )
            if move.move_type in ("out_refund", "in_refund"):
                quantity = -quantity
            total += quantity
        return total
