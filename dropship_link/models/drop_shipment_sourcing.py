from functools import partial

from odoo import fields, models


class DropShipmentSourcing(models.AbstractModel):
    """Says which vendor ships a sales line, at which price and when.

    A service without records. The caller sees to the rights on sales lines: buyers
    order lines that they may not read, so these come in sudo.
    """

    _name = "drop.shipment.sourcing"
    _description = "Vendors and Prices of Drop Shipments"

    # ------------------------------------------------------------
    # VENDOR
    # ------------------------------------------------------------

    def _get_vendor(self, line):
        """Return the vendor to order a sales line from, or an empty record.

        Whoever sales chose, else the proposed one.
        """
        return line._get_drop_shipment_chosen_vendor() or self._propose_vendor(line)

    def _propose_vendor(self, line, but=None):
        """Return the vendor to propose for a sales line, or an empty record.

        One who has a price for what is left to order, on a quotation for what is sold;
        else one who sells the product at all, and `_get_price_hint` says why the price
        does not apply. Never a vendor of another company.

        :param but: a vendor not to propose
        """
        left_out = but.commercial_partner_id if but else self.env["res.partner"]
        # No order is meant: prices that were agreed for one are not for all.
        product = self._with_prices(
            line.product_id.with_company(line.company_id), self.env["purchase.order"]
        )
        companies = line.company_id.parent_ids
        quantity = line.drop_shipment_qty_to_order or line.product_uom_qty
        for find_sellers in (
            partial(
                product._get_filtered_sellers,
                quantity=quantity,
                uom_id=line.product_uom_id,
            ),
            partial(product._get_filtered_sellers, quantity=None),
            product._prepare_sellers,
        ):
            for vendor in find_sellers().partner_id if product else ():
                if vendor.commercial_partner_id in left_out:
                    continue
                if not vendor.company_id or vendor.company_id in companies:
                    return vendor
        return self.env["res.partner"]

    def _filter_for_vendor(self, lines, vendor, company):
        """Return the sales lines, in sudo, that `vendor` is to ship.

        Those for which sales chose this vendor; of the others those whose product it
        sells to `company`, or nobody does.
        """
        vendor = vendor.commercial_partner_id
        chosen = lines.filtered(lambda line: line._get_drop_shipment_chosen_vendor())
        sold = self._filter_sold_by((lines - chosen).product_id, vendor, company)
        return lines.filtered(
            lambda line: (
                line._get_drop_shipment_chosen_vendor().commercial_partner_id == vendor
                if line in chosen
                else line.product_id in sold
            )
        )

    def _filter_sold_by(self, products, vendor, company):
        """Return the products that `vendor` sells to `company`, or that nobody does.

        :param vendor: a commercial partner
        """

        def is_sold(product):
            # Read by template: the variants' prices are computed copies of them.
            prices = [
                price
                for price in product.product_tmpl_id.seller_ids
                if price.company_id.id in (company.id, False)
                and price.product_id.id in (product.id, False)
                # As in core: who is archived sells nothing.
                and price.partner_id.active
            ]
            return not prices or any(
                price.partner_id.commercial_partner_id == vendor for price in prices
            )

        return products.filtered(is_sold)

    # ------------------------------------------------------------
    # PRICE
    # ------------------------------------------------------------

    def _with_prices(self, product, order):
        """Return `product` in the environment that finds the prices for `order`.

        Its context names the order, as prices may be agreed for it alone. But not one
        that has just been made: each context makes an environment of its own, and Odoo
        looks through all of them for the next.

        :param order: purchase order; empty where none is meant
        """
        to_day = partial(fields.Date.context_today, self)
        new_ids = self.env.context.get("dropship_link_new_order_ids", ())
        order_id = order._origin.id
        return product.with_context(
            drop_shipment_order_id=order_id not in new_ids and order_id,
            drop_shipment_price_day=max(to_day(order.date_order), to_day()),
        )

    def _select_seller(self, order, product, quantity, uom):
        """Return the vendor's price for a line of `order`, and whether it is of `uom`.

        That of the line's own unit comes first, as core has it on a purchase order;
        then one of another unit, then one whose minimum is not reached. The latter has
        a lead time, but its price does not apply.

        :param float quantity: in `uom`
        :return: (price, bool); the price is empty if the vendor has none
        """
        product = self._with_prices(product.with_company(order.company_id), order)
        for minimum, force_uom in ((quantity, True), (quantity, False), (None, False)):
            seller = product._select_seller(
                partner_id=order.partner_id,
                quantity=minimum,
                uom_id=uom,
                params={"force_uom": force_uom},
            )
            if seller:
                break
        return seller, force_uom

    def _get_price_hint(self, line, vendor, quantity, order=None):
        """Return why no price of `vendor` applies to this sales line, or False.

        :param float quantity: what is ordered, in the UoM of the line
        :param order: the purchase order, once there is one
        """
        if line.product_uom_id.is_zero(quantity):
            return False
        product = self._with_prices(
            line.product_id.with_company(line.company_id),
            order or self.env["purchase.order"],
        )
        if product._select_seller(
            partner_id=vendor, quantity=quantity, uom_id=line.product_uom_id
        ):
            return False
        sellers = product._prepare_sellers({"order_id": order} if order else False)
        if not sellers and not vendor:
            return self.env._(
                "No vendor sells %(product)s to %(company)s.",
                product=product.display_name,
                company=line.company_id.name,
            )
        own = sellers.filtered(
            lambda seller: seller.partner_id in (vendor | vendor.parent_id)
        )
        if not own:
            return False
        names = {"product": product.display_name, "vendor": vendor.display_name}
        valid = product._get_filtered_sellers(partner_id=vendor, quantity=None)
        if not valid:
            return self.env._(
                "%(vendor)s has no price for %(product)s that is valid today.", **names
            )
        least = min(
            valid,
            key=lambda seller: seller.product_uom_id._compute_quantity(
                seller.min_qty, product.uom_id, round=False
            ),
        )
        return self.env._(
            "%(vendor)s sells at least %(minimum)s of %(product)s.",
            minimum=least.product_uom_id._format_drop_shipment_qty(least.min_qty),
            **names,
        )

    def _get_price_hints(self, purchase_lines):
        """Return why the vendor has no price for some of these linked lines.

        :return: list of sentences
        """
        # Buyers may lack rights on the sales lines; they know the products.
        hints = [
            self._get_price_hint(
                line.drop_shipment_sale_line_id,
                line.order_id.partner_id,
                line._get_drop_shipment_qty("product_qty"),
                line.order_id,
            )
            for line in purchase_lines.sudo().filtered("drop_shipment")
        ]
        return list(filter(None, hints))

    def _set_missing_prices(self, purchase_lines):
        """Give new lines that the vendor has no price for the price that core finds."""
        # A vendor's price may be 0.
        unpriced = purchase_lines.filtered(
            lambda line: (
                line.drop_shipment
                and not line.price_unit
                and not line.selected_seller_id
            )
        )
        names = {line: line.name for line in unpriced}
        unpriced._compute_price_unit_and_date_planned_and_name()
        for line, name in names.items():
            # Core replaces the description by the sales one where no price applies.
            if line.name != name:
                line.name = name

    # ------------------------------------------------------------
    # DATE
    # ------------------------------------------------------------

    def _get_date_planned(self, promised, needed):
        """Return when goods are expected that the vendor can deliver on `needed`.

        On the day that the customer was promised, if there is one and the vendor can
        keep it; else they are late from the start.
        """
        to_day = partial(fields.Date.context_today, self)
        if promised and to_day(promised) >= to_day(needed):
            return promised
        return needed

    def _get_new_date_planned(self, purchase_line, promised):
        """Return when `purchase_line` is expected if `promised` is the customer's."""
        seller, _force_uom = self._select_seller(
            purchase_line.order_id,
            purchase_line.product_id,
            purchase_line.product_qty,
            purchase_line.product_uom_id,
        )
        return self._get_date_planned(promised, purchase_line._get_date_planned(seller))
