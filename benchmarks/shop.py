"""The company that the benchmark runs, and what its people do on either side.

*Ours* is a database with the add-on, *core* one without it, whose products have
core's Dropship route. Both are copies of one database and get the same data.
"""

from odoo.fields import Command, Date

CORE_ROUTE = "stock_dropshipping.route_drop_shipping"
GROUPS = (
    "sales_team.group_sale_manager",
    "purchase.group_purchase_manager",
    "stock.group_stock_manager",
    "account.group_account_manager",
)
ORDERS, VENDORS = 500, 40
# Rows of a list's first page.
PAGE = 80


def fill(env, route):
    """Make products, partners and a user's rights; the same on both sides.

    :param bool route: give the drop-shipped products core's Dropship route
    """
    env = env(context={**env.context, "tracking_disable": True})
    give_rights(env)
    vendors = env["res.partner"].create(
        [
            {"name": f"Vendor {number}", "is_company": True, "ref": "vendor"}
            for number in range(VENDORS)
        ]
    )
    customers = env["res.partner"].create(
        [
            {
                "name": f"Customer {number}",
                "is_company": True,
                "ref": "customer",
                "street": f"{number} Long Road",
                "city": "Townsville",
            }
            for number in range(ORDERS)
        ]
    )
    routes = env.ref(CORE_ROUTE) if route else env["stock.route"]
    products(env, "cycle", 1000, vendors[:1], routes)
    products(env, "stock", 20, vendors[:1], env["stock.route"])
    for vendor in vendors:
        products(env, f"batch {vendor.id}", 4, vendor, routes)
    past_order(env, ours=not route)
    return users(env, customers, vendors[0])


def give_rights(env):
    """Let the user who measures do all of the job."""
    env.ref("base.user_admin").group_ids += env["res.groups"].concat(
        *(env.ref(name) for name in GROUPS)
    )


def fill_kits(env, route, size=50, parts=6):
    """Make kits that one vendor sells, as kits and part by part.

    :param bool route: give kits and parts core's Dropship route
    """
    env = env(context={**env.context, "tracking_disable": True})
    give_rights(env)
    vendor, _customer = env["res.partner"].create(
        [
            {"name": f"The {kind}", "is_company": True, "ref": kind}
            for kind in ("vendor", "customer")
        ]
    )
    routes = env.ref(CORE_ROUTE) if route else env["stock.route"]
    items = products(env, "part", size * parts, vendor, routes)
    env["mrp.bom"].create(
        [
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": part.id, "product_qty": 2})
                    for part in items[number * parts : (number + 1) * parts]
                ],
            }
            for number, kit in enumerate(products(env, "kit", size, vendor, routes))
        ]
    )


def past_order(env, ours, lines=100):
    """Leave a finished order behind, and statistics of tables that hold something.

    PostgreSQL plans the joins of an empty account_move_line as if it stayed so: core's
    queries for the state of payment then read all lines for each line of a bill.
    """
    cycle = Cycle(env, find(env, "cycle", lines), ours)
    for step in cycle.steps:
        cycle.run(step)
    cycle.check()
    env.flush_all()
    env.cr.execute("ANALYZE")


def users(env, customers, vendor, size=8, lines=10):
    """Make people for the load test, each with a customer and products of their own."""
    groups = ["base.group_user", *GROUPS]
    people = env["res.users"].create(
        [
            {
                "name": f"Person {number}",
                "login": f"person{number}",
                "email": f"person{number}@company.example.com",
                "group_ids": [Command.set([env.ref(name).id for name in groups])],
            }
            for number in range(size)
        ]
    )
    keys = env["res.users.apikeys"]
    items = find(env, "cycle").ids
    return [
        {
            "login": user.login,
            "key": keys.with_user(user).sudo()._generate(None, "benchmark", False),
            "customer": customer.id,
            "vendor": vendor.id,
            "products": items[number * lines : (number + 1) * lines],
        }
        for number, (user, customer) in enumerate(zip(people, customers, strict=False))
    ]


def products(env, kind, size, vendor, routes):
    """Make storable products of one vendor, invoiced when delivered."""
    return env["product.product"].create(
        [
            {
                "name": f"{kind} {number}",
                "default_code": kind,
                "type": "consu",
                "is_storable": True,
                "invoice_policy": "delivery",
                "list_price": 20.0,
                "standard_price": 10.0,
                "route_ids": [Command.set(routes.ids)],
                "seller_ids": [
                    Command.create({"partner_id": vendor.id, "price": 12.0})
                ],
            }
            for number in range(size)
        ]
    )


def find(env, kind, size=None):
    """The first products of a kind."""
    return env["product.product"].search(
        [("default_code", "=", kind)], order="id", limit=size
    )


def partners(env, kind, size=None):
    """The first partners of a kind."""
    return env["res.partner"].search([("ref", "=", kind)], order="id", limit=size)


