from odoo import api, fields, models
from odoo.tools import SQL

# Of one order in an hour: more than anybody types, few enough to be cleaned up by hand.
ANSWERS_PER_HOUR = 60
BYTES_PER_HOUR = 50 * 1024 * 1024


class DropShipmentVendorLimit(models.Model):
    """How often and how much the page of an order was written from outside.

    Stored, as several workers answer. Only the page writes it, and nobody reads it.
    """

    _name = "drop.shipment.vendor.limit"
    _description = "Limit of a Vendor's Page"
    _log_access = False

    purchase_order_id = fields.Many2one(
        comodel_name="purchase.order",
        required=True,
        index=True,
        ondelete="cascade",
    )
    hour = fields.Datetime(required=True)
    answers = fields.Integer()
    size = fields.Integer()

    _purchase_order_unique = models.Constraint(
        "UNIQUE(purchase_order_id)", "An order has one limit."
    )

    @api.model
    def _count_answer(self, order, size=0):
        """Count one answer from outside; return whether it is within the limit.

        Two answers at the same moment meet on this row: the second waits, is tried
        again, and sees what the first has changed.

        :param order: purchase order in sudo
        :param int size: bytes of the file that comes with it
        """
        cr = self.env.cr
        hour = fields.Datetime.now().replace(minute=0, second=0)
        cr.execute(
            SQL(
                """
                INSERT INTO drop_shipment_vendor_limit AS kept
                    (purchase_order_id, hour, answers, size)
                VALUES (%(order)s, %(hour)s, 1, %(size)s)
                ON CONFLICT (purchase_order_id) DO UPDATE SET
                    answers = CASE
                        WHEN kept.hour = excluded.hour THEN kept.answers + 1 ELSE 1
                    END,
                    size = LEAST(2000000000, excluded.size + CASE
                        WHEN kept.hour = excluded.hour THEN kept.size ELSE 0
                    END),
                    hour = excluded.hour
                RETURNING answers, size
                """,
                order=order.id,
                hour=hour,
                size=min(size, BYTES_PER_HOUR + 1),
            )
        )
        answers, total = cr.fetchone()
        return answers <= ANSWERS_PER_HOUR and total <= BYTES_PER_HOUR
