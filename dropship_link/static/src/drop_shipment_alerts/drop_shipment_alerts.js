import {ActionableErrorsField} from "@account/components/actionable_errors/actionable_errors";
import {pick} from "@web/core/utils/objects";
import {registry} from "@web/core/registry";

/**
 * Core's alerts, each with the buttons that help: buttons of the form, so that it is
 * saved first, a question is asked where there is one, and the form shows the outcome.
 */
export class DropShipmentAlertsField extends ActionableErrorsField {
    static template = "dropship_link.DropShipmentAlerts";

    /** @param {Object} button attributes, as a button of a form view has them */
    async handleOnClick(button) {
        await this.env.onClickViewButton({
            clickParams: button,
            getResParams: () =>
                pick(
                    this.props.record,
                    "context",
                    "evalContext",
                    "resModel",
                    "resId",
                    "resIds"
                ),
        });
    }
}

registry.category("fields").add("drop_shipment_alerts", {
    component: DropShipmentAlertsField,
});
