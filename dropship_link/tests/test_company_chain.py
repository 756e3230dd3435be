from odoo.fields import Command

from .common import DropShipmentCommon


class TestCompanyChain(DropShipmentCommon):
    """Companies of one database sell to each other; the last vendor ships to the end.

    The shop sells to the customer and buys from the trader; the trader sells to the
    shop and buys from the vendor, who ships straight to the customer. Core's rules
    between companies are no part of this edition: each side enters its own orders.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trader = cls.env["res.company"].create({"name": "Trader"})
        cls.env.cr.precommit.run()
        groups = "sales_team.group_sale_salesman,purchase.group_purchase_user"
        cls.trading = cls._new_user("trading", groups, company=cls.trader)
        sellers = [
            Command.create(
                {"partner_id": partner.id, "price": price, "company_id": company.id}
            )
            for partner, price, company in (
                (cls.trader.partner_id, 15.0, cls.company),
                (cls.vendor, 12.0, cls.trader),
            )
        ]
        cls.stool = cls._new_product("Stool", seller_ids=sellers)
        cls.serial_chair = cls._new_product(
            "Serial Chair", tracking="serial", seller_ids=sellers
        )

    def _new_chain(self, product, quantity):
        """Return (sale, purchase) of the shop, then of the trader, all confirmed."""
        sale = self._new_sale((product, quantity))
        purchase = self._new_purchase(sale, partner_id=self.trader.partner_id.id)
        purchase.button_confirm()
        trader_sale = self._new_sale(
            (product, quantity),
            user=self.trading,
            partner_id=self.company.partner_id.id,
            client_order_ref=purchase.name,
        )
        seller = product.seller_ids.filtered(
            lambda seller: seller.company_id == self.trader
        )
        trader_purchase = self._new_purchase(
            trader_sale,
            user=self.trading,
            partner_id=seller.partner_id.id,
            sell_to_customer_id=self.company.partner_id.id,
        )
        trader_purchase.button_confirm()
        return sale, purchase, trader_sale, trader_purchase

    def assertShipped(self, sale, purchase, quantity):
        self.env.invalidate_all()
        picking = sale.sudo().picking_ids
        self.assertEqual(set(picking.mapped("state")), {"done"})
        self.assertEqual(picking.company_id, sale.sudo().company_id)
        self.assertTrue(all(picking.mapped("is_drop_shipment")))
        self.assertEqual(sale.sudo().order_line.qty_delivered, quantity)
        self.assertEqual(purchase.sudo().order_line.qty_received, quantity)

    def test_prices_and_addresses(self):
        """Each side buys at its own price; all goods go to the end customer."""
        chain = self._new_chain(self.serial_chair, 2)
        sale, purchase, trader_sale, trader_purchase = chain
        self.assertEqual(purchase.order_line.price_unit, 15)
        self.assertEqual(trader_purchase.order_line.price_unit, 12)
        self.assertEqual(purchase.company_id, self.company)
        self.assertEqual(trader_purchase.company_id, self.trader)
        for order in (purchase, trader_purchase):
            self.assertEqual(order.sudo().dest_address_id, self.ship_to)
        self.assertEqual(trader_sale.order_line.drop_shipment_state, "ordered")
        self.assertEqual(sale.order_line.drop_shipment_state, "ordered")

    def test_serial_numbers(self):
        """The same numbers pass through both companies, whoever posts first."""
        for first in (0, 1):
            with self.subTest(first_company=first):
                sale, purchase, trader_sale, trader_purchase = self._new_chain(
                    self.serial_chair, 2
                )
                numbers = [f"SN-{first}-1", f"SN-{first}-2"]
                sides = [(sale, purchase), (trader_sale, trader_purchase)]
                if first:
                    sides.reverse()
                for order, _purchase in sides:
                    picking = order.sudo().picking_ids
                    for line, name in zip(picking.move_line_ids, numbers, strict=True):
                        line.lot_name = name
                    self.env.invalidate_all()
                    self._post(order)
                for order, bought in sides:
                    self.assertShipped(order, bought, 2)
                    lots = order.sudo().picking_ids.move_line_ids.lot_id
                    self.assertEqual(sorted(lots.mapped("name")), numbers)

                # All is with the end customer, and nothing on the way.
                quants = lots.quant_ids.filtered(
                    lambda quant: (
                        quant.quantity and quant.location_id.usage != "supplier"
                    )
                )
                self.assertEqual(quants.mapped("quantity"), [1, 1])
                self.assertEqual(
                    quants.location_id, self.ship_to.property_stock_customer
                )

    def test_company_in_the_middle(self):
        """A third company between the two: it buys and sells within the database."""
        maker = self.env["res.company"].create({"name": "Maker"})
        self.env.cr.precommit.run()
        groups = "sales_team.group_sale_salesman,purchase.group_purchase_user"
        making = self._new_user("making", groups, company=maker)
        self.stool.seller_ids.filtered(
            lambda seller: seller.company_id == self.trader
        ).partner_id = maker.partner_id
        sale, purchase, trader_sale, trader_purchase = self._new_chain(self.stool, 10)
        maker_sale = self._new_sale(
            (self.stool, 10), user=making, partner_id=self.trader.partner_id.id
        )
        maker_purchase = self._new_purchase(
            maker_sale, user=making, sell_to_customer_id=self.trader.partner_id.id
        )
        maker_purchase.button_confirm()
        for order, bought in (
            (maker_sale, maker_purchase),
            (trader_sale, trader_purchase),
            (sale, purchase),
        ):
            self._post(order)
            self.assertShipped(order, bought, 10)
            self.assertEqual(order.order_line.drop_shipment_state, "shipped")

    def test_returned_to_the_trader(self):
        """What comes back to the trader is a return of the shop's alone."""
        sale, purchase, trader_sale, _purchase = self._new_chain(self.stool, 10)
        self._post(trader_sale)
        self._post(sale)
        returned = self._return(sale.sudo().picking_ids, 3)
        self.assertEqual(returned.state, "done")
        self.assertFalse(returned.is_drop_shipment)
        self.assertEqual(sale.order_line.qty_delivered, 7)
        self.assertEqual(purchase.order_line.qty_received, 7)
        self.assertEqual(trader_sale.order_line.qty_delivered, 10)

    def test_other_company_is_current(self):
        """Who works in the vendor's company, too, has it ship again and ship more."""
        sale, purchase, _sale, _purchase = self._new_chain(self.stool, 10)
        self.buyer.company_ids = [Command.link(self.trader.id)]
        companies = (self.trader + self.company).ids
        purchase = purchase.with_context(allowed_company_ids=companies)
        self._post(sale)
        self._return(sale.sudo().picking_ids, 3)
        purchase.action_ship_drop_shipment_again()
        sale.order_line.product_uom_qty = 12
        purchase.order_line.product_qty = 12
        moves = sale.sudo().order_line.move_ids
        moves = moves.filtered(lambda move: move.state == "assigned")
        self.assertEqual(moves.location_id.usage, "transit")
        self.assertFalse(moves.location_id.company_id)
        self._post(sale)
        self.env.invalidate_all()
        self.assertEqual(sale.order_line.qty_delivered, 12)
        self.assertEqual(purchase.order_line.qty_received, 12)

    def test_each_side_by_itself(self):
        """A posting of one side moves nothing of the other."""
        sale, purchase, trader_sale, trader_purchase = self._new_chain(self.stool, 10)
        self._post(trader_sale, quantity=4)
        self.assertEqual(trader_purchase.order_line.qty_received, 4)
        self.assertEqual(purchase.order_line.qty_received, 0)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self._post(purchase, "receive")
        self.assertShipped(sale, purchase, 10)
        self.assertEqual(trader_sale.order_line.qty_delivered, 4)
        self.assertEqual(trader_sale.order_line.qty_to_ship, 6)
