from markupsafe import Markup

from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    """The mail of a customer invoice tells of the shipments that it charges."""

    _inherit = "account.move.send"

    @api.model
    def _get_default_mail_body(self, move, mail_template, mail_lang):
        body = super()._get_default_mail_body(move, mail_template, mail_lang)
        mail = self.env["drop.shipment.mail"]
        texts = mail._get_invoice_texts(move, mail_lang)
        if not body or not texts:
            return body
        # Append below core's template, whose text must not change.
        return body + Markup('<p style="margin-top: 16px;">%s</p>') % (
            Markup("<br/>").join(texts)
        )
