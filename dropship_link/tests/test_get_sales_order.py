from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form

from .common import DropShipmentCommon


class TestGetSalesOrder(DropShipmentCommon):
    """Fetching drop shipment lines into a request for quotation."""

    def _new_wizard(self, purchase, *sales, **values):
        """Return the dialog of `purchase` with these sales orders chosen."""
        if sales:
            values["sale_order_ids"] = [Command.set([sale.id for sale in sales])]
        return purchase.env["purchase.order.get.sales.order"].create(
            {"purchase_order_id": purchase.id, **values}
        )

    def _offer(self, purchase):
        """Return the names of the sales orders on offer for `purchase`."""
        return set(self._new_wizard(purchase).order_ids.mapped("name"))

    # ------------------------------------------------------------
    # Before
    # ------------------------------------------------------------

    def test_sell_to_customer_is_needed(self):
        self._new_sale()
        purchase = self._new_purchase(sell_to_customer_id=False)
        with self.assertRefused(rf"Sell-to Customer .*{purchase.name}"):
            purchase.action_get_sales_order()
        self.assertFalse(purchase.order_line)

    def test_request_for_quotation_is_needed(self):
        """A confirmed or cancelled order takes no lines."""
        sale = self._new_sale()
        purchase = self._new_purchase(sale, confirm=True)
        self._new_sale()
        cancelled = self._new_purchase()
        wizard = self._new_wizard(cancelled)
        cancelled.button_cancel()
        for order in (purchase, cancelled):
            with (
                self.subTest(state=order.state),
                self.assertRefused(rf"{order.name} .*request for quotation"),
            ):
                order.action_get_sales_order()
        with self.assertRefused(rf"{cancelled.name} .*request for quotation"):
            wizard.action_insert_lines()
        self.assertFalse(cancelled.order_line)
        self.assertEqual(len(purchase.order_line), 1)

    def test_sent_request_takes_lines(self):
        """A request that was sent may still grow."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        purchase.state = "sent"
        self._get_sales_orders(purchase, sale)
        self.assertEqual(purchase.order_line.product_qty, 10)

    def test_statuses_stand(self):
        """What was to order is on a request: the order's statuses stay what they are.

        They are not worked out anew, so compare them with what they would be.
        """
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        first = self._new_purchase()
        self._get_sales_orders(first, sale, quantity=1)
        first.button_confirm()
        self._post(sale)
        self._post_invoice(sale)
        fields = [
            (record, name)
            for record, names in (
                (sale, ("invoice_status", "delivery_status")),
                *((line, ("invoice_status",)) for line in sale.order_line),
            )
            for name in names
        ]
        before = [record[name] for record, name in fields]
        self.assertEqual(before, ["no", "partial", "no", "no"])
        self._new_purchase(sale)
        self.assertEqual([record[name] for record, name in fields], before)
        for record, name in fields:
            self.env.add_to_compute(record._fields[name], record)
        self.assertEqual([record[name] for record, name in fields], before)

    def test_nothing_to_fetch(self):
        """A plain message, naming the customer."""
        self._new_sale(confirm=False)
        self._new_sale((self.chair, 1, {"drop_shipment": False}))
        purchase = self._new_purchase()
        with self.assertRefused(r"nothing to fetch: .*Customer"):
            purchase.action_get_sales_order()

    def test_nothing_chosen(self):
        self._new_sale()
        self._new_sale()
        purchase = self._new_purchase()
        with self.assertRefused(r"no lines to fetch: choose a sales order"):
            self._new_wizard(purchase).action_insert_lines()
        self.assertFalse(purchase.order_line)
        self.assertNotEqual(purchase.picking_type_id.code, "dropship")

    # ------------------------------------------------------------
    # The offer
    # ------------------------------------------------------------

    def test_offer(self):
        """Confirmed orders of the customer with something to order, no others."""
        contact = self.env["res.partner"].create(
            {"name": "Buyer at Customer", "parent_id": self.customer.id}
        )
        offered = [
            self._new_sale(),
            self._new_sale(partner_id=contact.id),
            self._new_sale((self.chair, 1), (self.desk, 1, {"drop_shipment": False})),
        ]
        half = self._new_sale()
        self._get_sales_orders(self._new_purchase(), half, quantity=4)
        offered.append(half)
        locked = self._new_sale()
        locked.sudo().action_lock()
        offered.append(locked)

        self._new_sale(confirm=False)
        self._new_sale()._action_cancel()
        self._new_sale((self.chair, 1, {"drop_shipment": False}))
        self._new_sale(
            partner_id=self.other_customer.id,
            partner_shipping_id=self.other_customer.id,
        )
        self._new_purchase(self._new_sale())
        self._new_purchase(self._new_sale(), confirm=True)
        self.assertEqual(
            self._offer(self._new_purchase()), {sale.name for sale in offered}
        )

    def test_offer_names_the_first_products(self):
        """Three of them, each with what is left to order; the others are counted."""
        products = [self._new_product(f"Stool {number}") for number in range(5)]
        sale = self._new_sale(*((product, 2) for product in products))
        texts = ["2 Units of Stool 0", "2 Units of Stool 1", "2 Units of Stool 2"]
        wizard = self._new_wizard(self._new_purchase())
        offer = wizard.order_ids.filtered(lambda row: row.sale_order_id == sale)
        self.assertEqual(offer.products, ", ".join([*texts, "2 more lines"]))
        # One order with long names must not fill the dialog.
        products[0].name = "Height-adjustable executive conference table, walnut veneer"
        offer.invalidate_recordset()
        self.assertIn(
            "2 Units of Height-adjustable executive conference…, 2", offer.products
        )

    def test_offer_by_a_contact_of_the_customer(self):
        """Sell-to Customer may be any address of the customer."""
        sale = self._new_sale()
        purchase = self._new_purchase(sell_to_customer_id=self.ship_to.id)
        self.assertEqual(self._offer(purchase), {sale.name})

    def test_offer_after_the_first_link_keeps_the_ship_to(self):
        """One purchase order ships to one address."""
        sale = self._new_sale()
        same = self._new_sale()
        elsewhere = self._new_sale(partner_shipping_id=self.customer.id)
        purchase = self._new_purchase()
        self.assertEqual(self._offer(purchase), {sale.name, same.name, elsewhere.name})
        self._get_sales_orders(purchase, sale)
        self.assertEqual(self._offer(purchase), {same.name})
        with self.assertRefused("not on offer"):
            self._get_sales_orders(purchase, elsewhere)
        self._get_sales_orders(purchase, same)
        with self.assertRefused("nothing to fetch: .*Ship-to Dock"):
            purchase.action_get_sales_order()

    def test_offer_of_another_company(self):
        """Both orders belong to one company."""
        company = self._create_company(name="Second Company")
        salesman = self._new_user(
            "salesman_2", "sales_team.group_sale_salesman", company
        )
        theirs = self._new_sale(user=salesman)
        ours = self._new_sale()
        self.assertEqual(theirs.company_id, company)
        self.buyer.company_ids = [Command.link(company.id)]
        purchase = self._new_purchase().with_context(
            allowed_company_ids=[self.company.id, company.id]
        )
        self.assertEqual(self._offer(purchase), {ours.name})
        with self.assertRefused("not on offer"):
            self._get_sales_orders(purchase, theirs)

    def test_products_of_this_vendor_only(self):
        """What only others sell is left out, until the buyer wants all."""
        lamp = self._new_product("Lamp", vendor=self.other_vendor)
        shelf = self._new_product("Shelf")
        shelf.seller_ids = False
        sale = self._new_sale((self.chair, 1), (lamp, 2), (shelf, 3))
        only_lamp = self._new_sale((lamp, 4))
        purchase = self._new_purchase()
        wizard = self._new_wizard(purchase, sale)
        self.assertTrue(wizard.vendor_products_only)
        self.assertEqual(wizard.order_ids.mapped("name"), [sale.name])
        self.assertEqual(wizard.line_ids.product_id, self.chair | shelf)

        with self.assertRefused("not on offer.* Only Products of This Vendor"):
            self._get_sales_orders(purchase, only_lamp)

        wizard.vendor_products_only = False
        self.assertEqual(
            set(wizard.order_ids.mapped("name")), {sale.name, only_lamp.name}
        )
        self.assertEqual(wizard.line_ids.product_id, self.chair | lamp | shelf)
        wizard.action_insert_lines()
        self.assertEqual(purchase.order_line.mapped("product_qty"), [1, 2, 3])

    def test_nobody_but_an_archived_vendor_sells_it(self):
        """Any vendor may be asked, as where nobody ever sold the product."""
        self.desk.seller_ids.partner_id = self.other_vendor
        sale = self._new_sale((self.desk, 2))
        with self.assertRefused("not on offer"):
            self._new_purchase(sale)
        self.other_vendor.active = False
        purchase = self._new_purchase(sale)
        self.assertEqual(purchase.order_line.sale_line_id, sale.order_line)

    def test_all_products_from_a_script(self):
        """`create` with the order, the choice and the filter is complete."""
        lamp = self._new_product("Lamp", vendor=self.other_vendor)
        sale = self._new_sale((self.chair, 1), (lamp, 2))
        purchase = self._new_purchase()
        wizard = self._new_wizard(purchase, sale, vendor_products_only=False)
        wizard.action_insert_lines()
        self.assertEqual(purchase.order_line.product_id, self.chair | lamp)

    def test_vendor_price_of_a_contact_or_of_another_company(self):
        """The vendor is the company behind the address; prices may be a company's."""
        contact = self.env["res.partner"].create(
            {"name": "Vendor Desk", "parent_id": self.vendor.id}
        )
        company = self._create_company(name="Second Company")
        by_contact = self._new_product("By contact", vendor=contact)
        elsewhere = self._new_product("Elsewhere", vendor=self.other_vendor)
        elsewhere.seller_ids.company_id = company
        sale = self._new_sale((by_contact, 1), (elsewhere, 2))
        wizard = self._new_wizard(self._new_purchase(), sale)
        self.assertEqual(wizard.line_ids.product_id, by_contact | elsewhere)

    def test_not_on_offer_is_refused_without_telling(self):
        """A forged choice is refused, and the message tells nothing of the order."""
        self._new_sale()
        theirs = self._new_sale(
            partner_id=self.other_customer.id,
            partner_shipping_id=self.other_customer.id,
        )
        purchase = self._new_purchase()
        with self.assertRefused("not on offer") as caught:
            self._get_sales_orders(purchase, theirs)
        self.assertNotIn(theirs.name, str(caught.exception))
        self.assertFalse(purchase.order_line)
        self.assertEqual(theirs.order_line.drop_shipment_qty_to_order, 10)

    def test_forged_line_is_refused_without_telling(self):
        """Rows may be written by a script; each is checked against the offer."""
        self._new_sale()
        theirs = self._new_sale(
            partner_id=self.other_customer.id,
            partner_shipping_id=self.other_customer.id,
        )
        quotation = self._new_sale(confirm=False)
        purchase = self._new_purchase()
        for sale in (theirs, quotation):
            wizard = self._new_wizard(purchase)
            with self.assertRefused("not on offer") as caught:
                wizard.line_ids.create(
                    {
                        "get_id": wizard.id,
                        "sale_line_id": sale.order_line.id,
                        "quantity": 1,
                    }
                )
            self.assertNotIn(sale.name, str(caught.exception))
            self.assertNotIn(
                sale.order_line.id, wizard.line_ids.sudo().sale_line_id.ids
            )
        self.assertFalse(purchase.order_line)

    # ------------------------------------------------------------
    # Quantities
    # ------------------------------------------------------------

    def test_less_than_what_is_left(self):
        """Several vendors may share a line."""
        sale = self._new_sale()
        line = sale.order_line
        first = self._new_purchase()
        self._get_sales_orders(first, sale, quantity=4)
        self.assertEqual(line.drop_shipment_qty_ordered, 4)
        self.assertEqual(line.drop_shipment_qty_to_order, 6)
        second = self._new_purchase(partner_id=self.other_vendor.id)
        wizard = self._new_wizard(second, sale, vendor_products_only=False)
        self.assertEqual(wizard.line_ids.quantity, 6)
        self.assertEqual(wizard.line_ids.quantity_to_order, 6)
        wizard.action_insert_lines()
        self.assertEqual(line.drop_shipment_qty_to_order, 0)
        self.assertEqual(
            line.drop_shipment_purchase_ref, f"{first.name}, {second.name}"
        )

    def test_twice_into_the_same_order(self):
        sale = self._new_sale()
        purchase = self._new_purchase()
        self._get_sales_orders(purchase, sale, quantity=4)
        self._get_sales_orders(purchase, sale)
        self.assertEqual(sum(purchase.order_line.mapped("product_qty")), 10)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 0)
        self.assertEqual(purchase.origin, sale.name)

    def test_wrong_quantities_are_refused(self):
        """Never more than what is left, never none, never less."""
        sale = self._new_sale()
        self._get_sales_orders(self._new_purchase(), sale, quantity=4)
        purchase = self._new_purchase()
        for quantity in (0, -1, 6.01, 10):
            with (
                self.subTest(quantity=quantity),
                self.assertRefused(
                    rf"Quantity of {sale.name}, line 1 \(Chair\) .*at most 6"
                ),
            ):
                self._get_sales_orders(purchase, sale, quantity=quantity)
            self.assertFalse(purchase.order_line)
            self.assertEqual(sale.order_line.drop_shipment_qty_ordered, 4)

    def test_quantity_that_is_no_number_is_refused(self):
        """Scripts are told in words, before the database fails on it."""
        wizard = self._new_wizard(self._new_purchase(), self._new_sale())
        self.assertEqual(wizard.line_ids.quantity, 10)
        for quantity in (float("nan"), float("inf"), "six"):
            with (
                self.subTest(quantity=quantity),
                self.assertRefused(rf"Quantity can't be {quantity}"),
            ):
                wizard.line_ids.write({"quantity": quantity})
        self.assertEqual(wizard.line_ids.quantity, 10)

    def test_rows_of_one_line_add_up(self):
        """Two rows of 6 are 12, and -5 beside 15 is not 10."""
        sale = self._new_sale()
        for first, second in ((6, 6), (-5, 15), (15, -5)):
            with self.subTest(first=first, second=second):
                purchase = self._new_purchase()
                wizard = self._new_wizard(purchase, sale)
                wizard.line_ids.quantity = first
                wizard.line_ids.copy({"quantity": second})
                with self.assertRefused(rf"{sale.name}, line 1 \(Chair\)"):
                    wizard.action_insert_lines()
                self.assertFalse(purchase.order_line)
        self.assertEqual(sale.order_line.drop_shipment_qty_to_order, 10)

    def test_quantity_taken_meanwhile(self):
        """The offer is looked up again when the buyer presses OK."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        wizard = self._new_wizard(purchase, sale)
        other = self._new_purchase()
        self._get_sales_orders(other, sale, quantity=4)
        with self.assertRefused(rf"{sale.name}, line 1 .*at most 6"):
            wizard.action_insert_lines()
        self.assertFalse(purchase.order_line)
        wizard.line_ids.quantity = 6
        wizard.action_insert_lines()
        self.assertEqual(purchase.order_line.product_qty, 6)

    def test_some_lines_only(self):
        """A row taken out of the dialog stays to order."""
        sale = self._new_sale((self.chair, 10), (self.desk, 2))
        purchase = self._new_purchase()
        wizard = self._new_wizard(purchase, sale)
        wizard.line_ids[0].unlink()
        wizard.action_insert_lines()
        self.assertEqual(purchase.order_line.product_id, self.desk)
        self.assertEqual(sale.order_line.mapped("drop_shipment_qty_to_order"), [10, 0])

    # ------------------------------------------------------------
    # The dialog
    # ------------------------------------------------------------

    def test_dialog_in_the_browser(self):
        """A buyer without sales rights sees the offer and chooses."""
        sale = self._new_sale(client_order_ref="Their 77")
        other = self._new_sale((self.desk, 2))
        purchase = self._new_purchase()
        action = purchase.action_get_sales_order()
        self.assertEqual(action["target"], "new")
        wizard = self.env[action["res_model"]].with_user(self.buyer)
        wizard = wizard.browse(action["res_id"])
        offer = wizard.order_ids.sorted("name")
        self.assertEqual(offer.mapped("name"), [sale.name, other.name])
        self.assertEqual(offer.mapped("quantity"), [10, 2])
        self.assertEqual(offer.mapped("line_count"), [1, 1])
        self.assertEqual(offer[0].client_order_ref, "Their 77")
        self.assertEqual(offer[0].customer, "Customer")
        self.assertIn("3 Dock Road", offer[0].ship_to)
        self.assertFalse(wizard.line_ids)
        with Form(wizard) as form:
            for index, name in enumerate(wizard.order_ids.mapped("name")):
                if name == other.name:
                    with form.order_ids.edit(index) as row:
                        row.selected = True
            with form.line_ids.edit(0) as row:
                self.assertEqual(row.name, "Desk")
                self.assertEqual(row.sale_ref, other.name)
                row.quantity = 1
        result = wizard.action_insert_lines()
        self.assertEqual(result["type"], "ir.actions.act_window_close")
        self.assertEqual(purchase.order_line.product_id, self.desk)
        self.assertEqual(purchase.order_line.product_qty, 1)

    def test_only_order_is_chosen(self):
        """One order is no choice: the dialog needs no click but OK."""
        sale = self._new_sale()
        purchase = self._new_purchase()
        wizard = self._new_wizard(purchase)
        self.assertEqual(wizard.line_ids.mapped("sale_ref"), [sale.name])
        wizard.action_insert_lines()
        self.assertEqual(purchase.order_line.product_qty, 10)

    def test_available_orders_are_those_on_offer(self):
        """The names of the contract hold what the rows show."""
        sale = self._new_sale()
        other = self._new_sale()
        wizard = self._new_wizard(self._new_purchase(), other).sudo()
        self.assertEqual(wizard.available_sale_order_ids, (sale | other).sudo())
        self.assertEqual(wizard.sale_order_ids, other.sudo())
        self.assertEqual(wizard.line_ids.sale_line_id, other.sudo().order_line)

    def test_choice_may_be_written_later(self):
        """`write` on the dialog is as good as `create`."""
        sale = self._new_sale()
        self._new_sale()
        purchase = self._new_purchase()
        wizard = self._new_wizard(purchase)
        self.assertFalse(wizard.line_ids)
        wizard.write({"sale_order_ids": [Command.set(sale.ids)]})
        self.assertEqual(wizard.line_ids.mapped("sale_ref"), [sale.name])
        wizard.action_insert_lines()
        self.assertEqual(purchase.drop_shipment_sale_ref, sale.name)

    def test_salesman_may_not_fetch(self):
        """Getting sales orders is the buyer's job."""
        self._new_sale()
        purchase = self._new_purchase()
        with self.assertRaises(AccessError):
            purchase.with_user(self.salesman).action_get_sales_order()
        with self.assertRaises(AccessError):
            self._new_wizard(purchase.with_user(self.salesman))
        self.assertFalse(purchase.order_line)

    def test_dialog_belongs_to_who_opened_it(self):
        """Another buyer can't press OK in it."""
        self._new_sale()
        wizard = self._new_wizard(self._new_purchase())
        colleague = self._new_user("buyer_2", "purchase.group_purchase_user")
        with self.assertRaises(AccessError):
            wizard.with_user(colleague).action_insert_lines()
        self.assertFalse(wizard.purchase_order_id.order_line)
