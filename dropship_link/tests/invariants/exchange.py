"""What customers send back for others of the same."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from .base import BEYOND, PICK


class ExchangeSteps:
    """The vendor ships again what came back, to the vendor or to own stock."""

    @precondition(lambda self: "done transfer" in self.facts)
    @rule(
        pick=PICK,
        fraction=st.sampled_from([1, 0.5, 0.5, 0.25]),
        validate=st.sampled_from([True, True, True, False]),
        to_stock=st.sampled_from([False, False, True]),
    )
    def exchange(self, pick, fraction, validate, to_stock):
        """Return for Exchange; the goods come back at once, or later."""

        def action():
            picking = self._pick_transfer(pick, "done")
            lines = picking.sudo().move_ids.purchase_line_id
            sales, purchases = lines.sale_line_id.order_id, lines.order_id
            if (
                not picking.is_drop_shipment
                or sales.filtered(lambda order: order.state != "sale")
                or purchases.filtered(lambda order: order.state != "purchase")
            ):
                # Others are core's alone; nothing is asked for on cancelled orders.
                return "void"
            over = lines.filtered(lambda line: line.qty_received > line.product_qty)
            if not validate or to_stock or over:
                # Nothing is owed yet, or ever, for what the vendor is asked for.
                self.excused.add(BEYOND)
            returned = self._ask_exchange(picking, fraction)
            if to_stock:
                location = self.case._get_stock(picking.company_id)
                returned.location_dest_id = location
                returned.move_ids.location_dest_id = location
            if validate:
                returned.move_ids.picked = True
                self._name_move_lots(returned.move_ids)
                returned.with_context(skip_backorder=True).button_validate()
            return None

        self._do("exchange to stock" if to_stock else "exchange", action)

    def _ask_exchange(self, picking, fraction):
        """Choose Return for Exchange on a transfer; return the return."""
        wizard = (
            picking.env["stock.return.picking"]
            .with_context(active_model="stock.picking", active_id=picking.id)
            .create({"picking_id": picking.id})
        )
        self._fill_return(wizard, fraction)
        return picking.browse(wizard.action_create_exchanges()["res_id"])
