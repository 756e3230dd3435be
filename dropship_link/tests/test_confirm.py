from odoo.exceptions import AccessError
from odoo.fields import Command

from .common import DropShipmentCommon


class TestConfirm(DropShipmentCommon):
    """What must be in order before the vendor is told to ship."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.purchase_manager = cls._new_user(
            "purchase_manager", "purchase.group_purchase_manager"
        )

    def _add_line(self, purchase, **values):
        """Add a line to `purchase`, as its user would."""
        purchase.order_line = [Command.create({"product_qty": 1, **values})]
        return purchase.order_line[-1]

    # ------------------------------------------------------------
    # What confirming makes
    # ------------------------------------------------------------

    def test_buyer_without_sales_rights_confirms(self):
        """One transfer from the vendor to the ship-to, linked both ways."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase(sale)
        self.env.invalidate_all()
        purchase.button_confirm()
        self.assertEqual(purchase.state, "purchase")
        picking = purchase.picking_ids.sudo()
        self.assertEqual(picking, sale.picking_ids)
        self.assertEqual(picking.picking_type_id.code, "dropship")
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(picking.sale_id, sale.sudo())
        self.assertEqual(picking.location_id.usage, "supplier")
        self.assertEqual(picking.location_dest_id.usage, "customer")
        self.assertEqual(picking.move_ids.partner_id, self.ship_to)
        self.assertEqual(picking.move_ids.sale_line_id, sale.sudo().order_line)
        self.assertEqual(picking.move_ids.purchase_line_id, purchase.sudo().order_line)
        self.assertEqual(sale.order_line.mapped("qty_to_ship"), [10, 2])
        self.assertEqual(len(sale.order_line), 2)

    def test_one_transfer_for_each_sales_order(self):
        """Core finds the sales order of a transfer by its first line only."""
        first = self._new_sale((self.chair, 1), (self.desk, 2))
        second = self._new_sale((self.chair, 3), (self.desk, 4))
        purchase = self._new_purchase(first, second, confirm=True)
        self.assertEqual(len(purchase.picking_ids), 2)
        for sale, quantities in ((first, [1, 2]), (second, [3, 4])):
            picking = sale.picking_ids.sudo()
            self.assertEqual(len(picking), 1)
            self.assertEqual(picking.sale_id.id, sale.id)
            self.assertEqual(
                picking.move_ids.sorted("id").mapped("product_uom_qty"), quantities
            )
            self.assertEqual(picking.move_ids.sale_line_id.order_id.id, sale.id)
        self.assertEqual(purchase.sudo().sale_order_count, 2)

    def test_confirm_several_orders_at_once(self):
        """From the list: a drop shipment together with an order for own stock."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        ordinary = self._new_purchase(
            sell_to_customer_id=False,
            order_line=[
                Command.create({"product_id": self.chair.id, "product_qty": 5})
            ],
        )
        (ordinary | purchase).button_confirm()
        self.assertEqual(purchase.picking_ids.picking_type_id.code, "dropship")
        self.assertEqual(ordinary.picking_ids.picking_type_id.code, "incoming")
        self.assertFalse(ordinary.picking_ids.sudo().move_ids.sale_line_id)
        self.assertEqual(sale.order_line.qty_to_ship, 10)

    def test_sell_to_customer_alone_changes_nothing(self):
        """Without links it is an ordinary purchase order."""
        purchase = self._new_purchase(
            order_line=[
                Command.create({"product_id": self.chair.id, "product_qty": 5})
            ],
        )
        purchase.button_confirm()
        self.assertEqual(purchase.picking_ids.picking_type_id.code, "incoming")

    def test_salesman_may_not_confirm(self):
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            purchase.with_user(self.salesman).button_confirm()
        self.assertEqual(purchase.state, "draft")
        self.assertFalse(sale.picking_ids)

    # ------------------------------------------------------------
    # What must be in order
    # ------------------------------------------------------------

    def test_sales_order_must_be_confirmed(self):
        """Even where an import or a script took the sales order back."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        sale.write({"state": "draft"})
        for action in (purchase.button_confirm, purchase.action_rfq_send):
            with (
                self.subTest(action=action.__name__),
                self.assertRefused(rf"{purchase.name} .*{sale.name}.* not confirmed"),
            ):
                action()
        self.assertEqual(purchase.state, "draft")
        self.assertFalse(purchase.picking_ids)
        sale.action_confirm()
        purchase.button_confirm()
        self.assertEqual(purchase.state, "purchase")

    def test_ship_to_is_needed(self):
        """An order that lost its address would ship to nowhere."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE purchase_order SET dest_address_id = NULL WHERE id = %s",
            [purchase.id],
        )
        self.env.invalidate_all()
        for action in (purchase.button_confirm, purchase.action_rfq_send):
            with (
                self.subTest(action=action.__name__),
                self.assertRefused(rf"{purchase.name} .*ship-to"),
            ):
                action()
        self.assertFalse(purchase.picking_ids)

    def test_places_of_our_own_are_refused(self):
        """Consignment stock: it would be a receipt or a delivery, never posted."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        # Buyers may not read where goods are kept.
        for contact, name, label in (
            (self.ship_to, "property_stock_customer", "Customer Location"),
            (self.vendor, "property_stock_supplier", "Vendor Location"),
        ):
            proper = contact[name]
            for usage in ("internal", "transit"):
                contact[name] = self.env["stock.location"].create(
                    {"name": "Consigned", "usage": usage, "company_id": self.company.id}
                )
                with self.assertRefused(
                    f"{purchase.name} is no drop shipment: {label} of "
                    f"{contact.display_name} is Consigned"
                ):
                    purchase.button_confirm()
                with self.assertRefused("Consigned"):
                    purchase.action_rfq_send()
            self.assertEqual(purchase.state, "draft")
            # One of their own, or between companies of this database, will do.
            proper = proper.copy({"name": "Theirs"})
            contact[name] = proper
        purchase.button_confirm()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def test_places_of_other_companies_do_not_matter(self):
        """Each company has a location of its own for a contact."""
        purchase = self._new_purchase(self._new_sale())
        other = self.env["res.company"].create({"name": "Other Company"})
        self.vendor.with_company(other).property_stock_supplier = self.env[
            "stock.location"
        ].create({"name": "Consigned", "usage": "internal", "company_id": other.id})
        purchase.button_confirm()
        self.assertEqual(purchase.state, "purchase")

    def test_goods_for_own_stock_are_refused(self):
        """The vendor would ship them to the customer, who would pay for them."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self._add_line(purchase, product_id=self.desk.id)
        for action in (
            purchase.button_confirm,
            purchase.action_rfq_send,
            purchase.with_context(send_rfq=True).action_rfq_send,
        ):
            with (
                self.subTest(action=action.__name__),
                self.assertRefused(rf"{purchase.name}, line 2 \(Desk\)"),
            ):
                action()
        self.assertEqual(purchase.state, "draft")
        self.assertFalse(purchase.picking_ids)
        self.assertEqual(len(sale.order_line), 1)

    def test_sections_notes_and_services_do_not_count(self):
        """They go to nobody."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        for display_type in ("line_section", "line_note"):
            self._add_line(
                purchase, display_type=display_type, name="Please hurry", product_qty=0
            )
        self._add_line(purchase, product_id=self.service.id)
        purchase.action_rfq_send()
        purchase.button_confirm()
        self.assertEqual(purchase.state, "purchase")
        self.assertEqual(len(purchase.sudo().picking_ids.move_ids), 1)
        self._post(sale)
        self.assertEqual(len(sale.order_line), 1)

    def test_goods_added_to_a_confirmed_order_are_refused(self):
        """A mixed order can't arise later either."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        with self.assertRefused(rf"{purchase.name}.*Desk"):
            self._add_line(purchase, product_id=self.desk.id)
        self.assertEqual(len(purchase.order_line), 1)
        self.assertEqual(len(purchase.sudo().picking_ids.move_ids), 1)
        service = self._add_line(purchase, product_id=self.service.id)
        with self.assertRefused(rf"{purchase.name}.*Desk"):
            service.product_id = self.desk
        self.assertEqual(service.product_id, self.service)

    def test_goods_moved_into_a_confirmed_order_are_refused(self):
        """Moving a line of another order there is adding goods too."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        other = self._new_purchase(
            order_line=[Command.create({"product_id": self.desk.id})]
        )
        with self.assertRefused(rf"{purchase.name}.*Desk"):
            other.order_line.order_id = purchase
        self.assertEqual(other.order_line.product_id, self.desk)

    def test_core_links_of_one_order_do_not_mix(self):
        """Goods of core's own dropship on the order are linked to nobody of ours."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 1, {"drop_shipment": False})
        )
        purchase = self._new_purchase(sale)
        self._add_line(
            purchase, product_id=self.desk.id, sale_line_id=sale.order_line[1].id
        )
        with self.assertRefused(rf"{purchase.name}, line 2 \(Desk\)"):
            purchase.button_confirm()
        self.assertEqual(purchase.state, "draft")

    # ------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------

    def test_order_that_waits_for_approval(self):
        """It counts as ordered, but can't be posted until a manager approved it."""
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1.0}
        )
        sale = self._new_sale()
        line = sale.order_line
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.state, "to approve")
        self.assertFalse(purchase.picking_ids)
        self.assertEqual(line.drop_shipment_qty_ordered, 10)
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        self.assertEqual(line.drop_shipment_state, "rfq")
        self.assertEqual(line.qty_to_ship, 0)
        for order in (sale, purchase):
            with (
                self.subTest(order=order._name),
                self.assertRefused(rf"{purchase.name}"),
            ):
                order.action_post_drop_shipment()

        purchase.with_user(self.purchase_manager).button_approve()
        self.assertEqual(purchase.state, "purchase")
        self.assertEqual(line.drop_shipment_state, "ordered")
        self.assertEqual(line.qty_to_ship, 10)
        self._post(sale)
        self.assertEqual(line.qty_delivered, 10)

    def test_approval_checks_again(self):
        """What went wrong while the order waited is found when it is approved."""
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1.0}
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale.write({"state": "draft"})
        with self.assertRefused(rf"{purchase.name} .*{sale.name}"):
            purchase.with_user(self.purchase_manager).button_approve()
        self.assertEqual(purchase.state, "to approve")
        self.assertFalse(purchase.picking_ids)
