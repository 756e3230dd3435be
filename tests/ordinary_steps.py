"""Orders without a drop shipment, in each state, for `test_ordinary_screens`."""

from odoo import Command, fields


def make_ordinary_orders(env):
    """Return {what it is: [model, id]} of ordinary documents of both departments."""
    customer = env["res.partner"].create(
        {"name": "Ordinary Customer", "is_company": True, "city": "Customerville"}
    )
    vendor = env["res.partner"].create(
        {"name": "Ordinary Vendor", "is_company": True, "city": "Vendorville"}
    )
    product = env["product.product"].create(
        {
            "name": "Ordinary Bench",
            "type": "consu",
            "is_storable": True,
            "list_price": 1234.5,
            "taxes_id": False,
            "supplier_taxes_id": False,
            "seller_ids": [Command.create({"partner_id": vendor.id, "price": 100})],
        }
    )
    # Fixed, so that both sides of the comparison show the same.
    day = fields.Datetime.to_datetime("2026-01-15 10:00:00")

    def sell():
        return env["sale.order"].create(
            {
                "partner_id": customer.id,
                "date_order": day,
                "order_line": [
                    Command.create({"product_id": product.id, "product_uom_qty": 10})
                ],
            }
        )

    def buy():
        return env["purchase.order"].create(
            {
                "partner_id": vendor.id,
                "date_order": day,
                "order_line": [
                    Command.create({"product_id": product.id, "product_qty": 10})
                ],
            }
        )

    quotation, sale, request, purchase = sell(), sell(), buy(), buy()
    sale.action_confirm()
    purchase.button_confirm()
    return {
        "quotation": ["sale.order", quotation.id],
        "sales order": ["sale.order", sale.id],
        "request for quotation": ["purchase.order", request.id],
        "purchase order": ["purchase.order", purchase.id],
        "receipt": ["stock.picking", purchase.picking_ids.id],
        "delivery": ["stock.picking", sale.picking_ids.id],
        "product": ["product.template", product.product_tmpl_id.id],
        "vendor": ["res.partner", vendor.id],
    }
