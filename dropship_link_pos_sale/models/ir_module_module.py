from odoo import models
from odoo.exceptions import UserError


class IrModuleModule(models.Model):
    """Keeps the add-on as long as what was paid at the till is to be shipped."""

    _inherit = "ir.module.module"

    def button_uninstall(self):
        # Also where another module goes, on which this add-on depends.
        res = super().button_uninstall()
        leaving = self.search([("state", "=", "to remove")])
        if "dropship_link_pos_sale" in leaving.mapped("name"):
            self._check_no_open_drop_shipments_paid()
        return res

    def _check_no_open_drop_shipments_paid(self):
        """Refuse to remove this add-on while what was paid at the till is under way.

        Core takes it for delivered, and *Drop Shipment Link* alone for not invoiced:
        the vendor's bill could not be posted, and there is nothing to invoice.

        :raise UserError: names the sales orders and what to do
        """
        # sudo: an administrator may lack rights on sales orders.
        lines = (
            self.env["sale.order.line"]
            .sudo()
            .search(
                [
                    ("drop_shipment", "=", True),
                    ("pos_order_line_ids", "!=", False),
                    ("state", "!=", "cancel"),
                    ("drop_shipment_state", "!=", "done"),
                ]
            )
        )
        orders = lines.order_id.sorted("name").mapped("name")
        if orders:
            raise UserError(
                self.env._(
                    "Drop Shipment Link: Point of Sale can't be removed: vendors are "
                    "still to ship or to bill what was paid at the till on %(orders)s, "
                    "and it would count as delivered, and as not invoiced. Post these "
                    "orders and their bills first.",
                    orders=", ".join(orders[:5] + ["…"] * (len(orders) > 5)),
                )
            )
