import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {onMounted} from "@odoo/owl";
import {registry} from "@web/core/registry";

/** Form of a dialog whose defaults are usually right: Enter presses its button. */
export class DropShipmentDialogController extends FormController {
    setup() {
        super.setup();
        onMounted(() => {
            this.rootRef.el
                ?.closest(".modal")
                ?.querySelector(".modal-footer .btn-primary")
                ?.focus();
        });
    }
}

registry.category("views").add("drop_shipment_dialog", {
    ...formView,
    Controller: DropShipmentDialogController,
});
