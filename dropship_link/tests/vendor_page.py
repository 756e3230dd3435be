from lxml import html

from odoo.tests import HttpCase, new_test_user

from .common import DropShipmentCommon

SALES_PRICE = 987.65


class VendorPageCommon(HttpCase, DropShipmentCommon):
    """A visitor of the vendor's page, by HTTP: what it shows and what its forms do.

    The forms are sent as a browser without JavaScript sends them: with all that is
    filled in on the page, and what is typed over it.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sale = cls._new_sale(
            (cls.chair, 10, {"price_unit": SALES_PRICE}),
            (cls.desk, 4, {"price_unit": SALES_PRICE}),
            client_order_ref="CUST-REF-7",
        )
        cls.purchase = cls._new_purchase(cls.sale, confirm=True)
        cls.chair_line, cls.desk_line = cls.purchase.order_line

    @classmethod
    def _new_portal_user(cls, login, partner):
        user = new_test_user(cls.env, login=login, groups="base.group_portal")
        user.partner_id.parent_id = partner
        return user

    def _get_sites(self):
        """Return the web sites of the database, where the app is installed."""
        return "website" in self.env and self.env["website"].search([])

    def _make_vendor_dutch(self):
        """Let vendor and pages be Dutch: a web site has languages of its own."""
        lang = self.env["res.lang"]._activate_lang("nl_NL")
        self.vendor.lang = lang.code
        if sites := self._get_sites():
            sites.language_ids += lang

    def _get_url(self, purchase=None, query=""):
        """Return the address in the mail to the vendor."""
        return (purchase or self.purchase).sudo().get_portal_url(query_string=query)

    def _open(self, url=None):
        """Return the page at this address, by the link in the mail unless given."""
        answer = self.url_open(url or self._get_url())
        self.assertEqual(answer.status_code, 200)
        return html.fromstring(answer.content)

    def _get_text(self, element):
        return " ".join(element.text_content().split())

    def _get_named(self, page, name):
        """Return the texts of the elements of this name."""
        return [self._get_text(found) for found in page.xpath(f"//*[@name='{name}']")]

    def _get_form(self, page, answer):
        """Return the form that sends this answer; None without one."""
        forms = page.xpath(f"//form[contains(@action, '/drop_shipment/{answer}')]")
        return forms[0] if forms else None

    def _send(self, page, answer, files=None, **typed):
        """Fill in the form and send it; return the page that follows."""
        form = self._get_form(page, answer)
        self.assertIsNotNone(form, f"no form: {answer}")
        data = {**dict(form.form_values()), **typed}
        reply = self.url_open(form.get("action"), data=data, files=files)
        self.assertEqual(reply.status_code, 200)
        self.env.invalidate_all()
        return html.fromstring(reply.content)

    def _get_errors(self, page):
        return self._get_named(page, "drop_shipment_error")

    def _get_state(self):
        """Return all that a vendor could have changed."""
        self.env.invalidate_all()
        order = self.purchase.sudo()
        pickings = order.picking_ids
        return (
            order.acknowledged,
            order.state,
            *order.order_line.mapped(
                lambda line: (
                    *(line.product_qty, line.qty_received, line.date_planned),
                    line.drop_shipment_qty_declined,
                )
            ),
            *pickings.mapped(
                lambda picking: (
                    *(picking.state, picking.drop_shipment_reported),
                    *(picking.drop_shipment_date, picking.drop_shipment_delivery_note),
                    picking.drop_shipment_tracking_ref,
                )
            ),
            self.env["account.move"].search_count([]),
            len(order.message_ids | self.sale.sudo().message_ids),
        )
