"""What must hold of quantities and links."""

from collections import Counter

from odoo.tools import float_compare

from .rows import Rows


class LinkRules(Rows):
    """Ordered, linked, delivered and billed agree, on both orders."""

    def _check_sums(self):
        """Ordered within sold, nothing negative; to order as the design says.

        What own stock took back was ordered, but need not be sold.
        """
        kept = self._get_taken_to_own_stock()
        for row in self.sale_rows.values():
            links = self._get_purchase_rows(row) if row["ticked"] else []
            for link in links:
                self._assert(
                    float(link["product_qty"]) >= 0, "negative link", row, link
                )
            ordered = self._round(
                sum(
                    self._convert(
                        link["product_qty"],
                        link["product_uom_id"],
                        row["product_uom_id"],
                    )
                    for link in links
                )
            )
            self._assert(
                self._same(ordered, row["drop_shipment_qty_ordered"]),
                f"ordered is {ordered}",
                row,
                *links,
            )
            self._assert(
                not links
                or float_compare(
                    ordered - kept[row["id"]],
                    float(row["product_uom_qty"]),
                    precision_digits=2,
                )
                <= 0,
                f"more ordered than sold: {ordered}",
                row,
                *links,
            )
            for name in ("to_order", "ordered", "outstanding"):
                self._assert(
                    float(row[f"drop_shipment_qty_{name}"] or 0) >= 0,
                    f"{name} is negative",
                    row,
                )
            self._assert(
                0
                <= float(row["qty_to_ship"] or 0)
                <= float(row["drop_shipment_qty_outstanding"] or 0) + 1e-9,
                "Qty to Ship is not within what is outstanding",
                row,
            )
            confirmed = [link for link in links if link["order_state"] == "purchase"]
            waiting = sum(
                self._convert(
                    max(float(link["product_qty"]) - float(link["qty_received"]), 0),
                    link["product_uom_id"],
                    row["product_uom_id"],
                )
                for link in confirmed
            ) + self._get_tolerance(row, confirmed)
            outstanding = float(row["drop_shipment_qty_outstanding"] or 0)
            self._assert(
                outstanding <= waiting or self._same(outstanding, waiting),
                f"more to ship than the vendor owes: {waiting}",
                row,
                *links,
            )
            self._assert(
                row["sale_state"] == "sale"
                or not float(row["drop_shipment_qty_outstanding"] or 0),
                "something is left to ship of an order that is not confirmed",
                row,
                *links,
            )

    def _get_taken_to_own_stock(self):
        """Return {id of a sales line: what customers gave back to own stock}."""
        kept = Counter()
        for row in self._query(
            """
            SELECT move.sale_line_id, move.quantity, move.product_uom
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
             WHERE move.sale_line_id = ANY(%(ids)s) AND move.state = 'done'
               AND source.usage = 'customer' AND dest.usage = 'internal'
            """,
            ids=list(self.sale_rows),
        ):
            line = row["sale_line_id"]
            kept[line] += self._convert(
                row["quantity"],
                row["product_uom"],
                self.sale_rows[line]["product_uom_id"],
            )
        return kept

    def _check_links(self):
        """Both sides know of each other; company, product and addresses agree."""
        for row in self.purchase_rows.values():
            sale_row = self.sale_rows.get(row["sale_line_id"])
            linked = bool(sale_row and sale_row["ticked"])
            self._assert(
                row["linked"] == linked
                and row["drop_shipment_sale_line_id"]
                == (row["sale_line_id"] if linked else None),
                "the link is one-sided",
                row,
                sale_row or {},
            )
            if not linked or row["order_state"] == "cancel":
                continue
            for name in ("company_id", "product_id", "customer_id"):
                self._assert(
                    row[name] == sale_row[name], f"{name} differs", row, sale_row
                )
            self._assert(
                row["dest_address_id"] == sale_row["partner_shipping_id"],
                "the ship-to address differs",
                row,
                sale_row,
            )
            # An order that was cancelled after a receipt, and reopened, keeps the lines
            # that shipped something: else it were delivered by no vendor.
            all_shipped = 0 < row["product_qty"] <= row["qty_received"]
            self._assert(
                row["order_state"] == "purchase"
                or sale_row["sale_state"] == "sale"
                or all_shipped,
                "a request for quotation of an order that is not confirmed",
                row,
                sale_row,
            )
        for line in self.env["sale.order.line"].browse(self.sale_rows):
            expected = [
                row["id"]
                for row in self._get_purchase_rows(self.sale_rows[line.id], live=False)
                if row["linked"]
            ]
            self._assert(
                sorted(line.drop_shipment_purchase_line_ids.ids) == expected,
                f"the sales line knows of {line.drop_shipment_purchase_line_ids.ids}",
                self.sale_rows[line.id],
            )

    def _check_delivered(self):
        """Delivered is what was received for it, and what went through own stock."""
        own = Counter()
        moves = Counter()
        for row in self._query(
            """
            SELECT move.sale_line_id, move.quantity, move.product_uom,
                   source.usage AS source, dest.usage AS dest
              FROM stock_move move
              JOIN stock_location source ON source.id = move.location_id
              JOIN stock_location dest ON dest.id = move.location_dest_id
             WHERE move.sale_line_id = ANY(%(ids)s) AND move.state = 'done'
            """,
            ids=list(self.sale_rows),
        ):
            line = row["sale_line_id"]
            moves[line] += 1
            quantity = self._convert(
                row["quantity"],
                row["product_uom"],
                self.sale_rows[line]["product_uom_id"],
            )
            if row["source"] == "internal":
                own[line] += quantity
            elif (row["source"], row["dest"]) == ("customer", "internal"):
                own[line] -= quantity
        for line, row in self.sale_rows.items():
            links = self._get_purchase_rows(row, live=False)
            received = sum(
                self._convert(
                    link["qty_received"], link["product_uom_id"], row["product_uom_id"]
                )
                for link in links
            )
            # What is received on each order is rounded, and so is what is delivered;
            # for what is no drop shipment core rounds each transfer by itself.
            parts = 2 if row["ticked"] else moves[line]
            tolerance = self._get_tolerance(row, links) + 0.005 * parts
            self._assert(
                self._same(row["qty_delivered"], received + own[line], tolerance),
                f"delivered is not received ({received}) and own stock ({own[line]})",
                row,
                *links,
            )

    def _check_bills(self):
        """Under Block, billed stays within invoiced, but for a credit note."""
        posted = self._get_posted()
        control = self.case.company.drop_shipment_bill_control
        for line, row in self.sale_rows.items():
            if not row["ticked"]:
                continue
            invoiced, billed = posted["sale"][line], posted["purchase"][line]
            self._assert(
                self._same(invoiced, row["drop_shipment_qty_invoiced"])
                and self._same(billed, row["drop_shipment_qty_billed"]),
                f"invoiced is {invoiced}, billed is {billed}",
                row,
            )
            # What was credited beyond its invoices before it was ticked is no bill.
            excess = max(billed - invoiced, 0) if billed > 0 else 0
            if control == "block" and not self.credited:
                self._assert(
                    float_compare(excess, self.allowed[line], precision_digits=2) <= 0,
                    f"billed ({billed}) before invoiced ({invoiced})",
                    row,
                    *self._get_purchase_rows(row, live=False),
                )
            self.allowed[line] = excess

    def _get_posted(self):
        """Return {side: {sales line: quantity posted, in its UoM}}."""
        posted = {"sale": Counter(), "purchase": Counter()}
        for row in self._query(
            """
            SELECT 'sale' AS side, rel.order_line_id AS line, item.quantity,
                   item.product_uom_id AS uom, move.move_type
              FROM sale_order_line_invoice_rel rel
              JOIN account_move_line item ON item.id = rel.invoice_line_id
              JOIN account_move move ON move.id = item.move_id
             WHERE rel.order_line_id = ANY(%(ids)s) AND move.state = 'posted'
             UNION ALL
            SELECT 'purchase', purchase.sale_line_id, item.quantity,
                   item.product_uom_id, move.move_type
              FROM purchase_order_line purchase
              JOIN account_move_line item ON item.purchase_line_id = purchase.id
              JOIN account_move move ON move.id = item.move_id
             WHERE purchase.sale_line_id = ANY(%(ids)s) AND move.state = 'posted'
            """,
            ids=list(self.sale_rows),
        ):
            sign = -1 if row["move_type"].endswith("refund") else 1
            posted[row["side"]][row["line"]] += sign * self._convert(
                row["quantity"],
                row["uom"],
                self.sale_rows[row["line"]]["product_uom_id"],
            )
        for quantities in posted.values():
            for line in quantities:
                quantities[line] = self._round(quantities[line])
        return posted
