from odoo import api, models
from odoo.fields import Domain


class DropShipmentVendorList(models.AbstractModel):
    """The list *To Ship* of a vendor's portal users.

    In sudo, as they may not read the fields of drop shipments: who calls passes the
    domain of the orders that the visitor may read.
    """

    _name = "drop.shipment.vendor.list"
    _description = "Drop Shipments of a Vendor's Portal User"

    @api.model
    def _get_filters(self):
        """Return {name of a filter: its label}, in the order of the page."""
        return {
            "to_ship": self.env._("To Ship"),
            "new": self.env._("New"),
            "late": self.env._("Late"),
            "reported": self.env._("Reported"),
            "shipped": self.env._("Shipped"),
            "all": self.env._("All"),
        }

    @api.model
    def _get_count(self, visible):
        """Return how many orders are to ship."""
        domain = self._get_domain() & self._get_open_domain() & visible
        return self.env["purchase.order"].search_count(domain)

    @api.model
    def _get_orders(self, visible, name, search):
        """Return the orders of a filter that have the words in `search`.

        :param visible: domain of the orders that the visitor may read
        :param str name: of the filter
        """
        domain = self._get_domain() & visible
        if name in ("to_ship", "new", "late"):
            domain &= self._get_open_domain()
        if name == "new":
            domain &= Domain("acknowledged", "=", False)
        elif name == "reported":
            pickings = Domain("drop_shipment_reported", "!=", False) & Domain(
                "state", "not in", ("done", "cancel")
            )
            domain &= Domain("picking_ids", "any", pickings)
        elif name == "shipped":
            domain &= Domain("state", "=", "purchase") & ~self._get_open_domain()
        for word in search.split():
            domain &= self._get_search_domain(word)
        order = "date_planned desc, id desc"
        if name in ("to_ship", "new", "late", "reported"):
            order = "date_planned, id"
        orders = self.env["purchase.order"].search(domain, order=order)
        if name == "late":
            orders = orders.filtered(self._is_late)
        return orders

    @api.model
    def _get_domain(self):
        """Return the domain of drop shipments that vendors know of."""
        return (
            Domain("sell_to_customer_id", "!=", False)
            & Domain("order_line.drop_shipment", "=", True)
            & Domain("state", "in", ("sent", "purchase", "cancel"))
        )

    @api.model
    def _get_open_domain(self):
        """Return the domain of confirmed orders of which something is to ship."""
        moves = (
            Domain("state", "not in", ("done", "cancel"))
            # Without what comes back.
            & Domain("location_id.usage", "!=", "customer")
            & Domain("location_dest_id.usage", "in", ("customer", "transit"))
        )
        lines = Domain("drop_shipment", "=", True) & Domain("move_ids", "any", moves)
        return Domain("state", "=", "purchase") & Domain("order_line", "any", lines)

    @api.model
    def _get_search_domain(self, word):
        """Return the domain of orders that have a word which their page shows."""
        return Domain.OR(
            Domain(path, "ilike", word)
            for path in (
                "name",
                "partner_ref",
                "sell_to_customer_id.name",
                "dest_address_id.name",
                "dest_address_id.city",
                "order_line.name",
                "order_line.drop_shipment_sale_line_id.order_id.name",
                "order_line.drop_shipment_sale_line_id.order_id.client_order_ref",
                "picking_ids.drop_shipment_delivery_note",
                "picking_ids.drop_shipment_tracking_ref",
            )
        )

    @api.model
    def _is_late(self, order):
        """Whether something that is to ship comes too late, where the buyer is."""
        order = order.with_context(tz=order.get_order_timezone().zone)
        lines = self.env["drop.shipment.vendor.page"]._get_open_lines(order)
        return bool(self.env["drop.shipment.notices"]._filter_late(lines))

    @api.model
    def _get_rows(self, orders):
        """Return what the list shows of orders, a dict for each."""
        return [
            {
                "order": order,
                "ship_to": self._get_ship_to_text(order),
                "state": self._get_state(order),
                "late": self._is_late(order),
                "day": order._get_drop_shipment_buyer_day(order.date_planned),
            }
            for order in orders
        ]

    @api.model
    def _get_ship_to_text(self, order):
        """Return to whom and where an order is shipped."""
        address = order.dest_address_id or order.sell_to_customer_id
        name = address.name or order.sell_to_customer_id.name
        return ", ".join(part.strip() for part in (name, address.city) if part)

    @api.model
    def _get_state(self, order):
        """Return how an order stands: (colour of the badge, text)."""
        if order.state == "cancel":
            return "dark", self.env._("Cancelled")
        if order.state == "sent":
            return "light", self.env._("Request")
        if not self.env["drop.shipment.vendor.page"]._get_open_lines(order):
            return "success", self.env._("Shipped")
        if self.env["drop.shipment.vendor.report"]._get_report(order):
            return "secondary", self.env._("Reported")
        if not order.acknowledged:
            return "primary", self.env._("New")
        return "warning", self.env._("To Ship")
