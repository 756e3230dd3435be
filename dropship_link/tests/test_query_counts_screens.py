from functools import partial

from .common_query_counts import QueryCountsCommon


class TestQueryCountsScreens(QueryCountsCommon):
    """A screen reads what the add-on shows of all its lines or orders at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.products = cls._new_products("Product", 20)

    def _count_fields(self, records):
        """Return {(model, field): queries of reading a computed field of ours}."""
        # As the web client asks: by the ids.
        records = records.browse(records.ids)
        counts = {}
        for name, field in records._fields.items():
            if "dropship_link" not in field._modules:
                continue
            if not field.compute or field.store:
                continue
            counts[records._name, name] = self._count(partial(records.mapped, name))
        self.assertTrue(counts)
        return counts

    def _count_order(self, sale, purchase):
        """Return the queries of both forms, and of the list of drop shipments."""
        rows = self.env["drop.shipment.report"].search(
            [("sale_line_id", "in", sale.order_line.ids)]
        )
        self.assertEqual(len(rows), len(sale.order_line))
        counts = {}
        for records in (sale, sale.order_line, purchase, purchase.order_line, rows):
            counts.update(self._count_fields(records.with_env(self.env)))
        return counts

    def _read_dialog(self, open_dialog):
        """Open a dialog and read it with its rows, as the web client does."""
        action = open_dialog()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        self.assertTrue(dialog.line_ids)
        for records in (dialog, dialog.line_ids):
            records.read(load=False)

    def _count_dialogs(self, size):
        """Return {button: queries} of the dialogs of an order of `size` lines."""
        sale = self._new_sale(*[(product, 4) for product in self.products[:size]])
        buyer = sale.with_user(self.buyer)
        buttons = {"create": buyer.action_open_create_drop_shipment_purchases}
        counts = self._count_buttons(buttons)
        purchase = self._new_purchase(sale, confirm=True)
        orders = sale, purchase
        counts |= self._count_buttons(
            {(order._name, "post"): order.action_post_drop_shipment for order in orders}
        )
        self._post(sale)
        return counts | self._count_buttons(
            {
                (order._name, name): getattr(order, f"action_{name}_drop_shipment")
                for order in orders
                for name in ("return", "correct")
            }
        )

    def _count_buttons(self, buttons):
        """Return {name: queries} of buttons that open dialogs."""
        return {
            name: self._count(partial(self._read_dialog, button))
            for name, button in buttons.items()
        }

    def test_rows_of_a_dialog(self):
        """No dialog costs queries for each of its rows, but for core's own.

        Create Purchase Orders shows what the vendors would charge: core's hook, which
        it asks for each line, looks up the vendor's code and the analytic distribution.
        """
        self._count_dialogs(5)
        few, many = self._count_dialogs(5), self._count_dialogs(20)
        few["create"] += 2 * (20 - 5)
        self.assertEqual(few, many)

    def _count_steps(self, size):
        """Return {step: queries} of one order of `size` lines."""
        sale = self._new_sale(*[(product, 4) for product in self.products[:size]])
        purchase = self._new_purchase()
        counts = {"to order": self._count_order(sale, purchase)}
        self._get_sales_orders(purchase, sale)
        counts["requested"] = self._count_order(sale, purchase)
        purchase.button_confirm()
        purchase.order_line.date_planned = "2020-01-01"
        counts["late"] = self._count_order(sale, purchase)
        sale.order_line.qty_to_ship = 1
        self._post(sale)
        counts["partly shipped"] = self._count_order(sale, purchase)
        self._post(sale, "ship_invoice")
        counts["invoiced"] = self._count_order(sale, purchase)
        return counts

    def test_lines_of_an_order(self):
        """Nothing on the screens of an order costs queries for each of its lines."""
        self._count_steps(1)
        few, many = self._count_steps(5), self._count_steps(20)
        for step, counts in few.items():
            for name, count in counts.items():
                with self.subTest(step=step, name=name):
                    self.assertLessEqual(many[step][name], count)

    def _new_shipped(self, count):
        """Return sales orders of one line each, shipped by half."""
        sales = self.env["sale.order"]
        for product in self.products[:count]:
            sale = self._new_sale((product, 2))
            self._new_purchase(sale, confirm=True)
            self._post(sale, quantity=1, tracking_ref="1Z 9")
            sales += sale
        return sales

    def test_orders_of_a_list(self):
        """A list of orders reads what their columns show at once."""
        sales = self._new_shipped(20)
        lists = {
            "sale.order": (
                "drop_shipment_purchase_ref",
                "drop_shipment_delivery_note",
                "drop_shipment_tracking_ref",
            ),
            "purchase.order": (
                "drop_shipment_sale_ref",
                "drop_shipment_delivery_note",
                "drop_shipment_tracking_ref",
            ),
        }
        orders = sales.sudo(), sales.sudo().order_line.purchase_line_ids.order_id
        for found in orders:
            self._count_fields(found[:1])
            few, many = self._count_fields(found[:5]), self._count_fields(found)
            for name in lists[found._name]:
                with self.subTest(model=found._name, name=name):
                    key = found._name, name
                    self.assertLessEqual(many[key], few[key])

    def test_page_of_a_vendor(self):
        """The vendor's list, and the slip for the parcels, read all at once."""
        sales = self._new_shipped(20).sudo()
        orders = sales.order_line.purchase_line_ids.order_id
        get_rows = self.env["drop.shipment.vendor.list"]._get_rows
        get_rows(orders)
        few, many = orders.browse(orders[:5].ids), orders.browse(orders.ids)
        self.assertEqual(
            self._count(partial(get_rows, few)), self._count(partial(get_rows, many))
        )

        def count_slip(size):
            sale = self._new_sale(*[(product, 4) for product in self.products[:size]])
            purchase = self._new_purchase(sale, confirm=True)
            return self._count(
                lambda: self.env["drop.shipment.packing.slip"]._get_slips(purchase)
            )

        count_slip(1)
        self.assertEqual(count_slip(5), count_slip(20))
