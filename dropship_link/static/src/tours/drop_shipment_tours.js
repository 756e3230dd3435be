import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

/**
 * Steps that fill a many2one; people may choose whatever they want.
 *
 * @param {string} trigger of the input
 * @param {string} text of a record in the demonstration data
 * @param {string} content tells what to do
 */
function choose(trigger, text, content) {
    return [
        {trigger, content, tooltipPosition: "right", run: `edit ${text}`},
        {
            isActive: ["auto"],
            trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option):contains('${text}') a`,
            run: "click",
        },
    ];
}

/** First use in Sales: an order that a vendor is to ship. */
tours.add("dropship_link_sale_tour", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps(
            "sale.sale_menu_root",
            _t("Let's sell something that a vendor ships straight to the customer.")
        ),
        {trigger: ".o_sale_order"},
        {
            trigger: "button.o_list_button_add",
            content: _t("Start with a quotation, as for any other sale."),
            tooltipPosition: "bottom",
            run: "click",
        },
        ...choose(
            ".o_field_res_partner_many2one[name='partner_id'] input",
            "Maple Street Clinic",
            _t("Choose the customer. The vendor ships to their delivery address.")
        ),
        {
            trigger: ".o_field_x2many_list_row_add > a",
            content: _t("Add what the customer wants."),
            tooltipPosition: "bottom",
            run: "click",
        },
        ...choose(
            ".o_selected_row .o_field_widget[name='product_id'] input, .o_selected_row .o_field_widget[name='product_template_id'] input",
            "Task Chair",
            _t("Select goods that you buy from a vendor.")
        ),
        {
            trigger: ".o_selected_row .o_field_widget[name='drop_shipment'] input",
            content: _t(
                "Tick Drop Shipment: this line makes no delivery from your stock. It can be the default of a product."
            ),
            tooltipPosition: "top",
            run: "click",
        },
        ...stepUtils.statusbarButtonsSteps(
            "Confirm",
            _t("Confirm the order, and the line is to order from the vendor.")
        ),
        {
            trigger: ".o_data_cell[name='drop_shipment_state'] .badge",
            content: _t(
                "This is how far the line is. It follows the purchase order, the shipment and the invoices."
            ),
            tooltipPosition: "top",
            run: "click",
        },
    ],
});

/** First use in Purchase: order what sales has ticked. */
tours.add("dropship_link_purchase_tour", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps(
            "purchase.menu_purchase_root",
            _t("Let's order what a vendor is to ship straight to a customer.")
        ),
        {trigger: ".o_purchase_order"},
        {
            trigger: ".o_list_button_add",
            content: _t("Start with a request for quotation."),
            tooltipPosition: "bottom",
            run: "click",
        },
        ...choose(
            ".o_field_res_partner_many2one[name='partner_id'] input",
            "Harbor Contract Furniture",
            _t("Choose the vendor.")
        ),
        ...choose(
            ".o_field_widget[name='sell_to_customer_id'] input",
            "Maple Street Clinic",
            _t("Choose the customer that the vendor ships to. Leave the lines empty.")
        ),
        ...stepUtils.statusbarButtonsSteps(
            "Get Sales Order",
            _t("Get the lines that are to order from the customer's sales orders.")
        ),
        {
            trigger: ".modal-footer button[name='action_insert_lines']",
            content: _t("Choose the sales orders and quantities, then press OK."),
            tooltipPosition: "top",
            run: "click",
        },
        {
            isActive: ["auto"],
            trigger:
                "body:not(:has(.modal)) .o_data_cell[name='drop_shipment_sale_ref']",
        },
        ...stepUtils.statusbarButtonsSteps(
            "Confirm Order",
            _t("Confirm the order when the vendor agrees.")
        ),
        {
            isActive: ["auto"],
            trigger: "button[name='action_post_drop_shipment']",
        },
    ],
});
