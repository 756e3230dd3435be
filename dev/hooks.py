"""Has Git call the linters before each commit; see ``.pre-commit-config.yaml``.

::

    .dev/venv/bin/python -m dev.hooks [--all]

With ``--all`` it runs them on all files and changes nothing of Git's. pre-commit has an
environment of its own, as Odoo pins packages that it shares.
"""

import subprocess
import sys

from harness import project

REQUIREMENTS = project.ROOT / "dev/requirements-hooks.txt"


def main(arguments):
    """Install the hook, or run it; return pre-commit's exit code."""
    pre_commit = [project.tools("hooks", REQUIREMENTS), "-m", "pre_commit"]
    how = ["run", "--all-files"] if "--all" in arguments else ["install"]
    return subprocess.run([*pre_commit, *how], cwd=project.ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
