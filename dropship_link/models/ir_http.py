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
        """Whether the request calls a model or a button of this add-on."""
        params = http_request.params
        # Of the external API both stand in the address: /json/2/<model>/<method>.
        _root, *path = [*http_request.httprequest.path.split("/"), "", "", "", ""]
        in_path = path[2:4] if path[:2] == ["json", "2"] else ["", ""]
        model = http_request.registry.get(params.get("model") or in_path[0])
        method = params.get("method") or in_path[1]
        return (
            (model is not None and model._original_module == "dropship_link")
            or "drop_shipment" in method
            or method == "action_get_sales_order"
        )
