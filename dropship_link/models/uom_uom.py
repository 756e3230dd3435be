from math import isfinite

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero, formatLang
from odoo.tools.misc import get_lang


class UomUom(models.Model):
    """Converts without rounding where parts are added up; formats quantities."""

    _inherit = "uom.uom"

    def _compute_quantity(  # pylint: disable=too-many-arguments
        self,
        qty,
        to_unit,
        round=True,
        rounding_method="UP",
        raise_if_failure=True,
    ):
        # Core rounds each part of a sum: three parts of a dozen make 1.01 of it.
        return super()._compute_quantity(
            qty,
            to_unit,
            round=round and not self.env.context.get("dropship_link_exact"),
            rounding_method=rounding_method,
            raise_if_failure=raise_if_failure,
        )

    def _format_drop_shipment_qty(self, quantity):
        """Return `quantity` with the name of the unit, as text for a message."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        text = formatLang(self.env, quantity, digits=digits)
        point = get_lang(self.env).decimal_point
        if point and point in text:
            text = text.rstrip("0").rstrip(point)
        return f"{text} {self.name}"

    @api.model
    def _is_drop_shipment_zero(self, quantity):
        """Whether `quantity` is zero, also on lines that have no unit to ask."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return float_is_zero(quantity, precision_digits=digits)

    @api.model
    def _check_drop_shipment_number(self, label, value):
        """Refuse text, NaN and infinity in words, before the ORM fails on them.

        :param str label: names the field, and the line where there is one
        :raise UserError: `value` is not a number
        """
        try:
            is_number = isfinite(float(value or 0.0))
        except (TypeError, ValueError):
            is_number = False
        if not is_number:
            raise UserError(
                self.env._(
                    "%(field)s can't be %(value)s: enter a number.",
                    field=label,
                    value=value,
                )
            )
