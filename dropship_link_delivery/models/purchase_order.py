from odoo import models


class PurchaseOrder(models.Model):
    """Knows the carriers that a vendor may name."""

    _inherit = "purchase.order"

    def _get_drop_shipment_carriers(self):
        """Return the carriers that the vendor may choose on their page, in sudo.

        Those that know where a parcel is; the others are ways to charge for it.
        """
        self.ensure_one()
        # sudo: neither visitors nor buyers have rights on carriers.
        return (
            self.env["delivery.carrier"]
            .sudo()
            .search([("company_id", "in", (False, self.company_id.id))])
            .filtered(
                lambda carrier: (
                    carrier.tracking_url
                    or carrier.delivery_type not in ("fixed", "base_on_rule")
                )
            )
        )
