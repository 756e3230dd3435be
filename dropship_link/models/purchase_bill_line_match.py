from odoo import models


class PurchaseBillLineMatch(models.Model):
    _inherit = "purchase.bill.line.match"

    def action_match_lines(self):
        # Core gives all bill lines of a product to the first purchase line that has it.
        if matches := self._prepare_drop_shipment_matches():
            return super(
                PurchaseBillLineMatch,
                self.with_context(dropship_link_matches=matches),
            ).action_match_lines()
        return super().action_match_lines()

    def _prepare_drop_shipment_matches(self):
        """Return {id of bill line: id of the purchase line that it fits}.

        Of products that several chosen purchase lines have, drop shipments among them:
        each of these may be for another customer, and has an invoice to wait for. A
        draft line that bills them all together becomes a line for each.
        """
        matches = {}
        bill_lines = self.aml_id.grouped("product_id")
        for product, lines in self.pol_id.grouped("product_id").items():
            own_bill_lines = bill_lines.get(product)
            if (
                product
                and own_bill_lines
                and len(lines) > 1
                and any(lines.mapped("drop_shipment"))
            ):
                matches.update(
                    (
                        len(own_bill_lines) == 1
                        and own_bill_lines._split_drop_shipment_bill_line(lines)
                    )
                    or lines._match_drop_shipment_bill_lines(own_bill_lines)
                )
        return matches
