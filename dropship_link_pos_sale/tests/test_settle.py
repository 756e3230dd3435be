from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.dropship_link.tests.common import DropShipmentCommon
from odoo.addons.point_of_sale.tests.common import TestPoSCommon


@tagged("post_install", "-at_install")
class SettleCommon(DropShipmentCommon, TestPoSCommon):
    """A shop with 100 of each in stock, and a cashier who settles sales orders."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.config = cls.basic_config
        # Core's till reads and confirms the sales orders that it settles by these.
        cls.cashier = cls._new_user(
            "cashier",
            "point_of_sale.group_pos_user,sales_team.group_sale_salesman_all_leads",
        )
        (cls.chair + cls.desk).available_in_pos = True
        cls.own_desks = (cls.desk, 2, {"drop_shipment": False})
        cls._set_stock(cls.chair, 100)
        cls._set_stock(cls.desk, 100)
        cls.config.with_user(cls.cashier).open_ui()
        cls.session = cls.config.current_session_id.with_user(cls.cashier)
        cls.session.set_opening_control(0, None)

    @classmethod
    def _set_stock(cls, product, quantity):
        cls.env["stock.quant"]._update_available_quantity(
            product, cls.config.picking_type_id.default_location_src_id, quantity
        )

    def _get_stock(self, product):
        return sum(
            self.env["stock.quant"]
            .search(
                [
                    ("product_id", "=", product.id),
                    ("location_id.usage", "=", "internal"),
                ]
            )
            .mapped("quantity")
        )

    def _prepare_line(self, line, quantity, refunded):
        """Return the till's line that settles a sales line, or refunds `refunded`."""
        origin = {
            "sale_order_line_id": line.id,
            "sale_order_origin_id": line.order_id.id,
        }
        if refunded:
            origin = {"refunded_orderline_id": refunded.id}
        return {
            "product_id": line.product_id.id,
            "qty": quantity,
            "price_unit": line.price_unit,
            "price_subtotal": quantity * line.price_unit,
            "price_subtotal_incl": quantity * line.price_unit,
            "discount": 0,
            "pack_lot_ids": [],
            "tax_ids": [],
            **origin,
        }

    def _settle(self, sale, quantities=None, refunded=None, **values):
        """Settle the lines of a sales order as the till does, and return its order.

        With `refunded`, lines of the till, give their money back.
        """
        sale = sale.sudo()
        lines = [
            self._prepare_line(line, quantity, refunded)
            for line, quantity in (
                quantities or {line: line.product_uom_qty for line in sale.order_line}
            ).items()
        ]
        return self._pay(sale, lines, **values)

    def _pay(self, sale, lines, **values):
        """Pay these lines at the till, as its user, and return its order."""
        total = sum(line["price_subtotal"] for line in lines)
        data = (
            self.env["pos.order"]
            .with_user(self.cashier)
            .sync_from_ui(
                [
                    {
                        "amount_paid": total,
                        "amount_return": 0,
                        "amount_tax": 0,
                        "amount_total": total,
                        "date_order": fields.Datetime.to_string(fields.Datetime.now()),
                        "fiscal_position_id": False,
                        "to_invoice": False,
                        "partner_id": sale.partner_id.id,
                        "pricelist_id": self.config.pricelist_id.id,
                        "lines": [Command.create(line) for line in lines],
                        "session_id": self.session.id,
                        "payment_ids": [
                            Command.create(
                                {
                                    "amount": total,
                                    "name": fields.Datetime.now(),
                                    "payment_method_id": self.cash_pm1.id,
                                }
                            )
                        ],
                        "user_id": self.cashier.id,
                        **values,
                    }
                ]
            )
        )
        return self.env["pos.order"].browse(data["pos.order"][0]["id"])

    def assertProposed(self, sale, *quantities):
        """The till proposes to settle so much of each line, in units."""
        self.env.flush_all()
        rows = sale.order_line.with_user(self.cashier).read_converted()
        # By `setQuantityFromSOL` of core's till.
        found = [
            row["product_uom_qty"] - max(row["qty_delivered"], row["qty_invoiced"])
            for row in rows
        ]
        self.assertEqual(found, list(quantities))


