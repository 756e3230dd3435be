from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form

from .common import DropShipmentCommon


class VendorOnLineCommon(DropShipmentCommon):
    """The chair has two vendors: the first one sells 12 at least, the other any."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.price = cls.chair.seller_ids
        cls.price.write({"min_qty": 12, "sequence": 1})
        cls.chair.seller_ids = [
            Command.create(
                {"partner_id": cls.other_vendor.id, "price": 14, "sequence": 9}
            )
        ]

    def _offer(self, vendor, **values):
        """Return the lines that Get Sales Order offers to an order to `vendor`."""
        purchase = self._new_purchase(partner_id=vendor.id)
        wizard = self.env["purchase.order.get.sales.order"].with_user(self.buyer)
        wizard = wizard.create({"purchase_order_id": purchase.id, **values})
        return wizard.sudo()._get_offered_lines()

    def _order(self, *sales):
        """Make purchase orders of the sales in one click; return them."""
        self.env.invalidate_all()
        lines = self.env["sale.order.line"].concat(*(sale.order_line for sale in sales))
        lines.with_user(self.buyer).action_create_drop_shipment_purchases()
        return lines.sudo().purchase_line_ids.order_id


class TestVendorProposed(VendorOnLineCommon):
    """What a sales line shows before anybody has chosen."""

    def test_quotation_goes_by_the_quantity_sold(self):
        """5 are below the minimum of the first vendor, 12 are not."""
        sale = self._new_sale((self.chair, 5), (self.chair, 12), confirm=False)
        self.assertEqual(
            sale.order_line.mapped("drop_shipment_vendor_id"),
            self.other_vendor | self.vendor,
        )
        few, many = sale.order_line
        few.product_uom_qty = 20
        many.product_uom_qty = 1
        self.assertEqual(few.drop_shipment_vendor_id, self.vendor)
        self.assertEqual(many.drop_shipment_vendor_id, self.other_vendor)
        self.assertFalse(sale.order_line.drop_shipment_chosen_vendor_id)

    def test_as_the_dialog_proposes(self):
        """Confirmed it is what the buyer's dialog has, and what is ordered."""
        sale = self._new_sale((self.chair, 5), (self.chair, 12))
        action = sale.with_user(self.buyer).action_open_create_drop_shipment_purchases()
        rows = self.env[action["res_model"]].browse(action["res_id"]).line_ids
        self.assertEqual(
            {row.sale_line_id: row.vendor_id for row in rows},
            {line: line.drop_shipment_vendor_id for line in sale.sudo().order_line},
        )
        purchases = self._order(sale)
        self.assertEqual(purchases.partner_id, self.vendor | self.other_vendor)
        self.assertEqual(
            sorted(purchases.order_line.mapped("price_unit")), [12.0, 14.0]
        )

    def test_never_empty_for_a_minimum_or_an_old_price(self):
        """Whoever sells it is proposed; the dialog says why no price applies."""
        self.chair.seller_ids[1].date_end = "2020-01-01"
        sale = self._new_sale((self.chair, 5))
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)
        self.price.date_end = "2020-01-01"
        sale = self._new_sale((self.chair, 50))
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)
        action = sale.with_user(self.buyer).action_open_create_drop_shipment_purchases()
        row = self.env[action["res_model"]].browse(action["res_id"]).line_ids
        self.assertIn("valid today", row.price_hint)

    def test_dozens(self):
        """One dozen reaches a minimum of 12 units."""
        sale = self._new_sale(
            (self.chair, 1, {"product_uom_id": self.uom_dozen.id}), confirm=False
        )
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)
        sale.order_line.product_uom_id = self.uom_unit
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.other_vendor)

    def test_follows_tick_and_product(self):
        """None on a line from stock; another product has other vendors."""
        sale = self._new_sale((self.chair, 5), confirm=False)
        line = sale.order_line
        line.drop_shipment = False
        self.assertFalse(line.drop_shipment_vendor_id)
        line.drop_shipment = True
        self.assertEqual(line.drop_shipment_vendor_id, self.other_vendor)
        line.write({"product_id": self.desk.id, "drop_shipment": True})
        self.assertEqual(line.drop_shipment_vendor_id, self.vendor)
        # This product is not ticked by default.
        line.product_id = self.chair
        self.assertFalse(line.drop_shipment)
        self.assertFalse(line.drop_shipment_vendor_id)

    def test_other_lines_have_none(self):
        """Sections, notes, services and lines from stock."""
        sale = self._new_sale(
            (self.chair, 5, {"drop_shipment": False}),
            (self.service, 1, {"drop_shipment": False}),
            confirm=False,
        )
        sale.order_line = [
            Command.create({"display_type": kind, "name": kind})
            for kind in ("line_section", "line_note")
        ]
        self.assertFalse(sale.order_line.drop_shipment_vendor_id)

    def test_vendor_of_a_sister_company(self):
        """Who belongs to another company, or was archived, is not proposed."""
        sister = self._create_company(name="Sister")
        self.other_vendor.company_id = sister
        sale = self._new_sale((self.chair, 5), confirm=False)
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)
        with self.assertRaises(UserError):
            sale.order_line.drop_shipment_vendor_id = self.other_vendor
        self.vendor.active = False
        sale = self._new_sale((self.chair, 5), confirm=False)
        self.assertFalse(sale.order_line.drop_shipment_vendor_id)

    def test_working_in_a_sister_company(self):
        """The vendors are those of the order's company, wherever one works now."""
        sister = self._create_company(name="Sister")
        self.chair.seller_ids[1].company_id = sister
        boss = self._new_user(
            "boss", "sales_team.group_sale_manager", company=self.company
        )
        boss.company_ids += sister
        sale = self._new_sale((self.chair, 5), confirm=False, user=boss)
        companies = (sister | self.company).ids
        line = sale.order_line.with_context(allowed_company_ids=companies)
        line.product_uom_qty = 6
        self.assertEqual(line.drop_shipment_vendor_id, self.vendor)

    def test_thousand_lines(self):
        """Proposing looks up nothing for each further line."""
        products = [self._new_product(f"Product {number}") for number in range(100)]

        def count(size):
            self.env.flush_all()
            self.env.invalidate_all()
            lines = self.env["sale.order.line"].sudo().browse(ids[:size])
            before = self.cr.sql_log_count
            lines._compute_drop_shipment_vendor_id()
            self.assertEqual(lines.drop_shipment_vendor_id, self.vendor)
            return self.cr.sql_log_count - before

        sale = self._new_sale(*((product, 1) for product in products), confirm=False)
        ids = sale.order_line.ids
        count(1)
        self.assertEqual(count(10), count(100))


