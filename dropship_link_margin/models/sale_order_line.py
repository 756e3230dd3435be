from odoo import api, fields, models
from odoo.fields import Domain

# Floats that are added up are never quite 0.
LOSS = -0.0005


class SaleOrderLine(models.Model):
    """Costs what the vendor takes for it, and says when that is more than its price."""

    _inherit = "sale.order.line"

    drop_shipment_below_cost = fields.Boolean(
        compute="_compute_drop_shipment_below_cost",
        search="_search_drop_shipment_below_cost",
        help="A vendor takes more for this line than the customer pays.",
        groups="base.group_user",
    )

    def write(self, vals):
        ticked = self.browse()
        if "drop_shipment" in vals and "purchase_price" not in vals:
            ticked = self.filtered("drop_shipment")
        res = super().write(vals)
        ticked.filtered(lambda line: not line.drop_shipment)._renew_own_cost()
        return res

    @api.depends("drop_shipment", "margin", "state")
    def _compute_drop_shipment_below_cost(self):
        for line in self:
            line.drop_shipment_below_cost = (
                line.drop_shipment and line.state != "cancel" and line.margin < LOSS
            )

    @api.model
    def _search_drop_shipment_below_cost(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain(
            [
                ("drop_shipment", "=", True),
                ("state", "!=", "cancel"),
                ("margin", "<", LOSS),
            ]
        )
        return domain if True in value else ~domain

    # Nothing that an ordinary line depends on: its cost may have been typed in. What
    # else a drop shipment follows calls `_renew_drop_shipment_cost`.
    @api.depends("drop_shipment")
    def _compute_purchase_price(self):
        # A tick that is refused in a moment may be on a section, or lack a unit.
        drop_shipments = self._get_drop_shipments().filtered(
            lambda line: line.product_id and line.product_uom_id
        )
        others = self - drop_shipments
        res = super(SaleOrderLine, others)._compute_purchase_price()
        costing = self.env["drop.shipment.costing"]
        for line in drop_shipments:
            line.purchase_price = costing._get_unit_cost(line.sudo())
        return res

    def _compute_drop_shipment_vendor_id(self):
        res = super()._compute_drop_shipment_vendor_id()
        # It follows product, quantity, unit, and all that is ordered: so does the cost.
        self._renew_drop_shipment_cost()
        return res

    @api.onchange(
        "drop_shipment",
        "drop_shipment_chosen_vendor_id",
        "drop_shipment_vendor_id",
        "product_uom_qty",
    )
    def _onchange_drop_shipment_cost(self):
        # What is ordered is found when the line is saved.
        if (
            self.drop_shipment
            and self.product_id
            and not self._origin.drop_shipment_qty_ordered
        ):
            costing = self.env["drop.shipment.costing"]
            # sudo: as the compute method, which the ORM calls in sudo.
            self.purchase_price = costing._get_unit_cost(self.sudo())

    def _renew_drop_shipment_cost(self):
        """Have the costs of these lines computed anew, as far as drop shipments."""
        lines = self.filtered(lambda line: line.id and line.drop_shipment)
        self.env.add_to_compute(lines._fields["purchase_price"], lines)
        lines.modified(["purchase_price"])

    def _renew_own_cost(self):
        """Give lines that own stock delivers now the cost of their product.

        Core takes none anew of a product with a standard price once it is on a
        transfer, and with the tick gone it is.
        """
        costing = self.env["drop.shipment.costing"]
        for line in self.filtered("product_id"):
            product = line.product_id.with_company(line.company_id)
            if product.cost_method == "standard":
                line.purchase_price = costing._convert_product_cost(
                    line, product.standard_price
                )
