from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.base.tests.common import BaseCommon


@tagged("post_install", "-at_install")
class DropShipmentCommon(BaseCommon):
    """Own company, people with the least rights, products, vendors and customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_data()

    @classmethod
    def _set_up_data(cls):
        """Create what every test needs."""
        cls.company = cls.env.company
        cls.salesman = cls._new_user("salesman", "sales_team.group_sale_salesman")
        cls.buyer = cls._new_user("buyer", "purchase.group_purchase_user")
        cls.accountant = cls._new_user("accountant", "account.group_account_invoice")
        cls.vendor = cls.env["res.partner"].create(
            {
                "name": "Vendor",
                "is_company": True,
                "email": "vendor@example.com",
                "street": "1 Vendor Street",
                "city": "Vendorville",
            }
        )
        cls.other_vendor = cls.env["res.partner"].create(
            {"name": "Other Vendor", "is_company": True}
        )
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Customer",
                "is_company": True,
                "email": "customer@example.com",
                "street": "2 Customer Street",
                "city": "Customerville",
            }
        )
        cls.ship_to = cls.env["res.partner"].create(
            {
                "name": "Ship-to Dock",
                "type": "delivery",
                "parent_id": cls.customer.id,
                "street": "3 Dock Road",
                "city": "Docktown",
                "phone": "+1 555 0100",
            }
        )
        cls.other_customer = cls.env["res.partner"].create(
            {"name": "Other Customer", "is_company": True}
        )
        cls.chair = cls._new_product("Chair", price=12.0)
        cls.desk = cls._new_product("Desk", price=70.0)
        cls.service = cls.env["product.product"].create(
            {"name": "Assembly", "type": "service", "list_price": 15.0}
        )
        cls.uom_unit = cls.env.ref("uom.product_uom_unit")
        cls.uom_dozen = cls.env.ref("uom.product_uom_dozen")

    @contextmanager
    def assertRefused(self, regex, error=UserError):
        """The block is refused with a message that matches; nothing is changed."""
        with self.assertRaises(error) as caught:
            yield caught
        self.assertRegex(str(caught.exception), regex)

    @contextmanager
    def _left_to_core(self, extension, *methods):
        """In the block these methods of a class of ours are not there.

        To show the fault that they work around: it is core's, and still there.

        :param extension: the class as it stands in its file
        """

        def left_out(name):
            return lambda record, *args, **kwargs: getattr(
                super(extension, record), name
            )(*args, **kwargs)

        with ExitStack() as stack:
            for name in methods:
                stack.enter_context(patch.object(extension, name, left_out(name)))
            yield

    @classmethod
    def _chatter(cls, record):
        """Return what the chatter of `record` says, as HTML."""
        return "".join(record.sudo().message_ids.mapped("body"))

    @classmethod
    def _get_notice(cls, order, key):
        """The notice of this key that an order shows, or None."""
        alerts = order.drop_shipment_alerts or {}
        return alerts.get(key, {}).get("message")

    @classmethod
    def _deliver(cls, picking, quantity=None):
        """Validate a transfer, as its user would; the rest is a backorder."""
        picking = picking.sudo()
        picking.action_assign()
        for move in picking.move_ids:
            move.quantity = move.product_uom_qty if quantity is None else quantity
            move.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        return picking

    @classmethod
    def _new_user(cls, login, groups, company=None):
        company = company or cls.env.company
        return new_test_user(
            cls.env,
            login=f"drop_{login}",
            groups=f"base.group_user,{groups}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
            email=f"{login}@company.example.com",
        )

    @classmethod
    def _new_product(cls, name, price=10.0, vendor=None, **values):
        """Return a storable product invoiced on delivery that `vendor` sells."""
        vendor = vendor or cls.vendor
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": 20.0,
                "standard_price": 10.0,
                "taxes_id": False,
                "supplier_taxes_id": False,
                "seller_ids": [
                    Command.create({"partner_id": vendor.id, "price": price})
                ],
                **values,
            }
        )

    @classmethod
    def _new_sale(cls, *lines, user=None, confirm=True, **values):
        """Return a sales order of (product, quantity[, line values]) lines, ticked."""
        order = (
            cls.env["sale.order"]
            .with_user(user or cls.salesman)
            .create(
                {
                    "partner_id": cls.customer.id,
                    "partner_shipping_id": cls.ship_to.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": line[0].id,
                                "product_uom_qty": line[1],
                                "drop_shipment": True,
                                **(line[2] if len(line) > 2 else {}),
                            }
                        )
                        for line in lines or [(cls.chair, 10)]
                    ],
                    **values,
                }
            )
        )
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _new_purchase(cls, *sales, user=None, confirm=False, **values):
        """Return a purchase order with all lines of the sales orders fetched."""
        order = (
            cls.env["purchase.order"]
            .with_user(user or cls.buyer)
            .create(
                {
                    "partner_id": cls.vendor.id,
                    "sell_to_customer_id": cls.customer.id,
                    **values,
                }
            )
        )
        if sales:
            cls._get_sales_orders(order, *sales)
        if confirm:
            order.button_confirm()
        return order

    @classmethod
    def _get_sales_orders(cls, purchase, *sales, **quantities):
        """Fetch the sales orders into `purchase`, as its user would."""
        wizard = purchase.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": purchase.id,
                "sale_order_ids": [Command.set([sale.id for sale in sales])],
            }
        )
        if "quantity" in quantities:
            wizard.line_ids.quantity = quantities["quantity"]
        return wizard.action_insert_lines()

    @classmethod
    def _post(cls, order, option=None, quantity=None, **values):
        """Post a sales or purchase order, as its user would; return the action."""
        field = "sale_order_id" if order._name == "sale.order" else "purchase_order_id"
        wizard = order.env["drop.shipment.post"].create({field: order.id, **values})
        if option:
            wizard.option = option
        if quantity is not None:
            wizard.line_ids.quantity = quantity
        return wizard.action_post()

    @classmethod
    def _post_spread(cls, sale, quantity):
        """Ship so much of the one line of `sale`, whichever purchase line it is on."""
        rows = [
            Command.create({"sale_line_id": sale.order_line.id, "quantity": quantity})
        ]
        return cls._post(sale, line_ids=rows)

    @classmethod
    def _post_invoice(cls, sale):
        """Invoice all that can be invoiced and post it, as accountant."""
        invoice = sale.with_user(cls.salesman)._create_invoices()
        invoice.sudo().action_post()
        return invoice.sudo()

    @classmethod
    def _new_bill(cls, purchase, post=True, date="2026-01-15"):
        """Bill all that can be billed, as accountant."""
        action = purchase.sudo().action_create_invoice()
        bill = cls.env["account.move"].browse(action["res_id"])
        bill.invoice_date = date
        bill = bill.with_user(cls.accountant)
        if post:
            bill.action_post()
        return bill

    @classmethod
    def _new_free_bill(cls, *products, quantity=10.0, price=12.0, **values):
        """Return a draft bill of the vendor that accounting typed in, without order."""
        return (
            cls.env["account.move"]
            .with_user(cls.accountant)
            .create(
                {
                    "move_type": "in_invoice",
                    "partner_id": cls.vendor.id,
                    "invoice_date": "2026-01-15",
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "quantity": quantity,
                                "price_unit": price,
                                "tax_ids": False,
                            }
                        )
                        for product in products
                    ],
                    **values,
                }
            )
        )

    @classmethod
    def _match(cls, bills, purchase):
        """Match the lines of bills and order in core's list, as accountant."""
        cls.env.flush_all()
        rows = (
            cls.env["purchase.bill.line.match"]
            .with_user(cls.accountant)
            .search(
                [
                    "|",
                    ("account_move_id", "in", bills.ids),
                    ("purchase_order_id", "=", purchase.id),
                ]
            )
        )
        return rows.action_match_lines()

    @classmethod
    def _reverse(cls, move, modify=False):
        """Reverse the posted `move` by core's dialog; return what it makes, posted."""
        wizard = (
            cls.env["account.move.reversal"]
            .with_user(cls.accountant)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": "2026-01-31"})
        )
        action = wizard.modify_moves() if modify else wizard.refund_moves()
        reversal = cls.env["account.move"].browse(action["res_id"])
        reversal = reversal.with_user(cls.accountant)
        reversal.action_post()
        return reversal

    @classmethod
    def _return(cls, picking, quantity, location=None):
        """Return goods of a transfer to the vendor, or to `location`."""
        wizard = (
            cls.env["stock.return.picking"]
            .with_context(
                active_model="stock.picking",
                active_id=picking.id,
                active_ids=picking.ids,
            )
            .create({})
        )
        wizard.product_return_moves.quantity = quantity
        action = wizard.action_create_returns()
        returned = cls.env["stock.picking"].browse(action["res_id"])
        if location:
            returned.location_dest_id = location
            returned.move_ids.location_dest_id = location
        returned.button_validate()
        return returned
