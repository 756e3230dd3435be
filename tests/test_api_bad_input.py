"""Bad input over the external API gets a clear error and changes nothing."""

import pytest

from harness.shop import GET, POST, Shop, command_create

SALE, SALE_LINE = "sale.order", "sale.order.line"
PURCHASE, PURCHASE_LINE = "purchase.order", "purchase.order.line"
# Of a line with 10 to order or to ship; the message has what was entered.
BAD_QUANTITIES = {0: "0", -1: "-1", 11: "11", "abc": "abc", "nan": "nan", "inf": "inf"}


@pytest.fixture
def other_shop(server, people):
    """Another customer."""
    return Shop(server.facts, people)


def insert(shop, purchase, *sales, **row):
    """Get Sales Order with these orders chosen, or with a forged row in their place."""
    buyer = shop.people["buyer"]
    dialog = shop.dialog(purchase, *sales)
    if row:
        buyer.write(GET, dialog, line_ids=[[5, 0, 0], command_create(**row)])
    buyer.call(GET, "action_insert_lines", dialog)


def purchase_number(shop, purchase):
    """What people call the purchase order."""
    return shop.people["buyer"].read(PURCHASE, purchase, "name")


def assert_not_on_offer(shop, refused, purchase, sale):
    """Neither the order can be chosen nor its line; the refusal says of what."""
    number = purchase_number(shop, purchase)
    with refused(f"not on offer for {number}"):
        insert(shop, purchase, sale)
    line = shop.line(SALE, sale)
    names = f"{number}|{shop.people['admin'].read(SALE, sale, 'name')}"
    with refused(f"not on offer.*({names})|({names}).*not on offer"):
        insert(shop, purchase, sale_line_id=line, quantity=1)


# Get Sales Order: the purchase order


def test_no_customer(shop, buyer, refused):
    shop.sale()
    purchase = shop.rfq(sell_to_customer_id=False)
    number = buyer.read(PURCHASE, purchase, "name")
    with refused(f"Sell-to Customer.*{number}"):
        buyer.call(PURCHASE, "action_get_sales_order", purchase)


def test_no_vendor(shop, refused):
    with refused("Vendor"):
        shop.rfq(partner_id=False)


@pytest.mark.parametrize("button", ["button_confirm", "button_cancel"])
def test_no_request_for_quotation(shop, buyer, refused, button):
    purchase = shop.purchase(shop.sale(), confirm=False)
    buyer.call(PURCHASE, button, purchase)
    number = buyer.read(PURCHASE, purchase, "name")
    later = shop.sale()
    with refused(f"{number}.*request for quotation"):
        buyer.call(PURCHASE, "action_get_sales_order", purchase)
    with refused(f"{number}"):
        insert(shop, purchase, later)


def test_nothing_to_fetch(shop, buyer, admin, refused):
    shop.sale(ticked=False)
    purchase = shop.rfq()
    with refused(admin.read("res.partner", shop.customer, "name")):
        buyer.call(PURCHASE, "action_get_sales_order", purchase)


# Get Sales Order: the sales order


def test_sale_of_another_customer(shop, other_shop, refused):
    shop.sale()
    sale = other_shop.sale()
    purchase = shop.rfq()
    number = shop.people["sales"].read(SALE, sale, "name")
    line = shop.line(SALE, sale)
    for choice, row in (([sale], {}), ([], {"sale_line_id": line, "quantity": 1})):
        with refused(f"not on offer.*{purchase_number(shop, purchase)}") as error:
            insert(shop, purchase, *choice, **row)
        # Nor does the refusal tell of somebody else's order.
        assert number not in error.value.message


def test_sale_of_another_company(shop, server, refused):
    company = server.facts["other_company"]
    shop.sale()
    sale = shop.sale(
        user="admin", company_id=company, context={"allowed_company_ids": [company]}
    )
    assert_not_on_offer(shop, refused, shop.rfq(), sale)


