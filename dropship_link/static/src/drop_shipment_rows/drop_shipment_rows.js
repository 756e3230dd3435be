import {X2ManyField, x2ManyField} from "@web/views/fields/x2many/x2many_field";
import {ListRenderer} from "@web/views/list/list_renderer";
import {registry} from "@web/core/registry";
import {useEffect} from "@odoo/owl";

/**
 * Rows that can be changed but not added. Odoo's lists are entered by Tab at *Add a
 * line*: these have the first cell to be filled in instead, which Enter opens.
 */
export class DropShipmentRowsRenderer extends ListRenderer {
    setup() {
        super.setup();
        useEffect(() => {
            const cell = this.tableRef.el?.querySelector(
                ".o_data_cell:not(.o_readonly_modifier)"
            );
            cell?.setAttribute("tabindex", this.editedRecord ? "-1" : "0");
        });
    }
}

export class DropShipmentRowsField extends X2ManyField {
    static components = {
        ...X2ManyField.components,
        ListRenderer: DropShipmentRowsRenderer,
    };
}

registry.category("fields").add("drop_shipment_rows", {
    ...x2ManyField,
    component: DropShipmentRowsField,
});
