import {RadioField, radioField} from "@web/views/fields/radio/radio_field";
import {registry} from "@web/core/registry";

/**
 * Radio buttons of the options that the order has, those that are not allowed yet
 * disabled. `option_reasons` holds the reason for each, empty where it is allowed.
 */
export class DropShipmentOptionField extends RadioField {
    static template = "dropship_link.DropShipmentOptionField";

    get reasons() {
        return this.props.record.data.option_reasons || {};
    }

    get items() {
        return super.items.filter(([value]) => value in this.reasons);
    }
}

export const dropShipmentOptionField = {
    ...radioField,
    component: DropShipmentOptionField,
    fieldDependencies: [{name: "option_reasons", type: "json"}],
};

registry.category("fields").add("drop_shipment_option", dropShipmentOptionField);
