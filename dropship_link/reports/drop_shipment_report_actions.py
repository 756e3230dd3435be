from odoo import api, models
from odoo.exceptions import UserError


class DropShipmentReport(models.Model):
    """What can be done from the list: change Qty to Ship, open, order, post."""

    _inherit = "drop.shipment.report"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        """Change Qty to Ship of the sales lines; the rest of a row can't be written.

        :return: True
        :raise UserError: another field, or the quantity is not outstanding
        :raise AccessError: the user may not change the sales orders
        """
        # super() checks the rights; a SQL view has no columns to write.
        res = super().write({})
        if others := sorted(set(vals) - {"qty_to_ship"}):
            raise UserError(
                self.env._(
                    "%(field)s can't be changed in the list. Open the order.",
                    field=self._fields[others[0]]._description_string(self.env)
                    if others[0] in self._fields
                    else others[0],
                )
            )
        lines = self._get_sale_lines()
        lines.write(vals)
        # The rows are read from the table.
        lines.flush_recordset(["qty_to_ship"])
        self.invalidate_recordset(["qty_to_ship"])
        return res

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def _get_sale_lines(self):
        """Return the sales lines of these rows, with the rights of the user."""
        self.check_access("read")
        return self.env["sale.order.line"].browse(self.ids)

    def action_view_sale(self):
        """Open the sales orders of these rows.

        :return: window action
        :raise AccessError: the user may not read them
        """
        orders = self._get_sale_lines().order_id
        orders.check_access("read")
        return orders._get_records_action(name=self.env._("Sales Order"))

    def action_view_purchase(self):
        """Open the purchase orders of these rows.

        :return: window action
        :raise UserError: nothing is ordered yet
        :raise AccessError: the user may not read them
        """
        self.check_access("read")
        # Buyers may not read the sales line that leads to the purchase order.
        lines = self.env["sale.order.line"].sudo().browse(self.ids)
        return self.env["drop.shipment.ordering"]._get_linked_orders_action(lines)

    def action_create_purchases(self):
        """Open the dialog that makes purchase orders of these rows.

        :return: window action
        :raise UserError: nothing is left to order
        :raise AccessError: the user may not create purchase orders
        """
        return self._get_sale_lines().action_open_create_drop_shipment_purchases()

    def action_post(self):
        """Open the dialog that posts these rows, one order after the other.

        Salespeople post sales orders; who may not, posts purchase orders.

        :return: client action
        :raise UserError: none of the rows has anything to ship
        """
        self.check_access("read")
        # Accountants read the list, but post invoices and bills only.
        self.env["drop.shipment.post"].check_access("create")
        # sudo: buyers may not read sales lines. The client gets what the rows show.
        lines = self.env["sale.order.line"].sudo().browse(self.ids)
        jobs, refusals = self.env["drop.shipment.posting.jobs"]._get_jobs(lines)
        skipped = [
            {"name": row.display_name, "reason": refusals[line]}
            for row, line in zip(self, lines, strict=True)
            if line in refusals
        ]
        if not jobs:
            raise UserError(
                self.env._(
                    "Nothing of this can be posted:\n%(reasons)s",
                    reasons="\n".join(
                        f"{line['name']}: {line['reason']}" for line in skipped[:10]
                    ),
                )
            )
        options = []
        if any(job["kwargs"].get("sale_order_id") for job in jobs):
            labels = dict(
                self.env["drop.shipment.post"]
                ._fields["option"]
                ._description_selection(self.env)
            )
            options = [(name, labels[name]) for name in ("ship", "ship_invoice")]
        return {
            "type": "ir.actions.client",
            "tag": "dropship_link.run_jobs",
            "name": self.env._("Post Drop Shipments"),
            "params": {
                "button": self.env._("Post"),
                "model": "drop.shipment.post",
                "method": "post_lines",
                "options": options,
                "inputs": self.env["drop.shipment.posting.jobs"]._get_inputs(),
                "jobs": jobs,
                "skipped": skipped,
            },
        }

    # ------------------------------------------------------------
    # BUSINESS METHODS
    # ------------------------------------------------------------

    @api.model
    def _get_order_action(self, model):
        """Return the action that shows the order of this model that is active."""
        # sudo: as in `action_view_drop_shipments`.
        order = self.env[model].sudo().browse(self.env.context.get("active_id"))
        return self._get_lines_action(order.exists()._get_drop_shipment_sale_lines())

    @api.model
    def _get_lines_action(self, lines):
        """Return the action that shows these sales lines in the list.

        :raise AccessError: the user may not read the list
        """
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "dropship_link.drop_shipment_report_action"
        )
        action.update(domain=[("id", "in", lines.ids)], context={})
        # Drop `path`: its URL would load the list without this domain.
        action.pop("path", None)
        return action
