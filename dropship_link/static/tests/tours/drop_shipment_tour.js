import {registry} from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/**
 * Steps that fill a many2one in the form.
 *
 * @param {string} name of the field
 * @param {string} text of the record
 */
function pick(name, text) {
    return [
        {
            content: `Type into ${name}`,
            trigger: `.o_field_widget[name='${name}'] input`,
            run: `edit ${text}`,
        },
        {
            content: `Choose ${text}`,
            trigger: `.o-autocomplete--dropdown-item:contains('${text}') a`,
            run: "click",
        },
    ];
}

/**
 * A buyer fetches one of two sales orders into a new request for quotation, and
 * confirms it.
 */
tours.add("drop_shipment_get_sales_order", {
    steps: () => [
        ...pick("partner_id", "Tour Vendor"),
        ...pick("sell_to_customer_id", "Tour Customer"),
        {
            content: "Get Sales Order",
            trigger: "button[name='action_get_sales_order']",
            run: "click",
        },
        {
            content: "Both sales orders are on offer, none is chosen",
            trigger:
                ".modal .o_field_widget[name='order_ids']:has(td:contains('TOUR-REF-1')):has(td:contains('TOUR-REF-2'))",
        },
        {
            content: "No line is there yet",
            trigger: ".modal .o_field_widget[name='line_ids']:not(:has(.o_data_row))",
        },
        {
            content: "Choose the first one",
            trigger:
                ".modal .o_data_row:has(td:contains('TOUR-REF-1')) .o_field_boolean_toggle input",
            run: "click",
        },
        {
            content: "Its lines come in",
            trigger:
                ".modal .o_field_widget[name='line_ids'] .o_data_row:contains('Tour Chair')",
        },
        {
            content: "Take 6 of them",
            trigger:
                ".modal .o_field_widget[name='line_ids'] .o_data_row .o_data_cell[name='quantity']",
            run: "click",
        },
        {
            content: "Enter 6",
            trigger:
                ".modal .o_field_widget[name='line_ids'] .o_data_row .o_field_widget[name='quantity'] input",
            run: "edit 6",
        },
        {
            content: "OK",
            trigger: ".modal button[name='action_insert_lines']",
            run: "click",
        },
        {
            content: "The dialog is gone and the line is in",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='order_line'] .o_data_row:contains('Tour Chair')",
        },
        {
            content: "With what was chosen",
            trigger:
                ".o_field_widget[name='order_line'] .o_data_cell[name='product_qty']:contains('6.00')",
        },
        {
            content: "The ship-to address is shown",
            trigger:
                ".o_field_widget[name='drop_shipment_address_id']:contains('Tour Dock')",
        },
        {
            content: "The customer is frozen now",
            trigger:
                ".o_field_widget[name='sell_to_customer_id'].o_readonly_modifier, .o_field_widget[name='sell_to_customer_id']:not(:has(input))",
        },
        {
            content: "Confirm",
            trigger: "button[name='button_confirm']",
            run: "click",
        },
        {
            content: "It may be posted",
            trigger: "button[name='action_post_drop_shipment']",
        },
        {
            content: "Send it to the vendor",
            trigger: "button[name='action_rfq_send']:contains('Send PO'):visible",
            run: "click",
        },
        {
            content: "By mail",
            trigger: ".modal .o_field_widget[name='subject'] input",
        },
        {
            content: "Send",
            trigger: ".modal button[name='action_send_mail']",
            run: "click",
        },
        {
            content: "It is in the order's messages",
            trigger:
                "body:not(:has(.modal)) .o-mail-Message:contains('Drop Shipment Order')",
        },
    ],
});

/** A buyer without sales rights receives; Invoice waits for the sales order. */
tours.add("drop_shipment_receive", {
    steps: () => [
        {
            content: "Post",
            trigger: "button[name='action_post_drop_shipment']",
            run: "click",
        },
        {
            content: "Receive is proposed",
            trigger:
                ".modal .o_field_widget[name='option'] input[data-value='receive']:checked",
        },
        {
            content: "Invoice is not allowed yet",
            trigger:
                ".modal .o_field_widget[name='option'] input[data-value='invoice']:disabled",
        },
        {
            content: "Nor is Receive and Invoice",
            trigger:
                ".modal .o_field_widget[name='option'] input[data-value='receive_invoice']:disabled",
        },
        {
            content: "Post it",
            trigger: ".modal button[name='action_post']",
            run: "click",
        },
        {
            content: "It says what was done",
            trigger: ".o_notification:contains('done')",
        },
        {
            content: "All of it is received",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='order_line'] .o_data_cell[name='qty_received']:contains('10.00')",
        },
    ],
});

