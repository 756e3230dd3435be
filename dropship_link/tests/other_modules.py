from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from .common import DropShipmentCommon

MODULES = {
    "mrp_subcontracting_dropshipping",
    "purchase_mrp",
    "purchase_requisition",
    "purchase_requisition_sale",
    "purchase_requisition_stock",
    "sale_mrp",
    "sale_stock_margin",
    "stock_delivery",
    "stock_landed_costs",
}


@tagged("-standard", "dropship_modules")
class TestOtherModules(DropShipmentCommon):
    """Modules that this add-on does not depend on, but gets on with.

    Run on a database that has them, by the step `modules` of `make test`.
    """

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

    def test_modules_are_installed(self):
        """Without them the tests here would show nothing."""
        installed = self.env["ir.module.module"].search(
            [("name", "in", list(MODULES)), ("state", "=", "installed")]
        )
        self.assertEqual(set(installed.mapped("name")), MODULES)

    # ------------------------------------------------------------
    # MANUFACTURING
    # ------------------------------------------------------------

    def test_manufactured_product(self):
        """A product that can be made may be bought and drop-shipped as well."""
        self._new_bom(self.chair, "normal")
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 10)

    def test_subcontracted_product_in_the_books(self):
        """What the vendor makes of our parts passes no stock account of the product."""
        self.chair.categ_id = self.env["product.category"].create(
            {"name": "Perpetual", "property_valuation": "real_time"}
        )
        self._new_bom(
            self.chair, "subcontract", subcontractor_ids=[Command.set(self.vendor.ids)]
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertTrue(purchase.sudo().picking_ids.move_ids.is_subcontract)
        invoice = self._post_invoice(sale)
        bill = self._new_bill(purchase).sudo()
        for document, accounts in (
            (invoice, {"income", "asset_receivable"}),
            (bill, {"expense", "liability_payable"}),
        ):
            kinds = document.line_ids.account_id.mapped("account_type")
            self.assertEqual(set(kinds), accounts)

    def test_subcontracted_product_comes_back(self):
        """To the vendor, who ships it again; or to own stock, where it is."""
        self._new_bom(
            self.chair, "subcontract", subcontractor_ids=[Command.set(self.vendor.ids)]
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        line = purchase.order_line
        for destination, received, in_stock in (("vendor", 8, 0), ("stock", 10, 2)):
            dialog = sale.env["drop.shipment.return"].create(
                {"sale_order_id": sale.id, "destination": destination}
            )
            dialog.line_ids.quantity = 2
            dialog.action_return()
            self.env.invalidate_all()
            self.assertEqual(sale.order_line.qty_delivered, 8)
            self.assertEqual(line.qty_received, received)
            warehouse = sale.sudo().warehouse_id
            chair = self.chair.with_context(location=warehouse.lot_stock_id.id)
            self.assertEqual(chair.qty_available, in_stock)
            if destination == "vendor":
                self.assertIn("Not on its way", sale.drop_shipment_notice)
                purchase.action_ship_drop_shipment_again()
                self._post(sale)
                self.assertEqual(
                    (sale.order_line.qty_delivered, line.qty_received), (10,) * 2
                )

    def test_operation_type_of_subcontracting_is_not_chosen(self):
        """Though it comes first, by every way to make the purchase order."""
        types = self.env["stock.picking.type"].search(
            [("code", "=", "dropship"), ("company_id", "=", self.company.id)]
        )
        subcontracting = types.filtered(
            lambda picking_type: (
                picking_type.default_location_dest_id.usage != "customer"
            )
        )
        self.assertTrue(subcontracting)
        subcontracting.sequence = -100
        fetched = self._new_purchase(self._new_sale())
        sale = self._new_sale()
        self.env.invalidate_all()
        sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        created = sale.sudo().order_line.purchase_line_ids.order_id
        for purchase in (fetched, created):
            self.assertIn(purchase.picking_type_id, types - subcontracting)
            self.assertEqual(
                purchase.picking_type_id.default_location_dest_id.usage, "customer"
            )
        fetched.button_confirm()
        picking = fetched.sudo().picking_ids
        self.assertEqual(picking.location_dest_id.usage, "customer")

    def test_operation_type_of_subcontracting_is_refused(self):
        """Goods for a subcontractor are none for a customer."""
        sale = self._new_sale()
        purchase = self._new_purchase(
            picking_type_id=self.company.dropship_subcontractor_pick_type_id.id,
            dest_address_id=self.ship_to.id,
        )
        with self.assertRefused("Deliver To is not Dropship"):
            purchase.order_line = [
                Command.create(
                    {
                        "product_id": self.chair.id,
                        "product_qty": 10,
                        "sale_line_id": sale.order_line.id,
                    }
                )
            ]
        self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 0)

    def test_subcontracted_product(self):
        """The subcontractor ships what he made straight to the customer."""
        self._new_bom(
            self.chair, "subcontract", subcontractor_ids=[Command.set(self.vendor.ids)]
        )
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(sale.order_line.qty_to_ship, 10)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)
        self.assertEqual(purchase.order_line.qty_received, 10)
        self.assertEqual(sale.order_line.drop_shipment_state, "shipped")

    # ------------------------------------------------------------
    # PURCHASE AGREEMENTS
    # ------------------------------------------------------------

    def _new_blanket_order(self, price):
        """Return a confirmed blanket order of the vendor for chairs."""
        agreement = self.env["purchase.requisition"].create(
            {
                "vendor_id": self.vendor.id,
                "requisition_type": "blanket_order",
                "line_ids": [
                    Command.create(
                        {
                            "product_id": self.chair.id,
                            "product_qty": 100,
                            "price_unit": price,
                        }
                    )
                ],
            }
        )
        agreement.action_confirm()
        return agreement

    def test_price_of_a_blanket_order(self):
        """8.00 is agreed for releases of the blanket order, 12.00 for all others."""
        agreement = self._new_blanket_order(8)
        ordinary = self._new_purchase(self._new_sale())
        self.assertEqual(ordinary.order_line.price_unit, 12)
        self.assertEqual(ordinary.amount_untaxed, 120)
        release = self._new_purchase(self._new_sale(), requisition_id=agreement.id)
        self.assertEqual(release.order_line.price_unit, 8)
        self.assertEqual(release.amount_untaxed, 80)
        sale = self._new_sale()
        self.env.invalidate_all()
        sale.with_user(self.buyer).action_create_drop_shipment_purchases()
        self.assertEqual(sale.sudo().order_line.purchase_line_ids.price_unit, 12)

    def test_agreed_price_of_a_release_stays(self):
        """Also when core's agreements would price the new quantity."""
        agreement = self._new_blanket_order(8)
        sale = self._new_sale()
        release = self._new_purchase(sale, requisition_id=agreement.id)
        release.order_line.price_unit = 7.5
        sale.order_line.product_uom_qty = 9
        self.assertEqual(release.order_line.price_unit, 7.5)
        release.button_confirm()
        self._post(sale, quantity=3)
        release.action_close_drop_shipment_remainder()
        self.assertEqual(release.order_line.price_unit, 7.5)
        self.assertEqual(release.amount_untaxed, 22.5)

    def test_minimum_beside_a_blanket_order(self):
        """The price of the blanket order is none for an ordinary request."""
        self._new_blanket_order(8)
        self.chair.seller_ids.filtered(lambda price: price.price == 12).min_qty = 20
        purchase = self._new_purchase(self._new_sale())
        self.assertEqual(purchase.order_line.price_unit, 10)
        self.assertIn("sells at least 20", self._chatter(purchase))

    # ------------------------------------------------------------
    # APPROVAL, DELIVERY, LANDED COSTS
    # ------------------------------------------------------------

    def test_two_step_approval(self):
        """Until it is approved it counts as ordered but can't be posted."""
        self.company.write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1}
        )
        manager = self._new_user("manager", "purchase.group_purchase_manager")
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(purchase.state, "to approve")
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(sale.order_line.drop_shipment_state, "rfq")
        with self.assertRefused(f"not confirmed {purchase.name}"):
            self._post(sale)
        self.env.invalidate_all()
        purchase.with_user(manager).button_approve()
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 10)

    def _get_landed_costs(self, sale):
        """Return (cost line, balance by account) of landed costs on its transfer."""
        product = self.env["product.product"].create(
            {"name": "Freight", "type": "service", "landed_cost_ok": True}
        )
        cost = self.env["stock.landed.cost"].create(
            {
                "picking_ids": [Command.set(sale.sudo().picking_ids.ids)],
                "cost_lines": [
                    Command.create(
                        {
                            "name": "Freight",
                            "split_method": "equal",
                            "price_unit": 30,
                            "product_id": product.id,
                        }
                    )
                ],
            }
        )
        cost.compute_landed_cost()
        values = cost.valuation_adjustment_lines.mapped("additional_landed_cost")
        cost.button_validate()
        self.assertEqual(cost.state, "done")
        lines = cost.account_move_id.line_ids
        return values, sorted((line.account_id.id, line.balance) for line in lines)

    def _new_average_product(self, name, **values):
        category = self.env["product.category"].create(
            {
                "name": "Average",
                "property_cost_method": "average",
                "property_valuation": "real_time",
            }
        )
        return self._new_product(name, price=12.0, categ_id=category.id, **values)

    def test_landed_costs(self):
        """On the transfer of a drop shipment as on that of core's own."""
        ours = self._new_average_product("Ours")
        core = self._new_average_product(
            "Core",
            route_ids=[
                Command.set(self.env.ref("stock_dropshipping.route_drop_shipping").ids)
            ],
        )
        own_sale = self._new_sale((ours, 10))
        self._new_purchase(own_sale, confirm=True)
        self._post(own_sale)
        core_sale = self._new_sale((core, 10, {"drop_shipment": False}))
        core_sale.sudo().order_line.purchase_line_ids.order_id.button_confirm()
        self._deliver(core_sale.picking_ids)
        self.assertEqual(core_sale.order_line.qty_delivered, 10)
        costs = self._get_landed_costs(own_sale)
        self.assertEqual(costs, self._get_landed_costs(core_sale))
        self.assertEqual(costs[0], [30])
        self.assertEqual(ours.standard_price, 10)

    def test_warehouse_user_and_landed_costs(self):
        """One without rights on them validates a drop shipment and its return."""
        user = self._new_user("warehouse", "stock.group_stock_user")
        product = self._new_average_product("Average")
        sale = self._new_sale((product, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale, "ship", 4)
        self._get_landed_costs(sale)
        self._post_invoice(sale)
        self._new_bill(purchase)
        picking = purchase.sudo().picking_ids.filtered(
            lambda picking: picking.state != "done"
        )
        picking.move_ids.picked = True
        self.env.flush_all()
        self.env.invalidate_all()
        picking.with_user(user).button_validate()
        self.env.flush_all()
        self.env.invalidate_all()
        self._return(picking.with_user(user), 2)
        self.env.flush_all()
        self.assertEqual(sale.order_line.qty_delivered, 8)
        self.assertEqual(product.standard_price, 10)

    # ------------------------------------------------------------
    # MARGINS
    # ------------------------------------------------------------

    def assertMargin(self, sale, cost, margin):
        self.env.flush_all()
        self.env.invalidate_all()
        line = sale.order_line
        self.assertAlmostEqual(line.purchase_price, cost)
        self.assertAlmostEqual(line.margin, margin)

    def test_margin(self):
        """The cost of a sale is what the vendor asks, and then what the vendor bills.

        Whatever was returned to the vendor and shipped again meanwhile.
        """
        product = self._new_average_product("Average")
        sale = self._new_sale((product, 10))
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertMargin(sale, 12, 80)
        bill = self._new_bill(purchase, post=False)
        bill.invoice_line_ids.price_unit = 13
        self._post_invoice(sale)
        bill.action_post()
        self.assertMargin(sale, 13, 70)
        returned = self._return(sale.sudo().picking_ids, 4)
        # What went back is billed still, until the vendor refunds it.
        self.assertMargin(sale, 13, 70)
        self._return(returned, 4)
        self.assertMargin(sale, 13, 70)
        self.assertEqual(product.standard_price, 10)

    def test_margin_partly_from_stock(self):
        """Each part at its own cost; a sale in dozens, with the first in, first out."""
        product = self._new_average_product("FIFO")
        product.categ_id.property_cost_method = "fifo"
        self._receive(product, 12, 5.0)
        sale = self._new_sale(
            (product, 2, {"product_uom_id": self.uom_dozen.id, "drop_shipment": False})
        )
        self._deliver(sale.picking_ids, 12)
        sale.sudo().picking_ids.filtered(
            lambda picking: picking.state != "done"
        ).action_cancel()
        sale.order_line.drop_shipment = True
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        price = 12 * (12 + 5) / 2
        self.assertMargin(sale, price, sale.amount_untaxed - 2 * price)

    def test_margin_of_kits_partly_from_stock(self):
        """4 kits of 2 parts at 10 each came from stock; the vendor asks 12 for one."""
        kit = self._new_product("Kit", price=12.0)
        self._new_bom(kit, "phantom")
        self.env["stock.quant"]._update_available_quantity(
            self.component, self.env.ref("stock.stock_location_stock"), 8
        )
        sale = self._new_sale((kit, 10, {"drop_shipment": False}))
        self._deliver(sale.picking_ids, 8)
        sale.sudo().picking_ids.filtered(
            lambda picking: picking.state != "done"
        ).action_cancel()
        sale.order_line.drop_shipment = True
        self.assertMargin(sale, 15.2, 48)
        self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertMargin(sale, 15.2, 48)

    def _receive(self, product, quantity, price):
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.other_vendor.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_qty": quantity,
                            "price_unit": price,
                        }
                    )
                ],
            }
        )
        purchase.button_confirm()
        self._deliver(purchase.picking_ids)

    def test_posting_many_asks_a_question(self):
        """Where an app asks something about the transfer, the list says so."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        dialog = sale.env["drop.shipment.post"]
        question = {"type": "ir.actions.act_window", "res_model": "question"}
        picking = self.registry["stock.picking"]
        with (
            patch.object(picking, "button_validate", lambda _self: question),
            self.assertRefused(f"{sale.name} can't be posted here"),
        ):
            dialog.post_lines(sale.order_line.ids, "ship", sale_order_id=sale.id)
