from odoo import models
from odoo.exceptions import UserError


class IrModuleModule(models.Model):
    """Keeps the add-on as long as a vendor is to ship parts of kits."""

    _inherit = "ir.module.module"

    def button_uninstall(self):
        # Also where another module goes, on which this add-on depends.
        res = super().button_uninstall()
        leaving = self.search([("state", "=", "to remove")])
        if "dropship_link_mrp" in leaving.mapped("name"):
            self._check_no_open_drop_shipment_kits()
        return res

    def _check_no_open_drop_shipment_kits(self):
        """Refuse to remove this add-on while vendors are to ship kits.

        They would be counted no more: never as received, and all or nothing as
        delivered.

        :raise UserError: names the orders and what to do
        """
        # sudo: an administrator may lack rights on purchase orders.
        lines = (
            self.env["purchase.order.line"]
            .sudo()
            .search(
                [
                    ("drop_shipment", "=", True),
                    ("state", "!=", "cancel"),
                    "|",
                    ("state", "!=", "purchase"),
                    ("move_ids.state", "not in", ("done", "cancel")),
                ]
            )
            .filtered(lambda line: line._get_drop_shipment_parts())
        )
        orders = lines.order_id.sorted("name").mapped("name")
        if orders:
            raise UserError(
                self.env._(
                    "Drop Shipment Link: Kits can't be removed: vendors are still to "
                    "ship kits on %(orders)s, and nothing would count them. Post these "
                    "orders, close their remainder or cancel them first.",
                    orders=", ".join(orders[:5] + ["…"] * (len(orders) > 5)),
                )
            )
