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

from dev import env

DB = "one"
STAMP = env.DEV / "one"
# What is read when tests run, and no part of a database.
UNSEEN = ("tests", "i18n", "readme", "static", "__pycache__")


def digest(addons):
    """A short name for what a database would have of these add-ons."""
    found = hashlib.sha256(" ".join(addons).encode())
    for addon in addons:
        for path in sorted((env.ROOT / addon).rglob("*")):
            inside = path.relative_to(env.ROOT).parts
            if path.is_file() and not {*UNSEEN} & {*inside}:
                found.update(path.read_bytes())
    return found.hexdigest()


def prepare(addons):
    """Make or update the database, so that it has these add-ons as they are now."""
    wanted = digest(addons)
    if not env.exists(DB):
        env.database(DB)
    elif STAMP.exists() and STAMP.read_text() == wanted:
        return
    names = ",".join(addons)
    print(f"database {env.name(DB)}: updating {names}", flush=True)
    port = str(env.free_port())
    env.odoo("-d", DB, "-i", names, "-u", names, "--http-port", port, log=DB)
    STAMP.write_text(wanted)


def main(arguments):
    """Run pytest; return its exit code."""
    config = env.configure()
    known = {env.ADDON, *env.companions()}
    named = {Path(argument).parts[0] for argument in arguments if argument} & known
    prepare(sorted({env.ADDON, *named}))
    command = [sys.executable, "-m", "pytest", "-q", "-o", "addopts="]
    command += ["-p", "no:cacheprovider", "--odoo-http"]
    command += [f"--odoo-database={env.name(DB)}", f"--odoo-config={config}"]
    return subprocess.run([*command, *arguments], cwd=env.ROOT, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:] or [f"{env.ADDON}/tests/test_story.py"]))
    except env.Failure as failure:
        sys.exit(f"error: {failure}")