class TestVendorChosen(VendorOnLineCommon):
    """What sales chose stays until the line is ordered."""

    def test_quantity_does_not_overwrite(self):
        """Nor do unit, confirmation, and the same product or tick written again."""
        sale = self._new_sale((self.chair, 5), confirm=False)
        line = sale.order_line
        line.drop_shipment_vendor_id = self.vendor
        for values in (
            {"product_uom_qty": 6},
            {"product_uom_id": self.uom_dozen.id},
            {"product_uom_id": self.uom_unit.id},
            {"product_id": self.chair.id},
            {"drop_shipment": True},
            {"product_id": self.chair.id, "drop_shipment": True, "price_unit": 30},
        ):
            with self.subTest(**values):
                line.write(values)
                self.assertEqual(line.drop_shipment_vendor_id, self.vendor)
        sale.action_confirm()
        self.assertEqual(line.drop_shipment_vendor_id, self.vendor)
        purchase = self._order(sale)
        self.assertEqual(purchase.partner_id, self.vendor)
        self.assertIn("at least 12", self._chatter(purchase))

    def test_choosing_the_proposed_one(self):
        """Who says it in so many words means it: more does not change it."""
        sale = self._new_sale((self.chair, 5), confirm=False)
        sale.order_line.drop_shipment_vendor_id = self.other_vendor
        sale.order_line.product_uom_qty = 20
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.other_vendor)

    def test_chosen_at_once(self):
        """Typed in, imported or sent by a program with a new line."""
        values = {"drop_shipment_vendor_id": self.customer.id}
        sale = self._new_sale((self.chair, 20, values))
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.customer)
        self.assertEqual(self._order(sale).partner_id, self.customer)

    def test_import(self):
        """By name, from a file."""
        sale = self._new_sale(confirm=False)
        result = sale.order_line.load(
            [".id", "drop_shipment_vendor_id"],
            [[str(sale.order_line.id), "Other Vendor"]],
        )
        self.assertFalse(result["messages"])
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.other_vendor)

    def test_emptied(self):
        """The proposal is back."""
        sale = self._new_sale((self.chair, 5), confirm=False)
        sale.order_line.drop_shipment_vendor_id = self.vendor
        sale.order_line.drop_shipment_vendor_id = False
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.other_vendor)
        sale.order_line.product_uom_qty = 20
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)

    def test_given_back(self):
        """The list names who is to ship it, not who gave all of it back."""
        sale = self._new_sale()
        self._new_purchase(sale, confirm=True)
        purchase_line = sale.sudo().order_line.purchase_line_ids
        purchase_line.with_user(self.buyer).action_close_drop_shipment_remainder()
        line = sale.order_line
        line.drop_shipment_vendor_id = self.other_vendor
        self.env.flush_all()
        row = self.env["drop.shipment.report"].with_user(self.buyer).browse(line.id)
        self.assertEqual(row.vendor_id, self.other_vendor)

    def test_on_the_screen(self):
        """A proposal that the screen sends along is no choice; a choice is one."""
        sale = self._new_sale((self.desk, 1), confirm=False)
        with Form(sale) as form:
            with form.order_line.new() as row:
                row.product_id = self.chair
                row.drop_shipment = True
                row.product_uom_qty = 5
                self.assertEqual(row.drop_shipment_vendor_id, self.other_vendor)
            with form.order_line.edit(1) as row:
                row.product_uom_qty = 20
                self.assertEqual(row.drop_shipment_vendor_id, self.vendor)
        line = sale.order_line[1]
        self.assertFalse(line.drop_shipment_chosen_vendor_id)
        with Form(sale) as form, form.order_line.edit(1) as row:
            row.product_uom_qty = 4
        self.assertEqual(line.drop_shipment_vendor_id, self.other_vendor)
        self.assertFalse(line.drop_shipment_chosen_vendor_id)
        with Form(sale) as form, form.order_line.edit(1) as row:
            row.drop_shipment_vendor_id = self.vendor
            row.product_uom_qty = 3
            self.assertEqual(row.drop_shipment_vendor_id, self.vendor)
        self.assertEqual(line.drop_shipment_vendor_id, self.vendor)
        self.assertEqual(line.drop_shipment_chosen_vendor_id, self.vendor)
        with Form(sale) as form, form.order_line.edit(1) as row:
            row.drop_shipment_vendor_id = self.env["res.partner"]
            self.assertEqual(row.drop_shipment_vendor_id, self.other_vendor)

    def test_other_product(self):
        """A choice was for the product that it was made for."""
        sale = self._new_sale((self.chair, 20), confirm=False)
        line = sale.order_line
        line.drop_shipment_vendor_id = self.other_vendor
        line.write({"product_id": self.desk.id, "drop_shipment": True})
        self.assertEqual(line.drop_shipment_vendor_id, self.vendor)
        self.assertFalse(line.drop_shipment_chosen_vendor_id)
        line.write(
            {
                "product_id": self.chair.id,
                "drop_shipment": True,
                "drop_shipment_vendor_id": self.other_vendor.id,
            }
        )
        self.assertEqual(line.drop_shipment_vendor_id, self.other_vendor)

    def test_no_drop_shipment(self):
        """A vendor for a line from own stock is refused, in words."""
        sale = self._new_sale((self.chair, 5, {"drop_shipment": False}), confirm=False)
        with self.assertRefused("it is no drop shipment", ValidationError):
            sale.order_line.drop_shipment_vendor_id = self.vendor
        sale.order_line.write(
            {"drop_shipment": True, "drop_shipment_vendor_id": self.vendor.id}
        )
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)
        sale.order_line.drop_shipment = False
        self.assertFalse(sale.order_line.drop_shipment_chosen_vendor_id)

    def test_copy(self):
        """The copy of an order has the choice, and proposes the rest anew."""
        sale = self._new_sale((self.chair, 20), (self.chair, 20))
        sale.order_line[0].drop_shipment_vendor_id = self.other_vendor
        self._order(sale)
        copy = sale.copy()
        self.assertEqual(
            [line.drop_shipment_vendor_id for line in copy.order_line],
            [self.other_vendor, self.vendor],
        )
        self.assertFalse(copy.order_line[1].drop_shipment_chosen_vendor_id)

    def test_archived(self):
        """A vendor who was archived since is nobody to order from."""
        sale = self._new_sale((self.chair, 5))
        sale.order_line.drop_shipment_vendor_id = self.vendor
        self.vendor.active = False
        self.assertEqual(self._order(sale).partner_id, self.other_vendor)