def test_sale_to_another_address(shop, refused):
    purchase = shop.purchase(shop.sale(), confirm=False)
    shop.sale()
    elsewhere = shop.address("Elsewhere", shop.customer)
    sale = shop.sale(partner_shipping_id=elsewhere)
    assert_not_on_offer(shop, refused, purchase, sale)


def test_two_addresses_at_once(shop, sales, refused):
    elsewhere = shop.address("Elsewhere", shop.customer)
    here, there = shop.sale(), shop.sale(partner_shipping_id=elsewhere)
    numbers = [sales.read(SALE, sale, "name") for sale in (here, there)]
    purchase = shop.rfq()
    with refused(f"{numbers[0]}.*Dock.*{numbers[1]}.*Elsewhere"):
        insert(shop, purchase, here, there)


def test_line_not_ticked(shop, refused):
    shop.sale()
    assert_not_on_offer(shop, refused, shop.rfq(), shop.sale(ticked=False))


def test_line_already_ordered(shop, refused):
    sale = shop.sale()
    shop.purchase(sale)
    shop.sale()
    assert_not_on_offer(shop, refused, shop.rfq(), sale)


def test_cancelled_sale(shop, sales, refused):
    sale = shop.sale()
    shop.sale()
    sales.call(SALE, "action_cancel", sale)
    assert_not_on_offer(shop, refused, shop.rfq(), sale)


def test_cancelled_meanwhile(shop, sales, buyer, refused):
    """The dialog was open while the order was cancelled."""
    sale = shop.sale()
    shop.sale()
    number = sales.read(SALE, sale, "name")
    dialog = shop.dialog(shop.rfq(), sale)
    sales.call(SALE, "action_cancel", sale)
    with refused(f"{number}, line 1.*not on offer"):
        buyer.call(GET, "action_insert_lines", dialog)


# Get Sales Order: the quantity


@pytest.mark.parametrize("quantity", BAD_QUANTITIES)
def test_bad_quantity_to_order(shop, buyer, refused, quantity):
    dialog = shop.dialog(shop.rfq(), shop.sale())
    rows = buyer.read(GET, dialog, "line_ids")
    with refused(f"Quantity.*{BAD_QUANTITIES[quantity]}"):
        buyer.write(f"{GET}.line", rows, quantity=quantity)
        buyer.call(GET, "action_insert_lines", dialog)


def test_same_line_twice(shop, sales, buyer, refused):
    """Two rows of 6 are 12 of 10."""
    sale = shop.sale()
    dialog = shop.dialog(shop.rfq(), sale)
    row = command_create(sale_line_id=shop.line(SALE, sale), quantity=6)
    with refused(f"Quantity of {sales.read(SALE, sale, 'name')}, line 1"):
        buyer.write(GET, dialog, line_ids=[[5, 0, 0], row, row])
        buyer.call(GET, "action_insert_lines", dialog)


# Dialogs of others


@pytest.mark.parametrize("forgery", ["insert", "read", "write", "add row"])
def test_dialog_of_another_buyer(shop, people, refused, forgery):
    buyer, other = people["buyer"], people["other_buyer"]
    dialog = shop.dialog(shop.rfq(), shop.sale())
    (row,) = buyer.read(GET, dialog, "line_ids")
    line = shop.line(SALE, shop.sale())
    calls = {
        "insert": lambda: other.call(GET, "action_insert_lines", dialog),
        "read": lambda: other.read(GET, dialog, "line_ids"),
        "write": lambda: other.write(f"{GET}.line", row, quantity=1),
        "add row": lambda: other.create(
            f"{GET}.line", get_id=dialog, sale_line_id=line, quantity=1
        ),
    }
    with refused("Get Sales Order|Sales Order Line|Drop Shipment") as error:
        calls[forgery]()
    assert error.value.name == "odoo.exceptions.AccessError"


def test_post_dialog_of_another(shop, people, refused):
    sale = shop.sale()
    shop.purchase(sale)
    dialog = people["sales"].create(POST, sale_order_id=sale)
    with refused("Drop Shipment"):
        people["other_sales"].call(POST, "action_post", dialog)
    with refused("Drop Shipment"):
        people["buyer"].call(POST, "action_post", dialog)