class TestSettle(SettleCommon):
    """A sales order is settled at the till: the till takes the money, vendors ship."""

    def test_nothing_ordered_yet(self):
        """Paid first: nothing leaves the shop, all is to order, and can be ordered."""
        sale = self._new_sale()
        till = self._settle(sale)
        line = sale.order_line
        self.assertFalse(till.picking_ids)
        self.assertEqual(self._get_stock(self.chair), 100)
        self.assertEqual((line.qty_delivered, line.qty_invoiced), (0, 10))
        self.assertEqual(line.drop_shipment_qty_to_order, 10)
        self.assertEqual(line.drop_shipment_state, "to_order")
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        self.assertEqual(
            (line.qty_delivered, purchase.order_line.qty_received), (10,) * 2
        )
        self.assertEqual(line.drop_shipment_state, "invoiced")
        self.assertEqual(self._get_stock(self.chair), 100)
        bill = self._new_bill(purchase)
        self.assertEqual((bill.state, bill.amount_untaxed), ("posted", 120))
        self.assertEqual(line.drop_shipment_state, "done")
        self.assertEqual(sale.sudo().amount_to_invoice, 0)

    def test_quotation(self):
        """A quotation is confirmed by the payment; the vendor ships all the same."""
        sale = self._new_sale(confirm=False)
        till = self._settle(sale)
        self.assertEqual(sale.state, "sale")
        self.assertFalse(till.picking_ids)
        self.assertFalse(sale.sudo().picking_ids)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_under_way(self):
        """Ordered from two vendors, and shipped in part: the transfers stay."""
        sale = self._new_sale()
        purchases = self._new_purchase()
        self._get_sales_orders(purchases, sale, quantity=4)
        purchases |= self._new_purchase(sale)
        purchases.button_confirm()
        self._post(purchases[0], "receive", quantity=1)
        line = sale.order_line
        self._settle(sale)
        moves = line.sudo().move_ids.filtered(lambda move: move.state != "done")
        self.assertEqual(sorted(moves.mapped("product_uom_qty")), [3, 6])
        self.assertEqual((line.qty_delivered, line.qty_to_ship), (1, 9))
        self._post(sale)
        self.assertEqual(line.qty_delivered, 10)
        self.assertEqual(self._get_stock(self.chair), 100)

    def test_beside_own_goods(self):
        """The other line is taken along from the shop, and its delivery cancelled."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 2, {"drop_shipment": False})
        )
        self._new_purchase(sale, confirm=True)
        delivery = sale.sudo().order_line[1].move_ids.picking_id
        till = self._settle(sale)
        self.assertEqual(till.picking_ids.move_ids.product_id, self.desk)
        self.assertEqual(till.picking_ids.state, "done")
        self.assertEqual(delivery.state, "cancel")
        self.assertEqual(sale.order_line.mapped("qty_delivered"), [0, 2])
        self.assertEqual(sale.order_line[0].qty_to_ship, 10)
        self.assertEqual(
            (self._get_stock(self.chair), self._get_stock(self.desk)), (100, 98)
        )

    def test_ship_later(self):
        """*Ship Later* at the till is for own goods; the vendor's transfer stays."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 2, {"drop_shipment": False})
        )
        self._new_purchase(sale, confirm=True)
        till = self._settle(
            sale, shipping_date=fields.Date.to_string(fields.Date.today())
        )
        self.assertEqual(till.picking_ids.move_ids.product_id, self.desk)
        line = sale.order_line[0]
        self.assertEqual(line.qty_to_ship, 10)
        self.assertEqual(line.sudo().move_ids.state, "assigned")
        self._post(sale)
        self.assertEqual(line.qty_delivered, 10)

    def test_bill_waits_for_payment(self):
        """The vendor's bill waits until the customer has paid, and no longer."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._post(sale)
        bill = self._new_bill(purchase, post=False)
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            bill.action_post()
        self._settle(sale)
        bill.action_post()
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        self.assertEqual(self._get_stock(self.chair), 100)

    def test_shipped_before_it_is_paid(self):
        """All is to pay that is not invoiced; of own goods what is left to take."""
        sale = self._new_sale(
            (self.chair, 2, {"product_uom_id": self.uom_dozen.id, "price_unit": 240}),
            (self.desk, 2, {"drop_shipment": False}),
        )
        self._new_purchase(sale, confirm=True)
        self.assertProposed(sale, 24, 2)
        self._post(sale, "ship_invoice", 0.5)
        self._post(sale, quantity=1)
        self._deliver(sale.order_line[1].sudo().move_ids.picking_id, 1)
        self.assertProposed(sale, 18, 1)
        chairs, desks = sale.sudo().order_line
        till = self._settle(sale, {chairs: 18, desks: 1})
        self.assertProposed(sale, 0, 0)
        self._settle(sale, {chairs: -6}, refunded=till.lines[0])
        self.assertProposed(sale, 6, 0)

    def test_in_dozens(self):
        """Sold by the dozen: the till counts in units, the line in dozens."""
        sale = self._new_sale((self.chair, 2, {"product_uom_id": self.uom_dozen.id}))
        self._settle(sale, {sale.sudo().order_line: 24})
        self.assertEqual(sale.order_line.drop_shipment_qty_invoiced, 2)
        self.assertEqual(sale.order_line.qty_delivered, 0)

    def test_invoiced_while_delivered_is_counted(self):
        """What was paid is invoiced, also where that is asked for in the middle."""
        sale = self._new_sale()
        self._settle(sale)
        line = sale.sudo().order_line
        line = line.with_context(dropship_link_till_left_out=line.ids)
        for name in ("qty_invoiced", "drop_shipment_qty_invoiced"):
            self.env.add_to_compute(line._fields[name], line)
            self.assertEqual(line[name], 10)

    def test_refund(self):
        """Money given back is not goods brought back, and the bill waits again."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        till = self._settle(sale)
        line = sale.sudo().order_line
        refund = self._settle(
            sale,
            {line: -10},
            refunded=till.lines,
        )
        self.assertFalse(refund.picking_ids)
        self.assertEqual(self._get_stock(self.chair), 100)
        self.assertEqual(line.drop_shipment_qty_invoiced, 0)
        self.assertEqual((line.qty_delivered, line.qty_to_ship), (0, 10))
        self._post(sale)
        bill = self._new_bill(purchase, post=False)
        with self.assertRefused(f"Invoice sales order {sale.name} first"):
            bill.action_post()

    def test_not_removed_while_open(self):
        """Not with the app, either; once all is shipped and billed it may go."""
        modules = self.env["ir.module.module"].search(
            [("name", "in", ("dropship_link_pos_sale", "pos_sale"))]
        )
        sale = self._new_sale()
        self._settle(sale)
        purchase = self._new_purchase(sale, confirm=True)
        for step in (self._post, self._new_bill):
            for module in modules:
                with self.assertRefused(f"paid at the till on .*{sale.name}"):
                    module.button_uninstall()
                self.assertEqual(module.state, "installed")
            step(purchase)
        self.assertEqual(sale.order_line.drop_shipment_state, "done")
        modules.filtered(
            lambda module: module.name == "dropship_link_pos_sale"
        ).button_uninstall()

    def test_own_goods_at_the_till(self):
        """What the till sells by itself leaves the shop, whatever the product says."""
        self.chair.drop_shipment = True
        sale = self._new_sale((self.chair, 3, {"drop_shipment": False}))
        till = self._settle(sale)
        self.assertEqual(till.picking_ids.state, "done")
        self.assertEqual(self._get_stock(self.chair), 97)
        self.assertEqual(sale.order_line.qty_delivered, 3)

    def test_session_is_closed(self):
        """Closing the session neither ships nor books what vendors ship."""
        sale = self._new_sale(
            (self.chair, 10), (self.desk, 2, {"drop_shipment": False})
        )
        self._new_purchase(sale, confirm=True)
        self._settle(sale)
        total = sale.sudo().amount_total
        self.session.sudo().post_closing_cash_details(total)
        self.session.sudo().close_session_from_ui()
        self.assertEqual(self.session.state, "closed")
        self.assertEqual(self._get_stock(self.chair), 100)
        self.assertEqual(self.session.sudo().picking_ids.move_ids.product_id, self.desk)
        self._post(sale)
        self.assertEqual(sale.order_line[0].qty_delivered, 10)
