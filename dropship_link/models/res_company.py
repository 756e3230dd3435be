from odoo import fields, models
from odoo.exceptions import UserError

# What a vendor may do on their page, each with all that stands before it.
VENDOR_PAGE = [
    ("read", "Read the order"),
    ("report", "Report what they shipped"),
    ("post", "Report, posted at once"),
]


class ResCompany(models.Model):
    """What a company wants of invoices and bills, automatic orders, and vendors."""

    _inherit = "res.company"

    drop_shipment_bill_control = fields.Selection(
        selection=[
            ("block", "Block"),
            ("warn", "Warn"),
            ("none", "No check"),
        ],
        default="block",
        required=True,
        help="What happens when a vendor bill for a drop shipment is posted before "
        "the customer has been invoiced for the same quantity.\n"
        "Block: it can't be posted.\n"
        "Warn: it is posted, with a note on both orders.\n"
        "No check: it is posted.",
        groups="base.group_user",
    )
    drop_shipment_auto_order = fields.Boolean(
        help="Make requests for quotation with the proposed vendors as soon as a sales "
        "order with drop shipment lines is confirmed.",
        groups="base.group_user",
    )
    drop_shipment_packing_slip = fields.Boolean(
        help="Attach a packing slip in the company's name, without prices, to the mail "
        "with an order for a drop shipment. The vendor puts it into the parcel. Each "
        "vendor may have it otherwise.",
        groups="base.group_user",
    )
    drop_shipment_vendor_page = fields.Selection(
        selection=VENDOR_PAGE,
        default="report",
        required=True,
        help="What vendors may do on the page that the order's mail links to. Each "
        "vendor may have it otherwise.\n"
        "Read the order: see what to ship, and where to.\n"
        "Report what they shipped: also accept the order, give dates, decline lines, "
        "report shipments and hand in bills. A shipment waits for you to post it.\n"
        "Report, posted at once: what they report is received. It is never invoiced.",
        groups="base.group_user",
    )
    drop_shipment_accept_days = fields.Integer(
        default=0,
        help="Days after which a vendor is reminded, once, of an order that was sent "
        "and that they have not accepted. 0: never.",
        groups="base.group_user",
    )

    _check_drop_shipment_accept_days = models.Constraint(
        "CHECK(drop_shipment_accept_days >= 0)",
        "Days until a vendor is reminded can't be negative: enter 0 or more.",
    )

    def _get_drop_shipment_locks(self, day):
        """Return core's locks of this company that a transfer of this day violates."""
        self.ensure_one()
        return self._get_lock_date_violations(
            day, fiscalyear=True, sale=False, purchase=False, tax=False, hard=True
        )

    def _get_drop_shipment_picking_type(self):
        """Return the company's operation type from vendor to customer.

        Subcontracting adds a dropship type that ships to a subcontractor.

        :raise UserError: the company has none
        """
        self.ensure_one()
        picking_type = self.env["stock.picking.type"].search_fetch(
            [
                ("code", "=", "dropship"),
                ("company_id", "=", self.id),
                ("default_location_dest_id.usage", "=", "customer"),
            ],
            limit=1,
        )
        if not picking_type:
            raise UserError(
                self.env._(
                    "%(company)s has no Dropship operation type with a customer "
                    "location as destination. Create one in Inventory > "
                    "Configuration > Operations Types.",
                    company=self.name,
                )
            )
        return picking_type