def test_forged_row_tells_nothing(shop, other_shop, sales, buyer, refused):
    """A row is no way to read somebody else's line, not even its order's number."""
    shop.sale()
    other = other_shop.sale()
    number, line = sales.read(SALE, other, "name"), other_shop.line(SALE, other)
    dialog = buyer.create(GET, purchase_order_id=shop.rfq())
    (row,) = buyer.read(GET, dialog, "line_ids")
    with refused("not on offer") as error:
        buyer.create(f"{GET}.line", get_id=dialog, sale_line_id=line, quantity=1)
    assert number not in error.value.message
    with refused("not on offer") as error:
        buyer.write(f"{GET}.line", row, sale_line_id=line)
    assert number not in error.value.message


# Post


@pytest.mark.parametrize(
    ("user", "model"),
    [
        ("other_sales", SALE),
        ("buyer", SALE),
        ("accountant", SALE),
        ("employee", SALE),
        ("sales", PURCHASE),
        ("employee", PURCHASE),
    ],
)
def test_post_order_one_may_not_write(shop, people, refused, user, model):
    sale = shop.sale()
    purchase = shop.purchase(sale)
    field, order = {
        SALE: ("sale_order_id", sale),
        PURCHASE: ("purchase_order_id", purchase),
    }[model]
    with refused("Sales Order|Purchase Order|Drop Shipment") as error:
        people[user].create(POST, **{field: order})
    assert error.value.name == "odoo.exceptions.AccessError"
    with refused("Sales Order|Purchase Order|Drop Shipment") as error:
        people[user].call(model, "action_post_drop_shipment", order)
    assert error.value.name == "odoo.exceptions.AccessError"


def test_post_swap_the_order(shop, people, refused):
    """A dialog of an own order that is then pointed at somebody else's."""
    mine, theirs = shop.sale(), shop.sale(user="other_sales")
    shop.purchase(mine, theirs)
    dialog = people["sales"].create(POST, sale_order_id=mine)
    with refused("Sales Order") as error:
        people["sales"].write(POST, dialog, sale_order_id=theirs)
        people["sales"].call(POST, "action_post", dialog)
    assert error.value.name == "odoo.exceptions.AccessError"


def test_post_line_of_another_order(shop, sales, refused):
    mine, theirs = shop.sale(), shop.sale(user="other_sales")
    shop.purchase(mine, theirs)
    row = command_create(sale_line_id=shop.line(SALE, theirs), quantity=1)
    with refused(sales.read(SALE, mine, "name")):
        dialog = sales.create(POST, sale_order_id=mine, line_ids=[row])
        sales.call(POST, "action_post", dialog)


@pytest.mark.parametrize("orders", ["both", "none"])
def test_post_needs_one_order(shop, admin, refused, orders):
    values = {}
    if orders == "both":
        sale = shop.sale()
        values = {"sale_order_id": sale, "purchase_order_id": shop.purchase(sale)}
    with refused("one sales order or one purchase order"):
        admin.create(POST, option="ship", **values)


@pytest.mark.parametrize("model", [SALE, PURCHASE])
@pytest.mark.parametrize("quantity", BAD_QUANTITIES)
def test_bad_quantity_to_post(shop, refused, model, quantity):
    """All lines at zero is nothing to post."""
    sale = shop.sale()
    order = {SALE: sale, PURCHASE: shop.purchase(sale)}[model]
    option = {SALE: "ship", PURCHASE: "receive"}[model]
    with refused("quantity" if quantity == 0 else "(Qty|Quantity).*can't be"):
        shop.post(model, order, option, quantity=quantity)


@pytest.mark.parametrize("quantity", [-1, 11, "abc", "nan"])
def test_bad_qty_to_ship(shop, sales, refused, quantity):
    sale = shop.sale()
    shop.purchase(sale)
    line = shop.line(SALE, sale)
    with refused(f"Qty to Ship.*{quantity}"):
        sales.write(SALE_LINE, line, qty_to_ship=quantity)


