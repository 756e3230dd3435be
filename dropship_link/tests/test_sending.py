from odoo.exceptions import AccessError

from .common import DropShipmentCommon


class TestSending(DropShipmentCommon):
    """The requests that were made in one go are sent in one go."""

    def _mails(self, order):
        """Return the mails to the vendor in the chatter of an order."""
        return order.sudo().message_ids.filtered(
            lambda message: self.vendor in message.partner_ids
        )

    def test_requests_and_orders(self):
        """Each as its own button sends it; a request is *sent* afterwards."""
        request = self._new_purchase(self._new_sale())
        order = self._new_purchase(self._new_sale(), confirm=True)
        action = (request | order).with_user(self.buyer).action_send_drop_shipments()
        params = action["params"]
        self.assertEqual(
            [job["name"] for job in params["jobs"]],
            [
                request.name,
                order.name,
            ],
        )
        self.assertEqual(params["jobs"][0]["lines"], ["10 Units of Chair"])
        self.assertFalse(params["skipped"])
        model = self.env[params["model"]].with_user(self.buyer)
        for job in params["jobs"]:
            answer = getattr(model, params["method"])(**job["kwargs"])
            self.assertEqual(answer["message"], "Sent to vendor@example.com.")
        self.assertEqual(request.state, "sent")
        self.assertEqual(order.state, "purchase")
        for sent in (request, order):
            mail = self._mails(sent)
            self.assertEqual(len(mail), 1)
            self.assertIn(self.ship_to.city, mail.body)
            self.assertTrue(mail.attachment_ids)

    def test_left_out(self):
        """Who can't get one is named before anything is sent; the others get it."""
        ordinary = self.env["purchase.order"].create({"partner_id": self.vendor.id})
        request = self._new_purchase(self._new_sale())
        cancelled = self._new_purchase(self._new_sale())
        cancelled.button_cancel()
        waiting = self._new_purchase(self._new_sale())
        waiting.company_id.sudo().write(
            {"po_double_validation": "two_step", "po_double_validation_amount": 1.0}
        )
        waiting.button_confirm()
        self.assertEqual(waiting.state, "to approve")
        mute = self._new_purchase(self._new_sale())
        mute.partner_id = self.other_vendor
        orders = ordinary | request | cancelled | waiting | mute
        params = orders.with_user(self.buyer).action_send_drop_shipments()["params"]
        self.assertEqual([job["name"] for job in params["jobs"]], [request.name])
        reasons = [row["reason"] for row in params["skipped"]]
        self.assertIn("no drop shipment", reasons[0])
        self.assertIn("cancelled", reasons[1])
        self.assertIn("approval", reasons[2])
        self.assertIn("Other Vendor has no e-mail address", reasons[3])
        buyers = (orders - request).with_user(self.buyer)
        with self.assertRefused("Nothing of this can be sent"):
            buyers.action_send_drop_shipments()
        for order in buyers:
            with self.assertRefused(f"{order.name} can't be sent"):
                order.send_drop_shipment(order.id)
            self.assertFalse(self._mails(order))

    def test_rights(self):
        """Salespeople send nothing to vendors."""
        request = self._new_purchase(self._new_sale())
        with self.assertRaises(AccessError):
            request.with_user(self.salesman).action_send_drop_shipments()
        with self.assertRaises(AccessError):
            request.with_user(self.salesman).send_drop_shipment(request.id)
        self.assertFalse(self._mails(request))