class TestVendorOrdered(VendorOnLineCommon):
    """What ordering makes of the vendor of a line."""

    def test_frozen_while_ordered(self):
        """The message names the purchase order; cancelled, it is free again."""
        sale = self._new_sale((self.chair, 20))
        line = sale.order_line
        purchase = self._new_purchase(sale)
        for name in ("drop_shipment_vendor_id", "drop_shipment_chosen_vendor_id"):
            with self.assertRefused(
                f"Vendor of {sale.name}, line 1 .* on purchase order {purchase.name}"
            ):
                line[name] = self.other_vendor
        purchase.button_cancel()
        line.drop_shipment_vendor_id = self.other_vendor
        self.assertEqual(line.drop_shipment_vendor_id, self.other_vendor)

    def test_free_once_given_back(self):
        """A confirmed line that is closed orders nothing: sales choose anew."""
        sale = self._new_sale((self.chair, 20))
        line = sale.order_line
        purchase = self._new_purchase(sale, confirm=True)
        self.assertEqual(line.drop_shipment_vendor_id, purchase.partner_id)
        purchase.order_line.action_close_drop_shipment_remainder()
        self.assertEqual(line.drop_shipment_qty_to_order, 20)
        for vendor in (self.other_vendor, self.vendor):
            line.drop_shipment_vendor_id = vendor
            self.assertEqual(line.drop_shipment_vendor_id, vendor)
            self.assertEqual(
                self.env["drop.shipment.sourcing"]._get_vendor(line.sudo()), vendor
            )

    def test_frozen_by_the_next_order(self):
        """The refusal names the order that has the line, not who gave it back."""
        sale = self._new_sale()
        closed = self._new_purchase(sale, confirm=True)
        closed.order_line.action_close_drop_shipment_remainder()
        with self.assertRefused(f"{closed.name} has nothing left .*receive or to bill"):
            closed.action_post_drop_shipment()
        request = self._new_purchase(sale)
        with self.assertRefused(f"on purchase order {request.name}. Have") as caught:
            sale.order_line.drop_shipment_vendor_id = self.other_vendor
        self.assertNotIn(closed.name, str(caught.exception))

    def test_whoever_it_is_ordered_from(self):
        """The buyer took another vendor: the line says so, and so does the list."""
        sale = self._new_sale((self.chair, 20))
        purchase = self._new_purchase(partner_id=self.other_vendor.id)
        self._get_sales_orders(purchase, sale)
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.other_vendor)
        self.env.flush_all()
        row = self.env["drop.shipment.report"].with_user(self.buyer)
        row = row.browse(sale.order_line.id)
        self.assertEqual(row.vendor_id, self.other_vendor)
        purchase.partner_id = self.vendor
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)
        purchase.partner_id = self.other_vendor
        purchase.button_cancel()
        self.assertEqual(sale.order_line.drop_shipment_vendor_id, self.vendor)

    def test_list_before_ordering(self):
        """Buyers can group what is to order by its vendor."""
        sale = self._new_sale((self.chair, 5), (self.desk, 1))
        self.env.flush_all()
        report = self.env["drop.shipment.report"].with_user(self.buyer)
        rows = report.search(
            [
                ("id", "in", sale.order_line.ids),
                ("vendor_id", "=", self.other_vendor.id),
            ]
        )
        self.assertEqual(rows.ids, sale.order_line[0].ids)

    def test_rest_goes_to_the_choice(self):
        """4 of 10 are with another vendor: the rest is for the one that sales chose."""
        values = {"drop_shipment_vendor_id": self.customer.id}
        sale = self._new_sale((self.chair, 20, values))
        purchase = self._new_purchase()
        wizard = self.env["purchase.order.get.sales.order"].with_user(self.buyer)
        wizard = wizard.create(
            {
                "purchase_order_id": purchase.id,
                "vendor_products_only": False,
                "sale_order_ids": [Command.set(sale.ids)],
            }
        )
        wizard.line_ids.quantity = 4
        wizard.action_insert_lines()
        rest = self._order(sale) - purchase.sudo()
        self.assertEqual(rest.partner_id, self.customer)
        self.assertEqual(rest.order_line.product_qty, 16)

    def test_get_sales_order_line_by_line(self):
        """Two lines of a product, one of them for the other vendor."""
        sale = self._new_sale((self.chair, 20), (self.chair, 20), (self.desk, 1))
        free, chosen, desk = sale.sudo().order_line
        chosen.with_user(self.salesman).drop_shipment_vendor_id = self.other_vendor
        self.assertEqual(self._offer(self.vendor), free | desk)
        # A proposal is no choice: this vendor sells the product, too.
        self.assertEqual(self._offer(self.other_vendor), free | chosen)
        self.assertEqual(
            self._offer(self.vendor, vendor_products_only=False), free | chosen | desk
        )
        # Also of a contact of the vendor, and of one who has no price at all.
        chosen.drop_shipment_vendor_id = self.customer
        self.assertEqual(self._offer(self.ship_to), chosen)

    def test_ordered_automatically(self):
        """At confirmation it goes to whom sales chose."""
        self.company.drop_shipment_auto_order = True
        values = {"drop_shipment_vendor_id": self.other_vendor.id}
        sale = self._new_sale((self.chair, 20, values), (self.chair, 20))
        lines = sale.sudo().order_line
        self.assertEqual(
            [line.purchase_line_ids.order_id.partner_id for line in lines],
            [self.other_vendor, self.vendor],
        )
        self.assertEqual(lines.purchase_line_ids.mapped("price_unit"), [14, 12])

    def test_salespeople_see_the_name_alone(self):
        """No purchase price comes with it; buyers need no right on sales."""
        sale = self._new_sale((self.chair, 5)).with_user(self.salesman)
        [values] = sale.order_line.web_read(
            {"drop_shipment_vendor_id": {"fields": {"display_name": {}}}}
        )
        self.assertEqual(
            values["drop_shipment_vendor_id"],
            {"id": self.other_vendor.id, "display_name": "Other Vendor"},
        )
        self.assertEqual(self._order(sale).partner_id, self.other_vendor)