def test_post_too_early(shop, sales, buyer, refused):
    """First nobody has ordered it, then the order is not confirmed."""
    sale = shop.sale()
    number = sales.read(SALE, sale, "name")
    with refused(f"{number}.*not on a purchase order"):
        sales.call(SALE, "action_post_drop_shipment", sale)
    purchase = shop.purchase(sale, confirm=False)
    purchase_number = buyer.read(PURCHASE, purchase, "name")
    with refused(f"{number}.*not confirmed {purchase_number}"):
        sales.call(SALE, "action_post_drop_shipment", sale)
    with refused(f"{purchase_number}.*confirm"):
        buyer.call(PURCHASE, "action_post_drop_shipment", purchase)
    with refused(f"{purchase_number}.*confirm"):
        shop.post(PURCHASE, purchase, "receive")


@pytest.mark.parametrize("option", ["invoice", "receive_invoice"])
def test_bill_before_invoice(shop, sales, refused, option):
    """Receive and Invoice does both or neither."""
    sale = shop.sale()
    purchase = shop.purchase(sale)
    shop.post(PURCHASE, purchase, "receive", quantity=4)
    with refused(f"Invoice sales order {sales.read(SALE, sale, 'name')} first"):
        shop.post(PURCHASE, purchase, option)


@pytest.mark.parametrize(
    ("model", "option"), [(SALE, "receive"), (PURCHASE, "ship"), (SALE, "invoice")]
)
def test_option_of_the_other_order(shop, refused, model, option):
    sale = shop.sale()
    order = {SALE: sale, PURCHASE: shop.purchase(sale)}[model]
    with refused("option"):
        shop.post(model, order, option)


# Direct writes


def test_link_without_customer(shop, buyer, refused):
    """A link written by hand meets the rules of the dialog."""
    line = shop.line(SALE, shop.sale())
    purchase = shop.rfq(
        sell_to_customer_id=False,
        order_line=[command_create(product_id=shop.facts["chair"], product_qty=1)],
    )
    number = buyer.read(PURCHASE, purchase, "name")
    with refused(f"{number}, line 1.*Sell-to Customer"):
        buyer.write(PURCHASE_LINE, shop.line(PURCHASE, purchase), sale_line_id=line)


def test_link_to_another_customer(shop, other_shop, buyer, refused):
    purchase = shop.purchase(shop.sale(), confirm=False)
    number = buyer.read(PURCHASE, purchase, "name")
    line = other_shop.line(SALE, other_shop.sale())
    with refused(f"{number}, line 1.*customer"):
        buyer.write(PURCHASE_LINE, shop.line(PURCHASE, purchase), sale_line_id=line)
    with refused(f"{number}, line 2.*customer"):
        buyer.create(
            PURCHASE_LINE,
            order_id=purchase,
            product_id=shop.facts["chair"],
            product_qty=1,
            sale_line_id=line,
        )


def test_link_what_is_ordered(shop, sales, buyer, refused):
    """Ten of ten are ordered: an eleventh line by hand is one too many."""
    sale = shop.sale()
    line = shop.line(SALE, sale)
    purchase = shop.purchase(sale, confirm=False)
    with refused(f"Quantity of {sales.read(SALE, sale, 'name')}, line 1.*too high"):
        buyer.create(
            PURCHASE_LINE,
            order_id=purchase,
            product_id=shop.facts["chair"],
            product_qty=1,
            sale_line_id=line,
        )


@pytest.mark.parametrize("quantity", [11, -1, "nan", "abc"])
@pytest.mark.parametrize("confirm", [False, True])
def test_bad_quantity_on_purchase_line(shop, buyer, refused, quantity, confirm):
    purchase = shop.purchase(shop.sale(), confirm=confirm)
    line = shop.line(PURCHASE, purchase)
    with refused("Quantity of .*line 1"):
        buyer.write(PURCHASE_LINE, line, product_qty=quantity)


