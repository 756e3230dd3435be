import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** Number of the linked order, which the method in option `action` opens. */
export class DropShipmentLinkField extends Component {
    static template = "dropship_link.DropShipmentLinkField";
    static props = {...standardFieldProps, action: String};

    get value() {
        return this.props.record.data[this.props.name];
    }

    open() {
        const {record} = this.props;
        return this.env.onClickViewButton({
            clickParams: {name: this.props.action, type: "object"},
            getResParams: () => ({
                context: record.context,
                evalContext: record.evalContext,
                resModel: record.resModel,
                resId: record.resId,
                resIds: record.resIds,
            }),
        });
    }
}

export const dropShipmentLinkField = {
    component: DropShipmentLinkField,
    displayName: _t("Linked Order"),
    supportedTypes: ["char"],
    extractProps: ({options}) => ({action: options.action}),
};

registry.category("fields").add("drop_shipment_link", dropShipmentLinkField);
