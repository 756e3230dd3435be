from base64 import b64decode

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import Response, content_disposition, request

from odoo.addons.portal.controllers.portal import pager
from odoo.addons.purchase.controllers.portal import CustomerPortal

from ..models.drop_shipment_vendor_bill import MAX_SIZE


class VendorPortal(CustomerPortal):
    """The vendor's page of an order, by the link in its mail or by a login.

    Core says who may see an order. Nothing is changed by a GET: scanners of mails
    follow links.
    """

    # ------------------------------------------------------------
    # PAGE OF AN ORDER
    # ------------------------------------------------------------

    @http.route()
    def portal_my_purchase_order(self, order_id=None, access_token=None, **kw):
        """Show the order. Core accepts it by this GET: ours asks first."""
        # Drop our own keys from the address: the template would show their values.
        kw = {name: kw[name] for name in kw if not name.startswith("drop_shipment_")}
        access_token = self._get_comparable(access_token)
        if order := self._get_drop_shipment(order_id, access_token):
            if not kw.get("report_type") and (url := self._get_vendor_url(order)):
                return request.redirect(url)
            kw["drop_shipment_asked"] = bool(kw.pop("acknowledge", False))
        return super().portal_my_purchase_order(order_id, access_token, **kw)

    def _get_vendor_url(self, order):
        """Return the address of this page in the vendor's language; None to stay.

        At the first visit without a login. Whoever chooses a language keeps it.
        """
        lang = request.env["res.lang"]._get_frontend().get(order.partner_id.lang)
        if (
            not lang
            or not request.env.user._is_public()
            or request.cookies.get("frontend_lang")
            or request.lang.code != request.env["ir.http"]._get_default_lang().code
            or lang.code == request.lang.code
        ):
            return None
        return f"/{lang.url_code}{request.httprequest.full_path}"

    def _may_answer_drop_shipment(self, order):
        """Whether the visitor may answer for the vendor.

        Who works here may only look, unless they may change the order anyway, or work
        for the vendor, too: it may be a company of this database.
        """
        user = request.env.user
        own_order = request.env["purchase.order"].browse(order.id)
        vendor = order.partner_id.commercial_partner_id
        return (
            not user._is_internal()
            or vendor in user.sudo().company_ids.partner_id
            or own_order.has_access("write")
        )

    def _get_comparable(self, access_token):
        """Return a token, or None for one that core fails to compare.

        As a link has it that was copied with the quote or the dash behind it.
        """
        known = isinstance(access_token, str) and access_token.isascii()
        return access_token if known else None

    def _get_drop_shipment(self, order_id, access_token):
        """Return the order in sudo and its company; None if it is none to be seen."""
        try:
            order = self._document_check_access(
                "purchase.order",
                order_id,
                access_token=self._get_comparable(access_token),
            )
        except (AccessError, MissingError):
            return None
        if not order._has_drop_shipment():
            return None
        # A day that the vendor names is kept as a day of the buyer: it is shown so,
        # wherever the visitor is.
        zone = order.get_order_timezone().zone
        request.update_context(tz=zone)
        return order.with_context(tz=zone).with_company(order.company_id)

    def _purchase_order_get_page_view_values(self, order, access_token, **kwargs):
        values = super()._purchase_order_get_page_view_values(
            order, access_token, **kwargs
        )
        if order._has_drop_shipment():
            order = order.with_company(order.company_id)
            shown = {
                "may_answer": self._may_answer_drop_shipment(order),
                "asked": kwargs.get("drop_shipment_asked", False),
                **kwargs.get("drop_shipment_shown", {}),
            }
            told = request.session.get("drop_shipment_told")
            if told and told[0] == order.id:
                # Once: by the next look it may not be so any more.
                del request.session["drop_shipment_told"]
                shown["told"] = told[1]
            page = order.env["drop.shipment.vendor.page"]
            values["drop_shipment_page"] = page._get_values(order, **shown)
            values["html_data"] = self._get_html_data()
        return values

    def _get_html_data(self):
        """Return what a page says of its language, which readers of screens need."""
        return {"lang": (request.env.lang or "en").split("@")[0].replace("_", "-")}

    @http.route(
        "/my/purchase/<int:order_id>/packing_slip",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
    )
    def download_drop_shipment_packing_slip(self, order_id, access_token=None, **_kw):
        """Return the paper for the parcels of a confirmed order as PDF."""
        order = self._get_drop_shipment(order_id, access_token)
        if not order or order.state != "purchase":
            return request.redirect("/my")
        slip = order.env["drop.shipment.packing.slip"]
        name, content = slip._get_attachment(order)
        content = b64decode(content)
        return request.make_response(
            content,
            headers=[
                ("Content-Type", "application/pdf"),
                ("Content-Length", len(content)),
                ("Content-Disposition", content_disposition(name)),
            ],
        )

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    @http.route(
        "/my/purchase/<int:order_id>/drop_shipment/<string:answer>",
        type="http",
        auth="public",
        methods=["GET", "POST"],
        website=True,
    )
    def answer_drop_shipment(self, order_id, answer, access_token=None, **form):
        """Take one form of the page; show the page again, with what is wrong if any."""
        order = self._get_drop_shipment(order_id, access_token)
        if not order:
            return request.redirect("/my")
        page = order.env["drop.shipment.vendor.page"]
        if request.httprequest.method != "POST" or answer not in page._get_answers():
            # The address of a form was reloaded, or asked for by HEAD: Odoo checks the
            # token against forged forms for POST only.
            return self._redirect_to_drop_shipment(order, access_token)
        form = {name: self._read_drop_shipment_field(form[name]) for name in form}
        size = sum(len(value[1]) for value in form.values() if isinstance(value, tuple))
        limit = order.env["drop.shipment.vendor.limit"]
        report = order.env["drop.shipment.vendor.report"]
        if not self._may_answer_drop_shipment(order):
            shown = {"wrong": page._get_failure_text()}
        elif not limit._count_answer(order, size):
            shown = {"wrong": page._get_limit_text()}
        elif not report._is_seen(order, form.get("seen")):
            shown = {"wrong": page._get_stale_text()}
        elif errors := page._answer(order, answer, form):
            shown = {"errors": errors, "answer": answer, "form": form}
        else:
            told = page._get_told_text(order, answer)
            request.session["drop_shipment_told"] = [order.id, told]
            return self._redirect_to_drop_shipment(order, access_token)
        return self._show_drop_shipment(order, access_token, shown)

    def _read_drop_shipment_field(self, value):
        """Return a text, or a file as (name, content), no longer than may be stored."""
        if isinstance(value, str):
            # Neither the database nor a page takes it.
            return value.replace("\x00", "")
        return value.filename or "", value.read(MAX_SIZE + 1)

    def _redirect_to_drop_shipment(self, order, access_token):
        query = {"access_token": access_token} if access_token else {}
        url = f"/my/purchase/{order.id}"
        return request.redirect_query(url, query, code=303)

    def _show_drop_shipment(self, order, access_token, shown):
        """Return the page with what was typed, and what is wrong with it."""
        values = self._purchase_order_get_page_view_values(
            order, access_token, drop_shipment_shown=shown
        )
        values["res_company"] = order.company_id
        return request.render("purchase.portal_my_purchase_order", values)

    @http.route()
    def portal_my_purchase_order_update_dates(
        self, order_id=None, access_token=None, **kw
    ):
        """Take the dates of the calendar on core's own page, by our rules."""
        access_token = self._get_comparable(access_token)
        if order := self._get_drop_shipment(order_id, access_token):
            if not order.env["drop.shipment.vendor.limit"]._count_answer(order):
                return Response(status=429)
            order.env["drop.shipment.vendor.page"]._check_calendar(order)
        return super().portal_my_purchase_order_update_dates(
            order_id, access_token, **kw
        )

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "drop_shipment_count" in counters:
            orders = request.env["purchase.order"]
            values["drop_shipment_count"] = (
                request.env["drop.shipment.vendor.list"]
                .sudo()
                ._get_count(self._get_visible_drop_shipments())
                if orders.has_access("read")
                else 0
            )
        return values

    def _get_visible_drop_shipments(self):
        """Return the domain of the orders that the visitor may read."""
        return Domain("id", "in", request.env["purchase.order"]._search([]))

    @http.route(
        ["/my/drop_shipments", "/my/drop_shipments/page/<int:page>"],
        type="http",
        auth="user",
        methods=["GET"],
        website=True,
    )
    def show_drop_shipments(self, page=1, filterby=None, search=None, **_kw):
        """Return the list of orders that the vendor is to ship, or has shipped."""
        if not request.env["purchase.order"].has_access("read"):
            return request.redirect("/my")
        service = request.env["drop.shipment.vendor.list"].sudo()
        filters = service._get_filters()
        if filterby not in filters:
            filterby = "to_ship"
        search = self._read_drop_shipment_field(search or "").strip()[:100]
        orders = service._get_orders(
            self._get_visible_drop_shipments(), filterby, search
        )
        url_args = {"filterby": filterby, "search": search}
        page_values = pager(
            url="/my/drop_shipments",
            url_args=url_args,
            total=len(orders),
            page=page,
            step=self._items_per_page,
        )
        shown = orders[page_values["offset"] :][: self._items_per_page]
        # For Previous and Next on the page of an order.
        request.session["my_purchases_history"] = orders.ids[:100]
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "drop_shipments",
            "pager": page_values,
            "filters": filters,
            "filterby": filterby,
            "search": search,
            "rows": service._get_rows(shown),
            "html_data": self._get_html_data(),
        }
        return request.render("dropship_link.portal_my_drop_shipments", values)