/** A salesman without purchase rights ships part of a line. */
tours.add("drop_shipment_ship", {
    steps: () => [
        {
            content: "The purchase order is named on the line",
            trigger:
                ".o_field_widget[name='order_line'] .o_data_cell[name='drop_shipment_purchase_ref']:contains('P0')",
        },
        {
            content: "Qty to Ship",
            trigger:
                ".o_field_widget[name='order_line'] .o_data_row .o_data_cell[name='qty_to_ship']",
            run: "click",
        },
        {
            content: "Enter 4",
            trigger:
                ".o_field_widget[name='order_line'] .o_data_row .o_field_widget[name='qty_to_ship'] input",
            run: "edit 4",
        },
        {
            content: "Post",
            trigger: "button[name='action_post_drop_shipment']",
            run: "click",
        },
        {
            content: "The dialog proposes it",
            trigger: ".modal .o_data_cell[name='quantity']:contains('4.00')",
        },
        {
            content: "Ship is chosen",
            trigger: ".modal input[data-value='ship']:checked",
        },
        {
            content: "Post it",
            trigger: ".modal button[name='action_post']",
            run: "click",
        },
        {
            content: "4 are delivered",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='order_line'] .o_data_cell[name='qty_delivered']:contains('4.00')",
        },
        {
            content: "6 are next",
            trigger:
                ".o_field_widget[name='order_line'] .o_data_cell[name='qty_to_ship']:contains('6.00')",
        },
    ],
});

/** A salesman ships all of it and invoices the customer; others post the invoice. */
tours.add("drop_shipment_ship_and_invoice", {
    steps: () => [
        {
            content: "Post",
            trigger: "button[name='action_post_drop_shipment']",
            run: "click",
        },
        {
            content: "Ship and Invoice",
            trigger: ".modal input[data-value='ship_invoice']",
            run: "click",
        },
        {
            content: "Post it",
            trigger: ".modal button[name='action_post']",
            run: "click",
        },
        {
            content: "The invoice is a draft",
            trigger: ".o_notification:contains('draft')",
        },
        {
            content: "The line is shipped",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='order_line'] .o_data_cell[name='drop_shipment_state']:contains('Shipped')",
        },
    ],
});

/** Who sells and buys makes purchase orders from the sales order. */
tours.add("drop_shipment_create_purchases", {
    steps: () => [
        {
            content: "The notice says what is to order",
            trigger: "[role='status']:contains('To order from a vendor: Tour Chair')",
        },
        {
            content: "Create Purchase Orders",
            trigger:
                "[role='status'] button[name='action_open_create_drop_shipment_purchases']",
            run: "click",
        },
        {
            content: "The vendor of the chair is proposed",
            trigger:
                ".modal .o_data_row:contains('Tour Chair'):contains('Tour Vendor')",
        },
        {
            content: "The lamp has none",
            trigger:
                ".modal .o_data_row:contains('Lamp') .o_data_cell[name='vendor_id']",
            run: "click",
        },
        {
            content: "Type its vendor",
            trigger: ".modal .o_selected_row .o_field_widget[name='vendor_id'] input",
            run: "edit Other Vendor",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains('Other Vendor') a",
            run: "click",
        },
        {
            content: "Two vendors",
            trigger: ".modal .o_field_widget[name='summary']:contains('Vendors: 2')",
        },
        {
            content: "Create",
            trigger: ".modal button[name='action_create_purchases']",
            run: "click",
        },
        {
            content: "Two requests for quotation",
            trigger:
                "body:not(:has(.modal)) .o_list_view:has(.o_data_row:contains('Tour Vendor')) .o_data_row:contains('Other Vendor')",
        },
    ],
});

/** The bill of what the customer has not been invoiced for waits. */
tours.add("drop_shipment_bill_refused", {
    steps: () => [
        {
            content: "The draft says which sales order is to be invoiced",
            trigger: ".o_form_view .alert-danger:contains('Invoice sales order')",
        },
        {
            content: "Confirm it nevertheless",
            trigger: "button[name='action_post']:visible",
            run: "click",
        },
        {
            content: "It is refused",
            trigger: ".o_error_dialog:contains('Invoice sales order')",
        },
        {
            content: "Close",
            trigger: ".o_error_dialog button:contains('Close')",
            run: "click",
        },
        {
            content: "It is still a draft",
            trigger: "body:not(:has(.modal)) .o_arrow_button_current:contains('Draft')",
        },
    ],
});

