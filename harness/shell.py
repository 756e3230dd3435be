"""Python that runs inside Odoo, in a process of its own."""

import json
import subprocess

from harness import odoo_process, project


def run(db, function, *args):
    """Call a function of the tests with ``env`` and these arguments; return its answer.

    ``function`` is its module and name, as in "harness.seed.seed". Arguments and answer
    are of kinds that JSON knows. What it did is committed.
    """
    module, _dot, name = function.rpartition(".")
    script = (
        f"import json; from {module} import {name}\n"
        f"answer = {name}(env, *json.loads({json.dumps(args)!r}))\n"
        "env.cr.commit()\n"
        "print(json.dumps(answer))\n"
    )
    done = subprocess.run(
        odoo_process.odoo_command(
            "shell", "-d", db, "--no-http", "--shell-interface", "python"
        ),
        input=script,
        capture_output=True,
        text=True,
        cwd=project.ROOT,
        check=False,
    )
    lines = done.stdout.strip().splitlines()
    assert done.returncode == 0, done.stderr[-5000:]
    assert lines, done.stderr[-5000:]
    return json.loads(lines[-1])
