"""The messages that are tested elsewhere."""

# The messages that only other apps can lead to, and the tests in a database with them.
ELSEWHERE = {
    "%(order)s has no whole kit to return. Return its parts on their transfer.": (
        "test_only_parts_left"
    ),
    "Its kit has no goods.": "test_kit_of_services",
    "%(product)s of %(order)s can't go to own stock: it has become a kit since it was "
    "ordered, and own stock has only the parts of a kit. Return it to the vendor, or "
    "archive the kit's bill of materials first.": "test_returned_to_own_stock",
    "Drop Shipment Link: Kits can't be removed: vendors are still to ship kits on "
    "%(orders)s, and nothing would count them. Post these orders, close their "
    "remainder or cancel them first.": "test_not_removed_while_kits_are_open",
    "Drop Shipment Link: Point of Sale can't be removed: vendors are still to ship or "
    "to bill what was paid at the till on %(orders)s, and it would count as delivered, "
    "and as not invoiced. Post these orders and their bills first.": (
        "test_not_removed_while_open"
    ),
    "%(field)s of %(line)s can't be %(quantity)s: a kit is posted whole. Enter whole "
    "kits, or enter its parts on the transfer.": "test_half_a_kit_is_refused",
    "Lot/Serial Numbers of %(line)s are of several parts: write the name of the part "
    "on a line of its own above its numbers. The parts with numbers are %(parts)s.": (
        "test_two_tracked_parts"
    ),
    "%(order)s can't have alternatives: its lines ship sales orders, and a copy would "
    "ship them twice. Unlink the lines, then use Get Sales Order with the other "
    "vendor.": "test_alternative_with_products_is_refused",
    "%(order)s can't be posted here: its transfer asks a question. Open the order and "
    "choose Post.": "test_posting_many_asks_a_question",
    "Bought above the sales price: %(products)s. Have the buyer ask for another price, "
    "or agree one with the customer.": "test_bought_above_the_sales_price",
}
# The messages of the vendor's page, whose visitor is no user, and their tests.
WRONG, LOTS, SERIALS = "test_wrong_values", "test_lots", "test_serials"
ELSEWHERE |= {
    "%(order)s can't be answered here: %(company)s shows it only. Please write to "
    "them.": "test_read_only",
    "%(order)s is cancelled: please don't ship it.": "test_other_states",
    "%(order)s is no order yet: wait until %(company)s confirms it.": (
        "test_other_states"
    ),
    "A line you chose is not one of %(order)s. Load the page again.": (
        "test_lines_of_others"
    ),
    "%(order)s has no reported shipment that waits: it was posted or taken back. Load "
    "the page again.": "test_withdrawn",
    "Enter a number.": WRONG,
    "Enter 0 to %(left)s: that is what is left to ship.": WRONG,
    "That is too little to be counted in %(unit)s: enter 0 or more.": WRONG,
    "That is too long: enter no more than %(length)s characters.": WRONG,
    "Enter plain words: no HTML, and no formula that starts with a sign.": WRONG,
    "Enter a day.": WRONG,
    "The day can't be %(date)s: enter %(today)s or a day before it.": WRONG,
    "The day can't be %(date)s: %(company)s has closed its books for it. Enter a later "
    "day.": "test_locked_books",
    "Leave it empty: it has no lots or serial numbers.": LOTS,
    "Enter how much was shipped, too.": LOTS,
    "Enter the serial numbers, one a line.": SERIALS,
    "Enter the lots, one a line, with their quantity behind: LOT-1;6.": LOTS,
    "These are not the %(quantity)s that were shipped: enter one serial number a line, "
    "or lots with their quantity, as in LOT-1;6.": SERIALS,
    "Serial number %(name)s was entered or shipped before: enter another one.": SERIALS,
    "Choose a file or write the numbers above, not both.": "test_both",
    "This file is too large: %(size)s kB are the most.": "test_wrong_files",
    "This file can't be read: choose a text or CSV file, with one number a line.": (
        "test_wrong_files"
    ),
    "This file is empty.": "test_wrong_files",
    "Line %(number)s has no quantity behind the separator: write LOT-1;6, for example, "
    "and no heading.": "test_wrong_files",
}
