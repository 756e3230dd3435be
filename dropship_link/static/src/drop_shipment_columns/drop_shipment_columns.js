import {ProductLabelSectionAndNoteListRender} from "@account/components/product_label_section_and_note_field/product_label_section_and_note_field_o2m";
import {patch} from "@web/core/utils/patch";

// Widths of core's columns where those of a drop shipment stand beside them, so that
// price and amount are in sight: a number, or the least and the most, as longer titles
// and statuses of other languages need it.
const WIDTHS = {
    "sale.order.line": {
        product_id: [110, 400],
        product_template_id: [110, 400],
        product_uom_qty: 64,
        drop_shipment_state: [92, 115],
        qty_delivered: [70, 85],
        qty_invoiced: [64, 85],
        price_unit: [70, 105],
        tax_ids: [50, 80],
        price_subtotal: [90, 120],
        price_total: [90, 120],
    },
    "purchase.order.line": {
        product_id: [150, 400],
        product_qty: 75,
        qty_received: [75, 95],
        qty_invoiced: [70, 100],
        price_unit: [75, 105],
        tax_ids: [60, 80],
        price_subtotal: [90, 120],
    },
};

/**
 * Returns which optional columns of the lines of an order are shown or hidden, other
 * than the view says. Where it differs, the choice of the user is remembered apart.
 *
 * @param {Object} order as the view knows it
 * @returns {Object} "show" or "hide" by name of the column
 */
function getOptionalColumns(order) {
    if (order.has_drop_shipment) {
        // Who ships it is chosen on a quotation, where there is room.
        return {
            qty_invoiced: "hide",
            ...(order.state !== "sale" && {drop_shipment_vendor_id: "show"}),
        };
    }
    // Lines are ticked on a quotation; a confirmed order has core's columns.
    return order.state === "sale" ? {drop_shipment: "hide"} : {};
}

/** The columns of an order without a drop shipment stay as they are in core. */
patch(ProductLabelSectionAndNoteListRender.prototype, {
    setup() {
        super.setup();
        this.coreKeyOptionalFields = this.keyOptionalFields;
        this.changedColumns = {};
    },

    /** @override */
    processAllColumn(allColumns, list) {
        const columns = super.processAllColumn(allColumns, list);
        const order = list.evalContext.parent || {};
        const widths = (order.has_drop_shipment && WIDTHS[list.resModel]) || {};
        let optional = {};
        if (list.resModel === "sale.order.line") {
            optional = getOptionalColumns(order);
            this.keyOptionalFields = [
                this.coreKeyOptionalFields,
                ...Object.keys(optional),
            ].join();
        }
        return columns.map((column) =>
            this.changeColumn(column, widths[column.name], optional[column.name])
        );
    },

    /** Returns the column with another width or choice; the same one at each call. */
    changeColumn(column, width, optional) {
        if (!width && !(optional && column.optional)) {
            return column;
        }
        const key = [column.id, width, optional].join();
        this.changedColumns[key] ??= {
            ...column,
            ...(width && {field: {...column.field, listViewWidth: width}}),
            ...(column.optional && optional && {optional}),
        };
        return this.changedColumns[key];
    },
});