@pytest.mark.parametrize(
    ("user", "model", "field"),
    [
        ("sales", SALE_LINE, "product_id"),
        ("sales", SALE_LINE, "drop_shipment"),
        ("sales", SALE_LINE, "product_uom_qty"),
        ("sales", SALE, "partner_id"),
        ("sales", SALE, "partner_shipping_id"),
        ("buyer", PURCHASE_LINE, "product_id"),
        ("buyer", PURCHASE_LINE, "sale_line_id"),
        ("buyer", PURCHASE, "sell_to_customer_id"),
        ("buyer", PURCHASE, "dest_address_id"),
        ("buyer", PURCHASE, "partner_id"),
    ],
)
def test_frozen_field(shop, other_shop, people, refused, user, model, field):
    """What a link freezes, written past the forms that make it read-only."""
    sale = shop.sale()
    purchase = shop.purchase(sale)
    number = people["sales"].read(SALE, sale, "name")
    purchase_number = people["buyer"].read(PURCHASE, purchase, "name")
    record = {
        SALE: sale,
        PURCHASE: purchase,
        SALE_LINE: shop.line(SALE, sale),
        PURCHASE_LINE: shop.line(PURCHASE, purchase),
    }[model]
    value = {
        "product_id": shop.facts["desk"],
        "drop_shipment": False,
        "product_uom_qty": 9,
        "sale_line_id": False,
        "sell_to_customer_id": other_shop.customer,
        "dest_address_id": shop.customer,
        "partner_shipping_id": shop.customer,
        "partner_id": other_shop.customer,
    }[field]
    first, second = number, purchase_number
    if user == "buyer":
        first, second = second, first
    with refused(f"{first}.*{second}"):
        people[user].write(model, record, **{field: value})


def test_cancel_what_is_ordered(shop, sales, buyer, refused):
    sale = shop.sale()
    purchase = shop.purchase(sale)
    number = sales.read(SALE, sale, "name")
    purchase_number = buyer.read(PURCHASE, purchase, "name")
    with refused(f"{number}.*{purchase_number}"):
        sales.call(SALE, "action_cancel", sale)


# Rights


@pytest.mark.parametrize("user", ["sales", "accountant", "employee"])
def test_get_sales_order_without_rights(shop, people, refused, user):
    shop.sale()
    purchase = shop.rfq()
    with refused("Purchase Order|Get Sales Order") as error:
        people[user].call(PURCHASE, "action_get_sales_order", purchase)
    assert error.value.name == "odoo.exceptions.AccessError"
    with refused("Purchase Order|Get Sales Order") as error:
        people[user].create(GET, purchase_order_id=purchase)
    assert error.value.name == "odoo.exceptions.AccessError"


@pytest.mark.parametrize("user", ["sales", "employee"])
@pytest.mark.parametrize(
    "method", ["action_unlink_drop_shipment", "action_close_drop_shipment_remainder"]
)
def test_take_back_without_rights(shop, people, refused, user, method):
    purchase = shop.purchase(shop.sale(), confirm=method.endswith("remainder"))
    with refused("Purchase Order") as error:
        people[user].call(PURCHASE_LINE, method, shop.line(PURCHASE, purchase))
    assert error.value.name == "odoo.exceptions.AccessError"


def test_linked_order_without_rights(shop, sales, buyer, refused):
    """The number may be seen, the order of the other department may not."""
    sale = shop.sale()
    purchase = shop.purchase(sale)
    with refused("Purchase Order"):
        sales.call(
            SALE_LINE, "action_view_drop_shipment_purchase", shop.line(SALE, sale)
        )
    with refused("Sales Order"):
        buyer.call(
            PURCHASE_LINE,
            "action_view_drop_shipment_sale",
            shop.line(PURCHASE, purchase),
        )
    with refused("Sales Order"):
        buyer.read(SALE, sale, "amount_total")
