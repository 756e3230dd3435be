from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Compute what is new of drop shipments; archive a mail that nothing sends now."""
    if not version:
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    lines = env["sale.order.line"].search([("drop_shipment", "=", True)])
    env.add_to_compute(lines._fields["drop_shipment_vendor_id"], lines)
    # The sales order's own mail tells of shipments now. This one is kept, as somebody
    # may have changed it or use it elsewhere.
    old = env.ref("dropship_link.email_template_drop_shipment_shipped", False)
    if old:
        old.active = False
