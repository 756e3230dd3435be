"""What people do to transfers in Inventory, beside validating them."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from odoo.fields import Command

from .base import BEYOND, FRACTIONS, PICK, UNCONFIRMED

MAX_PICKINGS = 12


class TransferSteps:
    """Edit what is open, copy it, ship something else, throw goods away."""

    def _pick_transfer(self, pick, *states):
        """Return a transfer in one of these states, as a warehouse user sees it."""
        picking = self._pick(
            self._get_pickings(), pick, lambda picking: picking.state in states
        )
        if picking.state not in states:
            return picking.browse()
        user = self.case.keeper
        if picking.company_id == self.case.other_company:
            user = self.case.boss
        return picking.with_user(user).with_company(picking.company_id)

    @precondition(lambda self: "open transfer" in self.facts)
    @rule(
        pick=PICK,
        pick_move=PICK,
        what=st.sampled_from(
            ["demand", "demand", "done", "delete", "date", "assign", "unreserve"]
        ),
        fraction=st.sampled_from([0.5, 0.5, 1.5, 2, 0]),
    )
    def edit_transfer(self, pick, pick_move, what, fraction):
        """Change demand, quantity or day of a transfer, or delete a line of it."""

        def action():
            picking = self._pick_transfer(pick, "assigned", "confirmed", "waiting")
            if not picking.move_ids:
                return "void"
            move = self._pick(picking.move_ids, pick_move)
            if what == "demand":
                self.excused.add(BEYOND)
                move.product_uom_qty *= fraction
            elif what == "done":
                move.quantity = move.product_uom_qty * fraction
                move.picked = bool(fraction)
            elif what == "delete":
                move.unlink()
            elif what == "date":
                picking.scheduled_date = "2030-01-01 12:00:00"
            elif what == "assign":
                picking.action_assign()
            else:
                picking.do_unreserve()
            return None

        self._do(f"transfer: {what}", action)

    @precondition(lambda self: 0 < len(self.pickings) < MAX_PICKINGS)
    @rule(pick=PICK, what=st.sampled_from(["copy", "confirm", "delete"]))
    def copy_transfer(self, pick, what):
        """Copy a transfer; mark a copy as to do, or delete it."""

        def action():
            if what == "copy":
                # Core marks it as to do when a line comes onto the sales order.
                self.excused |= {BEYOND, UNCONFIRMED}
                states = "assigned", "confirmed", "done", "cancel"
                picking = self._pick_transfer(pick, *states)
                if picking.move_ids.scrap_id:
                    # Core copies what was scrapped, and takes it for a return of goods
                    # that are on no order.
                    return "void"
                picking.copy()
                return None
            picking = self._pick_transfer(pick, "draft")
            if not picking:
                return "void"
            if what == "confirm":
                picking.action_confirm()
            else:
                picking.unlink()
            return None

        self._do(f"transfer: {what} copy", action)

    @precondition(lambda self: "open transfer" in self.facts)
    @rule(
        pick=PICK,
        product=st.sampled_from(["chair", "desk", "lamp"]),
        quantity=st.integers(1, 3),
        fraction=FRACTIONS,
        validate=st.booleans(),
    )
    def add_to_transfer(self, pick, product, quantity, fraction, validate):
        """The vendor ships something besides, or instead."""

        def action():
            picking = self._pick_transfer(pick, "assigned", "confirmed")
            if not picking.is_drop_shipment:
                # What core makes of it elsewhere is its own.
                return "void"
            added = getattr(self.case, product)
            # More of what is open already may be added, too.
            self.excused.add(BEYOND)
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty * max(fraction, 0)
            picking.move_ids = [
                Command.create(
                    {
                        "product_id": added.id,
                        "product_uom_qty": quantity,
                        "quantity": quantity,
                        "product_uom": added.uom_id.id,
                        "location_id": picking.location_id.id,
                        "location_dest_id": picking.location_dest_id.id,
                    }
                )
            ]
            picking.move_ids.picked = True
            self._name_move_lots(picking.move_ids)
            if validate:
                picking.with_context(skip_backorder=True).button_validate()
            return None

        self._do("add_to_transfer", action)

    @precondition(lambda self: self.pickings)
    @rule(pick=PICK, pick_move=PICK, quantity=st.sampled_from([1, 2, 12]))
    def scrap(self, pick, pick_move, quantity):
        """Throw goods of a transfer away."""

        def action():
            picking = self._pick_transfer(pick, "assigned", "confirmed", "done")
            core = picking.picking_type_id.code == "dropship"
            if not picking.move_ids or (core and not picking.is_drop_shipment):
                return "void"
            move = self._pick(picking.move_ids, pick_move)
            picking.env["stock.scrap"].create(
                {
                    "product_id": move.product_id.id,
                    "scrap_qty": quantity,
                    "picking_id": picking.id,
                }
            ).do_scrap()
            return None

        self._do("scrap", action)
