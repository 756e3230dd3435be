from odoo import http
from odoo.http import request


class DropShipmentController(http.Controller):
    """The links in notes, which people of both departments read."""

    @http.route(
        [
            "/drop_shipment/<any('sale.order','purchase.order'):model>/<int:order_id>",
        ],
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def open_order(self, model, order_id):
        """Open an order for who may read it, else its rows of the list."""
        order = request.env[model].browse(order_id).exists()
        action = "action-dropship_link.drop_shipment_report_action"
        if not order:
            return request.redirect(f"/odoo/{action}")
        if order.has_access("read"):
            return request.redirect(f"/odoo/{model}/{order_id}")
        side = model.removesuffix(".order")
        return request.redirect(f"/odoo/{order_id}/{action}_of_{side}")
