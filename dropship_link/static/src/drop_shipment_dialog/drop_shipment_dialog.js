import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {onMounted} from "@odoo/owl";
import {registry} from "@web/core/registry";

/**
 * Form of a dialog whose defaults are usually right, so that Enter presses its button.
 * Where rows are to be chosen first, it starts there.
 */
export class DropShipmentDialogController extends FormController {
    setup() {
        super.setup();
        onMounted(() => this.focusFirst(this.rootRef.el?.closest(".modal")));
    }

    focusFirst(dialog) {
        const choices = [
            ...(dialog?.querySelectorAll(".o_field_boolean_toggle input") || []),
        ];
        const first = choices.some((choice) => choice.checked) ? null : choices[0];
        (first || dialog?.querySelector(".modal-footer .btn-primary"))?.focus();
    }
}

registry.category("views").add("drop_shipment_dialog", {
    ...formView,
    Controller: DropShipmentDialogController,
});
