from unittest.mock import patch

from psycopg2.errors import SerializationFailure

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
