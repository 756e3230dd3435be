"""Odoo as a process that runs to its end: its configuration, its command, its shell."""

import hashlib
import os
import subprocess
import sys

from harness import project
from harness.postgres import exists, name, postgres, shared_host
from harness.project import Failure, free_port


def data():
    """The folder for Odoo's files: each PostgreSQL server has one of its own.

    Databases of the same name on two servers must not share their attachments.
    """
    host = shared_host()
    if not host:
        return project.DEV / "data"
    server = f"{host}:{os.environ.get('PGPORT', '')}"
    return project.DEV / f"data-{hashlib.sha256(server.encode()).hexdigest()[:8]}"


def configure():
    """Write the configuration file from what runs now; return its path."""
    options = {
        "addons_path": project.ROOT,
        "data_dir": data(),
        "http_interface": "127.0.0.1",
        "admin_passwd": "admin",
        "list_db": "False",
        "max_cron_threads": 1,
        "workers": 0,
        "limit_time_real": 600,
        "limit_time_cpu": 600,
        # Nobody listens there, so no mail leaves unless a test catches it.
        "smtp_server": "127.0.0.1",
        "smtp_port": 1,
        "screenshots": project.ROOT / "artifacts/screenshots",
    }
    options |= {f"db_{name}": value for name, value in postgres().items()}
    text = "[options]\n" + "".join(
        f"{key} = {value}\n" for key, value in options.items()
    )
    if not project.CONF.exists() or project.CONF.read_text() != text:
        project.CONF.write_text(text)
    return project.CONF


def odoo_command(*args, python=(sys.executable,)):
    """The command that runs Odoo with this environment's configuration.

    The database after ``-d`` may have its short name; fail if it is somebody else's.

    By a script of its own: a server with workers starts another process from it, which
    ``-m odoo`` does not survive.
    """
    script = project.DEV / "bin/odoo-bin"
    script.parent.mkdir(exist_ok=True)
    script.write_text(
        "import sys\n\nfrom odoo.cli.command import main\n\n"
        f"sys.path[0] = {str(project.ROOT)!r}\nmain()\n"
    )
    args = list(args)
    if "-d" in args:
        at = args.index("-d") + 1
        args[at] = name(args[at])
        exists(args[at])
    return [*python, str(script), *args, "-c", str(configure())]


def odoo(*args, log):
    """Run Odoo to its end with its log in a file; fail if it does."""
    project.LOGS.mkdir(exist_ok=True)
    path = project.LOGS / f"{log}.log"
    with path.open("w") as out:
        done = subprocess.run(
            odoo_command(*args, "--stop-after-init"),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=project.ROOT,
            check=False,
        )
    if code := done.returncode:
        tail = "".join(path.read_text().splitlines(keepends=True)[-25:])
        raise Failure(f"Odoo stopped with {code}:\n{tail}The whole log: {path}")
    return path


def shell(db, script, log, environment=None):
    """Run Python lines that know ``env`` inside Odoo; return its exit code."""
    command = odoo_command(
        *("shell", "-d", db, "--shell-interface", "python"),
        *("--http-port", str(free_port())),
    )
    project.LOGS.mkdir(exist_ok=True)
    path = f"import sys; sys.path.insert(0, {str(project.ROOT)!r})"
    with log.open("w") as out:
        done = subprocess.run(
            command,
            input=f"{path}\n{script}\n".encode(),
            stdout=out,
            stderr=out,
            cwd=project.ROOT,
            env={**os.environ, **(environment or {})},
            check=False,
        )
    return done.returncode
