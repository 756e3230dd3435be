from odoo import api, models


class AccountAccruedOrdersWizard(models.TransientModel):
    """Accrues drop shipments apart: what never was in stock is an expense."""

    _inherit = "account.accrued.orders.wizard"

    def _compute_move_vals(self):
        # Core knows the product of a line only, of which there may be own stock in the
        # same selection: drop shipments are accrued apart, in the same entry.
        lines = self._get_drop_shipment_order_lines()
        linked = lines.filtered("drop_shipment")
        orders = lines.order_id
        # An amount entered for the whole order is not split by lines. Orders in several
        # currencies are refused by core, which would not see it in either part.
        if (
            not linked
            or (self.amount and len(orders) == 1)
            or len(orders.currency_id) > 1
        ):
            return super()._compute_move_vals()
        expensed = self.with_context(dropship_link_accrue_expense=True)
        if linked == lines:
            return super(AccountAccruedOrdersWizard, expensed)._compute_move_vals()
        # Core takes an entered amount for one order alone. There are several here, but
        # either part may be of one, which would book the amount instead of its lines.
        self.filtered("amount").amount = 0
        vals, with_entries = super(
            AccountAccruedOrdersWizard,
            self.with_context(
                active_model=lines._name, active_ids=(lines - linked).ids
            ),
        )._compute_move_vals()
        linked_vals, linked_with_entries = super(
            AccountAccruedOrdersWizard,
            expensed.with_context(active_model=lines._name, active_ids=linked.ids),
        )._compute_move_vals()
        vals["line_ids"] += linked_vals["line_ids"]
        return vals, with_entries + linked_with_entries

    @api.model
    def _get_product_expense_and_stock_var_accounts(self, product):
        # What never was in own stock varies nothing: the vendor's price is an expense,
        # and the sale has no other cost.
        if self.env.context.get("dropship_link_accrue_expense"):
            return False, False
        return super()._get_product_expense_and_stock_var_accounts(product)

    def _get_drop_shipment_order_lines(self):
        """Return the lines of orders that core accrues, chosen or of chosen orders."""
        records = self.env[self.env.context["active_model"]].browse(
            self.env.context["active_ids"]
        )
        if "order_line" in records._fields:
            return records.order_line.filtered("product_id")
        return records
