import re

from lxml import etree

from odoo import api, models
from odoo.fields import Command

from .drop_shipment_vendor_check import MAX_NUMBER

# Of a file, in bytes.
MAX_SIZE = 10 * 1024 * 1024
UBL_INVOICE = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"


class DropShipmentVendorBill(models.AbstractModel):
    """The bill that a vendor hands in on the page of an order, as a file.

    It becomes a draft by core's own import, linked to the order: the invoice order
    keeps it back like any other. Nobody outside posts anything.

    `order` is always a purchase order in sudo: who calls has checked that the visitor
    may see it.
    """

    _name = "drop.shipment.vendor.bill"
    _description = "Bills That Vendors Hand In"

    @api.model
    def _check_bill(self, order, content, vals):
        """Return why a file can't be handed in: {(0, field): text for the vendor}.

        :param bytes content: the file
        :param dict vals: `ref`, number of the bill, and `invoice_date`
        """
        if not content:
            return {(0, "file"): self.env._("Choose the file of the bill.")}
        if len(content) > MAX_SIZE:
            return {
                (0, "file"): self.env._(
                    "This file is too large: %(size)s MB are the most.",
                    size=MAX_SIZE // (1024 * 1024),
                )
            }
        extension, number = self._read(content)
        if not extension:
            return {
                (0, "file"): self.env._("Choose a PDF, or an electronic bill (UBL).")
            }
        text = self._get_number_text(order, number, vals["ref"])
        return {(0, "ref"): text} if text else {}

    @api.model
    def _get_number_text(self, order, number, typed):
        """Return what is wrong with the number of a bill, or an empty text.

        :param str number: what an electronic bill says, empty for a PDF
        :param str typed: what the vendor has typed
        """
        if number and typed and number != typed:
            return self.env._("The file has another number: %(number)s.", number=number)
        if not number and not typed:
            return self.env._("Write the number of the bill.")
        if self._is_known(order, number or typed):
            return self.env._("We have a bill with this number already.")
        check = self.env["drop.shipment.vendor.check"]
        return check._get_words_message(number or typed, MAX_NUMBER)

    @api.model
    def _is_known(self, order, number):
        """Whether the vendor has billed under this number before."""
        vendor = order.partner_id.commercial_partner_id
        return bool(
            self.env["account.move"].search_count(
                [
                    ("company_id", "=", order.company_id.id),
                    ("commercial_partner_id", "=", vendor.id),
                    ("move_type", "=", "in_invoice"),
                    ("ref", "=", number),
                    ("state", "!=", "cancel"),
                ],
                limit=1,
            )
        )

    @api.model
    def _read(self, content):
        """Return (file extension, number of the bill) by what is in a file.

        The name of a file says nothing. Both are empty for other files; a PDF has no
        number that can be read.
        """
        if content.startswith(b"%PDF-"):
            return "pdf", ""
        # Nothing of another place is read, and no text grows by entities.
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        try:
            root = etree.fromstring(content, parser)
        except (etree.XMLSyntaxError, ValueError):
            return "", ""
        if root.tag != UBL_INVOICE or root.getroottree().docinfo.doctype:
            return "", ""
        return "xml", " ".join((root.findtext("{*}ID") or "").split())

    @api.model
    def _hand_in(self, order, name, content, vals):
        """Make a draft bill of a file that `_check_bill` lets pass; tell the buyer.

        :param str name: of the file
        :return: the bill
        :raise AccessError, UserError: the order can't be answered
        """
        self.env["drop.shipment.vendor.report"]._check_may(order)
        order = order.with_company(order.company_id)
        extension, number = self._read(content)
        # All of it, or nothing, before the import commits.
        with self.env.cr.savepoint():
            bill = self._create_draft(order, {**vals, "ref": number or vals["ref"]})
            attachment = order.env["ir.attachment"].create(
                {
                    "name": self._get_file_name(name, extension),
                    "raw": content,
                    "mimetype": f"application/{extension}",
                    "res_model": bill._name,
                    "res_id": bill.id,
                }
            )
            self._tell(order, bill, attachment)
        self._import(order, bill, attachment)
        return bill

    @api.model
    def _get_file_name(self, name, extension):
        """Return a file name without folders, markup and what makes a formula."""
        stem = re.split(r"[/\\]", name)[-1].rsplit(".", 1)[0]
        stem = re.sub(r"[^\w .()-]", "", stem).strip(" -.")[:80]
        return f"{stem or 'bill'}.{extension}"

    @api.model
    def _create_draft(self, order, vals):
        """Return an empty draft bill of `order`, as *Create Bill* begins one."""
        return (
            order.env["account.move"]
            .with_context(
                default_move_type="in_invoice", skip_is_manually_modified=True
            )
            .create({**order._prepare_invoice(), **vals})
        )

    @api.model
    def _import(self, order, bill, attachment):
        """Fill a draft from the file by core's import, else from the order.

        Core's import commits before and after: a file that can't be read leaves the
        draft with the file.
        """
        bill = bill.with_context(
            dropship_link_bill_order=order.id, skip_is_manually_modified=True
        )
        files = bill._to_files_data(attachment)
        files += bill._unwrap_attachments(files)
        bill._extend_with_attachments(files, new=True)
        if not bill.invoice_line_ids:
            self._fill(order, bill)
        self._link(order, bill)
        vendor = order.partner_id.commercial_partner_id
        if bill.partner_id.commercial_partner_id != vendor:
            # Whoever the file names: it came from the page of this vendor.
            bill.partner_id = order._prepare_invoice()["partner_id"]

    @api.model
    def _fill(self, order, bill):
        """Bill what *Create Bill* would bill now, and what is reported as shipped.

        Where that is nothing, or a refund, the lines wait without a quantity.
        """
        rows = self.env["drop.shipment.vendor.report"]._get_lines(order)
        reported = {row["line"]: row["reported"] for row in rows}
        billing = self.env["drop.shipment.billing"]
        to_bill = billing._get_to_bill(order, reported)
        if (
            order.currency_id.compare_amounts(
                billing._get_untaxed_amount(order, to_bill), 0.0
            )
            < 0
        ):
            to_bill = {}
        quantities = {line.id: quantity for line, quantity in to_bill.items()}
        lines = order.order_line.filtered(
            lambda line: (
                line.id in quantities or (not quantities and not line.display_type)
            )
        ).with_context(dropship_link_bill_quantities=quantities)
        bill.invoice_line_ids = [
            Command.create(line._prepare_account_move_line(bill)) for line in lines
        ]

    @api.model
    def _link(self, order, bill):
        """Link the bill lines to the order's lines by their products.

        Core links what it imports only where the amounts fit.
        """
        matching = self.env["drop.shipment.bill.matching"]
        own_lines = order.order_line.filtered("product_id").grouped("product_id")
        waiting = bill.invoice_line_ids.filtered(
            lambda line: line.product_id in own_lines and not line.purchase_line_id
        )
        for product, lines in waiting.grouped("product_id").items():
            matches = matching._get_product_matches(lines, own_lines[product])
            for line in lines:
                line.purchase_line_id = matches.get(line.id)

    @api.model
    def _tell(self, order, bill, attachment):
        """Note the bill on the order, tell the buyer, and keep the file in its chatter.

        Before the import: its commits must not leave a draft that nobody knows of.
        """
        buyer = order._get_drop_shipment_buyer()
        # In the language of the buyer, not that of the vendor, who visits the page.
        env = order.with_context(lang=order._get_drop_shipment_buyer_lang()).env
        order.message_post(
            body=env._(
                "The vendor handed in bill %(number)s on the order's page: %(bill)s is "
                "a draft. Check and post it.",
                number=bill.ref or attachment.name,
                bill=bill._get_html_link(title=env._("the vendor bill")),
            ),
            author_id=order.partner_id.id,
            partner_ids=buyer.partner_id.ids,
            subtype_xmlid="mail.mt_note",
        )
        bill.message_post(
            body=env._(
                "The vendor handed in this file on the page of purchase order "
                "%(order)s.",
                order=order.name,
            ),
            attachment_ids=attachment.ids,
            author_id=order.partner_id.id,
        )
