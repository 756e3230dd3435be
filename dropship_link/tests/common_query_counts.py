from unittest.mock import patch

from odoo.fields import Command

from .common import DropShipmentCommon


class QueryCountsCommon(DropShipmentCommon):
    """Many products, and the queries that something costs."""

    @classmethod
    def _new_products(cls, name, count, **values):
        """Return so many storable products of the vendor."""
        return cls.env["product.product"].create(
            [
                {
                    "name": f"{name} {number}",
                    "type": "consu",
                    "is_storable": True,
                    "invoice_policy": "delivery",
                    "taxes_id": False,
                    "supplier_taxes_id": False,
                    "seller_ids": [
                        Command.create({"partner_id": cls.vendor.id, "price": 12.0})
                    ],
                    **values,
                }
                for number in range(count)
            ]
        )

    def _count(self, function):
        """Return how many queries `function` costs, from a cold cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        # Core cleans up behind a message now and then, by chance.
        with patch("random.random", lambda: 1):
            function()
            self.env.flush_all()
        return self.cr.sql_log_count - before
