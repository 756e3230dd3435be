from odoo.fields import Command
from odoo.tests import tagged

from .test_margin import MarginCommon


@tagged("-standard", "dropship_modules")
class TestMarginOfKits(MarginCommon):
    """The cost of kits, of which own stock delivers the parts.

    Run on a database that has Manufacturing, by the step `modules` of `make test`.
    """

    @classmethod
    def _new_kit(cls, quantity, uom):
        """Return a kit that its vendor sells at 12: one A at 10 and two B at 3.

        :param quantity: of which the bill of materials is
        """
        parts = {cls._new_product("A"): 1, cls._new_product("B", standard_price=3): 2}
        kit = cls._new_product("Kit", price=12.0, standard_price=0.0)
        units = uom._compute_quantity(quantity, cls.uom_unit)
        cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "product_qty": quantity,
                "product_uom_id": uom.id,
                "bom_line_ids": [
                    Command.create({"product_id": part.id, "product_qty": each * units})
                    for part, each in parts.items()
                ],
            }
        )
        warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        for part in parts:
            cls.env["stock.quant"]._update_available_quantity(
                part, warehouse.lot_stock_id, 100
            )
        return kit

    def _new_partly_delivered(self, kit, quantity, **values):
        """Return a sale of so many kits, of which own stock delivered a half."""
        sale = self._new_sale((kit, quantity, {"drop_shipment": False, **values}))
        picking = sale.sudo().picking_ids
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty / 2
            move.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        (sale.sudo().picking_ids - picking).action_cancel()
        sale.order_line.drop_shipment = True
        return sale

    def test_part_from_own_stock(self):
        """12 of 24 came from stock at 16, the rest is shipped by the vendor at 12."""
        for quantity, uom in ((1, self.uom_unit), (6, self.uom_unit)):
            kit = self._new_kit(quantity, uom)
            sale = self._new_partly_delivered(kit, 24)
            self.assertCost(sale, 14)
            self._new_purchase(sale, confirm=True)
            self._post(sale)
            self.assertCost(sale, 14)

    def test_bill_of_materials_in_dozens(self):
        """Whatever unit the bill of materials is in, and the sales line."""
        kit = self._new_kit(1, self.uom_dozen)
        sale = self._new_partly_delivered(kit, 24)
        self.assertCost(sale, 14)
        dozen = {"product_uom_id": self.uom_dozen.id, "price_unit": 240.0}
        sale = self._new_partly_delivered(kit, 2, **dozen)
        self.assertCost(sale, 168)

    def test_changed_afterwards(self):
        """What own stock delivered cost what it did, whatever the kit takes now."""
        kit = self._new_kit(1, self.uom_unit)
        sale = self._new_partly_delivered(kit, 24)
        self._new_purchase(sale, confirm=True)
        kit.bom_ids.bom_line_ids[0].product_qty = 4
        self._post(sale)
        self.assertCost(sale, 14)
