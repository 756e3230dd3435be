import {Component, onWillDestroy, useState} from "@odoo/owl";
import {RPCError} from "@web/core/network/rpc";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {groupBy} from "@web/core/utils/arrays";
import {registry} from "@web/core/registry";
import {useAutofocus} from "@web/core/utils/hooks";
import {useReturnFocus} from "../drop_shipment_dialog/drop_shipment_dialog";

/**
 * Does one job after the other, each a call of its own that stays done, and shows how
 * far it is. At the end it says what was done and what was not, and why.
 */
export class DropShipmentJobs extends Component {
    static template = "dropship_link.DropShipmentJobs";
    static components = {Dialog};
    static props = {
        close: Function,
        title: String,
        button: String,
        model: String,
        method: String,
        // Each with `name`, `detail`, `vendors`, texts of its `lines`, their `count`,
        // `kwargs` of the call and, if some are known, `values` of its inputs.
        jobs: Array,
        // What is left out from the start, each with `name` and `reason`.
        skipped: {type: Array, optional: true},
        // Choices of the argument `option`, for jobs that have none.
        options: {type: Array, optional: true},
        // Arguments that are entered, each with `name`, `label`, `type`, `value` and
        // `max`; once for all jobs, or for `each`.
        inputs: {type: Array, optional: true},
        // Told when the first job begins.
        onRun: {type: Function, optional: true},
    };
    static defaultProps = {skipped: [], options: [], inputs: []};

    setup() {
        useAutofocus({refName: "primary"});
        useReturnFocus();
        this.state = useState({
            stage: "ask",
            option: this.props.options.length ? this.props.options[0][0] : false,
            stopped: false,
            values: Object.fromEntries(
                this.commonInputs.map(({name, value}) => [name, value])
            ),
            // One for each job.
            jobValues: this.props.jobs.map(({values}) => ({...values})),
            // One for each job that was tried: name, detail, message or reason.
            done: [],
            failed: [],
        });
        onWillDestroy(() => {
            this.isGone = true;
            this.state.stopped = true;
        });
    }

    get commonInputs() {
        return this.props.inputs.filter(({each}) => !each);
    }

    get jobInputs() {
        return this.props.inputs.filter(({each}) => each);
    }

    get total() {
        return this.props.jobs.length;
    }

    get lineCount() {
        return this.props.jobs.reduce((sum, job) => sum + job.count, 0);
    }

    get position() {
        return this.state.done.length + this.state.failed.length;
    }

    get current() {
        return this.props.jobs[this.position];
    }

    get percentage() {
        return Math.round((100 * this.position) / this.total);
    }

    get progressText() {
        return _t("%(position)s of %(total)s", {
            position: Math.min(this.position + 1, this.total),
            total: this.total,
        });
    }

    get summaryText() {
        return _t("%(done)s of %(total)s done.", {
            done: this.state.done.length,
            total: this.total,
        });
    }

    /** What is left out, by reason. */
    get skippedGroups() {
        const groups = groupBy(this.props.skipped, "reason");
        return Object.entries(groups).map(([reason, rows]) => ({
            reason,
            count: rows.length,
            names: rows.map(({name}) => name).join(", "),
        }));
    }

    get untried() {
        return this.props.jobs.slice(this.position);
    }

    stop() {
        this.state.stopped = true;
    }

    async run() {
        this.state.stage = "run";
        this.props.onRun?.();
        for (const job of this.props.jobs) {
            if (this.state.stopped) {
                break;
            }
            await this.runJob(job);
        }
        this.state.stage = "done";
        if (this.isGone) {
            // Closed in the middle: what is done is done.
            this.env.services.notification.add(this.summaryText, {
                type: this.state.failed.length ? "warning" : "success",
            });
        }
    }

    async runJob(job) {
        const kwargs = {
            option: this.state.option,
            ...this.state.values,
            ...this.state.jobValues[this.position],
            ...job.kwargs,
        };
        if (!kwargs.option) {
            delete kwargs.option;
        }
        const {model, method} = this.props;
        try {
            // Not by useService, which forgets the answer when the dialog is closed.
            const answer = await this.env.services.orm.silent.call(
                model,
                method,
                [],
                kwargs
            );
            this.state.done.push({...job, message: answer.message});
        } catch (error) {
            let reason = _t(
                "The server did not answer. Look at the order before you try it again."
            );
            if (error instanceof RPCError) {
                reason = error.data?.message || error.message;
            } else {
                // The others would have to wait for it in vain.
                this.state.stopped = true;
            }
            this.state.failed.push({...job, reason});
        }
    }
}

function runJobs(env, action) {
    let ran = false;
    const onRun = () => {
        ran = true;
    };
    env.services.dialog.add(
        DropShipmentJobs,
        {title: action.name, onRun, ...action.params},
        // Left at once, the list is as it was, with the rows that were selected.
        {onClose: () => ran && env.services.action.doAction("soft_reload")}
    );
}

registry.category("actions").add("dropship_link.run_jobs", runJobs);
