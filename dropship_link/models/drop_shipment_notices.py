from odoo import api, models
from odoo.tools import format_date


class DropShipmentNotices(models.AbstractModel):
    """What is to be done with the drop shipments of an order, in words.

    A notice is a whole sentence, with a key by which `drop.shipment.alerts` finds the
    buttons that help. The caller sees to the rights on the lines of the other side.
    """

    _name = "drop.shipment.notices"
    _description = "Notices of Drop Shipments"

    @api.model
    def _get_notices(self, order):
        """Return {key: sentence}, most urgent first; empty when all is well.

        :param order: a sales order or a purchase order
        """
        order.ensure_one()
        if order._name == "purchase.order":
            notices = self._get_purchase_notices(order)
        else:
            # While a line is typed its unit may be empty.
            lines = order.order_line._get_drop_shipments().filtered("product_uom_id")
            notices = self._get_sale_notices(lines)
        if "overdrawn" in notices:
            # A draft that is to be corrected does not wait to be posted.
            notices.pop("draft", None)
        return notices

    @api.model
    def _filter_late(self, lines):
        """Return the late lines, but for those that wait to be posted.

        What the vendor reported is not asked for again. Nor is, on the purchase order,
        what the vendor declined; the customer still waits for that.

        :param lines: drop shipment lines of a sales order or a purchase order
        """
        late = lines.filtered("drop_shipment_late")
        if lines._name == "purchase.order.line":
            return late - late._filter_answered()
        return late.filtered(
            lambda line: (
                line.drop_shipment_qty_to_order > 0
                or not self._is_answered(line, declined=False)
            )
        )

    @api.model
    def _get_late_date(self, late):
        """Return when all of these late sales lines are expected, or False.

        No date holds for what no vendor is going to ship: to order, declined, or not on
        its way any more.

        :param late: drop shipment lines, in sudo where the user may not read purchases
        """
        waiting = late._get_drop_shipment_live_lines()._filter_owed()
        dates = waiting.mapped("date_planned")
        if (
            any(late.mapped("drop_shipment_qty_to_order"))
            or waiting._filter_declined()
            or waiting._filter_stranded()
            or not all(dates)
        ):
            return False
        return max(dates, default=False)

    @api.model
    def _is_answered(self, line, declined=True):
        """Whether all that is left of a sales line is reported, or declined.

        :param bool declined: False for reported only
        """
        lines = line._get_drop_shipment_live_lines()
        # The moves of all lines of the order are read at once.
        waiting = lines._filter_owed().with_prefetch(lines._prefetch_ids)
        return bool(waiting) and all(
            own._filter_answered() and (declined or not own._filter_declined())
            for own in waiting
        )

    # ------------------------------------------------------------
    # SALES ORDER
    # ------------------------------------------------------------

    @api.model
    def _get_sale_notices(self, lines):
        """Return the notices of the drop shipment lines of a sales order."""
        notices = {}
        if to_order := lines.filtered("drop_shipment_qty_to_order"):
            notices["order"] = self.env._(
                "To order from a vendor: %(products)s.",
                products=to_order.product_id._get_drop_shipment_names(),
            )
        if late := self._filter_late(lines):
            date = self._get_late_date(late)
            products = late.product_id._get_drop_shipment_names()
            notices["late"] = (
                self.env._(
                    "Late: %(products)s, expected %(date)s.",
                    products=products,
                    date=format_date(self.env, date),
                )
                if date
                else self.env._("Late: %(products)s.", products=products)
            )
        reported = self.env["drop.shipment.reported"]._get_sale_moves(lines)
        notices.update(self._get_sale_vendor_notices(lines, reported))
        # Post proposes what was reported and nothing else; what is left is told then.
        if not reported and (
            short := lines.filtered(
                lambda line: (
                    line.drop_shipment_state == "partial"
                    and line.drop_shipment_qty_outstanding
                    and not self._is_answered(line)
                )
            )
        ):
            notices["rest"] = self.env._(
                "Partly shipped: %(products)s. Post the rest, or have the buyer close "
                "it.",
                products=short.product_id._get_drop_shipment_names(),
            )
        notices.update(self._get_sale_return_notices(lines))
        notices.update(self._get_sale_invoice_notices(lines))
        return notices

    @api.model
    def _get_sale_vendor_notices(self, lines, reported):
        """Return the notices of what vendors said of a sales order, as far as any.

        :param reported: the moves that wait as reported
        """
        notices = self._get_reported_notices(reported)
        awaited = lines.filtered("drop_shipment_qty_outstanding")
        declined = awaited._get_drop_shipment_live_lines()._filter_declined()
        if declined:
            notices["declined"] = self.env._(
                "The vendor does not ship: %(products)s. The buyer closes it and "
                "orders it from another vendor.",
                products=self._get_declined_text(declined),
            )
        return notices

    @api.model
    def _get_reported_notices(self, moves):
        """Return the notice of moves that vendors reported as shipped, if any."""
        if not moves:
            return {}
        return {
            "reported": self.env._(
                "The vendor reported as shipped: %(products)s. Post it.",
                products=moves.sale_line_id.product_id._get_drop_shipment_names(),
            )
        }

    @api.model
    def _get_declined_text(self, lines):
        """Return what vendors declined of purchase lines, with quantity and reason."""
        return "; ".join(
            self.env._(
                "%(quantity)s of %(product)s (%(reason)s)",
                quantity=line._format_drop_shipment_qty(
                    line._get_drop_shipment_qty_declined()
                ),
                product=line.product_id.display_name,
                reason=line.drop_shipment_decline_reason,
            )
            for line in lines
        )

    @api.model
    def _get_sale_invoice_notices(self, lines):
        """Return the notices of what is to invoice, or to be posted by accounting."""
        notices = {}
        control = self.env["drop.shipment.bill.control"]
        waiting = control._filter_waiting(lines._get_drop_shipment_live_lines())
        # Its invoice lets the vendor's bill be posted, so the rest need not have come.
        awaited = waiting.drop_shipment_sale_line_id
        if draft := self._get_sale_draft_notice(lines, awaited):
            notices["draft"] = draft
        if cancelled := awaited.filtered(lambda line: line.state == "cancel"):
            notices["cancelled"] = self.env._(
                "Cancelled, but shipped and not invoiced: %(products)s. The vendor's "
                "bill waits: set the order to quotation, lower it to what was shipped, "
                "confirm and invoice it.",
                products=cancelled.product_id._get_drop_shipment_names(),
            )
        to_invoice = lines.filtered(
            lambda line: (
                line.qty_to_invoice > 0
                and (line.drop_shipment_state == "shipped" or line in awaited)
            )
        )
        if to_invoice:
            notices["invoice"] = self._get_invoice_notice(to_invoice, awaited)
        return notices

    @api.model
    def _get_sale_draft_notice(self, lines, awaited):
        """Return that a draft invoice or credit note is to be posted, or False.

        :param awaited: sales lines whose invoice a vendor's bill waits for
        """
        drafts = self._get_drafts(lines)
        if invoiced := drafts.get("out_invoice"):
            products = invoiced.product_id._get_drop_shipment_names()
            if invoiced & awaited:
                return self.env._(
                    "A draft invoice waits to be posted by accounting, and the "
                    "vendor's bill waits for it: %(products)s.",
                    products=products,
                )
            return self.env._(
                "A draft invoice waits to be posted by accounting: %(products)s.",
                products=products,
            )
        if credited := drafts.get("out_refund"):
            return self.env._(
                "A draft credit note waits to be posted by accounting: %(products)s.",
                products=credited.product_id._get_drop_shipment_names(),
            )
        return False

    @api.model
    def _get_invoice_notice(self, to_invoice, awaited):
        """Return what to say of sales lines that the customer is to be invoiced for.

        :param awaited: sales lines whose invoice a vendor's bill waits for
        """
        if not any(to_invoice.mapped("qty_delivered")):
            # Billed and invoiced by the order: nothing need be shipped for that.
            return self.env._("Invoice the customer: the vendor's bill waits.")
        if to_invoice & awaited:
            return self.env._("Shipped: invoice the customer, the vendor's bill waits.")
        return self.env._("Shipped: invoice the customer.")

    @api.model
    def _get_drafts(self, lines):
        """Return {type of document: order lines that a draft of it invoices or bills}.

        :param lines: lines of a sales order or a purchase order
        """
        if not lines:
            return {}
        link = "sale_line_ids"
        if lines._name == "purchase.order.line":
            link = "purchase_line_id"
        # sudo: who reads the order may lack rights on invoices. Not by the field of
        # the lines: the cache may hold only the invoices that somebody may read.
        invoice_lines = (
            self.env["account.move.line"]
            .sudo()
            .search([(link, "in", lines.ids), ("parent_state", "=", "draft")])
        )
        return {
            kind: lines.filtered(lambda line, own=own: line._origin.id in own[link].ids)
            for kind, own in invoice_lines.grouped("move_type").items()
        }

    @api.model
    def _get_sale_return_notices(self, lines):
        """Return the notices of what does not come, or came back, as far as any."""
        notices = {}
        stranded = lines._get_drop_shipment_stranded()
        if unwanted := stranded._filter_unwanted():
            notices["unwanted"] = self.env._(
                "Still ordered from the vendor: %(products)s. Have the buyer close it.",
                products=unwanted.product_id._get_drop_shipment_names(),
            )
        if stranded := stranded - unwanted:
            notices["stranded"] = self.env._(
                "Not on its way any more: %(products)s. The transfer was cancelled or "
                "corrected, or goods went back. Have the buyer ship it again, or close "
                "it.",
                products=stranded.product_id._get_drop_shipment_names(),
            )
        if kept := lines.filtered(
            lambda line: (
                line.state == "sale" and line._get_drop_shipment_qty_given_up() > 0
            )
        ):
            notices["kept"] = self.env._(
                "Taken back to own stock: %(products)s. Lower the quantity to what the "
                "customer keeps.",
                products=kept.product_id._get_drop_shipment_names(),
            )
        notices.update(self._get_sale_credit_notices(lines))
        return notices

    @api.model
    def _get_sale_credit_notices(self, lines):
        """Return the notice of what is invoiced, but delivered no more, if anything."""
        due = self.env["drop.shipment.invoicing"]._filter_credit_due(lines)
        if not due:
            return {}
        products = due.product_id._get_drop_shipment_names()
        if self.env["drop.shipment.crediting"]._get_due_credits(due):
            return {
                "refund": self.env._(
                    "A credit note is due: %(products)s. More is invoiced than was "
                    "delivered.",
                    products=products,
                )
            }
        return {
            "overdrawn": self.env._(
                "A draft invoice has more than was delivered or is to come: "
                "%(products)s. Correct it.",
                products=products,
            )
        }

    # ------------------------------------------------------------
    # PURCHASE ORDER
    # ------------------------------------------------------------

    @api.model
    def _get_purchase_notices(self, order):
        """Return the notices of a purchase order."""
        lines = order.order_line._get_drop_shipments().filtered("product_uom_id")
        notices = {}
        if own := self._get_own_delivery_notice(order):
            notices["own"] = own
        if late := self._filter_late(lines):
            notices["late"] = self.env._(
                "Late for the customer: %(products)s.",
                products=late.product_id._get_drop_shipment_names(),
            )
        reported = self.env["drop.shipment.reported"]._filter_reported(
            lines._get_drop_shipment_open_moves()
        )
        notices.update(self._get_reported_notices(reported))
        if declined := lines._filter_declined():
            notices["declined"] = self.env._(
                "The vendor does not ship: %(products)s. Close the remainder, or order "
                "it from another vendor.",
                products=self._get_declined_text(declined),
            )
        # Post proposes what was reported and nothing else; what is left is told then.
        short = lines._filter_partly_shipped()
        if not reported and (short := short - short._filter_answered()):
            notices["rest"] = self.env._(
                "Partly shipped: %(products)s. Post the rest, or close it.",
                products=short.product_id._get_drop_shipment_names(),
            )
        notices.update(self._get_purchase_return_notices(lines))
        notices.update(self._get_purchase_bill_notices(lines))
        return notices

    @api.model
    def _get_purchase_bill_notices(self, lines):
        """Return the notices of bills that wait, for an invoice or for accounting."""
        notices = {}
        control = self.env["drop.shipment.bill.control"]
        waiting = control._filter_waiting(lines)
        # sudo: buyers may know the numbers of sales orders, no more.
        awaited = waiting.sudo().drop_shipment_sale_line_id
        sale_orders = control._get_orders_to_invoice(dict.fromkeys(awaited, 0.0))
        if sale_orders:
            names = ", ".join(sale_orders.mapped("name"))
            notices["bill"] = (
                self.env._(
                    "The bill waits for the invoices of sales orders %(sales)s.",
                    sales=names,
                )
                if len(sale_orders) > 1
                else self.env._(
                    "The bill waits for the invoice of sales order %(sale)s.",
                    sale=names,
                )
            )
        drafts = self._get_drafts(lines)
        if billed := drafts.get("in_invoice", lines.browse()) - waiting:
            notices["draft"] = self.env._(
                "A draft bill waits to be posted by accounting: %(products)s.",
                products=billed.product_id._get_drop_shipment_names(),
            )
        elif refunded := drafts.get("in_refund"):
            notices["draft"] = self.env._(
                "A draft refund waits to be posted by accounting: %(products)s.",
                products=refunded.product_id._get_drop_shipment_names(),
            )
        return notices

    @api.model
    def _get_purchase_return_notices(self, lines):
        """Return the notices of what does not come, or went back, as far as any."""
        notices = {}
        # As saved: of a larger quantity that is typed nothing is on a transfer yet.
        stranded = lines._origin._filter_stranded()
        if unwanted := stranded._filter_unwanted():
            transfers = self.env["drop.shipment.transfers"]
            notices["unwanted"] = transfers._get_unwanted_refusal(unwanted)
        if stranded := stranded - unwanted:
            notices["stranded"] = self.env._(
                "Not on its way any more: %(products)s. The transfer was cancelled or "
                "corrected, or goods went back. Ship it again, or close it.",
                products=stranded.product_id._get_drop_shipment_names(),
            )
        if due := self.env["drop.shipment.billing"]._filter_refund_due(lines):
            products = due.product_id._get_drop_shipment_names()
            if self.env["drop.shipment.crediting"]._get_due_refunds(due):
                notices["refund"] = self.env._(
                    "A refund of the vendor is due: %(products)s. More is billed than "
                    "was received.",
                    products=products,
                )
            else:
                notices["overdrawn"] = self.env._(
                    "A draft bill has more than was received or is to come: "
                    "%(products)s. Correct it.",
                    products=products,
                )
        return notices

    @api.model
    def _get_own_delivery_notice(self, order):
        """Return that goods typed in for a customer would come to us, or False."""
        if (
            not order.sell_to_customer_id
            or order.state not in ("draft", "sent", "to approve")
            or order._has_drop_shipment()
            or order._is_drop_shipment_type()
        ):
            return False
        goods = order.order_line.filtered(lambda line: line.product_id.type == "consu")
        if not goods:
            return False
        return self.env._(
            "Not linked to a sales order, so it would be delivered to us, not to "
            "%(customer)s: %(products)s. Remove it and use Get Sales Order, or empty "
            "Sell-to Customer.",
            customer=order.sell_to_customer_id.display_name,
            products=goods.product_id._get_drop_shipment_names(),
        )
