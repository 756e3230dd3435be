from odoo import api, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # A posted document takes new lines from bill matching, never a draft's check.
        posted = lines.filtered(
            lambda line: line.move_id.state == "posted" and line.purchase_line_id
        )
        if posted:
            # Accountants need no rights on sales lines to be told a number.
            posted._get_drop_shipment_sale_lines()._check_drop_shipment_bills()
        return lines

    def write(self, vals):
        if not {
            "display_type",
            "move_id",
            "product_uom_id",
            "purchase_line_id",
            "quantity",
            "sale_line_ids",
        } & set(vals):
            return super().write(vals)
        # Not by `parent_state`, which a program can write. A draft's line may be moved
        # to a posted document, or the other way round.
        posted = self.filtered(lambda line: line.move_id.state == "posted")
        if not posted and not vals.get("move_id"):
            res = super().write(vals)
            if vals.get("purchase_line_id"):
                self._drop_shipment_leave_stock_account()
            return res
        lines = self if "move_id" in vals else posted
        sale_lines = lines._get_drop_shipment_sale_lines()
        excesses = sale_lines._get_drop_shipment_excesses()
        res = super().write(vals)
        sale_lines |= lines._get_drop_shipment_sale_lines()
        sale_lines._check_drop_shipment_bills(excesses, documents=lines.move_id)
        return res

    def _eligible_for_stock_account(self):
        # Core knows a drop shipment by its transfer, so an invoice or a bill that
        # comes first would pass through the stock account and stay there. Salespeople
        # and accountants may lack rights on the other side's lines.
        line = self.sudo()
        if line.purchase_line_id.drop_shipment:
            return False
        if any(line.sale_line_ids.mapped("drop_shipment")):
            return self.product_id.is_storable and bool(line._get_drop_shipment_stock())
        return super()._eligible_for_stock_account()

    def _get_stock_moves(self):
        moves = super()._get_stock_moves()
        # Only what left own stock, or came back to it, has a value in stock.
        if any(self.sudo().sale_line_ids.mapped("drop_shipment")):
            moves = moves.filtered(
                # The stored answer first: the other one reads both locations.
                lambda move: (
                    not (
                        move.is_dropship
                        or move._is_dropshipped()
                        or move._is_dropshipped_returned()
                    )
                )
            )
        return moves

    def _get_cogs_qty(self):
        quantity = super()._get_cogs_qty()
        line = self.sudo()
        if any(line.sale_line_ids.mapped("drop_shipment")):
            quantity = min(quantity, line._get_drop_shipment_stock())
        return quantity

    def _drop_shipment_leave_stock_account(self):
        """Book matched draft lines of drop shipments as an expense.

        They got the stock account when nobody knew yet what they bill.
        """
        lines = self.filtered(
            lambda line: (
                line.sudo().purchase_line_id.drop_shipment
                and line.account_id
                == line.product_id.product_tmpl_id.get_product_accounts(
                    fiscal_pos=line.move_id.fiscal_position_id
                )["stock_valuation"]
            )
        )
        self.env.add_to_compute(self._fields["account_id"], lines)

    def _get_drop_shipment_stock(self):
        """Return how much of an invoiced drop shipment went through own stock.

        An invoice: shipped from stock before Drop Shipment was ticked. A credit note:
        taken back to stock. In the UoM of the product.
        """
        self.ensure_one()
        returned = self.move_id.move_type == "out_refund"
        moves = self._get_stock_moves().filtered(
            lambda move: (
                move.state == "done"
                and (move.location_id.usage == "customer") == returned
                and move.location_dest_id.usage
                == ("internal" if returned else "customer")
            )
        )
        return sum(
            move.product_uom._compute_quantity(
                move.quantity, self.product_id.uom_id, rounding_method="HALF-UP"
            )
            for move in moves
        )

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
            # Only what was cancelled long ago needs a second look.
            if move.state == "draft" or (
                move.state == "cancel" and move.payment_state != "invoicing_legacy"
            ):
                continue
            quantity = line.product_uom_id._compute_quantity(
                line.quantity, uom, rounding_method="HALF-UP"
            )
            if move.move_type in ("out_refund", "in_refund"):
                quantity = -quantity
            total += quantity
        return total
