from odoo import models
from odoo.exceptions import UserError
from odoo.http import request
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY


class IrHttp(models.AbstractModel):
    """Says in words that others are faster, where one of our dialogs is used."""

    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        # Sales and purchasing meet on the same rows. Odoo tries five times, then shows
        # what PostgreSQL said to whoever always came second.
        # Calls of other apps keep what Odoo says.
        if isinstance(
            exception, PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
        ) and cls._calls_drop_shipment(request):
            exception = UserError(
                request.env._(
                    "Other people are changing the same documents. Nothing of yours "
                    "was saved: try again in a moment."
                )
            )
        return super()._handle_error(exception)

    @classmethod
    def _calls_drop_shipment(cls, http_request):
        """Whether the request calls a method of a model of this add-on."""
        model = http_request.registry.get(http_request.params.get("model"))
        return model is not None and model._original_module == "dropship_link"
