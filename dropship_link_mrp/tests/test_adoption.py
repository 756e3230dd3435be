from odoo.fields import Command

from .common import KitCommon


class TestAdoption(KitCommon):
    """Kits that were linked by other ways than Get Sales Order."""

    def _new_linked(self, sale, **values):
        """Return a purchase order whose line a program has linked."""
        dropship = self.env["stock.picking.type"].search(
            [
                ("code", "=", "dropship"),
                ("company_id", "=", self.company.id),
                ("default_location_dest_id.usage", "=", "customer"),
            ],
            limit=1,
        )
        return (
            self.env["purchase.order"]
            .with_user(self.buyer)
            .create(
                {
                    "partner_id": self.vendor.id,
                    "picking_type_id": dropship.id,
                    "dest_address_id": sale.partner_shipping_id.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.kit.id,
                                "product_qty": 10,
                                "sale_line_id": sale.order_line.id,
                            }
                        )
                    ],
                    **values,
                }
            )
        )

    def test_linked_by_a_program(self):
        """A line that comes by the external API or an import is a kit as well."""
        sale = self._new_sale((self.kit, 10))
        purchase = self._new_linked(sale, sell_to_customer_id=self.customer.id)
        self.bom.bom_line_ids[0].product_qty = 5
        purchase.button_confirm()
        self.assertEqual(
            self._get_parts(self._get_moves(purchase)), {"Part A": 20, "Part B": 10}
        )
        self._post(sale, quantity=4)
        self.assertCounts(sale, 4)

    def test_adopted(self):
        """What core has exploded is counted in kits from the adoption on."""
        sale = self._new_sale((self.kit, 10, {"drop_shipment": False}))
        sale.sudo().picking_ids.action_cancel()
        purchase = self._new_linked(sale)
        purchase.sudo().button_confirm()
        self._ship_parts(purchase, a=8, b=4)
        self.env["drop.shipment.adoption"]._adopt(
            sale.order_line.with_user(self.env.user)
        )
        self.assertCounts(sale, 4)
        self.assertEqual(sale.order_line.qty_to_ship, 6)
        self._post(sale)
        self.assertCounts(sale, 10)
        self.assertFalse(self._get_moves(purchase))

    def test_parts_are_not_adopted(self):
        """Core's route has ordered parts, which are no kits."""
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        (self.part_a | self.part_b).route_ids = [Command.set(route.ids)]
        sale = self._new_sale((self.kit, 10, {"drop_shipment": False}))
        refusals = self.env["drop.shipment.adoption"]._get_refusals(
            sale.order_line.sudo()
        )
        self.assertEqual(list(refusals.values()), ["The product differs."])
