from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user

from .common import DropShipmentCommon


class TestLinks(DropShipmentCommon):
    """Each side sees and opens the other, as far as its rights reach."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trader = cls._new_user(
            "trader", "sales_team.group_sale_salesman,purchase.group_purchase_user"
        )
        cls.other_salesman = cls._new_user(
            "salesman_2", "sales_team.group_sale_salesman"
        )

    # ------------------------------------------------------------
    # Fields
    # ------------------------------------------------------------

    def test_salesman_sees_the_purchase_order(self):
        """Number, vendor and date, without a right on purchase orders."""
        sale = self._new_sale()
        line = sale.order_line
        self.assertFalse(line.drop_shipment_purchase_ref)
        self.assertFalse(line.drop_shipment_vendor_ref)
        self.assertFalse(line.drop_shipment_date_expected)
        purchase = self._new_purchase(sale)
        purchase.order_line.date_planned = "2027-03-04 12:00:00"
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            purchase.with_user(self.salesman).read(["name"])
        values = line.read(
            [
                "drop_shipment_purchase_ref",
                "drop_shipment_vendor_ref",
                "drop_shipment_date_expected",
                "drop_shipment_late",
            ]
        )[0]
        self.assertEqual(values["drop_shipment_purchase_ref"], purchase.name)
        self.assertEqual(values["drop_shipment_vendor_ref"], "Vendor")
        self.assertEqual(
            str(values["drop_shipment_date_expected"]), "2027-03-04 12:00:00"
        )
        self.assertIn(purchase.name, sale.drop_shipment_purchase_ref)
        self.assertIn("Vendor", sale.drop_shipment_purchase_ref)

    def test_salesman_sees_all_purchase_orders_of_a_line(self):
        """Two vendors: both numbers, the later date; none that is cancelled."""
        sale = self._new_sale()
        line = sale.order_line
        first = self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        second = self._new_purchase(partner_id=self.other_vendor.id)
        wizard = second.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": second.id,
                "vendor_products_only": False,
                "sale_order_ids": [Command.set(sale.ids)],
            }
        )
        wizard.action_insert_lines()
        first.order_line.date_planned = "2027-03-04 12:00:00"
        second.order_line.date_planned = "2027-02-01 12:00:00"
        self.assertEqual(
            set(line.drop_shipment_purchase_ref.split(", ")),
            {first.name, second.name},
        )
        self.assertEqual(
            set(line.drop_shipment_vendor_ref.split(", ")), {"Vendor", "Other Vendor"}
        )
        self.assertEqual(str(line.drop_shipment_date_expected), "2027-03-04 12:00:00")
        first.button_cancel()
        self.assertEqual(line.drop_shipment_purchase_ref, second.name)
        self.assertEqual(line.drop_shipment_vendor_ref, "Other Vendor")
        self.assertEqual(str(line.drop_shipment_date_expected), "2027-02-01 12:00:00")

    def test_buyer_sees_the_sales_order(self):
        """Number, customer and ship-to, without a right on sales orders."""
        sale = self._new_sale(client_order_ref="Their 77")
        purchase = self._new_purchase(sale)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            sale.with_user(self.buyer).read(["name"])
        with self.assertRaises(AccessError):
            sale.order_line.with_user(self.buyer).read(["price_unit"])
        self.assertEqual(
            purchase.order_line.read(["drop_shipment_sale_ref"])[0][
                "drop_shipment_sale_ref"
            ],
            sale.name,
        )
        values = purchase.read(
            [
                "drop_shipment_sale_ref",
                "drop_shipment_customer_ref",
                "drop_shipment_address_id",
                "sell_to_customer_id",
            ]
        )[0]
        self.assertEqual(values["drop_shipment_sale_ref"], sale.name)
        self.assertEqual(values["drop_shipment_customer_ref"], "Their 77")
        self.assertEqual(values["drop_shipment_address_id"][0], self.ship_to.id)
        self.assertEqual(values["sell_to_customer_id"][0], self.customer.id)

    def test_customer_reference_stands_once(self):
        """Of several orders with the same one, as of a project, in their order."""
        sales = [
            self._new_sale(client_order_ref=reference)
            for reference in ("Site 9", "Site 4", "Site 9", False)
        ]
        purchase = self._new_purchase(sales[0])
        for sale in sales[1:]:
            self._get_sales_orders(purchase, sale)
        references = purchase.drop_shipment_customer_ref.split(", ")
        self.assertEqual(sorted(references), ["Site 4", "Site 9"])

    def test_forms_open_for_both(self):
        """The forms load and save for people without the other's rights."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        with Form(sale) as form:
            self.assertIn(purchase.name, form.drop_shipment_purchase_ref)
            with form.order_line.edit(0) as line:
                self.assertEqual(line.drop_shipment_purchase_ref, purchase.name)
                self.assertEqual(line.qty_to_ship, 10)
                line.qty_to_ship = 4
        self.assertEqual(sale.order_line.qty_to_ship, 4)
        with Form(purchase) as form:
            self.assertEqual(form.drop_shipment_sale_ref, sale.name)
            self.assertEqual(form.drop_shipment_address_id, self.ship_to)
            with form.order_line.edit(0) as line:
                self.assertEqual(line.drop_shipment_sale_ref, sale.name)
            form.partner_ref = "V-1"
        self.assertEqual(purchase.partner_ref, "V-1")

    def test_salesman_knows_own_orders_only(self):
        """Another salesman's lines are as closed as before."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        self.env.invalidate_all()
        line = sale.order_line.with_user(self.other_salesman)
        with self.assertRaises(AccessError):
            line.read(["drop_shipment_purchase_ref"])
        with self.assertRaises(AccessError):
            line.action_view_drop_shipment_purchase()
        with self.assertRaises(AccessError):
            line.write({"qty_to_ship": 1})
        self.assertEqual(sale.order_line.qty_to_ship, 10)

    def test_portal_gets_nothing_new(self):
        """A portal user can't call what the two departments call."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        portal = new_test_user(
            self.env, login="drop_portal", groups="base.group_portal"
        )
        portal.partner_id.parent_id = self.customer
        for record, method in (
            (sale, "action_post_drop_shipment"),
            (purchase, "action_post_drop_shipment"),
            (purchase, "action_get_sales_order"),
            (sale.order_line, "action_view_drop_shipment_purchase"),
            (purchase.order_line, "action_view_drop_shipment_sale"),
            (purchase.order_line, "action_unlink_drop_shipment"),
            (purchase.order_line, "action_close_drop_shipment_remainder"),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(record.with_user(portal), method)()
        self.assertEqual(purchase.order_line.product_qty, 10)
        self.assertEqual(sale.order_line.qty_delivered, 0)

    # ------------------------------------------------------------
    # Late
    # ------------------------------------------------------------

    def test_late(self):
        """Past, or later than the customer was promised."""
        now = fields.Datetime.now()
        for promised, expected, late in (
            (None, 5, False),
            (None, -5, True),
            (9, 5, False),
            (5, 5, False),
            (5, 9, True),
        ):
            with self.subTest(promised=promised, expected=expected):
                sale = self._new_sale(
                    commitment_date=promised and now + timedelta(promised)
                )
                purchase = self._new_purchase(sale)
                purchase.order_line.date_planned = now + timedelta(expected)
                self.assertEqual(sale.order_line.drop_shipment_late, late)
                purchase.button_confirm()
                self.assertEqual(sale.order_line.drop_shipment_late, late)
                self._post(sale)
                self.assertFalse(sale.order_line.drop_shipment_late)

    # ------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------

    def test_open_from_the_line(self):
        """Who has both rights opens the other order, from either side."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        action = sale.order_line.with_user(
            self.env.ref("base.user_admin")
        ).action_view_drop_shipment_purchase()
        self.assertEqual(action["res_model"], "purchase.order")
        self.assertEqual(action["res_id"], purchase.id)
        self.assertEqual(action["views"][0][1], "form")
        own_sale = self._new_sale(user=self.trader)
        own_purchase = self._new_purchase(own_sale, user=self.trader)
        action = own_purchase.order_line.action_view_drop_shipment_sale()
        self.assertEqual(action["res_model"], "sale.order")
        self.assertEqual(action["res_id"], own_sale.id)
        action = own_sale.order_line.action_view_drop_shipment_purchase()
        self.assertEqual(action["res_id"], own_purchase.id)

    def test_open_several(self):
        """One form, or a list where there are several orders."""
        sale = self._new_sale(user=self.trader)
        orders = self.env["purchase.order"]
        for quantity in (4, 6):
            purchase = self._new_purchase(user=self.trader)
            self._get_sales_orders(purchase, sale, quantity=quantity)
            orders |= purchase
        action = sale.order_line.action_view_drop_shipment_purchase()
        found = orders.browse().search(action["domain"])
        self.assertEqual(found, orders.search([("id", "in", orders.ids)]))
        self.assertEqual(action["views"][0][1], "list")
        action = orders.order_line.with_user(
            self.trader
        ).action_view_drop_shipment_sale()
        self.assertEqual(action["res_id"], sale.id)

    def test_open_without_the_right(self):
        """The number is all that people without the right get."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            sale.order_line.action_view_drop_shipment_purchase()
        with self.assertRaises(AccessError):
            purchase.order_line.action_view_drop_shipment_sale()
        with self.assertRaises(AccessError):
            sale.order_line.with_user(self.buyer).action_view_drop_shipment_purchase()
        with self.assertRaises(AccessError):
            purchase.order_line.with_user(
                self.salesman
            ).action_view_drop_shipment_sale()
        self.assertEqual(sale.order_line.drop_shipment_purchase_ref, purchase.name)

    def test_open_nothing(self):
        """A line that is not linked says so."""
        sale = self._new_sale()
        with self.assertRefused(f"Not on a purchase order yet: {sale.name}, line 1"):
            sale.order_line.action_view_drop_shipment_purchase()
        purchase = self._new_purchase(
            order_line=[Command.create({"product_id": self.chair.id})]
        )
        with self.assertRefused(
            f"Not linked to a sales order: {purchase.name}, line 1"
        ):
            purchase.order_line.action_view_drop_shipment_sale()

    # ------------------------------------------------------------
    # Chatter and smart buttons
    # ------------------------------------------------------------

    def test_both_chatters_get_a_link(self):
        """Whoever reads one order finds the other, with the vendor's name."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        self.assertRegex(
            self._chatter(sale),
            rf'data-oe-model="purchase\.order".*data-oe-id="{purchase.id}"'
            rf"|/purchase\.order/{purchase.id}\b",
        )
        self.assertIn("Vendor", self._chatter(sale))
        self.assertRegex(
            self._chatter(purchase),
            rf'data-oe-model="sale\.order".*data-oe-id="{sale.id}"'
            rf"|/sale\.order/{sale.id}\b",
        )
        self.assertIn(sale.name, self._chatter(purchase))
        # A note, not a mail to the customer.
        note = self.env.ref("mail.mt_note")
        for order in (sale, purchase):
            message = order.sudo().message_ids.filtered(
                lambda message: "rop shipment lines" in message.body
            )
            self.assertEqual(message.subtype_id, note)

    def test_smart_buttons_count_the_other_side(self):
        """Core's own buttons work both ways."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        sale, purchase = sale.sudo(), purchase.sudo()
        self.assertEqual(sale.purchase_order_count, 1)
        self.assertEqual(sale.dropship_picking_count, 1)
        self.assertEqual(sale.delivery_count, 0)
        self.assertEqual(purchase.sale_order_count, 1)
        self.assertEqual(purchase.dropship_picking_count, 1)
        self.assertEqual(purchase.incoming_picking_count, 0)

    def test_link_is_cores(self):
        """Other software follows core's own relation in both directions."""
        sale = self._new_sale().sudo()
        purchase = self._new_purchase(sale.with_user(self.salesman)).sudo()
        self.assertEqual(purchase.order_line.sale_line_id, sale.order_line)
        self.assertEqual(sale.order_line.purchase_line_ids, purchase.order_line)
        self.assertEqual(purchase.order_line.sale_order_id, sale)
        self.assertTrue(purchase.order_line.drop_shipment)

    def test_search_by_link(self):
        """Stored fields can be searched from either side."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale)
        lines = sale.order_line.search(
            [
                ("order_id", "=", sale.id),
                ("drop_shipment_qty_ordered", "=", 10),
                ("drop_shipment_qty_to_order", "=", 0),
                ("drop_shipment_state", "=", "rfq"),
                ("qty_to_ship", "=", 0),
            ]
        )
        self.assertEqual(lines, sale.order_line)
        found = purchase.search(
            [
                ("sell_to_customer_id", "child_of", self.customer.id),
                ("order_line.drop_shipment", "=", True),
            ]
        )
        self.assertIn(purchase, found)

    def test_outstanding_follows_the_sales_line_of_a_move(self):
        """Core may give a move to another sales line, or to none."""
        sale, other = self._new_sale(), self._new_sale()
        purchase = self._new_purchase(sale, confirm=True).sudo()
        move = purchase.order_line.move_ids
        line, other_line = (sale | other).sudo().order_line
        for sale_line, quantity, outstanding in (
            (line.browse(), 10, (0, 0)),
            (line, 10, (10, 0)),
            (other_line, 10, (0, 10)),
            (other_line, 7, (0, 7)),
            (line, 7, (7, 0)),
        ):
            with self.subTest(sale_line=sale_line, quantity=quantity):
                move.sale_line_id = sale_line
                move.product_uom_qty = quantity
                # Read first: what is cached must follow, too.
                to_post = purchase.drop_shipment_to_post
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual(
                    (
                        line.drop_shipment_qty_outstanding,
                        other_line.drop_shipment_qty_outstanding,
                    ),
                    outstanding,
                )
                self.assertEqual(to_post, sale_line == line)
                self.assertEqual(purchase.drop_shipment_to_post, to_post)
