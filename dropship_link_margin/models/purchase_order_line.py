from odoo import api, fields, models


class PurchaseOrderLine(models.Model):
    """Knows its cost: the price as ordered and, once billed, as billed."""

    _inherit = "purchase.order.line"

    drop_shipment_cost = fields.Float(
        string="Cost of the Drop Shipment",
        compute="_compute_drop_shipment_cost",
        store=True,
        help="What the vendor takes for the quantity ordered, untaxed, in the currency "
        "of the company: as billed, and the rest as ordered.",
    )

    @api.depends(
        "drop_shipment",
        "discount",
        "invoice_lines.amount_currency",
        "invoice_lines.balance",
        "invoice_lines.parent_state",
        "invoice_lines.quantity",
        "order_id.currency_rate",
        "order_id.state",
        "price_subtotal",
        "price_unit",
        "product_qty",
        "qty_received",
    )
    def _compute_drop_shipment_cost(self):
        costing = self.env["drop.shipment.costing"]
        for line in self:
            line.drop_shipment_cost = (
                costing._get_cost(line, line.product_qty) if line.drop_shipment else 0.0
            )
        self.drop_shipment_sale_line_id._renew_drop_shipment_cost()

    def _get_drop_shipment_qty_costed(self):
        """Return the quantity of which the cost is known, in the UoM of the line.

        What was received, of a cancelled order or of goods that nobody ordered.
        """
        self.ensure_one()
        if self.order_id.state == "cancel":
            return self.qty_received
        return self.product_qty or self.qty_received

    def _get_drop_shipment_price_ordered(self):
        """Return the price of one unit as ordered: discounted, untaxed."""
        self.ensure_one()
        if self.product_qty:
            return self.price_subtotal / self.product_qty
        # Shipped, though nobody ordered it.
        taxes = self.tax_ids.with_context(round=False)
        price = taxes.compute_all(self.price_unit_discounted, self.currency_id)
        return price["total_excluded"]
