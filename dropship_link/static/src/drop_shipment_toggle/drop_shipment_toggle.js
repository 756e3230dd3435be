import {registry} from "@web/core/registry";
import {
    ListBooleanToggleField,
    listBooleanToggleField,
} from "@web/views/fields/boolean_toggle/list_boolean_toggle_field";

/** Toggle that screen readers can name: what it does, and to which record. */
export class DropShipmentToggleField extends ListBooleanToggleField {
    static template = "dropship_link.DropShipmentToggleField";

    get label() {
        const {data, fields} = this.props.record;
        return `${fields[this.props.name].string}: ${data.name}`;
    }
}

export const dropShipmentToggleField = {
    ...listBooleanToggleField,
    component: DropShipmentToggleField,
};

registry.category("fields").add("drop_shipment_toggle", dropShipmentToggleField);
