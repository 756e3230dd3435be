from odoo import models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        # Sales and purchasing meet on the same rows. Odoo tries five times, then shows
        # what PostgreSQL said to whoever always came second.
        if isinstance(exception, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY):
            exception = UserError(
                request.env._(
                    "Other people are changing the same documents. Nothing of yours "
                    "was saved: try again in a moment."
                )
            )
        return super()._handle_error(exception)