/** An accountant confirms an invoice or a bill. */
tours.add("drop_shipment_confirm_move", {
    steps: () => [
        {
            content: "Nothing is in the way",
            trigger: ".o_form_view:not(:has(.alert-danger))",
        },
        {
            content: "Confirm",
            trigger: "button[name='action_post']:visible",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_arrow_button_current:contains('Posted')",
        },
    ],
});

/** Sales enters an order in the browser: tick, confirm, to order. */
tours.add("drop_shipment_sell", {
    steps: () => [
        ...pick("partner_id", "Tour Customer"),
        {
            content: "Add a product",
            trigger: ".o_field_x2many_list_row_add a:contains('product')",
            run: "click",
        },
        {
            content: "Type the product",
            trigger:
                ".o_selected_row .o_field_widget[name='product_template_id'] input, .o_selected_row .o_field_widget[name='product_id'] input",
            run: "edit Tour Chair",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains('Tour Chair') a",
            run: "click",
        },
        {
            content: "Tick Drop Shipment",
            trigger: ".o_selected_row .o_field_widget[name='drop_shipment'] input",
            run: "click",
        },
        {
            content: "Confirm",
            trigger: "button[name='action_confirm']:visible",
            run: "click",
        },
        {
            content: "The line is to order",
            trigger:
                ".o_field_widget[name='order_line'] .o_data_cell[name='drop_shipment_state']:contains('To Order')",
        },
        {
            content: "The tick stays",
            trigger:
                ".o_field_widget[name='order_line'] .o_data_cell[name='drop_shipment'] input:checked",
        },
    ],
});

/** A salesman posts all orders of the list that can be posted. */
tours.add("drop_shipment_post_many", {
    steps: () => [
        {
            content: "Select all lines",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Post them",
            trigger: ".o_control_panel button[name='action_post']",
            run: "click",
        },
        {
            content: "Two orders, one line is left out",
            trigger: ".o_drop_shipment_jobs details:contains('not ordered yet')",
        },
        {
            content: "Ship is chosen",
            trigger: ".o_drop_shipment_jobs input[value='ship']:checked",
        },
        {
            content: "Start",
            trigger: ".o_drop_shipment_jobs .modal-footer button:contains('Post')",
            run: "click",
        },
        {
            content: "It says what was done",
            trigger:
                ".o_drop_shipment_jobs:has(.alert-success:contains('2 of 2')) td:contains('is done')",
        },
        {
            content: "Close",
            trigger: ".o_drop_shipment_jobs .modal-footer button:contains('Close')",
            run: "click",
        },
        {
            content: "The list is up to date",
            trigger:
                "body:not(:has(.modal)) .o_data_row:has(td[name='state']:contains('Shipped'))",
        },
    ],
});

/** A buyer makes the requests for quotation of all lines of the list. */
tours.add("drop_shipment_create_many", {
    steps: () => [
        {
            content: "Select all lines",
            trigger: ".o_list_view thead .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Create purchase orders of them",
            trigger: ".o_control_panel button[name='action_create_purchases']",
            run: "click",
        },
        {
            content: "The totals are shown",
            trigger: ".modal .o_field_widget[name='summary']:contains('Vendors: 2')",
        },
        {
            content: "Create",
            trigger: ".modal button[name='action_create_purchases']",
            run: "click",
        },
        {
            content: "Two requests for quotation",
            trigger:
                "body:not(:has(.modal)) .o_list_view:has(.o_data_row:contains('Tour Vendor')) .o_data_row:contains('Other Vendor')",
        },
    ],
});

/** A buyer gives back what the vendor has not shipped. */
tours.add("drop_shipment_notice", {
    steps: () => [
        {
            content: "It says that a part is shipped",
            trigger: "[role='status']:contains('Partly shipped: Tour Chair')",
        },
        {
            content: "Close the remainder",
            trigger:
                "[role='status'] button[name='action_close_drop_shipment_remainder']",
            run: "click",
        },
        {
            content: "Yes",
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "The line has what was shipped",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name='order_line'] .o_data_cell[name='product_qty']:contains('4.00')",
        },
    ],
});
