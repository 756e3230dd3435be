"""What people do to shipments: Post, transfers, returns."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .base import FRACTIONS, PICK, ROLES


class PostingSteps:
    """Post from either order, or by the transfer itself; return goods."""

    @precondition(lambda self: "to_post" in self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        invoice=st.booleans(),
        fraction=FRACTIONS,
        first_only=st.booleans(),
    )
    def post_sale(self, pick, role, invoice, fraction, first_only):
        """Post a sales order: Ship, or Ship and Invoice."""

        def action():
            order = self._pick(
                self._get_orders(), pick, lambda order: order.drop_shipment_to_post
            )
            self._post(
                self._as(order, role, "salesman"),
                "sale_order_id",
                "ship_invoice" if invoice else "ship",
                fraction,
                first_only,
            )

        self._do("post_sale", action)

    @precondition(lambda self: "confirmed" in self.facts)
    @rule(
        pick=PICK,
        role=ROLES,
        option=st.sampled_from(["receive", "invoice", "receive_invoice"]),
        fraction=FRACTIONS,
        first_only=st.booleans(),
    )
    def post_purchase(self, pick, role, option, fraction, first_only):
        """Post a purchase order: Receive, Invoice, or both."""

        def action():
            order = self._pick(
                self._get_purchases(), pick, lambda order: order.drop_shipment_to_post
            )
            self._post(
                self._as(order, role, "buyer"),
                "purchase_order_id",
                option,
                fraction,
                first_only,
            )

        self._do("post_purchase", action)

    def _post(self, order, field, option, fraction, first_only):
        wizard = order.env["drop.shipment.post"].create({field: order.id})
        wizard.option = option
        lines = wizard.line_ids
        for index, line in enumerate(lines):
            line.quantity *= 0 if first_only and index else fraction
        self._name_lots(lines)
        wizard.over_delivery = first_only
        wizard.action_post()

    @precondition(lambda self: "open transfer" in self.facts)
    @rule(pick=PICK, fraction=FRACTIONS, backorder=st.booleans(), cancel=PICK)
    def handle_transfer(self, pick, fraction, backorder, cancel):
        """Validate or cancel a transfer in the warehouse's app."""

        def action():
            picking = self._pick(
                self._get_pickings(),
                pick,
                lambda picking: picking.state not in ("done", "cancel"),
            )
            if picking.state in ("done", "cancel"):
                return "void"
            if cancel == 7:
                picking.action_cancel()
                return None
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty * abs(fraction)
                move.picked = True
            self._name_move_lots(picking.move_ids)
            picking.with_context(
                skip_backorder=True,
                picking_ids_not_to_backorder=[] if backorder else picking.ids,
            ).button_validate()
            return None

        self._do("handle_transfer", action)

    @precondition(lambda self: "done transfer" in self.facts)
    @rule(pick=PICK, fraction=FRACTIONS, to_stock=st.booleans())
    def return_goods(self, pick, fraction, to_stock):
        """Return what was shipped to the vendor, or to our own stock."""

        def action():
            picking = self._pick(
                self._get_pickings(),
                pick,
                lambda picking: picking.state == "done" and not picking.return_id,
            )
            if picking.state != "done":
                return "void"
            wizard = (
                self.env["stock.return.picking"]
                .with_context(
                    active_model="stock.picking",
                    active_id=picking.id,
                    active_ids=picking.ids,
                )
                .create({})
            )
            self._fill_return(wizard, min(abs(fraction), 1))
            res = wizard.action_create_returns()
            returned = self.env["stock.picking"].browse(res["res_id"])
            if to_stock and picking.is_dropship and not picking.return_id:
                location = self.case._get_stock(picking.company_id)
                returned.location_dest_id = location
                returned.move_ids.location_dest_id = location
            for move in returned.move_ids:
                move.quantity = move.product_uom_qty
                move.picked = True
            self._name_move_lots(returned.move_ids)
            returned.with_context(skip_backorder=True).button_validate()
            return None

        self._do("return_goods", action)

    def _fill_return(self, wizard, fraction):
        """Return a part of what did not come back yet."""
        for line in wizard.product_return_moves:
            returned = line.move_id.returned_move_ids
            returned = returned.filtered(lambda move: move.state != "cancel")
            left = line.move_id.quantity - sum(returned.mapped("quantity"))
            line.quantity = max(left, 0) * fraction
