"""A few of the add-ons' own tests, by pytest, in a database that stays.

::

    .dev/venv/bin/python -m dev.one dropship_link/tests/test_ticking.py -k service

What follows is pytest's. The database ``one`` is made at the first time; it is updated
when an add-on changed since, but for its tests.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

from harness import databases, odoo_process, postgres, project

DB = "one"
STAMP = project.DEV / "one"
# What is read when tests run, and no part of a database.
UNSEEN = ("tests", "i18n", "readme", "static", "__pycache__")


def digest(addons):
    """A short name for what a database would have of these add-ons."""
    found = hashlib.sha256(" ".join(addons).encode())
    for addon in addons:
        for path in sorted((project.ROOT / addon).rglob("*")):
            inside = path.relative_to(project.ROOT).parts
            if path.is_file() and not {*UNSEEN} & {*inside}:
                found.update(path.read_bytes())
    return found.hexdigest()


def prepare(addons):
    """Make or update the database, so that it has these add-ons as they are now."""
    wanted = digest(addons)
    if not postgres.exists(DB):
        databases.database(DB)
    elif STAMP.exists() and STAMP.read_text() == wanted:
        return
    names = ",".join(addons)
    print(f"database {postgres.name(DB)}: updating {names}", flush=True)
    port = str(project.free_port())
    odoo_process.odoo("-d", DB, "-i", names, "-u", names, "--http-port", port, log=DB)
    STAMP.write_text(wanted)


def main(arguments):
    """Run pytest; return its exit code."""
    config = odoo_process.configure()
    known = {project.ADDON, *project.companions()}
    named = {Path(argument).parts[0] for argument in arguments if argument} & known
    prepare(sorted({project.ADDON, *named}))
    command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts="]
    command += ["-p", "no:cacheprovider", "--odoo-http"]
    command += [f"--odoo-database={postgres.name(DB)}", f"--odoo-config={config}"]
    return subprocess.run(
        [*command, *arguments], cwd=project.ROOT, check=False
    ).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:] or [f"{project.ADDON}/tests/test_story.py"]))
    except project.Failure as failure:
        sys.exit(f"error: {failure}")
