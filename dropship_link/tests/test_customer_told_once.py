from odoo.tests import Form

from .test_vendor_report import TestVendorReportCommon


class TestCustomerToldOnce(TestVendorReportCommon):
    """Transfers validated together in Inventory are one shipment to the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.stock_move_email_validation = True
        cls.stool = cls._new_product("Stool", vendor=cls.other_vendor)
        cls.sale = cls._new_sale((cls.chair, 5), (cls.stool, 4))
        for vendor in (cls.vendor, cls.other_vendor):
            cls._new_purchase(cls.sale, partner_id=vendor.id, confirm=True)
        cls.stock_user = cls._new_user("stock", "stock.group_stock_user")
        lines = cls.sale.sudo().order_line
        cls.chairs, cls.stools = (line.move_ids.picking_id for line in lines)
        cls.pickings = (cls.chairs | cls.stools).with_user(cls.stock_user)

    def _fill(self, picking, quantity):
        picking.move_ids.write({"quantity": quantity, "picked": True})

    def _get_mails(self, sale=None):
        messages = (sale or self.sale).sudo().message_ids
        return messages.filtered(
            lambda message: self.customer in message.notified_partner_ids
        ).sorted("id")

    def _answer(self, action, *without_backorder):
        """Answer core's question on backorders, as the web client does."""
        self.assertEqual(action["res_model"], "stock.backorder.confirmation")
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.stock_user)
            .with_context(**action["context"])
        )
        wizard = form.save()
        for line in wizard.backorder_confirmation_line_ids:
            line.to_backorder = line.picking_id not in without_backorder
        return wizard.with_context(**action["context"]).process()

    def test_different_backorder_choices(self):
        """One with a backorder, one without: one mail, of both, with what is left."""
        self._fill(self.chairs, 3)
        self._fill(self.stools, 2)
        self.chairs.drop_shipment_tracking_ref = "T-CHAIRS"
        self.stools.drop_shipment_tracking_ref = "T-STOOLS"
        action = self.pickings.button_validate()
        self.assertFalse(self._get_mails())
        self._answer(action, self.stools)
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [3, 2])
        [mail] = self._get_mails()
        self.assertEqual(len(mail.attachment_ids), 2)
        self.assertIn("T-CHAIRS", mail.body)
        self.assertIn("T-STOOLS", mail.body)
        # What is left is told as it is once both are done: no stool is to come.
        self.assertIn("2", mail.body)
        self.assertNotIn("Stool", mail.body)
        rest = self.chairs.backorder_ids
        self._fill(rest, 2)
        rest.with_user(self.stock_user).button_validate()
        self.assertEqual(len(self._get_mails()), 2)

    def test_without_any_backorder(self):
        self._fill(self.chairs, 3)
        self._fill(self.stools, 2)
        action = self.pickings.button_validate()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.stock_user)
            .with_context(**action["context"])
            .create({})
        )
        wizard.process_cancel_backorder()
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [3, 2])
        self.assertEqual(len(self._get_mails()), 1)

    def test_several_customers(self):
        """Each sales order gets its one mail, whatever else is validated with it."""
        other = self._new_sale((self.chair, 4))
        self._new_purchase(other, confirm=True)
        others = other.sudo().order_line.move_ids.picking_id
        self._fill(self.chairs, 5)
        self._fill(self.stools, 1)
        self._fill(others, 1)
        pickings = self.pickings | others.with_user(self.stock_user)
        self._answer(pickings.button_validate(), self.stools)
        self.assertEqual(len(self._get_mails()), 1)
        self.assertEqual(len(self._get_mails(other)), 1)

    def test_with_own_delivery(self):
        """What own stock delivers is told by core's mail, the vendor's by ours."""
        self.env["stock.quant"]._update_available_quantity(
            self.desk,
            self.env.ref("stock.warehouse0").lot_stock_id,
            3,
        )
        own = self._new_sale((self.desk, 3, {"drop_shipment": False}))
        delivery = own.sudo().picking_ids
        self._fill(self.chairs, 2)
        self._fill(self.stools, 2)
        self._fill(delivery, 3)
        pickings = self.pickings | delivery.with_user(self.stock_user)
        self._answer(pickings.button_validate(), self.chairs)
        self.assertEqual(delivery.state, "done")
        self.assertEqual(len(self._get_mails()), 1)

    def test_some_done_apart(self):
        """What a dialog left out, and is validated later, is told then."""
        self._fill(self.chairs, 3)
        self._fill(self.stools, 2)
        action = self.pickings.button_validate()
        context = action["context"]
        # As core's dialog on expired lots does when one transfer is left out.
        self.chairs.with_user(self.stock_user).with_context(
            **context, skip_backorder=True
        ).button_validate()
        self.assertEqual(len(self._get_mails()), 1)
        self.stools.with_user(self.stock_user).with_context(
            **context, skip_backorder=True
        ).button_validate()
        self.assertEqual(len(self._get_mails()), 2)

    def test_off(self):
        """Without the setting nobody is told, and a rest is a rest all the same."""
        self.company.stock_move_email_validation = False
        self._fill(self.chairs, 3)
        self._fill(self.stools, 2)
        self._answer(self.pickings.button_validate(), self.stools)
        self.assertEqual(self.sale.order_line.mapped("qty_delivered"), [3, 2])
        self.assertFalse(self._get_mails())
