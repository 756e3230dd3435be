from datetime import date, datetime

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time

from .common import DropShipmentCommon

NOTE, TRACKING = "LS-4711", "1Z999AA10123456784"


class TestShipmentDetails(DropShipmentCommon):
    """The vendor's delivery note, the tracking number and the day of the shipment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale((cls.chair, 10), (cls.desk, 2))
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.picking = cls.purchase.sudo().picking_ids

    def _assert_shown(self, note=NOTE, tracking=TRACKING):
        """Both orders and their lines show the numbers, to people of one department."""
        self.env.invalidate_all()
        for order in (self.sale, self.purchase):
            for record in (order, order.order_line[0]):
                self.assertEqual(record.drop_shipment_delivery_note, note, record)
                self.assertEqual(record.drop_shipment_tracking_ref, tracking, record)

    # ------------------------------------------------------------
    # NUMBERS
    # ------------------------------------------------------------

    def test_post_sale(self):
        """Entered by a salesman without stock rights, shown on both orders."""
        self._post(self.sale, delivery_note=NOTE, tracking_ref=TRACKING)
        self.assertEqual(self.picking.state, "done")
        self.assertEqual(self.picking.drop_shipment_delivery_note, NOTE)
        self.assertEqual(self.picking.drop_shipment_tracking_ref, TRACKING)
        self._assert_shown()

    def test_post_purchase(self):
        """The same by a buyer without sales rights."""
        self._post(self.purchase, delivery_note=NOTE, tracking_ref=TRACKING)
        self.assertEqual(self.picking.state, "done")
        self._assert_shown()

    def test_post_without(self):
        """A script that names the order only posts it now, without numbers."""
        with freeze_time("2026-03-10 15:30:00"):
            self._post(self.sale)
        self.assertEqual(self.picking.state, "done")
        self.assertEqual(self.picking.date_done, datetime(2026, 3, 10, 15, 30))
        self._assert_shown("", "")

    def test_parts(self):
        """Each part has its own numbers; a backorder starts without."""
        self._post(self.sale, quantity=1, delivery_note=NOTE, tracking_ref=TRACKING)
        backorder = self.picking.backorder_ids
        self.assertTrue(backorder)
        self.assertFalse(backorder.drop_shipment_delivery_note)
        self.assertFalse(backorder.drop_shipment_tracking_ref)
        self.assertFalse(backorder.drop_shipment_date)
        self._post(self.sale, delivery_note="LS-4712", tracking_ref=TRACKING)
        self._assert_shown(f"{NOTE}, LS-4712")

    def test_chatter(self):
        """The transfer tells what was entered, and what it was before."""
        picking = self.picking.with_context(tracking_disable=False, mail_notrack=False)
        self.flush_tracking()
        for note in (NOTE, "LS-4712"):
            picking.drop_shipment_delivery_note = note
            self.flush_tracking()
        values = picking.message_ids.tracking_value_ids.filtered(
            lambda value: value.field_id.name == "drop_shipment_delivery_note"
        )
        self.assertEqual(
            [(value.old_value_char, value.new_value_char) for value in values],
            [(NOTE, "LS-4712"), (False, NOTE)],
        )

    def flush_tracking(self):
        """Write the notes on changed fields, as the end of a request does."""
        self.env.flush_all()
        self.cr.precommit.run()

    def test_edit_on_transfer(self):
        """Numbers that come later are entered on the transfer."""
        self._post(self.sale)
        clerk = self._new_user("clerk", "stock.group_stock_user")
        with Form(self.picking.with_user(clerk)) as form:
            form.drop_shipment_delivery_note = NOTE
            form.drop_shipment_tracking_ref = TRACKING
        self._assert_shown()

    def test_form_of_other_transfers(self):
        """Transfers that are no drop shipments do not ask."""
        sale = self._new_sale((self.chair, 1, {"drop_shipment": False}))
        delivery = sale.sudo().picking_ids
        self.assertFalse(delivery.is_drop_shipment)
        self.assertTrue(self.picking.is_drop_shipment)
        with Form(delivery) as form, self.assertRaises(AssertionError):
            form.drop_shipment_tracking_ref = TRACKING

    def test_two_vendors(self):
        """One note or parcel can't be two vendors'; nothing is posted."""
        sale = self._new_sale((self.chair, 4))
        for vendor in (self.vendor, self.other_vendor):
            purchase = self._new_purchase(partner_id=vendor.id)
            wizard = purchase.env["purchase.order.get.sales.order"].create(
                {
                    "purchase_order_id": purchase.id,
                    "sale_order_ids": sale.ids,
                    "vendor_products_only": False,
                }
            )
            wizard.line_ids.quantity = 2
            wizard.action_insert_lines()
            purchase.button_confirm()
        with self.assertRefused(
            f"Tracking Number of {sale.name} can't be the same for two vendors"
        ):
            self._post(sale, tracking_ref=TRACKING)
        self.assertEqual(sale.order_line.qty_delivered, 0)
        self._post(sale)
        self.assertEqual(sale.order_line.qty_delivered, 4)

    def test_not_for_a_bill(self):
        """Billing alone asks for neither."""
        self._post(self.purchase)
        with Form(
            self.purchase.env["drop.shipment.post"].create(
                {"purchase_order_id": self.purchase.id, "option": "invoice"}
            )
        ) as form:
            for name in ("delivery_note", "tracking_ref", "shipment_date"):
                self.assertTrue(form._get_modifier(name, "invisible"), name)

    def test_rights(self):
        """Numbers of an order are for who may read the order."""
        colleague = self._new_user("colleague", "sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            self.sale.with_user(colleague).read(["drop_shipment_tracking_ref"])

    # ------------------------------------------------------------
    # DATE
    # ------------------------------------------------------------

    def _post_on_tenth(self, order, **values):
        with freeze_time("2026-03-10 15:30:00"):
            return self._post(order, **values)

    def _assert_shipped(self, moment):
        """Transfer, moves, their lines and both orders are of that moment."""
        self.env.invalidate_all()
        self.assertEqual(self.picking.state, "done")
        self.assertEqual(self.picking.date_done, moment)
        self.assertEqual(set(self.picking.move_ids.mapped("date")), {moment})
        self.assertEqual(set(self.picking.move_line_ids.mapped("date")), {moment})
        self.assertEqual(self.sale.effective_date, moment)
        self.assertEqual(self.purchase.effective_date, moment)

    def test_backdated(self):
        """What left on Friday is posted on Tuesday, with Friday's date."""
        self._post_on_tenth(self.sale, shipment_date="2026-03-06")
        self._assert_shipped(datetime(2026, 3, 6, 12))

    def test_backdated_by_buyer(self):
        self._post_on_tenth(self.purchase, shipment_date="2026-03-06")
        self._assert_shipped(datetime(2026, 3, 6, 12))

    def test_today(self):
        """Today is now, not noon."""
        self._post_on_tenth(self.sale, shipment_date="2026-03-10")
        self._assert_shipped(datetime(2026, 3, 10, 15, 30))

    def test_invoice_keeps_its_date(self):
        """The invoice is of today, whenever the goods have left."""
        self.salesman.group_ids |= self.env.ref("account.group_account_invoice")
        self._post_on_tenth(
            self.sale, option="ship_invoice", shipment_date="2026-03-06"
        )
        self._assert_shipped(datetime(2026, 3, 6, 12))
        self.assertEqual(self.sale.sudo().invoice_ids.invoice_date, date(2026, 3, 10))

    def test_only_part(self):
        """The rest, shipped later, has its own date."""
        self._post_on_tenth(self.sale, quantity=1, shipment_date="2026-03-06")
        self._assert_shipped(datetime(2026, 3, 6, 12))
        self._post_on_tenth(self.sale)
        self.assertEqual(
            self.picking.backorder_ids.date_done, datetime(2026, 3, 10, 15, 30)
        )

    def test_west_of_utc(self):
        """The day is that of whoever enters it."""
        for zone, today, noon in (
            # Still the 9th in Honolulu.
            ("Pacific/Honolulu", date(2026, 3, 9), datetime(2026, 3, 8, 22)),
            # Already the 10th in Tokyo.
            ("Asia/Tokyo", date(2026, 3, 10), datetime(2026, 3, 9, 3)),
        ):
            with self.subTest(zone), freeze_time("2026-03-10 02:00:00"):
                posts = self.sale.with_context(tz=zone).env["drop.shipment.post"]
                wizard = posts.create({"sale_order_id": self.sale.id})
                self.assertEqual(wizard.shipment_date, today)
                wizard.shipment_date = today.replace(day=today.day - 1)
                wizard.line_ids.quantity = 1
                picking = self.sale.sudo().picking_ids.filtered(
                    lambda picking: picking.state == "assigned"
                )
                wizard.action_post()
                self.assertEqual(picking.date_done, noon)
                wizard = posts.create(
                    {
                        "sale_order_id": self.sale.id,
                        "shipment_date": today.replace(day=today.day + 1),
                    }
                )
                with self.assertRefused("Shipment Date", ValidationError):
                    wizard.action_post()

    def test_future(self):
        """Tomorrow is refused, by a message that says what to enter."""
        with self.assertRefused(
            "Shipment Date of .* can't be 03/11/2026, which is in the future: enter "
            "03/10/2026",
            ValidationError,
        ):
            self._post_on_tenth(self.sale, shipment_date="2026-03-11")
        self.assertEqual(self.sale.order_line[0].qty_delivered, 0)

    def test_future_on_transfer(self):
        """On the transfer, too."""
        with (
            freeze_time("2026-03-10"),
            self.assertRefused("in the future", ValidationError),
        ):
            self.picking.drop_shipment_date = "2026-03-11"

    def test_locked_period(self):
        """The books are closed: it says up to when."""
        self.company.fiscalyear_lock_date = "2026-02-28"
        with self.assertRefused(
            "Shipment Date of .* can't be 02/27/2026: the books are locked up to "
            "02/28/2026",
            ValidationError,
        ):
            self._post_on_tenth(self.sale, shipment_date="2026-02-27")
        self._post_on_tenth(self.sale, shipment_date="2026-03-01")
        self._assert_shipped(datetime(2026, 3, 1, 12))

    def test_due_in_a_locked_period(self):
        """The month in which the vendor should have shipped is closed: life goes on."""
        self.picking.scheduled_date = "2026-02-20"
        self.company.fiscalyear_lock_date = "2026-02-28"
        with freeze_time("2026-03-10 15:30:00"):
            self._post(self.sale, "ship", 1)
        self._assert_shipped(datetime(2026, 3, 10, 15, 30))
        chairs, desks = self.purchase.order_line
        self.purchase.order_line.product_qty = 2
        chairs.action_close_drop_shipment_remainder()
        self._post(self.purchase, "receive")
        self.assertEqual([chairs.qty_received, desks.qty_received], [1, 2])
        # What is done keeps out of the closed month.
        with self.assertRefused("locked fiscal period", ValidationError):
            self.picking.date_done = "2026-02-20"

    def test_validated_on_transfer(self):
        """Whoever validates the transfer itself enters the day there."""
        clerk = self._new_user("clerk", "stock.group_stock_user")
        with freeze_time("2026-03-10 15:30:00"):
            with Form(self.picking.with_user(clerk)) as form:
                form.drop_shipment_date = date(2026, 3, 6)
            self.picking.with_user(clerk).button_validate()
        self._assert_shipped(datetime(2026, 3, 6, 12))

    def test_validated_with_others(self):
        """Transfers validated at once keep a date each."""
        other_sale = self._new_sale()
        self._new_purchase(other_sale, confirm=True)
        delivery = self._new_sale((self.chair, 1, {"drop_shipment": False}))
        pickings = self.picking | (other_sale | delivery).sudo().picking_ids
        self.env["stock.quant"]._update_available_quantity(
            self.chair, delivery.sudo().warehouse_id.lot_stock_id, 1
        )
        delivery.sudo().picking_ids.action_assign()
        with freeze_time("2026-03-10 15:30:00"):
            self.picking.drop_shipment_date = "2026-03-06"
            other_sale.sudo().picking_ids.drop_shipment_date = "2026-03-05"
            pickings.move_ids.picked = True
            pickings.button_validate()
        self._assert_shipped(datetime(2026, 3, 6, 12))
        self.assertEqual(
            pickings.mapped("date_done"),
            [
                datetime(2026, 3, 6, 12),
                datetime(2026, 3, 5, 12),
                datetime(2026, 3, 10, 15, 30),
            ],
        )

    # ------------------------------------------------------------
    # LOTS
    # ------------------------------------------------------------

    def test_entered_on_the_transfer(self):
        """What waits on the transfer is in the dialog; a refusal changes nothing."""
        lamp = self._new_product("Lamp", tracking="lot")
        sale = self._new_sale((lamp, 3))
        self._new_purchase(sale, confirm=True)
        picking = sale.sudo().picking_ids
        with self.assertRefused("needs lot or serial numbers"):
            self._post_on_tenth(sale, delivery_note="DN-WRONG")
        self.assertFalse(picking.drop_shipment_delivery_note)
        with freeze_time("2026-03-10"):
            picking.write(
                {
                    "drop_shipment_delivery_note": NOTE,
                    "drop_shipment_tracking_ref": TRACKING,
                    "drop_shipment_date": "2026-03-06",
                }
            )
        self.assertEqual(picking.state, "assigned")
        with freeze_time("2026-03-11"):
            wizard = sale.env["drop.shipment.post"].create({"sale_order_id": sale.id})
            self.assertEqual(wizard.delivery_note, NOTE)
            self.assertEqual(wizard.tracking_ref, TRACKING)
            self.assertEqual(wizard.shipment_date, date(2026, 3, 6))
            picking.move_line_ids.lot_name = "LOT-1"
            picking.move_ids.picked = True
            picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.date_done, datetime(2026, 3, 6, 12))
        self.assertEqual(picking.drop_shipment_tracking_ref, TRACKING)
