from collections import defaultdict

from odoo import api, fields, models


class DropShipmentPostingJobs(models.AbstractModel):
    """Groups selected sales lines into orders that the list posts one by one.

    A job is one order, with what the list shows of it and how it is posted, see
    `drop.shipment.post.post_lines`.
    """

    _name = "drop.shipment.posting.jobs"
    _description = "Posting of Selected Drop Shipments"

    @api.model
    def _get_jobs(self, lines):
        """Return what `drop.shipment.post.post_lines` is called with to post `lines`.

        Salespeople post sales orders; who may not, posts purchase orders.

        :param lines: sales lines, in sudo
        :return: one job for each order, with the arguments but for the option where the
            user has a choice; and {line: why it has nothing to post}
        """
        check = self.env["drop.shipment.posting.check"]
        reported = self.env["drop.shipment.reported"]._get_sale_moves(lines)
        refusals = {}
        groups = defaultdict(lines.browse)
        for line in lines:
            is_reported = line in reported.sale_line_id
            if not is_reported and (refusal := check._get_line_refusal(line)):
                refusals[line] = refusal
                continue
            order = line.order_id.with_env(self.env)
            if order.has_access("write"):
                groups[order] |= line
                continue
            for purchase_order in line._get_drop_shipment_live_lines().order_id:
                if line.product_uom_id.compare(
                    line._get_drop_shipment_qty_outstanding(purchase_order), 0.0
                ):
                    groups[purchase_order.with_env(self.env)] |= line
        jobs = []
        for order, order_lines in groups.items():
            moves = self.env["drop.shipment.reported"]._get_moves(order)
            if not moves:
                jobs.append(self._prepare_job(order, order_lines))
                continue
            # A report is posted as a whole: what is left of it would be lost.
            own = moves.filtered(lambda move, own=order_lines: move.sale_line_id in own)
            own = moves.filtered(
                lambda move, own=own: move.picking_id in own.picking_id
            )
            if own:
                jobs.append(self._prepare_reported_job(order, own))
            for line in order_lines - own.sale_line_id:
                refusals[line] = check._get_unreported_refusal(order)
        return jobs, refusals

    @api.model
    def _prepare_job(self, order, lines):
        """Return the job that posts `lines`, in sudo, of a sales or purchase order."""
        kwargs = {"sale_line_ids": lines.ids, f"{order._table}_id": order.id}
        vendors = False
        if order._name == "purchase.order":
            kwargs["option"] = "receive"
            quantities = {
                line: line._get_drop_shipment_qty_outstanding(order) for line in lines
            }
        else:
            moves = lines._get_drop_shipment_open_moves()
            partners = moves.purchase_line_id.order_id.partner_id
            vendors = ", ".join(partners.mapped("display_name"))
            quantities = {line: line.qty_to_ship for line in lines}
        return {
            # sudo: the list shows the same numbers and names.
            "name": order.sudo().name,
            "detail": order.sudo().partner_id.display_name,
            "vendors": vendors,
            "lines": [
                self.env._(
                    "%(quantity)s of %(product)s",
                    quantity=line._format_drop_shipment_qty(quantity),
                    product=line.product_id.display_name,
                )
                for line, quantity in quantities.items()
            ],
            "count": len(lines),
            # What is entered for this job, before anybody enters it.
            "values": {},
            "kwargs": kwargs,
        }

    @api.model
    def _prepare_reported_job(self, order, moves):
        """Return the job that posts what vendors reported of an order.

        :param moves: what was reported, in sudo
        """
        reported = self.env["drop.shipment.reported"]
        lines = moves.sale_line_id
        vals = reported._get_shipment_vals(moves.picking_id)
        day = vals["drop_shipment_date"]
        job = self._prepare_job(order, lines)
        # The day that the vendor said, not the one that is entered for all.
        job["kwargs"]["shipment_date"] = day and fields.Date.to_string(day)
        job["values"] = {
            "delivery_note": vals["drop_shipment_delivery_note"] or "",
            "tracking_ref": vals["drop_shipment_tracking_ref"] or "",
        }
        job["lines"] = [
            self.env._(
                "%(quantity)s of %(product)s, reported by the vendor",
                quantity=reported._get_text(line, moves),
                product=line.product_id.display_name,
            )
            for line in lines
        ]
        return job

    @api.model
    def _get_inputs(self):
        """Return what is entered before posting: a day for all, numbers for each."""
        today = fields.Date.to_string(fields.Date.context_today(self))
        return [
            {
                "name": "shipment_date",
                "label": self.env._("Shipment Date"),
                "type": "date",
                "value": today,
                "max": today,
            },
            {
                "name": "delivery_note",
                "label": self.env._("Delivery Note"),
                "type": "text",
                "each": True,
            },
            {
                "name": "tracking_ref",
                "label": self.env._("Tracking Number"),
                "type": "text",
                "each": True,
            },
        ]
