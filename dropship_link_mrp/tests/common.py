from odoo.fields import Command

from odoo.addons.dropship_link.tests.common import DropShipmentCommon


class KitCommon(DropShipmentCommon):
    """A kit of 2 A and 1 B that a vendor sells as the kit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.part_a = cls._new_product("Part A", price=3.0, default_code="A")
        cls.part_b = cls._new_product("Part B", price=4.0, default_code="B")
        cls.kit = cls._new_product("Kit", price=12.0)
        cls.bom = cls._new_bom(cls.kit, (cls.part_a, 2), (cls.part_b, 1))

    @classmethod
    def _new_bom(cls, product, *parts, **values):
        """Make a kit of (product, quantity[, values of the line])."""
        return cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create(
                        {
                            "product_id": part[0].id,
                            "product_qty": part[1],
                            "product_uom_id": part[0].uom_id.id,
                            **(part[2] if len(part) > 2 else {}),
                        }
                    )
                    for part in parts
                ],
                **values,
            }
        )

    @classmethod
    def _new_orders(cls, quantity=10.0, product=None, **values):
        """Return a sales order of kits and its confirmed purchase order."""
        sale = cls._new_sale((product or cls.kit, quantity, values))
        return sale, cls._new_purchase(sale, confirm=True)

    @classmethod
    def _get_moves(cls, order, *states):
        moves = order.sudo().order_line.move_ids
        if not states:
            return moves.filtered(lambda move: move.state not in ("done", "cancel"))
        return moves.filtered(lambda move: move.state in states)

    def _get_parts(self, moves):
        """Return {product: quantity} of moves, as a dict of names."""
        return {
            product.name: sum(
                move.product_uom._compute_quantity(
                    move.quantity if move.state == "done" else move.product_uom_qty,
                    product.uom_id,
                    round=False,
                )
                for move in own
            )
            for product, own in moves.grouped("product_id").items()
        }

    def _ship_parts(self, purchase, **quantities):
        """Validate the open transfer, in Inventory, with {"a": 20, "b": 7}."""
        picking = self._get_moves(purchase).picking_id
        for move in picking.move_ids:
            quantity = quantities.get(move.product_id.default_code.lower(), 0.0)
            move.quantity = quantity
            move.picked = bool(quantity)
        picking.with_context(skip_backorder=True).button_validate()
        return picking

    def assertCounts(self, sale, delivered, received=None):
        """Both orders count so many kits; the scarcest part decides."""
        self.env.invalidate_all()
        line = sale.order_line
        self.assertEqual(line.qty_delivered, delivered)
        self.assertEqual(
            sum(line.sudo().purchase_line_ids.mapped("qty_received")),
            delivered if received is None else received,
        )
