from odoo import api, models
from odoo.fields import Command


class DropShipmentAddedGoods(models.AbstractModel):
    """Puts goods that were added on a vendor's transfer onto both orders, linked.

    Core would take the first line of the product, on the orders of the transfer's first
    move. Moves come in sudo: users of Inventory may lack rights on both orders.
    """

    _name = "drop.shipment.added.goods"
    _description = "Goods Added on Transfers"

    @api.model
    def _set_lines(self, moves):
        """Set lines of both orders on these moves; add those that core would not.

        :param moves: what was added and is shipped, on no line yet
        """
        # As on what was ordered: core knows the transfer's contact only, the vendor, to
        # whom the customer's slip would go.
        for ship_to, own in moves.grouped(
            lambda move: self._get_orders(move)[0].dest_address_id
        ).items():
            if ship_to:
                own.partner_id = ship_to
        self._find_lines(moves)
        self._add_lines(moves)

    @api.model
    def _link(self, moves):
        """Link the lines of these moves, and have their rests follow.

        :param moves: as for `_set_lines`, when core has added its lines
        """
        self._link_lines(moves)
        self._link_rests(moves)

    @api.model
    def _get_orders(self, move):
        """Return the purchase and the sales order that this added move is for, in sudo.

        Those of its transfer. Where all that was ordered stays open, it is in the
        backorder by now; and where all of it was shipped before, this is the backorder:
        core finds no order then.
        """
        picking = move.picking_id.sudo()
        purchase = picking._get_drop_shipment_purchase_orders()
        if purchase:
            return purchase[:1], picking.sale_id
        others = (picking.backorder_ids | picking.backorder_id).filtered(
            lambda other: other._is_drop_shipment()
        )
        purchase = others.move_ids.purchase_line_id.order_id
        sale = others.move_ids.sale_line_id.order_id
        if len(purchase) == len(sale) == 1:
            return purchase, sale
        return purchase.browse(), sale.browse()

    @api.model
    def _find_lines(self, moves):
        """Set the linked lines of their product and sales order on these moves."""
        for move in moves:
            purchase, sale = self._get_orders(move)
            line = purchase.order_line.filtered(
                lambda line, move=move, sale=sale: (
                    line.product_id == move.product_id
                    and line.drop_shipment_sale_line_id.order_id == sale
                )
            )[:1]
            if line:
                move.purchase_line_id = line
                move.sale_line_id = line.drop_shipment_sale_line_id

    @api.model
    def _add_lines(self, moves):
        """Set lines that are not linked yet on the rest of these moves, or add some.

        Core takes the first line of the product on either order. That may be one from
        own stock beside one that is ticked, or one that ships another sales order; and
        it knows a transfer's purchase order by the first move only, which may be added.
        """
        orders = {
            move: self._get_orders(move) for move in moves if not move.purchase_line_id
        }
        vals_list, sale_vals_list = [], []
        for move, (purchase, sale) in orders.items():
            lines, sale_lines = (
                order.order_line.filtered(
                    lambda line, move=move: line.product_id == move.product_id
                )
                for order in (purchase, sale)
            )
            sale_line = (sale_lines.filtered("drop_shipment") or sale_lines)[:1]
            line = lines.browse()
            if sale_line:
                move.sale_line_id = sale_line
                # Not one that counts for another sales line.
                line = lines.filtered(
                    lambda line, sale_line=sale_line: (
                        line.sale_line_id | line.move_ids.sale_line_id <= sale_line
                    )
                )[:1]
            elif move.picking_id.sale_id != sale:
                # Core adds the line to the sales order of the transfer only.
                sale_vals_list.append(self._prepare_line(move, sale))
            if line:
                move.purchase_line_id = line
            else:
                vals_list.append(self._prepare_line(move, purchase))
        added = moves.with_context(dropship_link_added=True, skip_procurement=True).env
        added["purchase.order.line"].create(vals_list)
        added["sale.order.line"].create(sale_vals_list)

    @api.model
    def _prepare_line(self, move, order):
        """Return the values of a line for what was added, as core has them.

        :param order: purchase order or sales order
        """
        is_sale = order._name == "sale.order"
        vals = {
            "move_ids": [Command.link(move.id)],
            "order_id": order.id,
            "product_id": move.product_id.id,
            "product_uom_qty" if is_sale else "product_qty": 0,
            "product_uom_id": move.product_uom.id,
        }
        product = move.product_id
        policy = product.invoice_policy if is_sale else product.purchase_method
        if policy in ("order", "purchase"):
            # Nothing was ordered, so that nothing is charged.
            vals["price_unit"] = 0
        return vals

    @api.model
    def _link_lines(self, moves):
        """Link the purchase lines that were added for these moves."""
        link = self.env["drop.shipment.link"]
        for move in moves:
            line, sale_line = move.purchase_line_id, move.sale_line_id
            if not line or line.sale_line_id or line.product_id != sale_line.product_id:
                continue
            if not sale_line.drop_shipment:
                # Core may have found a line that is delivered from own stock: it has a
                # quantity, where a line that core adds has none.
                if sale_line.product_uom_qty or link._get_tick_refusals(sale_line):
                    continue
                sale_line.drop_shipment = True
            # Nothing of it was ordered, though its order is confirmed. The ship-to
            # address can't change meanwhile: other lines are linked to the sales order.
            line._write_drop_shipment_unchecked({"sale_line_id": sale_line.id})

    @api.model
    def _link_rests(self, moves):
        """Set the lines of these moves on what is left of them in backorders.

        Core splits moves before their lines are known: the rest of what was added would
        be on a transfer of no order.
        """
        rests = moves.search(
            [
                ("picking_id.backorder_id", "in", moves.picking_id.ids),
                ("purchase_line_id", "=", False),
                ("state", "not in", ("done", "cancel")),
            ]
        )
        for rest in rests:
            origin = moves.filtered(
                lambda move, rest=rest: (
                    move.picking_id == rest.picking_id.backorder_id
                    and move.product_id == rest.product_id
                    and move.purchase_line_id
                )
            )[:1]
            if origin:
                rest.purchase_line_id = origin.purchase_line_id
                rest.sale_line_id = origin.sale_line_id
