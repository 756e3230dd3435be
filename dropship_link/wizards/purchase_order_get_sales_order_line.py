from odoo import api, fields, models


class PurchaseOrderGetSalesOrderOffer(models.TransientModel):
    """A sales order that the purchase order may fetch lines of."""

    _name = "purchase.order.get.sales.order.offer"
    _inherit = ["drop.shipment.dialog.access.mixin"]
    _description = "Sales Order on Offer"

    get_id = fields.Many2one(
        comodel_name="purchase.order.get.sales.order",
        required=True,
        ondelete="cascade",
        index=True,
    )
    sale_order_id = fields.Many2one(
        comodel_name="sale.order", required=True, ondelete="cascade"
    )
    selected = fields.Boolean()
    name = fields.Char(
        string="Number", compute="_compute_from_order", compute_sudo=True
    )
    date_order = fields.Datetime(
        string="Order Date", compute="_compute_from_order", compute_sudo=True
    )
    client_order_ref = fields.Char(
        string="Customer Reference", compute="_compute_from_order", compute_sudo=True
    )
    customer = fields.Char(compute="_compute_from_order", compute_sudo=True)
    # Texts are shown in full in a list.
    ship_to = fields.Text(
        string="Ship-to Address", compute="_compute_from_order", compute_sudo=True
    )
    commitment_date = fields.Datetime(
        string="Delivery Date", compute="_compute_from_order", compute_sudo=True
    )
    line_count = fields.Integer(
        string="Open Lines", compute="_compute_from_order", compute_sudo=True
    )
    products = fields.Text(
        string="To Order",
        compute="_compute_from_order",
        compute_sudo=True,
        help="How much of which products is left to order.",
    )
    quantity = fields.Float(
        string="Quantity to Order",
        digits="Product Unit",
        compute="_compute_from_order",
        compute_sudo=True,
    )

    def _check_rows_allowed(self):
        for wizard, offers in self.grouped("get_id").items():
            # sudo: rows hold sales orders that their user may not read.
            wizard._check_orders_offered(
                set(offers.sudo().sale_order_id.ids),
                wizard._get_offered_lines().order_id,
            )

    @api.depends("sale_order_id", "get_id.vendor_products_only")
    def _compute_from_order(self):
        no_lines = self.env["sale.order.line"]
        for wizard, offers in self.grouped("get_id").items():
            lines = wizard._get_offered_lines() if wizard else no_lines
            lines_by_order = lines.grouped("order_id")
            for offer in offers:
                # Only what is on offer: a made-up row must not tell of other orders.
                own_lines = lines_by_order.get(offer.sale_order_id, no_lines)
                order = own_lines.order_id
                ship_to = order.partner_shipping_id
                address = ship_to._display_address(without_company=True)
                offer.name = order.name
                offer.date_order = order.date_order
                offer.client_order_ref = order.client_order_ref
                offer.customer = order.partner_id.display_name
                offer.ship_to = ", ".join(
                    filter(None, [ship_to.name, *map(str.strip, address.splitlines())])
                )
                offer.commitment_date = order.commitment_date
                offer.line_count = len(own_lines)
                offer.quantity = sum(own_lines.mapped("drop_shipment_qty_to_order"))
                offer.products = offer._get_products_text(own_lines)

    def _get_products_text(self, lines):
        """Return how much of which products these sales lines have left to order.

        Long names are cut: the column is narrow, so one order would fill the dialog.
        """
        texts = []
        for line in lines[:3]:
            product = line.product_id.with_context(display_default_code=False)
            name = product.display_name
            if len(name) > 40:
                name = f"{name[:39].rstrip()}…"
            quantity = line._format_drop_shipment_qty(line.drop_shipment_qty_to_order)
            texts.append(
                self.env._(
                    "%(quantity)s of %(product)s", quantity=quantity, product=name
                )
            )
        if len(lines) > 3:
            texts.append(self.env._("%(count)s more lines", count=len(lines) - 3))
        return ", ".join(texts)


class PurchaseOrderGetSalesOrderLine(models.TransientModel):
    """A sales line of a selected sales order, with the quantity to fetch."""

    _name = "purchase.order.get.sales.order.line"
    _inherit = ["drop.shipment.dialog.row.mixin"]
    _description = "Sales Order Line on Offer"

    get_id = fields.Many2one(
        comodel_name="purchase.order.get.sales.order",
        required=True,
        ondelete="cascade",
        index=True,
    )

    def _get_dialog_name(self):
        return self.get_id.purchase_order_id.name

    def _get_allowed_sale_lines(self):
        lines = self.sale_line_id
        return lines.browse().union(
            *(wizard._filter_offered_lines(lines) for wizard in self.get_id)
        )
