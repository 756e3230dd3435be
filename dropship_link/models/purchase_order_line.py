from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class PurchaseOrderLine(models.Model):
    _name = "purchase.order.line"
    _inherit = ["purchase.order.line", "drop.shipment.shipments.mixin"]

    drop_shipment = fields.Boolean(
        compute="_compute_drop_shipment",
        store=True,
        help="This line is linked to a sales order line that the vendor ships straight "
        "to the customer.",
        groups="base.group_user",
    )
    # sale_line_id, on drop shipments only: see sale.order.line.drop_shipment_order_id.
    drop_shipment_sale_line_id = fields.Many2one(
        comodel_name="sale.order.line",
        compute="_compute_drop_shipment",
        store=True,
        index="btree_not_null",
        groups="base.group_user",
    )
    drop_shipment_sale_ref = fields.Char(
        string="Sales Order",
        compute="_compute_drop_shipment_sale_ref",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_customer_ref = fields.Char(
        string="Customer Reference",
        compute="_compute_drop_shipment_sale_ref",
        compute_sudo=True,
        groups="base.group_user",
    )
    drop_shipment_qty_to_bill = fields.Float(
        string="To Bill",
        digits="Product Unit",
        compute="_compute_drop_shipment_qty_to_bill",
        help="Quantity received and not billed.",
        groups="base.group_user",
    )
    drop_shipment_late = fields.Boolean(
        string="Late",
        compute="_compute_drop_shipment_late",
        compute_sudo=True,
        help="The expected arrival is past or later than the customer was promised.",
        groups="base.group_user",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("sale_line_id.drop_shipment")
    def _compute_drop_shipment(self):
        for line in self:
            line.drop_shipment = line.sale_line_id.drop_shipment
            line.drop_shipment_sale_line_id = line.drop_shipment and line.sale_line_id

    @api.depends(
        "drop_shipment_sale_line_id.order_id.name",
        "drop_shipment_sale_line_id.order_id.client_order_ref",
    )
    def _compute_drop_shipment_sale_ref(self):
        for line in self:
            sale_order = line.drop_shipment_sale_line_id.order_id
            line.drop_shipment_sale_ref = sale_order.name
            line.drop_shipment_customer_ref = sale_order.client_order_ref

    @api.depends("drop_shipment", "qty_received", "qty_invoiced")
    def _compute_drop_shipment_qty_to_bill(self):
        for line in self:
            line.drop_shipment_qty_to_bill = line.drop_shipment and max(
                line.qty_received - line.qty_invoiced, 0.0
            )

    @api.depends(
        "date_planned",
        "qty_received",
        "product_qty",
        "state",
        "drop_shipment_sale_line_id.order_id.commitment_date",
    )
    def _compute_drop_shipment_late(self):
        today = fields.Date.context_today(self)
        for line in self:
            promised = line.drop_shipment_sale_line_id.order_id.commitment_date
            expected = line.date_planned
            line.drop_shipment_late = bool(
                line.drop_shipment
                and line.state != "cancel"
                and expected
                and line.product_uom_id.compare(line.qty_received, line.product_qty) < 0
                and (
                    expected.date() < today
                    or (promised and expected.date() > promised.date())
                )
            )

    @api.depends(
        "drop_shipment",
        "move_ids.picking_id.drop_shipment_delivery_note",
        "move_ids.picking_id.drop_shipment_tracking_ref",
    )
    def _compute_drop_shipment_shipments(self):
        return super()._compute_drop_shipment_shipments()

    def _compute_qty_received(self):
        linked = self.filtered(
            lambda line: line.state == "purchase" and line.drop_shipment
        )
        before = {line: line.qty_received for line in linked}
        res = super()._compute_qty_received()
        # One note for each order: core posts one for each line.
        texts = defaultdict(list)
        for line in linked:
            if line.qty_received != before[line]:
                texts[line.order_id].append(
                    self.env._(
                        "%(product)s: %(old)s received before, %(new)s now.",
                        product=line.product_id.display_name,
                        old=line._format_drop_shipment_qty(before[line]),
                        new=line._format_drop_shipment_qty(line.qty_received),
                    )
                )
        self.env["purchase.order"]._drop_shipment_log(texts)
        return res

    def _track_qty_received(self, new_qty):
        # Of what transfers bring, `_compute_qty_received` tells by itself.
        if self.drop_shipment and self.qty_received_method == "stock_moves":
            return None
        return super()._track_qty_received(new_qty)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        linked = lines.filtered("drop_shipment")
        if linked:
            linked._check_drop_shipment_alternative()
            linked._check_drop_shipment_link()
            linked.drop_shipment_sale_line_id.sudo()._check_drop_shipment_bills()
        (lines - linked).order_id._check_drop_shipment_mix()
        return lines

    def write(self, vals):
        # The rules rest on these: they follow the sales line, whoever writes.
        vals = {
            name: value
            for name, value in vals.items()
            if name not in ("drop_shipment", "drop_shipment_sale_line_id")
        }
        if not {
            "order_id",
            "product_id",
            "product_qty",
            "product_uom_id",
            "sale_line_id",
        } & set(vals):
            return super().write(vals)
        linked = self.filtered("drop_shipment")
        if linked and "product_qty" in vals:
            label = self.env._(
                "%(field)s of %(line)s",
                field=self._fields["product_qty"]._description_string(self.env),
                line=linked[:1]._get_drop_shipment_label(),
            )
            self.env["uom.uom"]._check_drop_shipment_number(label, vals["product_qty"])
        linked._check_drop_shipment_frozen(vals)
        quantities = {line: line.product_qty for line in linked}
        sale_lines = {line: line.drop_shipment_sale_line_id for line in linked}
        res = super().write(vals)
        flagged = self.filtered("drop_shipment")
        new_links = flagged.filtered(
            lambda line: line.drop_shipment_sale_line_id != sale_lines.get(line)
        )
        if new_links:
            new_links._check_drop_shipment_link()
            new_links.drop_shipment_sale_line_id.sudo()._check_drop_shipment_bills()
        if "product_qty" in vals:
            flagged._check_drop_shipment_qty()
            flagged._check_drop_shipment_received()
            raised = (flagged & linked).filtered(
                lambda line: (
                    line.product_uom_id.compare(line.product_qty, quantities[line]) > 0
                )
            )
            # Buyers may lack rights on sales lines; the error shows a number only.
            raised.drop_shipment_sale_line_id.sudo()._check_drop_shipment_open()
        (self - flagged).order_id._check_drop_shipment_mix()
        return res

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_view_drop_shipment_sale(self):
        """Open the sales orders of these lines.

        :return: window action, a form for one order, else a list
        :raise UserError: no sales order is linked
        :raise AccessError: the user may not read the sales orders
        """
        self.check_access("read")
        # Buyers may know the numbers; the orders open with their own rights.
        orders = self.sudo().drop_shipment_sale_line_id.order_id.sudo(self.env.su)
        if not orders:
            raise UserError(
                self.env._(
                    "Not linked to a sales order: %(lines)s.",
                    lines=", ".join(line._get_drop_shipment_label() for line in self),
                )
            )
        orders.check_access("read")
        return orders._get_records_action(name=self.env._("Sales Order"))

    def action_unlink_drop_shipment(self):
        """Take these lines out of their request for quotation again.

        Their quantity is to order again; both orders get a note.

        :return: True
        :raise UserError: a line is not linked or its order is confirmed
        :raise AccessError: the user may not change the purchase order
        """
        self.order_id.check_access("write")
        for line in self:
            if not line.drop_shipment:
                raise UserError(
                    self.env._(
                        "%(line)s is not linked to a sales order.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            if line.order_id.state not in ("draft", "sent"):
                raise UserError(
                    self.env._(
                        "%(line)s can't be unlinked: the order is no request for "
                        "quotation. Use Close Remainder to give the rest back.",
                        line=line._get_drop_shipment_label(),
                    )
                )
        for order, lines in self.grouped("order_id").items():
            # Notes on sales orders that the buyer may not read.
            lines.sudo()._drop_shipment_note_sales(
                lambda line: self.env._(
                    "%(line)s: taken out of request for quotation %(order)s.",
                    line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                    order=line.order_id.name,
                )
            )
            order._drop_shipment_note(
                [
                    self.env._(
                        "%(line)s: unlinked from sales order %(sale)s.",
                        line=line.product_id.display_name,
                        sale=line.drop_shipment_sale_ref,
                    )
                    for line in lines
                ]
            )
            order._drop_shipment_remove_lines(lines)
        return True

    def action_close_drop_shipment_remainder(self):
        """Give back what the vendor has not shipped.

        The quantity becomes the quantity received, open moves are cancelled and the
        rest is to order again; both orders get a note.

        :return: True
        :raise UserError: a line is not linked, not confirmed or has nothing left
        :raise AccessError: the user may not change the purchase order
        """
        self.order_id.check_access("write")
        for line in self:
            if not line.drop_shipment or line.order_id.state != "purchase":
                raise UserError(
                    self.env._(
                        "%(line)s has no remainder to close: it is not on a confirmed "
                        "drop shipment order.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            if line.product_uom_id.compare(line.product_qty, line.qty_received) <= 0:
                raise UserError(
                    self.env._(
                        "%(line)s has no remainder to close: all of it is received.",
                        line=line._get_drop_shipment_label(),
                    )
                )
        # Buyers may lack rights on transfers and on the notes of the sales orders.
        lines_sudo = self.sudo()
        lines_sudo.drop_shipment_sale_line_id._get_drop_shipment_open_moves().filtered(
            lambda move: move.purchase_line_id in lines_sudo
        )._action_cancel()
        lines_sudo._drop_shipment_note_sales(
            lambda line: self.env._(
                "%(line)s: %(rest)s of purchase order %(order)s is to order again.",
                line=line.drop_shipment_sale_line_id._get_drop_shipment_label(),
                rest=line._format_drop_shipment_qty(
                    line.product_qty - line.qty_received
                ),
                order=line.order_id.name,
            )
        )
        for line in self:
            line.product_qty = line.qty_received
        return True

    # ------------------------------------------------------------
    # STOCK
    # ------------------------------------------------------------

    def _get_po_line_moves(self):
        moves = super()._get_po_line_moves()
        # Before anything has moved there is nothing to look at.
        if moves and self.drop_shipment:
            return self._filter_drop_shipment_moves(moves)
        return moves

    def _get_outgoing_incoming_moves(self):
        outgoing, incoming = super()._get_outgoing_incoming_moves()
        if self.drop_shipment:
            incoming = self._filter_drop_shipment_moves(incoming)
        return outgoing, incoming

    def _get_move_dests_initial_demand(self, move_dests):
        # A transfer that takes goods back is no demand for them: count what is open.
        if self.drop_shipment:
            return self._get_qty_procurement()
        return super()._get_move_dests_initial_demand(move_dests)

    @api.model
    def _filter_drop_shipment_moves(self, moves):
        """Return the moves that the vendor has a part in.

        Core takes goods that the customer sends back to our stock, and those that
        leave it again, for receipts.
        """
        return moves.filtered(
            lambda move: (
                # A subcontractor's place counts as ours, but ships for the vendor.
                not move.origin_returned_move_id
                or {move.location_id.usage, move.location_dest_id.usage}
                != {"internal", "customer"}
            )
        )

    def _create_or_update_picking(self):
        # Buyers without sales rights may not read what core reads of the sales order.
        linked = self.filtered("drop_shipment")
        super(
            PurchaseOrderLine, linked.sudo().with_context(dropship_link_lower=True)
        )._create_or_update_picking()
        return super(PurchaseOrderLine, self - linked)._create_or_update_picking()

    def _create_stock_moves(self, picking):
        """Put the lines of each sales order into a transfer of its own.

        Core finds the sales order of a transfer by its first move only.
        """
        linked = self.filtered("drop_shipment")
        if not linked:
            return super()._create_stock_moves(picking)
        moves = super(PurchaseOrderLine, self - linked)._create_stock_moves(picking)
        for sale_order, lines in linked.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            own_picking = lines.order_id._get_drop_shipment_picking(sale_order, picking)
            moves += super(PurchaseOrderLine, lines)._create_stock_moves(own_picking)
        return moves

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _prepare_drop_shipment_lines(self, order, quantities):
        """Return the values of purchase lines of `order`, linked to these sales lines.

        Business Central's Get Sales Order, with the vendor's name, price and taxes.
        They are what core's `_prepare_purchase_order_line` finds for one line, but for
        all of them at once: core names each product by a query of its own.

        :param dict quantities: sales line, elevated where the user may not read it, to
            quantity in its UoM
        :return: list of values, in the order of `quantities`
        """
        sellers = self._select_drop_shipment_sellers(order, quantities)
        descriptions = self._get_drop_shipment_descriptions(order, sellers)
        taxes = self._get_drop_shipment_taxes(order, sellers)
        vals_list = []
        for line, seller in sellers.items():
            product_taxes, line_taxes = taxes[line]
            vals = {
                "order_id": order.id,
                "sale_line_id": line.id,
                "product_id": line.product_id.id,
                "product_qty": quantities[line],
                "product_uom_id": line.product_uom_id.id,
                "name": descriptions[line],
                "price_unit": self._get_drop_shipment_price(
                    order, line.product_uom_id, seller, product_taxes, line_taxes
                ),
                "discount": seller.discount,
                "tax_ids": [fields.Command.set(line_taxes.ids)],
                "date_planned": line.order_id.commitment_date
                or self._get_date_planned(seller, po=order),
            }
            if line.product_no_variant_attribute_value_ids:
                vals["product_no_variant_attribute_value_ids"] = [
                    fields.Command.set(line.product_no_variant_attribute_value_ids.ids)
                ]
            if line.analytic_distribution:
                vals["analytic_distribution"] = line.analytic_distribution
            vals_list.append(vals)
        return vals_list

    @api.model
    def _select_drop_shipment_sellers(self, order, quantities):
        """Return {sales line: the vendor's price for its quantity, or empty}."""
        products = self.env["product.product"].with_company(order.company_id)
        today = fields.Date.today()
        date = max(order.date_order.date(), today) if order.date_order else today
        sellers = {}
        for line, quantity in quantities.items():
            product = line.product_id.with_env(products.env)
            sellers[line] = product._select_seller(
                partner_id=order.partner_id,
                quantity=line.product_uom_id._compute_quantity(
                    quantity, product.uom_id, rounding_method="HALF-UP"
                ),
                date=date,
                uom_id=product.uom_id,
            )
        return sellers

    @api.model
    def _get_drop_shipment_descriptions(self, order, sellers):
        """Return {sales line: description in the vendor's words and language}.

        :param dict sellers: see `_select_drop_shipment_sellers`
        """
        vendor = order.partner_id
        vendors = vendor | vendor.commercial_partner_id
        plain = self.with_context(lang=vendor.lang).env
        worded = self.with_context(lang=vendor.lang, partner_id=vendor.id).env
        descriptions = {}
        for line, seller in sellers.items():
            # Not each user may read prices; core elevates them for the name as well.
            prices = line.product_id.product_tmpl_id.sudo().seller_ids
            product = line.product_id.with_env(plain)
            if any(
                price.partner_id in vendors
                and (price.product_name or price.product_code)
                for price in prices
            ):
                product = line.product_id.with_env(worded)
                if len(prices) > 1:
                    # Else the name would have the words of all these prices.
                    product = product.with_context(seller_id=seller.id)
            name = product.display_name
            if product.description_purchase:
                name += "\n" + product.description_purchase
            if (
                line.product_no_variant_attribute_value_ids
                or line.product_custom_attribute_value_ids
            ):
                name += line.with_context(
                    lang=vendor.lang
                )._get_sale_order_line_multiline_description_variants()
            descriptions[line] = name
        return descriptions

    @api.model
    def _get_drop_shipment_taxes(self, order, sale_lines):
        """Return {sales line: taxes of its product, and those of `order` for them}."""
        domain = self.env["account.tax"]._check_company_domain(order.company_id)
        found, taxes = {}, {}
        for line in sale_lines:
            # Not by the product: the ORM copies the taxes to each of them first.
            template = line.product_id.product_tmpl_id.with_env(self.env)
            supplier_taxes = template.supplier_taxes_id
            if supplier_taxes not in found:
                product_taxes = supplier_taxes.filtered_domain(domain)
                found[supplier_taxes] = (
                    product_taxes,
                    order.fiscal_position_id.map_tax(product_taxes),
                )
            taxes[line] = found[supplier_taxes]
        return taxes

    @api.model
    def _get_drop_shipment_price(self, order, uom, seller, product_taxes, line_taxes):
        """Return the unit price of `seller`, in `uom` and the currency of `order`.

        It is 0 where the vendor has no price.
        """
        if not seller:
            return 0.0
        price = seller.product_uom_id._compute_price(seller.price, uom)
        if line_taxes != product_taxes:
            price = self.env["account.tax"]._fix_tax_included_price_company(
                price, product_taxes, line_taxes, order.company_id
            )
        if price and order.currency_id and seller.currency_id != order.currency_id:
            price = seller.currency_id._convert(
                price,
                order.currency_id,
                order.company_id,
                order.date_order or fields.Date.today(),
            )
        return price

    def _get_drop_shipment_pickings(self):
        return self.filtered("drop_shipment").move_ids.picking_id

    def _get_drop_shipment_qty(self, field):
        """Return a quantity of this line in the UoM of its sales line."""
        self.ensure_one()
        return self.product_uom_id._compute_quantity(
            self[field],
            self.sale_line_id.product_uom_id,
            rounding_method="HALF-UP",
        )

    def _prepare_drop_shipment_slip_line(self):
        """Return a line of a packing slip; see `_get_drop_shipment_slips`."""
        self.ensure_one()
        sale_line = self.drop_shipment_sale_line_id
        quantity = self._get_drop_shipment_qty("product_qty")
        shipped = not self._get_drop_shipment_waiting()
        if not shipped:
            quantity -= self._get_drop_shipment_qty("qty_received")
        moves = self.move_ids.filtered(
            lambda move: move.state != "cancel" and (move.state == "done") == shipped
        )
        lots = [
            move_line.lot_id.name or move_line.lot_name
            for move_line in moves.move_line_ids
        ]
        return {
            "name": sale_line._get_drop_shipment_description(),
            "quantity": sale_line._format_drop_shipment_qty(quantity),
            "lots": ", ".join(dict.fromkeys(filter(None, lots))),
        }

    def _get_drop_shipment_open_text(self):
        """Return what the vendor has left to ship of this line, with its unit.

        By the open moves: goods that came back and are not asked for again are not
        left. The caller sees to the rights on transfers.
        """
        self.ensure_one()
        open_moves = self.drop_shipment_sale_line_id._get_drop_shipment_open_moves()
        return self._format_drop_shipment_qty(
            sum(
                move.product_uom._compute_quantity(
                    move.product_uom_qty, self.product_uom_id, rounding_method="HALF-UP"
                )
                for move in open_moves & self.move_ids
            )
        )

    def _get_drop_shipment_short(self):
        """Return the confirmed lines that the vendor has shipped in part."""
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.state == "purchase"
                and line.qty_received > 0
                and line.product_uom_id.compare(line.qty_received, line.product_qty) < 0
            )
        )

    def _get_drop_shipment_unbillable(self):
        """Return the received lines whose bill waits for an invoice.

        The caller sees to the rights on the sales lines.
        """
        return self.filtered(
            lambda line: (
                line.drop_shipment
                and line.company_id.drop_shipment_bill_control == "block"
                and line.product_uom_id.compare(line.qty_received, line.qty_invoiced)
                > 0
                and line.drop_shipment_sale_line_id.drop_shipment_qty_billed
                >= line.drop_shipment_sale_line_id.drop_shipment_qty_invoiced
            )
        )

    def _get_drop_shipment_waiting(self):
        """Return the lines that the vendor has not shipped in full."""
        return self.filtered(
            lambda line: (
                line.product_uom_id.compare(line.qty_received, line.product_qty) < 0
            )
        )

    def _check_drop_shipment_qty(self):
        """Refuse a negative quantity.

        :raise ValidationError: names the line
        """
        for line in self:
            if line.product_qty < 0:
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s can't be %(quantity)s: enter 0 or more.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(line.product_qty),
                    )
                )

    def _check_drop_shipment_received(self):
        """Refuse less than the vendor has shipped; core would return the difference.

        :raise ValidationError: names the line and the quantity received
        """
        for line in self:
            if (
                line.order_id.state == "purchase"
                and line.product_uom_id.compare(line.product_qty, line.qty_received) < 0
            ):
                raise ValidationError(
                    self.env._(
                        "Quantity of %(line)s can't be %(quantity)s: %(received)s have "
                        "been shipped. Return the difference on the transfer first.",
                        line=line._get_drop_shipment_label(),
                        quantity=line._format_drop_shipment_qty(line.product_qty),
                        received=line._format_drop_shipment_qty(line.qty_received),
                    )
                )

    def _check_drop_shipment_link(self):
        """Refuse links that the design does not allow, however they were made.

        :raise ValidationError: names line and document, and what to do
        """
        self._check_drop_shipment_qty()
        # Buyers without sales rights link to orders that they may not read.
        lines_sudo = self.sudo()
        kits = lines_sudo.product_id._get_drop_shipment_kits(self.company_id[:1])
        refusals = {}
        for line in lines_sudo:
            if line.company_id != line.drop_shipment_sale_line_id.company_id:
                # Not a word about it: the user may have made up the id.
                raise ValidationError(
                    self.env._(
                        "%(line)s can't be linked: the sales order belongs to another "
                        "company. Use Get Sales Order.",
                        line=line._get_drop_shipment_label(),
                    )
                )
            order, sale_order = line.order_id, line.drop_shipment_sale_line_id.order_id
            if (order, sale_order) not in refusals:
                refusals[order, sale_order] = order._get_drop_shipment_link_refusal(
                    sale_order
                )
            reason = (
                refusals[order, sale_order] or line._get_drop_shipment_link_refusal()
            )
            if line.product_id in kits:
                reason = self.env._("a kit can't be drop-shipped as a whole.")
            if reason:
                raise ValidationError(
                    self.env._(
                        "%(line)s can't be linked to sales order %(sale)s: %(reason)s "
                        "Use Get Sales Order in a new request for quotation.",
                        line=line._get_drop_shipment_label(),
                        sale=line.drop_shipment_sale_ref,
                        reason=reason,
                    )
                )
        lines_sudo.drop_shipment_sale_line_id._check_drop_shipment_open()
        lines_sudo.drop_shipment_sale_line_id.order_id._drop_shipment_touch()

    def _check_drop_shipment_alternative(self):
        """Refuse the copies that alternatives to a request for quotation are made of.

        :raise UserError: names the request
        """
        origin = self.env["purchase.order"].browse(self.env.context.get("origin_po_id"))
        if origin:
            raise UserError(
                self.env._(
                    "%(order)s can't have alternatives: its lines ship sales orders, "
                    "and a copy would ship them twice. Unlink the lines, then use Get "
                    "Sales Order with the other vendor.",
                    order=origin.name,
                )
            )

    def _get_drop_shipment_link_refusal(self):
        """Return why this line can't be what its sales line orders, or False."""
        self.ensure_one()
        sale_line = self.sale_line_id
        if self.product_id != sale_line.product_id:
            return self.env._("the product differs.")
        if (
            self.product_uom_id != sale_line.product_uom_id
            and not self.product_uom_id._has_common_reference(sale_line.product_uom_id)
        ):
            return self.env._("the units of measure can't be converted.")
        return False

    def _check_drop_shipment_frozen(self, vals):
        """Refuse other values for fields that are frozen while linked.

        :param dict vals: as for `write`
        :raise UserError: names field, line and sales order
        """
        names = [
            name
            for name in ("sale_line_id", "product_id", "product_uom_id", "order_id")
            if name in vals
        ]
        for line in self if names else self.browse():
            if line.order_id.state == "cancel" and not line.qty_received:
                continue
            for name in names:
                field = self._fields[name]
                if line[name].id == (vals[name] or False):
                    continue
                if name == "sale_line_id" and line.order_id.state in ("draft", "sent"):
                    continue
                raise UserError(
                    self.env._(
                        "%(field)s of %(line)s can't be changed: it is linked to sales "
                        "order %(sale)s. Unlink it first.",
                        field=field._description_string(self.env),
                        line=line._get_drop_shipment_label(),
                        sale=line.drop_shipment_sale_ref,
                    )
                )

    def _drop_shipment_note_sales(self, get_text):
        """Post a note on each linked sales order, one text for each line."""
        for sale_order, lines in self.grouped(
            lambda line: line.drop_shipment_sale_line_id.order_id
        ).items():
            sale_order._drop_shipment_note([get_text(line) for line in lines])

    def _get_drop_shipment_label(self):
        """Return what an error calls this line: order, position and product."""
        self.ensure_one()
        order_lines = self.order_id.order_line.filtered(
            lambda line: not line.display_type
        )
        if not self._origin or self._origin not in order_lines:
            return self.product_id.display_name or self.name or self.env._("this line")
        return self.env._(
            "%(order)s, line %(position)s (%(product)s)",
            order=self.order_id.name,
            position=order_lines.ids.index(self._origin.id) + 1,
            product=self.product_id.display_name,
        )

    def _format_drop_shipment_qty(self, quantity):
        """Return `quantity` with the UoM of the line, as text."""
        self.ensure_one()
        return self.product_uom_id._format_drop_shipment_qty(quantity)
