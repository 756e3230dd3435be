from odoo import models


class PurchaseBillLineMatch(models.Model):
    """Core's Bill Matching, see `drop.shipment.bill.matching`."""

    _inherit = "purchase.bill.line.match"

    def action_match_lines(self):
        # Core gives all bill lines of a product to the first purchase line that has it.
        matching = self.env["drop.shipment.bill.matching"]
        if matches := matching._get_matches(self.aml_id, self.pol_id):
            return super(
                PurchaseBillLineMatch,
                self.with_context(dropship_link_matches=matches),
            ).action_match_lines()
        return super().action_match_lines()
