from odoo.fields import Command

from odoo.addons.dropship_link.tests.common import DropShipmentCommon


class TestKits(DropShipmentCommon):
    """Kits are refused, and delivered from stock as core does it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.component = cls._new_product("Component")

    def _new_bom(self, product, bom_type, **values):
        return self.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "type": bom_type,
                "bom_line_ids": [
                    Command.create({"product_id": self.component.id, "product_qty": 2})
                ],
                **values,
            }
        )

    def test_kit_is_refused(self):
        """A salesman without rights on bills of materials is told why."""
        kit = self._new_product("Kit")
        self._new_bom(kit, "phantom")
        self.env.invalidate_all()
        with self.assertRefused("Kit.*A kit can't be drop-shipped as a whole"):
            self._new_sale((kit, 1))
        sale = self._new_sale((kit, 1, {"drop_shipment": False}), confirm=False)
        self.env.invalidate_all()
        with self.assertRefused("Kit.*A kit can't be drop-shipped as a whole"):
            sale.order_line.drop_shipment = True
        self.assertFalse(sale.order_line.drop_shipment)

    def test_kit_made_after_linking(self):
        """A product becomes a kit while it is on a request for quotation."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self._new_bom(self.chair, "phantom")
        self.env.invalidate_all()
        with self.assertRefused(f"{purchase.name} has a kit.*Chair.*Unlink it"):
            purchase.button_confirm()
        purchase.button_cancel()
        with self.assertRefused(
            rf"{purchase.name}, line 1 \(Chair\) can't be linked to sales order "
            rf"{sale.name}: A kit can't be drop-shipped as a whole"
        ):
            purchase.button_draft()

    def test_kit_takes_no_default(self):
        """The tick on the product of a kit does not reach its lines."""
        kit = self._new_product("Kit", drop_shipment=True)
        self._new_bom(kit, "phantom")
        sale = (
            self.env["sale.order"]
            .with_user(self.salesman)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [
                        Command.create({"product_id": kit.id}),
                        Command.create({"product_id": self.chair.id}),
                    ],
                }
            )
        )
        self.assertFalse(any(sale.order_line.mapped("drop_shipment")))

    def test_kit_beside_a_drop_shipment(self):
        """The kit is delivered from stock as core does it."""
        kit = self._new_product("Kit")
        self._new_bom(kit, "phantom")
        sale = self._new_sale((self.chair, 10), (kit, 1, {"drop_shipment": False}))
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 0])
        self.assertEqual(sale.delivery_status, "partial")
        self._deliver(
            sale.picking_ids.filtered(lambda picking: picking.state != "done")
        )
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [10, 1])
