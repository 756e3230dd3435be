from collections import defaultdict
from typing import NamedTuple

from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class RequestKey(NamedTuple):
    """What the lines of one request for quotation have in common: records."""

    company: models.BaseModel
    vendor: models.BaseModel
    customer: models.BaseModel
    ship_to: models.BaseModel
    currency: models.BaseModel


class DropShipmentOrdering(models.AbstractModel):
    """Orders sales lines: makes requests for quotation and adds linked lines to them.

    A service without records. Get Sales Order, Create Purchase Orders and the order
    made at confirmation all end in `_add_lines`; `drop.shipment.sourcing` says which
    vendor, price and date. Purchase orders are made with the rights of the
    environment. Sales lines come in sudo where the user may not read them: buyers
    need no right on sales.

    A *request* is a purchase order that is a request for quotation.
    """

    _name = "drop.shipment.ordering"
    _description = "Ordering of Drop Shipments"

    # ------------------------------------------------------------
    # WHAT TO ORDER
    # ------------------------------------------------------------

    def _check_may_create(self, lines):
        """Check that the user may make purchase orders of these sales lines.

        :raise AccessError: no right to create them, or lines of another company
        """
        self.env["purchase.order"].check_access("create")
        # Sales rights are not asked for, but companies are kept apart.
        if lines.sudo().company_id - self.env.companies:
            raise AccessError(
                self.env._(
                    "These sales lines belong to another company: switch to it first."
                )
            )

    def _check_quantity(self, line, quantity):
        """Refuse to order nothing of this sales line, or more than is left to order.

        :param float quantity: in the UoM of the line
        :raise UserError: names the line
        """
        compare = line.product_uom_id.compare
        left = line.drop_shipment_qty_to_order
        # The usual case: all that is left is ordered.
        if 0 < quantity == left:
            return
        if compare(left, 0.0) <= 0:
            raise UserError(
                self.env._(
                    "%(line)s has nothing left to order any more: enter 0 as its "
                    "Quantity.",
                    line=line._get_drop_shipment_label(),
                )
            )
        if compare(quantity, 0.0) <= 0 or compare(quantity, left) > 0:
            raise UserError(
                self.env._(
                    "Quantity of %(line)s can't be %(quantity)s: enter more than 0 and "
                    "at most %(left)s, what is left to order.",
                    line=line._get_drop_shipment_label(),
                    quantity=line._format_drop_shipment_qty(quantity),
                    left=line._format_drop_shipment_qty(left),
                )
            )

    def _filter_to_order(self, lines):
        """Return the sales lines that have something left to order, each once."""
        return lines.union().filtered(
            lambda line: (
                line.drop_shipment
                and line.product_uom_id.compare(line.drop_shipment_qty_to_order, 0.0)
                > 0
            )
        )

    def _get_proposals(self, lines):
        """Return [(sales line, vendor, quantity)] of what these lines have to order.

        The vendor is empty where none sells the product.
        """
        sourcing = self.env["drop.shipment.sourcing"]
        return [
            (line, sourcing._get_vendor(line), line.drop_shipment_qty_to_order)
            for line in self._filter_to_order(lines)
        ]

    # ------------------------------------------------------------
    # REQUESTS FOR QUOTATION
    # ------------------------------------------------------------

    def _create_requests(self, proposals, join=False):
        """Make requests for quotation of sales lines, linked.

        One for each company, vendor, customer, ship-to address and currency.

        :param list proposals: (sales line in sudo; vendor; quantity in the line's UoM)
        :param bool join: use an open drop shipment request of the same key
        :return: the purchase orders
        :raise UserError: a line has no vendor; names the products
        """
        self._check_vendors(proposals)
        quantities = defaultdict(lambda: defaultdict(float))
        for line, vendor, quantity in proposals:
            quantities[self._get_request_key(line, vendor)][line] += quantity
        orders = {
            key: self._find_open_request(key) if join else self.env["purchase.order"]
            for key in quantities
        }
        missing = [key for key, order in orders.items() if not order]
        picking_types = {
            company: company._get_drop_shipment_picking_type()
            for company in {key.company for key in missing}
        }
        header = self.env["drop.shipment.header"]
        created = self._create_orders(
            [
                {
                    **self._prepare_request(key),
                    **header._prepare_header(
                        picking_types[key.company],
                        self._get_sale_orders(quantities[key]),
                    ),
                }
                for key in missing
            ]
        )
        orders.update(zip(missing, created, strict=True))
        self.with_context(dropship_link_new_order_ids=created.ids)._add_lines(
            {orders[key]: quantities[key] for key in quantities}
        )
        return self.env["purchase.order"].union(*orders.values())

    def _check_vendors(self, proposals):
        """Refuse sales lines without a vendor.

        :param list proposals: see `_create_requests`
        :raise UserError: names the products
        """
        products = self.env["product.product"].union(
            *(line.product_id for line, vendor, _quantity in proposals if not vendor)
        )
        if products:
            raise UserError(
                self.env._(
                    "Choose a vendor for %(products)s: fill it in on the product or in "
                    "the dialog.",
                    products=", ".join(products.mapped("display_name")),
                )
            )

    def _get_request_key(self, line, vendor):
        """Return what `line` has in common with all lines of its request."""
        company, order = line.company_id, line.order_id
        currency = vendor.with_company(company).property_purchase_currency_id
        return RequestKey(
            company,
            vendor,
            order.partner_id,
            order.partner_shipping_id,
            currency or company.currency_id,
        )

    def _find_open_request(self, key):
        """Return the oldest open drop shipment request of this key, if any."""
        return self.env["purchase.order"].search(
            [
                ("state", "=", "draft"),
                ("company_id", "=", key.company.id),
                ("partner_id", "=", key.vendor.id),
                ("sell_to_customer_id", "=", key.customer.id),
                ("dest_address_id", "=", key.ship_to.id),
                ("currency_id", "=", key.currency.id),
            ],
            order="id",
            limit=1,
        )

    def _prepare_request(self, key):
        """Return the values of a new request for quotation, without its header."""
        vendor = key.vendor.with_company(key.company)
        header = self.env["drop.shipment.header"]
        buyer = vendor.buyer_id.filtered("active")
        if not buyer and self.env.user.has_group("purchase.group_purchase_user"):
            # Nobody where the system orders, as in core: it has all groups.
            buyer = self.env.user.filtered("active")
        return {
            "company_id": key.company.id,
            "partner_id": vendor.id,
            "user_id": buyer.id,
            "currency_id": key.currency.id,
            "payment_term_id": vendor.property_supplier_payment_term_id.id,
            "fiscal_position_id": header._get_fiscal_position(key.company, vendor).id,
            "sell_to_customer_id": key.customer.id,
        }

    def _create_orders(self, vals_list):
        """Create purchase orders, with buyers and followers as core gives them.

        Core adds followers to one order after the other. The first note on each says
        where it comes from, and that it was created.

        :param list vals_list: as for `create`
        :return: the purchase orders, in the order of `vals_list`
        """
        PurchaseOrder = self.env["purchase.order"]
        orders = (
            PurchaseOrder.with_context(
                mail_create_nolog=True, mail_create_nosubscribe=True
            )
            .create([{**vals, "user_id": False} for vals in vals_list])
            .with_env(self.env)
        )
        context = self.env.context
        if self.env.user.active and not (
            context.get("mail_create_nosubscribe") or context.get("tracking_disable")
        ):
            orders.message_subscribe(self.env.user.partner_id.ids)
        buyers = defaultdict(PurchaseOrder.browse)
        for order, vals in zip(orders, vals_list, strict=True):
            buyers[vals.get("user_id")] += order
        for buyer, own_orders in buyers.items():
            # The orders are new, so their buyer is not logged as a change.
            own_orders.with_context(mail_notrack=True).user_id = buyer
        return orders

    def _check_may_merge(self, orders):
        """Refuse to merge requests that ship sales orders.

        :raise UserError: names them
        """
        if linked := orders.filtered(lambda order: order._has_drop_shipment()):
            raise UserError(
                self.env._(
                    "%(orders)s can't be merged: drop shipment lines stay with the "
                    "order they were fetched into. Unlink them and use Get Sales Order "
                    "in the order that is to ship them all.",
                    orders=", ".join(linked.mapped("name")),
                )
            )

    def _check_may_suggest(self, order):
        """Refuse what is suggested for own stock in a request that ships sales orders.

        Core puts it in the place of the lines with these products, and takes out those
        of which own stock needs none.

        :raise UserError: names the order
        """
        if order._has_drop_shipment():
            raise UserError(
                self.env._(
                    "Suggestions are for your own stock, and %(order)s is shipped to "
                    "a customer: they would replace its drop shipment lines. Use them "
                    "in a request for quotation of their own.",
                    order=order.name,
                )
            )

    # ------------------------------------------------------------
    # LINES
    # ------------------------------------------------------------

    def _add_lines(self, additions, include_notes=False):
        """Insert linked lines below those that are there; both sides get a note.

        :param dict additions: purchase order to {sales line in sudo: quantity in its
            UoM}
        :param bool include_notes: with the notes directly below each sales line
        :return: the new lines
        """
        vals_list = []
        header = self.env["drop.shipment.header"]
        self._prefetch_names([line for lines in additions.values() for line in lines])
        for order, quantities in additions.items():
            header._update_header(order, self._get_sale_orders(quantities))
            sequence = max(order.order_line.mapped("sequence"), default=9)
            vals_list += [
                {**vals, "sequence": sequence + position}
                for position, vals in enumerate(
                    self._prepare_lines(order, quantities, include_notes), 1
                )
            ]
        lines = self.env["purchase.order.line"].create(vals_list)
        sourcing = self.env["drop.shipment.sourcing"]
        # Core gives no price where the vendor has none, and then finds one below.
        unpriced = lines.filtered(lambda line: not line.price_unit)
        sourcing._set_missing_prices(unpriced)
        self._log_added(additions)
        self.env["purchase.order"]._log_drop_shipment_notes(
            {
                order: hints
                for order in additions
                if (hints := sourcing._get_price_hints(unpriced & order.order_line))
            }
        )
        return lines

    def _get_ship_to_refusal(self, sale_orders):
        """Return which two sales orders differ in their ship-to; False if none do."""
        first = sale_orders[:1]
        for other in sale_orders - first:
            if other.partner_shipping_id != first.partner_shipping_id:
                return self.env._(
                    "%(first)s ships to %(first_address)s, %(other)s to "
                    "%(other_address)s: fetch them into separate orders.",
                    first=first.name,
                    first_address=first.partner_shipping_id.display_name,
                    other=other.name,
                    other_address=other.partner_shipping_id.display_name,
                )
        return False

    def _prepare_lines(self, order, quantities, include_notes=False):
        """Return the values of purchase lines of `order`, linked to these sales lines.

        Business Central's Get Sales Order, with the vendor's name, price and taxes.

        :param dict quantities: sales line in sudo to quantity in its UoM
        :param bool include_notes: with the notes directly below each sales line
        :return: list of values, in the order of `quantities`
        """
        vals_list = []
        for line, quantity in quantities.items():
            vals_list.append(self._prepare_line(order, line, quantity))
            if include_notes:
                vals_list += [
                    {
                        "order_id": order.id,
                        "display_type": "line_note",
                        "name": note.name,
                        "product_qty": 0.0,
                    }
                    for note in line._get_drop_shipment_note_lines()
                ]
        return vals_list

    def _prefetch_names(self, lines):
        """Read the attributes in the products' names, for all sales lines at once.

        Core's method names each product alone: with a query for each, unless read.
        """
        products = self.env["product.product"].sudo()
        products.union(*(line.product_id for line in lines)).mapped(
            "product_template_attribute_value_ids"
        )

    def _prepare_line(self, order, line, quantity):
        """Return the values of a purchase line of `order`, linked to a sales line.

        Core's method is asked for each line, as other add-ons extend it.

        :param line: sales line in sudo
        :param float quantity: in the UoM of the sales line
        """
        sourcing = self.env["drop.shipment.sourcing"]
        PurchaseLine = self.env["purchase.order.line"]
        product = sourcing._with_prices(
            line.product_id.with_env(self.env).with_company(order.company_id), order
        )
        seller, force_uom = sourcing._select_seller(
            order, product, quantity, line.product_uom_id
        )
        vals = PurchaseLine.with_context(
            procurement_values={"force_uom": force_uom}
        )._prepare_purchase_order_line(
            product,
            quantity,
            line.product_uom_id.with_env(self.env),
            order.company_id,
            order.partner_id,
            order,
        )
        vals.update(
            sale_line_id=line.id,
            # Core knows no lead time of a price whose minimum is not reached.
            date_planned=sourcing._get_date_planned(
                line.order_id.commitment_date,
                max(
                    vals["date_planned"],
                    PurchaseLine._get_date_planned(seller, po=order),
                ),
            ),
        )
        no_variant_values = line.product_no_variant_attribute_value_ids
        if no_variant_values:
            vals["product_no_variant_attribute_value_ids"] = [
                fields.Command.set(no_variant_values.ids)
            ]
        vals["name"] += line._get_drop_shipment_wishes(order.partner_id.lang)
        if line.analytic_distribution:
            vals["analytic_distribution"] = line.analytic_distribution
        return vals

    def _preview_lines(self, proposals):
        """Return the purchase lines that new requests would have, without saving any.

        :param list proposals: see `_create_requests`; each with a vendor
        :return: purchase lines without an id, in the order of `proposals`
        """
        PurchaseLine = self.env["purchase.order.line"]
        self._prefetch_names([line for line, *_rest in proposals])
        orders, lines = {}, []
        for line, vendor, quantity in proposals:
            key = self._get_request_key(line, vendor)
            if key not in orders:
                orders[key] = self.env["purchase.order"].new(
                    {**self._prepare_request(key), "date_order": fields.Datetime.now()}
                )
            order = orders[key]
            vals = self._prepare_line(order, line, quantity)
            # The link would be checked, and counted as ordered.
            del vals["sale_line_id"]
            new_line = PurchaseLine.new({**vals, "order_id": order})
            # As in `_set_missing_prices`.
            if not new_line.price_unit and not new_line.selected_seller_id:
                new_line._compute_price_unit_and_date_planned_and_name()
            lines.append(new_line)
        return lines

    def _get_sale_orders(self, lines):
        """Return the sales orders, in sudo, of an iterable of sales lines."""
        return self.env["sale.order"].sudo().union(*(line.order_id for line in lines))

    # ------------------------------------------------------------
    # RESULT
    # ------------------------------------------------------------

    def _log_added(self, additions):
        """Tell both sides which orders are linked.

        :param dict additions: see `_add_lines`
        """
        self.env["purchase.order"]._log_drop_shipment_notes_on_both(
            {
                order: self._get_sale_orders(quantities)
                for order, quantities in additions.items()
            },
            lambda sale: self.env._(
                "Drop shipment lines fetched from sales order %(sale)s.", sale=sale
            ),
            lambda purchase, vendor: self.env._(
                "Drop shipment lines were put into request for quotation %(purchase)s "
                "of %(vendor)s.",
                purchase=purchase,
                vendor=vendor,
            ),
        )

    def _get_orders_action(self, orders):
        """Return an action that shows these orders, or says that there are none."""
        if orders:
            # Several orders are shown in a list with this column.
            orders = orders.with_context(show_sell_to_customer=True)
            return orders._get_records_action(name=self.env._("Purchase Orders"))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("Nothing is left to order."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_linked_orders_action(self, lines):
        """Return an action that opens the purchase orders of these sales lines.

        :param lines: sales lines in sudo: who sees a line may know the numbers of its
            purchase orders
        :raise UserError: no purchase order is linked
        :raise AccessError: the user may not read purchase orders
        """
        orders = lines._get_drop_shipment_live_lines().order_id.sudo(self.env.su)
        if not orders:
            raise UserError(
                self.env._(
                    "Not on a purchase order yet: %(lines)s.",
                    lines=", ".join(line._get_drop_shipment_label() for line in lines),
                )
            )
        orders.check_access("read")
        return orders._get_records_action(name=self.env._("Purchase Order"))
