"""The places of messages that are tested elsewhere, and the tests there."""

from tests.errors.source import find

# Those that only other apps can lead to, and the tests in a database with them.
ELSEWHERE = {
    "dropship_link_mrp.DropShipmentReturning._check_returnable": "test_only_parts_left",
    "dropship_link_mrp.DropShipmentLink._get_tick_refusals": "test_kit_of_services",
    "dropship_link_mrp.StockMove._check_drop_shipment_whole": (
        "test_returned_to_own_stock"
    ),
    "dropship_link_mrp.IrModuleModule._check_no_open_drop_shipment_kits": (
        "test_not_removed_while_kits_are_open"
    ),
    "dropship_link_pos_sale.DropShipmentFreeze._check_tick_may_change": "test_untick",
    "dropship_link_pos_sale.IrModuleModule._check_no_open_drop_shipments_paid": (
        "test_not_removed_while_open"
    ),
    "dropship_link_mrp.DropShipmentPostingCheck._check_whole_kits": (
        "test_half_a_kit_is_refused"
    ),
    "dropship_link_mrp.DropShipmentVendorCheck._get_quantity_message": (
        "test_whole_kits"
    ),
    "dropship_link_mrp.DropShipmentLots._split_names": "test_two_tracked_parts",
    "dropship_link_requisition.DropShipmentLink._check_no_alternative_copy": (
        "test_alternative_with_products_is_refused"
    ),
    # The column is hidden where nothing has numbers.
    "DropShipmentLots._check_tracked": "test_numbers_of_a_kit_without",
    "DropShipmentPosting._post_lines": "test_posting_many_asks_a_question",
    # Takes a category of products that are valued at each move.
    "AccountMoveLine._check_drop_shipment_account": "test_posted_bill_is_matched",
    "dropship_link_margin.DropShipmentNotices._get_sale_notices": (
        "test_bought_above_the_sales_price"
    ),
}
# Those of the vendor's page, whose visitor is no user.
WRONG, LOTS, SERIALS = "test_wrong_values", "test_lots", "test_serials"
ELSEWHERE |= {
    "DropShipmentVendorReport._check_may:1": "test_read_only",
    "DropShipmentVendorReport._check_may:2": "test_other_states",
    "DropShipmentVendorReport._check_may:3": "test_other_states",
    "DropShipmentVendorReport._check_may:4": "test_lines_of_others",
    "DropShipmentVendorReport._withdraw": "test_withdrawn",
    "DropShipmentVendorCheck._get_quantity_message:1": WRONG,
    "DropShipmentVendorCheck._get_quantity_message:2": WRONG,
    "DropShipmentVendorCheck._get_quantity_message:3": WRONG,
    "DropShipmentVendorCheck._get_words_message:1": WRONG,
    "DropShipmentVendorCheck._get_words_message:2": WRONG,
    "DropShipmentVendorCheck._get_shipped_day_message:1": WRONG,
    "DropShipmentVendorCheck._get_shipped_day_message:2": WRONG,
    "DropShipmentVendorCheck._get_shipped_day_message:3": "test_locked_books",
    "DropShipmentVendorCheck._get_lots_message:1": LOTS,
    "DropShipmentVendorCheck._get_lots_message:2": LOTS,
    "DropShipmentVendorCheck._get_lots_message:3": SERIALS,
    "DropShipmentVendorCheck._get_lots_message:4": LOTS,
    "DropShipmentVendorCheck._get_names_message": SERIALS,
    "DropShipmentVendorCheck._get_used_message": SERIALS,
    "DropShipmentVendorLots._get_file_message:1": "test_both",
    "DropShipmentVendorLots._get_file_message:2": "test_wrong_files",
    "DropShipmentVendorLots._get_file_message:3": "test_wrong_files",
    "DropShipmentVendorLots._get_file_message:4": "test_wrong_files",
    "DropShipmentVendorLots._get_columns_message": "test_wrong_files",
}
for place in ELSEWHERE:
    find(place)