def new_sale(env, items, customer, ticked, quantity=2):
    """Make a quotation of these products."""
    tick = {"drop_shipment": True} if ticked else {}
    return env["sale.order"].create(
        {
            "partner_id": customer.id,
            "order_line": [
                Command.create(
                    {"product_id": item.id, "product_uom_qty": quantity, **tick}
                )
                for item in items
            ],
        }
    )


def fill_screens(env, ours):
    """Make the orders that the screens show; return their ids.

    Of ours the lines are ticked; of core's they are plain, from own stock.
    """
    items = find(env, "cycle" if ours else "stock")
    customer = partners(env, "customer", 2)[1]

    def sell(size, start=0):
        lines = [items[(start + number) % len(items)] for number in range(size)]
        return new_sale(env, lines, customer, ticked=ours)

    offered = env["sale.order"].concat(*(sell(12 + n % 2, 12 * n) for n in range(40)))
    large = sell(100)
    (offered + large).action_confirm()
    facts = {"large": large.id}
    if ours:
        cycle = Cycle(env, items[:10], ours)
        for step in ("confirm sale", "get lines", "confirm purchase"):
            cycle.run(step)
        request = env["purchase.order"].create(
            {
                "partner_id": partners(env, "vendor", 1).id,
                "sell_to_customer_id": customer.id,
            }
        )
        return {**facts, "small": cycle.sale.id, "request": request.id}
    small = sell(10)
    small.action_confirm()
    own = offered + large + small
    own.user_id = env.ref("base.user_admin")
    # With those of others, core's list has a full page, as ours has.
    others = env["sale.order"].concat(*(sell(1, n) for n in range(PAGE - len(own))))
    others.action_confirm()
    others.user_id = False
    # There is no stock to reserve.
    small.picking_ids.move_ids.quantity = 2
    small.picking_ids.button_validate()
    # The button that asks for an invoice is called by its action.
    action = env.ref("sale.action_view_sale_advance_payment_inv")
    return {**facts, "small": small.id, "invoice_action": action.id}


def post_by_button(document):
    """Post an invoice or a bill by core's button, which asks for analytic plans."""
    document.with_context(validate_analytic=True).action_post()


class Cycle:
    """The life of one order, step by step, from the quotation to the bill."""

    steps = ("confirm sale", "get lines", "confirm purchase", "ship", "invoice", "bill")

    def __init__(self, env, items, ours, quantity=2, together=False):
        self.env, self.ours, self.quantity = env, ours, quantity
        # Ours ships and invoices by one posting; core has no such button.
        self.together = ours and together
        self.customer = partners(env, "customer", 1)
        self.vendor = partners(env, "vendor", 1)
        self.sale = new_sale(env, items, self.customer, ours, quantity)

    def run(self, step):
        """Do one step as a person would by one or two buttons."""
        getattr(self, step.replace(" ", "_"))()

    def confirm_sale(self):
        """Confirm: core's route makes its request for quotation here."""
        self.sale.action_confirm()
        if not self.ours:
            self.purchase = self.sale.order_line.purchase_line_ids.order_id

    def get_lines(self):
        """Make the request for quotation and fetch the lines; nothing in core."""
        if self.ours:
            self.new_request()
            self.get_sales_order()

    def new_request(self):
        """Make an empty request for quotation for the customer."""
        self.purchase = self.env["purchase.order"].create(
            {"partner_id": self.vendor.id, "sell_to_customer_id": self.customer.id}
        )

    def get_sales_order(self):
        """Open the dialog, choose the sales order and insert its lines."""
        self.env["purchase.order.get.sales.order"].create(
            {
                "purchase_order_id": self.purchase.id,
                "sale_order_ids": [Command.set(self.sale.ids)],
            }
        ).action_insert_lines()

    def confirm_purchase(self):
        """Confirm the purchase order."""
        self.purchase.button_confirm()

    def ship(self):
        """Post all of it, with the invoice if together; in core, validate."""
        if self.ours:
            option = "ship_invoice" if self.together else "ship"
            self.env["drop.shipment.post"].create(
                {"sale_order_id": self.sale.id, "option": option}
            ).action_post()
        else:
            self.sale.picking_ids.button_validate()

    def invoice(self):
        """Invoice the customer and post the invoice, unless it came with the goods."""
        if self.together:
            return
        post_by_button(self.sale._create_invoices())

    def bill(self):
        """Bill what was received and post the bill: ours by Post, if together."""
        if self.together:
            self.env["drop.shipment.post"].create(
                {"purchase_order_id": self.purchase.id, "option": "invoice"}
            ).action_post()
            return
        action = self.purchase.action_create_invoice()
        bill = self.env["account.move"].browse(action["res_id"])
        bill.invoice_date = Date.today()
        post_by_button(bill)

    def check(self):
        """Fail unless the order went all the way."""
        line = self.sale.order_line
        assert set(line.mapped("qty_delivered")) == {self.quantity}
        assert set(line.mapped("qty_invoiced")) == {self.quantity}
        assert self.sale.invoice_ids.state == self.purchase.invoice_ids.state
        assert self.purchase.invoice_status == "invoiced"
