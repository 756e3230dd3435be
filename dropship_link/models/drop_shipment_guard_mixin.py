from odoo import api, models
from odoo.exceptions import AccessError


class DropShipmentGuardMixin(models.AbstractModel):
    """Both orders, both lines: computed fields of drop shipments can't be written.

    The rules rest on these quantities, statuses and links, and the ORM lets a program
    write a stored computed field like any other.
    """

    _name = "drop.shipment.guard.mixin"
    _description = "Computed Fields of Drop Shipments"

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and self._is_drop_shipment_guarded(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _check_field_access(self, field, operation):
        # Core would send the user to the administrator, who can't help.
        if operation == "write" and self._is_drop_shipment_guarded(field):
            self._raise_drop_shipment_guarded(field)
        return super()._check_field_access(field, operation)

    @api.model
    def _is_drop_shipment_guarded(self, field):
        """Whether `field` is of this add-on and only its own code may write it.

        Code in sudo may write it: the system itself recomputes and migrates.
        """
        return (
            not self.env.su
            and "drop_shipment" in field.name
            and (field.type == "one2many" or bool(field.readonly))
        )

    @api.model
    def _raise_drop_shipment_guarded(self, field):
        """Refuse to write `field`.

        :raise AccessError: always; names the field and the model
        """
        raise AccessError(
            self.env._(
                "%(field)s (%(name)s) of %(model)s can't be written: it follows from "
                "orders, transfers, invoices and bills. Leave it out.",
                field=field._description_string(self.env),
                name=field.name,
                model=self.env["ir.model"]._get(self._name).name,
            )
        )

    def _check_drop_shipment_computed(self, vals, names):
        """Refuse other values for fields of core that core computes and stores.

        They follow from other documents, but a program may write them. Lines that are
        no drop shipments are left to core.

        :param dict vals: as for `write`
        :param names: names of the fields
        :raise AccessError: names the field
        """
        if self.env.su or not names & set(vals):
            return
        # Salespeople may not read all of these fields.
        lines = self.sudo().filtered("drop_shipment")
        for name in sorted(names & set(vals)):
            field = self._fields[name]
            for line in lines:
                if vals[name] not in (field.convert_to_write(line[name], line), []):
                    self._raise_drop_shipment_guarded(field)
