from odoo import fields, models
from odoo.exceptions import UserError


class ResConfigSettings(models.TransientModel):
    """The company's settings, and the way to adopt what core's route has ordered."""

    _inherit = "res.config.settings"

    drop_shipment_bill_control = fields.Selection(
        related="company_id.drop_shipment_bill_control",
        readonly=False,
        required=True,
    )
    drop_shipment_auto_order = fields.Boolean(
        related="company_id.drop_shipment_auto_order",
        readonly=False,
    )
    drop_shipment_packing_slip = fields.Boolean(
        related="company_id.drop_shipment_packing_slip",
        readonly=False,
    )
    drop_shipment_vendor_page = fields.Selection(
        related="company_id.drop_shipment_vendor_page",
        readonly=False,
        required=True,
    )
    drop_shipment_accept_days = fields.Integer(
        related="company_id.drop_shipment_accept_days",
        readonly=False,
    )

    def action_adopt_drop_shipments(self):
        """Open the dialog that adopts open orders of core's Dropship route.

        It says which of their lines can be adopted, and changes nothing by itself.

        :return: window action
        :raise UserError: no open order uses the route
        :raise AccessError: the user may not change settings, or read the orders
        """
        wizard = self.env["drop.shipment.adopt"].create({})
        if not wizard.line_ids:
            raise UserError(
                self.env._(
                    "There is nothing to adopt: no open sales order of %(company)s "
                    "uses the Dropship route.",
                    company=wizard.company_id.name,
                )
            )
        return wizard._get_records_action(
            name=self.env._("Adopt Dropship Orders"),
            target="new",
            context={"dialog_size": "extra-large"},
        )
