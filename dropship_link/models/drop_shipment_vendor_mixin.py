from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# What a new proposal follows: a vendor that is written along with it may be no choice.
PROPOSAL_FIELDS = {
    "drop_shipment",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
}


class DropShipmentVendorMixin(models.AbstractModel):
    """The vendor of a drop shipment line of a sales order: proposed, chosen, ordered.

    What sales chose is kept apart from what is shown, so that a proposal may follow
    the quantity and never takes the place of a choice.
    """

    _name = "drop.shipment.vendor.mixin"
    _description = "Vendor of a Drop Shipment"

    drop_shipment_vendor_id = fields.Many2one(
        comodel_name="res.partner",
        string="Vendor",
        compute="_compute_drop_shipment_vendor_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        help="Who is to ship it: proposed from the vendors of the product, until "
        "another one is chosen here. Once it is ordered, whoever it is ordered from.",
        groups="base.group_user",
    )
    # Empty as long as nobody has chosen a vendor: the proposal is used then.
    drop_shipment_chosen_vendor_id = fields.Many2one(
        comodel_name="res.partner",
        string="Chosen Vendor",
        compute="_compute_drop_shipment_chosen_vendor_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        help="The vendor that was chosen instead of the proposed one.",
        groups="base.group_user",
    )

    @api.depends("drop_shipment", "product_id")
    def _compute_drop_shipment_chosen_vendor_id(self):
        # Another product or tick makes the choice void.
        self.drop_shipment_chosen_vendor_id = False

    @api.depends(
        "company_id",
        "drop_shipment",
        "drop_shipment_chosen_vendor_id",
        "drop_shipment_purchase_line_ids.order_id.partner_id",
        "drop_shipment_purchase_line_ids.order_id.state",
        "drop_shipment_purchase_line_ids.product_qty",
        "product_id",
        "product_uom_id",
        "product_uom_qty",
    )
    def _compute_drop_shipment_vendor_id(self):
        sourcing = self.env["drop.shipment.sourcing"]
        for line in self:
            if not line.drop_shipment:
                line.drop_shipment_vendor_id = False
                continue
            # A line on the screen has the links of the one that is saved. The latest
            # order, as in the list of drop shipments.
            # Not one that ships nothing of it any more.
            ordered = line._origin._get_drop_shipment_live_lines().filtered(
                "product_qty"
            )
            latest = ordered.order_id.sorted("id")[-1:]
            line.drop_shipment_vendor_id = latest.partner_id or sourcing._get_vendor(
                line
            )

    @api.onchange("drop_shipment_vendor_id")
    def _onchange_drop_shipment_vendor_id(self):
        # The ORM also calls this when the proposal changes, which is not a choice.
        # sudo: as the compute methods, which the ORM calls in sudo.
        sourcing = self.env["drop.shipment.sourcing"]
        proposed = sourcing._propose_vendor(self.sudo())
        self.drop_shipment_chosen_vendor_id = self.drop_shipment_vendor_id.filtered(
            lambda vendor: vendor.id != proposed.id
        )

    @api.constrains("drop_shipment_chosen_vendor_id", "drop_shipment")
    def _check_drop_shipment_chosen_vendor_id(self):
        for line in self:
            if line.drop_shipment_chosen_vendor_id and not line.drop_shipment:
                raise ValidationError(
                    self.env._(
                        "Vendor can't be chosen on %(line)s: it is no drop shipment. "
                        "Tick Drop Shipment, or leave the vendor out.",
                        line=line._get_drop_shipment_label(),
                    )
                )

    @api.model
    def _prepare_drop_shipment_vendor(self, vals):
        """Return values for a new line: the vendor, if any is given, is a choice.

        The screen says by itself whether the vendor that it sends is one.

        :param dict vals: as for `create`
        """
        if "drop_shipment_vendor_id" not in vals:
            return vals
        return {
            "drop_shipment_chosen_vendor_id": vals["drop_shipment_vendor_id"],
            **{name: vals[name] for name in vals if name != "drop_shipment_vendor_id"},
        }

    def _choose_drop_shipment_vendor(self, vals):
        """Choose the vendor of `vals`, if there is one, for these lines.

        All else in `vals` is written already. The screen says by itself whether the
        vendor that it sends is a choice.

        :param dict vals: as for `write`
        """
        if (
            "drop_shipment_vendor_id" not in vals
            or "drop_shipment_chosen_vendor_id" in vals
        ):
            return
        vendor_id = vals["drop_shipment_vendor_id"]
        lines = self
        if PROPOSAL_FIELDS & set(vals):
            lines = self.filtered(
                lambda line: line.drop_shipment_vendor_id.id != vendor_id
            )
        lines._write_drop_shipment_unchecked(
            {"drop_shipment_chosen_vendor_id": vendor_id}
        )

    @contextmanager
    def _keep_drop_shipment_choices(self, vals):
        """Keep tick, unit and vendor where the same product or tick is written again.

        They follow another one only.

        :param dict vals: what the block writes
        """
        if not {"drop_shipment", "product_id"} & set(vals):
            yield
            return
        tick, unit, vendor = (
            self._fields[name]
            for name in (
                "drop_shipment",
                "product_uom_id",
                "drop_shipment_chosen_vendor_id",
            )
        )
        same_product = self.filtered(
            lambda line: (
                line.product_id.id == vals.get("product_id", line.product_id.id)
            )
        )
        written = same_product if "product_id" in vals else self.browse()
        same_tick = same_product.filtered(
            lambda line: (
                line.drop_shipment
                == bool(vals.get("drop_shipment", line.drop_shipment))
            )
        )
        with (
            self.env.protecting([tick], written),
            self.env.protecting([unit], written.filtered("drop_shipment")),
            self.env.protecting([vendor], same_tick),
        ):
            yield

    def _get_drop_shipment_chosen_vendor(self):
        """Return the vendor that sales chose, or an empty record; not one archived."""
        return self.drop_shipment_chosen_vendor_id.filtered("active")
