"""What must hold of quantities and links."""

from odoo.tools import float_compare

from .common import RULES
from .rows import Rows


class LinkRules(Rows):
    """Ordered, linked, delivered and billed agree, on both orders."""

    def _check_oracle(self):
        """What `oracle` finds in the database itself."""
        for found in self._query(f"EXECUTE {RULES}"):
            if found["rule"] in self.excused:
                continue
            message = f"{found['rule']}: {found['broken']}"
            self._assert(False, message, *self._get_rows())

    def _get_rows(self):
        return *self.sale_rows.values(), *self.purchase_rows.values()

    def _check_links(self):
        """The sales line knows of its purchase lines."""
        for line in self.env["sale.order.line"].browse(self.sale_rows):
            expected = [
                row["id"]
                for row in self.purchase_rows.values()
                if row["linked"] and row["sale_line_id"] == line.id
            ]
            self._assert(
                sorted(line.drop_shipment_purchase_line_ids.ids) == expected,
                f"the sales line knows of {line.drop_shipment_purchase_line_ids.ids}",
                *self._get_rows(),
            )

    def _check_bills(self):
        """Under Block, billed stays within invoiced, but for a credit note."""
        control = self.case.company.drop_shipment_bill_control
        for line, row in self.sale_rows.items():
            if not row["ticked"]:
                continue
            billed = float(row["drop_shipment_qty_billed"] or 0)
            # What was credited beyond its invoices before it was ticked is no bill.
            excess = 0
            if billed > 0:
                excess = max(billed - float(row["drop_shipment_qty_invoiced"] or 0), 0)
            if control == "block" and not self.credited:
                self._assert(
                    float_compare(excess, self.allowed[line], precision_digits=2) <= 0,
                    f"{excess} billed before it was invoiced",
                    *self._get_rows(),
                )
            self.allowed[line] = excess
