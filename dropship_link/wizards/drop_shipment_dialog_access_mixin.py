from odoo import api, models


class DropShipmentDialogAccessMixin(models.AbstractModel):
    """Keeps rows of dialogs from telling of records that their user may not know.

    Users choose among orders and lines of another department, which they may not
    read. The rows show plain fields of these, computed in sudo. Four rules keep a
    made-up id from showing more:

    - Record rules: the rows of a dialog belong to the user who opened it.
    - `create` and `write` refuse rows of other records, as the name of a record is
      shown by the relation itself. This is what the mixin does.
    - Computed fields read allowed records only, as an onchange computes rows that
      are never created.
    - The action of the dialog checks again, as the documents may have changed.
    """

    _name = "drop.shipment.dialog.access.mixin"
    _description = "Access to the Rows of a Drop Shipment Dialog"

    # What the user enters in a row. It says nothing of the record behind the row.
    _entered_fields = frozenset({"quantity", "selected", "vendor_id"})

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        # The dialog fills in its own rows in sudo, with records that are allowed.
        if not self.env.su:
            rows._check_rows_allowed()
        return rows

    def write(self, vals):
        res = super().write(vals)
        if not self._entered_fields.issuperset(vals):
            # A row must not be moved into the dialog of another user either.
            self.check_access("write")
            self._check_rows_allowed()
        return res

    def _check_rows_allowed(self):
        """Refuse rows of records that the user may not be told of.

        :raise UserError: without a word about the records
        """
        raise NotImplementedError
