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
        """Refuse to remove this add-on while a vendor is to ship parts of a kit.

        What they make would be counted no more: never as received, and all or nothing
        as delivered.

        :raise UserError: names the orders and what to do
        """
        # sudo: an administrator may lack rights on purchase orders.
        moves = (
            self.env["stock.move"]
            .sudo()
            .search(
                [
                    ("purchase_line_id.drop_shipment", "=", True),
                    ("state", "not in", ("done", "cancel")),
                ]
            )
            .filtered(lambda move: move._is_drop_shipment_part())
        )
        orders = moves.purchase_line_id.order_id.sorted("name").mapped("name")
        if orders:
            raise UserError(
                self.env._(
                    "Drop Shipment Link: Kits can't be removed: parts of kits are "
                    "still to be shipped on %(orders)s, and nothing would count them. "
                    "Post these orders or close their remainder first.",
                    orders=", ".join(orders[:5] + ["…"] * (len(orders) > 5)),
                )
            )
