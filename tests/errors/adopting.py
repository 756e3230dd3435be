"""Adopting what core's Dropship route has ordered."""

from playwright.sync_api import expect

from harness.shop import command_create
from tests.errors.case import error
from tests.errors.scene import MOVE, PURCHASE, SALE, SALE_LINE, press

ADOPT = "drop.shipment.adopt"
ROUTE = ["name", "=", "Dropship"]


class Routed:
    """A sales order that the Dropship route has ordered, and its purchase order."""

    def __init__(self, scene, *lines, shop=None, **values):
        self.scene, self.shop = scene, shop or scene.everyday
        self.sale = self.shop.sale(*lines, ticked=False, confirm=False, **values)
        admin = scene.admin
        for sale_line in admin.read(SALE, self.sale, "order_line"):
            routes = admin.search("stock.route", ROUTE)
            admin.write(SALE_LINE, sale_line, route_ids=[[6, 0, routes]])
        scene.people["sales"].call(SALE, "action_confirm", self.sale)
        number = scene.name(SALE, self.sale)
        (self.purchase,) = admin.search(PURCHASE, ["origin", "ilike", number])
        self.purchase_name = scene.name(PURCHASE, self.purchase)

    def confirm(self):
        """The buyer confirms the request."""
        self.scene.admin.call(PURCHASE, "button_confirm", self.purchase)
        return self

    def transfers(self):
        """The ids of its transfers."""
        return self.scene.admin.read(SALE, self.sale, "picking_ids")


def adopt(scene):
    """Open the dialog from the settings."""
    admin = scene.desk("admin")
    # From elsewhere: to the same address a browser does not go again.
    admin.page.goto(f"{scene.server.url}/odoo")
    admin.page.goto(f"{scene.server.url}/odoo/settings#purchase")
    admin.button("action_adopt_drop_shipments").click()
    return admin


def adopt_by_api(scene):
    """Adopt all that can be adopted."""
    dialog = scene.admin.create(ADOPT)
    scene.admin.call(ADOPT, "action_adopt", dialog)


@error("admin", "ResConfigSettings.action_adopt_drop_shipments")
def adopt_nothing(scene):
    Routed(scene)
    adopt_by_api(scene)
    yield {"company": scene.name("res.company", 1)}
    adopt(scene)


@error("admin", "DropShipmentAdoption._adopt")
def adopt_twice(scene):
    """Somebody else was quicker."""
    Routed(scene)
    admin = adopt(scene)
    expect(admin.button("action_adopt", admin.dialog)).to_be_visible()
    adopt_by_api(scene)
    yield {}
    press(admin, "action_adopt")


@error("admin", "DropShipmentAdoption._get_order_refusal:1", where=".o_dialog")
def adopt_with_own_goods(scene):
    routed = Routed(scene)
    desk = command_create(product_id=scene.facts["desk"], product_qty=1)
    scene.admin.write(PURCHASE, routed.purchase, order_line=[desk])
    adopt(scene)
    yield {"order": routed.purchase_name, "products": "Pine Desk"}


@error("admin", "DropShipmentAdoption._get_line_refusal:2", where=".o_dialog")
def adopt_more_than_sold(scene):
    """The customer took less after the purchase order was confirmed."""
    routed = Routed(scene).confirm()
    line = routed.shop.line(SALE, routed.sale)
    scene.people["sales"].write(SALE_LINE, line, product_uom_qty=7)
    adopt(scene)
    yield {"ordered": "10 Units"}


@error("admin", "DropShipmentAdoption._get_line_refusal:3", where=".o_dialog")
def adopt_billed(scene):
    routed = Routed(scene).confirm()
    for transfer in routed.transfers():
        scene.admin.call("stock.picking", "button_validate", transfer)
    bill = routed.shop.bill(routed.purchase)
    scene.admin.call(MOVE, "action_post", bill)
    adopt(scene)
    yield {}


def deliver_from_stock(routed):
    """Make a delivery from own stock by hand, for a line of the route; return it."""
    scene = routed.scene
    (dropship,) = routed.transfers()
    warehouse = scene.admin.read(SALE, routed.sale, "warehouse_id")[0]
    kind = scene.admin.read("stock.warehouse", warehouse, "out_type_id")[0]
    stock = scene.admin.read("stock.warehouse", warehouse, "lot_stock_id")[0]
    transfer = scene.admin.call(
        "stock.picking", "copy", dropship, default={"picking_type_id": kind}
    )
    transfer = transfer[0] if isinstance(transfer, list) else transfer
    scene.admin.write(
        "stock.move",
        scene.admin.read("stock.picking", transfer, "move_ids"),
        sale_line_id=routed.shop.line(SALE, routed.sale),
        location_id=stock,
        purchase_line_id=False,
    )
    return transfer


@error("admin", "DropShipmentAdoption._get_line_refusal:1", where=".o_dialog")
def adopt_while_stock_ships(scene):
    transfer = deliver_from_stock(Routed(scene).confirm())
    adopt(scene)
    yield {"transfer": scene.name("stock.picking", transfer)}


@error("admin", "DropShipmentLink._get_excess_refusal", where=".o_dialog")
def adopt_what_stock_shipped(scene):
    """Own stock has delivered what the vendor is to ship."""
    routed = Routed(scene).confirm()
    transfer = deliver_from_stock(routed)
    for move in scene.admin.read("stock.picking", transfer, "move_ids"):
        scene.admin.write("stock.move", move, quantity=10, picked=True)
    scene.admin.call("stock.picking", "button_validate", transfer)
    adopt(scene)
    sale = scene.name(SALE, routed.sale)
    yield {"line": f"{sale}, line 1 (Oak Chair)", "excess": "10 Units"}


@error("admin", "DropShipmentAdoption._get_order_refusal:2", where=".o_dialog")
def adopt_several_customers(scene):
    """A buyer merged requests of two customers who share an address."""
    first = Routed(scene)
    second = Routed(
        scene,
        ("desk", 1),
        shop=scene.shop(),
        partner_shipping_id=first.shop.ship_to,
    )
    scene.admin.call(PURCHASE, "action_merge", [first.purchase, second.purchase])
    left = [
        order
        for order in (first.purchase, second.purchase)
        if scene.admin.read(PURCHASE, order, "state") != "cancel"
    ]
    adopt(scene)
    yield {"order": scene.name(PURCHASE, left[0])}
