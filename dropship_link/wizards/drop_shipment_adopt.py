from odoo import api, fields, models


class DropShipmentAdopt(models.TransientModel):
    """Shows what `drop.shipment.adoption` would adopt, and has it done."""

    _name = "drop.shipment.adopt"
    _description = "Adopt Dropship Orders"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    line_ids = fields.One2many(
        comodel_name="drop.shipment.adopt.line",
        inverse_name="adopt_id",
        string="Lines",
        compute="_compute_line_ids",
        # Orders that the user may read.
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    summary = fields.Char(
        string="Total",
        compute="_compute_summary",
        help="How many lines are adopted, and how many stay as they are.",
    )

    @api.depends("company_id")
    def _compute_line_ids(self):
        adoption = self.env["drop.shipment.adoption"]
        for wizard in self:
            lines = self.env["sale.order.line"].search(
                adoption._get_adoptable_domain(wizard.company_id)
            )
            # Who may change the lines may be told of all that is in their way.
            refusals = adoption._get_refusals(lines.sudo())
            wizard.line_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create(
                        {
                            "sale_line_id": line.id,
                            "quantity": line.product_uom_qty,
                            "refusal": refusals.get(line),
                        }
                    )
                    for line in lines
                ),
            ]

    @api.depends("line_ids.refusal")
    def _compute_summary(self):
        for wizard in self:
            refused = wizard.line_ids.filtered("refusal")
            wizard.summary = self.env._(
                "To adopt: %(count)s, to leave: %(refused)s",
                count=len(wizard.line_ids - refused),
                refused=len(refused),
            )

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        # Fill in the rows now, for the user that they belong to.
        wizards.mapped("line_ids")
        return wizards

    def action_adopt(self):
        """Tick the lines of the dialog and link what is ordered for them.

        Lines that can't be adopted are left as they are.

        :return: window action that shows the adopted lines
        :raise UserError: none of the lines can be adopted
        :raise AccessError: the user may not change the orders
        """
        self.ensure_one()
        adopted = self.env["drop.shipment.adoption"]._adopt(self.line_ids.sale_line_id)
        return self.env["drop.shipment.report"]._get_lines_action(adopted)


class DropShipmentAdoptLine(models.TransientModel):
    """A sales line of core's Dropship route, and why it can't be adopted."""

    _name = "drop.shipment.adopt.line"
    _inherit = ["drop.shipment.dialog.row.mixin"]
    _description = "Dropship Line to Adopt"

    adopt_id = fields.Many2one(
        comodel_name="drop.shipment.adopt",
        required=True,
        ondelete="cascade",
        index=True,
    )
    refusal = fields.Text(string="Why Not", readonly=True)
    purchase_ref = fields.Char(
        string="Purchase Order", compute="_compute_purchase_ref", compute_sudo=True
    )

    @api.depends("sale_line_id")
    def _compute_purchase_ref(self):
        adoption = self.env["drop.shipment.adoption"]
        known = self._get_allowed_sale_lines()
        for line in self:
            sale_line = line._get_allowed_sale_line(known)
            purchase_lines = adoption._get_purchase_lines(sale_line)
            line.purchase_ref = ", ".join(purchase_lines.order_id.mapped("name"))

    def _get_dialog_name(self):
        return self.env._("Adopt Dropship Orders")

    def _get_allowed_sale_lines(self):
        # Computed fields run in sudo: keep only orders that the user may read.
        lines = self.sale_line_id.sudo(False)
        return lines._filtered_access("read").sudo()
