import {onMounted, onWillDestroy} from "@odoo/owl";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";

// What was pressed last, by mouse, key or hotkey. The button is disabled, and so has
// lost the focus, when the dialog opens that it leads to.
let pressed = null;
document.addEventListener(
    "click",
    ({target}) => {
        pressed = target.closest("button, a");
    },
    {capture: true}
);

/** Gives the focus back to what opened the dialog, when it is closed. */
export function useReturnFocus() {
    const opener = pressed;
    onWillDestroy(() =>
        setTimeout(() => {
            if (opener?.isConnected && document.activeElement === document.body) {
                opener.focus();
            }
        })
    );
}

/**
 * Form of a dialog whose defaults are usually right, so that Enter presses its button.
 * Where rows are to be chosen first, it starts there. Who leaves it without having
 * tried anything finds the view behind it as it was, with the rows that were selected.
 */
export class DropShipmentDialogController extends FormController {
    setup() {
        super.setup();
        this.isTried = false;
        useReturnFocus();
        onMounted(() => this.focusFirst(this.rootRef.el?.closest(".modal")));
        if (this.env.dialogData) {
            // Escape and the cross.
            this.env.dialogData.dismiss = () => this.leave();
        }
    }

    leave() {
        return this.env.dialogData.close({noReload: !this.isTried});
    }

    /** @override */
    async beforeExecuteActionButton(clickParams) {
        if (clickParams.special === "cancel" && this.env.dialogData) {
            this.leave();
            return false;
        }
        this.isTried = true;
        return super.beforeExecuteActionButton(clickParams);
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
