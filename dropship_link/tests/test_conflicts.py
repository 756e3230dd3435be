from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import DropShipmentCommon


class Conflict(SerializationFailure):
    """What PostgreSQL says when somebody else was first."""

    pgcode = "40001"


@tagged("post_install", "-at_install")
class TestConflicts(HttpCase, DropShipmentCommon):
    """Somebody else was first, five times in a row."""

    def test_readable(self):
        """The last attempt fails in words for people, not PostgreSQL's."""
        self.authenticate("admin", "admin")
        sale = self._new_sale()
        model = type(self.env["sale.order"])
        with (
            patch.object(
                model, "action_post_drop_shipment", side_effect=Conflict, autospec=True
            ) as called,
            patch("odoo.service.model.time.sleep"),
            mute_logger("odoo.http"),
        ):
            answer = self.url_open(
                "/web/dataset/call_kw/sale.order/action_post_drop_shipment",
                json={
                    "params": {
                        "model": "sale.order",
                        "method": "action_post_drop_shipment",
                        "args": [sale.ids],
                        "kwargs": {},
                    }
                },
            ).json()
        self.assertEqual(called.call_count, 5)
        error = answer["error"]["data"]
        self.assertEqual(error["name"], "odoo.exceptions.UserError")
        self.assertIn("try again", error["message"])

    def test_readable_over_the_external_api(self):
        """Model and method stand in the address there."""
        admin = self.env.ref("base.user_admin")
        keys = self.env["res.users.apikeys"].with_user(admin).sudo()
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        key = keys._generate("rpc", "conflicts", tomorrow)
        sale = self._new_sale()
        for model, method in (
            ("sale.order", "action_post_drop_shipment"),
            ("drop.shipment.post", "action_post"),
        ):
            with (
                self.subTest(model),
                patch.object(
                    type(self.env[model]), method, side_effect=Conflict, autospec=True
                ),
                patch("odoo.service.model.time.sleep"),
                mute_logger("odoo.http"),
            ):
                answer = self.url_open(
                    f"/json/2/{model}/{method}",
                    json={"ids": sale.ids},
                    headers={"Authorization": f"Bearer {key}"},
                ).json()
            self.assertEqual(answer["name"], "odoo.exceptions.UserError")
            self.assertIn("try again", answer["message"])
