from odoo import api, models
from odoo.fields import Command


class DropShipmentBillMatching(models.AbstractModel):
    """Which purchase line a bill line bills, in core's *Bill Matching*.

    Core gives all bill lines of a product to the first purchase line that has it. Of
    drop shipments each purchase line may be for another customer, and waits for
    another invoice.
    """

    _name = "drop.shipment.bill.matching"
    _description = "Bill Matching of Drop Shipments"

    @api.model
    def _get_matches(self, bill_lines, purchase_lines):
        """Return {id of bill line: id of the purchase line that it fits}.

        Of products that several chosen purchase lines have, drop shipments among them.
        A draft line that bills them all together becomes a line for each.
        """
        matches = {}
        own_bill_lines = bill_lines.grouped("product_id")
        for product, lines in purchase_lines.grouped("product_id").items():
            found = own_bill_lines.get(product)
            if found and len(lines) > 1 and any(lines.mapped("drop_shipment")):
                matches.update(self._get_product_matches(found, lines))
        return matches

    @api.model
    def _get_product_matches(self, bill_lines, purchase_lines):
        """Return {id of bill line: id of purchase line} for lines of one product.

        See `_get_matches`.
        """
        matches = self._match(bill_lines, purchase_lines)
        for bill_line in bill_lines:
            # It may bill all that is due on the lines that no other bill line has.
            taken = [matches[other.id] for other in bill_lines - bill_line]
            due = purchase_lines.filtered(
                lambda line, taken=taken: (
                    line.id not in taken
                    and line.product_uom_id.compare(line.qty_to_invoice, 0.0) > 0
                )
            )
            if len(due) > 1 and (parts := self._split(bill_line, due)):
                return matches | parts
        return matches

    @api.model
    def _split(self, bill_line, purchase_lines):
        """Split a draft bill line that bills just what is due on all of these lines.

        :return: {id of bill line: id of purchase line}; empty if it does not
        """
        unit = bill_line.product_uom_id
        due = {
            line: line.product_uom_id._compute_quantity(
                max(line.qty_to_invoice, 0.0), unit, rounding_method="HALF-UP"
            )
            for line in purchase_lines
        }
        bill = bill_line.move_id
        if (
            bill_line.parent_state != "draft"
            or bill.move_type != "in_invoice"
            or any(unit.is_zero(quantity) for quantity in due.values())
            or unit.compare(sum(due.values()), bill_line.quantity)
        ):
            return {}
        first = purchase_lines[0]
        others = bill.invoice_line_ids
        bill.invoice_line_ids = [
            Command.update(
                bill_line.id, self._prepare_part(bill_line, first, due[first])
            ),
            *(
                Command.create(
                    {
                        **bill_line.copy_data()[0],
                        **self._prepare_part(bill_line, line, due[line]),
                        "purchase_line_id": line.id,
                    }
                )
                for line in purchase_lines[1:]
            ),
        ]
        parts = bill.invoice_line_ids - others
        # Copied from a line that had none of the purchase lines yet.
        parts._recompute_drop_shipment_account()
        return {bill_line.id: first.id} | {
            line.id: line.purchase_line_id.id for line in parts
        }

    @api.model
    def _prepare_part(self, bill_line, line, quantity):
        """Return values of the part of a bill line that bills a purchase line.

        In the unit of the purchase line where that of the bill can't tell the quantity:
        5 units are no hundredths of a dozen.

        :param float quantity: what is due on the purchase line, in the unit of the bill
        """
        unit, uom = bill_line.product_uom_id, line.product_uom_id
        told = unit._compute_quantity(quantity, uom, rounding_method="HALF-UP")
        if uom.compare(told, line.qty_to_invoice) == 0:
            return {"quantity": quantity}
        return {
            "quantity": line.qty_to_invoice,
            "product_uom_id": uom.id,
            "price_unit": unit._compute_price(bill_line.price_unit, uom),
        }

    @api.model
    def _match(self, bill_lines, purchase_lines):
        """Return {id of bill line: id of the purchase line that it fits best}.

        Each pair in turn that fits best: a quantity that can be billed, exactly this
        quantity, this price, one that may be posted now, and the least left over.

        :param bill_lines: lines of bills or of refunds, of one product
        :param purchase_lines: lines of the same product
        """
        matches = {}
        for is_refund, waiting in bill_lines.grouped(
            lambda line: line.move_id.move_type == "in_refund"
        ).items():
            left = {
                line: line.qty_invoiced
                if is_refund
                else line.product_qty - line.qty_invoiced
                for line in purchase_lines
            }
            while waiting:
                bill_line, line = min(
                    (
                        (bill_line, line)
                        for bill_line in waiting
                        for line in purchase_lines
                    ),
                    key=lambda pair: self._get_misfit(*pair, left[pair[1]]),
                )
                matches[bill_line.id] = line.id
                left[line] -= self._get_billed_qty(bill_line, line)
                waiting -= bill_line
        return matches

    @api.model
    def _get_misfit(self, bill_line, line, left):
        """Return how badly a bill line fits a purchase line: the smaller the better.

        :param float left: quantity that can be billed, or refunded, in the UoM of the
            purchase line
        """
        quantity = self._get_billed_qty(bill_line, line)
        compare = line.product_uom_id.compare
        price = bill_line.product_uom_id._compute_price(
            bill_line.price_unit, line.product_uom_id
        )
        return (
            compare(quantity, left) > 0,
            compare(quantity, left) != 0
            and compare(quantity, abs(line.qty_to_invoice)) != 0,
            bill_line.currency_id.compare_amounts(price, line.price_unit) != 0,
            compare(quantity, line.drop_shipment_qty_to_bill) > 0,
            abs(left - quantity),
        )

    @api.model
    def _get_billed_qty(self, bill_line, line):
        """Return the quantity of a bill line in the UoM of a purchase line."""
        return bill_line.product_uom_id._compute_quantity(
            bill_line.quantity, line.product_uom_id, rounding_method="HALF-UP"
        )
