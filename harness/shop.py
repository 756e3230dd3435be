"""The steps of the story over the external API, for a customer of the test's own."""

import itertools

# No other amount in the documents looks like it, so a vendor's PDF can be searched.
SALES_PRICE = 4321.09
PURCHASE_PRICE = 12.34
_numbers = itertools.count(1)
SALE, PURCHASE, MOVE = "sale.order", "purchase.order", "account.move"
GET = "purchase.order.get.sales.order"
POST = "drop.shipment.post"


def command_create(**values):
    """The command that adds a new record to a one-to-many field."""
    return [0, 0, values]


class Shop:
    """Orders of one customer with one ship-to address, made by people with rights."""

    def __init__(self, facts, people, customer=None, ship_to=None):
        self.facts, self.people = facts, people
        self.customer, self.ship_to = customer, ship_to
        if not customer:
            # Of one width, so that no name is the beginning of another.
            self.number = f"{next(_numbers):04}"
            self.customer = self.partner(f"Customer {self.number}")
            self.ship_to = self.address(f"Dock {self.number}", self.customer)

    def partner(self, name, **values):
        """Make a customer; return its id."""
        return self.people["admin"].create(
            "res.partner",
            name=name,
            is_company=True,
            email=f"customer{self.number}@customer.example.com",
            street="2 Customer Street",
            city="Customerville",
            country_id=self.facts["country"],
            **values,
        )

    def address(self, name, customer):
        """Make a delivery address of a customer; return its id."""
        return self.people["admin"].create(
            "res.partner",
            name=name,
            type="delivery",
            parent_id=customer,
            street="3 Dock Road",
            city="Docktown",
            zip="98765",
            phone="+1 555 0100",
            country_id=self.facts["country"],
        )

    def sale(self, *lines, user="sales", ticked=True, confirm=True, **values):
        """Make a sales order of (product, quantity[, values]) lines; return its id.

        :param ticked: None where the add-on is not installed
        """
        client = self.people[user]
        tick = {} if ticked is None else {"drop_shipment": ticked}
        values = {
            "partner_id": self.customer,
            "order_line": [
                command_create(
                    product_id=self.facts[product],
                    product_uom_qty=quantity,
                    **tick,
                    **(more[0] if more else {}),
                )
                for product, quantity, *more in lines or [("chair", 10)]
            ],
            **values,
        }
        if self.ship_to:
            values.setdefault("partner_shipping_id", self.ship_to)
        order = client.create("sale.order", **values)
        if confirm:
            client.call("sale.order", "action_confirm", order)
        return order

    def rfq(self, user="buyer", **values):
        """Make an empty request for quotation for the customer; return its id."""
        values = {
            "partner_id": self.facts["vendor"],
            "sell_to_customer_id": self.customer,
            **values,
        }
        return self.people[user].create("purchase.order", **values)

    def dialog(self, purchase, *sales, user="buyer", **values):
        """Open Get Sales Order with these sales orders chosen; return its id."""
        return self.people[user].create(
            GET, purchase_order_id=purchase, sale_order_ids=[[6, 0, sales]], **values
        )

    def fetch(self, purchase, *sales, user="buyer", quantity=None):
        """Get Sales Order: all that is on offer, or `quantity` of each line."""
        client = self.people[user]
        dialog = self.dialog(purchase, *sales, user=user)
        if quantity is not None:
            rows = client.read(GET, dialog, "line_ids")
            client.write(f"{GET}.line", rows, quantity=quantity)
        client.call(GET, "action_insert_lines", dialog)

    def purchase(self, *sales, user="buyer", quantity=None, confirm=True, **values):
        """Make a purchase order of the sales orders; return its id."""
        order = self.rfq(user=user, **values)
        self.fetch(order, *sales, user=user, quantity=quantity)
        if confirm:
            self.people[user].call("purchase.order", "button_confirm", order)
        return order

    def post(self, model, order, option, quantity=None, user=None, **values):
        """Post an order; return what the dialog answered."""
        field = {"sale.order": "sale_order_id", "purchase.order": "purchase_order_id"}
        role = {"sale.order": "sales", "purchase.order": "buyer"}
        client = self.people[user or role[model]]
        dialog = client.create(
            POST, **{field[model]: order, "option": option, **values}
        )
        if quantity is not None:
            rows = client.read(POST, dialog, "line_ids")
            client.write(f"{POST}.line", rows, quantity=quantity)
        return client.call(POST, "action_post", dialog)

    def line(self, model, order):
        """The id of the only line of an order."""
        (line,) = self.people["admin"].read(model, order, "order_line")
        return line

    def invoices(self, *sales):
        """The customer invoices of sales orders."""
        admin = self.people["admin"]
        found = [admin.read("sale.order", sale, "invoice_ids") for sale in sales]
        return sorted({invoice for ids in found for invoice in ids})

    def bills(self, purchase):
        """The vendor bills of a purchase order."""
        return self.people["admin"].read("purchase.order", purchase, "invoice_ids")

    def invoice(self, sale, post=True):
        """Invoice what has been delivered and post it; return the invoice."""
        before = self.invoices(sale)
        sales, accountant = self.people["sales"], self.people["accountant"]
        dialog = sales.create(
            "sale.advance.payment.inv",
            context={
                "active_model": "sale.order",
                "active_ids": [sale],
                "active_id": sale,
            },
        )
        sales.call("sale.advance.payment.inv", "create_invoices", dialog)
        (invoice,) = set(self.invoices(sale)) - set(before)
        if post:
            accountant.call("account.move", "action_post", invoice)
        return invoice

    def credit(self, invoice):
        """Take an invoice back by a credit note."""
        accountant, dialog = self.people["accountant"], "account.move.reversal"
        [journal, _name] = accountant.read("account.move", invoice, "journal_id")
        wizard = accountant.create(
            dialog,
            journal_id=journal,
            context={"active_model": "account.move", "active_ids": [invoice]},
        )
        accountant.call(dialog, "refund_moves", wizard)
        (credit,) = accountant.search(
            "account.move", ["reversed_entry_id", "=", invoice]
        )
        accountant.call("account.move", "action_post", credit)

    def bill(self, purchase, date="2026-01-15"):
        """Make a draft bill of what has been received; return it."""
        before = self.bills(purchase)
        self.people["buyer"].call("purchase.order", "action_create_invoice", purchase)
        (bill,) = set(self.bills(purchase)) - set(before)
        self.people["accountant"].write("account.move", bill, invoice_date=date)
        return bill
