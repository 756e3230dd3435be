from odoo import api, fields, models

from .res_company import VENDOR_PAGE


class ResPartner(models.Model):
    """What a vendor may do and gets; who of the customers waits comes first."""

    _inherit = "res.partner"

    property_drop_shipment_packing_slip = fields.Selection(
        selection=[("always", "Always"), ("never", "Never")],
        string="Packing Slip",
        company_dependent=True,
        help="Whether the mail with an order for a drop shipment brings a packing slip "
        "in your name, without prices. Empty: as the settings of Purchase say.",
        groups="base.group_user",
    )
    property_drop_shipment_vendor_page = fields.Selection(
        selection=VENDOR_PAGE,
        string="Vendor's Page",
        company_dependent=True,
        help="What this vendor may do on the page that the mail of a drop shipment "
        "order links to. Empty: as the settings of Purchase say.",
        groups="base.group_user",
    )

    def _commercial_fields(self):
        return [
            *super()._commercial_fields(),
            "property_drop_shipment_packing_slip",
            "property_drop_shipment_vendor_page",
        ]

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        search = super().name_search
        if not (
            self.env.context.get("drop_shipment_to_order_first")
            and self.env["purchase.order"].has_access("create")
        ):
            return search(name, domain, operator, limit)
        # Who may buy for them may know who waits, without a right on sales orders.
        groups = (
            self.env["sale.order.line"]
            .sudo()
            ._read_group(
                [
                    ("drop_shipment_qty_to_order", ">", 0),
                    ("company_id", "in", self.env.companies.ids),
                ],
                ["order_partner_id"],
            )
        )
        waiting = fields.Domain("id", "in", [partner.id for (partner,) in groups])
        domain = fields.Domain(domain or fields.Domain.TRUE)
        first = search(name, domain & waiting, operator, limit)
        left = limit and limit - len(first)
        if limit and not left:
            return first
        return first + search(name, domain & ~waiting, operator, left)
