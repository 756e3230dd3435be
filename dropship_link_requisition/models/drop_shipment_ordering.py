from odoo import api, fields, models


class DropShipmentOrdering(models.AbstractModel):
    """On an order of an agreement its prices apply, as on lines that core adds."""

    _inherit = "drop.shipment.ordering"

    @api.model
    def _prepare_line(self, order, line, quantity):
        vals = super()._prepare_line(order, line, quantity)
        agreed = self._find_agreed_line(order, line.product_id, line.product_uom_id)
        if agreed:
            vals.update(self._prepare_agreed(order, line, agreed, vals["name"]))
        return vals

    @api.model
    def _find_agreed_line(self, order, product, uom):
        """Return the line of the order's agreement for a product, empty if none.

        That of the unit, else any, as core does.
        """
        lines = order.requisition_id.line_ids.filtered(
            lambda agreed: agreed.product_id.id == product.id
        )
        of_unit = lines.filtered(lambda agreed: agreed.product_uom_id == uom)
        return (of_unit or lines)[:1]

    @api.model
    def _prepare_agreed(self, order, line, agreed, name):
        """Return the values of a purchase line that an agreement settles.

        The vendor's price list, its minimum and discounts have no say.

        :param line: sales line in sudo
        :param agreed: line of the agreement
        :param str name: the description without the agreement
        """
        price = agreed.product_uom_id._compute_price(
            agreed.price_unit, line.product_uom_id.with_env(self.env)
        )
        currency = agreed.requisition_id.currency_id
        if currency != order.currency_id:
            price = currency._convert(
                price,
                order.currency_id,
                order.company_id,
                fields.Date.context_today(self, order.date_order),
                round=False,
            )
        vals = {"price_unit": price, "discount": 0.0}
        if agreed.product_description_variants:
            vals["name"] = f"{name}\n{agreed.product_description_variants}"
        if agreed.analytic_distribution and not line.analytic_distribution:
            vals["analytic_distribution"] = agreed.analytic_distribution
        return vals
