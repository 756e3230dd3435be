from odoo import models


class DropShipmentCosting(models.AbstractModel):
    """Says what a drop shipment costs: a mix of what vendors and own stock take for it.

    A service without records. Sales lines and purchase lines come in sudo: salespeople
    may know the cost, not the documents it comes from.
    """

    _name = "drop.shipment.costing"
    _description = "Costs of Drop Shipments"

    # ------------------------------------------------------------
    # SALES LINE
    # ------------------------------------------------------------

    def _get_unit_cost(self, line):
        """Return the cost of one unit of a sales line, in its UoM and currency.

        What is ordered, billed or came from own stock counts by its quantity; what is
        neither, at the price of the vendor that it is to be ordered from.
        """
        parts = [*self._get_vendor_parts(line), *self._get_own_parts(line)]
        rest = line.product_uom_qty - sum(quantity for quantity, _cost in parts)
        if not parts:
            return self._get_proposed_cost(line, line.product_uom_qty)
        if line.product_uom_id.compare(rest, 0.0) > 0:
            parts.append((rest, rest * self._get_proposed_cost(line, rest)))
        total = sum(quantity for quantity, _cost in parts)
        return sum(cost for _quantity, cost in parts) / total

    def _get_vendor_parts(self, line):
        """Return [(quantity, cost)] of the purchase lines of a sales line.

        Of cancelled purchase orders what was received before.
        """
        parts = []
        for purchase_line in line.drop_shipment_purchase_line_ids:
            quantity = purchase_line._get_drop_shipment_qty_costed()
            own_quantity = purchase_line.product_uom_id._compute_quantity(
                quantity, line.product_uom_id, round=False
            )
            if line.product_uom_id.compare(own_quantity, 0.0) > 0:
                cost = self._get_cost(purchase_line, quantity, line.order_id)
                parts.append((own_quantity, cost))
        return parts

    def _get_own_parts(self, line):
        """Return [(quantity, cost)] of what own stock delivered, at its value.

        Not what came back of it, nor the steps on its way out.
        """
        own = line.move_ids.filtered(
            lambda move: move.state == "done" and not move.purchase_line_id
        )
        moves = own.filtered(
            lambda move: (
                move.location_dest_id._is_drop_shipment_customer()
                and (move.to_refund or not move.origin_returned_move_id)
            )
        )
        back = own.filtered(
            lambda move: (
                move.location_id._is_drop_shipment_customer() and move.to_refund
            )
        )
        # Of kits it is the parts that move, and that have a value.
        went = {move: move.quantity for move in moves}
        shipped = sum(line._get_drop_shipment_moved(went).values())
        quantity = sum(
            line._get_drop_shipment_moved(
                went | {move: -move.quantity for move in back}
            ).values()
        )
        if line.product_uom_id.compare(quantity, 0.0) <= 0:
            return []
        if value := sum(moves.mapped("value")):
            currency = line.company_id.currency_id
            cost = line._convert_to_sol_currency(value / shipped, currency)
        else:
            product = line.product_id.with_company(line.company_id)
            cost = self._convert_product_cost(line, product.standard_price)
        return [(quantity, quantity * cost)]

    def _get_proposed_cost(self, line, quantity):
        """Return the price of the proposed vendor, untaxed, for one unit of `line`.

        What the product costs, where the vendor has no price: so does the order.
        """
        sourcing = self.env["drop.shipment.sourcing"]
        # No order is meant: prices that were agreed for one are not for all.
        product = sourcing._with_prices(
            line.product_id.with_company(line.company_id), self.env["purchase.order"]
        )
        vendor = sourcing._get_vendor(line)
        for force_uom in (True, False):
            seller = vendor and product._select_seller(
                partner_id=vendor,
                quantity=quantity or None,
                uom_id=line.product_uom_id,
                params={"force_uom": force_uom},
            )
            if seller:
                break
        else:
            return self._convert_product_cost(line, product.standard_price)
        # In the unit of the product, whatever unit the vendor has a price for.
        price = product.uom_id._compute_price(
            seller.price_discounted, line.product_uom_id
        )
        # A branch has the taxes of its company.
        taxes = product.supplier_taxes_id._filter_taxes_by_company(line.company_id)
        included = taxes.filtered("price_include")
        if included:
            price = included.with_context(round=False).compute_all(
                price, seller.currency_id, product=product, partner=vendor
            )["total_excluded"]
        return line._convert_to_sol_currency(price, seller.currency_id)

    def _convert_product_cost(self, line, cost):
        """Return a cost of the product, in its unit, for one unit of `line`."""
        product = line.product_id.with_company(line.company_id)
        return line._convert_to_sol_currency(
            product.uom_id._compute_price(cost, line.product_uom_id),
            product.cost_currency_id,
        )

    # ------------------------------------------------------------
    # PURCHASE LINE
    # ------------------------------------------------------------

    def _get_cost(self, purchase_line, quantity, sale_order=None):
        """Return what the vendor takes for so much of a purchase line, untaxed.

        What is billed counts as billed, the rest as ordered.

        :param float quantity: in the UoM of the purchase line
        :param sale_order: in whose currency, by its rate; else in the company's
        """
        company_currency = purchase_line.company_id.currency_id
        currency, rate = company_currency, 1.0
        if sale_order:
            currency, rate = sale_order.currency_id, sale_order.currency_rate or 1.0
        order = purchase_line.order_id
        price = purchase_line._get_drop_shipment_price_ordered()
        if order.currency_id != currency:
            price = price / (order.currency_rate or 1.0) * rate
        bill_lines = purchase_line.invoice_lines.filtered(
            lambda line: line.parent_state == "posted"
        )
        billed = sum(
            bill_line._get_drop_shipment_signed_qty(purchase_line.product_uom_id)
            for bill_line in bill_lines
        )
        if billed <= 0:
            return price * quantity
        amount = sum(
            bill_line.amount_currency
            if bill_line.currency_id == currency
            else bill_line.balance * rate
            for bill_line in bill_lines
        )
        if billed >= quantity:
            return amount / billed * quantity
        return amount + price * (quantity - billed)
